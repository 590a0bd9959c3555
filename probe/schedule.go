package probe

import (
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
type Schedule struct {
	Targets []Target
	Profile Profile
	// Interval is the time from pass to pass.
	Interval time.Duration
	Prober   Prober
	Sink     Sink
	// Rand draws the jitter; nil for a random one.
	Rand *rand.Rand
	// Log hears of what went wrong beside the probes; nil for nobody.
	Log func(error)

	mu       sync.Mutex
	inFlight map[string]bool
	next     time.Time
	cancel   context.CancelCauseFunc
}

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

// Next is when the next probe is due; zero before Run and after it.
func (s *Schedule) Next() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.next
}

// queueLength is how many samples may wait for the sink. A full queue holds the
// next probe back: a sample is never dropped.
const queueLength = 256

// Run probes until ctx ends, then waits for what is in flight, keeps it and
// returns. It returns an error for a schedule that cannot be run, and a
// *PanicError where the prober or the sink panicked, which also ends it.
func (s *Schedule) Run(ctx context.Context) error {
	if len(s.Targets) == 0 || s.Interval <= 0 || s.Prober == nil || s.Sink == nil {
		return errors.New("a schedule needs targets, an interval, a prober and a sink")
	}
	if s.Rand == nil {
		s.Rand = rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))
	}
	ctx, s.cancel = context.WithCancelCause(ctx)
	defer s.cancel(nil)
	s.inFlight = map[string]bool{}
	queue := make(chan Sample, queueLength)
	var keeper, probes sync.WaitGroup
	keeper.Go(func() { s.keep(ctx, queue) })
	start := time.Now()
	for pass := 0; ctx.Err() == nil; pass++ {
		s.pass(ctx, pass, start, queue, &probes)
		start = s.after(start)
	}
	s.setNext(time.Time{})
	probes.Wait()
	close(queue)
	keeper.Wait()
	var crash *PanicError
	if errors.As(context.Cause(ctx), &crash) {
		return crash
	}
	return nil
}

// after is the start of the pass that follows one started at start. Passes that
// were missed, because the machine slept or the queue was full, are left out:
// they are never sent as a burst.
func (s *Schedule) after(start time.Time) time.Time {
	next := start.Add(s.Interval)
	if late := time.Since(next); late > s.Interval {
		next = next.Add(late / s.Interval * s.Interval)
	}
	return next
}

// latest is how late a probe may be, at the least: on a busy machine timers are.
const latest = 250 * time.Millisecond

// pass starts one attempt for each target at its due time.
func (s *Schedule) pass(ctx context.Context, pass int, start time.Time, queue chan<- Sample, probes *sync.WaitGroup) {
	slot := s.Interval / time.Duration(len(s.Targets))
	for rank := range s.Targets {
		target := s.Targets[(rank+pass)%len(s.Targets)]
		due := start.Add(time.Duration(rank)*slot + time.Duration(s.Rand.Float64()*float64(slot)))
		s.setNext(due)
		if !sleepUntil(ctx, due) {
			return
		}
		reason := ""
		switch {
		case time.Since(due) > max(slot, latest): // this process was stopped, or the machine slept
			reason = "its time had passed"
		case !s.begin(target.Name):
			reason = "the previous probe had not ended"
		}
		if reason != "" {
			select {
			case queue <- skipped(target, s.Profile, due, reason):
			case <-ctx.Done():
			}
			continue
		}
		probes.Go(func() {
			defer Recover(s.cancel)
			// Done only once the queue has taken the sample: a history that
			// cannot keep up holds the next probe of this target back.
			defer s.done(target.Name)
			queue <- s.Prober.Probe(ctx, Attempt{Target: target, Profile: s.Profile, Due: due})
		})
	}
}

// keep appends what waits in the queue, as much at once as there is. It runs
// until the queue is closed, so that samples in flight at the end are kept too.
func (s *Schedule) keep(ctx context.Context, queue <-chan Sample) {
	ctx = context.WithoutCancel(ctx)
	for sample := range queue {
		batch := []Sample{sample}
		for more := true; more; {
			select {
			case next, ok := <-queue:
				if more = ok; ok {
					batch = append(batch, next)
				}
			default:
				more = false
			}
		}
		s.append(ctx, batch)
	}
}

func (s *Schedule) append(ctx context.Context, batch []Sample) {
	defer Recover(s.cancel)
	if err := s.Sink.Append(ctx, batch); err != nil && s.Log != nil {
		s.Log(fmt.Errorf("keeping %d samples: %w", len(batch), err))
	}
}

func (s *Schedule) setNext(at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next = at
}

func (s *Schedule) begin(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inFlight[name] {
		return false
	}
	s.inFlight[name] = true
	return true
}

func (s *Schedule) done(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.inFlight, name)
}

func skipped(t Target, p Profile, due time.Time, reason string) Sample {
	return Sample{
		Target: t, Profile: p.Name, Cap: p.MaxTokens, At: due.UTC(),
		Outcome: Skipped, Error: reason,
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

// Rounds probes every target n times, each round all at once in rotated order,
// the next as soon as the last answer of the one before has ended. A target
// with an attempt that failed, or found its connection closed, is given more, up
// to spare of them, so that every target that answers has n samples for the
// headline. Samples come in the order in which they ended; keep is called for
// each from one goroutine at a time. It stops early when ctx ends.
func Rounds(ctx context.Context, p Prober, targets []Target, profile Profile, n, spare int, keep func(Sample)) {
	counted, attempts := map[string]int{}, map[string]int{}
	for round := 0; ctx.Err() == nil; round++ {
		var wave []Target
		for i := range targets {
			t := targets[(i+round)%len(targets)]
			if counted[t.Name] < n && attempts[t.Name] < n+spare {
				wave = append(wave, t)
			}
		}
		if len(wave) == 0 {
			return
		}
		for s := range attempt(ctx, p, wave, profile) {
			attempts[s.Target.Name]++
			if s.Headline() {
				counted[s.Target.Name]++
			}
			keep(s)
		}
	}
}

// attempt probes all targets at once; the channel closes after the last.
func attempt(ctx context.Context, p Prober, targets []Target, profile Profile) <-chan Sample {
	ended := make(chan Sample, len(targets))
	var probes sync.WaitGroup
	for _, t := range targets {
		probes.Go(func() { ended <- p.Probe(ctx, Attempt{Target: t, Profile: profile}) })
	}
	go func() {
		probes.Wait()
		close(ended)
	}()
	return ended
}
