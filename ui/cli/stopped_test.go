package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// A process that is stopped in the middle of a probe, by ctrl+z or a closed lid,
// reads its tokens late. That sample says so, is not in the figures, and does not
// eat up one of those that were asked for.
func TestStoppedProcessSpoilsNoFigure(t *testing.T) {
	arrived, proceed := make(chan struct{}), make(chan struct{})
	var first atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		_ = http.NewResponseController(w).Flush()
		if first.CompareAndSwap(false, true) {
			arrived <- struct{}{}
			<-proceed
		}
		for range 12 {
			fmt.Fprint(w, `data: {"choices":[{"delta":{"content":"one "}}]}`+"\n\n")
			_ = http.NewResponseController(w).Flush()
		}
		fmt.Fprint(w, `data: {"choices":[{"delta":{},"finish_reason":"length"}],"usage":{"prompt_tokens":9,"completion_tokens":12}}`+"\n\ndata: [DONE]\n\n")
	}))
	defer server.Close()

	var stdout, stderr bytes.Buffer
	cmd := exec.Command(shipped(t), "probe", "--base-url", server.URL+"/v1", "--model", "m", "-n", "2", "-o", "json")
	cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+t.TempDir(), "XDG_CONFIG_HOME="+t.TempDir())
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	signal := func(s os.Signal) {
		if err := cmd.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
	}
	<-arrived
	signal(syscall.SIGSTOP)
	var status syscall.WaitStatus // a signal takes a while to reach every thread
	if _, err := syscall.Wait4(cmd.Process.Pid, &status, syscall.WUNTRACED, nil); err != nil || !status.Stopped() {
		t.Fatalf("%v, status %v", err, status)
	}
	proceed <- struct{}{}
	time.Sleep(400 * time.Millisecond) // how long it is stopped: four times what counts
	signal(syscall.SIGCONT)
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v: %s", err, stderr.String())
	}

	var doc struct {
		Samples []struct {
			Outcome string
			Flags   []string
		}
		Summary struct{ N int }
	}
	if err := json.Unmarshal(stdout.Bytes(), &doc); err != nil || len(doc.Samples) < 3 {
		t.Fatalf("%v: %s", err, stdout.String())
	}
	stopped := doc.Samples[0]
	if stopped.Outcome != "ok" || !slices.Contains(stopped.Flags, "client_stalled") || !slices.Contains(stopped.Flags, "client_busy") {
		t.Errorf("the stopped probe: %+v", stopped)
	}
	others := 0 // this machine may be so busy that it spoils more of them
	for _, s := range doc.Samples {
		if !slices.Contains(s.Flags, "client_stalled") {
			others++
		}
	}
	if doc.Summary.N != others || others != 2 && len(doc.Samples) < 2+3 {
		t.Errorf("n %d, %d others of %+v", doc.Summary.N, others, doc.Samples)
	}
}
