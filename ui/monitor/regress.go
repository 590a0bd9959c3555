package monitor

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"costping/probe"
	"costping/probe/stats"
	"costping/store"
	"costping/ui/compare"
)

// The metrics whose lasting rise is a regression.
const (
	metricTTFT = "ttft"
	metricTPOT = "tpot"
)

var regressionMetrics = []struct {
	name, title string
	of          func(probe.Sample) probe.Measured[time.Duration]
}{
	{metricTTFT, "TTFT", func(s probe.Sample) probe.Measured[time.Duration] { return s.TTFT }},
	{metricTPOT, "time per token", func(s probe.Sample) probe.Measured[time.Duration] { return s.TPOT }},
}

const (
	// replay is how much of the past a detector is shown first: its baseline takes
	// 100 probes, at the pace of a day with a small budget. replayBefore an open
	// regression, so that it is found again.
	replay       = 48 * time.Hour
	replayBefore = 48 * time.Hour
	// settling is how long after it was sent a sample may still arrive.
	settling = 3 * time.Minute
	// worthAGap is how many missing values interrupt a series.
	worthAGap = 3
)

// regressions watches all series for a lasting rise.
type regressions struct {
	watched map[store.Series]*watchedSeries
	open    map[regressionKey]bool // as recorded
	newest  time.Time
}

type regressionKey struct{ target, metric string }

// watchedSeries is one series and its detectors, by metric. What is probed in another
// way, such as with another prompt, is another series.
type watchedSeries struct {
	last, first time.Time
	n           int
	detectors   map[string]*stats.Detector
}

func newRegressions() *regressions {
	return &regressions{watched: map[store.Series]*watchedSeries{}, open: map[regressionKey]bool{}}
}

// recorded takes in an event of the past.
func (r *regressions) recorded(e store.Event) {
	key := regressionKey{e.Target, dataOf(e).Metric}
	switch e.Kind {
	case EventRegression:
		r.open[key] = true
	case EventRecovered:
		delete(r.open, key)
	}
}

// replayFrom is from when on samples are to be replayed: opened is when the oldest
// regression that is still open began, zero for none.
func replayFrom(now, opened time.Time) time.Time {
	from := now.Add(-replay)
	if before := opened.Add(-replayBefore); !opened.IsZero() && before.Before(from) {
		return before
	}
	return from
}

// take shows all samples since the last time to the detectors and gives the events.
// What the detectors find open and is recorded as open is no event; so neither what
// is replayed nor a takeover writes one twice.
func (r *regressions) take(ctx context.Context, h store.Reader, from time.Time) ([]store.Event, error) {
	if !r.newest.IsZero() {
		from = r.newest.Add(-settling)
	}
	replaying := r.newest.IsZero()
	var events []store.Event
	for s, err := range h.Raw(ctx, store.Range{From: from}) {
		if err != nil {
			return events, err
		}
		if !s.Headline() || s.Concurrency > 1 {
			continue
		}
		found := r.add(s)
		if replaying { // only where it ended up counts
			events = slices.DeleteFunc(events, func(e store.Event) bool {
				return slices.ContainsFunc(found, func(f store.Event) bool { return sameRegression(e, f) })
			})
		}
		events = append(events, found...)
		if s.At.After(r.newest) {
			r.newest = s.At
		}
	}
	if r.newest.IsZero() {
		r.newest = from
	}
	return r.fresh(events), nil
}

func sameRegression(a, b store.Event) bool {
	return a.Target == b.Target && dataOf(a).Metric == dataOf(b).Metric
}

// fresh are the events that change what is recorded.
func (r *regressions) fresh(events []store.Event) []store.Event {
	var fresh []store.Event
	for _, e := range events {
		key := regressionKey{e.Target, dataOf(e).Metric}
		if onset := e.Kind == EventRegression; onset != r.open[key] {
			r.recorded(e)
			fresh = append(fresh, e)
		}
	}
	return fresh
}

// add shows a sample to the detectors of its series.
func (r *regressions) add(s probe.Sample) []store.Event {
	series := store.SeriesOf(s)
	w := r.watched[series]
	if w == nil {
		w = &watchedSeries{first: s.At, detectors: map[string]*stats.Detector{}}
		for _, m := range regressionMetrics {
			w.detectors[m.name] = &stats.Detector{}
		}
		r.watched[series] = w
	}
	if !s.At.After(w.last) {
		return nil // it was seen
	}
	missing := w.missing(s.At)
	w.last, w.n = s.At, w.n+1
	var events []store.Event
	for _, m := range regressionMetrics {
		d := w.detectors[m.name]
		if missing > 0 {
			if e, ok := d.Gap(missing); ok {
				events = append(events, regressionEvent(s, m.name, m.title, e, d))
			}
		}
		if v := m.of(s); v.Known {
			if e, ok := d.Add(float64(v.Value) / float64(time.Millisecond)); ok {
				events = append(events, regressionEvent(s, m.name, m.title, e, d))
			}
		}
	}
	if missing >= stats.Baseline {
		w.first, w.n = s.At, 1
	}
	return events
}

// missing is how many samples did not come before this one, by the pace so far.
func (w *watchedSeries) missing(at time.Time) int {
	if w.n < 5 {
		return 0
	}
	pace := w.last.Sub(w.first) / time.Duration(w.n-1)
	if pace <= 0 {
		return 0
	}
	missing := int(min(at.Sub(w.last)/pace, 10*stats.Baseline)) - 1
	if missing < worthAGap {
		return 0
	}
	return missing
}

func regressionEvent(s probe.Sample, metric, title string, e stats.Event, d *stats.Detector) store.Event {
	event := store.Event{At: s.At, Kind: EventRegression, Target: s.Target.Name}
	data := EventData{Metric: metric}
	if e.Ratio > 0 {
		data.Ratio = math.Round(e.Ratio*1000) / 1000
	}
	switch e.Kind {
	case stats.Onset:
		event.Text = fmt.Sprintf("%s is %.2f times what it was (%s ms)", title, e.Ratio, compare.Millis(d.Normal()))
	case stats.End:
		event.Kind, event.Text = EventRecovered, title+" is what it was before"
	case stats.Lost:
		event.Kind, event.Text = EventRecovered, title+" broke off: what came before it is no measure any more"
	}
	event.Data = data.json()
	return event
}
