package monitor

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"strconv"
	"strings"
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
	open    map[regressionKey]time.Time // as recorded, with since when
	newest  time.Time
}

// regressionKey is one metric of one series. The series is "" where a history of
// before does not say which one it was.
type regressionKey struct{ target, metric, series string }

func keyOfRegression(e store.Event) regressionKey {
	d := dataOf(e)
	return regressionKey{e.Target, d.Metric, d.Series}
}

// seriesName tells the series of a target apart in few characters that say nothing.
func seriesName(s store.Series) string {
	text, _ := json.Marshal(s) //nolint:errchkjson // texts and whole numbers
	h := fnv.New64a()
	_, _ = h.Write(text) // a hash takes all
	return strconv.FormatUint(h.Sum64(), 36)
}

// watchedSeries is one series and its detectors, by metric. What is probed in another
// way, such as with another prompt, is another series.
type watchedSeries struct {
	last, first time.Time
	n           int
	detectors   map[string]*stats.Detector
}

func newRegressions() *regressions {
	return &regressions{watched: map[store.Series]*watchedSeries{}, open: map[regressionKey]time.Time{}}
}

// recorded takes in an event of the past.
func (r *regressions) recorded(e store.Event) {
	key := keyOfRegression(e)
	switch e.Kind {
	case EventRegression:
		r.open[key] = e.At
	case EventRecovered:
		delete(r.open, key)
	}
}

// opened is when the oldest regression that is open began; zero where none is.
func (r *regressions) opened() time.Time {
	oldest := time.Time{}
	for _, at := range r.open {
		if oldest.IsZero() || at.Before(oldest) {
			oldest = at
		}
	}
	return oldest
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
func (r *regressions) take(ctx context.Context, h store.Reader, from, now time.Time) ([]store.Event, error) {
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
	return append(r.fresh(events), r.ended(now)...), nil
}

func sameRegression(a, b store.Event) bool { return keyOfRegression(a) == keyOfRegression(b) }

// fresh are the events that change what is recorded. What is open of a series that
// was not named is taken for that of the first series that is slow, or recovers.
func (r *regressions) fresh(events []store.Event) []store.Event {
	var fresh []store.Event
	for _, e := range events {
		key := keyOfRegression(e)
		unnamed := regressionKey{target: key.target, metric: key.metric}
		if since, open := r.open[unnamed]; open {
			delete(r.open, unnamed)
			r.open[key] = since
		}
		if _, open := r.open[key]; (e.Kind == EventRegression) != open {
			r.recorded(e)
			fresh = append(fresh, e)
		}
	}
	return fresh
}

// ended are the events of open regressions whose series is not measured any more, as
// after another profile, cap or model: nothing else would ever end them. A series that
// comes back begins anew.
func (r *regressions) ended(now time.Time) []store.Event {
	last := map[string]store.Series{}
	for series := range r.watched {
		last[seriesName(series)] = series
	}
	var events []store.Event
	for key, since := range r.open {
		series := last[key.series]
		if w := r.watched[series]; w != nil && now.Sub(w.last) <= replay {
			continue
		}
		delete(r.watched, series)
		delete(r.open, key)
		title := key.metric
		for _, m := range regressionMetrics {
			if m.name == key.metric {
				title = m.title
			}
		}
		e := store.Event{
			At: now, Kind: EventRecovered, Target: key.target, For: max(0, now.Sub(since)),
			Text: title + " is not measured in this way any more: what came before is no measure of it",
			Data: EventData{Metric: key.metric, Series: key.series}.json(),
		}
		events = append(events, e)
	}
	slices.SortFunc(events, func(a, b store.Event) int { // a map has no order
		return cmp.Or(strings.Compare(a.Target, b.Target), strings.Compare(string(a.Data), string(b.Data)))
	})
	return events
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
	data := EventData{Metric: metric, Series: seriesName(store.SeriesOf(s))}
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
