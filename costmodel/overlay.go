package costmodel

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// With returns the catalog with the prices of further models laid over it, such
// as those that price feeds gave. A model that the catalog has, by the provider
// with its ID, an API id or an alias, keeps all it says of itself and takes the
// further prices after its own, so that its own holds among equally new ones. One
// that the catalog does not have is added behind, under its ID, with those of its
// API ids that are no name of another model in the catalog.
//
// A further price that leaves a rate, the batch multiplier or a cache price
// unknown takes it from the newest price of the same offer that has it and charges
// the same for plain input and output: silence is no statement. What cannot stand in a
// catalog (a text that cannot be printed, a price without a source, a date or any
// rate, tiers that do not rise) is an *InputError.
func (c *Catalog) With(further []Model) (*Catalog, error) {
	models := c.Models()
	at := make(map[string]int, len(models)+len(further)) // folded ID -> index
	for i, m := range models {
		at[fold(m.ID)] = i
	}
	var added []int
	for _, m := range further {
		if err := m.check(); err != nil {
			return nil, err
		}
		id := fold(m.ID)
		if i, ok := c.byHost[hostKey{fold(m.Provider), id}]; ok {
			id = fold(c.models[i].ID)
		}
		i, known := at[id]
		switch {
		case known && i < len(c.models) && models[i].Provider == m.Provider:
			models[i].Prices = append(models[i].Prices, completed(m.Prices, models[i].Prices)...)
		case known:
			return nil, catalogError("catalog has the id %s twice", quote(m.ID))
		default:
			m = m.clone()
			m.Prices = completed(m.Prices, nil)
			m.Aliases, m.Lists, m.Successor, m.pinned = nil, nil, "", nil
			at[id] = len(models)
			added = append(added, len(models))
			models = append(models, m)
		}
	}
	// At its own provider a name stays a model's, whatever it is elsewhere.
	owners := hostNames(models)
	maps.Copy(owners, c.byHost)
	c.freeNames(models, added, at)
	laid, err := NewCatalog(models)
	if err != nil {
		return nil, err
	}
	laid.own, laid.byHost = c.own, owners
	return laid, nil
}

// freeNames takes from the models at the given places the API ids that are not
// free: an ID, with or without the provider in front, a name that the catalog has
// for another model, or one that the same provider uses twice. Several providers
// may use the same.
func (c *Catalog) freeNames(models []Model, added []int, ids map[string]int) {
	used := map[string]bool{}
	for _, i := range added {
		m := &models[i]
		m.APIIDs = slices.DeleteFunc(m.APIIDs, func(name string) bool {
			_, isID := ids[fold(name)]
			_, known := c.Lookup(name)
			key := fold(m.Provider + "/" + name)
			owner, prefixed := ids[key]
			taken := isID || prefixed && owner != i || known || len(c.byName[fold(name)]) > 0 || used[key]
			used[key] = true
			return taken
		})
	}
}

// completed returns the prices with what they leave unknown filled from those
// that stand, or from each other: each rate from the first in precedence that has
// it.
func completed(prices, standing []Price) []Price {
	filled := slices.Clone(prices)
	for i := range filled {
		p := &filled[i]
		p.Tiers = slices.Clone(p.Tiers)
		var alike []Price
		for _, q := range slices.Concat(standing, prices) {
			if q.SameOffer(*p) && q.Doubt == "" && q.Overlaps(*p) && q.Input.Equal(p.Input) && q.Output.Equal(p.Output) {
				alike = append(alike, q)
			}
		}
		slices.SortStableFunc(alike, precedence)
		for _, q := range alike {
			p.fill(q)
		}
	}
	return filled
}

// fill takes from q what p leaves unknown.
func (p *Price) fill(q Price) {
	if !p.Batch.Known() {
		p.Batch = q.Batch
	}
	fillRate(&p.CachedInput, q.CachedInput)
	fillRate(&p.CacheWrite, q.CacheWrite)
	fillRate(&p.Reasoning, q.Reasoning)
	for i := range p.Tiers {
		for _, other := range q.Tiers {
			t := &p.Tiers[i]
			if t.Above == other.Above && t.Input.Equal(other.Input) && t.Output.Equal(other.Output) {
				fillRate(&t.CachedInput, other.CachedInput)
				fillRate(&t.CacheWrite, other.CacheWrite)
				fillRate(&t.Reasoning, other.Reasoning)
			}
		}
	}
}

func fillRate(r *Rate, from Rate) {
	if !r.Known() {
		*r = from
	}
}

// Holding returns the price of an offer that holds on a day: of those for the
// same service and hours, as PriceOn chooses. Where none is in force it is the
// unknown price, which has no source.
func (m Model) Holding(day Date, service Service, hours Hours) Price {
	return m.best(func(p Price) bool { return p.Service == service && p.Hours.Equal(hours) && p.InForceOn(day) })
}

// check refuses what LoadCatalog would refuse.
func (m Model) check() error {
	texts := slices.Concat([]string{m.ID, m.Name, m.Provider, m.ProviderName}, m.APIIDs, nonEmpty(m.Family))
	if err := checkTexts("model", texts...); err != nil {
		return err
	}
	subject := "model " + quote(m.ID)
	switch {
	case m.Kind != Chat && m.Kind != Embedding:
		return catalogError("%s has the kind %s, which is neither chat nor embedding", subject, quote(string(m.Kind)))
	case m.Context < 0 || m.MaxOutput < 0:
		return catalogError("%s has a negative number of tokens", subject)
	case len(m.Prices) == 0:
		return catalogError("%s has no price", subject)
	}
	for _, p := range m.Prices {
		if err := p.check(subject); err != nil {
			return err
		}
	}
	return nil
}

func (p Price) check(subject string) error {
	if err := checkTexts(subject, slices.Concat([]string{p.Source}, nonEmpty(p.Doubt))...); err != nil {
		return err
	}
	var wrong string
	switch {
	case p.AsOf.IsZero():
		wrong = "a price without as_of"
	case !p.Input.Known() && !p.Output.Known():
		wrong = "a price with neither input nor output"
	case !p.Until.IsZero() && p.Until.Compare(p.From) <= 0:
		wrong = "a price that ends before it begins"
	case !slices.Contains([]Service{Standard, Flex, Priority}, p.Service):
		wrong = fmt.Sprintf("the service tier %s", quote(string(p.Service)))
	}
	last := int64(0)
	for _, t := range p.Tiers {
		if t.Above <= last {
			wrong = "tiers that do not rise in above"
		}
		if !t.Input.Known() && !t.Output.Known() {
			wrong = "a tier with neither input nor output"
		}
		last = t.Above
	}
	if wrong != "" {
		return catalogError("%s has %s", subject, strings.TrimSpace(wrong))
	}
	return nil
}
