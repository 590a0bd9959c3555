package store

import (
	"context"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"costping/probe"

	bolt "go.etcd.io/bbolt"
)

// The synthetic year: twenty targets, a probe a minute each, kept as a history is
// by default: every sample went through Append, every hour is rolled up, and all
// but the last thirty days are pruned.
const (
	yearTargets = 20
	yearDays    = 365
)

var (
	yearDir   = flag.String("year", "", "folder of the synthetic year, made where there is none; default: a temporary one")
	yearStart = time.Date(2025, 11, 21, 0, 0, 0, 0, time.UTC)
	yearEnd   = yearStart.AddDate(0, 0, yearDays)
	yearMade  = sync.OnceValues(makeYear)
)

// yearSample is as long as a real one: every time is known, the server tells its
// rate limits, one attempt in a hundred fails.
func yearSample(rng *rand.Rand, target int, at time.Time) probe.Sample {
	s := good(fmt.Sprint("target-", target), at, 0)
	if rng.IntN(100) == 0 {
		return bad(s.Target.Name, at, probe.ServerError, "500 Internal Server Error: the model is overloaded")
	}
	first := time.Duration(float64(200+40*target)*math.Exp(0.3*rng.NormFloat64())*1e3) * time.Microsecond
	tpot := time.Duration(float64(5+target)*math.Exp(0.1*rng.NormFloat64())*1e6) * time.Nanosecond
	s.TTFT, s.TTFO, s.TPOT, s.E2E = probe.Known(first), probe.Known(first), probe.Known(tpot), probe.Known(first+127*tpot)
	s.Connect, s.TTFB, s.Wrote = probe.Known(time.Duration(0)), probe.Known(first-time.Millisecond), probe.Known(90*time.Microsecond)
	s.Queue = time.Duration(rng.IntN(2000)) * time.Microsecond
	room := probe.Allowance{Limit: probe.Known[int64](2_000_000), Remaining: probe.Known(1_990_000 + rng.Int64N(9000)), Reset: probe.Known(60 * time.Millisecond)}
	s.Headroom = probe.Headroom{Requests: room, Tokens: room}
	return s
}

func yearDay(d int) []probe.Sample {
	rng := rand.New(rand.NewPCG(uint64(d), 1))
	samples := make([]probe.Sample, 0, 1440*yearTargets)
	for minute := range 1440 {
		at := yearStart.AddDate(0, 0, d).Add(time.Duration(minute) * time.Minute)
		for target := range yearTargets {
			samples = append(samples, yearSample(rng, target, at.Add(time.Duration(target)*3*time.Second)))
		}
	}
	return samples
}

func makeYear() (dir string, err error) {
	dir = *yearDir
	if dir == "" {
		if dir, err = os.MkdirTemp("", "costping-year-"); err != nil {
			return "", err
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "made")); err == nil {
		return dir, nil
	}
	h, err := OpenWith(dir, Options{Retention: -1, Now: func() time.Time { return yearStart }})
	if err != nil {
		return "", err
	}
	owner := h.(*held).owner
	owner.db.NoSync = true // nobody waits for it yet
	ctx := context.Background()
	for d := range yearDays {
		end := yearStart.AddDate(0, 0, d+1)
		if err := h.Append(ctx, yearDay(d)); err != nil {
			return "", err
		}
		if err := owner.roll(ctx, end.Add(time.Hour)); err != nil {
			return "", err
		}
		if _, err := h.Prune(ctx, end.Add(-DefaultRetention)); err != nil {
			return "", err
		}
	}
	if err := owner.db.Sync(); err != nil {
		return "", err
	}
	if err := h.Close(); err != nil {
		return "", err
	}
	return dir, os.WriteFile(filepath.Join(dir, "made"), nil, 0o600)
}

// year opens the synthetic year. Its clock stands at the year's end.
func year(b *testing.B) *held {
	b.Helper()
	dir, err := yearMade()
	if err != nil {
		b.Fatal(err)
	}
	h, err := OpenWith(dir, Options{Retention: -1, Now: func() time.Time { return yearEnd }})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = h.Close() })
	return h.(*held)
}

func lastDay() Query { return Query{From: yearEnd.Add(-24 * time.Hour), To: yearEnd, Steps: 24} }

func mustWindow(b *testing.B, h History, q Query) Window {
	b.Helper()
	w, err := h.Window(b.Context(), q)
	if err != nil || len(w.Series) != yearTargets {
		b.Fatalf("%d series, %v", len(w.Series), err)
	}
	return w
}

func perOp(b *testing.B, unit string) {
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(time.Millisecond), unit)
	b.ReportMetric(0, "ns/op")
}

func BenchmarkYear(b *testing.B) {
	b.Run("size", benchSize)
	b.Run("open", benchOpen)
	b.Run("day/first", func(b *testing.B) { // nothing in memory
		h := year(b)
		for b.Loop() {
			h.owner.blocks.forget()
			h.owner.memo.known = nil
			mustWindow(b, h, lastDay())
		}
		perOp(b, "ms/window")
	})
	b.Run("day/other span", func(b *testing.B) { // in memory, and to be summed up anew
		h := year(b)
		for b.Loop() {
			h.owner.memo.known = nil
			mustWindow(b, h, lastDay())
		}
		perOp(b, "ms/window")
	})
	b.Run("day/nothing new", func(b *testing.B) {
		h := year(b)
		for b.Loop() {
			mustWindow(b, h, lastDay())
		}
		perOp(b, "ms/window")
	})
	b.Run("day/as a screen asks", benchScreen)
	b.Run("month", func(b *testing.B) {
		h := year(b)
		for b.Loop() {
			mustWindow(b, h, Query{From: yearEnd.AddDate(0, 0, -30), To: yearEnd})
		}
		perOp(b, "ms/window")
	})
	b.Run("year/daily chart", func(b *testing.B) {
		h := year(b)
		for b.Loop() {
			lines, err := h.Series(b.Context(), ChartQuery{From: yearStart, To: yearEnd, Step: 24 * time.Hour})
			if err != nil || len(lines) != yearTargets || lines[0].Points[100].TTFT.N < 1000 || lines[0].Points[100].TTFT.Sketched {
				b.Fatal(len(lines), err)
			}
		}
		perOp(b, "ms/chart")
	})
	b.Run("year/window", func(b *testing.B) {
		h := year(b)
		for b.Loop() {
			mustWindow(b, h, Query{From: yearStart, To: yearEnd})
		}
		perOp(b, "ms/window")
	})
	b.Run("commit", benchCommit)
	b.Run("viewer beside commits", benchViewer)
	b.Run("memory", benchMemory)
}

// benchOpen opens a history that is in the page cache.
func benchOpen(b *testing.B) {
	dir, err := yearMade()
	if err != nil {
		b.Fatal(err)
	}
	var opening time.Duration
	for b.Loop() {
		start := time.Now()
		h, err := OpenWith(dir, Options{Retention: -1, Now: func() time.Time { return yearEnd }})
		if err != nil {
			b.Fatal(err)
		}
		opening += time.Since(start)
		if err := h.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(opening)/float64(b.N)/float64(time.Millisecond), "ms/open")
	b.ReportMetric(0, "ns/op")
}

// benchSize says what samples and rollups take on the disk.
func benchSize(b *testing.B) {
	h := year(b)
	for b.Loop() {
		info, err := h.Info(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		err = h.owner.view(func(tx *bolt.Tx) error {
			payload := 0
			err := tx.Bucket(bucketSamples).ForEach(func(k, v []byte) error { payload += len(k) + len(v); return nil })
			s := tx.Bucket(bucketSamples).Stats()
			b.ReportMetric(float64(payload)/float64(s.KeyN), "B/sample")
			b.ReportMetric(float64(s.LeafAlloc+s.BranchAlloc)/float64(s.KeyN), "B-with-pages/sample")
			rolled := tx.Bucket(bucketHour).Stats()
			b.ReportMetric(float64(rolled.LeafAlloc+rolled.BranchAlloc)/float64(rolled.KeyN), "B/hour")
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(info.Samples), "samples")
		b.ReportMetric(float64(info.Bytes)/(1<<20), "MiB")
	}
	b.ReportMetric(0, "ns/op")
}

// benchScreen looks twice a second at a window that slides, while three targets a
// second are probed: what that takes of one core.
func benchScreen(b *testing.B) {
	h := year(b)
	rng := rand.New(rand.NewPCG(9, 9))
	now := yearEnd
	mustWindow(b, h, Query{From: now.Add(-24 * time.Hour), To: now, Steps: 24})
	var looking time.Duration
	for b.Loop() {
		now = now.Add(500 * time.Millisecond)
		if rng.IntN(6) == 0 { // twenty a minute
			if err := h.Append(b.Context(), []probe.Sample{yearSample(rng, rng.IntN(yearTargets), now)}); err != nil {
				b.Fatal(err)
			}
		}
		start := time.Now()
		mustWindow(b, h, Query{From: now.Add(-24 * time.Hour), To: now, Steps: 24})
		looking += time.Since(start)
	}
	each := float64(looking) / float64(b.N) / float64(time.Millisecond)
	b.ReportMetric(each, "ms/window")
	b.ReportMetric(each*2/1000*100, "%core")
	b.ReportMetric(0, "ns/op")
}

func median3(values []time.Duration) float64 {
	slices.Sort(values)
	return float64(values[len(values)/2]) / float64(time.Microsecond)
}

// benchCommit commits a round of twenty samples, in turn with two fdatasyncs of
// what a commit writes at least, to a file in the same folder.
func benchCommit(b *testing.B) {
	h := year(b)
	f, err := os.OpenFile(filepath.Join(h.dir, "floor"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = f.Close(); _ = os.Remove(f.Name()) }()
	if err := f.Truncate(1 << 20); err != nil {
		b.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(3, 3))
	now := yearEnd.Add(time.Hour)
	var commits, floors []time.Duration
	page := make([]byte, 4*4096)
	for b.Loop() {
		var round []probe.Sample
		now = now.Add(time.Minute)
		for target := range yearTargets {
			round = append(round, yearSample(rng, target, now.Add(time.Duration(target)*time.Second)))
		}
		start := time.Now()
		if err := h.Append(b.Context(), round); err != nil {
			b.Fatal(err)
		}
		commits = append(commits, time.Since(start))
		start = time.Now()
		for i := range 2 { // the pages, then the header
			if _, err := f.WriteAt(page[:len(page)>>(2*i)], int64(i)*65536); err != nil {
				b.Fatal(err)
			}
			if err := syncData(f); err != nil {
				b.Fatal(err)
			}
		}
		floors = append(floors, time.Since(start))
	}
	b.ReportMetric(median3(commits), "µs/commit")
	b.ReportMetric(median3(floors), "µs/floor")
	b.ReportMetric(median3(commits)/median3(floors), "times-floor")
	b.ReportMetric(0, "ns/op")
}

// benchViewer asks for the day over the socket while the owner commits without a
// pause.
func benchViewer(b *testing.B) {
	h := year(b)
	viewer, err := Open(h.dir)
	if err != nil {
		b.Fatal(err)
	}
	defer viewer.Close()
	ctx, cancel := context.WithCancel(b.Context())
	var writer sync.WaitGroup
	writer.Go(func() {
		rng := rand.New(rand.NewPCG(5, 5))
		for now := yearEnd.Add(10 * time.Hour); ctx.Err() == nil; now = now.Add(time.Second) {
			_ = h.Append(ctx, []probe.Sample{yearSample(rng, rng.IntN(yearTargets), now)})
			time.Sleep(5 * time.Millisecond)
		}
	})
	var took []time.Duration
	for b.Loop() {
		start := time.Now()
		mustWindow(b, viewer, lastDay())
		took = append(took, time.Since(start))
	}
	cancel()
	writer.Wait()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2])/float64(time.Millisecond), "ms-p50")
	b.ReportMetric(float64(took[len(took)*99/100])/float64(time.Millisecond), "ms-p99")
	b.ReportMetric(0, "ns/op")
}

// benchMemory is what another process takes that shows the day and the year.
func benchMemory(b *testing.B) {
	dir, err := yearMade()
	if err != nil {
		b.Fatal(err)
	}
	o := launch(b, "memory", dir)
	text := ""
	for {
		line, err := o.out.ReadString('\n')
		if err != nil {
			break
		}
		text += line
	}
	for name, unit := range map[string]string{"VmRSS": "MiB-RSS", "RssAnon": "MiB-anonymous", "RssFile": "MiB-of-the-file"} {
		for line := range strings.Lines(text) {
			var kib float64
			if _, err := fmt.Sscanf(line, name+": %f kB", &kib); err == nil {
				b.ReportMetric(kib/1024, unit)
			}
		}
	}
	b.ReportMetric(0, "ns/op")
}

// What a budget costs a probe: two commits, before and after it.
func BenchmarkReserveAndSettle(b *testing.B) {
	h, err := Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer h.Close()
	for b.Loop() {
		if err := h.Settle(b.Context(), reserve(b, h, today, "0.001", "1000000"), usd("0.0009")); err != nil {
			b.Fatal(err)
		}
	}
}
