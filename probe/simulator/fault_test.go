package simulator

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Each fault as a client meets it, in a stream and without one.
func TestFaults(t *testing.T) {
	for _, c := range []struct {
		name   string
		fault  Fault
		status int    // 0: no answer at all
		code   string // in the JSON error
		broken bool   // the body ends in the middle
		tokens int    // that arrive where it is streamed
		header string // Retry-After
	}{
		{name: "400", fault: Fault{Kind: FaultBadRequest}, status: 400, code: "unsupported_value"},
		{name: "401", fault: Fault{Kind: FaultUnauthorized}, status: 401, code: "invalid_api_key"},
		{name: "404", fault: Fault{Kind: FaultNotFound}, status: 404, code: "model_not_found"},
		{name: "429", fault: Fault{Kind: FaultRateLimited, RetryAfter: 2500 * ms}, status: 429, code: "rate_limit_exceeded", header: "3"},
		{name: "429 without advice", fault: Fault{Kind: FaultRateLimited}, status: 429, code: "rate_limit_exceeded"},
		{name: "500", fault: Fault{Kind: FaultServerError}, status: 500, code: "server_error"},
		{name: "503", fault: Fault{Kind: FaultUnavailable, RetryAfter: 7 * time.Second}, status: 503, code: "overloaded", header: "7"},
		{name: "cut before headers", fault: Fault{Kind: FaultCutBeforeHeaders}},
		{name: "HTML page", fault: Fault{Kind: FaultHTMLPage}, status: 200},
		{name: "hang with an end", fault: Fault{Kind: FaultHang, Delay: 20 * ms}},
		{name: "cut", fault: Fault{Kind: FaultCutMidStream, After: 3}, status: 200, broken: true, tokens: 3},
		{name: "cut before the first token", fault: Fault{Kind: FaultCutMidStream, After: NoEvents}, status: 200, broken: true},
		{name: "error event", fault: Fault{Kind: FaultErrorEvent, After: 2}, status: 200, code: "stream_failed", tokens: 2},
		{name: "error for a first event", fault: Fault{Kind: FaultErrorEvent, After: NoEvents}, status: 200, code: "stream_failed"},
	} {
		for _, stream := range []string{"true", "false"} {
			t.Run(c.name+", stream "+stream, func(t *testing.T) {
				script := quick("m")
				c.fault.Probability = 1
				script.Faults = []Fault{c.fault}
				server := start(t, Options{Scripts: []Script{script}})
				r := post(t, client(t), server.BaseURL()+"/chat/completions", `{"model":"m","max_tokens":9,"stream":`+stream+`,`+hello+`}`)

				if r.status != c.status || r.header.Get("Retry-After") != c.header {
					t.Errorf("status %d, Retry-After %q; want %d, %q", r.status, r.header.Get("Retry-After"), c.status, c.header)
				}
				if wantErr := c.status == 0 || c.broken; (r.err != nil) != wantErr {
					t.Errorf("error %v, want one: %v", r.err, wantErr)
				}
				if c.broken && !errors.Is(r.err, io.ErrUnexpectedEOF) {
					t.Errorf("broken off with %v", r.err)
				}
				if c.code != "" && !strings.Contains(r.body, c.code) {
					t.Errorf("no %q in %s", c.code, r.body)
				}
				if c.fault.Kind == FaultHTMLPage && (!strings.HasPrefix(r.header.Get("Content-Type"), "text/html") || !strings.Contains(r.body, "</html>")) {
					t.Errorf("%v %s", r.header, r.body)
				}
				if c.broken && stream == "false" && json.Valid([]byte(r.body)) {
					t.Errorf("broken off, and yet whole: %s", r.body)
				}
				record := one(t, server)
				if stream == "true" {
					got := sumUp(t, r)
					if got.contentEvents != c.tokens || got.done || len(got.finish) > 0 {
						t.Errorf("stream %+v", got)
					}
					if record.Tokens != c.tokens {
						t.Errorf("%d tokens in the log", record.Tokens)
					}
				}
				if record.Fault != c.fault.Kind || record.Status != c.status || record.Completed || record.ClientLeft {
					t.Errorf("record %+v", record)
				}
			})
		}
	}
}

// The status a fault says it has is the one it is answered with.
func TestFaultStatus(t *testing.T) {
	for kind, want := range map[FaultKind]int{
		FaultNone: 200, FaultBadRequest: 400, FaultUnauthorized: 401, FaultNotFound: 404, FaultRateLimited: 429,
		FaultServerError: 500, FaultUnavailable: 503, FaultHTMLPage: 200, FaultCutMidStream: 200, FaultErrorEvent: 200,
		FaultCutBeforeHeaders: 0, FaultHang: 0,
	} {
		if got := kind.Status(); got != want {
			t.Errorf("%q: %d, want %d", kind, got, want)
		}
	}
}

// A hang lasts until the client gives up, and the log says who left.
func TestHangUntilTheClientLeaves(t *testing.T) {
	script := quick("m")
	script.Faults = []Fault{{Kind: FaultHang, Probability: 1}}
	server := start(t, Options{Scripts: []Script{script}})
	c := client(t)
	c.Timeout = 50 * ms
	r := post(t, c, server.BaseURL()+"/chat/completions", `{"model":"m","stream":true,`+hello+`}`)
	if r.err == nil || r.status != 0 {
		t.Fatalf("answered: %+v", r)
	}
	record := awaitSent(t, server)
	if record.Fault != FaultHang || !record.ClientLeft || record.Completed || record.Status != 0 || record.Headers != 0 {
		t.Errorf("%+v", record)
	}
}

// A client that leaves in the middle ends the stream; the log has what it got.
func TestClientLeavesMidStream(t *testing.T) {
	script := Script{Model: "m", TTFT: Constant(ms), Gap: Constant(10 * ms)}
	server := start(t, Options{Scripts: []Script{script}})
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, server.BaseURL()+"/chat/completions",
		strings.NewReader(`{"model":"m","stream":true,"max_tokens":4096,`+hello+`}`))
	if err != nil {
		t.Fatal(err)
	}
	response, err := client(t).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer closing(t, response.Body)
	if _, err := response.Body.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	leave()
	record := awaitSent(t, server)
	if !record.ClientLeft || record.Completed || record.Events == 0 || record.Events == 4096 || record.Fault != FaultNone {
		t.Errorf("%+v", record)
	}
}

// Where the client left before the first byte, the log has no status.
func TestClientLeavesEarly(t *testing.T) {
	server := start(t, Options{Scripts: []Script{{Model: "m", TTFT: Constant(time.Hour)}}})
	c := client(t)
	c.Timeout = 50 * ms
	if r := post(t, c, server.BaseURL()+"/chat/completions", `{"model":"m","stream":true,`+hello+`}`); r.err == nil {
		t.Fatalf("answered: %+v", r)
	}
	record := awaitSent(t, server)
	if !record.ClientLeft || record.Status != 0 || record.Headers != 0 || record.PlannedTTFT != time.Hour {
		t.Errorf("%+v", record)
	}
}

// awaitSent waits for the only record; where the client left, no answer tells it
// that the handler has ended.
func awaitSent(t *testing.T, s *Server) Sent {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(ms) {
		if len(s.Sent()) > 0 {
			return one(t, s)
		}
	}
	t.Fatal("no record")
	return Sent{}
}
