package simulator

import (
	"math"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// What all chunks of the first answer share is written ~ in the tables below.
var chunkHead = regexp.MustCompile(`"id":"chatcmpl-req_000001","object":"chat\.completion(\.chunk)?","created":[0-9]+,"model":"m",`)

// The three chunks of a plain answer of two tokens, and those that dialects vary.
const (
	theData    = `{~"choices":[{"index":0,"delta":{"role":"assistant","content":" the"},"finish_reason":null}]}`
	serverData = `{~"choices":[{"index":0,"delta":{"content":" server"},"finish_reason":null}]}`
	endData    = `{~"choices":[{"index":0,"delta":{},"finish_reason":"length"}]}`

	the    = "data: " + theData + "\n\n"
	server = "data: " + serverData + "\n\n"
	end    = "data: " + endData + "\n\n"
	done   = "data: [DONE]\n\n"
)

// wire asks for two tokens of a stream in a dialect and returns the answer as it
// was sent, but for the head of the chunks.
func wire(t *testing.T, request string, change func(*Script)) (reply, Sent) {
	t.Helper()
	script := quick("m")
	change(&script)
	s := start(t, Options{Scripts: []Script{script}, LogEvents: true})
	transport := &http.Transport{DisableCompression: true}
	t.Cleanup(transport.CloseIdleConnections)
	c := &http.Client{
		Transport: transport, Timeout: 20 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	r := post(t, c, s.BaseURL()+"/chat/completions", `{"model":"m",`+hello+request+`}`, "Authorization", "Bearer k3y")
	if r.err != nil {
		t.Fatal(r.err)
	}
	r.body = chunkHead.ReplaceAllString(r.body, "~")
	return r, one(t, s)
}

const streamTwo = `,"stream":true,"max_tokens":2`

// Every departure, as the bytes of the body.
func TestDialectWire(t *testing.T) {
	asked := streamTwo + `,"stream_options":{"include_usage":true}`
	nulls := func(s string) string { return strings.ReplaceAll(s, "}]}\n", `}],"usage":null}`+"\n") }
	usageChunk := func(usage string) string { return `data: {~"choices":[],"usage":` + usage + "}\n\n" }
	plainUsage := `{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7,"prompt_tokens_details":{"cached_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}}`
	usage := func(prompt, completion, total string) string {
		return `{"prompt_tokens":` + prompt + `,"completion_tokens":` + completion + `,"total_tokens":` + total +
			`,"prompt_tokens_details":{"cached_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}}`
	}
	with := func(data, more string) string { return "data: " + strings.TrimSuffix(data, "}") + more + "}\n\n" }
	fault := func(after int, form StreamError) func(*Script) { return errorAfter(after, form) }
	failed := `{"error":{"message":"The server had an error while generating the answer.","type":"server_error","code":"stream_failed"}}`

	for _, c := range []struct {
		name    string
		request string
		change  func(*Script)
		want    string
	}{
		{"none", streamTwo, func(*Script) {}, the + server + end + done},

		// Framing.
		{"CRLF", streamTwo, func(s *Script) { s.Dialect.LineEnd = CRLF }, strings.ReplaceAll(the+server+end+done, "\n", "\r\n")},
		{"CR", streamTwo, func(s *Script) { s.Dialect.LineEnd = CR }, strings.ReplaceAll(the+server+end+done, "\n", "\r")},
		{"BOM", streamTwo, func(s *Script) { s.Dialect.BOM = true }, "\ufeff" + the + server + end + done},
		{"event name", streamTwo, func(s *Script) { s.Dialect.EventName = "x" }, strings.ReplaceAll(the+server+end+done, "data:", "event: x\ndata:")},
		{"no space", streamTwo, func(s *Script) { s.Dialect.NoSpace = true }, strings.ReplaceAll(the+server+end+done, "data: ", "data:")},
		{"unterminated", streamTwo, func(s *Script) { s.Dialect.Unterminated = true }, the + server + end + "data: [DONE]\n"},
		{"no last line end", streamTwo, func(s *Script) { s.Dialect.NoLastLineEnd = true }, the + server + end + "data: [DONE]"},
		{"late blank", streamTwo, func(s *Script) { s.Dialect.LateBlank = true }, the + server + end + done},
		{"late blank and unterminated", streamTwo, func(s *Script) { s.Dialect.LateBlank, s.Dialect.Unterminated = true, true }, the + server + end + "data: [DONE]\n"},
		{"no done", streamTwo, func(s *Script) { s.Dialect.NoDone = true }, the + server + end},
		{"no done, unterminated", streamTwo, func(s *Script) { s.Dialect.NoDone, s.Dialect.NoLastLineEnd = true, true }, the + server + "data: " + endData},
		{"double done", streamTwo, func(s *Script) { s.Dialect.DoubleDone = true }, the + server + end + done + done},
		{"after done", streamTwo, func(s *Script) { s.Dialect.AfterDone = true }, the + server + end + done + strings.Replace(server, "server", "sends", 1)},
		{"dribble", streamTwo, func(s *Script) { s.Dialect.Dribble = true }, the + server + end + done},
		{"coalesce", streamTwo, func(s *Script) { s.Dialect.Coalesce = 10 * ms }, the + server + end + done},

		// Chunks.
		{"role on every", streamTwo, func(s *Script) { s.Dialect.RoleOnEvery = true }, the + strings.Replace(server, `"content"`, `"role":"assistant","content"`, 1) +
			strings.Replace(end, `{}`, `{"role":"assistant"}`, 1) + done},
		{"filter first", streamTwo, func(s *Script) { s.Dialect.FilterFirst = true }, `data: {"id":"","object":"","created":0,"model":"","choices":[],"prompt_filter_results":` +
			promptFilter + "}\n\n" + the + server + end + done},
		{"content parts", streamTwo, func(s *Script) { s.Dialect.ContentParts = true }, strings.NewReplacer(
			`" the"`, `[{"type":"text","text":" the"}]`, `" server"`, `[{"type":"text","text":" server"}]`).Replace(the+server) + end + done},
		{"thinking parts", streamTwo, func(s *Script) { s.Dialect.ContentParts, s.Reasoning.Tokens = true, 1 }, strings.NewReplacer(
			`" the"`, `[{"type":"thinking","thinking":[{"type":"text","text":" the"}]}]`, `" server"`, `[{"type":"text","text":" server"}]`).Replace(the+server) + end + done},
		{"reasoning_content", streamTwo, func(s *Script) { s.Reasoning.Tokens = 1 }, strings.Replace(the, `"content"`, `"reasoning_content"`, 1) + server + end + done},
		{"reasoning", streamTwo, func(s *Script) { s.Reasoning.Tokens, s.Dialect.ReasoningField = 1, ReasoningPlain }, strings.Replace(the, `"content"`, `"reasoning"`, 1) + server + end + done},
		{"refusal", streamTwo, func(s *Script) { s.Dialect.Refusal = true }, strings.ReplaceAll(the+server, `"content"`, `"refusal"`) + end + done},
		{"no null finish", streamTwo, func(s *Script) { s.Dialect.OmitNullFinish = true }, strings.ReplaceAll(the+server, `,"finish_reason":null`, "") + end + done},
		{"finish with last", streamTwo, func(s *Script) { s.Dialect.FinishWithLast = true }, the + strings.Replace(server, "null", `"length"`, 1) + done},
		{
			"finish with last and no more", streamTwo, func(s *Script) { s.Dialect.FinishWithLast, s.Dialect.NoDone, s.Dialect.Unterminated = true, true, true },
			the + strings.TrimSuffix(strings.Replace(server, "null", `"length"`, 1), "\n"),
		},
		{
			"finish with last, but no token", streamTwo, func(s *Script) { s.Dialect.FinishWithLast, s.Reasoning = true, Reasoning{Tokens: 2, Hidden: true} },
			strings.Replace(end, "{}", `{"role":"assistant"}`, 1) + done,
		},
		{
			"tool call", `,"stream":true,"max_tokens":1`, func(s *Script) { s.Dialect.ToolCall = true },
			toolChunk(`"role":"assistant",`, `"id":"call_000001","type":"function",`, `"name":"say","arguments":" "`) +
				toolChunk("", "", `"arguments":"t"`) + toolChunk("", "", `"arguments":"h"`) + toolChunk("", "", `"arguments":"e"`) + end + done,
		},
		{
			"tool call that ends", streamTwo, func(s *Script) { s.Dialect.ToolCall, s.NaturalTokens, s.Reasoning.Tokens = true, 1, 1 },
			strings.Replace(the, `"content"`, `"reasoning_content"`, 1) + strings.Replace(end, "length", "tool_calls", 1) + done,
		},

		// Usage.
		{"usage asked for", asked, func(*Script) {}, nulls(the+server+end) + usageChunk(plainUsage) + done},
		{"usage unasked", streamTwo, func(s *Script) { s.Dialect.UsageUnasked = true }, nulls(the+server+end) + usageChunk(plainUsage) + done},
		{
			"usage on every", streamTwo, func(s *Script) { s.Dialect.UsageOnEvery = true },
			with(theData, `,"usage":`+usage("5", "1", "6")) + with(serverData, `,"usage":`+usage("5", "2", "7")) + with(endData, `,"usage":`+plainUsage) + done,
		},
		{"usage on every, without reasoning", streamTwo, func(s *Script) {
			s.Dialect.UsageOnEvery, s.Dialect.ExcludeReasoning, s.Dialect.OmitDetails, s.Reasoning.Tokens = true, true, true, 1
		}, with(strings.Replace(theData, `"content"`, `"reasoning_content"`, 1), `,"usage":{"prompt_tokens":5,"completion_tokens":0,"total_tokens":6}`) +
			with(serverData, `,"usage":{"prompt_tokens":5,"completion_tokens":1,"total_tokens":7}`) +
			with(endData, `,"usage":{"prompt_tokens":5,"completion_tokens":1,"total_tokens":7}`) + done},
		{"continuous, not asked for", asked, func(s *Script) { s.Dialect.UsageContinuous = true }, nulls(the+server+end) + usageChunk(plainUsage) + done},
		{
			"continuous", streamTwo + `,"stream_options":{"include_usage":true,"continuous_usage_stats":true}`, func(s *Script) { s.Dialect.UsageContinuous = true },
			with(theData, `,"usage":`+usage("5", "1", "6")) + with(serverData, `,"usage":`+usage("5", "2", "7")) + with(endData, `,"usage":`+plainUsage) + usageChunk(plainUsage) + done,
		},
		{"usage in finish", asked, func(s *Script) { s.Dialect.UsageInFinish = true }, the + server + with(endData, `,"usage":`+plainUsage) + done},
		{"usage in finish, not asked for", streamTwo, func(s *Script) { s.Dialect.UsageInFinish = true }, the + server + end + done},
		{"usage missing", asked, func(s *Script) { s.OmitUsage, s.Dialect.XGroq, s.Dialect.UsageOnEvery = true, true, true }, the + server + end + done},
		{"cached", asked, func(s *Script) { s.Dialect.CachedShare = 0.75 }, nulls(the+server+end) +
			usageChunk(strings.Replace(plainUsage, `"cached_tokens":0`, `"cached_tokens":3`, 1)) + done},
		{"cache-hit counts", asked, func(s *Script) {
			s.Dialect.CachedShare, s.Dialect.CacheHitCounts, s.Dialect.OmitDetails = 0.75, true, true
		}, nulls(the+server+end) +
			usageChunk(`{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7,"prompt_cache_hit_tokens":3,"prompt_cache_miss_tokens":2}`) + done},
		{"cost", asked, func(s *Script) { s.Dialect.Cost, s.Dialect.OmitDetails = 0.25, true }, nulls(the+server+end) +
			usageChunk(`{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7,"cost":0.25}`) + done},
		{"strings", asked, func(s *Script) { s.Dialect.UsageStrings, s.Dialect.Cost = true, 0.25 }, nulls(the+server+end) +
			usageChunk(`{"prompt_tokens":"5","completion_tokens":"2","total_tokens":"7","prompt_tokens_details":{"cached_tokens":"0"},"completion_tokens_details":{"reasoning_tokens":"0"},"cost":"0.25"}`) + done},
		{"negative", asked, func(s *Script) { s.Dialect.UsageNegative = true }, nulls(the+server+end) + usageChunk(usage("5", "-1", "7")) + done},
		{"absurd", asked, func(s *Script) { s.Dialect.UsageAbsurd = true }, nulls(the+server+end) + usageChunk(usage("5", "1152921504606846977", "7")) + done},
		{"x_groq", streamTwo, func(s *Script) { s.Dialect.XGroq = true }, the + server + with(endData,
			`,"x_groq":{"id":"req_000001","usage":{"queue_time":0,"prompt_tokens":5,"prompt_time":0.004,"completion_tokens":2,"completion_time":0.001,"total_tokens":7,"total_time":0.005}}`) + done},
		{"timings", streamTwo, func(s *Script) { s.Dialect.Timings, s.Dialect.CachedShare = true, 0.2 }, the + server + with(endData,
			`,"timings":{"cache_n":1,"prompt_n":4,"prompt_ms":4,"prompt_per_second":1000,"predicted_n":2,"predicted_ms":1,"predicted_per_second":2000}`) + done},
		{"timings beside usage", asked, func(s *Script) { s.Dialect.Timings = true }, nulls(the+server+end) + strings.Replace(usageChunk(plainUsage), "}}}\n",
			`}},"timings":{"cache_n":0,"prompt_n":5,"prompt_ms":4,"prompt_per_second":1250,"predicted_n":2,"predicted_ms":1,"predicted_per_second":2000}}`+"\n", 1) + done},

		// Errors inside a 200.
		{"error event", streamTwo, fault(1, StreamErrorEvent), the + "data: " + failed + "\n\n"},
		{"error on a chunk", streamTwo, fault(1, StreamErrorChunk), the + `data: {~"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":"error"}],` +
			`"error":{"message":"The server had an error while generating the answer.","code":502}}` + "\n\n"},
		{"error object", streamTwo, fault(1, StreamErrorObject), the + `data: {"object":"error","message":"The server had an error while generating the answer.","type":"InternalServerError","code":500}` + "\n\n"},
		{"error by name", streamTwo, fault(1, StreamErrorNamed), the + "event: error\ndata: " + failed + "\n\n"},
		{"error for a body", streamTwo, fault(NoEvents, StreamErrorBody), failed + "\n"},
		{"bare error", streamTwo, fault(1, StreamErrorBody), the + failed + "\n"},
		{"error after a comment", streamTwo, fault(1, StreamErrorComment), the + ": keep-alive\n\ndata: " + failed + "\n\n"},
		{"error, nothing before", streamTwo, fault(NoEvents, StreamErrorNamed), "event: error\ndata: " + failed + "\n\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, record := wire(t, c.request, c.change)
			if r.status != http.StatusOK || r.body != c.want {
				t.Errorf("status %d\ngot  %q\nwant %q", r.status, r.body, c.want)
			}
			if want := record.Fault == FaultNone; record.Completed != want {
				t.Errorf("completed %v with fault %q", record.Completed, record.Fault)
			}
		})
	}
}

func toolChunk(role, id, function string) string {
	return `data: {~"choices":[{"index":0,"delta":{` + role + `"tool_calls":[{"index":0,` + id + `"function":{` + function + `}}]},"finish_reason":null}]}` + "\n\n"
}

// An answer that is not streamed speaks the dialect too.
func TestDialectWhole(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Script)
		want   string
	}{
		{"none", func(*Script) {}, `{"role":"assistant","content":" the server"}`},
		{"reasoning", func(s *Script) { s.Reasoning.Tokens, s.Dialect.ReasoningField = 1, ReasoningPlain }, `{"role":"assistant","content":" server","reasoning":" the"}`},
		{"parts", func(s *Script) { s.Dialect.ContentParts = true }, `{"role":"assistant","content":[{"type":"text","text":" the server"}]}`},
		{
			"thinking parts", func(s *Script) { s.Reasoning.Tokens, s.Dialect.ContentParts = 1, true },
			`{"role":"assistant","content":[{"type":"thinking","thinking":[{"type":"text","text":" the"}]},{"type":"text","text":" server"}]}`,
		},
		{"refusal", func(s *Script) { s.Dialect.Refusal = true }, `{"role":"assistant","refusal":" the server"}`},
		{
			"tool call", func(s *Script) { s.Dialect.ToolCall = true },
			`{"role":"assistant","tool_calls":[{"index":0,"id":"call_000001","type":"function","function":{"name":"say","arguments":" the server"}}]}`,
		},
	} {
		for _, request := range []string{`,"max_tokens":2`, streamTwo} {
			t.Run(c.name, func(t *testing.T) {
				r, _ := wire(t, request, func(s *Script) {
					s.OmitUsage, s.Dialect.NeverStreams = true, true
					c.change(s)
				})
				want := `{~"choices":[{"index":0,"message":` + c.want + `,"finish_reason":"length"}]}` + "\n"
				if r.body != want || r.header.Get("Content-Type") != "application/json" {
					t.Errorf("%v\ngot  %q\nwant %q", r.header, r.body, want)
				}
			})
		}
	}
}

// What makes no sense is refused, with a word on what it is.
func TestDialectValidate(t *testing.T) {
	for want, change := range map[string]func(*Dialect){
		"line end":          func(d *Dialect) { d.LineEnd = "\n\r" },
		"heartbeat must":    func(d *Dialect) { d.Heartbeat = 1 },
		"heartbeat burst":   func(d *Dialect) { d.HeartbeatBurst = -1 },
		"one line":          func(d *Dialect) { d.HeartbeatText = "a\nb" },
		"type must be":      func(d *Dialect) { d.ContentType = "a\r\nb" },
		"and yet none":      func(d *Dialect) { d.ContentType, d.NoContentType = "a", true },
		"coalesce":          func(d *Dialect) { d.Coalesce = -1 },
		"empty deltas":      func(d *Dialect) { d.EmptyDeltas = 2 * time.Hour },
		"reasoning field":   func(d *Dialect) { d.ReasoningField = "thoughts" },
		"a refusal or":      func(d *Dialect) { d.Refusal, d.ToolCall = true, true },
		"cached share":      func(d *Dialect) { d.CachedShare = math.NaN() },
		"cost must":         func(d *Dialect) { d.Cost = math.Inf(1) },
		"usage is":          func(d *Dialect) { d.UsageNegative, d.UsageAbsurd = true, true },
		"least cap":         func(d *Dialect) { d.LeastCap = -1 },
		"no field":          func(d *Dialect) { d.RefuseMaxTokens, d.RefuseMaxCompletionTokens = true, true },
		"error shape":       func(d *Dialect) { d.ErrorShape = "round" },
		"stream error":      func(d *Dialect) { d.StreamError = "loud" },
		"limits must":       func(d *Dialect) { d.TokenLimit = -1 },
		"limit window":      func(d *Dialect) { d.LimitWindow = -1 },
		"limit headers":     func(d *Dialect) { d.LimitHeaders = "none" },
		"retry after":       func(d *Dialect) { d.RetryAfter = "never" },
		"request id header": func(d *Dialect) { d.RequestIDHeader = "a: b" },
		"load time":         func(d *Dialect) { d.LoadTime = -1 },
		"close idle":        func(d *Dialect) { d.CloseIdle = -1 },
		"on loopback":       func(d *Dialect) { d.RedirectTo = "example.com:80" },
	} {
		script := quick("m")
		change(&script.Dialect)
		if err := script.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", want, err)
		}
	}
}

// Every name can be picked, does something, and answers without breaking off but
// where it says so.
func TestDialects(t *testing.T) {
	seen := map[string]bool{}
	for _, n := range Dialects() {
		t.Run(n.Name, func(t *testing.T) {
			if seen[n.Name] || !regexp.MustCompile(`^[a-z][a-z-]*$`).MatchString(n.Name) || n.About == "" || strings.Contains(n.About, "\n") {
				t.Errorf("name %q, about %q", n.Name, n.About)
			}
			seen[n.Name] = true
			script := quick("m")
			n.Apply(&script)
			if err := script.Validate(); err != nil {
				t.Fatal(err)
			}
			s, err := New(Options{Scripts: []Script{script}})
			if err != nil {
				t.Fatal(err)
			}
			closing(t, s)
			picked, ok := DialectNamed(n.Name)
			if !ok || picked.About != n.About {
				t.Errorf("picked %+v, %v", picked, ok)
			}
		})
	}
	for _, provider := range strings.Fields("gemini openai mistral ollama openrouter azure deepseek groq vllm llamacpp lmstudio anthropic fireworks xai together") {
		if !seen[provider] {
			t.Errorf("no %s", provider)
		}
	}
	if _, ok := DialectNamed("esperanto"); ok {
		t.Error("picked what is not there")
	}
}
