package costmodel

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strings"

	"github.com/shopspring/decimal"
)

// usdPlaces is the number of decimal places of an amount that leaves the
// package, in text and JSON.
const usdPlaces = 10

// USD is an exact, immutable amount of US dollars. The zero value is $0. A
// difference may be negative; an amount that a person gives may not.
//
// Two amounts are compared with Cmp: == does not compile, because the same
// amount can have two representations.
type USD struct {
	_ [0]func()
	r *big.Rat // nil is 0; never written to after construction
}

// NewUSD returns r dollars.
func NewUSD(r *big.Rat) USD { return USD{r: new(big.Rat).Set(r)} }

// ParseUSD reads an amount of dollars, 0 or more: "43.75", "1,312.50",
// "$0.15", "1.5e-7". Anything else, a number with more than 20 digits on either
// side of the point included, is an *InputError.
func ParseUSD(s string) (USD, error) {
	text := strings.TrimSpace(s)
	r, err := parseNumber(strings.TrimPrefix(text, "$"))
	if err != nil {
		return USD{}, &InputError{
			What: fmt.Sprintf("amount %s %v", quote(text), err),
			Hint: "give US dollars as a plain number, 0 or more, such as 0.15 or 1,312.50",
		}
	}
	return USD{r: r}, nil
}

// rat returns the amount for reading only.
func (u USD) rat() *big.Rat {
	if u.r == nil {
		return new(big.Rat)
	}
	return u.r
}

// Rat returns the exact amount, as a copy.
func (u USD) Rat() *big.Rat { return new(big.Rat).Set(u.rat()) }

// Add returns u + v.
func (u USD) Add(v USD) USD {
	switch { // a sum of rationals takes long, also where one is 0
	case u.r == nil:
		return v
	case v.r == nil:
		return u
	}
	return USD{r: new(big.Rat).Add(u.r, v.r)}
}

// Sub returns u - v, which may be negative.
func (u USD) Sub(v USD) USD { return USD{r: new(big.Rat).Sub(u.rat(), v.rat())} }

// Mul returns u times factor.
func (u USD) Mul(factor *big.Rat) USD { return USD{r: new(big.Rat).Mul(u.rat(), factor)} }

// Cmp compares the exact amounts: -1 where u is less than v, 0 where they are
// equal, +1 where u is more.
func (u USD) Cmp(v USD) int { return u.rat().Cmp(v.rat()) }

// Sign returns -1, 0 or +1.
func (u USD) Sign() int { return u.rat().Sign() }

// Decimal returns the amount rounded half away from zero to 10 places.
func (u USD) Decimal() decimal.Decimal { return decimal.NewFromBigRat(u.rat(), usdPlaces) }

// String returns the amount in plain notation with at most 10 places and no
// trailing zeros: "43.75", "60", "-0.5".
func (u USD) String() string { return shortest(u.rat(), 0, usdPlaces) }

// Format returns the amount rounded half away from zero to the given number
// of places (0 to 10), with thousands commas and no currency sign:
// "1,312.50".
func (u USD) Format(places int) string {
	return Separated(fixed(u.rat(), min(max(places, 0), usdPlaces)))
}

// Float64 returns the nearest float. It is for placing a pixel, never for
// arithmetic.
func (u USD) Float64() float64 {
	f, _ := u.rat().Float64()
	return f
}

// MarshalText returns String.
func (u USD) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// UnmarshalText reads what a person wrote, as ParseUSD does.
func (u *USD) UnmarshalText(text []byte) error {
	v, err := ParseUSD(string(text))
	if err != nil {
		return err
	}
	*u = v
	return nil
}

// MarshalJSON returns String as a JSON string, so that no reader takes the
// amount through a float.
func (u USD) MarshalJSON() ([]byte, error) { return []byte(`"` + u.String() + `"`), nil }

// UnmarshalJSON reads a JSON string as MarshalJSON writes it, a negative
// difference included. null is refused: a value that may be unknown belongs
// in a *USD.
func (u *USD) UnmarshalJSON(data []byte) error {
	var s *string
	if err := json.Unmarshal(data, &s); err != nil || s == nil {
		return &InputError{
			What: fmt.Sprintf("amount %s is not a decimal string", quote(string(data))),
			Hint: `write the amount in quotes, such as "43.75"`,
		}
	}
	unsigned, negative := strings.CutPrefix(*s, "-")
	v, err := ParseUSD(unsigned)
	if err != nil {
		return err
	}
	if negative {
		v = USD{}.Sub(v)
	}
	*u = v
	return nil
}
