package stats

import (
	"math"
	"slices"
)

// What the detector is made of. Together they were chosen by simulation: on
// independent log-normal values with a standard deviation of the logarithm of 0.45
// they raise about one false alarm in 12,000 values, on quieter ones fewer.
const (
	blockSize  = 5  // values a block: its median ignores two far ones
	baseBlocks = 20 // blocks of the baseline: 100 values
	clipAt     = 3  // the most one block may count
	slack      = 1  // what a block must exceed to count: k
	decision   = 6  // the sum that decides: h
	confirming = 3  // the last blocks that must all lie beyond the line
	worse      = 1.25

	// Below this standard deviation of the logarithm the noise is not trusted:
	// equal values would make any step infinitely surprising.
	leastNoise = 0.01
)

// Baseline is how many values the detector collects before it judges.
const Baseline = baseBlocks * blockSize

// EventKind is what a detector found.
type EventKind int

// The kinds of events.
const (
	// Onset: the series is worse than its baseline.
	Onset EventKind = iota + 1
	// End: the series is back below the line.
	End
	// Lost: the series broke off for so long that a regression that was open
	// can no longer be judged against its baseline.
	Lost
)

// Event is a change of the series' state.
type Event struct {
	Kind EventKind
	// From is the index of the value at which the change is estimated to have
	// begun, At that of the value that showed it. The first value has index 0.
	From, At int
	// Ratio is the level since From against the baseline: 1.5 for half as much
	// again. Where a rise was slow to pass the line, and at an end, it is that of
	// the last 15 values. 0 where the kind is Lost.
	Ratio float64
}

// Detector watches one series of positive values, in the order of time, for a
// lasting rise of a quarter or more. The zero value is ready. It is a one-sided
// cumulative sum (Page 1954) over the medians of blocks of 5: the log of the
// median, less the baseline's median, in standard errors of the baseline's noise
// (its median absolute deviation, scaled, over √5), clipped at 3; each block adds
// what it exceeds 1 by, and the sum decides at 6, but only while each of the last
// three blocks is over +25 %: a tiny shift is no regression however well shown.
//
// The baseline is the last 100 values that are not under suspicion: blocks wait
// outside it while the sum is above 0, and join it when the sum returns there or
// 100 newer values wait. A slow drift is thus followed, and a regression does not
// become its own baseline. While one is open the baseline stands still; when it
// ends, the baseline of before goes on.
//
// The end is the same sum the other way, of how far blocks lie below the +25 %
// line. A level that is there to stay keeps the regression open.
//
// Values that follow one another raise more false alarms than independent ones:
// at a lag-1 correlation of 0.3 about five times as many.
//
// A detector is not safe for concurrent use. It keeps at most 45 blocks.
type Detector struct {
	next    int // the index of the next value
	block   block
	base    []block
	waiting []block // suspected, oldest first
	recent  []block // the last three judged

	middle, noise float64 // of the baseline, in logs
	sum           float64
	open          bool
	since         int // where the sum left 0
}

// block is up to 5 logs and the index of the first.
type block struct {
	logs [blockSize]float64
	n    int
	from int
}

func (b block) median() float64 {
	sorted := b.logs
	slices.Sort(sorted[:])
	return sorted[blockSize/2]
}

// Add takes the next value and reports a change of state. A value that is not
// positive and finite is refused: it has an index, and counts for nothing.
func (d *Detector) Add(v float64) (Event, bool) {
	index := d.next
	d.next++
	if !measurable(v) {
		return Event{}, false
	}
	if d.block.n == 0 {
		d.block.from = index
	}
	d.block.logs[d.block.n] = math.Log(v)
	d.block.n++
	if d.block.n < blockSize {
		return Event{}, false
	}
	full := d.block
	d.block = block{}
	if len(d.base) < baseBlocks {
		d.learn(full)
		return Event{}, false
	}
	return d.judge(full, index)
}

// Gap tells that as many values are missing at this place: the indices go on
// after them. What was under suspicion is forgotten, for evidence does not reach
// across a gap; a baseline older than its own length is collected anew.
func (d *Detector) Gap(missing int) (Event, bool) {
	if missing <= 0 {
		return Event{}, false
	}
	at := d.next
	d.next += missing
	d.block = block{}
	d.calm()
	if missing < Baseline {
		return Event{}, false
	}
	lost := d.open
	*d = Detector{next: d.next}
	return Event{Kind: Lost, From: at, At: at}, lost
}

// Normal is the median of the baseline in the unit of the values; 0 until it is
// complete.
func (d *Detector) Normal() float64 {
	if len(d.base) < baseBlocks {
		return 0
	}
	return math.Exp(d.middle)
}

func (d *Detector) judge(b block, index int) (Event, bool) {
	rise := b.median() - d.middle
	line := math.Log(worse)
	d.recent = push(d.recent, b, confirming)
	before := d.sum
	if d.open {
		d.sum += math.Max(-clipAt, math.Min(clipAt, (line-rise)/d.noise))
	} else {
		d.sum += math.Max(-clipAt, math.Min(clipAt, rise/d.noise)) - slack
	}
	d.sum = math.Max(0, math.Min(decision, d.sum))
	if before == 0 && d.sum > 0 {
		d.since = b.from
	}
	if d.sum >= decision && d.confirmed(line) {
		event := Event{Kind: Onset, From: d.since, At: index}
		if d.open {
			event.Kind = End
			event.Ratio = d.ratio(d.recent)
		} else {
			event.Ratio = d.ratio(append(slices.Clone(d.waiting), b))
			if event.Ratio <= worse {
				event.Ratio = d.ratio(d.recent)
			}
		}
		d.open = !d.open
		d.calm()
		return event, true
	}
	if !d.open {
		d.waiting = append(d.waiting, b)
		if d.sum == 0 {
			d.learn(d.waiting...)
			d.waiting = d.waiting[:0]
		} else if len(d.waiting) > baseBlocks {
			d.learn(d.waiting[0])
			d.waiting = slices.Delete(d.waiting, 0, 1)
			d.since = d.waiting[0].from
		}
	}
	return Event{}, false
}

// confirmed reports whether the last three blocks all lie on the side of the line
// that the sum speaks of.
func (d *Detector) confirmed(line float64) bool {
	for _, b := range d.recent {
		if (b.median()-d.middle > line) == d.open {
			return false
		}
	}
	return len(d.recent) == confirming
}

// ratio is the median of the blocks' medians against the baseline.
func (d *Detector) ratio(blocks []block) float64 {
	medians := make([]float64, len(blocks))
	for i, b := range blocks {
		medians[i] = b.median()
	}
	return math.Exp(middleOf(Sort(medians)) - d.middle)
}

// calm drops what is under suspicion.
func (d *Detector) calm() {
	d.sum = 0
	d.waiting = d.waiting[:0]
	d.recent = d.recent[:0]
}

// learn takes blocks into the baseline and measures it once it is complete.
func (d *Detector) learn(blocks ...block) {
	for _, b := range blocks {
		d.base = push(d.base, b, baseBlocks)
	}
	if len(d.base) < baseBlocks {
		return
	}
	var values [Baseline]float64
	for i, b := range d.base {
		copy(values[i*blockSize:], b.logs[:])
	}
	slices.Sort(values[:])
	middle, sd := spreadOf(values[:], asIs)
	d.middle, d.noise = middle, math.Max(leastNoise, sd)/math.Sqrt(blockSize)
}

// push appends a block and drops the oldest beyond most.
func push(blocks []block, b block, most int) []block {
	if len(blocks) == most {
		blocks = slices.Delete(blocks, 0, 1)
	}
	return append(blocks, b)
}

// middleOf is the median of sorted values.
func middleOf(sorted []float64) float64 {
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
