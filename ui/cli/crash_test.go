package cli

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/store"
	"costping/ui/cli/terminaltest"
	"costping/ui/dashboard"
	"costping/ui/dashboard/theme"
	"costping/ui/monitor"
)

// Whatever panics, the person gets the terminal back as it was, then the message
// and the stack, and the history is free for the next program.
func TestPanicLeavesACleanTerminal(t *testing.T) {
	t.Parallel()
	for _, where := range []string{"probing", "keeping", "reading", "polling", "drawing"} {
		t.Run(where, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			x := terminaltest.Start(t, terminaltest.Options{Cols: 100, Rows: 40}, "crashing", where, dir)
			if code := x.Wait(); code != exitFailed {
				t.Errorf("exit code %d", code)
			}
			assertLeft(t, x)
			raw := x.Raw()
			left := strings.LastIndex(raw, leaveAltScreen)
			for _, text := range []string{"costping: internal error: crash while " + where, "goroutine ", "crash_test.go"} {
				switch at := strings.Index(raw, text); {
				case at < 0:
					t.Errorf("%q was not written", text)
				case at < left:
					t.Errorf("%q was written to the screen that is thrown away", text)
				}
			}
			if n := strings.Count(raw, "internal error"); n != 1 {
				t.Errorf("the error was reported %d times", n)
			}
			if strings.Contains(raw, "Caught") {
				t.Error("the toolkit reported the panic too")
			}
			assertFree(t, dir)
		})
	}
}

// crash shows a dashboard over the history in dir, in which something panics.
func crash(where, dir string) int {
	a := &app{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, colour: "never"}
	history, err := store.Open(dir)
	if err != nil {
		return exitCode(a.stderr, err)
	}
	sets, err := setsOf(history, costmodel.Default(), nil)
	if err != nil {
		return exitCode(a.stderr, err)
	}
	volume, _ := costmodel.ParseVolume("10M/day")
	split, _ := costmodel.ParseSplit("75/25")
	days, _ := costmodel.ParseDaysPerMonth("30")
	panicking := &panickingHistory{History: history, where: where}
	running := monitor.Start(context.Background(), panicking, &probe.Schedule{
		Targets: []probe.Target{{Name: "gpt-4o", Model: "gpt-4o", BaseURL: "http://127.0.0.1:1/v1"}},
		Profile: probe.Brief(), Interval: 200 * time.Millisecond, Prober: panickingProber(where),
	})
	_, err = a.show(context.Background(), dashboard.Options{
		History: panicking, Sets: sets,
		Workloads: []dashboard.Workload{{Workload: costmodel.Workload{Volume: volume, Split: split, DaysPerMonth: days}}},
		Theme:     theme.New(theme.ASCII(), false), Failed: running.Failed(),
		Probing: func() probe.Status { return probe.Status{Interval: time.Minute} },
		Watching: func() string { // asked while a frame is drawn
			crashIn(where, "drawing")
			return ""
		},
	})
	running.Stop()
	_ = history.Close()
	return exitCode(a.stderr, err)
}

func crashIn(where, here string) {
	if where == here {
		panic("crash while " + where)
	}
}

type panickingProber string

func (panickingProber) Prepare(context.Context, probe.Target, probe.Profile) {}

func (p panickingProber) Probe(_ context.Context, a probe.Attempt) probe.Sample {
	crashIn(string(p), "probing")
	return probe.Sample{Target: a.Target, Profile: a.Profile.Name, Cap: a.Profile.MaxTokens, At: time.Now().UTC(), Outcome: probe.Network}
}

type panickingHistory struct {
	store.History
	where string
}

func (h *panickingHistory) Append(ctx context.Context, s []probe.Sample) error {
	crashIn(h.where, "keeping")
	return h.History.Append(ctx, s)
}

func (h *panickingHistory) Window(ctx context.Context, q store.Query) (store.Window, error) {
	crashIn(h.where, "reading")
	return h.History.Window(ctx, q)
}

func (h *panickingHistory) Version() uint64 {
	crashIn(h.where, "polling")
	return h.History.Version()
}
