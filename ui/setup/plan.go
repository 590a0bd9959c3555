package setup

import (
	"fmt"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/probe/stats"
	"costping/ui/config"
	"costping/ui/monitor"

	"github.com/shopspring/decimal"
)

// Plan is what was found and what is to be probed of it.
type Plan struct {
	Keys      []Key
	LookedFor int
	Places    []Place
	Servers   []Server
	Choices   []Choice
	// PricesOnly is how many current models of the starter list are shown with
	// their prices, for they are not probed.
	PricesOnly int
	// Every is the time from pass to pass of what costs; Free of what does not.
	Every, Free time.Duration
	// Probes are what one probe costs and what a day does, in USD, by the target's
	// name; none of what is free.
	Probes map[string]Spending
	// Day is what a day costs, Budget the most that it may.
	Day, Budget decimal.Decimal
}

// Spending is what probing a target costs, in USD.
type Spending struct{ Probe, Day decimal.Decimal }

// Found reports whether there is anything to probe.
func (p Plan) Found() bool { return len(p.Choices) > 0 }

// NewPlan chooses among what was found, by the catalog as of a day, and forecasts
// what probing it costs with a configuration's defaults.
func NewPlan(catalog *costmodel.Catalog, today costmodel.Date, keys []Key, lookedFor int, places []Place, servers []Server) Plan {
	p := Plan{Keys: keys, LookedFor: lookedFor, Places: places, Servers: servers, Probes: map[string]Spending{}}
	names := map[string]bool{}
	add := func(choices []Choice) {
		for _, c := range choices {
			if names[c.Target.Name] { // two hosts of one model
				c.Target.Name += " " + c.Target.Provider
			}
			names[c.Target.Name] = true
			p.Choices = append(p.Choices, c)
		}
	}
	for _, k := range keys {
		add(chosen(catalog, k, today))
	}
	for _, s := range servers {
		add(ownChoices(s))
	}
	if entries, err := catalog.List("starter"); err == nil {
		for _, e := range entries {
			if !e.Model.RetiredOn(today) && !names[e.Model.ID] {
				p.PricesOnly++
			}
		}
	}
	p.forecast(catalog)
	return p
}

// forecast says what probing the choices costs. Nothing is sent.
func (p *Plan) forecast(catalog *costmodel.Catalog) {
	c := config.Default()
	for _, choice := range p.Choices {
		c.Targets = append(c.Targets, config.Target{Target: choice.Target})
	}
	p.Free, p.Budget = c.Interval, c.Budget.Decimal()
	profile, err := c.Prompt()
	if err != nil {
		return // the default profile is part of the program
	}
	client := probe.NewClient(probe.Limits{}, monitor.PriceFunc(catalog, nil))
	defer client.Close()
	for _, s := range monitor.Schedules(c, catalog, profile, client) {
		if s.Budget == nil {
			continue
		}
		pace := s.Budget.Forecast(s.Targets, profile, s.Interval)
		p.Every, p.Day = pace.Interval, pace.DayUSD
		passes := decimal.NewFromInt(int64(24 * time.Hour)).Div(decimal.NewFromInt(int64(pace.Interval)))
		for _, t := range s.Targets {
			one := s.Budget.Forecast([]probe.Target{t}, profile, pace.Interval).PassUSD
			p.Probes[t.Name] = Spending{one, one.Mul(passes)}
		}
	}
}

// First is how long it takes until the first figure of a quantile stands: the probes
// that it needs, at the slower of the paces.
func (p Plan) First(quantile float64) time.Duration {
	return time.Duration(stats.Needed(quantile)) * max(p.Every, p.free())
}

func (p Plan) free() time.Duration {
	for _, c := range p.Choices {
		if c.Local {
			return p.Free
		}
	}
	return 0
}

// Notice is the sentence that the first dashboard on the plan begins with.
func (p Plan) Notice() string {
	n := fmt.Sprintf("probing %s every %s", targets(len(p.Choices)), until(max(p.Every, p.free())))
	if p.Day.IsPositive() {
		n += ", about $" + p.Day.StringFixed(2) + " a day"
	}
	return n + "; P pauses, 6 shows the meter"
}
