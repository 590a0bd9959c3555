package costmodel

import (
	"cmp"
	"math/big"
	"slices"
)

// Rates are what the kinds of tokens of one request cost, each in USD per 1M
// tokens.
//
// Input and Output: an absent rate is no charge. The other three are rates of
// their own beside those: an absent one means that the model has none, and the
// tokens are billed at the plain rate (cached and cache write as input,
// reasoning as output). An unknown rate leaves a spend that uses it unknown.
type Rates struct {
	// Input is for tokens that are neither read from nor written to a cache.
	Input Rate `json:"input_usd_per_1m"`
	// Output is for tokens of the answer.
	Output Rate `json:"output_usd_per_1m"`
	// CachedInput is for input read from a cache, CacheWrite for input that is
	// put into one.
	CachedInput Rate `json:"cached_input_usd_per_1m,omitzero"`
	CacheWrite  Rate `json:"cache_write_usd_per_1m,omitzero"`
	// Reasoning is for tokens that a model thinks in before it answers.
	Reasoning Rate `json:"reasoning_usd_per_1m,omitzero"`
}

// plain returns the rates with every absent special rate replaced by the plain
// one it stands for.
func (r Rates) plain() Rates {
	orElse := func(special *Rate, plain Rate) {
		if special.Absent() {
			*special = plain
		}
	}
	orElse(&r.CachedInput, r.Input)
	orElse(&r.CacheWrite, r.Input)
	orElse(&r.Reasoning, r.Output)
	return r
}

// Equal reports whether all rates are the same, exactly.
func (r Rates) Equal(s Rates) bool {
	return r.Input.Equal(s.Input) && r.Output.Equal(s.Output) && r.CachedInput.Equal(s.CachedInput) &&
		r.CacheWrite.Equal(s.CacheWrite) && r.Reasoning.Equal(s.Reasoning)
}

// Tier is what a long request costs. Tiers are cliffs and not steps: a request
// with more than Above tokens of input, cached ones among them, is billed at
// these rates as a whole, its output too.
type Tier struct {
	Above int64 `json:"above_input_tokens"`
	Rates
}

// Price is what a model charges: the rates, when they hold, who says so and
// when. The zero value is an unknown price.
//
// A Price is one offer. The same model at another service tier, in other hours
// or by another source has further Prices; Model says which of them holds.
type Price struct {
	// Input, Output and the special rates are those of Rates, for a request
	// that no tier takes.
	Input       Rate `json:"input_usd_per_1m"`
	Output      Rate `json:"output_usd_per_1m"`
	CachedInput Rate `json:"cached_input_usd_per_1m,omitzero"`
	CacheWrite  Rate `json:"cache_write_usd_per_1m,omitzero"`
	Reasoning   Rate `json:"reasoning_usd_per_1m,omitzero"`
	// Batch is what every rate is multiplied by for requests that may wait:
	// absent where the model takes no batches.
	Batch Multiplier `json:"batch_multiplier,omitzero"`
	// Tiers are the rates of long requests, by rising Above.
	Tiers []Tier `json:"tiers,omitempty"`
	// Service is the service tier that is asked for.
	Service Service `json:"service,omitempty"`
	// Hours are the times of day at which the price holds instead of the one
	// without hours; none is all the time.
	Hours Hours `json:"hours,omitzero"`
	// From is the first day on which the price holds, Until the first on which
	// it no longer does; no date is no bound. Either may lie ahead.
	From  Date `json:"from,omitzero"`
	Until Date `json:"until,omitzero"`
	// Source names who says so, in words a reader can follow up.
	Source string `json:"source"`
	// AsOf is the newest date at which the source said so.
	AsOf Date `json:"as_of"`
	// Doubt says why the source is not believed ("ten times what others say"),
	// or "". A doubted price is shown, and holds only where no other does.
	Doubt string `json:"doubt,omitempty"`
	// Own marks a price that the user gave: it holds before all others.
	Own bool `json:"own,omitempty"`
}

// Rates returns the rates that hold where no tier does.
func (p Price) Rates() Rates {
	return Rates{
		Input: p.Input, Output: p.Output,
		CachedInput: p.CachedInput, CacheWrite: p.CacheWrite, Reasoning: p.Reasoning,
	}
}

// RatesFor returns the rates of a request with so many tokens of input, cached
// ones among them.
func (p Price) RatesFor(inputTokens int64) Rates {
	rates, _ := p.ratesFor(integer(inputTokens))
	return rates
}

// ratesFor returns the rates of a request and the tier they are of, nil for
// none.
func (p Price) ratesFor(inputTokens *big.Rat) (Rates, *Tier) {
	for i := len(p.Tiers) - 1; i >= 0; i-- {
		if inputTokens.Cmp(integer(p.Tiers[i].Above)) > 0 {
			return p.Tiers[i].Rates, &p.Tiers[i]
		}
	}
	return p.Rates(), nil
}

// Known reports whether the plain rates are known, so that a workload without
// cache, batch or thinking can be priced. A workload that uses only some
// charges may have a known Spend on a price that is not Known.
func (p Price) Known() bool { return p.Input.Known() && p.Output.Known() }

// Usage counts the tokens of one request.
type Usage struct {
	// Input is all of the input, Output all of the output.
	Input, Output int64
	// Cached and CacheWrite are the parts of Input that were read from and
	// written to a cache, Reasoning the part of Output that was thought.
	Cached, CacheWrite, Reasoning int64
}

// valid reports whether no count is negative and no part is more than its whole.
func (u Usage) valid() bool {
	return min(u.Input, u.Output, u.Cached, u.CacheWrite, u.Reasoning) >= 0 &&
		u.Cached <= u.Input && u.CacheWrite <= u.Input-u.Cached && u.Reasoning <= u.Output
}

// Cost returns what one request of the given token counts costs, and whether
// that is known. A negative count is no count: the cost is then unknown.
func (p Price) Cost(input, output int64) (USD, bool) {
	return p.CostOf(Usage{Input: input, Output: output})
}

// CostOf returns what one request costs, at the tier that its length takes, and
// whether that is known: not where a count is negative, a part is more than its
// whole, or a rate that it uses is unknown.
func (p Price) CostOf(u Usage) (USD, bool) {
	if !u.valid() {
		return USD{}, false
	}
	rates := p.RatesFor(u.Input).plain()
	total := USD{}
	for _, part := range []struct {
		rate   Rate
		tokens int64
	}{
		{rates.Input, u.Input - u.Cached - u.CacheWrite},
		{rates.CachedInput, u.Cached},
		{rates.CacheWrite, u.CacheWrite},
		{rates.Output, u.Output - u.Reasoning},
		{rates.Reasoning, u.Reasoning},
	} {
		amount, known := part.rate.cost(integer(part.tokens))
		if !known {
			return USD{}, false
		}
		total = total.Add(amount)
	}
	return total, true
}

// InForceOn reports whether the price holds on the given day, as far as its
// dates say.
func (p Price) InForceOn(day Date) bool {
	return p.From.Compare(day) <= 0 && (p.Until.IsZero() || day.Compare(p.Until) < 0)
}

// farFromSource is how many days a price without a beginning is taken to have held
// before the day that its source is of; prices rarely stay for longer.
const farFromSource = 365

// AssumedOn reports whether nothing says that the price held on the given day
// already: it has no beginning, and the day is more than a year before the one that
// the source is of.
func (p Price) AssumedOn(day Date) bool {
	return p.From.IsZero() && !p.AsOf.IsZero() && day.DaysUntil(p.AsOf) > farFromSource
}

// Overlaps reports whether there is a day on which both prices hold.
func (p Price) Overlaps(q Price) bool {
	before := func(from, until Date) bool { return until.IsZero() || from.Compare(until) < 0 }
	return before(p.From, q.Until) && before(q.From, p.Until)
}

// SameOffer reports whether both prices are for the same service and hours.
func (p Price) SameOffer(q Price) bool { return p.Service == q.Service && p.Hours.Equal(q.Hours) }

// SameTerms reports whether both prices charge the same for the same requests at
// the same times of day, whoever says so, from whenever on.
func (p Price) SameTerms(q Price) bool {
	return p.SameOffer(q) && p.Rates().Equal(q.Rates()) && p.Batch.Equal(q.Batch) &&
		slices.EqualFunc(p.Tiers, q.Tiers, func(a, b Tier) bool { return a.Above == b.Above && a.Equal(b.Rates) })
}

// Equal reports whether both prices are the same in everything.
func (p Price) Equal(q Price) bool {
	return p.SameTerms(q) && p.From == q.From && p.Until == q.Until && p.Source == q.Source &&
		p.AsOf == q.AsOf && p.Doubt == q.Doubt && p.Own == q.Own
}

// precedence orders prices that are in force: the user's own first, then those
// not doubted, then the newest as-of.
func precedence(a, b Price) int {
	first := func(x, y bool) int { // the one that is true comes first
		switch {
		case x == y:
			return 0
		case x:
			return -1
		}
		return 1
	}
	return cmp.Or(first(a.Own, b.Own), first(a.Doubt == "", b.Doubt == ""), b.AsOf.Compare(a.AsOf))
}
