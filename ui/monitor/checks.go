package monitor

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/probe/check"
	"costping/store"
	"costping/ui/compare"
	"costping/ui/config"

	"github.com/shopspring/decimal"
)

// Checks are the checks of answers that the owner of a history makes on a schedule,
// beside the probes and within their budget.
type Checks struct {
	Of []Check
	// Asker and Embedder send what is asked; Budget is that of the probes, nil where
	// nothing costs anything.
	Asker    probe.Asker
	Embedder probe.Embedder
	Budget   *probe.Budget
}

// Check is one check of one target.
type Check struct {
	config.Check
	Target probe.Target
	// Window is that of the model in tokens, 0 where nobody knows.
	Window int64
}

// ChecksOf are those of the configuration, within the budget of its schedules.
func ChecksOf(c config.Config, catalog *costmodel.Catalog, client *probe.Client, schedules []*probe.Schedule) *Checks {
	if len(c.Checks) == 0 {
		return nil
	}
	checks := &Checks{Asker: client, Embedder: client}
	for _, s := range schedules {
		if s.Budget != nil {
			checks.Budget = s.Budget
		}
	}
	if checks.Budget == nil {
		checks.Budget = budgetOf(c.Budget, catalog, ownPrices(c.Targets), client)
	}
	for _, one := range c.Checks {
		for _, name := range one.Targets {
			if t, ok := c.Named(name); ok {
				m, _ := ModelOf(catalog, t.Target)
				checks.Of = append(checks.Of, Check{Check: one, Target: t.Target, Window: m.Context})
			}
		}
	}
	return checks
}

// Forecast says in a few words what a run of all checks comes to at the most.
func (c *Checks) Forecast() string {
	if c == nil || len(c.Of) == 0 {
		return ""
	}
	var names []string
	var usd decimal.Decimal
	for i := range c.Of {
		one := &c.Of[i]
		names = append(names, one.Name()+" of "+one.Target.Name+" every "+compare.Until(one.Every))
		usd = usd.Add(c.estimate(one))
	}
	const shown = 3
	if more := len(names) - shown; more > 0 {
		names = append(names[:shown], fmt.Sprintf("%d more", more))
	}
	text := "checks: " + strings.Join(names, ", ")
	if usd.IsZero() {
		return text + "; at no cost"
	}
	return text + "; at most $" + usd.RoundCeil(4).String() + " for one run of each, within the budget"
}

// estimate is the most that a run may cost, in USD; 0 for what cannot be said.
func (c *Checks) estimate(one *Check) (usd decimal.Decimal) {
	if c.Budget == nil {
		return usd
	}
	schema, tools, err := one.Load(1)
	if err != nil {
		return usd
	}
	for i := range schema {
		for _, enforced := range []bool{false, true} {
			q := schema[i].Question(one.Target, enforced)
			usd = usd.Add(c.Budget.EstimateQuestion(&q))
		}
	}
	for i := range tools {
		q := tools[i].Question(one.Target)
		usd = usd.Add(c.Budget.EstimateQuestion(&q))
	}
	if one.Kind == check.KindContext {
		g := one.grid(1)
		usd = g.Estimate(func(in, out int64) decimal.Decimal { return c.Budget.EstimateTokens(one.Target, in, out) })
	}
	return usd
}

func (c *Check) grid(seed uint64) check.Grid {
	g := check.Grid{Lengths: c.Lengths, Depths: check.Depths(), Each: c.N, Seed: seed}
	if len(g.Lengths) == 0 {
		g.Lengths = check.Lengths(c.Window)
	}
	return g
}

// The times of the checks.
const (
	// lookForDue is how often it is looked for one that is due.
	lookForDue = 5 * time.Second
	// tryAgain is after how long one is tried again that nobody answered.
	tryAgain = time.Hour
	// runsBack is how far back runs are looked for: longer than the longest time from
	// one to the next.
	runsBack = 100 * 24 * time.Hour
)

// kindRun is the kind of the result that keeps where a check stands.
const kindRun check.Kind = "check"

// checkRun is its data: a run that was begun is not begun by another process too.
type checkRun struct {
	Begun time.Time `json:"begun"`
	// Seed is that of the cases, 0 for cases of one's own.
	Seed uint64 `json:"seed,omitempty"`
	// Ended says that nothing of it is left to do; Said what came of it.
	Ended bool   `json:"ended"`
	Said  string `json:"said,omitempty"`
}

// checker makes the checks of one generation, one after the other.
type checker struct {
	m   *Monitor
	set *Checks

	mu     sync.Mutex
	states []checkState // as the checks
}

// checkState is where a check stands.
type checkState struct {
	checkRun
	notBefore time.Time
	running   bool
	done, of  int
}

func newChecker(m *Monitor, set *Checks) *checker {
	if set == nil {
		return nil
	}
	if set.Budget != nil && set.Budget.Ledger == nil {
		set.Budget.Ledger = m.history
	}
	return &checker{m: m, set: set, states: make([]checkState, len(set.Of))}
}

// run makes what is due as long as until lasts; what is in flight then comes to its end,
// unless ctx ends too.
func (c *checker) run(ctx, until context.Context) {
	loaded := false
	tick := time.NewTicker(lookForDue)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-until.Done():
			return
		}
		if !loaded {
			err := c.load(ctx)
			c.m.log(err)
			loaded = err == nil
		}
		for i := range c.set.Of {
			if loaded && until.Err() == nil && !c.m.holds(c.set.Of[i].Target.Name) && !time.Now().Before(c.state(i).due(c.set.Of[i].Every)) {
				c.m.log(c.make(ctx, until, i))
			}
		}
	}
}

func (c *checker) state(i int) checkState {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.states[i]
}

func (c *checker) change(i int, how func(*checkState)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	how(&c.states[i])
}

// due is when a run is to be begun, or gone on with.
func (s checkState) due(every time.Duration) time.Time {
	due := s.Begun
	if s.Ended {
		due = s.Begun.Add(every)
	}
	if s.notBefore.After(due) {
		return s.notBefore
	}
	return due
}

// load reads where the checks stand, whoever made them last.
func (c *checker) load(ctx context.Context) error {
	results, err := c.m.history.Results(ctx, store.Range{From: time.Now().Add(-runsBack)})
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range c.set.Of {
		one := &c.set.Of[i]
		own := store.SeriesOf(probe.Sample{Target: one.Target.Identity(), Profile: string(kindRun), Concurrency: 1})
		for _, r := range results {
			var run checkRun
			if r.Kind == string(kindRun) && r.Case == one.Name() && r.Series == own && json.Unmarshal(r.Data, &run) == nil && !run.Begun.After(time.Now()) {
				run.Said = probe.Sanitize(run.Said, mostChanged)
				c.states[i].checkRun = run
			}
		}
	}
	return nil
}

// keep notes durably where a check stands, and what is to be said of it.
func (c *checker) keep(ctx context.Context, i int, run checkRun, kind store.EventKind) error {
	one := &c.set.Of[i]
	result, err := compare.KeptOf(one.Target, kindRun, 0, one.Name(), time.Now(), probe.Measured[float64]{}, run)
	if err != nil {
		return err
	}
	notes := store.Notes{Results: []store.Result{result}}
	if kind != "" {
		notes.Events = []store.Event{{At: time.Now(), Kind: kind, Target: one.Target.Name, Text: one.Name() + ": " + run.Said}}
	}
	return c.m.keep(context.WithoutCancel(ctx), notes)
}

// make begins a run, or goes on with one.
func (c *checker) make(ctx, until context.Context, i int) error {
	one, before := &c.set.Of[i], c.state(i)
	now := time.Now()
	if when, why := c.beyond(ctx, one, now); why != "" {
		return c.putOff(ctx, i, when, why)
	}
	onward := !before.Ended && !before.Begun.IsZero() && now.Sub(before.Begun) < one.Every
	run := before.checkRun
	if !onward {
		run = checkRun{Begun: now.UTC(), Said: before.Said}
		if one.Cases == "" {
			run.Seed = 1 + rand.Uint64N(1<<32) //nolint:gosec // cases, not secrets
		}
		// A grid and batches are kept as a whole: what breaks off is not paid twice.
		run.Ended = one.Kind == check.KindContext || one.Kind == check.KindEmbedding
	}
	if err := c.keep(ctx, i, run, ""); err != nil {
		c.change(i, func(s *checkState) { s.notBefore = now.Add(time.Minute) })
		return err // nothing is spent that would be spent again
	}
	c.change(i, func(s *checkState) { s.checkRun, s.running, s.done, s.of = run, true, 0, 0 })
	g := &gate{c: c, target: one.Target.Name, until: until, step: func() { c.change(i, func(s *checkState) { s.done++ }) }}
	came, err := c.ask(ctx, until, i, g)
	c.change(i, func(s *checkState) { s.running = false })
	switch refused := g.refused.Load(); {
	case err != nil:
		return c.putOff(ctx, i, now.Add(tryAgain), probe.Sanitize(err.Error(), mostChanged))
	case over(until) || c.m.off(one.Target.Name):
		return nil
	case refused != nil && refused.Refusal != probe.TooDear:
		return c.putOff(ctx, i, probe.DayOf(now).End(), refused.Error())
	case came.gaveUp != "" && came.answered == 0 && refused == nil:
		return c.putOff(ctx, i, now.Add(tryAgain), probe.Sanitize(came.gaveUp, mostChanged))
	case refused != nil:
		came.said = refused.Error()
	}
	run.Ended, run.Said = true, came.said
	err = c.keep(ctx, i, run, EventChecked) // what is shown stands already
	c.change(i, func(s *checkState) { s.checkRun = run })
	return err
}

// beyond says why a grid is not begun, and until when: half of one would be paid for
// nothing.
func (c *checker) beyond(ctx context.Context, one *Check, now time.Time) (until time.Time, why string) {
	if one.Kind != check.KindContext || c.set.Budget == nil {
		return until, ""
	}
	most, day := c.set.estimate(one), probe.DayOf(now)
	if most.IsZero() {
		return until, ""
	}
	budget := c.set.Budget.Read(ctx, day)
	switch {
	case most.GreaterThan(budget.Cap):
		return now.Add(one.Every), fmt.Sprintf("it may cost $%s, more than the budget of $%s a day", most.RoundCeil(2), budget.Cap)
	case budget.Problem != "":
		return now.Add(time.Minute), budget.Problem
	case most.GreaterThan(budget.Cap.Sub(budget.Settled).Sub(budget.Reserved)):
		return day.End(), fmt.Sprintf("it may cost $%s, more than is left of the budget of $%s today", most.RoundCeil(2), budget.Cap)
	}
	return until, ""
}

// putOff tries again later. The same is said once.
func (c *checker) putOff(ctx context.Context, i int, until time.Time, why string) error {
	run := c.state(i).checkRun
	again := run.Said == "put off: "+why
	run.Said = "put off: " + why
	var err error
	if !again {
		err = c.keep(ctx, i, run, EventCheckPutOff) // what is shown stands already
	}
	c.change(i, func(s *checkState) { s.notBefore, s.checkRun = until, run })
	return err
}

// status is what becomes of the checks.
func (c *checker) status() []probe.CheckStatus {
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make([]probe.CheckStatus, len(c.states))
	for i, s := range c.states {
		one := &c.set.Of[i]
		all[i] = probe.CheckStatus{
			Check: one.Name(), Target: one.Target.Name, Every: one.Every, Next: s.due(one.Every),
			Running: s.running, Done: s.done, Of: s.of, Said: s.Said,
		}
	}
	return all
}

// over reports whether a context has ended.
func over(ctx context.Context) bool { return ctx.Err() != nil }
