package screen

import (
	"strings"

	"costping/ui/dashboard/theme"
	"costping/ui/dashboard/widget"
)

// Help is the list of keys over a screen.
type Help struct {
	Title string
	Keys  []Hint
	// Top is the first line shown.
	Top int
}

// Lines is how many lines the keys take at a width: two columns where they fit.
func (h Help) Lines(width int) int {
	if h.columns(width) == 2 {
		return (len(h.Keys) + 1) / 2
	}
	return len(h.Keys)
}

func (h Help) columns(width int) int {
	if width >= 2*helpColumn {
		return 2
	}
	return 1
}

const helpColumn = 58

// Render draws the list; lines that do not fit scroll.
func (h Help) Render(width, height int, th theme.Theme) string {
	if width <= 0 || height <= 0 {
		return ""
	}
	lines := []string{th.Heading.Render(widget.Rule([]string{h.Title}, width, th.Glyphs))}
	rows := h.Lines(width)
	columns := h.columns(width)
	keyWidth := 0
	for _, k := range h.Keys {
		keyWidth = max(keyWidth, widget.Width(th.Translate(k.Key)))
	}
	for i := h.Top; i < rows && len(lines) < height-1; i++ {
		line := ""
		for c := range columns {
			if j := c*rows + i; j < len(h.Keys) {
				k := h.Keys[j]
				key := widget.PadLeft(th.Translate(k.Key), keyWidth, th.Glyphs)
				line += widget.Pad(" "+th.Bold.Render(key)+"  "+th.Translate(k.Does), width/columns, th.Glyphs)
			}
		}
		lines = append(lines, widget.Pad(line, width, th.Glyphs))
	}
	for len(lines) < height-1 {
		lines = append(lines, strings.Repeat(" ", width))
	}
	if len(lines) < height {
		foot := " esc or ? closes"
		if rows > height-2 {
			foot += th.Translate(", ↑↓ scroll")
		}
		lines = append(lines, th.Dim.Render(widget.Pad(foot, width, th.Glyphs)))
	}
	return strings.Join(lines[:height], "\n")
}
