package chart

import (
	"costping/ui/dashboard/theme"
	"costping/ui/dashboard/widget"
)

// Known is a figure that may be missing.
type Known struct {
	Value float64
	OK    bool
}

// Heatmap is a figure over two others, such as the hour and the day. What is
// darker is more, or worse where LowIsBad says which that is.
type Heatmap struct {
	Rows, Columns []string  // their labels
	Cells         [][]Known // by row, then column
	// LowIsBad says that small figures are the ones to see, as with recall: they
	// are the dark ones, and stand for their neighbours where columns are joined.
	LowIsBad bool
	// Unit follows the figures of the legend, such as "ms".
	Unit string
	// Figure writes figures; nil is Figure.
	Figure func(float64) string
}

// Render draws the chart. Where there is room each cell has its figure. Where
// there is none for all columns, neighbours are joined and the worst of them
// stands; of too many rows the last stay.
func (h Heatmap) Render(width, height int, th theme.Theme) string {
	if h.Figure == nil {
		h.Figure = Figure
	}
	g := newGrid(width, height, th)
	columns := len(h.Columns)
	for _, row := range h.Cells {
		columns = max(columns, len(row))
	}
	// The columns' labels go before the oldest row, the legend after it.
	rows := min(len(h.Cells), max(g.h-1, min(g.h, 2)))
	if g.w == 0 || rows <= 0 || columns == 0 {
		return g.String()
	}
	v := heatView{Heatmap: h, grid: g, skipped: len(h.Cells) - rows, rows: rows, columns: columns}
	v.fit()
	s := span{}
	for y := range rows {
		for x := range v.shown {
			if c := v.at(x, y); c.OK {
				s.add(c.Value)
			}
		}
	}
	v.lo, v.hi = s.lo, s.hi
	v.figures = v.legible()
	for y := range rows {
		v.row(y)
	}
	v.footer()
	return g.String()
}

// heatView is a chart being drawn.
type heatView struct {
	Heatmap
	*grid
	skipped, rows, columns int
	left                   int // the width of the rows' labels
	each                   int // how many columns are joined
	shown                  int // how many are left
	cell                   int // cells each takes
	lo, hi                 float64
	figures                bool // the cells have their figures
}

// fit divides the width.
func (v *heatView) fit() {
	for _, r := range v.Rows {
		v.left = max(v.left, widget.Width(printable(r))+2)
	}
	if v.left > v.w/2 {
		v.left = 0
	}
	room := v.w - v.left
	v.each = (v.columns + room - 1) / room
	v.shown = (v.columns + v.each - 1) / v.each
	v.cell = min(room/v.shown, 12)
}

// at is a shown cell: the worst of those that it joins.
func (v *heatView) at(x, y int) Known {
	var worst Known
	row := v.Cells[v.skipped+y]
	for _, c := range row[min(x*v.each, len(row)):min((x+1)*v.each, len(row))] {
		if !c.OK || !usable(c.Value, false) {
			continue
		}
		if !worst.OK || (c.Value > worst.Value) != v.LowIsBad {
			worst = c
		}
	}
	return worst
}

// legible says that every cell has room for its figure beside its shade.
func (v *heatView) legible() bool {
	for y := range v.rows {
		for x := range v.shown {
			if c := v.at(x, y); c.OK && widget.Width(v.Figure(c.Value))+3 > v.cell {
				return false
			}
		}
	}
	return true
}

// shade is how dark a figure is, 0 to 4. Where all are equal none stands out.
func (v *heatView) shade(value float64) int {
	if v.hi <= v.lo {
		return 1
	}
	part := (clamp(value, false) - v.lo) / (v.hi - v.lo)
	if v.LowIsBad {
		part = 1 - part
	}
	return min(int(part*5), 4)
}

func (v *heatView) row(y int) {
	if v.left > 0 && v.skipped+y < len(v.Rows) {
		v.put(1, y, v.Rows[v.skipped+y], dim)
	}
	for x := range v.shown {
		c, from := v.at(x, y), v.left+x*v.cell
		if !c.OK {
			v.put(from+(v.cell-1)/2, y, v.th.None, dim)
			continue
		}
		level := v.shade(c.Value)
		in := firstSeries
		text := v.Figure(c.Value)
		w := widget.Width(text)
		dark := v.cell
		if v.figures {
			dark -= w + 2
		}
		for i := range dark {
			v.set(from+i, y, v.th.Shades[level], in)
		}
		if v.figures {
			v.put(from+dark, y, text, plain)
		}
	}
}

// footer is the columns' labels, as many as stand free, and the legend.
func (v *heatView) footer() {
	if v.h > v.rows {
		for x := range v.shown {
			if i := x * v.each; i < len(v.Columns) {
				text := printable(v.Columns[i])
				from := v.left + x*v.cell
				if v.figures { // below the figures
					from += v.cell - widget.Width(text)
				}
				if v.free(from, v.rows, widget.Width(text)) {
					v.put(from, v.rows, text, dim)
				}
			}
		}
	}
	if v.h > v.rows+1 {
		v.legend(v.rows + 1)
	}
}

// legend says what the shades are, and what is not shown.
func (v *heatView) legend(y int) {
	x := v.left
	write := func(text string, in ink) {
		if x+widget.Width(text) <= v.w {
			v.put(x, y, text, in)
			x += widget.Width(text)
		}
	}
	low, high := v.lo, v.hi
	if v.LowIsBad {
		low, high = high, low
	}
	if v.hi > v.lo {
		write(v.Figure(low)+" ", dim)
		for _, s := range v.th.Shades {
			write(s+s, firstSeries)
		}
		write(" "+v.Figure(high)+" "+v.Unit, dim)
	}
	write("   "+v.th.None+" none", dim)
	if v.skipped > 0 {
		write("   "+Figure(float64(v.skipped))+" more above", dim)
	}
}
