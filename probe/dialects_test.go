package probe

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"

	"costping/probe/simulator"
)

// spoken is what comes of a dialect. The zero value is what most come to: a sound
// answer that used the whole cap, usage known, nothing to learn.
type spoken struct {
	outcome     Outcome  // OK where zero
	error       string   // what the error says among the rest
	flags       Flags    // of those that do not depend on the machine, these and no others
	must        Flags    // of the rest, these at least
	noUsage     bool     // the answer's tokens are not known
	reasoning   int64    // tokens
	learned     []string // what each refusal on the way has taught
	extra       string   // a field that the target adds
	limit, sent int      // the cap that is asked for, and the one that is sent in the end
}

// maxLessons is how many attempts a dialect may cost before one is understood: the
// cap's field, stream_options and one field that is not known.
const maxLessons = 3

const refused = `400 Bad Request`

// unlike are the dialects of which something else comes.
var unlike = map[string]spoken{
	// Providers, asked as their presets have it.
	"gemini":        {flags: Bundled | Capped},
	"azure":         {must: Buffered},
	"lmstudio":      {noUsage: true},
	"bare/openai":   {learned: []string{"max_completion_tokens instead of max_tokens"}},
	"bare/azure":    {must: Buffered, learned: []string{"max_completion_tokens instead of max_tokens"}},
	"bare/mistral":  {learned: []string{"no stream_options"}},
	"bare/gemini":   {flags: Bundled | Capped, extra: "x_unknown", learned: []string{"no x_unknown"}},
	"bare/lmstudio": {noUsage: true},

	"coalesce":      {must: Buffered},
	"gzip":          {outcome: Malformed, error: "no event could be decoded"}, // nobody asked for it, and it would hold tokens back
	"never-streams": {outcome: Malformed, error: "not an event stream but application/json"},

	"reasoning-content":       {reasoning: 16},
	"reasoning-plain":         {reasoning: 16},
	"reasoning-hidden":        {reasoning: 16},
	"bundled":                 {flags: Bundled | Capped},
	"usage-missing":           {noUsage: true},
	"usage-without-reasoning": {reasoning: 16},
	"usage-strings":           {noUsage: true},
	"cached":                  {flags: CacheHit | Capped},
	"cache-hit-counts":        {flags: CacheHit | Capped},

	"refuse-max-tokens":     {learned: []string{"max_completion_tokens instead of max_tokens"}},
	"refuse-stream-options": {noUsage: true, learned: []string{"no stream_options"}},
	"refuse-unknown":        {extra: "x_unknown", learned: []string{"no x_unknown"}},
	"least-cap":             {limit: 12, sent: 16, learned: []string{"a cap of 16 tokens instead of 12"}},

	// Refusals that name no field teach nothing.
	"error-string":     {outcome: BadRequest, error: refused + ": Unsupported value"},
	"error-array":      {outcome: BadRequest, error: refused + ": Unsupported value"},
	"error-detail":     {outcome: BadRequest, error: refused},
	"error-html":       {outcome: BadRequest, error: refused},
	"error-empty":      {outcome: BadRequest, error: refused},
	"error-controls":   {outcome: BadRequest, error: refused},
	"error-echoes-key": {outcome: BadRequest, error: "Bearer [key]"},

	"stream-error-event":   {outcome: StreamError, error: "The server had an error"},
	"stream-error-chunk":   {outcome: StreamError, error: "The server had an error"},
	"stream-error-object":  {outcome: StreamError, error: "The server had an error"},
	"stream-error-named":   {outcome: StreamError, error: "The server had an error"},
	"stream-error-body":    {outcome: StreamError, error: "The server had an error"},
	"stream-error-bare":    {outcome: Truncated, error: "without a finish reason"}, // a line that is no field of an event is passed over
	"stream-error-comment": {outcome: StreamError, error: "The server had an error"},

	"retry-after-date": {outcome: RateLimited, error: "429"},
	"retry-after-ms":   {outcome: RateLimited, error: "429"},

	"redirect": {outcome: BadRequest, error: "307 Temporary Redirect: redirected to http://127.0.0.1:8081/"}, // it could carry the key elsewhere
}

// attemptsAt are the samples of one dialect until there is nothing more to learn.
type attemptsAt struct {
	name    string
	target  Target
	want    spoken
	samples []Sample
}

// plan makes an attempt of a dialect, and the script of its server.
func plan(n simulator.Named, prefix string) (*attemptsAt, simulator.Script) {
	a := &attemptsAt{name: prefix + n.Name, want: unlike[prefix+n.Name]}
	s := scripted(a.name)
	s.RoleFirst = false
	n.Apply(&s)
	if s.Dialect.LoadTime > 0 { // as long as it really takes, nobody waits here
		s.Dialect.LoadTime = 50 * ms
	}
	if a.want.limit == 0 {
		a.want.limit = 24 // room for reasoning and for the answer
	}
	if a.want.sent == 0 {
		a.want.sent = a.want.limit
	}
	if a.want.outcome == 0 {
		a.want.outcome = OK
		if a.want.flags == 0 {
			a.want.flags = Capped
		}
	}
	a.target = Target{Name: a.name, Model: a.name, KeyEnv: testKeyEnv}
	if a.want.extra != "" {
		a.target.Extra = map[string]json.RawMessage{a.want.extra: json.RawMessage("1")}
	}
	return a, s
}

// Every way to speak that the simulator knows, to the real client: what comes of
// it, and what the client learns on the way. A provider is asked as its preset has
// it, and without one.
func TestAllDialects(t *testing.T) {
	t.Setenv(testKeyEnv, testKey)
	var all []*attemptsAt
	var scripts []simulator.Script
	known := map[string]bool{}
	for _, n := range simulator.Dialects() {
		_, preset := ProviderNamed(n.Name)
		a, s := plan(n, "")
		if preset {
			a.target.Provider = n.Name
			bare, again := plan(n, "bare/")
			all, scripts = append(all, bare), append(scripts, again)
		}
		all, scripts = append(all, a), append(scripts, s)
	}
	server := simulate(t, simulator.Options{Scripts: scripts})
	client := connect(t, Limits{}, nil)
	atOnce := make(chan bool, 24)
	var asking sync.WaitGroup
	for _, a := range all {
		known[a.name] = true
		a.target.BaseURL = server.BaseURL()
		asking.Go(func() {
			atOnce <- true
			defer func() { <-atOnce }()
			for range maxLessons + 1 {
				s := client.Probe(t.Context(), Attempt{Target: a.target, Profile: Profile{Name: "p", Prompt: "x", MaxTokens: a.want.limit}})
				a.samples = append(a.samples, s)
				if s.Learned == "" {
					return
				}
			}
		})
	}
	asking.Wait()
	for _, a := range all {
		t.Run(a.name, a.check)
	}
	for name := range unlike {
		if !known[name] {
			t.Errorf("%s is no dialect", name)
		}
	}
}

func (a *attemptsAt) check(t *testing.T) {
	var learned []string
	for _, s := range a.samples {
		checkSample(t, s)
		if s.Learned != "" {
			learned = append(learned, s.Learned)
			if s.Outcome != BadRequest {
				t.Errorf("%v taught %q", s.Outcome, s.Learned)
			}
		}
	}
	if !slices.Equal(learned, a.want.learned) {
		t.Errorf("learned %q, want %q", learned, a.want.learned)
	}
	s := a.samples[len(a.samples)-1]
	if s.Outcome != a.want.outcome || !strings.Contains(s.Error, a.want.error) {
		t.Fatalf("%v %q, want %v %q", s.Outcome, s.Error, a.want.outcome, a.want.error)
	}
	const counted = Bundled | CacheHit | Capped
	if s.Flags&counted != a.want.flags || !s.Flags.Has(a.want.must) {
		t.Errorf("flags %v, want %v and %v", s.Flags.Names(), a.want.flags.Names(), a.want.must.Names())
	}
	if s.Cap != a.want.sent {
		t.Errorf("a cap of %d was sent, want %d", s.Cap, a.want.sent)
	}
	if s.Outcome != OK {
		return
	}
	if want := int64(a.want.sent); s.Usage.Output.Known == a.want.noUsage || !a.want.noUsage && s.Usage.Output.Value != want {
		t.Errorf("usage %+v, want %d tokens out", s.Usage, want)
	}
	if s.Usage.Reasoning.Value != a.want.reasoning {
		t.Errorf("%d tokens of reasoning, want %d", s.Usage.Reasoning.Value, a.want.reasoning)
	}
}
