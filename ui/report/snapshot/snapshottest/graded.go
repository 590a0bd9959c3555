package snapshottest

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"costping/probe"
	"costping/probe/check"
	"costping/store"
	"costping/ui/compare"
)

// Answers is how a model's graded answers are in the history.
type Answers struct {
	// Bad of N answers are malformed with nothing enforced, Enforced of 200 where it
	// is, Wrong of 60 calls; 0 of N for none at all.
	Bad, N, Enforced, Wrong int
	// Solved of 200 of one's own tasks, Recall is the practical limit in tokens.
	Solved int
	Recall int64
}

// Graded are the models of the history whose answers were graded.
var Graded = map[string]Answers{
	"gpt-4o-mini":   {Bad: 0, N: 400, Enforced: 0, Wrong: 1, Solved: 182, Recall: 32_000},
	"llama-3.1-70b": {Bad: 18, N: 400, Enforced: 2, Wrong: 6, Solved: 168, Recall: 8_000},
}

// graded are the model's answers, one a second from a week before Now on. What was said
// in them is secret.
func (m Speeds) graded(tb testing.TB) []store.Result {
	tb.Helper()
	a, ok := Graded[m.Target]
	if !ok {
		return nil
	}
	series := store.SeriesOf(probe.Sample{Target: probe.Target{Name: m.Target, Provider: m.Provider, BaseURL: "https://" + Secrets[1] + "/v1", Model: m.Model}})
	var all []store.Result
	add := func(kind check.Kind, name string, data any) {
		text, err := json.Marshal(data)
		if err != nil {
			tb.Fatal(err)
		}
		all = append(all, store.Result{At: Now.Add(-7*24*time.Hour + time.Duration(len(all))*time.Second), Series: series, Kind: string(kind), Case: name, Data: text})
	}
	answers := func(kind check.Kind, bad, n int, class check.Class, enforced bool) {
		for i := range n {
			kept := compare.KeptAnswer{Class: check.Right, Enforced: enforced}
			if i < bad {
				kept.Class, kept.Detail, kept.Example = class, "it names "+Secrets[2], "the key is "+Secrets[0]
			}
			add(kind, fmt.Sprint("case-", i), kept)
		}
	}
	answers(check.KindSchema, a.Bad, a.N, check.NotJSON, false)
	answers(check.KindSchema, a.Enforced, 200, check.Missing, true)
	answers(check.KindTools, a.Wrong, 60, check.WrongTool, false)
	for i := range 200 {
		correct := i < a.Solved
		add(check.KindEval, fmt.Sprint("task-", i), check.Paid{Key: fmt.Sprint("task-", i), Answer: Secrets[0], Whole: true, Correct: &correct})
	}
	full, half := 1.0, 0.5
	add(check.KindContext, "recall", compare.KeptRecall{Each: 20, Limit: &a.Recall, Shown: true, Cells: []compare.RecallCell{
		{Aimed: int(a.Recall), Depth: 0, N: 20, Recall: &full},
		{Aimed: int(a.Recall), Depth: 0.5, N: 20, Recall: &full},
		{Aimed: 2 * int(a.Recall), Depth: 0, N: 20, Recall: &full},
		{Aimed: 2 * int(a.Recall), Depth: 0.5, N: 20, Recall: &half},
	}})
	return all
}
