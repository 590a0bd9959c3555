package report

import (
	"bytes"
	"fmt"
	"math/big"
	"strings"

	"costping/costmodel"
	"costping/probe/stats"
	"costping/ui/compare"
	"costping/ui/report/snapshot"
)

// mostRows bounds the table of a decision: it is read by people.
const mostRows = 20

// markdown is the decision: what to use, what it costs, and what that rests on. It
// has at most 25 lines for 8 rows.
func (v *view) markdown(o Options) ([]byte, error) {
	var b bytes.Buffer
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	demo := ""
	if v.record.Demo {
		demo = "DEMO, every figure is simulated. "
	}
	line("**%s%s**\n", demo, escapeMarkdown(v.lead()))
	line("- Workload: %s; month of %s days.%s", escapeMarkdown(v.record.Workload.Named()), v.record.Workload.Days, v.noteText())
	if limits := v.limitTexts(); len(limits) > 0 {
		line("- Limits: %s.\n", escapeMarkdown(strings.Join(limits, " · ")))
	} else {
		line("- No limits were set.\n")
	}
	table, err := v.markdownTable()
	if err != nil {
		return nil, err
	}
	b.WriteString(table)
	line("")
	if budget := v.budget(); budget != "" {
		line("- **Budget.** %s.", escapeMarkdown(budget))
	}
	if instead := v.instead(); instead != "" {
		line("- **Another?** %s.", escapeMarkdown(instead))
	}
	var risks []string
	for i, risk := range v.risks() {
		risks = append(risks, fmt.Sprintf("(%d) %s", i+1, risk))
	}
	line("- **Risks.** %s.\n", escapeMarkdown(strings.Join(risks, " ")))
	line("- Rests on: %s. %s.", escapeMarkdown(v.restsOn()), escapeMarkdown(v.measuringCost()))
	line("- %s", escapeMarkdown(v.priceText()))
	line("- %s", v.checkLine(o))
	if !o.Embed {
		return b.Bytes(), nil
	}
	text, kept, err := v.record.Embedded()
	if err != nil {
		return nil, err
	}
	line("\n<details><summary>The record, for <code>costping open</code> on this file (up to %d order statistics of a figure)</summary>\n", kept)
	line("```%s\n%s```\n\n</details>", snapshot.FenceName, text)
	return b.Bytes(), nil
}

func (v *view) noteText() string {
	if v.record.Note == "" {
		return ""
	}
	return " Note: " + escapeMarkdown(v.record.Note)
}

// codeSpan keeps text within one.
func codeSpan(text string) string { return strings.ReplaceAll(text, "`", "'") }

func (v *view) markdownTable() (string, error) {
	malformed, tools := v.any()
	t := Table{marked: true, Columns: []Column{
		{Title: "model"},
		{Title: "$/month", Right: true},
		{Title: "TTFT p50, ms", Right: true},
		{Title: "TTFT p95, ms", Right: true},
		{Title: "whole answer", Right: true},
		{Title: "failed", Right: true},
	}}
	if malformed {
		t.Columns = append(t.Columns, Column{Title: "malformed", Right: true})
	}
	if tools {
		t.Columns = append(t.Columns, Column{Title: "tool errors", Right: true})
	}
	t.Columns = append(t.Columns, Column{Title: "quality", Right: true}, Column{Title: "verdict"})
	rows := v.rows[:min(len(v.rows), mostRows)]
	for _, r := range rows {
		name := r.Target
		if r.Provider != "" && !strings.EqualFold(r.Provider, r.Target) {
			name += ", " + r.Provider
		}
		cell := func(text string, bold bool, interval string) Cell {
			text = escapeMarkdown(text)
			if bold {
				text = "**" + text + "**"
			}
			if interval != "" {
				text += " (" + escapeMarkdown(interval) + ")"
			}
			return Cell{Text: text}
		}
		cells := []Cell{
			cell(name, r.Pick, ""),
			cell(r.Month, r.Pick || r.Breaks(compare.LimitMaxMonthly) || r.Breaks(compare.LimitMaxDaily), ""),
			cell(r.TTFT, r.Breaks(compare.LimitTTFTp50), r.TTFTInterval),
			cell(r.P95, r.Breaks(compare.LimitTTFTp95), r.P95Interval),
			cell(r.Answer, r.Breaks(compare.LimitE2Ep95), ""),
			cell(r.Failed, r.Breaks(compare.LimitMaxErrorRate), ""),
		}
		if malformed {
			cells = append(cells, cell(r.MalformedShown, r.Breaks(compare.LimitMaxMalformed), ""))
		}
		if tools {
			cells = append(cells, cell(r.ToolsShown, r.Breaks(compare.LimitMaxToolErrors), ""))
		}
		t.Rows = append(t.Rows, append(cells,
			cell(r.QualityShown, r.Breaks(compare.LimitMinQuality), r.QualityInterval),
			cell(r.verdictText(), false, "")))
	}
	var b strings.Builder
	if err := t.Write(&b, Markdown); err != nil {
		return "", err
	}
	if extra := len(v.rows) - len(rows); extra > 0 {
		fmt.Fprintf(&b, "\n%s more in the record.\n", compare.Plural(extra, "model"))
	}
	return b.String(), nil
}

// budget says what the amount is for other volumes and splits, and how far a limit
// on it reaches.
func (v *view) budget() string {
	p, ok := v.pick()
	if !ok {
		return ""
	}
	parts := []string{"As measured $" + p.Month}
	if p.Machine != nil {
		return parts[0] + " a month, whatever the volume"
	}
	add := func(name string, change func(*costmodel.Workload) bool) {
		t, ok := v.at(change)
		if !ok {
			return
		}
		for _, row := range t.Rows {
			if row.Target == p.Target && row.Spend.Known {
				parts = append(parts, name+" $"+compare.Month(row))
			}
		}
	}
	add("volume × 2", func(w *costmodel.Workload) bool { return scale(w, 2) })
	add("volume × 10", func(w *costmodel.Workload) bool { return scale(w, 10) })
	if text, ok := costmodel.OnePointMoreOutput(p.Price, p.Spend.Workload); ok {
		parts = append(parts, "one point more output "+signed(text))
	}
	if p.Spend.Workload.Retries.IsZero() {
		add("5 % sent again", func(w *costmodel.Workload) bool {
			w.Retries, _ = costmodel.NewShare(big.NewRat(5, 100))
			return true
		})
	}
	return strings.Join(parts, " · ") + v.reach(p)
}

func signed(usd costmodel.USD) string {
	if usd.Sign() < 0 {
		return "-$" + costmodel.USD{}.Sub(usd).Format(2)
	}
	return "+$" + usd.Format(2)
}

// scale multiplies a workload's volume.
func scale(w *costmodel.Workload, by int64) bool {
	count, err := costmodel.NewCount(new(big.Rat).Mul(w.Volume.Amount(), big.NewRat(by, 1)))
	if err != nil {
		return false
	}
	w.Volume, err = costmodel.NewVolume(count, w.Volume.Unit(), w.Volume.Period())
	return err == nil
}

// reach says up to which volume the limit on the cost a month holds.
func (v *view) reach(p rowView) string {
	for _, verdict := range p.Verdicts {
		if verdict.Bound.Metric != compare.LimitMaxMonthly || p.Spend.PerMonth.Sign() <= 0 {
			continue
		}
		factor := new(big.Rat).Quo(verdict.Bound.USD.Rat(), p.Spend.PerMonth.Rat())
		volume := p.Spend.Workload.Volume
		most := new(big.Rat).Mul(volume.Amount(), factor)
		return fmt.Sprintf(". $%s lasts to %s %s/%s", verdict.Bound.USD.Format(2), costmodel.FormatTokens(most), volume.Unit(), volume.Period())
	}
	return ""
}

// instead compares the pick with the one to take when it ends, where it ends soon, else
// with the next dearer one that can be had, and says what is cheaper and why it is not
// the pick.
func (v *view) instead() string {
	p, ok := v.pick()
	if !ok {
		return ""
	}
	var parts []string
	if r, why := v.next(p); why != "" {
		parts = append(parts, r.Target+why+v.against(p, r))
	}
	return strings.Join(append(parts, v.cheaperThan(p)), ". ")
}

// next is the row to take instead of the pick, and how that is said; "" for none.
func (v *view) next(p rowView) (r rowView, why string) {
	if p.doc.Measured == nil {
		return r, ""
	}
	if i := compare.Lasting(v.table, v.record.PricesOn); i >= 0 && i != v.table.Pick && v.rows[i].doc.Measured != nil {
		return v.rows[i], ", which lasts: "
	}
	for _, r := range v.rows {
		if !r.Retired && !r.Failing && r.Spend.Known && r.Spend.PerMonth.Cmp(p.Spend.PerMonth) > 0 && r.doc.Measured != nil {
			return r, " instead: "
		}
	}
	return r, ""
}

// against is b beside a: first token, whole answer and cost as ratios.
func (v *view) against(a, b rowView) string {
	text := "times of other probes do not compare"
	if compare.SameWork(&a.Row, &b.Row) {
		text = "first token " + compare.VersusText(stats.Compare(a.doc.Measured.TTFT.Order, b.doc.Measured.TTFT.Order))
		if e2e := stats.Compare(a.doc.Measured.E2E.Order, b.doc.Measured.E2E.Order); e2e.Earned() {
			text += ", whole answer " + compare.VersusText(e2e)
		}
	}
	if a.Spend.PerMonth.Sign() > 0 {
		text += fmt.Sprintf(", %.1f times the cost", b.Spend.PerMonth.Float64()/a.Spend.PerMonth.Float64())
	}
	if verdict := b.verdictText(); verdict != "" {
		text += ", " + verdict
	}
	return text
}

// priceText says whose the prices are, and what the times mean.
func (v *view) priceText() string {
	text := "Prices of " + v.record.PricesOn.String()
	if p, ok := v.pick(); ok && p.Price.Known() {
		text += fmt.Sprintf(": %s $%s in, $%s out per 1M tokens", p.Target, p.Price.Input, p.Price.Output)
		if p.Price.Own {
			text += ", your own"
		} else if !p.Price.AsOf.IsZero() {
			text += fmt.Sprintf(", seen %s", p.Price.AsOf)
			if p.doc.Sources > 1 {
				text += fmt.Sprintf(" (%d sources)", p.doc.Sources)
			}
		}
	}
	return text + ". TTFT is client-side to the first token of any kind." + v.qualityText() + v.gradedText()
}

// qualityText says whose the qualities are.
func (v *view) qualityText() string {
	stated, measured := false, false
	for _, r := range v.rows {
		stated = stated || r.Quality.Basis == costmodel.Stated
		measured = measured || r.Quality.Basis == costmodel.Measured
	}
	switch {
	case stated && measured:
		return " Quality is measured where it has an interval, else stated."
	case stated:
		return " Quality is stated, not measured here."
	case measured:
		return " Quality is measured."
	}
	return ""
}
