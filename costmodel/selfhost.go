package costmodel

import (
	"fmt"
	"math/big"
)

const (
	// defaultUtilisationPercent is the part of saturation that a service of
	// changing load makes use of over a month.
	defaultUtilisationPercent = 30
	secondsPerDay             = 24 * 60 * 60
	maxGPUs                   = 100_000
)

// SelfHost is one's own hosting: either whole GPUs by the hour with the work that
// they make, or a monthly total that is known.
type SelfHost struct {
	// Total is the whole of a month; nil where it is to be computed from the
	// fields below.
	Total *USD
	// GPUs is how many serve, each at PerHour, every hour of the month. Copies
	// is how many times all of them stand there, so that one may fail: 0 and 1
	// are no redundancy.
	GPUs    int
	PerHour USD
	Copies  int
	// Serving is how many of the GPUs OutputPerSecond is of, where the rest are idle;
	// 0 is all of them.
	Serving int
	// Labour and Maintenance are a month's; nil where they are not given, which
	// is counted as nothing and said.
	Labour, Maintenance *USD
	// OutputPerSecond is the throughput of the GPUs at saturation for the shape
	// of the workload, in output tokens a second, a second copy left out; nil where
	// it is unknown. It never holds for another shape.
	OutputPerSecond *big.Rat
	// Utilisation is the part of saturation that is used on average, above 0 to
	// 1; nil is 0.3.
	Utilisation *big.Rat
	// Days is the month, the same as the workload's.
	Days DaysPerMonth
}

// Validate returns an *InputError for what cannot be hosted.
func (s SelfHost) Validate() error {
	refuse := func(what, hint string) error { return &InputError{What: what, Hint: hint} }
	switch {
	case s.Total == nil && (s.GPUs < 1 || s.GPUs > maxGPUs):
		return refuse(fmt.Sprintf("%d GPUs cannot be hosted", s.GPUs), "give a whole number of GPUs from 1 to 100000")
	case s.Serving < 0 || s.Serving > s.GPUs:
		return refuse(fmt.Sprintf("%d of %d GPUs cannot serve", s.Serving, s.GPUs), "give how many of the GPUs the throughput is of")
	case s.Copies < 0 || s.Copies > maxGPUs:
		return refuse(fmt.Sprintf("a redundancy of %d is not possible", s.Copies), "give how many times the GPUs stand there: 1, or 2 so that one may fail")
	case s.Utilisation != nil && (s.Utilisation.Sign() <= 0 || s.Utilisation.Cmp(integer(1)) > 0):
		return refuse("the utilisation is not above 0 and at most 1", "give the part of saturation that is used, such as 30%")
	case s.OutputPerSecond != nil && s.OutputPerSecond.Sign() <= 0:
		return refuse("the throughput is not above 0", "give output tokens a second, all requests together, such as 1700")
	}
	return nil
}

// SelfHostItem is one line of a month's cost.
type SelfHostItem struct {
	Name string
	// PerMonth is nil where the item is not given: it counts as nothing.
	PerMonth *USD
	// How is the arithmetic, or why there is no amount.
	How string
}

// Items returns what a month is made of; they add up to PerMonth. Labour and
// maintenance are among them even where they are not given.
func (s SelfHost) Items() []SelfHostItem {
	if s.Total != nil {
		total := *s.Total
		return []SelfHostItem{{"total", &total, "as given"}}
	}
	gpus := s.perMonth(s.GPUs)
	how := fmt.Sprintf("%s × $%s an hour × %s hours", plural(s.GPUs, "GPU"), s.PerHour.String(), shortest(s.hours(), 0, 2))
	if s.copies() > 1 {
		how += fmt.Sprintf(" × %d copies", s.copies())
	}
	items := []SelfHostItem{{"GPUs", &gpus, how}}
	for _, part := range []SelfHostItem{{"labour", s.Labour, ""}, {"maintenance", s.Maintenance, ""}} {
		part.How = "as given"
		if part.PerMonth == nil {
			part.How = "not given: counted as 0"
		}
		items = append(items, part)
	}
	return items
}

// PerMonth returns the sum of the items.
func (s SelfHost) PerMonth() USD {
	total := USD{}
	for _, item := range s.Items() {
		if item.PerMonth != nil {
			total = total.Add(*item.PerMonth)
		}
	}
	return total
}

// perMonth is what so many GPUs cost, with their copies.
func (s SelfHost) perMonth(gpus int) USD {
	hours := s.hours()
	hours.Mul(hours, integer(int64(gpus)))
	return s.PerHour.Mul(hours.Mul(hours, integer(int64(s.copies()))))
}

// hours are those of the month, days x 24, so that both sides have one month.
func (s SelfHost) hours() *big.Rat { return new(big.Rat).Mul(s.Days.rat(), integer(hoursPerDay)) }

func (s SelfHost) copies() int { return max(1, s.Copies) }

// UtilisationOrDefault returns the part of saturation that is counted on.
func (s SelfHost) UtilisationOrDefault() *big.Rat {
	if s.Utilisation == nil {
		return big.NewRat(defaultUtilisationPercent, percent)
	}
	return new(big.Rat).Set(s.Utilisation)
}

// BreakEven returns from how many items a month on hosting is not dearer than an
// API that takes perItem for each, rounded up; ok is false where the API is free.
func (s SelfHost) BreakEven(perItem USD) (items *big.Int, ok bool) {
	if perItem.Sign() <= 0 {
		return nil, false
	}
	return ceil(new(big.Rat).Quo(s.PerMonth().rat(), perItem.rat())), true
}

// Fit says whether a volume fits what is hosted.
type Fit struct {
	// Needed and Had are output tokens a second on average over the month; Had
	// is throughput times utilisation, nil where the throughput is unknown.
	Needed, Had *big.Rat
}

// Known reports whether it is known how much can be served.
func (f Fit) Known() bool { return f.Had != nil }

// Fits reports whether what is needed is not above what there is; it means
// nothing unless Known.
func (f Fit) Fits() bool { return f.Known() && f.Needed.Cmp(f.Had) <= 0 }

// Fit compares so many items a month, each with the given output tokens, with the
// capacity.
func (s SelfHost) Fit(itemsPerMonth, outPerItem *big.Rat) Fit {
	f := Fit{Needed: new(big.Rat).Mul(itemsPerMonth, outPerItem)}
	f.Needed.Quo(f.Needed, s.seconds())
	if s.OutputPerSecond != nil {
		f.Had = new(big.Rat).Mul(s.OutputPerSecond, s.UtilisationOrDefault())
	}
	return f
}

func (s SelfHost) seconds() *big.Rat {
	return new(big.Rat).Mul(s.Days.rat(), integer(secondsPerDay))
}

// Scaled is hosting with more of the same GPUs, so that it can serve the volume
// from which on it pays. GPUs that serve nothing are not among them.
type Scaled struct {
	GPUs     int
	PerMonth USD
	Items    *big.Int // a month, rounded up
}

// ScaledBreakEven returns the least number of GPUs, in whole sets of GPUs as they
// are, whose break-even volume they can serve: each further set adds its capacity
// and its rent, labour and maintenance stay. ok is false where no number does,
// for a set costs as much as the API takes for all that it can serve, where the
// throughput is unknown, and where only a total is known.
func (s SelfHost) ScaledBreakEven(perItem USD, outPerItem *big.Rat) (Scaled, bool) {
	if s.Total != nil || s.OutputPerSecond == nil || perItem.Sign() <= 0 || outPerItem.Sign() <= 0 {
		return Scaled{}, false
	}
	// With fixed cost F, and rent R and capacity C of a set, n sets pay and fit
	// where (F + nR) / price <= nC, which is n >= F / (C price - R).
	fixed := s.PerMonth().Sub(s.perMonth(s.GPUs))
	if s.Serving > 0 {
		s.GPUs = s.Serving
	}
	rent := s.perMonth(s.GPUs)
	served := new(big.Rat).Mul(s.OutputPerSecond, s.UtilisationOrDefault())
	served.Mul(served, s.seconds())
	served.Quo(served, outPerItem) // items a month of one set
	gain := new(big.Rat).Sub(new(big.Rat).Mul(served, perItem.rat()), rent.rat())
	if gain.Sign() < 0 || gain.Sign() == 0 && fixed.Sign() > 0 {
		return Scaled{}, false
	}
	sets := big.NewInt(1)
	if gain.Sign() > 0 {
		if n := ceil(new(big.Rat).Quo(fixed.rat(), gain)); n.Cmp(sets) > 0 {
			sets = n
		}
	}
	if !sets.IsInt64() || sets.Int64() > int64(maxGPUs/s.GPUs) {
		return Scaled{}, false
	}
	s.GPUs *= int(sets.Int64())
	items, ok := s.BreakEven(perItem)
	return Scaled{GPUs: s.GPUs, PerMonth: s.PerMonth(), Items: items}, ok
}

// PerUnit returns what one unit of the volume costs at the API: an item with its
// retries, or a token where the volume counts those. Reviews are left out, for
// whoever hosts the model, people look at the same answers. ok is false where the
// spend is not known or the volume is nothing.
func (s Spend) PerUnit() (amount USD, ok bool) {
	units := s.Workload.unitsPerDay()
	if !s.Known || units.Sign() == 0 {
		return USD{}, false
	}
	perDay := s.PerDay
	for _, item := range s.LineItems {
		if item.Charge == ReviewCharge {
			perDay = perDay.Sub(item.PerDay)
		}
	}
	return perDay.Mul(units.Inv(units)), true
}

// UnitsPerMonth returns the exact volume a month, in the unit in which it is given.
func (w Workload) UnitsPerMonth() *big.Rat {
	units := w.unitsPerDay()
	return units.Mul(units, w.DaysPerMonth.rat())
}

// OutputPerUnit returns the output tokens that have to be generated for one unit of
// the volume, those that a model thinks in and those of retries among them: what
// is billed at an API takes as much capacity at home.
func (w Workload) OutputPerUnit() *big.Rat {
	output := w.Split.Output()
	if w.Volume.unit != Tokens {
		output.Mul(output, w.PerItem.rat())
	}
	if w.Thinking.Given() {
		output.Mul(output, w.Thinking.r)
	}
	output.Mul(output, new(big.Rat).Add(integer(1), w.Retries.rat()))
	return output
}

// ceil returns the smallest whole number that is not below r.
func ceil(r *big.Rat) *big.Int {
	n := new(big.Int).Neg(r.Num())
	return n.Neg(n.Div(n, r.Denom())) // Div rounds towards minus infinity
}

// plural is a count with its noun.
func plural(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return Separated(fmt.Sprint(n)) + " " + noun
}
