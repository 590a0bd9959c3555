package report

import (
	"testing"

	"costping/costmodel"
	"costping/ui/compare"
)

// Of several limits of a row on its spend the tightest counts in the page, in
// whichever order they come.
func TestPageKeepsTheTightestLimit(t *testing.T) {
	t.Parallel()
	for _, order := range [][]string{{"900", "70"}, {"70", "900"}} {
		var r rowView
		for _, usd := range order {
			amount, err := costmodel.ParseUSD(usd)
			if err != nil {
				t.Fatal(err)
			}
			r.Verdicts = append(r.Verdicts, compare.Verdict{Bound: compare.Bound{Metric: compare.LimitMaxMonthly, USD: amount}})
		}
		if c := r.cost(false); c.MostMonth == nil || *c.MostMonth != "70" || c.MostDay != nil {
			t.Errorf("of %v: %v a month, %v a day", order, c.MostMonth, c.MostDay)
		}
	}
}
