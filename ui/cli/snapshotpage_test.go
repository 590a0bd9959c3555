package cli

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"costping/costmodel"
	"costping/ui/cli/terminaltest"
	"costping/ui/compare"
	"costping/ui/monitor"
	"costping/ui/report"
	"costping/ui/report/snapshot"
	"costping/ui/report/snapshot/snapshottest"
)

// browser is a Chromium, or the reason why there is none to test in.
func browser(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("no Chromium is installed: the page is not tested in a browser")
	return ""
}

// pageRow is what the table in a browser says.
var (
	pageRows  = regexp.MustCompile(`(?s)<tr data-row="\d+".*?</tr>`)
	pageName  = regexp.MustCompile(`<th scope="row">([^<]*)`)
	pageMonth = regexp.MustCompile(`data-key="month"[^>]*>([^<]*)<`)
	pageOver  = regexp.MustCompile(`<td class="[^"]*\bover\b[^"]*" data-key="month"`)
	pageTTFT  = regexp.MustCompile(`data-key="month".*?</td>\s*<td[^>]*data-value="([^"]*)"`)
)

// inBrowser opens the page with an address and gives the amounts a month by model,
// the medians of the first token, and the amounts as the rows have them one below the
// other.
func inBrowser(t *testing.T, chromium, page, address string) (months, medians map[string]string, order []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, chromium, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir="+t.TempDir(),
		"--dump-dom", "file://"+page+address)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("the browser: %v", err)
	}
	months, medians = map[string]string{}, map[string]string{}
	for _, row := range pageRows.FindAllString(string(out), -1) {
		name := strings.TrimSpace(html.UnescapeString(pageName.FindStringSubmatch(row)[1]))
		months[name] = html.UnescapeString(pageMonth.FindStringSubmatch(row)[1])
		order = append(order, strings.ReplaceAll(months[name], ",", ""))
		if usd, err := strconv.ParseFloat(order[len(order)-1], 64); pageOver.MatchString(row) != (err == nil && usd > 500) {
			t.Errorf("%s: $%s a month, and marked as over $500: %v", name, months[name], pageOver.MatchString(row))
		}
		medians[name] = pageTTFT.FindStringSubmatch(row)[1]
	}
	return months, medians, order
}

// The page in a real browser has the numbers of the record, and its sliders give what
// costping cost does: for every model of the catalog, tiers, caches and batches among
// them.
func TestPageInBrowser(t *testing.T) {
	t.Parallel()
	chromium := browser(t)
	r := longRecord(t)
	page := filepath.Join(t.TempDir(), "page.html")
	if err := report.Write(context.Background(), r, page, report.Options{}); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		address string
		flags   []string
	}{
		"as recorded": {"", []string{"--volume", "1000 documents/day", "--in", "180000", "--out", "40000"}},
		"more output": {"#volume=2&output=60", []string{"--volume", "2000 documents/day", "--in", "88000", "--out", "132000"}},
		"a longer request, cached, batch and retries": {
			"#volume=0.5&output=5&cached=30&batch=50&retries=2.5",
			[]string{"--volume", "500 documents/day", "--in", "209000", "--out", "11000", "--cached", "30%", "--batch", "50%", "--retries", "2.5%"},
		},
	} {
		months, medians, order := inBrowser(t, chromium, page, tt.address)
		if months["own-llama"] != "local" {
			t.Errorf("%s: a machine whose cost nobody told costs %q", name, months["own-llama"])
		}
		if !slices.IsSortedFunc(order, byAmount) {
			t.Errorf("%s: the heading says that the amounts rise: %q", name, order)
		}
		want := costed(t, r, tt.flags)
		if len(months) != len(r.Rows) || len(want) < 50 {
			t.Fatalf("%s: %d rows in the page of %d, %d by the program", name, len(months), len(r.Rows), len(want))
		}
		for _, row := range r.Rows {
			if is, ok := want[row.Target]; ok && months[row.Target] != is {
				t.Errorf("%s: %s costs %q in the page, %q by costping cost", name, row.Target, months[row.Target], is)
			}
			if row.Measured == nil || row.Measured.TTFT.P50 == nil {
				continue
			}
			if got, is := medians[row.Target], fmt.Sprint(report.Round(row.Measured.TTFT.P50.Value)); got != is {
				t.Errorf("%s: the median of %s is %s in the page, %s in the record", name, row.Target, got, is)
			}
		}
	}
}

// byAmount has what is no amount last.
func byAmount(a, b string) int {
	x, noX := strconv.ParseFloat(a, 64)
	y, noY := strconv.ParseFloat(b, 64)
	switch {
	case noX != nil && noY != nil:
		return 0
	case noX != nil:
		return 1
	case noY != nil:
		return -1
	}
	return cmp.Compare(x, y)
}

// longRecord has all models of the catalog that chat beside those that are measured,
// with requests that are near the tiers of some.
func longRecord(t *testing.T) *snapshot.Record {
	t.Helper()
	in := snapshottest.Input(t, snapshottest.Usual)
	seen := map[string]bool{}
	for _, c := range in.Compare.Candidates {
		seen[c.Target] = true
	}
	for _, m := range costmodel.Default().Models() {
		if m.Kind == costmodel.Chat && !seen[m.ID] {
			in.Compare.Candidates = append(in.Compare.Candidates, monitor.Listed(m, in.Compare.Today))
		}
	}
	input, err := costmodel.ParseCount("180000")
	if err != nil {
		t.Fatal(err)
	}
	output, err := costmodel.ParseCount("40000")
	if err != nil {
		t.Fatal(err)
	}
	if in.Compare.Workload, err = snapshottest.Volume("1000 documents/day").WithItem(input, output); err != nil {
		t.Fatal(err)
	}
	return snapshottest.Take(t, snapshottest.History(t, snapshottest.Usual, 1), in)
}

// costed is what costping cost gives a month, as the page writes it.
func costed(t *testing.T, r *snapshot.Record, flags []string) map[string]string {
	t.Helper()
	args := append([]string{"cost", "-o", "json", "--on", r.PricesOn.String()}, flags...)
	for _, row := range r.Rows {
		if row.Model != nil && !row.Model.Retired.IsZero() && row.Model.Retired.Compare(r.PricesOn) <= 0 {
			continue // has no price on that day
		}
		if row.Model != nil {
			args = append(args, "--model", row.Model.ID)
		}
	}
	var stdout, stderr bytes.Buffer
	if code := Run(args, strings.NewReader(""), &stdout, &stderr); code != 0 {
		t.Fatalf("costping cost ended with %d: %s", code, stderr.String())
	}
	var doc costJSON
	if err := json.Unmarshal(stdout.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	months := map[string]string{}
	for _, row := range doc.Rows {
		months[row.Model] = "?"
		if row.USDPerMonth != nil {
			months[row.Model] = compare.MonthOf(costmodel.Spend{Known: true, PerMonth: *row.USDPerMonth})
		}
	}
	return months
}

// A snapshot in the dashboard on a real terminal: its knobs are alive, and what would
// probe says why it does not.
func TestOpenOnTerminal(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "out.json")
	if err := report.Write(context.Background(), snapshottest.Record(t), path, report.Options{}); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	x := terminaltest.Start(t, terminaltest.Options{Cols: 120, Rows: 40}, shipped(t), "open", path)
	x.AwaitText("a snapshot is read-only")
	x.AwaitText("19.50")
	x.AwaitText("from office-fra")
	x.Send("+")
	x.AwaitText("CHANGED")
	x.Send("P")
	x.Await("the reason on the last line", func(screen string) bool { return strings.Count(screen, "a snapshot is read-only") == 2 })
	x.Send("q")
	if code := x.Wait(); code != 0 {
		t.Errorf("it ended with %d", code)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file was changed: %v", err)
	}
}

// Beside what was approved, a snapshot in the dashboard says on the row and below it
// what has drifted.
func TestOpenBesideApproved(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	approved, today := filepath.Join(dir, "approved.json"), filepath.Join(dir, "today.json")
	slower := append([]snapshottest.Speeds{}, snapshottest.Usual...)
	slower[0].TTFT *= 1.6
	now := snapshottest.Take(t, snapshottest.History(t, slower, 1), snapshottest.Input(t, slower))
	for path, r := range map[string]*snapshot.Record{approved: snapshottest.Record(t), today: now} {
		if err := report.Write(context.Background(), r, path, report.Options{}); err != nil {
			t.Fatal(err)
		}
	}
	x := terminaltest.Start(t, terminaltest.Options{Cols: 160, Rows: 40}, shipped(t), "open", today, "--baseline", approved)
	x.AwaitText("drifted")
	x.AwaitText("since approval: price same, TTFT +60 %")
	x.Send("q")
	if code := x.Wait(); code != 0 {
		t.Errorf("it ended with %d", code)
	}
}
