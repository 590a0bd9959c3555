package dashboard

import (
	"costping/ui/dashboard/screen"

	tea "github.com/charmbracelet/bubbletea"
)

// frameLines are the lines above the body of a full screen.
const frameLines = 3

// click selects the row under the mouse, opens the screen or lights the knob; the
// wheel moves the selection.
func (m *Model) click(e tea.MouseEvent) tea.Cmd {
	if m.overlay != nil {
		return nil
	}
	defer m.rebuild()
	switch {
	case e.Button == tea.MouseButtonWheelUp:
		m.shift(-1)
	case e.Button == tea.MouseButtonWheelDown:
		m.shift(+1)
	case e.Button != tea.MouseButtonLeft || e.Action != tea.MouseActionPress:
	case e.Y < frameLines && !screen.Small(m.height):
		return m.clickFrame(e.X, e.Y)
	case m.at == comparePage:
		if i := m.rowAt(e.Y); i >= 0 {
			m.rows.selected = m.table.Rows[i].Target
		}
	}
	return nil
}

// clickFrame opens the screen whose name was clicked, or lights the knob.
func (m *Model) clickFrame(x, y int) tea.Cmd {
	f := m.framed()
	switch y {
	case 0:
		if i := f.ScreenAt(x, m.width, m.opts.Theme); i >= 0 {
			m.open(pageID(i))
			return m.poll()
		}
	case 1:
		i := f.KnobAt(x, m.width, m.opts.Theme)
		switch own := m.page().knobs; {
		case i < 0:
		case own != nil:
			own.light(m, 2*i-1) // it has two of them
		case i < int(knobCount):
			m.knobs.lit = knob(i)
		}
	}
	return nil
}
