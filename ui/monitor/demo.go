package monitor

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/probe/check"
	"costping/probe/simulator"
	"costping/store"
	"costping/ui/compare"
	"costping/ui/report/snapshot"

	"github.com/shopspring/decimal"
)

// DemoList is the catalog list that the demo compares.
const DemoList = "demo"

// DemoInterval is the time of one pass over the demo's targets.
const DemoInterval = 3 * time.Second

// demoQuality stands for what a person would say of the models from tasks of their
// own. Two of the figures are published (93 % and 84 %, for a batch enrichment); the
// others are made up, as everything in the demo is simulated.
var demoQuality = map[string]float64{
	"claude-3.5-sonnet": 0.93, "llama-3.1-70b": 0.84,
	"gpt-4o": 0.92, "gpt-4o-mini": 0.88, "claude-3.5-haiku": 0.89, "gemini-1.5-pro": 0.88,
	"gemini-2.0-flash": 0.85, "gemini-3.5-flash-lite": 0.86,
}

// DemoLimits are those that the demo's models are held to.
func DemoLimits() []compare.Limit {
	return []compare.Limit{{Target: "*", For: 15 * time.Minute, Bounds: []compare.Bound{
		{Metric: compare.LimitTTFTp95, Value: 800},
		{Metric: compare.LimitMinQuality, Value: 0.85},
	}}}
}

// Demo is the whole program in little: the simulator on loopback, targets on it,
// and a temporary history.
type Demo struct {
	Targets    []probe.Target
	Candidates []compare.Candidate
	Profile    probe.Profile
	// Workload is what the candidates are judged by.
	Workload costmodel.Workload
	// Approved is what they are held beside; nil for nothing.
	Approved *snapshot.Approved
	History  store.History
	Client   *probe.Client

	price  probe.PriceFunc
	seed   uint64
	server *simulator.Server
	dir    string
}

// NewDemo starts the simulator with a seed and opens a temporary history. log
// takes the simulator's account of what it sent, as JSON lines; nil for none.
func NewDemo(seed uint64, log io.Writer) (*Demo, error) {
	entries, err := costmodel.Default().List(DemoList)
	if err != nil {
		return nil, err
	}
	server, err := simulator.Start(simulator.Options{Seed: seed, Log: log, Scripts: demoScripts(), Know: check.Known})
	if err != nil {
		return nil, fmt.Errorf("starting the simulator: %w", err)
	}
	d := &Demo{Profile: probe.Brief(), seed: seed, server: server}
	prices, today := map[string]costmodel.Price{}, costmodel.DateOf(time.Now())
	for _, e := range entries {
		e.Price = e.Model.PriceOn(today) // what costping cost says, and not what the list was made with
		prices[e.Model.ID] = e.Price
		d.Candidates = append(d.Candidates, compare.Candidate{
			Target: e.Model.ID, Model: e.Model, Price: e.Price, Known: true,
			Quality: costmodel.Exactly(demoQuality[e.Model.ID], costmodel.Stated),
		})
		d.Targets = append(d.Targets, probe.Target{
			Name: e.Model.ID, Provider: e.Model.Provider, BaseURL: server.BaseURL(), Model: e.Model.ID,
		})
	}
	d.price = CatalogPrice(costmodel.Default(), func(m costmodel.Model) costmodel.Price { return prices[m.ID] })
	d.Client = probe.NewClient(probe.Limits{}, d.price)
	if d.dir, err = os.MkdirTemp("", "costping-demo-"); err != nil {
		return nil, closeAll(func() error { return fmt.Errorf("making a temporary history: %w", err) }, server.Close)
	}
	if d.History, err = store.Open(d.dir); err != nil {
		return nil, closeAll(func() error { return err }, server.Close, func() error { return os.RemoveAll(d.dir) })
	}
	return d, nil
}

// demoScripts are those of the demo: the reference models, which are not always right,
// and the embedding model.
func demoScripts() []simulator.Script {
	scripts := simulator.Reference()
	for i := range scripts {
		scripts[i].Quality = simulator.ReferenceQuality(scripts[i].Model)
	}
	return append(scripts, simulator.ReferenceEmbedding())
}

// Close ends the simulator and removes the history.
func (d *Demo) Close() error {
	d.Client.Close()
	return closeAll(d.History.Close, d.server.Close, func() error { return os.RemoveAll(d.dir) })
}

// Watch warms the connections and probes in the background until Stop.
func (d *Demo) Watch(ctx context.Context) *Monitor {
	d.Client.Warm(ctx, d.Targets)
	facts := Facts{Candidates: d.Candidates, Workload: d.Workload, Limits: DemoLimits(), Approved: d.Approved}
	return start(ctx, d.History, &facts, d.checks(), []*probe.Schedule{{
		Targets: d.Targets, Profile: d.Profile, Interval: DemoInterval, Prober: d.Client,
	}})
}

// Measure probes every target n times, back to back on warmed connections, into
// the history. keep hears of each sample.
func (d *Demo) Measure(ctx context.Context, n int, keep func(probe.Sample)) error {
	d.Client.Warm(ctx, d.Targets)
	var failed error
	spare := 3 + n/5
	probe.Rounds(ctx, d.Client, d.Targets, d.Profile, n, spare, func(s probe.Sample) {
		if err := d.History.Append(context.WithoutCancel(ctx), []probe.Sample{s}); err != nil && failed == nil {
			failed = err
		}
		keep(s)
	})
	return failed
}

// Sent is what the simulator really sent so far, by model.
func (d *Demo) Sent() map[string][]simulator.Sent {
	sent := map[string][]simulator.Sent{}
	for _, s := range d.server.Sent() {
		sent[s.Model] = append(sent[s.Model], s)
	}
	return sent
}

// The seeded day: a probe a minute, with one stretch in which nothing was probed,
// so that a gap can be seen to be one.
const (
	seededDay   = 24 * time.Hour
	seededEvery = time.Minute
	gapFrom     = 9*time.Hour + 30*time.Minute // before the end
	gapFor      = 50 * time.Minute
)

// SeedDay fills the history with the day before now, drawn from the simulator's
// own scripts. Every sample is flagged scripted: none of it was measured.
func (d *Demo) SeedDay(ctx context.Context, now time.Time) error {
	scripts := map[string]simulator.Script{}
	for _, s := range demoScripts() {
		scripts[s.Model] = s
	}
	var samples []probe.Sample
	pass := 0
	for at := now.Add(-seededDay + seededEvery); at.Before(now); at = at.Add(seededEvery) {
		pass++
		if before := now.Sub(at); before <= gapFrom && before > gapFrom-gapFor {
			continue
		}
		for i, t := range d.Targets {
			rank := (i + pass) % len(d.Targets)
			when := at.Add(-seededEvery + time.Duration(rank)*seededEvery/time.Duration(len(d.Targets)))
			// Another seed than the server's: the past must not repeat itself live.
			rng := simulator.RequestRand(^d.seed, t.Model, uint64(pass))
			plan := simulator.Draw(scripts[t.Model], rng, when.Sub(now), d.Profile.MaxTokens)
			samples = append(samples, d.scripted(t, when, plan))
		}
	}
	if err := d.History.Append(ctx, samples); err != nil {
		return err
	}
	results, err := d.seededResults(ctx, now, scripts)
	if err != nil {
		return err
	}
	return d.History.Record(ctx, store.Notes{Events: d.seededEvents(now), Results: results})
}

// seededEvents are what a monitor would have recorded of the seeded day.
func (d *Demo) seededEvents(now time.Time) []store.Event {
	first := now.Add(-seededDay)
	return []store.Event{
		{At: first, Kind: "seeded", Text: "DEMO history seeded: every figure here comes from the simulator"},
		{At: now.Add(-gapFrom), Kind: store.EventGap, Text: "no probes for 50 min: as if this machine had slept", For: gapFor},
	}
}

// scripted is the sample that a perfect client would have made of a plan.
func (d *Demo) scripted(t probe.Target, at time.Time, plan simulator.Plan) probe.Sample {
	s := probe.Sample{
		Target: t, Profile: d.Profile.Name, Cap: d.Profile.MaxTokens, At: at.UTC(),
		Flags: probe.Scripted, Connect: probe.Known(time.Duration(0)),
	}
	if plan.Fault != simulator.FaultNone {
		s.Outcome, s.Status, s.Error = scriptedFault(plan)
		return s
	}
	s.Outcome, s.Status, s.Events = probe.OK, http.StatusOK, len(plan.Events)
	s.Flags |= probe.Capped
	s.TTFB, s.TTFT, s.TTFO = probe.Known(plan.Headers), probe.Known(plan.TTFT), probe.Known(plan.TTFT)
	s.E2E = probe.Known(plan.LastToken())
	if n := plan.Tokens(); n > 1 {
		s.TPOT = probe.Known((plan.LastToken() - plan.TTFT) / time.Duration(n-1))
	}
	s.Usage.Input = probe.Known(int64(simulator.CountTokens(d.Profile.Prompt) + nonceTokens))
	s.Usage.Output = probe.Known(int64(plan.Tokens()))
	if usd, ok := d.price(t, s.Usage); ok {
		s.USD = decimal.NewNullDecimal(usd)
	}
	return s
}

// nonceTokens is what the simulator counts for the unique beginning of a prompt.
const nonceTokens = 3

// scriptedFault is how a client would have seen a fault.
func scriptedFault(plan simulator.Plan) (probe.Outcome, int, string) {
	status := plan.Fault.Status()
	switch {
	case plan.Fault == simulator.FaultRateLimited:
		return probe.RateLimited, status, "429 Too Many Requests"
	case status >= http.StatusInternalServerError:
		return probe.ServerError, status, fmt.Sprintf("%d %s", status, http.StatusText(status))
	case plan.Fault == simulator.FaultErrorEvent:
		return probe.StreamError, http.StatusOK, "error inside the stream"
	case plan.Fault == simulator.FaultCutMidStream:
		return probe.Truncated, http.StatusOK, "the stream broke off"
	case plan.Fault == simulator.FaultHang:
		return probe.Timeout, 0, "no first token within 1m0s"
	}
	return probe.Network, status, string(plan.Fault)
}
