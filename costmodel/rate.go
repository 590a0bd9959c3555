package costmodel

import (
	"encoding/json"
	"fmt"
	"math/big"
)

// tokensPerRateUnit is the number of tokens a Rate is quoted for.
const tokensPerRateUnit = 1_000_000

// perToken turns a rate into USD per token; it is never written to.
var perToken = big.NewRat(1, tokensPerRateUnit)

type rateState uint8

const (
	rateUnknown rateState = iota
	rateKnown
	rateAbsent
)

// noCharge is the text of an absent Rate.
const noCharge = "none"

// Rate is a price in USD per 1M tokens. It is known (0 included), absent (the
// model has no such charge) or, as the zero value, unknown.
type Rate struct {
	state rateState
	usd   USD // 0 unless known
}

// NewRate returns a known rate of perMillion USD per 1M tokens; a negative
// one is an *InputError.
func NewRate(perMillion USD) (Rate, error) {
	if perMillion.Sign() < 0 {
		return Rate{}, &InputError{
			What: fmt.Sprintf("price %s %v", quote(perMillion.String()), errNegative),
			Hint: "give USD per 1M tokens, 0 or more",
		}
	}
	return Rate{state: rateKnown, usd: perMillion}, nil
}

// NoCharge returns the absent rate: the model does not charge for this.
func NoCharge() Rate { return Rate{state: rateAbsent} }

// ParseRate reads USD per 1M tokens as ParseUSD does; "none" is an absent
// rate and "" an unknown one.
func ParseRate(s string) (Rate, error) {
	switch s {
	case "":
		return Rate{}, nil
	case noCharge:
		return NoCharge(), nil
	}
	u, err := ParseUSD(s)
	if err != nil {
		return Rate{}, err
	}
	return Rate{state: rateKnown, usd: u}, nil
}

// USD returns the rate in USD per 1M tokens, and whether it has one: an
// absent or unknown rate has none.
func (r Rate) USD() (perMillion USD, ok bool) { return r.usd, r.state == rateKnown }

// Known reports whether it is certain what is charged: a known or an absent
// rate.
func (r Rate) Known() bool { return r.state != rateUnknown }

// Absent reports whether the model has no such charge.
func (r Rate) Absent() bool { return r.state == rateAbsent }

// Equal reports whether both rates are the same, exactly.
func (r Rate) Equal(s Rate) bool { return r.state == s.state && r.usd.Cmp(s.usd) == 0 }

// cost returns what tokens cost, and whether that is known. No tokens cost
// nothing, whatever the rate.
func (r Rate) cost(tokens *big.Rat) (USD, bool) {
	return r.costOfMillions(new(big.Rat).Mul(tokens, perToken))
}

// costOfMillions is cost for a count that is in millions already.
func (r Rate) costOfMillions(millions *big.Rat) (USD, bool) {
	switch {
	case millions.Sign() == 0, r.state == rateAbsent:
		return USD{}, true
	case r.state == rateUnknown:
		return USD{}, false
	}
	return USD{r: new(big.Rat).Mul(millions, r.usd.rat())}, true
}

// String returns the rate as it is written beside a token count: at least 2
// places, as many as it has up to 10 ("0.15", "0.075", "10.00"); "none" where
// absent and "?" where unknown.
func (r Rate) String() string {
	switch r.state {
	case rateKnown:
		return shortest(r.usd.rat(), 2, usdPlaces)
	case rateAbsent:
		return noCharge
	default:
		return "?"
	}
}

// MarshalText returns what ParseRate reads: the amount, "none" or "".
func (r Rate) MarshalText() ([]byte, error) {
	switch r.state {
	case rateKnown:
		return r.usd.MarshalText()
	case rateAbsent:
		return []byte(noCharge), nil
	default:
		return nil, nil
	}
}

// UnmarshalText reads a rate as ParseRate does.
func (r *Rate) UnmarshalText(text []byte) error {
	parsed, err := ParseRate(string(text))
	if err != nil {
		return err
	}
	*r = parsed
	return nil
}

// MarshalJSON returns a decimal string, "none" where absent, null where
// unknown.
func (r Rate) MarshalJSON() ([]byte, error) {
	switch r.state {
	case rateKnown:
		return r.usd.MarshalJSON()
	case rateAbsent:
		return []byte(`"` + noCharge + `"`), nil
	default:
		return []byte("null"), nil
	}
}

// UnmarshalJSON reads what MarshalJSON writes.
func (r *Rate) UnmarshalJSON(data []byte) error {
	var s *string
	if err := json.Unmarshal(data, &s); err != nil {
		return &InputError{
			What: fmt.Sprintf("price %s is not a decimal string", quote(string(data))),
			Hint: `write USD per 1M tokens in quotes, such as "0.15", "none" for no charge or null for unknown`,
		}
	}
	if s == nil {
		*r = Rate{}
		return nil
	}
	return r.UnmarshalText([]byte(*s))
}
