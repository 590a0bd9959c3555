package compare

import (
	"cmp"
	"slices"
	"time"

	"costping/probe"
	"costping/probe/stats"
	"costping/store"

	"github.com/shopspring/decimal"
)

// Figures are the quantiles of one series: warm, or cold. Times are in
// milliseconds, speeds in tokens a second after the first token.
type Figures struct {
	// N counts the samples that they rest on.
	N                  int
	TTFTp50, TTFTp95   stats.Quantile
	TTFOp50            stats.Quantile
	TPOTp50, Speedp50  stats.Quantile
	E2Ep50, E2Ep95     stats.Quantile
	ServerTTFTp50, Gap stats.Quantile
}

// Digest is what a run of probes of one target comes to.
type Digest struct {
	Series store.Series
	// Cold says that the run was to open a connection for each probe: its
	// headline is Opened and not Warm.
	Cold bool
	// Warm rests on samples of the headline, Opened on those that opened their
	// connection and are sound otherwise. The two are never pooled.
	Warm, Opened Figures

	// Attempts counts what was sent; Outcomes every sample, by outcome.
	Attempts int
	Outcomes map[probe.Outcome]int
	Success  stats.Rate
	// Goodput is the share of attempts that met the SLO; nil where there is none.
	SLO     SLO
	Goodput *stats.Attained

	// InputTokens and OutputTokens are medians a probe; Input, Output and
	// Reasoning are sums over the probes whose usage is known.
	InputTokens, OutputTokens float64
	Input, Output, Reasoning  int64
	// Bundle is the median number of tokens in an event, 0 where unknown.
	Bundle float64
	// USD is what the probes cost; Unpriced counts those whose cost is unknown.
	USD      decimal.Decimal
	Unpriced int

	// Headroom is what the newest response said of the rate limits.
	Headroom probe.Headroom
	// Learned are the things that the client does otherwise since the run, each
	// once.
	Learned []string
	// Warnings are the reasons to doubt the headline.
	Warnings stats.Warnings
}

// Headline are the figures that the run was for.
func (d Digest) Headline() Figures {
	if d.Cold {
		return d.Opened
	}
	return d.Warm
}

// Thinking is how many output tokens are billed for each token of the answer
// itself; false where no reasoning was reported or there was no answer besides.
func (d Digest) Thinking() (factor float64, ok bool) {
	if d.Reasoning <= 0 || d.Output <= d.Reasoning {
		return 0, false
	}
	return float64(d.Output) / float64(d.Output-d.Reasoning), true
}

// Counts reports whether a sample belongs to the headline of a run: of a cold one
// those that opened their connection, of any other the warm ones.
func Counts(s probe.Sample, cold bool) bool {
	if !cold {
		return s.Headline()
	}
	if !s.Flags.Has(probe.Cold) {
		return false
	}
	s.Flags &^= probe.Cold
	return s.Headline()
}

// DigestOf digests the samples of one target, which need not be in order.
func DigestOf(samples []probe.Sample, cold bool) Digest {
	samples = slices.Clone(samples)
	slices.SortStableFunc(samples, func(a, b probe.Sample) int { return a.At.Compare(b.At) })
	d := Digest{Cold: cold, Outcomes: map[probe.Outcome]int{}}
	if len(samples) == 0 {
		return d
	}
	d.Series = store.SeriesOf(samples[0])
	blamed, ok := 0, 0
	for _, s := range samples {
		d.add(s)
		if s.Blamed() {
			blamed++
		}
		if s.Outcome == probe.OK {
			ok++
		}
	}
	d.Success = stats.RateOf(ok, max(blamed, ok))
	d.InputTokens = middle(samples, func(s probe.Sample) probe.Measured[float64] { return count(s.Usage.Input) })
	d.OutputTokens = middle(samples, func(s probe.Sample) probe.Measured[float64] { return count(s.Usage.Output) })
	d.Bundle = middle(samples, bundle)
	pick := func(cold bool) []probe.Sample {
		return slices.DeleteFunc(slices.Clone(samples), func(s probe.Sample) bool { return !Counts(s, cold) })
	}
	d.Warm, d.Opened = figures(pick(false)), figures(pick(true))
	d.Warnings = d.warnings(samples)
	return d
}

func (d *Digest) add(s probe.Sample) {
	d.Outcomes[s.Outcome]++
	if s.Outcome != probe.Skipped && s.Outcome != probe.Cancelled {
		d.Attempts++
	}
	d.Input += s.Usage.Input.Value
	d.Output += s.Usage.Output.Value
	d.Reasoning += s.Usage.Reasoning.Value
	if s.USD.Valid {
		d.USD = d.USD.Add(s.USD.Decimal)
	} else if s.Status >= 200 && s.Status < 300 || s.Status == 0 && s.Connect.Known {
		d.Unpriced++ // as in the history: sent and not refused
	}
	if s.Headroom != (probe.Headroom{}) {
		d.Headroom = s.Headroom
	}
	if s.Learned != "" && !slices.Contains(d.Learned, s.Learned) {
		d.Learned = append(d.Learned, s.Learned)
	}
}

// figures are the quantiles of the samples, which are in the order of time.
func figures(samples []probe.Sample) Figures {
	over := func(p float64, value func(probe.Sample) probe.Measured[float64]) stats.Quantile {
		return stats.QuantileOver(series(samples, value), p)
	}
	ttft := func(s probe.Sample) probe.Measured[float64] { return millis(s.TTFT) }
	e2e := func(s probe.Sample) probe.Measured[float64] { return millis(s.E2E) }
	return Figures{
		N:       len(samples),
		TTFTp50: over(0.5, ttft), TTFTp95: over(0.95, ttft),
		TTFOp50: over(0.5, func(s probe.Sample) probe.Measured[float64] { return millis(s.TTFO) }),
		TPOTp50: over(0.5, func(s probe.Sample) probe.Measured[float64] { return millis(s.TPOT) }),
		// The order of speeds is that of the times they are made of.
		Speedp50: over(0.5, probe.Sample.OutputSpeed),
		E2Ep50:   over(0.5, e2e), E2Ep95: over(0.95, e2e),
		ServerTTFTp50: over(0.5, func(s probe.Sample) probe.Measured[float64] { return millis(s.ServerTTFT) }),
		Gap: over(0.5, func(s probe.Sample) probe.Measured[float64] {
			if !s.ServerTTFT.Known {
				return probe.Measured[float64]{}
			}
			return probe.Known(float64(s.TTFT.Value-s.ServerTTFT.Value) / float64(time.Millisecond))
		}),
	}
}

// series are the values that are known.
func series(samples []probe.Sample, value func(probe.Sample) probe.Measured[float64]) []float64 {
	values := make([]float64, 0, len(samples))
	for _, s := range samples {
		if v := value(s); v.Known {
			values = append(values, v.Value)
		}
	}
	return values
}

// middle is the median of what is known, 0 for nothing.
func middle(samples []probe.Sample, value func(probe.Sample) probe.Measured[float64]) float64 {
	values := stats.Sort(series(samples, value))
	if len(values) == 0 {
		return 0
	}
	return (values[(len(values)-1)/2] + values[len(values)/2]) / 2
}

func millis(d probe.Measured[time.Duration]) probe.Measured[float64] {
	if !d.Known {
		return probe.Measured[float64]{}
	}
	return probe.Known(probe.Milliseconds(d.Value))
}

func count(n probe.Measured[int64]) probe.Measured[float64] {
	if !n.Known {
		return probe.Measured[float64]{}
	}
	return probe.Known(float64(n.Value))
}

// bundle is how many tokens came in an event, got back from TPOT, which knows
// how many of them were streamed.
func bundle(s probe.Sample) probe.Measured[float64] {
	if !s.TPOT.Known || s.TPOT.Value <= 0 || s.Events < 2 {
		return probe.Measured[float64]{}
	}
	// TPOT = (E2E - TTFT) / (N (1 - 1/E)), so N/E is this.
	return probe.Known(float64(s.E2E.Value-s.TTFT.Value) / float64(s.TPOT.Value) / float64(s.Events-1))
}

// Fastest orders digests by their median TTFT; those without one come last, in
// the order in which they were given.
func Fastest(digests []Digest) []Digest {
	ordered := slices.Clone(digests)
	slices.SortStableFunc(ordered, func(a, b Digest) int {
		x, y := a.Headline().TTFTp50, b.Headline().TTFTp50
		if !x.Earned() || !y.Earned() {
			return boolOrder(!x.Earned(), !y.Earned())
		}
		return cmp.Compare(x.Value, y.Value)
	})
	return ordered
}

// boolOrder orders false before true.
func boolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}
