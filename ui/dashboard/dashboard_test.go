package dashboard

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"costping/probe"
	"costping/store"
	"costping/ui/compare"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

// On any screen a key does one thing: what is everywhere and what is the screen's
// own do not meet.
func TestNoKeyIsBoundTwice(t *testing.T) {
	for at, page := range pages() {
		seen := map[string]string{}
		for _, b := range keymap() {
			if b.does == "" || b.label == "" || len(b.keys) == 0 || b.run == nil {
				t.Errorf("incomplete row %+v", b.keys)
			}
			if !b.on(pageID(at)) {
				continue
			}
			for _, k := range b.keys {
				if other, taken := seen[k]; taken {
					t.Errorf("%s: %s does %q and %q", page.name, k, other, b.does)
				}
				seen[k] = b.does
				message(k) // every name is one that Bubble Tea has
			}
		}
	}
	letters := map[string]bool{"s": true}
	columns := map[compare.Column]bool{}
	for _, k := range sortKeys {
		if letters[k.key] || columns[k.column] {
			t.Errorf("the sort menu has %s twice", k.key)
		}
		letters[k.key], columns[k.column] = true, true
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
	if m.rows.selected != "gpt-4o-mini" {
		t.Fatalf("the pick is not selected but %s", m.rows.selected)
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
	if m.rows.selected != "gemini-3.5-flash-lite" || m.index() != 3 {
		t.Errorf("the selection did not follow its model: %s in row %d", m.rows.selected, m.index())
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
	volume := func(m *Model) string { return m.knobs.work.Volume.String() }
	split := func(m *Model) string { return m.knobs.work.Split.String() }
	selected := func(m *Model) string { return m.rows.selected }
	sorted := func(m *Model) string { return fmt.Sprintf("%s %v", m.rows.order.By(), m.rows.order.Reverse) }
	over := func(m *Model) string { return fmt.Sprintf("%T", m.overlay) }
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
		{[]string{"right", "+", "R"}, func(m *Model) string { return m.knobs.work.String() }, "10.0M tokens/day, 75% in 25% out"},
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
		{[]string{"s", "s"}, sorted, "ttft false"}, // nobody said a quality: it has no column
		{[]string{"S"}, sorted, "month true"},
		{[]string{"s", "m", "S", "S"}, sorted, "model false"},
		{[]string{"s"}, over, "dashboard.sorting"},
		{[]string{"s", "esc"}, over, "<nil>"},
		{[]string{"?"}, over, "*dashboard.helping"},
		{[]string{"?", "?"}, over, "<nil>"},
		{[]string{"?", "q"}, over, "<nil>"},
		{[]string{"?", "esc"}, over, "<nil>"},
		{[]string{"?", "right", "+"}, func(m *Model) string { return m.knobs.work.String() }, "10.0M tokens/day, 75% in 25% out"},
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
	if got := m.knobs.work.String(); got != "12.0M tokens/day, 72% in 28% out" {
		t.Errorf("got %s", got)
	}
	m.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("RRll"), Paste: true})
	if got := m.knobs.work.String(); got != "12.0M tokens/day, 72% in 28% out" {
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
		_, quits := press(m, tc.keys...).(tea.QuitMsg)
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
	h := history(m)
	clock := noon
	m.opts.Now = func() time.Time { return clock }
	ticks := func(n int) {
		for range n {
			settle(m, m.poll())
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
	h := history(m)
	rows := len(m.table.Rows)
	h.err, h.version = errors.New("disk on fire"), 2
	settle(m, m.poll())
	if got := line(m, 0); !strings.Contains(got, "STALE") || len(m.table.Rows) != rows || m.table.Measured == 0 {
		t.Errorf("header %q with %d rows", got, len(m.table.Rows))
	}
	h.err = nil
	settle(m, m.poll())
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
		{Name: m.rows.selected, State: probe.TargetBackingOff, Until: noon.Add(5 * time.Minute), Reason: "rate limited"},
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
		{"a short interval", func(*Model) {}, "DEMO simulated  every 3 s"},
		{"a long one counts down", doing(probe.Status{}), "DEMO simulated  next 41s"},
		{"a budget", doing(probe.Status{Budget: budget("0.5812", "0.01", false)}), "next 41s  probes $0.59 of $1.00 "},
		{"a budget that stretches", doing(probe.Status{Interval: 442 * time.Second, Reason: probe.ForBudget, Budget: budget("0", "0", false)}), "next 41s  probes $0.00 of $1.00  every 7m22s"},
		{"one that stretches to seconds says so once", doing(probe.Status{Interval: 8600 * time.Millisecond, Reason: probe.ForBudget, Budget: budget("0", "0", false)}), "2 3 4 5 6                                         DEMO simulated  probes $0.00 of $1.00  every 9s "},
		{"a small budget", doing(probe.Status{Budget: &probe.BudgetStatus{
			Cap: decimal.RequireFromString("0.002"), Day: probe.DayOf(noon), Settled: decimal.RequireFromString("0.00131"),
		}}), "probes $0.0013 of $0.002 "},
		{"spent", doing(probe.Status{Budget: budget("0.999", "0", true)}), "2 3 4 5 6 DEMO  BUDGET SPENT, resumes 00:00 UTC  next 41s for what is free  probes $1.00 of $1.00"},
		{"no ledger", doing(probe.Status{Budget: &probe.BudgetStatus{Problem: "disk full"}}), "BUDGET UNREADABLE, nothing that costs is probed  next 41s"},
		{"a full disk", func(m *Model) { m.opts.Lost = func() int { return 1 } }, "NOT STORED"},
		{"frozen", func(m *Model) { m.frozen = true }, "FROZEN"},
		{"another probes", func(m *Model) { m.opts.Watching = func() string { return "watching: pid 7 probes" } }, "DEMO simulated  watching: pid 7 probes "},
		{"another is paused", func(m *Model) {
			m.opts.Watching = func() string { return "watching: pid 7 probes" }
			m.answers.known[steeredKey] = answered{value: probe.Steered{Status: probe.Status{PausedSince: noon}}}
		}, "DEMO simulated  PAUSED since 12:00, P goes on  watching: pid 7 probes "},
		{"no probing", func(m *Model) { m.opts.Probing = nil }, "nothing is being probed"},
		{"nothing measured either", func(m *Model) { m.opts.Probing = nil; m.table.Measured = 0 }, "PRICES ONLY  nothing is being probed"},
	} {
		m := opened(t, 120, 40)
		tc.setUp(m)
		if got := line(m, 0); !strings.Contains(got, tc.want) {
			t.Errorf("%s: %q", tc.name, got)
		}
	}
}

// Whoever watches asks what was paused elsewhere, once, on every screen.
func TestWatcherAsksForTheSchedule(t *testing.T) {
	m := opened(t, 120, 40)
	m.opts.Watching = func() string { return "watching: pid 7 probes" }
	for _, key := range []string{"1", "2", "3", "4", "5", "6"} {
		press(m, key)
		asked := 0
		for _, q := range m.questions() {
			if q.key == steeredKey {
				asked++
			}
		}
		if asked != 1 {
			t.Errorf("on screen %s it is asked %d times", key, asked)
		}
	}
}

// Whatever the height, and with a menu or a field over the last line, the selected
// row is on the screen.
func TestSelectionScrollsIntoView(t *testing.T) {
	for height := 6; height <= 24; height++ {
		m := opened(t, 80, height)
		m.answers.known[eventsKey+" "+m.span().name] = answered{value: happened(5)}
		for _, key := range []string{"a", "j", "j", "j", "j", "k", "k", "G", "g", "pgdown", "/", "esc", "G", "s", "esc"} {
			press(m, key)
			if !strings.Contains(shown(m), "▸") || !strings.Contains(shown(m), m.rows.selected[:6]) {
				t.Fatalf("%d high, after %s the selected row %s is not on the screen\n%s", height, key, m.rows.selected, shown(m))
			}
		}
		press(m, "G")
		m.Update(tea.WindowSizeMsg{Width: 80, Height: 60})
		if m.rows.top != 0 {
			t.Errorf("a taller screen still begins at row %d", m.rows.top)
		}
	}
}

// happened are n events, the newest last.
func happened(n int) []store.Event {
	var events []store.Event
	for i := range n {
		events = append(events, store.Event{At: noon.Add(-time.Duration(n-i) * time.Hour), Kind: "ttft_p95_broken", Target: "gpt-4o", Text: fmt.Sprintf("event %d", i)})
	}
	return events
}

func TestHelpListsEveryKeyAndScrolls(t *testing.T) {
	m := opened(t, 80, 12)
	press(m, "?")
	seen := map[string]bool{}
	want := 0
	for i := range m.keys {
		if m.keys[i].on(m.at) {
			want++
		}
	}
	for range 80 {
		for i := range m.keys {
			if strings.Contains(shown(m), m.keys[i].does) {
				seen[m.keys[i].does] = true
			}
		}
		press(m, "down")
	}
	if len(seen) != want {
		t.Errorf("%d of %d keys can be seen", len(seen), want)
		for i := range m.keys {
			if b := &m.keys[i]; b.on(m.at) && !seen[b.does] {
				t.Errorf("not %s: %s", b.label, b.does)
			}
		}
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
			if m.index() < 0 && len(m.table.Rows) > 0 {
				rt.Fatal("nothing is selected")
			}
		}
		m.overlay = nil
		if press(m, "R"); m.table.Changed {
			rt.Fatal("R did not put the knobs back")
		}
	})
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

// A base has its column where there is room for the figures, and no other time.
func TestTheRatioToABaseIsShown(t *testing.T) {
	m := opened(t, 120, 40)
	if strings.Contains(shown(m), "×BASE") {
		t.Error("a ratio without a base")
	}
	if press(m, "b"); !strings.Contains(line(m, 4), "×BASE") {
		t.Errorf("no ratio: %q", line(m, 4))
	}
}

// How many models there are besides is how many the key leads to.
func TestTheCountIsThatOfAllModels(t *testing.T) {
	m := opened(t, 120, 40)
	most := 0
	for range m.opts.Sets {
		press(m, "a")
		most = max(most, len(m.table.Rows))
	}
	if want := fmt.Sprintf(" of %d (a: ", most); !slices.ContainsFunc(m.below(), func(form string) bool { return strings.Contains(form, want) }) {
		t.Errorf("%q does not say %q", m.below(), want)
	}
}
