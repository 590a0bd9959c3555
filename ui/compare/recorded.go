package compare

import (
	"slices"
	"time"

	"costping/probe/stats"
)

// Recorded is what a record keeps of a series in place of its single samples: when
// each was, and what came after what, is not in it.
type Recorded struct {
	// TTFT and E2E are values at even ranks, rising, in milliseconds: all of them
	// where there are few.
	TTFT, E2E []float64
	// N is how many first tokens P50 and P95 are of.
	N        int
	P50, P95 stats.Quantile
	// Scripted says that samples among them were not measured.
	Scripted bool
	// Step is how long a step of its course over time is.
	Step time.Duration
}

// Spread is how the first tokens are spread. A p90 is not recorded.
func (r Recorded) Spread() Spread {
	return Spread{Values: r.TTFT, N: r.N, P50: r.P50, P95: r.P95}
}

// AgainstRecorded is AgainstOf where there are no samples. That the values rise says
// nothing of how they followed each other, so nothing is said of that.
func AgainstRecorded(a, b string, of, other Recorded) Against {
	ratio := func(x, y []float64) stats.Ratio {
		r := ratioOf(x, y)
		r.Warnings = slices.DeleteFunc(r.Warnings, func(w stats.Warning) bool { return w.Code == stats.Autocorrelated })
		return r
	}
	return Against{A: a, B: b, TTFT: ratio(of.TTFT, other.TTFT), E2E: ratio(of.E2E, other.E2E), Scripted: of.Scripted || other.Scripted}
}
