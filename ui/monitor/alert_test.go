package monitor

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"costping/probe"
	"costping/store"
	"costping/ui/compare"
)

// The command is given each event once, as JSON.
func TestAlertCommandIsGivenTheEvent(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "told")
	m := &Monitor{history: newMemory(), facts: Facts{OnAlert: []string{"sh", "-c", `cat >>"$0"`, file}}}
	var logged []error
	m.alert = newAlert(m.facts.OnAlert, func(err error) {
		if err != nil {
			logged = append(logged, err)
		}
	})
	down := store.Event{At: noon, Kind: EventTargetDown, Target: "a", Text: "it does not answer"}
	if err := m.note(t.Context(), down, store.Event{At: noon, Kind: EventPaused, Text: "not worth an alert"}); err != nil {
		t.Fatal(err)
	}
	m.alert.start(t.Context())
	m.alert.end() // once the command has ended
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Schema, Kind, Target, Text string
		At                         time.Time
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if got.Schema != "costping.event/1" || got.Kind != "target_down" || got.Target != "a" || !got.At.Equal(noon) || strings.Count(string(text), "\n") != 1 {
		t.Errorf("%s", text)
	}
	if len(logged) != 0 {
		t.Errorf("logged %v", logged)
	}
}

// What is judged last is told of too, however many wait; a command that hangs holds up
// the end for as long as one may, and what it is not told of is said.
func TestAlertsAtTheEnd(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "told")
	history := newMemory()
	m := Judge(t.Context(), history, Facts{
		OnAlert:    []string{"sh", "-c", `sleep 0.05; echo >>"$0"`, file},
		Candidates: []compare.Candidate{{Target: "a"}, {Target: "b"}, {Target: "c"}},
	})
	waitFor(t, func() bool { return history.looked() })
	at := time.Now().Add(-time.Minute)
	for _, name := range []string{"a", "b", "c"} {
		for i := range 4 {
			_ = history.Append(t.Context(), []probe.Sample{{
				Target: probe.Target{Name: name, Model: "m"}, Profile: "chat", Cap: 128, At: at.Add(time.Duration(i) * time.Second),
				Outcome: probe.ServerError, Error: "refused",
			}})
		}
	}
	m.Stop()
	m.Stop() // again is no harm
	told, _ := os.ReadFile(file)
	if events := history.recorded(EventTargetDown); len(events) != 3 || len(told) != 3 {
		t.Errorf("%d events, told of %d", len(events), len(told))
	}

	var logged []string
	a := newAlert([]string{"sleep", "300"}, func(err error) { logged = append(logged, fmt.Sprint(err)) })
	a.within = 300 * time.Millisecond
	for range 3 {
		a.take(store.Event{Kind: EventTargetDown})
	}
	a.start(t.Context())
	a.end()
	if text := strings.Join(logged, "\n"); !strings.Contains(text, "is not told of the last ") {
		t.Error(text)
	}
}

// A command that fails, floods or hangs is said to, in one safe line, and holds up
// nothing.
func TestAlertCommandIsBounded(t *testing.T) {
	t.Parallel()
	run := func(within time.Duration, command ...string) error {
		a := newAlert(command, nil)
		a.within = within
		return a.run(t.Context(), store.Event{At: noon, Kind: EventTargetDown})
	}
	err := run(20*time.Second, "sh", "-c", `printf '\033[31mred'; head -c 1000000 /dev/zero | tr '\0' x; exit 3`)
	if err == nil || len(err.Error()) > 400 || probe.Sanitize(err.Error(), 1000) != err.Error() || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("got %q", err)
	}
	child := filepath.Join(t.TempDir(), "pid")
	if err := run(500*time.Millisecond, "sh", "-c", `sleep 300 & echo $! >"$0"; sleep 300`, child); err == nil || !strings.Contains(err.Error(), "took longer than") {
		t.Errorf("got %v", err)
	}
	text, err := os.ReadFile(child)
	pid, bad := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || bad != nil {
		t.Fatalf("the command did not begin: %v, %q", err, text)
	}
	waitFor(t, func() bool { return !runs(pid) }) // what it has started ends too
	if err := run(20*time.Second, filepath.Join(t.TempDir(), "missing")); err == nil {
		t.Error("what is missing was run")
	}
	if err := run(20*time.Second, "true"); err != nil {
		t.Error(err)
	}
	// More events than wait are left to the history; nobody is held up.
	logged := 0
	a := newAlert([]string{"true"}, func(error) { logged++ })
	for range mostAlerts + 3 {
		a.take(store.Event{Kind: EventTargetDown})
	}
	if logged != 3 {
		t.Errorf("%d were said to be left out", logged)
	}
}

// A panic while alerts are told is an error for whoever holds the terminal.
func TestAlertPanicIsHandedOver(t *testing.T) {
	t.Parallel()
	failed := make(chan error, 1)
	a := newAlert([]string{"false"}, func(error) { panic("boom") })
	a.fail = func(err error) { failed <- err }
	a.start(t.Context())
	a.take(store.Event{Kind: EventTargetDown})
	var crash *probe.PanicError
	if err := <-failed; !errors.As(err, &crash) {
		t.Errorf("got %v", err)
	}
	a.running.Wait()
}

// runs reports whether a process is there and no zombie.
func runs(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	return err != nil || !strings.Contains(string(stat), ") Z ")
}
