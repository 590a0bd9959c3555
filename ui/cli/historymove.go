package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"costping/store"
	"costping/ui/compare"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"
)

type exportCommand struct {
	*app
	form, file, from, to string
	force                bool
}

func newHistoryExport(a *app) *cobra.Command {
	e := &exportCommand{app: a}
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write the samples of the history as JSON lines or CSV",
		Long: "export writes the samples of the history, to standard output or a file. JSON lines carry all that there is, and\n" +
			"import reads them again, there or on another machine; CSV has a row a sample, for a spreadsheet, and is what a\n" +
			"file called .csv is given. What probing may still cost today is not part of it.",
		Example: "  costping history export -f probes.jsonl\n  costping history export --format csv --from 7d > week.csv",
		Args:    a.noArgs,
		RunE:    e.run,
	}
	cmd.Flags().StringVar(&e.form, "format", "jsonl", "jsonl or csv")
	cmd.Flags().StringVarP(&e.form, "output", "o", "jsonl", "the same as --format")
	cmd.Flags().StringVarP(&e.file, "file", "f", "", "write to this file instead of standard output")
	cmd.Flags().StringVar(&e.from, "from", "", "leave out what is older: a day, a time, or how long ago (30d)")
	cmd.Flags().StringVar(&e.to, "to", "", "leave out what is not older")
	cmd.Flags().BoolVar(&e.force, "force", false, "replace the file where there is one")
	return cmd
}

func (e *exportCommand) run(cmd *cobra.Command, _ []string) error {
	now := time.Now()
	if !cmd.Flags().Changed("format") && !cmd.Flags().Changed("output") && strings.EqualFold(filepath.Ext(e.file), ".csv") {
		e.form = "csv"
	}
	write := store.ExportJSON
	switch e.form {
	case "jsonl", "json":
	case "csv":
		write = store.ExportCSV
	default:
		return usage("the formats are jsonl and csv; for a file, use -f", "unknown format %q", e.form)
	}
	from, err := moment("from", e.from, now)
	if err != nil {
		return err
	}
	to, err := moment("to", e.to, now)
	if err != nil {
		return err
	}
	if !from.IsZero() && !to.IsZero() && !from.Before(to) {
		return usage("exchange the two", "--from %s is not before --to %s", e.from, e.to)
	}
	return e.withHistory(func(ctx context.Context, h store.History) error {
		n, damaged := 0, 0
		export := func(w io.Writer) (err error) {
			n, err = write(ctx, h, w, store.Range{From: from, To: to, Damaged: &damaged})
			return err
		}
		if err := e.writeTo(e.file, e.force, "exported", export); err != nil {
			return err
		}
		fmt.Fprintln(e.stderr, compare.Plural(n, "sample")+" exported")
		if damaged > 0 {
			fmt.Fprintf(e.stderr, "warning: %s left out; costping history verify tells more\n", compare.Plural(damaged, "damaged sample"))
		}
		return nil
	})
}

// writeTo lets write fill a file, which appears when it is whole, or standard output
// where none is named, and shows on a terminal how far that is.
func (a *app) writeTo(name string, force bool, done string, write func(io.Writer) error) (err error) {
	bar := newProgress(a.stderr)
	defer bar.done()
	counted := func(w io.Writer) io.Writer { return &counting{w: w, bar: bar, done: done} }
	if name == "" {
		if isTerminal(a.stdout) { // the lines themselves are on the screen
			return write(a.stdout)
		}
		return write(counted(a.stdout))
	}
	if store.IsPart(a.historyDir(), name) {
		return failed("name another file", "%s belongs to the history itself", name)
	}
	if _, err := os.Lstat(name); err == nil && !force {
		return failed("name another file, or replace it with --force", "there is a file %s already", name)
	}
	f, err := renameio.NewPendingFile(name, renameio.WithStaticPermissions(0o600))
	if err != nil {
		return unwritable(name, err)
	}
	defer func() { _ = f.Cleanup() }() // of what was not finished
	if err := write(counted(f)); err != nil {
		return err
	}
	if err := f.CloseAtomicallyReplace(); err != nil {
		return unwritable(name, err)
	}
	return nil
}

// unwritable is the error of a file that could not be written.
func unwritable(name string, err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return failed("name a file in a folder that can be written", "%s cannot be written: %v", name, err)
}

// sayEvery is how many bytes pass between two looks at how far it is.
const sayEvery = 1 << 18

// counting passes bytes on and says how many those are.
type counting struct {
	w         io.Writer
	r         io.Reader
	bar       *progress
	done      string
	n, saidAt int64
}

func (c *counting) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.count(n)
	return n, err
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.count(n)
	return n, err
}

func (c *counting) count(n int) {
	if c.n += int64(n); c.n-c.saidAt >= sayEvery {
		c.saidAt = c.n
		c.bar.say(shownBytes(c.n) + " " + c.done)
	}
}

func newHistoryImport(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "import FILE",
		Short: "Take the samples of another history in",
		Long: "import takes in what another history exported as JSON lines, from a file or, named -, from standard input. What\n" +
			"is there already is left as it is, so that the same file may be read again.",
		Example: "  costping history import probes.jsonl\n  costping history import -",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("such as costping history import probes.jsonl", "%s takes one file, got %d", cmd.CommandPath(), len(args))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			in, closeIn, err := a.input(args[0])
			if err != nil {
				return err
			}
			defer closeIn()
			return a.withAnyHistory(func(ctx context.Context, h store.History) error {
				bar := newProgress(a.stderr)
				done, err := store.Import(ctx, h, &counting{r: in, bar: bar, done: "read"})
				bar.done()
				if err != nil {
					return err
				}
				return a.printImported(done)
			})
		},
	}
}

// input opens a file, or standard input for "-".
func (a *app) input(name string) (io.Reader, func(), error) {
	if name == "-" {
		return a.stdin, func() {}, nil
	}
	f, err := os.Open(name)
	if err != nil {
		var path *fs.PathError
		if errors.As(err, &path) {
			err = path.Err
		}
		return nil, nil, failed("name a file that costping history export wrote, or - for standard input", "%s cannot be read: %v", name, err)
	}
	return f, func() { _ = f.Close() }, nil // read only
}

func (a *app) printImported(done store.Imported) error {
	text := fmt.Sprintf("%s and %s read, %s new", compare.Plural(done.Samples, "sample"), compare.Plural(done.Notes, "note"),
		compare.Plural(done.Rollups, "rollup"))
	if done.Old > 0 {
		text += fmt.Sprintf("; of %s older than what is kept raw only the rollups", compare.Plural(done.Old, "sample"))
	}
	if _, err := fmt.Fprintln(a.stdout, text); err != nil {
		return err
	}
	if done.Bad > 0 {
		return failed("the file may be cut off or damaged: export it anew", "%s could not be read and were left out, the first is line %d",
			compare.Plural(done.Bad, "line"), done.BadLine)
	}
	return nil
}

func newHistoryBackup(a *app) *cobra.Command {
	force := false
	cmd := &cobra.Command{
		Use:   "backup FILE",
		Short: "Write a copy of the history's database",
		Long: "backup writes a copy of the history's database as of now, while others may write to it. Put into a folder as\n" +
			"history.db it is a history of its own.",
		Example: "  costping history backup /mnt/costping-2026-01-31.db",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("such as costping history backup copy.db", "%s takes one file, got %d", cmd.CommandPath(), len(args))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			return a.withHistory(func(ctx context.Context, h store.History) error {
				var n int64
				err := a.writeTo(args[0], force, "copied", func(w io.Writer) (err error) {
					n, err = h.Backup(ctx, w)
					return err
				})
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(a.stdout, "%s written to %s\n", shownBytes(n), oneLine(args[0]))
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "replace the file where there is one")
	return cmd
}
