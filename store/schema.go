package store

import (
	"encoding/binary"
	"fmt"
	"time"
)

// The format of the database. A program reads a history whose minReader is not
// above its own format, and writes one whose minWriter is not either.
const (
	format    = 1
	minReader = 1
	minWriter = 1
)

// Buckets.
var (
	bucketMeta    = []byte("meta")    // "format", "min_reader", "min_writer" -> varint
	bucketSeries  = []byte("series")  // id, uint32 -> Series as JSON
	bucketSamples = []byte("samples") // sampleKey -> record (codec.go)
)

var (
	keyFormat    = []byte("format")
	keyMinReader = []byte("min_reader")
	keyMinWriter = []byte("min_writer")
)

// sampleKey orders samples by time: every append lands on the last page, a
// window over all series is one pass, and pruning is one range. Layout:
// int64 nanoseconds since 1970 UTC, then uint32 series, both big endian. Two
// samples of one series never share a key: a target has one attempt in flight,
// and Append moves an equal time on by a nanosecond.
func sampleKey(at time.Time, series uint32) []byte {
	key := make([]byte, 0, sampleKeySize)
	key = binary.BigEndian.AppendUint64(key, uint64(at.UnixNano()))
	return binary.BigEndian.AppendUint32(key, series)
}

const sampleKeySize = 12

func parseSampleKey(key []byte) (at int64, series uint32, err error) {
	if len(key) != sampleKeySize {
		return 0, 0, fmt.Errorf("a sample key of %d bytes", len(key))
	}
	return int64(binary.BigEndian.Uint64(key)), binary.BigEndian.Uint32(key[8:]), nil
}

func seriesKey(id uint32) []byte { return binary.BigEndian.AppendUint32(nil, id) }
