package dashboard

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"costping/costmodel"
	"costping/ui/compare"
	"costping/ui/dashboard/chart"
	"costping/ui/dashboard/screen"
)

// spendScreen is what the workload costs as one thing of it changes.
func spendScreen() page {
	views := make([]string, len(spendAxes))
	for i, a := range spendAxes {
		views[i] = a.name
	}
	return page{
		name: "Spend", lit: volume, hint: "open",
		panes:   []paneInfo{{name: "chart", views: views}, {name: "table"}, {name: "pipeline"}},
		body:    func(m *Model) screen.Body { return m.spendBody() },
		answer:  func(m *Model) []string { return m.spending().Answer(m.spendRow()) },
		viewed:  func(m *Model) { m.knobs.lit = spendAxes[m.spendAxis()].turns },
		command: (*Model).spendCommand,
	}
}

// spendAxes are what the chart goes through, and the knob that turns where the
// workload stands on each.
var spendAxes = []struct {
	name, title string
	axis        costmodel.Axis
	turns       knob
}{
	{"volume", "$/month over volume", costmodel.ByVolume, volume},
	{"output share", "$/month over output share", costmodel.ByOutput, split},
	{"cached share", "$/month over cached share of input", costmodel.ByCached, cached},
	{"months", "$ in all over months from now", costmodel.ByMonth, volume},
}

func (m *Model) spendAxis() int {
	return m.states[spendPage].views[int(screen.SpendChart)] % len(spendAxes)
}

// hosting is the machine that APIs are compared with; nil where none is known.
func (m *Model) hosting() *compare.Hosting {
	h, ok := compare.HostingOf(m.opts.Hardware, m.knobs.work)
	if !ok {
		return nil
	}
	return &h
}

// mostSpendLines is how many rows the chart has beside the line of hosting.
const mostSpendLines = 5

// spendRows are the rows that the chart shows, with their signs: the marked ones,
// else the selected one, the pick and the cheapest that can be had, by number.
func (m *Model) spendRows() (rows []compare.Row, signs []string) {
	for i, target := range m.rows.marked {
		for _, r := range m.table.Rows {
			if r.Target == target {
				rows, signs = append(rows, r), append(signs, letters[i])
			}
		}
	}
	if len(rows) > 0 {
		return rows, signs
	}
	if r := m.selectedRow(); r.Target != "" {
		rows = append(rows, r)
	}
	if p := m.table.Pick; p >= 0 && m.table.Rows[p].Target != m.rows.selected {
		rows = append(rows, m.table.Rows[p])
	}
	live := slices.DeleteFunc(slices.Clone(m.table.Rows), func(r compare.Row) bool {
		return r.Retired || !r.Spend.Known || slices.ContainsFunc(rows, func(o compare.Row) bool { return o.Target == r.Target })
	})
	slices.SortStableFunc(live, func(a, b compare.Row) int { return compare.Cheaper(a.Spend, b.Spend) })
	rows = append(rows, live[:min(len(live), mostSpendLines-len(rows))]...)
	for i := range rows {
		signs = append(signs, fmt.Sprint(i+1))
	}
	return rows, signs
}

// hostedSign stands for hosting, at its line and at its row.
const hostedSign = "s"

// spending is what the chart shows. It is kept until something changes.
func (m *Model) spending() *compare.Spending {
	if m.spent != nil {
		return m.spent
	}
	rows, _ := m.spendRows()
	hosting := m.hosting()
	if len(rows) > mostSpendLines { // six marked ones leave no line for hosting
		hosting = nil
	}
	s := compare.SpendingOf(rows, m.knobs.work, hosting, spendAxes[m.spendAxis()].axis, costmodel.DateOf(m.opts.Now()))
	m.spent = &s
	return m.spent
}

// spendRow is the row that the answer is about.
func (m *Model) spendRow() compare.Row { return m.selectedRow() }

func (m *Model) spendBody() screen.Spend {
	state := &m.states[spendPage]
	s := m.spending()
	items := m.spendItems()
	pipeline, title := m.spendPipeline()
	return screen.Spend{
		Answer: s.Answer(m.spendRow()), Chart: m.spendChart(s), Words: s.Words,
		Items: items, ItemsTitle: []string{"what it is made of, $ a day"},
		Pipeline: pipeline, PipelineTitle: title,
		Focus: screen.SpendPane(state.focus), Zoomed: state.zoomed,
	}
}

// spendChart draws the lines.
func (m *Model) spendChart(s *compare.Spending) screen.Chart {
	axis := spendAxes[m.spendAxis()]
	rows, signs := m.spendRows()
	signOf := map[string]string{"": hostedSign}
	for i, r := range rows {
		signOf[r.Target] = signs[i]
	}
	c := chart.Curves{LinearX: axis.axis != costmodel.ByVolume, Now: s.Now, FigureX: percentOf}
	switch axis.axis {
	case costmodel.ByVolume:
		c.FigureX = nil
	case costmodel.ByMonth:
		c.FigureX, c.Now = chart.Figure, 0
	case costmodel.ByOutput, costmodel.ByCached:
	}
	for _, l := range s.Lines {
		name := l.Name
		if l.Target == "" {
			name = "self-host"
		}
		curve := chart.Curve{Letter: signOf[l.Target], Name: name}
		for i, x := range l.X {
			curve.Points = append(curve.Points, chart.XY{X: x, Y: l.Y[i]})
		}
		c.Curves = append(c.Curves, curve)
	}
	for _, crossing := range s.Shown() {
		c.Crossings = append(c.Crossings, chart.Crossing{XY: chart.XY{X: crossing.At, Y: crossing.PerMonth}, Label: crossing.Label})
	}
	title := []string{axis.title + m.spendUnit(axis.axis), "v: " + spendAxes[(m.spendAxis()+1)%len(spendAxes)].name}
	if h := m.hosting(); h != nil {
		title = append(title, h.Title+": "+h.PerMonth().Format(2)+" a month", "no maintenance in it")
	}
	if len(c.Curves) == 0 {
		return screen.Chart{Title: title}
	}
	return screen.Chart{Title: title, Drawing: screen.Rendered{Chart: c}}
}

// spendUnit is the unit of an axis, where it needs one.
func (m *Model) spendUnit(axis costmodel.Axis) string {
	if axis != costmodel.ByVolume {
		return ""
	}
	v := m.knobs.work.Volume
	return ", " + strings.Replace(v.Unit().String(), "tokens", "tok", 1) + "/" + v.Period().String() + ", log"
}

func percentOf(share float64) string { return fmt.Sprintf("%.3g%%", share*100) }

// spendItems is the table of line items, a row each, and hosting.
func (m *Model) spendItems() screen.Matrix {
	columns := []screen.MatrixColumn{{Title: "MODEL", Left: true, Name: true}}
	charges := m.charges()
	for i, charge := range charges {
		columns = append(columns, screen.MatrixColumn{Title: strings.ToUpper(string(charge)), Goes: 3 + i})
	}
	columns = append(columns,
		screen.MatrixColumn{Title: "$/DAY", Goes: 2}, screen.MatrixColumn{Title: "$/MONTH"},
		screen.MatrixColumn{Title: "$/YEAR", Goes: 4 + len(charges)})
	if _, counted := m.knobs.work.ItemsPerDay(); counted { // tokens are no tasks
		columns = append(columns, screen.MatrixColumn{Title: "A TASK", Goes: 5 + len(charges)})
		if slices.ContainsFunc(m.table.Rows, func(r compare.Row) bool { _, graded := compare.UsableAnswer(&r); return graded }) {
			columns = append(columns, screen.MatrixColumn{Title: "USABLE", Goes: 6 + len(charges)})
		}
	}
	t := screen.Matrix{Columns: columns}
	rows, signs := m.spendRows()
	for _, r := range m.table.Rows {
		cells := spendCells(r, charges)
		row := screen.MatrixRow{Cells: cells[:len(t.Columns)], Selected: r.Target == m.rows.selected, Look: lookOf(r)}
		for i, drawn := range rows {
			if drawn.Target == r.Target {
				row.Sign = signs[i]
			}
		}
		t.Rows = append(t.Rows, row)
	}
	if h := m.hosting(); h != nil {
		t.Notes = m.hostingNotes(h)
	}
	return t
}

// charges are those that any row has, in their order.
func (m *Model) charges() []costmodel.Charge {
	var charges []costmodel.Charge
	for _, charge := range []costmodel.Charge{
		costmodel.InputCharge, costmodel.CachedInputCharge, costmodel.CacheWriteCharge, costmodel.OutputCharge,
		costmodel.ReasoningCharge, costmodel.BatchCharge, costmodel.RetryCharge, costmodel.ReviewCharge,
	} {
		if slices.ContainsFunc(m.table.Rows, func(r compare.Row) bool {
			return slices.ContainsFunc(r.Spend.LineItems, func(l costmodel.LineItem) bool { return l.Charge == charge })
		}) {
			charges = append(charges, charge)
		}
	}
	return charges
}

// spendCells are the figures of a row, the last two where there are tasks alone.
func spendCells(r compare.Row, charges []costmodel.Charge) []string {
	cells := []string{r.Target}
	for _, charge := range charges {
		text := compare.Unknown
		for _, item := range r.Spend.LineItems {
			if item.Charge == charge && item.Known {
				text = item.PerDay.Format(3)
			}
		}
		cells = append(cells, text)
	}
	year, task, usable := "?", compare.Unknown, compare.Unknown
	if r.Spend.Known {
		year = r.Spend.PerYear.Format(2)
	}
	if each, ok := r.Spend.PerTask(); ok {
		task = each.Format(6)
	}
	if each, ok := compare.UsableAnswer(&r); ok {
		usable = each.Format(6)
	}
	return append(cells, compare.Day(r), compare.Month(r), year, task, usable)
}

// lookOf is how a row stands out.
func lookOf(r compare.Row) screen.Look {
	switch {
	case r.Retired:
		return screen.Faint
	case r.Pick:
		return screen.Strong
	}
	return screen.Plain
}

// hostingNotes say what hosting costs, and whether the workload fits it.
func (m *Model) hostingNotes(h *compare.Hosting) [][]string {
	var parts []string
	for _, item := range h.Items() {
		if item.PerMonth == nil {
			parts = append(parts, item.Name+" "+item.How)
			continue
		}
		parts = append(parts, fmt.Sprintf("%s $%s (%s)", item.Name, item.PerMonth.Format(2), item.How))
	}
	sum := h.Title + ": $" + h.PerMonth().Format(2) + " a month"
	text, known := h.Fits(m.knobs.work, m.knobs.work.Volume)
	whole, _, _ := strings.Cut(text, ":")
	fits := []string{text, whole}
	if known {
		fits = []string{"this workload " + text, "this workload " + whole}
	}
	return [][]string{{sum + " = " + strings.Join(parts, " + "), sum, "self-host: $" + h.PerMonth().Format(2) + " a month"}, fits}
}

// spendPipeline is the pipeline, at so many times its volume as the volume is turned,
// beside all of it on one model.
func (m *Model) spendPipeline() (t screen.Matrix, title []string) {
	title = []string{"pipeline"}
	if len(m.opts.Pipelines) == 0 || m.opts.Catalog == nil {
		return t, title
	}
	var further []string
	if r := m.selectedRow(); commandName(r) != "" && !r.Retired {
		further = append(further, commandName(r))
	}
	preset, days := m.opts.Pipelines[0], m.knobs.work.DaysPerMonth
	items, _ := costmodel.Workload{Volume: preset.Volume, DaysPerMonth: days}.ItemsPerDay()
	p, err := compare.PipedOf(preset, new(big.Rat).Mul(items, m.turned()), days, m.priceNamed, further...)
	if err != nil {
		return t, append(title, err.Error())
	}
	v := p.Preset.Volume
	one := v.Unit().One()
	sum := "unknown: " + p.Reason
	if p.Known {
		sum = fmt.Sprintf("$%s a day, $%s a %s", p.PerDay.Format(2), p.PerItem.Format(4), one)
	}
	title = []string{
		"pipeline " + p.Preset.Name, wholeOr3(p.ItemsPerDay) + " " + v.Unit().String() + "/day: " + sum,
	}
	if p.Preset.Title != "" {
		title = append(title, p.Preset.Title)
	}
	t.Columns = []screen.MatrixColumn{
		{Title: "STAGE", Left: true, Name: true},
		{Title: "MODEL", Left: true, Name: true},
		{Title: "IN", Goes: 4},
		{Title: "OUT", Goes: 3},
		{Title: "$/" + strings.ToUpper(one), Goes: 2},
		{Title: "$/DAY"},
		{Title: "%", Goes: 1},
	}
	for _, s := range p.Stages {
		each, day, part := "?", "?", "?"
		if s.Known {
			each, day = s.PerItem.Format(5), s.PerDay.Format(2)
		}
		if p.Known {
			part = s.Percent.FloatString(1)
		}
		t.Rows = append(t.Rows, screen.MatrixRow{Cells: []string{
			s.Stage.Name, s.Stage.Model, compare.Count(int(s.Stage.Shape.In)), compare.Count(int(s.Stage.Shape.Out)), each, day, part,
		}})
	}
	for _, o := range p.AllOn {
		t.Notes = append(t.Notes, p.Against(o))
	}
	return t, title
}

// priceNamed is the price of a row by its name, else that of the catalog; unknown
// where neither has it.
func (m *Model) priceNamed(name string) (costmodel.Price, error) {
	for i := range m.table.Rows {
		if r := &m.table.Rows[i]; r.Target == name {
			return r.Price, nil
		}
	}
	model, _ := m.opts.Catalog.Lookup(name)
	return model.PriceOn(costmodel.DateOf(m.opts.Now())), nil
}

// turned is how many times the workload's own volume there is now.
func (m *Model) turned() *big.Rat {
	times := big.NewRat(1, 1)
	if base := m.knobs.base.Volume.Amount(); base.Sign() > 0 {
		times.Quo(m.knobs.work.Volume.Amount(), base)
	}
	return times
}

// wholeOr3 is a number of items: a small whole one exactly, others to three figures.
func wholeOr3(n *big.Rat) string {
	const small = 1_000_000
	if n.IsInt() && n.Num().IsInt64() && n.Num().Int64() < small {
		return compare.Count(int(n.Num().Int64()))
	}
	return costmodel.FormatTokens(n)
}

// spendCommand prints what the pane with the focus shows.
func (m *Model) spendCommand() []string {
	switch screen.SpendPane(m.states[spendPage].focus) {
	case screen.SpendPipeline:
		return m.pipelineCommand()
	case screen.SpendItems:
		return m.costCommand()
	case screen.SpendChart:
	}
	r := m.spendRow()
	h := m.hosting()
	if h == nil || h.Labour == nil || commandName(r) == "" || spendAxes[m.spendAxis()].axis != costmodel.ByVolume {
		return m.costCommand()
	}
	parts := []string{
		"costping", "selfhost", "--gpu", compare.HostedGPU, "--count", fmt.Sprint(compare.HostedGPUs),
		"--labour", h.Labour.String(), "--against", commandName(r),
	}
	if h.Throughput != nil {
		parts = append(parts, "--serve", compare.HostedModel)
	}
	return append(parts, compare.WorkloadFlags(m.knobs.work)...)
}

// pipelineCommand prints the pipeline.
func (m *Model) pipelineCommand() []string {
	if len(m.opts.Pipelines) == 0 {
		return m.costCommand()
	}
	preset := m.opts.Pipelines[0]
	parts := []string{"costping", "cost", "--pipeline", preset.Name}
	amount := preset.Volume.Amount()
	count, err := costmodel.NewCount(amount.Mul(amount, m.turned()))
	if err != nil { // so much is more than any volume
		return parts
	}
	v, err := costmodel.NewVolume(count, preset.Volume.Unit(), preset.Volume.Period())
	if text, exact := v.Exact(); err == nil && exact {
		parts = append(parts, "--volume", text)
	}
	if days := m.knobs.work.DaysPerMonth.String(); days != "30" {
		parts = append(parts, "--days", days)
	}
	return parts
}
