package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"costping/probe"
	"costping/ui/compare"
	"costping/ui/config"
	"costping/ui/dashboard/theme"

	"github.com/charmbracelet/x/ansi"
)

// scripted answers each attempt at a target with the next of its outcomes, the
// last one for ever, after 100 ms.
type scripted struct {
	mu       sync.Mutex
	answers  map[string][]probe.Sample
	sent     []string // names in the order of sending
	times    []time.Time
	inFlight int
	most     int // in flight at once
}

func (s *scripted) Probe(ctx context.Context, a probe.Attempt) probe.Sample {
	s.mu.Lock()
	s.sent = append(s.sent, a.Target.Name)
	s.times = append(s.times, time.Now())
	s.inFlight++
	s.most = max(s.most, s.inFlight)
	answers := s.answers[a.Target.Name]
	sample := answers[0]
	if len(answers) > 1 {
		s.answers[a.Target.Name] = answers[1:]
	}
	s.mu.Unlock()
	sample.Target, sample.At = a.Target, time.Now()
	if a.Cold {
		sample.Flags |= probe.Cold
	}
	if !pause(ctx, 100*time.Millisecond) {
		sample = probe.Sample{Target: a.Target, At: sample.At, Outcome: probe.Cancelled}
	}
	s.mu.Lock()
	s.inFlight--
	s.mu.Unlock()
	return sample
}

var (
	fine    = probe.Sample{Outcome: probe.OK, Status: 200, TTFT: probe.Known(80 * time.Millisecond), E2E: probe.Known(100 * time.Millisecond)}
	cached  = probe.Sample{Outcome: probe.OK, Status: 200, Flags: probe.CacheHit, TTFT: probe.Known(10 * time.Millisecond)}
	broken  = probe.Sample{Outcome: probe.ServerError, Status: 500, Error: "500 Internal Server Error"}
	refused = probe.Sample{Outcome: probe.Network, Error: "connection refused"}
	limit7  = probe.Sample{Outcome: probe.RateLimited, Status: 429, Error: "429", RetryAfter: probe.Known(7 * time.Second)}
	vague   = probe.Sample{Outcome: probe.RateLimited, Status: 429, Error: "429"}
	never   = probe.Sample{Outcome: probe.RateLimited, Status: 429, Error: "429", RetryAfter: probe.Known(time.Hour)}
	wrong   = probe.Sample{Outcome: probe.BadRequest, Status: 400, Error: "400"}
	stalled = probe.Sample{Outcome: probe.OK, Status: 200, Flags: probe.ClientStalled, TTFT: probe.Known(900 * time.Millisecond)}
	skipped = probe.Sample{Outcome: probe.Skipped, Error: "the budget is spent"}
	learned = probe.Sample{Outcome: probe.BadRequest, Status: 400, Error: "400", Learned: "another cap field"}
)

func namedTargets(names ...string) []probe.Target {
	var targets []probe.Target
	for _, name := range names {
		targets = append(targets, probe.Target{Name: name})
	}
	return targets
}

func repeat(s probe.Sample, n int, then ...probe.Sample) []probe.Sample {
	var all []probe.Sample
	for range n {
		all = append(all, s)
	}
	return append(all, then...)
}

// How many probes a run makes, how long it takes and why it ends.
func TestRunEnds(t *testing.T) {
	t.Parallel()
	until := plan{quantile: 0.5, probes: 6}
	for name, tc := range map[string]struct {
		plan    plan
		answers []probe.Sample
		probes  int
		took    time.Duration
		gaveUp  string
	}{
		"a number":                {plan{probes: 4}, repeat(fine, 1), 4, 400 * time.Millisecond, ""},
		"a number, some fail":     {plan{probes: 4}, repeat(broken, 4), 4, 400 * time.Millisecond, ""},
		"a number, hopeless":      {plan{probes: 4}, repeat(wrong, 1), 1, 100 * time.Millisecond, "400"},
		"a number, learned":       {plan{probes: 4}, repeat(learned, 1, fine), 5, 500 * time.Millisecond, ""},
		"a number, stalled":       {plan{probes: 10}, repeat(stalled, 4, fine), 10, time.Second, ""},
		"a number, learns on":     {plan{probes: 1}, repeat(learned, 1), 4, 400 * time.Millisecond, ""},
		"at once, learned":        {plan{probes: 8, concurrency: 4}, repeat(learned, 4, fine), 12, 300 * time.Millisecond, ""},
		"until, learned":          {until, repeat(learned, 1, fine), 7, 700 * time.Millisecond, ""},
		"a number, refused":       {plan{probes: 9}, repeat(refused, 1), 3, 300 * time.Millisecond, "connection refused"},
		"a number, limited":       {plan{probes: 9}, repeat(limit7, 1), 3, 300 * time.Millisecond, "429"},
		"at once":                 {plan{probes: 10, concurrency: 5}, repeat(fine, 1), 10, 200 * time.Millisecond, ""},
		"until":                   {until, repeat(fine, 1), 6, 600 * time.Millisecond, ""},
		"until, failures between": {until, repeat(broken, 3, cached, fine), 10, time.Second, ""},
		"until, cold":             {plan{quantile: 0.5, probes: 6, cold: true}, repeat(fine, 1), 6, 600 * time.Millisecond, ""},
		"until, waits":            {until, repeat(fine, 2, limit7, limit7, fine), 8, 14*time.Second + 800*time.Millisecond, ""},
		"until, waits longer":     {until, repeat(vague, 3, fine), 9, 14*time.Second + 900*time.Millisecond, ""},
		"until, too long a wait":  {until, repeat(never, 1), 1, 100 * time.Millisecond, "the server asks to wait 1h0m0s"},
		"until, always limited":   {until, repeat(limit7, 1), 5, 28*time.Second + 500*time.Millisecond, "rate limited 5 times in a row"},
		"until, always broken":    {until, repeat(broken, 1), 10, time.Second, "10 of 10 probes failed or did not count"},
		"until, always cached":    {until, repeat(cached, 1), 10, time.Second, "10 of 10 probes failed or did not count"},
		"until, hopeless":         {until, repeat(fine, 2, wrong), 3, 300 * time.Millisecond, "400"},
		"until, at once":          {plan{quantile: 0.5, probes: 6, concurrency: 4}, repeat(broken, 1, fine), 7, 200 * time.Millisecond, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tc.plan.targets = namedTargets("a")
				s := &scripted{answers: map[string][]probe.Sample{"a": tc.answers}}
				kept := 0
				r := newProbing(tc.plan, s, func(probe.Sample) { kept++ })
				start := time.Now()
				r.run(t.Context())
				took := time.Since(start)
				if len(s.sent) != tc.probes || kept != tc.probes || took != tc.took || r.targets[0].gaveUp != tc.gaveUp {
					t.Errorf("%d probes, %d kept, in %v, gave up %q", len(s.sent), kept, took, r.targets[0].gaveUp)
				}
			})
		})
	}
}

// Each target is first as often as the others, all of a round are sent at one
// instant, and one that has given up holds nobody back.
func TestRoundsAreFair(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{answers: map[string][]probe.Sample{"a": {fine}, "b": {fine}, "c": {wrong}}}
		r := newProbing(plan{targets: namedTargets("a", "b", "c"), probes: 6, cold: true}, s, func(probe.Sample) {})
		r.run(t.Context())
		if got := strings.Join(s.sent, ""); got != "abc"+"ba"+"ab"+"ab"+"ba"+"ab" {
			t.Errorf("one after another: %s", got)
		}
		if s.most != 1 {
			t.Errorf("%d in flight at once, which could share a connection", s.most)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{answers: map[string][]probe.Sample{"a": {fine}, "b": {limit7, fine}, "c": {fine}}}
		r := newProbing(plan{targets: namedTargets("a", "b", "c"), probes: 6, quantile: 0.5}, s, func(probe.Sample) {})
		r.run(t.Context())
		at := map[int64]string{}
		for i, name := range s.sent {
			at[s.times[i].Sub(r.started).Milliseconds()] += name
		}
		if len(at[0]) != 3 || len(at[100]) != 2 || len(at[500]) != 2 || at[7100] != "b" || at[7600] != "b" || len(s.sent) != 19 {
			t.Errorf("%v", at)
		}
		for _, target := range r.targets {
			for i := 1; i < len(target.trials); i++ {
				if target.trials[i].Round <= target.trials[i-1].Round {
					t.Errorf("%s has two trials in one round: %+v", target.Name, target.trials)
				}
			}
		}
	})
}

// An interruption ends a wait, and a probe, at once.
func TestInterruption(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]time.Duration{"in a wait": 3 * time.Second, "in a probe": 50 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), after)
				defer cancel()
				s := &scripted{answers: map[string][]probe.Sample{"a": {limit7}}}
				r := newProbing(plan{targets: namedTargets("a"), probes: 6, quantile: 0.5}, s, func(probe.Sample) {})
				r.run(ctx)
				if took := time.Since(r.started); took != after {
					t.Errorf("it ended after %v", took)
				}
			})
		})
	}
}

// What the line under way says, and that it keeps to the terminal.
func TestStatus(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{answers: map[string][]probe.Sample{"a": repeat(fine, 7, limit7, fine)}}
		r := newProbing(plan{targets: namedTargets("a"), probes: 76, quantile: 0.95}, s, func(probe.Sample) {})
		var mu sync.Mutex
		lines := map[int]string{}
		r.ended = func() {
			state := r.status()
			mu.Lock()
			defer mu.Unlock()
			lines[len(s.sent)] = state.line(80, theme.New(theme.ASCII(), false))
			for width := 1; width < 120; width++ {
				line := state.line(width, theme.New(theme.Unicode(), true))
				if w := ansi.StringWidth(line); w > max(1, width-1) {
					t.Errorf("%d columns in %d: %s", w, width, line)
				}
			}
		}
		go func() {
			time.Sleep(3 * time.Second) // of the bubble's clock
			mu.Lock()
			defer mu.Unlock()
			lines[-1] = r.status().line(80, theme.New(theme.ASCII(), false))
		}()
		r.run(t.Context())
		for n, want := range map[int]string{
			1:  "a ........................................ 1/76  ETA 8 s",
			7:  "a ###..................................... 7/76  p50 80 ms  ETA 7 s",
			-1: "a ###.............................. 7/76  p50 80 ms  rate limited, again in 5 s",
			77: "a ######################################## 76/76  p50 80 ms  ETA 0 s",
		} {
			if lines[n] != want {
				t.Errorf("after %d: got\n%s\nwant\n%s", n, lines[n], want)
			}
		}
	})
}

// The time left is told from complete waves only: within the first one as many
// are under way as have ended, and would be taken for slow.
func TestTimeLeft(t *testing.T) {
	t.Parallel()
	const unknown = -1
	for name, tc := range map[string]struct {
		plan   plan
		end    []string        // what ends, 100 ms after the one before
		left   []time.Duration // after each, as far as is given
		pace   string
		answer probe.Sample
	}{
		"one at a time": {plan{probes: 64}, []string{"a", "a"}, []time.Duration{6300, 6200}, "0.10 s a probe", fine},
		"four at once": {
			plan{probes: 10, concurrency: 4},
			[]string{"a", "a", "a", "a", "a", "a", "a", "a", "a", "a"},
			[]time.Duration{unknown, unknown, unknown, 800, 700, 600, 500, 400, 300, 200},
			"0.40 s for 4 probes", fine,
		},
		"two targets":      {plan{probes: 2}, []string{"a", "b", "b"}, []time.Duration{unknown, 200, 100}, "0.20 s for 2 probes", fine},
		"until":            {plan{probes: 6, quantile: 0.5, concurrency: 3}, []string{"a", "a", "a"}, []time.Duration{unknown, unknown, 300}, "0.30 s for 3 probes", fine},
		"none that counts": {plan{probes: 6, quantile: 0.5}, []string{"a", "a"}, []time.Duration{unknown, unknown}, "", broken},
		"made again":       {plan{probes: 6}, []string{"a"}, []time.Duration{unknown}, "", learned},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tc.plan.targets = namedTargets("a")
				if slices.Contains(tc.end, "b") {
					tc.plan.targets = namedTargets("a", "b")
				}
				r := newProbing(tc.plan, nil, func(probe.Sample) {})
				var last status
				for i, name := range tc.end {
					time.Sleep(100 * time.Millisecond) // of the bubble's clock
					target := r.targets[strings.Index("ab", name)]
					target.begun++
					target.inFlight++
					r.end(target, i, tc.answer)
					last = r.status()
					if left, want := last.left, tc.left[i]*time.Millisecond; left.Known != (want >= 0) || left.Known && left.Value != want {
						t.Errorf("after %d: %+v left, want %v", i+1, left, want)
					}
				}
				if last.pace != tc.pace {
					t.Errorf("pace %q, want %q", last.pace, tc.pace)
				}
			})
		})
	}
}

// What was held back was not sent, and is not counted as if it had been.
func TestFailure(t *testing.T) {
	t.Parallel()
	for want, samples := range map[string][]probe.Sample{
		"no probe was sent: the budget is spent":                                                                          {skipped},
		"the probe failed: 500 Internal Server Error ()":                                                                  {broken},
		"the probe failed: connection refused (); then: the budget is spent":                                              {refused, skipped},
		"all 2 probes failed (1 server_error, 1 network), the last one: connection refused (); then: the budget is spent": {broken, refused, skipped},
	} {
		target := &probedTarget{gaveUp: "the budget is spent"}
		for i, s := range samples {
			target.trials = append(target.trials, compare.Trial{Round: i, Sample: s})
		}
		p := &probeCommand{}
		p.targets = namedTargets("a")
		if got := p.failure(target); got.Error() != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestMatching(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]string{
		"gpt-4o": "gpt-4o", "gpt-*": "gpt-4o gpt-4o-mini", "*": "gpt-4o gpt-4o-mini meta/llama", "*llama": "meta/llama",
		"m*": "meta/llama", "GPT*": "", "[": "", "gpt": "",
	} {
		var names []string
		for _, target := range matching(configured("gpt-4o", "gpt-4o-mini", "meta/llama"), pattern) {
			names = append(names, target.Name)
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s: %s, want %s", pattern, got, want)
		}
	}
}

// What a run of several targets comes to, in order and against the fastest.
func TestRanking(t *testing.T) {
	t.Parallel()
	r := newProbing(plan{targets: namedTargets("slow", "none", "fast")}, nil, nil)
	var digests []compare.Digest
	for i, ttft := range []time.Duration{300 * time.Millisecond, 0, 100 * time.Millisecond} {
		for round := range 8 {
			s := broken
			if ttft > 0 {
				s = fine
				s.TTFT = probe.Known(ttft + time.Duration(round)*time.Millisecond)
			}
			s.Target = r.targets[i].Target
			r.targets[i].trials = append(r.targets[i].trials, compare.Trial{Round: round, Sample: s})
		}
		digests = append(digests, compare.DigestOf(samplesOf(r.targets[i].trials), false))
	}
	var got []string
	for _, row := range versusTable(ranking(r, digests)).Rows {
		got = append(got, fmt.Sprintf("%s %s", row[0].Text, row[len(row)-1].Text))
	}
	want := "fast fastest|slow 2.93× slower (2.89-2.98)|none too few to compare (n=0)"
	if strings.Join(got, "|") != want {
		t.Errorf("got %s, want %s", strings.Join(got, "|"), want)
	}
}

func configured(names ...string) []config.Target {
	var targets []config.Target
	for _, name := range names {
		targets = append(targets, config.Target{Target: probe.Target{Name: name}})
	}
	return targets
}
