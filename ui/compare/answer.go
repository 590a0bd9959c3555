package compare

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"costping/costmodel"
	"costping/probe/stats"
)

// answer is the sentence above the table: how two marked rows differ, else what a
// turned knob changed, else the pick. Longest form first.
func answer(t Table, in Input, j *Joined) []string {
	if in.Against != nil {
		if text := in.Against.sentence(t.Rows, in.Workload); text != nil {
			return text
		}
	}
	if t.Pick < 0 {
		if t.Hidden > 0 && len(t.Rows) == 0 {
			return []string{fmt.Sprintf("The filter leaves nothing of %s. esc clears it.", Plural(t.Hidden, "row")), "The filter leaves nothing. esc clears it."}
		}
		if n := t.overLimit(); n > 0 {
			return []string{fmt.Sprintf("Nothing here is inside your limits: %s over one.", rowsAre(n)), "Nothing is inside your limits."}
		}
		if t.Measured == 0 {
			return []string{"Nothing here has both a price and a date of today.", "Nothing to pick."}
		}
		if slices.ContainsFunc(t.Rows, func(r Row) bool { return r.Spend.Known && r.canBeHad() }) {
			return []string{"Nothing that can be had here has both a price and a measurement yet.", "Nothing priced is measured yet."}
		}
		return []string{"No model here can be picked: each is retired, unpriced or not answering.", "No model can be picked."}
	}
	p := t.Rows[t.Pick]
	if t.Changed {
		return changed(t, p, in, j.spentOn(in.Base))
	}
	amount := "$" + MonthOf(p.Spend)
	ends := ""
	if days, ok := p.Model.DaysLeft(in.Today); p.Known && ok && days <= costmodel.RetiresSoon {
		ends = fmt.Sprintf(" (ends in %d d)", days)
	}
	if !p.Summary.TTFTp50.Earned() {
		if t.Measured > 0 || t.Probing {
			return []string{
				fmt.Sprintf("Cheapest live model: %s at %s a month%s. First medians after %d probes of each.", p.Target, amount, ends, stats.Needed(0.5)),
				fmt.Sprintf("Cheapest live: %s, %s a month%s", p.Target, amount, ends),
				p.Target + " " + amount + "/mo",
			}
		}
		return []string{
			fmt.Sprintf("Cheapest live model: %s at %s a month%s. Costs move as you turn the knob; for speeds: costping probe.", p.Target, amount, ends),
			"Costs move as you turn the knob. Speeds: costping demo or costping probe",
			p.Target + " " + amount + "/mo",
		}
	}
	if len(p.Verdicts) > 0 {
		return withinLimits(p, amount, ends)
	}
	s := p.Summary
	first := fmt.Sprintf("first token %s ms", Millis(s.TTFTp50.Value))
	tail := ""
	if s.TTFTp95.Earned() {
		tail = fmt.Sprintf(", p95 %s", Millis(s.TTFTp95.Value))
	}
	return []string{
		fmt.Sprintf("Cheapest live model: %s at %s a month%s, %s (%s)%s, whole answer %s.", p.Target, amount, ends, first, Margin(s.TTFTp50), tail, Seconds(s.E2Ep50)),
		fmt.Sprintf("Cheapest live: %s at %s a month%s, %s (%s)%s, answer %s.", p.Target, amount, ends, first, Margin(s.TTFTp50), tail, Seconds(s.E2Ep50)),
		fmt.Sprintf("Cheapest live: %s, %s a month%s, %s", p.Target, amount, ends, first),
		fmt.Sprintf("Cheapest live: %s, %s a month%s", p.Target, amount, ends),
		fmt.Sprintf("Cheapest live: %s, %s a month", p.Target, amount),
		fmt.Sprintf("%s %s/mo, %s ms", p.Target, amount, Millis(s.TTFTp50.Value)),
		p.Target + " " + amount + "/mo",
	}
}

// withinLimits names the pick where there are limits, and how it stands to them. It is
// called inside only where each of its limits is shown to be kept.
func withinLimits(p Row, amount, ends string) []string {
	var open, full, brief []string
	for _, v := range p.Verdicts {
		switch money := v.Bound.Metric == LimitMaxDaily || v.Bound.Metric == LimitMaxMonthly; {
		case v.Standing == NotShown:
			open = append(open, v.openText())
		case money: // the amount is in the sentence
		default:
			full = append(full, v.Text)
			brief = append(brief, limitMetrics[v.Bound.Metric].name)
		}
	}
	if len(open) > 0 {
		return notOver(p, amount, ends, open, full)
	}
	lead := fmt.Sprintf("Cheapest inside your limits: %s at %s a month%s.", p.Target, amount, ends)
	short := fmt.Sprintf("Cheapest inside your limits: %s, %s a month", p.Target, amount)
	var forms []string
	for n := len(full); n > 0; n-- {
		forms = append(forms, lead+" "+strings.Join(full[:n], ", ")+".")
	}
	forms = append(forms, lead)
	if len(brief) > 0 {
		forms = append(forms, fmt.Sprintf("%s (%s ok)", short, strings.Join(brief, ", ")))
	}
	slices.SortStableFunc(forms, func(a, b string) int { return len(b) - len(a) })
	return append(forms, short, fmt.Sprintf("In limits: %s %s/mo", p.Target, amount), p.Target+" "+amount+"/mo")
}

// notOver names a pick that breaks no limit and is not shown to keep each: first what
// is open, then what is shown.
func notOver(p Row, amount, ends string, open, shown []string) []string {
	lead := fmt.Sprintf("Cheapest not over a limit: %s at %s a month", p.Target, amount)
	short := fmt.Sprintf("Cheapest not over a limit: %s, %s a month", p.Target, amount)
	reasons := slices.Concat(open, shown)
	var forms []string
	for n := len(reasons); n > 0; n-- {
		forms = append(forms, lead+ends+"; "+strings.Join(reasons[:n], ", ")+".")
	}
	name, _, _ := strings.Cut(open[0], " (")
	if ends != "" {
		forms = append(forms, lead+"; "+open[0]+".")
	}
	return append(forms,
		lead+"; "+name+".", short+"; "+name, short,
		fmt.Sprintf("Not over a limit: %s %s/mo", p.Target, amount), fmt.Sprintf("Not over: %s %s/mo", p.Target, amount), p.Target+" "+amount+"/mo")
}

// openText says of a limit that is not shown to be kept what it lacks: "TTFT p95 not
// shown yet (26 of 76 samples)".
func (v Verdict) openText() string {
	if strings.HasSuffix(v.Text, " unknown") {
		return v.Text
	}
	name := limitMetrics[v.Bound.Metric].name
	lacks := strings.TrimLeft(strings.TrimPrefix(v.Text, name), ": ")
	return name + " not shown yet (" + strings.NewReplacer(" (", ", ", ")", "").Replace(lacks) + ")"
}

// overLimit counts the rows that could be picked were it not for a limit.
func (t Table) overLimit() int {
	n := 0
	for _, r := range t.Rows {
		if !r.Retired && !r.Failing && r.Spend.Known && r.Over() {
			n++
		}
	}
	return n
}

func rowsAre(n int) string {
	if n == 1 {
		return "1 model is"
	}
	return Count(n) + " models are"
}

// changed says what the turned knobs did to the pick; before are the spends on the
// workload that they started from.
func changed(t Table, now Row, in Input, before []costmodel.Spend) []string {
	what := "CHANGED " + strings.Join(turned(in.Base, in.Workload), ", ")
	spent := func(r *Row) *costmodel.Spend { return &before[r.place] }
	amount := "$" + MonthOf(now.Spend)
	first := pick(t.Rows, spent)
	if first < 0 { // nothing could be picked before the knobs were turned
		return []string{
			fmt.Sprintf("%s: the cheapest is now %s at %s a month. R puts it all back", what, now.Target, amount),
			fmt.Sprintf("now %s, %s/mo", now.Target, amount),
		}
	}
	was := &t.Rows[first]
	if was.Target != now.Target {
		return []string{
			fmt.Sprintf("%s: the cheapest is now %s at %s a month, no longer %s. R puts it all back", what, now.Target, amount, was.Target),
			fmt.Sprintf("%s: now %s, %s", what, now.Target, amount),
			fmt.Sprintf("now %s, %s/mo", now.Target, amount),
		}
	}
	start, times := spent(was), ""
	if start.PerMonth.Sign() > 0 {
		times = " (× " + factor(now.Spend.PerMonth.Float64()/start.PerMonth.Float64()) + ")"
	}
	return []string{
		fmt.Sprintf("%s: %s $%s to %s a month%s. R puts it all back", what, now.Target, MonthOf(*start), amount, times),
		fmt.Sprintf("%s: %s $%s to %s%s", what, now.Target, MonthOf(*start), amount, times),
		fmt.Sprintf("%s: %s", what, amount),
		fmt.Sprintf("%s $%s to %s/mo", now.Target, MonthOf(*start), amount),
	}
}

// turned says which parts of a workload are not what they were.
func turned(was, is costmodel.Workload) []string {
	var knobs []string
	switch {
	case is.Volume.Unit() != was.Volume.Unit() || is.Volume.Period() != was.Volume.Period():
		knobs = append(knobs, fmt.Sprintf("volume %s to %s", was.Volume, is.Volume))
	case !is.Volume.Equal(was.Volume):
		knobs = append(knobs, fmt.Sprintf("volume %s to %s",
			costmodel.FormatTokens(was.Volume.Amount()), costmodel.FormatTokens(is.Volume.Amount())))
	}
	switch {
	case !is.PerItem.Equal(was.PerItem): // the split is that of the items
		knobs = append(knobs, fmt.Sprintf("an item %s to %s tokens", was.PerItem, is.PerItem))
	case !is.Split.Equal(was.Split):
		knobs = append(knobs, fmt.Sprintf("output %s to %s", percentOf(was.Split.Output()), percentOf(is.Split.Output())))
	}
	for _, share := range []struct {
		name    string
		was, is costmodel.Share
	}{{"cached", was.Cached, is.Cached}, {"batch", was.Batch, is.Batch}, {"retries", was.Retries, is.Retries}} {
		if !share.is.Equal(share.was) {
			knobs = append(knobs, fmt.Sprintf("%s %s to %s", share.name, share.was, share.is))
		}
	}
	if len(knobs) == 0 { // another of its parts, typed and not turned
		knobs = append(knobs, "workload")
	}
	return knobs
}

// percentOf is a share in percent with at most one decimal: "25%", "71.4%".
func percentOf(share *big.Rat) string {
	percent, _ := new(big.Rat).Mul(share, big.NewRat(100, 1)).Float64()
	return strings.TrimSuffix(strconv.FormatFloat(percent, 'f', 1, 64), ".0") + "%"
}

// SplitText is a split as a knob shows it, rounded: "75% in 25% out".
func SplitText(s costmodel.Split) string {
	if !s.Given() {
		return ""
	}
	return percentOf(s.Input()) + " in " + percentOf(s.Output()) + " out"
}

// factor is a ratio with three figures at the least, so that a small one is not 0.
func factor(v float64) string {
	if v >= 0.095 {
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	return strconv.FormatFloat(v, 'g', 2, 64)
}
