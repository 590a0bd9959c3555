package dashboard

import (
	"context"
	"errors"
	"math/big"
	"slices"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/store"
	"costping/ui/compare"
	"costping/ui/dashboard/screen"

	tea "github.com/charmbracelet/bubbletea"
)

// probesScreen is what the probing does and costs.
func probesScreen() page {
	return page{
		name: "Probes", hint: "last sample", counts: true,
		panes:     []paneInfo{{name: "table", views: []string{"today", "week"}}, {name: "log", views: []string{"all targets", "this target"}}},
		body:      func(m *Model) screen.Body { return m.probesBody() },
		questions: (*Model).probesQuestions,
		answer:    (*Model).meter,
		enter:     func(m *Model) tea.Cmd { m.overlay = lastSample{}; return nil },
		move:      moveProbe,
		turn:      turnWhatIf,
		knobs:     probesKnobs(),
		command:   (*Model).probesCommand,
	}
}

// The keys of what the screen asks.
const (
	steeredKey = "steered"
	ledgerKey  = "ledger"
	recentKey  = "recent"
)

func (m *Model) probesQuestions() []question {
	var questions []question
	if m.opts.Recorded == nil { // a snapshot has neither samples nor a ledger
		questions = append(questions, m.recentQuestion(), m.ledgerQuestion())
	}
	if m.watching() == "" { // whoever watches asks it on every screen
		questions = append(questions, m.steeredQuestion())
	}
	return questions
}

// steeredQuestion asks what the schedule was told to do.
func (*Model) steeredQuestion() question {
	return question{steeredKey, time.Second, func(ctx context.Context, h store.History) (any, error) {
		s, err := h.Control().Steered(ctx)
		if errors.Is(err, store.ErrNoSchedule) {
			return probe.Steered{}, nil
		}
		return s, err
	}}
}

// recentBack is how far back the newest samples are looked for at the least, most
// how many of them are kept.
const (
	recentBack  = 15 * time.Minute
	recentMost  = 60
	recentSpans = 3 // passes
)

// recentQuestion asks for the newest samples, oldest first.
func (m *Model) recentQuestion() question {
	status, _ := m.probingNow()
	to := m.opts.Now()
	from := to.Add(-min(max(recentBack, recentSpans*status.Interval), m.opts.Window))
	return question{recentKey, 2 * time.Second, func(ctx context.Context, h store.History) (any, error) {
		var newest []probe.Sample
		last := map[string]probe.Sample{}
		for s, err := range h.Raw(ctx, store.Range{From: from, To: to.Add(time.Second)}) {
			if err != nil {
				return nil, err
			}
			last[s.Target.Name] = s
			if newest = append(newest, s); len(newest) > 2*recentMost {
				newest = slices.Delete(newest, 0, recentMost)
			}
		}
		return recent{newest[max(0, len(newest)-recentMost):], last}, nil
	}}
}

// recent are the newest samples, oldest first, and the last of each target.
type recent struct {
	samples []probe.Sample
	last    map[string]probe.Sample
}

// ledgerDays is how many days of the ledger are shown.
const ledgerDays = 7

// spentOn is what a day has cost.
type spentOn struct {
	day   probe.Day
	spent probe.Spending
}

// ledgerQuestion asks what each day of a week has cost, oldest first.
func (m *Model) ledgerQuestion() question {
	now := m.opts.Now()
	return question{ledgerKey, 5 * time.Second, func(ctx context.Context, h store.History) (any, error) {
		var days []spentOn
		for back := ledgerDays - 1; back >= 0; back-- {
			day := probe.DayOf(now.UTC().AddDate(0, 0, -back))
			spent, err := h.Spent(ctx, day)
			if err != nil {
				return nil, err
			}
			days = append(days, spentOn{day, spent})
		}
		return days, nil
	}}
}

// probingNow is what the schedule does, here or in the process that has it; ok is
// false where there is none.
func (m *Model) probingNow() (status probe.Status, ok bool) {
	if m.opts.Probing != nil && m.watching() == "" {
		return m.opts.Probing(), true
	}
	steered, _ := answer[probe.Steered](&m.answers, steeredKey)
	return steered.Status, steered.Interval > 0
}

// passNow is one probe of every target that is on: by what its probes did cost,
// where that is known of all, else at the most.
func (m *Model) passNow(status probe.Status) compare.Pass {
	pass := compare.Pass{Known: true}
	steered, _ := answer[probe.Steered](&m.answers, steeredKey)
	for _, name := range m.probed(status) {
		if slices.Contains(steered.Disabled, name) {
			continue
		}
		usd, most, ok := m.probeCost(name)
		pass.Add(usd, targetOf(status, name).Interval)
		pass.AtMost, pass.Known = pass.AtMost || most, pass.Known && ok
	}
	return pass
}

// targetOf is what the schedule says of a target, if anything.
func targetOf(status probe.Status, name string) probe.TargetStatus {
	i := slices.IndexFunc(status.Targets, func(t probe.TargetStatus) bool { return t.Name == name })
	if i < 0 {
		return probe.TargetStatus{}
	}
	return status.Targets[i]
}

// probeCost is what a probe of a target costs.
func (m *Model) probeCost(target string) (usd costmodel.USD, atMost, ok bool) {
	if s, ok := m.measuredAs(target); ok && s.Attempts() > 0 && s.Unpriced == 0 {
		return costmodel.NewUSD(new(big.Rat).Quo(s.USD.Rat(), big.NewRat(int64(s.Attempts()), 1))), false, true
	}
	if m.opts.Cost == nil {
		return costmodel.USD{}, false, false
	}
	usd, ok = m.opts.Cost(target)
	return usd, true, ok
}

// measuredAs is what was measured of a target, also where the table shows other models
// than the configured ones; ok is false where nothing was.
func (m *Model) measuredAs(target string) (s store.Summary, ok bool) {
	for _, r := range m.table.Rows {
		if r.Target == target {
			return r.Summary, r.Has
		}
	}
	for _, c := range m.opts.Sets[0].Candidates {
		if c.Target == target {
			f := compare.FactsOf(m.window(), c, m.knobs.work, nil)
			return f.Summary, f.Has
		}
	}
	return s, false
}

// probed are the targets of the schedule in its order; where it does not tell them,
// those that were measured.
func (m *Model) probed(status probe.Status) []string {
	names := make([]string, 0, len(status.Targets))
	for _, t := range status.Targets {
		names = append(names, t.Name)
	}
	if len(names) == 0 {
		for _, r := range m.table.Rows {
			if r.Has {
				names = append(names, r.Target)
			}
		}
	}
	return names
}

// meter is line 3: what is spent and how it goes on, or what a turned knob would
// make of it.
func (m *Model) meter() []string {
	status, ok := m.probingNow()
	if !ok {
		if full, names := m.ways(); names != "" {
			return []string{"there is nothing to probe yet: " + full, "nothing to probe yet: " + names}
		}
		return []string{"nothing is being probed: costping monitor probes in the background", "nothing is being probed"}
	}
	pass := m.passNow(status)
	if m.whatIfTurned() {
		return pass.WhatIf(m.whatIf())
	}
	steered, _ := answer[probe.Steered](&m.answers, steeredKey)
	return compare.Meter{
		Money: status.Budget, Pass: pass, Interval: status.Interval, Now: m.opts.Now(), Next: status.Next,
		Paused: steered.Paused, Simulated: m.opts.Demo,
	}.Text()
}

// moveProbe selects another target of the schedule.
func moveProbe(m *Model, by int) bool {
	status, _ := m.probingNow()
	names := m.probed(status)
	if len(names) == 0 {
		return false
	}
	i := slices.Index(names, m.rows.selected)
	m.rows.selected = names[max(0, min(i+by, len(names)-1))]
	return true
}

func (m *Model) probesBody() screen.Probes {
	state := &m.states[probesPage]
	status, running := m.probingNow()
	body := screen.Probes{
		Selected: m.rows.selected, Focus: screen.ProbesPane(state.focus), Zoomed: state.zoomed, Meter: m.meter(),
		Checks: m.checksPane(status), Spend: m.spendPane(status), Log: m.logPane(),
	}
	body.Title = []string{"schedule"}
	if running {
		body.Title = append(body.Title, "a pass every "+compare.Until(status.Interval)+pacedText(status), compare.Plural(status.InFlight, "probe")+" in flight", "figures of "+compare.Span(m.opts.Window))
	}
	for _, name := range m.probed(status) {
		body.Rows = append(body.Rows, m.probeRow(name, targetOf(status, name), status, running))
	}
	return body
}

func pacedText(s probe.Status) string {
	if s.Reason == probe.ForBudget {
		return " so that the budget lasts the day"
	}
	return ""
}

// probesCommand says what was sent and kept.
func (m *Model) probesCommand() []string {
	if m.keepsNothing() {
		return m.tableCommand()
	}
	return []string{"costping", "history", "info"}
}

// probeRow is one target of the schedule.
func (m *Model) probeRow(name string, t probe.TargetStatus, status probe.Status, running bool) screen.ProbeRow {
	steered, _ := answer[probe.Steered](&m.answers, steeredKey)
	row := screen.ProbeRow{Target: name, State: "on", Mark: screen.MarkFine, Reason: t.Reason, Failed: compare.Unknown, Last: compare.Unknown, Sent: compare.Unknown, USD: compare.Unknown, Left: []string{compare.Unknown}}
	if t.Failures > 0 {
		row.Mark = screen.MarkOver
	}
	off := slices.Contains(steered.Disabled, name)
	row.Next = m.nextOf(name, t, status)
	switch {
	case off:
		row.State, row.Mark, row.Next, row.Reason = "off", screen.NoMark, compare.Unknown, "turned off here, d turns it on"
	case !running:
		row.State, row.Mark, row.Next = "not probed", screen.NoMark, compare.Unknown
	case steered.Paused:
		row.State, row.Mark, row.Next = "paused", screen.NoMark, compare.Unknown
	case t.State == probe.TargetBackingOff:
		row.State, row.Mark = "backing off", screen.MarkFailing
	case t.State == probe.TargetUnfunded:
		row.State, row.Mark = "no budget", screen.MarkOver
	case t.State == probe.TargetTooDear:
		row.State, row.Mark, row.Next = "too dear", screen.MarkOver, compare.Unknown
	}
	if s, ok := m.measuredAs(name); ok {
		m.measuredOf(&row, s)
	}
	return row
}

// measuredOf adds what the window holds of a target.
func (m *Model) measuredOf(row *screen.ProbeRow, s store.Summary) {
	ok := s.Success()
	row.Sent, row.Failed = compare.Count(s.Attempts()), compare.Count(ok.N-ok.Hits)
	switch {
	case m.opts.Demo: // what is simulated costs nothing
	case s.Unpriced == 0:
		row.USD = s.USD.StringFixed(4)
	case s.Unpriced < s.Attempts(): // such as those that failed and told no usage
		row.USD = m.opts.Theme.Translate("≥") + s.USD.StringFixed(4)
	}
	if !s.Last.IsZero() {
		row.Last = compare.Until(max(0, m.opts.Now().Sub(s.Last)))
	}
	room := s.Headroom
	if full := compare.Allowance(room.Requests, "requests"); full != "" {
		short := compare.Count(int(room.Requests.Remaining.Value)) + " requests"
		if room.Tokens.Remaining.Known {
			row.Left = []string{short + ", " + compare.Count(int(room.Tokens.Remaining.Value)) + " tokens", short}
		} else {
			row.Left = []string{full, short}
		}
	}
	if row.Reason == "" && s.FailedInARow > 0 {
		row.Reason = s.LastError
	}
}

// nextOf is when a target is probed next: exactly for one that rests, about for one
// that is on, whose turn within a pass is drawn.
func (m *Model) nextOf(name string, t probe.TargetStatus, status probe.Status) string {
	now := m.opts.Now()
	if !t.Until.IsZero() {
		return compare.Until(max(0, t.Until.Sub(now)))
	}
	for _, r := range m.table.Rows {
		if r.Target == name && !r.Summary.Last.IsZero() && status.Interval > 0 {
			if wait := r.Summary.Last.Add(max(status.Interval, t.Interval)).Sub(now); wait > 0 {
				return "~" + compare.Until(wait)
			}
			return "due"
		}
	}
	return compare.Unknown
}
