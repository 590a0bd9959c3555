package check

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"costping/probe"
	"costping/probe/simulator"
	"costping/probe/stats"
)

// Each class, sent by the simulator over a real stream, is told for what it is and
// for nothing else, whatever the template.
func TestEverySchemaClassIsTold(t *testing.T) {
	defects := map[simulator.Defect]Class{
		"": Right, simulator.WrongValue: WrongValue, simulator.Wrapped: Wrapped, simulator.NotJSON: NotJSON,
		simulator.CutShort: Truncated, simulator.Missing: Missing, simulator.Extra: Extra, simulator.WrongType: WrongType,
		simulator.OutOfRange: OutOfRange, simulator.Duplicate: DuplicateKey, simulator.Refused: Refused, simulator.NoAnswer: Empty,
	}
	if len(defects) != len(SchemaClasses()) {
		t.Fatalf("%d of %d classes are scripted", len(defects), len(SchemaClasses()))
	}
	const n = 20 // four of each template
	for defect, want := range defects {
		t.Run(string(want), func(t *testing.T) {
			t.Parallel()
			var script simulator.Script
			if defect != "" {
				script.Quality.Schema = []simulator.Chance{{Defect: defect, Probability: 1}}
				script.Quality.Enforced = script.Quality.Schema
			}
			script.Quality.Characters = want == Missing // one of them in single characters
			client, target, server := simulated(t, script, 1)
			for _, enforced := range []bool{false, true} {
				tally, answers := tallied(t, client, SchemaSeries(target, SchemaCases(3, n), enforced))
				if tally.N != n || tally.Classes[want] != n || tally.GaveUp != "" {
					t.Fatalf("enforced %v: %v, %+v", enforced, tally.Classes, answers)
				}
				bad := 0
				if want.Malformed() {
					bad = n
				}
				if tally.Bad != stats.RateOf(bad, n) {
					t.Errorf("malformed %+v, want %d of %d", tally.Bad, bad, n)
				}
				if want == Right && (tally.Fields.Hits != tally.Fields.N || tally.Fields.N < n || len(tally.Examples) > 0) {
					t.Errorf("fields %+v, examples %+v", tally.Fields, tally.Examples)
				}
				if want == WrongValue && (tally.Fields.Hits == tally.Fields.N || tally.Examples[0].Example == "") {
					t.Errorf("fields %+v, examples %+v", tally.Fields, tally.Examples)
				}
			}
			for _, s := range server.Sent() {
				if s.Defect != defect {
					t.Fatalf("the simulator sent %q", s.Defect)
				}
			}
		})
	}
}

// The same for tools, of the cases in which the simulator can do it wrong that way.
func TestEveryToolClassIsTold(t *testing.T) {
	defects := map[simulator.Defect]Class{
		"": Right, simulator.WrongTool: WrongTool, simulator.Missing: Missing, simulator.Extra: Invented,
		simulator.WrongType: WrongType, simulator.WrongValue: WrongValue, simulator.InvalidArgs: InvalidJSON,
		simulator.Needless: Needless, simulator.NoCall: NoCall, simulator.WrongOrder: WrongOrder,
	}
	if len(defects) != len(ToolClasses()) {
		t.Fatalf("%d of %d classes are scripted", len(defects), len(ToolClasses()))
	}
	const n = 28 // four of each template
	for defect, want := range defects {
		t.Run(string(want), func(t *testing.T) {
			t.Parallel()
			var script simulator.Script
			if defect != "" {
				script.Quality.Tools = []simulator.Chance{{Defect: defect, Probability: 1}}
			}
			script.Quality.Characters = want == InvalidJSON || want == Right
			client, target, server := simulated(t, script, 1)
			tally, answers := tallied(t, client, ToolSeries(target, ToolCases(3, n)))
			if tally.N != n || tally.GaveUp != "" {
				t.Fatalf("%d answers, gave up %q", tally.N, tally.GaveUp)
			}
			struck := 0
			for _, s := range server.Sent() {
				if s.Defect == defect && defect != "" {
					struck++
				}
			}
			if defect == "" {
				struck = n
			}
			least := map[Class]int{WrongOrder: n / 7, WrongTool: 5 * n / 7, Needless: 6 * n / 7}[want]
			if struck < max(least, n/7) || tally.Classes[want] != struck || tally.Classes[Right] != n-struck && want != Right {
				t.Errorf("%d were sent so, told are %v: %+v", struck, tally.Classes, answers)
			}
			if want != Right && tally.Bad != stats.RateOf(struck, n) {
				t.Errorf("errors %+v, want %d of %d", tally.Bad, struck, n)
			}
		})
	}
}

// With all defects at once, what is told of each request is what was sent.
func TestNoConfusion(t *testing.T) {
	t.Parallel()
	script := simulator.Script{Quality: simulator.Quality{Schema: []simulator.Chance{
		{Defect: simulator.WrongValue, Probability: .08},
		{Defect: simulator.Wrapped, Probability: .08},
		{Defect: simulator.NotJSON, Probability: .08},
		{Defect: simulator.CutShort, Probability: .08},
		{Defect: simulator.Missing, Probability: .08},
		{Defect: simulator.Extra, Probability: .08},
		{Defect: simulator.WrongType, Probability: .08},
		{Defect: simulator.OutOfRange, Probability: .08},
		{Defect: simulator.Duplicate, Probability: .08},
		{Defect: simulator.Refused, Probability: .08},
		{Defect: simulator.NoAnswer, Probability: .08},
	}}}
	client, target, server := simulated(t, script, 9)
	tally, _ := tallied(t, client, SchemaSeries(target, SchemaCases(4, 250), false))
	sent := map[Class]int{}
	for _, s := range server.Sent() {
		class := Class(s.Defect)
		if class == "" {
			class = Right
		}
		sent[class]++
	}
	for _, class := range SchemaClasses() {
		if sent[class] == 0 || sent[class] != tally.Classes[class] {
			t.Errorf("%s: %d were sent, %d told", class, sent[class], tally.Classes[class])
		}
	}
}

// The intervals hold the scripted truth about as often as they say, over many seeds:
// the whole way from a draw of the script to the tally, without the wire between.
func TestIntervalsCoverTheScriptedTruth(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		truth float64
		n     int
	}{{0.04, 100}, {0.01, 200}, {0.3, 40}} {
		const runs = 2000
		covered := 0
		for seed := range uint64(runs) {
			rng := rand.New(rand.NewPCG(seed, 77))
			s := SchemaSeries(probe.Target{}, nil, false)
			tally := NewTally(s)
			for range c.n {
				class := Right
				if rng.Float64() < c.truth {
					class = Missing
				}
				tally.Add(Answer{Verdict: Verdict{Class: class}})
			}
			if tally.Bad.Lo <= c.truth && c.truth <= tally.Bad.Hi {
				covered++
			}
		}
		// Wilson's interval at a fixed n covers 92 to 99 %, by where the truth falls
		// between the shares that there can be.
		if share := float64(covered) / runs; share < 0.92 || share > 0.995 {
			t.Errorf("truth %g, n %d: covered in %.1f %% of the runs", c.truth, c.n, 100*share)
		}
	}
}

// The same over the wire, with fewer seeds: each is a model of its own that errs at
// the scripted rates.
func TestIntervalsCoverTheScriptedTruthOverTheWire(t *testing.T) {
	t.Parallel()
	const runs, n, truth = 60, 40, 0.2
	quality := simulator.Quality{
		Schema: []simulator.Chance{{Defect: simulator.WrongValue, Probability: 0.1}, {Defect: simulator.Wrapped, Probability: 0.05}, {Defect: simulator.Missing, Probability: 0.15}},
	}
	covered, all := 0, 0
	for seed := range uint64(runs) {
		client, target, _ := simulated(t, simulator.Script{Quality: quality}, seed)
		tally, _ := tallied(t, client, SchemaSeries(target, SchemaCases(seed, n), false))
		if tally.Bad.Lo <= truth && truth <= tally.Bad.Hi {
			covered++
		}
		all += tally.Bad.Hits
	}
	// 95 % of 60 are 57; below 51 has a chance of some one in a thousand. The seeds
	// are fixed, so it is the same each time.
	if covered < 51 {
		t.Errorf("%d of %d intervals hold the truth", covered, runs)
	}
	if share := float64(all) / (runs * n); math.Abs(share-truth) > 4*math.Sqrt(truth*(1-truth)/(runs*n)) {
		t.Errorf("a share of %.3f of all, want %.3f", share, truth)
	}
}

// What a target does not take is said, after one request, and not counted; the other
// figures go on.
func TestUnsupportedIsSaidNotCounted(t *testing.T) {
	t.Parallel()
	var script simulator.Script
	script.Dialect.RefuseSchema, script.Dialect.RefuseTools = true, true
	client, target, server := simulated(t, script, 1)
	for _, s := range []Series{SchemaSeries(target, SchemaCases(1, 30), true), ToolSeries(target, ToolCases(1, 30))} {
		before := len(server.Sent())
		tally, _ := tallied(t, client, s)
		if tally.N != 0 || tally.Unsupported == "" || len(tally.Unanswered) > 0 || tally.GaveUp == "" {
			t.Errorf("%s: %+v", s.Kind, tally)
		}
		if sent := len(server.Sent()) - before; sent > 8 { // those that were under way at once, and perhaps had one after it
			t.Errorf("%s: %d requests", s.Kind, sent)
		}
		before = len(server.Sent())
		if again, _ := tallied(t, client, s); again.Unsupported != tally.Unsupported || len(server.Sent()) > before {
			t.Errorf("%s, once more: %+v", s.Kind, again)
		}
	}
	if tally, _ := tallied(t, client, SchemaSeries(target, SchemaCases(1, 8), false)); tally.Classes[Right] != 8 {
		t.Errorf("without: %+v", tally)
	}
}

// A case without an answer is neither right nor wrong.
func TestAttemptsWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	script := simulator.Script{Faults: []simulator.Fault{{Kind: simulator.FaultServerError, Probability: 1}}}
	client, target, _ := simulated(t, script, 1)
	tally, _ := tallied(t, client, SchemaSeries(target, SchemaCases(1, 30), false))
	if tally.N != 0 || tally.Unanswered[probe.ServerError] < failuresInARow || tally.Unanswered[probe.ServerError] > failuresInARow+4 || !strings.Contains(tally.GaveUp, "500") {
		t.Errorf("%+v", tally)
	}
	if tally.Bad != stats.RateOf(0, 0) {
		t.Errorf("a rate of nothing: %+v", tally.Bad)
	}
}

// The cases of a seed are always the same, those of another are others, and all of
// them can be answered rightly.
func TestCasesComeFromTheirSeed(t *testing.T) {
	t.Parallel()
	prompts := func(seed uint64) (all []string) {
		for _, c := range SchemaCases(seed, 30) {
			all = append(all, c.Prompt)
		}
		for _, c := range ToolCases(seed, 30) {
			all = append(all, c.Prompt)
		}
		return all
	}
	if !slices.Equal(prompts(1), prompts(1)) {
		t.Error("one seed, two sets")
	}
	for i, p := range prompts(2) {
		if p == prompts(1)[i] {
			t.Errorf("two seeds, one case: %s", p)
		}
	}
}
