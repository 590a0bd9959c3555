package compare

import (
	"fmt"
	"slices"

	"costping/costmodel"
)

// endsSoon reports whether a row can be had for a short time only, and for how many
// days.
func endsSoon(r *Row, today costmodel.Date) (days int, soon bool) {
	days, ends := r.Model.DaysLeft(today)
	return days, r.Known && ends && days <= costmodel.RetiresSoon
}

// Lasting is the index of the row that would be the pick were all that end soon gone
// already; -1 where there is none.
func Lasting(t Table, today costmodel.Date) int {
	gone := &costmodel.Spend{}
	return pick(t.Rows, func(r *Row) *costmodel.Spend {
		if _, soon := endsSoon(r, today); soon {
			return gone
		}
		return &r.Spend
	})
}

// lasting says of a pick that ends soon which row would be the pick were all that end
// soon gone already; nil where the pick lasts. Longest form first.
func lasting(t Table, today costmodel.Date) []string {
	days, soon := endsSoon(&t.Rows[t.Pick], today)
	if !soon {
		return nil
	}
	left := "in " + Plural(days, "day")
	next := Lasting(t, today)
	if next < 0 {
		return []string{left + "; nothing else here can be picked and lasts longer", left}
	}
	r := &t.Rows[next]
	text := fmt.Sprintf("%s at $%s a month", r.Target, MonthOf(r.Spend))
	stands := ""
	switch {
	case len(r.Verdicts) == 0:
	case slices.ContainsFunc(r.Verdicts, func(v Verdict) bool { return v.Standing != Within }):
		stands = ", not over a limit"
	default:
		stands = ", inside your limits"
	}
	return []string{
		left + "; the next cheapest that lasts is " + text + stands,
		left + "; next that lasts: " + text,
		left,
	}
}
