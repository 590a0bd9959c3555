package monitor

import (
	"context"
	"strings"
	"time"

	"costping/store"
	"costping/ui/compare"
	"costping/ui/report/snapshot"
)

// driftEvery is how often what is measured is held beside what was approved: it reads a
// day of samples.
const driftEvery = 5 * time.Minute

// driftKey is a figure of a target that is worse than the one of an approval.
type driftKey struct{ target, rule, approval string }

// drifts are the figures that have drifted from what was approved, each with since when.
type drifts struct {
	since  map[driftKey]time.Time
	looked time.Time
}

// recorded takes in an event of the past.
func (d *drifts) recorded(e store.Event) {
	data := dataOf(e)
	key := driftKey{e.Target, data.Metric, data.Limit}
	switch e.Kind {
	case EventDrifted:
		d.since[key] = e.At
	case EventDriftEnded:
		delete(d.since, key)
	}
}

// look gives the events of what has changed since the last look. A figure that is not
// shown neither drifts nor ends a drift.
func (d *drifts) look(ctx context.Context, h store.Reader, approved *snapshot.Approved, candidates []compare.Candidate, now time.Time) ([]store.Event, error) {
	if age := now.Sub(d.looked); approved == nil || age >= 0 && age < driftEvery {
		return nil, nil
	}
	results, _, err := approved.Now(ctx, h, candidates, now)
	if err != nil {
		return nil, err
	}
	d.looked = now
	var events []store.Event
	for _, r := range results {
		key := driftKey{r.Target, r.Rule, approved.Name()}
		since, drifted := d.since[key]
		e := store.Event{At: now, Target: r.Target, Text: r.Text, Data: EventData{Metric: r.Rule, Limit: key.approval}.json()}
		switch {
		case !drifted && r.Standing == compare.Over:
			e.Kind, d.since[key] = EventDrifted, now
		case drifted && r.Standing == compare.Within:
			e.Kind, e.For = EventDriftEnded, max(0, now.Sub(since))
			e.Text = "no longer drifted " + strings.TrimSpace(r.Text)
			delete(d.since, key)
		default:
			continue
		}
		events = append(events, e)
	}
	return events, nil
}
