package costmodel

import (
	"fmt"
	"math/big"
	"strings"
	"time"
)

// DaysPerMonth is the number of days a month is counted as, and with it a year,
// which is twelve of them. The zero value is 30.
type DaysPerMonth struct {
	r     *big.Rat
	month Date // the first of the calendar month, no date for any other
}

// defaultDaysPerMonth keeps figures easy to check by hand; 30.4 is the mean
// of a year.
const defaultDaysPerMonth = 30

// CalendarMonth returns the days of the month that the date is in.
func CalendarMonth(d Date) DaysPerMonth {
	if d.IsZero() {
		return DaysPerMonth{}
	}
	t := d.Time()
	first := time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
	return DaysPerMonth{r: integer(int64(first.AddDate(0, 1, -1).Day())), month: DateOf(first)}
}

// ParseDaysPerMonth reads a number of days from 1 to 31, such as "30", "30.4"
// or "22" for working days, or a calendar month, "2026-02".
func ParseDaysPerMonth(s string) (DaysPerMonth, error) {
	if month, err := time.Parse("2006-01", strings.TrimSpace(s)); err == nil && month.Year() > 0 {
		return CalendarMonth(DateOf(month)), nil
	}
	r, err := parseNumber(strings.TrimSpace(s))
	if err == nil && (r.Cmp(integer(1)) < 0 || r.Cmp(integer(31)) > 0) {
		err = errOutOfMonth
	}
	if err != nil {
		return DaysPerMonth{}, &InputError{
			What: fmt.Sprintf("days per month %s %v", quote(s), err),
			Hint: "give the days of a month as a number from 1 to 31, such as 30 or 30.4, or a calendar month such as 2026-02",
		}
	}
	return DaysPerMonth{r: r}, nil
}

func (d DaysPerMonth) rat() *big.Rat {
	if d.r == nil {
		return integer(defaultDaysPerMonth)
	}
	return d.r
}

// Rat returns the exact number of days, as a copy.
func (d DaysPerMonth) Rat() *big.Rat { return new(big.Rat).Set(d.rat()) }

// Calendar returns the calendar month that the days are of, as its first day; ok
// is false where they are of none.
func (d DaysPerMonth) Calendar() (first Date, ok bool) { return d.month, !d.month.IsZero() }

// String returns the number of days: "30", "30.4".
func (d DaysPerMonth) String() string { return shortest(d.rat(), 0, maxDigits) }

// MarshalText returns String: the days, not the month that they are of.
func (d DaysPerMonth) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what ParseDaysPerMonth reads.
func (d *DaysPerMonth) UnmarshalText(text []byte) error {
	parsed, err := ParseDaysPerMonth(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}
