package costmodel

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
)

const (
	maxCatalogBytes = 4 << 20
	maxTextLength   = 400 // bytes of one name, id or source
)

// The shape of a catalog file. Rates are taken as the text that stands in the
// file, so that no price passes through a float.
type (
	catalogFile struct {
		Providers []providerEntry `toml:"provider"`
		Models    []modelEntry    `toml:"model"`
	}
	providerEntry struct {
		ID   string `toml:"id"`
		Name string `toml:"name"`
	}
	modelEntry struct {
		ID       string          `toml:"id"`
		Name     string          `toml:"name"`
		Provider string          `toml:"provider"`
		APIIDs   []string        `toml:"api_ids"`
		Lists    []string        `toml:"lists"`
		Released *toml.LocalDate `toml:"released"`
		Retired  *toml.LocalDate `toml:"retired"`
		Prices   []priceEntry    `toml:"price"`
	}
	priceEntry struct {
		Input  rateText        `toml:"input"`
		Output rateText        `toml:"output"`
		Source string          `toml:"source"`
		AsOf   *toml.LocalDate `toml:"as_of"`
		Pin    []string        `toml:"pin"`
	}
)

// rateText holds a rate as written, number or string.
type rateText struct{ text string }

// UnmarshalText keeps the text; it is read where the model can be named.
func (r *rateText) UnmarshalText(text []byte) error {
	r.text = string(text)
	return nil
}

// LoadCatalog reads a catalog in the form that the head of catalog.toml
// describes. It is strict: unknown keys, dates that do not exist, an id used
// twice, a price that is negative, empty or without source and date, and a
// catalog without models are an *InputError, with line and column where the
// decoder knows them. At most 4 MiB are read.
func LoadCatalog(r io.Reader) (*Catalog, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxCatalogBytes+1))
	if err != nil {
		return nil, fmt.Errorf("reading the catalog: %w", err)
	}
	if len(data) > maxCatalogBytes {
		return nil, catalogError("catalog is larger than 4 MiB")
	}
	var file catalogFile
	if err := toml.NewDecoder(strings.NewReader(string(data))).DisallowUnknownFields().Decode(&file); err != nil {
		return nil, decodeError(err)
	}
	return buildCatalog(file)
}

func catalogError(format string, args ...any) error {
	return &InputError{
		What: fmt.Sprintf(format, args...),
		Hint: "a catalog has a [[provider]] with id and name for each host, and [[model]] tables with id, name, " +
			"provider and at least one [[model.price]] with input, output, source and as_of",
	}
}

// decodeError puts the decoder's findings into one sentence with a position.
func decodeError(err error) error {
	var unknown *toml.StrictMissingError
	if errors.As(err, &unknown) && len(unknown.Errors) > 0 {
		first := &unknown.Errors[0]
		line, column := first.Position()
		return catalogError("catalog line %d, column %d: unknown key %s",
			line, column, quote(strings.Join(first.Key(), ".")))
	}
	var at *toml.DecodeError
	if errors.As(err, &at) {
		line, column := at.Position()
		return catalogError("catalog line %d, column %d: %s",
			line, column, visible(strings.TrimPrefix(at.Error(), "toml: ")))
	}
	return catalogError("catalog: %s", visible(strings.TrimPrefix(err.Error(), "toml: ")))
}

func buildCatalog(file catalogFile) (*Catalog, error) {
	if len(file.Models) == 0 {
		return nil, catalogError("catalog has no models")
	}
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
	c := &Catalog{byName: make(map[string]int, 2*len(file.Models))}
	for i, entry := range file.Models {
		m, err := buildModel(entry, providers)
		if err != nil {
			return nil, err
		}
		for _, name := range append([]string{m.ID}, m.APIIDs...) {
			if _, twice := c.byName[fold(name)]; twice {
				return nil, catalogError("catalog has the id %s twice", quote(name))
			}
			c.byName[fold(name)] = i
		}
		for _, list := range m.Lists {
			if !slices.Contains(c.lists, list) {
				c.lists = append(c.lists, list)
			}
		}
		c.models = append(c.models, m)
	}
	return c, nil
}

func buildModel(entry modelEntry, providers map[string]string) (Model, error) {
	texts := slices.Concat([]string{entry.ID, entry.Name, entry.Provider}, entry.APIIDs, entry.Lists)
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
		APIIDs: entry.APIIDs, Lists: entry.Lists,
	}
	var err error
	if m.Released, err = buildDate(subject+" released", entry.Released); err != nil {
		return Model{}, err
	}
	if m.Retired, err = buildDate(subject+" retired", entry.Retired); err != nil {
		return Model{}, err
	}
	if !m.Retired.IsZero() && m.Retired.Compare(m.Released) < 0 {
		return Model{}, catalogError("%s is retired before it is released", subject)
	}
	if len(entry.Prices) == 0 {
		return Model{}, catalogError("%s has no price", subject)
	}
	for i, pe := range entry.Prices {
		p, err := buildPrice(subject, pe)
		if err != nil {
			return Model{}, err
		}
		m.Prices = append(m.Prices, p)
		for _, list := range pe.Pin {
			if !slices.Contains(m.Lists, list) {
				return Model{}, catalogError("%s pins a price for list %s, which it is not on", subject, quote(list))
			}
			if _, twice := m.pinned[list]; twice {
				return Model{}, catalogError("%s pins two prices for list %s", subject, quote(list))
			}
			if m.pinned == nil {
				m.pinned = make(map[string]int)
			}
			m.pinned[list] = i
		}
	}
	return m, nil
}

func buildPrice(subject string, entry priceEntry) (Price, error) {
	if entry.AsOf == nil {
		return Price{}, catalogError("%s has a price without as_of", subject)
	}
	if entry.Source == "" {
		return Price{}, catalogError("%s has a price without source", subject)
	}
	if err := checkTexts(subject, entry.Source); err != nil {
		return Price{}, err
	}
	p := Price{Source: entry.Source}
	var err error
	if p.Input, err = ParseRate(entry.Input.text); err != nil {
		return Price{}, catalogError("%s input price: %v", subject, err)
	}
	if p.Output, err = ParseRate(entry.Output.text); err != nil {
		return Price{}, catalogError("%s output price: %v", subject, err)
	}
	if !p.Input.Known() && !p.Output.Known() {
		return Price{}, catalogError("%s has a price with neither input nor output", subject)
	}
	p.AsOf, err = buildDate(subject+" as_of", entry.AsOf)
	return p, err
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
