package cli

import (
	"fmt"
	"strings"

	"costping/ui/compare"
	"costping/ui/report"
	"costping/ui/report/snapshot"
)

// verdictWords are the standings as check says them.
var verdictWords = map[compare.Standing]string{compare.Within: "kept", compare.Over: "broken", compare.NotShown: "not shown"}

func verdictWord(r snapshot.Result) string {
	if r.Gone {
		return "retired"
	}
	return verdictWords[r.Standing]
}

func rulesAre(n int) string {
	if n == 1 {
		return "1 rule is"
	}
	return compare.Plural(n, "rule") + " are"
}

func resultRow(r snapshot.Result) checkResultRow {
	row := checkResultRow{Rule: r.Rule, Verdict: verdictWord(r), Text: r.Text}
	if r.Target != "" {
		row.Target = &r.Target
	}
	if r.More > 0 {
		row.More = &r.More
	}
	return row
}

func (c *checkCommand) printResults(doc checkJSON, results []snapshot.Result, format report.Format) error {
	if format == report.JSON {
		return writeJSON(c.stdout, doc)
	}
	t := report.Table{Columns: []report.Column{
		{Title: "VERDICT", Key: "verdict"},
		{Title: "TARGET", Key: "target"},
		{Title: "RULE", Key: "rule"},
		{Title: "FIGURE", Key: "text"},
	}}
	for _, r := range results {
		text := r.Text
		if r.More > 0 {
			text += fmt.Sprintf("; about %s more", compare.Plural(r.More, "sample"))
		}
		word := verdictWord(r)
		if r.Standing == compare.Over {
			word = strings.ToUpper(word)
		}
		target := r.Target
		if target == "" {
			target = "all"
		}
		cells := []report.Cell{{Text: word, Raw: verdictWord(r)}, {Text: target, Raw: r.Target}, {Text: r.Rule, Raw: r.Rule}, {Text: text, Raw: text}}
		t.Rows = append(t.Rows, cells)
	}
	return t.Write(c.stdout, format)
}
