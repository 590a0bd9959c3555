package compare

import (
	"fmt"
	"math/big"
	"sort"
	"time"

	"costping/costmodel"
	"costping/probe"

	"github.com/shopspring/decimal"
)

// Pass is one probe of every target.
type Pass struct {
	Targets int
	// USD is what it costs; AtMost says that it is the worst case and not what
	// passes did cost. It counts only where Known.
	USD    costmodel.USD
	AtMost bool
	Known  bool
	// Seldom are the targets with intervals of their own, which are not in USD.
	Seldom []Seldom
}

// Seldom is a target that is probed no more often than every so often, however often
// the others are. USD is what a probe of it costs.
type Seldom struct {
	USD   costmodel.USD
	Every time.Duration
}

// Add adds a target whose probes cost usd; every is its own interval, 0 for none.
func (p *Pass) Add(usd costmodel.USD, every time.Duration) {
	p.Targets++
	if every > 0 {
		p.Seldom = append(p.Seldom, Seldom{usd, every})
		return
	}
	p.USD = p.USD.Add(usd)
}

// wholeDay is what a budget is for.
const wholeDay = 24 * time.Hour

// Over is what passes cost over a time, one every interval.
func (p Pass) Over(span, interval time.Duration) costmodel.USD {
	if interval <= 0 || span <= 0 {
		return costmodel.USD{}
	}
	usd := p.USD.Mul(big.NewRat(int64(span), int64(interval)))
	for _, s := range p.Seldom {
		usd = usd.Add(s.USD.Mul(big.NewRat(int64(span), int64(max(interval, s.Every)))))
	}
	return usd
}

// Within is the shortest interval, not below the one given and to the second, at
// which a day of passes costs no more than a cap; false where no cap above nothing
// is given or the cost is not known.
func (p Pass) Within(limit costmodel.USD, interval time.Duration) (time.Duration, bool) {
	if !p.Known || limit.Sign() <= 0 || interval <= 0 {
		return interval, false
	}
	if p.Over(wholeDay, interval).Cmp(limit) <= 0 {
		return interval, true
	}
	const longest = 365 * 24 * time.Hour
	seconds := sort.Search(int(longest/time.Second), func(s int) bool {
		at := time.Duration(s) * time.Second
		return at >= interval && p.Over(wholeDay, at).Cmp(limit) <= 0
	})
	return time.Duration(seconds) * time.Second, true
}

// Meter is what the probing has spent of its budget and how it goes on.
type Meter struct {
	// Money is nil where there is no budget.
	Money    *probe.BudgetStatus
	Pass     Pass
	Interval time.Duration
	// Now is the time, Next when the next probe is due; zero where that is not
	// known.
	Now, Next time.Time
	// Paused says that a person stopped it; Simulated that nothing is paid.
	Paused, Simulated bool
}

// Text is the meter in a sentence, longest form first.
func (m Meter) Text() []string {
	next := m.next()
	money := m.Money
	switch {
	case m.Paused:
		return []string{"PAUSED: nothing is probed until P", "PAUSED, P goes on"}
	case m.Simulated:
		return m.simulated(next)
	case money == nil:
		return m.uncapped(next)
	case money.Problem != "":
		return []string{"the budget cannot be read, so nothing that costs is probed: " + money.Problem, "the budget cannot be read: nothing that costs is probed"}
	case money.Exhausted:
		wait := Until(money.Resumes.Sub(m.Now))
		return []string{
			"the budget of $" + cents(money.Cap) + " is spent; what costs is probed again in " + wait,
			"budget spent, resumes in " + wait,
		}
	}
	spent := money.Settled.Add(money.Reserved)
	text := "$" + cents(spent) + " of $" + cents(money.Cap)
	if m.Pass.Known && m.Interval > 0 {
		end := probe.DayOf(m.Now).End()
		total := costmodel.NewUSD(spent.Rat()).Add(m.Pass.Over(end.Sub(m.Now), m.Interval))
		pace := ", $" + total.Format(2) + " at this pace"
		if m.Pass.AtMost {
			pace = ", at most $" + total.Format(2) + " at this pace"
		}
		return []string{text + " today" + pace + next, text + " today" + pace, text + pace, text}
	}
	return []string{text + " today" + next, text + " today", text}
}

func (m Meter) next() string {
	if m.Next.IsZero() {
		return ""
	}
	return "; next in " + Until(max(0, m.Next.Sub(m.Now)))
}

func (m Meter) simulated(next string) []string {
	text := fmt.Sprintf("simulated, costs nothing: %s every %s", Plural(m.Pass.Targets, "target"), Until(m.Interval))
	texts := []string{text + next, text, "simulated, costs nothing"}
	if m.Pass.Known {
		price := "; at real prices $" + m.Pass.Over(wholeDay, m.Interval).Format(2) + " a day"
		texts = append([]string{text + price + next, text + price}, texts...)
	}
	return texts
}

func (m Meter) uncapped(next string) []string {
	every := fmt.Sprintf("%s every %s", Plural(m.Pass.Targets, "target"), Until(m.Interval))
	switch {
	case !m.Pass.Known:
		return []string{every + ", at a cost that is not known" + next, every + ", cost not known"}
	case m.Pass.Over(wholeDay, m.Interval).Sign() == 0:
		return []string{every + ", which costs nothing" + next, every + ", costs nothing"}
	}
	cost := ", no cap: $" + m.Pass.Over(wholeDay, m.Interval).Format(2) + " a day"
	return []string{every + cost + next, every + cost}
}

// cents is an amount of money to the cent, more where it is less than a dime.
func cents(d decimal.Decimal) string {
	if d.IsPositive() && d.LessThan(decimal.New(1, -1)) {
		return d.StringFixed(4)
	}
	return d.StringFixed(2)
}

// WhatIf says what a day would cost with passes an interval apart under a cap, 0
// for none; longest form first. It changes nothing.
func (p Pass) WhatIf(interval time.Duration, limit costmodel.USD) []string {
	lead := "what if a pass every " + Until(interval)
	if !p.Known {
		return []string{lead + ": the cost of a probe is not known"}
	}
	most := ""
	if p.AtMost {
		most = "at most "
	}
	day := most + "$" + p.Over(wholeDay, interval).Format(2) + " a day"
	set := "; the configuration sets it"
	paced, capped := p.Within(limit, interval)
	if capped && paced > interval {
		over := fmt.Sprintf(", so that $%s lasts the day every %s", limit.Format(2), Until(paced))
		return []string{lead + ": " + day + over + set, lead + ": " + day + over, Until(interval) + ": " + day + ", paced to " + Until(paced)}
	}
	if capped {
		day += ", within $" + limit.Format(2)
	}
	return []string{lead + ": " + day + set, lead + ": " + day, Until(interval) + ": " + day}
}
