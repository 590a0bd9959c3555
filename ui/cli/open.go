package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"costping/costmodel"
	"costping/store"
	"costping/ui/compare"
	"costping/ui/dashboard"
	"costping/ui/report"
	"costping/ui/report/snapshot"

	"github.com/spf13/cobra"
)

type openCommand struct {
	*app
	printed bool
}

func newOpen(a *app) *cobra.Command {
	o := &openCommand{app: a}
	cmd := &cobra.Command{
		Use:   "open FILE",
		Short: "A snapshot in the dashboard, read-only, with all knobs alive",
		Long: "open shows a snapshot in the dashboard: the record itself, or one that is embedded in Markdown or HTML. No key is\n" +
			"needed, nothing is probed, and the file is not changed. Prices and retirements are as they were on its day.",
		Example: "  costping open approved.json\n  costping open review.html\n  costping open review.md --plain",
		Args:    a.files(1),
		RunE:    o.run,
	}
	a.baselineFlag(cmd)
	cmd.Flags().BoolVar(&o.printed, "plain", false, "no screen: print it")
	return cmd
}

// files wants so many names of files.
func (a *app) files(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == n {
			return nil
		}
		what := "one snapshot"
		if n == 2 {
			what = "two snapshots"
		}
		return usage("run "+cmd.CommandPath()+" --help", "%s takes %s, got %d", cmd.CommandPath(), what, len(args))
	}
}

// load reads a snapshot.
func (a *app) load(path string) (*snapshot.Record, error) {
	r, err := snapshot.Load(path)
	switch {
	case err == nil:
	case errors.Is(err, snapshot.ErrNewer):
		return nil, failed("update costping", "%v", err)
	case errors.Is(err, snapshot.ErrNone):
		return nil, failed("name a file that costping snapshot wrote: JSON, HTML, or Markdown with --embed", "%v", err)
	case errors.Is(err, snapshot.ErrCut), errors.Is(err, snapshot.ErrDamaged):
		return nil, failed("take it again with costping snapshot", "%v", err)
	default:
		return nil, failed("name a file that costping snapshot wrote", "%v", err)
	}
	for _, doubt := range r.Doubts {
		fmt.Fprintf(a.stderr, "warning: %s\n", oneLine(doubt))
	}
	return r, nil
}

func (o *openCommand) run(_ *cobra.Command, args []string) error {
	look, err := o.theme()
	if err != nil {
		return err
	}
	r, err := o.load(args[0])
	if err != nil {
		return err
	}
	if why := o.noTerminal(); why != "" && !o.printed {
		return usage("costping open FILE --plain prints it", "the dashboard needs a terminal that can draw: %s", why)
	}
	var drifts *compare.Drifts
	approved, err := o.approved()
	if err != nil {
		return err
	}
	if approved != nil { // of the record as it is, whatever the knobs
		if _, drifts, err = approved.Beside(r); err != nil {
			return err
		}
	}
	ctx, stop := interruptible(context.Background())
	defer stop()
	if o.printed {
		return o.print(ctx, r, drifts)
	}
	in, err := r.Input()
	if err != nil {
		return err
	}
	opened := time.Now()
	options := dashboard.Options{
		History: r.History(), Recorded: r.Recorded, Sets: []dashboard.Set{{Name: "snapshot of " + r.TakenAt.Format("2006-01-02 15:04 UTC"), Candidates: in.Candidates}},
		Workloads: []dashboard.Workload{{Name: cmp.Or(r.Workload.Name, "snapshot's"), Workload: in.Workload}}, Limits: in.Limits,
		Catalog: costmodel.Default(), Advice: costmodel.DefaultAdvice(), Hardware: costmodel.DefaultHardware(), Pipelines: costmodel.PipelinePresets(),
		Window: r.Window.To.Sub(r.Window.From), Demo: r.Demo, Theme: look, ReadOnly: snapshot.ErrReadOnly.Error(),
		// The day is that of the snapshot: what was retired then, and how old a sample was.
		Now: func() time.Time { return r.TakenAt.Add(time.Since(opened)) },
	}
	for _, p := range costmodel.Presets() {
		p.Workload.DaysPerMonth = in.Workload.DaysPerMonth
		options.Workloads = append(options.Workloads, dashboard.Workload{Name: p.Name, Workload: p.Workload})
	}
	if drifts != nil {
		options.Drift = func(context.Context, store.History, []compare.Candidate, time.Time) (*compare.Drifts, error) {
			return drifts, nil
		}
	}
	if r.Place != "" {
		options.Place = "from " + r.Place
	}
	_, err = o.show(ctx, options)
	return err
}

// print writes the snapshot as text, and a line a model on what has drifted.
func (o *openCommand) print(ctx context.Context, r *snapshot.Record, drifts *compare.Drifts) error {
	text, err := report.Render(ctx, r, "txt", report.Options{})
	if err != nil {
		return err
	}
	if _, err := o.stdout.Write(text); err != nil || drifts == nil {
		return err
	}
	fmt.Fprintln(o.stdout)
	for _, row := range r.Rows {
		if _, err := fmt.Fprintf(o.stdout, "%s: %s\n", row.Target, drifts.Targets[row.Target].Text); err != nil {
			return err
		}
	}
	return nil
}
