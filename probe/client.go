package probe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
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
	http   *http.Client
	limits Limits
	price  PriceFunc

	mu sync.Mutex
	// used holds, by host, when a connection was last left idle: past
	// keepWarm it may have been closed by the other side.
	used map[string]time.Time
}

// keepWarm is how long an idle connection is trusted to be still open: shorter
// than the idle limits of the usual servers and load balancers (60 s and more).
const keepWarm = 20 * time.Second

// NewClient returns a client with the given limits. price may be nil: then no
// sample knows what it cost.
func NewClient(limits Limits, price PriceFunc) *Client {
	limits = limits.withDefaults()
	if price == nil {
		price = func(Target, Usage) (decimal.Decimal, bool) { return decimal.Decimal{}, false }
	}
	return &Client{
		http:   &http.Client{Transport: newTransport(limits.Connect), CheckRedirect: noRedirect},
		limits: limits,
		price:  price,
		used:   map[string]time.Time{},
	}
}

// Close gives up the idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Attempt says what to send.
type Attempt struct {
	Target  Target
	Profile Profile
	// Due is when the attempt should have started; zero for now.
	Due time.Time
	// Cold closes idle connections first, so that the attempt opens its own.
	Cold bool
}

// Probe makes one attempt and returns its record. It does not fail: what went
// wrong is the sample's outcome.
func (c *Client) Probe(ctx context.Context, a Attempt) Sample {
	s := Sample{Target: a.Target, Profile: a.Profile.Name, Cap: a.Profile.MaxTokens, At: time.Now().UTC()}
	key, err := a.Target.Key()
	if err != nil {
		s.Outcome, s.Error = Auth, Sanitize(err.Error(), maxErrorText)
		return s
	}
	if a.Cold {
		c.http.CloseIdleConnections()
	} else if c.stale(a.Target) {
		c.warm(ctx, a.Target, key)
	}

	rec := &record{t0: time.Now()}
	attemptCtx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop := rec.watch(c.limits, cancel)
	s.At = time.Now().UTC()
	err = c.stream(attemptCtx, rec, a, key)
	stop()
	if rec.status != 0 {
		c.touch(a.Target)
	}

	if !a.Due.IsZero() {
		s.Queue = max(0, s.At.Sub(a.Due))
	}
	rec.fill(&s)
	rec.judge(&s, ctx, attemptCtx, err)
	s.Error = scrub(s.Error, key)
	if s.Queue > max(5*time.Millisecond, s.TTFT.Value/100) {
		s.Flags |= Late
	}
	if s.Usage.Input.Known && s.Usage.Output.Known {
		if usd, ok := c.price(a.Target, s.Usage); ok {
			s.USD = decimal.NewNullDecimal(usd)
		}
	}
	return s
}

// stream sends the request through go-openai and reads the answer to its end.
// Its error is only a hint: the verdict comes from the record.
func (c *Client) stream(ctx context.Context, rec *record, a Attempt, key string) error {
	config := openai.DefaultConfig(key)
	config.BaseURL = strings.TrimRight(a.Target.BaseURL, "/")
	config.HTTPClient = &measuringDoer{client: c.http, rec: rec}
	stream, err := openai.NewClientWithConfig(config).CreateChatCompletionStream(ctx, a.Profile.request(a.Target))
	if err != nil {
		return err
	}
	for {
		if _, err = stream.RecvRaw(); err != nil {
			break
		}
	}
	if closeErr := stream.Close(); errors.Is(err, io.EOF) {
		return closeErr
	}
	return err
}

// Warm opens a connection to each target's host, so that the next attempt finds
// it open. Failures are left for the attempt itself to report.
func (c *Client) Warm(ctx context.Context, targets []Target) {
	var wg sync.WaitGroup
	for _, t := range targets {
		wg.Go(func() {
			if key, err := t.Key(); err == nil {
				c.warm(ctx, t, key)
			}
		})
	}
	wg.Wait()
}

// warm asks for the list of models, which every dialect answers without charge,
// if only with a 404.
func (c *Client) warm(ctx context.Context, t Target, key string) {
	ctx, cancel := context.WithTimeout(ctx, c.limits.Connect)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(t.BaseURL, "/")+"/models", nil)
	if err != nil {
		return
	}
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return
	}
	_, _ = io.CopyN(io.Discard, resp.Body, maxEventSize)
	_ = resp.Body.Close()
	c.touch(t)
}

func (c *Client) stale(t Target) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Since(c.used[t.Host()]) > keepWarm
}

func (c *Client) touch(t Target) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.used[t.Host()] = time.Now()
}

// fill copies what the wire said about the connection into the sample.
func (r *record) fill(s *Sample) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s.Status = r.status
	s.TTFB = r.firstByte
	if r.conn.Known {
		s.Connect = r.conn
		if r.reused {
			s.Connect = Known(time.Duration(0))
		} else {
			s.Flags |= Cold
			s.DNS, s.TLS = Known(r.dns), Known(r.tls)
		}
	}
	if r.conns > 1 {
		s.Flags |= TransportRetry
	}
	if after, err := strconv.ParseFloat(r.header.Get("Retry-After"), 64); err == nil && after >= 0 && after < 86_400 {
		s.RetryAfter = Known(time.Duration(after * float64(time.Second)))
	}
}

// judge decides the outcome from the record; hint is what go-openai made of it
// and counts only where no response came.
func (r *record) judge(s *Sample, parent, attempt context.Context, hint error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.status >= http.StatusOK && r.status < http.StatusMultipleChoices {
		got := read(r.events)
		got.timings(s)
		s.Outcome, s.Error = r.verdict(got)
	}
	// An answer that came to its end counts, even where a limit or the person
	// struck in the same instant.
	if s.Outcome == OK || s.Outcome == Empty {
		return
	}
	var expired *timeoutError
	switch {
	case errors.As(context.Cause(attempt), &expired):
		s.Outcome, s.Error = Timeout, expired.Error()
	case parent.Err() != nil:
		s.Outcome, s.Error = Cancelled, "interrupted"
	case r.status == 0 && r.conns == 0:
		s.Outcome, s.Error = BadRequest, networkText(hint) // refused before it was sent
	case r.status == 0:
		s.Outcome, s.Error = Network, networkText(hint)
	case r.status >= http.StatusMultipleChoices:
		s.Outcome, s.Error = fromStatus(r.status), statusText(r.status, r.header, r.head)
	}
	// The rate of a stream that did not end as it should is not a rate.
	if s.TPOT.Known || s.SpeedWithheld != "" {
		s.TPOT, s.SpeedWithheld = Measured[time.Duration]{}, "the answer is incomplete"
	}
}

// verdict judges a response with a 2xx status; the caller holds the lock.
func (r *record) verdict(got reading) (Outcome, string) {
	switch {
	case got.err != "":
		return StreamError, got.err
	case errors.Is(r.end, errTooLarge):
		return Malformed, errTooLarge.Error()
	case got.decoded == 0 && !got.done:
		return r.noEvents()
	case got.done || (r.end == nil && got.finish != ""):
		if got.tokenEvents == 0 {
			return Empty, "the answer carried no token"
		}
		return OK, ""
	case r.end != nil && got.finish == "":
		return Truncated, "the stream broke off: " + networkText(r.end)
	case got.finish == "":
		return Truncated, "the stream ended without a finish reason"
	}
	return OK, ""
}

// noEvents judges a 2xx body in which no event could be read.
func (r *record) noEvents() (Outcome, string) {
	head := bytes.TrimSpace(r.head)
	switch {
	case len(head) > 0 && (head[0] == '{' || head[0] == '[') && bytes.Contains(head, []byte(`"error"`)):
		return StreamError, errorText(head)
	case r.bytes == 0 && r.end != nil:
		return Truncated, "the stream broke off: " + networkText(r.end)
	case r.bytes == 0:
		return Malformed, "the response is empty"
	case !r.sse:
		kind := r.header.Get("Content-Type")
		if kind == "" {
			kind = "a response without a content type"
		}
		return Malformed, "not an event stream but " + Sanitize(kind, 60)
	}
	return Malformed, "no event could be decoded: " + Sanitize(string(head), 80)
}

// statusText is the line for a response with an error status.
func statusText(status int, header http.Header, head []byte) string {
	text := fmt.Sprintf("%d %s", status, http.StatusText(status))
	if status < http.StatusBadRequest {
		return text + ": redirected to " + redactURL(header.Get("Location"))
	}
	if len(bytes.TrimSpace(head)) == 0 || strings.Contains(header.Get("Content-Type"), "html") {
		return text
	}
	return Sanitize(text+": "+errorText(head), maxErrorText)
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
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.Is(err, syscall.ECONNRESET):
		return "connection reset"
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		return "the connection was closed"
	}
	return Sanitize(err.Error(), maxErrorText)
}

// scrub removes the key from a text, should a server have sent it back.
func scrub(text, key string) string {
	if len(key) < 4 {
		return text
	}
	return strings.ReplaceAll(text, key, "[key]")
}
