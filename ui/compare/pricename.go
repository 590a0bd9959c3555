package compare

import (
	"strings"

	"costping/store"
)

// ownPrice begins the name of a price of one's own: several targets have the same
// model, and a target may be called like one.
const ownPrice = "target:"

// OwnPriceName is what the history keeps a person's own price of a target under.
func OwnPriceName(target string) string {
	if strings.HasPrefix(target, ownPrice) {
		return target
	}
	return ownPrice + target
}

// PriceName is what the history keeps a candidate's price under: the catalog's
// model, or the target where the price is the person's own.
func PriceName(c Candidate) string {
	if c.Price.Own || !c.Known {
		return OwnPriceName(c.Target)
	}
	return c.Model.ID
}

// seenOf reports whether a price that the history saw is one of the row's: own prices
// of before are kept under the bare name of their target, so that those of another
// row may be among those of the model.
func seenOf(r Row, p store.PriceSeen) bool {
	return !p.Price.Own || r.Price.Own && (p.Model == r.Target || p.Model == OwnPriceName(r.Target))
}
