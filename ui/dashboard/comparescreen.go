package dashboard

import (
	"fmt"
	"slices"

	"costping/ui/compare"
	"costping/ui/dashboard/screen"
)

// compareScreen is every model in a row.
func compareScreen() page {
	return page{
		name: "Compare", lit: split, hint: "open",
		panes: []paneInfo{
			{name: "table", views: []string{"cost", "speed", "reliability"}, below: screen.NarrowBelow},
			{name: "TTFT", views: []string{"lines, log", "lines, linear", "band"}},
			{name: "scatter", views: []string{"p95", "p50", "answer time"}},
		},
		body:      func(m *Model) screen.Body { return m.compareBody() },
		questions: func(m *Model) []question { return []question{m.linesQuestion()} },
	}
}

// compareBody is the Compare screen's part.
func (m *Model) compareBody() screen.Compare {
	return screen.Compare{
		Table: m.table, Selected: m.rows.selected, Top: m.rows.top,
		Marks: m.markLetters(), Base: m.rows.base, Detail: m.detail(), View: screen.ColumnView(m.states[comparePage].views[0]),
		Title: m.title(), Below: m.below(), Events: m.shownEvents(),
		TTFT: m.ttftChart(), Scatter: m.scatterChart(),
		Focus: screen.ComparePane(m.states[comparePage].focus), Zoomed: m.states[comparePage].zoomed,
	}
}

// detail is the selected row's figures taken apart. It is kept until the table or the
// selection changes: the layout asks for its length before it is drawn.
func (m *Model) detail() []compare.Line {
	r := m.selectedRow()
	if r.Target == "" {
		return nil
	}
	if m.detailed.lines == nil || m.detailed.target != r.Target {
		m.detailed = detailed{r.Target, compare.Detail(r, m.table)}
	}
	return m.detailed.lines
}

// detailed is the detail of a row.
type detailed struct {
	target string
	lines  []compare.Line
}

// below stands under the last row: what the list leaves out, and what hosting would
// cost.
func (m *Model) below() []string {
	count := ""
	if len(m.opts.Sets) > 1 {
		n, all := len(m.table.Rows), 0
		for _, set := range m.opts.Sets { // what a leads to: not what embeds and has no place here
			all = max(all, len(set.Candidates))
		}
		count = fmt.Sprintf("%s of %d (a: %s)", compare.Plural(n, "model"), all, m.opts.Sets[(m.set+1)%len(m.opts.Sets)].Name)
	}
	var forms []string
	for _, line := range m.hostingLine() {
		if count != "" {
			forms = append(forms, count+"    "+line)
		}
		forms = append(forms, line)
	}
	if count != "" {
		return append(forms, count)
	}
	return forms
}

// hostingLine compares hosting with the dearest of the marked rows that can be had,
// else with the selected row.
func (m *Model) hostingLine() []string {
	h := m.hosting()
	if h == nil {
		return nil
	}
	against := m.selectedRow()
	var dearest *compare.Row
	for i := range m.table.Rows {
		r := &m.table.Rows[i]
		if !slices.Contains(m.rows.marked, r.Target) || r.Retired || !r.Spend.Known {
			continue
		}
		if dearest == nil || compare.Cheaper(r.Spend, dearest.Spend) > 0 {
			dearest = r
		}
	}
	if dearest != nil {
		against = *dearest
	}
	return h.Line(against, m.called(against.Target), m.knobs.work)
}

// bodyHeight is the height of the screen's own part.
func (m *Model) bodyHeight() int { return max(0, m.height-frameLines-1) }

// room is the height that a body has, and whether it is a small one.
func (m *Model) room() (height int, small bool) {
	switch {
	case !screen.Small(m.height):
		return m.bodyHeight(), false
	case m.lastLineTaken():
		return m.height - 2, true
	}
	return m.height - 1, true
}

// rowAt is the row on a line of the screen, -1 for none.
func (m *Model) rowAt(y int) int {
	height, small := m.room()
	if small {
		return m.compareBody().RowAt(y-1, height, true)
	}
	return m.compareBody().RowAt(y-frameLines, height, false)
}

// rowsShown is how many rows of the table are on the screen.
func (m *Model) rowsShown() int {
	height, small := m.room()
	body := screen.Compare{
		Table: m.table, Selected: m.rows.selected, Detail: m.detail(), Below: m.below(), Events: m.shownEvents(), Zoomed: m.states[comparePage].zoomed,
		TTFT: screen.Chart{Drawing: screen.Text{}}, // its room, whatever is in it
	}
	if len(m.lines().lines) == 0 {
		body.TTFT.Drawing = nil
	}
	return body.RowsShown(height, small)
}

// lastLineTaken reports whether a menu, a field or a notice takes the last line.
func (m *Model) lastLineTaken() bool {
	switch m.overlay.(type) {
	case *filtering, sorting, *asking:
		return true
	}
	return m.notice.text != ""
}
