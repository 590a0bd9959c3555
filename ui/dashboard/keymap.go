package dashboard

import (
	"cmp"
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
	// only is the screen that has it, where it is one's alone; digit says that it
	// is how a screen is reached.
	only  *pageID
	digit bool
}

// on reports whether the key is one of a screen.
func (b *binding) on(at pageID) bool { return b.only == nil || *b.only == at }

// plain wraps an action that needs no command.
func plain(f func(*Model)) func(*Model) tea.Cmd {
	return func(m *Model) tea.Cmd { f(m); return nil }
}

// overlaid opens an overlay.
func overlaid[T overlay](open func(*Model) T) func(*Model) tea.Cmd {
	return func(m *Model) tea.Cmd { m.overlay = open(m); return nil }
}

// keymap is the table of keys, in the order of the help. The dispatch, the help,
// the palette, the hints and the README are made from it.
func keymap() []binding {
	probes := probesPage
	return slices.Concat(knobKeys(), rowKeys(), screenKeys(), timeKeys(), outKeys(), []binding{
		{keys: []string{"d"}, label: "d", does: "this target off and on", hint: "off/on", run: (*Model).toggleTarget, only: &probes},
	}, endKeys())
}

func knobKeys() []binding {
	turn := func(by int, coarse bool) func(*Model) tea.Cmd {
		return plain(func(m *Model) { m.turn(by, coarse) })
	}
	return []binding{
		{keys: []string{"left", "h"}, label: "← h", does: "turn the lit knob down a little", run: turn(-1, false)},
		{keys: []string{"right", "l"}, label: "→ l", does: "turn the lit knob up a little", run: turn(+1, false)},
		{keys: []string{"shift+left", "H"}, label: "shift+← H", does: "turn the lit knob down a lot", run: turn(-1, true)},
		{keys: []string{"shift+right", "L"}, label: "shift+→ L", does: "turn the lit knob up a lot", run: turn(+1, true)},
		{keys: []string{","}, label: ",", does: "light the knob to the left", run: plain(func(m *Model) { m.light(-1) })},
		{keys: []string{"."}, label: ".", does: "light the knob to the right", run: plain(func(m *Model) { m.light(+1) })},
		{keys: []string{"+", "="}, label: "+ =", does: "more volume, whichever knob is lit", run: plain(func(m *Model) { m.knobs.turn(volume, +1, false) })},
		{keys: []string{"-", "_"}, label: "- _", does: "less volume, whichever knob is lit", run: plain(func(m *Model) { m.knobs.turn(volume, -1, false) })},
		{keys: []string{"0"}, label: "0", does: "the lit knob back to the workload's value", run: plain(func(m *Model) { m.putBack(false) })},
		{keys: []string{"R"}, label: "R", does: "all knobs back to the workload's values", run: plain(func(m *Model) { m.putBack(true) })},
		{keys: []string{"w"}, label: "w", does: "next workload", run: plain(func(m *Model) { m.takeWorkload(m.workload + 1) })},
		{keys: []string{"W"}, label: "W", does: "previous workload", run: plain(func(m *Model) { m.takeWorkload(m.workload - 1) })},
		{keys: []string{"e"}, label: "e", does: "type exact values for every knob", run: overlaid(newEntry)},
	}
}

func rowKeys() []binding {
	return []binding{
		{keys: []string{"up", "k"}, label: "↑ k", does: "row up", run: plain(func(m *Model) { m.shift(-1) })},
		{keys: []string{"down", "j"}, label: "↓ j", does: "row down", run: plain(func(m *Model) { m.shift(+1) })},
		{keys: []string{"home", "g"}, label: "home g", does: "first row", run: plain(func(m *Model) { m.shift(-everyRow) })},
		{keys: []string{"end", "G"}, label: "end G", does: "last row", run: plain(func(m *Model) { m.shift(+everyRow) })},
		{keys: []string{"pgup", "ctrl+u"}, label: "pgup ctrl+u", does: "half a page up", run: plain(func(m *Model) { m.shift(-m.halfPage()) })},
		{keys: []string{"pgdown", "ctrl+d"}, label: "pgdn ctrl+d", does: "half a page down", run: plain(func(m *Model) { m.shift(m.halfPage()) })},
		{keys: []string{"enter"}, label: "enter", does: "open the row, take the choice", hint: "open", run: (*Model).enter},
		{keys: []string{" "}, label: "space", does: "mark the row; two marked rows are compared", hint: "mark", run: plain((*Model).mark)},
		{keys: []string{"u"}, label: "u", does: "unmark all", run: plain(func(m *Model) { m.rows.marked, m.rows.base = nil, "" })},
		{keys: []string{"b"}, label: "b", does: "make the row the base for ratios", run: plain((*Model).rebase)},
		{keys: []string{"s"}, label: "s", does: "sort: then a letter, or s for the next column", hint: "sort", run: overlaid(func(*Model) sorting { return sorting{} })},
		{keys: []string{"S"}, label: "S", does: "reverse the sort", run: plain(func(m *Model) { m.rows.order.Reverse = !m.rows.order.Reverse; m.rows.shown = nil })},
		{keys: []string{"/"}, label: "/", does: "filter rows", hint: "filter", run: overlaid(newFiltering)},
		{keys: []string{"a"}, label: "a", does: "my targets, starter list, all models", run: plain(func(m *Model) { m.set = (m.set + 1) % len(m.opts.Sets) })},
		{keys: []string{"i"}, label: "i", does: "why: how this row's figures come about", hint: "why", run: (*Model).why},
		{keys: []string{"E"}, label: "E", does: "what you say of this model: quality, tags, own price, own machine", run: (*Model).sayFacts},
	}
}

// everyRow moves past all rows.
const everyRow = 1 << 20

func screenKeys() []binding {
	var keys []binding
	for i, name := range []string{"Compare", "Model", "Spend", "Choose", "Reliability", "Probes"} {
		digit := string(rune('1' + i))
		keys = append(keys, binding{keys: []string{digit}, label: digit, does: "the screen " + name, run: plain(func(m *Model) { m.open(pageID(i)) }), digit: true})
	}
	return append(keys, []binding{
		{keys: []string{"tab"}, label: "tab", does: "next pane of this screen", run: plain(func(m *Model) { m.nextPane(+1) })},
		{keys: []string{"shift+tab"}, label: "shift+tab", does: "previous pane", run: plain(func(m *Model) { m.nextPane(-1) })},
		{keys: []string{"z"}, label: "z", does: "zoom the pane to the whole screen and back", run: plain(func(m *Model) { m.state().zoomed = !m.state().zoomed })},
		{keys: []string{"v"}, label: "v", does: "next view of the pane", run: plain((*Model).nextView)},
	}...)
}

func timeKeys() []binding {
	return []binding{
		{keys: []string{"t"}, label: "t", does: "charts over a longer time", run: plain(func(m *Model) { m.lookBack(+1) })},
		{keys: []string{"T"}, label: "T", does: "charts over a shorter time", run: plain(func(m *Model) { m.lookBack(-1) })},
		{keys: []string{"<"}, label: "<", does: "time cursor back on the time charts", run: plain(func(m *Model) { m.moveCursor(+1) })},
		{keys: []string{">"}, label: ">", does: "time cursor forward", run: plain(func(m *Model) { m.moveCursor(-1) })},
		{keys: []string{"n"}, label: "n", does: "time cursor to the next event", run: plain(func(m *Model) { m.toEvent(true) })},
		{keys: []string{"N"}, label: "N", does: "time cursor to the previous event", run: plain(func(m *Model) { m.toEvent(false) })},
		{keys: []string{"f"}, label: "f", does: "freeze the picture and go on; probing goes on", hint: "freeze", run: (*Model).toggleFreeze},
		{keys: []string{"p"}, label: "p", does: "probe the chosen rows now, price said first", run: (*Model).probeNow},
		{keys: []string{"P"}, label: "P", does: "pause all probing, and resume it", run: (*Model).togglePause},
	}
}

func outKeys() []binding {
	return []binding{
		{keys: []string{"y"}, label: "y", does: "copy the row", run: (*Model).copyRow},
		{keys: []string{"Y"}, label: "Y", does: "copy the table as Markdown", run: (*Model).copyTable},
		{keys: []string{"c"}, label: "c", does: "copy the command that prints this view", run: (*Model).copyCommand},
		{keys: []string{"x"}, label: "x", does: "export: files, window, note", hint: "export", run: (*Model).export},
		{keys: []string{"m"}, label: "m", does: "mouse on and off", run: (*Model).toggleMouse},
		{keys: []string{":"}, label: ":", does: "every action and screen by name", run: overlaid(func(*Model) *palette { return &palette{field: newField("")} })},
		{keys: []string{"?"}, label: "?", does: "this list of keys", hint: "keys", run: overlaid(func(*Model) *helping { return newHelp() })},
	}
}

func endKeys() []binding {
	return []binding{
		{keys: []string{"esc"}, label: "esc", does: "one step back; never quits", run: plain((*Model).back)},
		{keys: []string{"q"}, label: "q", does: "close what is open, else quit", hint: "quit", run: (*Model).quit},
		{keys: []string{"Q"}, label: "Q", does: "quit and leave the table on the terminal", run: func(m *Model) tea.Cmd { m.leave = true; return tea.Quit }},
		{keys: []string{"ctrl+l"}, label: "ctrl+l", does: "redraw", run: func(*Model) tea.Cmd { return tea.ClearScreen }},
		{keys: []string{"ctrl+z"}, label: "ctrl+z", does: "suspend; fg brings it back", run: func(*Model) tea.Cmd { return tea.Suspend }},
		{keys: []string{"ctrl+c"}, label: "ctrl+c", does: "quit now, from anywhere", run: func(m *Model) tea.Cmd { m.interrupted = true; return tea.Quit }},
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
	{"q", "quality", compare.ByQuality},
	{"t", "TTFT", compare.ByTTFT},
	{"9", "p95", compare.ByTail},
	{"k", "tok/s", compare.BySpeed},
	{"a", "answer", compare.ByAnswer},
	{"o", "ok%", compare.ByOK},
	{"v", "via", compare.ByVia},
	{"i", "$/1K", compare.ByItems},
	{"c", "context", compare.ByContext},
	{"e", "ends", compare.ByEnds},
}

// sortBy sorts anew: rows need not keep the places that they had.
func (m *Model) sortBy(c compare.Column) {
	m.rows.order, m.rows.shown = compare.Order{Column: c}, nil
}

// sortChoices are the columns of the menu: those on the screen, where the arrow is
// seen; on the other screens all of them.
func (m *Model) sortChoices() []sortChoice {
	if m.at != comparePage {
		return sortKeys
	}
	on := m.compareBody().SortedBy(m.width, m.opts.Theme)
	return slices.DeleteFunc(slices.Clone(sortKeys), func(k sortChoice) bool { return !slices.Contains(on, k.column) })
}

// nextSort takes the next column of the menu.
func (m *Model) nextSort() {
	choices := m.sortChoices()
	i := slices.IndexFunc(choices, func(k sortChoice) bool { return k.column == m.rows.order.By() })
	if len(choices) > 0 {
		m.sortBy(choices[(i+1)%len(choices)].column)
	}
}

// sortMenu is the menu on the last line, with the current column in brackets, in
// ever shorter forms.
func sortMenu(choices []sortChoice, o compare.Order) []string {
	var words, few, letters []string
	for i, k := range choices {
		word, letter := k.key+" "+k.word, k.key
		if k.column == o.By() {
			word, letter = "["+word+"]", "["+letter+"]"
		}
		words, letters = append(words, word), append(letters, letter)
		if i < 9 || k.column == o.By() {
			few = append(few, word)
		}
	}
	return []string{
		"sort by  " + strings.Join(words, "  ") + "   s next  esc",
		"sort: " + strings.Join(few, " ") + " s next",
		"sort " + strings.Join(letters, " ") + " s",
	}
}

// hints are the last line: the pairs that matter most, then the table's own.
func (m *Model) hints() []screen.Hint {
	turns, moves := m.keyWords()
	list := []screen.Hint{
		{Key: "←→", Does: "turn " + cmp.Or(turns, m.litName())},
		{Key: "↑↓", Does: cmp.Or(moves, "model")},
		{Key: "?", Does: "keys"},
		{Key: "q", Does: "quit"},
		{Key: ", .", Does: "other knob"},
		{Key: "+ -", Does: "volume"},
	}
	if m.page().hint != "" {
		list = append(list, screen.Hint{Key: "enter", Does: m.page().hint})
	}
	for i := range m.keys {
		b := &m.keys[i]
		if b.hint == "" || !b.on(m.at) || b.label == "?" || b.label == "q" || b.label == "enter" && m.page().hint != "" {
			continue
		}
		list = append(list, screen.Hint{Key: b.label, Does: b.hint})
	}
	return list
}
