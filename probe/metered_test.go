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
