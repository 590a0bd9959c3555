package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	bolt "go.etcd.io/bbolt"
)

// compactBatch is how much is copied in one transaction, in bytes.
const compactBatch = 8 << 20

// Compact implements Keeper. The copy is complete, synced and in place before the
// next write; up to then the database is the old one.
func (h *boltHistory) Compact(ctx context.Context) (Compacted, error) {
	h.long.Add(1)
	defer h.long.Add(-1)
	if err := h.writing.LockContext(ctx); err != nil {
		return Compacted{}, err
	}
	defer h.writing.Unlock()
	if h.closed {
		return Compacted{}, ErrClosed
	}
	draft := filepath.Join(filepath.Dir(h.path), compactName)
	result, err := h.compactInto(draft)
	if err == nil {
		err = os.Rename(draft, h.path)
	}
	if err != nil {
		return Compacted{}, errors.Join(fmt.Errorf("compacting the history %s: %w", h.path, pathless(err)), removeIfThere(draft))
	}
	return result, errors.Join(syncFolder(filepath.Dir(h.path)), h.reopen())
}

func (h *boltHistory) compactInto(draft string) (Compacted, error) {
	var result Compacted
	if err := removeIfThere(draft); err != nil {
		return result, err
	}
	copied, err := openBolt(draft, nil)
	if err != nil {
		return result, err
	}
	copied.NoSync = true // synced once, at the end
	h.mu.RLock()
	err = h.broken
	if h.db != nil {
		err = guard(h.path, func() error { return bolt.Compact(copied, h.db, compactBatch) })
	}
	h.mu.RUnlock()
	if err == nil {
		err = copied.Sync()
	}
	if err := errors.Join(err, copied.Close()); err != nil {
		return result, err
	}
	for path, size := range map[string]*int64{h.path: &result.Before, draft: &result.After} {
		info, err := os.Stat(path)
		if err != nil {
			return result, err
		}
		*size = info.Size()
	}
	return result, nil
}

// Backup implements Keeper. The copy is made beside the database first: whoever
// reads it may be slow, and a transaction that stays open makes the file grow.
func (h *boltHistory) Backup(ctx context.Context, w io.Writer) (int64, error) {
	h.long.Add(1)
	defer h.long.Add(-1)
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	f, err := os.CreateTemp(filepath.Dir(h.path), copyPrefix+"*")
	if err != nil {
		return 0, fmt.Errorf("copying the history %s: %w", h.path, pathless(err))
	}
	defer func() { _ = errors.Join(f.Close(), os.Remove(f.Name())) }() // a copy that nobody misses
	err = h.view(func(tx *bolt.Tx) error {
		_, err := tx.WriteTo(f)
		return err
	})
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return 0, fmt.Errorf("copying the history %s: %w", h.path, pathless(err))
	}
	return io.Copy(w, contextReader{ctx, f})
}

// contextReader reads until its context ends.
type contextReader struct {
	ctx context.Context // it lives as long as one copy
	r   io.Reader
}

func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}
