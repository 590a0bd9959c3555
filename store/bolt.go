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
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gofrs/flock"
	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

const databaseName = "history.db"

// boltHistory is the owner's history.
type boltHistory struct {
	dir     string
	db      *bolt.DB
	lock    *flock.Flock
	version atomic.Uint64
	names   atomic.Pointer[seriesNames]
	writing chan struct{} // holds a token while one writes; none while closing
	closed  bool          // guarded by writing
}

var _ History = (*boltHistory)(nil)

// Open takes ownership of the history in dir, making both where they do not
// exist yet. It fails with a *LockedError where another process owns it, and
// with ErrForeign, ErrNewer or ErrDamaged where the database is not one that
// this program may touch; nothing is changed then.
func Open(dir string) (History, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the history's folder %s: %w", dir, pathless(err))
	}
	lock, err := own(dir)
	if err != nil {
		return nil, err
	}
	h, err := openDatabase(dir)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	h.lock = lock
	return h, nil
}

func openDatabase(dir string) (*boltHistory, error) {
	path := filepath.Join(dir, databaseName)
	if err := create(path); err != nil {
		return nil, err
	}
	if err := inspect(path); err != nil {
		return nil, err
	}
	db, err := openBolt(path)
	if err != nil {
		return nil, err
	}
	h := &boltHistory{dir: dir, db: db, writing: make(chan struct{}, 1)}
	if err := h.load(); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if err := h.makeLedger(); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return h, nil
}

// create makes a new history under another name and moves it into place, so that
// a crash never leaves half of one: bbolt takes a file of no length for a new
// database, and so would silently replace what was lost.
func create(path string) error {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return fmt.Errorf("%s: %w", path, ErrForeign)
	case err == nil && info.Size() == 0:
		return fmt.Errorf("%s is empty: %w", path, ErrDamaged)
	case err == nil:
		return nil
	case !errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("opening the history %s: %w", path, pathless(err))
	}
	draft := path + ".new"
	if err := os.Remove(draft); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("making the history %s: %w", path, pathless(err))
	}
	db, err := openBolt(draft)
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bolt.Tx) error {
		for _, name := range [][]byte{bucketMeta, bucketSeries, bucketSamples, bucketLedger} {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		meta := tx.Bucket(bucketMeta)
		return errors.Join(
			meta.Put(keyFormat, binary.AppendUvarint(nil, format)),
			meta.Put(keyMinReader, binary.AppendUvarint(nil, minReader)),
			meta.Put(keyMinWriter, binary.AppendUvarint(nil, minWriter)))
	})
	if err := errors.Join(err, db.Close()); err != nil {
		return fmt.Errorf("making the history %s: %w", path, pathless(err))
	}
	if err := os.Rename(draft, path); err != nil {
		return fmt.Errorf("making the history %s: %w", path, pathless(err))
	}
	return syncFolder(filepath.Dir(path))
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

// growBy is how much a database grows at a time, in bytes. bbolt's own 16 MiB is
// more than most histories ever hold.
const growBy = 1 << 20

// openBolt opens a database file. bbolt answers some damaged files with a panic.
func openBolt(path string) (db *bolt.DB, err error) {
	var file *os.File
	defer func() {
		if v := recover(); v != nil {
			// bbolt has left its lock, which the mapping would hold past Close.
			_ = syscall.Flock(int(file.Fd()), syscall.LOCK_UN)
			_ = file.Close()
			db, err = nil, fmt.Errorf("%s: %w (%v)", path, ErrDamaged, v)
		}
		if db != nil {
			db.AllocSize = growBy
		}
	}()
	db, err = bolt.Open(path, 0o600, &bolt.Options{
		// Ours is the only process that opens it: history.lock sees to that. A
		// lock held all the same is a stranger's.
		Timeout: time.Second,
		// Room to grow without remapping, which would wait for readers. It is
		// address space and not memory.
		InitialMmapSize: 1 << 30,
		FreelistType:    bolt.FreelistArrayType,
		OpenFile: func(name string, flag int, mode os.FileMode) (*os.File, error) {
			var err error
			file, err = os.OpenFile(name, flag, mode)
			return file, err
		},
	})
	switch {
	case err == nil:
		return db, nil
	case errors.Is(err, berrors.ErrTimeout):
		return nil, &LockedError{Dir: filepath.Dir(path)}
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrVersionMismatch):
		return nil, fmt.Errorf("%s: %w", path, ErrForeign)
	case errors.Is(err, berrors.ErrChecksum):
		return nil, fmt.Errorf("%s: %w", path, ErrDamaged)
	}
	return nil, fmt.Errorf("opening the history %s: %w", path, pathless(err))
}

// load checks the format and reads the series.
func (h *boltHistory) load() error {
	names := &seriesNames{ids: map[Series]uint32{}, series: map[uint32]Series{}}
	h.names.Store(names)
	return h.view(func(tx *bolt.Tx) error {
		meta, series := tx.Bucket(bucketMeta), tx.Bucket(bucketSeries)
		if meta == nil || series == nil || tx.Bucket(bucketSamples) == nil {
			return fmt.Errorf("%s: %w", h.db.Path(), ErrForeign)
		}
		for _, key := range [][]byte{keyMinReader, keyMinWriter} {
			needs, n := binary.Uvarint(meta.Get(key))
			if n <= 0 {
				return fmt.Errorf("%s: %w", h.db.Path(), ErrForeign)
			}
			if needs > format {
				return fmt.Errorf("%s has format %d, this program knows %d: %w", h.db.Path(), needs, format, ErrNewer)
			}
		}
		return series.ForEach(func(k, v []byte) error {
			var s Series
			if len(k) != 4 || json.Unmarshal(v, &s) != nil {
				return fmt.Errorf("%s: a series cannot be read: %w", h.db.Path(), ErrDamaged)
			}
			id := binary.BigEndian.Uint32(k)
			names.ids[s], names.series[id] = id, s.shown()
			return nil
		})
	})
}

// Version implements History.
func (h *boltHistory) Version() uint64 { return h.version.Load() }

// Info implements History.
func (h *boltHistory) Info(context.Context) (Info, error) {
	info := Info{Path: h.db.Path(), Format: format}
	err := h.view(func(tx *bolt.Tx) error {
		samples := tx.Bucket(bucketSamples)
		info.Bytes = tx.Size()
		info.Samples = samples.Stats().KeyN
		info.Series = tx.Bucket(bucketSeries).Stats().KeyN
		c := samples.Cursor()
		if k, _ := c.First(); k != nil {
			at, _, err := parseSampleKey(k)
			info.From = time.Unix(0, at).UTC()
			if err != nil {
				return err
			}
		}
		if k, _ := c.Last(); k != nil {
			at, _, err := parseSampleKey(k)
			info.To = time.Unix(0, at).UTC()
			return err
		}
		return nil
	})
	return info, err
}

// guard runs a transaction. bbolt answers a damaged page with a panic, after it
// has put its own locks in order.
func guard(path string, transaction func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("%s: %w (%v)", path, ErrDamaged, v)
		}
	}()
	return transaction()
}

func (h *boltHistory) view(f func(*bolt.Tx) error) error {
	err := guard(h.db.Path(), func() error { return h.db.View(f) })
	if errors.Is(err, berrors.ErrDatabaseNotOpen) {
		return ErrClosed
	}
	return err
}

// Close implements History. It waits for readers and writers to finish.
func (h *boltHistory) Close() error {
	h.writing <- struct{}{}
	defer h.release()
	if h.closed {
		return nil
	}
	h.closed = true
	return errors.Join(h.db.Close(), h.lock.Close())
}

// acquire waits for its turn to write, as long as ctx lets it.
func (h *boltHistory) acquire(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case h.writing <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *boltHistory) release() { <-h.writing }

// between walks the samples with from <= time < to, in the order of time.
func between(tx *bolt.Tx, from, to time.Time, visit func(key, value []byte) error) error {
	c := tx.Bucket(bucketSamples).Cursor()
	start, end := sampleKey(from, 0), sampleKey(to, 0)
	for k, v := c.Seek(start); k != nil && bytes.Compare(k, end) < 0; k, v = c.Next() {
		if err := visit(k, v); err != nil {
			return err
		}
	}
	return nil
}
