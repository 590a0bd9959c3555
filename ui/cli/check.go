package cli

import (
	"context"
	"fmt"
	"math/big"
	"path"
	"slices"
	"strconv"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/store"
	"costping/ui/compare"
	"costping/ui/report"
	"costping/ui/report/snapshot"

	"github.com/spf13/cobra"
)

type checkCommand struct {
	*app
	recordFlags
	snapshot       string
	target         string
	ceilings       checkLimits
	goodput, drift string
	allowMissing   bool
}

// checkLimits are the limits of the flags as they were written.
type checkLimits struct {
	ttftP50, ttftP95, e2eP95, throughput string
	errors, malformed, tools, quality    string
	daily, monthly                       string
}

func newCheck(a *app) *cobra.Command {
	c := &checkCommand{app: a}
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Hold what was measured and what it costs against limits: exit code 3 where one is broken",
		Long: "check judges latency, speed, reliability, cost and the budget for probing together, a line a rule, on the history\n" +
			"or on a snapshot. The rules are those of the flags, of the [[limit]] tables of the configuration and of the snapshot\n" +
			"together; of two on the same figure the first named here goes before. --min-goodput and --baseline come on top.\n" +
			"A rule may be kept, broken, or not shown: too few samples, or an interval that holds the limit.\n" +
			"A retired model cannot be bought any more: one line says so, none of its rules is judged, and it breaks nothing.\n\n" +
			"It ends with 3 where a rule is broken, and where no rule could be judged, unless --allow-missing is given.",
		Example: "  costping check --max-ttft-p95 800ms --max-monthly 500\n" +
			"  costping check --snapshot today.json --baseline approved.json --max-drift 10%\n" +
			"  costping check --target 'gpt-4o*' --max-error-rate 1% -o json",
		Args: a.noArgs,
		RunE: c.run,
	}
	c.add(cmd, a)
	a.baselineFlag(cmd)
	a.outputFlag(cmd)
	f := cmd.Flags()
	f.StringVar(&c.snapshot, "snapshot", "", "check this snapshot instead of the history")
	f.StringVar(&c.drift, "max-drift", strconv.Itoa(int(100*snapshot.DefaultDrift))+"%", "how much slower than the baseline first token and whole answer may be")
	f.StringVar(&c.target, "target", "", "only targets of this name, * stands for anything")
	f.StringVar(&c.ceilings.ttftP50, "max-ttft-p50", "", "the longest median first token, such as 400ms")
	f.StringVar(&c.ceilings.ttftP95, "max-ttft-p95", "", "the longest p95 of the first token, such as 800ms")
	f.StringVar(&c.ceilings.e2eP95, "max-e2e-p95", "", "the longest p95 of the whole answer, such as 5s")
	f.StringVar(&c.ceilings.throughput, "min-throughput", "", "the least output tokens a second, such as 40")
	f.StringVar(&c.ceilings.errors, "max-error-rate", "", "the largest share of failed attempts, such as 1%")
	f.StringVar(&c.ceilings.malformed, "max-malformed", "", "the largest share of malformed answers, such as 1%")
	f.StringVar(&c.ceilings.tools, "max-tool-errors", "", "the largest share of wrong tool calls, such as 1%")
	f.StringVar(&c.ceilings.quality, "min-quality", "", "the least quality, such as 0.85")
	f.StringVar(&c.ceilings.daily, "max-daily", "", "the most a day, in USD")
	f.StringVar(&c.ceilings.monthly, "max-monthly", "", "the most a month, in USD")
	f.StringVar(&c.goodput, "min-goodput", "", "the least share of attempts that meet [slo], such as 95%")
	f.BoolVar(&c.allowMissing, "allow-missing", false, "end with 0 where no rule could be judged")
	return cmd
}

func (c *checkCommand) run(cmd *cobra.Command, _ []string) error {
	format, err := c.format()
	if err != nil {
		return err
	}
	if cmd.Flags().Changed("max-drift") && c.baseline == "" {
		return usage("say with --baseline FILE which snapshot was approved", "--max-drift has nothing to compare with")
	}
	rules, err := c.rules()
	if err != nil {
		return err
	}
	r, results, err := c.judged(cmd, &rules)
	if err != nil {
		return err
	}
	return c.conclude(r, results, format)
}

// rules are those of the flags.
func (c *checkCommand) rules() (snapshot.Rules, error) {
	rules := snapshot.Rules{Only: c.target}
	if _, err := path.Match(c.target, ""); err != nil {
		return rules, usage("write a name, or one with * and ? in it", "--target %q is no pattern", c.target)
	}
	bounds, err := c.ceilings.bounds()
	if err != nil {
		return rules, err
	}
	if len(bounds) > 0 {
		rules.Limits = []compare.Limit{{Target: "*", Bounds: bounds}}
	}
	if c.goodput != "" {
		if rules.Goodput, err = costmodel.ParseFraction(c.goodput); err != nil {
			return rules, hinted("min-goodput", err)
		}
	}
	if rules.Drift, err = costmodel.ParseFraction(c.drift); err != nil {
		return rules, hinted("max-drift", err)
	}
	approved, err := c.approved()
	if approved != nil {
		rules.Baseline = approved.Record
	}
	return rules, err
}

// bounds reads the limits that were given.
func (l checkLimits) bounds() (bounds []compare.Bound, err error) {
	for _, one := range []struct {
		flag, value string
		metric      compare.LimitMetric
		read        func(flag, value string, b *compare.Bound) error
	}{
		{"max-ttft-p50", l.ttftP50, compare.LimitTTFTp50, readMillis},
		{"max-ttft-p95", l.ttftP95, compare.LimitTTFTp95, readMillis},
		{"max-e2e-p95", l.e2eP95, compare.LimitE2Ep95, readMillis},
		{"min-throughput", l.throughput, compare.LimitMinThroughput, readNumber},
		{"max-error-rate", l.errors, compare.LimitMaxErrorRate, readCeiling},
		{"max-malformed", l.malformed, compare.LimitMaxMalformed, readCeiling},
		{"max-tool-errors", l.tools, compare.LimitMaxToolErrors, readCeiling},
		{"min-quality", l.quality, compare.LimitMinQuality, readFraction},
		{"max-daily", l.daily, compare.LimitMaxDaily, readMoney},
		{"max-monthly", l.monthly, compare.LimitMaxMonthly, readMoney},
	} {
		if one.value == "" {
			continue
		}
		b := compare.Bound{Metric: one.metric}
		if err := one.read(one.flag, one.value, &b); err != nil {
			return nil, err
		}
		bounds = append(bounds, b)
	}
	return bounds, nil
}

func readMillis(flag, value string, b *compare.Bound) error {
	d, err := time.ParseDuration(value)
	if err != nil || d <= 0 {
		return usage("give a duration above 0, such as 800ms or 1.5s", "--%s cannot be %q", flag, value)
	}
	b.Value = float64(d) / float64(time.Millisecond)
	return nil
}

func readNumber(flag, value string, b *compare.Bound) (err error) {
	b.Value, err = above0(flag, value)
	return err
}

func readFraction(flag, value string, b *compare.Bound) (err error) {
	b.Value, err = costmodel.ParseFraction(value)
	return hinted(flag, err)
}

func readCeiling(flag, value string, b *compare.Bound) (err error) {
	b.Value, err = compare.Ceiling(value)
	return hinted(flag, err)
}

func readMoney(flag, value string, b *compare.Bound) (err error) {
	b.USD, err = costmodel.ParseUSD(value)
	return hinted(flag, err)
}

// judged holds the snapshot, or the history, against the rules.
func (c *checkCommand) judged(cmd *cobra.Command, rules *snapshot.Rules) (*snapshot.Record, []snapshot.Result, error) {
	if c.snapshot != "" {
		if c.anyGiven(cmd.Flags().Changed) {
			return nil, nil, usage("leave the workload out: the snapshot has its own", "--snapshot has a workload already")
		}
		r, err := c.load(c.snapshot)
		if err != nil {
			return nil, nil, err
		}
		config, err := c.configuration()
		if err != nil {
			return nil, nil, err
		}
		rules.Limits = compare.Layered(rules.Limits, config.Limits, r.CompareLimits())
		results, err := c.hold(r, *rules)
		return r, results, err
	}
	p, err := c.prepare(cmd.Flags().Changed)
	if err != nil {
		return nil, nil, err
	}
	rules.Limits = compare.Layered(rules.Limits, p.limits)
	if rules.Goodput > 0 && !p.config.SLO.Given() {
		return nil, nil, usage("say what an attempt is held to in [slo] of the configuration", "--min-goodput has no objectives")
	}
	if err := c.any(*rules); err != nil {
		return nil, nil, err
	}
	var r *snapshot.Record
	var results []snapshot.Result
	err = c.withHistory(func(ctx context.Context, h store.History) error {
		if r, err = c.take(ctx, h, p); err != nil {
			return err
		}
		if results, err = c.hold(r, *rules); err != nil {
			return err
		}
		budget, err := probeBudget(ctx, h, p)
		results = append(results, budget...)
		return err
	})
	return r, results, err
}

// any refuses to check nothing.
func (c *checkCommand) any(rules snapshot.Rules) error {
	if len(rules.Limits) > 0 || rules.Goodput > 0 || rules.Baseline != nil {
		return nil
	}
	return usage("give a limit such as --max-ttft-p95 800ms, or a [[limit]] in the configuration", "there is nothing to check")
}

func (c *checkCommand) hold(r *snapshot.Record, rules snapshot.Rules) ([]snapshot.Result, error) {
	if err := c.any(rules); err != nil {
		return nil, err
	}
	if err := c.warn(rules.Baseline, r); err != nil {
		return nil, err
	}
	results, err := r.Check(rules)
	if err == nil && len(results) == 0 {
		err = failed("costping check --help says how targets are named", "no rule holds for any of the targets")
	}
	return results, err
}

// warn says why a record may not compare with the one that was approved.
func (c *checkCommand) warn(approved, r *snapshot.Record) error {
	if approved == nil {
		return nil
	}
	diff, err := snapshot.Compare(approved, r)
	if err != nil {
		return err
	}
	for _, warning := range diff.Warnings {
		fmt.Fprintf(c.stderr, "warning: %s\n", oneLine(warning))
	}
	return nil
}

// probeBudgetRule is the rule of what probing may cost.
const probeBudgetRule = "probe_budget"

// probeBudget judges what probing has cost today, where targets are configured.
func probeBudget(ctx context.Context, h store.History, p prepared) ([]snapshot.Result, error) {
	if len(p.config.Targets) == 0 {
		return nil, nil
	}
	spent, err := h.Spent(ctx, probe.DayOf(p.now))
	if err != nil {
		return nil, err
	}
	usd := costmodel.NewUSD(new(big.Rat).Add(spent.Settled.Rat(), spent.Reserved.Rat()))
	result := snapshot.Result{
		Rule: probeBudgetRule, Standing: compare.Within,
		Text: fmt.Sprintf("probing cost $%s today, UTC (budget $%s)", usd.Format(4), p.config.Budget.Format(2)),
	}
	if usd.Cmp(p.config.Budget) > 0 {
		result.Standing = compare.Over
	}
	return []snapshot.Result{result}, nil
}

// The JSON of costping.check/1.
type (
	checkJSON struct {
		Schema string `json:"schema"`
		// Verdict is kept, broken, or missing where no rule had samples.
		Verdict  string `json:"verdict"`
		Kept     int    `json:"kept"`
		Broken   int    `json:"broken"`
		NotShown int    `json:"not_shown"`
		// Retired counts the targets whose rules were not judged since they are gone.
		Retired int              `json:"retired"`
		From    time.Time        `json:"from_utc"`
		To      time.Time        `json:"to_utc"`
		Results []checkResultRow `json:"results"`
	}
	checkResultRow struct {
		// Target is null for what is of all together.
		Target  *string `json:"target"`
		Rule    string  `json:"rule"`
		Verdict string  `json:"verdict"`
		Text    string  `json:"text"`
		// More is about how many more samples would show it, null where it is shown or
		// that is not known.
		More *int `json:"more_samples"`
	}
)

// ofTarget is a result of a target that can be had.
func ofTarget(r snapshot.Result) bool { return !r.Gone && r.Rule != probeBudgetRule }

// conclude prints the results and ends with the code that they come to.
func (c *checkCommand) conclude(r *snapshot.Record, results []snapshot.Result, format report.Format) error {
	doc := checkJSON{Schema: "costping.check/1", From: r.Window.From, To: r.Window.To}
	judged := 0 // of the targets
	for _, result := range results {
		switch {
		case result.Gone:
			doc.Retired++
		case result.Standing == compare.Within:
			doc.Kept++
		case result.Standing == compare.Over:
			doc.Broken++
		default:
			doc.NotShown++
		}
		if result.Standing != compare.NotShown && ofTarget(result) {
			judged++
		}
		doc.Results = append(doc.Results, resultRow(result))
	}
	switch {
	case doc.Broken > 0:
		doc.Verdict = "broken"
	case judged == 0:
		doc.Verdict = "missing"
	default:
		doc.Verdict = "kept"
	}
	if err := c.printResults(doc, results, format); err != nil {
		return err
	}
	switch {
	case doc.Broken > 0:
		return &failure{code: exitBroken, what: fmt.Sprintf("%d of %s broken", doc.Broken, rulesAre(len(results)-doc.Retired))}
	case doc.Verdict == "missing" && !slices.ContainsFunc(results, ofTarget) && !c.allowMissing:
		return &failure{code: exitBroken, what: "what was to be checked is retired", hint: "name targets that can be had, or accept that with --allow-missing"}
	case doc.Verdict == "missing" && !c.allowMissing:
		return &failure{code: exitBroken, what: "no rule had samples", hint: "probe first, or accept that with --allow-missing"}
	}
	return nil
}
