package costmodel

import (
	"fmt"
	"math/big"
	"strings"
)

// percent is the whole of a split.
const percent = 100

// Split says which share of the tokens is input; the rest is output. The zero
// value is no split: a workload without one has no known spend.
type Split struct {
	input *big.Rat // 0 to 1; nil is not given; never written to after construction
}

// ParseSplit reads the shares of input and output in percent, which must sum
// to 100: "75/25", "72.5/27.5". Anything else is an *InputError.
func ParseSplit(s string) (Split, error) {
	refuse := func(format string, args ...any) (Split, error) {
		return Split{}, &InputError{
			What: "split " + quote(s) + " " + fmt.Sprintf(format, args...),
			Hint: "give the input and the output share in percent, such as 75/25",
		}
	}
	in, out, ok := strings.Cut(s, "/")
	if !ok {
		return refuse("is not an input and an output share")
	}
	var shares [2]*big.Rat
	for i, text := range []string{in, out} {
		share, err := parseNumber(strings.TrimSpace(text))
		if err != nil {
			return refuse("has a share that %v", err)
		}
		shares[i] = share
	}
	if sum := new(big.Rat).Add(shares[0], shares[1]); sum.Cmp(integer(percent)) != 0 {
		return refuse("sums to %s, not to 100", shortest(sum, 0, maxDigits))
	}
	return splitOfPercent(shares[0]), nil
}

// splitOfPercent returns the split with the given input share, 0 to 100.
func splitOfPercent(input *big.Rat) Split {
	return Split{input: new(big.Rat).Quo(input, integer(percent))}
}

// Given reports whether there is a split at all.
func (s Split) Given() bool { return s.input != nil }

// Input returns the exact share of input tokens, 0 to 1, as a copy; 0 where
// no split is given.
func (s Split) Input() *big.Rat {
	if s.input == nil {
		return new(big.Rat)
	}
	return new(big.Rat).Set(s.input)
}

// Output returns the exact share of output tokens, 0 to 1, as a copy; 0 where
// no split is given.
func (s Split) Output() *big.Rat {
	if s.input == nil {
		return new(big.Rat)
	}
	return new(big.Rat).Sub(integer(1), s.input)
}

// Equal reports whether both splits are the same, exactly.
func (s Split) Equal(t Split) bool {
	return s.Given() == t.Given() && s.Input().Cmp(t.Input()) == 0
}

// inPercent returns a share in percent in plain notation, exact as far as a
// person can have given it.
func inPercent(share *big.Rat) string {
	return shortest(share.Mul(share, integer(percent)), 0, maxDigits)
}

// String returns "75% in 25% out"; "" where no split is given.
func (s Split) String() string {
	if !s.Given() {
		return ""
	}
	return inPercent(s.Input()) + "% in " + inPercent(s.Output()) + "% out"
}

// MarshalText returns the form that ParseSplit reads back as the same split,
// "75/25"; "" where no split is given.
func (s Split) MarshalText() ([]byte, error) {
	if !s.Given() {
		return nil, nil
	}
	return []byte(inPercent(s.Input()) + "/" + inPercent(s.Output())), nil
}

// UnmarshalText reads what ParseSplit reads; an empty text is no split.
func (s *Split) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*s = Split{}
		return nil
	}
	parsed, err := ParseSplit(string(text))
	if err != nil {
		return err
	}
	*s = parsed
	return nil
}
