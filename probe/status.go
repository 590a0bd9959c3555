package probe

import "time"

// Status is what a schedule is doing, at one instant: for screens and JSON.
type Status struct {
	// Next is when the next probe is due; zero before Run and after it.
	Next time.Time `json:"next,omitzero"`
	// Interval is the time from pass to pass, Reason why it is that long.
	Interval time.Duration `json:"interval_ns"`
	Reason   PaceReason    `json:"reason"`
	// InFlight is how many probes are being made.
	InFlight int `json:"in_flight"`
	// PausedSince is when somebody paused the probing; zero while it goes on.
	PausedSince time.Time `json:"paused_since,omitzero"`
	// Budget is nil where there is none.
	Budget *BudgetStatus `json:"budget,omitempty"`
	// Targets has one entry for each, in their order.
	Targets []TargetStatus `json:"targets"`
	// Checks are those that are made beside the passes, in their order.
	Checks []CheckStatus `json:"checks,omitempty"`
}

// CheckStatus is what becomes of a check of answers that is made again and again.
type CheckStatus struct {
	// Check is its name, such as "schema".
	Check  string `json:"check"`
	Target string `json:"target"`
	// Every is the time from one run to the next, Next when that is due.
	Every time.Duration `json:"every_ns"`
	Next  time.Time     `json:"next,omitzero"`
	// Running says that it is being made: Done of Of cases.
	Running bool `json:"running,omitempty"`
	Done    int  `json:"done,omitempty"`
	Of      int  `json:"of,omitempty"`
	// Said is what the last run came to, or why there is none; "" before the first.
	Said string `json:"said,omitempty"`
}

// TargetState says whether a target is probed.
type TargetState string

const (
	// TargetOn is probed at its interval.
	TargetOn TargetState = "on"
	// TargetBackingOff is left alone until a time, because it fails or
	// rate-limits.
	TargetBackingOff TargetState = "backing_off"
	// TargetUnfunded is beyond the budget until the UTC day ends.
	TargetUnfunded TargetState = "out_of_budget"
	// TargetOff is not probed because somebody said so.
	TargetOff TargetState = "off"
	// TargetTooDear is beyond the budget of any day: it is not probed until the
	// budget or the profile changes.
	TargetTooDear TargetState = "too_dear"
)

// turnedOff is the reason of a target that is off.
const turnedOff = "turned off"

// TargetStatus is what a schedule does with one target.
type TargetStatus struct {
	Name  string      `json:"name"`
	State TargetState `json:"state"`
	// Until is about when it is probed again, zero where no time will do, and
	// Reason why not before; both are empty for one that is on.
	Until  time.Time `json:"until,omitzero"`
	Reason string    `json:"reason,omitempty"`
	// Failures counts the failures since the last success: those held against
	// the provider, and what it refused as a fault of ours.
	Failures int `json:"consecutive_failures"`
	// Interval is its own: it is probed no more often. 0 where it has none.
	Interval time.Duration `json:"interval_ns,omitempty"`
	// InFlight says that it is being probed.
	InFlight bool `json:"in_flight,omitempty"`
}

// Status is a snapshot. It waits for nothing and reads no ledger.
func (s *Schedule) Status() Status {
	s.mu.Lock()
	r := s.run
	s.mu.Unlock()
	if r != nil {
		return r.status(time.Now())
	}
	status := Status{Interval: s.Interval, Reason: AsConfigured, Targets: []TargetStatus{}}
	if s.Budget != nil {
		status.Budget = s.Budget.status()
	}
	status.PausedSince = s.pausedAt()
	for _, t := range s.Targets {
		one := TargetStatus{Name: t.Name, State: TargetOn, Interval: t.Interval}
		if s.isOff(t.Name) {
			one.State, one.Reason = TargetOff, turnedOff
		}
		status.Targets = append(status.Targets, one)
	}
	return status
}

// next is the earliest turn that will be taken, as far as is known, or else the
// next pass; the caller holds the lock.
func (r *run) next() time.Time {
	next := time.Time{}
	for t := range r.waiting {
		if t.asked {
			return t.due
		}
		if !r.stopped(t) && !r.backoffs[t.target.Name].holds(t.due, t.every) && (next.IsZero() || t.due.Before(next)) {
			next = t.due
		}
	}
	if next.IsZero() && !r.isPaused() {
		return r.nextPass
	}
	return next
}

func (r *run) status(now time.Time) Status {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := Status{
		Next: r.next(), Interval: r.interval, Reason: r.reason,
		InFlight: len(r.places), PausedSince: r.pausedAt(), Targets: make([]TargetStatus, 0, len(r.Targets)),
	}
	today := DayOf(now)
	if r.Budget != nil {
		s.Budget = r.Budget.status()
		if s.Budget.Exhausted = r.spentOn == today; s.Budget.Exhausted {
			s.Budget.Resumes = today.End()
		}
	}
	for _, t := range r.Targets {
		b := r.backoffs[t.Name]
		one := TargetStatus{Name: t.Name, State: TargetOn, Interval: t.Interval, Failures: b.failures, InFlight: r.inFlight[t.Name]}
		until, refused := b.until(now), r.refused[t.Name]
		switch {
		case r.isOff(t.Name):
			one.State, one.Reason = TargetOff, turnedOff
		case refused.tooDear:
			one.State, one.Reason = TargetTooDear, refused.reason
		case refused.day == today:
			one.State, one.Until, one.Reason = TargetUnfunded, today.End(), refused.reason
		case !until.IsZero():
			one.State, one.Until, one.Reason = TargetBackingOff, until, b.reason
		}
		s.Targets = append(s.Targets, one)
	}
	return s
}
