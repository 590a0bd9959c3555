package cli

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"

	"costping/costmodel/spelling"
	"costping/probe"
	"costping/ui/config"
	"costping/ui/facts"
	"costping/ui/pricebook"
	"costping/ui/report"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Run runs one command line and returns the exit code.
func Run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	app := &app{stdin: stdin, stdout: stdout, stderr: stderr}
	root := app.root()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	return exitCode(stderr, execute(root))
}

// execute runs the command; a panic is an error like others.
func execute(root *cobra.Command) (err error) {
	defer probe.Recover(func(crash error) { err = crash })
	return root.Execute()
}

// app is what commands share: the streams and the common flags.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer

	colour  string
	ascii   bool
	glyphs  string
	plain   bool
	palette string
	config  string
	history string
	// baseline is a file with the snapshot that was approved, "" for none.
	baseline string
	output   string
}

// root is the command without a name: the dashboard.
func (a *app) root() *cobra.Command {
	d := &dashboardCommand{app: a}
	cmd := &cobra.Command{
		Use:   "costping",
		Short: "Latency and cost of language models, side by side, for your workload",
		Long: "costping shows what language models cost for your workload and how fast they are, measured from here.\n\n" +
			"Without a command it opens the dashboard and probes the configured targets while it is open, within the\n" +
			"budget of the day ($1.00 if the configuration names no other). Without any it shows prices from the\n" +
			"catalog, and speeds as far as they were probed. To see it with figures and no key: costping demo.\n" +
			"To begin with what is on this machine: costping init.",
		Example: "  costping demo\n" +
			"  costping init\n" +
			"  costping cost --list reference --volume 10M/day --split 75/25\n" +
			"  costping probe --base-url https://api.openai.com/v1 --model gpt-4o-mini --key-env OPENAI_API_KEY",
		Args:          a.noArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		// A file that was named is checked also by what has no use for it.
		PersistentPreRunE: func(*cobra.Command, []string) error {
			if a.config == "" {
				return nil
			}
			_, err := a.configuration()
			return err
		},
		RunE: d.run,
	}
	cmd.PersistentFlags().StringVar(&a.colour, "color", "auto", "colour: auto, always or never")
	cmd.PersistentFlags().BoolVar(&a.ascii, "ascii", false, "keep to ASCII characters in the dashboard and in what probe prints")
	cmd.PersistentFlags().StringVar(&a.glyphs, "glyphs", "auto", "characters of charts and marks: auto, unicode, block or ascii")
	cmd.PersistentFlags().StringVar(&a.palette, "theme", "auto", "colours of the dashboard: auto, dark, light, high-contrast or colour-blind")
	cmd.PersistentFlags().StringVar(&a.config, "config", "", "configuration file (default: config.toml in the user's costping folder)")
	cmd.SetFlagErrorFunc(flagError)
	cmd.Version = versionLine()
	cmd.SetVersionTemplate("{{.Version}}\n")
	cmd.SuggestionsMinimumDistance = 2
	d.flags(cmd)
	cmd.AddCommand(
		newInit(a), newDemo(a), newProbe(a), newMonitor(a), newEval(a),
		newCost(a), newChoose(a), newSelfhost(a), newCatalog(a),
		newSnapshot(a), newOpen(a), newDiff(a), newCheck(a), newStatus(a),
		newHistory(a), newSimulate(a), newVersion(a),
	)
	a.ownDefaults(cmd)
	return cmd
}

// flagError is what a flag is wrong with, in words.
func flagError(c *cobra.Command, err error) error {
	hint := "run " + c.CommandPath() + " --help for the flags"
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) {
		var names []string
		c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		if near := spelling.Nearest(unknown.GetSpecifiedName(), names, 1); len(near) > 0 && len(unknown.GetSpecifiedName()) > 1 {
			hint = "did you mean --" + near[0] + "? " + hint
		}
	}
	var value *pflag.InvalidValueError
	if !errors.As(err, &value) {
		return usage(hint, "%v", err)
	}
	switch value.GetFlag().Value.Type() {
	case "int":
		hint = "give a whole number"
	case "uint64":
		hint = "give a whole number, 0 or more"
	case "bool":
		hint = "leave the value out"
	}
	return usage(hint, "--%s cannot be %q", value.GetFlag().Name, value.GetValue())
}

// ownDefaults makes the commands that Cobra adds keep the rules of the others:
// what is unknown is an error, and there are examples.
func (a *app) ownDefaults(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "help":
			cmd.Example = "  costping help cost"
			cmd.Args = func(_ *cobra.Command, args []string) error {
				if _, rest, _ := root.Find(args); len(rest) > 0 {
					return unknownCommand(root, rest[0])
				}
				return nil
			}
		case "completion":
			cmd.Example = "  costping completion bash > ~/.local/share/bash-completion/completions/costping"
			cmd.Args = func(_ *cobra.Command, args []string) error {
				if len(args) > 0 {
					return usage("the shells are bash, zsh, fish and powershell", "no completion for %q", args[0])
				}
				return nil
			}
			cmd.RunE = func(*cobra.Command, []string) error { return cmd.Help() }
			for _, shell := range cmd.Commands() {
				shell.Example = "  costping completion " + shell.Name()
				shell.Args = a.noArgs
			}
		}
	}
}

func unknownCommand(root *cobra.Command, name string) error {
	hint := "run costping --help for the commands"
	if near := root.SuggestionsFor(name); len(near) > 0 {
		hint = "did you mean " + strings.Join(near, " or ") + "?"
	}
	return usage(hint, "unknown command %q", name)
}

// noArgs refuses arguments, with what was perhaps meant.
func (a *app) noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if !cmd.HasParent() {
		return unknownCommand(cmd, args[0])
	}
	return usage("run "+cmd.CommandPath()+" --help", "%s takes no arguments, got %q", cmd.CommandPath(), args[0])
}

// configuration reads the person's file, with what they say of its targets in the
// dashboard where it does not; no file is no error.
func (a *app) configuration() (config.Config, error) {
	c, err := config.Load(a.config)
	if err != nil || len(c.Targets) == 0 {
		return c, misconfigured(err)
	}
	book, err := facts.Load(pricebook.Dir())
	if err != nil {
		return c, unreadFacts(err)
	}
	c.Targets = book.Targets(c.Targets)
	return c, nil
}

// unreadFacts gives the error of a file of facts its hint.
func unreadFacts(err error) error {
	return failed("correct the file or move it aside; E in the dashboard begins another", "%v", err)
}

// misconfigured is what a configuration is wrong with, a line a problem.
func misconfigured(err error) error {
	var wrong *config.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wrong):
		lines := make([]string, len(wrong.Problems))
		for i := range lines {
			lines[i] = wrong.Line(i)
		}
		return &failure{code: exitUsage, what: lines[0], more: lines[1:], hint: "correct the file, or name another with --config FILE"}
	}
	return usage("name a file that can be read with --config FILE", "%v", err)
}

// outputFlag adds -o.
func (a *app) outputFlag(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&a.output, "output", "o", string(report.Text), "output format: "+report.Formats)
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(strings.Split(report.Formats, ", "), cobra.ShellCompDirectiveNoFileComp))
}

// format checks -o.
func (a *app) format() (report.Format, error) {
	f, err := report.ParseFormat(a.output)
	if err == nil {
		return f, nil
	}
	hint := "the formats are " + report.Formats
	if strings.ContainsAny(a.output, "./\\") {
		hint += "; for a file, redirect: -o " + formatOf(a.output) + " > " + a.output
	}
	return "", usage(hint, "%v", err)
}

// formatOf is the format that a file name asks for.
func formatOf(name string) string {
	if f, err := report.ParseFormat(strings.TrimPrefix(filepath.Ext(name), ".")); err == nil {
		return string(f)
	}
	return string(report.Markdown)
}

// measuringThreads lets the goroutines that time a stream run at once even while
// others compute: with as many processors as two busy goroutines take, they wait
// some ten milliseconds for a turn.
func measuringThreads() { runtime.GOMAXPROCS(max(8, 4*runtime.NumCPU())) }

// spareMemory collects garbage earlier than Go does by itself, for what stays open for
// days: a quarter of the memory less, for no time that can be measured. What GOGC says
// goes before.
func spareMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50)
	}
}

// colours says whether to use colour on the terminal behind stdout.
func (a *app) colours() (bool, error) {
	switch a.colour {
	case "always":
		return true, nil
	case "never":
		return false, nil
	case "auto":
		return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb", nil
	}
	return false, usage("the choices are auto, always and never", "unknown colour setting %q", a.colour)
}
