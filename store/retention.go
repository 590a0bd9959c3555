package store

import (
	"context"
	"encoding/binary"
	"time"

	bolt "go.etcd.io/bbolt"
)

// pruneBatch is after how many samples a transaction that prunes ends, with the
// hour that it is at.
const pruneBatch = 10_000

// Prune implements Keeper.
func (h *boltHistory) Prune(ctx context.Context, before time.Time) (int, error) {
	if err := h.roll(ctx, h.now()); err != nil {
		return 0, err
	}
	pruned := 0
	for {
		if err := ctx.Err(); err != nil {
			return pruned, err
		}
		n, more, err := h.pruneSome(hourOf(nanosOf(before)))
		pruned += n
		if err != nil || !more {
			return pruned, err
		}
	}
}

// pruneSome removes whole hours before a cut, oldest first, in one transaction.
func (h *boltHistory) pruneSome(cut int64) (pruned int, more bool, err error) {
	if !h.pruneDue(cut) {
		return 0, false, nil
	}
	var version uint64
	err = h.change(func(tx *bolt.Tx) error {
		cut := min(cut, prunable(tx))
		until := int64(0)
		pruned = 0
		for pruned < pruneBatch {
			k, _ := tx.Bucket(bucketSamples).Cursor().First()
			at, _, err := parseSampleKey(k)
			if k == nil || err != nil || at >= cut {
				if until != 0 {
					until = cut
				}
				break
			}
			until = hourOf(at) + hourNanos
			before := pruned
			err = walk(tx, hourOf(at), until, func([]byte, []byte) error { pruned++; return nil })
			if err != nil {
				return err
			}
			if err := remove(tx, hourOf(at), until); err != nil {
				return err
			}
			more = pruned > before
		}
		if until == 0 {
			more = false
			return nil
		}
		if err := setMeta(tx, keyRawFrom, max(until, metaOf(tx, keyRawFrom))); err != nil {
			return err
		}
		version, err = changed(tx)
		return err
	})
	if err != nil {
		return 0, false, err
	}
	if version != 0 {
		h.blocks.forget()
		h.version.Store(version)
	}
	return pruned, more, nil
}

// prunable is up to where samples are in rollups.
func prunable(tx *bolt.Tx) int64 {
	rolled := metaOf(tx, keyRolled)
	if k, _ := tx.Bucket(bucketLate).Cursor().First(); len(k) == 8 {
		rolled = min(rolled, int64(binary.BigEndian.Uint64(k)))
	}
	return rolled
}

// pruneDue looks whether there is anything to prune, without a transaction that
// writes.
func (h *boltHistory) pruneDue(cut int64) bool {
	due := false
	err := h.view(func(tx *bolt.Tx) error {
		k, _ := tx.Bucket(bucketSamples).Cursor().First()
		at, _, err := parseSampleKey(k)
		due = err == nil && at < min(cut, prunable(tx))
		return nil
	})
	return err == nil && due
}
