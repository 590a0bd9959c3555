package store

import (
	"context"
	"fmt"
	"time"
)

// leastStep is by how much the wall clock must leave the monotonic one to be
// worth an event.
const leastStep = 5 * time.Second

// clock notices that the wall clock was set, or that the machine slept: time by
// the wall that did not pass by the monotonic clock, or the other way round.
type clock struct {
	last    time.Time
	pending *Event // noticed, and not yet written
}

// step looks at the time and says what happened to the clock since the last look;
// nil for nothing. It is one event even where it cannot be written at once.
func (c *clock) step(now time.Time) *Event {
	before := c.last
	c.last = now
	if before.IsZero() {
		return c.take()
	}
	if e := stepOf(now, now.Round(0).Sub(before.Round(0)), now.Sub(before)); e != nil {
		c.pending = e
	}
	return c.take()
}

func (c *clock) take() *Event {
	e := c.pending
	c.pending = nil
	return e
}

// again keeps an event that could not be written.
func (c *clock) again(e *Event) {
	if e != nil {
		c.pending = e
	}
}

// stepOf is the event of a time that was so long by the wall and by the monotonic
// clock; nil for none.
func stepOf(now time.Time, wall, monotonic time.Duration) *Event {
	switch by := wall - monotonic; {
	case by < -leastStep:
		return &Event{At: now, Kind: EventClockStep, For: -by, Text: fmt.Sprintf("the clock was set back by %s", (-by).Round(time.Second))}
	case by > leastStep:
		return &Event{
			At: now, Kind: EventGap, For: by,
			Text: fmt.Sprintf("the machine slept, or its clock was set forward, for %s", by.Round(time.Second)),
		}
	}
	return nil
}

// noteClock writes what was noticed of the clock and waits for the next sample.
func (h *boltHistory) noteClock() error {
	h.writing.Lock()
	var e *Event
	if !h.closed {
		e = h.clock.take()
	}
	h.writing.Unlock()
	if e == nil {
		return nil
	}
	return h.Record(context.Background(), Notes{Events: []Event{*e}})
}
