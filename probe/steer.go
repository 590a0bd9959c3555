package probe

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// ErrNotRunning says that a schedule is not running, so that it can probe nothing.
var ErrNotRunning = errors.New("nothing is being probed now")

// ErrNoRoom says that the samples of earlier probes still wait to be kept.
var ErrNoRoom = errors.New("the samples of earlier probes are still waiting to be kept")

// UnknownTargetError names a target that a schedule does not have.
type UnknownTargetError struct{ Target string }

func (e *UnknownTargetError) Error() string {
	return fmt.Sprintf("there is no target %q among those that are probed", Sanitize(e.Target, maxNameText))
}

// steering is what a person has asked of a schedule. It outlives a run.
type steering struct {
	pausedSince time.Time // zero while it is not paused
	off         map[string]bool
}

// Pause stops the probing, or goes on with it: what is in flight is finished, and
// what was due meanwhile is not made up for.
func (s *Schedule) Pause(paused bool) {
	s.mu.Lock()
	switch {
	case !paused:
		s.steering.pausedSince = time.Time{}
	case s.steering.pausedSince.IsZero():
		s.steering.pausedSince = time.Now()
	}
	r := s.run
	s.mu.Unlock()
	if r != nil {
		r.nudge()
	}
}

// Enable says whether a target is probed from now on. It fails with an
// *UnknownTargetError.
func (s *Schedule) Enable(target string, on bool) error {
	if !s.Has(target) {
		return &UnknownTargetError{Target: target}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.steering.off == nil {
		s.steering.off = map[string]bool{}
	}
	if on {
		delete(s.steering.off, target)
	} else {
		s.steering.off[target] = true
	}
	return nil
}

// Has reports whether a target is one of the schedule's.
func (s *Schedule) Has(target string) bool {
	return slices.ContainsFunc(s.Targets, func(t Target) bool { return t.Name == target })
}

// EstimateNow is the most that ProbeNow of the same targets may cost, in USD; 0
// without a budget.
func (s *Schedule) EstimateNow(targets ...string) decimal.Decimal {
	var usd decimal.Decimal
	if s.Budget == nil {
		return usd
	}
	for _, t := range s.meant(targets) {
		usd = usd.Add(s.Budget.Estimate(t, s.Profile))
	}
	return usd
}

// meant are the named targets, or all that are on where none is named.
func (s *Schedule) meant(names []string) []Target {
	var targets []Target
	for _, t := range s.Targets {
		if len(names) == 0 && !s.isOff(t.Name) || slices.Contains(names, t.Name) {
			targets = append(targets, t)
		}
	}
	return targets
}

// ProbeNow probes the named targets once, as soon as it can be prepared; without
// names all that are on. It is a person's wish: it is made while probing is paused,
// and of a target that is off or left alone. A target that has a probe in flight, or
// was asked for already, is not probed twice. The budget holds. It fails with
// ErrNotRunning, ErrNoRoom, an *UnknownTargetError or, where the budget of the day is
// spent, a *RefusedError; nothing is probed then.
func (s *Schedule) ProbeNow(targets ...string) error {
	for _, name := range targets {
		if !s.Has(name) {
			return &UnknownTargetError{Target: name}
		}
	}
	s.mu.Lock()
	r := s.run
	s.mu.Unlock()
	if r == nil {
		return ErrNotRunning
	}
	return r.ask(s.meant(targets))
}

// ask begins a turn now for each target.
func (r *run) ask(targets []Target) error {
	usd := map[string]decimal.Decimal{}
	today := DayOf(time.Now())
	if r.Budget != nil {
		for _, t := range targets {
			usd[t.Name] = r.Budget.Estimate(t, r.Profile)
			if usd[t.Name].IsPositive() && r.isSpent(today) {
				return &RefusedError{Refusal: BudgetSpent, Cap: r.Budget.Cap, Estimate: usd[t.Name]}
			}
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.begin == nil {
		return ErrNotRunning
	}
	var turns []*turn
	for _, t := range targets {
		if r.inFlight[t.Name] || r.asked[t.Name] {
			continue
		}
		lead := r.lead(t, r.interval)
		due := time.Now().Add(min(lead, defaultLead))
		turns = append(turns, &turn{
			target: t, due: due, day: DayOf(due), slot: patienceNow, lead: lead,
			every: max(r.interval, t.Interval), usd: usd[t.Name], asked: true,
		})
	}
	for i := range turns {
		select {
		case r.room <- struct{}{}:
		default:
			for range i {
				<-r.room
			}
			return ErrNoRoom
		}
	}
	network := watchNetwork(len(turns), r.hosts, r.release)
	for _, t := range turns {
		t.network = network
		r.asked[t.target.Name], r.waiting[t] = true, false
		r.begin(t)
	}
	return nil
}

// patienceNow is how late a probe may be that a person has asked for.
const patienceNow = 10 * time.Second

// nudge wakes the planner.
func (r *run) nudge() {
	select {
	case r.nudged <- struct{}{}:
	default: // it has been told
	}
}

func (s *Schedule) isPaused() bool { return !s.pausedAt().IsZero() }

func (s *Schedule) pausedAt() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.steering.pausedSince
}

func (s *Schedule) isOff(target string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.steering.off[target]
}

// enabled are the targets that are probed.
func (s *Schedule) enabled() []Target {
	var on []Target
	for _, t := range s.Targets {
		if !s.isOff(t.Name) {
			on = append(on, t)
		}
	}
	return on
}

// stopped reports whether a person has stopped a turn: all probing, or its
// target's.
func (r *run) stopped(t *turn) bool {
	return !t.asked && (r.isPaused() || r.isOff(t.target.Name))
}
