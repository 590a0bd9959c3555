package stats

import (
	"math"
	"sort"

	"gonum.org/v1/gonum/stat/distuv"
)

// pairwise is the multiset on which a rank test and its estimate rest: the
// differences of two samples, or the means of pairs from one sample. It is never
// written out (1,440 against 1,440 would be 2 million): its members are counted
// against a bound in linear time, and its order statistics found by bisection.
type pairwise struct {
	// size is the number of members.
	size int
	// atMost counts the members that are no larger than v.
	atMost func(v float64) int
	// least and most are its smallest and largest member.
	least, most float64
}

// differences are b[j] - a[i] of two sorted samples.
func differences(a, b []float64) pairwise {
	return pairwise{
		size:  len(a) * len(b),
		least: b[0] - a[len(a)-1],
		most:  b[len(b)-1] - a[0],
		atMost: func(v float64) int {
			count, j := 0, 0
			for _, x := range a {
				for j < len(b) && b[j]-x <= v {
					j++
				}
				count += j
			}
			return count
		},
	}
}

// walsh are the means of every value with itself and every later one (Walsh
// 1949), of one sorted sample.
func walsh(d []float64) pairwise {
	n := len(d)
	return pairwise{
		size:  n * (n + 1) / 2,
		least: d[0],
		most:  d[n-1],
		atMost: func(v float64) int {
			count, j := 0, n
			for i, x := range d {
				for j > 0 && (x+d[j-1])/2 > v {
					j--
				}
				if j <= i {
					break
				}
				count += j - i
			}
			return count
		},
	}
}

// kth is the k-th smallest member, k from 1. Floating-point numbers of one sign
// are ordered as their bits are, so that at most 64 halvings reach the exact
// member.
func (p pairwise) kth(k int) float64 {
	lo, hi := orderedBits(p.least), orderedBits(p.most)
	for lo < hi {
		middle := lo + int64(uint64(hi-lo)/2)
		if p.atMost(fromOrderedBits(middle)) >= k {
			hi = middle
		} else {
			lo = middle + 1
		}
	}
	return fromOrderedBits(lo)
}

// median is the middle member, or the mean of the two.
func (p pairwise) median() float64 {
	if p.size%2 == 1 {
		return p.kth((p.size + 1) / 2)
	}
	return (p.kth(p.size/2) + p.kth(p.size/2+1)) / 2
}

// statistic counts the members above 0, those at 0 by half: Mann and Whitney's U
// for differences, Wilcoxon's signed-rank sum for Walsh means (Tukey 1949).
func (p pairwise) statistic() float64 {
	notAbove, below := p.atMost(0), p.atMost(-math.SmallestNonzeroFloat64)
	return float64(p.size-notAbove) + float64(notAbove-below)/2
}

func orderedBits(v float64) int64 {
	bits := int64(math.Float64bits(v))
	if bits < 0 {
		bits ^= math.MaxInt64
	}
	return bits
}

func fromOrderedBits(bits int64) float64 {
	if bits < 0 {
		bits ^= math.MaxInt64
	}
	return math.Float64frombits(uint64(bits))
}

// nullDistribution is that of a statistic where there is no difference. It lies
// in 0..size and is symmetric about its middle.
type nullDistribution struct {
	size int
	// cumulative holds P(X <= k) up to the middle, where it is known exactly.
	cumulative []float64
	// sd is that of the normal approximation used elsewhere, ties allowed for.
	sd float64
}

// atMost is P(X <= k) for k below the middle.
func (d nullDistribution) atMost(k int) float64 {
	if d.cumulative != nil {
		return d.cumulative[k]
	}
	if d.sd == 0 {
		return 0 // all members are equal
	}
	return distuv.UnitNormal.CDF((float64(k) + 0.5 - float64(d.size)/2) / d.sd)
}

// p is the two-sided probability of a statistic at least as far from the middle.
// A half that ties leave is rounded towards the middle.
func (d nullDistribution) p(statistic float64) float64 {
	k := int(math.Ceil(math.Min(statistic, float64(d.size)-statistic)))
	if 2*k >= d.size {
		return 1
	}
	return math.Min(1, 2*d.atMost(k))
}

// critical is the rank of the members at which the interval ends: the smallest
// and the largest but critical-1 are cut off. 0 where there are too few members
// for an interval.
func (d nullDistribution) critical() int {
	const rounding = 1e-12
	return sort.Search((d.size+1)/2, func(k int) bool { return d.atMost(k) > tail+rounding })
}

// exactWork bounds what an exact distribution may cost, in additions: 64 values
// on each side, or 11 against 2,000.
const exactWork = 1 << 18

// mannWhitney is the distribution of U for n and m values, exact where that is
// cheap, and else normal with the correction for ties of Lehmann, Nonparametrics
// (1975): sorted are all the values. Exact counts take no account of ties; the
// half ranks they leave are rounded so that the test claims less.
func mannWhitney(n, m int, sorted []float64) nullDistribution {
	d := nullDistribution{size: n * m}
	if small := min(n, m); small*small*max(n, m) <= exactWork {
		d.cumulative = mannWhitneyExact(n, m)
		return d
	}
	total := float64(n + m)
	d.sd = math.Sqrt(float64(n) * float64(m) / 12 * (total + 1 - tieSum(sorted)/(total*(total-1))))
	return d
}

// mannWhitneyExact counts the arrangements with each U up to the middle: they are
// the coefficients of the Gaussian binomial (Mann and Whitney 1947), built up
// one factor (1 - x^(m+i)) / (1 - x^i) at a time.
func mannWhitneyExact(n, m int) []float64 {
	if n > m {
		n, m = m, n
	}
	count := make([]float64, n*m/2+1)
	count[0] = 1
	arrangements := 1.0
	for i := 1; i <= n; i++ {
		for k := len(count) - 1; k >= m+i; k-- {
			count[k] -= count[k-m-i]
		}
		for k := i; k < len(count); k++ {
			count[k] += count[k-i]
		}
		arrangements *= float64(m+i) / float64(i)
	}
	return accumulate(count, arrangements)
}

// signedRank is the distribution of Wilcoxon's statistic for n differences,
// sorted by size without sign: exact up to 100, else normal with the zeros kept
// (Pratt 1959; the variance is Cureton's, 1967) and corrected for ties.
func signedRank(sizes []float64) nullDistribution {
	n := len(sizes)
	d := nullDistribution{size: n * (n + 1) / 2}
	if n <= 100 {
		d.cumulative = signedRankExact(n)
		return d
	}
	zeros := sort.Search(n, func(i int) bool { return sizes[i] > 0 })
	cubic := func(n int) float64 { return float64(n) * float64(n+1) * float64(2*n+1) }
	d.sd = math.Sqrt((cubic(n)-cubic(zeros))/24 - tieSum(sizes[zeros:])/48)
	return d
}

// signedRankExact counts the sets of ranks with each sum up to the middle
// (Wilcoxon 1945).
func signedRankExact(n int) []float64 {
	count := make([]float64, n*(n+1)/4+1)
	count[0] = 1
	for i := 1; i <= n; i++ {
		for k := len(count) - 1; k >= i; k-- {
			count[k] += count[k-i]
		}
	}
	return accumulate(count, math.Pow(2, float64(n)))
}

func accumulate(count []float64, total float64) []float64 {
	sum := 0.0
	for i, c := range count {
		sum += c
		count[i] = sum / total
	}
	return count
}

// tieSum is the sum of t³ - t over the groups of t equal values.
func tieSum(sorted []float64) float64 {
	sum := 0.0
	for from := 0; from < len(sorted); {
		to := from + 1
		for to < len(sorted) && sorted[to] == sorted[from] {
			to++
		}
		t := float64(to - from)
		sum += t*t*t - t
		from = to
	}
	return sum
}
