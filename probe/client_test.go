package probe

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"costping/probe/simulator"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	testKey    = "sk-test-0123456789abcdef"
	testKeyEnv = "COSTPING_TEST_KEY"
)

// short asks for few tokens, so that a probe takes a tenth of a second.
var short = Profile{Name: "short", Prompt: "Count aloud.", MaxTokens: 12}

// scripted is a sound model: first token after 20 ms, then one every 4 ms, with
// a role delta at a tenth of the way to the first token.
func scripted(model string) simulator.Script {
	return simulator.Script{
		Model: model, TTFT: simulator.Constant(20 * ms), Gap: simulator.Constant(4 * ms),
		RoleFirst: true, RoleAt: 0.1,
	}
}

func failing(model string, fault simulator.Fault) simulator.Script {
	s := scripted(model)
	fault.Probability = 1
	s.Faults = []simulator.Fault{fault}
	return s
}

func simulate(t *testing.T, options simulator.Options) *simulator.Server {
	t.Helper()
	s, err := simulator.Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("closing the simulator: %v", err)
		}
	})
	return s
}

// connect returns a client that keeps no connection beyond the test.
func connect(t *testing.T, limits Limits, price PriceFunc) *Client {
	t.Helper()
	c := NewClient(limits, price)
	t.Cleanup(c.Close)
	return c
}

// keyed is a target that sends the test's key.
func keyed(t *testing.T, baseURL, model string) Target {
	t.Helper()
	t.Setenv(testKeyEnv, testKey)
	return Target{Name: model, BaseURL: baseURL, Model: model, KeyEnv: testKeyEnv}
}

// checkSample holds for every sample there is.
func checkSample(t testing.TB, s Sample) {
	t.Helper()
	if _, ok := outcomeNames[s.Outcome]; !ok {
		t.Errorf("outcome %v", s.Outcome)
	}
	if Sanitize(s.Error, maxErrorText) != s.Error {
		t.Errorf("error is not fit to be shown: %q", s.Error)
	}
	if strings.Contains(s.Error, testKey) {
		t.Errorf("the key is in the error: %q", s.Error)
	}
	if (s.Outcome == OK) != (s.Error == "") {
		t.Errorf("%v with the error %q", s.Outcome, s.Error)
	}
	if s.Outcome == OK && (!s.TTFT.Known || s.Events == 0) {
		t.Errorf("ok without a token: %+v", s)
	}
	if s.TTFT.Known != s.E2E.Known || s.TTFT.Value < 0 || s.TTFT.Value > s.E2E.Value {
		t.Errorf("TTFT %v, E2E %v", s.TTFT, s.E2E)
	}
	if s.TTFB.Known && s.TTFT.Known && s.TTFT.Value < s.TTFB.Value {
		t.Errorf("first token %v before the first byte %v", s.TTFT, s.TTFB)
	}
	if s.TTFO.Known && (s.TTFO.Value < s.TTFT.Value || s.TTFO.Value > s.E2E.Value) {
		t.Errorf("TTFO %v outside %v..%v", s.TTFO, s.TTFT, s.E2E)
	}
	if s.TPOT.Known && (s.TPOT.Value <= 0 || s.Outcome != OK) {
		t.Errorf("%v with TPOT %v", s.Outcome, s.TPOT)
	}
	if s.ICLp50.Known != s.ICLMax.Known || s.ICLp50.Known != (s.Outcome == OK && s.Events >= 5 && !s.Flags.Has(Buffered)) {
		t.Errorf("%v with %d events, flags %v: gaps %v, at most %v", s.Outcome, s.Events, s.Flags.Names(), s.ICLp50, s.ICLMax)
	}
	if s.Outcome == OK && s.TPOT.Known == (s.SpeedWithheld != "") {
		t.Errorf("TPOT %v with the reason %q", s.TPOT, s.SpeedWithheld)
	}
}

// Every outcome that the simulator can script, over HTTP.
func TestOutcomes(t *testing.T) {
	const second = time.Second
	for _, tc := range []struct {
		name    string
		script  simulator.Script
		key     string // that the simulator asks for
		model   string // that is asked for, if not the scripted one
		limits  Limits
		outcome Outcome
		status  int
		error   string
		check   func(t *testing.T, s Sample)
	}{
		{
			name: "a sound stream", script: scripted("m"), outcome: OK, status: 200,
			check: func(t *testing.T, s Sample) {
				if s.Events != 12 || s.Usage.Output != Known[int64](12) || !s.Usage.Input.Known || s.Flags&^(Buffered|ClientBusy|ClientStalled) != Capped {
					t.Errorf("%d events, usage %+v, flags %v", s.Events, s.Usage, s.Flags.Names())
				}
				if s.TTFO != s.TTFT || s.Usage.Cached != Known[int64](0) || s.Usage.Reasoning != Known[int64](0) {
					t.Errorf("TTFO %v TTFT %v, usage %+v", s.TTFO, s.TTFT, s.Usage)
				}
			},
		},
		{
			name: "the right key", script: scripted("m"), key: testKey, outcome: OK, status: 200,
		},
		{
			name: "the wrong key", script: scripted("m"), key: "another", outcome: Auth, status: 401,
			error: "401 Unauthorized: Incorrect API key provided.",
		},
		{
			name: "an unknown model", script: scripted("m"), model: "n", outcome: NotFound, status: 404,
			error: `404 Not Found: The model "n" does not exist`,
		},
		{
			name: "rate limited", script: failing("m", simulator.Fault{Kind: simulator.FaultRateLimited, RetryAfter: 7 * second}),
			outcome: RateLimited, status: 429, error: "429 Too Many Requests: Rate limit reached",
			check: func(t *testing.T, s Sample) {
				if s.RetryAfter != known(7*second) {
					t.Errorf("Retry-After %v", s.RetryAfter)
				}
			},
		},
		{
			name: "rate limited without saying for how long", script: failing("m", simulator.Fault{Kind: simulator.FaultRateLimited}),
			outcome: RateLimited, status: 429, error: "429",
			check: func(t *testing.T, s Sample) {
				if s.RetryAfter.Known {
					t.Errorf("Retry-After %v", s.RetryAfter)
				}
			},
		},
		{
			name: "unavailable", script: failing("m", simulator.Fault{Kind: simulator.FaultUnavailable, RetryAfter: second}),
			outcome: ServerError, status: 503, error: "503 Service Unavailable: The engine is currently overloaded",
			check: func(t *testing.T, s Sample) {
				if s.RetryAfter != known(second) {
					t.Errorf("Retry-After %v", s.RetryAfter)
				}
			},
		},
		{
			name: "server error", script: failing("m", simulator.Fault{Kind: simulator.FaultServerError}),
			outcome: ServerError, status: 500, error: "500 Internal Server Error: The server had an error",
		},
		{
			name: "bad request", script: failing("m", simulator.Fault{Kind: simulator.FaultBadRequest}),
			outcome: BadRequest, status: 400, error: "400 Bad Request: Unsupported value",
		},
		{
			name: "unauthorized", script: failing("m", simulator.Fault{Kind: simulator.FaultUnauthorized}),
			outcome: Auth, status: 401, error: "401 Unauthorized",
		},
		{
			name: "not found", script: failing("m", simulator.Fault{Kind: simulator.FaultNotFound}),
			outcome: NotFound, status: 404, error: "404 Not Found",
		},
		{
			name: "cut before the headers", script: failing("m", simulator.Fault{Kind: simulator.FaultCutBeforeHeaders}),
			outcome: Network, error: "the connection was closed",
		},
		{
			name: "a proxy's page", script: failing("m", simulator.Fault{Kind: simulator.FaultHTMLPage}),
			outcome: Malformed, status: 200, error: "not an event stream but text/html",
		},
		{
			name: "silence", script: failing("m", simulator.Fault{Kind: simulator.FaultHang, Delay: 20 * second}),
			limits: Limits{FirstToken: 60 * ms}, outcome: Timeout, error: "no first token within 60ms",
		},
		{
			name: "cut in the stream", script: failing("m", simulator.Fault{Kind: simulator.FaultCutMidStream, After: 6}),
			outcome: Truncated, status: 200, error: "the stream broke off: the connection was closed",
			check: func(t *testing.T, s Sample) {
				if s.Events != 6 || s.TTFT.Value < 20*ms || s.TPOT.Known || s.SpeedWithheld != "the answer is incomplete" {
					t.Errorf("%d events, TTFT %v, TPOT %v, %q", s.Events, s.TTFT, s.TPOT, s.SpeedWithheld)
				}
			},
		},
		{
			name: "cut before the first token", script: failing("m", simulator.Fault{Kind: simulator.FaultCutMidStream, After: simulator.NoEvents}),
			outcome: Truncated, status: 200, error: "the stream broke off",
			check: func(t *testing.T, s Sample) {
				if s.TTFT.Known {
					t.Errorf("TTFT %v of a stream without tokens", s.TTFT)
				}
			},
		},
		{
			name: "an error event", script: failing("m", simulator.Fault{Kind: simulator.FaultErrorEvent, After: 6}),
			outcome: StreamError, status: 200, error: "The server had an error while generating the answer.",
			check: func(t *testing.T, s Sample) {
				if s.Events != 6 || !s.TTFT.Known || s.TPOT.Known {
					t.Errorf("%d events, TTFT %v, TPOT %v", s.Events, s.TTFT, s.TPOT)
				}
			},
		},
		{
			name: "no usage", script: func() simulator.Script { s := scripted("m"); s.OmitUsage = true; return s }(),
			outcome: OK, status: 200,
			check: func(t *testing.T, s Sample) {
				if s.Usage != (Usage{}) || s.SpeedWithheld != "the server reports no usage" {
					t.Errorf("usage %+v, withheld %q", s.Usage, s.SpeedWithheld)
				}
			},
		},
		{
			name: "reasoning in the stream",
			script: func() simulator.Script {
				s := scripted("m")
				s.Reasoning = simulator.Reasoning{Tokens: 6}
				return s
			}(),
			outcome: OK, status: 200,
			check: func(t *testing.T, s Sample) {
				if s.Usage.Reasoning != Known[int64](6) || s.Events != 12 || s.TTFO.Value <= s.TTFT.Value {
					t.Errorf("usage %+v, %d events, TTFO %v, TTFT %v", s.Usage, s.Events, s.TTFO, s.TTFT)
				}
			},
		},
		{
			name: "reasoning kept back",
			script: func() simulator.Script {
				s := scripted("m")
				s.Reasoning = simulator.Reasoning{Tokens: 6, Hidden: true}
				return s
			}(),
			outcome: OK, status: 200,
			check: func(t *testing.T, s Sample) {
				if s.Usage.Output != Known[int64](12) || s.Usage.Reasoning != Known[int64](6) || s.Events != 6 || s.Flags.Has(Bundled) {
					t.Errorf("usage %+v, %d events, flags %v", s.Usage, s.Events, s.Flags.Names())
				}
			},
		},
		{
			name: "three tokens an event", script: func() simulator.Script { s := scripted("m"); s.TokensPerEvent = 3; return s }(),
			outcome: OK, status: 200,
			check: func(t *testing.T, s Sample) {
				if s.Events != 4 || s.Usage.Output != Known[int64](12) || !s.Flags.Has(Bundled) || s.SpeedWithheld != "only 4 events" {
					t.Errorf("%d events, usage %+v, flags %v, %q", s.Events, s.Usage, s.Flags.Names(), s.SpeedWithheld)
				}
			},
		},
		{
			name: "a natural stop", script: func() simulator.Script { s := scripted("m"); s.NaturalTokens = 8; return s }(),
			outcome: OK, status: 200,
			check: func(t *testing.T, s Sample) {
				if s.Events != 8 || s.Flags.Has(Capped) {
					t.Errorf("%d events, flags %v", s.Events, s.Flags.Names())
				}
			},
		},
		{
			name: "the role on the first token", script: simulator.Script{Model: "m", TTFT: simulator.Constant(20 * ms), Gap: simulator.Constant(4 * ms)},
			outcome: OK, status: 200,
		},
		{
			name: "a long pause between tokens", script: simulator.Script{Model: "m", TTFT: simulator.Constant(ms), Gap: simulator.Constant(20 * second)},
			limits: Limits{Idle: 60 * ms}, outcome: Timeout, status: 200, error: "no further token within 60ms",
			check: func(t *testing.T, s Sample) {
				if s.Events != 1 || !s.TTFT.Known || s.TPOT.Known {
					t.Errorf("%d events, TTFT %v, TPOT %v", s.Events, s.TTFT, s.TPOT)
				}
			},
		},
		{
			name: "an answer without end", script: simulator.Script{Model: "m", Gap: simulator.Constant(50 * ms)},
			limits: Limits{Total: 90 * ms}, outcome: Timeout, status: 200, error: "no end of the answer within 90ms",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server := simulate(t, simulator.Options{Seed: 1, Scripts: []simulator.Script{tc.script}, Key: tc.key})
			target := keyed(t, server.BaseURL(), "m")
			if tc.model != "" {
				target.Model = tc.model
			}
			before := time.Now()
			s := connect(t, tc.limits, nil).Probe(t.Context(), Attempt{Target: target, Profile: short})
			checkSample(t, s)
			if s.Outcome != tc.outcome || s.Status != tc.status || !strings.HasPrefix(s.Error, tc.error) {
				t.Errorf("got %v %d %q, want %v %d %q", s.Outcome, s.Status, s.Error, tc.outcome, tc.status, tc.error)
			}
			if !reflect.DeepEqual(s.Target, target.Identity()) || s.Profile != "short" || s.Cap != 12 || s.At.Before(before) || s.At.Location() != time.UTC {
				t.Errorf("the sample does not say what was probed: %+v", s)
			}
			if s.Flags.Has(Cold) || s.Connect != known(0) {
				t.Errorf("the connection was not warm: %v", s.Connect)
			}
			if tc.check != nil {
				tc.check(t, s)
			}
			if err := server.Shutdown(t.Context()); err != nil { // the record is filed by now
				t.Error(err)
			}
			if n := len(server.Sent()); n != 1 {
				t.Errorf("%d requests reached the server, want 1: nothing is retried inside a sample", n)
			}
		})
	}
}

func TestKeyUnset(t *testing.T) {
	t.Setenv(testKeyEnv, " ")
	s := connect(t, Limits{}, nil).Probe(t.Context(), Attempt{
		Target: Target{Name: "a", Model: "m", BaseURL: "http://127.0.0.1:1/v1", KeyEnv: testKeyEnv}, Profile: short,
	})
	checkSample(t, s)
	if s.Outcome != Auth || !strings.Contains(s.Error, testKeyEnv) {
		t.Errorf("got %v %q", s.Outcome, s.Error)
	}
}

// A request that could not be sent is the configuration's fault and not the provider's.
func TestRefusedBeforeSending(t *testing.T) {
	for _, base := range []string{"ftp://127.0.0.1/v1", "http://", "http://127.0.0.1:1/%zz"} {
		s := connect(t, Limits{}, nil).Probe(t.Context(), Attempt{Target: Target{Name: "a", Model: "m", BaseURL: base}, Profile: short})
		checkSample(t, s)
		if s.Outcome != BadRequest || s.Status != 0 {
			t.Errorf("%s: got %v %q", base, s.Outcome, s.Error)
		}
	}
}

func TestNothingListens(t *testing.T) {
	s := connect(t, Limits{}, nil).Probe(t.Context(), Attempt{
		Target: Target{Name: "a", Model: "m", BaseURL: "http://127.0.0.1:1/v1"}, Profile: short,
	})
	checkSample(t, s)
	if s.Outcome != Network || s.Error != "connection refused" {
		t.Errorf("got %v %q", s.Outcome, s.Error)
	}
}

func TestCancelledInFlight(t *testing.T) {
	// The request is in flight once its headers and the role delta went out.
	script := scripted("m")
	script.TTFT, script.RoleAt = simulator.Constant(20*time.Second), 0
	server := simulate(t, simulator.Options{Scripts: []simulator.Script{script}})
	began := make(chan struct{})
	relay := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			close(began)
		}
		server.ServeHTTP(w, r)
	}))
	t.Cleanup(relay.Close)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-began; cancel() }()
	s := connect(t, Limits{}, nil).Probe(ctx, Attempt{Target: keyed(t, relay.URL+"/v1", "m"), Profile: short})
	checkSample(t, s)
	if s.Outcome != Cancelled || s.Error != "interrupted" || s.TTFT.Known {
		t.Errorf("got %v %q, TTFT %v", s.Outcome, s.Error, s.TTFT)
	}
}

func TestColdAndWarm(t *testing.T) {
	server := simulate(t, simulator.Options{Scripts: []simulator.Script{scripted("m")}})
	client := connect(t, Limits{}, nil)
	target := keyed(t, server.BaseURL(), "m")
	for i, cold := range []bool{true, false, false, true, false} {
		s := client.Probe(t.Context(), Attempt{Target: target, Profile: short, Cold: cold})
		checkSample(t, s)
		if s.Outcome != OK || s.Flags.Has(Cold) != cold || s.Flags.Has(TransportRetry) {
			t.Errorf("probe %d: %v, flags %v, want cold %v", i, s.Outcome, s.Flags.Names(), cold)
		}
		if !s.Connect.Known || (s.Connect.Value > 0) != cold {
			t.Errorf("probe %d: connect %v, cold %v", i, s.Connect, cold)
		}
		if s.Headline() == cold {
			t.Errorf("probe %d: in the headline %v, cold %v", i, s.Headline(), cold)
		}
	}
}

// A cold attempt closes the connections of every host: the next attempt at
// another must know that it has to warm up again.
func TestColdLeavesTheOthersWarm(t *testing.T) {
	a := simulate(t, simulator.Options{Scripts: []simulator.Script{scripted("m")}})
	b := simulate(t, simulator.Options{Scripts: []simulator.Script{scripted("m")}})
	client := connect(t, Limits{}, nil)
	client.Probe(t.Context(), Attempt{Target: keyed(t, b.BaseURL(), "m"), Profile: short})
	client.Probe(t.Context(), Attempt{Target: keyed(t, a.BaseURL(), "m"), Profile: short, Cold: true})
	s := client.Probe(t.Context(), Attempt{Target: keyed(t, b.BaseURL(), "m"), Profile: short})
	if s.Flags.Has(Cold) {
		t.Error("an attempt that was not to be cold is")
	}
}

func TestQueueDelay(t *testing.T) {
	server := simulate(t, simulator.Options{Scripts: []simulator.Script{scripted("m")}})
	client, target := connect(t, Limits{}, nil), keyed(t, server.BaseURL(), "m")
	client.Warm(t.Context(), []Target{target})
	for _, tc := range []struct {
		name string
		due  time.Time
		late bool
	}{
		{"no due time", time.Time{}, false},
		{"not yet due", time.Now().Add(time.Hour), false},
		{"long overdue", time.Now().Add(-time.Hour), true},
	} {
		s := client.Probe(t.Context(), Attempt{Target: target, Profile: short, Due: tc.due})
		if s.Flags.Has(Late) != tc.late || (s.Queue >= time.Hour) != tc.late || s.Queue < 0 {
			t.Errorf("%s: queue %v, flags %v", tc.name, s.Queue, s.Flags.Names())
		}
	}
}

func TestPrice(t *testing.T) {
	// More digits than a float64 has.
	price := decimal.RequireFromString("0.000000123456789012345678901234567890")
	server := simulate(t, simulator.Options{Scripts: []simulator.Script{
		scripted("m"), failing("broken", simulator.Fault{Kind: simulator.FaultServerError}),
	}})
	var asked []Usage
	client := connect(t, Limits{}, func(target Target, u Usage) (decimal.Decimal, bool) {
		asked = append(asked, u)
		return price, target.Provider != "unknown"
	})
	target := keyed(t, server.BaseURL(), "m")

	s := client.Probe(t.Context(), Attempt{Target: target, Profile: short})
	if !s.USD.Valid || s.USD.Decimal.Cmp(price) != 0 || s.USD.Decimal.String() != price.String() {
		t.Errorf("cost %v, want %v", s.USD, price)
	}
	if len(asked) != 1 || asked[0] != s.Usage || s.Usage.Output != Known[int64](12) {
		t.Errorf("priced %+v, used %+v", asked, s.Usage)
	}

	target.Provider = "unknown"
	if s = client.Probe(t.Context(), Attempt{Target: target, Profile: short}); s.USD.Valid {
		t.Errorf("a price that is not known became %v", s.USD)
	}
	asked = nil
	s = client.Probe(t.Context(), Attempt{Target: keyed(t, server.BaseURL(), "broken"), Profile: short})
	if s.USD.Valid || asked != nil {
		t.Errorf("a request without usage was priced: %v", s.USD)
	}
}

// captured is a request as a server sees it.
type captured struct {
	header http.Header
	path   string
	raw    string
	body   struct {
		Model               string                           `json:"model"`
		Stream              bool                             `json:"stream"`
		StreamOptions       *struct{ IncludeUsage bool }     `json:"stream_options"`
		MaxTokens           *int                             `json:"max_tokens"`
		MaxCompletionTokens *int                             `json:"max_completion_tokens"`
		Messages            []struct{ Role, Content string } `json:"messages"`
	}
}

func capture(t *testing.T, r *http.Request) captured {
	t.Helper()
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	c := captured{header: r.Header.Clone(), path: r.URL.Path, raw: string(raw)}
	if err := json.Unmarshal(raw, &c.body); err != nil {
		t.Errorf("%v in %s", err, raw)
	}
	return c
}

func TestRequests(t *testing.T) {
	var mu sync.Mutex
	var seen []captured
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, capture(t, r))
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprintf(w, "data: %s\n\ndata: %s\n\ndata: [DONE]\n\n", token, stop)
	}))
	t.Cleanup(server.Close)
	client := connect(t, Limits{}, nil)
	for range 5 {
		// A slash at the end of the base URL is the commonest slip.
		if s := client.Probe(t.Context(), Attempt{Target: keyed(t, server.URL+"/v1/", "m"), Profile: short}); s.Outcome != OK {
			t.Fatalf("%v %q", s.Outcome, s.Error)
		}
	}
	if len(seen) != 5 {
		t.Fatalf("%d requests", len(seen))
	}
	nonce := regexp.MustCompile(`^\[[0-9a-f]{16}\] `)
	bodies, nonces := map[string]bool{}, map[string]bool{}
	for _, r := range seen {
		bodies[r.raw] = true
		if r.path != "/v1/chat/completions" || r.body.Model != "m" || !r.body.Stream || len(r.body.Messages) != 1 {
			t.Errorf("%s %s", r.path, r.raw)
			continue
		}
		text := r.body.Messages[0].Content
		nonces[nonce.FindString(text)] = true
		if nonce.ReplaceAllString(text, "") != short.Prompt {
			t.Errorf("prompt %q", text)
		}
		if got := r.header.Get("Authorization"); got != "Bearer "+testKey {
			t.Errorf("Authorization %q", got)
		}
		if got, sent := r.header["Accept-Encoding"]; sent {
			t.Errorf("Accept-Encoding %q: a compressor holds tokens back", got)
		}
	}
	if len(bodies) != 5 || len(nonces) != 5 || nonces[""] {
		t.Errorf("%d bodies and %d nonces in 5 requests", len(bodies), len(nonces))
	}
}

// A target without a key sends no Authorization at all.
func TestNoKeyNoHeader(t *testing.T) {
	var seen captured
	memory := &memory{answer: func(r *http.Request) (*http.Response, error) {
		seen = capture(t, r)
		return respond(r, 200, "text/event-stream", strings.NewReader("data: [DONE]\n\n")), nil
	}}
	newClient(Limits{}, nil, memory).Probe(t.Context(), Attempt{Target: Target{Name: "a", Model: "m", BaseURL: "http://h/v1"}, Profile: short})
	if got, sent := seen.header["Authorization"]; sent {
		t.Errorf("Authorization %q", got)
	}
}

func TestDialects(t *testing.T) {
	for _, tc := range []struct {
		base, model string
		completion  bool // the cap goes into max_completion_tokens
		options     bool // stream_options is sent
		limit       int  // the cap that is sent
	}{
		{"https://api.openai.com/v1", "gpt-5-mini", true, true, 256},
		{"https://API.OpenAI.com/v1", "gpt-4.1", true, true, 12},
		{"https://api.groq.com/openai/v1", "m", true, true, 12},
		{"https://api.x.ai/v1", "m", true, true, 12},
		{"https://mine.openai.azure.com/openai/v1", "m", true, true, 12},
		{"https://api.mistral.ai/v1", "m", false, false, 12},
		{"https://api.together.ai/v1", "m", false, true, 12},
		{"https://api.openai.com.example.org/v1", "m", false, true, 12},
		{"https://notapi.mistral.ai/v1", "m", false, true, 12},
		{"http://127.0.0.1:11434/v1", "m", false, true, 12},
		// These reason: they get a cap that leaves room for it, and whoever serves
		// them passes on the field that OpenAI knows, unless it is known to take the
		// other alone.
		{"http://127.0.0.1:8000/v1", "gpt-5-mini", true, true, 256},
		{"http://127.0.0.1:8000/v1", "o3", true, true, 256},
		{"https://gateway.example.org/v1", "openai/gpt-5.1", true, true, 256},
		{"https://openrouter.ai/api/v1", "openai/o3-mini", false, true, 256},
		{"https://api.mistral.ai/v1", "o1-of-ours", false, false, 256},
	} {
		t.Run(tc.base+" "+tc.model, func(t *testing.T) {
			var seen captured
			memory := &memory{answer: func(r *http.Request) (*http.Response, error) {
				seen = capture(t, r)
				return respond(r, 200, "text/event-stream", strings.NewReader("data: "+token+"\n\ndata: [DONE]\n\n")), nil
			}}
			s := newClient(Limits{}, nil, memory).Probe(t.Context(), Attempt{Target: keyed(t, tc.base, tc.model), Profile: short})
			if s.Outcome != OK {
				t.Fatalf("%v %q", s.Outcome, s.Error)
			}
			limit, other := seen.body.MaxTokens, seen.body.MaxCompletionTokens
			if tc.completion {
				limit, other = other, limit
			}
			if limit == nil || *limit != tc.limit || other != nil {
				t.Errorf("the cap is in the wrong field: %s", seen.raw)
			}
			if got := seen.body.StreamOptions; (got != nil) != tc.options {
				t.Errorf("stream_options %v: %s", got, seen.raw)
			}
		})
	}
}

// What is measured is what was sent, by the server's own log. Both clocks are
// monotonic and of one process: t0 lies before the receipt, so that a figure
// below the server's own is wrong, whatever the machine is doing.
func TestTruth(t *testing.T) {
	script := scripted("m")
	script.TTFT, script.Gap = simulator.Constant(60*ms), simulator.Constant(10*ms)
	server := simulate(t, simulator.Options{Scripts: []simulator.Script{script}})
	client, target := connect(t, Limits{}, nil), keyed(t, server.BaseURL(), "m")
	var samples []Sample
	for range 10 {
		samples = append(samples, client.Probe(t.Context(), Attempt{Target: target, Profile: short}))
	}
	if err := server.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	sent := server.Sent()
	if len(sent) != len(samples) {
		t.Fatalf("%d probes, %d in the log", len(samples), len(sent))
	}
	const slack = 250 * ms // noise of a busy machine
	var errs []float64     // of TPOT, relative
	for i, s := range samples {
		log := sent[i]
		if s.Outcome != OK || s.Events != log.Events || s.Usage.Output.Value != int64(log.Tokens) || s.Usage.Input.Value != int64(log.PromptTokens) {
			t.Errorf("probe %d: %v, %d events, usage %+v; sent %+v", i, s.Outcome, s.Events, s.Usage, log)
		}
		if s.TTFT.Value < log.FirstToken || s.TTFT.Value > log.FirstToken+slack {
			t.Errorf("probe %d: TTFT %v, sent %v", i, s.TTFT.Value, log.FirstToken)
		}
		if s.TTFT.Value < 60*ms {
			t.Errorf("probe %d: TTFT %v: the role delta was taken for a token", i, s.TTFT.Value)
		}
		if s.TTFB.Value < log.Headers || s.TTFB.Value > log.Headers+slack {
			t.Errorf("probe %d: TTFB %v, headers sent %v", i, s.TTFB.Value, log.Headers)
		}
		if s.E2E.Value < log.LastToken || s.E2E.Value > log.LastToken+slack {
			t.Errorf("probe %d: E2E %v, sent %v", i, s.E2E.Value, log.LastToken)
		}
		want := float64(log.LastToken-log.FirstToken) / float64(log.Tokens-1)
		if !s.TPOT.Known {
			t.Logf("probe %d: TPOT withheld: %s", i, s.SpeedWithheld)
			continue
		}
		errs = append(errs, float64(s.TPOT.Value)/want-1)
	}
	if len(errs) < 5 {
		t.Fatalf("only %d rates", len(errs))
	}
	slices.Sort(errs)
	if mid := errs[len(errs)/2]; mid < -0.1 || mid > 0.1 {
		t.Errorf("TPOT is off by %.1f %% at the median: %v", 100*mid, errs)
	}
}

// serveHTTP serves handler on a listener of its own and counts connections.
func serveHTTP(t *testing.T, handler http.Handler) (base string, opened *atomic.Int64) {
	t.Helper()
	opened = new(atomic.Int64)
	s := httptest.NewUnstartedServer(handler)
	s.Config.ConnState = countNew(opened)
	s.Start()
	t.Cleanup(s.Close)
	return s.URL + "/v1", opened
}

func TestReuse(t *testing.T) {
	for _, tc := range []struct {
		name    string
		script  simulator.Script
		outcome Outcome
	}{
		{"sound", scripted("m"), OK},
		{"refused", failing("m", simulator.Fault{Kind: simulator.FaultRateLimited}), RateLimited},
		{"server errors", failing("m", simulator.Fault{Kind: simulator.FaultServerError}), ServerError},
		{"error events", failing("m", simulator.Fault{Kind: simulator.FaultErrorEvent, After: 2}), StreamError},
		{"pages", failing("m", simulator.Fault{Kind: simulator.FaultHTMLPage}), Malformed},
	} {
		t.Run(tc.name, func(t *testing.T) {
			sim, err := simulator.New(simulator.Options{Scripts: []simulator.Script{tc.script}})
			if err != nil {
				t.Fatal(err)
			}
			base, opened := serveHTTP(t, sim)
			client, target := connect(t, Limits{}, nil), keyed(t, base, "m")
			for i := range 10 {
				s := client.Probe(t.Context(), Attempt{Target: target, Profile: Profile{Prompt: "x", MaxTokens: 2}})
				if s.Outcome != tc.outcome || s.Flags.Has(Cold) {
					t.Errorf("probe %d: %v %q, flags %v", i, s.Outcome, s.Error, s.Flags.Names())
				}
			}
			if n := opened.Load(); n != 1 {
				t.Errorf("10 probes opened %d connections", n)
			}
		})
	}
}

// Warm opens one connection a target, however fast the server answers, and a
// second time none.
func TestWarm(t *testing.T) {
	const n = 4
	for round := range 5 {
		sim, err := simulator.New(simulator.Options{Scripts: []simulator.Script{scripted("m")}})
		if err != nil {
			t.Fatal(err)
		}
		base, opened := serveHTTP(t, sim)
		client := connect(t, Limits{}, nil)
		all := make([]Target, n)
		for i := range all {
			all[i] = keyed(t, base, "m")
			all[i].Name = fmt.Sprint(i)
		}
		for range 2 {
			client.Warm(t.Context(), all)
			if got := opened.Load(); got != n {
				t.Fatalf("round %d: %d connections for %d targets", round, got, n)
			}
		}
		for s := range attempt(t.Context(), client, all, Profile{Prompt: "x", MaxTokens: 2}) {
			if s.Outcome != OK || s.Flags.Has(Cold) {
				t.Errorf("%v %q, flags %v", s.Outcome, s.Error, s.Flags.Names())
			}
		}
	}
}

// One target that cannot be warmed keeps nobody waiting.
func TestWarmWithoutConnection(t *testing.T) {
	sim, err := simulator.New(simulator.Options{Scripts: []simulator.Script{scripted("m")}})
	if err != nil {
		t.Fatal(err)
	}
	base, opened := serveHTTP(t, sim)
	good := keyed(t, base, "m")
	keyless, down := good, good
	keyless.KeyEnv = "COSTPING_TEST_KEY_UNSET"
	down.BaseURL = "http://127.0.0.1:1/v1"
	connect(t, Limits{}, nil).Warm(t.Context(), []Target{good, keyless, down, good})
	if n := opened.Load(); n != 2 {
		t.Errorf("%d connections, want 2", n)
	}
}

func TestHTTP2(t *testing.T) {
	sim, err := simulator.New(simulator.Options{Scripts: []simulator.Script{
		scripted("m"), failing("broken", simulator.Fault{Kind: simulator.FaultCutMidStream, After: 3}),
	}})
	if err != nil {
		t.Fatal(err)
	}
	var protocols sync.Map
	opened := new(atomic.Int64)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		protocols.Store(r.Proto, true)
		sim.ServeHTTP(w, r)
	}))
	server.Config.ConnState = countNew(opened)
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	trusted, ok := server.Client().Transport.(*http.Transport)
	if !ok {
		t.Fatal("no transport to take the certificate from")
	}
	transport := newTransport(time.Second)
	transport.TLSClientConfig = trusted.TLSClientConfig.Clone()
	client := newClient(Limits{}, nil, transport)
	t.Cleanup(client.Close)

	for i, cold := range []bool{true, false, false} {
		s := client.Probe(t.Context(), Attempt{Target: keyed(t, server.URL+"/v1", "m"), Profile: short, Cold: cold})
		checkSample(t, s)
		if s.Outcome != OK || s.Events != 12 || s.TTFT.Value < 20*ms || !s.TTFB.Known || s.Flags.Has(TransportRetry) {
			t.Errorf("probe %d: %v %q, %d events, TTFT %v, flags %v", i, s.Outcome, s.Error, s.Events, s.TTFT, s.Flags.Names())
		}
		if s.Flags.Has(Cold) != cold || (s.Connect.Value > 0) != cold || (s.TLS.Value > 0) != cold || s.TLS.Known != cold {
			t.Errorf("probe %d: flags %v, connect %v, TLS %v, cold %v", i, s.Flags.Names(), s.Connect, s.TLS, cold)
		}
		if s.TLS.Value > s.Connect.Value {
			t.Errorf("probe %d: TLS %v is no part of connect %v", i, s.TLS.Value, s.Connect.Value)
		}
	}
	target := keyed(t, server.URL+"/v1", "broken")
	client.Warm(t.Context(), []Target{target, target, target}) // all on the one connection
	s := client.Probe(t.Context(), Attempt{Target: target, Profile: short})
	checkSample(t, s)
	if s.Outcome != Truncated || s.Events != 3 {
		t.Errorf("a stream reset: %v %q, %d events", s.Outcome, s.Error, s.Events)
	}
	if _, ok := protocols.Load("HTTP/2.0"); !ok {
		t.Error("HTTP/2 was not spoken")
	}
	if n := opened.Load(); n != 2 { // the cold attempt's own, and one for all the rest
		t.Errorf("%d connections", n)
	}
}

// An unknown certificate is a network error that says what is wrong.
func TestUntrustedCertificate(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = quiet
	server.StartTLS()
	t.Cleanup(server.Close)
	s := connect(t, Limits{}, nil).Probe(t.Context(), Attempt{Target: keyed(t, server.URL+"/v1", "m"), Profile: short})
	checkSample(t, s)
	if s.Outcome != Network || !strings.Contains(s.Error, "certificate") {
		t.Errorf("got %v %q", s.Outcome, s.Error)
	}
}

// Failed and sound attempts alike give back what they opened.
func TestDescriptorsDoNotGrow(t *testing.T) {
	const dir = "/proc/self/fd"
	if runtime.GOOS != "linux" {
		t.Skip("no " + dir)
	}
	count := func() int {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Skip(err)
		}
		return len(entries)
	}
	var scripts []simulator.Script
	for _, kind := range []simulator.FaultKind{
		simulator.FaultNone, simulator.FaultRateLimited, simulator.FaultCutBeforeHeaders, simulator.FaultHTMLPage,
		simulator.FaultCutMidStream, simulator.FaultErrorEvent, simulator.FaultHang,
	} {
		s := scripted("m" + string(kind))
		if kind != simulator.FaultNone {
			s = failing(s.Model, simulator.Fault{Kind: kind, Delay: time.Second})
		}
		s.TTFT, s.Gap = simulator.Constant(ms), simulator.Constant(0)
		scripts = append(scripts, s)
	}
	server := simulate(t, simulator.Options{Scripts: scripts})
	client := connect(t, Limits{FirstToken: 15 * ms}, nil)
	round := func() {
		for _, s := range scripts {
			client.Probe(t.Context(), Attempt{Target: keyed(t, server.BaseURL(), s.Model), Profile: short})
		}
	}
	round()
	before := count()
	for range 8 {
		round()
	}
	// The server's ends close a little after ours.
	deadline := time.Now().Add(5 * time.Second)
	for count() > before+4 && time.Now().Before(deadline) {
		time.Sleep(5 * ms)
	}
	if after := count(); after > before+4 {
		t.Errorf("%d descriptors before, %d after 56 probes", before, after)
	}
}

func TestValidate(t *testing.T) {
	good := Target{Name: "a", Model: "m", BaseURL: "https://h.example/v1"}
	with := func(change func(*Target)) Target { x := good; change(&x); return x }
	base := func(u string) Target { return with(func(x *Target) { x.BaseURL = u }) }
	for _, tc := range []struct {
		name   string
		target Target
		error  string // "" for none
	}{
		{"good", good, ""},
		{"plain http", base("http://127.0.0.1:8000/v1"), ""},
		{"IPv6", base("http://[::1]:8000/v1"), ""},
		{"no path", base("https://h.example"), ""},
		{"no name", with(func(x *Target) { x.Name = "" }), "a target needs a name"},
		{"no model", with(func(x *Target) { x.Model = "" }), "no model given"},
		{"no URL", base(""), "no base URL given"},
		{"no scheme", base("h.example/v1"), "not an absolute URL"},
		{"no host", base("https:///v1"), "not an absolute URL"},
		{"only a port", base("http://:8080/v1"), "not an absolute URL"},
		{"another scheme", base("ftp://h.example/v1"), "must be http or https"},
		{"a password", base("https://user:hunter2@h.example/v1"), "user name or password"},
		{"a query", base("https://h.example/v1?key=hunter2"), "query or fragment"},
		{"an empty query", base("https://h.example/v1?"), "query or fragment"},
		{"a fragment", base("https://h.example/v1#hunter2"), "query or fragment"},
		{"an empty fragment", base("https://h.example/v1#"), "query or fragment"},
		{"broken, with a password", base("https://user:hunter2@h.example:x/v1?hunter2"), "not an absolute URL"},
		{"escape sequences", base("https://h\x1b[31m.example/v1"), "not an absolute URL"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := tc.target.Validate()
			switch {
			case tc.error == "" && err != nil:
				t.Error(err)
			case tc.error != "" && (err == nil || !strings.Contains(err.Error(), tc.error)):
				t.Errorf("got %v, want %q", err, tc.error)
			case err != nil && (strings.Contains(err.Error(), "hunter2") || strings.ContainsRune(err.Error(), '\x1b')):
				t.Errorf("not fit to be shown: %q", err)
			}
		})
	}
}

func TestLoopback(t *testing.T) {
	for base, want := range map[string]bool{
		"http://127.0.0.1:8000/v1":          true,
		"http://127.9.9.9/v1":               true,
		"http://[::1]:8000/v1":              true,
		"http://[::ffff:127.0.0.1]/v1":      true,
		"http://localhost/v1":               true,
		"http://LocalHost:1/v1":             true,
		"http://0.0.0.0/v1":                 false,
		"http://10.0.0.1/v1":                false,
		"http://localhost.example.org/v1":   false,
		"http://127.0.0.1.example.org/v1":   false,
		"https://127.0.0.1@h.example.org/v": false,
		"http://h.example/127.0.0.1":        false,
		"":                                  false,
		"http://%":                          false,
	} {
		if got := (Target{BaseURL: base}).Loopback(); got != want {
			t.Errorf("%q: got %v", base, got)
		}
	}
}

func TestSanitizeExamples(t *testing.T) {
	for _, tc := range []struct {
		text  string
		limit int
		want  string
	}{
		{"plain", 10, "plain"},
		{" a \r\n\t b ", 10, "a b"},
		{"\x1b]0;title\a\x1b[2Jx", 20, "]0;title [2Jx"},
		{"a\u202eb\u200bc\ufeffd\u2028e\u0085f", 20, "abcd e f"},
		{"a\xffb\xc3", 20, "a?b?"},
		{"0123456789ab", 10, "0123456..."},
		{"ééééééé", 10, "ééé..."},
		{"abc", 2, ".."},
		{"abc", 0, ""},
		{strings.Repeat("\u200b", 1000) + "end", 10, "..."}, // more than is looked at
	} {
		if got := Sanitize(tc.text, tc.limit); got != tc.want {
			t.Errorf("%.40q to %d: got %q, want %q", tc.text, tc.limit, got, tc.want)
		}
	}
}

func TestSanitize(t *testing.T) {
	nasty := rapid.SampledFrom([]string{
		"\x1b[31m", "\x00", "\x9b", "\u202e", "\u2066", "\u200d", "\ufeff", "\u2028", "\u0085", "\xff", "\xe2\x80", "\U000E0041", "é", "漢", "\r\n", "  ", "...",
	})
	rapid.Check(t, func(t *rapid.T) {
		var text strings.Builder
		for range rapid.IntRange(0, 30).Draw(t, "parts") {
			text.WriteString(rapid.OneOf(nasty, rapid.String(), rapid.StringN(0, 60, -1)).Draw(t, "part"))
		}
		limit := rapid.IntRange(0, 80).Draw(t, "limit")
		got := Sanitize(text.String(), limit)
		if len(got) > limit {
			t.Fatalf("%d bytes, limit %d", len(got), limit)
		}
		if !utf8.ValidString(got) {
			t.Fatalf("not UTF-8: %q", got)
		}
		for _, r := range got {
			if unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) || (unicode.IsSpace(r) && r != ' ') {
				t.Fatalf("%U in %q", r, got)
			}
		}
		if again := Sanitize(got, limit); again != got {
			t.Fatalf("%q became %q the second time", got, again)
		}
	})
}

// A key is gone from a text whatever surrounds it and wherever the text was cut.
func TestScrub(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := rapid.StringMatching(`[a-z \x{200b}]{0,400}`).Draw(t, "before")
		after := rapid.StringMatching(`[a-z ]{0,100}`).Draw(t, "after")
		got := credentialsOf(testKey).scrub(Sanitize(before+testKey+after, maxErrorText))
		if len(got) > maxErrorText || strings.Contains(got, testKey[:4]) {
			t.Fatalf("%q", got)
		}
	})
	for _, tc := range []struct{ text, key, want string }{
		{"no key here", "", "no key here"},
		{"abc", "abc", "abc"}, // too short to be one
		{"Bearer sk-1234", "sk-1234", "Bearer [key]"},
		{"sk-1234 and sk-1234", "sk-1234", "[key] and [key]"},
		{"Bearer sk-12...", "sk-1234", "Bearer [key]..."},
		{"the model was not found", "foundation-1234", "the model was not found"}, // nothing was cut
		{"the model was not found...", "foundation-1234", "the model was not [key]..."},
	} {
		if got := credentialsOf(tc.key).scrub(tc.text); got != tc.want {
			t.Errorf("%q: got %q, want %q", tc.text, got, tc.want)
		}
	}
	// What stands in a header for all to see is gone where it is repeated, but the
	// beginning of it is only text.
	c := credentials{secrets: shownForms([]string{"request-42"})}
	for text, want := range map[string]string{"refused request-42": "refused [key]", "refused request...": "refused request..."} {
		if got := c.scrub(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// credentialsOf are those of a target with a key alone.
func credentialsOf(key string) credentials {
	forms := shownForms([]string{key})
	return credentials{secrets: forms, keys: forms}
}

func TestOutcomeText(t *testing.T) {
	names := map[string]bool{}
	for i, o := range Outcomes() {
		text, err := o.MarshalText()
		if err != nil || int(o) != i+1 {
			t.Errorf("%d: %v, %v", i, o, err)
		}
		names[string(text)] = true
		var back Outcome
		if err := back.UnmarshalText(text); err != nil || back != o {
			t.Errorf("%s came back as %v, %v", text, back, err)
		}
	}
	if len(names) != 14 || len(outcomeNames) != 14 {
		t.Errorf("%d names: %v", len(names), names)
	}
	var o Outcome
	if err := o.UnmarshalText([]byte("\x1bno")); err == nil || strings.ContainsRune(err.Error(), '\x1b') || o != 0 {
		t.Errorf("%v %q", o, err)
	}
	if got := Outcome(99).String(); got != "outcome(99)" {
		t.Error(got)
	}
}

func TestBlame(t *testing.T) {
	for _, o := range Outcomes() {
		innocent := slices.Contains([]Outcome{RateLimited, Auth, NotFound, BadRequest, Cancelled, Skipped}, o)
		if o.Blames() == innocent {
			t.Errorf("%v: blames %v", o, o.Blames())
		}
	}
}

func TestStatusClasses(t *testing.T) {
	for status, want := range map[int]Outcome{
		100: Malformed, 101: Malformed, 302: BadRequest, 400: BadRequest, 401: Auth, 402: BadRequest, 403: Auth, 404: NotFound,
		408: ServerError, 418: BadRequest, 422: BadRequest, 429: RateLimited, 500: ServerError, 502: ServerError, 503: ServerError,
		504: ServerError, 529: ServerError, 599: ServerError, 999: ServerError,
	} {
		if got := fromStatus(status); got != want {
			t.Errorf("%d: got %v, want %v", status, got, want)
		}
	}
}

func TestFlagNames(t *testing.T) {
	if got := Flags(0).Names(); got == nil || len(got) != 0 {
		t.Errorf("none: %#v", got)
	}
	if got := (Scripted | Cold | Late).Names(); !slices.Equal(got, []string{"cold", "late", "scripted"}) {
		t.Errorf("three: %v", got)
	}
	all := Scripted<<1 - 1
	if got := all.Names(); len(got) != 12 || len(slices.Compact(slices.Sorted(slices.Values(got)))) != 12 {
		t.Errorf("all: %v", got)
	}
	if (Cold | Late).Has(Cold|Capped) || !(Cold | Late).Has(Cold) || !Cold.Has(0) {
		t.Error("Has")
	}
}

// Names end up on a terminal and in files: what cannot be shown is refused.
func TestNamesThatCannotBeShownAreRefused(t *testing.T) {
	good := Target{Name: "llama3.2:3b", Model: "meta-llama/Llama-3.1 70B", BaseURL: "http://127.0.0.1:1/v1"}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"\x1b[31mred", "two\nlines", "bell\a", "over\u202eride", strings.Repeat("x", maxNameText+1)} {
		name, model := good, good
		name.Name, model.Model = bad, bad
		for _, target := range []Target{name, model} {
			if err := target.Validate(); err == nil || strings.ContainsAny(err.Error(), "\x1b\n\a") {
				t.Errorf("%q: %v", bad, err)
			}
		}
	}
}

// Our own cap, spent on reasoning that nobody sees, is not the provider's fault.
func TestCapSpentOnHiddenReasoning(t *testing.T) {
	script := simulator.Script{Model: "m", Reasoning: simulator.Reasoning{Tokens: 500, Hidden: true}}
	server, err := simulator.Start(simulator.Options{Seed: 1, Scripts: []simulator.Script{script}})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	c := NewClient(Limits{}, nil)
	defer c.Close()
	s := c.Probe(t.Context(), Attempt{Target: Target{Name: "m", Model: "m", BaseURL: server.BaseURL()}, Profile: Brief()})
	if s.Outcome.Blames() || !strings.Contains(s.Error, "hidden reasoning") {
		t.Errorf("%v: %s", s.Outcome, s.Error)
	}
}
