package simulator

import (
	"errors"
	"math"
	"math/rand/v2"
	"time"
)

// maxDraw bounds every drawn duration, so that a long tail can neither overflow
// a sum over a whole answer nor hold a request for days.
const maxDraw = time.Hour

// maxLogSD is the widest spread a script may ask for: at 3 the 99th percentile
// is already a thousand times the median.
const maxLogSD = 3

// A Distribution is a log-normal distribution of durations: its logarithm is
// normal around the logarithm of Median with standard deviation LogSD. With
// LogSD 0 it is a constant.
type Distribution struct {
	// Median is the middle value; half of all draws are below it.
	Median time.Duration
	// LogSD is the standard deviation of the natural logarithm (no unit).
	LogSD float64
}

// Constant returns the distribution that always draws d.
func Constant(d time.Duration) Distribution { return Distribution{Median: d} }

// LogNormal returns the log-normal distribution with this median and standard
// deviation of the natural logarithm.
func LogNormal(median time.Duration, logSD float64) Distribution {
	return Distribution{Median: median, LogSD: logSD}
}

// LogNormalMean returns the log-normal distribution with this mean, which is
// what a throughput fixes: the mean of a log-normal is median * exp(logSD²/2).
func LogNormalMean(mean time.Duration, logSD float64) Distribution {
	median := float64(mean) / math.Exp(logSD*logSD/2)
	return Distribution{Median: time.Duration(math.Round(median)), LogSD: logSD}
}

// Mean returns the expected value of a draw.
func (d Distribution) Mean() time.Duration {
	return bounded(float64(d.Median) * math.Exp(d.LogSD*d.LogSD/2))
}

// Quantile returns the value below which the share p (0..1) of draws lies.
func (d Distribution) Quantile(p float64) time.Duration {
	if d.LogSD == 0 {
		return bounded(float64(d.Median))
	}
	z := math.Sqrt2 * math.Erfinv(2*p-1)
	return bounded(float64(d.Median) * math.Exp(d.LogSD*z))
}

// Draw returns one value, between 0 and an hour. A constant takes a variate from
// rng too, so that widening a constant does not shift every later draw.
func (d Distribution) Draw(rng *rand.Rand) time.Duration {
	return d.drawScaled(rng, 1)
}

// drawScaled draws one value and multiplies it by factor.
func (d Distribution) drawScaled(rng *rand.Rand, factor float64) time.Duration {
	return bounded(float64(d.Median) * math.Exp(d.LogSD*rng.NormFloat64()) * factor)
}

func (d Distribution) validate() error {
	switch {
	case d.Median < 0 || d.Median > maxDraw:
		return errors.New("median must lie between 0 and 1h")
	case math.IsNaN(d.LogSD) || d.LogSD < 0 || d.LogSD > maxLogSD:
		return errors.New("sd of the log must lie between 0 and 3")
	}
	return nil
}

// bounded turns nanoseconds into a duration between 0 and maxDraw.
func bounded(nanoseconds float64) time.Duration {
	switch {
	case !(nanoseconds > 0): // also NaN
		return 0
	case nanoseconds > float64(maxDraw):
		return maxDraw
	}
	return time.Duration(nanoseconds)
}
