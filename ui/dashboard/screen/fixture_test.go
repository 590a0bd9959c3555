package screen

import (
	"slices"
	"testing"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/probe/stats"
	"costping/store"
	"costping/ui/compare"
	"costping/ui/dashboard/chart"
	"costping/ui/dashboard/theme"
)

var now = time.Date(2026, 11, 20, 14, 2, 0, 0, time.UTC)

// summary is a series around a median, with a bend in its trend.
func summary(target string, ttft, margin, tail, speed, e2e float64, failed int, bend ...float64) store.Summary {
	const n = 1390
	q := func(p, v, m float64) stats.Quantile {
		return stats.Quantile{P: p, N: n - failed, Needed: stats.Needed(p), Value: v, Lo: v - m, Hi: v + m, Max: 3 * v}
	}
	s := store.Summary{
		Series:   store.Series{Target: target, Model: target, BaseURL: "http://127.0.0.1:4000/v1", Profile: "brief", Cap: 48},
		Outcomes: map[probe.Outcome]int{probe.OK: n - failed, probe.ServerError: failed}, Warm: n - failed,
		TTFTp50: q(0.5, ttft, margin), TTFTp95: q(0.95, tail, margin), Speedp50: q(0.5, speed, 1), E2Ep50: q(0.5, e2e, margin),
		InputTokens: 45, OutputTokens: 48, Last: now, LastOutcome: probe.OK, Points: make([]store.Point, 24),
	}
	for i := range s.Points {
		s.Points[i] = store.Point{N: 58, TTFT: ttft}
		if i < len(bend) {
			s.Points[i].TTFT *= bend[i]
		}
	}
	return s
}

// table is six models in the states that rows can be in, with limits that two of
// them break.
func table(t testing.TB) compare.Table {
	t.Helper()
	summaries := []store.Summary{
		summary("gemini-2.0-flash", 251, 5, 391, 181, 512, 0),
		summary("gpt-4o-mini", 379, 6, 544, 148.2, 695, 1),
		summary("llama-3.1-70b", 612, 30, 1898, 44.7, 1660, 28, 1, .8, 1.2, 1.6, 1.6, 2, 1.1),
		summary("gpt-4o", 806, 15, 1234, 70.6, 1475, 0, 1, 1.2),
	}
	summaries[2].Points[9] = store.Point{Failed: 4}
	summaries[2].Points[10] = store.Point{}
	early := summary("gemini-3.5-flash-lite", 0, 0, 0, 0, 0, 0)
	for _, q := range []*stats.Quantile{&early.TTFTp50, &early.TTFTp95, &early.Speedp50, &early.E2Ep50} {
		*q = stats.Quantile{P: q.P, N: 3, Needed: q.Needed, Max: 611}
	}
	early.Warm, early.Outcomes = 3, map[probe.Outcome]int{probe.OK: 3}
	down := store.Summary{
		Series:   store.Series{Target: "llama3.2:3b", Profile: "brief", Cap: 48},
		Outcomes: map[probe.Outcome]int{probe.Network: 9}, FailedInARow: 9, Last: now, LastOutcome: probe.Network,
		LastError: "connection refused", LastErrorAt: now, Points: make([]store.Point, 24),
		TTFTp50: stats.Quantile{P: .5, Needed: 6}, TTFTp95: stats.Quantile{P: .95, Needed: 76},
	}
	down.Points[23].Failed = 9
	summaries = append(summaries, early, down)

	volume, err := costmodel.ParseVolume("10M/day")
	if err != nil {
		t.Fatal(err)
	}
	split, err := costmodel.ParseSplit("75/25")
	if err != nil {
		t.Fatal(err)
	}
	w := costmodel.Workload{Volume: volume, Split: split}
	in := compare.Input{
		Window:   store.Window{From: now.Add(-24 * time.Hour), To: now, Series: summaries},
		Workload: w, Base: w, Today: costmodel.DateOf(now), Probing: true,
		Limits: []compare.Limit{{Target: "*", Bounds: []compare.Bound{
			{Metric: compare.LimitTTFTp95, Value: 800}, {Metric: compare.LimitMinQuality, Value: 0.85},
		}}},
	}
	quality := map[string]float64{"gpt-4o-mini": 0.88, "gpt-4o": 0.92, "llama-3.1-70b": 0.84}
	for _, s := range summaries {
		c := compare.Candidate{Target: s.Series.Target}
		if m, ok := costmodel.Default().Lookup(s.Series.Target); ok {
			c.Model, c.Price, c.Known = m, m.PriceIn("demo"), true
		}
		if q, ok := quality[c.Target]; ok {
			c.Quality = costmodel.Exactly(q, costmodel.Stated)
		}
		in.Candidates = append(in.Candidates, c)
	}
	return compare.Build(in)
}

// lines is a day of two models in steps of an hour, with a gap.
func lines() chart.Lines {
	c := chart.Lines{From: now.Add(-24 * time.Hour), To: now, Limit: chart.Limit{Value: 800, Label: "limit 800"}, Idle: "no probes"}
	for i, ms := range []float64{379, 612} {
		s := chart.Series{Letter: string(rune('a' + i)), Name: "model"}
		for h := range 24 {
			at := c.From.Add(time.Duration(h) * time.Hour)
			s.Points = append(s.Points, chart.Point{At: at, Value: ms + 40*float64(h%5), OK: h != 9 && h != 10})
			if i == 0 {
				s.Band = append(s.Band, chart.Span{At: at, Lo: 0.8 * ms, Hi: 1.3 * ms, OK: h != 9 && h != 10})
			}
		}
		c.Series = append(c.Series, s)
	}
	c.Events = []chart.Event{{At: now.Add(-3 * time.Hour), Bad: true}, {At: now.Add(-time.Hour)}}
	return c
}

// scatter is cost against latency of the rows of a table.
func scatter(t compare.Table) chart.Scatter {
	s := chart.Scatter{Limit: chart.Limit{Value: 800, Label: "limit 800"}}
	for _, r := range t.Rows {
		if r.Spend.Known && r.Summary.TTFTp95.Earned() {
			s.Spots = append(s.Spots, chart.Spot{Name: r.Target, X: r.Spend.PerMonth.Float64(), Y: r.Summary.TTFTp95.Value, Over: r.Over()})
		}
	}
	return s
}

// body is the Compare screen's part with all that it can have: charts, events,
// marks and limits.
func body(t testing.TB) Compare {
	t.Helper()
	rows := table(t)
	const selected = "llama-3.1-70b"
	at := slices.IndexFunc(rows.Rows, func(r compare.Row) bool { return r.Target == selected })
	return Compare{
		Table: rows, Selected: selected, Detail: compare.Detail(rows.Rows[at], rows), Marks: map[string]string{"gpt-4o-mini": "a", "llama-3.1-70b": "b"}, Base: "gpt-4o",
		Title:   []string{"24 h, n 1,362-1,390 each", "ms, probe 45 in, 48 out, warm", "from loopback", "prices 2026-08"},
		Below:   []string{"6 models of 118 (a: all models)"},
		TTFT:    Chart{Title: []string{"a b: TTFT p50 in 1 h steps, ms, log, 24 h"}, Drawing: Rendered{Chart: lines()}},
		Scatter: Chart{Title: []string{"$/month × TTFT p95, ms, log"}, Drawing: Rendered{Chart: scatter(rows)}},
		Events: []Event{
			{When: "13:58", What: "llama3.2:3b refuses connections", Mark: MarkFailing},
			{When: "10:30", What: "llama-3.1-70b median back to normal after +55% for 5 h 20 min", Mark: MarkFine},
			{When: "05:10", What: "llama-3.1-70b p95 over 800 ms", Mark: MarkOver},
			{When: "04:00", What: "nothing was probed for 50 min"},
		},
	}
}

// frame is the Compare screen as a whole.
func frame(t testing.TB) Frame {
	t.Helper()
	c := body(t)
	return Frame{
		Screens: []string{"Compare", "Model", "Spend", "Choose", "Reliability", "Probes"},
		States:  []State{{Text: "DEMO simulated", Short: "DEMO", Loud: true}, {Text: "▲ 2 over a limit", Short: "▲2", Loud: true, Counted: true}, {Text: "next 41s"}},
		Counts:  Counts{Failing: 1, Over: 2, Fine: 2, Unknown: 0}, Workload: "documents",
		Knobs: []Knob{
			{Texts: []string{"10.0M tok/day", "10.0M tok/day", "10.0M tok/d"}},
			{Texts: []string{"75% in 25% out", "75% in 25% out", "75% in"}, Lit: true},
			{Texts: []string{"cached in 0%", "cached 0%", "c 0%"}},
			{Texts: []string{"batch 0%", "batch 0%", "b 0%"}},
			{Texts: []string{"retries 0%", "retries 0%", "r 0%"}},
			{Texts: []string{"30 d"}},
		},
		Answer: c.Table.Answer, Picked: c.Table.Pick >= 0,
		Hints: []Hint{{"←→", "turn split"}, {"↑↓", "model"}, {"?", "keys"}, {"q", "quit"}, {", .", "other knob"}, {"+ -", "volume"}},
		Worst: []string{"✗ llama3.2:3b failing: connection refused", "✗ llama3.2:3b failing"},
		Event: []string{"13:58 llama3.2:3b refuses connections"}, Body: c,
	}
}

var looks = map[string]theme.Theme{
	"colour": theme.New(theme.Unicode(), true),
	"ascii":  theme.New(theme.ASCII(), false),
	"block":  theme.New(theme.Block(), true),
}
