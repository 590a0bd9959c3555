package costmodel

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Service is a service tier that a request can ask for.
type Service string

// The service tiers. Standard is what a request gets that asks for none.
const (
	Standard Service = ""
	Flex     Service = "flex"
	Priority Service = "priority"
)

// ParseService reads "standard" (or nothing), "flex" or "priority"; anything else
// is an *InputError.
func ParseService(s string) (Service, error) {
	switch s {
	case "", "standard":
		return Standard, nil
	case string(Flex), string(Priority):
		return Service(s), nil
	}
	return Standard, &InputError{
		What: fmt.Sprintf("there is no service tier %s", quote(s)),
		Hint: "the service tiers are standard, flex and priority",
	}
}

const (
	maxSpans = 8
	allWeek  = 0b111_1111
)

// Hours are times of day in UTC, on some or all days of the week. The zero value
// is none: a price without hours holds all the time.
type Hours struct {
	spans []span
	days  uint8 // bit n is time.Weekday n
}

// span is a time of day in minutes; until may be below from, over midnight.
type span struct{ from, until int }

var weekdays = []string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"}

// ParseHours reads times of day in UTC and the days they are on, as String writes
// them: "01:00-04:00 06:00-10:00 Mon-Fri", "16:30-00:30"; the end is exclusive,
// "" is none. Anything else is an *InputError.
func ParseHours(s string) (Hours, error) {
	var h Hours
	for _, word := range strings.Fields(s) {
		if sp, ok := parseSpan(word); ok && h.days == 0 && len(h.spans) < maxSpans {
			h.spans = append(h.spans, sp)
			continue
		}
		days, ok := parseWeekdays(word)
		if !ok || h.days != 0 || len(h.spans) == 0 {
			return Hours{}, &InputError{
				What: fmt.Sprintf("%s are not times of day", quote(s)),
				Hint: "write times in UTC and then the days, such as 01:00-04:00 06:00-10:00 Mon-Fri",
			}
		}
		h.days = days
	}
	if h.days == 0 && h.spans != nil {
		h.days = allWeek
	}
	return h, nil
}

func parseSpan(word string) (span, bool) {
	from, until, ok := strings.Cut(word, "-")
	if !ok {
		return span{}, false
	}
	a, errA := time.Parse("15:04", from)
	b, errB := time.Parse("15:04", until)
	if until == "24:00" {
		b, errB = time.Time{}, nil
	}
	minutes := func(t time.Time) int { return t.Hour()*60 + t.Minute() }
	sp := span{minutes(a), minutes(b)}
	return sp, errA == nil && errB == nil && len(from) == 5 && len(until) == 5 && sp.from != sp.until
}

func parseWeekdays(word string) (days uint8, ok bool) {
	first, last, isRange := strings.Cut(word, "-")
	if !isRange {
		last = first
	}
	i, j := slices.Index(weekdays, first), slices.Index(weekdays, last)
	if i < 0 || j < 0 {
		return 0, false
	}
	for n := i; ; n = (n + 1) % len(weekdays) {
		days |= 1 << n
		if n == j {
			return days, true
		}
	}
}

// IsZero reports whether there are no hours.
func (h Hours) IsZero() bool { return h.spans == nil }

// Contains reports whether the moment is within the hours. Over midnight, the day
// is that of the moment.
func (h Hours) Contains(t time.Time) bool {
	t = t.UTC()
	minute := t.Hour()*60 + t.Minute()
	return h.days&(1<<t.Weekday()) != 0 && slices.ContainsFunc(h.spans, func(s span) bool {
		if s.from < s.until {
			return s.from <= minute && minute < s.until
		}
		return s.from <= minute || minute < s.until
	})
}

// Equal reports whether both are the same hours, written in the same order.
func (h Hours) Equal(g Hours) bool { return h.days == g.days && slices.Equal(h.spans, g.spans) }

// String returns what ParseHours reads; "" for none.
func (h Hours) String() string {
	var words []string
	for _, s := range h.spans {
		words = append(words, fmt.Sprintf("%02d:%02d-%02d:%02d", s.from/60, s.from%60, s.until/60, s.until%60))
	}
	if h.days != 0 && h.days != allWeek {
		words = append(words, h.weekdays())
	}
	return strings.Join(words, " ")
}

// weekdays names the run of days, which is all that can be written.
func (h Hours) weekdays() string {
	on := func(n int) bool { return h.days&(1<<(n%len(weekdays))) != 0 }
	first := 0
	for n := range weekdays {
		if on(n) && !on(n+len(weekdays)-1) {
			first = n
		}
	}
	last := first
	for on(last + 1) {
		last++
	}
	if first == last {
		return weekdays[first]
	}
	return weekdays[first] + "-" + weekdays[last%len(weekdays)]
}

// MarshalText returns String.
func (h Hours) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads what ParseHours reads.
func (h *Hours) UnmarshalText(text []byte) error {
	parsed, err := ParseHours(string(text))
	if err != nil {
		return err
	}
	*h = parsed
	return nil
}
