package probe

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

const (
	// queueLength is how many samples may be on their way to the sink, at the
	// least. While there is no room for those of another pass none begins, so a
	// sample is never dropped, and never waits with its probe's place taken.
	queueLength = 256
	// mostInFlight is how many probes may be in flight at once: more would
	// measure this machine.
	mostInFlight = 50
	// latest is how late a probe may be, at the least: on a busy machine timers
	// are.
	latest = 250 * time.Millisecond
	// lookAgain is how often the wall clock is compared while waiting with a
	// budget: timers stand still while the machine sleeps, days do not.
	lookAgain = time.Minute
)

// run is one run of a schedule. One goroutine, that of Run, plans the passes; each
// turn of a target has its own.
type run struct {
	*Schedule
	cancel context.CancelCauseFunc
	// probing is the context of what is in flight; planning and waiting have one
	// of their own, which may end before it.
	probing context.Context
	rand    *rand.Rand
	hosts   int // that are not on loopback
	probes  sync.WaitGroup
	// queue takes samples to the sink. room has a token for each sample that is
	// in it or may still come, and no more than fit: queue never blocks.
	queue chan Sample
	room  chan struct{}
	// places has a token for each probe in flight.
	places chan struct{}
	// spent wakes the planner when the budget has been found to be spent.
	spent chan struct{}
	// nudged wakes the planner when somebody has steered.
	nudged chan struct{}
	// planned is when each target was last due; the planner's alone.
	planned map[string]time.Time

	mu sync.Mutex
	// begin begins a turn that was asked for; nil where it is too late for one.
	begin    func(*turn)
	asked    map[string]bool // targets with such a turn
	inFlight map[string]bool
	// waiting are the turns that have not been sent; true for those whose money
	// is set aside. A turn that is no longer in it is off.
	waiting  map[*turn]bool
	backoffs map[string]*backoff
	refused  map[string]refusedOn
	caps     map[string]int // of each target's last probe
	spentOn  Day
	interval time.Duration
	reason   PaceReason
	nextPass time.Time
}

// refusedOn is the day on which a target's sample last said that it is beyond the
// budget, and how it said it.
type refusedOn struct {
	day     Day
	reason  string
	tooDear bool // as no other day would change
}

func newRun(s *Schedule, cancel context.CancelCauseFunc) *run {
	r := &run{
		Schedule: s, cancel: cancel, rand: s.Rand,
		places: make(chan struct{}, mostInFlight), spent: make(chan struct{}, 1),
		nudged: make(chan struct{}, 1), asked: map[string]bool{},
		planned: map[string]time.Time{}, inFlight: map[string]bool{}, waiting: map[*turn]bool{},
		backoffs: map[string]*backoff{}, refused: map[string]refusedOn{}, caps: map[string]int{},
		interval: s.Interval, reason: AsConfigured,
	}
	if r.rand == nil {
		r.rand = rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))
	}
	length := max(queueLength, 4*len(s.Targets))
	r.queue, r.room = make(chan Sample, length), make(chan struct{}, length)
	hosts := map[string]bool{}
	for _, t := range s.Targets {
		r.carry(t, s.before[t.Name])
		if host := remoteHost(t); host != "" {
			hosts[host] = true
		}
	}
	r.hosts = len(hosts)
	return r
}

// passes plans one pass after the other until ctx ends.
func (r *run) passes(ctx context.Context) {
	defer Recover(r.cancel)
	// The first pass waits until it can be prepared, but not for a model to load.
	start, interval := time.Now().Add(min(r.longestLead(r.Interval), defaultLead)), r.Interval
	for n := 0; ; n++ {
		start = r.resumed(ctx, start)
		if !r.makeRoom(ctx) {
			return
		}
		p := r.plan(ctx, n, caughtUp(start, interval))
		for _, t := range p.turns {
			r.probes.Go(func() { r.take(ctx, t) })
		}
		start, interval = r.rest(ctx, p), p.interval
	}
}

// open lets turns be asked for, and shut ends that.
func (r *run) open(ctx context.Context) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.begin = func(t *turn) { r.probes.Go(func() { r.take(ctx, t) }) }
}

func (r *run) shut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.begin = nil
}

// resumed waits while probing is paused, and gives the start of the next pass: never
// sooner than without the pause, and not as if it had gone on meanwhile.
func (r *run) resumed(ctx context.Context, start time.Time) time.Time {
	waited := false
	for r.isPaused() && ctx.Err() == nil {
		waited = true
		select {
		case <-r.nudged:
		case <-ctx.Done():
		}
	}
	if now := time.Now().Add(min(r.longestLead(r.Interval), defaultLead)); waited && start.Before(now) {
		return now
	}
	return start
}

// caughtUp leaves out the passes that were missed, because the machine slept or
// there was no room for samples: they are never sent as a burst.
func caughtUp(start time.Time, interval time.Duration) time.Time {
	if late := time.Since(start); late > interval {
		return start.Add(late / interval * interval)
	}
	return start
}

// makeRoom waits for room for a sample of every target; false when ctx ended.
func (r *run) makeRoom(ctx context.Context) bool {
	for range r.Targets {
		select {
		case r.room <- struct{}{}:
		case <-ctx.Done():
			return false
		}
	}
	return ctx.Err() == nil
}

func (r *run) longestLead(interval time.Duration) time.Duration {
	var longest time.Duration
	for _, t := range r.Targets {
		longest = max(longest, r.lead(t, interval))
	}
	return longest
}

// pass is one plan. All its instants have a monotonic and a wall reading.
type pass struct {
	interval time.Duration
	day      Day // the UTC day at its start
	made     Day // and when it was planned
	next     time.Time
	turns    []*turn
}

// plan decides which targets have a turn in pass n, and when.
func (r *run) plan(ctx context.Context, n int, start time.Time) pass {
	now := time.Now()
	start = now.Add(start.Sub(now)) // the wall reading anew: the clock may have been set
	p := pass{day: DayOf(start), made: DayOf(now)}
	terms := r.terms(ctx, p.day, start)
	p.interval, p.next = terms.interval, start.Add(terms.interval)
	midnight := now.Add(p.day.End().Sub(now))
	if nobody := len(terms.refused) == len(r.Targets); nobody || terms.daily && midnight.Before(p.next) {
		p.next = midnight
	}
	var members []Target
	for _, t := range r.Targets {
		switch refused := terms.refused[t.Name]; {
		case refused != nil:
			r.refuse(t, p.day, refused)
		case terms.resting[t.Name], r.isOff(t.Name):
			<-r.room
		default:
			members = append(members, t)
		}
	}
	spread := p.interval
	if n == 0 { // whoever has just begun wants to see something
		spread = min(spread, r.Interval)
	}
	slot := spread / time.Duration(max(1, len(members)))
	for rank := range members {
		t := members[(rank+n)%len(members)]
		due := start.Add(time.Duration(rank)*slot + time.Duration(r.rand.Float64()*float64(slot)))
		switch last, ok := r.planned[t.Name]; {
		case ok && n == 0: // gone on with: at its turn, or at once where that was missed
			due = last.Add(max(t.Interval, p.interval))
			if due.Before(start) {
				due = start
			}
		case ok && t.Interval > p.interval && due.Before(last.Add(t.Interval)):
			due = last.Add(t.Interval)
		}
		if !due.Before(p.next) || !terms.pays(t) {
			<-r.room // not in this pass
			continue
		}
		r.planned[t.Name] = due
		p.turns = append(p.turns, &turn{
			target: t, due: due, day: DayOf(due), slot: slot,
			lead: r.lead(t, p.interval), every: max(p.interval, t.Interval), usd: terms.usd[t.Name],
		})
	}
	r.await(p, terms.reason)
	return p
}

// await makes the turns of a pass those that are waited for.
func (r *run) await(p pass, reason PaceReason) {
	network := watchNetwork(len(p.turns), r.hosts, r.release)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.interval, r.reason, r.nextPass = p.interval, reason, p.next
	for _, t := range p.turns {
		t.network = network
		r.waiting[t] = false
	}
}

// rest waits until the next pass is to be planned and returns its start.
func (r *run) rest(ctx context.Context, p pass) time.Time {
	wake := p.next.Add(-r.longestLead(p.interval))
	for ctx.Err() == nil {
		wait := time.Until(wake)
		if r.Budget != nil {
			if today := DayOf(time.Now()); today != p.made && today != p.day {
				r.callOff() // the machine slept through midnight, or the clock was set
				return time.Now().Add(min(r.longestLead(p.interval), defaultLead))
			}
		}
		if wait <= 0 {
			break
		}
		if r.Budget != nil {
			wait = min(wait, lookAgain)
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-r.spent:
			r.refuseAll(ctx)
		case <-ctx.Done():
		}
		timer.Stop()
	}
	return p.next
}

// callOff takes the turns that have not begun out of the waiting.
func (r *run) callOff() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for t, begun := range r.waiting {
		if !begun {
			delete(r.waiting, t)
		}
	}
}
