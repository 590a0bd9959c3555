package snapshot

import (
	"fmt"
	"slices"

	"costping/costmodel"
	"costping/probe/stats"
	"costping/store"
	"costping/ui/compare"
)

// Diff is what changed from one record to another.
type Diff struct {
	A, B *Record
	// Warnings say why figures of the two may not compare.
	Warnings []string
	Rows     []RowDiff
}

// RowDiff is what changed of one model.
type RowDiff struct {
	Target string
	// A and B are its rows, nil where it is new or gone.
	A, B *Row
	// Cost is the change of the amount a month.
	Cost CostDiff
	// TTFT, E2E and Speed are the values of B as multiples of those of A, from the
	// order statistics; not earned where there are too few. They are judged together.
	TTFT, E2E, Speed stats.Ratio
	// P95 is that of the slow first tokens, from their intervals alone.
	P95 stats.Ratio
	// Apart says why the times of the two are not of the same work; "" where they are.
	Apart string
	// Failed is how far the share of failed attempts rose; its value is not a number
	// where one side made none.
	Failed stats.RateDifference
	// Graded are the shares of graded answers that both have.
	Graded []GradedDiff
	// Notes are what else changed: a retirement, a quality, the shape of the probes.
	Notes []string
}

// CostDiff is the change of an amount a month, split so that the parts sum to the
// whole: the price at the old workload, then the workload, then how much the model
// was seen to think. Known is false where one of the amounts is not known.
type CostDiff struct {
	Known                          bool
	A, B                           costmodel.USD
	Price, Assumption, Measurement costmodel.USD
}

// Compare works out what changed from a to b.
func Compare(a, b *Record) (Diff, error) {
	d := Diff{A: a, B: b}
	workA, err := a.Workload.Work()
	if err != nil {
		return d, err
	}
	workB, err := b.Workload.Work()
	if err != nil {
		return d, err
	}
	d.warn()
	for i := range b.Rows {
		row := RowDiff{Target: b.Rows[i].Target, B: &b.Rows[i]}
		if at := a.index(row.Target); at >= 0 {
			row.A = &a.Rows[at]
			row.Cost = costDiff(row.A, row.B, workA, workB)
			row.measurement()
			if was, is := a.Measurement.Version, b.Measurement.Version; was != is {
				row.Apart = fmt.Sprintf("measured under definitions %d and %d", was, is)
			}
		}
		row.graded()
		row.note(a, b)
		d.Rows = append(d.Rows, row)
	}
	for i := range a.Rows {
		if b.index(a.Rows[i].Target) < 0 {
			d.Rows = append(d.Rows, RowDiff{Target: a.Rows[i].Target, A: &a.Rows[i]})
		}
	}
	d.adjust()
	return d, nil
}

func (r *Record) index(target string) int {
	return slices.IndexFunc(r.Rows, func(row Row) bool { return row.Target == target })
}

// costDiff changes one thing after the other.
func costDiff(a, b *Row, workA, workB costmodel.Workload) CostDiff {
	first, known1 := amountOf(a, workA, a.Measured)
	price, known2 := amountOf(b, workA, a.Measured)
	assumed, known3 := amountOf(b, workB, a.Measured)
	last, known4 := amountOf(b, workB, b.Measured)
	if !known1 || !known2 || !known3 || !known4 {
		return CostDiff{}
	}
	return CostDiff{
		Known: true, A: first, B: last,
		Price: price.Sub(first), Assumption: assumed.Sub(price), Measurement: last.Sub(assumed),
	}
}

// amountOf is what a workload costs a month at the price of a row, for a model that
// thinks as it was measured.
func amountOf(row *Row, work costmodel.Workload, measured *Measured) (costmodel.USD, bool) {
	c := row.Candidate()
	c.Known = false // whichever model was measured
	var w store.Window
	if measured != nil {
		with := Row{Target: row.Target, Measured: measured}
		w.Series = append(w.Series, with.summary())
	}
	s := compare.FactsOf(w, c, work, nil).Spend
	return s.PerMonth, s.Known
}

// measurement compares what was measured.
func (d *RowDiff) measurement() {
	a, b := d.A.Measured, d.B.Measured
	if a == nil || b == nil {
		return
	}
	d.TTFT = stats.Compare(a.TTFT.Order, b.TTFT.Order)
	d.E2E = stats.Compare(a.E2E.Order, b.E2E.Order)
	d.Speed = stats.Compare(a.Speed.Order, b.Speed.Order)
	d.P95 = tailRatio(a.TTFT, b.TTFT)
	d.Failed = stats.DifferenceOf(d.A.failures(), d.B.failures())
	if a.Profile != b.Profile || a.Cap != b.Cap || a.Concurrency != b.Concurrency {
		d.Apart = fmt.Sprintf("probes of another shape: %s, cap %d, then %s, cap %d", a.Profile, a.Cap, b.Profile, b.Cap)
		d.Notes = append(d.Notes, d.Apart)
	}
	if a.Model != b.Model {
		d.Notes = append(d.Notes, fmt.Sprintf("another model: %s, then %s", a.Model, b.Model))
	}
}

// failures is the share of attempts that failed and are held against the provider.
func (row *Row) failures() stats.Rate {
	ok := row.summary().Success()
	return stats.RateOf(ok.N-ok.Hits, ok.N)
}

// note adds what else changed.
func (d *RowDiff) note(a, b *Record) {
	if d.A == nil || d.B == nil {
		return
	}
	was, is := d.A.retirement(a.PricesOn), d.B.retirement(b.PricesOn)
	if was != is {
		d.Notes = append(d.Notes, is)
	}
	if qa, qb := d.A.Quality, d.B.Quality; qa != nil && qb != nil && qa.Value != qb.Value && (qa.Basis != qb.Basis || qa.N == 0) {
		d.Notes = append(d.Notes, fmt.Sprintf("quality %.2f, then %.2f", qa.Value, qb.Value))
	}
	if d.A.Verdict != d.B.Verdict {
		d.Notes = append(d.Notes, d.A.Verdict+", then "+d.B.Verdict)
	}
}

// retirement says whether and when a model is retired, as of a day.
func (row *Row) retirement(on costmodel.Date) string {
	switch {
	case row.Model == nil || row.Model.Retired.IsZero():
		return "no retirement announced"
	case row.Model.Retired.Compare(on) <= 0:
		return "retired " + row.Model.Retired.String()
	}
	return "retires " + row.Model.Retired.String()
}

// adjust makes the verdicts on all ratios hold together: of twenty that are shown
// with 5 % each, one would be wrong.
func (d *Diff) adjust() {
	var family []stats.Ratio
	for i := range d.Rows {
		family = append(family, d.Rows[i].TTFT, d.Rows[i].E2E, d.Rows[i].Speed)
	}
	for i, r := range stats.Adjust(family) {
		row := &d.Rows[i/3]
		*[]*stats.Ratio{&row.TTFT, &row.E2E, &row.Speed}[i%3] = r
	}
}

// warn says why the two may not compare.
func (d *Diff) warn() {
	a, b := d.A, d.B
	add := func(format string, args ...any) { d.Warnings = append(d.Warnings, fmt.Sprintf(format, args...)) }
	if a.Measurement.Version != b.Measurement.Version {
		add("measured under definitions %d and %d: the times do not compare", a.Measurement.Version, b.Measurement.Version)
	}
	if a.Place != b.Place {
		add("measured from %s, then from %s: if these are two places, the network differs", orUnknown(a.Place), orUnknown(b.Place))
	}
	if a.Demo != b.Demo {
		add("one of them is simulated")
	}
	if a.Window.Sketched != b.Window.Sketched {
		add("the quantiles of one are within 1 %%, those of the other exact")
	}
	if a.TakenAt != b.TakenAt && a.hasGraded() && b.hasGraded() && b.Window.To.Sub(a.Window.To).Abs() < compare.ResultsBack {
		add("less than 30 days lie between them: some graded answers may be in both, which hides what changed")
	}
	if a.Window.From.Before(b.Window.To) && b.Window.From.Before(a.Window.To) && a.TakenAt != b.TakenAt {
		add("their windows overlap: some samples are in both")
	}
	if b.TakenAt.Before(a.TakenAt) {
		add("the first was taken after the second")
	}
	for _, doubt := range append(slices.Clone(a.Doubts), b.Doubts...) {
		add("%s", doubt)
	}
}

func orUnknown(place string) string {
	if place == "" {
		return "a place that is not said"
	}
	return place
}
