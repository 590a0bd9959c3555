package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"costping/costmodel"
	"costping/probe"
	"costping/probe/stats"
	"costping/ui/compare"
	"costping/ui/report/snapshot"
)

// view is a record as its renderings show it: every figure is written once, so that
// no two formats can differ.
type view struct {
	record *snapshot.Record
	table  compare.Table
	rows   []rowView
	// sum is the beginning of the SHA-256 of the record as JSON.
	sum string
}

// rowView is a row with its figures as text.
type rowView struct {
	compare.Row
	gradedView
	doc snapshot.Row
	// Day and Month are amounts without a sign, TTFT to Answer times and speeds with
	// their intervals beside them, "" for none.
	Day, Month, Thousand           string
	TTFT, TTFTInterval             string
	P95, P95Interval               string
	Speed, SpeedInterval           string
	Answer                         string
	Failed, OK, N, Ends            string
	Verdict, Why, Remark, Provider string
}

func viewOf(r *snapshot.Record) (*view, error) {
	table, err := r.Table()
	if err != nil {
		return nil, err
	}
	text, err := r.JSON()
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	v := &view{record: r, table: table, sum: hex.EncodeToString(sum[:6])}
	for _, row := range table.Rows {
		i := slices.IndexFunc(r.Rows, func(d snapshot.Row) bool { return d.Target == row.Target })
		v.rows = append(v.rows, rowViewOf(row, r.Rows[i]))
	}
	return v, nil
}

func rowViewOf(row compare.Row, doc snapshot.Row) rowView {
	s := row.Summary
	v := rowView{
		Row: row, doc: doc, Day: compare.Day(row), Month: compare.Month(row), Thousand: compare.Thousand(row),
		TTFT: compare.TTFTText(row), TTFTInterval: intervalText(s.TTFTp50, 0),
		P95: compare.Tail(s.TTFTp95), P95Interval: intervalText(s.TTFTp95, 0),
		Speed: compare.SpeedText(row, true), SpeedInterval: intervalText(s.Speedp50, 1),
		Answer: compare.Seconds(s.E2Ep50), OK: compare.Percent(s.Success()), gradedView: gradedViewOf(row, doc),
		N: compare.Samples(row), Ends: compare.EndsText(row), Failed: compare.Unknown,
		Remark: row.Note.Text, Provider: row.Via(),
	}
	if ok := s.Success(); row.Has && ok.N > 0 {
		v.Failed = fmt.Sprintf("%s of %s", compare.Count(ok.N-ok.Hits), compare.Count(ok.N))
	}
	v.Verdict, v.Why = snapshot.Judge(row)
	return v
}

func intervalText(q stats.Quantile, places int) string {
	if !q.Earned() {
		return ""
	}
	if places == 0 {
		return compare.Millis(q.Lo) + "-" + compare.Millis(q.Hi)
	}
	return strconv.FormatFloat(q.Lo, 'f', places, 64) + "-" + strconv.FormatFloat(q.Hi, 'f', places, 64)
}

// pick is the row that is recommended.
func (v *view) pick() (rowView, bool) {
	if v.table.Pick < 0 {
		return rowView{}, false
	}
	return v.rows[v.table.Pick], true
}

// measured are the rows with figures.
func (v *view) measured() []rowView {
	var rows []rowView
	for _, r := range v.rows {
		if r.Summary.Warm > 0 {
			rows = append(rows, r)
		}
	}
	return rows
}

// at is the table for another workload.
func (v *view) at(change func(*costmodel.Workload) bool) (compare.Table, bool) {
	in, err := v.record.Input()
	if err != nil || !change(&in.Workload) || in.Workload.Check() != nil {
		return compare.Table{}, false
	}
	return compare.Build(in), true
}

// lead is the sentence of the page: the pick, or why there is none.
func (v *view) lead() string {
	p, ok := v.pick()
	if !ok {
		return v.record.Answer
	}
	name := p.Target
	if p.Provider != "" {
		name += " (" + p.Provider + ")"
	}
	text := fmt.Sprintf("Use %s: $%s a month now", name, p.Month)
	if days, ends := p.Model.DaysLeft(v.record.PricesOn); p.Known && ends && days <= yearAhead {
		text += fmt.Sprintf(", until %s, when the model is retired (in %s)", p.Model.Retired, compare.Plural(days, "day"))
	}
	switch p.Verdict {
	case snapshot.NotShown:
		text += ". Not every limit is shown to be kept"
	case snapshot.NoLimits:
		text += ". No limits were set: it is the cheapest of these that can be had"
	}
	return text + "."
}

// yearAhead is how many days before it a retirement is in the first line.
const yearAhead = 365

// boundNames are limits in a word or two.
var boundNames = map[compare.LimitMetric]string{
	compare.LimitTTFTp50: "TTFT p50", compare.LimitTTFTp95: "TTFT p95", compare.LimitTPOTp50: "time per token p50",
	compare.LimitE2Ep95: "whole answer p95", compare.LimitMinThroughput: "output speed", compare.LimitMaxErrorRate: "failed",
	compare.LimitMaxMalformed: "malformed", compare.LimitMaxToolErrors: "tool errors", compare.LimitMinQuality: "quality", compare.LimitMaxDaily: "cost a day",
	compare.LimitMaxMonthly: "cost a month",
}

// boundText is a limit with its amount: "TTFT p95 ≤ 800 ms".
func boundText(b compare.Bound) string {
	name := boundNames[b.Metric]
	percent := func() string { return strconv.FormatFloat(b.Value*100, 'g', 4, 64) + " %" }
	switch b.Metric {
	case compare.LimitMinThroughput:
		return name + " ≥ " + strconv.FormatFloat(b.Value, 'f', -1, 64) + " tok/s"
	case compare.LimitMaxErrorRate, compare.LimitMaxMalformed, compare.LimitMaxToolErrors:
		return name + " ≤ " + percent()
	case compare.LimitMinQuality:
		return name + " ≥ " + strconv.FormatFloat(b.Value, 'g', 4, 64)
	case compare.LimitMaxDaily, compare.LimitMaxMonthly:
		return name + " ≤ $" + b.USD.Format(2)
	}
	return name + " ≤ " + strconv.FormatFloat(b.Value, 'f', -1, 64) + " ms"
}

// limitTexts are the limits, those that hold for some targets only with which.
func (v *view) limitTexts() []string {
	var texts []string
	for _, l := range v.record.CompareLimits() {
		whose := ""
		if l.Target != "*" {
			whose = l.Target + ": "
		}
		for _, b := range l.Bounds {
			texts = append(texts, whose+boundText(b))
		}
	}
	return texts
}

// verdictText is the verdict in few words: which limits are broken or not shown.
func (r rowView) verdictText() string {
	switch {
	case r.Retired:
		return "outside: retired " + r.Model.Retired.String()
	case r.Failing:
		return "outside: does not answer"
	case len(r.Verdicts) == 0:
		return r.Remark
	}
	var over, open []string
	for _, verdict := range r.Verdicts {
		switch verdict.Standing {
		case compare.Over:
			over = append(over, boundNames[verdict.Bound.Metric])
		case compare.NotShown:
			open = append(open, boundNames[verdict.Bound.Metric])
		}
	}
	var parts []string
	if len(over) > 0 {
		parts = append(parts, "outside: "+strings.Join(over, ", "))
	}
	if len(open) > 0 {
		parts = append(parts, "not shown: "+strings.Join(open, ", "))
	}
	if len(parts) == 0 {
		return "inside all limits"
	}
	return strings.Join(parts, "; ")
}

// restsOn says what the figures rest on: when, from where, of which shape, how many.
func (v *view) restsOn() string {
	r := v.record
	const minute = "2006-01-02 15:04"
	text := r.Window.From.Format(minute) + " to " + r.Window.To.Format(minute) + " UTC"
	if r.Place != "" {
		text += " from " + r.Place
	}
	text += fmt.Sprintf(", %d of %s covered", r.Window.HoursCovered, compare.Plural(r.Window.HoursTotal, "hour"))
	rows := v.measured()
	if len(rows) == 0 {
		return text + "; nothing was measured"
	}
	shapes := map[string]bool{}
	lo, hi := rows[0].Summary.Warm, 0
	for _, row := range rows {
		s := row.Summary
		shapes[fmt.Sprintf("profile %s, %.0f tokens in, at most %d out", s.Series.Profile, s.InputTokens, s.Series.Cap)] = true
		lo, hi = min(lo, s.Warm), max(hi, s.Warm)
	}
	if len(shapes) == 1 {
		for shape := range shapes {
			text += "; " + shape
		}
	} else {
		text += "; probes of different shapes, which do not compare"
	}
	n := compare.Count(hi) + " samples each"
	if lo != hi {
		n = compare.Count(lo) + " to " + compare.Count(hi) + " samples each"
	}
	text += ", warm connections, " + n + ", 95 % intervals"
	if r.Window.Sketched {
		text += ", quantiles within 1 %"
	}
	return text
}

// risks are what may go wrong with the choice, each a clause.
func (v *view) risks() []string {
	var risks []string
	if p, ok := v.pick(); ok {
		risks = append(risks, v.pickRisks(p)...)
	}
	var unmeasured []string
	for _, row := range v.rows {
		if !row.Has && !row.Retired {
			unmeasured = append(unmeasured, row.Target)
		}
	}
	if n := len(unmeasured); n > 0 && n <= 4 {
		risks = append(risks, "not measured: "+strings.Join(unmeasured, ", "))
	} else if n > 0 {
		risks = append(risks, "not measured: "+compare.Plural(n, "model"))
	}
	if w := v.record.Window; w.HoursCovered < w.HoursTotal-1 {
		risks = append(risks, fmt.Sprintf("only %d of %d hours are covered: how it is in the others is not known", w.HoursCovered, w.HoursTotal))
	}
	risks = append(risks, "one request at a time: not a load test")
	risks = append(risks, v.record.Warnings...)
	return append(risks, v.record.Doubts...)
}

// worthSaying is the share of bad answers from which on, shown, they are a risk.
const worthSaying = 0.01

// oldPrice is after how many days a price is said to be old.
const oldPrice = 60

func (v *view) pickRisks(p rowView) []string {
	var risks []string
	if days, ends := p.Model.DaysLeft(v.record.PricesOn); p.Known && ends && days <= yearAhead {
		text := fmt.Sprintf("%s retires in %s", p.Target, compare.Plural(days, "day"))
		if next := p.doc.Model.Successor; next != nil && next.USDPerMonth != nil {
			text += fmt.Sprintf("; its successor %s is priced at $%s a month", next.ID, next.USDPerMonth.Format(2))
		} else if next != nil {
			text += "; its successor is " + next.ID
		}
		risks = append(risks, text)
	}
	if p.doc.Apart > 0 {
		risks = append(risks, fmt.Sprintf("sources of its price are up to %.1f %% apart", p.doc.Apart))
	}
	if asOf := p.Price.AsOf; !asOf.IsZero() && asOf.DaysUntil(v.record.PricesOn) > oldPrice {
		risks = append(risks, fmt.Sprintf("its price was last seen %s days before", compare.Count(asOf.DaysUntil(v.record.PricesOn))))
	}
	for _, one := range []struct {
		name, shown string
		seen        costmodel.Metric
		limit       compare.LimitMetric
	}{
		{"malformed answers", p.MalformedShown, p.Malformed, compare.LimitMaxMalformed},
		{"wrong tool calls", p.ToolsShown, p.ToolErrors, compare.LimitMaxToolErrors},
	} {
		held := slices.ContainsFunc(p.Verdicts, func(v compare.Verdict) bool { return v.Bound.Metric == one.limit })
		if one.seen.Known() && one.seen.Lo > worthSaying && !held {
			risks = append(risks, one.name+": "+one.shown+", and no limit on them")
		}
	}
	for _, w := range p.Summary.TTFTp50.Warnings {
		risks = append(risks, "first token: "+w.Text)
	}
	if n := p.Summary.Outcomes[probe.RateLimited]; n > 0 {
		risks = append(risks, "it was rate limited "+compare.Plural(n, "time"))
	}
	return risks
}
