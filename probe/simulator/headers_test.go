package simulator

import (
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"
)

// Limits really count down, and then refuse; what is refused takes no number.
func TestLimits(t *testing.T) {
	for _, c := range []struct {
		name      string
		change    func(*Dialect)
		remaining []string // after each request; then 429
		header    string
	}{
		{"requests", func(d *Dialect) { d.RequestLimit = 3 }, []string{"2", "1", "0"}, "X-Ratelimit-Remaining-Requests"},
		{"tokens", func(d *Dialect) { d.TokenLimit = 20 }, []string{"13", "6"}, "X-Ratelimit-Remaining-Tokens"},
		{"Anthropic's", func(d *Dialect) { d.RequestLimit, d.LimitHeaders = 2, LimitsAnthropic }, []string{"1", "0"}, "Anthropic-Ratelimit-Requests-Remaining"},
		{"untold", func(d *Dialect) { d.RequestLimit, d.LimitHeaders = 2, LimitsUntold }, []string{"", ""}, "X-Ratelimit-Remaining-Requests"},
	} {
		t.Run(c.name, func(t *testing.T) {
			script := quick("m")
			script.Dialect.LimitWindow = time.Hour
			c.change(&script.Dialect)
			s := start(t, Options{Scripts: []Script{script}})
			cl := client(t)
			for i, want := range append(c.remaining, c.remaining[len(c.remaining)-1]) {
				r := post(t, cl, s.BaseURL()+"/chat/completions", `{"model":"m","max_tokens":2,`+hello+`}`)
				if got := r.header.Get(c.header); got != want {
					t.Errorf("request %d: %q remain, want %q", i, got, want)
				}
				if i < len(c.remaining) {
					if r.status != http.StatusOK || r.header.Get("Retry-After") != "" {
						t.Errorf("request %d: %+v", i, r)
					}
					continue
				}
				seconds, err := strconv.Atoi(r.header.Get("Retry-After"))
				if r.status != http.StatusTooManyRequests || err != nil || seconds < 3500 || seconds > 3600 {
					t.Errorf("beyond the limit: %d, %v", r.status, r.header)
				}
			}
			if n := s.models["m"].accepted.Load(); n != uint64(len(c.remaining)) {
				t.Errorf("%d accepted", n)
			}
		})
	}
}

// The arithmetic of a window, without a clock.
func TestMeter(t *testing.T) {
	h := Headers{RequestLimit: 2, TokenLimit: 10, LimitWindow: time.Minute}
	epoch := time.Unix(1_700_000_000, 0)
	var m meter
	for i, c := range []struct {
		at     time.Duration
		tokens int
		ok     bool
	}{
		{0, 4, true},
		{time.Second, 7, false},
		{2 * time.Second, 6, true},
		{3 * time.Second, 0, false},
		{time.Minute - 1, 0, false},
		{time.Minute, 10, true},
		{time.Minute + 1, 1, false},
		{2*time.Minute + 1, 11, false},
	} {
		if ok := m.take(h, epoch.Add(c.at), c.tokens); ok != c.ok {
			t.Errorf("request %d: %v", i, ok)
		}
	}
	if (Headers{}).window() != time.Minute {
		t.Error("a window that nobody scripted is no minute")
	}
}

// What the headers say, for a known state of the limits.
func TestLimitHeaders(t *testing.T) {
	for _, c := range []struct {
		style  LimitHeaders
		reset  time.Duration
		header string
		want   string
	}{
		{"", 6 * time.Minute, "X-Ratelimit-Reset-Tokens", "6m0s"},
		{LimitsOpenAI, time.Second, "X-Ratelimit-Reset-Tokens", "1s"},
		{LimitsOpenAI, 20*ms - 1, "X-Ratelimit-Reset-Tokens", "20ms"},
		{LimitsOpenAI, time.Second, "X-Ratelimit-Limit-Tokens", "9"},
		{LimitsAnthropic, 90*time.Second - 1, "Anthropic-Ratelimit-Tokens-Reset", "2023-11-14T22:14:50Z"},
		{LimitsAnthropic, time.Second, "Anthropic-Ratelimit-Tokens-Limit", "9"},
		{LimitsAnthropic, time.Second, "Anthropic-Ratelimit-Tokens-Remaining", "4"},
		{LimitsAnthropic, time.Second, "X-Ratelimit-Limit-Tokens", ""},
	} {
		x := bare(Dialect{Headers: Headers{LimitHeaders: c.style}})
		x.limitHeaders([]allowance{{name: "tokens", limit: 9, remaining: 4, reset: c.reset}})
		if got := x.w.Header().Get(c.header); got != c.want {
			t.Errorf("%q %v: %s is %q, want %q", c.style, c.reset, c.header, got, c.want)
		}
	}
}

// When to come back, rounded up.
func TestRetryAfter(t *testing.T) {
	for _, c := range []struct {
		form RetryAfter
		want string
	}{
		{"", "map[Retry-After:[3]]"},
		{RetrySeconds, "map[Retry-After:[3]]"},
		{RetryDate, "map[Retry-After:[Tue, 14 Nov 2023 22:13:23 GMT]]"},
		{RetryMillis, "map[Retry-After-Ms:[2501]]"},
	} {
		x := bare(Dialect{Headers: Headers{RetryAfter: c.form}})
		x.retryAfter(2500*ms + 1)
		if got := fmt.Sprint(x.w.Header()); got != c.want {
			t.Errorf("%q: %s, want %s", c.form, got, c.want)
		}
	}
	r, _ := wire(t, streamTwo, limited(RetryMillis))
	if r.status != 429 || r.header.Get("Retry-After-Ms") != "2500" || r.header.Get("Retry-After") != "" {
		t.Errorf("%d %v", r.status, r.header)
	}
}

// bare is an exchange whose headers alone matter.
func bare(d Dialect) *exchange {
	return &exchange{w: headersOnly{}, dialect: d, received: time.Unix(1_700_000_000, 0)}
}

type headersOnly http.Header

func (h headersOnly) Header() http.Header       { return http.Header(h) }
func (headersOnly) Write(b []byte) (int, error) { return len(b), nil }
func (headersOnly) WriteHeader(int)             {}

func TestServerHeaders(t *testing.T) {
	r, record := wire(t, streamTwo, func(s *Script) { s.Dialect.ServerTTFT, s.Dialect.RequestIDHeader = true, "apim-request-id" })
	if got := r.header.Get("Fireworks-Server-Time-To-First-Token"); got != "0.004000" {
		t.Errorf("server ttft %q", got)
	}
	if r.header.Get("Apim-Request-Id") != record.RequestID || r.header.Get("X-Request-Id") != record.RequestID {
		t.Errorf("%v", r.header)
	}
}
