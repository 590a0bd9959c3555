package pricefeed

import (
	"fmt"
	"testing"

	"costping/costmodel"

	"pgregory.net/rapid"
)

func TestLiteLLMKeys(t *testing.T) {
	for name, want := range map[string]litellmKey{
		"input_cost_per_token":                                        {"input_cost_per_token", 0, ""},
		"input_cost_per_token_above_200k_tokens":                      {"input_cost_per_token", 200_000, ""},
		"output_cost_per_token_above_272k_tokens_priority":            {"output_cost_per_token", 272_000, "priority"},
		"input_cost_per_token_batches":                                {"input_cost_per_token", 0, "batches"},
		"cache_read_input_token_cost_flex":                            {"cache_read_input_token_cost", 0, "flex"},
		"cache_creation_input_token_cost_above_1hr":                   {"cache_creation_input_token_cost_above_1hr", 0, ""},
		"cache_creation_input_token_cost_above_1hr_above_200k_tokens": {"cache_creation_input_token_cost_above_1hr", 200_000, ""},
		"input_cost_per_token_above_0k_tokens":                        {"input_cost_per_token_above_0k_tokens", 0, ""},
		"input_cost_per_token_above_-1k_tokens":                       {"input_cost_per_token_above_-1k_tokens", 0, ""},
		"input_cost_per_token_above_99999999999999k_tokens":           {"input_cost_per_token_above_99999999999999k_tokens", 0, ""},
		"input_cost_per_token_priority_above_200k_tokens":             {"input_cost_per_token_priority", 200_000, ""},
		"k_tokens":  {"k_tokens", 0, ""},
		"_priority": {"", 0, "priority"},
		"":          {"", 0, ""},
	} {
		if got := parseLiteLLMKey(name); got != want {
			t.Errorf("%s is %+v", name, got)
		}
	}
}

// Any threshold and service that the grammar can say is read back.
func TestLiteLLMGrammar(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := litellmKey{
			kind:    rapid.SampledFrom([]string{"input_cost_per_token", "output_cost_per_reasoning_token", "x"}).Draw(t, "kind"),
			above:   rapid.Int64Range(0, 1<<30).Draw(t, "thousands") * 1000,
			service: rapid.SampledFrom(append([]string{""}, litellmServices...)).Draw(t, "service"),
		}
		name := want.kind
		if want.above > 0 {
			name += fmt.Sprintf("_above_%dk_tokens", want.above/1000)
		}
		if want.service != "" {
			name += "_" + want.service
		}
		if got := parseLiteLLMKey(name); got != want {
			t.Fatalf("%s is %+v", name, got)
		}
	})
}

// litellmOf is a feed of one chat model with the given further members.
func litellmOf(members string) string {
	return `{"alpha": {"litellm_provider": "openai", "mode": "chat"` + members + `}}`
}

func TestLiteLLMPrices(t *testing.T) {
	const plain = `, "input_cost_per_token": 2e-06, "output_cost_per_token": 8e-06`
	for _, c := range []struct{ name, members, want string }{
		{"ints", `, "input_cost_per_token": 0, "output_cost_per_token": 0`, "0/0"},
		{"cache", plain + `, "cache_read_input_token_cost": 5e-07, "cache_creation_input_token_cost": 2.5e-06`, "2/8 cached 0.5 write 2.5"},
		{"the other name of a cache hit", plain + `, "input_cost_per_token_cache_hit": 2e-07`, "2/8 cached 0.2"},
		{"both names", plain + `, "input_cost_per_token_cache_hit": 2e-07, "cache_read_input_token_cost": 5e-07`, "2/8 cached 0.5"},
		{"an hour's cache is not five minutes'", plain + `, "cache_creation_input_token_cost_above_1hr": 4e-06, "cache_creation_input_token_cost_above_1hr_above_200k_tokens": 8e-06`, "2/8"},
		{"thinking", plain + `, "output_cost_per_reasoning_token": 1e-05`, "2/8 thinking 10"},
		{"a batch", plain + `, "input_cost_per_token_batches": 1e-06, "output_cost_per_token_batches": 4e-06`, "2/8 batch 0.5"},
		{"a batch that is not one multiple", plain + `, "input_cost_per_token_batches": 1e-06, "output_cost_per_token_batches": 6e-06`, "2/8"},
		{"a batch that is no decimal", plain + `, "input_cost_per_token_batches": 0.66666e-06, "output_cost_per_token_batches": 2.66664e-06`, "2/8 batch 0.33333"},
		{"tiers", plain + `, "input_cost_per_token_above_200k_tokens": 4e-06, "output_cost_per_token_above_200k_tokens": 1.2e-05, "cache_read_input_token_cost_above_200k_tokens": 1e-06`, "2/8 >200K 4/12 cached 1"},
		{"several tiers", plain + `, "input_cost_per_token_above_256k_tokens": 6e-06, "input_cost_per_token_above_128k_tokens": 4e-06, "output_cost_per_token_above_128k_tokens": 1e-05`, "2/8 >128K 4/10 >256K 6/10"},
		{"services", plain + `, "input_cost_per_token_priority": 4e-06, "output_cost_per_token_priority": 1.6e-05, "input_cost_per_token_flex": 1e-06, "output_cost_per_token_flex": 4e-06`, "2/8; 1/4 flex; 4/16 priority"},
		{"half a service", plain + `, "input_cost_per_token_priority": 4e-06`, "2/8"},
		{"a service with tiers", plain + `, "input_cost_per_token_priority": 4e-06, "output_cost_per_token_priority": 1.6e-05, "input_cost_per_token_above_272k_tokens_priority": 8e-06`, "2/8; 4/16 >272K 8/16 priority"},
		{"ranges", `, "tiered_pricing": [{"range": [0, 32000.0], "input_cost_per_token": 1e-06, "output_cost_per_token": 5e-06}, {"range": [32000.0, 128000.0], "input_cost_per_token": 1.8e-06, "output_cost_per_token": 9e-06, "output_cost_per_reasoning_token": 2e-05}]`, "1/5 >32.0K 1.8/9 thinking 20"},
		{"other units beside tokens", plain + `, "input_cost_per_image": 0.1, "search_context_cost_per_query": {"search_context_size_low": 1}`, "2/8"},
		{"multipliers", plain + `, "regional_processing_uplift_multiplier_eu": 1.1, "provider_specific_entry": {"us": 1.1, "fast": 2}`, "2/8"},
	} {
		if got := sayAll(one(t, litellmOf(c.members)).Prices); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestLiteLLMSkips(t *testing.T) {
	for _, c := range []struct {
		text string
		want Reason
	}{
		{litellmOf(``), NoPrice},
		{litellmOf(`, "input_cost_per_token": null, "output_cost_per_token": 1e-06`), PriceNull},
		{litellmOf(`, "input_cost_per_token": -1, "output_cost_per_token": 1e-06`), PriceDynamic},
		{litellmOf(`, "input_cost_per_token": 1e400, "output_cost_per_token": 1e-06`), PriceOutOfRange},
		{litellmOf(`, "input_cost_per_second": 0.1, "output_cost_per_second": 0`), OtherUnit},
		{litellmOf(`, "input_cost_per_character": 0.1`), OtherUnit},
		{litellmOf(`, "input_dbu_cost_per_token": 1e-06, "output_dbu_cost_per_token": 1e-06`), OtherUnit},
		{litellmOf(`, "input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06, "input_cost_per_request": 0.005`), PerRequest},
		{litellmOf(`, "mode": "image_generation", "input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06`), OtherKind},
		{litellmOf(`, "tiered_pricing": [{"range": [5, 10], "input_cost_per_token": 1, "output_cost_per_token": 1}]`), BadTiers},
		{litellmOf(`, "tiered_pricing": [{"range": [0, 10], "input_cost_per_token": 1, "output_cost_per_token": 1}, {"range": [11, 20], "input_cost_per_token": 1, "output_cost_per_token": 1}]`), BadTiers},
		{litellmOf(`, "tiered_pricing": [{"max_results_range": [0, 25], "input_cost_per_query": 0.005}]`), BadTiers},
		{litellmOf(`, "tiered_pricing": "soon"`), BadTiers},
		{`{"sample_spec": {"litellm_provider": "one of", "mode": "one of: chat"}}`, NotAModel},
		{`{"x": {"litellm_provider": "openai", "mode": "search"}, "fallback_generalizations": {"rules": [{"pattern": "^a"}]}}`, NotAModel},
	} {
		f := read(t, c.text)
		if len(f.Listings) != 0 || f.Skipped[c.want] != 1 {
			t.Errorf("%s: %d models, skipped %v, want %s", c.text, len(f.Listings), f.Skipped, c.want)
		}
	}
}

func TestLiteLLMModel(t *testing.T) {
	l := one(t, `{"gemini/alpha-2": {"litellm_provider": "gemini", "mode": "chat", "input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06,
		"max_input_tokens": 2000000.0, "max_output_tokens": 8192, "deprecation_date": "2027-01-14",
		"supports_function_calling": true, "supports_native_streaming": false, "supports_vision": true}}`)
	c := l.Capabilities
	if l.Provider != "google" || l.ID != "alpha-2" || l.Context != 2_000_000 || l.MaxOutput != 8192 || l.Retired != day(t, "2027-01-14") ||
		c.Tools != costmodel.Supported || c.Streaming != costmodel.Unsupported || c.JSONSchema != costmodel.SupportUnknown || c.Batch != costmodel.SupportUnknown {
		t.Errorf("%+v", l)
	}
	// The host is what litellm_provider says; the key repeats it, or does not.
	for key, want := range map[[2]string]string{
		{"gpt-4o", "openai"}:                             "gpt-4o",
		{"groq/openai/gpt-oss-120b", "groq"}:             "openai/gpt-oss-120b",
		{"together_ai/meta-llama/Llama", "together_ai"}:  "meta-llama/Llama",
		{"dashscope/qwen-plus", "dashscope"}:             "qwen-plus",
		{"meta-llama/Llama", "groq"}:                     "meta-llama/Llama",
		{"fireworks_ai/accounts/f/m/x", "fireworks_ai"}:  "accounts/f/m/x",
		{"bedrock/us-east-1/amazon.titan", "bedrock"}:    "us-east-1/amazon.titan",
		{"vertex_ai/gemini-2.0-flash", "vertex_ai-lang"}: "vertex_ai/gemini-2.0-flash",
		{"openai/", "openai"}:                            "openai/",
	} {
		if got := litellmName(key[0], key[1]); got != want {
			t.Errorf("%v is %s, want %s", key, got, want)
		}
	}
	embedding := one(t, `{"e": {"litellm_provider": "openai", "mode": "embedding", "input_cost_per_token": 2e-08, "output_cost_per_token": 0.0}}`)
	if embedding.Kind != costmodel.Embedding || sayAll(embedding.Prices) != "0.02/0" {
		t.Errorf("%+v", embedding)
	}
	without := one(t, `{"e": {"litellm_provider": "openai", "mode": "completion", "input_cost_per_token": 2e-08, "output_cost_per_token": 1e-07}}`)
	if without.Kind != costmodel.Chat {
		t.Errorf("without a mode it is %s", without.Kind)
	}
}
