package report

import (
	"bytes"
	"fmt"
	"html"
	"image/color"
	"math"
	"slices"

	"costping/ui/compare"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// The size of a picture, and the resolution of one in pixels.
const (
	pictureWidth, pictureHeight = 24 * vg.Centimeter, 21 * vg.Centimeter
	pictureDPI                  = 110
)

// The font that the picture is measured with, and those that stand for it where it is
// not installed: they are as wide. The font itself would be a megabyte.
const (
	pictureFont  = "font-family:Liberation Sans;"
	pictureFonts = "font-family:Liberation Sans,Arimo,Arial,Helvetica,sans-serif;"
)

// svg is the picture on white, with the lead as its text alternative.
func (v *view) svg(Options) ([]byte, error) {
	c := vgsvg.NewWith(vgsvg.UseWH(pictureWidth, pictureHeight))
	if err := v.picture(draw.New(c)); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		return nil, err
	}
	// A page may be dark.
	alt := fmt.Sprintf(`<title>%s</title><desc>%s</desc><rect width="100%%" height="100%%" fill="#fff"/>`, html.EscapeString(v.lead()), html.EscapeString(v.described()))
	text := bytes.ReplaceAll(b.Bytes(), []byte(pictureFont), []byte(pictureFonts))
	open := bytes.Index(text, []byte("<svg"))
	end := bytes.IndexByte(text[max(open, 0):], '>')
	if open < 0 || end < 0 {
		return text, nil
	}
	at := open + end + 1
	return bytes.Join([][]byte{text[:at], []byte(alt), text[at:]}, []byte("\n")), nil
}

// png is the picture in pixels.
func (v *view) png(Options) ([]byte, error) {
	c := vgimg.NewWith(vgimg.UseWH(pictureWidth, pictureHeight), vgimg.UseDPI(pictureDPI), vgimg.UseBackgroundColor(color.White))
	if err := v.picture(draw.New(c)); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	_, err := vgimg.PngCanvas{Canvas: c}.WriteTo(&b)
	return b.Bytes(), err
}

// described says in words what the pictures show.
func (v *view) described() string {
	text := "Cost a month against TTFT p95, and TTFT p50 over time."
	for _, r := range v.measured() {
		month := r.Month + " a month" // unless it is no amount
		if r.Spend.Known {
			month = "$" + month
		}
		text += fmt.Sprintf(" %s: %s, TTFT p50 %s ms, p95 %s ms.", r.Target, month, r.TTFT, r.P95)
	}
	return text
}

// palette is told apart by those who do not see all colours, and in print.
var palette = []color.RGBA{
	{0x00, 0x5f, 0xb8, 0xff},
	{0xc2, 0x41, 0x0c, 0xff},
	{0x0f, 0x76, 0x6e, 0xff},
	{0x86, 0x19, 0x8f, 0xff},
	{0x71, 0x71, 0x7a, 0xff},
	{0xa1, 0x62, 0x07, 0xff},
}

// mostLines is how many models have a line: with more none can be followed.
const mostLines = 6

// picture draws the scatter above the series.
func (v *view) picture(dc draw.Canvas) error {
	title := draw.Crop(dc, vg.Centimeter, -vg.Centimeter, 0, 0)
	head := v.headline(title)
	body := draw.Crop(dc, 0.6*vg.Centimeter, -0.8*vg.Centimeter, 0.5*vg.Centimeter, -head)
	half := (body.Max.Y - body.Min.Y) / 2
	scatter, err := v.scatterPlot()
	if err != nil {
		return err
	}
	series, err := v.seriesPlot()
	if err != nil {
		return err
	}
	scatter.Draw(draw.Crop(body, 0, 0, half+0.3*vg.Centimeter, 0))
	series.Draw(draw.Crop(body, 0, 0, 0, -half-0.3*vg.Centimeter))
	return nil
}

// headline writes what the picture amounts to at the top, and says how high that is.
func (v *view) headline(dc draw.Canvas) vg.Length {
	style := func(size vg.Length, grey uint8) draw.TextStyle {
		f := plot.DefaultFont
		f.Variant, f.Size = "Sans", size
		return draw.TextStyle{Color: color.Gray{Y: grey}, Font: f, Handler: plot.DefaultTextHandler, YAlign: draw.YTop}
	}
	lead := style(11, 0x10)
	lead.Font.Weight = 1
	text := v.lead()
	if v.record.Demo {
		text = "DEMO, simulated. " + text
	}
	at := vg.Point{X: dc.Min.X, Y: dc.Max.Y - 0.5*vg.Centimeter}
	for _, line := range wrapped(lead, text, dc.Max.X-dc.Min.X, 2) {
		dc.FillText(lead, at, line)
		at.Y -= 0.5 * vg.Centimeter
	}
	small := style(8, 0x60)
	for _, line := range wrapped(small, v.record.Workload.Text+"; "+v.restsOn(), dc.Max.X-dc.Min.X, 2) {
		dc.FillText(small, at, line)
		at.Y -= 0.38 * vg.Centimeter
	}
	return dc.Max.Y - at.Y + 0.15*vg.Centimeter
}

// wrapped cuts text into at most so many lines of a width; the last ends in dots
// where there is more.
func wrapped(style draw.TextStyle, text string, width vg.Length, most int) []string {
	var lines []string
	line := ""
	for _, word := range unbroken(text) {
		longer := line
		if longer != "" {
			longer += " "
		}
		longer += word
		if line == "" || style.Width(longer) <= width {
			line = longer
			continue
		}
		if len(lines) == most-1 {
			return append(lines, line+" …")
		}
		lines, line = append(lines, line), word
	}
	return append(lines, line)
}

func newPlot(title, x, y string) *plot.Plot {
	p := plot.New()
	sans := func(f *font.Font, size vg.Length) { f.Variant, f.Size = "Sans", size }
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, x, y
	sans(&p.Title.TextStyle.Font, 10)
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		sans(&a.Label.TextStyle.Font, 8)
		sans(&a.Tick.Label.Font, 8)
		a.Color, a.Tick.Color = color.Gray{Y: 0x90}, color.Gray{Y: 0x90}
	}
	sans(&p.Legend.TextStyle.Font, 8)
	return p
}

// scatterPlot is cost against the slow answers, both by ratio: of each row with both.
func (v *view) scatterPlot() (*plot.Plot, error) {
	p := newPlot("Cost a month × TTFT p95", "$ a month", "TTFT p95, ms")
	p.Add(gridOf())
	var dots plotter.XYs
	var names []string
	for _, r := range v.rows {
		if x, y, ok := r.place(); ok {
			dots, names = append(dots, plotter.XY{X: x, Y: y}), append(names, r.Target)
		}
	}
	if len(dots) == 0 {
		p.Title.Text += ": no model has both yet"
		p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, 1, 0, 1
		return p, nil
	}
	shapes := map[string]draw.GlyphDrawer{"◆ ": diamond{}, "× ": draw.CrossGlyph{}, "": draw.CircleGlyph{}}
	for i, r := range placed(v.rows) {
		s, err := plotter.NewScatter(dots[i : i+1])
		if err != nil {
			return nil, err
		}
		s.GlyphStyle = draw.GlyphStyle{Color: color.Gray{Y: 0x70}, Radius: vg.Points(5), Shape: shapes[r.mark()]}
		if r.Pick {
			s.Color = palette[0]
		}
		p.Add(s)
	}
	labels, err := plotter.NewLabels(plotter.XYLabels{XYs: dots, Labels: names})
	if err != nil {
		return nil, err
	}
	for i := range labels.TextStyle {
		labels.TextStyle[i].Font.Variant, labels.TextStyle[i].Font.Size = "Sans", 8
	}
	labels.Offset = vg.Point{X: vg.Points(9), Y: vg.Points(-3)}
	p.Add(labels)
	for _, l := range v.record.CompareLimits() {
		for _, b := range l.Bounds {
			if b.Metric == compare.LimitTTFTp95 && l.Target == "*" && b.Value > 0 {
				p.Add(level(b.Value))
				p.Title.Text += fmt.Sprintf(" (dashed: the limit, %s ms)", compare.Millis(b.Value))
			}
		}
	}
	logAxis(&p.X, dots, func(d plotter.XY) float64 { return d.X })
	logAxis(&p.Y, dots, func(d plotter.XY) float64 { return d.Y })
	p.X.Max *= 1.6 // room for the last name
	return p, nil
}

// diamond is the mark of the pick, as on the screen and the page.
type diamond struct{}

// DrawGlyph implements draw.GlyphDrawer.
func (diamond) DrawGlyph(c *draw.Canvas, style draw.GlyphStyle, at vg.Point) {
	r := style.Radius * 1.2
	c.SetColor(style.Color)
	var p vg.Path
	p.Move(vg.Point{X: at.X, Y: at.Y + r})
	p.Line(vg.Point{X: at.X + r, Y: at.Y})
	p.Line(vg.Point{X: at.X, Y: at.Y - r})
	p.Line(vg.Point{X: at.X - r, Y: at.Y})
	p.Close()
	c.Fill(p)
}

// level is a dashed line across the plot.
func level(y float64) plot.Plotter {
	f := plotter.NewFunction(func(float64) float64 { return y })
	f.LineStyle = draw.LineStyle{Color: palette[1], Width: vg.Points(0.8), Dashes: []vg.Length{vg.Points(4), vg.Points(3)}}
	return f
}

func gridOf() *plotter.Grid {
	g := plotter.NewGrid()
	g.Vertical.Color, g.Horizontal.Color = color.Gray{Y: 0xe6}, color.Gray{Y: 0xe6}
	return g
}

// place is where a row stands on the scatter.
func (r rowView) place() (usd, ms float64, ok bool) {
	q := r.Summary.TTFTp95
	usd = r.Spend.PerMonth.Float64()
	return usd, q.Value, r.Spend.Known && usd > 0 && q.Earned() && q.Value > 0
}

func placed(rows []rowView) []rowView {
	var on []rowView
	for _, r := range rows {
		if _, _, ok := r.place(); ok {
			on = append(on, r)
		}
	}
	return on
}

// mark tells the pick and what cannot be had from the others.
func (r rowView) mark() string {
	switch {
	case r.Pick:
		return "◆ "
	case r.Retired || r.Failing:
		return "× "
	}
	return ""
}

// logAxis scales an axis by ratio, around the values.
func logAxis(a *plot.Axis, dots plotter.XYs, of func(plotter.XY) float64) {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, d := range dots {
		lo, hi = math.Min(lo, of(d)), math.Max(hi, of(d))
	}
	a.Scale, a.Tick.Marker = plot.LogScale{}, plainTicks{}
	a.Min, a.Max = lo/1.4, hi*1.4
}

// lined are the rows that have a line: of the measured ones the pick first, then those
// that can be had.
func (v *view) lined() []rowView {
	rows := v.measured()
	rank := func(r rowView) int {
		switch {
		case r.Pick:
			return 0
		case r.Retired || r.Failing:
			return 2
		}
		return 1
	}
	slices.SortStableFunc(rows, func(a, b rowView) int { return rank(a) - rank(b) })
	return rows[:min(len(rows), mostLines)]
}

// unlined says how many of the measured rows have a line, "" where all do.
func (v *view) unlined() string {
	if all := len(v.measured()); all > mostLines {
		return fmt.Sprintf("%d of %d models", mostLines, all)
	}
	return ""
}

// seriesPlot is the median first token over time.
func (v *view) seriesPlot() (*plot.Plot, error) {
	p := newPlot("TTFT p50 over time (UTC)", "", "ms")
	if some := v.unlined(); some != "" {
		p.Title.Text += ", " + some
	}
	p.Add(gridOf())
	var all plotter.XYs
	lined := v.lined()
	for i, r := range lined {
		for _, run := range v.runs(r) {
			if len(run) == 1 {
				dot, err := plotter.NewScatter(run)
				if err != nil {
					return nil, err
				}
				dot.GlyphStyle = draw.GlyphStyle{Color: palette[i], Radius: vg.Points(1.5), Shape: draw.CircleGlyph{}}
				p.Add(dot)
			}
			line, err := plotter.NewLine(run)
			if err != nil {
				return nil, err
			}
			line.Color, line.Width = palette[i], vg.Points(1.2)
			p.Add(line)
			all = append(all, run...)
		}
		p.Legend.Add(r.Target, swatch{palette[i]})
	}
	if len(all) == 0 {
		p.Title.Text += ": nothing was measured"
		p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, 1, 0, 1
		return p, nil
	}
	logAxis(&p.Y, all, func(d plotter.XY) float64 { return d.Y })
	// Room for the legend above the lines: a sixteenth of the height a name, by ratio.
	p.Y.Max = p.Y.Min * math.Pow(p.Y.Max/p.Y.Min, 1/(1-float64(len(lined))/16))
	p.X.Min, p.X.Max = float64(v.record.Window.From.Unix()), float64(v.record.Window.To.Unix())
	p.X.Tick.Marker = hourTicks{}
	p.Legend.Top, p.Legend.Left = true, true
	p.Legend.YOffs, p.Legend.Padding = vg.Points(-4), vg.Points(3)
	return p, nil
}

// swatch is a colour in the legend.
type swatch struct{ color color.Color }

// Thumbnail implements plot.Thumbnailer.
func (s swatch) Thumbnail(c *draw.Canvas) {
	y := c.Center().Y
	c.StrokeLine2(draw.LineStyle{Color: s.color, Width: vg.Points(2)}, c.Min.X, y, c.Max.X, y)
}

// mostPoints bounds the points of a line: with more, a step has too few samples for
// a median that says anything.
const mostPoints = 48

// runs are the stretches of a row's median first token without a gap, x in seconds
// since 1970.
func (v *view) runs(r rowView) []plotter.XYs {
	var all []plotter.XYs
	var run plotter.XYs
	bands := r.doc.Measured.Series.Bands(v.record.Window, mostPoints)
	for i, b := range bands {
		if b.TTFT.N == 0 || b.TTFT.P50 <= 0 {
			if len(run) > 0 {
				all, run = append(all, run), nil
			}
			continue
		}
		end := v.record.Window.To
		if i+1 < len(bands) {
			end = bands[i+1].From
		}
		middle := b.From.Add(end.Sub(b.From) / 2)
		run = append(run, plotter.XY{X: float64(middle.Unix()), Y: b.TTFT.P50})
	}
	if len(run) > 0 {
		all = append(all, run)
	}
	return all
}
