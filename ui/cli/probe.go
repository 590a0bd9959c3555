package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"costping/costmodel"
	"costping/probe"
	"costping/store"
	"costping/ui/config"
	"costping/ui/monitor"
	"costping/ui/report"

	"github.com/shopspring/decimal"
	"github.com/spf13/cobra"
)

// probeCommand measures targets now, in this process.
type probeCommand struct {
	*app
	probeFlags
	kindFlags
	plan
	// listed is the catalog; prices are the person's own, by the target's name.
	listed *costmodel.Catalog
	prices map[string]costmodel.Price
	// money is the budget that the run is under, cap its limit.
	money *probe.Budget
	cap   costmodel.USD
	// configured says that the targets are from the file.
	configured bool
}

// probeFlags are the flags as they were given.
type probeFlags struct {
	adHoc    probe.Target
	price    string
	budget   string
	prompt   string
	until    string
	count    int
	parallel int
}

func newProbe(a *app) *cobra.Command {
	p := &probeCommand{app: a}
	cmd := &cobra.Command{
		Use:   "probe [TARGET...]",
		Short: "Probe OpenAI-compatible endpoints now, print what was measured and keep it",
		Long: "probe sends streaming chat completions, one after another on a warm connection, and prints what it\n" +
			"measured: targets of the configuration by name or pattern, or an endpoint given with flags. Several are\n" +
			"probed in rounds, in another order each, and compared within the rounds. The samples go into the\n" +
			"history, also beside a running dashboard; where it cannot be used they are measured and printed all the\n" +
			"same, with the warning \"not stored\".\n\n" +
			"What probes cost is counted by UTC day; a probe that could go over the budget is not sent.\n\n" +
			"Figures are headed by their median (from 6 probes on) and 95th percentile (from 76), each with the\n" +
			"interval that holds it with 95 %.\n\n" +
			"Other kinds say whether answers can be used: --kind schema (do they keep to a JSON schema, told in the\n" +
			"prompt and enforced by the endpoint), tools (is the right tool called with the right arguments), context\n" +
			"(is a fact found in a long request; shows what it costs and asks first) and embedding. Rates carry their\n" +
			"95 % interval; what a target does not take is said and not counted.",
		Example: "  costping probe --base-url https://api.openai.com/v1 --model gpt-4o-mini --key-env OPENAI_API_KEY -n 10\n" +
			"  costping probe --base-url http://127.0.0.1:11434/v1 --model llama3.2:3b --until p50 -o json\n" +
			"  costping probe gpt-4o-mini llama-3.1-70b --until p95\n" +
			"  costping probe 'gpt-*' --cold -n 20\n" +
			"  costping probe gpt-4o-mini --kind schema -n 100 -o json\n" +
			"  costping probe gpt-4o-mini --kind tools --cases my-tools.jsonl",
		RunE: p.run,
	}
	a.outputFlag(cmd)
	a.historyFlag(cmd)
	f := cmd.Flags()
	f.StringVar(&p.adHoc.BaseURL, "base-url", "", "root of the API, with its version: https://api.openai.com/v1")
	f.StringVar(&p.adHoc.Model, "model", "", "the model, as the endpoint names it")
	f.StringVar(&p.adHoc.KeyEnv, "key-env", "", "variable that holds the API key")
	f.StringVar(&p.adHoc.Provider, "provider", "", "who serves it: the base URL and key variable of "+strings.Join(config.ProviderNames(), ", "))
	f.StringVar(&p.adHoc.Name, "name", "", "label in the history (default: the model)")
	f.StringVar(&p.price, "price", "", "USD for 1M input and 1M output tokens: 0.15/0.60, for one target (default: the configuration's, else the catalog's)")
	f.StringVar(&p.budget, "budget", "", "most that probing may cost in a UTC day, all commands together: 5.00/day (default: the configuration's, else 1.00/day)")
	f.IntVarP(&p.count, "count", "n", 10, "how many probes of each; the first median takes 6, the first p95 takes 76")
	f.StringVar(&p.until, "until", "", "probe until p50 or p95 has its interval, instead of --count times")
	f.BoolVar(&p.cold, "cold", false, "open a connection for each probe: DNS, TCP and TLS are measured too")
	f.IntVar(&p.parallel, "concurrency", 1, "how many at once of each target (at most 50 in all)")
	f.StringVar(&p.prompt, "profile", "", "prompt profile: "+strings.Join(config.ProfileNames(), ", ")+
		", or a TOML file with name, prompt, max_tokens (64 to 32768) and, if wanted, system (default: the configuration's, else chat)")
	p.addKinds(cmd)
	_ = cmd.RegisterFlagCompletionFunc("until", cobra.FixedCompletions([]string{"p50", "p95"}, cobra.ShellCompDirectiveNoFileComp))
	cmd.ValidArgsFunction = p.complete
	return cmd
}

// complete offers the names of the configured targets.
func (p *probeCommand) complete(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	c, err := config.Load(p.config)
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	return namesOf(c.Targets), cobra.ShellCompDirectiveNoFileComp
}

func (p *probeCommand) run(cmd *cobra.Command, args []string) error {
	format, err := p.format()
	if err != nil {
		return err
	}
	look, err := p.theme()
	if err != nil {
		return err
	}
	kind, err := p.checkKind(cmd)
	if err != nil {
		return err
	}
	if err := p.check(cmd, args); err != nil {
		return err
	}
	if kind != "" {
		return p.runKind(cmd, kind, format)
	}
	// A measurement that was asked for is made also where it cannot be kept.
	history, unstored := store.Open(p.historyDir())
	if history != nil {
		defer func() { _ = history.Close() }() // every sample is durable by now
	}
	ctx, stop := interruptible(context.Background())
	defer stop()
	// Whoever interrupts twice does not want the summary either.
	defer context.AfterFunc(ctx, stop)()
	measuringThreads()
	client := probe.NewClient(probe.Limits{}, p.priced())
	defer client.Close()

	metered := p.meter(client, history)
	r := newProbing(p.plan, metered, func(s probe.Sample) {
		if history == nil {
			return
		}
		if err := history.Append(context.Background(), []probe.Sample{s}); err != nil && unstored == nil {
			unstored = err
		}
	})
	p.announce()
	if !p.cold {
		client.Warm(ctx, p.connections())
	}
	bar := newBar(p.stderr, look, r.status)
	r.ended = bar.redraw
	if !bar.shown() {
		r.ended = p.sayHowLong(r)
	}
	r.run(ctx)
	bar.done()

	if unstored != nil {
		fmt.Fprintf(p.stderr, "warning: not stored: %s\n", oneLine(unstored.Error()))
	}
	return p.conclude(ctx, r, format, unstored == nil)
}

// meter puts the client under the budget of the day, which the history keeps for
// all commands. Without a history nobody knows what the day has cost: then nothing
// that costs is sent, but for a budget that was given for this run alone.
func (p *probeCommand) meter(client *probe.Client, history store.History) probe.Prober {
	p.money = monitor.NewBudget(p.cap, p.listed, p.prices, client)
	switch {
	case history != nil:
		p.money.Ledger = history
	case p.budget != "":
		p.money.Ledger = &probe.MemoryLedger{}
	default:
		p.money.Ledger = noLedger{}
	}
	return probe.Metered(client, p.money, func(err error) {
		fmt.Fprintf(p.stderr, "warning: %s\n", oneLine(err.Error()))
	})
}

// conclude prints what there is and says what became of the run.
func (p *probeCommand) conclude(ctx context.Context, r *probing, format report.Format, stored bool) error {
	verdict := p.verdict(r)
	told := len(p.targets) > 1 && format == report.Text // below the table
	for _, t := range r.targets {
		if verdict == nil && ctx.Err() == nil && t.gaveUp != "" && !told {
			fmt.Fprintf(p.stderr, "warning: %sstopped after %d of %s: %s\n", p.prefix(t), t.sent(), p.wanted(), oneLine(t.gaveUp))
		}
	}
	// Where nothing was measured the sentence says all there is; what is read by
	// a program is complete in any case.
	if r.measured() || format == report.JSON || format == report.CSV {
		if err := p.print(format, r, stored); err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		return errInterrupted
	}
	return verdict
}

// prefix names a target where there are several.
func (p *probeCommand) prefix(t *probedTarget) string {
	if len(p.targets) == 1 {
		return ""
	}
	return t.Name + ": "
}

// noLedger stands for that of a history that cannot be used.
type noLedger struct{}

var errNoLedger = errors.New("the history cannot be used, so what probing has cost today is not known; --budget caps this run alone")

// Reserve implements probe.Ledger.
func (noLedger) Reserve(context.Context, probe.Day, decimal.Decimal, decimal.Decimal) (string, bool, error) {
	return "", false, errNoLedger
}

// Settle implements probe.Ledger.
func (noLedger) Settle(context.Context, string, decimal.Decimal) error { return errNoLedger }

// Spent implements probe.Ledger.
func (noLedger) Spent(context.Context, probe.Day) (probe.Spending, error) {
	return probe.Spending{}, errNoLedger
}
