package simulator

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// The first request waits for the model, and so does one after too long a pause;
// one that comes in between waits for what is left.
func TestLoader(t *testing.T) {
	c := Lifecycle{LoadTime: 10 * time.Second, UnloadAfter: time.Minute}
	epoch := time.Unix(1_700_000_000, 0)
	var l loader
	for i, step := range []struct {
		at, used time.Duration // used: end of the last request
		alone    bool
		want     time.Duration
	}{
		{0, 0, true, 10 * time.Second},
		{4 * time.Second, 0, false, 6 * time.Second},
		{10 * time.Second, 0, false, 0},
		{70 * time.Second, 12 * time.Second, true, 0},
		{130 * time.Second, 71 * time.Second, true, 0},
		{200 * time.Second, 140 * time.Second, false, 0},
		{200 * time.Second, 140 * time.Second, true, 10 * time.Second},
	} {
		if step.used > 0 {
			l.lastUsed = epoch.Add(step.used)
		}
		if got := l.wait(c, epoch.Add(step.at), step.alone); got != step.want {
			t.Errorf("step %d: %v, want %v", i, got, step.want)
		}
	}
	var kept loader
	c.UnloadAfter = 0
	kept.wait(c, epoch, true)
	if got := kept.wait(c, epoch.Add(time.Hour*1000), true); got != 0 {
		t.Errorf("kept for ever, and yet %v", got)
	}
}

func TestLoad(t *testing.T) {
	script := quick("m")
	script.Dialect.LoadTime = 40 * ms
	s := start(t, Options{Scripts: []Script{script}})
	c := client(t)
	for range 2 {
		post(t, c, s.BaseURL()+"/chat/completions", `{"model":"m"`+streamTwo+`,`+hello+`}`)
	}
	sent := s.Sent()
	if sent[0].Load != 40*ms || sent[0].PlannedTTFT != 44*ms || sent[0].PlannedE2E != 45*ms || sent[0].FirstToken < 44*ms || sent[0].LastToken < 45*ms {
		t.Errorf("first %+v", sent[0])
	}
	if sent[1].Load != 0 || sent[1].PlannedTTFT != 4*ms {
		t.Errorf("second %+v", sent[1])
	}
}

// A refusal neither waits for the model nor loads it.
func TestRefusalsDoNotLoad(t *testing.T) {
	script := quick("m")
	script.Dialect.LoadTime = time.Hour
	script.Faults = []Fault{{Kind: FaultServerError, Probability: 1}}
	s := start(t, Options{Scripts: []Script{script}})
	r := post(t, client(t), s.BaseURL()+"/chat/completions", `{"model":"m",`+hello+`}`)
	if r.status != 500 || one(t, s).Load != 0 || !s.models["m"].loader.loadedAt.IsZero() {
		t.Errorf("%d %+v", r.status, one(t, s))
	}
}

// keepAlive sends a request on a bare connection, reads the answer, and returns
// what comes next on the connection.
func keepAlive(t *testing.T, s *Server) (response *http.Response, next func() error) {
	t.Helper()
	c, err := new(net.Dialer).DialContext(t.Context(), "tcp", s.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closing(t, c) })
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, s.BaseURL()+"/chat/completions",
		strings.NewReader(`{"model":"m"`+streamTwo+`,`+hello+`}`))
	if err != nil {
		t.Fatal(err)
	}
	if err := request.Write(c); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(c)
	response, err = http.ReadResponse(lines, request)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(response.Body); err != nil {
		t.Fatal(err)
	}
	return response, func() error {
		_, err := lines.ReadByte()
		return err
	}
}

func TestCloseEach(t *testing.T) {
	script := quick("m")
	script.Dialect.CloseEach = true
	response, next := keepAlive(t, start(t, Options{Scripts: []Script{script}}))
	if err := next(); !errors.Is(err, io.EOF) || !response.Close {
		t.Errorf("%v, said so: %v", err, response.Close)
	}
}

func TestCloseIdle(t *testing.T) {
	script := quick("m")
	script.Dialect.CloseIdle = 30 * ms
	s := start(t, Options{Scripts: []Script{script}})
	begun := time.Now()
	response, next := keepAlive(t, s)
	if err := next(); !errors.Is(err, io.EOF) || response.Close {
		t.Errorf("%v, said so: %v", err, response.Close)
	}
	if after := time.Since(begun); after < 35*ms {
		t.Errorf("closed after %v", after)
	}
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(ms) {
		s.idle.mu.Lock()
		left := len(s.idle.allowed) + len(s.idle.timers)
		s.idle.mu.Unlock()
		if left == 0 {
			return
		}
	}
	t.Error("the closed connection is still known")
}

// A connection that is used again before its time is kept.
func TestCloseIdleIsStopped(t *testing.T) {
	var i idleCloser
	a, b := net.Pipe()
	defer closing(t, b)
	i.allow(a, time.Hour)
	i.state(a, http.StateIdle)
	timer := i.timers[a]
	i.state(a, http.StateActive)
	if timer == nil || timer.Stop() || len(i.timers) != 0 {
		t.Error("the timer runs on")
	}
	i.state(a, http.StateIdle)
	i.allow(a, 0)
	i.state(a, http.StateActive)
	i.state(a, http.StateIdle)
	if len(i.timers) != 0 {
		t.Error("a timer where none is asked for")
	}
	closing(t, a)
}

func TestRedirect(t *testing.T) {
	target := start(t, Options{Scripts: []Script{quick("m")}})
	script := quick("m")
	script.Dialect.RedirectTo = target.listener.Addr().String()
	from := start(t, Options{Scripts: []Script{script}})
	r := post(t, client(t), from.BaseURL()+"/chat/completions", `{"model":"m"`+streamTwo+`,`+hello+`}`)
	if r.status != http.StatusOK || len(r.data) != 4 || len(target.Sent()) != 1 {
		t.Errorf("%+v", r)
	}
	if record := one(t, from); record.Status != http.StatusTemporaryRedirect || record.Completed || from.models["m"].accepted.Load() != 0 {
		t.Errorf("%+v", record)
	}
	r, _ = wire(t, streamTwo, func(s *Script) { s.Dialect.RedirectTo = "127.0.0.1:9" })
	if r.status != 307 || r.header.Get("Location") != "http://127.0.0.1:9/v1/chat/completions" || r.body != "" {
		t.Errorf("%+v", r)
	}
}
