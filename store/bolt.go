package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

const databaseName = "history.db"

// boltHistory is the owner's side: the database itself. Locks are taken in the
// order writing, mu.
type boltHistory struct {
	path    string
	options Options
	version version
	names   atomic.Pointer[seriesNames]
	blocks  blocks
	memo    memo
	unsaved unsaved
	upkeep  upkeep
	long    atomic.Int32 // copies that are being written for somebody

	writing turn  // one transaction that writes at a time, and none while closing
	clock   clock // guarded by writing
	closed  bool  // guarded by writing

	mu     sync.RWMutex // held for writing while db is exchanged
	db     *bolt.DB     // nil where it could not be opened again
	broken error        // why
}

var _ engine = (*boltHistory)(nil)

// openDatabase opens the database in dir, making it where there is none. Whoever
// calls it holds the lock.
func openDatabase(dir string, o Options) (*boltHistory, error) {
	h := &boltHistory{path: filepath.Join(dir, databaseName), options: o, writing: newTurn()}
	if err := h.create(); err != nil {
		return nil, err
	}
	if err := inspect(h.path); err != nil {
		return nil, err
	}
	db, err := openBolt(h.path, o.OpenFile)
	if err != nil {
		return nil, err
	}
	h.db = db
	if err := h.load(); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	sweep(dir, time.Now()) // by the clock that the files have
	h.startUpkeep()
	return h, nil
}

func (h *boltHistory) now() time.Time { return h.options.now() }

// create makes a new history under another name and moves it into place, so that
// a crash never leaves half of one: bbolt takes a file of no length for a new
// database, and so would silently replace what was lost.
func (h *boltHistory) create() error {
	switch _, err := os.Stat(h.path); {
	case err == nil:
		return nil
	case !errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("opening the history %s: %w", h.path, pathless(err))
	}
	draft := h.path + ".new"
	if err := os.Remove(draft); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("making the history %s: %w", h.path, pathless(err))
	}
	db, err := openBolt(draft, nil)
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bolt.Tx) error {
		return errors.Join(makeBuckets(tx), stamp(tx))
	})
	if err := errors.Join(err, db.Close()); err != nil {
		return fmt.Errorf("making the history %s: %w", h.path, pathless(err))
	}
	if err := os.Rename(draft, h.path); err != nil {
		return fmt.Errorf("making the history %s: %w", h.path, pathless(err))
	}
	return syncFolder(filepath.Dir(h.path))
}

func makeBuckets(tx *bolt.Tx) error {
	for _, name := range buckets {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	return nil
}

// stamp writes the format.
func stamp(tx *bolt.Tx) error {
	return errors.Join(setMeta(tx, keyFormat, format), setMeta(tx, keyMinReader, minReader), setMeta(tx, keyMinWriter, minWriter))
}

// syncFolder makes a rename survive a power cut.
func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("making the history in %s: %w", dir, pathless(err))
	}
	// Some file systems cannot sync a folder: then there is nothing to be done.
	_ = f.Sync()
	return f.Close()
}

// load checks the format, brings it to today's and reads the series.
func (h *boltHistory) load() error {
	if err := h.checkFormat(); err != nil {
		return err
	}
	if err := h.migrate(); err != nil {
		return err
	}
	names := &seriesNames{ids: map[Series]uint32{}, series: map[uint32]Series{}}
	h.names.Store(names)
	return h.view(func(tx *bolt.Tx) error {
		for _, name := range buckets {
			if tx.Bucket(name) == nil {
				return fmt.Errorf("%s has no bucket %s: %w", h.path, name, ErrDamaged)
			}
		}
		h.version.Store(tx.Bucket(bucketSamples).Sequence())
		if k, _ := tx.Bucket(bucketSamples).Cursor().Last(); k != nil {
			if at, _, err := parseSampleKey(k); err == nil {
				h.upkeep.newest = instant(at)
			}
		}
		return tx.Bucket(bucketSeries).ForEach(func(k, v []byte) error {
			var s Series
			if len(k) != 4 || json.Unmarshal(v, &s) != nil || len(names.ids) >= mostSeries {
				return fmt.Errorf("%s: a series cannot be read: %w", h.path, ErrDamaged)
			}
			id := binary.BigEndian.Uint32(k)
			names.ids[s], names.series[id] = id, s.shown()
			return nil
		})
	})
}

func (h *boltHistory) checkFormat() error {
	return h.view(func(tx *bolt.Tx) error { return formatOf(tx, h.path) })
}

// formatOf reports a database that is not a history, or one of a newer program.
func formatOf(tx *bolt.Tx, path string) error {
	meta := tx.Bucket(bucketMeta)
	if meta == nil || tx.Bucket(bucketSeries) == nil || tx.Bucket(bucketSamples) == nil {
		return fmt.Errorf("%s: %w", path, ErrForeign)
	}
	for _, key := range [][]byte{keyFormat, keyMinReader, keyMinWriter} {
		needs, n := binary.Uvarint(meta.Get(key))
		if n <= 0 {
			return fmt.Errorf("%s: %w", path, ErrForeign)
		}
		if needs > format && !bytes.Equal(key, keyFormat) {
			return fmt.Errorf("%s has format %d, this program knows %d: %w", path, needs, format, ErrNewer)
		}
	}
	return nil
}

// Version implements Reader.
func (h *boltHistory) Version() uint64 { return h.version.Load() }

// Info implements Reader.
func (h *boltHistory) Info(ctx context.Context) (Info, error) {
	info := Info{Path: h.path, OwnerPID: os.Getpid()}
	defer h.relax()
	if err := ctx.Err(); err != nil {
		return info, err
	}
	if err := h.unsaved.error(); err != nil {
		var u *UnsavedError
		if errors.As(err, &u) {
			info.Unsaved, info.Dropped, info.UnsavedWhy = u.Samples, u.Dropped, u.Err.Error()
		}
	}
	err := h.view(func(tx *bolt.Tx) error {
		samples := tx.Bucket(bucketSamples)
		info.Format = int(metaOf(tx, keyFormat))
		info.RawFrom = instant(metaOf(tx, keyRawFrom))
		info.Bytes = tx.Size()
		if file, err := os.Stat(h.path); err == nil { // what bbolt keeps ready to grow into is on the disk too
			info.Bytes = file.Size()
		}
		info.Samples = samples.Stats().KeyN
		info.Series = len(h.names.Load().series)
		c := samples.Cursor()
		if k, _ := c.First(); k != nil {
			at, _, err := parseSampleKey(k)
			info.From = instant(at)
			if err != nil {
				return err
			}
		}
		if k, _ := c.Last(); k != nil {
			at, _, err := parseSampleKey(k)
			info.To = instant(at)
			return err
		}
		return nil
	})
	return info, err
}

// guard runs a transaction. bbolt answers a damaged page with a panic, after it
// has put its own locks in order; a page beyond the end of the file, or one that
// the disk cannot read, is a fault, which becomes a panic here as well.
func guard(path string, transaction func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("%s: %w (%v)", path, ErrDamaged, v)
		}
	}()
	return transaction()
}

// view runs a transaction that reads.
func (h *boltHistory) view(f func(*bolt.Tx) error) error {
	h.mu.RLock()
	defer h.mu.RUnlock()
	if h.db == nil {
		return h.broken
	}
	err := guard(h.path, func() error { return h.db.View(f) })
	if errors.Is(err, berrors.ErrDatabaseNotOpen) {
		return ErrClosed
	}
	return err
}

// change runs a transaction that writes, synced before it returns.
func (h *boltHistory) change(f func(*bolt.Tx) error) error {
	return h.changeWithin(context.Background(), f)
}

// changeWithin is change for who waits no longer than ctx lasts.
func (h *boltHistory) changeWithin(ctx context.Context, f func(*bolt.Tx) error) error {
	if err := h.writing.LockContext(ctx); err != nil {
		return err
	}
	defer h.writing.Unlock()
	return h.update(f)
}

// update is change for a caller that holds the writing lock. When a write or a
// sync has failed nobody can say what is on the disk and what is only in memory:
// the database is opened anew, and the transaction tried once more. So f may run
// twice.
func (h *boltHistory) update(f func(*bolt.Tx) error) error {
	if h.closed {
		return ErrClosed
	}
	disk, err := h.try(f)
	if !disk {
		return err
	}
	if again := h.reopen(); again != nil {
		return &diskError{h.path, err}
	}
	if disk, err = h.try(f); disk {
		return &diskError{h.path, err}
	}
	return err
}

// try runs a transaction; disk says that it was not f that failed.
func (h *boltHistory) try(f func(*bolt.Tx) error) (disk bool, err error) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	if h.db == nil {
		return true, h.broken
	}
	own := errors.New("it did not begin")
	err = guard(h.path, func() error {
		return h.db.Update(func(tx *bolt.Tx) error {
			own = f(tx)
			return own
		})
	})
	return err != nil && (own == nil || errors.Is(err, berrors.ErrDatabaseNotOpen)), err
}

// reopen closes the database and opens it again; the caller holds the writing lock.
func (h *boltHistory) reopen() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.db != nil {
		_ = h.db.Close() // whatever is wrong shows again
		h.db = nil
	}
	h.blocks.forget()
	err := inspect(h.path)
	if err == nil {
		h.db, err = openBolt(h.path, h.options.OpenFile)
	}
	h.broken = err
	return err
}

// Close waits for readers and writers to finish.
func (h *boltHistory) Close() error {
	h.stopUpkeep()
	lost := errors.Join(h.retry(), h.noteClock())
	h.writing.Lock()
	defer h.writing.Unlock()
	if h.closed {
		return nil
	}
	h.closed = true
	h.mu.Lock()
	defer h.mu.Unlock()
	db := h.db
	h.db, h.broken = nil, ErrClosed
	if db == nil {
		return lost
	}
	return errors.Join(lost, db.Close())
}

// walk visits the samples with from <= time < to, in the order of time.
func walk(tx *bolt.Tx, from, to int64, visit func(key, value []byte) error) error {
	c := tx.Bucket(bucketSamples).Cursor()
	start, end := sampleKey(from, 0), sampleKey(to, 0)
	for k, v := c.Seek(start); k != nil && bytes.Compare(k, end) < 0; k, v = c.Next() {
		if err := visit(k, v); err != nil {
			return err
		}
	}
	return nil
}
