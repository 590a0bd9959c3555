package costmodel

import (
	"bytes"
	_ "embed"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"sync"
)

//go:embed catalog.toml
var embeddedCatalog []byte

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

// String says it in words: "0.88 in, 0.88 out by SOURCE as of 2026-08-21: 2.3 % apart",
// and why the source is doubted.
func (d Disagreement) String() string {
	text := fmt.Sprintf("%s in, %s out by %s as of %s: %s %% apart",
		d.Other.Input, d.Other.Output, d.Other.Source, d.Other.AsOf, fixed(d.Percent, 1))
	if d.Other.Doubt != "" {
		text += ", doubted: " + d.Other.Doubt
	}
	return text
}

// Disagreement returns the price of this model that lies furthest from held,
// where that is more than 2 %. Only prices of the same service and hours are
// compared, which hold on some day on which held does and had not ended when held
// was last seen: by their input and output, without a rate that either side does
// not know. An absent rate counts as 0.
func (m Model) Disagreement(held Price) (Disagreement, bool) {
	worst := Disagreement{Percent: integer(disagreementPercent)}
	found := false
	for _, p := range m.Prices {
		past := !p.Until.IsZero() && p.Until.Compare(held.AsOf) <= 0
		if past || !p.SameOffer(held) || !p.Overlaps(held) {
			continue
		}
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
	byID   map[string]int   // folded ID -> index in models
	byName map[string][]int // folded ID, API id or alias -> indices in models
	byHost map[hostKey]int  // index in models
	lists  []string         // in the order in which the models name them
	own    int              // how many of the models, the first, are its own and not laid over it
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

// Lookup finds a model by its ID, one of its API ids or an alias, in any case,
// with or without the provider in front ("openai/gpt-4o"). A name that several
// providers host under, and that is nobody's ID, needs the provider: their prices
// differ. So does an API id with a slash of a model that With added: what is in
// front of the slash may come as a provider later, and would take the name.
func (c *Catalog) Lookup(name string) (Model, bool) {
	name = fold(name)
	if i, ok := c.byID[name]; ok {
		return c.models[i].clone(), true
	}
	provider, rest, prefixed := strings.Cut(name, "/")
	hosted, ok := c.byHost[hostKey{provider, rest}]
	if ok && hosted < c.own {
		return c.models[hosted].clone(), true
	}
	if whole := c.byName[name]; len(whole) == 1 && (!prefixed || whole[0] < c.own) {
		return c.models[whole[0]].clone(), true
	}
	if ok {
		return c.models[hosted].clone(), true
	}
	return Model{}, false
}

// HostedBy finds the model that a provider, by its id, hosts under a name: its ID
// with the provider in front or without, an API id or an alias, in any case. What
// others host under that name is never found, and never hides it.
func (c *Catalog) HostedBy(provider, name string) (Model, bool) {
	if i, ok := c.byHost[hostKey{fold(provider), fold(name)}]; ok {
		return c.models[i].clone(), true
	}
	return Model{}, false
}

// hostKey is a folded name at a folded provider.
type hostKey struct{ provider, name string }

// hostNames returns whose each name is at each provider: an ID before an API id or
// alias, and that before the rest of one that has the provider in front
// ("groq/compound" of groq).
func hostNames(models []Model) map[hostKey]int {
	owners := make(map[hostKey]int, 3*len(models))
	enter := func(i int, name string) {
		key := hostKey{fold(models[i].Provider), fold(name)}
		if _, taken := owners[key]; !taken {
			owners[key] = i
		}
	}
	bare := func(m Model, name string) string { return strings.TrimPrefix(fold(name), fold(m.Provider)+"/") }
	for i, m := range models {
		enter(i, bare(m, m.ID))
	}
	for i, m := range models {
		for _, name := range m.names() {
			enter(i, name)
		}
	}
	for i, m := range models {
		for _, name := range m.names() {
			enter(i, bare(m, name))
		}
	}
	return owners
}

// maxPattern bounds a pattern, in bytes: no model is called anything longer, and
// matching takes time with it.
const maxPattern = 100

// Match returns the models that a pattern names, in the order of the catalog: *
// stands for any characters, ? for one, in an ID, an API id, an alias, or one of
// them with the provider in front. A name without either is a Lookup.
func (c *Catalog) Match(pattern string) []Model {
	if !strings.ContainsAny(pattern, "*?") {
		if m, ok := c.Lookup(pattern); ok {
			return []Model{m}
		}
		return nil
	}
	if len(pattern) > maxPattern {
		return nil
	}
	pattern = fold(pattern)
	var models []Model
	for _, m := range c.models {
		if slices.ContainsFunc(m.names(), func(name string) bool {
			return wildcard(pattern, fold(name)) || wildcard(pattern, fold(m.Provider+"/"+name))
		}) {
			models = append(models, m.clone())
		}
	}
	return models
}

// wildcard matches a name as a shell does, but that * takes slashes too. It goes
// back to the last * only, so that its time is the product of the lengths.
func wildcard(pattern, name string) bool {
	p, n, star, mark := 0, 0, -1, 0
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, n
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == name[n]):
			p, n = p+1, n+1
		case star >= 0:
			mark++
			p, n = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
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

// SuccessorOn returns the model to use instead of m on the given day: the stated
// successor, and its own while it is retired too; where none is stated, the newest
// model of the same family and provider that is released and not retired then. ok
// is false where there is none.
func (c *Catalog) SuccessorOn(m Model, day Date) (Model, bool) {
	next := m
	for range c.models { // no more steps than models, should they name each other
		i, ok := c.byID[fold(next.Successor)]
		if !ok {
			break
		}
		if next = c.models[i]; !next.RetiredOn(day) && next.ID != m.ID {
			return next.clone(), true
		}
	}
	var newest *Model
	for i := range c.models {
		other := &c.models[i]
		if m.Family == "" || other.Family != m.Family || other.Provider != m.Provider || other.ID == m.ID ||
			other.RetiredOn(day) || other.Released.IsZero() || other.Released.Compare(day) > 0 {
			continue
		}
		if newest == nil || other.Released.Compare(newest.Released) > 0 {
			newest = other
		}
	}
	if newest == nil {
		return Model{}, false
	}
	return newest.clone(), true
}
