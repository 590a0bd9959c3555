package probe

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/shopspring/decimal"
)

// Ledger counts what probing costs, by UTC day, for all processes of a history
// together. Money is set aside before a probe is sent and settled after it, so
// that however many probe at once, the limit of a day holds. What was set aside
// by a process that died stays counted on that day: nobody can know whether its
// probe was sent. The ledger fails closed.
//
// Only plain values cross the interface. It is safe for concurrent use, and what
// it has returned is durable as far as the ledger is.
type Ledger interface {
	// Reserve sets usd aside on a day, unless what is settled, what is set
	// aside and usd together are more than limit: then ok is false and nothing
	// changes. The id is for Settle.
	Reserve(ctx context.Context, day Day, usd, limit decimal.Decimal) (id string, ok bool, err error)
	// Settle replaces what was set aside by what it really cost, on the day of
	// the reservation. Saying the same again changes nothing; another cost is an
	// error, and an id that is not known, or was settled days ago, is
	// ErrNoReservation.
	Settle(ctx context.Context, id string, usd decimal.Decimal) error
	// Spent is what a day has cost so far.
	Spent(ctx context.Context, day Day) (Spending, error)
}

// Spending is what one day has cost, in USD.
type Spending struct {
	// Settled is what probes really cost, Reserved what is set aside for those
	// that have not been settled.
	Settled, Reserved decimal.Decimal
}

// ErrNoReservation says that a ledger holds no reservation of that id.
var ErrNoReservation = errors.New("no such reservation")

// Day is one UTC day, as "2006-01-02".
type Day string

// DayOf is the UTC day of an instant on the wall clock.
func DayOf(t time.Time) Day { return Day(t.UTC().Format(time.DateOnly)) }

// Check reports a text that is no day.
func (d Day) Check() error {
	if t, err := time.Parse(time.DateOnly, string(d)); err != nil || DayOf(t) != d {
		return fmt.Errorf("%q is not a day", Sanitize(string(d), 20))
	}
	return nil
}

// End is the midnight at which the next day begins, on the wall clock; zero for
// a text that is no day.
func (d Day) End() time.Time {
	start, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return time.Time{}
	}
	return start.AddDate(0, 0, 1)
}

// usdPlaces is to how many decimal places a ledger keeps money, mostUSD more
// than any amount in it: together they bound what an entry takes.
const usdPlaces = 20

var mostUSD = decimal.New(1, 12)

// CheckUSD reports an amount that no ledger takes: less than nothing, or of more
// digits than money has, which could be made to fill the memory.
func CheckUSD(usd decimal.Decimal) error {
	switch {
	case usd.IsNegative():
		return errors.New("an amount is less than nothing")
	case usd.Exponent() < -usdPlaces || usd.Exponent() > usdPlaces || usd.GreaterThan(mostUSD):
		return errors.New("an amount has too many digits to be money")
	}
	return nil
}

// MemoryLedger is a ledger for where there is no history: it ends with the
// process. The zero value is empty and ready.
type MemoryLedger struct {
	mu       sync.Mutex
	last     int
	days     map[Day]Spending
	reserved map[string]reservedIn
	settled  map[string]decimal.Decimal
}

// reservedIn is what stands on a day and is not settled.
type reservedIn struct {
	day Day
	usd decimal.Decimal
}

var _ Ledger = (*MemoryLedger)(nil)

// Reserve implements Ledger.
func (l *MemoryLedger) Reserve(ctx context.Context, day Day, usd, limit decimal.Decimal) (string, bool, error) {
	if err := errors.Join(ctx.Err(), day.Check(), CheckUSD(usd)); err != nil {
		return "", false, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.days == nil {
		l.days, l.reserved, l.settled = map[Day]Spending{}, map[string]reservedIn{}, map[string]decimal.Decimal{}
	}
	spent := l.days[day]
	if spent.Settled.Add(spent.Reserved).Add(usd).GreaterThan(limit) {
		return "", false, nil
	}
	spent.Reserved = spent.Reserved.Add(usd)
	l.days[day] = spent
	l.last++
	id := string(day) + "/" + strconv.Itoa(l.last)
	l.reserved[id] = reservedIn{day, usd}
	return id, true, nil
}

// Settle implements Ledger.
func (l *MemoryLedger) Settle(ctx context.Context, id string, usd decimal.Decimal) error {
	if err := errors.Join(ctx.Err(), CheckUSD(usd)); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if before, done := l.settled[id]; done {
		if !before.Equal(usd) {
			return fmt.Errorf("a probe settled for %s was said to cost %s", before, usd)
		}
		return nil
	}
	was, ok := l.reserved[id]
	if !ok {
		return ErrNoReservation
	}
	delete(l.reserved, id)
	l.settled[id] = usd
	spent := l.days[was.day]
	spent.Reserved, spent.Settled = spent.Reserved.Sub(was.usd), spent.Settled.Add(usd)
	l.days[was.day] = spent
	return nil
}

// Spent implements Ledger.
func (l *MemoryLedger) Spent(ctx context.Context, day Day) (Spending, error) {
	if err := errors.Join(ctx.Err(), day.Check()); err != nil {
		return Spending{}, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.days[day], nil
}
