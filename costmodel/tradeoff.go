package costmodel

import (
	"cmp"
	"slices"
)

// Option is one model in a trade-off: what it costs, how fast it is, how good.
type Option struct {
	// Spend is what the workload costs, in the period that all options share;
	// nil where it is unknown.
	Spend *USD
	// Latency is in milliseconds, Quality is a share; either may be unknown.
	Latency, Quality Metric
	// Barred says that it cannot be chosen, for it is retired or does not answer:
	// it beats nobody and is on no frontier.
	Barred bool
}

// Slower says how the speeds of the i-th and the j-th option compare: positive
// where i is measurably slower, negative where it is measurably faster, 0 where
// no difference is shown. ok is false where they cannot be compared.
type Slower func(i, j int) (order int, ok bool)

// BeatenBy returns for each option the one that beats it, -1 where none does. An
// option beats another where it can be chosen, is not dearer, not measurably
// slower and, where the quality of both is known, not worse; and where it is
// better in one of the three. Of several the cheapest is named, of equals the
// first.
//
// Where differences are shown by intervals, the one that beats may be beaten
// itself, by one that does not beat the first. Frontier has no such chains.
func BeatenBy(options []Option, slower Slower) []int {
	ranks, order := spendRanks(options)
	winners := make([]int, len(options))
	for loser := range options {
		winners[loser] = -1
		for _, i := range order {
			if ranks[i] > ranks[loser] {
				break // from here on all are dearer
			}
			if i != loser && !options[i].Barred && beats(options, ranks, slower, i, loser) {
				winners[loser] = i
				break
			}
		}
	}
	return winners
}

// beats compares two options of which the first is not dearer.
func beats(options []Option, ranks []int, slower Slower, i, j int) bool {
	if ranks[j] == unranked {
		return false
	}
	quality := 0
	if a, b := &options[i].Quality, &options[j].Quality; a.Known() && b.Known() {
		quality = cmp.Compare(a.Value, b.Value)
	}
	if quality < 0 {
		return false
	}
	speed, ok := slower(i, j)
	return ok && speed <= 0 && (ranks[i] < ranks[j] || speed < 0 || quality > 0)
}

// unranked is the rank of an unknown spend: above all others.
const unranked = int(^uint(0) >> 1)

// spendRanks numbers the spends from the lowest on, equal ones alike, and returns
// the options of known spend in that order. Exact amounts take long to compare:
// so each is compared a few times only, and pairs by their numbers.
func spendRanks(options []Option) (ranks, order []int) {
	ranks = make([]int, len(options))
	order = make([]int, 0, len(options))
	for i, o := range options {
		ranks[i] = unranked
		if o.Spend != nil {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(i, j int) int { return options[i].Spend.Cmp(*options[j].Spend) })
	for at, i := range order {
		ranks[i] = at
		if at > 0 && options[order[at-1]].Spend.Cmp(*options[i].Spend) == 0 {
			ranks[i] = ranks[order[at-1]]
		}
	}
	return ranks, order
}

// Frontier reports for each option whether it is on the Pareto frontier: it can
// be chosen, its spend and latency are known, and no other such option is at
// least as good in spend, latency and quality and better in one. The figures are
// taken at their face value. An unknown quality counts as the lowest: it is not
// shown to be as good as any. So an option that is dominated can be left out
// without changing the frontier.
func Frontier(options []Option) []bool {
	ranks, order := spendRanks(options)
	candidate := func(i int) bool { return !options[i].Barred && options[i].Latency.Known() }
	frontier := make([]bool, len(options))
	for _, j := range order {
		frontier[j] = candidate(j) && !slices.ContainsFunc(order, func(i int) bool {
			return candidate(i) && dominates(options, ranks, i, j)
		})
	}
	return frontier
}

// dominates compares two options at the face value of their figures.
func dominates(options []Option, ranks []int, i, j int) bool {
	quality := func(f *Metric) float64 {
		if !f.Known() {
			return -1
		}
		return f.Value
	}
	a, b := &options[i], &options[j]
	spend := cmp.Compare(ranks[i], ranks[j])
	latency := cmp.Compare(a.Latency.Value, b.Latency.Value)
	worse := cmp.Compare(quality(&b.Quality), quality(&a.Quality))
	return max(spend, latency, worse) <= 0 && min(spend, latency, worse) < 0
}
