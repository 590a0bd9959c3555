package monitor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"costping/probe"
	"costping/probe/check"
	"costping/probe/simulator"
	"costping/store"
	"costping/ui/compare"
	"costping/ui/config"

	"github.com/shopspring/decimal"
)

// askedOf is an asker that answers in an instant, rightly, and counts what it was
// asked.
type askedOf struct {
	next  probe.Asker
	usd   decimal.Decimal
	takes time.Duration

	mu    sync.Mutex
	asked []probe.Question
	fails string // what every question fails with, "" for none
}

func newAskedOf() *askedOf {
	return &askedOf{next: check.Rehearsals([]simulator.Script{{Model: "m"}}, 1)["m"], usd: decimal.New(1, -3)}
}

func (a *askedOf) Ask(ctx context.Context, q probe.Question) probe.Reply {
	a.mu.Lock()
	a.asked = append(a.asked, q)
	fails := a.fails
	a.mu.Unlock()
	if fails != "" {
		return probe.Reply{Sample: probe.Sample{Target: q.Target.Identity(), Profile: q.Kind, At: time.Now(), Outcome: probe.Network, Error: fails}}
	}
	time.Sleep(a.takes) // of synthetic time
	r := a.next.Ask(ctx, q)
	r.Sample.At, r.Sample.USD = time.Now(), decimal.NewNullDecimal(a.usd)
	return r
}

func (a *askedOf) fail(with string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.fails = with
}

func (a *askedOf) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.asked)
}

func aTarget(name string) probe.Target {
	return probe.Target{Name: name, Model: "m", BaseURL: "https://llm.example/v1"}
}

// checksOf are checks of the kind tools, n cases every day, of targets.
func checksOf(asker probe.Asker, n int, targets ...string) *Checks {
	checks := &Checks{Asker: asker}
	for _, name := range targets {
		checks.Of = append(checks.Of, Check{Check: config.Check{Kind: check.KindTools, Every: 24 * time.Hour, N: n}, Target: aTarget(name)})
	}
	return checks
}

// toolRequests is how many requests n cases take: some have two steps.
func toolRequests(n int) int {
	requests := 0
	for _, c := range check.ToolCases(1, n) {
		requests += max(1, len(c.Steps))
	}
	return requests
}

func quietly(targets ...string) *probe.Schedule {
	s := &probe.Schedule{Profile: probe.Chat(), Interval: 24 * time.Hour, Prober: instant{}}
	for _, name := range targets {
		s.Targets = append(s.Targets, aTarget(name))
	}
	return s
}

func (m *memory) kept(kind check.Kind) []store.Result {
	all, _ := m.Results(context.Background(), store.Range{})
	return slices.DeleteFunc(all, func(r store.Result) bool { return r.Kind != string(kind) })
}

// A check is made once a day, its answers are kept, and what it came to is said.
func TestChecksAreMadeAtTheirTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		history, asker := newMemory(), newAskedOf()
		const n = 14
		m := start(t.Context(), history, nil, checksOf(asker, n, "a", "b"), []*probe.Schedule{quietly("a", "b")})
		defer m.Stop()
		time.Sleep(time.Minute)
		if got, want := asker.count(), 2*toolRequests(n); got != want {
			t.Errorf("asked %d, want %d", got, want)
		}
		if kept := history.kept(check.KindTools); len(kept) != 2*n || kept[0].Series.Target != "a" || kept[2*n-1].Series.Target != "b" {
			t.Errorf("kept %d", len(kept))
		}
		status := m.Status().Checks
		if len(status) != 2 || status[0].Running || status[0].Said != "wrong calls 0 of 14 (<= 22 %)" || time.Until(status[1].Next) < 23*time.Hour {
			t.Errorf("%+v", status)
		}
		time.Sleep(23 * time.Hour)
		if got := asker.count(); got != 2*toolRequests(n) {
			t.Errorf("before its time it was made again: %d", got)
		}
		time.Sleep(2 * time.Hour)
		if got := asker.count(); got != 4*toolRequests(n) {
			t.Errorf("after a day: %d", got)
		}
		if got := history.recorded(EventChecked, EventCheckPutOff); len(got) != 4 || slices.Contains(got, EventCheckPutOff) {
			t.Errorf("recorded %v", got)
		}
		if a, b := asker.asked[0].Messages[0].Text, asker.asked[2*toolRequests(n)].Messages[0].Text; a == b {
			t.Error("another day asks the same cases")
		}
	})
}

// What one process has begun the next one goes on with: no case is paid twice, and
// what is ended is not made again before its time.
func TestChecksAreGoneOnWith(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		history, asker := newMemory(), newAskedOf()
		asker.takes = time.Second
		const n = 14
		m := start(t.Context(), history, nil, checksOf(asker, n, "a"), []*probe.Schedule{quietly("a")})
		time.Sleep(lookForDue + 4*time.Second + time.Millisecond)
		if s := m.Status().Checks[0]; !s.Running || s.Done == 0 || s.Of != n {
			t.Errorf("%+v", s)
		}
		m.Finish(context.Background())
		before := history.kept(check.KindTools)
		if len(before) == 0 || len(before) == n {
			t.Fatalf("%d answers when it was broken off", len(before))
		}
		m = start(t.Context(), history, nil, checksOf(asker, n, "a"), []*probe.Schedule{quietly("a")})
		time.Sleep(time.Minute)
		m.Finish(context.Background())
		seen := map[string]int{}
		for _, r := range history.kept(check.KindTools) {
			seen[r.Case]++
		}
		if len(seen) != n || len(history.kept(check.KindTools)) != n {
			t.Errorf("answers by case: %v", seen)
		}
		asked := asker.count()
		m = start(t.Context(), history, nil, checksOf(asker, n, "a"), []*probe.Schedule{quietly("a")})
		defer m.Stop()
		time.Sleep(time.Hour)
		if asker.count() != asked {
			t.Errorf("asked %d more after it had ended", asker.count()-asked)
		}
	})
}

// A check keeps to the budget of the probes: what is left over is asked on the next
// day, and said once.
func TestChecksKeepToTheBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		history, asker := newMemory(), newAskedOf()
		const n = 14
		checks := checksOf(asker, n, "a")
		checks.Of[0].Every = 72 * time.Hour
		one := decimal.NewFromInt(1)
		checks.Budget = &probe.Budget{Cap: decimal.New(5, -2), Ledger: &probe.MemoryLedger{}, Worst: probe.WorstPrice{Input: one, Output: one}}
		asker.usd = decimal.New(5, -3) // ten requests a day
		m := start(t.Context(), history, nil, checks, []*probe.Schedule{quietly("a")})
		defer m.Stop()
		time.Sleep(time.Minute)
		first := asker.count()
		if first == 0 || first > 10 {
			t.Fatalf("asked %d on the first day", first)
		}
		events, _ := history.Events(t.Context(), store.Range{})
		if len(events) != 1 || events[0].Kind != EventCheckPutOff || events[0].Target != "a" || !strings.Contains(events[0].Text, "budget of $0.05 a day") {
			t.Errorf("%+v", events)
		}
		if next := m.Status().Checks[0].Next; !next.Equal(probe.DayOf(time.Now()).End()) {
			t.Errorf("next %v", next)
		}
		time.Sleep(47 * time.Hour)
		if got := len(history.kept(check.KindTools)); got != n {
			t.Errorf("%d answers in the end", got)
		}
		if got := history.recorded(EventChecked); len(got) != 1 {
			t.Errorf("recorded %v", got)
		}
	})
}

// Nothing is asked while probing is paused, or of a target that is off; a target that
// does not answer is tried an hour later, and that is said once.
func TestChecksAreHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		history, asker := newMemory(), newAskedOf()
		asker.fail("connection refused")
		m := start(t.Context(), history, nil, checksOf(asker, 5, "a", "b"), []*probe.Schedule{quietly("a", "b")})
		defer m.Stop()
		if err := m.Control().Enable(t.Context(), "b", false); err != nil {
			t.Fatal(err)
		}
		time.Sleep(150 * time.Minute)
		if got := history.recorded(EventChecked, EventCheckPutOff); len(got) != 1 || got[0] != EventCheckPutOff {
			t.Errorf("recorded %v", got)
		}
		if got := asker.count(); got != 3*5 {
			t.Errorf("asked %d, want five each hour", got)
		}
		if err := m.Control().Pause(t.Context(), true); err != nil {
			t.Fatal(err)
		}
		asker.fail("")
		time.Sleep(3 * time.Hour)
		if got := asker.count(); got != 3*5 {
			t.Errorf("asked %d while it was paused", got)
		}
		if err := m.Control().Pause(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if kept := history.kept(check.KindTools); len(kept) != 5 || kept[0].Series.Target != "a" {
			t.Errorf("%d answers", len(kept))
		}
	})
}

// Of two processes on one history only its owner makes the checks; over real
// requests, of all kinds.
func TestOneOfTwoMakesTheChecks(t *testing.T) {
	script := simulator.Script{Model: "m"}
	server, err := simulator.Start(simulator.Options{Scripts: []simulator.Script{script, simulator.ReferenceEmbedding()}, Seed: 1, Know: check.Known})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Close() }()
	client := probe.NewClient(probe.Limits{}, nil)
	defer client.Close()
	chat := probe.Target{Name: "chat", Model: "m", BaseURL: server.BaseURL()}
	embeds := probe.Target{Name: "embeds", Model: simulator.ReferenceEmbedding().Model, BaseURL: server.BaseURL()}
	checks := func() *Checks {
		day := 24 * time.Hour
		return &Checks{Asker: client, Embedder: client, Of: []Check{
			{Check: config.Check{Kind: check.KindSchema, Every: day, N: 5}, Target: chat},
			{Check: config.Check{Kind: check.KindTools, Every: day, N: 7}, Target: chat},
			{Check: config.Check{Kind: check.KindContext, Every: day, N: 1, Lengths: []int{200, 400}}, Target: chat},
			{Check: config.Check{Kind: check.KindEmbedding, Every: day, N: 2}, Target: embeds},
		}}
	}
	dir := t.TempDir()
	var histories []store.History
	for range 2 {
		h, err := store.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = h.Close() }()
		histories = append(histories, h)
		m := start(t.Context(), h, nil, checks(), []*probe.Schedule{{
			Targets: []probe.Target{chat}, Profile: probe.Chat(), Interval: time.Hour, Prober: instant{},
		}})
		defer m.Stop()
	}
	said := func() map[string]string {
		steered, err := histories[1].Control().Steered(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		said := map[string]string{}
		for _, c := range steered.Checks {
			if !c.Running {
				said[c.Check] = c.Said
			}
		}
		return said
	}
	waitFor(t, func() bool { return said()["embedding"] != "" })
	for kind, want := range map[string]string{
		"schema": "malformed 0 of 5 (<= 43 %), enforced 0 of 5 (<= 43 %)", "tools": "wrong calls 0 of 7 (<= 35 %)",
		"context": "no length holds the recall", "embedding": "dimensions, related texts nearer in 8 of 8",
	} {
		if got := said()[kind]; !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", kind, got, want)
		}
	}
	results, err := histories[1].Results(t.Context(), store.Range{})
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for _, r := range results {
		kinds[r.Kind]++
	}
	if got, want := fmt.Sprint(kinds), "map[check:8 context:1 embedding:1 schema:10 tools:7]"; got != want {
		t.Errorf("kept %s, want %s", got, want)
	}
	if r := compare.ReliableOf(results).At(); len(r) == 0 || r[0].Simulated != 0 {
		t.Errorf("%+v", r)
	}
}
