package costmodel

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// Work is what a router is asked to find a model for.
type Work struct {
	// Task is the kind of work: one of the tasks, or another word that a rule
	// knows, such as "summarization".
	Task string
	// Floor is the least quality that will do, 0 to 1; unknown where none is
	// given, and then no rule holds that asks for one.
	Floor Metric
	// ItemsPerDay is the volume; nil where it is unknown, and then no rule holds
	// that asks for one.
	ItemsPerDay *big.Rat
}

// Route is where a router sends work.
type Route struct {
	Recommended
	// Rule is the number of the rule that held, from 1.
	Rule int
	// Reason says why, with the figures.
	Reason string
}

// Route returns the model of the first rule that holds for the work on the given
// day, or its successor where it is retired by then. An unknown task, a floor that
// is no share, a negative volume, and work that no rule is for are an *InputError.
func (a *Advice) Route(c *Catalog, w Work, day Date) (Route, error) {
	w.Task = strings.ReplaceAll(fold(w.Task), "_", "-")
	if err := a.checkWork(w); err != nil {
		return Route{}, err
	}
	for i, rule := range a.rules {
		reasons, holds := rule.holds(w)
		if !holds {
			continue
		}
		r, why, ok := recommend(c, rule.Model, day)
		if !ok {
			return Route{}, &InputError{What: fmt.Sprintf("rule %d cannot be followed: %s", i+1, why), Hint: "name another model in the rule"}
		}
		if text := r.replaces(); text != "" {
			reasons = append(reasons, text)
		}
		return Route{Recommended: r, Rule: i + 1, Reason: fmt.Sprintf("rule %d: %s", i+1, strings.Join(reasons, "; "))}, nil
	}
	return Route{}, &InputError{What: "no rule is for " + quote(w.Task), Hint: "end the rules with one that has no conditions"}
}

func (a *Advice) checkWork(w Work) error {
	known := slices.ContainsFunc(a.tasks, func(t Task) bool { return t.ID == w.Task }) ||
		slices.ContainsFunc(a.rules, func(r Rule) bool { return slices.Contains(r.Tasks, w.Task) })
	switch {
	case !known:
		_, err := a.Task(w.Task)
		return err
	case w.Floor.Known() && !(w.Floor.Value >= 0 && w.Floor.Value <= 1):
		return &InputError{What: "the quality floor is not a share", Hint: "give a share from 0 to 1, such as 0.85"}
	case w.ItemsPerDay != nil && w.ItemsPerDay.Sign() < 0:
		return &InputError{What: "the volume is negative", Hint: "give the items a day, 0 or more"}
	}
	return nil
}

// holds reports whether the rule is for the work, and the reasons.
func (r Rule) holds(w Work) (reasons []string, ok bool) {
	if r.Tasks != nil {
		if !slices.Contains(r.Tasks, w.Task) {
			return nil, false
		}
		reasons = append(reasons, w.Task)
	}
	if r.FloorBelow > 0 {
		if !w.Floor.Known() || w.Floor.Value >= r.FloorBelow {
			return nil, false
		}
		reasons = append(reasons, fmt.Sprintf("quality floor %s below %s", decimalText(w.Floor.Value), decimalText(r.FloorBelow)))
	}
	if r.ItemsAbove > 0 {
		if w.ItemsPerDay == nil || w.ItemsPerDay.Cmp(integer(r.ItemsAbove)) <= 0 {
			return nil, false
		}
		reasons = append(reasons, fmt.Sprintf("%s items a day above %s",
			Separated(shortest(w.ItemsPerDay, 0, 2)), Separated(strconv.FormatInt(r.ItemsAbove, 10))))
	}
	if reasons == nil {
		reasons = []string{"no other rule is for " + w.Task}
	}
	return reasons, true
}

// decimalText writes a share or other small figure as it was given.
func decimalText(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
