package store

import (
	"context"
	"errors"
	"sync"
	"time"
)

// upkeep is what the owner does by itself: it rolls hours up once they are closed,
// prunes what is old enough, and writes what had to wait for the disk. It sleeps
// while there is nothing to do.
type upkeep struct {
	cancel context.CancelFunc
	done   sync.WaitGroup
	awake  chan struct{}
	// newest is the newest sample that was there at the start; steady since when
	// the wall clock has gone evenly.
	newest, steady time.Time
	stepped        bool
}

const (
	// retryEvery is how long to wait before what waits is tried again.
	retryEvery = 2 * time.Second
	// lookEvery is the longest sleep: timers stand still while the machine sleeps.
	lookEvery = 10 * time.Minute
	// steadyFor is how long a clock that was set is not trusted to prune by.
	steadyFor = time.Hour
)

func (h *boltHistory) startUpkeep() {
	ctx, cancel := context.WithCancel(context.Background())
	h.upkeep.cancel, h.upkeep.awake, h.upkeep.steady = cancel, make(chan struct{}, 1), h.now()
	h.upkeep.done.Go(func() {
		for wait := time.Duration(0); ; {
			timer := time.NewTimer(wait)
			select {
			case <-ctx.Done():
				timer.Stop()
				return
			case <-h.upkeep.awake:
				timer.Stop()
				wait = retryEvery
				continue
			case <-timer.C:
			}
			h.options.log(h.tidy(ctx))
			wait = h.nextLook()
		}
	})
}

func (h *boltHistory) stopUpkeep() {
	h.upkeep.cancel()
	h.upkeep.done.Wait()
}

// wake ends the sleep.
func (h *boltHistory) wake() {
	select {
	case h.upkeep.awake <- struct{}{}:
	default:
	}
}

// nextLook is how long there is nothing to do.
func (h *boltHistory) nextLook() time.Duration {
	if len(h.unsaved.waiting()) > 0 {
		return retryEvery
	}
	now := h.now()
	return min(lookEvery, now.Truncate(time.Hour).Add(time.Hour+rollGrace).Sub(now))
}

// tidy does what is due.
func (h *boltHistory) tidy(ctx context.Context) error {
	if err := h.retry(); err != nil {
		return nil //nolint:nilerr // it was said when it began; the rest would fail as well
	}
	now := h.now()
	if err := h.roll(ctx, now); err != nil {
		return quiet(err)
	}
	if keep := h.options.retention(); keep > 0 && h.trusted(now, keep) {
		_, err := h.Prune(ctx, now.Add(-keep))
		return quiet(err)
	}
	return nil
}

// quiet drops the errors of an end.
func quiet(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, ErrClosed) {
		return nil
	}
	return err
}

// trusted reports whether the wall clock may decide what is old: one that is years
// ahead would empty the history. It may if the newest sample is recent by it, or
// if it has gone evenly for a while.
func (h *boltHistory) trusted(now time.Time, keep time.Duration) bool {
	h.writing.Lock()
	if e := h.clock.step(now); e != nil {
		h.clock.again(e) // to be written with the next sample
		h.upkeep.stepped, h.upkeep.steady = true, now
	}
	h.writing.Unlock()
	age := now.Sub(h.upkeep.newest)
	recent := !h.upkeep.stepped && !h.upkeep.newest.IsZero() && age > -time.Hour && age < keep
	return recent || now.Sub(h.upkeep.steady) >= steadyFor
}
