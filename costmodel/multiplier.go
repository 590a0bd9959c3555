package costmodel

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
)

// Multiplier is what a rate is multiplied by: 0.5 is half the price. It is known,
// absent (there is no such offer) or, as the zero value, unknown.
type Multiplier struct {
	state rateState
	r     *big.Rat // nil unless known; never written to after construction
}

// maxMultiplier is above any real one; a percentage where a factor belongs is
// beyond it.
const maxMultiplier = 10

// ParseMultiplier reads a factor from 0 to 10, such as "0.5"; "none" is an absent
// one and "" an unknown one. Anything else is an *InputError.
func ParseMultiplier(s string) (Multiplier, error) {
	switch s {
	case "":
		return Multiplier{}, nil
	case noCharge:
		return NoOffer(), nil
	}
	r, err := parseNumber(strings.TrimSpace(s))
	if err == nil && r.Cmp(integer(maxMultiplier)) > 0 {
		err = errOutOfRange
	}
	if err != nil {
		return Multiplier{}, &InputError{
			What: fmt.Sprintf("multiplier %s %v", quote(s), err),
			Hint: "give what the price is multiplied by, from 0 to 10, such as 0.5 for half of it",
		}
	}
	return Multiplier{state: rateKnown, r: r}, nil
}

// NoOffer returns the absent multiplier: the model has no such offer.
func NoOffer() Multiplier { return Multiplier{state: rateAbsent} }

// Known reports whether it is certain what is multiplied: a known or an absent
// multiplier.
func (m Multiplier) Known() bool { return m.state != rateUnknown }

// Absent reports whether there is no such offer.
func (m Multiplier) Absent() bool { return m.state == rateAbsent }

// Rat returns the factor as a copy, and whether there is one.
func (m Multiplier) Rat() (*big.Rat, bool) {
	if m.state != rateKnown {
		return nil, false
	}
	return new(big.Rat).Set(m.r), true
}

// Equal reports whether both multipliers are the same, exactly.
func (m Multiplier) Equal(n Multiplier) bool {
	return m.state == n.state && (m.state != rateKnown || m.r.Cmp(n.r) == 0)
}

// String returns the factor, "none" where absent and "?" where unknown.
func (m Multiplier) String() string {
	switch m.state {
	case rateKnown:
		return shortest(m.r, 0, maxDigits)
	case rateAbsent:
		return noCharge
	default:
		return "?"
	}
}

// MarshalText returns what ParseMultiplier reads: the factor, "none" or "".
func (m Multiplier) MarshalText() ([]byte, error) {
	if m.state == rateUnknown {
		return nil, nil
	}
	return []byte(m.String()), nil
}

// UnmarshalText reads a multiplier as ParseMultiplier does.
func (m *Multiplier) UnmarshalText(text []byte) error {
	parsed, err := ParseMultiplier(string(text))
	if err != nil {
		return err
	}
	*m = parsed
	return nil
}

// MarshalJSON returns a decimal string, "none" where absent, null where unknown.
func (m Multiplier) MarshalJSON() ([]byte, error) {
	if m.state == rateUnknown {
		return []byte("null"), nil
	}
	return []byte(`"` + m.String() + `"`), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (m *Multiplier) UnmarshalJSON(data []byte) error {
	var s *string
	if err := json.Unmarshal(data, &s); err != nil {
		return &InputError{
			What: fmt.Sprintf("multiplier %s is not a decimal string", quote(string(data))),
			Hint: `write the factor in quotes, such as "0.5", "none" for no offer or null for unknown`,
		}
	}
	if s == nil {
		*m = Multiplier{}
		return nil
	}
	return m.UnmarshalText([]byte(*s))
}
