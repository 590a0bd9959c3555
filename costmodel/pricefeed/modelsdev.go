package pricefeed

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"costping/costmodel"
)

// models.dev's api.json: an object of providers, each with an object of models,
// prices in USD per 1M tokens.

func isModelsDev(o outline) bool { return o.opening == '{' && o.children["models"] == '{' }

type (
	modelsDevModel struct {
		ID         string `json:"id"`
		Name       string `json:"name"`
		Family     string `json:"family"`
		Modalities struct {
			Input  []string `json:"input"`
			Output []string `json:"output"`
		} `json:"modalities"`
		Limit struct {
			Context json.RawMessage `json:"context"`
			Output  json.RawMessage `json:"output"`
		} `json:"limit"`
		ReleaseDate      string          `json:"release_date"`
		Reasoning        json.RawMessage `json:"reasoning"`
		ToolCall         json.RawMessage `json:"tool_call"`
		StructuredOutput json.RawMessage `json:"structured_output"`
		Cost             *modelsDevCost  `json:"cost"`
		Experimental     struct {
			Modes map[string]struct {
				Cost     *modelsDevCost `json:"cost"`
				Provider struct {
					Body struct {
						ServiceTier string `json:"service_tier"`
					} `json:"body"`
				} `json:"provider"`
			} `json:"modes"`
		} `json:"experimental"`
	}
	modelsDevCost struct {
		modelsDevRates
		Tiers       []modelsDevTier `json:"tiers"`
		LongContext json.RawMessage `json:"context_over_200k"`
	}
	modelsDevRates struct {
		Input      json.RawMessage `json:"input"`
		Output     json.RawMessage `json:"output"`
		Reasoning  json.RawMessage `json:"reasoning"`
		CacheRead  json.RawMessage `json:"cache_read"`
		CacheWrite json.RawMessage `json:"cache_write"`
	}
	modelsDevTier struct {
		modelsDevRates
		Tier struct {
			Type string          `json:"type"`
			Size json.RawMessage `json:"size"`
		} `json:"tier"`
	}
)

func readModelsDev(c *collector) error {
	return c.each('{', func(provider string) error {
		if dateKeys[provider] {
			var raw json.RawMessage
			err := c.Decode(&raw)
			c.ownDate(raw)
			return err
		}
		first := len(c.Listings)
		name := ""
		err := c.each('{', func(member string) error {
			if member == "models" {
				return c.each('{', func(key string) error { return readModelsDevModel(c, provider, key) })
			}
			var raw json.RawMessage
			err := c.Decode(&raw)
			if member == "name" {
				name = text(raw)
			}
			return err
		})
		if showable(name) { // it may stand behind the models
			for i := range c.Listings[first:] {
				c.Listings[first+i].ProviderName = name
			}
		}
		return err
	})
}

func readModelsDevModel(c *collector, provider, key string) error {
	var record modelsDevModel
	if understood, err := c.decode(&record); err != nil || !understood {
		return err
	}
	if !conversational(cmp.Or(record.ID, key), record.Modalities.Input, record.Modalities.Output) {
		c.skip(OtherKind)
		return nil
	}
	m := record.model(provider, key)
	var why Reason
	if m.Prices, why = record.prices(m.Kind); why != "" {
		c.skip(why)
		return nil
	}
	return c.add(m)
}

func (r modelsDevModel) model(provider, key string) costmodel.Model {
	m := costmodel.Model{
		ID: cmp.Or(r.ID, key), Name: cmp.Or(r.Name, r.ID, key), Provider: hostOf(provider), Kind: costmodel.Chat,
		Context: tokens(r.Limit.Context), MaxOutput: tokens(r.Limit.Output),
		Capabilities: costmodel.Capabilities{
			JSONSchema: support(r.StructuredOutput), Tools: support(r.ToolCall), Reasoning: support(r.Reasoning),
		},
	}
	if strings.Contains(r.Family+m.ID, "embed") {
		// The feed has no kind, and the dimensions of the vector as the output.
		m.Kind, m.MaxOutput = costmodel.Embedding, 0
	}
	if !strings.HasSuffix(m.ID, "-latest") { // an alias has the date of its first model
		m.Released = wholeDate(r.ReleaseDate)
	}
	return m
}

// prices reads the prices of a record, the standard one first. The modes are
// services where they say that they ask for one.
func (r modelsDevModel) prices(kind costmodel.Kind) ([]costmodel.Price, Reason) {
	standard, why := r.Cost.price(kind)
	if why != "" {
		return nil, why
	}
	prices := []costmodel.Price{standard}
	for _, name := range slices.Sorted(maps.Keys(r.Experimental.Modes)) {
		mode := r.Experimental.Modes[name]
		service, err := costmodel.ParseService(mode.Provider.Body.ServiceTier)
		if err != nil || service == costmodel.Standard {
			continue
		}
		if p, why := mode.Cost.price(kind); why == "" {
			p.Service = service
			prices = append(prices, p)
		}
	}
	return prices, ""
}

func (r modelsDevRates) raw() rawRates {
	return rawRates{r.Input, r.Output, r.CacheRead, r.CacheWrite, r.Reasoning}
}

// price reads a cost; c may be nil.
func (c *modelsDevCost) price(kind costmodel.Kind) (costmodel.Price, Reason) {
	if c == nil {
		return costmodel.Price{}, NoPrice
	}
	// context_over_200k is a copy of the only tier, whatever the threshold of that:
	// without the tier, where it begins is not known.
	if len(c.Tiers) > maxTiers || len(c.Tiers) == 0 && c.LongContext != nil && string(c.LongContext) != "null" {
		return costmodel.Price{}, BadTiers
	}
	rates, why := c.raw().rates(perMillion, kind)
	if why != "" {
		return costmodel.Price{}, why
	}
	p := priceOf(rates)
	for _, t := range c.Tiers {
		above := tokens(t.Tier.Size)
		if t.Tier.Type != "context" || above == 0 {
			return costmodel.Price{}, BadTiers
		}
		if rates, why = t.raw().orElse(c.raw()).rates(perMillion, kind); why != "" {
			return costmodel.Price{}, why
		}
		p.Tiers = append(p.Tiers, costmodel.Tier{Above: above, Rates: rates})
	}
	return p, sortTiers(p.Tiers)
}

// sortTiers puts tiers in order, and refuses two of one threshold.
func sortTiers(tiers []costmodel.Tier) Reason {
	slices.SortFunc(tiers, func(a, b costmodel.Tier) int { return cmp.Compare(a.Above, b.Above) })
	for i := range tiers {
		if i > 0 && tiers[i].Above == tiers[i-1].Above {
			return BadTiers
		}
	}
	return ""
}
