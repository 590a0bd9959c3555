package compare

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"costping/probe"
	"costping/probe/stats"
)

// Typical is the attempt whose whole answer took the middle of all times, so that
// its parts are measured ones and sum; false where no attempt is known to its end.
func Typical(samples []probe.Sample) (probe.Sample, bool) {
	var whole []probe.Sample
	for _, s := range samples {
		if s.Headline() && s.E2E.Known {
			whole = append(whole, s)
		}
	}
	if len(whole) == 0 {
		return probe.Sample{}, false
	}
	slices.SortStableFunc(whole, func(a, b probe.Sample) int { return cmp.Compare(a.E2E.Value, b.E2E.Value) })
	return whole[(len(whole)-1)/2], true
}

// TimeSum says in words what the time of an attempt is made of, longest form
// first: "first token 379 ms + 127 tokens at 148 tok/s = 1.24 s". Nothing for an
// attempt without an end.
func TimeSum(s probe.Sample) []string {
	if !s.TTFT.Known || !s.E2E.Known {
		return nil
	}
	first, whole := millis(s.TTFT).Value, millis(s.E2E).Value
	total := SecondsOf(whole)
	rest := Millis(whole-first) + " ms of answer"
	if speed := s.OutputSpeed(); speed.Known {
		tokens := float64(s.E2E.Value-s.TTFT.Value) / float64(s.TPOT.Value)
		rest = fmt.Sprintf("%.0f tokens at %.0f tok/s", tokens, speed.Value)
	}
	return []string{
		"first token " + Millis(first) + " ms + " + rest + " = " + total,
		Millis(first) + " ms + " + rest + " = " + total,
		Millis(first) + " ms to first token, " + total,
		total,
	}
}

// Opening is what opening a connection took in the newest attempt that did;
// false where none of them is among the samples, which are in the order of time.
func Opening(samples []probe.Sample) (parts []Part, ok bool) {
	for _, s := range slices.Backward(samples) {
		if !s.Flags.Has(probe.Cold) || s.Connect.Value <= 0 {
			continue
		}
		for _, p := range Phases(s) {
			if p.Phase <= TLS {
				parts = append(parts, p)
			}
		}
		return parts, true
	}
	return nil, false
}

// OpeningText says what opening a connection took, longest form first.
func OpeningText(parts []Part) []string {
	text, total := "", time.Duration(0)
	for i, p := range parts {
		if i > 0 {
			text += " + "
		}
		text += p.Phase.String() + " " + tenths(p.Took)
		total += p.Took
	}
	if len(parts) > 1 {
		text += " = " + tenths(total)
	}
	return []string{"a new connection takes " + text + " more", "new connection " + tenths(total)}
}

// tenths writes a short duration: "3.1 ms", "379 ms".
func tenths(d time.Duration) string {
	ms := float64(d) / float64(time.Millisecond)
	if ms < 99.95 {
		return fmt.Sprintf("%.1f ms", ms)
	}
	return Millis(ms) + " ms"
}

// Spread is how the first tokens of one series are spread, in milliseconds.
type Spread struct {
	// Values are all of the N samples, or those at even ranks.
	Values        []float64
	N             int
	P50, P90, P95 stats.Quantile
}

// SpreadOf gathers the first tokens of the samples that figures rest on, which are
// in the order of time.
func SpreadOf(samples []probe.Sample) Spread {
	values := headline(samples, ttftOf)
	over := func(p float64) stats.Quantile { return stats.QuantileOver(values, p) }
	return Spread{values, len(values), over(0.5), over(0.9), over(0.95)}
}

// Failure is an attempt that went wrong, and how many others did likewise.
type Failure struct {
	// At is when it was last.
	At      time.Time
	Outcome probe.Outcome
	// Error is the text of the newest; Count is how many there were of the outcome.
	Error string
	Count int
}

// Failures are the attempts that did not succeed, one for each outcome, the newest
// first. What was never sent or was cancelled is none. The samples are in the
// order of time.
func Failures(samples []probe.Sample) []Failure {
	var all []Failure
	for _, s := range slices.Backward(samples) {
		if s.Outcome == probe.OK || s.Outcome == probe.Skipped || s.Outcome == probe.Cancelled {
			continue
		}
		i := slices.IndexFunc(all, func(f Failure) bool { return f.Outcome == s.Outcome })
		if i < 0 {
			all = append(all, Failure{At: s.At, Outcome: s.Outcome, Error: s.Error})
			i = len(all) - 1
		}
		all[i].Count++
	}
	return all
}
