package simulator

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// A request that is wrong is refused the way OpenAI refuses it, and takes no
// number.
func TestRefusals(t *testing.T) {
	ok := `{"model":"m",` + hello + `}`
	huge := `{"model":"m","messages":[{"role":"user","content":"` + strings.Repeat("x", bodyLimit) + `"}]}`
	chat, embed := "/v1/chat/completions", "/v1/embeddings"
	for _, c := range []struct {
		name, method, path, body, key string
		status                        int
		param, code                   string
	}{
		{name: "unknown route", method: "POST", path: "/v1/audio", body: ok, status: 404, code: "unknown_url"},
		{name: "root", method: "GET", path: "/", status: 404, code: "unknown_url"},
		{name: "GET of chat", method: "GET", path: chat, status: 405, code: "method_not_supported"},
		{name: "GET of embeddings", method: "GET", path: embed, status: 405, code: "method_not_supported"},
		{name: "POST of models", method: "POST", path: "/v1/models", status: 405, code: "method_not_supported"},
		{name: "no key", method: "POST", path: chat, body: ok, key: "-", status: 401, code: "invalid_api_key"},
		{name: "wrong key", method: "POST", path: chat, body: ok, key: "Bearer other", status: 401, code: "invalid_api_key"},
		{name: "key without Bearer", method: "POST", path: chat, body: ok, key: "secret", status: 401, code: "invalid_api_key"},
		{name: "wrong key for models", method: "GET", path: "/v1/models", key: "Bearer other", status: 401, code: "invalid_api_key"},
		{name: "empty body", method: "POST", path: chat, status: 400},
		{name: "bad JSON", method: "POST", path: chat, body: `{"model":`, status: 400},
		{name: "JSON and more", method: "POST", path: chat, body: ok + "x", status: 400},
		{name: "not an object", method: "POST", path: chat, body: `[]`, status: 400},
		{name: "cap not a number", method: "POST", path: chat, body: `{"model":"m","max_tokens":"many",` + hello + `}`, status: 400},
		{name: "huge body", method: "POST", path: chat, body: huge, status: 413},
		{name: "huge embedding", method: "POST", path: embed, body: huge, status: 413},
		{name: "no model", method: "POST", path: chat, body: `{` + hello + `}`, status: 400, param: "model", code: "invalid_value"},
		{name: "no messages", method: "POST", path: chat, body: `{"model":"m","messages":[]}`, status: 400, param: "messages", code: "invalid_value"},
		{name: "two choices", method: "POST", path: chat, body: `{"model":"m","n":2,` + hello + `}`, status: 400, param: "n", code: "invalid_value"},
		{name: "negative cap", method: "POST", path: chat, body: `{"model":"m","max_tokens":-1,` + hello + `}`, status: 400, param: "max_tokens", code: "invalid_value"},
		{name: "zero cap", method: "POST", path: chat, body: `{"model":"m","max_completion_tokens":0,` + hello + `}`, status: 400, param: "max_completion_tokens", code: "invalid_value"},
		{name: "unknown model", method: "POST", path: chat, body: `{"model":"nobody",` + hello + `}`, status: 404, param: "model", code: "model_not_found"},
		{name: "chat with an embedding model", method: "POST", path: chat, body: `{"model":"e",` + hello + `}`, status: 404, param: "model", code: "model_not_found"},
		{name: "embedding of a chat model", method: "POST", path: embed, body: `{"model":"m","input":"x"}`, status: 404, param: "model", code: "model_not_found"},
		{name: "embedding of nothing", method: "POST", path: embed, body: `{"model":"e","input":[]}`, status: 400, param: "input", code: "invalid_value"},
		{name: "embedding of an empty text", method: "POST", path: embed, body: `{"model":"e","input":["a",""]}`, status: 400, param: "input", code: "invalid_value"},
		{name: "embedding of a number", method: "POST", path: embed, body: `{"model":"e","input":3}`, status: 400},
		{name: "embedding of too many", method: "POST", path: embed, body: `{"model":"e","input":["a"` + strings.Repeat(`,"a"`, maxInputs) + `]}`, status: 400, param: "input", code: "invalid_value"},
		{name: "too many dimensions", method: "POST", path: embed, body: `{"model":"e","input":"a","dimensions":9}`, status: 400, param: "dimensions", code: "invalid_value"},
		{name: "no dimensions", method: "POST", path: embed, body: `{"model":"e","input":"a","dimensions":0}`, status: 400, param: "dimensions", code: "invalid_value"},
		{name: "another encoding", method: "POST", path: embed, body: `{"model":"e","input":"a","encoding_format":"base64"}`, status: 400, param: "encoding_format", code: "invalid_value"},
	} {
		t.Run(c.name, func(t *testing.T) {
			server, err := New(Options{Key: "secret", Scripts: []Script{quick("m"), {Model: "e", EmbeddingDimensions: 8}}})
			if err != nil {
				t.Fatal(err)
			}
			defer closing(t, server)
			request := httptest.NewRequestWithContext(t.Context(), c.method, c.path, strings.NewReader(c.body))
			switch c.key {
			case "":
				request.Header.Set("Authorization", "Bearer secret")
			case "-":
			default:
				request.Header.Set("Authorization", c.key)
			}
			response := httptest.NewRecorder()
			server.ServeHTTP(response, request)

			var body errorBody
			if err := json.Unmarshal(response.Body.Bytes(), &body); err != nil {
				t.Fatalf("%v in %s", err, response.Body)
			}
			if response.Code != c.status || body.Error.Message == "" || body.Error.Type != invalidRequest ||
				body.Error.Param != c.param || body.Error.Code != c.code {
				t.Errorf("%d %s", response.Code, response.Body)
			}
			if strings.Contains(response.Body.String(), "secret") {
				t.Error("the answer tells the key")
			}
			if got := response.Header().Get("Allow"); (got != "") != (c.status == http.StatusMethodNotAllowed) {
				t.Errorf("Allow: %q", got)
			}
			if response.Header().Get("X-Request-Id") == "" {
				t.Error("no request id")
			}
			for _, record := range server.Sent() {
				if record.Status != c.status || record.Completed {
					t.Errorf("%+v", record)
				}
			}
			for id, m := range server.models {
				if m.accepted.Load() != 0 || m.inFlight.Load() != 0 {
					t.Errorf("model %s counts a refused request", id)
				}
			}
		})
	}
}

func TestModels(t *testing.T) {
	server := start(t, Options{Key: "secret", Epoch: time.Unix(1_700_000_000, 0)})
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.BaseURL()+"/models", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer secret")
	response, err := client(t).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer closing(t, response.Body)
	var list modelList
	if err := json.NewDecoder(response.Body).Decode(&list); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, m := range list.Data {
		ids = append(ids, m.ID)
		if m.Object != "model" || m.Created != 1_700_000_000 || m.OwnedBy == "" {
			t.Errorf("%+v", m)
		}
	}
	want := "gpt-4o gpt-4o-mini claude-3.5-sonnet claude-3.5-haiku gemini-1.5-pro gemini-2.0-flash llama-3.1-70b gemini-3.5-flash-lite text-embedding-3-small"
	if got := strings.Join(ids, " "); list.Object != "list" || got != want {
		t.Errorf("%s: %s", list.Object, got)
	}
	if len(server.Sent()) != 0 {
		t.Error("the list of models is in the log")
	}
}

func TestHeaders(t *testing.T) {
	limited := quick("limited")
	limited.Faults = []Fault{{Kind: FaultRateLimited, Probability: 1, RetryAfter: 3 * time.Second}}
	server := start(t, Options{Scripts: []Script{quick("m"), limited}})
	c := client(t)
	for _, model := range []string{"m", "limited"} {
		r := post(t, c, server.BaseURL()+"/chat/completions", `{"model":"`+model+`","max_tokens":2,`+hello+`}`)
		sent := server.Sent()
		if id := r.header.Get("X-Request-Id"); id == "" || id != sent[len(sent)-1].RequestID {
			t.Errorf("%s: request id %q", model, id)
		}
		remaining, reset := "9999", "6ms"
		if model == "limited" {
			remaining, reset = "0", "3s"
		}
		for name, want := range map[string]string{
			"X-Ratelimit-Limit-Requests": "10000", "X-Ratelimit-Limit-Tokens": "2000000",
			"X-Ratelimit-Remaining-Requests": remaining, "X-Ratelimit-Reset-Requests": reset,
		} {
			if got := r.header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", model, name, got, want)
			}
		}
		if n := server.models[model].inFlight.Load(); n != 0 {
			t.Errorf("%s: %d in flight after the only request", model, n)
		}
	}
}

func TestStartRefuses(t *testing.T) {
	for _, c := range []struct{ name, addr, want string }{
		{"all interfaces", ":0", "not loopback"},
		{"all of IPv4", "0.0.0.0:0", "not loopback"},
		{"all of IPv6", "[::]:0", "not loopback"},
		{"a private address", "192.168.1.5:8080", "not loopback"},
		{"a mapped address", "[::ffff:10.0.0.1]:0", "not loopback"},
		{"a name", "example.com:80", "not loopback"},
		{"no port", "127.0.0.1", "missing port"},
	} {
		t.Run(c.name, func(t *testing.T) {
			server, err := Start(Options{Addr: c.addr})
			if err == nil {
				closing(t, server)
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
	t.Run("one model twice", func(t *testing.T) {
		if _, err := New(Options{Scripts: []Script{quick("m"), quick("m")}}); err == nil || !strings.Contains(err.Error(), "twice") {
			t.Error(err)
		}
	})
}

func TestStartOnLoopback(t *testing.T) {
	for _, addr := range []string{"", "127.0.0.1:0", "localhost:0", "127.0.0.7:0"} {
		server := start(t, Options{Addr: addr, Scripts: []Script{quick("m")}})
		if r := post(t, client(t), server.BaseURL()+"/chat/completions", `{"model":"m","max_tokens":1,`+hello+`}`); r.status != 200 {
			t.Errorf("%q: %+v", addr, r)
		}
	}
}

// slow is a stream that outlasts the test unless it is cut.
func slow() Script {
	return Script{Model: "m", TTFT: Constant(ms), Gap: Constant(time.Second), RoleFirst: true}
}

// open begins a stream and returns once its first bytes are there.
func open(t *testing.T, server *Server, tokens string) io.ReadCloser {
	t.Helper()
	response := begin(t, client(t), server.BaseURL()+"/chat/completions",
		`{"model":"m","stream":true,"max_tokens":`+tokens+`,`+hello+`}`)
	if _, err := response.Body.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	return response.Body
}

// Close cuts what is in flight; goleak in TestMain sees to the rest.
func TestCloseCutsStreams(t *testing.T) {
	server := start(t, Options{Scripts: []Script{slow()}})
	bodies := []io.ReadCloser{open(t, server, "4000"), open(t, server, "4000")}
	if err := server.Close(); err != nil {
		t.Error(err)
	}
	for _, body := range bodies {
		if _, err := io.ReadAll(body); err == nil {
			t.Error("the stream ended as if it were whole")
		}
	}
	for _, record := range server.Sent() {
		if record.Completed || record.ClientLeft {
			t.Errorf("%+v", record)
		}
	}
	if n := len(server.Sent()); n != 2 {
		t.Errorf("%d records when Close returns, want 2", n)
	}
	if err := server.Close(); err != nil {
		t.Errorf("closed twice: %v", err)
	}
}

// Shutdown lets a stream end if there is time.
func TestShutdownWaits(t *testing.T) {
	script := slow()
	script.Gap = Constant(10 * ms)
	server := start(t, Options{Scripts: []Script{script}})
	body := open(t, server, "8")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- server.Shutdown(ctx) }()
	rest, err := io.ReadAll(body)
	if err != nil || !strings.HasSuffix(string(rest), "data: [DONE]\n\n") {
		t.Errorf("%v, %q", err, rest)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// Shutdown cuts what is left when there is no more time.
func TestShutdownCuts(t *testing.T) {
	server := start(t, Options{Scripts: []Script{slow()}})
	body := open(t, server, "4000")
	ctx, cancel := context.WithTimeout(t.Context(), 30*ms)
	defer cancel()
	if err := server.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	if _, err := io.ReadAll(body); err == nil {
		t.Error("the stream ended as if it were whole")
	}
}

// As a handler it needs no listener, and closes like a server that has one.
func TestHandler(t *testing.T) {
	server, err := New(Options{Scripts: []Script{slow()}})
	if err != nil {
		t.Fatal(err)
	}
	if server.BaseURL() != "" {
		t.Error("a base URL without a listener")
	}
	outer := httptest.NewServer(server)
	defer outer.Close()
	response := begin(t, client(t), outer.URL+"/v1/chat/completions", `{"model":"m","stream":true,`+hello+`}`)
	if err := server.Close(); err != nil {
		t.Error(err)
	}
	if n := len(server.Sent()); n != 1 {
		t.Errorf("%d records when Close returns, want 1", n)
	}
	if _, err := io.ReadAll(response.Body); err == nil {
		t.Error("the stream ended as if it were whole")
	}
	if r := post(t, client(t), outer.URL+"/nowhere", ``); r.err == nil {
		t.Errorf("a closed server answers: %+v", r)
	}
}
