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
	// Budget is nil where there is none.
	Budget *BudgetStatus `json:"budget,omitempty"`
	// Targets has one entry for each, in their order.
	Targets []TargetStatus `json:"targets"`
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
	// TargetTooDear is beyond the budget of any day: it is not probed until the
	// budget or the profile changes.
	TargetTooDear TargetState = "too_dear"
)

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
	for _, t := range s.Targets {
		status.Targets = append(status.Targets, TargetStatus{Name: t.Name, State: TargetOn})
	}
	return status
}

// next is the earliest turn that will be taken, as far as is known, or else the
// next pass; the caller holds the lock.
func (r *run) next() time.Time {
	next := time.Time{}
	for t := range r.waiting {
		if !r.backoffs[t.target.Name].holds(t.due, t.every) && (next.IsZero() || t.due.Before(next)) {
			next = t.due
		}
	}
	if next.IsZero() {
		return r.nextPass
	}
	return next
}

func (r *run) status(now time.Time) Status {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := Status{
		Next: r.next(), Interval: r.interval, Reason: r.reason,
		InFlight: len(r.places), Targets: make([]TargetStatus, 0, len(r.Targets)),
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
		one := TargetStatus{Name: t.Name, State: TargetOn, Failures: b.failures}
		until, refused := b.until(now), r.refused[t.Name]
		switch {
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
