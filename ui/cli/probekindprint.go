package cli

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"costping/probe"
	"costping/probe/check"
	"costping/probe/stats"
	"costping/ui/compare"
	"costping/ui/report"
)

// The JSON of costping.schema-probe/1 and costping.tools-probe/1.
type (
	schemaProbeJSON struct {
		Schema string          `json:"schema"`
		Seed   *uint64         `json:"seed"`
		Stored bool            `json:"stored"`
		Rows   []schemaRowJSON `json:"rows"`
	}
	schemaRowJSON struct {
		Target   string `json:"target"`
		Enforced bool   `json:"enforced"`
		tallyJSON
		MalformedRate *float64    `json:"malformed_rate"`
		MalformedCI   *[2]float64 `json:"malformed_ci"`
		// RepairableRate is the part of it that is right once what is around it is
		// taken off.
		RepairableRate *float64    `json:"repairable_rate"`
		FieldAccuracy  *float64    `json:"field_accuracy"`
		FieldCI        *[2]float64 `json:"field_accuracy_ci"`
	}
	toolsProbeJSON struct {
		Schema string         `json:"schema"`
		Seed   *uint64        `json:"seed"`
		Stored bool           `json:"stored"`
		Rows   []toolsRowJSON `json:"rows"`
	}
	toolsRowJSON struct {
		Target string `json:"target"`
		tallyJSON
		ErrorRate *float64    `json:"error_rate"`
		ErrorCI   *[2]float64 `json:"error_ci"`
	}
	// tallyJSON is what both have.
	tallyJSON struct {
		N       int            `json:"n"`
		Classes map[string]int `json:"classes"`
		// Unanswered counts attempts without an answer, which the rates leave out.
		Unanswered map[string]int `json:"unanswered"`
		// Unsupported is the field that the target does not take.
		Unsupported *string       `json:"unsupported"`
		GivenUp     *string       `json:"given_up"`
		AnswerP50   *float64      `json:"answer_p50_ms"`
		USD         *string       `json:"usd"`
		USDPerRight *string       `json:"usd_per_right_answer"`
		Examples    []exampleJSON `json:"examples"`
	}
	exampleJSON struct {
		Case   string  `json:"case"`
		Class  string  `json:"class"`
		Detail *string `json:"detail"`
		Answer *string `json:"answer"`
	}
)

// printTallies writes what the answers come to.
func (k *kindRun) printTallies(tallies []*check.Tally) error {
	if k.format == report.JSON {
		return writeJSON(k.stdout, k.document(tallies))
	}
	if err := k.tallyTable(tallies).Write(k.stdout, k.format); err != nil {
		return err
	}
	if k.format != report.Text {
		return nil
	}
	_, err := fmt.Fprint(k.stdout, k.plainText(tallyNotes(tallies)))
	return err
}

// plainText keeps to ASCII where that is asked for.
func (k *kindRun) plainText(text string) string {
	if k.ascii {
		return report.ASCIIText(text)
	}
	return text
}

func (k *kindRun) document(tallies []*check.Tally) any {
	var seed *uint64
	if k.cases == "" {
		seed = &k.seed
	}
	stored := k.unstored == nil
	if k.checked == check.KindTools {
		doc := toolsProbeJSON{Schema: "costping.tools-probe/1", Seed: seed, Stored: stored, Rows: []toolsRowJSON{}}
		for _, t := range tallies {
			rate, ci := rateDocument(t.Bad)
			doc.Rows = append(doc.Rows, toolsRowJSON{Target: t.Target.Name, tallyJSON: tallyDocument(t, check.ToolClasses()), ErrorRate: rate, ErrorCI: ci})
		}
		return doc
	}
	doc := schemaProbeJSON{Schema: "costping.schema-probe/1", Seed: seed, Stored: stored, Rows: []schemaRowJSON{}}
	for _, t := range tallies {
		row := schemaRowJSON{Target: t.Target.Name, Enforced: t.Enforced, tallyJSON: tallyDocument(t, check.SchemaClasses())}
		row.MalformedRate, row.MalformedCI = rateDocument(t.Bad)
		row.RepairableRate, _ = rateDocument(stats.RateOf(t.Classes[check.Wrapped], t.N))
		row.FieldAccuracy, row.FieldCI = rateDocument(t.Fields)
		doc.Rows = append(doc.Rows, row)
	}
	return doc
}

// rateDocument is a share with its interval; null of no attempts.
func rateDocument(r stats.Rate) (*float64, *[2]float64) {
	if r.N == 0 {
		return nil, nil
	}
	return sixPlaces(r.Value()), &[2]float64{*sixPlaces(r.Lo), *sixPlaces(r.Hi)}
}

// sixPlaces is a share to six places.
func sixPlaces(v float64) *float64 {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(v, 'f', 6, 64), 64)
	if err != nil {
		return nil
	}
	return &rounded
}

func tallyDocument(t *check.Tally, classes []check.Class) tallyJSON {
	j := tallyJSON{
		N: t.N, Classes: map[string]int{}, Unanswered: outcomesDocument(t.Unanswered), Unsupported: textOf(t.Unsupported),
		USD: decimalOf(spent(t.USD, t.Unpriced)), USDPerRight: decimalOf(t.USDPerRight()), Examples: []exampleJSON{},
	}
	if t.Unsupported == "" {
		j.GivenUp = textOf(t.GaveUp)
	}
	for _, class := range classes {
		j.Classes[string(class)] = t.Classes[class]
	}
	if q := medianOf(t.E2E); q.Earned() {
		j.AnswerP50 = figure(q.Value)
	}
	for _, e := range t.Examples {
		j.Examples = append(j.Examples, exampleJSON{Case: e.Case, Class: string(e.Class), Detail: textOf(e.Detail), Answer: textOf(e.Example)})
	}
	return j
}

func outcomesDocument(outcomes map[probe.Outcome]int) map[string]int {
	j := map[string]int{}
	for outcome, n := range outcomes {
		j[outcome.String()] = n
	}
	return j
}

func medianOf(ms []float64) stats.Quantile { return stats.QuantileOf(stats.Sort(ms), 0.5) }

// answerTime is the median of whole answers, for a table.
func answerTime(ms []float64) report.Cell {
	q := medianOf(ms)
	if !q.Earned() {
		return report.Cell{Text: unknownCell}
	}
	return report.Cell{Text: compare.SecondsOf(q.Value), Raw: plainFigure(q.Value)}
}

func plainFigure(v float64) string { return strconv.FormatFloat(report.Round(v), 'f', -1, 64) }

func shareCell(r stats.Rate) report.Cell {
	if r.N == 0 {
		return report.Cell{Text: unknownCell}
	}
	return report.Cell{Text: compare.Share(r), Raw: plainShare(r.Value())}
}

func plainShare(v float64) string { return strconv.FormatFloat(*sixPlaces(v), 'f', -1, 64) }

func (k *kindRun) tallyTable(tallies []*check.Tally) report.Table {
	schema := k.checked == check.KindSchema
	t := report.Table{Columns: []report.Column{{Title: "TARGET", Key: "target"}}}
	bad := report.Column{Title: "ERRORS", Key: "error_rate"}
	if schema {
		t.Columns = append(t.Columns, report.Column{Title: "SCHEMA", Key: "enforced"})
		bad = report.Column{Title: "MALFORMED", Key: "malformed_rate"}
	}
	t.Columns = append(t.Columns, report.Column{Title: "N", Key: "n", Right: true}, bad, report.Column{Title: "WHAT IS WRONG", Key: "classes"})
	if schema {
		t.Columns = append(t.Columns, report.Column{Title: "FIELDS RIGHT", Key: "field_accuracy"})
	}
	t.Columns = append(t.Columns, report.Column{Title: "ANSWER", Key: "answer_p50_ms", Right: true},
		report.Column{Title: "COST", Key: "usd", Right: true}, report.Column{Title: "A RIGHT ONE", Key: "usd_per_right_answer", Right: true})
	for _, one := range tallies {
		row := []report.Cell{{Text: one.Target.Name, Raw: one.Target.Name}}
		if schema {
			row = append(row, report.Cell{Text: map[bool]string{true: "enforced", false: "in the prompt"}[one.Enforced], Raw: strconv.FormatBool(one.Enforced)})
		}
		wrong := wrongClasses(one)
		row = append(row, report.Cell{Text: compare.Count(one.N), Raw: strconv.Itoa(one.N)}, shareCell(one.Bad), report.Cell{Text: cmp.Or(wrong, unknownCell), Raw: wrong})
		if schema {
			row = append(row, shareCell(one.Fields))
		}
		usd, each := spent(one.USD, one.Unpriced), one.USDPerRight()
		t.Rows = append(t.Rows, append(row, answerTime(one.E2E), moneyCell(usd.Decimal.String(), moneyOf(usd), usd.Valid), moneyCell(each.Decimal.String(), moneyOf(each), each.Valid)))
	}
	return t
}

func moneyCell(raw, text string, known bool) report.Cell {
	if !known {
		raw = ""
	}
	return report.Cell{Text: text, Raw: raw}
}

// wrongClasses lists the classes that came beside the right one, the most frequent
// first.
func wrongClasses(t *check.Tally) string {
	classes := slices.SortedFunc(maps.Keys(t.Classes), func(a, b check.Class) int {
		return cmp.Or(t.Classes[b]-t.Classes[a], strings.Compare(string(a), string(b)))
	})
	var parts []string
	for _, class := range classes {
		if class != check.Right {
			parts = append(parts, fmt.Sprintf("%d %s", t.Classes[class], strings.ReplaceAll(string(class), "_", " ")))
		}
	}
	return strings.Join(parts, ", ")
}

// tallyNotes says below the table what it leaves out, with an example of each class
// that is wrong.
func tallyNotes(tallies []*check.Tally) string {
	var b strings.Builder
	for _, t := range tallies {
		name := t.Target.Name
		if t.Kind == check.KindSchema && t.Enforced {
			name += ", enforced"
		}
		if t.Unsupported != "" {
			fmt.Fprintf(&b, "%s: the target does not take %s; that is not counted as failure\n", name, t.Unsupported)
			continue
		}
		if without := outcomeWords(t.Unanswered); without != "" {
			fmt.Fprintf(&b, "%s: without an answer, and not in the rates: %s\n", name, without)
		}
		if t.GaveUp != "" {
			fmt.Fprintf(&b, "%s: stopped after %s: %s\n", name, compare.Plural(t.N, "answer"), oneLine(t.GaveUp))
		}
		for _, e := range t.Examples {
			fmt.Fprintf(&b, "%s: %s in %s", name, strings.ReplaceAll(string(e.Class), "_", " "), e.Case)
			if e.Detail != "" {
				b.WriteString(" (" + e.Detail + ")")
			}
			if e.Example != "" {
				b.WriteString(": " + probe.Sanitize(e.Example, 100))
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}

// outcomeWords lists outcomes, such as "2 timeout, 1 server_error".
func outcomeWords(outcomes map[probe.Outcome]int) string {
	var parts []string
	for _, outcome := range slices.Sorted(maps.Keys(outcomes)) {
		parts = append(parts, fmt.Sprintf("%d %s", outcomes[outcome], strings.ReplaceAll(outcome.String(), "_", " ")))
	}
	return strings.Join(parts, ", ")
}
