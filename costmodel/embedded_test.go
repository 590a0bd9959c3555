package costmodel

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func lookup(t testing.TB, name string) Model {
	t.Helper()
	m, ok := Default().Lookup(name)
	if !ok {
		t.Fatalf("there is no %s", name)
	}
	return m
}

func TestEmbeddedCatalogIsWhole(t *testing.T) {
	models := Default().Models()
	if len(models) != 116 {
		t.Errorf("the catalog has %d models", len(models))
	}
	for _, m := range models {
		p := m.PriceOn(date(t, "2026-11-20"))
		if !p.Known() || p.Doubt != "" || p.Source == "" || m.Family == "" {
			t.Errorf("%s costs %+v", m.ID, p)
		}
		if zero := p.Output.usd.Sign() == 0; zero != (m.Kind == Embedding) {
			t.Errorf("%s is of kind %s and charges %s for output", m.ID, m.Kind, p.Output)
		}
		if m.Price().Source == "" {
			t.Errorf("%s has no price without a day", m.ID)
		}
	}
}

// The rows of the facts that say the most, each with what is easily got wrong.
func TestEmbeddedPrices(t *testing.T) {
	for _, c := range []struct{ id, day, want string }{
		{"gpt-4o", "2026-11-20", "2.50/10.00/1.25/?/0.5"},
		{"gpt-4-turbo", "2026-11-20", "10.00/30.00/?/?/0.5"},
		{"gpt-5-nano", "2026-11-20", "0.05/0.40/0.005/?/0.5"},
		{"claude-3.5-sonnet", "2026-11-20", "3.00/15.00/0.30/3.75/0.5"},
		{"claude-haiku-5-5", "2026-11-20", "0.10/0.50/0.01/0.125/0.5"},
		// Conflicts: what the facts found to be right holds, however new another is.
		{"o3", "2026-11-20", "2.00/8.00/0.50/?/0.5"},
		{"gpt-5.6-luna", "2026-11-20", "0.20/1.20/0.02/0.25/0.5"},
		{"claude-sonnet-5", "2026-11-20", "2.00/10.00/0.20/2.50/0.5"},
		{"mistral-large-latest", "2026-11-20", "0.50/1.50/?/?/?"},
		{"ministral-8b-latest", "2026-11-20", "0.15/0.15/?/?/?"},
		{"codestral-latest", "2026-11-20", "0.30/0.90/?/?/?"},
		{"together/qwen3-235b-a22b-2507", "2026-11-20", "0.20/0.60/?/?/?"},
		{"gemini-1.5-pro", "2026-11-20", "1.25/5.00/?/?/?"},
		{"azure/phi-3-mini-128k", "2026-11-20", "0.13/0.52/?/?/?"},
		// Announced changes take place on their day.
		{"gemini-3.6-flash", "2026-12-31", "0.75/3.75/0.075/?/0.5"},
		{"gemini-3.6-flash", "2027-01-01", "1.50/7.50/0.15/?/0.5"},
		{"gemini-3.8-flash", "2027-01-01", "1.50/7.50/?/?/0.5"},
		{"gemini-4-argon", "2026-11-30", "2.00/10.00/0.10/?/0.5"},
		{"gemini-4-argon", "2026-12-01", "4.00/20.00/0.20/?/0.5"},
	} {
		p := lookup(t, c.id).PriceOn(date(t, c.day))
		got := strings.Join([]string{
			p.Input.String(), p.Output.String(), p.CachedInput.String(), p.CacheWrite.String(), p.Batch.String(),
		}, "/")
		if got != c.want {
			t.Errorf("on %s %s costs %s, want %s", c.day, c.id, got, c.want)
		}
	}
	next, on, ok := lookup(t, "gemini-4-argon").NextChange(date(t, "2026-11-20"))
	if !ok || on != date(t, "2026-12-01") || next.Input.String() != "4.00" {
		t.Errorf("the next price of gemini-4-argon is %s from %s, %v", next.Input, on, ok)
	}
}

func TestEmbeddedTiersAndHours(t *testing.T) {
	p := lookup(t, "gpt-5.4").Price()
	for input, want := range map[int64]string{272_000: "2.50", 272_001: "5.00"} {
		if got := p.RatesFor(input).Input.String(); got != want {
			t.Errorf("a request of %d tokens costs %s, want %s", input, got, want)
		}
	}
	tiered := 0
	for _, m := range Default().Models() {
		if len(m.Price().Tiers) > 0 {
			tiered++
		}
	}
	if tiered != 21 {
		t.Errorf("%d models have tiers", tiered)
	}
	pro := lookup(t, "deepseek-v4-pro")
	for moment, want := range map[string]string{"2026-11-20T03:00:00Z": "1.32", "2026-11-20T05:00:00Z": "0.66", "2026-11-21T03:00:00Z": "0.66"} {
		at, _ := time.Parse(time.RFC3339, moment)
		if got := pro.PriceAt(at, Standard).Input.String(); got != want {
			t.Errorf("at %s deepseek-v4-pro costs %s, want %s", moment, got, want)
		}
	}
	flex := lookup(t, "gpt-6.1-sol").PriceAt(time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC), Flex)
	if flex.Input.String() != "1.00" || flex.Output.String() != "5.00" {
		t.Errorf("gpt-6.1-sol costs %s/%s at flex", flex.Input, flex.Output)
	}
}

func TestEmbeddedFeatures(t *testing.T) {
	for id, want := range map[string]Capabilities{
		"gpt-4o":            {JSONSchema: Supported, Tools: Supported, Reasoning: Unsupported, Streaming: Supported, Batch: Supported},
		"claude-3.5-sonnet": {JSONSchema: Unsupported, Tools: Supported, Reasoning: Unsupported, Streaming: Supported, Batch: Supported},
		"claude-opus-5-5":   {Tools: Supported, Reasoning: Supported, Streaming: Supported, Batch: Supported},
		"gpt-6-astra":       {Tools: Supported, Reasoning: Supported, Streaming: Supported, Batch: Supported}, // its schema is only inferred
		"deepseek-flash":    {JSONSchema: Unsupported, Tools: Supported, Reasoning: Supported, Streaming: Supported},
		"muse-spark-1.2":    {Streaming: Supported},
	} {
		if got := lookup(t, id).Capabilities; got != want {
			t.Errorf("%s can %+v, want %+v", id, got, want)
		}
	}
	for id, want := range map[string]TokenRange{
		"gpt-4o": {40_000, 50_000}, "claude-3.5-sonnet": {60_000, 80_000}, "gemini-1.5-pro": {80_000, 120_000}, "gpt-4o-mini": {},
	} {
		if m := lookup(t, id); m.PracticalContext != want || m.Context == 0 {
			t.Errorf("%s takes %d tokens, %+v in practice", id, m.Context, m.PracticalContext)
		}
	}
}

func TestHostsOfOneModel(t *testing.T) {
	for name, want := range map[string]string{
		"groq/openai/gpt-oss-120b":         "groq/gpt-oss-120b",
		"together/openai/gpt-oss-120b":     "together/gpt-oss-120b",
		"groq/gpt-oss-120b":                "groq/gpt-oss-120b",
		"openai/gpt-oss-120b":              "", // by several hosts at several prices
		"llama-3.3-70b-versatile":          "groq/llama-3.3-70b",
		"amazon.nova-lite-v1:0":            "nova-lite",
		"gemini-1.5-pro-latest":            "gemini-1.5-pro",
		"meta-llama/Llama-3.2-3B-Instruct": "novita/llama-3.2-3b",
	} {
		if m, ok := Default().Lookup(name); ok != (want != "") || m.ID != want {
			t.Errorf("%s is %q, %v; want %q", name, m.ID, ok, want)
		}
	}
}

func TestMatch(t *testing.T) {
	for pattern, want := range map[string]string{
		"gpt-4o":                       "gpt-4o",
		"gpt-4o*":                      "gpt-4o gpt-4o-mini",
		"GPT-4?":                       "gpt-4o",
		"groq/*":                       "groq/llama-3.1-8b groq/llama-3.3-70b groq/llama-4-scout groq/gpt-oss-120b groq/gpt-oss-20b groq/qwen3-32b",
		"deepseek/*-pro":               "deepseek-v4-pro",
		"*3-5-sonnet*":                 "claude-3.5-sonnet",
		"*gpt-oss-120b":                "together/gpt-oss-120b groq/gpt-oss-120b fireworks/gpt-oss-120b",
		"zzz*":                         "",
		"?":                            "",
		"gpt-4":                        "",
		strings.Repeat("*a", 60) + "b": "",
	} {
		var ids []string
		for _, m := range Default().Match(pattern) {
			ids = append(ids, m.ID)
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("%.20q is %s, want %s", pattern, got, want)
		}
	}
	if got := len(Default().Match("*")); got != len(Default().Models()) {
		t.Errorf("* is %d models", got)
	}
}

func TestSuccessorOn(t *testing.T) {
	for _, c := range []struct{ id, day, want string }{
		{"claude-3.5-sonnet", "2026-11-20", "claude-sonnet-5-5"},
		{"claude-3.5-haiku", "2026-11-20", "claude-haiku-5-5"},
		{"claude-3.5-haiku", "2026-09-01", "claude-haiku-4-5"}, // the newest then
		{"gemini-2.0-flash", "2026-11-20", "gemini-3.8-flash"},
		{"gpt-4o", "2026-11-20", "gpt-5.5"},
		{"gpt-4o-mini", "2026-11-20", "gpt-5.4-mini"}, // the newest of the small ones
		{"o3", "2026-11-20", ""},                      // it has no relative of its class
		{"gpt-6-sol", "2026-11-20", "gpt-6.1-sol"},
		{"llama-3.1-70b", "2026-11-20", "together/llama-3.3-70b"},
	} {
		if got, ok := Default().SuccessorOn(lookup(t, c.id), date(t, c.day)); ok != (c.want != "") || got.ID != c.want {
			t.Errorf("on %s %s is followed by %q, %v; want %q", c.day, c.id, got.ID, ok, c.want)
		}
	}
	a, b := Model{ID: "a", Provider: "p", Successor: "b"}, Model{ID: "b", Provider: "p", Successor: "a"}
	a.Retired, b.Retired = date(t, "2026-01-01"), date(t, "2026-01-01")
	circle, err := NewCatalog([]Model{a, b})
	if err != nil {
		t.Fatal(err)
	}
	if next, ok := circle.SuccessorOn(a, date(t, "2026-06-01")); ok {
		t.Errorf("a circle of retired models ends in %s", next.ID)
	}
}

func TestNewCatalogWithAnotherPrice(t *testing.T) {
	models := Default().Models()
	own := price(t, "1", "2")
	own.Own, own.Source, own.AsOf = true, "mine", date(t, "2020-01-01")
	models[0].Prices = append(models[0].Prices, own)
	c, err := NewCatalog(models)
	if err != nil {
		t.Fatal(err)
	}
	m, _ := c.Lookup(models[0].ID)
	if got := m.PriceOn(date(t, "2026-11-20")); !got.Own {
		t.Errorf("%s holds before the user's own", got.Source)
	}
	if entries, err := c.List("reference"); err != nil || len(entries) != 7 {
		t.Errorf("the reference list has %d models, %v", len(entries), err)
	}
	_, err = NewCatalog([]Model{{ID: "a", Provider: "p", Aliases: []string{"b"}}, {ID: "b", Provider: "q"}})
	wantInputError(t, err, `catalog has the id "b" twice`)
	_, err = NewCatalog(nil)
	wantInputError(t, err, "catalog has no models")
}

// A successor is of the same class: a small model is never followed by a large one,
// nor one that writes by one that does not.
func TestSuccessorsAreOfTheirClass(t *testing.T) {
	c, today := Default(), date(t, "2026-11-21")
	class := func(m Model) string {
		for _, word := range []string{"mini", "nano", "lite", "flash", "haiku", "sonnet", "opus", "turbo", "micro", "70b", "8b", "3b", "sol", "luna", "terra"} {
			if slices.Contains(strings.FieldsFunc(m.ID, func(r rune) bool { return r == '-' || r == '/' }), word) {
				return word
			}
		}
		return ""
	}
	for _, m := range c.Models() {
		next, ok := c.SuccessorOn(m, today)
		if !ok {
			continue
		}
		if before, after := class(m), class(next); before != after && before != "turbo" || next.Kind != m.Kind || next.Provider != m.Provider {
			t.Errorf("%s (%s) is followed by %s (%s)", m.ID, before, next.ID, after)
		}
	}
	for id, want := range map[string]string{"gpt-4o-mini": "gpt-5.4-mini", "gpt-4o": "gpt-5.5", "claude-3.5-sonnet": "claude-sonnet-5-5", "gpt-6-sol": "gpt-6.1-sol"} {
		if next, _ := c.SuccessorOn(lookup(t, id), today); next.ID != want {
			t.Errorf("%s is followed by %q, want %q", id, next.ID, want)
		}
	}
}
