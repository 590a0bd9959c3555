package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"costping/costmodel"
	"costping/probe/stats"
	"costping/ui/compare"
	"costping/ui/report/snapshot"
)

// DiffTable is what changed from one record to another, a row a model. A ratio with
// ~ is not shown to differ.
func DiffTable(d snapshot.Diff) Table {
	t := Table{Columns: []Column{
		{Title: "MODEL"},
		{Title: "$/MONTH"},
		{Title: "PRICE", Right: true},
		{Title: "ASSUMPTION", Right: true},
		{Title: "MEASURED", Right: true},
		{Title: "TTFT ms"},
		{Title: "TTFT"},
		{Title: "ANSWER"},
		{Title: "TOK/S"},
		{Title: "FAILED"},
		{Title: "GRADED"},
		{Title: "NOTE"},
	}}
	for _, row := range d.Rows {
		cells := []string{row.Target}
		switch {
		case row.A == nil:
			cells = append(cells, "new: "+monthText(row.B), "", "", "", medianText(row.B), "", "", "", "", "", "new")
		case row.B == nil:
			cells = append(cells, "was "+monthText(row.A), "", "", "", medianText(row.A), "", "", "", "", "", "gone")
		default:
			cells = append(cells, fromTo(monthText(row.A), monthText(row.B)))
			cells = append(cells, parts(row.Cost)...)
			cells = append(cells, fromTo(medianText(row.A), medianText(row.B)),
				changed(row.TTFT), changed(row.E2E), changed(row.Speed), failedText(row.Failed), gradedChange(row.Graded), strings.Join(row.Notes, "; "))
		}
		line := make([]Cell, len(cells))
		for i, c := range cells {
			line[i] = Cell{Text: c}
		}
		t.Rows = append(t.Rows, line)
	}
	return t
}

// DiffRecords is the same for programs, to be written as CSV: a value a cell, its unit
// in the name of the column, "" for what is not known or not shown yet.
func DiffRecords(d snapshot.Diff) Table {
	t := Table{}
	for _, key := range []string{
		"target", "is", "usd_per_month_before", "usd_per_month_after", "usd_per_month_by_price", "usd_per_month_by_assumption", "usd_per_month_by_measurement",
		"ttft_p50_ms_before", "ttft_p50_ms_after", "ttft_ratio", "ttft_ratio_lo", "ttft_ratio_hi", "ttft_shown",
		"e2e_ratio", "e2e_ratio_lo", "e2e_ratio_hi", "e2e_shown",
		"output_speed_ratio", "output_speed_ratio_lo", "output_speed_ratio_hi", "output_speed_shown",
		"failed_share_by", "graded", "notes",
	} {
		t.Columns = append(t.Columns, Column{Key: key})
	}
	for _, row := range d.Rows {
		is := "both"
		switch {
		case row.A == nil:
			is = "new"
		case row.B == nil:
			is = "gone"
		}
		cells := []string{row.Target, is, monthRaw(row.A), monthRaw(row.B)}
		if c := row.Cost; c.Known {
			cells = append(cells, c.Price.String(), c.Assumption.String(), c.Measurement.String())
		} else {
			cells = append(cells, "", "", "")
		}
		cells = append(cells, medianRaw(row.A), medianRaw(row.B))
		for _, r := range []stats.Ratio{row.TTFT, row.E2E, row.Speed} {
			cells = append(cells, ratioRaw(r)...)
		}
		failed := ""
		if v := row.Failed.Value; is == "both" && !math.IsNaN(v) && row.A.Measured != nil && row.B.Measured != nil {
			failed = strconv.FormatFloat(v, 'f', 6, 64)
		}
		cells = append(cells, failed, gradedChange(row.Graded), strings.Join(row.Notes, "; "))
		line := make([]Cell, len(cells))
		for i, c := range cells {
			line[i].Raw = c
		}
		t.Rows = append(t.Rows, line)
	}
	return t
}

func raw(v float64) string { return strconv.FormatFloat(Round(v), 'f', -1, 64) }

func monthRaw(r *snapshot.Row) string {
	if r == nil {
		return ""
	}
	return amount(r.Spend.USDPerMonth)
}

func medianRaw(r *snapshot.Row) string {
	if r == nil || r.Measured == nil || r.Measured.TTFT.P50 == nil {
		return ""
	}
	return raw(r.Measured.TTFT.P50.Value)
}

// ratioRaw is a ratio, its interval, and whether a difference is shown.
func ratioRaw(r stats.Ratio) []string {
	if !r.Earned() {
		return []string{"", "", "", ""}
	}
	v := r.Verdict()
	return []string{raw(r.Value), raw(r.Lo), raw(r.Hi), strconv.FormatBool(v == stats.Higher || v == stats.Lower)}
}

func fromTo(a, b string) string {
	if a == b {
		return a
	}
	return a + " → " + b
}

func monthText(r *snapshot.Row) string {
	switch {
	case r.Spend.USDPerMonth != nil:
		return r.Spend.USDPerMonth.Format(2)
	case r.Machine != nil:
		return "local"
	}
	return "?"
}

func medianText(r *snapshot.Row) string {
	if r.Measured == nil || r.Measured.TTFT.P50 == nil {
		return compare.Unknown
	}
	return compare.Millis(r.Measured.TTFT.P50.Value)
}

// parts are the changes of an amount by what caused them.
func parts(c snapshot.CostDiff) []string {
	if !c.Known {
		return []string{"?", "?", "?"}
	}
	part := func(usd costmodel.USD) string {
		if usd.Sign() == 0 {
			return "same"
		}
		text := usd.Format(2)
		if usd.Sign() > 0 {
			text = "+" + text
		}
		return text
	}
	return []string{part(c.Price), part(c.Assumption), part(c.Measurement)}
}

func changed(r stats.Ratio) string {
	if !r.Earned() {
		return compare.Unknown
	}
	return snapshot.ChangeText(r)
}

func failedText(d stats.RateDifference) string {
	if math.IsNaN(d.Value) || d.Lo == 0 && d.Hi == 0 {
		return compare.Unknown
	}
	if !d.Shown() {
		return "~"
	}
	return fmt.Sprintf("%+.1f points", d.Value*100)
}

// gradedChange is what changed of the graded answers, "" where they are the same.
func gradedChange(changes []snapshot.GradedDiff) string {
	texts := make([]string, len(changes))
	for i, c := range changes {
		texts[i] = c.Text()
	}
	return strings.Join(texts, "; ")
}

// alsoChanged is what else of a row is shown to have changed, and what is noted of it.
func alsoChanged(row *snapshot.RowDiff) []string {
	var more []string
	for _, one := range []struct {
		what string
		r    stats.Ratio
	}{{"whole answer", row.E2E}, {"speed", row.Speed}} {
		if v := one.r.Verdict(); v == stats.Higher || v == stats.Lower {
			more = append(more, one.what+" "+changed(one.r))
		}
	}
	if row.Failed.Shown() {
		more = append(more, "failed "+failedText(row.Failed))
	}
	return append(more, row.Notes...)
}

// DiffSummary says in a sentence or two what changed, and from what to what.
func DiffSummary(d snapshot.Diff) []string {
	const minute = "2006-01-02 15:04 UTC"
	lines := []string{fmt.Sprintf("From %s to %s.", d.A.TakenAt.Format(minute), d.B.TakenAt.Format(minute))}
	if a, b := d.A.Workload.Text, d.B.Workload.Text; a != b || d.A.Workload.Days != d.B.Workload.Days {
		lines = append(lines, fmt.Sprintf("Workload: %s, month of %s days; then %s, month of %s days.", a, d.A.Workload.Days, b, d.B.Workload.Days))
	}
	var prices, slower, faster, worse, better, gone, fresh, also []string
	for _, row := range d.Rows {
		switch {
		case row.A == nil:
			fresh = append(fresh, row.Target)
			continue
		case row.B == nil:
			gone = append(gone, row.Target)
			continue
		}
		if row.Cost.Known && row.Cost.Price.Sign() != 0 {
			prices = append(prices, row.Target)
		}
		for _, g := range row.Graded {
			switch {
			case !g.By.Shown():
			case g.By.Value > 0 == g.Better():
				better = append(better, row.Target+" ("+g.Text()+")")
			default:
				worse = append(worse, row.Target+" ("+g.Text()+")")
			}
		}
		switch row.TTFT.Verdict() {
		case stats.Higher:
			slower = append(slower, row.Target)
		case stats.Lower:
			faster = append(faster, row.Target)
		}
		if more := alsoChanged(&row); len(more) > 0 {
			also = append(also, row.Target+" ("+strings.Join(more, "; ")+")")
		}
	}
	for _, part := range []struct {
		what  string
		names []string
	}{{"Another price", prices}, {"Slower to the first token", slower}, {"Faster to the first token", faster}, {"Worse answers", worse}, {"Better answers", better}, {"Also", also}, {"New", fresh}, {"Gone", gone}} {
		if len(part.names) > 0 {
			lines = append(lines, part.what+": "+strings.Join(part.names, ", ")+".")
		}
	}
	if len(lines) == 1 {
		lines = append(lines, "Nothing changed that is shown.")
	}
	return lines
}
