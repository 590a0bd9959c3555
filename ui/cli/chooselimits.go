package cli

import (
	"fmt"
	"slices"
	"strings"

	"costping/costmodel"
	"costping/ui/compare"
)

// held takes the limits that the configuration has on all targets into constraints,
// the tightest of each, where no flag has set one. It returns notes on what it took,
// and on what a choice does not ask for.
func (c *chooseCommand) held(q *costmodel.Constraints) ([]string, error) {
	configured, err := c.configuration()
	if err != nil {
		return nil, err
	}
	var all costmodel.Constraints
	var rest []string
	for _, l := range configured.Limits {
		for _, b := range l.Bounds {
			if l.Target == "*" && hold(&all, b) {
				continue
			}
			name := string(b.Metric)
			if l.Target != "*" {
				name += " of " + l.Target
			}
			if !slices.Contains(rest, name) {
				rest = append(rest, name)
			}
		}
	}
	words := slices.DeleteFunc([]string{
		takeOver(&q.MaxTTFTp95, all.MaxTTFTp95, compare.LimitTTFTp95), takeOver(&q.MinSpeed, all.MinSpeed, compare.LimitMinThroughput),
		takeOver(&q.MaxMalformed, all.MaxMalformed, compare.LimitMaxMalformed), takeOver(&q.MinQuality, all.MinQuality, compare.LimitMinQuality),
		takeOver(&q.MaxMonthly, all.MaxMonthly, compare.LimitMaxMonthly),
	}, func(word string) bool { return word == "" })
	var notes []string
	if len(words) > 0 {
		notes = append(notes, fmt.Sprintf("the configuration's limits on %s are asked for too; a flag goes before", strings.Join(words, ", ")))
	}
	if rest != nil {
		notes = append(notes, fmt.Sprintf("the configuration's limits on %s are not asked for here: costping check judges them", strings.Join(rest, ", ")))
	}
	return notes, nil
}

// takeOver puts what the configuration asks for where no flag has asked, and returns the
// name of what it took, "" for nothing.
func takeOver[T any](at **T, asked *T, metric compare.LimitMetric) string {
	if *at != nil || asked == nil {
		return ""
	}
	*at = asked
	return string(metric)
}

// hold takes one bound into constraints, where it is tighter than what they have;
// false where they have no such constraint.
func hold(q *costmodel.Constraints, b compare.Bound) bool {
	tighter := func(at **float64, better func(old float64) bool) bool {
		if *at == nil || better(**at) {
			*at = &b.Value
		}
		return true
	}
	lower, higher := func(old float64) bool { return b.Value < old }, func(old float64) bool { return b.Value > old }
	switch b.Metric {
	case compare.LimitTTFTp95:
		return tighter(&q.MaxTTFTp95, lower)
	case compare.LimitMinThroughput:
		return tighter(&q.MinSpeed, higher)
	case compare.LimitMaxMalformed:
		return tighter(&q.MaxMalformed, lower)
	case compare.LimitMinQuality:
		return tighter(&q.MinQuality, higher)
	case compare.LimitMaxMonthly:
		if q.MaxMonthly == nil || b.USD.Cmp(*q.MaxMonthly) < 0 {
			q.MaxMonthly = &b.USD
		}
		return true
	}
	return false
}
