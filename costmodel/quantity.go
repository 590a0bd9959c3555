package costmodel

import (
	"fmt"
	"math/big"
	"strings"
)

// Count is an exact number of things, 0 or more. The zero value is not given,
// which is not 0.
type Count struct {
	r *big.Rat // never written to after construction
}

// NewCount returns a count of r; a negative one, or more than 1e15, is an
// *InputError.
func NewCount(r *big.Rat) (Count, error) {
	err := errNegative
	if r.Sign() >= 0 {
		if r.Cmp(integer(maxVolume)) <= 0 {
			return Count{r: new(big.Rat).Set(r)}, nil
		}
		err = errOutOfRange
	}
	return Count{}, countError(shortest(r, 0, maxDigits), err)
}

// ParseCount reads a number with thousands commas or one of the suffixes K, M, B
// (or G) and T: "500", "2,000", "1.5k". Anything else, or more than 1e15, is an
// *InputError.
func ParseCount(s string) (Count, error) {
	number, rest := cutNumber(strings.TrimSpace(s))
	r, err := parseNumber(number)
	if err != nil {
		return Count{}, countError(s, err)
	}
	factor, unit := cutSuffix(rest)
	if unit != "" {
		return Count{}, countError(s, errNotNumber)
	}
	r.Mul(r, integer(factor))
	if r.Cmp(integer(maxVolume)) > 0 {
		return Count{}, countError(s, errOutOfRange)
	}
	return Count{r: r}, nil
}

func countError(s string, err error) error {
	return &InputError{
		What: fmt.Sprintf("count %s %v", quote(s), err),
		Hint: "give a number, 0 or more, such as 500, 2,000 or 1.5k",
	}
}

// Given reports whether there is a count at all.
func (c Count) Given() bool { return c.r != nil }

// rat returns the count for reading only, 0 where it is not given.
func (c Count) rat() *big.Rat {
	if c.r == nil {
		return new(big.Rat)
	}
	return c.r
}

// Rat returns the exact count as a copy, 0 where it is not given.
func (c Count) Rat() *big.Rat { return new(big.Rat).Set(c.rat()) }

// Equal reports whether both counts are the same, exactly; not given equals only
// not given.
func (c Count) Equal(d Count) bool { return c.Given() == d.Given() && c.rat().Cmp(d.rat()) == 0 }

// String returns the count with thousands commas, as exact as it was written; ""
// where it is not given.
func (c Count) String() string {
	if !c.Given() {
		return ""
	}
	return Separated(shortest(c.r, 0, maxDigits))
}

// MarshalText returns what ParseCount reads.
func (c Count) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads what ParseCount reads; an empty text is not given.
func (c *Count) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*c = Count{}
		return nil
	}
	parsed, err := ParseCount(string(text))
	if err != nil {
		return err
	}
	*c = parsed
	return nil
}

// Share is an exact part of a whole, 0 to 1, which people give in percent. The
// zero value is 0.
type Share struct {
	r *big.Rat // nil is 0; never written to after construction
}

// NewShare returns the share r, 0 to 1; anything else is an *InputError.
func NewShare(r *big.Rat) (Share, error) {
	if r.Sign() < 0 || r.Cmp(integer(1)) > 0 {
		return Share{}, shareError(shortest(r, 0, maxDigits), "is not from 0 to 1")
	}
	return Share{r: new(big.Rat).Set(r)}, nil
}

// ParseShare reads a percentage from 0 to 100, such as "30%" or "30". A number
// between 0 and 1 needs the sign: "0.3" could as well be 30 %. Anything else is an
// *InputError.
func ParseShare(s string) (Share, error) {
	number, signed := strings.CutSuffix(strings.TrimSpace(s), "%")
	r, err := parseNumber(strings.TrimSpace(number))
	switch {
	case err != nil:
		return Share{}, shareError(s, err.Error())
	case r.Cmp(integer(percent)) > 0:
		return Share{}, shareError(s, "is more than 100%")
	case !signed && r.Sign() > 0 && r.Cmp(integer(1)) < 0:
		return Share{}, shareError(s, "could be "+inPercent(new(big.Rat).Set(r))+"% or "+shortest(r, 0, maxDigits)+"%")
	}
	return Share{r: r.Quo(r, integer(percent))}, nil
}

func shareError(s, why string) error {
	return &InputError{What: fmt.Sprintf("share %s %s", quote(s), why), Hint: "give a percentage from 0% to 100%, such as 30%"}
}

func (s Share) rat() *big.Rat {
	if s.r == nil {
		return new(big.Rat)
	}
	return s.r
}

// Rat returns the exact share, 0 to 1, as a copy.
func (s Share) Rat() *big.Rat { return new(big.Rat).Set(s.rat()) }

// IsZero reports whether the share is 0.
func (s Share) IsZero() bool { return s.r == nil || s.r.Sign() == 0 }

// Equal reports whether both shares are the same, exactly.
func (s Share) Equal(t Share) bool { return s.rat().Cmp(t.rat()) == 0 }

// rest returns 1 - s.
func (s Share) rest() *big.Rat { return new(big.Rat).Sub(integer(1), s.rat()) }

// String returns the share in percent: "30%", "0.5%".
func (s Share) String() string { return inPercent(s.Rat()) + "%" }

// MarshalText returns String.
func (s Share) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what ParseShare reads.
func (s *Share) UnmarshalText(text []byte) error {
	parsed, err := ParseShare(string(text))
	if err != nil {
		return err
	}
	*s = parsed
	return nil
}
