package probe

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/shopspring/decimal"
)

// world is a schedule with a budget in a bubble of synthetic time, which begins
// at midnight UTC, and what came of it.
type world struct {
	*Schedule
	ledger Ledger
	input  int64 // tokens of every answer
	output int64

	mu     sync.Mutex
	probed []Sample // in the order of being sent
	kept   fakeSink
}

// newWorld is the reference: seven models, 60 tokens in, 128 out, $1 a day.
func newWorld(ledger Ledger) *world {
	w := &world{ledger: ledger, input: 60, output: 128}
	w.Schedule = &Schedule{
		Targets: remote(len(listed)), Profile: Chat(), Interval: time.Minute, Prober: w, Sink: &w.kept,
		Rand: rand.New(rand.NewPCG(3, 4)),
		Budget: &Budget{
			Cap: usd("1"), Ledger: ledger, Price: listPrice, Worst: WorstPrice{Input: usd("10"), Output: usd("40")},
		},
	}
	return w
}

func (*world) Prepare(context.Context, Target, Profile) {}

func (w *world) Probe(ctx context.Context, a Attempt) Sample {
	s := Sample{
		Target: a.Target.Identity(), At: time.Now().UTC(), Outcome: OK, Status: 200, Connect: Known(time.Duration(0)),
		Usage: Usage{Input: Known(w.input), Output: Known(w.output)},
	}
	if cost, ok := listPrice(a.Target, s.Usage); ok {
		s.USD = decimal.NewNullDecimal(cost)
	}
	w.mu.Lock()
	w.probed = append(w.probed, s)
	w.mu.Unlock()
	sleepUntil(ctx, time.Now().Add(2*time.Second))
	return s
}

// total is what really was spent on a day.
func (w *world) total(day Day) decimal.Decimal {
	w.mu.Lock()
	defer w.mu.Unlock()
	var sum decimal.Decimal
	for _, s := range w.probed {
		if DayOf(s.At) == day {
			sum = sum.Add(s.USD.Decimal)
		}
	}
	return sum
}

// last is when the last probe of a day was sent, of any world.
func last(day Day, worlds ...*world) time.Time {
	var at time.Time
	for _, w := range worlds {
		for _, s := range w.probed {
			if DayOf(s.At) == day && s.At.After(at) {
				at = s.At
			}
		}
	}
	return at
}

func (w *world) skips(reason string) (n int) {
	for _, s := range w.kept.all() {
		if s.Outcome == Skipped && s.Error == reason {
			n++
		}
	}
	return n
}

// intervals looks at the schedule once a minute for a while.
func (w *world) intervals(d time.Duration) []time.Duration {
	var all []time.Duration
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(time.Minute) {
		all = append(all, w.Status().Interval.Round(time.Second))
	}
	return all
}

const spentText = "the budget of $1.00 a day is spent; probing resumes 00:00 UTC"
