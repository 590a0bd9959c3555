package report

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/ui/compare"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/shopspring/decimal"
	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var update = flag.Bool("update", false, "write the goldens in testdata anew")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || string(want) != got {
		t.Errorf("%s: %v, got\n%s\nwant\n%s", name, err, got, want)
	}
}

func ms(n int) probe.Measured[time.Duration] {
	return probe.Known(time.Duration(n) * time.Millisecond)
}

// run is what a run of n probes may have given: the i-th a little slower.
func run(n int) []probe.Sample {
	var samples []probe.Sample
	for i := range n {
		ttft := 340 + 7*((i*5)%12)
		samples = append(samples, probe.Sample{
			Target: probe.Target{Name: "gpt-4o-mini", Model: "gpt-4o-mini", BaseURL: "https://api.openai.com/v1"}, Profile: "chat", Cap: 128,
			At: time.Unix(int64(i), 0), Outcome: probe.OK, Status: 200,
			Connect: ms(0), Wrote: ms(1), TTFB: ms(ttft - 60), TTFT: ms(ttft), TTFO: ms(ttft + 80), E2E: ms(ttft + 850), TPOT: ms(7), Events: 120,
			ServerTTFT: ms(ttft - 29),
			Usage:      probe.Usage{Input: probe.Known(int64(60)), Output: probe.Known(int64(128)), Reasoning: probe.Known(int64(32))},
			Headroom: probe.Headroom{
				Requests: probe.Allowance{Limit: probe.Known(int64(500)), Remaining: probe.Known(int64(252 - i)), Reset: ms(7000)},
				Tokens:   probe.Allowance{Remaining: probe.Known(int64(19_000))},
			},
			USD: decimal.NewNullDecimal(decimal.RequireFromString("0.0000858")),
		})
	}
	return samples
}

// trouble is a run in which much went wrong.
func trouble() []probe.Sample {
	samples := run(8)
	samples[0].Connect, samples[0].DNS, samples[0].TLS, samples[0].Wrote = ms(60), ms(12), ms(31), ms(61)
	samples[0].Flags = probe.Cold
	samples[1].Flags = probe.ClientBusy | probe.Bundled
	samples[2] = probe.Sample{Target: samples[0].Target, At: time.Unix(2, 0), Outcome: probe.RateLimited, Status: 429, Connect: ms(0), Wrote: ms(1), TTFB: ms(90)}
	samples[3].Outcome, samples[3].E2E = probe.Truncated, probe.Measured[time.Duration]{}
	samples[4].Learned = "max_completion_tokens instead of max_tokens"
	samples[5].USD = decimal.NullDecimal{}
	samples[6] = probe.Sample{Target: samples[0].Target, At: time.Unix(6, 0), Outcome: probe.Network}
	return samples
}

func lanes(samples []probe.Sample, name string) []Lane {
	var all []Lane
	for i, s := range samples {
		all = append(all, Lane{Label: strings.TrimSpace(compare.Count(i+1) + " " + name), Sample: s})
	}
	return all
}

func TestWaterfall(t *testing.T) {
	t.Parallel()
	golden(t, "waterfall-80.txt", Drawing{Width: 80}.Waterfall(lanes(run(14), ""), 12))
	golden(t, "waterfall-120-trouble.txt", Drawing{Width: 120}.Waterfall(lanes(trouble(), ""), 12))
	golden(t, "waterfall-80-ascii.txt", Drawing{Width: 80, ASCII: true}.Waterfall(lanes(trouble(), "llama 3.1 — 70b"), 12))
	golden(t, "waterfall-40.txt", Drawing{Width: 40}.Waterfall(lanes(trouble(), ""), 12))
	if got := (Drawing{Width: 80}).Waterfall(lanes([]probe.Sample{{Outcome: probe.Network}}, ""), 12); got != "" {
		t.Errorf("nothing was measured, and it draws\n%s", got)
	}
}

func TestDigest(t *testing.T) {
	t.Parallel()
	of := func(samples []probe.Sample, cold bool) Run { return Run{Digest: compare.DigestOf(samples, cold)} }
	golden(t, "digest-early.txt", Drawing{}.Digest(of(run(3), false)))
	golden(t, "digest.txt", Drawing{}.Digest(of(run(20), false)))
	golden(t, "digest-p95.txt", Drawing{Width: 120}.Digest(of(run(80), false)))
	bad := of(trouble(), false)
	bad.Lessons = []string{"max_completion_tokens instead of max_tokens (--provider openai knows that)"}
	golden(t, "digest-trouble.txt", Drawing{ASCII: true, Width: 60}.Digest(bad))
	cold := run(7)
	for i := range cold {
		cold[i].Flags = probe.Cold
	}
	golden(t, "digest-cold.txt", Drawing{}.Digest(of(cold, true)))
}

// What is charged is the cost; where nothing is, that is said.
func TestCost(t *testing.T) {
	t.Parallel()
	usd := decimal.RequireFromString("0.0012")
	for want, g := range map[string]Run{
		"$0.0012": {Digest: compare.Digest{USD: usd, Attempts: 2}},
		"$0.0012, and 1 probe more of unknown cost":      {Digest: compare.Digest{USD: usd, Unpriced: 1, Attempts: 2}},
		"nothing is charged on this machine":             {Digest: compare.Digest{Unpriced: 2, Attempts: 2}, Free: true},
		"unknown: the server does not say what was used": {Digest: compare.Digest{Unpriced: 2, Attempts: 2}},
		"$0": {Digest: compare.Digest{Attempts: 2}},
		"":   {Free: true},
	} {
		if got := cost(g); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// Amounts of single answers are told apart, however small.
func TestMoney(t *testing.T) {
	t.Parallel()
	for amount, want := range map[string]string{
		"0": "$0.00", "12.345": "$12.35", "1": "$1.00", "0.5": "$0.500000", "0.0000571": "$0.000057",
		"0.0000024": "$0.00000240", "0.0000008": "$0.00000080", "0.000000001": "<$0.00000001",
	} {
		usd, err := costmodel.ParseUSD(amount)
		if err != nil {
			t.Fatal(err)
		}
		if got := Money(usd); got != want {
			t.Errorf("%s is %q, want %q", amount, got, want)
		}
	}
}

// Rate limits are spoken of where less than half of one is left.
func TestHeadroom(t *testing.T) {
	t.Parallel()
	of := func(limit, remaining int64) probe.Allowance {
		a := probe.Allowance{Remaining: probe.Known(remaining)}
		if limit > 0 {
			a.Limit = probe.Known(limit)
		}
		return a
	}
	for _, tc := range []struct {
		requests, tokens probe.Allowance
		want             string
	}{
		{of(500, 250), of(0, 10), ""},
		{of(500, 249), of(10_000, 9_000), "249 of 500 requests left"},
		{of(500, 400), of(10_000, 100), "100 of 10,000 tokens left"},
		{of(2, 0), of(0, 0), "0 of 2 requests left; 0 tokens left"},
		{probe.Allowance{Limit: probe.Known(int64(5))}, probe.Allowance{}, ""},
	} {
		if got := headroom(probe.Headroom{Requests: tc.requests, Tokens: tc.tokens}); got != tc.want {
			t.Errorf("%+v: %q, want %q", tc, got, tc.want)
		}
	}
}

// Folded text has all its words, in order, none broken, and no line that could
// have been shorter is wider than the terminal; later lines are indented.
func TestFold(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOf(rapid.StringMatching(`[a-z\p{Han}]{1,50}`)).Draw(t, "words")
		width, indent := rapid.IntRange(0, 130).Draw(t, "width"), rapid.IntRange(0, 16).Draw(t, "indent")
		head := rapid.StringMatching(`[a-z]{0,14}`).Draw(t, "head") + " "
		got := Drawing{Width: width}.Fold(head, strings.Join(words, " "), indent)
		if want := append(strings.Fields(head), words...); strings.Join(strings.Fields(got), " ") != strings.Join(want, " ") {
			t.Fatalf("%q is not %q", got, want)
		}
		most := max(width, leastWidth)
		if width == 0 {
			most = 80
		}
		for i, line := range strings.Split(strings.TrimSuffix(got, "\n"), "\n") {
			if i > 0 && (!strings.HasPrefix(line, strings.Repeat(" ", indent)) || strings.HasPrefix(line[indent:], " ")) {
				t.Fatalf("not indented by %d: %q", indent, line)
			}
			few := len(strings.Fields(line)) == 1 || i == 0 && len(strings.Fields(line)) <= 2
			if w := text.StringWidthWithoutEscSequences(line); w > most && !few {
				t.Fatalf("%d columns in %d: %q", w, most, line)
			}
		}
	})
}

// However odd the sample and narrow the terminal, no line is wider than it, and
// in ASCII there is nothing else.
func TestWaterfallFits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		mark := func(name string) probe.Measured[time.Duration] {
			if rapid.Bool().Draw(t, name+" known") {
				return probe.Known(time.Duration(rapid.Int64Range(0, 180e9).Draw(t, name)))
			}
			return probe.Measured[time.Duration]{}
		}
		var all []Lane
		for range rapid.IntRange(1, 4).Draw(t, "lanes") {
			all = append(all, Lane{Label: rapid.StringN(0, 30, 60).Draw(t, "label"), Sample: probe.Sample{
				Outcome: probe.Outcome(rapid.IntRange(1, 14).Draw(t, "outcome")),
				Connect: mark("connect"), DNS: mark("dns"), TLS: mark("tls"), Wrote: mark("wrote"), TTFB: mark("ttfb"), TTFT: mark("ttft"), E2E: mark("e2e"),
			}})
			all[len(all)-1].Label = probe.Sanitize(all[len(all)-1].Label, 60)
		}
		width := rapid.IntRange(1, 200).Draw(t, "width")
		ascii := rapid.Bool().Draw(t, "ascii")
		for line := range strings.Lines(Drawing{Width: width, ASCII: ascii}.Waterfall(all, 3)) {
			line = strings.TrimSuffix(line, "\n")
			if w := text.StringWidthWithoutEscSequences(line); w > max(width, leastWidth) {
				t.Fatalf("%d columns in %d: %q", w, width, line)
			}
			if ascii && strings.IndexFunc(line, func(r rune) bool { return r > '~' }) >= 0 {
				t.Fatalf("not ASCII: %q", line)
			}
		}
	})
}
