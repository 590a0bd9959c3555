package dashboard

import (
	"fmt"
	"strings"

	"costping/costmodel"
	"costping/probe"
	"costping/ui/compare"
	"costping/ui/dashboard/chart"
	"costping/ui/dashboard/screen"
	"costping/ui/report"

	tea "github.com/charmbracelet/bubbletea"
)

// checksPane are the checks on a schedule of the selected target, and which one is
// being made. It has no drawing where there are none at all.
func (m *Model) checksPane(status probe.Status) screen.Chart {
	if len(status.Checks) == 0 {
		return screen.Chart{}
	}
	c := screen.Chart{Title: []string{"checks of " + m.rows.selected}}
	matrix := screen.Matrix{Columns: []screen.MatrixColumn{
		{Title: "CHECK", Left: true, Name: true},
		{Title: "EVERY", Goes: 2},
		{Title: "NEXT"},
		{Title: "CAME TO", Left: true, Rest: true, Goes: 1},
	}}
	for _, one := range status.Checks {
		if one.Running {
			c.Title = append(c.Title, fmt.Sprintf("now %s of %s, %s of %s", one.Check, one.Target, compare.Count(one.Done), compare.Count(one.Of)))
		}
		if one.Target != m.rows.selected {
			continue
		}
		next := "due"
		if wait := one.Next.Sub(m.opts.Now()); one.Running {
			next = "now"
		} else if wait > 0 {
			next = compare.Until(wait)
		}
		said := one.Said
		if said == "" {
			said = compare.Unknown
		}
		matrix.Rows = append(matrix.Rows, screen.MatrixRow{Cells: []string{one.Check, compare.Span(one.Every), next, probe.Sanitize(said, longestNotice)}})
	}
	if len(matrix.Rows) == 0 {
		c.Drawing = screen.Told{Words: screen.Text{{"   none on a schedule; other models have " + compare.Plural(len(status.Checks), "check")}}}
		return c
	}
	c.Drawing = screen.Told{Below: matrix, Want: matrix.Height()}
	return c
}

// spendPane is what probing cost today, or on each day of a week.
func (m *Model) spendPane(status probe.Status) screen.Chart {
	week := m.states[probesPage].views[int(screen.SchedulePane)] == 1
	days, ok := answer[[]spentOn](&m.answers, ledgerKey)
	c := screen.Chart{Title: []string{"spent today, UTC", "v: the week"}}
	if week {
		c.Title = []string{"spent on each day of the week, UTC", "v: today"}
	}
	if m.opts.Recorded != nil {
		c.Drawing = notRecorded("nothing is spent by looking at it")
		return c
	}
	if !ok || len(days) == 0 {
		c.Drawing = screen.Text{{"the ledger has not been read"}}
		return c
	}
	if !week {
		days = days[len(days)-1:]
	}
	most := costmodel.USD{}
	if status.Budget != nil {
		most = costmodel.NewUSD(status.Budget.Cap.Rat())
	}
	for _, d := range days {
		if usd := costmodel.NewUSD(d.spent.Settled.Add(d.spent.Reserved).Rat()); usd.Cmp(most) > 0 {
			most = usd
		}
	}
	var bars chart.Bars
	for _, d := range days {
		bars.Bars = append(bars.Bars, dayBar(d, status.Budget, most))
	}
	bars.Full = true
	c.Drawing = screen.Told{Below: screen.Rendered{Chart: bars}, Want: len(bars.Bars)}
	return c
}

// dayBar is a day of the ledger: the bar is of the cap, or where there is none of the
// dearest day.
func dayBar(d spentOn, budget *probe.BudgetStatus, most costmodel.USD) chart.Bar {
	spent := d.spent.Settled.Add(d.spent.Reserved)
	places := int32(4)
	if spent.IsZero() {
		places = 2
	}
	text := "$" + spent.StringFixed(places)
	if budget != nil {
		text += " of $" + budget.Cap.StringFixed(2)
	}
	if d.spent.Reserved.IsPositive() {
		text += " ($" + d.spent.Reserved.StringFixed(4) + " set aside)"
	}
	bar := chart.Bar{Name: string(d.day), Text: text}
	if most.Sign() > 0 {
		bar.Share = costmodel.NewUSD(spent.Rat()).Float64() / most.Float64()
	}
	return bar
}

// logPane is the last samples as waterfalls, of all targets or of the selected one.
func (m *Model) logPane() screen.Chart {
	own := m.states[probesPage].views[int(screen.LogPane)] == 1
	c := screen.Chart{Title: []string{"last samples, ms"}}
	if own {
		c.Title = []string{"last samples of " + m.rows.selected + ", ms"}
	}
	if m.opts.Recorded != nil {
		c.Drawing = notRecorded("it holds no single samples")
		return c
	}
	got, ok := answer[recent](&m.answers, recentKey)
	if !ok {
		return c
	}
	var lanes screen.Lanes
	for _, s := range got.samples {
		if !own || s.Target.Name == m.rows.selected {
			lanes = append(lanes, report.Lane{Label: s.At.In(m.opts.Location).Format("15:04:05") + " " + s.Target.Name, Sample: s})
		}
	}
	if len(lanes) > 0 {
		c.Drawing = lanes
	}
	return c
}

// lastSample is the last sample of the selected target, taken apart.
type lastSample struct{}

func (lastSample) press(m *Model, key tea.KeyMsg) (tea.Cmd, bool) {
	switch key.String() {
	case "up", "k":
		moveProbe(m, -1)
	case "down", "j":
		moveProbe(m, +1)
	case "esc", "q", "enter":
		return nil, true
	}
	return nil, false
}

func (lastSample) show(m *Model, f *screen.Frame) {
	pane := screen.Pane{Title: []string{"last sample of " + m.rows.selected, "esc closes"}, Focused: true}
	got, _ := answer[recent](&m.answers, recentKey)
	s, ok := got.last[m.rows.selected]
	switch {
	case m.opts.Recorded != nil:
		pane.Drawing = notRecorded("it holds no single samples")
	case !ok:
		pane.Drawing = screen.Text{{"no probe of it in the last passes"}}
	default:
		pane.Drawing = m.sampleDrawing(s)
	}
	f.Body, f.Over = screen.Whole{Drawing: pane}, true
}

// sampleDrawing is a sample in words and as a waterfall.
func (m *Model) sampleDrawing(s probe.Sample) screen.Drawing {
	head := s.At.In(m.opts.Location).Format("15:04:05") + "  " + strings.ReplaceAll(s.Outcome.String(), "_", " ")
	if s.Status > 0 {
		head += fmt.Sprintf(", HTTP %d", s.Status)
	}
	if flags := s.Flags.Names(); len(flags) > 0 {
		head += "; " + strings.ReplaceAll(strings.Join(flags, ", "), "_", " ")
	}
	told := screen.Told{Words: screen.Text{{head}}}
	if s.Error != "" {
		told.Words = append(told.Words, []string{s.Error})
	}
	if sum := compare.TimeSum(s); len(sum) > 0 {
		told.Words = append(told.Words, sum)
	}
	if s.Usage.Input.Known || s.Usage.Output.Known {
		told.Words = append(told.Words, []string{fmt.Sprintf("%s in, %s out, %s", tokensText(s.Usage.Input), tokensText(s.Usage.Output), costText(s))})
	}
	told.Words = append(told.Words, []string{""})
	fall := chart.Waterfall{Total: "all"}
	for _, p := range compare.Phases(s) {
		fall.Parts = append(fall.Parts, chart.Part{Name: p.Phase.String(), Took: p.Took})
	}
	told.Below, told.Want = screen.Rendered{Chart: fall}, len(fall.Parts)+1
	return told
}

func tokensText(n probe.Measured[int64]) string {
	if !n.Known {
		return "? tokens"
	}
	return compare.Count(int(n.Value)) + " tokens"
}

func costText(s probe.Sample) string {
	if !s.USD.Valid {
		return "cost unknown"
	}
	return "$" + s.USD.Decimal.StringFixed(6)
}
