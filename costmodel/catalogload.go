package costmodel

import (
	"errors"
	"fmt"
	"io"
	"strings"

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
		ID               string          `toml:"id"`
		Name             string          `toml:"name"`
		Provider         string          `toml:"provider"`
		Family           string          `toml:"family"`
		Kind             string          `toml:"kind"`
		APIIDs           []string        `toml:"api_ids"`
		Aliases          []string        `toml:"aliases"`
		Lists            []string        `toml:"lists"`
		Released         *toml.LocalDate `toml:"released"`
		Retired          *toml.LocalDate `toml:"retired"`
		Successor        string          `toml:"successor"`
		Context          int64           `toml:"context"`
		ContextBy        []sourcedEntry  `toml:"context_by"`
		MaxOutput        int64           `toml:"max_output"`
		PracticalContext []int64         `toml:"practical_context"`
		Can              []string        `toml:"can"`
		Cannot           []string        `toml:"cannot"`
		Prices           []priceEntry    `toml:"price"`
	}
	sourcedEntry struct {
		Tokens int64  `toml:"tokens"`
		Source string `toml:"source"`
	}
	ratesEntry struct {
		Input       rateText `toml:"input"`
		Output      rateText `toml:"output"`
		CachedInput rateText `toml:"cached_input"`
		CacheWrite  rateText `toml:"cache_write"`
		Reasoning   rateText `toml:"reasoning"`
	}
	priceEntry struct {
		ratesEntry
		Batch   rateText        `toml:"batch"`
		Tiers   []tierEntry     `toml:"tier"`
		Service string          `toml:"service"`
		Hours   string          `toml:"hours"`
		From    *toml.LocalDate `toml:"from"`
		Until   *toml.LocalDate `toml:"until"`
		Source  string          `toml:"source"`
		AsOf    *toml.LocalDate `toml:"as_of"`
		Doubt   string          `toml:"doubt"`
		Pin     []string        `toml:"pin"`
	}
	tierEntry struct {
		Above int64 `toml:"above"`
		ratesEntry
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
