package dashboard

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/probe/stats"
	"costping/store"
	"costping/ui/compare"
	"costping/ui/dashboard/chart"
	"costping/ui/dashboard/screen"
	"costping/ui/monitor"

	tea "github.com/charmbracelet/bubbletea"
)

// modelScreen is all that is known of one model.
func modelScreen() page {
	return page{
		name: "Model", lit: split, hint: "back",
		panes: []paneInfo{
			{name: "TTFT", views: []string{"TTFT", "between tokens", "tok/s"}},
			{name: "time", views: []string{"typical answer"}},
			{name: "distribution", views: []string{"log", "linear"}},
			{name: "by hour", views: []string{"local", "UTC"}},
			{name: "price", views: []string{"card"}},
		},
		body:      func(m *Model) screen.Body { return m.modelBody() },
		questions: (*Model).modelQuestions,
		answer:    func(m *Model) []string { return compare.HealthText(m.selectedRow(), m.changeOf()) },
		enter: func(m *Model) tea.Cmd {
			if m.from == modelPage {
				m.from = comparePage
			}
			m.open(m.from)
			return nil
		},
		command: func(m *Model) []string {
			parts := append([]string{"costping", "cost"}, compare.WorkloadFlags(m.knobs.work)...)
			if name := commandName(m.selectedRow()); name != "" {
				parts = append(parts, "--model", name)
			}
			return append(parts, "--explain")
		},
	}
}

// aboutModel is what the samples of one series come to.
type aboutModel struct {
	change   compare.Change
	spread   compare.Spread
	typical  probe.Sample
	whole    bool // typical is one
	opening  []compare.Part
	failures []compare.Failure
	hours    [2]compare.Hours // by the local clock, and by UTC
}

// hourlyBack is how far back the hours of the day go.
const hourlyBack = 7 * 24 * time.Hour

func (m *Model) modelQuestions() []question {
	r := m.selectedRow()
	questions := []question{m.linesQuestion()}
	if r.Known {
		questions = append(questions, question{priceKey(r), staleAfter, func(ctx context.Context, h store.History) (any, error) {
			seen, err := h.Prices(ctx, r.Model.ID)
			if err != nil || !r.Price.Own {
				return seen, err
			}
			own, err := h.Prices(ctx, compare.PriceName(r.Candidate))
			return append(seen, own...), err
		}})
	}
	if r.Has {
		questions = append(questions, m.aboutQuestion(r), m.hourlyQuestion(r))
	}
	return questions
}

// priceKey is what the prices of a row are asked for under.
func priceKey(r compare.Row) string { return "prices " + compare.PriceName(r.Candidate) }

// aboutQuestion asks for the samples of a row, and digests them off the screen's
// goroutine.
func (m *Model) aboutQuestion(r compare.Row) question {
	from, to := m.windowBounds()
	zone := m.opts.Location
	want := r.Summary.Series
	if m.opts.Recorded != nil {
		return m.recordedQuestion(r.Target)
	}
	return question{"about " + r.Target, 20 * time.Second, func(ctx context.Context, h store.History) (any, error) {
		var samples []probe.Sample
		for s, err := range h.Raw(ctx, store.Range{From: from, To: to}) {
			if err != nil {
				return nil, err
			}
			if s.Target.Name == want.Target && store.SeriesOf(s) == want {
				samples = append(samples, s)
			}
		}
		about := aboutModel{
			change: compare.ChangeOf(samples, from, to), spread: compare.SpreadOf(samples), failures: compare.Failures(samples),
			hours: [2]compare.Hours{compare.HoursOf(compare.TTFTs(samples), zone), compare.HoursOf(compare.TTFTs(samples), time.UTC)},
		}
		about.typical, about.whole = compare.Typical(samples)
		about.opening, _ = compare.Opening(samples)
		return about, nil
	}}
}

// hourlyQuestion asks for the hours of a week.
func (m *Model) hourlyQuestion(r compare.Row) question {
	to := m.opts.Now().Truncate(time.Hour).Add(time.Hour)
	want := r.Summary.Series
	return question{"hourly " + r.Target, staleAfter, func(ctx context.Context, h store.History) (any, error) {
		lines, err := h.Series(ctx, store.ChartQuery{From: to.Add(-hourlyBack), To: to, Step: time.Hour, Target: want.Target})
		for _, l := range lines {
			if l.Series == want {
				return compare.HourMedians(l), err
			}
		}
		return []compare.Timed(nil), err
	}}
}

func (m *Model) about() (aboutModel, bool) {
	return answer[aboutModel](&m.answers, "about "+m.rows.selected)
}

func (m *Model) changeOf() *compare.Change {
	about, ok := m.about()
	if !ok {
		return nil
	}
	return &about.change
}

func (m *Model) modelBody() screen.Model {
	r := m.selectedRow()
	state := &m.states[modelPage]
	seen, _ := answer[[]store.PriceSeen](&m.answers, priceKey(r))
	body := screen.Model{
		Over: m.overTime(r), Focus: screen.ModelPane(state.focus), Zoomed: state.zoomed,
		Price: screen.Chart{
			Title:   append([]string{"price, $ per 1M tokens", r.Target}, by(r.Model.ProviderName)...),
			Drawing: screen.Card(compare.PriceCard(r, seen, costmodel.DateOf(m.opts.Now()))),
		},
		Time:   screen.Chart{Title: []string{"typical answer, TTFT not the median", "one attempt"}},
		Spread: screen.Chart{Title: []string{"distribution of TTFT, ms"}},
		Hours:  m.byHour(),
		Errors: m.lastErrors(),
		Brief:  m.modelBrief(r),
	}
	if about, ok := m.about(); ok {
		body.Spread = m.spreadChart(about.spread)
		body.Time.Drawing = timeDrawing(about)
	}
	if m.opts.Recorded != nil && r.Has {
		body.Time = screen.Chart{Title: body.Time.Title[:1], Drawing: notRecorded("it holds no single answer")}
	}
	return body
}

func by(provider string) []string {
	if provider == "" {
		return nil
	}
	return []string{provider}
}

// overFigures are the figures that the first pane goes through.
var overFigures = []struct {
	name, unit string
	of         figureOf
	limit      compare.LimitMetric
}{
	{"TTFT", "ms", ttftOf, compare.LimitTTFTp50},
	{"between tokens", "ms", func(b store.Band) store.Spread { return b.TPOT }, ""},
	{"tok/s after the first token", "", func(b store.Band) store.Spread { return b.Speed }, ""},
}

// overTime is a figure of the model over the span, with its middle half.
func (m *Model) overTime(r compare.Row) screen.Chart {
	figure := overFigures[m.states[modelPage].views[int(screen.OverPane)]%len(overFigures)]
	title := figure.name + " p50"
	if figure.unit != "" {
		title += ", " + figure.unit
	}
	c := screen.Chart{Title: []string{title, r.Target, "middle half shaded", m.span().name + " in " + stepText(m.span()) + " steps, log"}}
	if _, ok := m.lineOf(r.Target); !ok {
		return c
	}
	sign := cmp.Or(m.markLetters()[r.Target], "*")
	lines := m.timeLines([]string{r.Target}, []string{sign}, figure.of, false, true)
	for _, v := range r.Verdicts {
		if v.Bound.Metric == figure.limit {
			lines.Limit = chart.Limit{Value: v.Bound.Value, Label: "limit " + compare.Millis(v.Bound.Value)}
		}
	}
	c.Drawing = screen.Rendered{Chart: lines}
	return c
}

// spreadChart is how first tokens are spread, with their quantiles.
func (m *Model) spreadChart(s compare.Spread) screen.Chart {
	linear := m.states[modelPage].views[int(screen.SpreadPane)] == 1
	scale := "log"
	if linear {
		scale = "linear"
	}
	c := screen.Chart{Title: []string{"TTFT, ms, " + scale + ", n " + compare.Count(s.N), compare.Span(m.opts.Window) + " with 95 % intervals"}}
	if len(s.Values) == 0 {
		return c
	}
	h := chart.Histogram{Values: s.Values, Linear: linear}
	for _, q := range []struct {
		name string
		stats.Quantile
	}{{"p50", s.P50}, {"p90", s.P90}, {"p95", s.P95}} {
		mark := chart.Mark{Name: q.name, Value: q.Value, Lo: q.Lo, Hi: q.Hi}
		switch {
		case q.P == 0: // a record keeps none
			continue
		case !q.Earned():
			mark = chart.Mark{Name: q.name, Missing: m.missing(q.Quantile)}
		}
		h.Marks = append(h.Marks, mark)
	}
	c.Drawing = screen.Rendered{Chart: h}
	return c
}

// missing says how far a quantile is from being earned, and when it will be where
// the pace of the probing is known.
func (m *Model) missing(q stats.Quantile) string {
	text := fmt.Sprintf("%d of %d samples", q.N, q.Needed)
	if m.opts.Probing == nil {
		return text
	}
	if every := m.opts.Probing().Interval; every > 0 && q.Needed > q.N {
		text += ", in about " + compare.Until(time.Duration(q.Needed-q.N)*every)
	}
	return text
}

// timeDrawing is where the time of the typical answer goes.
func timeDrawing(about aboutModel) screen.Drawing {
	if !about.whole {
		return nil
	}
	told := screen.Told{Words: screen.Text{compare.TimeSum(about.typical)}}
	fall := chart.Waterfall{Total: "answer"}
	for _, p := range compare.Phases(about.typical) {
		fall.Parts = append(fall.Parts, chart.Part{Name: p.Phase.String(), Took: p.Took})
	}
	told.Want = len(fall.Parts) + 1
	if len(about.opening) > 0 {
		told.Words = append(told.Words, compare.OpeningText(about.opening))
	}
	told.Below = screen.Rendered{Chart: fall}
	return told
}

// byHour is the median first token by day and hour.
func (m *Model) byHour() screen.Chart {
	view := m.states[modelPage].views[int(screen.HoursPane)] % 2
	zone := m.opts.Location
	if view == 1 {
		zone = time.UTC
	}
	name := m.opts.Now().In(zone).Format("MST")
	if view == 0 && name != "UTC" {
		name = "local, " + name
	}
	c := screen.Chart{Title: []string{"TTFT p50 by hour, " + name}}
	hourly, ok := answer[[]compare.Timed](&m.answers, "hourly "+m.rows.selected)
	if !ok || len(hourly) == 0 {
		return c
	}
	if step := m.recordedStep(); step > time.Hour { // its first hour would stand for all of it
		c.Drawing = notRecorded("its steps are " + compare.Span(step))
		return c
	} else if 0 < step && step < time.Hour {
		c.Title = append(c.Title, "mean of "+compare.Span(step)+" medians")
	}
	heat := chart.Heatmap{Unit: "ms"}
	for hour := range 24 {
		heat.Columns = append(heat.Columns, fmt.Sprintf("%02d", hour))
	}
	days := compare.DaysOfHours(hourly, zone)
	for _, d := range days {
		row := make([]chart.Known, len(d.Hours))
		for i, h := range d.Hours {
			row[i] = chart.Known{Value: h.Value, OK: h.Known}
		}
		heat.Rows, heat.Cells = append(heat.Rows, d.Day.Format("Mon _2")), append(heat.Cells, row)
	}
	told := screen.Told{Below: screen.Rendered{Chart: heat}, Want: len(days) + 2}
	if text := m.slowestHour(view, days, hourly, zone); len(text) > 0 {
		told.Words = screen.Text{text}
	}
	c.Drawing = told
	return c
}

// weekEnough is how many days make hours of the day comparable over days: before
// that the samples of the window are compared.
const weekEnough = 6

func (m *Model) slowestHour(view int, days []compare.DayOfHours, hourly []compare.Timed, zone *time.Location) []string {
	if m.opts.Recorded != nil {
		return []string{"which hour is slowest is not in the snapshot", "slowest: not in the snapshot"}
	}
	if len(days) >= weekEnough {
		return compare.HoursOf(hourly, zone).Text()
	}
	about, ok := m.about()
	if !ok {
		return nil
	}
	return about.hours[view].Text()
}

// lastErrors are the failures of the window and what happened to the model, but for
// what its checks came to: that is on the Reliability screen.
func (m *Model) lastErrors() screen.Chart {
	c := screen.Chart{Title: []string{"errors and events, newest first, " + compare.Span(m.opts.Window)}}
	about, _ := m.about()
	now := m.opts.Now()
	all := m.recordedErrors()
	for _, f := range about.failures {
		text := strings.ReplaceAll(f.Outcome.String(), "_", " ")
		if f.Count > 1 {
			text += fmt.Sprintf(", %s of them", compare.Count(f.Count))
		}
		if f.Error != "" {
			text += ": " + f.Error
		}
		all = append(all, screen.Event{When: m.when(f.At, now), What: text, Mark: screen.MarkFailing})
	}
	for _, e := range m.events() {
		if e.Target == m.rows.selected && e.Kind != monitor.EventChecked { // what a check came to is no error
			all = append(all, screen.Event{When: m.when(e.At, now), What: e.Text, Mark: eventMark(e.Kind)})
		}
	}
	if len(all) > 0 {
		c.Drawing = all
	}
	return c
}

// modelBrief is what a few lines can say of a model.
func (m *Model) modelBrief(r compare.Row) [][]string {
	s := r.Summary
	lines := [][]string{compare.HealthText(r, m.changeOf())}
	if r.Has {
		first := "first token " + compare.Quantile(s.TTFTp50) + " " + compare.Margin(s.TTFTp50) + " ms"
		lines = append(lines, []string{
			first + ", p95 " + compare.Tail(s.TTFTp95) + " ms", "TTFT " + compare.Quantile(s.TTFTp50) + ", p95 " + compare.Tail(s.TTFTp95),
		}, []string{
			compare.Speed(s.Speedp50, 0) + " tok/s, whole answer " + compare.Seconds(s.E2Ep50) + ", succeeded " + compare.Share(s.Success()),
			compare.Speed(s.Speedp50, 0) + " tok/s, answer " + compare.Seconds(s.E2Ep50),
		})
	}
	cost := "cost unknown"
	if r.Spend.Known {
		cost = "$" + compare.Month(r) + " a month"
	}
	note := []string{cost}
	if r.Note.Text != "" {
		note = []string{cost + ", " + r.Note.Text, cost + ", " + r.Note.Word, cost}
	}
	return append(lines, note)
}
