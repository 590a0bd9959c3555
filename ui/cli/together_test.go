package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"costping/ui/cli/terminaltest"
)

// household is the shipped program in several processes on one history, with a
// simulator to probe.
type household struct {
	t       *testing.T
	program string
	dir     string
	log     string // of the simulator: a line a request
	began   time.Time
}

// passes is how often the household's one target is probed.
const passes = time.Second

func newHousehold(t *testing.T) *household {
	t.Helper()
	h := &household{t: t, program: shipped(t), dir: t.TempDir()}
	h.log = filepath.Join(h.dir, "sent.jsonl")
	sim := exec.Command(h.program, "simulate", "--log", h.log)
	out, err := sim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	h.run(sim)
	line, err := bufio.NewReader(out).ReadString('\n')
	words := strings.Fields(line)
	if err != nil || len(words) == 0 {
		t.Fatalf("the simulator said %q, %v", line, err)
	}
	config := fmt.Sprintf("[probe]\ninterval = %q\nprofile = \"brief\"\n[[target]]\nname = \"mini\"\nmodel = \"gpt-4o-mini\"\nbase_url = %q\n",
		passes, words[len(words)-1])
	if err := os.WriteFile(filepath.Join(h.dir, "config.toml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	h.began = time.Now()
	return h
}

// run starts a process that is ended with the test.
func (h *household) run(cmd *exec.Cmd) {
	h.t.Helper()
	cmd.Env = append(append(os.Environ(), h.env()...), cmd.Env...)
	if err := cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
}

func (h *household) env() []string {
	return []string{
		"XDG_STATE_HOME=" + filepath.Join(h.dir, "state"), "XDG_CONFIG_HOME=" + filepath.Join(h.dir, "none"),
		"XDG_DATA_HOME=" + filepath.Join(h.dir, "data"),
	}
}

func (h *household) args(args ...string) []string {
	return append(args, "--config", filepath.Join(h.dir, "config.toml"))
}

// monitor starts costping monitor and gives its process, and the file with what it
// says.
func (h *household) monitor() (cmd *exec.Cmd, said string) {
	h.t.Helper()
	f, err := os.CreateTemp(h.dir, "monitor-*.log")
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = f.Close() })
	cmd = exec.Command(h.program, h.args("monitor")...)
	cmd.Stderr = f
	h.run(cmd)
	return cmd, f.Name()
}

// command runs a command that has to succeed and gives its output.
func (h *household) command(args ...string) string {
	h.t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(h.program, h.args(args...)...)
	cmd.Env = append(os.Environ(), h.env()...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		h.t.Fatalf("%v: %v: %s", args, err, stderr.String())
	}
	return stdout.String()
}

// outcomes exports the history and counts its samples by outcome.
func (h *household) outcomes() (n int, by map[string]int) {
	h.t.Helper()
	by = map[string]int{}
	for line := range strings.Lines(h.command("history", "export")) {
		var one struct{ Kind, Outcome string }
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			h.t.Fatalf("%v: %s", err, line)
		}
		if one.Kind == "sample" {
			n++
			by[one.Outcome]++
		}
	}
	return n, by
}

func (h *household) await(what string, until func() bool) {
	h.t.Helper()
	deadline := time.Now().Add(terminaltest.Patience)
	for !until() {
		if time.Now().After(deadline) {
			h.t.Fatalf("%s: not within %s", what, terminaltest.Patience)
		}
		time.Sleep(20 * time.Millisecond) // between two looks; the deadline decides
	}
}

// notDoubled checks that no more was sent than one process sends: a pass an interval.
func (h *household) notDoubled() {
	h.t.Helper()
	text, err := os.ReadFile(h.log)
	if err != nil {
		h.t.Fatal(err)
	}
	sent := strings.Count(string(text), "\n")
	if most := int(time.Since(h.began)/passes) + 3; sent > most {
		h.t.Errorf("%d requests, one process sends at most %d", sent, most)
	}
}

func text(t *testing.T, file string) string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	said, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(said)
}

// A monitor, two dashboards and exports share one history: one of them probes, and
// when it ends the next does.
func TestTogetherOnOneHistory(t *testing.T) {
	h := newHousehold(t)
	mon, said := h.monitor()
	h.await("the first samples", func() bool {
		_, err := os.Stat(filepath.Join(h.dir, "state", "costping", "status.json"))
		return err == nil
	})
	dashboards := make([]*terminaltest.Terminal, 2)
	watching := "watching: pid " + strconv.Itoa(mon.Process.Pid)
	for i := range dashboards {
		dashboards[i] = terminaltest.Start(t, terminaltest.Options{Cols: 120, Rows: 30, Env: h.env()}, h.program, h.args()...)
	}
	for _, x := range dashboards {
		x.AwaitText(watching)
	}
	h.await("samples of the monitor's", func() bool { n, _ := h.outcomes(); return n >= 4 })
	h.await("the status", func() bool { // it is written every few seconds
		line := h.command("status")
		return strings.Contains(line, " s ago") && !strings.Contains(line, "nobody is probing")
	})
	var info struct {
		Role     string
		OwnerPID int `json:"owner_pid"`
	}
	if err := json.Unmarshal([]byte(h.command("history", "info", "-o", "json")), &info); err != nil || info.Role != "viewer" || info.OwnerPID != mon.Process.Pid {
		t.Errorf("%+v, %v; the monitor is %d", info, err, mon.Process.Pid)
	}
	h.notDoubled()

	if err := mon.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := mon.Wait(); err != nil {
		t.Errorf("the monitor ended with %v", err)
	}
	if log := text(t, said); strings.Contains(log, "costping:") || !strings.HasPrefix(log, "probing 1 target every 1s, at no cost\n") {
		t.Errorf("the monitor said %q", log)
	}
	_, before := h.outcomes()
	for _, x := range dashboards { // one probes, the other watches it
		x.Await("the next owner", func(screen string) bool { return !strings.Contains(screen, watching) })
	}
	h.await("samples of the next owner's", func() bool { _, by := h.outcomes(); return by["ok"] >= before["ok"]+3 })
	h.notDoubled()
	for _, x := range dashboards {
		x.Signal(syscall.SIGTERM)
		x.Wait()
	}
	// A probe is left out where the one before has not ended.
	if n, by := h.outcomes(); by["ok"]+by["skipped"]+by["cancelled"] < n || by["cancelled"] > 1 {
		t.Errorf("outcomes: %v", by)
	}
	h.notDoubled()
}

// A monitor that is killed is followed by the one that watched; one that is stopped
// is named, and not robbed.
func TestMonitorsFollowOneAnother(t *testing.T) {
	h := newHousehold(t)
	first, _ := h.monitor()
	h.await("the first samples", func() bool {
		_, err := os.Stat(filepath.Join(h.dir, "state", "costping", "status.json"))
		return err == nil
	})
	second, said := h.monitor()
	h.await("the second to watch", func() bool {
		return strings.Contains(text(t, said), "watching: pid "+strconv.Itoa(first.Process.Pid)+" probes\n")
	})
	if err := first.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	info := exec.Command(h.program, h.args("history", "info")...)
	info.Env, info.Stderr = append(os.Environ(), h.env()...), &stderr
	want := fmt.Sprintf("history owner pid %d is not answering", first.Process.Pid)
	if err := info.Run(); err == nil || !strings.Contains(stderr.String(), want) || !strings.Contains(stderr.String(), "hint: ") {
		t.Errorf("of a stopped owner: %v, %q", err, stderr.String())
	}
	h.await("the second to say so", func() bool { return strings.Contains(text(t, said), want) })
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait()
	h.await("the second to probe", func() bool { return strings.Contains(text(t, said), "probing: the process that did has ended") })
	before, _ := h.outcomes()
	h.await("samples of the second's", func() bool { n, _ := h.outcomes(); return n >= before+2 })
	h.notDoubled()
	if err := second.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = second.Wait()
	if code := second.ProcessState.ExitCode(); code != exitInterrupted {
		t.Errorf("exit code %d", code)
	}
}

// A dashboard that only looks is in nobody's way: a monitor that comes later has the
// history from it, and a second dashboard and an export go on all the while.
func TestOnlyLookingLeavesTheProbingToTheMonitor(t *testing.T) {
	h := newHousehold(t)
	looking := terminaltest.Start(t, terminaltest.Options{Cols: 120, Rows: 30, Env: h.env()}, h.program, h.args("--no-probe")...)
	looking.AwaitText("nothing is being probed")
	mon, said := h.monitor()
	watching := "watching: pid " + strconv.Itoa(mon.Process.Pid) + " probes"
	looking.AwaitText(watching)
	h.await("samples of the monitor's", func() bool { n, _ := h.outcomes(); return n >= 3 })
	h.await("the status", func() bool { return strings.Contains(h.command("status"), " s ago") })
	if log := text(t, said); strings.Contains(log, "costping:") || strings.Contains(log, "watching") || strings.Contains(log, "waiting") {
		t.Errorf("the monitor said %q", log)
	}
	file := filepath.Join(h.dir, "config.toml")
	if err := os.WriteFile(file, []byte(strings.Replace(text(t, file), "mini", "tiny", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	looking.AwaitText("tiny ") // both follow the file
	h.await("the change", func() bool { return strings.Contains(text(t, said), "config_changed") })
	if err := mon.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = mon.Wait()
	looking.AwaitText("nothing is being probed") // it owns the history again
	n, _ := h.outcomes()
	h.monitor()
	h.await("samples of the next monitor's", func() bool { now, _ := h.outcomes(); return now >= n+2 })
	h.notDoubled()
	looking.Send("q")
	if code := looking.Wait(); code != exitOK {
		t.Errorf("exit code %d", code)
	}
}

// A monitor goes on with a changed configuration, at once where SIGHUP asks for it,
// and says what was changed; one that cannot be used it refuses. The closing of its
// terminal ends it.
func TestMonitorFollowsItsConfiguration(t *testing.T) {
	h := newHousehold(t)
	file := filepath.Join(h.dir, "config.toml")
	config := text(t, file)
	write := func(config string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	mon, said := h.monitor()
	h.await("the first samples", func() bool {
		_, err := os.Stat(filepath.Join(h.dir, "state", "costping", "status.json"))
		return err == nil
	})
	write("zebra = 1\n")
	hup := func() {
		t.Helper()
		if err := mon.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	hup()
	h.await("the refusal", func() bool { return strings.Contains(text(t, said), "stays in force") })
	write(strings.Replace(config, "mini", "tiny", 1))
	hup()
	h.await("the change", func() bool { return strings.Contains(text(t, said), "config_changed: no longer mini; new: tiny\n") })
	h.await("samples of the new target", func() bool { return strings.Contains(h.command("history", "export"), `"tiny"`) })
	if n := strings.Count(text(t, said), "stays in force"); n != 1 {
		t.Errorf("refused %d times: %s", n, text(t, said))
	}
	if err := mon.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := mon.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}

	x := terminaltest.Start(t, terminaltest.Options{Cols: 80, Rows: 24, Env: h.env()}, h.program, h.args("monitor")...)
	x.AwaitText("probing 1 target")
	write(config)
	x.Signal(syscall.SIGHUP)
	x.AwaitText("new: mini")
	x.Close() // the terminal is gone: this SIGHUP is another
	if code := x.Wait(); code != exitOK {
		t.Errorf("when its terminal is closed it ends with %d", code)
	}
}
