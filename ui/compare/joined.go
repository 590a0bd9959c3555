package compare

import (
	"math/big"
	"slices"
	"time"

	"costping/costmodel"
	"costping/store"
)

// Joined is the part of a table that no knob changes: the candidates with what was
// measured of them. Tables of several workloads are made from one. It is for one
// goroutine at a time.
type Joined struct {
	rows     []Row // as long as they have no spend
	measured int
	span     time.Duration
	today    costmodel.Date
	// spent are the spends of rows on base, once they were asked for.
	base  costmodel.Workload
	spent []costmodel.Spend
}

// Join joins the candidates of the input with its window and graded answers as of its
// today.
func Join(in Input) *Joined {
	j := &Joined{
		rows: make([]Row, len(in.Candidates)), today: in.Today,
		span: in.Window.To.Sub(in.Window.From).Truncate(time.Minute),
	}
	for i := range in.Candidates {
		c := &in.Candidates[i]
		row := &j.rows[i]
		row.Candidate, row.place = *c, i
		row.Retired = c.Known && c.Model.RetiredOn(in.Today)
		if row.Summary, row.Others, row.Has = summaryOf(in.Window, *c); row.Has {
			j.measured++
			row.Trend = trend(row.Summary)
			row.Failing = failing(row.Summary)
		}
		row.setReliability(in.Reliable)
	}
	return j
}

// Build joins the input into a table.
func Build(in Input) Table { return Join(in).Table(in) }

// Table is that of the input, whose candidates, window, graded answers and today are
// those that were joined.
func (j *Joined) Table(in Input) Table {
	t := Table{
		Workload: in.Workload, Base: in.Base, Order: in.Order, Pick: -1,
		Span: j.span, Probing: in.Probing, Measured: j.measured,
		Changed: !in.Workload.Equal(in.Base),
	}
	t.Rows = make([]Row, 0, len(j.rows))
	project := projector(in.Workload)
	for i := range j.rows {
		t.Rows = append(t.Rows, j.rows[i]) // a row is long: it is filled in where it stays
		row := &t.Rows[len(t.Rows)-1]
		row.Resting, row.Drift = in.Resting[row.Target], in.Drifts.of(row.Target)
		row.Spend = project(row)
		row.Verdicts = Verdicts(in.Limits, row.Facts())
		if !row.Retired {
			t.states[row.State()]++
		}
		if keep, decided := in.Filter.keeps(row, j.today); !keep {
			t.Hidden++
			if !decided {
				t.Undecided++
			}
			t.Rows = t.Rows[:len(t.Rows)-1]
		}
	}
	setBeatenBy(t.Rows)
	setTokenRatios(t.Rows)
	setBaseRatios(t.Rows, in.BaseRow)
	sortRows(t.Rows, in.Order, in.Previous)
	if in.SickFirst {
		slices.SortStableFunc(t.Rows, func(a, b Row) int { return b.health() - a.health() })
	}
	if t.Pick = pick(t.Rows, projected); t.Pick >= 0 {
		t.Rows[t.Pick].Pick = true
		t.next = lasting(t, j.today)
	}
	for i := range t.Rows {
		t.Rows[i].Note = note(t.Rows[i], in)
	}
	t.Answer = answer(t, in, j)
	return t
}

// spentOn are the spends of all rows on a workload. They are kept, since the one that
// knobs start from stays while they are turned.
func (j *Joined) spentOn(w costmodel.Workload) []costmodel.Spend {
	if j.spent != nil && j.base.Equal(w) {
		return j.spent
	}
	project := projector(w)
	j.base, j.spent = w, make([]costmodel.Spend, len(j.rows))
	for i := range j.rows {
		j.spent[i] = project(&j.rows[i])
	}
	return j.spent
}

// projector returns what a workload costs on a row. Where the model was seen to
// think, what it thinks is billed too.
func projector(w costmodel.Workload) func(*Row) costmodel.Spend {
	plain := costmodel.NewProjector(w)
	return func(r *Row) costmodel.Spend {
		if r.Machine != nil {
			return costmodel.OnMachine(*r.Machine, w)
		}
		if r.OwnMachine {
			return costmodel.OnLocal(w)
		}
		if f := r.Summary.Thinking; f.Known {
			if factor := new(big.Rat).SetFloat64(f.Value); factor != nil {
				return costmodel.Project(r.Price, w.WithThinking(factor))
			}
		}
		return plain.Project(r.Price)
	}
}

// project is what the workload costs on this model.
func (r Row) project(w costmodel.Workload) costmodel.Spend { return projector(w)(&r) }

// summaryOf finds the target's series. Where it has several, for it was probed at
// different places or in different ways, the one with the most samples stands for
// it, so that a slip of the hand does not hide what was measured; of equals the
// newest. others counts the attempts that are left out: they are never pooled.
// Only samples of the candidate's own model count: a label may have been used for
// another before. What was measured by several attempts at once is never what one
// request takes.
func summaryOf(w store.Window, c Candidate) (best store.Summary, others int, found bool) {
	var most *store.Summary
	for i := range w.Series { // by reference: each row looks at every summary
		s := &w.Series[i]
		if s.Series.Target != c.Target || c.Known && !c.Model.Is(s.Series.Model) {
			continue
		}
		others += s.Attempts()
		if s.Series.Concurrency > 1 {
			continue
		}
		if most == nil || s.Warm > most.Warm || s.Warm == most.Warm && s.Last.After(most.Last) {
			most = s
		}
	}
	if most == nil {
		return best, others, false
	}
	return *most, others - most.Attempts(), true
}
