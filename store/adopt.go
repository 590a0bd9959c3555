package store

import (
	"context"
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// Adopt implements Writer. Whatever this history has rolled up itself, or will, is
// its own and stays.
func (h *boltHistory) Adopt(ctx context.Context, rollups []Rollup) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	for i := range rollups {
		r := &rollups[i]
		length := r.Span.Length()
		if err := errors.Join(checkTime(r.From), r.Series.check()); err != nil {
			return 0, err
		}
		if length == 0 || !r.From.Equal(r.From.Truncate(length)) {
			return 0, fmt.Errorf("a rollup of a %s that begins at %s", r.Span, r.From)
		}
	}
	adopted := 0
	var version uint64
	var names *seriesNames
	if err := h.writing.LockContext(ctx); err != nil {
		return 0, err
	}
	defer h.writing.Unlock()
	err := h.update(func(tx *bolt.Tx) (err error) {
		adopted, names = 0, h.names.Load()
		for i := range rollups {
			r := &rollups[i]
			id, known := names.ids[r.Series]
			if !known {
				if names, id, err = names.with(tx, r.Series); err != nil {
					return err
				}
			}
			bucket := map[Span][]byte{Hourly: bucketHour, Daily: bucketDay}[r.Span]
			key := rollupKey(id, nanosOf(r.From))
			if tx.Bucket(bucket).Get(key) != nil {
				continue
			}
			if err := tx.Bucket(bucket).Put(key, encodeRollup(r)); err != nil {
				return err
			}
			adopted++
		}
		version, err = changed(tx)
		return err
	})
	if err != nil {
		return 0, err
	}
	h.names.Store(names)
	h.version.Store(version)
	return adopted, nil
}
