package probe

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/shopspring/decimal"
)

// quiet takes what a server under test would write to the terminal.
var quiet = log.New(io.Discard, "", 0)

// countNew counts connections for http.Server.ConnState.
func countNew(n *atomic.Int64) func(net.Conn, http.ConnState) {
	return func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			n.Add(1)
		}
	}
}

// listen serves bytes as they are: play writes the answer to a POST, and the
// connection closes when it returns. A GET, which is only to warm the connection,
// is answered with a 404.
func listen(t *testing.T, play func(conn net.Conn)) (base string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var served sync.WaitGroup
	t.Cleanup(func() {
		_ = l.Close()
		served.Wait() // the client has left by now, or the test hangs and shows it
	})
	served.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			served.Go(func() {
				defer func() { _ = conn.Close() }()
				in := bufio.NewReader(conn)
				for {
					r, err := http.ReadRequest(in)
					if err != nil {
						return
					}
					_, _ = io.Copy(io.Discard, r.Body)
					if r.Method == http.MethodPost {
						play(conn)
						return
					}
					_, _ = io.WriteString(conn, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
				}
			})
		}
	})
	return "http://" + l.Addr().String() + "/v1"
}

// hold waits until the client has gone.
func hold(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

// until repeats text until the client has gone, with a pause between.
func until(conn net.Conn, text string, pause time.Duration) {
	ticker := time.NewTicker(max(pause, 1))
	defer ticker.Stop()
	for {
		if _, err := io.WriteString(conn, text); err != nil {
			return
		}
		if pause > 0 {
			<-ticker.C
		}
	}
}

const (
	streamHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
	comment    = ": still here\n\n"
	done       = "data: [DONE]\n\n"
)

// ev frames payloads as events.
func ev(payloads ...string) string {
	var b strings.Builder
	for _, p := range payloads {
		b.WriteString("data: " + p + "\n\n")
	}
	return b.String()
}

// sse is a response with these events; the end of the connection ends it.
func sse(body string) string { return streamHead + body }

// sound is a stream that a probe counts as a success.
var sound = ev(role, token, token, stop, usage(9, 2)) + done

// status is a whole response with a length.
func status(line, contentType, body string) string {
	return fmt.Sprintf("HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", line, contentType, len(body), body)
}

func says(text string) func(net.Conn) {
	return func(conn net.Conn) { _, _ = io.WriteString(conn, text) }
}

func gzipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return b.String()
}

// What no server should send, over TCP. Each must end, soon, with the outcome
// that the bytes deserve.
func TestHostile(t *testing.T) {
	withUsage := func(u string) string {
		return sse(ev(token, token, stop, `{"choices":[],"usage":`+u+`}`) + done)
	}
	for _, tc := range []struct {
		name    string
		play    func(net.Conn)
		limits  Limits
		outcome Outcome
		error   string // how it begins
		check   func(*testing.T, Sample)
	}{
		// Without end.
		{
			name:   "tokens without end",
			play:   func(c net.Conn) { says(streamHead)(c); until(c, ev(token), ms) },
			limits: Limits{Total: 150 * ms}, outcome: Timeout, error: "no end of the answer within 150ms",
			check: func(t *testing.T, s Sample) {
				if !s.TTFT.Known || s.TPOT.Known {
					t.Errorf("TTFT %v, TPOT %v", s.TTFT, s.TPOT)
				}
			},
		},
		{
			name: "large tokens without end or pause",
			play: func(c net.Conn) {
				says(streamHead)(c)
				until(c, ev(`{"choices":[{"delta":{"content":"`+strings.Repeat("x", 60_000)+`"}}]}`), 0)
			},
			outcome: Malformed, error: "response exceeds the size limit",
		},
		{
			name:   "heartbeats without end",
			play:   func(c net.Conn) { says(streamHead)(c); until(c, comment, ms) },
			limits: Limits{FirstToken: 80 * ms}, outcome: Timeout, error: "no first token within 80ms",
		},
		{
			name:   "heartbeats without end after a token",
			play:   func(c net.Conn) { says(sse(ev(token)))(c); until(c, comment, ms) },
			limits: Limits{Idle: 80 * ms}, outcome: Timeout, error: "no further token within 80ms",
		},
		{
			name:   "role deltas without end",
			play:   func(c net.Conn) { says(streamHead)(c); until(c, ev(role), ms) },
			limits: Limits{FirstToken: 80 * ms}, outcome: Timeout, error: "no first token within 80ms",
		},
		{
			name: "one line without end",
			play: func(c net.Conn) { says(streamHead + "data: ")(c); until(c, strings.Repeat("x", 1<<16), 0) },
			// The limit is on one event: what came before stays.
			outcome: Malformed, error: "response exceeds the size limit",
		},
		{
			name:    "an event of 64 KiB and more",
			play:    says(sse(ev(token, `{"x":"`+strings.Repeat("x", 64<<10)+`"}`, stop) + done)),
			outcome: Malformed, error: "response exceeds the size limit",
		},
		{
			name:    "a line of 10 MB",
			play:    says(sse(ev(token) + "data: " + strings.Repeat("x", 10<<20) + "\n\n" + ev(stop) + done)),
			outcome: Malformed, error: "response exceeds the size limit",
		},
		{
			name:    "an error body without end",
			play:    func(c net.Conn) { says("HTTP/1.1 500 No\r\n\r\n")(c); until(c, strings.Repeat("x", 1<<16), 0) },
			outcome: ServerError, error: "500 Internal Server Error: xxx",
		},
		{
			name: "headers without end",
			play: func(c net.Conn) {
				says("HTTP/1.1 200 OK\r\n")(c)
				until(c, "X-A: "+strings.Repeat("x", 1000)+"\r\n", 0)
			},
			outcome: Network, error: "net/http: HTTP/1.x transport connection broken: net/http: server response headers exceeded 262144 bytes",
		},
		{
			name:   "informational responses without end",
			play:   func(c net.Conn) { until(c, "HTTP/1.1 103 Early Hints\r\n\r\n", ms) },
			limits: Limits{FirstToken: 80 * ms}, outcome: Timeout, error: "no first token within 80ms",
		},
		{
			name:   "headers that never come",
			play:   hold,
			limits: Limits{FirstToken: 80 * ms}, outcome: Timeout, error: "no first token within 80ms",
		},

		// Broken off.
		{name: "closed without an answer", play: func(net.Conn) {}, outcome: Network, error: "the connection was closed"},
		{
			name: "reset in the stream",
			play: func(c net.Conn) {
				says(sse(ev(role, token, token)))(c)
				tcp, _ := c.(*net.TCPConn)
				// A reset may overtake what is not yet read, and nothing tells a
				// server when it was: the client gets ample time.
				time.Sleep(300 * ms)
				_ = tcp.SetLinger(0)
			},
			outcome: Truncated, error: "the stream broke off: connection reset",
			check: func(t *testing.T, s Sample) {
				if s.Events != 2 || !s.TTFT.Known || s.TPOT.Known {
					t.Errorf("%d events, TTFT %v", s.Events, s.TTFT)
				}
			},
		},
		{
			name:    "broken off in a chunk",
			play:    says("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\n" + ev(token)),
			outcome: Truncated, error: "the stream broke off: the connection was closed",
			check: func(t *testing.T, s Sample) {
				if s.Events != 1 {
					t.Errorf("%d events", s.Events)
				}
			},
		},
		{
			name:    "broken off after heartbeats",
			play:    says("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 999\r\n\r\n" + comment),
			outcome: Truncated, error: "the stream broke off",
		},
		{
			name:    "broken off after the finish reason",
			play:    says("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 999\r\n\r\n" + ev(token, stop)),
			outcome: OK,
		},
		{
			name:    "broken off after a finish reason without tokens",
			play:    says("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 999\r\n\r\n" + ev(role, stop)),
			outcome: Empty, error: "the answer carried no token",
		},
		{
			name: "the last line of a stream that broke off",
			play: says("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 999\r\n\r\n" +
				ev(token) + "data: [DONE]\n"),
			outcome: OK,
		},
		{name: "ended after the finish reason", play: says(sse(ev(role, token, stop))), outcome: OK},
		{name: "ended without finish or [DONE]", play: says(sse(ev(role, token, token))), outcome: Truncated, error: "the stream ended without a finish reason"},
		{
			name: "ended in the middle of an event",
			play: says(sse(ev(role, token) + `data: {"choices":[{"delta":{"con`)), outcome: Truncated, error: "the stream ended without",
			check: func(t *testing.T, s Sample) {
				if s.Events != 1 {
					t.Errorf("%d events", s.Events)
				}
			},
		},
		{
			name: "an unterminated event that is whole", play: says(sse(ev(role, token) + "data: " + stop)), outcome: OK,
		},

		// Not what was asked for.
		{name: "nothing, with a length", play: says(status("200 OK", "text/event-stream", "")), outcome: Malformed, error: "the response is empty"},
		{name: "nothing until the end", play: says(sse("")), outcome: Malformed, error: "the response is empty"},
		{name: "204", play: says("HTTP/1.1 204 No Content\r\n\r\n"), outcome: Malformed, error: "the response is empty"},
		{name: "only [DONE]", play: says(sse(done)), outcome: Empty, error: "the answer carried no token"},
		{name: "only a role", play: says(sse(ev(role, stop) + done)), outcome: Empty, error: "the answer carried no token"},
		{name: "a page", play: says(status("200 OK", "text/html", "<html><p>data: hello</p></html>")), outcome: Malformed, error: "not an event stream but text/html"},
		{name: "a page that calls itself a stream", play: says(sse("<html>\n<p>hello</p>\n</html>")), outcome: Malformed, error: "no event could be decoded: <html>"},
		{name: "no content type", play: says("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"), outcome: Malformed, error: "not an event stream but a response without"},
		{
			name: "an answer that is not streamed",
			play: says(status("200 OK", "application/json",
				`{"id":"1","object":"chat.completion","error":null,"choices":[{"message":{"content":"one"},"finish_reason":"stop"}]}`)),
			outcome: Malformed, error: "not an event stream but application/json",
		},
		{
			name:    "events that are not JSON",
			play:    says(sse(ev("one", "two", "<three>") + done)),
			outcome: Malformed, error: "no event could be decoded: data: one",
		},
		{name: "events of nothing that can be seen", play: says(sse("\x00\x1b\n\n")), outcome: Malformed, error: "no event could be decoded"},
		{name: "an error body of nothing that can be seen", play: says(status("400 Bad Request", "text/plain", "\u200b\x00")), outcome: BadRequest, error: "400 Bad Request"},
		{name: "a content type of nothing that can be seen", play: says(status("200 OK", "\u200b", "hello")), outcome: Malformed, error: "not an event stream"},
		{name: "events that are no objects", play: says(sse(ev("1", `"x"`, "null", "[]", "true") + done)), outcome: Malformed, error: "no event could be decoded"},
		{
			name: "gzip that nobody asked for",
			play: says("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\n\r\n" +
				gzipped(sound)),
			outcome: Malformed, error: "no event could be decoded",
		},
		{
			name: "a gzip bomb",
			play: says("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\n\r\n" +
				gzipped(strings.Repeat(ev(token), 1<<16))),
			outcome: Malformed, error: "no event could be decoded",
		},
		{
			name: "a change of protocol", play: func(c net.Conn) {
				says("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")(c)
				hold(c)
			},
			outcome: Malformed, error: "101 Switching Protocols",
		},
		{name: "no HTTP", play: says("SSH-2.0-OpenSSH_9.9\r\n"), outcome: Network},
		{name: "status 000", play: says("HTTP/1.1 000 \r\n\r\n"), outcome: Network},
		{name: "status 199", play: says("HTTP/1.1 199 \r\n\r\n"), outcome: Network},
		{name: "status 42", play: says("HTTP/1.1 042 x\r\nContent-Length: 0\r\n\r\n"), outcome: Malformed, error: "42"},
		{name: "status 999", play: says(status("999 x", "text/plain", "go away")), outcome: ServerError, error: "999: go away"},
		{name: "304", play: says("HTTP/1.1 304 Not Modified\r\n\r\n"), outcome: BadRequest, error: "304 Not Modified"},

		// Errors within a 200.
		{name: "a JSON error", play: says(status("200 OK", "application/json", `{"error":{"message":"over quota"}}`)), outcome: StreamError, error: "over quota"},
		{name: "a JSON error that calls itself a stream", play: says(sse(`{"error":{"message":"over quota"}}`)), outcome: StreamError, error: "over quota"},
		{name: "a JSON error over several lines", play: says(sse("{\n  \"error\": {\n    \"message\": \"over quota\"\n  }\n}\n")), outcome: StreamError, error: "over quota"},
		{name: "a JSON error in an array", play: says(status("200 OK", "application/json", `[{"error":{"code":400,"message":"over quota"}}]`)), outcome: StreamError, error: "over quota"},
		{
			name:    "a JSON error too long to be kept",
			play:    says(status("200 OK", "application/json", `{"error":{"message":"`+strings.Repeat("x", 10_000)+`"}}`)),
			outcome: StreamError, error: `{"error":{"message":"xxx`,
		},
		{name: "an error of a kind", play: says(status("200 OK", "application/json", `{"object":"error","message":"over quota"}`)), outcome: StreamError, error: "over quota"},
		{name: "an error event after a comment", play: says(sse(comment + ev(role, token) + comment + ev(`{"error":{"message":"over quota"}}`))), outcome: StreamError, error: "over quota"},
		{name: "an error on a chunk that looks sound", play: says(sse(ev(token, `{"error":{"message":"over quota"},"choices":[{"delta":{"content":""},"finish_reason":"error"}]}`) + done)), outcome: StreamError, error: "over quota"},
		{name: "an event named error", play: says(sse(ev(token) + "event: error\n" + ev(`{"message":"over quota"}`) + ev(stop) + done)), outcome: StreamError, error: "over quota"},
		{name: "an event named error that is no JSON", play: says(sse(ev(token) + "event: error\n" + ev("over quota") + ev(stop) + done)), outcome: StreamError, error: "over quota"},
		{name: "an error without a message", play: says(sse(ev(token, `{"error":""}`, stop) + done)), outcome: StreamError, error: "an error without a message"},
		{name: "a long JSON error", play: says(sse(ev(token, `{"error":{"message":"over quota","trace":"`+strings.Repeat("x", 60_000)+`"}}`))), outcome: StreamError, error: "over quota"},
		{
			name: "a JSON error larger than an event may be", play: says(status("200 OK", "application/json", `{"error":{"message":"over quota","trace":"`+strings.Repeat("x", 100_000)+`"}}`)),
			outcome: StreamError, error: `{"error":{"message":"over quota","trace":"xxx`,
		},
		{name: "a page larger than an event may be", play: says(status("200 OK", "text/html", "<html>"+strings.Repeat("x", 100_000))), outcome: Malformed, error: "not an event stream but text/html"},
		{name: "the first of two errors", play: says(sse(ev(`{"error":"over quota"}`, `{"error":"the request failed"}`))), outcome: StreamError, error: "over quota"},
		{name: "an error that is null is none", play: says(sse(ev(`{"error":null,"choices":[{"delta":{"content":"x"}}]}`, stop) + done)), outcome: OK},
		{
			name: "errors 5,000 deep", // each level must not be decoded anew
			play: says(sse(strings.Repeat(ev(strings.Repeat(`{"error":`, 5000)+`"x"`+strings.Repeat("}", 5000)), 10))), outcome: StreamError,
		},

		// Odd, but sound.
		{
			name: "one byte at a time",
			play: func(c net.Conn) {
				for _, b := range []byte(sse(comment + sound)) {
					if _, err := c.Write([]byte{b}); err != nil {
						return
					}
				}
			},
			outcome: OK,
			check: func(t *testing.T, s Sample) {
				if s.Events != 2 || s.Usage.Output != Known[int64](2) {
					t.Errorf("%d events, usage %+v", s.Events, s.Usage)
				}
			},
		},
		{name: "400 heartbeats before the first token", play: says(sse(strings.Repeat(comment, 400) + sound)), outcome: OK},
		{name: "400 empty lines before the first token", play: says(sse(strings.Repeat("\n", 400) + sound)), outcome: OK},
		{name: "[DONE] twice", play: says(sse(sound + done)), outcome: OK},
		{
			name: "tokens and an error after [DONE]",
			play: says(sse(sound + ev(token, `{"error":"late"}`))), outcome: OK,
			check: func(t *testing.T, s Sample) {
				if s.Events != 2 {
					t.Errorf("%d events", s.Events)
				}
			},
		},
		{name: "[DONE], and then silence", play: func(c net.Conn) { says(sse(sound))(c); hold(c) }, outcome: OK},
		{name: "[DONE], and then no end", play: func(c net.Conn) { says(sse(sound))(c); until(c, ev(token), 0) }, outcome: OK},
		{
			name: "a bundle of 10,000 tokens, and the results of a search",
			play: says(sse(ev(token, `{"choices":[{"delta":{"content":"`+strings.Repeat("seven ", 10_000)+`"}}]}`,
				`{"search_results":["`+strings.Repeat("x", 60_000)+`"],"choices":[{"delta":{"content":"x"}}]}`, stop, usage(9, 9)) + done)), outcome: OK,
			check: func(t *testing.T, s Sample) {
				if s.Events != 3 {
					t.Errorf("%d events", s.Events)
				}
			},
		},
		{name: "carriage returns", play: says(sse(strings.ReplaceAll(sound, "\n", "\r"))), outcome: OK},
		{name: "a content type in capitals", play: says("HTTP/1.1 200 OK\r\nContent-Type: TEXT/Event-Stream;charset=x\r\n\r\n" + sound), outcome: OK},
		{name: "a stream that is called text", play: says("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" + sound), outcome: OK},
		{name: "some events that are not JSON", play: says(sse(ev("junk", token, "{", token, stop) + done)), outcome: OK},
		{
			name: "JSON 10,000 deep", // beside a sound stream it is one event that cannot be read
			play: says(sse(ev(token, strings.Repeat("[", 10_000)+strings.Repeat("]", 10_000),
				`{"x":`+strings.Repeat("[", 10_001)+strings.Repeat("]", 10_001)+"}", token, stop) + done)),
			outcome: OK,
		},
		{name: "JSON 10,000 deep and nothing else", play: says(sse(ev(`{"x":` + strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001) + "}"))), outcome: Malformed, error: "no event could be decoded"},
		{
			name: "thinking 3,000 deep",
			play: says(sse(strings.Repeat(ev(`{"choices":[{"delta":{"content":`+`[{"text":"x","thinking":`+strings.Repeat(`[{"thinking":`, 3000)+`"x"`+strings.Repeat("}]", 3000)+`}]`+`}}]}`), 10) + done)),
			check: func(t *testing.T, s Sample) {
				if s.Events != 10 {
					t.Errorf("%d events", s.Events)
				}
			},
			outcome: OK,
		},
		{
			name: "fields of the wrong type beside a token",
			play: says(sse(ev(
				`{"object":7,"choices":[{"delta":{"content":"x","reasoning":{},"tool_calls":"none"},"finish_reason":0}],"usage":"none"}`,
				`{"id":[],"choices":[7,{"delta":{"content":"x"}}],"usage":{"prompt_tokens":"9","completion_tokens":2}}`, stop) + done)),
			outcome: OK,
			check: func(t *testing.T, s Sample) {
				if s.Events != 2 || s.Usage != (Usage{Output: Known[int64](2)}) {
					t.Errorf("%d events, usage %+v", s.Events, s.Usage)
				}
			},
		},
		{name: "content that is no text", play: says(sse(ev(`{"choices":[{"delta":{"content":5}}]}`, `{"choices":[{"delta":{"content":false}}]}`, stop) + done)), outcome: Empty, error: "the answer"},

		// Usage that is none.
		{name: "usage in strings", play: says(withUsage(`{"prompt_tokens":"9","completion_tokens":"2"}`)), outcome: OK, check: usageIs(Usage{})},
		{name: "usage that is negative", play: says(withUsage(`{"prompt_tokens":-9,"completion_tokens":-2,"total_tokens":-11}`)), outcome: OK, check: usageIs(Usage{})},
		{name: "usage beyond all numbers", play: says(withUsage(`{"prompt_tokens":1e999,"completion_tokens":99999999999999999999}`)), outcome: OK, check: usageIs(Usage{})},
		{name: "usage in halves", play: says(withUsage(`{"prompt_tokens":9.0,"completion_tokens":1.5}`)), outcome: OK, check: usageIs(Usage{Input: Known[int64](9)})},
		{name: "usage in a list", play: says(withUsage(`[9,2]`)), outcome: OK, check: usageIs(Usage{})},
		{name: "usage, and then none", play: says(sse(ev(token, usage(9, 1), `{"choices":[],"usage":{}}`, `{"choices":[],"usage":null}`, stop) + done)), outcome: OK, check: usageIs(Usage{Input: Known[int64](9), Output: Known[int64](1)})},
		// The profile asks for 12 tokens; its 12 bytes are 40 at most.
		{name: "usage as large as is believed", play: says(withUsage(`{"prompt_tokens":2560,"completion_tokens":768}`)), outcome: OK, check: usageIs(Usage{Input: Known[int64](2560), Output: Known[int64](768)})},
		{name: "more output than can be", play: says(withUsage(`{"prompt_tokens":9,"completion_tokens":769,"completion_tokens_details":{"reasoning_tokens":700}}`)), outcome: OK, check: usageIs(Usage{Input: Known[int64](9)})},
		{name: "more input than can be", play: says(withUsage(`{"prompt_tokens":2561,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":2000}}`)), outcome: OK, check: usageIs(Usage{Output: Known[int64](2)})},
		{name: "more in sum than can be", play: says(withUsage(`{"prompt_tokens":9,"completion_tokens":2,"total_tokens":1000000000}`)), outcome: OK, check: usageIs(Usage{Input: Known[int64](9)})},
		{name: "more reasoning than can be", play: says(withUsage(`{"prompt_tokens":9,"completion_tokens":2,"completion_tokens_details":{"reasoning_tokens":1000000}}`)), outcome: OK, check: usageIs(Usage{Input: Known[int64](9), Output: Known[int64](2)})},
		{name: "more cached than can be", play: says(withUsage(`{"prompt_tokens":9,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":1000000}}`)), outcome: OK, check: usageIs(Usage{Input: Known[int64](9), Output: Known[int64](2)})},
		{
			name: "more cached than can be, by llama.cpp", play: says(sse(ev(token, `{"choices":[],"timings":{"cache_n":1000000},"usage":{"prompt_tokens":9,"completion_tokens":2}}`, stop) + done)),
			outcome: OK, check: usageIs(Usage{Input: Known[int64](9), Output: Known[int64](2)}),
		},
		{
			name: "more tokens cached and thought than there are", play: says(withUsage(`{"prompt_tokens":9,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":90},"completion_tokens_details":{"reasoning_tokens":70}}`)),
			outcome: OK, check: func(t *testing.T, s Sample) {
				if !s.Flags.Has(CacheHit) || s.TPOT.Known {
					t.Errorf("flags %v, TPOT %v", s.Flags.Names(), s.TPOT)
				}
			},
		},

		// Texts that are not fit to be shown.
		{name: "escape sequences in an error", play: says(status("400 Bad Request", "text/plain", "\x1b]0;pwned\a\x1b[2J\u202eno\r\n\r\nway\xff")), outcome: BadRequest, error: "400 Bad Request: ]0;pwned [2Jno way?"},
		{name: "escape sequences in a JSON error", play: says(status("400 Bad Request", "application/json", `{"error":{"message":"\u001b[31mred\u202e\u0000\ud800"}}`)), outcome: BadRequest, error: "400 Bad Request: [31mred ?"},
		{name: "escape sequences in a content type", play: says(status("200 OK", "text/\x1b[31mred", "hello")), outcome: Network},
		{name: "bytes in a content type", play: says(status("200 OK", "text/\xff\xc2\x9b31m", "hello")), outcome: Malformed, error: "not an event stream but text/? 31m"},
		{name: "an endless content type", play: says(status("200 OK", strings.Repeat("x", 100_000), "hello")), outcome: Malformed, error: "not an event stream but xxx"},
		{name: "a long error", play: says(status("400 Bad Request", "text/plain", strings.Repeat("漢", 20_000))), outcome: BadRequest, error: "400 Bad Request: 漢漢"},
		{name: "a page for an error", play: says(status("502 Bad Gateway", "text/html", "<html>nginx</html>")), outcome: ServerError, error: "502 Bad Gateway"},
		{name: "escape sequences in a redirect", play: says("HTTP/1.1 302 Found\r\nLocation: http://h/\xc2\x9b\r\nContent-Length: 0\r\n\r\n"), outcome: BadRequest, error: "302 Found: redirected to http://h/"},
		{name: "a redirect to no URL", play: says("HTTP/1.1 302 Found\r\nLocation: http://u:hunter2@%zz/?hunter2\r\nContent-Length: 0\r\n\r\n"), outcome: BadRequest, error: "302 Found: redirected to %zz/"},
		{name: "a redirect to nowhere", play: says("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"), outcome: BadRequest, error: "302 Found"},

		// The key sent back.
		{name: "the key in an error", play: says(status("401 Unauthorized", "application/json", `{"error":"bad key Bearer `+testKey+`"}`)), outcome: Auth, error: "401 Unauthorized: bad key Bearer [key]"},
		{name: "the key where an error is cut", play: says(status("401 Unauthorized", "text/plain", strings.Repeat("x", 260)+testKey)), outcome: Auth, error: "401 Unauthorized: xxx"},
		{name: "the key in pieces", play: says(status("401 Unauthorized", "text/plain", "Bearer "+strings.Join(strings.Split(testKey, ""), "\u200b"))), outcome: Auth, error: "401 Unauthorized: Bearer [key]"},
		{name: "the key in an event", play: says(sse(ev(`{"error":{"message":"` + testKey + `"}}`))), outcome: StreamError, error: "[key]"},
		{name: "the key in a content type", play: says(status("200 OK", "text/"+strings.Repeat("x", 40)+testKey, "hello")), outcome: Malformed, error: "not an event stream but text/xxx"},
		{name: "the key in a redirect", play: says("HTTP/1.1 302 Found\r\nLocation: http://h/" + testKey + "\r\nContent-Length: 0\r\n\r\n"), outcome: BadRequest, error: "302 Found: redirected to http://h/[key]"},
		{name: "the key in what is no event", play: says(sse("Authorization: Bearer " + testKey)), outcome: Malformed, error: "no event could be decoded: Authorization: Bearer [key]"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			target := keyed(t, listen(t, tc.play), "m")
			begun := time.Now()
			s := connect(t, tc.limits, nil).Probe(t.Context(), Attempt{Target: target, Profile: short})
			if took := time.Since(begun); took > 8*time.Second {
				t.Errorf("took %v", took)
			}
			checkSample(t, s)
			if s.Outcome != tc.outcome || !strings.HasPrefix(s.Error, tc.error) {
				t.Errorf("got %v %q, want %v %q", s.Outcome, s.Error, tc.outcome, tc.error)
			}
			if strings.Contains(s.Error, "hunter2") || strings.Contains(s.Error, testKey[:5]) {
				t.Errorf("a secret in %q", s.Error)
			}
			if tc.check != nil {
				tc.check(t, s)
			}
		})
	}
}

func usageIs(want Usage) func(*testing.T, Sample) {
	return func(t *testing.T, s Sample) {
		t.Helper()
		if s.Usage != want {
			t.Errorf("usage %+v, want %+v", s.Usage, want)
		}
	}
}

func TestClosedAtAccept(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var served sync.WaitGroup
	served.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_ = conn.Close()
		}
	})
	t.Cleanup(func() { _ = l.Close(); served.Wait() })
	s := connect(t, Limits{}, nil).Probe(t.Context(), Attempt{Target: keyed(t, "http://"+l.Addr().String()+"/v1", "m"), Profile: short})
	checkSample(t, s)
	if s.Outcome != Network || s.Status != 0 {
		t.Errorf("got %v %q", s.Outcome, s.Error)
	}
}

// A server that takes the connection and never speaks TLS is one that cannot be
// connected to.
func TestSilentTLS(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var served sync.WaitGroup
	served.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			served.Go(func() { hold(conn); _ = conn.Close() })
		}
	})
	t.Cleanup(func() { _ = l.Close(); served.Wait() })
	s := connect(t, Limits{Connect: 80 * ms}, nil).Probe(t.Context(), Attempt{
		Target: keyed(t, "https://"+l.Addr().String()+"/v1", "m"), Profile: short, Cold: true,
	})
	checkSample(t, s)
	// Which of the two limits on the handshake strikes first is left open.
	if (s.Outcome != Timeout || s.Error != "no connection within 80ms") && (s.Outcome != Network || !strings.Contains(s.Error, "TLS handshake timeout")) {
		t.Errorf("got %v %q", s.Outcome, s.Error)
	}
}

// Wherever a redirect leads, nobody is asked there: the key is only for the host
// that the target names.
func TestRedirect(t *testing.T) {
	for _, code := range []int{301, 302, 303, 307, 308} {
		var contacted atomic.Int64
		other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { contacted.Add(1) }))
		t.Cleanup(other.Close)
		host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL+"/v1/chat/completions?hunter2", code)
		}))
		t.Cleanup(host.Close)
		client, target := connect(t, Limits{}, nil), keyed(t, host.URL+"/v1", "m")
		client.Warm(t.Context(), []Target{target})
		s := client.Probe(t.Context(), Attempt{Target: target, Profile: short})
		checkSample(t, s)
		if s.Outcome != BadRequest || s.Status != code || !strings.HasSuffix(s.Error, "redirected to "+other.URL+"/v1/chat/completions") {
			t.Errorf("%d: got %v %d %q", code, s.Outcome, s.Status, s.Error)
		}
		if n := contacted.Load(); n != 0 {
			t.Errorf("%d: the other host was asked %d times", code, n)
		}
	}
}

// A server that sends back whatever it was sent, key included.
func TestEcho(t *testing.T) {
	for _, code := range []int{200, 400, 401, 500} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Echo", r.Header.Get("Authorization"))
			w.WriteHeader(code)
			fmt.Fprintf(w, `{"error":{"message":"you sent %s"}}`, r.Header.Get("Authorization"))
		}))
		t.Cleanup(server.Close)
		s := connect(t, Limits{}, nil).Probe(t.Context(), Attempt{Target: keyed(t, server.URL+"/v1", "m"), Profile: short})
		checkSample(t, s)
		if !strings.Contains(s.Error, "you sent Bearer [key]") {
			t.Errorf("%d: %v %q", code, s.Outcome, s.Error)
		}
	}
}

// memory is a transport without a network.
type memory struct {
	answer func(*http.Request) (*http.Response, error)
	// silent leaves the connection unmade until the request is given up.
	silent bool
}

// RoundTrip implements http.RoundTripper. Requests that only warm get a 404.
func (m *memory) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodHead {
		return respond(r, http.StatusNotFound, "text/plain", http.NoBody), nil
	}
	trace := httptrace.ContextClientTrace(r.Context())
	trace.GetConn(r.URL.Host)
	if m.silent {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	trace.GotConn(httptrace.GotConnInfo{Reused: true, WasIdle: true})
	return m.answer(r)
}

func respond(r *http.Request, status int, contentType string, body io.Reader) *http.Response {
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {contentType}}, Body: io.NopCloser(body), Request: r,
	}
}

// part is what a body holds from an instant on.
type part struct {
	at   time.Duration
	text string
}

// timed is a body whose parts come at their time, counted from its first read.
type timed struct {
	ctx   context.Context
	start time.Time
	parts []part
	end   error // after the last part; nil for never
}

func (b *timed) Read(p []byte) (int, error) {
	if b.start.IsZero() {
		b.start = time.Now()
	}
	if len(b.parts) == 0 {
		if b.end != nil {
			return 0, b.end
		}
		<-b.ctx.Done()
		return 0, b.ctx.Err()
	}
	if !sleepUntil(b.ctx, b.start.Add(b.parts[0].at)) {
		return 0, b.ctx.Err()
	}
	n := copy(p, b.parts[0].text)
	if b.parts[0].text = b.parts[0].text[n:]; b.parts[0].text == "" {
		b.parts = b.parts[1:]
	}
	return n, nil
}

// The limits and the stamps to the nanosecond, on a clock that moves only when
// everybody waits.
func TestClock(t *testing.T) {
	const s = time.Second
	every := func(d time.Duration, n int, text string) (all []part) {
		for i := range n {
			all = append(all, part{at: time.Duration(i+1) * d, text: text})
		}
		return all
	}
	for _, tc := range []struct {
		name    string
		limits  Limits
		silent  bool // no connection
		mute    bool // no headers
		status  int
		parts   []part
		end     error
		outcome Outcome
		error   string
		took    time.Duration
		ttft    Measured[time.Duration]
		e2e     Measured[time.Duration]
	}{
		{name: "no connection", silent: true, outcome: Timeout, error: "no connection within 10s", took: 10 * s},
		{name: "no headers", mute: true, outcome: Timeout, error: "no first token within 1m0s", took: 60 * s},
		{name: "no token", outcome: Timeout, error: "no first token within 1m0s", took: 60 * s},
		{name: "heartbeats", parts: every(s, 500, comment), outcome: Timeout, error: "no first token within 1m0s", took: 60 * s},
		{name: "role deltas", parts: every(s, 500, ev(role)), outcome: Timeout, error: "no first token within 1m0s", took: 60 * s},
		{
			name: "a pause, told by heartbeats", parts: append([]part{{11 * s, ev(token)}}, every(12*s, 500, comment)...),
			outcome: Timeout, error: "no further token within 30s", took: 41 * s, ttft: known(11 * s), e2e: known(11 * s),
		},
		{
			name: "a first token at the last moment", parts: []part{{60*s - 1, ev(token)}},
			outcome: Timeout, error: "no further token within 30s", took: 90*s - 1, ttft: known(60*s - 1), e2e: known(60*s - 1),
		},
		{
			name: "a pause just short enough", parts: []part{{s, ev(token)}, {31*s - 1, ev(token, stop) + done}},
			outcome: OK, took: 31*s - 1 + drainTime, ttft: known(s), e2e: known(31*s - 1),
		},
		{
			name: "tokens without end", parts: every(7*s, 500, ev(token)),
			outcome: Timeout, error: "no end of the answer within 3m0s", took: 180 * s, ttft: known(7 * s), e2e: known(175 * s),
		},
		{
			name: "a limit on the first token below that on connecting", limits: Limits{FirstToken: 2 * s},
			outcome: Timeout, error: "no first token within 2s", took: 2 * s,
		},
		{
			name: "a limit on pauses below all others", limits: Limits{Idle: s}, parts: []part{{2 * s, ev(token)}},
			outcome: Timeout, error: "no further token within 1s", took: 3 * s, ttft: known(2 * s), e2e: known(2 * s),
		},
		{
			name: "a limit on all below the others", limits: Limits{Total: s}, parts: []part{{ms, ev(token)}},
			outcome: Timeout, error: "no end of the answer within 1s", took: s, ttft: known(ms), e2e: known(ms),
		},
		{
			name: "a finish reason without tokens, and then silence", parts: []part{{s, ev(role, stop)}},
			outcome: Empty, error: "the answer carried no token", took: 60 * s,
		},
		{
			name: "a finish reason, and then silence", parts: []part{{s, ev(token, stop)}},
			outcome: OK, took: 31 * s, ttft: known(s), e2e: known(s),
		},
		{
			name: "an error event, and then silence", parts: []part{{s, ev(token, `{"error":"over quota"}`)}},
			outcome: StreamError, error: "over quota", took: 31 * s, ttft: known(s), e2e: known(s),
		},
		{
			name: "a refusal whose body never ends", status: 429, parts: []part{{s, "slow"}},
			outcome: RateLimited, error: "429 Too Many Requests: slow", took: 60 * s,
		},
		{
			name: "[DONE], and then silence", parts: []part{{s, ev(token) + done}},
			outcome: OK, took: s + drainTime, ttft: known(s), e2e: known(s),
		},
		{
			name: "[DONE], and then heartbeats", parts: append([]part{{s, ev(token) + done}}, every(s+10*ms, 500, comment)...),
			outcome: OK, took: s + drainTime, ttft: known(s), e2e: known(s),
		},
		{
			// Some servers send the blank line that ends an event with the next.
			name: "blank lines that come late", end: io.EOF,
			parts:   []part{{s, "data: " + token + "\n"}, {2 * s, "\ndata: " + token + "\n"}, {5 * s, "\n" + ev(stop)}},
			outcome: OK, took: 5 * s, ttft: known(s), e2e: known(2 * s),
		},
		{
			name: "a last line without its end", end: io.EOF,
			parts:   []part{{s, ev(token, stop)}, {2 * s, "data: " + token}, {9 * s, ""}},
			outcome: OK, took: 9 * s, ttft: known(s), e2e: known(2 * s),
		},
		{
			name: "an event in pieces is there when its line ends", end: io.EOF,
			parts:   []part{{s, "data: " + token[:9]}, {2 * s, token[9:] + "\n\n"}, {3 * s, ev(stop)}},
			outcome: OK, took: 3 * s, ttft: known(2 * s), e2e: known(2 * s),
		},
		{
			name: "broken off", parts: []part{{s, ev(token)}, {2 * s, ev(token)}}, end: errors.New("\x1b[31mbroken\npipe"),
			outcome: Truncated, error: "the stream broke off: [31mbroken pipe", took: 2 * s, ttft: known(s), e2e: known(2 * s),
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			target := keyed(t, "http://h/v1", "m")
			synctest.Test(t, func(t *testing.T) {
				transport := &memory{silent: tc.silent, answer: func(r *http.Request) (*http.Response, error) {
					if tc.mute {
						<-r.Context().Done()
						return nil, r.Context().Err()
					}
					status := max(tc.status, 200)
					ctx, cancel := context.WithCancel(r.Context())
					response := respond(r, status, "text/event-stream", &timed{ctx: ctx, parts: tc.parts, end: tc.end})
					response.Body = closing{response.Body, cancel}
					return response, nil
				}}
				begun := time.Now()
				got := newClient(tc.limits, nil, transport).Probe(t.Context(), Attempt{Target: target, Profile: short})
				took := time.Since(begun)
				checkSample(t, got)
				if got.Outcome != tc.outcome || got.Error != tc.error || took != tc.took {
					t.Errorf("got %v %q after %v, want %v %q after %v", got.Outcome, got.Error, took, tc.outcome, tc.error, tc.took)
				}
				if got.TTFT != tc.ttft || got.E2E != tc.e2e {
					t.Errorf("TTFT %v, E2E %v, want %v, %v", got.TTFT, got.E2E, tc.ttft, tc.e2e)
				}
			})
		})
	}
}

// closing ends a Read that waits, as the body of a real response does.
type closing struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (c closing) Close() error {
	c.cancel()
	return c.ReadCloser.Close()
}

// The person's interrupt, at every stage of an attempt.
func TestCancelled(t *testing.T) {
	const s = time.Second
	for _, tc := range []struct {
		name    string
		parts   []part
		status  int
		mute    bool
		silent  bool
		outcome Outcome
		events  int
	}{
		{name: "connecting", silent: true, outcome: Cancelled},
		{name: "before the headers", mute: true, outcome: Cancelled},
		{name: "between headers and body", outcome: Cancelled},
		{name: "between two tokens", parts: []part{{s, ev(token)}}, outcome: Cancelled, events: 1},
		{name: "after the finish reason", parts: []part{{s, ev(token, stop)}}, outcome: OK, events: 1},
		{name: "after an error event", parts: []part{{s, ev(token, `{"error":"over quota"}`)}}, outcome: StreamError, events: 1},
		{name: "after an end without tokens", parts: []part{{s, ev(role, stop)}}, outcome: Empty},
		{name: "in the body of a refusal", parts: []part{{s, "no"}}, status: 500, outcome: ServerError},
	} {
		t.Run(tc.name, func(t *testing.T) {
			target := keyed(t, "http://h/v1", "m")
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 3*s)
				defer cancel()
				transport := &memory{silent: tc.silent, answer: func(r *http.Request) (*http.Response, error) {
					if tc.mute {
						<-r.Context().Done()
						return nil, r.Context().Err()
					}
					return respond(r, max(tc.status, 200), "text/event-stream", &timed{ctx: r.Context(), parts: tc.parts}), nil
				}}
				begun := time.Now()
				got := newClient(Limits{}, nil, transport).Probe(ctx, Attempt{Target: target, Profile: short})
				checkSample(t, got)
				if took := time.Since(begun); got.Outcome != tc.outcome || got.Events != tc.events || took != 3*s {
					t.Errorf("got %v %q, %d events after %v", got.Outcome, got.Error, got.Events, took)
				}
			})
		})
	}
}

// The body of a failed response, too, is closed.
func TestBodiesAreClosed(t *testing.T) {
	for _, code := range []int{101, 200, 302, 401, 500} {
		for _, text := range []string{"", "hello", sound, strings.Repeat("x", 2<<20)} {
			closed := 0
			transport := &memory{answer: func(r *http.Request) (*http.Response, error) {
				response := respond(r, code, "text/event-stream", strings.NewReader(text))
				response.Body = closing{response.Body, func() { closed++ }}
				return response, nil
			}}
			s := newClient(Limits{}, nil, transport).Probe(t.Context(), Attempt{Target: keyed(t, "http://h/v1", "m"), Profile: short})
			checkSample(t, s)
			if closed == 0 {
				t.Errorf("%d with %d bytes: the body was left open", code, len(text))
			}
		}
	}
}

// However much a server sends, what is read and kept of it is bounded.
func TestRecordIsBounded(t *testing.T) {
	const slack = 64 << 10 // of one read, and of buffers
	for _, tc := range []struct {
		name   string
		status int
		first  string // and then, again and again,
		text   string
		read   int // at most, in bytes
		end    error
	}{
		{"empty events", 200, "", strings.Repeat("data\n\n", 2000), maxBody, errTooLarge},
		{"comments", 200, "", strings.Repeat(comment, 1000), maxBody, errTooLarge},
		{"one line", 200, "", "x", maxEventSize, errTooLarge},
		{"one event of many lines", 200, "", "data: x\n", 8 * maxEventSize, errTooLarge},
		{"an error body", 500, "", "x", maxErrorBody, errTooLarge},
		{"what follows [DONE]", 200, sound, "x", drainLimit, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			endless := &repeating{first: tc.first, text: strings.Repeat(tc.text, max(1, 4096/len(tc.text)))}
			transport := &memory{answer: func(r *http.Request) (*http.Response, error) {
				return respond(r, tc.status, "text/event-stream", endless), nil
			}}
			rec := &record{t0: time.Now()}
			target := Target{BaseURL: "http://h/v1", Model: "m"}
			_ = newClient(Limits{}, nil, transport).stream(t.Context(), transport, rec, Attempt{Target: target, Profile: short}, call{form: newForm(target, short)})
			kept := 0
			for _, e := range rec.events {
				kept += cap(e.data)
			}
			if !errors.Is(rec.end, tc.end) || len(rec.events) > maxEvents+slack/6 || kept > 2*maxBody || len(rec.head) > maxKept {
				t.Errorf("%v: %d events, %d bytes kept", rec.end, len(rec.events), kept)
			}
			if endless.sent > tc.read+slack {
				t.Errorf("%d bytes were read, at most %d are to be", endless.sent, tc.read)
			}
		})
	}
}

// More events than any answer has are too many, however small. The number stands
// here by itself: a bound that moved must not take its test along.
func TestEventsAreBounded(t *testing.T) {
	for events, want := range map[int]Outcome{49_000: OK, 51_000: Malformed} {
		stream := ev(token) + strings.Repeat("data: {}\n\n", events) + ev(stop) + done
		transport := &memory{answer: func(r *http.Request) (*http.Response, error) {
			return respond(r, 200, "text/event-stream", strings.NewReader(stream)), nil
		}}
		s := newClient(Limits{}, nil, transport).Probe(t.Context(), Attempt{Target: Target{Name: "a", Model: "m", BaseURL: "http://h/v1"}, Profile: short})
		checkSample(t, s)
		if s.Outcome != want || want != OK && s.Error != "response exceeds the size limit" {
			t.Errorf("%d events: %v %q", events, s.Outcome, s.Error)
		}
	}
}

// repeating is a body that nearly never ends.
type repeating struct {
	first, text string
	at, sent    int
}

func (r *repeating) Read(p []byte) (int, error) {
	if r.sent > 4*maxBody {
		return 0, io.EOF
	}
	var n int
	if r.first != "" {
		n = copy(p, r.first)
		r.first = r.first[n:]
	} else {
		n = copy(p, r.text[r.at:])
		r.at = (r.at + n) % len(r.text)
	}
	r.sent += n
	return n, nil
}

// cutUp gives a body in reads of the given size, and then its end.
type cutUp struct {
	text []byte
	size int
	end  error
}

func (c *cutUp) Read(p []byte) (int, error) {
	if len(c.text) == 0 {
		return 0, c.end
	}
	n := copy(p, c.text[:min(c.size, len(c.text))])
	c.text = c.text[n:]
	return n, nil
}

// Whatever bytes a server sends for a body, an attempt has one outcome, keeps the
// order of its figures and shows nothing that is not fit to be shown.
func FuzzProbe(f *testing.F) {
	for _, body := range []string{
		sound, comment + sound, ev(role, think, token, length, usage(9, 5)), ev(token), done, "", "<html>", `{"error":{"message":"x"}}`,
		`[{"error":"` + testKey + `"}]`, "event: error\n" + ev("no"), ev(`{"error":""}`), "data: " + token, strings.ReplaceAll(sound, "\n", "\r\n"),
		ev(`{"choices":[{"delta":{"content":[{"thinking":[1]}]}}],"usage":{"prompt_tokens":"9"}}`, stop),
		"\x1b[31m" + testKey, ev(`{"choices":[{"delta":{"content":"x"},"finish_reason":7}]}`) + "data: [DONE]",
	} {
		for _, status := range []uint16{200, 429} {
			f.Add([]byte(body), uint8(7), status, false)
		}
	}
	f.Setenv(testKeyEnv, testKey)
	f.Fuzz(func(t *testing.T, body []byte, size uint8, status uint16, broken bool) {
		text := &cutUp{text: body, size: int(size) + 1, end: io.EOF}
		if broken {
			text.end = io.ErrUnexpectedEOF
		}
		status = 100 + status%900
		transport := &memory{answer: func(r *http.Request) (*http.Response, error) {
			return respond(r, int(status), "text/event-stream", text), nil
		}}
		client := newClient(Limits{}, func(Target, Usage) (decimal.Decimal, bool) { return decimal.Decimal{}, true }, transport)
		target := Target{Name: "a", Model: "m", BaseURL: "http://h/v1", KeyEnv: testKeyEnv}
		client.touch(target, true) // no need to warm up
		s := client.Probe(t.Context(), Attempt{Target: target, Profile: short})
		checkSample(t, s)
		if s.Outcome == Cancelled || s.Outcome == Skipped || s.Outcome == Network {
			t.Errorf("%v %q", s.Outcome, s.Error)
		}
		if s.Status != int(status) || (s.Events > 0 && !success(s.Status)) {
			t.Errorf("status %d, %d events", s.Status, s.Events)
		}
		if s.USD.Valid != (s.Usage.Input.Known && s.Usage.Output.Known) {
			t.Errorf("cost %v of %+v", s.USD, s.Usage)
		}
	})
}
