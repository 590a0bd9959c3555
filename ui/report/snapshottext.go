package report

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"costping/costmodel"
	"costping/probe/stats"
)

// csv is a row a target, with the unit in the name of each column and the same
// conditions in every row, so that rows of several snapshots can be put together.
func (v *view) csv(Options) ([]byte, error) {
	r := v.record
	t := Table{}
	for _, key := range []string{
		"target", "model", "provider", "usd_per_day", "usd_per_month", "usd_per_item",
		"ttft_p50_ms", "ttft_p50_lo_ms", "ttft_p50_hi_ms", "ttft_p95_ms", "ttft_p95_lo_ms", "ttft_p95_hi_ms",
		"output_tokens_per_s_p50", "e2e_p50_ms", "e2e_p95_ms", "n", "attempts", "failed", "quality", "verdict", "verdict_why",
		"retired", "price_as_of", "price_source", "workload", "from_utc", "to_utc", "place", "demo", "schema",
	} {
		t.Columns = append(t.Columns, Column{Key: key})
	}
	for _, key := range gradedKeys { // after the others, which keep their places
		t.Columns = append(t.Columns, Column{Key: key})
	}
	t.Columns = append(t.Columns, Column{Key: "usd_per_usable_item"})
	for _, row := range v.rows {
		s := row.Summary
		cells := []string{row.Target, row.Model.ID, row.Provider, amount(row.doc.Spend.USDPerDay), amount(row.doc.Spend.USDPerMonth), amount(row.doc.Spend.USDPerItem)}
		cells = append(cells, bounds(s.TTFTp50)...)
		cells = append(cells, bounds(s.TTFTp95)...)
		cells = append(cells, rawQuantile(s.Speedp50), rawQuantile(s.E2Ep50), rawQuantile(s.E2Ep95))
		counts := []string{"", "", ""}
		if row.Has {
			ok := s.Success()
			counts = []string{strconv.Itoa(s.Warm), strconv.Itoa(s.Attempts()), strconv.Itoa(ok.N - ok.Hits)}
		}
		cells = append(cells, counts...)
		quality, retired, asOf := "", "", ""
		if row.Quality.Known() {
			quality = strconv.FormatFloat(row.Quality.Value, 'f', -1, 64)
		}
		if !row.Model.Retired.IsZero() {
			retired = row.Model.Retired.String()
		}
		if !row.Price.AsOf.IsZero() {
			asOf = row.Price.AsOf.String()
		}
		cells = append(cells, quality, row.Verdict, row.Why, retired, asOf, row.Price.Source, r.Workload.Text,
			r.Window.From.Format("2006-01-02T15:04:05Z"), r.Window.To.Format("2006-01-02T15:04:05Z"), r.Place, strconv.FormatBool(r.Demo), r.Schema)
		cells = append(append(cells, gradedCells(row.doc.Graded)...), amount(row.doc.Spend.USDPerUsableItem))
		line := make([]Cell, len(cells))
		for i, c := range cells {
			line[i].Raw = c
		}
		t.Rows = append(t.Rows, line)
	}
	var b bytes.Buffer
	err := t.writeCSV(&b)
	return b.Bytes(), err
}

func amount(usd *costmodel.USD) string {
	if usd == nil {
		return ""
	}
	return usd.String()
}

// bounds are a quantile and its interval, "" where it is not earned.
func bounds(q stats.Quantile) []string {
	if !q.Earned() {
		return []string{"", "", ""}
	}
	return []string{raw(q.Value), raw(q.Lo), raw(q.Hi)}
}

// text is the decision for a terminal or a mail.
func (v *view) text(Options) ([]byte, error) {
	var b bytes.Buffer
	d := Drawing{Width: 110}
	paragraph := func(head, text string) {
		if text != "" {
			b.WriteString(d.Fold(fmt.Sprintf("%-10s", head), text, 10))
		}
	}
	if v.record.Demo {
		b.WriteString("DEMO: every figure is simulated.\n")
	}
	b.WriteString(d.Fold("", v.lead(), 0) + "\n")
	paragraph("workload", v.record.Workload.Named()+"; month of "+v.record.Workload.Days+" days")
	paragraph("limits", strings.Join(v.limitTexts(), ", "))
	paragraph("note", v.record.Note)
	b.WriteString("\n")
	t := Table{Columns: []Column{
		{Title: "MODEL"},
		{Title: "$/DAY", Right: true},
		{Title: "$/MONTH", Right: true},
		{Title: "TTFT ms", Right: true},
		{Title: "95 % CI"},
		{Title: "p95", Right: true},
		{Title: "TOK/S", Right: true},
		{Title: "ANSWER", Right: true},
		{Title: "FAILED", Right: true},
		{Title: "QUALITY", Right: true},
		{Title: "VERDICT"},
	}}
	for _, r := range v.rows {
		mark := ""
		if r.Pick {
			mark = " ◆"
		}
		var cells []Cell
		for _, text := range []string{r.Target + mark, r.Day, r.Month, r.TTFT, r.TTFTInterval, r.P95, r.Speed, r.Answer, r.Failed, r.QualityShown, r.verdictText()} {
			cells = append(cells, Cell{Text: text})
		}
		t.Rows = append(t.Rows, cells)
	}
	if err := t.Write(&b, Text); err != nil {
		return nil, err
	}
	b.WriteString("\n")
	for _, r := range v.rows {
		if r.Graded != "" {
			paragraph("graded", r.Target+": "+r.Graded)
		}
	}
	paragraph("budget", v.budget())
	paragraph("another?", v.instead())
	paragraph("risks", strings.Join(v.risks(), "; "))
	paragraph("rests on", v.restsOn()+". "+v.measuringCost())
	paragraph("prices", v.priceText())
	command, words := v.amountFrom()
	paragraph("check", command+words+"; "+v.record.Tool+", "+v.record.Schema+", sha256 "+v.sum)
	return b.Bytes(), nil
}
