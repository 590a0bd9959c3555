package dashboard

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/probe/check"
	"costping/store"
	"costping/ui/compare"
	"costping/ui/dashboard/theme"

	"pgregory.net/rapid"
)

// graded is a dashboard with answers that were graded: of one model 18 of 400 are
// malformed, and every twentieth call is wrong; another is without fault. The first
// has failed now and then.
func graded(t testing.TB, width, height int, th theme.Theme) *Model {
	t.Helper()
	o := options(t)
	o.Theme = th
	o.Limits = []compare.Limit{{Target: "*", Bounds: []compare.Bound{{Metric: compare.LimitMaxMalformed, Value: 0.01}}}}
	h, _ := o.History.(*memory)
	add := func(kind check.Kind, target string, at time.Time, data any) {
		text, err := json.Marshal(data)
		if err != nil {
			t.Fatal(err)
		}
		h.results = append(h.results, store.Result{At: at, Kind: string(kind), Case: "7-1", Series: store.Series{Target: target, Model: target}, Data: text})
	}
	for i := range 400 {
		at := noon.Add(-26*time.Hour + time.Duration(i)*3*time.Minute)
		a := compare.KeptAnswer{Class: check.Right, Simulated: true}
		add(check.KindSchema, "gpt-4o", at, a)
		if i%23 == 5 && i < 18*23 {
			a.Class, a.Detail, a.Example = check.NotJSON, "it begins with a letter", "The record looks complete to me."
		}
		add(check.KindSchema, "llama-3.1-70b", at, a)
	}
	for i := range 200 {
		a := compare.KeptAnswer{Class: check.Right, Simulated: true}
		if i%20 == 0 {
			a.Class, a.Detail = check.Invented, "urgency is no parameter"
		}
		add(check.KindTools, "llama-3.1-70b", noon.Add(-3*time.Hour+time.Duration(i)*time.Second), a)
	}
	recall := compare.KeptRecall{Shown: true, Simulated: true}
	limit := int64(4011)
	recall.Limit = &limit
	for i, length := range []int64{1002, 4011, 16040} {
		for d, depth := range []float64{0, 0.25, 0.5, 0.75, 1} {
			share := 1 - 0.1*float64(i*min(d, 4-d))
			recall.Cells = append(recall.Cells, compare.RecallCell{Aimed: int(length), Tokens: &length, Depth: depth, N: 35, Recall: &share})
		}
	}
	add(check.KindContext, "llama-3.1-70b", noon.Add(-2*time.Hour), recall)
	n := 0
	for i := range h.samples {
		s := &h.samples[i]
		if s.Target.Name != "llama-3.1-70b" {
			continue
		}
		if n++; n%12 == 0 {
			s.Outcome, s.Status, s.Error = probe.ServerError, 503, "503 Service Unavailable"
		}
	}
	for i := range h.window.Series {
		name := h.window.Series[i].Series.Target
		h.window.Series[i] = store.Summarize(slices.DeleteFunc(slices.Clone(h.samples), func(s probe.Sample) bool { return s.Target.Name != name }))
	}
	return openedOn(o, width, height)
}

func TestReliabilityGoldens(t *testing.T) {
	goldensOf(t, graded, "reliability", "5")
	goldensOf(t, graded, "reliability-malformed", "5", "v")
	goldensOf(t, graded, "reliability-recall", "5", "j", "j", "v", "v", "v")
}

func TestReliabilityScreen(t *testing.T) {
	m := graded(t, 120, 40, theme.New(theme.Unicode(), true))
	press(m, "5")
	if got := line(m, 2); !strings.Contains(got, "llama-3.1-70b failed 8 of 100 (4.1-15.0 %), the only one here.") {
		t.Errorf("line 3 does not name the worst: %q", got)
	}
	for _, want := range []string{"OK%", "99.9 %", "4.5 %▲", "5.0 %", "4,011", "server error", "what went wrong, newest first", "8 times server error: 503 Service Unavailable", "not json: it begins with a letter"} {
		if text := shown(m); !strings.Contains(text, want) {
			t.Errorf("lacks %q:\n%s", want, text)
		}
	}
	// Of what is no row line 3 counts nothing, and neither does the log.
	press(m, "/")
	enter(m, "gpt-4o")
	press(m, "enter")
	if text := shown(m); strings.Contains(text, "503 Service Unavailable") {
		t.Errorf("what a model that is not here failed of is in the log:\n%s", text)
	}
	press(m, "esc")
	m.rows.selected = "llama-3.1-70b"
	answers := []string{"llama-3.1-70b malformed 18 of 400", "llama-3.1-70b tool errors 10 of 200", "llama-3.1-70b holds its recall to 4,011 tokens."}
	for i, want := range []string{"18 of 400 (2.9-7.0 %)▲", "invented 10", "practical limit: 4,011"} {
		press(m, "v")
		if got := line(m, 2); !strings.Contains(got, answers[i]) {
			t.Errorf("line 3 is not of the view: %q", got)
		}
		if text := shown(m); !strings.Contains(text, want) {
			t.Errorf("the view lacks %q:\n%s", want, text)
		}
	}
	press(m, "v", "enter")
	for _, want := range []string{"what went wrong: llama-3.1-70b", "attempts", "not json: it begins with a letter; case 7-1", "it said: The record looks complete", "by day", "schema wrong"} {
		if text := shown(m); !strings.Contains(text, want) {
			t.Errorf("the examples lack %q:\n%s", want, text)
		}
	}
	press(m, "esc", "tab", "v")
	if text := shown(m); !strings.Contains(text, "what went wrong with llama-3.1-70b") {
		t.Errorf("the log is not of the model:\n%s", text)
	}
	press(m, "z")
	if text := shown(m); strings.Contains(text, "99.9 %") || !strings.Contains(text, "503 Service") {
		t.Errorf("the log has not the whole screen:\n%s", text)
	}
}

// However long its states, a screen says which it is.
func TestEveryScreenIsNamed(t *testing.T) {
	for _, size := range [][2]int{{60, 20}, {80, 24}, {120, 40}} {
		m := graded(t, size[0], size[1], theme.New(theme.Unicode(), true))
		for i, name := range []string{"1 Compare", "2 Model", "3 Spend", "4 Choose", "5 Reliability", "6 Probes"} {
			press(m, string(rune('1'+i)))
			if got := line(m, 0); !strings.Contains(got, "["+name+"]") {
				t.Errorf("%dx%d: %q", size[0], size[1], got)
			}
		}
	}
}

// What is measured stands on the other screens too, before what is stated.
func TestMeasuredQualityIsShown(t *testing.T) {
	o := options(t)
	h, _ := o.History.(*memory)
	for i := range 50 {
		correct := i%10 > 0
		text, err := json.Marshal(check.Paid{Key: string(rune('a' + i)), Correct: &correct})
		if err != nil {
			t.Fatal(err)
		}
		h.results = append(h.results, store.Result{At: noon.Add(-time.Hour), Kind: string(check.KindEval), Series: store.Series{Target: "gpt-4o", Model: "gpt-4o"}, Data: text})
	}
	for i := range o.Sets[0].Candidates {
		o.Sets[0].Candidates[i].Quality = costmodel.Exactly(0.5, costmodel.Stated)
	}
	m := openedOn(o, 120, 40)
	for _, r := range m.table.Rows {
		want := costmodel.Stated
		if r.Target == "gpt-4o" {
			want = costmodel.Measured
		}
		if r.Quality.Basis != want {
			t.Errorf("%s: %+v", r.Target, r.Quality)
		}
	}
	if text := shown(m); !strings.Contains(text, "0.90m") {
		t.Errorf("no measured quality:\n%s", text)
	}
}

// Without a measurement the screen says how to get one.
func TestReliabilityOfNothing(t *testing.T) {
	o := options(t)
	o.History = &memory{version: 1}
	m := openedOn(o, 120, 30)
	press(m, "5")
	if got := line(m, 2); !strings.Contains(got, "costping probe") {
		t.Errorf("line 3: %q", got)
	}
	press(m, "v", "enter")
	if text := shown(m); !strings.Contains(text, "no answer has been graded") {
		t.Errorf("no way on:\n%s", text)
	}
}

// The screen fills any size, whatever is pressed.
func TestReliabilityFitsAnySize(t *testing.T) {
	looks := []theme.Theme{theme.New(theme.Unicode(), true), theme.New(theme.ASCII(), false)}
	rapid.Check(t, func(rt *rapid.T) {
		width, height := rapid.IntRange(1, 210).Draw(rt, "width"), rapid.IntRange(1, 60).Draw(rt, "height")
		m := graded(t, width, height, looks[rapid.IntRange(0, 1).Draw(rt, "look")])
		press(m, "5")
		press(m, rapid.SliceOfN(rapid.SampledFrom([]string{"v", "j", "k", "tab", "z", "enter", "esc", "a", "left"}), 0, 6).Draw(rt, "keys")...)
		exactly(t, m.View()+"\n", width, height)
	})
}
