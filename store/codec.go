package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"math/bits"
	"time"

	"costping/probe"

	"github.com/shopspring/decimal"
)

// A record is the value of one sample, without what its key and series say:
//
//	byte    version (1)
//	byte    outcome
//	uvarint flags
//	uvarint which optional fields follow, a bit each in the order of fields()
//	...     those fields, zigzag varints; durations in microseconds, but TPOT in
//	        nanoseconds
//	uvarint length, bytes: the error text
//	uvarint length, bytes: why the speed is withheld
//	uint32  CRC-32C of all that, little endian
//
// Microseconds are a hundredth of what a measurement over a network resolves.
const recordVersion = 1

// maxText bounds a text inside a record, in bytes.
const maxText = 1 << 10

// maxRecord bounds a record, in bytes: more than its fields and texts can be.
const maxRecord = 4 << 10

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var errChecksum = errors.New("the checksum does not match")

// wireSample is a sample as its record holds it.
type wireSample struct {
	outcome  probe.Outcome
	flags    probe.Flags
	present  uint64 // which fields count, a bit each
	fields   [numFields]int64
	err      string
	withheld string
}

// get is a field as it was measured.
func (w *wireSample) get(field int) probe.Measured[int64] {
	if w.present&(1<<field) == 0 {
		return probe.Measured[int64]{}
	}
	return probe.Known(w.fields[field])
}

func (w *wireSample) set(field int, m probe.Measured[int64]) {
	if m.Known {
		w.present |= 1 << field
		w.fields[field] = m.Value
	}
}

func (w *wireSample) micros(field int) probe.Measured[time.Duration] {
	m := w.get(field)
	return probe.Measured[time.Duration]{Value: time.Duration(m.Value) * time.Microsecond, Known: m.Known}
}

func (w *wireSample) setMicros(field int, d probe.Measured[time.Duration]) {
	w.set(field, probe.Measured[int64]{Value: d.Value.Round(time.Microsecond).Microseconds(), Known: d.Known})
}

// The optional fields of a record. Their order is the format: append only.
const (
	fieldStatus = iota
	fieldQueue
	fieldConnect
	fieldDNS
	fieldTLS
	fieldTTFB
	fieldTTFT
	fieldTTFO
	fieldE2E
	fieldTPOT
	fieldInput
	fieldCached
	fieldOutput
	fieldReasoning
	fieldEvents
	fieldRetryAfter
	fieldUSDCoefficient
	fieldUSDExponent
	fieldWrote
	fieldServerTTFT
	fieldRequestLimit
	fieldRequestsLeft
	fieldRequestReset
	fieldTokenLimit
	fieldTokensLeft
	fieldTokenReset
	fieldICLp50
	fieldICLMax
	numFields
)

// toWire takes a sample apart.
func toWire(s probe.Sample) wireSample {
	w := wireSample{outcome: s.Outcome, flags: s.Flags, err: clip(s.Error), withheld: clip(s.SpeedWithheld)}
	w.setMicros(fieldConnect, s.Connect)
	w.setMicros(fieldDNS, s.DNS)
	w.setMicros(fieldTLS, s.TLS)
	w.setMicros(fieldTTFB, s.TTFB)
	w.setMicros(fieldTTFT, s.TTFT)
	w.setMicros(fieldTTFO, s.TTFO)
	w.setMicros(fieldE2E, s.E2E)
	w.setMicros(fieldRetryAfter, s.RetryAfter)
	w.setMicros(fieldWrote, s.Wrote)
	w.setMicros(fieldServerTTFT, s.ServerTTFT)
	w.setMicros(fieldICLp50, s.ICLp50)
	w.setMicros(fieldICLMax, s.ICLMax)
	w.setMicros(fieldQueue, probe.Measured[time.Duration]{Value: s.Queue, Known: s.Queue > 0})
	room := s.Headroom
	w.set(fieldRequestLimit, room.Requests.Limit)
	w.set(fieldRequestsLeft, room.Requests.Remaining)
	w.set(fieldTokenLimit, room.Tokens.Limit)
	w.set(fieldTokensLeft, room.Tokens.Remaining)
	w.setMicros(fieldRequestReset, room.Requests.Reset)
	w.setMicros(fieldTokenReset, room.Tokens.Reset)
	w.set(fieldTPOT, probe.Measured[int64]{Value: s.TPOT.Value.Nanoseconds(), Known: s.TPOT.Known})
	w.set(fieldStatus, probe.Measured[int64]{Value: int64(s.Status), Known: s.Status != 0})
	w.set(fieldEvents, probe.Measured[int64]{Value: int64(s.Events), Known: s.Events != 0})
	w.set(fieldInput, s.Usage.Input)
	w.set(fieldCached, s.Usage.Cached)
	w.set(fieldOutput, s.Usage.Output)
	w.set(fieldReasoning, s.Usage.Reasoning)
	if usd := s.USD; usd.Valid && usd.Decimal.Coefficient().IsInt64() && plausible(int64(usd.Decimal.Exponent())) {
		w.set(fieldUSDCoefficient, probe.Known(usd.Decimal.CoefficientInt64()))
		w.set(fieldUSDExponent, probe.Known(int64(usd.Decimal.Exponent())))
	}
	return w
}

// fromWire puts a sample together again, but for its target, profile, cap and
// time, which are the series' and the key's.
func fromWire(w *wireSample) probe.Sample {
	s := probe.Sample{Outcome: w.outcome, Flags: w.flags}
	if w.err != "" || w.withheld != "" { // a history may come from anywhere
		s.Error, s.SpeedWithheld = probe.Sanitize(w.err, maxText), probe.Sanitize(w.withheld, maxText)
	}
	s.Connect, s.DNS, s.TLS = w.micros(fieldConnect), w.micros(fieldDNS), w.micros(fieldTLS)
	s.TTFB, s.TTFT, s.TTFO = w.micros(fieldTTFB), w.micros(fieldTTFT), w.micros(fieldTTFO)
	s.E2E, s.RetryAfter = w.micros(fieldE2E), w.micros(fieldRetryAfter)
	s.Wrote, s.ServerTTFT = w.micros(fieldWrote), w.micros(fieldServerTTFT)
	s.ICLp50, s.ICLMax = w.micros(fieldICLp50), w.micros(fieldICLMax)
	s.Headroom = w.headroom()
	s.Queue = w.micros(fieldQueue).Value
	tpot := w.get(fieldTPOT)
	s.TPOT = probe.Measured[time.Duration]{Value: time.Duration(tpot.Value), Known: tpot.Known}
	s.Status, s.Events = int(w.get(fieldStatus).Value), int(w.get(fieldEvents).Value)
	s.Usage = probe.Usage{
		Input: w.get(fieldInput), Cached: w.get(fieldCached),
		Output: w.get(fieldOutput), Reasoning: w.get(fieldReasoning),
	}
	if c, e := w.get(fieldUSDCoefficient), w.get(fieldUSDExponent); c.Known && e.Known && plausible(e.Value) {
		s.USD = decimal.NewNullDecimal(decimal.New(c.Value, int32(e.Value)))
	}
	return s
}

func (w *wireSample) headroom() probe.Headroom {
	return probe.Headroom{
		Requests: probe.Allowance{
			Limit: w.get(fieldRequestLimit), Remaining: w.get(fieldRequestsLeft), Reset: w.micros(fieldRequestReset),
		},
		Tokens: probe.Allowance{
			Limit: w.get(fieldTokenLimit), Remaining: w.get(fieldTokensLeft), Reset: w.micros(fieldTokenReset),
		},
	}
}

// plausible bounds the exponent of an amount: sums of far larger ones would take
// all the memory there is.
func plausible(exponent int64) bool { return exponent >= -40 && exponent <= 20 }

func clip(text string) string { return text[:min(len(text), maxText)] }

// encode is the record of a sample.
func encode(w wireSample) []byte {
	b := make([]byte, 0, 96)
	b = append(b, recordVersion, byte(w.outcome))
	b = binary.AppendUvarint(b, uint64(w.flags))
	b = binary.AppendUvarint(b, w.present)
	for i, f := range w.fields {
		if w.present&(1<<i) != 0 {
			b = binary.AppendVarint(b, f)
		}
	}
	for _, text := range []string{w.err, w.withheld} {
		b = binary.AppendUvarint(b, uint64(len(text)))
		b = append(b, text...)
	}
	return binary.LittleEndian.AppendUint32(b, crc(b))
}

// decode reads a record into w, whose fields it leaves as they are where they are
// not present. It looks at nothing before the checksum holds.
func (w *wireSample) decode(b []byte) error {
	if len(b) < 8 || len(b) > maxRecord {
		return fmt.Errorf("a record of %d bytes", len(b))
	}
	body, sum := b[:len(b)-4], binary.LittleEndian.Uint32(b[len(b)-4:])
	if crc(body) != sum {
		return errChecksum
	}
	if body[0] != recordVersion {
		return fmt.Errorf("a record of version %d", body[0])
	}
	r := reader{rest: body[2:]}
	w.outcome = probe.Outcome(body[1])
	w.flags = probe.Flags(r.uvarint() & math.MaxUint32)
	w.present = r.uvarint()
	if w.present >= 1<<numFields {
		return errors.New("a record with fields of a newer version")
	}
	for left := w.present; left != 0; left &= left - 1 {
		w.fields[bits.TrailingZeros64(left)] = r.varint()
	}
	w.err, w.withheld = r.text(), r.text()
	if r.bad || len(r.rest) != 0 {
		return errors.New("a record that does not fill its length")
	}
	return nil
}

// decode reads a record by itself.
func decode(b []byte) (wireSample, error) {
	var w wireSample
	err := w.decode(b)
	return w, err
}

// reader takes varints off a slice; bad once one was not there.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) uvarint() uint64 {
	if len(r.rest) > 0 && r.rest[0] < 0x80 { // as most are
		v := uint64(r.rest[0])
		r.rest = r.rest[1:]
		return v
	}
	v, n := binary.Uvarint(r.rest)
	if n <= 0 {
		r.bad, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *reader) varint() int64 {
	v := r.uvarint()
	return int64(v>>1) ^ -int64(v&1) // zigzag, as binary.AppendVarint writes it
}

func (r *reader) text() string {
	n := r.uvarint()
	if n == 0 {
		return ""
	}
	if n > uint64(len(r.rest)) {
		r.bad, r.rest = true, nil
		return ""
	}
	text := string(r.rest[:n])
	r.rest = r.rest[n:]
	return text
}

func crc(b []byte) uint32 { return crc32.Checksum(b, castagnoli) }
