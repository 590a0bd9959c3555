package pricefeed

import (
	"testing"

	"costping/costmodel"
)

func modelsDevOf(members string) string {
	return `{"openai": {"id": "openai", "models": {"alpha": {"id": "alpha", "name": "Alpha"` + members + `}}}}`
}

func TestModelsDevPrices(t *testing.T) {
	for _, c := range []struct{ name, members, want string }{
		{"plain", `, "cost": {"input": 2.5, "output": 10}`, "2.5/10"},
		{"special rates", `, "cost": {"input": 2, "output": 8, "cache_read": 0.2, "cache_write": 2.5, "reasoning": 9, "input_audio": 40}`, "2/8 cached 0.2 write 2.5 thinking 9"},
		{"null is not none", `, "cost": {"input": 2, "output": 8, "reasoning": null}`, "2/8 thinking ?"},
		{"free, or unknown", `, "cost": {"input": 0, "output": 0}`, "0/0"},
		{"tiers, in any order", `, "cost": {"input": 1, "output": 4, "tiers": [{"input": 3, "output": 9, "tier": {"type": "context", "size": 256000}}, {"input": 2, "cache_read": 0.3, "tier": {"type": "context", "size": 32000}}]}`, "1/4 >32.0K 2/4 cached 0.3 >256K 3/9"},
		// The copy says 200k in its name whatever the tier's size is.
		{"the copy of the tier", `, "cost": {"input": 1, "output": 4, "tiers": [{"input": 2, "output": 6, "tier": {"type": "context", "size": 272000}}], "context_over_200k": {"input": 2, "output": 6}}`, "1/4 >272K 2/6"},
		{"a service", `, "cost": {"input": 1, "output": 4}, "experimental": {"modes": {"fast": {"cost": {"input": 2, "output": 8}, "provider": {"body": {"service_tier": "priority"}}}}}`, "1/4; 2/8 priority"},
		{"a mode that is no service", `, "cost": {"input": 1, "output": 4}, "experimental": {"modes": {"fast": {"kind": "x", "cost": {"input": 2, "output": 8}, "provider": {"headers": {}}}}}`, "1/4"},
		{"members to come", `, "description": {"x": 1}, "cost": {"input": 1, "output": 4, "later": "x"}`, "1/4"},
	} {
		if got := sayAll(one(t, modelsDevOf(c.members)).Prices); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestModelsDevSkips(t *testing.T) {
	for _, c := range []struct {
		members string
		want    Reason
	}{
		{``, NoPrice},
		{`, "cost": null`, NoPrice},
		{`, "cost": {}`, NoPrice},
		{`, "cost": {"input": null, "output": 1}`, PriceNull},
		{`, "cost": {"input": -2, "output": 1}`, PriceNegative},
		// Where the tier itself is missing, the real threshold is not known.
		{`, "cost": {"input": 1, "output": 4, "context_over_200k": {"input": 2, "output": 6}}`, BadTiers},
		{`, "cost": {"input": 1, "output": 4, "tiers": [{"input": 2, "tier": {"type": "time", "size": 5}}]}`, BadTiers},
		{`, "cost": {"input": 1, "output": 4, "tiers": [{"input": 2, "tier": {"type": "context"}}]}`, BadTiers},
		{`, "cost": {"input": 1, "output": 4, "tiers": [{"input": 2, "tier": {"type": "context", "size": 5}}, {"input": 3, "tier": {"type": "context", "size": 5}}]}`, BadTiers},
		{`, "modalities": {"output": ["image"]}, "cost": {"input": 1, "output": 4}`, OtherKind},
	} {
		f := read(t, modelsDevOf(c.members))
		if len(f.Listings) != 0 || f.Skipped[c.want] != 1 {
			t.Errorf("%s: %d models, skipped %v, want %s", c.members, len(f.Listings), f.Skipped, c.want)
		}
	}
}

func TestModelsDevModel(t *testing.T) {
	l := one(t, `{"togetherai": {"models": {"k": {"id": "a/b", "name": "B", "reasoning": false, "tool_call": true,
		"limit": {"context": 131072, "output": 0}, "release_date": "2024-12", "cost": {"input": 1, "output": 1}}}, "name": "Together AI", "id": "togetherai"}}`)
	c := l.Capabilities
	if l.Provider != "together" || l.ProviderName != "Together AI" || l.ID != "a/b" || l.Context != 131072 || l.MaxOutput != 0 ||
		c.Tools != costmodel.Supported || c.Reasoning != costmodel.Unsupported || c.JSONSchema != costmodel.SupportUnknown {
		t.Errorf("%+v", l)
	}
	if !l.Released.IsZero() {
		t.Errorf("a month became the day %s", l.Released)
	}
	released := one(t, modelsDevOf(`, "release_date": "2024-11-01", "cost": {"input": 1, "output": 1}`))
	if released.Released != day(t, "2024-11-01") {
		t.Errorf("released %s", released.Released)
	}
	alias := one(t, `{"mistral": {"models": {"large-latest": {"id": "large-latest", "release_date": "2024-11-01", "cost": {"input": 1, "output": 1}}}}}`)
	if !alias.Released.IsZero() {
		t.Errorf("an alias was released %s", alias.Released)
	}
	// The output limit of an embedding model is the length of its vectors.
	vector := one(t, `{"openai": {"models": {"text-embedding-3": {"id": "text-embedding-3", "limit": {"context": 8191, "output": 1536}, "cost": {"input": 0.02, "output": 0}}}}}`)
	if vector.Kind != costmodel.Embedding || vector.MaxOutput != 0 || vector.Context != 8191 {
		t.Errorf("%+v", vector)
	}
}
