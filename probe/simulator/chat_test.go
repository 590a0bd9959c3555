package simulator

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

const hello = `"messages":[{"role":"user","content":"Hello there, you!"}]` // 5 tokens by CountTokens

func TestStream(t *testing.T) {
	for _, c := range []struct {
		name    string
		change  func(*Script)
		request string
		want    streamed
		tokens  int // by usage and by the log
	}{
		{
			name: "one token an event", request: `"max_tokens":6`,
			want: streamed{contentEvents: 6, roles: 1, roleOnText: true, finish: []string{"length"}, done: true}, tokens: 6,
		},
		{
			name: "usage asked for", request: `"max_tokens":6,"stream_options":{"include_usage":true}`,
			want: streamed{contentEvents: 6, roles: 1, roleOnText: true, finish: []string{"length"}, done: true, usages: 1, usageNulls: 7}, tokens: 6,
		},
		{
			name: "usage asked for and not given", request: `"max_tokens":6,"stream_options":{"include_usage":true}`,
			change: func(s *Script) { s.OmitUsage = true },
			want:   streamed{contentEvents: 6, roles: 1, roleOnText: true, finish: []string{"length"}, done: true}, tokens: 6,
		},
		{
			name: "role first", request: `"max_tokens":6`, change: func(s *Script) { s.RoleFirst = true },
			want: streamed{contentEvents: 6, roles: 1, roleOnly: true, finish: []string{"length"}, done: true}, tokens: 6,
		},
		{
			name: "the newer cap wins", request: `"max_tokens":9,"max_completion_tokens":3`,
			want: streamed{contentEvents: 3, roles: 1, roleOnText: true, finish: []string{"length"}, done: true}, tokens: 3,
		},
		{
			name: "natural length", request: `"max_tokens":9`, change: func(s *Script) { s.NaturalTokens = 4 },
			want: streamed{contentEvents: 4, roles: 1, roleOnText: true, finish: []string{"stop"}, done: true}, tokens: 4,
		},
		{
			name: "default length", change: func(s *Script) { s.DefaultTokens = 5 },
			want: streamed{contentEvents: 5, roles: 1, roleOnText: true, finish: []string{"stop"}, done: true}, tokens: 5,
		},
		{
			name: "bundled", request: `"max_tokens":10,"stream_options":{"include_usage":true}`,
			change: func(s *Script) { s.TokensPerEvent = 4 },
			want:   streamed{contentEvents: 3, roles: 1, roleOnText: true, finish: []string{"length"}, done: true, usages: 1, usageNulls: 4}, tokens: 10,
		},
		{
			name: "reasoning streamed", request: `"max_tokens":9,"stream_options":{"include_usage":true}`,
			change: func(s *Script) { s.Reasoning.Tokens = 4 },
			want: streamed{
				reasoningEvents: 4, contentEvents: 5, roles: 1, roleOnText: true, finish: []string{"length"}, done: true, usages: 1, usageNulls: 10,
			}, tokens: 9,
		},
		{
			name: "reasoning hidden", request: `"max_tokens":9,"stream_options":{"include_usage":true}`,
			change: func(s *Script) { s.Reasoning = Reasoning{Tokens: 4, Hidden: true} },
			want:   streamed{contentEvents: 5, roles: 1, roleOnText: true, finish: []string{"length"}, done: true, usages: 1, usageNulls: 6}, tokens: 9,
		},
		{
			name: "hidden reasoning eats the cap", request: `"max_tokens":3,"stream_options":{"include_usage":true}`,
			change: func(s *Script) { s.Reasoning = Reasoning{Tokens: 4, Hidden: true} },
			want:   streamed{roles: 1, roleOnly: true, finish: []string{"length"}, done: true, usages: 1, usageNulls: 1}, tokens: 3,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			script := quick("m")
			if c.change != nil {
				c.change(&script)
			}
			server := start(t, Options{Scripts: []Script{script}})
			request := `{"model":"m","stream":true,` + hello
			if c.request != "" {
				request += "," + c.request
			}
			r := post(t, client(t), server.BaseURL()+"/chat/completions", request+"}")
			if r.err != nil || r.status != http.StatusOK {
				t.Fatalf("status %d, %v", r.status, r.err)
			}
			if got := r.header.Get("Content-Type"); !strings.HasPrefix(got, "text/event-stream") {
				t.Errorf("content type %q", got)
			}
			if want := "data: " + strings.Join(r.data, "\n\ndata: ") + "\n\n"; r.body != want {
				t.Errorf("framing: %q", r.body)
			}
			got := sumUp(t, r)
			record := one(t, server)

			// What a client can count is what usage and the log say.
			reasoning := min(script.Reasoning.Tokens, c.tokens)
			streamedTokens := c.tokens
			if script.Reasoning.Hidden {
				streamedTokens -= reasoning
			}
			if n := len(strings.Fields(got.content + got.reasoning)); n != streamedTokens || strings.Count(got.content+got.reasoning, " ") != n {
				t.Errorf("%d words in %q, want %d", n, got.content+got.reasoning, streamedTokens)
			}
			if got.usages > 0 {
				u := got.usage.Usage
				if u.PromptTokens != 5 || u.CompletionTokens != c.tokens || u.TotalTokens != 5+c.tokens || u.Details.ReasoningTokens != reasoning {
					t.Errorf("usage %+v", *u)
				}
				if len(got.usage.Choices) != 0 {
					t.Error("the usage chunk has choices")
				}
			}
			if record.Tokens != c.tokens || record.ReasoningTokens != reasoning || record.PromptTokens != 5 ||
				record.Events != c.want.contentEvents+c.want.reasoningEvents || !record.Completed || record.ClientLeft {
				t.Errorf("record %+v", record)
			}
			got.content, got.reasoning, got.usage = "", "", chunkJSON{}
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
}

// The role is the trap for a client that counts any event as the first token: it
// comes at its fraction of TTFT, which the log tells from the token.
func TestRoleFirstIsNoToken(t *testing.T) {
	script := Script{Model: "m", TTFT: Constant(80 * ms), RoleFirst: true, RoleAt: 0.25}
	server := start(t, Options{Scripts: []Script{script}})
	r := post(t, client(t), server.BaseURL()+"/chat/completions", `{"model":"m","stream":true,"max_tokens":1,`+hello+`}`)
	if first := decodeChunk(t, r.data[0]); first.Choices[0].Delta["role"] != "assistant" || !strings.Contains(r.data[0], `"content":""`) {
		t.Errorf("first event %s", r.data[0])
	}
	if r.arrived[0] < 20*ms || r.arrived[1] < 80*ms {
		t.Errorf("arrived %v: earlier than planned", r.arrived)
	}
	record := one(t, server)
	if record.Headers < 20*ms || record.Headers >= record.FirstToken || record.FirstToken < 80*ms {
		t.Errorf("headers at %v, first token at %v", record.Headers, record.FirstToken)
	}
}

func TestNotStreamed(t *testing.T) {
	script := quick("m")
	script.Reasoning.Tokens = 2
	script.RoleFirst = true
	server := start(t, Options{Scripts: []Script{script}})
	r := post(t, client(t), server.BaseURL()+"/chat/completions", `{"model":"m","max_tokens":8,`+hello+`}`)
	if r.status != http.StatusOK || r.err != nil || r.header.Get("Content-Type") != "application/json" {
		t.Fatalf("%+v", r)
	}
	c := decodeChunk(t, r.body)
	m := c.Choices[0].Message
	if c.Object != "chat.completion" || c.Model != "m" || m.Role != "assistant" || *c.Choices[0].FinishReason != "length" {
		t.Errorf("%s", r.body)
	}
	if len(strings.Fields(m.Content)) != 6 || len(strings.Fields(m.Reasoning)) != 2 {
		t.Errorf("%q, %q", m.Content, m.Reasoning)
	}
	if c.Usage.CompletionTokens != 8 || c.Usage.Details.ReasoningTokens != 2 || c.Usage.PromptTokens != 5 {
		t.Errorf("usage %+v", *c.Usage)
	}
	record := one(t, server)
	if record.PlannedE2E != 11*ms || record.FirstToken < record.PlannedE2E || record.LastToken != record.FirstToken || record.Tokens != 8 {
		t.Errorf("%+v", record)
	}
}

func TestCountTokens(t *testing.T) {
	for text, want := range map[string]int{
		"":                      0,
		" \n\t":                 0,
		"one":                   1,
		"Hello there, you!":     5,
		"it's 3.5":              6,
		"naïve 日本語":             2,
		"a1b2c3 x":              2,
		"{\"a\": [1, 2]}":       11,
		strings.Repeat("w ", 9): 9,
	} {
		if got := CountTokens(text); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}

// The prompt is every message, whichever way its content is written.
func TestPromptTokens(t *testing.T) {
	server := start(t, Options{Scripts: []Script{quick("m")}})
	r := post(t, client(t), server.BaseURL()+"/chat/completions", `{"model":"m","max_tokens":1,"messages":[
		{"role":"system","content":"Be brief."},
		{"role":"user","content":[{"type":"text","text":"two words"},{"type":"image_url","image_url":{"url":"x"}},{"type":"text","text":"more"}]},
		{"role":"assistant","content":null,"tool_calls":[]}]}`)
	if c := decodeChunk(t, r.body); c.Usage == nil || c.Usage.PromptTokens != 6 {
		t.Errorf("%s", r.body)
	}
}

// A byte never arrives before its planned instant, and the log holds what was
// sent. How late it may be is for the benchmark: machines are noisy.
func TestNeverEarly(t *testing.T) {
	script := Script{Model: "m", TTFT: LogNormal(30*ms, 0.3), Gap: LogNormal(3*ms, 0.5), TokensPerEvent: 2}
	server := start(t, Options{Seed: 5, Scripts: []Script{script}, LogEvents: true})
	c := client(t)
	for n := range uint64(4) {
		plan := Draw(script, RequestRand(5, "m", n), 0, 40)
		r := post(t, c, server.BaseURL()+"/chat/completions", `{"model":"m","stream":true,"max_tokens":40,`+hello+`}`)
		record := server.Sent()[n]
		if len(plan.Events) != 20 || len(record.EventOffsets) != 20 || len(r.arrived) < 20 {
			t.Fatalf("%d planned, %d sent, %d arrived", len(plan.Events), len(record.EventOffsets), len(r.arrived))
		}
		for i, e := range plan.Events {
			sent := record.EventOffsets[i]
			if r.arrived[i] < e.At || sent < e.At {
				t.Errorf("request %d, event %d: planned %v, sent %v, arrived %v", n, i, e.At, sent, r.arrived[i])
			}
			if sent > e.At+5*time.Second {
				t.Errorf("request %d, event %d: planned %v, sent %v", n, i, e.At, sent)
			}
		}
		if record.PlannedTTFT != plan.TTFT || record.PlannedE2E != plan.LastToken() ||
			record.FirstToken != record.EventOffsets[0] || record.LastToken != record.EventOffsets[19] || record.End < record.LastToken {
			t.Errorf("record %+v", record)
		}
	}
}

// Two servers with one seed send the same, whatever other models are doing; a
// client's mistakes do not count.
func TestReproducible(t *testing.T) {
	scripts := []Script{
		{Model: "a", TTFT: LogNormal(4*ms, 0.5), Gap: LogNormal(ms/4, 0.5), Faults: []Fault{{Kind: FaultErrorEvent, Probability: 0.4}}},
		quick("b"),
	}
	type outcome struct {
		ttft, e2e time.Duration
		fault     FaultKind
		tokens    int
	}
	run := func(seed uint64, disturbed bool) (outcomes []outcome, text string) {
		server := start(t, Options{Seed: seed, Scripts: scripts})
		c := client(t)
		for range 6 {
			if disturbed {
				post(t, c, server.BaseURL()+"/chat/completions", `{"model":"b","max_tokens":1,`+hello+`}`)
				post(t, c, server.BaseURL()+"/chat/completions", `{"model":"a","max_tokens":-1,`+hello+`}`)
			}
			text += sumUp(t, post(t, c, server.BaseURL()+"/chat/completions", `{"model":"a","stream":true,"max_tokens":12,`+hello+`}`)).content
		}
		for _, s := range server.Sent() {
			if s.Model == "a" && s.Status == http.StatusOK {
				outcomes = append(outcomes, outcome{s.PlannedTTFT, s.PlannedE2E, s.Fault, s.Tokens})
			}
		}
		return outcomes, text
	}
	first, firstText := run(7, false)
	if len(first) != 6 {
		t.Fatalf("%d outcomes", len(first))
	}
	if again, text := run(7, true); fmt.Sprint(again) != fmt.Sprint(first) || text != firstText {
		t.Errorf("same seed:\n%v\n%v", first, again)
	}
	if other, _ := run(8, false); fmt.Sprint(other) == fmt.Sprint(first) {
		t.Error("another seed, the same plans")
	}
}
