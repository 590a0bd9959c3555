package probe

import (
	"net/http"
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// headers makes headers of names and values by turns.
func headers(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

func TestRetryAfter(t *testing.T) {
	for text, want := range map[string]Measured[time.Duration]{
		"":                              {},
		"0":                             known(0),
		"2":                             known(2 * time.Second),
		"0.5":                           known(500 * ms),
		"-1":                            {},
		"NaN":                           {},
		"Inf":                           {},
		"1e9":                           {},
		"soon":                          {},
		"86399":                         known(86_399 * time.Second),
		"86400":                         {}, // a day
		"Mon, 02 Mar 2026 11:59:59 GMT": known(86_399 * time.Second),
		"Mon, 02 Mar 2026 12:00:00 GMT": {},
		"Sun, 01 Mar 2026 12:00:30 GMT": known(30 * time.Second),
		"Sun, 01 Mar 2026 11:00:00 GMT": known(0),
		"Sun, 01 Mar 2076 11:00:00 GMT": {},
	} {
		if got := retryAfter(headers("Retry-After", text), noon); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
	for text, want := range map[string]Measured[time.Duration]{
		"2500": known(2500 * ms), "0": known(0), "NaN": known(9 * time.Second), "-1": known(9 * time.Second),
		"1e18": known(9 * time.Second), "86399000": known(86_399 * time.Second), "86400000": known(9 * time.Second),
	} {
		if got := retryAfter(headers("retry-after-ms", text, "retry-after", "9"), noon); got != want {
			t.Errorf("%q ms beside 9 s: got %v, want %v", text, got, want)
		}
	}
}

func TestHeadroom(t *testing.T) {
	for _, tc := range []struct {
		name    string
		headers http.Header
		want    Headroom
	}{
		{"nothing said", headers("Content-Type", "text/event-stream"), Headroom{}},
		{"openai", headers(
			"x-ratelimit-limit-requests", "10000", "x-ratelimit-remaining-requests", "9999", "x-ratelimit-reset-requests", "6ms",
			"x-ratelimit-limit-tokens", "2000000", "x-ratelimit-remaining-tokens", "0", "x-ratelimit-reset-tokens", "6m0s",
		), Headroom{
			Requests: Allowance{Limit: Known[int64](10000), Remaining: Known[int64](9999), Reset: known(6 * ms)},
			Tokens:   Allowance{Limit: Known[int64](2_000_000), Remaining: Known[int64](0), Reset: known(6 * time.Minute)},
		}},
		{"groq: fractions of a second", headers("x-ratelimit-reset-tokens", "2m59.56s"), Headroom{
			Tokens: Allowance{Reset: known(179_560 * ms)},
		}},
		{"seconds without a unit", headers("x-ratelimit-reset-requests", "7"), Headroom{
			Requests: Allowance{Reset: known(7 * time.Second)},
		}},
		{"anthropic", headers(
			"anthropic-ratelimit-requests-limit", "50", "anthropic-ratelimit-requests-remaining", "49",
			"anthropic-ratelimit-requests-reset", "2026-03-01T12:00:30Z",
			"anthropic-ratelimit-tokens-reset", "2026-03-01T11:59:00Z",
		), Headroom{
			Requests: Allowance{Limit: Known[int64](50), Remaining: Known[int64](49), Reset: known(30 * time.Second)},
			Tokens:   Allowance{Reset: known(0)},
		}},
		{"not to be believed", headers(
			"x-ratelimit-limit-requests", "-1", "x-ratelimit-remaining-requests", "9999999999999999",
			"x-ratelimit-reset-requests", "NaN", "x-ratelimit-limit-tokens", "1.5",
			"x-ratelimit-remaining-tokens", "\x1b[31m", "x-ratelimit-reset-tokens", "9000h",
		), Headroom{}},
		{"nor these", headers("x-ratelimit-reset-requests", "-5s", "x-ratelimit-reset-tokens", "1e300"), Headroom{}},
	} {
		got := headroomOf(tc.headers, noon)
		if got != tc.want || got.Known() != (tc.want != Headroom{}) {
			t.Errorf("%s: got %+v, want %+v", tc.name, got, tc.want)
		}
	}
}

func FuzzHeaders(f *testing.F) {
	for _, text := range []string{"12", "6m0s", "2026-03-01T12:00:30Z", "1e308", "-0", "Sun, 01 Mar 2026 12:00:30 GMT"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		h := headers(
			"retry-after", text, "retry-after-ms", text, "fireworks-server-time-to-first-token", text,
			"x-ratelimit-limit-requests", text, "x-ratelimit-reset-requests", text, "anthropic-ratelimit-tokens-reset", text)
		room := headroomOf(h, noon)
		for name, d := range map[string]Measured[time.Duration]{
			"retry-after": retryAfter(h, noon), "server TTFT": headerServerTTFT(h),
			"requests": room.Requests.Reset, "tokens": room.Tokens.Reset,
		} {
			if d.Value < 0 || d.Value > 7*24*time.Hour || !d.Known && d.Value != 0 {
				t.Errorf("%s: %q read as %v", name, text, d)
			}
		}
		if n := room.Requests.Limit; n.Value < 0 || n.Value > maxTokens {
			t.Errorf("%q read as %v", text, n)
		}
	})
}
