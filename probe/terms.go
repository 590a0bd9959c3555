package probe

import (
	"context"
	"time"

	"github.com/shopspring/decimal"
)

// terms are what the budget of a day makes of a pass.
type terms struct {
	interval time.Duration
	reason   PaceReason
	// daily: the terms are those of one day, so the pass ends with it.
	daily bool
	// usd is the worst case of each target's probe, by name.
	usd map[string]decimal.Decimal
	// refused are beyond the budget until the day ends, resting for this pass.
	refused map[string]*RefusedError
	resting map[string]bool
	// purse is what a pass ForBudget may cost.
	purse decimal.Decimal
}

// pays reports whether a turn of a target is paid for, and takes its price out of
// the purse. Only in a pass that is cut by the end of the day can it be empty:
// what does not fit then is left out like what is due after midnight.
func (t *terms) pays(target Target) bool {
	usd := t.usd[target.Name]
	if t.reason != ForBudget || !usd.IsPositive() {
		return true
	}
	if usd.GreaterThan(t.purse) {
		return false
	}
	t.purse = t.purse.Sub(usd)
	return true
}

// terms are those of a pass that starts on a day.
func (r *run) terms(ctx context.Context, day Day, start time.Time) terms {
	t := terms{
		interval: r.Interval, reason: AsConfigured,
		usd: map[string]decimal.Decimal{}, refused: map[string]*RefusedError{}, resting: map[string]bool{},
	}
	if r.Budget == nil {
		return t
	}
	for _, target := range r.enabled() {
		t.usd[target.Name] = r.Budget.Estimate(target, r.Profile)
		if usd := t.usd[target.Name]; usd.GreaterThan(r.Budget.Cap) {
			t.refused[target.Name] = &RefusedError{Refusal: TooDear, Cap: r.Budget.Cap, Estimate: usd}
		}
	}
	shares := r.Budget.shares(r.enabled(), r.Profile)
	if len(shares) == 0 {
		return t
	}
	left, err := r.Budget.left(ctx, day)
	if err != nil {
		r.log(err) // and every turn will say so
		return t
	}
	var cheapest, safety decimal.Decimal // the least to be set aside; what a pass has set aside too much
	r.eachPaid(t.usd, func(target Target) {
		usd := t.usd[target.Name]
		if cheapest.IsZero() || usd.LessThan(cheapest) {
			cheapest = usd
		}
		safety = safety.Add(usd)
	})
	for _, s := range shares {
		safety = safety.Sub(s.usd)
	}
	now := left.now.Sub(r.notYetSetAside(day))
	switch {
	case r.isSpent(day) || cheapest.GreaterThan(left.atBest):
		t.daily = true
		r.findSpent(day)
		r.eachPaid(t.usd, func(target Target) {
			t.refused[target.Name] = &RefusedError{Refusal: BudgetSpent, Cap: r.Budget.Cap, Estimate: t.usd[target.Name]}
		})
	case cheapest.GreaterThan(now): // until those in flight have been settled
		r.eachPaid(t.usd, func(target Target) { t.resting[target.Name] = true })
	default:
		t.interval = stretch(shares, r.Interval, day.End().Sub(start), decimal.Max(cheapest, now.Sub(safety)))
		if t.interval > r.Interval {
			t.reason, t.daily, t.purse = ForBudget, true, now
		}
	}
	return t
}

// eachPaid visits the targets that cost something and fit the budget's cap.
func (r *run) eachPaid(usd map[string]decimal.Decimal, visit func(Target)) {
	for _, t := range r.enabled() {
		if usd := usd[t.Name]; usd.IsPositive() && usd.LessThanOrEqual(r.Budget.Cap) {
			visit(t)
		}
	}
}

// notYetSetAside is what the turns of a day that have been planned will cost.
func (r *run) notYetSetAside(day Day) decimal.Decimal {
	r.mu.Lock()
	defer r.mu.Unlock()
	var usd decimal.Decimal
	for t, begun := range r.waiting {
		if !begun && t.day == day {
			usd = usd.Add(t.usd)
		}
	}
	return usd
}

func (r *run) isSpent(day Day) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.spentOn == day
}

// findSpent notes that a day's budget is spent and calls off what it was to pay
// for. The first refusal ends the day for all that costs money, even where
// something cheaper would still fit: targets are compared by equal work.
func (r *run) findSpent(day Day) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.spentOn == day {
		return
	}
	r.spentOn = day
	for t, begun := range r.waiting {
		if !begun && t.day == day && t.usd.IsPositive() {
			delete(r.waiting, t)
		}
	}
	select {
	case r.spent <- struct{}{}:
	default: // the planner has been told
	}
}

// refuse keeps one sample a day of a target that is beyond the budget. The caller
// has made room for it.
func (r *run) refuse(t Target, day Day, why *RefusedError) {
	r.mu.Lock()
	said := r.refused[t.Name].day == day
	r.refused[t.Name] = refusedOn{day: day, reason: why.Error(), tooDear: why.Refusal == TooDear}
	r.mu.Unlock()
	if said {
		<-r.room
		return
	}
	s := r.skipped(t, time.Now(), why.Error())
	s.Refused = why
	r.release(s)
}

// refuseAll keeps the samples that say that the budget is spent.
func (r *run) refuseAll(ctx context.Context) {
	r.mu.Lock()
	day := r.spentOn
	r.mu.Unlock()
	usd := map[string]decimal.Decimal{}
	for _, t := range r.Targets {
		usd[t.Name] = r.Budget.Estimate(t, r.Profile)
	}
	r.eachPaid(usd, func(t Target) {
		select {
		case r.room <- struct{}{}:
			r.refuse(t, day, &RefusedError{Refusal: BudgetSpent, Cap: r.Budget.Cap, Estimate: usd[t.Name]})
		case <-ctx.Done():
		}
	})
}
