package probe

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// keepWarm is how long an idle connection is trusted to be still open. Load
// balancers wait a minute and more, but the servers that people run themselves
// close one after five seconds (uvicorn under vLLM, httplib under llama.cpp, Node).
const keepWarm = 4 * time.Second

// Prepare does beforehand what must not stand in a measurement: it opens a
// connection where none is known to be open, and has a server on this machine load a
// model that it may have unloaded, unless that costs money: no budget knows of it.
// Opening may take as long as the limit on connecting,
// loading as long as that on an attempt; what goes wrong is left for the attempt
// to report.
func (c *Client) Prepare(ctx context.Context, t Target, p Profile) {
	if c.unloaded(t) && (c.Charged == nil || !c.Charged(t)) {
		c.load(ctx, t, p)
	}
	if !c.stale(t) {
		return
	}
	if with, err := c.credentials(ctx, t); err == nil {
		c.warm(ctx, t, with, nil)
	}
}

// PrepareTime is how long before a probe Prepare is to begin: longer for a server
// that may have to load the model.
func PrepareTime(t Target) time.Duration {
	if preset, _ := t.Preset(); preset.UnloadAfter > 0 && t.Loopback() {
		return 30 * time.Second
	}
	return defaultLead
}

// defaultLead is enough to open a connection to the other side of the world.
const defaultLead = 2 * time.Second

// unloaded reports whether the target's server, on this machine, is one that loads
// models when they are asked for, and has had the time to unload this one; the
// first time it may never have loaded it. Elsewhere the name of a preset says
// nothing of who else keeps the model loaded.
func (c *Client) unloaded(t Target) bool {
	preset, _ := t.Preset()
	if preset.UnloadAfter <= 0 || !t.Loopback() {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Since(c.answered[endpointOf(t)]) > preset.UnloadAfter*9/10 // it may be a little early
}

// generated notes that the model is loaded.
func (c *Client) generated(t Target) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answered[endpointOf(t)] = time.Now()
}

// load asks for a single token, which nobody measures or pays for.
func (c *Client) load(ctx context.Context, t Target, p Profile) {
	p.MaxTokens = 1
	call, err := c.call(ctx, t, p, nil)
	if err != nil {
		return
	}
	call.form.cap = 1
	ctx, cancel := context.WithTimeout(ctx, c.limits.Total)
	defer cancel()
	rec := &record{t0: time.Now()}
	_ = c.stream(ctx, c.transport, rec, Attempt{Target: t, Profile: p}, call)
	c.touch(t, rec.reusable())
	rec.mu.Lock()
	defer rec.mu.Unlock()
	if read(rec.events).tokenEvents > 0 {
		c.generated(t)
	}
}

// Warm opens a connection for each target, so that attempts made at all of them
// at once find theirs open. Failures are left for the attempt itself to report.
func (c *Client) Warm(ctx context.Context, targets []Target) {
	// Targets of one host wait for each other once they have a connection: else
	// one could be served by the connection that another has just given back.
	waiting := map[string]*sync.WaitGroup{}
	for _, t := range targets {
		if waiting[t.Host()] == nil {
			waiting[t.Host()] = &sync.WaitGroup{}
		}
		waiting[t.Host()].Add(1)
	}
	var wg sync.WaitGroup
	for _, t := range targets {
		wg.Go(func() {
			host := waiting[t.Host()]
			arrived := sync.OnceFunc(host.Done)
			defer arrived() // also without a connection
			if with, err := c.credentials(ctx, t); err == nil {
				c.warm(ctx, t, with, func() { arrived(); host.Wait() })
			}
		})
	}
	wg.Wait()
}

// silentFor is how long a host that did not answer a warm-up is not warmed: every
// probe would wait for it in vain.
const silentFor = time.Hour

var errWarmUp = errors.New("no answer to the warm-up")

// warm asks for the head of the list of models, which every dialect answers without
// charge and without a body, if only with a 404 or 405. connected, which may be
// nil, is called before the request is sent.
func (c *Client) warm(ctx context.Context, t Target, with credentials, connected func()) {
	if c.isSilent(t) {
		return
	}
	ctx, cancel := context.WithTimeoutCause(ctx, c.limits.Connect, errWarmUp)
	defer cancel()
	var reached atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) {
		reached.Store(true)
		if connected != nil {
			connected()
		}
	}})
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, strings.TrimRight(t.BaseURL, "/")+"/models", nil)
	if err != nil {
		return
	}
	with.apply(req.Header)
	resp, err := c.transport.RoundTrip(req)
	if err != nil {
		// A host that cannot be reached is the attempt's to report, and may be back.
		if reached.Load() && errors.Is(context.Cause(ctx), errWarmUp) {
			c.fellSilent(t)
		}
		return
	}
	_ = resp.Body.Close()
	c.touch(t, resp.StatusCode >= http.StatusOK && !resp.Close) // after a 101 the connection is no longer HTTP
}

func (c *Client) isSilent(t Target) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	since, ok := c.silent[t.Host()]
	return ok && time.Since(since) < silentFor
}

func (c *Client) fellSilent(t Target) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.silent[t.Host()] = time.Now()
}

func (c *Client) stale(t Target) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Since(c.used[t.Host()]) > keepWarm
}

// touch notes whether the target's host has been left with an idle connection; a
// stream that broke off took its connection with it.
func (c *Client) touch(t Target, idle bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if idle {
		c.used[t.Host()] = time.Now()
	} else {
		delete(c.used, t.Host())
	}
}
