package store

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"costping/probe"

	bolt "go.etcd.io/bbolt"
	"golang.org/x/sys/unix"
	"pgregory.net/rapid"
)

var kills = flag.Int("kills", 10, "how many times the writer of a history is killed")

// A writer is killed at random moments, over and over, sometimes with a viewer
// that takes over: every sample that it was told is durable is there.
func TestKilledWriterLosesNothing(t *testing.T) {
	dir := t.TempDir()
	acknowledged := map[int64]bool{}
	for n := range *kills {
		w := launch(t, "write", dir)
		var viewer History
		after := 1 + rand.IntN(40)
		for lines := range after {
			line, err := w.out.ReadString('\n')
			if err != nil {
				t.Fatalf("the writer ended: %q, %v", line, err)
			}
			if at, err := strconv.ParseInt(strings.TrimSpace(line), 10, 64); err == nil {
				acknowledged[at] = true
			}
			if lines == 0 && n%4 == 0 {
				if viewer, err = Open(dir); err != nil {
					t.Fatal(err)
				}
			}
		}
		time.Sleep(time.Duration(rand.IntN(3_000)) * time.Microsecond) // a random moment in a write
		_ = w.Process.Kill()
		rest, _ := io.ReadAll(w.out) // what it had said before it died
		_ = w.Wait()
		for _, line := range strings.Split(string(rest), "\n") {
			if at, err := strconv.ParseInt(line, 10, 64); err == nil && strings.HasSuffix(string(rest), "\n") {
				acknowledged[at] = true
			}
		}
		if viewer != nil {
			<-viewer.Owning()
			if err := viewer.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	h := open(t, dir)
	kept := map[int64]int{}
	for s, err := range h.Raw(t.Context(), Range{}) {
		if err != nil {
			t.Fatal(err)
		}
		kept[s.At.UnixNano()]++
	}
	lost := 0
	for at := range acknowledged {
		if kept[at] != 2 { // of two series, in one transaction
			lost++
		}
	}
	t.Logf("%d kills, %d samples acknowledged, %d lost", *kills, 2*len(acknowledged), lost)
	if lost > 0 || len(acknowledged) < *kills/2 {
		t.Errorf("%d of %d appends were lost", lost, len(acknowledged))
	}
}

// disk is a disk that can be made to fail: by putting another file in the place of
// the database's, whose writes or syncs fail as that one's would.
type disk struct {
	mu     sync.Mutex
	file   *os.File // the database's, as bbolt has it
	kept   int      // a copy of its descriptor, while another is in its place
	broken bool
}

func (d *disk) open(name string, flag int, mode os.FileMode) (*os.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.broken {
		flag = os.O_RDONLY // it can be read, and that is all
	}
	f, err := os.OpenFile(name, flag, mode)
	d.file = f
	return f, err
}

// fail puts a device in the place of the database: writing to /dev/full finds the
// disk full; /dev/null takes what is written and cannot be synced.
func (d *disk) fail(t *testing.T, device string) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	other, err := os.OpenFile(device, os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no %s: %v", device, err)
	}
	defer other.Close()
	fd := int(d.file.Fd())
	kept, err := unix.Dup(fd) // with it stay the lock and the mapping
	if err == nil {
		err = unix.Dup2(int(other.Fd()), fd)
	}
	if err != nil {
		t.Fatal(err)
	}
	d.kept, d.broken = kept, true
	unlock := func() { _ = unix.Close(kept) }
	t.Cleanup(unlock)
}

// release lets the lock go that the copy of the descriptor holds, so that the
// database can be opened anew, as it is when the disk only refuses to write.
func (d *disk) release() {
	d.mu.Lock()
	defer d.mu.Unlock()
	_ = unix.Flock(d.kept, unix.LOCK_UN)
}

func (d *disk) repair() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.broken = false
}

func TestDiskThatFails(t *testing.T) {
	for name, device := range map[string]string{"is full": "/dev/full", "cannot be synced": "/dev/null"} {
		t.Run(name, func(t *testing.T) {
			d := &disk{}
			dir := t.TempDir()
			h, err := OpenWith(dir, Options{OpenFile: d.open, Retention: -1})
			if err != nil {
				t.Fatal(err)
			}
			defer h.Close()
			viewer, err := Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer viewer.Close()
			appendAll(t, h, good("a", day, 100))
			d.fail(t, device)
			d.release()
			var unsaved *UnsavedError
			for i, from := range []History{h, viewer, h} {
				s := good("a", day.Add(time.Duration(1+i)*time.Second), 101+i)
				for range 2 { // said twice, held once
					if err := from.Append(t.Context(), []probe.Sample{s}); !errors.As(err, &unsaved) || unsaved.Samples != 1+i || unsaved.Dropped != 0 {
						t.Fatalf("append %d: %v", i, err)
					}
				}
			}
			if info, err := viewer.Info(t.Context()); err != nil || info.Unsaved != 3 || info.Samples != 1 || info.UnsavedWhy == "" {
				t.Errorf("%+v, %v", info, err)
			}
			if _, ok, err := h.Reserve(t.Context(), today, usd("0.1"), usd("1")); ok || err == nil {
				t.Errorf("money was set aside that nobody would remember: %v, %v", ok, err)
			}
			if w := window(t, h, Query{From: day, To: day.Add(time.Minute)}); w.Series[0].Warm != 1 {
				t.Errorf("%d samples are on the disk", w.Series[0].Warm)
			}
			d.repair()
			eventually(t, "what waited is written", func() bool {
				info, err := h.Info(t.Context())
				return err == nil && info.Unsaved == 0
			})
			appendAll(t, viewer, good("a", day.Add(9*time.Second), 109))
			order := ""
			for s, err := range h.Raw(t.Context(), Range{}) {
				if err != nil {
					t.Fatal(err)
				}
				order += fmt.Sprint(s.TTFT.Value.Milliseconds(), " ")
			}
			if order != "100 101 102 103 109 " {
				t.Errorf("kept %s", order)
			}
			events, err := h.Events(t.Context(), Range{})
			if err != nil || len(events) != 1 || events[0].Kind != EventUnsaved || !strings.HasPrefix(events[0].Text, "3 samples") {
				t.Errorf("%+v, %v", events, err)
			}
		})
	}
}

// What waits is bounded; the oldest goes first.
func TestUnsavedIsBounded(t *testing.T) {
	h := &boltHistory{writing: newTurn(), upkeep: upkeep{awake: make(chan struct{}, 1)}}
	for i := range mostUnsaved/1000 + 2 {
		var batch []probe.Sample
		for n := range 1000 {
			batch = append(batch, good(fmt.Sprint(i), day.Add(time.Duration(i*1000+n)), 100))
		}
		h.unsaved.samples = append(h.unsaved.samples, batch...) // hold compares each with all
	}
	h.hold(nil, syscall.ENOSPC)
	waiting := h.unsaved.waiting()
	if len(waiting) != mostUnsaved || !waiting[0].At.Equal(day.Add(2000)) {
		t.Errorf("%d wait, from %s on", len(waiting), waiting[0].At)
	}
	var u *UnsavedError
	if err := h.unsaved.error(); !errors.As(err, &u) || u.Dropped != 2000 || !strings.Contains(err.Error(), "2000 older ones were dropped") {
		t.Errorf("got %v", err)
	}
}

// asNobody runs f as a user without rights where the test runs as root.
func asNobody(t *testing.T, dir string, f func()) {
	t.Helper()
	if os.Getuid() != 0 {
		f()
		return
	}
	const nobody = 65534
	for d := dir; d != "/" && d != "/tmp"; d = filepath.Dir(d) {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Skip(err)
		}
	}
	runtime.LockOSThread() // file rights are a thread's own
	defer runtime.UnlockOSThread()
	if err := setFileUser(nobody); err != nil {
		t.Skip(err)
	}
	defer func() {
		if err := setFileUser(0); err != nil {
			panic(err) // the thread would go on without its rights
		}
	}()
	f()
}

func TestFolderThatCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	if err := open(t, dir).Close(); err != nil {
		t.Fatal(err)
	}
	asNobody(t, dir, func() {
		if os.Getuid() != 0 {
			if err := os.Chmod(filepath.Join(dir, lockName), 0); err != nil {
				t.Fatal(err)
			}
		}
		h, err := Open(dir)
		if err == nil {
			_ = h.Close()
		}
		if !errors.Is(err, fs.ErrPermission) || strings.Count(err.Error(), dir) != 1 {
			t.Errorf("got %v", err)
		}
	})
	if err := os.Chmod(filepath.Join(dir, lockName), 0o666); err != nil {
		t.Fatal(err)
	}
	asNobody(t, dir, func() {
		if os.Getuid() != 0 {
			if err := os.Chmod(filepath.Join(dir, databaseName), 0); err != nil {
				t.Fatal(err)
			}
		}
		// What may not be read is not damaged.
		if r, err := Verify(t.Context(), dir, check); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("verified, it is %+v, %v", r, err)
		}
	})
}

func TestNetworkFileSystemIsRefused(t *testing.T) {
	dir := t.TempDir()
	h, err := OpenWith(dir, Options{networkFile: func(string) (string, error) { return "NFS", nil }})
	if h != nil || !errors.Is(err, ErrNetworkFiles) || !strings.Contains(err.Error(), "is on NFS, where locks") {
		t.Errorf("%v, %v", h, err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if kind, err := networkFile(dir); kind != "" || err != nil {
		t.Skipf("the tests run on %s, %v", kind, err)
	}
}

// spoiled is a history of many samples, with its bytes, for damage.
func spoiled(t *testing.T) (whole []byte, samples int) {
	t.Helper()
	dir := t.TempDir()
	h := at(t, dir, day)
	for i := range 12 {
		var batch []probe.Sample
		for n := range 100 {
			batch = append(batch, varied(fmt.Sprint("t", n%5), day.Add(time.Duration(i*100+n)*10*time.Second), i*100+n))
		}
		appendAll(t, h, batch...)
	}
	err := h.Record(t.Context(), Notes{Events: []Event{{At: day, Kind: "config", Text: "changed"}}, Prices: []PriceSeen{{At: day, Model: "m", Price: price(t, "1")}}})
	if err != nil {
		t.Fatal(err)
	}
	id := reserve(t, h, today, "0.5", "1")
	if err := h.Settle(t.Context(), id, usd("0.25")); err != nil {
		t.Fatal(err)
	}
	reserve(t, h, today, "0.125", "1")
	roll(t, h, day.Add(5*time.Hour))
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err = os.ReadFile(filepath.Join(dir, databaseName))
	if err != nil {
		t.Fatal(err)
	}
	return whole, 1200
}

func check(ctx context.Context, path string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), roleEnv+"=check "+path, "GORACE=atexit_sleep_ms=0")
	return cmd
}

// However a file is damaged: no crash, an error with a name or a count, the file
// moved aside whole, and all that is whole in it salvaged.
func TestDamagedFiles(t *testing.T) {
	whole, samples := spoiled(t)
	pages := len(bytes.TrimRight(whole, "\x00"))/4096 + 1
	damage := map[string]func([]byte) []byte{
		"nothing": func(b []byte) []byte { return b },
		"half of it": func(b []byte) []byte {
			return b[:pages*4096/2]
		},
		"both headers zeroed": func(b []byte) []byte {
			return append(make([]byte, 8192), b[8192:]...)
		},
	}
	for page := 2; page < pages; page += 3 {
		damage[fmt.Sprintf("page %d zeroed", page)] = func(b []byte) []byte {
			clear(b[page*4096 : (page+1)*4096])
			return b
		}
	}
	for name, spoil := range damage {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, databaseName)
			spoilt := spoil(slices.Clone(whole))
			if err := os.WriteFile(path, spoilt, 0o600); err != nil {
				t.Fatal(err)
			}
			report, err := Verify(t.Context(), dir, check)
			if err != nil {
				t.Fatal(err)
			}
			if name == "both headers zeroed" {
				if h, err := Open(dir); !errors.Is(err, ErrDamaged) {
					t.Errorf("opened as %v, %v", h, err)
				}
			}
			if name == "nothing" && !report.OK() {
				t.Errorf("the report is %+v", report)
			}
			// A page may be one that the database does not use.
			if report.OK() && (report.Samples != samples || report.Notes != 2 || report.Rollups == 0 || report.Ledger != 3 || report.Format != format) {
				t.Errorf("the report is %+v", report)
			}
			aside, err := MoveAside(dir)
			if err != nil || !strings.Contains(aside, databaseName+".damaged-20") {
				t.Fatalf("moved to %s, %v", aside, err)
			}
			into := t.TempDir()
			s, err := Salvage(t.Context(), aside, into)
			if err != nil {
				t.Fatal(err)
			}
			if after, err := os.ReadFile(aside); err != nil || !bytes.Equal(after, spoilt) {
				t.Errorf("the damaged file was changed: %v", err)
			}
			if name != "half of it" && s.Samples < samples-120 || s.Samples > samples || s.Unnamed > 5 {
				t.Errorf("salvaged %+v", s)
			}
			h := open(t, into)
			info, err := h.Info(t.Context())
			if err != nil || info.Samples != s.Samples {
				t.Errorf("%+v, %v", info, err)
			}
			if name == "nothing" {
				wantSpent(t, h, today, "0.25", "0.125")
				// Two reservations were made: the next one must not replace them.
				if id := reserve(t, h, today, "0.1", "1"); !strings.HasSuffix(id, "/0000000000000003") {
					t.Errorf("the next reservation is %s", id)
				}
				if s.Samples != samples || s.Series != 5 || s.Days != 1 || s.Rollups == 0 {
					t.Errorf("salvaged %+v", s)
				}
			}
			if err := h.Close(); err != nil {
				t.Fatal(err)
			}
			if again, err := Verify(t.Context(), into, check); err != nil || !again.OK() {
				t.Errorf("what was salvaged is %+v, %v", again, err)
			}
		})
	}
}

// Flipped bits are found by the checksum, counted and skipped, and never read as
// something else.
func TestFlippedBits(t *testing.T) {
	dir := t.TempDir()
	h := open(t, dir)
	want := map[string]bool{}
	for i := range 200 {
		s := varied("a", day.Add(time.Duration(i)*time.Second), i)
		appendAll(t, h, s)
		want[fmt.Sprint(s.At.UnixNano(), s.Outcome, s.TTFT, s.USD.Decimal)] = true
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	flipped := 0
	raw(t, dir, func(tx *bolt.Tx) error {
		b := tx.Bucket(bucketSamples)
		keys := map[string][]byte{}
		err := b.ForEach(func(k, v []byte) error {
			if rand.IntN(3) == 0 {
				v = slices.Clone(v)
				v[rand.IntN(len(v))] ^= 1 << rand.IntN(8)
				keys[string(k)] = v
			}
			return nil
		})
		flipped = len(keys)
		for k, v := range keys {
			err = errors.Join(err, b.Put([]byte(k), v))
		}
		return err
	})
	h = open(t, dir)
	if w := window(t, h, Query{From: day, To: day.Add(time.Hour)}); w.Damaged != flipped {
		t.Errorf("%d of %d found", w.Damaged, flipped)
	}
	viewer, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer viewer.Close()
	for _, each := range []History{h, viewer} {
		counted := 0
		if n, err := ExportJSON(t.Context(), each, io.Discard, Range{Damaged: &counted}); err != nil || counted != flipped || n != 200-flipped {
			t.Errorf("%d exported, %d of %d left out, %v", n, counted, flipped, err)
		}
	}
	read := 0
	for s, err := range h.Raw(t.Context(), Range{}) {
		if read++; err != nil || !want[fmt.Sprint(s.At.UnixNano(), s.Outcome, s.TTFT, s.USD.Decimal)] {
			t.Errorf("read %+v, %v", s, err)
		}
	}
	if read != 200-flipped {
		t.Errorf("%d of %d read", read, 200-flipped)
	}
}

// A program that is told to go on does, beside what was damaged.
func TestMoveAsideByItself(t *testing.T) {
	whole, _ := spoiled(t)
	dir := t.TempDir()
	path := filepath.Join(dir, databaseName)
	for n := range 2 { // the second time is within the same second
		if err := os.WriteFile(path, whole[:20_480], 0o600); err != nil {
			t.Fatal(err)
		}
		h, err := OpenWith(dir, Options{MoveAside: true, Now: func() time.Time { return day }})
		if err != nil {
			t.Fatal(err)
		}
		events, err := h.Events(t.Context(), Range{})
		if err != nil || len(events) != 1 || events[0].Kind != EventDamaged || !strings.Contains(events[0].Text, "moved to history.db.damaged-2026-11-20T120000Z") {
			t.Errorf("%+v, %v", events, err)
		}
		if err := errors.Join(h.Close(), os.Remove(path)); err != nil {
			t.Fatal(err)
		}
		if aside, _ := filepath.Glob(path + ".damaged-*"); len(aside) != n+1 {
			t.Errorf("aside are %v", aside)
		}
	}
	if err := os.WriteFile(path, []byte(strings.Repeat("my notes ", 2000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenWith(dir, Options{MoveAside: true}); !errors.Is(err, ErrForeign) {
		t.Errorf("another's file: %v", err)
	}
}

// Damaged files of every kind are read in bounded time and memory.
func FuzzSalvage(f *testing.F) {
	f.Add(make([]byte, 4096))
	leaf := make([]byte, 4096)
	leaf[8], leaf[10] = pageFlagLeaf, 200
	f.Add(leaf)
	f.Fuzz(func(t *testing.T, b []byte) {
		path := filepath.Join(t.TempDir(), "damaged")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		s := &salvaging{series: map[uint32][]byte{}, used: map[uint32]bool{}, kept: map[string][]byte{}, hours: map[int64]bool{}}
		if err := leaves(path, func(k, v []byte) error { s.sort(k, v); return nil }); err != nil {
			t.Fatal(err)
		}
		_ = CheckFile(t.Context(), path)
	})
}

// The first format, as it was first written, is brought to today's with all that
// is in it, after a copy was put aside.
func TestFormat1IsMigrated(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, databaseName)
	unpack(t, filepath.Join("testdata", "format-1.db.gz"), path)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	h := at(t, dir, day.Add(time.Hour*5))
	if info, err := h.Info(t.Context()); err != nil || info.Format != format || info.Samples != 362 || info.Series != 2 {
		t.Errorf("%+v, %v", info, err)
	}
	wantSpent(t, h, today, "0.25", "0.125")
	w := window(t, h, Query{From: day, To: day.Add(4 * time.Hour)})
	if len(w.Series) != 2 || w.Series[0].Warm != 180 || w.Series[0].TTFTp50.Value != 389.5 || w.Series[1].Scripted != 1 || w.Series[0].LastError != "overloaded" {
		t.Errorf("%+v", w.Series)
	}
	roll(t, h, day.Add(5*time.Hour))
	if n := len(rollups(t, h, Hourly)); n != 8 {
		t.Errorf("%d hours rolled up", n)
	}
	events, err := h.Events(t.Context(), Range{})
	if err != nil || len(events) != 1 || events[0].Kind != EventMigrated {
		t.Errorf("%+v, %v", events, err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	backup := t.TempDir()
	if err := os.Rename(path+".format-1", filepath.Join(backup, databaseName)); err != nil {
		t.Fatal(err)
	}
	if after, err := os.ReadFile(filepath.Join(backup, databaseName)); err != nil || len(after) > len(before) {
		t.Errorf("the copy has %d bytes of %d, %v", len(after), len(before), err)
	}
	if w := window(t, open(t, backup), Query{From: day, To: day.Add(4 * time.Hour)}); w.Series[0].Warm != 180 {
		t.Error("the copy does not hold what was there")
	}
	if _, err := os.Stat(path + ".format-1"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it was migrated twice: %v", err)
	}
}

// The second format, as it was first written.
func TestFormat2IsStillRead(t *testing.T) {
	golden := filepath.Join("testdata", "format-2.db.gz")
	if *update {
		whole, _ := spoiled(t)
		pack(t, whole, golden)
	}
	dir := t.TempDir()
	unpack(t, golden, filepath.Join(dir, databaseName))
	h := at(t, dir, day)
	info, err := h.Info(t.Context())
	if err != nil || info.Samples != 1200 || info.Series != 5 || info.Format != 2 {
		t.Errorf("%+v, %v", info, err)
	}
	wantSpent(t, h, today, "0.25", "0.125")
	if n := len(rollups(t, h, Hourly)); n != 5*4 {
		t.Errorf("%d hours", n)
	}
	events, err := h.Events(t.Context(), Range{})
	prices, perr := h.Prices(t.Context(), "m")
	if err != nil || perr != nil || len(events) != 1 || len(prices) != 1 || !prices[0].Price.Equal(price(t, "1")) {
		t.Errorf("%+v, %+v, %v, %v", events, prices, err, perr)
	}
}

func unpack(t *testing.T, from, to string) {
	t.Helper()
	f, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err == nil {
		err = os.WriteFile(to, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func pack(t *testing.T, b []byte, to string) {
	t.Helper()
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err == nil {
		_, err = z.Write(b)
	}
	if err := errors.Join(err, z.Close(), os.WriteFile(to, packed.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
}

// However the clock is set while samples are kept, all of them stay, in the order
// of their times, and it is an event.
func TestClockThatIsSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		wall := time.Duration(rapid.Int64Range(-1e15, 1e15).Draw(t, "wall"))
		monotonic := time.Duration(rapid.Int64Range(0, 1e13).Draw(t, "monotonic"))
		e := stepOf(day, wall, monotonic)
		switch by := wall - monotonic; {
		case by < -leastStep:
			if e == nil || e.Kind != EventClockStep || e.For != -by {
				t.Fatalf("back by %s: %+v", -by, e)
			}
		case by > leastStep:
			if e == nil || e.Kind != EventGap || e.For != by {
				t.Fatalf("forward by %s: %+v", by, e)
			}
		case e != nil:
			t.Fatalf("%s: %+v", by, e)
		}
	})
	h := at(t, t.TempDir(), day)
	h.owner.writing.Lock()
	h.owner.clock.pending = stepOf(day, -time.Hour, time.Minute)
	h.owner.writing.Unlock()
	appendAll(t, h, good("a", day.AddDate(3, 0, 0), 1), good("a", day.Add(-9*time.Hour), 2), good("a", day, 3))
	n := 0
	for _, err := range h.Raw(t.Context(), Range{}) {
		if n++; err != nil {
			t.Fatal(err)
		}
	}
	events, err := h.Events(t.Context(), Range{})
	if n != 3 || err != nil || len(events) != 1 || events[0].Kind != EventClockStep {
		t.Errorf("%d samples, %+v, %v", n, events, err)
	}
	for _, never := range []time.Time{{}, time.Unix(-1, 0), day.AddDate(400, 0, 0)} {
		if err := h.Append(t.Context(), []probe.Sample{good("a", never, 1)}); err == nil || errors.As(err, new(*UnsavedError)) {
			t.Errorf("%s: %v", never, err)
		}
	}
}

// A clock that is years ahead must not empty the history.
func TestWrongClockPrunesNothing(t *testing.T) {
	for _, tt := range []struct {
		name   string
		now    time.Time
		newest time.Time
		steady time.Duration
		step   bool
		want   bool
	}{
		{"as ever", day, day.Add(-time.Hour), 0, false, true},
		{"years ahead", day.AddDate(4, 0, 0), day, 0, false, false},
		{"years ahead for an hour", day.AddDate(4, 0, 0), day, time.Hour, false, true},
		{"years behind", day.AddDate(-4, 0, 0), day, 0, false, false},
		{"a new history", day, time.Time{}, 0, false, false},
		{"set a moment ago", day, day.Add(-time.Hour), time.Minute, true, false},
	} {
		h := &boltHistory{writing: newTurn(), upkeep: upkeep{newest: tt.newest, steady: tt.now.Add(-tt.steady), stepped: tt.step}}
		if got := h.trusted(tt.now, DefaultRetention); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

// Where the new history cannot say what became of the damaged one, it is given up whole:
// nothing keeps the next try out.
func TestMoveAsideThatCannotBeRecorded(t *testing.T) {
	whole, _ := spoiled(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, databaseName), whole[:20_480], 0o600); err != nil {
		t.Fatal(err)
	}
	beyond := time.Date(3000, 1, 1, 0, 0, 0, 0, time.UTC) // no key holds that
	if h, err := OpenWith(dir, Options{MoveAside: true, Now: func() time.Time { return beyond }}); err == nil {
		t.Fatal(h.Close())
	}
	h, err := OpenWith(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil {
		t.Error(err)
	}
}
