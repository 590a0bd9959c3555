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
	"costping/probe/stats"
	"costping/ui/compare"
	"costping/ui/report"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

type costCommand struct {
	*app
	workloadFlags
	models  []string
	list    string
	sort    string
	on      string
	solve   string
	explain bool

	service, pipeline string

	all bool

	day costmodel.Date // the day whose prices are shown
}

func newCost(a *app) *cobra.Command {
	c := &costCommand{app: a}
	cmd := &cobra.Command{
		Use:   "cost",
		Short: "What models of the catalog cost for a workload, without probing",
		Long: "What models of the catalog cost for a workload, exactly. Nothing is probed.\n\n" +
			"A workload is a volume of tokens with its split into input and output, of items with --in and --out\n" +
			"tokens each, of users, or a preset: " + presetNames() + ".",
		Example: "  costping cost --list reference --volume 10M/day --split 75/25\n" +
			"  costping cost --model 'gpt-4o*' --volume \"100k messages/month\" --in 500 --out 200 --explain\n" +
			"  costping cost --preset enrichment --batch 100% --cached 30% --sort cost\n" +
			"  costping cost --solve 30/day --users 1000 --tokens-per-user 2000 --model gpt-4o\n" +
			"  costping cost --pipeline compliance --volume \"500 calls/day\"",
		Args: a.noArgs,
		RunE: c.run,
	}
	c.add(cmd, a)
	a.outputFlag(cmd)
	a.historyFlag(cmd)
	f := cmd.Flags()
	f.StringArrayVar(&c.models, "model", nil, "a model of the catalog or a configured target, * stands for anything (repeatable)")
	f.BoolVar(&c.all, "all", false, "all chat models of your price book too, not only the catalog's own and your targets'")
	f.StringVar(&c.list, "list", "", "a list of the catalog, such as reference")
	f.StringVar(&c.sort, "sort", "list", "order of the rows: list, cost or model")
	f.StringVar(&c.on, "on", "", "the day whose prices to take, such as 2027-01-01 (default today)")
	f.BoolVar(&c.explain, "explain", false, "show the arithmetic, a line at a time")
	f.StringVar(&c.solve, "solve", "", "which volume or split of one model gives this figure, such as 375/day")
	f.StringVar(&c.service, "service", "", "the service tier whose prices to take: flex or priority (default standard)")
	f.StringVar(&c.pipeline, "pipeline", "", "what a pipeline of several models costs: compliance, or one of the configuration")
	c.completions(cmd)
	return cmd
}

// completions are looked up when they are asked for: the catalog is read then.
func (c *costCommand) completions(cmd *cobra.Command) {
	complete := func(flag string, words func() []string) {
		_ = cmd.RegisterFlagCompletionFunc(flag, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return words(), cobra.ShellCompDirectiveNoFileComp
		})
	}
	complete("model", func() (ids []string) {
		for _, m := range costmodel.Default().Models() {
			ids = append(ids, m.ID)
		}
		return ids
	})
	complete("list", func() []string { return costmodel.Default().Lists() })
	complete("sort", func() []string { return []string{"list", "cost", "model"} })
	complete("service", func() []string { return []string{"standard", "flex", "priority"} })
	complete("pipeline", func() (names []string) {
		for _, p := range costmodel.PipelinePresets() {
			names = append(names, p.Name)
		}
		return names
	})
	complete("preset", func() []string { return strings.Split(presetNames(), ", ") })
}

func (c *costCommand) run(cmd *cobra.Command, _ []string) error {
	format, err := c.format()
	if err != nil {
		return err
	}
	c.day = costmodel.DateOf(time.Now())
	if c.on != "" {
		if c.day, err = costmodel.ParseDate(c.on); err != nil {
			return hinted("on", err)
		}
	}
	if c.pipeline != "" {
		return c.runPipeline(cmd.Flags().Changed, flagNames(cmd), format)
	}
	service, err := c.serviceTier()
	if err != nil {
		return err
	}
	workload, err := c.configuredOr(cmd.Flags().Changed, c.day)
	if err != nil {
		return err
	}
	offers, err := c.offers()
	if err != nil {
		return err
	}
	offers = served(offers, service, c.models != nil || c.list != "", c.day)
	if len(offers) == 0 {
		return failed("name models with --model to see them", "no model of the catalog has a price at the %s service", service)
	}
	if c.solve != "" {
		return c.runSolve(cmd.Flags().Changed, offers, workload, format)
	}
	projector := costmodel.NewProjector(workload)
	rows := make([]costRow, len(offers))
	for i, o := range offers {
		rows[i] = c.costRow(o, projector, workload)
	}
	if err := sortCost(rows, c.sort); err != nil {
		return err
	}
	c.grade(rows)
	return c.print(rows, workload, format)
}

// serviceTier reads --service. A batch is no tier here: how much of the work goes that
// way is a share of the workload.
func (c *costCommand) serviceTier() (costmodel.Service, error) {
	if c.service == "batch" {
		return costmodel.Standard, usage("give the share of the requests that is sent as a batch: --batch 100%", "batch is no service tier")
	}
	service, err := costmodel.ParseService(c.service)
	return service, hinted("service", err)
}

// flagNames are the flags of a command that have a say in what is shown.
func flagNames(cmd *cobra.Command) []string {
	var names []string
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	return names
}

func (c *costCommand) print(rows []costRow, w costmodel.Workload, format report.Format) error {
	if format == report.JSON {
		return writeJSON(c.stdout, c.document(rows, w))
	}
	if format != report.CSV {
		if _, err := fmt.Fprintf(c.stdout, "%s\n\n", c.paragraphs(forWorkload(w)+"\n"+c.basis()+computedPer(w), format)); err != nil {
			return err
		}
	}
	if c.explain {
		return c.writeTable(explainTable(rows), format)
	}
	if err := c.writeTable(costTable(rows, w, c.day), format); err != nil {
		return err
	}
	_, err := fmt.Fprint(c.stdout, c.gradedNotes(rows, format))
	return err
}

// forWorkload says what a table's amounts are for.
func forWorkload(w costmodel.Workload) string {
	month := ""
	if first, ok := w.DaysPerMonth.Calendar(); ok {
		month = " (" + first.String()[:len("2006-01")] + ")"
	}
	return "For " + w.String() + ", a month of " + w.DaysPerMonth.String() + " days" + month + ":"
}

// basis says where the figures of a preset are from, and which are assumed; "" where
// none was asked for.
func (c *costCommand) basis() string {
	p, err := costmodel.LookupPreset(c.preset)
	if err != nil {
		return ""
	}
	return "Preset " + p.Name + ": " + p.Basis + ".\n"
}

// computedPer says which period's figures are computed and which follow from them.
func computedPer(w costmodel.Workload) string {
	given, derived := w.Volume.Period(), "a day and a month are"
	switch given {
	case costmodel.Day, costmodel.Night:
		derived = "a month is"
	case costmodel.Month:
		derived = "a day is"
	}
	article := "a "
	if given == costmodel.Hour {
		article = "an "
	}
	return fmt.Sprintf("Computed %s%s, as the volume is given; %s derived: a month is %s days and a year 12 months.",
		article, given, derived, w.DaysPerMonth)
}

// offers are the rows that were asked for: the models and targets named, else a
// list, else the chat models of the whole catalog.
func (c *costCommand) offers() ([]offer, error) {
	catalog, err := c.catalog()
	switch {
	case err != nil:
		return nil, err
	case c.list != "" && c.models != nil:
		return nil, usage("leave one of them out", "--list and --model cannot be used together")
	case c.list != "":
		return offersListed(catalog, c.list, c.day)
	case c.models != nil:
		return c.offersNamed(catalog, c.models, c.day)
	}
	return c.chatOffers(catalog, c.all, c.day) // those that answer: an embedding model has no output to compare
}

type costRow struct {
	offer
	spend costmodel.Spend
	// notes are what the day says of the model: its end, and that a price of that
	// day is only assumed.
	notes []string
	// malformed is how often answers could not be used, of none where nobody measured.
	malformed stats.Rate
	// gradedAs is the target that these answers are of.
	gradedAs string
}

// costRow projects one offer, and says why there is no price on the day.
func (c *costCommand) costRow(o offer, projector *costmodel.Projector, w costmodel.Workload) costRow {
	r := costRow{offer: o, spend: o.spend(projector, w)}
	switch {
	case o.Model.UnreleasedOn(c.day) && !o.Price.Own:
		r.spend.Reason = "not offered before " + o.Model.Released.String()
	case o.Missing == "" && o.Price.AsOf.IsZero() && !r.spend.Known && !o.Price.Own:
		r.spend.Reason = "no price on " + c.day.String()
	}
	if end, _ := retirement(o.Model, c.day); end != "" {
		r.notes = append(r.notes, end)
	}
	switch {
	case o.Price.Own:
		r.notes = append(r.notes, "your own price")
	case o.machine():
		r.notes = append(r.notes, "your own machine, whatever is asked of it")
	case o.Price.AssumedOn(c.day):
		r.notes = append(r.notes, "earlier prices unknown")
	}
	if c.list != "" && o.Price.Known() {
		if usual := o.Model.PriceOn(c.day); usual.Known() && rates(usual) != rates(o.Price) {
			r.notes = append(r.notes, "the price of the list "+c.list+", without it "+rates(usual))
		}
	}
	return r
}

func sortCost(rows []costRow, by string) error {
	switch by {
	case "list":
	case "model":
		slices.SortStableFunc(rows, func(a, b costRow) int { return cmp.Compare(a.Name, b.Name) })
	case "cost":
		slices.SortStableFunc(rows, func(a, b costRow) int { return compare.Cheaper(a.spend, b.spend) })
	default:
		return usage("the orders are list, cost and model", "unknown order %q", by)
	}
	return nil
}

// writeJSON writes a document as people can read it too.
func writeJSON(w io.Writer, doc any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(doc)
}
