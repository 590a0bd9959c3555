package chart

import (
	"math"
	"slices"
	"time"

	"costping/ui/dashboard/theme"
	"costping/ui/dashboard/widget"
)

// Point is a figure at a time, in milliseconds or whatever the axis is of.
type Point struct {
	At    time.Time
	Value float64
	// OK is false where nothing was measured: there the line is broken.
	OK bool
}

// Span is an interval at a time, of a Band.
type Span struct {
	At     time.Time
	Lo, Hi float64
	OK     bool
}

// Series is one line.
type Series struct {
	Letter string // one cell
	Name   string
	Points []Point
	// Band is shaded behind the lines; of several series that have one, the
	// first keeps it.
	Band []Span
}

// Event is something that happened.
type Event struct {
	At time.Time
	// Bad events are drawn as such.
	Bad bool
}

// Lines is figures over time. At most six series are drawn, the first of them on
// top.
type Lines struct {
	Series []Series
	// From and To are what the axis covers; where To is not after From, what the
	// points cover.
	From, To time.Time
	// Location is the zone of the labels; nil is UTC.
	Location *time.Location
	// Linear chooses an axis with equal steps; otherwise it is logarithmic.
	Linear bool
	Limit  Limit
	Events []Event
	// Cursor is the time whose figures are shown at the right; zero is none, and
	// then they are each line's last.
	Cursor time.Time
	// Idle is said in a gap of all lines where there is room, such as "no probes".
	Idle string
	// Figure writes figures; nil is Figure.
	Figure func(float64) string
}

// Render draws the chart.
func (l Lines) Render(width, height int, th theme.Theme) string {
	l.Series = l.Series[:min(len(l.Series), maxLines)]
	if l.Figure == nil {
		l.Figure = Figure
	}
	l.settle()
	d := linesView{Lines: l, times: l.span()}
	d.frame = newFrame(width, height, th, l.scale(d.times), l.Figure, l.margins(d.times)...)
	if d.w <= 0 || d.h <= 0 {
		return d.String()
	}
	d.limit(l.Limit)
	d.band()
	ink := newDots(d.grid, d.x, d.y, d.w, d.h)
	for i := len(l.Series) - 1; i >= 0; i-- {
		d.draw(ink, i)
	}
	ink.lay()
	d.label(l.Limit)
	d.cursor()
	d.footer(d.times.ticks(d.w))
	d.idle()
	d.events()
	d.ends(d.lineEnds())
	return d.String()
}

// linesView is a chart being drawn.
type linesView struct {
	Lines
	frame
	times timeSpan
}

// settle puts the points in order of time and the letters into one cell, without
// touching the caller's.
func (l *Lines) settle() {
	series := slices.Clone(l.Series)
	for i := range series {
		series[i].Letter = letter(series[i].Letter)
		earlier := func(a, b Point) int { return a.At.Compare(b.At) }
		if !slices.IsSortedFunc(series[i].Points, earlier) {
			series[i].Points = slices.Clone(series[i].Points)
			slices.SortStableFunc(series[i].Points, earlier)
		}
	}
	l.Series = series
}

func (l Lines) span() timeSpan {
	s := timeSpan{from: l.From, to: l.To, zone: l.Location}
	if s.zone == nil {
		s.zone = time.UTC
	}
	if s.to.After(s.from) {
		return s
	}
	s.from, s.to = time.Time{}, time.Time{}
	for _, series := range l.Series {
		if n := len(series.Points); n > 0 {
			first, last := series.Points[0].At, series.Points[n-1].At
			if s.from.IsZero() || first.Before(s.from) {
				s.from = first
			}
			if last.After(s.to) {
				s.to = last
			}
		}
	}
	if !s.to.After(s.from) {
		s.to = s.from.Add(time.Minute)
	}
	return s
}

// scale holds the points, bands and a limit that is not far off.
func (l Lines) scale(times timeSpan) scale {
	s := span{log: !l.Linear}
	for _, series := range l.Series {
		for _, p := range series.Points {
			if p.OK && inside(times.at(p.At)) {
				s.add(p.Value)
			}
		}
	}
	for _, b := range l.bandOf() {
		if b.OK && inside(times.at(b.At)) {
			s.add(b.Lo)
			s.add(b.Hi)
		}
	}
	if l.Limit.set() {
		s.near(l.Limit.Value)
	}
	return s.scale()
}

func inside(at float64) bool { return at >= 0 && at <= 1 }

func (l Lines) bandOf() []Span {
	for _, s := range l.Series {
		if len(s.Band) > 0 {
			return s.Band
		}
	}
	return nil
}

// margins are the widths that the ends of the lines could have, widest first:
// letter and figure, or the letter alone.
func (l Lines) margins(times timeSpan) []int {
	wide := 0
	for i := range l.Series {
		text, _, _ := l.last(i, times)
		wide = max(wide, widget.Width(text))
	}
	return []int{wide + 1, min(wide, 1)}
}

// draw is one line: points joined where both were measured, a point between gaps
// by itself.
func (d linesView) draw(canvas *dots, i int) {
	var before spot
	joined := false
	for _, p := range d.Series[i].Points {
		at := d.times.at(p.At)
		if !p.OK || !usable(p.Value, !d.Linear) || !inside(at) {
			joined = false
			continue
		}
		here := spot{at, d.vertical.at(p.Value)}
		if !joined {
			before = here
		}
		canvas.line(before, here, seriesInk(d.Series[i].Letter, i), d.Series[i].Letter)
		before, joined = here, true
	}
}

// band shades the cells between the band's ends, joined from point to point.
func (d linesView) band() {
	var before Span
	for i, b := range d.bandOf() {
		ok := b.OK && usable(b.Lo, !d.Linear) && usable(b.Hi, !d.Linear)
		if i > 0 && ok && before.OK {
			d.shade(before, b)
		}
		before = b
		before.OK = ok
	}
}

func (d linesView) shade(a, b Span) {
	from, to := d.times.at(a.At), d.times.at(b.At)
	if !inside(from) || !inside(to) || to < from {
		return
	}
	x0, x1 := d.column(from), d.column(to)
	for x := x0; x <= x1; x++ {
		part := 0.0
		if x1 > x0 {
			part = float64(x-x0) / float64(x1-x0)
		}
		mix := func(p, q float64) float64 { return d.vertical.at(p)*(1-part) + d.vertical.at(q)*part }
		for y := d.row(mix(a.Hi, b.Hi)); y <= d.row(mix(a.Lo, b.Lo)); y++ {
			d.set(d.x+x, y, d.th.Shadow, dim)
		}
	}
}

// idle says in words that nothing was measured, where that was long enough.
func (d linesView) idle() {
	w := widget.Width(d.Idle)
	if w == 0 || d.w < w+2 || d.h < 3 {
		return
	}
	seen := make([]bool, d.w)
	for i := range d.Series {
		d.covered(seen, i)
	}
	for x := 0; x < d.w; {
		end := x
		for end < d.w && !seen[end] {
			end++
		}
		if y := d.h - 1; end-x >= w+2 && d.free(d.x+x+(end-x-w)/2, y, w) {
			d.put(d.x+x+(end-x-w)/2, y, d.Idle, dim)
		}
		x = end + 1
	}
}

// covered marks the columns that a line crosses.
func (d linesView) covered(seen []bool, i int) {
	last := -1
	for _, p := range d.Series[i].Points {
		at := d.times.at(p.At)
		if !p.OK || !inside(at) {
			last = -1
			continue
		}
		x := d.column(at)
		if last < 0 {
			last = x
		}
		for ; last < x; last++ {
			seen[last] = true
		}
		seen[x] = true
	}
}

// events marks when something happened: on the axis below, else on the last line.
func (d linesView) events() {
	for _, e := range d.Events {
		at := d.times.at(e.At)
		if !inside(at) {
			continue
		}
		y, in := d.h, warn
		if !d.foot {
			y--
		}
		if e.Bad {
			in = bad
		}
		d.set(d.x+d.column(at), y, d.th.Over, in)
	}
}

func (d linesView) cursor() {
	at := d.times.at(d.Cursor)
	if d.Cursor.IsZero() || !inside(at) {
		return
	}
	d.upright(at, mark)
	d.flag(at, d.Cursor.In(d.times.zone).Format(clock), mark)
}

// last is what stands at the end of a line: its letter, where there are several, and the
// figure there, which is the one at the cursor where there is one. now is false where the line ends
// before the chart does.
func (l Lines) last(i int, times timeSpan) (text string, value float64, now bool) {
	s := l.Series[i]
	name := s.Letter + " "
	if len(l.Series) == 1 {
		name = ""
	}
	none := name + "—"
	if !l.Cursor.IsZero() && inside(times.at(l.Cursor)) {
		p, ok := closest(s.Points, l.Cursor)
		if !ok || !usable(p.Value, !l.Linear) {
			return none, math.NaN(), false
		}
		return name + l.Figure(p.Value), p.Value, true
	}
	now = true
	for _, p := range slices.Backward(s.Points) {
		if !inside(times.at(p.At)) {
			continue
		}
		if p.OK && usable(p.Value, !l.Linear) {
			return name + l.Figure(p.Value), p.Value, now
		}
		now = false
	}
	return none, math.NaN(), false
}

// closest is the point nearest in time, if it was measured.
func closest(points []Point, t time.Time) (Point, bool) {
	var best Point
	near := time.Duration(math.MaxInt64)
	for _, p := range points {
		if away := p.At.Sub(t).Abs(); away < near {
			best, near = p, away
		}
	}
	return best, best.OK
}

func (d linesView) lineEnds() []end {
	var all []end
	for i := range d.Series {
		text, value, now := d.last(i, d.times)
		e := end{text: d.th.Translate(text), row: float64(d.h - 1), ink: seriesInk(d.Series[i].Letter, i), value: value}
		if d.room() < widget.Width(e.text) && len(d.Series) > 1 {
			e.text = d.Series[i].Letter
		}
		if !math.IsNaN(value) {
			e.row = float64(d.row(d.vertical.at(value)))
		}
		if !now {
			e.ink = dim
		}
		all = append(all, e)
	}
	return all
}
