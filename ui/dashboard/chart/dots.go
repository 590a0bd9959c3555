package chart

import (
	"math"

	"costping/ui/dashboard/theme"

	"github.com/NimbleMarkets/ntcharts/canvas/runes"
)

// dots is a rectangle of a grid in which lines are drawn finer than cells.
type dots struct {
	g          *grid
	x, y, w, h int // the rectangle, in cells
	nx, ny     int // dots a cell
	mask       []uint8
	by         []ink
	letter     []string
}

// braille holds the pattern of every set of dots, by bits from the top left to
// the right and then down.
var braille = func() (all [256]string) {
	// The places of a cell's dots in the order in which the library has them.
	place := [8]int{0, 2, 4, 1, 3, 5, 6, 7}
	for m := range all {
		var p runes.PatternDots
		for i, at := range place {
			p[i] = m>>at&1 == 1
		}
		all[m] = string(runes.BraillePatternFromPatternDots(p))
	}
	return all
}()

// quadrants are the quarter blocks by the same bits.
var quadrants = [16]string{" ", "▘", "▝", "▀", "▖", "▌", "▞", "▛", "▗", "▚", "▐", "▜", "▄", "▙", "▟", "█"}

func newDots(g *grid, x, y, w, h int) *dots {
	w, h = max(w, 0), max(h, 0)
	d := &dots{g: g, x: x, y: y, w: w, h: h}
	d.nx, d.ny = fineness(g.th.Canvas)
	d.mask, d.by, d.letter = make([]uint8, w*h), make([]ink, w*h), make([]string, w*h)
	return d
}

// fineness is how many dots a cell has, across and down.
func fineness(c theme.Canvas) (across, down int) {
	switch c {
	case theme.Quadrants:
		return 2, 2
	case theme.Letters:
		return 1, 1
	}
	return 2, 4
}

// letter is what a line is known by: of what was given the first character that
// is sure to take one cell everywhere.
func letter(s string) string {
	for _, r := range printable(s) {
		if r > ' ' && r < 0x7f {
			return string(r)
		}
	}
	return "?"
}

// dot sets one dot. The last line drawn gives a cell its colour and letter.
func (d *dots) dot(x, y int, in ink, letter string) {
	if x < 0 || y < 0 || x >= d.w*d.nx || y >= d.h*d.ny {
		return
	}
	i := y/d.ny*d.w + x/d.nx
	d.mask[i] |= 1 << (y%d.ny*d.nx + x%d.nx)
	d.by[i], d.letter[i] = in, letter
}

// place is the dot of a position: 0,0 the lower left corner, 1,1 the upper right.
func (d *dots) place(at spot) (x, y int) {
	return nearest(at.x, d.w*d.nx), d.h*d.ny - 1 - nearest(at.y, d.h*d.ny)
}

// nearest is which of n places from 0 to 1 a share is closest to; places just
// outside are kept so that a line leaves the picture where it should.
func nearest(share float64, n int) int {
	return int(math.Round(min(max(share, -8), 8) * float64(n-1)))
}

// spot is a position in the rectangle, both from 0 to 1.
type spot struct{ x, y float64 }

// line joins two positions.
func (d *dots) line(a, b spot, in ink, letter string) {
	if d.w == 0 || d.h == 0 {
		return
	}
	x0, y0 := d.place(a)
	x1, y1 := d.place(b)
	steps := max(abs(x1-x0), abs(y1-y0))
	if d.nx == 1 {
		// Letters stand one a column: a wall of them hides the other lines.
		steps = abs(x1 - x0)
	}
	for i := range steps + 1 {
		x, y := x0, y0
		if steps > 0 {
			x = x0 + int(math.Round(float64((x1-x0)*i)/float64(steps)))
			y = y0 + int(math.Round(float64((y1-y0)*i)/float64(steps)))
		}
		d.dot(x, y, in, letter)
	}
}

// lay writes the dots into the grid, over what is there.
func (d *dots) lay() {
	for i, m := range d.mask {
		if m == 0 {
			continue
		}
		glyph := d.letter[i]
		switch d.g.th.Canvas {
		case theme.Braille:
			glyph = braille[m]
		case theme.Quadrants:
			glyph = quadrants[m&15]
		}
		d.g.set(d.x+i%d.w, d.y+i/d.w, glyph, d.by[i])
	}
}

func abs(n int) int { return max(n, -n) }
