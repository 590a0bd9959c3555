package cli

import (
	"fmt"
	"strconv"
	"strings"

	"costping/probe/check"
	"costping/probe/stats"
	"costping/ui/compare"
	"costping/ui/report"

	"github.com/shopspring/decimal"
)

// The JSON of costping.eval/1. The accuracy is of n graded answers.
type (
	evalJSON struct {
		Schema      string         `json:"schema"`
		Tasks       int            `json:"tasks"`
		Interrupted bool           `json:"interrupted"`
		Rows        []evalRowJSON  `json:"rows"`
		Pairs       []evalPairJSON `json:"pairs"`
	}
	evalRowJSON struct {
		Target            string         `json:"target"`
		Model             string         `json:"model"`
		N                 int            `json:"n"`
		Correct           int            `json:"correct"`
		Accuracy          *float64       `json:"accuracy"`
		AccuracyCI        *[2]float64    `json:"accuracy_ci"`
		USDPerTask        *string        `json:"usd_per_task"`
		USDPerCorrectTask *string        `json:"usd_per_correct_task"`
		AnswerP50         *float64       `json:"answer_p50_ms"`
		AnswerP50CI       *[2]float64    `json:"answer_p50_ci_ms"`
		Answered          int            `json:"answered"`
		Reused            int            `json:"paid_before"`
		Ungraded          int            `json:"ungraded"`
		Unanswered        map[string]int `json:"unanswered"`
		Spent             string         `json:"usd_spent_now"`
		GivenUp           *string        `json:"given_up"`
		Problems          []string       `json:"problems"`
	}
	// evalPairJSON compares b with a, the dearer of the two where both prices are
	// known: the difference is b's accuracy less a's.
	evalPairJSON struct {
		A          string      `json:"a"`
		B          string      `json:"b"`
		Cheaper    bool        `json:"b_is_cheaper"`
		N          int         `json:"n"`
		OnlyA      int         `json:"only_a_correct"`
		OnlyB      int         `json:"only_b_correct"`
		Difference *float64    `json:"difference"`
		CI         *[2]float64 `json:"ci"`
		P          *float64    `json:"mcnemar_p"`
		Standing   string      `json:"within_5_points"`
		// More is how many further tasks would show it; null where it is shown, or
		// none would.
		More    *int   `json:"more_tasks"`
		Verdict string `json:"verdict"`
	}
)

func (e *evalCommand) document(scores check.Scores, interrupted bool) evalJSON {
	doc := evalJSON{Schema: "costping.eval/1", Tasks: len(e.tasks), Interrupted: interrupted, Rows: []evalRowJSON{}, Pairs: []evalPairJSON{}}
	for _, s := range scores {
		q := medianOf(s.E2E)
		row := evalRowJSON{
			Target: s.Target.Name, Model: s.Target.Model, N: s.Accuracy.N, Correct: s.Accuracy.Hits,
			USDPerTask: decimalOf(s.USDPerTask()), USDPerCorrectTask: decimalOf(s.USDPerCorrect()), AnswerP50: known(q), AnswerP50CI: interval(q),
			Answered: s.Answered, Reused: s.Reused, Ungraded: s.Ungraded, Unanswered: outcomesDocument(s.Unanswered),
			Spent: s.Spent.String(), GivenUp: textOf(s.GaveUp), Problems: s.Problems,
		}
		row.Accuracy, row.AccuracyCI = rateDocument(s.Accuracy)
		if row.Problems == nil {
			row.Problems = []string{}
		}
		doc.Rows = append(doc.Rows, row)
	}
	for _, p := range scores.Pairs() {
		doc.Pairs = append(doc.Pairs, pairDocument(p))
	}
	return doc
}

func pairDocument(p check.Pair) evalPairJSON {
	j := evalPairJSON{
		A: p.A.Target.Name, B: p.B.Target.Name, Cheaper: p.Cheaper, N: p.N, OnlyA: p.OnlyA, OnlyB: p.OnlyB,
		Standing: map[stats.Standing]string{stats.Inside: "yes", stats.Outside: "no", stats.NotShown: "not shown"}[p.Standing],
		Verdict:  p.Verdict(),
	}
	if p.N > 0 {
		j.Difference, j.CI, j.P = sixPlaces(p.Value), &[2]float64{*sixPlaces(p.Lo), *sixPlaces(p.Hi)}, sixPlaces(p.P)
	}
	if p.More > 0 {
		j.More = &p.More
	}
	return j
}

func (e *evalCommand) print(format report.Format, scores check.Scores, interrupted bool) error {
	if format == report.JSON {
		return writeJSON(e.stdout, e.document(scores, interrupted))
	}
	t := report.Table{Columns: []report.Column{
		{Title: "TARGET", Key: "target"},
		{Title: "N", Key: "n", Right: true},
		{Title: "CORRECT", Key: "accuracy"},
		{Title: "A TASK", Key: "usd_per_task", Right: true},
		{Title: "A CORRECT ONE", Key: "usd_per_correct_task", Right: true},
		{Title: "ANSWER", Key: "answer_p50_ms", Right: true},
		{Title: "SPENT NOW", Key: "usd_spent_now", Right: true},
		{Title: "NOTE", Key: "note"},
	}}
	for _, s := range scores {
		task, correct, note := s.USDPerTask(), s.USDPerCorrect(), shortfall(s)
		t.Rows = append(t.Rows, []report.Cell{
			{Text: s.Target.Name, Raw: s.Target.Name},
			{Text: compare.Count(s.Accuracy.N), Raw: strconv.Itoa(s.Accuracy.N)},
			shareCell(s.Accuracy),
			moneyCell(task.Decimal.String(), moneyOf(task), task.Valid), moneyCell(correct.Decimal.String(), moneyOf(correct), correct.Valid),
			answerTime(s.E2E),
			{Text: moneyOf(decimal.NewNullDecimal(s.Spent)), Raw: s.Spent.String()},
			{Text: note, Raw: note},
		})
	}
	if err := t.Write(e.stdout, format); err != nil || format == report.CSV {
		return err
	}
	var b strings.Builder
	for _, p := range scores.Pairs() {
		b.WriteString("\n" + pairSentence(p) + "\n")
	}
	_, err := fmt.Fprint(e.stdout, e.paragraphs(b.String(), format))
	return err
}

// pairSentence is the verdict with what to do about it.
func pairSentence(p check.Pair) string {
	text := fmt.Sprintf("%s against %s, %s: %s.", p.B.Target.Name, p.A.Target.Name, compare.Plural(p.N, "task"), p.Verdict())
	if p.N == 0 {
		return text
	}
	a, b := p.A.USDPerTask(), p.B.USDPerTask()
	if !p.Cheaper {
		if a.Valid && b.Valid {
			return text + " They cost the same."
		}
		return text + " What they cost is not known of both."
	}
	if b.Decimal.IsPositive() {
		text += fmt.Sprintf(" It costs %s a task, %s× less.", moneyOf(b), a.Decimal.Div(b.Decimal).StringFixed(1))
	} else {
		text += fmt.Sprintf(" It costs nothing a task, the other %s.", moneyOf(a))
	}
	switch p.Standing {
	case stats.Inside:
		return text + " Move to " + p.B.Target.Name + "."
	case stats.Outside:
		return text + " Stay with " + p.A.Target.Name + "."
	}
	if p.More > 0 {
		return text + fmt.Sprintf(" Add about %s before moving.", compare.Plural(p.More, "task"))
	}
	return text + " The difference lies at the margin itself: let the price decide."
}
