package dashboard

import (
	"slices"
	"time"

	"costping/store"
)

// lookBack makes the charts look further back, or less far.
func (m *Model) lookBack(by int) {
	m.spanAt = max(0, min(m.spanAt+by, len(spans)-1))
	m.cursor = 0
}

// moveCursor moves the time cursor by a step of the charts, back where positive.
func (m *Model) moveCursor(by int) {
	s := m.span()
	m.cursor = max(0, min(m.cursor+by, int(s.long/s.step)))
}

// cursorAt is the beginning of the step that the time cursor is on; the zero time
// without a cursor.
func (m *Model) cursorAt() time.Time {
	if m.cursor == 0 {
		return time.Time{}
	}
	s := m.span()
	_, to := s.bounds(m.opts.Now())
	return to.Add(-time.Duration(m.cursor) * s.step)
}

// toEvent moves the time cursor to the next event after it, or to the one before;
// without a cursor, to the newest.
func (m *Model) toEvent(later bool) {
	s := m.span()
	from, to := s.bounds(m.opts.Now())
	at := m.cursorAt()
	events := m.events() // newest first
	if later {
		slices.Reverse(events)
	}
	i := slices.IndexFunc(events, func(e store.Event) bool {
		switch {
		case e.At.Before(from):
			return false
		case at.IsZero():
			return true
		case later:
			return !e.At.Before(at.Add(s.step))
		}
		return e.At.Before(at)
	})
	if i < 0 {
		m.say("no further event in " + s.name)
		return
	}
	m.say(m.when(events[i].At, m.opts.Now()) + " " + eventText(events[i]))
	if i >= 0 {
		m.cursor = max(1, int((to.Sub(events[i].At)+s.step-1)/s.step))
	}
}
