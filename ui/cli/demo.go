package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/probe/stats"
	"costping/store"
	"costping/ui/compare"
	"costping/ui/config"
	"costping/ui/dashboard"
	"costping/ui/monitor"
	"costping/ui/report"

	"github.com/spf13/cobra"
)

type demoCommand struct {
	*app
	workloadFlags
	once   bool
	rounds int
	seed   uint64
	log    string
}

func newDemo(a *app) *cobra.Command {
	d := &demoCommand{app: a}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "The whole program with no key and no network: simulated models on loopback",
		Long: "demo starts a simulator of eight models on loopback, probes it over real HTTP every 3 s and shows the\n" +
			"dashboard on a temporary history, which it fills with a simulated day first. Every figure comes from the\n" +
			"simulator, and every screen says so. It runs until it is interrupted, with --plain also until nobody\n" +
			"reads it.\n\n" +
			"With --once, or where there is no terminal, it probes back to back on warmed connections instead,\n" +
			"seeds nothing, and prints the comparison.",
		Example: "  costping demo\n  costping demo --once\n  costping demo --once --rounds 80 -o json",
		Args:    a.noArgs,
		RunE:    d.run,
	}
	d.add(cmd, d.app)
	a.outputFlag(cmd)
	a.plainFlag(cmd)
	a.baselineFlag(cmd)
	cmd.Flags().BoolVar(&d.once, "once", false, "measure, print the comparison and end")
	cmd.Flags().IntVar(&d.rounds, "rounds", 10, "probes of each model with --once")
	cmd.Flags().Uint64Var(&d.seed, "seed", 0, "seed of the simulator (0: another each time)")
	cmd.Flags().StringVar(&d.log, "log", "", "write what the simulator really sent to this file, a JSON line a request")
	return cmd
}

func (d *demoCommand) run(cmd *cobra.Command, _ []string) error {
	format, err := d.format()
	if err != nil {
		return err
	}
	workload, err := d.workload(cmd.Flags().Changed, costmodel.DateOf(time.Now()))
	if err != nil {
		return err
	}
	if d.rounds < 1 || d.rounds > 10_000 {
		return usage("give a number from 1 to 10000", "%d rounds cannot be run", d.rounds)
	}
	look, err := d.theme()
	if err != nil {
		return err
	}
	approved, err := d.approved()
	if err != nil {
		return err
	}
	log, closeLog, err := openLog(d.log)
	if err != nil {
		return err
	}
	defer closeLog()
	if d.seed == 0 {
		d.seed = rand.Uint64()
	}
	// From here on an interruption ends what was begun: the history is removed.
	ctx, stop := interruptible(context.Background())
	defer stop()
	measuringThreads()
	demo, err := monitor.NewDemo(d.seed, log)
	if err != nil {
		return err
	}
	if d.once || d.noTerminal() != "" && !d.plain || cmd.Flags().Changed("output") {
		err = d.measure(ctx, demo, workload, format)
	} else {
		o := d.options(costmodel.Default(), config.Default(), workload, d.anyGiven(cmd.Flags().Changed))
		o.Theme, o.Drift, demo.Approved = look, driftOf(approved), approved
		err = d.watch(ctx, demo, o)
	}
	return errors.Join(err, demo.Close())
}

// openLog makes the file of the simulator's log; writer and error are nil
// without a name.
func openLog(name string) (io.Writer, func(), error) {
	if name == "" {
		return nil, func() {}, nil
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, failed("name a file that does not exist yet, in a folder that does", "the log cannot be written: %v", err)
	}
	return f, func() { _ = f.Close() }, nil
}

// watch shows the dashboard over the demo.
func (d *demoCommand) watch(ctx context.Context, demo *monitor.Demo, o dashboard.Options) error {
	now := time.Now()
	if err := demo.SeedDay(ctx, now); err != nil {
		return fmt.Errorf("seeding the demo: %w", err)
	}
	demo.Workload = o.Workloads[0].Workload
	probing := demo.Watch(ctx)
	defer probing.Stop()
	o.History, o.Demo = demo.History, true
	o.Sets, o.Limits = demoSets(demo), monitor.DemoLimits()
	o.Probing, o.Lost, o.Failed, o.Place = probing.Status, probing.Lost, probing.Failed(), "from loopback"
	exports(&o, costmodel.Default(), config.Default())
	if _, err := d.show(ctx, o); err != nil {
		return err
	}
	probing.Stop()
	return d.summary(demo, now)
}

// demoSets are the demo's models, and all others at their prices only.
func demoSets(demo *monitor.Demo) []dashboard.Set {
	today := costmodel.DateOf(time.Now())
	all := slices.Clone(demo.Candidates)
	for _, m := range costmodel.Default().Models() {
		if m.Kind == costmodel.Chat && !slices.ContainsFunc(all, func(c compare.Candidate) bool { return c.Target == m.ID }) {
			all = append(all, monitor.Listed(m, today))
		}
	}
	return []dashboard.Set{{Name: "simulated models", Candidates: demo.Candidates}, {Name: "all models", Candidates: all}}
}

// summary is the line that stays after the screen has closed.
func (d *demoCommand) summary(demo *monitor.Demo, since time.Time) error {
	w, err := demo.History.Window(context.Background(), store.Query{From: since, To: time.Now().Add(time.Second)})
	if err != nil {
		return err
	}
	attempts := 0
	for _, s := range w.Series {
		attempts += s.Attempts()
	}
	_, err = fmt.Fprintf(d.stderr, "demo: %s probes of %d simulated models in %s; nothing was kept and nothing was spent\n",
		compare.Count(attempts), len(demo.Targets), time.Since(since).Round(time.Second))
	return err
}

// measure probes back to back and prints the comparison.
func (d *demoCommand) measure(ctx context.Context, demo *monitor.Demo, workload costmodel.Workload, format report.Format) error {
	start := time.Now()
	bar := newProgress(d.stderr)
	ended, total := 0, d.rounds*len(demo.Targets)
	err := demo.Measure(ctx, d.rounds, func(probe.Sample) {
		ended++
		bar.say(fmt.Sprintf("probing %d simulated models: %d of %d", len(demo.Targets), ended, total))
	})
	bar.done()
	if err != nil {
		return err
	}
	now := time.Now()
	window, err := demo.History.Window(context.Background(), store.Query{From: start.Add(-time.Second), To: now.Add(time.Second)})
	if err != nil {
		return err
	}
	table := compare.Build(compare.Input{
		Candidates: demo.Candidates, Window: window, Workload: workload, Base: workload, Today: costmodel.DateOf(now),
		Limits: monitor.DemoLimits(),
	})
	if err := d.print(table, sentMedians(demo), format); err != nil {
		return err
	}
	if ctx.Err() != nil {
		fmt.Fprintln(d.stderr, "interrupted: n is smaller than was asked for")
		return errInterrupted
	}
	return nil
}

// print writes the comparison. In every format it says that it is the demo's.
func (d *demoCommand) print(table compare.Table, sent map[string]float64, format report.Format) error {
	if format == report.JSON {
		return writeJSON(d.stdout, compareDocument(table, sent))
	}
	out := report.Comparison(table)
	if format == report.CSV {
		out.Columns = append(out.Columns, report.Column{Key: "demo"})
		for i := range out.Rows {
			out.Rows[i] = append(out.Rows[i], report.Cell{Raw: "true"})
		}
		return out.Write(d.stdout, format)
	}
	if _, err := fmt.Fprintf(d.stdout, "%s\n%s\n\n", forWorkload(table.Workload), table.Answer[0]); err != nil {
		return err
	}
	if err := out.Write(d.stdout, format); err != nil {
		return err
	}
	if format == report.Text {
		fmt.Fprintln(d.stderr, agreement(table, sent))
	}
	_, err := fmt.Fprintln(d.stdout, "\nDEMO: every figure comes from the simulator.")
	return err
}

// sentMedians is the simulator's own account: the median time to first token it
// sent, in milliseconds, over the requests that succeeded.
func sentMedians(demo *monitor.Demo) map[string]float64 {
	medians := map[string]float64{}
	for model, sent := range demo.Sent() {
		var ttft []float64
		for _, s := range sent {
			if s.Completed && s.Stream {
				ttft = append(ttft, float64(s.FirstToken)/float64(time.Millisecond))
			}
		}
		if q := stats.QuantileOf(stats.Sort(ttft), 0.5); q.Earned() {
			medians[model] = q.Value
		}
	}
	return medians
}

// agreement says how near the measured medians are to what was sent.
func agreement(t compare.Table, sent map[string]float64) string {
	worst, n := 0.0, 0
	for _, r := range t.Rows {
		if truth, ok := sent[r.Target]; ok && r.Summary.TTFTp50.Earned() {
			worst = max(worst, r.Summary.TTFTp50.Value-truth, truth-r.Summary.TTFTp50.Value)
			n++
		}
	}
	if n == 0 {
		return "Medians are given from 6 probes on."
	}
	return fmt.Sprintf("Measured TTFT p50 is within %.1f ms of what it sent, for all %d.", worst, n)
}
