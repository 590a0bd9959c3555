package compare

import (
	"fmt"
	"slices"
	"strings"

	"costping/probe/check"
	"costping/probe/stats"
)

// countsAsBad reports whether an answer of a class is one of those that a kind counts:
// a wrong value in the right shape is not malformed, and as an argument of a call it
// is wrong.
func countsAsBad(kind check.Kind, c check.Class) bool {
	return kind == check.KindSchema && c.Malformed() || kind == check.KindTools && c != check.Right
}

// wrong is one thing that goes wrong with a row, and how often.
type wrong struct {
	target, what string
	kind         check.Kind // "" for attempts that failed
	stats.Rate
	simulated bool
}

func (w wrong) String() string {
	text := w.target + " " + w.what + " " + Share(w.Rate)
	if w.simulated {
		text += " (sim)"
	}
	return text
}

// wrongs are the things of a kind, of any for "", that go wrong with the rows that can
// be had, the surest first: what counts is the least that it is known to be.
func wrongs(rows []Row, kind check.Kind) []wrong {
	var all []wrong
	for _, r := range rows {
		if r.Retired {
			continue
		}
		rel := &r.Reliability
		shape, _ := rel.ByDefault()
		ok := r.Summary.Success()
		simulated := rel.Simulated > 0
		for _, w := range []wrong{
			{r.Target, "failed", "", stats.RateOf(ok.N-ok.Hits, ok.N), r.Summary.Scripted > 0},
			{r.Target, "malformed", check.KindSchema, shape.Bad, simulated},
			{r.Target, "tool errors", check.KindTools, rel.Tools.Bad, simulated},
		} {
			if w.N > 0 && (kind == "" || w.kind == kind) {
				all = append(all, w)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b wrong) int {
		switch {
		case a.Lo > b.Lo:
			return -1
		case a.Lo < b.Lo:
			return 1
		}
		return 0
	})
	return all
}

// ReliabilityAnswer names what goes wrong most, in ever shorter forms, of a kind of
// measurement; of all of them for "", and there a model that does not answer before
// any rate.
func ReliabilityAnswer(t Table, kind check.Kind) []string {
	switch kind {
	case check.KindContext:
		return recallAnswer(t)
	case "":
		for _, r := range t.Rows {
			if r.Failing && !r.Retired {
				return []string{
					fmt.Sprintf("%s does not answer: %s.", r.Target, strings.TrimSuffix(r.Summary.LastError, ".")),
					r.Target + " does not answer.", r.Target + " fails",
				}
			}
		}
	}
	all := wrongs(t.Rows, kind)
	if len(all) == 0 {
		return notMeasured(kind)
	}
	worst := all[0]
	if worst.Hits == 0 {
		attempts := 0
		for _, w := range all {
			attempts += w.N
		}
		return []string{fmt.Sprintf("Nothing has gone wrong in %s.", Plural(attempts, "attempt")), "Nothing has gone wrong."}
	}
	short := fmt.Sprintf("%s %s %d/%d", worst.target, worst.what, worst.Hits, worst.N)
	i := slices.IndexFunc(all, func(w wrong) bool { return w.target != worst.target && w.Hits > 0 })
	if i < 0 {
		return []string{worst.String() + ", the only one here.", worst.String(), short}
	}
	next := all[i]
	if worst.Lo > next.Hi {
		return []string{worst.String() + ", the worst here. Next: " + next.String() + ".", worst.String() + ", the worst here.", worst.String(), short}
	}
	return []string{
		worst.String() + " and " + next.String() + " cannot be told apart.",
		fmt.Sprintf("%s and %s %s %d/%d cannot be told apart.", short, next.target, next.what, next.Hits, next.N),
		alike(worst, next),
		"None is shown to be the worst.",
	}
}

// alike says of two that cannot be told apart which they are.
func alike(a, b wrong) string {
	if a.what == b.what {
		return fmt.Sprintf("%s: %s and %s not told apart.", a.what, a.target, b.target)
	}
	return fmt.Sprintf("%s (%s) and %s (%s) not told apart.", a.target, a.what, b.target, b.what)
}

// notMeasured says how to measure a kind.
func notMeasured(kind check.Kind) []string {
	if kind == "" {
		return []string{
			"Nothing is measured yet: costping probe measures success, with --kind schema or tools what the answers are worth.",
			"Nothing is measured yet: costping probe --kind schema", "Nothing measured yet.",
		}
	}
	return []string{fmt.Sprintf("Not measured yet: costping probe --kind %s", kind), "Not measured yet."}
}

// recallAnswer names the model that finds what it was told over the shortest length.
func recallAnswer(t Table) []string {
	var least *Row
	measured, shown := 0, 0
	for i := range t.Rows {
		r := &t.Rows[i]
		g := r.Reliability.Recall
		if g == nil || r.Retired {
			continue
		}
		measured++
		if !g.Limit.Known {
			continue
		}
		shown++
		if least == nil || g.Limit.Value < least.Reliability.Recall.Limit.Value {
			least = r
		}
	}
	switch {
	case measured == 0:
		return notMeasured(check.KindContext)
	case least == nil:
		return []string{fmt.Sprintf("No practical limit is shown for any of %s.", Plural(measured, "model")), "No practical limit is shown."}
	}
	text := fmt.Sprintf("%s holds its recall to %s tokens", least.Target, LimitText(least.Reliability.Recall))
	if shown > 1 {
		return []string{fmt.Sprintf("%s, the least of %s with a limit.", text, Plural(shown, "model")), text + "."}
	}
	return []string{text + "."}
}
