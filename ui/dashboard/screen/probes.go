package screen

import (
	"fmt"
	"slices"
	"strings"

	"costping/ui/dashboard/theme"
	"costping/ui/dashboard/widget"
	"costping/ui/report"
)

// Probes is the part of the Probes screen below the meter: the schedule, what was
// spent, and the last samples.
type Probes struct {
	Rows []ProbeRow
	// Selected is the target of the selected row.
	Selected string
	// Title is that of the schedule, the most important first.
	Title []string
	// Checks are those that are made on a schedule; without a drawing there are none.
	Checks Chart
	// Spend is what was spent; Log the last samples.
	Spend, Log Chart
	// Focus is the pane with the focus; Zoomed says that it has the whole screen.
	Focus  ProbesPane
	Zoomed bool
	// Meter stands on the first line where there is no line for the answer.
	Meter []string
}

// ProbesPane is a part of the Probes screen.
type ProbesPane int

// The panes, in the order of the tab key.
const (
	SchedulePane ProbesPane = iota
	LogPane
)

// ProbeRow is one target of the schedule.
type ProbeRow struct {
	Target string
	Mark   Mark
	// State is in a word or two whether it is probed, Next when, Last how long ago
	// it was.
	State, Next, Last string
	// Failed is how many failed in the window, Sent how many were sent in it and
	// USD what they cost.
	Failed, Sent, USD string
	// Left is what is left of its rate limit, longest form first.
	Left []string
	// Reason is why it is not probed, or what went wrong last.
	Reason string
}

// probeColumn is one column of the schedule.
type probeColumn struct {
	title string
	width int
	// from is the narrowest screen that has the column.
	from  int
	right bool
	text  func(ProbeRow) []string
}

func one(f func(ProbeRow) string) func(ProbeRow) []string {
	return func(r ProbeRow) []string { return []string{f(r)} }
}

// probeColumns from left to right; the target comes before them, and the reason
// after them has what is left over.
var probeColumns = []probeColumn{
	{"STATE", 11, 0, false, one(func(r ProbeRow) string { return r.State })},
	{"NEXT", 7, 38, true, one(func(r ProbeRow) string { return r.Next })},
	{"LAST", 8, 58, true, one(func(r ProbeRow) string { return r.Last })},
	{"FAILED", 6, 48, true, one(func(r ProbeRow) string { return r.Failed })},
	{"SENT", 6, 70, true, one(func(r ProbeRow) string { return r.Sent })},
	{"$", 9, 78, true, one(func(r ProbeRow) string { return r.USD })},
	{"RATE LIMIT LEFT", 24, 104, false, func(r ProbeRow) []string { return r.Left }},
}

// namesFrom is the width from which names take no more room than they need;
// leastColumn is the room that reasons need for a column of their own.
const (
	namesFrom   = 96
	leastColumn = 20
)

// Draw implements Drawing.
func (p Probes) Draw(width, height int, th theme.Theme) []string {
	if p.Zoomed && p.Focus == LogPane {
		return Fill(titled(p.Log, true).Draw(width, height, th), width, height)
	}
	if p.Zoomed {
		return p.schedule(width, height, th)
	}
	schedule := Slot{Least: 2 + min(len(p.Rows), 3), Want: 2 + len(p.Rows) + min(1, len(p.reason()))}
	log := Slot{Least: 4, Want: 12, Grows: true, Rank: 1}
	if p.Focus == LogPane {
		schedule.Rank, log.Rank = 1, 0
	}
	slots, panes := []Slot{schedule}, []Drawing{scheduleDrawing{p}}
	if p.Checks.Drawing != nil {
		slots, panes = append(slots, Slot{Least: min(wanted(p.Checks), 5), Want: wanted(p.Checks), Rank: 2}), append(panes, titled(p.Checks, false))
	}
	slots = append(slots, Slot{Least: 2, Want: wanted(p.Spend), Rank: 2}, log)
	panes = append(panes, titled(p.Spend, false), titled(p.Log, p.Focus == LogPane))
	return Fill(Stacked(width, Arrange(height, slots...), th, panes...), width, height)
}

// DrawSmall implements Body.
func (p Probes) DrawSmall(width, height int, th theme.Theme) []string {
	lines := Text{p.Meter}.Draw(width, min(1, height), th)
	return Fill(append(lines, p.table(width, height-1, th)...), width, height)
}

type scheduleDrawing struct{ Probes }

// Draw implements Drawing.
func (d scheduleDrawing) Draw(width, height int, th theme.Theme) []string {
	return d.schedule(width, height, th)
}

func (p Probes) schedule(width, height int, th theme.Theme) []string {
	if height <= 0 {
		return nil
	}
	style := th.Dim
	if p.Focus == SchedulePane {
		style = th.Heading
	}
	lines := []string{style.Render(widget.Rule(p.Title, width, th.Glyphs))}
	return Fill(append(lines, p.table(width, height-1, th)...), width, height)
}

// table is the headings and as many rows as fit, the selected one among them.
func (p Probes) table(width, height int, th theme.Theme) []string {
	if height <= 0 {
		return nil
	}
	heading := p.cells(max(0, width-leadWidth), width, th, "TARGET", func(c probeColumn) []string { return []string{c.title} }, p.reasonTitle())
	lines := []string{th.Dim.Render(widget.Pad(strings.Repeat(" ", leadWidth)+heading, width, th.Glyphs))}
	reason := p.reason()
	if height < leastReason {
		reason = ""
	}
	room := height - 1
	if reason != "" {
		room--
	}
	top := 0
	for i, r := range p.Rows {
		if r.Target == p.Selected {
			top = max(0, min(i-room/2, len(p.Rows)-room))
		}
	}
	for i := top; i < min(top+room, len(p.Rows)); i++ {
		lines = append(lines, p.row(p.Rows[i], width, th))
	}
	if len(p.Rows) == 0 {
		lines = append(lines, th.Dim.Render(widget.Pad("   no target is configured", width, th.Glyphs)))
	}
	if reason != "" {
		lines = append(lines, th.Warn.Render(widget.Pad("   "+widget.First([]string{p.Selected + ": " + reason, reason}, max(0, width-leadWidth-1), th.Glyphs), width, th.Glyphs)))
	}
	return Fill(lines, width, height)
}

// leastReason is the height of a table from which the reason of the selected target
// stands below it, whole: in its column it is often cut.
const leastReason = 5

// reason is why the selected target is not probed.
func (p Probes) reason() string {
	for _, r := range p.Rows {
		if r.Target == p.Selected {
			return r.Reason
		}
	}
	return ""
}

func (p Probes) reasonTitle() string {
	for _, r := range p.Rows {
		if r.Reason != "" {
			return "REASON"
		}
	}
	return ""
}

func (p Probes) row(r ProbeRow, width int, th theme.Theme) string {
	mark, style := th.Fine, th.Plain
	switch r.Mark {
	case MarkFailing:
		mark, style = th.Failing, th.Bad
	case MarkOver:
		mark, style = th.Over, th.Warn
	case NoMark:
		mark, style = th.None, th.Dim
	case MarkFine:
	}
	lead := " "
	text := p.cells(max(0, width-leadWidth), width, th, r.Target, func(c probeColumn) []string { return c.text(r) }, r.Reason)
	if r.Target == p.Selected {
		lead, text = th.Mark.Bold(true).Render(th.Selected), th.Bold.Render(text)
	}
	return widget.Pad(lead+style.Render(mark)+" "+text, width, th.Glyphs)
}

// leadWidth are the cells of the selection and the state before the target.
const leadWidth = 3

// cells is a line of the table without its selection and state, on a screen of a
// width.
func (p Probes) cells(room, width int, th theme.Theme, target string, of func(probeColumn) []string, reason string) string {
	var rest strings.Builder
	for _, c := range probeColumns {
		if c.from > width {
			continue
		}
		text := widget.First(of(c), c.width, th.Glyphs)
		if c.right {
			text = widget.PadLeft(text, c.width, th.Glyphs)
		}
		rest.WriteString("  " + widget.Pad(text, c.width, th.Glyphs))
	}
	left := max(0, room-widget.Width(rest.String()))
	name := left
	if width >= namesFrom {
		name = min(left, p.longest()+1)
	}
	line := widget.Pad(widget.Elide(target, max(0, name), th.Glyphs), name, th.Glyphs) + rest.String()
	if more := left - name - 2; more >= leastColumn {
		line += "  " + widget.Pad(th.Translate(reason), more, th.Glyphs)
	}
	return widget.Pad(line, room, th.Glyphs)
}

// longest is the width of the longest name, within reason.
func (p Probes) longest() int {
	longest := len("TARGET")
	for _, r := range p.Rows {
		longest = max(longest, widget.Width(r.Target))
	}
	return min(longest, 24)
}

// Lanes is where the time of each of several samples went, a line each, the newest
// below.
type Lanes []report.Lane

// narrowLane is the width below which a lane is said in words.
const narrowLane = 44

// clockFrom is the width from which a lane has the time before its target: the
// label is both, with a space between them.
const clockFrom = 100

// Draw implements Drawing.
func (l Lanes) Draw(width, height int, th theme.Theme) []string {
	var lines []string
	if width >= narrowLane {
		const around = 3 // headings, axis and legend
		if width < clockFrom {
			l = slices.Clone(l)
			for i := range l {
				_, l[i].Label, _ = strings.Cut(l[i].Label, " ")
			}
		}
		text := report.Drawing{Width: width - 2, ASCII: th.None != "—"}.Waterfall(l, max(1, height-around))
		if text != "" {
			for s := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
				lines = append(lines, widget.Pad(" "+s, width, th.Glyphs))
			}
			return Fill(lines, width, height)
		}
	}
	for _, lane := range l[max(0, len(l)-height):] {
		said := fmt.Sprintf(" %s %s", lane.Label, lane.Sample.Outcome)
		if lane.Sample.E2E.Known {
			said = fmt.Sprintf(" %s %d of %d ms", lane.Label, lane.Sample.TTFT.Value.Milliseconds(), lane.Sample.E2E.Value.Milliseconds())
		}
		lines = append(lines, widget.Pad(th.Translate(said), width, th.Glyphs))
	}
	return Fill(lines, width, height)
}
