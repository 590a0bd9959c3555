package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/store"
	"costping/ui/compare"
	"costping/ui/report"

	"github.com/spf13/cobra"
)

// historySchema is the version of the document of history info.
const historySchema = "costping.history/1"

func newHistory(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "history",
		Short: "Look after the history of what was probed",
		Long: "history looks after the history of what was probed: it tells its size, moves it to another machine, checks it,\n" +
			"and makes it smaller. All of it may be done while others probe or look on.",
		Example: "  costping history info\n  costping history export -f probes.jsonl\n  costping history verify",
		Args:    a.noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	a.historyFlag(cmd)
	// What the commands below share is a flag of this one.
	cmd.PersistentFlags().AddFlag(cmd.Flags().Lookup("history"))
	cmd.AddCommand(newHistoryInfo(a), newHistoryExport(a), newHistoryImport(a), newHistoryVerify(a), newHistoryCompact(a),
		newHistoryPrune(a), newHistoryBackup(a), newHistoryCheckFile(a))
	return cmd
}

// withHistory opens the history that there is, runs do with it and closes it. An
// interruption ends do.
func (a *app) withHistory(do func(ctx context.Context, h store.History) error) error {
	if err := a.hasHistory(); err != nil {
		return err
	}
	return a.withAnyHistory(do)
}

// withAnyHistory is withHistory, and makes one where there is none.
func (a *app) withAnyHistory(do func(ctx context.Context, h store.History) error) (err error) {
	ctx, stop := interruptible(context.Background())
	defer stop()
	h, err := store.Open(a.historyDir())
	if err != nil {
		return unopened(err)
	}
	defer func() {
		if closed := h.Close(); err == nil {
			err = closed
		}
	}()
	return do(ctx, h)
}

// hasHistory reports that there is none.
func (a *app) hasHistory() error {
	there, err := store.Exists(a.historyDir())
	if err != nil {
		return unopened(err)
	}
	if !there {
		return failed("name its folder with --history DIR; costping monitor, probe and the dashboard make one",
			"there is no history in %s", a.historyDir())
	}
	return nil
}

// historyInfo is the document of history info.
type historyInfo struct {
	Schema   string     `json:"schema"`
	Path     string     `json:"path"`
	OwnerPID int        `json:"owner_pid"`
	Role     string     `json:"role"`
	Format   int        `json:"format"`
	Samples  int        `json:"samples"`
	Series   int        `json:"series"`
	From     *time.Time `json:"from"`
	To       *time.Time `json:"to"`
	RawFrom  *time.Time `json:"raw_from"`
	Bytes    int64      `json:"bytes"`
	// Unsaved counts the samples that wait for the disk, Why says what is wrong.
	Unsaved int    `json:"unsaved"`
	Why     string `json:"unsaved_why,omitempty"`
}

func newHistoryInfo(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "info",
		Short:   "Describe the history: its samples, size and owner",
		Example: "  costping history info\n  costping history info -o json",
		Args:    a.noArgs,
		RunE: func(*cobra.Command, []string) error {
			format, err := a.format()
			if err != nil {
				return err
			}
			return a.withHistory(func(ctx context.Context, h store.History) error {
				info, err := h.Info(ctx)
				if err != nil {
					return err
				}
				return a.printInfo(info, h.Role(), format)
			})
		},
	}
	a.outputFlag(cmd)
	return cmd
}

func (a *app) printInfo(info store.Info, role store.Role, format report.Format) error {
	doc := historyInfo{
		Schema: historySchema, Path: info.Path, OwnerPID: info.OwnerPID, Role: role.String(), Format: info.Format,
		Samples: info.Samples, Series: info.Series, From: someTime(info.From), To: someTime(info.To), RawFrom: someTime(info.RawFrom),
		Bytes: info.Bytes, Unsaved: info.Unsaved, Why: info.UnsavedWhy,
	}
	if format == report.JSON {
		return writeJSON(a.stdout, doc)
	}
	out := report.Table{Columns: []report.Column{{Title: "HISTORY", Key: "field"}, {Title: "", Key: "value"}}}
	add := func(name, key, text, raw string) {
		cell := report.Cell{Text: name, Raw: key}
		out.Rows = append(out.Rows, []report.Cell{cell, {Text: text, Raw: raw}})
	}
	add("file", "path", info.Path, info.Path)
	owner := "this command alone"
	if !role.Owner {
		owner = fmt.Sprintf("pid %d", info.OwnerPID)
	}
	add("owner", "owner_pid", owner, strconv.Itoa(info.OwnerPID))
	add("format", "format", strconv.Itoa(info.Format), strconv.Itoa(info.Format))
	add("samples", "samples", compare.Count(info.Samples), strconv.Itoa(info.Samples))
	add("series", "series", compare.Count(info.Series), strconv.Itoa(info.Series))
	add("from", "from", shownTime(info.From), rawTime(info.From))
	add("to", "to", shownTime(info.To), rawTime(info.To))
	add("raw samples from", "raw_from", shownTime(info.RawFrom), rawTime(info.RawFrom))
	add("size", "bytes", shownBytes(info.Bytes), strconv.FormatInt(info.Bytes, 10))
	if info.Unsaved > 0 {
		add("waiting for the disk", "unsaved", compare.Plural(info.Unsaved, "sample")+": "+info.UnsavedWhy, strconv.Itoa(info.Unsaved))
	}
	return out.Write(a.stdout, format)
}

func someTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func shownTime(t time.Time) string {
	if t.IsZero() {
		return compare.Unknown
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

func rawTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// shownBytes is a length in the largest unit that keeps a digit before the point.
func shownBytes(n int64) string {
	const step = 1024
	if n < step {
		return strconv.FormatInt(n, 10) + " B"
	}
	size, units := float64(n)/step, []string{"KiB", "MiB", "GiB", "TiB"}
	for size >= step && len(units) > 1 {
		size, units = size/step, units[1:]
	}
	return strconv.FormatFloat(size, 'f', 1, 64) + " " + units[0]
}

// moment reads a day, a time, or how long ago: "2026-01-31", "2026-01-31T12:00:00Z",
// "36h", "30d".
func moment(flag, text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n >= 0 && n <= 100*366 {
			return now.AddDate(0, 0, -n), nil
		}
	}
	if ago, err := time.ParseDuration(text); err == nil && ago >= 0 {
		return now.Add(-ago), nil
	}
	if day, err := costmodel.ParseDate(text); err == nil {
		return day.Time(), nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	return time.Time{}, usage("give a day such as 2026-01-31, a time such as 2026-01-31T12:00:00Z, or how long ago, such as 36h or 30d",
		"--%s %q is no time", flag, probe.Sanitize(text, 60))
}
