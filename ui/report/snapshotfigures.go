package report

import (
	"fmt"
	"html/template"
	"math"
	"strings"
	"time"

	"gonum.org/v1/plot/plotter"
)

// The figures of the page are inline, so that they take the page's colours, light and
// dark, and its fonts. All places are in the units of the view box.
const (
	svgWidth, svgHeight                  = 560.0, 330.0
	svgLeft, svgRight, svgTop, svgBottom = 62.0, 548.0, 24.0, 292.0
)

var figureTemplate = template.Must(template.New("figure").Parse(
	`<svg viewBox="0 0 560 330" role="img" aria-labelledby="{{.ID}}-t {{.ID}}-d"><title id="{{.ID}}-t">{{.Title}}</title><desc id="{{.ID}}-d">{{.Described}}</desc>
{{- range .Lines}}<line class="{{.Class}}" x1="{{.X1}}" y1="{{.Y1}}" x2="{{.X2}}" y2="{{.Y2}}"/>{{end}}
{{- range .Paths}}<path class="line {{.Class}}" d="{{.D}}"/>{{end}}
{{- range .Dots}}{{if .Diamond}}<rect class="{{.Class}}" x="-5" y="-5" width="10" height="10" transform="translate({{.X}} {{.Y}}) rotate(45)"/>{{else}}<circle class="{{.Class}}" cx="{{.X}}" cy="{{.Y}}" r="{{.R}}"/>{{end}}{{end}}
{{- range .Texts}}<text class="{{.Class}}" x="{{.X}}" y="{{.Y}}" text-anchor="{{.Anchor}}">{{.Text}}</text>{{end}}</svg>`))

// drawn is a figure as its template has it.
type drawn struct {
	ID, Title, Described string
	Lines                []drawnLine
	Paths                []drawnPath
	Dots                 []drawnDot
	Texts                []drawnText
}

type (
	drawnLine struct{ Class, X1, Y1, X2, Y2 string }
	drawnPath struct{ Class, D string }
	drawnDot  struct {
		Class, X, Y, R string
		Diamond        bool
	}
	drawnText struct{ Class, X, Y, Anchor, Text string }
)

func (d *drawn) svg() (template.HTML, error) {
	var b strings.Builder
	err := figureTemplate.Execute(&b, d)
	return template.HTML(b.String()), err //nolint:gosec // escaped by its own template
}

func at(v float64) string { return fmt.Sprintf("%.1f", v) }

func (d *drawn) line(class string, x1, y1, x2, y2 float64) {
	d.Lines = append(d.Lines, drawnLine{class, at(x1), at(y1), at(x2), at(y2)})
}

func (d *drawn) text(class string, x, y float64, anchor, text string) {
	d.Texts = append(d.Texts, drawnText{class, at(x), at(y), anchor, text})
}

// axis places values by ratio between two ends.
type axis struct{ lo, hi, from, to float64 }

func logOver(values []float64, from, to float64) axis {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		lo, hi = math.Min(lo, v), math.Max(hi, v)
	}
	return axis{lo / 1.3, hi * 1.3, from, to}
}

func (a axis) at(v float64) float64 {
	return a.from + (a.to-a.from)*math.Log(v/a.lo)/math.Log(a.hi/a.lo)
}

// rule draws the ticks of a level axis with their figures.
func (d *drawn) rule(y axis) {
	for _, t := range (plainTicks{}).Ticks(y.lo, y.hi) {
		d.line("grid", svgLeft, y.at(t.Value), svgRight, y.at(t.Value))
		d.text("", svgLeft-6, y.at(t.Value)+4, "end", t.Label)
	}
}

// scatterFigure is cost against the slow answers.
func (v *view) scatterFigure() (template.HTML, error) {
	d := drawn{ID: "scatter", Title: "Cost a month against TTFT p95", Described: v.described()}
	rows := placed(v.rows)
	if len(rows) == 0 {
		d.text("", svgWidth/2, svgHeight/2, "middle", "No model has both a price and a p95 yet.")
		return d.svg()
	}
	var xs, ys []float64
	for _, r := range rows {
		x, y, _ := r.place()
		xs, ys = append(xs, x), append(ys, y)
	}
	limit, limited := v.tailLimit()
	if limited {
		ys = append(ys, limit)
	}
	x, y := logOver(xs, svgLeft, svgRight), logOver(ys, svgBottom, svgTop)
	d.rule(y)
	for _, t := range (plainTicks{}).Ticks(x.lo, x.hi) {
		d.line("grid", x.at(t.Value), svgTop, x.at(t.Value), svgBottom)
		d.text("", x.at(t.Value), svgBottom+16, "middle", t.Label)
	}
	d.text("", (svgLeft+svgRight)/2, svgHeight-4, "middle", "$ a month")
	d.text("", svgLeft-6, svgTop-12, "end", "ms")
	if limited {
		d.line("limit", svgLeft, y.at(limit), svgRight, y.at(limit))
	}
	var taken []float64
	for i, r := range rows {
		px, py := x.at(xs[i]), y.at(ys[i])
		dot := drawnDot{Class: "dot", X: at(px), Y: at(py), R: "5"}
		switch {
		case r.Pick:
			dot.Class, dot.Diamond = "pickdot", true
		case r.Retired || r.Failing:
			dot.Class = "gonedot"
		}
		d.Dots = append(d.Dots, dot)
		anchor, lx := "start", px+9
		if px > (svgLeft+svgRight)*0.65 {
			anchor, lx = "end", px-9
		}
		ly := clearOf(taken, py+4)
		taken = append(taken, ly)
		d.text("name", lx, ly, anchor, r.Target)
	}
	return d.svg()
}

// clearOf is the place nearest to y at which a label covers no other one.
func clearOf(taken []float64, y float64) float64 {
	const height = 14
	free := func(at float64) bool {
		for _, t := range taken {
			if math.Abs(t-at) < height {
				return false
			}
		}
		return true
	}
	for by := 0.0; by < 10*height; by += 2 {
		for _, at := range []float64{y - by, y + by} {
			if free(at) && at > svgTop && at < svgBottom {
				return at
			}
		}
	}
	return y
}

// seriesFigure is the median first token over time, each line with its name at its end.
func (v *view) seriesFigure() (template.HTML, error) {
	d := drawn{ID: "series", Title: "TTFT p50 over time", Described: v.described()}
	rows := v.lined()
	lines := make([][]plotter.XYs, len(rows))
	var ys []float64
	for i, r := range rows {
		lines[i] = v.runs(r)
		for _, run := range lines[i] {
			for _, p := range run {
				ys = append(ys, p.Y)
			}
		}
	}
	if len(ys) == 0 {
		d.text("", svgWidth/2, svgHeight/2, "middle", "Nothing was measured.")
		return d.svg()
	}
	const names = 130 // at the right
	right := svgRight - names
	y := logOver(ys, svgBottom, svgTop)
	from, to := float64(v.record.Window.From.Unix()), float64(v.record.Window.To.Unix())
	x := func(t float64) float64 { return svgLeft + (right-svgLeft)*(t-from)/(to-from) }
	for _, t := range (plainTicks{}).Ticks(y.lo, y.hi) {
		d.line("grid", svgLeft, y.at(t.Value), right, y.at(t.Value))
		d.text("", svgLeft-6, y.at(t.Value)+4, "end", t.Label)
	}
	step, format := timeStep(from, to)
	for t := math.Ceil(from/step) * step; t <= to; t += step {
		d.text("", x(t), svgBottom+16, "middle", time.Unix(int64(t), 0).UTC().Format(format))
	}
	d.text("", svgLeft-6, svgTop-12, "end", "ms")
	var taken []float64
	for i, r := range rows {
		last := 0.0
		for _, run := range lines[i] {
			var path strings.Builder
			for k, p := range run {
				command := "L"
				if k == 0 {
					command = "M"
				}
				path.WriteString(command + at(x(p.X)) + " " + at(y.at(p.Y)))
				last = y.at(p.Y)
			}
			d.Paths = append(d.Paths, drawnPath{fmt.Sprintf("c%d", i), path.String()})
			if len(run) == 1 {
				d.Dots = append(d.Dots, drawnDot{Class: fmt.Sprintf("f%d", i), X: at(x(run[0].X)), Y: at(y.at(run[0].Y)), R: "2"})
			}
		}
		ly := clearOf(taken, last+4)
		taken = append(taken, ly)
		d.text(fmt.Sprintf("f%d", i), right+8, ly, "start", cutName(r.Target))
	}
	return d.svg()
}

// cutName keeps a name within the room beside a line.
func cutName(name string) string {
	const most = 20
	if runes := []rune(name); len(runes) > most {
		return string(runes[:9]) + "…" + string(runes[len(runes)-10:])
	}
	return name
}
