package costmodel

import (
	"maps"
	"slices"
	"time"
)

// Kind is what a model does.
type Kind string

// The kinds of models.
const (
	Chat      Kind = "chat"
	Embedding Kind = "embedding"
)

// Support says whether a model can do something. The zero value is unknown,
// which is not no.
type Support uint8

// The answers.
const (
	SupportUnknown Support = iota
	Supported
	Unsupported
)

// String returns "unknown", "yes" or "no".
func (s Support) String() string {
	switch s {
	case Supported:
		return "yes"
	case Unsupported:
		return "no"
	default:
		return "unknown"
	}
}

// MarshalText returns String.
func (s Support) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads "yes", "no" or "unknown"; an empty text is unknown.
func (s *Support) UnmarshalText(text []byte) error {
	switch string(text) {
	case "yes":
		*s = Supported
	case "no":
		*s = Unsupported
	case "", "unknown":
		*s = SupportUnknown
	default:
		return &InputError{What: quote(string(text)) + " is not yes, no or unknown", Hint: "write yes, no or unknown"}
	}
	return nil
}

// Capabilities are what a model can do at its API.
type Capabilities struct {
	// JSONSchema: the API holds an answer to a schema; a JSON mode alone is no.
	JSONSchema Support `json:"json_schema" toml:"json_schema"`
	Tools      Support `json:"tools" toml:"tools"`
	// Reasoning: the model thinks before it answers, and bills for it.
	Reasoning Support `json:"reasoning" toml:"reasoning"`
	Streaming Support `json:"streaming" toml:"streaming"`
	Batch     Support `json:"batch" toml:"batch"`
}

// TokenRange is an interval of token counts, both ends included; the zero value
// is unknown.
type TokenRange struct {
	Low  int64 `json:"low" toml:"low"`
	High int64 `json:"high" toml:"high"`
}

// SourcedTokens is a count of tokens, and who says so.
type SourcedTokens struct {
	Tokens int64  `json:"tokens"`
	Source string `json:"source"`
}

// Known reports whether there is a range.
func (r TokenRange) Known() bool { return r != TokenRange{} }

// Model is one model as one provider hosts it: its names, its dates, what it can
// do and its prices.
type Model struct {
	// ID is short, stable and unique in a catalog: "gpt-4o-mini".
	ID string
	// Name is how its maker writes it: "GPT-4o-mini".
	Name string
	// Provider is the id of who hosts it ("openai"), ProviderName its name
	// ("OpenAI").
	Provider     string
	ProviderName string
	// Family is what a successor has in common with it ("claude-sonnet"), ""
	// where unknown.
	Family string
	Kind   Kind
	// APIIDs are further names an API takes for it and for nothing else, dated
	// ones among them. Aliases are names that the provider may point at another
	// model one day ("claude-3-5-sonnet-latest").
	APIIDs  []string
	Aliases []string
	// Lists names the lists it is on.
	Lists []string
	// Released and Retired are the first day it was and the first day it is
	// no longer offered; either may be no date. Retired may lie ahead.
	Released Date
	Retired  Date
	// Successor is the ID of the model that takes its place, "" where none is
	// stated; Catalog.SuccessorOn finds one then.
	Successor string
	// Capabilities are what it can do.
	Capabilities Capabilities
	// Context and MaxOutput are tokens, 0 where unknown. PracticalContext is the
	// range of input beyond which answers were found to get worse.
	Context          int64
	MaxOutput        int64
	PracticalContext TokenRange
	// ContextBy is what each source says of the context where they differ, the one
	// that Context is of first.
	ContextBy []SourcedTokens
	// Prices are what its sources say, of all times, services and hours, in the
	// order of the catalog.
	Prices []Price

	pinned map[string]int // list name -> index in Prices
}

// PriceOn returns the price that holds on the given day: of those in force then,
// at the standard service and outside of special hours, the user's own, otherwise
// the one that is not doubted and has the newest as-of date, the first of equals.
// Where none is in force, and before the model was released, the price is unknown.
func (m Model) PriceOn(day Date) Price {
	if m.UnreleasedOn(day) {
		return Price{}
	}
	return m.best(func(p Price) bool { return p.Service == Standard && p.Hours.IsZero() && p.InForceOn(day) })
}

// PriceAt returns the price of a service at a moment: one for the hours of the
// moment where there is such, otherwise the one without hours.
func (m Model) PriceAt(moment time.Time, service Service) Price {
	day := DateOf(moment.UTC())
	held := func(p Price) bool { return p.Service == service && p.InForceOn(day) }
	special := m.best(func(p Price) bool { return held(p) && p.Hours.Contains(moment) })
	if !special.AsOf.IsZero() {
		return special
	}
	return m.best(func(p Price) bool { return held(p) && p.Hours.IsZero() })
}

// Price returns the price that holds on the day of the newest as-of date, which
// is what is known without being told the day. A caller that knows the day asks
// PriceOn.
func (m Model) Price() Price {
	var newest Date
	for _, p := range m.Prices {
		if p.AsOf.Compare(newest) > 0 {
			newest = p.AsOf
		}
	}
	return m.PriceOn(newest)
}

// PriceIn returns the price that holds on the named list: the one pinned there,
// otherwise Price.
func (m Model) PriceIn(list string) Price {
	if i, ok := m.pinned[list]; ok {
		return m.Prices[i]
	}
	return m.Price()
}

// PriceInOn returns the price that holds on the named list on the given day: the
// one pinned there, otherwise PriceOn.
func (m Model) PriceInOn(list string, day Date) Price {
	if i, ok := m.pinned[list]; ok && !m.UnreleasedOn(day) {
		return m.Prices[i]
	}
	return m.PriceOn(day)
}

// OffersOn returns the other offers in force on the given day, one a service and
// hours, in the order of the catalog: what PriceOn does not say.
func (m Model) OffersOn(day Date) []Price {
	var offers []Price
	for _, p := range m.Prices {
		if !p.InForceOn(day) || p.Service == Standard && p.Hours.IsZero() || slices.ContainsFunc(offers, p.SameOffer) {
			continue
		}
		offers = append(offers, m.best(func(q Price) bool { return q.InForceOn(day) && q.SameOffer(p) }))
	}
	return offers
}

// History returns what one source says of the plain offer, from the oldest
// interval to the newest.
func (m Model) History(source string) []Price {
	var intervals []Price
	for _, p := range m.Prices {
		if p.Source == source && p.Service == Standard && p.Hours.IsZero() {
			intervals = append(intervals, p)
		}
	}
	slices.SortStableFunc(intervals, func(a, b Price) int { return a.From.Compare(b.From) })
	return intervals
}

// NextChange returns the first day after the given one on which another interval
// of the plain offer begins or the present one ends, and the price from then on;
// ok is false where no change is announced.
func (m Model) NextChange(day Date) (next Price, on Date, ok bool) {
	now := m.PriceOn(day)
	for _, p := range m.Prices {
		for _, d := range []Date{p.From, p.Until} {
			if d.Compare(day) <= 0 || ok && d.Compare(on) >= 0 || m.PriceOn(d).SameTerms(now) {
				continue
			}
			next, on, ok = m.PriceOn(d), d, true
		}
	}
	return next, on, ok
}

// best returns the price with the highest precedence among those that hold, the
// first of equals; the unknown price where there is none.
func (m Model) best(holds func(Price) bool) Price {
	var best Price
	found := false
	for _, p := range m.Prices {
		if holds(p) && (!found || precedence(p, best) < 0) {
			best, found = p, true
		}
	}
	return best
}

// RetiredOn reports whether the model is no longer offered on the given day.
func (m Model) RetiredOn(today Date) bool {
	return !m.Retired.IsZero() && m.Retired.Compare(today) <= 0
}

// UnreleasedOn reports whether the model was not offered yet on the given day, as
// far as its release is known.
func (m Model) UnreleasedOn(day Date) bool { return m.Released.Compare(day) > 0 }

// RetiresSoon is how many days ahead a retirement is worth a remark: about what it
// takes to test and move to another model.
const RetiresSoon = 60

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
	return slices.ContainsFunc(m.names(), func(id string) bool { return fold(id) == fold(name) })
}

// names returns the ID, the API ids and the aliases.
func (m Model) names() []string { return slices.Concat([]string{m.ID}, m.APIIDs, m.Aliases) }

// clone returns a copy that shares no memory a caller can write to.
func (m Model) clone() Model {
	m.APIIDs = slices.Clone(m.APIIDs)
	m.Aliases = slices.Clone(m.Aliases)
	m.Lists = slices.Clone(m.Lists)
	m.ContextBy = slices.Clone(m.ContextBy)
	m.Prices = slices.Clone(m.Prices)
	for i := range m.Prices {
		m.Prices[i].Tiers = slices.Clone(m.Prices[i].Tiers)
	}
	m.pinned = maps.Clone(m.pinned)
	return m
}
