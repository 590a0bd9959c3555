package costmodel

import (
	"math/big"
	"slices"
	"strings"
)

// Charge names what a line item is for.
type Charge string

// The charges of a spend, in the order of its line items.
const (
	InputCharge       Charge = "input"
	CachedInputCharge Charge = "cached input"
	CacheWriteCharge  Charge = "cache write"
	OutputCharge      Charge = "output"
	ReasoningCharge   Charge = "reasoning"
	BatchCharge       Charge = "batch"
	RetryCharge       Charge = "retries"
	ReviewCharge      Charge = "reviews"
)

// reasonNoSplit is the reason of a spend that no price can make known.
const reasonNoSplit = "split not given"

// LineItem is one charge of a Spend.
type LineItem struct {
	Charge Charge
	// TokensPerDay is the exact number of tokens a day charged at Billed, for
	// reading only, since the spends of a projector share it; nil for the batch discount, retries and reviews, which are not charged by token.
	TokensPerDay *big.Rat
	// Rate is the model's own for these tokens, Billed the one that is charged:
	// they differ where Rate is absent and the plain rate stands for it.
	Rate   Rate
	Billed Rate
	// PerDay is the amount, meaningful only where Known. That of a batch discount
	// is negative.
	PerDay USD
	// Known is false where there are tokens and the rate is unknown, and for the
	// batch discount and retries where that which they are a share of is unknown.
	Known bool
}

// AsTheRest reports tokens that have no rate of their own, and are billed at the plain one.
func (i LineItem) AsTheRest() bool {
	return i.TokensPerDay != nil && i.Rate.Absent() && !i.Billed.Absent() && i.TokensPerDay.Sign() > 0
}

// Spend is what a workload costs at a price. The amounts are exact, so that
// PerDay times the days of a month is PerMonth, and the line items add up to
// PerDay. It is computed in the unit in which the volume is given; what is a day,
// a month and a year is derived from that.
type Spend struct {
	// Price and Workload are what was projected.
	Price    Price
	Workload Workload
	// Known is false where a charge that the workload uses is unknown. The
	// amounts below are then 0 and mean nothing.
	Known bool
	// Reason says why the spend is not known ("output price unknown"), or "".
	Reason string
	// Local says that it is not known because the machine is the person's own, and
	// nobody has said what that costs.
	Local bool
	// PerDay, PerMonth and PerYear are the spend a day, a month of
	// Workload.DaysPerMonth days, and a year of twelve such months, without growth.
	PerDay   USD
	PerMonth USD
	PerYear  USD
	// LineItems has input and output, also where one is 0, and of the others
	// those that the workload uses, in the order of the charges.
	LineItems []LineItem
	// Tier is the tier of the price that the requests are billed at, nil for none.
	Tier *Tier
}

// Project returns what workload w costs at price p: for each charge, tokens a
// day x USD per 1M tokens / 1M; of that the batch discount; of both the retries;
// and the reviews of malformed answers. For many prices, Projector is faster.
func Project(p Price, w Workload) Spend { return NewProjector(w).Project(p) }

// Projector projects one workload at many prices: what does not depend on the
// price is computed once. It is immutable.
type Projector struct {
	w      Workload
	reason string // why no price makes the spend known, or ""
	// tokens are the tokens a day of the charges that the workload uses, and
	// millions the same in the unit of a rate.
	tokens, millions []*big.Rat
	charges          []Charge
	length           *big.Rat // input tokens of a request, nil where not said
	reviews          USD      // a day
}

// NewProjector returns the projector of a workload.
func NewProjector(w Workload) *Projector {
	j := &Projector{w: w}
	if err := w.Check(); err != nil {
		j.reason = err.Error()
	}
	perDay := w.PerDay()
	if !w.Split.Given() && perDay.Sign() > 0 && j.reason == "" {
		j.reason = reasonNoSplit
	}
	input := new(big.Rat).Mul(perDay, w.Split.Input())
	output := new(big.Rat).Mul(perDay, w.Split.Output())
	cached := new(big.Rat).Mul(input, w.Cached.rat())
	written := new(big.Rat).Mul(input, w.CacheWrite.rat())
	fresh := new(big.Rat).Sub(input, cached)
	j.add(InputCharge, fresh.Sub(fresh, written), true)
	j.add(CachedInputCharge, cached, !w.Cached.IsZero())
	j.add(CacheWriteCharge, written, !w.CacheWrite.IsZero())
	j.add(OutputCharge, output, true)
	if w.Thinking.Given() {
		thought := new(big.Rat).Sub(w.Thinking.r, integer(1))
		j.add(ReasoningCharge, thought.Mul(thought, output), true)
	}
	if length, ok := w.RequestInput(); ok {
		j.length = length
	}
	if !w.Malformed.IsZero() && w.countsRequests() {
		j.reviews = w.Review.Mul(w.malformedPerDay())
	}
	return j
}

func (j *Projector) add(charge Charge, tokensPerDay *big.Rat, used bool) {
	if used {
		j.charges = append(j.charges, charge)
		j.tokens = append(j.tokens, tokensPerDay)
		j.millions = append(j.millions, new(big.Rat).Mul(tokensPerDay, perToken))
	}
}

// Project returns what the workload costs at price p.
func (j *Projector) Project(p Price) Spend {
	s := Spend{Price: p, Workload: j.w, LineItems: make([]LineItem, 0, len(j.charges)+3)}
	rates := p.Rates()
	if j.length != nil && len(p.Tiers) > 0 {
		rates, s.Tier = p.ratesFor(j.length)
	}
	billed := rates.plain()
	for i, charge := range j.charges {
		own, charged := rates.of(charge), billed.of(charge)
		amount, known := charged.costOfMillions(j.millions[i])
		s.LineItems = append(s.LineItems, LineItem{
			Charge: charge, TokensPerDay: j.tokens[i], Rate: own, Billed: charged, PerDay: amount, Known: known,
		})
	}
	s.PerDay = sum(s.LineItems)
	s.addShares(j.reviews)
	if s.Reason = j.reason; s.Reason == "" {
		s.Reason = s.reason()
	}
	if s.Reason != "" {
		s.PerDay = USD{}
		return s
	}
	s.Known = true
	s.PerMonth = s.PerDay.Mul(j.w.DaysPerMonth.rat())
	s.PerYear = s.PerMonth.Mul(integer(monthsPerYear))
	return s
}

// of returns the rate of a charge by token.
func (r Rates) of(charge Charge) Rate {
	switch charge {
	case CachedInputCharge:
		return r.CachedInput
	case CacheWriteCharge:
		return r.CacheWrite
	case OutputCharge:
		return r.Output
	case ReasoningCharge:
		return r.Reasoning
	default:
		return r.Input
	}
}

// addShares adds what is a share of the charges by token, whose sum PerDay is, and
// the reviews.
func (s *Spend) addShares(reviews USD) {
	w := s.Workload
	known := !slices.ContainsFunc(s.LineItems, func(item LineItem) bool { return !item.Known })
	add := func(item LineItem) {
		s.LineItems = append(s.LineItems, item)
		s.PerDay = s.PerDay.Add(item.PerDay)
	}
	if !w.Batch.IsZero() {
		known = known && (s.Price.Batch.Known() || w.Volume.rat().Sign() == 0)
		item := LineItem{Charge: BatchCharge, Known: known}
		if multiplier, ok := s.Price.Batch.Rat(); ok && known {
			off := multiplier.Sub(multiplier, integer(1))
			item.PerDay = s.PerDay.Mul(off.Mul(off, w.Batch.r))
		}
		add(item)
	}
	if !w.Retries.IsZero() {
		item := LineItem{Charge: RetryCharge, Known: known}
		if known {
			item.PerDay = s.PerDay.Mul(w.Retries.r)
		}
		add(item)
	}
	if !w.Malformed.IsZero() {
		add(LineItem{Charge: ReviewCharge, PerDay: reviews, Known: true})
	}
}

// malformedPerDay returns the number of answers a day to review.
func (w Workload) malformedPerDay() *big.Rat {
	return new(big.Rat).Mul(w.unitsPerDay(), w.Malformed.rat())
}

// sum returns what the items amount to a day.
func sum(items []LineItem) USD {
	total := USD{}
	for i := range items {
		total = total.Add(items[i].PerDay)
	}
	return total
}

// reason returns which charges are not known, or "".
func (s Spend) reason() string {
	var prices, reasons []string
	for _, item := range s.LineItems {
		switch {
		case item.Known:
		case item.Charge == BatchCharge:
			if !s.Price.Batch.Known() {
				reasons = append(reasons, "batch discount unknown")
			}
		case item.Charge == RetryCharge: // follows from the others
		default:
			prices = append(prices, string(item.Charge))
		}
	}
	switch len(prices) {
	case 0:
	case 1:
		reasons = append([]string{prices[0] + " price unknown"}, reasons...)
	default:
		reasons = append([]string{enumerate(prices) + " prices unknown"}, reasons...)
	}
	return strings.Join(reasons, ", ")
}

// PerTask returns what one item of the workload costs, which for users is one
// user a day; ok is false where the spend is not known, or the volume counts
// tokens or nothing.
func (s Spend) PerTask() (amount USD, ok bool) {
	items, counted := s.Workload.ItemsPerDay()
	if !s.Known || !counted || items.Sign() == 0 {
		return USD{}, false
	}
	return s.PerDay.Mul(items.Inv(items)), true
}

// PerGiven returns the spend in the period in which the volume was given.
func (s Spend) PerGiven() (USD, Period) {
	return s.In(s.Workload.Volume.period), s.Workload.Volume.period
}

// In returns the spend a period.
func (s Spend) In(p Period) USD {
	factor := p.perDay(s.Workload.DaysPerMonth)
	return s.PerDay.Mul(factor.Inv(factor))
}

// maxGrowthMonths bounds how far ahead a growing volume is projected, and with it
// the digits of an exact figure.
const maxGrowthMonths = 120

// After returns the spend a month once the volume has grown for so many months,
// at most 120.
func (s Spend) After(months int) USD {
	growth := new(big.Rat).Add(integer(1), s.Workload.Growth.rat())
	factor := integer(1)
	for range min(max(months, 0), maxGrowthMonths) {
		factor.Mul(factor, growth)
	}
	return s.PerMonth.Mul(factor)
}

// Over returns the spend of so many months from now on, at most 120, as the volume
// grows.
func (s Spend) Over(months int) USD {
	total := USD{}
	for m := range min(max(months, 0), maxGrowthMonths) {
		total = total.Add(s.After(m))
	}
	return total
}

// Notes says what the figure assumes, a clause each: the tier, the service and
// hours, thinking, what has no rate of its own.
func (s Spend) Notes() []string {
	var notes []string
	w := s.Workload
	if s.Tier != nil {
		notes = append(notes, "requests of more than "+FormatTokens(integer(s.Tier.Above))+" input tokens: the long tier holds for all of each")
	} else if _, known := w.RequestInput(); len(s.Price.Tiers) > 0 && !known {
		notes = append(notes, "how long a request is was not said: the base tier is taken, above "+
			FormatTokens(integer(s.Price.Tiers[0].Above))+" input tokens it is dearer")
	}
	for _, item := range s.LineItems {
		if item.AsTheRest() {
			notes = append(notes, string(item.Charge)+" has no rate of its own and is billed as the rest")
		}
	}
	if !w.Batch.IsZero() && s.Price.Batch.Absent() {
		notes = append(notes, "no batches here: what could wait is billed in full")
	}
	if w.Thinking.Given() {
		notes = append(notes, "thinking multiplies the output by "+fixed(w.Thinking.r, 2))
	}
	if s.Price.Service != Standard {
		notes = append(notes, string(s.Price.Service)+" service")
	}
	if !s.Price.Hours.IsZero() {
		notes = append(notes, "only at "+s.Price.Hours.String()+" UTC")
	}
	return notes
}
