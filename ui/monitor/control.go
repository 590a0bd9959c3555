package monitor

import (
	"context"
	"slices"
	"time"

	"costping/probe"
	"costping/store"

	"github.com/shopspring/decimal"
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
	for _, s := range c.m.schedules {
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
	for _, s := range c.m.schedules {
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
	s := c.m.scheduleOf(target)
	if s == nil {
		return &probe.UnknownTargetError{Target: target}
	}
	c.m.steering.Lock()
	defer c.m.steering.Unlock()
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

// Estimate is the most that probing these targets once now may cost, in USD; of all
// that are on where none is named. It says nothing of a target that it does not know.
func (m *Monitor) Estimate(targets ...string) decimal.Decimal {
	var usd decimal.Decimal
	for _, s := range m.schedules {
		own := slices.DeleteFunc(slices.Clone(targets), func(name string) bool { return !s.Has(name) })
		if len(targets) == 0 || len(own) > 0 {
			usd = usd.Add(s.EstimateNow(own...))
		}
	}
	return usd
}

func (m *Monitor) scheduleOf(target string) *probe.Schedule {
	for _, s := range m.schedules {
		if s.Has(target) {
			return s
		}
	}
	return nil
}

// restore takes over how the owner before was steered: a process that has only
// watched until now goes on as it was, and spends nothing that was stopped.
func (m *Monitor) restore(ctx context.Context) {
	events, err := m.history.Events(ctx, store.Range{From: time.Now().Add(-lookBack)})
	if err != nil {
		m.log(err)
		return
	}
	paused, off := false, map[string]bool{}
	for _, e := range events {
		switch e.Kind {
		case EventPaused, EventResumed:
			paused = e.Kind == EventPaused
		case EventTargetOff, EventTargetOn:
			off[e.Target] = e.Kind == EventTargetOff
		}
	}
	for _, s := range m.schedules {
		if paused {
			s.Pause(true)
		}
		for name, is := range off {
			if is && s.Has(name) {
				m.log(s.Enable(name, false))
			}
		}
	}
}
