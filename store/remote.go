package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"costping/probe"

	"github.com/shopspring/decimal"
)

// remote is a viewer's side: the owner at the other end of its socket.
type remote struct {
	pid       int
	client    *http.Client
	transport *http.Transport
	version   atomic.Uint64
	scheduled atomic.Bool // the owner said so last

	ctx    context.Context // it ends with the connection, and says why
	cancel context.CancelCauseFunc
}

var _ engine = (*remote)(nil)

// attach greets the owner that listens at a path.
func attach(ctx context.Context, path string, pid int) (*remote, error) {
	r := &remote{pid: pid}
	r.ctx, r.cancel = context.WithCancelCause(context.Background())
	r.transport = &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			c, err := (&net.Dialer{}).DialContext(ctx, "unix", path)
			if err != nil {
				return nil, err
			}
			if unix, ok := c.(*net.UnixConn); ok {
				if err := checkPeer(unix); err != nil {
					return nil, errors.Join(err, c.Close())
				}
			}
			return c, nil
		},
		MaxIdleConns: 4, MaxIdleConnsPerHost: 4, DisableCompression: true,
	}
	r.client = &http.Client{
		Transport:     r.transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	var h hello
	err := r.ask(ctx, "hello", nothing{}, &h)
	if err == nil && h.Protocol != protocol {
		err = errProtocol
	}
	if err != nil {
		r.close(err)
		return nil, err
	}
	r.pid = h.PID
	return r, nil
}

// close ends every call with err.
func (r *remote) close(err error) {
	r.cancel(err)
	r.transport.CloseIdleConnections()
}

// ask puts a question and reads the answer into a.
func (r *remote) ask(ctx context.Context, name string, q, a any) error {
	resp, err := r.send(ctx, name, q)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }() // read to its end, or given up
	text, err := io.ReadAll(io.LimitReader(resp.Body, mostAnswered))
	if err != nil {
		return r.gone(ctx, err)
	}
	if v, err := strconv.ParseUint(resp.Header.Get(headerVersion), 10, 64); err == nil {
		r.saw(v)
	}
	r.scheduled.Store(resp.Header.Get(headerSchedule) != "")
	switch {
	case resp.StatusCode == http.StatusNotFound:
		return errProtocol
	case resp.StatusCode != http.StatusOK:
		return told(text)
	}
	if err := json.Unmarshal(text, a); err != nil {
		return fmt.Errorf("the answer of the history's owner cannot be read: %w", err)
	}
	return nil
}

// told is the error that an owner answered with. One that is closing its history
// has not carried the call out, and the next owner will.
func told(text []byte) error {
	var f failure
	if err := json.Unmarshal(text, &f); err != nil {
		return errors.New("the history's owner gave an answer that is none")
	}
	err := f.error()
	if errors.Is(err, ErrClosed) {
		return &goneError{err: err}
	}
	return err
}

func (r *remote) send(ctx context.Context, name string, q any) (*http.Response, error) {
	body, err := json.Marshal(q)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(r.ctx, func() { cancel(context.Cause(r.ctx)) })
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://history"+pathOf(name), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	resp, err := r.client.Do(req)
	if err != nil {
		stop()
		err = r.gone(ctx, err)
		cancel(nil)
		return nil, err
	}
	resp.Body = &ended{resp.Body, func() { stop(); cancel(nil) }}
	return resp, nil
}

// ended is a body that says when it is done with.
type ended struct {
	io.ReadCloser
	end func()
}

// Close closes the body.
func (e *ended) Close() error {
	e.end()
	return e.ReadCloser.Close()
}

// gone says why a call broke off.
func (r *remote) gone(ctx context.Context, err error) error {
	if why := context.Cause(r.ctx); why != nil {
		var gone *goneError
		if errors.As(why, &gone) {
			return &goneError{sent: true, err: gone.err}
		}
		return why
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var dial *net.OpError
	unsent := errors.As(err, &dial) && dial.Op == "dial"
	return &goneError{sent: !unsent, err: err}
}

func (r *remote) saw(v uint64) {
	for seen := r.version.Load(); v > seen && !r.version.CompareAndSwap(seen, v); seen = r.version.Load() {
	}
}

// Version implements engine.
func (r *remote) Version() uint64 { return r.version.Load() }

// change waits until the version moves, or for a moment. An owner that takes too
// long is a *SilentError.
func (r *remote) change(ctx context.Context) error {
	short, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	err := r.ask(short, "version", versionQuery{r.Version()}, &nothing{})
	if err != nil && short.Err() != nil && ctx.Err() == nil {
		return &SilentError{PID: r.pid}
	}
	return err
}

// The calls, each with its question and its answer.

// Append implements probe.Sink.
func (r *remote) Append(ctx context.Context, samples []probe.Sample) error {
	if len(samples) == 0 {
		return ctx.Err()
	}
	for _, s := range samples {
		if err := checkTime(s.At); err != nil {
			return err
		}
	}
	return r.ask(ctx, "append", batchOf(samples), &nothing{})
}

// Record implements engine.
func (r *remote) Record(ctx context.Context, n Notes) error {
	return r.ask(ctx, "record", n, &nothing{})
}

// Adopt implements engine.
func (r *remote) Adopt(ctx context.Context, rollups []Rollup) (n int, err error) {
	err = r.ask(ctx, "adopt", wireRollups(rollups), &n)
	return n, err
}

// Reserve implements probe.Ledger.
func (r *remote) Reserve(ctx context.Context, day probe.Day, usd, limit decimal.Decimal) (id string, ok bool, err error) {
	// An amount that no ledger takes may be too long to be written out.
	if err := errors.Join(day.Check(), probe.CheckUSD(usd), checkLimit(limit)); err != nil {
		return "", false, err
	}
	var a reserved
	err = r.ask(ctx, "reserve", reserveQuery{day, usd, limit}, &a)
	return a.ID, a.OK, err
}

func checkLimit(limit decimal.Decimal) error { return probe.CheckUSD(limit.Abs()) }

// Settle implements probe.Ledger.
func (r *remote) Settle(ctx context.Context, id string, usd decimal.Decimal) error {
	if err := probe.CheckUSD(usd); err != nil {
		return err
	}
	return r.ask(ctx, "settle", settleQuery{id, usd}, &nothing{})
}

// Spent implements probe.Ledger.
func (r *remote) Spent(ctx context.Context, day probe.Day) (s probe.Spending, err error) {
	err = r.ask(ctx, "spent", day, &s)
	return s, err
}

// Window implements engine.
func (r *remote) Window(ctx context.Context, q Query) (w Window, err error) {
	if err := q.check(); err != nil {
		return w, err
	}
	err = r.ask(ctx, "window", q, &w)
	return w, err
}

// Series implements engine.
func (r *remote) Series(ctx context.Context, q ChartQuery) (lines []Line, err error) {
	err = r.ask(ctx, "series", q, &lines)
	return lines, err
}

// Events implements engine.
func (r *remote) Events(ctx context.Context, rng Range) (events []Event, err error) {
	err = r.ask(ctx, "events", rangeOf(rng), &events)
	return events, err
}

// Prices implements engine.
func (r *remote) Prices(ctx context.Context, model string) (prices []PriceSeen, err error) {
	err = r.ask(ctx, "prices", model, &prices)
	return prices, err
}

// Results implements engine.
func (r *remote) Results(ctx context.Context, rng Range) (results []Result, err error) {
	err = r.ask(ctx, "results", rangeOf(rng), &results)
	return results, err
}

// Info implements engine.
func (r *remote) Info(ctx context.Context) (i Info, err error) {
	err = r.ask(ctx, "info", nothing{}, &i)
	return i, err
}

// Prune implements engine.
func (r *remote) Prune(ctx context.Context, before time.Time) (n int, err error) {
	err = r.ask(ctx, "prune", nanosOf(before), &n)
	return n, err
}

// Compact implements engine.
func (r *remote) Compact(ctx context.Context) (c Compacted, err error) {
	err = r.ask(ctx, "compact", nothing{}, &c)
	return c, err
}

// Backup implements engine.
func (r *remote) Backup(ctx context.Context, w io.Writer) (int64, error) {
	resp, err := r.send(ctx, "backup", nothing{})
	if err != nil {
		return 0, err
	}
	defer func() { _ = resp.Body.Close() }() // read to its end, or given up
	if resp.StatusCode != http.StatusOK {
		text, err := io.ReadAll(io.LimitReader(resp.Body, mostHeader))
		return 0, firstError(err, told(text))
	}
	n, err := io.Copy(w, resp.Body)
	if err != nil {
		err = fmt.Errorf("copying the history: %w", err)
	}
	return n, err
}

func (r *remote) samplePage(ctx context.Context, cursor []byte, to int64) (page rawPage, err error) {
	var a samplePage
	if err := r.ask(ctx, "samples", sampleQuery{cursor, to}, &a); err != nil {
		return page, err
	}
	samples, err := a.Batch.samples()
	return rawPage{samples, a.Next, a.Damaged}, err
}

func (r *remote) rollupPage(ctx context.Context, q rollupQuery) (page []Rollup, next rollupQuery, err error) {
	var a rollupPage
	if err := r.ask(ctx, "rollups", q, &a); err != nil {
		return nil, q, err
	}
	page, err = rollupsOf(a.Rollups)
	return page, a.Next, err
}
