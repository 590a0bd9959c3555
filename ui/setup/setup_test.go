package setup

import (
	"errors"
	"flag"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"costping/costmodel"
	"costping/probe"
	"costping/ui/config"

	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write the golden files anew")

// today is the day of the goldens.
func today(t testing.TB) costmodel.Date {
	t.Helper()
	day, err := costmodel.ParseDate("2026-11-21")
	if err != nil {
		t.Fatal(err)
	}
	return day
}

const secret = "sk-0123456789abcdefABCDEF"

// environment holds the secret in the given variables.
func environment(set ...string) func(string) string {
	return func(name string) string {
		if slices.Contains(set, name) {
			return secret
		}
		return ""
	}
}

func planned(t testing.TB, servers []Server, set ...string) Plan {
	t.Helper()
	keys, lookedFor := Keys(environment(set...))
	return NewPlan(costmodel.Default(), today(t), keys, lookedFor, Places(), servers)
}

func ollama(chat, embedding []string) []Server {
	return []Server{{Place: Places()[0], Chat: chat, Embedding: embedding}}
}

func TestReports(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]Plan{
		"nothing":  planned(t, nil),
		"one-key":  planned(t, nil, "OPENAI_API_KEY"),
		"local":    planned(t, ollama([]string{"llama3.2:3b"}, []string{"nomic-embed-text"})),
		"all":      planned(t, ollama([]string{"a", "b", "c", "d", "e"}, nil), "OPENAI_API_KEY", "GOOGLE_API_KEY", "AZURE_OPENAI_API_KEY", "XAI_API_KEY"),
		"no-model": planned(t, []Server{{Place: Places()[1], Problem: "it wants a key"}}),
	} {
		var got strings.Builder
		if err := p.Report(&got); err != nil {
			t.Fatal(err)
		}
		if p.Found() {
			got.WriteString("\n" + p.Text())
		}
		for line := range strings.Lines(got.String()) {
			if ansi.StringWidth(strings.TrimSuffix(line, "\n")) > 80 {
				t.Errorf("%s: wider than 80: %q", name, line)
			}
		}
		golden := filepath.Join("testdata", name+".txt")
		if *update {
			if err := os.WriteFile(golden, []byte(got.String()), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil || string(want) != got.String() {
			t.Errorf("%s is not as in %s (%v):\n%s", name, golden, err, got.String())
		}
	}
}

// Whatever is found: the file is a good configuration of just the targets that were
// shown, holds no key, and what the day costs is within the budget.
func TestWhatIsWrittenIsAccepted(t *testing.T) {
	t.Parallel()
	var variables []string
	for _, p := range probe.Providers() {
		variables = append(variables, p.KeyEnv...)
	}
	names := rapid.SampledFrom([]string{"llama3.2:3b", "gpt-4o", `a"b\c`, "文書", strings.Repeat("long", 30), "gpt-6-luna"})
	rapid.Check(t, func(r *rapid.T) {
		set := rapid.SliceOfDistinct(rapid.SampledFrom(variables), rapid.ID).Draw(r, "set")
		var servers []Server
		for _, place := range Places() {
			if rapid.Bool().Draw(r, place.Port()) {
				s := Server{Place: place}
				for _, name := range rapid.SliceOfNDistinct(names, 1, 6, rapid.ID).Draw(r, "models") {
					if fit(name) {
						s.Chat = append(s.Chat, name)
					}
				}
				servers = append(servers, s)
			}
		}
		p := planned(t, servers, set...)
		c, err := config.Read(strings.NewReader(p.Text()), "config.toml")
		if err != nil {
			r.Fatalf("%v\n%s", err, p.Text())
		}
		if strings.Contains(p.Text(), secret) {
			r.Fatal("the file has a key in it")
		}
		if len(c.Targets) != len(p.Choices) || p.Found() != (len(p.Choices) > 0) {
			r.Fatalf("%d targets of %d choices", len(c.Targets), len(p.Choices))
		}
		each := map[string]int{}
		for i, choice := range p.Choices {
			if got := c.Targets[i]; got.Name != choice.Target.Name || got.Model != choice.Target.Model || got.KeyEnv != choice.Target.KeyEnv {
				r.Fatalf("%+v is read as %+v", choice.Target, got.Target)
			}
			each[choice.Target.KeyEnv+choice.Target.BaseURL]++
		}
		for from, n := range each {
			if n > perKey {
				r.Fatalf("%d models of %s", n, from)
			}
		}
		if p.Day.GreaterThan(p.Budget) {
			r.Fatalf("a day costs %s of %s", p.Day, p.Budget)
		}
	})
}

// Only what can be had today and for a while is chosen, at what can be afforded.
func TestChosenModels(t *testing.T) {
	t.Parallel()
	p := planned(t, nil, "OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "TOGETHER_API_KEY", "FIREWORKS_API_KEY",
		"GROQ_API_KEY", "MISTRAL_API_KEY", "DEEPSEEK_API_KEY", "XAI_API_KEY")
	providers := map[string]int{}
	limit, _ := costmodel.ParseUSD(strongOutput)
	for _, c := range p.Choices {
		providers[c.Target.Provider]++
		m, ok := costmodel.Default().Lookup(c.Target.Name)
		out, priced := m.PriceOn(today(t)).Output.USD()
		if !ok || !priced || m.RetiredOn(today(t)) || m.UnreleasedOn(today(t)) || out.Cmp(limit) > 0 || m.Kind != costmodel.Chat {
			t.Errorf("%s was chosen", c.Target.Name)
		}
		if days, ends := m.DaysLeft(today(t)); ends && days <= soon {
			t.Errorf("%s ends in %d days", m.ID, days)
		}
		if !m.Is(c.Target.Model) {
			t.Errorf("%s is asked for as %s", m.ID, c.Target.Model)
		}
		if c.Why == "" {
			t.Errorf("%s: no reason", m.ID)
		}
	}
	if len(providers) != 9 {
		t.Errorf("models of %d providers: %v", len(providers), providers)
	}
}

// What answers at a port is not trusted.
func TestServers(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 200)
	for name, tt := range map[string]struct {
		status    int
		body      string
		chat      []string
		embedding []string
		problem   string
	}{
		"models":      {200, `{"data":[{"id":"llama3.2:3b"},{"id":"nomic-embed-text"},{"id":"llama3.2:3b"},{"id":"text-embedding-3-small"}]}`, []string{"llama3.2:3b"}, []string{"nomic-embed-text", "text-embedding-3-small"}, ""},
		"bad names":   {200, `{"data":[{"id":"a\u001b[2Jb"},{"id":"a\nb"},{"id":""},{"id":"` + long + `"},{"id":"a*"},{"id":"ok"}]}`, []string{"ok"}, nil, ""},
		"many":        {200, `{"data":[` + strings.Repeat(`{"id":"a"},`, 60) + `{"id":"late"}]}`, []string{"a"}, nil, ""},
		"endless":     {200, `{"data":[` + strings.Repeat(`{"id":"a"},`, 60_000) + `{"id":"late"}]}`, nil, nil, "no list"},
		"a page":      {200, `<html>`, nil, nil, "no list"},
		"no models":   {200, `{"data":[]}`, nil, nil, "no models"},
		"a key":       {401, ``, nil, nil, "wants a key"},
		"not there":   {404, ``, nil, nil, "status 404"},
		"a redirect":  {302, ``, nil, nil, "status 302"},
		"other shape": {200, `{"data":"x"}`, nil, nil, "no list"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/v1/models" || r.Header.Get("Authorization") != "" {
					t.Errorf("asked for %s with %q", r.URL.Path, r.Header.Get("Authorization"))
				}
				w.Header().Set("Location", "http://192.0.2.1/")
				w.WriteHeader(tt.status)
				_, _ = w.Write([]byte(tt.body))
			}))
			t.Cleanup(server.Close)
			place := Place{Places()[0].Provider, server.Listener.Addr().String()}
			got := ask(t.Context(), server.Client(), place)
			if tt.status == 302 {
				// The client of Servers follows nothing.
				got = first(Servers(t.Context(), []Place{place}))
			}
			if got == nil {
				t.Fatal("nothing answered")
			}
			if !slices.Equal(got.Chat, tt.chat) || !slices.Equal(got.Embedding, tt.embedding) {
				t.Errorf("models %q and %q", got.Chat, got.Embedding)
			}
			if (tt.problem == "") != (got.Problem == "") || !strings.Contains(got.Problem, tt.problem) {
				t.Errorf("problem %q", got.Problem)
			}
		})
	}
}

func first(servers []Server) *Server {
	if len(servers) == 0 {
		return nil
	}
	return &servers[0]
}

// Nothing but loopback is asked, and a port where nothing listens is none.
func TestServersElsewhereAreNotAsked(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0") // a free port
	if err != nil {
		t.Fatal(err)
	}
	closed := l.Addr().String()
	_ = l.Close()
	asked := false
	client := &http.Client{Transport: roundTrip(func() { asked = true })}
	for _, host := range []string{"192.0.2.1:80", "example.com:80", "localhost.example.com:80", "", "127.0.0.1"} {
		if ask(t.Context(), client, Place{Host: host}) != nil || asked {
			t.Errorf("%q was asked", host)
		}
	}
	if ask(t.Context(), client, Place{Host: "127.0.0.1:80"}); !asked {
		t.Error("loopback was not asked")
	}
	if got := Servers(t.Context(), []Place{{Host: closed}}); got != nil {
		t.Errorf("%v answered", got)
	}
}

type roundTrip func()

func (f roundTrip) RoundTrip(*http.Request) (*http.Response, error) {
	f()
	return nil, errors.New("not sent")
}

func TestWriteNeverOverwrites(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "a", "costping")
	path := filepath.Join(folder, "config.toml")
	if err := Write(path, "first\n"); err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]os.FileMode{folder: 0o700, path: 0o600} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	var exists *ExistsError
	if err := Write(path, "second\n"); !errors.As(err, &exists) {
		t.Errorf("written twice: %v", err)
	}
	if err := Free(path); !errors.As(err, &exists) {
		t.Errorf("it is free: %v", err)
	}
	if text, _ := os.ReadFile(path); string(text) != "first\n" {
		t.Errorf("it holds %q", text)
	}
	if left, _ := os.ReadDir(folder); len(left) != 1 {
		t.Errorf("%d files are left", len(left))
	}
	dangling := filepath.Join(folder, "link.toml")
	if err := os.Symlink(filepath.Join(folder, "nowhere"), dangling); err != nil {
		t.Fatal(err)
	}
	if err := Write(dangling, "x"); !errors.As(err, &exists) {
		t.Errorf("through a link to nowhere: %v", err)
	}
}

func TestKeyMissing(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		provider string
		set      []string
		missing  bool
	}{
		{"openai", nil, true},
		{"openai", []string{"OPENAI_API_KEY"}, false},
		{"google", nil, true},
		{"google", []string{"GOOGLE_API_KEY"}, false},
		{"alibaba", nil, false}, // who knows
		{"ollama", nil, false},
	} {
		if got := KeyMissing(tt.provider, environment(tt.set...)); got != tt.missing {
			t.Errorf("%s with %v: %v", tt.provider, tt.set, got)
		}
	}
}

// A provider's second variable is not among those that are said not to be set: nobody
// has looked.
func TestSecondVariableOfAProvider(t *testing.T) {
	t.Parallel()
	both, lookedFor := Keys(environment("GEMINI_API_KEY", "GOOGLE_API_KEY"))
	_, all := Keys(environment())
	if len(both) != 1 || both[0].Variable != "GEMINI_API_KEY" || lookedFor != all-1 {
		t.Errorf("%d of %d looked for, found %v", lookedFor, all, both)
	}
	one, lookedFor := Keys(environment("GOOGLE_API_KEY"))
	if len(one) != 1 || one[0].Variable != "GOOGLE_API_KEY" || lookedFor != all {
		t.Errorf("%d of %d looked for, found %v", lookedFor, all, one)
	}
}
