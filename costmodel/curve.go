package costmodel

import (
	"math"
	"math/big"
)

// Axis is what a curve of spends runs over.
type Axis uint8

// The axes of a curve, with the unit of x.
const (
	// ByVolume: the amount of the volume, in its own unit and period.
	ByVolume Axis = iota
	// ByOutput: the output share, 0 to 1.
	ByOutput
	// ByCached: the cached share of the input, 0 to 1.
	ByCached
	// ByMonth: months from now, as the volume grows.
	ByMonth
)

// Curve is a spend a month as a function of x, in floats: it places pixels, and
// nothing is computed from it. Each piece runs between two exact spends.
type Curve struct {
	pieces []piece // by falling lo
	growth float64 // of ByMonth, otherwise 1
}

type piece struct{ lo, at, slope float64 } // the spend is at + slope x (x - lo)

// CurveOf returns the curve of a workload at a price; ok is false where a spend on
// it is unknown.
func CurveOf(p Price, w Workload, axis Axis) (c Curve, ok bool) {
	switch axis {
	case ByOutput:
		return outputCurve(p, w)
	case ByCached:
		from, to := w, w
		from.Cached, to.Cached = Share{}, Share{r: w.CacheWrite.rest()}
		return straight(p, from, to, to.Cached.rat())
	case ByMonth:
		c, ok = straight(p, w, w, integer(1))
		c.growth, _ = new(big.Rat).Add(integer(1), w.Growth.rat()).Float64()
		return c, ok
	default:
		from, to := w, w
		from.Volume.amount, to.Volume.amount = new(big.Rat), integer(1)
		return straight(p, from, to, integer(1))
	}
}

// straight returns the curve through the spends of two workloads, at 0 and at x.
func straight(p Price, from, to Workload, x *big.Rat) (Curve, bool) {
	a, b := Project(p, from), Project(p, to)
	if !a.Known || !b.Known {
		return Curve{}, false
	}
	slope := b.PerMonth.Sub(a.PerMonth).rat()
	if x.Sign() > 0 {
		slope = new(big.Rat).Quo(slope, x)
	}
	perX, _ := slope.Float64()
	return Curve{pieces: []piece{{at: a.PerMonth.Float64(), slope: perX}}, growth: 1}, true
}

func outputCurve(p Price, w Workload) (Curve, bool) {
	runs, reason := segments(p, w)
	if reason != "" || w.Check() != nil {
		return Curve{}, false
	}
	c := Curve{growth: 1}
	perDay := w.PerDay()
	for _, run := range runs {
		month := func(share *big.Rat) *big.Rat {
			amount := run.at(perDay, share)
			return amount.Mul(amount, w.DaysPerMonth.rat())
		}
		at := month(run.lo)
		slope := new(big.Rat).Sub(month(run.hi), at)
		slope.Quo(slope, new(big.Rat).Sub(run.hi, run.lo))
		var pc piece
		pc.lo, _ = run.lo.Float64()
		pc.at, _ = at.Float64()
		pc.slope, _ = slope.Float64()
		c.pieces = append(c.pieces, pc)
	}
	return c, true
}

// At returns the spend a month at x, in US dollars; 0 for the zero Curve.
func (c Curve) At(x float64) float64 {
	if c.growth != 1 && len(c.pieces) > 0 {
		return c.pieces[0].at * math.Pow(c.growth, x)
	}
	for _, p := range c.pieces {
		if x >= p.lo || p.lo == 0 {
			return p.at + p.slope*(x-p.lo)
		}
	}
	return 0
}
