package monitor

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"costping/costmodel"
	"costping/store"
	"costping/ui/config"
)

// begun runs the configuration of a file, with what is said elsewhere of its targets.
func begun(t *testing.T, f *followedFile, s Setup) (*Configured, store.History) {
	t.Helper()
	history, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	m, err := Configure(t.Context(), history, s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Stop(); _ = history.Close() })
	return m, history
}

// configChanges are the changes that were recorded, in words.
func configChanges(t *testing.T, history store.History) []string {
	t.Helper()
	events, err := history.Events(t.Context(), store.Range{})
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, e := range events {
		if e.Kind == EventConfigChanged {
			said = append(said, e.Text)
		}
	}
	return said
}

// What is said of a target elsewhere than in the file is in force after a reload too,
// a change of it is one of the configuration, and a file that says the same is none.
func TestReloadReadsAsTheStartDid(t *testing.T) {
	server := newCounting(t)
	text := server.config("[probe]\ninterval = \"1m\"\n", "a")
	f := newFollowedFile(t, text)
	elsewhere := filepath.Join(t.TempDir(), "price")
	price := func(s string) {
		if err := os.WriteFile(elsewhere, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	price("1/2")
	reload := make(chan struct{})
	s := f.setup(reload)
	s.Files = []string{elsewhere}
	s.Load = func() (config.Config, error) {
		c, err := config.Load(f.path)
		said, bad := os.ReadFile(elsewhere)
		if bad != nil {
			return c, bad
		}
		for i := range c.Targets {
			c.Targets[i].Price = priced(t, string(said))
		}
		return c, err
	}
	c, err := s.Load()
	if err != nil {
		t.Fatal(err)
	}
	s.Config = c
	m, history := begun(t, f, s)
	waitFor(t, func() bool { return history.Role().Owner })

	f.write(text + "\n# the same\n")
	reload <- struct{}{}
	reload <- struct{}{} // the one before has been read
	if inForce, refused := f.heard(); inForce != 0 || refused != 0 {
		t.Errorf("the same is in force %d times, refused %d times", inForce, refused)
	}
	f.write(text + "[[limit]]\ntarget = \"*\"\nttft_p95 = \"1s\"\n")
	waitFor(t, func() bool { inForce, _ := f.heard(); return inForce == 1 })
	if got := m.judged(); !got.Candidates[0].Price.Equal(priced(t, "1/2")) || len(got.Limits) != 1 {
		t.Errorf("it is judged by %+v", got)
	}
	price("1/4")
	waitFor(t, func() bool { inForce, _ := f.heard(); return inForce == 2 })
	if got := m.judged(); !got.Candidates[0].Price.Equal(priced(t, "1/4")) {
		t.Errorf("it is judged by %+v", got.Candidates)
	}
	waitFor(t, func() bool { return len(configChanges(t, history)) == 2 })
	if got, want := configChanges(t, history), []string{"other limits", "a with another price"}; !slices.Equal(got, want) {
		t.Errorf("recorded %q, want %q", got, want)
	}
}

// The workload that is judged by is that of the configuration in force.
func TestReloadResolvesTheWorkload(t *testing.T) {
	server := newCounting(t)
	with := func(name, volume string) string {
		return server.config(fmt.Sprintf("[probe]\ninterval = \"1m\"\n[[workload]]\nname = %q\nvolume = %q\nsplit = \"75/25\"\n", name, volume), "a")
	}
	f := newFollowedFile(t, with("now", "100M/day"))
	s := f.setup(make(chan struct{}))
	s.Workload = func(c config.Config, day costmodel.Date) costmodel.Workload { return c.Workloads[0].On(day) }
	m, _ := begun(t, f, s)
	workload := func() string {
		return m.judged().WorkloadOn(costmodel.DateOf(noon)).Volume.String()
	}
	if got := workload(); got != "100M tokens/day" {
		t.Errorf("at first %s", got)
	}
	f.write(with("then", "200M/day"))
	waitFor(t, func() bool { inForce, refused := f.heard(); return inForce+refused == 1 })
	if got := workload(); got != "200M tokens/day" {
		t.Errorf("then %s, refused %v", got, f.refused)
	}

	x := newJudged(t, m.judged())
	x.facts.Candidates[0].Price = priced(t, "1/1")
	x.facts.Candidates[0].OwnMachine = false
	x.restart()
	x.look(noon)
	status, err := ReadStatus(x.facts.Dir, noon)
	if err != nil || status.Targets[0].USDPerMonth == nil || *status.Targets[0].USDPerMonth != "6000" {
		t.Errorf("%+v, %v", status.Targets, err)
	}
}

// A prompt in a file of its own is followed, and so is the file of another prompt.
func TestProfileFileIsFollowed(t *testing.T) {
	server := newCounting(t)
	f := newFollowedFile(t, server.config("[probe]\ninterval = \"1m\"\nprofile = \"one.toml\"\n", "a"))
	profile := func(name, prompt string) {
		text := fmt.Sprintf("name = \"mine\"\nmax_tokens = 64\nprompt = %q\n", prompt)
		if err := os.WriteFile(filepath.Join(filepath.Dir(f.path), name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	profile("one.toml", "Say one.")
	profile("two.toml", "Say two.")
	_, history := begun(t, f, f.setup(make(chan struct{})))
	waitFor(t, func() bool { return history.Role().Owner })
	profile("one.toml", "Say something else.")
	waitFor(t, func() bool { inForce, _ := f.heard(); return inForce == 1 })
	f.write(server.config("[probe]\ninterval = \"1m\"\nprofile = \"two.toml\"\n", "a"))
	waitFor(t, func() bool { inForce, _ := f.heard(); return inForce == 2 })
	profile("two.toml", "Say something quite different.")
	waitFor(t, func() bool { return len(configChanges(t, history)) == 3 })
	if got := configChanges(t, history); !slices.Equal(got, []string{"other profile", "other profile", "other profile"}) {
		t.Errorf("recorded %q", got)
	}
}
