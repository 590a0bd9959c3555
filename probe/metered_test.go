package probe

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/shopspring/decimal"
)

// proberFunc is a prober that needs no preparing.
type proberFunc func(Attempt) Sample

func (proberFunc) Prepare(context.Context, Target, Profile) {}

func (f proberFunc) Probe(_ context.Context, a Attempt) Sample { return f(a) }

func TestMetered(t *testing.T) {
	b, sent := newBudget("0.0035"), 0 // two worst cases of 0.00143 and no third
	b.Limit = func(Target, Profile) int { return 128 }
	inner := proberFunc(func(a Attempt) Sample {
		sent++
		return Sample{Target: a.Target, Outcome: OK, Status: 200, USD: decimal.NewNullDecimal(usd("0.0012"))}
	})
	attempt := Attempt{Target: remote(1)[0], Profile: Profile{Name: "p", Prompt: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", MaxTokens: 64}}
	m := Metered(inner, b, nil)
	for i, want := range []Outcome{OK, OK, Skipped, Skipped} {
		s := m.Probe(t.Context(), attempt)
		if refused := s.Refused; (refused != nil) != (want == Skipped) || refused != nil && refused.Refusal != BudgetSpent {
			t.Errorf("attempt %d: refused %v", i, refused)
		}
		if s.Outcome != want || s.Target.Name != attempt.Target.Name {
			t.Errorf("attempt %d: %v %q", i, s.Outcome, s.Error)
		}
		if want == Skipped && (s.Error != "the budget of $0.0035 a day is spent; probing resumes 00:00 UTC" || s.Cap != 128 || s.Profile != "p") {
			t.Errorf("attempt %d: %+v", i, s)
		}
	}
	if status := b.Read(t.Context(), DayOf(time.Now())); sent != 2 || !status.Settled.Equal(usd("0.0024")) || !status.Reserved.IsZero() {
		t.Errorf("%d sent, %+v", sent, status)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if s := Metered(inner, newBudget("1"), nil).Probe(ended, attempt); s.Outcome != Cancelled || sent != 2 {
		t.Errorf("after the end: %v", s.Outcome)
	}
}

// unsettling is a ledger that takes no settlements.
type unsettling struct{ MemoryLedger }

func (*unsettling) Settle(context.Context, string, decimal.Decimal) error { return errors.New("full") }

func TestMeteredSaysWhatItCouldNotSettle(t *testing.T) {
	b := newBudget("1")
	b.Ledger = &unsettling{}
	var heard error
	m := Metered(proberFunc(func(a Attempt) Sample { return Sample{Target: a.Target, Outcome: OK} }), b, func(err error) { heard = err })
	s := m.Probe(t.Context(), Attempt{Target: remote(1)[0], Profile: Chat()})
	if s.Outcome != OK || heard == nil {
		t.Errorf("%v, heard %v", s.Outcome, heard)
	}
}

// Who measures at once can tell money that is only set aside, for which it may
// wait, from money that is gone.
func TestMeteredSaysWhyItRefused(t *testing.T) {
	b, target, profile := newBudget("0.0035"), remote(1)[0], Profile{Name: "p", Prompt: "x", MaxTokens: 128}
	var inFlight Sample
	inner := proberFunc(func(a Attempt) Sample { return Sample{Target: a.Target, Outcome: OK, Status: 200} })
	attempt := Attempt{Target: target, Profile: profile}
	var outer Prober
	outer = Metered(proberFunc(func(a Attempt) Sample {
		if a.Concurrency == 0 {
			a.Concurrency = 2
			_ = outer.Probe(t.Context(), a) // takes what is left
		}
		inFlight = Metered(inner, b, nil).Probe(t.Context(), attempt)
		return Sample{Target: a.Target, Outcome: OK, Status: 200, USD: decimal.NewNullDecimal(usd("0.001"))}
	}), b, nil)
	outer.Probe(t.Context(), attempt)
	if inFlight.Refused == nil || inFlight.Refused.Refusal != BudgetSetAside {
		t.Errorf("with two in flight: %v %q", inFlight.Refused, inFlight.Error)
	}
	if s := Metered(inner, newBudget("0.0001"), nil).Probe(t.Context(), attempt); s.Refused == nil || s.Refused.Refusal != TooDear {
		t.Errorf("too dear: %v %q", s.Refused, s.Error)
	}
	b.Ledger = brokenLedger{}
	if s := Metered(inner, b, nil).Probe(t.Context(), attempt); s.Outcome != Skipped || s.Refused != nil {
		t.Errorf("a broken ledger: %v %v", s.Outcome, s.Refused)
	}
}
