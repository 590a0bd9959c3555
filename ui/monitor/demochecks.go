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
