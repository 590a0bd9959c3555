package dashboard

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"costping/store"
	"costping/ui/dashboard/widget"

	tea "github.com/charmbracelet/bubbletea"
)

// sized holds what is drawn to the size of the screen.
func sized(t testing.TB, m *Model, after string) {
	t.Helper()
	if m.width <= 0 || m.height <= 0 {
		if m.View() != "" {
			t.Fatalf("after %s a screen without size shows %q", after, m.View())
		}
		return
	}
	lines := strings.Split(m.View(), "\n")
	if len(lines) != m.height {
		t.Fatalf("after %s: %d lines on a screen of %d", after, len(lines), m.height)
	}
	for i, l := range lines {
		if w := widget.Width(l); w != m.width {
			t.Fatalf("after %s: line %d is %d wide on a screen of %dx%d: %q", after, i, w, m.width, m.height, l)
		}
	}
}

// Every key on every screen at every size leaves a screen of that size, and so does
// every key on what it opened.
func TestEveryKeyEverywhere(t *testing.T) {
	for _, size := range [][2]int{{0, 0}, {1, 1}, {30, 6}, {40, 12}, {80, 24}, {120, 40}, {400, 3}} {
		for at := range pageCount {
			m := opened(t, size[0], size[1])
			history(m).events = happened(4)
			m.open(at)
			for _, b := range keymap() {
				if !b.on(at) {
					continue
				}
				for _, k := range b.keys[:1] { // the others do the same
					after := fmt.Sprintf("%s on %s", k, m.pages[at].name)
					press(m, k)
					sized(t, m, after)
					press(m, "down", "enter", "x", "tab")
					sized(t, m, after+" and more")
					for range 4 {
						press(m, "esc")
					}
					if m.overlay != nil {
						t.Fatalf("after %s esc does not close %T", after, m.overlay)
					}
					m.open(at)
				}
			}
		}
	}
}

func TestCtrlCQuitsFromAnywhere(t *testing.T) {
	for _, first := range []string{"", "?", ":", "/", "e", "s", "i", "p", "z", "3"} {
		m := opened(t, 80, 24)
		if first != "" {
			press(m, first)
		}
		if _, quits := press(m, "ctrl+c").(tea.QuitMsg); !quits || !m.interrupted {
			t.Errorf("not after %q", first)
		}
	}
}

// Quitting asks only where nobody would probe then.
func TestQuitAsksWhereItStopsTheProbing(t *testing.T) {
	for _, tc := range []struct {
		name string
		set  func(*Options)
		asks bool
	}{
		{"the demo", func(*Options) {}, false},
		{"the owner", func(o *Options) { o.Demo = false }, true},
		{"the owner, who watches nobody", func(o *Options) { o.Demo, o.Watching = false, func() string { return "" } }, true},
		{"a viewer", func(o *Options) { o.Demo, o.Watching = false, func() string { return "watching: pid 7 probes" } }, false},
		{"nothing is probed", func(o *Options) { o.Demo, o.Probing = false, nil }, false},
	} {
		o := options(t)
		tc.set(&o)
		m := openedOn(o, 100, 30)
		_, quits := press(m, "q").(tea.QuitMsg)
		if quits == tc.asks {
			t.Errorf("%s: quits at once %v", tc.name, quits)
		}
		if !tc.asks {
			continue
		}
		if !strings.Contains(lastLine(m), "Quit?") {
			t.Errorf("%s: %q", tc.name, lastLine(m))
		}
		if _, quits := press(m, "esc").(tea.QuitMsg); quits || m.overlay != nil {
			t.Errorf("%s: esc quits", tc.name)
		}
		if _, quits := press(m, "q", "enter").(tea.QuitMsg); !quits {
			t.Errorf("%s: enter does not quit", tc.name)
		}
	}
}

func TestHelpIsFiltered(t *testing.T) {
	m := opened(t, 120, 40)
	press(m, "?")
	enter(m, "freeze pict")
	text := shown(m)
	if !strings.Contains(text, "freeze the picture") || strings.Contains(text, "next workload") || m.frozen {
		t.Errorf("filtered by two words\n%s", text)
	}
	enter(m, "zzz")
	if !strings.Contains(shown(m), "no key does that") {
		t.Errorf("nothing fits\n%s", shown(m))
	}
	press(m, "esc")
	if !strings.Contains(shown(m), "next workload") || m.overlay == nil {
		t.Error("esc did not clear the filter first")
	}
	if press(m, "esc"); m.overlay != nil {
		t.Error("esc did not close the help")
	}
	press(m, "6", "?")
	if !strings.Contains(shown(m), "this target off and on") {
		t.Errorf("the screen's own key is not in its help\n%s", shown(m))
	}
}

func TestPalette(t *testing.T) {
	for _, tc := range []struct {
		text string
		keys []string
		what func(*Model) bool
	}{
		{"spend", []string{"enter"}, func(m *Model) bool { return m.at == spendPage && m.overlay == nil }},
		{"freeze", []string{"enter"}, func(m *Model) bool { return m.frozen && m.overlay == nil }},
		{"filter rows", []string{"enter"}, func(m *Model) bool { _, ok := m.overlay.(*filtering); return ok }},
		{"exact values", []string{"enter"}, func(m *Model) bool { _, ok := m.overlay.(*form); return ok }},
		{"", []string{"down", "down", "enter"}, func(m *Model) bool { return m.at == spendPage }},
		{"", []string{"up", "up", "enter"}, func(m *Model) bool { return m.at == comparePage && m.overlay == nil }},
		{"qqqqq", []string{"enter"}, func(m *Model) bool { return m.at == comparePage && m.overlay == nil }},
		{"foo", []string{"enter"}, func(m *Model) bool { return !m.frozen && m.at == comparePage && m.overlay == nil }},
		{"fr pic", []string{"enter"}, func(m *Model) bool { return m.frozen }},
		{"quit", []string{"esc"}, func(m *Model) bool { return m.overlay == nil }},
		{"q?:1", nil, func(m *Model) bool { return m.overlay != nil && strings.Contains(shown(m), ": q?:1") }},
	} {
		m := opened(t, 80, 24)
		press(m, ":")
		enter(m, tc.text)
		sized(t, m, tc.text)
		if press(m, tc.keys...); !tc.what(m) {
			t.Errorf("%q %v: on screen %d with %T\n%s", tc.text, tc.keys, m.at, m.overlay, shown(m))
		}
	}
}

// Where a filter leaves no row there is nothing to say why of.
func TestWhyOfNothing(t *testing.T) {
	m := opened(t, 120, 40)
	press(m, "/")
	enter(m, "zebra")
	press(m, "enter", "i")
	if m.overlay != nil || m.notice.text != "there is no row here" {
		t.Errorf("%T, %q", m.overlay, m.notice.text)
	}
	if press(m, "esc", "i"); m.overlay == nil {
		t.Error("why of a row is not said")
	}
}

func TestFilterField(t *testing.T) {
	m := opened(t, 120, 40)
	press(m, "/")
	enter(m, "gpt")
	if got := order(m); !slices.Equal(got, []string{"gpt-4o-mini", "gpt-4o"}) {
		t.Errorf("while typing %v", got)
	}
	if got := lastLine(m); !strings.Contains(got, "2 rows of 5") {
		t.Errorf("the field says %q", got)
	}
	enter(m, " p59<1")
	if got := lastLine(m); !strings.Contains(got, `there is no field "p59"; did you mean p50?`) {
		t.Errorf("an error says %q", got)
	}
	if press(m, "enter"); m.overlay == nil {
		t.Error("a filter that does not parse was taken")
	}
	press(m, "ctrl+w", "enter")
	if m.overlay != nil || m.rows.filter.String() != "gpt" || !strings.Contains(shown(m), "3 hidden by gpt") {
		t.Errorf("taken as %q\n%s", m.rows.filter, shown(m))
	}
	press(m, "/")
	enter(m, " mini")
	if press(m, "esc"); m.rows.filter.String() != "gpt" || len(m.table.Rows) != 2 {
		t.Errorf("esc left %q", m.rows.filter)
	}
	if press(m, "esc"); m.rows.filter != nil || len(m.table.Rows) != 5 {
		t.Errorf("esc on the screen left %q", m.rows.filter)
	}
}

func TestFilterHistoryAndCompletion(t *testing.T) {
	m := opened(t, 120, 40)
	for _, text := range []string{"gpt", "llama", "llama"} {
		press(m, "/", "ctrl+u")
		enter(m, text)
		press(m, "enter", "esc")
	}
	value := func() string {
		f, ok := m.overlay.(*filtering)
		if !ok {
			t.Fatalf("no field but %T", m.overlay)
		}
		return f.field.Value()
	}
	press(m, "/")
	for _, step := range []struct{ key, want string }{{"up", "llama"}, {"up", "gpt"}, {"up", "gpt"}, {"down", "llama"}, {"down", ""}, {"down", ""}} {
		if press(m, step.key); value() != step.want {
			t.Errorf("%s: %q, want %q", step.key, value(), step.want)
		}
	}
	for _, tc := range []struct{ typed, want string }{{"mon", "month"}, {"gpt ret", "gpt retired"}, {"p", "p"}, {"zz", "zz"}, {"", ""}} {
		press(m, "ctrl+u")
		enter(m, tc.typed)
		if press(m, "tab"); value() != tc.want {
			t.Errorf("%q completes to %q, want %q", tc.typed, value(), tc.want)
		}
	}
	for i := range 60 {
		m.remember(fmt.Sprint("f", i))
	}
	if len(m.filters) != 50 || m.filters[49] != "f59" {
		t.Errorf("%d filters are remembered, %v", len(m.filters), m.filters)
	}
}

// A megabyte that is pasted is cut to what a field takes, in every field.
func TestPasteIsBounded(t *testing.T) {
	for _, text := range []string{"gpt ", "模型", "\x1b[31m\n\t", "p95<1 "} {
		pasted := tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(strings.Repeat(text, 1<<20/len(text))), Paste: true}
		for _, open := range []string{"/", ":", "?", "e"} {
			m := opened(t, 80, 24)
			press(m, open)
			m.Update(pasted)
			sized(t, m, "a paste into "+open)
			if n := len(shown(m)); n > 40_000 || strings.Contains(m.View(), "\x1b[31m\n") {
				t.Errorf("%q into %s: %d bytes on the screen", text, open, n)
			}
			press(m, "enter")
			sized(t, m, "enter")
			press(m, "esc", "esc")
		}
	}
}

// The cursor of a long text is on the screen.
func TestLongTextShowsItsEnd(t *testing.T) {
	m := opened(t, 60, 20)
	press(m, "/")
	enter(m, strings.Repeat("x", 200)+"END")
	if got := lastLine(m); !strings.Contains(got, "END") {
		t.Errorf("%q", got)
	}
}

func TestMarks(t *testing.T) {
	m := opened(t, 120, 40)
	press(m, "a", "g")
	for range 6 {
		press(m, " ", "j")
	}
	if len(m.rows.marked) != 6 {
		t.Fatalf("marked %v", m.rows.marked)
	}
	press(m, " ")
	if len(m.rows.marked) != 6 || !strings.Contains(lastLine(m), "six rows are marked") {
		t.Errorf("a seventh: %v, %q", m.rows.marked, lastLine(m))
	}
	first := m.rows.marked[0]
	press(m, "g", " ")
	if slices.Contains(m.rows.marked, first) || len(m.rows.marked) != 5 {
		t.Errorf("unmarked: %v", m.rows.marked)
	}
	press(m, "b")
	if m.rows.base != first || !strings.Contains(shown(m), "=  "+first) && !strings.Contains(shown(m), "= "+first) {
		t.Errorf("the base is %q", m.rows.base)
	}
	if press(m, "b"); m.rows.base != "" {
		t.Error("b again leaves the base")
	}
	if press(m, "b", "u"); len(m.rows.marked) != 0 || m.rows.base != "" {
		t.Errorf("u leaves %v and %q", m.rows.marked, m.rows.base)
	}
}

// Two marked rows are compared in a sentence, and a marked one with the base.
func TestPairSentence(t *testing.T) {
	m := opened(t, 140, 40)
	press(m, "g", "j", " ", "j", "j", " ") // gpt-4o-mini and llama-3.1-70b
	if got := line(m, 2); !strings.Contains(got, "b against a: first token 1.57× slower (1.5") || !strings.Contains(got, "3.43× the cost") {
		t.Errorf("two marks: %q", got)
	}
	press(m, "u", "g", "j", " ", "G", "b")
	if got := line(m, 2); !strings.Contains(got, "a against gpt-4o: first token 2.") || !strings.Contains(got, "faster") {
		t.Errorf("a mark and the base: %q", got)
	}
	press(m, "/")
	enter(m, "llama")
	if press(m, "enter"); strings.Contains(line(m, 2), "against") {
		t.Errorf("rows that are not shown: %q", line(m, 2))
	}
}

func TestSetsAndWorkloads(t *testing.T) {
	m := opened(t, 120, 40)
	press(m, "a")
	if len(m.table.Rows) <= 5 || !strings.Contains(shown(m), "all models") {
		t.Errorf("the other set has %d rows", len(m.table.Rows))
	}
	if press(m, "a"); len(m.table.Rows) != 5 {
		t.Errorf("the first has %d", len(m.table.Rows))
	}
	press(m, "right", "w")
	if got := m.knobs.work.String(); got != "1M tokens/day, 50% in 50% out" && got != "1.00M tokens/day, 50% in 50% out" || m.knobs.name != "chat" || m.table.Changed {
		t.Errorf("the next workload is %s %s", m.knobs.name, got)
	}
	if press(m, "W", "W"); m.knobs.name != "chat" {
		t.Errorf("two back is %q", m.knobs.name)
	}
}

func TestSpanCursorAndEvents(t *testing.T) {
	m := opened(t, 120, 40)
	h := history(m)
	h.events, h.version = happened(3), 2 // 1, 2 and 3 hours ago
	m.answers = answers{known: map[string]answered{}, pending: map[string]bool{}}
	settle(m, m.poll())
	steps := func(d time.Duration) int { return int(d/m.span().step) + 1 }
	for _, step := range []struct {
		key  string
		want int
	}{
		{">", 0},
		{"<", 1},
		{"<", 2},
		{">", 1},
		{"esc", 0},
		{"N", steps(time.Hour)},
		{"N", steps(2 * time.Hour)},
		{"N", steps(3 * time.Hour)},
		{"N", steps(3 * time.Hour)},
		{"n", steps(2 * time.Hour)},
		{"n", steps(time.Hour)},
		{"n", steps(time.Hour)},
		{"esc", 0},
		{"n", steps(3 * time.Hour)},
	} {
		if press(m, step.key); m.cursor != step.want {
			t.Errorf("after %s the cursor is %d steps back, want %d", step.key, m.cursor, step.want)
		}
	}
	for range 500 {
		press(m, "<")
	}
	if at := m.cursorAt(); at.Before(noon.Add(-24*time.Hour - m.span().step)) {
		t.Errorf("the cursor left the chart: %s", at)
	}
	for range 10 {
		press(m, "t")
	}
	if m.span().name != "1 y" || m.cursor != 0 {
		t.Errorf("the longest is %s", m.span().name)
	}
	for range 10 {
		press(m, "T")
	}
	if m.span().name != "15 min" || !strings.Contains(shown(m), "15 min") {
		t.Errorf("the shortest is %s", m.span().name)
	}
}

func TestNoticesExpire(t *testing.T) {
	for _, step := range []time.Duration{noticeFor, -time.Hour} {
		m := opened(t, 120, 40)
		clock := noon
		m.opts.Now = func() time.Time { return clock }
		press(m, "m")
		if !strings.Contains(lastLine(m), "mouse on") {
			t.Fatalf("%q", lastLine(m))
		}
		clock = clock.Add(noticeFor / 2)
		if m.tick(); !strings.Contains(lastLine(m), "mouse on") {
			t.Errorf("gone too early: %q", lastLine(m))
		}
		clock = noon.Add(step)
		if m.tick(); strings.Contains(lastLine(m), "mouse on") {
			t.Errorf("after %s still %q", step, lastLine(m))
		}
	}
	m := opened(t, 80, 24)
	m.Update(done{err: errors.New("one\ntwo\x1b[2J")})
	sized(t, m, "an error of two lines")
}

func TestMouse(t *testing.T) {
	click := func(m *Model, y int) {
		m.Update(tea.MouseMsg{X: 5, Y: y, Button: tea.MouseButtonLeft, Action: tea.MouseActionPress})
	}
	for _, size := range [][2]int{{120, 40}, {80, 24}, {80, 9}, {40, 6}} {
		m := opened(t, size[0], size[1])
		for y := -1; y <= size[1]; y++ {
			m.rows.selected = m.table.Rows[0].Target
			m.rebuild()
			drawn := ""
			if y >= 0 && y < size[1] {
				drawn = line(m, y)
			}
			click(m, y)
			i := m.index()
			if i > 0 && !strings.Contains(drawn, m.rows.selected[:6]) {
				t.Errorf("%v: a click on line %d, %q, selects %s", size, y, drawn, m.rows.selected)
			}
			for _, r := range m.table.Rows[1:] {
				if len(drawn) > 4 && strings.HasPrefix(strings.TrimLeft(drawn[1:], " ●▲?"), r.Target+" ") && m.rows.selected != r.Target {
					t.Errorf("%v: a click on line %d, %q, selects %s", size, y, drawn, m.rows.selected)
				}
			}
		}
		m.rows.selected = m.table.Rows[0].Target
		m.Update(tea.MouseMsg{Button: tea.MouseButtonWheelDown})
		if m.index() != 1 {
			t.Errorf("%v: the wheel selects row %d", size, m.index())
		}
		if m.Update(tea.MouseMsg{Button: tea.MouseButtonWheelUp}); m.index() != 0 {
			t.Errorf("%v: the wheel back selects row %d", size, m.index())
		}
	}
	m := opened(t, 120, 40)
	press(m, "?")
	before := m.rows.selected
	click(m, 8)
	if m.rows.selected != before {
		t.Error("a click went through the help")
	}
}

// A schedule is asked, with the price, and steered by whoever runs it.
func TestSteering(t *testing.T) {
	m := opened(t, 120, 40)
	h := history(m)
	press(m, "g", " ", "j", " ", "p")
	if !strings.Contains(lastLine(m), "Probe gemini-2.0-flash, gpt-4o-mini once now? It costs nothing.  enter probes, esc does not") {
		t.Errorf("asks %q", lastLine(m))
	}
	if press(m, "esc"); len(h.steered.probed) > 0 {
		t.Error("esc probed")
	}
	if press(m, "p", "enter"); !slices.Equal(h.steered.probed, []string{"gemini-2.0-flash", "gpt-4o-mini"}) {
		t.Errorf("probed %v", h.steered.probed)
	}
	press(m, "P")
	if !h.steered.state.Paused {
		t.Error("P did not pause")
	}
	if press(m, "P"); h.steered.state.Paused {
		t.Error("P did not resume")
	}
	press(m, "d")
	if len(h.steered.state.Disabled) != 0 {
		t.Error("d does something on Compare")
	}
	press(m, "6", "d")
	if !slices.Equal(h.steered.state.Disabled, []string{m.rows.selected}) {
		t.Errorf("off: %v", h.steered.state.Disabled)
	}
	if press(m, "d"); len(h.steered.state.Disabled) != 0 {
		t.Errorf("on again: %v", h.steered.state.Disabled)
	}
	h.steered.err = store.ErrNoSchedule
	if press(m, "P"); !strings.Contains(lastLine(m), "no process runs a schedule") {
		t.Errorf("without a schedule: %q", lastLine(m))
	}
	m.opts.Probing = nil
	if press(m, "1", "p"); m.overlay != nil || !strings.Contains(lastLine(m), "nothing is being probed here") {
		t.Errorf("without probing: %q", lastLine(m))
	}
}

func TestCopying(t *testing.T) {
	m := opened(t, 160, 40)
	var got string
	m.opts.Copy = func(text string) error { got = text; return nil }
	for key, want := range map[string]string{
		"y": "gpt-4o-mini: $2.625 a day, $78.75 a month; first token p50 383 ms",
		"Y": "| gpt-4o-mini",
		"c": "costping demo --once --volume 10M/day --split 75/25",
	} {
		if press(m, key); !strings.Contains(got, want) || !strings.Contains(lastLine(m), "copied") {
			t.Errorf("%s copied %q, says %q", key, got, lastLine(m))
		}
	}
	m.opts.Copy = func(string) error { return errors.New("no clipboard here") }
	if press(m, "y"); !strings.Contains(lastLine(m), "not copied: no clipboard here") {
		t.Errorf("%q", lastLine(m))
	}
	m.opts.Copy = nil
	if press(m, "y"); !strings.Contains(lastLine(m), "no clipboard") {
		t.Errorf("%q", lastLine(m))
	}
}
