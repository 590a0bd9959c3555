package probe

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestForm(t *testing.T) {
	raw := func(s string) json.RawMessage { return json.RawMessage(s) }
	for _, tc := range []struct {
		name   string
		target Target
		want   form
	}{
		{"nobody known", Target{BaseURL: "https://h.example/v1", Model: "m"}, form{12, MaxTokens, true, map[string]json.RawMessage{}, nil}},
		{"openai", Target{Provider: "openai", Model: "m"}, form{12, MaxCompletionTokens, true, map[string]json.RawMessage{}, nil}},
		{"mistral", Target{Provider: "mistral", Model: "m"}, form{12, MaxTokens, false, map[string]json.RawMessage{}, nil}},
		{"openrouter", Target{Provider: "openrouter", Model: "m"}, form{12, MaxTokens, true, map[string]json.RawMessage{"usage": raw(`{"include":true}`)}, nil}},
		{
			"its own fields",
			Target{Provider: "openrouter", Model: "m", Extra: map[string]json.RawMessage{"usage": raw("0"), "provider": raw("{}"), "stream": raw("false")}},
			form{12, MaxTokens, true, map[string]json.RawMessage{"usage": raw("0"), "provider": raw("{}")}, nil},
		},
		{"a model that reasons", Target{Provider: "ollama", Model: "gpt-5-local"}, form{256, MaxTokens, true, map[string]json.RawMessage{}, nil}},
	} {
		if got := newForm(tc.target, short); !reflect.DeepEqual(got, tc.want) {
			t.Errorf("%s: got %+v, want %+v", tc.name, got, tc.want)
		}
	}
	if long := newForm(Target{Model: "o3"}, Profile{MaxTokens: 300}); long.cap != 300 {
		t.Errorf("a cap of 300 became %d", long.cap)
	}
}

func TestReasons(t *testing.T) {
	for model, want := range map[string]bool{
		"o1": true, "o3-mini": true, "o4-mini": true, "gpt-5": true, "gpt-5.1-mini": true, "openai/o3": true, "a/b/gpt-5": true,
		"gpt-4o": false, "omni": false, "": false, "o1/llama": false, "/": false,
	} {
		if reasons(model) != want {
			t.Errorf("%q: %v", model, !want)
		}
	}
}

// A patched body has the cap once, under the right name, the extra fields, and
// whatever else there was as it was.
func TestPatch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := form{
			capField: rapid.SampledFrom([]CapField{MaxTokens, MaxCompletionTokens}).Draw(t, "field"), streamOptions: rapid.Bool().Draw(t, "options"),
			extra: map[string]json.RawMessage{},
		}
		for _, name := range rapid.SliceOfN(rapid.StringMatching(`x[a-z_"]{1,6}`), 0, 3).Draw(t, "extra") {
			f.extra[name] = json.RawMessage(`{"a":[1,"<b>"]}`)
		}
		text := rapid.String().Draw(t, "text")
		before := map[string]any{
			"model": "m", "messages": []any{map[string]any{"role": "user", "content": text}}, "stream": true,
			"max_completion_tokens": 7.0, "stream_options": map[string]any{"include_usage": true},
		}
		body, err := json.Marshal(before)
		if err != nil {
			t.Fatal(err)
		}
		patched, err := f.patch(body)
		var after map[string]any
		if err != nil || json.Unmarshal(patched, &after) != nil {
			t.Fatalf("%v: %s", err, patched)
		}
		_ = json.Unmarshal(body, &before) // as JSON has the text
		delete(before, "max_completion_tokens")
		before[string(f.capField)] = 7.0
		if !f.streamOptions {
			delete(before, streamOptions)
		}
		for name := range f.extra {
			before[name] = map[string]any{"a": []any{1.0, "<b>"}}
		}
		if !reflect.DeepEqual(before, after) {
			t.Fatalf("got %s", patched)
		}
	})
	if _, err := (form{}).patch([]byte("not JSON")); err == nil {
		t.Error("what is no JSON was patched")
	}
}

// doFunc is a doer made of a function.
type doFunc func(*http.Request) (*http.Response, error)

func (f doFunc) Do(r *http.Request) (*http.Response, error) { return f(r) }

// The length and the way to get the body again are those of the patched body, and
// all of it is done before the doer that takes the time is asked.
func TestFinishingDoer(t *testing.T) {
	asked := false
	doer := &finishingDoer{
		call: call{form: form{capField: MaxTokens, extra: map[string]json.RawMessage{"x": json.RawMessage("1")}}, credentials: credentials{header: http.Header{"X-A": {"b"}}}},
		next: doFunc(func(r *http.Request) (*http.Response, error) {
			asked = true
			const want = `{"max_tokens":7,"model":"m","x":1}`
			again, err := r.GetBody()
			if err != nil {
				t.Fatal(err)
			}
			for _, from := range []io.Reader{r.Body, again} {
				if got, err := io.ReadAll(from); err != nil || string(got) != want {
					t.Errorf("%s, %v", got, err)
				}
			}
			if r.ContentLength != int64(len(want)) || r.Header.Get("X-A") != "b" {
				t.Errorf("length %d, header %v", r.ContentLength, r.Header)
			}
			return respond(r, 200, "", http.NoBody), nil
		}),
	}
	send := func(body string) error {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://h", bytes.NewBufferString(body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := doer.Do(r)
		if err == nil {
			_ = resp.Body.Close()
		}
		return err
	}
	if err := send(`{"model":"m","max_completion_tokens":7}`); err != nil || !asked {
		t.Errorf("asked %v, %v", asked, err)
	}
	asked = false
	if err := send("{"); err == nil || asked {
		t.Errorf("asked %v, %v", asked, err)
	}
}

// The nonce is the first thing in the first message, whichever that is, and
// another each time.
func TestNonce(t *testing.T) {
	nonce := regexp.MustCompile(`^\[[0-9a-f]{16}\] `)
	seen := map[string]bool{}
	for _, p := range append(Profiles(), Profile{Name: "with a system message", System: "Be brief.", Prompt: "Count.", MaxTokens: 64}) {
		for range 3 {
			messages := p.request("m", form{}).Messages
			first := messages[0].Content
			if p.System != "" {
				if len(messages) != 2 || messages[0].Role != "system" || messages[1].Role != "user" || messages[1].Content != p.Prompt {
					t.Fatalf("%s: %+v", p.Name, messages)
				}
				first = strings.TrimSuffix(first, p.System)
			} else {
				first = strings.TrimSuffix(first, p.Prompt)
			}
			if nonce.FindString(first) != first || len(first) != 19 || seen[first] {
				t.Errorf("%s: begins with %q", p.Name, first)
			}
			seen[first] = true
		}
	}
}

// Extra fields reach the server beside what a probe has of its own.
func TestExtraIsSent(t *testing.T) {
	var seen captured
	transport := &memory{answer: func(r *http.Request) (*http.Response, error) {
		seen = capture(t, r)
		return respond(r, 200, "text/event-stream", strings.NewReader(sound)), nil
	}}
	target := Target{
		Name: "a", Model: "m", Provider: "openrouter", BaseURL: "http://h/v1",
		Extra: map[string]json.RawMessage{"provider": json.RawMessage(`{"order":["x"]}`)},
	}
	s := newClient(Limits{}, nil, transport).Probe(t.Context(), Attempt{Target: target, Profile: short})
	if s.Outcome != OK || s.Cap != 12 || s.Target.Extra != nil {
		t.Errorf("%+v", s)
	}
	for _, want := range []string{`"provider":{"order":["x"]}`, `"usage":{"include":true}`, `"max_tokens":12`, `"stream":true`} {
		if !strings.Contains(seen.raw, want) {
			t.Errorf("no %s in %s", want, seen.raw)
		}
	}
	if len(target.Extra) != 1 {
		t.Errorf("the target's own fields became %s", target.Extra)
	}
}
