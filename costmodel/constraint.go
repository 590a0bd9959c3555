package costmodel

import (
	"fmt"
	"strings"
)

// Constraints are what a model has to keep to. The zero value is none. A nil
// limit, and 0 tokens of context, are no constraint.
type Constraints struct {
	// MaxTTFTp95 is in milliseconds, MinSpeed in output tokens a second.
	MaxTTFTp95, MinSpeed *float64
	// MaxMalformed and MinQuality are shares, 0 to 1.
	MaxMalformed, MinQuality *float64
	// MinContext is the tokens of input that one request has.
	MinContext int64
	// MaxMonthly is a budget for a month of the workload.
	MaxMonthly *USD
	Needs      []Feature
}

// Finding is how a model stands to one constraint.
type Finding struct {
	// Constraint names it with its unit: "ttft_p95_ms", "usd_per_month".
	Constraint string
	Verdict    Verdict
	// Value is the model's figure and Limit what is asked for, both numbers,
	// USD, Dates or words; Value is nil where it is unknown.
	Value, Limit any
	// Reason is both in words, with what the figure rests on and, where the
	// model is outside, by how much.
	Reason string
}

// check returns what the constraints find of a candidate, one a constraint.
func (a *Advice) check(c Candidate, q Constraints, today Date) []Finding {
	findings := c.checkOffered(today)
	if q.MaxMonthly != nil {
		findings = append(findings, c.checkSpend(*q.MaxMonthly))
	}
	if q.MaxTTFTp95 != nil {
		findings = append(findings, c.checkTTFT(*q.MaxTTFTp95))
	}
	if q.MinSpeed != nil {
		findings = append(findings, scale{
			name: "output_tokens_per_s", what: "speed", unit: " tok/s", factor: 1, places: 1, bound: "at least",
		}.atLeast(c.Speed, *q.MinSpeed))
	}
	if q.MaxMalformed != nil {
		findings = append(findings, scale{
			name: "malformed_rate", what: "malformed", unit: " %", factor: percent, places: 2, counted: true, bound: "limit",
		}.atMost(c.Malformed, *q.MaxMalformed))
	}
	if q.MinQuality != nil {
		findings = append(findings, scale{
			name: "quality", what: "quality", factor: 1, places: 3, bound: "floor",
		}.atLeast(c.Quality, *q.MinQuality))
	}
	if q.MinContext > 0 {
		findings = append(findings, a.checkContext(c.Model, q.MinContext))
	}
	for _, f := range q.Needs {
		findings = append(findings, c.checkFeature(f))
	}
	return findings
}

// checkOffered finds what no request could go to, whatever is asked for.
func (c Candidate) checkOffered(today Date) []Finding {
	switch {
	case c.Model.RetiredOn(today):
		return []Finding{{"retired", Outside, c.Model.Retired, today, "retired " + c.Model.Retired.String()}}
	case c.Model.Kind == Embedding:
		return []Finding{{"kind", Outside, string(c.Model.Kind), string(Chat), "an embedding model: it does not answer"}}
	}
	return nil
}

func (c Candidate) checkSpend(limit USD) Finding {
	f := Finding{Constraint: "usd_per_month", Limit: limit}
	if !c.Spend.Known {
		f.Reason = fmt.Sprintf("cost unknown (%s), limit $%s a month", c.Spend.Reason, limit.Format(2))
		return f
	}
	f.Value, f.Verdict = c.Spend.PerMonth, Inside
	f.Reason = fmt.Sprintf("$%s a month, limit $%s", c.Spend.PerMonth.Format(2), limit.Format(2))
	if over := c.Spend.PerMonth.Sub(limit); over.Sign() > 0 {
		f.Verdict = Outside
		f.Reason += fmt.Sprintf(": $%s over", explainUSD(over, 2))
	}
	return f
}

// checkTTFT judges the p95 of the first token. Of a published median it only
// follows where the p95 lies not: below it.
func (c Candidate) checkTTFT(limit float64) Finding {
	s := scale{name: "ttft_p95_ms", what: "first token p95", unit: " ms", factor: 1, bound: "limit"}
	f := s.atMost(c.TTFTp95, limit)
	if c.TTFTp95.Known() || !c.TTFTp50.Known() {
		return f
	}
	median, missing := fmt.Sprintf("published median ~%s", s.number(c.TTFTp50.Value)), "first token p95 not measured"
	if c.TTFTp50.Basis != Published {
		median, missing = "median "+s.figure(c.TTFTp50), "too few probes for a first token p95"
	}
	if c.TTFTp50.AtMost(limit) == Outside {
		f.Verdict, f.Value = Outside, c.TTFTp50.Value
		f.Reason = fmt.Sprintf("first token p95 not known, but its %s is above the limit of %s: at least %s over",
			median, s.number(limit), s.number(c.TTFTp50.Value-limit))
		return f
	}
	f.Reason = fmt.Sprintf("%s (%s), limit %s", missing, median, s.number(limit))
	return f
}

// checkContext judges whether a request of need tokens is taken, and whether it
// is answered as well as a shorter one.
func (a *Advice) checkContext(m Model, need int64) Finding {
	f := Finding{Constraint: "context_tokens", Limit: need}
	tokens := func(n int64) string { return readableCount(integer(n)) }
	practical := m.PracticalContext
	switch {
	case m.Context == 0:
		f.Reason = fmt.Sprintf("context unknown, %s needed", tokens(need))
		return f
	case m.Context < need:
		f.Verdict, f.Value = Outside, m.Context
		f.Reason = fmt.Sprintf("context %s, %s needed: %s too few", tokens(m.Context), tokens(need), tokens(need-m.Context))
	case practical.Known() && practical.High < need:
		f.Verdict, f.Value = Outside, practical.High
		f.Reason = fmt.Sprintf("answers get worse from %s-%s on, %s needed: %s too few, though the context is %s",
			tokens(practical.Low), tokens(practical.High), tokens(need), tokens(need-practical.High), tokens(m.Context))
	case practical.Known() && practical.Low < need:
		f.Value = practical.High
		f.Reason = fmt.Sprintf("answers get worse somewhere from %s to %s, %s needed", tokens(practical.Low), tokens(practical.High), tokens(need))
	case !practical.Known() && a.testedContext < need:
		f.Value = m.Context
		f.Reason = fmt.Sprintf("context %s, practical limit unknown: past %s every model that was tested got worse, %s needed",
			tokens(m.Context), tokens(a.testedContext), tokens(need))
	default:
		f.Verdict, f.Value = Inside, m.Context
		if practical.Known() {
			f.Value = practical.Low
		}
		f.Reason = fmt.Sprintf("context %s, %s needed", tokens(m.Context), tokens(need))
	}
	return f
}

func (c Candidate) checkFeature(feature Feature) Finding {
	support := c.Model.Capabilities.Of(feature)
	f := Finding{
		Constraint: strings.ReplaceAll(string(feature), "-", "_"),
		Value:      support.String(), Limit: Supported.String(), Reason: string(feature) + ": " + support.String(),
	}
	switch support {
	case Supported:
		f.Verdict = Inside
	case Unsupported:
		f.Verdict = Outside
	case SupportUnknown:
		f.Value = nil
	}
	return f
}

// scale is how a figure and its limit are written.
type scale struct {
	name, what, unit string
	factor           float64
	places           int
	bound            string // what a limit is called
	counted          bool   // a share of attempts, which says how many of how many
}

func (s scale) number(v float64) string { return figureText(v*s.factor, s.places) + s.unit }

// figure writes a figure with what it rests on: "544 ms (526-566, n 720)".
func (s scale) figure(f Metric) string {
	text := s.number(f.Value)
	if f.Basis == Published {
		text = "~" + text
	}
	if s.counted && f.N > 0 {
		text = fmt.Sprintf("%s of %s", figureText(float64(f.Hits), 0), figureText(float64(f.N), 0))
	}
	var rests []string
	if between := s.between(f); between != "" {
		rests = append(rests, between+s.unit)
	}
	switch {
	case f.Basis != Measured:
		rests = append(rests, f.Basis.String())
	case f.N > 0 && !s.counted:
		rests = append(rests, "n "+figureText(float64(f.N), 0))
	}
	if rests == nil {
		return text
	}
	return text + " (" + strings.Join(rests, ", ") + ")"
}

// between is the interval. That of a share is written as wherever else shares are
// counted: one decimal at both ends, and an upper end alone where nothing was hit.
func (s scale) between(f Metric) string {
	switch {
	case !s.counted || f.Lo == f.Hi:
		return f.interval(s.factor, s.places)
	case f.Hits > 0 || f.N == 0:
		return fmt.Sprintf("%.1f-%.1f", f.Lo*s.factor, f.Hi*s.factor)
	case f.Hi*s.factor < 2:
		return fmt.Sprintf("<= %.2g", f.Hi*s.factor)
	}
	return fmt.Sprintf("<= %.0f", f.Hi*s.factor)
}

func (s scale) atMost(f Metric, limit float64) Finding {
	return s.judged(f, limit, f.AtMost(limit), f.Value-limit, "over")
}

func (s scale) atLeast(f Metric, limit float64) Finding {
	return s.judged(f, limit, f.AtLeast(limit), limit-f.Value, "short")
}

func (s scale) judged(f Metric, limit float64, v Verdict, by float64, word string) Finding {
	finding := Finding{Constraint: s.name, Verdict: v, Limit: limit}
	if !f.Known() {
		finding.Reason = fmt.Sprintf("%s unknown, %s %s", s.what, s.bound, s.number(limit))
		return finding
	}
	finding.Value = f.Value
	finding.Reason = fmt.Sprintf("%s %s, %s %s", s.what, s.figure(f), s.bound, s.number(limit))
	switch v {
	case Outside:
		// Two percentages are points apart: 4.5 % is not 3.5 % more than 1 %.
		finding.Reason += fmt.Sprintf(": %s %s", strings.Replace(s.number(by), " %", " points", 1), word)
	case NotShown:
		finding.Reason += ", which the interval holds: more samples needed"
	case Inside:
	}
	return finding
}
