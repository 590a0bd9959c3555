package store

import (
	"errors"
	"time"

	"costping/probe"
	"costping/probe/stats"

	"github.com/DataDog/sketches-go/ddsketch"
	"github.com/shopspring/decimal"
)

// Rollup is what a closed hour or day held of one series. It outlives the samples.
type Rollup struct {
	Series Series
	Span   Span
	// From is when it begins: on the hour or midnight, UTC.
	From time.Time
	// Outcomes counts every attempt by outcome, Flags by each single flag that
	// was set. Offline counts the failures that are held against nobody.
	Outcomes map[probe.Outcome]int
	Flags    map[probe.Flags]int
	Offline  int
	// USD is what the attempts cost; Unpriced counts those whose cost is unknown.
	USD      decimal.Decimal
	Unpriced int
	// InputTokens and OutputTokens are the medians of the headline's samples; of
	// merged rollups, those of one of them (see merge).
	InputTokens, OutputTokens float64
	// InputTotal and OutputTotal are all tokens that were told of.
	InputTotal, OutputTotal int64
	// Tokens and Thoughts add up the output and the reasoning in it of the
	// ThinkingN answers that tell both.
	Tokens, Thoughts int64
	ThinkingN        int
	// FailedInARow counts the failures held against the provider at the end, or
	// all of them where Succeeded is false.
	FailedInARow int
	Succeeded    bool
	// Last is the newest attempt, LastError the newest error text with its time.
	Last        time.Time
	LastOutcome probe.Outcome
	LastError   string
	LastErrorAt time.Time
	// TTFT, TPOT and E2E are of the headline's samples, in milliseconds.
	TTFT, TPOT, E2E Digest
	// Speed is in tokens a second. It has no sketch: that of TPOT is its inverse.
	Speed Spread
}

// Digest is how the values of a rollup are spread: some quantiles, and a sketch
// that can be merged with others. The zero value is of no values.
type Digest struct {
	Spread
	// Max is the largest value.
	Max float64

	sketch []byte // as encoded, read only when it is merged
	merged *ddsketch.DDSketch
}

// SketchError is how far a value from a sketch may be from the true one, as a
// share of it.
const SketchError = 0.01

const scriptedFlag, okOutcome = probe.Scripted, probe.OK

// rollup is what was gathered, as a rollup: exact, but for its sketches.
func (g *gathering) rollup() *Rollup {
	s := g.counts()
	r := &Rollup{
		Series: g.series, Outcomes: s.Outcomes, Flags: map[probe.Flags]int{}, Offline: s.Offline, USD: s.USD, Unpriced: s.Unpriced,
		InputTotal: g.inTotal, OutputTotal: g.outTotal, Tokens: g.tokens, Thoughts: g.thoughts, ThinkingN: g.thinkers,
		FailedInARow: g.failedInARow, Succeeded: g.outcomes[probe.OK] > 0,
		Last: s.Last, LastOutcome: s.LastOutcome, LastError: s.LastError, LastErrorAt: s.LastErrorAt,
		InputTokens: median(g.in), OutputTokens: median(g.out),
		TTFT: digest(stats.Sort(g.ttft)), TPOT: digest(stats.Sort(g.tpot)), E2E: digest(stats.Sort(g.e2e)), Speed: spread(g.speed),
	}
	for i, n := range g.flags {
		if n > 0 {
			r.Flags[1<<i] = n
		}
	}
	return r
}

// merge adds a rollup of the time that follows, or of the same time. The medians of
// tokens cannot be merged: they become those of whichever has more samples, which
// is mostly the sum so far.
func (r *Rollup) merge(next *Rollup) error {
	for o, n := range next.Outcomes {
		r.Outcomes[o] += n
	}
	for f, n := range next.Flags {
		r.Flags[f] += n
	}
	r.Offline, r.Unpriced, r.USD = r.Offline+next.Offline, r.Unpriced+next.Unpriced, r.USD.Add(next.USD)
	if next.TTFT.N > r.TTFT.N {
		r.InputTokens, r.OutputTokens = next.InputTokens, next.OutputTokens
	}
	r.InputTotal, r.OutputTotal = r.InputTotal+next.InputTotal, r.OutputTotal+next.OutputTotal
	r.Tokens, r.Thoughts, r.ThinkingN = r.Tokens+next.Tokens, r.Thoughts+next.Thoughts, r.ThinkingN+next.ThinkingN
	if next.Succeeded {
		r.FailedInARow, r.Succeeded = next.FailedInARow, true
	} else {
		r.FailedInARow += next.FailedInARow
	}
	if !next.Last.Before(r.Last) {
		r.Last, r.LastOutcome = next.Last, next.LastOutcome
	}
	if next.LastError != "" && !next.LastErrorAt.Before(r.LastErrorAt) {
		r.LastError, r.LastErrorAt = next.LastError, next.LastErrorAt
	}
	r.Speed = Spread{N: r.Speed.N + next.Speed.N, Sketched: true}
	return errors.Join(r.TTFT.merge(next.TTFT), r.TPOT.merge(next.TPOT), r.E2E.merge(next.E2E))
}

// settle works out the quantiles after merges.
func (r *Rollup) settle() error {
	if err := errors.Join(r.TTFT.settle(), r.TPOT.settle(), r.E2E.settle()); err != nil {
		return err
	}
	if !r.Speed.Sketched {
		return nil
	}
	b, err := r.TPOT.values()
	if err != nil {
		return err
	}
	b = b.speed()
	r.Speed = Spread{
		N: b.n, P25: b.quantileAt(0.25), P50: b.quantileAt(0.5), P75: b.quantileAt(0.75), P95: b.quantileAt(0.95), Sketched: true,
	}
	return nil
}

// Attempts counts all attempts, skipped ones too.
func (r *Rollup) Attempts() int {
	n := 0
	for _, count := range r.Outcomes {
		n += count
	}
	return n
}

// Failed counts the attempts that failed and are held against the provider.
func (r *Rollup) Failed() int {
	n := -r.Offline
	for o, count := range r.Outcomes {
		if o != probe.OK && o.Blames() {
			n += count
		}
	}
	return n
}

// band is the rollup as a step of a line.
func (r *Rollup) band() Band {
	return Band{
		N: r.Attempts(), Failed: r.Failed(), Scripted: r.Flags[scriptedFlag],
		TTFT: r.TTFT.Spread, TPOT: r.TPOT.Spread, E2E: r.E2E.Spread, Speed: r.Speed,
	}
}
