package probe

import (
	"context"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

// What is put together of an answer, in the shapes in which endpoints send it.
func TestReply(t *testing.T) {
	t.Parallel()
	call := func(index, id, name, arguments string) string {
		return `{"choices":[{"delta":{"tool_calls":[{` + index + `"id":"` + id + `","function":{"name":"` + name + `","arguments":` + arguments + `}}]}}]}`
	}
	for _, tc := range []struct {
		name   string
		events []string
		want   Reply
	}{
		{
			"text",
			[]string{`{"choices":[{"delta":{"role":"assistant","content":""}}]}`, `{"choices":[{"delta":{"content":"a\u00e9"}}]}`, `{"choices":[{"delta":{"content":"b"},"finish_reason":"stop"}]}`, `{"choices":[],"usage":{}}`, "[DONE]", `{"choices":[{"delta":{"content":"after"}}]}`},
			Reply{Text: "a\u00e9b", Finish: "stop"},
		},
		{"parts without what was thought", []string{`{"choices":[{"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"text","text":"a"},"b"]}}]}`}, Reply{Text: "ab"}},
		{"reasoning is no answer", []string{`{"choices":[{"delta":{"reasoning_content":"hm","content":null}}]}`, `{"choices":[{"delta":{"content":"a"}}]}`}, Reply{Text: "a"}},
		{"a refusal", []string{`{"choices":[{"delta":{"refusal":"No"}}]}`, `{"choices":[{"delta":{"refusal":"."}}]}`}, Reply{Refusal: "No."}},
		{"rubbish between", []string{"<html>", `{"choices":7}`, `{"choices":[{"delta":{"content":"a"}}]}`}, Reply{Text: "a"}},
		{
			"calls by index",
			[]string{call(`"index":0,`, "x", "f", `"{\"a\""`), call(`"index":1,`, "y", "g", `""`), call(`"index":0,`, "", "", `":1}"`), call(`"index":1,`, "", "", `"{}"`)},
			Reply{Calls: []ToolCall{{"x", "f", `{"a":1}`}, {"y", "g", "{}"}}},
		},
		{"calls that all are number 0", []string{call(`"index":0,`, "x", "f", `"{}"`), call(`"index":0,`, "y", "g", `"{}"`)}, Reply{Calls: []ToolCall{{"x", "f", "{}"}, {"y", "g", "{}"}}}},
		{"calls without a number", []string{call("", "x", "f", `"{}"`), call("", "y", "g", `"{}"`), call("", "", "", `" "`)}, Reply{Calls: []ToolCall{{"x", "f", "{}"}, {"y", "g", "{} "}}}},
		{"arguments as an object", []string{call(`"index":0,`, "x", "f", `{"a":1}`)}, Reply{Calls: []ToolCall{{"x", "f", `{"a":1}`}}}},
	} {
		var events []event
		for _, data := range tc.events {
			events = append(events, event{data: []byte(data)})
		}
		var got Reply
		if got.take(events); !reflect.DeepEqual(got, tc.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", tc.name, got, tc.want)
		}
	}
}

// Whatever is sent, what is kept of it is bounded.
func TestReplyIsBounded(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		piece, err := json.Marshal(strings.Repeat(rapid.SampledFrom([]string{"x", "\u00e9", "{"}).Draw(rt, "piece"), rapid.IntRange(0, 60_000).Draw(rt, "length")))
		if err != nil {
			rt.Fatal(err)
		}
		chunk := rapid.SampledFrom([]string{
			`{"choices":[{"delta":{"content":PIECE}}]}`, `{"choices":[{"delta":{"refusal":PIECE}}]}`,
			`{"choices":[{"delta":{"tool_calls":[{"id":PIECE,"function":{"name":PIECE,"arguments":PIECE}}]}}]}`,
		}).Draw(rt, "chunk")
		events := make([]event, rapid.IntRange(1, 40).Draw(rt, "events"))
		for i := range events {
			events[i].data = []byte(strings.ReplaceAll(chunk, "PIECE", string(piece)))
		}
		var r Reply
		r.take(events)
		size := 0
		for _, c := range r.Calls {
			if size += len(c.Arguments); len(c.Name) > maxNameText || len(c.ID) > maxNameText {
				rt.Errorf("a name of %d, an id of %d", len(c.Name), len(c.ID))
			}
		}
		if len(r.Text) > maxAnswer || len(r.Refusal) > maxAnswer || size > maxAnswer || len(r.Calls) > mostElements {
			rt.Errorf("%d, %d, %d, %d", len(r.Text), len(r.Refusal), size, len(r.Calls))
		}
	})
}

// What bodies of refusals say of the fields of a question.
func TestLacking(t *testing.T) {
	t.Parallel()
	schema := (&Question{Schema: json.RawMessage(`{}`)}).asked()
	tools := (&Question{Tools: []Tool{{Name: "f", Parameters: json.RawMessage(`{}`)}}}).asked()
	for _, tc := range []struct {
		body  string
		asked map[string]json.RawMessage
		want  string
	}{
		{`{"error":"registry/llama3 does not support tools"}`, tools, "tools"},
		{`{"error":{"message":"Function calling is not enabled for this model","code":"x"}}`, tools, "tools"},
		{`{"detail":[{"type":"extra_forbidden","loc":["body","tools"],"msg":"Extra inputs are not permitted"}]}`, tools, "tools"},
		{`{"object":"error","message":"\"auto\" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set"}`, tools, "tools"},
		{`{"error":{"message":"This response_format type is unavailable now"}}`, schema, "response_format"},
		{`{"error":{"message":"Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.","param":null}}`, schema, "response_format"},
		{`{"error":{"message":"Invalid value: 'json_schema'. Supported values are: 'text' and 'json_object'.","param":"response_format.type"}}`, schema, "response_format"},

		// Another schema may do.
		{`{"error":{"message":"Invalid schema for response_format 'record': In context=(), 'minimum' is not permitted.","param":"response_format"}}`, schema, ""},
		// What was not sent, or is not about it.
		{`{"error":"this model does not support tools"}`, schema, ""},
		{`{"error":{"message":"You exceeded your quota"}}`, tools, ""},
	} {
		if got := readComplaint([]byte(tc.body)).lacking(tc.asked); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.body, got, tc.want)
		}
	}
}

// A question is sent as it stands, with what it asks for and in the target's form.
func TestQuestionIsSentAsItStands(t *testing.T) {
	t.Parallel()
	var body map[string]any
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			text, _ := io.ReadAll(r.Body)
			_ = json.Unmarshal(text, &body)
		}
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, "data: {\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n")
	}))
	defer server.Close()
	client := NewClient(Limits{}, nil)
	defer client.Close()
	r := client.Ask(t.Context(), Question{
		Target: Target{Name: "t", BaseURL: server.URL, Model: "m", Provider: "mistral"}, Kind: "k", MaxTokens: 7,
		Messages: []Message{
			{Role: RoleUser, Text: "Do."}, {Role: RoleAssistant, Calls: []ToolCall{{ID: "c1", Name: "f", Arguments: "{}"}}}, {Role: RoleTool, Text: "done", CallID: "c1"},
		},
		Tools: []Tool{{Name: "f", Parameters: json.RawMessage(`{"type":"object"}`)}}, Schema: json.RawMessage(`{"type":"object"}`), SchemaName: "s",
	})
	if r.Sample.Outcome != OK || r.Sample.Profile != "k" || r.Sample.Cap != 7 || r.Text != "a" || r.Finish != "stop" {
		t.Errorf("%+v", r)
	}
	want := `{"max_tokens":7,"messages":[{"content":"Do.","role":"user"},` +
		`{"role":"assistant","tool_calls":[{"function":{"arguments":"{}","name":"f"},"id":"c1","type":"function"}]},{"content":"done","role":"tool","tool_call_id":"c1"}],` +
		`"model":"m","response_format":{"json_schema":{"name":"s","schema":{"type":"object"},"strict":true},"type":"json_schema"},"stream":true,` +
		`"tools":[{"function":{"name":"f","parameters":{"type":"object"}},"type":"function"}]}`
	if got, err := json.Marshal(body); err != nil || string(got) != want {
		t.Errorf("%v\n got %s\nwant %s", err, got, want)
	}
}

// askedOf answers with a sample of its own.
type askedOf struct{ sample Sample }

func (a askedOf) Ask(_ context.Context, _ Question) Reply  { return Reply{Sample: a.sample} }
func (a askedOf) Embed(_ context.Context, _ Texts) Vectors { return Vectors{Sample: a.sample} }

// Questions and texts are under the budget like probes: set aside by their own
// length, whatever was measured of shorter ones, and settled by what they cost.
func TestQuestionsAreMetered(t *testing.T) {
	t.Parallel()
	ledger, day := &MemoryLedger{}, DayOf(time.Now())
	b := &Budget{Cap: usd("1"), Ledger: ledger, Worst: WorstPrice{Input: usd("100"), Output: usd("100")}}
	target := Target{Name: "t", BaseURL: "https://h.example/v1", Model: "m"}
	ok := Sample{Outcome: OK, Status: 200, USD: decimal.NewNullDecimal(usd("0.25")), Usage: Usage{Input: Known(int64(3)), Output: Known(int64(1))}}
	asker := MeteredAsker(askedOf{ok}, b, nil)
	short := Question{Target: target, Kind: "k", MaxTokens: 64, Messages: []Message{{Role: RoleUser, Text: "Say."}}}
	if r := asker.Ask(t.Context(), short); r.Sample.Outcome != OK {
		t.Fatalf("%+v", r.Sample)
	}
	long := short
	long.Messages = []Message{{Role: RoleUser, Text: strings.Repeat("word ", 6000)}}
	if estimate := b.EstimateQuestion(&long); estimate.LessThan(usd("0.6")) {
		t.Errorf("a long one after a short one: %s", estimate)
	}
	if r := asker.Ask(t.Context(), long); r.Sample.Outcome != Skipped || r.Sample.Refused == nil || r.Sample.Refused.Refusal != TooDear {
		t.Errorf("%+v", r.Sample)
	}
	v := MeteredEmbedder(askedOf{ok}, b, nil).Embed(t.Context(), Texts{Target: target, Kind: "e", Texts: []string{"a"}})
	if v.Sample.Outcome != OK {
		t.Errorf("%+v", v.Sample)
	}
	spent, err := ledger.Spent(t.Context(), day)
	if err != nil || !spent.Settled.Equal(usd("0.5")) || !spent.Reserved.IsZero() {
		t.Errorf("%+v, %v", spent, err)
	}
}

// Answers to texts that are no vectors of them.
func TestEmbedHostile(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]Outcome{
		`{"data":[{"index":0,"embedding":[1,0]},{"index":1,"embedding":[0,1]}],"usage":{"prompt_tokens":4}}`:   OK,
		`{"data":[{"index":1,"embedding":[1,0]},{"index":0,"embedding":[0,1]}]}`:                               OK,
		`{"data":[{"index":0,"embedding":[1,0]}]}`:                                                             Malformed,
		`{"data":[{"index":0,"embedding":[1,0]},{"index":0,"embedding":[0,1]}]}`:                               Malformed,
		`{"data":[{"index":0,"embedding":[1,0]},{"index":1,"embedding":[0,1]},{"index":1,"embedding":[0,1]}]}`: Malformed,
		`{"data":[{"index":0,"embedding":[1,0]},{"index":7,"embedding":[0,1]}]}`:                               Malformed,
		`{"data":[{"index":0,"embedding":[1,0]},{"index":1,"embedding":[1]}]}`:                                 Malformed,
		`{"data":[{"index":0,"embedding":[1,0]},{"index":1,"embedding":[0,0]}]}`:                               Malformed,
		`{"data":[{"index":0,"embedding":[1,0]},{"index":1,"embedding":[1e200,1e200]}]}`:                       Malformed,
		`{"error":{"message":"no"}}`: StreamError,
		`<html>`:                     Malformed,
		``:                           Malformed,
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }))
		client := NewClient(Limits{}, func(Target, Usage) (decimal.Decimal, bool) { return usd("1"), true })
		v := client.Embed(t.Context(), Texts{Target: Target{Name: "t", BaseURL: server.URL, Model: "m"}, Texts: []string{"a", "b"}})
		if v.Sample.Outcome != want || (v.Vectors != nil) != (want == OK) {
			t.Errorf("%s: %s %s, %v", body, v.Sample.Outcome, v.Sample.Error, v.Vectors)
		}
		if told := strings.Contains(body, "prompt_tokens"); v.Sample.USD.Valid != told {
			t.Errorf("%s: cost %v", body, v.Sample.USD)
		}
		for _, vector := range v.Vectors {
			if len(vector) != 2 || math.IsNaN(vector[0]) {
				t.Errorf("%s: %v", body, vector)
			}
		}
		client.Close()
		server.Close()
	}
	client := NewClient(Limits{}, nil)
	defer client.Close()
	if v := client.Embed(t.Context(), Texts{Target: Target{Name: "t", BaseURL: "http://127.0.0.1:1", Model: "m"}, Texts: []string{"a"}}); v.Sample.Outcome != Network {
		t.Errorf("%+v", v.Sample)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if v := client.Embed(ended, Texts{Target: Target{Name: "t", BaseURL: "http://127.0.0.1:1", Model: "m", KeyCommand: "sleep 9"}, Texts: []string{"a"}}); v.Sample.Outcome != Cancelled {
		t.Errorf("interrupted while its key is read: %+v", v.Sample)
	}
}
