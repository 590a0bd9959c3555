package report_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"costping/probe/stats"
	"costping/ui/compare"
	"costping/ui/report"
	"costping/ui/report/snapshot"
	"costping/ui/report/snapshot/snapshottest"
)

// endings are those of all formats.
var endings = strings.Split(report.SnapshotFormats(), ", ")

func render(t *testing.T, r *snapshot.Record, format string, o report.Options) string {
	t.Helper()
	text, err := report.Render(context.Background(), r, format, o)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// One record says the same in every format: each figure of the table, as it is written
// on the screen, is in each of them, and where a format has it exactly it is that of
// the record.
func TestFormatsAgree(t *testing.T) {
	t.Parallel()
	r := snapshottest.Record(t)
	table, err := r.Table()
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, f := range []string{"md", "html", "txt", "svg"} {
		texts[f] = render(t, r, f, report.Options{})
	}
	var graded []string
	for _, row := range table.Rows {
		figures := []string{row.Target, compare.Month(row)}
		for _, rate := range []stats.Rate{row.Reliability.Schema.Bad, row.Reliability.Tools.Bad} {
			if rate.N > 0 {
				graded = append(graded, fmt.Sprintf("%d of %d", rate.Hits, rate.N))
			}
		}
		if row.Has {
			figures = append(figures, compare.Millis(row.Summary.TTFTp50.Value))
		}
		if row.Summary.TTFTp95.Earned() {
			figures = append(figures, compare.Millis(row.Summary.TTFTp95.Value))
		}
		for f, text := range texts {
			if f == "svg" && !row.Has {
				continue // a picture of what was measured
			}
			for _, figure := range figures {
				if !strings.Contains(text, figure) {
					t.Errorf("%s: %s is not in the %s", row.Target, figure, f)
				}
			}
		}
	}
	if len(graded) != 4 {
		t.Fatalf("the rates of graded answers are %q", graded)
	}
	for f, text := range texts {
		for _, figure := range append(graded, "2026-11-13") {
			if f != "svg" && !strings.Contains(text, figure) {
				t.Errorf("%s is not in the %s", figure, f)
			}
		}
	}
	records, err := csv.NewReader(strings.NewReader(render(t, r, "csv", report.Options{}))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for i, key := range records[0] {
		at[key] = i
	}
	for i, doc := range r.Rows {
		line := records[i+1]
		want := map[string]string{"target": doc.Target, "usd_per_month": "", "ttft_p50_ms": "", "n": ""}
		if doc.Spend.USDPerMonth != nil {
			want["usd_per_month"] = doc.Spend.USDPerMonth.String()
		}
		if g := doc.Graded; g != nil {
			want["malformed_n"], want["malformed"] = strconv.Itoa(g.Malformed.N), strconv.Itoa(g.Malformed.Hits)
			want["malformed_enforced"], want["tool_errors_n"] = strconv.Itoa(g.Enforced.Hits), "60"
			want["accuracy"], want["recall_limit_tokens"] = strconv.Itoa(g.Accuracy.Hits), fmt.Sprint(*g.Recall.Limit)
		}
		if doc.Measured != nil {
			want["n"] = strconv.Itoa(doc.Measured.N)
			want["ttft_p50_ms"] = strconv.FormatFloat(report.Round(doc.Measured.TTFT.P50.Value), 'f', -1, 64)
		}
		for key, value := range want {
			if line[at[key]] != value {
				t.Errorf("%s: %s is %q, want %q", doc.Target, key, line[at[key]], value)
			}
		}
	}
}

// What is secret in the history is in none of the formats, and what a name might do
// to one of them it does not.
func TestFormatsAreSafe(t *testing.T) {
	t.Parallel()
	r := snapshottest.Record(t, snapshottest.Hostile)
	r.Note = `</script><img src=x onerror=alert(1)> | $a$ **b**`
	for _, f := range endings {
		text := render(t, r, f, report.Options{Embed: true})
		for _, secret := range snapshottest.Secrets {
			if strings.Contains(text, secret) {
				t.Errorf("%q is in the %s", secret, f)
			}
		}
		switch f {
		case "html":
			for _, bad := range []string{"<img", `<b>"x"`, "</script><"} {
				if strings.Contains(text, bad) {
					t.Errorf("the HTML has %s", bad)
				}
			}
		case "md":
			decision, _, _ := strings.Cut(text, "<details>")
			for _, bad := range []string{"<img", "<b>"} {
				if strings.Contains(decision, bad) {
					t.Errorf("the Markdown has %s", bad)
				}
			}
		case "csv":
			if !strings.Contains(text, `"'=1+1|`) {
				t.Error("a formula is not defused in the CSV")
			}
		case "svg":
			if strings.Contains(text, "<b>") {
				t.Error("the SVG has markup of a name")
			}
		}
	}
}

// The decision: the amount and the end first, short, and without what a forge reads
// as mathematics.
func TestMarkdownDecision(t *testing.T) {
	t.Parallel()
	var more []snapshottest.Speeds
	for i := range 3 {
		more = append(more, snapshottest.Speeds{Target: fmt.Sprintf("more-%d", i), Model: "gpt-4o", Provider: "openai", TTFT: 900, Spread: 0.3, TPS: 50, N: 80})
	}
	r := snapshottest.Record(t, more...)
	if len(r.Rows) != 8 {
		t.Fatalf("%d rows", len(r.Rows))
	}
	text := render(t, r, "md", report.Options{})
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) > 25 {
		t.Errorf("%d lines:\n%s", len(lines), text)
	}
	for _, want := range []string{"gpt-4o-mini", `\$19.50 a month`, "until 2027-01-14", "in 55 days"} {
		if !strings.Contains(lines[0], want) {
			t.Errorf("%s is not in the first line: %s", want, lines[0])
		}
	}
	if bare := regexp.MustCompile(`(^|[^\\])\$`).FindString(text); bare != "" {
		t.Errorf("a $ that is not escaped: %q", bare)
	}
}

// Where the pick ends soon the one to take then is what it is compared with, and not the
// next dearer one, whatever that is.
func TestMarkdownNamesWhatLasts(t *testing.T) {
	t.Parallel()
	lasts := snapshottest.Speeds{Target: "lasting", Model: "gemini-3.5-flash-lite", Provider: "google", TTFT: 300, Spread: 0.2, TPS: 100, N: 120}
	text := render(t, snapshottest.Record(t, lasts), "md", report.Options{})
	if !strings.Contains(text, "**Another?** lasting, which lasts: first token ") {
		t.Error(text)
	}
	if text := render(t, snapshottest.Record(t), "md", report.Options{}); !strings.Contains(text, "**Another?** llama-3.1-70b instead: ") {
		t.Error(text)
	}
}

// The page asks nobody for anything, and its policy forbids it to.
func TestPageIsAlone(t *testing.T) {
	t.Parallel()
	text := render(t, snapshottest.Record(t), "html", report.Options{})
	for _, bad := range []string{"http:", "https:", "src=", "href=", "url(", "@import", "fetch(", "XMLHttp", "innerHTML", "eval("} {
		if strings.Contains(text, bad) {
			t.Errorf("the page has %s", bad)
		}
	}
	for _, want := range []string{"default-src 'none'", `role="img"`, "<desc", `prefers-color-scheme`, "@media print", `<th scope="row">`} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
}

// The pictures are what they claim to be, with words for those who do not see them.
func TestPictures(t *testing.T) {
	t.Parallel()
	r := snapshottest.Record(t)
	picture, err := png.Decode(strings.NewReader(render(t, r, "png", report.Options{})))
	if err != nil {
		t.Fatal(err)
	}
	if size := picture.Bounds().Size(); size.X < 800 || size.Y < 600 {
		t.Errorf("the picture is %v", size)
	}
	text := render(t, r, "svg", report.Options{})
	if !strings.Contains(text, "<title>Use gpt-4o-mini (OpenAI): $19.50 a month") || strings.Contains(text, "@font-face") ||
		strings.Contains(text, "font-family:Liberation Sans;") || !strings.Contains(text, "Arial") || len(text) > 64<<10 {
		t.Errorf("the SVG lacks its title, names no fonts, or is %d bytes", len(text))
	}
	// Nothing measured, and nothing that has a price.
	empty := snapshottest.Input(t, nil)
	none := snapshottest.Take(t, snapshottest.History(t, nil, 1), empty)
	for _, f := range endings {
		if render(t, none, f, report.Options{Embed: true}) == "" {
			t.Errorf("the %s of nothing is empty", f)
		}
	}
}

// What was rendered with its record opens again as the same.
func TestOpensAgain(t *testing.T) {
	t.Parallel()
	r := snapshottest.Record(t, snapshottest.Hostile)
	for _, f := range []string{"json", "html", "md"} {
		again, err := snapshot.Read([]byte(render(t, r, f, report.Options{Embed: true})))
		if err != nil {
			t.Errorf("%s: %v", f, err)
			continue
		}
		if a, b := render(t, r, "txt", report.Options{}), render(t, again, "txt", report.Options{}); f != "md" && a != b {
			t.Errorf("%s: it reads otherwise:\n%s", f, b)
		}
	}
	if _, err := snapshot.Read([]byte(render(t, r, "md", report.Options{}))); !errors.Is(err, snapshot.ErrNone) {
		t.Errorf("Markdown without a record: %v", err)
	}
}

// A file is written as a whole or not at all, and never replaced unasked.
func TestWrite(t *testing.T) {
	t.Parallel()
	r := snapshottest.Record(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "out.csv")
	if err := report.Write(context.Background(), r, path, report.Options{}); err != nil {
		t.Fatal(err)
	}
	first, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		path string
		want error
	}{
		"there already": {path, report.ErrExists},
		"a folder":      {filepath.Join(dir, "sub.md"), report.ErrPlace},
		"no folder":     {filepath.Join(dir, "none", "out.md"), report.ErrPlace},
		"no ending":     {filepath.Join(dir, "out"), report.ErrFormat},
		"unknown":       {filepath.Join(dir, "out.docx"), report.ErrFormat},
	} {
		if name == "a folder" {
			if err := os.Mkdir(tt.path, 0o700); err != nil {
				t.Fatal(err)
			}
		}
		if err := report.Write(context.Background(), r, tt.path, report.Options{}); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	r.Note = "another"
	if err := report.Write(context.Background(), r, path, report.Options{Force: true}); err != nil {
		t.Fatal(err)
	}
	if second, err := os.ReadFile(path); err != nil || len(second) == 0 || !bytes.Equal(first, second) { // the note is not in the CSV
		t.Errorf("replaced: %d bytes, %v", len(second), err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 2 {
		t.Errorf("%d files are left, %v", len(left), err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := report.Write(ctx, r, filepath.Join(dir, "late.md"), report.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}
