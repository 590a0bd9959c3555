package dashboard

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/store"
	"costping/ui/compare"
	"costping/ui/dashboard/theme"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// memory is a history that answers from what it is given.
type memory struct {
	store.History
	window  store.Window
	version uint64
	reads   int
	err     error
}

func (h *memory) Version() uint64 { return h.version }

func (h *memory) Window(_ context.Context, q store.Query) (store.Window, error) {
	h.reads++
	w := h.window
	w.From, w.To, w.Version = q.From, q.To, h.version
	return w, h.err
}

// samples makes a history of n good probes a target, each with its TTFT in ms.
func samples(n int, ttft map[string]int) *memory {
	h := &memory{version: 1}
	for target, ms := range ttft {
		var list []probe.Sample
		for i := range n {
			first := time.Duration(ms+i%7) * time.Millisecond
			list = append(list, probe.Sample{
				Target: probe.Target{Name: target, Model: target}, Profile: "brief", Cap: 48,
				At: noon.Add(-time.Duration(n-i) * time.Minute), Outcome: probe.OK, Status: 200,
				TTFT: probe.Known(first), E2E: probe.Known(first + time.Second), TPOT: probe.Known(10 * time.Millisecond),
				Usage: probe.Usage{Input: probe.Known[int64](45), Output: probe.Known[int64](48)},
			})
		}
		h.window.Series = append(h.window.Series, store.Summarize(list))
	}
	return h
}

var models = map[string]int{"gpt-4o": 800, "gpt-4o-mini": 380, "llama-3.1-70b": 600, "gemini-3.5-flash-lite": 320, "gemini-2.0-flash": 250}

// opened is a dashboard of five models at a size, with its data loaded.
func opened(t testing.TB, width, height int) *Model {
	t.Helper()
	volume, _ := costmodel.ParseVolume("10M/day")
	split, _ := costmodel.ParseSplit("75/25")
	entries, err := costmodel.Default().List("demo")
	if err != nil {
		t.Fatal(err)
	}
	o := Options{
		History: samples(100, models), Workload: costmodel.Workload{Volume: volume, Split: split},
		Theme: theme.New(theme.Unicode(), true), Now: func() time.Time { return noon },
		Demo: true, Probing: func() probe.Status { return probe.Status{Interval: 3 * time.Second, Next: noon.Add(41 * time.Second)} },
	}
	for _, e := range entries {
		if _, ok := models[e.Model.ID]; ok {
			o.Candidates = append(o.Candidates, compare.Candidate{Target: e.Model.ID, Model: e.Model, Price: e.Price, Known: true})
		}
	}
	m := NewModel(o)
	m.Update(tea.WindowSizeMsg{Width: width, Height: height})
	m.Update(m.load()())
	return m
}

// press sends keys by the names that Bubble Tea gives them.
func press(m *Model, keys ...string) tea.Cmd {
	var cmd tea.Cmd
	for _, k := range keys {
		_, cmd = m.Update(message(k))
	}
	return cmd
}

// message is the key press of a name.
func message(name string) tea.KeyMsg {
	if runes := []rune(name); len(runes) == 1 {
		return tea.KeyMsg{Type: tea.KeyRunes, Runes: runes}
	}
	for t := tea.KeyType(-120); t <= 127; t++ {
		if (tea.KeyMsg{Type: t}).String() == name {
			return tea.KeyMsg{Type: t}
		}
	}
	panic("no key " + name)
}

func shown(m *Model) string { return ansi.Strip(m.View()) }

func line(m *Model, i int) string { return strings.Split(shown(m), "\n")[i] }

// order are the targets from top to bottom.
func order(m *Model) []string {
	var names []string
	for _, r := range m.table.Rows {
		names = append(names, r.Target)
	}
	return names
}

func TestNoKeyIsBoundTwice(t *testing.T) {
	seen := map[string]string{}
	for _, b := range keymap() {
		if b.does == "" || b.label == "" || len(b.keys) == 0 || b.run == nil {
			t.Errorf("incomplete row %+v", b.keys)
		}
		for _, k := range b.keys {
			if other, taken := seen[k]; taken {
				t.Errorf("%s does %q and %q", k, other, b.does)
			}
			seen[k] = b.does
			message(k) // every name is one that Bubble Tea has
		}
	}
	letters := map[string]bool{"s": true}
	for _, k := range sortKeys {
		if letters[k.key] {
			t.Errorf("the sort menu has %s twice", k.key)
		}
		letters[k.key] = true
	}
	if len(sortKeys) != len(compare.Columns()) {
		t.Errorf("%d letters for %d columns", len(sortKeys), len(compare.Columns()))
	}
}

func TestTurningKnobsRanksAnew(t *testing.T) {
	m := opened(t, 120, 40)
	want := []string{"gemini-2.0-flash", "gpt-4o-mini", "gemini-3.5-flash-lite", "llama-3.1-70b", "gpt-4o"}
	if got := order(m); !slices.Equal(got, want) {
		t.Fatalf("at first %v", got)
	}
	if m.selected != "gpt-4o-mini" {
		t.Fatalf("the pick is not selected but %s", m.selected)
	}
	press(m, "j") // to the model that is about to change places
	// gemini-3.5-flash-lite and llama-3.1-70b cost the same at 3/11 output: 27.3 %.
	press(m, "right", "right")
	if got := order(m); !slices.Equal(got, want) {
		t.Errorf("at 27%% output %v", got)
	}
	press(m, "right")
	if got := order(m); got[2] != "llama-3.1-70b" || got[3] != "gemini-3.5-flash-lite" {
		t.Errorf("at 28%% output %v", got)
	}
	if m.selected != "gemini-3.5-flash-lite" || m.index() != 3 {
		t.Errorf("the selection did not follow its model: %s in row %d", m.selected, m.index())
	}
	if got := line(m, 2); !strings.Contains(got, "CHANGED output 25% to 28%: gpt-4o-mini $78.75 to $82.80") {
		t.Errorf("answer %q", got)
	}
	press(m, "left", "left", "left")
	if m.table.Changed || !slices.Equal(order(m), want) {
		t.Error("three steps back do not undo three steps")
	}
}

func TestKeys(t *testing.T) {
	volume := func(m *Model) string { return m.work.Volume.String() }
	split := func(m *Model) string { return m.work.Split.String() }
	selected := func(m *Model) string { return m.selected }
	sorted := func(m *Model) string { return fmt.Sprintf("%s %v", m.order.By(), m.order.Reverse) }
	over := func(m *Model) string { return fmt.Sprint(m.overlay) }
	for _, tc := range []struct {
		keys []string
		what func(*Model) string
		want string
	}{
		{[]string{"right"}, split, "74% in 26% out"},
		{[]string{"l"}, split, "74% in 26% out"},
		{[]string{"left"}, split, "76% in 24% out"},
		{[]string{"h"}, split, "76% in 24% out"},
		{[]string{"L"}, split, "65% in 35% out"},
		{[]string{"shift+right"}, split, "65% in 35% out"},
		{[]string{"H"}, split, "85% in 15% out"},
		{[]string{"shift+left"}, split, "85% in 15% out"},
		{[]string{"right", "0"}, split, "75% in 25% out"},
		{[]string{"+"}, volume, "12.0M tokens/day"},
		{[]string{"="}, volume, "12.0M tokens/day"},
		{[]string{"-"}, volume, "8.00M tokens/day"},
		{[]string{"_"}, volume, "8.00M tokens/day"},
		{[]string{",", "right"}, volume, "12.0M tokens/day"},
		{[]string{",", "L"}, volume, "20.0M tokens/day"},
		{[]string{",", "H"}, volume, "5.00M tokens/day"},
		{[]string{",", ".", "right"}, volume, "10.0M tokens/day"},
		{[]string{",", ",", ",", "right", "0"}, volume, "10.0M tokens/day"},
		{[]string{"right", "+", "R"}, func(m *Model) string { return m.work.String() }, "10.0M tokens/day, 75% in 25% out"},
		{[]string{"down"}, selected, "gemini-3.5-flash-lite"},
		{[]string{"j", "k", "k", "k"}, selected, "gemini-2.0-flash"},
		{[]string{"up"}, selected, "gemini-2.0-flash"},
		{[]string{"end"}, selected, "gpt-4o"},
		{[]string{"G", "g"}, selected, "gemini-2.0-flash"},
		{[]string{"end", "home"}, selected, "gemini-2.0-flash"},
		{[]string{"pgdown"}, selected, "llama-3.1-70b"},
		{[]string{"ctrl+d", "ctrl+u"}, selected, "gpt-4o-mini"},
		{[]string{"pgup"}, selected, "gemini-2.0-flash"},
		{[]string{"s", "t"}, sorted, "ttft false"},
		{[]string{"s", "o"}, sorted, "ok false"},
		{[]string{"s", "s"}, sorted, "ttft false"},
		{[]string{"S"}, sorted, "month true"},
		{[]string{"s", "m", "S", "S"}, sorted, "model false"},
		{[]string{"s"}, over, fmt.Sprint(sorting)},
		{[]string{"s", "esc"}, over, fmt.Sprint(nothing)},
		{[]string{"?"}, over, fmt.Sprint(helping)},
		{[]string{"?", "?"}, over, fmt.Sprint(nothing)},
		{[]string{"?", "q"}, over, fmt.Sprint(nothing)},
		{[]string{"?", "esc"}, over, fmt.Sprint(nothing)},
		{[]string{"?", "right", "+"}, func(m *Model) string { return m.work.String() }, "10.0M tokens/day, 75% in 25% out"},
		{[]string{"f"}, func(m *Model) string { return fmt.Sprint(m.frozen) }, "true"},
		{[]string{"f", "f"}, func(m *Model) string { return fmt.Sprint(m.frozen) }, "false"},
	} {
		m := opened(t, 120, 40)
		press(m, tc.keys...)
		if got := tc.what(m); got != tc.want {
			t.Errorf("%v: %s, want %s", tc.keys, got, tc.want)
		}
	}
}

func TestLettersThatArriveTogetherAllCount(t *testing.T) {
	m := opened(t, 120, 40)
	m.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("lll+")})
	if got := m.work.String(); got != "12.0M tokens/day, 72% in 28% out" {
		t.Errorf("got %s", got)
	}
	m.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("RRll"), Paste: true})
	if got := m.work.String(); got != "12.0M tokens/day, 72% in 28% out" {
		t.Errorf("pasted text was taken for keys: %s", got)
	}
}

func TestQuitting(t *testing.T) {
	for _, tc := range []struct {
		keys               []string
		quits, leave, intr bool
	}{
		{[]string{"q"}, true, false, false},
		{[]string{"Q"}, true, true, false},
		{[]string{"ctrl+c"}, true, false, true},
		{[]string{"?", "ctrl+c"}, true, false, true},
		{[]string{"s", "ctrl+c"}, true, false, true},
		{[]string{"esc"}, false, false, false},
		{[]string{"?", "q"}, false, false, false},
	} {
		m := opened(t, 80, 24)
		cmd := press(m, tc.keys...)
		quits := false
		if cmd != nil {
			_, quits = cmd().(tea.QuitMsg)
		}
		if quits != tc.quits || m.leave != tc.leave || m.interrupted != tc.intr {
			t.Errorf("%v: quits %v, leaves the table %v, interrupted %v", tc.keys, quits, m.leave, m.interrupted)
		}
	}
}

func TestPrintedTableHasNoKeys(t *testing.T) {
	m := opened(t, 100, 30)
	text := ansi.Strip(m.printed())
	for _, want := range []string{"10.0M tok/day", "Cheapest live: gpt-4o-mini", "gpt-4o", "1,312.50", "DEMO simulated"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	for _, not := range []string{"‹", "▸", "? keys"} {
		if strings.Contains(text, not) {
			t.Errorf("%q is in\n%s", not, text)
		}
	}
}

func TestPrintedTableHasEveryRow(t *testing.T) {
	m := opened(t, 80, 9)
	press(m, "G") // scrolled to the end
	for _, r := range m.table.Rows {
		if !strings.Contains(ansi.Strip(m.printed()), r.Target) {
			t.Errorf("%s is not in\n%s", r.Target, ansi.Strip(m.printed()))
		}
	}
}

func TestDataIsReadOnlyWhenThereIsNew(t *testing.T) {
	m := opened(t, 80, 24)
	h, _ := m.opts.History.(*memory)
	clock := noon
	m.opts.Now = func() time.Time { return clock }
	ticks := func(n int) {
		for range n {
			if cmd := m.poll(); cmd != nil {
				m.Update(cmd())
			}
		}
	}
	before := h.reads
	if ticks(10); h.reads != before {
		t.Errorf("%d reads of an unchanged history", h.reads-before)
	}
	h.version++
	if ticks(10); h.reads != before+1 {
		t.Errorf("%d reads after one change", h.reads-before)
	}
	clock = clock.Add(2 * staleAfter)
	if ticks(10); h.reads != before+2 {
		t.Errorf("%d reads after the window moved on", h.reads-before)
	}
	press(m, "f")
	h.version++
	if ticks(10); h.reads != before+2 {
		t.Error("a frozen picture was read anew")
	}
}

func TestUnreadableHistoryIsStaleAndSaysSo(t *testing.T) {
	m := opened(t, 120, 40)
	h, _ := m.opts.History.(*memory)
	rows := len(m.table.Rows)
	h.err, h.version = errors.New("disk on fire"), 2
	m.Update(m.poll()())
	if got := line(m, 0); !strings.Contains(got, "STALE") || len(m.table.Rows) != rows || m.table.Measured == 0 {
		t.Errorf("header %q with %d rows", got, len(m.table.Rows))
	}
	h.err = nil
	m.Update(m.poll()())
	if got := line(m, 0); strings.Contains(got, "STALE") {
		t.Errorf("still stale after a good read: %q", got)
	}
}

// doing sets up a schedule that passes every minute, if nothing else is said.
func doing(s probe.Status) func(*Model) {
	if s.Interval == 0 {
		s.Interval = time.Minute
	}
	s.Next = noon.Add(41 * time.Second)
	return func(m *Model) { m.opts.Probing = func() probe.Status { return s } }
}

func budget(settled, reserved string, exhausted bool) *probe.BudgetStatus {
	b := &probe.BudgetStatus{
		Cap: decimal.New(1, 0), Day: probe.DayOf(noon), Settled: decimal.RequireFromString(settled),
		Reserved: decimal.RequireFromString(reserved), Exhausted: exhausted,
	}
	if exhausted {
		b.Resumes = b.Day.End()
	}
	return b
}

// A target that is left alone says so, and until when.
func TestRestingTarget(t *testing.T) {
	m := opened(t, 120, 40)
	doing(probe.Status{Targets: []probe.TargetStatus{
		{Name: "gpt-4o", State: probe.TargetOn},
		{Name: m.selected, State: probe.TargetBackingOff, Until: noon.Add(5 * time.Minute), Reason: "rate limited"},
	}})(m)
	m.rebuild()
	if want := "not probed until " + noon.Add(5*time.Minute).UTC().Format("15:04") + " UTC: rate limited"; !strings.Contains(shown(m), want) {
		t.Errorf("%q is not on the screen\n%s", want, shown(m))
	}
}

func TestStates(t *testing.T) {
	for _, tc := range []struct {
		name  string
		setUp func(*Model)
		want  string
	}{
		{"a short interval", func(*Model) {}, "DEMO simulated  a pass every 3 s"},
		{"a long one counts down", doing(probe.Status{}), "DEMO simulated  next 41s"},
		{"a budget", doing(probe.Status{Budget: budget("0.5812", "0.01", false)}), "next 41s  probes $0.59 of $1.00 "},
		{"a budget that stretches", doing(probe.Status{Interval: 442 * time.Second, Reason: probe.ForBudget, Budget: budget("0", "0", false)}), "next 41s  probes $0.00 of $1.00  every 7m22s"},
		{"a small budget", doing(probe.Status{Budget: &probe.BudgetStatus{
			Cap: decimal.RequireFromString("0.002"), Day: probe.DayOf(noon), Settled: decimal.RequireFromString("0.00131"),
		}}), "probes $0.0013 of $0.002 "},
		{"spent", doing(probe.Status{Budget: budget("0.999", "0", true)}), "DEMO simulated  BUDGET SPENT, resumes 00:00 UTC  next 41s for what is free  probes $1.00 of $1.00"},
		{"no ledger", doing(probe.Status{Budget: &probe.BudgetStatus{Problem: "disk full"}}), "BUDGET UNREADABLE, nothing that costs is probed  next 41s"},
		{"a full disk", func(m *Model) { m.opts.Lost = func() int { return 1 } }, "NOT STORED"},
		{"frozen", func(m *Model) { m.frozen = true }, "FROZEN"},
		{"another probes", func(m *Model) { m.opts.Watching = func() string { return "watching: pid 7 probes" } }, "DEMO simulated  watching: pid 7 probes "},
		{"no probing", func(m *Model) { m.opts.Probing = nil }, "nothing is being probed"},
		{"nothing measured either", func(m *Model) { m.opts.Probing = nil; m.table.Measured = 0 }, "PRICES ONLY, nothing is being probed"},
	} {
		m := opened(t, 120, 40)
		tc.setUp(m)
		if got := line(m, 0); !strings.Contains(got, tc.want) {
			t.Errorf("%s: %q", tc.name, got)
		}
	}
}

func TestSelectionScrollsIntoView(t *testing.T) {
	m := opened(t, 80, 9) // three rows
	for range 2 {
		for _, key := range []string{"j", "j", "j", "j", "k", "k", "G", "g"} {
			press(m, key)
			if !strings.Contains(shown(m), "▸  "+m.selected[:6]) {
				t.Fatalf("after %s the selected row %s is not on the screen\n%s", key, m.selected, shown(m))
			}
		}
	}
	m.Update(tea.WindowSizeMsg{Width: 80, Height: 40})
	if m.top != 0 {
		t.Errorf("a taller screen still begins at row %d", m.top)
	}
}

func TestHelpListsEveryKeyAndScrolls(t *testing.T) {
	m := opened(t, 80, 12)
	press(m, "?")
	seen := map[string]bool{}
	for range 40 {
		for _, b := range m.keys {
			if strings.Contains(shown(m), b.does) {
				seen[b.does] = true
			}
		}
		press(m, "j")
	}
	if len(seen) != len(m.keys) {
		t.Errorf("%d of %d keys can be seen", len(seen), len(m.keys))
	}
}

// Any keys at any sizes leave a screen of exactly that size, a selection that
// exists and knobs that R puts back.
func TestAnyKeys(t *testing.T) {
	var keys []string
	for _, b := range keymap() {
		for _, k := range b.keys {
			if k != "ctrl+z" {
				keys = append(keys, k)
			}
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		m := opened(t, 80, 24)
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			if rapid.IntRange(0, 9).Draw(rt, "resize") == 0 {
				m.Update(tea.WindowSizeMsg{Width: rapid.IntRange(0, 220).Draw(rt, "width"), Height: rapid.IntRange(0, 60).Draw(rt, "height")})
			}
			press(m, rapid.SampledFrom(keys).Draw(rt, "key"))
			if m.width > 0 && m.height > 0 {
				if n := strings.Count(m.View(), "\n") + 1; n != m.height {
					rt.Fatalf("%d lines on a screen of %d", n, m.height)
				}
			}
			if m.index() < 0 {
				rt.Fatal("nothing is selected")
			}
		}
		m.overlay = nothing
		if press(m, "R"); m.table.Changed {
			rt.Fatal("R did not put the knobs back")
		}
	})
}

func BenchmarkKey(b *testing.B) {
	m := opened(b, 200, 60)
	for b.Loop() {
		press(m, "right")
		_ = m.View()
		press(m, "left")
		_ = m.View()
	}
}

func TestReadmeHasTheKeyTable(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), KeyTableBegins+KeyTable()+KeyTableEnds) {
		t.Error("the README's keys are not those of the program: go generate ./ui/dashboard")
	}
}
