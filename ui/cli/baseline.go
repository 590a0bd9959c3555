package cli

import (
	"context"
	"time"

	"costping/store"
	"costping/ui/compare"
	"costping/ui/report/snapshot"

	"github.com/spf13/cobra"
)

// baselineFlag adds --baseline.
func (a *app) baselineFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&a.baseline, "baseline", "", "a snapshot that was approved: what has drifted from it is shown")
}

// approved is the snapshot of --baseline; nil where none is named.
func (a *app) approved() (*snapshot.Approved, error) {
	if a.baseline == "" {
		return nil, nil
	}
	r, err := a.load(a.baseline)
	if err != nil {
		return nil, err
	}
	return &snapshot.Approved{Record: r, Most: snapshot.DefaultDrift}, nil
}

// driftOf is how the dashboard asks for what has drifted; nil where nothing was
// approved.
func driftOf(approved *snapshot.Approved) func(context.Context, store.History, []compare.Candidate, time.Time) (*compare.Drifts, error) {
	if approved == nil {
		return nil
	}
	return func(ctx context.Context, h store.History, candidates []compare.Candidate, now time.Time) (*compare.Drifts, error) {
		_, drifts, err := approved.Now(ctx, h, candidates, now)
		return drifts, err
	}
}
