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
	schedule *probe.Schedule
	cancel   context.CancelFunc
	running  sync.WaitGroup
	failed   chan error
	lost     atomic.Int64
}

// Start begins to run the schedule into the history and returns at once. A budget
// without a ledger is kept by the history too.
func Start(ctx context.Context, history store.History, schedule *probe.Schedule) *Monitor {
	ctx, cancel := context.WithCancel(ctx)
	m := &Monitor{schedule: schedule, cancel: cancel, failed: make(chan error, 1)}
	schedule.Sink = history
	if schedule.Budget != nil && schedule.Budget.Ledger == nil {
		schedule.Budget.Ledger = history
	}
	schedule.Log = func(err error) {
		var lost *probe.LostError
		if errors.As(err, &lost) {
			m.lost.Add(1)
		}
	}
	m.running.Go(func() {
		defer probe.Recover(func(err error) { m.failed <- err })
		if err := schedule.Run(ctx); err != nil {
			m.failed <- err
		}
	})
	return m
}

// Next is when the next probe is due; zero when nothing is scheduled.
func (m *Monitor) Next() time.Time { return m.schedule.Next() }

// Status is what the schedule is doing.
func (m *Monitor) Status() probe.Status { return m.schedule.Status() }

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
