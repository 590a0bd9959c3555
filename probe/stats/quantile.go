package stats

import (
	"math"
	"slices"
	"sort"
	"sync"

	"gonum.org/v1/gonum/stat/distuv"
)

const (
	// confidence is the nominal coverage of every interval of this package, and
	// tail what it may miss on either side.
	confidence = 0.95
	tail       = (1 - confidence) / 2

	// z is the normal quantile that leaves the tail above it.
	z = 1.959963984540054

	// A quantile nearer than this to 0 or 1 is refused: it would take more than
	// 40,000 values.
	leastTail = 1e-4
)

// Quantile is an estimate of a quantile with its interval.
type Quantile struct {
	// P is the quantile's probability: 0.5 for the median.
	P float64
	// N is the number of values it rests on, Needed how many it takes.
	N, Needed int
	// Value is the estimate, Lo and Hi its 95 % interval, all in the unit of
	// the values. They count only where Earned.
	Value, Lo, Hi float64
	// Max is the largest value, which may be said of a quantile that is not
	// yet earned; 0 where N is 0.
	Max float64
	// Effective is how many independent values the N count for where they
	// follow one another; 0 where the order of the values was not given.
	Effective int
	// Warnings are the reasons to doubt the figure.
	Warnings Warnings
}

// Earned reports whether there are enough values for the quantile and its interval.
func (q Quantile) Earned() bool { return q.N >= q.Needed && q.N > 0 }

// Margin is the larger half of the interval: what is written after ±.
func (q Quantile) Margin() float64 { return math.Max(q.Value-q.Lo, q.Hi-q.Value) }

// Needed is the smallest n for which the quantile at p is given: 6 for the
// median, 76 for p95, 441 for p99. Both ends of the interval must lie within
// the values, by the exact binomial (from 6, 72 and 368 values on) and by the
// normal approximation of QuantileCI (go-moremath, 2020, on which benchstat rests)
// as well, which asks for some more in the tails. A p nearer than 0.0001 to 0 or 1,
// or not a number, is never earned.
func Needed(p float64) int {
	end := math.Min(p, 1-p)
	if math.IsNaN(end) || end < leastTail {
		return math.MaxInt
	}
	// All n values lie on one side of the quantile with probability (1-end)^n.
	n := int(math.Ceil(math.Log(tail) / math.Log1p(-end)))
	for !bounded(n, end) {
		n++
	}
	return n
}

// bounded reports whether the approximate interval of the quantile at 1-end has
// both its ends within n values: the number of values below the quantile is
// normal with the binomial's mean and variance, corrected for continuity; the
// ends are rounded outward, and the upper one is drawn in by one rank where 95 %
// remain between them.
func bounded(n int, end float64) bool {
	size := float64(n)
	mean, sd := size*(1-end), math.Sqrt(size*end*(1-end))
	lo := math.Floor(mean-z*sd-0.5) + 1
	hi := math.Ceil(mean+z*sd-0.5) + 1
	upTo := func(rank float64) float64 { return distuv.UnitNormal.CDF((rank - 0.5 - mean) / sd) }
	if upTo(hi-1)-upTo(lo) >= confidence {
		hi--
	}
	return lo >= 1 && hi <= size
}

// QuantileOf estimates the quantile at p of sorted values, by linear
// interpolation between order statistics (Hyndman and Fan 1996, definition 7),
// with the order-statistic interval of David and Nagaraja, Order Statistics, 7.1:
// the values at the ranks between which the true quantile lies with 95 %,
// whatever the distribution. Ties make it cover more, never less. Values that
// are not finite are left out.
func QuantileOf(sorted []float64, p float64) Quantile {
	all := len(sorted)
	// Sorted, they can only be at the ends.
	for len(sorted) > 0 && (math.IsNaN(sorted[0]) || math.IsInf(sorted[0], 0)) {
		sorted = sorted[1:]
	}
	for len(sorted) > 0 && math.IsInf(sorted[len(sorted)-1], 0) {
		sorted = sorted[:len(sorted)-1]
	}
	q := Quantile{P: p, N: len(sorted), Needed: Needed(p)}
	if q.N < all {
		q.Warnings.add(Refused, "%d of %d values are not finite and were left out", all-q.N, all)
	}
	if q.N == 0 {
		return q
	}
	q.Max = sorted[q.N-1]
	if !q.Earned() {
		if q.Needed < math.MaxInt {
			q.Warnings.add(Collecting, "collecting %d/%d", q.N, q.Needed)
		}
		return q
	}
	h := p * float64(q.N-1)
	i := int(h)
	q.Value = sorted[i]
	if i+1 < q.N {
		q.Value += (h - float64(i)) * (sorted[i+1] - sorted[i])
	}
	lo, hi := ranks(q.N, p)
	lo, hi = max(lo, 1), min(hi, q.N)
	q.Lo, q.Hi = sorted[lo-1], sorted[hi-1]

	if distinct := distinctIn(sorted[lo-1:hi], 3); distinct < 3 {
		q.Warnings.add(Quantised, "the interval holds %d values only: it is as wide as their step allows", distinct)
	}
	if far := outliers(sorted); far > 0 {
		q.Warnings.add(Outliers, "%d of %d values lie more than %d robust standard deviations from the median", far, q.N, farOut)
	}
	return q
}

// QuantileOver is QuantileOf for values in the order of time, which it leaves
// untouched. It also says what only the order shows: a first value far above the
// others, and values that follow one another. The interval stays that of N
// independent values; Effective says how many they count for.
func QuantileOver(series []float64, p float64) Quantile {
	sorted := Sort(slices.Clone(series))
	q := QuantileOf(sorted, p)
	series = finite(series)
	if firstSlower(series) {
		q.Warnings.add(FirstSlower, "the first value is far above the others: it may have paid for a start")
	}
	q.Effective = q.N
	if serial := SerialOf(series); serial.Shown {
		q.Effective = serial.Effective
		q.Warnings.add(Autocorrelated, "%s", serial.sentence())
	}
	return q
}

// distinctIn counts the distinct values of sorted ones, up to enough.
func distinctIn(sorted []float64, enough int) int {
	count := 1
	for i := 1; i < len(sorted) && count < enough; i++ {
		if sorted[i] != sorted[i-1] {
			count++
		}
	}
	return count
}

// Sort sorts values in place and returns them.
func Sort(values []float64) []float64 {
	sort.Float64s(values)
	return values
}

type rankKey struct {
	n int
	p float64
}

// rankCache remembers interval ranks: they depend on n and p alone, and a
// screen asks for the same ones twice a second.
var rankCache struct {
	sync.Mutex
	known map[rankKey][2]int
}

// mostRanks bounds the cache: n grows with every sample, for months.
const mostRanks = 1 << 12

// ranks are the 1-based ranks of the interval's ends, equal-tailed: the number
// of values below the true quantile is binomial (n, p). A rank outside 1..n
// means that n values do not bound the quantile on that side.
func ranks(n int, p float64) (lo, hi int) {
	key := rankKey{n, p}
	rankCache.Lock()
	pair, ok := rankCache.known[key]
	rankCache.Unlock()
	if ok {
		return pair[0], pair[1]
	}
	below := distuv.Binomial{N: float64(n), P: p}
	// P(below < lo) <= tail, P(below >= hi) <= tail, as tight as the tails allow.
	lo = sort.Search(n+1, func(k int) bool { return below.CDF(float64(k)) > tail })
	hi = 1 + sort.Search(n+1, func(k int) bool { return below.CDF(float64(k)) >= 1-tail })
	rankCache.Lock()
	defer rankCache.Unlock()
	if rankCache.known == nil || len(rankCache.known) >= mostRanks {
		rankCache.known = map[rankKey][2]int{}
	}
	rankCache.known[key] = [2]int{lo, hi}
	return lo, hi
}

// QuantileFrom is QuantileOf for n values that are not at hand but one by one, by
// their rank from 0: those of a sketch. It has no warnings about their spread.
func QuantileFrom(n int, p float64, at func(rank int) float64) Quantile {
	q := Quantile{P: p, N: n, Needed: Needed(p)}
	if n <= 0 {
		q.N = 0
		return q
	}
	q.Max = at(n - 1)
	if !q.Earned() {
		if q.Needed < math.MaxInt {
			q.Warnings.add(Collecting, "collecting %d/%d", q.N, q.Needed)
		}
		return q
	}
	h := p * float64(n-1)
	i := int(h)
	q.Value = at(i)
	if i+1 < n {
		q.Value += (h - float64(i)) * (at(i+1) - q.Value)
	}
	lo, hi := ranks(n, p)
	q.Lo, q.Hi = at(max(lo, 1)-1), at(min(hi, n)-1)
	return q
}
