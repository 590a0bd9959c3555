package store

import (
	"time"

	"costping/probe"

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
	// merged rollups, the medians of their medians.
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
