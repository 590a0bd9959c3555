package cli

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"costping/probe/stats"
	"costping/ui/monitor"

	"github.com/charmbracelet/x/ansi"
)

var statusNow = time.Date(2026, 3, 2, 13, 58, 41, 0, time.UTC)

// statusWith is a status of targets, as it is read 41 s after the newest probe.
func statusWith(t *testing.T, change func(*monitor.StatusFile)) monitor.StatusFile {
	t.Helper()
	f := monitor.StatusFile{
		Schema: monitor.StatusSchema, At: statusNow, LastProbe: statusNow.Add(-41 * time.Second), StaleAfterS: 300, Pick: "gpt-4o-mini",
		Budget: &monitor.StatusBudget{SpentUSD: "0.58", CapUSD: "1"},
		Targets: []monitor.StatusTarget{
			{Name: "gpt-4o", State: monitor.StateOK, TTFTp50: new(806.2), OKRate: new(0.998), USDPerMonth: new("1312.5")},
			{Name: "gpt-4o-mini", Short: "4o-mini", Model: `m"\`, State: monitor.StateOK, TTFTp50: new(379.4), OKRate: new(1.0), USDPerMonth: new("78.75")},
			{Name: "llama3.2:3b", Short: "llama3.2", State: monitor.StateOK},
		},
	}
	if change != nil {
		change(&f)
	}
	text, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	if f, err = monitor.DecodeStatus(text, statusNow); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestStatusLines(t *testing.T) {
	t.Parallel()
	failing := func(f *monitor.StatusFile) {
		f.Targets[2].State, f.Targets[2].Why, f.Targets[2].Since = monitor.StateFailing, "dial tcp: connection refused", statusNow.Add(-41*time.Second)
		f.Targets[0].State = monitor.StateOver
	}
	spent := func(f *monitor.StatusFile) {
		f.Budget.SpentUSD, f.Budget.Exhausted = "1.00", true
		f.Budget.SpentAt, f.Budget.Resumes = statusNow.Add(-2*time.Hour), time.Date(2026, 3, 3, 0, 0, 0, 0, time.UTC)
	}
	for name, tc := range map[string]struct {
		change      func(*monitor.StatusFile)
		plain, tmux string
		fine        bool
	}{
		"all is fine": {
			nil, "●3  gpt-4o-mini 379 ms $79/mo  probes $0.58 of $1  41 s ago",
			"#[fg=green]●3#[default] 4o-mini 379ms $79/mo 41s", true,
		},
		"some are not": {
			failing, "✗1 ▲1 ●1  gpt-4o-mini 379 ms $79/mo  ✗ llama3.2:3b refused 13:58  41 s ago",
			"#[fg=red]✗1#[default] #[fg=yellow]▲1#[default] #[fg=green]●1#[default] 4o-mini 379ms $79 llama3.2 down", false,
		},
		"one is pinned": {
			func(f *monitor.StatusFile) { f.Pinned = "gpt-4o" }, "●3  gpt-4o 806 ms $1,313/mo  probes $0.58 of $1  41 s ago",
			"#[fg=green]●3#[default] gpt-4o 806ms $1,313/mo 41s", true,
		},
		"limits need more samples": {
			func(f *monitor.StatusFile) { f.LimitsNotShown = 2 }, "●3  gpt-4o-mini 379 ms $79/mo  probes $0.58 of $1  2 limits not shown yet  41 s ago",
			"#[fg=green]●3#[default] 4o-mini 379ms $79/mo 41s", true,
		},
		"the budget is spent": {
			spent, "●3  budget: $1 spent at 11:58, probing resumes 00:00 UTC (10 h 1 min)",
			"#[fg=green]●3#[default] 4o-mini 379ms $79/mo $1 spent", false,
		},
		"nobody probes": {
			func(f *monitor.StatusFile) {
				f.LastProbe, f.At = statusNow.Add(-192*time.Minute), statusNow.Add(-6*time.Minute)
			},
			"?  last probe 3 h 12 min ago; nobody is probing: start costping monitor", "? no probe for 3h12m", false,
		},
		"probed once an hour, or left alone": {
			func(f *monitor.StatusFile) {
				f.LastProbe, f.At = statusNow.Add(-59*time.Minute), statusNow.Add(-time.Minute)
			},
			"●3  gpt-4o-mini 379 ms $79/mo  probes $0.58 of $1  59 min ago",
			"#[fg=green]●3#[default] 4o-mini 379ms $79/mo 59m", true,
		},
		"the budget was spent long ago": {
			func(f *monitor.StatusFile) { spent(f); f.LastProbe = statusNow.Add(-2 * time.Hour) },
			"●3  budget: $1 spent at 11:58, probing resumes 00:00 UTC (10 h 1 min)",
			"#[fg=green]●3#[default] 4o-mini 379ms $79/mo $1 spent", false,
		},
		"the budget is spent, and nobody waits for the next": {
			func(f *monitor.StatusFile) { spent(f); f.At = statusNow.Add(-6 * time.Minute) },
			"?  budget: $1 spent at 11:58; nobody is probing: start costping monitor", "? $1 spent, nobody probes", false,
		},
		"the budget was yesterday's": {
			func(f *monitor.StatusFile) { spent(f); f.Budget.Resumes = statusNow.Add(-time.Minute) },
			"●3  gpt-4o-mini 379 ms $79/mo  probes $1 of $1  41 s ago",
			"#[fg=green]●3#[default] 4o-mini 379ms $79/mo 41s", false,
		},
		"little is not nothing": {
			func(f *monitor.StatusFile) { f.Targets[1].USDPerMonth, f.Budget.SpentUSD = new("0.004"), "0.004" },
			"●3  gpt-4o-mini 379 ms <$0.01/mo  probes <$0.01 of $1  41 s ago",
			"#[fg=green]●3#[default] 4o-mini 379ms <$0.01/mo 41s", true,
		},
		"begun, and nothing probed": {
			func(f *monitor.StatusFile) { f.LastProbe = time.Time{} },
			"?  nothing was probed yet", "? nothing probed yet", false,
		},
		"not yet": {
			func(f *monitor.StatusFile) { f.LastProbe, f.At = time.Time{}, statusNow.Add(-time.Hour) },
			"?  nothing was probed yet; costping monitor probes in the background", "? nothing probed yet", false,
		},
		"paused": {
			func(f *monitor.StatusFile) { f.PausedSince = statusNow.Add(-time.Minute) },
			"●3  gpt-4o-mini 379 ms $79/mo  probes $0.58 of $1  paused since 13:57  41 s ago",
			"#[fg=green]●3#[default] 4o-mini 379ms $79/mo paused", true,
		},
		"nothing is known": {
			func(f *monitor.StatusFile) {
				f.Budget = nil
				f.Targets = f.Targets[2:]
				f.Targets[0].State = monitor.StateUnknown
			}, "?1  41 s ago", "#[fg=default]?1#[default] 41s", false,
		},
		"a name like a format": {
			func(f *monitor.StatusFile) { f.Targets[1].Short = "#(rm)#[x]%H" },
			"●3  gpt-4o-mini 379 ms $79/mo  probes $0.58 of $1  41 s ago", "#[fg=green]●3#[default] _(rm)_[x]_H 379ms $79/mo 41s", true,
		},
	} {
		f := statusWith(t, tc.change)
		if got := statusPlain(f, statusNow); got != tc.plain {
			t.Errorf("%s:\n got %s\nwant %s", name, got, tc.plain)
		}
		if got := statusTmux(f, statusNow); got != tc.tmux {
			t.Errorf("%s:\n got %s\nwant %s", name, got, tc.tmux)
		}
		if got := f.Fine(statusNow); got != tc.fine {
			t.Errorf("%s: fine is %v", name, got)
		}
	}
}

// What became of an attempt says why, and not what a server's text happens to hold.
func TestShortReason(t *testing.T) {
	t.Parallel()
	for want, of := range map[string]monitor.StatusTarget{
		"refused":       {Outcome: "network", Why: "dial tcp: connection refused"},
		"no such host":  {Outcome: "network", Why: "lookup x: no such host"},
		"no connection": {Outcome: "network", Why: "connection reset by peer"},
		"bad request":   {Outcome: "bad_request", Why: "400: max_tokens must be at least 50"},
		"rate limited":  {Outcome: "rate_limited", Why: "429: try again within 20s"},
		"server error":  {Outcome: "server_error", Why: "503: connection refused by upstream, 401"},
		"timed out":     {Outcome: "timeout", Why: "no first token after 1m0s"},
		"key refused":   {Outcome: "auth"},
		"down":          {Outcome: "zebra", Why: "500"},
	} {
		if got := shortReason(of); got != want {
			t.Errorf("%+v: %q, want %q", of, got, want)
		}
	}
	if got := shortReason(monitor.StatusTarget{Why: "429: within 50 s"}); got != "down" {
		t.Errorf("without an outcome: %q", got)
	}
}

func TestStatusPrometheus(t *testing.T) {
	t.Parallel()
	got := statusPrometheus(statusWith(t, nil))
	for _, want := range []string{
		"# HELP costping_targets Targets by state.\n# TYPE costping_targets gauge\n",
		`costping_targets{state="ok"} 3` + "\n",
		"costping_last_probe_timestamp_seconds 1.77245988e+09\n",
		"costping_probe_spent_usd 0.58\n", "costping_probe_budget_usd 1\n",
		`costping_target_ttft_p50_seconds{target="gpt-4o",model=""} 0.8062` + "\n",
		`costping_target_usd_per_month{target="gpt-4o-mini",model="m\"\\"} 78.75` + "\n",
		`costping_target_state{target="llama3.2:3b",state="ok"} 1` + "\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("there is no %s in\n%s", want, got)
		}
	}
	for _, never := range []string{`ok_ratio{target="llama`, `ttft_p50_seconds{target="llama`} {
		if strings.Contains(got, never) {
			t.Errorf("what is not known is told: %s", never)
		}
	}
	checkPrometheus(t, got)
}

// promLine is a sample in the text format: every label value is quoted and escaped.
var promLine = regexp.MustCompile(`^[a-z_0-9]+(\{([a-z_]+="(\\[\\n"]|[^"\\])*"(,|\}))+)? -?[0-9.e+-]+$`)

// checkPrometheus checks every line, and that each metric stands in one piece.
func checkPrometheus(t *testing.T, text string) {
	t.Helper()
	seen, now := map[string]bool{}, ""
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if name, ok := strings.CutPrefix(line, "# HELP "); ok {
			now, _, _ = strings.Cut(name, " ")
			if seen[now] {
				t.Errorf("%s is begun twice", now)
			}
			seen[now] = true
			continue
		}
		if !strings.HasPrefix(line, "# TYPE "+now+" gauge") && (!promLine.MatchString(line) || !strings.HasPrefix(line, now)) {
			t.Errorf("not a line of the format: %q", line)
		}
	}
}

// Whatever stands in the file, what is printed is one safe line of at most 40
// columns, and sound metrics.
func FuzzStatus(f *testing.F) {
	for _, name := range []string{"gpt-4o-mini", "a very long name of a model that goes on and on", "日本語のモデル日本語のモデル", "e\u0301\u0301", "#[fg=red]#(x)", "\x1b]0;t\x07", "a\nb", "👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦"} {
		f.Add(name, name, "refused", "1e3", 1e9, uint8(3))
	}
	f.Fuzz(func(t *testing.T, name, short, why, usd string, ms float64, n uint8) {
		file := monitor.StatusFile{
			Schema: monitor.StatusSchema, LastProbe: statusNow, StaleAfterS: 300, Pick: name,
			Budget: &monitor.StatusBudget{SpentUSD: usd, CapUSD: usd, Exhausted: n%5 == 0},
		}
		states := []monitor.State{monitor.StateOK, monitor.StateOver, monitor.StateFailing, monitor.StateUnknown, "zebra"}
		for i := range int(n) {
			file.Targets = append(file.Targets, monitor.StatusTarget{
				Name: name, Short: short, Model: name, Why: why, State: states[i%len(states)], TTFTp50: &ms, USDPerMonth: &usd,
			})
		}
		text, err := json.Marshal(file)
		if err != nil {
			return // a number that JSON does not have
		}
		got, err := monitor.DecodeStatus(text, statusNow.Add(time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		plain, tmux := statusPlain(got, statusNow), statusTmux(got, statusNow)
		for _, line := range []string{plain, tmux} {
			if strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r == 0x7f }) {
				t.Errorf("a control character in %q", line)
			}
		}
		shown := tmuxStyle.ReplaceAllString(tmux, "")
		if strings.Contains(shown, "#") || ansi.StringWidth(shown) > statusWidth {
			t.Errorf("%d columns: %q", ansi.StringWidth(shown), shown)
		}
		checkPrometheus(t, statusPrometheus(got))
	})
}

var tmuxStyle = regexp.MustCompile(`#\[(fg=[a-z]+|default)\]`)

// A document that is none is refused, and does not bring the program down.
func FuzzDecodeStatus(f *testing.F) {
	f.Add([]byte(`{"schema":"costping.status/1","targets":[{}],"budget":{}}`))
	f.Add([]byte(`{"schema":"costping.status/2"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := monitor.DecodeStatus(text, statusNow)
		if err != nil {
			return
		}
		_, _ = statusPlain(file, statusNow), statusTmux(file, statusNow)
		checkPrometheus(t, statusPrometheus(file))
	})
}

// BenchmarkStatus is the time from start to exit of costping status, in turn with that
// of a program that does nothing.
func BenchmarkStatus(b *testing.B) {
	program, dir := shipped(b), b.TempDir()
	text, err := json.Marshal(monitor.StatusFile{Schema: monitor.StatusSchema, LastProbe: time.Now(), StaleAfterS: 300})
	if err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "status.json"), text, 0o600); err != nil {
		b.Fatal(err)
	}
	var ours, floor []float64
	timed := func(into *[]float64, name string, args ...string) {
		start := time.Now()
		if err := exec.Command(name, args...).Run(); err != nil {
			b.Fatal(err)
		}
		*into = append(*into, float64(time.Since(start))/float64(time.Millisecond))
	}
	for b.Loop() {
		timed(&ours, program, "status", "--history", dir, "--format", "tmux")
		timed(&floor, "true")
	}
	b.ReportMetric(stats.QuantileOf(stats.Sort(ours), 0.5).Value, "p50-ms")
	b.ReportMetric(stats.QuantileOf(stats.Sort(ours), 0.95).Value, "p95-ms")
	b.ReportMetric(stats.QuantileOf(stats.Sort(floor), 0.5).Value, "floor-p50-ms")
}
