package dashboard

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"costping/probe"
	_ "costping/ui/dashboard/quiet" // before Bubble Tea, and so that it is never left out

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// Result is how the dashboard ended.
type Result struct {
	// Table is what is to stay on the terminal, "" for nothing.
	Table string
	// Next is the way that was taken, "" for none.
	Next string
	// Interrupted says that a signal or ctrl+c ended it.
	Interrupted bool
}

// framesPerSecond bounds redrawing: a key is on the screen within 34 ms, for a
// third of a percent of a core.
const framesPerSecond = 30

// Run shows the dashboard on a terminal until it is quit, a signal comes, the
// terminal is gone or ctx ends. It returns the error that came over
// Options.Failed, should one have ended it, and a panic of the dashboard as a
// *probe.PanicError; the terminal is as it was before in every case.
func Run(ctx context.Context, in io.Reader, out io.Writer, o Options) (Result, error) {
	outer := ctx
	ctx, cancel := context.WithCancelCause(outer)
	defer cancel(nil)
	if o.Copy == nil {
		o.Copy = clipboard(out)
	}
	if o.Ring == nil {
		o.Ring = func() error { _, err := io.WriteString(out, "\a"); return err }
	}
	if o.Title { // the title that is there comes back at the end
		_, _ = io.WriteString(out, ansi.XTWINOPS(22, 2))
		defer func() { _, _ = io.WriteString(out, ansi.XTWINOPS(23, 2)) }()
	}
	m := NewModel(o)
	p := tea.NewProgram(guarded{m, cancel}, tea.WithInput(noticed(in, cancel)), tea.WithOutput(out),
		tea.WithAltScreen(), tea.WithFPS(framesPerSecond), tea.WithoutSignalHandler(), tea.WithFilter(suspending))

	// Bubble Tea leaves the terminal raw on SIGHUP, which is what a closed pane
	// sends; so all three are taken here.
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		select {
		case <-signals:
			cancel(errInterrupted)
		case err := <-o.Failed:
			cancel(err)
		case <-ctx.Done():
		case <-ended:
			return
		}
		// Killed, or under a context, Bubble Tea would close the input while it
		// is still being read.
		p.Quit()
	}()

	_, err := p.Run()
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	var crash *probe.PanicError
	switch {
	case errors.As(err, &crash):
		return Result{}, err
	case errors.Is(err, errInterrupted) || outer.Err() != nil:
		return Result{Interrupted: true}, nil
	case err != nil:
		return Result{}, err
	}
	result := Result{Interrupted: m.interrupted, Next: m.next}
	if m.leave {
		result.Table = m.printed()
	}
	return result, nil
}

var errInterrupted = errors.New("ended by a signal or a closed terminal")

// printed is the table as it stays on the terminal: without keys and knobs lit.
func (m *Model) printed() string {
	m.at, m.overlay, m.notice = comparePage, nil, notice{}
	f := m.framed()
	f.Hints = nil
	for i := range f.Knobs {
		f.Knobs[i].Lit = false
	}
	body := m.compareBody()
	body.Selected, body.Top, body.Events, body.Below = "", 0, nil, nil
	f.Body = body
	const around = frameLines + 2 + 1 // the title and the headings, the line of the keys
	height := max(around+len(m.table.Rows), 12)
	text := f.Render(max(m.width, 60), height, m.opts.Theme)
	return strings.TrimRight(text, " \n") + "\n"
}
