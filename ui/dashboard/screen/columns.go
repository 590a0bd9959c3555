package screen

import (
	"costping/ui/compare"
	"costping/ui/dashboard/theme"
	"costping/ui/dashboard/widget"

	"github.com/charmbracelet/lipgloss"
)

// column is one column of the table.
type column struct {
	id string
	// titles are its headings, longest first; sorts is what its heading's arrow
	// stands for.
	titles []string
	sorts  compare.Column
	// from is the narrowest screen that has the column at all.
	from int
	// cell is the text of a row; wide says that there is room for more places.
	cell func(r *compare.Row, wide bool, th *theme.Theme) cell
	left bool
}

// wideFrom is the width from which figures get their longer form.
const wideFrom = 100

// steadyFrom is the width from which every heading has room for the sort's arrow.
const steadyFrom = 140

// columns from left to right. The model and the note share what is left over.
func columns() []column {
	return []column{
		{id: "model", titles: []string{"MODEL"}, sorts: compare.ByModel, left: true, cell: modelCell},
		{id: "via", titles: []string{"VIA"}, sorts: compare.ByVia, from: 140, left: true, cell: figure(func(r *compare.Row, _ bool) string { return r.Via() })},
		{id: "day", titles: []string{"$/DAY"}, sorts: compare.ByDay, from: 60, cell: figure(func(r *compare.Row, _ bool) string { return compare.Day(*r) })},
		{id: "month", titles: []string{"$/MONTH"}, sorts: compare.ByMonth, cell: limited(compare.LimitMaxMonthly, func(r *compare.Row, _ bool) string { return compare.Month(*r) })},
		{id: "items", titles: []string{"$/1K"}, sorts: compare.ByItems, from: 140, cell: figure(func(r *compare.Row, _ bool) string { return compare.Thousand(*r) })},
		{id: "usable", titles: []string{"$/1K OK"}, from: 160, cell: figure(func(r *compare.Row, _ bool) string { return compare.ThousandUsable(*r) })},
		{id: "quality", titles: []string{"QUALITY", "QUAL"}, sorts: compare.ByQuality, from: 76, cell: limited(compare.LimitMinQuality, func(r *compare.Row, _ bool) string { return compare.QualityText(*r) })},
		{id: "ttft", titles: []string{"TTFT p50", "TTFT"}, sorts: compare.ByTTFT, from: 34, cell: limited(compare.LimitTTFTp50, func(r *compare.Row, _ bool) string { return compare.TTFTText(*r) })},
		{id: "margin", titles: []string{"±"}, from: 60, left: true, cell: marginCell},
		{id: "p95", titles: []string{"p95"}, sorts: compare.ByTail, from: 60, cell: limited(compare.LimitTTFTp95, func(r *compare.Row, _ bool) string { return compare.Tail(r.Summary.TTFTp95) })},
		{id: "speed", titles: []string{"TOK/S", "TOK"}, sorts: compare.BySpeed, from: 70, cell: limited(compare.LimitMinThroughput, func(r *compare.Row, wide bool) string { return compare.SpeedText(*r, wide) })},
		{id: "answer", titles: []string{"ANSWER"}, sorts: compare.ByAnswer, from: 100, cell: limited(compare.LimitE2Ep95, func(r *compare.Row, _ bool) string { return compare.Seconds(r.Summary.E2Ep50) })},
		{id: "ok", titles: []string{"OK%"}, sorts: compare.ByOK, from: 60, cell: okCell},
		{id: "n", titles: []string{"n"}, from: 140, cell: figure(func(r *compare.Row, _ bool) string { return compare.Samples(*r) })},
		{id: "base", titles: []string{"×BASE"}, from: 120, cell: baseCell},
		{id: "tokens", titles: []string{"×TOKENS"}, from: 160, cell: figure(func(r *compare.Row, _ bool) string { return compare.TokenRatioText(*r) })},
		{id: "context", titles: []string{"CONTEXT"}, sorts: compare.ByContext, from: 180, cell: figure(func(r *compare.Row, _ bool) string { return compare.ContextText(*r) })},
		{id: "ends", titles: []string{"ENDS"}, sorts: compare.ByEnds, from: 180, cell: figure(func(r *compare.Row, _ bool) string { return compare.EndsText(*r) })},
		{id: "limited", titles: []string{"429"}, from: 190, cell: figure(func(r *compare.Row, _ bool) string { return compare.RateLimitedText(*r) })},
		{id: "spark", titles: []string{"LAST", ""}, from: 40, left: true},
		{id: "note", titles: []string{"NOTE"}, from: 76, left: true},
	}
}

// giveUp is the order in which columns leave where the figures are too wide for
// the screen. The model and its month stay to the last.
var giveUp = []string{
	"limited", "context", "tokens", "ends", "n", "usable", "items", "via", "base",
	"answer", "note", "quality", "spark", "ok", "speed", "p95", "margin", "day", "ttft",
}

func figure(text func(*compare.Row, bool) string) func(*compare.Row, bool, *theme.Theme) cell {
	return func(r *compare.Row, wide bool, th *theme.Theme) cell {
		return cell{text: th.Translate(text(r, wide)), style: rowStyle(r, th)}
	}
}

// limited is figure for a column that a limit may be set on: a broken one is
// marked in its cell.
func limited(on compare.LimitMetric, text func(*compare.Row, bool) string) func(*compare.Row, bool, *theme.Theme) cell {
	plain := figure(text)
	return func(r *compare.Row, wide bool, th *theme.Theme) cell {
		c := plain(r, wide, th)
		if r.Breaks(on) {
			c.mark, c.style = th.Over, &th.Warn
		}
		return c
	}
}

func modelCell(r *compare.Row, wide bool, th *theme.Theme) cell {
	name := r.Target
	if !wide && r.Short != "" {
		name = r.Short
	}
	return cell{text: name, style: rowStyle(r, th)}
}

func marginCell(r *compare.Row, _ bool, th *theme.Theme) cell {
	return cell{text: th.Translate(compare.Margin(r.Summary.TTFTp50)), style: &th.Dim}
}

// baseCell is how many times the base's first token the row takes.
func baseCell(r *compare.Row, _ bool, th *theme.Theme) cell {
	return cell{text: th.Translate(compare.BaseText(*r)), style: rowStyle(r, th)}
}

func okCell(r *compare.Row, _ bool, th *theme.Theme) cell {
	c := cell{text: th.Translate(compare.Percent(r.Summary.Success())), style: rowStyle(r, th)}
	if r.Breaks(compare.LimitMaxErrorRate) {
		c.mark, c.style = th.Over, &th.Warn
	}
	if r.Failing {
		c = cell{text: th.Failing + c.text, style: &th.Bad}
	}
	return c
}

// rowStyle dims what cannot be chosen.
func rowStyle(r *compare.Row, th *theme.Theme) *lipgloss.Style {
	switch {
	case r.Retired:
		return &th.Dim
	case r.Pick:
		return &th.Bold
	}
	return &th.Plain
}

func noteCell(r *compare.Row, width int, th *theme.Theme) cell {
	style := &th.Dim
	mark := ""
	switch r.Note.Kind {
	case compare.NotePick:
		style, mark = &th.Bold, th.Pick+" "
	case compare.NoteFailing:
		style, mark = &th.Bad, th.Failing+" "
	case compare.NoteEnds, compare.NoteUnpriced:
		style = &th.Plain
	case compare.NoteOver:
		style, mark = &th.Warn, th.Over+" "
	}
	texts := []string{mark + r.Note.Text}
	if room := width - len(beatenBy); r.Note.Kind == compare.NoteBeaten && room >= minModel {
		texts = append(texts, beatenBy+widget.Elide(r.BeatenBy, room, th.Glyphs))
	}
	return cell{text: widget.First(append(texts, mark+r.Note.Word, r.Note.Word), width, th.Glyphs), style: style}
}

// beatenBy begins the note that names another row.
const beatenBy = "beaten by "
