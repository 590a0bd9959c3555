package probe

import (
	"context"
	"errors"
	"time"
)

// Metered makes attempts of a prober within a budget: the worst case is set aside
// before each and settled after it. An attempt that would go over the budget, or
// whose money cannot be set aside, is a Skipped sample with the reason; nothing of
// it is sent. log hears of money that could not be settled, which stays set aside;
// nil for nobody.
func Metered(p Prober, b *Budget, log func(error)) Prober {
	return metered{Prober: p, budget: b, log: log}
}

type metered struct {
	Prober
	budget *Budget
	log    func(error)
}

// Probe implements Prober.
func (m metered) Probe(ctx context.Context, a Attempt) Sample {
	money, err := m.budget.Reserve(ctx, DayOf(time.Now()), a.Target, a.Profile)
	if err != nil {
		s := Sample{
			Target: a.Target.Identity(), Profile: a.Profile.Name, Cap: m.budget.cap(a.Target, a.Profile),
			Concurrency: max(1, a.Concurrency), At: time.Now().UTC(), Outcome: Skipped, Error: Sanitize(err.Error(), maxErrorText),
		}
		if ctx.Err() != nil {
			s.Outcome, s.Error = Cancelled, interrupted
		} else {
			_ = errors.As(err, &s.Refused) // else the ledger failed
		}
		return s
	}
	s := m.Prober.Probe(ctx, a)
	if err := money.Settle(ctx, s); err != nil && m.log != nil {
		m.log(err)
	}
	return s
}
