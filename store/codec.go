package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
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

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var errChecksum = errors.New("the checksum does not match")

// wireSample is a sample as its record holds it.
type wireSample struct {
	outcome  probe.Outcome
	flags    probe.Flags
	fields   [numFields]probe.Measured[int64]
	err      string
	withheld string
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
	micros := func(field int, d probe.Measured[time.Duration]) {
		if d.Known {
			w.fields[field] = probe.Known(d.Value.Round(time.Microsecond).Microseconds())
		}
	}
	micros(fieldConnect, s.Connect)
	micros(fieldDNS, s.DNS)
	micros(fieldTLS, s.TLS)
	micros(fieldTTFB, s.TTFB)
	micros(fieldTTFT, s.TTFT)
	micros(fieldTTFO, s.TTFO)
	micros(fieldE2E, s.E2E)
	micros(fieldRetryAfter, s.RetryAfter)
	micros(fieldWrote, s.Wrote)
	micros(fieldServerTTFT, s.ServerTTFT)
	micros(fieldICLp50, s.ICLp50)
	micros(fieldICLMax, s.ICLMax)
	room := s.Headroom
	w.fields[fieldRequestLimit], w.fields[fieldRequestsLeft] = room.Requests.Limit, room.Requests.Remaining
	w.fields[fieldTokenLimit], w.fields[fieldTokensLeft] = room.Tokens.Limit, room.Tokens.Remaining
	micros(fieldRequestReset, room.Requests.Reset)
	micros(fieldTokenReset, room.Tokens.Reset)
	if s.Queue > 0 {
		micros(fieldQueue, probe.Known(s.Queue))
	}
	if s.TPOT.Known {
		w.fields[fieldTPOT] = probe.Known(s.TPOT.Value.Nanoseconds())
	}
	if s.Status != 0 {
		w.fields[fieldStatus] = probe.Known(int64(s.Status))
	}
	if s.Events != 0 {
		w.fields[fieldEvents] = probe.Known(int64(s.Events))
	}
	w.fields[fieldInput], w.fields[fieldCached] = s.Usage.Input, s.Usage.Cached
	w.fields[fieldOutput], w.fields[fieldReasoning] = s.Usage.Output, s.Usage.Reasoning
	if usd := s.USD; usd.Valid && usd.Decimal.Coefficient().IsInt64() && plausible(int64(usd.Decimal.Exponent())) {
		w.fields[fieldUSDCoefficient] = probe.Known(usd.Decimal.CoefficientInt64())
		w.fields[fieldUSDExponent] = probe.Known(int64(usd.Decimal.Exponent()))
	}
	return w
}

// fromWire puts a sample together again, but for its target, profile, cap and
// time, which are the series' and the key's.
func fromWire(w wireSample) probe.Sample {
	s := probe.Sample{Outcome: w.outcome, Flags: w.flags}
	if w.err != "" || w.withheld != "" { // a history may come from anywhere
		s.Error, s.SpeedWithheld = probe.Sanitize(w.err, maxText), probe.Sanitize(w.withheld, maxText)
	}
	micros := func(field int) probe.Measured[time.Duration] {
		f := w.fields[field]
		return probe.Measured[time.Duration]{Value: time.Duration(f.Value) * time.Microsecond, Known: f.Known}
	}
	s.Connect, s.DNS, s.TLS = micros(fieldConnect), micros(fieldDNS), micros(fieldTLS)
	s.TTFB, s.TTFT, s.TTFO = micros(fieldTTFB), micros(fieldTTFT), micros(fieldTTFO)
	s.E2E, s.RetryAfter = micros(fieldE2E), micros(fieldRetryAfter)
	s.Wrote, s.ServerTTFT = micros(fieldWrote), micros(fieldServerTTFT)
	s.ICLp50, s.ICLMax = micros(fieldICLp50), micros(fieldICLMax)
	s.Headroom = probe.Headroom{
		Requests: probe.Allowance{
			Limit: w.fields[fieldRequestLimit], Remaining: w.fields[fieldRequestsLeft], Reset: micros(fieldRequestReset),
		},
		Tokens: probe.Allowance{
			Limit: w.fields[fieldTokenLimit], Remaining: w.fields[fieldTokensLeft], Reset: micros(fieldTokenReset),
		},
	}
	s.Queue = micros(fieldQueue).Value
	tpot := w.fields[fieldTPOT]
	s.TPOT = probe.Measured[time.Duration]{Value: time.Duration(tpot.Value), Known: tpot.Known}
	s.Status, s.Events = int(w.fields[fieldStatus].Value), int(w.fields[fieldEvents].Value)
	s.Usage = probe.Usage{
		Input: w.fields[fieldInput], Cached: w.fields[fieldCached],
		Output: w.fields[fieldOutput], Reasoning: w.fields[fieldReasoning],
	}
	if c, e := w.fields[fieldUSDCoefficient], w.fields[fieldUSDExponent]; c.Known && e.Known && plausible(e.Value) {
		s.USD = decimal.NewNullDecimal(decimal.New(c.Value, int32(e.Value)))
	}
	return s
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
	var present uint64
	for i, f := range w.fields {
		if f.Known {
			present |= 1 << i
		}
	}
	b = binary.AppendUvarint(b, present)
	for _, f := range w.fields {
		if f.Known {
			b = binary.AppendVarint(b, f.Value)
		}
	}
	for _, text := range []string{w.err, w.withheld} {
		b = binary.AppendUvarint(b, uint64(len(text)))
		b = append(b, text...)
	}
	return binary.LittleEndian.AppendUint32(b, crc(b))
}

// decode reads a record. It looks at nothing before the checksum holds.
func decode(b []byte) (wireSample, error) {
	var w wireSample
	if len(b) < 8 {
		return w, fmt.Errorf("a record of %d bytes", len(b))
	}
	body, sum := b[:len(b)-4], binary.LittleEndian.Uint32(b[len(b)-4:])
	if crc(body) != sum {
		return w, errChecksum
	}
	if body[0] != recordVersion {
		return w, fmt.Errorf("a record of version %d", body[0])
	}
	r := reader{rest: body[2:]}
	w.outcome = probe.Outcome(body[1])
	w.flags = probe.Flags(r.uvarint() & math.MaxUint32)
	present := r.uvarint()
	if present >= 1<<numFields {
		return w, errors.New("a record with fields of a newer version")
	}
	for i := range w.fields {
		if present&(1<<i) != 0 {
			w.fields[i] = probe.Known(r.varint())
		}
	}
	w.err, w.withheld = r.text(), r.text()
	if r.bad || len(r.rest) != 0 {
		return w, errors.New("a record that does not fill its length")
	}
	return w, nil
}

// reader takes varints off a slice; bad once one was not there.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.rest)
	return advance(r, v, n)
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.rest)
	return advance(r, v, n)
}

func advance[T int64 | uint64](r *reader, v T, n int) T {
	if n <= 0 {
		r.bad, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *reader) text() string {
	n := r.uvarint()
	if n > uint64(len(r.rest)) {
		r.bad, r.rest = true, nil
		return ""
	}
	text := string(r.rest[:n])
	r.rest = r.rest[n:]
	return text
}

func crc(b []byte) uint32 { return crc32.Checksum(b, castagnoli) }
