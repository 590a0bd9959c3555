package cli

import (
	"cmp"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"costping/costmodel"
	"costping/probe"
	"costping/ui/cli/terminaltest"
	"costping/ui/setup"
)

// firstRun is the program, with init on a fixed day, and with an Ollama alone on its
// usual ports: at the address in FIRSTRUN_OLLAMA, else where nothing answers.
func firstRun(args []string) int {
	a := &app{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr}
	root := a.root()
	for _, c := range root.Commands() {
		if c.Name() == "init" {
			root.RemoveCommand(c)
		}
	}
	day, err := costmodel.ParseDate("2026-11-21")
	if err != nil {
		return exitCode(os.Stderr, err)
	}
	places := setup.Places()
	for i := range places {
		places[i].Host = "127.0.0.1:" + strconv.Itoa(i+1) // nothing listens there
	}
	places[0].Host = cmp.Or(os.Getenv("FIRSTRUN_OLLAMA"), places[0].Host)
	root.AddCommand(initWith(&initCommand{app: a, places: places, today: day}))
	root.SetArgs(args)
	root.SetOut(os.Stdout)
	root.SetErr(os.Stderr)
	return exitCode(os.Stderr, execute(root))
}

// home is an environment without keys and with folders of its own.
func home(t *testing.T, more ...string) (env []string, dir string) {
	t.Helper()
	dir = t.TempDir()
	for _, p := range probe.Providers() {
		for _, name := range p.KeyEnv {
			env = append(env, name+"=")
		}
	}
	for _, folder := range []string{"STATE", "CONFIG", "DATA"} {
		env = append(env, "XDG_"+folder+"_HOME="+filepath.Join(dir, strings.ToLower(folder)))
	}
	return slices.Concat(env, []string{"HOME=" + dir}, more), dir
}

// local is a server that lists two models and answers nothing else.
func local(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/models" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_, _ = w.Write([]byte(`{"data":[{"id":"llama3.2:3b"},{"id":"nomic-embed-text"}]}`))
	}))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

const question = "[Y]es, [e]dit, [n]o"

// Yes writes the file and opens the dashboard on it in the same process.
func TestInitOpensTheDashboard(t *testing.T) {
	t.Parallel()
	env, dir := home(t, "FIRSTRUN_OLLAMA="+local(t))
	x := terminaltest.Start(t, terminaltest.Options{Cols: 100, Rows: 30, Env: env}, "firstrun", "init")
	screen := x.AwaitText(question)
	for _, text := range []string{"llama3.2:3b, nomic-embed-text", "nomic-embed-text is an embedding model: left out of Compare", "First median after 6 min"} {
		if !strings.Contains(strings.Join(strings.Fields(screen), " "), text) {
			t.Errorf("%q is not on the screen\n%s", text, screen)
		}
	}
	x.Send("\r")
	x.Await("the dashboard and its notice", func(s string) bool {
		return strings.Contains(s, "probing 1 target every 1m; P pauses") && strings.Contains(s, "llama3.2:3b")
	})
	x.Send("Qq")
	x.Send("\r") // where it asks first
	if code := x.Wait(); code != exitOK {
		t.Errorf("exit code %d\n%s", code, x.Screen())
	}
	assertLeft(t, x)
	text, err := os.ReadFile(filepath.Join(dir, "config", "costping", "config.toml"))
	if err != nil || !strings.Contains(string(text), `name     = "llama3.2:3b"`) || strings.Contains(string(text), "nomic") {
		t.Errorf("the file is %v\n%s", err, text)
	}
}

func TestInitAnswers(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		editor, keys string
		awaited      string
		then         string
		code         int
	}{
		"no":              {"", "n\r", "Nothing was written", "", exitOK},
		"ctrl+d":          {"", "\x04", "no answer", "", exitFailed},
		"ctrl+c":          {"", "\x03", "", "", exitInterrupted},
		"something else":  {"", "what\r", question, "n\r", exitOK},
		"an editor fails": {"false", "e\r", "the editor \"false\" failed", "n\r", exitOK},
		"a bad edit":      {"sed -i s/60s/60x/", "e\r", "is no time: write", "n\r", exitOK},
		"a key typed in":  {"sed -i s/ollama/sk-0123456789abcdef/", "e\r", "API key", "y\rn\r", exitOK},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env, dir := home(t, "FIRSTRUN_OLLAMA="+local(t), "EDITOR="+tt.editor, "VISUAL=")
			x := terminaltest.Start(t, terminaltest.Options{Cols: 100, Rows: 40, Env: env}, "firstrun", "init")
			x.AwaitText(question)
			x.Send(tt.keys)
			if tt.awaited == question {
				x.Await("the question again", func(s string) bool { return strings.Count(s, question) == 2 })
			} else if tt.awaited != "" {
				x.AwaitText(tt.awaited)
			}
			x.Send(tt.then)
			if code := x.Wait(); code != tt.code {
				t.Errorf("exit code %d\n%s", code, x.Screen())
			}
			left, _ := filepath.Glob(filepath.Join(dir, "config", "costping", "*"))
			if len(left) != 0 {
				t.Errorf("%q was written", left)
			}
		})
	}
}

// From the dashboard without a configuration the demo and init go on in the same
// process.
func TestWaysOnFromTheDashboard(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"demo", "init"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			env, _ := home(t)
			x := terminaltest.Start(t, terminaltest.Options{Cols: 100, Rows: 30, Env: env}, "costping")
			x.Await("the first screen", func(s string) bool {
				return strings.Contains(s, "PRICES ONLY") && strings.Contains(s, ":demo (no key) or :init (found none)") && strings.Contains(s, "no key")
			})
			x.Send(":")
			x.AwaitText("actions")
			x.Send(way + "\r")
			if way == "demo" {
				x.AwaitText("DEMO simulated")
				x.Send("q")
				if code := x.Wait(); code != exitOK {
					t.Errorf("exit code %d", code)
				}
			}
			if way == "init" { // what is found depends on the machine
				x.Await("the dashboard again, or the question", func(s string) bool {
					return strings.Contains(s, "no key is set and no local server answers") || strings.Contains(s, question)
				})
				x.Send("\x03")
				x.Wait()
			}
			assertLeft(t, x)
		})
	}
}

// A workload that is saved is there in the next run, and what is said of a model too.
func TestKeptFromTheDashboard(t *testing.T) {
	t.Parallel()
	env, dir := home(t)
	x := terminaltest.Start(t, terminaltest.Options{Cols: 120, Rows: 30, Env: env}, "costping")
	x.AwaitText("PRICES ONLY")
	x.Send("E")
	x.AwaitText("yours: ")
	x.Send("0.77\r")
	x.AwaitText("kept what you say")
	x.AwaitText("0.77")
	x.Send("e")
	x.AwaitText("the workload, exactly")
	x.Send("\x13")
	x.AwaitText("save the workload")
	x.Send("mine\r")
	x.AwaitText("saved the workload mine")
	x.Send("q")
	if code := x.Wait(); code != exitOK {
		t.Errorf("exit code %d", code)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "config", "costping", "config.toml")); err != nil || !strings.Contains(string(text), "mine") {
		t.Errorf("the configuration is %v\n%s", err, text)
	}
	x = terminaltest.Start(t, terminaltest.Options{Cols: 120, Rows: 30, Env: env}, "costping")
	x.Await("both again", func(s string) bool { return strings.Contains(s, "0.77") && strings.Contains(s, "mine") })
	x.Send("q")
	x.Wait()
}
