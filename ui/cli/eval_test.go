package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"costping/ui/cli/terminaltest"
)

// Ctrl+c lets what is under way come to its end, and the same command goes on from
// there: each task is asked once.
func TestAnInterruptedEvalGoesOn(t *testing.T) {
	t.Parallel()
	const tasks = 5
	var asked atomic.Int64
	arrived, proceed := make(chan struct{}, tasks), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			http.NotFound(w, r)
			return
		}
		if asked.Add(1) <= 2 {
			arrived <- struct{}{}
			<-proceed
		}
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, `data: {"choices":[{"delta":{"content":"yes"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":1}}`+"\n\ndata: [DONE]\n\n")
	}))
	defer server.Close()
	dir := t.TempDir()
	var lines strings.Builder
	for i := range tasks {
		fmt.Fprintf(&lines, `{"id":"t%d","prompt":"Task %d: say yes.","expect":"yes"}`+"\n", i, i)
	}
	write(t, filepath.Join(dir, "tasks.jsonl"), lines.String())
	write(t, filepath.Join(dir, "config.toml"), fmt.Sprintf("[[target]]\nname = \"t\"\nbase_url = %q\nmodel = \"m\"\n", server.URL+"/v1"))
	eval := func() (*exec.Cmd, *bytes.Buffer, io.Reader) {
		cmd := exec.Command(shipped(t), "--config", "config.toml", "eval", "tasks.jsonl", "--target", "t", "--concurrency", "2", "-o", "json")
		var out bytes.Buffer
		cmd.Dir, cmd.Stdout = dir, &out
		cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+dir)
		stderr, err := cmd.StderrPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		return cmd, &out, stderr
	}
	document := func(out *bytes.Buffer) (doc evalJSON) {
		if err := json.Unmarshal(out.Bytes(), &doc); err != nil || len(doc.Rows) != 1 {
			t.Fatalf("%v: %s", err, out)
		}
		return doc
	}

	cmd, out, stderr := eval()
	<-arrived
	<-arrived
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	// Nothing is let go before the signal is taken: another task could be begun.
	for said := bufio.NewScanner(stderr); said.Scan() && !strings.HasPrefix(said.Text(), "finishing what is under way"); {
	}
	close(proceed)
	err := cmd.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != exitInterrupted {
		t.Fatalf("%v: %s", err, out)
	}
	first := document(out)
	if row := first.Rows[0]; !first.Interrupted || row.Answered != 2 {
		t.Errorf("%+v", first)
	}
	cmd, out, _ = eval()
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	second := document(out)
	if row := second.Rows[0]; second.Interrupted || row.Correct != tasks || row.Reused != first.Rows[0].Answered || asked.Load() != tasks {
		t.Errorf("%+v, %d requests", second, asked.Load())
	}
}

// A person at a terminal is asked before recall is paid for.
func TestContextAsksBeforeItSpends(t *testing.T) {
	t.Parallel()
	slow, _ := simulated(t)
	for answer, sent := range map[string]bool{"n": false, "": false, "y": true} {
		x := terminaltest.Start(t, terminaltest.Options{Cols: 120, Rows: 40, Env: []string{"XDG_CONFIG_HOME=" + t.TempDir()}}, shipped(t),
			"probe", "--base-url", slow, "--model", "gemini-2.0-flash", "--kind", "context", "--lengths", "300", "-n", "1", "--concurrency", "5",
			"--price", "1/2", "--history", filepath.Join(t.TempDir(), "h"))
		x.Await("the question", func(s string) bool { return strings.Contains(s, "Spend it? [y/N]") })
		x.Send(answer + "\r")
		code := x.Wait()
		screen := x.Screen()
		if sent && (code != exitOK || !strings.Contains(screen, "5 requests, $0.00")) || !sent && (code != exitFailed || !strings.Contains(screen, "nothing was sent")) {
			t.Errorf("%q: exit code %d\n%s", answer, code, screen)
		}
	}
}
