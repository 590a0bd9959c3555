package snapshot

import (
	"errors"
	"fmt"
	"math"
	"path"
	"slices"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/probe/stats"
)

// longestWindow bounds the window of a record.
const longestWindow = 20 * 366 * 24 * time.Hour

// check reports the first figure that contradicts another, and collects doubts:
// figures that another version of the program may have worked out otherwise.
func (r *Record) check() error {
	long := r.Window.To.Sub(r.Window.From)
	switch {
	case long <= 0 || long > longestWindow:
		return errors.New("its window does not begin before it ends")
	case r.Window.HoursCovered > r.Window.HoursTotal:
		return errors.New("more hours are covered than there are")
	case r.TakenAt.Before(r.Window.From):
		return errors.New("it was taken before its window begins")
	case r.PricesOn.IsZero():
		return errors.New("it does not say of which day the prices are")
	}
	for _, text := range []string{r.Tool, r.Place, r.Note, r.Answer, r.Workload.Name, r.Workload.Text} {
		if err := shown(text); err != nil {
			return err
		}
	}
	if _, err := r.Workload.Work(); err != nil {
		return fmt.Errorf("its workload: %w", err)
	}
	for _, l := range r.Limits {
		if err := l.check(); err != nil {
			return err
		}
	}
	for _, e := range r.Events {
		if err := errors.Join(shown(e.Target), shown(e.Text), shown(string(e.Kind))); err != nil {
			return err
		}
	}
	seen := map[string]bool{}
	for i := range r.Rows {
		row := &r.Rows[i]
		if seen[row.Target] {
			return fmt.Errorf("%s is there twice", probe.Sanitize(row.Target, maxName))
		}
		seen[row.Target] = true
		if err := row.check(); err != nil {
			return fmt.Errorf("%s: %w", probe.Sanitize(row.Target, maxName), err)
		}
	}
	return r.doubt()
}

// shown refuses text that could do something to a terminal.
func shown(text string) error {
	if text != probe.Sanitize(text, 4*maxText) {
		return errors.New("a text holds characters that cannot be shown")
	}
	return nil
}

func (l Limit) check() error {
	if _, err := path.Match(l.Target, ""); err != nil {
		return fmt.Errorf("the limit of %s is no pattern", probe.Sanitize(l.Target, maxName))
	}
	for _, b := range l.Bounds {
		if (b.Value == nil) == (b.USD == nil) {
			return fmt.Errorf("the limit on %s has no amount", b.Metric)
		}
	}
	return nil
}

func (row *Row) check() error {
	texts := []string{row.Target, row.Short, row.Spend.Reason, row.Why, row.BeatenBy}
	texts = append(texts, row.Tags...)
	if m := row.Model; m != nil {
		texts = append(texts, m.ID, m.Name, m.Provider, m.ProviderName, m.Family)
	}
	if row.Price != nil {
		texts = append(texts, row.Price.Source, row.Price.Doubt)
	}
	for _, text := range texts {
		if err := shown(text); err != nil {
			return err
		}
	}
	if q := row.Quality; q != nil && (q.Lo > q.Value || q.Value > q.Hi || q.Hits > q.N) {
		return errors.New("its quality lies outside of its own interval")
	}
	if err := row.Graded.check(row.Quality); err != nil {
		return err
	}
	if row.Machine != nil && row.Machine.Cost != nil {
		if _, err := costmodel.ParseFigure(*row.Machine.Cost); err != nil {
			return fmt.Errorf("what its machine costs: %w", err)
		}
	}
	if row.Measured == nil {
		return nil
	}
	return row.Measured.check()
}

func (m *Measured) check() error {
	for _, text := range []string{m.Model, m.Provider, m.Profile} {
		if err := shown(text); err != nil {
			return err
		}
	}
	sent := 0
	for o, n := range m.Outcomes {
		if o != probe.Skipped && o != probe.Cancelled {
			sent += n
		}
	}
	switch {
	case sent != m.Attempts:
		return fmt.Errorf("%d attempts, and outcomes of %d", m.Attempts, sent)
	case m.N > m.Outcomes[probe.OK]:
		return fmt.Errorf("%d samples of %d attempts that succeeded", m.N, m.Outcomes[probe.OK])
	case m.Offline > sent || m.Scripted > sent+m.Outcomes[probe.Cancelled]+m.Outcomes[probe.Skipped]:
		return errors.New("more attempts are set apart than there are")
	case m.Goodput != nil && m.Goodput.Hits > m.Goodput.N:
		return errors.New("its goodput is more than all")
	}
	for name, metric := range map[string]Metric{"ttft_ms": m.TTFT, "e2e_ms": m.E2E, "output_tokens_per_s": m.Speed} {
		if err := metric.check(m.N); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	s := m.Series
	for _, n := range []int{len(s.Failed), len(s.P25), len(s.P50), len(s.P75), len(s.E2E), len(s.Speed)} {
		if n != len(s.N) {
			return errors.New("the lists of its series are not equally long")
		}
	}
	return nil
}

func (m Metric) check(samples int) error {
	switch {
	case m.N > samples:
		return fmt.Errorf("%d values of %d samples", m.N, samples)
	case !slices.IsSorted(m.Order):
		return errors.New("its order statistics do not rise")
	case m.P50 != nil && m.N < stats.Needed(0.5), m.P95 != nil && m.N < stats.Needed(0.95):
		return fmt.Errorf("a quantile of %d values, which are too few for it", m.N)
	}
	for _, q := range []*Quantile{m.P50, m.P95} {
		if q == nil {
			continue
		}
		if q.Lo > q.Value || q.Value > q.Hi || m.Max == nil || q.Value > *m.Max*1.02 {
			return errors.New("a quantile lies outside of its own interval")
		}
		for _, w := range q.Warnings {
			if err := shown(w.Text); err != nil {
				return err
			}
		}
	}
	return nil
}

// doubt says what does not follow from the rest as it does today.
func (r *Record) doubt() error {
	t, err := r.Table()
	if err != nil {
		return err
	}
	for _, row := range t.Rows {
		i := slices.IndexFunc(r.Rows, func(d Row) bool { return d.Target == row.Target })
		doc := &r.Rows[i]
		if !sameAmount(doc.Spend.USDPerMonth, row.Spend) {
			r.Doubts = append(r.Doubts, fmt.Sprintf("%s: the amount a month is not what its price and the workload come to", row.Target))
		}
		m := doc.Measured
		if m == nil || r.Window.Sketched || m.TTFT.N != len(m.TTFT.Order) {
			continue
		}
		if q := stats.QuantileOf(m.TTFT.Order, 0.5); q.Earned() && m.TTFT.P50 != nil && math.Abs(q.Value-m.TTFT.P50.Value) > 0.01 {
			r.Doubts = append(r.Doubts, fmt.Sprintf("%s: the median of the first token is not that of its order statistics", row.Target))
		}
	}
	return nil
}

func sameAmount(stated *costmodel.USD, s costmodel.Spend) bool {
	if stated == nil || !s.Known {
		return stated == nil && !s.Known
	}
	return stated.String() == s.PerMonth.String()
}
