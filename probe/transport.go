package probe

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"time"
)

// Bounds on what a server may send in one response. An honest answer to a probe
// has some hundred events; fifty hostile ones at once must fit into memory.
const (
	maxBody = 8 << 20 // bytes of body
	// maxEventSize is bytes of one event. An event of one token has some hundred;
	// what comes larger are bundles of tokens, the results of a search or a blob of
	// encrypted reasoning, and the whole of a long answer in one piece, which has
	// some 10,000 tokens at this size.
	maxEventSize = 64 << 10
	maxEvents    = 50_000
	maxErrorBody = 64 << 10 // bytes of body with a status that is no success
	maxKept      = 4 << 10  // bytes kept of a body that is no event stream
	drainLimit   = 4 << 10  // bytes read on Close so that the connection is reused
	drainTime    = 250 * time.Millisecond
)

var errTooLarge = errors.New("response exceeds the size limit")

// record is what the wire said during one attempt. Durations count from t0.
// The httptrace hooks and the watchdog run on goroutines of their own, so all of
// it is guarded.
type record struct {
	mu sync.Mutex
	t0 time.Time
	// most is what is believed of the usage.
	most tokens

	dnsStart, tlsStart     time.Duration
	dns, tls               Measured[time.Duration] // how long each took
	conn, wrote, firstByte Measured[time.Duration] // when each was there
	reused                 bool
	conns                  int // connections asked for: more than one is a retry below us

	status   int
	protocol string
	header   http.Header
	sse      bool   // the response calls itself an event stream
	head     []byte // the first bytes of a body, for telling what it was

	last   arrival // the newest read that brought anything
	bytes  int64
	events []event
	ended  bool
	end    error // nil when the body came to its proper end
}

// event is one event of the stream with its arrival.
type event struct {
	arrival
	name string
	data []byte
}

// trace observes the connection of the attempt.
func (r *record) trace() *httptrace.ClientTrace {
	mark := func(f func(at time.Duration)) {
		at := time.Since(r.t0)
		r.mu.Lock()
		defer r.mu.Unlock()
		f(at)
	}
	return &httptrace.ClientTrace{
		GetConn: func(string) { mark(func(time.Duration) { r.conns++ }) },
		GotConn: func(info httptrace.GotConnInfo) {
			mark(func(at time.Duration) { r.conn, r.reused = Known(at), info.Reused })
		},
		DNSStart:          func(httptrace.DNSStartInfo) { mark(func(at time.Duration) { r.dnsStart = at }) },
		DNSDone:           func(httptrace.DNSDoneInfo) { mark(func(at time.Duration) { r.dns = Known(at - r.dnsStart) }) },
		TLSHandshakeStart: func() { mark(func(at time.Duration) { r.tlsStart = at }) },
		TLSHandshakeDone: func(tls.ConnectionState, error) {
			mark(func(at time.Duration) { r.tls = Known(at - r.tlsStart) })
		},
		WroteRequest:         func(httptrace.WroteRequestInfo) { mark(func(at time.Duration) { r.wrote = Known(at) }) },
		GotFirstResponseByte: func() { mark(func(at time.Duration) { r.firstByte = Known(at) }) },
	}
}

// measuringDoer is the HTTPDoer handed to go-openai for one attempt: it times
// the request and puts a recording body in place of the server's. One doer, one
// record, one attempt: attempts share the transport below and nothing else.
type measuringDoer struct {
	transport http.RoundTripper
	rec       *record
	body      *recordingBody // nil until a response came
}

// Do sends the request. t0 is the moment it is called: the body is marshalled
// by then. It asks the transport and not an http.Client, which would follow a
// redirect: that could carry the key to another host, and would put a second
// round trip inside TTFT.
func (d *measuringDoer) Do(req *http.Request) (*http.Response, error) {
	rec := d.rec
	rec.mu.Lock()
	rec.t0 = time.Now()
	rec.mu.Unlock()
	resp, err := d.transport.RoundTrip(req.WithContext(httptrace.WithClientTrace(req.Context(), rec.trace())))
	if err != nil {
		rec.finish(err)
		return nil, err
	}
	rec.mu.Lock()
	rec.status, rec.protocol, rec.header = resp.StatusCode, Sanitize(resp.Proto, 20), resp.Header
	rec.sse = strings.HasPrefix(strings.ToLower(resp.Header.Get("Content-Type")), "text/event-stream")
	rec.mu.Unlock()
	if resp.StatusCode < http.StatusOK {
		// After a 101 the body is the bare connection, which no context ends.
		_ = resp.Body.Close()
		resp.Body = http.NoBody
	}
	d.body = &recordingBody{rec: rec, body: resp.Body, frames: framer{maxEvent: maxEventSize}}
	resp.Body = d.body
	return resp, nil
}

// close gives the connection back: go-openai leaves the body of a response with
// an error status open.
func (d *measuringDoer) close() {
	if d.body != nil {
		_ = d.body.Close()
	}
}

// recordingBody stamps each read, frames what came and records it. Of an event
// stream it hands go-openai the end alone, as one canonical "data:" line whatever
// the server's dialect: the verdict comes from the record, and looking at every
// event there as well costs more than all that is done here.
type recordingBody struct {
	rec    *record
	body   io.ReadCloser
	frames framer
	out    bytes.Buffer // what go-openai is to read and has not yet taken
	chunk  [16 << 10]byte
	closed bool
}

// Read implements io.Reader.
func (b *recordingBody) Read(p []byte) (int, error) {
	for b.out.Len() == 0 {
		if err := b.fill(); err != nil {
			return 0, err
		}
	}
	return b.out.Read(p)
}

// fill makes one read of the wire. It returns an error only when nothing more
// can come.
func (b *recordingBody) fill() error {
	rec := b.rec
	if rec.hasEnded() {
		return io.EOF
	}
	n, err := b.body.Read(b.chunk[:])
	at := time.Since(rec.t0)

	rec.mu.Lock()
	defer rec.mu.Unlock()
	if n > 0 {
		rec.last = arrival{read: rec.last.read + 1, at: at}
		rec.bytes += int64(n)
		if room := maxKept - len(rec.head); room > 0 {
			rec.head = append(rec.head, b.chunk[:min(n, room)]...)
		}
		if rec.status >= http.StatusBadRequest {
			b.out.Write(b.chunk[:n]) // an error body: go-openai reads it whole
		} else {
			b.frames.feed(b.chunk[:n], rec.last, b.take)
		}
	}
	limit := int64(maxBody)
	if !success(rec.status) {
		limit = maxErrorBody
	}
	if rec.bytes > limit || len(rec.events) > maxEvents || b.frames.overflow {
		err = errTooLarge
	}
	if err == nil {
		return nil
	}
	b.frames.finish(rec.last, b.take)
	rec.ended = true
	if !errors.Is(err, io.EOF) {
		rec.end = err
	}
	if b.out.Len() > 0 {
		return nil
	}
	return err
}

// take records an event; the caller holds the record's lock.
func (b *recordingBody) take(f framed) {
	b.rec.events = append(b.rec.events, event{arrival: f.arrival, name: f.name, data: f.data})
	if isDone(f.data) {
		b.out.WriteString("data: [DONE]\n")
	}
}

// Close reads what little is left, so that the connection can be used again,
// and closes the body. A body with more to come costs the connection.
func (b *recordingBody) Close() error {
	if b.closed {
		return nil
	}
	b.closed = true
	if !b.rec.hasEnded() {
		// A Read that waits is ended by Close from another goroutine, and a body
		// may be closed twice.
		timer := time.AfterFunc(drainTime, func() { _ = b.body.Close() })
		_, err := io.CopyN(io.Discard, b.body, drainLimit)
		timer.Stop()
		if errors.Is(err, io.EOF) {
			b.rec.finish(nil)
		}
	}
	return b.body.Close()
}

// success reports whether a status promises an answer.
func success(status int) bool {
	return status >= http.StatusOK && status < http.StatusMultipleChoices
}

// reusable reports whether the response came to its proper end, which leaves its
// connection to the next request.
func (r *record) reusable() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.status != 0 && r.ended && r.end == nil
}

func (r *record) hasEnded() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ended
}

func (r *record) finish(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.ended {
		r.ended, r.end = true, err
	}
}

// newTransport is the connection pool shared by all attempts of a client.
func newTransport(connect time.Duration) *http.Transport {
	tr, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		tr = &http.Transport{}
	}
	tr = tr.Clone()
	// A compressed stream is buffered by the compressor: tokens would arrive in
	// clumps that the model never made.
	tr.DisableCompression = true
	tr.MaxIdleConns, tr.MaxIdleConnsPerHost = 256, 64
	tr.IdleConnTimeout = 90 * time.Second
	tr.TLSHandshakeTimeout = connect
	tr.MaxResponseHeaderBytes = 256 << 10
	return tr
}

// timeoutError is the cause that a watchdog ends an attempt with.
type timeoutError struct {
	which string // connect, first token, token idle, deadline
	after time.Duration
}

func (e *timeoutError) Error() string { return fmt.Sprintf("no %s within %s", e.which, e.after) }

// Limits bound one attempt in time. The zero value of a field means its default.
type Limits struct {
	// Connect bounds the time to a usable connection (10 s).
	Connect time.Duration
	// FirstToken bounds TTFT (60 s).
	FirstToken time.Duration
	// Idle bounds the pause between two tokens; heartbeats do not feed it (30 s).
	Idle time.Duration
	// Total bounds the attempt (180 s).
	Total time.Duration
}

func (l Limits) withDefaults() Limits {
	set := func(d *time.Duration, def time.Duration) {
		if *d <= 0 {
			*d = def
		}
	}
	set(&l.Connect, 10*time.Second)
	set(&l.FirstToken, 60*time.Second)
	set(&l.Idle, 30*time.Second)
	set(&l.Total, 180*time.Second)
	return l
}

// watch ends the attempt with a *timeoutError as cause when a limit passes. It
// decodes events only when a limit could have passed, so that nothing but the
// read itself happens while tokens arrive. The returned function stops it.
func (r *record) watch(limits Limits, cancel context.CancelCauseFunc) (stop func()) {
	done := make(chan struct{})
	go func() {
		started := time.Now()
		timer := time.NewTimer(min(limits.Connect, limits.FirstToken, limits.Idle, limits.Total))
		defer timer.Stop()
		for {
			select {
			case <-done:
				return
			case <-timer.C:
			}
			expired, next := r.expired(limits, time.Since(started))
			if expired != nil {
				cancel(expired)
				return
			}
			timer.Reset(max(next, time.Millisecond))
		}
	}()
	return sync.OnceFunc(func() { close(done) })
}

// expired says which limit has passed at the given age of the attempt, or for
// how long none can, whatever arrives meanwhile.
func (r *record) expired(limits Limits, age time.Duration) (*timeoutError, time.Duration) {
	r.mu.Lock()
	events, connected := r.events, r.conn.Known
	r.mu.Unlock()
	last, begun := lastToken(events)
	switch {
	case age >= limits.Total:
		return &timeoutError{"end of the answer", limits.Total}, 0
	case begun && age-last >= limits.Idle:
		return &timeoutError{"further token", limits.Idle}, 0
	case begun:
		return nil, min(limits.Total-age, limits.Idle-(age-last))
	case !connected && age >= limits.Connect:
		return &timeoutError{"connection", limits.Connect}, 0
	case age >= limits.FirstToken:
		return &timeoutError{"first token", limits.FirstToken}, 0
	}
	// The first token may come at once, and no other.
	next := min(limits.Total-age, limits.FirstToken-age, limits.Idle)
	if !connected {
		next = min(next, limits.Connect-age)
	}
	return nil, next
}
