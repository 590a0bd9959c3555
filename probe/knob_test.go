package probe

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

// What bodies of refusals, as they are met with, ask for.
func TestComplaint(t *testing.T) {
	older := form{cap: 128, capField: MaxTokens, streamOptions: true, extra: map[string]json.RawMessage{"provider": nil, "prompt_cache": nil}}
	newer := older
	newer.capField = MaxCompletionTokens
	small := older
	small.cap = 12
	const extra = `{"detail":[{"type":"extra_forbidden","loc":["body","FIELD"],"msg":"Extra inputs are not permitted","input":"max_tokens"}]}`
	named := func(field string) string { return strings.ReplaceAll(extra, "FIELD", field) }
	quote := func(s string) string { b, _ := json.Marshal(s); return string(b) }
	for _, tc := range []struct {
		name, body string
		sent       form
		want       knob // zero for nothing
	}{
		{"the newer cap", `{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.","type":"invalid_request_error","param":"max_tokens","code":"unsupported_parameter"}}`, older, knob{capField: MaxCompletionTokens}},
		{"the newer cap, in words alone", `{"error":"max_tokens is not supported, use max_completion_tokens"}`, older, knob{capField: MaxCompletionTokens}},
		{"the newer cap, without another name", `{"message":"Unknown parameter: max_tokens"}`, older, knob{capField: MaxCompletionTokens}},
		{"the older cap", named("max_completion_tokens"), newer, knob{capField: MaxTokens}},
		{"the older cap, details in the message", `{"object":"error","message":` + named("max_completion_tokens") + `,"param":null}`, newer, knob{capField: MaxTokens}},
		{"the older cap, details as text", `{"object":"error","message":` + quote(named("max_completion_tokens")) + `}`, newer, knob{capField: MaxTokens}},
		{"through a gateway", `{"error":{"message":"Provider returned error","metadata":{"raw":` + quote(named("max_completion_tokens")) + `}}}`, newer, knob{capField: MaxTokens}},
		{"a gateway's words", `{"error":{"message":"it does not support parameters: {'max_completion_tokens': 128}, for model=m","param":"None"}}`, newer, knob{capField: MaxTokens}},
		{"a list", `[{"error":{"code":400,"message":"Unknown name \"provider\": Cannot find field.","details":[{"fieldViolations":[{"description":"Unknown name \"provider\""}]}]}}]`, older, knob{drop: "provider"}},
		{"stream options", named("stream_options"), older, knob{drop: "stream_options"}},
		{"a part of the stream options", `{"error":{"param":"stream_options.include_usage","message":"unknown field"}}`, older, knob{drop: "stream_options"}},
		{"stream options in words", `{"error":{"message":"Unrecognized request argument supplied: stream_options"}}`, older, knob{drop: "stream_options"}},
		{"an extra field in words", `{"error":"property 'provider' is unsupported"}`, older, knob{drop: "provider"}},
		{"no JSON", `unexpected field prompt_cache`, older, knob{drop: "prompt_cache"}},
		{"cut", `{"error":{"message":"Unsupported parameter: 'max_tokens' is not supp`, older, knob{capField: MaxCompletionTokens}},
		{"a least cap", `{"error":{"message":"Invalid 'max_tokens': integer below minimum value. Expected a value >= 16, but got 12 instead.","param":"max_tokens"}}`, small, knob{leastCap: 16}},
		{"a least cap by another name", `{"error":{"message":"Expected a value >= 16","param":"max_output_tokens"}}`, small, knob{leastCap: 16}},
		{"at least", `{"error":{"message":"max_tokens must be at least 20"}}`, small, knob{leastCap: 20}},
		{"more than", `{"detail":[{"loc":["body","max_tokens"],"msg":"should be greater than 15"}]}`, small, knob{leastCap: 16}},
		{"more than, in words alone", `{"error":{"message":"max_tokens must be greater than 15"}}`, small, knob{leastCap: 16}},
		{"a range", `{"error":{"message":"max_tokens must be between 32 and 4096"}}`, small, knob{leastCap: 32}},
		{"reasoning took it all", `{"error":{"message":"Could not finish the message because max_tokens was reached. Please try again with higher max_tokens."}}`, older, knob{leastCap: 256, reasons: true}},

		{"a least cap that costs", `{"error":{"message":"max_tokens must be at least 100000"}}`, small, knob{}},
		{"a least cap that we keep to", `{"error":{"message":"max_tokens must be at least 1"}}`, small, knob{}},
		{"too large", `{"error":{"message":"max_tokens is too large: 128. This model supports at most 64","param":"max_tokens"}}`, older, knob{}},
		{"no smaller than what would do", `{"error":{"message":"max_tokens: must not be greater than 64"}}`, older, knob{}},
		{"another parameter", `{"error":{"message":"temperature is not supported with max_tokens","param":"temperature"}}`, older, knob{}},
		{"a field that was not sent", named("max_completion_tokens"), older, knob{}},
		{"any word", `{"error":"the provider is not supported in your region"}`, older, knob{}},
		{"part of a word", `{"error":"unsupported: my_max_tokens2"}`, older, knob{}},
		{"a wrong value", `{"error":{"message":"must be an object","param":"provider"}}`, older, knob{}},
		{"another parameter, as text", `{"message":` + quote(`{"detail":[{"type":"extra_forbidden","loc":["body","temperature"],"input":{"max_tokens":128}}]}`) + `}`, older, knob{}},
		{"what was sent, repeated", `{"error":{"message":"unsupported model","request":{"message":"max_tokens"},"input":"max_tokens"}}`, older, knob{}},
		{"nothing", ``, older, knob{}},
		{"a page", `<html><title>400 Bad Request</title></html>`, older, knob{}},
		{"deep", strings.Repeat(`{"error":`, 50) + `"unsupported max_tokens"` + strings.Repeat(`}`, 50), older, knob{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, ok := readComplaint([]byte(tc.body)).change(tc.sent)
			if ok != (tc.want != knob{}) || ok && got != tc.want {
				t.Errorf("got %+v, %v", got, ok)
			}
		})
	}
}

// A server that refuses every way of asking is asked each way once, and then left
// alone.
func TestKnobsEnd(t *testing.T) {
	k := knobs{of: map[endpoint]*learned{}}
	target := Target{BaseURL: "http://h/v1/", Model: "m", Extra: map[string]json.RawMessage{"provider": json.RawMessage("1")}}
	ask := func(change knob) string { return k.turn(target, k.form(target, short, nil), change) }
	for i, tc := range []struct {
		change knob
		words  string
	}{
		{knob{capField: MaxCompletionTokens}, "max_completion_tokens instead of max_tokens"},
		{knob{capField: MaxTokens}, "max_tokens instead of max_completion_tokens"},
		{knob{capField: MaxCompletionTokens}, ""},
		{knob{drop: "stream_options"}, "no stream_options"},
		{knob{drop: "provider"}, "no provider"},
		{knob{leastCap: 16}, "a cap of 16 tokens instead of 12"},
		{knob{leastCap: 17}, ""},
		{knob{leastCap: 256, reasons: true}, "a cap of 256 tokens instead of 16"},
	} {
		if got := ask(tc.change); got != tc.words {
			t.Errorf("%d: got %q, want %q", i, got, tc.words)
		}
	}
	target.BaseURL = "http://h/v1" // one endpoint, one spelling
	f := k.form(target, short, nil)
	if f.capField != MaxTokens || f.streamOptions || len(f.extra) != 0 || f.cap != 256 {
		t.Errorf("got %+v", f)
	}
	if f := k.form(target, Profile{MaxTokens: 300}, nil); f.cap != 300 {
		t.Errorf("a cap of 300 became %d", f.cap)
	}
	target.Model = "another"
	if f := k.form(target, short, nil); f.capField != MaxTokens || !f.streamOptions || f.cap != 12 {
		t.Errorf("another model has learned too: %+v", f)
	}
}

// Requests that were under way at once and refused for the same reason turn the
// knob once, and all say so.
func TestKnobsAtOnce(t *testing.T) {
	k := knobs{of: map[endpoint]*learned{}}
	target := Target{BaseURL: "http://h/v1", Model: "m"}
	sent := k.form(target, short, nil)
	var asking sync.WaitGroup
	for range 16 {
		asking.Go(func() {
			if got := k.turn(target, sent, knob{capField: MaxCompletionTokens}); got != "max_completion_tokens instead of max_tokens" {
				t.Errorf("got %q", got)
			}
		})
	}
	asking.Wait()
	if f := k.form(target, short, nil); f.capField != MaxCompletionTokens {
		t.Errorf("got %+v", f)
	}
}

// Whatever the order of complaints, no more changes are made than there are knobs
// and directions, and the cap stays within what may be spent.
func TestKnobsBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := knobs{of: map[endpoint]*learned{}}
		target := Target{BaseURL: "http://h/v1", Model: "m", Extra: map[string]json.RawMessage{"a_b": nil, "c_d": nil}}
		bodies := rapid.SliceOfN(rapid.SampledFrom([]string{
			`{"error":"unsupported max_tokens"}`, `{"error":"unsupported max_completion_tokens"}`, `{"error":"unknown stream_options"}`,
			`{"error":"unknown a_b"}`, `{"error":"unknown c_d"}`, `{"error":"max_tokens must be at least 40"}`, `{"error":"max_completion_tokens must be at least 900"}`,
			`{"error":"try again with higher max_tokens, max_tokens was too low"}`, `{"error":"no"}`,
		}), 0, 60).Draw(t, "bodies")
		changes := 0
		for _, body := range bodies {
			sent := k.form(target, short, nil)
			change, ok := readComplaint([]byte(body)).change(sent)
			if ok && k.turn(target, sent, change) != "" {
				changes++
			}
		}
		if changes > 7 { // two caps, two directions, three fields
			t.Fatalf("%d changes", changes)
		}
		if f := k.form(target, short, nil); f.cap > maxLeastCap {
			t.Fatalf("a cap of %d", f.cap)
		}
	})
}

// The client learns from a refusal, asks otherwise the next time, says what it has
// learned and keeps the cap that was really sent.
func TestLearning(t *testing.T) {
	refuse := func(r *http.Request, body string) *http.Response {
		return respond(r, 400, "application/json", strings.NewReader(body))
	}
	thought := strings.Replace(ev(length, usage(9, 12)), `"completion_tokens":12`, `"completion_tokens":12,"completion_tokens_details":{"reasoning_tokens":12}`, 1) + done
	var bodies []string
	transport := &memory{answer: func(r *http.Request) (*http.Response, error) {
		raw, _ := io.ReadAll(r.Body)
		bodies = append(bodies, string(raw))
		switch body := string(raw); {
		case strings.Contains(body, `"max_tokens"`):
			return refuse(r, `{"error":{"message":"Unsupported parameter: 'max_tokens'","param":"max_tokens"}}`), nil
		case strings.Contains(body, `"x_extra"`):
			return refuse(r, `{"error":"Unknown field x_extra"}`), nil
		case strings.Contains(body, `"max_completion_tokens":12,`):
			return respond(r, 200, "text/event-stream", strings.NewReader(thought)), nil
		}
		return respond(r, 200, "text/event-stream", strings.NewReader(sound)), nil
	}}
	client := newClient(Limits{}, nil, transport)
	target := Target{Name: "a", Model: "m", BaseURL: "http://h/v1", Extra: map[string]json.RawMessage{"x_extra": json.RawMessage("1")}}
	for i, want := range []struct {
		outcome Outcome
		learned string
		limit   int
	}{
		{BadRequest, "max_completion_tokens instead of max_tokens", 12},
		{BadRequest, "no x_extra", 12},
		{BadRequest, "a cap of 256 tokens instead of 12", 12},
		{OK, "", 256},
		{OK, "", 256},
	} {
		if got := client.Cap(target, short); got != want.limit {
			t.Errorf("probe %d: a cap of %d was announced", i, got)
		}
		s := client.Probe(t.Context(), Attempt{Target: target, Profile: short})
		checkSample(t, s)
		if s.Outcome != want.outcome || s.Learned != want.learned || s.Cap != want.limit {
			t.Errorf("probe %d: %v %q, learned %q, cap %d", i, s.Outcome, s.Error, s.Learned, s.Cap)
		}
	}
	if len(bodies) != 5 {
		t.Errorf("%d requests for 5 probes", len(bodies))
	}
}

// Whatever a server says of a request, the reader ends, what is learned is fit to
// be shown and names only what was sent, and the same complaint again and again
// changes little.
func FuzzComplaint(f *testing.F) {
	for _, body := range []string{
		`{"error":{"message":"Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.","param":"max_tokens"}}`,
		`{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"Extra inputs are not permitted"}]}`,
		`[{"error":{"code":400,"message":"Unknown name \"provider\": Cannot find field."}}]`, `{"error":"max_tokens must be at least 999999"}`,
		`{"message":"{\"detail\":[{\"loc\":[\"body\",\"max_tokens\"],\"msg\":\"should be greater than 15\"}]}"}`,
		`[[[[[[[[[["max_tokens unknown"]]]]]]]]]]`, `{"param":[null,1,{"param":"max_tokens"}]}`, "unknown \x1b[31mprovider", ``, `"`, `{`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		k := knobs{of: map[endpoint]*learned{}}
		target := Target{BaseURL: "http://h/v1", Model: "m", Extra: map[string]json.RawMessage{"provider": json.RawMessage("1")}}
		changes := 0
		for range 12 {
			sent := k.form(target, short, nil)
			change, ok := readComplaint(body).change(sent)
			if !ok {
				break
			}
			if change.drop != "" && !sent.sends(change.drop) {
				t.Fatalf("%+v was not sent", change)
			}
			words := k.turn(target, sent, change)
			if words != Sanitize(words, maxNameText) {
				t.Fatalf("%q", words)
			}
			if words != "" {
				changes++
			}
		}
		if sent := k.form(target, short, nil); changes > 6 || sent.cap > maxLeastCap {
			t.Fatalf("%d changes, cap %d", changes, sent.cap)
		}
	})
}
