package stats

import (
	"fmt"
	"math"
)

// Objective is one limit that every attempt is held to.
type Objective struct {
	// Name is what it is called in a warning: "ttft".
	Name string
	// Values has one figure for each attempt, not a number where it has none.
	Values []float64
	// AtMost is the largest allowed, in the unit of the values.
	AtMost float64
}

// Attained is the goodput: the share of attempts that ended well and met every
// objective, with what the others missed.
type Attained struct {
	Rate
	// Failed attempts did not end well.
	Failed int
	// Missed counts, for each objective, the attempts that ended well and are
	// above it. An attempt may miss several.
	Missed []int
	// Unmeasured counts, for each objective, the attempts that ended well
	// without its figure. They count as not met: unknown never satisfies.
	Unmeasured []int
	Warnings   Warnings
}

// Attainment gives the share of attempts that ended well and met every objective
// (what Zhong and others, DistServe, 2024, call the attainment of the SLOs), with
// its Wilson interval. ended has one entry an
// attempt. Which attempts count at all is the caller's choice, as for any rate.
func Attainment(ended []bool, objectives ...Objective) (Attained, error) {
	for _, o := range objectives {
		if len(o.Values) != len(ended) {
			return Attained{}, fmt.Errorf("attainment: %s has %d values for %d attempts", o.Name, len(o.Values), len(ended))
		}
	}
	result := Attained{Missed: make([]int, len(objectives)), Unmeasured: make([]int, len(objectives))}
	met := 0
	for i, ok := range ended {
		if !ok {
			result.Failed++
			continue
		}
		all := true
		for j, o := range objectives {
			switch v := o.Values[i]; {
			case math.IsNaN(v):
				result.Unmeasured[j]++
				all = false
			case !(v <= o.AtMost):
				result.Missed[j]++
				all = false
			}
		}
		if all {
			met++
		}
	}
	result.Rate = RateOf(met, len(ended))
	for j, o := range objectives {
		if result.Unmeasured[j] > 0 {
			result.Warnings.add(Unmeasured, "%d of %d attempts have no %s: they count as not met", result.Unmeasured[j], len(ended), o.Name)
		}
	}
	return result, nil
}
