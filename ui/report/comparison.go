package report

import (
	"math"
	"strconv"

	"costping/costmodel"
	"costping/probe/stats"
	"costping/ui/compare"
)

// Comparison is a comparison as text, Markdown or CSV.
func Comparison(t compare.Table) Table {
	out := Table{Columns: []Column{
		{Title: "MODEL", Key: "target"},
		{Title: "$/DAY", Key: "usd_per_day", Right: true},
		{Title: "$/MONTH", Key: "usd_per_month", Right: true},
		{Title: "TTFT ms", Key: "ttft_p50_ms", Right: true},
		{Title: "95 % CI", Key: "ttft_p50_ci_ms"},
		{Title: "p95", Key: "ttft_p95_ms", Right: true},
		{Title: "TOK/S", Key: "output_tokens_per_s_p50", Right: true},
		{Title: "ANSWER", Key: "e2e_p50_ms", Right: true},
		{Title: "OK%", Key: "ok_percent", Right: true},
		{Title: "n", Key: "n", Right: true},
		{Title: "NOTE", Key: "note"},
	}}
	for _, r := range t.Rows {
		s := r.Summary
		interval := Cell{Text: compare.Unknown}
		if q := s.TTFTp50; q.Earned() {
			interval = Cell{
				Text: compare.Millis(q.Lo) + "-" + compare.Millis(q.Hi),
				Raw:  strconv.FormatFloat(Round(q.Lo), 'f', -1, 64) + ".." + strconv.FormatFloat(Round(q.Hi), 'f', -1, 64),
			}
		}
		ok := Cell{Text: compare.Percent(s.Success())}
		if ok.Text != compare.Unknown {
			ok.Raw = ok.Text
		}
		out.Rows = append(out.Rows, []Cell{
			{Text: r.Target, Raw: r.Target},
			{Text: compare.Day(r), Raw: RawUSD(r.Spend, r.Spend.PerDay)},
			{Text: compare.Month(r), Raw: RawUSD(r.Spend, r.Spend.PerMonth)},
			{Text: compare.Quantile(s.TTFTp50), Raw: rawQuantile(s.TTFTp50)},
			interval,
			{Text: compare.Tail(s.TTFTp95), Raw: rawQuantile(s.TTFTp95)},
			{Text: compare.Speed(s.Speedp50, 1), Raw: rawQuantile(s.Speedp50)},
			{Text: compare.Seconds(s.E2Ep50), Raw: rawQuantile(s.E2Ep50)},
			ok,
			{Text: compare.Count(s.Warm), Raw: strconv.Itoa(s.Warm)},
			{Text: r.Note.Text, Raw: r.Note.Text},
		})
	}
	return out
}

// RawUSD is an amount of a spend, exact; "" where it is not known.
func RawUSD(s costmodel.Spend, amount costmodel.USD) string {
	if !s.Known {
		return ""
	}
	return amount.String()
}

func rawQuantile(q stats.Quantile) string {
	if !q.Earned() {
		return ""
	}
	return strconv.FormatFloat(Round(q.Value), 'f', -1, 64)
}

// Round keeps three decimals, which for milliseconds is what the history keeps.
func Round(v float64) float64 { return math.Round(v*1000) / 1000 }
