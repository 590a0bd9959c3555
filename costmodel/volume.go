package costmodel

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// Period is the time a volume is counted over. The zero value is a day.
type Period uint8

// The periods a volume can be given for. A night is the one of each day.
const (
	Day Period = iota
	Hour
	Month
	Year
	Week
	Night
)

// How the periods relate. A month has as many days as the workload says
// (DaysPerMonth), and a year is always twelve of those months, so that no figure a
// year contradicts one a month: 360 days where a month is 30, 264 where it is 22
// working days.
const (
	hoursPerDay   = 24
	daysPerWeek   = 7
	monthsPerYear = 12
)

// periodNames are the first word, which String writes, and others that people do.
var periodNames = [...][]string{
	Day:   {"day", "d"},
	Hour:  {"hour", "h", "hr"},
	Month: {"month", "mo"},
	Year:  {"year", "y", "yr"},
	Week:  {"week", "w", "wk"},
	Night: {"night"},
}

// String returns "day", "hour", "month", "year", "week" or "night".
func (p Period) String() string {
	if int(p) < len(periodNames) {
		return periodNames[p][0]
	}
	return periodNames[Day][0]
}

func parsePeriod(s string) (Period, bool) {
	for p, names := range periodNames {
		if slices.Contains(names, strings.ToLower(s)) {
			return Period(p), true
		}
	}
	return Day, false
}

// perDay returns the factor from a figure a period to the figure a day.
func (p Period) perDay(days DaysPerMonth) *big.Rat {
	switch p {
	case Hour:
		return integer(hoursPerDay)
	case Month:
		return new(big.Rat).Inv(days.rat())
	case Year:
		year := new(big.Rat).Mul(days.rat(), integer(monthsPerYear))
		return year.Inv(year)
	case Week:
		return big.NewRat(1, daysPerWeek)
	default:
		return integer(1)
	}
}

// Unit is what a volume counts. The zero value is tokens.
type Unit uint8

// The units of a volume. All but tokens have a number of tokens each; a user is
// one with that many a period, in requests of unknown length.
const (
	Tokens Unit = iota
	Requests
	Messages
	Calls
	Documents
	Users
)

// unitNames are the plural, the singular, and short forms.
var unitNames = [...][]string{
	Tokens:    {"tokens", "token", "tok"},
	Requests:  {"requests", "request", "req"},
	Messages:  {"messages", "message", "msg", "msgs"},
	Calls:     {"calls", "call"},
	Documents: {"documents", "document", "doc", "docs"},
	Users:     {"users", "user"},
}

// String returns the plural: "tokens", "messages".
func (u Unit) String() string { return u.names()[0] }

// One returns the singular: "token", "message".
func (u Unit) One() string { return u.names()[1] }

func (u Unit) names() []string {
	if int(u) < len(unitNames) {
		return unitNames[u]
	}
	return unitNames[Tokens]
}

// parseUnit reads the unit of a volume; none is tokens.
func parseUnit(s string) (Unit, bool) {
	for u, names := range unitNames {
		if s == "" || slices.Contains(names, strings.ToLower(s)) {
			return Unit(u), true
		}
	}
	return Tokens, false
}

// Volume is an exact number of tokens, or of items that have tokens, in a period,
// as it was given. The zero value is no tokens a day.
type Volume struct {
	amount *big.Rat // nil is 0; never written to after construction
	unit   Unit
	period Period
}

// maxVolume bounds a volume in its own unit and period. It is far above the
// traffic of any service and far below what would strain exact arithmetic.
const maxVolume = 1_000_000_000_000_000

// volumeForm is the hint of every refused volume.
const volumeForm = "write how many and per what time, such as 10M/day (tokens), 1.5B tokens/month, " +
	"100k messages/month or 8000 documents/night"

// NewVolume returns so many of a unit in a period; a count that is not given, or
// more than 1e15, is an *InputError.
func NewVolume(amount Count, unit Unit, period Period) (Volume, error) {
	if !amount.Given() || amount.r.Cmp(integer(maxVolume)) > 0 {
		return Volume{}, &InputError{What: "volume " + quote(amount.String()) + " is not from 0 to 1e15", Hint: volumeForm}
	}
	return Volume{amount: amount.r, unit: unit, period: period}, nil
}

// ParseVolume reads a number of tokens, requests, messages, calls, documents or
// users per hour, day, night, week, month or year: "10M/day", "1.5B tokens/month",
// "2,000,000 / day", "100k messages/month". Without a unit it is tokens. K, M, B
// (or G) and T multiply by powers of a thousand. At most 1e15 a period. Anything
// else is an *InputError.
func ParseVolume(s string) (Volume, error) {
	refuse := func(format string, args ...any) (Volume, error) {
		return Volume{}, &InputError{
			What: "volume " + quote(s) + " " + fmt.Sprintf(format, args...),
			Hint: volumeForm,
		}
	}
	amount, per, hasPeriod := strings.Cut(strings.TrimSpace(s), "/")
	number, rest := cutNumber(strings.TrimSpace(amount))
	count, err := parseNumber(number)
	if err != nil {
		return refuse("%v", err)
	}
	factor, word := cutSuffix(rest)
	unit, ok := parseUnit(word)
	if !ok {
		return refuse("has the unknown unit %s", quote(word))
	}
	if !hasPeriod {
		return refuse("does not say per what time")
	}
	period, ok := parsePeriod(strings.TrimSpace(per))
	if !ok {
		return refuse("has the unknown period %s", quote(strings.TrimSpace(per)))
	}
	count.Mul(count, integer(factor))
	if count.Cmp(integer(maxVolume)) > 0 {
		return refuse("is more than 1e15 %s", unit)
	}
	return Volume{amount: count, unit: unit, period: period}, nil
}

// cutNumber splits what may be a number off the front of s. A sign comes with
// it, so that parseNumber can say that it is negative.
func cutNumber(s string) (number, rest string) {
	digit := func(i int) bool { return i < len(s) && s[i] >= '0' && s[i] <= '9' }
	end := 0
	if strings.HasPrefix(s, "-") {
		end++
	}
	for digit(end) || end < len(s) && (s[end] == '.' || s[end] == ',') {
		end++
	}
	if end > 0 && end < len(s) && (s[end] == 'e' || s[end] == 'E') {
		next := end + 1
		if next < len(s) && (s[next] == '+' || s[next] == '-') {
			next++
		}
		if digit(next) {
			for digit(next) {
				next++
			}
			end = next
		}
	}
	return s[:end], strings.TrimSpace(s[end:])
}

// magnitudes are the suffixes of a count, largest first.
var magnitudes = []struct {
	suffix string
	factor int64
}{
	{"T", 1_000_000_000_000},
	{"B", 1_000_000_000},
	{"M", 1_000_000},
	{"K", 1_000},
}

// cutSuffix splits a magnitude off the front of the unit; without one the
// factor is 1.
func cutSuffix(s string) (factor int64, unit string) {
	if s == "" {
		return 1, ""
	}
	rest := s[1:]
	unit = strings.TrimSpace(rest)
	if _, ok := parseUnit(unit); unit == rest && !ok {
		return 1, s // the first letter of another word, as in "10 messages"
	}
	// A small t is left alone: in "10t" it could as well mean tokens.
	suffix := strings.NewReplacer("k", "K", "m", "M", "b", "B", "g", "B", "G", "B").Replace(s[:1])
	for _, m := range magnitudes {
		if suffix == m.suffix {
			return m.factor, unit
		}
	}
	return 1, s
}

func (v Volume) rat() *big.Rat {
	if v.amount == nil {
		return new(big.Rat)
	}
	return v.amount
}

// Amount returns the exact number of units in one Period, as a copy.
func (v Volume) Amount() *big.Rat { return new(big.Rat).Set(v.rat()) }

// Unit returns what the volume counts.
func (v Volume) Unit() Unit { return v.unit }

// Period returns the period the volume was given for.
func (v Volume) Period() Period { return v.period }

// Equal reports whether both volumes are the same number of the same unit in the
// same period.
func (v Volume) Equal(w Volume) bool {
	return v.period == w.period && v.unit == w.unit && v.rat().Cmp(w.rat()) == 0
}

// String returns the volume to three significant figures, as FormatTokens
// does: "10.0M tokens/day", "100K messages/month".
func (v Volume) String() string {
	return FormatTokens(v.rat()) + " " + v.unit.String() + "/" + v.period.String()
}

// MarshalText returns the exact volume in the shortest form that ParseVolume
// reads back as the same one: "10M/day", "1234567/month", "100K messages/month".
func (v Volume) MarshalText() ([]byte, error) {
	unit := ""
	if v.unit != Tokens {
		unit = " " + v.unit.String()
	}
	return []byte(exactCount(v.rat()) + unit + "/" + v.period.String()), nil
}

// Completed is the text of another volume as one writes it who changes this one: where
// it says no period it has that of v, and the unit too where it is a bare number.
func (v Volume) Completed(text string) string {
	text = strings.TrimSpace(text)
	number, rest := cutNumber(text)
	if _, err := parseNumber(number); err != nil || strings.Contains(text, "/") {
		return text
	}
	if _, word := cutSuffix(rest); word == "" && v.unit != Tokens {
		text += " " + v.unit.String()
	}
	return text + "/" + v.period.String()
}

// UnmarshalText reads what ParseVolume reads.
func (v *Volume) UnmarshalText(text []byte) error {
	parsed, err := ParseVolume(string(text))
	if err != nil {
		return err
	}
	*v = parsed
	return nil
}
