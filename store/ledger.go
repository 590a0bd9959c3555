package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"costping/probe"

	"github.com/shopspring/decimal"
	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// bucketLedger holds what probing cost. A day ("2026-11-20") has its totals, and
// under "2026-11-20/" and a number, uint64 big endian in hex, stands every
// reservation of that day: what was set aside until it is settled, from then on
// what it cost. Values are ledgerEntry. Totals stay for good; what was settled is
// forgotten once its day is more than a day past.
var bucketLedger = []byte("ledger")

// ledgerEntry is a day's totals or one reservation, in USD. On disk it is JSON,
// its amounts exact decimals as text, followed by the CRC32C of that.
type ledgerEntry struct {
	Settled  decimal.NullDecimal `json:"settled"`
	Reserved decimal.NullDecimal `json:"reserved"`
}

// maxLedgerEntry bounds an entry that is read, in bytes.
const maxLedgerEntry = 512

var (
	// errRefused ends a transaction that would go over the limit, errSettled one
	// that has nothing to change: neither costs a sync of the disk.
	errRefused = errors.New("over the limit")
	errSettled = errors.New("settled already")
)

// makeLedger adds the ledger to a history that was made before there was one.
func (h *boltHistory) makeLedger() error {
	missing := false
	err := h.view(func(tx *bolt.Tx) error {
		missing = tx.Bucket(bucketLedger) == nil
		return nil
	})
	if err != nil || !missing {
		return err
	}
	return h.change(context.Background(), func(tx *bolt.Tx) error {
		_, err := tx.CreateBucketIfNotExists(bucketLedger)
		return err
	})
}

// change runs a transaction that writes, synced before it returns.
func (h *boltHistory) change(ctx context.Context, f func(*bolt.Tx) error) error {
	if err := h.acquire(ctx); err != nil {
		return err
	}
	defer h.release()
	err := guard(h.db.Path(), func() error { return h.db.Update(f) })
	switch {
	case err == nil, errors.Is(err, errRefused), errors.Is(err, errSettled):
		return err
	case errors.Is(err, berrors.ErrDatabaseNotOpen):
		return ErrClosed
	}
	return fmt.Errorf("writing to the ledger of the history %s: %w", h.db.Path(), pathless(err))
}

// Reserve implements probe.Ledger: one transaction, synced before it returns.
func (h *boltHistory) Reserve(ctx context.Context, day probe.Day, usd, limit decimal.Decimal) (string, bool, error) {
	if err := errors.Join(ctx.Err(), day.Check(), probe.CheckUSD(usd)); err != nil {
		return "", false, err
	}
	var id string
	err := h.change(ctx, func(tx *bolt.Tx) error {
		b := tx.Bucket(bucketLedger)
		spent, found, err := readDay(b, day)
		if err != nil {
			return err
		}
		if spent.Settled.Add(spent.Reserved).Add(usd).GreaterThan(limit) {
			return errRefused
		}
		if !found {
			if err := forget(b, day); err != nil {
				return err
			}
		}
		next, err := b.NextSequence()
		if err != nil {
			return err
		}
		id = fmt.Sprintf("%s/%016x", day, next)
		spent.Reserved = spent.Reserved.Add(usd)
		return errors.Join(writeDay(b, day, spent), b.Put([]byte(id), encodeLedger(ledgerEntry{Reserved: decimal.NewNullDecimal(usd)})))
	})
	if err != nil {
		if errors.Is(err, errRefused) {
			err = nil
		}
		return "", false, err
	}
	return id, true, nil
}

// Settle implements probe.Ledger: one transaction, synced before it returns.
func (h *boltHistory) Settle(ctx context.Context, id string, usd decimal.Decimal) error {
	if err := errors.Join(ctx.Err(), probe.CheckUSD(usd)); err != nil {
		return err
	}
	text, _, _ := strings.Cut(id, "/")
	day := probe.Day(text)
	if day.Check() != nil || id == text || len(id) > maxLedgerEntry {
		return probe.ErrNoReservation
	}
	err := h.change(ctx, func(tx *bolt.Tx) error {
		b := tx.Bucket(bucketLedger)
		value := b.Get([]byte(id))
		if value == nil {
			return probe.ErrNoReservation
		}
		entry, err := decodeLedger(value)
		if err != nil {
			return err
		}
		if entry.Settled.Valid {
			if !entry.Settled.Decimal.Equal(usd) {
				return fmt.Errorf("a probe settled for %s was said to cost %s", entry.Settled.Decimal, usd)
			}
			return errSettled
		}
		spent, found, err := readDay(b, day)
		if err != nil {
			return err
		}
		spent.Reserved, spent.Settled = spent.Reserved.Sub(entry.Reserved.Decimal), spent.Settled.Add(usd)
		if !found || !entry.Reserved.Valid || spent.Reserved.IsNegative() {
			return fmt.Errorf("the ledger of %s does not add up: %w", day, ErrDamaged)
		}
		return errors.Join(writeDay(b, day, spent), b.Put([]byte(id), encodeLedger(ledgerEntry{Settled: decimal.NewNullDecimal(usd)})))
	})
	if errors.Is(err, errSettled) {
		return nil
	}
	return err
}

// Spent implements probe.Ledger.
func (h *boltHistory) Spent(ctx context.Context, day probe.Day) (probe.Spending, error) {
	if err := errors.Join(ctx.Err(), day.Check()); err != nil {
		return probe.Spending{}, err
	}
	var spent probe.Spending
	err := h.view(func(tx *bolt.Tx) (err error) {
		spent, _, err = readDay(tx.Bucket(bucketLedger), day)
		return err
	})
	if err != nil {
		err = fmt.Errorf("reading the ledger of the history %s: %w", h.db.Path(), err)
	}
	return spent, err
}

// readDay reads a day's totals; found is false for a day without any. Totals
// that are missing where there are reservations are damage, and not zero.
func readDay(b *bolt.Bucket, day probe.Day) (spent probe.Spending, found bool, err error) {
	value := b.Get([]byte(day))
	if value == nil {
		under := []byte(day + "/")
		if k, _ := b.Cursor().Seek(under); bytes.HasPrefix(k, under) {
			return spent, false, fmt.Errorf("the ledger of %s has lost its totals: %w", day, ErrDamaged)
		}
		return spent, false, nil
	}
	entry, err := decodeLedger(value)
	if err == nil && (!entry.Settled.Valid || !entry.Reserved.Valid) {
		err = ErrDamaged
	}
	if err != nil {
		return spent, false, fmt.Errorf("the ledger of %s: %w", day, err)
	}
	return probe.Spending{Settled: entry.Settled.Decimal, Reserved: entry.Reserved.Decimal}, true, nil
}

// writeDay writes a day's totals, unless they could not be read back.
func writeDay(b *bolt.Bucket, day probe.Day, spent probe.Spending) error {
	if err := errors.Join(probe.CheckUSD(spent.Settled), probe.CheckUSD(spent.Reserved)); err != nil {
		return err
	}
	return b.Put([]byte(day), encodeLedger(ledgerEntry{
		Settled: decimal.NewNullDecimal(spent.Settled), Reserved: decimal.NewNullDecimal(spent.Reserved),
	}))
}

// forget drops what was settled on days before the one before day: it was kept
// only so that Settle may be repeated. What was never settled stays.
func forget(b *bolt.Bucket, day probe.Day) error {
	before := []byte(probe.DayOf(day.End().AddDate(0, 0, -2)))
	var old [][]byte
	c := b.Cursor()
	for k, v := c.First(); k != nil && bytes.Compare(k, before) < 0; k, v = c.Next() {
		if entry, err := decodeLedger(v); bytes.ContainsRune(k, '/') && err == nil && entry.Settled.Valid {
			old = append(old, bytes.Clone(k))
		}
	}
	for _, k := range old {
		if err := b.Delete(k); err != nil {
			return err
		}
	}
	return nil
}

func encodeLedger(e ledgerEntry) []byte {
	text, err := json.Marshal(e)
	if err != nil { // two decimals always can be
		panic(err)
	}
	return binary.LittleEndian.AppendUint32(text, crc(text))
}

// decodeLedger reads an entry, in bounded time and memory; it fails with
// ErrDamaged where anything is not as encodeLedger writes it.
func decodeLedger(value []byte) (ledgerEntry, error) {
	var e ledgerEntry
	end := len(value) - 4
	if end < 0 || len(value) > maxLedgerEntry || binary.LittleEndian.Uint32(value[end:]) != crc(value[:end]) {
		return e, ErrDamaged
	}
	if err := json.Unmarshal(value[:end], &e); err != nil {
		return ledgerEntry{}, ErrDamaged
	}
	if errors.Join(probe.CheckUSD(e.Settled.Decimal), probe.CheckUSD(e.Reserved.Decimal)) != nil {
		return ledgerEntry{}, ErrDamaged
	}
	return e, nil
}
