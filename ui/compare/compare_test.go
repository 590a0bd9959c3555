package compare

import (
	"math"
	"strings"
	"testing"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/probe/stats"
	"costping/store"

	"pgregory.net/rapid"
)

var now = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func workload(t testing.TB, volume, split string) costmodel.Workload {
	t.Helper()
	v, err := costmodel.ParseVolume(volume)
	if err != nil {
		t.Fatal(err)
	}
	s, err := costmodel.ParseSplit(split)
	if err != nil {
		t.Fatal(err)
	}
	return costmodel.Workload{Volume: v, Split: s}
}

// measured is a summary whose quantiles have the given value and margin, in ms.
func measured(target string, ttft, margin, e2e float64) store.Summary {
	q := func(p, v float64) stats.Quantile {
		return stats.Quantile{P: p, N: 100, Needed: stats.Needed(p), Value: v, Lo: v - margin, Hi: v + margin, Max: 2 * v}
	}
	return store.Summary{
		Series:   store.Series{Target: target, Model: target, BaseURL: "http://127.0.0.1:1/v1", Profile: "chat", Cap: 128},
		Outcomes: map[probe.Outcome]int{probe.OK: 100}, Warm: 100,
		TTFTp50: q(0.5, ttft), TTFTp95: q(0.95, 1.5*ttft), E2Ep50: q(0.5, e2e), Speedp50: q(0.5, 100),
		InputTokens: 60, OutputTokens: 128, Last: now, LastOutcome: probe.OK,
	}
}

// collecting is a summary of n samples, too few for a median.
func collecting(target string, n int) store.Summary {
	s := measured(target, 0, 0, 0)
	s.Outcomes, s.Warm = map[probe.Outcome]int{probe.OK: n}, n
	for _, q := range []*stats.Quantile{&s.TTFTp50, &s.TTFTp95, &s.E2Ep50, &s.Speedp50} {
		*q = stats.Quantile{P: q.P, N: n, Needed: q.Needed, Max: 700}
	}
	return s
}

// refused is a summary of a target that never answered.
func refused(target string) store.Summary {
	return store.Summary{
		Series:   store.Series{Target: target, Model: target, Profile: "chat", Cap: 128},
		Outcomes: map[probe.Outcome]int{probe.Network: 4}, FailedInARow: 4, Last: now, LastOutcome: probe.Network,
		LastError: "connection refused", LastErrorAt: now,
		TTFTp50: stats.Quantile{P: 0.5, Needed: 6}, TTFTp95: stats.Quantile{P: 0.95, Needed: 76},
	}
}

func candidates(t testing.TB, ids ...string) []Candidate {
	t.Helper()
	var list []Candidate
	for _, id := range ids {
		c := Candidate{Target: id}
		if m, ok := costmodel.Default().Lookup(id); ok {
			c.Model, c.Price, c.Known = m, m.PriceIn("demo"), true
		}
		list = append(list, c)
	}
	return list
}

func input(t testing.TB, ids []string, summaries ...store.Summary) Input {
	w := workload(t, "10M/day", "75/25")
	return Input{
		Candidates: candidates(t, ids...), Workload: w, Base: w, Today: costmodel.DateOf(now),
		Window: store.Window{From: now.Add(-24 * time.Hour), To: now, Series: summaries},
	}
}

func row(t *testing.T, table Table, target string) Row {
	t.Helper()
	for _, r := range table.Rows {
		if r.Target == target {
			return r
		}
	}
	t.Fatalf("no row %s", target)
	return Row{}
}

func targets(table Table) string {
	var names []string
	for _, r := range table.Rows {
		names = append(names, r.Target)
	}
	return strings.Join(names, " ")
}

func TestRowsJoinSpendAndMeasurement(t *testing.T) {
	table := Build(input(t, []string{"gpt-4o", "gpt-4o-mini", "unheard-of"},
		measured("gpt-4o", 800, 10, 2600), measured("gpt-4o-mini", 380, 5, 1240)))
	if got := targets(table); got != "gpt-4o-mini gpt-4o unheard-of" {
		t.Errorf("order %s", got)
	}
	mini := table.Rows[0]
	if DayOf(mini.Spend) != "2.625" || MonthOf(mini.Spend) != "78.75" || Quantile(mini.Summary.TTFTp50) != "380" || Margin(mini.Summary.TTFTp50) != "±5" {
		t.Errorf("%s %s %s %s", DayOf(mini.Spend), MonthOf(mini.Spend), Quantile(mini.Summary.TTFTp50), Margin(mini.Summary.TTFTp50))
	}
	if !mini.Pick || table.Pick != 0 || mini.Note.Text != "pick, ends in 55 d" {
		t.Errorf("pick %v, note %q", mini.Pick, mini.Note.Text)
	}
	if strange := table.Rows[2]; MonthOf(strange.Spend) != "?" || strange.Note.Kind != NoteUnpriced || Quantile(strange.Summary.TTFTp50) != Unknown {
		t.Errorf("an unknown model: %s, %+v", MonthOf(strange.Spend), strange.Note)
	}
}

func TestRetiredModelsNeverWin(t *testing.T) {
	// The retired one is cheaper and faster than everything else.
	table := Build(input(t, []string{"gemini-2.0-flash", "gpt-4o-mini", "gpt-4o"},
		measured("gemini-2.0-flash", 250, 1, 900), measured("gpt-4o-mini", 380, 5, 1240), measured("gpt-4o", 800, 10, 2600)))
	if r := row(t, table, "gemini-2.0-flash"); r.Pick || !r.Retired || r.Note.Text != "retired 2026-06-01" {
		t.Errorf("%+v", r.Note)
	}
	if r := row(t, table, "gpt-4o-mini"); r.BeatenBy != "" || !r.Pick {
		t.Errorf("the pick is beaten by %q", r.BeatenBy)
	}
	if r := row(t, table, "gpt-4o"); r.BeatenBy != "gpt-4o-mini" {
		t.Errorf("beaten by %q", r.BeatenBy)
	}
}

func TestBeatenBy(t *testing.T) {
	const cheap, dear = "gpt-4o-mini", "gpt-4o"
	for _, tc := range []struct {
		name        string
		cheap, dear store.Summary
		want        string
	}{
		{"cheaper and faster", measured(cheap, 380, 5, 1240), measured(dear, 800, 10, 2600), cheap},
		{"cheaper and not measurably slower", measured(cheap, 810, 30, 2600), measured(dear, 800, 30, 2600), cheap},
		{"cheaper and measurably slower", measured(cheap, 900, 30, 2600), measured(dear, 800, 30, 2600), ""},
		{"first token as fast, whole answer slower", measured(cheap, 800, 30, 4000), measured(dear, 800, 30, 2600), ""},
		{"not yet measured", collecting(cheap, 3), measured(dear, 800, 10, 2600), ""},
		{"another prompt is another work", func() store.Summary {
			s := measured(cheap, 380, 5, 1240)
			s.Series.Profile = "brief"
			return s
		}(), measured(dear, 800, 10, 2600), ""},
		{"does not answer", refused(cheap), measured(dear, 800, 10, 2600), ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			table := Build(input(t, []string{cheap, dear}, tc.cheap, tc.dear))
			if got := row(t, table, dear).BeatenBy; got != tc.want {
				t.Errorf("beaten by %q, want %q", got, tc.want)
			}
			if got := row(t, table, cheap).BeatenBy; got != "" {
				t.Errorf("the cheaper one is beaten by %q", got)
			}
		})
	}
}

func TestPick(t *testing.T) {
	for _, tc := range []struct {
		name      string
		ids       []string
		summaries []store.Summary
		want      string
	}{
		{"nothing measured: the cheapest there is", []string{"gpt-4o", "gpt-4o-mini"}, nil, "gpt-4o-mini"},
		{"of the measured ones", []string{"gpt-4o", "gpt-4o-mini"}, []store.Summary{measured("gpt-4o", 800, 10, 2600)}, "gpt-4o"},
		{"not one that fails", []string{"gpt-4o", "gpt-4o-mini"}, []store.Summary{measured("gpt-4o", 800, 10, 2600), refused("gpt-4o-mini")}, "gpt-4o"},
		{"none, where all are retired", []string{"gemini-2.0-flash", "claude-3.5-haiku"}, nil, ""},
		{"none, where nothing is priced", []string{"unheard-of"}, nil, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			table := Build(input(t, tc.ids, tc.summaries...))
			got := ""
			if table.Pick >= 0 {
				got = table.Rows[table.Pick].Target
			}
			if got != tc.want {
				t.Errorf("picked %q, want %q", got, tc.want)
			}
			if len(table.Answer) == 0 || table.Answer[0] == "" {
				t.Error("there is no answer")
			}
		})
	}
}

func TestNotes(t *testing.T) {
	in := input(t, []string{"gpt-4o", "gpt-4o-mini", "llama-3.1-70b", "gemini-3.5-flash-lite"},
		measured("gpt-4o-mini", 380, 5, 1240), refused("gpt-4o"), collecting("llama-3.1-70b", 3))
	table := Build(in)
	for target, want := range map[string]string{
		"gpt-4o": "failing: connection refused", "llama-3.1-70b": "collecting 3/6", "gemini-3.5-flash-lite": "price only, not probed",
	} {
		if got := row(t, table, target).Note.Text; got != want {
			t.Errorf("%s: %q, want %q", target, got, want)
		}
	}
	in.Probing = true
	if got := row(t, Build(in), "gemini-3.5-flash-lite").Note.Text; got != "no probe yet" {
		t.Errorf("while probing: %q", got)
	}
}

func TestAnswerSaysWhatAKnobChanged(t *testing.T) {
	in := input(t, []string{"gpt-4o-mini", "gpt-4o"}, measured("gpt-4o-mini", 380, 5, 1240), measured("gpt-4o", 800, 10, 2600))
	in.Workload = workload(t, "20M/day", "60/40")
	if got, want := Build(in).Answer[0], "CHANGED volume 10.0M to 20.0M, output 25% to 40%: gpt-4o-mini $78.75 to $198.00 a month (× 2.51). R puts it all back"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}

	in = input(t, []string{"llama-3.1-70b", "gemini-3.5-flash-lite"}, measured("llama-3.1-70b", 600, 5, 2000), measured("gemini-3.5-flash-lite", 320, 5, 700))
	in.Workload = workload(t, "10M/day", "70/30")
	if got, want := Build(in).Answer[0], "CHANGED output 25% to 30%: the cheapest is now llama-3.1-70b at $270.00 a month, no longer gemini-3.5-flash-lite. R puts it all back"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// A price of which only the output is known can be picked once nothing goes in:
// there is no earlier pick to compare it with.
func TestAnswerWithoutAnEarlierPick(t *testing.T) {
	in := input(t, []string{"gpt-4o-mini", "gemini-2.0-flash"})
	in.Candidates[0].Price.Input = costmodel.Rate{}
	in.Workload = workload(t, "10M/day", "0/100")
	if got, want := Build(in).Answer[0], "CHANGED output 25% to 100%: the cheapest is now gpt-4o-mini at $180.00 a month. R puts it all back"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestAnswersGetShorter(t *testing.T) {
	in := input(t, []string{"gpt-4o-mini", "gpt-4o"}, measured("gpt-4o-mini", 380, 5, 1240))
	changed := in
	changed.Workload = workload(t, "20M/day", "60/40")
	unmeasured := in
	unmeasured.Window.Series = nil
	for _, in := range []Input{in, changed, unmeasured} {
		answers := Build(in).Answer
		for i := 1; i < len(answers); i++ {
			if len(answers[i]) >= len(answers[i-1]) {
				t.Errorf("%q is no shorter than %q", answers[i], answers[i-1])
			}
		}
		if short := answers[len(answers)-1]; len(short) > 40 {
			t.Errorf("the shortest is %q", short)
		}
	}
}

func TestSort(t *testing.T) {
	in := input(t, []string{"gpt-4o", "gpt-4o-mini", "unheard-of", "gemini-3.5-flash-lite"},
		measured("gpt-4o", 500, 5, 2600), measured("gpt-4o-mini", 380, 5, 1240), refused("unheard-of"))
	in.Window.Series[0].Speedp50.Value = 70
	in.Window.Series[0].Outcomes[probe.ServerError] = 1
	for _, tc := range []struct {
		order Order
		want  string
	}{
		{Order{}, "gpt-4o-mini gemini-3.5-flash-lite gpt-4o unheard-of"},
		{Order{Column: ByMonth, Reverse: true}, "gpt-4o gemini-3.5-flash-lite gpt-4o-mini unheard-of"},
		{Order{Column: ByModel}, "gemini-3.5-flash-lite gpt-4o gpt-4o-mini unheard-of"},
		{Order{Column: ByTTFT}, "gpt-4o-mini gpt-4o gemini-3.5-flash-lite unheard-of"},
		{Order{Column: ByTTFT, Reverse: true}, "gpt-4o gpt-4o-mini gemini-3.5-flash-lite unheard-of"},
		{Order{Column: BySpeed}, "gpt-4o-mini gpt-4o gemini-3.5-flash-lite unheard-of"},
		{Order{Column: ByOK}, "gpt-4o-mini gpt-4o unheard-of gemini-3.5-flash-lite"},
	} {
		in.Order = tc.order
		if got := targets(Build(in)); got != tc.want {
			t.Errorf("%+v: %s, want %s", tc.order, got, tc.want)
		}
	}
}

// Whatever the order, every row is there once and the unknown is last.
func TestSortProperties(t *testing.T) {
	ids := []string{"gpt-4o", "gpt-4o-mini", "unheard-of", "gemini-3.5-flash-lite", "llama-3.1-70b"}
	rapid.Check(t, func(rt *rapid.T) {
		var summaries []store.Summary
		for _, id := range ids {
			if rapid.Bool().Draw(rt, "measured") {
				summaries = append(summaries, measured(id, rapid.Float64Range(1, 5000).Draw(rt, "ttft"), 5, 1000))
			}
		}
		in := input(t, ids, summaries...)
		in.Order = Order{Column: rapid.SampledFrom(Columns()).Draw(rt, "column"), Reverse: rapid.Bool().Draw(rt, "reverse")}
		table := Build(in)
		seen := map[string]bool{}
		unknown := false
		for _, r := range table.Rows {
			seen[r.Target] = true
			if in.Order.Column == ByTTFT {
				if unknown && r.Summary.TTFTp50.Earned() {
					rt.Fatalf("a figure below an unknown one: %s", targets(table))
				}
				unknown = !r.Summary.TTFTp50.Earned()
			}
		}
		if len(seen) != len(ids) {
			rt.Fatalf("rows %s", targets(table))
		}
		for i, r := range table.Rows {
			if r.Pick != (i == table.Pick) {
				rt.Fatalf("the pick is marked on the wrong row")
			}
		}
	})
}

// What many attempts at once took is not what one takes, however many there were.
func TestALoadTestNeverStandsForTheRow(t *testing.T) {
	load := measured("gpt-4o-mini", 1777, 400, 3000)
	load.Series.Concurrency, load.Warm, load.Outcomes = 40, 4000, map[probe.Outcome]int{probe.OK: 4000}
	r := row(t, Build(input(t, []string{"gpt-4o-mini"}, measured("gpt-4o-mini", 380, 5, 1240), load)), "gpt-4o-mini")
	if r.Summary.TTFTp50.Value != 380 || r.Others != 4000 {
		t.Errorf("p50 %v, %d others", r.Summary.TTFTp50.Value, r.Others)
	}
	if r := row(t, Build(input(t, []string{"gpt-4o-mini"}, load)), "gpt-4o-mini"); r.Has {
		t.Error("a load test alone is shown as if it were a measurement")
	}
}

// A slip of the hand, such as a wrong port, does not hide what was measured.
func TestTheSeriesWithTheMostSamplesStandsForTheRow(t *testing.T) {
	slip := refused("gpt-4o-mini")
	slip.Series.BaseURL, slip.Last = "http://127.0.0.1:2/v1", now.Add(time.Hour)
	table := Build(input(t, []string{"gpt-4o-mini", "gpt-4o"}, measured("gpt-4o-mini", 380, 5, 1240), slip))
	r := row(t, table, "gpt-4o-mini")
	if r.Failing || !r.Pick || r.Summary.Warm != 100 || r.Others != 4 {
		t.Errorf("failing %v, pick %v, %d samples, %d others", r.Failing, r.Pick, r.Summary.Warm, r.Others)
	}
	for _, l := range Detail(r, table) {
		if l.Label == "from" && !strings.Contains(l.Text[0], "4 elsewhere or otherwise left out") {
			t.Errorf("left out in silence: %q", l.Text[0])
		}
	}
}

func TestFailing(t *testing.T) {
	for _, tc := range []struct {
		name        string
		ok, inARow  int
		rateLimited int
		want        bool
	}{
		{"one failure is what the rate is for", 1000, 1, 0, false},
		{"three in a row", 1000, 3, 0, true},
		{"one, and never a success", 0, 1, 0, true},
		{"rate limits are held against nobody", 0, 0, 9, false},
	} {
		s := measured("a", 380, 5, 1240)
		s.Outcomes = map[probe.Outcome]int{probe.OK: tc.ok, probe.ServerError: tc.inARow, probe.RateLimited: tc.rateLimited}
		s.FailedInARow = tc.inARow
		if got := failing(s); got != tc.want {
			t.Errorf("%s: %v", tc.name, got)
		}
	}
}

// A label that was used for another model does not lend it its latency.
func TestOnlyTheModelsOwnSamplesCount(t *testing.T) {
	foreign := measured("gpt-4o-mini", 80, 1, 200)
	foreign.Series.Model = "gpt-4o"
	dated := measured("gpt-4o", 800, 10, 2600)
	dated.Series.Model = "GPT-4o-2024-11-20" // a name of its own
	table := Build(input(t, []string{"gpt-4o-mini", "gpt-4o"}, foreign, dated))
	if r := row(t, table, "gpt-4o-mini"); r.Has {
		t.Errorf("gpt-4o-mini has the figures of %s", r.Summary.Series.Model)
	}
	if r := row(t, table, "gpt-4o"); !r.Has {
		t.Error("a dated id was not recognised")
	}
}

// Equal prices: the pick does not hang on the sort, and is not a beaten one.
func TestPickAmongEquals(t *testing.T) {
	in := input(t, []string{"gpt-4o", "gpt-4o-mini"}, measured("gpt-4o", 500, 5, 2600), measured("gpt-4o-mini", 380, 5, 1240))
	in.Candidates[1].Price = in.Candidates[0].Price
	for _, column := range Columns() {
		in.Order = Order{Column: column}
		if table := Build(in); table.Rows[table.Pick].Target != "gpt-4o-mini" {
			t.Errorf("sorted by %s the pick is %s", column, table.Rows[table.Pick].Target)
		}
	}
}

func TestFewSamplesBeatNobody(t *testing.T) {
	a, b := measured("gpt-4o-mini", 380, 5, 1240), measured("gpt-4o", 800, 10, 2600)
	for n, want := range map[int]string{evidence - 1: "", evidence: "gpt-4o-mini"} {
		a.Warm, b.Warm = n, n
		if got := row(t, Build(input(t, []string{"gpt-4o-mini", "gpt-4o"}, a, b)), "gpt-4o").BeatenBy; got != want {
			t.Errorf("with %d samples beaten by %q, want %q", n, got, want)
		}
	}
}

func TestLittleIsNotNothing(t *testing.T) {
	in := input(t, []string{"gpt-4o-mini"})
	in.Workload = workload(t, "100/day", "75/25")
	if s := Build(in).Rows[0].Spend; DayOf(s) != "<0.001" || MonthOf(s) != "<0.01" {
		t.Errorf("%s a day, %s a month", DayOf(s), MonthOf(s))
	}
	in.Workload = workload(t, "0/day", "75/25")
	if s := Build(in).Rows[0].Spend; DayOf(s) != "0.000" {
		t.Errorf("nothing costs %s", DayOf(s))
	}
}

func TestTrend(t *testing.T) {
	s := measured("a", 100, 5, 1000)
	s.Points = []store.Point{{N: 3, TTFT: 100}, {}, {Failed: 2}, {N: 1, TTFT: 132.3}, {N: 1, TTFT: 87}, {N: 1, TTFT: 100, Failed: 1}}
	want := []Tick{{Seen: true}, {}, {Failed: true}, {Seen: true, Level: 2}, {Seen: true, Level: -1}, {Seen: true}}
	got := trend(s)
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("step %d: %+v, want %+v", i, got[i], want[i])
		}
	}
}

func TestFigures(t *testing.T) {
	earned := stats.Quantile{P: 0.5, N: 6, Needed: 6, Value: 1203.6, Lo: 1190, Hi: 1230.2, Max: 1300}
	early := stats.Quantile{P: 0.95, N: 12, Needed: 76, Max: 611.4}
	for got, want := range map[string]string{
		Quantile(earned): "1,204", Margin(earned): "±27", Quantile(early): "12/76", Tail(early): "max 611",
		Tail(stats.Quantile{}): Unknown, Margin(early): "", Seconds(earned): "1.20 s", SecondsOf(12_345): "12.3 s", SecondsOf(9_996): "10.0 s",
		Percent(stats.RateOf(1389, 1390)): "99.9", Percent(stats.RateOf(60, 60)): "100", Percent(stats.RateOf(9999, 10000)): "99.9",
		Percent(stats.RateOf(0, 3)): "0.0", Percent(stats.Rate{}): Unknown,
		Count(1390): "1,390", Millis(-1234.4): "-1,234", Millis(999.5): "1,000",
		Span(24 * time.Hour): "24 h", Span(23*time.Hour + 45*time.Minute): "23 h 45 min", Span(90 * time.Minute): "90 min", Span(15 * time.Minute): "15 min", Span(7 * 24 * time.Hour): "7 d", Span(20 * time.Second): "20 s",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestDetail(t *testing.T) {
	in := input(t, []string{"gpt-4o-mini", "claude-3.5-haiku"}, measured("gpt-4o-mini", 380, 5, 1240))
	table := Build(in)
	text := func(target string) string {
		var b strings.Builder
		for _, l := range Detail(row(t, table, target), table) {
			b.WriteString(l.Label + ": " + l.Text[min(1, len(l.Text)-1)] + "\n")
		}
		return b.String()
	}
	want := "cost: $2.625 a day, $78.75 a month\n" +
		"time: first token 380 ms, then 127 tokens at 100 tok/s: 1.24 s (p50).  Failed: 0 of 100\n" +
		"if: volume × 2 $157.50   split 50/50 $112.50   1 point more output +$1.35\n" +
		"price: as of 2026-08-21, $0.15 in and $0.60 out per 1M tokens, by LLM Selection for Production, Q1 2026; " +
		"genai-prices 2026-08-21, llm-prices 2026-08-05, litellm 2026-07-24, models.dev 2026-07-02, OpenRouter 2026-05-12\n" +
		"from: 127.0.0.1:1: 100 probes\n" +
		"warn: retires on 2027-01-14, in 55 days\n"
	if got := text("gpt-4o-mini"); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got := text("claude-3.5-haiku"); !strings.Contains(got, "warn: retired on 2026-02-19") || strings.Contains(got, "time:") {
		t.Errorf("got\n%s", got)
	}
}

// What the responses tell beside speed: tokens of the same text, thinking, limits.
func TestDetailOfTokensAndLimits(t *testing.T) {
	with := func(target string, input float64, more func(*store.Summary)) store.Summary {
		s := measured(target, 380, 5, 1240)
		s.InputTokens = input
		if more != nil {
			more(&s)
		}
		return s
	}
	otherwise := with("d", 900, nil)
	otherwise.Series.Profile = "long-prompt"
	in := input(t, []string{"a", "b", "c", "d", "e"}, with("a", 60, nil), with("b", 72, func(s *store.Summary) {
		s.Thinking, s.ThinkingN, s.Offline = probe.Known(2.5), 1234, 1
		s.Headroom.Requests = probe.Allowance{
			Limit: probe.Known[int64](10_000), Remaining: probe.Known[int64](9_999), Reset: probe.Known(6 * time.Millisecond),
		}
		s.Headroom.Tokens.Remaining, s.HeadroomAt = probe.Known[int64](0), now
	}), with("c", 62, nil), otherwise)
	table := Build(in)
	for target, want := range map[string]float64{"a": 60. / 67, "b": 72. / 61, "c": 62. / 66} {
		if got := row(t, table, target).TokenRatio; !got.Known || math.Abs(got.Value-want) > 1e-9 {
			t.Errorf("%s: ratio %v, want %v", target, got, want)
		}
	}
	for _, alone := range []string{"d", "e"} { // nothing to compare with, nothing measured
		if got := row(t, table, alone).TokenRatio; got.Known {
			t.Errorf("%s: ratio %v of nothing", alone, got)
		}
	}
	var b strings.Builder
	for _, l := range Detail(row(t, table, "b"), table) {
		if l.Label == "text" || l.Label == "rate" || l.Label == "warn" {
			b.WriteString(l.Label + ": " + l.Text[0] + "\n")
		}
	}
	want := "text: the same text is × 1.18 the input tokens that it is to the others; thinking multiplies the output by 2.50 (n 1,234)\n" +
		"rate: 9,999 of 10,000 requests left, whole again in 6ms; 0 tokens left, at " + now.Format("15:04") + " UTC\n" +
		"warn: this machine was offline 1 time: held against nobody\n"
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}

// What a model was seen to think is billed: as projected, and in what a turned knob
// is compared with.
func TestSpendCountsThinking(t *testing.T) {
	thinks := measured("gpt-4o-mini", 380, 5, 100)
	thinks.Thinking, thinks.ThinkingN = probe.Known(1.5), 40
	in := input(t, []string{"gpt-4o-mini", "gpt-4o"}, thinks, measured("gpt-4o", 800, 5, 100))
	in.Workload = workload(t, "20M/day", "75/25")
	table := Build(in)
	r := row(t, table, "gpt-4o-mini")
	if got := DayOf(r.Spend); got != "6.750" {
		t.Errorf("15M in and 7.5M out cost %s a day", got)
	}
	if got := Day(row(t, table, "gpt-4o")); got != "87.500" {
		t.Errorf("a model that does not think costs %s a day", got)
	}
	if !strings.Contains(table.Answer[0], "$101.25 to $202.50") {
		t.Errorf("the answer is %q", table.Answer[0])
	}
	const want = "15M in × 0.15 + 5M out × 0.60 + 2.5M thinking × 0.60 = $6.75 a day × 30 = $202.50"
	if got := Detail(r, table)[0].Text[0]; !strings.HasPrefix(got, want) || !strings.Contains(got, "thinking multiplies the output by 1.50") {
		t.Errorf("the cost is %q", got)
	}
}

func BenchmarkBuild120(b *testing.B) {
	ids := []string{"gpt-4o", "gpt-4o-mini", "llama-3.1-70b", "gemini-3.5-flash-lite"}
	in := input(b, ids)
	base := in.Candidates
	in.Candidates = nil
	for i := range 120 {
		c := base[i%len(base)]
		c.Target += strings.Repeat("x", i)
		in.Candidates = append(in.Candidates, c)
		in.Window.Series = append(in.Window.Series, measured(c.Target, float64(300+i), 5, 1000))
	}
	for b.Loop() {
		Build(in)
	}
}
