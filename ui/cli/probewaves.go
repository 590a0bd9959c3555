package cli

import (
	"fmt"
	"time"

	"costping/probe"
	"costping/ui/compare"
)

// waves is how fast a run is, by the waves that are complete: as many probes as
// are made at once. Within the first one as many are under way as have ended, and
// a pace taken there would leave out that they run at once.
type waves struct {
	// full are complete, done probes of them count, at the instant at.
	full, done int
	at         time.Time
}

// atOnce is how many probes a run makes at once, one after another of several
// targets taken as one wave; the caller holds the lock.
func (r *probing) atOnce() int {
	targets := 0
	for _, t := range r.targets {
		if t.gaveUp == "" {
			targets++
		}
	}
	return targets * max(1, r.concurrency)
}

// note takes a look at a run after one of its probes; the caller holds the lock.
func (w *waves) note(r *probing, now time.Time) {
	ended, done := 0, 0
	for _, t := range r.targets {
		done += r.made(t)
		if t.gaveUp == "" {
			ended += len(t.trials)
		}
	}
	if size := r.atOnce(); size > 0 && ended/size > w.full {
		w.full, w.done, w.at = ended/size, done, now
	}
}

// left is how long it takes to make total probes, in whole waves; not known before
// one is complete.
func (w *waves) left(total int, started, now time.Time) probe.Measured[time.Duration] {
	if w.full == 0 || w.done == 0 {
		return probe.Measured[time.Duration]{}
	}
	rest := (max(0, total-w.done)*w.full + w.done - 1) / w.done
	each := w.at.Sub(started) / time.Duration(w.full)
	return probe.Known(max(0, each*time.Duration(rest)-now.Sub(w.at)))
}

// pace is how long a complete wave took, in words; the caller holds the lock.
func (w *waves) pace(r *probing) string {
	each := compare.SecondsOf(float64(w.at.Sub(r.started)) / float64(time.Millisecond) / float64(w.full))
	if n := r.atOnce(); n > 1 {
		return fmt.Sprintf("%s for %d probes", each, n)
	}
	return each + " a probe"
}
