package monitor

import (
	"context"
	"maps"
	"slices"
	"time"

	"costping/probe"
	"costping/probe/check"
	"costping/probe/simulator"
	"costping/store"
	"costping/ui/compare"
	"costping/ui/config"
)

// How many answers of each kind the seeded day holds of a model, and the lengths of its
// grid.
const (
	seededSchema = 200
	seededTools  = 100
)

var (
	seededLengths = []int{1000, 4000, 16000, 64000}
	seededDepths  = []float64{0, 0.25, 0.5, 0.75, 1}
)

// The checks of the demo: a few answers of each model, so that its rates go on to move.
const (
	demoCheckEvery = 30 * time.Minute
	demoSchema     = 5
	demoTools      = 7
)

// checks are those that the demo makes: of each model over real HTTP, at no cost.
func (d *Demo) checks() *Checks {
	all := &Checks{Asker: d.Client, Embedder: d.Client}
	for _, t := range d.Targets {
		for kind, n := range []int{demoSchema, demoTools} {
			all.Of = append(all.Of, Check{Check: config.Check{Kind: check.Kinds()[kind], Every: demoCheckEvery, N: n}, Target: t})
		}
	}
	return all
}

// seededResults are what checks of the seeded day would have kept: answers drawn from
// the simulator's own scripts and graded as any answer is. Each says that it is
// simulated.
func (d *Demo) seededResults(ctx context.Context, now time.Time, scripts map[string]simulator.Script) ([]store.Result, error) {
	seed := ^d.seed
	schema, tools := check.SchemaCases(seed, seededSchema), check.ToolCases(seed, seededTools)
	rehearsals := check.Rehearsals(slices.Collect(maps.Values(scripts)), seed)
	var all []store.Result
	for _, t := range d.Targets {
		for _, s := range []check.Series{
			check.SchemaSeries(t, schema, false), check.SchemaSeries(t, schema[:seededSchema/2], true), check.ToolSeries(t, tools),
		} {
			every, n := seededDay/time.Duration(s.Len()+1), 0
			var failed error
			check.Run(ctx, rehearsals[t.Model], s, 1, func(a check.Answer) {
				n++
				kept := compare.KeepAnswer(s, a)
				kept.USD, kept.Seed, kept.Simulated = nil, seed, true
				result, err := compare.KeptOf(t, s.Kind, 0, a.Case, now.Add(-seededDay+time.Duration(n)*every), compare.ScoreOf(a.Class), kept)
				if err != nil {
					failed = err
				}
				all = append(all, result)
			})
			if failed != nil {
				return nil, failed
			}
		}
		grid := check.RehearseRecall(t, scripts[t.Model], check.Grid{Lengths: seededLengths, Depths: seededDepths, Each: check.EachForLimit(), Seed: seed})
		kept := compare.KeepRecall(grid)
		kept.Simulated = true
		result, err := compare.KeptOf(t, check.KindContext, 0, "grid", now.Add(-time.Hour), probe.Measured[float64]{}, kept)
		if err != nil {
			return nil, err
		}
		all = append(all, result)
	}
	return all, ctx.Err()
}
