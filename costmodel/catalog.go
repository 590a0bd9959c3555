package costmodel

import (
	"bytes"
	_ "embed"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"sync"
)

//go:embed catalog.toml
var embeddedCatalog []byte

// Model is one model as one provider hosts it: its names, its dates and its
// prices.
type Model struct {
	// ID is short, stable and unique in a catalog: "gpt-4o-mini".
	ID string
	// Name is how its maker writes it: "GPT-4o-mini".
	Name string
	// Provider is the id of who hosts it ("openai"), ProviderName its name
	// ("OpenAI").
	Provider     string
	ProviderName string
	// APIIDs are the further names an API takes for it, dated ones among them.
	APIIDs []string
	// Lists names the lists it is on.
	Lists []string
	// Released and Retired are the first day it was and the first day it is
	// no longer offered; either may be no date. Retired may lie ahead.
	Released Date
	Retired  Date
	// Prices are what its sources say, one each, in the order of the catalog.
	Prices []Price

	pinned map[string]int // list name -> index in Prices
}

// Price returns the price that holds outside any list: the one with the
// newest as-of date, the first of equals. A model without prices has the
// unknown price.
func (m Model) Price() Price {
	var newest Price
	for i, p := range m.Prices {
		if i == 0 || p.AsOf.Compare(newest.AsOf) > 0 {
			newest = p
		}
	}
	return newest
}

// PriceIn returns the price that holds on the named list: the one pinned
// there, otherwise Price.
func (m Model) PriceIn(list string) Price {
	if i, ok := m.pinned[list]; ok {
		return m.Prices[i]
	}
	return m.Price()
}

// RetiredOn reports whether the model is no longer offered on the given day.
func (m Model) RetiredOn(today Date) bool {
	return !m.Retired.IsZero() && m.Retired.Compare(today) <= 0
}

// DaysLeft returns the days from today to the retirement, 0 or negative once
// it is reached; ok is false where no retirement is known.
func (m Model) DaysLeft(today Date) (days int, ok bool) {
	if m.Retired.IsZero() {
		return 0, false
	}
	return today.DaysUntil(m.Retired), true
}

// Is reports whether name is one of the model's own: its id or a name that its
// API takes, in any case.
func (m Model) Is(name string) bool {
	same := func(id string) bool { return fold(id) == fold(name) }
	return same(m.ID) || slices.ContainsFunc(m.APIIDs, same)
}

// clone returns a copy that shares no memory a caller can write to.
func (m Model) clone() Model {
	m.APIIDs = slices.Clone(m.APIIDs)
	m.Lists = slices.Clone(m.Lists)
	m.Prices = slices.Clone(m.Prices)
	m.pinned = maps.Clone(m.pinned)
	return m
}

// disagreementPercent is how far two sources may lie apart before they are
// said to differ.
const disagreementPercent = 2

// Disagreement says that another source gives another price.
type Disagreement struct {
	// Other is the price that differs.
	Other Price
	// Percent is the larger difference of the two rates, in percent of the
	// lower figure, so that it is the same whichever of the prices holds.
	// Where one source says free and the other does not, it is 100.
	Percent *big.Rat
}

// String says it in words: "0.88 in, 0.88 out by SOURCE as of 2026-08-21: 2.3 % apart".
func (d Disagreement) String() string {
	return fmt.Sprintf("%s in, %s out by %s as of %s: %s %% apart",
		d.Other.Input, d.Other.Output, d.Other.Source, d.Other.AsOf, fixed(d.Percent, 1))
}

// Disagreement returns the price of this model that lies furthest from held,
// where that is more than 2 %. A rate that either side does not know is not
// compared; an absent one counts as 0.
func (m Model) Disagreement(held Price) (Disagreement, bool) {
	worst := Disagreement{Percent: integer(disagreementPercent)}
	found := false
	for _, p := range m.Prices {
		for _, rates := range [][2]Rate{{held.Input, p.Input}, {held.Output, p.Output}} {
			if apart := percentApart(rates[0], rates[1]); apart.Cmp(worst.Percent) > 0 {
				worst, found = Disagreement{Other: p, Percent: apart}, true
			}
		}
	}
	if !found {
		return Disagreement{}, false
	}
	return worst, true
}

// percentApart returns the difference of two rates in percent of the lower
// one, 100 where only that is 0, and 0 where either is unknown.
func percentApart(a, b Rate) *big.Rat {
	low, high := a.usd.rat(), b.usd.rat()
	if low.Cmp(high) > 0 {
		low, high = high, low
	}
	switch {
	case !a.Known() || !b.Known() || low.Cmp(high) == 0:
		return new(big.Rat)
	case low.Sign() == 0:
		return integer(100)
	}
	apart := new(big.Rat).Sub(high, low)
	apart.Quo(apart, low)
	return apart.Mul(apart, integer(100))
}

// Entry is one line of a list: a model and the price that holds there.
type Entry struct {
	Model Model
	Price Price
}

// Catalog is an immutable set of models. It is safe for concurrent use, and
// what it returns may be changed without changing it.
type Catalog struct {
	models []Model
	byName map[string]int // folded id or API id -> index in models
	lists  []string       // in the order in which the models name them
}

// Default returns the catalog that is part of the program.
func Default() *Catalog { return defaultCatalog() }

var defaultCatalog = sync.OnceValue(func() *Catalog {
	c, err := LoadCatalog(bytes.NewReader(embeddedCatalog))
	if err != nil {
		panic("costmodel: the embedded catalog: " + err.Error()) // held by a test
	}
	return c
})

// Models returns all models in the order of the catalog.
func (c *Catalog) Models() []Model {
	models := make([]Model, len(c.models))
	for i, m := range c.models {
		models[i] = m.clone()
	}
	return models
}

// Lookup finds a model by its ID or one of its API ids, in any case, with or
// without the provider in front ("openai/gpt-4o").
func (c *Catalog) Lookup(name string) (Model, bool) {
	name = fold(name)
	if i, ok := c.byName[name]; ok {
		return c.models[i].clone(), true
	}
	// An API id may hold slashes of its own, so the prefix comes second.
	provider, rest, _ := strings.Cut(name, "/")
	if i, ok := c.byName[rest]; ok && fold(c.models[i].Provider) == provider {
		return c.models[i].clone(), true
	}
	return Model{}, false
}

// fold makes names comparable.
func fold(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// Lists returns the names of the lists.
func (c *Catalog) Lists() []string { return slices.Clone(c.lists) }

// List returns the models of a list in the order of the catalog, each with
// the price that holds there. An unknown list is an *InputError that names the
// known ones.
func (c *Catalog) List(name string) ([]Entry, error) {
	var entries []Entry
	for _, m := range c.models {
		if slices.Contains(m.Lists, name) {
			entries = append(entries, Entry{Model: m.clone(), Price: m.PriceIn(name)})
		}
	}
	if entries == nil {
		hint := "the catalog has no lists"
		if len(c.lists) > 0 {
			hint = "the lists of the catalog are " + enumerate(c.lists)
		}
		return nil, &InputError{What: fmt.Sprintf("there is no list %s", quote(name)), Hint: hint}
	}
	return entries, nil
}
