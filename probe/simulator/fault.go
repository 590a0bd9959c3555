package simulator

import (
	"fmt"
	"net/http"
	"time"
)

// A FaultKind is a way for a request to go wrong.
type FaultKind string

// The faults a script can mix. The first group answers with a status and a JSON
// error; the second breaks the exchange before a stream begins; the third lets a
// stream begin and then breaks it.
const (
	FaultNone FaultKind = ""

	FaultBadRequest   FaultKind = "bad_request"  // 400
	FaultUnauthorized FaultKind = "unauthorized" // 401
	FaultNotFound     FaultKind = "not_found"    // 404
	FaultRateLimited  FaultKind = "rate_limited" // 429, with Retry-After
	FaultServerError  FaultKind = "server_error" // 500
	FaultUnavailable  FaultKind = "unavailable"  // 503

	FaultCutBeforeHeaders FaultKind = "cut_before_headers" // connection closed, not a byte sent
	FaultHTMLPage         FaultKind = "html_page"          // 200 with a proxy's HTML page
	FaultHang             FaultKind = "hang"               // silence until the client gives up

	FaultCutMidStream FaultKind = "cut_mid_stream" // connection closed after some tokens
	FaultErrorEvent   FaultKind = "error_event"    // an error event inside the 200 stream
)

// NoEvents is the [Fault].After of a mid-stream fault that strikes before the
// first token.
const NoEvents = -1

// hangBound is how long a hang without a Delay of its own lasts at most.
const hangBound = 2 * time.Minute

// A Fault is one way to fail and how often it happens.
type Fault struct {
	Kind FaultKind
	// Probability that a request fails this way, 0 to 1.
	Probability float64
	// RetryAfter is what a 429 or 503 asks for, rounded up to whole seconds;
	// with 0 the header is left out.
	RetryAfter time.Duration
	// Delay from receipt until a fault that precedes the stream shows; for a
	// hang, how long it lasts before the connection is closed (0: two minutes).
	Delay time.Duration
	// After is how many token events precede a mid-stream fault. With 0 it is
	// drawn between 1 and one less than all; NoEvents means none at all.
	After int
}

// Status returns the HTTP status the fault is answered with, or 0 where no
// status is sent at all.
func (k FaultKind) Status() int {
	switch k {
	case FaultBadRequest:
		return http.StatusBadRequest
	case FaultUnauthorized:
		return http.StatusUnauthorized
	case FaultNotFound:
		return http.StatusNotFound
	case FaultRateLimited:
		return http.StatusTooManyRequests
	case FaultServerError:
		return http.StatusInternalServerError
	case FaultUnavailable:
		return http.StatusServiceUnavailable
	case FaultCutBeforeHeaders, FaultHang:
		return 0
	}
	return http.StatusOK
}

// MidStream reports whether the fault lets a stream begin before it strikes.
func (k FaultKind) MidStream() bool { return k == FaultCutMidStream || k == FaultErrorEvent }

// refuses reports whether the fault is a status with a JSON error.
func (k FaultKind) refuses() bool { return k.Status() >= http.StatusBadRequest }

func (k FaultKind) known() bool {
	switch k {
	case FaultHTMLPage, FaultCutMidStream, FaultErrorEvent, FaultCutBeforeHeaders, FaultHang:
		return true
	}
	return k.refuses()
}

// validateFaults checks a mix that is in force at one time.
func validateFaults(mix []Fault) error {
	sum := 0.0
	for _, f := range mix {
		switch {
		case !f.Kind.known():
			return fmt.Errorf("unknown fault %q", f.Kind)
		case !(f.Probability >= 0 && f.Probability <= 1): // also NaN
			return fmt.Errorf("fault %s: probability must lie between 0 and 1", f.Kind)
		case f.RetryAfter < 0 || f.Delay < 0 || f.Delay > maxDraw:
			return fmt.Errorf("fault %s: delays must lie between 0 and 1h", f.Kind)
		case f.After < NoEvents:
			return fmt.Errorf("fault %s: after must not be below %d", f.Kind, NoEvents)
		}
		sum += f.Probability
	}
	if sum > 1+1e-9 {
		return fmt.Errorf("fault probabilities add up to %.3g, more than 1", sum)
	}
	return nil
}

// pickFault chooses from the mix by u, uniform in [0, 1).
func pickFault(mix []Fault, u float64) Fault {
	for _, f := range mix {
		if u < f.Probability {
			return f
		}
		u -= f.Probability
	}
	return Fault{}
}
