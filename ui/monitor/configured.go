package monitor

import (
	"costping/costmodel"
	"costping/probe"
	"costping/ui/compare"
	"costping/ui/config"
)

// Schedule is that of the configuration: its targets at its interval, within its
// budget, which the history keeps that it is started on.
func Schedule(c config.Config, profile probe.Profile, client *probe.Client) *probe.Schedule {
	s := &probe.Schedule{
		Profile: profile, Interval: c.Interval, Prober: client, Budget: NewBudget(c.Budget, ownPrices(c.Targets), client),
	}
	for _, t := range c.Targets {
		s.Targets = append(s.Targets, t.Target)
	}
	return s
}

// PriceOf prices the probes of configured targets.
func PriceOf(targets []config.Target) probe.PriceFunc {
	return PriceFunc(ownPrices(targets))
}

func ownPrices(targets []config.Target) map[string]costmodel.Price {
	own := map[string]costmodel.Price{}
	for _, t := range targets {
		if t.Price.Known() {
			own[t.Name] = t.Price
		}
	}
	return own
}

// Candidate is the row of a configured target: the person's own price goes before
// the catalog's of today.
func Candidate(t config.Target, today costmodel.Date) compare.Candidate {
	c := compare.Candidate{Target: t.Name}
	if c.Model, c.Known = ModelOf(costmodel.Default(), t.Target); c.Known {
		c.Price = c.Model.PriceOn(today)
	}
	if t.Price.Known() {
		c.Price = t.Price
	}
	return c
}
