package cli

import (
	"time"

	"costping/probe"
	"costping/probe/stats"
	"costping/ui/compare"
	"costping/ui/report"
)

// The JSON of costping.probe/1. What was not measured is null.
type (
	probeJSON struct {
		Schema  string       `json:"schema"`
		Samples []sampleJSON `json:"samples"`
		// Summary is that of the target where there is one; null for several.
		Summary *probeSummaryJSON `json:"summary"`
		// Targets has a summary each, the fastest first.
		Targets []probeSummaryJSON `json:"targets"`
		Budget  budgetJSON         `json:"budget"`
	}
	// budgetJSON is what probing has cost on a UTC day, by all commands together.
	budgetJSON struct {
		Cap       string     `json:"cap_usd_per_day"`
		Day       *string    `json:"day"`
		Spent     *string    `json:"spent_usd"`
		Reserved  *string    `json:"reserved_usd"`
		Exhausted bool       `json:"exhausted"`
		Resumes   *time.Time `json:"resumes"`
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
		Wrote         *float64 `json:"wrote_ms"`
		Connect       *float64 `json:"connect_ms"`
		DNS           *float64 `json:"dns_ms"`
		TLS           *float64 `json:"tls_ms"`
		ServerTTFT    *float64 `json:"server_ttft_ms"`
		ICLp50        *float64 `json:"icl_p50_ms"`
		ICLMax        *float64 `json:"icl_max_ms"`
		RetryAfter    *float64 `json:"retry_after_ms"`

		Input     *int64        `json:"input_tokens"`
		Cached    *int64        `json:"cached_tokens"`
		Output    *int64        `json:"output_tokens"`
		Reasoning *int64        `json:"reasoning_tokens"`
		Events    int           `json:"events"`
		Flags     []string      `json:"flags"`
		Protocol  *string       `json:"protocol"`
		Headroom  *headroomJSON `json:"headroom"`
		Learned   *string       `json:"learned"`
		USD       *string       `json:"usd"`
	}
	headroomJSON struct {
		Requests allowanceJSON `json:"requests"`
		Tokens   allowanceJSON `json:"tokens"`
	}
	allowanceJSON struct {
		Limit     *int64   `json:"limit"`
		Remaining *int64   `json:"remaining"`
		Reset     *float64 `json:"reset_ms"`
	}
	// figuresJSON are the quantiles of one series with their 95 % intervals.
	figuresJSON struct {
		N             int         `json:"n"`
		TTFTp50       *float64    `json:"ttft_p50_ms"`
		TTFTp50CI     *[2]float64 `json:"ttft_p50_ci_ms"`
		TTFTp95       *float64    `json:"ttft_p95_ms"`
		TTFTp95CI     *[2]float64 `json:"ttft_p95_ci_ms"`
		TTFTMax       *float64    `json:"ttft_max_ms"`
		TTFOp50       *float64    `json:"ttfo_p50_ms"`
		TTFOp50CI     *[2]float64 `json:"ttfo_p50_ci_ms"`
		TPOTp50       *float64    `json:"tpot_p50_ms"`
		TPOTp50CI     *[2]float64 `json:"tpot_p50_ci_ms"`
		OutputSpeed   *float64    `json:"output_tokens_per_s_p50"`
		OutputSpeedCI *[2]float64 `json:"output_tokens_per_s_p50_ci"`
		E2Ep50        *float64    `json:"e2e_p50_ms"`
		E2Ep50CI      *[2]float64 `json:"e2e_p50_ci_ms"`
		E2Ep95        *float64    `json:"e2e_p95_ms"`
		E2Ep95CI      *[2]float64 `json:"e2e_p95_ci_ms"`
		ServerTTFT    *float64    `json:"server_ttft_p50_ms"`
		ServerTTFTCI  *[2]float64 `json:"server_ttft_p50_ci_ms"`
	}
	// goodputJSON is the share of attempts that met every objective; null where the
	// configuration has none.
	goodputJSON struct {
		Met       int        `json:"met"`
		Attempts  int        `json:"attempts"`
		CI        [2]float64 `json:"ci"`
		Objective string     `json:"objective"`
	}
	probeSummaryJSON struct {
		Target  string `json:"target"`
		Model   string `json:"model"`
		Profile string `json:"profile"`
		// Those of warm connections stand here, Cold those of new ones: null where
		// no probe opened its own.
		figuresJSON
		Cold      *figuresJSON   `json:"cold"`
		Attempts  int            `json:"attempts"`
		OK        int            `json:"ok"`
		SuccessCI *[2]float64    `json:"success_ci"`
		Outcomes  map[string]int `json:"outcomes"`
		Goodput   *goodputJSON   `json:"goodput"`
		Input     int64          `json:"input_tokens"`
		Output    int64          `json:"output_tokens"`
		Reasoning int64          `json:"reasoning_tokens"`
		Thinking  *float64       `json:"thinking_factor"`
		Bundle    *float64       `json:"tokens_per_event"`
		USD       *string        `json:"usd"`
		Unpriced  int            `json:"unpriced"`
		// Charged is false on this machine, where the target has no price: usd is 0.
		Charged  bool          `json:"charged"`
		Headroom *headroomJSON `json:"headroom"`
		Learned  []string      `json:"learned"`
		Warnings []warningJSON `json:"warnings"`
		Against  *ratioJSON    `json:"against_fastest"`
		GivenUp  *string       `json:"given_up"`
		Stored   bool          `json:"stored"`
	}
	warningJSON struct {
		Code string `json:"code"`
		Text string `json:"text"`
	}
	// ratioJSON is how many times the fastest target's TTFT this one's is.
	ratioJSON struct {
		N       int         `json:"n"`
		Paired  bool        `json:"paired"`
		Ratio   *float64    `json:"ttft_ratio"`
		RatioCI *[2]float64 `json:"ttft_ratio_ci"`
		P       *float64    `json:"p_adjusted"`
		Verdict string      `json:"verdict"`
	}
)

func probeDocument(samples []probe.Sample, rows []ranked, stored bool, money probe.BudgetStatus) probeJSON {
	doc := probeJSON{Schema: "costping.probe/1", Budget: budgetDocument(money, samples), Samples: make([]sampleJSON, len(samples)), Targets: make([]probeSummaryJSON, len(rows))}
	for i, sample := range samples {
		doc.Samples[i] = sampleDocument(sample)
	}
	for i, row := range rows {
		doc.Targets[i] = summaryDocument(row, stored)
	}
	if len(rows) == 1 {
		doc.Summary = &doc.Targets[0]
	}
	return doc
}

// budgetDocument says what the day has cost; nothing of it is known where the
// ledger failed.
func budgetDocument(b probe.BudgetStatus, samples []probe.Sample) budgetJSON {
	j := budgetJSON{Cap: b.Cap.String()}
	if b.Day != "" && b.Problem == "" {
		j.Day, j.Spent, j.Reserved = textOf(string(b.Day)), textOf(b.Settled.String()), textOf(b.Reserved.String())
	}
	for _, s := range samples {
		if s.Refused != nil && s.Refused.Refusal == probe.BudgetSpent {
			resumes := probe.DayOf(s.At).End()
			j.Exhausted, j.Resumes = true, &resumes
		}
	}
	return j
}

func summaryDocument(r ranked, stored bool) probeSummaryJSON {
	d := r.Digest
	j := probeSummaryJSON{
		Target: d.Series.Target, Model: d.Series.Model, Profile: d.Series.Profile,
		figuresJSON: figuresDocument(d.Warm), Attempts: d.Attempts, OK: d.Success.Hits, Outcomes: map[string]int{},
		Input: d.Input, Output: d.Output, Reasoning: d.Reasoning, Unpriced: d.Unpriced,
		Charged: !r.Free, GivenUp: textOf(r.gaveUp),
		Headroom: headroomDocument(d.Headroom), Learned: d.Learned, Warnings: []warningJSON{}, Stored: stored,
	}
	if g := d.Goodput; g != nil {
		j.Goodput = &goodputJSON{Met: g.Hits, Attempts: g.N, CI: [2]float64{report.Round(g.Lo), report.Round(g.Hi)}, Objective: d.SLO.String()}
	}
	if j.Learned == nil {
		j.Learned = []string{}
	}
	if d.Opened.N > 0 {
		cold := figuresDocument(d.Opened)
		j.Cold = &cold
	}
	for outcome, n := range d.Outcomes {
		j.Outcomes[outcome.String()] = n
	}
	for _, w := range d.Warnings {
		j.Warnings = append(j.Warnings, warningJSON{string(w.Code), w.Text})
	}
	if d.Success.N > 0 {
		j.SuccessCI = &[2]float64{report.Round(d.Success.Lo), report.Round(d.Success.Hi)}
	}
	if factor, ok := d.Thinking(); ok {
		j.Thinking = figure(factor)
	}
	if d.Bundle > 0 {
		j.Bundle = figure(d.Bundle)
	}
	if d.Unpriced == 0 {
		j.USD = textOf(d.USD.String())
	}
	if r.against != nil {
		j.Against = ratioDocument(*r.against)
	}
	return j
}

func figuresDocument(f compare.Figures) figuresJSON {
	j := figuresJSON{
		N:       f.N,
		TTFTp50: known(f.TTFTp50), TTFTp50CI: interval(f.TTFTp50), TTFTp95: known(f.TTFTp95), TTFTp95CI: interval(f.TTFTp95),
		TTFOp50: known(f.TTFOp50), TTFOp50CI: interval(f.TTFOp50), TPOTp50: known(f.TPOTp50), TPOTp50CI: interval(f.TPOTp50),
		OutputSpeed: known(f.Speedp50), OutputSpeedCI: interval(f.Speedp50),
		E2Ep50: known(f.E2Ep50), E2Ep50CI: interval(f.E2Ep50), E2Ep95: known(f.E2Ep95), E2Ep95CI: interval(f.E2Ep95),
		ServerTTFT: known(f.ServerTTFTp50), ServerTTFTCI: interval(f.ServerTTFTp50),
	}
	if f.N > 0 {
		j.TTFTMax = figure(f.TTFTp50.Max)
	}
	return j
}

func ratioDocument(r stats.Ratio) *ratioJSON {
	j := &ratioJSON{N: r.N(), Paired: r.Paired, Verdict: r.Verdict().String()}
	if r.Earned() {
		j.Ratio, j.RatioCI, j.P = figure(r.Value), &[2]float64{report.Round(r.Lo), report.Round(r.Hi)}, &r.Adjusted
	}
	return j
}

func sampleDocument(s probe.Sample) sampleJSON {
	j := sampleJSON{
		Target: s.Target.Name, Model: s.Target.Model, Profile: s.Profile, At: s.At, Outcome: s.Outcome.String(),
		Error: textOf(s.Error), SpeedWithheld: textOf(s.SpeedWithheld),
		TTFT: milliseconds(s.TTFT), TTFO: milliseconds(s.TTFO), TPOT: milliseconds(s.TPOT), E2E: milliseconds(s.E2E),
		TTFB: milliseconds(s.TTFB), Wrote: milliseconds(s.Wrote), Connect: milliseconds(s.Connect),
		DNS: milliseconds(s.DNS), TLS: milliseconds(s.TLS), ServerTTFT: milliseconds(s.ServerTTFT), ICLp50: milliseconds(s.ICLp50), ICLMax: milliseconds(s.ICLMax), RetryAfter: milliseconds(s.RetryAfter),
		Input: counted(s.Usage.Input), Cached: counted(s.Usage.Cached),
		Output: counted(s.Usage.Output), Reasoning: counted(s.Usage.Reasoning),
		Events: s.Events, Flags: s.Flags.Names(), Protocol: textOf(s.Protocol),
		Headroom: headroomDocument(s.Headroom), Learned: textOf(s.Learned),
	}
	if s.Status != 0 {
		j.Status = &s.Status
	}
	if speed := s.OutputSpeed(); speed.Known {
		j.OutputSpeed = figure(speed.Value)
	}
	if s.USD.Valid {
		j.USD = textOf(s.USD.Decimal.String())
	}
	return j
}

func headroomDocument(h probe.Headroom) *headroomJSON {
	if h == (probe.Headroom{}) {
		return nil
	}
	allowance := func(a probe.Allowance) allowanceJSON {
		return allowanceJSON{Limit: counted(a.Limit), Remaining: counted(a.Remaining), Reset: milliseconds(a.Reset)}
	}
	return &headroomJSON{Requests: allowance(h.Requests), Tokens: allowance(h.Tokens)}
}

// milliseconds is a measured duration with the precision that it has, or nil.
func milliseconds(d probe.Measured[time.Duration]) *float64 {
	if !d.Known {
		return nil
	}
	return figure(probe.Milliseconds(d.Value))
}

// figure is a measured one with the precision that it has.
func figure(v float64) *float64 {
	v = report.Round(v)
	return &v
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
