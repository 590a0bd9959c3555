package compare

import (
	"slices"
	"strings"
	"testing"

	"costping/costmodel"
	"costping/probe"
	"costping/probe/stats"
	"costping/store"

	"pgregory.net/rapid"
)

// why is the sheet of a row as text, a line each.
func why(r Row, t Table) string {
	var b strings.Builder
	for _, l := range Why(r, t) {
		b.WriteString(l.Label + "|" + strings.Join(l.Text, " ") + "\n")
	}
	return b.String()
}

func TestWhy(t *testing.T) {
	t.Parallel()
	in := filterable(t)
	in.Limits = []Limit{{Target: "gpt*", Bounds: []Bound{{Metric: LimitTTFTp95, Value: 800}, {Metric: LimitMinQuality, Value: 0.9}}}}
	table := Build(in)
	for target, want := range map[string][]string{
		"gpt-4o-mini": {
			"= $2.625", "= $78.75", "measured|first token p50 380 ms, with 95 % between 375 and 385, n 100",
			"first token p95 570 ms", "succeeded 100 of 100 (>= ", "quality|0.880, stated, not measured",
			"limit|TTFT p95 570 ms (limit 800): inside", "limit|quality 0.88 (least 0.9): over", "price|as of ",
		},
		"gpt-4o":        {"limit|TTFT p95 1,200 ms (limit 800): over", "beaten by|gpt-4o-mini: not dearer"},
		"llama-3.1-70b": {"measured|first token p50 not earned yet: 3 of 6 samples, the largest 700 ms"},
		"unheard-of":    {"cost|unknown: ", "measured|nothing yet"},
		"box":           {"cost|unknown: ", "first token p50 not measured", "succeeded 0 of 4"},
	} {
		text := why(row(t, table, target), table)
		for _, part := range want {
			if target == "gpt-4o" && strings.HasPrefix(part, "beaten") {
				continue // it has the better quality
			}
			if !strings.Contains(text, part) {
				t.Errorf("%s: %q is not in\n%s", target, part, text)
			}
		}
	}
	if text := why(row(t, table, "gpt-4o"), table); strings.Contains(text, "beaten by") {
		t.Errorf("beaten in spite of the better quality:\n%s", text)
	}
}

func TestSentence(t *testing.T) {
	t.Parallel()
	table := Build(filterable(t))
	for target, want := range map[string]string{
		"gpt-4o-mini":   "gpt-4o-mini: $2.625 a day, $78.75 a month; first token p50 380 ms (375-385), p95 570 ms, whole answer 1.24 s; succeeded 100 of 100 (>= 96 %)",
		"llama-3.1-70b": "llama-3.1-70b: $9.000 a day, $270.00 a month; not measured",
		"unheard-of":    "unheard-of: cost unknown; not measured",
	} {
		if got := Sentence(row(t, table, target)); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestShellCommand(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		parts []string
		want  string
	}{
		{[]string{"costping", "cost", "--volume", "10M tokens/day"}, "costping cost --volume '10M tokens/day'"},
		{[]string{"a", ""}, "a ''"},
		{[]string{"it's", "$HOME", "a;b"}, `'it'\''s' '$HOME' 'a;b'`},
		{[]string{"75/25"}, "75/25"},
	} {
		if got := ShellCommand(tc.parts); got != tc.want {
			t.Errorf("%q: %s, want %s", tc.parts, got, tc.want)
		}
	}
}

// Rows that are sorted by what was measured change places only where the
// difference is measurable: those that cannot be told apart keep theirs.
func TestRowsKeepTheirPlaces(t *testing.T) {
	t.Parallel()
	ids := []string{"gpt-4o", "gpt-4o-mini", "llama-3.1-70b"}
	previous := []string{"llama-3.1-70b", "gpt-4o", "gpt-4o-mini"}
	for _, tc := range []struct {
		name     string
		ttft     [3]float64 // of the ids, each ± 10
		order    Order
		previous []string
		want     string
	}{
		{"all alike", [3]float64{500, 501, 502}, Order{Column: ByTTFT}, previous, "llama-3.1-70b gpt-4o gpt-4o-mini"},
		{"sorted anew", [3]float64{500, 501, 502}, Order{Column: ByTTFT}, nil, "gpt-4o gpt-4o-mini llama-3.1-70b"},
		{"one is faster", [3]float64{500, 400, 502}, Order{Column: ByTTFT}, previous, "gpt-4o-mini llama-3.1-70b gpt-4o"},
		{"and in reverse", [3]float64{500, 400, 502}, Order{Column: ByTTFT, Reverse: true}, previous, "llama-3.1-70b gpt-4o gpt-4o-mini"},
		{"faster than one of two", [3]float64{510, 495, 525}, Order{Column: ByTTFT}, previous, "llama-3.1-70b gpt-4o gpt-4o-mini"},
		{"money is not by chance", [3]float64{500, 501, 502}, Order{Column: ByMonth}, previous, "gpt-4o-mini llama-3.1-70b gpt-4o"},
		{"by p95", [3]float64{500, 501, 502}, Order{Column: ByTail}, previous, "llama-3.1-70b gpt-4o gpt-4o-mini"},
		{"by the whole answer", [3]float64{500, 501, 502}, Order{Column: ByAnswer}, previous, "llama-3.1-70b gpt-4o gpt-4o-mini"},
		{"one that was not there", [3]float64{500, 501, 502}, Order{Column: ByTTFT}, previous[:2], "llama-3.1-70b gpt-4o gpt-4o-mini"},
	} {
		var summaries []store.Summary
		for i, id := range ids {
			summaries = append(summaries, measured(id, tc.ttft[i], 10, 2*tc.ttft[i]))
		}
		in := input(t, ids, summaries...)
		in.Order, in.Previous = tc.order, tc.previous
		if got := targets(Build(in)); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
}

// Whatever was on the screen before, all rows are there once; sorting what is
// sorted changes nothing; and no row stands below one that it measurably goes
// before.
func TestSettledProperties(t *testing.T) {
	t.Parallel()
	ids := []string{"gpt-4o", "gpt-4o-mini", "unheard-of", "gemini-3.5-flash-lite", "llama-3.1-70b", "gemini-2.0-flash"}
	rapid.Check(t, func(rt *rapid.T) {
		var summaries []store.Summary
		for _, id := range ids {
			switch rapid.IntRange(0, 4).Draw(rt, "kind") {
			case 0:
			case 1:
				summaries = append(summaries, collecting(id, 3))
			default:
				summaries = append(summaries, measured(id, rapid.Float64Range(100, 300).Draw(rt, "ttft"), rapid.Float64Range(1, 60).Draw(rt, "margin"), 1000))
			}
		}
		in := input(t, ids, summaries...)
		in.Order = Order{Column: rapid.SampledFrom([]Column{ByTTFT, ByTail, ByAnswer, BySpeed}).Draw(rt, "column"), Reverse: rapid.Bool().Draw(rt, "reverse")}
		in.Previous = rapid.Permutation(append([]string{"gone"}, ids...)).Draw(rt, "previous")[:rapid.IntRange(0, len(ids)).Draw(rt, "shown")]
		once := Build(in)
		sorted := strings.Fields(targets(once))
		slices.Sort(sorted)
		if want := slices.Sorted(slices.Values(ids)); !slices.Equal(sorted, want) {
			rt.Fatalf("rows %s", targets(once))
		}
		in.Previous = strings.Fields(targets(once))
		if twice := targets(Build(in)); twice != targets(once) {
			rt.Fatalf("%s, and sorted again %s", targets(once), twice)
		}
		figure := byChance[in.Order.Column]
		var before *stats.Quantile
		for i := range once.Rows {
			q := figure(&once.Rows[i])
			if !q.Earned() {
				continue
			}
			better := 1
			if in.Order.Reverse != (in.Order.Column == BySpeed) {
				better = -1
			}
			if before != nil && stats.Slower(*before, q) == better {
				rt.Fatalf("%s: %v above %v", targets(once), *before, q)
			}
			before = &q
		}
	})
}

// A row's state is its sickest, and a retired one is not counted.
func TestStates(t *testing.T) {
	t.Parallel()
	in := filterable(t)
	in.Limits = []Limit{{Target: "*", Bounds: []Bound{{Metric: LimitTTFTp50, Value: 500}, {Metric: LimitMaxErrorRate, Value: 0.5}}}}
	table := Build(in)
	for target, want := range map[string]State{
		"gpt-4o-mini": StateFine, "gpt-4o": StateOver, "box": StateFailing, "unheard-of": StateUnknown, "gemini-2.0-flash": StateFine,
	} {
		if got := row(t, table, target).State(); got != want {
			t.Errorf("%s is %s, want %s", target, got, want)
		}
	}
	for state, want := range map[State]int{StateFine: 2, StateOver: 1, StateFailing: 1, StateUnknown: 1} {
		if got := table.Count(state); got != want {
			t.Errorf("%d are %s, want %d", got, state, want)
		}
	}
}

// The mark of a broken limit is in its own column, and only there.
func TestLimitsMarkTheirFigure(t *testing.T) {
	t.Parallel()
	in := input(t, []string{"gpt-4o"}, measured("gpt-4o", 800, 10, 2600))
	in.Candidates[0].Quality = costmodel.Exactly(0.8, costmodel.Stated)
	in.Window.Series[0].Outcomes[probe.ServerError] = 50
	for _, b := range []Bound{
		{Metric: LimitTTFTp50, Value: 700},
		{Metric: LimitTTFTp95, Value: 1000},
		{Metric: LimitMinThroughput, Value: 200},
		{Metric: LimitMinQuality, Value: 0.9},
		{Metric: LimitMaxErrorRate, Value: 0.01},
		{Metric: LimitMaxMonthly, USD: usdOf(t, "100")},
		{Metric: LimitMaxDaily, USD: usdOf(t, "1")},
		{Metric: LimitTPOTp50, Value: 5},
	} {
		in.Limits = []Limit{{Target: "gpt-*", Bounds: []Bound{b}}}
		r := Build(in).Rows[0]
		if !r.Over() || !r.Breaks(b.Metric) || r.Note.Kind != NoteOver || r.Pick {
			t.Errorf("%s is not over: %+v, %+v", b.Metric, r.Verdicts, r.Note)
		}
		for other := range limitMetrics {
			if other != b.Metric && r.Breaks(other) {
				t.Errorf("%s marks %s", b.Metric, other)
			}
		}
		in.Limits[0].Target = "llama*"
		if r := Build(in).Rows[0]; r.Over() || len(r.Verdicts) > 0 {
			t.Errorf("%s of others holds: %+v", b.Metric, r.Verdicts)
		}
	}
}

// A pick that ends soon says what lasts: the row that would be the pick without those
// that end, and how it stands to the limits.
func TestThePickSaysWhatLasts(t *testing.T) {
	t.Parallel()
	limit := []Limit{{Target: "*", Bounds: []Bound{{Metric: LimitTTFTp95, Value: 800}}}}
	for name, tc := range map[string]struct {
		ids    []string
		change func(*Input)
		want   string
	}{
		"no limits": {[]string{"gpt-4o-mini", "gpt-4o", "llama-3.1-70b"}, func(*Input) {}, "retires on 2027-01-14, in 55 days; the next cheapest that lasts is llama-3.1-70b at $270.00 a month"},
		"inside": {[]string{"gpt-4o-mini", "llama-3.1-70b", "gemini-3.5-flash-lite"}, func(in *Input) {
			in.Limits = limit
			in.Window.Series[1].TTFTp95.Value = 900
		}, "retires on 2027-01-14, in 55 days; the next cheapest that lasts is gemini-3.5-flash-lite at $255.00 a month, inside your limits"},
		"not shown": {[]string{"gpt-4o-mini", "llama-3.1-70b"}, func(in *Input) {
			in.Limits = limit
			in.Window.Series[1].TTFTp95.N = 26
		}, "retires on 2027-01-14, in 55 days; the next cheapest that lasts is llama-3.1-70b at $270.00 a month, not over a limit"},
		"nothing lasts": {[]string{"gpt-4o-mini", "gpt-4o"}, func(*Input) {}, "retires on 2027-01-14, in 55 days; nothing else here can be picked and lasts longer"},
	} {
		in := input(t, tc.ids, measured(tc.ids[0], 380, 5, 1240), measured(tc.ids[1], 400, 5, 1240))
		if len(tc.ids) > 2 {
			in.Window.Series = append(in.Window.Series, measured(tc.ids[2], 400, 5, 1240))
		}
		tc.change(&in)
		table := Build(in)
		pick := table.Rows[table.Pick]
		for where, lines := range map[string][]Line{"why": Why(pick, table), "detail": Detail(pick, table)} {
			if i := slices.IndexFunc(lines, func(l Line) bool { return l.Label == "warn" }); i < 0 || lines[i].Text[0] != tc.want {
				t.Errorf("%s, %s: %q, want %q", name, where, lines, tc.want)
			}
		}
		for _, r := range table.Rows {
			for _, l := range Detail(r, table) {
				if !r.Pick && strings.Contains(l.Text[0], "that lasts") {
					t.Errorf("%s: %s is not the pick: %q", name, r.Target, l.Text[0])
				}
			}
		}
	}
}
