package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"costping/costmodel"
	"costping/ui/config"
	"costping/ui/setup"

	"github.com/spf13/cobra"
)

type initCommand struct {
	*app
	yes, dry bool
	// places and today are where servers are looked for and the day of the catalog;
	// nil and the zero date for the usual ones and this day.
	places []setup.Place
	today  costmodel.Date
}

func newInit(a *app) *cobra.Command { return initWith(&initCommand{app: a}) }

func initWith(i *initCommand) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Find keys and local servers, and write the first configuration",
		Long: "init looks for the keys of known providers in the environment, by the names of the variables alone, and for\n" +
			"local servers on their usual ports of this machine. Of what it finds it chooses a few models, says what\n" +
			"probing them costs and when the first figures stand, and writes a commented configuration once you agree.\n" +
			"It sends nothing to a provider, and never touches a configuration that is there.",
		Example: "  costping init\n  costping init --dry-run\n  costping init --yes --config ./costping.toml",
		Args:    i.noArgs,
		RunE:    i.run,
		// The root would read the file that this is about to write.
		PersistentPreRunE: func(*cobra.Command, []string) error { return nil },
	}
	i.historyFlag(cmd)
	cmd.Flags().BoolVar(&i.yes, "yes", false, "write the file without asking")
	cmd.Flags().BoolVar(&i.dry, "dry-run", false, "print the file and write nothing")
	return cmd
}

// configPath is the configuration's file, whether or not it is there.
func (a *app) configPath() string {
	if a.config != "" {
		return a.config
	}
	return config.DefaultPath()
}

func (i *initCommand) run(*cobra.Command, []string) error {
	if i.yes && i.dry {
		return usage("leave one of them out", "--yes and --dry-run cannot be used together")
	}
	path := i.configPath()
	if !i.dry {
		if err := setup.Free(path); err != nil {
			return taken(err)
		}
	}
	ctx, stop := interruptible(context.Background())
	plan, err := i.plan(ctx)
	stop()
	if err != nil {
		return err
	}
	if i.dry {
		if !plan.Found() {
			return errNothingFound
		}
		_, err := fmt.Fprint(i.stdout, plan.Text())
		return err
	}
	if err := plan.Report(i.stdout); err != nil {
		return err
	}
	if !plan.Found() {
		return errNothingFound
	}
	text := plan.Text()
	switch {
	case i.yes:
		return i.write(path, text)
	case i.noTerminal() != "":
		if _, err := fmt.Fprintf(i.stdout, "\nThis would be written to %s:\n\n%s", shown(path), text); err != nil {
			return err
		}
		return usage("costping init --yes writes it", "nothing was written: there is no terminal to ask on")
	}
	return i.ask(path, text, plan)
}

var errNothingFound = failed("set a key, or start a local server; costping demo needs neither", "nothing was written: there is nothing to probe")

// taken gives the error of a file that is there its hint.
func taken(err error) error {
	if exists := (*setup.ExistsError)(nil); errors.As(err, &exists) {
		return failed("edit it, or name another with --config FILE; costping init --dry-run prints what would be written", "%v", err)
	}
	return err
}

// plan looks around.
func (i *initCommand) plan(ctx context.Context) (setup.Plan, error) {
	catalog, err := i.catalog()
	if err != nil {
		return setup.Plan{}, err
	}
	if i.places == nil {
		i.places = setup.Places()
	}
	if i.today.IsZero() {
		i.today = costmodel.DateOf(time.Now())
	}
	keys, lookedFor := setup.Keys(os.Getenv)
	return setup.NewPlan(catalog, i.today, keys, lookedFor, i.places, setup.Servers(ctx, i.places)), nil
}

// write writes the file and says so.
func (i *initCommand) write(path, text string) error {
	if err := setup.Write(path, text); err != nil {
		return taken(err)
	}
	_, err := fmt.Fprintf(i.stdout, "\nWrote %s. costping opens the dashboard, costping monitor probes without one.\n", shown(path))
	return err
}

// shown is a path with the person's home folder as ~.
func shown(path string) string {
	home, err := os.UserHomeDir()
	if err != nil {
		return path
	}
	if rest, ok := strings.CutPrefix(path, home+string(filepath.Separator)); ok && home != "" {
		return "~" + string(filepath.Separator) + rest
	}
	return path
}

// ask asks whether to write, until the answer is one, and opens the dashboard on what
// was written.
func (i *initCommand) ask(path, text string, plan setup.Plan) error {
	answers := bufio.NewReader(i.stdin)
	for {
		answer, err := i.answer(answers, "\nWrite "+shown(path)+" and open the dashboard? [Y]es, [e]dit, [n]o ")
		if err != nil {
			return err
		}
		switch answer {
		case "", "y", "yes":
			if err := i.accepted(text); err != nil {
				exitCode(i.stderr, err)
				continue
			}
			if err := i.write(path, text); err != nil {
				return err
			}
			return i.openFirst(plan)
		case "n", "no":
			_, err := fmt.Fprintln(i.stdout, "Nothing was written.")
			return err
		case "e", "edit":
			edited, err := i.edit(text)
			if err != nil {
				fmt.Fprintf(i.stderr, "costping: %s\n", oneLine(err.Error()))
				continue
			}
			text = edited
			if err := i.accepted(text); err != nil {
				exitCode(i.stderr, err)
			}
		}
	}
}

// answer asks and reads a line, in lower case. A terminal that is closed gives no
// consent, and ctrl+c none either, from the moment that the question stands there.
func (i *initCommand) answer(from *bufio.Reader, question string) (string, error) {
	ctx, stop := interruptible(context.Background())
	defer stop()
	if _, err := fmt.Fprint(i.stdout, question); err != nil {
		return "", err
	}
	type read struct {
		line string
		err  error
	}
	lines := make(chan read, 1)
	go func() {
		line, err := from.ReadString('\n')
		lines <- read{line, err}
	}()
	select {
	case <-ctx.Done(): // the reading ends with the program
		fmt.Fprintln(i.stdout) // for the prompt of the shell
		return "", errInterrupted
	case got := <-lines:
		if got.err != nil {
			fmt.Fprintln(i.stdout) // likewise
			return "", failed("costping init asks again", "nothing was written: no answer")
		}
		return strings.ToLower(strings.TrimSpace(got.line)), nil
	}
}

// accepted reads the text as every command will.
func (i *initCommand) accepted(text string) error {
	_, err := config.Read(strings.NewReader(text), i.configPath())
	return misconfigured(err)
}

// openFirst opens the dashboard for the first time.
func (i *initCommand) openFirst(plan setup.Plan) error {
	d := &dashboardCommand{app: i.app, notice: plan.Notice()}
	return i.goOn(func() *cobra.Command {
		cmd := &cobra.Command{RunE: d.run}
		d.flags(cmd)
		return cmd
	})
}

// goOn runs another command in this process, without flags of its own. Making it sets
// those that commands share to their defaults.
func (a *app) goOn(command func() *cobra.Command) error {
	history, plain := a.history, a.plain
	cmd := command()
	a.history, a.plain = history, plain
	return cmd.RunE(cmd, nil)
}

// edit lets the person's editor change the text: a file in a folder of its own, that
// others cannot read and that is removed again.
func (i *initCommand) edit(text string) (string, error) {
	folder, err := os.MkdirTemp("", "costping-init-")
	if err != nil {
		return "", fmt.Errorf("making a file to edit: %w", err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	name := filepath.Join(folder, "config.toml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		return "", fmt.Errorf("making a file to edit: %w", err)
	}
	editor := "vi"
	for _, variable := range []string{"EDITOR", "VISUAL"} { // the latter goes first
		if set := os.Getenv(variable); set != "" {
			editor = set
		}
	}
	// The variable may hold arguments, and is read as a shell reads it.
	cmd := exec.CommandContext(context.Background(), "sh", "-c", editor+` "$1"`, "sh", name)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = i.stdin, i.stdout, i.stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("the editor %q failed: %w", editor, err)
	}
	edited, err := os.ReadFile(name)
	if err != nil {
		return "", fmt.Errorf("reading what was edited: %w", err)
	}
	return string(edited), nil
}
