package store

import (
	"time"

	"costping/probe"
	"costping/probe/stats"

	"github.com/shopspring/decimal"
)

// Window is the summary of all series between two instants.
type Window struct {
	From, To time.Time
	// Version is the history's at the time of reading.
	Version uint64
	Series  []Summary
	// Damaged counts records that did not match their checksum.
	Damaged int
	// Sketched says that the quantiles come from sketches: each value lies within
	// SketchError of a true one, its interval is that of the order statistics
	// widened by SketchError on either side, and only the whole hours of the
	// window beyond what is kept raw are in it.
	Sketched bool
}

// Summary is what a window holds of one series.
type Summary struct {
	Series Series
	// Outcomes counts every attempt by outcome; Scripted those that were
	// seeded by the demo and not measured.
	Outcomes map[probe.Outcome]int
	Scripted int
	// Offline counts the failures that are held against nobody, because every
	// host failed at once.
	Offline int
	// Warm counts the samples that the quantiles rest on: succeeded, on a warm
	// connection, no cache hit.
	Warm int
	// TTFT and E2E are in milliseconds.
	TTFTp50, TTFTp95, E2Ep50, E2Ep95 stats.Quantile
	// Speed is the output speed in tokens a second, TTFT excluded.
	Speedp50 stats.Quantile
	// InputTokens and OutputTokens are the medians of what was used.
	InputTokens, OutputTokens float64
	// Thinking is the factor N / (N - N_r) by which reasoning multiplies the
	// output, over the ThinkingN answers whose server tells reasoning tokens;
	// not known where there are none, or where all of it was reasoning.
	Thinking  probe.Measured[float64]
	ThinkingN int
	// Headroom is what was left of the rate limits by the newest response that
	// said so, at HeadroomAt.
	Headroom   probe.Headroom
	HeadroomAt time.Time
	// USD is what the attempts cost; Unpriced counts those whose cost is unknown.
	USD      decimal.Decimal
	Unpriced int
	// FailedInARow counts the failures held against the provider since the last
	// success; what is held against nobody neither adds to it nor ends it.
	FailedInARow int
	// Last is the newest attempt, LastError the newest error text with its time.
	Last        time.Time
	LastOutcome probe.Outcome
	LastError   string
	LastErrorAt time.Time
	// Points has one entry a step, oldest first.
	Points []Point
}

// Point is one step of a series.
type Point struct {
	// N counts the samples behind TTFT, their median in milliseconds.
	N    int
	TTFT float64
	// Failed counts attempts that failed and are held against the provider.
	Failed int
}

// Attempts counts the attempts that were sent at all.
func (s Summary) Attempts() int {
	n := 0
	for o, count := range s.Outcomes {
		if o != probe.Skipped && o != probe.Cancelled {
			n += count
		}
	}
	return n
}

// Success is the share of attempts that succeeded among those that are held
// against the provider.
func (s Summary) Success() stats.Rate {
	n := 0
	for o, count := range s.Outcomes {
		if o.Blames() {
			n += count
		}
	}
	return stats.RateOf(s.Outcomes[probe.OK], n-s.Offline)
}

// Series identifies what may be pooled: one target, at one place, asked the same
// question under the same cap, as many times at once.
type Series struct {
	Target   string `json:"target"`
	Provider string `json:"provider,omitempty"`
	Model    string `json:"model"`
	BaseURL  string `json:"base_url,omitempty"`
	Profile  string `json:"profile"`
	Cap      int    `json:"cap"`
	// Concurrency is how many attempts at once the series is of; 0 for one.
	Concurrency int `json:"concurrency,omitempty"`
}

// shown is the series with names fit to be shown: a history may come from anywhere.
func (s Series) shown() Series {
	const longest = 200
	for _, text := range []*string{&s.Target, &s.Provider, &s.Model, &s.BaseURL, &s.Profile} {
		*text = probe.Sanitize(*text, longest)
	}
	return s
}

// SeriesOf is the series a sample belongs to.
func SeriesOf(s probe.Sample) Series {
	series := Series{
		Target: s.Target.Name, Provider: s.Target.Provider, Model: s.Target.Model,
		BaseURL: s.Target.BaseURL, Profile: s.Profile, Cap: s.Cap,
	}
	if s.Concurrency > 1 { // one at a time is what is not said
		series.Concurrency = s.Concurrency
	}
	return series
}
