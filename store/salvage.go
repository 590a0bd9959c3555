package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"costping/probe"

	bolt "go.etcd.io/bbolt"
)

// Salvaged says what was read out of a damaged history.
type Salvaged struct {
	Series, Samples, Rollups, Notes int
	// Days counts the days whose spending is known, at its highest.
	Days int
	// Unnamed counts the series whose names were lost.
	Unnamed int
}

// Salvage reads what can be read of the damaged database at path into a new
// history in dir, which must have none. Every record is taken whose checksum
// matches, wherever in the file it stands: that includes copies that the database
// had let go, so pruned samples may come back. Where there are several copies of
// what changes, the one that says the most is taken, so that a budget rather
// counts too much than too little. The damaged file is only read.
func Salvage(ctx context.Context, path, dir string) (Salvaged, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Salvaged{}, fmt.Errorf("making the history's folder %s: %w", dir, pathless(err))
	}
	lock, err := own(dir)
	if err != nil {
		return Salvaged{}, err
	}
	if lock == nil {
		pid, _ := announced(dir)
		return Salvaged{}, &LockedError{Dir: dir, PID: pid}
	}
	defer func() { _ = lock.Close() }() // all is written by then
	if _, err := os.Lstat(filepath.Join(dir, databaseName)); err == nil {
		return Salvaged{}, fmt.Errorf("there is a history in %s already", dir)
	}
	h, err := openDatabase(dir, Options{Retention: -1})
	if err != nil {
		return Salvaged{}, err
	}
	h.stopUpkeep()
	s := &salvaging{h: h, series: map[uint32][]byte{}, used: map[uint32]bool{}, kept: map[string][]byte{}, hours: map[int64]bool{}}
	err = s.read(ctx, path)
	if err == nil {
		err = s.write(path)
	}
	return s.done, errors.Join(err, h.Close())
}

// salvaging is one salvage. Samples are written as they come; the rest is little
// enough to be held.
type salvaging struct {
	h       *boltHistory
	series  map[uint32][]byte
	used    map[uint32]bool
	kept    map[string][]byte // bucket, a zero byte and the key -> value
	hours   map[int64]bool    // hours that have a rollup
	pending []record
	seen    []int64 // the hours of samples
	done    Salvaged
}

type record struct{ key, value []byte }

// salvageBatch is how many samples are written in one transaction.
const salvageBatch = 20_000

func (s *salvaging) read(ctx context.Context, path string) error {
	err := leaves(path, func(key, value []byte) error {
		s.sort(key, value)
		if len(s.pending) < salvageBatch {
			return nil
		}
		return errors.Join(ctx.Err(), s.flush())
	})
	return errors.Join(err, s.flush())
}

// sort finds out what a record is, by itself.
func (s *salvaging) sort(key, value []byte) {
	switch {
	case len(key) == 4:
		var series Series
		if json.Unmarshal(value, &series) == nil && series.Target != "" && series.check() == nil {
			s.series[binary.BigEndian.Uint32(key)] = bytes.Clone(value)
		}
	case len(key) == sampleKeySize && len(value) > 0 && value[0] == recordVersion:
		s.sample(key, value)
	case len(key) == sampleKeySize && len(value) > 0 && value[0] == rollupVersion:
		s.rollup(key, value)
	case len(key) == sampleKeySize:
		if text, whole := unseal(value); whole {
			if bucket := noteBucket(text); bucket != nil {
				s.kept[place(bucket, key)] = bytes.Clone(value)
			}
		}
	default:
		s.ledger(key, value)
	}
}

func place(bucket, key []byte) string { return string(bucket) + "\x00" + string(key) }

func (s *salvaging) sample(key, value []byte) {
	var w wireSample
	at, id, err := parseSampleKey(key)
	if err != nil || at < 0 || at > latest || w.decode(value) != nil || !inFormat(&w) {
		return
	}
	s.used[id] = true
	s.pending = append(s.pending, record{bytes.Clone(key), bytes.Clone(value)})
}

func (s *salvaging) rollup(key, value []byte) {
	r, err := decodeRollup(value)
	id, start, badKey := parseRollupKey(key)
	if err != nil || badKey != nil || start < 0 || start > latest {
		return
	}
	bucket := bucketDay
	if r.Span == Hourly {
		bucket = bucketHour
		s.hours[start] = true
	}
	s.used[id] = true
	at := place(bucket, key)
	if before, err := decodeRollup(s.kept[at]); err != nil || before.Attempts() < r.Attempts() {
		s.kept[at] = bytes.Clone(value)
	}
}

// noteBucket tells notes apart by what each kind alone has.
func noteBucket(text []byte) []byte {
	var has map[string]json.RawMessage
	if json.Unmarshal(text, &has) != nil {
		return nil
	}
	for field, bucket := range map[string][]byte{"text": bucketEvent, "price": bucketPrice, "score": bucketResult} {
		if has[field] != nil {
			return bucket
		}
	}
	return nil
}

func (s *salvaging) ledger(key, value []byte) {
	entry, err := decodeLedger(value)
	text, _, _ := bytes.Cut(key, []byte("/"))
	if err != nil || probe.Day(text).Check() != nil || len(key) > maxLedgerEntry {
		return
	}
	at := place(bucketLedger, key)
	before, err := decodeLedger(s.kept[at])
	total := entry.Settled.Decimal.Add(entry.Reserved.Decimal)
	if err != nil || before.Settled.Decimal.Add(before.Reserved.Decimal).LessThan(total) {
		s.kept[at] = bytes.Clone(value)
	}
}

// flush writes the samples that were read.
func (s *salvaging) flush() error {
	if len(s.pending) == 0 {
		return nil
	}
	slices.SortFunc(s.pending, func(a, b record) int { return bytes.Compare(a.key, b.key) })
	hours := map[int64]bool{}
	for _, hour := range s.seen {
		hours[hour] = true
	}
	added := 0
	err := s.h.change(func(tx *bolt.Tx) error {
		added = 0
		b := tx.Bucket(bucketSamples)
		for _, r := range s.pending {
			at, _, err := parseSampleKey(r.key)
			if err != nil {
				return err
			}
			hours[hourOf(at)] = true
			if b.Get(r.key) == nil {
				added++
			}
			if err := b.Put(r.key, r.value); err != nil {
				return err
			}
		}
		return nil
	})
	s.done.Samples += added
	s.pending, s.seen = s.pending[:0], slices.Collect(maps.Keys(hours))
	return err
}

// write writes all but the samples, and what is to be rolled up again: the hours
// that have samples and no rollup.
func (s *salvaging) write(path string) error {
	rolled := int64(0)
	for hour := range s.hours {
		rolled = max(rolled, hour+hourNanos)
	}
	return s.h.change(func(tx *bolt.Tx) error {
		s.done.Series, s.done.Unnamed = 0, 0
		if err := s.names(tx); err != nil {
			return err
		}
		s.done.Rollups, s.done.Notes, s.done.Days = 0, 0, 0
		for _, at := range slices.Sorted(maps.Keys(s.kept)) {
			bucket, key, _ := bytes.Cut([]byte(at), []byte{0})
			if err := tx.Bucket(bucket).Put(key, s.kept[at]); err != nil {
				return err
			}
			s.tally(bucket, key)
		}
		if err := tx.Bucket(bucketLedger).SetSequence(s.lastReservation()); err != nil {
			return err
		}
		for _, hour := range s.seen {
			if hour < rolled && !s.hours[hour] {
				if err := tx.Bucket(bucketLate).Put(hourKey(hour), nil); err != nil {
					return err
				}
			}
		}
		now := s.h.now()
		_, err := changed(tx)
		return errors.Join(err, setMeta(tx, keyRolled, rolled), putNote(tx, bucketEvent, now, Event{
			At: now.UTC(), Kind: EventDamaged, Text: fmt.Sprintf("%d samples were salvaged from %s", s.done.Samples, filepath.Base(path)),
		}))
	})
}

// lastReservation is the highest number of a reservation that was found: the next
// one must not replace any of them.
func (s *salvaging) lastReservation() uint64 {
	last := uint64(0)
	for at := range s.kept {
		if under, number, ok := strings.Cut(at, "/"); ok && strings.HasPrefix(under, string(bucketLedger)+"\x00") {
			if n, err := strconv.ParseUint(number, 16, 64); err == nil {
				last = max(last, n)
			}
		}
	}
	return last
}

func (s *salvaging) tally(bucket, key []byte) {
	switch {
	case bytes.Equal(bucket, bucketLedger):
		if !bytes.ContainsRune(key, '/') {
			s.done.Days++
		}
	case bytes.Equal(bucket, bucketHour), bytes.Equal(bucket, bucketDay):
		s.done.Rollups++
	default:
		s.done.Notes++
	}
}

// names writes the series. One whose name was lost gets one that says so.
func (s *salvaging) names(tx *bolt.Tx) error {
	b := tx.Bucket(bucketSeries)
	highest := uint32(0)
	for id := range s.used {
		if s.series[id] != nil {
			continue
		}
		s.done.Unnamed++
		value, err := json.Marshal(Series{Target: fmt.Sprintf("unknown-%d", id), Model: "unknown", Profile: "unknown"})
		if err != nil {
			return err
		}
		if err := b.Put(seriesKey(id), value); err != nil {
			return err
		}
		highest = max(highest, id)
	}
	for id, value := range s.series {
		s.done.Series++
		if err := b.Put(seriesKey(id), value); err != nil {
			return err
		}
		highest = max(highest, id)
	}
	return b.SetSequence(uint64(highest))
}
