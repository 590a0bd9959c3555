package screen

import (
	"costping/ui/dashboard/theme"
	"costping/ui/dashboard/widget"
)

// Spend is the part of the Spend screen below the answer: what a workload costs as
// one thing of it changes, what the costs are made of, and a pipeline.
type Spend struct {
	// Answer is that of line 3, for sizes that have no line 3; longest form first.
	Answer []string
	Chart  Chart
	// Words say what the lines of the chart do, the nearest to now first.
	Words [][]string
	// Items is the table of line items, Pipeline the stages.
	Items, Pipeline           Matrix
	ItemsTitle, PipelineTitle []string
	// Focus is the pane with the focus; Zoomed says that it has the whole screen.
	Focus  SpendPane
	Zoomed bool
}

// SpendPane is a part of the Spend screen.
type SpendPane int

// The panes, in the order of the tab key.
const (
	SpendChart SpendPane = iota
	SpendItems
	SpendPipeline
)

// Draw implements Drawing. The pane that has the focus stays to the last.
func (s Spend) Draw(width, height int, th theme.Theme) []string {
	panes := s.panes()
	if s.Zoomed {
		return Fill(panes[s.Focus].Draw(width, height, th), width, height)
	}
	slots := []Slot{
		{Least: 7, Want: 14, Grows: true, Rank: 1},
		{Least: 2 + min(len(s.Items.Rows), 6), Want: 1 + s.Items.Height(), Rank: 2},
		{Least: 1 + s.Pipeline.Height(), Want: 1 + s.Pipeline.Height(), Rank: 3},
	}
	if len(s.Pipeline.Rows) == 0 {
		slots[SpendPipeline] = Slot{Rank: 3}
	}
	slots[s.Focus].Rank, slots[s.Focus].Least = 0, min(slots[s.Focus].Least, 8)
	if s.Focus != SpendChart {
		slots[SpendChart].Want = slots[SpendChart].Least
		slots[s.Focus].Grows = height < tallFrom
		slots[SpendChart].Grows = !slots[s.Focus].Grows
	}
	lines := Arrange(height, slots...)
	return Fill(Stacked(width, lines, th, panes[0], panes[1], panes[2]), width, height)
}

// panes are the parts, in the order of the tab key.
func (s Spend) panes() [3]Pane {
	return [3]Pane{
		{Title: s.Chart.Title, Focused: s.Focus == SpendChart, Drawing: spendChart{s}},
		{Title: s.ItemsTitle, Focused: s.Focus == SpendItems, Drawing: s.Items},
		{Title: s.PipelineTitle, Focused: s.Focus == SpendPipeline, Drawing: s.Pipeline},
	}
}

// DrawSmall implements Body: the answer, and the figures of the pane with the focus.
func (s Spend) DrawSmall(width, height int, th theme.Theme) []string {
	lines := []string{line(s.Answer, width, th)}
	body := Drawing(s.Items)
	if s.Focus == SpendPipeline {
		body = s.Pipeline
	}
	return Fill(append(lines, body.Draw(width, height-1, th)...), width, height)
}

// spendChart is the chart with its words below.
type spendChart struct{ Spend }

// leastChart is how many lines a chart needs.
const leastChart = 5

func (c spendChart) Draw(width, height int, th theme.Theme) []string {
	words := max(0, min(len(c.Words), height-leastChart, max(1, height/4)))
	if c.Chart.Drawing == nil {
		words = min(len(c.Words), height)
	}
	var lines []string
	if c.Chart.Drawing != nil {
		lines = c.Chart.Drawing.Draw(width, height-words, th)
	}
	for _, text := range c.Words[:words] {
		lines = append(lines, widget.Pad("   "+widget.First(text, max(0, width-4), th.Glyphs), width, th.Glyphs))
	}
	return Fill(lines, width, height)
}
