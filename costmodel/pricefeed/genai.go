package pricefeed

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"costping/costmodel"
)

// genai-prices' v2 data.json: an array of providers, each with an array of models,
// prices in USD per 1M tokens (keys that end in _mtok), some of them conditional.

func isGenai(o outline) bool { return o.opening == '[' && hasArray(o, "models") }

// hasArray reports whether the elements of a top-level array have a member with an
// array.
func hasArray(o outline, name string) bool { return o.children[name] == '[' }

type (
	genaiModel struct {
		ID            string          `json:"id"`
		Name          string          `json:"name"`
		Match         genaiMatch      `json:"match"`
		ContextWindow json.RawMessage `json:"context_window"`
		Prices        json.RawMessage `json:"prices"`
	}
	// genaiMatch says which names a model answers to. Only names are taken from
	// it: what a pattern covers may be priced otherwise by its vendor.
	genaiMatch struct {
		Equals     string       `json:"equals"`
		StartsWith string       `json:"starts_with"`
		Or         []genaiMatch `json:"or"`
	}
	genaiRates    map[string]json.RawMessage
	genaiInterval struct {
		Constraint map[string]json.RawMessage `json:"constraint"`
		Prices     genaiRates                 `json:"prices"`
	}
	genaiTiered struct {
		Base  json.RawMessage `json:"base"`
		Tiers []struct {
			Start json.RawMessage `json:"start"`
			Price json.RawMessage `json:"price"`
		} `json:"tiers"`
	}
)

func readGenai(c *collector) error {
	return c.each('[', func(string) error {
		first := len(c.Listings)
		id, name := "", ""
		err := c.each('{', func(member string) error {
			if member == "models" {
				return c.each('[', func(string) error { return readGenaiModel(c) })
			}
			var raw json.RawMessage
			err := c.Decode(&raw)
			switch member {
			case "id":
				id = text(raw)
			case "name":
				name = text(raw)
			}
			return err
		})
		if !host(id) { // it may stand behind the models, so they wait for it
			for _, l := range c.Listings[first:] {
				c.Skipped.add(UnreadableID, len(l.Prices))
			}
			c.Listings = c.Listings[:first]
		}
		for i := range c.Listings[first:] {
			l := &c.Listings[first+i]
			l.Provider, l.ProviderName = hostOf(id), id
			if showable(name) {
				l.ProviderName = name
			}
		}
		return err
	})
}

func readGenaiModel(c *collector) error {
	var record genaiModel
	if understood, err := c.decode(&record); err != nil || !understood {
		return err
	}
	if !conversational(record.ID, nil, nil) {
		c.skip(OtherKind)
		return nil
	}
	m := costmodel.Model{
		ID: record.ID, Name: cmp.Or(record.Name, record.ID), Provider: "-", Kind: costmodel.Chat,
		APIIDs: record.Match.names(0), Context: tokens(record.ContextWindow),
	}
	if strings.Contains(m.ID, "embed") { // the feed has no kind
		m.Kind = costmodel.Embedding
	}
	prices, skipped := genaiPrices(record.Prices, m.Kind)
	for _, why := range skipped {
		c.skip(why)
	}
	if m.Prices = prices; len(prices) == 0 {
		return nil
	}
	return c.add(m)
}

// names returns the names in a match, of those nested as well.
func (g genaiMatch) names(depth int) []string {
	var names []string
	for _, name := range []string{g.Equals, g.StartsWith} {
		if name != "" {
			names = append(names, name)
		}
	}
	for _, other := range g.Or {
		if depth < 4 && len(names) < maxNames {
			names = append(names, other.names(depth+1)...)
		}
	}
	return names
}

// genaiPrices reads the prices of a model, and says why some of them are not
// taken.
func genaiPrices(raw json.RawMessage, kind costmodel.Kind) ([]costmodel.Price, []Reason) {
	var intervals []genaiInterval
	if strings.HasPrefix(string(raw), "[") {
		if json.Unmarshal(raw, &intervals) != nil || len(intervals) == 0 || len(intervals) > maxIntervals {
			return nil, []Reason{BadRecord}
		}
	} else {
		var only genaiRates
		if json.Unmarshal(raw, &only) != nil {
			return nil, []Reason{BadRecord}
		}
		intervals = []genaiInterval{{Prices: only}}
	}
	conditions := make([]condition, len(intervals))
	for i, in := range intervals {
		var ok bool
		if conditions[i], ok = genaiCondition(in.Constraint); !ok {
			// One that is not understood may take the place of any other.
			return nil, []Reason{BadCondition}
		}
	}
	var prices []costmodel.Price
	var skipped []Reason
	for i, in := range intervals {
		p, why := in.Prices.price(kind)
		if why != "" {
			skipped = append(skipped, why)
			continue
		}
		p.From, p.Hours = conditions[i].from, conditions[i].hours
		var holds bool
		if p.Until, holds = lastMatch(conditions, i); !holds {
			skipped = append(skipped, BadCondition)
			continue
		}
		prices = append(prices, p)
	}
	return prices, skipped
}

// maxIntervals bounds the conditional prices of a model.
const maxIntervals = 32

// condition is when a price holds: from a day on, at some hours.
type condition struct {
	from  costmodel.Date
	hours costmodel.Hours
}

// genaiCondition reads a constraint; ok is false where it is not understood.
func genaiCondition(constraint map[string]json.RawMessage) (c condition, ok bool) {
	var start, end string
	for name, raw := range constraint {
		switch name {
		case "start_date":
			if c.from = wholeDate(text(raw)); c.from.IsZero() {
				return c, false
			}
		case "start_time":
			start = text(raw)
		case "end_time":
			end = text(raw)
		default:
			return c, false
		}
	}
	if start == "" && end == "" {
		return c, true
	}
	from, okFrom := minuteOf(start)
	until, okUntil := minuteOf(end)
	if !okFrom || !okUntil {
		return c, false
	}
	hours, err := costmodel.ParseHours(from + "-" + until)
	c.hours = hours
	return c, err == nil
}

// minuteOf returns "00:30" for "00:30:00Z"; ok is false for a time that is not a
// whole minute in UTC.
func minuteOf(s string) (string, bool) {
	minute, ok := strings.CutSuffix(s, ":00Z")
	return minute, ok && len(minute) == len("00:30")
}

// lastMatch returns the day on which the i-th price gives way, since the last of
// those that match holds, and whether it ever does.
func lastMatch(conditions []condition, i int) (until costmodel.Date, holds bool) {
	for _, later := range conditions[i+1:] {
		switch {
		case !later.hours.IsZero() && !later.hours.Equal(conditions[i].hours):
			// It holds at its own hours, which a price with hours does anyway.
			if !conditions[i].hours.IsZero() {
				return until, false // which of two overlapping hours is meant is not said
			}
		case later.from.Compare(conditions[i].from) <= 0:
			return until, false
		case until.IsZero() || later.from.Compare(until) < 0:
			until = later.from
		}
	}
	return until, true
}

// genaiTerms are the members that price tokens.
var genaiTerms = []string{"input_mtok", "output_mtok", "cache_read_mtok", "cache_write_mtok", "output_reasoning_mtok"}

// price reads the rates of an interval. A value is a price or has tiers; a tier's
// rates are those of all of a request with more input than its start.
func (g genaiRates) price(kind costmodel.Kind) (costmodel.Price, Reason) {
	if _, perCall := g["requests_kcount"]; perCall {
		return costmodel.Price{}, PerRequest
	}
	values := map[string]genaiTiered{}
	starts := map[int64]bool{0: true}
	for _, term := range genaiTerms {
		raw, ok := g[term]
		if !ok {
			continue
		}
		v := genaiTiered{Base: raw}
		if strings.HasPrefix(string(raw), "{") {
			v.Base = nil
			if json.Unmarshal(raw, &v) != nil || len(v.Tiers) > maxTiers {
				return costmodel.Price{}, BadTiers
			}
		}
		for _, t := range v.Tiers {
			start := tokens(t.Start)
			if start == 0 {
				return costmodel.Price{}, BadTiers
			}
			starts[start] = true
		}
		values[term] = v
	}
	if len(values) == 0 && len(g) > 0 {
		return costmodel.Price{}, OtherUnit
	}
	if len(starts) > maxTiers {
		return costmodel.Price{}, BadTiers
	}
	var p costmodel.Price
	for _, start := range slices.Sorted(maps.Keys(starts)) {
		rates, why := rawRates{
			values["input_mtok"].past(start), values["output_mtok"].past(start), values["cache_read_mtok"].past(start),
			values["cache_write_mtok"].past(start), values["output_reasoning_mtok"].past(start),
		}.rates(perMillion, kind)
		switch {
		case why != "":
			return costmodel.Price{}, why
		case start == 0:
			p = priceOf(rates)
		default:
			p.Tiers = append(p.Tiers, costmodel.Tier{Above: start, Rates: rates})
		}
	}
	return p, ""
}

// past returns the price that holds past a start.
func (v genaiTiered) past(start int64) json.RawMessage {
	price, best := v.Base, int64(0)
	for _, t := range v.Tiers {
		if s := tokens(t.Start); s <= start && s >= best {
			price, best = t.Price, s
		}
	}
	return price
}
