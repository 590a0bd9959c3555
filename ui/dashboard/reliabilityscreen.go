package dashboard

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"costping/probe"
	"costping/probe/check"
	"costping/probe/stats"
	"costping/store"
	"costping/ui/compare"
	"costping/ui/dashboard/screen"

	tea "github.com/charmbracelet/bubbletea"
)

// The views of the table.
const (
	outcomesView = iota
	malformedView
	toolsView
	recallView
)

// reliabilityScreen is how far the answers of each model can be used.
func reliabilityScreen() page {
	return page{
		name: "Reliability", lit: split, hint: "examples of failures",
		panes: []paneInfo{
			{name: "table", views: []string{"outcomes", "malformed", "tools", "recall"}},
			{name: "log", views: []string{"all models", "this model"}},
		},
		body:      func(m *Model) screen.Body { return m.reliabilityBody() },
		questions: func(m *Model) []question { return []question{m.troubleQuestion()} },
		answer:    func(m *Model) []string { return compare.ReliabilityAnswer(m.table, m.reliabilityKind()) },
		enter:     func(m *Model) tea.Cmd { m.overlay = newExamples(m); return nil },
		command:   (*Model).reliabilityCommand,
	}
}

// The keys of what graded answers came to, and of the attempts that failed.
const (
	reliableKey = "reliable"
	troubleKey  = "trouble"
)

// reliableQuestion asks what graded answers come to. Every screen has figures of it.
func (m *Model) reliableQuestion() question {
	from := m.opts.Now().Add(-compare.ResultsBack)
	return question{reliableKey, 20 * time.Second, func(ctx context.Context, h store.History) (any, error) {
		return compare.ReliableIn(ctx, h, store.Range{From: from})
	}}
}

// reliable is what is known of that; nil before anything is.
func (m *Model) reliable() *compare.Reliable {
	all, _ := answer[*compare.Reliable](&m.answers, reliableKey)
	return all
}

// troubles bounds how many attempts that failed are kept.
const troubles = 200

// troubleQuestion asks for the attempts that failed, oldest first.
func (m *Model) troubleQuestion() question {
	from, to := m.windowBounds()
	if m.opts.Recorded != nil { // troubleLog says so
		return question{troubleKey, staleAfter, func(context.Context, store.History) (any, error) { return []probe.Sample(nil), nil }}
	}
	return question{troubleKey, 10 * time.Second, func(ctx context.Context, h store.History) (any, error) {
		var failed []probe.Sample
		for s, err := range h.Raw(ctx, store.Range{From: from, To: to}) {
			if err != nil {
				return nil, err
			}
			if s.Outcome == probe.OK || s.Outcome == probe.Skipped || s.Outcome == probe.Cancelled {
				continue
			}
			if failed = append(failed, s); len(failed) > 2*troubles {
				failed = slices.Delete(failed, 0, troubles)
			}
		}
		return failed, nil
	}}
}

// newExamples is the sheet of answers of the selected model that were not right.
func newExamples(m *Model) *reading {
	target := m.rows.selected
	return &reading{sheet: func(m *Model) screen.Sheet {
		s := screen.Sheet{Title: "what went wrong: " + target, Foot: "esc closes"}
		for _, r := range m.table.Rows {
			if r.Target != target {
				continue
			}
			if words := compare.OutcomeWords(r.Summary.Outcomes); words != "" {
				s.Lines = append(s.Lines, compare.Line{Label: "attempts", Text: []string{words + ", of " + compare.Count(r.Summary.Attempts()) + " in " + compare.Span(m.opts.Window)}})
			}
			s.Lines = append(s.Lines, compare.ExampleLines(r)...)
		}
		return s
	}}
}

func (m *Model) reliabilityBody() screen.Reliability {
	state := &m.states[reliabilityPage]
	view := state.views[int(screen.ReliabilityTable)]
	body := screen.Reliability{
		Answer: compare.ReliabilityAnswer(m.table, m.reliabilityKind()), Focus: screen.ReliabilityPane(state.focus), Zoomed: state.zoomed,
		Chart: m.reliabilityChart(view), ChartFirst: view != outcomesView, Log: m.troubleLog(),
	}
	views := m.pages[reliabilityPage].panes[0].views
	body.TableTitle = []string{views[view]}
	if view == outcomesView {
		body.TableTitle = append(body.TableTitle, compare.Span(m.opts.Window)+" with 95 % intervals")
	}
	body.TableTitle = append(body.TableTitle, "graded answers of "+compare.Span(compare.ResultsBack), "v: "+views[(view+1)%len(views)])
	if view == outcomesView {
		body.TableTitle = append(body.TableTitle, "99.9 % up: or attempts more to tell")
	}
	columns := slices.DeleteFunc(slices.Clone(reliabilityColumns[view]), func(c reliabilityColumn) bool { return c.days != nil && !m.severalDays(c.days) })
	for _, c := range columns {
		body.Table.Columns = append(body.Table.Columns, c.MatrixColumn)
	}
	marks := m.markLetters()
	for i := range m.table.Rows {
		r := &m.table.Rows[i]
		row := screen.MatrixRow{Sign: marks[r.Target], Selected: r.Target == m.rows.selected}
		if r.Retired {
			row.Look = screen.Faint
		}
		for _, c := range columns {
			row.Cells = append(row.Cells, c.text(r))
		}
		body.Table.Rows = append(body.Table.Rows, row)
	}
	return body
}

// reliabilityColumn is a column of the table.
type reliabilityColumn struct {
	screen.MatrixColumn
	text func(*compare.Row) string
	// days are what a column of days is of: there has to be more than one of them.
	days func(*compare.Row) []compare.DayShare
}

var reliabilityModel = reliabilityColumn{screen.MatrixColumn{Title: "MODEL", Left: true, Name: true, Least: 12}, func(r *compare.Row) string { return r.Target }, nil}

// byDay is a column of the shares of the last days on which there were answers.
func byDay(of func(*compare.Row) []compare.DayShare) reliabilityColumn {
	return reliabilityColumn{screen.MatrixColumn{Title: "% BY DAY ASKED", Goes: 3}, func(r *compare.Row) string { return compare.DaysText(of(r)) }, of}
}

// severalDays reports whether any model was asked on more than one day.
func (m *Model) severalDays(of func(*compare.Row) []compare.DayShare) bool {
	for i := range m.table.Rows {
		if len(of(&m.table.Rows[i])) > 1 {
			return true
		}
	}
	return false
}

// reliabilityColumns are those of each view, from left to right.
var reliabilityColumns = [...][]reliabilityColumn{
	outcomesView: {
		reliabilityModel,
		{screen.MatrixColumn{Title: "OK%"}, func(r *compare.Row) string {
			return over(compare.Percent(r.Summary.Success()), r, compare.LimitMaxErrorRate)
		}, nil},
		{screen.MatrixColumn{Title: "SUCCEEDED", Goes: 5}, func(r *compare.Row) string { return compare.Share(r.Summary.Success()) }, nil},
		{screen.MatrixColumn{Title: "99.9 % UP", Goes: 4}, func(r *compare.Row) string { return compare.Availability(r.Summary.Success()) }, nil},
		{screen.MatrixColumn{Title: "MALFORMED", Goes: 1}, func(r *compare.Row) string {
			c, _ := r.Reliability.ByDefault()
			return over(rateText(c.Bad), r, compare.LimitMaxMalformed)
		}, nil},
		{screen.MatrixColumn{Title: "TOOLS", Goes: 2}, func(r *compare.Row) string { return rateText(r.Reliability.Tools.Bad) }, nil},
		{screen.MatrixColumn{Title: "RECALL TO", Goes: 3}, func(r *compare.Row) string { return compare.LimitText(r.Reliability.Recall) }, nil},
		{screen.MatrixColumn{Title: "QUALITY", Goes: 6}, func(r *compare.Row) string { return over(compare.QualityText(*r), r, compare.LimitMinQuality) }, nil},
		{screen.MatrixColumn{Title: "WHAT FAILED", Left: true, Rest: true, Goes: 7}, func(r *compare.Row) string {
			return compare.OutcomeWords(r.Summary.Outcomes)
		}, nil},
	},
	malformedView: {
		reliabilityModel,
		{screen.MatrixColumn{Title: "MALFORMED"}, func(r *compare.Row) string {
			return over(compare.Share(r.Reliability.Schema.Bad), r, compare.LimitMaxMalformed)
		}, nil},
		{screen.MatrixColumn{Title: "ENFORCED", Goes: 1}, func(r *compare.Row) string { return compare.Share(r.Reliability.Enforced.Bad) }, nil},
		byDay(func(r *compare.Row) []compare.DayShare { return r.Reliability.Schema.Days }),
		{screen.MatrixColumn{Title: "WHAT WAS WRONG", Left: true, Rest: true, Goes: 2}, func(r *compare.Row) string {
			return compare.ClassWords(check.KindSchema, r.Reliability.Schema.Classes)
		}, nil},
	},
	toolsView: {
		reliabilityModel,
		{screen.MatrixColumn{Title: "TOOL ERRORS"}, func(r *compare.Row) string { return compare.Share(r.Reliability.Tools.Bad) }, nil},
		byDay(func(r *compare.Row) []compare.DayShare { return r.Reliability.Tools.Days }),
		{screen.MatrixColumn{Title: "WHAT WAS WRONG", Left: true, Rest: true, Goes: 1}, func(r *compare.Row) string {
			return compare.ClassWords(check.KindTools, r.Reliability.Tools.Classes)
		}, nil},
	},
	recallView: {
		reliabilityModel,
		{screen.MatrixColumn{Title: "RECALL TO"}, func(r *compare.Row) string { return compare.LimitText(r.Reliability.Recall) }, nil},
		{screen.MatrixColumn{Title: "CONTEXT", Goes: 2}, func(r *compare.Row) string { return compare.ContextText(*r) }, nil},
		{screen.MatrixColumn{Title: "PUBLISHED LIMIT", Goes: 1}, func(r *compare.Row) string {
			if p := r.Model.PracticalContext; p.Known() {
				return compare.Count(int(p.Low)) + "-" + compare.Count(int(p.High))
			}
			return compare.Unknown
		}, nil},
		{screen.MatrixColumn{Title: "MEASURED", Goes: 3}, func(r *compare.Row) string {
			if g := r.Reliability.Recall; g != nil {
				return g.At.UTC().Format("2006-01-02")
			}
			return compare.Unknown
		}, nil},
	},
}

// over marks a figure that breaks a limit.
func over(text string, r *compare.Row, metric compare.LimitMetric) string {
	if r.Breaks(metric) {
		return text + "▲"
	}
	return text
}

// rateText is a share in few letters: "4.5 %".
func rateText(r stats.Rate) string {
	if r.N == 0 {
		return compare.Unknown
	}
	return fmt.Sprintf("%.1f %%", 100*r.Value())
}

// troubleLog is what went wrong last, the newest first.
func (m *Model) troubleLog() screen.Chart {
	own := m.states[reliabilityPage].views[int(screen.ReliabilityLog)] == 1
	c := screen.Chart{Title: []string{"what went wrong, newest first", "enter: examples"}}
	if own {
		c.Title[0] = "what went wrong with " + m.rows.selected + ", newest first"
	}
	var all []trouble
	failed, _ := answer[[]probe.Sample](&m.answers, troubleKey)
	for _, s := range failed {
		if !slices.ContainsFunc(m.table.Rows, func(r compare.Row) bool { return r.Target == s.Target.Name }) {
			continue // what line 3 does not count
		}
		text := strings.ReplaceAll(s.Outcome.String(), "_", " ")
		if s.Error != "" {
			text += ": " + s.Error
		}
		all = append(all, trouble{s.At, s.Target.Name, text, screen.MarkFailing, 1})
	}
	for i := range m.table.Rows {
		for _, e := range m.table.Rows[i].Reliability.Examples() {
			text := e.Label() + " " + e.Text()
			if e.Answer != "" {
				text += ": " + e.Answer
			}
			if e.Simulated {
				text += " (sim)"
			}
			mark := screen.MarkOver
			if e.Class == check.WrongValue {
				mark = screen.NoMark
			}
			all = append(all, trouble{e.At, m.table.Rows[i].Target, text, mark, 1})
		}
	}
	slices.SortStableFunc(all, func(a, b trouble) int { return cmp.Or(b.at.Compare(a.at), cmp.Compare(a.target, b.target)) })
	if own {
		all = slices.DeleteFunc(all, func(t trouble) bool { return t.target != m.rows.selected })
	}
	var events screen.Happened
	now := m.opts.Now()
	for _, t := range folded(all) {
		what := t.target + "  "
		if t.times > 1 {
			what += compare.Count(t.times) + " times "
		}
		events = append(events, screen.Event{When: m.when(t.at, now), What: what + probe.Sanitize(t.text, longestNotice), Mark: t.mark})
	}
	switch {
	case len(events) > 0:
		c.Drawing = events
	case m.opts.Recorded != nil:
		c.Drawing = notRecorded("it counts attempts and holds no single ones")
	case m.table.Measured > 0:
		c.Drawing = said("nothing went wrong in " + compare.Span(m.opts.Window))
	default:
		c.Drawing = said("nothing measured yet")
	}
	return c
}

// trouble is something that went wrong.
type trouble struct {
	at           time.Time
	target, text string
	mark         screen.Mark
	times        int
}

// folded says the same of the same model once, with how many times it was and the
// newest of their times.
func folded(all []trouble) []trouble {
	var once []trouble
	at := map[[2]string]int{}
	for _, t := range all {
		key := [2]string{t.target, t.text}
		if i, there := at[key]; there {
			once[i].times++
			continue
		}
		at[key] = len(once)
		once = append(once, t)
	}
	return once
}

// reliabilityKind is what measures the view of the table; "" is plain attempts.
func (m *Model) reliabilityKind() check.Kind {
	return map[int]check.Kind{malformedView: check.KindSchema, toolsView: check.KindTools, recallView: check.KindContext}[m.states[reliabilityPage].views[int(screen.ReliabilityTable)]]
}

// reliabilityCommand measures what the view shows, of the selected model.
func (m *Model) reliabilityCommand() []string {
	if m.keepsNothing() || !m.selectedRow().Configured { // probe knows targets alone by their names
		return m.tableCommand()
	}
	parts := []string{"costping", "probe", m.rows.selected}
	if kind := m.reliabilityKind(); kind != "" {
		parts = append(parts, "--kind", string(kind))
	}
	return parts
}
