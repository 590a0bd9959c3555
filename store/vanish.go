package store

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"costping/probe"

	"github.com/gofrs/flock"
	"github.com/shopspring/decimal"
	bolt "go.etcd.io/bbolt"
)

// A history may be removed or moved away below its owner, by a person or by whatever
// cleans folders up. What the owner writes then goes into a file that nobody finds
// again, and another process would begin a history in the same place and probe beside
// it. So the owner looks, lets go of what has gone, and begins another where it was,
// which says so and goes on with what probing has cost on that day.

// vanishEvery is how often an owner looks whether its history is still there: two
// calls to the file system, which wake nothing else.
const vanishEvery = 5 * time.Second

// carried is what the next history takes over from one that has vanished.
type carried struct {
	day   probe.Day
	spent decimal.Decimal
}

// vanished reports whether the lock that this process holds, or the database, is no
// longer where the history is. Neither is ever absent otherwise: a compacted database
// is renamed over the other.
func (h *held) vanished() bool {
	h.mu.Lock()
	lock := h.lock
	h.mu.Unlock()
	if lock == nil {
		return false
	}
	mine, err := lock.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(filepath.Join(h.dir, lockName))
	if err != nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	if !os.SameFile(mine, there) {
		return true
	}
	_, err = os.Stat(filepath.Join(h.dir, databaseName))
	return errors.Is(err, fs.ErrNotExist)
}

// letGo takes the ownership away, whatever is under way.
func (h *held) letGo() (*boltHistory, *server, *flock.Flock) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.owner == nil || h.finished {
		return nil, nil, nil
	}
	return h.disown()
}

// abandon lets go of a history that has vanished and begins another. Its lock comes
// before viewers hear of the end, so that who probes goes on as the owner; where another
// process has begun one already, run finds it.
func (w *watch) abandon(ctx context.Context) {
	h := w.held
	owner, server, lock := h.letGo()
	if owner == nil {
		return
	}
	h.saw(owner.Version())
	day := probe.DayOf(h.options.now())
	if s, err := owner.Spent(ctx, day); err == nil {
		w.carried = &carried{day, s.Settled.Add(s.Reserved)}
	} else {
		w.carried = &carried{day: day}
		h.options.log(err)
	}
	next, err := h.lockAnew(lock)
	h.options.log(err)
	server.leaveSocket() // another owner's may be there by now
	err = errors.Join(server.close(), owner.Close())
	if next != lock {
		err = errors.Join(err, lock.Close())
	}
	h.options.log(err)
	w.leaveUntil, w.wait = time.Time{}, 0
	if next == nil {
		return
	}
	if err := h.become(next); err != nil {
		h.options.log(err)
		h.lost(nil, err)
		return
	}
	w.arrived(ctx)
}

// lockAnew is the lock of the history that is to begin: the one that is held where it is
// still in its place, nil where another process has it.
func (h *held) lockAnew(old *flock.Flock) (*flock.Flock, error) {
	if err := os.MkdirAll(h.dir, 0o700); err != nil {
		return nil, err
	}
	mine, err := old.Stat()
	if err != nil {
		return nil, err
	}
	if there, err := os.Stat(filepath.Join(h.dir, lockName)); err == nil && os.SameFile(mine, there) {
		return old, announce(h.dir, "")
	}
	return own(h.dir)
}

// goOn brings a history that begins where one has vanished up to it: its versions go on,
// as whoever waits for a change compares them, and so does the money of the day.
func (w *watch) goOn(ctx context.Context, owner *boltHistory, c carried) error {
	err := owner.advance(ctx, w.held.version.Load())
	if c.spent.Sign() <= 0 {
		return err
	}
	id, _, reserved := owner.Reserve(ctx, c.day, c.spent, c.spent)
	if reserved != nil || id == "" {
		return errors.Join(err, reserved)
	}
	return errors.Join(err, owner.Settle(ctx, id, c.spent))
}

// advance makes the version no lower than v.
func (h *boltHistory) advance(ctx context.Context, v uint64) error {
	if h.Version() >= v {
		return nil
	}
	err := h.changeWithin(ctx, func(tx *bolt.Tx) error { return tx.Bucket(bucketSamples).SetSequence(v) })
	if err == nil {
		h.version.Store(v)
	}
	return err
}
