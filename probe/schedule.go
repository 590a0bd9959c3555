package probe

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"time"
)

// Sink keeps samples. Append returns once they are durable.
type Sink interface {
	Append(ctx context.Context, samples []Sample) error
}

// Prober makes one attempt; *Client is the real one.
type Prober interface {
	// Prepare does beforehand what must not stand in a measurement, such as
	// opening the connection. It may be called for a target at any time before
	// Probe, which does the same where it was not.
	Prepare(ctx context.Context, t Target, p Profile)
	// Probe makes one attempt and returns its record.
	Probe(ctx context.Context, a Attempt) Sample
}

// Schedule probes every target once a pass, open loop: target i of N is due at
// the pass's start + (rank_i + U) interval/N, with ranks rotated every pass and U
// uniform in [0, 1). So a pass is spread over the interval, no target is always
// first, and a slow answer delays nobody else.
//
// A target whose own interval is longer than that of the passes is probed less
// often, never sooner than its interval after the last time. A target that fails
// or rate-limits is left alone for a while, see Status. With a budget, passes are
// as far apart as it takes for the money to last the UTC day, and at its end the
// next begins anew; only the first is spread over the interval without one.
type Schedule struct {
	Targets []Target
	Profile Profile
	// Interval is the shortest time from pass to pass.
	Interval time.Duration
	Prober   Prober
	Sink     Sink
	// Budget caps what probing costs; nil for no cap.
	Budget *Budget
	// Lead is how long before it is due a target's probe is prepared, at most
	// the time from pass to pass; nil for PrepareTime.
	Lead func(Target) time.Duration
	// Rand draws the jitter; nil for a random one.
	Rand *rand.Rand
	// Log hears of what went wrong beside the probes, a *LostError among it,
	// from several goroutines; nil for nobody.
	Log func(error)

	mu       sync.Mutex
	run      *run // nil before Run and after it
	ended    *run // the last one that has ended; nil for none
	before   map[string]carried
	steering steering
}

// LostError says that samples could not be kept.
type LostError struct {
	// Samples is how many.
	Samples int
	Err     error
}

func (e *LostError) Error() string { return fmt.Sprintf("keeping %d samples: %v", e.Samples, e.Err) }

// Unwrap is what the sink said.
func (e *LostError) Unwrap() error { return e.Err }

// PanicError is a panic in a goroutine of the schedule, turned into an error so
// that whoever holds the terminal and the history can put both in order first.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("internal error: %v", e.Value) }

// Recover turns a panic of the deferring goroutine into a *PanicError for fail.
func Recover(fail func(error)) {
	if v := recover(); v != nil {
		fail(&PanicError{Value: v, Stack: debug.Stack()})
	}
}

// Run probes until ctx ends, then waits for what is in flight, keeps it and
// returns. It returns an error for a schedule that cannot be run, and a
// *PanicError where the prober or the sink panicked, which also ends it.
func (s *Schedule) Run(ctx context.Context) error { return s.RunUntil(ctx, ctx) }

// RunUntil is Run that ends, once until has, as soon as what is in flight has ended by
// itself. Nothing more is sent then.
func (s *Schedule) RunUntil(ctx, until context.Context) error {
	if len(s.Targets) == 0 || s.Interval <= 0 || s.Prober == nil || s.Sink == nil {
		return errors.New("a schedule needs targets, an interval, a prober and a sink")
	}
	if s.Budget != nil {
		if err := s.Budget.Check(); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	planning, finish := context.WithCancel(ctx)
	defer finish()
	defer context.AfterFunc(until, finish)()
	r := newRun(s, cancel)
	r.probing = ctx
	s.running(r)
	defer s.running(nil)
	var keeper sync.WaitGroup
	keeper.Go(func() { r.keep(ctx) })
	r.open(planning)
	r.passes(planning)
	r.shut()
	r.probes.Wait()
	close(r.queue)
	keeper.Wait()
	var crash *PanicError
	if errors.As(context.Cause(ctx), &crash) {
		return crash
	}
	return nil
}

func (s *Schedule) running(r *run) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r == nil {
		s.ended = s.run
	}
	s.run = r
}

// lead is how long before it is due a target's probe is prepared where passes are
// an interval apart.
func (s *Schedule) lead(t Target, interval time.Duration) time.Duration {
	lead := PrepareTime
	if s.Lead != nil {
		lead = s.Lead
	}
	return max(0, min(lead(t), interval))
}

func (s *Schedule) log(err error) {
	if err != nil && s.Log != nil {
		s.Log(err)
	}
}

// keep appends what waits in the queue, as much at once as there is. It runs
// until the queue is closed, so that samples in flight at the end are kept too.
func (r *run) keep(ctx context.Context) {
	ctx = context.WithoutCancel(ctx)
	for sample := range r.queue {
		<-r.room
		batch := []Sample{sample}
		for more := true; more; {
			select {
			case next, ok := <-r.queue:
				if more = ok; ok {
					<-r.room
					batch = append(batch, next)
				}
			default:
				more = false
			}
		}
		r.append(ctx, batch)
	}
}

func (r *run) append(ctx context.Context, batch []Sample) {
	defer Recover(r.cancel)
	if err := r.Sink.Append(ctx, batch); err != nil {
		r.log(&LostError{Samples: len(batch), Err: err})
	}
}

// skipped is the sample of a probe that was not sent. Its cap is that of the one
// before, so that it stands in the same series.
func (r *run) skipped(t Target, due time.Time, reason string) Sample {
	r.mu.Lock()
	limit := cmp.Or(r.caps[t.Name], r.Profile.capFor(t))
	r.mu.Unlock()
	return Sample{
		Target: t.Identity(), Profile: r.Profile.Name, Cap: limit, Concurrency: 1, At: due.UTC(),
		Outcome: Skipped, Error: Sanitize(reason, maxErrorText),
	}
}

// sleepUntil waits for the instant; false when ctx ended first.
func sleepUntil(ctx context.Context, at time.Time) bool {
	timer := time.NewTimer(time.Until(at))
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}
