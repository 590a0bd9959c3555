package compare

import (
	"reflect"
	"testing"
	"time"

	"costping/probe"

	"pgregory.net/rapid"
)

// ms is a known duration of so many milliseconds.
func ms(n int) probe.Measured[time.Duration] {
	return probe.Known(time.Duration(n) * time.Millisecond)
}

func TestPhases(t *testing.T) {
	t.Parallel()
	part := func(p Phase, n int) Part { return Part{p, time.Duration(n) * time.Millisecond} }
	for name, tc := range map[string]struct {
		sample probe.Sample
		want   []Part
	}{
		"cold over TLS": {
			probe.Sample{DNS: ms(5), TLS: ms(20), Connect: ms(40), Wrote: ms(41), TTFB: ms(200), TTFT: ms(250), E2E: ms(900)},
			[]Part{part(DNS, 5), part(Connect, 15), part(TLS, 20), part(Send, 1), part(Wait, 159), part(FirstToken, 50), part(Generation, 650)},
		},
		"cold, plain, by address": {
			probe.Sample{DNS: ms(0), TLS: ms(0), Connect: ms(10), Wrote: ms(11), TTFB: ms(20), TTFT: ms(30), E2E: ms(40)},
			[]Part{part(Connect, 10), part(Send, 1), part(Wait, 9), part(FirstToken, 10), part(Generation, 10)},
		},
		"reused": {
			probe.Sample{Connect: ms(0), Wrote: ms(1), TTFB: ms(20), TTFT: ms(30), E2E: ms(40)},
			[]Part{part(Send, 1), part(Wait, 19), part(FirstToken, 10), part(Generation, 10)},
		},
		"not known when it was written": {
			probe.Sample{Connect: ms(0), TTFB: ms(20), TTFT: ms(30), E2E: ms(40)},
			[]Part{part(Wait, 20), part(FirstToken, 10), part(Generation, 10)},
		},
		"an answer to half a request": {
			probe.Sample{Connect: ms(0), Wrote: ms(25), TTFB: ms(20), TTFT: ms(30), E2E: ms(40)},
			[]Part{part(Send, 25), part(FirstToken, 5), part(Generation, 10)},
		},
		"broken off after the first token": {
			probe.Sample{Connect: ms(0), Wrote: ms(1), TTFB: ms(20), TTFT: ms(30)},
			[]Part{part(Send, 1), part(Wait, 19), part(FirstToken, 10)},
		},
		"never connected": {probe.Sample{}, nil},
	} {
		if got := Phases(tc.sample); !reflect.DeepEqual(got, tc.want) {
			t.Errorf("%s: got %v, want %v", name, got, tc.want)
		}
	}
}

// Whatever the marks, the parts are positive, in order, and add up to the end.
func TestPhasesAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		mark := func(name string) probe.Measured[time.Duration] {
			if rapid.Bool().Draw(t, name+" known") {
				return probe.Known(time.Duration(rapid.Int64Range(0, 1e12).Draw(t, name)))
			}
			return probe.Measured[time.Duration]{}
		}
		s := probe.Sample{
			Connect: mark("connect"), DNS: mark("dns"), TLS: mark("tls"), Wrote: mark("wrote"),
			TTFB: mark("ttfb"), TTFT: mark("ttft"), E2E: mark("e2e"),
		}
		sum, last := time.Duration(0), Phase(0)
		for _, p := range Phases(s) {
			if p.Took <= 0 || p.Phase <= last {
				t.Fatalf("%v of %+v", Phases(s), s)
			}
			sum, last = sum+p.Took, p.Phase
		}
		if s.E2E.Known && sum != s.E2E.Value {
			t.Fatalf("the parts add up to %v, E2E is %v", sum, s.E2E.Value)
		}
	})
}
