package accuracy

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"costping/probe"
)

// side is one way of reading, with all that it saw.
type side struct {
	name   string
	prober probe.Prober
	turns  []cost
}

// attempt is one request as a side measured it.
type attempt struct {
	by     *side
	spare  bool // made to open connections, and for nothing else
	sample probe.Sample
}

// book keeps the attempts of every stream in their order, which is the order of
// the server's account: a stream has one request in flight.
type book struct {
	mu       sync.Mutex
	byStream map[string][]attempt
}

func newBook() *book { return &book{byStream: map[string][]attempt{}} }

func (k *book) note(a attempt) {
	k.mu.Lock()
	defer k.mu.Unlock()
	name := a.sample.Target.Name
	k.byStream[name] = append(k.byStream[name], a)
}

// events is how many token events a side has read so far.
func (k *book) events(by *side) int {
	k.mu.Lock()
	defer k.mu.Unlock()
	n := 0
	for _, attempts := range k.byStream {
		for _, a := range attempts {
			if a.by == by {
				n += a.sample.Events
			}
		}
	}
	return n
}

// noted is a side as a prober that keeps what it saw. What is in flight when the
// context ends is still read to its end: the server has it in its account.
type noted struct {
	*side
	book  *book
	spare bool
}

// Prepare implements probe.Prober.
func (n noted) Prepare(ctx context.Context, t probe.Target, p probe.Profile) {
	n.prober.Prepare(ctx, t, p)
}

// Probe implements probe.Prober.
func (n noted) Probe(ctx context.Context, a probe.Attempt) probe.Sample {
	s := n.prober.Probe(context.WithoutCancel(ctx), a)
	n.book.note(attempt{by: n.side, spare: n.spare, sample: s})
	return s
}

// cost is what one turn of a side took of this process.
type cost struct {
	cpu           time.Duration // user and system
	allocs, bytes uint64
	events        int
}

// used is what this process has taken since it began.
func used() cost {
	var r syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r) // fails for no other reason than a wrong argument
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return cost{
		cpu:    time.Duration(r.Utime.Nano() + r.Stime.Nano()),
		allocs: m.Mallocs, bytes: m.TotalAlloc,
	}
}

// turn lets one side do its work and keeps what that cost.
func (k *book) turn(s *side, work func()) {
	runtime.GC() // nobody sweeps up after the other
	before, events := used(), k.events(s)
	work()
	after := used()
	s.turns = append(s.turns, cost{
		cpu: after.cpu - before.cpu, allocs: after.allocs - before.allocs, bytes: after.bytes - before.bytes,
		events: k.events(s) - events,
	})
}

// profileOf asks for an answer of so many tokens.
func profileOf(tokens int) probe.Profile {
	p := probe.Chat()
	p.MaxTokens = tokens
	return p
}

// warm opens a connection for every stream: one short answer each, all at once.
func (k *book) warm(ctx context.Context, s *side, targets []probe.Target) {
	k.stream(ctx, noted{s, k, true}, targets, profileOf(8), 1, 0)
}

// stream makes each target's requests one after the other, all targets at once.
// Each begins somewhere within spread, so that first tokens come while the other
// streams are in the middle of theirs.
func (k *book) stream(ctx context.Context, p probe.Prober, targets []probe.Target, profile probe.Profile, requests int, spread time.Duration) {
	var streams sync.WaitGroup
	for _, t := range targets {
		delay := time.Duration(rand.Float64() * float64(spread))
		streams.Go(func() {
			select {
			case <-time.After(delay):
			case <-ctx.Done():
				return
			}
			for range requests {
				p.Probe(ctx, probe.Attempt{Target: t, Profile: profile})
			}
		})
	}
	streams.Wait()
}

// check fails the benchmark for attempts that did not end well: their figures
// would not be comparable.
func (k *book) check(t testing.TB) {
	t.Helper()
	k.mu.Lock()
	defer k.mu.Unlock()
	for name, attempts := range k.byStream {
		for _, a := range attempts {
			if a.sample.Outcome != probe.OK {
				t.Errorf("%s, %s: %v: %s", a.by.name, name, a.sample.Outcome, a.sample.Error)
			}
		}
	}
}
