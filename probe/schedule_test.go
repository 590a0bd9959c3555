package probe

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// fakeProber answers after a set time and notes when it was asked.
type fakeProber struct {
	mu     sync.Mutex
	starts map[string][]time.Time
	order  []string
	takes  func(target string) time.Duration
	fails  func(target string, attempt int) bool
}

func (*fakeProber) Prepare(context.Context, Target, Profile) {}

func (f *fakeProber) Probe(ctx context.Context, a Attempt) Sample {
	f.mu.Lock()
	if f.starts == nil {
		f.starts = map[string][]time.Time{}
	}
	f.starts[a.Target.Name] = append(f.starts[a.Target.Name], time.Now())
	f.order = append(f.order, a.Target.Name)
	n := len(f.starts[a.Target.Name])
	f.mu.Unlock()
	s := Sample{Target: a.Target, At: time.Now(), Outcome: OK, TTFT: Known(time.Second)}
	if f.fails != nil && f.fails(a.Target.Name, n) {
		s.Outcome = ServerError
	}
	if f.takes != nil && !sleepUntil(ctx, time.Now().Add(f.takes(a.Target.Name))) {
		s.Outcome = Cancelled
	}
	return s
}

// fakeSink keeps samples, as slowly as it is told.
type fakeSink struct {
	mu    sync.Mutex
	got   []Sample
	takes time.Duration
}

func (f *fakeSink) Append(_ context.Context, samples []Sample) error {
	time.Sleep(f.takes) // inside a synctest bubble: no real time passes
	f.mu.Lock()
	defer f.mu.Unlock()
	f.got = append(f.got, samples...)
	return nil
}

// all is what was kept so far.
func (f *fakeSink) all() []Sample {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.got)
}

func targets(n int) []Target {
	all := make([]Target, n)
	for i := range all {
		all[i] = Target{Name: fmt.Sprintf("t%d", i), Model: "m", BaseURL: "http://127.0.0.1:1/v1"}
	}
	return all
}

func runFor(t *testing.T, s *Schedule, d time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	if err := s.Run(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestScheduleSpreadsEachPass(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n, passes, interval = 4, 8, time.Minute
		prober, sink := &fakeProber{}, &fakeSink{}
		start := time.Now()
		runFor(t, &Schedule{Targets: targets(n), Interval: interval, Prober: prober, Sink: sink}, defaultLead+passes*interval)

		if len(prober.order) != n*passes || len(sink.got) != n*passes {
			t.Fatalf("%d probes, %d kept, want %d", len(prober.order), len(sink.got), n*passes)
		}
		first := map[string]bool{}
		for pass := range passes {
			order := prober.order[pass*n : (pass+1)*n]
			if sorted := slices.Sorted(slices.Values(order)); len(slices.Compact(sorted)) != n {
				t.Errorf("pass %d: %v, want each target once", pass, order)
			}
			first[order[0]] = true
			for rank, name := range order {
				at := prober.starts[name][pass].Sub(start) - defaultLead - time.Duration(pass)*interval
				slot := interval / n
				if lo := time.Duration(rank) * slot; at < lo || at >= lo+slot {
					t.Errorf("pass %d rank %d: at %v, want within [%v, %v)", pass, rank, at, lo, lo+slot)
				}
			}
		}
		if len(first) != n {
			t.Errorf("only %v ever came first", first)
		}
	})
}

func TestScheduleNeverRunsATargetTwiceAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		prober := &fakeProber{takes: func(name string) time.Duration {
			if name == "t0" {
				return 150 * time.Second
			}
			return time.Second
		}}
		sink := &fakeSink{}
		runFor(t, &Schedule{Targets: targets(2), Interval: time.Minute, Prober: prober, Sink: sink}, defaultLead+10*time.Minute)
		for i := 1; i < len(prober.starts["t0"]); i++ {
			if gap := prober.starts["t0"][i].Sub(prober.starts["t0"][i-1]); gap < 150*time.Second {
				t.Errorf("started again after %v", gap)
			}
		}
		if got := len(prober.starts["t1"]); got != 10 {
			t.Errorf("the other target was probed %d times in 10 passes", got)
		}
		skipped := 0
		for _, s := range sink.got {
			if s.Outcome == Skipped {
				skipped++
			}
		}
		if skipped == 0 {
			t.Error("no attempt is recorded as skipped")
		}
	})
}

func TestScheduleNeverBurstsAfterAStall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		time.Sleep(10*time.Minute + 30*time.Second) // as if the machine had slept since the pass began
		if next := caughtUp(start.Add(time.Minute), time.Minute); time.Until(next) > time.Minute || time.Since(next) > time.Minute {
			t.Errorf("next pass %v from now", time.Until(next))
		} else if next.Sub(start)%time.Minute != 0 {
			t.Errorf("next pass is off the grid: %v after the start", next.Sub(start))
		}
	})
}

// After a stall in the middle of a pass what was missed is recorded as skipped:
// nothing is sent in a burst to make up for it.
func TestScheduleSkipsWhatAStallMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n, slot = 8, 2 * time.Second
		prober := &fakeProber{}
		r := newRun(&Schedule{
			Targets: targets(n), Interval: n * slot, Prober: prober, Rand: rand.New(rand.NewPCG(1, 2)),
		}, nil)
		r.makeRoom(t.Context())
		// As if the process had been stopped for five slots since the pass began.
		for _, turn := range r.plan(t.Context(), 0, time.Now().Add(-5*slot)).turns {
			r.probes.Go(func() { r.take(t.Context(), turn) })
		}
		r.probes.Wait()
		close(r.queue)
		skipped := 0
		for sample := range r.queue {
			if sample.Outcome == Skipped {
				skipped++
			}
		}
		// Of the five slots that passed, the newest may still be within its time.
		if skipped < 4 || skipped > 5 || skipped+len(prober.order) != n {
			t.Errorf("%d skipped, %d probed of %d", skipped, len(prober.order), n)
		}
	})
}

// A history that is slow delays probes; it never loses one that was made.
func TestScheduleKeepsEverySample(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		prober, sink := &fakeProber{}, &fakeSink{takes: 40 * time.Second}
		runFor(t, &Schedule{Targets: targets(5), Interval: time.Second, Prober: prober, Sink: sink}, 5*time.Minute)
		made := 0
		for _, s := range sink.got {
			if s.Outcome != Skipped {
				made++
			}
		}
		if made != len(prober.order) {
			t.Errorf("%d probes made, %d kept", len(prober.order), made)
		}
	})
}

func TestScheduleEndsWhatIsInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		prober := &fakeProber{takes: func(string) time.Duration { return time.Hour }}
		sink := &fakeSink{}
		runFor(t, &Schedule{Targets: targets(3), Interval: time.Minute, Prober: prober, Sink: sink}, 90*time.Second)
		cancelled := 0
		for _, s := range sink.got {
			if s.Outcome == Cancelled {
				cancelled++
			}
		}
		if cancelled != 3 {
			t.Errorf("%d cancelled samples kept, want 3", cancelled)
		}
	})
}

type panickingProber struct{}

func (panickingProber) Prepare(context.Context, Target, Profile) {}

func (panickingProber) Probe(context.Context, Attempt) Sample { panic("boom") }

func TestScheduleReturnsAPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Schedule{Targets: targets(2), Interval: time.Second, Prober: panickingProber{}, Sink: &fakeSink{}}
		var crash *PanicError
		if err := s.Run(t.Context()); !errors.As(err, &crash) || crash.Value != "boom" || len(crash.Stack) == 0 {
			t.Errorf("got %v", err)
		}
	})
}

func TestScheduleRefusesWhatItCannotRun(t *testing.T) {
	for name, s := range map[string]*Schedule{
		"no targets":  {Interval: time.Second, Prober: &fakeProber{}, Sink: &fakeSink{}},
		"no interval": {Targets: targets(1), Prober: &fakeProber{}, Sink: &fakeSink{}},
		"no prober":   {Targets: targets(1), Interval: time.Second, Sink: &fakeSink{}},
		"no sink":     {Targets: targets(1), Interval: time.Second, Prober: &fakeProber{}},
		"no ledger":   {Targets: targets(1), Interval: time.Second, Prober: &fakeProber{}, Sink: &fakeSink{}, Budget: &Budget{}},
	} {
		if s.Run(t.Context()) == nil {
			t.Errorf("%s: ran", name)
		}
	}
}

func TestRounds(t *testing.T) {
	for _, tc := range []struct {
		name     string
		n, spare int
		fails    func(target string, attempt int) bool
		attempts map[string]int
	}{
		{"all well", 3, 2, nil, map[string]int{"t0": 3, "t1": 3, "t2": 3}},
		{"one fails once", 3, 2, func(t string, a int) bool { return t == "t1" && a == 2 }, map[string]int{"t0": 3, "t1": 4, "t2": 3}},
		{"one is down", 3, 2, func(t string, _ int) bool { return t == "t2" }, map[string]int{"t0": 3, "t1": 3, "t2": 5}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			prober := &fakeProber{fails: tc.fails}
			kept := map[string]int{}
			Rounds(t.Context(), prober, targets(3), Brief(), tc.n, tc.spare, func(s Sample) { kept[s.Target.Name]++ })
			for name, want := range tc.attempts {
				if got := len(prober.starts[name]); got != want || kept[name] != want {
					t.Errorf("%s: %d attempts, %d kept, want %d", name, got, kept[name], want)
				}
			}
		})
	}
}
