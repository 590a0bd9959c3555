package cli

import (
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"costping/costmodel"
	"costping/ui/compare"

	"github.com/spf13/cobra"
	"pgregory.net/rapid"
)

// parsed is the workload that flags make.
func parsed(t *rapid.T, args []string) costmodel.Workload {
	var f workloadFlags
	cmd := &cobra.Command{SilenceErrors: true, SilenceUsage: true}
	cmd.SetOut(io.Discard)
	f.add(cmd, &app{})
	if err := cmd.ParseFlags(args); err != nil {
		t.Fatalf("%q: %v", args, err)
	}
	w, err := f.workload(cmd.Flags().Changed, costmodel.DateOf(time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)))
	if err != nil {
		t.Fatalf("%q: %v", args, err)
	}
	return w
}

// The flags that the screen and a snapshot print make the workload that they show,
// whatever it is.
func TestWorkloadFlagsAreTheWorkload(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		args := rapid.SampledFrom([][]string{
			{"--volume", "12.5M/day", "--split", "62.5/37.5"},
			{"--volume", "8000 documents/day", "--in", "1500", "--out", "500"},
			{"--volume", "100k messages/month", "--in", "0", "--out", "3"},
			{"--users", "1000", "--tokens-per-user", "2000", "--split", "40/60"},
			{"--preset", "agent"},
		}).Draw(t, "base")
		for _, flag := range []string{"cached", "cache-write", "batch", "retries", "growth"} {
			if rapid.Bool().Draw(t, flag) {
				args = append(args, "--"+flag, fmt.Sprintf("%d.5%%", rapid.IntRange(0, 30).Draw(t, flag)))
			}
		}
		if slices.Contains(args, "--in") && rapid.Bool().Draw(t, "reviewed") {
			args = append(args, "--malformed", "4%", "--reviews", "0.125")
		}
		args = append(args, "--days", rapid.SampledFrom([]string{"30", "30.4", "calendar", "7"}).Draw(t, "days"))
		if rapid.Bool().Draw(t, "thinks") {
			args = append(args, "--thinking", "2.25")
		}
		w := parsed(t, args)
		if flags := compare.WorkloadFlags(w); !parsed(t, flags).Equal(w) {
			t.Fatalf("%q became %q", args, flags)
		}
	})
}
