package costmodel

import (
	"fmt"
	"math/big"
	"strings"
)

// Workload is what is asked of a model: how many tokens in which time, how they
// divide into input and output, and what becomes of them. The zero value asks for
// nothing.
type Workload struct {
	// Volume counts tokens, input and output together, or items of PerItem tokens.
	Volume Volume
	// PerItem is the number of tokens of one item, input and output together. It
	// is given where Volume does not count tokens, and not given where it does.
	PerItem Count
	Split   Split
	// DaysPerMonth converts between days and months; the zero value is 30.
	DaysPerMonth DaysPerMonth
	// Cached and CacheWrite are the shares of the input that are read from a
	// cache and written to one.
	Cached     Share
	CacheWrite Share
	// Batch is the share of the requests that may wait and are sent as a batch.
	Batch Share
	// Retries is the share of the requests that are sent again, and billed again
	// as a whole.
	Retries Share
	// Malformed is the share of the answers that cannot be used as they are, and
	// Review what looking at one of them costs.
	Malformed Share
	Review    USD
	// Growth is by how much the volume grows from a month to the next.
	Growth Share
	// Thinking is the number of output tokens that are billed for one of the
	// answer, 1 or more, where a model thinks; not given is 1. It differs from model
	// to model.
	Thinking Count
}

// maxItemTokens bounds the tokens of one item; no context is a thousandth of it.
const maxItemTokens = 1_000_000_000

// WithItem returns the workload with items of so many tokens of input and of
// output, which also makes its split. It is an *InputError where both are 0, one
// is not given, or the sum is above 1e9.
func (w Workload) WithItem(input, output Count) (Workload, error) {
	sum := new(big.Rat).Add(input.rat(), output.rat())
	if !input.Given() || !output.Given() || sum.Sign() == 0 || sum.Cmp(integer(maxItemTokens)) > 0 {
		return Workload{}, &InputError{
			What: fmt.Sprintf("an item of %s tokens in and %s tokens out cannot be priced", quote(input.String()), quote(output.String())),
			Hint: "give the tokens of one item, in and out, not both 0 and at most 1e9 together",
		}
	}
	w.PerItem = Count{r: sum}
	w.Split = Split{input: new(big.Rat).Quo(input.r, sum)}
	return w, nil
}

// WithUsers returns the workload of so many users with so many tokens each a day.
func (w Workload) WithUsers(users, tokensPerUser Count) (Workload, error) {
	if !tokensPerUser.Given() || tokensPerUser.r.Cmp(integer(maxItemTokens)) > 0 {
		return Workload{}, &InputError{
			What: fmt.Sprintf("a user of %s tokens a day cannot be priced", quote(tokensPerUser.String())),
			Hint: "give the tokens of one user a day, at most 1e9",
		}
	}
	volume, err := NewVolume(users, Users, Day)
	w.Volume, w.PerItem = volume, tokensPerUser
	return w, err
}

// WithThinking returns the workload for a model that bills factor output tokens
// for one of the answer; a factor below 1 is 1.
func (w Workload) WithThinking(factor *big.Rat) Workload {
	w.Thinking = Count{}
	if factor.Cmp(integer(1)) > 0 {
		w.Thinking = Count{r: new(big.Rat).Set(factor)}
	}
	return w
}

// Check reports what keeps the workload from having a cost at any price, as an
// *InputError: items without tokens, tokens with tokens each, cache shares of more
// than everything, or malformed answers of requests that are not counted.
func (w Workload) Check() error {
	unit := w.Volume.unit
	refuse := func(what, hint string) error { return &InputError{What: what, Hint: hint} }
	switch {
	case unit != Tokens && !w.PerItem.Given():
		return refuse(fmt.Sprintf("a volume of %s needs the tokens of one %s", unit, unit.One()),
			"give the tokens of one, in and out")
	case unit == Tokens && w.PerItem.Given():
		return refuse("a volume of tokens has no tokens each",
			"give the volume in messages, requests, documents or calls, or leave the tokens of one out")
	case w.cachesTooMuch():
		return refuse(fmt.Sprintf("%s of the input read from a cache and %s written to one are more than all of it", w.Cached, w.CacheWrite),
			"give shares that sum to at most 100%")
	case !w.Malformed.IsZero() && !w.countsRequests():
		return refuse(fmt.Sprintf("a volume of %s does not say how many answers there are to review", unit),
			"give the volume in messages, requests, documents or calls")
	case w.Thinking.Given() && w.Thinking.r.Cmp(integer(1)) < 0:
		return refuse("a thinking factor below 1 is none", "give how many output tokens are billed for one of the answer")
	}
	return nil
}

// cachesTooMuch reports whether the cache shares sum to more than all of the input.
func (w Workload) cachesTooMuch() bool {
	return !w.Cached.IsZero() && !w.CacheWrite.IsZero() && w.Cached.r.Cmp(w.CacheWrite.rest()) > 0
}

// countsRequests reports whether each item is one request with one answer.
func (w Workload) countsRequests() bool { return w.Volume.unit != Tokens && w.Volume.unit != Users }

// RequestInput returns the exact input tokens of one request; ok is false where
// the workload does not say how long its requests are.
func (w Workload) RequestInput() (tokens *big.Rat, ok bool) {
	if !w.countsRequests() || !w.PerItem.Given() || !w.Split.Given() {
		return nil, false
	}
	return new(big.Rat).Mul(w.PerItem.r, w.Split.input), true
}

// ItemsPerDay returns the exact number of items a day; ok is false where the
// volume counts tokens.
func (w Workload) ItemsPerDay() (items *big.Rat, ok bool) {
	if w.Volume.unit == Tokens {
		return nil, false
	}
	return w.unitsPerDay(), true
}

func (w Workload) unitsPerDay() *big.Rat {
	if w.Volume.period == Day || w.Volume.period == Night {
		return w.Volume.Amount()
	}
	return new(big.Rat).Mul(w.Volume.rat(), w.Volume.period.perDay(w.DaysPerMonth))
}

// PerDay returns the exact number of tokens a day, retries not among them.
func (w Workload) PerDay() *big.Rat {
	tokens := w.unitsPerDay()
	if w.Volume.unit != Tokens {
		tokens.Mul(tokens, w.PerItem.rat())
	}
	return tokens
}

// InputPerDay returns the exact number of input tokens a day.
func (w Workload) InputPerDay() *big.Rat { return new(big.Rat).Mul(w.PerDay(), w.Split.Input()) }

// OutputPerDay returns the exact number of output tokens a day, without those
// that a model thinks in.
func (w Workload) OutputPerDay() *big.Rat { return new(big.Rat).Mul(w.PerDay(), w.Split.Output()) }

// Equal reports whether both workloads are the same as given.
func (w Workload) Equal(x Workload) bool {
	return w.Volume.Equal(x.Volume) && w.PerItem.Equal(x.PerItem) && w.Split.Equal(x.Split) &&
		w.DaysPerMonth.rat().Cmp(x.DaysPerMonth.rat()) == 0 &&
		w.Cached.Equal(x.Cached) && w.CacheWrite.Equal(x.CacheWrite) && w.Batch.Equal(x.Batch) &&
		w.Retries.Equal(x.Retries) && w.Malformed.Equal(x.Malformed) && w.Review.Cmp(x.Review) == 0 &&
		w.Growth.Equal(x.Growth) && w.Thinking.Equal(x.Thinking)
}

// String returns "10.0M tokens/day, 75% in 25% out", "100K messages/month × (500
// in + 200 out)" or "1.00K users/day × 2,000 tokens, 75% in 25% out", and then what
// is not plain of it.
func (w Workload) String() string {
	parts := []string{w.Volume.String()}
	input, perRequest := w.RequestInput()
	switch {
	case perRequest:
		output := new(big.Rat).Sub(w.PerItem.r, input)
		parts[0] += fmt.Sprintf(" × (%s in + %s out)", readableTokens(input), readableTokens(output))
	case w.PerItem.Given():
		parts[0] += " × " + readableTokens(w.PerItem.r) + " tokens"
	}
	if w.Split.Given() && !perRequest {
		parts = append(parts, w.Split.String())
	}
	for _, share := range []struct {
		Share
		text string
	}{
		{w.Cached, "cached in"},
		{w.CacheWrite, "written to the cache"},
		{w.Batch, "batch"},
		{w.Retries, "retries"},
		{w.Malformed, "malformed"},
		{w.Growth, "growth a month"},
	} {
		if !share.IsZero() {
			parts = append(parts, share.String()+" "+share.text)
		}
	}
	if w.Thinking.Given() {
		parts = append(parts, "output × "+shortest(w.Thinking.r, 0, 2)+" for thinking")
	}
	return strings.Join(parts, ", ")
}

// readableTokens writes the tokens of one item, whole where they are.
func readableTokens(r *big.Rat) string { return Separated(shortest(r, 0, 2)) }
