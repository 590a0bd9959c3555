package chart

import (
	"math"

	"costping/ui/dashboard/theme"
	"costping/ui/dashboard/widget"
)

// Mark is a quantile of a Histogram.
type Mark struct {
	Name string // "p95"
	// Value and its interval, in the unit of the axis. Lo and Hi are 0 where
	// there is no interval.
	Value, Lo, Hi float64
	// Missing says why there is no value, such as "in 2 h 10 min".
	Missing string
}

// Histogram is how figures are distributed, with its quantiles above on the
// same axis.
type Histogram struct {
	Values []float64
	Marks  []Mark
	// Linear chooses bins of equal width; otherwise of equal ratio.
	Linear bool
	// Figure writes figures; nil is Figure.
	Figure func(float64) string
}

// Render draws the chart. Quantiles that find no line are left out, the last
// first: half of the lines are the bars'.
func (h Histogram) Render(width, height int, th theme.Theme) string {
	if h.Figure == nil {
		h.Figure = Figure
	}
	s := span{log: !h.Linear}
	for _, v := range h.Values {
		s.add(v)
	}
	marks := h.Marks[:min(len(h.Marks), max(0, height-footHeight)/2)]
	if s.some {
		for _, m := range marks {
			if m.Missing == "" {
				s.near(m.Value)
			}
		}
	}
	across := s.scale()
	f := newBare(width, height, th, markMargin(marks))
	if f.w <= 0 || f.h <= 0 {
		return f.String()
	}
	for i, m := range marks {
		f.mark(i, m, across, h.Figure)
	}
	f.bars(h.counts(across, f), len(marks))
	f.footer(across.ticks(max(2, f.w/9), h.Figure))
	return f.String()
}

// newBare is a frame with a margin and the axis below, but no figures beside it:
// how many probes fell into a bin says nothing by itself.
func newBare(width, height int, th theme.Theme, margin int) frame {
	f := frame{grid: newGrid(width, height, th)}
	f.w, f.h = f.grid.w, f.grid.h
	if f.h >= 4 {
		f.foot = true
		f.h -= footHeight
	}
	if f.w-margin >= leastPlot {
		f.x = margin
		f.w -= margin
	}
	f.axes()
	return f
}

func markMargin(marks []Mark) int {
	margin := 0
	for _, m := range marks {
		margin = max(margin, widget.Width(m.Name)+2)
	}
	return margin
}

// counts is how many figures fall into each column. Neighbouring columns share a
// bin where there are too few figures for so many bins.
func (h Histogram) counts(across scale, f frame) []int {
	columns := f.w
	per := make([]int, columns)
	n := 0
	for _, v := range h.Values {
		if usable(v, !h.Linear) {
			n++
		}
	}
	if n == 0 {
		return per
	}
	// Twice the cube root (the Rice rule), in whole columns a bin.
	each := max(1, int(math.Ceil(float64(columns)/max(8, 2*math.Cbrt(float64(n))))))
	bins := make([]int, (columns+each-1)/each)
	for _, v := range h.Values {
		if usable(v, !h.Linear) {
			bins[min(max(f.column(across.at(v)), 0), columns-1)/each]++
		}
	}
	for x := range per {
		per[x] = bins[x/each]
	}
	return per
}

// bars draws the columns from the axis up, in eighths of a line.
func (f frame) bars(counts []int, top int) {
	tallest, lines := 0, f.h-top
	for _, n := range counts {
		tallest = max(tallest, n)
	}
	if tallest == 0 || lines <= 0 {
		return
	}
	whole := f.th.Shades[len(f.th.Shades)-1]
	for x, n := range counts {
		// A bin with anything in it is seen.
		eighths := max(int(math.Round(float64(n)/float64(tallest)*float64(lines*8))), min(n, 1))
		for y := range lines {
			level := min(eighths-y*8, 8)
			switch {
			case level >= 8 || level >= 4 && f.th.Canvas == theme.Letters:
				f.set(f.x+x, f.h-1-y, whole, firstSeries)
			case level > 0 && f.th.Canvas == theme.Letters:
				if y == 0 {
					f.set(f.x+x, f.h-1, f.th.Shades[1], firstSeries)
				}
			case level > 0:
				f.set(f.x+x, f.h-1-y, f.th.Spark[level-1], firstSeries)
			}
		}
	}
}

// mark is one line: the quantile's interval on the axis, and in words.
func (f frame) mark(y int, m Mark, across scale, figure func(float64) string) {
	if f.x > 0 {
		f.put(0, y, " "+m.Name, dim)
	}
	if m.Missing != "" || !usable(m.Value, across.log) {
		f.put(f.x, y, widget.Cut(printable(f.th.None+" "+f.th.Translate(m.Missing)), f.w, f.th.Glyphs), dim)
		return
	}
	text := figure(m.Value)
	at := across.at(m.Value)
	if !inside(at) {
		f.put(f.x, y, text, bold)
		return
	}
	from, to := f.x+f.column(at), f.x+f.column(at)
	if usable(m.Lo, true) && usable(m.Hi, true) && m.Lo <= m.Value && m.Hi >= m.Value {
		text += " (" + figure(m.Lo) + "-" + figure(m.Hi) + ")"
		from = f.interval(f.x, f.w, y, across.at(m.Lo), across.at(m.Hi))
		to = f.x + min(f.column(across.at(m.Hi)), f.w-1)
	}
	f.set(f.x+f.column(at), y, f.th.Crossing, bold)
	w := widget.Width(text)
	switch {
	case to+2+w <= f.x+f.w:
		f.put(to+2, y, text, bold)
	case from-1-w >= f.x:
		f.put(from-1-w, y, text, bold)
	}
}

// interval draws ├──┤ between two places of a line and returns where it begins.
func (g *grid) interval(x, w, y int, lo, hi float64) int {
	from, to := x+max(nearest(lo, w), 0), x+min(nearest(hi, w), w-1)
	for i := from; i <= to; i++ {
		g.set(i, y, g.th.Rule, plain)
	}
	if to > from {
		g.set(from, y, g.th.IntervalOpen, plain)
		g.set(to, y, g.th.IntervalClose, plain)
	}
	return from
}
