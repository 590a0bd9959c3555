package monitor

import (
	"costping/costmodel"
	"costping/probe"

	"github.com/shopspring/decimal"
)

// CatalogPrice prices usage by a catalog: what a model costs by its id, wherever
// it is served from.
func CatalogPrice(catalog *costmodel.Catalog, priceOf func(costmodel.Model) costmodel.Price) probe.PriceFunc {
	return func(t probe.Target, u probe.Usage) (decimal.Decimal, bool) {
		model, ok := catalog.Lookup(t.Model)
		if !ok {
			return decimal.Decimal{}, false
		}
		usd, ok := priceOf(model).Cost(u.Input.Value, u.Output.Value)
		return usd.Decimal(), ok
	}
}

// OwnPrice prices a target by the person's own price, and those without one
// otherwise.
func OwnPrice(own map[string]costmodel.Price, otherwise probe.PriceFunc) probe.PriceFunc {
	return func(t probe.Target, u probe.Usage) (decimal.Decimal, bool) {
		price, ok := own[t.Name]
		if !ok {
			return otherwise(t, u)
		}
		usd, ok := price.Cost(u.Input.Value, u.Output.Value)
		return usd.Decimal(), ok
	}
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
func NewBudget(limit costmodel.USD, own map[string]costmodel.Price, client *probe.Client) *probe.Budget {
	catalog := costmodel.Default()
	charged := func(t probe.Target) bool {
		_, ok := own[t.Name]
		return ok
	}
	client.Charged = charged
	return &probe.Budget{
		Cap: limit.Decimal(), Worst: WorstPrice(catalog), Limit: client.Cap,
		Price: OwnPrice(own, CatalogPrice(catalog, costmodel.Model.Price)), Priced: charged,
	}
}
