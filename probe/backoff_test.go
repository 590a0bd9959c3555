package probe

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// answers is a prober that answers by attempt, counted from 1 for each target.
type answers struct {
	mu       sync.Mutex
	sent     map[string][]time.Time
	prepared map[string][]time.Time
	answer   func(ctx context.Context, a Attempt, n int) Sample
	prepare  func(ctx context.Context, t Target)
}

func (f *answers) Prepare(ctx context.Context, t Target, _ Profile) {
	f.mu.Lock()
	if f.prepared == nil {
		f.prepared = map[string][]time.Time{}
	}
	f.prepared[t.Name] = append(f.prepared[t.Name], time.Now())
	f.mu.Unlock()
	if f.prepare != nil {
		f.prepare(ctx, t)
	}
}

func (f *answers) Probe(ctx context.Context, a Attempt) Sample {
	f.mu.Lock()
	if f.sent == nil {
		f.sent = map[string][]time.Time{}
	}
	f.sent[a.Target.Name] = append(f.sent[a.Target.Name], time.Now())
	n := len(f.sent[a.Target.Name])
	f.mu.Unlock()
	s := Sample{Outcome: OK, Status: 200}
	if f.answer != nil {
		s = f.answer(ctx, a, n)
	}
	s.Target, s.At = a.Target.Identity(), time.Now().UTC()
	return s
}

// total is how many attempts were sent so far.
func (f *answers) total() (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, times := range f.sent {
		n += len(times)
	}
	return n
}

// passOf is the number of the pass in which each probe was sent, where passes
// are an interval apart and begin after the lead.
func passOf(start time.Time, interval time.Duration, sent []time.Time) []int {
	passes := make([]int, len(sent))
	for i, at := range sent {
		passes[i] = int(at.Sub(start.Add(defaultLead)) / interval)
	}
	return passes
}

// Which passes a target is probed in, of those that are a minute apart.
func TestBackoff(t *testing.T) {
	always := func(s Sample) func(int) Sample { return func(int) Sample { return s } }
	down := Sample{Outcome: ServerError, Status: 503}
	for _, tc := range []struct {
		name   string
		answer func(n int) Sample
		want   []int
	}{
		{"all well", always(Sample{Outcome: OK}), []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}},
		// Three in a row, then every 2nd, 4th, 8th pass, then 10 minutes apart at the most.
		{"down", always(down), []int{0, 1, 2, 4, 8, 16}},
		{"up again at the 5th", func(n int) Sample {
			if n < 5 {
				return down
			}
			return Sample{Outcome: OK}
		}, []int{0, 1, 2, 4, 8, 9, 10, 11, 12}},
		{"now and then", func(n int) Sample {
			if n%3 != 0 {
				return down
			}
			return Sample{Outcome: OK}
		}, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}},
		{"no such model", always(Sample{Outcome: NotFound, Status: 404}), []int{0, 2, 6, 14}},
		{"no key", always(Sample{Outcome: Auth, Status: 401}), []int{0, 2, 6, 14}},
		{"a request refused and learnt from", func(n int) Sample {
			if n == 1 {
				return Sample{Outcome: BadRequest, Status: 400, Learned: "max_tokens"}
			}
			return Sample{Outcome: OK}
		}, []int{0, 1, 2, 3, 4}},
		{"stopped by hand", always(Sample{Outcome: Cancelled}), []int{0, 1, 2, 3, 4, 5, 6, 7}},
		{"offline", always(Sample{Outcome: Network, Flags: ClientOffline}), []int{0, 1, 2, 3, 4, 5, 6, 7}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				prober := &answers{answer: func(_ context.Context, _ Attempt, n int) Sample { return tc.answer(n) }}
				start, sink := time.Now(), &fakeSink{}
				s := &Schedule{Targets: targets(1), Interval: time.Minute, Prober: prober, Sink: sink}
				runFor(t, s, defaultLead+40*time.Minute)
				got := passOf(start, time.Minute, prober.sent["t0"])
				if len(got) < len(tc.want) || !slices.Equal(got[:len(tc.want)], tc.want) {
					t.Errorf("probed in passes %v, want %v ...", got, tc.want)
				}
				for i := 1; i < len(got); i++ {
					if gap := prober.sent["t0"][i].Sub(prober.sent["t0"][i-1]); gap > longestBackoff+s.Interval { // with the jitter
						t.Errorf("%v between two probes", gap)
					}
				}
				if len(sink.got) != len(got) {
					t.Errorf("%d samples of %d probes: a turn that is left out has none", len(sink.got), len(got))
				}
			})
		})
	}
}

func TestRateLimitIsRespected(t *testing.T) {
	for _, tc := range []struct {
		name  string
		asked func(n int) Measured[time.Duration]
		gaps  []time.Duration // at least, and at most two minutes more
	}{
		{"as told", func(int) Measured[time.Duration] { return Known(7 * time.Minute) }, []time.Duration{7 * time.Minute, 7 * time.Minute}},
		{"at once", func(int) Measured[time.Duration] { return Known(time.Duration(0)) }, []time.Duration{0, 0}},
		{"an hour", func(int) Measured[time.Duration] { return Known(time.Hour) }, []time.Duration{time.Hour, time.Hour}},
		{
			"untold", func(int) Measured[time.Duration] { return Measured[time.Duration]{} },
			[]time.Duration{2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 15 * time.Minute, 15 * time.Minute},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				prober := &answers{answer: func(_ context.Context, _ Attempt, n int) Sample {
					return Sample{Outcome: RateLimited, Status: 429, RetryAfter: tc.asked(n), Error: "429 Too Many Requests"}
				}}
				s := &Schedule{Targets: targets(1), Interval: time.Minute, Prober: prober, Sink: &fakeSink{}}
				runFor(t, s, 3*time.Hour)
				for i, want := range tc.gaps {
					if gap := prober.sent["t0"][i+1].Sub(prober.sent["t0"][i]); gap < want || gap > want+2*time.Minute {
						t.Errorf("gap %d: %v, want %v", i, gap, want)
					}
				}
			})
		})
	}
}

func TestStatusOfABackedOffTarget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		prober := &answers{answer: func(_ context.Context, a Attempt, _ int) Sample {
			switch a.Target.Name {
			case "t0":
				return Sample{Outcome: ServerError, Status: 503, Error: "503 Service Unavailable"}
			case "t1":
				return Sample{Outcome: RateLimited, Status: 429, RetryAfter: Known(time.Hour), Error: "429 Too Many Requests"}
			}
			return Sample{Outcome: OK}
		}}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		s := &Schedule{Targets: targets(3), Interval: time.Minute, Prober: prober, Sink: &fakeSink{}}
		if idle := s.Status(); !idle.Next.IsZero() || len(idle.Targets) != 3 || idle.Interval != time.Minute || idle.Budget != nil {
			t.Errorf("before: %+v", idle)
		}
		ended := make(chan error)
		go func() { ended <- s.Run(ctx) }()
		time.Sleep(5*time.Minute + 5*time.Second) // four failures, in passes 0, 1, 2 and 4
		got, now := s.Status(), time.Now()
		if got.Next.IsZero() || got.Next.Sub(now) > 2*time.Minute {
			t.Errorf("next in %v", got.Next.Sub(now))
		}
		down, limited, well := got.Targets[0], got.Targets[1], got.Targets[2]
		if down.State != TargetBackingOff || down.Failures != 4 || down.Reason != "server_error: 503 Service Unavailable" ||
			down.Until.Sub(now) < 2*time.Minute || down.Until.Sub(now) > 5*time.Minute {
			t.Errorf("down: %+v, %v from now", down, down.Until.Sub(now))
		}
		if limited.State != TargetBackingOff || limited.Failures != 0 || limited.Until.Sub(now) < 50*time.Minute || !strings.Contains(limited.Reason, "429") {
			t.Errorf("limited: %+v", limited)
		}
		if well != (TargetStatus{Name: "t2", State: TargetOn}) {
			t.Errorf("well: %+v", well)
		}
		if err := <-ended; err != nil || !s.Status().Next.IsZero() {
			t.Errorf("%v; next %v", err, s.Status().Next)
		}
	})
}

// A target's own interval is never undercut, and its average is near it.
func TestTargetInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		prober, all := &answers{}, targets(4)
		all[1].Interval, all[2].Interval, all[3].Interval = 150*time.Second, 10*time.Minute, 30*time.Second
		s := &Schedule{Targets: all, Interval: time.Minute, Prober: prober, Sink: &fakeSink{}, Rand: rand.New(rand.NewPCG(7, 8))}
		const hours = 10
		runFor(t, s, hours*time.Hour+defaultLead)
		for i, every := range []time.Duration{time.Minute, 150 * time.Second, 10 * time.Minute, time.Minute} {
			sent := prober.sent[fmt.Sprintf("t%d", i)]
			if most := int(hours * time.Hour / every); len(sent) > most+1 || len(sent) < most*9/10 {
				t.Errorf("every %v: %d probes in %d h", every, len(sent), hours)
			}
			for j := 1; j < len(sent) && every > time.Minute; j++ {
				if gap := sent[j].Sub(sent[j-1]); gap < every {
					t.Errorf("every %v: again after %v", every, gap)
				}
			}
		}
	})
}
