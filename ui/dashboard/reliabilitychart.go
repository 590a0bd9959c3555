package dashboard

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"costping/probe"
	"costping/probe/check"
	"costping/probe/stats"
	"costping/ui/compare"
	"costping/ui/dashboard/chart"
	"costping/ui/dashboard/screen"
)

// reliabilityChart is the chart of a view.
func (m *Model) reliabilityChart(view int) screen.Chart {
	switch view {
	case malformedView:
		return m.shareChart("malformed, with 95 % intervals", compare.LimitMaxMalformed, func(r *compare.Reliability) []named {
			return []named{{"", r.Schema.Bad}, {" enforced", r.Enforced.Bad}}
		})
	case toolsView:
		return m.shareChart("tool errors, with 95 % intervals", "", func(r *compare.Reliability) []named {
			return []named{{"", r.Tools.Bad}}
		})
	case recallView:
		return m.recallChart()
	}
	return m.outcomeChart()
}

// named is a share with what is put after the name of its model.
type named struct {
	name string
	stats.Rate
}

// shareChart is a share of each model that has one, a bar each.
func (m *Model) shareChart(title string, limit compare.LimitMetric, of func(*compare.Reliability) []named) screen.Chart {
	c := screen.Chart{Title: []string{title}}
	var bars chart.Bars
	for i := range m.table.Rows {
		r := &m.table.Rows[i]
		for _, share := range of(&r.Reliability) {
			if share.N > 0 {
				bars.Bars = append(bars.Bars, shareBar(r.Target+share.name, share.Rate, share.name == "" && r.Breaks(limit)))
			}
		}
		for _, v := range r.Verdicts {
			if v.Bound.Metric == limit {
				bars.Limit = chart.Limit{Value: v.Bound.Value, Label: fmt.Sprintf("limit %.3g %%", 100*v.Bound.Value)}
			}
		}
	}
	c.Drawing = said("not measured: costping probe --kind schema, or --kind tools", "not measured")
	if len(bars.Bars) > 0 {
		c.Drawing = screen.Told{Below: screen.Rendered{Chart: bars}, Want: len(bars.Bars) + 1}
	}
	return c
}

func shareBar(name string, r stats.Rate, bad bool) chart.Bar {
	return chart.Bar{Name: name, Share: r.Value(), Lo: r.Lo, Hi: r.Hi, Text: compare.Share(r), Bad: bad}
}

// said is a sentence in place of a chart, longest form first.
func said(forms ...string) screen.Drawing {
	for i := range forms {
		forms[i] = "  " + forms[i]
	}
	return screen.Told{Words: screen.Text{forms}}
}

// outcomeChart is what became of the attempts of the selected model, a bar for each
// outcome but success.
func (m *Model) outcomeChart() screen.Chart {
	r := m.selectedRow()
	s := r.Summary
	c := screen.Chart{Title: []string{"outcomes of " + m.rows.selected, "share of " + compare.Plural(s.Attempts(), "attempt") + " with 95 % intervals"}}
	var bars chart.Bars
	outcomes := slices.DeleteFunc(slices.Sorted(maps.Keys(s.Outcomes)), func(o probe.Outcome) bool {
		return o == probe.OK || o == probe.Skipped || o == probe.Cancelled || s.Outcomes[o] == 0
	})
	slices.SortStableFunc(outcomes, func(a, b probe.Outcome) int { return s.Outcomes[b] - s.Outcomes[a] })
	for _, o := range outcomes {
		bars.Bars = append(bars.Bars, shareBar(strings.ReplaceAll(o.String(), "_", " "), stats.RateOf(s.Outcomes[o], s.Attempts()), false))
	}
	switch {
	case len(bars.Bars) > 0:
		c.Drawing = screen.Told{Below: screen.Rendered{Chart: bars}, Want: len(bars.Bars) + 1}
	case s.Attempts() == 0:
		c.Drawing = said("nothing measured yet")
	default:
		c.Drawing = said("each of " + compare.Plural(s.Attempts(), "attempt") + " succeeded")
	}
	return c
}

// recallChart is the recall of the selected model, by length and by where in the
// request the fact stood.
func (m *Model) recallChart() screen.Chart {
	g := m.selectedRow().Reliability.Recall
	c := screen.Chart{Title: []string{"recall of " + m.rows.selected + ", %", "by tokens, and depth of the fact", fmt.Sprintf("floor %.0f %% at every depth", 100*check.RecallFloor)}}
	if g == nil {
		c.Drawing = said("not measured: costping probe --kind context", "not measured")
		return c
	}
	heat := chart.Heatmap{LowIsBad: true, Unit: "%"}
	for _, d := range g.Depths {
		heat.Columns = append(heat.Columns, fmt.Sprintf("%.0f %%", 100*d))
	}
	for i, length := range g.Lengths {
		heat.Rows = append(heat.Rows, compare.Count(int(length)))
		row := make([]chart.Known, len(g.Depths))
		for d, rate := range g.Cells[i] {
			if rate.N > 0 {
				row[d] = chart.Known{Value: 100 * rate.Value(), OK: true}
			}
		}
		heat.Cells = append(heat.Cells, row)
	}
	told := screen.Told{Below: screen.Rendered{Chart: heat}, Want: len(g.Lengths) + 2}
	if limit := compare.LimitText(g); limit != compare.Unknown {
		told.Words = screen.Text{{"  practical limit: " + limit + " tokens"}}
	}
	c.Drawing = told
	return c
}
