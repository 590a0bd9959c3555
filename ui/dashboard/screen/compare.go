package screen

import (
	"fmt"
	"strings"

	"costping/ui/compare"
	"costping/ui/dashboard/theme"
	"costping/ui/dashboard/widget"

	"github.com/charmbracelet/lipgloss"
)

// Compare is the part of the Compare screen below the answer: every model in a
// row, the selected one taken apart, charts and what happened.
type Compare struct {
	Table compare.Table
	// Selected is the target of the selected row; Top the first row shown.
	Selected string
	Top      int
	// Marks are the letters of marked rows, by target; Base is the row that ratios
	// are to, "" for none.
	Marks map[string]string
	Base  string
	// Detail is the selected row's figures taken apart.
	Detail []compare.Line
	// View picks the columns of a narrow table.
	View ColumnView
	// Title is what the figures rest on, the most important first; Below stands
	// under the last row: what is not shown, and other ways to run the workload.
	Title, Below []string
	// TTFT and Scatter are the charts; nil for none.
	TTFT, Scatter Chart
	Events        []Event
	// Focus is the pane with the focus; Zoomed says that it has the whole screen.
	Focus  ComparePane
	Zoomed bool
}

// ComparePane is a part of the Compare screen.
type ComparePane int

// The panes, in the order of the tab key.
const (
	TablePane ComparePane = iota
	TTFTPane
	ScatterPane
)

// Chart is a drawing with the title of its pane.
type Chart struct {
	Title   []string
	Drawing Drawing
}

// Event is something that happened, ready to be shown.
type Event struct {
	// When is its time, What the sentence, Mark the state it stands for.
	When, What string
	Mark       Mark
}

// Mark is the state that a glyph stands for.
type Mark uint8

// The marks.
const (
	NoMark Mark = iota
	MarkFine
	MarkOver
	MarkFailing
)

// besideFrom is the width from which two charts stand next to each other.
const besideFrom = 100

// Draw implements Drawing.
func (c Compare) Draw(width, height int, th theme.Theme) []string {
	if c.Zoomed && c.Focus != TablePane {
		return Fill(c.zoomed().Draw(width, height, th), width, height)
	}
	slots := LayoutCompare(height, c.rows(), len(c.Detail), len(c.Events), c.TTFT.Drawing != nil)
	if c.Zoomed {
		slots = zoomedTable(height, c.rows(), len(c.Detail), len(c.Events))
	}
	return Fill(Stacked(width, slots[:], th,
		tableDrawing{c}, chartsDrawing{c}, Pane{Title: []string{c.detailTitle()}, Drawing: detailDrawing{c}}, eventsDrawing(c.Events),
	), width, height)
}

// rows are the lines that the table has below its headings.
func (c Compare) rows() int {
	rows := len(c.Table.Rows)
	if len(c.Below) > 0 {
		rows++
	}
	return rows
}

// LayoutCompare divides the height of the Compare screen among the table with its
// title and headings, the charts, the detail and the events. The charts give way
// first, then the detail, then all events but the newest; then rows scroll.
func LayoutCompare(height, rows, detail, events int, charts bool) [4]int {
	table := Slot{Least: 2 + min(rows, 4), Want: 2 + rows}
	last := Slot{Rank: 1}
	if events > 0 {
		last.Least, last.Want = 1, 1
	}
	spare := height - last.Least - 2 - min(rows, rowsFirst)
	taken := Slot{Rank: 2}
	if detail > 0 && spare >= min(3, 1+detail) {
		taken.Least, taken.Want = min(3, 1+detail), 1+detail
	}
	drawn := Slot{Rank: 3}
	if charts && spare >= taken.Least+5 {
		drawn.Least, drawn.Want, drawn.Grows = 5, 14, true
	}
	if height >= tallFrom {
		last.Want = min(5, 1+events)
	}
	lines := Arrange(height, table, drawn, taken, last)
	return [4]int(lines)
}

// zoomedTable divides the height where the table has the whole screen: what its rows
// leave is the selected row's detail and, below that, the events.
func zoomedTable(height, rows, detail, events int) (lines [4]int) {
	const table, below, last = 0, 2, 3
	lines[table] = min(height, 2+rows)
	left := height - lines[table]
	if detail > 0 && left > 1 {
		lines[below] = min(left, 1+detail)
	}
	if events > 0 {
		lines[last] = min(left-lines[below], 1+events)
	}
	return lines
}

// rowsFirst is how many rows are shown before the detail or a chart takes room from
// them.
const rowsFirst = 8

// tallFrom is the height of a body from which several events are shown.
const tallFrom = 30

// zoomed is the chart that has the whole screen.
func (c Compare) zoomed() Drawing {
	if c.Focus == TTFTPane {
		return c.pane(c.TTFT, TTFTPane)
	}
	return c.pane(c.Scatter, ScatterPane)
}

func (c Compare) pane(chart Chart, which ComparePane) Pane {
	return Pane{Title: chart.Title, Drawing: chart.Drawing, Focused: c.Focus == which}
}

// DrawSmall implements Body: the rows, and below them what happened last.
func (c Compare) DrawSmall(width, height int, th theme.Theme) []string {
	events := c.smallEvents(height)
	rows := height
	if events > 0 {
		rows -= events + 1
	}
	lines := c.table(width, rows, th, true)
	if events > 0 {
		lines = append(lines, th.Dim.Render(widget.Rule(nil, width, th.Glyphs)))
		for _, e := range c.Events[:events] {
			lines = append(lines, e.line(width, th))
		}
	}
	return Fill(lines, width, height)
}

// smallEvents is how many events a small body has room for: what its rows leave,
// and one in any case where there is room for a few rows above it.
func (c Compare) smallEvents(height int) int {
	const headings, rule, mostEvents, fewRows = 1, 1, 3, 3
	left := height - headings - rule
	rows := len(c.Table.Rows)
	return max(0, min(len(c.Events), mostEvents, max(1, left-rows), left-min(rows, fewRows)))
}

// smallRows is how many rows a small table has in so many lines: where not all of
// them fit, the last line says how many more there are.
func (c Compare) smallRows(lines int) int {
	if n := len(c.Table.Rows); lines-1 >= n || lines <= 2 {
		return lines - 1
	}
	return lines - 2
}

// tableDrawing is the table under its title.
type tableDrawing struct{ Compare }

func (d tableDrawing) Draw(width, height int, th theme.Theme) []string {
	if height <= 0 {
		return nil
	}
	style := th.Dim
	if d.Focus == TablePane && d.TTFT.Drawing != nil {
		style = th.Heading
	}
	title := style.Render(widget.Rule(d.titles(height-2), width, th.Glyphs))
	return append([]string{title}, d.table(width, height-1, th, false)...)
}

// moreRows says how many rows are not on the screen; "" for none.
func moreRows(above, below int) string {
	switch {
	case above > 0 && below > 0:
		return fmt.Sprintf("%d above, %d more", above, below)
	case above > 0:
		return fmt.Sprintf("%d above", above)
	case below > 0:
		return fmt.Sprintf("%d more", below)
	}
	return ""
}

// table is the headings and as many rows as fit, from Top.
func (c Compare) table(width, height int, th theme.Theme, small bool) []string {
	if height <= 0 {
		return nil
	}
	g := newGrid(c, width, th)
	g.small = small
	lines := []string{g.headings()}
	shown := height - 1
	if small {
		shown = c.smallRows(height)
	}
	shown = min(len(c.Table.Rows), shown)
	for i := range shown {
		lines = append(lines, g.row(c.Top+i))
	}
	if more := moreRows(c.Top, len(c.Table.Rows)-c.Top-shown); small && more != "" && len(lines) < height {
		lines = append(lines, widget.Pad(th.Dim.Render("   "+more), width, th.Glyphs))
	}
	if len(lines) < height && !small && len(c.Below) > 0 {
		lines = append(lines, th.Dim.Render(widget.Pad("   "+widget.First(c.Below, max(0, width-4), th.Glyphs), width, th.Glyphs)))
	}
	return Fill(lines, width, height)
}

// RowAt is the index of the row on a line of the body, -1 for none: the opposite
// of what Draw and DrawSmall do.
func (c Compare) RowAt(y, height int, small bool) int {
	i := y - 2 // below the title and the headings
	switch {
	case small:
		i = y - 1
	case c.Zoomed && c.Focus != TablePane:
		return -1
	}
	if i < 0 || i >= c.RowsShown(height, small) || c.Top+i >= len(c.Table.Rows) || y >= height {
		return -1
	}
	return c.Top + i
}

// RowsShown is how many rows a body of that height has room for.
func (c Compare) RowsShown(height int, small bool) int {
	if small {
		if events := c.smallEvents(height); events > 0 {
			height -= events + 1
		}
		return max(1, c.smallRows(height))
	}
	if c.Zoomed {
		return max(1, height-2)
	}
	slots := LayoutCompare(height, c.rows(), len(c.Detail), len(c.Events), c.TTFT.Drawing != nil)
	return max(1, min(slots[0]-2, len(c.Table.Rows)))
}

// titles are what the figures rest on, after which rows are shown where not all
// of them fit.
func (c Compare) titles(rows int) []string {
	if n := len(c.Table.Rows); rows < n {
		return append([]string{fmt.Sprintf("rows %d-%d of %d", c.Top+1, c.Top+max(rows, 0), n)}, c.Title...)
	}
	return c.Title
}

// chartsDrawing is both charts where there is room for them, else the one that has
// the focus.
type chartsDrawing struct{ Compare }

func (d chartsDrawing) Draw(width, height int, th theme.Theme) []string {
	left, right := d.pane(d.TTFT, TTFTPane), d.pane(d.Scatter, ScatterPane)
	switch {
	case d.Scatter.Drawing != nil && width >= besideFrom && height >= 8:
		return Beside(left, right, width*52/100, width, height, th)
	case d.Focus == ScatterPane && d.Scatter.Drawing != nil:
		return right.Draw(width, height, th)
	}
	return left.Draw(width, height, th)
}

func (c Compare) selectedRow() (compare.Row, bool) {
	for _, r := range c.Table.Rows {
		if r.Target == c.Selected {
			return r, true
		}
	}
	return compare.Row{}, false
}

func (c Compare) detailTitle() string {
	r, _ := c.selectedRow()
	title := r.Target
	if letter := c.Marks[r.Target]; letter != "" {
		title = letter + " " + title
	}
	if r.Model.ProviderName != "" {
		return title + ", " + r.Model.ProviderName
	}
	return title
}

// detailDrawing is a label and a text a line.
type detailDrawing struct{ Compare }

func (d detailDrawing) Draw(width, height int, th theme.Theme) []string {
	return labelled(d.Detail, width, height, th)
}

// labelled draws lines with their labels in a column of its own.
func labelled(lines []compare.Line, width, height int, th theme.Theme) []string {
	const label = cardLabel
	var out []string
	for _, l := range lines {
		style := th.Plain
		if l.Label == "warn" {
			style = th.Warn
		}
		text := style.Render(widget.First(l.Text, max(0, width-label-2), th.Glyphs))
		out = append(out, widget.Pad(" "+th.Dim.Render(widget.Pad(l.Label, label, th.Glyphs))+text, width, th.Glyphs))
	}
	return Fill(out, width, height)
}

// eventsDrawing is the newest event alone, or several under a title.
type eventsDrawing []Event

func (d eventsDrawing) Draw(width, height int, th theme.Theme) []string {
	var lines []string
	if height > 1 {
		lines = append(lines, th.Dim.Render(widget.Rule([]string{"events, newest first"}, width, th.Glyphs)))
	}
	for _, e := range d {
		if len(lines) < height {
			lines = append(lines, e.line(width, th))
		}
	}
	return Fill(lines, width, height)
}

func (e Event) line(width int, th theme.Theme) string {
	mark := th.Rule
	style := th.Dim
	switch e.Mark {
	case MarkFine:
		mark, style = th.Fine, th.Plain
	case MarkOver:
		mark, style = th.Over, th.Warn
	case MarkFailing:
		mark, style = th.Failing, th.Bad
	case NoMark:
	}
	text := " " + th.Dim.Render(e.When) + " " + style.Render(mark) + " " + th.Translate(e.What)
	return widget.Pad(text, width, th.Glyphs)
}

// cell is a piece of a row with its style.
type cell struct {
	text  string
	style *lipgloss.Style
	// mark stands behind the text, past where that is aligned.
	mark string
}

// ColumnView picks which columns a narrow table has.
type ColumnView uint8

// The views, in the order of the key.
const (
	CostColumns ColumnView = iota
	SpeedColumns
	ReliabilityColumns
	ColumnViews // how many there are
)

var viewColumns = map[ColumnView]string{SpeedColumns: "ttft p95 speed spark", ReliabilityColumns: "ok p95 note"}

// shows reports whether a narrow view has the column.
func (v ColumnView) shows(id string) bool {
	return id == "model" || strings.Contains(" "+viewColumns[v]+" ", " "+id+" ")
}
