package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"costping/probe/simulator"
	"costping/ui/cli/terminaltest"
)

// simulated is the base URL of a simulator that answers slowly enough to be
// watched, and of one that is always rate limited.
func simulated(t *testing.T) (slow, limits string) {
	t.Helper()
	start := func(change func(*simulator.Script)) string {
		scripts := simulator.Reference()
		for i := range scripts {
			change(&scripts[i])
		}
		server, err := simulator.Start(simulator.Options{Addr: "127.0.0.1:0", Seed: 7, Scripts: scripts})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = server.Close() })
		return server.BaseURL()
	}
	return start(func(*simulator.Script) {}), start(func(s *simulator.Script) {
		s.Faults = []simulator.Fault{{Kind: simulator.FaultRateLimited, Probability: 1}}
	})
}

// probeIn runs costping probe on a terminal.
func probeIn(t *testing.T, o terminaltest.Options, args ...string) *terminaltest.Terminal {
	t.Helper()
	program, err := exec.LookPath("costping")
	if err != nil {
		t.Fatal(err)
	}
	args = append([]string{"probe", "--profile", "brief", "--history", filepath.Join(t.TempDir(), "h")}, args...)
	o.Env = append(o.Env, "XDG_CONFIG_HOME="+t.TempDir())
	return terminaltest.Start(t, o, program, args...)
}

// One line says how far it is, and is gone at the end.
func TestProgressBar(t *testing.T) {
	t.Parallel()
	slow, _ := simulated(t)
	x := probeIn(t, terminaltest.Options{Cols: 80, Rows: 60}, "--base-url", slow, "--model", "gemini-2.0-flash", "-n", "9")
	x.Await("the bar", func(s string) bool { return strings.Contains(s, "█") && strings.Contains(s, " 2/9  ETA ") })
	// A busy machine may spoil some of the first six.
	x.Await("the median in it", func(s string) bool { return strings.Contains(s, "/9  p50 ") })
	if code := x.Wait(); code != exitOK {
		t.Errorf("exit code %d", code)
	}
	screen := x.Screen()
	if !strings.Contains(screen, "#  OUTCOME") || !strings.Contains(screen, " success ") || strings.Contains(screen, "ETA") {
		t.Errorf("left on the screen:\n%s", screen)
	}
	if !strings.Contains(x.Raw(), "\x1b[36m█") {
		t.Error("the bar has no colour")
	}
}

// Colour is left out where it is not wanted, the bar where nobody would see it.
func TestProgressBarPlain(t *testing.T) {
	t.Parallel()
	slow, _ := simulated(t)
	x := probeIn(t, terminaltest.Options{Env: []string{"NO_COLOR=1"}}, "--base-url", slow, "--model", "gemini-2.0-flash", "-n", "2", "--ascii")
	if code := x.Wait(); code != exitOK || strings.Contains(x.Raw(), "\x1b[3") || !strings.Contains(x.Raw(), "#### ") {
		t.Errorf("exit code %d, %q", code, x.Raw())
	}
	x = probeIn(t, terminaltest.Options{Env: []string{"TERM=dumb"}}, "--base-url", slow, "--model", "gemini-2.0-flash", "-n", "2")
	if code := x.Wait(); code != exitOK || strings.ContainsRune(x.Raw(), '\x1b') || strings.Contains(x.Raw(), "ETA") {
		t.Errorf("exit code %d, %q", code, x.Raw())
	}
	var stderr strings.Builder
	x = probeIn(t, terminaltest.Options{Stderr: &stderr}, "--base-url", slow, "--model", "gemini-2.0-flash", "-n", "2")
	if code := x.Wait(); code != exitOK || stderr.String() != "" || strings.Contains(x.Raw(), "ETA") {
		t.Errorf("exit code %d, on standard error %q, %q", code, stderr.String(), x.Raw())
	}
}

// An interruption prints what there is and ends with 130.
func TestInterruptedProbe(t *testing.T) {
	t.Parallel()
	slow, _ := simulated(t)
	x := probeIn(t, terminaltest.Options{Cols: 90, Rows: 40}, "--base-url", slow, "--model", "gemini-2.0-flash", "--until", "p95")
	x.AwaitText(" 2/76 ")
	x.Send("\x03")
	if code := x.Wait(); code != exitInterrupted {
		t.Errorf("exit code %d", code)
	}
	screen := x.Screen()
	for _, text := range []string{"first median after 6 warm probes", "generation", "success", "cancelled"} {
		if !strings.Contains(screen, text) {
			t.Errorf("%q is not left on the screen:\n%s", text, screen)
		}
	}
	if strings.Contains(screen, "gave up") || strings.Contains(screen, "ETA") || !x.Restored() {
		t.Errorf("left on the screen:\n%s", screen)
	}
}

// A wait that a server asks for is counted down, and an interruption ends it at
// once.
func TestInterruptedWait(t *testing.T) {
	t.Parallel()
	_, limits := simulated(t)
	for _, interrupt := range []func(*terminaltest.Terminal){
		func(x *terminaltest.Terminal) { x.Send("\x03") },
		func(x *terminaltest.Terminal) { x.Signal(syscall.SIGTERM) },
	} {
		x := probeIn(t, terminaltest.Options{Cols: 120, Rows: 24}, "--base-url", limits, "--model", "gemini-2.0-flash", "--until", "p50")
		x.AwaitText("rate limited, again in ")
		interrupt(x)
		if code := x.Wait(); code != exitInterrupted {
			t.Errorf("exit code %d\n%s", code, x.Screen())
		}
	}
}

// Who interrupts twice is obeyed even where nobody takes the summary.
func TestSecondInterruption(t *testing.T) {
	t.Parallel()
	slow, _ := simulated(t)
	taken, summary, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	cmd := exec.Command("costping", "probe", "--profile", "brief", "--history", filepath.Join(t.TempDir(), "h"),
		"--base-url", slow, "--model", "gemini-2.0-flash", "-n", "100", "--concurrency", "50", "-o", "json")
	cmd.Env, cmd.Stdout = append(os.Environ(), "XDG_CONFIG_HOME="+t.TempDir()), summary
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = summary.Close()
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	// It writes more than the pipe holds: from now on it waits for a reader.
	if _, err := taken.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	late := time.After(terminaltest.Patience)
	again := time.NewTicker(100 * time.Millisecond) // signals of one kind do not queue
	defer again.Stop()
	for {
		_ = cmd.Process.Signal(os.Interrupt)
		select {
		case <-ended:
			return
		case <-again.C:
		case <-late:
			_ = cmd.Process.Kill()
			<-ended
			t.Fatal("interruptions have not ended it")
		}
	}
}
