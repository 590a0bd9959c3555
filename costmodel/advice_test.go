package costmodel

import (
	"fmt"
	"math/big"
	"strings"
	"testing"
)

// The matrix as it was given.
func TestTaskMatrix(t *testing.T) {
	want := `interactive-agent: claude-3.5-sonnet, gpt-4o, instruction following, reliable tool calls
structured-extraction: gpt-4o, claude-3.5-sonnet, schema enforced at the API
batch: llama-3.1-70b, gemini-2.0-flash, cost
classification: gemini-2.0-flash, gpt-4o-mini, speed and cost
long-context: claude-3.5-sonnet, gemini-1.5-pro, context reliability
code: claude-3.5-sonnet, gpt-4o, code quality
chat: gemini-2.0-flash, claude-3.5-haiku, latency
`
	var got strings.Builder
	for _, task := range DefaultAdvice().Tasks() {
		fmt.Fprintf(&got, "%s: %s, %s, %s\n", task.ID, lookup(t, task.First).ID, lookup(t, task.Fallback).ID, task.Why)
	}
	if got.String() != want {
		t.Errorf("got\n%swant\n%s", got.String(), want)
	}
}

func TestPublishedLatency(t *testing.T) {
	for id, want := range map[string][2]float64{
		"gemini-2.0-flash": {250, 180}, "claude-3.5-haiku": {350, 160}, "gpt-4o-mini": {380, 150},
		"claude-3.5-sonnet": {700, 80}, "gpt-4o": {800, 70}, "gemini-1.5-pro": {1200, 55}, "llama-3.1-70b": {},
	} {
		c := DefaultAdvice().withPublished(Candidate{Model: lookup(t, id)})
		if got := [2]float64{c.TTFTp50.Value, c.Speed.Value}; got != want || c.TTFTp50.Known() && c.TTFTp50.Basis != Published || c.TTFTp95.Known() {
			t.Errorf("%s: %v, %s", id, got, c.TTFTp50.Basis)
		}
	}
	measured := Candidate{Model: lookup(t, "gpt-4o"), TTFTp50: Exactly(500, Measured), Speed: Exactly(90, Measured)}
	if c := DefaultAdvice().withPublished(measured); c.TTFTp50.Value != 500 || c.Speed.Value != 90 {
		t.Errorf("what is published replaces a measurement: %v", c.TTFTp50)
	}
}

func TestUnknownTask(t *testing.T) {
	_, err := DefaultAdvice().Task("cooking")
	wantInputError(t, err, `there is no task "cooking"`)
	if task, err := DefaultAdvice().Task("Long_Context"); err != nil || task.ID != "long-context" {
		t.Errorf("%s, %v", task.ID, err)
	}
}

// The router's rules, at their limits, on a day on which the models were live and
// on one on which some are not.
func TestRoute(t *testing.T) {
	share := func(v float64) Metric { return Exactly(v, Stated) }
	const early, late = "2025-09-01", "2026-11-20"
	for _, c := range []struct {
		task   string
		floor  Metric
		volume int64 // -1 is unknown
		day    string
		want   string
		rule   int
	}{
		{"structured-extraction", Metric{}, -1, early, "gpt-4o", 1},
		{"structured-extraction", share(0.99), 1, late, "gpt-4o", 1},
		{"batch", share(0.84), 2001, late, "llama-3.1-70b", 2},
		{"batch", share(0.85), 2001, early, "claude-3.5-sonnet", 5},
		{"batch", share(0.84), 2000, early, "claude-3.5-sonnet", 5},
		{"batch", Metric{}, 9000, early, "claude-3.5-sonnet", 5}, // no floor was given
		{"batch", share(0.5), -1, early, "claude-3.5-sonnet", 5},
		{"classification", Metric{}, 5001, early, "gemini-2.0-flash", 3},
		{"classification", Metric{}, 5000, early, "gpt-4o-mini", 4},
		{"routing", Metric{}, 5001, early, "gemini-2.0-flash", 3},
		{"Summarization", share(0.9), -1, early, "gpt-4o-mini", 4},
		{"classification", Metric{}, 5001, late, "gemini-3.8-flash", 3},
		{"code", Metric{}, 1, early, "claude-3.5-sonnet", 5},
		{"interactive_agent", share(1), 1e9, late, "claude-sonnet-5-5", 5},
	} {
		w := Work{Task: c.task, Floor: c.floor}
		if c.volume >= 0 {
			w.ItemsPerDay = integer(c.volume)
		}
		r, err := DefaultAdvice().Route(Default(), w, date(t, c.day))
		if err != nil || r.Model.ID != c.want || r.Rule != c.rule {
			t.Errorf("%s, floor %v, %d a day on %s: %s by rule %d, %v", c.task, c.floor.Value, c.volume, c.day, r.Model.ID, r.Rule, err)
		}
	}
	r, _ := DefaultAdvice().Route(Default(), Work{Task: "batch", Floor: share(0.8), ItemsPerDay: integer(8000)}, date(t, late))
	if want := "rule 2: batch; quality floor 0.8 below 0.85; 8,000 items a day above 2,000"; r.Reason != want {
		t.Errorf("got  %s\nwant %s", r.Reason, want)
	}
	r, _ = DefaultAdvice().Route(Default(), Work{Task: "code"}, date(t, late))
	if want := "rule 5: no other rule is for code; successor of claude-3.5-sonnet, retired 2025-10-28"; r.Reason != want {
		t.Errorf("got  %s\nwant %s", r.Reason, want)
	}
}

func TestRouteRefuses(t *testing.T) {
	for _, w := range []Work{
		{Task: "cooking"},
		{},
		{Task: "batch", Floor: Exactly(1.5, Stated)},
		{Task: "batch", ItemsPerDay: big.NewRat(-1, 2)},
	} {
		_, err := DefaultAdvice().Route(Default(), w, date(t, "2026-11-20"))
		wantInputErrorForm(t, err)
	}
	unfollowed, err := LoadAdvice(strings.NewReader(strings.Replace(smallAdvice, `model = "gpt-4o"`, `model = "nobody"`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	_, err = unfollowed.Route(Default(), Work{Task: "x", Floor: Exactly(0.4, Stated), ItemsPerDay: integer(6)}, date(t, "2026-11-20"))
	wantInputError(t, err, "rule 1 cannot be followed: nobody is not in the catalog")
	_, err = unfollowed.Route(Default(), Work{Task: "y"}, date(t, "2026-11-20"))
	wantInputErrorForm(t, err)
	ruleless, err := LoadAdvice(strings.NewReader(smallAdvice[:strings.Index(smallAdvice, "[[rule]]")]))
	if err != nil {
		t.Fatal(err)
	}
	_, err = ruleless.Route(Default(), Work{Task: "x"}, date(t, "2026-11-20"))
	wantInputError(t, err, `no rule is for "x"`)
}

const smallAdvice = `source = "s"
tested_context = 100
[[task]]
id = "x"
name = "the x"
first = "gpt-4o"
fallback = "gpt-4o-mini"
why = "w"
needs = ["tools"]
[[rule]]
tasks = ["x"]
quality_floor_below = 0.5
items_a_day_above = 5
model = "gpt-4o"
[[rule]]
tasks = ["x"]
model = "gpt-4o"
[[published]]
model = "gpt-4o"
ttft_p50_ms = 800
`

func TestLoadAdviceRefuses(t *testing.T) {
	if _, err := LoadAdvice(strings.NewReader(smallAdvice)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, new, want string }{
		{"why = ", "whi = ", `advice line 8, column 1: unknown key "task.whi"`},
		{"tested_context = 100", "tested_context = ", ""},
		{"tested_context = 100", "", "advice has no tested_context above 0"},
		{`"tools"`, `"telepathy"`, `advice task "x": there is no feature "telepathy"`},
		{"0.5", "1.5", "advice rule 1 has a quality_floor_below that is not above 0 and at most 1"},
		{"0.5", "nan", "advice rule 1 has a quality_floor_below that is not above 0 and at most 1"},
		{"above = 5", "above = -5", "advice rule 1 has an items_a_day_above that is not above 0"},
		{"ttft_p50_ms = 800", "ttft_p50_ms = -800", `advice published "gpt-4o" has a figure that is not a number of 0 or more`},
		{"ttft_p50_ms = 800", "ttft_p50_ms = inf", `advice published "gpt-4o" has a figure that is not a number of 0 or more`},
		{`name = "the x"`, `name = ""`, `advice task "x" has an empty text`},
		{`name = "the x"`, `name = "a\tb"`, ""},
		{"[[rule]]", "[[task]]\nid = \"x\"\nname = \"n\"\nfirst = \"a\"\nfallback = \"b\"\nwhy = \"w\"\n[[rule]]", `advice has the task "x" twice`},
		{smallAdvice, `source = "s"` + "\ntested_context = 1", "advice has no tasks"},
		{smallAdvice, "", ""},
		{smallAdvice, "{\"json\": true}", ""},
	} {
		_, err := LoadAdvice(strings.NewReader(strings.Replace(smallAdvice, c.old, c.new, 1)))
		if c.want == "" {
			wantInputErrorForm(t, err)
		} else {
			wantInputError(t, err, c.want)
		}
	}
}

func FuzzLoadAdvice(f *testing.F) {
	f.Add(smallAdvice)
	f.Add(strings.ReplaceAll(smallAdvice, "5", "nan"))
	f.Fuzz(func(t *testing.T, s string) {
		a, err := LoadAdvice(strings.NewReader(s))
		if err != nil {
			wantInputErrorForm(t, err)
			return
		}
		for _, task := range a.Tasks() {
			if _, err := a.Task(task.ID); err != nil && fold(task.ID) == task.ID && !strings.Contains(task.ID, "_") {
				t.Errorf("the task %q is not found", task.ID)
			}
		}
	})
}
