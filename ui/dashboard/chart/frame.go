package chart

import (
	"math"

	"costping/ui/dashboard/theme"
	"costping/ui/dashboard/widget"
)

// frame is a grid with the rectangle that the data is drawn in and the axes
// beside it.
type frame struct {
	*grid
	x, y, w, h int
	left       bool // the axis at the left
	foot       bool // the axis below and its labels
	ticks      []tick
	vertical   scale
	figure     func(float64) string // writes figures of the axis at the left
}

const (
	leastPlot   = 12 // columns that the lines keep before anything else is drawn
	leastFooted = 6  // lines from which on there is an axis below
	footHeight  = 2
)

// newFrame lays a chart out: the left axis for a scale, below it an axis where
// there is room, and right columns for the ends of lines, as many of the offered
// widths as there is room for, else none.
func newFrame(width, height int, th theme.Theme, s scale, figure func(float64) string, right ...int) frame {
	f := frame{grid: newGrid(width, height, th), vertical: s, figure: figure}
	f.w, f.h = f.grid.w, f.grid.h
	if f.h >= leastFooted {
		f.foot = true
		f.h -= footHeight
	}
	f.ticks = f.rows(s.ticks(min(max((f.h+2)/3, 2), 8), figure))
	margin := 1
	for _, t := range f.ticks {
		margin = max(margin, widget.Width(t.text)+1)
	}
	if f.w-margin >= leastPlot {
		f.left = true
		f.x = margin
		f.w -= margin
	}
	for _, r := range right {
		if f.w-r >= max(leastPlot, r) {
			f.w -= r
			break
		}
	}
	f.axes()
	return f
}

// column and row are the cell of a share of either axis, the one in which a dot
// there falls.
func (f frame) column(at float64) int {
	n, _ := fineness(f.th.Canvas)
	return floor(nearest(at, f.w*n), n)
}

func (f frame) row(at float64) int {
	_, n := fineness(f.th.Canvas)
	return f.h - 1 - floor(nearest(at, f.h*n), n)
}

func floor(a, b int) int { return int(math.Floor(float64(a) / float64(b))) }

// room is how many columns there are right of the plot.
func (f frame) room() int { return f.grid.w - f.x - f.w }

// rows leaves the ticks that have a line of their own, and only where there are
// lines enough to tell them apart.
func (f frame) rows(all []tick) []tick {
	var kept []tick
	last := -1
	for _, t := range all {
		if row := f.row(t.at); row != last && f.h > 1 {
			kept, last = append(kept, t), row
		}
	}
	return kept
}

// axes draws the axis at the left with its labels and the line below.
func (f frame) axes() {
	if f.left {
		for y := range f.h {
			f.set(f.x-1, y, f.th.Upright, dim)
		}
		for _, t := range f.ticks {
			y := f.row(t.at)
			f.put(f.x-1-widget.Width(t.text), y, t.text, dim)
			f.set(f.x-1, y, f.th.Tick, dim)
		}
	}
	if !f.foot {
		return
	}
	if f.left {
		f.set(f.x-1, f.h, f.th.Corner, dim)
	}
	for x := range f.w {
		f.set(f.x+x, f.h, f.th.Rule, dim)
	}
}

// footer labels the axis below. Of labels that would touch, the first stays.
func (f frame) footer(ticks []tick) {
	if !f.foot {
		return
	}
	for _, t := range ticks {
		x := f.x + f.column(t.at)
		w := widget.Width(t.text)
		from := min(max(x-w/2, 0), f.grid.w-w)
		if t.at < 0 || t.at > 1 || !f.free(from, f.h+1, w) {
			continue
		}
		f.put(from, f.h+1, t.text, dim)
		f.set(x, f.h, f.th.Foot, dim)
	}
}

// flag marks a place of the axis below with a word that goes before all others.
func (f frame) flag(at float64, text string, in ink) {
	if !f.foot {
		return
	}
	w := widget.Width(text)
	x := f.x + f.column(at)
	f.put(min(max(x-w/2, 0), max(0, f.grid.w-w)), f.h+1, text, in)
}

// upright is a line from top to bottom at a place.
func (f frame) upright(at float64, in ink) {
	for y := range f.h {
		f.set(f.x+f.column(at), y, f.th.Upright, in)
	}
	if f.foot {
		f.set(f.x+f.column(at), f.h, f.th.Foot, in)
	}
}

// Limit is a figure that must not be passed. The zero value is none.
type Limit struct {
	Value float64 // in the unit of the axis; none where it is not above 0
	Label string  // such as "limit 800"
}

func (l Limit) set() bool { return usable(l.Value, true) }

// limit draws the dashed line; one beyond the axis is said at that end. Another figure
// that the axis has on its row gives way to its own: the line is not at that one.
func (f frame) limit(l Limit) {
	y := f.limitRow(l)
	if y < 0 {
		return // label says where it is
	}
	for _, t := range f.ticks {
		if own := f.figure(l.Value); f.left && f.row(t.at) == y && t.text != own && widget.Width(own) < f.x {
			f.put(0, y, widget.PadLeft(own, f.x-1, f.th.Glyphs), dim)
		}
	}
	for x := 0; x < f.w; x += 2 {
		f.set(f.x+x, y, f.th.Limit, dim)
	}
}

// limitRow is the row that the limit's line is on, -1 where there is none.
func (f frame) limitRow(l Limit) int {
	if !l.set() || f.w == 0 || f.h == 0 {
		return -1
	}
	at := f.vertical.at(l.Value)
	if at < 0 || at > 1 {
		return -1
	}
	return f.row(at)
}

// label names the limit, after the lines have been drawn: above its line, else
// below, where that is free.
func (f frame) label(l Limit) {
	if !l.set() || f.h < 3 {
		return
	}
	at, w := f.vertical.at(l.Value), widget.Width(l.Label)
	y := f.row(min(max(at, 0), 1))
	text, rows := l.Label, []int{y - 1, y + 1}
	switch {
	case at > 1:
		text, rows = l.Label+" "+f.th.Up, []int{0, 1}
	case at < 0:
		text, rows = l.Label+" "+f.th.Down, []int{f.h - 1, f.h - 2}
	}
	w = max(w, widget.Width(text))
	if w+2 > f.w {
		return
	}
	for _, row := range rows {
		for x := f.x + 1; x+w <= f.x+f.w; x += 2 {
			if row >= 0 && row < f.h && f.free(x, row, w) {
				f.put(x, row, text, dim)
				return
			}
		}
	}
}

// end is a word at the end of a line, right of the plot.
type end struct {
	row  float64 // where its line ends, 0 the top
	text string
	ink  ink
	// value is what the line ends at: of two on one row the greater is above.
	value float64
}

// ends writes them one under the other, each as near to its line as the others
// let it: a line that falls out is better than one at another's place.
func (f frame) ends(all []end) {
	room := f.room()
	if room <= 0 || f.h == 0 {
		return
	}
	all = all[:min(len(all), f.h)]
	for _, e := range spread(all, f.h) {
		text := printable(e.text)
		if widget.Width(text) > room { // what is cut leaves the space that the others have
			text = widget.Cut(text, max(1, room-1), f.th.Glyphs)
		}
		f.put(f.x+f.w+min(1, room-widget.Width(text)), int(e.row), text, e.ink)
	}
}
