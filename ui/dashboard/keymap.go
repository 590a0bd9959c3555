package dashboard

import (
	"slices"
	"strings"

	"costping/ui/compare"
	"costping/ui/dashboard/screen"

	tea "github.com/charmbracelet/bubbletea"
)

// binding is one row of the key table.
type binding struct {
	// keys as Bubble Tea names them.
	keys []string
	// label is how they are written for people, does what they do.
	label, does string
	// hint is the word for the last line of the screen, "" for none there.
	hint string
	// run changes the model; the command it returns, if any, does I/O.
	run func(*Model) tea.Cmd
}

// plain wraps an action that needs no command.
func plain(f func(*Model)) func(*Model) tea.Cmd {
	return func(m *Model) tea.Cmd { f(m); return nil }
}

// keymap is the table of keys of the Compare screen, in the order of the help.
func keymap() []binding {
	return []binding{
		{[]string{"left", "h"}, "← h", "turn the lit knob down a little", "", plain(func(m *Model) { m.turn(-1, false) })},
		{[]string{"right", "l"}, "→ l", "turn the lit knob up a little", "", plain(func(m *Model) { m.turn(+1, false) })},
		{[]string{"shift+left", "H"}, "shift+← H", "turn the lit knob down a lot", "", plain(func(m *Model) { m.turn(-1, true) })},
		{[]string{"shift+right", "L"}, "shift+→ L", "turn the lit knob up a lot", "", plain(func(m *Model) { m.turn(+1, true) })},
		{[]string{","}, ",", "light the knob to the left", "", plain(func(m *Model) { m.light(-1) })},
		{[]string{"."}, ".", "light the knob to the right", "", plain(func(m *Model) { m.light(+1) })},
		{[]string{"+", "="}, "+ =", "more volume, whichever knob is lit", "", plain(func(m *Model) { m.turnKnob(screen.Volume, +1, false) })},
		{[]string{"-", "_"}, "- _", "less volume, whichever knob is lit", "", plain(func(m *Model) { m.turnKnob(screen.Volume, -1, false) })},
		{[]string{"0"}, "0", "the lit knob back to where it started", "", plain(func(m *Model) { m.reset(m.lit) })},
		{[]string{"R"}, "R", "all knobs back to where they started", "", plain(func(m *Model) { m.work = m.base })},
		{[]string{"up", "k"}, "↑ k", "row up", "", plain(func(m *Model) { m.move(-1) })},
		{[]string{"down", "j"}, "↓ j", "row down", "", plain(func(m *Model) { m.move(+1) })},
		{[]string{"home", "g"}, "home g", "first row", "", plain(func(m *Model) { m.move(-len(m.table.Rows)) })},
		{[]string{"end", "G"}, "end G", "last row", "", plain(func(m *Model) { m.move(len(m.table.Rows)) })},
		{[]string{"pgup", "ctrl+u"}, "pgup ctrl+u", "half a page up", "", plain(func(m *Model) { m.move(-m.halfPage()) })},
		{[]string{"pgdown", "ctrl+d"}, "pgdn ctrl+d", "half a page down", "", plain(func(m *Model) { m.move(m.halfPage()) })},
		{[]string{"s"}, "s", "sort: then a letter, or s for the next column", "sort", plain(func(m *Model) { m.overlay = sorting })},
		{[]string{"S"}, "S", "reverse the sort", "", plain(func(m *Model) { m.order.Reverse = !m.order.Reverse })},
		{[]string{"f"}, "f", "freeze the picture; probing goes on", "freeze", (*Model).toggleFreeze},
		{[]string{"?"}, "?", "this list of keys", "keys", plain(func(m *Model) { m.overlay, m.helpTop = helping, 0 })},
		{[]string{"esc"}, "esc", "close what is open; never quits", "", plain(func(m *Model) { m.overlay = nothing })},
		{[]string{"q"}, "q", "close what is open, else quit", "quit", func(*Model) tea.Cmd { return tea.Quit }},
		{[]string{"Q"}, "Q", "quit and leave the table on the terminal", "", func(m *Model) tea.Cmd { m.leave = true; return tea.Quit }},
		{[]string{"ctrl+l"}, "ctrl+l", "redraw", "", func(*Model) tea.Cmd { return tea.ClearScreen }},
		{[]string{"ctrl+z"}, "ctrl+z", "suspend; fg brings it back", "", func(*Model) tea.Cmd { return tea.Suspend }},
		{[]string{"ctrl+c"}, "ctrl+c", "quit now, from anywhere", "", func(m *Model) tea.Cmd { m.interrupted = true; return tea.Quit }},
	}
}

// sortChoice is a letter of the sort menu.
type sortChoice struct {
	key, word string
	column    compare.Column
}

var sortKeys = []sortChoice{
	{"m", "model", compare.ByModel},
	{"d", "$/day", compare.ByDay},
	{"$", "$/month", compare.ByMonth},
	{"t", "TTFT", compare.ByTTFT},
	{"9", "p95", compare.ByTail},
	{"k", "tok/s", compare.BySpeed},
	{"a", "answer", compare.ByAnswer},
	{"o", "ok%", compare.ByOK},
}

// sortMenu is the menu on the last line, with the current column in brackets, in
// ever shorter forms.
func sortMenu(o compare.Order) []string {
	var words, letters []string
	for _, k := range sortKeys {
		word, letter := k.key+" "+k.word, k.key
		if k.column == o.By() {
			word, letter = "["+word+"]", "["+letter+"]"
		}
		words, letters = append(words, word), append(letters, letter)
	}
	return []string{
		"sort by  " + strings.Join(words, "  ") + "   s next  esc",
		"sort: " + strings.Join(words, " ") + " s next",
		"sort " + strings.Join(letters, " ") + " s",
	}
}

// hints are the last line: the two pairs that matter most, then the table's own.
func hints(bindings []binding, lit screen.Knob) []screen.Hint {
	knob := map[screen.Knob]string{screen.Volume: "volume", screen.Split: "split"}[lit]
	list := []screen.Hint{{Key: "←→", Does: "turn " + knob}, {Key: ", .", Does: "other knob"}, {Key: "+ -", Does: "volume"}, {Key: "↑↓", Does: "model"}}
	for _, b := range bindings {
		if b.hint != "" {
			list = append(list, screen.Hint{Key: b.label, Does: b.hint})
		}
	}
	// Quitting and help are told even where little fits.
	slices.SortStableFunc(list, func(a, b screen.Hint) int { return rank(a) - rank(b) })
	return list
}

func rank(h screen.Hint) int {
	switch h.Key {
	case "←→", "↑↓":
		return 0
	case "?", "q":
		return 1
	}
	return 2
}
