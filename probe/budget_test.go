package probe

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"
)

func newBudget(limit string) *Budget {
	return &Budget{
		Cap: usd(limit), Ledger: &MemoryLedger{}, Price: listPrice,
		Worst: WorstPrice{Input: usd("10"), Output: usd("40")},
	}
}

func TestBudgetNeedsALedgerAndAWorstCase(t *testing.T) {
	for name, spoil := range map[string]func(*Budget){
		"no ledger":       func(b *Budget) { b.Ledger = nil },
		"no worst case":   func(b *Budget) { b.Worst = WorstPrice{} },
		"half of one":     func(b *Budget) { b.Worst.Output = decimal.Zero },
		"a negative cap":  func(b *Budget) { b.Cap = usd("-1") },
		"too many digits": func(b *Budget) { b.Cap = decimal.New(1, -40) },
	} {
		b := newBudget("1")
		if b.Check() != nil {
			t.Error("a good one is refused")
		}
		spoil(b)
		if b.Check() == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestEstimate(t *testing.T) {
	short := Profile{Name: "short", Prompt: strings.Repeat("x", 75), MaxTokens: 128} // guessed at 60 tokens
	cheap, unpriced := remote(1)[0], Target{Name: "unheard-of", BaseURL: "https://host.example/v1"}
	here := Target{Name: "t0", BaseURL: "http://localhost:1/v1"}
	fielded := cheap
	fielded.Extra = map[string]json.RawMessage{"stop": json.RawMessage(`["one","two"]`), "n_x": json.RawMessage("1")}
	for _, tc := range []struct {
		name    string
		target  Target
		priced  func(Target) bool
		unknown bool
		learnt  Usage
		want    string
	}{
		{"by its price", cheap, nil, false, Usage{}, "0.00143"},
		{"at the worst case", unpriced, nil, false, Usage{}, "0.00572"},
		{"no price at all", cheap, nil, true, Usage{}, "0.00572"},
		{"on loopback", here, nil, false, Usage{}, "0"},
		{"on loopback, unpriced", Target{Name: "x", BaseURL: "http://127.0.0.1:1/v1"}, nil, true, Usage{}, "0"},
		{"on loopback and paid", here, func(Target) bool { return true }, false, Usage{}, "0.00143"},
		{"with fewer tokens than guessed", cheap, nil, false, Usage{Input: Known[int64](20), Output: Known[int64](5)}, "0.0013775"},
		{"with more", cheap, nil, false, Usage{Input: Known[int64](100)}, "0.0015775"},
		{"after an answer beyond the cap", cheap, nil, false, Usage{Input: Known[int64](60), Output: Known[int64](1000)}, "0.0101975"},
		{"with fields of its own", fielded, nil, false, Usage{}, "0.0014825"}, // 21 bytes more
		{"with fields of its own, measured", fielded, nil, false, Usage{Input: Known[int64](100)}, "0.0015775"},
		{"after a fantastic count", cheap, nil, false, Usage{Input: Known[int64](1 << 60)}, "41.9443675"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBudget("1")
			b.Priced = tc.priced
			if tc.unknown {
				b.Price = nil
			}
			b.learn(measuredKey{tc.target.Name, short.Name}, tc.learnt)
			b.learn(measuredKey{tc.target.Name, "another"}, Usage{Input: Known[int64](1e6)})
			if got := b.Estimate(tc.target, short); !got.Equal(usd(tc.want)) {
				t.Errorf("%s, want %s", got, tc.want)
			}
		})
	}
}

func TestForecast(t *testing.T) {
	b, all := newBudget("1"), append(remote(len(listed)), targets(1)...)
	for _, target := range all {
		b.learn(measuredKey{target.Name, "chat"}, Usage{Input: Known[int64](60)})
	}
	got := b.Forecast(all, Chat(), time.Minute)
	if got.Interval.Truncate(time.Second) != 442*time.Second || got.Reason != ForBudget ||
		!got.PassUSD.Equal(usd("0.0051172")) || got.DayUSD.StringFixed(2) != "1.00" {
		t.Errorf("%+v", got)
	}
	got = b.Forecast(all, Chat(), time.Hour)
	if got.Interval != time.Hour || got.Reason != AsConfigured || !got.DayUSD.Equal(usd("0.1228128")) {
		t.Errorf("by the hour: %+v", got)
	}
	if got := b.Forecast(targets(2), Chat(), time.Minute); got.Interval != time.Minute || !got.DayUSD.IsZero() {
		t.Errorf("for free: %+v", got)
	}
}

func TestCharge(t *testing.T) {
	sent := Known(time.Duration(0))
	for _, tc := range []struct {
		name string
		s    Sample
		want string
	}{
		{"as priced", Sample{Outcome: OK, Status: 200, Connect: sent, USD: decimal.NewNullDecimal(usd("0.001"))}, "0.001"},
		{"as priced, and more than was set aside", Sample{Outcome: OK, Status: 200, USD: decimal.NewNullDecimal(usd("3"))}, "3"},
		{"free of charge", Sample{Outcome: OK, Status: 200, USD: decimal.NewNullDecimal(decimal.Zero)}, "0"},
		{"no usage", Sample{Outcome: OK, Status: 200, Connect: sent}, "1"},
		{"broken off", Sample{Outcome: Truncated, Status: 200, Connect: sent}, "1"},
		{"timed out without a word", Sample{Outcome: Timeout, Connect: sent}, "1"},
		{"cancelled in flight", Sample{Outcome: Cancelled, Connect: sent}, "1"},
		{"cancelled before a connection", Sample{Outcome: Cancelled}, "0"},
		{"never connected", Sample{Outcome: Network}, "0"},
		{"no key", Sample{Outcome: Auth}, "0"},
		{"refused", Sample{Outcome: RateLimited, Status: 429, Connect: sent}, "0"},
		{"failed with a status", Sample{Outcome: ServerError, Status: 500, Connect: sent}, "0"},
		{"redirected", Sample{Outcome: BadRequest, Status: 302, Connect: sent}, "1"},
		{"skipped", Sample{Outcome: Skipped}, "0"},
		{"broken off, with usage until then", Sample{Outcome: Truncated, Status: 200, Connect: sent, USD: decimal.NewNullDecimal(usd("0.001"))}, "1"},
		{"an error inside, with usage until then", Sample{Outcome: StreamError, Status: 200, USD: decimal.NewNullDecimal(usd("0.001"))}, "1"},
		{"malformed, with usage", Sample{Outcome: Malformed, Status: 200, USD: decimal.NewNullDecimal(usd("0.001"))}, "1"},
		{"timed out beyond the worst case", Sample{Outcome: Timeout, Status: 200, USD: decimal.NewNullDecimal(usd("3"))}, "3"},
		{"cancelled, with usage until then", Sample{Outcome: Cancelled, Status: 200, USD: decimal.NewNullDecimal(usd("0.001"))}, "1"},
		{"empty", Sample{Outcome: Empty, Status: 200, USD: decimal.NewNullDecimal(usd("0.001"))}, "0.001"},
		{"all of it thought", Sample{Outcome: BadRequest, Status: 200, USD: decimal.NewNullDecimal(usd("0.001"))}, "0.001"},
		{"a price below nothing", Sample{Outcome: OK, Status: 200, USD: decimal.NewNullDecimal(usd("-5"))}, "0"},
		{"a fantastic one", Sample{Outcome: OK, Status: 200, USD: decimal.NewNullDecimal(decimal.New(1, 15))}, "1000000"},
	} {
		if got := charge(usd("1"), tc.s); !got.Equal(usd(tc.want)) {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
}

func TestReserveRefuses(t *testing.T) {
	b, target, today := newBudget("0.003"), remote(1)[0], Day("2026-11-20")
	profile := Profile{Name: "p", Prompt: strings.Repeat("x", 75), MaxTokens: 128} // 0.00143
	refusal := func(t *testing.T, b *Budget, day Day) (Refusal, string) {
		t.Helper()
		_, err := b.Reserve(t.Context(), day, target, profile)
		var refused *RefusedError
		if !errors.As(err, &refused) {
			t.Fatalf("got %v", err)
		}
		return refused.Refusal, refused.Error()
	}
	first, err1 := b.Reserve(t.Context(), today, target, profile)
	second, err2 := b.Reserve(t.Context(), today, target, profile)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	if why, text := refusal(t, b, today); why != BudgetSetAside || !strings.Contains(text, "$0.003 a day") {
		t.Errorf("with two in flight: %s", text)
	}
	// Another process cannot know that they will be settled.
	other := newBudget("0.003")
	other.Ledger = b.Ledger
	if why, _ := refusal(t, other, today); why != BudgetSpent {
		t.Errorf("for another process: %v", why)
	}
	if _, err := b.Reserve(t.Context(), "2026-11-21", target, profile); err != nil {
		t.Errorf("on another day: %v", err)
	}
	ok := Sample{Outcome: OK, Status: 200, USD: decimal.NewNullDecimal(usd("0.00143"))}
	if err := errors.Join(first.Settle(t.Context(), ok), second.Settle(t.Context(), ok)); err != nil {
		t.Fatal(err)
	}
	if why, text := refusal(t, b, today); why != BudgetSpent || text != "the budget of $0.003 a day is spent; probing resumes 00:00 UTC" {
		t.Errorf("with both settled: %s", text)
	}
	if why, text := refusal(t, newBudget("0.001"), today); why != TooDear || text != "one probe may cost $0.00143, more than the budget of $0.001 a day" {
		t.Errorf("with less than that: %s", text)
	}
}

// Settling is done even where the program is ending.
func TestSettleOutlivesItsContext(t *testing.T) {
	b, ctx := newBudget("1"), context.Background()
	ended, cancel := context.WithCancel(ctx)
	r, err := b.Reserve(ended, "2026-11-20", remote(1)[0], Chat())
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := r.Settle(ended, Sample{Outcome: Cancelled}); err != nil {
		t.Fatal(err)
	}
	if got := spent(t, b.Ledger, "2026-11-20"); !got.Settled.IsZero() || !got.Reserved.IsZero() {
		t.Errorf("%+v", got)
	}
	if _, err := b.Reserve(ended, "2026-11-20", remote(1)[0], Chat()); err == nil || b.status().Problem != "" {
		t.Errorf("%v; problem %q", err, b.status().Problem)
	}
}

func TestBudgetUnderConcurrency(t *testing.T) {
	b, today := newBudget("0.05"), Day("2026-11-20")
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			for _, target := range remote(len(listed)) {
				r, err := b.Reserve(t.Context(), today, target, Chat())
				if err != nil {
					continue
				}
				s := Sample{Outcome: OK, Status: 200, Usage: Usage{Input: Known[int64](60), Output: Known[int64](128)}}
				cost, _ := listPrice(target, s.Usage)
				s.USD = decimal.NewNullDecimal(cost)
				if err := r.Settle(t.Context(), s); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if got := spent(t, b.Ledger, today); got.Settled.GreaterThan(b.Cap) || got.Settled.LessThan(usd("0.04")) || !got.Reserved.IsZero() {
		t.Errorf("%+v", got)
	}
	if len(b.inFlight) != 0 {
		t.Errorf("in flight: %v", b.inFlight)
	}
}

func TestDay(t *testing.T) {
	late := time.Date(2026, 12, 31, 23, 59, 59, 999, time.FixedZone("", -3600)) // already the next day in UTC
	if d := DayOf(late); d != "2027-01-01" || d.Check() != nil || !d.End().Equal(time.Date(2027, 1, 2, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("%s ends at %v", d, d.End())
	}
	for _, text := range []Day{"", "today", "2026-13-01", "2026-1-1", "2026-11-20/1", "2026-11-20 "} {
		if text.Check() == nil {
			t.Errorf("%q is a day", text)
		}
	}
}

// The estimate is of the answer that is asked for, not of the profile's.
func TestEstimateKnowsTheCap(t *testing.T) {
	b, short := newBudget("1"), Profile{Name: "short", Prompt: strings.Repeat("x", 75), MaxTokens: 128}
	thinker := remote(1)[0] // at 2.50 and 10 for 1M tokens
	thinker.Model = "openai/gpt-5"
	if got := b.Estimate(thinker, short); !got.Equal(usd("0.00271")) { // 60 in, 256 out
		t.Errorf("%s for a model that reasons", got)
	}
	b.Limit = func(Target, Profile) int { return 1000 }
	if got := b.Estimate(thinker, short); !got.Equal(usd("0.01015")) {
		t.Errorf("%s at a cap of 1000", got)
	}
}
