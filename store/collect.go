package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"maps"
	"slices"

	bolt "go.etcd.io/bbolt"
)

// collection says what is to be collected: all series or those of one target,
// from <= t < to, in steps of equal length.
type collection struct {
	from, to int64
	steps    int
	step     int64 // the length of one; not used where steps is 1
	target   string
	damaged  *int
}

// line is what was collected of one series.
type line struct {
	series Series
	steps  []cell
}

// cell is one step of a line: samples, or the sum of rollups.
type cell struct {
	raw *gathering
	sum *Rollup
	err error
	// tail is of the newest samples that were read as such.
	tail *gathering
}

// rollup is the cell as one rollup; nil for an empty one.
func (c *cell) rollup() (*Rollup, error) {
	if c.raw != nil {
		return c.raw.rollup(), nil
	}
	if c.sum == nil || c.err != nil {
		return c.sum, c.err
	}
	return c.sum, c.sum.settle()
}

func (c *cell) empty() bool { return c.raw == nil && c.sum == nil }

// take adds a rollup of the time that follows.
func (c *cell) take(r *Rollup) {
	switch {
	case c.raw != nil:
		c.sum, c.raw = c.raw.rollup(), nil
		c.err = c.sum.merge(r)
	case c.sum == nil:
		c.sum = r
	case c.err == nil:
		c.err = c.sum.merge(r)
	}
}

// piece is a stretch that is read from one place.
type piece struct {
	from, to int64
	bucket   []byte // nil for raw samples
}

// collect reads what c asks for and hands it to use, inside the transaction: the
// sketches are the database's own memory.
func (h *boltHistory) collect(ctx context.Context, c collection, use func([]line) error) error {
	if c.to-c.from > int64(LongestExact) {
		defer h.relax()
	}
	names := h.names.Load()
	changes := h.blocks.state()
	return h.view(func(tx *bolt.Tx) error {
		lines := map[uint32]*line{}
		cellOf := func(id uint32, at int64) *cell {
			series, ok := names.series[id]
			if !ok || c.target != "" && series.Target != c.target {
				return nil
			}
			l := lines[id]
			if l == nil {
				l = &line{series: series, steps: make([]cell, c.steps)}
				lines[id] = l
			}
			if c.steps == 1 {
				return &l.steps[0]
			}
			return &l.steps[min(int64(c.steps)-1, (at-c.from)/c.step)]
		}
		for _, p := range c.pieces(tx) {
			if err := ctx.Err(); err != nil {
				return err
			}
			var err error
			if p.bucket == nil {
				err = h.collectRaw(ctx, tx, p, changes, c, cellOf)
			} else {
				collectRollups(tx, p, names, c, cellOf)
			}
			if err != nil {
				return err
			}
		}
		var all []line
		for _, id := range slices.Sorted(maps.Keys(lines)) {
			all = append(all, *lines[id])
		}
		return use(all)
	})
}

func (h *boltHistory) collectRaw(ctx context.Context, tx *bolt.Tx, p piece, changes uint64, c collection, cellOf func(uint32, int64) *cell) error {
	// A long stretch would push out of memory what windows need.
	cached := p.to-p.from <= int64(LongestExact)+hourNanos
	own := map[*cell]*gathering{} // of this piece
	for hour := hourOf(p.from); hour < p.to; hour += hourNanos {
		if err := ctx.Err(); err != nil {
			return err
		}
		v, err := h.hour(tx, hour, changes, cached)
		if err != nil {
			return err
		}
		*c.damaged += v.damagedIn(p.from, p.to)
		for id, part := range v.runs {
			lo, hi := between(part.points, p.from, p.to)
			for i := lo; i < hi; i++ {
				one := cellOf(id, part.points[i].at)
				if one == nil {
					break
				}
				g := own[one]
				if g == nil {
					g = &gathering{}
					own[one] = g
				}
				g.add(&part.points[i])
			}
		}
	}
	for one, g := range own {
		one.tail = g
		if one.empty() {
			one.raw = g
		} else {
			one.take(g.rollup())
		}
	}
	return nil
}

func (h *boltHistory) hour(tx *bolt.Tx, hour int64, changes uint64, cached bool) (view, error) {
	if cached {
		return h.blocks.get(tx, hour, changes)
	}
	b, err := readBlock(tx, hour)
	if err != nil {
		return view{}, err
	}
	v := view{runs: map[uint32]part{}, damaged: b.damaged}
	for id, r := range b.runs {
		v.runs[id] = part{run: r, points: r.points}
	}
	return v, nil
}

func collectRollups(tx *bolt.Tx, p piece, names *seriesNames, c collection, cellOf func(uint32, int64) *cell) {
	cursor := tx.Bucket(p.bucket).Cursor()
	for _, id := range slices.Sorted(maps.Keys(names.series)) {
		if c.target != "" && names.series[id].Target != c.target {
			continue
		}
		for start, v := range rollupsBetween(cursor, id, p.from, p.to) {
			r, err := decodeRollup(v)
			if err != nil {
				*c.damaged++
				continue
			}
			r.Series = names.series[id]
			cellOf(id, start).take(r)
		}
	}
}

// pieces cuts the time into what is read from days, from hours and from samples.
// A rollup is used where it lies in one step, is closed and lacks nothing.
func (c collection) pieces(tx *bolt.Tx) []piece {
	rolled := metaOf(tx, keyRolled)
	late, lateDays := lateHours(tx)
	whole := func(length int64) bool {
		return c.steps == 1 || c.step%length == 0 && c.from%length == 0
	}
	hours, days := whole(hourNanos), whole(dayNanos)
	var pieces []piece
	for t := c.from; t < c.to; {
		p := piece{from: t}
		switch {
		case days && t == dayOf(t) && t+dayNanos <= min(c.to, rolled) && !lateDays[t]:
			p.to, p.bucket = t+dayNanos, bucketDay
		case hours && t == hourOf(t) && t+hourNanos <= min(c.to, rolled) && !late[t]:
			p.to, p.bucket = t+hourNanos, bucketHour
		default:
			p.to = min(c.to, hourOf(t)+hourNanos)
		}
		t = p.to
		if n := len(pieces); n > 0 && bytes.Equal(pieces[n-1].bucket, p.bucket) {
			pieces[n-1].to = p.to
			continue
		}
		pieces = append(pieces, p)
	}
	return pieces
}

// lateHours are the hours, and their days, whose rollups lack samples that are
// still there.
func lateHours(tx *bolt.Tx) (hours, days map[int64]bool) {
	hours, days = map[int64]bool{}, map[int64]bool{}
	rawFrom := metaOf(tx, keyRawFrom)
	_ = tx.Bucket(bucketLate).ForEach(func(k, _ []byte) error {
		if len(k) == 8 {
			if hour := int64(binary.BigEndian.Uint64(k)); hour >= rawFrom {
				hours[hour], days[dayOf(hour)] = true, true
			}
		}
		return nil
	})
	return hours, days
}
