package stats

import (
	"fmt"
	"math"
	"slices"
)

const (
	// From this many values on the dependence of a series is spoken of.
	leastSerial = 20
	// The correlation of independent values has the standard deviation 1/√n
	// (Bartlett 1946); beyond this many of them it is shown, which happens to
	// independent values once in 200 series.
	serialZ = 2.5758293035489004
)

// Serial says how much the values of a series follow one another.
type Serial struct {
	// N is the number of values.
	N int
	// R is their lag-1 autocorrelation, in -1..1; 0 where there are fewer than
	// 20 or all are equal.
	R float64
	// Shown reports whether R is above what independent values give by chance.
	Shown bool
	// Effective is how many independent values they count for: N where no
	// dependence is shown.
	Effective int
}

func (s Serial) sentence() string {
	return fmt.Sprintf("values follow one another (lag-1 correlation %.2f): %d count as about %d", s.R, s.N, s.Effective)
}

// SerialOf measures the dependence of values in the order of time: probes that
// are minutes apart on an endpoint that drifts are not independent. The
// correlation is that of the ranks (Wald and Wolfowitz 1943), which one far value
// cannot make or hide, put on the scale of normal values (Pearson 1907). The effective number is n (1 - r) / (1 + r), that of a
// first-order autoregression (Bayley and Hammersley 1946); where the drift is
// slower than that, it is still fewer. Values that are in ascending order are taken
// to have been sorted: their order says nothing of time. Values that are not finite
// are left out.
func SerialOf(series []float64) Serial {
	series = finite(series)
	s := Serial{N: len(series), Effective: len(series)}
	if s.N < leastSerial || slices.IsSorted(series) {
		return s
	}
	rank := midranks(series)
	mean := float64(s.N+1) / 2
	var lagged, square float64
	for i, r := range rank {
		square += (r - mean) * (r - mean)
		if i > 0 {
			lagged += (r - mean) * (rank[i-1] - mean)
		}
	}
	if square == 0 {
		return s
	}
	s.R = 2 * math.Sin(math.Pi/6*lagged/square)
	if s.R > serialZ/math.Sqrt(float64(s.N)) {
		s.Shown = true
		s.Effective = max(1, int(math.Round(float64(s.N)*(1-s.R)/(1+s.R))))
	}
	return s
}

// midranks are the ranks 1..n of the values, equal ones sharing their mean.
func midranks(values []float64) []float64 {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		switch {
		case values[i] < values[j]:
			return -1
		case values[i] > values[j]:
			return 1
		}
		return 0
	})
	rank := make([]float64, len(values))
	for from := 0; from < len(order); {
		to := from + 1
		for to < len(order) && values[order[to]] == values[order[from]] {
			to++
		}
		for _, i := range order[from:to] {
			rank[i] = float64(from+to+1) / 2
		}
		from = to
	}
	return rank
}

// firstSlower reports whether the first of at least six values is far above the
// others.
func firstSlower(series []float64) bool {
	if len(series) < 6 {
		return false
	}
	rest := Sort(slices.Clone(series[1:]))
	if rest[0] <= 0 || series[0] <= 0 {
		return false
	}
	middle, sd := spreadOf(rest, math.Log)
	return sd > 0 && math.Log(series[0]) > middle+firstFarOut*sd
}
