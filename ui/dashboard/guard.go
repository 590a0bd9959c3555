package dashboard

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"costping/probe"

	tea "github.com/charmbracelet/bubbletea"
)

// guarded hands a panic of the model, or of a command of its, over as an error.
// Bubble Tea would print it, for the most part to the screen that it then throws
// away, and end without saying what it was.
type guarded struct {
	model tea.Model
	fail  context.CancelCauseFunc
}

// Init implements tea.Model.
func (g guarded) Init() (cmd tea.Cmd) {
	defer probe.Recover(g.fail)
	return g.command(g.model.Init())
}

// Update implements tea.Model.
func (g guarded) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	var cmd tea.Cmd
	func() {
		defer probe.Recover(g.fail)
		g.model, cmd = g.model.Update(msg)
	}()
	return g, g.command(cmd) // after a panic the model as it was
}

// View implements tea.Model.
func (g guarded) View() string {
	defer probe.Recover(g.fail)
	return g.model.View()
}

// command guards a command and those that it is made of.
func (g guarded) command(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() tea.Msg {
		defer probe.Recover(g.fail)
		msg := cmd()
		if batch, ok := msg.(tea.BatchMsg); ok {
			for i, part := range batch {
				batch[i] = g.command(part)
			}
		}
		return msg
	}
}

// noticed is the input with its end noticed: a terminal that is closed without a
// signal, for it was not the program's own, reads as empty for ever.
func noticed(in io.Reader, fail context.CancelCauseFunc) io.Reader {
	if f, ok := in.(*os.File); ok {
		return terminalInput{f, fail}
	}
	return in
}

// terminalInput remains a file for those who set its modes and wait for it.
type terminalInput struct {
	*os.File
	fail context.CancelCauseFunc
}

func (t terminalInput) Read(p []byte) (int, error) {
	n, err := t.File.Read(p)
	if err != nil {
		t.fail(errInterrupted)
	}
	return n, err
}

// suspending replaces Bubble Tea's way to suspend, which waits for ever where
// nothing can resume the program.
func suspending(_ tea.Model, msg tea.Msg) tea.Msg {
	if _, ok := msg.(tea.SuspendMsg); ok {
		return tea.Exec(suspension{}, nil)()
	}
	return msg
}

// suspension stops the program's process group, as the terminal would.
type suspension struct{}

// stopsWithin is how long a stop may take to come. The system ignores it where no
// shell could resume the program, as in a pane that runs nothing else; the
// dashboard then comes back by itself.
const stopsWithin = 250 * time.Millisecond

// Run implements tea.ExecCommand: it returns when the program was resumed.
func (suspension) Run() error {
	resumed := make(chan os.Signal, 1)
	signal.Notify(resumed, syscall.SIGCONT)
	defer signal.Stop(resumed)
	if err := syscall.Kill(0, syscall.SIGTSTP); err != nil {
		return err
	}
	select {
	case <-resumed:
	case <-time.After(stopsWithin):
	}
	return nil
}

// SetStdin implements tea.ExecCommand.
func (suspension) SetStdin(io.Reader) {}

// SetStdout implements tea.ExecCommand.
func (suspension) SetStdout(io.Writer) {}

// SetStderr implements tea.ExecCommand.
func (suspension) SetStderr(io.Writer) {}
