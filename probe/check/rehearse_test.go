package check

import (
	"testing"

	"costping/probe"
	"costping/probe/simulator"
)

// A rehearsal has the rates of its script, each defect told apart as over the wire.
func TestRehearsal(t *testing.T) {
	t.Parallel()
	script := simulator.Script{Model: "m", Quality: simulator.Quality{
		Schema:   []simulator.Chance{{Defect: simulator.NotJSON, Probability: 0.2}, {Defect: simulator.CutShort, Probability: 0.2}, {Defect: simulator.NoAnswer, Probability: 0.1}},
		Enforced: []simulator.Chance{{Defect: simulator.WrongValue, Probability: 0.3}},
		Tools:    []simulator.Chance{{Defect: simulator.NoCall, Probability: 1}},
	}}
	target := probe.Target{Name: "m", Model: "m"}
	run := func(s Series) *Tally {
		tally := NewTally(s)
		tally.GaveUp = Run(t.Context(), Rehearsals([]simulator.Script{script}, 9)["m"], s, 1, tally.Add)
		return tally
	}
	cases := SchemaCases(3, 400)
	plain, enforced, tools := run(SchemaSeries(target, cases, false)), run(SchemaSeries(target, cases, true)), run(ToolSeries(target, ToolCases(3, 50)))
	if plain.N != 400 || plain.Bad.Lo > 0.5 || plain.Bad.Hi < 0.5 || plain.Classes[NotJSON]*plain.Classes[Truncated]*plain.Classes[Empty] == 0 {
		t.Errorf("by itself: %+v, %v", plain.Bad, plain.Classes)
	}
	if enforced.N != 400 || enforced.Bad.Hits != 0 || enforced.Right.Lo > 0.7 || enforced.Right.Hi < 0.7 {
		t.Errorf("enforced: %+v, %v", enforced.Right, enforced.Classes)
	}
	if tools.N != 50 || tools.Classes[NoCall] == 0 || tools.Classes[Right]+tools.Classes[NoCall] != 50 {
		t.Errorf("tools: %v", tools.Classes) // where none is to be called, none is
	}
	if !plain.USD.IsZero() || plain.Unpriced != 0 {
		t.Errorf("it cost %s, %d unpriced", plain.USD, plain.Unpriced)
	}
}

// Up to its reach a script finds everything; the first length that is shown to fail
// is the last.
func TestRehearseRecall(t *testing.T) {
	t.Parallel()
	script := simulator.Script{Model: "m", Quality: simulator.Quality{Recall: simulator.Recall{Reach: 5000, Near: 1, Far: 0.9, Middle: 0.3}}}
	grid := Grid{Lengths: []int{1000, 4000, 16000, 64000}, Depths: []float64{0, 0.5, 1}, Each: EachForLimit(), Seed: 5}
	got := RehearseRecall(probe.Target{Name: "m"}, script, grid)
	if len(got.Rows) != 3 || got.Limit() != probe.Known[int64](4000) || !got.Shown() || got.Requests != 3*3*grid.Each {
		t.Errorf("limit %+v after %d lengths, %d requests", got.Limit(), len(got.Rows), got.Requests)
	}
}
