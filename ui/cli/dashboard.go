package cli

import (
	"context"
	"io"
	"path/filepath"
	"slices"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/store"
	"costping/ui/compare"
	"costping/ui/dashboard"
	"costping/ui/monitor"

	"github.com/adrg/xdg"
	"github.com/spf13/cobra"
)

// dashboardCommand is costping without a command.
type dashboardCommand struct {
	*app
	workloadFlags
}

func (d *dashboardCommand) flags(cmd *cobra.Command) {
	d.add(cmd)
	d.historyFlag(cmd)
}

// historyFlag adds --history.
func (a *app) historyFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&a.history, "history", "", "folder of the history (default: the user's state folder)")
}

// historyDir is the folder of the history.
func (a *app) historyDir() string {
	if a.history != "" {
		return a.history
	}
	return filepath.Join(xdg.StateHome, "costping")
}

func (d *dashboardCommand) run(*cobra.Command, []string) error {
	workload, err := d.workload()
	if err != nil {
		return err
	}
	look, err := d.theme()
	if err != nil {
		return err
	}
	if why := d.noTerminal(); why != "" {
		return usage("costping demo --once and costping cost print tables", "the dashboard needs a terminal that can draw: %s", why)
	}
	// From here on an interruption ends what was begun: the history is closed.
	ctx, stop := interruptible(context.Background())
	defer stop()
	history, err := store.Open(d.historyDir())
	if err != nil {
		return unopened(err)
	}
	defer func() { _ = history.Close() }()
	candidates, err := candidatesOf(history)
	if err != nil {
		return err
	}
	return d.show(ctx, dashboard.Options{History: history, Candidates: candidates, Workload: workload, Theme: look})
}

// candidatesOf are the models of the demo list, and whatever else the history
// holds of the last day.
func candidatesOf(history store.History) ([]compare.Candidate, error) {
	entries, err := costmodel.Default().List(monitor.DemoList)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	today := costmodel.DateOf(now)
	var candidates []compare.Candidate
	seen := map[string]bool{}
	for _, e := range entries {
		seen[e.Model.ID] = true
		candidates = append(candidates, compare.Candidate{Target: e.Model.ID, Model: e.Model, Price: e.Model.PriceOn(today), Known: true})
	}
	window, err := history.Window(context.Background(), store.Query{From: now.Add(-24 * time.Hour), To: now})
	if err != nil {
		return nil, err
	}
	// The series with the most samples first: it is the one that stands for its
	// target, so its model is the one to be priced.
	slices.SortStableFunc(window.Series, func(a, b store.Summary) int { return b.Warm - a.Warm })
	for _, s := range window.Series {
		if seen[s.Series.Target] || s.Outcomes[probe.OK] == 0 {
			continue // what never answered is more likely a slip than a candidate
		}
		seen[s.Series.Target] = true
		c := compare.Candidate{Target: s.Series.Target}
		if c.Model, c.Known = costmodel.Default().Lookup(s.Series.Model); c.Known {
			c.Price = c.Model.PriceOn(today)
		}
		candidates = append(candidates, c)
	}
	return candidates, nil
}

// show runs the dashboard on the terminal and leaves there what is to stay.
func (a *app) show(ctx context.Context, o dashboard.Options) error {
	result, err := dashboard.Run(ctx, a.stdin, a.stdout, o)
	if err != nil {
		return err
	}
	if result.Table != "" {
		if _, err := io.WriteString(a.stdout, result.Table); err != nil {
			return err
		}
	}
	if result.Interrupted {
		return errInterrupted
	}
	return nil
}
