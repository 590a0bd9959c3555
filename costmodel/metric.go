package costmodel

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// Basis says what a figure rests on. The zero value is nothing: it is unknown.
type Basis uint8

// What figures rest on, from the least to the most.
const (
	// Published figures come from somebody else's measurements elsewhere.
	Published Basis = iota + 1
	// Stated figures are what the user says.
	Stated
	// Measured figures come from the user's own probes or tasks.
	Measured
)

// String returns "published", "stated", "measured" or "unknown".
func (b Basis) String() string {
	switch b {
	case Published:
		return "published"
	case Stated:
		return "stated"
	case Measured:
		return "measured"
	default:
		return "unknown"
	}
}

// Metric is a figure of something about a model that is no amount of money: a time in
// milliseconds, a speed in tokens a second, a share from 0 to 1. The zero value
// is unknown.
type Metric struct {
	// Value lies between Lo and Hi, the 95 % interval of a measurement; a figure
	// without an interval has all three alike.
	Value, Lo, Hi float64
	// N counts the samples behind a measurement, Hits those of them that a share
	// counts.
	N, Hits int
	Basis   Basis
}

// Exactly returns a figure without an interval.
func Exactly(value float64, basis Basis) Metric {
	return Metric{Value: value, Lo: value, Hi: value, Basis: basis}
}

// Known reports whether there is a figure.
func (f Metric) Known() bool { return f.Basis != 0 }

// Verdict is how a model stands to a constraint.
type Verdict uint8

// The verdicts.
const (
	// NotShown: it is unknown on which side of the limit the figure lies, for the
	// figure is unknown or its interval holds the limit.
	NotShown Verdict = iota
	Inside
	Outside
)

// String returns "not shown", "inside" or "outside".
func (v Verdict) String() string {
	switch v {
	case Inside:
		return "inside"
	case Outside:
		return "outside"
	default:
		return "not shown"
	}
}

// AtMost judges the figure against the largest one that is allowed.
func (f Metric) AtMost(limit float64) Verdict {
	switch {
	case !f.Known():
		return NotShown
	case f.Hi < limit, f.Lo == f.Hi && f.Value == limit:
		return Inside
	case f.Lo > limit:
		return Outside
	}
	return NotShown
}

// AtLeast judges the figure against the smallest one that is allowed.
func (f Metric) AtLeast(limit float64) Verdict {
	switch {
	case !f.Known():
		return NotShown
	case f.Lo > limit, f.Lo == f.Hi && f.Value == limit:
		return Inside
	case f.Hi < limit:
		return Outside
	}
	return NotShown
}

// Further ways in which a number is refused; each reads on from its subject.
var (
	errNotWhole  = errors.New("is not a whole number")
	errOverWhole = errors.New("is more than 1")
)

// ParseFraction reads a share from 0 to 1 as a person writes it: "0.85", "85%",
// "1 %". Anything else is an *InputError.
func ParseFraction(s string) (float64, error) {
	r, err := ParseExactFraction(s)
	if err != nil {
		return 0, err
	}
	share, _ := r.Float64()
	return share, nil
}

// ParseExactFraction reads what ParseFraction does, exactly.
func ParseExactFraction(s string) (*big.Rat, error) {
	text := strings.TrimSpace(s)
	number, inPercent := strings.CutSuffix(text, "%")
	r, err := parseNumber(strings.TrimSpace(number))
	if err == nil && inPercent {
		r.Quo(r, integer(percent))
	}
	if err == nil && r.Cmp(integer(1)) > 0 {
		err = errOverWhole
	}
	if err != nil {
		return nil, &InputError{
			What: fmt.Sprintf("share %s %v", quote(s), err),
			Hint: "give a share from 0 to 1 or a percentage, such as 0.85 or 85%",
		}
	}
	return r, nil
}

// ParseTokens reads a whole number of tokens from 0 to 1e15: "40000", "128k",
// "1.5M". Anything else is an *InputError.
func ParseTokens(s string) (int64, error) {
	number, rest := cutNumber(strings.TrimSpace(s))
	r, err := parseNumber(number)
	if err == nil {
		factor, unit := cutSuffix(rest)
		r.Mul(r, integer(factor))
		switch {
		case unit != "" && !strings.EqualFold(unit, Tokens.String()):
			err = errNotNumber
		case !r.IsInt():
			err = errNotWhole
		case r.Cmp(integer(maxVolume)) > 0:
			err = errOutOfRange
		}
	}
	if err != nil {
		return 0, &InputError{
			What: fmt.Sprintf("number of tokens %s %v", quote(s), err),
			Hint: "give a whole number of tokens, such as 500 or 128k",
		}
	}
	return r.Num().Int64(), nil
}

// interval writes the bounds of a measured figure in the given scale, "526-566";
// "" where it has none.
func (f Metric) interval(scale float64, places int) string {
	if f.Lo == f.Hi {
		return ""
	}
	return figureText(f.Lo*scale, places) + "-" + figureText(f.Hi*scale, places)
}

// figureText writes a figure with thousands commas and at most the given places.
func figureText(v float64, places int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "?"
	}
	text := strconv.FormatFloat(v, 'f', places, 64)
	if places > 0 {
		text = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	}
	return Separated(text)
}
