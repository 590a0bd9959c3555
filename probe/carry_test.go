package probe

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/shopspring/decimal"
)

// A schedule that goes on where another ended keeps its pace: however often that
// happens, no target is probed sooner than its interval, none is forgotten, what is
// new comes soon, and who is left alone stays so until something of it changes.
func TestContinue(t *testing.T) {
	const failing, steady, added = "t0", "t1", "t2"
	for name, tt := range map[string]struct {
		mend bool // the failing target is another one from then on
		most int  // probes of it in the twenty minutes after
	}{"as it was": {false, 3}, "mended": {true, 21}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				prober := &fakeProber{fails: func(target string, _ int) bool { return target == failing }}
				run := func(s *Schedule, d time.Duration) {
					s.Prober, s.Sink, s.Interval = prober, &fakeSink{}, time.Minute
					until, end := context.WithTimeout(t.Context(), d)
					defer end()
					if err := s.RunUntil(t.Context(), until); err != nil {
						t.Error(err)
					}
				}
				last := &Schedule{Targets: targets(2)}
				run(last, time.Hour) // backed off as far as can be
				before := prober.count(failing)
				for i := range 60 { // every twenty seconds
					next := &Schedule{Targets: targets(2)}
					if i > 0 {
						next.Targets = targets(3)
					}
					if tt.mend {
						next.Targets[0].Model = "another"
					}
					next.Continue(last, &Schedule{Targets: targets(1)})
					run(next, 20*time.Second)
					last = next
				}
				next := &Schedule{Targets: targets(3)}
				next.Continue(last)
				run(next, defaultLead+time.Minute) // one whole pass: the new one has its turn anywhere in it
				starts := prober.starts[steady]
				for i := 1; i < len(starts); i++ {
					if gap := starts[i].Sub(starts[i-1]); i >= 60 && gap < time.Minute {
						t.Errorf("probed again after %s", gap)
					}
				}
				if n := len(starts) - 60; n < 12 || n > 21 {
					t.Errorf("the steady one was probed %d times in twenty minutes", n)
				}
				if n := prober.count(added); n == 0 {
					t.Errorf("the new one was probed %d times", n)
				}
				if n := prober.count(failing) - before; n > tt.most || tt.mend && n < 4 || n == 0 {
					t.Errorf("the failing one was probed %d times", n)
				}
			})
		})
	}
}

// What a budget has measured, and what a person has steered, is handed on.
func TestContinueKeepsTheBudgetAndTheSteering(t *testing.T) {
	one := decimal.NewFromInt(1)
	budget := func() *Budget {
		return &Budget{Cap: one, Worst: WorstPrice{Input: one, Output: one}, Ledger: &MemoryLedger{}, Priced: func(Target) bool { return true }}
	}
	old := &Schedule{Targets: targets(2), Profile: Chat(), Budget: budget()}
	at := old.Targets[0]
	old.Budget.learn(measuredKey{at.Name, old.Profile.Name}, Usage{Input: Known[int64](40_000), Output: Known[int64](9)})
	old.Pause(true)
	if err := old.Enable("t1", false); err != nil {
		t.Fatal(err)
	}
	s := &Schedule{Targets: targets(3), Profile: Chat(), Budget: budget()}
	s.Continue(old)
	s.SteerAs(old)
	if got, want := s.Budget.Estimate(at, s.Profile), old.Budget.Estimate(at, old.Profile); !got.Equal(want) {
		t.Errorf("a probe is estimated at %s, it was %s", got, want)
	}
	now := s.Status()
	if now.PausedSince != old.Status().PausedSince || now.PausedSince.IsZero() || now.Targets[1].State != TargetOff || now.Targets[2].State != TargetOn {
		t.Errorf("steered %+v", now)
	}
}
