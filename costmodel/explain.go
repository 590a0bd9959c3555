package costmodel

import (
	"fmt"
	"math/big"
	"strings"
)

// Explain returns the arithmetic of the spend in lines for a screen, from the
// volume as it was given to the figure a month:
//
//	7.5M in × 0.15 + 2.5M out × 0.60 = $2.625 a day × 30 = $78.75
//
// Token counts are exact to six decimals of their magnitude and rates to ten
// places. A day has two or three places, a month two; an amount that would
// round to nothing has two significant figures.
func (s Spend) Explain() []string {
	sum := s.sum()
	if !s.Known {
		return []string{sum + " is unknown: " + s.Reason}
	}
	var (
		volume = s.Workload.Volume
		days   = s.Workload.DaysPerMonth
		day    = "$" + explainUSD(s.PerDay, 3)
		month  = "$" + explainUSD(s.PerMonth, 2)
		given  = s.PerDay.Mul(new(big.Rat).Inv(volume.period.perDay(days)))
	)
	switch volume.period {
	case Hour:
		return []string{fmt.Sprintf("%s = $%s an hour × %d = %s a day × %s = %s",
			sum, explainUSD(given, 3), hoursPerDay, day, days, month)}
	case Month:
		return []string{fmt.Sprintf("%s = %s a month, / %s = %s a day", sum, month, days, day)}
	case Year:
		return []string{fmt.Sprintf("%s = $%s a year, / %d = %s a day × %s = %s",
			sum, explainUSD(given, 2), daysPerYear, day, days, month)}
	default:
		return []string{fmt.Sprintf("%s = %s a day × %s = %s", sum, day, days, month)}
	}
}

// sum returns the charges in the unit given, "7.5M in × 0.15 + 2.5M out × 0.60",
// without those that the workload does not use.
func (s Spend) sum() string {
	if !s.Workload.Split.Given() {
		return readableCount(s.Workload.Volume.rat()) + " tokens"
	}
	toGiven := new(big.Rat).Inv(s.Workload.Volume.period.perDay(s.Workload.DaysPerMonth))
	var terms []string
	for _, item := range s.LineItems {
		if item.TokensPerDay.Sign() == 0 {
			continue
		}
		word := "in"
		if item.Charge == OutputCharge {
			word = "out"
		}
		count := readableCount(new(big.Rat).Mul(item.TokensPerDay, toGiven))
		if item.Rate.Absent() {
			terms = append(terms, fmt.Sprintf("%s %s free of charge", count, word))
		} else {
			terms = append(terms, fmt.Sprintf("%s %s × %s", count, word, item.Rate))
		}
	}
	if terms == nil {
		return "0 tokens"
	}
	return strings.Join(terms, " + ")
}

// explainUSD writes an amount with two to most places, as many as it needs.
func explainUSD(u USD, most int) string {
	places := most
	if u.Sign() != 0 {
		// An amount must not read as nothing.
		for places < usdPlaces && significant(strings.TrimPrefix(u.Format(places), "-")) == 0 {
			places++
		}
		if places > most && places < usdPlaces {
			places++
		}
	}
	return group(shortest(u.rat(), 2, places))
}
