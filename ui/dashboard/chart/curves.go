package chart

import (
	"cmp"
	"math"
	"slices"

	"costping/ui/dashboard/theme"
	"costping/ui/dashboard/widget"
)

// XY is a place on a curve.
type XY struct{ X, Y float64 }

// Curve is one line of Curves.
type Curve struct {
	Letter string // one cell
	Name   string
	Points []XY // by X; a figure that is not finite breaks the line
}

// Crossing is where one line overtakes another, as a solver found it.
type Crossing struct {
	XY
	Label string // such as "51.4M"
}

// Curves is cost over volume, or over a share. At most six lines are drawn, the
// first of them on top.
type Curves struct {
	Curves []Curve
	// LinearX and LinearY choose axes with equal steps; otherwise they are
	// logarithmic.
	LinearX, LinearY bool
	Crossings        []Crossing
	// Now is where on the axis below things stand; NaN or, on a logarithmic axis,
	// 0 is nowhere.
	Now   float64
	Limit Limit
	// FigureX and FigureY write figures; nil is Short.
	FigureX, FigureY func(float64) string
}

// Render draws the chart. At a line's end stands its letter and name.
func (c Curves) Render(width, height int, th theme.Theme) string {
	c.Curves = slices.Clone(c.Curves[:min(len(c.Curves), maxLines)])
	if c.FigureX == nil {
		c.FigureX = Short
	}
	if c.FigureY == nil {
		c.FigureY = Short
	}
	x, y := c.spans()
	wide := 0
	for i, line := range c.Curves {
		c.Curves[i].Letter = letter(line.Letter)
		wide = max(wide, widget.Width("a "+printable(line.Name))+1)
	}
	d := curvesView{Curves: c, across: x.scale()}
	if !x.log && x.some && x.hi > x.lo {
		d.across = scale{lo: x.lo, hi: x.hi} // a share ends where it ends
	}
	d.frame = newFrame(width, height, th, y.scale(), c.FigureY, min(wide, max(width/4, 8)), min(wide, 2))
	if d.w <= 0 || d.h <= 0 {
		return d.String()
	}
	d.limit(c.Limit)
	d.now()
	ink := newDots(d.grid, d.x, d.y, d.w, d.h)
	for i := len(c.Curves) - 1; i >= 0; i-- {
		d.draw(ink, i)
	}
	ink.lay()
	d.crossings()
	d.footer(d.across.ticks(max(2, d.w/9), c.FigureX))
	d.label(c.Limit)
	d.ends(d.lineEnds())
	return d.String()
}

// curvesView is a chart being drawn.
type curvesView struct {
	Curves
	frame
	across scale
}

func (c Curves) spans() (x, y span) {
	x, y = span{log: !c.LinearX}, span{log: !c.LinearY}
	for _, line := range c.Curves {
		for _, p := range line.Points {
			if c.usable(p) {
				x.add(p.X)
				y.add(p.Y)
			}
		}
	}
	if c.Limit.set() {
		y.near(c.Limit.Value)
	}
	return x, y
}

func (c Curves) usable(p XY) bool { return usable(p.X, !c.LinearX) && usable(p.Y, !c.LinearY) }

func (d curvesView) spot(p XY) spot { return spot{d.across.at(p.X), d.vertical.at(p.Y)} }

func (d curvesView) draw(canvas *dots, i int) {
	var before spot
	joined := false
	for _, p := range d.Curves.Curves[i].Points {
		if !d.usable(p) {
			joined = false
			continue
		}
		here := d.spot(p)
		if !joined {
			before = here
		}
		canvas.line(before, here, seriesInk(d.Curves.Curves[i].Letter, i), d.Curves.Curves[i].Letter)
		before, joined = here, true
	}
}

// now marks where things stand.
func (d curvesView) now() {
	if !usable(d.Now, !d.LinearX) {
		return
	}
	if at := d.across.at(d.Now); inside(at) {
		d.upright(at, mark)
		d.flag(at, d.FigureX(d.Now), mark)
	}
}

// crossings marks where lines cross, and says where that is.
func (d curvesView) crossings() {
	sorted := slices.Clone(d.Crossings)
	slices.SortStableFunc(sorted, func(a, b Crossing) int { return cmp.Compare(a.X, b.X) })
	for _, c := range sorted {
		if !d.usable(c.XY) {
			continue
		}
		at := d.spot(c.XY)
		if !inside(at.x) || !inside(at.y) {
			continue
		}
		x, y := d.x+d.column(at.x), d.row(at.y)
		d.set(x, y, d.th.Crossing, bold)
		if !d.beside(x, y, -1, []string{c.Label}, bold) {
			d.aloft(x, y, c.Label)
		}
	}
}

// aloft writes a label straight above or below a place, as near as it is free:
// around a crossing there are always lines.
func (d curvesView) aloft(x, y int, text string) {
	text = printable(text)
	w := widget.Width(text)
	for away := 2; away < d.h; away++ {
		for _, row := range []int{y - away, y + away} {
			for _, from := range []int{x - w/2, x - w - 1, x + 2} {
				if w > 0 && d.vacant(from, row, w, 1, x, y) {
					d.put(from, row, text, bold)
					return
				}
			}
		}
	}
}

func (d curvesView) lineEnds() []end {
	var all []end
	for i, line := range d.Curves.Curves {
		e := end{text: line.Letter + " " + printable(line.Name), row: math.NaN(), ink: seriesInk(line.Letter, i)}
		if d.room() <= 2 {
			e.text = line.Letter
		}
		for _, p := range slices.Backward(line.Points) {
			if d.usable(p) {
				e.row, e.value = float64(d.row(d.vertical.at(p.Y))), p.Y
				break
			}
		}
		if !math.IsNaN(e.row) {
			all = append(all, e)
		}
	}
	return all
}
