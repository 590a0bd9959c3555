package snapshot_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"costping/probe"
	"costping/store"
	"costping/ui/compare"
	"costping/ui/report/snapshot"
	"costping/ui/report/snapshot/snapshottest"
)

// What is written reads back as the same, and makes the same table.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	r := snapshottest.Record(t, snapshottest.Hostile)
	text, err := r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	again, err := snapshot.Read(text)
	if err != nil {
		t.Fatal(err)
	}
	if len(again.Doubts) > 0 {
		t.Errorf("doubts of what was just written: %q", again.Doubts)
	}
	second, err := again.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(text, second) {
		t.Errorf("written anew it differs")
	}
	if a, b := mustTable(t, r), mustTable(t, again); a.Answer[0] != b.Answer[0] || b.Answer[0] != r.Answer {
		t.Errorf("the answers are %q, %q and %q", r.Answer, a.Answer[0], b.Answer[0])
	}
}

func mustTable(t *testing.T, r *snapshot.Record) compare.Table {
	t.Helper()
	table, err := r.Table()
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// gradedLimits are limits on graded answers: kept, broken and not shown by one model or
// another.
var gradedLimits = []compare.Limit{{Target: "*", Bounds: []compare.Bound{
	{Metric: compare.LimitMaxMalformed, Value: 0.02},
	{Metric: compare.LimitMaxToolErrors, Value: 0.05},
	{Metric: compare.LimitMinQuality, Value: 0.86},
}}}

// Limits on graded answers are kept, broken, or not shown with how many answers more
// would show it.
func TestCheckGraded(t *testing.T) {
	t.Parallel()
	text, err := snapshottest.Record(t).JSON()
	if err != nil {
		t.Fatal(err)
	}
	r, err := snapshot.Read(text)
	if err != nil {
		t.Fatal(err)
	}
	results, err := r.Check(snapshot.Rules{Limits: gradedLimits})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]compare.Standing{}
	for _, result := range results {
		key := result.Target + " " + result.Rule
		got[key] = result.Standing
		if !result.Gone && result.Standing == compare.NotShown && result.More == 0 && !strings.Contains(result.Text, "nothing measured") && !strings.Contains(result.Text, "unknown") && !strings.Contains(result.Text, "no answer was graded") {
			t.Errorf("%s is not shown, and it does not say when: %s", key, result.Text)
		}
	}
	for key, want := range map[string]compare.Standing{
		"gpt-4o-mini max_malformed": compare.Within, "gpt-4o-mini max_tool_errors": compare.NotShown, "gpt-4o-mini min_quality": compare.Within,
		"llama-3.1-70b max_malformed": compare.Over, "llama-3.1-70b max_tool_errors": compare.NotShown, "llama-3.1-70b min_quality": compare.NotShown,
		"gpt-4o max_malformed": compare.NotShown, "gpt-4o max_tool_errors": compare.NotShown, "gpt-4o min_quality": compare.Within,
	} {
		if standing, ok := got[key]; !ok || standing != want {
			t.Errorf("%s: %v, want %v", key, standing, want)
		}
	}
}

// The table of a record has the figures of the table of the history.
func TestSameTable(t *testing.T) {
	t.Parallel()
	models := snapshottest.Usual
	h := snapshottest.History(t, models, 1)
	in := snapshottest.Input(t, models)
	window, err := h.Window(context.Background(), store.Query{From: in.From, To: in.To})
	if err != nil {
		t.Fatal(err)
	}
	results, err := h.Results(context.Background(), store.Range{})
	if err != nil {
		t.Fatal(err)
	}
	given := in.Compare
	given.Window, given.Base, given.Reliable = window, given.Workload, compare.ReliableOf(results)
	given.Limits = append(given.Limits, gradedLimits...)
	in.Compare.Limits = given.Limits
	r := snapshottest.Take(t, h, in)
	want, got := compare.Build(given), mustTable(t, r)
	if len(got.Rows) != len(want.Rows) || want.Pick != got.Pick || got.Span != want.Span {
		t.Fatalf("%d rows, pick %d, span %s; want %d, %d, %s", len(got.Rows), got.Pick, got.Span, len(want.Rows), want.Pick, want.Span)
	}
	for i := range want.Rows {
		a, b := want.Rows[i], got.Rows[i]
		a.Note, b.Note = compare.Note{}, compare.Note{} // the error's text is not in the record
		if x, y := compare.Sentence(a), compare.Sentence(b); x != y {
			t.Errorf("got %q, want %q", y, x)
		}
		if !reflect.DeepEqual(a.Verdicts, b.Verdicts) || !reflect.DeepEqual(a.Summary.TTFTp95, b.Summary.TTFTp95) {
			t.Errorf("%s: got %v and %v, want %v and %v", a.Target, b.Verdicts, b.Summary.TTFTp95, a.Verdicts, a.Summary.TTFTp95)
		}
		ra, rb := a.Reliability, b.Reliability
		if ra.Schema.Bad != rb.Schema.Bad || ra.Enforced.Bad != rb.Enforced.Bad || ra.Tools.Bad != rb.Tools.Bad || ra.Accuracy != rb.Accuracy ||
			!reflect.DeepEqual(ra.Recall, rb.Recall) || !ra.Last.Equal(rb.Last) || ra.N != rb.N {
			t.Errorf("%s: graded answers come to %+v, want %+v", a.Target, rb, ra)
		}
	}
}

// Nothing secret has a place in a record, however it came into the history.
func TestNothingSecret(t *testing.T) {
	t.Parallel()
	text, err := snapshottest.Record(t).JSON()
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range snapshottest.Secrets {
		if bytes.Contains(text, []byte(secret)) {
			t.Errorf("%q is in the record", secret)
		}
	}
}

// A file that is no sound snapshot is refused with a sentence that says why.
func TestRefused(t *testing.T) {
	t.Parallel()
	text, err := snapshottest.Record(t).JSON()
	if err != nil {
		t.Fatal(err)
	}
	replaced := func(pattern, by string) []byte {
		t.Helper()
		at := regexp.MustCompile(pattern)
		loc := at.FindIndex(text)
		if loc == nil {
			t.Fatalf("there is no %s", pattern)
		}
		return append(append(append([]byte{}, text[:loc[0]]...), at.ReplaceAll(text[loc[0]:loc[1]], []byte(by))...), text[loc[1]:]...)
	}
	for name, tt := range map[string]struct {
		data []byte
		want error
		says string
	}{
		"empty":                {nil, snapshot.ErrNone, ""},
		"text":                 {[]byte("hello"), snapshot.ErrNone, ""},
		"other JSON":           {[]byte(`{"schema": "costping.cost/1"}`), snapshot.ErrNone, ""},
		"no object":            {[]byte(`{"schema": 1}`), snapshot.ErrNone, ""},
		"newer":                {replaced(`costping\.snapshot/1`, "costping.snapshot/2"), snapshot.ErrNewer, "costping.snapshot/2"},
		"cut off":              {text[:len(text)/2], snapshot.ErrCut, ""},
		"another field":        {replaced(`"demo": false`, `"demo": false, "key": "x"`), snapshot.ErrDamaged, "key"},
		"negative count":       {replaced(`"n": 240`, `"n": -1`), snapshot.ErrDamaged, "rows/"},
		"more than succeeded":  {replaced(`"n": 240`, `"n": 999`), snapshot.ErrDamaged, "succeeded"},
		"an infinite time":     {replaced(`"value": [0-9.]+`, `"value": 1e400`), snapshot.ErrDamaged, ""},
		"outside its interval": {replaced(`("p50": \{\s+"value": )[0-9.]+`, "${1}9999"), snapshot.ErrDamaged, "interval"},
		"negative money":       {replaced(`"input_usd_per_1m": "`, `"input_usd_per_1m": "-`), snapshot.ErrDamaged, "price"},
		"no workload":          {replaced(`"volume": "[^"]*"`, `"volume": "lots"`), snapshot.ErrDamaged, "lots"},
		"an escape":            {replaced(`"office-fra"`, `"\u001b[2Jx"`), snapshot.ErrDamaged, "shown"},
		"window backwards":     {replaced(`"to": "2026`, `"to": "2025`), snapshot.ErrDamaged, "window"},
		"taken before":         {replaced(`"taken_at": "2026`, `"taken_at": "0001`), snapshot.ErrDamaged, "taken before"},
		"falling statistics":   {replaced(`("order_statistics": \[)([0-9.]+)`, "${1}99999,$2"), snapshot.ErrDamaged, "rise"},
		"a rate above all":     {replaced(`("malformed": \{\s+"hits": )0`, "${1}401"), snapshot.ErrDamaged, "no share"},
		"a better interval":    {replaced(`("malformed": \{[^}]*"hi": )0.009512`, "${1}0.001"), snapshot.ErrDamaged, "interval"},
		"a rate of nothing":    {replaced(`("malformed": \{\s+"hits": 0,\s+"n": )400`, "${1}0"), snapshot.ErrDamaged, "graded"},
		"another quality":      {replaced(`("accuracy": \{\s+"hits": 182,\s+"n": 200,\s+"lo": 0.862234,\s+"hi": 0.942313)`, `"accuracy": { "hits": 200, "n": 200, "lo": 0.981155, "hi": 1`), snapshot.ErrDamaged, "quality"},
		"recall of more":       {replaced(`("depth": 0.5,\s+"hits": )20`, "${1}21"), snapshot.ErrDamaged, "recall"},
		"more simulated":       {replaced(`"simulated": 0`, `"simulated": 9000`), snapshot.ErrDamaged, "simulated"},
		"unknown metric":       {replaced(`"metric": "ttft_p95"`, `"metric": "speed"`), snapshot.ErrDamaged, "metric"},
	} {
		_, err := snapshot.Read(tt.data)
		if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.says) || strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// An amount that does not follow from its price is doubted and not refused: another
// version may have worked it out otherwise.
func TestDoubted(t *testing.T) {
	t.Parallel()
	r := snapshottest.Record(t)
	text, err := r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	edited := regexp.MustCompile(`"usd_per_month": "[0-9.]+"`).ReplaceAll(text, []byte(`"usd_per_month": "0.01"`))
	again, err := snapshot.Read(edited)
	if err != nil {
		t.Fatal(err)
	}
	if len(again.Doubts) == 0 || !strings.Contains(again.Doubts[0], "the amount a month") {
		t.Errorf("doubts: %q", again.Doubts)
	}
}

// A file that is too large is refused unread, a folder and a file that is not there
// with their reasons.
func TestLoad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	large := filepath.Join(dir, "large.json")
	if err := os.WriteFile(large, []byte(`{"schema": "costping.snapshot/1"`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(large, 500<<20); err != nil { // a sparse file
		t.Fatal(err)
	}
	if _, err := snapshot.Load(large); !errors.Is(err, snapshot.ErrTooLarge) {
		t.Errorf("500 MB: %v", err)
	}
	if _, err := snapshot.Load(dir); err == nil || !strings.Contains(err.Error(), "is a folder") {
		t.Errorf("a folder: %v", err)
	}
	if _, err := snapshot.Load(filepath.Join(dir, "none.json")); !errors.Is(err, os.ErrNotExist) || strings.Contains(err.Error(), dir) {
		t.Errorf("nothing there: %v", err)
	}
}

// An embedded record fits into a comment and is found in what a forge or a mail has
// made of it.
func TestEmbedded(t *testing.T) {
	t.Parallel()
	var many []snapshottest.Speeds
	for i := range 16 {
		many = append(many, snapshottest.Speeds{Target: fmt.Sprintf("more-%d", i), Model: "gpt-4o", Provider: "openai", TTFT: 900, Spread: 0.4, TPS: 50, N: 600})
	}
	r := snapshottest.Record(t, many...)
	text, kept, err := r.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	if len(text) > 50_000 || kept < 16 {
		t.Errorf("%d bytes with %d order statistics", len(text), kept)
	}
	block := "# A decision\n\n```" + snapshot.FenceName + "\n" + text + "```\n"
	for name, file := range map[string]string{
		"as written": block,
		"CRLF":       strings.ReplaceAll(block, "\n", "\r\n"),
		"quoted":     strings.ReplaceAll(strings.ReplaceAll(block, "\n", "\n> "), "> ```\n", "```\n"),
	} {
		again, err := snapshot.Read([]byte(file))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if again.Answer != r.Answer || len(again.Rows) != len(r.Rows) {
			t.Errorf("%s: it is another record", name)
		}
	}
	if _, err := snapshot.Read([]byte(block[:len(block)/2])); !errors.Is(err, snapshot.ErrCut) {
		t.Errorf("cut off: %v", err)
	}
}

// A record as a history answers like the history it is of, and changes nothing.
func TestHistory(t *testing.T) {
	t.Parallel()
	r := snapshottest.Record(t)
	h := r.History()
	ctx := context.Background()
	from, to := r.Window.From, r.Window.To
	w, err := h.Window(ctx, store.Query{From: from, To: to, Steps: 24})
	if err != nil {
		t.Fatal(err)
	}
	if len(w.Series) != len(snapshottest.Usual) || w.Series[0].Points[12].N == 0 {
		t.Errorf("%d series, the first with %v", len(w.Series), w.Series[0].Points)
	}
	lines, err := h.Series(ctx, store.ChartQuery{From: from, To: to, Step: time.Hour, Target: "gpt-4o"})
	if err != nil || len(lines) != 1 || len(lines[0].Points) != 24 {
		t.Fatalf("lines %v, %v", lines, err)
	}
	attempts := 0
	for _, b := range lines[0].Points {
		attempts += b.N
		if b.TTFT.N > 0 && (b.TTFT.P50 < 500 || b.TTFT.P50 > 1300) {
			t.Errorf("at %s the median is %f", b.From, b.TTFT.P50)
		}
	}
	if attempts != 240 {
		t.Errorf("%d attempts in the lines", attempts)
	}
	for s, err := range h.Raw(ctx, store.Range{}) { // none is made up of the order statistics
		if !errors.Is(err, snapshot.ErrNoSamples) {
			t.Fatalf("%v, %v", s, err)
		}
	}
	kept, ok := r.Recorded("gpt-4o")
	if _, nothing := r.Recorded("zebra"); !ok || nothing || len(kept.TTFT) != kept.N || !kept.P95.Earned() || kept.Step != 10*time.Minute {
		t.Errorf("recorded: %v, %v", kept, ok)
	}
	for name, err := range map[string]error{
		"append": h.Append(ctx, []probe.Sample{{}}), "record": h.Record(ctx, store.Notes{}),
		"pause": h.Control().Pause(ctx, true), "probe": h.Control().ProbeNow(ctx),
	} {
		if !errors.Is(err, snapshot.ErrReadOnly) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whatever bytes a file holds, they are refused or make a record whose figures do
// not contradict each other.
func FuzzRead(f *testing.F) {
	r := snapshottest.Record(f)
	r.Rows = r.Rows[:1]
	small, err := json.Marshal(r)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(small)
	f.Add([]byte("```costping-snapshot\nH4sI\n```"))
	f.Add([]byte(`<script type="application/json" id="costping-snapshot">{"schema":"costping.snapshot/1"}</script>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := snapshot.Read(data)
		if err != nil {
			return
		}
		if _, err := r.JSON(); err != nil {
			t.Error(err)
		}
		h := r.History()
		_, _ = h.Series(context.Background(), store.ChartQuery{From: r.Window.From, To: r.Window.To, Step: time.Hour})
	})
}
