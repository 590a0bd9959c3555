package monitor

import (
	"costping/costmodel"
	"costping/probe"
	"costping/ui/compare"
	"costping/ui/config"
)

// Schedules are those of the configuration: its targets at its interval, within its
// budget, which the history keeps that they are started on. Those that cost nothing
// have one of their own: the budget does not slow them down.
func Schedules(c config.Config, catalog *costmodel.Catalog, profile probe.Profile, client *probe.Client) []*probe.Schedule {
	budget := budgetOf(c.Budget, catalog, ownPrices(c.Targets), client)
	free := &probe.Schedule{Profile: profile, Interval: c.Interval, Prober: client}
	paid := &probe.Schedule{Profile: profile, Interval: c.Interval, Prober: client, Budget: budget}
	for _, t := range c.Targets {
		s := paid
		if budget.Estimate(t.Target, profile).IsZero() {
			s = free
		}
		s.Targets = append(s.Targets, t.Target)
	}
	var schedules []*probe.Schedule
	for _, s := range []*probe.Schedule{paid, free} {
		if len(s.Targets) > 0 {
			schedules = append(schedules, s)
		}
	}
	return schedules
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
func Candidate(t config.Target, catalog *costmodel.Catalog, today costmodel.Date) compare.Candidate {
	c := compare.Candidate{Target: t.Name, Configured: true, Short: t.Short, Quality: t.Quality, Tags: t.Tags, Machine: t.SelfHost}
	if c.Model, c.Known = ModelOf(catalog, t.Target); c.Known {
		c.Price = c.Model.PriceOn(today)
	}
	if t.Price.Known() {
		c.Price = t.Price
	}
	c.OwnMachine = t.SelfHost != nil || !t.Price.Known() && t.Loopback()
	if c.OwnMachine {
		c.Price = costmodel.Price{} // what others take for the model is not its cost here
	}
	return c
}

// Listed is the row of a model of the catalog that is not a target.
func Listed(m costmodel.Model, today costmodel.Date) compare.Candidate {
	return compare.Candidate{Target: m.ID, Model: m, Price: m.PriceOn(today), Known: true}
}
