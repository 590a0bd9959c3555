package chart

import (
	"costping/ui/dashboard/widget"
)

// beside writes the first of the texts that has room next to a glyph, on its own line
// where any but the last fits there: right of it, else left of it; then above or
// below. The row of the limit stays clear: a line through words is neither; -1 for
// none. It reports whether one had room.
func (f frame) beside(x, y, limit int, texts []string, in ink) bool {
	own := func(w int) [][2]int { return [][2]int{{x + 2, y}, {x - w - 1, y}} }
	around := func(w int) [][2]int {
		return [][2]int{{x - w/2, y - 1}, {x - w/2, y + 1}, {x + 1, y - 1}, {x + 1, y + 1}, {x - w, y - 1}, {x - w, y + 1}}
	}
	last := max(0, len(texts)-1)
	for _, try := range []struct {
		texts []string
		at    func(w int) [][2]int
		limit int
	}{
		{texts[:last], own, limit},
		{texts[:last], around, limit},
		{texts[last:], own, limit},
		{texts[last:], around, limit},
		{texts[last:], own, -1}, // a letter is the key to the glyph: it may stand in the line
	} {
		for _, text := range try.texts {
			if f.placed(x, y, try.limit, printable(text), try.at, in) {
				return true
			}
		}
	}
	return false
}

// placed writes a text at the first of some places that has room for it.
func (f frame) placed(x, y, limit int, text string, places func(w int) [][2]int, in ink) bool {
	w := widget.Width(text)
	if w == 0 {
		return false
	}
	for _, at := range places(w) {
		margin := 1
		if at[1] != y {
			margin = 3 // or it would seem to belong to a glyph on its own line
		}
		if at[1] != limit && f.vacant(at[0], at[1], w, margin, x, y) {
			f.put(at[0], at[1], text, in)
			return true
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
