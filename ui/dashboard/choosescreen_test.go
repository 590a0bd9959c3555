package dashboard

import (
	"slices"
	"strings"
	"testing"

	"costping/costmodel"
	"costping/ui/compare"
	"costping/ui/dashboard/screen"
)

type screenRow = screen.MatrixRow

// ranked are the names of the ranking with their verdicts.
func ranked(m *Model) string {
	choice, _ := m.choice()
	var all []string
	for _, p := range m.chooseList(choice) {
		all = append(all, p.Verdict.String()+" "+p.Name)
	}
	return strings.Join(all, ", ")
}

// Limits that hold for every row are asked for at first; what is unknown keeps none.
func TestChooseVerdicts(t *testing.T) {
	m := advised(t, 120, 40, screenLooks["colour"])
	press(m, "4")
	const want = "inside gpt-4o-mini, inside llama-3.1-70b, not shown gemini-3.5-flash-lite, outside gemini-2.0-flash, outside gpt-4o"
	if got := ranked(m); got != want {
		t.Errorf("%s", got)
	}
	if got := line(m, 2); !strings.Contains(got, "Use gpt-4o-mini for interactive agent: $78.75 a month; ends in 55 d; first token p95 386 ms") {
		t.Errorf("answer %q", got)
	}
	for _, want := range []string{"2 inside, 1 not shown, 2 outside", "‹off›"} {
		if got := strings.Contains(shown(m), want); got != (want != "‹off›") {
			t.Errorf("%q shown: %v", want, got)
		}
	}
	press(m, "tab", "tab", "v")
	if got := ranked(m); got != "not shown gemini-3.5-flash-lite, outside gemini-2.0-flash, outside gpt-4o" {
		t.Errorf("%s", got)
	}
	press(m, "end", "v")
	if got := shown(m); m.rows.selected != "gpt-4o" || !strings.Contains(got, "why gpt-4o") || !strings.Contains(got, "limit 750 ms: 56 ms over") {
		t.Errorf("%s is selected: %s", m.rows.selected, got)
	}
	press(m, "enter")
	if m.at != modelPage {
		t.Errorf("enter leads to %d", m.at)
	}
}

// The keys that turn are the need's where needs have the focus, the knob's elsewhere.
func TestChooseNeeds(t *testing.T) {
	m := advised(t, 120, 40, screenLooks["colour"])
	press(m, "4", "right")
	if got := m.knobs.work.Split.String(); got != "74% in 26% out" {
		t.Errorf("split %s", got)
	}
	press(m, "R", "tab")
	if got := shown(m); !strings.Contains(got, "‹≤ 750 ms›") || strings.Contains(line(m, 1), "‹") || !strings.Contains(lastLine(m), "turn need") {
		t.Errorf("%s", got)
	}
	steps := []struct{ key, want string }{
		{"right", "≤ 600 ms"}, {"right", "≤ 500 ms"}, {"H", "≤ 800 ms"}, {"left", "≤ 1,000 ms"}, {"L", "≤ 600 ms"},
	}
	for _, s := range steps {
		press(m, s.key)
		if got := m.choosing.needs[0].shown(); got != s.want {
			t.Fatalf("%s: %s, want %s", s.key, got, s.want)
		}
	}
	for range 20 {
		press(m, "left")
	}
	if got := m.choosing.needs[0].shown(); got != "off" || m.knobs.work.Split.String() != "75% in 25% out" {
		t.Errorf("%s, split %s", got, m.knobs.work.Split)
	}
	for range 20 {
		press(m, "right")
	}
	if got := ranked(m); strings.Contains(got, "inside") {
		t.Errorf("at %s: %s", m.choosing.needs[0].shown(), got)
	}
	press(m, "end", "right")
	if got := constraintsOf(m.choosing.needs).Needs; !slices.Equal(got, []costmodel.Feature{costmodel.BatchMode}) {
		t.Errorf("%v", got)
	}
}

// enter takes what the task usually needs, and nothing else of the features.
func TestChooseTakesTheTasksNeeds(t *testing.T) {
	m := advised(t, 120, 40, screenLooks["colour"])
	press(m, "4", "down", "enter")
	if got := constraintsOf(m.choosing.needs).Needs; !slices.Equal(got, []costmodel.Feature{costmodel.JSONSchema}) {
		t.Errorf("%v", got)
	}
	press(m, "end", "enter")
	q := constraintsOf(m.choosing.needs)
	if !slices.Equal(q.Needs, []costmodel.Feature{costmodel.Streaming}) || q.MaxTTFTp95 == nil || *q.MaxTTFTp95 != 750 {
		t.Errorf("%+v", q)
	}
	if got := lastLine(m); !strings.Contains(got, "usually needs streaming") {
		t.Errorf("%q", got)
	}
	want := "costping choose --task chat --max-ttft-p95 750ms --min-quality 0.85 --needs streaming --volume 10M/day --split 75/25 --model gemini-2.0-flash --quality gemini-2.0-flash=0.88 "
	if got := compare.ShellCommand(m.printing()); !strings.HasPrefix(got, want) {
		t.Errorf("%s", got)
	}
}

// A target is called by its own name, which stands for its price and quality; the
// catalog's model of that kind would be another row.
func TestCommandsNameTargets(t *testing.T) {
	o := options(t)
	o.Demo = false
	for i := range o.Sets[0].Candidates {
		c := &o.Sets[0].Candidates[i]
		c.Configured, c.Target = true, "my "+c.Target
	}
	m := openedOn(o, 120, 40)
	for _, key := range []string{"2", "3", "4"} {
		press(m, key)
		if got := compare.ShellCommand(m.printing()); !strings.Contains(got, "--model 'my g") || strings.Contains(got, "--model g") || strings.Contains(got, "--quality") {
			t.Errorf("%s copies %s", key, got)
		}
	}
}

// The steps of a need go from the least that is asked to the most, and a limit of
// the table is one of them.
func TestNeedSteps(t *testing.T) {
	budget, err := costmodel.ParseUSD("750")
	if err != nil {
		t.Fatal(err)
	}
	needs := newNeeds([]compare.Limit{
		{Target: "*", Bounds: []compare.Bound{{Metric: compare.LimitMaxMonthly, USD: budget}, {Metric: compare.LimitMaxErrorRate, Value: 0.1}}},
		{Target: "gpt*", Bounds: []compare.Bound{{Metric: compare.LimitTTFTp95, Value: 1}}},
	})
	for _, n := range needs {
		for i := range n.steps[1:] {
			if more := n.steps[i+1] > n.steps[i]; more == n.falls {
				t.Errorf("%s: %v then %v", n.name, n.steps[i], n.steps[i+1])
			}
		}
		if asked := n.level > 0; asked != (n.name == "spend a month") {
			t.Errorf("%s at first %s", n.name, n.shown())
		}
	}
	if q := constraintsOf(needs); q.MaxMonthly == nil || q.MaxMonthly.Cmp(budget) != 0 {
		t.Errorf("%v", q.MaxMonthly)
	}
}

func TestChooseWithoutAdvice(t *testing.T) {
	m := opened(t, 80, 24)
	press(m, "4", "down", "tab", "right", "tab", "down", "v", "v", "enter")
	m.at = choosePage
	m.frame = ""
	if got := line(m, 2); !strings.Contains(got, "There is no advice to choose by.") {
		t.Errorf("%q", got)
	}
}

// A cap on spend begins at the least that the model ranked first keeps to: one far above
// it all would ask for nothing.
func TestSpendNeedBeginsAtThePick(t *testing.T) {
	m := advised(t, 120, 40, screenLooks["colour"])
	press(m, "4", "tab", "down", "down", "right")
	n := m.choosing.needs[m.choosing.need]
	if n.name != "spend a month" || n.shown() != "≤ $100" {
		t.Errorf("%s %s, for a pick of $78.75", n.name, n.shown())
	}
	press(m, "right")
	if got := m.choosing.needs[2].shown(); got != "≤ $50" {
		t.Errorf("then %s", got)
	}
	n = ceilings()[2]
	if n.begin(5e9); n.level != 1 {
		t.Errorf("%s for more than any step", n.shown())
	}
}

// In a few lines there are the task, the answer and the models; the needs while they
// have the focus.
func TestChooseSmall(t *testing.T) {
	m := advised(t, 40, 10, screenLooks["colour"])
	press(m, "4")
	if got := line(m, 0) + line(m, 1) + line(m, 4); !strings.Contains(got, "Choose") || !strings.Contains(got, "interactive agent") || !strings.Contains(got, "gpt-4o-mini") {
		t.Errorf("%s", shown(m))
	}
	press(m, "down")
	if got := line(m, 1); !strings.Contains(got, "structured data") {
		t.Errorf("%q", got)
	}
	if press(m, "tab"); !strings.Contains(shown(m), "first token p95") {
		t.Errorf("%s", shown(m))
	}
}

// Reasons go on below while there is room, and none is cut then.
func TestChooseFoldsReasons(t *testing.T) {
	for height, cut := range map[int]bool{60: false, 28: false, 18: true} {
		m := advised(t, 120, height, screenLooks["colour"])
		press(m, "4")
		if got := strings.Contains(shown(m), "…"); got != cut {
			t.Errorf("%d high: cut %v\n%s", height, got, shown(m))
		}
	}
}
