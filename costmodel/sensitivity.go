package costmodel

import "math/big"

// OnePointMoreOutput returns by how much the spend a month changes where one
// percentage point of the tokens moves from input to output, which is negative
// where output is the cheaper; ok is false where a spend is unknown, no split is
// given, or less than one point of input is left.
func OnePointMoreOutput(p Price, w Workload) (perMonth USD, ok bool) {
	if !w.Split.Given() || w.Split.input.Cmp(point) < 0 {
		return USD{}, false
	}
	moved := w
	moved.Split = Split{input: new(big.Rat).Sub(w.Split.input, point)}
	now, then := Project(p, w), Project(p, moved)
	return then.PerMonth.Sub(now.PerMonth), p.Known() && now.Known && then.Known
}

// SplitCrossovers returns the output shares, strictly between 0 and 1, at which
// what is cheaper for the workload turns from one price to the other, in rising
// order: where both cost the same, or where one of them jumps past the other as
// its requests change their tier. Cache, batch, retries and thinking count. ok is
// false where a spend is unknown at some share.
//
// Of plain rates i for input and o for output, where a token costs i(1-x) + ox at
// the share x, it is (ib-ia) / ((oa-ia) - (ob-ib)).
func SplitCrossovers(a, b Price, w Workload) (outputShares []*big.Rat, ok bool) {
	runsA, reasonA := segments(a, w)
	runsB, reasonB := segments(b, w)
	if reasonA != "" || reasonB != "" || w.Check() != nil {
		return nil, false
	}
	perDay := w.PerDay()
	before := 0 // which was dearer at the last share where they differed
	turn := func(now int, at *big.Rat) {
		if now == 0 {
			return
		}
		if before != 0 && now != before && at.Sign() > 0 && at.Cmp(integer(1)) < 0 {
			outputShares = append(outputShares, at)
		}
		before = now
	}
	for i, j := len(runsA)-1, len(runsB)-1; i >= 0 && j >= 0; {
		lo, hi := runsA[i].lo, runsA[i].hi
		if runsB[j].lo.Cmp(lo) > 0 {
			lo = runsB[j].lo
		}
		if runsB[j].hi.Cmp(hi) < 0 {
			hi = runsB[j].hi
		}
		atLo := new(big.Rat).Sub(runsA[i].at(perDay, lo), runsB[j].at(perDay, lo))
		atHi := new(big.Rat).Sub(runsA[i].at(perDay, hi), runsB[j].at(perDay, hi))
		turn(atLo.Sign(), lo)
		crossing := hi
		if atLo.Sign()*atHi.Sign() < 0 {
			crossing = new(big.Rat).Sub(atLo, atHi)
			crossing.Quo(atLo, crossing)
			crossing.Mul(crossing, new(big.Rat).Sub(hi, lo))
			crossing.Add(crossing, lo)
		} else if atLo.Sign() == 0 {
			crossing = lo
		}
		turn(atHi.Sign(), crossing)
		endA, endB := runsA[i].hi.Cmp(hi) == 0, runsB[j].hi.Cmp(hi) == 0
		if endA {
			i--
		}
		if endB {
			j--
		}
	}
	return outputShares, true
}

// VolumeCrossover returns the volume, in the unit and period of the workload, at
// which both cost the same, each with a price and what it costs a month whatever
// the volume. ok is false where there is none above 0 and up to 1e15, or where a
// spend is unknown.
func VolumeCrossover(a Price, fixedA USD, b Price, fixedB USD, w Workload) (Volume, bool) {
	one := w
	one.Volume.amount = integer(1)
	eachA, eachB := Project(a, one), Project(b, one)
	apart := eachA.PerMonth.Sub(eachB.PerMonth)
	if !eachA.Known || !eachB.Known || apart.Sign() == 0 {
		return Volume{}, false
	}
	amount := fixedB.Sub(fixedA).rat()
	amount = new(big.Rat).Quo(amount, apart.rat())
	if amount.Sign() <= 0 || amount.Cmp(integer(maxVolume)) > 0 {
		return Volume{}, false
	}
	volume := w.Volume
	volume.amount = amount
	return volume, true
}

// CachedCrossover returns the cached share of the input, above 0 and below the most
// that can be cached, at which both cost the same, each with a price and what it
// costs a month whatever is cached. ok is false where there is none, or where a
// spend is unknown.
func CachedCrossover(a Price, fixedA USD, b Price, fixedB USD, w Workload) (share *big.Rat, ok bool) {
	none, all := w, w
	none.Cached, all.Cached = Share{}, Share{r: w.CacheWrite.rest()}
	known := true
	apart := func(w Workload) *big.Rat {
		spendA, spendB := Project(a, w), Project(b, w)
		known = known && spendA.Known && spendB.Known
		return spendA.PerMonth.Add(fixedA).Sub(spendB.PerMonth.Add(fixedB)).rat()
	}
	atNone, atAll := apart(none), apart(all)
	if !known || atNone.Sign()*atAll.Sign() >= 0 {
		return nil, false
	}
	// Both spends are linear in the share.
	x := new(big.Rat).Sub(atNone, atAll)
	x.Quo(atNone, x)
	return x.Mul(x, all.Cached.rat()), true
}
