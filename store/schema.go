package store

import (
	"encoding/binary"
	"fmt"
	"time"

	"costping/probe"

	bolt "go.etcd.io/bbolt"
)

// The format of the database. A program reads a history whose min_reader is not
// above its own format, and writes one whose min_writer is not either; this one
// wants both. A format is never changed, only followed by another:
//
//	1  meta, series, samples, ledger
//	2  price, event, result, hour, day, late: a program that does not know them
//	   may read, but its samples would be missing from the rollups
const (
	format    = 2
	minReader = 1
	minWriter = 2
)

// Buckets. Every value but those of meta and series ends with a CRC-32C.
var (
	bucketMeta    = []byte("meta")    // see the keys below
	bucketSeries  = []byte("series")  // id, uint32 -> Series as JSON
	bucketSamples = []byte("samples") // sampleKey -> record (codec.go); its sequence is the version
	bucketHour    = []byte("hour")    // rollupKey -> rollup's record (rollupcodec.go)
	bucketDay     = []byte("day")     // the same
	bucketLate    = []byte("late")    // int64: an hour that was rolled up and has samples that are not in it
	bucketEvent   = []byte("event")   // time and a number, as sampleKey -> Event as JSON (notes.go)
	bucketPrice   = []byte("price")   // the same -> PriceSeen as JSON
	bucketResult  = []byte("result")  // the same -> Result as JSON

	buckets = [][]byte{
		bucketMeta, bucketSeries, bucketSamples, bucketLedger,
		bucketHour, bucketDay, bucketLate, bucketEvent, bucketPrice, bucketResult,
	}
)

// Keys of meta; their values are uvarints.
var (
	keyFormat    = []byte("format")
	keyMinReader = []byte("min_reader")
	keyMinWriter = []byte("min_writer")
	keyRolled    = []byte("rolled")   // nanoseconds since 1970: every hour before is rolled up
	keyRawFrom   = []byte("raw_from") // nanoseconds since 1970: samples before were pruned
)

func metaOf(tx *bolt.Tx, key []byte) int64 {
	v, n := binary.Uvarint(tx.Bucket(bucketMeta).Get(key))
	if n <= 0 || v > uint64(latest) {
		return 0
	}
	return int64(v)
}

func setMeta(tx *bolt.Tx, key []byte, v int64) error {
	return tx.Bucket(bucketMeta).Put(key, binary.AppendUvarint(nil, uint64(v)))
}

// latest is the last instant that a history can hold, in nanoseconds since 1970:
// the end of the year 2261.
var latest = time.Date(2262, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano() - 1

// nanosOf is an instant as a key has it, moved into what a key can hold: the zero
// time is 0.
func nanosOf(t time.Time) int64 {
	switch {
	case t.Before(time.Unix(0, 0)):
		return 0
	case t.After(time.Unix(0, latest)):
		return latest
	}
	return t.UnixNano()
}

// bounds is a range as keys have it.
func (r Range) bounds() (from, to int64) {
	if r.To.IsZero() {
		return nanosOf(r.From), latest
	}
	return nanosOf(r.From), nanosOf(r.To)
}

// checkTime reports an instant that no key can hold.
func checkTime(t time.Time) error {
	if t.Before(time.Unix(0, 0)) || t.After(time.Unix(0, latest)) {
		return fmt.Errorf("a time in the year %d cannot be kept", t.Year())
	}
	return nil
}

// sampleKey orders samples by time: every append lands on the last page, a
// window over all series is one pass, and pruning is one range. Layout:
// int64 nanoseconds since 1970 UTC, then uint32 series, both big endian. Two
// samples of one series never share a key: a target has one attempt in flight,
// and Append moves an equal time on by a nanosecond.
func sampleKey(at int64, series uint32) []byte {
	key := make([]byte, 0, sampleKeySize)
	key = binary.BigEndian.AppendUint64(key, uint64(at))
	return binary.BigEndian.AppendUint32(key, series)
}

const sampleKeySize = 12

func parseSampleKey(key []byte) (at int64, series uint32, err error) {
	if len(key) != sampleKeySize {
		return 0, 0, fmt.Errorf("a sample key of %d bytes", len(key))
	}
	return int64(binary.BigEndian.Uint64(key)), binary.BigEndian.Uint32(key[8:]), nil
}

// rollupKey orders rollups by series, then time: a chart of one is one range.
func rollupKey(series uint32, start int64) []byte {
	key := make([]byte, 0, sampleKeySize)
	key = binary.BigEndian.AppendUint32(key, series)
	return binary.BigEndian.AppendUint64(key, uint64(start))
}

func parseRollupKey(key []byte) (series uint32, start int64, err error) {
	if len(key) != sampleKeySize {
		return 0, 0, fmt.Errorf("a rollup key of %d bytes", len(key))
	}
	return binary.BigEndian.Uint32(key), int64(binary.BigEndian.Uint64(key[4:])), nil
}

func seriesKey(id uint32) []byte { return binary.BigEndian.AppendUint32(nil, id) }

func hourKey(hour int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(hour)) }

// inFormat reports whether the outcome is one of those that this program knows.
func inFormat(w *wireSample) bool { return w.outcome >= probe.OK && w.outcome <= probe.Skipped }

// changed moves the version on: the sequence of the samples' bucket, so that it
// outlives its process.
func changed(tx *bolt.Tx) (uint64, error) { return tx.Bucket(bucketSamples).NextSequence() }
