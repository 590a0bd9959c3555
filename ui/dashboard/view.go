package dashboard

import (
	"fmt"
	"time"

	"costping/costmodel"
	"costping/ui/compare"
	"costping/ui/dashboard/screen"
)

// View implements tea.Model.
func (m *Model) View() string {
	if m.width <= 0 || m.height <= 0 {
		return ""
	}
	if m.overlay == helping {
		return m.help().Render(m.width, m.height, m.opts.Theme)
	}
	return m.compare().Render(m.width, m.height, m.opts.Theme)
}

// compare is the view model of the Compare screen.
func (m *Model) compare() screen.Compare {
	c := screen.Compare{
		Table: m.table, Selected: m.selected, Top: m.top, Lit: m.lit,
		States: m.states(), Title: m.title(), Hints: hints(m.keys, m.lit),
	}
	if m.overlay == sorting {
		c.Menu = sortMenu(m.order)
	}
	return c
}

// title says what the figures of the table rest on.
func (m *Model) title() []string {
	var title []string
	if len(m.measured()) > 0 {
		lo, hi, scripted := 0, 0, 0
		for i, r := range m.measured() {
			if i == 0 || r.Summary.Warm < lo {
				lo = r.Summary.Warm
			}
			hi = max(hi, r.Summary.Warm)
			scripted += r.Summary.Scripted
		}
		n := "n " + compare.Count(hi) + " each"
		if lo != hi {
			n = fmt.Sprintf("n %s-%s each", compare.Count(lo), compare.Count(hi))
		}
		title = append(title, compare.Span(m.opts.Window.Round(time.Minute))+", "+n)
		if scripted > 0 {
			title = append(title, "a simulated day, then live")
		}
		title = append(title, m.shape())
		if m.opts.Place != "" {
			title = append(title, m.opts.Place)
		}
	}
	if ages := m.priceMonths(); ages != "" {
		title = append(title, "prices "+ages)
	}
	return title
}

// measured are the rows with figures.
func (m *Model) measured() []compare.Row {
	var rows []compare.Row
	for _, r := range m.table.Rows {
		if r.Summary.Warm > 0 {
			rows = append(rows, r)
		}
	}
	return rows
}

// shape is the probe's: what one row's figures were measured with.
func (m *Model) shape() string {
	r := m.measured()[0]
	for _, other := range m.measured() {
		if other.Summary.Series.Profile != r.Summary.Series.Profile || other.Summary.Series.Cap != r.Summary.Series.Cap {
			return "probes of different shapes, warm"
		}
	}
	return fmt.Sprintf("ms, probe %.0f in, %d out, warm", r.Summary.InputTokens, r.Summary.Series.Cap)
}

// priceMonths are the months that the prices are as of: "2026-08", or the oldest
// and the newest.
func (m *Model) priceMonths() string {
	var oldest, newest costmodel.Date
	for _, c := range m.opts.Candidates {
		asOf := c.Price.AsOf
		if asOf.IsZero() {
			continue
		}
		if oldest.IsZero() || asOf.Compare(oldest) < 0 {
			oldest = asOf
		}
		if asOf.Compare(newest) > 0 {
			newest = asOf
		}
	}
	if newest.IsZero() {
		return ""
	}
	const month = len("2006-01")
	from, to := oldest.String()[:month], newest.String()[:month]
	if from == to {
		return to
	}
	return from + " to " + to
}
