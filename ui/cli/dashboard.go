package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/store"
	"costping/ui/compare"
	"costping/ui/config"
	"costping/ui/dashboard"
	"costping/ui/facts"
	"costping/ui/monitor"
	"costping/ui/pricebook"
	"costping/ui/setup"

	"github.com/adrg/xdg"
	"github.com/spf13/cobra"
)

// dashboardCommand is costping without a command.
type dashboardCommand struct {
	*app
	workloadFlags
	idle bool
	// notice is what the screen says first, "" for nothing.
	notice string
}

func (d *dashboardCommand) flags(cmd *cobra.Command) {
	d.add(cmd, d.app)
	d.historyFlag(cmd)
	d.plainFlag(cmd)
	d.baselineFlag(cmd)
	cmd.Flags().BoolVar(&d.idle, "no-probe", false, "only look: send nothing to the configured targets")
}

// historyFlag adds --history.
func (a *app) historyFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&a.history, "history", "", "folder of the history (default: the user's state folder)")
}

// historyDir is the folder of the history.
func (a *app) historyDir() string {
	if a.history != "" {
		return a.history
	}
	return filepath.Join(xdg.StateHome, "costping")
}

// run opens the dashboard, and then what was chosen to go on with.
func (d *dashboardCommand) run(cmd *cobra.Command, _ []string) error {
	for {
		next, err := d.open(cmd)
		if err != nil {
			return err
		}
		switch next {
		case demoWay:
			return d.goOn(func() *cobra.Command { return newDemo(d.app) })
		case initWay:
			err := d.goOn(func() *cobra.Command { return newInit(d.app) })
			if !errors.Is(err, errNothingFound) {
				return err
			}
			d.notice = "no key is set and no local server answers: set one, such as OPENAI_API_KEY, and begin again; :demo needs none"
		default:
			return nil
		}
	}
}

// The ways on from a dashboard on which nothing is probed.
const demoWay, initWay = "demo", "init"

// waysOn are those of a person without targets; without a file too there is one to
// begin with.
func waysOn(c config.Config) []dashboard.Way {
	if len(c.Targets) > 0 {
		return nil
	}
	ways := []dashboard.Way{{Name: demoWay, Does: "the whole program on simulated models", Note: "no key"}}
	if c.Path != "" {
		return ways
	}
	note := "found none"
	if keys, _ := setup.Keys(os.Getenv); len(keys) > 0 {
		note = "found " + compare.Plural(len(keys), "key")
	}
	return append(ways, dashboard.Way{Name: initWay, Does: "find keys and local servers, and write a configuration", Note: note})
}

// open shows the dashboard and returns the way that was taken, "" for none.
func (d *dashboardCommand) open(cmd *cobra.Command) (next string, err error) {
	look, err := d.theme()
	if err != nil {
		return "", err
	}
	c, err := d.configuration()
	if err != nil {
		return "", err
	}
	workload, err := d.workloadOr(c, cmd.Flags().Changed, costmodel.DateOf(time.Now()))
	if err != nil {
		return "", err
	}
	if _, err := c.Prompt(); err != nil {
		return "", usage(profileHint(c.Profile)+"; see profile in "+c.Path, "%v", err)
	}
	if why := d.noTerminal(); why != "" && !d.plain {
		return "", usage("costping demo --once and costping cost print tables", "the dashboard needs a terminal that can draw: %s", why)
	}
	approved, err := d.approved()
	if err != nil {
		return "", err
	}
	// From here on an interruption ends what was begun: the history is closed.
	ctx, stop := interruptible(context.Background())
	defer stop()
	history, err := store.Open(d.historyDir())
	if err != nil {
		return "", unopened(err)
	}
	defer func() { _ = history.Close() }()
	catalog, err := d.catalog()
	if err != nil {
		return "", err
	}
	given := d.anyGiven(cmd.Flags().Changed)
	o := d.options(catalog, c, workload, given)
	o.History, o.Theme, o.Drift = history, look, driftOf(approved)
	if o.Sets, err = setsOf(history, catalog, c.Targets); err != nil {
		return "", err
	}
	o.Bell, o.Title = c.Alerts.Bell, c.Alerts.Title
	o.Ways, o.Notice = waysOn(c), d.notice
	d.keeping(&o, history, catalog)
	f := following{
		history: history, changes: make(chan dashboard.Change, 1),
		workloads: func(c config.Config) []dashboard.Workload { return workloadsOf(c, workload, given) },
		setup: monitor.Setup{
			Config: c, Load: d.configuration, Files: d.followedFiles(), Catalog: catalog,
			Workload: ruling(workload, given), Dir: d.historyDir(), Approved: approved,
		},
	}
	o.Changes = f.changes
	end, err := f.begin(ctx, d.idle, &o)
	if err != nil {
		return "", usage(profileHint(c.Profile)+"; see profile in "+c.Path, "%v", err)
	}
	defer end()
	if f.forecast != "" {
		fmt.Fprintln(d.stderr, f.forecast) // seen again when the screen has closed
	}
	o.Watching = func() string { return watching(history) }
	exports(&o, catalog, c)
	return d.show(ctx, o)
}

// keeping lets what a person says in the dashboard be kept: of models in the file of
// facts, of workloads in the configuration.
func (a *app) keeping(o *dashboard.Options, history store.History, catalog *costmodel.Catalog) {
	o.Facts = a.said
	o.SaveFacts = func(target string, f facts.Facts) ([]dashboard.Set, error) {
		if err := facts.Save(pricebook.Dir(), target, f); err != nil {
			return nil, err
		}
		now, err := a.configuration()
		if err != nil {
			return nil, err
		}
		return setsOf(history, catalog, now.Targets)
	}
	o.SaveWorkload = func(name string, w costmodel.Workload) error { return config.AppendWorkload(a.config, name, w) }
}

// said is what the person says of a target, in the dashboard and in the configuration.
func (a *app) said(target string) (dashboard.Said, error) {
	book, err := facts.Load(pricebook.Dir())
	if err != nil {
		return dashboard.Said{}, err
	}
	written, err := config.Load(a.config)
	if err != nil {
		return dashboard.Said{}, err
	}
	said := dashboard.Said{Here: book[target]}
	t, _ := written.Named(target)
	for _, part := range []struct {
		name string
		is   bool
	}{
		{"its quality", t.Quality.Known()},
		{"its tags", len(t.Tags) > 0},
		{"its price", t.Price.Known()},
		{"what its machine costs", t.SelfHost != nil},
	} {
		if part.is {
			said.Configured = append(said.Configured, part.name)
		}
	}
	return said, nil
}

// options are what every dashboard has: the catalog with what belongs to it, and the
// workloads to choose from.
func (a *app) options(catalog *costmodel.Catalog, c config.Config, workload costmodel.Workload, given bool) dashboard.Options {
	return dashboard.Options{
		Limits: c.Limits, Catalog: catalog, Advice: costmodel.DefaultAdvice(), Hardware: costmodel.DefaultHardware(),
		Workloads: workloadsOf(c, workload, given), Pipelines: pipelinesOf(c),
	}
}

// workloadsOf are the workloads to choose from: the one of the flags first where any
// was given, then those of the configuration, then the presets.
func workloadsOf(c config.Config, flags costmodel.Workload, given bool) []dashboard.Workload {
	var all []dashboard.Workload
	if given {
		all = append(all, dashboard.Workload{Workload: flags})
	}
	for _, w := range c.Workloads {
		all = append(all, dashboard.Workload{Name: w.Name, Workload: w.On(costmodel.DateOf(time.Now()))})
	}
	for _, p := range costmodel.Presets() {
		p.Workload.DaysPerMonth = flags.DaysPerMonth
		all = append(all, dashboard.Workload{Name: p.Name, Workload: p.Workload})
	}
	return all
}

// setsOf are the lists of rows: the configured targets with whatever else the
// history holds of the last day, where there are any; the starter list; all models
// that chat.
func setsOf(history store.History, catalog *costmodel.Catalog, targets []config.Target) ([]dashboard.Set, error) {
	today := costmodel.DateOf(time.Now())
	var own []compare.Candidate
	seen := map[string]bool{}
	for _, t := range targets {
		seen[t.Name] = true
		own = append(own, monitor.Candidate(t, catalog, today))
	}
	found, err := foundIn(history, catalog, seen)
	if err != nil {
		return nil, err
	}
	book, err := facts.Load(pricebook.Dir())
	if err != nil {
		return nil, unreadFacts(err)
	}
	for _, c := range found {
		own = append(own, book.Candidate(c))
	}
	entries, err := catalog.List(starterList)
	if err != nil {
		return nil, err
	}
	var sets []dashboard.Set
	if len(own) > 0 {
		sets = append(sets, dashboard.Set{Name: "my targets", Candidates: own})
	}
	var starter, all []compare.Candidate
	for _, e := range entries {
		starter = append(starter, book.Candidate(unprobed(e.Model, today)))
	}
	for _, m := range catalog.Models() {
		if m.Kind == costmodel.Chat {
			all = append(all, book.Candidate(unprobed(m, today)))
		}
	}
	return append(sets, dashboard.Set{Name: "starter list", Candidates: starter}, dashboard.Set{Name: "all models", Candidates: all}), nil
}

// unprobed is the row of a model that is not a target, with what others published of it
// and whether there is a key to probe it with.
func unprobed(m costmodel.Model, today costmodel.Date) compare.Candidate {
	c := monitor.Listed(m, today)
	c.Published.TTFT, c.Published.Speed = costmodel.DefaultAdvice().Published(m)
	c.KeyMissing = setup.KeyMissing(m.Provider, os.Getenv)
	return c
}

// starterList is the catalog's list for those who have configured nothing.
const starterList = "starter"

// foundIn are the targets that answered within the last day and are not seen
// already.
func foundIn(history store.History, catalog *costmodel.Catalog, seen map[string]bool) ([]compare.Candidate, error) {
	now := time.Now()
	window, err := history.Window(context.Background(), store.Last(24*time.Hour, now))
	if err != nil {
		return nil, err
	}
	return foundInWindow(window, catalog, costmodel.DateOf(now), seen), nil
}

// foundInWindow are those of a window.
func foundInWindow(window store.Window, catalog *costmodel.Catalog, today costmodel.Date, seen map[string]bool) []compare.Candidate {
	var candidates []compare.Candidate
	// The series with the most samples first: it is the one that stands for its
	// target, so its model is the one to be priced.
	slices.SortStableFunc(window.Series, func(a, b store.Summary) int { return b.Warm - a.Warm })
	for _, s := range window.Series {
		if seen[s.Series.Target] || s.Outcomes[probe.OK] == 0 {
			continue // what never answered is more likely a slip than a candidate
		}
		seen[s.Series.Target] = true
		c := compare.Candidate{Target: s.Series.Target}
		if c.Model, c.Known = catalog.Lookup(s.Series.Model); c.Known {
			c.Price = c.Model.PriceOn(today)
		}
		candidates = append(candidates, c)
	}
	return candidates
}

// show runs the dashboard on the terminal and leaves there what is to stay. next is
// the way that was taken.
func (a *app) show(ctx context.Context, o dashboard.Options) (next string, err error) {
	spareMemory()
	if a.plain {
		return "", a.tell(ctx, o)
	}
	result, err := dashboard.Run(ctx, a.stdin, a.stdout, o)
	if err != nil {
		return "", err
	}
	if result.Table != "" {
		if _, err := io.WriteString(a.stdout, result.Table); err != nil {
			return "", err
		}
	}
	if result.Interrupted {
		return "", errInterrupted
	}
	return result.Next, nil
}
