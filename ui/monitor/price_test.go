package monitor

import (
	"testing"

	"costping/costmodel"
	"costping/probe"
	"costping/ui/config"
)

// What a sample costs and what the ledger sets aside for it are of one mind: on this
// machine only a price of one's own is money.
func TestWhatIsChargedIsWhatTheLedgerCounts(t *testing.T) {
	t.Parallel()
	stated, err := config.ParsePrice("0.90/0.90", "config.toml")
	if err != nil {
		t.Fatal(err)
	}
	own := map[string]costmodel.Price{"priced": stated}
	catalog := costmodel.Default()
	price := PriceFunc(catalog, own)
	budget := NewBudget(costmodel.USD{}, catalog, own, probe.NewClient(probe.Limits{}, price))
	profile, err := config.FindProfile("chat", "")
	if err != nil {
		t.Fatal(err)
	}
	usage := probe.Usage{Input: probe.Known(int64(500)), Output: probe.Known(int64(128))}
	const here, elsewhere = "http://127.0.0.1:9/v1", "https://llm.example.com/v1"
	for _, c := range []struct {
		name, url, model string
		known, charged   bool
	}{
		{"plain", here, "gpt-4o-mini", true, false},
		{"unheard", here, "no-such-model", true, false},
		{"priced", here, "gpt-4o-mini", true, true},
		{"plain", elsewhere, "gpt-4o-mini", true, true},
		{"unheard", elsewhere, "no-such-model", false, true}, // set aside at the worst
	} {
		target := probe.Target{Name: c.name, BaseURL: c.url, Model: c.model}
		usd, ok := price(target, usage)
		if ok != c.known || ok && usd.IsPositive() != c.charged {
			t.Errorf("%s at %s: a sample costs %s, %t", c.name, c.url, usd, ok)
		}
		if got := budget.Estimate(target, profile); got.IsPositive() != c.charged {
			t.Errorf("%s at %s: %s is set aside", c.name, c.url, got)
		}
	}
}
