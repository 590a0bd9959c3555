package chart

import (
	"cmp"
	"slices"

	"costping/ui/dashboard/theme"
	"costping/ui/dashboard/widget"
)

// Standing is what a point of a Scatter is worth.
type Standing uint8

// The standings.
const (
	Beaten Standing = iota
	Unbeaten
	Retired // never unbeaten
)

// Spot is one model: what it costs and how long it takes.
type Spot struct {
	Letter   string // of its mark, "" without one
	Name     string
	X, Y     float64 // such as dollars a month and milliseconds
	Standing Standing
	Selected bool
	// Over says that it breaks a limit.
	Over bool
}

// Scatter is one figure against another, both axes logarithmic.
type Scatter struct {
	Spots []Spot
	// Limit is one of the upright axis.
	Limit Limit
	// Frontier joins the unbeaten.
	Frontier bool
	// FigureX and FigureY write figures; nil is Short and Figure.
	FigureX, FigureY func(float64) string
}

// Render draws the chart. Every spot is drawn; names that find no room are
// shortened, then left to their letter, then left out.
func (s Scatter) Render(width, height int, th theme.Theme) string {
	if s.FigureX == nil {
		s.FigureX = Short
	}
	if s.FigureY == nil {
		s.FigureY = Figure
	}
	x, y := span{log: true}, span{log: true}
	var spots []Spot
	for _, p := range s.Spots {
		if usable(p.X, true) && usable(p.Y, true) {
			x.add(p.X)
			y.add(p.Y)
			spots = append(spots, p)
		}
	}
	if s.Limit.set() {
		y.near(s.Limit.Value)
	}
	f := newFrame(width, height, th, y.scale(), s.FigureY)
	if f.w <= 0 || f.h <= 0 {
		return f.String()
	}
	across := x.scale()
	f.footer(across.ticks(max(2, f.w/8), s.FigureX))
	f.limit(s.Limit)
	// The most important first: they get the place and the name.
	slices.SortStableFunc(spots, func(a, b Spot) int { return cmp.Compare(rank(a), rank(b)) })
	if s.Frontier {
		f.frontier(spots, across)
	}
	f.spots(spots, across, s.Limit)
	f.label(s.Limit)
	return f.String()
}

func rank(s Spot) int {
	switch {
	case s.Selected:
		return 0
	case s.Standing == Unbeaten:
		return 1
	case s.Letter != "":
		return 2
	case s.Standing == Beaten:
		return 3
	}
	return 4
}

// frontier joins the unbeaten, cheapest first, by steps: between two of them
// there is nothing to be had.
func (f frame) frontier(spots []Spot, across scale) {
	var at []spot
	for _, p := range spots {
		if p.Standing == Unbeaten {
			at = append(at, spot{across.at(p.X), f.vertical.at(p.Y)})
		}
	}
	slices.SortFunc(at, func(a, b spot) int { return cmp.Or(cmp.Compare(a.x, b.x), cmp.Compare(b.y, a.y)) })
	d := newDots(f.grid, f.x, f.y, f.w, f.h)
	for i := 1; i < len(at); i++ {
		corner := spot{at[i].x, at[i-1].y}
		d.line(at[i-1], corner, dim, f.th.Limit)
		if f.th.Canvas == theme.Letters {
			continue // a letter a column: there is no upright line
		}
		d.line(corner, at[i], dim, f.th.Limit)
	}
	d.lay()
}

// spots draws them all. One that is not at the limit is not on its line either, but
// beyond it on its own side.
func (f frame) spots(spots []Spot, across scale, l Limit) {
	limit := f.limitRow(l)
	type drawn struct {
		Spot
		x, y int
	}
	taken := map[[2]int]bool{}
	var all []drawn
	for _, p := range spots {
		x, y := f.x+f.column(across.at(p.X)), f.row(f.vertical.at(p.Y))
		switch {
		case y == limit && p.Y > l.Value && y > 0:
			y--
		case y == limit && p.Y < l.Value && y < f.h-1:
			y++
		}
		// A cell aside rather than hidden: the axes are no finer than that.
		for _, aside := range []int{0, 1, -1} {
			if at := x + aside; at >= f.x && at < f.x+f.w && !taken[[2]int{at, y}] {
				x = at
				break
			}
		}
		if taken[[2]int{x, y}] {
			continue
		}
		taken[[2]int{x, y}] = true
		glyph, in := f.look(p)
		f.set(x, y, glyph, in)
		all = append(all, drawn{p, x, y})
	}
	for _, p := range all {
		in := plain
		switch {
		case p.Selected:
			in = bold
		case p.Standing == Retired:
			in = dim
		}
		f.beside(p.x, p.y, limit, f.names(p.Spot), in)
	}
}

// look is the glyph of a spot and its style.
func (f frame) look(p Spot) (string, ink) {
	glyph, in := f.th.Other, plain
	switch p.Standing {
	case Unbeaten:
		glyph, in = f.th.Pick, mark
	case Retired:
		glyph, in = f.th.Retired, dim
	}
	switch {
	case p.Over && p.Standing != Retired:
		in = warn
	case p.Selected:
		in = bold
	}
	return glyph, in
}

// names are the texts for a spot, longest first.
func (f frame) names(p Spot) []string {
	name := printable(p.Name)
	lead, tail := "", ""
	if p.Letter != "" {
		lead = p.Letter + " "
	}
	if p.Selected {
		lead = f.th.Selected + lead
	}
	if p.Over && p.Standing != Retired {
		tail = f.th.Over
	}
	texts := make([]string, 0, 5)
	if p.Standing == Retired {
		texts = append(texts, lead+name+", retired")
	}
	texts = append(texts, lead+name+tail)
	for _, w := range []int{14, 10} {
		if widget.Width(name) > w {
			texts = append(texts, lead+widget.Elide(name, w, f.th.Glyphs)+tail)
		}
	}
	return append(texts, lead)
}
