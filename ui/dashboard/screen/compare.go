package screen

import (
	"fmt"
	"strings"

	"costping/ui/compare"
	"costping/ui/dashboard/theme"
	"costping/ui/dashboard/widget"

	"github.com/charmbracelet/lipgloss"
)

// Knob is a part of the workload that the keys turn.
type Knob int

// The knobs, from left to right.
const (
	Volume Knob = iota
	Split
	Knobs // how many there are
)

// State is a word in the one place for states, at the top right.
type State struct {
	Text string
	// Loud is for what must not be overlooked.
	Loud bool
}

// Hint is a key and what it does, for the last line.
type Hint struct{ Key, Does string }

// Compare is all that the Compare screen shows.
type Compare struct {
	Table compare.Table
	// Selected is the target of the selected row; Top the first row shown.
	Selected string
	Top      int
	Lit      Knob
	States   []State
	// Title is what the figures rest on, the most important first.
	Title []string
	// Menu takes the place of the hints while a menu is open.
	Menu  []string // longest form first
	Hints []Hint
}

// Render draws the screen.
func (c Compare) Render(width, height int, th theme.Theme) string {
	if width <= 0 || height <= 0 {
		return ""
	}
	detail := c.detail(width, th)
	l := LayoutCompare(width, height, len(c.Table.Rows), len(detail))
	lines := make([]string, 0, height)
	add := func(show bool, render func() string) {
		if show && len(lines) < height {
			lines = append(lines, render())
		}
	}
	add(l.Header, func() string { return c.header(width, th) })
	add(l.Workload, func() string { return c.workload(width, th) })
	add(l.Answer, func() string { return c.answer(width, th) })
	add(l.Title, func() string { return th.Dim.Render(widget.Rule(c.titles(l.Rows), width, th.Glyphs)) })
	if l.Rows > 0 || l.Headings {
		grid := newGrid(c, width, th)
		add(l.Headings, grid.headings)
		for i := range l.Rows {
			add(true, func() string { return grid.row(c.Top + i) })
		}
	}
	if l.Detail > 0 {
		add(true, func() string { return th.Dim.Render(widget.Rule([]string{c.detailTitle()}, width, th.Glyphs)) })
		for _, line := range detail[:l.Detail] {
			add(true, func() string { return line })
		}
	}
	for len(lines) < height-1 || len(lines) < height && !l.Footer {
		lines = append(lines, strings.Repeat(" ", width))
	}
	add(l.Footer, func() string { return c.footer(width, th) })
	return strings.Join(lines, "\n")
}

func (c Compare) header(width int, th theme.Theme) string {
	states := ""
	for _, s := range c.States {
		style := th.Plain
		if s.Loud {
			style = th.Warn
		}
		text := style.Render(th.Translate(s.Text)) + " "
		if states != "" {
			text = " " + text
		}
		if widget.Width(states)+widget.Width(text) > width {
			break // the first state is the one that must not be overlooked
		}
		states += text
	}
	for _, name := range []string{" costping  " + th.Heading.Render("Compare"), " " + th.Heading.Render("costping")} {
		if widget.Width(name)+widget.Width(states) < width {
			return widget.Sides(name, states, width, th.Glyphs)
		}
	}
	return widget.Sides("", states, width, th.Glyphs)
}

// titles are what the figures rest on, after which rows are shown where not all
// of them fit.
func (c Compare) titles(rows int) []string {
	if n := len(c.Table.Rows); rows < n {
		return append([]string{fmt.Sprintf("rows %d-%d of %d", c.Top+1, c.Top+rows, n)}, c.Title...)
	}
	return c.Title
}

// workload is the line of knobs: the one that is lit stands out.
func (c Compare) workload(width int, th theme.Theme) string {
	w := c.Table.Workload
	volume := strings.Replace(w.Volume.String(), " tokens/", " tok/", 1)
	parts := []string{
		knob(volume, c.Lit == Volume, th),
		knob(strings.Replace(w.Split.String(), " in ", " in, ", 1), c.Lit == Split, th),
		"month of " + w.DaysPerMonth.String() + " d",
	}
	line := " " + strings.Join(parts, "  ")
	if widget.Width(line) > width {
		line = " " + strings.Join(parts[:Knobs], " ")
	}
	return widget.Pad(line, width, th.Glyphs)
}

func knob(text string, lit bool, th theme.Theme) string {
	if !lit {
		return " " + text + " "
	}
	return th.Lit.Render(th.KnobOpen + text + th.KnobClose)
}

func (c Compare) answer(width int, th theme.Theme) string {
	mark := "  "
	if c.Table.Pick >= 0 && !c.Table.Changed {
		mark = th.Mark.Render(th.Pick) + " "
	}
	text := widget.First(c.Table.Answer, max(0, width-4), th.Glyphs)
	style := th.Plain
	if c.Table.Changed {
		style = th.Bold
	}
	return widget.Pad(" "+mark+style.Render(text), width, th.Glyphs)
}

func (c Compare) selectedRow() (compare.Row, bool) {
	for _, r := range c.Table.Rows {
		if r.Target == c.Selected {
			return r, true
		}
	}
	return compare.Row{}, false
}

func (c Compare) detailTitle() string {
	r, _ := c.selectedRow()
	if r.Model.ProviderName != "" {
		return r.Target + ", " + r.Model.ProviderName
	}
	return r.Target
}

// detail is the selected row's figures taken apart, a line each.
func (c Compare) detail(width int, th theme.Theme) []string {
	r, ok := c.selectedRow()
	if !ok {
		return nil
	}
	const label = 7
	lines := compare.Detail(r, c.Table)
	out := make([]string, len(lines))
	for i, l := range lines {
		style := th.Plain
		if l.Label == "warn" {
			style = th.Warn
		}
		text := style.Render(widget.First(l.Text, max(0, width-label), th.Glyphs))
		out[i] = widget.Pad(" "+th.Dim.Render(widget.Pad(l.Label, label-1, th.Glyphs))+text, width, th.Glyphs)
	}
	return out
}

// footer shows as many hints as fit, whole, or the open menu.
func (c Compare) footer(width int, th theme.Theme) string {
	if len(c.Menu) > 0 {
		return widget.Pad(" "+th.Bold.Render(widget.First(c.Menu, max(0, width-2), th.Glyphs)), width, th.Glyphs)
	}
	line := ""
	for _, h := range c.Hints {
		next := line + " " + th.Bold.Render(th.Translate(h.Key)) + " " + th.Dim.Render(h.Does) + " "
		if widget.Width(next) > width {
			break
		}
		line = next
	}
	return widget.Pad(line, width, th.Glyphs)
}

// cell is a piece of a row with its style.
type cell struct {
	text  string
	style lipgloss.Style
}
