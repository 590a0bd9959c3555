package store

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"costping/probe"
)

// filled is a history of three days, the first of which is pruned, with notes.
func filled(t *testing.T) *held {
	t.Helper()
	start := day.Truncate(24 * time.Hour)
	h := at(t, t.TempDir(), start)
	samples := twoDays()
	hostile := bad("=cmd()", start.Add(30*time.Hour), probe.ServerError, `+1 "quoted", and more`)
	appendAll(t, h, append(samples, hostile)...)
	err := h.Record(t.Context(), Notes{
		Events:  []Event{{At: start, Kind: "config", Text: "changed", For: time.Minute}},
		Prices:  []PriceSeen{{At: start, Model: "m", Price: price(t, "0.15")}},
		Results: []Result{{At: start, Series: SeriesOf(samples[0]), Kind: "golden", Score: probe.Known(0.25)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	roll(t, h, start.AddDate(0, 0, 3))
	if _, err := h.Prune(t.Context(), start.Add(24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	return h
}

func exportJSON(t *testing.T, h History) string {
	t.Helper()
	var b bytes.Buffer
	if _, err := ExportJSON(t.Context(), h, &b, Range{}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// What is exported and imported into a new history is exported as the same again;
// importing twice changes nothing.
func TestHistoryMovesByExportAndImport(t *testing.T) {
	from := filled(t)
	text := exportJSON(t, from)
	to := at(t, t.TempDir(), day.Truncate(24*time.Hour).AddDate(0, 0, 3))
	for n := range 2 {
		done, err := Import(t.Context(), to, strings.NewReader(text))
		if err != nil || done.Bad != 0 || done.Samples == 0 || done.Notes != 3 || n == 0 && done.Rollups == 0 {
			t.Fatalf("%+v, %v", done, err)
		}
		roll(t, to, day.AddDate(0, 0, 3))
		if again := exportJSON(t, to); sorted(again) != sorted(text) {
			t.Errorf("import %d: it became %d lines of %d", n, strings.Count(again, "\n"), strings.Count(text, "\n"))
		}
	}
	long := Query{From: day.AddDate(0, 0, -3), To: day.AddDate(0, 0, 3)}
	if got, want := fmt.Sprintf("%+v", window(t, to, long).Series), fmt.Sprintf("%+v", window(t, from, long).Series); got != want {
		t.Errorf("it says %s\nwant %s", got, want)
	}
	// Into the history it came from, part of which is only in rollups by now.
	if n, err := from.Prune(t.Context(), day.AddDate(0, 0, 1).Truncate(time.Hour)); err != nil || n == 0 {
		t.Fatalf("%d pruned, %v", n, err)
	}
	before := fmt.Sprintf("%+v", window(t, from, long).Series)
	done, err := Import(t.Context(), from, strings.NewReader(text))
	if err != nil || done.Old == 0 || done.Rollups != 0 {
		t.Errorf("%+v, %v", done, err)
	}
	roll(t, from, day.AddDate(0, 0, 3))
	if after := fmt.Sprintf("%+v", window(t, from, long).Series); after != before {
		t.Errorf("importing what was pruned made it\n%s\nof\n%s", after, before)
	}
}

func sorted(text string) string {
	lines := strings.Split(text, "\n")
	counts := map[string]int{}
	for _, l := range lines {
		counts[l]++
	}
	return fmt.Sprint(counts) // maps are printed in order
}

func TestImportRefusesOrCounts(t *testing.T) {
	h := open(t, t.TempDir())
	for _, text := range []string{"hello", `{"kind":"sample"}`, `{"schema":"costping.export/2","kind":"header"}`} {
		if _, err := Import(t.Context(), h, strings.NewReader(text+"\n")); err == nil {
			t.Errorf("%q was taken for an export", text)
		}
	}
	whole := exportJSON(t, filled(t))
	lines := strings.SplitAfter(whole, "\n")
	bad := []string{
		"no JSON\n", `{"kind":"sample"}` + "\n", `{"kind":"hour","record":"AAAA"}` + "\n", `{"kind":"else"}` + "\n", `{"kind":"event"}` + "\n",
		strings.Replace(lines[1], `"record":"AQ`, `"record":"AR`, 1), // a bit
		strings.Replace(lines[2], `"at":"2026`, `"at":"1926`, 1),
	}
	done, err := Import(t.Context(), h, strings.NewReader(lines[0]+strings.Join(bad, "")+lines[3]))
	if err != nil || done.Bad != len(bad) || done.BadLine != 2 || done.Samples != 1 {
		t.Errorf("%+v of %d, %v", done, len(bad), err)
	}
	if _, err := Import(t.Context(), h, strings.NewReader(lines[0]+lines[3]+strings.Repeat("x", maxLine+1))); err == nil || !strings.HasPrefix(err.Error(), "line 3 of the export is longer") {
		t.Errorf("a line without an end: %v", err)
	}
	if _, err := Import(t.Context(), h, strings.NewReader("")); err == nil {
		t.Error("nothing at all was taken for an export")
	}
}

func FuzzImport(f *testing.F) {
	f.Add(`{"schema":"costping.export/1","kind":"header"}` + "\n" + `{"kind":"event","event":{"at":"2026-11-20T12:00:00Z","kind":"x","text":"y"}}`)
	f.Fuzz(func(t *testing.T, text string) {
		im := &importing{}
		for line := range strings.SplitSeq(text, "\n") {
			var l exported
			if jsonUnmarshal(line, &l) == nil {
				_ = im.take(l)
			}
		}
		for i := range im.rollups {
			_, _ = im.rollups[i].summary()
		}
	})
}

func TestExportCSV(t *testing.T) {
	h := filled(t)
	var b bytes.Buffer
	n, err := ExportCSV(t.Context(), h, &b, Range{})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(rows) != n+1 || len(rows[0]) != len(csvColumns) {
		t.Fatalf("%d rows of %d, %v", len(rows), n, err)
	}
	column := func(row []string, name string) string {
		for i, c := range rows[0] {
			if c == name {
				return row[i]
			}
		}
		t.Fatalf("no column %s", name)
		return ""
	}
	hostile := 0
	i := 0
	for s, err := range h.Raw(t.Context(), Range{}) {
		i++
		row := rows[i]
		if err != nil || column(row, "outcome") != s.Outcome.String() || column(row, "at") != s.At.Format(time.RFC3339Nano) {
			t.Fatalf("%v, %v", row, err)
		}
		if !s.TTFT.Known != (column(row, "ttft_ms") == "") || s.USD.Valid && column(row, "usd") != s.USD.Decimal.String() {
			t.Errorf("%v of %+v: what is not known is empty, and money is exact", row, s)
		}
		if s.Target.Name == "=cmd()" {
			hostile++
			if column(row, "target") != "'=cmd()" || column(row, "error") != `'+1 "quoted", and more` {
				t.Errorf("a formula: %v", row)
			}
		}
	}
	if hostile != 1 {
		t.Errorf("%d formulas", hostile)
	}
}

// While a history is compacted and copied, nothing that was kept is lost.
func TestCompactAndBackupBesideWriters(t *testing.T) {
	dir := t.TempDir()
	h := open(t, dir)
	viewer, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer viewer.Close()
	var all sync.WaitGroup
	const writers, each = 3, 40
	for w := range writers {
		all.Go(func() {
			from := []History{h, viewer}[w%2]
			for i := range each {
				s := good(fmt.Sprint("w", w), day.Add(time.Duration(i)*time.Second), 100)
				if err := from.Append(t.Context(), []probe.Sample{s}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Go(func() {
		for range each {
			if _, err := h.Window(t.Context(), Query{From: day, To: day.Add(time.Hour)}); err != nil {
				t.Error(err)
			}
		}
	})
	for i := range 6 {
		if _, err := []History{h, viewer}[i%2].Compact(t.Context()); err != nil {
			t.Error(err)
		}
		var b bytes.Buffer
		if _, err := h.Backup(t.Context(), &b); err != nil {
			t.Error(err)
		}
		path := filepath.Join(t.TempDir(), "copy")
		if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		if r := CheckFile(t.Context(), path); !r.OK() {
			t.Errorf("the copy is %+v", r)
		}
	}
	all.Wait()
	if info, err := h.Info(t.Context()); err != nil || info.Samples != writers*each {
		t.Errorf("%d of %d, %v", info.Samples, writers*each, err)
	}
	if r, err := Verify(t.Context(), dir, check); err != nil || !r.OK() || r.Samples != writers*each || r.Path != filepath.Join(dir, databaseName) {
		t.Errorf("beside its owner it is %+v, %v", r, err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, databaseName+".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A history is verified beside whoever writes it, also where nobody did when it
// began: a large one takes a while.
func TestVerifyKeepsNobodyWaiting(t *testing.T) {
	dir := t.TempDir()
	h := open(t, dir)
	appendAll(t, h, good("a", day, 100))
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := Verify(t.Context(), dir, func(ctx context.Context, path string) *exec.Cmd {
		h, err := Open(dir)
		if err != nil {
			t.Error(err)
			return check(ctx, path)
		}
		appendAll(t, h, good("a", day.Add(time.Second), 100))
		if err := h.Close(); err != nil {
			t.Error(err)
		}
		return check(ctx, path)
	})
	if err != nil || !r.OK() || r.Samples != 1 {
		t.Errorf("it is %+v, %v", r, err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, databaseName+".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// What was left by processes that were killed in the middle of a copy is taken
// away, and nothing that somebody has put there.
func TestLeftoversAreSweptAway(t *testing.T) {
	dir := t.TempDir()
	for name, age := range map[string]time.Duration{
		copyPrefix + "2134217043": 0, "." + statusName + "77": 0, compactName: 0, verifyPrefix + "5": 25 * time.Hour, // left
		verifyPrefix + "6": time.Hour, databaseName + ".backup-20261121": 9000 * time.Hour, copyPrefix + "mine": 0, "notes7": 0,
	} {
		path := filepath.Join(dir, name)
		at := time.Now().Add(-age)
		if err := errors.Join(os.WriteFile(path, []byte("x"), 0o600), os.Chtimes(path, at, at)); err != nil {
			t.Fatal(err)
		}
	}
	if err := open(t, dir).Close(); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	names := ""
	for _, e := range entries {
		names += e.Name() + " "
	}
	want := "history.db history.db.backup-20261121 history.db.copying-mine history.db.verifying-6 history.lock notes7 "
	if err != nil || names != want {
		t.Errorf("there are %s, %v", names, err)
	}
}

func TestCompactGivesSpaceBack(t *testing.T) {
	h := at(t, t.TempDir(), day)
	for d := range 3 {
		var batch []probe.Sample
		for i := range 8000 {
			batch = append(batch, good("a", day.AddDate(0, 0, d).Add(time.Duration(i)*10*time.Second), 100))
		}
		appendAll(t, h, batch...)
	}
	roll(t, h, day.AddDate(0, 0, 5))
	if _, err := h.Prune(t.Context(), day.AddDate(0, 0, 4)); err != nil {
		t.Fatal(err)
	}
	before := records(t, h)
	c, err := h.Compact(t.Context())
	if err != nil || c.After*3 > c.Before*2 || records(t, h) != before {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestStatusIsReplacedWhole(t *testing.T) {
	dir := t.TempDir()
	if _, _, err := ReadStatus(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without one: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	if err := WriteStatus(dir, bytes.Repeat([]byte("a"), 10_000)); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		readers.Go(func() {
			for ctx.Err() == nil {
				b, _, err := ReadStatus(dir)
				if err != nil || len(b) != 10_000 || len(bytes.Trim(b, string(b[:1]))) > 0 {
					t.Errorf("half of one: %d bytes, %v", len(b), err)
					return
				}
			}
		})
	}
	for i := range 50 {
		if err := WriteStatus(dir, bytes.Repeat([]byte{byte('a' + i%26)}, 10_000)); err != nil {
			t.Error(err)
		}
	}
	cancel()
	readers.Wait()
	if WriteStatus(dir, make([]byte, maxStatus+1)) == nil {
		t.Error("a status without an end was written")
	}
	info, err := os.Stat(filepath.Join(dir, statusName))
	if entries, _ := os.ReadDir(dir); err != nil || info.Mode().Perm() != 0o600 || len(entries) != 1 {
		t.Errorf("%v, %d files, %v", info.Mode(), len(entries), err)
	}
}

// The owner rolls up and prunes by itself, as its clock goes.
func TestUpkeep(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h, err := openDatabase(dir, Options{Retention: 48 * time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		defer h.Close()
		start := time.Now()
		for i := range 60 {
			if err := h.Append(t.Context(), []probe.Sample{good("a", time.Now(), 100+i)}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
		}
		hours := func() int {
			page, _, err := h.rollupPage(t.Context(), rollupQuery{Span: Hourly, To: latest})
			if err != nil {
				t.Fatal(err)
			}
			return len(page)
		}
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		if n := hours(); n == 0 {
			t.Error("nothing was rolled up")
		}
		time.Sleep(72 * time.Hour)
		synctest.Wait()
		info, err := h.Info(t.Context())
		if err != nil || info.Samples != 0 || !info.RawFrom.After(start) || hours() == 0 {
			t.Errorf("%+v, %d hours, %v", info, hours(), err)
		}
	})
}

// A price is kept when it changes, and an event once.
func TestNotesAreKeptOnce(t *testing.T) {
	h := open(t, t.TempDir())
	for i, rate := range []string{"1", "1", "2", "2", "1"} {
		err := h.Record(t.Context(), Notes{
			Prices: []PriceSeen{{At: day.Add(time.Duration(i) * time.Hour), Model: "m", Price: price(t, rate)}, {At: day, Model: "other", Price: price(t, "9")}},
			Events: []Event{{At: day, Kind: "x", Text: "the same"}, {At: day, Kind: "x", Text: "another\x1b[2J"}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	prices, err := h.Prices(t.Context(), "m")
	if err != nil || len(prices) != 3 || !prices[1].Price.Equal(price(t, "2")) {
		t.Errorf("%+v, %v", prices, err)
	}
	events, err := h.Events(t.Context(), Range{From: day, To: day.Add(1)})
	if err != nil || len(events) != 2 || strings.Contains(events[1].Text, "\x1b") {
		t.Errorf("%+v, %v", events, err)
	}
	if got, err := h.Events(t.Context(), Range{From: day.Add(1)}); err != nil || len(got) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	for _, n := range []Notes{
		{Events: []Event{{Text: "without a time"}}},
		{Events: []Event{{At: day, Text: "x", Data: []byte("no JSON")}}},
		{Results: []Result{{At: day, Data: []byte(`"` + strings.Repeat("x", maxNote) + `"`)}}},
	} {
		if h.Record(t.Context(), n) == nil {
			t.Errorf("%.100s was kept", fmt.Sprint(n))
		}
	}
}

func TestAppendRefusesWhatItCannotKeep(t *testing.T) {
	h := open(t, t.TempDir())
	s := good("a", day, 100)
	s.Outcome = 99
	if err := h.Append(t.Context(), []probe.Sample{s}); err == nil || errors.As(err, new(*UnsavedError)) {
		t.Errorf("got %v", err)
	}
	if _, err := h.Adopt(t.Context(), []Rollup{{Span: Hourly, From: day.Add(time.Second)}}); err == nil {
		t.Error("an hour that begins in the middle was adopted")
	}
	if _, err := h.Adopt(t.Context(), []Rollup{{Span: "year", From: day}}); err == nil {
		t.Error("a year was adopted")
	}
}
