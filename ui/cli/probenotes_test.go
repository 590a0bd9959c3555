package cli

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/ui/compare"
	"costping/ui/report"

	"github.com/shopspring/decimal"
)

// answeredIn is an attempt that went well, its first token after so long.
func answeredIn(ttft time.Duration) probe.Sample {
	s := fine
	s.TTFT, s.E2E = probe.Known(ttft), probe.Known(ttft+500*time.Millisecond)
	s.USD = decimal.NewNullDecimal(decimal.RequireFromString("0.001"))
	return s
}

// finished is a command after a run in which the targets answered so, round by round.
func finished(own map[string]costmodel.Price, answers map[string][]probe.Sample, targets ...probe.Target) (*probeCommand, *probing) {
	p := &probeCommand{prices: own}
	p.targets, p.probes = targets, 8
	r := newProbing(p.plan, nil, nil)
	for _, t := range r.targets {
		for round, s := range answers[t.Name] {
			s.Target = t.Target
			t.trials = append(t.trials, compare.Trial{Round: round, Sample: s})
		}
		if last := t.trials[len(t.trials)-1].Sample; last.Outcome == probe.Network || last.Outcome == probe.Skipped {
			t.gaveUp = last.Error
		}
	}
	return p, r
}

func eight(ttft time.Duration) []probe.Sample {
	var all []probe.Sample
	for i := range 8 {
		all = append(all, answeredIn(ttft+time.Duration(i)*time.Millisecond))
	}
	return all
}

// What the table of several targets cannot say stands below it, by target.
func TestNotes(t *testing.T) {
	t.Parallel()
	capField := learned
	capField.Learned = "max_completion_tokens instead of max_tokens"
	at := func(name string) probe.Target { return probe.Target{Name: name, BaseURL: "https://llm.example.com/v1"} }
	p, r := finished(
		map[string]costmodel.Price{"own": {}},
		map[string][]probe.Sample{
			"slow": append([]probe.Sample{capField}, eight(300*time.Millisecond)...), "fast": append(eight(100*time.Millisecond), broken),
			"dead": repeat(refused, 3), "poor": {answeredIn(time.Second), skipped}, "local": eight(150 * time.Millisecond), "none": {broken}, "own": eight(160 * time.Millisecond),
		},
		at("slow"), at("fast"), at("dead"), at("poor"),
		probe.Target{Name: "local", BaseURL: "http://127.0.0.1:9/v1"}, probe.Target{Name: "own", BaseURL: "http://127.0.0.1:9/v1"},
		probe.Target{Name: "none", BaseURL: "http://127.0.0.1:9/v1"},
	)
	got := notes(p.rows(r))
	for _, want := range []string{
		"slow: not ok: 1 bad_request", "slow: learned: max_completion_tokens instead of max_tokens (--provider openai knows that)",
		"fast: not ok: 1 server_error", "dead: given up after 3 of 8: connection refused",
		"poor: not ok: 1 skipped", "poor: given up after 1 of 8: the budget is spent",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("no %q among\n%s", want, strings.Join(got, "\n"))
		}
	}
	if !strings.HasPrefix(got[0], "TTFT vs fastest, by round: the median of the ratios within the same rounds") || slices.Contains(got, "dead: not ok: 3 network") {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
	if got := explanation([]ranked{{}}); got != nil {
		t.Errorf("nothing is compared or free, and it explains %q", got)
	}
}

// How to spare a lesson is said where a preset is that lesson and nothing else, and
// the target names none.
func TestLesson(t *testing.T) {
	t.Parallel()
	elsewhere := probe.Target{BaseURL: "https://llm.example.com/v1"}
	for _, tc := range []struct {
		target     probe.Target
		configured bool
		words      string
		want       string
	}{
		{elsewhere, false, "max_completion_tokens instead of max_tokens", " (--provider openai knows that)"},
		{elsewhere, true, "max_completion_tokens instead of max_tokens", ` (provider = "openai" knows that)`},
		{elsewhere, false, "no stream_options", ""},
		{elsewhere, false, "a cap of 256 tokens instead of 64", ""},
		{probe.Target{BaseURL: elsewhere.BaseURL, Provider: "together"}, false, "max_completion_tokens instead of max_tokens", ""},
		{probe.Target{BaseURL: "https://api.together.ai/v1"}, false, "max_completion_tokens instead of max_tokens", ""},
	} {
		p := &probeCommand{configured: tc.configured}
		if got := p.lesson(tc.target, tc.words); got != tc.words+tc.want {
			t.Errorf("%+v: %q", tc, got)
		}
	}
}

// The summary in Markdown: a row for each figure, for each target where there are
// several.
func TestSummaryTable(t *testing.T) {
	t.Parallel()
	text := func(targets ...probe.Target) string {
		p, r := finished(nil, map[string][]probe.Sample{"slow": eight(300 * time.Millisecond), "fast": eight(100 * time.Millisecond)}, targets...)
		var b bytes.Buffer
		if err := summaryTable(p.rows(r)).Write(&b, report.Markdown); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	slow, fast := probe.Target{Name: "slow"}, probe.Target{Name: "fast", BaseURL: "http://127.0.0.1:9/v1"}
	for got, wants := range map[string][]string{
		text(slow): {
			"| METRIC | VALUE | 95 % INTERVAL | n |", "| success, % | 100 | 67.6-100.0 | 8 |",
			"| warm TTFT p50, ms | 303.5 | 300.0-307.0 | 8 |", "| warm TTFT p95, ms | — | after 76 | 8 |", "| cost, USD | 0.008 | — | 8 |",
		},
		text(slow, fast): {
			"| TARGET | METRIC | VALUE | 95 % INTERVAL | n |", "| fast | warm TTFT p50, ms | 103.5 |", "| fast | cost, USD; nothing is charged on this machine | 0.008 |",
			"| slow | TTFT against the fastest, median of the ratios within rounds | 2.93 | 2.", "| slow | cost, USD | 0.008 |",
		},
	} {
		for i, want := range wants { // the heading is the first
			if at := strings.Index(got, want); at < 0 || i == 0 && at > 0 {
				t.Errorf("no %q in\n%s", want, got)
			}
		}
	}
}

// The picture of several targets says how much of them it shows below itself.
func TestPrintSeveral(t *testing.T) {
	t.Parallel()
	p, r := finished(nil, map[string][]probe.Sample{"slow": eight(300 * time.Millisecond), "fast": eight(100 * time.Millisecond)},
		probe.Target{Name: "slow"}, probe.Target{Name: "fast"})
	var b strings.Builder
	if err := printSeveral(&b, report.Drawing{Width: 60}, inOrder(r), p.rows(r)); err != nil {
		t.Fatal(err)
	}
	picture, table, _ := strings.Cut(b.String(), "\n\n")
	lines := strings.Split(picture, "\n")
	if lines[len(lines)-1] != "the last 12 of 16; all of them: -o csv" || strings.Contains(lines[0], "more") || !strings.HasPrefix(table, "TARGET ") {
		t.Errorf("%s", b.String())
	}
	for line := range strings.Lines(table[strings.Index(table, "\n\n"):]) {
		if len(line) > 61 {
			t.Errorf("wider than the terminal: %q", line)
		}
	}
}
