package costmodel

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestDefaultCatalog(t *testing.T) {
	for _, c := range []struct {
		id, name, provider, providerName, input, output, asOf, released, retired string
	}{
		{"gpt-4o", "GPT-4o", "openai", "OpenAI", "2.50", "10.00", "2026-08-21", "2024-05-13", "2027-01-14"},
		{"claude-3.5-sonnet", "Claude 3.5 Sonnet", "anthropic", "Anthropic", "3.00", "15.00", "2026-08-21", "2024-10-22", "2025-10-28"},
		{"gemini-1.5-pro", "Gemini 1.5 Pro", "google", "Google", "1.25", "5.00", "2025-09-29", "2024-05-14", "2025-09-29"},
		{"claude-3.5-haiku", "Claude 3.5 Haiku", "anthropic", "Anthropic", "0.80", "4.00", "2026-08-21", "2024-11-04", "2026-02-19"},
		{"llama-3.1-70b", "Llama 3.1 70B", "together", "Together AI", "0.90", "0.90", "2026-07-24", "2024-07-23", ""},
		{"gpt-4o-mini", "GPT-4o-mini", "openai", "OpenAI", "0.15", "0.60", "2026-08-21", "2024-07-18", "2027-01-14"},
		{"gemini-2.0-flash", "Gemini 2.0 Flash", "google", "Google", "0.10", "0.40", "2026-08-21", "2024-12-11", "2026-06-01"},
		{"gemini-3.5-flash-lite", "Gemini 3.5 Flash-Lite", "google", "Google", "0.30", "2.50", "2026-10-07", "", ""},
	} {
		m, ok := Default().Lookup(c.id)
		if !ok {
			t.Errorf("there is no %s", c.id)
			continue
		}
		if m.ID != c.id || m.Name != c.name || m.Provider != c.provider || m.ProviderName != c.providerName {
			t.Errorf("%s is %s by %s, %s", c.id, m.Name, m.Provider, m.ProviderName)
		}
		if m.Released.String() != c.released || m.Retired.String() != c.retired {
			t.Errorf("%s was released %q, retired %q", c.id, m.Released, m.Retired)
		}
		p := m.PriceIn("demo")
		if p.Input.String() != c.input || p.Output.String() != c.output || p.AsOf.String() != c.asOf || p.Source == "" {
			t.Errorf("%s costs %s/%s as of %s by %q", c.id, p.Input, p.Output, p.AsOf, p.Source)
		}
	}
}

func TestLists(t *testing.T) {
	c := Default()
	if got := strings.Join(c.Lists(), " "); got != "reference demo starter" {
		t.Errorf("the lists are %s", got)
	}
	ids := func(entries []Entry) (ids []string) {
		for _, e := range entries {
			ids = append(ids, e.Model.ID)
		}
		return ids
	}
	reference, err := c.List("reference")
	if err != nil {
		t.Fatal(err)
	}
	demo, err := c.List("demo")
	if err != nil {
		t.Fatal(err)
	}
	if want := append(ids(reference), "gemini-3.5-flash-lite"); !slices.Equal(ids(demo), want) {
		t.Errorf("demo is %v, want %v", ids(demo), want)
	}
	starter, err := c.List("starter")
	if err != nil || len(starter) != 12 {
		t.Errorf("%d models to start with: %v", len(starter), err)
	}
	for _, e := range starter {
		if !e.Price.Known() || e.Model.RetiredOn(date(t, "2026-11-21")) {
			t.Errorf("%s is no model to start with", e.Model.ID)
		}
	}
	_, err = c.List("refrence")
	wantInputError(t, err, `there is no list "refrence"`)
	var input *InputError
	if errors.As(err, &input); !strings.Contains(input.Hint, "reference, demo and starter") {
		t.Errorf("the hint is %q", input.Hint)
	}
}

func TestLookup(t *testing.T) {
	for name, want := range map[string]string{
		"gpt-4o":                              "gpt-4o",
		"GPT-4o":                              "gpt-4o",
		" gpt-4o ":                            "gpt-4o",
		"gpt-4o-2024-11-20":                   "gpt-4o",
		"openai/gpt-4o":                       "gpt-4o",
		"OpenAI/GPT-4o-2024-11-20":            "gpt-4o",
		"gpt-4o-mini":                         "gpt-4o-mini",
		"claude-3-5-sonnet-20241022":          "claude-3.5-sonnet",
		"anthropic/claude-3-5-haiku-20241022": "claude-3.5-haiku",
		"gemini-2.0-flash":                    "gemini-2.0-flash",
		"meta-llama/Meta-Llama-3.1-70B-Instruct-Turbo":          "llama-3.1-70b",
		"meta-llama/meta-llama-3.1-70b-instruct-turbo":          "llama-3.1-70b",
		"together/meta-llama/Meta-Llama-3.1-70B-Instruct-Turbo": "llama-3.1-70b",
		"":                     "",
		"/":                    "",
		"openai/":              "",
		"gpt-4":                "",
		"anthropic/gpt-4o":     "",
		"openai/openai/gpt-4o": "",
	} {
		m, ok := Default().Lookup(name)
		if ok != (want != "") || m.ID != want {
			t.Errorf("%q is %q, %v; want %q", name, m.ID, ok, want)
		}
	}
}

func TestNearest(t *testing.T) {
	for _, c := range []struct {
		name string
		n    int
		want string
	}{
		{"gpt-4o-mni", 1, "gpt-4o-mini"},
		{"gpt-4o-mni", 2, "gpt-4o-mini gpt-4.1-mini"},
		{"gpt4o", 1, "gpt-4o"},
		{"pgt-4o", 1, "gpt-4o"},
		{"claude-3-5-sonnet-20241023", 1, "claude-3.5-sonnet"},
		{"claude-3-5-sonnet", 1, "claude-3.5-sonnet"},
		{"Gemini-2.0-Flash-Lit", 1, "gemini-2.0-flash-lite"},
		{"haiku", 3, "claude-3.5-haiku claude-haiku-4-5 claude-haiku-5-5"},
		{"llama", 3, "llama-3.1-70b together/llama-3.1-8b together/llama-3.3-70b"},
		{"flash", 3, "gemini-2.0-flash gemini-3.5-flash-lite gemini-2.0-flash-lite"},
		{"xyzzy", 3, ""},
		{"", 3, ""},
		{"gpt-4o", 0, ""},
		{"gpt-4o", -1, ""},
		{strings.Repeat("gpt-4o", 1000), 3, ""},
	} {
		if got := strings.Join(Default().Nearest(c.name, c.n), " "); got != c.want {
			t.Errorf("nearest %d to %.30q: %s; want %s", c.n, c.name, got, c.want)
		}
	}
}

func TestWhichPriceHolds(t *testing.T) {
	llama, _ := Default().Lookup("llama-3.1-70b")
	for list, want := range map[string]string{"reference": "0.90", "demo": "0.90", "other": "0.88", "": "0.88"} {
		if got := llama.PriceIn(list).Input.String(); got != want {
			t.Errorf("on list %q it costs %s, want %s", list, got, want)
		}
	}
	if got := llama.Price(); got.Input.String() != "0.88" || got.AsOf != date(t, "2026-08-21") {
		t.Errorf("the newest price is %s as of %s", got.Input, got.AsOf)
	}
	equals := Model{Prices: []Price{{Source: "old"}, {Source: "first", AsOf: date(t, "2026-01-01")}, {Source: "second", AsOf: date(t, "2026-01-01")}}}
	if got := equals.Price().Source; got != "first" {
		t.Errorf("of two equally new prices the %s holds", got)
	}
	if (Model{}).Price().Known() {
		t.Error("a model without prices has a known one")
	}
}

func TestDisagreement(t *testing.T) {
	llama, _ := Default().Lookup("llama-3.1-70b")
	for _, held := range []Price{llama.PriceIn("reference"), llama.Price()} {
		d, ok := llama.Disagreement(held)
		if !ok || fixed(d.Percent, 1) != "2.3" || d.Other.Input.Equal(held.Input) {
			t.Errorf("held %s: %v, %v", held.Input, d, ok)
		}
	}
	d, _ := llama.Disagreement(llama.PriceIn("reference"))
	const want = "0.88 in, 0.88 out by genai-prices 2026-08-21, litellm 2026-07-24 (Together AI, the Turbo model by its own id) as of 2026-08-21: 2.3 % apart"
	if d.String() != want {
		t.Errorf("it reads %q", d)
	}
	typo, _ := Default().Lookup("together/qwen3-235b-a22b-2507")
	if d, _ := typo.Disagreement(typo.Price()); !strings.HasSuffix(d.String(), "apart, doubted: output ten times too high since 2025-08-20") {
		t.Errorf("it reads %q", d)
	}
	// Where the facts conflict, the catalog has both, and only there.
	var conflicts []string
	for _, m := range Default().Models() {
		if _, ok := m.Disagreement(m.Price()); ok {
			conflicts = append(conflicts, m.ID)
		}
	}
	const differ = "gemini-1.5-pro llama-3.1-70b o3 gpt-5.6-sol gpt-5.6-terra gpt-5.6-luna claude-sonnet-5 gemini-3.6-flash " +
		"mistral-large-latest mistral-medium-latest mistral-small-latest ministral-8b-latest codestral-latest mistral-nemo " +
		"together/qwen3-235b-a22b-2507 fireworks/llama-3.1-8b deepseek-chat deepseek-reasoner deepseek-v4-flash deepseek-v4-pro " +
		"qwen-plus qwen3-max qwen3.6-plus grok-4.20-0309-reasoning nova-2-lite azure/phi-3-mini-128k"
	if got := strings.Join(conflicts, " "); got != differ {
		t.Errorf("the sources differ on %s\nwant %s", got, differ)
	}
	for _, c := range []struct {
		held, other Price
		want        string // percent, "" where they agree
	}{
		{price(t, "1", "10"), price(t, "1", "10.2"), ""}, // exactly 2 %
		{price(t, "1", "10"), price(t, "1", "10.21"), "2.1"},
		{price(t, "1.05", "10"), price(t, "1", "11"), "10.0"},
		{price(t, "1", "10"), price(t, "3", "10"), "200.0"},
		{price(t, "0", "10"), price(t, "3", "10"), "100.0"},
		{price(t, "none", "10"), price(t, "3", "10"), "100.0"},
		{price(t, "none", "0"), price(t, "0", "none"), ""},
		{price(t, "", "10"), price(t, "3", "10"), ""},
		{price(t, "3", "10"), price(t, "", ""), ""},
	} {
		d, ok := Model{Prices: []Price{c.held, c.other}}.Disagreement(c.held)
		if ok != (c.want != "") || ok && fixed(d.Percent, 1) != c.want {
			t.Errorf("%s/%s against %s/%s: %v, %v; want %q",
				c.held.Input, c.held.Output, c.other.Input, c.other.Output, d.Percent, ok, c.want)
		}
	}
}

func TestRetirement(t *testing.T) {
	mini, _ := Default().Lookup("gpt-4o-mini")
	for day, want := range map[string]struct {
		retired bool
		left    int
	}{
		"2026-11-20": {false, 55},
		"2027-01-13": {false, 1},
		"2027-01-14": {true, 0},
		"2027-01-15": {true, -1},
	} {
		left, ok := mini.DaysLeft(date(t, day))
		if got := mini.RetiredOn(date(t, day)); got != want.retired || left != want.left || !ok {
			t.Errorf("on %s: retired %v, %d days left, %v", day, got, left, ok)
		}
	}
	llama, _ := Default().Lookup("llama-3.1-70b")
	if _, ok := llama.DaysLeft(date(t, "2026-11-20")); ok || llama.RetiredOn(date(t, "9999-12-31")) {
		t.Error("a model without a retirement date has one")
	}
}

func TestCatalogDoesNotChange(t *testing.T) {
	c := Default()
	spoil := func(m Model) {
		m.Prices[0] = Price{}
		m.Lists[0] = "spoiled"
		for i := range m.APIIDs {
			m.APIIDs[i] = "spoiled"
		}
	}
	entries, _ := c.List("reference")
	looked, _ := c.Lookup("gpt-4o")
	spoil(looked)
	spoil(entries[1].Model)
	spoil(c.Models()[2])
	c.Lists()[0] = "spoiled"
	for _, m := range c.Models() {
		if !m.Price().Known() || slices.Contains(m.Lists, "spoiled") || slices.Contains(m.APIIDs, "spoiled") {
			t.Errorf("%s was changed from outside", m.ID)
		}
	}
	if c.Lists()[0] != "reference" {
		t.Error("the lists were changed from outside")
	}
}

func TestCatalogIsSafeForConcurrentUse(t *testing.T) {
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for _, m := range Default().Models() {
				if _, ok := Default().Lookup(m.ID); !ok {
					t.Errorf("%s is not found", m.ID)
				}
			}
			_, _ = Default().List("reference")
			_ = Default().Nearest("gpt", 2)
		})
	}
	wg.Wait()
}

func TestModelIs(t *testing.T) {
	m, ok := Default().Lookup("gpt-4o")
	if !ok {
		t.Fatal("no gpt-4o")
	}
	for name, want := range map[string]bool{
		"gpt-4o": true, "GPT-4o": true, "gpt-4o-2024-11-20": true, "gpt-4o-mini": false, "": false, "gpt-4": false,
	} {
		if got := m.Is(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}
