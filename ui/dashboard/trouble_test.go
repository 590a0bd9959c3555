package dashboard

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/store"
	"costping/ui/compare"

	tea "github.com/charmbracelet/bubbletea"
)

// hostileNames are such as a server, a file or a joker gives to a model.
var hostileNames = []string{
	strings.Repeat("long-", 60), "\x1b[2J\x1b[31mred\x1b[0m", "line\nbreak\ttab", "نموذج-اللغة-الكبير", "大型语言模型-七十亿",
	"🧠🧠🧠", "e\u0301e\u0301", "\u202eright-to-left", "a\u200bzero-width", "",
}

// A model may be called anything: no screen loses its shape, and no sequence of
// its reaches the terminal.
func TestHostileNames(t *testing.T) {
	for _, raw := range hostileNames {
		name := probe.Sanitize(raw, 300)
		o := options(t)
		h := samples(40, map[string]int{name: 300, "gpt-4o": 800})
		h.events = []store.Event{{At: noon.Add(-time.Hour), Kind: "target_down", Target: name, Text: name + " is down"}}
		o.History = h
		o.Sets = []Set{{Candidates: []compare.Candidate{{Target: name, Tags: []string{name}}, {Target: "gpt-4o"}}}, {Name: name}}
		o.Workloads = append(o.Workloads, Workload{name, o.Workloads[0].Workload})
		o.Limits = []compare.Limit{{Target: "*", Bounds: []compare.Bound{{Metric: compare.LimitTTFTp50, Value: 1}}}}
		for _, size := range [][2]int{{20, 4}, {40, 8}, {80, 24}, {120, 40}, {200, 50}} {
			m := openedOn(o, size[0], size[1])
			for _, keys := range [][]string{{}, {" "}, {"j", " ", "b"}, {"i"}, {"esc", "p"}, {"esc", "W"}, {"a"}, {"a", "2"}, {"3"}, {"1", "z", "tab"}, {"tab"}, {"/"}} {
				press(m, keys...)
				after := fmt.Sprintf("%q, %v", name, keys)
				sized(t, m, after)
				if strings.Contains(m.View(), "\x1b[2J") || strings.ContainsAny(shown(m), "\x1b\t\u202e\u200b") {
					t.Fatalf("after %s: a control character is on the screen: %q", after, m.View())
				}
			}
		}
	}
}

// What is wrong with what was typed is said, at the field.
func TestEntryForm(t *testing.T) {
	for _, tc := range []struct {
		keys  []string // to the field
		text  string
		field int
		want  string // the workload, or part of what is wrong
		wrong bool
	}{
		{nil, "20M/day", 0, "20.0M tokens/day, 75% in 25% out", false},
		{nil, "30M", 0, "30.0M tokens/day, 75% in 25% out", false},
		{nil, "4000 documents/day", 0, "", true},
		{nil, "nonsense", 0, "", true},
		{[]string{"tab"}, "60/40", 1, "10.0M tokens/day, 60% in 40% out", false},
		{[]string{"down"}, "60/50", 1, "", true},
		{[]string{"tab", "tab", "tab", "tab"}, "30%", 4, "10.0M tokens/day, 75% in 25% out", false},
		{[]string{"tab", "tab", "tab", "tab"}, "130%", 4, "", true},
		{[]string{"shift+tab"}, "40", 7, "", true},
		{[]string{"up"}, "30.4", 7, "10.0M tokens/day, 75% in 25% out", false},
		{[]string{"tab", "tab"}, "500", 3, "", true}, // tokens in without tokens out
	} {
		m := opened(t, 100, 30)
		before := m.knobs.work.String()
		press(m, "e")
		press(m, tc.keys...)
		press(m, "ctrl+u")
		enter(m, tc.text)
		press(m, "enter")
		sized(t, m, tc.text)
		f, open := m.overlay.(*form)
		switch {
		case open != tc.wrong:
			t.Errorf("%v %q: open %v, %s", tc.keys, tc.text, open, shown(m))
		case !open && !strings.HasPrefix(m.knobs.work.String(), tc.want):
			t.Errorf("%v %q gives %s", tc.keys, tc.text, m.knobs.work)
		case open && (f.active != tc.field || f.wrong == "" || m.knobs.work.String() != before):
			t.Errorf("%v %q: field %d, %q, %s", tc.keys, tc.text, f.active, f.wrong, m.knobs.work)
		}
		if open {
			if enter(m, "x"); f.wrong != "" {
				t.Errorf("%q stays while it is mended", f.wrong)
			}
			if press(m, "esc"); m.overlay != nil || m.knobs.work.String() != before {
				t.Errorf("esc leaves %s", m.knobs.work)
			}
		}
	}
}

// Tokens of an item take the place of the split, and come back as they were typed.
func TestEntryOfItems(t *testing.T) {
	m := opened(t, 120, 40)
	press(m, "e", "ctrl+u")
	enter(m, "4000 documents/day")
	press(m, "tab", "tab")
	enter(m, "1875")
	press(m, "tab")
	enter(m, "625")
	press(m, "enter")
	if got := line(m, 1); m.overlay != nil || !strings.Contains(got, "4,000 documents/day × 1,875 in + 625 out = 10.0M tok/day") {
		t.Fatalf("%q\n%s", got, shown(m))
	}
	press(m, "e")
	f, _ := m.overlay.(*form)
	if in, out := f.fields[2].Value(), f.fields[3].Value(); in != "1875" || out != "625" {
		t.Errorf("they come back as %s and %s", in, out)
	}
	press(m, "esc", "R")
	if m.table.Changed {
		t.Error("R did not put it back")
	}
}

// A field that one comes to is chosen as a whole: what is typed takes its place, and any
// other key leaves it to be edited.
func TestChosenField(t *testing.T) {
	for _, tc := range []struct {
		keys []string
		text string
		want string
	}{
		{nil, "3", "3"},
		{[]string{"left"}, "3", "10M/da3y"},
		{[]string{"end"}, "s", "10M/days"},
		{[]string{"backspace"}, "3", "3"},
		{[]string{"backspace", "backspace"}, "", ""},
		{[]string{"x", "backspace"}, "3", "3"},
		{[]string{"tab", "shift+tab"}, "7", "7"},
		{[]string{"left", "tab", "shift+tab"}, "7", "7"},
	} {
		m := opened(t, 80, 24)
		press(m, "e")
		press(m, tc.keys...)
		enter(m, tc.text)
		f, _ := m.overlay.(*form)
		if got := f.fields[0].Value(); got != tc.want {
			t.Errorf("%v %q: %q, want %q", tc.keys, tc.text, got, tc.want)
		}
	}
}

func TestSavingAWorkload(t *testing.T) {
	o := options(t)
	var saved []string
	failure := errors.New("the configuration cannot be written")
	o.SaveWorkload = func(name string, w costmodel.Workload) error {
		saved = append(saved, name+": "+w.String())
		return failure
	}
	m := openedOn(o, 100, 30)
	save := func(name string) {
		press(m, "e", "ctrl+u")
		enter(m, "20M/day")
		press(m, "ctrl+s")
		enter(m, name)
		press(m, "enter")
	}
	save("")
	if f, ok := m.overlay.(*form); !ok || !strings.Contains(f.wrong, "needs a name") {
		t.Errorf("without a name: %T", m.overlay)
	}
	press(m, "esc")
	save("big")
	if !strings.Contains(lastLine(m), failure.Error()) || len(m.opts.Workloads) != 2 {
		t.Errorf("a failure says %q", lastLine(m))
	}
	failure = nil
	save("big")
	if want := "big: 20.0M tokens/day, 75% in 25% out"; !slices.Equal(saved, []string{want, want}) || m.knobs.name != "big" || m.table.Changed {
		t.Errorf("saved %v, on %q", saved, m.knobs.name)
	}
}

func TestFreeze(t *testing.T) {
	m := opened(t, 120, 40)
	h := history(m)
	before := m.table.Rows[0].Summary.Warm
	press(m, "f")
	h.window.Series, h.version = samples(40, models).window.Series, 2
	_, cmd := m.Update(tickMsg{})
	_ = cmd // the next tick, which takes its time
	settle(m, m.poll())
	if m.table.Rows[0].Summary.Warm != before || !strings.Contains(line(m, 0), "FROZEN") {
		t.Errorf("frozen, %d samples, %q", m.table.Rows[0].Summary.Warm, line(m, 0))
	}
	press(m, "right") // knobs go on turning
	if !m.table.Changed {
		t.Error("knobs are frozen too")
	}
	if press(m, "f"); m.table.Rows[0].Summary.Warm == before || strings.Contains(line(m, 0), "FROZEN") {
		t.Errorf("after the freeze %d samples, %q", m.table.Rows[0].Summary.Warm, line(m, 0))
	}
	m.frozen = true
	m.Update(answered{key: windowKey, value: store.Window{}}) // it was under way
	if m.table.Measured == 0 {
		t.Error("an answer that came late was taken")
	}
}

// A history that cannot be read leaves the figures and says so, and asks again.
func TestHistoryFailsAndRecovers(t *testing.T) {
	m := opened(t, 120, 40)
	h := history(m)
	press(m, "g", " ", "j", " ")
	h.err = errors.New("the owner is gone")
	for range 3 {
		h.version++
		settle(m, m.poll())
		sized(t, m, "a failure")
	}
	if got := line(m, 0); !strings.Contains(got, "STALE") || m.table.Measured != 5 {
		t.Errorf("%q, %d measured", got, m.table.Measured)
	}
	for at := range pageCount {
		m.open(at)
		settle(m, m.poll())
		sized(t, m, m.pages[at].name)
	}
	m.open(comparePage)
	reads := h.reads
	h.err = nil
	settle(m, m.poll())
	if got := line(m, 0); h.reads != reads+1 || strings.Contains(got, "STALE") {
		t.Errorf("%d reads, %q", h.reads-reads, got)
	}
	never := options(t)
	never.History = &memory{version: 1, err: h.err}
	empty := openedOn(never, 120, 40)
	sized(t, empty, "a history of nothing")
	broken := &memory{version: 1, err: errors.New("never")}
	never.History = broken
	if m := openedOn(never, 120, 40); !strings.Contains(line(m, 0), "STALE") || len(m.table.Rows) != 5 {
		t.Errorf("one that never answered: %q", line(m, 0))
	}
}

// A clock that is set back does not keep what is new from being read.
func TestClockSetBack(t *testing.T) {
	m := opened(t, 120, 40)
	h := history(m)
	clock := noon
	m.opts.Now = func() time.Time { return clock }
	clock = clock.Add(-2 * time.Hour)
	h.version++
	reads := h.reads
	settle(m, m.poll())
	if h.reads != reads+1 {
		t.Errorf("%d reads after the clock was set back", h.reads-reads)
	}
	m.rows.settled = noon
	if m.previous() != nil {
		t.Error("rows keep their places until the clock catches up")
	}
	press(m, "<", "n", "t", "T")
	sized(t, m, "a clock set back")
}

// Rows sorted by what was measured keep their places for a minute, and S and
// another column sort anew at once.
func TestRowsSettleOnceAMinute(t *testing.T) {
	m := opened(t, 120, 40)
	clock := noon
	m.opts.Now = func() time.Time { return clock }
	press(m, "s", "t")
	if m.previous(); m.rows.shown == nil {
		t.Fatal("nothing is remembered")
	}
	if m.previous() == nil {
		t.Error("settled anew within a minute")
	}
	clock = clock.Add(settleEvery)
	if m.previous() != nil {
		t.Error("not settled anew after a minute")
	}
	press(m, "S")
	if got := order(m); got[0] != "gpt-4o" {
		t.Errorf("reversed: %v", got)
	}
}

// Resizing in a storm, with whatever is open, draws the last size.
func TestResizeStorm(t *testing.T) {
	for _, first := range []string{"", "?", ":", "/", "e", "i", "s", "z"} {
		m := opened(t, 80, 24)
		if first != "" {
			press(m, first)
		}
		for i := range 300 {
			m.Update(tea.WindowSizeMsg{Width: i * 7 % 501, Height: i * 5 % 201})
			if i%10 == 0 {
				sized(t, m, fmt.Sprintf("%q and size %d", first, i))
			}
		}
		m.Update(tea.WindowSizeMsg{Width: 1 << 20, Height: 1 << 20}) // remembered, not drawn
		m.Update(tea.WindowSizeMsg{Width: -1, Height: -1})
		sized(t, m, "a size below none")
	}
}
