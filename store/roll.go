package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"maps"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"
)

const (
	dayNanos = 24 * hourNanos
	// rollGrace is how long after its end an hour is taken for closed: probes that
	// began in it may still be on their way.
	rollGrace = 2 * time.Minute
	// rollSamples and rollHours bound one transaction.
	rollSamples = 50_000
	rollHours   = 24 * 31
)

func dayOf(at int64) int64 { return at - at%dayNanos }

// roll brings the rollups up to now, in as many transactions as it takes. Each of
// them takes whole hours, and moves the mark up to which all is rolled up; hours
// that got samples afterwards are done again.
func (h *boltHistory) roll(ctx context.Context, now time.Time) error {
	for more := true; more; {
		if err := ctx.Err(); err != nil {
			return err
		}
		var version uint64
		r := &rolling{limit: hourOf(nanosOf(now.Add(-rollGrace)))}
		if !h.rollDue(r.limit) {
			return nil
		}
		err := h.change(func(tx *bolt.Tx) (err error) {
			r.tx, r.names = tx, h.names.Load() // nobody else writes now: all series have names
			more, err = r.some()
			if err == nil && r.moved {
				version, err = changed(tx)
			}
			return err
		})
		if err != nil {
			return err
		}
		h.relax()
		if r.moved {
			h.blocks.forget()
			h.version.Store(version)
		}
	}
	return nil
}

// rollDue looks whether there is anything to do, without a transaction that writes.
func (h *boltHistory) rollDue(limit int64) bool {
	due := false
	err := h.view(func(tx *bolt.Tx) error {
		k, _ := tx.Bucket(bucketLate).Cursor().First()
		due = metaOf(tx, keyRolled) < limit || len(k) == 8 && int64(binary.BigEndian.Uint64(k)) < limit
		return nil
	})
	return due && err == nil
}

// rolling is one transaction that rolls hours up.
type rolling struct {
	tx      *bolt.Tx
	names   *seriesNames
	limit   int64 // hours before are closed
	rolled  int64
	rawFrom int64
	samples int
	hours   int
	// moved says that raw samples were folded into rollups and removed.
	moved bool
}

func (r *rolling) full() bool { return r.samples >= rollSamples || r.hours >= rollHours }

// some rolls up as much as fits a transaction; more says that there is more.
func (r *rolling) some() (more bool, err error) {
	r.rolled, r.rawFrom = metaOf(r.tx, keyRolled), metaOf(r.tx, keyRawFrom)
	if err := r.late(); err != nil {
		return false, err
	}
	c := r.tx.Bucket(bucketSamples).Cursor()
	for !r.full() {
		k, _ := c.Seek(sampleKey(r.rolled, 0))
		at, _, err := parseSampleKey(k)
		if k == nil || err != nil || at >= r.limit {
			return false, r.finish()
		}
		hour := hourOf(at)
		if err := r.advance(hour); err != nil {
			return false, err
		}
		if err := r.hour(hour); err != nil {
			return false, err
		}
		if err := r.advance(hour + hourNanos); err != nil {
			return false, err
		}
	}
	return true, setMeta(r.tx, keyRolled, r.rolled)
}

func (r *rolling) finish() error {
	if r.limit > r.rolled {
		if err := r.advance(r.limit); err != nil {
			return err
		}
	}
	return setMeta(r.tx, keyRolled, r.rolled)
}

// advance moves the mark, and closes the day that it leaves.
func (r *rolling) advance(to int64) error {
	if day := dayOf(r.rolled); r.rolled != day && day+dayNanos <= to {
		if err := r.day(day); err != nil {
			return err
		}
	}
	r.rolled = to
	return nil
}

// late rolls up again the hours that got samples after they had been.
func (r *rolling) late() error {
	b := r.tx.Bucket(bucketLate)
	days := map[int64]bool{}
	var done [][]byte
	c := b.Cursor()
	for k, _ := c.First(); k != nil && !r.full(); k, _ = c.Next() {
		if len(k) != 8 {
			done = append(done, k)
			continue
		}
		hour := int64(binary.BigEndian.Uint64(k))
		if hour >= r.limit || hour >= r.rolled {
			break
		}
		if err := r.hour(hour); err != nil {
			return err
		}
		if day := dayOf(hour); day+dayNanos <= r.rolled {
			days[day] = true
		}
		done = append(done, k)
	}
	for _, k := range done {
		if err := b.Delete(k); err != nil {
			return err
		}
	}
	for _, day := range slices.Sorted(maps.Keys(days)) {
		if err := r.day(day); err != nil {
			return err
		}
	}
	return nil
}

// hour rolls one hour up from its samples. Where the older ones were pruned, those
// that came late are folded into the rollup and removed.
func (r *rolling) hour(hour int64) error {
	b, err := readBlock(r.tx, hour)
	if err != nil {
		return err
	}
	r.hours++
	for _, id := range slices.Sorted(maps.Keys(b.runs)) {
		points := b.runs[id].points
		r.samples += len(points)
		rollup := gathered(r.names.series[id], points).rollup()
		key := rollupKey(id, hour)
		if hour < r.rawFrom {
			if rollup, err = r.fold(key, rollup); err != nil {
				return err
			}
		}
		if err := r.put(bucketHour, key, rollup); err != nil {
			return err
		}
	}
	if hour >= r.rawFrom {
		return nil
	}
	r.moved = true
	return remove(r.tx, hour, hour+hourNanos)
}

// fold puts a rollup onto the one there is.
func (r *rolling) fold(key []byte, late *Rollup) (*Rollup, error) {
	before, err := decodeRollup(r.tx.Bucket(bucketHour).Get(key))
	if err != nil {
		return late, nil //nolint:nilerr // none, or damaged: there is nothing to add to
	}
	if err := before.merge(late); err != nil {
		return late, nil //nolint:nilerr // damaged
	}
	return before, before.settle()
}

func gathered(series Series, points []point) *gathering {
	g := &gathering{series: series}
	for i := range points {
		g.add(&points[i])
	}
	return g
}

// day rolls a day up from its samples, so that its quantiles are exact, or from
// its hours where samples were pruned.
func (r *rolling) day(day int64) error {
	if day < r.rawFrom {
		return r.dayOfHours(day)
	}
	all := map[uint32]*gathering{}
	for hour := day; hour < day+dayNanos; hour += hourNanos {
		b, err := readBlock(r.tx, hour)
		if err != nil {
			return err
		}
		for id, run := range b.runs {
			g := all[id]
			if g == nil {
				g = &gathering{series: r.names.series[id]}
				all[id] = g
			}
			for i := range run.points {
				g.add(&run.points[i])
			}
			r.samples += len(run.points)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(all)) {
		if err := r.put(bucketDay, rollupKey(id, day), all[id].rollup()); err != nil {
			return err
		}
	}
	return nil
}

func (r *rolling) dayOfHours(day int64) error {
	for _, id := range slices.Sorted(maps.Keys(r.names.series)) {
		var sum *Rollup
		c := r.tx.Bucket(bucketHour).Cursor()
		for _, v := range rollupsBetween(c, id, day, day+dayNanos) {
			one, err := decodeRollup(v)
			if err != nil {
				continue // damaged: the others are still good
			}
			if sum == nil {
				sum = one
				continue
			}
			if err := sum.merge(one); err != nil {
				return err
			}
		}
		if sum == nil {
			continue
		}
		if err := sum.settle(); err != nil {
			return err
		}
		if err := r.put(bucketDay, rollupKey(id, day), sum); err != nil {
			return err
		}
	}
	return nil
}

func (r *rolling) put(bucket, key []byte, rollup *Rollup) error {
	b := r.tx.Bucket(bucket)
	b.FillPercent = 0.95 // each series grows at its end
	rollup.Span = Hourly
	if bytes.Equal(bucket, bucketDay) {
		rollup.Span = Daily
	}
	return b.Put(key, encodeRollup(rollup))
}

// rollupsBetween walks the records of a series with from <= start < to.
func rollupsBetween(c *bolt.Cursor, id uint32, from, to int64) func(yield func(start int64, value []byte) bool) {
	return func(yield func(int64, []byte) bool) {
		for k, v := c.Seek(rollupKey(id, from)); k != nil; k, v = c.Next() {
			series, start, err := parseRollupKey(k)
			if err != nil || series != id || start >= to || !yield(start, v) {
				return
			}
		}
	}
}

// remove deletes the samples with from <= at < to.
func remove(tx *bolt.Tx, from, to int64) error {
	var keys [][]byte
	err := walk(tx, from, to, func(key, _ []byte) error {
		keys = append(keys, bytes.Clone(key))
		return nil
	})
	if err != nil {
		return err
	}
	b := tx.Bucket(bucketSamples)
	for _, key := range keys {
		if err := b.Delete(key); err != nil {
			return err
		}
	}
	return nil
}
