package cli

import (
	"context"
	"fmt"
	"sync"
	"time"

	"costping/probe"
	"costping/ui/compare"
)

// plan is what a run is to do.
type plan struct {
	targets []probe.Target
	profile probe.Profile
	// probes are made of each target; where quantile is not 0, that many have to
	// count, so that the quantile has its interval.
	probes      int
	quantile    float64
	concurrency int
	cold        bool
	slo         compare.SLO
}

// prober makes an attempt; *probe.Client, or a test's.
type prober interface {
	Probe(ctx context.Context, a probe.Attempt) probe.Sample
}

// probing is a run. Its lanes each go through rounds of their own; in a round all
// targets are probed at once, or one after another where each opens its own
// connection, in an order that is rotated from round to round.
type probing struct {
	plan
	prober prober
	// keep is called for each sample, by one goroutine at a time, as is ended
	// after it.
	keep  func(probe.Sample)
	ended func()

	mu      sync.Mutex
	started time.Time
	targets []*probedTarget
	waves   waves
}

// probedTarget is how far a run is with one target.
type probedTarget struct {
	probe.Target
	trials                    []compare.Trial
	begun, inFlight, counting int
	// again counts the probes that are made once more.
	again int
	// wait is until when the server asked to be left alone, refused how many
	// times in a row.
	wait    time.Time
	refused int
	// gaveUp says why no more probes are made, "" where there is no such reason.
	gaveUp string
}

func newProbing(p plan, prober prober, keep func(probe.Sample)) *probing {
	r := &probing{plan: p, prober: prober, keep: keep, ended: func() {}, started: time.Now()}
	for _, t := range p.targets {
		r.targets = append(r.targets, &probedTarget{Target: t})
	}
	return r
}

// run probes until the plan is done, there is no point in going on, or ctx ends.
func (r *probing) run(ctx context.Context) {
	r.started = time.Now()
	var lanes sync.WaitGroup
	for lane := range max(1, r.concurrency) {
		lanes.Go(func() { r.lane(ctx, lane) })
	}
	lanes.Wait()
}

func (r *probing) lane(ctx context.Context, lane int) {
	for round := lane; ctx.Err() == nil; {
		wave, again := r.next(round)
		if len(wave) == 0 {
			if again.IsZero() || !pause(ctx, time.Until(again)) {
				return
			}
			continue
		}
		var probes sync.WaitGroup
		for _, t := range wave {
			attempt := func() {
				r.end(t, round, r.prober.Probe(ctx, probe.Attempt{Target: t.Target, Profile: r.profile, Cold: r.cold, Concurrency: r.concurrency}))
			}
			if r.cold { // at once, two of them could share a connection
				attempt()
			} else {
				probes.Go(attempt)
			}
		}
		probes.Wait()
		round += max(1, r.concurrency)
	}
}

// next are the targets of a round. Where all that are left have to wait, it is the
// instant at which the first need not; zero where none is left.
func (r *probing) next(round int) (wave []*probedTarget, again time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	for i := range r.targets {
		t := r.targets[(i+round)%len(r.targets)]
		switch {
		case !r.open(t):
		case now.Before(t.wait):
			if again.IsZero() || t.wait.Before(again) {
				again = t.wait
			}
		default:
			t.begun++
			t.inFlight++
			wave = append(wave, t)
		}
	}
	return wave, again
}

// open reports whether another probe of the target is wanted now.
func (r *probing) open(t *probedTarget) bool {
	switch {
	case t.gaveUp != "":
		return false
	case r.quantile > 0:
		return t.counting+t.inFlight < r.probes
	}
	return t.begun < r.probes+t.again
}

// spoilt says that a probe shows nothing of the target: it only taught the client
// how to ask, or this machine got in its way.
func spoilt(s probe.Sample) bool { return s.Learned != "" || s.Flags.Has(probe.ClientStalled) }

// mostAgain is how many such probes of a target are made once more.
func (r *probing) mostAgain() int { return 3 + r.probes/5 }

// end takes the sample of an attempt.
func (r *probing) end(t *probedTarget, round int, s probe.Sample) {
	r.mu.Lock()
	t.inFlight--
	if s.Refused != nil && s.Refused.Refusal == probe.BudgetSetAside {
		t.begun-- // there may be money for it once those in flight have been settled
		t.wait = time.Now().Add(untilSettled)
		r.mu.Unlock()
		return
	}
	t.trials = append(t.trials, compare.Trial{Round: round, Sample: s})
	if compare.Counts(s, r.cold) {
		t.counting++
	}
	if r.quantile == 0 && spoilt(s) && t.again < r.mostAgain() {
		t.again++ // where a number has to count, others follow anyway
	}
	if s.Outcome == probe.RateLimited {
		t.refused++
	} else {
		t.refused = 0
	}
	if t.gaveUp == "" {
		t.gaveUp = r.pointless(t, s)
	}
	if r.quantile > 0 && s.Outcome == probe.RateLimited {
		t.wait = time.Now().Add(patience(s, t.refused))
	}
	r.waves.note(r, time.Now())
	r.keep(s)
	r.mu.Unlock()
	r.ended()
}

// untilSettled is how long a probe waits that has no money only because it is set
// aside for others.
const untilSettled = 50 * time.Millisecond

const (
	// refusals is how many answers of the same refusing kind in a row end a run:
	// to go on at once would only be a nuisance.
	refusals = 3
	// limited is how many times in a row a run that waits is sent away.
	limited = 5
	// longestWait is how long such a run waits at the most.
	longestWait = 10 * time.Minute
)

// patience is how long a rate limit is waited out: what the server asks for, else
// a while that doubles.
func patience(s probe.Sample, refused int) time.Duration {
	if s.RetryAfter.Known {
		return s.RetryAfter.Value
	}
	return min(time.Second<<min(refused, 6), time.Minute)
}

// pointless says why there is no point in another probe, "" where there is. The
// caller holds the lock.
func (r *probing) pointless(t *probedTarget, last probe.Sample) string {
	if r.quantile == 0 {
		if givenUp(samplesOf(t.trials)) {
			return last.Error
		}
		return ""
	}
	missed := t.sent() - t.counting
	switch {
	case last.Outcome == probe.RateLimited && patience(last, 1) > longestWait:
		return fmt.Sprintf("the server asks to wait %s", last.RetryAfter.Value)
	case last.Outcome == probe.RateLimited && t.refused < limited:
	case last.Outcome == probe.RateLimited:
		return fmt.Sprintf("rate limited %d times in a row", t.refused)
	case givenUp(samplesOf(t.trials)):
		return last.Error
	}
	if missed >= max(10, r.probes/2) {
		return fmt.Sprintf("%d of %d probes failed or did not count", missed, t.sent())
	}
	return ""
}

// givenUp says that the next probe could only fail in the same way: at once where
// the configuration is at fault and the client has not learned better, after a few
// where the server does not want us.
func givenUp(samples []probe.Sample) bool {
	last := samples[len(samples)-1]
	switch last.Outcome {
	case probe.Auth, probe.NotFound, probe.BadRequest:
		return last.Learned == ""
	case probe.Skipped: // beyond the budget
		return true
	case probe.RateLimited, probe.Network:
		if len(samples) < refusals {
			return false
		}
		for _, s := range samples[len(samples)-refusals:] {
			if s.Outcome != last.Outcome {
				return false
			}
		}
		return true
	default:
		return false
	}
}

func samplesOf(trials []compare.Trial) []probe.Sample {
	samples := make([]probe.Sample, len(trials))
	for i, t := range trials {
		samples[i] = t.Sample
	}
	return samples
}

// measured reports whether any probe succeeded.
func (r *probing) measured() bool {
	for _, t := range r.targets {
		if t.succeeded() {
			return true
		}
	}
	return false
}

func (t *probedTarget) succeeded() bool {
	for _, trial := range t.trials {
		if trial.Sample.Outcome == probe.OK {
			return true
		}
	}
	return false
}

// sent counts the probes that were not held back.
func (t *probedTarget) sent() int {
	n := 0
	for _, trial := range t.trials {
		if trial.Sample.Outcome != probe.Skipped {
			n++
		}
	}
	return n
}

// pause waits; false when ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}
