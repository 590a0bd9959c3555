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

// Monitor probes in the background into a history.
type Monitor struct {
	schedules []*probe.Schedule
	cancel    context.CancelFunc
	running   sync.WaitGroup
	failed    chan error
	lost      atomic.Int64
}

// Start begins to run the schedules into the history once this process owns it, so
// that of several only one probes, and returns at once. A budget without a ledger is
// kept by the history too.
func Start(ctx context.Context, history store.History, schedules ...*probe.Schedule) *Monitor {
	ctx, cancel := context.WithCancel(ctx)
	m := &Monitor{schedules: schedules, cancel: cancel, failed: make(chan error, len(schedules))}
	for _, s := range schedules {
		s.Sink = history
		if s.Budget != nil && s.Budget.Ledger == nil {
			s.Budget.Ledger = history
		}
		s.Log = func(err error) {
			var lost *probe.LostError
			if errors.As(err, &lost) {
				m.lost.Add(1)
			}
		}
		m.running.Go(func() {
			defer probe.Recover(func(err error) { m.failed <- err })
			select {
			case <-history.Owning():
			case <-ctx.Done():
				return
			}
			if err := s.Run(ctx); err != nil {
				m.failed <- err
			}
		})
	}
	return m
}

// Next is when the next probe is due; zero when nothing is scheduled.
func (m *Monitor) Next() time.Time { return m.Status().Next }

// Status is what the probing is doing, of all schedules together: the soonest probe,
// and the pace of the one that has a budget.
func (m *Monitor) Status() probe.Status {
	var all probe.Status
	for i, s := range m.schedules {
		one := s.Status()
		if i == 0 || one.Budget != nil && all.Budget == nil {
			all.Interval, all.Reason, all.Budget = one.Interval, one.Reason, one.Budget
		}
		if all.Next.IsZero() || !one.Next.IsZero() && one.Next.Before(all.Next) {
			all.Next = one.Next
		}
		all.InFlight += one.InFlight
		all.Targets = append(all.Targets, one.Targets...)
	}
	return all
}

// Failed receives the error that ended the probing, if any.
func (m *Monitor) Failed() <-chan error { return m.failed }

// Lost is how many times samples could not be kept.
func (m *Monitor) Lost() int { return int(m.lost.Load()) }

// Stop ends the probing: what is in flight is cancelled and kept as that. The
// history stays open.
func (m *Monitor) Stop() {
	m.cancel()
	m.running.Wait()
}

// closeAll closes in order and joins what goes wrong.
func closeAll(closers ...func() error) error {
	errs := make([]error, len(closers))
	for i, c := range closers {
		errs[i] = c()
	}
	return errors.Join(errs...)
}
