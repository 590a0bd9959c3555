package cli

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"costping/ui/dashboard"
	"costping/ui/monitor"
)

// heardLines is what a program has said so far.
type heardLines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (h *heardLines) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.Write(p)
}

func (h *heardLines) all() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.String()
}

func (h *heardLines) await(t *testing.T, what string) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		text := h.all()
		if strings.Contains(text, what) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("it never said %q, but\n%s", what, text)
		}
	}
}

// A configuration that changes is in force for --plain too: what is probed, from the
// first target on, what it is judged by, and for which workload; and why one is not.
func TestPlainFollowsTheConfiguration(t *testing.T) {
	t.Parallel()
	url, _ := simulated(t)
	program, err := exec.LookPath("costping")
	if err != nil {
		t.Fatal(err)
	}
	file, history := filepath.Join(t.TempDir(), "config.toml"), t.TempDir()
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte("[probe]\ninterval = \"1s\"\nprofile = \"brief\"\n"+text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("")
	said := &heardLines{}
	cmd := exec.Command(program, "--plain", "--config", file, "--history", history)
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Wait() }()
	defer func() { _ = cmd.Process.Kill() }()
	said.await(t, "claude")

	configured := func(limit, volume string) string {
		return fmt.Sprintf("[[workload]]\nname = \"mine\"\nvolume = %q\nsplit = \"75/25\"\n", volume) +
			fmt.Sprintf("[[target]]\nname = \"my mini\"\nmodel = \"gpt-4o-mini\"\nbase_url = %q\nprice = \"0/0.1\"\n", url) + limit
	}
	status := func(what string, is func(monitor.StatusTarget) bool) {
		t.Helper()
		for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
			f, err := monitor.ReadStatus(history, time.Now())
			if err == nil && len(f.Targets) == 1 && is(f.Targets[0]) {
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("%s: %+v, %v, and it said\n%s", what, f.Targets, err, said.all())
			}
		}
	}
	month := func(usd string) func(monitor.StatusTarget) bool {
		return func(s monitor.StatusTarget) bool { return s.USDPerMonth != nil && *s.USDPerMonth == usd }
	}
	write(configured("", "100M/day"))
	said.await(t, "is in force")
	said.await(t, "my mini")
	status("for the workload of the configuration", month("75"))
	write(configured("[[limit]]\ntarget = \"*\"\nmax_monthly = \"$100\"\nfor = \"0s\"\n", "200M/day"))
	status("for another one", func(s monitor.StatusTarget) bool { return month("150")(s) && s.State == monitor.StateOver })
	said.await(t, "over")
	write("[zebra")
	said.await(t, "the configuration of before stays in force")
}

// Nobody waits who tells the screen of a change, also where two do at once and the
// screen has closed.
func TestTellingNeverWaits(t *testing.T) {
	t.Parallel()
	f := &following{changes: make(chan dashboard.Change, 1)}
	told := make(chan struct{})
	for range 2 {
		go func() {
			for range 20_000 {
				f.tell(dashboard.Change{Say: "changed"})
			}
			told <- struct{}{}
		}()
	}
	for range 2 {
		select {
		case <-told:
		case <-time.After(30 * time.Second):
			t.Fatal("it waits for somebody to read")
		}
	}
}
