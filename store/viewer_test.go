package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"costping/costmodel"
	"costping/probe"
)

// pair opens a history twice: as its owner and as a viewer.
func pair(t *testing.T) (owner, viewer History, dir string) {
	t.Helper()
	dir = t.TempDir()
	owner = open(t, dir)
	viewer, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := viewer.Close(); err != nil {
			t.Error(err)
		}
	})
	if !owner.Role().Owner || viewer.Role().Owner || viewer.Role().PID != os.Getpid() {
		t.Fatalf("roles %+v and %+v", owner.Role(), viewer.Role())
	}
	return owner, viewer, dir
}

func price(t *testing.T, rate string) costmodel.Price {
	t.Helper()
	r, err := costmodel.ParseRate(rate)
	if err != nil {
		t.Fatal(err)
	}
	date, err := costmodel.NewDate(2026, 11, 20)
	if err != nil {
		t.Fatal(err)
	}
	return costmodel.Price{Input: r, Output: costmodel.NoCharge(), Source: "somebody", AsOf: date}
}

// answers asks a history everything there is to be asked, and writes the answers
// down: what the owner says a viewer must say to the letter.
func answers(t *testing.T, h History) string {
	t.Helper()
	var all []any
	ask := func(what string, a any, err error) {
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		all = append(all, what, a)
	}
	w, err := h.Window(t.Context(), Query{From: day, To: day.Add(24 * time.Hour), Steps: 12})
	ask("window", w, err)
	w, err = h.Window(t.Context(), Query{From: day.Add(-240 * time.Hour), To: day.Add(24 * time.Hour)})
	ask("long window", w, err)
	lines, err := h.Series(t.Context(), ChartQuery{From: day, To: day.Add(6 * time.Hour), Step: time.Hour, Target: "a"})
	ask("series", lines, err)
	for s, err := range h.Raw(t.Context(), Range{}) {
		ask("raw", fmt.Sprintf("%+v", s), err)
	}
	for _, span := range []Span{Hourly, Daily} {
		for r, err := range h.Rollups(t.Context(), span, Range{}) {
			ask("rollups", fmt.Sprintf("%v %v %v %x", r.Series, r.Span, r.From, encodeRollup(&r)), err)
		}
	}
	events, err := h.Events(t.Context(), Range{})
	ask("events", events, err)
	prices, err := h.Prices(t.Context(), "m")
	ask("prices", prices, err)
	results, err := h.Results(t.Context(), Range{From: day})
	ask("results", results, err)
	spent, err := h.Spent(t.Context(), today)
	ask("spent", spent, err)
	info, err := h.Info(t.Context())
	ask("info", info, err)
	text, err := json.MarshalIndent(all, "", " ")
	ask("all", nil, err)
	return string(text)
}

func TestViewerAnswersAsTheOwnerDoes(t *testing.T) {
	owner, viewer, _ := pair(t)
	// Each of them writes; both read what the other wrote.
	for i, h := range []History{owner, viewer} {
		var samples []probe.Sample
		for n := range 300 {
			s := good("a", day.Add(time.Duration(n)*time.Minute+time.Duration(i)*time.Second), 300+n%70)
			s.Headroom.Tokens = probe.Allowance{Limit: probe.Known[int64](9), Reset: probe.Known(time.Minute)}
			samples = append(samples, s)
		}
		samples = append(samples, bad("b", day.Add(time.Duration(i)*time.Hour), probe.Timeout, "no first token"))
		appendAll(t, h, samples...)
		id := reserve(t, h, today, "0.3", "1")
		if err := h.Settle(t.Context(), id, usd("0.25")); err != nil {
			t.Fatal(err)
		}
		err := h.Record(t.Context(), Notes{
			Events:  []Event{{At: day.Add(time.Duration(i)), Kind: "config", Text: "changed", Data: json.RawMessage(`{"x":1}`)}},
			Prices:  []PriceSeen{{At: day.Add(time.Duration(i) * time.Hour), Model: "m", Price: price(t, fmt.Sprint(1+i))}},
			Results: []Result{{At: day, Series: SeriesOf(samples[0]), Kind: "golden", Case: fmt.Sprint(i), Score: probe.Known(0.5)}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	o := owner.(*held).owner
	if err := o.roll(t.Context(), day.Add(30*time.Hour)); err != nil {
		t.Fatal(err)
	}
	want := answers(t, owner)
	if got := answers(t, viewer); got != want {
		t.Errorf("the owner says\n%s\nthe viewer\n%s", want, got)
	}
	for _, part := range []string{`"Sketched": true`, "golden", "changed", `"settled"`, "no first token"} {
		if !strings.Contains(strings.ToLower(want), strings.ToLower(part)) {
			t.Errorf("the answers hold no %s: the test asks too little", part)
		}
	}
	eventually(t, "the viewer hears of the version", func() bool { return viewer.Version() == owner.Version() })
}

// The keeping of a history works from a viewer too, and its errors are those of
// the owner.
func TestViewerKeepsTheHistory(t *testing.T) {
	_, viewer, dir := pair(t)
	appendAll(t, viewer, good("a", day, 100), good("a", day.Add(5*time.Hour), 110))
	var b bytes.Buffer
	if n, err := viewer.Backup(t.Context(), &b); err != nil || n != int64(b.Len()) || n == 0 {
		t.Fatalf("a backup of %d of %d bytes, %v", n, b.Len(), err)
	}
	copied := t.TempDir()
	if err := os.WriteFile(filepath.Join(copied, databaseName), b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if info, err := open(t, copied).Info(t.Context()); err != nil || info.Samples != 2 {
		t.Errorf("the copy has %+v, %v", info, err)
	}
	if c, err := viewer.Compact(t.Context()); err != nil || c.After == 0 || c.After > c.Before {
		t.Errorf("compacted %+v, %v", c, err)
	}
	if n, err := viewer.Prune(t.Context(), day.Add(time.Hour)); err != nil || n != 1 {
		t.Errorf("%d pruned, %v", n, err)
	}
	if err := viewer.Settle(t.Context(), string(today)+"/7", usd("1")); !errors.Is(err, probe.ErrNoReservation) {
		t.Errorf("settling nothing: %v", err)
	}
	if _, err := viewer.Window(t.Context(), Query{From: day, To: day}); err == nil {
		t.Error("an empty window was answered")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*backup*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := viewer.Append(ctx, []probe.Sample{good("a", day, 1)}); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled append: %v", err)
	}
}

// steered is a schedule that notes what it is told.
type steered struct {
	mu   sync.Mutex
	told []string
}

func (s *steered) note(format string, args ...any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told = append(s.told, fmt.Sprintf(format, args...))
	return nil
}

func (s *steered) Pause(_ context.Context, paused bool) error { return s.note("pause %v", paused) }

func (s *steered) ProbeNow(_ context.Context, targets ...string) error {
	return s.note("probe %v", targets)
}

func (s *steered) Enable(_ context.Context, target string, on bool) error {
	if target == "nobody" {
		return errors.New("there is no target nobody")
	}
	return s.note("enable %s %v", target, on)
}

func (s *steered) Steered(context.Context) (probe.Steered, error) {
	return probe.Steered{Paused: true, Status: probe.Status{InFlight: 3}}, nil
}

func TestCommandsReachTheOwner(t *testing.T) {
	owner, viewer, _ := pair(t)
	mine, theirs := &steered{}, &steered{}
	if err := viewer.Control().Pause(t.Context(), true); !errors.Is(err, ErrNoSchedule) {
		t.Errorf("nobody runs a schedule: %v", err)
	}
	owner.Mount(theirs)
	viewer.Mount(mine) // for later: it owns nothing
	for _, h := range []History{owner, viewer} {
		c := h.Control()
		err := errors.Join(c.Pause(t.Context(), true), c.ProbeNow(t.Context(), "a", "b"), c.ProbeNow(t.Context()), c.Enable(t.Context(), "a", false))
		if s, serr := c.Steered(t.Context()); err != nil || serr != nil || !s.Paused || s.InFlight != 3 {
			t.Errorf("%+v, %v, %v", s, err, serr)
		}
		if err := c.Enable(t.Context(), "nobody", true); err == nil || err.Error() != "there is no target nobody" {
			t.Errorf("an error of the schedule became %v", err)
		}
	}
	want := "[pause true probe [a b] probe [] enable a false pause true probe [a b] probe [] enable a false]"
	if got := fmt.Sprint(theirs.told); got != want || len(mine.told) > 0 {
		t.Errorf("the owner's was told %s, the viewer's %v", got, mine.told)
	}
	if err := owner.Close(); err != nil {
		t.Fatal(err)
	}
	<-viewer.Owning()
	if err := viewer.Control().Pause(t.Context(), false); err != nil || len(mine.told) != 1 {
		t.Errorf("after the takeover %v was told, %v", mine.told, err)
	}
}

// What a target says of keys stays where it is.
func TestKeysDoNotCross(t *testing.T) {
	s := good("a", day, 100)
	s.Target.KeyEnv, s.Target.KeyCommand, s.Target.KeyKeyring = "SECRET-ENV", "SECRET-COMMAND", "SECRET/KEYRING"
	s.Target.Headers, s.Target.Extra = []string{"X: SECRET"}, map[string]json.RawMessage{"SECRET": json.RawMessage("1")}
	text, err := json.Marshal(batchOf([]probe.Sample{s}))
	if err != nil || strings.Contains(string(text), "SECRET") {
		t.Errorf("%s, %v", text, err)
	}
}

// kill -9: the lock goes with the process, a viewer takes over, and nothing that
// was acknowledged is lost. The socket of the dead is in nobody's way.
func TestViewerTakesOver(t *testing.T) {
	dir := t.TempDir()
	o := start(t, "hold", dir)
	h, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	if r := h.Role(); r.Owner || r.PID != o.Process.Pid || r.Err != nil {
		t.Fatalf("role %+v", r)
	}
	appendAll(t, h, good("a", day, 100))
	id := reserve(t, h, today, "0.5", "1")
	before := h.Version()
	o.kill()
	killed := time.Now()
	if err := h.Settle(t.Context(), id, usd("0.25")); err != nil { // waits for the next owner
		t.Fatal(err)
	}
	<-h.Owning()
	t.Logf("taken over after %s", time.Since(killed).Round(time.Millisecond))
	wantSpent(t, h, today, "0.25", "0")
	if w := window(t, h, Query{From: day, To: day.Add(time.Second)}); len(w.Series) != 1 || w.Series[0].Warm != 1 {
		t.Errorf("kept %+v", w.Series)
	}
	if h.Version() < before || !h.Role().Owner || h.Role().PID != os.Getpid() {
		t.Errorf("version %d after %d, role %+v", h.Version(), before, h.Role())
	}
	eventually(t, "the takeover is an event", func() bool {
		events, err := h.Events(t.Context(), Range{})
		return err == nil && len(events) == 1 && events[0].Kind == EventTakeover
	})
	if again := start(t, "hold", dir); again.Process.Pid == 0 {
		t.Error("nobody can view the new owner's history")
	}
}

// Of many viewers one takes over, and the others find it.
func TestOneOfManyTakesOver(t *testing.T) {
	dir := t.TempDir()
	o := start(t, "hold", dir)
	var all []History
	for range 5 {
		h, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer h.Close()
		all = append(all, h)
	}
	o.kill()
	for i, h := range all {
		appendAll(t, h, good("a", day.Add(time.Duration(i)*time.Second), 100))
	}
	owners := 0
	for _, h := range all {
		if h.Role().Owner {
			owners++
		}
		if w := window(t, h, Query{From: day, To: day.Add(time.Minute)}); w.Series[0].Warm != 5 {
			t.Errorf("one sees %d of 5", w.Series[0].Warm)
		}
	}
	if owners != 1 {
		t.Errorf("%d owners", owners)
	}
}

// A stopped owner is named and never robbed; once it goes on, so does everything.
func TestStoppedOwnerIsNamed(t *testing.T) {
	dir := t.TempDir()
	o := start(t, "hold", dir)
	h, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	o.signal(t, syscall.SIGSTOP)
	var silent *SilentError
	if err := h.Append(t.Context(), []probe.Sample{good("a", day, 100)}); !errors.As(err, &silent) || silent.PID != o.Process.Pid {
		t.Errorf("the viewer says %v", err)
	}
	if want := fmt.Sprintf("history owner pid %d is not answering", o.Process.Pid); silent != nil && silent.Error() != want {
		t.Errorf("it says %q", silent)
	}
	if r := h.Role(); r.Owner || !errors.As(r.Err, &silent) {
		t.Errorf("role %+v", r)
	}
	if _, err := Open(dir); !errors.As(err, &silent) || silent.PID != o.Process.Pid {
		t.Errorf("a second viewer says %v", err)
	}
	o.signal(t, syscall.SIGCONT)
	eventually(t, "the owner answers again", func() bool {
		return h.Append(t.Context(), []probe.Sample{good("a", day, 100)}) == nil
	})
	if w := window(t, h, Query{From: day, To: day.Add(time.Second)}); w.Series[0].Warm != 1 || h.Role().Owner {
		t.Errorf("%d samples, role %+v: said twice, kept once", w.Series[0].Warm, h.Role())
	}
}

func TestSocketOfALongPath(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	dir := filepath.Join(t.TempDir(), strings.Repeat("deep/", 30))
	owner := open(t, dir)
	_, socket := announced(dir)
	if len(socket) > longestSocket || strings.HasPrefix(socket, dir) {
		t.Errorf("the socket is %s", socket)
	}
	for path, want := range map[string]os.FileMode{socket: 0o600, filepath.Dir(socket): 0o700} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, info, err)
		}
	}
	viewer, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer viewer.Close()
	appendAll(t, viewer, good("a", day, 1))
	if info, err := owner.Info(t.Context()); err != nil || info.Samples != 1 {
		t.Errorf("%+v, %v", info, err)
	}
}

// A runtime folder that others can look into is not used.
func TestSharedSocketFolderIsRefused(t *testing.T) {
	base := t.TempDir()
	t.Setenv("XDG_RUNTIME_DIR", base)
	if err := os.Mkdir(filepath.Join(base, fmt.Sprintf("costping-%d", os.Getuid())), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := socketPath(strings.Repeat("long", 40)); err == nil || !strings.Contains(err.Error(), "this user's alone") {
		t.Errorf("got %v", err)
	}
}

// pretender holds a history's lock and answers as it likes.
func pretender(t *testing.T, dir string, answer http.HandlerFunc) {
	t.Helper()
	lock, err := own(dir)
	if err != nil || lock == nil {
		t.Fatalf("no lock: %v", err)
	}
	path := filepath.Join(dir, "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: answer}
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Serve(l) }()
	if err := announce(dir, path); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(); <-done; _ = lock.Close() })
}

func TestOtherVersionIsRefused(t *testing.T) {
	dir := t.TempDir()
	pretender(t, dir, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"protocol":99,"pid":1}`) })
	if h, err := Open(dir); !errors.Is(err, errProtocol) {
		t.Errorf("%v, %v", h, err)
	}
}

// Whatever an owner answers, a viewer has an error for it.
func TestOwnerThatTalksNonsense(t *testing.T) {
	for name, answer := range map[string]string{
		"no JSON": "<html>", "another shape": `[1,2]`, "cut short": `{"Series":[`, "nothing": "",
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			pretender(t, dir, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == pathOf("hello") {
					fmt.Fprintf(w, `{"protocol":%d,"pid":1}`, protocol)
					return
				}
				_, _ = io.Copy(io.Discard, r.Body) // only then does the server watch the other end
				if r.URL.Path == pathOf("version") {
					<-r.Context().Done()
					return
				}
				fmt.Fprint(w, answer)
			})
			h, err := Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer h.Close()
			if _, err := h.Window(t.Context(), Query{From: day, To: day.Add(1)}); err == nil || !strings.Contains(err.Error(), "cannot be read") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// Whatever a viewer asks, the owner goes on.
func TestViewerThatTalksNonsense(t *testing.T) {
	owner, viewer, _ := pair(t)
	r := viewer.(*held).engine.(*remote)
	for _, name := range []string{"append", "window", "series", "samples", "rollups", "adopt", "reserve", "settle", "spent", "control", "record", "nothing"} {
		for _, q := range []any{"text", []int{1}, map[string]any{"samples": []any{map[string]any{"s": 7, "r": "AAAA"}}}, map[string]any{"From": "x"}} {
			var a any
			_ = r.ask(t.Context(), name, q, &a) // an error or an empty answer, and never a crash
		}
	}
	long := batch{Series: []Series{{Target: strings.Repeat("x", longestName+1)}}}
	if err := r.ask(t.Context(), "append", long, &nothing{}); err == nil {
		t.Error("a name without an end was taken")
	}
	if info, err := owner.Info(t.Context()); err != nil || info.Samples != 0 {
		t.Errorf("%+v, %v", info, err)
	}
}

func TestFailuresKeepTheirKind(t *testing.T) {
	for kind, err := range kinds {
		if got := failureOf(fmt.Errorf("so: %w", err)).error(); !errors.Is(got, err) || got.Error() != "so: "+err.Error() {
			t.Errorf("%s became %v", kind, got)
		}
	}
	var u *UnsavedError
	if got := failureOf(&UnsavedError{Samples: 3, Dropped: 2, Err: syscall.ENOSPC}).error(); !errors.As(got, &u) || u.Samples != 3 || u.Dropped != 2 {
		t.Errorf("became %v", got)
	}
	if got := (failure{Text: "a\x1b[31mb\n"}).error().Error(); strings.ContainsAny(got, "\x1b\n") {
		t.Errorf("became %q", got)
	}
}

func TestPeerIsThisUser(t *testing.T) {
	l, err := listen(filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := net.Dial("unix", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if uid, err := peerOf(c.(*net.UnixConn)); err != nil || uid != os.Getuid() {
		t.Errorf("user %d, %v", uid, err)
	}
}

// Where nobody knows whether money was set aside, it is not set aside again.
func TestReserveIsNotRepeated(t *testing.T) {
	dir := t.TempDir()
	var mu sync.Mutex
	asked := map[string]int{}
	pretender(t, dir, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		switch r.URL.Path {
		case pathOf("hello"):
			fmt.Fprintf(w, `{"protocol":%d,"pid":1}`, protocol)
		case pathOf("version"):
			<-r.Context().Done()
		default:
			mu.Lock()
			defer mu.Unlock()
			if asked[r.URL.Path]++; asked[r.URL.Path] == 1 {
				panic(http.ErrAbortHandler) // it may have been carried out
			}
			fmt.Fprint(w, `{}`)
		}
	})
	h, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	if _, ok, err := h.Reserve(t.Context(), today, usd("0.1"), usd("1")); ok || err == nil {
		t.Errorf("it was taken for done: %v, %v", ok, err)
	}
	if err := h.Settle(t.Context(), "id", usd("0.1")); err != nil { // saying it again changes nothing
		t.Error(err)
	}
	mu.Lock()
	defer mu.Unlock()
	if asked[pathOf("reserve")] != 1 || asked[pathOf("settle")] != 2 {
		t.Errorf("asked %v", asked)
	}
}

// Whoever else there is on the machine is told nothing, even where the socket's
// own rights would let it in.
func TestStrangerIsTurnedAway(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "s")
	l, err := listen(path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	served := make(chan struct{})
	go func() {
		defer close(served)
		if c, err := l.Accept(); err == nil {
			_ = c.Close()
			t.Error("a stranger was let in")
		}
	}()
	if err := os.Chmod(path, 0o666); err != nil {
		t.Fatal(err)
	}
	asStranger(t, dir, func() {
		c, err := net.Dial("unix", path)
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		if n, err := c.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
			t.Errorf("%d bytes, %v", n, err)
		}
	})
	_ = l.Close()
	<-served
}
