package widget

import (
	"strings"

	"costping/ui/compare"
	"costping/ui/dashboard/theme"
)

// middle is the level of a sparkline that stands for the row's own median, of
// eight: three below it, four above.
const middle = 3

// Sparkline draws the newest ticks in width cells, one each, oldest first.
func Sparkline(ticks []compare.Tick, width int, g theme.Glyphs) string {
	if width <= 0 {
		return ""
	}
	ticks = fold(ticks, width)
	var b strings.Builder
	b.WriteString(strings.Repeat(g.SparkGap, width-len(ticks)))
	for _, t := range ticks {
		switch {
		case t.Seen:
			b.WriteString(g.Spark[min(max(middle+t.Level, 0), len(g.Spark)-1)])
		case t.Failed:
			b.WriteString(g.SparkFailed)
		default:
			b.WriteString(g.SparkGap)
		}
	}
	return b.String()
}

// fold joins neighbouring ticks until they fit, so that the whole window is
// shown at any width. Of several the one furthest from the median stands: a
// peak must not vanish in a narrow column.
func fold(ticks []compare.Tick, width int) []compare.Tick {
	if len(ticks) <= width {
		return ticks
	}
	out := make([]compare.Tick, width)
	for i := range out {
		from, to := i*len(ticks)/width, (i+1)*len(ticks)/width
		for _, t := range ticks[from:to] {
			if weight(t) > weight(out[i]) {
				out[i] = t
			}
		}
	}
	return out
}

func weight(t compare.Tick) int {
	switch {
	case t.Failed:
		return 100
	case t.Seen:
		return 1 + max(t.Level, -t.Level)
	}
	return 0
}
