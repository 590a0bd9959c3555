package store

import (
	"context"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"costping/probe"

	"github.com/shopspring/decimal"
	bolt "go.etcd.io/bbolt"
	"pgregory.net/rapid"
)

var day = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// open opens a history that is verified and closed at the end of the test.
func open(t *testing.T, dir string) History {
	t.Helper()
	h, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if b := h.(*held).owner; b != nil && b.db != nil {
			b.writing.Lock() // a check beside a writer finds what is not there
			err := b.view(func(tx *bolt.Tx) error {
				for err := range tx.Check() {
					return err
				}
				return nil
			})
			b.writing.Unlock()
			if err != nil {
				t.Errorf("the database is inconsistent: %v", err)
			}
		}
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

// good is a sample that succeeded with the given TTFT in ms.
func good(target string, at time.Time, ttft int) probe.Sample {
	first := time.Duration(ttft) * time.Millisecond
	return probe.Sample{
		Target: probe.Target{Name: target, Model: "m", BaseURL: "http://127.0.0.1:1/v1"}, Profile: "chat", Cap: 128,
		At: at, Outcome: probe.OK, Status: 200, Events: 128,
		TTFT: probe.Known(first), TTFO: probe.Known(first), E2E: probe.Known(first + 1270*time.Millisecond),
		TPOT:  probe.Known(10 * time.Millisecond),
		Usage: probe.Usage{Input: probe.Known[int64](60), Output: probe.Known[int64](128)},
		USD:   decimal.NewNullDecimal(decimal.RequireFromString("0.0000858")),
	}
}

func bad(target string, at time.Time, o probe.Outcome, text string) probe.Sample {
	s := good(target, at, 0)
	spoilt := probe.Sample{Target: s.Target, Profile: s.Profile, Cap: s.Cap, At: at, Outcome: o, Error: text}
	if o != probe.Skipped {
		spoilt.Status = 500
	}
	return spoilt
}

func appendAll(t *testing.T, h History, samples ...probe.Sample) {
	t.Helper()
	if err := h.Append(t.Context(), samples); err != nil {
		t.Fatal(err)
	}
}

func window(t *testing.T, h History, q Query) Window {
	t.Helper()
	w, err := h.Window(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// The last day is exact, and what was sent this instant is in it.
func TestLastDay(t *testing.T) {
	h := open(t, t.TempDir())
	now := day.Add(30 * time.Hour)
	appendAll(t, h, good("a", now.Add(-LongestExact), 100), good("a", now.Add(1-LongestExact), 200), good("a", now, 300))
	w := window(t, h, Last(LongestExact, now))
	if w.Sketched || len(w.Series) != 1 || w.Series[0].Warm != 2 {
		t.Errorf("%+v", w)
	}
}

func TestWindowSummarises(t *testing.T) {
	dir := t.TempDir()
	h := open(t, dir)
	for i := range 10 { // TTFT 100..190, one a minute
		appendAll(t, h, good("a", day.Add(time.Duration(i)*time.Minute), 100+10*i))
	}
	cold, cached := good("a", day.Add(10*time.Minute), 9000), good("a", day.Add(11*time.Minute), 1)
	cold.Flags, cached.Flags = probe.Cold, probe.CacheHit
	cached.USD = decimal.NullDecimal{}
	scripted := good("b", day.Add(time.Minute), 500)
	scripted.Flags = probe.Scripted
	appendAll(t, h, cold, cached, scripted,
		bad("a", day.Add(12*time.Minute), probe.ServerError, "overloaded"),
		bad("a", day.Add(13*time.Minute), probe.RateLimited, "slow down"),
		bad("a", day.Add(14*time.Minute), probe.Skipped, ""),
		good("a", day.Add(time.Hour), 7)) // at To: outside

	w := window(t, h, Query{From: day, To: day.Add(time.Hour), Steps: 6})
	if len(w.Series) != 2 || w.Series[0].Series.Target != "a" || w.Series[1].Series.Target != "b" {
		t.Fatalf("series %+v", w.Series)
	}
	a := w.Series[0]
	if a.Warm != 10 || a.TTFTp50.N != 10 || a.TTFTp50.Value != 145 || a.TTFTp50.Lo != 110 || a.TTFTp50.Hi != 180 {
		t.Errorf("TTFT %+v from %d warm samples", a.TTFTp50, a.Warm)
	}
	if a.TTFTp95.Earned() || a.TTFTp95.Max != 190 {
		t.Errorf("a p95 of ten samples: %+v", a.TTFTp95)
	}
	if a.Speedp50.Value != 100 || a.E2Ep50.Value != 1415 || a.E2Ep95.N != a.E2Ep50.N || a.E2Ep95.P != 0.95 || a.InputTokens != 60 || a.OutputTokens != 128 {
		t.Errorf("speed %v, E2E %v, tokens %v and %v", a.Speedp50.Value, a.E2Ep50.Value, a.InputTokens, a.OutputTokens)
	}
	if r := a.Success(); r.Hits != 12 || r.N != 13 {
		t.Errorf("success %d of %d: a rate limit and a skip are held against nobody", r.Hits, r.N)
	}
	if got := a.Attempts(); got != 14 {
		t.Errorf("%d attempts", got)
	}
	if a.LastError != "slow down" || a.LastOutcome != probe.Skipped || !a.Last.Equal(day.Add(14*time.Minute)) {
		t.Errorf("last %v %v %q", a.Last, a.LastOutcome, a.LastError)
	}
	if want := "0.0009438"; a.USD.String() != want {
		t.Errorf("spent %s, want %s", a.USD, want)
	}
	if a.Unpriced != 1 {
		t.Errorf("%d attempts of unknown cost: the unpriced answer is one, an error status costs nothing", a.Unpriced)
	}
	if p := a.Points; len(p) != 6 || p[0].N != 10 || p[0].TTFT != 145 || p[1].Failed != 1 || p[2].N != 0 {
		t.Errorf("points %+v", p)
	}
	if w.Series[1].Scripted != 1 {
		t.Error("a scripted sample is not counted as such")
	}
}

// Attempts made at once are a series of their own.
func TestConcurrencyIsASeriesOfItsOwn(t *testing.T) {
	h := open(t, t.TempDir())
	alone, load := good("a", day, 300), good("a", day.Add(time.Second), 1700)
	alone.Concurrency, load.Concurrency = 1, 40
	appendAll(t, h, good("a", day.Add(2*time.Second), 300), alone, load)
	series := window(t, h, Query{From: day, To: day.Add(time.Minute)}).Series
	if len(series) != 2 || series[0].Warm != 2 || series[1].Warm != 1 || series[0].Series.Concurrency != 0 || series[1].Series.Concurrency != 40 {
		t.Errorf("%+v", series)
	}
}

// What is held against nobody, what thinking adds, and what was left of the limits.
func TestWindowTellsOfflineThinkingAndHeadroom(t *testing.T) {
	h := open(t, t.TempDir())
	offline := bad("a", day.Add(time.Second), probe.Network, "no such host")
	offline.Status, offline.Flags = 0, probe.ClientOffline
	thought := good("a", day.Add(2*time.Second), 300)
	thought.Usage.Reasoning = probe.Known[int64](64)
	thought.Headroom.Tokens.Remaining = probe.Known[int64](7)
	plain := good("a", day.Add(3*time.Second), 300)
	plain.Usage.Reasoning = probe.Known[int64](0)
	untold := good("a", day.Add(4*time.Second), 300)
	appendAll(t, h, bad("a", day, probe.Network, "connection reset"), offline, thought, plain, untold)
	s := window(t, h, Query{From: day, To: day.Add(time.Minute), Steps: 1}).Series[0]
	if ok := s.Success(); ok.Hits != 3 || ok.N != 4 || s.Offline != 1 || s.Points[0].Failed != 1 {
		t.Errorf("%d of %d, %d offline, %d failed", ok.Hits, ok.N, s.Offline, s.Points[0].Failed)
	}
	// 256 tokens of which 64 were thoughts: 256 / 192.
	if !s.Thinking.Known || math.Abs(s.Thinking.Value-256.0/192) > 1e-9 || s.ThinkingN != 2 {
		t.Errorf("thinking %v, n %d", s.Thinking, s.ThinkingN)
	}
	if s.Headroom.Tokens.Remaining != probe.Known[int64](7) || !s.HeadroomAt.Equal(thought.At) {
		t.Errorf("headroom %+v at %s", s.Headroom, s.HeadroomAt)
	}
	all := good("a", day, 300)
	all.Usage.Reasoning = all.Usage.Output
	if s := Summarize([]probe.Sample{all}); s.Thinking.Known || s.ThinkingN != 1 {
		t.Errorf("nothing but thoughts: %v, n %d", s.Thinking, s.ThinkingN)
	}
	if s := Summarize([]probe.Sample{offline}); s.FailedInARow != 0 || s.Success().N != 0 {
		t.Errorf("offline: %d in a row of %d", s.FailedInARow, s.Success().N)
	}
}

func TestHistoryOutlivesItsProcess(t *testing.T) {
	dir := t.TempDir()
	h := open(t, dir)
	appendAll(t, h, good("a", day, 100), good("b", day, 200))
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	h = open(t, dir)
	appendAll(t, h, good("a", day.Add(time.Minute), 110))
	w := window(t, h, Query{From: day, To: day.Add(time.Hour)})
	if len(w.Series) != 2 || w.Series[0].Warm != 2 || w.Series[1].Warm != 1 {
		t.Errorf("got %+v", w.Series)
	}
	info, err := h.Info(t.Context())
	if err != nil || info.Samples != 3 || info.Series != 2 || info.Format != format || !info.From.Equal(day) || !info.To.Equal(day.Add(time.Minute)) {
		t.Errorf("info %+v, %v", info, err)
	}
	if file, err := os.Stat(info.Path); err != nil || info.Bytes != file.Size() {
		t.Errorf("%d bytes, the file %v, %v", info.Bytes, file, err)
	}
}

func TestSamplesOfOneInstantAreAllKept(t *testing.T) {
	h := open(t, t.TempDir())
	appendAll(t, h, good("a", day, 100), good("a", day, 110), good("a", day, 120))
	if w := window(t, h, Query{From: day, To: day.Add(time.Second)}); w.Series[0].Warm != 3 {
		t.Errorf("%d of 3 kept", w.Series[0].Warm)
	}
}

func TestVersionMovesWithEachAppend(t *testing.T) {
	h := open(t, t.TempDir())
	before := h.Version()
	appendAll(t, h, good("a", day, 100))
	if h.Version() == before {
		t.Error("an append went unnoticed")
	}
	if before = h.Version(); window(t, h, Query{From: day, To: day.Add(1)}).Version != before || h.Version() != before {
		t.Error("reading changed the version")
	}
}

func TestClosedHistory(t *testing.T) {
	h := open(t, t.TempDir())
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	if err := h.Append(t.Context(), []probe.Sample{good("a", day, 1)}); !errors.Is(err, ErrClosed) {
		t.Errorf("append: %v", err)
	}
	if _, err := h.Window(t.Context(), Query{From: day, To: day.Add(1)}); !errors.Is(err, ErrClosed) {
		t.Errorf("window: %v", err)
	}
}

func TestAppendStopsWithItsContext(t *testing.T) {
	h := open(t, t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.Append(ctx, []probe.Sample{good("a", day, 1)}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// raw opens the database file itself, to spoil it.
func raw(t *testing.T, dir string, spoil func(*bolt.Tx) error) {
	t.Helper()
	db, err := bolt.Open(filepath.Join(dir, databaseName), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(spoil), db.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestDamagedRecordsAreCountedAndSkipped(t *testing.T) {
	dir := t.TempDir()
	h := open(t, dir)
	appendAll(t, h, good("a", day, 100), good("a", day.Add(1), 110), good("a", day.Add(2), 120))
	_ = h.Close()
	raw(t, dir, func(tx *bolt.Tx) error {
		b := tx.Bucket(bucketSamples)
		k, v := b.Cursor().First()
		flipped := append([]byte(nil), v...)
		flipped[len(v)/2] ^= 1
		return errors.Join(b.Put(k, flipped), b.Put([]byte("odd key that is not one"), v))
	})
	w := window(t, open(t, dir), Query{From: day, To: day.Add(time.Second)})
	if w.Damaged != 1 || w.Series[0].Warm != 2 {
		t.Errorf("%d damaged, %d read", w.Damaged, w.Series[0].Warm)
	}
}

func TestOpenRefuses(t *testing.T) {
	newer := func(t *testing.T, dir string) {
		_ = open(t, dir).Close()
		raw(t, dir, func(tx *bolt.Tx) error {
			return tx.Bucket(bucketMeta).Put(keyMinReader, binary.AppendUvarint(nil, format+1))
		})
	}
	write := func(text string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			if err := os.WriteFile(filepath.Join(dir, databaseName), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, tc := range []struct {
		name  string
		setUp func(*testing.T, string)
		want  error
	}{
		{"a newer format", newer, ErrNewer},
		{"a foreign file", write(strings.Repeat("not a database\n", 2000)), ErrForeign},
		{"a short foreign file", write("hello"), ErrForeign},
		{"a file of no length", write(""), ErrDamaged},
		{"a file of zeros", write(strings.Repeat("\x00", 20_000)), ErrDamaged},
		{"another program's database", func(t *testing.T, dir string) {
			raw(t, dir, func(tx *bolt.Tx) error { _, err := tx.CreateBucket([]byte("other")); return err })
		}, ErrForeign},
		{"a folder in its place", func(t *testing.T, dir string) {
			if err := os.Mkdir(filepath.Join(dir, databaseName), 0o700); err != nil {
				t.Fatal(err)
			}
		}, ErrForeign},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := t.TempDir()
			tc.setUp(t, dir)
			before, _ := os.ReadFile(filepath.Join(dir, databaseName))
			h, err := Open(dir)
			if err == nil {
				_ = h.Close()
			}
			if !errors.Is(err, tc.want) {
				t.Errorf("got %v, want %v", err, tc.want)
			}
			if after, _ := os.ReadFile(filepath.Join(dir, databaseName)); string(before) != string(after) {
				t.Error("the file was changed")
			}
			// Nor is it called damaged, which would have it moved aside.
			r, err := Verify(t.Context(), dir, check)
			damaged := errors.Is(tc.want, ErrDamaged)
			if damaged == r.OK() || !damaged && !errors.Is(err, tc.want) || strings.Contains(fmt.Sprint(err), verifyPrefix) {
				t.Errorf("verified, it is %+v, %v", r, err)
			}
			// The lock is free again.
			if err := os.RemoveAll(filepath.Join(dir, databaseName)); err != nil {
				t.Fatal(err)
			}
			open(t, dir)
		})
	}
}

// A page that holds rubbish is an error with a name, and never a panic.
func TestDamagedPageIsNoPanic(t *testing.T) {
	dir := t.TempDir()
	h := open(t, dir)
	var many []probe.Sample
	for i := range 400 {
		many = append(many, good("a", day.Add(time.Duration(i)*time.Second), 100))
	}
	appendAll(t, h, many...)
	_ = h.Close()
	path := filepath.Join(dir, databaseName)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damaged := 0
	for page := 2; page < 24 && (page+1)*4096 <= len(whole); page++ {
		spoilt := append([]byte(nil), whole...)
		copy(spoilt[page*4096:], strings.Repeat("\xff", 16))
		if err := os.WriteFile(path, spoilt, 0o600); err != nil {
			t.Fatal(err)
		}
		h, err := Open(dir)
		if err == nil {
			_, werr := h.Window(t.Context(), Query{From: day, To: day.Add(time.Hour)})
			aerr := h.Append(t.Context(), many[:1])
			err = errors.Join(werr, aerr)
			_ = h.Close()
		}
		if err != nil {
			damaged++
			if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrForeign) {
				t.Errorf("page %d: %v", page, err)
			}
		}
	}
	if damaged == 0 {
		t.Error("no damage was noticed: the test spoils the wrong pages")
	}
}

// However short a history was cut, it is called damaged and left as it is.
func TestTruncatedFileIsCalledDamaged(t *testing.T) {
	for _, size := range []int64{0, 1, 10, 40, 100, 4096, 5000, 8192, 12_288, 20_480} {
		dir := t.TempDir()
		h := open(t, dir)
		appendAll(t, h, good("a", day, 100))
		_ = h.Close()
		if err := os.Truncate(filepath.Join(dir, databaseName), size); err != nil {
			t.Fatal(err)
		}
		h, err := Open(dir)
		if err == nil {
			_ = h.Close()
		}
		if !errors.Is(err, ErrDamaged) {
			t.Errorf("cut to %d bytes: %v", size, err)
		}
		if r, err := Verify(t.Context(), dir, check); err != nil || r.OK() {
			t.Errorf("cut to %d bytes it is %+v, %v", size, r, err)
		}
	}
}

func TestUnusableFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(filepath.Join(file, "history")); err == nil || strings.Count(err.Error(), file) != 1 {
		t.Errorf("got %v", err)
	}
}

func TestFilesArePrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	open(t, dir)
	for name, want := range map[string]os.FileMode{".": 0o700, databaseName: 0o600, lockName: 0o600} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", name, info.Mode().Perm(), err)
		}
	}
}

func TestRecordRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := wireSample{
			outcome:  probe.Outcome(rapid.IntRange(1, 14).Draw(t, "outcome")),
			flags:    probe.Flags(rapid.Uint32().Draw(t, "flags")),
			err:      rapid.StringN(0, 50, maxText).Draw(t, "error"),
			withheld: rapid.StringN(0, 50, maxText).Draw(t, "withheld"),
		}
		for i := range w.fields {
			if rapid.Bool().Draw(t, "known") {
				w.set(i, probe.Known(rapid.Int64().Draw(t, "field")))
			}
		}
		got, err := decode(encode(w))
		if err != nil || got != w {
			t.Fatalf("%v: wrote %+v, read %+v", err, w, got)
		}
	})
}

func TestSampleSurvivesItsRecord(t *testing.T) {
	s := good("a", day, 123)
	s.Flags, s.Queue = probe.Capped|probe.Late, 7*time.Millisecond
	s.Connect, s.DNS, s.TLS = probe.Known(time.Duration(0)), probe.Known(2*time.Millisecond), probe.Measured[time.Duration]{}
	s.TTFB, s.RetryAfter = probe.Known(99*time.Millisecond), probe.Known(30*time.Second)
	s.TPOT, s.SpeedWithheld = probe.Known(6_756_757*time.Nanosecond), "because"
	s.Wrote, s.ServerTTFT = probe.Known(90*time.Microsecond), probe.Known(88*time.Millisecond)
	s.ICLp50, s.ICLMax = probe.Known(6*time.Millisecond), probe.Known(31*time.Millisecond)
	s.Headroom.Requests = probe.Allowance{Limit: probe.Known[int64](10_000), Remaining: probe.Known[int64](0)}
	s.Headroom.Tokens = probe.Allowance{Remaining: probe.Known[int64](1_999_000), Reset: probe.Known(6 * time.Minute)}
	s.Usage.Cached, s.Usage.Reasoning = probe.Known[int64](0), probe.Known[int64](17)
	wire := toWire(s)
	got := fromWire(&wire)
	got.Target, got.Profile, got.Cap, got.At = s.Target, s.Profile, s.Cap, s.At
	if !got.USD.Decimal.Equal(s.USD.Decimal) || !got.USD.Valid {
		t.Errorf("cost %v, want %v", got.USD, s.USD)
	}
	got.USD = s.USD
	if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", s) {
		t.Errorf("wrote %+v\nread  %+v", s, got)
	}
}

func TestRecordSize(t *testing.T) {
	s := good("a", day, 612)
	s.Connect, s.TTFB = probe.Known(time.Duration(0)), probe.Known(611*time.Millisecond)
	s.Wrote, s.ICLp50, s.ICLMax = probe.Known(90*time.Microsecond), probe.Known(6700*time.Microsecond), probe.Known(31*time.Millisecond)
	room := probe.Allowance{
		Limit: probe.Known[int64](2_000_000), Remaining: probe.Known[int64](1_999_000), Reset: probe.Known(60 * time.Millisecond),
	}
	s.Headroom = probe.Headroom{Requests: room, Tokens: room}
	if n := len(encode(toWire(s))) + sampleKeySize; n > 96 {
		t.Errorf("a raw sample takes %d bytes, more than 96", n)
	} else {
		t.Logf("%d bytes", n)
	}
}

var update = flag.Bool("update", false, "write golden files")

// Version 1 of a record as it was first written: a history must stay readable for good.
func TestRecord1IsStillRead(t *testing.T) {
	golden := filepath.Join("testdata", "record-1.bin")
	s := good("a", day, 612)
	s.Flags, s.Error, s.SpeedWithheld = probe.Capped, "an error", "a reason"
	want := toWire(s)
	if *update {
		if err := os.WriteFile(golden, encode(want), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := decode(b); err != nil || got != want {
		t.Errorf("%v: got %+v, want %+v", err, got, want)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(encode(toWire(good("a", day, 612))))
	f.Add(encode(toWire(bad("a", day, probe.Timeout, "no first token"))))
	f.Fuzz(func(t *testing.T, b []byte) {
		// With a checksum made to fit, so that the reader behind it is reached.
		b = append([]byte{recordVersion}, b...)
		w, err := decode(binary.LittleEndian.AppendUint32(b, crc(b)))
		if err != nil {
			return
		}
		if again, err := decode(encode(w)); err != nil || again != w {
			t.Fatalf("%v: %+v became %+v", err, w, again)
		}
		if usd := fromWire(&w).USD; usd.Valid {
			_ = usd.Decimal.Add(decimal.NewFromInt(1)) // in bounded time and memory
		}
	})
}

// A reader that comes between a writer's commit and its next step sees the samples
// of a series that is new.
func TestANewSeriesIsReadAtOnce(t *testing.T) {
	h := open(t, t.TempDir())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 150 {
			appendAll(t, h, good(fmt.Sprintf("series %d", i), day.Add(time.Duration(i)*time.Second), 300))
		}
	}()
	for reading := true; reading; {
		select {
		case <-done:
			reading = false
		default:
		}
		if w := window(t, h, Query{From: day, To: day.Add(time.Hour)}); w.Damaged != 0 {
			t.Fatalf("%d of %d samples are called damaged", w.Damaged, len(w.Series)+w.Damaged)
		}
	}
}

// Whoever cannot wait for the one who writes does not, and leaves nothing behind.
func TestWritersWaitNoLongerThanTheyMay(t *testing.T) {
	h := open(t, t.TempDir())
	b := h.(*held).owner
	b.writing.Lock() // somebody writes
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error, 2)
	go func() { failed <- h.Append(ctx, []probe.Sample{good("a", day, 300)}) }()
	go func() {
		_, ok, err := h.Reserve(ctx, probe.DayOf(day), decimal.New(1, 0), decimal.New(2, 0))
		if ok {
			err = errors.New("reserved all the same")
		}
		failed <- err
	}()
	cancel()
	for range 2 {
		if err := <-failed; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	}
	b.writing.Unlock()
	if spent, err := h.Spent(t.Context(), probe.DayOf(day)); err != nil || !spent.Reserved.IsZero() {
		t.Errorf("%+v, %v", spent, err)
	}
}
