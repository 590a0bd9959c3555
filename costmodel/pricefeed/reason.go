package pricefeed

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Reason says why a price or a model was not taken. It is a word for programs;
// Words is for people.
type Reason string

// The reasons.
const (
	// Of what stands.
	Unchanged    Reason = "unchanged"
	NotInCatalog Reason = "not_in_the_catalog"
	Older        Reason = "older_than_what_stands"
	OtherName    Reason = "another_name_of_the_same_model"
	// Of prices.
	NoPrice         Reason = "no_price_per_token"
	PriceNull       Reason = "price_is_null"
	PriceDynamic    Reason = "price_varies_by_request"
	PriceNegative   Reason = "price_is_negative"
	PriceNotNumber  Reason = "price_is_not_a_number"
	PriceOutOfRange Reason = "price_is_out_of_range"
	OtherUnit       Reason = "priced_in_another_unit"
	PerRequest      Reason = "priced_per_request_too"
	BadTiers        Reason = "tiers_not_understood"
	BadCondition    Reason = "condition_not_understood"
	// Of models.
	OtherKind    Reason = "neither_chat_nor_embedding"
	NotAModel    Reason = "not_a_model"
	UnreadableID Reason = "name_cannot_be_used"
	BadRecord    Reason = "record_not_understood"
)

// Words returns the reason as it stands in a sentence.
func (r Reason) Words() string { return strings.ReplaceAll(string(r), "_", " ") }

// Tally counts by reason.
type Tally map[Reason]int

func (t Tally) add(r Reason, n int) { t[r] += max(n, 1) }

// Reasons returns the reasons that were counted, the most frequent first.
func (t Tally) Reasons() []Reason {
	return slices.SortedFunc(maps.Keys(t), func(a, b Reason) int {
		return cmp.Or(cmp.Compare(t[b], t[a]), cmp.Compare(a, b))
	})
}

// Total returns the sum of the counts.
func (t Tally) Total() int {
	n := 0
	for _, count := range t {
		n += count
	}
	return n
}
