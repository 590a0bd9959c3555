package chart

import (
	"time"

	"costping/ui/dashboard/theme"
	"costping/ui/dashboard/widget"
)

// Part is one stretch of a request, such as "TLS".
type Part struct {
	Name string
	Took time.Duration
}

// Waterfall is where the time of one request went: a line a part, each beginning
// where the one above it ends, so that they are seen to sum. The printed picture
// of ui/report has a line a sample instead and compares many; what both share,
// the parts and their order, is in ui/compare.
type Waterfall struct {
	Parts []Part
	// Total is the name of the sum, such as "answer"; "" leaves it out.
	Total string
}

// Render draws the chart. Where there are too few lines neighbours that are
// short are joined.
func (w Waterfall) Render(width, height int, th theme.Theme) string {
	g := newGrid(width, height, th)
	parts := joined(w.Parts, g.h)
	var total time.Duration
	for _, p := range parts {
		total += p.Took
	}
	if g.w == 0 || g.h == 0 || total <= 0 {
		return g.String()
	}
	sum := g.h // the line of the sum
	if w.Total != "" && len(parts) < g.h {
		sum = len(parts)
		parts = append(parts, Part{Name: w.Total, Took: total})
	}
	names, figures := 0, 0
	texts := make([]string, len(parts))
	for i, p := range parts {
		texts[i] = millis(p.Took)
		names = max(names, widget.Width(printable(p.Name))+2)
		figures = max(figures, widget.Width(texts[i])+2)
	}
	names = min(names, max(g.w/3, 1))
	bar := g.w - names - figures
	at := time.Duration(0)
	for y, p := range parts {
		in := firstSeries
		if y == sum {
			at, in = 0, dim
		}
		g.put(1, y, widget.Cut(printable(p.Name), names-2, th.Glyphs), dim)
		if bar > 0 {
			g.stretch(names, bar, y, float64(at)/float64(total), float64(at+p.Took)/float64(total), in)
		}
		g.put(g.w-widget.Width(texts[y])-1, y, texts[y], plain)
		at += p.Took
	}
	return g.String()
}

// joined are the parts that took any time, at most n lines of them.
func joined(parts []Part, n int) []Part {
	var some []Part
	for _, p := range parts {
		// A day is longer than any request, and keeps sums within a Duration.
		if p.Took > 0 {
			some = append(some, Part{p.Name, min(p.Took, 24*time.Hour)})
		}
	}
	for len(some) > max(n, 1) {
		least := 0
		for i := range some[:len(some)-1] {
			if some[i].Took+some[i+1].Took < some[least].Took+some[least+1].Took {
				least = i
			}
		}
		some[least] = Part{some[least].Name + "+" + some[least+1].Name, some[least].Took + some[least+1].Took}
		some = append(some[:least+1], some[least+2:]...)
	}
	return some
}

// stretch draws a bar between two shares of a line. Both ends are rounded, not
// the length, so that what is equal in time stands one above the other; a part
// too short to be seen keeps a thin stroke.
func (g *grid) stretch(x, w, y int, from, to float64, in ink) {
	a, b := int(from*float64(w)+0.5), int(to*float64(w)+0.5)
	whole := g.th.Bar[len(g.th.Bar)-1]
	for i := a; i < min(b, w); i++ {
		g.set(x+i, y, whole, in)
	}
	if b <= a {
		g.set(x+min(a, w-1), y, g.th.Bar[0], in)
	}
}

// millis is a duration in words: "3.1 ms", "379 ms".
func millis(d time.Duration) string {
	return Figure(float64(d)/float64(time.Millisecond)) + " ms"
}
