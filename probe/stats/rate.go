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
// holds at 0 and N where the textbook interval has no width. Hits that are not
// within 0..n are no share: nothing is known, as with no attempts.
func RateOf(hits, n int) Rate {
	if n <= 0 || hits < 0 || hits > n {
		return Rate{Hi: 1}
	}
	p, size := float64(hits)/float64(n), float64(n)
	mid := p + z*z/(2*size)
	half := z * math.Sqrt(p*(1-p)/size+z*z/(4*size*size))
	scale := 1 + z*z/size
	r := Rate{Hits: hits, N: n, Lo: math.Max(0, (mid-half)/scale), Hi: math.Min(1, (mid+half)/scale)}
	// At the ends the formula gives the bound itself, but for rounding.
	if hits == 0 {
		r.Lo = 0
	}
	if hits == n {
		r.Hi = 1
	}
	return r
}

// Value is the share itself; not a number where N is 0.
func (r Rate) Value() float64 { return float64(r.Hits) / float64(r.N) }

// RateDifference is how far the share of b is above that of a.
type RateDifference struct {
	// Value is the difference in -1..1, Lo and Hi its 95 % interval. Where one of
	// the shares has no attempts, Value is not a number and the interval is -1..1.
	Value, Lo, Hi float64
}

// Shown reports whether the interval leaves out 0.
func (d RateDifference) Shown() bool { return d.Lo > 0 || d.Hi < 0 }

// DifferenceOf gives b's share less a's, of independent attempts, with the hybrid
// score interval (Newcombe 1998, Interval estimation for the difference between
// independent proportions, method 10): the Wilson intervals' halves, squared and
// added.
func DifferenceOf(a, b Rate) RateDifference {
	if a.N == 0 || b.N == 0 {
		return RateDifference{Value: math.NaN(), Lo: -1, Hi: 1}
	}
	d := b.Value() - a.Value()
	return RateDifference{
		Value: d,
		Lo:    math.Max(-1, d-math.Hypot(b.Value()-b.Lo, a.Hi-a.Value())),
		Hi:    math.Min(1, d+math.Hypot(b.Hi-b.Value(), a.Value()-a.Lo)),
	}
}

// Standing is where a share stands beside a limit.
type Standing int

// The standings.
const (
	// NotShown: the interval holds the limit.
	NotShown Standing = iota
	// Inside the limit, all of the interval.
	Inside
	// Outside the limit, all of the interval.
	Outside
)

// String is the standing in words.
func (s Standing) String() string {
	switch s {
	case Inside:
		return "inside"
	case Outside:
		return "outside"
	}
	return "not shown"
}

// Never is the More of a share that lies at its limit: no number of attempts
// would show on which side it is.
const Never = -1

// Judgement is a share beside a limit.
type Judgement struct {
	Standing Standing
	// More is about how many further attempts would show it, were the share to
	// stay what it is; 0 where it is shown, Never where none would.
	More int
}

// AtMost judges the share against a largest one allowed, in 0..1.
func (r Rate) AtMost(limit float64) Judgement { return r.judge(limit, 0, Inside, Outside) }

// AtLeast judges the share against a smallest one allowed, in 0..1.
func (r Rate) AtLeast(limit float64) Judgement { return r.judge(limit, 1, Outside, Inside) }

func (r Rate) judge(limit, best float64, below, above Standing) Judgement {
	switch {
	case r.Hi < limit:
		return Judgement{Standing: below}
	case r.Lo > limit:
		return Judgement{Standing: above}
	}
	return Judgement{More: r.more(limit, best)}
}

// more inverts the score test that the Wilson interval is made of: n attempts
// leave the limit out once n (p - limit)² > z² limit (1 - limit). Of no
// attempts the best is assumed.
func (r Rate) more(limit, best float64) int {
	const most = 1e9
	p := best
	if r.N > 0 {
		p = r.Value()
	}
	gap := p - limit
	n := z * z * limit * (1 - limit) / (gap * gap)
	if !(limit > 0 && limit < 1) || !(n < most) {
		return Never
	}
	return max(1, int(math.Floor(n))+1-r.N)
}
