package costmodel

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// imported is a model as a feed may give it.
func imported(id, provider string, prices ...Price) Model {
	for i := range prices {
		prices[i].Source = "feed"
	}
	return Model{ID: id, Name: id, Provider: provider, ProviderName: provider, Kind: Chat, Prices: prices}
}

func dated(t testing.TB, p Price, asOf string) Price {
	t.Helper()
	p.AsOf = date(t, asOf)
	return p
}

func TestWithFurtherPrices(t *testing.T) {
	older := dated(t, price(t, "2.5", "9"), "2026-01-01")
	newer := dated(t, price(t, "2.5", "10"), "2026-11-01")
	for name, m := range map[string]Model{
		"by its id":     imported("gpt-4o", "openai", older, newer),
		"by an API id":  imported("gpt-4o-2024-11-20", "openai", older, newer),
		"in other case": imported("GPT-4o", "openai", older, newer),
	} {
		c, err := Default().With([]Model{m})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, _ := c.Lookup("gpt-4o")
		was, _ := Default().Lookup("gpt-4o")
		if len(c.Models()) != len(Default().Models()) || got.Name != was.Name || got.Context != was.Context || len(got.Prices) != len(was.Prices)+2 {
			t.Fatalf("%s: %+v", name, got)
		}
		p := got.PriceOn(date(t, "2026-11-20"))
		if p.Source != "feed" || p.AsOf != date(t, "2026-11-01") {
			t.Errorf("%s: the price of %s by %s holds", name, p.AsOf, p.Source)
		}
		// What the newer one does not speak of is what was said at the same rates.
		if p.Batch.String() != "0.5" || p.CachedInput.String() != "1.25" {
			t.Errorf("%s: batch %s, cached %s", name, p.Batch, p.CachedInput)
		}
		if odd := got.Prices[len(got.Prices)-2]; odd.Batch.Known() || odd.CachedInput.Known() {
			t.Errorf("%s: other rates took batch %s, cached %s", name, odd.Batch, odd.CachedInput)
		}
	}
	if m, _ := Default().Lookup("gpt-4o"); slices.ContainsFunc(m.Prices, func(p Price) bool { return p.Source == "feed" }) {
		t.Error("the embedded catalog was changed")
	}
}

// What is doubted completes nothing.
func TestDoubtedPricesFillNothing(t *testing.T) {
	doubted := dated(t, price(t, "1", "2"), "2026-10-01")
	doubted.Doubt, doubted.CachedInput = "made up", rate(t, "0.1")
	c, err := Default().With([]Model{imported("a/b", "a", dated(t, price(t, "1", "2"), "2026-11-01"), doubted)})
	if err != nil {
		t.Fatal(err)
	}
	if m, _ := c.Lookup("a/b"); m.Price().CachedInput.Known() {
		t.Errorf("cached input is %s", m.Price().CachedInput)
	}
}

// A list keeps the price that is pinned for it.
func TestWithKeepsPins(t *testing.T) {
	c, err := Default().With([]Model{imported("llama-3.1-70b", "together", dated(t, price(t, "5", "5"), "2026-11-01"))})
	if err != nil {
		t.Fatal(err)
	}
	m, _ := c.Lookup("llama-3.1-70b")
	if got := m.PriceIn("reference").Input.String(); got != "0.90" {
		t.Errorf("on the list it costs %s", got)
	}
	if got := m.Price().Input.String(); got != "5.00" {
		t.Errorf("elsewhere it costs %s", got)
	}
}

func TestWithFurtherModels(t *testing.T) {
	p := dated(t, price(t, "1", "2"), "2026-01-01")
	azure, aws := imported("azure/gpt-4o", "azure", p), imported("aws/x", "aws", p)
	azure.APIIDs = []string{"gpt-4o", "gpt-4o-2024-11-20", "openai/gpt-4o", "x", "x"}
	aws.APIIDs, aws.Lists, aws.Aliases = []string{"x", "azure/gpt-4o"}, []string{"demo"}, []string{"latest"}
	c, err := Default().With([]Model{azure, aws})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"gpt-4o": "gpt-4o", "gpt-4o-2024-11-20": "gpt-4o", "openai/gpt-4o": "gpt-4o", "azure/gpt-4o": "azure/gpt-4o",
		"x": "", "azure/x": "azure/gpt-4o", "aws/x": "aws/x", "latest": "",
	} {
		if m, _ := c.Lookup(name); m.ID != want {
			t.Errorf("%s is %q, want %q", name, m.ID, want)
		}
	}
	if demo, _ := c.List("demo"); slices.ContainsFunc(demo, func(e Entry) bool { return e.Model.ID == "aws/x" }) {
		t.Error("an imported model put itself on a list")
	}
}

func TestWithWhatCannotStand(t *testing.T) {
	good := func() Model { return imported("a/b", "a", dated(t, price(t, "1", "2"), "2026-01-01")) }
	for name, spoil := range map[string]func(*Model){
		"no id":              func(m *Model) { m.ID = "" },
		"an escape sequence": func(m *Model) { m.Name = "\x1b[31m" },
		"another's id":       func(m *Model) { m.ID = "gpt-4o" },
		"no kind":            func(m *Model) { m.Kind = "" },
		"a negative context": func(m *Model) { m.Context = -1 },
		"no price":           func(m *Model) { m.Prices = nil },
		"no source":          func(m *Model) { m.Prices[0].Source = "" },
		"no date":            func(m *Model) { m.Prices[0].AsOf = Date{} },
		"no rates":           func(m *Model) { m.Prices[0].Input, m.Prices[0].Output = Rate{}, Rate{} },
		"no days":            func(m *Model) { m.Prices[0].Until, m.Prices[0].From = date(t, "2026-01-01"), date(t, "2026-01-01") },
		"an odd service":     func(m *Model) { m.Prices[0].Service = "cheap" },
		"a tier at 0":        func(m *Model) { m.Prices[0].Tiers = []Tier{{0, m.Prices[0].Rates()}} },
		"an empty tier":      func(m *Model) { m.Prices[0].Tiers = []Tier{{Above: 5}} },
	} {
		m := good()
		spoil(&m)
		_, err := Default().With([]Model{m})
		if err == nil {
			t.Errorf("%s: it stands", name)
			continue
		}
		wantInputErrorForm(t, err)
	}
	if _, err := Default().With([]Model{good(), good()}); err == nil || !strings.Contains(err.Error(), "twice") {
		t.Errorf("the same model twice: %v", err)
	}
}

func TestHolding(t *testing.T) {
	flex := dated(t, price(t, "1", "2"), "2026-01-01")
	flex.Service = Flex
	m := imported("a", "a", dated(t, price(t, "2", "4"), "2026-01-01"), flex)
	if got := m.Holding(date(t, "2026-02-01"), Flex, Hours{}); got.Input.String() != "1.00" {
		t.Errorf("flex costs %s", got.Input)
	}
	if got := m.Holding(date(t, "2026-02-01"), Priority, Hours{}); got.Source != "" {
		t.Errorf("there is a price of %s", got.Input)
	}
}

// A further price that is older than what stands changes no figure, whatever it
// says.
func TestOlderPricesChangeNothing(t *testing.T) {
	today := date(t, "2026-11-20")
	rapid.Check(t, func(rt *rapid.T) {
		was := rapid.SampledFrom(Default().Models()).Draw(rt, "model")
		held := was.PriceOn(today)
		if held.AsOf.IsZero() || held.Doubt != "" {
			return
		}
		p := genPrice().Draw(rt, "price")
		p.AsOf = DateOf(held.AsOf.Time().AddDate(0, 0, -rapid.IntRange(0, 1000).Draw(rt, "days older")))
		c, err := Default().With([]Model{imported(was.ID, was.Provider, p)})
		if err != nil {
			rt.Fatal(err)
		}
		if now, _ := c.Lookup(was.ID); !now.PriceOn(today).Equal(held) {
			rt.Fatalf("%s: %s by %s holds", was.ID, now.PriceOn(today).Input, now.PriceOn(today).Source)
		}
	})
}
