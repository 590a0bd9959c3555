package simulator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// headerTimeout bounds how long a connection may take to send its headers,
	// bodyTimeout how long to send its body.
	headerTimeout = 10 * time.Second
	bodyTimeout   = 10 * time.Second
	// idleTimeout outlives the usual interval between probes, so that a warm
	// connection stays warm.
	idleTimeout = 10 * time.Minute
	// stallTimeout bounds how far past its plan a client that does not read can
	// hold a request.
	stallTimeout = time.Minute
)

// Options configure a [Server].
type Options struct {
	// Addr to listen on, host and port; "127.0.0.1:0" where empty. Anything but
	// loopback is refused.
	Addr string
	// Seed of every draw.
	Seed uint64
	// Scripts, one per model; with none, Reference and ReferenceEmbedding.
	Scripts []Script
	// Epoch is the time zero of incidents; the start of the server where zero.
	Epoch time.Time
	// Key that `Authorization: Bearer` must carry; empty lets everyone in.
	Key string
	// Log takes one JSON line for each request after it has ended; may be nil.
	Log io.Writer
	// LogEvents adds the instant of each token event to the records.
	LogEvents bool
	// Know says what the right answer to a request is, false where it does not know:
	// then the answer is words without a meaning, as it is where Know is nil. It is
	// called by several goroutines at once.
	Know func(Asked) (Known, bool)
	// Keep is how many records Sent holds, the latest; 0 means 100,000.
	Keep int
}

// A Server answers for the scripted models. It is an [http.Handler]; Start puts
// it on a listener of its own.
type Server struct {
	options Options
	models  map[string]*model
	order   []string // of the models, as scripted
	log     *sentLog

	ctx     context.Context // ends every request in flight
	cancel  context.CancelFunc
	numbers atomic.Uint64 // of requests, for their ids

	mu       sync.Mutex
	closed   bool
	requests sync.WaitGroup

	// Of a started server only.
	http        *http.Server
	listener    net.Listener
	served      chan struct{} // closed when Serve has returned
	connections sync.WaitGroup
	idle        idleCloser
}

// A model is a script with what its requests count up.
type model struct {
	script   Script
	accepted atomic.Uint64
	inFlight atomic.Int64

	mu     sync.Mutex
	meter  meter
	loader loader
}

// New returns a server without a listener, to be used as an [http.Handler].
func New(options Options) (*Server, error) {
	if len(options.Scripts) == 0 {
		options.Scripts = append(Reference(), ReferenceEmbedding())
	}
	if options.Epoch.IsZero() {
		options.Epoch = time.Now()
	}
	s := &Server{options: options, models: map[string]*model{}, log: newSentLog(options.Log, options.Keep)}
	for _, script := range options.Scripts {
		if err := script.Validate(); err != nil {
			return nil, err
		}
		if s.models[script.Model] != nil {
			return nil, fmt.Errorf("model %q is scripted twice", script.Model)
		}
		s.models[script.Model] = &model{script: script}
		s.order = append(s.order, script.Model)
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s, nil
}

// Start returns a server that listens. Close or Shutdown must follow.
func Start(options Options) (*Server, error) {
	if options.Addr == "" {
		options.Addr = "127.0.0.1:0"
	}
	s, err := New(options)
	if err != nil {
		return nil, err
	}
	if s.listener, err = listenLoopback(options.Addr); err != nil {
		s.cancel()
		return nil, err
	}
	s.http = &http.Server{
		Handler:           s,
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       idleTimeout,
		// The standard logger would write over a dashboard.
		ErrorLog:    log.New(io.Discard, "", 0),
		ConnContext: withConnection,
		ConnState: func(c net.Conn, state http.ConnState) {
			s.idle.state(c, state)
			switch state {
			case http.StateNew:
				s.connections.Add(1)
			case http.StateClosed, http.StateHijacked:
				s.connections.Done()
			}
		},
	}
	s.served = make(chan struct{})
	go func() {
		defer close(s.served)
		_ = s.http.Serve(s.listener) // returns when closed
	}()
	return s, nil
}

// listenLoopback opens a TCP listener, on loopback or not at all: the server has
// no defences against strangers.
func listenLoopback(addr string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("simulator address: %w", err)
	}
	if !namesLoopback(host) {
		return nil, fmt.Errorf("simulator address %q is not loopback: use 127.0.0.1, [::1] or localhost", addr)
	}
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("simulator: %w", err)
	}
	// What localhost means is up to the resolver.
	if tcp, ok := listener.Addr().(*net.TCPAddr); !ok || !tcp.IP.IsLoopback() {
		_ = listener.Close()
		return nil, fmt.Errorf("simulator address %q resolves to %s, which is not loopback", addr, listener.Addr())
	}
	return listener, nil
}

// BaseURL returns what an OpenAI client takes as its base URL, ending in /v1;
// empty for a server that was not started.
func (s *Server) BaseURL() string {
	if s.listener == nil {
		return ""
	}
	return "http://" + s.listener.Addr().String() + "/v1"
}

// Epoch returns the time zero of incidents.
func (s *Server) Epoch() time.Time { return s.options.Epoch }

// Sent returns a copy of the records of chat and embedding requests that have
// ended, refused ones included, in the order in which they ended; the latest
// Options.Keep of them.
func (s *Server) Sent() []Sent { return s.log.all() }

// Shutdown takes no more requests, lets those in flight end until ctx does, then
// cuts the rest. It returns ctx's error if any had to be cut, and otherwise what
// Close does.
func (s *Server) Shutdown(ctx context.Context) error {
	var cut error
	if s.http != nil {
		cut = s.http.Shutdown(ctx)
	}
	return errors.Join(cut, s.Close())
}

// Close cuts every request in flight and returns when no goroutine of the server
// is left. It returns the first error of writing to Options.Log.
func (s *Server) Close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.cancel()
	if s.http != nil {
		_ = s.http.Close()
		<-s.served
	}
	s.requests.Wait()
	s.connections.Wait()
	return s.log.err()
}

// enter counts a request in, unless the server is closed.
func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.requests.Add(1)
	return true
}

// ServeHTTP answers one request. A connection that a fault or Close cuts is
// aborted by the panic that net/http reserves for it.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	received := time.Now() // before anything else: every instant counts from here
	if !s.enter() {
		panic(http.ErrAbortHandler)
	}
	defer s.requests.Done()
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)()

	x := newExchange(ctx, s, w, r, received)
	err := s.route(x)
	x.end(err)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
}
