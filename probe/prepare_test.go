package probe

import (
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"costping/probe/simulator"
)

// A server that loads models when asked is made to do so before the measurement;
// where that could not be, the sample says what may be in its figures.
func TestModelIsLoadedBeforehand(t *testing.T) {
	const load = 150 * ms
	script := scripted("m")
	script.Dialect.LoadTime, script.Dialect.UnloadAfter = load, time.Hour
	start := func() (*simulator.Server, *Client, Target) {
		server := simulate(t, simulator.Options{Scripts: []simulator.Script{script}})
		target := keyed(t, server.BaseURL(), "m")
		target.Provider = "ollama"
		return server, connect(t, Limits{}, nil), target
	}

	server, client, target := start()
	for range 2 {
		s := client.Probe(t.Context(), Attempt{Target: target, Profile: short})
		if s.Outcome != OK || s.Flags.Has(ModelLoad) || s.TTFT.Value >= load {
			t.Errorf("%v %q, TTFT %v, flags %v", s.Outcome, s.Error, s.TTFT.Value, s.Flags.Names())
		}
	}
	sent := server.Sent()
	if len(sent) != 3 || sent[0].Load < load/2 || sent[0].Tokens != 1 || sent[1].Tokens != short.MaxTokens {
		t.Errorf("%d requests, the first: %+v", len(sent), sent[0])
	}
	// Unloaded again, as far as anybody can know.
	client.answered[endpointOf(target)] = time.Now().Add(-5 * time.Minute)
	client.Prepare(t.Context(), target, short)
	if n := len(server.Sent()); n != 4 || client.unloaded(target) {
		t.Errorf("%d requests", n)
	}

	server, client, target = start()
	s := client.Probe(t.Context(), Attempt{Target: target, Profile: short, Cold: true})
	if !s.Flags.Has(ModelLoad|Cold) || s.TTFT.Value < load/2 || len(server.Sent()) != 1 {
		t.Errorf("cold: TTFT %v, flags %v, %d requests", s.TTFT.Value, s.Flags.Names(), len(server.Sent()))
	}
	if s = client.Probe(t.Context(), Attempt{Target: target, Profile: short, Cold: true}); s.Flags.Has(ModelLoad) {
		t.Errorf("loaded by the one before: flags %v", s.Flags.Names())
	}

	_, client, target = start()
	target.Provider = "" // nothing is known of this server
	if s := client.Probe(t.Context(), Attempt{Target: target, Profile: short}); s.Flags.Has(ModelLoad) || s.TTFT.Value < load/2 {
		t.Errorf("TTFT %v, flags %v", s.TTFT.Value, s.Flags.Names())
	}
}

func TestModelThatCouldNotBeLoaded(t *testing.T) {
	script := scripted("m")
	script.Dialect.RequestLimit = 1 // the first request takes all there is
	server := simulate(t, simulator.Options{Scripts: []simulator.Script{script}})
	target := keyed(t, server.BaseURL(), "m")
	client := connect(t, Limits{}, nil)
	client.Probe(t.Context(), Attempt{Target: target, Profile: short})
	target.Provider = "lmstudio"
	client.answered[endpointOf(target)] = time.Now().Add(-2 * time.Hour)
	if s := client.Probe(t.Context(), Attempt{Target: target, Profile: short}); s.Outcome != RateLimited || !s.Flags.Has(ModelLoad) {
		t.Errorf("%v, flags %v", s.Outcome, s.Flags.Names())
	}
}

func TestPrepareTime(t *testing.T) {
	for provider, want := range map[string]time.Duration{"": 2 * time.Second, "openai": 2 * time.Second, "vllm": 2 * time.Second, "ollama": 30 * time.Second} {
		if got := PrepareTime(Target{Provider: provider, BaseURL: "http://127.0.0.1:9/v1"}); got != want {
			t.Errorf("%q: %v, want %v", provider, got, want)
		}
	}
	if got := PrepareTime(Target{Provider: "ollama", BaseURL: "https://h.example/v1"}); got != 2*time.Second {
		t.Errorf("elsewhere: %v", got)
	}
}

// Only what is measured is sent where it costs money: to a host elsewhere that
// names the preset of a local server, and to a proxy here that is charged for.
func TestNothingIsLoadedForMoney(t *testing.T) {
	for _, tc := range []struct {
		name, base string
		charged    bool
		requests   int // for two probes
		flagged    bool
	}{
		{"here", "http://127.0.0.1:11434/v1", false, 3, false},
		{"here, and charged for", "http://127.0.0.1:11434/v1", true, 2, true},
		{"elsewhere", "http://ollama.example/v1", false, 2, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			requests := 0
			c := newClient(Limits{}, nil, &memory{answer: func(r *http.Request) (*http.Response, error) {
				requests++
				return respond(r, 200, "text/event-stream", strings.NewReader(sound)), nil
			}})
			c.Charged = func(Target) bool { return tc.charged }
			target := Target{Name: "a", Provider: "ollama", BaseURL: tc.base, Model: "m"}
			first := c.Probe(t.Context(), Attempt{Target: target, Profile: short})
			second := c.Probe(t.Context(), Attempt{Target: target, Profile: short})
			if requests != tc.requests || first.Flags.Has(ModelLoad) != tc.flagged || second.Flags.Has(ModelLoad) {
				t.Errorf("%d requests, flags %v and %v", requests, first.Flags.Names(), second.Flags.Names())
			}
		})
	}
}

// wire is a transport that notes the requests, and answers them by their method.
type wire struct {
	head, post func(*http.Request) (*http.Response, error)
	sent       []string
}

// RoundTrip implements http.RoundTripper.
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	w.sent = append(w.sent, r.Method+" "+r.URL.Host)
	answer := w.post
	if r.Method == http.MethodHead {
		answer = w.head
	}
	return answer(r)
}

// reached says that there is a connection, and answers with a stream.
func reached(r *http.Request, stream string) (*http.Response, error) {
	trace := httptrace.ContextClientTrace(r.Context())
	if trace.GetConn != nil {
		trace.GetConn(r.URL.Host)
	}
	trace.GotConn(httptrace.GotConnInfo{Reused: true, WasIdle: true})
	return respond(r, 200, "text/event-stream", strings.NewReader(stream)), nil
}

// A host that leaves a warm-up unanswered keeps one probe waiting, and no other for
// an hour.
func TestSilentHostIsNotWarmedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wire{
			head: func(r *http.Request) (*http.Response, error) {
				if r.URL.Host == "silent" {
					_, _ = reached(r, "")
				}
				if r.URL.Host != "well" {
					<-r.Context().Done()
					return nil, r.Context().Err()
				}
				return reached(r, "")
			},
			post: func(r *http.Request) (*http.Response, error) { return reached(r, sound) },
		}
		client := newClient(Limits{}, nil, w)
		for _, step := range []struct {
			host   string
			after  time.Duration
			warmed bool
			waits  time.Duration
		}{
			{"silent", 0, true, 10 * time.Second},
			{"silent", time.Minute, false, 0},
			{"well", 0, true, 0},
			{"unreachable", 0, true, 10 * time.Second},
			{"unreachable", time.Minute, true, 10 * time.Second}, // as soon as it is back
			{"silent", 50 * time.Minute, false, 0},
			{"silent", 10 * time.Minute, true, 10 * time.Second},
		} {
			time.Sleep(step.after)
			w.sent = nil
			begun := time.Now()
			s := client.Probe(t.Context(), Attempt{Target: Target{Name: "a", Model: "m", BaseURL: "http://" + step.host + "/v1"}, Profile: short})
			if warmed := len(w.sent) == 2; s.Outcome != OK || warmed != step.warmed || s.At.Sub(begun) != step.waits {
				t.Errorf("%+v: %v %q, %q, sent after %v", step, s.Outcome, s.Error, w.sent, s.At.Sub(begun))
			}
		}
		// What ends because the probe is due was no lack of an answer.
		lead, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		time.Sleep(silentFor)
		client.Prepare(lead, Target{Name: "a", Model: "m", BaseURL: "http://silent/v1"}, short)
		if client.isSilent(Target{BaseURL: "http://silent/v1"}) {
			t.Error("silent for having been cut off")
		}
	})
}

// A connection is warmed where none is known to be open: after four seconds, and
// at once where a stream broke off.
func TestWhenToWarm(t *testing.T) {
	broken := ev(token)
	for _, tc := range []struct {
		name, stream string
		after        time.Duration
		warmed       bool
	}{
		{"just used", sound, 3900 * ms, false},
		{"used too long ago", sound, 4100 * ms, true},
		{"broken off", broken, 0, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &wire{head: func(r *http.Request) (*http.Response, error) { return reached(r, "") }}
				w.post = func(r *http.Request) (*http.Response, error) {
					response, err := reached(r, tc.stream)
					if tc.stream == broken {
						response.Body = io.NopCloser(io.MultiReader(strings.NewReader(broken), iotest.ErrReader(io.ErrUnexpectedEOF)))
					}
					return response, err
				}
				client, target := newClient(Limits{}, nil, w), Target{Name: "a", Model: "m", BaseURL: "http://h/v1"}
				client.Probe(t.Context(), Attempt{Target: target, Profile: short})
				time.Sleep(tc.after)
				w.sent = nil
				client.Probe(t.Context(), Attempt{Target: target, Profile: short})
				if warmed := slices.Contains(w.sent, "HEAD h"); warmed != tc.warmed {
					t.Errorf("%q", w.sent)
				}
				// What loads a model is a request like others.
				target.Provider, target.BaseURL = "ollama", "http://127.0.0.1/v1"
				client.touch(target, true)
				w.sent = nil
				client.Prepare(t.Context(), target, short)
				if warmed := slices.Contains(w.sent, "HEAD 127.0.0.1"); len(w.sent) == 0 || w.sent[0] != "POST 127.0.0.1" || warmed != (tc.stream == broken) {
					t.Errorf("loading: %q", w.sent)
				}
			})
		})
	}
}
