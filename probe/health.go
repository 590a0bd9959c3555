package probe

import (
	"sync"
	"time"
)

// How the client watches itself.
const (
	// healthTick is how often lateness is looked at while an attempt is in flight.
	healthTick = 20 * time.Millisecond
	// busyAbove flags a sample ClientBusy: about twice what a Go timer on an idle
	// machine is late by.
	busyAbove = 2 * time.Millisecond
	// A sample is ClientStalled, and no part of the headline, where this process
	// was late by more than both of these: then the figure is rather ours.
	stalledAbove = 250 * time.Millisecond
	stalledShare = 20 // one part in so many of TTFT: 5 %
	// stepAbove is how far the wall clock may part from the monotonic one within
	// an attempt; NTP slews less than a thousandth of that.
	stepAbove = 250 * time.Millisecond
)

// health measures how late this process is to its own timers while attempts are
// in flight. What is late to a timer is late to a token as well: starved of a
// processor, stopped, or asleep. Without attempts no timer runs. The zero value is
// ready.
type health struct {
	mu       sync.Mutex
	watching map[*watch]struct{}
	due      time.Time // of the next tick
	stop     chan struct{}
}

// watch is how one attempt fared.
type watch struct {
	health *health
	began  time.Time
	worst  time.Duration // guarded by health.mu
}

// begin starts to watch; end must follow.
func (h *health) begin() *watch {
	w := &watch{health: h, began: time.Now()}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.watching == nil {
		h.watching = map[*watch]struct{}{}
	}
	h.watching[w] = struct{}{}
	if len(h.watching) == 1 {
		h.due, h.stop = w.began.Add(healthTick), make(chan struct{})
		go h.tick(h.stop, h.due)
	}
	return w
}

// tick notes the lateness of each tick until stop is closed.
func (h *health) tick(stop <-chan struct{}, due time.Time) {
	timer := time.NewTimer(time.Until(due))
	defer timer.Stop()
	for {
		select {
		case <-stop:
			return
		case <-timer.C:
		}
		now := time.Now()
		h.mu.Lock()
		select {
		case <-stop: // the watch has passed to another ticker
			h.mu.Unlock()
			return
		default:
		}
		h.note(now)
		h.due = now.Add(healthTick)
		h.mu.Unlock()
		timer.Reset(healthTick)
	}
}

// note adds how late the tick is to the account of everyone, but nothing from
// before their time; the caller holds the lock.
func (h *health) note(now time.Time) {
	for w := range h.watching {
		w.worst = max(w.worst, min(now.Sub(h.due), now.Sub(w.began)))
	}
}

// end returns how late this process was at the worst, and how far the wall clock
// parted from the monotonic one, meanwhile.
func (w *watch) end() (late, stepped time.Duration) {
	now := time.Now()
	h := w.health
	h.mu.Lock()
	defer h.mu.Unlock()
	h.note(now) // a tick may be overdue at this moment
	delete(h.watching, w)
	if len(h.watching) == 0 {
		close(h.stop)
	}
	return w.worst, now.Round(0).Sub(w.began.Round(0)) - now.Sub(w.began)
}

// healthFlags are the flags of a sample whose attempt fared like that.
func healthFlags(late, stepped, ttft time.Duration) Flags {
	var f Flags
	if late > busyAbove {
		f |= ClientBusy
	}
	if late > max(stalledAbove, ttft/stalledShare) {
		f |= ClientStalled
	}
	if stepped.Abs() > stepAbove {
		f |= ClockStep
	}
	return f
}
