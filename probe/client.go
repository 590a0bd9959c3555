package probe

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"time"

	openai "github.com/sashabaranov/go-openai"
	"github.com/shopspring/decimal"
)

// PriceFunc says what a request to target that took usage cost, in USD. ok is
// false where the price is not known.
type PriceFunc func(target Target, usage Usage) (usd decimal.Decimal, ok bool)

// Client makes single attempts. It is safe for concurrent use; attempts share
// its connection pool and nothing else. The zero value is not usable.
type Client struct {
	// Charged reports a target on loopback that costs money all the same, such as a
	// proxy: nothing is sent to it but what is measured. nil for none. It is to be
	// set before the first use.
	Charged func(Target) bool

	transport http.RoundTripper
	limits    Limits
	price     PriceFunc
	health    health
	keys      keyCache
	knobs     knobs

	mu sync.Mutex
	// used holds, by host, when a connection was last left idle: past
	// keepWarm it may have been closed by the other side.
	used map[string]time.Time
	// silent holds, by host, when a warm-up was last left without an answer.
	silent map[string]time.Time
	// answered holds when a model last generated a token.
	answered map[endpoint]time.Time
}

// NewClient returns a client with the given limits. price may be nil: then no
// sample knows what it cost.
func NewClient(limits Limits, price PriceFunc) *Client {
	limits = limits.withDefaults()
	return newClient(limits, price, newTransport(limits.Connect))
}

// newClient returns a client over a transport of the caller's.
func newClient(limits Limits, price PriceFunc, transport http.RoundTripper) *Client {
	if price == nil {
		price = func(Target, Usage) (decimal.Decimal, bool) { return decimal.Decimal{}, false }
	}
	return &Client{
		transport: transport, limits: limits.withDefaults(), price: price, knobs: knobs{of: map[endpoint]*learned{}},
		used: map[string]time.Time{}, silent: map[string]time.Time{}, answered: map[endpoint]time.Time{},
	}
}

// Close gives up the idle connections, and ends what is still being read for a key.
func (c *Client) Close() {
	c.keys.close()
	if pool, ok := c.transport.(interface{ CloseIdleConnections() }); ok {
		pool.CloseIdleConnections()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.used)
}

// Attempt says what to send.
type Attempt struct {
	Target  Target
	Profile Profile
	// Due is when the attempt should have started; zero for now.
	Due time.Time
	// Cold gives the attempt a connection of its own, opened for it and closed
	// after it. The idle ones of others stay as they are.
	Cold bool
	// Concurrency is how many attempts at the target are made at once, this one
	// among them; 0 for 1. More than one is a load test, and a series of its own.
	Concurrency int

	// question is asked in place of the profile's prompt; nil for none.
	question *Question
}

// asked are the fields that the attempt needs beside those of every request.
func (a *Attempt) asked() map[string]json.RawMessage {
	if a.question == nil {
		return nil
	}
	return a.question.asked()
}

// inputTokens is how many tokens the attempt takes to send, at most.
func (a *Attempt) inputTokens() int {
	if a.question != nil {
		return a.question.InputTokens()
	}
	return a.Profile.inputTokens(a.Target)
}

// Probe makes one attempt and returns its record. It does not fail: what went
// wrong is the sample's outcome.
func (c *Client) Probe(ctx context.Context, a Attempt) Sample {
	s, _ := c.attempt(ctx, a)
	return s
}

// attempt is Probe with the record of the wire, nil where nothing was sent.
func (c *Client) attempt(ctx context.Context, a Attempt) (Sample, *record) {
	s := Sample{Target: a.Target.Identity(), Profile: a.Profile.Name, At: time.Now().UTC(), Concurrency: max(1, a.Concurrency)}
	call, err := c.call(ctx, a.Target, a.Profile, a.asked())
	s.Cap = call.form.cap
	if err != nil {
		s.Outcome, s.Error = Auth, Sanitize(err.Error(), maxErrorText)
		if ctx.Err() != nil {
			s.Outcome, s.Error = Cancelled, interrupted
		}
		return s, nil
	}
	transport := c.transport
	if a.Cold {
		var done func()
		transport, done = c.unused()
		defer done()
	} else {
		c.Prepare(ctx, a.Target, a.Profile)
	}
	if c.unloaded(a.Target) {
		s.Flags |= ModelLoad
	}

	self := c.health.begin()
	rec := &record{t0: time.Now(), most: believable(a.inputTokens(), call.form.cap)}
	attemptCtx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop := rec.watch(c.limits, cancel)
	s.At = time.Now().UTC()
	if !a.Due.IsZero() {
		s.Queue = max(0, s.At.Sub(a.Due))
	}
	err = c.stream(attemptCtx, transport, rec, a, call)
	late, stepped := self.end()
	stop()
	if !a.Cold {
		c.touch(a.Target, rec.reusable())
	}

	rec.fill(&s)
	rec.judge(ctx, attemptCtx, &s, err)
	if s.TTFT.Known {
		c.generated(a.Target)
	}
	s.Flags |= healthFlags(late, stepped, s.TTFT.Value)
	c.learn(a.Target, call.form, rec, &s)
	s.Error = call.scrub(s.Error)
	if s.Queue > max(5*time.Millisecond, s.TTFT.Value/100) {
		s.Flags |= Late
	}
	if s.Usage.Input.Known && s.Usage.Output.Known {
		if usd, ok := c.price(a.Target, s.Usage); ok {
			s.USD = decimal.NewNullDecimal(usd)
		}
	}
	return s, rec
}

// unused is a transport without an open connection, and what gives it up again.
func (c *Client) unused() (http.RoundTripper, func()) {
	pool, ok := c.transport.(*http.Transport)
	if !ok {
		return c.transport, func() {}
	}
	pool = pool.Clone()
	return pool, pool.CloseIdleConnections
}

// stream sends the request through go-openai and reads the answer to its end.
// Its error is only a hint: the verdict comes from the record.
func (c *Client) stream(ctx context.Context, transport http.RoundTripper, rec *record, a Attempt, call call) error {
	config := openai.DefaultConfig("") // the key is among the credentials
	config.BaseURL = strings.TrimRight(a.Target.BaseURL, "/")
	doer := &measuringDoer{transport: transport, rec: rec}
	defer doer.close()
	config.HTTPClient = &finishingDoer{call: call, next: doer}
	stream, err := openai.NewClientWithConfig(config).CreateChatCompletionStream(ctx, a.request(call.form))
	if err != nil {
		return err
	}
	for err == nil {
		_, err = stream.RecvRaw()
	}
	return err // of a stream that has been read it is an end like any other
}

// fill copies what the wire said about the connection into the sample.
func (r *record) fill(s *Sample) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s.Status, s.Protocol = r.status, r.protocol
	s.Wrote, s.TTFB = r.wrote, r.firstByte
	if r.conn.Known {
		s.Connect = r.conn
		if r.reused {
			s.Connect = Known(time.Duration(0))
		} else {
			s.Flags |= Cold
			s.DNS, s.TLS = r.dns, r.tls
		}
	}
	if r.conns > 1 {
		s.Flags |= TransportRetry
	}
	now := time.Now()
	s.RetryAfter, s.Headroom = retryAfter(r.header, now), headroomOf(r.header, now)
	s.ServerTTFT = headerServerTTFT(r.header)
}

// interrupted is the error of an attempt that was cancelled.
const interrupted = "interrupted"

// judge decides the outcome from the record; hint is what go-openai made of it
// and counts only where no response came.
func (r *record) judge(parent, attempt context.Context, s *Sample, hint error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if success(r.status) {
		got := read(r.events)
		got.believe(r.most)
		got.timings(s)
		s.Outcome, s.Error = r.verdict(got)
	}
	// What the server has said counts, even where a limit or the person struck
	// before it had hung up.
	if s.Outcome == OK || s.Outcome == Empty {
		return
	}
	var expired *timeoutError
	switch {
	case s.Outcome == StreamError:
	case r.status != 0 && !success(r.status):
		s.Outcome, s.Error = fromStatus(r.status), statusText(r.status, r.header, r.head)
	case errors.As(context.Cause(attempt), &expired):
		s.Outcome, s.Error = Timeout, expired.Error()
	case parent.Err() != nil:
		s.Outcome, s.Error = Cancelled, interrupted
	case r.status == 0 && r.conns == 0:
		s.Outcome, s.Error = BadRequest, networkText(hint) // refused before it was sent
	case r.status == 0:
		s.Outcome, s.Error = Network, networkText(hint)
	}
	// The rate of a stream that did not end as it should is not a rate.
	s.ICLp50, s.ICLMax = Measured[time.Duration]{}, Measured[time.Duration]{}
	if s.TPOT.Known || s.SpeedWithheld != "" {
		s.TPOT, s.SpeedWithheld = Measured[time.Duration]{}, "the answer is incomplete"
	}
}

// verdict judges a response with a 2xx status; the caller holds the lock.
func (r *record) verdict(got reading) (Outcome, string) {
	switch {
	case got.err != "":
		return StreamError, got.err
	case got.decoded == 0 && (!got.done || got.undecodable > 0):
		return r.noEvents()
	case errors.Is(r.end, errTooLarge):
		return Malformed, errTooLarge.Error()
	case got.done || got.finish != "":
		switch {
		case got.tokenEvents == 0 && got.finish == "length" && got.hidden > 0:
			return BadRequest, fmt.Sprintf("the cap went into %d tokens of hidden reasoning", got.hidden)
		case got.tokenEvents == 0:
			return Empty, "the answer carried no token"
		}
		return OK, ""
	case r.end != nil:
		return Truncated, "the stream broke off: " + networkText(r.end)
	}
	return Truncated, "the stream ended without a finish reason"
}

// noEvents judges a 2xx body in which no event could be read.
func (r *record) noEvents() (Outcome, string) {
	head := bytes.TrimSpace(r.head)
	if text, bad := bodyError(head); bad {
		return StreamError, text
	}
	switch {
	case r.sse && errors.Is(r.end, errTooLarge):
		return Malformed, errTooLarge.Error()
	case (r.bytes == 0 || r.sse) && r.end != nil:
		return Truncated, "the stream broke off: " + networkText(r.end)
	case r.bytes == 0:
		return Malformed, "the response is empty"
	case !r.sse:
		kind := cmp.Or(Sanitize(r.header.Get("Content-Type"), 60), "a response without a content type")
		return Malformed, "not an event stream but " + kind
	}
	return Malformed, detailed("no event could be decoded", Sanitize(string(head), 80))
}

// statusText is the line for a response with an error status.
func statusText(status int, header http.Header, head []byte) string {
	text := strings.TrimSpace(fmt.Sprintf("%d %s", status, http.StatusText(status)))
	if location := redactURL(header.Get("Location")); status < http.StatusBadRequest && location != "" {
		return text + ": redirected to " + location
	}
	if len(bytes.TrimSpace(head)) == 0 || strings.Contains(header.Get("Content-Type"), "html") {
		return text
	}
	return cut(detailed(text, errorText(head)), maxErrorText)
}

// detailed adds what the server said, where that is anything.
func detailed(text, detail string) string {
	if detail == "" {
		return text
	}
	return text + ": " + detail
}

// networkText names what failed below HTTP, in a few words where it is one of
// the usual things.
func networkText(err error) string {
	var dns *net.DNSError
	switch {
	case err == nil:
		return "no response"
	case errors.As(err, &dns):
		return "no such host: " + Sanitize(dns.Name, 100)
	case strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return "the server speaks http, not https"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.Is(err, syscall.ECONNRESET):
		return "connection reset"
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		return "the connection was closed"
	}
	return Sanitize(err.Error(), maxErrorText)
}
