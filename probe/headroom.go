package probe

import (
	"math"
	"net/http"
	"strconv"
	"time"
)

// Headroom is how much of its rate limits a server said to be left.
type Headroom struct {
	Requests, Tokens Allowance
}

// Allowance is one rate limit as a response tells it.
type Allowance struct {
	// Limit is how much may be used within a window, Remaining how much of that
	// is left.
	Limit, Remaining Measured[int64]
	// Reset is how long it takes until all of it is there again.
	Reset Measured[time.Duration]
}

// Known reports whether the server said anything of rate limits.
func (h Headroom) Known() bool { return h != Headroom{} }

// headroomOf reads what is left of the rate limits from the headers of a
// response: x-ratelimit-limit-requests and its like with resets as durations
// (OpenAI, Groq, Together, Fireworks, Azure, Mistral), or
// anthropic-ratelimit-requests-limit and its like with resets as times.
func headroomOf(h http.Header, now time.Time) Headroom {
	allowance := func(what string) Allowance {
		read := func(field string) string {
			if text := h.Get("X-Ratelimit-" + field + "-" + what); text != "" {
				return text
			}
			return h.Get("Anthropic-Ratelimit-" + what + "-" + field)
		}
		return Allowance{
			Limit: headerCount(read("Limit")), Remaining: headerCount(read("Remaining")),
			Reset: headerReset(read("Reset"), now),
		}
	}
	return Headroom{Requests: allowance("Requests"), Tokens: allowance("Tokens")}
}

// headerCount reads a whole number that is not negative and not absurd.
func headerCount(text string) Measured[int64] {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || n > maxTokens {
		return Measured[int64]{}
	}
	return Known(n)
}

// headerReset reads when a limit is whole again: "6m0s" or "20ms", seconds
// without a unit, or a time of RFC 3339. More than a week is not believed.
func headerReset(text string, now time.Time) Measured[time.Duration] {
	d, err := time.ParseDuration(text)
	if err != nil {
		if seconds, bad := strconv.ParseFloat(text, 64); bad == nil && math.Abs(seconds) < 1e6 {
			d, err = time.Duration(seconds*float64(time.Second)), nil
		}
	}
	if err != nil {
		at, bad := time.Parse(time.RFC3339, text)
		if bad != nil {
			return Measured[time.Duration]{}
		}
		d = max(0, at.Sub(now))
	}
	if d < 0 || d > 7*24*time.Hour {
		return Measured[time.Duration]{}
	}
	return Known(d)
}

// retryAfter reads how long a server asks to be left alone: retry-after-ms, or
// Retry-After in seconds or as a date. More than a day is not believed.
func retryAfter(h http.Header, now time.Time) Measured[time.Duration] {
	const most = 86_400
	if ms, err := strconv.ParseFloat(h.Get("Retry-After-Ms"), 64); err == nil && ms >= 0 && ms < most*1000 {
		return Known(time.Duration(ms * float64(time.Millisecond)))
	}
	text := h.Get("Retry-After")
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil {
		date, err := http.ParseTime(text)
		if err != nil {
			return Measured[time.Duration]{}
		}
		seconds = max(0, date.Sub(now).Seconds())
	}
	if !(seconds >= 0 && seconds < most) { // also NaN
		return Measured[time.Duration]{}
	}
	return Known(time.Duration(seconds * float64(time.Second)))
}
