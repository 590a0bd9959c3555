package pricefeed

import (
	"encoding/json"
	"strings"
	"unicode"

	"costping/costmodel"

	"github.com/shopspring/decimal"
)

const (
	// perToken is how many places the decimal point moves from USD per token to
	// USD per 1M tokens, perMillion from that to itself.
	perToken   = 6
	perMillion = 0

	maxNumberText = 64      // bytes of a number as written
	maxExponent   = 40      // of a number, either sign
	maxText       = 200     // bytes of a name
	maxNames      = 32      // further names of a model
	maxTiers      = 16      // of a price
	maxTokens     = 1 << 40 // of a context or a threshold
)

// showable reports whether a name may stand in a table.
func showable(s string) bool {
	if s == "" || len(s) > maxText || strings.TrimSpace(s) != s {
		return false
	}
	for _, r := range s {
		if !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}

// host reports whether a provider's id may stand in front of a name.
func host(s string) bool { return showable(s) && !strings.Contains(s, "/") }

// parseRate reads a price, a JSON number or a string with one, in USD per
// 10^(6-shift) tokens. The reason is "" where it is a known one; raw is nil where
// the feed has no such member.
func parseRate(raw json.RawMessage, shift int32) (costmodel.Rate, Reason) {
	if raw == nil {
		return costmodel.Rate{}, NoPrice
	}
	text := string(raw)
	if text == "null" {
		return costmodel.Rate{}, PriceNull
	}
	if len(text) > maxNumberText {
		return costmodel.Rate{}, PriceOutOfRange
	}
	if text[0] == '"' {
		if json.Unmarshal(raw, &text) != nil {
			return costmodel.Rate{}, PriceNotNumber
		}
	}
	d, err := decimal.NewFromString(text)
	switch {
	case err != nil || strings.ContainsAny(text, "_+ ") && !strings.ContainsAny(text, "eE"):
		return costmodel.Rate{}, PriceNotNumber
	// Before anything is computed: a hostile exponent would be written out.
	case d.Exponent() > maxExponent || d.Exponent() < -2*maxExponent:
		return costmodel.Rate{}, PriceOutOfRange
	case d.Equal(decimal.NewFromInt(-1)):
		return costmodel.Rate{}, PriceDynamic
	case d.Sign() < 0:
		return costmodel.Rate{}, PriceNegative
	}
	r, err := costmodel.ParseRate(d.Shift(shift).String())
	if err != nil {
		return costmodel.Rate{}, PriceOutOfRange
	}
	return r, ""
}

// rawRates are the members of a feed that price one request, nil where absent.
type rawRates struct{ input, output, cached, write, reasoning json.RawMessage }

// rates reads them. Input has to be there, and output but for an embedding model,
// which has none. A reasoning rate that is absent is none of its own: thinking is
// billed as output where nothing else is said. Cache rates that are absent are
// unknown, and so is all that is null.
func (r rawRates) rates(shift int32, kind costmodel.Kind) (costmodel.Rates, Reason) {
	var rates costmodel.Rates
	var why Reason
	if rates.Input, why = parseRate(r.input, shift); why != "" {
		return rates, why
	}
	rates.Output, why = parseRate(r.output, shift)
	switch {
	case kind == costmodel.Embedding && why == NoPrice:
		rates.Output = costmodel.NoCharge()
	case why != "":
		return rates, why
	}
	if rates.Reasoning, why = parseRate(r.reasoning, shift); why == NoPrice {
		rates.Reasoning = costmodel.NoCharge()
	} else if why != "" && why != PriceNull {
		return rates, why
	}
	for _, special := range []struct {
		rate *costmodel.Rate
		raw  json.RawMessage
	}{{&rates.CachedInput, r.cached}, {&rates.CacheWrite, r.write}} {
		if *special.rate, why = parseRate(special.raw, shift); why != "" && why != NoPrice && why != PriceNull {
			return rates, why
		}
	}
	return rates, ""
}

// orElse returns r with what it has not from base: an input and output that a
// tier leaves out are the plain ones. A cache rate is not: half of a rule is
// unknown.
func (r rawRates) orElse(base rawRates) rawRates {
	if r.input == nil {
		r.input = base.input
	}
	if r.output == nil {
		r.output = base.output
	}
	return r
}

// priceOf returns a price of the given rates.
func priceOf(r costmodel.Rates) costmodel.Price {
	return costmodel.Price{
		Input: r.Input, Output: r.Output, CachedInput: r.CachedInput, CacheWrite: r.CacheWrite, Reasoning: r.Reasoning,
	}
}

// tokens reads a count of tokens: a whole number, written as a float by some; 0
// where it is anything else, which is unknown.
func tokens(raw json.RawMessage) int64 {
	text := string(raw)
	if text == "" || len(text) > maxNumberText {
		return 0
	}
	d, err := decimal.NewFromString(text)
	if err != nil || d.Exponent() > maxExponent || d.Exponent() < -maxExponent || d.Sign() <= 0 ||
		!d.IsInteger() || d.GreaterThan(decimal.NewFromInt(maxTokens)) {
		return 0
	}
	return d.IntPart()
}

// support reads a flag: absent or null is unknown.
func support(raw json.RawMessage) costmodel.Support {
	switch string(raw) {
	case "true":
		return costmodel.Supported
	case "false":
		return costmodel.Unsupported
	}
	return costmodel.SupportUnknown
}

// text reads a string, "" where it is none.
func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

// texts reads a list of strings, nil where it is none.
func texts(raw json.RawMessage) []string {
	var list []string
	if json.Unmarshal(raw, &list) != nil {
		return nil
	}
	return list
}

// wholeDate reads a date with a day; a month alone ("2025-06") is no date, since
// its day would be made up.
func wholeDate(s string) costmodel.Date {
	d, err := costmodel.ParseDate(s)
	if err != nil {
		return costmodel.Date{}
	}
	return d
}
