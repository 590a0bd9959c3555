package store

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"costping/probe"
)

// mostUnsaved bounds how many samples wait for the disk: sixteen hours of twenty
// targets a minute, some 15 MB.
const mostUnsaved = 20_000

// unsaved holds the samples that could not be written, oldest first.
type unsaved struct {
	mu      sync.Mutex
	samples []probe.Sample
	since   time.Time // when the trouble began; zero while there is none
	dropped int
	err     error
}

// hold keeps samples that could not be written, and sees to it that they are
// tried again.
func (h *boltHistory) hold(samples []probe.Sample, err error) {
	u := &h.unsaved
	u.mu.Lock()
	began := u.since.IsZero()
	if began {
		u.since = h.now()
	}
	u.err = err
	// What comes again, because whoever was told of the failure says it again,
	// waits once.
	for _, s := range samples {
		if !slices.ContainsFunc(u.samples, func(held probe.Sample) bool {
			return held.At.Equal(s.At) && SeriesOf(held) == SeriesOf(s) && held.Outcome == s.Outcome && held.TTFT == s.TTFT
		}) {
			u.samples = append(u.samples, s)
		}
	}
	if over := len(u.samples) - mostUnsaved; over > 0 {
		u.samples = slices.Delete(u.samples, 0, over)
		u.dropped += over
	}
	u.mu.Unlock()
	if began { // from then on each caller is told what waits
		h.options.log(u.error())
	}
	h.wake()
}

// waiting are the samples that wait; they are only read.
func (u *unsaved) waiting() []probe.Sample {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.samples
}

func (u *unsaved) clear() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.samples, u.since, u.dropped, u.err = nil, time.Time{}, 0, nil
}

// error says what waits; nil where nothing does.
func (u *unsaved) error() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.since.IsZero() {
		return nil
	}
	return &UnsavedError{Samples: len(u.samples), Dropped: u.dropped, Err: u.err}
}

// event says that the trouble is over; nil where there was none.
func (u *unsaved) event(now time.Time) *Event {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.since.IsZero() {
		return nil
	}
	text := fmt.Sprintf("%d samples could not be written for a while: %v", len(u.samples), u.err)
	if u.dropped > 0 {
		text += fmt.Sprintf("; %d older ones were dropped", u.dropped)
	}
	return &Event{At: u.since, Kind: EventUnsaved, Text: text, For: max(0, now.Sub(u.since))}
}

// retry writes what waits. It does nothing where nothing does.
func (h *boltHistory) retry() error {
	if len(h.unsaved.waiting()) == 0 {
		return nil
	}
	h.writing.Lock()
	defer h.writing.Unlock()
	return h.save(nil)
}
