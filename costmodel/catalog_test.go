package costmodel

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
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
	if got := strings.Join(c.Lists(), " "); got != "reference demo" {
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
	_, err = c.List("refrence")
	wantInputError(t, err, `there is no list "refrence"`)
	var input *InputError
	if errors.As(err, &input); !strings.Contains(input.Hint, "reference and demo") {
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
		{"gpt-4o-mni", 2, "gpt-4o-mini gpt-4o"},
		{"gpt4o", 1, "gpt-4o"},
		{"pgt-4o", 1, "gpt-4o"},
		{"claude-3-5-sonnet-20241023", 1, "claude-3.5-sonnet"},
		{"claude-3-5-sonnet", 1, "claude-3.5-sonnet"},
		{"Gemini-2.0-Flash-Lite", 1, "gemini-3.5-flash-lite"},
		{"haiku", 3, "claude-3.5-haiku"},
		{"llama", 3, "llama-3.1-70b"},
		{"flash", 3, "gemini-2.0-flash gemini-3.5-flash-lite"},
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
	for _, m := range Default().Models() {
		if _, ok := m.Disagreement(m.Price()); ok != (m.ID == "llama-3.1-70b") {
			t.Errorf("the sources of %s differ: %v", m.ID, ok)
		}
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

const (
	providerText = "[[provider]]\nid = \"p\"\nname = \"P\"\n"
	modelText    = "[[model]]\nid = \"m\"\nname = \"M\"\nprovider = \"p\"\n"
	priceText    = "[[model.price]]\ninput = 1\noutput = 2.50\nsource = \"s\"\nas_of = 2026-01-02\n"
)

func TestLoadCatalog(t *testing.T) {
	c, err := LoadCatalog(strings.NewReader(providerText + modelText +
		"[[model.price]]\ninput = \"none\"\noutput = 0.1\nsource = \"s\"\nas_of = \"2026-01-02\"\n" +
		"[[model.price]]\ninput = 0\nsource = \"t\"\nas_of = 2026-01-01\n"))
	if err != nil {
		t.Fatal(err)
	}
	m := c.Models()[0]
	first, second := m.Prices[0], m.Prices[1]
	if !first.Input.Absent() || first.Output.String() != "0.10" || first.AsOf != date(t, "2026-01-02") {
		t.Errorf("the first price is %+v", first)
	}
	if second.Input.String() != "0.00" || second.Output.Known() {
		t.Errorf("the second price is %+v", second)
	}
	_, err = c.List("any")
	wantInputError(t, err, `there is no list "any"`)
}

func TestLoadCatalogRefuses(t *testing.T) {
	whole := providerText + modelText + priceText
	with := func(old, replacement string) string {
		if !strings.Contains(whole, old) {
			t.Fatalf("the catalog of the test has no %q", old)
		}
		return strings.Replace(whole, old, replacement, 1)
	}
	if _, err := LoadCatalog(strings.NewReader(whole)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "catalog has no models"},
		{"no models", providerText, "catalog has no models"},
		{"no TOML", "[[model", `catalog line 1, column 7: `},
		{"unknown key", with("input =", "inptu ="), `catalog line 9, column 1: unknown key "model.price.inptu"`},
		{"unknown table", whole + "[extra]\na = 1\n", `catalog line 13, column 2: unknown key "extra"`},
		{"wrong type", with(`name = "M"`, "name = 3"), "catalog line 6, column 8: "},
		{"no such day", with("2026-01-02", "2026-02-30"), "catalog line 12, column 17: "},
		{"no date", with("2026-01-02", `"soon"`), "catalog line 12, column 9: "},
		{"year 0", with("2026-01-02", "0000-01-02"), `model "m" as_of: "0000-01-02" is not a date`},
		{"a time", with("2026-01-02", "2026-01-02T10:00:00Z"), "catalog line 12, column 9: "},
		{"id twice", whole + modelText + priceText, `catalog has the id "m" twice`},
		{"id twice but for case", whole + strings.Replace(modelText, `"m"`, `"M"`, 1) + priceText, `catalog has the id "M" twice`},
		{"API id is an id", with(`id = "m"`, "id = \"m\"\napi_ids = [\"m\"]"), `catalog has the id "m" twice`},
		{"provider twice", providerText + whole, `catalog has provider "p" twice`},
		{"provider not listed", with(`provider = "p"`, `provider = "q"`), `model "m" has provider "q", which the catalog does not list`},
		{"empty id", with(`id = "m"`, `id = ""`), "model in the catalog has an empty id, name, provider or source"},
		{"spaces", with(`id = "m"`, `id = " m"`), `model in the catalog has spaces around " m"`},
		{"escape sequence", with(`name = "M"`, `name = "M\u001b[2J"`), `model in the catalog has a text that is too long or cannot be printed: "M\x1b[2J"`},
		{"long text", with(`"s"`, `"`+strings.Repeat("s", 401)+`"`), `model "m" in the catalog has a text that is too long or cannot be printed: "` + strings.Repeat("s", 40) + `…"`},
		{"no price", providerText + modelText, `model "m" has no price`},
		{"no source", with("source = \"s\"\n", ""), `model "m" has a price without source`},
		{"no as_of", with("as_of = 2026-01-02\n", ""), `model "m" has a price without as_of`},
		{"no rates", with("input = 1\noutput = 2.50\n", ""), `model "m" has a price with neither input nor output`},
		{"negative", with("input = 1", "input = -1"), `model "m" input price: amount "-1" is negative`},
		{"not a number", with("output = 2.50", "output = nan"), `model "m" output price: amount "nan" is not a number`},
		{"too large", with("output = 2.50", "output = 1e300"), `model "m" output price: amount "1e300" is too large or too finely divided`},
		{"a list of rates", with("output = 2.50", "output = [1]"), "catalog line 10, column "},
		{"retired before released", with(`name = "M"`, "name = \"M\"\nreleased = 2026-01-02\nretired = 2026-01-01"), `model "m" is retired before it is released`},
		{"pin without list", whole + "pin = [\"l\"]\n", `model "m" pins a price for list "l", which it is not on`},
		{"pin twice", with(`name = "M"`, "name = \"M\"\nlists = [\"l\"]") + "pin = [\"l\"]\n" + priceText + "pin = [\"l\"]\n", `model "m" pins two prices for list "l"`},
		{"too long", strings.Repeat("# \n", maxCatalogBytes/3+1), "catalog is larger than 4 MiB"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := LoadCatalog(strings.NewReader(c.text))
			if err == nil {
				t.Fatal("it was taken")
			}
			// Where the rest of the sentence is the decoder's, the place is held.
			if strings.HasSuffix(c.want, " ") {
				wantInputErrorForm(t, err)
				if !strings.HasPrefix(err.Error(), c.want) {
					t.Errorf("error is %q, want %q ...", err, c.want)
				}
				return
			}
			wantInputError(t, err, c.want)
		})
	}
	broken := errors.New("disk gone")
	if _, err := LoadCatalog(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("a failing reader gives %v", err)
	}
}

func FuzzLoadCatalog(f *testing.F) {
	f.Add(providerText + modelText + priceText)
	f.Add(string(embeddedCatalog))
	f.Add("[[model]]\nid = 1e400")
	f.Add("model = [{id = \"m\", price = [{input = inf}]}]")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := LoadCatalog(strings.NewReader(text))
		if err != nil {
			wantInputErrorForm(t, err)
			return
		}
		for _, m := range c.Models() {
			found, ok := c.Lookup(m.ID)
			if !ok || found.ID != m.ID || !printable(m.ID+m.Name) {
				t.Fatalf("%q is not found as itself", m.ID)
			}
			for _, p := range m.Prices {
				if p.Source == "" || p.AsOf.IsZero() || p.Input.usd.Sign() < 0 || p.Output.usd.Sign() < 0 {
					t.Fatalf("%q has the price %+v", m.ID, p)
				}
			}
		}
		for _, list := range c.Lists() {
			if entries, err := c.List(list); err != nil || len(entries) == 0 {
				t.Fatalf("list %q has %d entries, %v", list, len(entries), err)
			}
		}
	})
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
