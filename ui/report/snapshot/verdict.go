package snapshot

import (
	"strings"

	"costping/ui/compare"
)

// The verdicts of a row.
const (
	Inside   = "inside"
	Outside  = "outside"
	NotShown = "not shown"
	NoLimits = "no limits"
)

// Judge is how a row stands to all of its limits together, and why: outside where
// one is broken or the model is gone, not shown where one is not shown.
func Judge(row compare.Row) (verdict, why string) {
	if row.Retired {
		return Outside, "retired " + row.Model.Retired.String()
	}
	var over, open, within []string
	for _, v := range row.Verdicts {
		switch v.Standing {
		case compare.Over:
			over = append(over, v.Text)
		case compare.NotShown:
			open = append(open, v.Text)
		case compare.Within:
			within = append(within, v.Text)
		}
	}
	if row.Failing {
		over = append([]string{"does not answer"}, over...)
	}
	switch {
	case len(over) > 0:
		return Outside, strings.Join(over, "; ")
	case len(open) > 0:
		return NotShown, strings.Join(open, "; ")
	case len(within) > 0:
		return Inside, strings.Join(within, "; ")
	}
	return NoLimits, ""
}
