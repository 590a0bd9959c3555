package compare

import (
	"fmt"
	"math/big"

	"costping/costmodel"
	"costping/probe/stats"
)

// Successful is what an item costs that succeeds, with those paid for that do not:
// what one costs over the share that does, of which ok is the measured one. It is not
// known where the spend has no items, or where none succeeded.
func Successful(s costmodel.Spend, ok stats.Rate) (costmodel.USD, bool) {
	each, known := s.PerTask()
	if !known || ok.N == 0 || ok.Hits == 0 {
		return costmodel.USD{}, false
	}
	return each.Mul(big.NewRat(int64(ok.N), int64(ok.Hits))), true
}

// UsableAnswer is what an answer that can be used as it was sent costs on the row's
// model; false where the workload has no items or no answers of it were graded.
func UsableAnswer(r *Row) (costmodel.USD, bool) {
	shape, _ := r.Reliability.ByDefault()
	return Successful(r.Spend, Usable(shape.Bad))
}

// Usable is the share of answers that can be used as they were sent, of a share that
// cannot.
func Usable(bad stats.Rate) stats.Rate { return stats.RateOf(bad.N-bad.Hits, bad.N) }

// again is what asking for malformed answers once more, until they are usable, adds to
// a month of spend. On a machine of one's own it adds nothing: that costs what it does.
func again(s costmodel.Spend, bad stats.Rate) (costmodel.USD, bool) {
	if !s.Known || !s.Price.Known() || bad.Hits == bad.N {
		return costmodel.USD{}, false
	}
	return s.PerMonth.Mul(big.NewRat(int64(bad.Hits), int64(bad.N-bad.Hits))), true
}

// MalformedNote says what a measured malformed rate comes to, in a sentence without a
// subject, and which options bill it; "" where there is nothing to say. The spend is
// not changed by it.
func MalformedNote(s costmodel.Spend, bad stats.Rate) string {
	if bad.Hits == 0 {
		return ""
	}
	text := "malformed " + Share(bad)
	if usable, counted := Successful(s, Usable(bad)); counted {
		text += fmt.Sprintf(": a usable answer is $%s", usable.Format(6))
	}
	share := sixPlaces(bad.Value()) * 100
	reviews := fmt.Sprintf("--malformed %.3g%% --reviews USD bills their review", share)
	more, ok := again(s, bad)
	if !ok || more.Sign() == 0 {
		return text + " (" + reviews + ")"
	}
	text += fmt.Sprintf("; asking for the others again adds $%s a month", more.Format(2))
	if s.Workload.Retries.IsZero() {
		text += ", which is not in the spend"
	}
	if repeated := float64(bad.Hits) / float64(bad.N-bad.Hits); repeated <= 1 { // more than all is no share
		reviews = fmt.Sprintf("--retries %.3g%% bills that, ", sixPlaces(repeated)*100) + reviews
	}
	return text + " (" + reviews + ")"
}

// whySuccess are the lines of what a successful item costs, beside what any does.
func whySuccess(r Row) []Line {
	each, ok := r.Spend.PerTask()
	if !ok {
		return nil
	}
	text := "an item $" + each.Format(6)
	usable, counted := UsableAnswer(&r)
	if counted {
		text += fmt.Sprintf(", a usable answer $%s", usable.Format(6))
	}
	correct, solved := Successful(r.Spend, r.Reliability.Accuracy)
	if solved {
		text += fmt.Sprintf(", a solved task $%s (%s)", correct.Format(6), Share(r.Reliability.Accuracy))
	}
	if !counted && !solved {
		return nil
	}
	return []Line{{"success", []string{text}}}
}
