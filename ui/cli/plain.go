package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"costping/costmodel"
	"costping/probe/stats"
	"costping/store"
	"costping/ui/compare"
	"costping/ui/dashboard"

	"github.com/spf13/cobra"
)

// plainFlag adds --plain.
func (a *app) plainFlag(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&a.plain, "plain", false, "no screen: the answer, then a sentence for each model whenever it changes")
}

// plainEvery is how often --plain looks for something new.
const plainEvery = 2 * time.Second

// gradedEvery is how often --plain reads graded answers anew: they are asked for by
// hand.
const gradedEvery = time.Minute

// tell says what the dashboard shows in sentences, for those who do not see a screen
// and for what is no terminal: the answer, then each row whenever it has changed by
// more than chance, and what becomes of the configuration. It ends with ctx, and when
// nobody reads it any more.
func (a *app) tell(ctx context.Context, o dashboard.Options) error {
	said := telling{rows: map[string]told{}}
	tick := time.NewTicker(plainEvery)
	defer tick.Stop()
	version, begun := uint64(0), false
	for {
		if v := o.History.Version(); !begun || v != version {
			table, err := said.table(ctx, o, time.Now())
			if err != nil {
				return err
			}
			version, begun = v, true
			for _, line := range said.changes(table, o.Demo) {
				if err := a.sayLine(line); err != nil {
					return err
				}
			}
		}
		select {
		case <-ctx.Done():
			return errInterrupted
		case err := <-o.Failed:
			return err
		case c := <-o.Changes:
			followPlain(&o, c)
			begun, said.begun = false, said.begun && len(c.Sets) == 0
			if err := a.sayLine(oneLine(c.Say)); err != nil {
				return err
			}
		case <-tick.C:
			if a.unheard() { // found out by writing only, and there may be nothing to say for hours
				return errInterrupted
			}
		}
	}
}

// sayLine writes a line. Where nobody reads any more it is as if ctrl+c was pressed.
func (a *app) sayLine(line string) error {
	_, err := fmt.Fprintln(a.stdout, line)
	if errors.Is(err, syscall.EPIPE) {
		return errInterrupted
	}
	return err
}

// unheard reports whether what is written reaches nobody.
func (a *app) unheard() bool {
	f, ok := a.stdout.(*os.File)
	return ok && unread(f)
}

// followPlain takes over what another configuration says.
func followPlain(o *dashboard.Options, c dashboard.Change) {
	if len(c.Sets) > 0 {
		o.Sets, o.Limits = c.Sets, c.Limits
	}
	if len(c.Workloads) > 0 {
		o.Workloads = c.Workloads
	}
	if c.Probing != nil {
		o.Probing, o.Lost = c.Probing, c.Lost
	}
}

// telling is what has been said.
type telling struct {
	begun bool
	pick  string // whom the answer named
	rows  map[string]told

	graded   *compare.Reliable // what graded answers came to
	gradedAt time.Time
}

// table is what the dashboard would show now.
func (t *telling) table(ctx context.Context, o dashboard.Options, now time.Time) (compare.Table, error) {
	window, err := o.History.Window(ctx, store.Last(24*time.Hour, now))
	if err != nil {
		return compare.Table{}, err
	}
	if age := now.Sub(t.gradedAt); t.graded == nil || age < 0 || age >= gradedEvery {
		results, err := o.History.Results(ctx, store.Range{From: now.Add(-compare.ResultsBack)})
		if err != nil {
			return compare.Table{}, err
		}
		t.graded, t.gradedAt = compare.ReliableOf(results), now
	}
	work := o.Workloads[0].Workload
	return compare.Build(compare.Input{
		Candidates: o.Sets[0].Candidates, Window: window, Workload: work, Base: work,
		Today: costmodel.DateOf(now), Probing: o.Probing != nil, Limits: o.Limits, Reliable: t.graded,
	}), nil
}

// told is what a row's last sentence was about.
type told struct {
	note string
	ttft stats.Quantile
}

// changes are the sentences that a table calls for after those that were said.
func (t *telling) changes(table compare.Table, demo bool) []string {
	var lines []string
	pick := ""
	if table.Pick >= 0 {
		pick = table.Rows[table.Pick].Target
	}
	if !t.begun || pick != t.pick {
		answer := table.Answer[0]
		if demo {
			answer = "DEMO, every figure is simulated. " + answer
		}
		lines, t.pick, t.begun = append(lines, answer), pick, true
	}
	for _, r := range table.Rows {
		now := told{r.Note.Word, r.Summary.TTFTp50}
		was, known := t.rows[r.Target]
		if known && was.note == now.note && was.ttft.Earned() == now.ttft.Earned() &&
			(!now.ttft.Earned() || stats.Slower(was.ttft, now.ttft) == 0) {
			continue
		}
		t.rows[r.Target] = now
		line := compare.Sentence(r)
		if r.Note.Text != "" {
			line += " - " + r.Note.Text
		}
		lines = append(lines, line)
	}
	return lines
}
