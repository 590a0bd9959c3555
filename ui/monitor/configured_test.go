package monitor

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/store"
	"costping/ui/compare"
	"costping/ui/config"

	"github.com/shopspring/decimal"
)

// targetsOf are targets with and without a price of their own, here and elsewhere.
func targetsOf(t *testing.T) config.Config {
	t.Helper()
	c := config.Default()
	price, err := config.ParsePrice("0.15/0.60", "config.toml")
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range []struct {
		name, url string
		price     costmodel.Price
	}{
		{"here", "http://127.0.0.1:1/v1", costmodel.Price{}},
		{"here, but paid", "http://127.0.0.1:1/v1", price},
		{"there", "https://llm.example/v1", costmodel.Price{}},
	} {
		c.Targets = append(c.Targets, config.Target{
			Target: probe.Target{Name: one.name, Model: "gpt-4o", BaseURL: one.url}, Price: one.price,
		})
	}
	return c
}

func names(s *probe.Schedule) string {
	var all []string
	for _, t := range s.Targets {
		all = append(all, t.Name)
	}
	return strings.Join(all, ", ")
}

// What costs nothing is not slowed down by a budget.
func TestSchedulesKeepTheFreeOnesApart(t *testing.T) {
	c, client := targetsOf(t), probe.NewClient(probe.Limits{}, nil)
	defer client.Close()
	schedules := Schedules(c, costmodel.Default(), probe.Chat(), client)
	if len(schedules) != 2 || names(schedules[0]) != "here, but paid, there" || names(schedules[1]) != "here" {
		t.Fatalf("%d schedules: %s", len(schedules), names(schedules[0]))
	}
	if schedules[0].Budget == nil || schedules[1].Budget != nil {
		t.Error("the budget is with the wrong ones")
	}
	schedules[0].Interval = time.Second // so that it is the budget that says how often
	midnight := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	fresh, half := &probe.MemoryLedger{}, &probe.MemoryLedger{}
	if _, ok, err := half.Reserve(t.Context(), probe.DayOf(midnight), decimal.NewFromFloat(0.5), decimal.NewFromInt(1)); !ok || err != nil {
		t.Fatal(ok, err)
	}
	for name, v := range map[string]struct {
		ledger probe.Ledger
		now    time.Time
		want   string
	}{
		"a whole day":            {fresh, midnight, `^probing 2 targets every (\d+\S*): at most \$\S+ a day of the budget of \$1; 1 target every 1m, at no cost$`},
		"a third of one":         {fresh, midnight.Add(16 * time.Hour), `^probing 2 targets every \S+ until 00:00 UTC, then every \S+: at most \$\S+ a day of the budget of \$1; `},
		"half, with half spent":  {half, midnight.Add(12 * time.Hour), `^probing 2 targets every (\d+\S*): `},
		"a whole, half is spent": {half, midnight, `^probing 2 targets every \S+ until 00:00 UTC, then every `},
	} {
		if got := Forecast(t.Context(), schedules, v.ledger, v.now); !regexp.MustCompile(v.want).MatchString(got) {
			t.Errorf("%s: %s", name, got)
		}
	}
	c.Targets = c.Targets[:1]
	if got := Forecast(t.Context(), Schedules(c, costmodel.Default(), probe.Chat(), client), fresh, midnight); got != "probing 1 target every 1m, at no cost" {
		t.Error(got)
	}
}

// The person's own price goes before the catalog's, for the row and for the probe.
func TestOwnPrice(t *testing.T) {
	c := targetsOf(t)
	today := costmodel.DateOf(time.Now())
	own, listed := Candidate(c.Targets[1], costmodel.Default(), today), Candidate(c.Targets[2], costmodel.Default(), today)
	if own.Price.Source != "config.toml" || listed.Price.Source == "config.toml" || !own.Known {
		t.Errorf("own %v, listed %v", own.Price, listed.Price)
	}
	price := newPrices(costmodel.Default(), c.Targets).of
	used := probe.Usage{Input: probe.Known[int64](1e6), Output: probe.Known[int64](1e6)}
	for target, want := range map[int]string{1: "0.75", 2: "12.5"} {
		if usd, ok := price(c.Targets[target].Target, used); !ok || usd.String() != want {
			t.Errorf("%s: %s, want %s", c.Targets[target].Name, usd, want)
		}
	}
	if worst := WorstPrice(costmodel.Default()); !worst.Input.IsPositive() || worst.Output.LessThan(worst.Input) {
		t.Errorf("the worst case is %+v", worst)
	}
}

// What others take for a model is not what it costs on a machine of one's own: where
// nobody said that, the status line does not know it either.
func TestOwnMachineIsNotPricedByTheCatalog(t *testing.T) {
	t.Parallel()
	today := costmodel.DateOf(noon)
	var candidates []compare.Candidate
	for _, target := range targetsOf(t).Targets {
		candidates = append(candidates, Candidate(target, costmodel.Default(), today))
	}
	x := newJudged(t, Facts{Candidates: candidates, Workload: costmodel.Presets()[0].Workload})
	x.look(noon)
	f, err := ReadStatus(x.facts.Dir, noon)
	if err != nil || len(f.Targets) != 3 {
		t.Fatalf("%+v, %v", f, err)
	}
	for _, target := range f.Targets {
		if known := target.USDPerMonth != nil; known == (target.Name == "here") {
			t.Errorf("%s: the month's cost is known: %v", target.Name, known)
		}
	}
}

// instant is a prober whose answers take no time.
type instant struct{}

func (instant) Prepare(context.Context, probe.Target, probe.Profile) {}

func (instant) Probe(_ context.Context, a probe.Attempt) probe.Sample {
	return probe.Sample{Target: a.Target, Profile: a.Profile.Name, Cap: 1, At: time.Now().UTC(), Outcome: probe.OK}
}

// Several schedules are one to those who look on.
func TestStatusOfSeveralSchedules(t *testing.T) {
	history, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = history.Close() }()
	c, client := targetsOf(t), probe.NewClient(probe.Limits{}, nil)
	defer client.Close()
	schedules := Schedules(c, costmodel.Default(), probe.Chat(), client)
	for _, s := range schedules {
		s.Prober, s.Interval = instant{}, 20*time.Millisecond
	}
	schedules[0].Interval = time.Hour
	m := Start(t.Context(), history, schedules...)
	defer m.Stop()
	waitFor(t, func() bool { return !m.Next().IsZero() })
	status := m.Status()
	if status.Budget == nil || status.Interval != time.Hour || len(status.Targets) != 3 || time.Until(status.Next) > time.Minute {
		t.Errorf("%+v", status)
	}
	waitFor(t, func() bool { return history.Version() >= 2 })
}
