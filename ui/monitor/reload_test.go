package monitor

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/store"
	"costping/ui/compare"
	"costping/ui/config"
)

// followedFile is a configuration that a monitor follows.
type followedFile struct {
	t    *testing.T
	path string

	mu      sync.Mutex
	inForce []config.Config
	refused []error
}

func newFollowedFile(t *testing.T, text string) *followedFile {
	t.Helper()
	f := &followedFile{t: t, path: filepath.Join(t.TempDir(), "config.toml")}
	f.write(text)
	return f
}

func (f *followedFile) write(text string) {
	f.t.Helper()
	draft := f.path + ".new"
	if err := errors.Join(os.WriteFile(draft, []byte(text), 0o600), os.Rename(draft, f.path)); err != nil {
		f.t.Fatal(err)
	}
}

func (f *followedFile) setup(reload <-chan struct{}) Setup {
	f.t.Helper()
	c, err := config.Load(f.path)
	if err != nil {
		f.t.Fatal(err)
	}
	return Setup{
		Config: c, Catalog: costmodel.Default(), Reload: reload,
		Changed: func(c config.Config) { f.mu.Lock(); defer f.mu.Unlock(); f.inForce = append(f.inForce, c) },
		Refused: func(err error) { f.mu.Lock(); defer f.mu.Unlock(); f.refused = append(f.refused, err) },
	}
}

func (f *followedFile) heard() (inForce, refused int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.inForce), len(f.refused)
}

// counting is a server that counts the probes of each first element of a path.
type counting struct {
	*httptest.Server
	asked sync.Map
}

func newCounting(t *testing.T) *counting {
	t.Helper()
	s := &counting{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, _ := s.asked.LoadOrStore(strings.Split(r.URL.Path, "/")[1], &atomic.Int64{})
		if r.Method == http.MethodPost {
			n.(*atomic.Int64).Add(1)
		}
		w.WriteHeader(http.StatusTeapot)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *counting) of(name string) int64 {
	if n, ok := s.asked.Load(name); ok {
		return n.(*atomic.Int64).Load()
	}
	return 0
}

// config is a configuration of targets on the server.
func (s *counting) config(head string, names ...string) string {
	for _, name := range names {
		head += fmt.Sprintf("[[target]]\nname = %q\nmodel = \"m\"\nbase_url = %q\n", name, s.URL+"/"+name+"/v1")
	}
	return head
}

// A file that changes is in force without a restart; one that cannot be used is
// refused once, and the one before stays in force.
func TestConfigurationIsFollowed(t *testing.T) {
	server := newCounting(t)
	text := server.config("[probe]\ninterval = \"1s\"\n", "a", "b")
	f := newFollowedFile(t, text)
	history, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = history.Close() }()
	reload := make(chan struct{})
	m, err := Configure(t.Context(), history, f.setup(reload))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Stop()
	waitFor(t, func() bool { return server.of("a") > 0 && server.of("b") > 0 })
	if err := m.Control().Enable(t.Context(), "b", false); err != nil {
		t.Fatal(err)
	}

	f.write("[probe\n")
	reload <- struct{}{}
	waitFor(t, func() bool { _, refused := f.heard(); return refused == 1 })
	if why := f.refused[0].Error(); !strings.Contains(why, "stays in force") || !strings.Contains(why, "config.toml") {
		t.Error(why)
	}
	if got := m.Status(); len(got.Targets) != 2 {
		t.Errorf("after a bad file: %+v", got.Targets)
	}

	f.write(text)
	reload <- struct{}{}
	waitFor(t, func() bool { _, refused := f.heard(); return refused == 2 })
	if inForce, _ := f.heard(); inForce != 0 || f.refused[1] != nil {
		t.Errorf("put back as it was it is in force %d times, and %v", inForce, f.refused[1])
	}

	// Nobody asks for this one to be read.
	f.write(server.config("[probe]\ninterval = \"2s\"\n[[limit]]\ntarget = \"*\"\nttft_p95 = \"1s\"\n", "b", "c"))
	waitFor(t, func() bool { inForce, _ := f.heard(); return inForce == 1 })
	waitFor(t, func() bool { return server.of("c") > 0 })
	got := m.Status()
	if len(got.Targets) != 2 || got.Targets[0].State != probe.TargetOff || got.Targets[1].Name != "c" || got.Interval != 2*time.Second {
		t.Errorf("now it probes %+v", got)
	}
	if facts := m.judged(); len(facts.Limits) != 1 || facts.Candidates[1].Target != "c" {
		t.Errorf("it is judged by %+v", facts)
	}
	a, c := server.of("a"), server.of("c")
	waitFor(t, func() bool { return server.of("c") > c })
	if server.of("a") != a {
		t.Error("a target that was taken away is probed")
	}
	var said []string
	waitFor(t, func() bool {
		events, err := history.Events(t.Context(), store.Range{})
		if err != nil {
			t.Fatal(err)
		}
		said = nil
		for _, e := range events {
			if e.Kind == EventConfigChanged {
				said = append(said, e.Text)
			}
		}
		return len(said) > 0
	})
	if want := "no longer a; new: c; probing every 2s, before every 1s; other limits"; len(said) != 1 || said[0] != want {
		t.Errorf("recorded %q, want %q", said, want)
	}
	if _, refused := f.heard(); refused != 2 {
		t.Errorf("refused %d times", refused)
	}
}

// What is said of a change, and that nothing is said where there is none.
func TestWhatChanged(t *testing.T) {
	t.Parallel()
	a := targetsOf(t)
	for want, change := range map[string]func(*config.Config){
		"":                        func(*config.Config) {},
		"here with another model": func(c *config.Config) { c.Targets[0].Model = "gpt-4o-mini" },
		"here with another base_url, tags": func(c *config.Config) {
			c.Targets[0].BaseURL, c.Targets[0].Tags = "http://127.0.0.1:2/v1", []string{"new"}
		},
		"here with another access": func(c *config.Config) { c.Targets[0].KeyEnv = "OTHER" },
		"no longer there":          func(c *config.Config) { c.Targets = c.Targets[:2] },
		"other alerts":             func(c *config.Config) { c.Alerts.OnAlert = []string{"true"} },
		"other profile":            func(c *config.Config) { c.Profile = "brief" },
		"other limits":             func(c *config.Config) { c.Limits = []compare.Limit{{Target: "*"}} },
		"targets in another order": func(c *config.Config) { c.Targets[0], c.Targets[1] = c.Targets[1], c.Targets[0] },
		"a budget of $2.5 a day, before $1": func(c *config.Config) {
			c.Budget, _ = costmodel.ParseUSD("2.50")
		},
	} {
		b := targetsOf(t)
		change(&b)
		if got := whatChanged(a, b); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// However often the schedules are exchanged, a target is probed at its interval, and
// what is paused stays so.
func TestReplacedSchedulesKeepThePace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		history := newMemory()
		made := func() []*probe.Schedule {
			return []*probe.Schedule{{
				Targets: []probe.Target{{Name: "a", Model: "m", BaseURL: "http://127.0.0.1:1/v1"}},
				Profile: probe.Chat(), Interval: time.Minute, Prober: slow{},
			}}
		}
		m := Start(t.Context(), history, made()...)
		for range 180 { // every ten seconds for half an hour
			time.Sleep(10 * time.Second)
			m.replace(Facts{}, nil, made())
		}
		if n := history.count(); n < 25 || n > 31 {
			t.Errorf("%d probes in half an hour, one a minute is wanted", n)
		}
		if err := m.Control().Pause(t.Context(), true); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Second)
		n := history.count()
		m.replace(Facts{}, nil, made())
		time.Sleep(10 * time.Minute)
		if history.count() != n || m.Status().PausedSince.IsZero() {
			t.Error("it was paused, and probes again")
		}
		m.Finish(context.Background())
	})
}
