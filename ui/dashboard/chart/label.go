package chart

import (
	"costping/ui/dashboard/widget"
)

// beside writes the first of the texts that has room next to a glyph: right of
// it, left of it, above or below. It reports whether one had.
func (f frame) beside(x, y int, texts []string, in ink) bool {
	for _, text := range texts {
		text = printable(text)
		w := widget.Width(text)
		if w == 0 {
			continue
		}
		for _, at := range [][2]int{{x + 2, y}, {x - w - 1, y}, {x - w/2, y - 1}, {x - w/2, y + 1}, {x + 1, y - 1}, {x + 1, y + 1}} {
			margin := 1
			if at[1] != y {
				margin = 3 // or it would seem to belong to a glyph on its own line
			}
			if f.vacant(at[0], at[1], w, margin, x, y) {
				f.put(at[0], at[1], text, in)
				return true
			}
		}
	}
	return false
}

// vacant says that text fits into the plot there without touching anything but
// the glyph that it belongs to. A dashed line gives way to it.
func (f frame) vacant(x, y, w, margin, ownX, ownY int) bool {
	if x < f.x || x+w > f.x+f.w || y < 0 || y >= f.h {
		return false
	}
	for i := max(f.x, x-margin); i < min(f.x+f.w, x+w+margin); i++ {
		c := f.cells[y*f.grid.w+i]
		own := y == ownY && i == ownX
		if c.half || !own && c.text != "" && c.text != " " && c.text != f.th.Limit {
			return false
		}
	}
	return true
}
