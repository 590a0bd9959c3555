// Package snapshottest makes a history and records of it for tests: two days of a
// few models, drawn from a fixed seed.
package snapshottest

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/store"
	"costping/ui/compare"
	"costping/ui/report/snapshot"

	"github.com/shopspring/decimal"
)

// Secrets are texts that are in the history, in the candidates' addresses and in
// what servers said, and must be in nothing that is written of them.
var Secrets = []string{"sk-live-3b1f9c", "gpu-box.intern.example", "/home/ada/keys", "ada@workstation"}

// Now is when records are taken.
var Now = time.Date(2026, 11, 20, 14, 2, 0, 0, time.UTC)

// Speeds are how a model is in the history.
type Speeds struct {
	Target, Model, Provider string
	// TTFT is the median first token in ms, Spread how far it spreads, TPS the speed.
	TTFT, Spread, TPS float64
	// N counts the attempts of a day, Failed those of them that fail.
	N, Failed int
}

// Usual are the models of the history.
var Usual = []Speeds{
	{"gpt-4o-mini", "gpt-4o-mini", "openai", 379, 0.25, 148, 240, 0},
	{"llama-3.1-70b", "llama-3.1-70b", "together", 612, 0.6, 45, 240, 14},
	{"gpt-4o", "gpt-4o", "openai", 806, 0.3, 71, 240, 1},
	{"own-llama", "our/llama", "", 220, 0.2, 60, 40, 2},
}

// Hostile is a model with a name that no format must take for its own syntax.
var Hostile = Speeds{`=1+1|<b>"x"</b>$a$`, "gpt-4o-mini", "openai", 500, 0.2, 90, 30, 30}

// History is a history with a day of the models before Now.
func History(tb testing.TB, models []Speeds, seed uint64) store.History {
	tb.Helper()
	h, err := store.Open(tb.TempDir())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = h.Close() })
	rng := rand.New(rand.NewPCG(seed, 7))
	for _, m := range models {
		samples := make([]probe.Sample, m.N)
		for i := range samples {
			samples[i] = m.sample(rng, i)
		}
		if err := h.Append(context.Background(), samples); err != nil {
			tb.Fatal(err)
		}
	}
	events := []store.Event{
		{At: Now.Add(-3 * time.Hour), Kind: "limit_broken", Target: "gpt-4o", Text: "TTFT p95 1,233 ms (limit 800)"},
		{At: Now.Add(-2 * time.Hour), Kind: "target_down", Target: "own-llama", Text: "it does not answer: dial " + Secrets[1]},
		{At: Now.Add(-time.Hour), Kind: store.EventTakeover, Text: Secrets[3]},
	}
	var results []store.Result
	for _, m := range models {
		results = append(results, m.graded(tb)...)
	}
	if err := h.Record(context.Background(), store.Notes{Events: events, Results: results}); err != nil {
		tb.Fatal(err)
	}
	return h
}

func (m Speeds) sample(rng *rand.Rand, i int) probe.Sample {
	s := probe.Sample{
		Target:  probe.Target{Name: m.Target, Provider: m.Provider, BaseURL: "https://" + Secrets[1] + "/v1", Model: m.Model},
		Profile: "chat", Cap: 128, At: Now.Add(-24*time.Hour + time.Duration(i+1)*(24*time.Hour-time.Minute)/time.Duration(m.N+1)),
		Outcome: probe.OK, Status: 200, USD: decimal.NewNullDecimal(decimal.New(25, -6)),
		Usage: probe.Usage{Input: probe.Known(int64(500)), Output: probe.Known(int64(128))},
	}
	if m.Failed > 0 && i%(m.N/m.Failed) == m.N/m.Failed-1 {
		s.Outcome, s.Status = probe.ServerError, 503
		s.Error = fmt.Sprintf("503: key %s of %s, see %s", Secrets[0], Secrets[3], Secrets[2])
		return s
	}
	ttft := m.TTFT * math.Exp(m.Spread*rng.NormFloat64())
	tpot := 1000 / (m.TPS * math.Exp(0.05*rng.NormFloat64()))
	s.TTFT = probe.Known(duration(ttft))
	s.TPOT = probe.Known(duration(tpot))
	s.E2E = probe.Known(duration(ttft + 127*tpot))
	return s
}

func duration(ms float64) time.Duration {
	return time.Duration(ms*1000) * time.Microsecond
}

// Input is what a record of the models is taken of: the first is priced by the
// catalog, as are all that it knows; a retired one is not measured.
func Input(tb testing.TB, models []Speeds) snapshot.Input {
	tb.Helper()
	today := costmodel.DateOf(Now)
	catalog := costmodel.Default()
	work, err := Volume("100k messages/month").WithItem(count(tb, "500"), count(tb, "200"))
	if err != nil {
		tb.Fatal(err)
	}
	in := snapshot.Input{
		From: Now.Add(-24 * time.Hour), To: Now, Now: Now, Place: "office-fra", Note: "for the chat assistant", Tool: "costping 0.4.0",
		SLO: compare.SLO{TTFT: time.Second}, Catalog: catalog,
	}
	for _, m := range models {
		c := compare.Candidate{Target: m.Target}
		if c.Model, c.Known = catalog.Lookup(m.Model); c.Known {
			c.Price = c.Model.PriceOn(today)
			c.Quality = costmodel.Exactly(0.9, costmodel.Stated)
		} else {
			c.OwnMachine = true
		}
		in.Compare.Candidates = append(in.Compare.Candidates, c)
	}
	retired, _ := catalog.Lookup("gemini-2.0-flash")
	in.Compare.Candidates = append(in.Compare.Candidates, compare.Candidate{
		Target: "gemini-2.0-flash", Model: retired, Price: lastPrice(retired), Known: true,
		Published: compare.Published{TTFT: costmodel.Exactly(250, costmodel.Published)},
	})
	usd, err := costmodel.ParseUSD("500")
	if err != nil {
		tb.Fatal(err)
	}
	in.Compare.Workload, in.Compare.Today = work, today
	in.Compare.Limits = []compare.Limit{{Target: "*", For: 15 * time.Minute, Bounds: []compare.Bound{
		{Metric: compare.LimitTTFTp95, Value: 800},
		{Metric: compare.LimitMaxErrorRate, Value: 0.02},
		{Metric: compare.LimitMaxMonthly, USD: usd},
	}}}
	return in
}

// Volume is a workload of a volume alone.
func Volume(text string) costmodel.Workload {
	v, err := costmodel.ParseVolume(text)
	if err != nil {
		panic(err)
	}
	return costmodel.Workload{Volume: v}
}

func count(tb testing.TB, text string) costmodel.Count {
	tb.Helper()
	c, err := costmodel.ParseCount(text)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// Record is a record of the usual models and of more.
func Record(tb testing.TB, more ...Speeds) *snapshot.Record {
	tb.Helper()
	models := append(append([]Speeds{}, Usual...), more...)
	return Take(tb, History(tb, models, 1), Input(tb, models))
}

// Take is snapshot.Take, which must not fail.
func Take(tb testing.TB, h store.History, in snapshot.Input) *snapshot.Record {
	tb.Helper()
	r, err := snapshot.Take(context.Background(), h, in)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// lastPrice is what a retired model cost on its last day.
func lastPrice(m costmodel.Model) costmodel.Price {
	return m.PriceOn(costmodel.DateOf(m.Retired.Time().AddDate(0, 0, -1)))
}
