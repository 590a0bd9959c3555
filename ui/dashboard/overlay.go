package dashboard

import (
	"slices"
	"strings"

	"costping/ui/dashboard/screen"
	"costping/ui/dashboard/widget"

	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/sahilm/fuzzy"
)

// overlay lies over the screen and takes the keys first.
type overlay interface {
	// press takes a key; closed says that the overlay has ended.
	press(m *Model, key tea.KeyMsg) (cmd tea.Cmd, closed bool)
	// show puts the overlay on the frame: as its body, its menu or its field.
	show(m *Model, f *screen.Frame)
}

// typist is an overlay in which letters are text and not commands.
type typist interface{ types() }

// newField is a field to type in, with what is in it at first.
func newField(text string) textinput.Model {
	field := textinput.New()
	field.Prompt = ""
	field.CharLimit = longestTyped
	field.SetValue(text)
	field.CursorEnd()
	field.Focus()
	field.Cursor.SetMode(2) // hidden: what is drawn is drawn here
	return field
}

// longestTyped bounds what can be typed or pasted into a field, in characters.
const longestTyped = 500

// around is what stands beside a field on its line, and its cursor.
const around = 14

// typed draws a field with its cursor. Of a text that is too long for the screen the
// part before the cursor is shown.
func (m *Model) typed(field textinput.Model) string {
	th := m.opts.Theme
	text, at := []rune(field.Value()), field.Position()
	under := " "
	rest := ""
	if at < len(text) {
		under, rest = string(text[at]), string(text[at+1:])
	}
	before := string(text[:at])
	if over := widget.Width(before) - max(1, m.width-around); over > 0 {
		before = th.Ellipsis + ansi.TruncateLeft(before, over+widget.Width(th.Ellipsis), "")
	}
	return before + th.Lit.Render(under) + rest
}

// scrolling is where a list or a sheet is scrolled to, by the keys that do that.
type scrolling int

// scroll moves by a key; false where the key is no such.
func (s *scrolling) scroll(name string, page, last int) bool {
	switch name {
	case "up", "k":
		*s--
	case "down", "j":
		*s++
	case "pgup", "ctrl+u":
		*s -= scrolling(page)
	case "pgdown", "ctrl+d", " ":
		*s += scrolling(page)
	case "home", "g":
		*s = 0
	case "end", "G":
		*s = scrolling(last)
	default:
		return false
	}
	*s = max(0, min(*s, scrolling(last)))
	return true
}

// helping is the list of keys of the screen; what is typed filters it.
type helping struct {
	field textinput.Model
	top   scrolling
}

func newHelp() *helping { return &helping{field: newField("")} }

func (*helping) types() {}

func (h *helping) press(m *Model, key tea.KeyMsg) (tea.Cmd, bool) {
	name := key.String()
	switch {
	case name == "esc" && h.field.Value() != "":
		h.field.SetValue("")
		return nil, false
	case name == "esc", h.field.Value() == "" && (name == "?" || name == "q"):
		return nil, true
	case h.scrolls(key) && h.top.scroll(name, m.height/2, max(0, h.list(m).Lines(m.width)-(m.height-7))):
		return nil, false
	}
	h.field, _ = h.field.Update(key)
	h.top = 0
	return nil, false
}

// scrolls reports whether a key may scroll: once something is typed, a space and
// the keys that edit are the field's.
func (h *helping) scrolls(key tea.KeyMsg) bool {
	switch key.Type {
	case tea.KeyRunes:
		return false
	case tea.KeySpace, tea.KeyHome, tea.KeyEnd, tea.KeyCtrlU, tea.KeyCtrlD:
		return h.field.Value() == ""
	}
	return true
}

func (h *helping) list(m *Model) screen.List {
	l := screen.List{
		Title: "keys of " + m.page().name, Selected: -1, Top: int(h.top), None: "no key does that",
		Foot: "letters filter, esc or ? closes",
	}
	if h.field.Value() != "" {
		l.Field = "/ " + m.typed(h.field)
	}
	for i := range m.keys {
		b := &m.keys[i]
		if b.on(m.at) && matches(b.label+" "+b.does, h.field.Value()) {
			l.Rows = append(l.Rows, screen.Hint{Key: b.label, Does: b.does})
		}
	}
	for _, sign := range m.signs() {
		if matches(sign.Key+" "+sign.Does, h.field.Value()) {
			l.Rows = append(l.Rows, sign)
		}
	}
	return l
}

// signs says what the signs before the rows of a small table mean, and the counts of
// them above it.
func (m *Model) signs() []screen.Hint {
	th := m.opts.Theme
	return []screen.Hint{
		{Key: th.Pick, Does: "sign: the pick, which line 3 is about"},
		{Key: th.Failing, Does: "sign: does not answer; with a number, so many models"},
		{Key: th.Over, Does: "sign: over a limit"},
		{Key: th.Fine, Does: "sign: measured, and over no limit"},
		{Key: th.Retired, Does: "sign: retired"},
		{Key: "?", Does: "sign: not measured in this window"},
		{Key: "0.88m", Does: "quality: measured by eval; without m it is what you state"},
	}
}

// matches reports whether every word that was typed is in a text.
func matches(text, typed string) bool {
	text = strings.ToLower(text)
	return !slices.ContainsFunc(strings.Fields(strings.ToLower(typed)), func(word string) bool { return !strings.Contains(text, word) })
}

func (h *helping) show(m *Model, f *screen.Frame) {
	f.Body, f.Over = screen.Whole{Drawing: h.list(m)}, true
}

// palette is every action and screen by name.
type palette struct {
	field    textinput.Model
	selected int
}

func (*palette) types() {}

// choices are the actions that fit what was typed, the likest first.
func (p *palette) choices(m *Model) []choice {
	all := m.choices()
	if p.field.Value() == "" {
		return all
	}
	names := make([]string, len(all))
	for i, c := range all {
		names[i] = c.does
	}
	var found []choice
	for _, match := range fuzzy.Find(p.field.Value(), names) {
		if meant(match) {
			found = append(found, all[match.Index])
		}
	}
	return found
}

// meant reports whether what was typed are beginnings of words, or a part of one:
// letters picked from anywhere would run what nobody asked for.
func meant(match fuzzy.Match) bool {
	for i, at := range match.MatchedIndexes {
		joined := i > 0 && at == match.MatchedIndexes[i-1]+1
		if i > 0 && !joined && match.Str[at] != ' ' && match.Str[at-1] != ' ' {
			return false
		}
	}
	return true
}

func (p *palette) press(m *Model, key tea.KeyMsg) (tea.Cmd, bool) {
	choices := p.choices(m)
	switch key.String() {
	case "esc":
		return nil, true
	case "up":
		p.selected = max(0, p.selected-1)
		return nil, false
	case "down":
		p.selected = min(max(0, len(choices)-1), p.selected+1)
		return nil, false
	case "enter":
		if p.selected >= len(choices) {
			return nil, true
		}
		m.overlay = nil
		return choices[p.selected].run(m), true
	}
	p.field, _ = p.field.Update(key)
	p.selected = 0
	return nil, false
}

func (p *palette) show(m *Model, f *screen.Frame) {
	l := screen.List{
		Title: "actions", Field: ": " + m.typed(p.field), Selected: p.selected, None: "nothing is called that",
		Foot: "enter does it, esc closes",
	}
	for _, c := range p.choices(m) {
		l.Rows = append(l.Rows, screen.Hint{Key: c.key, Does: c.does})
	}
	f.Body, f.Over = screen.Whole{Drawing: l}, true
}

// choice is an action that can be asked for by name.
type choice struct {
	key, does string
	run       func(*Model) tea.Cmd
}

// choices are all actions of the current screen, and all screens.
func (m *Model) choices() []choice {
	var all []choice
	for _, w := range m.opts.Ways {
		all = append(all, choice{"", w.Name + ": " + w.Does, func(m *Model) tea.Cmd { m.next = w.Name; return tea.Quit }})
	}
	for i := range m.pages {
		name := m.pages[i].name
		all = append(all, choice{string(rune('1' + i)), name, func(m *Model) tea.Cmd { m.open(pageID(i)); return m.poll() }})
	}
	for i := range m.keys {
		if b := &m.keys[i]; b.on(m.at) && !b.digit {
			all = append(all, choice{b.label, b.does, b.run})
		}
	}
	return all
}

// sorting is the menu of columns on the last line.
type sorting struct{}

func (sorting) press(m *Model, key tea.KeyMsg) (tea.Cmd, bool) {
	if key.String() == "s" {
		m.nextSort()
		return nil, false
	}
	name := key.String()
	for _, k := range m.sortChoices() {
		if k.key == name {
			m.sortBy(k.column)
			return nil, true
		}
	}
	for _, k := range sortKeys {
		if k.key == name {
			m.sortBy(k.column)
			m.say("sorted by " + k.word + ", a column that has no room here")
			return nil, true
		}
	}
	if name != "esc" && name != "enter" && name != "q" {
		m.say("no column goes by " + name + "; s opens the menu again")
	}
	return nil, true
}

func (sorting) show(m *Model, f *screen.Frame) { f.Menu = sortMenu(m.sortChoices(), m.rows.order) }

// asking is a question that enter answers with yes.
type asking struct {
	text []string // longest form first
	yes  func(*Model) tea.Cmd
}

func (a *asking) press(m *Model, key tea.KeyMsg) (tea.Cmd, bool) {
	switch key.String() {
	case "enter", "y":
		m.overlay = nil
		return a.yes(m), true
	case "esc", "n", "q":
		return nil, true
	}
	return nil, false
}

func (a *asking) show(_ *Model, f *screen.Frame) { f.Menu = a.text }

// reading is a sheet of lines: why a row is as it is.
type reading struct {
	sheet func(*Model) screen.Sheet
	top   scrolling
}

func (r *reading) press(m *Model, key tea.KeyMsg) (tea.Cmd, bool) {
	last := max(0, r.sheet(m).Height(m.width, m.opts.Theme)-max(1, m.height-6))
	switch name := key.String(); name {
	case "esc", "q", "i", "enter":
		return nil, true
	default:
		r.top.scroll(name, m.height/2, last)
		return nil, false
	}
}

func (r *reading) show(m *Model, f *screen.Frame) {
	sheet := r.sheet(m)
	sheet.Top = int(r.top)
	f.Body, f.Over = screen.Whole{Drawing: sheet}, true
}
