package probe

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const ms = time.Millisecond

// at places events: each argument is a time in ms and a data payload, every
// event in a read of its own.
func at(pairs ...any) []event {
	var events []event
	for i := 0; i+1 < len(pairs); i += 2 {
		when, _ := pairs[i].(int)
		data, _ := pairs[i+1].(string)
		events = append(events, event{arrival: arrival{read: i, at: time.Duration(when) * ms}, data: []byte(data)})
	}
	return events
}

const (
	role   = `{"choices":[{"delta":{"role":"assistant","content":""}}]}`
	token  = `{"choices":[{"delta":{"content":"x"}}]}`
	think  = `{"choices":[{"delta":{"reasoning_content":"hm"}}]}`
	think2 = `{"choices":[{"delta":{"reasoning":"hm"}}]}`
	stop   = `{"choices":[{"delta":{},"finish_reason":"stop"}]}`
	length = `{"choices":[{"delta":{},"finish_reason":"length"}]}`
)

func usage(in, out int) string {
	return fmt.Sprintf(`{"choices":[],"usage":{"prompt_tokens":%d,"completion_tokens":%d,"total_tokens":%d}}`, in, out, in+out)
}

// sample derives a sample from events, as the client does.
func sample(events []event) Sample {
	var s Sample
	read(events).timings(&s)
	return s
}

func known(v time.Duration) Measured[time.Duration] { return Known(v) }

func TestTimings(t *testing.T) {
	for _, tc := range []struct {
		name            string
		events          []event
		ttft, ttfo, e2e Measured[time.Duration]
		tpot            Measured[time.Duration]
		withheld        string
		flags           Flags
	}{
		{
			name:   "a role chunk is not a token; usage and finish are not the end",
			events: at(40, role, 200, token, 210, token, 220, token, 230, token, 240, token, 300, stop, 310, usage(9, 5), 311, "[DONE]"),
			ttft:   known(200 * ms), ttfo: known(200 * ms), e2e: known(240 * ms), tpot: known(10 * ms),
		},
		{
			name:   "reasoning counts for TTFT and not for TTFO",
			events: at(100, think, 110, think, 120, think2, 130, token, 140, token, 141, stop, 142, usage(9, 5), 143, "[DONE]"),
			ttft:   known(100 * ms), ttfo: known(130 * ms), e2e: known(140 * ms), tpot: known(10 * ms),
		},
		{
			name: "hidden reasoning is left out of the rate",
			events: at(200, token, 210, token, 220, token, 230, token, 240, token, 241, stop, 242,
				`{"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":105,"total_tokens":114,"completion_tokens_details":{"reasoning_tokens":100}}}`),
			ttft: known(200 * ms), ttfo: known(200 * ms), e2e: known(240 * ms), tpot: known(10 * ms),
		},
		{
			name:   "four tokens an event are not one",
			events: at(200, token, 240, token, 280, token, 320, token, 360, token, 361, length, 362, usage(9, 20)),
			ttft:   known(200 * ms), ttfo: known(200 * ms), e2e: known(360 * ms), tpot: known(10 * ms), flags: Bundled | Capped,
		},
		{
			name:   "without usage there is no rate",
			events: at(200, token, 210, token, 220, token, 230, token, 240, token, 241, stop),
			ttft:   known(200 * ms), ttfo: known(200 * ms), e2e: known(240 * ms), withheld: "the server reports no usage",
		},
		{
			name:   "too few events",
			events: at(200, token, 240, token, 241, stop, 242, usage(9, 2)),
			ttft:   known(200 * ms), ttfo: known(200 * ms), e2e: known(240 * ms), withheld: "only 2 events",
		},
		{
			name:   "too short",
			events: at(200, token, 204, token, 208, token, 210, token, 211, token, 212, stop, 213, usage(9, 5)),
			ttft:   known(200 * ms), ttfo: known(200 * ms), e2e: known(211 * ms), withheld: "all tokens within 11ms",
		},
		{
			name: "tool calls are tokens",
			events: at(90, role, 150, `{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"name":"find","arguments":""}}]}}]}`,
				190, `{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}}]}`),
			ttft: known(150 * ms), ttfo: known(150 * ms), e2e: known(190 * ms), withheld: "the server reports no usage",
		},
		{
			name:   "a refusal is an answer",
			events: at(90, role, 150, `{"choices":[{"delta":{"refusal":"no"}}]}`),
			ttft:   known(150 * ms), ttfo: known(150 * ms), e2e: known(150 * ms), withheld: "the server reports no usage",
		},
		{
			name:   "content in parts",
			events: at(90, `{"choices":[{"delta":{"content":[]}}]}`, 150, `{"choices":[{"delta":{"content":[{"type":"text","text":"x"}]}}]}`),
			ttft:   known(150 * ms), ttfo: known(150 * ms), e2e: known(150 * ms), withheld: "the server reports no usage",
		},
		{
			name: "thinking in parts",
			events: at(90, `{"choices":[{"delta":{"content":[{"type":"thinking","thinking":[]}]}}]}`,
				100, `{"choices":[{"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]}]}}]}`,
				150, `{"choices":[{"delta":{"content":[{"type":"text","text":"x"}]}}]}`),
			ttft: known(100 * ms), ttfo: known(150 * ms), e2e: known(150 * ms), withheld: "the server reports no usage",
		},
		{
			name:   "what follows [DONE] belongs to nobody",
			events: at(100, token, 110, "[DONE]", 900, token),
			ttft:   known(100 * ms), ttfo: known(100 * ms), e2e: known(100 * ms), withheld: "the server reports no usage",
		},
		{name: "nothing", events: nil, withheld: "no tokens"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := sample(tc.events)
			if s.TTFT != tc.ttft || s.TTFO != tc.ttfo || s.E2E != tc.e2e || s.TPOT != tc.tpot {
				t.Errorf("TTFT %v TTFO %v E2E %v TPOT %v", s.TTFT, s.TTFO, s.E2E, s.TPOT)
			}
			if s.SpeedWithheld != tc.withheld {
				t.Errorf("withheld: %q, want %q", s.SpeedWithheld, tc.withheld)
			}
			if s.Flags != tc.flags {
				t.Errorf("flags %v, want %v", s.Flags.Names(), tc.flags.Names())
			}
		})
	}
}

// The gaps between events that carry tokens, whatever stands between those; the
// median of an even number of them lies between the two in the middle.
func TestInterChunkLatency(t *testing.T) {
	none := Measured[time.Duration]{}
	for _, tc := range []struct {
		name      string
		events    []event
		p50, most Measured[time.Duration]
	}{
		{"even", at(40, role, 200, token, 210, token, 225, token, 245, token, 300, token, 900, stop, 990, usage(9, 5)), known(17_500 * time.Microsecond), known(55 * ms)},
		{"odd", at(200, token, 210, token, 220, think, 250, token, 260, token, 350, token), known(10 * ms), known(90 * ms)},
		{"chunks between that carry none", at(200, token, 205, role, 210, token, 220, token, 225, role, 230, token, 240, token), known(10 * ms), known(10 * ms)},
		{"several tokens an event", at(200, token, 240, token, 280, token, 320, token, 360, token, 362, usage(9, 20)), known(40 * ms), known(40 * ms)},
		{"four events", at(200, token, 210, token, 220, token, 230, token), none, none},
		{"no event", nil, none, none},
	} {
		if s := sample(tc.events); s.ICLp50 != tc.p50 || s.ICLMax != tc.most {
			t.Errorf("%s: %v, at most %v; want %v, %v", tc.name, s.ICLp50, s.ICLMax, tc.p50, tc.most)
		}
	}
}

func TestBufferedPathWithholdsTheRate(t *testing.T) {
	var events []event
	for i := range 20 { // five reads of four tokens
		events = append(events, event{arrival: arrival{read: i / 4, at: time.Duration(100+i/4*40) * ms}, data: []byte(token)})
	}
	events = append(events, at(400, usage(9, 20))...)
	s := sample(events)
	if !s.Flags.Has(Buffered) || s.TPOT.Known || s.ICLp50.Known || s.ICLMax.Known {
		t.Errorf("flags %v, TPOT %v, gaps %v", s.Flags.Names(), s.TPOT, s.ICLp50)
	}
}

func TestUsage(t *testing.T) {
	for _, tc := range []struct {
		name, usage        string
		in, out, cached, r Measured[int64]
	}{
		{"plain", `{"prompt_tokens":9,"completion_tokens":5,"total_tokens":14}`, Known[int64](9), Known[int64](5), Measured[int64]{}, Measured[int64]{}},
		{"thoughts left out", `{"prompt_tokens":9,"completion_tokens":5,"total_tokens":100}`, Known[int64](9), Known[int64](91), Measured[int64]{}, Known[int64](86)},
		{"only the sum", `{"prompt_tokens":9,"total_tokens":14}`, Known[int64](9), Known[int64](5), Measured[int64]{}, Measured[int64]{}},
		{"cached", `{"prompt_tokens":9,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":4}}`, Known[int64](9), Known[int64](5), Known[int64](4), Measured[int64]{}},
		{"negative is not a count", `{"prompt_tokens":-9,"completion_tokens":5}`, Measured[int64]{}, Known[int64](5), Measured[int64]{}, Measured[int64]{}},
		{"absurd is not a count", `{"prompt_tokens":9,"completion_tokens":9000000000000000}`, Known[int64](9), Measured[int64]{}, Measured[int64]{}, Measured[int64]{}},
		{"nothing in it", `{}`, Measured[int64]{}, Measured[int64]{}, Measured[int64]{}, Measured[int64]{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := sample(at(10, token, 20, `{"choices":[],"usage":`+tc.usage+`}`)).Usage
			want := Usage{Input: tc.in, Output: tc.out, Cached: tc.cached, Reasoning: tc.r}
			if got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
	t.Run("the last one wins", func(t *testing.T) {
		if got := sample(at(10, token, 20, usage(9, 1), 30, token, 40, usage(9, 2))).Usage.Output; got != Known[int64](2) {
			t.Errorf("got %v", got)
		}
	})
}

// The rate must be the scripted one however tokens are bundled into events.
func TestRateDoesNotDependOnBundling(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		perEvent := rapid.IntRange(1, 8).Draw(t, "tokens an event")
		events := rapid.IntRange(5, 60).Draw(t, "events")
		gap := rapid.IntRange(6, 40).Draw(t, "ms a token")
		var stream []event
		for i := range events {
			stream = append(stream, event{arrival: arrival{read: i, at: time.Duration(100+i*perEvent*gap) * ms}, data: []byte(token)})
		}
		stream = append(stream, at(100_000, usage(9, perEvent*events))...)
		got := sample(stream).TPOT
		if want := time.Duration(gap) * ms; !got.Known || (got.Value-want).Abs() > time.Microsecond {
			t.Fatalf("%v a token, want %v", got, want)
		}
	})
}

func TestErrorText(t *testing.T) {
	for body, want := range map[string]string{
		`{"error":{"message":"no such model","type":"x"}}`:         "no such model",
		`{"error":"model 'x' not found"}`:                          "model 'x' not found",
		`[{"error":{"code":400,"message":"bad field"}}]`:           "bad field",
		`{"message":"oops"}`:                                       "oops",
		"\x1b[31mred\x1b[0m\r\nnext":                               "[31mred [0m next",
		`plain text`:                                               "plain text",
		`{"error":{"message":"` + strings.Repeat("x", 999) + `"}}`: strings.Repeat("x", maxErrorText-3) + "...",
	} {
		got := errorText([]byte(body))
		if got != want {
			t.Errorf("%.40q: got %q, want %q", body, got, want)
		}
	}
}

// Whatever the events hold, the timings keep their order and sign.
func FuzzTimings(f *testing.F) {
	f.Add([]byte(role + "\n" + token + "\n" + usage(1, 2) + "\n[DONE]"))
	f.Add([]byte(think + "\n" + token + "\n" + stop))
	f.Add([]byte(`{"choices":null,"usage":null,"error":{"message":"x"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var events []event
		for i, line := range strings.Split(string(data), "\n") {
			events = append(events, event{arrival: arrival{read: i, at: time.Duration(i*30) * ms}, data: []byte(line)})
		}
		s := sample(events)
		if s.TTFT.Known && (s.TTFT.Value > s.E2E.Value || !s.E2E.Known) {
			t.Fatalf("first token %v after the last %v", s.TTFT, s.E2E)
		}
		if s.TTFO.Known && (s.TTFO.Value < s.TTFT.Value || s.TTFO.Value > s.E2E.Value) {
			t.Fatalf("TTFO %v outside %v..%v", s.TTFO, s.TTFT, s.E2E)
		}
		if s.TPOT.Known && s.TPOT.Value <= 0 {
			t.Fatalf("TPOT %v", s.TPOT)
		}
		if s.ICLp50.Known != s.ICLMax.Known || s.ICLp50.Value < 0 || s.ICLp50.Value > s.ICLMax.Value || s.ICLMax.Value > s.E2E.Value-s.TTFT.Value {
			t.Fatalf("gaps %v, at most %v", s.ICLp50, s.ICLMax)
		}
		if s.TPOT.Known == (s.SpeedWithheld != "") {
			t.Fatalf("TPOT %v with the reason %q", s.TPOT, s.SpeedWithheld)
		}
		for _, n := range []Measured[int64]{s.Usage.Input, s.Usage.Output, s.Usage.Cached, s.Usage.Reasoning} {
			if n.Value < 0 || n.Value > 2*maxTokens {
				t.Fatalf("usage %+v", s.Usage)
			}
		}
	})
}

// What servers tell of their own time is kept beside ours, where it can be believed.
func TestServerTTFT(t *testing.T) {
	for _, tc := range []struct {
		name, chunk string
		want        Measured[time.Duration]
	}{
		{"not told", `{"choices":[]}`, Measured[time.Duration]{}},
		{"groq", `{"x_groq":{"usage":{"queue_time":0.01,"prompt_time":0.05,"completion_time":3}}}`, known(60 * ms)},
		{"groq without a queue", `{"x_groq":{"usage":{"prompt_time":0.05}}}`, known(50 * ms)},
		{"llama.cpp", `{"timings":{"cache_n":0,"prompt_n":14,"prompt_ms":81.5,"predicted_ms":900}}`, known(81_500 * time.Microsecond)},
		{"negative", `{"timings":{"prompt_ms":-1}}`, Measured[time.Duration]{}},
		{"absurd", `{"timings":{"prompt_ms":1e300}}`, Measured[time.Duration]{}},
		{"no number", `{"timings":{"prompt_ms":"12"}}`, Measured[time.Duration]{}},
	} {
		var s Sample
		read(at(200, token, 300, tc.chunk)).timings(&s)
		if s.ServerTTFT != tc.want {
			t.Errorf("%s: got %v, want %v", tc.name, s.ServerTTFT, tc.want)
		}
	}
}

// Where usage does not stand in the usual place it is taken from where it does.
func TestUsageElsewhere(t *testing.T) {
	for _, tc := range []struct {
		name, chunk string
		want        Usage
		flags       Flags
	}{
		{
			"deepseek's cache hits", `{"usage":{"prompt_tokens":60,"completion_tokens":12,"prompt_cache_hit_tokens":32,"prompt_cache_miss_tokens":28}}`,
			Usage{Input: Known[int64](60), Output: Known[int64](12), Cached: Known[int64](32)},
			CacheHit,
		},
		{
			"groq alone", `{"x_groq":{"id":"r","usage":{"prompt_tokens":60,"completion_tokens":12,"total_tokens":72,"prompt_time":0.1}}}`,
			Usage{Input: Known[int64](60), Output: Known[int64](12)},
			0,
		},
		{
			"groq beside usage", `{"usage":{"prompt_tokens":61,"completion_tokens":13},"x_groq":{"usage":{"prompt_tokens":60,"completion_tokens":12}}}`,
			Usage{Input: Known[int64](61), Output: Known[int64](13)},
			0,
		},
		{
			"llama.cpp's cache", `{"usage":{"prompt_tokens":60,"completion_tokens":12},"timings":{"cache_n":40,"prompt_n":20}}`,
			Usage{Input: Known[int64](60), Output: Known[int64](12), Cached: Known[int64](40)},
			CacheHit,
		},
		{
			"only the server's template, which stands before the unique part", `{"usage":{"prompt_tokens":60,"completion_tokens":12},"timings":{"cache_n":30}}`,
			Usage{Input: Known[int64](60), Output: Known[int64](12), Cached: Known[int64](30)},
			0,
		},
		{
			"llama.cpp met no cache", `{"usage":{"prompt_tokens":60,"completion_tokens":12},"timings":{"cache_n":0}}`,
			Usage{Input: Known[int64](60), Output: Known[int64](12), Cached: Known[int64](0)},
			0,
		},
	} {
		var s Sample
		read(at(200, token, 300, tc.chunk)).timings(&s)
		if s.Usage != tc.want || s.Flags&CacheHit != tc.flags {
			t.Errorf("%s: got %+v %v, want %+v", tc.name, s.Usage, s.Flags.Names(), tc.want)
		}
	}
}
