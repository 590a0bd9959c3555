package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"costping/probe"
	"costping/probe/stats"

	bolt "go.etcd.io/bbolt"
)

// Window implements Reader.
func (h *boltHistory) Window(ctx context.Context, q Query) (Window, error) {
	if err := q.check(); err != nil {
		return Window{}, err
	}
	if q.To.Sub(q.From) > LongestExact {
		return h.sketchedWindow(ctx, q)
	}
	w := Window{From: q.From, To: q.To, Version: h.Version()}
	from, to := nanosOf(q.From), nanosOf(q.To)
	names := h.names.Load()
	var views []view
	changes := h.blocks.state()
	err := h.view(func(tx *bolt.Tx) error {
		for hour := hourOf(from); hour < to; hour += hourNanos {
			if err := ctx.Err(); err != nil {
				return err
			}
			v, err := h.blocks.get(tx, hour, changes)
			if err != nil {
				return err
			}
			w.Damaged += v.damagedIn(from, to)
			views = append(views, v)
		}
		// What a writer has added meanwhile is in the transaction before it is among
		// the names.
		names = names.and(tx, seriesIn(views))
		return nil
	})
	if err != nil {
		return Window{}, err
	}
	for _, id := range seriesIn(views) {
		parts, n := cut(views, id, from, to)
		series, named := names.series[id]
		if !named { // a view may be newer than the transaction; names are told first
			series, named = h.names.Load().series[id]
		}
		switch {
		case n == 0:
		case !named:
			w.Damaged += n
		default:
			w.Series = append(w.Series, h.memo.summary(series, q, parts))
		}
	}
	return w, nil
}

func (q Query) check() error {
	if !q.From.Before(q.To) || q.Steps < 0 || q.Steps > mostPoints {
		return fmt.Errorf("a window from %s to %s in %d steps", q.From, q.To, q.Steps)
	}
	if q.Steps > 0 && q.To.Sub(q.From) > LongestExact {
		return fmt.Errorf("points of a window longer than %s", LongestExact)
	}
	return nil
}

// cut takes what views have of a series with from <= t < to, and counts it.
func cut(views []view, id uint32, from, to int64) (parts []part, n int) {
	parts = make([]part, 0, len(views))
	for _, v := range views {
		p := v.runs[id]
		p.lo, p.hi = between(p.points, from, to)
		if p.hi > p.lo {
			p.points = p.points[p.lo:p.hi]
			parts, n = append(parts, p), n+p.hi-p.lo
		}
	}
	return parts, n
}

// memo remembers the summaries of the windows that were asked for last: of twenty
// series, one or two change between two looks of a screen.
type memo struct {
	mu    sync.Mutex
	known map[memoKey]remembered
}

type memoKey struct {
	series Series
	span   time.Duration
}

// remembered is a summary without points, and the parts that it is of.
type remembered struct {
	parts   []part
	summary Summary
}

// mostRemembered bounds the memo.
const mostRemembered = 512

// summary gives the summary of parts, with the points that q asks for.
func (m *memo) summary(series Series, q Query, parts []part) Summary {
	key := memoKey{series, q.To.Sub(q.From)}
	m.mu.Lock()
	r, ok := m.known[key]
	m.mu.Unlock()
	if !ok || !slices.EqualFunc(r.parts, parts, part.same) {
		r = remembered{parts: parts, summary: summarise(series, parts)}
		m.mu.Lock()
		if m.known == nil || len(m.known) >= mostRemembered {
			m.known = map[memoKey]remembered{}
		}
		m.known[key] = r
		m.mu.Unlock()
	}
	s := r.summary
	s.Outcomes = maps.Clone(s.Outcomes) // the caller's own
	if q.Steps > 0 {
		s.Points = pointsOf(q, parts)
	}
	return s
}

func (p part) same(other part) bool {
	return p.run == other.run && p.lo == other.lo && p.hi == other.hi
}

func summarise(series Series, parts []part) Summary {
	g := &gathering{series: series}
	n := 0
	for _, p := range parts {
		n += len(p.points)
	}
	for _, values := range []*[]float64{&g.ttft, &g.tpot, &g.e2e, &g.speed, &g.in, &g.out} {
		*values = make([]float64, 0, n)
	}
	for _, p := range parts {
		for i := range p.points {
			g.add(&p.points[i])
		}
	}
	return g.summary()
}

// pointsOf cuts a window into steps. Samples come in the order of time, so that
// one step is finished before the next begins.
func pointsOf(q Query, parts []part) []Point {
	points := make([]Point, q.Steps)
	from, span := nanosOf(q.From), float64(q.To.Sub(q.From))
	var values []float64
	current := 0
	finish := func() {
		points[current].N, points[current].TTFT = len(values), median(values)
		values = values[:0]
	}
	for _, part := range parts {
		for i := range part.points {
			p := &part.points[i]
			step := min(q.Steps-1, int(float64(p.at-from)/span*float64(q.Steps)))
			if step != current {
				finish()
				current = step
			}
			if p.outcome != okOutcome && p.blamed() {
				points[step].Failed++
			}
			if p.headline() {
				values = append(values, probe.Milliseconds(p.ttft))
			}
		}
	}
	finish()
	return points
}

// sketchedWindow is the window beyond LongestExact: from rollups, and from raw
// samples where there is no rollup.
func (h *boltHistory) sketchedWindow(ctx context.Context, q Query) (Window, error) {
	w := Window{From: q.From, To: q.To, Version: h.Version(), Sketched: true}
	err := h.collect(ctx, collection{from: nanosOf(q.From), to: nanosOf(q.To), steps: 1, damaged: &w.Damaged}, func(lines []line) error {
		for _, l := range lines {
			r, err := l.steps[0].rollup()
			if err != nil {
				w.Damaged++
				continue
			}
			s, err := r.summary()
			if err != nil {
				w.Damaged++
				continue
			}
			s.Series = l.series
			if g := l.steps[0].tail; g != nil && g.lastHeadroom.outcome != 0 {
				s.Headroom, s.HeadroomAt = g.lastHeadroom.detail().Headroom, instant(g.lastHeadroom.at)
			}
			w.Series = append(w.Series, s)
		}
		return nil
	})
	if err != nil {
		return Window{}, err
	}
	return w, nil
}

// summary is a rollup as a window has it.
func (r *Rollup) summary() (Summary, error) {
	s := Summary{
		Series: r.Series, Outcomes: r.Outcomes, Scripted: r.Flags[scriptedFlag], Offline: r.Offline, Warm: r.TTFT.N,
		InputTokens: r.InputTokens, OutputTokens: r.OutputTokens, Thinking: thinking(r.Tokens, r.Thoughts), ThinkingN: r.ThinkingN,
		USD: r.USD, Unpriced: r.Unpriced, FailedInARow: r.FailedInARow,
		Last: r.Last, LastOutcome: r.LastOutcome, LastError: r.LastError, LastErrorAt: r.LastErrorAt,
	}
	ttft, err := r.TTFT.values()
	if err != nil {
		return Summary{}, err
	}
	e2e, err := r.E2E.values()
	if err != nil {
		return Summary{}, err
	}
	tpot, err := r.TPOT.values()
	if err != nil {
		return Summary{}, err
	}
	s.TTFTp50, s.TTFTp95 = ttft.quantile(0.5), ttft.quantile(0.95)
	s.E2Ep50, s.E2Ep95 = e2e.quantile(0.5), e2e.quantile(0.95)
	s.Speedp50 = tpot.speed().quantile(0.5)
	return s, nil
}

// quantile is an estimate from the bins of a sketch, with its interval.
func (b bins) quantile(p float64) stats.Quantile {
	q := stats.QuantileFrom(b.n, p, b.at)
	q.Lo, q.Hi = q.Lo*(1-SketchError), q.Hi*(1+SketchError)
	return q
}
