package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"costping/costmodel"
	"costping/store"
	"costping/ui/compare"
	"costping/ui/config"
	"costping/ui/monitor"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"
)

type monitorCommand struct {
	*app
	workloadFlags
}

func newMonitor(a *app) *cobra.Command {
	m := &monitorCommand{app: a}
	cmd := &cobra.Command{
		Use:   "monitor",
		Short: "Probe the configured targets in the background, with no screen",
		Long: "monitor probes the configured targets in the background, with no screen, into the history that dashboards and\n" +
			"other commands read, within the budget of the day. Of several costpings on one history whoever is first\n" +
			"probes; the others watch, and one of them takes over when it ends.\n\n" +
			"What happens is written to standard error, a line an event. SIGTERM and ctrl+c let what is in flight finish;\n" +
			"a second one does not. A configuration file that has changed is in force within a few seconds, without a\n" +
			"restart, and at once with SIGHUP. Limits are judged for the workload of the flags, else the first of the\n" +
			"configuration.",
		Example: "  costping monitor\n  costping monitor --history /var/lib/costping",
		Args:    a.noArgs,
		RunE:    m.run,
	}
	m.add(cmd, a)
	a.historyFlag(cmd)
	a.baselineFlag(cmd)
	return cmd
}

func (m *monitorCommand) run(cmd *cobra.Command, _ []string) error {
	c, err := m.configuration()
	if err != nil {
		return err
	}
	workload, err := m.workloadOr(c, cmd.Flags().Changed, costmodel.DateOf(time.Now()))
	if err != nil {
		return err
	}
	if len(c.Targets) == 0 {
		return usage("write a [[target]] into "+config.DefaultPath()+", or name a file with --config FILE", "there is nothing to probe: no targets are configured")
	}
	if _, err := c.Prompt(); err != nil {
		return usage(profileHint(c.Profile)+"; see profile in "+c.Path, "%v", err)
	}
	catalog, err := m.catalog()
	if err != nil {
		return err
	}
	approved, err := m.approved()
	if err != nil {
		return err
	}
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	// Probing goes on where nobody reads what is said any more.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	measuringThreads()
	spareMemory()
	log := &eventLog{say: func(line string) { fmt.Fprintln(m.stderr, line) }}
	history, err := store.OpenWith(m.historyDir(), store.Options{Log: log.problem})
	if err != nil {
		return unopened(err)
	}
	defer func() { _ = history.Close() }()
	reload := make(chan struct{})
	probing, err := monitor.Configure(context.Background(), history, monitor.Setup{
		Config: c, Load: m.configuration, Files: m.followedFiles(), Catalog: catalog, Dir: m.historyDir(), Approved: approved,
		Workload: ruling(workload, m.anyGiven(cmd.Flags().Changed)),
		Tell:     log.event, Log: log.problem, Reload: reload, Refused: log.refused,
	})
	if err != nil {
		return err
	}
	defer probing.Stop()
	log.say(probing.Forecast)
	return log.until(signals, history, probing, reload, m.hungUp())
}

// hungUp reports whether a SIGHUP means that the terminal is gone that the command
// was started in. Without one it asks for the configuration to be read.
func (a *app) hungUp() func() bool {
	f, ok := a.stdin.(*os.File)
	if !ok || !term.IsTerminal(f.Fd()) {
		return func() bool { return false }
	}
	return func() bool { return !term.IsTerminal(f.Fd()) }
}

// eventLog writes what happens, a line each.
type eventLog struct {
	say func(string)

	mu   sync.Mutex
	last string // what went wrong last: the same is said once
}

// refused says why a configuration cannot be used, or that it can be again.
func (l *eventLog) refused(err error) {
	if err == nil {
		err = errors.New("the configuration is again the one in force")
	}
	l.problem(err)
}

// problem says what goes wrong in the background.
func (l *eventLog) problem(err error) {
	l.mu.Lock()
	said := err.Error() == l.last
	l.last = err.Error()
	l.mu.Unlock()
	if !said {
		l.say(oneLine("costping: " + err.Error()))
	}
}

func (l *eventLog) event(e store.Event) {
	text := e.At.UTC().Format(time.RFC3339) + " " + string(e.Kind)
	if e.Target != "" {
		text += " " + e.Target
	}
	l.say(oneLine(text + ": " + e.Text))
}

// patientLooks is after how many looks, one a second, it is said that nobody probes.
const patientLooks = 10

// until waits for a signal, or for what ends the probing by itself, and says
// meanwhile who probes.
func (l *eventLog) until(
	signals <-chan os.Signal, history store.History, probing *monitor.Configured, reload chan<- struct{}, hungUp func() bool,
) error {
	look := time.NewTicker(time.Second)
	defer look.Stop()
	who, waited := "", 0
	for {
		switch now := watching(history); {
		case now == "" && !history.Role().Owner: // the ownership is passing on
			if waited++; waited == patientLooks {
				l.say(fmt.Sprintf("waiting for pid %d, which has the history and does not probe", history.Role().PID))
			}
		case now == "" && who != "":
			who = now
			l.say("probing: the process that did has ended")
		case now != who:
			who = now
			l.say(now)
		}
		select {
		case <-look.C:
		case err := <-probing.Failed():
			return err
		case s := <-signals:
			if s != syscall.SIGHUP || hungUp() {
				return l.finish(s, signals, probing)
			}
			select {
			case reload <- struct{}{}:
			case <-time.After(time.Second): // it is just being read
			}
		}
	}
}

// finishWithin is how long what is in flight may take to end: as long as a probe may.
const finishWithin = 2 * time.Minute

// finish lets what is in flight end, unless somebody asks again.
func (l *eventLog) finish(s os.Signal, signals <-chan os.Signal, probing *monitor.Configured) error {
	if n := probing.Status().InFlight; n > 0 {
		l.say("waiting for " + compare.Plural(n, "probe") + " in flight")
	}
	ctx, cancel := context.WithTimeout(context.Background(), finishWithin)
	defer cancel()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-signals:
			cancel()
		case <-ctx.Done():
		}
	}()
	probing.Finish(ctx)
	cancel()
	<-ended
	if s == syscall.SIGINT {
		return errInterrupted
	}
	return nil
}
