package dashboard

import (
	"context"
	"slices"
	"time"

	"costping/probe"
	"costping/store"
	"costping/ui/compare"
)

// rows is what is chosen of the table: the selection, marks, the base, the order
// and the filter.
type rows struct {
	selected string
	top      int
	order    compare.Order
	filter   *compare.Filter
	// marked are targets in the order of their letters; base is what ratios are to.
	marked []string
	base   string
	// shown is the order that was last on the screen, settled when it may change
	// for small differences again.
	shown   []string
	settled time.Time
}

// letters of marked rows, on the table and at the ends of their lines.
var letters = [...]string{"a", "b", "c", "d", "e", "f"}

// settleEvery is how often rows may change places though no difference between
// them is measurable.
const settleEvery = time.Minute

func (m *Model) index() int {
	return slices.IndexFunc(m.table.Rows, func(r compare.Row) bool { return r.Target == m.rows.selected })
}

func (m *Model) selectedRow() compare.Row {
	if i := m.index(); i >= 0 {
		return m.table.Rows[i]
	}
	return compare.Row{}
}

// move selects another row; the selection keeps to the model when rows change
// places.
func (m *Model) move(by int) {
	if len(m.table.Rows) == 0 {
		return
	}
	i := min(max(m.index()+by, 0), len(m.table.Rows)-1)
	m.rows.selected = m.table.Rows[i].Target
}

// reselect keeps a selection that exists: where the row is gone, the pick.
func (m *Model) reselect() {
	if m.index() >= 0 || len(m.table.Rows) == 0 {
		return
	}
	m.rows.selected = m.table.Rows[max(m.table.Pick, 0)].Target
}

// scroll keeps the selected row in view.
func (m *Model) scroll() {
	rows := m.rowsShown()
	i := max(m.index(), 0)
	top := min(m.rows.top, i)
	top = max(top, i-rows+1, 0)
	m.rows.top = max(0, min(top, len(m.table.Rows)-rows))
}

func (m *Model) halfPage() int { return max(1, m.rowsShown()/2) }

// mark marks the selected row, or takes its mark away.
func (m *Model) mark() {
	r := m.selectedRow()
	if i := slices.Index(m.rows.marked, r.Target); i >= 0 {
		m.rows.marked = slices.Delete(slices.Clone(m.rows.marked), i, i+1)
		return
	}
	if r.Target == "" {
		return
	}
	if len(m.rows.marked) == len(letters) {
		m.say("six rows are marked, and a chart has no room for more: space on one of them, or u")
		return
	}
	m.rows.marked = append(slices.Clone(m.rows.marked), r.Target)
}

// markLetters are the letters by target.
func (m *Model) markLetters() map[string]string {
	marks := map[string]string{}
	for i, target := range m.rows.marked {
		marks[target] = letters[i]
	}
	return marks
}

// rebase makes the selected row the one that ratios are to, or none.
func (m *Model) rebase() {
	if m.rows.base == m.rows.selected {
		m.rows.base = ""
		return
	}
	m.rows.base = m.rows.selected
}

// pairKey is the question of two marked rows.
func pairKey(a, b string) string { return "pair " + a + "\x00" + b }

// pair are the two rows that are compared in a sentence: the two that are marked,
// or the base and the only marked one, or the base and the selected one.
func (m *Model) pair() (a, b string, ok bool) {
	switch {
	case len(m.rows.marked) == 2:
		return m.rows.marked[0], m.rows.marked[1], true
	case len(m.rows.marked) == 0 && m.rows.base != "" && m.rows.base != m.rows.selected:
		return m.rows.base, m.rows.selected, true
	case len(m.rows.marked) == 1 && m.rows.base != "" && m.rows.base != m.rows.marked[0]:
		return m.rows.base, m.rows.marked[0], true
	}
	return "", "", false
}

// pairQuestion asks for the samples of two rows, to compare them.
func (m *Model) pairQuestion(a, b string) question {
	to := m.opts.Now()
	from := to.Add(-m.opts.Window)
	series := map[string]store.Series{}
	for _, r := range m.table.Rows {
		if r.Target == a || r.Target == b {
			series[r.Target] = r.Summary.Series
		}
	}
	if recorded := m.opts.Recorded; recorded != nil {
		return question{pairKey(a, b), staleAfter, func(context.Context, store.History) (any, error) {
			of, _ := recorded(a)
			other, _ := recorded(b)
			return compare.AgainstRecorded(a, b, of, other), nil
		}}
	}
	return question{pairKey(a, b), 10 * time.Second, func(ctx context.Context, h store.History) (any, error) {
		samples := map[string][]probe.Sample{}
		for s, err := range h.Raw(ctx, store.Range{From: from, To: to}) {
			if err != nil {
				return nil, err
			}
			if want, ok := series[s.Target.Name]; ok && store.SeriesOf(s) == want {
				samples[s.Target.Name] = append(samples[s.Target.Name], s)
			}
		}
		return compare.AgainstOf(a, b, samples[a], samples[b]), nil
	}}
}

// against is the comparison of two marked rows; nil where there are not two, or
// nothing is known of them yet.
func (m *Model) against() *compare.Against {
	a, b, ok := m.pair()
	if !ok {
		return nil
	}
	found, ok := answer[compare.Against](&m.answers, pairKey(a, b))
	if !ok {
		return nil
	}
	found.NameA, found.NameB = m.called(a), m.called(b)
	return &found
}

// called is what a row goes by in a sentence: its letter, else its name.
func (m *Model) called(target string) string {
	if i := slices.Index(m.rows.marked, target); i >= 0 {
		return letters[i]
	}
	return target
}

// previous is the order that rows keep where they cannot be told apart, nil once a
// minute.
func (m *Model) previous() []string {
	now := m.opts.Now()
	if since := now.Sub(m.rows.settled); since >= settleEvery || since < 0 { // set back
		m.rows.settled = now
		return nil
	}
	return m.rows.shown
}
