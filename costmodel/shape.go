package costmodel

import (
	"fmt"
	"math/big"
	"strings"
	"unicode"
)

// Shape is the tokens of one item, be it a message, a request or a document: In
// of input and Out of output, both 0 or more.
type Shape struct{ In, Out int64 }

// String returns "500 in + 200 out".
func (s Shape) String() string {
	return fmt.Sprintf("%s in + %s out", group(fmt.Sprint(s.In)), group(fmt.Sprint(s.Out)))
}

// Tokens returns the tokens of one item, input and output together.
func (s Shape) Tokens() int64 { return s.In + s.Out }

// Split returns the shares of input and output of an item; none of an item
// without tokens.
func (s Shape) Split() Split {
	if min(s.In, s.Out) < 0 || s.Tokens() <= 0 {
		return Split{}
	}
	return Split{input: big.NewRat(s.In, s.Tokens())}
}

// Cost returns what one item costs at a price, in the tier of its length, and
// whether that is known.
func (s Shape) Cost(p Price) (USD, bool) { return p.Cost(s.In, s.Out) }

// PerToken returns what one token of a split costs on average at the plain rates
// of a price; ok is false where there is no split or a rate that it uses is
// unknown.
func (p Price) PerToken(s Split) (usd USD, ok bool) {
	if !s.Given() {
		return USD{}, false
	}
	in, inKnown := p.Input.cost(s.Input())
	out, outKnown := p.Output.cost(s.Output())
	return in.Add(out), inKnown && outKnown
}

// PriceOf returns the price with the rates that items of this shape are billed
// at as its only ones, for a projection that is not told their length.
func (s Shape) PriceOf(p Price) Price {
	r := p.RatesFor(s.In)
	p.Input, p.Output, p.CachedInput, p.CacheWrite, p.Reasoning = r.Input, r.Output, r.CachedInput, r.CacheWrite, r.Reasoning
	p.Tiers = nil
	return p
}

// ItemVolume is an exact number of items in a period, as it was given.
type ItemVolume struct {
	items *big.Rat // nil is 0; never written to after construction
	// Unit is what is counted, such as "documents"; Period is the time.
	Unit   string
	Period Period
}

// itemVolumeForm is the hint of every refused volume of items.
const itemVolumeForm = "write a number of items and what it is per, such as 8000 documents/day or 100k messages/month"

// maxUnitLength bounds the word for an item, in bytes.
const maxUnitLength = 24

// ParseItemVolume reads a number of items per hour, day, month or year: "8000
// documents/day", "100k messages/month". The word for an item is anything of
// letters but tokens. At most 1e15 items a period. Anything else is an
// *InputError.
func ParseItemVolume(s string) (ItemVolume, error) {
	refuse := func(format string, args ...any) (ItemVolume, error) {
		return ItemVolume{}, &InputError{What: "volume " + quote(s) + " " + fmt.Sprintf(format, args...), Hint: itemVolumeForm}
	}
	amount, per, hasPeriod := strings.Cut(strings.TrimSpace(s), "/")
	number, rest := cutNumber(strings.TrimSpace(amount))
	items, err := parseNumber(number)
	if err != nil {
		return refuse("%v", err)
	}
	factor, unit := cutSuffix(rest)
	unit = strings.ToLower(unit)
	switch {
	case isTokens(unit):
		return refuse("does not say what is counted")
	case len(unit) > maxUnitLength || strings.ContainsFunc(unit, func(r rune) bool { return !unicode.IsLetter(r) }):
		return refuse("has the unknown unit %s", quote(unit))
	case !hasPeriod:
		return refuse("does not say per what time")
	}
	period, ok := parsePeriod(strings.TrimSpace(per))
	if !ok && !strings.EqualFold(strings.TrimSpace(per), "night") { // once a day
		return refuse("has the unknown period %s", quote(strings.TrimSpace(per)))
	}
	if items.Mul(items, integer(factor)); items.Cmp(integer(maxVolumeTokens)) > 0 {
		return refuse("is more than 1e15 items")
	}
	return ItemVolume{items: items, Unit: unit, Period: period}, nil
}

// PerDay returns the exact number of items a day.
func (v ItemVolume) PerDay(days DaysPerMonth) *big.Rat {
	if v.items == nil {
		return new(big.Rat)
	}
	return new(big.Rat).Mul(v.items, v.Period.perDay(days))
}

// PerMonth returns the exact number of items a month.
func (v ItemVolume) PerMonth(days DaysPerMonth) *big.Rat {
	perDay := v.PerDay(days)
	return perDay.Mul(perDay, days.rat())
}

// String returns "8,000 documents/day", large volumes to three figures.
func (v ItemVolume) String() string {
	count := new(big.Rat)
	if v.items != nil {
		count = v.items
	}
	text := group(shortest(count, 0, 2))
	if count.Cmp(integer(100_000)) >= 0 {
		text = FormatTokens(count)
	}
	return text + " " + v.Unit + "/" + v.Period.String()
}

// Workload returns the tokens of so many items of this shape. Items without
// tokens, and more than 1e15 tokens a period, are an *InputError.
func (s Shape) Workload(v ItemVolume, days DaysPerMonth) (Workload, error) {
	if min(s.In, s.Out) < 0 || s.Tokens() <= 0 {
		return Workload{}, &InputError{What: "an item has no tokens", Hint: "give the tokens of one item, such as --in 500 --out 200"}
	}
	tokens := integer(s.Tokens())
	if v.items == nil {
		tokens = new(big.Rat)
	} else {
		tokens.Mul(tokens, v.items)
	}
	if tokens.Cmp(integer(maxVolumeTokens)) > 0 {
		return Workload{}, &InputError{What: "that many items are more than 1e15 tokens", Hint: "give a smaller volume or shorter items"}
	}
	return Workload{
		Volume:       Volume{tokens: tokens, period: v.Period},
		Split:        s.Split(),
		DaysPerMonth: days,
	}, nil
}
