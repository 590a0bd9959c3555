package costmodel

import "math/big"

// WithThinking returns the price at which an answer's tokens cost what they and the
// thinking before them do, for a model that bills factor output tokens for one of
// the answer; a factor of 1 or less changes nothing. So two models that think to
// different degrees can be compared at one workload.
func (p Price) WithThinking(factor *big.Rat) Price {
	extra := new(big.Rat).Sub(factor, integer(1))
	if extra.Sign() <= 0 {
		return p
	}
	p.Output = p.Rates().thinking(extra)
	tiers := make([]Tier, len(p.Tiers))
	for i, tier := range p.Tiers {
		tier.Output = tier.thinking(extra)
		tiers[i] = tier
	}
	if p.Tiers != nil {
		p.Tiers = tiers
	}
	return p
}

// thinking is the output rate with so many reasoning tokens for each of the answer.
func (r Rates) thinking(extra *big.Rat) Rate {
	reasoning := r.plain().Reasoning
	switch {
	case !r.Output.Known() || !reasoning.Known():
		return Rate{}
	case r.Output.Absent() && reasoning.Absent():
		return r.Output
	}
	return Rate{state: rateKnown, usd: r.Output.usd.Add(reasoning.usd.Mul(extra))}
}
