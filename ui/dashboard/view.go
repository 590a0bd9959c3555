package dashboard

import (
	"fmt"
	"strings"
	"time"

	"costping/costmodel"
	"costping/store"
	"costping/ui/compare"
	"costping/ui/dashboard/screen"
	"costping/ui/monitor"
)

// View implements tea.Model. What is drawn is kept until something changes.
func (m *Model) View() string {
	if m.width <= 0 || m.height <= 0 {
		return ""
	}
	if m.frame == "" {
		m.frame = m.framed().Render(m.width, m.height, m.opts.Theme)
	}
	return m.frame
}

// framed is the screen with all that surrounds it, and what lies over it.
func (m *Model) framed() screen.Frame {
	f := screen.Frame{
		Current: int(m.at), States: m.words(), Workload: m.knobs.name, Knobs: m.knobs.shown(),
		Answer: m.table.Answer, Changed: m.table.Changed, Picked: m.table.Pick >= 0,
		Hints: m.hints(), Body: keptBody{m},
		Counts: screen.Counts{
			Failing: m.table.Count(compare.StateFailing), Over: m.table.Count(compare.StateOver),
			Fine: m.table.Count(compare.StateFine), Unknown: m.table.Count(compare.StateUnknown),
		},
		Worst: m.worst(),
	}
	if own := m.page().knobs; own != nil {
		f.Workload, f.Knobs = "", own.shown(m)
	}
	for i := range m.pages {
		f.Screens = append(f.Screens, m.pages[i].name)
	}
	if turns, _ := m.keyWords(); turns != "" { // the keys turn something else now
		for i := range f.Knobs {
			f.Knobs[i].Lit = false
		}
	}
	if own := m.page().answer; own != nil && !m.table.Changed {
		f.Answer, f.Picked = own(m), false
	}
	if ways := m.waysOn(); ways != nil && m.at == comparePage {
		f.Answer, f.Picked = ways, false
	}
	if events := m.shownEvents(); len(events) > 0 {
		f.Event = []string{events[0].When + " " + events[0].What}
	}
	if m.notice.text != "" {
		f.Menu = []string{m.notice.text}
	}
	if m.overlay != nil {
		m.overlay.show(m, &f)
	}
	return f
}

// waysOn is the answer where nothing was measured and nothing will be: what the
// screen is good for, and how to go on to speeds. nil where there is no need.
func (m *Model) waysOn() []string {
	if len(m.opts.Ways) == 0 || m.opts.Probing != nil || m.table.Measured > 0 || m.table.Changed {
		return nil
	}
	full, names := m.ways()
	return []string{
		"Costs move as you turn the knob. Speeds: " + full, "Costs move with the knob. Speeds: " + full, "Speeds: " + full,
		"Speeds: " + names, names,
	}
}

// ways are the commands to go on with where there is nothing to probe, with and
// without what is said of them; "" where there are none.
func (m *Model) ways() (full, names string) {
	var noted, bare []string
	for _, w := range m.opts.Ways {
		noted, bare = append(noted, ":"+w.Name+" ("+w.Note+")"), append(bare, ":"+w.Name)
	}
	return strings.Join(noted, " or "), strings.Join(bare, " or ")
}

// worst says of the sickest row how it is.
func (m *Model) worst() []string {
	th := m.opts.Theme
	for _, state := range []compare.State{compare.StateFailing, compare.StateOver} {
		for _, r := range m.table.Rows {
			if r.State() == state && !r.Retired {
				glyph := th.Over
				if state == compare.StateFailing {
					glyph = th.Failing
				}
				return []string{glyph + " " + r.Target + " " + r.Note.Text, glyph + " " + r.Target + " " + r.Note.Word}
			}
		}
	}
	return nil
}

// shownEvents are the events as the screens have them, newest first.
func (m *Model) shownEvents() []screen.Event {
	var shown []screen.Event
	now := m.opts.Now()
	if m.unread.why != "" { // until it is put right
		shown = append(shown, screen.Event{When: m.when(m.unread.at, now), What: m.unread.why, Mark: screen.MarkOver})
	}
	for _, e := range m.events() {
		shown = append(shown, screen.Event{When: m.when(e.At, now), What: eventText(e), Mark: eventMark(e.Kind)})
	}
	return shown
}

// when is the time of day of something that happened, with its day where that is
// not today.
func (m *Model) when(at, now time.Time) string {
	at, now = at.In(m.opts.Location), now.In(m.opts.Location)
	if at.YearDay() == now.YearDay() && at.Year() == now.Year() {
		return at.Format("15:04")
	}
	return at.Format("Jan 2 15:04")
}

func eventText(e store.Event) string {
	if e.Kind == monitor.EventConfigChanged {
		return "configuration: " + e.Text
	}
	if e.Target != "" && !strings.Contains(e.Text, e.Target) {
		return e.Target + "  " + e.Text
	}
	return e.Text
}

// eventMark is the state that a kind of event stands for.
func eventMark(kind store.EventKind) screen.Mark {
	switch kind {
	case monitor.EventTargetDown, store.EventDamaged, store.EventUnsaved:
		return screen.MarkFailing
	case monitor.EventLimitBroken, monitor.EventRegression, monitor.EventBudgetSpent, monitor.EventRetiring, monitor.EventPriceChanged,
		monitor.EventDrifted:
		return screen.MarkOver
	case monitor.EventLimitCleared, monitor.EventRecovered, monitor.EventTargetUp, monitor.EventDriftEnded:
		return screen.MarkFine
	}
	return screen.NoMark
}

// title says what the figures of the table rest on.
func (m *Model) title() []string {
	var title []string
	if n := len(m.opts.Sets); n > 1 || m.opts.Sets[m.set].Name != "" {
		title = append(title, m.opts.Sets[m.set].Name)
	}
	if f := m.rows.filter; f != nil {
		hidden := fmt.Sprintf("%d hidden by %s", m.table.Hidden, f)
		if m.table.Undecided > 0 {
			hidden += fmt.Sprintf(" (%d unknown)", m.table.Undecided)
		}
		title = append(title, hidden)
	}
	if measured := m.measured(); len(measured) > 0 {
		title = append(title, m.samples(measured)...)
	} else if m.opts.Advice != nil {
		title = append(title, "(in brackets: published)")
	}
	if ages := m.priceMonths(); ages != "" {
		title = append(title, "prices "+ages)
	}
	return title
}

// samples says how many samples the rows rest on, of which shape and from where.
func (m *Model) samples(measured []*compare.Row) []string {
	lo, hi, scripted := measured[0].Summary.Warm, 0, 0
	for _, r := range measured {
		lo, hi = min(lo, r.Summary.Warm), max(hi, r.Summary.Warm)
		scripted += r.Summary.Scripted
	}
	n := "n " + compare.Count(hi) + " each"
	if lo != hi {
		n = fmt.Sprintf("n %s-%s each", compare.Count(lo), compare.Count(hi))
	}
	title := []string{compare.Span(m.opts.Window.Round(time.Minute)) + ", " + n, m.shape(measured)}
	if m.opts.Place != "" {
		title = append(title, m.opts.Place)
	}
	if scripted > 0 {
		title = append(title, "a simulated day, then live")
	}
	return title
}

// measured are the rows with figures.
func (m *Model) measured() []*compare.Row {
	var rows []*compare.Row
	for i := range m.table.Rows {
		if r := &m.table.Rows[i]; r.Summary.Warm > 0 {
			rows = append(rows, r)
		}
	}
	return rows
}

// shape is the probe's: what one row's figures were measured with, and whether it
// is that of the workload's items.
func (m *Model) shape(measured []*compare.Row) string {
	r := measured[0]
	for _, other := range measured {
		if other.Summary.Series.Profile != r.Summary.Series.Profile || other.Summary.Series.Cap != r.Summary.Series.Cap {
			return "probes of different shapes, warm"
		}
	}
	text := fmt.Sprintf("ms, probe %.0f in, %d out, warm", r.Summary.InputTokens, r.Summary.Series.Cap)
	if unlike := compare.Shape(r.Summary.InputTokens, m.knobs.work); unlike != "" {
		text += ": " + m.opts.Theme.Over + " " + unlike
	}
	return text
}

// priceMonths are the months that the prices are as of: "2026-08", or the oldest
// and the newest.
func (m *Model) priceMonths() string {
	var oldest, newest costmodel.Date
	for _, c := range m.candidates() {
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
