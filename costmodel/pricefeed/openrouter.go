package pricefeed

import (
	"encoding/json"
	"slices"
	"strings"

	"costping/costmodel"
)

// OpenRouter's /api/v1/models: {"data": [model...]}, prices as strings in USD per
// token.

func isOpenRouter(o outline) bool { return o.opening == '{' && o.top["data"] == '[' }

type openRouterModel struct {
	ID            string          `json:"id"`
	CanonicalSlug string          `json:"canonical_slug"`
	Name          string          `json:"name"`
	ContextLength json.RawMessage `json:"context_length"`
	TopProvider   struct {
		MaxCompletionTokens json.RawMessage `json:"max_completion_tokens"`
	} `json:"top_provider"`
	Architecture struct {
		InputModalities  []string `json:"input_modalities"`
		OutputModalities []string `json:"output_modalities"`
	} `json:"architecture"`
	Parameters     []string                   `json:"supported_parameters"`
	ExpirationDate json.RawMessage            `json:"expiration_date"`
	Pricing        map[string]json.RawMessage `json:"pricing"`
}

func readOpenRouter(c *collector) error {
	return c.each('{', func(member string) error {
		if member == "data" {
			return c.each('[', func(string) error { return readOpenRouterModel(c) })
		}
		var raw json.RawMessage
		err := c.Decode(&raw)
		if dateKeys[member] {
			c.ownDate(raw)
		}
		return err
	})
}

func readOpenRouterModel(c *collector) error {
	var record openRouterModel
	if understood, err := c.decode(&record); err != nil || !understood {
		return err
	}
	if !conversational(record.ID, record.Architecture.InputModalities, record.Architecture.OutputModalities) {
		c.skip(OtherKind)
		return nil
	}
	price, why := record.price()
	if why != "" {
		c.skip(why)
		return nil
	}
	m := record.model()
	m.Prices = []costmodel.Price{price}
	return c.add(m)
}

func (r openRouterModel) price() (costmodel.Price, Reason) {
	raw := rawRates{input: r.Pricing["prompt"], output: r.Pricing["completion"]}
	if raw.input == nil && raw.output == nil && len(r.Pricing) > 0 {
		return costmodel.Price{}, OtherUnit
	}
	if fee, why := parseRate(r.Pricing["request"], 0); why != NoPrice {
		if usd, _ := fee.USD(); why != "" || usd.Sign() != 0 {
			return costmodel.Price{}, PerRequest
		}
	}
	// "0" stands for "does not apply" in these three.
	special := func(name string) json.RawMessage {
		if rate, why := parseRate(r.Pricing[name], 0); why == "" && rate.Equal(zero) {
			return nil
		}
		return r.Pricing[name]
	}
	raw.cached, raw.write, raw.reasoning = special("input_cache_read"), special("input_cache_write"), special("internal_reasoning")
	rates, why := raw.rates(perToken, costmodel.Chat)
	return priceOf(rates), why
}

// zero is a known rate of 0.
var zero, _ = costmodel.NewRate(costmodel.USD{})

// model reads what the feed says of a model. Whether answers are held to a schema
// is left unknown: the list of parameters has it for models that cannot.
func (r openRouterModel) model() costmodel.Model {
	m := costmodel.Model{
		ID: r.ID, Name: r.Name, Provider: openRouterHost, ProviderName: "OpenRouter", Kind: costmodel.Chat,
		Context: tokens(r.ContextLength), MaxOutput: tokens(r.TopProvider.MaxCompletionTokens),
		Retired: wholeDate(text(r.ExpirationDate)),
	}
	if r.CanonicalSlug != "" && r.CanonicalSlug != r.ID && !strings.Contains(r.ID, ":") {
		m.APIIDs = []string{r.CanonicalSlug}
	}
	if slices.Contains(r.Parameters, "tools") {
		m.Capabilities.Tools = costmodel.Supported
	}
	if slices.Contains(r.Parameters, "reasoning") {
		m.Capabilities.Reasoning = costmodel.Supported
	}
	return m
}

const openRouterHost = "openrouter"

// vendors returns the names that the vendor of a routed model may have for it,
// each with the vendor in front: versions are written with a dot here and with a
// dash by some.
func vendors(m costmodel.Model) []string {
	var names []string
	for _, id := range append([]string{m.ID}, m.APIIDs...) {
		vendor, name, ok := strings.Cut(id, "/")
		if !ok || strings.Contains(name, ":") { // ":free" and the like are other offers
			continue
		}
		names = append(names, hostOf(vendor)+"/"+name)
		if dashed := strings.ReplaceAll(name, ".", "-"); dashed != name {
			names = append(names, hostOf(vendor)+"/"+dashed)
		}
	}
	return names
}
