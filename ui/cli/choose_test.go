package cli

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"costping/probe"
	"costping/store"

	"pgregory.net/rapid"
)

// probed makes a history of n samples of a model, whose first tokens took from ms
// milliseconds on, 1 ms more each.
func probed(t *testing.T, target, model string, n, ms int, at time.Time) string {
	t.Helper()
	dir := t.TempDir()
	probeInto(t, dir, target, model, n, ms, at)
	return dir
}

func probeInto(t *testing.T, dir, target, model string, n, ms int, at time.Time) {
	t.Helper()
	h, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	var samples []probe.Sample
	for i := range n {
		first := time.Duration(ms+i) * time.Millisecond
		samples = append(samples, probe.Sample{
			Target:  probe.Target{Name: target, Model: model, BaseURL: "http://127.0.0.1:1/v1"},
			Profile: "chat", Cap: 128, At: at.Add(time.Duration(i) * time.Second), Outcome: probe.OK, Status: 200, Events: 128,
			TTFT: probe.Known(first), TTFO: probe.Known(first), E2E: probe.Known(first + 1270*time.Millisecond), TPOT: probe.Known(10 * time.Millisecond),
			Usage: probe.Usage{Input: probe.Known[int64](60), Output: probe.Known[int64](128)},
		})
	}
	if err := h.Append(t.Context(), samples); err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
}

// Of two targets of one model the one with the most samples stands for it,
// whichever comes first, and none is pooled.
func TestChooseTakesTheSeriesWithTheMostSamples(t *testing.T) {
	t.Parallel()
	for _, most := range []bool{true, false} { // the one with the most first or last
		dir := t.TempDir()
		for i := range 2 {
			if (i == 0) == most {
				probeInto(t, dir, "large", "llama-3.1-70b", 100, 300, time.Now().Add(-time.Hour))
			} else {
				probeInto(t, dir, "small", "llama-3.1-70b", 80, 900, time.Now().Add(-30*time.Minute))
			}
		}
		doc := runChoose(t, "--task", "batch", "--model", "llama-3.1-70b", "--history", dir)
		if f := doc.Ranking[0].TTFTp95; f == nil || f.N != 100 || f.Value > 400 {
			t.Errorf("the most first %v: %+v", most, f)
		}
	}
}

type chosen struct {
	Ranking []struct {
		Model   string
		TTFTp95 *struct {
			Value float64
			CI    *[2]float64
			N     int
			Basis string
		} `json:"ttft_p95_ms"`
		USDPerMonth *string `json:"usd_per_month"`
	}
	NotShown []struct {
		Model, Constraint, Reason string
		Value                     *float64
		USDPerMonth               *string `json:"usd_per_month"`
	} `json:"not_shown"`
	Excluded []struct{ Model, Constraint, Reason string }
	Notes    []string
}

func runChoose(t *testing.T, args ...string) chosen {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if code := Run(append([]string{"choose", "-o", "json"}, args...), nil, &stdout, &stderr); code != exitOK || stderr.Len() > 0 {
		t.Fatalf("exit code %d: %s", code, stderr.String())
	}
	var doc chosen
	if err := json.Unmarshal(stdout.Bytes(), &doc); err != nil {
		t.Fatalf("%v\n%s", err, stdout.String())
	}
	return doc
}

// What the history holds replaces what was published, and keeps a limit or breaks
// it.
func TestChooseUsesMeasurements(t *testing.T) {
	t.Parallel()
	dir := probed(t, "mine", "llama-3.1-70b", 100, 300, time.Now().Add(-time.Hour))
	args := []string{"--task", "batch", "--model", "llama-3.1-70b", "--history", dir}
	doc := runChoose(t, append(args, "--max-ttft-p95", "800ms")...)
	if len(doc.Ranking) != 1 || doc.Ranking[0].TTFTp95 == nil {
		t.Fatalf("%+v", doc)
	}
	if f := doc.Ranking[0].TTFTp95; f.N != 100 || f.Basis != "measured" || f.CI == nil || f.Value < 390 || f.Value > 400 {
		t.Errorf("p95 %+v", f)
	}
	if notes := strings.Join(doc.Notes, "\n"); !strings.Contains(notes, "llama-3.1-70b was measured at 127.0.0.1:1: 100 probes") {
		t.Errorf("notes %s", notes)
	}
	doc = runChoose(t, append(args, "--max-ttft-p95", "350ms")...)
	if len(doc.Excluded) != 1 || !strings.Contains(doc.Excluded[0].Reason, "n 100), limit 350 ms") {
		t.Errorf("%+v", doc)
	}
	// The interval holds it.
	if doc = runChoose(t, append(args, "--max-ttft-p95", "394ms")...); len(doc.NotShown) != 1 || doc.NotShown[0].Value == nil {
		t.Errorf("%+v", doc)
	}
	// Out of the window it is as if it had not been.
	if doc = runChoose(t, append(args, "--max-ttft-p95", "800ms", "--window", "30m")...); len(doc.NotShown) != 1 || doc.NotShown[0].Value != nil {
		t.Errorf("%+v", doc)
	}
	// 100 tokens a second, measured.
	if doc = runChoose(t, append(args, "--min-throughput", "90")...); len(doc.Ranking) != 1 {
		t.Errorf("%+v", doc)
	}
}

// Probes of another shape than the workload's are said to be that, and probes of a
// profile that does not stand for it.
func TestChooseSaysWhereProbesAreOfAnotherShape(t *testing.T) {
	t.Parallel()
	dir := probed(t, "mine", "llama-3.1-70b", 100, 300, time.Now().Add(-time.Hour))
	settings := filepath.Join(t.TempDir(), "config.toml")
	const text = "[[workload]]\nname = \"papers\"\nitems = \"100 documents/day\"\nin = 60\nout = 10\nprofile = \"documents\"\n" +
		"[[workload]]\nname = \"talk\"\nitems = \"100 messages/day\"\nin = 60\nout = 10\nprofile = \"chat\"\n"
	if err := os.WriteFile(settings, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		flags, want string
	}{
		{"--volume 100messages/day --in 1875 --out 625", " UTC; its probes, of 60 tokens in, are shorter than your items"},
		{"--volume 100messages/day --in 60 --out 10", " UTC"},
		{"--volume 10M/day", " UTC"},
		{"--workload papers", " UTC; its probes are of the profile chat, and documents stands for this workload"},
		{"--workload talk", " UTC"},
	} {
		args := append([]string{"--task", "batch", "--model", "llama-3.1-70b", "--history", dir, "--config", settings}, strings.Fields(c.flags)...)
		notes := runChoose(t, args...).Notes
		if len(notes) == 0 || !strings.HasSuffix(notes[len(notes)-1], c.want) {
			t.Errorf("%s: %q, want the end %q", c.flags, notes, c.want)
		}
	}
}

// Too few samples are no p95, and the catalog need not know a target.
func TestChooseOfATargetThatTheCatalogDoesNotHave(t *testing.T) {
	t.Parallel()
	dir := probed(t, "den", "llama3.2:3b-own", 20, 100, time.Now().Add(-time.Hour))
	doc := runChoose(t, "--task", "chat", "--history", dir, "--max-ttft-p95", "800ms")
	found := false
	for _, row := range doc.NotShown {
		if row.Model == "den" {
			found = row.USDPerMonth == nil && row.Value == nil && strings.Contains(row.Reason, "median 110 ms (") && strings.Contains(row.Reason, "n 20")
			if !found {
				t.Errorf("%+v", row)
			}
		}
	}
	if !found {
		t.Error("what was measured is no candidate")
	}
}

// A history that another process owns is read all the same.
func TestChooseWhileTheHistoryIsInUse(t *testing.T) {
	t.Parallel()
	dir := probed(t, "mine", "llama-3.1-70b", 10, 300, time.Now())
	h, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = h.Close() }()
	doc := runChoose(t, "--task", "batch", "--model", "llama-3.1-70b", "--history", dir)
	if len(doc.Ranking) != 1 || !strings.HasPrefix(strings.Join(doc.Notes, "\n"), "the fallback") ||
		!strings.Contains(strings.Join(doc.Notes, "\n"), "llama-3.1-70b was measured at ") {
		t.Errorf("%+v", doc)
	}
}

func TestParseWindow(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{"24h": 24 * time.Hour, "7d": 168 * time.Hour, "1.5d": 36 * time.Hour, "15m": 15 * time.Minute} {
		if got, err := parseWindow(text); err != nil || got != want {
			t.Errorf("%q is %s, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "d", "0", "-7d", "7", "9999999999d", "2000000d", "2500000d", "1000y", "NaNd"} {
		if got, err := parseWindow(text); err == nil {
			t.Errorf("%q is %s", text, got)
		}
	}
}

// Whatever a person writes behind the flags is a figure or a refusal.
func TestFlagParsersTakeAnything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		if v, err := above0("f", text); err == nil && !(v > 0 && v <= math.MaxFloat64) {
			t.Errorf("%q is %v", text, v)
		}
		if f, err := hitsOf(text); err == nil && !(f.Lo >= 0 && f.Hi <= 1 && f.Lo <= f.Hi) {
			t.Errorf("%q is %+v", text, f)
		}
		if d, err := parseWindow(text); err == nil && d <= 0 {
			t.Errorf("%q is %s", text, d)
		}
		if name, value, err := named("f", text, "x"); err == nil && (name == "" || value == "") {
			t.Errorf("%q is %q, %q", text, name, value)
		}
	})
}

// A configured target has what was measured of it as it is configured, and nothing
// that was measured of the same model elsewhere.
func TestChooseTakesTheTargetsOwnMeasurements(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	probeInto(t, dir, "mine", "gpt-4o-mini", 100, 300, time.Now().Add(-time.Hour))
	probeInto(t, dir, "other", "gpt-4o-mini", 200, 900, time.Now().Add(-30*time.Minute))
	file := filepath.Join(t.TempDir(), "config.toml")
	text := "[[target]]\nname = \"mine\"\nmodel = \"gpt-4o-mini\"\nbase_url = \"http://127.0.0.1:1/v1\"\nprice = \"1/2\"\n" +
		"[[target]]\nname = \"moved\"\nmodel = \"gpt-4o-mini\"\nbase_url = \"http://127.0.0.1:2/v1\"\nprice = \"1/2\"\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	if code := Run([]string{"--config", file, "choose", "--task", "chat", "--history", dir, "-o", "json"}, nil, &out, &errs); code != exitOK {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	var doc chooseJSON
	if err := json.Unmarshal(out.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Ranking) != 2 {
		t.Fatalf("%d candidates, want the two targets", len(doc.Ranking))
	}
	for _, row := range doc.Ranking {
		measured := row.TTFTp50 != nil && row.TTFTp50.Basis == "measured"
		if measured != (row.Model == "mine") || measured && (row.TTFTp50.N != 100 || row.TTFTp50.Value > 400) {
			t.Errorf("%s: %+v", row.Model, row.TTFTp50)
		}
	}
}
