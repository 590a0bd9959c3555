package dashboard

import (
	"context"
	"time"

	"costping/store"
)

// span is how far back the charts look, and in which steps.
type span struct {
	name string
	long time.Duration
	step time.Duration
}

// spans are those that t goes through, from the shortest.
var spans = []span{
	{"15 min", 15 * time.Minute, 10 * time.Second},
	{"1 h", time.Hour, 30 * time.Second},
	{"6 h", 6 * time.Hour, 3 * time.Minute},
	{"24 h", 24 * time.Hour, 10 * time.Minute},
	{"7 d", 7 * 24 * time.Hour, time.Hour},
	{"30 d", 30 * 24 * time.Hour, 6 * time.Hour},
	{"1 y", 365 * 24 * time.Hour, 3 * 24 * time.Hour},
}

// daySpan is the one of the table.
const daySpan = 3

// bounds are from when to when a chart goes: the step that is under way is its
// last, so that all others stay where they are.
func (s span) bounds(now time.Time) (from, to time.Time) {
	to = now.UTC().Truncate(s.step).Add(s.step)
	return to.Add(-s.long), to
}

// chartLines are the lines of all targets over a span.
type chartLines struct {
	span     span
	from, to time.Time
	lines    []store.Line
}

// windowKey is the table's question, the others those of the charts.
const (
	windowKey = "window"
	eventsKey = "events"
)

// windowQuestion asks for the figures of the table.
func (m *Model) windowQuestion() question {
	from, to := m.windowBounds()
	return question{windowKey, 0, func(ctx context.Context, h store.History) (any, error) {
		return h.Window(ctx, store.Query{From: from, To: to, Steps: sparkSteps})
	}}
}

// windowBounds are those of all figures. They move by a minute at the most, so that
// the steps of a sparkline do not waver and hardly anything of the window is missing.
func (m *Model) windowBounds() (from, to time.Time) {
	step := min(m.opts.Window/sparkSteps, time.Minute)
	to = m.opts.Now().Truncate(step).Add(step)
	return to.Add(-m.opts.Window), to
}

// linesKey is the key of the lines of a span.
func linesKey(s span) string { return "lines " + s.name }

// linesQuestion asks for the lines of the charts: no more often than what is drawn
// can change by much.
func (m *Model) linesQuestion() question {
	s := m.span()
	from, to := s.bounds(m.opts.Now())
	return question{linesKey(s), min(max(s.step/4, 2*time.Second), 30*time.Second), func(ctx context.Context, h store.History) (any, error) {
		lines, err := h.Series(ctx, store.ChartQuery{From: from, To: to, Step: s.step})
		return chartLines{s, from, to, lines}, err
	}}
}

// eventsBack is how far back events are listed at the least.
const eventsBack = 24 * time.Hour

// eventsQuestion asks what happened within the span, newest last.
func (m *Model) eventsQuestion() question {
	from := m.opts.Now().Add(-max(m.span().long, eventsBack))
	return question{eventsKey + " " + m.span().name, 2 * time.Second, func(ctx context.Context, h store.History) (any, error) {
		return h.Events(ctx, store.Range{From: from})
	}}
}

func (m *Model) span() span { return spans[m.spanAt] }

// lines are those of the span that is chosen, as far as they are known.
func (m *Model) lines() chartLines {
	lines, _ := answer[chartLines](&m.answers, linesKey(m.span()))
	return lines
}

// events are what happened, newest first.
func (m *Model) events() []store.Event {
	all, _ := answer[[]store.Event](&m.answers, eventsKey+" "+m.span().name)
	newest := make([]store.Event, len(all))
	for i, e := range all {
		newest[len(all)-1-i] = e
	}
	return newest
}
