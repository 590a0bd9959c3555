package cli

import (
	"math"
	"strconv"

	"costping/costmodel"
	"costping/probe/stats"
	"costping/ui/compare"
	"costping/ui/report"
)

// compareTable is the comparison as text, Markdown or CSV.
func compareTable(t compare.Table) report.Table {
	out := report.Table{Columns: []report.Column{
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
		interval := report.Cell{Text: compare.Unknown}
		if q := s.TTFTp50; q.Earned() {
			interval = report.Cell{
				Text: compare.Millis(q.Lo) + "-" + compare.Millis(q.Hi),
				Raw:  strconv.FormatFloat(round(q.Lo), 'f', -1, 64) + ".." + strconv.FormatFloat(round(q.Hi), 'f', -1, 64),
			}
		}
		ok := report.Cell{Text: compare.Percent(s.Success())}
		if ok.Text != compare.Unknown {
			ok.Raw = ok.Text
		}
		out.Rows = append(out.Rows, []report.Cell{
			{Text: r.Target, Raw: r.Target},
			{Text: compare.Day(r.Spend), Raw: rawUSD(r.Spend, r.Spend.PerDay)},
			{Text: compare.Month(r.Spend), Raw: rawUSD(r.Spend, r.Spend.PerMonth)},
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

func rawQuantile(q stats.Quantile) string {
	if !q.Earned() {
		return ""
	}
	return strconv.FormatFloat(round(q.Value), 'f', -1, 64)
}

// round keeps three decimals, which for milliseconds is what the history keeps.
func round(v float64) float64 { return math.Round(v*1000) / 1000 }

// The JSON of costping.compare/1.
type (
	compareJSON struct {
		Schema   string           `json:"schema"`
		Demo     bool             `json:"demo"`
		Workload workloadJSON     `json:"workload"`
		Answer   string           `json:"answer"`
		Rows     []compareRowJSON `json:"rows"`
	}
	compareRowJSON struct {
		Target   string `json:"target"`
		Model    string `json:"model"`
		Provider string `json:"provider"`
		// N counts the samples behind the quantiles, Attempts what was sent, OK
		// what succeeded.
		N        int `json:"n"`
		Attempts int `json:"attempts"`
		OK       int `json:"ok"`

		TTFTp50       *float64       `json:"ttft_p50_ms"`
		TTFTp50CI     *[2]float64    `json:"ttft_p50_ci_ms"`
		TTFTp95       *float64       `json:"ttft_p95_ms"`
		OutputSpeed   *float64       `json:"output_tokens_per_s_p50"`
		E2Ep50        *float64       `json:"e2e_p50_ms"`
		USDPerDay     *costmodel.USD `json:"usd_per_day"`
		USDPerMonth   *costmodel.USD `json:"usd_per_month"`
		Retired       costmodel.Date `json:"retired"`
		Note          string         `json:"note"`
		SimulatorTTFT *float64       `json:"simulator_sent_ttft_p50_ms"`
	}
)

func compareDocument(t compare.Table, sent map[string]float64) compareJSON {
	doc := compareJSON{
		Schema: "costping.compare/1", Demo: true, Workload: workloadOf(t.Workload),
		Answer: t.Answer[0], Rows: make([]compareRowJSON, len(t.Rows)),
	}
	for i, r := range t.Rows {
		s := r.Summary
		row := compareRowJSON{
			Target: r.Target, Model: r.Target, Provider: r.Model.Provider,
			N: s.Warm, Attempts: s.Attempts(), OK: s.Success().Hits,
			TTFTp50: known(s.TTFTp50), TTFTp95: known(s.TTFTp95),
			OutputSpeed: known(s.Speedp50), E2Ep50: known(s.E2Ep50), Note: r.Note.Text,
		}
		if r.Known {
			row.Model = r.Model.ID
		}
		row.TTFTp50CI = interval(s.TTFTp50)
		row.USDPerDay, row.USDPerMonth = knownUSD(r.Spend)
		if r.Retired {
			row.Retired = r.Model.Retired
		}
		if truth, ok := sent[r.Target]; ok {
			truth = round(truth)
			row.SimulatorTTFT = &truth
		}
		doc.Rows[i] = row
	}
	return doc
}

// known is an earned quantile, nil for one that is not.
func known(q stats.Quantile) *float64 {
	if !q.Earned() {
		return nil
	}
	v := round(q.Value)
	return &v
}

// interval is the 95 % interval of an earned quantile.
func interval(q stats.Quantile) *[2]float64 {
	if !q.Earned() {
		return nil
	}
	return &[2]float64{round(q.Lo), round(q.Hi)}
}
