package costmodel

import "math/big"

// Charge names what a line item is for.
type Charge string

// The charges of a request.
const (
	InputCharge  Charge = "input"
	OutputCharge Charge = "output"
)

// reasonNoSplit is the reason of a spend that no price can make known.
const reasonNoSplit = "split not given"

// LineItem is one charge of a Spend.
type LineItem struct {
	Charge Charge
	// TokensPerDay is the exact number of tokens a day charged at Rate.
	TokensPerDay *big.Rat
	Rate         Rate
	// PerDay is the amount, meaningful only where Known.
	PerDay USD
	// Known is false where there are tokens and the rate is unknown.
	Known bool
}

// Spend is what a workload costs at a price. The amounts are exact, so that
// PerDay times the days of a month is PerMonth, and the line items add up to
// PerDay.
type Spend struct {
	// Price and Workload are what was projected.
	Price    Price
	Workload Workload
	// Known is false where a charge that the workload uses is unknown. The
	// amounts below are then 0 and mean nothing.
	Known bool
	// Reason says why the spend is not known ("output price unknown"), or "".
	Reason string
	// PerDay, PerMonth and PerYear are the spend a day, a month of
	// Workload.DaysPerMonth days, and a year of 365 days.
	PerDay   USD
	PerMonth USD
	PerYear  USD
	// LineItems has input first, then output, also where one is 0.
	LineItems []LineItem
}

// Project returns what workload w costs at price p: for each charge, tokens a
// day x USD per 1M tokens / 1M.
func Project(p Price, w Workload) Spend {
	s := Spend{
		Price:    p,
		Workload: w,
		LineItems: []LineItem{
			lineItem(InputCharge, w.InputPerDay(), p.Input),
			lineItem(OutputCharge, w.OutputPerDay(), p.Output),
		},
	}
	if s.Reason = s.reason(); s.Reason != "" {
		return s
	}
	s.Known = true
	for _, item := range s.LineItems {
		s.PerDay = s.PerDay.Add(item.PerDay)
	}
	s.PerMonth = s.PerDay.Mul(w.DaysPerMonth.rat())
	s.PerYear = s.PerDay.Mul(integer(daysPerYear))
	return s
}

func lineItem(charge Charge, tokensPerDay *big.Rat, rate Rate) LineItem {
	amount, known := rate.cost(tokensPerDay)
	return LineItem{Charge: charge, TokensPerDay: tokensPerDay, Rate: rate, PerDay: amount, Known: known}
}

// reason returns why the spend cannot be known, or "".
func (s Spend) reason() string {
	if !s.Workload.Split.Given() && s.Workload.Volume.rat().Sign() > 0 {
		return reasonNoSplit
	}
	var unknown []string
	for _, item := range s.LineItems {
		if !item.Known {
			unknown = append(unknown, string(item.Charge))
		}
	}
	switch len(unknown) {
	case 0:
		return ""
	case 1:
		return unknown[0] + " price unknown"
	default:
		return enumerate(unknown) + " prices unknown"
	}
}
