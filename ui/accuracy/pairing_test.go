package accuracy

import (
	"math"
	"strings"
	"testing"
	"time"

	"costping/probe"
)

const ms = time.Millisecond

// sampled is an attempt with five tokens, of which the first came after 30 ms.
func sampled(by *side, change ...func(*attempt)) attempt {
	a := attempt{by: by, sample: probe.Sample{
		Outcome: probe.OK, Events: 5, TTFT: probe.Known(30 * ms), TPOT: probe.Known(10 * ms),
	}}
	for _, f := range change {
		f(&a)
	}
	return a
}

// What readers saw is held against the same requests in the server's account.
func TestErrorsOf(t *testing.T) {
	a, b := &side{name: "a"}, &side{name: "b"}
	exact := sent{FirstMs: 30, EventMs: []float64{30, 40, 50, 60, 70}, Completed: true}
	early := sent{FirstMs: 28, EventMs: []float64{28, 38, 48, 58, 78}, Completed: true}
	for _, tc := range []struct {
		name       string
		account    []sent
		attempts   []attempt
		ttft, tpot []float64 // of a
		cold       int
		err        string
	}{
		{name: "exact", account: []sent{exact}, attempts: []attempt{sampled(a)}, ttft: []float64{0}, tpot: []float64{0}},
		{name: "late, and too fast", account: []sent{early}, attempts: []attempt{sampled(a)}, ttft: []float64{2}, tpot: []float64{-20}},
		{
			name: "each by its place", account: []sent{early, exact, early}, attempts: []attempt{sampled(b), sampled(a), sampled(b)},
			ttft: []float64{0}, tpot: []float64{0},
		},
		{
			name: "no rate", account: []sent{exact}, ttft: []float64{0},
			attempts: []attempt{sampled(a, func(a *attempt) { a.sample.TPOT.Known = false })},
		},
		{
			name: "a cold one is left out", account: []sent{early, exact}, ttft: []float64{0}, tpot: []float64{0}, cold: 1,
			attempts: []attempt{sampled(a, func(a *attempt) { a.sample.Flags |= probe.Cold }), sampled(a)},
		},
		{
			name: "one that opened connections is left out", account: []sent{early, exact}, ttft: []float64{0}, tpot: []float64{0},
			attempts: []attempt{sampled(a, func(a *attempt) { a.spare = true }), sampled(a)},
		},
		{name: "a request too many", account: []sent{exact, exact}, attempts: []attempt{sampled(a)}, err: "1 attempts, but the server had 2 requests"},
		{
			name: "an event too few", account: []sent{exact}, err: "4 events were read and 5 sent",
			attempts: []attempt{sampled(a, func(a *attempt) { a.sample.Events = 4 })},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			of, err := errorsOf(map[string][]sent{"m": tc.account}, map[string][]attempt{"m": tc.attempts})
			if tc.err != "" {
				if err == nil || !strings.Contains(err.Error(), tc.err) {
					t.Fatalf("error %v, want %q", err, tc.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := of[a]
			if !near(got.ttft, tc.ttft) || !near(got.tpot, tc.tpot) || got.cold != tc.cold {
				t.Errorf("errors %v ms and %v %%, %d cold; want %v, %v, %d", got.ttft, got.tpot, got.cold, tc.ttft, tc.tpot, tc.cold)
			}
		})
	}
}

func near(got, want []float64) bool {
	if len(got) != len(want) {
		return false
	}
	for i := range got {
		if math.Abs(got[i]-want[i]) > 1e-9 {
			return false
		}
	}
	return true
}

// Both readers find every token of every request that the other process says it
// sent, in either way to begin a stream.
func TestReadersAndAccount(t *testing.T) {
	for name, together := range map[string]bool{"role first": false, "headers with the first token": true} {
		t.Run(name, func(t *testing.T) {
			const streams, requests, tokens = 2, 2, 6
			w := elsewhere(t, setup{Streams: streams, Together: together})
			client, floor := sides(t, together)
			k := newBook()
			for _, s := range []*side{client, floor} {
				k.warm(t.Context(), s, w.targets())
				k.turn(s, func() { k.stream(t.Context(), noted{s, k, false}, w.targets(), profileOf(tokens), requests, 0) })
			}
			k.check(t)
			of, err := errorsOf(w.account(t), k.byStream)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range []*side{client, floor} {
				if n := len(of[s].ttft) + of[s].cold; n != streams*requests || s.turns[0].events != n*tokens {
					t.Errorf("%s: %d requests, %d events, want %d and %d", s.name, n, s.turns[0].events, streams*requests, streams*requests*tokens)
				}
				if len(of[s].ttft) > 0 && of[s].ttft[0] < -0.001 { // of the account's rounding
					t.Errorf("%s had a token %v ms before it was sent", s.name, -of[s].ttft[0])
				}
			}
		})
	}
}
