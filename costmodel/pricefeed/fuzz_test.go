package pricefeed

import (
	"bytes"
	"strings"
	"testing"

	"costping/costmodel"
)

// fuzzFeed fuzzes one reader: whatever comes, it ends with a feed that can be
// imported, twice without a change, or with one clear sentence.
func fuzzFeed(f *testing.F, source string, seeds ...string) {
	f.Helper()
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		feed, err := Read(bytes.NewReader(data))
		if err != nil {
			refusal(t, err)
			return
		}
		if feed.Source != source {
			return // another target's
		}
		o := Options{AsOf: feed.AsOf, All: true, Accept: []string{AcceptAll}}
		if o.AsOf.IsZero() {
			o.AsOf = day(t, "2026-07-01")
		}
		once, _, err := Import(costmodel.Default(), Book{}, feed, o)
		if err != nil {
			t.Fatal(err)
		}
		written := writeBook(t, once)
		kept, err := ReadBook(bytes.NewReader(written))
		if err != nil {
			t.Fatalf("%v\n%s", err, written)
		}
		again, r, err := Import(costmodel.Default(), kept, feed, o)
		if err != nil || len(r.Taken) > 0 || !bytes.Equal(writeBook(t, again), written) {
			t.Fatalf("the second import: %v, %s", err, outcome(r))
		}
	})
}

func FuzzLiteLLM(f *testing.F) {
	fuzzFeed(f, "LiteLLM", litellmFeed,
		litellmOf(`, "input_cost_per_token": 2e-06, "output_cost_per_token": 8e-06, "input_cost_per_token_above_200k_tokens_priority": 1`),
		litellmOf(`, "tiered_pricing": [{"range": [0, 32000.0], "input_cost_per_token": 1, "output_cost_per_token": 1}]`))
}

func FuzzModelsDev(f *testing.F) {
	fuzzFeed(f, "models.dev", modelsDevFeed,
		alpha("2", "8", `, "tiers": [{"input": 4, "tier": {"type": "context", "size": 200000}}]`),
		modelsDevOf(`, "cost": {"input": 1, "output": 4}, "experimental": {"modes": {"fast": {"cost": {"input": 2, "output": 8}, "provider": {"body": {"service_tier": "flex"}}}}}`))
}

func FuzzOpenRouter(f *testing.F) {
	fuzzFeed(f, "OpenRouter", openRouterFeed, openRouterOf(`"prompt": "-1", "completion": "0", "input_cache_read": "0.1"`))
}

func FuzzGenai(f *testing.F) {
	fuzzFeed(f, "genai-prices", genaiFeed,
		genaiOf(`[{"prices": {"input_mtok": {"base": 1, "tiers": [{"start": 5, "price": 2}]}, "output_mtok": 1}}, {"constraint": {"start_date": "2026-01-01"}, "prices": {}}]`),
		genaiOf(`[{"prices": {"input_mtok": 1, "output_mtok": 1}}, {"constraint": {"start_time": "00:30:00Z", "end_time": "16:30:00Z"}, "prices": {"input_mtok": 1, "output_mtok": 1}}]`))
}

func FuzzBook(f *testing.F) {
	f.Add(string(writeBook(f, full(f))))
	f.Add(`{"format": "costping.prices/1", "models": []}`)
	f.Fuzz(func(t *testing.T, text string) {
		b, err := ReadBook(strings.NewReader(text))
		if err != nil {
			return
		}
		once := writeBook(t, b)
		again, err := ReadBook(bytes.NewReader(once))
		if err != nil || !bytes.Equal(writeBook(t, again), once) {
			t.Fatalf("%v\n%s", err, once)
		}
	})
}
