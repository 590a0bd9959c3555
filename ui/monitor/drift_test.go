package monitor

import (
	"testing"
	"time"

	"costping/costmodel"
	"costping/store"
	"costping/ui/compare"
	"costping/ui/report/snapshot"
)

// approvedOf is what the history holds of the day before, approved.
func approvedOf(t *testing.T, x *judged, at time.Time) *snapshot.Approved {
	t.Helper()
	volume, err := costmodel.ParseVolume("10M/day")
	if err != nil {
		t.Fatal(err)
	}
	split, err := costmodel.ParseSplit("75/25")
	if err != nil {
		t.Fatal(err)
	}
	r, err := snapshot.Take(t.Context(), x.memory, snapshot.Input{
		From: at.Add(-24 * time.Hour), To: at, Now: at,
		Compare: compare.Input{Candidates: x.facts.Candidates, Workload: costmodel.Workload{Volume: volume, Split: split}, Today: costmodel.DateOf(at)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return &snapshot.Approved{Record: r, Most: snapshot.DefaultDrift}
}

// A drift from what was approved is one event when it is shown and one when it has
// ended, whoever owns the history; within what it may be it is none.
func TestDriftEvents(t *testing.T) {
	t.Parallel()
	for _, restarts := range []bool{false, true} {
		x := newJudged(t, Facts{})
		at := x.probes(noon, 200, 400*time.Millisecond)
		x.facts.Approved = approvedOf(t, x, at)
		x.restart()
		look := func(at time.Time, want ...store.EventKind) {
			t.Helper()
			x.look(at)
			if restarts {
				x.restart()
			}
			x.look(at.Add(time.Minute)) // too soon to look again
			x.look(at.Add(driftEvery + time.Minute))
			got := x.recorded(EventDrifted, EventDriftEnded)
			if len(got) != len(want) {
				t.Fatalf("restarts %v: recorded %v, want %v", restarts, got, want)
			}
			for i := range want {
				if got[i] != want[i] {
					t.Fatalf("restarts %v: recorded %v, want %v", restarts, got, want)
				}
			}
		}
		look(at)
		at = x.probes(at.Add(25*time.Hour), 200, 420*time.Millisecond) // 5 % slower
		look(at)
		at = x.probes(at.Add(25*time.Hour), 200, 600*time.Millisecond)
		look(at, EventDrifted, EventDrifted) // the median and the p95
		at = x.probes(at.Add(25*time.Hour), 200, 400*time.Millisecond)
		look(at, EventDrifted, EventDrifted, EventDriftEnded, EventDriftEnded)
		events, err := x.Events(t.Context(), store.Range{})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			if e.Kind == EventDrifted && (e.Target != "a" || dataOf(e).Limit != x.facts.Approved.Name()) {
				t.Errorf("%+v", e)
			}
		}
	}
}
