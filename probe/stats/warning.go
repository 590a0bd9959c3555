package stats

import (
	"fmt"
	"math"
	"slices"
)

// Code names one reason to doubt a figure.
type Code string

// The reasons to doubt a figure.
const (
	// Refused values were no measurements and were left out.
	Refused Code = "refused"
	// Collecting: there are too few values for the figure; it is withheld.
	Collecting Code = "collecting"
	// Quantised values are so coarse that they set the interval's width.
	Quantised Code = "quantised"
	// Outliers lie far beyond what the spread of the other values explains.
	Outliers Code = "outliers"
	// FirstSlower: the first value of the series is far above the others.
	FirstSlower Code = "first_slower"
	// Autocorrelated values follow one another: they are fewer than they look.
	Autocorrelated Code = "autocorrelated"
	// Spread: the two samples differ in more than a factor.
	Spread Code = "spread"
	// Unmeasured attempts ended well but lack a figure that an objective asks for.
	Unmeasured Code = "unmeasured"
)

// Warning is one reason to doubt a figure: its code and a sentence for a reader.
type Warning struct {
	Code Code
	Text string
}

// Warnings are what travels with a figure; nil where nothing is to be doubted.
type Warnings []Warning

// finite gives the values that are numbers, without a copy where all are.
func finite(values []float64) []float64 {
	wrong := func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }
	if !slices.ContainsFunc(values, wrong) {
		return values
	}
	return slices.DeleteFunc(slices.Clone(values), wrong)
}

// Has reports whether one of the warnings has the code.
func (w Warnings) Has(code Code) bool {
	for _, warning := range w {
		if warning.Code == code {
			return true
		}
	}
	return false
}

func (w *Warnings) add(code Code, format string, args ...any) {
	*w = append(*w, Warning{code, fmt.Sprintf(format, args...)})
}

const (
	// madToSD makes the median absolute deviation of normal values their
	// standard deviation: 1 / the normal quantile of 3/4.
	madToSD = 1.482602218505602

	// A value is far out where its logarithm is this many robust standard
	// deviations from the median. Iglewicz and Hoaglin, How to Detect and Handle
	// Outliers (1993), take 3.5 for one sample of tens; in thousands of log-normal
	// values that finds some every time, and 5 finds one in 1,700 samples of 1,000.
	farOut = 5
	// The first value alone is one trial, for which their 3.5 stands.
	firstFarOut = 3.5
)

// asIs is the scale of values that are logarithms already.
func asIs(v float64) float64 { return v }

// spreadOf gives the median of sorted values and their robust standard deviation,
// which is the median absolute deviation, scaled; both on a rising scale, such
// as math.Log. It needs at least one value.
func spreadOf(sorted []float64, scale func(float64) float64) (middle, sd float64) {
	n := len(sorted)
	middle = (scale(sorted[(n-1)/2]) + scale(sorted[n/2])) / 2
	// The deviations are two sorted runs that start at the median: merging the
	// nearer half of them gives the middle one without sorting.
	below, above := (n-1)/2, (n-1)/2+1
	var previous, deviation float64
	for range n/2 + 1 {
		down, up := math.Inf(1), math.Inf(1)
		if below >= 0 {
			down = middle - scale(sorted[below])
		}
		if above < n {
			up = scale(sorted[above]) - middle
		}
		previous = deviation
		if down <= up {
			deviation = down
			below--
		} else {
			deviation = up
			above++
		}
	}
	if n%2 == 0 {
		deviation = (previous + deviation) / 2
	}
	return middle, madToSD * deviation
}

// outliers counts the values that are far out; 0 where more than half of the
// values are equal or a value is not positive, for then there is no scale.
func outliers(sorted []float64) int {
	if len(sorted) < 6 || sorted[0] <= 0 {
		return 0
	}
	middle, sd := spreadOf(sorted, math.Log)
	if sd == 0 {
		return 0
	}
	low, high := math.Exp(middle-farOut*sd), math.Exp(middle+farOut*sd)
	count := 0
	for i := 0; i < len(sorted) && sorted[i] < low; i++ {
		count++
	}
	for i := len(sorted) - 1; i >= 0 && sorted[i] > high; i-- {
		count++
	}
	return count
}
