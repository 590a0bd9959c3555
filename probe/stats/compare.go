package stats

import (
	"math"
	"slices"
)

const (
	// telling is the difference for which Ratio.Each says what it takes.
	telling = 1.2
	// powerSum is the sum of the normal quantiles of a two-sided test at 5 % and
	// of 80 % odds of telling a difference that is there.
	powerSum = z + 0.8416212335729143

	// A comparison takes values within these: what lies beyond is no duration
	// and no speed in any unit, and its ratio would not be a number.
	leastValue, mostValue = 1e-100, 1e100
)

// Verdict is what a comparison shows of b beside a.
type Verdict int

// The verdicts. Higher is slower for a duration and faster for a speed.
const (
	// Undecided: there are too few values to say anything.
	Undecided Verdict = iota
	// NoDifference was measurable: the interval holds 1.
	NoDifference
	// Higher: b is above a.
	Higher
	// Lower: b is below a.
	Lower
)

// String is the verdict in words.
func (v Verdict) String() string {
	switch v {
	case NoDifference:
		return "no measurable difference"
	case Higher:
		return "higher"
	case Lower:
		return "lower"
	}
	return "undecided"
}

// Ratio is how many times a the values of b are, with what that rests on.
type Ratio struct {
	// NA and NB are the values it rests on; where Paired, both are the pairs.
	NA, NB int
	// Paired tells a comparison within rounds from one of two heaps.
	Paired bool
	// Value is the typical b/a, Lo and Hi its 95 % interval; all 0 where not Earned.
	Value, Lo, Hi float64
	// P is the two-sided probability of a difference like this one where there
	// is none; 1 where not Earned. Adjusted is the same within the family of
	// comparisons it is one of; P itself for a family of one.
	P, Adjusted float64
	// Each is about how many values of each (pairs, where Paired) would tell a
	// difference of 20 % in this noise, in four of five tries; more often where
	// it is below 30. 0 where it cannot be said.
	Each int
	// Warnings are the reasons to doubt it.
	Warnings Warnings
}

// Earned reports whether there were enough values for an interval.
func (r Ratio) Earned() bool { return r.Lo > 0 }

// N is the smaller of the two numbers of values.
func (r Ratio) N() int { return min(r.NA, r.NB) }

// Verdict is what is shown: a difference only where the interval leaves 1 out
// and, within a family, the adjusted probability allows it too.
func (r Ratio) Verdict() Verdict {
	switch {
	case !r.Earned():
		return Undecided
	case r.Adjusted > 1-confidence+1e-9, r.Lo <= 1 && r.Hi >= 1:
		return NoDifference
	case r.Lo > 1:
		return Higher
	}
	return Lower
}

// Compare gives the ratio of b to a, two samples of positive values, each in the
// order of time or sorted: the median of all ratios b/a (Hodges and Lehmann 1963,
// on the logarithms), its distribution-free interval between two of them (Moses
// 1965; Lehmann 1975), and the test of Mann and Whitney (1947) that the
// interval inverts, so that the two never disagree. It takes 4 values of each at
// the least (3 against 5, 2 against 8). Where the two differ by more than a
// factor, it is the ratio of typical values, not of tails.
func Compare(a, b []float64) Ratio {
	logA, refusedA := logs(a)
	logB, refusedB := logs(b)
	r := Ratio{NA: len(logA), NB: len(logB), P: 1, Adjusted: 1}
	r.refused(refusedA+refusedB, len(a)+len(b))
	serialA, serialB := SerialOf(logA), SerialOf(logB)

	slices.Sort(logA)
	slices.Sort(logB)
	if r.NA == 0 || r.NB == 0 {
		r.Warnings.add(Collecting, "too few values: %d against %d", r.NA, r.NB)
		return r
	}
	pooled := Sort(slices.Concat(logA, logB))
	// Noether 1987: (zα + zβ)² / (6 (P(b > a) - 1/2)²) of each.
	r.fill(differences(logA, logB), mannWhitney(r.NA, r.NB, pooled), 6)
	if !r.Earned() {
		r.Warnings.add(Collecting, "too few values: %d against %d", r.NA, r.NB)
		return r
	}
	for _, serial := range []Serial{serialA, serialB} {
		if serial.Shown {
			r.Warnings.add(Autocorrelated, "%s", serial.sentence())
		}
	}
	if r.N() >= leastSerial {
		sdA, sdB := sdOf(logA), sdOf(logB)
		if wide, narrow := math.Max(sdA, sdB), math.Min(sdA, sdB); wide > 2*narrow && narrow > 0 {
			r.Warnings.add(Spread, "one spreads %.1f times as wide as the other: this is the ratio of typical values, not of tails", wide/narrow)
		}
	}
	return r
}

// Pair is what a and b showed in one round.
type Pair struct{ A, B float64 }

// ComparePaired gives the ratio of b to a from rounds in which both were
// measured, in the order of time: what slowed both in a round cancels. It is the
// median of the means of pairs of log ratios (Hodges and Lehmann 1963), its
// distribution-free interval (Tukey 1949), and the signed-rank test of Wilcoxon
// (1945), rounds without a difference kept as Pratt (1959) does. Like that test
// it takes the log ratios to be symmetric about their middle, which they are
// where a and b spread alike. A round that lacks one of them is left out, so that
// a failed attempt may be handed in as not a number. It takes 6 rounds.
func ComparePaired(rounds []Pair) Ratio {
	ratios := make([]float64, 0, len(rounds))
	for _, round := range rounds {
		if measurable(round.A) && measurable(round.B) {
			ratios = append(ratios, math.Log(round.B)-math.Log(round.A))
		}
	}
	n := len(ratios)
	r := Ratio{NA: n, NB: n, Paired: true, P: 1, Adjusted: 1}
	r.refused(len(rounds)-n, len(rounds))
	serial := SerialOf(ratios)
	if n > 0 {
		slices.Sort(ratios)
		sizes := make([]float64, n)
		for i, v := range ratios {
			sizes[i] = math.Abs(v)
		}
		// Noether 1987: (zα + zβ)² / (3 (P(d + d' > 0) - 1/2)²) pairs.
		r.fill(walsh(ratios), signedRank(Sort(sizes)), 3)
	}
	switch {
	case !r.Earned():
		r.Warnings.add(Collecting, "collecting %d/6 rounds", n)
	case serial.Shown:
		r.Warnings.add(Autocorrelated, "%s", serial.sentence())
	}
	return r
}

// fill sets the figures from the members and the distribution of the statistic;
// noether is the divisor of Noether's formula.
func (r *Ratio) fill(members pairwise, null nullDistribution, noether float64) {
	critical := null.critical()
	if critical == 0 {
		return
	}
	middle := members.median()
	r.Value = math.Exp(middle)
	r.Lo = math.Exp(members.kth(critical))
	r.Hi = math.Exp(members.kth(members.size + 1 - critical))
	r.P = null.p(members.statistic())
	r.Adjusted = r.P

	// The members about their middle are the noise. Shifted by the difference to
	// tell, this share of them would be on its side of 0.
	shift := math.Log(telling)
	between := members.atMost(middle+shift) - members.atMost(math.Nextafter(middle-shift, math.Inf(-1)))
	beyondHalf := float64(between) / float64(members.size) / 2
	if beyondHalf > 0 {
		least := 4
		if r.Paired {
			least = 6
		}
		r.Each = max(least, int(math.Ceil(powerSum*powerSum/(noether*beyondHalf*beyondHalf))))
	}
}

func (r *Ratio) refused(count, of int) {
	if count == 0 {
		return
	}
	what := "values"
	if r.Paired {
		what = "rounds"
	}
	r.Warnings.add(Refused, "%d of %d %s have no positive, finite value and were left out", count, of, what)
}

func measurable(v float64) bool { return v >= leastValue && v <= mostValue }

// logs are the logarithms of what can be compared, and how many values cannot.
func logs(values []float64) (logarithms []float64, refused int) {
	logarithms = make([]float64, 0, len(values))
	for _, v := range values {
		if measurable(v) {
			logarithms = append(logarithms, math.Log(v))
		}
	}
	return logarithms, len(values) - len(logarithms)
}

// sdOf is the robust standard deviation of sorted logarithms.
func sdOf(sorted []float64) float64 {
	_, sd := spreadOf(sorted, asIs)
	return sd
}

// Holm adjusts the p-values of a family of tests, so that all claims made at 5 %
// are right together in 95 % of families (Holm 1979): the i-th smallest of m
// counts (m - i + 1) times, and never less than a smaller one. A value that is
// not a number stays so and is no member of the family. The order is kept.
func Holm(p []float64) []float64 {
	order := make([]int, 0, len(p))
	adjusted := make([]float64, len(p))
	for i, v := range p {
		adjusted[i] = v
		if !math.IsNaN(v) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case p[i] < p[j]:
			return -1
		case p[i] > p[j]:
			return 1
		}
		return 0
	})
	floor := 0.0
	for rank, i := range order {
		floor = math.Max(floor, math.Min(1, p[i]*float64(len(order)-rank)))
		adjusted[i] = floor
	}
	return adjusted
}

// Adjust gives the comparisons of one family with Adjusted set by Holm, so that
// their verdicts hold together. Those without enough values are no part of it. The
// intervals stay those of each by itself.
func Adjust(family []Ratio) []Ratio {
	p := make([]float64, len(family))
	for i, r := range family {
		p[i] = r.P
		if !r.Earned() {
			p[i] = math.NaN()
		}
	}
	adjusted := slices.Clone(family)
	for i, v := range Holm(p) {
		if adjusted[i].Earned() {
			adjusted[i].Adjusted = v
		}
	}
	return adjusted
}
