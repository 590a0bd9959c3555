package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"costping/costmodel"
	"costping/ui/compare"
	"costping/ui/report"

	"github.com/spf13/cobra"
)

type costCommand struct {
	*app
	workloadFlags
	models []string
	list   string
	sort   string
}

func newCost(a *app) *cobra.Command {
	c := &costCommand{app: a}
	cmd := &cobra.Command{
		Use:   "cost",
		Short: "What models of the catalog cost for a workload, without probing",
		Example: "  costping cost --list reference --volume 10M/day --split 75/25\n" +
			"  costping cost --model gpt-4o --model gpt-4o-mini --volume 1.5B/month --split 60/40 -o json",
		Args: a.noArgs,
		RunE: c.run,
	}
	c.add(cmd)
	a.outputFlag(cmd)
	cmd.Flags().StringArrayVar(&c.models, "model", nil, "a model of the catalog (repeatable)")
	cmd.Flags().StringVar(&c.list, "list", "", "a list of the catalog: "+strings.Join(costmodel.Default().Lists(), ", "))
	cmd.Flags().StringVar(&c.sort, "sort", "list", "order of the rows: list, cost or model")
	return cmd
}

func (c *costCommand) run(*cobra.Command, []string) error {
	format, err := c.format()
	if err != nil {
		return err
	}
	workload, err := c.workload()
	if err != nil {
		return err
	}
	entries, err := c.entries()
	if err != nil {
		return err
	}
	rows := make([]costRow, len(entries))
	for i, e := range entries {
		rows[i] = costRow{e, costmodel.Project(e.Price, workload)}
	}
	if err := sortCost(rows, c.sort); err != nil {
		return err
	}
	today := costmodel.DateOf(time.Now())
	if format == report.JSON {
		return writeJSON(c.stdout, costDocument(rows, workload, today))
	}
	if format != report.CSV {
		if _, err := fmt.Fprintf(c.stdout, "%s\n\n", forWorkload(workload)); err != nil {
			return err
		}
	}
	return costTable(rows, today).Write(c.stdout, format)
}

// forWorkload says what a table's amounts are for.
func forWorkload(w costmodel.Workload) string {
	return "For " + w.String() + ", a month of " + w.DaysPerMonth.String() + " days:"
}

// entries are the rows that were asked for: the models named, else a list, else
// the whole catalog.
func (c *costCommand) entries() ([]costmodel.Entry, error) {
	catalog, err := c.catalog()
	if err != nil {
		return nil, err
	}
	if c.list != "" && c.models != nil {
		return nil, usage("leave one of them out", "--list and --model cannot be used together")
	}
	if c.list != "" {
		return catalog.List(c.list)
	}
	var entries []costmodel.Entry
	for _, name := range c.models {
		m, ok := catalog.Lookup(name)
		if !ok {
			hint := "run costping cost to see the models of the catalog"
			if near := catalog.Nearest(name, 3); len(near) > 0 {
				hint = "did you mean " + strings.Join(near, ", ") + "?"
			}
			return nil, usage(hint, "unknown model %q", name)
		}
		entries = append(entries, costmodel.Entry{Model: m, Price: m.Price()})
	}
	if c.models == nil {
		for _, m := range catalog.Models() {
			entries = append(entries, costmodel.Entry{Model: m, Price: m.Price()})
		}
	}
	return entries, nil
}

type costRow struct {
	costmodel.Entry
	spend costmodel.Spend
}

func sortCost(rows []costRow, by string) error {
	switch by {
	case "list":
	case "model":
		slices.SortStableFunc(rows, func(a, b costRow) int { return cmp.Compare(a.Model.ID, b.Model.ID) })
	case "cost":
		slices.SortStableFunc(rows, func(a, b costRow) int { return compare.Cheaper(a.spend, b.spend) })
	default:
		return usage("the orders are list, cost and model", "unknown order %q", by)
	}
	return nil
}

func costTable(rows []costRow, today costmodel.Date) report.Table {
	t := report.Table{Columns: []report.Column{
		{Title: "MODEL", Key: "model"},
		{Title: "PROVIDER", Key: "provider"},
		{Title: "$/DAY", Key: "usd_per_day", Right: true},
		{Title: "$/MONTH", Key: "usd_per_month", Right: true},
		{Title: "IN $/1M", Key: "input_usd_per_1m", Right: true},
		{Title: "OUT $/1M", Key: "output_usd_per_1m", Right: true},
		{Title: "AS OF", Key: "as_of"},
		{Title: "NOTE", Key: "retired"},
	}}
	for _, r := range rows {
		day, month := rawUSD(r.spend, r.spend.PerDay), rawUSD(r.spend, r.spend.PerMonth)
		note, retired := retirement(r.Model, today)
		if !r.spend.Known {
			note = r.spend.Reason
		}
		if d, ok := r.Model.Disagreement(r.Price); ok {
			note = strings.Join(append(nonEmpty(note), compare.AnotherSource(d)), "; ")
		}
		t.Rows = append(t.Rows, []report.Cell{
			{Text: r.Model.ID, Raw: r.Model.ID},
			{Text: r.Model.ProviderName, Raw: r.Model.Provider},
			{Text: compare.Day(r.spend), Raw: day},
			{Text: compare.Month(r.spend), Raw: month},
			{Text: rate(r.Price.Input), Raw: rawRate(r.Price.Input)},
			{Text: rate(r.Price.Output), Raw: rawRate(r.Price.Output)},
			{Text: r.Price.AsOf.String(), Raw: r.Price.AsOf.String()},
			{Text: note, Raw: retired},
		})
	}
	return t
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
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

func rawUSD(s costmodel.Spend, amount costmodel.USD) string {
	if !s.Known {
		return ""
	}
	return amount.String()
}

// The JSON of costping.cost/1. Money is decimal strings, what is unknown null.
type (
	costJSON struct {
		Schema   string        `json:"schema"`
		Workload workloadJSON  `json:"workload"`
		Rows     []costRowJSON `json:"rows"`
	}
	workloadJSON struct {
		Volume       costmodel.Volume       `json:"volume"`
		Split        costmodel.Split        `json:"split"`
		DaysPerMonth costmodel.DaysPerMonth `json:"days_per_month"`
	}
	costRowJSON struct {
		Model       string          `json:"model"`
		Name        string          `json:"name"`
		Provider    string          `json:"provider"`
		USDPerDay   *costmodel.USD  `json:"usd_per_day"`
		USDPerMonth *costmodel.USD  `json:"usd_per_month"`
		Reason      string          `json:"reason,omitempty"`
		Price       costmodel.Price `json:"price"`
		// Retired is null while the model can be had; Retires is its announced end.
		Retired costmodel.Date `json:"retired"`
		Retires costmodel.Date `json:"retires"`
	}
)

func costDocument(rows []costRow, w costmodel.Workload, today costmodel.Date) costJSON {
	doc := costJSON{Schema: "costping.cost/1", Workload: workloadOf(w), Rows: make([]costRowJSON, len(rows))}
	for i, r := range rows {
		row := costRowJSON{
			Model: r.Model.ID, Name: r.Model.Name, Provider: r.Model.Provider,
			Reason: r.spend.Reason, Price: r.Price,
		}
		row.USDPerDay, row.USDPerMonth = knownUSD(r.spend)
		if r.Model.RetiredOn(today) {
			row.Retired = r.Model.Retired
		} else {
			row.Retires = r.Model.Retired
		}
		doc.Rows[i] = row
	}
	return doc
}

func workloadOf(w costmodel.Workload) workloadJSON {
	return workloadJSON{w.Volume, w.Split, w.DaysPerMonth}
}

// knownUSD are the amounts a day and a month, nil where they are unknown.
func knownUSD(s costmodel.Spend) (day, month *costmodel.USD) {
	if !s.Known {
		return nil, nil
	}
	return &s.PerDay, &s.PerMonth
}

// writeJSON writes a document as people can read it too.
func writeJSON(w io.Writer, doc any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(doc)
}
