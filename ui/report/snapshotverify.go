package report

import (
	"fmt"
	"slices"
	"strings"

	"costping/ui/compare"
	"costping/ui/report/snapshot"
)

// measuringCost says what measuring cost. What a simulator answered was paid by
// nobody, whatever the same tokens would have cost.
func (v *view) measuringCost() string {
	if v.record.Demo {
		return "Measuring was simulated: nothing was paid"
	}
	text := "Measuring cost $" + v.record.ProbeUSD.Format(4)
	if v.record.ProbeUnpriced > 0 {
		text += fmt.Sprintf(" and %s of unknown cost", compare.Plural(v.record.ProbeUnpriced, "attempt"))
	}
	if slices.ContainsFunc(v.record.Rows, func(r snapshot.Row) bool { return r.Graded != nil }) {
		text += ", without the answers that were graded"
	}
	return text
}

// amountFrom says where the pick's amount can be had again: from a command line, ""
// where none gives it, and in words why that is so.
func (v *view) amountFrom() (command, words string) {
	w := v.table.Workload
	p, ok := v.pick()
	if ok && p.Known {
		w = p.Spend.Workload // with what it was seen to think
	}
	parts := append([]string{"costping", "cost"}, compare.WorkloadFlags(w)...)
	switch {
	case !ok:
		return compare.ShellCommand(parts), ""
	case p.Machine != nil || p.OwnMachine:
		return "", "what the machine of " + p.Target + " costs is the author's own figure: the catalog has no price to check it by"
	case p.Price.Own || !p.Known:
		return "", "the price of " + p.Target + " is the author's own: costping cost gives this amount with the author's configuration alone"
	}
	return compare.ShellCommand(append(parts, "--model", p.Model.ID)), ""
}

// cheaperThan says which of the models in the record cost less than the pick and why
// they are not it. Of models that are not in it nothing is said, nor of those whose
// price is unknown.
func (v *view) cheaperThan(p rowView) string {
	var cheaper, unknown []string
	for _, r := range v.rows {
		switch {
		case r.Retired || r.Target == p.Target:
		case !r.Spend.Known:
			unknown = append(unknown, r.Target)
		case r.Spend.PerMonth.Cmp(p.Spend.PerMonth) < 0:
			cheaper = append(cheaper, fmt.Sprintf("%s at $%s (%s)", r.Target, r.Month, r.verdictText()))
		}
	}
	text := "Of the models compared here nothing that can be had is cheaper"
	if len(cheaper) > 0 {
		text = "Cheaper, and not the pick: " + strings.Join(cheaper[:min(3, len(cheaper))], ", ")
	}
	switch n := len(unknown); {
	case n > 3:
		text += fmt.Sprintf("; what %s cost is unknown", compare.Plural(n, "model"))
	case n > 0:
		text += "; what " + strings.Join(unknown, ", ") + " would cost is unknown"
	}
	return text
}

// reopened says how the record behind a Markdown text can be opened, "" where it is
// nowhere.
func (o Options) reopened() string {
	switch {
	case o.Embed:
		return "`costping open` on this file (all knobs, no key) · "
	case o.Record != "":
		return "`" + codeSpan(compare.ShellCommand([]string{"costping", "open", o.Record})) + "` (all knobs, no key) · "
	}
	return ""
}

// checkLine is how a reader of the Markdown can check it.
func (v *view) checkLine(o Options) string {
	command, words := v.amountFrom()
	if command != "" {
		words = "`" + codeSpan(command) + "`"
	} else {
		words = escapeMarkdown(words)
	}
	return "Check it: " + o.reopened() + words + " · " + escapeMarkdown(v.record.Tool) + ", `" + v.record.Schema + "`, sha256 " + v.sum + "…"
}
