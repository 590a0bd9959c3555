package pricefeed

import (
	"slices"
	"testing"

	"costping/costmodel"
)

func openRouterOf(pricing string) string {
	return `{"data": [{"id": "openai/alpha", "pricing": {` + pricing + `}}]}`
}

func TestOpenRouterPrices(t *testing.T) {
	for _, c := range []struct{ pricing, want string }{
		{`"prompt": "0.0000025", "completion": "0.00001"`, "2.5/10"},
		{`"prompt": "0.00000008333333333333334", "completion": "0.000001"`, "0.08333333333333334/1"},
		{`"prompt": "0", "completion": "0"`, "0/0"},
		{`"prompt": 0.0000025, "completion": "0.00001"`, "2.5/10"},
		{`"prompt": "0.000002", "completion": "0.000008", "input_cache_read": "0.0000002", "input_cache_write": "0.0000025", "internal_reasoning": "0.00001"`, "2/8 cached 0.2 write 2.5 thinking 10"},
		// A 0 in these stands for what does not apply: thinking is not free.
		{`"prompt": "0.000002", "completion": "0.000008", "input_cache_read": "0", "internal_reasoning": "0", "request": "0", "image": "0"`, "2/8"},
		{`"prompt": "0.000002", "completion": "0.000008", "discount": 0.35, "web_search": "0.01"`, "2/8"},
	} {
		if got := sayAll(one(t, openRouterOf(c.pricing)).Prices); got != c.want {
			t.Errorf("%s: %s, want %s", c.pricing, got, c.want)
		}
	}
	for pricing, want := range map[string]Reason{
		`"prompt": "-1", "completion": "-1"`:  PriceDynamic,
		`"prompt": "free", "completion": "0"`: PriceNotNumber,
		`"prompt": null, "completion": "0"`:   PriceNull,
		`"prompt": "0.1"`:                     NoPrice,
		`"image": "0.1"`:                      OtherUnit,
		``:                                    NoPrice,
		`"prompt": "0.000002", "completion": "0.000008", "request": "0.005"`: PerRequest,
		`"prompt": "0.000002", "completion": "0.000008", "request": "?"`:     PerRequest,
	} {
		f := read(t, openRouterOf(pricing))
		if len(f.Listings) != 0 || f.Skipped[want] != 1 {
			t.Errorf("%s: %d models, skipped %v, want %s", pricing, len(f.Listings), f.Skipped, want)
		}
	}
}

func TestOpenRouterModel(t *testing.T) {
	l := one(t, `{"data": [{"id": "anthropic/alpha-4.5", "canonical_slug": "anthropic/alpha-4.5-20260101", "name": "Alpha", "created": 1778247440,
		"context_length": 200000, "top_provider": {"context_length": null, "max_completion_tokens": null}, "per_request_limits": null,
		"supported_parameters": ["tools", "structured_outputs", "response_format"], "expiration_date": "2027-01-01",
		"pricing": {"prompt": "1", "completion": "2"}}]}`)
	if l.Provider != "openrouter" || l.Context != 200_000 || l.MaxOutput != 0 || l.Retired != day(t, "2027-01-01") || !l.Released.IsZero() ||
		l.Capabilities.Tools != costmodel.Supported || l.Capabilities.JSONSchema != costmodel.SupportUnknown {
		t.Errorf("%+v", l)
	}
	want := []string{"anthropic/alpha-4.5", "anthropic/alpha-4-5", "anthropic/alpha-4.5-20260101", "anthropic/alpha-4-5-20260101"}
	if got := vendors(l.Model); !slices.Equal(got, want) {
		t.Errorf("its vendor calls it %v", got)
	}
	if got := vendors(costmodel.Model{ID: "openai/alpha:free"}); got != nil {
		t.Errorf("another offer is %v", got)
	}
}
