package cli

import (
	"errors"
	"io"
	"os"
	"strings"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/ui/compare"
	"costping/ui/report"

	"github.com/spf13/cobra"
)

type chooseCommand struct {
	*app
	workloadFlags
	task    string
	models  []string
	list    string
	quality []string
	seen    []string
	advice  string
	// showAdvice asks for the built-in advice instead of a choice.
	showAdvice bool
	window     string
	all        bool
	limits     limitFlags
}

// limitFlags are the constraints as they were written.
type limitFlags struct {
	maxTTFT, minThroughput, maxMalformed, minQuality, minContext, maxMonthly string
	needs                                                                    []string
}

func newChoose(a *app) *cobra.Command {
	c := &chooseCommand{app: a}
	var ids []string
	for _, t := range costmodel.DefaultAdvice().Tasks() {
		ids = append(ids, t.ID)
	}
	cmd := &cobra.Command{
		Use:   "choose",
		Short: "Rank models for a task within limits, and say why each is inside, outside or not shown",
		Long: "Rank models for a task: those whose quality you state, by cost; then what is recommended for the\n" +
			"task; then the others, by cost. A model is inside your limits, outside of one, or it is not shown:\n" +
			"what is unknown keeps no limit. A [[limit]] of the configuration on all targets is one too, where no flag says\n" +
			"otherwise, and its first [[workload]] is what is projected. Latencies are your own measurements where the history has any, else\n" +
			"published ones, and it says which. Quality is that of your own tasks where costping eval has measured\n" +
			"it within 30 days, else what you say it is; malformed and tool-error rates likewise. The candidates are your configured\n" +
			"targets, at your own prices, or without any the chat models that can be had.",
		Example: "  costping choose --task batch --min-quality 0.8 --quality llama-3.1-70b=0.84 --volume \"8000 documents/day\" --in 1500 --out 500\n" +
			"  costping choose --task structured-extraction --needs json-schema --max-monthly 500\n" +
			"  costping choose --task chat --max-ttft-p95 800ms --max-malformed 1% --min-context 32k -o json",
		Args: a.noArgs,
		RunE: c.run,
	}
	c.add(cmd, a)
	a.outputFlag(cmd)
	a.historyFlag(cmd)
	f := cmd.Flags()
	f.StringVar(&c.task, "task", "", "the task: "+strings.Join(ids, ", "))
	f.StringArrayVar(&c.models, "model", nil, "choose among these models or configured targets only (repeatable; * and ? stand for others)")
	f.StringVar(&c.list, "list", "", "choose among a list of the catalog, such as reference")
	f.StringVar(&c.limits.maxTTFT, "max-ttft-p95", "", "longest p95 of the first token, such as 800ms")
	f.StringVar(&c.limits.minThroughput, "min-throughput", "", "least output tokens a second, such as 100")
	f.StringVar(&c.limits.maxMalformed, "max-malformed", "", "largest share of malformed answers, such as 1%")
	f.StringVar(&c.limits.minQuality, "min-quality", "", "quality floor, such as 0.85")
	f.StringVar(&c.limits.minContext, "min-context", "", "input tokens of one request, such as 32k")
	f.StringVar(&c.limits.maxMonthly, "max-monthly", "", "budget for a month in USD, such as 500")
	f.StringSliceVar(&c.limits.needs, "needs", nil, "features: json-schema, tools, reasoning, streaming, batch")
	f.StringArrayVar(&c.quality, "quality", nil, "quality that you measured, as MODEL=0.91 (repeatable)")
	f.StringArrayVar(&c.seen, "malformed-seen", nil, "malformed answers that you counted, as MODEL=4/200 (repeatable)")
	f.StringVar(&c.advice, "advice", "", "a file of your own instead of the built-in recommendations")
	f.BoolVar(&c.showAdvice, "print-advice", false, "print the built-in recommendations, from which to make a file of your own")
	f.StringVar(&c.window, "window", "7d", "how far back measurements count, such as 24h or 7d")
	f.BoolVar(&c.all, "all", false, "choose among all models of the catalog and your price book too, and print every model, not only the first ten of each verdict")
	_ = cmd.RegisterFlagCompletionFunc("task", cobra.FixedCompletions(ids, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func (c *chooseCommand) run(cmd *cobra.Command, _ []string) error {
	if c.showAdvice {
		_, err := io.WriteString(c.stdout, costmodel.AdviceTOML())
		return err
	}
	format, err := c.format()
	if err != nil {
		return err
	}
	question := costmodel.Question{Today: costmodel.DateOf(time.Now())}
	work, err := c.configuredOr(cmd.Flags().Changed, question.Today)
	if err != nil {
		return err
	}
	advice, err := c.readAdvice()
	if err != nil {
		return err
	}
	if c.task == "" {
		return usage("name one with --task, such as --task chat; costping choose --help lists them", "there is no task to choose for")
	}
	if question.Task, err = advice.Task(c.task); err != nil {
		return err
	}
	if question.Constraints, err = c.limits.parse(); err != nil {
		return err
	}
	held, err := c.held(&question.Constraints)
	if err != nil {
		return err
	}
	window, err := parseWindow(c.window)
	if err != nil {
		return err
	}
	catalog, err := c.catalog()
	if err != nil {
		return err
	}
	field, err := c.candidates(catalog, work, question.Today)
	if err != nil {
		return err
	}
	if field.profile, err = c.profile(); err != nil {
		return err
	}
	if err := c.state(field); err != nil {
		return err
	}
	field.measure(c.app, window, c.models == nil && c.list == "", question.Constraints.Needs)
	choice := advice.Choose(catalog, question, field.list)
	choice.Notes = append(append(choice.Notes, held...), field.notes...)
	return c.print(choice, work, format)
}

// readAdvice is the file that was named, else what is built in.
func (c *chooseCommand) readAdvice() (*costmodel.Advice, error) {
	if c.advice == "" {
		return costmodel.DefaultAdvice(), nil
	}
	file, err := os.Open(c.advice)
	if err != nil {
		return nil, usage("costping choose --print-advice prints the built-in one, from which to make your own", "the advice cannot be read: %v", err)
	}
	defer func() { _ = file.Close() }()
	advice, err := costmodel.LoadAdvice(file)
	var bad *costmodel.InputError
	if errors.As(err, &bad) {
		return nil, usage("its form is that of the built-in one, which costping choose --print-advice prints", "%s: %s", c.advice, bad.What)
	}
	return advice, err
}

// parse reads the constraints; what was not given is none.
func (f limitFlags) parse() (costmodel.Constraints, error) {
	var q costmodel.Constraints
	for _, part := range []struct {
		flag, text string
		read       func(flag, text string) error
	}{
		{"max-ttft-p95", f.maxTTFT, func(flag, text string) error {
			d, err := time.ParseDuration(text)
			if err != nil || d <= 0 {
				return usage("give a duration above 0, such as 800ms or 1.5s", "--%s cannot be %q", flag, text)
			}
			ms := probe.Milliseconds(d)
			q.MaxTTFTp95 = &ms
			return nil
		}},
		{"min-throughput", f.minThroughput, func(flag, text string) error {
			v, err := above0(flag, text)
			q.MinSpeed = &v
			return err
		}},
		{"max-malformed", f.maxMalformed, func(flag, text string) error {
			v, err := compare.Ceiling(text)
			q.MaxMalformed = &v
			return hinted(flag, err)
		}},
		{"min-quality", f.minQuality, func(flag, text string) error {
			v, err := costmodel.ParseFraction(text)
			q.MinQuality = &v
			return hinted(flag, err)
		}},
		{"min-context", f.minContext, func(flag, text string) (err error) {
			q.MinContext, err = costmodel.ParseTokens(text)
			return hinted(flag, err)
		}},
		{"max-monthly", f.maxMonthly, func(flag, text string) error {
			v, err := costmodel.ParseUSD(text)
			q.MaxMonthly = &v
			return hinted(flag, err)
		}},
	} {
		if part.text == "" {
			continue
		}
		if err := part.read(part.flag, part.text); err != nil {
			return q, err
		}
	}
	for _, word := range f.needs {
		feature, err := costmodel.ParseFeature(word)
		if err != nil {
			return q, hinted("needs", err)
		}
		q.Needs = append(q.Needs, feature)
	}
	return q, nil
}

// parseWindow reads a duration, in days too.
func parseWindow(text string) (time.Duration, error) {
	const longest = 10 * 366 * 24 * time.Hour
	d, err := time.ParseDuration(text)
	if days, inDays := strings.CutSuffix(text, "d"); inDays {
		d, err = time.ParseDuration(days + "h")
		d = min(d, longest) * 24 // more would overflow
	}
	if err != nil || d <= 0 || d > longest {
		return 0, usage("give a duration such as 24h or 7d", "--window cannot be %q", text)
	}
	return d, nil
}

// print writes the choice.
func (c *chooseCommand) print(choice costmodel.Choice, work costmodel.Workload, format report.Format) error {
	if format == report.JSON {
		return writeJSON(c.stdout, chooseDocument(choice, work))
	}
	most := 10
	if c.all || format == report.CSV {
		most = len(choice.Ranking) + len(choice.NotShown) + len(choice.Excluded)
	}
	table := chooseTable(choice, most)
	table.Width = c.lineWidth()
	if format == report.CSV {
		return table.Write(c.stdout, format)
	}
	if err := c.head(choice, work); err != nil {
		return err
	}
	if err := table.Write(c.stdout, format); err != nil {
		return err
	}
	return c.tail(choice, most)
}
