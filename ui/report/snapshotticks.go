package report

import (
	"math"
	"strconv"
	"time"

	"costping/ui/compare"

	"gonum.org/v1/plot"
)

// plainTicks are 1, 2 and 5 of each decade, in plain figures.
type plainTicks struct{}

// Ticks implements plot.Ticker.
func (plainTicks) Ticks(lo, hi float64) []plot.Tick {
	var ticks []plot.Tick
	for e := math.Floor(math.Log10(lo)); e <= math.Ceil(math.Log10(hi)); e++ {
		for _, m := range []float64{1, 2, 5} {
			if at := m * math.Pow(10, e); at >= lo && at <= hi {
				ticks = append(ticks, plot.Tick{Value: at, Label: plainFigure(at)})
			}
		}
	}
	return ticks
}

func plainFigure(v float64) string {
	if v >= 10 {
		return compare.Millis(v)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

// hourTicks are at whole hours or days, few enough to be read.
type hourTicks struct{}

// Ticks implements plot.Ticker.
func (hourTicks) Ticks(lo, hi float64) []plot.Tick {
	var ticks []plot.Tick
	step, format := timeStep(lo, hi)
	for at := math.Ceil(lo/step) * step; at <= hi; at += step {
		ticks = append(ticks, plot.Tick{Value: at, Label: time.Unix(int64(at), 0).UTC().Format(format)})
	}
	return ticks
}

// timeStep is the distance of the ticks of a time axis in seconds, and how they are
// written.
func timeStep(lo, hi float64) (step float64, format string) {
	const hour, most = 3600, 9
	for _, step := range []float64{60, 300, 900, hour, 3 * hour, 6 * hour, 24 * hour, 7 * 24 * hour, 30 * 24 * hour, 365 * 24 * hour} {
		if (hi-lo)/step <= most {
			if step >= 24*hour {
				return step, "Jan 2"
			}
			return step, "15:04"
		}
	}
	return 3650 * 24 * hour, "2006"
}
