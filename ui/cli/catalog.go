package cli

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"costping/costmodel"
	"costping/costmodel/pricefeed"
	"costping/ui/compare"
	"costping/ui/pricebook"
	"costping/ui/report"

	"github.com/spf13/cobra"
)

func newCatalog(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "catalog",
		Short: "The catalog of models: their prices, and price feeds to take further ones from",
		Long: "The catalog of models and their dated prices: the one that is part of the program, with a price book of\n" +
			"your own over it (prices.json in costping's data folder), which is filled from price feeds.",
		Example: "  costping catalog list\n" +
			"  costping catalog show gpt-4o-mini\n" +
			"  costping catalog diff litellm.json --as-of 2026-07-24\n" +
			"  costping catalog import litellm.json --as-of 2026-07-24",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage("run costping catalog --help", "unknown command %q", "catalog "+args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newCatalogList(a), newCatalogShow(a), newCatalogImport(a), newCatalogDiff(a))
	return cmd
}

// catalog is what every command reads prices from: the catalog with the user's
// price book over it.
func (a *app) catalog() (*costmodel.Catalog, error) {
	c, err := pricebook.Catalog(pricebook.Dir())
	if err != nil {
		return nil, bookFailure(err)
	}
	return c, nil
}

// bookFailure gives the errors of the price book their hint. None of them is a
// wrong use of the command.
func bookFailure(err error) error {
	var (
		file  *pricebook.FileError
		input *costmodel.InputError
	)
	switch {
	case errors.Is(err, pricebook.ErrBusy):
		return failed("wait for it to end, and try again", "%v", err)
	case errors.Is(err, pricefeed.ErrNewerBook):
		return failed("update costping, or move the file aside to begin anew", "%v", err)
	case errors.As(err, &file) && errors.As(err, &input):
		return failed(input.Hint, "%v", err)
	case errors.As(err, &input):
		return failed(input.Hint, "%s", input.What)
	}
	return failed("check costping's data folder, "+pricebook.Dir(), "%v", err)
}

// unknownModel is the error of a name or pattern that no model has.
func unknownModel(catalog *costmodel.Catalog, name string) error {
	hint := "run costping catalog list to see the models"
	if hosts := catalog.Match("*/" + name); len(hosts) > 1 && !strings.ContainsAny(name, "*?") {
		var ids []string
		for _, m := range hosts {
			ids = append(ids, m.ID)
		}
		return usage("say whose: "+strings.Join(ids, ", "), "%q is hosted by several providers", name)
	}
	if near := catalog.Nearest(strings.Trim(name, "*?"), 3); len(near) > 0 {
		hint = "did you mean " + strings.Join(near, ", ") + "?"
	}
	return usage(hint, "unknown model %q", name)
}

type catalogList struct {
	*app
	provider string
}

func newCatalogList(a *app) *cobra.Command {
	c := &catalogList{app: a}
	cmd := &cobra.Command{
		Use:   "list [MODEL...]",
		Short: "List the models of the catalog with the prices that hold today",
		Example: "  costping catalog list\n" +
			"  costping catalog list 'gpt-5*' -o csv\n" +
			"  costping catalog list --provider anthropic",
		RunE: c.run,
	}
	a.outputFlag(cmd)
	cmd.Flags().StringVar(&c.provider, "provider", "", "only the models of one provider, by its id")
	return cmd
}

func (c *catalogList) run(_ *cobra.Command, args []string) error {
	format, err := c.format()
	if err != nil {
		return err
	}
	catalog, err := c.catalog()
	if err != nil {
		return err
	}
	models, err := modelsNamed(catalog, args)
	if err != nil {
		return err
	}
	if c.provider != "" {
		models = slices.DeleteFunc(models, func(m costmodel.Model) bool { return !strings.EqualFold(m.Provider, c.provider) })
		if len(models) == 0 {
			return usage("run costping catalog list to see the providers", "no model is of provider %q", c.provider)
		}
	}
	today := costmodel.DateOf(time.Now())
	if format == report.JSON {
		doc := listJSON{Schema: "costping.catalog/1", Models: make([]listedJSON, len(models))}
		for i, m := range models {
			doc.Models[i] = listedJSON{identity(m, today), m.PriceOn(today), nil}
			if d, ok := m.Disagreement(m.PriceOn(today)); ok {
				doc.Models[i].Disagreement = &d.Other
			}
		}
		return writeJSON(c.stdout, doc)
	}
	return c.writeTable(listTable(models, today), format)
}

// modelsNamed are the models that names or patterns ask for; none is all.
func modelsNamed(catalog *costmodel.Catalog, patterns []string) ([]costmodel.Model, error) {
	if len(patterns) == 0 {
		return catalog.Models(), nil
	}
	var models []costmodel.Model
	for _, pattern := range patterns {
		matched := catalog.Match(pattern)
		if len(matched) == 0 {
			return nil, unknownModel(catalog, pattern)
		}
		for _, m := range matched {
			if !slices.ContainsFunc(models, func(other costmodel.Model) bool { return other.ID == m.ID }) {
				models = append(models, m)
			}
		}
	}
	return models, nil
}

func listTable(models []costmodel.Model, today costmodel.Date) report.Table {
	t := report.Table{Columns: []report.Column{
		{Title: "MODEL", Key: "model"},
		{Title: "PROVIDER", Key: "provider", Spare: true},
		{Title: "IN $/1M", Key: "input_usd_per_1m", Right: true},
		{Title: "CACHED", Key: "cached_input_usd_per_1m", Right: true},
		{Title: "OUT $/1M", Key: "output_usd_per_1m", Right: true},
		{Title: "CONTEXT", Key: "context_tokens", Right: true},
		{Title: "AS OF", Key: "as_of"},
		{Title: "NOTE", Key: "retired"},
	}}
	for _, m := range models {
		p := m.PriceOn(today)
		retired, date := retirement(m, today)
		var notes []string
		if retired != "" {
			notes = append(notes, retired)
		}
		if p.Doubt != "" {
			notes = append(notes, "doubted: "+p.Doubt)
		}
		if d, ok := m.Disagreement(p); ok {
			notes = append(notes, compare.AnotherSource(d))
		}
		t.Rows = append(t.Rows, []report.Cell{
			{Text: m.ID, Raw: m.ID},
			{Text: m.ProviderName, Raw: m.Provider},
			rateCell(p.Input),
			rateCell(p.CachedInput),
			rateCell(p.Output),
			tokenCell(m.Context),
			{Text: p.AsOf.String(), Raw: p.AsOf.String()},
			{Text: strings.Join(notes, "; "), Raw: date},
		})
	}
	return t
}

func rateCell(r costmodel.Rate) report.Cell { return report.Cell{Text: rate(r), Raw: rawRate(r)} }

func tokenCell(n int64) report.Cell {
	if n == 0 {
		return report.Cell{Text: "?"}
	}
	return report.Cell{Text: grouped(n), Raw: fmt.Sprint(n)}
}

// grouped writes a count with thousands commas.
func grouped(n int64) string { return costmodel.Separated(strconv.FormatInt(n, 10)) }

// The JSON of costping.catalog/1. Money is decimal strings, what is unknown null.
type (
	listJSON struct {
		Schema string       `json:"schema"`
		Models []listedJSON `json:"models"`
	}
	listedJSON struct {
		identityJSON
		Price costmodel.Price `json:"price"`
		// Disagreement is the price of another source that differs most, null where
		// none differs by more than 2 %.
		Disagreement *costmodel.Price `json:"disagreement"`
	}
	identityJSON struct {
		Model           string                 `json:"model"`
		Name            string                 `json:"name"`
		Provider        string                 `json:"provider"`
		Family          string                 `json:"family,omitempty"`
		Kind            costmodel.Kind         `json:"kind"`
		APIIDs          []string               `json:"api_ids"`
		Aliases         []string               `json:"aliases"`
		Released        costmodel.Date         `json:"released"`
		Retired         costmodel.Date         `json:"retired"`
		Retires         costmodel.Date         `json:"retires"`
		ContextTokens   *int64                 `json:"context_tokens"`
		MaxOutputTokens *int64                 `json:"max_output_tokens"`
		Capabilities    costmodel.Capabilities `json:"capabilities"`
	}
)

func identity(m costmodel.Model, today costmodel.Date) identityJSON {
	doc := identityJSON{
		Model: m.ID, Name: m.Name, Provider: m.Provider, Family: m.Family, Kind: m.Kind,
		APIIDs: append([]string{}, m.APIIDs...), Aliases: append([]string{}, m.Aliases...), Released: m.Released,
		ContextTokens: knownTokens(m.Context), MaxOutputTokens: knownTokens(m.MaxOutput), Capabilities: m.Capabilities,
	}
	if m.RetiredOn(today) {
		doc.Retired = m.Retired
	} else {
		doc.Retires = m.Retired
	}
	return doc
}

// knownTokens is nil for an unknown count.
func knownTokens(n int64) *int64 {
	if n == 0 {
		return nil
	}
	return &n
}
