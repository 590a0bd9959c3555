package pricefeed

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"costping/costmodel"
)

const (
	// bookFormat names the file and its version: what is in it may be added to
	// within a version only by a reader that is told of it.
	bookFormat = "costping.prices/1"
	bookFamily = "costping.prices/"
	// MaxBookBytes bounds a price book: all of the largest feed takes some 3 MB.
	MaxBookBytes = 64 << 20
	// maxBookPrices bounds the intervals of one model.
	maxBookPrices = 10_000
)

// The shape of the file. Rates are written in full, not as rounded as in other
// outputs: what is read again has to be the same.
type (
	bookJSON struct {
		Format string          `json:"format"`
		Models []bookModelJSON `json:"models"`
	}
	bookModelJSON struct {
		ID           string                 `json:"id"`
		Provider     string                 `json:"provider"`
		ProviderName string                 `json:"provider_name"`
		Name         string                 `json:"name"`
		Family       string                 `json:"family,omitempty"`
		Kind         costmodel.Kind         `json:"kind"`
		APIIDs       []string               `json:"api_ids,omitempty"`
		Released     costmodel.Date         `json:"released,omitzero"`
		Retired      costmodel.Date         `json:"retired,omitzero"`
		Context      int64                  `json:"context,omitempty"`
		MaxOutput    int64                  `json:"max_output,omitempty"`
		Capabilities costmodel.Capabilities `json:"capabilities"`
		Prices       []bookPriceJSON        `json:"prices"`
	}
	bookRatesJSON struct {
		Input       rateJSON `json:"input,omitzero"`
		Output      rateJSON `json:"output,omitzero"`
		CachedInput rateJSON `json:"cached_input,omitzero"`
		CacheWrite  rateJSON `json:"cache_write,omitzero"`
		Reasoning   rateJSON `json:"reasoning,omitzero"`
	}
	bookPriceJSON struct {
		Source  string               `json:"source"`
		AsOf    costmodel.Date       `json:"as_of"`
		From    costmodel.Date       `json:"from,omitzero"`
		Until   costmodel.Date       `json:"until,omitzero"`
		Service costmodel.Service    `json:"service,omitempty"`
		Hours   costmodel.Hours      `json:"hours,omitzero"`
		Batch   costmodel.Multiplier `json:"batch,omitzero"`
		Doubt   string               `json:"doubt,omitempty"`
		bookRatesJSON
		Tiers []bookTierJSON `json:"tiers,omitempty"`
	}
	bookTierJSON struct {
		Above int64 `json:"above"`
		bookRatesJSON
	}
	// rateJSON is a rate as ParseRate reads it, with all of its decimals.
	rateJSON string
)

func rateOut(r costmodel.Rate) rateJSON {
	if usd, ok := r.USD(); ok {
		return rateJSON(exact(usd.Rat()))
	}
	if r.Absent() {
		return "none"
	}
	return ""
}

func ratesOut(r costmodel.Rates) bookRatesJSON {
	return bookRatesJSON{
		rateOut(r.Input), rateOut(r.Output), rateOut(r.CachedInput), rateOut(r.CacheWrite), rateOut(r.Reasoning),
	}
}

func (b bookRatesJSON) rates() (r costmodel.Rates, err error) {
	for _, one := range []struct {
		text rateJSON
		rate *costmodel.Rate
	}{
		{b.Input, &r.Input},
		{b.Output, &r.Output},
		{b.CachedInput, &r.CachedInput},
		{b.CacheWrite, &r.CacheWrite},
		{b.Reasoning, &r.Reasoning},
	} {
		if *one.rate, err = costmodel.ParseRate(string(one.text)); err != nil {
			return r, err
		}
	}
	return r, nil
}

// WriteTo writes the book as ReadBook reads it.
func (b Book) WriteTo(w io.Writer) (int64, error) {
	doc := bookJSON{Format: bookFormat, Models: make([]bookModelJSON, len(b.models))}
	for i, m := range b.models {
		doc.Models[i] = bookModelJSON{
			ID: m.ID, Provider: m.Provider, ProviderName: m.ProviderName, Name: m.Name, Family: m.Family, Kind: m.Kind,
			APIIDs: m.APIIDs, Released: m.Released, Retired: m.Retired, Context: m.Context, MaxOutput: m.MaxOutput,
			Capabilities: m.Capabilities, Prices: make([]bookPriceJSON, len(m.Prices)),
		}
		for j, p := range m.Prices {
			doc.Models[i].Prices[j] = priceOut(p)
		}
	}
	text, err := json.MarshalIndent(doc, "", " ")
	if err != nil {
		return 0, err
	}
	n, err := w.Write(append(text, '\n'))
	return int64(n), err
}

func priceOut(p costmodel.Price) bookPriceJSON {
	out := bookPriceJSON{
		Source: p.Source, AsOf: p.AsOf, From: p.From, Until: p.Until, Service: p.Service, Hours: p.Hours,
		Batch: p.Batch, Doubt: p.Doubt, bookRatesJSON: ratesOut(p.Rates()),
	}
	for _, t := range p.Tiers {
		out.Tiers = append(out.Tiers, bookTierJSON{t.Above, ratesOut(t.Rates)})
	}
	return out
}

func (b bookPriceJSON) price() (costmodel.Price, error) {
	rates, err := b.rates()
	if err != nil {
		return costmodel.Price{}, err
	}
	p := priceOf(rates)
	p.Source, p.AsOf, p.From, p.Until, p.Service = b.Source, b.AsOf, b.From, b.Until, b.Service
	p.Hours, p.Batch, p.Doubt = b.Hours, b.Batch, b.Doubt
	for _, t := range b.Tiers {
		if rates, err = t.rates(); err != nil {
			return costmodel.Price{}, err
		}
		p.Tiers = append(p.Tiers, costmodel.Tier{Above: t.Above, Rates: rates})
	}
	return p, nil
}

// ErrNewerBook says that a price book is of a later version of the program.
var ErrNewerBook = errors.New("the price book is of a newer costping")

// ReadBook reads a price book, strictly: what is not known, not in order or cannot
// stand in a catalog is an *costmodel.InputError, a later version ErrNewerBook.
func ReadBook(r io.Reader) (Book, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxBookBytes+1))
	if err != nil {
		return Book{}, fmt.Errorf("reading the price book: %w", err)
	}
	if len(data) > MaxBookBytes {
		return Book{}, bookError("the price book is larger than 64 MiB")
	}
	var version struct {
		Format string `json:"format"`
	}
	if json.Unmarshal(data, &version) == nil && strings.HasPrefix(version.Format, bookFamily) && version.Format != bookFormat {
		return Book{}, ErrNewerBook
	}
	var doc bookJSON
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&doc); err != nil {
		return Book{}, bookDecodeError(err, data, d.InputOffset())
	}
	if d.More() || doc.Format != bookFormat {
		return Book{}, bookError("the price book is damaged: it is not one document in the form %s", bookFormat)
	}
	var b Book
	for _, in := range doc.Models {
		m, err := in.model()
		if err != nil {
			return Book{}, err
		}
		i, twice := b.find(m.ID)
		if twice || i != len(b.models) {
			return Book{}, bookError("the price book is damaged: its models are not in order at %q", m.ID)
		}
		b.models = append(b.models, m)
	}
	if _, err := b.Over(costmodel.Default()); err != nil {
		return Book{}, bookError("the price book is damaged: %v", err)
	}
	return b, nil
}

func (in bookModelJSON) model() (costmodel.Model, error) {
	m := costmodel.Model{
		ID: in.ID, Provider: in.Provider, ProviderName: in.ProviderName, Name: in.Name, Family: in.Family, Kind: in.Kind,
		APIIDs: in.APIIDs, Released: in.Released, Retired: in.Retired, Context: in.Context, MaxOutput: in.MaxOutput,
		Capabilities: in.Capabilities,
	}
	if len(in.Prices) > maxBookPrices {
		return m, bookError("the price book is damaged: %q has more than %d prices", in.ID, maxBookPrices)
	}
	for _, price := range in.Prices {
		p, err := price.price()
		if err != nil {
			return m, bookError("the price book is damaged at %q: %v", in.ID, err)
		}
		m.Prices = append(m.Prices, p)
	}
	return m, nil
}

func bookError(what string, args ...any) error {
	return &costmodel.InputError{What: fmt.Sprintf(what, args...), Hint: "nothing has been changed; mend the file, or move it aside to begin anew"}
}

// bookDecodeError says where a price book is damaged.
func bookDecodeError(err error, data []byte, at int64) error {
	var (
		syntax *json.SyntaxError
		input  *costmodel.InputError
	)
	what := strings.TrimPrefix(err.Error(), "json: ")
	switch {
	case errors.As(err, &syntax):
		at, what = syntax.Offset, "it is not JSON from there on"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return bookError("the price book is damaged: it is cut off")
	case errors.As(err, &input):
		what = input.What
	}
	line := 1 + bytes.Count(data[:min(max(at, 0), int64(len(data)))], []byte("\n"))
	return bookError("the price book is damaged at line %d: %s", line, what)
}
