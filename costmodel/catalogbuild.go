package costmodel

import (
	"slices"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
)

// NewCatalog returns a catalog of the given models, in that order, such as those
// of another one with further prices. It is an *InputError where there are none,
// where two have the same ID, where an API id or alias is another's ID, or where
// two of the same provider share one.
func NewCatalog(models []Model) (*Catalog, error) {
	if len(models) == 0 {
		return nil, catalogError("catalog has no models")
	}
	c := &Catalog{own: len(models), byHost: hostNames(models), byID: make(map[string]int, len(models)), byName: make(map[string][]int, 2*len(models))}
	for i, m := range models {
		if _, twice := c.byID[fold(m.ID)]; twice {
			return nil, catalogError("catalog has the id %s twice", quote(m.ID))
		}
		c.byID[fold(m.ID)] = i
		c.models = append(c.models, m.clone())
		for _, list := range m.Lists {
			if !slices.Contains(c.lists, list) {
				c.lists = append(c.lists, list)
			}
		}
	}
	for i, m := range c.models {
		if err := c.addNames(i, m); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// addNames enters the names of the i-th model.
func (c *Catalog) addNames(i int, m Model) error {
	for n, name := range m.names() {
		key := fold(name)
		_, isID := c.byID[key]
		taken := isID && n > 0 || slices.ContainsFunc(c.byName[key], func(other int) bool {
			return c.models[other].Provider == m.Provider
		})
		if taken {
			return catalogError("catalog has the id %s twice", quote(name))
		}
		c.byName[key] = append(c.byName[key], i)
	}
	if _, ok := c.byID[fold(m.Successor)]; m.Successor != "" && !ok {
		return catalogError("model %s has the successor %s, which the catalog does not have", quote(m.ID), quote(m.Successor))
	}
	return nil
}

func buildCatalog(file catalogFile) (*Catalog, error) {
	providers := make(map[string]string, len(file.Providers))
	for _, p := range file.Providers {
		if err := checkTexts("provider", p.ID, p.Name); err != nil {
			return nil, err
		}
		if _, twice := providers[p.ID]; twice {
			return nil, catalogError("catalog has provider %s twice", quote(p.ID))
		}
		providers[p.ID] = p.Name
	}
	models := make([]Model, len(file.Models))
	for i, entry := range file.Models {
		var err error
		if models[i], err = buildModel(entry, providers); err != nil {
			return nil, err
		}
	}
	return NewCatalog(models)
}

func buildModel(entry modelEntry, providers map[string]string) (Model, error) {
	texts := slices.Concat([]string{entry.ID, entry.Name, entry.Provider}, entry.APIIDs, entry.Aliases, entry.Lists, nonEmpty(entry.Family))
	if err := checkTexts("model", texts...); err != nil {
		return Model{}, err
	}
	subject := "model " + quote(entry.ID)
	providerName, ok := providers[entry.Provider]
	if !ok {
		return Model{}, catalogError("%s has provider %s, which the catalog does not list", subject, quote(entry.Provider))
	}
	m := Model{
		ID: entry.ID, Name: entry.Name, Provider: entry.Provider, ProviderName: providerName,
		Family: entry.Family, APIIDs: entry.APIIDs, Aliases: entry.Aliases, Lists: entry.Lists,
		Successor: entry.Successor, Context: entry.Context, MaxOutput: entry.MaxOutput,
	}
	for _, build := range []func(*Model, string, modelEntry) error{
		buildKind, buildLife, buildCapabilities, buildContext, buildPrices,
	} {
		if err := build(&m, subject, entry); err != nil {
			return Model{}, err
		}
	}
	return m, nil
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func buildKind(m *Model, subject string, entry modelEntry) error {
	switch m.Kind = Kind(entry.Kind); m.Kind {
	case "":
		m.Kind = Chat
	case Chat, Embedding:
	default:
		return catalogError("%s has the kind %s, which is neither chat nor embedding", subject, quote(entry.Kind))
	}
	return nil
}

func buildLife(m *Model, subject string, entry modelEntry) (err error) {
	if m.Released, err = buildDate(subject+" released", entry.Released); err != nil {
		return err
	}
	if m.Retired, err = buildDate(subject+" retired", entry.Retired); err != nil {
		return err
	}
	if !m.Retired.IsZero() && m.Retired.Compare(m.Released) < 0 {
		return catalogError("%s is retired before it is released", subject)
	}
	return nil
}

// buildCapabilities reads what the model can and cannot do; the rest is unknown.
func buildCapabilities(m *Model, subject string, entry modelEntry) error {
	can := map[string]*Support{
		"json_schema": &m.Capabilities.JSONSchema, "tools": &m.Capabilities.Tools, "reasoning": &m.Capabilities.Reasoning,
		"streaming": &m.Capabilities.Streaming, "batch": &m.Capabilities.Batch,
	}
	for _, said := range []struct {
		words  []string
		answer Support
	}{{entry.Can, Supported}, {entry.Cannot, Unsupported}} {
		for _, word := range said.words {
			support, ok := can[word]
			if !ok {
				return catalogError("%s has the unknown capability %s", subject, quote(word))
			}
			if *support != SupportUnknown {
				return catalogError("%s has the capability %s twice", subject, quote(word))
			}
			*support = said.answer
		}
	}
	return nil
}

func buildContext(m *Model, subject string, entry modelEntry) error {
	if m.Context < 0 || m.MaxOutput < 0 {
		return catalogError("%s has a negative number of tokens", subject)
	}
	for i, by := range entry.ContextBy {
		if err := checkTexts(subject, by.Source); err != nil {
			return err
		}
		if by.Tokens <= 0 || (i == 0) != (by.Tokens == m.Context) || len(entry.ContextBy) == 1 {
			return catalogError("%s has a context_by that is not its context, and then what others say instead", subject)
		}
		m.ContextBy = append(m.ContextBy, SourcedTokens(by))
	}
	if entry.PracticalContext == nil {
		return nil
	}
	if r := entry.PracticalContext; len(r) != 2 || r[0] <= 0 || r[0] > r[1] || m.Context > 0 && r[1] > m.Context {
		return catalogError("%s has a practical_context that is not two rising numbers within its context", subject)
	}
	m.PracticalContext = TokenRange{entry.PracticalContext[0], entry.PracticalContext[1]}
	return nil
}

func buildPrices(m *Model, subject string, entry modelEntry) error {
	if len(entry.Prices) == 0 {
		return catalogError("%s has no price", subject)
	}
	for i, pe := range entry.Prices {
		p, err := buildPrice(subject, pe)
		if err != nil {
			return err
		}
		m.Prices = append(m.Prices, p)
		for _, list := range pe.Pin {
			if !slices.Contains(m.Lists, list) {
				return catalogError("%s pins a price for list %s, which it is not on", subject, quote(list))
			}
			if _, twice := m.pinned[list]; twice {
				return catalogError("%s pins two prices for list %s", subject, quote(list))
			}
			if m.pinned == nil {
				m.pinned = make(map[string]int)
			}
			m.pinned[list] = i
		}
	}
	return nil
}

func buildPrice(subject string, entry priceEntry) (Price, error) {
	if entry.AsOf == nil {
		return Price{}, catalogError("%s has a price without as_of", subject)
	}
	if entry.Source == "" {
		return Price{}, catalogError("%s has a price without source", subject)
	}
	if err := checkTexts(subject, slices.Concat([]string{entry.Source}, nonEmpty(entry.Doubt))...); err != nil {
		return Price{}, err
	}
	rates, err := buildRates(subject, entry.ratesEntry)
	if err != nil {
		return Price{}, err
	}
	p := Price{
		Input: rates.Input, Output: rates.Output, CachedInput: rates.CachedInput, CacheWrite: rates.CacheWrite,
		Reasoning: rates.Reasoning, Source: entry.Source, Doubt: entry.Doubt,
	}
	if p.Batch, err = ParseMultiplier(entry.Batch.text); err != nil {
		return Price{}, catalogError("%s batch: %v", subject, err)
	}
	if p.Service, err = ParseService(entry.Service); err != nil {
		return Price{}, catalogError("%s: %v", subject, err)
	}
	if p.Hours, err = ParseHours(entry.Hours); err != nil {
		return Price{}, catalogError("%s hours: %v", subject, err)
	}
	if p.Tiers, err = buildTiers(subject, entry.Tiers); err != nil {
		return Price{}, err
	}
	return p, buildInterval(&p, subject, entry)
}

// buildInterval reads the dates of a price.
func buildInterval(p *Price, subject string, entry priceEntry) (err error) {
	if p.AsOf, err = buildDate(subject+" as_of", entry.AsOf); err != nil {
		return err
	}
	if p.From, err = buildDate(subject+" from", entry.From); err != nil {
		return err
	}
	if p.Until, err = buildDate(subject+" until", entry.Until); err != nil {
		return err
	}
	if !p.Until.IsZero() && p.Until.Compare(p.From) <= 0 {
		return catalogError("%s has a price that ends before it begins", subject)
	}
	return nil
}

func buildTiers(subject string, entries []tierEntry) ([]Tier, error) {
	var tiers []Tier
	for i, entry := range entries {
		if entry.Above <= 0 || i > 0 && entry.Above <= entries[i-1].Above {
			return nil, catalogError("%s has tiers that do not rise in above", subject)
		}
		rates, err := buildRates(subject+" tier", entry.ratesEntry)
		if err != nil {
			return nil, err
		}
		tiers = append(tiers, Tier{Above: entry.Above, Rates: rates})
	}
	return tiers, nil
}

// buildRates reads the rates of a price or tier. A reasoning rate that is left
// out is none of its own, since thinking is billed as output wherever the catalog
// does not say otherwise.
func buildRates(subject string, entry ratesEntry) (r Rates, err error) {
	if entry.Reasoning.text == "" {
		entry.Reasoning.text = noCharge
	}
	for _, part := range []struct {
		name string
		text string
		rate *Rate
	}{
		{"input", entry.Input.text, &r.Input},
		{"output", entry.Output.text, &r.Output},
		{"cached input", entry.CachedInput.text, &r.CachedInput},
		{"cache write", entry.CacheWrite.text, &r.CacheWrite},
		{"reasoning", entry.Reasoning.text, &r.Reasoning},
	} {
		if *part.rate, err = ParseRate(part.text); err != nil {
			return Rates{}, catalogError("%s %s price: %v", subject, part.name, err)
		}
	}
	if !r.Input.Known() && !r.Output.Known() {
		return Rates{}, catalogError("%s has a price with neither input nor output", subject)
	}
	return r, nil
}

// buildDate returns no date for nil.
func buildDate(subject string, local *toml.LocalDate) (Date, error) {
	if local == nil {
		return Date{}, nil
	}
	d, err := NewDate(local.Year, time.Month(local.Month), local.Day)
	if err != nil {
		return Date{}, catalogError("%s: %v", subject, err)
	}
	return d, nil
}

// checkTexts refuses what cannot stand in a table on a terminal.
func checkTexts(subject string, texts ...string) error {
	for _, s := range texts {
		switch {
		case strings.TrimSpace(s) == "":
			return catalogError("%s in the catalog has an empty id, name, provider or source", subject)
		case strings.TrimSpace(s) != s:
			return catalogError("%s in the catalog has spaces around %s", subject, quote(s))
		case len(s) > maxTextLength || !printable(s):
			return catalogError("%s in the catalog has a text that is too long or cannot be printed: %s", subject, quote(s))
		}
	}
	return nil
}
