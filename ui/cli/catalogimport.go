package cli

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"costping/costmodel"
	"costping/costmodel/pricefeed"
	"costping/ui/pricebook"
	"costping/ui/report"

	"github.com/spf13/cobra"
)

// catalogImport takes a price feed, or shows what taking it would do.
type catalogImport struct {
	*app
	asOf      string
	all       bool
	providers []string
	accept    []string
}

const aboutFeeds = "The feeds are LiteLLM's model_prices_and_context_window.json, models.dev's api.json, OpenRouter's\n" +
	"/api/v1/models and genai-prices' v2 data.json, from a file, - for standard input, or an address. They are told by\n" +
	"what is in them. Prices of the models in the catalog are taken, with --all or --provider those of further models.\n" +
	"A price that is flagged waits for --accept: one that is more than 5 times what stands, has output below input, is\n" +
	"above $200 per 1M tokens, is not what another source says by more than 2 %, or is a route's and not the vendor's."

func newCatalogImport(a *app) *cobra.Command {
	c := &catalogImport{app: a}
	cmd := &cobra.Command{
		Use:   "import FILE|URL",
		Short: "Take the prices of a price feed into your price book",
		Long:  "Takes the prices of a price feed into your price book. Nothing in it is ever deleted.\n\n" + aboutFeeds,
		Example: "  costping catalog import litellm.json --as-of 2026-07-24\n" +
			"  costping catalog import https://models.dev/api.json --as-of 2026-11-20\n" +
			"  costping catalog import litellm.json --as-of 2026-07-24 --accept gpt-5.6-luna",
		Args: oneFeed,
		RunE: func(cmd *cobra.Command, args []string) error { return c.run(cmd, args[0], true) },
	}
	c.flags(cmd)
	return cmd
}

func newCatalogDiff(a *app) *cobra.Command {
	c := &catalogImport{app: a}
	cmd := &cobra.Command{
		Use:   "diff FILE|URL",
		Short: "Show what importing a price feed would change, without taking it",
		Long:  "Shows what importing a price feed would change. Nothing is written.\n\n" + aboutFeeds,
		Example: "  costping catalog diff litellm.json --as-of 2026-07-24\n" +
			"  costping catalog diff https://models.dev/api.json --as-of 2026-11-20 -o json",
		Args: oneFeed,
		RunE: func(cmd *cobra.Command, args []string) error { return c.run(cmd, args[0], false) },
	}
	c.flags(cmd)
	return cmd
}

func oneFeed(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usage("run "+cmd.CommandPath()+" FILE, or with the address of a feed", "one feed is read at a time, got %d", len(args))
	}
	return nil
}

func (c *catalogImport) flags(cmd *cobra.Command) {
	c.outputFlag(cmd)
	cmd.Flags().StringVar(&c.asOf, "as-of", "", "the day the feed was published, where it does not say so itself: 2026-07-24")
	cmd.Flags().BoolVar(&c.all, "all", false, "take the models that the catalog does not have, too")
	cmd.Flags().StringArrayVar(&c.providers, "provider", nil, "take further models of this provider (repeatable)")
	cmd.Flags().StringArrayVar(&c.accept, "accept", nil, "take the flagged prices of this model, or of all (repeatable)")
}

func (c *catalogImport) run(cmd *cobra.Command, from string, take bool) error {
	format, err := c.format()
	if err != nil {
		return err
	}
	options, err := c.options()
	if err != nil {
		return err
	}
	ctx, stop := interruptible(cmd.Context())
	defer stop()
	feed, err := c.read(ctx, from)
	if err != nil {
		return err
	}
	today := costmodel.DateOf(time.Now())
	if feed.AsOf.Compare(today) > 0 || options.AsOf.Compare(today) > 0 {
		return usage("give the day on which it was published", "a feed cannot be of a day that is still to come")
	}
	var (
		done pricefeed.Report
		lay  = func(book pricefeed.Book) (pricefeed.Book, error) {
			after, r, err := pricefeed.Import(costmodel.Default(), book, feed, options)
			done = r
			return after, err
		}
	)
	// It is tried first, so that a wrong use leaves no file behind.
	if err = c.tried(lay); err == nil && take {
		err = pricebook.Update(pricebook.Dir(), lay)
	}
	if err != nil {
		return c.importFailure(err)
	}
	return c.write(done, format, take)
}

// tried does an import without keeping it.
func (c *catalogImport) tried(lay func(pricefeed.Book) (pricefeed.Book, error)) error {
	book, err := pricebook.Load(pricebook.Dir())
	if err != nil {
		return err
	}
	_, err = lay(book)
	return err
}

func (c *catalogImport) options() (o pricefeed.Options, err error) {
	o = pricefeed.Options{All: c.all, Providers: c.providers, Accept: c.accept}
	if c.asOf != "" {
		o.AsOf, err = costmodel.ParseDate(c.asOf)
	}
	return o, err
}

// importFailure tells a wrong use, such as a date that is missing, from a price
// book that cannot be used.
func (c *catalogImport) importFailure(err error) error {
	var (
		file  *pricebook.FileError
		input *costmodel.InputError
	)
	if errors.As(err, &input) && !errors.As(err, &file) {
		return usage(input.Hint, "%s", input.What)
	}
	return bookFailure(err)
}

func (c *catalogImport) write(r pricefeed.Report, format report.Format, taken bool) error {
	if format == report.JSON {
		return writeJSON(c.stdout, importDocument(r, taken))
	}
	if format != report.CSV {
		if _, err := fmt.Fprintln(c.stdout, summary(r, taken)); err != nil {
			return err
		}
		if len(r.Taken)+len(r.Flagged) == 0 {
			return nil
		}
		if _, err := fmt.Fprintln(c.stdout); err != nil {
			return err
		}
	}
	if err := c.writeTable(changeTable(r), format); err != nil {
		return err
	}
	if len(r.Flagged) > 0 && taken {
		fmt.Fprintln(c.stderr, "Flagged prices were not taken. To take them: --accept MODEL, or --accept all.")
	}
	return nil
}

// summary says in a few lines what became of a feed.
func summary(r pricefeed.Report, taken bool) string {
	verb := "taken"
	if !taken {
		verb = "to take"
	}
	lines := []string{fmt.Sprintf("%s of %s: %d %s, %d flagged, %d skipped", r.Source, r.AsOf, len(r.Taken), verb, len(r.Flagged), r.Skipped.Total())}
	for _, why := range r.Skipped.Reasons() {
		line := fmt.Sprintf("  %6s  %s", grouped(int64(r.Skipped[why])), why.Words())
		if why == pricefeed.Unchanged && r.Confirmed > 0 {
			line += fmt.Sprintf(" (%d now known to stand on that day)", r.Confirmed)
		}
		lines = append(lines, line)
	}
	if r.Withdrawn > 0 {
		lines = append(lines, fmt.Sprintf("  %6d  announced once, and no longer", r.Withdrawn))
	}
	return strings.Join(lines, "\n")
}

// changeTable has a row for each price that is news.
func changeTable(r pricefeed.Report) report.Table {
	t := report.Table{Columns: []report.Column{
		{Title: "MODEL", Key: "model"},
		{Title: "SERVICE", Key: "service"},
		{Title: "IN $/1M", Key: "input_usd_per_1m", Right: true},
		{Title: "WAS", Key: "input_was_usd_per_1m", Right: true},
		{Title: "OUT $/1M", Key: "output_usd_per_1m", Right: true},
		{Title: "WAS", Key: "output_was_usd_per_1m", Right: true},
		{Title: "FROM", Key: "from"},
		{Title: "UNTIL", Key: "until"},
		{Title: "VERDICT", Key: "verdict"},
		{Title: "WHY", Key: "flags"},
	}}
	for _, part := range []struct {
		verdict string
		changes []pricefeed.Change
	}{{"flagged", r.Flagged}, {"taken", r.Taken}} {
		for _, c := range part.changes {
			offer := strings.TrimSpace(cmp.Or(string(c.Price.Service), "standard") + " " + c.Price.Hours.String())
			t.Rows = append(t.Rows, []report.Cell{
				{Text: c.Model, Raw: c.Model},
				{Text: offer, Raw: offer},
				rateCell(c.Price.Input), stoodCell(c, c.Stands.Input),
				rateCell(c.Price.Output), stoodCell(c, c.Stands.Output),
				{Text: c.Price.From.String(), Raw: c.Price.From.String()},
				{Text: c.Price.Until.String(), Raw: c.Price.Until.String()},
				{Text: part.verdict, Raw: part.verdict},
				{Text: why(c), Raw: why(c)},
			})
		}
	}
	return t
}

// stoodCell is a rate of what a price takes the place of, empty where there is
// nothing.
func stoodCell(c pricefeed.Change, r costmodel.Rate) report.Cell {
	if c.Stands.Source == "" {
		return report.Cell{}
	}
	return rateCell(r)
}

// why says why a price is flagged, or was.
func why(c pricefeed.Change) string {
	words := make([]string, len(c.Flags))
	for i, f := range c.Flags {
		words[i] = f.Text
	}
	return strings.Join(words, "; ")
}

// The JSON of costping.import/1; of a diff, taken is what would be.
type (
	importJSON struct {
		Schema    string          `json:"schema"`
		Source    string          `json:"source"`
		AsOf      costmodel.Date  `json:"as_of"`
		DryRun    bool            `json:"dry_run"`
		Taken     int             `json:"taken"`
		Skipped   pricefeed.Tally `json:"skipped"`
		Confirmed int             `json:"confirmed"`
		Withdrawn int             `json:"withdrawn"`
		Flagged   []changeJSON    `json:"flagged"`
		Changes   []changeJSON    `json:"changes"`
	}
	changeJSON struct {
		Model string `json:"model"`
		// New says that the catalog did not have the model.
		New    bool             `json:"new"`
		Flags  []pricefeed.Flag `json:"flags"`
		Price  costmodel.Price  `json:"price"`
		Stands *costmodel.Price `json:"stands"`
	}
)

func importDocument(r pricefeed.Report, taken bool) importJSON {
	return importJSON{
		Schema: "costping.import/1", Source: r.Source, AsOf: r.AsOf, DryRun: !taken, Taken: len(r.Taken), Skipped: r.Skipped,
		Confirmed: r.Confirmed, Withdrawn: r.Withdrawn, Flagged: changeDocuments(r.Flagged), Changes: changeDocuments(r.Taken),
	}
}

func changeDocuments(changes []pricefeed.Change) []changeJSON {
	docs := make([]changeJSON, len(changes))
	for i, c := range changes {
		docs[i] = changeJSON{Model: c.Model, New: c.New, Flags: append([]pricefeed.Flag{}, c.Flags...), Price: c.Price}
		if c.Stands.Source != "" {
			docs[i].Stands = &c.Stands
		}
	}
	return docs
}
