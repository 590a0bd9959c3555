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
	"costping/probe"
	"costping/store"
	"costping/ui/compare"
	"costping/ui/config"
	"costping/ui/monitor"

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
			"a second one does not.",
		Example: "  costping monitor\n  costping monitor --history /var/lib/costping",
		Args:    a.noArgs,
		RunE:    m.run,
	}
	m.add(cmd)
	a.historyFlag(cmd)
	return cmd
}

func (m *monitorCommand) run(*cobra.Command, []string) error {
	workload, err := m.workload()
	if err != nil {
		return err
	}
	c, err := m.configuration()
	if err != nil {
		return err
	}
	if len(c.Targets) == 0 {
		return usage("write a [[target]] into "+config.DefaultPath()+", or name a file with --config FILE", "there is nothing to probe: no targets are configured")
	}
	profile, err := c.Prompt()
	if err != nil {
		return usage(profileHint(c.Profile)+"; see profile in "+c.Path, "%v", err)
	}
	catalog, err := m.catalog()
	if err != nil {
		return err
	}
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	// Probing goes on where nobody reads what is said any more.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	measuringThreads()
	log := &eventLog{say: func(line string) { fmt.Fprintln(m.stderr, line) }}
	history, err := store.OpenWith(m.historyDir(), store.Options{Log: log.problem})
	if err != nil {
		return unopened(err)
	}
	defer func() { _ = history.Close() }()
	client := probe.NewClient(probe.Limits{}, monitor.PriceOf(catalog, c.Targets))
	defer client.Close()
	schedules := monitor.Schedules(c, catalog, profile, client)
	facts := m.facts(c, catalog, workload)
	facts.Tell, facts.Log = log.event, log.problem
	fmt.Fprintln(m.stderr, monitor.Forecast(c, schedules))
	probing := monitor.Judge(context.Background(), history, facts, schedules...)
	defer probing.Stop()
	return log.until(signals, history, probing)
}

// facts are what the owner of a history judges the configured targets by.
func (a *app) facts(c config.Config, catalog *costmodel.Catalog, workload costmodel.Workload) monitor.Facts {
	f := monitor.Facts{
		Workload: workload, Limits: c.Limits, Dir: a.historyDir(), OnAlert: c.Alerts.OnAlert, Short: map[string]string{},
	}
	today := costmodel.DateOf(time.Now())
	for _, t := range c.Targets {
		f.Candidates = append(f.Candidates, monitor.Candidate(t, catalog, today))
		f.Short[t.Name] = t.Short
	}
	return f
}

// eventLog writes what happens, a line each.
type eventLog struct {
	say func(string)

	mu   sync.Mutex
	last string // what went wrong last: the same is said once
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

// until waits for a signal, or for what ends the probing by itself, and says
// meanwhile who probes.
func (l *eventLog) until(signals <-chan os.Signal, history store.History, probing *monitor.Monitor) error {
	look := time.NewTicker(time.Second)
	defer look.Stop()
	who := ""
	for {
		if now := watchingProbes(history); now != who {
			if now == "" {
				now, who = "probing: the process that did has ended", now
			} else {
				who = now
			}
			l.say(now)
		}
		select {
		case <-look.C:
		case err := <-probing.Failed():
			return err
		case s := <-signals:
			return l.finish(s, signals, probing)
		}
	}
}

// watchingProbes is watching, and says where whoever owns the history does not probe.
func watchingProbes(history store.History) string {
	text := watching(history)
	if role := history.Role(); role.Owner || role.Err != nil {
		return text
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if _, err := history.Control().Steered(ctx); errors.Is(err, store.ErrNoSchedule) {
		return fmt.Sprintf("waiting: pid %d has the history and does not probe; this one does when that ends", history.Role().PID)
	}
	return text
}

// finishWithin is how long what is in flight may take to end: as long as a probe may.
const finishWithin = 2 * time.Minute

// finish lets what is in flight end, unless somebody asks again.
func (l *eventLog) finish(s os.Signal, signals <-chan os.Signal, probing *monitor.Monitor) error {
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
