package costmodel

import (
	"encoding/json"
	"fmt"
	"time"
)

// isoDate is the one notation of a Date.
const isoDate = "2006-01-02"

// Date is a civil date: a year, a month and a day, without a time or a zone.
// The zero value is no date. Dates can be compared with ==.
type Date struct {
	year  int16
	month int8
	day   int8
}

// NewDate returns the given date, or an *InputError where the calendar has no
// such day or the year is not 1 to 9999.
func NewDate(year int, month time.Month, day int) (Date, error) {
	t := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	if y, m, d := t.Date(); y != year || m != month || d != day || y < 1 || y > 9999 {
		return Date{}, dateError(fmt.Sprintf("%04d-%02d-%02d", year, int(month), day))
	}
	return DateOf(t), nil
}

// DateOf returns the date that t has in its own location; no date where the
// year is not 1 to 9999.
func DateOf(t time.Time) Date {
	year, month, day := t.Date()
	if year < 1 || year > 9999 {
		return Date{}
	}
	return Date{year: int16(year), month: int8(month), day: int8(day)}
}

// ParseDate reads an ISO date, "2027-01-14"; anything else is an *InputError.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(isoDate, s)
	if err != nil || t.Year() < 1 {
		return Date{}, dateError(s)
	}
	return DateOf(t), nil
}

func dateError(s string) error {
	return &InputError{
		What: fmt.Sprintf("%s is not a date", quote(s)),
		Hint: "write dates as year-month-day, such as 2027-01-14",
	}
}

// IsZero reports whether d is no date.
func (d Date) IsZero() bool { return d == Date{} }

// Time returns midnight UTC of the date; for no date, the zero time.
func (d Date) Time() time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	return time.Date(int(d.year), time.Month(d.month), int(d.day), 0, 0, 0, 0, time.UTC)
}

// Compare returns -1, 0 or +1 as d is before, on or after e. No date is
// before every date.
func (d Date) Compare(e Date) int {
	if d.IsZero() || e.IsZero() {
		switch {
		case d == e:
			return 0
		case d.IsZero():
			return -1
		default:
			return +1
		}
	}
	return d.Time().Compare(e.Time())
}

// DaysUntil returns the number of days from d to e, negative where e is
// earlier. It is meaningless where either is no date.
func (d Date) DaysUntil(e Date) int {
	// Unix seconds, since a time.Duration ends at 292 years.
	return int((e.Time().Unix() - d.Time().Unix()) / (24 * 60 * 60))
}

// String returns the ISO form; for no date, "".
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return d.Time().Format(isoDate)
}

// MarshalText returns String.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads an ISO date; an empty text is no date.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	parsed, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// MarshalJSON returns the ISO form as a string; no date is null.
func (d Date) MarshalJSON() ([]byte, error) {
	if d.IsZero() {
		return []byte("null"), nil
	}
	return []byte(`"` + d.String() + `"`), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (d *Date) UnmarshalJSON(data []byte) error {
	var s *string
	if err := json.Unmarshal(data, &s); err != nil {
		return dateError(string(data))
	}
	if s == nil {
		*d = Date{}
		return nil
	}
	parsed, err := ParseDate(*s)
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}
