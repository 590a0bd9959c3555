package store

import (
	"slices"
	"sort"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"
)

// block is an hour of samples, decoded. It is what makes a window cheap: closed
// hours do not change, and the one that runs grows at its end.
type block struct {
	hour int64 // its begin, in nanoseconds since 1970
	runs map[uint32]*run
	// damaged has the times of the records that could not be read.
	damaged []int64
	used    uint64 // when it was last asked for, in the cache's count
}

// run is what a block has of one series, in the order of time. Points are only
// ever added behind those there are, so that a reader may keep a part of them.
type run struct {
	points []point
}

// part is a stretch of a run.
type part struct {
	run    *run
	lo, hi int
	points []point
}

// between is the part of the run with from <= at < to.
func between(points []point, from, to int64) (lo, hi int) {
	lo = sort.Search(len(points), func(i int) bool { return points[i].at >= from })
	hi = lo + sort.Search(len(points)-lo, func(i int) bool { return points[lo+i].at >= to })
	return lo, hi
}

const hourNanos = int64(time.Hour)

func hourOf(at int64) int64 { return at - at%hourNanos }

// readBlock decodes the samples of an hour.
func readBlock(tx *bolt.Tx, hour int64) (*block, error) {
	b := &block{hour: hour, runs: map[uint32]*run{}}
	var (
		w     wireSample
		arena []byte // one piece of memory for all records that are kept
	)
	err := walk(tx, hour, hour+hourNanos, func(key, value []byte) error {
		at, id, err := parseSampleKey(key)
		if err == nil {
			err = w.decode(value)
		}
		if err == nil && !inFormat(&w) {
			err = ErrNewer
		}
		if err != nil {
			b.damaged = append(b.damaged, at)
			return nil //nolint:nilerr // counted for the caller; the rest is still good
		}
		p := pointOf(at, &w, value)
		if p.record != nil {
			if cap(arena)-len(arena) < len(value) {
				arena = make([]byte, 0, max(64<<10, len(value)))
			}
			start := len(arena)
			arena = append(arena, value...)
			p.record = arena[start:len(arena):len(arena)]
		}
		b.add(id, p)
		return nil
	})
	return b, err
}

func (b *block) add(id uint32, p point) {
	r := b.runs[id]
	if r == nil {
		r = &run{points: make([]point, 0, 64)}
		b.runs[id] = r
	}
	r.points = append(r.points, p)
}

// blocks keeps the hours that were read last.
type blocks struct {
	mu    sync.Mutex
	hours map[int64]*block
	// changes counts what was written: a block read before a change and kept
	// after it would miss it for good.
	changes uint64
	uses    uint64
}

// mostBlocks bounds how many hours are kept: a day that begins and ends within
// an hour, and some more for charts.
const mostBlocks = 32

// view copies a block's runs under the lock: what is added later is not seen.
type view struct {
	runs    map[uint32]part
	damaged []int64
}

// get gives an hour as it is, from memory where it is there.
func (c *blocks) get(tx *bolt.Tx, hour int64, changes uint64) (view, error) {
	c.mu.Lock()
	b := c.hours[hour]
	if b != nil {
		v := c.look(b)
		c.mu.Unlock()
		return v, nil
	}
	c.mu.Unlock()
	b, err := readBlock(tx, hour)
	if err != nil {
		return view{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if changes == c.changes {
		c.keep(b)
	}
	return c.look(b), nil
}

func (c *blocks) look(b *block) view {
	c.uses++
	b.used = c.uses
	v := view{runs: make(map[uint32]part, len(b.runs)), damaged: b.damaged}
	for id, r := range b.runs {
		v.runs[id] = part{run: r, points: r.points}
	}
	return v
}

func (c *blocks) keep(b *block) {
	if c.hours == nil {
		c.hours = map[int64]*block{}
	}
	c.hours[b.hour] = b
	for len(c.hours) > mostBlocks {
		oldest := b
		for _, other := range c.hours {
			if other.used < oldest.used && other != b {
				oldest = other
			}
		}
		if oldest == b {
			return
		}
		delete(c.hours, oldest.hour)
	}
}

// state is the count of changes, to be taken before a transaction that reads.
func (c *blocks) state() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.changes
}

// added takes in a sample that was committed.
func (c *blocks) added(id uint32, p point) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.changes++
	b := c.hours[hourOf(p.at)]
	if b == nil {
		return
	}
	if r := b.runs[id]; r != nil && len(r.points) > 0 {
		last := r.points[len(r.points)-1].at
		if last == p.at {
			return // a reader was faster
		}
		if last > p.at {
			delete(c.hours, b.hour) // into the middle: to be read again
			return
		}
	}
	b.add(id, p)
}

// forget drops everything: samples were removed or replaced.
func (c *blocks) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.changes++
	c.hours = nil
}

// damagedIn counts the damaged records with from <= at < to.
func (v view) damagedIn(from, to int64) int {
	n := 0
	for _, at := range v.damaged {
		if from <= at && at < to {
			n++
		}
	}
	return n
}

// seriesIn lists the series of several views, as they first appeared.
func seriesIn(views []view) []uint32 {
	seen := map[uint32]bool{}
	var ids []uint32
	for _, v := range views {
		for id := range v.runs {
			if !seen[id] {
				seen[id] = true
				ids = append(ids, id)
			}
		}
	}
	slices.Sort(ids)
	return ids
}
