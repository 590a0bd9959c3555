package simulator

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Headers is what the headers of an answer tell, and the limits they speak of.
type Headers struct {
	// LimitHeaders is the style of the rate-limit headers: LimitsOpenAI where
	// empty.
	LimitHeaders LimitHeaders
	// RequestLimit and TokenLimit are how much is admitted within a window, each
	// request by its prompt and the longest completion it may get; beyond that it
	// is refused with 429 and takes no number. 0 enforces nothing.
	RequestLimit, TokenLimit int
	// LimitWindow begins with the first request in it; 0 means a minute.
	LimitWindow time.Duration
	// RetryAfter is how a 429 or 503 says when to come back: RetrySeconds where
	// empty.
	RetryAfter RetryAfter
	// ServerTTFT sends the planned time to the first token in seconds as
	// fireworks-server-time-to-first-token (Fireworks).
	ServerTTFT bool
	// RequestIDHeader also sends the request's id under this name (request-id:
	// Anthropic; apim-request-id: Azure).
	RequestIDHeader string
}

// LimitHeaders is a style of rate-limit headers.
type LimitHeaders string

// The styles of rate-limit headers.
const (
	// LimitsOpenAI are x-ratelimit-*, resets as durations such as 6m0s or 20ms.
	LimitsOpenAI LimitHeaders = "openai"
	// LimitsAnthropic are anthropic-ratelimit-*, resets as RFC 3339 times.
	LimitsAnthropic LimitHeaders = "anthropic"
	// LimitsUntold leaves them out (Ollama, llama.cpp, vLLM, Gemini, DeepSeek).
	LimitsUntold LimitHeaders = "untold"
)

// RetryAfter is a way to say when to come back.
type RetryAfter string

// The ways to say when to come back.
const (
	RetrySeconds RetryAfter = "seconds" // Retry-After: 3
	RetryDate    RetryAfter = "date"    // Retry-After: an HTTP date
	RetryMillis  RetryAfter = "millis"  // retry-after-ms: 2500 (OpenAI, Azure)
)

// Limits that the headers speak of where none are scripted, per minute; nothing is
// enforced.
const (
	limitRequests = 10_000
	limitTokens   = 2_000_000
)

func (h Headers) validate() error {
	switch {
	case h.RequestLimit < 0 || h.TokenLimit < 0:
		return errors.New("limits must not be negative")
	case strings.ContainsAny(h.RequestIDHeader, " :\r\n"):
		return errors.New("request id header must be the name of a header")
	}
	return errors.Join(
		period("limit window", h.LimitWindow),
		oneOf("limit headers", h.LimitHeaders, "", LimitsOpenAI, LimitsAnthropic, LimitsUntold),
		oneOf("retry after", h.RetryAfter, "", RetrySeconds, RetryDate, RetryMillis),
	)
}

func (h Headers) window() time.Duration {
	if h.LimitWindow == 0 {
		return time.Minute
	}
	return h.LimitWindow
}

// A meter counts what a model's limits have admitted; guarded by model.mu.
type meter struct {
	opened           time.Time // the window
	requests, tokens int       // used in it
}

// take admits a request of so many tokens, or does not.
func (m *meter) take(h Headers, now time.Time, tokens int) bool {
	if m.opened.IsZero() || now.Sub(m.opened) >= h.window() {
		*m = meter{opened: now}
	}
	if h.RequestLimit > 0 && m.requests >= h.RequestLimit || h.TokenLimit > 0 && m.tokens+tokens > h.TokenLimit {
		return false
	}
	m.requests++
	m.tokens += tokens
	return true
}

// An allowance is what the rate-limit headers tell of requests or tokens.
type allowance struct {
	name             string
	limit, remaining int
	reset            time.Duration
}

// allow admits a request within the scripted limits. Where it does not, it returns
// how long the client has to wait.
func (x *exchange) allow(m *model, tokens int) (wait time.Duration, ok bool) {
	h := m.script.Dialect.Headers
	if h.RequestLimit == 0 && h.TokenLimit == 0 {
		return 0, true
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	ok = m.meter.take(h, x.received, tokens)
	reset := m.meter.opened.Add(h.window()).Sub(x.received)
	if h.RequestLimit > 0 {
		x.allowances = append(x.allowances, allowance{
			name: "requests", limit: h.RequestLimit, remaining: h.RequestLimit - m.meter.requests, reset: reset,
		})
	}
	if h.TokenLimit > 0 {
		x.allowances = append(x.allowances, allowance{
			name: "tokens", limit: h.TokenLimit, remaining: h.TokenLimit - m.meter.tokens, reset: reset,
		})
	}
	return reset, ok
}

// refuseLimit answers a request beyond the limits.
func (x *exchange) refuseLimit(wait time.Duration) error {
	x.limitHeaders(x.allowances)
	x.retryAfter(wait)
	return x.refuse(http.StatusTooManyRequests, faultErrors[FaultRateLimited])
}

// planHeaders tells the limits, and what else a plan's answer is headed with.
func (x *exchange) planHeaders(plan Plan) {
	told := x.allowances
	if told == nil {
		remaining, reset := max(limitRequests-x.m.inFlight.Load(), 0), time.Minute/limitRequests
		if plan.Fault == FaultRateLimited {
			remaining, reset = 0, plan.RetryAfter
		}
		told = []allowance{
			{name: "requests", limit: limitRequests, remaining: int(remaining), reset: reset},
			{name: "tokens", limit: limitTokens, remaining: max(0, limitTokens-x.sent.PromptTokens-plan.Tokens()), reset: reset},
		}
	}
	x.limitHeaders(told)
	if plan.RetryAfter > 0 && plan.Fault.refuses() {
		x.retryAfter(plan.RetryAfter)
	}
	if x.dialect.ServerTTFT {
		x.w.Header().Set("Fireworks-Server-Time-To-First-Token", strconv.FormatFloat(plan.TTFT.Seconds(), 'f', 6, 64))
	}
}

func (x *exchange) limitHeaders(told []allowance) {
	h := x.w.Header()
	for _, a := range told {
		limit, remaining := strconv.Itoa(a.limit), strconv.Itoa(a.remaining)
		switch x.dialect.LimitHeaders {
		case LimitsUntold:
		case LimitsAnthropic:
			prefix := "Anthropic-Ratelimit-" + a.name
			h.Set(prefix+"-Limit", limit)
			h.Set(prefix+"-Remaining", remaining)
			h.Set(prefix+"-Reset", x.received.Add(a.reset+time.Second-1).UTC().Format(time.RFC3339))
		default:
			h.Set("X-Ratelimit-Limit-"+a.name, limit)
			h.Set("X-Ratelimit-Remaining-"+a.name, remaining)
			h.Set("X-Ratelimit-Reset-"+a.name, wholeMillis(a.reset).String())
		}
	}
}

// wholeMillis rounds up, so that whoever comes back then is not too early.
func wholeMillis(d time.Duration) time.Duration {
	return (d + time.Millisecond - 1).Truncate(time.Millisecond)
}

// retryAfter says when to come back, rounded up to the unit it is told in.
func (x *exchange) retryAfter(wait time.Duration) {
	h := x.w.Header()
	switch x.dialect.RetryAfter {
	case RetryMillis:
		h.Set("Retry-After-Ms", strconv.FormatInt(wholeMillis(wait).Milliseconds(), 10))
	case RetryDate:
		at := x.received.Add(wait + time.Second - 1).UTC()
		h.Set("Retry-After", at.Format(http.TimeFormat))
	default:
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
}
