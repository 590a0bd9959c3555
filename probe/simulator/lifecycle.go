package simulator

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// Lifecycle is how models and connections come and go.
type Lifecycle struct {
	// LoadTime delays every instant of the first request to a model, and of those
	// that come while it is loading (Ollama, LM Studio).
	LoadTime time.Duration
	// UnloadAfter is how long a model stays loaded without a request; 0 means for
	// ever. Ollama's default is five minutes.
	UnloadAfter time.Duration
	// CloseEach closes the connection after each answer, and says so.
	CloseEach bool
	// CloseIdle closes a connection on which no request came for so long; 0 means
	// the server's own ten minutes. Only a started server does it.
	CloseIdle time.Duration
	// RedirectTo is a host and port, on loopback, that requests are sent on to with
	// status 307; they take no number.
	RedirectTo string
}

func (l Lifecycle) validate() error {
	if l.LoadTime < 0 || l.LoadTime > maxDraw || l.UnloadAfter < 0 {
		return errors.New("load time must lie between 0 and 1h, and unload after not below 0")
	}
	if l.RedirectTo != "" {
		host, _, err := net.SplitHostPort(l.RedirectTo)
		if err != nil || !namesLoopback(host) {
			return fmt.Errorf("redirect to %q must be a host and port on loopback", l.RedirectTo)
		}
	}
	return period("close idle", l.CloseIdle)
}

// namesLoopback reports whether a host is written as loopback.
func namesLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

// A loader knows whether a model is loaded; guarded by model.mu.
type loader struct {
	loadedAt time.Time // zero: not loaded, nor loading
	lastUsed time.Time // end of the last request
}

// wait returns how long a request received now waits for the model. alone: no
// other is in flight.
func (l *loader) wait(c Lifecycle, now time.Time, alone bool) time.Duration {
	unloaded := c.UnloadAfter > 0 && alone && now.Sub(l.lastUsed) >= c.UnloadAfter
	if l.loadedAt.IsZero() || unloaded {
		l.loadedAt = now.Add(c.LoadTime)
	}
	return max(l.loadedAt.Sub(now), 0)
}

// load lets a plan wait for the model, unless it fails before that is used.
func (x *exchange) load(plan Plan) Plan {
	if x.dialect.LoadTime == 0 || plan.Fault != FaultNone && !plan.Fault.MidStream() {
		return plan
	}
	x.m.mu.Lock()
	x.sent.Load = x.m.loader.wait(x.dialect.Lifecycle, x.received, x.m.inFlight.Load() == 1)
	x.m.mu.Unlock()
	return plan.delayed(x.sent.Load)
}

// used notes the end of a request.
func (m *model) used() {
	m.mu.Lock()
	m.loader.lastUsed = time.Now()
	m.mu.Unlock()
}

// delayed returns the plan with all its instants later.
func (p Plan) delayed(by time.Duration) Plan {
	p.Headers += by
	p.TTFT += by
	if p.Fault != FaultNone {
		p.FaultAt += by
	}
	events := make([]Event, len(p.Events))
	for i, e := range p.Events {
		e.At += by
		events[i] = e
	}
	p.Events = events
	return p
}

// speak adopts a dialect. It reports whether the exchange goes on; if not, err is
// what the handler returns.
func (x *exchange) speak(d Dialect) (ok bool, err error) {
	x.dialect = d
	h := x.w.Header()
	if d.RequestIDHeader != "" {
		h.Set(d.RequestIDHeader, x.sent.RequestID)
	}
	if d.CloseEach {
		h.Set("Connection", "close")
	}
	if c, ok := x.r.Context().Value(connectionKey{}).(net.Conn); ok {
		x.s.idle.allow(c, d.CloseIdle)
	}
	if d.RedirectTo == "" {
		return true, nil
	}
	h.Set("Location", "http://"+d.RedirectTo+x.r.URL.RequestURI())
	x.status(http.StatusTemporaryRedirect, "")
	_, err = x.send(nil)
	return false, err
}

// connectionKey finds the connection in the context of a request.
type connectionKey struct{}

func withConnection(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, c)
}

// idleCloser closes connections that have been idle for as long as the dialect of
// the last answer allows.
type idleCloser struct {
	mu      sync.Mutex
	allowed map[net.Conn]time.Duration
	timers  map[net.Conn]*time.Timer
}

// allow sets how long a connection may idle; 0: as long as it likes.
func (i *idleCloser) allow(c net.Conn, d time.Duration) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if d == 0 {
		delete(i.allowed, c)
		return
	}
	if i.allowed == nil {
		i.allowed, i.timers = map[net.Conn]time.Duration{}, map[net.Conn]*time.Timer{}
	}
	i.allowed[c] = d
}

// state follows a connection.
func (i *idleCloser) state(c net.Conn, state http.ConnState) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if timer := i.timers[c]; timer != nil {
		timer.Stop()
		delete(i.timers, c)
	}
	switch state {
	case http.StateIdle:
		if d := i.allowed[c]; d > 0 {
			i.timers[c] = time.AfterFunc(d, func() { _ = c.Close() })
		}
	case http.StateClosed, http.StateHijacked:
		delete(i.allowed, c)
	}
}
