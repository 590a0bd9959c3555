package probe

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/shopspring/decimal"
)

// Budget is a hard cap on what probing costs in a UTC day. The worst case of a
// probe is set aside in a ledger before it is sent and replaced afterwards by what
// it cost, so the cap holds over restarts and over all processes that share the
// ledger. What cannot be known counts in full, and a ledger that fails lets
// nothing through. It is safe for concurrent use once its fields are set.
//
// The cap can be passed in one way only: a server bills more than the worst case,
// by counting more than it was sent or answering beyond the cap on tokens. The
// next estimate knows of that.
type Budget struct {
	// Cap is USD a UTC day.
	Cap decimal.Decimal
	// Ledger keeps count.
	Ledger Ledger
	// Price says what a probe costs; nil where no price is known.
	Price PriceFunc
	// Worst is what a model costs whose price is not known: both of it more
	// than nothing.
	Worst WorstPrice
	// Priced reports a target on loopback that costs money all the same, such
	// as a proxy; nil for none. Else what is on this machine is free.
	Priced func(Target) bool
	// Limit is the cap on tokens that a probe really sends, such as Client.Cap;
	// nil for the profile's.
	Limit func(Target, Profile) int

	mu       sync.Mutex
	measured map[measuredKey]tokens
	inFlight map[Day]decimal.Decimal // set aside by this budget and not settled
	seenDay  Day
	seen     Spending // the ledger when it was last read, of seenDay
	problem  string   // what the ledger last failed with
}

// WorstPrice is a price that is assumed, in USD for a million tokens.
type WorstPrice struct {
	Input, Output decimal.Decimal
}

// measuredKey is a target by its name, and a profile by its.
type measuredKey struct{ target, profile string }

// tokens are the largest counts that were measured.
type tokens struct{ input, output int64 }

// mostTokens bounds the counts that are believed of a server. It is more than any
// model takes; a target that claims as much is too dear for any budget, and the
// others go on.
const mostTokens = 1 << 24

// ledgerPatience is how long a ledger may take: one that does not answer is one
// that fails.
const ledgerPatience = 5 * time.Second

// estimatePlaces is what amounts are rounded up to for the ledger.
const estimatePlaces = 12

// Check reports the first thing that makes the budget unusable.
func (b *Budget) Check() error {
	switch {
	case b.Ledger == nil:
		return errors.New("a budget needs a ledger")
	case !b.Worst.Input.IsPositive() || !b.Worst.Output.IsPositive():
		return errors.New("a budget needs a worst case for models without a known price")
	}
	return CheckUSD(b.Cap)
}

// Estimate is the worst case of one probe in USD. Its input is the largest that was
// measured for the target and profile, and a nonce more, which never is the same
// number of tokens; where none was measured it is too high a guess. Its answer is as
// long as the cap, or as the longest that was measured. It is 0 for what is free.
func (b *Budget) Estimate(t Target, p Profile) decimal.Decimal {
	return b.estimate(t, p, int64(nonceLength))
}

// expected is what a probe is likely to cost, in USD: the estimate without what is
// only there to be safe. Passes are paced by it.
func (b *Budget) expected(t Target, p Profile) decimal.Decimal { return b.estimate(t, p, 0) }

// estimate is the cost of a probe with so many tokens more than were measured.
func (b *Budget) estimate(t Target, p Profile, margin int64) decimal.Decimal {
	b.mu.Lock()
	known := b.measured[measuredKey{t.Name, p.Name}]
	b.mu.Unlock()
	in, out := known.input+margin, max(int64(b.cap(t, p)), known.output)
	if known.input == 0 {
		in = int64(p.inputTokens(t))
	}
	return b.worst(t, in, out)
}

// worst is the cost of a request that takes so many tokens, in USD, at the worst
// price where none is known.
func (b *Budget) worst(t Target, in, out int64) decimal.Decimal {
	if t.Loopback() && (b.Priced == nil || !b.Priced(t)) {
		return decimal.Decimal{}
	}
	if b.Price != nil {
		if usd, ok := b.Price(t, Usage{Input: Known(in), Output: Known(out)}); ok {
			return usd.RoundCeil(estimatePlaces)
		}
	}
	return b.Worst.Input.Mul(decimal.NewFromInt(in)).
		Add(b.Worst.Output.Mul(decimal.NewFromInt(out))).Shift(-6).RoundCeil(estimatePlaces)
}

// cap is the longest answer that a probe asks for, in tokens.
func (b *Budget) cap(t Target, p Profile) int {
	if b.Limit != nil {
		return b.Limit(t, p)
	}
	return p.capFor(t)
}

// Forecast is the pace of a whole day with nothing spent yet, probing targets at
// the interval or as far apart as the budget asks for. It costs nothing and needs
// no probe to have been made.
func (b *Budget) Forecast(targets []Target, p Profile, interval time.Duration) Pace {
	return paceOf(b.shares(targets, p), interval, b.Cap)
}

// ForecastRest is the interval at which what remains of the budget, in USD, lasts
// what is left of a day, where a schedule would begin now.
func (b *Budget) ForecastRest(targets []Target, p Profile, interval, left time.Duration, remaining decimal.Decimal) time.Duration {
	return stretch(b.shares(targets, p), interval, left, remaining)
}

// shares are the expected costs of the targets that cost anything and fit the cap.
func (b *Budget) shares(targets []Target, p Profile) []share {
	var shares []share
	for _, t := range targets {
		if usd := b.Estimate(t, p); usd.IsPositive() && usd.LessThanOrEqual(b.Cap) {
			shares = append(shares, share{usd: b.expected(t, p), every: t.Interval})
		}
	}
	return shares
}

// Refusal says why a budget does not let a probe through.
type Refusal uint8

const (
	// BudgetSpent says that nothing more can be sent on this day.
	BudgetSpent Refusal = iota + 1
	// BudgetSetAside says that what is left is set aside for probes in flight,
	// and may be free again once they have ended.
	BudgetSetAside
	// TooDear says that one probe may cost more than the cap, on any day.
	TooDear
)

// RefusedError says that a probe would go over the budget.
type RefusedError struct {
	Refusal Refusal
	// Cap is USD a day, Estimate the worst case of the probe in USD.
	Cap, Estimate decimal.Decimal
}

func (e *RefusedError) Error() string {
	switch e.Refusal {
	case TooDear:
		return fmt.Sprintf("one probe may cost %s, more than the budget of %s a day", dollars(e.Estimate), dollars(e.Cap))
	case BudgetSetAside:
		return fmt.Sprintf("what is left of the budget of %s a day is set aside for probes in flight", dollars(e.Cap))
	default:
		return fmt.Sprintf("the budget of %s a day is spent; probing resumes 00:00 UTC", dollars(e.Cap))
	}
}

// dollars writes an amount exactly, with cents at least.
func dollars(usd decimal.Decimal) string {
	if usd.Equal(usd.Round(2)) {
		return "$" + usd.StringFixed(2)
	}
	return "$" + usd.String()
}

// Reservation is money set aside for one probe.
type Reservation struct {
	budget *Budget
	key    measuredKey
	day    Day
	id     string // "" for what is free
	usd    decimal.Decimal
}

// Reserve sets the worst case of a probe aside, on the day it is to be sent. It
// fails with a *RefusedError where that would go over the budget, and with what
// went wrong where the ledger failed: then nothing may be sent either.
func (b *Budget) Reserve(ctx context.Context, day Day, t Target, p Profile) (*Reservation, error) {
	return b.set(ctx, day, measuredKey{t.Name, p.Name}, b.Estimate(t, p))
}

// set sets an amount aside.
func (b *Budget) set(ctx context.Context, day Day, key measuredKey, usd decimal.Decimal) (*Reservation, error) {
	r := &Reservation{budget: b, key: key, day: day, usd: usd}
	if r.usd.IsZero() {
		return r, nil
	}
	if r.usd.GreaterThan(b.Cap) {
		return nil, &RefusedError{Refusal: TooDear, Cap: b.Cap, Estimate: r.usd}
	}
	ctx, cancel := context.WithTimeout(ctx, ledgerPatience)
	defer cancel()
	b.hold(day, r.usd) // first, or a probe refused meanwhile would take ours for another's
	id, ok, err := b.Ledger.Reserve(ctx, day, r.usd, b.Cap)
	if err == nil && ok {
		r.id = id
		return r, nil
	}
	b.hold(day, r.usd.Neg())
	if err != nil {
		return nil, b.failed(err)
	}
	left, err := b.left(ctx, day)
	if err != nil {
		return nil, err
	}
	refused := &RefusedError{Refusal: BudgetSpent, Cap: b.Cap, Estimate: r.usd}
	if r.usd.LessThanOrEqual(left.atBest) {
		refused.Refusal = BudgetSetAside
	}
	return nil, refused
}

// Settle replaces what was set aside by what the probe cost, by its sample. It
// does so even where ctx has ended. Where it fails, all of it stays counted.
func (r *Reservation) Settle(ctx context.Context, s Sample) error {
	b := r.budget
	b.learn(r.key, s.Usage)
	if r.id == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), ledgerPatience)
	defer cancel()
	err := b.Ledger.Settle(ctx, r.id, charge(r.usd, s))
	b.hold(r.day, r.usd.Neg())
	if err != nil {
		return b.failed(err)
	}
	b.mu.Lock()
	shown := b.seenDay == r.day // after midnight it is not any more
	b.mu.Unlock()
	if shown {
		_, err = b.left(ctx, r.day)
	}
	return err
}

// charge is what a probe for which reserved was set aside has cost.
func charge(reserved decimal.Decimal, s Sample) decimal.Decimal {
	most := decimal.New(1, 6) // ends any day, and still adds up
	ended := s.Outcome == OK || s.Outcome == Empty || s.Outcome == BadRequest && success(s.Status)
	switch {
	case s.USD.Valid:
		usd := decimal.Max(decimal.Zero, decimal.Min(s.USD.Decimal.RoundCeil(estimatePlaces), most))
		if !ended { // what was said of it until then may not be all
			usd = decimal.Max(usd, reserved)
		}
		return usd
	case s.Outcome == Skipped, s.Status >= 400, s.Status == 0 && !s.Connect.Known:
		return decimal.Zero // never sent, or refused
	default:
		return reserved // sent, and nobody said what it took
	}
}

// learn remembers the largest counts.
func (b *Budget) learn(key measuredKey, u Usage) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.measured == nil {
		b.measured = map[measuredKey]tokens{}
	}
	m := b.measured[key]
	m.input = max(m.input, min(u.Input.Value, mostTokens))
	m.output = max(m.output, min(u.Output.Value, mostTokens))
	b.measured[key] = m
}

func (b *Budget) hold(day Day, usd decimal.Decimal) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.inFlight == nil {
		b.inFlight = map[Day]decimal.Decimal{}
	}
	b.inFlight[day] = b.inFlight[day].Add(usd)
	if b.inFlight[day].IsZero() {
		delete(b.inFlight, day)
	}
}

// remainder is what a day has left, in USD: now, and at best, if what this
// process has in flight were to cost nothing.
type remainder struct{ now, atBest decimal.Decimal }

// left reads the ledger.
func (b *Budget) left(ctx context.Context, day Day) (remainder, error) {
	ctx, cancel := context.WithTimeout(ctx, ledgerPatience)
	defer cancel()
	spent, err := b.Ledger.Spent(ctx, day)
	if err != nil {
		return remainder{}, b.failed(err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.seenDay, b.seen, b.problem = day, spent, ""
	now := b.Cap.Sub(spent.Settled).Sub(spent.Reserved)
	return remainder{now: now, atBest: now.Add(b.inFlight[day])}, nil
}

// failed notes what the ledger failed with, for those who look on.
func (b *Budget) failed(err error) error {
	if errors.Is(err, context.Canceled) {
		return err // the program is ending
	}
	err = fmt.Errorf("the ledger of what probing costs failed: %w", err)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.problem = Sanitize(err.Error(), maxErrorText)
	return err
}

// BudgetStatus is what a budget stands at, in USD.
type BudgetStatus struct {
	Cap decimal.Decimal `json:"cap_usd"`
	// Day is the UTC day that Settled and Reserved are of; "" while the ledger
	// has not been read. They are what all processes together spent and have
	// set aside.
	Day      Day             `json:"day,omitempty"`
	Settled  decimal.Decimal `json:"settled_usd"`
	Reserved decimal.Decimal `json:"reserved_usd"`
	// Exhausted: nothing that costs money is probed until Resumes.
	Exhausted bool      `json:"exhausted"`
	Resumes   time.Time `json:"resumes,omitzero"`
	// Problem is what the ledger failed with when it was last used, "" where it
	// did not. While it fails nothing that costs money is probed.
	Problem string `json:"problem,omitempty"`
}

// Read is what the budget stands at on a day, by the ledger. Where that fails the
// status says so in its Problem.
func (b *Budget) Read(ctx context.Context, day Day) BudgetStatus {
	_, _ = b.left(ctx, day) // what went wrong is part of the status
	return *b.status()
}

// status is what the budget was last known to stand at.
func (b *Budget) status() *BudgetStatus {
	b.mu.Lock()
	defer b.mu.Unlock()
	return &BudgetStatus{
		Cap: b.Cap, Day: b.seenDay, Settled: b.seen.Settled, Reserved: b.seen.Reserved, Problem: b.problem,
	}
}
