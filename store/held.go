package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"costping/probe"

	"github.com/gofrs/flock"
	"github.com/shopspring/decimal"
)

// held is a history as a process holds it: with the database behind it while this
// process is the owner, with the owner's socket before that.
type held struct {
	dir      string
	options  Options
	version  atomic.Uint64 // the highest that was seen
	yielding chan struct{} // told that the ownership is to be given up

	mu       sync.Mutex
	owning   chan struct{} // closed while this process is the owner
	engine   engine        // nil while there is none
	changed  chan struct{} // closed when engine or err changes
	err      error         // why there is none; nil while the next one is awaited
	pid      int           // the owner's
	control  probe.Control
	owner    *boltHistory
	server   *server
	lock     *flock.Flock
	finished bool

	cancel   context.CancelFunc
	watching sync.WaitGroup
}

var _ History = (*held)(nil)

// patience is how long a call waits for the next owner.
const patience = 5 * time.Second

// Open opens the history in dir, making both where they do not exist yet: as its
// owner, or as a viewer where another process owns it. It fails with ErrForeign,
// ErrNewer or ErrDamaged where the database is not one that this program may
// touch, and nothing is changed then; with a *SilentError where its owner does not
// answer; with ErrNetworkFiles where the folder is not on this machine.
func Open(dir string) (History, error) { return OpenWith(dir, Options{}) }

// OpenWith is Open with options.
func OpenWith(dir string, o Options) (History, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the history's folder %s: %w", dir, pathless(err))
	}
	if err := o.checkFiles(dir); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	h := &held{
		dir: dir, options: o, owning: make(chan struct{}), changed: make(chan struct{}), yielding: make(chan struct{}, 1), cancel: cancel,
	}
	w := &watch{held: h}
	if err := w.first(ctx); err != nil {
		cancel()
		return nil, err
	}
	h.watching.Go(func() { w.run(ctx) })
	return h, nil
}

// checkFiles reports a folder on another machine.
func (o Options) checkFiles(dir string) error {
	look := o.networkFile
	if look == nil {
		look = networkFile
	}
	kind, err := look(dir)
	if err != nil {
		return fmt.Errorf("looking at the file system of %s: %w", dir, err)
	}
	if kind != "" {
		return fmt.Errorf("%s is on %s, where locks and mapped files cannot be relied on: %w", dir, kind, ErrNetworkFiles)
	}
	return nil
}

// become makes this process the owner, for which it holds the lock.
func (h *held) become(lock *flock.Flock) error {
	owner, err := openDatabase(h.dir, h.options)
	if errors.Is(err, ErrDamaged) && h.options.MoveAside {
		owner, err = h.startAnew(err)
	}
	if err != nil {
		return errors.Join(err, lock.Close())
	}
	server, err := serve(h.dir, owner, h)
	if err != nil {
		return errors.Join(err, owner.Close(), lock.Close())
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.owner, h.server, h.lock = owner, server, lock
	h.set(owner, nil, os.Getpid())
	close(h.owning)
	return nil
}

// startAnew moves a damaged database aside and begins another, which says so.
func (h *held) startAnew(why error) (*boltHistory, error) {
	aside, err := moveAside(h.dir, h.options.now())
	if err != nil {
		return nil, errors.Join(why, err)
	}
	owner, err := openDatabase(h.dir, h.options)
	if err != nil {
		return nil, err
	}
	err = owner.Record(context.Background(), Notes{Events: []Event{{
		At: h.options.now(), Kind: EventDamaged, Text: fmt.Sprintf("%v; it was moved to %s", why, filepath.Base(aside)),
	}}})
	if err != nil {
		return nil, errors.Join(err, owner.Close()) // else its lock would keep everybody out
	}
	return owner, nil
}

// set changes what answers; the caller holds the lock.
func (h *held) set(e engine, err error, pid int) {
	h.engine, h.err, h.pid = e, err, pid
	close(h.changed)
	h.changed = make(chan struct{})
}

// lost takes an engine away that is gone, unless another is there already.
func (h *held) lost(gone engine, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.engine == gone && !h.finished {
		h.set(nil, err, h.pid)
	}
}

// current gives what answers, and waits for it a while where there is nothing.
func (h *held) current(ctx context.Context) (engine, error) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		h.mu.Lock()
		e, err, changed, finished := h.engine, h.err, h.changed, h.finished
		h.mu.Unlock()
		switch {
		case finished:
			return nil, ErrClosed
		case e != nil:
			return e, nil
		case err != nil:
			return nil, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-timer.C:
			return nil, &SilentError{PID: h.Role().PID}
		}
	}
}

// repetition says whether a call may be made again when nobody knows whether it
// was carried out.
type repetition bool

const (
	repeatable   repetition = true
	unrepeatable repetition = false
)

// call makes a call, of the next owner too where the present one goes away.
func (h *held) call(ctx context.Context, again repetition, f func(engine) error) error {
	deadline := time.Now().Add(patience)
	for {
		e, err := h.current(ctx)
		if err != nil {
			return err
		}
		err = f(e)
		h.saw(e.Version())
		var gone *goneError
		switch {
		case errors.As(err, &gone):
		case errors.Is(err, ErrClosed) && h.replaced(e):
			gone = &goneError{err: err} // given up in the meantime: nothing was carried out
		default:
			return err
		}
		h.lost(e, nil)
		if gone.sent && again == unrepeatable || ctx.Err() != nil || time.Now().After(deadline) {
			return err
		}
	}
}

// replaced reports whether an engine is no longer the one that answers.
func (h *held) replaced(e engine) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.engine != e && !h.finished
}

func ask[A any](ctx context.Context, h *held, again repetition, f func(engine) (A, error)) (answer A, err error) {
	err = h.call(ctx, again, func(e engine) (err error) {
		answer, err = f(e)
		return err
	})
	return answer, err
}

// saw notes a version; it never goes back.
func (h *held) saw(v uint64) {
	for {
		seen := h.version.Load()
		if v <= seen || h.version.CompareAndSwap(seen, v) {
			return
		}
	}
}

// Version implements Reader.
func (h *held) Version() uint64 {
	h.mu.Lock()
	e := h.engine
	h.mu.Unlock()
	if e != nil {
		h.saw(e.Version())
	}
	return h.version.Load()
}

// Append implements probe.Sink.
func (h *held) Append(ctx context.Context, samples []probe.Sample) error {
	return h.call(ctx, repeatable, func(e engine) error { return e.Append(ctx, samples) })
}

// Record implements Writer.
func (h *held) Record(ctx context.Context, n Notes) error {
	return h.call(ctx, repeatable, func(e engine) error { return e.Record(ctx, n) })
}

// Adopt implements Writer.
func (h *held) Adopt(ctx context.Context, rollups []Rollup) (int, error) {
	return ask(ctx, h, repeatable, func(e engine) (int, error) { return e.Adopt(ctx, rollups) })
}

// Reserve implements probe.Ledger. It is not said again where the answer was
// lost: the money may be set aside already, and so stays counted.
func (h *held) Reserve(ctx context.Context, day probe.Day, usd, limit decimal.Decimal) (id string, ok bool, err error) {
	err = h.call(ctx, unrepeatable, func(e engine) (err error) {
		id, ok, err = e.Reserve(ctx, day, usd, limit)
		return err
	})
	return id, ok, err
}

// Settle implements probe.Ledger.
func (h *held) Settle(ctx context.Context, id string, usd decimal.Decimal) error {
	return h.call(ctx, repeatable, func(e engine) error { return e.Settle(ctx, id, usd) })
}

// Spent implements probe.Ledger.
func (h *held) Spent(ctx context.Context, day probe.Day) (probe.Spending, error) {
	return ask(ctx, h, repeatable, func(e engine) (probe.Spending, error) { return e.Spent(ctx, day) })
}

// Window implements Reader.
func (h *held) Window(ctx context.Context, q Query) (Window, error) {
	return ask(ctx, h, repeatable, func(e engine) (Window, error) { return e.Window(ctx, q) })
}

// Series implements Reader.
func (h *held) Series(ctx context.Context, q ChartQuery) ([]Line, error) {
	return ask(ctx, h, repeatable, func(e engine) ([]Line, error) { return e.Series(ctx, q) })
}

// Events implements Reader.
func (h *held) Events(ctx context.Context, r Range) ([]Event, error) {
	return ask(ctx, h, repeatable, func(e engine) ([]Event, error) { return e.Events(ctx, r) })
}

// Prices implements Reader.
func (h *held) Prices(ctx context.Context, model string) ([]PriceSeen, error) {
	return ask(ctx, h, repeatable, func(e engine) ([]PriceSeen, error) { return e.Prices(ctx, model) })
}

// Results implements Reader.
func (h *held) Results(ctx context.Context, r Range) ([]Result, error) {
	return ask(ctx, h, repeatable, func(e engine) ([]Result, error) { return e.Results(ctx, r) })
}

// Info implements Reader.
func (h *held) Info(ctx context.Context) (Info, error) {
	return ask(ctx, h, repeatable, func(e engine) (Info, error) { return e.Info(ctx) })
}

// Prune implements Keeper.
func (h *held) Prune(ctx context.Context, before time.Time) (int, error) {
	return ask(ctx, h, repeatable, func(e engine) (int, error) { return e.Prune(ctx, before) })
}

// Compact implements Keeper.
func (h *held) Compact(ctx context.Context) (Compacted, error) {
	return ask(ctx, h, unrepeatable, func(e engine) (Compacted, error) { return e.Compact(ctx) })
}

// Backup implements Keeper. It is not begun anew in the middle of w.
func (h *held) Backup(ctx context.Context, w io.Writer) (int64, error) {
	return ask(ctx, h, unrepeatable, func(e engine) (int64, error) { return e.Backup(ctx, w) })
}

// Owning implements History.
func (h *held) Owning() <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.owning
}

// Role implements History.
func (h *held) Role() Role {
	h.mu.Lock()
	defer h.mu.Unlock()
	role := Role{Owner: h.owner != nil, PID: h.pid, Err: h.err, Schedule: h.control != nil}
	if h.owner == nil {
		r, attached := h.engine.(*remote)
		role.Schedule = attached && r.scheduled.Load()
	}
	return role
}

// Close implements History.
func (h *held) Close() error {
	h.cancel()
	h.watching.Wait()
	h.mu.Lock()
	if h.finished {
		h.mu.Unlock()
		return nil
	}
	h.finished = true
	e, owner, server, lock := h.engine, h.owner, h.server, h.lock
	h.set(nil, ErrClosed, 0)
	h.mu.Unlock()
	if r, ok := e.(*remote); ok {
		r.close(ErrClosed)
	}
	if owner == nil {
		return nil
	}
	// The lock goes last: the next owner must find the database closed.
	return errors.Join(server.close(), owner.Close(), lock.Close())
}
