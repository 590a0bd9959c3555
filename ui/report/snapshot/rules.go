package snapshot

import (
	"fmt"
	"math"
	"strconv"

	"costping/probe/stats"
	"costping/ui/compare"
)

// Result is how one figure stands to its rule.
type Result struct {
	// Target is whose figure it is, "" for that of all together.
	Target string
	// Rule is what was judged: a limit's metric, or goodput, drift and the like.
	Rule     string
	Standing compare.Standing
	Text     string
	// Gone says that the target is retired: nothing of it is judged, since what cannot
	// be bought any more keeps and breaks nothing.
	Gone bool
	// More is about how many more samples would show it; 0 where it is shown or that
	// is not known.
	More int
}

// RetiredRule stands in the place of the rules of a retired target.
const RetiredRule = "retired"

// Rules are what a record is held to.
type Rules struct {
	Limits []compare.Limit
	// Goodput is the least share of attempts that meet the objectives; 0 for none.
	Goodput float64
	// Baseline is what was approved; nil for none. Drift is by how much the first token
	// and the whole answer may be slower than that, as a share.
	Baseline *Record
	Drift    float64
	// Only is a pattern of targets; "" for all.
	Only string
}

// Check holds a record against rules, row by row, in the order of the rows.
func (r *Record) Check(rules Rules) ([]Result, error) {
	in, err := r.Input()
	if err != nil {
		return nil, err
	}
	in.Limits = rules.Limits
	table := compare.Build(in)
	var drifted []Result
	if rules.Baseline != nil {
		if drifted, _, err = (Approved{rules.Baseline, rules.Drift}).Beside(r); err != nil {
			return nil, err
		}
	}
	var results []Result
	for _, row := range table.Rows {
		if !(compare.Limit{Target: orAll(rules.Only)}).Holds(row.Target) {
			continue
		}
		if row.Retired {
			results = append(results, Result{Target: row.Target, Rule: RetiredRule, Gone: true, Text: "retired " + row.Model.Retired.String() + ": no rule holds for it any more"})
			continue
		}
		for _, v := range row.Verdicts {
			results = append(results, Result{Target: v.Target, Rule: string(v.Bound.Metric), Standing: v.Standing, Text: v.Text, More: v.More})
		}
		doc := &r.Rows[r.index(row.Target)]
		if rules.Goodput > 0 {
			results = append(results, doc.goodput(rules.Goodput))
		}
		for _, result := range drifted {
			if result.Target == row.Target {
				results = append(results, result)
			}
		}
	}
	return results, nil
}

func orAll(pattern string) string {
	if pattern == "" {
		return "*"
	}
	return pattern
}

var standings = map[stats.Standing]compare.Standing{
	stats.NotShown: compare.NotShown, stats.Inside: compare.Within, stats.Outside: compare.Over,
}

// goodput judges the share of attempts that met the objectives.
func (row *Row) goodput(least float64) Result {
	result := Result{Target: row.Target, Rule: "min_goodput"}
	if row.Measured == nil || row.Measured.Goodput == nil || row.Measured.Goodput.N == 0 {
		result.Text = "goodput: nothing measured"
		return result
	}
	g := row.Measured.Goodput
	rate := stats.RateOf(g.Hits, g.N)
	judged := rate.AtLeast(least)
	result.Standing, result.More = standings[judged.Standing], max(0, judged.More)
	result.Text = fmt.Sprintf("goodput %d of %d, %s to %s (least %s, %s)", g.Hits, g.N, percent(rate.Lo), percent(rate.Hi), percent(least), g.SLO)
	return result
}

func percent(share float64) string { return strconv.FormatFloat(share*100, 'g', 3, 64) + " %" }

// ChangeText is a ratio as a change with its interval: "+12 % (9 to 15)", with ~
// before one that is not shown.
func ChangeText(r stats.Ratio) string {
	if !r.Earned() {
		return "?"
	}
	interval := fmt.Sprintf("(%s to %s)", change(r.Lo), change(r.Hi))
	if v := r.Verdict(); v != stats.Higher && v != stats.Lower {
		return "~ " + interval
	}
	return change(r.Value) + " % " + interval
}

// change is a ratio in percent above or below 1.
func change(v float64) string {
	v = (v - 1) * 100
	if math.Abs(v) < 0.05 {
		return "0.0"
	}
	places := 1
	if math.Abs(v) >= 10 {
		places = 0
	}
	text := strconv.FormatFloat(v, 'f', places, 64)
	if v > 0 {
		text = "+" + text
	}
	return text
}
