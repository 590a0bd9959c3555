// Package terminaltest runs a program in a pseudo terminal, as a person would,
// and reads what is on its screen.
//
// Its rules: nothing sleeps and hopes, every wait ends when what it waits for
// has come, or at a deadline with the screen in the message; what is started is
// ended, at the latest when the test is.
package terminaltest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/creack/pty"
	"github.com/hinshun/vt10x"
	"golang.org/x/sys/unix"
)

// Patience is how long a wait may take before the test fails. It is no
// measurement: it has to hold on a slow machine with the race detector.
const Patience = 20 * time.Second

// Options say what the program is started in. The zero value is a screen of
// 80x24 in the environment of the test.
type Options struct {
	Cols, Rows int
	// Env is added to the environment of the test.
	Env []string
	// Stderr takes standard error apart from the screen; nil for the screen.
	Stderr io.Writer
	// Detached gives the program the terminal's streams but not the terminal
	// itself: keys that are signals, and the hangup, do not reach it.
	Detached bool
}

// Terminal is a pseudo terminal with a program in it.
type Terminal struct {
	t       testing.TB
	cmd     *exec.Cmd
	pty     *os.File // our side
	tty     *os.File // its side, kept open to see the modes it leaves
	before  *term.State
	after   *term.State
	started time.Time

	mu     sync.Mutex // guards what the reader writes
	screen vt10x.Terminal
	raw    bytes.Buffer
	first  time.Time
	last   time.Time     // when the newest bytes came, before the screen read them
	news   chan struct{} // closed and replaced whenever something was read

	drained chan struct{}
	ended   chan struct{}
	hangUp  sync.Once
}

// Start runs a program in a new pseudo terminal that answers no queries.
func Start(t testing.TB, o Options, name string, args ...string) *Terminal {
	t.Helper()
	if o.Cols == 0 {
		o.Cols, o.Rows = 80, 24
	}
	ours, theirs, err := pty.Open()
	if err != nil {
		t.Fatalf("no pseudo terminal: %v", err)
	}
	if ours, err = pollable(ours); err != nil {
		t.Fatal(err)
	}
	x := &Terminal{
		t: t, pty: ours, tty: theirs,
		screen: vt10x.New(vt10x.WithSize(o.Cols, o.Rows)), news: make(chan struct{}),
		drained: make(chan struct{}), ended: make(chan struct{}),
	}
	if x.before, err = term.GetState(theirs.Fd()); err != nil {
		t.Fatal(err)
	}
	x.setSize(o.Cols, o.Rows)
	x.cmd = exec.CommandContext(context.Background(), name, args...) // end kills it
	x.cmd.Env = append(os.Environ(), append([]string{"TERM=xterm-256color", "LANG=C.UTF-8", "LC_ALL="}, o.Env...)...)
	x.cmd.Stdin, x.cmd.Stdout, x.cmd.Stderr = theirs, theirs, theirs
	if o.Stderr != nil {
		x.cmd.Stderr = o.Stderr
	}
	x.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: !o.Detached}
	x.started = time.Now()
	if err := x.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go x.read()
	go func() {
		_ = x.cmd.Wait() // the exit code says it
		close(x.ended)
	}()
	t.Cleanup(x.end)
	return x
}

// pollable is the same file in a form in which Close ends a Read that waits, and
// so really closes it. The library leaves it blocking.
func pollable(f *os.File) (*os.File, error) {
	defer func() { _ = f.Close() }()
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), f.Name()), nil
}

func (x *Terminal) read() {
	defer close(x.drained)
	buf := make([]byte, 1<<16)
	for {
		n, err := x.pty.Read(buf)
		came := time.Now()
		x.mu.Lock()
		x.last = came
		if n > 0 && x.first.IsZero() {
			x.first = time.Now()
		}
		x.raw.Write(buf[:n])
		_, _ = x.screen.Write(buf[:n])
		close(x.news)
		x.news = make(chan struct{})
		x.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// end kills what still runs and closes the terminal.
func (x *Terminal) end() {
	select {
	case <-x.ended:
	default:
		_ = syscall.Kill(-x.cmd.Process.Pid, syscall.SIGKILL)
		<-x.ended
	}
	_ = x.tty.Close()
	x.Close()
	<-x.drained
}

// Close closes the terminal from the outside, as a closed window or pane does.
func (x *Terminal) Close() { x.hangUp.Do(func() { _ = x.pty.Close() }) }

// Send types keys.
func (x *Terminal) Send(keys string) {
	x.t.Helper()
	if _, err := x.pty.WriteString(keys); err != nil {
		x.t.Fatalf("typing %q: %v", keys, err)
	}
}

// Timed types keys and waits until the screen is as wanted. It returns how long after
// the keys the bytes came that made it so.
func (x *Terminal) Timed(keys string, wanted func(screen string) bool) time.Duration {
	x.t.Helper()
	sent := time.Now()
	x.Send(keys)
	x.Await(fmt.Sprintf("after %q", keys), wanted)
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.last.Sub(sent)
}

// Shown is how long after the start the bytes came that made the screen as wanted.
func (x *Terminal) Shown(what string, wanted func(screen string) bool) time.Duration {
	x.t.Helper()
	x.Await(what, wanted)
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.last.Sub(x.started)
}

// Paste types text that the program may take its time to read.
func (x *Terminal) Paste(text string) {
	x.t.Helper()
	_ = x.pty.SetWriteDeadline(time.Now().Add(Patience))
	defer func() { _ = x.pty.SetWriteDeadline(time.Time{}) }()
	x.Send(text)
}

// Scribble writes over the screen behind the program's back, as a message of
// another program does.
func (x *Terminal) Scribble(text string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	_, _ = io.WriteString(x.screen, text)
}

// Signal sends a signal to the program.
func (x *Terminal) Signal(s os.Signal) {
	x.t.Helper()
	if err := x.cmd.Process.Signal(s); err != nil {
		x.t.Fatalf("sending %v: %v", s, err)
	}
}

// Pid is the program's process.
func (x *Terminal) Pid() int { return x.cmd.Process.Pid }

// Resize changes the size of the terminal. The screen that is read has at least
// one cell.
func (x *Terminal) Resize(cols, rows int) {
	x.t.Helper()
	x.mu.Lock()
	x.screen.Resize(max(cols, 1), max(rows, 1))
	x.mu.Unlock()
	x.setSize(cols, rows)
}

func (x *Terminal) setSize(cols, rows int) {
	x.t.Helper()
	size := unix.Winsize{Col: uint16(cols), Row: uint16(rows)} //nolint:gosec // sizes of tests
	raw, err := x.pty.SyscallConn()
	if err == nil {
		err = errors.Join(raw.Control(func(fd uintptr) { err = unix.IoctlSetWinsize(int(fd), unix.TIOCSWINSZ, &size) }), err)
	}
	if err != nil {
		x.t.Fatalf("setting the size %dx%d: %v", cols, rows, err)
	}
}

// Screen is the text on the screen, a line each, without the blanks at the ends.
func (x *Terminal) Screen() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.text()
}

func (x *Terminal) text() string {
	lines := strings.Split(x.screen.String(), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.Join(lines, "\n")
}

// Raw is all that was written so far, as it came.
func (x *Terminal) Raw() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.raw.String()
}

// AltScreen reports whether the program is on the screen that programs use, and
// not on the one with the shell's lines.
func (x *Terminal) AltScreen() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.screen.Mode()&vt10x.ModeAltScreen != 0
}

// CursorShown reports whether the cursor can be seen.
func (x *Terminal) CursorShown() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.screen.CursorVisible()
}

// Restored reports whether the terminal's modes are what they were at the start.
func (x *Terminal) Restored() bool {
	x.t.Helper()
	now := x.after
	if now == nil {
		var err error
		if now, err = term.GetState(x.tty.Fd()); err != nil {
			x.t.Fatal(err)
		}
	}
	return reflect.DeepEqual(now, x.before)
}

// FirstByte is how long after the start the first byte came; 0 for never.
func (x *Terminal) FirstByte() time.Duration {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.first.IsZero() {
		return 0
	}
	return x.first.Sub(x.started)
}

// Since is the time since the program was started.
func (x *Terminal) Since() time.Duration { return time.Since(x.started) }

// Await waits until the screen is as wanted, and returns it.
func (x *Terminal) Await(what string, wanted func(screen string) bool) string {
	x.t.Helper()
	screen, err := x.await(wanted, Patience)
	if err != nil {
		x.t.Fatalf("%s: %v; the screen is\n%s", what, err, frame(screen))
	}
	return screen
}

// AwaitText waits until a text is on the screen.
func (x *Terminal) AwaitText(text string) string {
	x.t.Helper()
	return x.Await(fmt.Sprintf("waiting for %q", text), func(s string) bool { return strings.Contains(s, text) })
}

var (
	errLate  = errors.New("it did not come")
	errEnded = errors.New("the program ended first")
)

func (x *Terminal) await(wanted func(string) bool, patience time.Duration) (string, error) {
	late := time.NewTimer(patience)
	defer late.Stop()
	for {
		x.mu.Lock()
		screen, news := x.text(), x.news
		x.mu.Unlock()
		if wanted(screen) {
			return screen, nil
		}
		select {
		case <-news:
		case <-x.drained:
			if screen = x.Screen(); wanted(screen) {
				return screen, nil
			}
			return screen, errEnded
		case <-late.C:
			return screen, errLate
		}
	}
}

// Wait waits for the program to end and for all that it wrote, and returns its
// exit code, which is -1 where a signal ended it.
func (x *Terminal) Wait() int {
	x.t.Helper()
	select {
	case <-x.ended:
	case <-time.After(Patience):
		x.t.Fatalf("the program has not ended; the screen is\n%s", frame(x.Screen()))
	}
	if x.after == nil {
		if state, err := term.GetState(x.tty.Fd()); err == nil { // there are none once it is hung up
			x.after = state
		}
		_ = x.tty.Close()
		<-x.drained
	}
	return x.cmd.ProcessState.ExitCode()
}

// frame marks the edges of a screen in a message.
func frame(screen string) string {
	return "│" + strings.ReplaceAll(screen, "\n", "\n│")
}
