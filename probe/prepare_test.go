package probe

import (
	"net/http"
	"strings"
	"testing"
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
