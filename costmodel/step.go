package costmodel

import (
	"math/big"
	"sync"
)

// The round volumes that a knob stops at, in tenths: twelve a decade, chosen so
// that each fourth is one of 1, 2, 5, the coarse stops. Neighbours are a tenth
// to a third apart, near the 21 % of twelve even steps a decade.
var gridDigits = [12]int64{10, 12, 15, 18, 20, 25, 30, 40, 50, 60, 70, 80}

const (
	// coarseStride is the number of fine stops in a coarse step.
	coarseStride = 4
	gridDecades  = 15 // from 1 token to maxVolume
)

// volumeGrid returns the stops in ascending order, for reading only.
var volumeGrid = sync.OnceValue(func() []*big.Rat {
	var grid []*big.Rat
	for decade := range gridDecades {
		for _, digits := range gridDigits {
			stop := new(big.Rat).Mul(big.NewRat(digits, 10), pow10(decade))
			grid = append(grid, stop)
		}
	}
	return append(grid, integer(maxVolume))
})

// StepVolume turns the volume knob by n steps, up where n is positive, and
// returns the workload with the new volume, in its own period. A fine step
// goes to the next of twelve round values a decade (1, 1.2, 1.5, 1.8, 2, 2.5,
// 3, 4, 5, 6, 7, 8), a coarse one to the next of 1, 2, 5.
//
// The volume of base, the workload before any knob was turned, is a stop as
// well, wherever it lies. So a step and its opposite return exactly, from base
// and from every volume that steps lead to, in any mixture of fine and coarse:
// from a fine stop that is neither 1, 2, 5 nor base, a coarse step is four
// fine stops. Stops reach from 1 to 1e15 a period; a step beyond them
// does nothing.
func (w Workload) StepVolume(n int, coarse bool, base Workload) Workload {
	// The same volume in the period of w, should that differ.
	start := new(big.Rat).Quo(base.unitsPerDay(), w.Volume.period.perDay(w.DaysPerMonth))
	if base.Volume.period == w.Volume.period {
		start = base.Volume.rat() // unaffected by a different DaysPerMonth
	}
	tokens := w.Volume.rat()
	for range magnitude(n) {
		next := nextVolume(tokens, start, n > 0, coarse)
		if next == nil {
			break
		}
		tokens = next
	}
	w.Volume.amount = tokens
	return w
}

// magnitude returns |n|.
func magnitude(n int) uint {
	if n < 0 {
		return uint(-(n + 1)) + 1 // the least int has no positive counterpart
	}
	return uint(n)
}

// nextVolume returns the stop one step from tokens, nil where there is none.
func nextVolume(tokens, base *big.Rat, up, coarse bool) *big.Rat {
	grid := volumeGrid()
	if coarse && tokens.Cmp(base) != 0 {
		for i, stop := range grid {
			if i%coarseStride != 0 && stop.Cmp(tokens) == 0 {
				return strideFrom(i, base, up)
			}
		}
	}
	beyond := func(stop *big.Rat) bool { // strictly further in the direction
		if up {
			return stop.Cmp(tokens) > 0
		}
		return stop.Cmp(tokens) < 0
	}
	var next *big.Rat
	consider := func(stop *big.Rat) {
		if beyond(stop) && (next == nil || up == (stop.Cmp(next) < 0)) {
			next = stop
		}
	}
	for i, stop := range grid {
		if !coarse || i%coarseStride == 0 {
			consider(stop)
		}
	}
	consider(base)
	return next
}

// strideFrom returns the stop a coarse step from the fine stop i. It steps
// over base, which coarse steps reach from 1, 2, 5 only: otherwise the way
// back from base would lead there and not to i.
func strideFrom(i int, base *big.Rat, up bool) *big.Rat {
	grid := volumeGrid()
	stride := coarseStride
	if !up {
		stride = -coarseStride
	}
	for i += stride; i >= 0 && i < len(grid); i += stride {
		if grid[i].Cmp(base) != 0 {
			return grid[i]
		}
	}
	return nil
}

// StepSplit turns the split knob by n steps of one percentage point of input,
// ten where coarse, up where n is positive, and returns the workload with the
// new split. The shares end at 0 and 100: a last step is cut short there, and
// a further one does nothing.
//
// Steps lead along the input share of base, the workload before any knob was
// turned, plus or minus whole steps: 72.5, 73.5 and so on. So a step and its
// opposite return exactly, from 0 and 100 as well; only a coarse step that ends there
// from off the line of coarse ones (base 75, from 96 to 100) comes back to the
// line (95). A workload without a split stays as it is; where only base has none,
// the current share stands for it.
func (w Workload) StepSplit(n int, coarse bool, base Workload) Workload {
	if !w.Split.Given() {
		return w
	}
	start := w.Split.input
	if base.Split.Given() {
		start = base.Split.input
	}
	w.Split = Split{input: stepShare(n, coarse, point, w.Split.input, start, integer(1))}
	return w
}

// point is the fine step of most shares, one percentage point; retries, which are
// few, turn by halfPoint. Ten fine steps are a coarse one.
var (
	point     = big.NewRat(1, percent)
	halfPoint = big.NewRat(1, 2*percent)
)

// StepCached turns the knob of the cached share by n steps of one percentage
// point, ten where coarse, as StepSplit does; it ends at 0 and at what is not
// written to the cache.
func (w Workload) StepCached(n int, coarse bool, base Workload) Workload {
	w.Cached = Share{r: stepShare(n, coarse, point, w.Cached.rat(), base.Cached.rat(), w.CacheWrite.rest())}
	return w
}

// StepBatch turns the knob of the batch share by n steps of one percentage point,
// ten where coarse, as StepSplit does.
func (w Workload) StepBatch(n int, coarse bool, base Workload) Workload {
	w.Batch = Share{r: stepShare(n, coarse, point, w.Batch.rat(), base.Batch.rat(), integer(1))}
	return w
}

// StepRetries turns the knob of the retries by n steps of half a percentage point,
// five where coarse, as StepSplit does.
func (w Workload) StepRetries(n int, coarse bool, base Workload) Workload {
	w.Retries = Share{r: stepShare(n, coarse, halfPoint, w.Retries.rat(), base.Retries.rat(), integer(1))}
	return w
}

// stepShare returns the share n steps from share, between 0 and top, on the line
// of start.
func stepShare(n int, coarse bool, size, share, start, top *big.Rat) *big.Rat {
	if coarse {
		size = new(big.Rat).Mul(size, integer(10))
	}
	for range min(magnitude(n), 2*percent+1) { // enough to cross in the finest steps
		share = nextShare(share, start, size, top, n > 0)
	}
	return share
}

// nextShare returns the share one step from share.
func nextShare(share, base, size, top *big.Rat, up bool) *big.Rat {
	steps := new(big.Rat).Sub(share, base)
	steps.Quo(steps, size)
	atBound := share.Sign() == 0 || share.Cmp(top) == 0
	if atBound && !steps.IsInt() {
		// The line of base does not pass through the bound: rejoin it.
		whole := floor(steps)
		if !up {
			whole.Add(whole, integer(1))
		}
		steps = whole
	}
	if up {
		steps.Add(steps, integer(1))
	} else {
		steps.Sub(steps, integer(1))
	}
	next := steps.Mul(steps, size)
	next.Add(next, base)
	switch {
	case next.Sign() < 0:
		return new(big.Rat)
	case next.Cmp(top) > 0:
		return top
	}
	return next
}

// floor returns the largest whole number that is not above r.
func floor(r *big.Rat) *big.Rat {
	// Div rounds towards minus infinity, as the denominator is positive.
	return new(big.Rat).SetInt(new(big.Int).Div(r.Num(), r.Denom()))
}
