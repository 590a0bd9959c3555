package check

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"

	"costping/probe"
)

// asking is an asker that does as it is told at each request, the first being 1.
type asking func(n int, q probe.Question) probe.Reply

type counted struct {
	n  atomic.Int64
	do asking
}

func (c *counted) Ask(_ context.Context, q probe.Question) probe.Reply {
	return c.do(int(c.n.Add(1)), q)
}

// Whatever is asked side by side, a panic in it is one of who called, who may hold the
// terminal.
func TestPanicIsTheCallers(t *testing.T) {
	t.Parallel()
	target := probe.Target{Name: "a", Model: "m", BaseURL: "http://127.0.0.1:1/v1"}
	broken := &counted{do: func(n int, _ probe.Question) probe.Reply {
		if n == 3 {
			panic("boom")
		}
		return probe.Reply{Sample: probe.Sample{Outcome: probe.OK}}
	}}
	for name, run := range map[string]func(probe.Asker){
		"cases": func(a probe.Asker) {
			Run(t.Context(), a, SchemaSeries(target, SchemaCases(1, 9), false), 2, func(Answer) {})
		},
		"recall": func(a probe.Asker) {
			g := Grid{Lengths: []int{200}, Depths: []float64{0, 1}, Each: 5, Seed: 1}
			RunContext(t.Context(), a, target, g, 2, func(*RecallTally) {})
		},
		"tasks": func(a probe.Asker) {
			tasks, err := ReadTasks(strings.NewReader(`{"id":"1","prompt":"?","expect":"!"}` + "\n" + `{"id":"2","prompt":"?","expect":"!"}`))
			if err != nil {
				t.Fatal(err)
			}
			e := &Eval{Tasks: tasks, Targets: []probe.Target{target, target}, Asker: a, AtOnce: 2}
			e.Run(t.Context(), t.Context(), func(Solved) {})
		},
	} {
		t.Run(name, func(t *testing.T) {
			broken.n.Store(0)
			defer func() {
				if recover() == nil {
					t.Error("the panic was lost")
				}
			}()
			run(broken)
		})
	}
}

// A grid is given up after failures in a row, as a series of cases is: one here and
// there among hundreds of answers ends nothing.
func TestGridSurvivesFailuresHereAndThere(t *testing.T) {
	t.Parallel()
	target := probe.Target{Name: "a", Model: "m", BaseURL: "http://127.0.0.1:1/v1"}
	g := Grid{Lengths: []int{200}, Depths: []float64{0, 1}, Each: 30, Seed: 1}
	for every, whole := range map[int]bool{6: true, 1: false} {
		flaky := &counted{do: func(n int, _ probe.Question) probe.Reply {
			if n%every == 0 {
				return probe.Reply{Sample: probe.Sample{Outcome: probe.ServerError, Error: "500"}}
			}
			return probe.Reply{Sample: probe.Sample{Outcome: probe.OK}}
		}}
		r := RunContext(t.Context(), flaky, target, g, 1, func(*RecallTally) {})
		failed := r.Unanswered[probe.ServerError]
		if all := r.Requests == g.Requests(); all != whole || whole && failed != g.Requests()/every || !whole && (failed != failuresInARow || r.Stopped != "500") {
			t.Errorf("one of %d fails: %d of %d requests, %d failed, stopped for %q", every, r.Requests, g.Requests(), failed, r.Stopped)
		}
	}
}
