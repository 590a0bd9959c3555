package cli

import (
	"slices"
	"strings"

	"costping/costmodel"
	"costping/ui/compare"
	"costping/ui/report"
)

// costTable has a row a model; what one item costs stands in it where the workload
// has items.
func costTable(rows []costRow, w costmodel.Workload, today costmodel.Date) report.Table {
	_, hasItems := w.ItemsPerDay()
	t := report.Table{Columns: []report.Column{
		{Title: "MODEL", Key: "model"},
		{Title: "PROVIDER", Key: "provider", Spare: true},
		{Title: "$/DAY", Key: "usd_per_day", Right: true},
		{Title: "$/MONTH", Key: "usd_per_month", Right: true},
	}}
	if hasItems {
		one := w.Volume.Unit().One()
		t.Columns = append(t.Columns, report.Column{Title: "$/" + strings.ToUpper(one), Key: "usd_per_" + one, Right: true})
	}
	grows := !w.Growth.IsZero()
	if grows {
		t.Columns = append(t.Columns, report.Column{Title: "$/12 MONTHS", Key: "usd_12_months", Right: true})
	}
	t.Columns = append(t.Columns,
		report.Column{Title: "IN $/1M", Key: "input_usd_per_1m", Right: true, Spare: true},
		report.Column{Title: "OUT $/1M", Key: "output_usd_per_1m", Right: true, Spare: true},
		report.Column{Title: "AS OF", Key: "as_of"},
		report.Column{Title: "NOTE", Key: "retired"})
	for _, r := range rows {
		cells := []report.Cell{
			{Text: r.Name, Raw: r.Name},
			{Text: r.Model.ProviderName, Raw: r.Model.Provider},
			{Text: compare.DayOf(r.spend), Raw: report.RawUSD(r.spend, r.spend.PerDay)},
			{Text: compare.MonthOf(r.spend), Raw: report.RawUSD(r.spend, r.spend.PerMonth)},
		}
		if hasItems {
			cells = append(cells, itemCell(r.spend))
		}
		if grows {
			cells = append(cells, yearCell(r.spend))
		}
		rates := r.spend.Price.Rates() // those that are billed
		if r.spend.Tier != nil {
			rates = r.spend.Tier.Rates
		}
		_, retired := retirement(r.Model, today)
		t.Rows = append(t.Rows, append(cells,
			report.Cell{Text: rate(rates.Input), Raw: rawRate(rates.Input)},
			report.Cell{Text: rate(rates.Output), Raw: rawRate(rates.Output)},
			report.Cell{Text: r.Price.AsOf.String(), Raw: r.Price.AsOf.String()},
			report.Cell{Text: costNote(r, today), Raw: retired}))
	}
	return t
}

// itemCell is what one item costs: six decimals, so that a message is not nothing.
func itemCell(s costmodel.Spend) report.Cell {
	each, ok := s.PerTask()
	if !ok {
		return report.Cell{Text: "?"}
	}
	return report.Cell{Text: each.Format(6), Raw: each.String()}
}

// firstYear is how many months ahead a growing volume is summed up.
const firstYear = 12

// yearCell is what the next twelve months cost as the volume grows.
func yearCell(s costmodel.Spend) report.Cell {
	if !s.Known {
		return report.Cell{Text: "?"}
	}
	year := s.Over(firstYear)
	return report.Cell{Text: year.Format(2), Raw: year.String()}
}

// costNote is what to know of a row: why it has no figure, what holds when and
// until when, and that sources differ.
func costNote(r costRow, today costmodel.Date) string {
	parts := slices.Clone(r.notes)
	if !r.spend.Known {
		parts = []string{r.spend.Reason}
	}
	if r.Model.Kind == costmodel.Embedding {
		parts = append(parts, "embedding model: no output")
	}
	switch {
	case r.spend.Tier != nil:
		parts = append(parts, "long tier")
	case len(r.Price.Tiers) > 0:
		if _, said := r.spend.Workload.RequestInput(); !said {
			parts = append(parts, "base tier")
		}
	}
	for _, item := range r.spend.LineItems {
		if item.AsTheRest() {
			parts = append(parts, string(item.Charge)+" billed in full")
		}
	}
	if r.Price.Service != costmodel.Standard {
		parts = append(parts, string(r.Price.Service)+" service")
	}
	plain := !r.Price.Own && !r.machine() && r.Price.Service == costmodel.Standard
	if next, on, ok := r.Model.NextChange(today); ok && plain {
		parts = append(parts, "from "+on.String()+" "+rates(next))
	}
	for _, p := range r.Model.OffersOn(today) {
		if plain && p.Service == costmodel.Standard && !p.Hours.IsZero() {
			parts = append(parts, p.Hours.String()+" UTC "+rates(p))
		}
	}
	if d, ok := r.Model.Disagreement(r.Price); ok && !r.machine() {
		parts = append(parts, compare.AnotherSource(d))
	}
	return strings.Join(parts, "; ")
}

func rates(p costmodel.Price) string { return rate(p.Input) + " in, " + rate(p.Output) + " out" }

// explainTable is the arithmetic, a step a row.
func explainTable(rows []costRow) report.Table {
	t := report.Table{Columns: []report.Column{
		{Title: "MODEL", Key: "model"},
		{Title: "WHAT", Key: "what"},
		{Title: "RESULT", Key: "result", Right: true},
		{Title: "HOW", Key: "how"},
	}}
	for _, r := range rows {
		steps := r.spend.Steps()[1:] // the workload stands above the table
		for _, note := range r.notes {
			steps = append(steps, costmodel.Step{What: "note", How: note})
		}
		if !r.machine() {
			steps = append(steps, costmodel.Step{What: "price of", How: r.Price.Source, Result: r.Price.AsOf.String()})
		}
		for i, step := range steps {
			name := ""
			if i == 0 {
				name = r.Name
			}
			t.Rows = append(t.Rows, []report.Cell{
				{Text: name, Raw: r.Name},
				{Text: step.What, Raw: step.What},
				{Text: step.Result, Raw: step.Result},
				{Text: step.How, Raw: step.How},
			})
		}
	}
	return t
}

// retirement is the remark on a model's end and its date, "" where it has none.
func retirement(m costmodel.Model, today costmodel.Date) (note, date string) {
	switch {
	case m.Retired.IsZero():
		return "", ""
	case m.RetiredOn(today):
		return "retired " + m.Retired.String(), m.Retired.String()
	}
	return "retires " + m.Retired.String(), ""
}

func rate(r costmodel.Rate) string {
	if !r.Known() {
		return "?"
	}
	return r.String()
}

func rawRate(r costmodel.Rate) string {
	if usd, ok := r.USD(); ok {
		return usd.String()
	}
	return ""
}
