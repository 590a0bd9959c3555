package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"

	"costping/probe"

	bolt "go.etcd.io/bbolt"
)

// Append implements probe.Sink: one transaction, synced before it returns. What
// waits from before goes first.
func (h *boltHistory) Append(ctx context.Context, samples []probe.Sample) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if len(samples) == 0 {
		return nil
	}
	for _, s := range samples {
		if err := checkTime(s.At); err != nil {
			return fmt.Errorf("writing to the history %s: %w", h.path, err)
		}
		if s.Outcome < probe.OK || s.Outcome > probe.Skipped {
			return fmt.Errorf("writing to the history %s: a sample has outcome %d", h.path, s.Outcome)
		}
	}
	if err := h.writing.LockContext(ctx); err != nil {
		return err
	}
	defer h.writing.Unlock()
	return h.save(samples)
}

// save writes samples after those that wait; the caller holds the writing lock.
func (h *boltHistory) save(samples []probe.Sample) error {
	if h.closed {
		return ErrClosed
	}
	event := h.clock.step(h.now())
	p := &putting{names: h.names.Load()}
	err := h.update(func(tx *bolt.Tx) error {
		*p = putting{tx: tx, names: h.names.Load(), rolled: metaOf(tx, keyRolled)}
		if err := p.all(h.unsaved.waiting(), samples); err != nil {
			return err
		}
		for _, e := range []*Event{event, h.unsaved.event(h.now())} {
			if e != nil {
				if err := putNote(tx, bucketEvent, e.At, *e); err != nil {
					return err
				}
			}
		}
		version, err := changed(tx)
		p.version = version
		return err
	})
	if err != nil {
		h.clock.again(event)
		var disk *diskError
		if !errors.As(err, &disk) && !errors.Is(err, ErrDamaged) {
			return err // whatever it is, waiting does not help
		}
		h.hold(samples, err)
		return h.unsaved.error()
	}
	h.unsaved.clear()
	h.committed(p)
	return nil
}

// committed makes what was written known to the readers of this process.
func (h *boltHistory) committed(p *putting) {
	h.names.Store(p.names)
	for _, one := range p.points {
		h.blocks.added(one.id, one.point)
	}
	h.version.Store(p.version)
}

// putting is one transaction that adds samples.
type putting struct {
	tx      *bolt.Tx
	names   *seriesNames
	rolled  int64
	late    map[int64]bool
	points  []seriesPoint
	version uint64
}

type seriesPoint struct {
	id    uint32
	point point
}

func (p *putting) all(batches ...[]probe.Sample) error {
	b := p.tx.Bucket(bucketSamples)
	b.FillPercent = 0.95 // keys only ever grow: no room is wanted in between
	p.late = map[int64]bool{}
	for _, batch := range batches {
		for _, s := range batch {
			if err := p.one(b, s); err != nil {
				return err
			}
		}
	}
	for hour := range p.late {
		if err := p.tx.Bucket(bucketLate).Put(hourKey(hour), nil); err != nil {
			return err
		}
	}
	return nil
}

// one writes a sample. Of two at one instant the second is moved on by a
// nanosecond, unless it is the first again.
func (p *putting) one(b *bolt.Bucket, s probe.Sample) error {
	id, known := p.names.ids[SeriesOf(s)]
	if !known {
		var err error
		if p.names, id, err = p.names.with(p.tx, SeriesOf(s)); err != nil {
			return err
		}
	}
	wire := toWire(s)
	record := encode(wire)
	at := nanosOf(s.At)
	key := sampleKey(at, id)
	for there := b.Get(key); there != nil; there = b.Get(key) {
		if bytes.Equal(there, record) {
			return nil
		}
		at++
		key = sampleKey(at, id)
	}
	if at < p.rolled {
		p.late[hourOf(at)] = true
	}
	p.points = append(p.points, seriesPoint{id, pointOf(at, &wire, record)})
	return b.Put(key, record)
}

// seriesNames maps series to ids and back. It is never changed once shared:
// readers hold one while a writer makes the next.
type seriesNames struct {
	ids    map[Series]uint32
	series map[uint32]Series
}

// mostSeries bounds how many series a history takes: each is held in memory.
const mostSeries = 1 << 16

// and is the names with those of the ids besides that the database has.
func (n *seriesNames) and(tx *bolt.Tx, ids []uint32) *seriesNames {
	for _, id := range ids {
		if _, known := n.series[id]; known {
			continue
		}
		var s Series
		if value := tx.Bucket(bucketSeries).Get(seriesKey(id)); value != nil && json.Unmarshal(value, &s) == nil {
			n = &seriesNames{ids: n.ids, series: maps.Clone(n.series)}
			n.series[id] = s.shown()
		}
	}
	return n
}

// with adds a series to the database and returns the names that hold it too.
func (n *seriesNames) with(tx *bolt.Tx, s Series) (*seriesNames, uint32, error) {
	bucket := tx.Bucket(bucketSeries)
	next, err := bucket.NextSequence()
	if err != nil {
		return nil, 0, err
	}
	if next > math.MaxUint32 || len(n.ids) >= mostSeries {
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
