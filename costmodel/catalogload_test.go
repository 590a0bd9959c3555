package costmodel

import (
	"errors"
	"strings"
	"testing"
	"testing/iotest"
)

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
		{"family of spaces", with(`name = "M"`, "name = \"M\"\nfamily = \" \""), "model in the catalog has an empty id, name, provider or source"},
		{"kind", with(`name = "M"`, "name = \"M\"\nkind = \"video\""), `model "m" has the kind "video", which is neither chat nor embedding`},
		{"no such capability", with(`name = "M"`, "name = \"M\"\ncan = [\"fly\"]"), `model "m" has the unknown capability "fly"`},
		{"can and cannot", with(`name = "M"`, "name = \"M\"\ncan = [\"tools\"]\ncannot = [\"tools\"]"), `model "m" has the capability "tools" twice`},
		{"negative context", with(`name = "M"`, "name = \"M\"\ncontext = -1"), `model "m" has a negative number of tokens`},
		{"practical context", with(`name = "M"`, "name = \"M\"\ncontext = 10\npractical_context = [5, 11]"), `model "m" has a practical_context that is not two rising numbers within its context`},
		{"one source alone", with(`name = "M"`, "name = \"M\"\ncontext = 10\ncontext_by = [{tokens = 10, source = \"a\"}]"), `model "m" has a context_by that is not its context, and then what others say instead`},
		{"others alone", with(`name = "M"`, "name = \"M\"\ncontext = 10\ncontext_by = [{tokens = 11, source = \"a\"}, {tokens = 12, source = \"b\"}]"), `model "m" has a context_by that is not its context, and then what others say instead`},
		{"half a practical context", with(`name = "M"`, "name = \"M\"\npractical_context = [5]"), `model "m" has a practical_context that is not two rising numbers within its context`},
		{"no such successor", with(`name = "M"`, "name = \"M\"\nsuccessor = \"n\""), `model "m" has the successor "n", which the catalog does not have`},
		{"alias of another", whole + strings.Replace(modelText, `"m"`, "\"n\"\naliases = [\"m\"]", 1) + priceText, `catalog has the id "m" twice`},
		{"cached input", whole + "cached_input = -1\n", `model "m" cached input price: amount "-1" is negative`},
		{"batch in percent", whole + "batch = 50\n", `model "m" batch: multiplier "50" is too large or too finely divided`},
		{"service", whole + "service = \"fast\"\n", `model "m": there is no service tier "fast"`},
		{"hours", whole + "hours = \"night\"\n", `model "m" hours: "night" are not times of day`},
		{"ends before it begins", whole + "from = 2026-01-02\nuntil = 2026-01-02\n", `model "m" has a price that ends before it begins`},
		{"empty doubt", whole + "doubt = \" \"\n", `model "m" in the catalog has an empty id, name, provider or source`},
		{"tier of nothing", whole + "[[model.price.tier]]\nabove = 5\n", `model "m" tier has a price with neither input nor output`},
		{"tier at 0", whole + "[[model.price.tier]]\ninput = 5\n", `model "m" has tiers that do not rise in above`},
		{"falling tiers", whole + strings.Repeat("[[model.price.tier]]\nabove = 5\ninput = 5\n", 2), `model "m" has tiers that do not rise in above`},
		{"unknown key of a tier", whole + "[[model.price.tier]]\nbelow = 5\n", `catalog line 14, column 1: unknown key "model.price.tier.below"`},
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

func TestLoadWholeModel(t *testing.T) {
	c, err := LoadCatalog(strings.NewReader(providerText + `
[[model]]
id = "m"
name = "M"
provider = "p"
family = "f"
kind = "embedding"
api_ids = ["m-2026"]
aliases = ["m-latest"]
released = 2026-01-01
retired = 2026-06-01
successor = "n"
context = 200_000
max_output = 8_000
practical_context = [40_000, 50_000]
can = ["tools", "batch"]
cannot = ["json_schema", "streaming"]

[[model.price]]
input = 2
output = 10
cached_input = 0.2
cache_write = "none"
batch = "none"
service = "flex"
hours = "01:00-04:00 Mon-Fri"
from = 2026-01-01
until = 2026-03-01
source = "s"
as_of = 2026-01-02
doubt = "a slip"

[[model.price.tier]]
above = 100_000
input = 4
output = 15
reasoning = 20

[[model]]
id = "n"
name = "N"
provider = "p"
` + priceText))
	if err != nil {
		t.Fatal(err)
	}
	m, ok := c.Lookup("M-Latest")
	if !ok || !m.Is("m-2026") || m.Family != "f" || m.Kind != Embedding || m.Successor != "n" ||
		m.Context != 200_000 || m.MaxOutput != 8_000 || m.PracticalContext != (TokenRange{40_000, 50_000}) {
		t.Errorf("the model is %+v", m)
	}
	if m.Capabilities != (Capabilities{JSONSchema: Unsupported, Tools: Supported, Streaming: Unsupported, Batch: Supported}) {
		t.Errorf("it can %+v", m.Capabilities)
	}
	want := price(t, "2", "10")
	want.CachedInput, want.CacheWrite, want.Reasoning, want.Batch = rate(t, "0.2"), NoCharge(), NoCharge(), NoOffer()
	want.Tiers = []Tier{{Above: 100_000, Rates: Rates{Input: rate(t, "4"), Output: rate(t, "15"), Reasoning: rate(t, "20")}}}
	want.Service, want.From, want.Until = Flex, date(t, "2026-01-01"), date(t, "2026-03-01")
	want.Hours, _ = ParseHours("01:00-04:00 Mon-Fri")
	want.Source, want.AsOf, want.Doubt = "s", date(t, "2026-01-02"), "a slip"
	if !m.Prices[0].Equal(want) {
		t.Errorf("the price is %+v", m.Prices[0])
	}
	n, _ := c.Lookup("n")
	if p := n.Price(); n.Kind != Chat || p.CachedInput.Known() || p.Batch.Known() || !p.Reasoning.Absent() || n.Capabilities != (Capabilities{}) {
		t.Errorf("what is left out is %+v", n)
	}
	if next, ok := c.SuccessorOn(m, date(t, "2026-06-01")); !ok || next.ID != "n" {
		t.Errorf("the successor is %q, %v", next.ID, ok)
	}
}

func BenchmarkLoadCatalog(b *testing.B) {
	for b.Loop() {
		if _, err := LoadCatalog(strings.NewReader(string(embeddedCatalog))); err != nil {
			b.Fatal(err)
		}
	}
}
