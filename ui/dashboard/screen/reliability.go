package screen

import "costping/ui/dashboard/theme"

// Reliability is the part of the Reliability screen below the answer: how often each
// model can be relied on, a chart of the view, and what went wrong last.
type Reliability struct {
	// Answer is that of line 3, for sizes that have no line 3; longest form first.
	Answer     []string
	Table      Matrix
	TableTitle []string
	// Chart is that of the view; ChartFirst says that it is worth more than the log.
	Chart      Chart
	ChartFirst bool
	Log        Chart
	// Focus is the pane with the focus; Zoomed says that it has the whole screen.
	Focus  ReliabilityPane
	Zoomed bool
}

// ReliabilityPane is a part of the Reliability screen.
type ReliabilityPane int

// The panes, in the order of the tab key.
const (
	ReliabilityTable ReliabilityPane = iota
	ReliabilityLog
)

// Draw implements Drawing.
func (r Reliability) Draw(width, height int, th theme.Theme) []string {
	table := Pane{Title: r.TableTitle, Focused: r.Focus == ReliabilityTable, Drawing: r.Table}
	log := titled(r.Log, r.Focus == ReliabilityLog)
	if r.Zoomed && r.Focus == ReliabilityLog {
		return Fill(log.Draw(width, height, th), width, height)
	}
	slots := []Slot{
		{Least: 2 + min(len(r.Table.Rows), 3), Want: 1 + r.Table.Height()},
		{Least: min(4, 1+wanted(r.Chart)), Want: wanted(r.Chart), Rank: 2},
		{Least: 3, Want: wanted(r.Log), Grows: true, Rank: 1},
	}
	if r.ChartFirst {
		slots[1].Rank, slots[2].Rank = 1, 2
	}
	switch {
	case r.Zoomed: // the chart belongs to the table
		slots[1].Grows, slots[2] = true, Slot{Rank: 3}
	case r.Focus == ReliabilityLog:
		slots[0].Rank, slots[1].Rank, slots[2].Rank = 1, 2, 0
	}
	return Fill(Stacked(width, Arrange(height, slots...), th, table, titled(r.Chart, false), log), width, height)
}

// DrawSmall implements Body: the answer, and the pane with the focus.
func (r Reliability) DrawSmall(width, height int, th theme.Theme) []string {
	lines := []string{line(r.Answer, width, th)}
	body := Drawing(r.Table)
	if r.Focus == ReliabilityLog && r.Log.Drawing != nil {
		body = r.Log.Drawing
	}
	return Fill(append(lines, body.Draw(width, height-1, th)...), width, height)
}
