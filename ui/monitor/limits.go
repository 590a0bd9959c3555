package monitor

import (
	"fmt"
	"strconv"
	"time"

	"costping/store"
	"costping/ui/compare"
)

// limitKey is one bound of one target. The limit is told by what it says and not by
// its place, so that a file in another order is the same file.
type limitKey struct {
	Target string              `json:"target"`
	Metric compare.LimitMetric `json:"metric"`
	Limit  string              `json:"limit"`
}

func keyOf(v compare.Verdict) limitKey {
	limit := strconv.FormatFloat(v.Bound.Value, 'g', -1, 64)
	if v.Bound.Metric == compare.LimitMaxDaily || v.Bound.Metric == compare.LimitMaxMonthly {
		limit = "$" + v.Bound.USD.String()
	}
	return limitKey{v.Target, v.Bound.Metric, limit}
}

// breaches are the limits that are broken, and those that are over and not yet
// broken, each with since when.
type breaches struct {
	broken  map[limitKey]time.Time
	pending map[limitKey]time.Time
}

func newBreaches() *breaches {
	return &breaches{broken: map[limitKey]time.Time{}, pending: map[limitKey]time.Time{}}
}

// recorded takes in an event of the past.
func (b *breaches) recorded(e store.Event) {
	d := dataOf(e)
	key := limitKey{e.Target, compare.LimitMetric(d.Metric), d.Limit}
	switch e.Kind {
	case EventLimitBroken:
		b.broken[key] = e.At
	case EventLimitCleared:
		delete(b.broken, key)
	}
}

// step judges anew and gives the events of what has changed. A figure that is not
// shown neither breaks a limit nor clears one, and interrupts what was over.
func (b *breaches) step(now time.Time, limits []compare.Limit, verdicts []compare.Verdict) []store.Event {
	var events []store.Event
	judged := map[limitKey]bool{}
	for _, v := range verdicts {
		key := keyOf(v)
		judged[key] = true
		since, broken := b.broken[key]
		switch {
		case broken && v.Clear:
			delete(b.broken, key)
			delete(b.pending, key)
			events = append(events, limitEvent(now, EventLimitCleared, key, v.Text, now.Sub(since)))
		case broken, v.Standing != compare.Over:
			delete(b.pending, key)
		default:
			if _, waits := b.pending[key]; !waits {
				b.pending[key] = now
			}
			// It stays among the pending until the next look: where the event cannot be
			// recorded, it is not broken, and has been over for as long all the same.
			if held := now.Sub(b.pending[key]); held >= limits[v.Limit].For {
				b.broken[key] = now
				events = append(events, limitEvent(now, EventLimitBroken, key, v.Text, held))
			}
		}
	}
	for key, since := range b.broken { // limits that nobody sets any more
		if !judged[key] {
			delete(b.broken, key)
			events = append(events, limitEvent(now, EventLimitCleared, key, fmt.Sprintf("%s: the limit was taken away", key.Metric), now.Sub(since)))
		}
	}
	for key := range b.pending {
		if !judged[key] {
			delete(b.pending, key)
		}
	}
	return events
}

func limitEvent(now time.Time, kind store.EventKind, key limitKey, text string, held time.Duration) store.Event {
	return store.Event{
		At: now, Kind: kind, Target: key.Target, Text: text, For: max(0, held),
		Data: EventData{Metric: string(key.Metric), Limit: key.Limit}.json(),
	}
}

// of counts the limits of a target that are broken.
func (b *breaches) of(target string) int {
	n := 0
	for key := range b.broken {
		if key.Target == target {
			n++
		}
	}
	return n
}
