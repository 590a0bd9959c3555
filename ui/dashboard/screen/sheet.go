package screen

import (
	"strings"

	"costping/ui/compare"
	"costping/ui/dashboard/theme"
	"costping/ui/dashboard/widget"
)

// Whole is a drawing that has the whole body at any size.
type Whole struct{ Drawing }

// DrawSmall implements Body.
func (w Whole) DrawSmall(width, height int, th theme.Theme) []string {
	return w.Draw(width, height, th)
}

// List is a title and rows of keys with what they do: the help and the palette.
type List struct {
	Title string
	// Field is what is typed to filter it, as drawn; "" for none.
	Field string
	Rows  []Hint
	// Selected is the row that enter takes, -1 for none; Top the first line shown.
	Selected, Top int
	// Foot says how it is closed; None what stands there without rows.
	Foot, None string
}

// listColumn is the width of one of two columns.
const listColumn = 58

// columns is how many the list has: two where they fit and nothing is selected.
func (l List) columns(width int) int {
	if l.Selected < 0 && width >= 2*listColumn {
		return 2
	}
	return 1
}

// Lines is how many lines the rows take at a width.
func (l List) Lines(width int) int {
	n := l.columns(width)
	return (len(l.Rows) + n - 1) / n
}

// Draw implements Drawing.
func (l List) Draw(width, height int, th theme.Theme) []string {
	lines := []string{th.Heading.Render(widget.Rule([]string{l.Title}, width, th.Glyphs))}
	if l.Field != "" {
		lines = append(lines, widget.Pad(" "+l.Field, width, th.Glyphs))
	}
	rows, columns := l.Lines(width), l.columns(width)
	keyWidth := 0
	for _, k := range l.Rows {
		keyWidth = max(keyWidth, widget.Width(th.Translate(k.Key)))
	}
	room := height - 1 - len(lines)
	top := l.scrolled(rows, room)
	for i := top; i < rows && i < top+room; i++ {
		text := ""
		for c := range columns {
			if j := c*rows + i; j < len(l.Rows) {
				text += l.row(j, keyWidth, width/columns, th)
			}
		}
		lines = append(lines, widget.Pad(text, width, th.Glyphs))
	}
	if len(l.Rows) == 0 && l.None != "" {
		lines = append(lines, widget.Pad("   "+th.Dim.Render(l.None), width, th.Glyphs))
	}
	lines = Fill(lines, width, height-1)
	foot := " " + l.Foot
	if rows > room {
		foot += th.Translate(", ↑↓ scroll")
	}
	return Fill(append(lines, th.Dim.Render(widget.Pad(foot, width, th.Glyphs))), width, height)
}

// scrolled is the first line shown: the selected one is in view.
func (l List) scrolled(rows, room int) int {
	top := l.Top
	if l.Selected >= 0 {
		top = min(max(top, l.Selected-room+1), max(l.Selected, 0))
	}
	return max(0, min(top, rows-room))
}

func (l List) row(j, keyWidth, width int, th theme.Theme) string {
	k := l.Rows[j]
	key := widget.PadLeft(th.Translate(k.Key), keyWidth, th.Glyphs)
	does := th.Translate(k.Does)
	mark := " "
	if j == l.Selected {
		mark, does = th.Mark.Bold(true).Render(th.Selected), th.Bold.Render(does)
	}
	return widget.Pad(mark+th.Bold.Render(key)+"  "+does, width, th.Glyphs)
}

// Sheet is a title and lines that scroll: why a row is as it is.
type Sheet struct {
	Title string
	Lines []compare.Line
	Top   int
	Foot  string
}

// wrapped are the lines folded to a width: nothing of why is cut.
func (s Sheet) wrapped(width int, th theme.Theme) []string {
	const least, most = 11, 24
	label := least
	for _, l := range s.Lines {
		label = min(max(label, widget.Width(l.Label)+1), most, max(least, width/3))
	}
	var lines []string
	for _, l := range s.Lines {
		style := th.Plain
		if l.Label == "warn" {
			style = th.Warn
		}
		name := l.Label
		for _, text := range l.Text[:min(1, len(l.Text))] {
			for _, part := range widget.Wrap(th.Translate(text), max(1, width-label-2)) {
				lines = append(lines, widget.Pad(" "+th.Dim.Render(widget.Pad(name, label, th.Glyphs))+style.Render(part), width, th.Glyphs))
				name = ""
			}
		}
		if len(l.Text) == 0 {
			lines = append(lines, strings.Repeat(" ", width))
		}
	}
	return lines
}

// Height is how many lines the sheet has at a width.
func (s Sheet) Height(width int, th theme.Theme) int { return len(s.wrapped(width, th)) }

// Draw implements Drawing.
func (s Sheet) Draw(width, height int, th theme.Theme) []string {
	lines := []string{th.Heading.Render(widget.Rule([]string{s.Title}, width, th.Glyphs))}
	all := s.wrapped(width, th)
	room := max(0, height-2)
	top := max(0, min(s.Top, len(all)-room))
	lines = append(lines, all[top:min(len(all), top+room)]...)
	lines = Fill(lines, width, height-1)
	foot := " " + s.Foot
	if len(all) > room {
		foot += th.Translate(", ↑↓ scroll")
	}
	return Fill(append(lines, th.Dim.Render(widget.Pad(foot, width, th.Glyphs))), width, height)
}

// Form is a title and fields to fill in.
type Form struct {
	Title  string
	Fields []Field
	// Active is the field that is typed in.
	Active int
	// Note says what is wrong, or what the fields are for.
	Note  string
	Wrong bool
	Foot  string
}

// Field is one field of a form: Text is as drawn, with the cursor.
type Field struct{ Label, Text, Hint string }

// Draw implements Drawing.
func (f Form) Draw(width, height int, th theme.Theme) []string {
	lines := []string{th.Heading.Render(widget.Rule([]string{f.Title}, width, th.Glyphs))}
	label, typed := 0, 12
	for _, field := range f.Fields {
		label, typed = max(label, widget.Width(field.Label)), max(typed, widget.Width(field.Text))
	}
	for i, field := range f.Fields {
		mark, name := " ", th.Dim.Render(widget.Pad(field.Label, label, th.Glyphs))
		if i == f.Active {
			mark, name = th.Mark.Bold(true).Render(th.Selected), th.Bold.Render(widget.Pad(field.Label, label, th.Glyphs))
		}
		text := mark + name + "  " + field.Text + strings.Repeat(" ", max(0, typed-widget.Width(field.Text)))
		if hint := "   " + field.Hint; field.Hint != "" && widget.Width(text)+widget.Width(hint) < width {
			text += th.Dim.Render(th.Translate(hint))
		}
		lines = append(lines, widget.Pad(text, width, th.Glyphs))
	}
	style := th.Dim
	if f.Wrong {
		style = th.Bad
	}
	for _, part := range widget.Wrap(th.Translate(f.Note), max(1, width-2)) {
		lines = append(lines, widget.Pad(" "+style.Render(part), width, th.Glyphs))
	}
	lines = Fill(lines, width, height-1)
	return Fill(append(lines, th.Dim.Render(widget.Pad(" "+th.Translate(f.Foot), width, th.Glyphs))), width, height)
}
