package store

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"costping/probe"

	"go.uber.org/goleak"
)

// roleEnv makes the test binary another process: what it does, a space, and where.
const roleEnv = "COSTPING_TEST_STORE"

func TestMain(m *testing.M) {
	flag.Parse()
	if role := os.Getenv(roleEnv); role != "" {
		if err := otherProcess(role); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// otherProcess is what the test binary does in place of tests.
func otherProcess(role string) error {
	what, where, _ := strings.Cut(role, " ")
	if what == "check" {
		return json.NewEncoder(os.Stdout).Encode(CheckFile(context.Background(), where))
	}
	if what == "memory" {
		return showMemory(where)
	}
	h, err := Open(where)
	if err != nil {
		return err
	}
	fmt.Println("open")
	switch what {
	case "hold": // until its standard input ends
		_, _ = io.Copy(io.Discard, os.Stdin)
	case "note": // as write, samples and events
		for n := 0; ; n++ {
			at := day.Add(time.Duration(n) * time.Millisecond)
			err := h.Append(context.Background(), []probe.Sample{good("written", at, 100)})
			if err == nil {
				err = h.Record(context.Background(), Notes{Events: []Event{{At: at, Kind: "noted"}}})
			}
			if err != nil {
				return err
			}
			fmt.Println(at.UnixNano())
		}
	case "write": // without an end, and says what is durable
		for n := 0; ; n++ {
			at := day.Add(time.Duration(os.Getpid())*time.Hour/100 + time.Duration(n)*time.Millisecond)
			if err := h.Append(context.Background(), []probe.Sample{good("written", at, 100+n%50), good("beside", at, 200)}); err != nil {
				return err
			}
			fmt.Println(at.UnixNano())
		}
	}
	return h.Close()
}

// showMemory looks at the synthetic year as a screen does, and says what that takes.
func showMemory(dir string) error {
	h, err := OpenWith(dir, Options{Retention: -1, Now: func() time.Time { return yearEnd }})
	if err != nil {
		return err
	}
	for range 20 {
		if _, err := h.Window(context.Background(), lastDay()); err != nil {
			return err
		}
	}
	_, err = h.Series(context.Background(), ChartQuery{From: yearStart, To: yearEnd, Step: 24 * time.Hour})
	if err != nil {
		return err
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	fmt.Println(string(status))
	return h.Close()
}

// other is another process of this binary.
type other struct {
	*exec.Cmd
	out *bufio.Reader
	in  io.Closer
}

// start starts another process and waits until it has the history open.
func start(t testing.TB, what, where string) *other {
	t.Helper()
	o := launch(t, what, where)
	if line, err := o.out.ReadString('\n'); line != "open\n" {
		t.Fatalf("the other process said %q, %v", line, err)
	}
	return o
}

func launch(t testing.TB, what, where string) *other {
	t.Helper()
	o := &other{Cmd: exec.Command(os.Args[0])}
	o.Env = append(os.Environ(), roleEnv+"="+what+" "+where)
	in, err := o.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := o.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	o.in, o.out = in, bufio.NewReader(out)
	if err := o.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.kill() })
	return o
}

// kill is kill -9.
func (o *other) kill() {
	if o.ProcessState == nil {
		_ = o.Process.Kill()
		_ = o.in.Close()
		_, _ = io.Copy(io.Discard, o.out)
		_ = o.Wait()
	}
}

func (o *other) signal(t testing.TB, s syscall.Signal) {
	t.Helper()
	if err := o.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// eventually waits for something that happens elsewhere.
func eventually(t testing.TB, what string, happened func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !happened() {
		if time.Now().After(deadline) {
			t.Fatalf("it did not happen within 30 s: %s", what)
		}
		time.Sleep(2 * time.Millisecond) // between two looks; the deadline decides
	}
}
