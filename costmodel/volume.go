package costmodel

import (
	"fmt"
	"math/big"
	"strings"
)

// Period is the time a volume is counted over. The zero value is a day.
type Period uint8

// The periods a volume can be given for.
const (
	Day Period = iota
	Hour
	Month
	Year
)

// How the periods relate to a day. A month has as many days as the workload
// says (DaysPerMonth), a year always has 365.
const (
	hoursPerDay = 24
	daysPerYear = 365
)

// String returns "day", "hour", "month" or "year".
func (p Period) String() string {
	switch p {
	case Hour:
		return "hour"
	case Month:
		return "month"
	case Year:
		return "year"
	default:
		return "day"
	}
}

// perDay returns the factor from a figure a period to the figure a day.
func (p Period) perDay(days DaysPerMonth) *big.Rat {
	switch p {
	case Hour:
		return integer(hoursPerDay)
	case Month:
		return new(big.Rat).Inv(days.rat())
	case Year:
		return big.NewRat(1, daysPerYear)
	default:
		return integer(1)
	}
}

// DaysPerMonth is the number of days a month is counted as. The zero value is
// 30.
type DaysPerMonth struct{ r *big.Rat }

// defaultDaysPerMonth keeps figures easy to check by hand; 30.4 is the mean
// of a year.
const defaultDaysPerMonth = 30

// ParseDaysPerMonth reads a number of days from 1 to 31, such as "30", "30.4"
// or "22" for working days.
func ParseDaysPerMonth(s string) (DaysPerMonth, error) {
	r, err := parseNumber(strings.TrimSpace(s))
	if err == nil && (r.Cmp(integer(1)) < 0 || r.Cmp(integer(31)) > 0) {
		err = errOutOfMonth
	}
	if err != nil {
		return DaysPerMonth{}, &InputError{
			What: fmt.Sprintf("days per month %s %v", quote(s), err),
			Hint: "give the days of a month as a number from 1 to 31, such as 30 or 30.4",
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

// String returns the number of days: "30", "30.4".
func (d DaysPerMonth) String() string { return shortest(d.rat(), 0, maxDigits) }

// MarshalText returns String.
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

// Volume is an exact number of tokens in a period, as it was given. The zero
// value is no tokens a day.
type Volume struct {
	tokens *big.Rat // nil is 0; never written to after construction
	period Period
}

// maxVolumeTokens bounds a volume in its own period. It is far above the
// traffic of any service and far below what would strain exact arithmetic.
const maxVolumeTokens = 1_000_000_000_000_000

// volumeForm is the hint of every refused volume.
const volumeForm = "write a number of tokens and what it is per, such as 10M/day, 250k tokens/hour or 1.5B/month"

// ParseVolume reads a number of tokens per hour, day, month or year:
// "10M/day", "1.5B tokens/month", "2,000,000 / day". K, M, B (or G) and T
// multiply by powers of a thousand. At most 1e15 tokens a period. Anything
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
	tokens, err := parseNumber(number)
	if err != nil {
		return refuse("%v", err)
	}
	factor, unit := cutSuffix(rest)
	if !isTokens(unit) {
		return refuse("has the unknown unit %s", quote(unit))
	}
	if !hasPeriod {
		return refuse("does not say per what time")
	}
	period, ok := parsePeriod(strings.TrimSpace(per))
	if !ok {
		return refuse("has the unknown period %s", quote(strings.TrimSpace(per)))
	}
	tokens.Mul(tokens, integer(factor))
	if tokens.Cmp(integer(maxVolumeTokens)) > 0 {
		return refuse("is more than 1e15 tokens")
	}
	return Volume{tokens: tokens, period: period}, nil
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

// isTokens reports whether the unit of a volume is tokens, said or implied.
func isTokens(unit string) bool {
	return unit == "" || strings.EqualFold(unit, "token") || strings.EqualFold(unit, "tokens")
}

// cutSuffix splits a magnitude off the front of the unit; without one the
// factor is 1.
func cutSuffix(s string) (factor int64, unit string) {
	if s == "" {
		return 1, ""
	}
	rest := s[1:]
	unit = strings.TrimSpace(rest)
	if unit == rest && !isTokens(unit) {
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

func parsePeriod(s string) (Period, bool) {
	switch strings.ToLower(s) {
	case "d", "day":
		return Day, true
	case "h", "hr", "hour":
		return Hour, true
	case "mo", "month":
		return Month, true
	case "y", "yr", "year":
		return Year, true
	}
	return Day, false
}

func (v Volume) rat() *big.Rat {
	if v.tokens == nil {
		return new(big.Rat)
	}
	return v.tokens
}

// Tokens returns the exact number of tokens in one Period, as a copy.
func (v Volume) Tokens() *big.Rat { return new(big.Rat).Set(v.rat()) }

// Period returns the period the volume was given for.
func (v Volume) Period() Period { return v.period }

// Equal reports whether both volumes are the same number of tokens in the
// same period.
func (v Volume) Equal(w Volume) bool { return v.period == w.period && v.rat().Cmp(w.rat()) == 0 }

// String returns the volume to three significant figures, as FormatTokens
// does: "10.0M tokens/day".
func (v Volume) String() string {
	return FormatTokens(v.rat()) + " tokens/" + v.period.String()
}

// MarshalText returns the exact volume in the shortest form that ParseVolume
// reads back as the same one: "10M/day", "1234567/month".
func (v Volume) MarshalText() ([]byte, error) {
	return []byte(exactCount(v.rat()) + "/" + v.period.String()), nil
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
