package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"costping/probe"
	"costping/ui/monitor"

	"github.com/spf13/cobra"
)

// The forms of a status.
const (
	statusAsPlain      = "plain"
	statusAsTmux       = "tmux"
	statusAsJSON       = "json"
	statusAsPrometheus = "prometheus"
)

var statusFormats = []string{statusAsPlain, statusAsTmux, statusAsJSON, statusAsPrometheus}

type statusCommand struct {
	*app
	form string
	fail bool
}

func newStatus(a *app) *cobra.Command {
	s := &statusCommand{app: a}
	cmd := &cobra.Command{
		Use:   "status",
		Short: "A line on how the targets do, from the small file beside the history",
		Long: "status prints how the targets do: how many fail (✗), are over a limit (▲), are not known (?) and are fine (●),\n" +
			"and the cheapest of them. It reads the small file that whoever probes leaves beside the history, and neither\n" +
			"the network nor the database, so that a status bar can ask every few seconds.\n\n" +
			"It ends with 0 whatever it says; with --fail it ends with 3 unless all is fine: every target\n" +
			"answers, is measured and keeps the limits. A limit that is \"not shown yet\", for it needs more samples, is no\n" +
			"failure here; costping check says which those are.",
		Example: "  costping status\n" +
			"  costping status --format tmux\n" +
			"  costping status --format prometheus > /var/lib/node_exporter/costping.prom\n" +
			"  costping status --fail -o json",
		Args: a.noArgs,
		RunE: s.run,
	}
	a.historyFlag(cmd)
	cmd.Flags().StringVar(&s.form, "format", statusAsPlain, "output format: "+strings.Join(statusFormats, ", "))
	cmd.Flags().StringVarP(&s.form, "output", "o", statusAsPlain, "the same as --format")
	cmd.Flags().BoolVar(&s.fail, "fail", false, "end with 3 unless all is fine")
	for _, flag := range []string{"format", "output"} {
		_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(statusFormats, cobra.ShellCompDirectiveNoFileComp))
	}
	return cmd
}

func (s *statusCommand) run(*cobra.Command, []string) error {
	switch s.form {
	case "table", "text": // as other commands call it
		s.form = statusAsPlain
	case "prom":
		s.form = statusAsPrometheus
	}
	if !slices.Contains(statusFormats, s.form) {
		return usage("the formats are "+strings.Join(statusFormats, ", "), "unknown format %q", probe.Sanitize(s.form, 60))
	}
	now := time.Now()
	f, err := monitor.ReadStatus(s.historyDir(), now)
	none := errors.Is(err, fs.ErrNotExist)
	switch {
	case none:
		f = monitor.StatusFile{Schema: monitor.StatusSchema, Counts: map[monitor.State]int{}, Targets: []monitor.StatusTarget{}}
	case errors.Is(err, monitor.ErrOtherStatus):
		return failed("update costping, or let costping monitor write it anew", "%v", err)
	case err != nil:
		return failed("costping monitor writes it anew", "%v", err)
	}
	if err := s.print(f, now, none); err != nil {
		return err
	}
	if s.fail && !f.Fine(now) {
		return &failure{code: exitBroken}
	}
	return nil
}

func (s *statusCommand) print(f monitor.StatusFile, now time.Time, none bool) (err error) {
	f.Pending = nil // its writer's own affair
	switch {
	case s.form == statusAsJSON:
		return writeJSON(s.stdout, f)
	case s.form == statusAsPrometheus:
		_, err = fmt.Fprint(s.stdout, statusPrometheus(f))
	case none && s.unwatched() && s.form == statusAsTmux:
		_, err = fmt.Fprintln(s.stdout, "- nobody has watched yet")
	case none && s.unwatched():
		_, err = fmt.Fprintln(s.stdout, "-  a history, but nobody has watched it yet: start costping monitor")
	case none && s.form == statusAsTmux:
		_, err = fmt.Fprintln(s.stdout, "- no history yet")
	case none:
		_, err = fmt.Fprintln(s.stdout, "-  no history yet: costping demo, or costping monitor with a configuration")
	case s.form == statusAsTmux:
		_, err = fmt.Fprintln(s.stdout, statusTmux(f, now))
	default:
		_, err = fmt.Fprintln(s.stdout, statusPlain(f, now))
	}
	return err
}

// unwatched reports whether there is a history: single probes leave no status.
func (s *statusCommand) unwatched() bool {
	_, err := os.Stat(filepath.Join(s.historyDir(), historyFile))
	return err == nil
}
