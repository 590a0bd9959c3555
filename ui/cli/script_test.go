package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"unicode"

	"costping/store"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/shopspring/decimal"
)

var update = flag.Bool("update", false, "write the golden outputs in testdata/script anew")

// TestScripts runs testdata/script. Beside testscript's own commands there are:
//
//	fails CODE COMMAND...   it fails as it should: that exit code, one sentence and
//	                        at most one hint, nothing on stdout; with 2, the code of
//	                        wrong usage, no file is made or changed either
//	exits CODE COMMAND...   it ends with that exit code
//	simulate VAR ARGS...    costping simulate in the background; VAR is its base URL
//	terminate VAR           ends it, which has to be with code 0
//	endpoint VAR KIND       something that is no sound API; VAR is its base URL
//	own DIR                 holds the history in DIR, as another costping does
//	newer DIR               makes a history that takes a later program to read
//	damage FILE             writes over the beginning of a database
//	amounts FILE USD...     the costs a day in a cost document, in order
//	probes FILE N OUTCOME STORED
//	                        a probe document: N samples, all with that outcome,
//	                        and those that were made again because this machine
//	                        stalled
//	configure FILE VAR MODEL...
//	                        writes a configuration with a target of that name for
//	                        each model, at the base URL in VAR; MODEL@1/2 prices it
//	[!] nowhere TEXT        no file under $WORK holds it
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("XDG_STATE_HOME", filepath.Join(e.WorkDir, "state"))
			e.Setenv("XDG_CONFIG_HOME", filepath.Join(e.WorkDir, "config"))
			e.Setenv("XDG_DATA_HOME", filepath.Join(e.WorkDir, "data"))
			e.Setenv("HOME", filepath.Join(e.WorkDir, "home"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"fails": scriptFails, "exits": scriptExits,
			"simulate": scriptSimulate, "terminate": scriptTerminate, "endpoint": scriptEndpoint,
			"own": scriptOwn, "configure": scriptConfigure, "newer": scriptNewer,
			"damage": scriptDamage, "amounts": scriptAmounts, "probes": scriptProbes, "nowhere": scriptNowhere,
		},
	})
}

func scriptExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND...")
	}
	code := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		code = exit.ExitCode()
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

func scriptFails(ts *testscript.TestScript, neg bool, args []string) {
	before := files(ts)
	scriptExits(ts, neg, args)
	if out := ts.ReadFile("stdout"); out != "" {
		ts.Fatalf("on standard output: %q", out)
	}
	ts.Check(complaint(ts.ReadFile("stderr")))
	if after := files(ts); args[0] == strconv.Itoa(exitUsage) && !slices.Equal(before, after) {
		ts.Fatalf("files were made or changed: before %q, after %q", before, after)
	}
}

// complaint checks the form of an error message: one sentence, at most one hint,
// and nothing else.
func complaint(stderr string) error {
	lines := strings.Split(strings.TrimSuffix(stderr, "\n"), "\n")
	ok := strings.HasPrefix(lines[0], "costping: ") && len(lines[0]) > len("costping: ") &&
		(len(lines) == 1 || len(lines) == 2 && strings.HasPrefix(lines[1], "hint: ") && len(lines[1]) > len("hint: "))
	for _, line := range lines {
		ok = ok && strings.IndexFunc(line, unicode.IsControl) < 0
	}
	if !ok || !strings.HasSuffix(stderr, "\n") {
		return fmt.Errorf("an error is one line and at most one hint, this is\n%q", stderr)
	}
	return nil
}

// files lists what is under $WORK, with sizes and times.
func files(ts *testscript.TestScript) []string {
	var list []string
	ts.Check(filepath.WalkDir(ts.Getenv("WORK"), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil {
			list = append(list, fmt.Sprintln(path, info.Size(), info.ModTime().UnixNano()))
		}
		return err
	}))
	return list
}

type simulation struct{ *exec.Cmd }

func scriptSimulate(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: simulate VAR ARGS...")
	}
	cmd := exec.Command("costping", append([]string{"simulate"}, args[1:]...)...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Env = append(os.Environ(), "TMPDIR="+ts.Getenv("TMPDIR"))
	if i := slices.Index(args, "--key-env"); i >= 0 {
		cmd.Env = append(cmd.Env, args[i+1]+"="+ts.Getenv(args[i+1]))
	}
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Defer(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	ts.Check(err)
	words := strings.Fields(line)
	url := words[len(words)-1]
	if !strings.HasPrefix(url, "http://127.0.0.1:") || !strings.HasSuffix(url, "/v1") {
		ts.Fatalf("the first line does not end in the base URL: %q", line)
	}
	ts.Setenv(args[0], url)
	simulations(ts)[args[0]] = simulation{cmd}
}

func scriptTerminate(ts *testscript.TestScript, _ bool, args []string) {
	s := simulations(ts)[args[0]]
	ts.Check(s.Process.Signal(syscall.SIGTERM))
	if err := s.Wait(); err != nil {
		ts.Fatalf("the simulator ended with %v", err)
	}
}

var (
	runningMu sync.Mutex
	running   = map[string]map[string]simulation{} // by script
)

func simulations(ts *testscript.TestScript) map[string]simulation {
	runningMu.Lock()
	defer runningMu.Unlock()
	if running[ts.Name()] == nil {
		running[ts.Name()] = map[string]simulation{}
	}
	return running[ts.Name()]
}

func scriptEndpoint(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: endpoint VAR KIND")
	}
	handlers := map[string]http.HandlerFunc{
		"missing": func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, `{"error":{"message":"The model does not exist","code":"model_not_found"}}`, http.StatusNotFound)
		},
		"page": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, "<!doctype html><title>Welcome</title><p>\x1b[31mred\x1b]0;title\x07")
		},
		"whole": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"choices":[{"message":{"content":"all at once"},"finish_reason":"stop"}]}`)
		},
		"echo": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusUnauthorized)
			_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]string{
				"message": "Incorrect API key provided: " + r.Header.Get("Authorization"), "code": "invalid_api_key",
			}})
		},
		"broken": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"limited": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(http.StatusTooManyRequests)
		},
	}
	if args[1] == "refused" {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		ts.Check(err)
		ts.Setenv(args[0], "http://"+l.Addr().String()+"/v1")
		ts.Check(l.Close())
		return
	}
	handler, ok := handlers[args[1]]
	if !ok {
		ts.Fatalf("no endpoint %q", args[1])
	}
	server := httptest.NewServer(handler)
	ts.Defer(server.Close)
	ts.Setenv(args[0], server.URL+"/v1")
}

func scriptConfigure(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: configure FILE VAR MODEL...")
	}
	text := "[probe]\nprofile = \"brief\"\n"
	for _, arg := range args[2:] {
		model, price, priced := strings.Cut(arg, "@")
		if !priced {
			price = "1/2"
		}
		text += fmt.Sprintf("\n[[target]]\nname = %q\nbase_url = %q\nmodel = %q\nprice = %q\n", model, ts.Getenv(args[1]), model, price)
	}
	ts.Check(os.MkdirAll(filepath.Dir(ts.MkAbs(args[0])), 0o700))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

func scriptOwn(ts *testscript.TestScript, _ bool, args []string) {
	h, err := store.Open(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Defer(func() { _ = h.Close() })
}

func scriptNewer(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(newerHistory(ts.MkAbs(args[0])))
}

func scriptAmounts(ts *testscript.TestScript, _ bool, args []string) {
	var doc struct {
		Schema string
		Rows   []struct {
			USDPerDay decimal.Decimal `json:"usd_per_day"`
		}
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &doc))
	var got []string
	for _, r := range doc.Rows {
		got = append(got, r.USDPerDay.String())
	}
	if doc.Schema != "costping.cost/1" || !slices.Equal(got, args[1:]) {
		ts.Fatalf("schema %q, amounts a day %v, want %v", doc.Schema, got, args[1:])
	}
}

// scriptProbes checks a document of costping.probe/1 field by field.
func scriptProbes(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: probes FILE N OUTCOME STORED")
	}
	var doc struct {
		Schema  string
		Samples []map[string]any
		Summary map[string]any
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &doc))
	sound, wanted := 0, args[1]
	for _, s := range doc.Samples {
		if flags, _ := s["flags"].([]any); !slices.Contains(flags, any("client_stalled")) {
			sound++
		}
	}
	if doc.Schema != "costping.probe/1" || strconv.Itoa(sound) != wanted && strconv.Itoa(len(doc.Samples)) != wanted {
		ts.Fatalf("schema %q with %d samples, %d of them sound", doc.Schema, len(doc.Samples), sound)
	}
	for _, field := range []string{
		"n", "attempts", "ok", "outcomes", "ttft_p50_ms", "ttft_p50_ci_ms", "ttft_p95_ms",
		"output_tokens_per_s_p50", "e2e_p50_ms", "usd", "stored", "ttft_p95_ci_ms", "output_tokens_per_s_p50_ci", "e2e_p50_ci_ms",
		"success_ci", "cold", "warnings", "headroom", "learned", "against_fastest", "thinking_factor", "charged", "given_up",
	} {
		if _, ok := doc.Summary[field]; !ok {
			ts.Fatalf("the summary has no %s", field)
		}
	}
	if fmt.Sprint(doc.Summary["stored"]) != args[3] || doc.Summary["attempts"] != float64(len(doc.Samples)) {
		ts.Fatalf("summary: %v", doc.Summary)
	}
	for _, s := range doc.Samples {
		ts.Check(checkSample(s, args[2]))
	}
}

func checkSample(s map[string]any, outcome string) error {
	for _, field := range []string{
		"target", "at", "outcome", "status", "error", "ttft_ms", "ttfo_ms", "tpot_ms", "output_tokens_per_s", "e2e_ms",
		"ttfb_ms", "connect_ms", "input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens", "events", "flags", "usd",
		"wrote_ms", "dns_ms", "tls_ms", "protocol", "server_ttft_ms", "headroom", "learned", "retry_after_ms",
	} {
		if _, ok := s[field]; !ok {
			return fmt.Errorf("a sample has no %s", field)
		}
	}
	if s["outcome"] != outcome {
		return fmt.Errorf("outcome %v, error %v", s["outcome"], s["error"])
	}
	if _, ok := s["flags"].([]any); !ok {
		return fmt.Errorf("flags are %v", s["flags"])
	}
	if outcome != "ok" {
		if s["error"] == nil || s["ttft_ms"] != nil || s["usd"] != nil {
			return fmt.Errorf("a failed sample with error %v, TTFT %v, cost %v", s["error"], s["ttft_ms"], s["usd"])
		}
		return nil
	}
	ttfb, _ := s["ttfb_ms"].(float64)
	ttft, _ := s["ttft_ms"].(float64)
	e2e, _ := s["e2e_ms"].(float64)
	out, _ := s["output_tokens"].(float64)
	events, _ := s["events"].(float64)
	usd, err := decimal.NewFromString(fmt.Sprint(s["usd"]))
	if ttfb <= 0 || ttft < ttfb || e2e < ttft || out <= 0 || events <= 0 || s["status"] != 200.0 || s["error"] != nil || err != nil || !usd.IsZero() {
		return fmt.Errorf("a sample does not add up: %v", s)
	}
	if text, ok := s["usd"].(string); !ok || text == "" {
		return fmt.Errorf("money is no decimal string: %v", s["usd"])
	}
	return nil
}

func scriptNowhere(ts *testscript.TestScript, neg bool, args []string) {
	found := ""
	ts.Check(filepath.WalkDir(ts.Getenv("WORK"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		if bytes.Contains(text, []byte(args[0])) {
			found = path
		}
		return err
	}))
	if found != "" && !neg {
		ts.Fatalf("%q is in %s", args[0], found)
	}
	if found == "" && neg {
		ts.Fatalf("%q is in no file", args[0])
	}
}

// scriptDamage writes over the two pages that a database begins with: nobody can
// open it then, and the rest is whole.
func scriptDamage(ts *testscript.TestScript, _ bool, args []string) {
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_WRONLY, 0)
	ts.Check(err)
	_, err = f.WriteAt(bytes.Repeat([]byte{0xff}, 8), 4096+48)
	ts.Check(err)
	_, err = f.WriteAt(bytes.Repeat([]byte{0xff}, 8), 48)
	ts.Check(err)
	ts.Check(f.Close())
}
