package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"time"

	"costping/store"
	"costping/ui/compare"
	"costping/ui/report"

	"github.com/spf13/cobra"
)

// checkFile is the hidden command that reads a database in a process of its own: a
// damaged one may end it.
const checkFile = "check-file"

func newHistoryCheckFile(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     checkFile + " PATH",
		Short:   "Read all of a history's database file, in a process of its own",
		Example: "  costping history verify",
		Hidden:  true,
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			ctx, stop := interruptible(context.Background())
			defer stop()
			return json.NewEncoder(a.stdout).Encode(store.CheckFile(ctx, args[0]))
		},
	}
}

func newHistoryVerify(a *app) *cobra.Command {
	salvage := false
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Check all of the history, and read out of a damaged one what can be read",
		Long: "verify reads all of the history, in a process of its own, and says what is wrong with it. It changes nothing.\n\n" +
			"With --salvage, and where something is wrong, the damaged file is moved aside, with the date in its name, and\n" +
			"all that can still be read of it is written into a new history in its place. Nobody may be using it then.",
		Example: "  costping history verify\n  costping history verify --salvage",
		Args:    a.noArgs,
		RunE: func(*cobra.Command, []string) error {
			format, err := a.format()
			if err != nil {
				return err
			}
			if err := a.hasHistory(); err != nil {
				return err
			}
			ctx, stop := interruptible(context.Background())
			defer stop()
			program, err := os.Executable()
			if err != nil {
				return failed("", "finding this program: %v", err)
			}
			bar := newProgress(a.stderr)
			bar.say("reading the history")
			found, err := store.Verify(ctx, a.historyDir(), func(ctx context.Context, path string) *exec.Cmd {
				return exec.CommandContext(ctx, program, "history", checkFile, path)
			})
			bar.done()
			if err != nil {
				return unopened(err)
			}
			return a.verified(ctx, found, format, salvage)
		},
	}
	a.outputFlag(cmd)
	cmd.Flags().BoolVar(&salvage, "salvage", false, "move a damaged history aside and read what can be read into a new one")
	return cmd
}

// verified prints what was found, and salvages where that is asked for.
func (a *app) verified(ctx context.Context, found store.Report, format report.Format, salvage bool) error {
	if err := a.printReport(found, format); err != nil {
		return err
	}
	if found.OK() {
		return nil
	}
	if !salvage {
		return failed("costping history verify --salvage keeps the file and reads out of it what can be read", "the history is damaged")
	}
	aside, err := store.MoveAside(a.historyDir())
	if err != nil {
		return unopened(err)
	}
	done, err := store.Salvage(ctx, aside, a.historyDir())
	if err != nil {
		return failed("the damaged file is "+aside+"; nothing of it was changed", "salvaging ended early: %v", err)
	}
	fmt.Fprintf(a.stderr, "%s of %s, %s, %s and the spending of %s read out of %s\n",
		compare.Plural(done.Samples, "sample"), compare.Plural(done.Series, "target"), compare.Plural(done.Rollups, "rollup"),
		compare.Plural(done.Notes, "note"), compare.Plural(done.Days, "day"), oneLine(aside))
	if done.Unnamed > 0 {
		fmt.Fprintf(a.stderr, "%s lost their names\n", compare.Plural(done.Unnamed, "target"))
	}
	return nil
}

func (a *app) printReport(found store.Report, format report.Format) error {
	if format == report.JSON {
		return writeJSON(a.stdout, struct {
			Schema string `json:"schema"`
			OK     bool   `json:"ok"`
			store.Report
		}{"costping.verify/1", found.OK(), found})
	}
	verdict := "nothing is wrong"
	if !found.OK() {
		verdict = "damaged"
	}
	out := report.Table{
		Columns: []report.Column{
			{Title: "HISTORY", Key: "verdict"},
			{Title: "SAMPLES", Key: "samples", Right: true},
			{Title: "ROLLUPS", Key: "rollups", Right: true},
			{Title: "NOTES", Key: "notes", Right: true},
			{Title: "LEDGER", Key: "ledger", Right: true},
			{Title: "DAMAGED", Key: "damaged", Right: true},
		},
		Rows: [][]report.Cell{{
			{Text: verdict, Raw: verdict}, numberCell(found.Samples), numberCell(found.Rollups), numberCell(found.Notes), numberCell(found.Ledger), numberCell(found.Damaged),
		}},
	}
	if err := out.Write(a.stdout, format); err != nil {
		return err
	}
	for _, problem := range found.Problems {
		fmt.Fprintln(a.stderr, oneLine(problem))
	}
	return nil
}

func numberCell(n int) report.Cell { return report.Cell{Text: compare.Count(n), Raw: fmt.Sprint(n)} }

func newHistoryCompact(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "compact",
		Short:   "Write the history's database anew without its gaps",
		Long:    "compact writes the history's database anew without the gaps that pruning leaves. Others wait meanwhile; nothing is lost.",
		Example: "  costping history compact",
		Args:    a.noArgs,
		RunE: func(*cobra.Command, []string) error {
			return a.withHistory(func(ctx context.Context, h store.History) error {
				bar := newProgress(a.stderr)
				bar.say("writing the history anew")
				done, err := h.Compact(ctx)
				bar.done()
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(a.stdout, "%s, before it was %s\n", shownBytes(done.After), shownBytes(done.Before))
				return err
			})
		},
	}
}

func newHistoryPrune(a *app) *cobra.Command {
	before := ""
	cmd := &cobra.Command{
		Use:   "prune --before WHEN",
		Short: "Drop old samples of the history; their hours and days stay",
		Long: "prune drops the samples of the history from before a time, by whole hours. What they come to by the hour and day\n" +
			"stays for good. " +
			"Who owns the history does this by itself for what is older than 30 days. compact\n" +
			"gives the room back to the disk.",
		Example: "  costping history prune --before 7d\n  costping history prune --before 2026-01-31",
		Args:    a.noArgs,
		RunE: func(*cobra.Command, []string) error {
			if before == "" {
				return usage("such as --before 30d, or a day", "say from before when samples are dropped, with --before")
			}
			at, err := moment("before", before, time.Now())
			if err != nil {
				return err
			}
			return a.withHistory(func(ctx context.Context, h store.History) error {
				n, err := h.Prune(ctx, at)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(a.stdout, "%s from before %s dropped\n", compare.Plural(n, "sample"), shownTime(at))
				return err
			})
		},
	}
	cmd.Flags().StringVar(&before, "before", "", "a day, a time, or how long ago (30d)")
	return cmd
}
