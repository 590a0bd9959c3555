package cli

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"costping/store"
	"costping/ui/cli/terminaltest"
)

const (
	leaveAltScreen = "\x1b[?1049l"
	showCursor     = "\x1b[?25h"
)

// On a terminal that answers no queries, what does not draw ends at once and
// writes plain text. Bubble Tea by itself would ask for the background colour and
// wait five seconds.
func TestMuteTerminal(t *testing.T) {
	program := shipped(t)
	const soon = time.Second
	for _, args := range [][]string{{"version"}, {"--version"}, {"cost", "--model", "gpt-4o"}, {"--help"}} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			// The best of three counts: a busy machine may take a second now and
			// then, a question that nobody answers takes five every time.
			x := terminaltest.Start(t, terminaltest.Options{}, program, args...)
			code, took := x.Wait(), x.Since()
			for range 2 {
				if took > soon {
					x = terminaltest.Start(t, terminaltest.Options{}, program, args...)
					code, took = x.Wait(), x.Since()
				}
			}
			if code != exitOK {
				t.Errorf("exit code %d", code)
			}
			if first := x.FirstByte(); first == 0 || first > soon || took > soon {
				t.Errorf("first byte after %v, end after %v", first, took)
			}
			out := x.Raw()
			if strings.ContainsRune(out, '\x1b') {
				t.Errorf("escape sequences in %q", out)
			}
			if strings.HasSuffix(args[0], "version") {
				if ok, _ := regexp.MatchString(`^costping \S+ .*go1\S+ \w+/\w+\r\n$`, out); !ok {
					t.Errorf("printed %q", out)
				}
			}
		})
	}
}

func TestVersionFlagIsTheVersionCommand(t *testing.T) {
	var command, flag bytes.Buffer
	if Run([]string{"version"}, nil, &command, &command) != exitOK || Run([]string{"--version"}, nil, &flag, &flag) != exitOK {
		t.Fatal("failed")
	}
	if command.String() != flag.String() {
		t.Errorf("version prints %q, --version %q", command.String(), flag.String())
	}
}

// demo is the program's demo in a terminal, with the folder of its temporary
// history.
func demo(t *testing.T, o terminaltest.Options, program string) (x *terminaltest.Terminal, tmp string) {
	t.Helper()
	tmp = t.TempDir()
	o.Env = append(o.Env, "TMPDIR="+tmp)
	x = terminaltest.Start(t, o, program, "demo", "--seed", "7")
	x.Await("the first figures", func(s string) bool { return len(rowsOn(s)) == 8 && strings.Contains(s, "cost  ") && measured(s) })
	return x, tmp
}

func TestDemoStartsWithFigures(t *testing.T) {
	x, _ := demo(t, terminaltest.Options{Cols: 120, Rows: 40}, shipped(t))
	took := x.Since()
	t.Logf("first figures on the screen after %v, first byte after %v", took, x.FirstByte())
	if took > 10*time.Second {
		t.Errorf("the first figures took %v", took)
	}
	screen := x.Screen()
	for _, text := range []string{"DEMO", "$78.75", "◆", "retired"} {
		if !strings.Contains(screen, text) {
			t.Errorf("%q is not on the screen\n%s", text, screen)
		}
	}
	for _, model := range []string{
		"gpt-4o", "gpt-4o-mini", "claude-3.5-sonnet", "claude-3.5-haiku",
		"gemini-1.5-pro", "gemini-2.0-flash", "gemini-3.5-flash-lite", "llama-3.1-70b",
	} {
		if !slices.ContainsFunc(rowsOn(screen), func(r tableRow) bool { return r.model == model }) {
			t.Errorf("no row of %s\n%s", model, screen)
		}
	}
}

// Every way out leaves the terminal as it was, nothing in the folder for
// temporary files, and nothing running.
func TestWaysOut(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		do   func(*terminaltest.Terminal)
		code int
	}{
		{"q", func(x *terminaltest.Terminal) { x.Send("q") }, exitOK},
		{"Q", func(x *terminaltest.Terminal) { x.Send("Q") }, exitOK},
		{"ctrl+c", func(x *terminaltest.Terminal) { x.Send("\x03") }, exitInterrupted},
		{"ctrl+c over help", func(x *terminaltest.Terminal) { x.Send("?"); x.AwaitText("closes"); x.Send("\x03") }, exitInterrupted},
		{"SIGINT", func(x *terminaltest.Terminal) { x.Signal(syscall.SIGINT) }, exitInterrupted},
		{"SIGTERM", func(x *terminaltest.Terminal) { x.Signal(syscall.SIGTERM) }, exitInterrupted},
		{"SIGHUP", func(x *terminaltest.Terminal) { x.Signal(syscall.SIGHUP) }, exitInterrupted},
		{"signals one after another", func(x *terminaltest.Terminal) {
			for _, s := range []os.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP} {
				x.Signal(s)
			}
		}, exitInterrupted},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			x, tmp := demo(t, terminaltest.Options{}, "costping")
			if x.Restored() || !x.AltScreen() || x.CursorShown() {
				t.Error("the dashboard does not have the terminal to itself")
			}
			if left, _ := os.ReadDir(tmp); len(left) != 1 {
				t.Errorf("%d entries in the folder for temporary files, not the history alone", len(left))
			}
			tt.do(x)
			if code := x.Wait(); code != tt.code {
				t.Errorf("exit code %d, want %d", code, tt.code)
			}
			assertLeft(t, x)
			assertEmpty(t, tmp)
			assertNothingRuns(t, x)
			kept := strings.Contains(x.Screen(), "gpt-4o-mini")
			if kept != (tt.name == "Q") {
				t.Errorf("table on the terminal: %v\n%s", kept, x.Screen())
			}
		})
	}
}

// A signal before the dashboard is up finds the temporary history already there.
func TestInterruptedWhileStarting(t *testing.T) {
	t.Parallel()
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		t.Run(s.String(), func(t *testing.T) {
			t.Parallel()
			tmp := t.TempDir()
			x := terminaltest.Start(t, terminaltest.Options{Env: []string{"TMPDIR=" + tmp}}, "costping", "demo")
			eventually(t, "a temporary history", func() bool { left, _ := os.ReadDir(tmp); return len(left) > 0 })
			x.Signal(s)
			if code := x.Wait(); code != exitInterrupted {
				t.Errorf("exit code %d", code)
			}
			if !x.Restored() || x.AltScreen() || !x.CursorShown() {
				t.Error("the terminal is not as it was")
			}
			assertEmpty(t, tmp)
		})
	}
}

// A closed pane hangs the terminal up: with a signal where it was the program's
// own, else only by what reading from it says.
func TestClosedPane(t *testing.T) {
	t.Parallel()
	for name, detached := range map[string]bool{"with SIGHUP": false, "without a signal": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			x := terminaltest.Start(t, terminaltest.Options{Detached: detached}, "costping", "--history", dir)
			x.AwaitText("Compare")
			h, err := store.Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			owner := h.Role().Owner
			if err := h.Close(); err != nil || owner {
				t.Fatal("the dashboard does not own its history", err)
			}
			x.Close()
			if code := x.Wait(); code != exitInterrupted {
				t.Errorf("exit code %d", code)
			}
			assertFree(t, dir)
		})
	}
	t.Run("demo", func(t *testing.T) {
		t.Parallel()
		x, tmp := demo(t, terminaltest.Options{}, "costping")
		x.Close()
		x.Wait()
		assertEmpty(t, tmp)
	})
}

func TestResizeStorm(t *testing.T) {
	t.Parallel()
	x, _ := demo(t, terminaltest.Options{}, "costping")
	for range 5 {
		for _, size := range [][2]int{{0, 0}, {1, 1}, {500, 200}, {3, 100}, {300, 2}, {20, 6}} {
			x.Resize(size[0], size[1])
		}
	}
	x.Resize(500, 200)
	x.Await("all rows at 500x200", func(s string) bool { return len(rowsOn(s)) == 8 })
	x.Resize(1, 1)
	x.Resize(80, 24)
	x.Await("the screen at 80x24", func(s string) bool {
		return len(rowsOn(s)) == 8 && strings.HasPrefix(s, " costping") && strings.Contains(lastLine(s), "q quit")
	})
	x.Send("l")
	x.AwaitText("CHANGED")
	x.Send("q")
	if code := x.Wait(); code != exitOK {
		t.Errorf("exit code %d", code)
	}
}

// Pasted text is not typed: it turns no knob and quits nothing, however long.
func TestPaste(t *testing.T) {
	t.Parallel()
	for name, paste := range map[string]struct{ program, text string }{
		"a line":      {"costping", "q?sRl"},
		"a paragraph": {"costping", strings.Repeat("lLQq+?s \r\n", 300)},
		"a megabyte":  {shipped(t), strings.Repeat("lLQq+?s ", 1<<17)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x, _ := demo(t, terminaltest.Options{}, paste.program)
			x.Paste("\x1b[200~" + paste.text + "\x1b[201~")
			x.Send(",") // after the paste, the keys count again
			screen := x.Await("the volume knob lit", func(s string) bool { return strings.Contains(litKnob(s), "tok/d") })
			if strings.Contains(screen, "CHANGED") || outputShare(screen) != 25 || strings.Contains(screen, "s next") {
				t.Errorf("pasted text was taken for keys\n%s", screen)
			}
			x.Send("q")
			if code := x.Wait(); code != exitOK {
				t.Errorf("exit code %d", code)
			}
		})
	}
}

// Without a terminal that can draw there is no dashboard, and it says so.
func TestDumbTerminal(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "state")
	x := terminaltest.Start(t, terminaltest.Options{Env: []string{"TERM=dumb"}}, "costping", "--history", state)
	if code := x.Wait(); code != exitUsage {
		t.Errorf("exit code %d", code)
	}
	assertComplaint(t, strings.ReplaceAll(x.Raw(), "\r\n", "\n"), "TERM is dumb", "demo --once")
	if _, err := os.Stat(state); err == nil {
		t.Error("a history was made")
	}
}

// A history that cannot be had is one sentence and a hint, before anything is
// drawn; the files stay as they were.
func TestDashboardWithoutItsHistory(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		prepare func(t *testing.T, dir string) (history string)
		what    string
		hint    string
	}{
		"foreign": {func(t *testing.T, dir string) string {
			write(t, filepath.Join(dir, "history.db"), strings.Repeat("these are my notes\n", 4096))
			return dir
		}, "not a costping history", "--history"},
		"empty": {func(t *testing.T, dir string) string {
			write(t, filepath.Join(dir, "history.db"), "")
			return dir
		}, "damaged", "--history"},
		"cut off": {func(t *testing.T, dir string) string {
			makeHistory(t, dir)
			if err := os.Truncate(filepath.Join(dir, "history.db"), 4096); err != nil {
				t.Fatal(err)
			}
			return dir
		}, "history.db", "--history"},
		"newer": {func(t *testing.T, dir string) string {
			if err := newerHistory(dir); err != nil {
				t.Fatal(err)
			}
			return dir
		}, "written by a newer costping", "update costping"},
		"a folder that is a file": {func(t *testing.T, dir string) string {
			write(t, filepath.Join(dir, "file"), "text")
			return filepath.Join(dir, "file")
		}, "not a directory", "--history"},
		"a file that is a folder": {func(t *testing.T, dir string) string {
			if err := os.Mkdir(filepath.Join(dir, "history.db"), 0o700); err != nil {
				t.Fatal(err)
			}
			return dir
		}, "not a costping history", "--history"},
		"unreadable": {func(t *testing.T, dir string) string {
			if os.Getuid() == 0 {
				t.Skip("everything is readable for root")
			}
			makeHistory(t, dir)
			if err := os.Chmod(filepath.Join(dir, "history.db"), 0); err != nil {
				t.Fatal(err)
			}
			return dir
		}, "permission denied", "--history"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			history := tt.prepare(t, t.TempDir())
			before, _ := os.ReadFile(filepath.Join(history, "history.db"))
			var stderr bytes.Buffer
			x := terminaltest.Start(t, terminaltest.Options{Stderr: &stderr}, "costping", "--history", history)
			if code := x.Wait(); code != exitFailed {
				t.Errorf("exit code %d", code)
			}
			assertComplaint(t, stderr.String(), tt.what, tt.hint)
			if x.Raw() != "" {
				t.Errorf("on the terminal: %q", x.Raw())
			}
			if after, _ := os.ReadFile(filepath.Join(history, "history.db")); !bytes.Equal(before, after) {
				t.Error("the file was changed")
			}
		})
	}
}

// assertLeft checks that the terminal is as it was before a dashboard had it.
func assertLeft(t *testing.T, x *terminaltest.Terminal) {
	t.Helper()
	if !x.Restored() {
		t.Error("the terminal's modes are not what they were")
	}
	if x.AltScreen() || !x.CursorShown() {
		t.Errorf("alternate screen %v, cursor shown %v", x.AltScreen(), x.CursorShown())
	}
	if strings.Contains(x.Raw(), "DATA RACE") {
		t.Errorf("a data race:\n%s", x.Raw())
	}
	for _, sequence := range []string{"\x1b[?1049h", leaveAltScreen, "\x1b[?2004l", showCursor} {
		if !strings.Contains(x.Raw(), sequence) {
			t.Errorf("%q was not sent", sequence)
		}
	}
}

func assertEmpty(t *testing.T, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("left in the folder for temporary files: %v %v", left, err)
	}
}

// assertNothingRuns looks for processes in the program's group, which is its
// session's too.
func assertNothingRuns(t *testing.T, x *terminaltest.Terminal) {
	t.Helper()
	if err := syscall.Kill(-x.Pid(), 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("a process is left: %v", err)
	}
}

// assertFree opens a history, as the next program would.
func assertFree(t *testing.T, dir string) {
	t.Helper()
	h, err := store.Open(dir)
	if err != nil {
		t.Errorf("the history is not free: %v", err)
		return
	}
	_ = h.Close()
}

// assertComplaint checks that an error is one sentence and at most one hint, and
// that both say what they should.
func assertComplaint(t *testing.T, stderr, what, hint string) {
	t.Helper()
	if err := complaint(stderr); err != nil {
		t.Error(err)
	}
	sentence, advice, _ := strings.Cut(stderr, "\n")
	if !strings.Contains(sentence, what) || !strings.Contains(advice, hint) {
		t.Errorf("want %q and the hint %q, got\n%s", what, hint, stderr)
	}
}

func eventually(t *testing.T, what string, happened func() bool) {
	t.Helper()
	for deadline := time.Now().Add(terminaltest.Patience); !happened(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s did not come", what)
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func makeHistory(t *testing.T, dir string) {
	t.Helper()
	h, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
}

// newerHistory makes a history that says that it takes a later program to read.
// The value follows its key in the file.
func newerHistory(dir string) error {
	h, err := store.Open(dir)
	if err != nil {
		return err
	}
	if err := h.Close(); err != nil {
		return err
	}
	path := filepath.Join(dir, "history.db")
	file, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	newer := bytes.ReplaceAll(file, []byte("min_reader\x01"), []byte("min_reader\x63"))
	if bytes.Equal(file, newer) {
		return errors.New("there is no format in the file")
	}
	return os.WriteFile(path, newer, 0o600)
}

// tableRow is a row of the dashboard's table as far as tests need it.
type tableRow struct {
	model    string
	selected bool
}

var rowPattern = regexp.MustCompile(`^(▸|>| )[ a-z] ([a-z0-9][a-z0-9.…-]+) +(?:[A-Z][A-Za-z ]*? +)?[0-9,]+\.[0-9]+ `)

// rowsOn are the rows of the table on a screen.
func rowsOn(screen string) []tableRow {
	var rows []tableRow
	for line := range strings.Lines(screen) {
		if m := rowPattern.FindStringSubmatch(line); m != nil {
			rows = append(rows, tableRow{model: m[2], selected: m[1] != " "})
		}
	}
	return rows
}

// measured says that figures are there, and not prices alone.
func measured(screen string) bool { return strings.Count(screen, "±") > 8 }

func selectedRow(screen string) int {
	return slices.IndexFunc(rowsOn(screen), func(r tableRow) bool { return r.selected })
}

var (
	splitPattern  = regexp.MustCompile(`(\d+)% in`)
	knobPattern   = regexp.MustCompile(`‹(.*?)›`)
	volumePattern = regexp.MustCompile(`([0-9.]+)([KMB]?) tok/d`)
)

// outputShare is the split's output part in percent, -1 where it is not shown.
func outputShare(screen string) int {
	m := splitPattern.FindStringSubmatch(screen)
	if m == nil {
		return -1
	}
	n, _ := strconv.Atoi(m[1])
	return 100 - n
}

func litKnob(screen string) string {
	if m := knobPattern.FindStringSubmatch(screen); m != nil {
		return m[1]
	}
	return ""
}

// volume is the tokens a day on the screen, -1 where they are not shown.
func volume(screen string) float64 {
	m := volumePattern.FindStringSubmatch(screen)
	if m == nil {
		return -1
	}
	v, _ := strconv.ParseFloat(m[1], 64)
	return v * map[string]float64{"": 1, "K": 1e3, "M": 1e6, "B": 1e9}[m[2]]
}

func lastLine(screen string) string {
	lines := strings.Split(strings.TrimRight(screen, "\n"), "\n")
	return lines[len(lines)-1]
}
