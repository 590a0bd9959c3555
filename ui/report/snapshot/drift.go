package snapshot

import (
	"context"
	"fmt"
	"strings"
	"time"

	"costping/costmodel"
	"costping/probe/stats"
	"costping/store"
	"costping/ui/compare"
)

// DefaultDrift is how much slower than what was approved a time may be, as a share,
// where nobody says otherwise.
const DefaultDrift = 0.10

// driftWindow is how far back what is measured now goes.
const driftWindow = 24 * time.Hour

// Approved is a record that a person approved, and by how much, as a share, times may
// be slower since.
type Approved struct {
	Record *Record
	Most   float64
}

// Name tells one approval from another.
func (a Approved) Name() string { return a.Record.TakenAt.Format(time.RFC3339) }

// Beside judges each row of a record beside the one that was approved.
func (a Approved) Beside(r *Record) ([]Result, *compare.Drifts, error) {
	d, err := Compare(a.Record, r)
	if err != nil {
		return nil, nil, err
	}
	var all []Result
	drifts := &compare.Drifts{Targets: map[string]compare.Drift{}}
	for i := range r.Rows {
		target := r.Rows[i].Target
		results := d.drift(target, a.Most)
		drift := d.driftOf(target)
		for _, result := range results {
			drift.Over = drift.Over || result.Standing == compare.Over
			drift.Rules = append(drift.Rules, strings.TrimPrefix(result.Text, sinceApproval))
		}
		drifts.Targets[target] = drift
		all = append(all, results...)
	}
	return all, drifts, nil
}

// Now is Beside for what the history holds of the last 24 hours, for the workload that
// was approved.
func (a Approved) Now(ctx context.Context, h store.Reader, candidates []compare.Candidate, now time.Time) ([]Result, *compare.Drifts, error) {
	work, err := a.Record.Workload.Work()
	if err != nil {
		return nil, nil, err
	}
	to := now.Truncate(time.Second).Add(time.Second) // what was measured just now is in it
	r, err := Take(ctx, h, Input{
		From: to.Add(-driftWindow), To: to, Now: to, Place: a.Record.Place, Demo: a.Record.Demo,
		Compare: compare.Input{Candidates: candidates, Workload: work, Today: costmodel.DateOf(now)},
	})
	if err != nil {
		return nil, nil, err
	}
	return a.Beside(r)
}

const sinceApproval = "since approval: "

func (d *Diff) of(target string) RowDiff {
	for _, r := range d.Rows {
		if r.Target == target {
			return r
		}
	}
	return RowDiff{Target: target}
}

// drift judges a row beside the one that was approved: the amount for the workload that
// was approved, the times, and the graded answers.
func (d *Diff) drift(target string, most float64) []Result {
	row := d.of(target)
	if row.A == nil {
		return []Result{{Target: target, Rule: "drift", Text: sinceApproval + "it was not there"}}
	}
	cost := Result{Target: target, Rule: "drift_price", Text: sinceApproval + "price unknown"}
	if row.Cost.Known {
		cost.Standing, cost.Text = compare.Within, sinceApproval+"price same"
		if row.Cost.Price.Sign() != 0 {
			then := row.Cost.A.Add(row.Cost.Price)
			cost.Text = fmt.Sprintf(sinceApproval+"$%s, then $%s a month for the workload that was approved", row.Cost.A.Format(2), then.Format(2))
			if row.Cost.Price.Sign() > 0 {
				cost.Standing = compare.Over
			}
		}
	}
	results := []Result{cost}
	for _, t := range row.times() {
		results = append(results, timeDrift(target, t, row.Apart, most))
	}
	for _, g := range row.Graded {
		result := Result{Target: target, Rule: "drift_" + g.Name, Text: sinceApproval + g.Text()}
		if g.By.Shown() {
			result.Standing = compare.Over
			if g.By.Value > 0 == g.Better() {
				result.Standing = compare.Within
			}
		}
		results = append(results, result)
	}
	return results
}

// driftOf says of a row in clauses what changed, as far as that is shown.
func (d *Diff) driftOf(target string) compare.Drift {
	row := d.of(target)
	if row.A == nil {
		return compare.Drift{New: true, Text: sinceApproval + "it was not there", Short: "not approved"}
	}
	price := priceChange(row.Cost)
	compared, changed := false, []string{}
	for _, t := range row.times() {
		compared = compared || t.Earned()
		if v := t.Verdict(); row.Apart == "" && (v == stats.Higher || v == stats.Lower) {
			changed = append(changed, t.short+" "+change(t.Value)+" %")
		}
	}
	parts := append([]string{price}, changed...)
	switch {
	case row.Apart != "":
		parts = append(parts, "times do not compare")
	case !compared:
		parts = append(parts, "too few samples")
	case len(changed) == 0:
		parts = append(parts, "times ~")
	}
	for _, g := range row.Graded {
		if g.By.Shown() {
			parts, changed = append(parts, g.Text()), append(changed, g.Text())
		}
	}
	if price != samePrice {
		changed = append([]string{price}, changed...)
	}
	drift := compare.Drift{Text: sinceApproval + strings.Join(parts, ", "), Short: strings.Join(changed, ", ")}
	if drift.Short == "" && compared && row.Apart == "" {
		drift.Short = "as approved"
	}
	return drift
}

const samePrice = "price same"

func priceChange(c CostDiff) string {
	switch {
	case !c.Known:
		return "price ?"
	case c.Price.Sign() == 0:
		return samePrice
	case c.A.Sign() > 0:
		return "price " + change(1+c.Price.Float64()/c.A.Float64()) + " %"
	}
	return "price changed"
}

// timeRatio is a time of now as a multiple of that of before, with the name of its rule.
type timeRatio struct {
	stats.Ratio
	rule, name, short string
}

func (d RowDiff) times() []timeRatio {
	return []timeRatio{
		{d.TTFT, "drift_ttft", "TTFT", "TTFT"},
		{d.P95, "drift_ttft_p95", "TTFT p95", "p95"},
		{d.E2E, "drift_e2e", "whole answer", "answer"},
	}
}

// timeDrift is over only where all of the interval is, and within where none of it is.
func timeDrift(target string, t timeRatio, apart string, most float64) Result {
	result := Result{Target: target, Rule: t.rule, Text: fmt.Sprintf(sinceApproval+"%s, %d against %d samples", t.name, t.NB, t.NA)}
	switch {
	case apart != "":
		result.Text = sinceApproval + t.name + " does not compare: " + apart
		return result
	case !t.Earned():
		return result
	case t.Lo > 1+most:
		result.Standing = compare.Over
	case t.Hi <= 1+most:
		result.Standing = compare.Within
	default:
		result.More = max(0, t.Each-t.N())
	}
	result.Text = fmt.Sprintf(sinceApproval+"%s %s (limit +%s)", t.name, ChangeText(t.Ratio), percent(most))
	return result
}

// tailRatio is a p95 as a multiple of another, for which there is no test: its interval
// goes from the least that the two intervals allow to the most, so that a difference
// that is shown is one. It is not earned where one of the two is not.
func tailRatio(a, b Metric) stats.Ratio {
	r := stats.Ratio{NA: a.N, NB: b.N, P: 1, Adjusted: 1}
	if a.P95 == nil || b.P95 == nil || a.P95.Lo <= 0 || b.P95.Lo <= 0 {
		return r
	}
	r.Value, r.Lo, r.Hi = b.P95.Value/a.P95.Value, b.P95.Lo/a.P95.Hi, b.P95.Hi/a.P95.Lo
	if r.Lo > 1 || r.Hi < 1 {
		r.P, r.Adjusted = 0.05, 0.05 // at the most
	}
	return r
}
