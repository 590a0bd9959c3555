package dashboard

import (
	"errors"

	"costping/ui/compare"
	"costping/ui/dashboard/screen"

	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"
)

// filtering is the field in which a filter is typed. Rows go and come as it is
// typed; esc leaves the filter as it was.
type filtering struct {
	field  textinput.Model
	before *compare.Filter
	err    *compare.FilterError
	// past are earlier filters, at is which of them is shown.
	at int
}

func newFiltering(m *Model) *filtering {
	return &filtering{field: newField(m.rows.filter.String()), before: m.rows.filter, at: len(m.filters)}
}

func (*filtering) types() {}

func (f *filtering) press(m *Model, key tea.KeyMsg) (tea.Cmd, bool) {
	switch key.String() {
	case "esc":
		m.rows.filter = f.before
		return nil, true
	case "enter":
		if f.err != nil {
			return nil, false
		}
		m.remember(m.rows.filter.String())
		return nil, true
	case "up", "down":
		f.recall(m, key.String() == "up")
	case "tab":
		f.complete()
	default:
		f.field, _ = f.field.Update(key)
	}
	filter, err := compare.ParseFilter(f.field.Value())
	f.err = nil
	if !errors.As(err, &f.err) {
		m.rows.filter = filter
	}
	return nil, false
}

// recall puts an earlier filter, or a later one, into the field.
func (f *filtering) recall(m *Model, earlier bool) {
	step := 1
	if earlier {
		step = -1
	}
	f.at = max(0, min(f.at+step, len(m.filters)))
	text := ""
	if f.at < len(m.filters) {
		text = m.filters[f.at]
	}
	f.field.SetValue(text)
	f.field.CursorEnd()
}

// complete finishes the name of a field where only one begins so.
func (f *filtering) complete() {
	text := f.field.Value()
	at := len(text)
	for at > 0 && text[at-1] != ' ' {
		at--
	}
	found := ""
	for _, name := range compare.FilterFields() {
		if word := text[at:]; word != "" && len(name) > len(word) && name[:len(word)] == word {
			if found != "" {
				return
			}
			found = name
		}
	}
	if found != "" {
		f.field.SetValue(text[:at] + found)
		f.field.CursorEnd()
	}
}

func (f *filtering) show(m *Model, frame *screen.Frame) {
	th := m.opts.Theme
	text := " / " + m.typed(f.field)
	if f.err != nil {
		value := f.field.Value()
		from, to := min(f.err.At, len(value)), min(f.err.At+f.err.Len, len(value))
		text = " / " + value[:from] + th.Bad.Underline(true).Render(value[from:to]) + value[to:] + th.Lit.Render(" ")
		text += "  " + th.Bad.Render(f.err.What)
		if f.err.Hint != "" {
			text += th.Dim.Render("; " + f.err.Hint)
		}
	} else {
		hint := "names, or p95<800 month<300 via:openai ok>99 retired:no q>=0.85"
		if n := m.table.Hidden; n > 0 {
			hint = compare.Plural(len(m.table.Rows), "row") + " of " + compare.Count(len(m.table.Rows)+n)
			if m.table.Undecided > 0 {
				hint += ", " + compare.Count(m.table.Undecided) + " hidden for a figure that is unknown"
			}
		}
		text += "  " + th.Dim.Render(hint)
	}
	frame.Field = text
}

// remember keeps a filter for the arrow keys.
func (m *Model) remember(filter string) {
	const most = 50
	if filter == "" || len(m.filters) > 0 && m.filters[len(m.filters)-1] == filter {
		return
	}
	m.filters = append(m.filters, filter)
	if len(m.filters) > most {
		m.filters = m.filters[1:]
	}
}
