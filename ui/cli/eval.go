package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"

	"costping/probe"
	"costping/probe/check"
	"costping/store"
	"costping/ui/compare"
	"costping/ui/config"
	"costping/ui/report"

	"github.com/shopspring/decimal"
	"github.com/spf13/cobra"
)

// evalCommand runs golden tasks on targets. It finds them as probe does.
type evalCommand struct {
	probeCommand
	names    []string
	models   []string // at an endpoint that is not configured
	commands bool
	tasks    []check.Task
}

func newEval(a *app) *cobra.Command {
	e := &evalCommand{probeCommand: probeCommand{app: a}}
	cmd := &cobra.Command{
		Use:   "eval TASKS [--target NAME...] [--base-url URL --model NAME...]",
		Short: "Run your own golden tasks on targets: accuracy, what a correct answer costs, and which is good enough",
		Long: "eval asks your own golden tasks of configured targets, or of models at an endpoint that is not configured,\n" +
			"grades the answers, and compares each two targets\n" +
			"on the tasks that both have answered: the difference in accuracy with its 95 % interval, and whether the\n" +
			"cheaper one is within 5 points, or how many more tasks it would take to tell.\n\n" +
			"TASKS is a file with a line of JSON for each task; - is standard input:\n" +
			"  {\"id\":\"t1\",\"prompt\":\"What is the capital of Peru?\",\"grader\":\"contains\",\"expect\":\"Lima\"}\n\n" +
			"A task may also have system and max_tokens. Graders: exact, normalised (case and punctuation do not\n" +
			"count), contains, regex, number (with tolerance: 0.5, or \"1%\"), json (fields of expect), schema (with\n" +
			"schema), and command (a list such as [\"python3\",\"grade.py\"]: the task and the answer as JSON on its input,\n" +
			"a score from 0 to 1 on its first line; it needs --allow-commands). Without a grader expect says it.\n\n" +
			"Answers are kept by what was asked, of which endpoint and model, with which parameters: what was paid for\n" +
			"once is not paid for again, and is graded anew. Ctrl+c lets what is under way come to its end; the same\n" +
			"command goes on from there.",
		Example: "  costping eval tasks.jsonl --target gpt-4o --target gpt-4o-mini\n" +
			"  costping eval tasks.jsonl --target 'gpt-*' --concurrency 8 -o json\n" +
			"  costping eval tasks.jsonl --base-url http://127.0.0.1:11434/v1 --model llama3.2:3b --target gpt-4o-mini",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("name one file of tasks, such as costping eval tasks.jsonl --target gpt-4o-mini", "eval takes one file, got %d", len(args))
			}
			return nil
		},
		RunE: e.run,
	}
	a.outputFlag(cmd)
	a.historyFlag(cmd)
	f := cmd.Flags()
	f.StringArrayVar(&e.names, "target", nil, "configured target by name or pattern (repeatable)")
	f.StringArrayVar(&e.models, "model", nil, "a model at an endpoint that is not configured, as it names it (repeatable)")
	f.StringVar(&e.adHoc.BaseURL, "base-url", "", "root of that endpoint's API, with its version: https://api.openai.com/v1")
	f.StringVar(&e.adHoc.Provider, "provider", "", "who serves it: the base URL and key variable of "+strings.Join(config.ProviderNames(), ", "))
	f.StringVar(&e.adHoc.KeyEnv, "key-env", "", "variable that holds its API key")
	f.StringVar(&e.price, "price", "", "USD for 1M of its input and 1M of its output tokens: 0.15/0.60 (default: the catalog's)")
	f.IntVar(&e.parallel, "concurrency", 4, "how many requests at once of each target (at most 50 in all)")
	f.StringVar(&e.budget, "budget", "", "most that probing may cost in a UTC day, all commands together: 5.00/day (default: the configuration's, else 1.00/day)")
	f.BoolVar(&e.commands, "allow-commands", false, "run the programs that tasks name as graders")
	_ = cmd.RegisterFlagCompletionFunc("target", e.complete)
	return cmd
}

func (e *evalCommand) run(cmd *cobra.Command, args []string) error {
	format, err := e.format()
	if err != nil {
		return err
	}
	look, err := e.theme()
	if err != nil {
		return err
	}
	e.count = 1
	if err := e.choose(cmd); err != nil {
		return err
	}
	if err := e.read(args[0]); err != nil {
		return err
	}
	history, unopened := store.Open(e.historyDir())
	if history != nil {
		defer func() { _ = history.Close() }()
	}
	enough, ctx, stop := twice(e.stderr)
	defer stop()
	memory, err := remember(ctx, history)
	if err != nil {
		return err
	}
	client := probe.NewClient(probe.Limits{}, e.priced())
	defer client.Close()
	e.meter(client, history)
	run := check.Eval{Tasks: e.tasks, Targets: e.targets, Memory: memory, AtOnce: e.concurrency}
	run.Asker = probe.MeteredAsker(client, e.money, func(err error) { fmt.Fprintf(e.stderr, "warning: %s\n", oneLine(err.Error())) })
	e.foretell(run)

	scores := check.NewScores(e.targets)
	var mu sync.Mutex
	done := 0
	bar := newBar(e.stderr, look, func() status {
		mu.Lock()
		defer mu.Unlock()
		return status{label: compare.Plural(len(e.targets), "target") + " eval", done: done, total: len(e.tasks) * len(e.targets)}
	})
	gaveUp := run.Run(ctx, enough, func(s check.Solved) {
		scores.Add(s)
		mu.Lock()
		done++
		mu.Unlock()
		bar.redraw()
	})
	bar.done()
	for i, why := range gaveUp {
		scores[i].GaveUp = why
	}
	return e.conclude(scores, format, unopened, enough.Err() != nil)
}

// choose takes the configured targets that are named, and the models of the endpoint
// that the flags describe.
func (e *evalCommand) choose(cmd *cobra.Command) error {
	changed := cmd.Flags().Changed
	endpoint := changed("model") || changed("base-url") || changed("provider")
	switch {
	case len(e.names) == 0 && !endpoint:
		return usage("name at least one, better two: --target gpt-4o --target gpt-4o-mini", "give the targets")
	case len(e.models) > 1 && changed("price"):
		return usage("write each its price into the configuration", "--price is for one model, and %d are named", len(e.models))
	case !endpoint && (changed("price") || changed("key-env")):
		return usage("a configured target has both in the file", "--price and --key-env are for a model of --base-url")
	}
	c, err := e.configuration()
	if err != nil {
		return err
	}
	var targets []config.Target
	price := e.price
	if len(e.names) > 0 {
		e.price = "" // it is the endpoint's
		if targets, err = e.probeCommand.choose(&cobra.Command{}, e.names, c); err != nil {
			return err
		}
		e.price = price
	}
	models := e.models
	if endpoint && len(models) == 0 {
		models = []string{""} // which is said to be missing
	}
	for _, model := range models {
		e.adHoc.Model, e.adHoc.Name = model, ""
		t, err := e.endpoint(c)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(targets, func(other config.Target) bool { return other.Name == t.Name }) {
			return usage("leave one of them out", "two targets would be called %s", t.Name)
		}
		targets = append(targets, t)
	}
	e.configured = len(e.names) > 0
	return e.ready(cmd, c, targets)
}

// conclude prints what there is and says what became of the run.
func (e *evalCommand) conclude(scores check.Scores, format report.Format, unopened error, interrupted bool) error {
	if unopened != nil {
		fmt.Fprintf(e.stderr, "warning: not stored, so it would be paid for again: %s\n", oneLine(unopened.Error()))
	}
	answered, graded, why := 0, 0, ""
	for _, s := range scores {
		answered += s.Answered
		graded += s.Accuracy.N
		why = cmp.Or(why, s.GaveUp)
		for _, problem := range s.Problems {
			fmt.Fprintf(e.stderr, "warning: %s: %s\n", s.Target.Name, oneLine(problem))
		}
	}
	if answered > 0 || format == report.JSON || format == report.CSV {
		if err := e.print(format, scores, interrupted); err != nil {
			return err
		}
	}
	switch {
	case interrupted:
		fmt.Fprintf(e.stderr, "interrupted after %d of %s; the same command goes on from there\n", answered, compare.Plural(len(e.tasks)*len(scores), "answer"))
		return errInterrupted
	case answered > 0 && graded == 0:
		return failed("the answers are kept: with a grader that works they are graded without being asked for again", "no answer could be graded")
	case answered == 0:
		return failed("", "no answer came: %s", cmp.Or(oneLine(why), "every request failed"))
	}
	return nil
}

// read reads the tasks.
func (e *evalCommand) read(name string) error {
	input := e.stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return usage("name a file with a line of JSON for each task", "%v", err)
		}
		defer func() { _ = f.Close() }()
		input = f
	}
	var err error
	if e.tasks, err = check.ReadTasks(input); err != nil {
		return usage(`a line is {"id","prompt","grader","expect"}; see costping eval --help`, "%s: %v", probe.Sanitize(name, 200), err)
	}
	if i := slices.IndexFunc(e.tasks, func(t check.Task) bool { return t.NeedsCommand() }); i >= 0 && !e.commands {
		return usage("read the file, and add --allow-commands if you trust what it runs", "task %s is graded by a program", e.tasks[i].ID)
	}
	return nil
}

// foretell says what is asked and what that costs at the most.
func (e *evalCommand) foretell(run check.Eval) {
	var worst decimal.Decimal
	fresh, kept := 0, 0
	for _, t := range run.Targets {
		for i := range run.Tasks {
			if _, there := run.Memory.Find(run.Tasks[i].Key(t)); there {
				kept++
				continue
			}
			fresh++
			q := run.Tasks[i].Question(t)
			worst = worst.Add(e.money.EstimateQuestion(&q))
		}
	}
	bill := "which cost nothing"
	if !worst.IsZero() {
		bill = "at most " + moneyOf(decimal.NewNullDecimal(worst))
		if limit := e.cap.Decimal(); worst.GreaterThan(limit) {
			bill += ", more than the budget of " + report.Money(e.cap) + " a day"
		}
	}
	text := "eval: " + compare.Plural(fresh, "request") + ", " + bill
	if fresh == 0 {
		text = "eval: nothing to ask"
	}
	if kept > 0 {
		text += "; " + compare.Plural(kept, "answer") + " paid for before"
	}
	fmt.Fprintln(e.stderr, text)
}

// twice gives two contexts: the first interruption ends enough, the second ctx.
func twice(stderr io.Writer) (enough, ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	enough, release := interruptible(ctx)
	context.AfterFunc(enough, func() {
		release()
		if ctx.Err() != nil {
			return // the run has ended
		}
		again, _ := interruptible(ctx)
		fmt.Fprintln(stderr, "finishing what is under way; once more to stop at once")
		context.AfterFunc(again, cancel)
	})
	return enough, ctx, func() { cancel(); release() }
}

// shortfall says what of a target is not in its figures.
func shortfall(s *check.Score) string {
	parts := []string{}
	if without := outcomeWords(s.Unanswered); without != "" {
		parts = append(parts, "without an answer: "+without)
	}
	if s.Ungraded > 0 {
		parts = append(parts, compare.Plural(s.Ungraded, "answer")+" not graded")
	}
	if s.GaveUp != "" {
		parts = append(parts, "stopped: "+oneLine(s.GaveUp))
	}
	return strings.Join(parts, "; ")
}
