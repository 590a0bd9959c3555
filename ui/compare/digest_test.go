package compare

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"costping/probe"
	"costping/probe/stats"

	"github.com/shopspring/decimal"
)

// answered is an attempt that went well, its first token after so many milliseconds.
func answered(second, ttft int, flags probe.Flags) probe.Sample {
	return probe.Sample{
		Target: probe.Target{Name: "a", Model: "m"}, At: time.Unix(int64(second), 0), Outcome: probe.OK, Status: 200,
		Flags: flags, Connect: ms(0), TTFB: ms(ttft - 1), TTFT: ms(ttft), TTFO: ms(ttft), E2E: ms(ttft + 300), TPOT: ms(3), Events: 101,
		Usage: probe.Usage{Input: probe.Known(int64(60)), Output: probe.Known(int64(101)), Reasoning: probe.Known(int64(0))},
		USD:   decimal.NewNullDecimal(decimal.RequireFromString("0.001")),
	}
}

// Warm and cold samples are two series; what is neither counts for none of them.
func TestDigestKeepsSeriesApart(t *testing.T) {
	t.Parallel()
	var samples []probe.Sample
	for i := range 6 {
		samples = append(samples, answered(2*i, 100+i, 0), answered(2*i+1, 200+i, probe.Cold))
	}
	samples = append(
		samples, answered(20, 900, probe.CacheHit), answered(21, 900, probe.Cold|probe.CacheHit),
		probe.Sample{At: time.Unix(22, 0), Outcome: probe.RateLimited, Status: 429},
		probe.Sample{At: time.Unix(23, 0), Outcome: probe.ServerError, Status: 500},
		probe.Sample{At: time.Unix(24, 0), Outcome: probe.Truncated, Status: 200},
		probe.Sample{At: time.Unix(25, 0), Outcome: probe.Cancelled},
	)
	rand.Shuffle(len(samples), func(i, j int) { samples[i], samples[j] = samples[j], samples[i] })
	d := DigestOf(samples, true)
	if d.Warm.N != 6 || d.Warm.TTFTp50.Value != 102.5 || d.Opened.N != 6 || d.Opened.TTFTp50.Value != 202.5 {
		t.Errorf("warm %+v, cold %+v", d.Warm.TTFTp50, d.Opened.TTFTp50)
	}
	if d.Headline().N != d.Opened.N || d.Headline().TTFTp50.Value != 202.5 {
		t.Error("the headline of a cold run is not the cold series")
	}
	if d.Attempts != 17 || d.Success.Hits != 14 || d.Success.N != 16 {
		t.Errorf("%d attempts, success %+v", d.Attempts, d.Success)
	}
	if d.USD.String() != "0.014" || d.Unpriced != 1 {
		t.Errorf("cost %s and %d unknown", d.USD, d.Unpriced)
	}
	if d.Bundle != 1 {
		t.Errorf("%v tokens an event", d.Bundle)
	}
}

// Every reason to doubt is said with its numbers.
func TestWarnings(t *testing.T) {
	t.Parallel()
	many := func(n int, flags probe.Flags) []probe.Sample {
		var samples []probe.Sample
		for i := range 12 {
			s := answered(i, 100+i, 0)
			if i < n {
				s.Flags = flags
			}
			samples = append(samples, s)
		}
		return samples
	}
	for _, tc := range []struct {
		samples []probe.Sample
		cold    bool
		code    stats.Code
		text    string
	}{
		{many(5, probe.ClientBusy), false, "client_busy", "5 of 12 probes ran while this machine was late to its own timers by more than 2 ms: their times may be that much too long; kept"},
		{many(1, probe.ClientStalled), false, "client_stalled", "1 of 12 probes ran while this machine stalled and are left out"},
		{many(2, probe.Cold), false, "cold", "2 of 12 probes opened their own connection and are left out"},
		{many(9, probe.Cold), true, "warm", "3 of 12 probes found an open connection and are left out"},
		{many(1, probe.CacheHit), false, "cache_hit", "1 of 12 probes met the provider's prompt cache and are left out"},
		{many(12, probe.Buffered), false, "buffered", "12 of 12 probes came through something"},
		{many(12, probe.Bundled), false, "bundled", "the server sends 1.0 tokens in an event"},
		{append([]probe.Sample{answered(-1, 5000, 0)}, many(0, 0)...), false, stats.FirstSlower, "first token: the first value"},
		{append(many(0, 0), answered(99, 5000, 0)), false, stats.Outliers, "first token: 1 of 13 values"},
		{append(many(0, 0), probe.Sample{Outcome: probe.Network, Flags: probe.ClientOffline}), false, "client_offline", "1 of 13 probes"},
	} {
		d := DigestOf(tc.samples, tc.cold)
		i := slices.IndexFunc(d.Warnings, func(w stats.Warning) bool { return w.Code == tc.code })
		if i < 0 || !strings.HasPrefix(d.Warnings[i].Text, tc.text) {
			t.Errorf("%s: %+v", tc.code, d.Warnings)
		}
	}
	for _, samples := range [][]probe.Sample{many(0, 0), many(4, probe.ClientBusy)} {
		if d := DigestOf(samples, false); d.Warnings != nil {
			t.Errorf("nothing is wrong, and it says %+v", d.Warnings)
		}
	}
}

func TestThinking(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		output, reasoning int64
		want              float64
	}{{100, 0, 0}, {100, 75, 4}, {100, 100, 0}} {
		if got, ok := (Digest{Output: tc.output, Reasoning: tc.reasoning}).Thinking(); got != tc.want || ok != (tc.want > 0) {
			t.Errorf("%+v: %v", tc, got)
		}
	}
}

// Rounds in which both were slow cancel; without rounds in common it compares
// the heaps.
func TestVersus(t *testing.T) {
	t.Parallel()
	trials := func(from, factor float64, rounds int) []Trial {
		var all []Trial
		for round := range rounds {
			slow := 1 + float64(round%5) // the machine's own noise, in both
			all = append(all, Trial{Round: int(from) + round, Sample: answered(round, int(slow*factor*(1+0.01*float64(round%3))), 0)})
		}
		return all
	}
	base := trials(0, 1000, 12)
	ratios := Versus(base, [][]Trial{trials(0, 1500, 12), trials(0, 1000, 12), trials(100, 1500, 12), trials(0, 1500, 1)}, false)
	for i, want := range []struct {
		paired bool
		text   string
	}{{true, "1.50× slower ("}, {true, "no measurable difference (n=12)"}, {false, "no measurable difference (n=12)"}, {true, "too few to compare (n=1)"}} {
		if r := ratios[i]; r.Paired != want.paired || !strings.HasPrefix(VersusText(r), want.text) {
			t.Errorf("%d: paired %v, %s, want %+v", i, r.Paired, VersusText(r), want)
		}
	}
}

func TestShare(t *testing.T) {
	t.Parallel()
	for want, r := range map[string]stats.Rate{
		"60 of 60 (>= 94 %)": stats.RateOf(60, 60), "0 of 20 (<= 16 %)": stats.RateOf(0, 20),
		"18 of 20 (69.9-97.2 %)": stats.RateOf(18, 20), Unknown: stats.RateOf(0, 0),
	} {
		if got := Share(r); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestFastestOrdersByMedian(t *testing.T) {
	t.Parallel()
	var digests []Digest
	for i, ttft := range []int{300, 0, 100, 200} {
		n := 6
		if ttft == 0 {
			n = 0
		}
		var samples []probe.Sample
		for k := range n {
			samples = append(samples, answered(k, ttft, 0))
		}
		d := DigestOf(samples, false)
		d.Series.Target = fmt.Sprint(i)
		digests = append(digests, d)
	}
	var order string
	for _, d := range Fastest(digests) {
		order += d.Series.Target
	}
	if order != "2301" {
		t.Errorf("the order is %s", order)
	}
}
