package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"costping/probe"
	"costping/probe/stats"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// Append implements History: one transaction, synced before it returns.
func (h *boltHistory) Append(ctx context.Context, samples []probe.Sample) error {
	if len(samples) == 0 {
		return ctx.Err()
	}
	if err := h.acquire(ctx); err != nil {
		return err
	}
	defer h.release()
	names := h.names.Load()
	err := guard(h.db.Path(), func() error {
		return h.db.Update(func(tx *bolt.Tx) (err error) {
			names, err = putAll(tx, samples, names)
			return err
		})
	})
	switch {
	case errors.Is(err, berrors.ErrDatabaseNotOpen):
		return ErrClosed
	case err != nil:
		return fmt.Errorf("writing to the history %s: %w", h.db.Path(), pathless(err))
	}
	h.names.Store(names)
	h.version.Add(1)
	return nil
}

// putAll writes samples and returns the names, grown by the series that are new.
func putAll(tx *bolt.Tx, samples []probe.Sample, names *seriesNames) (*seriesNames, error) {
	b := tx.Bucket(bucketSamples)
	b.FillPercent = 0.95 // keys only ever grow: no room is wanted in between
	for _, s := range samples {
		id, known := names.ids[SeriesOf(s)]
		if !known {
			var err error
			if names, id, err = names.with(tx, SeriesOf(s)); err != nil {
				return nil, err
			}
		}
		key := sampleKey(s.At, id)
		for b.Get(key) != nil {
			s.At = s.At.Add(time.Nanosecond)
			key = sampleKey(s.At, id)
		}
		if err := b.Put(key, encode(toWire(s))); err != nil {
			return nil, err
		}
	}
	return names, nil
}

// seriesNames maps series to ids and back. It is never changed once shared:
// readers hold one while a writer makes the next.
type seriesNames struct {
	ids    map[Series]uint32
	series map[uint32]Series
}

// of is the series of an id. One that a writer has added meanwhile is in the
// transaction before it is among the names.
func (n *seriesNames) of(tx *bolt.Tx, id uint32) (Series, bool) {
	if s, ok := n.series[id]; ok {
		return s, true
	}
	var s Series
	value := tx.Bucket(bucketSeries).Get(seriesKey(id))
	if value == nil || json.Unmarshal(value, &s) != nil {
		return Series{}, false
	}
	return s.shown(), true
}

// with adds a series to the database and returns the names that hold it too.
func (n *seriesNames) with(tx *bolt.Tx, s Series) (*seriesNames, uint32, error) {
	bucket := tx.Bucket(bucketSeries)
	next, err := bucket.NextSequence()
	if err != nil {
		return nil, 0, err
	}
	if next > math.MaxUint32 {
		return nil, 0, errors.New("too many series")
	}
	value, err := json.Marshal(s)
	if err != nil {
		return nil, 0, err
	}
	id := uint32(next)
	if err := bucket.Put(seriesKey(id), value); err != nil {
		return nil, 0, err
	}
	grown := &seriesNames{ids: maps.Clone(n.ids), series: maps.Clone(n.series)}
	grown.ids[s], grown.series[id] = id, s.shown()
	return grown, id, nil
}

// Window implements History: one pass over the samples, exact quantiles.
func (h *boltHistory) Window(ctx context.Context, q Query) (Window, error) {
	if !q.From.Before(q.To) || q.Steps < 0 || q.Steps > 10_000 {
		return Window{}, fmt.Errorf("a window from %s to %s in %d steps", q.From, q.To, q.Steps)
	}
	w := Window{From: q.From, To: q.To, Version: h.Version()}
	names := h.names.Load()
	byID := map[uint32]*gathering{}
	err := h.view(func(tx *bolt.Tx) error {
		visited := 0
		return between(tx, q.From, q.To, func(key, value []byte) error {
			if visited++; visited%4096 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			at, id, badKey := parseSampleKey(key)
			wire, badRecord := decode(value)
			series, ok := names.of(tx, id)
			if badKey != nil || badRecord != nil || !ok {
				w.Damaged++
				return nil //nolint:nilerr // counted for the caller; the rest is still good
			}
			g := byID[id]
			if g == nil {
				g = newGathering(series, q)
				byID[id] = g
			}
			g.add(time.Unix(0, at).UTC(), fromWire(wire))
			return nil
		})
	})
	if err != nil {
		return Window{}, err
	}
	for _, id := range slices.Sorted(maps.Keys(byID)) { // as the series first appeared
		w.Series = append(w.Series, byID[id].summary())
	}
	return w, nil
}

// gathering collects the values of one series over a window.
type gathering struct {
	q                         Query
	s                         Summary
	ttft, e2e, speed, in, out []float64
	tokens, thoughts          int64 // N and N_r of the answers that tell both
	steps                     [][]float64
}

func newGathering(series Series, q Query) *gathering {
	g := &gathering{q: q, s: Summary{Series: series, Outcomes: map[probe.Outcome]int{}}}
	if q.Steps > 0 {
		g.s.Points, g.steps = make([]Point, q.Steps), make([][]float64, q.Steps)
	}
	return g
}

func (g *gathering) add(at time.Time, s probe.Sample) {
	g.s.Outcomes[s.Outcome]++
	g.s.Last, g.s.LastOutcome = at, s.Outcome
	if s.Outcome == probe.OK {
		g.s.FailedInARow = 0
	} else if s.Blamed() {
		g.s.FailedInARow++
	}
	if s.Outcome.Blames() && !s.Blamed() {
		g.s.Offline++
	}
	if s.Headroom.Known() {
		g.s.Headroom, g.s.HeadroomAt = s.Headroom, at
	}
	if s.Error != "" && s.Outcome != probe.Cancelled && s.Outcome != probe.Skipped {
		g.s.LastError, g.s.LastErrorAt = s.Error, at
	}
	if s.Flags.Has(probe.Scripted) {
		g.s.Scripted++
	}
	if s.USD.Valid {
		g.s.USD = g.s.USD.Add(s.USD.Decimal)
	} else if s.Status >= 200 && s.Status < 300 || s.Status == 0 && s.Connect.Known {
		g.s.Unpriced++ // sent and not refused: an error status costs nothing
	}
	step := -1
	if g.q.Steps > 0 {
		step = min(g.q.Steps-1, int(float64(at.Sub(g.q.From))/float64(g.q.To.Sub(g.q.From))*float64(g.q.Steps)))
		if s.Blamed() && s.Outcome != probe.OK {
			g.s.Points[step].Failed++
		}
	}
	if used := s.Usage; s.Outcome == probe.OK && used.Output.Known && used.Reasoning.Known {
		g.tokens, g.thoughts = g.tokens+used.Output.Value, g.thoughts+used.Reasoning.Value
		g.s.ThinkingN++
	}
	if !s.Headline() {
		return
	}
	ttft := millis(s.TTFT.Value)
	g.ttft = append(g.ttft, ttft)
	if step >= 0 {
		g.steps[step] = append(g.steps[step], ttft)
	}
	g.e2e = append(g.e2e, millis(s.E2E.Value))
	if speed := s.OutputSpeed(); speed.Known {
		g.speed = append(g.speed, speed.Value)
	}
	if s.Usage.Input.Known {
		g.in = append(g.in, float64(s.Usage.Input.Value))
	}
	if s.Usage.Output.Known {
		g.out = append(g.out, float64(s.Usage.Output.Value))
	}
}

func (g *gathering) summary() Summary {
	s := g.s
	s.Warm = len(g.ttft)
	sorted := stats.Sort(g.ttft)
	s.TTFTp50, s.TTFTp95 = stats.QuantileOf(sorted, 0.5), stats.QuantileOf(sorted, 0.95)
	s.E2Ep50 = stats.QuantileOf(stats.Sort(g.e2e), 0.5)
	s.Speedp50 = stats.QuantileOf(stats.Sort(g.speed), 0.5)
	s.InputTokens, s.OutputTokens = median(g.in), median(g.out)
	if answer := g.tokens - g.thoughts; answer > 0 {
		s.Thinking = probe.Known(float64(g.tokens) / float64(answer))
	}
	for i, values := range g.steps {
		s.Points[i].N, s.Points[i].TTFT = len(values), median(values)
	}
	return s
}

// median of values, 0 where there are none.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	stats.Sort(values)
	mid := len(values) / 2
	if len(values)%2 == 1 {
		return values[mid]
	}
	return (values[mid-1] + values[mid]) / 2
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// Summarize is the summary of samples that need not be in any history; those of
// one series, in the order of time.
func Summarize(samples []probe.Sample) Summary {
	if len(samples) == 0 {
		return Summary{Outcomes: map[probe.Outcome]int{}}
	}
	g := newGathering(SeriesOf(samples[0]), Query{})
	for _, s := range samples {
		g.add(s.At, s)
	}
	return g.summary()
}
