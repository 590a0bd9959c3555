package store

import (
	"context"
	"errors"
	"time"

	"github.com/gofrs/flock"
)

// An owner without a schedule, such as a dashboard that only looks or an export,
// must not keep one with a schedule from probing. So a viewer that has mounted a
// schedule asks for the ownership, once a second, and an owner that has mounted
// none gives it up: it answers the calls that are under way, closes the database
// and then the lock, and goes on as a viewer. Calls made meanwhile wait for the
// next owner, as they do when one ends.

// yieldFor is how long who gave the ownership up leaves the lock to others.
const yieldFor = 2 * time.Second

// farewell is how long viewers have to hear of it before their connections are
// closed: a call on its way to a closed one is lost, and nobody knows how far it came.
const farewell = 100 * time.Millisecond

// errScheduled and errLater are why an owner stays one.
var (
	errScheduled = errors.New("the owner of the history probes itself")
	errLater     = errors.New("the owner of the history is in the middle of something")
)

// askedToYield answers a viewer that wants the ownership: nil where it is given up.
func (h *held) askedToYield() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.owner == nil || h.finished:
		return ErrClosed
	case h.control != nil:
		return errScheduled
	case !h.owner.resting():
		return errLater
	}
	select {
	case h.yielding <- struct{}{}:
	default: // it has been asked already
	}
	return nil
}

// resting reports whether nothing is under way that ends with the owner: a copy for
// a viewer, or samples that only this process has, as the disk does not take them.
func (h *boltHistory) resting() bool {
	return h.long.Load() == 0 && len(h.unsaved.waiting()) == 0
}

// resign takes the ownership away from the calls of this process, if that may still
// be.
func (h *held) resign() (*boltHistory, *server, *flock.Flock) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.owner == nil || h.finished || h.control != nil || !h.owner.resting() {
		return nil, nil, nil
	}
	return h.disown()
}

// disown leaves this process without a history, and gives what it owned; the caller
// holds the lock.
func (h *held) disown() (*boltHistory, *server, *flock.Flock) {
	owner, server, lock := h.owner, h.server, h.lock
	h.owner, h.server, h.lock = nil, nil, nil
	h.owning = make(chan struct{})
	h.set(nil, nil, 0)
	return owner, server, lock
}

// yield gives the ownership up. The lock goes last: the next owner must find the
// database closed.
func (w *watch) yield() {
	h := w.held
	owner, server, lock := h.resign()
	if owner == nil {
		return
	}
	server.refuse()
	time.Sleep(farewell)
	err := errors.Join(server.close(), owner.Close(), lock.Close())
	h.saw(owner.Version())
	h.options.log(err)
	w.leaveUntil, w.wait = time.Now().Add(yieldFor), 0
}

// claim asks the owner for the ownership, where this process has a schedule to run.
func (w *watch) claim(ctx context.Context, r *remote) {
	if w.held.mounted() == nil || time.Since(w.claimed) < tryEvery {
		return
	}
	w.claimed = time.Now()
	short, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	// A refusal is as good as an answer; who is gone or silent is found out next.
	w.granted = r.ask(short, "control", controlQuery{Do: doYield}, &nothing{}) == nil
}
