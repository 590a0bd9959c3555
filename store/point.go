package store

import (
	"math"
	"time"

	"costping/probe"

	"github.com/shopspring/decimal"
)

// point is what a summary needs of a sample: a tenth of its size, and read from a
// record in a fifth of the time.
type point struct {
	at                int64 // nanoseconds since 1970
	ttft, e2e, tpot   time.Duration
	in, out, thoughts int64 // tokens
	usd               int64 // by 10 to the power of usdExp
	usdExp            int32
	flags             probe.Flags
	outcome           probe.Outcome
	known             knowledge
	// record is the whole sample, for its text and its headroom; nil where it
	// has neither.
	record []byte
}

// knowledge says which parts of a point count.
type knowledge uint16

const (
	knowsTTFT knowledge = 1 << iota
	knowsTPOT
	knowsIn
	knowsOut
	knowsThoughts
	knowsUSD
	// unpriced: sent and not refused, at a cost that is not known. An error
	// status costs nothing.
	unpriced
	knowsError
	knowsHeadroom
)

func (p *point) has(k knowledge) bool { return p.known&k != 0 }

// blamed is probe.Sample.Blamed.
func (p *point) blamed() bool { return p.outcome.Blames() && !p.flags.Has(probe.ClientOffline) }

// headline is probe.Sample.Headline.
func (p *point) headline() bool {
	return probe.Sample{Outcome: p.outcome, Flags: p.flags, TTFT: probe.Measured[time.Duration]{Known: p.has(knowsTTFT)}}.Headline()
}

// speed is probe.Sample.OutputSpeed, in tokens a second.
func (p *point) speed() probe.Measured[float64] {
	return probe.Sample{TPOT: probe.Measured[time.Duration]{Value: p.tpot, Known: p.has(knowsTPOT)}}.OutputSpeed()
}

const (
	headroomFields = 1<<fieldRequestLimit | 1<<fieldRequestsLeft | 1<<fieldRequestReset |
		1<<fieldTokenLimit | 1<<fieldTokensLeft | 1<<fieldTokenReset
	usdFields = 1<<fieldUSDCoefficient | 1<<fieldUSDExponent
)

// pointOf reads what a summary needs. It keeps record where that is needed later,
// which must not change then.
func pointOf(at int64, w *wireSample, record []byte) point {
	p := point{at: at, flags: w.flags, outcome: w.outcome}
	duration := func(field int, k knowledge, unit time.Duration) time.Duration {
		if w.present&(1<<field) == 0 {
			return 0
		}
		p.known |= k
		return time.Duration(w.fields[field]) * unit
	}
	p.ttft = duration(fieldTTFT, knowsTTFT, time.Microsecond)
	p.e2e = duration(fieldE2E, 0, time.Microsecond)
	p.tpot = duration(fieldTPOT, knowsTPOT, 1)
	p.in = int64(duration(fieldInput, knowsIn, 1))
	p.out = int64(duration(fieldOutput, knowsOut, 1))
	p.thoughts = int64(duration(fieldReasoning, knowsThoughts, 1))
	status := w.get(fieldStatus).Value
	switch {
	case w.present&usdFields == usdFields && plausible(w.fields[fieldUSDExponent]):
		p.usd, p.usdExp = w.fields[fieldUSDCoefficient], int32(w.fields[fieldUSDExponent])
		p.known |= knowsUSD
	case status >= 200 && status < 300 || status == 0 && w.present&(1<<fieldConnect) != 0:
		p.known |= unpriced
	}
	if w.err != "" {
		p.known |= knowsError
	}
	if w.present&headroomFields != 0 {
		p.known |= knowsHeadroom
	}
	if p.has(knowsError | knowsHeadroom) {
		p.record = record
	}
	return p
}

// detail decodes the whole sample of a point that kept its record.
func (p *point) detail() probe.Sample {
	w, err := decode(p.record)
	if err != nil { // it was decoded before
		return probe.Sample{}
	}
	return fromWire(&w)
}

// tally adds up amounts exactly: in machine words while they have one exponent
// and fit, as almost all do.
type tally struct {
	whole decimal.Decimal
	part  int64
	exp   int32
}

func (t *tally) add(coefficient int64, exp int32) {
	sum := t.part + coefficient
	overflow := (t.part > 0) == (coefficient > 0) && (sum > 0) != (t.part > 0) && t.part != 0 && coefficient != 0
	if exp == t.exp && !overflow && sum != math.MinInt64 {
		t.part = sum
		return
	}
	t.whole = t.sum()
	t.part, t.exp = coefficient, exp
}

func (t *tally) sum() decimal.Decimal {
	if t.part == 0 {
		return t.whole
	}
	return t.whole.Add(decimal.New(t.part, t.exp))
}
