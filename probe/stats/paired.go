package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Paired compares two shares of successes over the same trials.
type Paired struct {
	// N trials: OnlyA of them succeeded with a alone, OnlyB with b alone.
	N, OnlyA, OnlyB int
	// Value is b's share less a's, Lo and Hi its 95 % interval, in -1..1. Value is
	// not a number where there are no trials.
	Value, Lo, Hi float64
	// P is McNemar's exact test of the trials in which they differ: how likely as
	// much would be if they were the same.
	P float64

	both, neither int
}

// PairedOf compares by how many trials succeeded with both, with one alone and with
// neither. The interval is the score interval for paired proportions (Newcombe 1998,
// Improved confidence intervals for the difference between binomial proportions
// based on paired data, method 10); the test is exact (McNemar 1947, by the
// binomial).
func PairedOf(both, onlyA, onlyB, neither int) Paired {
	p := Paired{N: both + onlyA + onlyB + neither, OnlyA: onlyA, OnlyB: onlyB, both: both, neither: neither, P: 1}
	if p.N <= 0 || min(both, onlyA, onlyB, neither) < 0 {
		return Paired{Value: math.NaN(), Lo: -1, Hi: 1, P: 1}
	}
	p.Value, p.Lo, p.Hi = pairedInterval(float64(both), float64(onlyA), float64(onlyB), float64(neither))
	if differ := onlyA + onlyB; differ > 0 {
		half := distuv.Binomial{N: float64(differ), P: 0.5}
		p.P = math.Min(1, 2*half.CDF(float64(min(onlyA, onlyB))))
	}
	return p
}

// pairedInterval takes counts that need not be whole.
func pairedInterval(both, onlyA, onlyB, neither float64) (value, lo, hi float64) {
	n := both + onlyA + onlyB + neither
	a, b := (both+onlyA)/n, (both+onlyB)/n
	loA, hiA := wilson(a, n)
	loB, hiB := wilson(b, n)
	// The shares move together: phi says how much, less the correction that keeps it
	// from being taken for more than it is.
	phi := 0.0
	if product := (both + onlyA) * (onlyB + neither) * (both + onlyB) * (onlyA + neither); product > 0 {
		determinant := both*neither - onlyA*onlyB
		if determinant > 0 {
			determinant = math.Max(0, determinant-n/2)
		}
		phi = determinant / math.Sqrt(product)
	}
	reach := func(x, y float64) float64 { return math.Sqrt(math.Max(0, x*x-2*phi*x*y+y*y)) }
	value = b - a
	return value, math.Max(-1, value-reach(b-loB, hiA-a)), math.Min(1, value+reach(hiB-b, a-loA))
}

// wilson is the Wilson score interval of a share of n trials.
func wilson(share, n float64) (lo, hi float64) {
	mid := share + z*z/(2*n)
	half := z * math.Sqrt(share*(1-share)/n+z*z/(4*n*n))
	scale := 1 + z*z/n
	return math.Max(0, (mid-half)/scale), math.Min(1, (mid+half)/scale)
}

// AtLeast judges the difference against a smallest one allowed: its More is how many
// further trials like these would show it.
func (p Paired) AtLeast(limit float64) Judgement {
	switch {
	case p.N == 0:
		return Judgement{More: Never}
	case p.Lo > limit:
		return Judgement{Standing: Inside}
	case p.Hi < limit:
		return Judgement{Standing: Outside}
	}
	const most = 1 << 24
	shown := func(n int) bool {
		f := float64(n) / float64(p.N)
		_, lo, hi := pairedInterval(f*float64(p.both), f*float64(p.OnlyA), f*float64(p.OnlyB), f*float64(p.neither))
		return lo > limit || hi < limit
	}
	high := p.N
	for !shown(high) {
		if high *= 2; high > most {
			return Judgement{More: Never}
		}
	}
	low := high / 2
	for low+1 < high {
		if mid := (low + high) / 2; shown(mid) {
			high = mid
		} else {
			low = mid
		}
	}
	return Judgement{More: max(1, high-p.N)}
}
