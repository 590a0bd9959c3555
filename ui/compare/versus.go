package compare

import (
	"fmt"
	"math"
	"strconv"

	"costping/probe"
	"costping/probe/stats"
)

// Trial is a sample and the round that it was made in.
type Trial struct {
	Round  int
	Sample probe.Sample
}

// Versus compares the first tokens of others with those of a base, as ratios of
// times: within rounds where both have enough of them, and else as two heaps. The
// probabilities are adjusted for the number of comparisons. Every slice holds the
// trials of one target; cold says which of them count.
func Versus(base []Trial, others [][]Trial, cold bool) []stats.Ratio {
	ratios := make([]stats.Ratio, len(others))
	for i, other := range others {
		paired := stats.ComparePaired(pairs(base, other, cold))
		ratios[i] = paired
		if !paired.Earned() {
			if heaps := stats.Compare(heap(base, cold), heap(other, cold)); heaps.Earned() {
				ratios[i] = heaps
			}
		}
	}
	return stats.Adjust(ratios)
}

// pairs are the first tokens of the rounds in which both targets have one.
func pairs(a, b []Trial, cold bool) []stats.Pair {
	first := map[int]float64{}
	for _, t := range a {
		if Counts(t.Sample, cold) {
			first[t.Round] = millis(t.Sample.TTFT).Value
		}
	}
	var rounds []stats.Pair
	for _, t := range b {
		if base, ok := first[t.Round]; ok && Counts(t.Sample, cold) {
			rounds = append(rounds, stats.Pair{A: base, B: millis(t.Sample.TTFT).Value})
		}
	}
	return rounds
}

func heap(trials []Trial, cold bool) []float64 {
	var values []float64
	for _, t := range trials {
		if Counts(t.Sample, cold) {
			values = append(values, millis(t.Sample.TTFT).Value)
		}
	}
	return values
}

// VersusText is a comparison in words: "1.42× slower (1.31-1.55)".
func VersusText(r stats.Ratio) string {
	switch r.Verdict() {
	case stats.Higher:
		return fmt.Sprintf("%.2f× slower (%.2f-%.2f)", r.Value, r.Lo, r.Hi)
	case stats.Lower:
		return fmt.Sprintf("%.2f× faster (%.2f-%.2f)", 1/r.Value, 1/r.Hi, 1/r.Lo)
	case stats.NoDifference:
		return fmt.Sprintf("no measurable difference (n=%s)", Count(r.N()))
	}
	return fmt.Sprintf("too few to compare (n=%s)", Count(r.N()))
}

// Share is a success rate as a person may rely on it: "60 of 60 (>= 94 %)",
// "18 of 20 (69.9-97.2 %)", "0 of 20 (<= 16 %)".
func Share(r stats.Rate) string {
	text := fmt.Sprintf("%s of %s", Count(r.Hits), Count(r.N))
	switch {
	case r.N == 0:
		return Unknown
	case r.Hits == r.N:
		return text + " (>= " + atLeast(100*r.Lo) + " %)"
	case r.Hits == 0:
		return text + " (<= " + atMost(100*r.Hi) + " %)"
	}
	return text + fmt.Sprintf(" (%.1f-%.1f %%)", 100*r.Lo, 100*r.Hi)
}

// atMost is an upper bound in percent, with two figures where a whole number could not
// be told from a limit, or would be 0 and say that nothing can go wrong.
func atMost(percent float64) string {
	if percent < 2 {
		return strconv.FormatFloat(percent, 'g', 2, 64)
	}
	return fmt.Sprintf("%.0f", percent)
}

// atLeast is a lower bound in percent, whole where that does not make 100 of less.
func atLeast(percent float64) string {
	if whole := math.Round(percent); whole < 100 {
		return fmt.Sprintf("%.0f", whole)
	}
	return fmt.Sprintf("%.1f", math.Floor(percent*10)/10)
}
