package monitor

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"costping/probe"
	"costping/store"
)

// Monitor probes in the background into a history, and judges what comes of it.
type Monitor struct {
	history   store.History
	alert     *alert
	cancel    context.CancelFunc
	finish    chan struct{} // closed when nothing more is to be begun
	finishing sync.Once
	running   sync.WaitGroup
	judging   sync.WaitGroup
	failed    chan error
	lost      atomic.Int64
	steering  sync.Mutex // held while somebody pauses or enables
	telling   sync.Mutex // held while events are told

	mu        sync.Mutex
	schedules []*probe.Schedule
	checks    *checker // nil for none
	facts     Facts
	replaced  chan struct{} // closed when the schedules are no longer these
}

// Start begins to run the schedules into the history once this process owns it, so
// that of several only one probes, and returns at once. A budget without a ledger is
// kept by the history too. The schedules are steered through the history's Control.
func Start(ctx context.Context, history store.History, schedules ...*probe.Schedule) *Monitor {
	return start(ctx, history, nil, nil, schedules)
}

// Judge is Start, and turns what was measured into events, alerts and the status
// file, likewise only while this process owns the history.
func Judge(ctx context.Context, history store.History, facts Facts, schedules ...*probe.Schedule) *Monitor {
	return start(ctx, history, &facts, nil, schedules)
}

func start(ctx context.Context, history store.History, facts *Facts, checks *Checks, schedules []*probe.Schedule) *Monitor {
	ctx, cancel := context.WithCancel(ctx)
	m := &Monitor{
		history: history, schedules: schedules, cancel: cancel, replaced: make(chan struct{}),
		finish: make(chan struct{}), failed: make(chan error, 1),
	}
	if facts != nil {
		m.facts = *facts
	}
	m.alert = newAlert(m.facts.OnAlert, m.log)
	m.alert.fail = m.fail
	m.alert.start(context.WithoutCancel(ctx)) // until Stop: what is judged last is told of too
	for _, s := range schedules {
		m.adopt(s)
	}
	m.checks = newChecker(m, checks)
	// Mounted before it is asked who owns the history: an owner without a schedule
	// may give it up at any time.
	history.Mount(steerable{m})
	role := history.Role()
	anew := role.Owner || !role.Schedule // nobody probes: a person begins
	steered := make(chan struct{})
	m.running.Go(func() {
		defer probe.Recover(m.fail)
		m.probe(ctx, anew, steered)
	})
	if facts != nil {
		m.judging.Go(func() {
			defer probe.Recover(m.fail)
			<-steered
			m.judge(ctx)
		})
	}
	return m
}

// adopt makes a schedule one of this monitor.
func (m *Monitor) adopt(s *probe.Schedule) {
	s.Sink, s.Log = m.history, m.log
	if s.Budget != nil && s.Budget.Ledger == nil {
		s.Budget.Ledger = m.history
	}
}

// current are the schedules, and what is closed once they are others.
func (m *Monitor) current() ([]*probe.Schedule, <-chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.schedules, m.replaced
}

// checking makes the checks; nil for none.
func (m *Monitor) checking() *checker {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.checks
}

// paused reports whether all probing is.
func (m *Monitor) paused() bool {
	schedules, _ := m.current()
	return len(schedules) > 0 && !schedules[0].Status().PausedSince.IsZero()
}

// off reports whether somebody has turned a target off.
func (m *Monitor) off(target string) bool {
	s := m.scheduleOf(target)
	return s != nil && isOff(s.Status(), target)
}

// holds reports whether nothing is to be sent to a target.
func (m *Monitor) holds(target string) bool { return m.paused() || m.off(target) }

// judged is what is judged by.
func (m *Monitor) judged() Facts {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.facts
}

// probe runs the schedules, one generation after the other, while this process owns
// the history. It closes steered once they are steered as they are to be.
func (m *Monitor) probe(ctx context.Context, anew bool, steered chan<- struct{}) {
	owning := func() bool {
		defer close(steered) // in a panic too
		if !m.owning(ctx) {
			return false
		}
		m.resume(ctx, anew)
		return true
	}()
	var before []*probe.Schedule
	for owning {
		schedules, replaced := m.current()
		for _, s := range schedules {
			s.Continue(before...)
		}
		owning = m.run(ctx, schedules, m.checking(), replaced)
		before = schedules
	}
}

// run runs schedules, and makes checks, until they are replaced: true then, and false where all is to
// end. What is in flight is waited for.
func (m *Monitor) run(ctx context.Context, schedules []*probe.Schedule, checks *checker, replaced <-chan struct{}) bool {
	until, end := context.WithCancel(ctx)
	defer end()
	var running sync.WaitGroup
	for _, s := range schedules {
		running.Go(func() {
			defer probe.Recover(m.fail)
			if err := s.RunUntil(ctx, until); err != nil {
				m.fail(err)
			}
		})
	}
	if checks != nil {
		running.Go(func() {
			defer probe.Recover(m.fail)
			checks.run(ctx, until)
		})
	}
	again := false
	select {
	case <-replaced:
		again = true
	case <-m.finish:
	case <-ctx.Done():
	}
	end()
	running.Wait()
	return again && ctx.Err() == nil
}

// owning waits until this process owns the history; false where it is to end first.
func (m *Monitor) owning(ctx context.Context) bool {
	select {
	case <-m.history.Owning():
	case <-m.finish:
	case <-ctx.Done():
	}
	select {
	case <-m.finish:
		return false
	default:
	}
	select {
	case <-m.history.Owning():
		return ctx.Err() == nil
	default:
		return false
	}
}

// judge looks at what is new until ctx ends, and once more before it ends.
func (m *Monitor) judge(ctx context.Context) {
	if !m.owning(ctx) {
		return
	}
	j := newJudge(m)
	tick := time.NewTicker(judgeEvery)
	defer tick.Stop()
	var seen uint64
	var last time.Time
	for {
		if version, now := m.history.Version(), time.Now(); last.IsZero() || version != seen || now.Sub(last) >= judgeAnyway {
			m.log(j.look(ctx, now))
			seen, last = m.history.Version(), now
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			m.log(j.look(context.WithoutCancel(ctx), time.Now()))
			return
		}
	}
}

func (m *Monitor) fail(err error) {
	select {
	case m.failed <- err:
	default: // one is enough to end by
	}
}

// log counts what could not be kept and passes on what went wrong.
func (m *Monitor) log(err error) {
	if err == nil || errors.Is(err, context.Canceled) {
		return
	}
	var lost *probe.LostError
	if errors.As(err, &lost) {
		m.lost.Add(1)
	}
	if log := m.judged().Log; log != nil {
		log(err)
	}
}

// Next is when the next probe is due; zero when nothing is scheduled.
func (m *Monitor) Next() time.Time { return m.Status().Next }

// Status is what the probing is doing, of all schedules together: the soonest probe,
// and the pace of the one that has a budget.
func (m *Monitor) Status() probe.Status {
	var all probe.Status
	schedules, _ := m.current()
	for i, s := range schedules {
		one := s.Status()
		if i == 0 || one.Budget != nil && all.Budget == nil {
			all.Interval, all.Reason, all.Budget, all.PausedSince = one.Interval, one.Reason, one.Budget, one.PausedSince
		}
		if all.Next.IsZero() || !one.Next.IsZero() && one.Next.Before(all.Next) {
			all.Next = one.Next
		}
		all.InFlight += one.InFlight
		all.Targets = append(all.Targets, one.Targets...)
	}
	all.Checks = m.checking().status()
	return all
}

// Failed receives the error that ended the probing, if any.
func (m *Monitor) Failed() <-chan error { return m.failed }

// Lost is how many times samples could not be kept.
func (m *Monitor) Lost() int { return int(m.lost.Load()) }

// Finish begins nothing more, waits until what is in flight has ended by itself or
// ctx ends, and stops.
func (m *Monitor) Finish(ctx context.Context) {
	m.finishing.Do(func() { close(m.finish) })
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		m.running.Wait()
	}()
	select {
	case <-ended:
	case <-ctx.Done():
	}
	m.Stop()
	<-ended
}

// Stop ends the probing: what is in flight is cancelled and kept as that. Alerts that
// wait are given to their command first, within the time that one may take. The history
// stays open.
func (m *Monitor) Stop() {
	m.cancel()
	m.running.Wait()
	m.judging.Wait()
	m.alert.end()
	m.history.Mount(nil) // only now may another process have the history
}

// closeAll closes in order and joins what goes wrong.
func closeAll(closers ...func() error) error {
	errs := make([]error, len(closers))
	for i, c := range closers {
		errs[i] = c()
	}
	return errors.Join(errs...)
}
