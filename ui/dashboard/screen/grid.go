package screen

import (
	"slices"
	"strings"

	"costping/ui/compare"
	"costping/ui/dashboard/theme"
	"costping/ui/dashboard/widget"

	"github.com/charmbracelet/lipgloss"
)

// grid is the table fitted to a width: which columns, how wide, from which text.
type grid struct {
	view  Compare
	th    theme.Theme
	width int
	// wide says that figures have their longer form, small that the rows stand
	// alone and show their state.
	wide, small bool
	columns     []column
	widths      []int
	// cells are those of all rows in the columns of figures, by column and row: they
	// are measured, and those on the screen drawn.
	cells map[string][]cell
	// marks is the room for a mark behind the figures of each column, so that their
	// digits stand below each other.
	marks  []int
	titles []string
	paints map[painted][2]string
}

const (
	gutter    = 3 // the selection mark and the mark's letter
	minModel  = 8
	minNote   = 7
	markRoom  = 2 // the mark before a note's word, and a space
	maxNote   = 44
	sparkWide = 24
)

func newGrid(c Compare, width int, th theme.Theme) *grid {
	g := &grid{view: c, th: th, width: width, wide: width >= wideFrom, paints: map[painted][2]string{}, cells: map[string][]cell{}}
	for _, col := range columns() {
		narrow := c.View != CostColumns && width < NarrowBelow
		if narrow && c.View.shows(col.id) || !narrow && width >= col.from && g.has(col.id) {
			g.columns = append(g.columns, col)
		}
	}
	g.measure()
	for _, id := range append([]string{""}, giveUp...) {
		if g.drop(id); g.total() <= width {
			break
		}
	}
	g.share()
	return g
}

// SortedBy are the columns on the screen that rows can be sorted by, from left to
// right.
func (c Compare) SortedBy(width int, th theme.Theme) []compare.Column {
	g := newGrid(c, width, th)
	var by []compare.Column
	for _, col := range g.columns {
		if col.sorts != "" {
			by = append(by, col.sorts)
		}
	}
	return by
}

// NarrowBelow is the width below which the views of the columns differ.
const NarrowBelow = 60

// has reports whether any row has something to say in a column that most tables
// have nothing for.
func (g *grid) has(id string) bool {
	has := func(is func(compare.Row) bool) bool { return slices.ContainsFunc(g.view.Table.Rows, is) }
	switch id {
	case "base":
		return has(func(r compare.Row) bool { return r.BaseRatio.Known })
	case "items":
		return has(func(r compare.Row) bool { return compare.Thousand(r) != compare.Unknown })
	case "usable":
		return has(func(r compare.Row) bool { return compare.ThousandUsable(r) != compare.Unknown })
	case "quality":
		return has(func(r compare.Row) bool { return r.Quality.Known() })
	case "limited":
		return has(func(r compare.Row) bool { return compare.RateLimitedText(r) != compare.Unknown })
	}
	return true
}

func (g *grid) drop(id string) {
	for i, col := range g.columns {
		if col.id == id {
			g.columns, g.widths, g.titles = slices.Delete(g.columns, i, i+1), slices.Delete(g.widths, i, i+1), slices.Delete(g.titles, i, i+1)
			return
		}
	}
}

// measure gives each column the room that its text needs, and those that can
// shrink the least they can do with.
func (g *grid) measure() {
	g.widths, g.marks, g.titles = make([]int, len(g.columns)), make([]int, len(g.columns)), make([]string, len(g.columns))
	for i, col := range g.columns {
		g.titles[i] = g.heading(col)
		switch col.id {
		case "model":
			g.widths[i] = min(g.longestModel(), modelWidth(g.width))
		case "spark":
			g.widths[i] = max(sparkWidth(g.width), widget.Width(g.titles[i]))
		case "note":
			g.widths[i] = minNote
			if g.wide {
				g.widths[i] += markRoom
			}
		default:
			g.widths[i] = widget.Width(g.titles[i])
			if g.width >= steadyFrom && col.sorts != "" && g.view.Table.Order.By() != col.sorts {
				g.widths[i]++ // room for the arrow, so that sorting moves nothing
			}
			figures := 0
			cells := make([]cell, len(g.view.Table.Rows)) // all of them, so that scrolling moves nothing
			g.cells[col.id] = cells
			for j := range cells {
				cells[j] = col.cell(&g.view.Table.Rows[j], g.wide, &g.th)
				c := &cells[j]
				figures = max(figures, widget.Width(c.text))
				g.marks[i] = max(g.marks[i], widget.Width(c.mark))
			}
			g.widths[i] = max(g.widths[i], figures+g.marks[i])
		}
	}
}

// heading is a column's title with the arrow of the sort.
func (g *grid) heading(col column) string {
	title := col.titles[0]
	if !g.wide {
		title = col.titles[len(col.titles)-1]
	}
	if col.id == "spark" {
		title = strings.ToUpper(compare.Span(g.view.Table.Span))
		if g.wide {
			title = "LAST " + title
		}
	}
	if o := g.view.Table.Order; col.sorts != "" && o.By() == col.sorts {
		arrow := g.th.Up
		if o.Reverse != col.sorts.BestFirst() {
			arrow = g.th.Down
		}
		title = arrow + title
	}
	return g.th.Translate(title)
}

// modelWidth is what the model's name can do with; it grows into what is left.
func modelWidth(width int) int {
	switch {
	case width >= 160:
		return 24
	case width >= 140:
		return 22
	case width >= 76:
		return 16
	}
	return 14
}

func sparkWidth(width int) int {
	switch {
	case width >= 160:
		return sparkWide
	case width >= 140:
		return 12
	case width >= 100:
		return 9
	case width >= 80:
		return 5
	case width >= 60:
		return 4
	}
	return 7
}

func (g *grid) longestModel() int {
	longest := minModel
	for _, r := range g.view.Table.Rows {
		longest = max(longest, widget.Width(r.Target))
	}
	return longest
}

func (g *grid) total() int {
	sum := g.gutter()
	for _, w := range g.widths {
		sum += w
	}
	return sum + g.gaps()
}

func (g *grid) gaps() int {
	n := 0
	for i := range g.columns {
		n += widget.Width(g.gap(i))
	}
	return n
}

// gap is the space before a column: two cells where there is room, one else, and
// one between a median and its interval.
func (g *grid) gap(i int) string {
	switch {
	case i == 0:
		return ""
	case g.columns[i].id == "margin" && !g.wide:
		return "" // "379±5": one figure
	case g.columns[i].id == "margin" || !g.wide:
		return " "
	}
	return "  "
}

func (g *grid) gutter() int {
	if g.width < 30 {
		return 1
	}
	return gutter
}

// share gives what is left over to the model's name and then to the note; where
// even the last columns are too wide, it takes from the name.
func (g *grid) share() {
	left := g.width - g.total()
	for i, col := range g.columns {
		if col.id != "model" {
			continue
		}
		if left < 0 {
			g.widths[i] = max(1, g.widths[i]+left)
			return
		}
		more := min(left, max(0, g.longestModel()-g.widths[i]))
		g.widths[i] += more
		left -= more
	}
	for i, col := range g.columns {
		if col.id == "note" {
			g.widths[i] += min(left, maxNote-minNote)
		}
	}
}

func (g *grid) headings() string {
	line := strings.Repeat(" ", g.gutter())
	for i, col := range g.columns {
		line += g.gap(i) + g.align(col, g.titles[i], g.widths[i])
	}
	return g.th.Dim.Render(widget.Pad(line, g.width, g.th.Glyphs))
}

func (g *grid) align(col column, text string, width int) string {
	if col.left {
		return widget.Pad(text, width, g.th.Glyphs)
	}
	return widget.PadLeft(text, width, g.th.Glyphs)
}

// row draws the row of the table at a place, or an empty line past its end.
func (g *grid) row(at int) string {
	if at < 0 || at >= len(g.view.Table.Rows) {
		return strings.Repeat(" ", g.width)
	}
	r := &g.view.Table.Rows[at]
	selected := r.Target == g.view.Selected
	var b strings.Builder
	b.WriteString(g.lead(r, selected))
	for i, col := range g.columns {
		c := g.cell(col, at, g.widths[i])
		text := c.text
		if col.id == "model" {
			text = widget.Elide(text, g.widths[i], g.th.Glyphs)
		}
		if g.marks[i] > 0 {
			text += widget.Pad(c.mark, g.marks[i], g.th.Glyphs)
		}
		before, after := g.paint(c.style, selected)
		b.WriteString(g.gap(i) + before + g.align(col, text, g.widths[i]) + after)
	}
	return widget.Pad(b.String(), g.width, g.th.Glyphs)
}

// paint is what stands before and after a text of a style, which is made once a
// table: there are thousands of cells.
func (g *grid) paint(style *lipgloss.Style, selected bool) (before, after string) {
	key := painted{style, selected}
	found, ok := g.paints[key]
	if !ok {
		drawn := *style
		if selected {
			drawn = drawn.Bold(true).Faint(false)
		}
		const mark = "x" // in no escape sequence of a style
		found[0], found[1], _ = strings.Cut(drawn.Render(mark), mark)
		g.paints[key] = found
	}
	return found[0], found[1]
}

// painted is a style as it is drawn.
type painted struct {
	style    *lipgloss.Style
	selected bool
}

// lead is what stands before the name: the mark of the selection, and the row's
// letter, or in a small table its state and which one is the pick.
func (g *grid) lead(r *compare.Row, selected bool) string {
	mark := " "
	if selected {
		mark = g.th.Mark.Bold(true).Render(g.th.Selected)
	}
	if g.gutter() < gutter {
		return mark
	}
	sign := " "
	switch letter := g.view.Marks[r.Target]; {
	case g.small && r.Note.Kind == compare.NotePick && r.State() == compare.StateFine:
		sign = g.th.Mark.Render(g.th.Pick)
	case g.small:
		sign = StateGlyph(*r, g.th)
	case letter != "":
		sign = g.th.SeriesStyle(letter).Render(letter)
	case r.Target == g.view.Base:
		sign = g.th.Dim.Render("=")
	}
	return mark + sign + strings.Repeat(" ", g.gutter()-2)
}

// StateGlyph is the glyph of a row's state, in its colour. A retired row has one of its
// own: the counts of a small screen leave it out.
func StateGlyph(r compare.Row, th theme.Theme) string {
	if r.Retired {
		return th.Dim.Render(th.Retired)
	}
	switch r.State() {
	case compare.StateFailing:
		return th.Bad.Render(th.Failing)
	case compare.StateOver:
		return th.Warn.Render(th.Over)
	case compare.StateFine:
		return th.Fine
	}
	return th.Dim.Render("?")
}

func (g *grid) cell(col column, row, width int) cell {
	if cells := g.cells[col.id]; cells != nil {
		return cells[row]
	}
	r := &g.view.Table.Rows[row]
	switch col.id {
	case "spark":
		return cell{text: widget.Sparkline(r.Trend, width, g.th.Glyphs), style: rowStyle(r, &g.th)}
	case "note":
		return noteCell(r, width, &g.th)
	}
	return col.cell(r, g.wide, &g.th)
}
