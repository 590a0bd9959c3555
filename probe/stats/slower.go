package stats

// Slower compares two quantiles of a duration by their intervals: 1 where a is
// measurably above b, -1 where it is measurably below, 0 where the intervals
// overlap and no difference is shown. Intervals that do not overlap are a
// stricter test than one of the difference, so that a difference that is
// claimed here is one.
func Slower(a, b Quantile) int {
	switch {
	case a.Lo > b.Hi:
		return 1
	case a.Hi < b.Lo:
		return -1
	}
	return 0
}
