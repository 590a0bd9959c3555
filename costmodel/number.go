package costmodel

import (
	"errors"
	"math/big"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

// Bounds of a number that a person or a file may give. They keep a hostile
// exponent from allocating, and they make the exact plain form of every
// accepted number short enough to be read back.
const (
	maxNumberLength = 64 // bytes, as written
	maxExponent     = 20 // of the e notation, either sign
	maxDigits       = 20 // before the point, and again after it
)

// The ways in which a number is refused; each reads on from its subject.
var (
	errNotNumber  = errors.New("is not a number")
	errNegative   = errors.New("is negative")
	errOutOfRange = errors.New("is too large or too finely divided")
	errOutOfMonth = errors.New("is not from 1 to 31")
)

// parseNumber reads an unsigned decimal number exactly: digits, thousands
// commas in their places, a fraction, an exponent. It has no sign, so that
// "negative" is a refusal of its own.
func parseNumber(s string) (*big.Rat, error) {
	if len(s) > maxNumberLength {
		return nil, errOutOfRange
	}
	if rest, negative := strings.CutPrefix(s, "-"); negative {
		if _, err := parseNumber(rest); err != nil {
			return nil, err
		}
		return nil, errNegative
	}
	mantissa, exponent, err := cutExponent(s)
	if err != nil {
		return nil, err
	}
	whole, fraction, hasPoint := strings.Cut(mantissa, ".")
	whole, ok := ungroup(whole)
	if !ok || !allDigits(whole) || !allDigits(fraction) ||
		whole+fraction == "" || hasPoint && fraction == "" {
		return nil, errNotNumber
	}
	fraction = strings.TrimRight(fraction, "0")
	whole = strings.TrimLeft(whole, "0")
	if len(whole)+exponent > maxDigits || len(fraction)-exponent > maxDigits {
		return nil, errOutOfRange
	}
	r, ok := new(big.Rat).SetString("0" + whole + "." + fraction + "0e" + strconv.Itoa(exponent))
	if !ok {
		return nil, errNotNumber
	}
	return r, nil
}

// cutExponent splits "1.5e-7" into "1.5" and -7; without an e, the exponent
// is 0.
func cutExponent(s string) (mantissa string, exponent int, err error) {
	i := strings.IndexAny(s, "eE")
	if i < 0 {
		return s, 0, nil
	}
	mantissa, digits := s[:i], s[i+1:]
	unsigned := digits
	if digits != "" && (digits[0] == '+' || digits[0] == '-') {
		unsigned = digits[1:]
	}
	if unsigned == "" || !allDigits(unsigned) {
		return "", 0, errNotNumber
	}
	exponent, err = strconv.Atoi(digits)
	if err != nil || exponent > maxExponent || exponent < -maxExponent {
		return "", 0, errOutOfRange
	}
	return mantissa, exponent, nil
}

// ungroup removes thousands commas, and reports false where they stand in the
// wrong place, so that a decimal comma ("1,5") is not read as 15.
func ungroup(s string) (string, bool) {
	groups := strings.Split(s, ",")
	if len(groups) == 1 {
		return s, true
	}
	for i, g := range groups {
		if i == 0 && (g == "" || len(g) > 3) || i > 0 && len(g) != 3 {
			return "", false
		}
	}
	return strings.Join(groups, ""), true
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// fixed writes r in plain notation with exactly the given number of decimal
// places, rounded half away from zero.
func fixed(r *big.Rat, places int) string {
	s := decimal.NewFromBigRat(r, int32(places)).StringFixed(int32(places))
	if strings.Trim(s, "-0.") == "" {
		return strings.TrimPrefix(s, "-") // a rounded-away amount has no sign
	}
	return s
}

// shortest writes r with as few decimal places as it needs, but not fewer than
// least and at most most; where most are not enough it rounds there.
func shortest(r *big.Rat, least, most int) string {
	s := fixed(r, most)
	point := strings.IndexByte(s, '.')
	if point < 0 {
		return s
	}
	end := len(s)
	for end > point+1+least && s[end-1] == '0' {
		end--
	}
	return strings.TrimSuffix(s[:end], ".")
}

// Separated puts commas between the thousands of a plain decimal number.
func Separated(s string) string {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	whole, fraction, hasPoint := strings.Cut(s, ".")
	var b strings.Builder
	b.WriteString(sign)
	for i := range len(whole) {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteByte(whole[i])
	}
	if hasPoint {
		b.WriteByte('.')
		b.WriteString(fraction)
	}
	return b.String()
}

// integer returns n as a rational.
func integer(n int64) *big.Rat { return new(big.Rat).SetInt64(n) }
