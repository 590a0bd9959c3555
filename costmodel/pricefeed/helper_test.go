package pricefeed

import (
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"

	"costping/costmodel"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// small is a catalog to import into.
const small = `
[[provider]]
id = "openai"
name = "OpenAI"
[[provider]]
id = "deepseek"
name = "DeepSeek"

[[model]]
id = "alpha"
name = "Alpha"
provider = "openai"
api_ids = ["alpha-2026-01-01"]
aliases = ["alpha-latest"]
[[model.price]]
input = 2.00
output = 8.00
cached_input = 0.50
batch = 0.5
source = "the list of June"
as_of = 2026-06-01

[[model]]
id = "tiered"
name = "Tiered"
provider = "openai"
[[model.price]]
input = 1.00
output = 4.00
source = "the list of June"
as_of = 2026-06-01
[[model.price.tier]]
above = 200_000
input = 2.00
output = 6.00

[[model]]
id = "disputed"
name = "Disputed"
provider = "openai"
[[model.price]]
input = 1.00
output = 4.00
source = "the list of June"
as_of = 2026-06-01
[[model.price]]
input = 5.00
output = 20.00
source = "a list of May"
as_of = 2026-05-01
doubt = "nobody else has it"

[[model]]
id = "night"
name = "Night"
provider = "deepseek"
[[model.price]]
input = 0.20
output = 0.40
source = "the list of June"
as_of = 2026-06-01
`

func base(t testing.TB) *costmodel.Catalog {
	t.Helper()
	c, err := costmodel.LoadCatalog(strings.NewReader(small))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func day(t testing.TB, s string) costmodel.Date {
	t.Helper()
	d, err := costmodel.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func read(t testing.TB, text string) Feed {
	t.Helper()
	f, err := Read(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return f
}

// one reads a feed with one model.
func one(t testing.TB, text string) Listing {
	t.Helper()
	f := read(t, text)
	if len(f.Listings) != 1 {
		t.Fatalf("%d models, skipped %v\n%s", len(f.Listings), f.Skipped, text)
	}
	return f.Listings[0]
}

// say writes a price as a line: input/output, the special rates that are not
// unknown, then what else it has.
func say(p costmodel.Price) string {
	words := []string{rates(p.Rates())}
	for _, t := range p.Tiers {
		words = append(words, ">"+tokensText(t.Above)+" "+rates(t.Rates))
	}
	if p.Batch.Known() {
		words = append(words, "batch "+p.Batch.String())
	}
	for _, w := range []string{string(p.Service), p.Hours.String()} {
		if w != "" {
			words = append(words, w)
		}
	}
	if !p.From.IsZero() || !p.Until.IsZero() {
		words = append(words, p.From.String()+".."+p.Until.String())
	}
	if p.Doubt != "" {
		words = append(words, "("+p.Doubt+")")
	}
	return strings.Join(words, " ")
}

func rates(r costmodel.Rates) string {
	s := string(rateOut(r.Input)) + "/" + string(rateOut(r.Output))
	for _, special := range []struct {
		name string
		rate costmodel.Rate
	}{{"cached", r.CachedInput}, {"write", r.CacheWrite}, {"thinking", r.Reasoning}} {
		if _, ok := special.rate.USD(); ok {
			s += " " + special.name + " " + string(rateOut(special.rate))
		}
	}
	if !r.Reasoning.Known() {
		s += " thinking ?"
	}
	return s
}

func tokensText(n int64) string { return costmodel.FormatTokens(new(big.Rat).SetInt64(n)) }

func sayAll(prices []costmodel.Price) string {
	lines := make([]string, len(prices))
	for i, p := range prices {
		lines[i] = say(p)
	}
	return strings.Join(lines, "; ")
}

// refusal is the sentence of an error for people.
func refusal(t testing.TB, err error) string {
	t.Helper()
	var input *costmodel.InputError
	if !errors.As(err, &input) {
		t.Fatalf("error is %v, want an *InputError", err)
	}
	if input.Hint == "" || strings.HasSuffix(input.What, ".") || strings.ContainsAny(input.What, "\n\x1b") {
		t.Errorf("not one clear sentence with a hint: %q, %q", input.What, input.Hint)
	}
	return input.What
}

func kinds(c Change) string {
	var words []string
	for _, f := range c.Flags {
		words = append(words, string(f.Kind))
	}
	slices.Sort(words)
	return strings.Join(words, " ")
}
