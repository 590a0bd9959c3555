package cli

import (
	"math/big"
	"strconv"

	"costping/costmodel"

	"github.com/shopspring/decimal"
)

// plain is an exact number in plain notation, to ten places where it has more.
func plain(r *big.Rat) string { return decimal.NewFromBigRat(r, 10).String() }

// exactly is a figure as it was written in decimal, and not as the float nearest
// to that.
func exactly(v float64) *big.Rat {
	r, ok := new(big.Rat).SetString(strconv.FormatFloat(v, 'g', -1, 64))
	if !ok {
		return new(big.Rat) // not a number, which no flag lets through
	}
	return r
}

// whole writes an integer with separators.
func whole(n *big.Int) string { return costmodel.Separated(n.String()) }

// perSecond writes a rate of tokens, whole from 10 on.
func perSecond(r *big.Rat) string {
	if r.Cmp(big.NewRat(10, 1)) < 0 {
		return r.FloatString(1)
	}
	return costmodel.Separated(r.FloatString(0))
}

// amount writes a number of items with separators, to two places where it is no
// whole one.
func amount(r *big.Rat) string {
	if r.IsInt() {
		return whole(r.Num())
	}
	return costmodel.Separated(r.FloatString(2))
}

// roundedUp is the length of a request in whole tokens; nil is 0.
func roundedUp(r *big.Rat) int64 {
	if r == nil {
		return 0
	}
	n := new(big.Int).Add(r.Num(), new(big.Int).Sub(r.Denom(), big.NewInt(1)))
	return n.Div(n, r.Denom()).Int64()
}
