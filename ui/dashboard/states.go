package dashboard

import (
	"fmt"
	"strings"
	"time"

	"costping/probe"
	"costping/ui/compare"
	"costping/ui/dashboard/screen"

	"github.com/shopspring/decimal"
)

// words are those at the top right, what must not be overlooked first.
func (m *Model) words() []screen.State {
	var states []screen.State
	loud := func(text string) { states = append(states, screen.State{Text: text, Loud: true}) }
	if m.opts.Demo {
		states = append(states, screen.State{Text: "DEMO simulated", Short: "DEMO", Loud: true})
	}
	if n := m.table.Count(compare.StateFailing); n > 0 {
		states = append(states, screen.State{Text: fmt.Sprintf("%s %d failing", m.opts.Theme.Failing, n), Short: fmt.Sprintf("%s%d", m.opts.Theme.Failing, n), Loud: true, Counted: true})
	}
	if n := m.table.Count(compare.StateOver); n > 0 {
		states = append(states, screen.State{Text: fmt.Sprintf("%s %d over a limit", m.opts.Theme.Over, n), Short: fmt.Sprintf("%s%d", m.opts.Theme.Over, n), Loud: true, Counted: true})
	}
	if m.frozen {
		loud("FROZEN")
	}
	if m.unread.why != "" {
		states = append(states, screen.State{Text: "CONFIG NOT TAKEN", Short: "CONFIG?", Loud: true})
	}
	if m.opts.Lost != nil && m.opts.Lost() > 0 {
		loud("NOT STORED")
	}
	if err := m.answers.known[windowKey].err; err != nil {
		states = append(states, screen.State{Text: "STALE: history unreadable", Short: "STALE", Loud: true})
	}
	if who := m.watching(); who != "" {
		steered, _ := answer[probe.Steered](&m.answers, steeredKey)
		return append(append(states, m.halted(steered.Status)...), screen.State{Text: who})
	}
	switch {
	case m.opts.ReadOnly != "":
		return append(states, screen.State{Text: m.opts.ReadOnly, Short: "SNAPSHOT"})
	case m.opts.Probing == nil && m.table.Measured == 0:
		return append(states, screen.State{Text: "PRICES ONLY  nothing is being probed", Short: "PRICES ONLY"})
	case m.opts.Probing == nil:
		return append(states, screen.State{Text: "nothing is being probed"})
	}
	return append(states, m.schedule(m.opts.Probing())...)
}

// countdownFrom is the interval from which it is worth counting down to the next
// probe.
const countdownFrom = 10 * time.Second

// watching is which other process probes, or what is wrong with it; "" where this
// one does, or none.
func (m *Model) watching() string {
	if m.opts.Watching == nil {
		return ""
	}
	return m.opts.Watching()
}

// halted says what keeps the probing from going on, here or where it is done.
func (m *Model) halted(s probe.Status) []screen.State {
	var states []screen.State
	switch money := s.Budget; {
	case money != nil && money.Problem != "":
		states = append(states, screen.State{Text: "BUDGET UNREADABLE, nothing that costs is probed", Loud: true})
	case money != nil && money.Exhausted:
		states = append(states, screen.State{Text: "BUDGET SPENT, resumes " + money.Resumes.UTC().Format("15:04") + " UTC", Loud: true})
	}
	if !s.PausedSince.IsZero() {
		since := s.PausedSince.In(m.opts.Location).Format("15:04")
		states = append(states, screen.State{Text: "PAUSED since " + since + ", P goes on", Short: "PAUSED", Loud: true})
	}
	return states
}

// schedule says what the probing does, the most important first.
func (m *Model) schedule(s probe.Status) []screen.State {
	states, money := m.halted(s), s.Budget
	if !s.PausedSince.IsZero() {
		return states
	}
	stretched := money != nil && money.Day != "" && s.Reason == probe.ForBudget // which says its interval beside the budget
	if s.Interval < countdownFrom && (money == nil || !money.Exhausted) {
		if !stretched {
			states = append(states, screen.State{Text: fmt.Sprintf("every %d s", int(s.Interval.Round(time.Second).Seconds()))})
		}
	} else if !s.Next.IsZero() {
		wait := max(0, s.Next.Sub(m.opts.Now()))
		next := "next " + compare.Until(wait)
		if money != nil && money.Exhausted && s.Next.Before(money.Resumes) {
			next += " for what is free"
		}
		states = append(states, screen.State{Text: next})
	}
	if money == nil || money.Day == "" {
		return states
	}
	places := max(2, decimals(money.Cap))
	limit := money.Cap.StringFixed(places)
	if money.Cap.LessThan(decimal.New(1, 0)) { // what a probe costs is to be seen
		places = max(places, 4)
	}
	spent := money.Settled.Add(money.Reserved)
	states = append(states, screen.State{Text: "probes $" + spent.StringFixed(places) + " of $" + limit})
	if stretched {
		states = append(states, screen.State{Text: "every " + compare.Until(s.Interval)})
	}
	return states
}

// unscheduled are the rows that are no targets of the schedule: prices only.
func (m *Model) unscheduled() map[string]bool {
	if m.opts.Probing == nil {
		return nil
	}
	none := map[string]bool{}
	for _, c := range m.candidates() {
		none[c.Target] = true
	}
	targets := m.opts.Probing().Targets
	if len(targets) == 0 { // nobody says what is probed
		return nil
	}
	for _, t := range targets {
		delete(none, t.Name)
	}
	return none
}

// resting are the targets that are left alone for a while, and why.
func (m *Model) resting() map[string]string {
	if m.opts.Probing == nil {
		return nil
	}
	resting := map[string]string{}
	for _, t := range m.opts.Probing().Targets {
		switch {
		case t.State == probe.TargetOn:
		case t.Until.IsZero():
			resting[t.Name] = "not probed: " + t.Reason
		default:
			resting[t.Name] = fmt.Sprintf("not probed until %s UTC: %s", t.Until.UTC().Format("15:04"), t.Reason)
		}
	}
	return resting
}

// decimals are the places of an amount without zeros at its end: one that has been
// through a file may have many.
func decimals(usd decimal.Decimal) int32 {
	text := usd.String()
	_, places, _ := strings.Cut(text, ".")
	return int32(len(strings.TrimRight(places, "0"))) //nolint:gosec // a handful
}
