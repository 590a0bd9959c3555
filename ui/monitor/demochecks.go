package monitor

import (
	"context"
	"encoding/json"
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
				result, err := seededResult(t, s.Kind, a.Case, now.Add(-seededDay+time.Duration(n)*every), compare.KeptAnswer{
					Class: a.Class, Enforced: s.Enforced, Fields: a.Fields, Of: a.Of, Detail: a.Detail, Example: a.Example, Seed: seed, Simulated: true,
				})
				if err != nil {
					failed = err
				}
				if a.Class == check.Right {
					result.Score = probe.Known(1.0)
				} else {
					result.Score = probe.Known(0.0)
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
		result, err := seededResult(t, check.KindContext, "grid", now.Add(-time.Hour), kept)
		if err != nil {
			return nil, err
		}
		all = append(all, result)
	}
	return all, ctx.Err()
}

func seededResult(t probe.Target, kind check.Kind, name string, at time.Time, data any) (store.Result, error) {
	text, err := json.Marshal(data)
	s := probe.Sample{Target: t.Identity(), Profile: string(kind), Concurrency: 1}
	return store.Result{At: at.UTC(), Series: store.SeriesOf(s), Kind: string(kind), Case: name, Data: text}, err
}
