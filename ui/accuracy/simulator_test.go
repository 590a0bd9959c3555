package accuracy

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"costping/probe"
	"costping/probe/simulator"
)

// setupEnv carries the setup to the process that is the simulator.
const setupEnv = "COSTPING_ACCURACY_SIMULATOR"

// setup says what the simulator plays: one model for each stream, so that the
// i-th request of a model is the i-th attempt of its stream.
type setup struct {
	Streams int
	// Together sends the headers with the first token instead of with a role
	// delta before it.
	Together bool
	// Log is the file that takes the simulator's account.
	Log string
}

// gap is the time of a token: 100 tokens a second.
const gap = 10 * time.Millisecond

// firstToken is the median scripted TTFT. It is short so that many are seen.
const firstToken = 25 * time.Millisecond

func streamName(i int) string { return fmt.Sprintf("stream-%03d", i) }

// options are the simulator's. Gaps vary, so that streams that happen to be in
// step do not stay so.
func (s setup) options(log io.Writer) simulator.Options {
	o := simulator.Options{Seed: 1, LogEvents: true, Log: log}
	for i := range s.Streams {
		o.Scripts = append(o.Scripts, simulator.Script{
			Model: streamName(i), TTFT: simulator.LogNormal(firstToken, 0.15), Gap: simulator.LogNormalMean(gap, 0.3),
			RoleFirst: !s.Together, RoleAt: 0.1,
		})
	}
	return o
}

// serve is the whole life of the other process: it says where it listens, and
// ends with its standard input.
func serve(text string) (code int) {
	runtime.GOMAXPROCS(programThreads())
	err := func() error {
		var s setup
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			return err
		}
		log, err := os.Create(s.Log)
		if err != nil {
			return err
		}
		server, err := simulator.Start(s.options(log))
		if err != nil {
			return err
		}
		fmt.Println(server.BaseURL())
		_, _ = io.Copy(io.Discard, os.Stdin)
		return server.Close()
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, "simulator:", err)
		return 1
	}
	return 0
}

// world is a running simulator.
type world struct {
	setup
	baseURL string
}

// elsewhere starts the simulator in a process of its own.
func elsewhere(t testing.TB, s setup) world {
	t.Helper()
	s.Log = filepath.Join(t.TempDir(), "sent.jsonl")
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), setupEnv+"="+string(text))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("the simulator: %v", err)
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the simulator did not start: %v", err)
	}
	return world{setup: s, baseURL: strings.TrimSpace(line)}
}

// here starts the simulator in this process, for what that changes.
func here(t testing.TB, s setup) world {
	t.Helper()
	s.Log = filepath.Join(t.TempDir(), "sent.jsonl")
	log, err := os.Create(s.Log)
	if err != nil {
		t.Fatal(err)
	}
	server, err := simulator.Start(s.options(log))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Errorf("the simulator: %v", err)
		}
		_ = log.Close()
	})
	return world{setup: s, baseURL: server.BaseURL()}
}

// targets are the streams of the world.
func (w world) targets() []probe.Target {
	targets := make([]probe.Target, w.Streams)
	for i := range targets {
		targets[i] = probe.Target{Name: streamName(i), Model: streamName(i), BaseURL: w.baseURL}
	}
	return targets
}

// sent is what the server says of one request, in milliseconds since it came.
type sent struct {
	Model     string    `json:"model"`
	FirstMs   float64   `json:"ttft_ms"`
	EventMs   []float64 `json:"event_ms"`
	Completed bool      `json:"completed"`
}

// account reads what the server has sent so far, by model in the order of the
// requests. Only what is in flight is missing from it.
func (w world) account(t testing.TB) map[string][]sent {
	t.Helper()
	text, err := os.ReadFile(w.Log)
	if err != nil {
		t.Fatal(err)
	}
	byModel := map[string][]sent{}
	for line := range bytes.Lines(text) {
		var s sent
		if err := json.Unmarshal(line, &s); err != nil {
			t.Fatalf("%v in the simulator's log: %s", err, line)
		}
		byModel[s.Model] = append(byModel[s.Model], s)
	}
	return byModel
}
