package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/probe/check"
	"costping/store"
	"costping/ui/compare"
	"costping/ui/report"

	"github.com/shopspring/decimal"
	"github.com/spf13/cobra"
)

// kindLatency is the kind of the probes that time a stream.
const kindLatency = "latency"

// kindFlags are those of probe that are about the other kinds.
type kindFlags struct {
	kind, cases string
	lengths     []int
	caseSeed    uint64
	yes         bool
}

func (k *kindFlags) addKinds(cmd *cobra.Command) {
	names := []string{kindLatency}
	for _, kind := range check.Kinds() {
		names = append(names, string(kind))
	}
	f := cmd.Flags()
	f.StringVar(&k.kind, "kind", kindLatency, "what is probed: "+strings.Join(names, ", "))
	f.StringVar(&k.cases, "cases", "", "file of your own cases for the kinds schema and tools, a line of JSON each; - for standard input")
	f.IntSliceVar(&k.lengths, "lengths", nil, "for the kind context: lengths of the requests in tokens (default: 1000 and on, four times the one before, up to the window or 64000)")
	f.Uint64Var(&k.caseSeed, "seed", 0, "seed of the cases (0: another each time)")
	f.BoolVar(&k.yes, "yes", false, "for the kind context: do not ask before spending")
	_ = cmd.RegisterFlagCompletionFunc("kind", cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp))
}

// kindRun is a run of another kind than latency.
type kindRun struct {
	*probeCommand
	checked check.Kind
	format  report.Format
	history store.History
	asker   probe.Asker
	vectors probe.Embedder
	seed    uint64

	schemaCases []check.SchemaCase
	toolCases   []check.ToolCase

	mu       sync.Mutex
	unstored error
	done     int
	total    int
	bar      *bar
}

// checkKind refuses flags that do not go together, and says whether a kind other than
// latency is asked for.
func (p *probeCommand) checkKind(cmd *cobra.Command) (check.Kind, error) {
	changed := cmd.Flags().Changed
	refuse := func(flags ...string) error {
		for _, flag := range flags {
			if changed(flag) {
				return usage("leave one of them out", "--%s cannot be used with --kind %s", flag, p.kind)
			}
		}
		return nil
	}
	kind := check.Kind(p.kind)
	switch {
	case p.kind == kindLatency:
		return "", refuse("cases", "lengths", "seed", "yes")
	case !slices.Contains(check.Kinds(), kind):
		return "", usage("the kinds are latency, schema, tools, context and embedding", "--kind cannot be %q", probe.Sanitize(p.kind, 40))
	}
	err := refuse("until", "cold", "profile")
	if err == nil && kind != check.KindSchema && kind != check.KindTools {
		err = refuse("cases")
	}
	if err == nil && kind != check.KindContext {
		err = refuse("lengths", "yes")
	}
	if err == nil && kind == check.KindEmbedding {
		err = refuse("concurrency")
	}
	if err == nil && changed("cases") && changed("seed") {
		err = usage("leave one of them out", "--seed is for cases that costping makes, and --cases names others")
	}
	if err == nil {
		err = p.checkLengths()
	}
	return kind, err
}

// runKind makes a run of another kind.
func (p *probeCommand) runKind(cmd *cobra.Command, kind check.Kind, format report.Format) error {
	k := &kindRun{probeCommand: p, checked: kind, format: format, seed: p.caseSeed}
	if k.seed == 0 {
		k.seed = 1 + rand.Uint64N(1<<32)
	}
	if err := k.load(); err != nil {
		return err
	}
	if kind == check.KindContext && !cmd.Flags().Changed("count") {
		p.probes = check.EachForLimit()
	}
	look, err := p.theme()
	if err != nil {
		return err
	}
	k.history, k.unstored = store.Open(p.historyDir())
	if k.history != nil {
		defer func() { _ = k.history.Close() }()
	}
	ctx, stop := interruptible(context.Background())
	defer stop()
	defer context.AfterFunc(ctx, stop)()
	client := probe.NewClient(probe.Limits{}, p.priced())
	defer client.Close()
	p.meter(client, k.history)
	warn := func(err error) { fmt.Fprintf(p.stderr, "warning: %s\n", oneLine(err.Error())) }
	k.asker, k.vectors = probe.MeteredAsker(client, p.money, warn), probe.MeteredEmbedder(client, p.money, warn)
	k.bar = newBar(io.Discard, look, k.status)
	run := map[check.Kind]func(context.Context, func()) error{
		check.KindSchema: k.runCases, check.KindTools: k.runCases, check.KindContext: k.runContext, check.KindEmbedding: k.runEmbedding,
	}[kind]
	err = run(ctx, func() { k.bar = newBar(p.stderr, look, k.status) })
	if ctx.Err() != nil {
		return errInterrupted
	}
	return err
}

// status is how far the run is, for its bar.
func (k *kindRun) status() status {
	k.mu.Lock()
	defer k.mu.Unlock()
	label := k.targets[0].Name
	if len(k.targets) > 1 {
		label = fmt.Sprintf("%d targets", len(k.targets))
	}
	return status{label: label + " " + string(k.checked), done: k.done, total: k.total}
}

// step counts a request or a case, and draws the bar.
func (k *kindRun) step() {
	k.mu.Lock()
	k.done++
	k.mu.Unlock()
	k.bar.redraw()
}

// finish takes the bar away, and says what could not be stored.
func (k *kindRun) finish() {
	k.bar.done()
	if k.unstored != nil {
		fmt.Fprintf(k.stderr, "warning: not stored: %s\n", oneLine(k.unstored.Error()))
	}
}

// keep stores a result.
func (k *kindRun) keep(t probe.Target, limit int, name string, score probe.Measured[float64], data any) {
	if k.history == nil {
		return
	}
	result, err := compare.KeptOf(t, k.checked, limit, name, time.Now(), score, data)
	if err == nil {
		err = k.history.Record(context.Background(), store.Notes{Results: []store.Result{result}})
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.unstored = cmp.Or(k.unstored, err)
}

// load reads or makes the cases.
func (k *kindRun) load() (err error) {
	switch {
	case k.checked != check.KindSchema && k.checked != check.KindTools:
		return nil
	case k.cases != "":
		return k.read()
	case k.checked == check.KindSchema:
		k.schemaCases = check.SchemaCases(k.seed, k.probes)
	default:
		k.toolCases = check.ToolCases(k.seed, k.probes)
	}
	return nil
}

func (k *kindRun) read() error {
	input := k.stdin
	if k.cases != "-" {
		f, err := os.Open(k.cases)
		if err != nil {
			return usage("name a file that can be read with --cases FILE", "%v", err)
		}
		defer func() { _ = f.Close() }()
		input = f
	}
	var err error
	hint := `a line is {"id","prompt","schema","expect"}`
	if k.checked == check.KindSchema {
		k.schemaCases, err = check.ReadSchemaCases(input)
	} else {
		k.toolCases, err = check.ReadToolCases(input)
		hint = `a line is {"id","prompt","tools","expect":{"name","arguments"}}; expect is null where nothing is to be called`
	}
	if err != nil {
		return usage(hint, "%s: %v", probe.Sanitize(k.cases, 200), err)
	}
	return nil
}

// series are what a target is asked: with a schema, once for what it does by itself
// and once for what the endpoint enforces.
func (k *kindRun) series(t probe.Target) []check.Series {
	if k.checked == check.KindTools {
		return []check.Series{check.ToolSeries(t, k.toolCases)}
	}
	return []check.Series{check.SchemaSeries(t, k.schemaCases, false), check.SchemaSeries(t, k.schemaCases, true)}
}

// runCases asks the cases of all targets side by side.
func (k *kindRun) runCases(ctx context.Context, show func()) error {
	all := make([][]*check.Tally, len(k.targets))
	for _, t := range k.targets {
		for _, s := range k.series(t) {
			k.total += s.Len()
		}
	}
	show()
	var targets sync.WaitGroup
	for i, t := range k.targets {
		targets.Go(func() {
			for _, s := range k.series(t) {
				tally := check.NewTally(s)
				tally.GaveUp = check.Run(ctx, k.asker, s, k.concurrency, func(a check.Answer) {
					tally.Add(a)
					if a.Class != "" {
						k.keepAnswer(s, a)
					}
					k.step()
				})
				all[i] = append(all[i], tally)
			}
		})
	}
	targets.Wait()
	k.finish()
	tallies := slices.Concat(all...)
	return k.conclude(nothingAnswered(tallies), func() error { return k.printTallies(tallies) })
}

// conclude prints what there is and gives the verdict. Where nothing was answered the
// sentence says all there is; what is read by a program is complete in any case.
func (k *kindRun) conclude(verdict error, write func() error) error {
	if verdict == nil || k.format == report.JSON || k.format == report.CSV {
		if err := write(); err != nil {
			return err
		}
	}
	return verdict
}

// nothingAnswered is the error of a run in which nobody has answered, though what
// was asked for is not unsupported.
func nothingAnswered(tallies []*check.Tally) error {
	why := ""
	for _, t := range tallies {
		if t.N > 0 || t.Unsupported != "" {
			return nil
		}
		why = cmp.Or(why, t.GaveUp)
	}
	return failed("", "no answer came: %s", cmp.Or(why, "every request failed"))
}

func (k *kindRun) keepAnswer(s check.Series, a check.Answer) {
	d := compare.KeepAnswer(s, a)
	if k.cases == "" {
		d.Seed = k.seed
	}
	k.keep(s.Target, a.Sample.Cap, a.Case, compare.ScoreOf(a.Class), d)
}

// moneyOf is an amount for people; unknown as a dash.
func moneyOf(usd decimal.NullDecimal) string {
	if !usd.Valid {
		return unknownCell
	}
	amount, err := costmodel.ParseUSD(usd.Decimal.String())
	if err != nil {
		return unknownCell
	}
	return report.Money(amount)
}

// unknownCell stands in a table for what is not known.
const unknownCell = "-"

// decimalOf is an amount for programs, nil where it is not known.
func decimalOf(usd decimal.NullDecimal) *string {
	if !usd.Valid {
		return nil
	}
	return textOf(usd.Decimal.Round(10).String())
}

// spent is what was paid, unknown where some of it is.
func spent(usd decimal.Decimal, unpriced int) decimal.NullDecimal {
	return decimal.NullDecimal{Decimal: usd, Valid: unpriced == 0}
}
