package probe

import "fmt"

// Outcome classes what became of one attempt. Every attempt has exactly one.
// The numbers are part of the history's format: never reuse or reorder them.
type Outcome uint8

// The outcomes. What counts against a provider is said by Sample.Blamed.
const (
	// OK ended with [DONE], or with the end of the body after a finish reason,
	// and carried at least one token.
	OK Outcome = iota + 1
	// Truncated broke off after the headers without a finish reason: what
	// came first is kept, speed is not.
	Truncated
	// StreamError is an error reported inside a response with status 200.
	StreamError
	// Malformed is a body that is no event stream, or cannot be decoded, or a
	// status that is no answer at all, such as 101.
	Malformed
	// Empty ended properly and carried no token.
	Empty
	// RateLimited is a 429.
	RateLimited
	// Auth is a 401 or 403.
	Auth
	// NotFound is a 404: no such model or path.
	NotFound
	// BadRequest is a 400, 422 or redirect: a fault of the configuration.
	BadRequest
	// ServerError is a 5xx, or a 408.
	ServerError
	// Timeout means that a watchdog ended the attempt; the error says which.
	Timeout
	// Network means that no response came: refused, reset, no such host, TLS.
	Network
	// Cancelled was stopped by the person or the program.
	Cancelled
	// Skipped was never sent: over budget, or the one before still running.
	Skipped
)

// Outcomes lists every outcome in the order of their numbers.
func Outcomes() []Outcome {
	all := make([]Outcome, 0, len(outcomeNames))
	for o := OK; o <= Skipped; o++ {
		all = append(all, o)
	}
	return all
}

var outcomeNames = map[Outcome]string{
	OK: "ok", Truncated: "truncated", StreamError: "stream_error", Malformed: "malformed",
	Empty: "empty", RateLimited: "rate_limited", Auth: "auth", NotFound: "not_found",
	BadRequest: "bad_request", ServerError: "server_error", Timeout: "timeout",
	Network: "network", Cancelled: "cancelled", Skipped: "skipped",
}

// String is the outcome's name in files and JSON, such as "rate_limited".
func (o Outcome) String() string {
	if name, ok := outcomeNames[o]; ok {
		return name
	}
	return fmt.Sprintf("outcome(%d)", uint8(o))
}

// MarshalText writes the name.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads a name that String wrote.
func (o *Outcome) UnmarshalText(text []byte) error {
	for outcome, name := range outcomeNames {
		if name == string(text) {
			*o = outcome
			return nil
		}
	}
	return fmt.Errorf("unknown outcome %q", Sanitize(string(text), 40))
}

// Blames reports whether an attempt with this outcome stands in the denominator
// of the success rate. Faults of our own configuration, rate limits and
// attempts that were never made are shown by themselves and held against nobody.
func (o Outcome) Blames() bool {
	switch o {
	case OK, Truncated, StreamError, Malformed, Empty, ServerError, Timeout, Network:
		return true
	default:
		return false
	}
}

// fromStatus classes an HTTP status that is not a success.
func fromStatus(status int) Outcome {
	switch {
	case status < 200:
		return Malformed
	case status == 429:
		return RateLimited
	case status == 401 || status == 403:
		return Auth
	case status == 404:
		return NotFound
	case status == 408 || status >= 500: // a time-out of theirs; Timeout is for ours
		return ServerError
	default:
		return BadRequest
	}
}
