package probe

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// Preparation is over when the slot begins: it starts the lead before, and is cut
// off when the probe is due, which is sent on time whatever came of it.
func TestPreparationIsNeverInsideTheSlot(t *testing.T) {
	for _, tc := range []struct {
		name  string
		lead  func(Target) time.Duration
		want  time.Duration // before it is sent
		takes time.Duration
	}{
		{"quick", nil, defaultLead, 0},
		{"slow", nil, defaultLead, time.Second},
		{"too slow", nil, defaultLead, time.Hour},
		{"of a model to load", func(Target) time.Duration { return 30 * time.Second }, 30 * time.Second, 20 * time.Second},
		{"longer than a pass", func(Target) time.Duration { return time.Hour }, time.Minute, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var late []time.Duration
				prober := &answers{
					prepare: func(ctx context.Context, _ Target) { sleepUntil(ctx, time.Now().Add(tc.takes)) },
					answer: func(_ context.Context, a Attempt, _ int) Sample {
						late = append(late, time.Since(a.Due))
						return Sample{Outcome: OK}
					},
				}
				s := &Schedule{Targets: targets(1), Interval: time.Minute, Prober: prober, Sink: &fakeSink{}, Lead: tc.lead}
				runFor(t, s, 10*time.Minute)
				sent, prepared := prober.sent["t0"], prober.prepared["t0"]
				if len(sent) < 9 {
					t.Fatalf("%d probes sent", len(sent))
				}
				for i := range sent {
					// The first is prepared in what time there is.
					if got := sent[i].Sub(prepared[i]); got != tc.want && (i > 0 || got < defaultLead) {
						t.Errorf("probe %d: prepared %v before it was sent, want %v", i, got, tc.want)
					}
					if late[i] != 0 {
						t.Errorf("probe %d: sent %v after it was due", i, late[i])
					}
				}
			})
		})
	}
}

// At most 50 are in flight. A probe that finds all places taken waits, and is
// skipped once its slot has passed.
func TestAtMostFiftyInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 60
		var mu sync.Mutex
		inFlight, most := 0, 0
		count := func(by int) {
			mu.Lock()
			defer mu.Unlock()
			inFlight += by
			most = max(most, inFlight)
		}
		prober := &answers{answer: func(ctx context.Context, _ Attempt, _ int) Sample {
			count(1)
			defer count(-1)
			sleepUntil(ctx, time.Now().Add(90*time.Second))
			return Sample{Outcome: OK}
		}}
		sink := &fakeSink{}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		s := &Schedule{Targets: targets(n), Interval: time.Minute, Prober: prober, Sink: sink}
		ended := make(chan error)
		go func() { ended <- s.Run(ctx) }()
		time.Sleep(61 * time.Second)
		if got := s.Status().InFlight; got != mostInFlight {
			t.Errorf("%d in flight", got)
		}
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		skips := 0
		for _, one := range sink.got {
			if one.Outcome == Skipped && one.Error == tooLate {
				skips++
			}
		}
		if most != mostInFlight || skips < n-mostInFlight {
			t.Errorf("%d in flight at most, %d skipped", most, skips)
		}
	})
}

// The sink has no way to delay a probe: while it hangs, those in flight end and
// give their place and target free.
func TestSinkDelaysNoProbeInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		prober := &answers{answer: func(ctx context.Context, _ Attempt, _ int) Sample {
			sleepUntil(ctx, time.Now().Add(time.Second))
			return Sample{Outcome: OK}
		}}
		sink := &fakeSink{takes: time.Hour}
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Minute)
		defer cancel()
		s := &Schedule{Targets: targets(100), Interval: time.Minute, Prober: prober, Sink: sink}
		ended := make(chan error)
		go func() { ended <- s.Run(ctx) }()
		time.Sleep(20 * time.Minute)
		sent := prober.total()
		// As many as there is room for, beside the one that the sink has in hand.
		if room := 4 * 100; sent != room+100 && sent != room || s.Status().InFlight != 0 {
			t.Errorf("%d probes sent, %d in flight", sent, s.Status().InFlight)
		}
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		if sent := prober.total(); len(sink.got) != sent {
			t.Errorf("%d samples kept of %d probes", len(sink.got), sent)
		}
	})
}

// Timers stand still while the machine sleeps. Where it slept through midnight the
// plan of yesterday is called off, and what was not sent is not sent in a burst.
func TestAnotherDayCallsThePlanOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(&MemoryLedger{})
		r := newRun(w.Schedule, nil)
		r.makeRoom(t.Context())
		p := r.plan(t.Context(), 0, time.Now().Add(time.Second))
		p.day, p.made = "1999-12-30", "1999-12-30" // as if made two days ago
		now := time.Now()
		if start := r.rest(t.Context(), p); !start.Equal(now.Add(defaultLead)) || !time.Now().Equal(now) {
			t.Errorf("the next pass starts in %v, known after %v", start.Sub(now), time.Since(now))
		}
		for _, turn := range p.turns {
			r.probes.Go(func() { r.take(t.Context(), turn) })
		}
		r.probes.Wait()
		if len(p.turns) != len(listed) || len(w.probed) != 0 || len(r.room) != 0 || len(r.queue) != 0 {
			t.Errorf("%d turns, %d probes, room for %d not given back", len(p.turns), len(w.probed), len(r.room))
		}
	})
}

// What has been planned and not yet set aside is spent as good as, for the next plan.
func TestPlansCountWhatIsPlanned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(&MemoryLedger{})
		r, start := newRun(w.Schedule, nil), time.Now()
		r.makeRoom(t.Context())
		first := r.plan(t.Context(), 0, start)
		cost := usd("0.005587") // of a pass, by the estimate
		want := stretch(w.Budget.shares(w.Targets, w.Profile), w.Interval, wholeDay, usd("1").Sub(cost))
		if got := r.terms(t.Context(), first.day, start).interval; got != want || got <= first.interval {
			t.Errorf("every %v, want %v after a first of %v", got, want, first.interval)
		}
		if left := r.notYetSetAside(first.day); !left.Equal(cost) {
			t.Errorf("%s planned", left)
		}
	})
}

// What was not sent stands in the series of what was, also where a larger cap had
// to be learned.
func TestSkippedHasTheCapOfTheLastProbe(t *testing.T) {
	synctest.Test(t, func(*testing.T) {
		w := newWorld(&MemoryLedger{})
		r, target := newRun(w.Schedule, nil), w.Targets[0]
		if got := r.skipped(target, time.Now(), "why").Cap; got != w.Profile.MaxTokens {
			t.Errorf("at first %d", got)
		}
		r.release(Sample{Target: target, Cap: 1000})
		if got := r.skipped(target, time.Now(), "why").Cap; got != 1000 {
			t.Errorf("after a probe with 1000: %d", got)
		}
	})
}

// A turn for which money is only set aside, by this process, is skipped and says so.
func TestTurnRefusedForMoneyInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(&MemoryLedger{})
		w.Targets, w.Budget.Cap = w.Targets[:1], usd("0.003")
		r := newRun(w.Schedule, nil)
		r.makeRoom(t.Context())
		turn := r.plan(t.Context(), 0, time.Now().Add(time.Second)).turns[0]
		if _, err := w.Budget.Reserve(t.Context(), turn.day, w.Targets[0], w.Profile); err != nil {
			t.Fatal(err)
		}
		s, made := r.attempt(t.Context(), turn)
		if !made || s.Outcome != Skipped || s.Refused == nil || s.Refused.Refusal != BudgetSetAside || len(w.probed) != 0 {
			t.Errorf("%v, %v %q, refused %+v", made, s.Outcome, s.Error, s.Refused)
		}
	})
}
