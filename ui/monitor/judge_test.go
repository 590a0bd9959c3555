package monitor

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/store"
	"costping/ui/compare"
	"costping/ui/config"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// judged is a history whose owner is tried out at chosen moments, and may be another
// process from one to the next.
type judged struct {
	t *testing.T
	*memory
	facts   Facts
	judge   *judge
	rng     *rand.Rand
	profile string // of the probes
}

func newJudged(t *testing.T, facts Facts) *judged {
	t.Helper()
	facts.Dir = t.TempDir()
	if facts.Candidates == nil {
		facts.Candidates = []compare.Candidate{{Target: "a"}}
	}
	x := &judged{t: t, memory: newMemory(), facts: facts, profile: "chat", rng: rand.New(rand.NewPCG(1, 2))}
	x.restart()
	return x
}

// restart gives the history to another owner.
func (x *judged) restart() {
	m := &Monitor{history: x.memory, facts: x.facts}
	m.alert = newAlert(nil, m.log)
	x.judge = newJudge(m)
}

func (x *judged) look(at time.Time) {
	x.t.Helper()
	if err := x.judge.look(x.t.Context(), at); err != nil {
		x.t.Fatal(err)
	}
}

// probes appends n samples of a target, one a minute from at on, of about that TTFT,
// and gives the time after the last.
func (x *judged) probes(at time.Time, n int, ttft time.Duration) time.Time {
	x.t.Helper()
	var samples []probe.Sample
	for range n {
		noise := 1 + 0.1*(x.rng.Float64()-0.5)
		samples = append(samples, probe.Sample{
			Target: probe.Target{Name: "a", Model: "m"}, Profile: x.profile, Cap: 128, At: at, Outcome: probe.OK,
			TTFT: probe.Known(time.Duration(float64(ttft) * noise)),
		})
		at = at.Add(time.Minute)
	}
	if err := x.Append(x.t.Context(), samples); err != nil {
		x.t.Fatal(err)
	}
	return at
}

func (x *judged) fails(at time.Time, n int, outcome probe.Outcome) time.Time {
	for range n {
		_ = x.Append(x.t.Context(), []probe.Sample{{
			Target: probe.Target{Name: "a", Model: "m"}, Profile: "chat", Cap: 128, At: at, Outcome: outcome, Error: "refused",
		}})
		at = at.Add(time.Minute)
	}
	return at
}

func (x *judged) want(kinds ...store.EventKind) {
	x.t.Helper()
	if got := x.recorded(); !slices.Equal(got, kinds) {
		x.t.Fatalf("recorded %v, want %v", got, kinds)
	}
}

// A limit breaks when it was over for as long as it says, clears 5 % inside, and each
// is one event, whoever owns the history when.
func TestLimitEvents(t *testing.T) {
	t.Parallel()
	limits := func(x *judged, want ...store.EventKind) {
		t.Helper()
		if got := x.recorded(EventLimitBroken, EventLimitCleared); !slices.Equal(got, want) {
			t.Errorf("recorded %v, want %v", got, want)
		}
	}
	for _, restarts := range []bool{false, true} {
		t.Run(fmt.Sprint("restarts ", restarts), func(t *testing.T) {
			t.Parallel()
			limit := compare.Limit{Target: "*", For: 15 * time.Minute, Bounds: []compare.Bound{{Metric: compare.LimitTTFTp50, Value: 500}}}
			x := newJudged(t, Facts{Limits: []compare.Limit{limit}})
			step := func(at time.Time, n int, ttft time.Duration) time.Time {
				for range n {
					at = x.probes(at, 1, ttft)
					if restarts {
						x.restart()
					}
					x.look(at)
				}
				return at
			}
			at := step(noon, 70, 400*time.Millisecond)
			limits(x)
			// Half of an hour's probes have to be slow for its median to be.
			at = step(at, 40, 600*time.Millisecond)
			limits(x)
			at = step(at, 10, 600*time.Millisecond)
			limits(x, EventLimitBroken)
			broken := x.events[slices.IndexFunc(x.events, func(e store.Event) bool { return e.Kind == EventLimitBroken })]
			if broken.Target != "a" || broken.For < 15*time.Minute || broken.For > 17*time.Minute || dataOf(broken).Limit != "500" {
				t.Errorf("%+v", broken)
			}
			// 490 ms is within, and not 5 % inside.
			at = step(at, 70, 490*time.Millisecond)
			limits(x, EventLimitBroken)
			at = step(at, 70, 400*time.Millisecond)
			limits(x, EventLimitBroken, EventLimitCleared)
			// Nothing measured breaks and clears nothing.
			x.look(at.Add(48 * time.Hour))
			limits(x, EventLimitBroken, EventLimitCleared)
		})
	}
}

// A limit that is taken away is not broken for ever.
func TestLimitTakenAway(t *testing.T) {
	t.Parallel()
	x := newJudged(t, Facts{Limits: []compare.Limit{{Target: "*", Bounds: []compare.Bound{{Metric: compare.LimitTTFTp50, Value: 1}}}}})
	at := x.probes(noon, 10, time.Second)
	x.look(at)
	x.facts.Limits = nil
	x.restart()
	x.look(at)
	x.want(EventLimitBroken, EventLimitCleared)
}

// What a person says of the quality is judged, and what is pinned is shown first.
func TestQualityIsJudgedAndThePinnedShown(t *testing.T) {
	t.Parallel()
	for _, pinned := range []string{"", "a", "b", "c", "gone"} {
		x := newJudged(t, Facts{
			Pinned: pinned,
			Candidates: []compare.Candidate{
				{Target: "a", Quality: costmodel.Exactly(0.80, costmodel.Stated), Short: "A"}, {Target: "b", Price: priced(t, "1/2")}, {Target: "c", Price: priced(t, "3/4")},
			},
			Limits: []compare.Limit{{Target: "*", Bounds: []compare.Bound{{Metric: compare.LimitMinQuality, Value: 0.85}}}},
		})
		x.look(noon)
		x.want(EventLimitBroken)
		f, err := ReadStatus(x.facts.Dir, noon)
		if err != nil || f.Targets[0].Name != "a" || f.Targets[0].State != StateOver || f.Targets[0].Short != "A" {
			t.Fatalf("%+v, %v", f, err)
		}
		if f.LimitsNotShown != 2 { // nobody has said how good b and c are
			t.Errorf("%d limits are not shown", f.LimitsNotShown)
		}
		want := pinned
		if pinned == "gone" {
			want = ""
		}
		if f.Pick != "b" || f.Pinned != want { // the cheapest inside the limits is the pick, whatever is pinned
			t.Errorf("pinned %q: %q is the pick, %q is shown", pinned, f.Pick, f.Pinned)
		}
	}
}

// Breaches and their ends take turns, whatever comes.
func TestBreachesTakeTurns(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		limits := []compare.Limit{{Target: "*", For: time.Duration(rapid.IntRange(0, 5).Draw(t, "for")) * time.Minute}}
		bound := compare.Bound{Metric: compare.LimitTTFTp95, Value: 1}
		b, at, broken, over := newBreaches(), noon, false, 0
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			v := compare.Verdict{Target: "a", Bound: bound, Standing: compare.Standing(rapid.IntRange(0, 2).Draw(t, "standing"))}
			v.Clear = v.Standing != compare.Over && rapid.Bool().Draw(t, "clear")
			events := b.step(at, limits, []compare.Verdict{v})
			if v.Standing == compare.Over {
				over++
			} else {
				over = 0
			}
			if len(events) > 1 {
				t.Fatalf("%d events", len(events))
			}
			for _, e := range events {
				if (e.Kind == EventLimitBroken) == broken {
					t.Fatalf("%s while broken is %v", e.Kind, broken)
				}
				if e.Kind == EventLimitBroken && time.Duration(over-1)*time.Minute < limits[0].For {
					t.Fatalf("broken after %d looks over it", over)
				}
				broken = !broken
			}
			at = at.Add(time.Minute)
		}
	})
}

// A regression is found once and ends once, also where the owner changes at every
// look, or was killed between a sample and its judgement.
func TestRegressionEvents(t *testing.T) {
	t.Parallel()
	for _, restarts := range []bool{false, true} {
		t.Run(fmt.Sprint("restarts ", restarts), func(t *testing.T) {
			t.Parallel()
			x := newJudged(t, Facts{})
			step := func(at time.Time, n int, ttft time.Duration) time.Time {
				for range n / 10 {
					at = x.probes(at, 10, ttft)
					if restarts {
						x.restart()
					}
					x.look(at)
				}
				return at
			}
			at := step(noon, 200, 400*time.Millisecond)
			x.want()
			at = step(at, 100, 800*time.Millisecond)
			x.want(EventRegression)
			if e := x.events[0]; e.Target != "a" || dataOf(e).Metric != metricTTFT || dataOf(e).Ratio < 1.25 || dataOf(e).Ratio > 2.2 {
				t.Errorf("%+v", e)
			}
			step(at, 100, 400*time.Millisecond)
			x.want(EventRegression, EventRecovered)
		})
	}
	x := newJudged(t, Facts{}) // nobody looked while it happened
	at := x.probes(x.probes(noon, 200, 400*time.Millisecond), 100, 800*time.Millisecond)
	x.look(at)
	x.restart()
	x.look(at)
	x.want(EventRegression)
}

// With another prompt a target has another series: what is slow in it is an event by
// itself, and what is open in the one before ends, as nothing else would end it.
func TestRegressionOfAnotherSeries(t *testing.T) {
	t.Parallel()
	for _, restarts := range []bool{false, true} {
		x := newJudged(t, Facts{})
		step := func(at time.Time, n int, ttft time.Duration) time.Time {
			for range n / 10 {
				at = x.probes(at, 10, ttft)
				if restarts {
					x.restart()
				}
				x.look(at)
			}
			return at
		}
		at := step(step(noon, 200, 400*time.Millisecond), 100, 800*time.Millisecond)
		x.want(EventRegression)
		x.profile = "brief"
		at = step(step(at, 200, 400*time.Millisecond), 100, 800*time.Millisecond)
		x.want(EventRegression, EventRegression)
		at = step(at.Add(40*time.Hour), 300, 800*time.Millisecond) // two days after the last of the first
		x.restart()
		x.look(at)
		ended := 0
		for _, e := range x.events {
			if e.Kind == EventRecovered && dataOf(e).Series == dataOf(x.events[0]).Series {
				ended++
			}
		}
		if ended != 1 {
			t.Errorf("restarts %v: the first ended %d times", restarts, ended)
		}
		if from := replayFrom(at, x.judge.slower.opened()); from.Before(at.Add(-5 * 24 * time.Hour)) {
			t.Errorf("what has ended is replayed from %s on", from)
		}
	}
}

// A history of before does not say of which series a regression is: it is that of the
// series that is slow, and ends where none is.
func TestRegressionOfBefore(t *testing.T) {
	t.Parallel()
	for _, slow := range []bool{true, false} {
		x := newJudged(t, Facts{})
		ttft := 400 * time.Millisecond
		if slow {
			ttft *= 2
		}
		at := x.probes(x.probes(noon, 200, 400*time.Millisecond), 100, ttft)
		x.events = []store.Event{{At: noon.Add(210 * time.Minute), Kind: EventRegression, Target: "a", Data: EventData{Metric: metricTTFT}.json()}}
		for range 2 {
			x.look(at)
			x.restart()
		}
		if slow {
			x.want(EventRegression)
			at = x.probes(at, 100, 400*time.Millisecond)
			x.look(at)
		}
		x.want(EventRegression, EventRecovered)
	}
}

func TestDownAndUp(t *testing.T) {
	t.Parallel()
	x := newJudged(t, Facts{})
	at := x.probes(noon, 10, time.Second)
	at = x.fails(at, 2, probe.ServerError)
	x.look(at)
	x.want()
	at = x.fails(at, 2, probe.ServerError)
	x.look(at)
	x.restart()
	x.look(at.Add(time.Minute))
	x.want(EventTargetDown)
	f, err := ReadStatus(x.facts.Dir, at)
	if err != nil || f.Counts[StateFailing] != 1 || f.Targets[0].Why != "refused" || f.Targets[0].Since.IsZero() {
		t.Errorf("%+v, %v", f, err)
	}
	at = x.probes(at, 1, time.Second)
	x.look(at)
	x.look(at)
	x.want(EventTargetDown, EventTargetUp)
}

func TestGapIsRecordedOnce(t *testing.T) {
	t.Parallel()
	x := newJudged(t, Facts{})
	at := x.probes(noon, 10, time.Second)
	x.look(at)
	x.restart()
	x.look(at.Add(3 * time.Hour))
	x.want() // it has no end yet
	x.restart()
	x.look(at.Add(4 * time.Hour))
	end := x.probes(at.Add(5*time.Hour), 1, time.Second)
	x.look(end)
	x.restart()
	x.look(end)
	x.want(store.EventGap)
	if e := x.events[0]; e.For != 5*time.Hour+time.Minute || !e.At.Equal(at.Add(-time.Minute)) {
		t.Errorf("%+v", e)
	}
}

func TestBudgetEvents(t *testing.T) {
	t.Parallel()
	x := newJudged(t, Facts{})
	spent := probe.Status{Budget: &probe.BudgetStatus{Cap: decimal.NewFromInt(1), Exhausted: true}}
	x.look(noon)
	for _, at := range []time.Time{noon, noon.Add(time.Hour), noon.Add(2 * time.Hour)} {
		if err := x.judge.m.note(t.Context(), x.judge.budget(at, spent)...); err != nil {
			t.Fatal(err)
		}
		x.restart()
		x.look(at)
	}
	x.want(EventBudgetSpent)
	if err := x.judge.m.note(t.Context(), x.judge.budget(noon.Add(13*time.Hour), probe.Status{})...); err != nil {
		t.Fatal(err)
	}
	x.want(EventBudgetSpent, EventBudgetReset)
}

// A greater budget begins anew on the same day, and is spent by itself; a smaller one
// is spent already.
func TestAnotherBudgetOnTheSameDay(t *testing.T) {
	t.Parallel()
	for _, restarts := range []bool{false, true} {
		x := newJudged(t, Facts{})
		x.look(noon)
		at := noon
		step := func(usd string, exhausted bool, want ...store.EventKind) {
			t.Helper()
			at = at.Add(time.Minute)
			now := probe.Status{Budget: &probe.BudgetStatus{Cap: decimal.RequireFromString(usd), Exhausted: exhausted}}
			if err := x.judge.m.note(t.Context(), x.judge.budget(at, now)...); err != nil {
				t.Fatal(err)
			}
			if restarts {
				x.restart()
				x.look(at)
			}
			x.want(want...)
		}
		step("1", true, EventBudgetSpent)
		step("0.50", false, EventBudgetSpent)
		step("0.50", true, EventBudgetSpent)
		step("1", true, EventBudgetSpent)
		step("2", false, EventBudgetSpent, EventBudgetReset)
		step("2", true, EventBudgetSpent, EventBudgetReset, EventBudgetSpent)
		step("2", true, EventBudgetSpent, EventBudgetReset, EventBudgetSpent)
	}
}

func priced(t *testing.T, text string) costmodel.Price {
	t.Helper()
	p, err := config.ParsePrice(text, "config.toml")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// The prices in use are kept when they change, and a change is an event.
func TestPricesAreRecorded(t *testing.T) {
	t.Parallel()
	x := newJudged(t, Facts{Candidates: []compare.Candidate{{Target: "a", Price: priced(t, "1/2")}, {Target: "unknown"}}})
	x.look(noon)
	x.restart()
	x.look(noon.Add(time.Minute))
	if len(x.prices) != 1 || x.prices[0].Model != "target:a" {
		t.Errorf("%+v", x.prices)
	}
	x.want()
	x.facts.Candidates[0].Price = priced(t, "1/3")
	for range 2 {
		x.restart()
		x.look(noon.Add(time.Hour))
	}
	x.want(EventPriceChanged)
	if len(x.prices) != 2 || x.events[0].Text != "1M tokens in/out cost $1.00/3.00, before it was $1.00/2.00" {
		t.Errorf("%+v, %+v", x.prices, x.events)
	}
}

// An own price is no price of the model, also where its target is called like one,
// and also in a history in which they stand under one name.
func TestOwnPricesStandApart(t *testing.T) {
	t.Parallel()
	listed, ok := costmodel.Default().Lookup("gpt-4o")
	if !ok {
		t.Fatal("gpt-4o is not in the catalog")
	}
	own, price := priced(t, "1/2"), listed.PriceOn(costmodel.DateOf(noon))
	for name, before := range map[string][]store.PriceSeen{
		"a new history": nil,
		"a mixed one":   {{At: noon.Add(-2 * time.Hour), Model: "gpt-4o", Price: own}, {At: noon.Add(-time.Hour), Model: "gpt-4o", Price: price}},
	} {
		x := newJudged(t, Facts{Candidates: []compare.Candidate{
			{Target: "gpt-4o", Known: true, Model: listed, Price: own}, {Target: "gpt-4o-eu", Known: true, Model: listed, Price: price},
		}})
		x.prices = before
		for i := range 4 {
			x.look(noon.Add(time.Duration(i) * pricesEvery))
		}
		x.want()
		if len(x.prices) != 2 {
			t.Errorf("%s: kept %d prices: %+v", name, len(x.prices), x.prices)
		}
		x.facts.Candidates[0].Price = priced(t, "1/3")
		x.restart()
		x.look(noon.Add(time.Hour))
		x.want(EventPriceChanged)
		if e := x.events[0]; e.Target != "gpt-4o" || !strings.HasSuffix(e.Text, "before it was $1.00/2.00") {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

func TestRetiringIsSaidOnce(t *testing.T) {
	t.Parallel()
	day := func(n int) costmodel.Date { return costmodel.DateOf(noon.AddDate(0, 0, n)) }
	x := newJudged(t, Facts{Candidates: []compare.Candidate{
		{Target: "soon", Known: true, Model: costmodel.Model{ID: "m", Retired: day(60)}},
		{Target: "later", Known: true, Model: costmodel.Model{ID: "m", Retired: day(61)}},
		{Target: "gone", Known: true, Model: costmodel.Model{ID: "m", Retired: day(0)}},
		{Target: "never", Known: true, Model: costmodel.Model{ID: "m"}},
	}})
	for range 3 {
		x.look(noon)
		x.restart()
	}
	x.want(EventRetiring)
	if e := x.events[0]; e.Target != "soon" || dataOf(e).Day != day(60).String() {
		t.Errorf("%+v", e)
	}
}

// An event that could not be recorded is recorded later, and told of once.
func TestUnrecordedEventIsNotLost(t *testing.T) {
	t.Parallel()
	told := 0
	x := newJudged(t, Facts{Tell: func(store.Event) { told++ }})
	at := x.fails(noon, 4, probe.ServerError)
	x.look(noon.Add(-time.Hour))
	x.failing = errors.New("disk full")
	if err := x.judge.look(t.Context(), at); err == nil || told != 0 {
		t.Fatalf("it was told %d times, %v", told, err)
	}
	x.failing = nil
	x.look(at)
	x.look(at)
	x.want(EventTargetDown)
	if told != 1 {
		t.Errorf("it was told %d times", told)
	}
}

// Nor is how long a limit was over, where its event could not be recorded when it
// broke: it breaks as soon as that can be done.
func TestUnrecordedBreachIsAsOldAsItIs(t *testing.T) {
	t.Parallel()
	x := newJudged(t, Facts{Limits: []compare.Limit{{Target: "*", For: 10 * time.Minute, Bounds: []compare.Bound{{Metric: compare.LimitTTFTp50, Value: 500}}}}})
	at := x.probes(noon, 10, time.Second)
	x.look(at)
	x.failing = errors.New("disk full")
	at = x.probes(at, 11, time.Second)
	if err := x.judge.look(t.Context(), at); err == nil {
		t.Fatal("nothing was to be recorded")
	}
	x.failing = nil
	x.look(at.Add(time.Second))
	x.look(at.Add(2 * time.Second))
	x.want(EventLimitBroken)
	if held := x.events[0].For; held < 10*time.Minute {
		t.Errorf("it was over for %s", held)
	}
}

// The whole of it in synthetic time: probing is steered through the history, by
// several at once, and what is slow becomes an event.
func TestMonitorIsSteeredAndJudges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		history := newMemory()
		s := &probe.Schedule{
			Targets: []probe.Target{{Name: "a", Model: "m", BaseURL: "http://127.0.0.1:1/v1"}, {Name: "b", Model: "m", BaseURL: "http://127.0.0.1:1/v1"}},
			Profile: probe.Chat(), Interval: time.Minute, Prober: slow{},
		}
		m := Judge(t.Context(), history, Facts{
			Candidates: []compare.Candidate{{Target: "a"}, {Target: "b"}}, Dir: t.TempDir(),
			Limits: []compare.Limit{{Target: "a", For: 5 * time.Minute, Bounds: []compare.Bound{{Metric: compare.LimitTTFTp50, Value: 100}}}},
		}, s)
		time.Sleep(20 * time.Minute)
		if got := history.recorded(); !slices.Equal(got, []store.EventKind{EventLimitBroken}) {
			t.Errorf("recorded %v", got)
		}
		c := history.mounted()
		done := make(chan error)
		for range 4 {
			go func() { done <- errors.Join(c.Pause(t.Context(), true), c.Enable(t.Context(), "b", false)) }()
		}
		for range 4 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		time.Sleep(time.Second)
		if err := errors.Join(c.Pause(t.Context(), true), c.Enable(t.Context(), "b", false)); err != nil {
			t.Error(err) // it is so already
		}
		steered, err := c.Steered(t.Context())
		if err != nil || !steered.Paused || !slices.Equal(steered.Disabled, []string{"b"}) || steered.PausedSince.IsZero() {
			t.Errorf("%+v, %v", steered, err)
		}
		if got := history.recorded(EventPaused, EventTargetOff); len(got) != 2 {
			t.Errorf("said by five, recorded %v", got)
		}
		time.Sleep(2 * time.Second) // what was in flight has ended
		synctest.Wait()
		n := history.count()
		if err := c.ProbeNow(t.Context(), "b"); err != nil {
			t.Error(err)
		}
		var unknown *probe.UnknownTargetError
		if err := c.ProbeNow(t.Context(), "a", "zebra"); !errors.As(err, &unknown) {
			t.Errorf("an unknown target: %v", err)
		}
		if err := c.Enable(t.Context(), "zebra", false); !errors.As(err, &unknown) {
			t.Errorf("an unknown target: %v", err)
		}
		time.Sleep(10 * time.Minute)
		if got := history.count(); got != n+1 {
			t.Errorf("%d samples while paused, one was asked for", got-n)
		}
		m.Stop()
		if history.mounted() != nil {
			t.Error("it can be steered after its end")
		}

		// Who takes over goes on as it was; who begins anew probes.
		for _, viewer := range []bool{true, false} {
			history.viewer = viewer
			before := history.count()
			m = Start(t.Context(), history, s)
			s.Pause(false)
			_ = s.Enable("b", true)
			time.Sleep(5 * time.Minute)
			if probed := history.count() > before; probed == viewer {
				t.Errorf("a viewer before is %v, probed %v", viewer, probed)
			}
			m.Finish(context.Background())
		}
	})
}

// slow answers after 300 ms.
type slow struct{}

func (slow) Prepare(context.Context, probe.Target, probe.Profile) {}

func (slow) Probe(_ context.Context, a probe.Attempt) probe.Sample {
	time.Sleep(300 * time.Millisecond)
	return probe.Sample{
		Target: a.Target.Identity(), Profile: a.Profile.Name, Cap: 1, At: time.Now().UTC(), Outcome: probe.OK,
		TTFT: probe.Known(300 * time.Millisecond),
	}
}
