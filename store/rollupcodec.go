package store

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"

	"costping/probe"

	"github.com/shopspring/decimal"
)

// A rollup's record, without what its key and series say: a version byte, its
// span ('h' or 'd'), the fields in the order of encodeRollup, and the CRC-32C of all that, little endian.
// Counts and lengths are uvarints, whatever could be less than nothing a zigzag
// varint, quantiles float32. The version is not one of a sample's record, so that
// a record can be told by itself.
const rollupVersion = 0x41

// maxRollup bounds a rollup's record, in bytes.
const maxRollup = 4*maxSketch + maxRecord

func encodeRollup(r *Rollup) []byte {
	b := append(make([]byte, 0, 512), rollupVersion, spanByte(r.Span))
	b = binary.AppendUvarint(b, uint64(len(r.Outcomes)))
	for _, o := range probe.Outcomes() {
		if n, ok := r.Outcomes[o]; ok {
			b = binary.AppendUvarint(append(b, byte(o)), uint64(n))
		}
	}
	b = binary.AppendUvarint(b, uint64(len(r.Flags)))
	for bit := range 32 {
		if n, ok := r.Flags[1<<bit]; ok {
			b = binary.AppendUvarint(append(b, byte(bit)), uint64(n))
		}
	}
	for _, n := range []int{r.Offline, r.Unpriced, r.ThinkingN, r.FailedInARow, truth(r.Succeeded)} {
		b = binary.AppendUvarint(b, uint64(n))
	}
	for _, n := range []int64{r.InputTotal, r.OutputTotal, r.Tokens, r.Thoughts, nanosOf(r.Last), nanosOf(r.LastErrorAt)} {
		b = binary.AppendVarint(b, n)
	}
	b = append(b, byte(r.LastOutcome))
	b = appendText(b, r.USD.String())
	b = appendText(b, clip(r.LastError))
	b = appendFloats(b, r.InputTokens, r.OutputTokens)
	b = appendSpread(b, r.Speed)
	for _, d := range []Digest{r.TTFT, r.TPOT, r.E2E} {
		b = appendSpread(b, d.Spread)
		if d.N > 0 {
			b = appendFloats(b, d.Max)
			b = appendText(b, string(d.sketch))
		}
	}
	return binary.LittleEndian.AppendUint32(b, crc(b))
}

func spanByte(s Span) byte {
	if s == Daily {
		return 'd'
	}
	return 'h'
}

// spanOf is the span of a record; "" for none.
func spanOf(b byte) Span {
	return map[byte]Span{'h': Hourly, 'd': Daily}[b]
}

func truth(is bool) int {
	if is {
		return 1
	}
	return 0
}

func appendText(b []byte, text string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

func appendFloats(b []byte, values ...float64) []byte {
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(v)))
	}
	return b
}

func appendSpread(b []byte, s Spread) []byte {
	b = binary.AppendUvarint(b, uint64(s.N)<<1|uint64(truth(s.Sketched)))
	if s.N == 0 {
		return b
	}
	return appendFloats(b, s.P25, s.P50, s.P75, s.P95)
}

var errRollup = errors.New("a rollup that cannot be read")

// decodeRollup reads a record in bounded time and memory, and nothing of it before
// the checksum holds. Its sketches stay as they are until they are merged, and
// point into b.
func decodeRollup(b []byte) (*Rollup, error) {
	end := len(b) - 4
	if end < 2 || len(b) > maxRollup || b[0] != rollupVersion || binary.LittleEndian.Uint32(b[end:]) != crc(b[:end]) {
		return nil, errRollup
	}
	d := reader{rest: b[2:end]}
	r := &Rollup{Span: spanOf(b[1]), Outcomes: map[probe.Outcome]int{}, Flags: map[probe.Flags]int{}}
	for range d.count(int(probe.Skipped)) {
		o := probe.Outcome(d.byte())
		if o == 0 || o > probe.Skipped {
			return nil, errRollup
		}
		r.Outcomes[o] = d.count(mostCount)
	}
	for range d.count(32) {
		bit := d.byte()
		if bit >= 32 {
			return nil, errRollup
		}
		r.Flags[1<<bit] = d.count(mostCount)
	}
	for _, n := range []*int{&r.Offline, &r.Unpriced, &r.ThinkingN, &r.FailedInARow} {
		*n = d.count(mostCount)
	}
	r.Succeeded = d.count(1) == 1
	var last, lastError int64
	for _, n := range []*int64{&r.InputTotal, &r.OutputTotal, &r.Tokens, &r.Thoughts, &last, &lastError} {
		*n = d.varint()
	}
	r.Last, r.LastErrorAt = instant(last), instant(lastError)
	r.LastOutcome = probe.Outcome(d.byte())
	usd, err := money(d.text())
	r.USD = usd
	if text := d.text(); text != "" {
		r.LastError = probe.Sanitize(text, maxText)
	}
	r.InputTokens, r.OutputTokens = d.float(), d.float()
	r.Speed = d.spread()
	for _, digest := range []*Digest{&r.TTFT, &r.TPOT, &r.E2E} {
		digest.Spread = d.spread()
		if digest.N > 0 {
			digest.Max = d.float()
			digest.sketch = d.bytes(maxSketch)
		}
	}
	if last < 0 || last > latest || lastError < 0 || lastError > latest || r.LastOutcome > probe.Skipped {
		return nil, errRollup
	}
	if err != nil || d.bad || r.Span == "" || len(d.rest) != 0 {
		return nil, errRollup
	}
	return r, nil
}

// mostCount bounds a count: more than a probe a nanosecond for a day is not one.
const mostCount = 1 << 46

// money reads an amount as it is kept, in bounded memory.
func money(text string) (decimal.Decimal, error) {
	if len(text) > 80 || slices.ContainsFunc([]byte(text), func(c byte) bool { return c == 'e' || c == 'E' }) {
		return decimal.Decimal{}, errRollup
	}
	return decimal.NewFromString(text)
}

func (r *reader) byte() byte {
	if len(r.rest) == 0 {
		r.bad = true
		return 0
	}
	b := r.rest[0]
	r.rest = r.rest[1:]
	return b
}

// count is a uvarint up to most; more is bad.
func (r *reader) count(most int) int {
	n := r.uvarint()
	if n > uint64(most) {
		r.bad, r.rest = true, nil
		return 0
	}
	return int(n)
}

func (r *reader) bytes(most int) []byte {
	n := r.count(most)
	if n > len(r.rest) {
		r.bad, r.rest = true, nil
		return nil
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

// float is a number; what is none is bad.
func (r *reader) float() float64 {
	if len(r.rest) < 4 {
		r.bad, r.rest = true, nil
		return 0
	}
	v := float64(math.Float32frombits(binary.LittleEndian.Uint32(r.rest)))
	r.rest = r.rest[4:]
	if math.IsNaN(v) || math.IsInf(v, 0) {
		r.bad = true
		return 0
	}
	return v
}

func (r *reader) spread() Spread {
	n := r.count(mostCount << 1)
	s := Spread{N: n >> 1, Sketched: n&1 == 1}
	if s.N > 0 {
		s.P25, s.P50, s.P75, s.P95 = r.float(), r.float(), r.float(), r.float()
	}
	return s
}
