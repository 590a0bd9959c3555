package probe

import (
	"time"

	"github.com/shopspring/decimal"
)

// Measured is a figure that may not have been measured. The zero value is
// "not known", which is never the same as a measured zero.
type Measured[T any] struct {
	// Value counts only where Known.
	Value T
	Known bool
}

// Known wraps a figure that was measured.
func Known[T any](v T) Measured[T] { return Measured[T]{Value: v, Known: true} }

// Milliseconds is a duration as figures have it, in fractions of a millisecond too.
func Milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// Flags are remarks that stand beside an outcome. The bits are part of the
// history's format: never reuse or reorder them.
type Flags uint32

// The flags.
const (
	// Cold: the request opened its connection, so DNS, TCP and TLS are inside
	// its TTFT. Cold samples form a series of their own.
	Cold Flags = 1 << iota
	// CacheHit: the server reported most of the input as cached.
	CacheHit
	// Buffered: more than half of the events came in reads that carried
	// several, so something between here and the model holds tokens back.
	Buffered
	// Bundled: more than 1.2 tokens an event.
	Bundled
	// ClientBusy: meanwhile this process was late to its own timers by more
	// than 2 ms.
	ClientBusy
	// ClientOffline: every host failed at once, so it was not theirs to answer.
	ClientOffline
	// Late: sent noticeably after it was due.
	Late
	// TransportRetry: the HTTP transport asked for more than one connection.
	TransportRetry
	// Capped: the answer was cut by the token cap, which is what a probe wants.
	Capped
	// ClockStep: the wall clock jumped meanwhile, or the machine slept.
	ClockStep
	// ModelLoad: a local server may have had to load the model first.
	ModelLoad
	// Scripted: not measured at all but seeded from the simulator's script.
	Scripted
	// ClientStalled: this process was so late to its own timers that it could
	// have moved the figures: stopped, or starved. Not for the headline.
	ClientStalled
)

var flagNames = []string{
	"cold", "cache_hit", "buffered", "bundled", "client_busy", "client_offline",
	"late", "transport_retry", "capped", "clock_step", "model_load", "scripted",
	"client_stalled",
}

// Has reports whether every flag of f is set.
func (fs Flags) Has(f Flags) bool { return fs&f == f }

// Names lists the flags that are set, in the order of their bits; never nil.
func (fs Flags) Names() []string {
	names := []string{}
	for i, name := range flagNames {
		if fs&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

// Usage is what the server says the request took, in tokens.
type Usage struct {
	Input, Output Measured[int64]
	// Cached is the part of Input read from the server's prompt cache.
	Cached Measured[int64]
	// Reasoning is the part of Output spent on reasoning, streamed or hidden.
	Reasoning Measured[int64]
}

// cacheHit reports whether a prompt cache held our text. The few tokens of the
// server's own template, which stand before the unique beginning of every prompt,
// are cached in earnest use as well: llama.cpp tells them each time.
func (u Usage) cacheHit() bool { return 2*u.Cached.Value > u.Input.Value && u.Cached.Value > 0 }

// Sample is the immutable record of one attempt. Durations count from t0, the
// instant just before the HTTP client was handed the request.
type Sample struct {
	// Target is what was probed, by its names alone.
	Target Target
	// Profile names the prompt, Cap the most tokens that were asked for: two
	// samples compare only where both agree.
	Profile string
	Cap     int
	// Concurrency is how many attempts at the target were made at once, this one
	// among them: only alone does it measure what one request takes.
	Concurrency int

	// At is t0 on the wall clock, in UTC. Queue is how long after its due
	// time that was.
	At    time.Time
	Queue time.Duration

	Outcome Outcome
	// Status is the HTTP status, 0 where none came.
	Status int
	// Error is one sanitised line that says what went wrong; "" when nothing did.
	Error string
	Flags Flags

	// Connect is the time to a usable connection, 0 on a reused one; DNS and
	// TLS are parts of it.
	Connect, DNS, TLS Measured[time.Duration]
	// Wrote is when the request had been written. TTFB is the first byte of the
	// response: a diagnostic, never TTFT.
	Wrote, TTFB Measured[time.Duration]
	// TTFT is the first event with a generated token on any channel.
	TTFT Measured[time.Duration]
	// TTFO is the first event with a token that is not reasoning.
	TTFO Measured[time.Duration]
	// E2E is the last event with a generated token.
	E2E Measured[time.Duration]
	// TPOT is the time per output token after the first event, with events
	// taken as even: (t_L - t_1) / (N_s (1 - 1/E)).
	TPOT Measured[time.Duration]
	// ICLp50 and ICLMax are the median and the largest gap between two events that
	// carry a token: inter-chunk latency, which is that between tokens only where an
	// event is one. Known of an attempt that was OK, with five such events at least,
	// and where nothing on the way held tokens back.
	ICLp50, ICLMax Measured[time.Duration]
	// SpeedWithheld says why TPOT is not known of an attempt that was OK; ""
	// where it is known.
	SpeedWithheld string

	Usage Usage
	// Events counts the events that carried a generated token (E).
	Events int
	// Protocol is the response's, such as "HTTP/1.1"; "" where none came.
	Protocol string
	// ServerTTFT is the time to the first token by the server's own account, a
	// check on ours: it leaves out the network.
	ServerTTFT Measured[time.Duration]
	// Headroom is what the response said of the rate limits.
	Headroom Headroom
	// Learned says what the client does otherwise from now on, because the
	// server refused this request for it; "" for nothing.
	Learned string
	// RetryAfter is how long the server asked to be left alone.
	RetryAfter Measured[time.Duration]
	// USD is what the attempt cost, by the price function the client was given.
	USD decimal.NullDecimal

	// Refused says why the budget skipped the attempt, for who has made it: they may
	// wait for money that is only set aside. nil where it did not, and of a sample
	// from the history, which keeps the sentence in Error alone.
	Refused *RefusedError
}

// OutputSpeed is the decoding speed in tokens a second, TTFT excluded: 1/TPOT.
func (s Sample) OutputSpeed() Measured[float64] {
	if !s.TPOT.Known || s.TPOT.Value <= 0 {
		return Measured[float64]{}
	}
	return Known(float64(time.Second) / float64(s.TPOT.Value))
}

// Blamed reports whether the sample stands in the denominator of its provider's
// success rate.
func (s Sample) Blamed() bool { return s.Outcome.Blames() && !s.Flags.Has(ClientOffline) }

// Headline reports whether the sample belongs to the figures that targets are
// compared by: it succeeded on a warm connection, met no prompt cache, and this
// machine did not get in its way.
func (s Sample) Headline() bool {
	const spoilt = Cold | CacheHit | ModelLoad | ClientStalled | ClockStep
	return s.Outcome == OK && s.Flags&spoilt == 0 && s.TTFT.Known
}
