package probe

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// Bounds on an answer to texts that are to be embedded.
const (
	maxVectors    = 32 << 20 // bytes of body
	maxDimensions = 1 << 16  // of one vector
)

// Texts are what is to be embedded by one request.
type Texts struct {
	Target Target
	// Kind names the request, in the sample and to the budget.
	Kind  string
	Texts []string
}

// Vectors are the answer: one for each text, in their order, all of one length;
// nil where the sample is not OK.
type Vectors struct {
	Sample  Sample
	Vectors [][]float64
}

// Embedder embeds texts; *Client, or one under a budget.
type Embedder interface {
	// Embed sends one request. What went wrong is the sample's outcome; its E2E is
	// the whole answer, its TTFT not known: nothing is streamed.
	Embed(ctx context.Context, t Texts) Vectors
}

// InputTokens is how many tokens the texts take, at most.
func (t *Texts) InputTokens() int {
	tokens := t.Target.extraTokens()
	for _, text := range t.Texts {
		tokens += tokensAtMost(text) + 1
	}
	return tokens
}

// Embed implements Embedder.
func (c *Client) Embed(ctx context.Context, t Texts) Vectors {
	s := Sample{Target: t.Target.Identity(), Profile: t.Kind, At: time.Now().UTC(), Concurrency: 1}
	with, err := c.credentials(ctx, t.Target)
	if err != nil {
		s.Outcome, s.Error = Auth, Sanitize(err.Error(), maxErrorText)
		if ctx.Err() != nil {
			s.Outcome, s.Error = Cancelled, interrupted
		}
		return Vectors{Sample: s}
	}
	fields := map[string]any{"model": t.Target.Model, "input": t.Texts, "encoding_format": "float"}
	for name, value := range t.Target.Extra {
		fields[name] = value
	}
	ctx, cancel := context.WithTimeoutCause(ctx, c.limits.Total, &timeoutError{"end of the answer", c.limits.Total})
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimRight(t.Target.BaseURL, "/")+"/embeddings", bytes.NewReader(encoded(fields)))
	if err != nil {
		s.Outcome, s.Error = BadRequest, with.scrub(Sanitize(err.Error(), maxErrorText))
		return Vectors{Sample: s}
	}
	req.Header.Set("Content-Type", "application/json")
	with.apply(req.Header)

	body, err := c.exchange(req, &s)
	r := Vectors{Sample: s}
	if r.judge(ctx, body, err, len(t.Texts)); r.Sample.Outcome != OK {
		r.Vectors = nil
	}
	r.Sample.Error = with.scrub(r.Sample.Error)
	r.Sample.believe(absurdly * int64(t.InputTokens()))
	if u := r.Sample.Usage; u.Input.Known {
		if usd, ok := c.price(t.Target, u); ok {
			r.Sample.USD = decimal.NewNullDecimal(usd)
		}
	}
	return r
}

// exchange sends a request and reads its answer to the end.
func (c *Client) exchange(req *http.Request, s *Sample) ([]byte, error) {
	begun := time.Now()
	resp, err := c.transport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	s.Status, s.Protocol = resp.StatusCode, Sanitize(resp.Proto, 20)
	s.TTFB, s.Connect = Known(time.Since(begun)), Known(time.Duration(0))
	s.RetryAfter = retryAfter(resp.Header, time.Now())
	limit := int64(maxVectors)
	if !success(resp.StatusCode) {
		limit = maxErrorBody
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if int64(len(body)) > limit {
		err = errTooLarge
	}
	s.E2E = Known(time.Since(begun))
	return body, err
}

// judge decides the outcome of a request for n vectors.
func (r *Vectors) judge(ctx context.Context, body []byte, err error, n int) {
	s := &r.Sample
	var expired *timeoutError
	switch {
	case s.Status != 0 && !success(s.Status):
		s.Outcome, s.Error = fromStatus(s.Status), cut(detailed(fmt.Sprintf("%d %s", s.Status, http.StatusText(s.Status)), errorText(body)), maxErrorText)
	case errors.Is(err, errTooLarge):
		s.Outcome, s.Error = Malformed, err.Error()
	case errors.As(context.Cause(ctx), &expired):
		s.Outcome, s.Error = Timeout, expired.Error()
	case ctx.Err() != nil:
		s.Outcome, s.Error = Cancelled, interrupted
	case s.Status == 0:
		s.Outcome, s.Error = Network, networkText(err)
	case err != nil:
		s.Outcome, s.Error = Truncated, "the answer broke off: "+networkText(err)
	default:
		s.Outcome, s.Error = r.decode(body, n)
	}
}

// decode reads the vectors and what they took.
func (r *Vectors) decode(body []byte, n int) (Outcome, string) {
	if text, bad := bodyError(bytes.TrimSpace(body)); bad {
		return StreamError, text
	}
	var wire struct {
		Data []struct {
			Index     int       `json:"index"`
			Embedding []float64 `json:"embedding"`
		} `json:"data"`
		Usage wireUsage `json:"usage"`
	}
	if err := json.Unmarshal(body, &wire); err != nil {
		return Malformed, "the answer cannot be decoded"
	}
	if wire.Usage.Prompt.Known {
		r.Sample.Usage.Input, r.Sample.Usage.Output = wire.Usage.Prompt.Measured, Known(int64(0))
	}
	r.Vectors = make([][]float64, n)
	for _, d := range wire.Data {
		if d.Index < 0 || d.Index >= n || r.Vectors[d.Index] != nil {
			return Malformed, "the vectors are not those of the texts"
		}
		r.Vectors[d.Index] = d.Embedding
	}
	for _, v := range r.Vectors {
		square := 0.0
		for _, x := range v {
			square += x * x
		}
		if len(v) == 0 || len(v) > maxDimensions || len(v) != len(r.Vectors[0]) || square == 0 || math.IsInf(square, 0) {
			return Malformed, "the vectors are not those of the texts"
		}
	}
	return OK, ""
}

// believe forgets a count of input that cannot be.
func (s *Sample) believe(most int64) {
	if s.Usage.Input.Value > most {
		s.Usage.Input, s.Usage.Output = Measured[int64]{}, Measured[int64]{}
	}
}

// EstimateTexts is the worst case of embedding in USD: see EstimateQuestion.
func (b *Budget) EstimateTexts(t *Texts) decimal.Decimal {
	return b.worst(t.Target, int64(t.InputTokens()), 0)
}

// MeteredEmbedder embeds within a budget, as Metered probes.
func MeteredEmbedder(e Embedder, b *Budget, log func(error)) Embedder {
	return meteredEmbedder{next: e, budget: b, log: log}
}

type meteredEmbedder struct {
	next   Embedder
	budget *Budget
	log    func(error)
}

// Embed implements Embedder.
func (m meteredEmbedder) Embed(ctx context.Context, t Texts) Vectors {
	money, err := m.budget.set(ctx, DayOf(time.Now()), measuredKey{t.Target.Name, t.Kind}, m.budget.EstimateTexts(&t))
	if err != nil {
		return Vectors{Sample: unpaid(ctx, t.Target, t.Kind, 0, err)}
	}
	r := m.next.Embed(ctx, t)
	if err := money.Settle(ctx, r.Sample); err != nil && m.log != nil {
		m.log(err)
	}
	return r
}
