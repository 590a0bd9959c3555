package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"

	"costping/costmodel"
	"costping/probe"
	"costping/store"
	"costping/ui/config"
	"costping/ui/dashboard"
	"costping/ui/facts"
	"costping/ui/monitor"
	"costping/ui/pricebook"
)

// followedFiles are what the configuration depends on, there or not yet.
func (a *app) followedFiles() []string {
	files := []string{facts.Path(pricebook.Dir())}
	if a.config == "" {
		files = append(files, config.DefaultPath())
	}
	return files
}

// ruling is the workload that a configuration is judged by on a day: that of the flags
// where any was given, else the first of the configuration, else the flags' own. It is
// that which a screen begins with.
func ruling(flags costmodel.Workload, given bool) func(config.Config, costmodel.Date) costmodel.Workload {
	return func(c config.Config, day costmodel.Date) costmodel.Workload {
		if given || len(c.Workloads) == 0 {
			return flags
		}
		return c.Workloads[0].On(day)
	}
}

// following has a dashboard follow what becomes of the configuration.
type following struct {
	history   store.History
	setup     monitor.Setup
	changes   chan dashboard.Change // with room for one
	telling   sync.Mutex            // held while one is put there
	workloads func(config.Config) []dashboard.Workload
	forecast  string // what probing comes to; "" where nothing is probed at first
}

// begin probes what is configured and follows it, until end is called. An idle one
// only follows; where nothing is configured probing begins once something is.
func (f *following) begin(ctx context.Context, idle bool, o *dashboard.Options) (end func(), err error) {
	f.setup.Changed = func(c config.Config) { f.changed(c, nil) }
	f.setup.Refused = f.refused
	if idle || len(f.setup.Config.Targets) == 0 {
		o.Failed, end = f.await(ctx, idle)
		return end, nil
	}
	measuringThreads()
	probing, err := monitor.Configure(ctx, f.history, f.setup)
	if err != nil {
		return nil, err
	}
	f.forecast = probing.Forecast
	o.Probing, o.Cost, o.Lost, o.Failed = probing.Status, probing.Estimate, probing.Lost, probing.Failed()
	return probing.Stop, nil
}

// await follows the configuration without probing, until end is called; one that is
// not idle probes from the first targets on. What ends it is handed over in failed.
func (f *following) await(ctx context.Context, idle bool) (failed <-chan error, end func()) {
	ctx, stop := context.WithCancel(ctx)
	crashed := make(chan error, 1)
	var running sync.WaitGroup
	running.Go(func() {
		defer probe.Recover(func(err error) { crashed <- err })
		if idle {
			monitor.FollowFile(ctx, f.setup)
			return
		}
		if err := f.probeOnce(ctx); err != nil {
			crashed <- err
		}
	})
	return crashed, func() {
		stop()
		running.Wait()
	}
}

// probeOnce waits for targets and probes them until ctx ends or the probing fails.
func (f *following) probeOnce(ctx context.Context) error {
	waiting, found := context.WithCancel(ctx)
	defer found()
	s, begun := f.setup, false
	s.Changed = func(c config.Config) {
		if !begun {
			f.setup.Config, begun = c, true
		}
		found()
	}
	monitor.FollowFile(waiting, s)
	if !begun || ctx.Err() != nil {
		return nil
	}
	measuringThreads()
	probing, err := monitor.Configure(ctx, f.history, f.setup)
	if err != nil {
		return err
	}
	defer probing.Stop()
	f.changed(f.setup.Config, probing)
	select {
	case <-ctx.Done():
		return nil
	case err := <-probing.Failed():
		return err
	}
}

// changed hands the screen another configuration that is in force, with what probes
// from now on; nil for what does already.
func (f *following) changed(c config.Config, probing *monitor.Configured) {
	sets, err := setsOf(f.history, f.setup.Catalog, c.Targets)
	if err != nil {
		f.tell(dashboard.Change{Say: err.Error()})
		return
	}
	change := dashboard.Change{
		Sets: sets, Limits: c.Limits, Workloads: f.workloads(c), Pipelines: pipelinesOf(c), Say: "the configuration was changed and is in force",
	}
	if probing != nil {
		change.Probing, change.Cost, change.Lost = probing.Status, probing.Estimate, probing.Lost
	}
	f.tell(change)
}

// refused tells the screen that the configuration cannot be used, and why, or that it
// can be again.
func (f *following) refused(err error) {
	if err == nil {
		f.tell(dashboard.Change{Say: "the configuration is again the one in force"})
		return
	}
	why := err.Error()
	if wrong := (*config.Error)(nil); errors.As(err, &wrong) { // its place in few words: a line has no room for folders
		short := *wrong
		short.File = filepath.Base(wrong.File)
		why = short.Error() + "; the configuration of before stays in force"
	}
	f.tell(dashboard.Change{Say: oneLine(why), Unread: oneLine(why)})
}

// tell never waits: what the screen has not taken yet goes on in what is newer.
func (f *following) tell(c dashboard.Change) {
	f.telling.Lock() // of two at once one would wait for a screen that may have closed
	defer f.telling.Unlock()
	select {
	case before := <-f.changes:
		if len(c.Sets) == 0 {
			c.Sets, c.Limits, c.Workloads, c.Pipelines = before.Sets, before.Limits, before.Workloads, before.Pipelines
		}
		if c.Probing == nil {
			c.Probing, c.Cost, c.Lost = before.Probing, before.Cost, before.Lost
		}
	default:
	}
	f.changes <- c
}

// watching says who probes, where that is another process; "" where it is this one
// or nobody.
func watching(history store.History) string {
	role := history.Role()
	switch {
	case role.Owner:
		return ""
	case role.Err != nil:
		return probe.Sanitize(role.Err.Error(), 100)
	case !role.Schedule:
		return ""
	}
	return fmt.Sprintf("watching: pid %d probes", role.PID)
}
