package report

import (
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
)

// gap is how many columns of a terminal lie between two of a table.
const gap = 2

// fitted returns the table as its width allows, and, where its last column does not
// fit beside the others, what that says of each row, to stand below it.
func (t Table) fitted() (Table, []string) {
	if len(t.Columns) == 0 {
		return t, nil
	}
	for _, drop := range []func(column int) bool{
		t.empty,
		func(column int) bool { return t.Columns[column].Spare },
	} {
		// The last one goes nowhere: it can fold.
		for i := len(t.Columns) - 2; i >= 0 && t.widthBefore() > t.Width; i-- {
			if drop(i) {
				t = t.without(i)
			}
		}
	}
	last := len(t.Columns) - 1
	if room := t.Width - t.widthBefore(); room >= leastWidth || room >= t.widest(last) {
		return t, nil
	}
	below := make([]string, len(t.Rows))
	for i, row := range t.Rows {
		below[i] = row[last].Text
	}
	return t.without(last), below
}

// empty says that a column has no text in any row.
func (t Table) empty(column int) bool {
	return !slices.ContainsFunc(t.Rows, func(row []Cell) bool { return row[column].Text != "" })
}

// without is the table without a column.
func (t Table) without(column int) Table {
	cut := Table{Columns: slices.Delete(slices.Clone(t.Columns), column, column+1), Width: t.Width}
	for _, row := range t.Rows {
		cut.Rows = append(cut.Rows, slices.Delete(slices.Clone(row), column, column+1))
	}
	return cut
}

// widthBefore is how many columns of a terminal stand before the last of the table,
// with the gaps.
func (t Table) widthBefore() int {
	width := 0
	for i := range t.Columns[:len(t.Columns)-1] {
		width += t.widest(i) + gap
	}
	return width
}

// widest is how many columns of a terminal a column of the table takes.
func (t Table) widest(column int) int {
	widest := text.StringWidthWithoutEscSequences(t.Columns[column].Title)
	for _, row := range t.Rows {
		widest = max(widest, text.StringWidthWithoutEscSequences(row[column].Text))
	}
	return widest
}

// interleave puts what stands below each row there. The lines are the header and a
// line a row.
func (t Table) interleave(table string, below []string) string {
	if below == nil {
		return table
	}
	const indent = 4
	lines := strings.Split(table, "\n")
	var b strings.Builder
	b.WriteString(lines[0])
	for i, line := range lines[1:] {
		b.WriteString("\n" + line)
		if below[i] != "" {
			folded := Drawing{Width: t.Width}.Fold(strings.Repeat(" ", indent), below[i], indent)
			b.WriteString("\n" + strings.TrimSuffix(folded, "\n"))
		}
	}
	return b.String()
}
