package monitor

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"costping/probe"
	"costping/store"
	"costping/ui/compare"

	"github.com/shopspring/decimal"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newDemo is a demo in a temporary folder that must be empty again at the end.
func newDemo(t *testing.T) *Demo {
	t.Helper()
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	d, err := NewDemo(7, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
		if left, _ := os.ReadDir(tmp); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	})
	return d
}

func all(t *testing.T, h store.History, from, to time.Time) store.Window {
	t.Helper()
	w, err := h.Window(t.Context(), store.Query{From: from, To: to, Steps: 24})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestSeededDayIsScriptedAndHasAGap(t *testing.T) {
	d := newDemo(t)
	now := time.Now()
	if err := d.SeedDay(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	w := all(t, d.History, now.Add(-24*time.Hour), now)
	if len(w.Series) != 8 {
		t.Fatalf("%d series", len(w.Series))
	}
	for _, s := range w.Series {
		if n := s.Attempts(); n < 1385 || n > 1395 || s.Scripted != n {
			t.Errorf("%s: %d attempts, %d scripted", s.Series.Target, n, s.Scripted)
		}
		if !s.TTFTp95.Earned() || s.InputTokens == 0 || s.OutputTokens != 48 || s.USD.Sign() <= 0 {
			t.Errorf("%s: %+v", s.Series.Target, s)
		}
		if strings.HasPrefix(s.Series.Target, "llama") == (s.Success().Hits == s.Success().N) {
			t.Errorf("%s: %d of %d ok; only the open model has trouble", s.Series.Target, s.Success().Hits, s.Success().N)
		}
	}
	// Nothing was probed for the 50 minutes from 9 h 30 min before now.
	if gap := all(t, d.History, now.Add(-gapFrom+time.Minute), now.Add(-gapFrom+gapFor-time.Minute)); len(gap.Series) != 0 {
		t.Errorf("%d series in the gap", len(gap.Series))
	}
}

func TestMeasureGivesEveryTargetItsSamples(t *testing.T) {
	d := newDemo(t)
	start := time.Now()
	kept := 0
	if err := d.Measure(t.Context(), 2, func(probe.Sample) { kept++ }); err != nil {
		t.Fatal(err)
	}
	w := all(t, d.History, start.Add(-time.Second), time.Now().Add(time.Second))
	attempts := 0
	for _, s := range w.Series {
		attempts += s.Attempts()
		if s.Warm != 2 || s.Scripted != 0 {
			t.Errorf("%s: %d warm, %d scripted", s.Series.Target, s.Warm, s.Scripted)
		}
		if sent := len(d.Sent()[s.Series.Model]); sent != s.Attempts() {
			t.Errorf("%s: %d attempts, the simulator saw %d", s.Series.Target, s.Attempts(), sent)
		}
	}
	if len(w.Series) != 8 || attempts != kept {
		t.Errorf("%d series, %d attempts, %d reported", len(w.Series), attempts, kept)
	}
}

func TestWatchProbesUntilItIsStopped(t *testing.T) {
	d := newDemo(t)
	start := time.Now()
	m := d.Watch(context.Background())
	if m.Next().IsZero() {
		// The schedule sets its first due time as soon as its goroutine runs.
		waitFor(t, func() bool { return !m.Next().IsZero() })
	}
	waitFor(t, func() bool { return d.History.Version() >= 3 })
	m.Stop()
	if !m.Next().IsZero() {
		t.Error("something is due after the stop")
	}
	version := d.History.Version()
	w := all(t, d.History, start.Add(-time.Second), time.Now().Add(time.Second))
	if len(w.Series) == 0 || d.History.Version() != version {
		t.Errorf("%d series", len(w.Series))
	}
}

func waitFor(t *testing.T, what func() bool) {
	t.Helper()
	const patience = time.Minute // of a busy machine, with the race detector
	deadline := time.Now().Add(patience)
	for !what() {
		if time.Now().After(deadline) {
			t.Fatalf("it did not happen within %s", patience)
		}
		time.Sleep(5 * time.Millisecond) // between two looks; the deadline decides
	}
}

type crashing struct{}

func (crashing) Prepare(context.Context, probe.Target, probe.Profile) {}

func (crashing) Probe(context.Context, probe.Attempt) probe.Sample { panic("boom") }

func TestCrashIsHandedOver(t *testing.T) {
	d := newDemo(t)
	m := Start(context.Background(), d.History, &probe.Schedule{
		Targets: d.Targets[:1], Profile: d.Profile, Interval: time.Millisecond, Prober: crashing{},
	})
	defer m.Stop()
	var crash *probe.PanicError
	select {
	case err := <-m.Failed():
		if !errors.As(err, &crash) {
			t.Errorf("got %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("nothing was handed over")
	}
}

// A budget is kept in the history, unless it has a ledger of its own.
func TestBudgetIsKeptInTheHistory(t *testing.T) {
	d := newDemo(t)
	one := decimal.NewFromInt(1)
	budget := &probe.Budget{
		Cap: one, Worst: probe.WorstPrice{Input: one, Output: one},
		Priced: func(probe.Target) bool { return true },
	}
	m := Start(context.Background(), d.History, &probe.Schedule{
		Targets: d.Targets[:1], Profile: d.Profile, Interval: DemoInterval, Prober: d.Client, Budget: budget,
	})
	defer m.Stop()
	waitFor(t, func() bool { s := m.Status().Budget; return s != nil && s.Settled.IsPositive() })
	spent, err := d.History.Spent(t.Context(), m.Status().Budget.Day)
	if err != nil || !spent.Settled.IsPositive() {
		t.Errorf("the history says %+v, %v", spent, err)
	}
}

// The seeded day has graded answers too, each said to be simulated; the open model
// goes wrong most.
func TestSeededDayHasGradedAnswers(t *testing.T) {
	d := newDemo(t)
	now := time.Now()
	if err := d.SeedDay(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	results, err := d.History.Results(t.Context(), store.Range{From: now.Add(-25 * time.Hour), To: now})
	if err != nil {
		t.Fatal(err)
	}
	graded := compare.ReliableOf(results)
	bad := map[string]float64{}
	for _, c := range d.Candidates {
		r := graded.Of(c)
		if r.Schema.Bad.N != seededSchema || r.Enforced.Bad.N != seededSchema/2 || r.Tools.Bad.N != seededTools || r.Recall == nil || !r.Recall.Limit.Known {
			t.Errorf("%s: %+v", c.Target, r)
		}
		if r.Simulated != r.N || r.N == 0 {
			t.Errorf("%s: %d of %d are said to be simulated", c.Target, r.Simulated, r.N)
		}
		bad[c.Target] = r.Tools.Bad.Value()
	}
	if bad["llama-3.1-70b"] <= bad["claude-3.5-sonnet"] {
		t.Errorf("tool errors: %v", bad)
	}
}
