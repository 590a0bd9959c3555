package probe

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/shopspring/decimal"
)

// The acceptance of the pacing: a whole UTC day and the beginning of the next.
func TestBudgetLastsTheDay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(&MemoryLedger{})
		midnight := time.Now()
		today, tomorrow := DayOf(midnight), DayOf(midnight.Add(wholeDay))
		if !midnight.Equal(today.End().Add(-wholeDay)) {
			t.Fatalf("the day begins at %v", midnight)
		}
		// Until the input has been measured, it is over-estimated.
		if first := w.Budget.Forecast(w.Targets, w.Profile, w.Interval); first.Reason != ForBudget ||
			first.Interval < 442*time.Second || first.Interval > 500*time.Second || !first.DayUSD.Round(2).Equal(usd("1")) {
			t.Errorf("the forecast is %+v", first)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 26*time.Hour)
		defer cancel()
		ended := make(chan error)
		go func() { ended <- w.Run(ctx) }()

		time.Sleep(10 * time.Minute) // the first pass, by the estimate
		for i, interval := range w.intervals(5 * time.Hour) {
			if interval.Truncate(time.Second) != 442*time.Second {
				t.Fatalf("minute %d: a pass every %v", i+10, interval)
			}
		}
		measured := w.Budget.Forecast(w.Targets, w.Profile, w.Interval)
		if !measured.PassUSD.Equal(usd("0.0051172")) || measured.Interval.Truncate(time.Second) != 442*time.Second {
			t.Errorf("the forecast became %+v", measured)
		}
		if s := w.Status(); s.Reason != ForBudget || s.Budget.Exhausted || s.Budget.Settled.LessThan(usd("0.2")) {
			t.Errorf("status %+v, %+v", s, s.Budget)
		}
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		if sum := w.total(today); sum.GreaterThan(usd("1")) || sum.LessThan(usd("0.99")) {
			t.Errorf("the day cost %s", sum)
		}
		if got := spent(t, w.ledger, today); !got.Settled.Equal(w.total(today)) || !got.Reserved.IsZero() {
			t.Errorf("the ledger says %+v, and %s were spent", got, w.total(today))
		}
		if at := last(today, w); at.Before(midnight.Add(23*time.Hour + 45*time.Minute)) {
			t.Errorf("the last probe was sent at %v", at)
		}
		// The next day begins anew: 2 h are 16.3 passes of 7 targets.
		next := 0
		for _, s := range w.probed {
			if DayOf(s.At) == tomorrow {
				next++
			}
		}
		if next < 16*7 || next > 17*7 {
			t.Errorf("%d probes in the first 2 h of the next day", next)
		}
		if len(w.probed) != len(w.kept.got) {
			t.Errorf("%d samples of %d probes: none is skipped on an ordinary day", len(w.kept.got), len(w.probed))
		}
	})
}

func TestBudgetOfHalfADayGoesTwiceAsFast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(wholeDay / 2)
		w, today := newWorld(&MemoryLedger{}), DayOf(time.Now())
		ctx, cancel := context.WithTimeout(t.Context(), wholeDay/2-time.Second)
		defer cancel()
		ended := make(chan error)
		go func() { ended <- w.Run(ctx) }()
		time.Sleep(10 * time.Minute)
		for i, interval := range w.intervals(3 * time.Hour) {
			if interval < 220*time.Second || interval > 222*time.Second {
				t.Fatalf("minute %d: a pass every %v", i+10, interval)
			}
		}
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		if sum := w.total(today); sum.GreaterThan(usd("1")) || sum.LessThan(usd("0.98")) {
			t.Errorf("the half day cost %s", sum)
		}
	})
}

// Answers that are shorter than the cap cost less than was set aside: what is
// saved is spent later, and never more than there is.
func TestBudgetWithAnswersThatCostLess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, today := newWorld(&MemoryLedger{}), DayOf(time.Now())
		w.output = 64
		ctx, cancel := context.WithTimeout(t.Context(), wholeDay-time.Second)
		defer cancel()
		ended := make(chan error)
		go func() { ended <- w.Run(ctx) }()
		time.Sleep(time.Hour)
		early := w.Status().Interval
		time.Sleep(19 * time.Hour)
		if late := w.Status().Interval; late >= early*8/10 || late < w.Interval {
			t.Errorf("a pass every %v at first, every %v after 20 h", early, late)
		}
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		if sum := w.total(today); sum.GreaterThan(usd("1")) || sum.LessThan(usd("0.9")) {
			t.Errorf("the day cost %s", sum)
		}
		if w.skips(spentText) != 0 {
			t.Error("the budget was spent before the day was over")
		}
	})
}

// Two processes share a ledger: together they stay under the cap.
func TestBudgetIsSharedByProcesses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := &MemoryLedger{}
		a, b, today := newWorld(ledger), newWorld(ledger), DayOf(time.Now())
		b.Rand = rand.New(rand.NewPCG(5, 6))
		ctx, cancel := context.WithTimeout(t.Context(), wholeDay-time.Second)
		defer cancel()
		ended := make(chan error, 2)
		for _, w := range []*world{a, b} {
			go func() { ended <- w.Run(ctx) }()
		}
		if err := errors.Join(<-ended, <-ended); err != nil {
			t.Fatal(err)
		}
		sum := a.total(today).Add(b.total(today))
		if sum.GreaterThan(usd("1")) || sum.LessThan(usd("0.95")) || !spent(t, ledger, today).Settled.Equal(sum) {
			t.Errorf("together they spent %s, by the ledger %+v", sum, spent(t, ledger, today))
		}
		if ratio := a.total(today).Div(sum).InexactFloat64(); ratio < 0.45 || ratio > 0.55 {
			t.Errorf("one of them had %.0f %%", 100*ratio)
		}
		if at := last(today, a, b); at.Hour() < 20 {
			t.Errorf("the last probe was sent at %v", at)
		}
	})
}

// A model whose price nobody knows counts at the worst case, whatever it reports.
func TestBudgetOfAnUnpricedModel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, today := newWorld(&MemoryLedger{}), DayOf(time.Now())
		w.Targets = []Target{{Name: "unheard-of", Model: "m", BaseURL: "https://host.example/v1"}}
		runFor(t, w.Schedule, wholeDay-time.Second)
		// 60 tokens and a nonce at $10, and 128 at $40, for a million.
		worst := usd("0.00591")
		if got := w.Budget.Estimate(w.Targets[0], w.Profile); !got.Equal(worst) {
			t.Errorf("one probe at %s", got)
		}
		ledger := spent(t, w.ledger, today)
		if n := int64(len(w.probed)); n < 165 || n > 170 || ledger.Settled.GreaterThan(usd("1")) ||
			ledger.Settled.LessThan(worst.Mul(decimal.NewFromInt(n))) {
			t.Errorf("%d probes, %s counted", n, ledger.Settled)
		}
	})
}

// A ledger outlives the process: what was spent before a restart stays spent, and
// what was in flight when it died is counted in full.
func TestBudgetSurvivesARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := &MemoryLedger{}
		before, today := newWorld(ledger), DayOf(time.Now())
		runFor(t, before.Schedule, 13*time.Hour)
		if _, ok, err := ledger.Reserve(t.Context(), today, usd("0.1"), usd("1")); !ok || err != nil {
			t.Fatal(ok, err) // by a process that died then
		}
		after := newWorld(ledger)
		runFor(t, after.Schedule, 11*time.Hour-time.Second)
		sum := before.total(today).Add(after.total(today))
		if sum.GreaterThan(usd("0.9")) || sum.LessThan(usd("0.87")) {
			t.Errorf("the day cost %s beside the 0.1 in doubt", sum)
		}
		if at := last(today, after); at.Hour() < 23 {
			t.Errorf("the last probe was sent at %v", at)
		}
	})
}

// A budget that is spent early, here by another process, is said to be once by
// each target that costs something; the others go on, and all of them tomorrow.
func TestBudgetSpent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, today := newWorld(&MemoryLedger{}), DayOf(time.Now())
		w.Targets = append(w.Targets, targets(1)...)
		w.Targets[len(listed)].Name = "free"
		ctx, cancel := context.WithTimeout(t.Context(), 25*time.Hour)
		defer cancel()
		ended := make(chan error)
		go func() { ended <- w.Run(ctx) }()
		time.Sleep(6 * time.Hour)
		left := usd("1").Sub(w.Status().Budget.Settled).Sub(w.Status().Budget.Reserved)
		if _, ok, err := w.ledger.Reserve(ctx, today, left, usd("1")); !ok || err != nil {
			t.Fatal(ok, err)
		}
		for !w.Status().Budget.Exhausted {
			time.Sleep(time.Second)
		}
		synctest.Wait()
		if n := w.skips(spentText); n != len(listed) {
			t.Errorf("%d samples say so when it is found", n)
		}
		time.Sleep(time.Hour)
		if n := w.skips(spentText); n != len(listed) {
			t.Errorf("%d samples say so an hour later", n)
		}
		s := w.Status()
		if !s.Budget.Exhausted || !s.Budget.Resumes.Equal(today.End()) || s.Interval != w.Interval || s.Reason != AsConfigured {
			t.Errorf("status %+v, %+v", s, s.Budget)
		}
		for i, one := range s.Targets {
			if want := (TargetStatus{Name: one.Name, State: TargetUnfunded, Until: today.End(), Reason: spentText}); i < len(listed) && one != want {
				t.Errorf("target %+v", one)
			} else if i == len(listed) && one.State != TargetOn {
				t.Errorf("the free one: %+v", one)
			}
		}
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		for _, s := range w.kept.got {
			if (s.Refused != nil) != (s.Outcome == Skipped) || s.Refused != nil && s.Refused.Refusal != BudgetSpent {
				t.Errorf("%v refused %v", s.Outcome, s.Refused)
			}
		}
		paid, free := 0, 0
		for _, s := range w.probed {
			switch hour := s.At.Sub(today.End().Add(-wholeDay)).Hours(); {
			case hour > 6.01 && hour < 24 && s.Target.Name != "free":
				paid++
			case hour > 6.01 && hour < 24:
				free++
			}
		}
		// Every minute from when it turned out, at most a pass later.
		if paid != 0 || free < 60*18-9 {
			t.Errorf("%d paid and %d free probes after it was spent", paid, free)
		}
		if n := w.skips(spentText); n != len(listed) || w.Status().Budget.Exhausted || w.total(DayOf(time.Now())).IsZero() {
			t.Errorf("%d samples say so in the end, and %s were spent on the next day", n, w.total(DayOf(time.Now())))
		}
	})
}

// With nothing that is free the schedule sleeps until midnight, in samples too.
func TestBudgetSpentSleepsUntilMidnight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, today := newWorld(&MemoryLedger{}), DayOf(time.Now())
		if _, ok, err := w.ledger.Reserve(t.Context(), today, usd("1"), usd("1")); !ok || err != nil {
			t.Fatal(ok, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 25*time.Hour)
		defer cancel()
		ended := make(chan error)
		go func() { ended <- w.Run(ctx) }()
		time.Sleep(20 * time.Hour)
		if s := w.Status(); !s.Next.Equal(today.End()) || !s.Budget.Exhausted || len(w.kept.all()) != len(listed) {
			t.Errorf("next at %v, %d samples", s.Next, len(w.kept.all()))
		}
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		if w.skips(spentText) != len(listed) || len(w.probed) < 7*len(listed) || DayOf(w.probed[0].At) == today {
			t.Errorf("%d samples say so, %d probes, the first at %v", w.skips(spentText), len(w.probed), w.probed[0].At)
		}
	})
}

func TestBudgetSmallerThanOneProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, today := newWorld(&MemoryLedger{}), DayOf(time.Now())
		w.Budget.Cap = usd("0.0005")
		ctx, cancel := context.WithTimeout(t.Context(), wholeDay-defaultLead-time.Second)
		defer cancel()
		ended := make(chan error)
		go func() { ended <- w.Run(ctx) }()
		time.Sleep(12 * time.Hour)
		for i, one := range w.Status().Targets {
			if dear := i < 4; (one.State == TargetTooDear) != dear || dear && (!one.Until.IsZero() || !strings.Contains(one.Reason, "one probe may cost")) {
				t.Errorf("target %+v", one)
			}
		}
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		// Only the three cheapest fit into it; a pass of them costs 0.000270.
		sent := map[string]int{}
		for _, s := range w.probed {
			sent[s.Target.Name]++
		}
		for _, dear := range []string{"t0", "t1", "t2", "t3"} {
			if sent[dear] > 0 {
				t.Errorf("%s was sent", dear)
			}
		}
		if sum := w.total(today); sum.GreaterThan(w.Budget.Cap) || sum.IsZero() {
			t.Errorf("the day cost %s", sum)
		}
		refused := 0
		for _, s := range w.kept.got {
			if s.Outcome == Skipped && slices.Contains([]string{"t0", "t1", "t2", "t3"}, s.Target.Name) && s.Refused.Refusal == TooDear {
				refused++
			}
		}
		if refused != 4 {
			t.Errorf("%d samples of four that are too dear", refused)
		}
	})
}

// A ledger that fails lets nothing through but what is free, and says why.
type brokenLedger struct{}

var errBroken = errors.New("the disk is on fire")

func (brokenLedger) Reserve(context.Context, Day, decimal.Decimal, decimal.Decimal) (string, bool, error) {
	return "", false, errBroken
}
func (brokenLedger) Settle(context.Context, string, decimal.Decimal) error { return errBroken }
func (brokenLedger) Spent(context.Context, Day) (Spending, error)          { return Spending{}, errBroken }

func TestBudgetFailsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(brokenLedger{})
		w.Targets = append(w.Targets, Target{Name: "free", Model: "m", BaseURL: "http://[::1]:1/v1"})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute+defaultLead)
		defer cancel()
		ended := make(chan error)
		go func() { ended <- w.Run(ctx) }()
		time.Sleep(5 * time.Minute)
		const text = "the ledger of what probing costs failed: the disk is on fire"
		if s := w.Status(); s.Budget.Problem != text || s.Interval != w.Interval {
			t.Errorf("status %+v, %+v", s, s.Budget)
		}
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		if len(w.probed) != 10 || w.skips(text) != 10*len(listed) {
			t.Errorf("%d probes sent, %d skipped", len(w.probed), w.skips(text))
		}
	})
}

// A budget that stretches the passes does not keep whoever has just begun waiting:
// the first one is spread over the interval that was asked for.
func TestFirstPassComesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, start := newWorld(&MemoryLedger{}), time.Now()
		runFor(t, w.Schedule, 20*time.Minute)
		first, second := w.probed[:len(listed)], w.probed[len(listed)]
		if took := first[len(first)-1].At.Sub(start); took > defaultLead+w.Interval {
			t.Errorf("the first pass took %v", took)
		}
		if gap := second.At.Sub(start); gap < 7*time.Minute {
			t.Errorf("the second pass began after %v", gap)
		}
	})
}

// One server that counts tokens as it likes neither ends the day for the others nor
// makes a price of what it says.
func TestAbsurdUsageIsNotPaid(t *testing.T) {
	absurd := ev(token, stop, `{"choices":[],"usage":{"prompt_tokens":1000000000,"completion_tokens":1000000000}}`) + done
	b, today := newBudget("1"), DayOf(time.Now())
	client := newClient(Limits{}, listPrice, &memory{answer: func(r *http.Request) (*http.Response, error) {
		return respond(r, 200, "text/event-stream", strings.NewReader(absurd)), nil
	}})
	all := remote(2)
	before := b.Estimate(all[0], Chat())
	s := Metered(client, b, nil).Probe(t.Context(), Attempt{Target: all[0], Profile: Chat()})
	if s.Outcome != OK || s.USD.Valid || s.Usage != (Usage{}) || s.SpeedWithheld != "the server counts more tokens than there can be" {
		t.Errorf("%v %q, cost %v of %+v; %s", s.Outcome, s.Error, s.USD, s.Usage, s.SpeedWithheld)
	}
	if got := spent(t, b.Ledger, today); !got.Settled.Equal(before) || !b.Estimate(all[0], Chat()).Equal(before) {
		t.Errorf("%+v is spent, the next at %s", got, b.Estimate(all[0], Chat()))
	}
	if _, err := b.Reserve(t.Context(), today, all[1], Chat()); err != nil {
		t.Errorf("the other: %v", err)
	}
}
