package stats

import "math"

// Rate is a share of attempts with its interval.
type Rate struct {
	// Hits of N attempts.
	Hits, N int
	// Lo and Hi are the 95 % Wilson interval, in 0..1. They are 0 and 1 where
	// N is 0: nothing is known.
	Lo, Hi float64
}

// RateOf gives the share with its Wilson score interval (Wilson 1927), which
// holds at 0 and N where the textbook interval has no width.
func RateOf(hits, n int) Rate {
	if n <= 0 {
		return Rate{Hi: 1}
	}
	const z = 1.959963984540054
	p, size := float64(hits)/float64(n), float64(n)
	mid := p + z*z/(2*size)
	half := z * math.Sqrt(p*(1-p)/size+z*z/(4*size*size))
	scale := 1 + z*z/size
	return Rate{Hits: hits, N: n, Lo: math.Max(0, (mid-half)/scale), Hi: math.Min(1, (mid+half)/scale)}
}

// Value is the share itself; not a number where N is 0.
func (r Rate) Value() float64 { return float64(r.Hits) / float64(r.N) }
