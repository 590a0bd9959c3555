package snapshot

import (
	"fmt"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/probe/stats"
	"costping/store"
	"costping/ui/compare"

	"github.com/shopspring/decimal"
)

// Table is the comparison that the record was taken of, worked out anew by the same
// code as the screens.
func (r *Record) Table() (compare.Table, error) {
	in, err := r.Input()
	if err != nil {
		return compare.Table{}, err
	}
	return compare.Build(in), nil
}

// Input is what the comparison is made of.
func (r *Record) Input() (compare.Input, error) {
	work, err := r.Workload.Work()
	if err != nil {
		return compare.Input{}, err
	}
	in := compare.Input{Workload: work, Base: work, Today: r.PricesOn, Window: r.StoreWindow(0), Limits: r.CompareLimits(), Reliable: r.Reliable()}
	for i := range r.Rows {
		in.Candidates = append(in.Candidates, r.Rows[i].Candidate())
	}
	return in, nil
}

// CompareLimits are the limits as the view model has them.
func (r *Record) CompareLimits() []compare.Limit {
	var limits []compare.Limit
	for _, l := range r.Limits {
		limit := compare.Limit{Target: l.Target, For: time.Duration(l.ForS) * time.Second}
		for _, b := range l.Bounds {
			bound := compare.Bound{Metric: compare.LimitMetric(b.Metric)}
			if b.USD != nil {
				bound.USD = *b.USD
			}
			if b.Value != nil {
				bound.Value = *b.Value
			}
			limit.Bounds = append(limit.Bounds, bound)
		}
		limits = append(limits, limit)
	}
	return limits
}

// Candidate is the row as a model that may be chosen.
func (row *Row) Candidate() compare.Candidate {
	c := compare.Candidate{Target: row.Target, Short: row.Short, Tags: row.Tags, Known: row.Model != nil}
	if m := row.Model; m != nil {
		c.Model = costmodel.Model{
			ID: m.ID, Name: m.Name, Provider: m.Provider, ProviderName: m.ProviderName, Family: m.Family, Kind: m.Kind,
			Released: m.Released, Retired: m.Retired, Context: m.Context, MaxOutput: m.MaxOutput, Capabilities: m.Capabilities,
		}
		if row.Measured != nil { // the id that was measured is one of its names
			c.Model.APIIDs = []string{row.Measured.Model}
		}
	}
	if row.Price != nil {
		c.Price = *row.Price
		c.Model.Prices = []costmodel.Price{c.Price}
	}
	if row.Machine != nil {
		c.OwnMachine = true
		if cost := row.Machine.Cost; cost != nil {
			if figure, err := costmodel.ParseFigure(*cost); err == nil { // checked where it was read
				c.Machine = &figure
			}
		}
	}
	if q := row.Quality; q != nil {
		c.Quality = costmodel.Metric{Value: q.Value, Lo: q.Lo, Hi: q.Hi, N: q.N, Hits: q.Hits, Basis: bases[q.Basis]}
	}
	if p := row.Published; p != nil {
		if p.TTFT != nil {
			c.Published.TTFT = costmodel.Exactly(*p.TTFT, costmodel.Published)
		}
		if p.Speed != nil {
			c.Published.Speed = costmodel.Exactly(*p.Speed, costmodel.Published)
		}
	}
	return c
}

var bases = map[string]costmodel.Basis{
	costmodel.Published.String(): costmodel.Published, costmodel.Stated.String(): costmodel.Stated, costmodel.Measured.String(): costmodel.Measured,
}

// StoreWindow is what was measured, as a history gives it, with so many points.
func (r *Record) StoreWindow(points int) store.Window {
	w := store.Window{From: r.Window.From, To: r.Window.To, Version: 1, Sketched: r.Window.Sketched}
	for i := range r.Rows {
		if r.Rows[i].Measured == nil {
			continue
		}
		s := r.Rows[i].summary()
		if points > 0 {
			s.Points = r.Rows[i].Measured.Series.points(r.Window, points)
		}
		w.Series = append(w.Series, s)
		if m := r.Rows[i].Measured; m.Others > 0 { // so that the row can say so
			other := s.Series
			other.Profile += " (others)"
			w.Series = append(w.Series, store.Summary{Series: other, Outcomes: map[probe.Outcome]int{probe.OK: m.Others}})
		}
	}
	return w
}

// series is the row's series, without the address that it was measured at.
func (row *Row) series() store.Series {
	m := row.Measured
	s := store.Series{Target: row.Target, Provider: m.Provider, Model: m.Model, Profile: m.Profile, Cap: m.Cap}
	if m.Concurrency > 1 {
		s.Concurrency = m.Concurrency
	}
	return s
}

func (row *Row) summary() store.Summary {
	m := row.Measured
	s := store.Summary{
		Series: row.series(), Outcomes: m.Outcomes, Scripted: m.Scripted, Offline: m.Offline, Warm: m.N,
		TTFTp50: m.TTFT.quantile(0.5, m.TTFT.P50), TTFTp95: m.TTFT.quantile(0.95, m.TTFT.P95),
		E2Ep50: m.E2E.quantile(0.5, m.E2E.P50), E2Ep95: m.E2E.quantile(0.95, m.E2E.P95),
		Speedp50:    m.Speed.quantile(0.5, m.Speed.P50),
		InputTokens: m.InputTokens, OutputTokens: m.OutputTokens, ThinkingN: m.ThinkingN, Unpriced: m.Unpriced,
		FailedInARow: m.FailedInARow, Last: m.Last, LastOutcome: m.LastOutcome,
	}
	if m.Thinking != nil {
		s.Thinking = probe.Known(*m.Thinking)
	}
	if usd, err := decimal.NewFromString(m.USD); err == nil {
		s.USD = usd
	}
	if m.LastOutcome != probe.OK {
		s.LastError, s.LastErrorAt = m.LastOutcome.String(), m.Last
	}
	return s
}

// quantile is the estimate at p, or how far it is from one.
func (m Metric) quantile(p float64, q *Quantile) stats.Quantile {
	out := stats.Quantile{P: p, N: m.N, Needed: stats.Needed(p)}
	if m.Max != nil {
		out.Max = *m.Max
	}
	if q == nil {
		out.N = min(out.N, out.Needed-1)
		if out.N > 0 {
			out.Warnings = stats.Warnings{{Code: stats.Collecting, Text: fmt.Sprintf("collecting %d/%d", out.N, out.Needed)}}
		}
		return out
	}
	out.Value, out.Lo, out.Hi, out.Effective = q.Value, q.Lo, q.Hi, q.Effective
	for _, w := range q.Warnings {
		out.Warnings = append(out.Warnings, stats.Warning{Code: stats.Code(w.Code), Text: w.Text})
	}
	return out
}

// derive works out what follows from the rest, and the order of the rows.
func (r *Record) derive() error {
	t, err := r.Table()
	if err != nil {
		return fmt.Errorf("the workload cannot be written down: %w", err)
	}
	r.Answer = t.Answer[0]
	by := make(map[string]Row, len(r.Rows))
	for _, row := range r.Rows {
		by[row.Target] = row
	}
	r.Rows = r.Rows[:0]
	for _, row := range t.Rows {
		doc := by[row.Target]
		doc.Spend = spendOf(row.Spend)
		if usable, ok := compare.UsableAnswer(&row); ok {
			doc.Spend.USDPerUsableItem = &usable
		}
		doc.BeatenBy, doc.Pick = row.BeatenBy, row.Pick
		doc.Verdict, doc.Why = Judge(row)
		r.Rows = append(r.Rows, doc)
	}
	return nil
}

func spendOf(s costmodel.Spend) Spend {
	if !s.Known {
		return Spend{Reason: s.Reason}
	}
	doc := Spend{USDPerDay: &s.PerDay, USDPerMonth: &s.PerMonth, USDPerYear: &s.PerYear}
	if each, ok := s.PerTask(); ok {
		doc.USDPerItem = &each
	}
	return doc
}
