package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// Format is an output format.
type Format string

// The formats. JSON is written by those who own its schema, not from a Table.
const (
	Text     Format = "table"
	Markdown Format = "md"
	JSON     Format = "json"
	CSV      Format = "csv"
)

// Formats lists them for messages.
const Formats = "table, md, json, csv"

// ParseFormat reads a format's name.
func ParseFormat(name string) (Format, error) {
	switch f := Format(name); f {
	case Text, Markdown, JSON, CSV:
		return f, nil
	}
	return "", fmt.Errorf("unknown output format %q", name)
}

// Column is a column of a table.
type Column struct {
	// Title heads it for people; Key names it in CSV, with its unit.
	Title, Key string
	// Right aligns figures.
	Right bool
	// Spare columns are left out of the text where a terminal is too narrow.
	Spare bool
}

// Cell is a figure as people read it and as programs do; Raw empty means that
// there is none.
type Cell struct{ Text, Raw string }

// Table is a table that can be written in every format but JSON.
type Table struct {
	Columns []Column
	Rows    [][]Cell
	// Width is how many columns of a terminal the text may take; 0 is as wide as it
	// comes. Columns that are empty or spare go first; then the last column folds, and
	// where fewer than 40 columns are left for it, it stands below its row.
	Width int

	marked bool // the cells are Markdown already
}

// Write writes the table.
func (t Table) Write(w io.Writer, f Format) error {
	if f == CSV {
		return t.writeCSV(w)
	}
	var below []string
	if f == Text && t.Width > 0 {
		t, below = t.fitted()
	}
	tw := table.NewWriter()
	header := make(table.Row, len(t.Columns))
	configs := make([]table.ColumnConfig, len(t.Columns))
	for i, c := range t.Columns {
		header[i] = c.Title
		if f == Markdown {
			header[i] = escapeMarkdown(c.Title) // forges read a pair of $ as mathematics
		}
		configs[i] = table.ColumnConfig{Number: i + 1, Align: text.AlignLeft, AlignHeader: text.AlignLeft}
		if c.Right {
			configs[i].Align, configs[i].AlignHeader = text.AlignRight, text.AlignRight
		}
	}
	if f == Text && t.Width > 0 && below == nil && len(configs) > 0 {
		last := &configs[len(configs)-1]
		last.WidthMax = max(leastWidth, t.Width-t.widthBefore())
		last.WidthMaxEnforcer = func(text string, width int) string {
			return strings.TrimSuffix(Drawing{Width: width}.Fold("", text, 0), "\n")
		}
	}
	tw.AppendHeader(header)
	tw.SetColumnConfigs(configs)
	for _, cells := range t.Rows {
		row := make(table.Row, len(cells))
		for i, c := range cells {
			row[i] = c.Text
			if f == Markdown && !t.marked {
				row[i] = escapeMarkdown(c.Text)
			}
		}
		tw.AppendRow(row)
	}
	var out string
	if f == Markdown {
		out = tw.RenderMarkdown()
	} else {
		style := table.StyleDefault
		style.Options = table.OptionsNoBordersAndSeparators
		style.Format.Header = text.FormatDefault
		style.Box.PaddingLeft, style.Box.PaddingRight = "", "  "
		tw.SetStyle(style)
		out = t.interleave(trimLines(tw.Render()), below)
	}
	_, err := fmt.Fprintln(w, out)
	return err
}

// trimLines drops the padding at the ends of lines, which would wrap in a
// terminal as wide as the table.
func trimLines(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.Join(lines, "\n")
}

func (t Table) writeCSV(w io.Writer) error {
	cw := csv.NewWriter(w)
	record := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		record[i] = c.Key
	}
	if err := cw.Write(record); err != nil {
		return err
	}
	for _, cells := range t.Rows {
		for i, c := range cells {
			record[i] = defuse(c.Raw)
		}
		if err := cw.Write(record); err != nil {
			return err
		}
	}
	cw.Flush()
	return cw.Error()
}

// defuse keeps a spreadsheet from taking text for a formula. A negative number
// is none.
func defuse(s string) string {
	if s == "" || !strings.ContainsAny(s[:1], "=+-@\t\r") {
		return s
	}
	if strings.Trim(s[1:], "0123456789.") == "" && s[0] == '-' && len(s) > 1 {
		return s
	}
	return "'" + s
}

var markdownEscaper = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", "&lt;", ">", "&gt;", "$", `\$`)

// escapeMarkdown makes text show as itself; go-pretty sees to the bars.
func escapeMarkdown(s string) string { return markdownEscaper.Replace(s) }

// Shown is a line of text as a format shows it.
func Shown(line string, f Format) string {
	if f == Markdown {
		return escapeMarkdown(line)
	}
	return line
}
