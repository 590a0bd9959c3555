package pricefeed

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"costping/costmodel"
)

// exact writes a rational as the shortest plain decimal that is it; "" where none
// is.
func exact(r *big.Rat) string {
	places, finite := r.FloatPrec()
	if !finite {
		return ""
	}
	return r.FloatString(places)
}

// ratio returns a / b, and whether both are known and b is not 0.
func ratio(a, b costmodel.Rate) (*big.Rat, bool) {
	x, okA := a.USD()
	y, okB := b.USD()
	if !okA || !okB || y.Sign() == 0 {
		return nil, false
	}
	return new(big.Rat).Quo(x.Rat(), y.Rat()), true
}

// part is one rate of a price, as it is billed.
type part struct {
	name string
	rate costmodel.Rate
}

// billed returns the rates as they are billed: a charge that a model has not is 0,
// and a special rate that it has not is the plain one.
func billed(r costmodel.Rates) []part {
	plain := func(special, plain costmodel.Rate) costmodel.Rate {
		if special.Absent() {
			special = plain
		}
		if special.Absent() {
			special = zero
		}
		return special
	}
	return []part{
		{"input", plain(r.Input, zero)},
		{"output", plain(r.Output, zero)},
		{"cached input", plain(r.CachedInput, r.Input)},
		{"cache write", plain(r.CacheWrite, r.Input)},
		{"reasoning", plain(r.Reasoning, r.Output)},
	}
}

// pair is a rate of two prices, for requests past so many tokens of input.
type pair struct {
	name string
	past int64
	a, b costmodel.Rate
}

// String names the rate: "input", "output past 200000 tokens".
func (p pair) String() string {
	if p.past == 0 {
		return p.name
	}
	return fmt.Sprintf("%s past %d tokens", p.name, p.past)
}

// pairs lines two prices up, for plain requests and past each threshold that
// either has.
func pairs(a, b costmodel.Price) []pair {
	thresholds := []int64{0}
	for _, t := range slices.Concat(a.Tiers, b.Tiers) {
		thresholds = append(thresholds, t.Above)
	}
	slices.Sort(thresholds)
	var lines []pair
	for _, past := range slices.Compact(thresholds) {
		x, y := billed(a.RatesFor(past+1)), billed(b.RatesFor(past+1))
		for i := range x {
			lines = append(lines, pair{x[i].name, past, x[i].rate, y[i].rate})
		}
	}
	return lines
}

// agrees reports whether q says all that p does, and the same. What p leaves
// unknown is no statement.
func agrees(p, q costmodel.Price) bool {
	for _, line := range pairs(p, q) {
		if line.a.Known() && !line.a.Equal(line.b) {
			return false
		}
	}
	return !p.Batch.Known() || p.Batch.Equal(q.Batch)
}

// apart returns how many times the lower of two rates the higher is; known is
// false where either is unknown. Where only one is 0, times is nil.
func apart(a, b costmodel.Rate) (times *big.Rat, known bool) {
	x, okA := a.USD()
	y, okB := b.USD()
	switch {
	case !okA || !okB:
		return nil, false
	case x.Cmp(y) == 0:
		return big.NewRat(1, 1), true
	case x.Cmp(y) < 0:
		x, y = y, x
	}
	if y.Sign() == 0 {
		return nil, true
	}
	return new(big.Rat).Quo(x.Rat(), y.Rat()), true
}

// widest returns the pair that lies furthest apart, and how far; ok is false where
// none lies further apart than limit. 0 against anything else is furthest.
func widest(a, b costmodel.Price, limit *big.Rat) (line pair, times *big.Rat, ok bool) {
	most := limit
	for _, l := range pairs(a, b) {
		t, known := apart(l.a, l.b)
		switch {
		case !known:
		case t == nil:
			return l, nil, true
		case t.Cmp(most) > 0:
			line, most, ok = l, t, true
		}
	}
	return line, most, ok
}

// The limits of what is taken without being asked.
var (
	suspectChange       = big.NewRat(5, 1)
	suspectDisagreement = big.NewRat(102, 100)
	suspectRate         = big.NewRat(200, 1) // USD per 1M tokens
)

// FlagKind says which limit a price is beyond.
type FlagKind string

// The flags.
const (
	FlagChange       FlagKind = "change"
	FlagBelowInput   FlagKind = "output_below_input"
	FlagHigh         FlagKind = "high"
	FlagDisagreement FlagKind = "disagreement"
	FlagRoute        FlagKind = "route"
	FlagFree         FlagKind = "free"
	FlagTwice        FlagKind = "listed_twice"
	FlagBeside       FlagKind = "beside_a_flagged_price"
)

// Flag is a reason to look at a price before it is taken.
type Flag struct {
	Kind FlagKind `json:"kind"`
	// Text says it in words.
	Text string `json:"text"`
}

// implausible flags what cannot be right whatever else is known.
func implausible(p costmodel.Price, kind costmodel.Kind) []Flag {
	var flags []Flag
	lines := pairs(p, p)
	for _, line := range lines {
		if usd, ok := line.a.USD(); ok && usd.Rat().Cmp(suspectRate) > 0 {
			flags = append(flags, Flag{FlagHigh, fmt.Sprintf("%s is %s, above $200 per 1M tokens", line, line.a)})
			break
		}
	}
	if kind == costmodel.Embedding {
		return flags
	}
	for i := 0; i < len(lines); i += len(billed(costmodel.Rates{})) {
		in, _ := lines[i].a.USD()
		out, _ := lines[i+1].a.USD()
		if lines[i].a.Known() && lines[i+1].a.Known() && out.Cmp(in) < 0 {
			flags = append(flags, Flag{FlagBelowInput, fmt.Sprintf("%s %s is below input %s", lines[i+1], lines[i+1].a, lines[i].a)})
			break
		}
	}
	if p.Input.Equal(zero) && p.Output.Equal(zero) {
		flags = append(flags, Flag{FlagFree, "0 for input and output, which feeds write for unknown too"})
	}
	return flags
}

// changed flags a price that is more than five times what stands, or less than a
// fifth.
func changed(p, stands costmodel.Price) []Flag {
	if stands.Source == "" {
		return nil
	}
	line, times, ok := widest(p, stands, suspectChange)
	if !ok {
		return nil
	}
	far := "where one is free"
	if times != nil {
		far = times.FloatString(1) + " times apart"
	}
	return []Flag{{FlagChange, fmt.Sprintf("%s is %s, what stands is %s: %s", line, line.a, line.b, far)}}
}

// disagreeing flags a price that another source does not give.
func disagreeing(p costmodel.Price, others []costmodel.Price) []Flag {
	for _, q := range others {
		if q.Doubt != "" {
			continue
		}
		line, times, ok := widest(p, q, suspectDisagreement)
		said := fmt.Sprintf("%s as of %s", shortened(q.Source), q.AsOf)
		if ok && times == nil {
			return []Flag{{FlagDisagreement, fmt.Sprintf("%s is %s, and %s by %s", line, line.a, line.b, said)}}
		}
		if ok {
			percent := new(big.Rat).Mul(times.Sub(times, big.NewRat(1, 1)), big.NewRat(100, 1)).FloatString(1)
			return []Flag{{FlagDisagreement, fmt.Sprintf("%s is %s, and %s by %s: %s %% apart", line, line.a, line.b, said, percent)}}
		}
		if p.Batch.Known() && q.Batch.Known() && !p.Batch.Equal(q.Batch) {
			return []Flag{{FlagDisagreement, fmt.Sprintf("a batch multiplies by %s, by %s by %s", p.Batch, q.Batch, said)}}
		}
	}
	return nil
}

// shortened is a source as it may stand in a sentence: some are lists.
func shortened(source string) string {
	first, rest, more := strings.Cut(source, ";")
	if before, _, list := strings.Cut(first, ", "); list && len(first) > 60 {
		first, more = before, true
	}
	if more || rest != "" {
		return first + " and others"
	}
	return first
}
