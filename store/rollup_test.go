package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"costping/probe"
	"costping/probe/stats"

	bolt "go.etcd.io/bbolt"
	"pgregory.net/rapid"
)

// at opens a history whose clock stands at an instant, with nothing pruned by itself.
func at(t testing.TB, dir string, now time.Time) *held {
	t.Helper()
	h, err := OpenWith(dir, Options{Now: func() time.Time { return now }, Retention: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return h.(*held)
}

func roll(t testing.TB, h *held, now time.Time) {
	t.Helper()
	if err := h.owner.roll(t.Context(), now); err != nil {
		t.Fatal(err)
	}
}

// varied is a sample of any outcome, drawn from n alone.
func varied(target string, at time.Time, n int) probe.Sample {
	rng := rand.New(rand.NewPCG(uint64(n), 7))
	switch rng.IntN(12) {
	case 0:
		return bad(target, at, probe.Outcome(2+rng.IntN(13)), fmt.Sprint("trouble ", n))
	case 1:
		s := bad(target, at, probe.Network, "no such host")
		s.Flags, s.Status = probe.ClientOffline, 0
		return s
	}
	s := good(target, at, 200+int(math.Exp(4+rng.NormFloat64())))
	s.TPOT = probe.Known(time.Duration(5+rng.IntN(30)) * time.Millisecond)
	s.Usage.Reasoning = probe.Known(int64(rng.IntN(100)))
	if rng.IntN(9) == 0 {
		s.Flags = probe.Cold
	}
	return s
}

func rollups(t testing.TB, h History, span Span) map[string]Rollup {
	t.Helper()
	all := map[string]Rollup{}
	for r, err := range h.Rollups(t.Context(), span, Range{}) {
		if err != nil {
			t.Fatal(err)
		}
		all[r.Series.Target+" "+r.From.Format(time.RFC3339)] = r
	}
	return all
}

func records(t testing.TB, h History) string {
	t.Helper()
	var b bytes.Buffer
	for _, span := range []Span{Hourly, Daily} {
		all := rollups(t, h, span)
		for _, name := range slices.Sorted(func(yield func(string) bool) {
			for k := range all {
				if !yield(k) {
					return
				}
			}
		}) {
			r := all[name]
			fmt.Fprintf(&b, "%s %s %x\n", span, name, encodeRollup(&r))
		}
	}
	return b.String()
}

// Two days of two series, with an hour and a night without samples.
func twoDays() []probe.Sample {
	var samples []probe.Sample
	start := day.Truncate(24 * time.Hour)
	for n := range 2 * 24 * 20 {
		at := start.Add(time.Duration(n) * 3 * time.Minute)
		if h := at.Hour(); h == 5 || h > 20 {
			continue
		}
		samples = append(samples, varied("a", at, n), varied("b", at.Add(time.Second), n+100_000))
	}
	return samples
}

// A rollup holds exactly what a window over its time says.
func TestRollupAgreesWithTheWindow(t *testing.T) {
	end := day.Truncate(24*time.Hour).AddDate(0, 0, 2).Add(time.Hour)
	h := at(t, t.TempDir(), day.Truncate(24*time.Hour))
	appendAll(t, h, twoDays()...)
	if n := len(rollups(t, h, Hourly)); n != 0 {
		t.Fatalf("%d hours were rolled up before they were closed", n)
	}
	roll(t, h, day.Truncate(24*time.Hour).Add(2*time.Hour+rollGrace-1)) // within the grace of the second hour
	if n := len(rollups(t, h, Hourly)); n != 2 {
		t.Fatalf("%d hours were rolled up where one of two series is closed", n)
	}
	roll(t, h, end)
	for span, want := range map[Span]int{Hourly: 2 * 2 * 20, Daily: 2 * 2} {
		all := rollups(t, h, span)
		if len(all) != want {
			t.Errorf("%d rollups of a %s, want %d", len(all), span, want)
		}
		for name, r := range all {
			w := window(t, h, Query{From: r.From, To: r.From.Add(span.Length())})
			i := slices.IndexFunc(w.Series, func(s Summary) bool { return s.Series == r.Series })
			s := w.Series[i]
			if fmt.Sprint(s.Outcomes, s.Offline, s.Unpriced, s.ThinkingN, s.FailedInARow, s.Last, s.LastOutcome, s.LastError, s.LastErrorAt, s.Warm) !=
				fmt.Sprint(r.Outcomes, r.Offline, r.Unpriced, r.ThinkingN, r.FailedInARow, r.Last, r.LastOutcome, r.LastError, r.LastErrorAt, r.TTFT.N) ||
				!s.USD.Equal(r.USD) || s.Thinking != thinking(r.Tokens, r.Thoughts) {
				t.Errorf("%s: %+v\nwindow %+v", name, r, s)
			}
			if r.TTFT.Sketched || s.TTFTp50.Earned() && !near(r.TTFT.P50, s.TTFTp50.Value, 1e-6) || r.Failed() != s.Success().N-s.Success().Hits {
				t.Errorf("%s: median %v, window %v; %d failed", name, r.TTFT.P50, s.TTFTp50.Value, r.Failed())
			}
		}
	}
	// Once more changes nothing.
	before := records(t, h)
	h.owner.writing.Lock()
	err := h.owner.update(func(tx *bolt.Tx) error { return setMeta(tx, keyRolled, 0) })
	h.owner.writing.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	roll(t, h, end)
	if again := records(t, h); again != before {
		t.Error("rolling up again gave something else")
	}
}

func near(a, b, relative float64) bool {
	return math.Abs(a-b) <= relative*math.Max(math.Abs(a), math.Abs(b))
}

// However samples are spread over time and appends, whenever hours are rolled up
// and pruned: what is counted stays counted, and quantiles stay within 1 %.
func TestNothingIsLostOnTheWayToRollups(t *testing.T) {
	start := day.Truncate(24 * time.Hour)
	dir, runs := t.TempDir(), 0
	rapid.Check(t, func(rt *rapid.T) {
		runs++
		opened, err := OpenWith(filepath.Join(dir, fmt.Sprint(runs)), Options{Now: func() time.Time { return start }, Retention: -1})
		if err != nil {
			rt.Fatal(err)
		}
		defer opened.Close()
		h := opened.(*held)
		var all []probe.Sample
		now := start
		for step := range rapid.IntRange(1, 8).Draw(rt, "steps") {
			var batch []probe.Sample
			for i := range rapid.IntRange(1, 60).Draw(rt, "samples") {
				// Mostly now, sometimes long ago: a clock that was set, or an import.
				when := now.Add(time.Duration(i) * time.Minute)
				if rapid.IntRange(0, 5).Draw(rt, "late") == 0 {
					when = start.Add(time.Duration(rapid.IntRange(0, 80).Draw(rt, "hour")) * 37 * time.Minute)
				}
				batch = append(batch, varied("a", when.Add(time.Duration(step*1000+i)), step*1000+i))
			}
			if err := h.Append(t.Context(), batch); err != nil {
				rt.Fatal(err)
			}
			all = append(all, batch...)
			now = now.Add(time.Duration(rapid.IntRange(0, 20).Draw(rt, "hours")) * time.Hour)
			if err := h.owner.roll(t.Context(), now); err != nil {
				rt.Fatal(err)
			}
			if rapid.Bool().Draw(rt, "prune") {
				if _, err := h.Prune(t.Context(), now.Add(-10*time.Hour)); err != nil {
					rt.Fatal(err)
				}
			}
		}
		if err := h.owner.roll(t.Context(), now.Add(100*time.Hour)); err != nil {
			rt.Fatal(err)
		}
		w, err := h.Window(t.Context(), Query{From: start, To: start.AddDate(0, 0, 30)})
		if err != nil || !w.Sketched || len(w.Series) != 1 || w.Damaged != 0 {
			rt.Fatalf("%+v, %v", w, err)
		}
		slices.SortFunc(all, func(a, b probe.Sample) int { return a.At.Compare(b.At) })
		got, want := w.Series[0], Summarize(all)
		if fmt.Sprint(got.Outcomes, got.Offline, got.Unpriced, got.Warm, got.ThinkingN, got.Thinking, got.Last) !=
			fmt.Sprint(want.Outcomes, want.Offline, want.Unpriced, want.Warm, want.ThinkingN, want.Thinking, want.Last) || !got.USD.Equal(want.USD) {
			rt.Fatalf("counted %+v\nwant    %+v", got, want)
		}
		if want.TTFTp50.Earned() && (!near(got.TTFTp50.Lo, want.TTFTp50.Lo, 0.021) || !near(got.TTFTp50.Hi, want.TTFTp50.Hi, 0.021) ||
			got.TTFTp50.Lo > want.TTFTp50.Lo*1.0001 || got.TTFTp50.Hi < want.TTFTp50.Hi*0.9999) {
			rt.Fatalf("the interval is %v to %v, exactly %v to %v", got.TTFTp50.Lo, got.TTFTp50.Hi, want.TTFTp50.Lo, want.TTFTp50.Hi)
		}
	})
}

// A late sample is seen before its hour is rolled up again, and after.
func TestLateSampleIsCounted(t *testing.T) {
	start := day.Truncate(24 * time.Hour)
	h := at(t, t.TempDir(), start)
	appendAll(t, h, twoDays()...)
	roll(t, h, start.AddDate(0, 0, 3))
	long := Query{From: start, To: start.AddDate(0, 0, 2)}
	before := window(t, h, long).Series[0].Attempts()
	appendAll(t, h, good("a", start.Add(5*time.Hour), 100)) // in the hour without any
	if got := window(t, h, long).Series[0].Attempts(); got != before+1 {
		t.Errorf("%d attempts, want %d", got, before+1)
	}
	roll(t, h, start.AddDate(0, 0, 3))
	if got := window(t, h, long).Series[0].Attempts(); got != before+1 {
		t.Errorf("%d attempts after rolling up, want %d", got, before+1)
	}
	if r, ok := rollups(t, h, Hourly)["a "+start.Add(5*time.Hour).Format(time.RFC3339)]; !ok || r.TTFT.N != 1 {
		t.Errorf("the hour is %+v", r)
	}
}

func TestPruneKeepsRollups(t *testing.T) {
	start := day.Truncate(24 * time.Hour)
	h := at(t, t.TempDir(), start)
	samples := twoDays()
	appendAll(t, h, samples...)
	if n, err := h.Prune(t.Context(), start.AddDate(0, 0, 1)); n != 0 || err != nil {
		t.Fatalf("%d pruned before they were rolled up, %v", n, err)
	}
	roll(t, h, start.AddDate(0, 0, 3))
	before := records(t, h)
	cut := start.Add(30*time.Hour + 20*time.Minute)
	n, err := h.Prune(t.Context(), cut)
	left := 0
	for s, err := range h.Raw(t.Context(), Range{}) {
		if err != nil || s.At.Before(start.Add(30*time.Hour)) {
			t.Fatalf("%v is left, %v", s.At, err)
		}
		left++
	}
	if err != nil || n == 0 || n+left != len(samples) {
		t.Errorf("%d of %d pruned, %d left, %v", n, len(samples), left, err)
	}
	if after := records(t, h); after != before {
		t.Error("pruning changed the rollups")
	}
	if info, err := h.Info(t.Context()); err != nil || !info.RawFrom.Equal(start.Add(30*time.Hour)) {
		t.Errorf("%+v, %v", info, err)
	}
}

func TestChart(t *testing.T) {
	start := day.Truncate(24 * time.Hour)
	h := at(t, t.TempDir(), start)
	appendAll(t, h, twoDays()...)
	ask := func(step time.Duration) []Line {
		t.Helper()
		lines, err := h.Series(t.Context(), ChartQuery{From: start, To: start.AddDate(0, 0, 2), Step: step, Target: "a"})
		if err != nil || len(lines) != 1 || lines[0].Series.Target != "a" {
			t.Fatalf("%+v, %v", lines, err)
		}
		return lines
	}
	for _, step := range []time.Duration{10 * time.Minute, time.Hour, 2 * time.Hour, 24 * time.Hour} {
		raw := ask(step)
		roll(t, h, start.AddDate(0, 0, 3))
		rolled := ask(step)
		for i, p := range raw[0].Points {
			q := rolled[0].Points[i]
			if !p.From.Equal(start.Add(time.Duration(i)*step)) || p.From != q.From || p.N != q.N || p.Failed != q.Failed || p.TTFT.N != q.TTFT.N || p.Speed.N != q.Speed.N {
				t.Fatalf("%s, step %d: %+v became %+v", step, i, p, q)
			}
			within := 1e-6
			if step == 2*time.Hour {
				within = 0.05 // two hours of twenty values each, between which a quantile lies
			}
			// A step of one rollup is as exact as that; two are merged.
			if two := step == 2*time.Hour && q.N > 20; q.TTFT.Sketched != two || q.Speed.Sketched != two || p.TTFT.Sketched {
				t.Errorf("%s, step %d: sketched %v of %d", step, i, q.TTFT.Sketched, q.N)
			}
			for _, pair := range [][2]float64{{p.TTFT.P25, q.TTFT.P25}, {p.TTFT.P50, q.TTFT.P50}, {p.TTFT.P75, q.TTFT.P75}, {p.Speed.P50, q.Speed.P50}, {p.E2E.P95, q.E2E.P95}} {
				if !near(pair[0], pair[1], within) {
					t.Errorf("%s, step %d: %v became %v", step, i, pair[0], pair[1])
				}
			}
		}
		h.owner.writing.Lock()
		err := h.owner.update(func(tx *bolt.Tx) error { return setMeta(tx, keyRolled, 0) })
		h.owner.writing.Unlock()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, q := range []ChartQuery{{From: start, To: start, Step: time.Hour}, {From: start, To: start.AddDate(1, 0, 0), Step: time.Second}, {From: start, To: day}} {
		if lines, err := h.Series(t.Context(), q); err == nil {
			t.Errorf("%+v gave %d lines", q, len(lines))
		}
	}
}

// Windows follow appends, whether the hours are in memory or not.
func TestWindowFollowsAppends(t *testing.T) {
	h := at(t, t.TempDir(), day)
	runs := 0
	rapid.Check(t, func(rt *rapid.T) {
		runs++
		start := day.Add(time.Duration(rapid.Int64Range(0, 1e6).Draw(rt, "where")) * time.Hour / 100)
		name := fmt.Sprint("t", runs)
		var all []probe.Sample
		for i := range rapid.IntRange(1, 12).Draw(rt, "n") {
			s := varied(name, start.Add(time.Duration(rapid.IntRange(0, 300).Draw(rt, "minute"))*time.Minute+time.Duration(i)), i)
			all = append(all, s)
			if err := h.Append(t.Context(), []probe.Sample{s}); err != nil {
				rt.Fatal(err)
			}
			slices.SortFunc(all, func(a, b probe.Sample) int { return a.At.Compare(b.At) })
			from := start.Add(time.Duration(rapid.IntRange(-5, 200).Draw(rt, "from")) * time.Minute)
			to := from.Add(time.Duration(rapid.IntRange(1, 400).Draw(rt, "for")) * time.Minute)
			in := slices.DeleteFunc(slices.Clone(all), func(s probe.Sample) bool { return s.At.Before(from) || !s.At.Before(to) })
			w, err := h.Window(t.Context(), Query{From: from, To: to})
			if err != nil {
				rt.Fatal(err)
			}
			i := slices.IndexFunc(w.Series, func(s Summary) bool { return s.Series.Target == name })
			switch {
			case i < 0 && len(in) > 0, i >= 0 && len(in) == 0:
				rt.Fatalf("series at %d, %d samples", i, len(in))
			case i >= 0:
				if got, want := fmt.Sprintf("%+v", w.Series[i]), fmt.Sprintf("%+v", Summarize(in)); got != want {
					rt.Fatalf("%s\nwant %s", got, want)
				}
			}
		}
	})
}

func TestSketchIsWithinOnePercent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(0.001, 1e7), 1, 400).Draw(t, "values")
		var merged Digest
		for part := range slices.Chunk(slices.Clone(values), rapid.IntRange(1, 60).Draw(t, "part")) {
			if err := merged.merge(digest(stats.Sort(part))); err != nil {
				t.Fatal(err)
			}
		}
		if err := merged.settle(); err != nil {
			t.Fatal(err)
		}
		b, err := merged.values()
		sorted := stats.Sort(values)
		if err != nil || b.n != len(sorted) || merged.Max != sorted[len(sorted)-1] {
			t.Fatalf("%d of %d values, %v", b.n, len(sorted), err)
		}
		for rank, v := range sorted {
			if !near(b.at(rank), v, SketchError*1.0001) {
				t.Fatalf("rank %d is %v, exactly %v", rank, b.at(rank), v)
			}
			if s := b.speed().at(len(sorted) - 1 - rank); !near(s, 1000/v, SketchError*1.0101) {
				t.Fatalf("rank %d is %v a second, exactly %v", rank, s, 1000/v)
			}
		}
	})
}

// What sketches the record of a stranger holds is read in bounded memory, or not.
func FuzzDecodeRollup(f *testing.F) {
	g := &gathering{}
	for i := range 30 {
		p := pointOfSample(varied("a", day.Add(time.Duration(i)*time.Minute), i))
		g.add(&p)
	}
	for _, r := range []*Rollup{g.rollup(), {}} {
		b := encodeRollup(r)
		f.Add(b[1 : len(b)-4])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := decodeRollup(seal(append([]byte{rollupVersion}, b...)))
		if err != nil {
			return
		}
		again, err := decodeRollup(encodeRollup(r))
		if err != nil || fmt.Sprintf("%+v", again) != fmt.Sprintf("%+v", r) {
			t.Fatalf("%v: %+v became %+v", err, r, again)
		}
		if again.merge(r) == nil && again.settle() == nil {
			_, _ = again.summary()
		}
	})
}

// Version 1 of a rollup's record as it was first written.
func TestRollup1IsStillRead(t *testing.T) {
	golden := filepath.Join("testdata", "rollup-1.bin")
	g := &gathering{}
	for i := range 40 {
		p := pointOfSample(varied("a", day.Add(time.Duration(i)*time.Minute), i))
		g.add(&p)
	}
	r := g.rollup()
	r.Span = Daily
	want := encodeRollup(r)
	if *update {
		if err := os.WriteFile(golden, want, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	got, err := decodeRollup(b)
	if err != nil || got.Span != Daily || !bytes.Equal(encodeRollup(got), b) || !bytes.Equal(b, want) {
		t.Errorf("%v: %+v", err, got)
	}
	if v, err := got.TTFT.values(); err != nil || v.n != got.TTFT.N {
		t.Errorf("%d values, %v", v.n, err)
	}
}

// A sketch that does not hold as many values as its rollup says is damaged.
func TestSketchThatDoesNotAddUp(t *testing.T) {
	d := digest([]float64{1, 2, 3})
	d.N = 4
	if _, err := d.values(); !errors.Is(err, ErrDamaged) {
		t.Errorf("got %v", err)
	}
}

func jsonUnmarshal(text string, into any) error { return json.Unmarshal([]byte(text), into) }

// Whatever bit of whatever record is flipped, its checksum tells.
func TestEveryFlippedBitIsFound(t *testing.T) {
	g := gathered(Series{}, []point{pointOfSample(good("a", day, 100)), pointOfSample(varied("a", day, 3))})
	for what, record := range map[string]struct {
		bytes []byte
		whole func([]byte) bool
	}{
		"a sample": {encode(toWire(good("a", day, 100))), func(b []byte) bool { _, err := decode(b); return err == nil }},
		"a rollup": {encodeRollup(g.rollup()), func(b []byte) bool { _, err := decodeRollup(b); return err == nil }},
		"a note":   {seal([]byte(`{"text":"x"}`)), func(b []byte) bool { _, whole := unseal(b); return whole }},
	} {
		if !record.whole(record.bytes) {
			t.Errorf("%s cannot be read", what)
		}
		for bit := range 8 * len(record.bytes) {
			flipped := slices.Clone(record.bytes)
			flipped[bit/8] ^= 1 << (bit % 8)
			if record.whole(flipped) {
				t.Errorf("%s: bit %d", what, bit)
			}
		}
	}
}

func TestVersionNeverGoesBack(t *testing.T) {
	var v version
	v.Store(7)
	now, moved := v.wait()
	v.Store(5)
	select {
	case <-moved:
		t.Error("nothing has changed")
	default:
	}
	if v.Store(8); now != 7 || v.Load() != 8 {
		t.Errorf("%d, then %d", now, v.Load())
	}
	<-moved
}
