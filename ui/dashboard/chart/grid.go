package chart

import (
	"strings"

	"costping/ui/dashboard/theme"
	"costping/ui/dashboard/widget"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
)

// ink is an index into the styles that a chart uses.
type ink uint8

const (
	plain ink = iota
	bold
	dim
	warn
	bad
	mark
	firstSeries
)

// seriesInk is the style of a line: that of its letter, as in the table beside the
// chart, else that of its place.
func seriesInk(letter string, place int) ink {
	if i, ok := theme.SeriesOf(letter); ok {
		place = i
	}
	return firstSeries + ink(place%maxLines) //nolint:gosec // below six
}

// maxLines is how many lines a chart has at most: more cannot be told apart.
const maxLines = 6

// most bounds both sides of a chart.
const most = 2000

// cell is one place: a character, or the right half of a wide one.
type cell struct {
	text string // "" is a space
	ink  ink
	half bool
}

// grid is the text being drawn, cell by cell.
type grid struct {
	w, h  int
	cells []cell
	// strange are the lines with text from outside, whose width is checked.
	strange []bool
	th      theme.Theme
}

func newGrid(width, height int, th theme.Theme) *grid {
	w, h := min(max(width, 0), most), min(max(height, 0), most)
	return &grid{w: w, h: h, cells: make([]cell, w*h), strange: make([]bool, h), th: th}
}

func (g *grid) inside(x, y int) bool { return x >= 0 && y >= 0 && x < g.w && y < g.h }

// set puts one glyph of the theme, one cell wide.
func (g *grid) set(x, y int, glyph string, in ink) {
	if !g.inside(x, y) {
		return
	}
	i := y*g.w + x
	if g.cells[i].half { // what is left of a wide character is no character
		g.cells[i-1] = cell{}
	}
	if x+1 < g.w && g.cells[i+1].half {
		g.cells[i+1] = cell{}
	}
	g.cells[i] = cell{text: glyph, ink: in}
}

// put writes text from a cell on; what does not fit on the line is left out.
func (g *grid) put(x, y int, text string, in ink) {
	if y < 0 || y >= g.h {
		return
	}
	for text = printable(text); text != ""; {
		cluster, w := ansi.FirstGraphemeCluster(text, ansi.GraphemeWidth)
		text = text[len(cluster):]
		if w == 0 || w > 2 {
			continue
		}
		if x >= 0 && x+w <= g.w {
			g.set(x, y, cluster, in)
			if w == 2 {
				g.set(x+1, y, "", in)
				g.cells[y*g.w+x] = cell{text: cluster, ink: in}
				g.cells[y*g.w+x+1].half = true
			}
			g.strange[y] = g.strange[y] || len(cluster) > 1
		}
		x += w
	}
}

// printable is a text without what moves the cursor or changes its colour.
func printable(s string) string {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			return strings.Map(func(r rune) rune {
				if r < ' ' || r >= 0x7f && r < 0xa0 {
					return -1
				}
				return r
			}, ansi.Strip(s))
		}
	}
	return s
}

// free says that nothing has been drawn on w cells from x, and a margin of one
// cell at each side.
func (g *grid) free(x, y, w int) bool {
	if w <= 0 || !g.inside(x, y) || !g.inside(x+w-1, y) {
		return false
	}
	for i := max(0, x-1); i < min(g.w, x+w+1); i++ {
		if c := g.cells[y*g.w+i]; c.half || c.text != "" && c.text != " " {
			return false
		}
	}
	return true
}

// String is the finished text.
func (g *grid) String() string {
	if g.w == 0 || g.h == 0 {
		return ""
	}
	pens := g.pens()
	var b strings.Builder
	b.Grow(g.w * g.h * 2)
	for y := range g.h {
		if y > 0 {
			b.WriteByte('\n')
		}
		row := g.cells[y*g.w : (y+1)*g.w]
		if g.strange[y] {
			tame(row)
		}
		write(&b, row, pens)
	}
	return b.String()
}

// tame makes sure that a line with text from outside is as wide as its cells:
// neighbouring characters of some scripts join to another width.
func tame(row []cell) {
	var b strings.Builder
	for _, c := range row {
		b.WriteString(shown(c))
	}
	if widget.Width(b.String()) == len(row) {
		return
	}
	for i := range row {
		if len(row[i].text) > 3 || row[i].half {
			row[i] = cell{text: "?", ink: row[i].ink}
		}
	}
	for i := range row {
		if i+1 < len(row) && widget.Width(row[i].text) != 1 && row[i].text != "" {
			row[i].text = "?"
		}
	}
	b.Reset()
	for _, c := range row {
		b.WriteString(shown(c))
	}
	if widget.Width(b.String()) == len(row) {
		return
	}
	for i := range row {
		if len(row[i].text) > 1 {
			row[i].text = "?"
		}
	}
}

func shown(c cell) string {
	if c.half {
		return ""
	}
	if c.text == "" {
		return " "
	}
	return c.text
}

// pen is what a style writes before and after its text. One that fills shows where
// there is a space too.
type pen struct {
	open, shut string
	fills      bool
}

// pens asks each style once: rendering every run of cells by itself takes several
// times as long as the whole chart.
func (g *grid) pens() []pen {
	styles := []lipgloss.Style{g.th.Plain, g.th.Bold, g.th.Dim, g.th.Warn, g.th.Bad, g.th.Mark}
	styles = append(styles, g.th.Series[:]...)
	pens := make([]pen, len(styles))
	for i, s := range styles {
		pens[i].open, pens[i].shut, _ = strings.Cut(s.Render("x"), "x")
		pens[i].fills = s.GetReverse() || s.GetUnderline() || s.GetBackground() != lipgloss.NoColor{}
	}
	return pens
}

func write(b *strings.Builder, row []cell, pens []pen) {
	now := plain
	b.WriteString(pens[now].open)
	for _, c := range row {
		want := c.ink
		if c.half {
			want = now
		} else if shown(c) == " " && !pens[now].fills {
			want = now // a space looks the same in any of them
		}
		if want != now {
			b.WriteString(pens[now].shut)
			b.WriteString(pens[want].open)
			now = want
		}
		b.WriteString(shown(c))
	}
	b.WriteString(pens[now].shut)
}
