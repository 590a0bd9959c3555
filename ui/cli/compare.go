package cli

import (
	"costping/costmodel"
	"costping/probe/stats"
	"costping/ui/compare"
	"costping/ui/report"
)

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
			truth = report.Round(truth)
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
	v := report.Round(q.Value)
	return &v
}

// interval is the 95 % interval of an earned quantile.
func interval(q stats.Quantile) *[2]float64 {
	if !q.Earned() {
		return nil
	}
	return &[2]float64{report.Round(q.Lo), report.Round(q.Hi)}
}
