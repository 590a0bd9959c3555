package costmodel

import (
	"math/big"
	"strings"
)

// significantFigures is what a count of tokens shows on a screen.
const significantFigures = 3

// FormatTokens writes a count of tokens, 0 or more, for a screen. From 1,000 on it has
// exactly three significant figures and a suffix ("1.25K", "10.0M", "250K",
// "1.00B"); below, at most three and no trailing zeros ("950", "12.5"). It is
// rounded half away from zero; MarshalText of a Volume is exact.
func FormatTokens(tokens *big.Rat) string {
	if s, ok := threeFigures(tokens); ok {
		if strings.Contains(s, ".") {
			s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
		}
		return s
	}
	for i := len(magnitudes) - 1; i >= 0; i-- {
		m := magnitudes[i]
		scaled := new(big.Rat).Quo(tokens, integer(m.factor))
		if s, ok := threeFigures(scaled); ok {
			return s + m.suffix
		}
		if i == 0 {
			return Separated(fixed(scaled, 0)) + m.suffix
		}
	}
	return "" // not reached: the largest magnitude always returns
}

// threeFigures writes r, 0 or more, to three significant figures, and reports
// false where that takes four digits before the point.
func threeFigures(r *big.Rat) (string, bool) {
	places := significantFigures
	if r.Sign() > 0 { // below 0.1 there are zeros after the point to pass
		for leading := big.NewRat(1, 10); r.Cmp(leading) < 0 && places < maxDigits; places++ {
			leading.Quo(leading, integer(10))
		}
	}
	// A rounding may carry into the next digit, so the places are tried and
	// not derived: 9.996 is 10.0, 999.6 belongs to the next magnitude.
	for ; places >= 0; places-- {
		s := fixed(r, places)
		if significant(s) <= significantFigures {
			return s, true
		}
	}
	return "", false
}

// significant counts the digits of a plain decimal from the first that is not
// 0; a fraction below 1 has no digit before the point.
func significant(s string) int {
	return len(strings.TrimLeft(strings.ReplaceAll(s, ".", ""), "0"))
}

// pow10 returns 10 to the power n, n 0 or more.
func pow10(n int) *big.Rat {
	return new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil))
}

// exactCount writes a count exactly with the largest suffix that leaves at
// most three decimals, otherwise in plain notation.
func exactCount(r *big.Rat) string {
	const suffixDecimals = 3
	for _, m := range magnitudes {
		scaled := new(big.Rat).Quo(r, integer(m.factor))
		if scaled.Cmp(integer(1)) < 0 {
			continue
		}
		whole := new(big.Rat).Mul(scaled, pow10(suffixDecimals))
		if whole.IsInt() {
			return shortest(scaled, 0, suffixDecimals) + m.suffix
		}
	}
	return shortest(r, 0, maxDigits)
}

// readableCount writes a count for a line of arithmetic: in its magnitude,
// with as many decimals as it needs, up to six.
func readableCount(r *big.Rat) string {
	const mostDecimals = 6
	for _, m := range magnitudes {
		if r.Cmp(integer(m.factor)) >= 0 {
			return shortest(new(big.Rat).Quo(r, integer(m.factor)), 0, mostDecimals) + m.suffix
		}
	}
	return shortest(r, 0, mostDecimals)
}
