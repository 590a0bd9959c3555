package compare

import (
	"math"

	"costping/store"
)

// trendStep is the ratio of one level of a sparkline, the same in every row, so
// that a row that looks restless is.
const trendStep = 1.15

// trend places each step of a series against the row's own median.
func trend(s store.Summary) []Tick {
	mid := s.TTFTp50.Value
	if !s.TTFTp50.Earned() { // too few for a median that is shown, enough for a middle
		mid = firstSeen(s.Points)
	}
	ticks := make([]Tick, len(s.Points))
	for i, p := range s.Points {
		switch {
		case p.N > 0 && mid > 0:
			ticks[i] = Tick{Seen: true, Level: int(math.Round(math.Log(p.TTFT/mid) / math.Log(trendStep)))}
		case p.Failed > 0:
			ticks[i] = Tick{Failed: true}
		}
	}
	return ticks
}

func firstSeen(points []store.Point) float64 {
	for _, p := range points {
		if p.N > 0 {
			return p.TTFT
		}
	}
	return 0
}
