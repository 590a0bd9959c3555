package screen

import (
	"strings"

	"costping/ui/dashboard/theme"
	"costping/ui/dashboard/widget"
)

// Pane is a part of a screen under a rule with its title.
type Pane struct {
	// Title is set into the rule, as many of its parts as fit.
	Title []string
	// Focused says that the keys that move are this pane's.
	Focused bool
	Drawing Drawing
}

// Draw implements Drawing.
func (p Pane) Draw(width, height int, th theme.Theme) []string {
	if height <= 0 {
		return nil
	}
	style := th.Dim
	if p.Focused {
		style = th.Heading
	}
	lines := []string{style.Render(widget.Rule(p.Title, width, th.Glyphs))}
	if p.Drawing != nil {
		lines = append(lines, p.Drawing.Draw(width, height-1, th)...)
	}
	return Fill(lines, width, height)
}

// Fill makes exactly height lines of what is there.
func Fill(lines []string, width, height int) []string {
	for len(lines) < height {
		lines = append(lines, strings.Repeat(" ", max(0, width)))
	}
	return lines[:max(0, height)]
}

// Stacked draws parts one below the other, each with its lines; parts of 0 lines
// are not drawn.
func Stacked(width int, heights []int, th theme.Theme, parts ...Drawing) []string {
	var lines []string
	for i, p := range parts {
		if heights[i] > 0 && p != nil {
			lines = append(lines, p.Draw(width, heights[i], th)...)
		}
	}
	return lines
}

// Beside draws two panes next to each other, with a line between them.
func Beside(left, right Pane, leftWidth, width, height int, th theme.Theme) []string {
	if height <= 0 {
		return nil
	}
	a, b := left.Draw(leftWidth, height, th), right.Draw(width-leftWidth-1, height, th)
	lines := make([]string, height)
	for i := range lines {
		between := th.Upright
		if i == 0 {
			between = th.Foot
		}
		lines[i] = a[i] + th.Dim.Render(between) + b[i]
	}
	return lines
}

// Text is a drawing of lines of text that are given, each in forms of which the
// first that fits is shown.
type Text [][]string

// Draw implements Drawing.
func (t Text) Draw(width, height int, th theme.Theme) []string {
	var lines []string
	for _, forms := range t {
		lines = append(lines, line(forms, width, th))
	}
	return Fill(lines, width, height)
}

// Rendered makes a drawing of what renders itself into text.
type Rendered struct {
	Chart interface {
		Render(width, height int, th theme.Theme) string
	}
}

// Draw implements Drawing.
func (r Rendered) Draw(width, height int, th theme.Theme) []string {
	if height <= 0 || width <= 0 {
		return nil
	}
	return strings.Split(r.Chart.Render(width, height, th), "\n")
}
