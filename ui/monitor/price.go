package monitor

import (
	"sync/atomic"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/ui/config"

	"github.com/shopspring/decimal"
)

// ModelOf is the catalog's model behind a target: as its provider hosts it, where
// several do.
func ModelOf(catalog *costmodel.Catalog, t probe.Target) (costmodel.Model, bool) {
	provider := t.Provider
	if preset, ok := t.Preset(); ok {
		provider = preset.Name
	}
	if m, ok := catalog.HostedBy(provider, t.Model); ok {
		return m, true
	}
	return catalog.Lookup(t.Model)
}

// CatalogPrice prices usage by a catalog: what a model costs by its id, wherever
// it is served from.
func CatalogPrice(catalog *costmodel.Catalog, priceOf func(costmodel.Model) costmodel.Price) probe.PriceFunc {
	return func(t probe.Target, u probe.Usage) (decimal.Decimal, bool) {
		model, ok := ModelOf(catalog, t)
		if !ok {
			return decimal.Decimal{}, false
		}
		return cost(priceOf(model), u)
	}
}

// priceNow is what a model costs at this moment.
func priceNow(m costmodel.Model) costmodel.Price { return m.PriceAt(time.Now(), costmodel.Standard) }

// PriceFunc prices a target by the person's own price, by its name, and those
// without one by the catalog's of the moment. Nobody charges for one on this machine
// that has no price of its own, whatever its model costs elsewhere: it is 0, as it is
// to the ledger.
func PriceFunc(catalog *costmodel.Catalog, own map[string]costmodel.Price) probe.PriceFunc {
	otherwise := CatalogPrice(catalog, priceNow)
	return func(t probe.Target, u probe.Usage) (decimal.Decimal, bool) {
		price, ok := own[t.Name]
		switch {
		case ok:
			return cost(price, u)
		case t.Loopback():
			return decimal.Decimal{}, true
		}
		return otherwise(t, u)
	}
}

// cost is what a request costs: cached input and reasoning at their own rates,
// where there are such.
func cost(price costmodel.Price, u probe.Usage) (decimal.Decimal, bool) {
	usd, ok := price.CostOf(costmodel.Usage{
		Input: u.Input.Value, Output: u.Output.Value, Cached: u.Cached.Value, Reasoning: u.Reasoning.Value,
	})
	return usd.Decimal(), ok
}

// WorstPrice is what a model counts for in a budget whose price nobody knows: as
// much as the dearest input and the dearest output of the catalog.
func WorstPrice(catalog *costmodel.Catalog) probe.WorstPrice {
	var worst probe.WorstPrice
	for _, m := range catalog.Models() {
		price := m.Price()
		if usd, ok := price.Input.USD(); ok {
			worst.Input = decimal.Max(worst.Input, usd.Decimal())
		}
		if usd, ok := price.Output.USD(); ok {
			worst.Output = decimal.Max(worst.Output, usd.Decimal())
		}
	}
	return worst
}

// NewBudget is a cap in USD a UTC day on what a client's probes cost, of which the
// targets in own are charged for wherever they are, and the client is told so. It
// has no ledger yet.
func NewBudget(limit costmodel.USD, catalog *costmodel.Catalog, own map[string]costmodel.Price, client *probe.Client) *probe.Budget {
	b := budgetOf(limit, catalog, own, client)
	client.Charged = b.Priced
	return b
}

// budgetOf is NewBudget without a word to the client, which may be probing.
func budgetOf(limit costmodel.USD, catalog *costmodel.Catalog, own map[string]costmodel.Price, client *probe.Client) *probe.Budget {
	return &probe.Budget{
		Cap: limit.Decimal(), Worst: WorstPrice(catalog), Limit: client.Cap, Price: PriceFunc(catalog, own),
		Priced: func(t probe.Target) bool {
			_, ok := own[t.Name]
			return ok
		},
	}
}

// prices are what the targets of the configuration in force cost. They may change
// while a client probes.
type prices struct {
	catalog *costmodel.Catalog
	own     atomic.Pointer[map[string]costmodel.Price]
}

func newPrices(catalog *costmodel.Catalog, targets []config.Target) *prices {
	p := &prices{catalog: catalog}
	p.set(targets)
	return p
}

func (p *prices) set(targets []config.Target) {
	own := ownPrices(targets)
	p.own.Store(&own)
}

// of is a probe.PriceFunc.
func (p *prices) of(t probe.Target, u probe.Usage) (decimal.Decimal, bool) {
	return PriceFunc(p.catalog, *p.own.Load())(t, u)
}

// charged reports a target that the person has given a price of.
func (p *prices) charged(t probe.Target) bool {
	_, ok := (*p.own.Load())[t.Name]
	return ok
}
