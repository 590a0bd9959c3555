package compare

import (
	"fmt"
	"slices"
	"strings"

	"costping/costmodel"
	"costping/store"
)

// Measure gives a candidate of a choice the times and the speed that were measured
// of it.
func Measure(c *costmodel.Candidate, s store.Summary) {
	c.TTFTp50, c.TTFTp95, c.Speed = MetricOf(s.TTFTp50), MetricOf(s.TTFTp95), MetricOf(s.Speedp50)
}

// Candidates are the rows as those of a choice, and what the reader has to know of
// those that are left out: what does not answer is none. Where a schema is needed, the
// malformed rate is that of answers that the endpoint was to keep to one.
func Candidates(rows []Row, needs []costmodel.Feature) (list []costmodel.Candidate, notes []string) {
	for _, r := range rows {
		if r.Failing {
			notes = append(notes, r.Target+" does not answer now and is left out")
			continue
		}
		c := costmodel.Candidate{Name: r.Target, Model: r.Model, Spend: r.Spend, Malformed: r.Malformed, ToolErrors: r.ToolErrors, Quality: r.Quality}
		if shape, _ := r.Reliability.For(needs); shape.Bad.N > 0 {
			c.Malformed = RateMetric(shape.Bad)
		}
		if !r.Known {
			c.Model = costmodel.Model{ID: r.Target, Kind: costmodel.Chat}
		}
		Measure(&c, r.Summary)
		list = append(list, c)
	}
	return list, notes
}

// ChoiceAnswer is the choice in one sentence, with ever fewer reasons.
func ChoiceAnswer(c costmodel.Choice) []string {
	forms := []string{c.Answer()}
	task := c.Question.Task.Name
	switch {
	case len(c.Ranking) > 0:
		first := c.Ranking[0]
		for n := len(first.Reasons) - 1; n > 0; n-- {
			forms = append(forms, fmt.Sprintf("Use %s for %s: %s.", first.Name, task, strings.Join(first.Reasons[:n], "; ")))
		}
		for _, reason := range first.Reasons { // until when it can be had goes after all else
			if strings.HasPrefix(reason, "ends in ") {
				forms = append(forms, fmt.Sprintf("Use %s for %s, $%s a month; %s.", first.Name, task, MonthOf(first.Spend), reason),
					fmt.Sprintf("Use %s, $%s a month; %s.", first.Name, MonthOf(first.Spend), reason))
			}
		}
		forms = append(forms, fmt.Sprintf("Use %s for %s, $%s a month.", first.Name, task, MonthOf(first.Spend)),
			fmt.Sprintf("Use %s, $%s a month.", first.Name, MonthOf(first.Spend)), "Use "+first.Name)
		slices.SortStableFunc(forms, func(a, b string) int { return len(b) - len(a) })
		return forms
	case len(c.NotShown) > 0:
		near := c.NotShown[0]
		for n := len(near.Reasons) - 1; n > 0; n-- {
			forms = append(forms, fmt.Sprintf("No model is shown to be inside all limits. The nearest is %s: %s.", near.Name, strings.Join(near.Reasons[:n], "; ")))
		}
		return append(forms, "None is shown to be inside; nearest "+near.Name+".", "None shown inside.")
	}
	return append(forms, "None is inside all limits.", "None is inside.")
}

// Broken are the reasons of a place that decide where it stands; where it is inside,
// those that rank it.
func Broken(p costmodel.Place) []string {
	var reasons []string
	for _, f := range p.Broken() {
		reasons = append(reasons, f.Reason)
	}
	if reasons != nil {
		return reasons
	}
	return slices.DeleteFunc(slices.Clone(p.Reasons), func(reason string) bool {
		return strings.HasSuffix(reason, " a month") // which has a column of its own
	})
}

// ConstraintFlags are the arguments of costping choose that ask for the same.
func ConstraintFlags(q costmodel.Constraints) []string {
	var flags []string
	add := func(flag, format string, args ...any) { flags = append(flags, "--"+flag, fmt.Sprintf(format, args...)) }
	if q.MaxTTFTp95 != nil {
		add("max-ttft-p95", "%gms", *q.MaxTTFTp95)
	}
	if q.MinSpeed != nil {
		add("min-throughput", "%g", *q.MinSpeed)
	}
	if q.MaxMalformed != nil {
		add("max-malformed", "%g%%", *q.MaxMalformed*100)
	}
	if q.MinQuality != nil {
		add("min-quality", "%g", *q.MinQuality)
	}
	if q.MinContext > 0 {
		add("min-context", "%d", q.MinContext)
	}
	if q.MaxMonthly != nil {
		add("max-monthly", "%s", q.MaxMonthly)
	}
	var needs []string
	for _, f := range q.Needs {
		needs = append(needs, string(f))
	}
	if needs != nil {
		add("needs", "%s", strings.Join(needs, ","))
	}
	return flags
}
