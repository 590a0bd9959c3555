package probe

import (
	"context"
	"errors"
	"time"

	"github.com/shopspring/decimal"
)

// turn is one target's in one pass.
type turn struct {
	target Target
	due    time.Time
	day    Day // when it is due, as planned
	// slot is the time there is for it, lead how long before due it begins,
	// every how far apart the target's turns are.
	slot, lead, every time.Duration
	usd               decimal.Decimal // the worst case, as planned
	network           *networkWatch
	asked             bool // by a person, beside the passes
}

// late reports whether the time of a turn has passed: this process was stopped,
// or the machine slept.
func (t *turn) late() bool { return time.Since(t.due) > t.grace() }

func (t *turn) grace() time.Duration { return max(t.slot, latest) }

// take takes a turn, from its lead to its sample.
func (r *run) take(ctx context.Context, t *turn) {
	defer Recover(r.cancel)
	defer t.network.leave()
	defer r.off(t)
	s, made := r.attempt(ctx, t)
	switch {
	case made:
		t.network.take(t.target, s)
		return
	case ctx.Err() != nil:
		t.network.cut()
	}
	<-r.room
}

// attempt sets money aside, sends the probe when it is due, and settles. It is
// false where there is nothing to be kept of the turn.
func (r *run) attempt(ctx context.Context, t *turn) (Sample, bool) {
	if !sleepUntil(ctx, t.due.Add(-t.lead)) || !r.starts(t) {
		return Sample{}, false
	}
	if t.late() {
		return r.skip(t, tooLate), true
	}
	if r.Budget == nil {
		return r.send(ctx, t)
	}
	now := time.Now()
	day := DayOf(now.Add(max(0, t.due.Sub(now)))) // the clock may have been set since
	money, err := r.Budget.Reserve(ctx, day, t.target, r.Profile)
	if err != nil {
		var refused *RefusedError
		switch {
		case errors.As(err, &refused) && refused.Refusal == BudgetSpent:
			r.findSpent(day) // the planner says so, once for each target
			return Sample{}, false
		case ctx.Err() != nil:
			return Sample{}, false
		}
		s := r.skip(t, err.Error())
		s.Refused = refused
		return s, true
	}
	s, sent := r.send(ctx, t)
	if !sent {
		s.Outcome = Skipped
	}
	r.log(money.Settle(ctx, s))
	return s, sent
}

// The reasons of skipped samples.
const (
	tooLate    = "its time had passed"
	stillGoing = "the previous probe had not ended"
)

// send prepares the probe, and makes it once it is due. It is false where ctx
// ended before.
func (r *run) send(ctx context.Context, t *turn) (Sample, bool) {
	// What takes longer is left to the attempt, which measures from when it
	// sends: a host that cannot be reached must not look like a late turn.
	lead, cancel := context.WithDeadline(ctx, t.due)
	r.Prober.Prepare(lead, t.target, r.Profile)
	cancel()
	if !sleepUntil(ctx, t.due) {
		return Sample{}, false
	}
	if r.held(t) {
		return Sample{}, false
	}
	if !r.enter(t) {
		return r.skip(t, stillGoing), true
	}
	defer r.done(t.target.Name)
	if free, ended := r.place(ctx, t); ended {
		return Sample{}, false
	} else if !free {
		return r.skip(t, tooLate), true
	}
	defer func() { <-r.places }()
	return r.Prober.Probe(r.probing, Attempt{Target: t.target, Profile: r.Profile, Due: t.due}), true
}

// place waits for a place among those in flight: free is false where there was
// none in time, ended where ctx ended first.
func (r *run) place(ctx context.Context, t *turn) (free, ended bool) {
	if t.late() {
		return false, false
	}
	timer := time.NewTimer(time.Until(t.due.Add(t.grace())))
	defer timer.Stop()
	select {
	case r.places <- struct{}{}:
		return true, false
	case <-timer.C:
		return false, false
	case <-ctx.Done():
		return false, true
	}
}

// starts reports whether a turn that has come is taken: it was not called off,
// and its target is not left alone.
func (r *run) starts(t *turn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, waiting := r.waiting[t]; !waiting || r.stopped(t) {
		return false
	}
	if !t.asked && r.backoffs[t.target.Name].turn(t.due, t.every) {
		return false
	}
	r.waiting[t] = true
	return true
}

// held reports whether the target is left alone since the turn was begun: what came
// before it may have ended meanwhile, with a rate limit, or somebody has paused.
func (r *run) held(t *turn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stopped(t) || !t.asked && r.backoffs[t.target.Name].holds(t.due, t.every)
}

// enter takes the target for a turn; false while it is taken.
func (r *run) enter(t *turn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.waiting, t)
	if r.inFlight[t.target.Name] {
		return false
	}
	r.inFlight[t.target.Name] = true
	r.backoffs[t.target.Name].sent(t.due, t.every)
	return true
}

func (r *run) done(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.inFlight, name)
}

// off says that a turn is not waited for any more.
func (r *run) off(t *turn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.waiting, t)
	if t.asked {
		delete(r.asked, t.target.Name)
	}
}

// release hands a sample on for good. It does not block: room was made for it.
func (r *run) release(s Sample) {
	r.mu.Lock()
	if b := r.backoffs[s.Target.Name]; b != nil {
		b.ended(s, time.Now())
	}
	r.caps[s.Target.Name] = s.Cap
	r.mu.Unlock()
	r.queue <- s
}

func (r *run) skip(t *turn, reason string) Sample {
	now := time.Now()
	return r.skipped(t.target, now.Add(t.due.Sub(now)), reason)
}
