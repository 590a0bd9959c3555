package screen

import (
	"slices"
	"strings"

	"costping/ui/dashboard/theme"
	"costping/ui/dashboard/widget"
)

// Matrix is a small table: headings where its columns have any, rows of figures, and
// notes below them. Where it is too wide, columns go; a figure is never cut.
type Matrix struct {
	Columns []MatrixColumn
	Rows    []MatrixRow
	// Notes stand below the rows, each in forms of which the first that fits is
	// shown.
	Notes [][]string
	// Top is the first row shown at least: the selected one always is.
	Top int
}

// MatrixColumn is a column of it.
type MatrixColumn struct {
	Title string
	// Left aligns words; figures stand on the right.
	Left bool
	// Goes is when the column leaves where there is no room: the highest first, 0
	// never.
	Goes int
	// Name shrinks by losing its middle, down to a few letters; Rest takes what is
	// left over and is cut, or with Folds goes on below while there is room.
	Name, Rest, Folds bool
	// Least is how many cells a name keeps while other columns can go; 0 for a few.
	Least int
}

// MatrixRow is a row of it. What has no cell is empty.
type MatrixRow struct {
	// Sign stands before the row: its letter.
	Sign     string
	Cells    []string
	Selected bool
	Look     Look
}

// Look is how a row stands out.
type Look uint8

// The looks.
const (
	Plain Look = iota
	Strong
	Faint
)

const (
	leastName = 8
	leastRest = 24
	// signRoom is the selection's mark, the sign and a space.
	signRoom = 3
)

// Draw implements Drawing.
func (m Matrix) Draw(width, height int, th theme.Theme) []string {
	if height <= 0 || width <= 0 {
		return nil
	}
	columns, widths := m.fit(width, th)
	var lines []string
	if m.headed() > 0 {
		heading := strings.Repeat(" ", signRoom)
		for i, c := range columns {
			heading += m.cell(c, th.Translate(m.Columns[c].Title), widths[i], m.gap(i, width), th)
		}
		lines = append(lines, th.Dim.Render(widget.Pad(heading, width, th.Glyphs)))
	}
	rows := min(len(m.Rows), height-len(lines))
	top := m.top(rows)
	spare := height - len(lines) - rows - len(m.Notes)
	for _, r := range m.Rows[top : top+rows] {
		folded := m.folded(r, columns, widths)
		if len(folded)-1 > spare {
			folded = []MatrixRow{r}
		}
		spare -= len(folded) - 1
		for _, part := range folded {
			lines = append(lines, m.row(part, columns, widths, width, th))
		}
	}
	for _, note := range m.Notes {
		if len(lines) < height {
			lines = append(lines, th.Dim.Render(widget.Pad("   "+widget.First(note, max(0, width-4), th.Glyphs), width, th.Glyphs)))
		}
	}
	return Fill(lines, width, height)
}

// Height is how many lines it makes use of.
func (m Matrix) Height() int { return m.headed() + len(m.Rows) + len(m.Notes) }

// FoldedHeight is how many lines it makes use of at a width when nothing is cut that
// can go on below.
func (m Matrix) FoldedHeight(width int, th theme.Theme) int {
	columns, widths := m.fit(width, th)
	lines := m.headed() + len(m.Notes)
	for _, r := range m.Rows {
		lines += len(m.folded(r, columns, widths))
	}
	return lines
}

// folded is a row as the lines that it takes when its last words go on below.
func (m Matrix) folded(r MatrixRow, columns, widths []int) []MatrixRow {
	lines := []MatrixRow{r}
	for i, c := range columns {
		if !m.Columns[c].Folds || c >= len(r.Cells) || widget.Width(r.Cells[c]) <= widths[i] {
			continue
		}
		for k, text := range widget.Wrap(r.Cells[c], widths[i]) {
			part := MatrixRow{Cells: make([]string, len(r.Cells)), Look: r.Look}
			if k == 0 {
				part = r
				part.Cells = slices.Clone(r.Cells)
				lines = lines[:0]
			}
			part.Cells[c] = text
			lines = append(lines, part)
		}
	}
	return lines
}

// headed is how many lines the headings take: none where no column has one.
func (m Matrix) headed() int {
	for _, c := range m.Columns {
		if c.Title != "" {
			return 1
		}
	}
	return 0
}

// top is the first row shown.
func (m Matrix) top(rows int) int {
	top := m.Top
	for i, r := range m.Rows {
		if r.Selected {
			top = min(max(top, i-rows+1), i)
		}
	}
	return max(0, min(top, len(m.Rows)-rows))
}

// fit picks the columns that have room, by index, and their widths.
func (m Matrix) fit(width int, th theme.Theme) (columns, widths []int) {
	wants := make([]int, len(m.Columns))
	for i := range m.Columns {
		columns, wants[i] = append(columns, i), m.wants(i, th)
	}
	for {
		widths = widths[:0]
		least := signRoom
		for i, c := range columns {
			w := wants[c]
			widths = append(widths, w)
			switch col := m.Columns[c]; {
			case col.Name:
				w = min(w, max(leastName, col.Least))
			case col.Rest:
				w = min(w, leastRest)
			}
			least += w + m.gap(i, width)
		}
		last := -1
		for i, c := range columns {
			if m.Columns[c].Goes > 0 && (last < 0 || m.Columns[c].Goes > m.Columns[columns[last]].Goes) {
				last = i
			}
		}
		if least <= width || last < 0 {
			return columns, m.shrink(columns, widths, width)
		}
		columns = append(columns[:last:last], columns[last+1:]...)
	}
}

// wants is the room that the widest text of a column needs.
func (m Matrix) wants(c int, th theme.Theme) int {
	w := widget.Width(th.Translate(m.Columns[c].Title))
	for _, r := range m.Rows {
		if c < len(r.Cells) {
			w = max(w, widget.Width(th.Translate(r.Cells[c])))
		}
	}
	return w
}

// shrink takes from the rest and then from the name what is too much.
func (m Matrix) shrink(columns, widths []int, width int) []int {
	over := signRoom - width
	for i, w := range widths {
		over += w + m.gap(i, width)
	}
	take := func(i, least int) {
		if n := min(over, widths[i]-least); over > 0 && n > 0 {
			widths[i] -= n
			over -= n
		}
	}
	for i, c := range columns {
		if m.Columns[c].Rest {
			take(i, leastRest)
		}
	}
	for i, c := range columns {
		if m.Columns[c].Name {
			take(i, 1)
		}
	}
	for i, c := range columns {
		if m.Columns[c].Rest {
			take(i, 0)
		}
	}
	return widths
}

// gap is the space before a column.
func (m Matrix) gap(i, width int) int {
	switch {
	case i == 0:
		return 0
	case width >= wideFrom:
		return 2
	}
	return 1
}

func (m Matrix) cell(column int, text string, width, gap int, th theme.Theme) string {
	before := strings.Repeat(" ", gap)
	if m.Columns[column].Left {
		return before + widget.Pad(text, width, th.Glyphs)
	}
	return before + widget.PadLeft(text, width, th.Glyphs)
}

func (m Matrix) row(r MatrixRow, columns, widths []int, width int, th theme.Theme) string {
	style := th.Plain
	switch r.Look {
	case Strong:
		style = th.Bold
	case Faint:
		style = th.Dim
	case Plain:
	}
	mark := " "
	if r.Selected {
		style = style.Bold(true).Faint(false)
		mark = th.Mark.Bold(true).Render(th.Selected)
	}
	lead := mark + th.SeriesStyle(r.Sign).Bold(true).Render(widget.Pad(th.Translate(r.Sign), 1, th.Glyphs)) + " "
	cells := ""
	for i, c := range columns {
		text := ""
		if c < len(r.Cells) {
			text = th.Translate(r.Cells[c])
		}
		if m.Columns[c].Name {
			text = widget.Elide(text, widths[i], th.Glyphs)
		}
		cells += m.cell(c, text, widths[i], m.gap(i, width), th)
	}
	return widget.Pad(lead+style.Render(cells), width, th.Glyphs)
}
