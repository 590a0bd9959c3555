package probe

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// steered runs a schedule in the background and hands it over once it has begun.
func steered(t *testing.T, s *Schedule, do func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		if err := s.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	synctest.Wait()
	do()
	cancel()
	running.Wait()
}

// count is how many probes of a target were sent.
func (f *fakeProber) count(target string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.starts[target])
}

func TestPauseStopsAndResumes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		prober, sink := &fakeProber{}, &fakeSink{}
		s := &Schedule{Targets: targets(2), Interval: time.Minute, Prober: prober, Sink: sink}
		steered(t, s, func() {
			time.Sleep(defaultLead + 3*time.Minute)
			s.Pause(true)
			at := time.Now()
			before := prober.count("t0")
			s.Pause(true)                          // twice is once
			time.Sleep(time.Hour + 31*time.Second) // amid what would be a pass
			if st := s.Status(); !st.PausedSince.Equal(at) || !st.Next.IsZero() {
				t.Errorf("paused at %s: %+v", at, st)
			}
			if n := prober.count("t0") + prober.count("t1"); n != 2*before || before != 3 {
				t.Errorf("%d probes after an hour of a pause, %d of each before it", n, before)
			}
			s.Pause(false)
			synctest.Wait()
			if st := s.Status(); !st.PausedSince.IsZero() || time.Until(st.Next) > defaultLead+time.Minute {
				t.Errorf("resumed: %+v", st)
			}
			time.Sleep(defaultLead + 2*time.Minute)
			if n := prober.count("t0"); n != before+2 {
				t.Errorf("%d probes in 2 minutes after the pause: nothing is made up for", n-before)
			}
			for _, sample := range sink.all() {
				if sample.Outcome != OK {
					t.Errorf("a pause left a sample: %s %s", sample.Outcome, sample.Error)
				}
			}
		})
	})
}

// A pause in the middle of a pass lets the rest of it be, and toggling it makes no
// probe more.
func TestPauseIsNoWayToProbeMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		prober := &fakeProber{}
		s := &Schedule{Targets: targets(3), Interval: time.Minute, Prober: prober, Sink: &fakeSink{}}
		steered(t, s, func() {
			for range 100 {
				s.Pause(true)
				time.Sleep(time.Second)
				s.Pause(false)
				time.Sleep(time.Second)
			}
			for _, target := range s.Targets {
				if n := prober.count(target.Name); n > 4 {
					t.Errorf("%s was probed %d times in 200 s", target.Name, n)
				}
			}
		})
	})
}

func TestProbeNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		prober, sink := &fakeProber{takes: func(string) time.Duration { return 5 * time.Second }}, &fakeSink{}
		s := &Schedule{Targets: targets(3), Interval: time.Hour, Prober: prober, Sink: sink}
		if err := s.ProbeNow("t0"); !errors.Is(err, ErrNotRunning) {
			t.Errorf("before it ran: %v", err)
		}
		steered(t, s, func() {
			s.Pause(true)
			if err := s.Enable("t1", false); err != nil {
				t.Error(err)
			}
			var unknown *UnknownTargetError
			if err := s.ProbeNow("t0", "zebra"); !errors.As(err, &unknown) || unknown.Target != "zebra" {
				t.Errorf("an unknown target: %v", err)
			}
			if err := s.Enable("zebra", true); !errors.As(err, &unknown) {
				t.Errorf("an unknown target: %v", err)
			}
			var asking sync.WaitGroup
			for range 8 { // as several viewers do at once
				asking.Go(func() {
					if err := s.ProbeNow("t0", "t1"); err != nil {
						t.Error(err)
					}
				})
			}
			asking.Wait()
			time.Sleep(defaultLead + time.Second)
			if st := s.Status(); st.InFlight != 2 || !st.Targets[0].InFlight || st.Targets[1].State != TargetOff {
				t.Errorf("while it is being made: %+v", st)
			}
			time.Sleep(time.Minute)
			if prober.count("t0") != 1 || prober.count("t1") != 1 || prober.count("t2") != 0 {
				t.Errorf("probed: %v", prober.order)
			}
			if err := s.ProbeNow(); err != nil { // all that are on
				t.Error(err)
			}
			time.Sleep(time.Minute)
			if prober.count("t0") != 2 || prober.count("t1") != 1 || prober.count("t2") != 1 {
				t.Errorf("probed: %v", prober.order)
			}
		})
		if got := sink.all(); len(got) != 4 {
			t.Errorf("%d samples kept, want 4", len(got))
		}
		if err := s.ProbeNow("t0"); !errors.Is(err, ErrNotRunning) {
			t.Errorf("after it ran: %v", err)
		}
	})
}

func TestDisabledTargetIsLeftOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		prober := &fakeProber{}
		s := &Schedule{Targets: targets(2), Interval: time.Minute, Prober: prober, Sink: &fakeSink{}}
		if err := s.Enable("t0", false); err != nil { // also before it runs
			t.Fatal(err)
		}
		steered(t, s, func() {
			time.Sleep(defaultLead + 3*time.Minute)
			if prober.count("t0") != 0 || prober.count("t1") != 3 {
				t.Errorf("probed: %v", prober.order)
			}
			if err := s.Enable("t0", true); err != nil {
				t.Error(err)
			}
			time.Sleep(3 * time.Minute)
			if n := prober.count("t0"); n < 2 {
				t.Errorf("%d probes after it was enabled", n)
			}
		})
	})
}

// What is asked for keeps to the budget, and its price can be said beforehand. A
// target that is off has no share in the pace.
func TestSteeringKeepsToTheBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(&MemoryLedger{})
		one := w.EstimateNow(w.Targets[0].Name)
		if !one.IsPositive() || !w.EstimateNow().GreaterThan(one) {
			t.Errorf("one is estimated at %s, all at %s", one, w.EstimateNow())
		}
		w.Budget.Cap = one.Mul(usd("2.5"))
		w.Targets = w.Targets[:1]
		steered(t, w.Schedule, func() {
			w.Pause(true)
			for range 6 {
				_ = w.ProbeNow()
				time.Sleep(time.Minute)
			}
			var refused *RefusedError
			if err := w.ProbeNow(); !errors.As(err, &refused) || refused.Refusal != BudgetSpent {
				t.Errorf("beyond the budget: %v", err)
			}
		})
		if spent := w.total(DayOf(time.Now())); spent.GreaterThan(w.Budget.Cap) || len(w.probed) < 2 {
			t.Errorf("%d probes for $%s of $%s", len(w.probed), spent, w.Budget.Cap)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(&MemoryLedger{})
		steered(t, w.Schedule, func() {
			time.Sleep(time.Hour)
			all := w.Status().Interval
			for _, target := range w.Targets[1:] {
				if err := w.Enable(target.Name, false); err != nil {
					t.Error(err)
				}
			}
			time.Sleep(3 * all)
			if few := w.Status().Interval; few > all/2 {
				t.Errorf("a pass of all every %s, of one every %s", all, few)
			}
		})
	})
}

// Who finishes waits for what is in flight, and for nothing else.
func TestFinish(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		prober, sink := &fakeProber{takes: func(string) time.Duration { return 20 * time.Second }}, &fakeSink{}
		s := &Schedule{Targets: targets(2), Interval: time.Hour, Prober: prober, Sink: sink}
		until, finish := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() {
			if err := s.RunUntil(t.Context(), until); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		if err := s.ProbeNow("t0"); err != nil {
			t.Error(err)
		}
		time.Sleep(defaultLead + time.Second)
		start := time.Now()
		finish()
		running.Wait()
		if took := time.Since(start); took < 18*time.Second || took > 21*time.Second {
			t.Errorf("it took %s", took)
		}
		if got := sink.all(); len(got) != 1 || got[0].Outcome != OK {
			t.Errorf("kept: %+v", got)
		}
	})
}
