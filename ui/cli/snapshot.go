package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/store"
	"costping/ui/compare"
	"costping/ui/config"
	"costping/ui/monitor"
	"costping/ui/report"
	"costping/ui/report/snapshot"

	"github.com/spf13/cobra"
)

// recordFlags are what a record is taken of.
type recordFlags struct {
	workloadFlags
	window, label, note string
}

func (f *recordFlags) add(cmd *cobra.Command, a *app) {
	f.workloadFlags.add(cmd, a)
	a.historyFlag(cmd)
	cmd.Flags().StringVar(&f.window, "window", "24h", "how far back the measurements go, such as 24h or 7d")
	cmd.Flags().StringVar(&f.label, "label", "", "where was measured from, in your words; no host name is ever written")
}

// prepared is what is known before the history is opened.
type prepared struct {
	config   config.Config
	catalog  *costmodel.Catalog
	workload costmodel.Workload
	window   time.Duration
	limits   []compare.Limit
	now      time.Time
	// name is what the workload is called, "" for nothing.
	name string
}

// prepare checks the flags and reads what they name.
func (f *recordFlags) prepare(changed func(string) bool) (p prepared, err error) {
	p.now = time.Now().Truncate(time.Second).Add(time.Second) // what was measured just now is in it
	if p.window, err = parseWindow(f.window); err != nil {
		return p, err
	}
	if p.window < time.Minute {
		return p, usage("give a minute at least, such as 24h", "--window %s is too short", f.window)
	}
	if p.config, err = f.settings.configuration(); err != nil {
		return p, err
	}
	if p.workload, err = f.workloadOr(p.config, changed, costmodel.DateOf(p.now)); err != nil {
		return p, err
	}
	p.name, p.limits = f.name(changed), p.config.Limits
	p.catalog, err = f.settings.catalog()
	return p, err
}

// take makes the record.
func (f *recordFlags) take(ctx context.Context, h store.History, p prepared) (*snapshot.Record, error) {
	from := p.now.Add(-p.window)
	window, err := h.Window(ctx, store.Query{From: from, To: p.now})
	if err != nil {
		return nil, err
	}
	today := costmodel.DateOf(p.now)
	tool, _, _ := strings.Cut(versionLine(), " go1") // the machine is nobody's business
	in := snapshot.Input{
		WorkloadName: p.name,
		From:         from, To: p.now, Now: p.now, Place: f.label, Note: f.note, Tool: tool, SLO: p.config.SLO, Catalog: p.catalog,
		Compare: compare.Input{Workload: p.workload, Today: today, Limits: p.limits},
	}
	seen := map[string]bool{}
	for _, t := range p.config.Targets {
		seen[t.Name] = true
		in.Compare.Candidates = append(in.Compare.Candidates, monitor.Candidate(t, p.catalog, today))
	}
	in.Compare.Candidates = append(in.Compare.Candidates, foundInWindow(window, p.catalog, today, seen)...)
	if len(in.Compare.Candidates) == 0 {
		return nil, failed("probe first, or configure targets; costping monitor --help says how", "there is nothing to take a snapshot of")
	}
	if in.Place == "" && allLoopback(window) {
		in.Place = "loopback"
	}
	return snapshot.Take(ctx, h, in)
}

// allLoopback reports whether all that was measured is on this machine.
func allLoopback(w store.Window) bool {
	for _, s := range w.Series {
		if !(probe.Target{BaseURL: s.Series.BaseURL}).Loopback() {
			return false
		}
	}
	return len(w.Series) > 0
}

type snapshotCommand struct {
	*app
	recordFlags
	files []string
	o     report.Options
}

func newSnapshot(a *app) *cobra.Command {
	s := &snapshotCommand{app: a}
	cmd := &cobra.Command{
		Use:   "snapshot",
		Short: "A file of what was measured and what it costs, for a review",
		Long: "snapshot writes what was measured, at which prices, for which workload, and how sure it is: as the record itself\n" +
			"(JSON), or as a rendering of it. The ending of a file's name says which: " + report.SnapshotFormats() + ".\n" +
			"Markdown is a decision in at most 25 lines; HTML is one page that asks nobody for anything and whose sliders\n" +
			"turn the workload. Without -f the text is printed. No key, header, host name or path is in any of them.\n\n" +
			"Its workload is that of the flags, else the first of the configuration; its limits are those of the configuration.",
		Example: "  costping snapshot -f review.md -f review.html --note \"chat assistant\"\n" +
			"  costping snapshot -f approved.json --window 7d --label office-fra\n" +
			"  costping snapshot --volume \"100k messages/month\" --in 500 --out 200 -f review.md --embed",
		Args: a.noArgs,
		RunE: s.run,
	}
	s.add(cmd, a)
	a.outputFlag(cmd)
	f := cmd.Flags()
	f.StringArrayVarP(&s.files, "file", "f", nil, "write to this file, in the format of its ending (repeatable)")
	f.StringVar(&s.note, "note", "", "a sentence to stand in it")
	f.BoolVar(&s.o.Embed, "embed", false, "append the record to Markdown, so that costping open takes what was pasted")
	f.BoolVar(&s.o.Force, "force", false, "replace files that are there")
	return cmd
}

func (s *snapshotCommand) run(cmd *cobra.Command, _ []string) error {
	format, err := s.format()
	if err != nil {
		return err
	}
	if err := s.checkFiles(); err != nil {
		return err
	}
	p, err := s.prepare(cmd.Flags().Changed)
	if err != nil {
		return err
	}
	return s.withHistory(func(ctx context.Context, h store.History) error {
		r, err := s.take(ctx, h, p)
		if err != nil {
			return err
		}
		if len(s.files) == 0 {
			return s.printRecord(ctx, r, format)
		}
		s.o.Record = recordIn(s.files)
		for _, file := range s.files {
			if err := report.Write(ctx, r, file, s.o); err != nil {
				return unwritten(err)
			}
			fmt.Fprintf(s.stderr, "wrote %s\n", oneLine(file))
		}
		return nil
	})
}

// recordIn is the first of the files that costping open takes, "" for none.
func recordIn(files []string) string {
	for _, file := range files {
		if end := strings.ToLower(filepath.Ext(file)); end == ".json" || end == ".html" || end == ".htm" {
			return probe.Sanitize(filepath.Base(file), maxFileName)
		}
	}
	return ""
}

// maxFileName bounds a name that is printed in a file, in bytes: it is what file
// systems take.
const maxFileName = 255

// checkFiles refuses files that could not be written, before any work is done.
func (s *snapshotCommand) checkFiles() error {
	seen := map[string]bool{}
	for _, file := range s.files {
		if seen[file] {
			return usage("name each file once", "%s is named twice", file)
		}
		seen[file] = true
		if err := report.CheckPath(file, s.o); err != nil {
			return unwritten(err)
		}
	}
	return nil
}

// unwritten is the error of a file that is not written.
func unwritten(err error) error {
	switch {
	case errors.Is(err, report.ErrFormat):
		return usage("the endings are "+report.SnapshotFormats(), "%v", err)
	case errors.Is(err, report.ErrExists):
		return usage("name another file, or replace it with --force", "%v", err)
	case errors.Is(err, report.ErrPlace):
		return usage("name a file in a folder that can be written to", "%v", err)
	}
	return err
}

// printRecord writes a record to standard output.
func (s *snapshotCommand) printRecord(ctx context.Context, r *snapshot.Record, format report.Format) error {
	name := string(format)
	if format == report.Text {
		name = "txt"
	}
	text, err := report.Render(ctx, r, name, s.o)
	if err != nil {
		return err
	}
	_, err = s.stdout.Write(text)
	return err
}
