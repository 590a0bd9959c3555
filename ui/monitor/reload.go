package monitor

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/store"
	"costping/ui/compare"
	"costping/ui/config"
	"costping/ui/report/snapshot"
)

// Setup is a configuration to be run, and followed as it changes.
type Setup struct {
	Config  config.Config
	Catalog *costmodel.Catalog
	// Load reads the configuration anew as Config was read; nil for the file alone.
	Load func() (config.Config, error)
	// Files are what Load reads beside the file of Config, or may: they are followed too.
	Files []string
	// Workload is what the targets of a configuration are judged by on a day; nil for
	// none. Dir is the folder whose status file is written.
	Workload func(config.Config, costmodel.Date) costmodel.Workload
	Dir      string
	// Approved is that of Facts.
	Approved *snapshot.Approved
	// Tell and Log are those of Facts.
	Tell func(store.Event)
	Log  func(error)
	// Reload has the file read at once, changed or not; nil for only when it changes.
	Reload <-chan struct{}
	// Changed hears of another configuration that is in force, Refused why one is not, or
	// nil where the one in force has been put back instead; both from one goroutine, and
	// nil for nobody.
	Changed func(config.Config)
	Refused func(error)
}

// Configured is a monitor of the targets of a configuration.
type Configured struct {
	*Monitor
	// Forecast says in a sentence what probing as configured at the start comes to.
	Forecast string

	setup    Setup
	prices   *prices
	client   *probe.Client
	stop     context.CancelFunc
	watching sync.WaitGroup
}

// Configure runs a configuration on a history, and follows its file: what is changed
// there is in force within a few seconds, without a restart, and what is probed goes
// on at its pace, within what is left of its budget. It fails where the prompt
// profile cannot be had.
func Configure(ctx context.Context, history store.History, s Setup) (*Configured, error) {
	profile, err := s.Config.Prompt()
	if err != nil {
		return nil, err
	}
	c := &Configured{setup: s, prices: newPrices(s.Catalog, s.Config.Targets)}
	c.client = probe.NewClient(probe.Limits{}, c.prices.of)
	c.client.Charged = c.prices.charged
	schedules := Schedules(s.Config, s.Catalog, profile, c.client)
	checks := ChecksOf(s.Config, s.Catalog, c.client, schedules)
	c.Forecast = Forecast(ctx, schedules, history, time.Now())
	if more := checks.Forecast(); more != "" {
		c.Forecast += "\n" + more
	}
	facts := c.facts(s.Config)
	c.Monitor = start(ctx, history, &facts, checks, schedules)
	ctx, c.stop = context.WithCancel(ctx)
	c.watching.Go(func() {
		defer probe.Recover(c.fail)
		follow(ctx, s, profile, func(next changed) { c.log(c.take(ctx, next)) })
	})
	return c, nil
}

// Finish is Monitor.Finish, and follows the file no more.
func (c *Configured) Finish(ctx context.Context) {
	c.stop()
	c.watching.Wait()
	c.Monitor.Finish(ctx)
}

// Stop is Monitor.Stop, and closes what Configure has opened.
func (c *Configured) Stop() {
	c.stop()
	c.watching.Wait()
	c.Monitor.Stop()
	c.client.Close()
}

// facts are what the owner of a history judges configured targets by.
func (c *Configured) facts(of config.Config) Facts {
	s := c.setup
	f := Facts{Limits: of.Limits, Dir: s.Dir, Approved: s.Approved, OnAlert: of.Alerts.OnAlert, Tell: s.Tell, Log: s.Log}
	if s.Workload != nil {
		f.WorkloadOn = func(day costmodel.Date) costmodel.Workload { return s.Workload(of, day) }
	}
	today := costmodel.DateOf(time.Now())
	for _, t := range of.Targets {
		f.Candidates = append(f.Candidates, Candidate(t, s.Catalog, today))
		if t.Pinned && f.Pinned == "" {
			f.Pinned = t.Name
		}
	}
	return f
}

// take puts another configuration in force.
func (c *Configured) take(ctx context.Context, next changed) error {
	c.prices.set(next.config.Targets)
	schedules := Schedules(next.config, c.setup.Catalog, next.profile, c.client)
	c.replace(c.facts(next.config), ChecksOf(next.config, c.setup.Catalog, c.client, schedules), schedules)
	if c.setup.Changed != nil {
		c.setup.Changed(next.config)
	}
	if !c.history.Role().Owner {
		return nil // whoever is has the same file, perhaps
	}
	return c.note(ctx, store.Event{At: time.Now(), Kind: EventConfigChanged, Text: probe.Sanitize(next.what, mostChanged)})
}

// mostChanged bounds what is said of a change, in bytes.
const mostChanged = 300

// replace goes on with other schedules and facts. What is in flight is finished
// first.
func (m *Monitor) replace(facts Facts, checks *Checks, schedules []*probe.Schedule) {
	m.steering.Lock()
	defer m.steering.Unlock()
	before, _ := m.current()
	for _, s := range schedules {
		m.adopt(s)
		s.SteerAs(before...)
	}
	m.alert.set(facts.OnAlert)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.schedules, m.facts, m.checks = schedules, facts, newChecker(m, checks)
	close(m.replaced)
	m.replaced = make(chan struct{})
}

// whatChanged says in a few words what is other in the second configuration; "" for
// nothing.
func whatChanged(a, b config.Config) string {
	var parts []string
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	if gone := without(a.Targets, b); len(gone) > 0 {
		add("no longer %s", strings.Join(gone, ", "))
	}
	if more := without(b.Targets, a); len(more) > 0 {
		add("new: %s", strings.Join(more, ", "))
	}
	for _, t := range a.Targets {
		if other, ok := b.Named(t.Name); ok && !reflect.DeepEqual(t, other) {
			add("%s with another %s", t.Name, strings.Join(differing(t, other), ", "))
		}
	}
	if a.Interval != b.Interval {
		add("probing every %s, before every %s", compare.Until(b.Interval), compare.Until(a.Interval))
	}
	if !a.Budget.Decimal().Equal(b.Budget.Decimal()) {
		add("a budget of $%s a day, before $%s", b.Budget, a.Budget)
	}
	for _, name := range unequal([]part{
		{"profile", a.Profile, b.Profile},
		{"goodput", a.SLO, b.SLO},
		{"limits", a.Limits, b.Limits},
		{"alerts", a.Alerts, b.Alerts},
		{"workloads", a.Workloads, b.Workloads},
		{"pipelines", a.Pipelines, b.Pipelines},
		{"checks", a.Checks, b.Checks},
	}) {
		add("other %s", name)
	}
	if len(parts) == 0 && !reflect.DeepEqual(a.Targets, b.Targets) {
		add("targets in another order")
	}
	return strings.Join(parts, "; ")
}

// part is a part of two configurations, under the name that a person knows it by.
type part struct {
	name string
	a, b any
}

// unequal are the names of the parts that are not the same in both.
func unequal(parts []part) []string {
	var names []string
	for _, p := range parts {
		if !reflect.DeepEqual(p.a, p.b) {
			names = append(names, p.name)
		}
	}
	return names
}

// differing are the keys that two tables of one target do not have in common.
func differing(a, b config.Target) []string {
	keys := unequal([]part{
		{"model", a.Model, b.Model},
		{"base_url", a.BaseURL, b.BaseURL},
		{"price", a.Price, b.Price},
		{"quality", a.Quality, b.Quality},
		{"tags", a.Tags, b.Tags},
		{"interval", a.Interval, b.Interval},
		{"selfhost", a.SelfHost, b.SelfHost},
		{"short name", a.Short, b.Short},
		{"pin", a.Pinned, b.Pinned},
	})
	if len(keys) == 0 { // how it is reached: a key, headers, a route
		return []string{"access"}
	}
	return keys
}

// without are the names of the targets that the other configuration does not have.
func without(targets []config.Target, other config.Config) []string {
	var names []string
	for _, t := range targets {
		if _, ok := other.Named(t.Name); !ok {
			names = append(names, t.Name)
		}
	}
	return names
}
