package costmodel

import "math/big"

// line is a spend a day as a function of the tokens: USD a day = fixed + input
// tokens a day x in + output tokens a day x out, at one tier of one price. It is
// the form in which a spend is solved and drawn; Project has the same as items.
type line struct {
	in, out *big.Rat // USD per token, retries, batch and cache counted in
	fixed   *big.Rat // USD a day whatever the split: reviews
	reason  string   // why a part is unknown, or ""
}

// lineOf returns the line of a workload at given rates.
func lineOf(p Price, rates Rates, w Workload) line {
	probe := w // any split with both kinds of tokens asks for every rate
	probe.Split = splitOfPercent(integer(percent / 2))
	probe.Volume.amount = integer(1)
	flat := p
	flat.Tiers = nil
	flat.Input, flat.Output = rates.Input, rates.Output
	flat.CachedInput, flat.CacheWrite, flat.Reasoning = rates.CachedInput, rates.CacheWrite, rates.Reasoning
	if s := Project(flat, probe); !s.Known {
		return line{reason: s.Reason}
	}
	billed := rates.plain()
	in := new(big.Rat).Sub(w.Cached.rest(), w.CacheWrite.rat())
	in.Mul(in, billed.Input.usd.rat())
	in.Add(in, new(big.Rat).Mul(w.Cached.rat(), billed.CachedInput.usd.rat()))
	in.Add(in, new(big.Rat).Mul(w.CacheWrite.rat(), billed.CacheWrite.usd.rat()))
	out := billed.Output.usd.Rat()
	if w.Thinking.Given() {
		thought := new(big.Rat).Sub(w.Thinking.r, integer(1))
		out.Add(out, thought.Mul(thought, billed.Reasoning.usd.rat()))
	}
	factor := new(big.Rat).Add(integer(1), w.Retries.rat())
	if multiplier, ok := p.Batch.Rat(); ok {
		off := new(big.Rat).Sub(integer(1), multiplier)
		factor.Mul(factor, off.Sub(integer(1), off.Mul(off, w.Batch.rat())))
	}
	factor.Quo(factor, integer(tokensPerRateUnit))
	fixed := new(big.Rat)
	if !w.Malformed.IsZero() {
		fixed = w.Review.Mul(w.malformedPerDay()).rat()
	}
	return line{in: in.Mul(in, factor), out: out.Mul(out, factor), fixed: fixed}
}

// at returns the spend a day of so many tokens a day at an output share.
func (l line) at(perDay, outputShare *big.Rat) *big.Rat {
	blend := new(big.Rat).Sub(l.out, l.in)
	blend.Mul(blend, outputShare)
	blend.Add(blend, l.in)
	blend.Mul(blend, perDay)
	return blend.Add(blend, l.fixed)
}

// segment is a run of output shares over which requests are billed at one tier.
// The spend is linear within it, and jumps where it ends.
type segment struct {
	line
	lo, hi *big.Rat // output shares; lo included
	open   bool     // hi is not included
}

// segments returns the runs of output shares from 1 down to 0: the more of an item
// is input, the longer is the request. reason says why they are not known, or "".
func segments(p Price, w Workload) (runs []segment, reason string) {
	hi, open := integer(1), false
	add := func(rates Rates, lo *big.Rat) {
		l := lineOf(p, rates, w)
		if reason == "" {
			reason = l.reason
		}
		runs = append(runs, segment{line: l, lo: lo, hi: hi, open: open})
	}
	rates := p.Rates()
	if w.countsRequests() && w.PerItem.Given() && w.PerItem.r.Sign() > 0 {
		for _, tier := range p.Tiers {
			lo := new(big.Rat).Quo(integer(tier.Above), w.PerItem.r)
			lo.Sub(integer(1), lo)
			if lo.Sign() <= 0 {
				break // no item is that long
			}
			add(rates, lo)
			hi, open, rates = lo, true, tier.Rates
		}
	}
	add(rates, new(big.Rat))
	return runs, reason
}
