package monitor

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"costping/probe"
	"costping/probe/check"
	"costping/store"
	"costping/ui/compare"
)

// outcome is what a run has come to.
type outcome struct {
	said     string
	answered int
	gaveUp   string
}

// ask asks what is left to ask of a check and keeps the answers.
func (c *checker) ask(ctx, until context.Context, i int, g *gate) (outcome, error) {
	warn := func(err error) { c.m.log(err) }
	g.asker, g.embedder = c.set.Asker, c.set.Embedder
	if b := c.set.Budget; b != nil {
		g.asker, g.embedder = probe.MeteredAsker(g.asker, b, warn), probe.MeteredEmbedder(g.embedder, b, warn)
	}
	switch c.set.Of[i].Kind {
	case check.KindContext:
		return c.askGrid(until, i, g)
	case check.KindEmbedding:
		return c.embed(until, i, g)
	}
	return c.askCases(ctx, i, g)
}

// askCases asks the cases that are not answered yet.
func (c *checker) askCases(ctx context.Context, i int, g *gate) (came outcome, err error) {
	one, run := &c.set.Of[i], c.state(i).checkRun
	schema, tools, err := one.Load(run.Seed)
	if err != nil {
		return came, err
	}
	all := []check.Series{check.ToolSeries(one.Target, tools)}
	if one.Kind == check.KindSchema {
		all = []check.Series{check.SchemaSeries(one.Target, schema, false), check.SchemaSeries(one.Target, schema, true)}
	}
	before, err := c.answers(ctx, one, run.Begun)
	if err != nil {
		return came, err
	}
	known, unsupported := answered(before), ""
	for at := range all {
		whole := all[at].Len()
		all[at] = all[at].Without(known[all[at].Enforced])
		c.change(i, func(s *checkState) { s.of, s.done = s.of+whole, s.done+whole-all[at].Len() })
	}
	for _, s := range all {
		tally := check.NewTally(s)
		gaveUp := check.Run(ctx, g, s, 1, func(a check.Answer) {
			tally.Add(a)
			g.step()
			if a.Class == "" {
				return
			}
			kept := compare.KeepAnswer(s, a)
			kept.Seed, kept.Simulated = run.Seed, a.Sample.Flags.Has(probe.Scripted)
			c.store(ctx, one, a.Sample.Cap, a.Case, compare.ScoreOf(a.Class), kept)
		})
		came.answered += tally.N
		if tally.Unsupported != "" {
			unsupported = "; it does not take " + tally.Unsupported + ", which is not held against it"
			came.answered++ // that is an answer too
		} else {
			came.gaveUp = cmp.Or(came.gaveUp, gaveUp)
		}
	}
	after, err := c.answers(ctx, one, run.Begun)
	if err != nil {
		return came, err
	}
	came.said = ratesText(one, after) + unsupported
	if came.gaveUp != "" {
		came.said += "; stopped: " + came.gaveUp
	}
	return came, nil
}

// answers are those of a check since it was begun.
func (c *checker) answers(ctx context.Context, one *Check, since time.Time) ([]store.Result, error) {
	results, err := c.m.history.Results(context.WithoutCancel(ctx), store.Range{From: since})
	var own []store.Result
	id := one.Target.Identity()
	for _, r := range results {
		if r.Kind == string(one.Kind) && r.Series.Target == id.Name && r.Series.Model == id.Model && r.Series.BaseURL == id.BaseURL {
			own = append(own, r)
		}
	}
	return own, err
}

// answered are the names of the cases that results answer, by whether the schema was
// enforced.
func answered(results []store.Result) map[bool]map[string]bool {
	known := map[bool]map[string]bool{false: {}, true: {}}
	for _, r := range results {
		var kept compare.KeptAnswer
		if json.Unmarshal(r.Data, &kept) == nil {
			known[kept.Enforced][r.Case] = true
		}
	}
	return known
}

// ratesText is what the answers come to.
func ratesText(one *Check, results []store.Result) string {
	places := compare.ReliableOf(results).At()
	if len(places) == 0 {
		return "no answer came"
	}
	r := places[0]
	if one.Kind == check.KindTools {
		return "wrong calls " + compare.Share(r.Tools.Bad)
	}
	var parts []string
	if r.Schema.Bad.N > 0 {
		parts = append(parts, "malformed "+compare.Share(r.Schema.Bad))
	}
	if r.Enforced.Bad.N > 0 {
		parts = append(parts, "enforced "+compare.Share(r.Enforced.Bad))
	}
	return strings.Join(parts, ", ")
}

// askGrid measures recall.
func (c *checker) askGrid(until context.Context, i int, g *gate) (came outcome, err error) {
	one, run := &c.set.Of[i], c.state(i).checkRun
	grid := one.grid(run.Seed)
	c.change(i, func(s *checkState) { s.of = grid.Requests() })
	t := check.RunContext(until, g, one.Target, grid, 1, func(*check.RecallTally) { g.step() })
	if len(t.Rows) == 0 {
		return outcome{said: "no answer came", gaveUp: cmp.Or(t.Stopped, "no answer came")}, nil
	}
	came.answered = t.Requests
	if broken := over(until) || g.spent(); broken {
		return came, nil // a part of a grid would pass for a smaller one
	}
	c.store(until, one, 0, "grid", probe.Measured[float64]{}, compare.KeepRecall(t))
	came.said = "no length holds the recall"
	if limit := t.Limit(); limit.Known {
		came.said = "recall holds to " + compare.Count(int(limit.Value)) + " tokens"
	}
	return came, nil
}

// embed measures embedding.
func (c *checker) embed(until context.Context, i int, g *gate) (came outcome, err error) {
	one := &c.set.Of[i]
	c.change(i, func(s *checkState) { s.of = check.Requests(one.N) })
	t := check.RunEmbedding(until, g, one.Target, one.N, g.step)
	if t.Dimensions == 0 {
		return outcome{said: "no answer came", gaveUp: cmp.Or(t.GaveUp, "no answer came")}, nil
	}
	came.answered = 1
	if over(until) {
		return came, nil
	}
	var score probe.Measured[float64]
	if t.Related.N > 0 {
		score = probe.Known(t.Related.Value())
	}
	c.store(until, one, 0, "batches", score, compare.KeepEmbedding(t))
	came.said = strconv.Itoa(t.Dimensions) + " dimensions, related texts nearer in " + fmt.Sprintf("%d of %d", t.Related.Hits, t.Related.N)
	return came, nil
}

// store keeps an answer, even where the run is being ended: it is paid for.
func (c *checker) store(ctx context.Context, one *Check, limit int, name string, score probe.Measured[float64], data any) {
	result, err := compare.KeptOf(one.Target, one.Kind, limit, name, time.Now(), score, data)
	if err == nil {
		err = c.m.history.Record(context.WithoutCancel(ctx), store.Notes{Results: []store.Result{result}})
	}
	c.m.log(err)
}

// gate lets questions through while a check is to go on.
type gate struct {
	c        *checker
	target   string
	until    context.Context
	asker    probe.Asker
	embedder probe.Embedder
	step     func()
	// refused is why the budget let one not through.
	refused atomic.Pointer[probe.RefusedError]
}

// whilePaused is how often it is looked whether a pause has ended.
const whilePaused = time.Second

// open waits while all probing is paused; false where nothing more is to be sent.
func (g *gate) open(ctx context.Context) bool {
	tick := time.NewTimer(0)
	defer tick.Stop()
	for {
		select {
		case <-g.until.Done():
			return false
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
		switch {
		case g.c.m.off(g.target) || g.until.Err() != nil:
			return false
		case !g.c.m.paused():
			return true
		}
		tick.Reset(whilePaused)
	}
}

// brokenOff is what becomes of a question that is not sent.
func (g *gate) brokenOff(t probe.Target, kind string) probe.Sample {
	return probe.Sample{
		Target: t.Identity(), Profile: kind, Concurrency: 1, At: time.Now().UTC(), Outcome: probe.Cancelled, Error: "the check is being ended",
	}
}

// spent reports whether the budget has let something not through.
func (g *gate) spent() bool { return g.refused.Load() != nil }

func (g *gate) note(s probe.Sample) {
	if s.Refused != nil && s.Refused.Refusal != probe.BudgetSetAside {
		g.refused.Store(s.Refused)
	}
}

// Ask implements probe.Asker.
func (g *gate) Ask(ctx context.Context, q probe.Question) probe.Reply {
	if !g.open(ctx) {
		return probe.Reply{Sample: g.brokenOff(q.Target, q.Kind)}
	}
	r := g.asker.Ask(ctx, q)
	g.note(r.Sample)
	return r
}

// Embed implements probe.Embedder.
func (g *gate) Embed(ctx context.Context, t probe.Texts) probe.Vectors {
	if !g.open(ctx) {
		return probe.Vectors{Sample: g.brokenOff(t.Target, t.Kind)}
	}
	v := g.embedder.Embed(ctx, t)
	g.note(v.Sample)
	return v
}
