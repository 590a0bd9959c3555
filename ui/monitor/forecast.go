package monitor

import (
	"context"
	"fmt"
	"time"

	"costping/probe"
	"costping/ui/compare"
)

// Forecast says in a sentence what probing on schedules comes to from now on: the
// budget lasts what is left of the UTC day first, so that passes are closer together
// the later they begin, and whole days after that. What was spent is in the ledger;
// where that does not answer, whole days are all that is said.
func Forecast(ctx context.Context, schedules []*probe.Schedule, ledger probe.Ledger, now time.Time) string {
	paid, free := "", ""
	for _, s := range schedules {
		if s.Budget == nil {
			free = fmt.Sprintf("%s every %s, at no cost", compare.Plural(len(s.Targets), "target"), compare.Until(s.Interval))
			continue
		}
		pace := s.Budget.Forecast(s.Targets, s.Profile, s.Interval)
		every := compare.Until(pace.Interval)
		if today := compare.Until(restOfDay(ctx, s, ledger, pace, now)); today != every {
			every = today + " until 00:00 UTC, then every " + every
		}
		paid = fmt.Sprintf("%s every %s: at most $%s a day of the budget of $%s",
			compare.Plural(len(s.Targets), "target"), every, pace.DayUSD.RoundCeil(4), s.Budget.Cap)
	}
	switch {
	case paid == "":
		return "probing " + free
	case free == "":
		return "probing " + paid
	}
	return "probing " + paid + "; " + free
}

// restOfDay is the interval that what is left of the budget asks for today; that of
// a whole day where it is not known, or where today's is as good as spent.
func restOfDay(ctx context.Context, s *probe.Schedule, ledger probe.Ledger, pace probe.Pace, now time.Time) time.Duration {
	day := probe.DayOf(now)
	spent, err := ledger.Spent(ctx, day)
	left := day.End().Sub(now)
	if err != nil || left <= 0 {
		return pace.Interval
	}
	remaining := s.Budget.Cap.Sub(spent.Settled).Sub(spent.Reserved)
	if remaining.LessThan(pace.PassUSD) {
		return pace.Interval
	}
	return s.Budget.ForecastRest(s.Targets, s.Profile, s.Interval, left, remaining)
}
