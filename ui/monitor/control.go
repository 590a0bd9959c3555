package monitor

import (
	"context"
	"maps"
	"slices"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/store"
)

// steerable is the probe.Control of a monitor: what is mounted on its history.
type steerable struct{ m *Monitor }

var _ probe.Control = steerable{}

// Control steers the schedules of this process. Who wants the owner's, whichever
// process that is, asks the history for it.
func (m *Monitor) Control() probe.Control { return steerable{m} }

// Pause implements probe.Control.
func (c steerable) Pause(ctx context.Context, paused bool) error {
	c.m.steering.Lock()
	defer c.m.steering.Unlock()
	if c.m.Status().PausedSince.IsZero() != paused {
		return nil // it is so already
	}
	schedules, _ := c.m.current()
	for _, s := range schedules {
		s.Pause(paused)
	}
	e := store.Event{At: time.Now(), Kind: EventResumed, Text: "probing goes on"}
	if paused {
		e.Kind, e.Text = EventPaused, "probing is paused"
	}
	return c.m.note(ctx, e)
}

// ProbeNow implements probe.Control.
func (c steerable) ProbeNow(_ context.Context, targets ...string) error {
	for _, name := range targets {
		if c.m.scheduleOf(name) == nil {
			return &probe.UnknownTargetError{Target: name}
		}
	}
	schedules, _ := c.m.current()
	for _, s := range schedules {
		own := slices.DeleteFunc(slices.Clone(targets), func(name string) bool { return !s.Has(name) })
		if len(targets) > 0 && len(own) == 0 {
			continue
		}
		if err := s.ProbeNow(own...); err != nil {
			return err
		}
	}
	return nil
}

// Enable implements probe.Control.
func (c steerable) Enable(ctx context.Context, target string, on bool) error {
	c.m.steering.Lock()
	defer c.m.steering.Unlock()
	s := c.m.scheduleOf(target)
	if s == nil {
		return &probe.UnknownTargetError{Target: target}
	}
	if isOff(s.Status(), target) != on {
		return nil // it is so already
	}
	if err := s.Enable(target, on); err != nil {
		return err
	}
	e := store.Event{At: time.Now(), Kind: EventTargetOn, Target: target, Text: "it is probed again"}
	if !on {
		e.Kind, e.Text = EventTargetOff, "it is not probed any more"
	}
	return c.m.note(ctx, e)
}

func isOff(s probe.Status, target string) bool {
	return slices.ContainsFunc(s.Targets, func(t probe.TargetStatus) bool {
		return t.Name == target && t.State == probe.TargetOff
	})
}

// Steered implements probe.Control.
func (c steerable) Steered(context.Context) (probe.Steered, error) {
	s := probe.Steered{Status: c.m.Status()}
	s.Paused = !s.PausedSince.IsZero()
	for _, t := range s.Targets {
		if t.State == probe.TargetOff {
			s.Disabled = append(s.Disabled, t.Name)
		}
	}
	return s, nil
}

// Estimate is the most that probing a target once now may cost, in USD; false for one
// that is not probed here.
func (m *Monitor) Estimate(target string) (costmodel.USD, bool) {
	s := m.scheduleOf(target)
	if s == nil {
		return costmodel.USD{}, false
	}
	return costmodel.NewUSD(s.EstimateNow(target).Rat()), true
}

func (m *Monitor) scheduleOf(target string) *probe.Schedule {
	schedules, _ := m.current()
	for _, s := range schedules {
		if s.Has(target) {
			return s
		}
	}
	return nil
}

// resume takes over how the owner before was steered: a process that has only
// watched until now goes on as it was, and spends nothing that was stopped. One that
// begins anew does not, and says so.
func (m *Monitor) resume(ctx context.Context, anew bool) {
	paused, off, err := m.steeredBefore(ctx)
	if err != nil {
		m.log(err)
		return
	}
	m.steering.Lock()
	defer m.steering.Unlock()
	now := time.Now()
	var said []store.Event
	if anew && paused {
		said = append(said, store.Event{At: now, Kind: EventResumed, Text: "probing begins anew"})
	}
	schedules, _ := m.current()
	for _, s := range schedules {
		if paused && !anew {
			s.Pause(true)
		}
		for _, name := range off {
			switch {
			case !s.Has(name):
			case anew:
				said = append(said, store.Event{At: now, Kind: EventTargetOn, Target: name, Text: "it is probed again"})
			default:
				m.log(s.Enable(name, false))
			}
		}
	}
	m.log(m.note(ctx, said...))
}

// steeredBefore reads from the events whether probing is paused, and which targets
// are off, in the order of their names.
func (m *Monitor) steeredBefore(ctx context.Context) (paused bool, off []string, err error) {
	events, err := m.history.Events(ctx, store.Range{From: time.Now().Add(-lookBack)})
	targets := map[string]bool{}
	for _, e := range events {
		switch e.Kind {
		case EventPaused, EventResumed:
			paused = e.Kind == EventPaused
		case EventTargetOff:
			targets[e.Target] = true
		case EventTargetOn:
			delete(targets, e.Target)
		}
	}
	return paused, slices.Sorted(maps.Keys(targets)), err
}
