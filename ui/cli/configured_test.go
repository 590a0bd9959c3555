package cli

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"costping/ui/cli/terminaltest"
)

// watched is the dashboard on a configuration of two targets at a simulator.
func watched(t *testing.T, history, budget string, args ...string) *terminaltest.Terminal {
	t.Helper()
	slow, _ := simulated(t)
	program, err := exec.LookPath("costping")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "config.toml")
	text := fmt.Sprintf("[probe]\ninterval = \"1s\"\nbudget = %q\nprofile = \"brief\"\n", budget)
	for _, model := range []string{"gpt-4o-mini", "gemini-2.0-flash"} {
		// One of them costs money: 48 tokens out at $100 for 1M are $0.0048.
		text += fmt.Sprintf("[[target]]\nname = \"my %s\"\nmodel = %q\nbase_url = %q\n", model, model, slow)
		if model == "gpt-4o-mini" {
			text += "price = \"0/100\"\n"
		}
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return terminaltest.Start(t, terminaltest.Options{Cols: 140, Rows: 30}, program,
		append([]string{"--config", file, "--history", history}, args...)...)
}

// The dashboard probes what is configured, until its money is spent; and what it
// spent it knows of when it is started again.
func TestConfiguredDashboard(t *testing.T) {
	t.Parallel()
	history := t.TempDir()
	x := watched(t, history, "0.02/day")
	x.Await("a probe of each", func(s string) bool {
		return strings.Contains(s, "my gpt-4o-mini") && strings.Contains(s, "probes $0.0") && strings.Contains(s, "n 1")
	})
	x.AwaitText("of $0.02")
	quitOwner(x)
	if code := x.Wait(); code != exitOK || !x.Restored() {
		t.Errorf("exit code %d", code)
	}

	x = watched(t, history, "0.004/day") // less than was spent already
	screen := x.AwaitText("one probe may cost $0.0048, more than the budget of $0.004 a day")
	if strings.Contains(screen, "probes $0.0000") {
		t.Errorf("what was spent is forgotten:\n%s", screen)
	}
	quitOwner(x)
	x.Wait()

	x = watched(t, history, "0.005/day")
	x.AwaitText("BUDGET SPENT, resumes 00:00 UTC")
	quitOwner(x)
	x.Wait()

	// Of two on one history the first probes, and the other when that one is gone.
	first := watched(t, history, "1/day")
	first.AwaitText("next ")
	second := watched(t, history, "1/day")
	second.AwaitText("watching: pid ")
	quitOwner(first)
	first.Wait()
	second.Await("taking over", func(s string) bool { return !strings.Contains(s, "watching") && strings.Contains(s, "probes $") })
	quitOwner(second)
	second.Wait()

	x = watched(t, history, "1/day", "--no-probe")
	x.AwaitText("nothing is being probed")
	x.Send("q")
	x.Wait()
}

// quitOwner quits where that ends the probing: it is asked for once more.
func quitOwner(x *terminaltest.Terminal) {
	x.Send("q")
	x.AwaitText("Quit")
	x.Send("\r")
}
