package stats

import (
	"math"
	"sort"
	"sync"

	"gonum.org/v1/gonum/stat/distuv"
)

// confidence is the nominal coverage of every interval of this package.
const confidence = 0.95

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
}

// Earned reports whether there are enough values for the quantile and its interval.
func (q Quantile) Earned() bool { return q.N >= q.Needed && q.N > 0 }

// Margin is the larger half of the interval: what is written after ±.
func (q Quantile) Margin() float64 { return math.Max(q.Value-q.Lo, q.Hi-q.Value) }

// Needed is the smallest n for which the quantile at p is given: 6 for the
// median, 76 for p95, 441 for p99. Up to there the interval's upper end would
// have to lie beyond the largest value, or would rest on it alone.
func Needed(p float64) int {
	switch p {
	case 0.5:
		return 6
	case 0.95:
		return 76
	case 0.99:
		return 441
	}
	n := 1
	for lo, hi := ranks(n, p); lo < 1 || hi > n; lo, hi = ranks(n, p) {
		n++
	}
	return n
}

// QuantileOf estimates the quantile at p of sorted values, by linear
// interpolation between order statistics (Hyndman and Fan 1996, definition 7),
// with the order-statistic interval of David and Nagaraja, Order Statistics, 7.1:
// the values at the ranks between which the true quantile lies with 95 %,
// whatever the distribution.
func QuantileOf(sorted []float64, p float64) Quantile {
	q := Quantile{P: p, N: len(sorted), Needed: Needed(p)}
	if q.N == 0 {
		return q
	}
	q.Max = sorted[q.N-1]
	if !q.Earned() {
		return q
	}
	h := p * float64(q.N-1)
	i := int(h)
	q.Value = sorted[i]
	if i+1 < q.N {
		q.Value += (h - float64(i)) * (sorted[i+1] - sorted[i])
	}
	lo, hi := ranks(q.N, p)
	q.Lo, q.Hi = sorted[max(lo, 1)-1], sorted[min(hi, q.N)-1]
	return q
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
var rankCache sync.Map // rankKey -> [2]int

// ranks are the 1-based ranks of the interval's ends, equal-tailed: the number
// of values below the true quantile is binomial (n, p). A rank outside 1..n
// means that n values do not bound the quantile on that side.
func ranks(n int, p float64) (lo, hi int) {
	key := rankKey{n, p}
	if r, ok := rankCache.Load(key); ok {
		if pair, ok := r.([2]int); ok {
			return pair[0], pair[1]
		}
	}
	tail := (1 - confidence) / 2
	below := distuv.Binomial{N: float64(n), P: p}
	// P(below < lo) <= tail, P(below >= hi) <= tail, as tight as the tails allow.
	lo = sort.Search(n+1, func(k int) bool { return below.CDF(float64(k)) > tail })
	hi = 1 + sort.Search(n+1, func(k int) bool { return below.CDF(float64(k)) >= 1-tail })
	rankCache.Store(key, [2]int{lo, hi})
	return lo, hi
}
