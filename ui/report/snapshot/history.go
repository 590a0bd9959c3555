package snapshot

import (
	"context"
	"errors"
	"io"
	"iter"
	"math"
	"time"

	"costping/probe"
	"costping/store"
	"costping/ui/compare"

	"github.com/shopspring/decimal"
)

// ErrReadOnly is the answer to whatever would change a snapshot or probe.
var ErrReadOnly = errors.New("a snapshot is read-only")

// ErrNoSamples is the answer to who asks for single samples.
var ErrNoSamples = errors.New("a snapshot holds no single samples")

// History is the record as a history that nothing can be added to. It knows one
// window, the record's, and answers with it whichever is asked for: no quantile of a
// part of it can be told. Charts get the record's steps, as far as they lie within
// what they ask for.
func (r *Record) History() store.History { return &held{record: r, never: make(chan struct{})} }

type held struct {
	record *Record
	never  chan struct{}
}

// Window implements store.Reader.
func (h *held) Window(_ context.Context, q store.Query) (store.Window, error) {
	return h.record.StoreWindow(q.Steps), nil
}

// Series implements store.Reader.
func (h *held) Series(_ context.Context, q store.ChartQuery) ([]store.Line, error) {
	const mostPoints = 10_000
	if !q.From.Before(q.To) || q.Step <= 0 || q.To.Sub(q.From)/q.Step > mostPoints {
		return nil, errors.New("a chart without steps")
	}
	var lines []store.Line
	for i := range h.record.Rows {
		row := &h.record.Rows[i]
		if row.Measured == nil || q.Target != "" && q.Target != row.Target {
			continue
		}
		lines = append(lines, store.Line{Series: row.series(), Points: row.Measured.Series.bands(q)})
	}
	return lines, nil
}

// bands puts the steps of the series into those of a chart. Of several in one the
// median of the whole is between theirs: it is their mean, weighted by attempts.
func (s *Series) bands(q store.ChartQuery) []store.Band {
	bands := make([]store.Band, int((q.To.Sub(q.From)+q.Step-1)/q.Step))
	for i := range bands {
		bands[i].From = q.From.Add(time.Duration(i) * q.Step)
	}
	step := time.Duration(s.StepS) * time.Second
	for i, n := range s.N {
		begins := s.From.Add(time.Duration(i) * step)
		at := max(0, int(begins.Sub(q.From)/q.Step))
		if !begins.Add(step).After(q.From) || at >= len(bands) {
			continue
		}
		b := &bands[at]
		b.N += n
		b.Failed += s.Failed[i]
		if s.P50[i] != nil {
			weighIn(&b.TTFT, n, s.P25[i], s.P50[i], s.P75[i])
		}
		weighIn(&b.E2E, n, s.E2E[i], s.E2E[i], s.E2E[i])
		weighIn(&b.Speed, n, s.Speed[i], s.Speed[i], s.Speed[i])
	}
	return bands
}

// Bands are the steps of the series put together to at most n over the window.
func (s *Series) Bands(w Window, n int) []store.Band {
	step := (w.To.Sub(w.From) + time.Duration(n) - 1) / time.Duration(n)
	return s.bands(store.ChartQuery{From: w.From, To: w.To, Step: max(step, time.Duration(s.StepS)*time.Second)})
}

// weighIn adds the figures of n more values to a spread.
func weighIn(s *store.Spread, n int, p25, p50, p75 *float64) {
	if p25 == nil || p50 == nil || p75 == nil || n <= 0 {
		return
	}
	share := float64(n) / float64(s.N+n)
	for _, part := range []struct {
		to   *float64
		from float64
	}{{&s.P25, *p25}, {&s.P50, *p50}, {&s.P75, *p75}} {
		*part.to += (part.from - *part.to) * share
	}
	s.P95 = math.Max(s.P95, s.P75) // not known of a step; never below the quartile
	s.N, s.Sketched = s.N+n, true
}

// points are the steps of the sparkline.
func (s *Series) points(w Window, steps int) []store.Point {
	step := w.To.Sub(w.From) / time.Duration(steps)
	if step <= 0 {
		return nil
	}
	bands := s.bands(store.ChartQuery{From: w.From, To: w.To, Step: step})
	points := make([]store.Point, steps)
	for i := range points {
		b := bands[i]
		points[i] = store.Point{N: b.TTFT.N, TTFT: b.TTFT.P50, Failed: b.Failed}
	}
	return points
}

// Raw implements store.Reader: a record has order statistics and no attempts, and to
// make some up of those would give each a moment that it never had.
func (h *held) Raw(context.Context, store.Range) iter.Seq2[probe.Sample, error] {
	return func(yield func(probe.Sample, error) bool) { yield(probe.Sample{}, ErrNoSamples) }
}

// Recorded is what the record keeps of a target in place of its samples; false where
// nothing was measured of it.
func (r *Record) Recorded(target string) (compare.Recorded, bool) {
	i := r.index(target)
	if i < 0 || r.Rows[i].Measured == nil {
		return compare.Recorded{}, false
	}
	m := r.Rows[i].Measured
	return compare.Recorded{
		TTFT: m.TTFT.Order, E2E: m.E2E.Order, N: m.TTFT.N, Scripted: m.Scripted > 0,
		P50: m.TTFT.quantile(0.5, m.TTFT.P50), P95: m.TTFT.quantile(0.95, m.TTFT.P95),
		Step: time.Duration(m.Series.StepS) * time.Second,
	}, true
}

// Events implements store.Reader.
func (h *held) Events(_ context.Context, within store.Range) ([]store.Event, error) {
	var events []store.Event
	for _, e := range h.record.Events {
		if e.At.Before(within.From) || !within.To.IsZero() && !e.At.Before(within.To) {
			continue
		}
		events = append(events, store.Event{At: e.At, Kind: e.Kind, Target: e.Target, Text: e.Text, For: time.Duration(e.ForS) * time.Second})
	}
	return events, nil
}

// Prices implements store.Reader: the prices of the record.
func (h *held) Prices(_ context.Context, model string) ([]store.PriceSeen, error) {
	var seen []store.PriceSeen
	for _, row := range h.record.Rows {
		if row.Model != nil && row.Price != nil && (model == "" || model == row.Model.ID) {
			seen = append(seen, store.PriceSeen{At: h.record.TakenAt, Model: row.Model.ID, Price: *row.Price})
		}
	}
	return seen, nil
}

// Info implements store.Reader.
func (h *held) Info(context.Context) (store.Info, error) {
	info := store.Info{From: h.record.Window.From, To: h.record.Window.To}
	for _, row := range h.record.Rows {
		if row.Measured != nil {
			info.Series++
			info.Samples += row.Measured.Attempts
		}
	}
	return info, nil
}

// Rollups implements store.Reader: a record has none.
func (h *held) Rollups(context.Context, store.Span, store.Range) iter.Seq2[store.Rollup, error] {
	return func(func(store.Rollup, error) bool) {}
}

// Results implements store.Reader: a record has none.
func (h *held) Results(context.Context, store.Range) ([]store.Result, error) { return nil, nil }

// Version implements store.Reader: nothing is ever added.
func (h *held) Version() uint64 { return 1 }

// Spent implements probe.Ledger: nothing is, by looking at a snapshot.
func (h *held) Spent(context.Context, probe.Day) (probe.Spending, error) {
	return probe.Spending{}, nil
}

// The rest would change something.

func (h *held) Append(context.Context, []probe.Sample) error          { return ErrReadOnly }
func (h *held) Record(context.Context, store.Notes) error             { return ErrReadOnly }
func (h *held) Settle(context.Context, string, decimal.Decimal) error { return ErrReadOnly }

func (h *held) Reserve(context.Context, probe.Day, decimal.Decimal, decimal.Decimal) (string, bool, error) {
	return "", false, ErrReadOnly
}
func (h *held) Adopt(context.Context, []store.Rollup) (int, error) { return 0, ErrReadOnly }
func (h *held) Prune(context.Context, time.Time) (int, error)      { return 0, ErrReadOnly }
func (h *held) Compact(context.Context) (store.Compacted, error) {
	return store.Compacted{}, ErrReadOnly
}
func (h *held) Backup(context.Context, io.Writer) (int64, error) { return 0, ErrReadOnly }
func (h *held) Owning() <-chan struct{}                          { return h.never }
func (h *held) Role() store.Role                                 { return store.Role{} }
func (h *held) Mount(probe.Control)                              {}
func (h *held) Control() probe.Control                           { return readOnly{} }
func (h *held) Close() error                                     { return nil }

// readOnly steers nothing.
type readOnly struct{}

func (readOnly) Pause(context.Context, bool) error          { return ErrReadOnly }
func (readOnly) ProbeNow(context.Context, ...string) error  { return ErrReadOnly }
func (readOnly) Enable(context.Context, string, bool) error { return ErrReadOnly }
func (readOnly) Steered(context.Context) (probe.Steered, error) {
	return probe.Steered{}, ErrReadOnly
}
