package probe

import (
	"time"

	"github.com/shopspring/decimal"
)

// PaceReason says why passes are as far apart as they are.
type PaceReason string

const (
	// AsConfigured is at the interval that was asked for.
	AsConfigured PaceReason = "configured"
	// ForBudget is further apart, so that the budget lasts the UTC day.
	ForBudget PaceReason = "paced"
)

// Pace is how often passes are made, and what that costs at most.
type Pace struct {
	// Interval is the time from pass to pass.
	Interval time.Duration `json:"interval_ns"`
	Reason   PaceReason    `json:"reason"`
	// PassUSD is the worst case of a pass that probes every target, DayUSD that
	// of a whole day at this pace.
	PassUSD decimal.Decimal `json:"pass_usd"`
	DayUSD  decimal.Decimal `json:"day_usd"`
}

// share is what one target adds to the cost of probing: usd each time, and it is
// probed every pass or once in every, whichever is longer.
type share struct {
	usd   decimal.Decimal
	every time.Duration
}

const (
	wholeDay = 24 * time.Hour
	// paceStep is what intervals are rounded up to.
	paceStep = time.Millisecond
	// longestPace bounds an interval where next to nothing is left to spend.
	longestPace = 30 * wholeDay
	// ratioPlaces is how exact quotients are: far below a nanosecond or the
	// smallest price.
	ratioPlaces = 24
)

// paceOf is the pace for a whole day with all of a budget to spend.
func paceOf(shares []share, configured time.Duration, budget decimal.Decimal) Pace {
	p := Pace{Interval: stretch(shares, configured, wholeDay, budget), Reason: AsConfigured}
	if p.Interval > configured {
		p.Reason = ForBudget
	}
	for _, s := range shares {
		p.PassUSD = p.PassUSD.Add(s.usd)
	}
	p.DayUSD = costOver(shares, p.Interval, wholeDay).Round(10)
	return p
}

// stretch is the shortest interval from pass to pass, not below configured, at
// which remaining USD last for left, that is, at which
//
//	left * sum(usd_i / max(interval, every_i)) <= remaining
//
// rounded up to a millisecond, and at most longestPace.
func stretch(shares []share, configured, left time.Duration, remaining decimal.Decimal) time.Duration {
	// The sum falls as the interval grows. Between two neighbours among the
	// every_i it is a constant and a term in 1/interval, which is solved for.
	from := configured
	for from < longestPace {
		if costOver(shares, from, left).LessThanOrEqual(remaining) {
			return from
		}
		next := longestPace
		var eachPass, constant decimal.Decimal
		for _, s := range shares {
			if s.every <= from {
				eachPass = eachPass.Add(s.usd)
				continue
			}
			constant = constant.Add(costOver([]share{s}, from, left))
			next = min(next, s.every)
		}
		if room := remaining.Sub(constant); room.IsPositive() {
			steps := eachPass.Mul(nanoseconds(left)).DivRound(room.Mul(nanoseconds(paceStep)), ratioPlaces).Ceil()
			if interval := steps.Mul(nanoseconds(paceStep)); interval.LessThan(nanoseconds(next)) {
				return time.Duration(interval.IntPart())
			}
		}
		from = next
	}
	return max(configured, longestPace)
}

func nanoseconds(d time.Duration) decimal.Decimal { return decimal.NewFromInt(int64(d)) }

// costOver is what probing costs for a time at an interval.
func costOver(shares []share, interval, left time.Duration) decimal.Decimal {
	var usd decimal.Decimal
	for _, s := range shares {
		usd = usd.Add(s.usd.Mul(nanoseconds(left)).DivRound(nanoseconds(max(interval, s.every)), ratioPlaces))
	}
	return usd
}
