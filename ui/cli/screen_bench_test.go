//go:build linux

package cli

import (
	"bufio"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"costping/probe/stats"
	"costping/ui/cli/terminaltest"
)

var (
	yearDir       = flag.String("year", "", "folder with the synthetic year that ./store makes with -year; none: no figures on it")
	screenWatched = flag.Duration("watched", 20*time.Second, "how long the share of a core is measured for")
)

const (
	screenTargets = 20
	screenKeys    = 200
	screenStarts  = 20
)

// BenchmarkScreen runs the shipped program in a pseudo terminal of 200x60 and reports
// what a person waits for and what it takes of the machine: it asserts nothing. With
// -year it is on a history of a year, else on an empty one.
//
//	go test ./store -run '^$' -bench Year/size -benchtime 1x -year DIR
//	go test ./ui/cli -run '^$' -bench Screen -benchtime 1x -year DIR
func BenchmarkScreen(b *testing.B) {
	program := shipped(b)
	config := screenConfig(b, simulatorOf(b, program))
	b.Run("watching", func(b *testing.B) {
		history := yearCopy(b)
		for b.Loop() {
			var first []float64
			for range screenStarts {
				x := screenOf(b, program, config, history, "--no-probe")
				first = append(first, millis(x.Shown("the first frame", drawnFull)))
				x.Send("q")
				x.Wait()
			}
			median(b, first, "first-frame")
			x := screenOf(b, program, config, history, "--no-probe")
			x.Await("the first frame", drawnFull)
			turned(b, x)
			coreShare(b, x, "idle")
		}
	})
	b.Run("probing", func(b *testing.B) {
		history := yearCopy(b)
		for b.Loop() {
			x := screenOf(b, program, config, history)
			x.Await("the first frame", drawnFull)
			coreShare(b, x, "probing")
			turned(b, x)
		}
	})
}

// drawnFull reports whether a whole frame is there, down to the line of the keys.
func drawnFull(screen string) bool {
	return strings.Contains(screen, "MODEL") && strings.Contains(screen, "q quit")
}

func screenOf(b *testing.B, program, config, history string, args ...string) *terminaltest.Terminal {
	b.Helper()
	args = append([]string{"--config", config, "--history", history}, args...)
	return terminaltest.Start(b, terminaltest.Options{Cols: 200, Rows: 60}, program, args...)
}

// simulatorOf runs the simulator and returns its base URL.
func simulatorOf(b *testing.B, program string) string {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), program, "simulate", "--addr", "127.0.0.1:0")
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	fields := strings.Fields(line)
	if err != nil || len(fields) == 0 {
		b.Fatalf("the simulator says %q: %v", line, err)
	}
	return fields[len(fields)-1]
}

// screenConfig is twenty targets of the simulator, named as those of the synthetic
// year, each probed once a minute.
func screenConfig(b *testing.B, url string) string {
	b.Helper()
	var text strings.Builder
	text.WriteString("[probe]\ninterval = \"60s\"\nprofile = \"brief\"\n")
	for i := range screenTargets {
		fmt.Fprintf(&text, "[[target]]\nname = \"target-%d\"\nmodel = \"gpt-4o-mini\"\nbase_url = %q\nprice = \"1/2\"\n", i, url)
	}
	path := filepath.Join(b.TempDir(), "config.toml")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	return path
}

// yearCopy is a copy of the synthetic year, which the program would change.
func yearCopy(b *testing.B) string {
	b.Helper()
	dir := b.TempDir()
	if *yearDir != "" {
		if err := os.CopyFS(filepath.Join(dir, "year"), os.DirFS(*yearDir)); err != nil {
			b.Fatal(err)
		}
		dir = filepath.Join(dir, "year")
		if err := os.Chmod(dir, 0o700); err != nil {
			b.Fatal(err)
		}
	}
	return dir
}

// turned turns the split back and forth, at no fixed pace, and reports how long after
// a key the frame came that shows it.
func turned(b *testing.B, x *terminaltest.Terminal) {
	b.Helper()
	var took []float64
	for i := range screenKeys {
		key, want := "l", "74% in"
		if i%2 == 1 {
			key, want = "h", "75% in"
		}
		took = append(took, millis(x.Timed(key, func(s string) bool { return strings.Contains(s, want) })))
		time.Sleep(time.Duration(20+rand.IntN(60)) * time.Millisecond) // the pace of a person, and any place within a frame
	}
	median(b, took, "key-to-frame")
	slices.Sort(took)
	b.ReportMetric(took[len(took)*99/100], "key-to-frame-p99-ms") // of a few hundred: no interval is earned
}

// coreShare reports what the program takes of one core, and its memory.
func coreShare(b *testing.B, x *terminaltest.Terminal, name string) {
	b.Helper()
	time.Sleep(3 * time.Second) // what the start and the first read take is no pace
	before, from := onCore(b, x.Pid()), time.Now()
	time.Sleep(*screenWatched)
	b.ReportMetric(100*(onCore(b, x.Pid())-before).Seconds()/time.Since(from).Seconds(), name+"-%-of-a-core")
	b.ReportMetric(memory(b, x.Pid(), "VmRSS:"), name+"-RSS-MiB")
	b.ReportMetric(memory(b, x.Pid(), "RssAnon:"), name+"-own-MiB") // without the mapped file
	b.ReportMetric(load(b), name+"-load")
}

// onCore is the time that all threads of a process have run.
func onCore(b *testing.B, pid int) (sum time.Duration) {
	b.Helper()
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil || len(threads) == 0 {
		b.Fatalf("no threads of %d: %v", pid, err)
	}
	for _, t := range threads {
		text, err := os.ReadFile(t)
		if err != nil {
			continue // it has ended
		}
		first, _, _ := strings.Cut(string(text), " ")
		if n, err := strconv.ParseInt(first, 10, 64); err == nil {
			sum += time.Duration(n)
		}
	}
	return sum
}

// memory is a line of what the system says of the memory of a process, in MiB.
func memory(b *testing.B, pid int, name string) float64 {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), name)
	kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
	if err != nil {
		b.Fatal(err)
	}
	return kb / 1024
}

// load is that of the machine over the last minute.
func load(b *testing.B) float64 {
	b.Helper()
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		b.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), " ")
	n, err := strconv.ParseFloat(first, 64)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

func millis(d time.Duration) float64 { return d.Seconds() * 1000 }

func median(b *testing.B, figures []float64, name string) {
	b.Helper()
	b.ReportMetric(stats.QuantileOf(stats.Sort(figures), 0.5).Value, name+"-p50-ms")
	b.ReportMetric(0, "ns/op")
}
