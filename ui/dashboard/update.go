package dashboard

import (
	"slices"

	"costping/ui/compare"
	"costping/ui/dashboard/screen"

	tea "github.com/charmbracelet/bubbletea"
)

// Update implements tea.Model. It routes, one call a case.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
		m.scroll()
	case tea.KeyMsg:
		return m, m.key(msg)
	case tickMsg:
		return m, tea.Batch(m.poll(), tick())
	case windowMsg:
		m.take(msg)
	}
	return m, nil
}

// take accepts a window. One that arrives after a freeze is left aside.
func (m *Model) take(msg windowMsg) {
	m.loading, m.loadErr = false, msg.err
	if msg.err != nil || m.frozen {
		return
	}
	m.window, m.loaded = msg.window, m.opts.Now()
	first := m.table.Measured == 0
	m.rebuild()
	if first && m.table.Pick >= 0 {
		m.selected = m.table.Rows[m.table.Pick].Target
		m.scroll()
	}
}

// key runs a key press. Bubble Tea hands over letters that arrive together, as
// from a held key or a slow line, as one message: each of them is a key.
func (m *Model) key(msg tea.KeyMsg) tea.Cmd {
	switch {
	case msg.Paste: // pasted text is not a command
		return nil
	case msg.Type != tea.KeyRunes || len(msg.Runes) < 2:
		return m.press(msg.String())
	}
	var commands []tea.Cmd
	for _, r := range msg.Runes[:min(len(msg.Runes), maxTyped)] {
		commands = append(commands, m.press(string(r)))
	}
	return tea.Batch(commands...)
}

// maxTyped bounds the letters taken from one message: a paste that the terminal
// does not mark as one must not hold the screen up.
const maxTyped = 256

// press runs what a key is bound to: in the overlay first, then in the table.
func (m *Model) press(name string) tea.Cmd {
	if name != "ctrl+c" && name != "ctrl+z" && m.overlayKey(name) {
		m.rebuild()
		return nil
	}
	for _, b := range m.keys {
		if slices.Contains(b.keys, name) {
			cmd := b.run(m)
			m.rebuild()
			return cmd
		}
	}
	return nil
}

// overlayKey gives the open overlay the key; false where it has no use for it.
func (m *Model) overlayKey(name string) bool {
	switch m.overlay {
	case helping:
		m.helpKey(name)
		return true
	case sorting:
		m.sortKey(name)
		return true
	case nothing:
	}
	return false
}

func (m *Model) helpKey(name string) {
	last := max(0, m.help().Lines(m.width)-(m.height-2))
	switch name {
	case "esc", "q", "?":
		m.overlay = nothing
	case "up", "k":
		m.helpTop--
	case "down", "j":
		m.helpTop++
	case "pgup", "ctrl+u":
		m.helpTop -= m.height / 2
	case "pgdown", "ctrl+d":
		m.helpTop += m.height / 2
	case "home", "g":
		m.helpTop = 0
	case "end", "G":
		m.helpTop = last
	}
	m.helpTop = min(max(m.helpTop, 0), last)
}

func (m *Model) sortKey(name string) {
	if name == "s" {
		m.nextSort()
		return
	}
	for _, k := range sortKeys {
		if k.key == name {
			m.order = compare.Order{Column: k.column}
		}
	}
	m.overlay = nothing
}

func (m *Model) help() screen.Help {
	h := screen.Help{Title: "keys of Compare", Top: m.helpTop}
	for _, b := range m.keys {
		h.Keys = append(h.Keys, screen.Hint{Key: b.label, Does: b.does})
	}
	return h
}
