package store

import (
	"context"
	"errors"
	"os"
	"time"
)

// watch keeps a viewer attached to whoever owns the history, and makes it the
// owner when nobody does.
type watch struct {
	held *held
	wait time.Duration // until the next try
	// leaveUntil is until when the lock is left to others, claimed when the owner
	// was last asked for it, granted that it has said yes.
	leaveUntil, claimed time.Time
	granted             bool
	// carried is what a history that has vanished leaves to the next, nil else.
	carried *carried
}

const (
	// tryEvery is how often a viewer tries the lock while its owner answers, and
	// the longest wait while it does not.
	tryEvery = time.Second
	// tryFirst is the first wait after an owner has gone: it may be closing.
	tryFirst = 10 * time.Millisecond
	// answerWithin is how long an owner may take for what takes no time.
	answerWithin = 3 * time.Second
)

// first attaches or takes ownership, or says why neither can be.
func (w *watch) first(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	for {
		done, err := w.step(ctx)
		if done || err != nil {
			return err
		}
		if !w.sleep(ctx) {
			pid, _ := announced(w.held.dir)
			return &SilentError{PID: pid}
		}
	}
}

// step tries the lock, then the owner's socket. done says that one of them was
// had; an error is final.
func (w *watch) step(ctx context.Context) (done bool, err error) {
	h := w.held
	if time.Now().After(w.leaveUntil) {
		lock, err := own(h.dir)
		if err != nil {
			return false, err
		}
		if lock != nil {
			if err := h.become(lock); err != nil {
				return false, err
			}
			return true, nil
		}
	}
	pid, socket := announced(h.dir)
	if socket == "" {
		return false, nil // it is just beginning
	}
	r, err := attach(ctx, socket, pid)
	switch {
	case errors.Is(err, errProtocol):
		return false, err
	case err != nil:
		return false, nil //nolint:nilerr // gone, or silent: the lock or the time will tell
	}
	h.mu.Lock()
	h.set(r, nil, r.pid)
	h.mu.Unlock()
	h.saw(r.Version())
	return true, nil
}

// run keeps at it until the process closes the history.
func (w *watch) run(ctx context.Context) {
	h := w.held
	for ctx.Err() == nil {
		h.mu.Lock()
		r, attached := h.engine.(*remote)
		owner := h.owner != nil
		h.mu.Unlock()
		switch {
		case owner:
			look := time.NewTimer(h.options.vanishing())
			select {
			case <-h.yielding:
				w.yield()
			case <-look.C:
				if h.vanished() {
					w.abandon(ctx)
				}
			case <-ctx.Done():
			}
			look.Stop()
		case attached:
			w.follow(ctx, r)
			w.wait = 0
		default:
			w.again(ctx)
		}
	}
}

// again looks for an owner, or becomes it.
func (w *watch) again(ctx context.Context) {
	h := w.held
	if err := os.MkdirAll(h.dir, 0o700); err != nil { // it may have vanished
		h.options.log(err)
	}
	short, cancel := context.WithTimeout(ctx, answerWithin)
	done, err := w.step(short)
	late := short.Err() != nil && ctx.Err() == nil
	cancel()
	switch {
	case done:
		w.wait = 0
		w.arrived(ctx)
		return
	case err != nil:
		h.options.log(err)
		h.lost(nil, err)
	case late:
		h.lost(nil, &SilentError{PID: w.pid()})
	}
	w.sleep(ctx)
}

// arrived notes a takeover.
func (w *watch) arrived(ctx context.Context) {
	h := w.held
	h.mu.Lock()
	owner := h.owner
	h.mu.Unlock()
	if owner == nil {
		return
	}
	text := "the owner of the history has gone; another process has taken over"
	if w.granted {
		text = "a process that probes has taken the history over from one that does not"
	}
	w.granted = false
	kind := EventTakeover
	if c := w.carried; c != nil {
		kind, text = EventDamaged, "the history was removed or moved away while it was in use; another one begins here"
		h.options.log(w.goOn(ctx, owner, *c))
	}
	w.carried = nil
	h.options.log(owner.Record(ctx, Notes{Events: []Event{{At: owner.now(), Kind: kind, Text: text}}}))
}

func (w *watch) pid() int {
	pid, _ := announced(w.held.dir)
	return pid
}

// follow hears of changes until the owner is gone. The lock is tried in between:
// an owner whose process has ended may leave its socket to a child.
func (w *watch) follow(ctx context.Context, r *remote) {
	h := w.held
	tried := time.Now()
	for ctx.Err() == nil {
		w.claim(ctx, r)
		err := r.change(ctx)
		h.saw(r.Version())
		var silent *SilentError
		switch {
		case err == nil:
			h.mu.Lock()
			h.err = nil
			h.mu.Unlock()
		case errors.As(err, &silent):
			// It is there and says nothing: whoever waits for it is told.
			r.close(err)
			h.lost(r, err)
			return
		default:
			// One that closes still answers the calls under way.
			time.AfterFunc(2*closeWithin, func() { r.close(err) })
			h.lost(r, nil)
			return
		}
		if time.Since(tried) < tryEvery {
			continue
		}
		tried = time.Now()
		if lock, err := own(h.dir); err == nil && lock != nil {
			r.close(&goneError{})
			h.lost(r, nil)
			if err := h.become(lock); err != nil {
				h.options.log(err)
				h.lost(nil, err)
				return
			}
			w.arrived(ctx)
			return
		}
	}
}

// sleep waits, longer each time; false when ctx ended first.
func (w *watch) sleep(ctx context.Context) bool {
	w.wait = min(max(2*w.wait, tryFirst), tryEvery/2)
	timer := time.NewTimer(w.wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}
