package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"costping/costmodel"
	"costping/ui/report"

	"github.com/spf13/cobra"
)

func newCatalogShow(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show MODEL",
		Short: "Show a model of the catalog: what it can do, and its prices by source and date",
		Example: "  costping catalog show gpt-4o-mini\n" +
			"  costping catalog show anthropic/claude-sonnet-4-5 -o json",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("run costping catalog show MODEL", "one model is shown at a time, got %d", len(args))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.showModel(args[0]) },
	}
	a.outputFlag(cmd)
	return cmd
}

func (a *app) showModel(name string) error {
	format, err := a.format()
	if err != nil {
		return err
	}
	catalog, err := a.catalog()
	if err != nil {
		return err
	}
	m, ok := catalog.Lookup(name)
	if !ok {
		return unknownModel(catalog, name)
	}
	today := costmodel.DateOf(time.Now())
	if format == report.JSON {
		return writeJSON(a.stdout, showDocument(catalog, m, today))
	}
	if format != report.CSV {
		if err := a.writeTable(factsTable(catalog, m, today), format); err != nil {
			return err
		}
		if _, err := fmt.Fprintln(a.stdout); err != nil {
			return err
		}
	}
	return a.writeTable(priceTable(m, today), format)
}

// factsTable is what is known of a model beside its prices.
func factsTable(catalog *costmodel.Catalog, m costmodel.Model, today costmodel.Date) report.Table {
	t := report.Table{Columns: []report.Column{{Title: "MODEL", Key: "fact"}, {Title: m.ID, Key: "value"}}}
	add := func(fact, value string) {
		t.Rows = append(t.Rows, []report.Cell{{Text: fact, Raw: fact}, {Text: cmp.Or(value, "?"), Raw: value}})
	}
	add("name", m.Name)
	add("provider", m.ProviderName)
	add("family", m.Family)
	add("kind", string(m.Kind))
	add("API ids", cmp.Or(strings.Join(m.APIIDs, ", "), "-"))
	add("aliases", cmp.Or(strings.Join(m.Aliases, ", "), "-"))
	add("released", m.Released.String())
	note, _ := retirement(m, today)
	add("retirement", cmp.Or(note, "none announced"))
	if next, ok := catalog.SuccessorOn(m, today); ok && !m.Retired.IsZero() {
		add("successor", next.ID)
	}
	context := tokenCell(m.Context).Text
	for i, by := range m.ContextBy {
		if i == 0 {
			context += " by " + by.Source
		} else {
			context += "; " + grouped(by.Tokens) + " by " + by.Source
		}
	}
	add("context", context)
	add("max output", tokenCell(m.MaxOutput).Text)
	if m.PracticalContext.Known() {
		add("answers get worse past", grouped(m.PracticalContext.Low)+" to "+grouped(m.PracticalContext.High)+" tokens")
	}
	for _, c := range []struct {
		name    string
		support costmodel.Support
	}{
		{"JSON schema", m.Capabilities.JSONSchema},
		{"tools", m.Capabilities.Tools},
		{"reasoning", m.Capabilities.Reasoning},
		{"streaming", m.Capabilities.Streaming},
		{"batch", m.Capabilities.Batch},
	} {
		add(c.name, c.support.String())
	}
	return t
}

// history is the prices by service and hours, then source, then first day.
func history(m costmodel.Model) []costmodel.Price {
	return slices.SortedStableFunc(slices.Values(m.Prices), func(p, q costmodel.Price) int {
		return cmp.Or(cmp.Compare(p.Service, q.Service), cmp.Compare(p.Hours.String(), q.Hours.String()),
			cmp.Compare(p.Source, q.Source), p.From.Compare(q.From), p.AsOf.Compare(q.AsOf))
	})
}

// holds says that a price is the one that holds on a day for its offer.
func holds(m costmodel.Model, p costmodel.Price, day costmodel.Date) bool {
	return p.InForceOn(day) && m.Holding(day, p.Service, p.Hours).Equal(p)
}

func priceTable(m costmodel.Model, today costmodel.Date) report.Table {
	t := report.Table{Columns: []report.Column{
		{Title: "SERVICE", Key: "service"},
		{Title: "HOURS (UTC)", Key: "hours_utc"},
		{Title: "FROM", Key: "from"},
		{Title: "UNTIL", Key: "until"},
		{Title: "PAST TOKENS", Key: "above_input_tokens", Right: true},
		{Title: "IN $/1M", Key: "input_usd_per_1m", Right: true},
		{Title: "OUT", Key: "output_usd_per_1m", Right: true},
		{Title: "CACHED", Key: "cached_input_usd_per_1m", Right: true},
		{Title: "WRITE", Key: "cache_write_usd_per_1m", Right: true},
		{Title: "THINKING", Key: "reasoning_usd_per_1m", Right: true, Spare: true},
		{Title: "BATCH", Key: "batch_multiplier", Right: true},
		{Title: "AS OF", Key: "as_of"},
		{Title: "NOTE", Key: "note"},
		{Title: "SOURCE", Key: "source"},
	}}
	for _, p := range history(m) {
		note, rawNote, source := "", "", p.Source
		switch {
		case p.Doubt != "":
			rawNote = "doubted: " + p.Doubt
			note, source = "doubted", p.Source+"; "+rawNote // which may be long: the last column folds
		case holds(m, p, today):
			note, rawNote = "holds", "holds"
		}
		service := cmp.Or(string(p.Service), "standard")
		row := func(above int64, r costmodel.Rates) {
			t.Rows = append(t.Rows, []report.Cell{
				{Text: service, Raw: service},
				{Text: p.Hours.String(), Raw: p.Hours.String()},
				{Text: p.From.String(), Raw: p.From.String()},
				{Text: p.Until.String(), Raw: p.Until.String()},
				pastCell(above),
				rateCell(r.Input), rateCell(r.Output), rateCell(r.CachedInput), rateCell(r.CacheWrite), rateCell(r.Reasoning),
				multiplierCell(p.Batch),
				{Text: p.AsOf.String(), Raw: p.AsOf.String()},
				{Text: note, Raw: rawNote},
				{Text: source, Raw: p.Source},
			})
		}
		row(0, p.Rates())
		for _, tier := range p.Tiers {
			row(tier.Above, tier.Rates)
		}
	}
	return t
}

func pastCell(above int64) report.Cell {
	if above == 0 {
		return report.Cell{}
	}
	return tokenCell(above)
}

func multiplierCell(m costmodel.Multiplier) report.Cell {
	cell := report.Cell{Text: m.String()}
	if _, ok := m.Rat(); ok {
		cell.Raw = m.String()
	}
	return cell
}

// The JSON of costping.model/1.
type (
	showJSON struct {
		Schema string `json:"schema"`
		identityJSON
		PracticalContext *costmodel.TokenRange `json:"practical_context_tokens"`
		// ContextBy is what each source says, where they differ.
		ContextBy []costmodel.SourcedTokens `json:"context_tokens_by,omitempty"`
		Successor string                    `json:"successor,omitempty"`
		Prices    []shownPriceJSON          `json:"prices"`
	}
	shownPriceJSON struct {
		costmodel.Price
		// Holds says that it is the price of its service and hours today.
		Holds bool `json:"holds"`
	}
)

func showDocument(catalog *costmodel.Catalog, m costmodel.Model, today costmodel.Date) showJSON {
	doc := showJSON{Schema: "costping.model/1", identityJSON: identity(m, today), ContextBy: m.ContextBy}
	if m.PracticalContext.Known() {
		doc.PracticalContext = &m.PracticalContext
	}
	if next, ok := catalog.SuccessorOn(m, today); ok && !m.Retired.IsZero() {
		doc.Successor = next.ID
	}
	for _, p := range history(m) {
		doc.Prices = append(doc.Prices, shownPriceJSON{p, p.Doubt == "" && holds(m, p, today)})
	}
	return doc
}
