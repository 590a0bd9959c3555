package cli

import (
	"strconv"
	"time"

	"costping/probe"
	"costping/store"
	"costping/ui/compare"
	"costping/ui/report"
)

// probeTable lists the samples, one a line.
func probeTable(samples []probe.Sample) report.Table {
	t := report.Table{Columns: []report.Column{
		{Title: "#", Key: "probe", Right: true},
		{Title: "OUTCOME", Key: "outcome"},
		{Title: "CONNECT", Key: "connect_ms", Right: true},
		{Title: "TTFB", Key: "ttfb_ms", Right: true},
		{Title: "TTFT", Key: "ttft_ms", Right: true},
		{Title: "E2E", Key: "e2e_ms", Right: true},
		{Title: "TOK/S", Key: "output_tokens_per_s", Right: true},
		{Title: "IN", Key: "input_tokens", Right: true},
		{Title: "OUT", Key: "output_tokens", Right: true},
		{Title: "USD", Key: "usd", Right: true},
		{Title: "REMARKS", Key: "remarks"},
	}}
	for i, s := range samples {
		n := strconv.Itoa(i + 1)
		t.Rows = append(t.Rows, []report.Cell{
			{Text: n, Raw: n},
			{Text: s.Outcome.String(), Raw: s.Outcome.String()},
			durationCell(s.Connect), durationCell(s.TTFB), durationCell(s.TTFT), durationCell(s.E2E),
			speedCell(s), countCell(s.Usage.Input), countCell(s.Usage.Output), usdCell(s),
			{Text: remarks(s), Raw: remarks(s)},
		})
	}
	return t
}

func durationCell(d probe.Measured[time.Duration]) report.Cell {
	ms := milliseconds(d)
	if ms == nil {
		return report.Cell{Text: compare.Unknown}
	}
	return report.Cell{Text: strconv.FormatFloat(*ms, 'f', 1, 64), Raw: strconv.FormatFloat(*ms, 'f', -1, 64)}
}

func speedCell(s probe.Sample) report.Cell {
	speed := s.OutputSpeed()
	if !speed.Known {
		return report.Cell{Text: compare.Unknown}
	}
	text := strconv.FormatFloat(speed.Value, 'f', 1, 64)
	return report.Cell{Text: text, Raw: text}
}

func countCell(n probe.Measured[int64]) report.Cell {
	if !n.Known {
		return report.Cell{Text: compare.Unknown}
	}
	text := strconv.FormatInt(n.Value, 10)
	return report.Cell{Text: text, Raw: text}
}

func usdCell(s probe.Sample) report.Cell {
	if !s.USD.Valid {
		return report.Cell{Text: "?"}
	}
	return report.Cell{Text: s.USD.Decimal.String(), Raw: s.USD.Decimal.String()}
}

// remarks are the error, the flags and why the speed is missing.
func remarks(s probe.Sample) string {
	text := s.Error
	add := func(more string) {
		if text != "" && more != "" {
			text += "; "
		}
		text += more
	}
	for _, flag := range s.Flags.Names() {
		if flag != "capped" { // every probe means to be
			add(flag)
		}
	}
	if s.SpeedWithheld != "" && s.Outcome == probe.OK {
		add("no speed: " + s.SpeedWithheld)
	}
	return text
}

// The JSON of costping.probe/1. What was not measured is null.
type (
	probeJSON struct {
		Schema  string           `json:"schema"`
		Samples []sampleJSON     `json:"samples"`
		Summary probeSummaryJSON `json:"summary"`
	}
	sampleJSON struct {
		Target  string    `json:"target"`
		Model   string    `json:"model"`
		Profile string    `json:"profile"`
		At      time.Time `json:"at"`
		Outcome string    `json:"outcome"`
		Status  *int      `json:"status"`
		Error   *string   `json:"error"`

		TTFT        *float64 `json:"ttft_ms"`
		TTFO        *float64 `json:"ttfo_ms"`
		TPOT        *float64 `json:"tpot_ms"`
		OutputSpeed *float64 `json:"output_tokens_per_s"`
		// SpeedWithheld says why the two above are null.
		SpeedWithheld *string  `json:"speed_withheld"`
		E2E           *float64 `json:"e2e_ms"`
		TTFB          *float64 `json:"ttfb_ms"`
		Connect       *float64 `json:"connect_ms"`
		DNS           *float64 `json:"dns_ms"`
		TLS           *float64 `json:"tls_ms"`

		Input     *int64   `json:"input_tokens"`
		Cached    *int64   `json:"cached_tokens"`
		Output    *int64   `json:"output_tokens"`
		Reasoning *int64   `json:"reasoning_tokens"`
		Events    int      `json:"events"`
		Flags     []string `json:"flags"`
		USD       *string  `json:"usd"`
	}
	probeSummaryJSON struct {
		N           int            `json:"n"`
		Attempts    int            `json:"attempts"`
		OK          int            `json:"ok"`
		Outcomes    map[string]int `json:"outcomes"`
		TTFTp50     *float64       `json:"ttft_p50_ms"`
		TTFTp50CI   *[2]float64    `json:"ttft_p50_ci_ms"`
		TTFTp95     *float64       `json:"ttft_p95_ms"`
		OutputSpeed *float64       `json:"output_tokens_per_s_p50"`
		E2Ep50      *float64       `json:"e2e_p50_ms"`
		USD         *string        `json:"usd"`
		Unpriced    int            `json:"unpriced"`
		Stored      bool           `json:"stored"`
	}
)

func probeDocument(samples []probe.Sample, s store.Summary, stored bool) probeJSON {
	doc := probeJSON{Schema: "costping.probe/1", Samples: make([]sampleJSON, len(samples))}
	for i, sample := range samples {
		doc.Samples[i] = sampleDocument(sample)
	}
	doc.Summary = probeSummaryJSON{
		N: s.Warm, Attempts: s.Attempts(), OK: s.Success().Hits, Outcomes: map[string]int{},
		TTFTp50: known(s.TTFTp50), TTFTp50CI: interval(s.TTFTp50), TTFTp95: known(s.TTFTp95),
		OutputSpeed: known(s.Speedp50), E2Ep50: known(s.E2Ep50), Unpriced: s.Unpriced, Stored: stored,
	}
	for outcome, n := range s.Outcomes {
		doc.Summary.Outcomes[outcome.String()] = n
	}
	if s.Unpriced == 0 {
		doc.Summary.USD = textOf(s.USD.String())
	}
	return doc
}

func sampleDocument(s probe.Sample) sampleJSON {
	j := sampleJSON{
		Target: s.Target.Name, Model: s.Target.Model, Profile: s.Profile, At: s.At, Outcome: s.Outcome.String(),
		Error: textOf(s.Error), SpeedWithheld: textOf(s.SpeedWithheld),
		TTFT: milliseconds(s.TTFT), TTFO: milliseconds(s.TTFO), TPOT: milliseconds(s.TPOT), E2E: milliseconds(s.E2E),
		TTFB: milliseconds(s.TTFB), Connect: milliseconds(s.Connect), DNS: milliseconds(s.DNS), TLS: milliseconds(s.TLS),
		Input: counted(s.Usage.Input), Cached: counted(s.Usage.Cached),
		Output: counted(s.Usage.Output), Reasoning: counted(s.Usage.Reasoning),
		Events: s.Events, Flags: s.Flags.Names(),
	}
	if s.Status != 0 {
		j.Status = &s.Status
	}
	if speed := s.OutputSpeed(); speed.Known {
		v := round(speed.Value)
		j.OutputSpeed = &v
	}
	if s.USD.Valid {
		j.USD = textOf(s.USD.Decimal.String())
	}
	return j
}

// textOf is nil for no text.
func textOf(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func counted(n probe.Measured[int64]) *int64 {
	if !n.Known {
		return nil
	}
	return &n.Value
}
