package cli

import (
	"bufio"
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"costping/costmodel"
	"costping/probe"
	"costping/probe/check"
	"costping/ui/compare"
	"costping/ui/monitor"
	"costping/ui/report"

	"github.com/shopspring/decimal"
)

// published is what the catalog says of the context of a target's model.
func (k *kindRun) published(t probe.Target) (window int64, practical costmodel.TokenRange) {
	m, ok := monitor.ModelOf(k.listed, t)
	if !ok {
		return 0, practical
	}
	return m.Context, m.PracticalContext
}

// grid is what a target is measured over.
func (k *kindRun) grid(t probe.Target) check.Grid {
	window, _ := k.published(t)
	g := check.Grid{Depths: check.Depths(), Each: k.probes, Seed: k.seed, Lengths: k.lengths}
	if len(g.Lengths) == 0 {
		g.Lengths = check.Lengths(window)
	}
	return g
}

// checkLengths refuses lengths that do not rise, or that nobody could mean.
func (k *kindFlags) checkLengths() error {
	if len(k.lengths) > 0 && !check.LengthsRise(k.lengths) {
		return usage("give rising lengths from 100 to 1500000 tokens: --lengths 1000,4000,16000", "--lengths cannot be %s", strings.Trim(fmt.Sprint(k.lengths), "[]"))
	}
	return nil
}

// runContext says what the grids cost, asks, and measures them.
func (k *kindRun) runContext(ctx context.Context, show func()) error {
	grids := make([]check.Grid, len(k.targets))
	var cost decimal.Decimal
	for i, t := range k.targets {
		grids[i] = k.grid(t)
		k.total += grids[i].Requests()
		cost = cost.Add(grids[i].Estimate(func(in, out int64) decimal.Decimal { return k.money.EstimateTokens(t, in, out) }))
	}
	if err := k.consent(cost); err != nil {
		return err
	}
	show()
	all := make([]*check.RecallTally, len(k.targets))
	var targets sync.WaitGroup
	for i, t := range k.targets {
		targets.Go(func() {
			all[i] = check.RunContext(ctx, k.asker, t, grids[i], k.concurrency, func(*check.RecallTally) { k.step() })
			k.keep(t, 0, "grid", probe.Measured[float64]{}, k.recallDocument(all[i]))
		})
	}
	targets.Wait()
	k.finish()
	verdict := failed("", "no answer came: %s", oneLine(all[0].Stopped))
	for _, t := range all {
		if len(t.Rows) > 0 {
			verdict = nil
		}
	}
	return k.conclude(verdict, func() error { return k.printRecall(all) })
}

// consent shows what a run costs at the most, and asks where that is something.
func (k *kindRun) consent(cost decimal.Decimal) error {
	usd := moneyOf(decimal.NewNullDecimal(cost))
	bill := "which cost nothing"
	if !cost.IsZero() {
		bill = "about " + usd + "; the budget is " + report.Money(k.cap) + " a day"
	}
	fmt.Fprintf(k.stderr, "context: up to %s, %d for each length and depth, %s\n", compare.Plural(k.total, "request"), k.probes, bill)
	switch {
	case k.yes || cost.IsZero():
		return nil
	case !isTerminal(k.stdin):
		return usage("add --yes to spend it, or give fewer --lengths or a smaller -n", "nobody can be asked whether to spend %s: standard input is no terminal", usd)
	}
	fmt.Fprintf(k.stderr, "Spend it? [y/N] ")
	answer, _ := bufio.NewReader(k.stdin).ReadString('\n') // an end without a line is a no
	if a := strings.ToLower(strings.TrimSpace(answer)); a != "y" && a != "yes" {
		return failed("", "nothing was sent")
	}
	return nil
}

// contextProbeJSON is costping.context-probe/1.
type contextProbeJSON struct {
	Schema string               `json:"schema"`
	Seed   uint64               `json:"seed"`
	Stored bool                 `json:"stored"`
	Rows   []compare.KeptRecall `json:"rows"`
}

func (k *kindRun) recallDocument(t *check.RecallTally) compare.KeptRecall {
	window, practical := k.published(t.Target)
	j := compare.KeepRecall(t)
	j.Published, j.USD = counted(probe.Measured[int64]{Value: window, Known: window > 0}), decimalOf(spent(t.USD, t.Unpriced))
	if practical.Low > 0 {
		j.Practical = &[2]int64{practical.Low, practical.High}
	}
	return j
}

func (k *kindRun) printRecall(all []*check.RecallTally) error {
	if k.format == report.JSON {
		doc := contextProbeJSON{Schema: "costping.context-probe/1", Seed: k.seed, Stored: k.unstored == nil, Rows: []compare.KeptRecall{}}
		for _, t := range all {
			doc.Rows = append(doc.Rows, k.recallDocument(t))
		}
		return writeJSON(k.stdout, doc)
	}
	table := report.Table{Columns: []report.Column{{Title: "TARGET", Key: "target"}, {Title: "TOKENS", Key: "tokens", Right: true}}}
	for _, d := range check.Depths() {
		percent := strconv.Itoa(int(100 * d))
		table.Columns = append(table.Columns, report.Column{Title: percent + " %", Key: "recall_at_" + percent, Right: true})
	}
	for _, t := range all {
		for _, r := range t.Rows {
			table.Rows = append(table.Rows, k.recallRow(t, r))
		}
	}
	if k.format != report.Text {
		return table.Write(k.stdout, k.format)
	}
	fmt.Fprintln(k.stdout, k.plainText("recall in percent by length, and by where in the request the fact stands"))
	if err := table.Write(k.stdout, k.format); err != nil {
		return err
	}
	for _, t := range all {
		if _, err := fmt.Fprint(k.stdout, k.plainText(k.recallNotes(t))); err != nil {
			return err
		}
	}
	return nil
}

// shades of recall, from under half to all.
var shades = []struct {
	least float64
	glyph string
	ascii string
}{{1, "█", "#"}, {check.RecallFloor, "▓", "+"}, {0.5, "▒", "-"}, {0, "░", "."}}

func (k *kindRun) recallRow(t *check.RecallTally, r check.RecallRow) []report.Cell {
	length := report.Cell{Text: "~" + compare.Count(r.Asked)}
	if r.Tokens.Known {
		length = report.Cell{Text: compare.Count(int(r.Tokens.Value)), Raw: strconv.FormatInt(r.Tokens.Value, 10)}
	}
	row := []report.Cell{{Text: t.Target.Name, Raw: t.Target.Name}, length}
	for _, rate := range r.Recall {
		cell := report.Cell{Text: unknownCell}
		if rate.N > 0 {
			glyph := ""
			for _, s := range shades {
				if rate.Value() >= s.least {
					glyph = s.glyph
					if k.ascii {
						glyph = s.ascii
					}
					break
				}
			}
			cell = report.Cell{Text: fmt.Sprintf("%s %.0f", strings.Repeat(glyph, 2), 100*rate.Value()), Raw: plainShare(rate.Value())}
		}
		row = append(row, cell)
	}
	return row
}

// recallNotes says what the grid of a target comes to, beside what is published.
func (k *kindRun) recallNotes(t *check.RecallTally) string {
	var b strings.Builder
	name := t.Target.Name
	window, practical := k.published(t.Target)
	beside := ""
	if window > 0 {
		beside = "; published: window " + compare.Count(int(window))
		if practical.Low > 0 {
			beside += fmt.Sprintf(", practical %s to %s", compare.Count(int(practical.Low)), compare.Count(int(practical.High)))
		}
	}
	switch limit := t.Limit(); {
	case limit.Known && t.Shown():
		fmt.Fprintf(&b, "%s: practical limit %s tokens%s\n", name, compare.Count(int(limit.Value)), beside)
	case limit.Known:
		fmt.Fprintf(&b, "%s: practical limit %s tokens or more: nothing longer failed%s\n", name, compare.Count(int(limit.Value)), beside)
	case t.Grid.Each < check.EachForLimit():
		fmt.Fprintf(&b, "%s: %d a cell cannot show a practical limit: that takes %d%s\n", name, t.Grid.Each, check.EachForLimit(), beside)
	default:
		fmt.Fprintf(&b, "%s: no length holds a recall of 90 %% at every depth%s\n", name, beside)
	}
	if t.Refused {
		text := "a longer request does not fit the window"
		if t.Window.Known {
			text += " of " + compare.Count(int(t.Window.Value)) + " tokens"
		}
		fmt.Fprintf(&b, "%s: %s; that is not held against it\n", name, text)
	} else if t.Stopped != "" {
		fmt.Fprintf(&b, "%s: stopped: %s\n", name, oneLine(t.Stopped))
	}
	if without := outcomeWords(t.Unanswered); without != "" {
		fmt.Fprintf(&b, "%s: without an answer, and not in the figures: %s\n", name, without)
	}
	fmt.Fprintf(&b, "%s: %s, %s\n", name, compare.Plural(t.Requests, "request"), moneyOf(spent(t.USD, t.Unpriced)))
	return b.String()
}
