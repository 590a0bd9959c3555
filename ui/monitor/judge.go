package monitor

import (
	"context"
	"fmt"
	"slices"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/store"
	"costping/ui/compare"
	"costping/ui/report/snapshot"

	"github.com/shopspring/decimal"
)

// Facts are what the owner of a history judges by what is measured.
type Facts struct {
	// Candidates are the rows that are judged, Workload what they are to cost, or
	// WorkloadOn where that depends on the day; nil where it does not.
	Candidates []compare.Candidate
	Workload   costmodel.Workload
	WorkloadOn func(costmodel.Date) costmodel.Workload
	Limits     []compare.Limit
	// Approved is what the candidates are held beside; nil for nothing.
	Approved *snapshot.Approved
	// Pinned is the target that a status line shows first; "" for the cheapest that
	// can be chosen.
	Pinned string
	// Dir is the folder whose status file is written; "" for none.
	Dir string
	// OnAlert is a command with its arguments that is given every event worth an
	// alert; nil for none.
	OnAlert []string
	// Tell hears of every event, from one goroutine at a time; nil for nobody.
	Tell func(store.Event)
	// Log hears of what goes wrong in the background; nil for nobody.
	Log func(error)
}

const (
	// judgeEvery is how often what is new is looked at, judgeAnyway what happens
	// without anything new: time passes too.
	judgeEvery  = 5 * time.Second
	judgeAnyway = time.Minute
	// pricesEvery is how often prices are looked up: they have dates.
	pricesEvery = 10 * time.Minute
	// retiringWithin is how many days ahead a retirement is an event.
	retiringWithin = 60
	// failuresInARow make a target one that does not answer also where that is held
	// against nobody, such as a key that is refused.
	failuresInARow = 3
)

// judgeWindows are the windows that a limit is judged in: in the shortest that has
// enough samples to show on which side the figure is.
var judgeWindows = []time.Duration{time.Hour, 6 * time.Hour, 24 * time.Hour}

// judge is the part of a monitor that turns what was measured into events. Only the
// owner of a history has one, so that each is written once. What holds is taken from
// the events that were recorded, by whichever process.
type judge struct {
	m        *Monitor
	facts    Facts // of this look
	breaches *breaches
	slower   *regressions
	down     map[string]time.Time
	spent    string          // the UTC day whose budget is recorded as spent
	spentAt  time.Time       // and when that was
	spentCap decimal.Decimal // and which budget that was, in USD; zero where it was not said
	retiring map[string]bool // target and day that were recorded
	prices   time.Time       // when they were last looked up
	gapFrom  time.Time       // the newest sample of before; zero where nothing is missing
	gapFound bool            // it was looked for
	loaded   bool
	drifted  drifts
	graded   *compare.Reliable // what answers came to that were graded; nil before they are needed
	gradedAt time.Time
}

func newJudge(m *Monitor) *judge { return &judge{m: m} }

// load takes in what was recorded.
func (j *judge) load(ctx context.Context, now time.Time) error {
	if err := j.findGap(ctx, now); err != nil {
		return err
	}
	events, err := j.m.history.Events(ctx, store.Range{From: now.Add(-lookBack)})
	if err != nil {
		return err
	}
	before := j.breaches
	j.breaches, j.down, j.retiring, j.spent = newBreaches(), map[string]time.Time{}, map[string]bool{}, ""
	j.drifted = drifts{since: map[driftKey]time.Time{}}
	switch {
	case before != nil:
		j.breaches.pending = before.pending
	default:
		j.breaches.pending = pendingOf(j.facts.Dir, now)
	}
	j.slower, j.prices = newRegressions(), time.Time{}
	for _, e := range events {
		j.breaches.recorded(e)
		j.slower.recorded(e)
		j.drifted.recorded(e)
		switch e.Kind {
		case EventTargetDown:
			j.down[e.Target] = e.At
		case EventTargetUp:
			delete(j.down, e.Target)
		case EventBudgetSpent:
			j.spent, j.spentAt, j.spentCap = dataOf(e).Day, e.At, capOf(e)
		case EventBudgetReset:
			j.spent = ""
		case EventRetiring:
			j.retiring[e.Target+"\x00"+dataOf(e).Day] = true
		}
	}
	found, err := j.slower.take(ctx, j.m.history, replayFrom(now, j.slower.opened()), now)
	if err != nil {
		return err
	}
	if err := j.m.note(ctx, found...); err != nil {
		return err
	}
	j.loaded = true
	return nil
}

// look judges once. Where something cannot be recorded, what holds is read anew the
// next time, so that no event is lost.
func (j *judge) look(ctx context.Context, now time.Time) error {
	err := j.judge(ctx, now)
	if err != nil {
		j.loaded = false
	}
	return err
}

func (j *judge) judge(ctx context.Context, now time.Time) error {
	j.facts = j.m.judged()
	if on := j.facts.WorkloadOn; on != nil {
		j.facts.Workload = on(costmodel.DateOf(now))
	}
	if !j.loaded {
		if err := j.load(ctx, now); err != nil {
			return err
		}
	}
	events, err := j.slower.take(ctx, j.m.history, now.Add(-replay), now)
	if err != nil {
		return err
	}
	windows, err := j.windows(ctx, now)
	if err != nil {
		return err
	}
	if err := j.grade(ctx, now); err != nil {
		return err
	}
	table := compare.Build(compare.Input{
		Candidates: j.candidates(now), Window: windows[len(windows)-1], Workload: j.facts.Workload,
		Base: j.facts.Workload, Today: costmodel.DateOf(now), Limits: j.facts.Limits, Reliable: j.graded,
	})
	status, verdicts := j.m.Status(), j.verdicts(now, windows)
	events = append(events, j.breaches.step(now, j.facts.Limits, verdicts)...)
	events = append(events, j.reachable(now, table, status)...)
	events = append(events, j.budget(now, status)...)
	events = append(events, j.ending(now)...)
	drifted, err := j.drifted.look(ctx, j.m.history, j.facts.Approved, j.candidates(now), now)
	if err != nil {
		return err
	}
	events = append(events, drifted...)
	gap, err := j.gap(ctx)
	if err != nil {
		return err
	}
	if err := j.m.note(ctx, append(events, gap...)...); err != nil {
		return err
	}
	if now.Sub(j.prices) >= pricesEvery {
		if err := j.recordPrices(ctx, now); err != nil {
			return err
		}
		j.prices = now
	}
	if j.facts.Dir == "" {
		return nil
	}
	doc := j.status(now, table, status)
	for _, v := range verdicts {
		if v.Standing == compare.NotShown {
			doc.LimitsNotShown++
		}
	}
	return writeStatus(j.facts.Dir, doc)
}

// candidates are those that are judged, at the prices of the day: a monitor runs for
// months.
func (j *judge) candidates(now time.Time) []compare.Candidate {
	today := costmodel.DateOf(now)
	candidates := slices.Clone(j.facts.Candidates)
	for i := range candidates {
		if c := &candidates[i]; c.Known && !c.Price.Own && !c.OwnMachine {
			c.Price = c.Model.PriceOn(today)
		}
	}
	return candidates
}

func (j *judge) windows(ctx context.Context, now time.Time) ([]store.Window, error) {
	windows := make([]store.Window, len(judgeWindows))
	for i, span := range judgeWindows {
		var err error
		if windows[i], err = j.m.history.Window(ctx, store.Last(span, now)); err != nil {
			return nil, err
		}
	}
	return windows, nil
}

// verdicts are those of all candidates, each in the shortest window that shows it.
func (j *judge) verdicts(now time.Time, windows []store.Window) []compare.Verdict {
	var all []compare.Verdict
	if len(j.facts.Limits) == 0 {
		return nil
	}
	for _, c := range j.candidates(now) {
		var shown []compare.Verdict
		for _, w := range windows {
			for i, v := range compare.Verdicts(j.facts.Limits, compare.FactsOf(w, c, j.facts.Workload, j.graded)) {
				switch {
				case i >= len(shown):
					shown = append(shown, v)
				case shown[i].Standing == compare.NotShown && (v.Standing != compare.NotShown || v.Clear):
					shown[i] = v
				}
			}
		}
		all = append(all, shown...)
	}
	return all
}

// reachable are the events of targets that stopped answering, or began to again.
func (j *judge) reachable(now time.Time, table compare.Table, status probe.Status) []store.Event {
	refused := map[string]probe.TargetStatus{}
	for _, t := range status.Targets {
		if t.Failures >= failuresInARow {
			refused[t.Name] = t
		}
	}
	var events []store.Event
	for _, row := range table.Rows {
		t, refuses := refused[row.Target]
		since, down := j.down[row.Target]
		answers := row.Has && row.Summary.LastOutcome == probe.OK
		switch {
		case !down && (row.Failing || refuses):
			why := row.Summary.LastError
			if why == "" {
				why = t.Reason
			}
			j.down[row.Target] = now
			events = append(events, store.Event{
				At: now, Kind: EventTargetDown, Target: row.Target, Text: "it does not answer: " + probe.Sanitize(why, 200),
			})
		case down && answers:
			delete(j.down, row.Target)
			events = append(events, store.Event{
				At: now, Kind: EventTargetUp, Target: row.Target, Text: "it answers again", For: max(0, now.Sub(since)),
			})
		}
	}
	return events
}

func (j *judge) budget(now time.Time, status probe.Status) []store.Event {
	today := string(probe.DayOf(now))
	var events []store.Event
	if j.spent != "" && j.spent < today {
		events = append(events, store.Event{
			At: now, Kind: EventBudgetReset, Text: "a new day's budget for probing has begun", Data: EventData{Day: today}.json(),
		})
		j.spent = ""
	}
	// A smaller budget than the one that was spent is spent too.
	if b := status.Budget; b != nil && j.spent != "" && j.spentCap.IsPositive() && b.Cap.GreaterThan(j.spentCap) {
		events = append(events, store.Event{
			At: now, Kind: EventBudgetReset, Data: EventData{Day: today}.json(),
			Text: fmt.Sprintf("the budget for probing is $%s a day now, before it was $%s", b.Cap, j.spentCap),
		})
		j.spent = ""
	}
	if b := status.Budget; b != nil && b.Exhausted && j.spent == "" {
		events = append(events, store.Event{
			At: now, Kind: EventBudgetSpent, Data: EventData{Day: today, Cap: b.Cap.String()}.json(),
			Text: fmt.Sprintf("the budget of $%s a day is spent; probing resumes 00:00 UTC", b.Cap),
		})
		j.spent, j.spentAt, j.spentCap = today, now.UTC(), b.Cap
	}
	return events
}

// capOf is the budget that an event says is spent, in USD a day; zero where it does
// not say.
func capOf(e store.Event) decimal.Decimal {
	usd, err := costmodel.ParseUSD(dataOf(e).Cap) // bounded: a history may come from anywhere
	if err != nil {
		return decimal.Decimal{}
	}
	return usd.Decimal()
}

// ending are the events of models that are soon retired, one for each date.
func (j *judge) ending(now time.Time) []store.Event {
	var events []store.Event
	for _, c := range j.facts.Candidates {
		days, ok := c.Model.DaysLeft(costmodel.DateOf(now))
		if !c.Known || !ok || days <= 0 || days > retiringWithin {
			continue
		}
		day := c.Model.Retired.String()
		if key := c.Target + "\x00" + day; !j.retiring[key] {
			j.retiring[key] = true
			events = append(events, store.Event{
				At: now, Kind: EventRetiring, Target: c.Target, Data: EventData{Day: day}.json(),
				Text: fmt.Sprintf("%s retires on %s, in %s", c.Model.ID, day, compare.Plural(days, "day")),
			})
		}
	}
	return events
}
