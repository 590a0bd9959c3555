package check

import (
	"costping/probe"
	"costping/probe/stats"

	"github.com/shopspring/decimal"
)

// Tally is what the answers of a series come to.
type Tally struct {
	Target   probe.Target
	Kind     Kind
	Enforced bool
	// N counts the answers, Classes what they were.
	N       int
	Classes map[Class]int
	// Bad is the share of answers that cannot be used as they were sent: malformed
	// ones of the schema kind, all but the right ones of the tools kind.
	Bad stats.Rate
	// Right is the share of right ones.
	Right stats.Rate
	// Fields is the share of expected values that are right, of the answers that
	// could be read. Its interval takes them for independent, which those of one
	// answer need not be.
	Fields stats.Rate
	// Unanswered counts the attempts without an answer by their outcome.
	Unanswered map[probe.Outcome]int
	// Unsupported is the field that the target does not take, "" for none.
	Unsupported string
	// GaveUp says why fewer were asked than were wanted, "" where they were not.
	GaveUp string
	// USD is what all of it cost, Unpriced how many requests it leaves out.
	USD      decimal.Decimal
	Unpriced int
	// E2E are the times of whole answers, in milliseconds, in the order in which
	// they came.
	E2E []float64
	// Examples has one answer of each class that is not right.
	Examples []Answer

	fields, of int
}

// NewTally is one without answers.
func NewTally(s Series) *Tally {
	t := &Tally{Target: s.Target, Kind: s.Kind, Enforced: s.Enforced, Classes: map[Class]int{}, Unanswered: map[probe.Outcome]int{}}
	t.rates()
	return t
}

// Add counts an answer.
func (t *Tally) Add(a Answer) {
	t.USD, t.Unpriced = t.USD.Add(a.USD), t.Unpriced+a.Unpriced
	switch {
	case a.Unsupported != "":
		t.Unsupported = a.Unsupported
		return
	case a.Class == "":
		t.Unanswered[a.Sample.Outcome]++
		return
	}
	t.N++
	if t.Classes[a.Class]++; t.Classes[a.Class] == 1 && a.Class != Right {
		t.Examples = append(t.Examples, a)
	}
	t.fields, t.of = t.fields+a.Fields, t.of+a.Of
	if s := a.Sample; s.Outcome == probe.OK && s.E2E.Known {
		t.E2E = append(t.E2E, s.E2E.Value.Seconds()*1000)
	}
	t.rates()
}

func (t *Tally) rates() {
	bad := 0
	for class, n := range t.Classes {
		if t.Kind == KindTools && class != Right || t.Kind == KindSchema && class.Malformed() {
			bad += n
		}
	}
	t.Bad, t.Right = stats.RateOf(bad, t.N), stats.RateOf(t.Classes[Right], t.N)
	t.Fields = stats.RateOf(t.fields, t.of)
}

// USDPerRight is what a right answer cost: all that was spent over the right ones.
// It is unknown where there is none, or where a price is.
func (t *Tally) USDPerRight() decimal.NullDecimal {
	if t.Classes[Right] == 0 || t.Unpriced > 0 {
		return decimal.NullDecimal{}
	}
	return decimal.NewNullDecimal(t.USD.DivRound(decimal.NewFromInt(int64(t.Classes[Right])), 12))
}
