package probe

import (
	"math/big"
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
	p.DayUSD = decimal.NewFromBigRat(costOver(shares, p.Interval, wholeDay), 10)
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
	money := remaining.Rat()
	from := configured
	for from < longestPace {
		if costOver(shares, from, left).Cmp(money) <= 0 {
			return from
		}
		next := longestPace
		var eachPass, rest []share
		for _, s := range shares {
			if s.every <= from {
				eachPass = append(eachPass, s)
				continue
			}
			rest = append(rest, s)
			next = min(next, s.every)
		}
		if room := new(big.Rat).Sub(money, costOver(rest, from, left)); room.Sign() > 0 {
			steps := costOver(eachPass, from, left)
			steps.Mul(steps, big.NewRat(int64(from), int64(paceStep))).Quo(steps, room)
			if ceil(steps).Cmp(big.NewInt(int64(next/paceStep))) < 0 {
				return time.Duration(ceil(steps).Int64()) * paceStep
			}
		}
		from = next
	}
	return max(configured, longestPace)
}

// ceil is the smallest whole number that is not below x.
func ceil(x *big.Rat) *big.Int {
	whole, rest := new(big.Int).QuoRem(x.Num(), x.Denom(), new(big.Int))
	if rest.Sign() > 0 {
		whole.Add(whole, big.NewInt(1))
	}
	return whole
}

// costOver is what probing costs in USD for a time at an interval, exactly.
func costOver(shares []share, interval, left time.Duration) *big.Rat {
	usd := new(big.Rat)
	for _, s := range shares {
		passes := big.NewRat(int64(left), int64(max(interval, s.every)))
		usd.Add(usd, passes.Mul(passes, s.usd.Rat()))
	}
	return usd
}
