package pricefeed

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"costping/costmodel"
)

// LiteLLM's file: an object of routes, prices in USD per token.

func isLiteLLM(o outline) bool {
	_, routes := o.children["litellm_provider"]
	return o.opening == '{' && routes
}

func readLiteLLM(c *collector) error {
	return c.each('{', func(key string) error {
		if dateKeys[key] {
			var raw json.RawMessage
			err := c.Decode(&raw)
			c.ownDate(raw)
			return err
		}
		var record map[string]json.RawMessage
		if understood, err := c.decode(&record); err != nil || !understood {
			return err
		}
		route := text(record["litellm_provider"])
		if key == "sample_spec" || route == "" { // prose on the members, and rules for guessing
			c.skip(NotAModel)
			return nil
		}
		m, why := litellmModel(key, route, record)
		if why != "" {
			c.skip(why)
			return nil
		}
		return c.add(m)
	})
}

// litellmModel reads a record, or says why it is none to take.
func litellmModel(key, route string, record map[string]json.RawMessage) (costmodel.Model, Reason) {
	kinds := map[string]costmodel.Kind{
		"chat": costmodel.Chat, "responses": costmodel.Chat, "completion": costmodel.Chat,
		"embedding": costmodel.Embedding,
	}
	kind, ok := kinds[text(record["mode"])]
	if !ok || !conversational(key, texts(record["supported_modalities"]), texts(record["supported_output_modalities"])) {
		return costmodel.Model{}, OtherKind
	}
	m := costmodel.Model{
		ID: litellmName(key, route), Provider: hostOf(route), Kind: kind,
		Context: tokens(record["max_input_tokens"]), MaxOutput: tokens(record["max_output_tokens"]),
		Retired: wholeDate(text(record["deprecation_date"])),
		Capabilities: costmodel.Capabilities{
			JSONSchema: support(record["supports_response_schema"]),
			Tools:      support(record["supports_function_calling"]),
			Reasoning:  support(record["supports_reasoning"]),
			Streaming:  support(record["supports_native_streaming"]),
		},
	}
	m.Name = m.ID
	var why Reason
	if m.Prices, why = litellmPrices(record, kind); why != "" {
		return costmodel.Model{}, why
	}
	if !m.Prices[0].Batch.Absent() && m.Prices[0].Batch.Known() {
		m.Capabilities.Batch = costmodel.Supported
	}
	return m, ""
}

// litellmName drops the route in front of a name: the host says litellm_provider.
func litellmName(key, route string) string {
	first, rest, ok := strings.Cut(key, "/")
	if ok && rest != "" && (first == route || hostOf(first) == hostOf(route)) {
		return rest
	}
	return key
}

// litellmKey is a member that prices tokens: KIND[_above_NNNk_tokens][_SERVICE].
type litellmKey struct {
	kind    string
	above   int64 // tokens; 0 for none
	service string
}

// litellmServices are the suffixes of services; "batches" is the batch price.
var litellmServices = []string{"priority", "flex", "batches"}

// parseLiteLLMKey takes a member's name apart. What is left as the kind may be
// anything, such as a cache price of another lifetime ("..._above_1hr").
func parseLiteLLMKey(name string) litellmKey {
	k := litellmKey{kind: name}
	for _, s := range litellmServices {
		if rest, ok := strings.CutSuffix(k.kind, "_"+s); ok {
			k.kind, k.service = rest, s
			break
		}
	}
	rest, ok := strings.CutSuffix(k.kind, "k_tokens")
	i := strings.LastIndex(rest, "_above_")
	if !ok || i < 0 {
		return k
	}
	thousands, err := strconv.ParseInt(rest[i+len("_above_"):], 10, 32)
	if err != nil || thousands <= 0 {
		return k
	}
	k.kind, k.above = rest[:i], thousands*1000
	return k
}

// set puts a price where its kind belongs, and reports whether it is one that is
// known.
func (r *rawRates) set(kind string, raw json.RawMessage) bool {
	switch kind {
	case "input_cost_per_token":
		r.input = raw
	case "output_cost_per_token":
		r.output = raw
	case "output_cost_per_reasoning_token":
		r.reasoning = raw
	case "cache_read_input_token_cost":
		r.cached = raw
	case "input_cost_per_token_cache_hit": // the same by another name; the first is preferred
		if r.cached == nil {
			r.cached = raw
		}
	case "cache_creation_input_token_cost":
		r.write = raw
	default:
		return false
	}
	return true
}

// litellmPrices reads the prices of a record, the standard one first.
func litellmPrices(record map[string]json.RawMessage, kind costmodel.Kind) ([]costmodel.Price, Reason) {
	offers := map[string]map[int64]rawRates{} // by service and threshold
	otherUnit := false
	for _, name := range slices.Sorted(maps.Keys(record)) { // so that cache_read comes before its other name
		if !strings.Contains(name, "_cost") {
			continue
		}
		key := parseLiteLLMKey(name)
		rates := offers[key.service][key.above]
		if !rates.set(key.kind, record[name]) {
			otherUnit = otherUnit || strings.HasPrefix(name, "input_") || strings.HasPrefix(name, "output_")
			continue
		}
		if offers[key.service] == nil {
			offers[key.service] = map[int64]rawRates{}
		}
		offers[key.service][key.above] = rates
	}
	if raw, ok := record["input_cost_per_request"]; ok && string(raw) != "0" && string(raw) != "0.0" {
		return nil, PerRequest
	}
	if tiered, ok := record["tiered_pricing"]; ok {
		return litellmTiered(tiered, kind)
	}
	standard, why := litellmOffer(offers[""], kind)
	switch {
	case why == NoPrice && otherUnit:
		return nil, OtherUnit
	case why != "":
		return nil, why
	}
	standard.Batch = litellmBatch(standard, offers["batches"][0], kind)
	prices := []costmodel.Price{standard}
	for _, service := range []costmodel.Service{costmodel.Flex, costmodel.Priority} {
		// A service with half a price, or with one that is none, is left out.
		if p, why := litellmOffer(offers[string(service)], kind); why == "" {
			p.Service = service
			prices = append(prices, p)
		}
	}
	return prices, ""
}

// litellmOffer reads one service: its plain rates and those past thresholds.
func litellmOffer(byThreshold map[int64]rawRates, kind costmodel.Kind) (costmodel.Price, Reason) {
	rates, why := byThreshold[0].rates(perToken, kind)
	if why != "" {
		return costmodel.Price{}, why
	}
	p := priceOf(rates)
	if len(byThreshold) > maxTiers {
		return costmodel.Price{}, BadTiers
	}
	below := byThreshold[0]
	for _, above := range slices.Sorted(maps.Keys(byThreshold)) {
		if above == 0 {
			continue
		}
		below = byThreshold[above].orElse(below)
		if rates, why = below.rates(perToken, kind); why != "" {
			return costmodel.Price{}, why
		}
		p.Tiers = append(p.Tiers, costmodel.Tier{Above: above, Rates: rates})
	}
	return p, ""
}

// litellmBatch returns what a batch multiplies the price by, where one number
// says it for input and output; otherwise that is unknown.
func litellmBatch(p costmodel.Price, batch rawRates, kind costmodel.Kind) costmodel.Multiplier {
	rates, why := batch.rates(perToken, kind)
	if why != "" {
		return costmodel.Multiplier{}
	}
	in, known := ratio(rates.Input, p.Input)
	if !known {
		return costmodel.Multiplier{}
	}
	if out, known := ratio(rates.Output, p.Output); known && out.Cmp(in) != 0 {
		return costmodel.Multiplier{}
	}
	m, err := costmodel.ParseMultiplier(exact(in))
	if err != nil {
		return costmodel.Multiplier{}
	}
	return m
}

// litellmTiered reads the list of ranges that stands in place of flat prices. The
// rates of a range are those of all of a request whose input falls into it.
func litellmTiered(raw json.RawMessage, kind costmodel.Kind) ([]costmodel.Price, Reason) {
	var ranges []map[string]json.RawMessage
	if json.Unmarshal(raw, &ranges) != nil || len(ranges) == 0 || len(ranges) > maxTiers {
		return nil, BadTiers
	}
	var p costmodel.Price
	end := int64(0)
	for i, r := range ranges {
		var bounds []json.RawMessage
		if json.Unmarshal(r["range"], &bounds) != nil || len(bounds) != 2 {
			return nil, BadTiers
		}
		from, to := tokens(bounds[0]), tokens(bounds[1])
		if from != end || to <= from || i == 0 && strings.Trim(string(bounds[0]), "0.") != "" {
			return nil, BadTiers
		}
		end = to
		var raws rawRates
		for _, name := range slices.Sorted(maps.Keys(r)) {
			raws.set(name, r[name])
		}
		rates, why := raws.rates(perToken, kind)
		switch {
		case why != "":
			return nil, why
		case i == 0:
			p = priceOf(rates)
		default:
			p.Tiers = append(p.Tiers, costmodel.Tier{Above: from, Rates: rates})
		}
	}
	return []costmodel.Price{p}, ""
}
