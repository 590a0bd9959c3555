package costmodel

import "math/big"

// Crossover returns the share of output tokens, strictly between 0 and 1, at
// which both prices cost the same whatever the volume; ok is false where there
// is none, where the two are the same at every share, or where a rate is
// unknown.
//
// With i and o for the rates and x for the output share, a token costs
// i(1-x) + ox. Both cost the same at x = (ib-ia) / ((oa-ia) - (ob-ib)).
func Crossover(a, b Price) (outputShare *big.Rat, ok bool) {
	if !a.Known() || !b.Known() {
		return nil, false
	}
	slope := new(big.Rat).Sub(a.slope(), b.slope())
	if slope.Sign() == 0 {
		return nil, false
	}
	x := new(big.Rat).Sub(b.Input.usd.rat(), a.Input.usd.rat())
	x.Quo(x, slope)
	if x.Sign() <= 0 || x.Cmp(integer(1)) >= 0 {
		return nil, false
	}
	return x, true
}

// slope is what 1M tokens cost more as output than as input, in USD.
func (p Price) slope() *big.Rat {
	return new(big.Rat).Sub(p.Output.usd.rat(), p.Input.usd.rat())
}

// OnePointMoreOutput returns by how much the spend a month changes where one
// percentage point of the tokens moves from input to output, which is negative
// where output is the cheaper; ok is false where a rate is unknown, no split
// is given, or less than one point of input is left.
func OnePointMoreOutput(p Price, w Workload) (perMonth USD, ok bool) {
	point := big.NewRat(1, percent)
	if !p.Known() || !w.Split.Given() || w.Split.Input().Cmp(point) < 0 {
		return USD{}, false
	}
	moved := point.Mul(point, w.PerDay())
	moved.Mul(moved, w.DaysPerMonth.rat())
	moved.Quo(moved, integer(tokensPerRateUnit))
	return USD{r: moved.Mul(moved, p.slope())}, true
}
