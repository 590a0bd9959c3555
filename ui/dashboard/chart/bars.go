package chart

import (
	"strings"

	"costping/ui/dashboard/theme"
	"costping/ui/dashboard/widget"
)

// Bar is one share.
type Bar struct {
	Name  string
	Share float64 // 0 to 1
	// Lo and Hi are its interval; equal means that there is none.
	Lo, Hi float64
	// Text stands at the right, such as "18 of 400 (2.9-7.0 %)".
	Text string
	// Unknown bars have no share; their text says why.
	Unknown bool
	// Bad bars are drawn as such.
	Bad bool
}

// Bars is shares, a line each.
type Bars struct {
	Bars []Bar
	// Full draws all of them against 1; otherwise the axis ends at the largest
	// share or interval, and its last line says where.
	Full bool
	// Limit is drawn as a line across.
	Limit Limit
}

// Render draws the chart. Bars that find no line are left out, the last first,
// and counted.
func (b Bars) Render(width, height int, th theme.Theme) string {
	g := newGrid(width, height, th)
	if g.w == 0 || g.h == 0 || len(b.Bars) == 0 {
		return g.String()
	}
	bars, hidden := b.Bars, 0
	if len(bars) > g.h {
		hidden = len(bars) - g.h + 1
		bars = bars[:g.h-1]
	}
	names, texts := 0, 0
	for _, r := range bars {
		names = max(names, widget.Width(printable(r.Name))+2)
		texts = max(texts, widget.Width(printable(th.Translate(r.Text)))+2)
	}
	names, texts = min(names, g.w/3), min(texts, g.w/2)
	v := barView{grid: g, x: names, w: g.w - names - texts, most: b.top()}
	if v.w < 6 { // the words are worth more than a bar of nothing
		v.w, texts = 0, max(0, g.w-names)
	}
	for y, r := range bars {
		g.put(1, y, widget.Cut(printable(r.Name), names-2, th.Glyphs), dim)
		v.bar(y, r)
		text := printable(th.Translate(r.Text))
		if i := strings.LastIndex(text, " ("); i > 0 && widget.Width(text) > texts-1 {
			text = text[:i] // what is in brackets goes whole
		}
		g.put(g.w-texts+1, y, widget.Cut(text, texts-1, th.Glyphs), plain)
	}
	if hidden > 0 {
		g.put(1, g.h-1, Figure(float64(hidden))+" more", dim)
	}
	v.footer(len(bars), b, hidden)
	return g.String()
}

// barView is where the bars are drawn.
type barView struct {
	*grid
	x, w int
	most float64 // the share at the right end
}

// top is where the axis ends.
func (b Bars) top() float64 {
	if b.Full {
		return 1
	}
	top := 0.0
	for _, r := range b.Bars {
		if !r.Unknown {
			top = max(top, part(r.Share), part(r.Hi))
		}
	}
	if b.Limit.set() {
		top = max(top, part(b.Limit.Value)*1.1)
	}
	if top == 0 {
		return 1
	}
	return min(top, 1)
}

// part is a share, within 0 and 1 whatever it was.
func part(v float64) float64 {
	if !usable(v, false) {
		return 0
	}
	return min(max(v, 0), 1)
}

// bar is solid up to where the share surely reaches, then its interval.
func (v barView) bar(y int, r Bar) {
	if v.w <= 0 {
		return
	}
	if r.Unknown {
		v.put(v.x, y, v.th.None, dim)
		return
	}
	in := firstSeries
	if r.Bad {
		in = bad
	}
	solid := part(r.Share)
	uncertain := part(r.Hi) > part(r.Lo)
	if uncertain {
		solid = part(r.Lo)
	}
	eighths := int(solid/v.most*float64(v.w*8) + 0.5)
	if eighths == 0 && solid > 0 {
		eighths = 1
	}
	n := len(v.th.Bar)
	for i := range min((eighths+7)/8, v.w) {
		level := min(eighths-i*8, 8) * n / 8
		if i == 0 { // where there is anything, it is seen
			level = max(level, 1)
		}
		if level > 0 {
			v.set(v.x+i, y, v.th.Bar[level-1], in)
		}
	}
	if uncertain {
		v.interval(v.x, v.w, y, part(r.Lo)/v.most, part(r.Hi)/v.most)
		v.set(v.x+min(nearest(part(r.Share)/v.most, v.w), v.w-1), y, v.th.Crossing, in)
	}
}

// footer draws the limit and the axis where there are lines left for them.
func (v barView) footer(rows int, b Bars, hidden int) {
	if v.w <= 0 || hidden > 0 {
		return
	}
	if b.Limit.set() && b.Limit.Value <= v.most {
		x := v.x + nearest(b.Limit.Value/v.most, v.w)
		for y := range rows {
			if c := v.cells[y*v.grid.w+x]; c.text == "" || c.text == " " {
				v.set(x, y, v.th.Upright, dim)
			}
		}
	}
	if rows >= v.h {
		return
	}
	end := percent(v.most)
	v.put(v.x, rows, "0", dim)
	v.put(v.x+v.w-widget.Width(end), rows, end, dim)
	if b.Limit.set() && b.Limit.Value <= v.most {
		text := printable(b.Limit.Label)
		w := widget.Width(text)
		x := min(max(v.x+nearest(b.Limit.Value/v.most, v.w)-w/2, v.x+2), v.x+v.w-w)
		if v.free(x, rows, w) {
			v.put(x, rows, text, dim)
		}
	}
}

func percent(v float64) string { return Figure(v*100) + " %" }
