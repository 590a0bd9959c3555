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
	// MaxBytes bounds a feed; the largest is 2.5 MB.
	MaxBytes = 64 << 20
	// maxModels bounds the models of a feed; the largest has 5,300.
	maxModels = 100_000
)

// Feed is what one feed says.
type Feed struct {
	// Source names it, and so its prices: "LiteLLM".
	Source string
	// AsOf is the feed's own date; most have none.
	AsOf costmodel.Date
	// Listings are its models, in its order.
	Listings []Listing
	// Skipped counts what it holds beyond them.
	Skipped Tally
	// Route says that it quotes a route to a vendor's model, and not the vendor.
	Route bool
}

// Listing is a model as a feed has it.
type Listing struct {
	// Model has what the feed says of it: Provider is the catalog's id of who
	// hosts it, or the feed's own where the catalog has none; ID is the name at
	// that provider; APIIDs are further ones. The prices have no source and date
	// yet.
	costmodel.Model
}

// Read reads a feed of any of the formats and tells which it is. What is not one
// of them, is cut off, is too large or has too many models is an
// *costmodel.InputError. At most MaxBytes and one more are read.
func Read(r io.Reader) (Feed, error) {
	// All of it first: a decoder that waits for more goes over blanks again and again.
	data, err := io.ReadAll(&boundedReader{r: r, left: MaxBytes})
	if err != nil {
		return Feed{}, readError(err)
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // a byte order mark is no part of JSON
	data = bytes.TrimLeft(data, " \t\r\n")
	head := data[:min(len(data), outlineBytes)]
	if err := notJSON(head); err != nil {
		return Feed{}, err
	}
	seen := sketch(head)
	for _, f := range formats {
		if !f.is(seen) {
			continue
		}
		c := &collector{Feed: Feed{Source: f.source, Route: f.route, Skipped: Tally{}}}
		c.Decoder = json.NewDecoder(bytes.NewReader(data))
		if err := f.read(c); err != nil {
			return Feed{}, readError(err)
		}
		if _, err := c.Token(); !errors.Is(err, io.EOF) {
			return Feed{}, readError(cmpError(err, errTrailing))
		}
		if len(c.Listings) == 0 && len(c.Skipped) == 0 {
			return Feed{}, feedError("the feed has no models", "")
		}
		return c.Feed, nil
	}
	return Feed{}, feedError("the JSON is not of a price feed that is known", "")
}

// cmpError returns err, or other where there is none.
func cmpError(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// The ways in which a feed is refused, beside those of the decoder.
var (
	errTooLarge  = errors.New("the feed is larger than 64 MiB")
	errTooMany   = fmt.Errorf("the feed has more than %d models", maxModels)
	errTrailing  = errors.New("there is more than one JSON document")
	errStructure = errors.New("the JSON changes its shape halfway")
)

// boundedReader fails where more than left bytes come: a feed cut there would
// pass for one that was cut on its way.
type boundedReader struct {
	r    io.Reader
	left int64
}

func (b *boundedReader) Read(p []byte) (int, error) {
	n, err := b.r.Read(p[:min(int64(len(p)), b.left+1)])
	if b.left -= int64(n); b.left < 0 {
		return 0, errTooLarge
	}
	return n, err
}

// feedError is a refusal; without a hint it says which feeds are read.
func feedError(what, hint string) error {
	if hint == "" {
		hint = "the feeds that are read are LiteLLM's model_prices_and_context_window.json, models.dev's api.json, " +
			"OpenRouter's /api/v1/models and genai-prices' v2 data.json"
	}
	return &costmodel.InputError{What: what, Hint: hint}
}

// notJSON says what stands there instead of a feed.
func notJSON(head []byte) error {
	text := strings.TrimSpace(string(head))
	switch {
	case text == "":
		return feedError("the feed is empty", "fetch it again")
	case text[0] == '<':
		return feedError("this is a web page, not a price feed", "give the address of the JSON file itself, its raw form where there is one")
	case text[0] != '{' && text[0] != '[':
		return feedError("this is not a JSON document", "")
	}
	return nil
}

// readError puts what went wrong into one sentence.
func readError(err error) error {
	var (
		syntax *json.SyntaxError
		input  *costmodel.InputError
	)
	switch {
	case errors.As(err, &input):
		return input
	case errors.Is(err, errTooLarge), errors.Is(err, errTooMany):
		return feedError(err.Error(), "")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return feedError("the feed is cut off: its JSON does not end", "fetch it again")
	case errors.Is(err, errTrailing), errors.Is(err, errStructure):
		return feedError("the feed is broken: "+err.Error(), "fetch it again")
	case errors.As(err, &syntax):
		return feedError(fmt.Sprintf("the feed is broken at byte %d: it is not JSON from there on", syntax.Offset), "fetch it again")
	}
	return fmt.Errorf("reading the feed: %w", err)
}

// collector gathers a feed while it is decoded.
type collector struct {
	*json.Decoder
	Feed
}

// add takes a model, or skips it where it cannot be told or shown.
func (c *collector) add(m costmodel.Model) error {
	switch {
	case !showable(m.ID) || !host(m.Provider):
		c.Skipped.add(UnreadableID, len(m.Prices))
		return nil
	case len(c.Listings) == maxModels:
		return errTooMany
	}
	if !showable(m.Name) {
		m.Name = m.ID
	}
	if !showable(m.ProviderName) {
		m.ProviderName = m.Provider
	}
	names := make([]string, 0, len(m.APIIDs))
	for _, name := range m.APIIDs {
		if showable(name) && len(names) < maxNames {
			names = append(names, name)
		}
	}
	m.APIIDs = names
	c.Listings = append(c.Listings, Listing{m})
	return nil
}

// skip counts a model or a price that is not taken from the feed.
func (c *collector) skip(why Reason) { c.Skipped.add(why, 1) }

// decode reads the next value into v. One of another type is skipped as not
// understood, and the feed goes on behind it.
func (c *collector) decode(v any) (understood bool, err error) {
	err = c.Decode(v)
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		c.skip(BadRecord)
		return false, nil
	}
	return err == nil, err
}

// each calls do for the members of an object or the elements of an array whose
// opening is next; do has to read one value. key is "" in an array.
func (c *collector) each(opening json.Delim, do func(key string) error) error {
	t, err := c.Token()
	if err != nil {
		return err
	}
	if t != opening {
		return errStructure
	}
	for c.More() {
		key := ""
		if opening == '{' {
			t, err := c.Token()
			if err != nil {
				return err
			}
			key, _ = t.(string)
		}
		if err := do(key); err != nil {
			return err
		}
	}
	_, err = c.Token() // the closing one
	return err
}

// ownDate takes the feed's own date from a member of its top level.
func (c *collector) ownDate(raw json.RawMessage) {
	var text string
	if json.Unmarshal(raw, &text) != nil || len(text) < len("2006-01-02") {
		return
	}
	if d, err := costmodel.ParseDate(text[:len("2006-01-02")]); err == nil {
		c.AsOf = d
	}
}

// dateKeys are the members in which a feed may have its date.
var dateKeys = map[string]bool{"updated_at": true, "as_of": true, "generated_at": true}
