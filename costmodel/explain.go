package costmodel

import (
	"fmt"
	"math/big"
	"strings"
)

// Explain returns the arithmetic of the spend in a line for a screen, from the
// volume as it was given to the figure a month:
//
//	7.5M in × 0.15 + 2.5M out × 0.60 = $2.625 a day × 30 = $78.75
//
// and then the notes, a line each. Token counts are exact to six decimals of their
// magnitude and rates to ten places. A day has two or three places, a month two; an
// amount that would round to nothing has two significant figures.
func (s Spend) Explain() []string {
	lines := []string{s.explainSum()}
	return append(lines, s.Notes()...)
}

func (s Spend) explainSum() string {
	sum := s.sum()
	if !s.Known {
		return sum + " is unknown: " + s.Reason
	}
	var (
		days         = s.Workload.DaysPerMonth
		given, in    = s.PerGiven()
		day          = "$" + explainUSD(s.PerDay, 3)
		month        = "$" + explainUSD(s.PerMonth, 2)
		dayThenMonth = fmt.Sprintf("%s a day × %s = %s", day, days, month)
	)
	switch in {
	case Hour:
		return fmt.Sprintf("%s = $%s an hour × %d = %s", sum, explainUSD(given, 3), hoursPerDay, dayThenMonth)
	case Week:
		return fmt.Sprintf("%s = $%s a week, / %d = %s", sum, explainUSD(given, 2), daysPerWeek, dayThenMonth)
	case Month:
		return fmt.Sprintf("%s = %s a month, / %s = %s a day", sum, month, days, day)
	case Year:
		return fmt.Sprintf("%s = $%s a year, / %d = %s a month, / %s = %s a day", sum, explainUSD(given, 2), monthsPerYear, month, days, day)
	case Night:
		return fmt.Sprintf("%s = %s a night × %s = %s", sum, day, days, month)
	default:
		return sum + " = " + dayThenMonth
	}
}

// sum returns the charges in the unit given, "7.5M in × 0.15 + 2.5M out × 0.60",
// without those that the workload does not use.
func (s Spend) sum() string {
	if !s.Workload.Split.Given() {
		return readableCount(s.Workload.Volume.rat()) + " " + s.Workload.Volume.unit.String()
	}
	toGiven := s.perGiven()
	var b strings.Builder
	for _, item := range s.LineItems {
		term, minus := item.term(toGiven), item.PerDay.Sign() < 0
		switch {
		case term == "":
		case b.Len() == 0:
			b.WriteString(term)
		case minus:
			b.WriteString(" - " + term)
		default:
			b.WriteString(" + " + term)
		}
	}
	if b.Len() == 0 {
		return "0 tokens"
	}
	return b.String()
}

// perGiven returns the factor from a figure a day to one in the unit given.
func (s Spend) perGiven() *big.Rat {
	factor := s.Workload.Volume.period.perDay(s.Workload.DaysPerMonth)
	return factor.Inv(factor)
}

// chargeWords are the charges as they stand behind a count of tokens.
var chargeWords = map[Charge]string{
	InputCharge: "in", CachedInputCharge: "cached in", CacheWriteCharge: "cache write",
	OutputCharge: "out", ReasoningCharge: "thinking",
}

// term returns the item as a part of a sum, without its sign; "" where it is not
// used.
func (l LineItem) term(toGiven *big.Rat) string {
	if l.TokensPerDay == nil {
		if !l.Known {
			return "? " + string(l.Charge)
		}
		amount := l.PerDay.Mul(toGiven)
		if amount.Sign() == 0 {
			return ""
		}
		return "$" + strings.TrimPrefix(explainUSD(amount, 3), "-") + " " + string(l.Charge)
	}
	if l.TokensPerDay.Sign() == 0 {
		return ""
	}
	count := readableCount(new(big.Rat).Mul(l.TokensPerDay, toGiven)) + " " + chargeWords[l.Charge]
	if l.Billed.Absent() {
		return count + " free of charge"
	}
	return count + " × " + l.Billed.String()
}

// Step is one line of the arithmetic: what it gives, how, and the result.
type Step struct{ What, How, Result string }

// Steps returns the arithmetic of the spend a line at a time, in the unit in which
// the volume is given; what follows for other periods says how it is derived.
func (s Spend) Steps() []Step {
	period := s.Workload.Volume.period
	steps := []Step{{"workload", s.Workload.String(), ""}, s.volumeStep()}
	for _, item := range s.LineItems {
		if step, ok := s.itemStep(item); ok {
			steps = append(steps, step)
		}
	}
	if !s.Known {
		return append(steps, Step{"spend", "unknown: " + s.Reason, ""})
	}
	given, _ := s.PerGiven()
	steps = append(steps, Step{"a " + period.String(), "the sum", "$" + explainUSD(given, 4)})
	if period == Hour {
		steps[len(steps)-1].What = "an hour"
	}
	steps = append(steps, s.derivedSteps(period)...)
	for _, note := range s.Notes() {
		steps = append(steps, Step{"note", note, ""})
	}
	return steps
}

// volumeStep says how many tokens the volume is.
func (s Spend) volumeStep() Step {
	w, toGiven := s.Workload, s.perGiven()
	count := func(perDay *big.Rat) string { return readableCount(perDay.Mul(perDay, toGiven)) }
	total := count(w.PerDay())
	if !w.Split.Given() {
		return Step{"tokens", total + " a " + w.Volume.period.String(), ""}
	}
	split := SplitRange{w.Split, w.Split}.String() // one that was solved for may have no end of decimals
	how := total + " × " + split
	if input, ok := w.RequestInput(); ok {
		items := readableCount(w.Volume.rat())
		output := new(big.Rat).Sub(w.PerItem.r, input)
		how = fmt.Sprintf("%s × %s, %s × %s", items, readableTokens(input), items, readableTokens(output))
	} else if w.PerItem.Given() {
		how = fmt.Sprintf("%s × %s × %s", readableCount(w.Volume.rat()), readableTokens(w.PerItem.r), split)
	}
	return Step{"tokens", how, fmt.Sprintf("%s in, %s out", count(w.InputPerDay()), count(w.OutputPerDay()))}
}

// itemStep says how a charge comes about; ok is false where it is not used.
func (s Spend) itemStep(item LineItem) (step Step, ok bool) {
	toGiven := s.perGiven()
	step = Step{What: string(item.Charge)}
	if item.Known {
		step.Result = strings.Replace("$"+explainUSD(item.PerDay.Mul(toGiven), 4), "$-", "-$", 1)
	} else {
		step.Result = "?"
	}
	w := s.Workload
	switch item.Charge {
	case BatchCharge:
		step.How = fmt.Sprintf("%s of it at × %s", w.Batch, s.Price.Batch)
	case MachineCharge:
		step.How = "whatever is asked of it"
	case RetryCharge:
		step.How = w.Retries.String() + " of it again"
	case ReviewCharge:
		reviews := readableCount(new(big.Rat).Mul(w.malformedPerDay(), toGiven))
		step.How = fmt.Sprintf("%s × %s = %s reviews × %s", readableCount(w.Volume.rat()), w.Malformed, reviews, explainUSD(w.Review, 4))
	default:
		if item.TokensPerDay.Sign() == 0 {
			return Step{}, false
		}
		count := readableCount(new(big.Rat).Mul(item.TokensPerDay, toGiven))
		step.How = fmt.Sprintf("%s × %s / 1M", count, item.Billed)
		if item.Billed.Absent() {
			step.How = count + " free of charge"
		}
	}
	return step, true
}

// derivedSteps are the periods beside the one given, an item, and growth.
func (s Spend) derivedSteps(given Period) []Step {
	days := s.Workload.DaysPerMonth
	var steps []Step
	add := func(what, how string, amount USD, places int) {
		steps = append(steps, Step{what, how, "$" + explainUSD(amount, places)})
	}
	if given != Day && given != Night {
		add("a day", map[Period]string{
			Hour: fmt.Sprintf("an hour × %d", hoursPerDay), Week: fmt.Sprintf("a week / %d", daysPerWeek),
			Month: "a month / " + days.String(), Year: fmt.Sprintf("a year / %d / %s", monthsPerYear, days),
		}[given], s.PerDay, 4)
	}
	if given != Month {
		add("a month", "a day × "+days.String(), s.PerMonth, 4)
	}
	if given != Year {
		add("a year", fmt.Sprintf("a month × %d", monthsPerYear), s.PerYear, 4)
	}
	if each, ok := s.PerTask(); ok {
		amount, _ := s.PerGiven()
		add("a "+s.Workload.Volume.unit.One(), fmt.Sprintf("$%s / %s", explainUSD(amount, 4), readableCount(s.Workload.Volume.rat())), each, usdPlaces)
	}
	if growth := s.Workload.Growth; !growth.IsZero() {
		const year = 12
		add("month 12", "a month × (1 + "+growth.String()+")^11", s.After(year-1), 4)
		add("12 months", "the months together", s.Over(year), 4)
	}
	return steps
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
	return Separated(shortest(u.rat(), 2, places))
}
