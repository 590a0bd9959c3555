package compare

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/probe/check"
	"costping/probe/stats"
	"costping/store"

	"pgregory.net/rapid"
)

var checkedAt = time.Date(2026, 11, 18, 9, 0, 0, 0, time.UTC)

func keptResult(t testing.TB, kind check.Kind, target string, at time.Time, data any) store.Result {
	t.Helper()
	text, err := json.Marshal(data)
	if err != nil {
		t.Fatal(err)
	}
	return store.Result{At: at, Kind: string(kind), Case: "c1", Series: store.Series{Target: target, Model: target}, Data: text}
}

// answersOf are n answers of a class.
func answersOf(t testing.TB, kind check.Kind, target string, n int, a KeptAnswer) []store.Result {
	t.Helper()
	var all []store.Result
	for i := range n {
		all = append(all, keptResult(t, kind, target, checkedAt.Add(time.Duration(i)*time.Second), a))
	}
	return all
}

// Each kind counts its own wrong answers: wrong values and refused calls among them or
// not, what is enforced apart from what is not.
func TestReliableOf(t *testing.T) {
	t.Parallel()
	var all []store.Result
	add := func(kind check.Kind, n int, a KeptAnswer) { all = append(all, answersOf(t, kind, "a", n, a)...) }
	add(check.KindSchema, 382, KeptAnswer{Class: check.Right})
	add(check.KindSchema, 10, KeptAnswer{Class: check.NotJSON, Detail: "no JSON\x1b[31m", Example: "Sure!\u202e"})
	add(check.KindSchema, 8, KeptAnswer{Class: check.Wrapped})
	add(check.KindSchema, 50, KeptAnswer{Class: check.Right, Enforced: true})
	add(check.KindSchema, 5, KeptAnswer{Class: check.WrongValue, Enforced: true})
	add(check.KindTools, 18, KeptAnswer{Class: check.Right})
	add(check.KindTools, 2, KeptAnswer{Class: check.WrongValue})
	add(check.KindSchema, 9, KeptAnswer{Class: "zebra"})      // nobody knows what that is
	add(check.KindTools, 9, KeptAnswer{Class: check.Wrapped}) // no class of calls
	all = append(all, store.Result{Kind: string(check.KindSchema), Series: store.Series{Target: "a", Model: "a"}, Data: json.RawMessage(`{`)})
	got := ReliableOf(all).Of(Candidate{Target: "a"})
	for name, tc := range map[string]struct{ got, want stats.Rate }{
		"not enforced": {got.Schema.Bad, stats.RateOf(18, 400)},
		"enforced":     {got.Enforced.Bad, stats.RateOf(0, 55)},
		"tools":        {got.Tools.Bad, stats.RateOf(2, 20)},
	} {
		if tc.got != tc.want {
			t.Errorf("%s: %+v, want %+v", name, tc.got, tc.want)
		}
	}
	if got.N != 475 || got.Simulated != 0 {
		t.Errorf("%d answers, %d simulated", got.N, got.Simulated)
	}
	if words := ClassWords(check.KindSchema, got.Schema.Classes); words != "not json 10, wrapped 8" {
		t.Errorf("the classes are %q", words)
	}
	for _, e := range got.Examples() {
		if e.Class == check.NotJSON && (strings.ContainsAny(e.Detail+e.Answer, "\x1b\u202e") || e.Answer != "Sure!") {
			t.Errorf("not fit to be shown: %+v", e)
		}
	}
	if n := len(got.Examples()); n != 4 {
		t.Errorf("%d examples, want one of each class", n)
	}
}

// The best known place stands for a target; a label that was another model's before
// does not.
func TestReliablePlaces(t *testing.T) {
	t.Parallel()
	few, many := answersOf(t, check.KindSchema, "a", 2, KeptAnswer{Class: check.NotJSON}), answersOf(t, check.KindSchema, "a", 3, KeptAnswer{Class: check.Right})
	for i := range many {
		many[i].Series.BaseURL = "http://elsewhere/v1"
	}
	all := ReliableOf(append(few, many...))
	if got := all.Of(Candidate{Target: "a"}); got.Schema.Bad != stats.RateOf(0, 3) || got.BaseURL == "" {
		t.Errorf("places are pooled or the smaller one counts: %+v", got.Schema.Bad)
	}
	if got := all.Of(Candidate{Target: "a", Known: true, Model: costmodel.Model{ID: "b"}}); got.N != 0 {
		t.Errorf("answers of another model: %+v", got)
	}
	if got := (*Reliable)(nil).Of(Candidate{Target: "a"}); got.N != 0 {
		t.Errorf("of nothing: %+v", got)
	}
}

// A task that is answered again counts once, as it was answered last.
func TestReliableTasks(t *testing.T) {
	t.Parallel()
	no, yes := false, true
	paid := func(key string, correct *bool, at time.Duration, score float64) store.Result {
		r := keptResult(t, check.KindEval, "a", checkedAt.Add(at), check.Paid{Key: key, Correct: correct})
		if score >= 0 {
			r.Score = probe.Known(score)
		}
		return r
	}
	// Graded anew long after it was answered, it is no answer of these days.
	old := keptResult(t, check.KindEval, "a", checkedAt.Add(1), check.Paid{Key: "t6", Correct: &yes, At: checkedAt.Add(-ResultsBack)})
	got := ReliableOf([]store.Result{
		old, paid("t1", &no, 0, 0), paid("t1", &yes, 1, 0.8), paid("t2", nil, 0, 1), paid("t3", nil, 0, 0.9), paid("t4", nil, 0, -1),
		paid("t5", &no, 0, 0.4), paid("", &yes, 0, 1),
	}).Of(Candidate{Target: "a"})
	if got.Accuracy != stats.RateOf(2, 4) {
		t.Errorf("%+v, want 2 of 4", got.Accuracy)
	}
}

// A grid that is kept is read as what it was; the newest counts, and what makes no
// sense does not.
func TestReliableGrid(t *testing.T) {
	t.Parallel()
	share := func(v float64) *float64 { return &v }
	n, limit := int64(980), int64(980)
	cells := []RecallCell{
		{Aimed: 1000, Tokens: &n, Depth: 0, N: 35, Recall: share(1)},
		{Aimed: 1000, Tokens: &n, Depth: 1, N: 35, Recall: share(1)},
		{Aimed: 4000, Depth: 0, N: 35, Recall: share(0.6)},
	}
	good := keptResult(t, check.KindContext, "a", checkedAt.Add(time.Hour), KeptRecall{Cells: cells, Limit: &limit, Shown: true})
	old := keptResult(t, check.KindContext, "a", checkedAt, KeptRecall{Cells: cells[:1]})
	got := ReliableOf([]store.Result{old, good}).Of(Candidate{Target: "a"})
	g := got.Recall
	if g == nil || fmt.Sprint(g.Lengths, g.Depths) != "[980 4000] [0 1]" || g.Cells[0][1] != stats.RateOf(35, 35) ||
		g.Cells[1][0] != stats.RateOf(21, 35) || g.Cells[1][1].N != 0 || LimitText(g) != "980" {
		t.Errorf("got %+v", g)
	}
	for name, c := range map[string]RecallCell{
		"no length": {Aimed: 0, N: 1, Recall: share(1)}, "depth": {Aimed: 10, Depth: 2, N: 1}, "share": {Aimed: 10, N: 1, Recall: share(1.5)},
		"negative n": {Aimed: 10, N: -1}, "huge n": {Aimed: 10, N: 1 << 40},
	} {
		if got := ReliableOf([]store.Result{keptResult(t, check.KindContext, "a", checkedAt, KeptRecall{Cells: []RecallCell{c}})}).Of(Candidate{Target: "a"}); got.N != 0 {
			t.Errorf("%s is taken: %+v", name, got.Recall)
		}
	}
}

// The days of a rate add up to it, however the answers fall.
func TestReliableDaysAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var c Checked
		at := checkedAt
		for range rapid.IntRange(0, 60).Draw(t, "n") {
			at = at.Add(time.Duration(rapid.IntRange(0, 40).Draw(t, "hours")) * time.Hour)
			c.count(Example{At: at, Kind: check.KindSchema, Class: rapid.SampledFrom(check.SchemaClasses()).Draw(t, "class")})
		}
		hits, n, classes := 0, 0, 0
		for i, d := range c.Days {
			hits, n = hits+d.Hits, n+d.N
			if i > 0 && !d.Day.After(c.Days[i-1].Day) {
				t.Fatalf("days do not rise: %v", c.Days)
			}
		}
		for _, count := range c.Classes {
			classes += count
		}
		if hits != c.Bad.Hits || n != c.Bad.N || classes != n {
			t.Fatalf("%d of %d in days, %d classes, %+v", hits, n, classes, c.Bad)
		}
	})
}

// Measured goes before stated, and a limit is judged by what was measured.
func TestMeasuredBeforeStated(t *testing.T) {
	t.Parallel()
	results := answersOf(t, check.KindSchema, "a", 382, KeptAnswer{Class: check.Right})
	results = append(results, answersOf(t, check.KindSchema, "a", 18, KeptAnswer{Class: check.Missing})...)
	results = append(results, answersOf(t, check.KindTools, "a", 20, KeptAnswer{Class: check.Right})...)
	for i := range 200 {
		correct := i < 168
		results = append(results, keptResult(t, check.KindEval, "a", checkedAt, check.Paid{Key: fmt.Sprint(i), Correct: &correct}))
	}
	c := Candidate{Target: "a", Quality: costmodel.Exactly(0.95, costmodel.Stated)}
	in := Input{
		Candidates: []Candidate{c, {Target: "b", Quality: costmodel.Exactly(0.7, costmodel.Stated)}}, Reliable: ReliableOf(results),
		Limits: []Limit{{Target: "*", Bounds: []Bound{{Metric: LimitMaxMalformed, Value: 0.01}, {Metric: LimitMinQuality, Value: 0.9}, {Metric: LimitMinQuality, Value: 0.85}}}},
	}
	table := Build(in)
	for _, r := range table.Rows {
		switch r.Target {
		case "a":
			if r.Quality.Basis != costmodel.Measured || r.Quality.Hits != 168 || r.Malformed.Hits != 18 || r.ToolErrors.N != 20 {
				t.Errorf("measured: %+v %+v %+v", r.Quality, r.Malformed, r.ToolErrors)
			}
			if v := r.Verdicts; v[0].Standing != Over || v[1].Standing != Over || v[2].Standing != NotShown || !strings.Contains(v[0].Text, "18 of 400") {
				t.Errorf("verdicts: %+v", v)
			}
			why := fmt.Sprint(Why(r, table))
			for _, want := range []string{"measured, 0.783-0.884 with 95 %, n 200", "stated by you as 0.95", "18 of 400 (2.9-7.0 %), nothing enforced: missing 18", "--malformed 4.5% --reviews USD"} {
				if !strings.Contains(why, want) {
					t.Errorf("why lacks %q: %s", want, why)
				}
			}
		case "b":
			if r.Quality.Basis != costmodel.Stated || r.Malformed.Known() || r.Verdicts[0].Standing != NotShown {
				t.Errorf("not measured: %+v %+v", r, r.Verdicts)
			}
		}
	}
	if facts := FactsOf(store.Window{}, c, costmodel.Workload{}, in.Reliable); facts.Malformed.Hits != 18 || facts.Quality.Hits != 168 {
		t.Errorf("a monitor judges by %+v", facts)
	}
}

// The worst is what is surely the most: 18 of 400 is more than 1 of 2.
func TestReliabilityAnswer(t *testing.T) {
	t.Parallel()
	row := func(target string, bad, n int) Row {
		r := Row{Candidate: Candidate{Target: target}}
		r.Reliability.Schema.Bad, r.Reliability.N = stats.RateOf(bad, n), n
		return r
	}
	retired := row("old", 300, 400)
	retired.Retired = true
	failing := Row{Candidate: Candidate{Target: "down"}, Failing: true}
	failing.Summary.LastError = "connection refused"
	for want, rows := range map[string][]Row{
		"llama malformed 18 of 400 (2.9-7.0 %), the worst here. Next: few malformed 1 of 400 (0.0-1.4 %).":                  {row("few", 1, 400), row("llama", 18, 400), retired},
		"llama malformed 18 of 400 (2.9-7.0 %) and few malformed 1 of 100 (0.2-5.4 %) cannot be told apart.":                {row("few", 1, 100), row("llama", 18, 400), retired},
		"llama malformed 18 of 400 (2.9-7.0 %), the only one here.":                                                         {row("llama", 18, 400), row("none", 0, 9)},
		"Nothing has gone wrong in 9 attempts.":                                                                             {row("none", 0, 9)},
		"down does not answer: connection refused.":                                                                         {row("llama", 18, 400), failing},
		"Nothing is measured yet: costping probe measures success, with --kind schema or tools what the answers are worth.": {{}},
	} {
		got := ReliabilityAnswer(Table{Rows: rows}, "")
		if got[0] != want {
			t.Errorf("got %q, want %q", got[0], want)
		}
		for i := 1; i < len(got); i++ {
			if len(got[i]) > len(got[i-1]) {
				t.Errorf("%q is not shorter", got)
			}
		}
	}
}

// However little room there is, none of two that cannot be told apart is named alone.
func TestReliabilityAnswerNamesBoth(t *testing.T) {
	t.Parallel()
	rows := make([]Row, 2)
	rows[0].Target, rows[1].Target = "llama", "few"
	rows[0].Reliability.Tools.Bad, rows[1].Reliability.Tools.Bad = stats.RateOf(15, 100), stats.RateOf(12, 100)
	for _, text := range ReliabilityAnswer(Table{Rows: rows}, "") {
		if strings.Contains(text, "llama") != strings.Contains(text, "few") {
			t.Errorf("%q names one of them", text)
		}
	}
}

// A view answers for what it shows, whatever else is worse.
func TestReliabilityAnswerOfAKind(t *testing.T) {
	t.Parallel()
	row := Row{Candidate: Candidate{Target: "llama"}}
	row.Reliability.Schema.Bad, row.Reliability.Tools.Bad = stats.RateOf(18, 400), stats.RateOf(10, 200)
	row.Summary.Outcomes = map[probe.Outcome]int{probe.OK: 10, probe.ServerError: 90}
	long := Row{Candidate: Candidate{Target: "long"}}
	long.Reliability.Recall = &RecallGrid{Limit: probe.Known(int64(16040))}
	short := Row{Candidate: Candidate{Target: "short"}}
	short.Reliability.Recall = &RecallGrid{Limit: probe.Known(int64(4011)), Upper: true}
	none := Row{Candidate: Candidate{Target: "none"}}
	none.Reliability.Recall = &RecallGrid{}
	for _, tc := range []struct {
		kind check.Kind
		rows []Row
		want string
	}{
		{"", []Row{row}, "llama failed 90 of 100 (82.6-94.5 %), the only one here."},
		{check.KindSchema, []Row{row}, "llama malformed 18 of 400 (2.9-7.0 %), the only one here."},
		{check.KindTools, []Row{row}, "llama tool errors 10 of 200 (2.7-9.0 %), the only one here."},
		{check.KindTools, []Row{long}, "Not measured yet: costping probe --kind tools"},
		{check.KindContext, []Row{row}, "Not measured yet: costping probe --kind context"},
		{check.KindContext, []Row{row, long, short, none}, "short holds its recall to 4,011 tokens, the least of 2 models with a limit."},
		{check.KindContext, []Row{none, long}, "long holds its recall to 16,040+ tokens."},
		{check.KindContext, []Row{none}, "No practical limit is shown for any of 1 model."},
	} {
		if got := ReliabilityAnswer(Table{Rows: tc.rows}, tc.kind); got[0] != tc.want {
			t.Errorf("%q: %q, want %q", tc.kind, got[0], tc.want)
		}
	}
}

// What counts is said first, and what does not apart from it.
func TestClassWords(t *testing.T) {
	t.Parallel()
	classes := map[check.Class]int{check.Right: 9, check.WrongValue: 8, check.Wrapped: 6}
	for _, tc := range []struct {
		kind    check.Kind
		classes map[check.Class]int
		want    string
	}{
		{check.KindSchema, classes, "wrapped 6; wrong value 8 more"},
		{check.KindSchema, map[check.Class]int{check.WrongValue: 8}, "wrong value 8 more"},
		{check.KindSchema, map[check.Class]int{check.Right: 8}, ""},
		{check.KindTools, map[check.Class]int{check.WrongValue: 8, check.Missing: 2}, "wrong value 8, missing 2"},
	} {
		if got := ClassWords(tc.kind, tc.classes); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.kind, got, tc.want)
		}
	}
}

func TestAvailability(t *testing.T) {
	t.Parallel()
	for want, ok := range map[string]stats.Rate{
		Unknown: stats.RateOf(0, 0), "met": stats.RateOf(20_000, 20_000), "missed": stats.RateOf(98, 100), "2,378 more": stats.RateOf(1460, 1460),
	} {
		if got := Availability(ok); got != want {
			t.Errorf("%+v: %q, want %q", ok, got, want)
		}
	}
}

// The days on which something was asked, the newest last; a share that is not nothing
// is not shown as such.
func TestDaysText(t *testing.T) {
	t.Parallel()
	day := func(hits, n int) DayShare { return DayShare{Rate: stats.RateOf(hits, n)} }
	for want, days := range map[string][]DayShare{
		Unknown:         nil,
		"2":             {day(1, 50)},
		"0 <1 10":       {day(0, 50), day(1, 400), day(5, 50)},
		"2 3 4 5 6 7 8": {day(1, 100), day(2, 100), day(3, 100), day(4, 100), day(5, 100), day(6, 100), day(7, 100), day(8, 100)},
	} {
		if got := DaysText(days); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
