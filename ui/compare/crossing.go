package compare

import (
	"cmp"
	"fmt"
	"math"
	"math/big"
	"slices"

	"costping/costmodel"
)

// Crossing is where one way to have a workload served becomes cheaper than another.
type Crossing struct {
	// Winner costs less above At, Loser below.
	Winner, Loser string
	// Exact is where: an amount of the volume, a share from 0 to 1, or a number of
	// months; At is the same for drawing. PerMonth is what both cost there, in USD
	// for drawing.
	Exact        *big.Rat
	At, PerMonth float64
	// Label is where in a few letters, Text the whole in words.
	Label, Text string
	// Caveat says of hosting that so much is more than it serves; "" where it serves
	// it, or nobody knows.
	Caveat string
}

// crossingsOf are those between tariffs over an axis, the nearest to now first. What
// cannot be had any more beats nothing, and is beaten by nothing.
func crossingsOf(tariffs []tariff, w costmodel.Workload, axis costmodel.Axis, now float64) []Crossing {
	var all []Crossing
	for i, a := range tariffs {
		for _, b := range tariffs[i+1:] {
			if a.gone || b.gone || a.machine && b.machine {
				continue
			}
			all = append(all, between(a, b, w, axis)...)
		}
	}
	far := func(c Crossing) float64 {
		if axis == costmodel.ByVolume && now > 0 {
			return math.Abs(math.Log(c.At / now))
		}
		return math.Abs(c.At - now)
	}
	slices.SortStableFunc(all, func(a, b Crossing) int { return cmp.Compare(far(a), far(b)) })
	return all
}

// between are the crossings of two tariffs, in rising order.
func between(a, b tariff, w costmodel.Workload, axis costmodel.Axis) []Crossing {
	at := placesOf(a, b, w, axis)
	found := make([]Crossing, 0, len(at))
	for i, x := range at {
		before, after := new(big.Rat), new(big.Rat).Add(x, x)
		if i > 0 {
			before = at[i-1]
		}
		if i+1 < len(at) {
			after = at[i+1]
		} else if axis == costmodel.ByOutput || axis == costmodel.ByCached {
			after = big.NewRat(1, 1)
		}
		c := Crossing{Winner: a.name, Loser: b.name, Exact: x}
		if dearer(a, b, halfway(x, after), w, axis) > 0 || dearer(a, b, halfway(before, x), w, axis) < 0 {
			c.Winner, c.Loser = b.name, a.name
		}
		c.At, _ = x.Float64()
		c.PerMonth, _ = spendAt(a, x, w, axis)
		c.Label, c.Text = placeText(x, w, axis)
		c.Text = c.Winner + " beats " + c.Loser + " " + c.Text
		found = append(found, c)
	}
	return found
}

func halfway(a, b *big.Rat) *big.Rat {
	sum := new(big.Rat).Add(a, b)
	return sum.Quo(sum, big.NewRat(2, 1))
}

// placesOf are where two tariffs cost the same, as the solvers of the cost model
// find them.
func placesOf(a, b tariff, w costmodel.Workload, axis costmodel.Axis) []*big.Rat {
	switch axis {
	case costmodel.ByOutput:
		return sharesOf(a, b, w)
	case costmodel.ByCached:
		if x, ok := costmodel.CachedCrossover(a.price, a.fixed, b.price, b.fixed, w); ok {
			return []*big.Rat{x}
		}
		return nil
	case costmodel.ByMonth:
		return monthsOf(a, b, w)
	default:
		if v, ok := costmodel.VolumeCrossover(a.price, a.fixed, b.price, b.fixed, w); ok {
			return []*big.Rat{v.Amount()}
		}
		return nil
	}
}

// sharesOf are the output shares at which two tariffs cost the same.
func sharesOf(a, b tariff, w costmodel.Workload) []*big.Rat {
	if a.machine {
		a, b = b, a
	}
	if !b.machine {
		shares, _ := costmodel.SplitCrossovers(a.price, b.price, w)
		return shares
	}
	var shares []*big.Rat
	one := big.NewRat(1, 1)
	for _, r := range costmodel.SolveSplit(a.price, w, costmodel.Figure{USD: b.fixed, Period: costmodel.Month}).Splits {
		if x := r.From.Output(); r.From.Equal(r.To) && x.Sign() > 0 && x.Cmp(one) < 0 {
			shares = append(shares, x)
		}
	}
	slices.SortFunc(shares, (*big.Rat).Cmp)
	return shares
}

// monthsOf are the whole months after which the sum that was spent on one passes
// that of the other.
func monthsOf(a, b tariff, w costmodel.Workload) []*big.Rat {
	sumsA, okA := a.sums(w)
	sumsB, okB := b.sums(w)
	if !okA || !okB {
		return nil
	}
	var months []*big.Rat
	before := 0
	for n := 1; n <= SpendMonths && a.lasts(n, w) && b.lasts(n, w); n++ {
		now := sumsA[n].Cmp(sumsB[n])
		if now != 0 && before != 0 && now != before {
			months = append(months, big.NewRat(int64(n), 1))
		}
		if now != 0 {
			before = now
		}
	}
	return months
}

// sums are what has been spent after each month, as the volume grows; ok is false
// where the spend is unknown.
func (t tariff) sums(w costmodel.Workload) (sums []costmodel.USD, ok bool) {
	s := costmodel.Project(t.price, w)
	growth := new(big.Rat).Add(big.NewRat(1, 1), w.Growth.Rat())
	sums = make([]costmodel.USD, SpendMonths+1)
	month := s.PerMonth
	for n := range SpendMonths {
		sums[n+1] = sums[n].Add(month).Add(t.fixed)
		month = month.Mul(growth)
	}
	return sums, s.Known
}

// lasts reports whether the tariff can still be had after so many months.
func (t tariff) lasts(months int, w costmodel.Workload) bool {
	days := w.DaysPerMonth.Rat()
	days.Mul(days, big.NewRat(int64(months), 1))
	return t.left < 0 || days.Cmp(big.NewRat(int64(t.left), 1)) <= 0
}

// dearer compares two tariffs at a place: +1 where a is the dearer.
func dearer(a, b tariff, x *big.Rat, w costmodel.Workload, axis costmodel.Axis) int {
	atA, okA := spendAt(a, x, w, axis)
	atB, okB := spendAt(b, x, w, axis)
	if !okA || !okB {
		return 0
	}
	return cmp.Compare(atA, atB)
}

// spendAt is what a tariff costs at a place, in USD a month, for drawing: over
// months the sum up to then.
func spendAt(t tariff, x *big.Rat, w costmodel.Workload, axis costmodel.Axis) (float64, bool) {
	at, _ := x.Float64()
	f, ok := curveOf(t, w, axis)
	if !ok {
		return 0, false
	}
	return f(at), true
}

// curveOf is a tariff's spend as a function of the place; ok is false where it is
// unknown.
func curveOf(t tariff, w costmodel.Workload, axis costmodel.Axis) (f func(x float64) float64, ok bool) {
	fixed := t.fixed.Float64()
	if axis == costmodel.ByMonth {
		exact, known := t.sums(w)
		var sums [SpendMonths + 1]float64
		for n, sum := range exact {
			sums[n] = sum.Float64()
		}
		return func(x float64) float64 {
			n := min(max(int(x), 0), SpendMonths-1)
			return sums[n] + (x-float64(n))*(sums[n+1]-sums[n])
		}, known
	}
	c, ok := costmodel.CurveOf(t.price, w, axis)
	return func(x float64) float64 { return c.At(x) + fixed }, ok
}

// placeText is a place on an axis in a few letters and in words.
func placeText(x *big.Rat, w costmodel.Workload, axis costmodel.Axis) (label, text string) {
	at, _ := x.Float64()
	switch axis {
	case costmodel.ByOutput:
		label = fmt.Sprintf("%.1f%%", at*100)
		return label, "above " + label + " output"
	case costmodel.ByCached:
		label = fmt.Sprintf("%.1f%%", at*100)
		return label, "above " + label + " cached input"
	case costmodel.ByMonth:
		label = fmt.Sprintf("%.0f", at)
		return "month " + label, "in all, from month " + label + " on"
	default:
		label = costmodel.FormatTokens(x)
		return label, fmt.Sprintf("above %s %s", label, volumeUnit(w.Volume))
	}
}
