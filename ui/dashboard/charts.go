package dashboard

import (
	"fmt"
	"slices"
	"strings"

	"costping/costmodel"
	"costping/store"
	"costping/ui/compare"
	"costping/ui/dashboard/chart"
	"costping/ui/dashboard/screen"
	"costping/ui/dashboard/theme"
)

// traced are the rows that the time charts show, with their letters: the marked
// ones, else the selected one and the pick.
func (m *Model) traced() (targets, signs []string) {
	if len(m.rows.marked) > 0 {
		return m.rows.marked, letters[:len(m.rows.marked)]
	}
	th := theme.ASCII() // a line is known by what is sure to take one cell
	if r := m.selectedRow(); r.Target != "" {
		targets, signs = append(targets, r.Target), append(signs, th.Selected)
	}
	if p := m.table.Pick; p >= 0 && m.table.Rows[p].Target != m.rows.selected {
		targets, signs = append(targets, m.table.Rows[p].Target), append(signs, th.Pick)
	}
	return targets, signs
}

// lineOf is the line of a row: that of the series which stands for it.
func (m *Model) lineOf(target string) (store.Line, bool) {
	for _, r := range m.table.Rows {
		if r.Target != target {
			continue
		}
		for _, l := range m.lines().lines {
			if l.Series == r.Summary.Series {
				return l, true
			}
		}
	}
	return store.Line{}, false
}

// figureOf is a figure of a step of a line.
type figureOf func(store.Band) store.Spread

func ttftOf(b store.Band) store.Spread { return b.TTFT }

// timeChart draws a figure of the traced rows over the span.
func (m *Model) timeChart(of figureOf, linear, band bool) chart.Lines {
	targets, signs := m.traced()
	return m.timeLines(targets, signs, of, linear, band)
}

// timeLines draws a figure of rows over the span, each line with its sign.
func (m *Model) timeLines(targets, signs []string, of figureOf, linear, band bool) chart.Lines {
	drawn := m.lines()
	c := chart.Lines{
		From: drawn.from, To: drawn.to, Location: m.opts.Location, Linear: linear,
		Cursor: m.cursorAt(), Idle: "no probes",
	}
	for i, target := range targets {
		line, ok := m.lineOf(target)
		if !ok {
			continue
		}
		series := chart.Series{Letter: signs[i], Name: target}
		for _, step := range line.Points {
			s := of(step)
			middle := step.From.Add(drawn.span.step / 2)
			series.Points = append(series.Points, chart.Point{At: middle, Value: s.P50, OK: s.N > 0})
			if band && i == 0 {
				series.Band = append(series.Band, chart.Span{At: middle, Lo: s.P25, Hi: s.P75, OK: s.N > 0})
			}
		}
		c.Series = append(c.Series, series)
	}
	for _, e := range m.events() {
		if e.Target == "" || slices.Contains(targets, e.Target) {
			c.Events = append(c.Events, chart.Event{At: e.At, Bad: eventMark(e.Kind) > screen.MarkFine})
		}
	}
	return c
}

// ttftChart is the time chart of the Compare screen.
func (m *Model) ttftChart() screen.Chart {
	view := m.states[comparePage].views[int(screen.TTFTPane)]
	targets, signs := m.traced()
	_, shown := m.lineOf(firstOf(targets))
	if !shown && len(m.lines().lines) == 0 || len(m.table.Rows) == 0 {
		return screen.Chart{}
	}
	lines := m.timeChart(ttftOf, view == 1, view == 2)
	lines.Limit = m.limitLine(compare.LimitTTFTp50)
	scale := "log"
	switch view {
	case 1:
		scale = "linear"
	case 2:
		scale = "log, middle half shaded"
	}
	who := strings.Join(signs, " ")
	if len(m.rows.marked) == 0 {
		who = strings.Join(targets, ", ")
	}
	// In parts, of which as many are shown as there is room for.
	title := []string{fmt.Sprintf("TTFT p50, ms, %s, %s", scale, m.span().name), who, stepText(m.span()) + " steps"}
	return screen.Chart{Title: title, Drawing: screen.Rendered{Chart: lines}}
}

func firstOf(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return all[0]
}

func stepText(s span) string {
	switch {
	case s.step.Hours() >= 24:
		return fmt.Sprintf("%.0f d", s.step.Hours()/24)
	case s.step.Hours() >= 1:
		return fmt.Sprintf("%.0f h", s.step.Hours())
	case s.step.Minutes() >= 1:
		return fmt.Sprintf("%.0f min", s.step.Minutes())
	}
	return fmt.Sprintf("%.0f s", s.step.Seconds())
}

// limitLine is the limit on a metric that holds for the most rows: where they have
// different ones, none is drawn.
func (m *Model) limitLine(on compare.LimitMetric) chart.Limit {
	var found chart.Limit
	for _, r := range m.table.Rows {
		for _, v := range r.Verdicts {
			if v.Bound.Metric != on {
				continue
			}
			if found.Value > 0 && found.Value != v.Bound.Value {
				return chart.Limit{}
			}
			found = chart.Limit{Value: v.Bound.Value, Label: "limit " + compare.Millis(v.Bound.Value)}
		}
	}
	return found
}

// scatterChart is cost against latency, of every row that has both.
func (m *Model) scatterChart() screen.Chart {
	view := scatterViews[m.states[comparePage].views[int(screen.ScatterPane)]%len(scatterViews)]
	s := chart.Scatter{Limit: m.limitLine(view.limit)}
	options := make([]costmodel.Option, 0, len(m.table.Rows))
	marks := m.markLetters()
	for i := range m.table.Rows {
		r := &m.table.Rows[i]
		value := view.of(r)
		if !value.Known() || !r.Spend.Known {
			continue
		}
		spot := chart.Spot{
			Letter: marks[r.Target], Name: r.Target, X: r.Spend.PerMonth.Float64(), Y: value.Value,
			Selected: r.Target == m.rows.selected, Over: r.Over(),
		}
		if r.Retired {
			spot.Standing = chart.Retired
		}
		s.Spots = append(s.Spots, spot)
		options = append(options, costmodel.Option{Spend: &r.Spend.PerMonth, Latency: value, Quality: r.Quality, Barred: r.Retired || r.Failing})
	}
	if len(s.Spots) == 0 {
		return screen.Chart{}
	}
	for i, unbeaten := range costmodel.Frontier(options) {
		if unbeaten {
			s.Spots[i].Standing = chart.Unbeaten
		}
	}
	th := m.opts.Theme
	title := []string{"$/month × " + view.name + ", ms, log", th.Pick + " unbeaten"}
	if slices.ContainsFunc(s.Spots, func(p chart.Spot) bool { return p.Standing == chart.Retired }) {
		title = append(title, th.Retired+" retired")
	}
	return screen.Chart{Title: title, Drawing: screen.Rendered{Chart: s}}
}

// scatterViews are the latencies that the scatter goes through.
var scatterViews = []struct {
	name  string
	limit compare.LimitMetric
	of    func(*compare.Row) costmodel.Metric
}{
	{"TTFT p95", compare.LimitTTFTp95, func(r *compare.Row) costmodel.Metric { return compare.MetricOf(r.Summary.TTFTp95) }},
	{"TTFT p50", compare.LimitTTFTp50, func(r *compare.Row) costmodel.Metric { return compare.MetricOf(r.Summary.TTFTp50) }},
	{"whole answer p50", "", func(r *compare.Row) costmodel.Metric { return compare.MetricOf(r.Summary.E2Ep50) }},
}
