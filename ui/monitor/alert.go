package monitor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"costping/probe"
	"costping/store"
	"costping/ui/compare"
)

const (
	// alertWithin is how long an alert's command may take.
	alertWithin = 10 * time.Second
	// mostAlerts is how many events may wait for it: beyond, the newest are left to
	// the history.
	mostAlerts = 64
	// mostSaid bounds what is kept of what the command prints, in bytes.
	mostSaid = 4 << 10
	// eventSchema is the form of an event as JSON.
	eventSchema = "costping.event/1"
)

// alert runs a person's command with events, one at a time, each once: it is asked
// only after an event was recorded, which happens once.
type alert struct {
	within  time.Duration
	log     func(error)
	fail    func(error) // hears of a panic
	events  chan store.Event
	last    chan struct{} // closed when no more events come
	ending  sync.Once
	running sync.WaitGroup

	mu      sync.Mutex
	command []string
}

// set makes it another command; nil for none.
func (a *alert) set(command []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.command = command
}

func (a *alert) get() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.command
}

func newAlert(command []string, log func(error)) *alert {
	return &alert{command: command, within: alertWithin, log: log, fail: log, events: make(chan store.Event, mostAlerts), last: make(chan struct{})}
}

// start runs until end, or until ctx ends.
func (a *alert) start(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	a.running.Go(func() {
		defer cancel()
		defer probe.Recover(a.fail)
		for ctx.Err() == nil {
			select {
			case e := <-a.events:
				a.log(a.run(ctx, e))
			case <-ctx.Done():
			case <-a.last:
				for len(a.events) > 0 && ctx.Err() == nil {
					a.log(a.run(ctx, <-a.events))
				}
				return
			}
		}
	})
	a.running.Go(func() { // all that waits at the end may take as long as one may
		select {
		case <-a.last:
		case <-ctx.Done():
			return
		}
		select {
		case <-time.After(a.within):
			cancel()
		case <-ctx.Done():
		}
	})
}

// end waits until the command was given all events that were taken, or for as long as
// it may take for one: they are recorded, so that nobody else would tell of them. No
// more may be taken then.
func (a *alert) end() {
	a.ending.Do(func() { close(a.last) })
	a.running.Wait()
	if n := len(a.events); n > 0 {
		a.log(fmt.Errorf("the alert command is not told of the last %s", compare.Plural(n, "event")))
	}
}

// take hands over an event. It never waits.
func (a *alert) take(e store.Event) {
	if len(a.get()) == 0 {
		return
	}
	select {
	case a.events <- e:
	default:
		a.log(fmt.Errorf("too many events wait for the alert command: it is not told of %s", e.Kind))
	}
}

// told is an event as the command is given it.
type told struct {
	Schema string `json:"schema"`
	store.Event
}

// run runs the command once. What it prints is nobody's: only that it failed is
// said, with its first words made safe.
func (a *alert) run(ctx context.Context, e store.Event) error {
	command := a.get()
	if len(command) == 0 {
		return nil // it was taken away
	}
	text, err := json.Marshal(told{eventSchema, e})
	if err != nil {
		return fmt.Errorf("writing an event for the alert command: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, a.within)
	defer cancel()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	said := &bounded{most: mostSaid}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(append(text, '\n')), said, said
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) } // and what it has started
	cmd.WaitDelay = time.Second
	err = cmd.Run()
	switch {
	case err == nil || errors.Is(err, exec.ErrWaitDelay):
		return nil
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Errorf("the alert command took longer than %s and was ended", a.within)
	case ctx.Err() != nil:
		return errors.New("the alert command was ended with the program")
	}
	return fmt.Errorf("the alert command failed: %w: %s", err, probe.Sanitize(said.String(), 200))
}

// bounded keeps the first bytes that are written to it.
type bounded struct {
	bytes.Buffer
	most int
}

func (b *bounded) Write(p []byte) (int, error) {
	if room := b.most - b.Len(); room > 0 {
		_, _ = b.Buffer.Write(p[:min(room, len(p))]) // a buffer takes all
	}
	return len(p), nil
}
