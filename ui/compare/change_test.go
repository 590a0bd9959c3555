package compare

import (
	"strings"
	"testing"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/store"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// every makes a good sample a minute for the hours before noon, each with a first
// token of so many milliseconds by its number, oldest first.
func every(hours int, first func(i int) int) []probe.Sample {
	samples := make([]probe.Sample, hours*60)
	for i := range samples {
		n := first(i)
		samples[i] = probe.Sample{
			At: noon.Add(-time.Duration(len(samples)-i) * time.Minute), Outcome: probe.OK, Status: 200,
			TTFT: ms(n), E2E: ms(n + 1000), TPOT: ms(10),
		}
	}
	return samples
}

// restless is a time that goes up and down around a middle.
func restless(middle, i int) int { return middle + i*7%23 }

func TestChangeOf(t *testing.T) {
	t.Parallel()
	day := noon.Add(-24 * time.Hour)
	last := func(n, before, now int) func(int) int {
		return func(i int) int {
			if i >= 24*60-n {
				return restless(now, i)
			}
			return restless(before, i)
		}
	}
	for name, tc := range map[string]struct {
		samples  []probe.Sample
		from     time.Time
		want     string
		now, was time.Duration
	}{
		"as before":      {every(24, last(0, 400, 400)), day, "no measurable difference", time.Hour, 23 * time.Hour},
		"slower":         {every(24, last(60, 400, 500)), day, "% slower (", time.Hour, 23 * time.Hour},
		"faster":         {every(24, last(60, 400, 300)), day, "% faster (", time.Hour, 23 * time.Hour},
		"few":            {every(24, last(0, 400, 400))[24*60-4:], day, "too few to compare", 6 * time.Hour, 18 * time.Hour},
		"a short window": {every(24, last(0, 400, 400)), noon.Add(-10 * time.Minute), "too few to compare", 0, 0},
	} {
		c := ChangeOf(tc.samples, tc.from, noon)
		if got := changeText(c.TTFT); !strings.Contains(got, tc.want) || c.Now != tc.now || c.Before != tc.was {
			t.Errorf("%s: %q over %v and %v, want %q over %v and %v", name, got, c.Now, c.Before, tc.want, tc.now, tc.was)
		}
	}
}

func TestHealthText(t *testing.T) {
	t.Parallel()
	row := Row{Candidate: Candidate{Target: "m"}}
	if got := HealthText(row, nil); len(got) != 1 || got[0] != "m is not measured" {
		t.Errorf("%q", got)
	}
	samples := every(24, func(i int) int { return restless(400, i) })
	row.Has = true
	row.Summary = store.Summary{Warm: len(samples), Outcomes: map[probe.Outcome]int{probe.OK: len(samples)}}
	row.Summary.TTFTp50 = SpreadOf(samples).P50
	change := ChangeOf(samples, noon.Add(-24*time.Hour), noon)
	texts := HealthText(row, &change)
	if want := "m is healthy: first token 411 ms, 1,440 of 1,440 (>= 99.7 %) succeeded. The last 1 h against the 23 h before: no measurable difference (n=60)"; texts[0] != want {
		t.Errorf("%q", texts[0])
	}
	for i := 1; i < len(texts); i++ {
		if len(texts[i]) > len(texts[i-1]) {
			t.Errorf("%q is longer than the form before it", texts[i])
		}
	}
	row.Failing = true
	if got := HealthText(row, &change); !strings.HasPrefix(got[0], "m is failing") {
		t.Errorf("%q", got[0])
	}
}

func TestHours(t *testing.T) {
	t.Parallel()
	slow := every(24, func(i int) int {
		if at := noon.Add(time.Duration(i-24*60) * time.Minute); at.Hour() == 15 {
			return restless(500, i)
		}
		return restless(400, i)
	})
	h := HoursOf(TTFTs(slow), time.UTC)
	if h.Slowest != 15 || h.Judged != 24 || !strings.HasPrefix(h.Text()[0], "slowest at 15:00, +2") || !strings.HasSuffix(h.Text()[0], ", of one day only") {
		t.Errorf("%+v: %q", h, h.Text())
	}
	if h = HoursOf(TTFTs(slow), time.FixedZone("east", 2*3600)); h.Slowest != 17 {
		t.Errorf("two hours east the slowest is at 17:00, not %d", h.Slowest)
	}
	level := every(24, func(i int) int { return restless(400, i) })
	if h = HoursOf(TTFTs(level), time.UTC); h.Slowest != -1 || h.Text()[0] != "no hour is measurably slower than the others" {
		t.Errorf("%q", h.Text())
	}
	if h = HoursOf(TTFTs(level[:120]), time.UTC); !strings.HasPrefix(h.Text()[0], "2 of 24 hours") {
		t.Errorf("%q", h.Text())
	}
	if h = HoursOf(nil, time.UTC); h.Slowest != -1 {
		t.Errorf("%+v", h)
	}
}

// Every hourly figure is in exactly one cell, of its own day and hour.
func TestDaysOfHours(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		zone := time.FixedZone("z", rapid.IntRange(-12, 14).Draw(t, "zone")*3600)
		n := rapid.IntRange(0, 200).Draw(t, "hours")
		figures := make([]Timed, n)
		for i := range figures {
			figures[i] = Timed{noon.Add(time.Duration(i) * time.Hour), float64(i)}
		}
		seen := 0
		for _, d := range DaysOfHours(figures, zone) {
			for hour, v := range d.Hours {
				if !v.Known {
					continue
				}
				seen++
				if at := figures[int(v.Value)].At.In(zone); at.Hour() != hour || at.YearDay() != d.Day.YearDay() {
					t.Fatalf("%v stands at %02d:00 of %v", at, hour, d.Day)
				}
			}
		}
		if seen != n {
			t.Fatalf("%d of %d figures", seen, n)
		}
	})
}

func TestTypicalAndItsSum(t *testing.T) {
	t.Parallel()
	samples := every(1, func(i int) int { return 300 + i })
	got, ok := Typical(samples)
	if !ok || got.TTFT.Value != 329*time.Millisecond {
		t.Errorf("%v", got.TTFT)
	}
	if text := TimeSum(got)[0]; text != "first token 329 ms + 100 tokens at 100 tok/s = 1.33 s" {
		t.Errorf("%q", text)
	}
	if _, ok := Typical(nil); ok || TimeSum(probe.Sample{}) != nil {
		t.Error("nothing has no typical attempt and no sum")
	}
	got.TPOT = probe.Measured[time.Duration]{}
	if text := TimeSum(got)[0]; text != "first token 329 ms + 1,000 ms of answer = 1.33 s" {
		t.Errorf("%q", text)
	}
}

func TestOpening(t *testing.T) {
	t.Parallel()
	cold := probe.Sample{Flags: probe.Cold, DNS: ms(5), TLS: ms(20), Connect: ms(40), Wrote: ms(41), TTFB: ms(200), TTFT: ms(250), E2E: ms(900)}
	parts, ok := Opening([]probe.Sample{cold, {Connect: ms(0), TTFT: ms(9)}})
	if text := OpeningText(parts); !ok || text[0] != "a new connection takes DNS 5.0 ms + connect 15.0 ms + TLS 20.0 ms = 40.0 ms more" {
		t.Errorf("%q", text)
	}
	if _, ok := Opening(nil); ok {
		t.Error("no attempt opened a connection")
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	at := func(minute int, o probe.Outcome, text string) probe.Sample {
		return probe.Sample{At: noon.Add(time.Duration(minute) * time.Minute), Outcome: o, Error: text}
	}
	got := Failures([]probe.Sample{
		at(1, probe.Timeout, "old"), at(2, probe.OK, ""), at(3, probe.RateLimited, "slow down"), at(4, probe.Skipped, "over budget"), at(5, probe.Timeout, "new"),
	})
	if len(got) != 2 || got[0].Outcome != probe.Timeout || got[0].Error != "new" || got[0].Count != 2 || got[1].Count != 1 {
		t.Errorf("%+v", got)
	}
}

func TestMeter(t *testing.T) {
	t.Parallel()
	money := func(settled, reserved string) *probe.BudgetStatus {
		return &probe.BudgetStatus{Cap: decimal.RequireFromString("1"), Day: "2026-11-20", Settled: decimal.RequireFromString(settled), Reserved: decimal.RequireFromString(reserved)}
	}
	spent := money("1", "0")
	spent.Exhausted, spent.Resumes = true, noon.Add(12*time.Hour)
	unread := money("0", "0")
	unread.Problem = "the disk is gone"
	pass := Pass{Targets: 7, USD: usdOf(t, "0.001"), Known: true} // 100 s apart: $0.432 in the half day that is left
	most := pass
	most.AtMost = true
	for name, tc := range map[string]struct {
		m    Meter
		want string
	}{
		"at this pace":    {Meter{Money: money("0.5", "0.06"), Pass: pass, Interval: 100 * time.Second, Next: noon.Add(41 * time.Second)}, "$0.56 of $1.00 today, $0.99 at this pace; next in 41s"},
		"the worst case":  {Meter{Money: money("0.56", "0"), Pass: most, Interval: 100 * time.Second}, "$0.56 of $1.00 today, at most $0.99 at this pace"},
		"cost not known":  {Meter{Money: money("0.56", "0"), Pass: Pass{Targets: 7}, Interval: time.Minute}, "$0.56 of $1.00 today"},
		"little is seen":  {Meter{Money: money("0.0012", "0")}, "$0.0012 of $1.00 today"},
		"spent":           {Meter{Money: spent, Pass: pass}, "the budget of $1.00 is spent; what costs is probed again in 12h"},
		"ledger":          {Meter{Money: unread}, "the budget cannot be read, so nothing that costs is probed: the disk is gone"},
		"paused":          {Meter{Money: spent, Paused: true}, "PAUSED: nothing is probed until P"},
		"no cap":          {Meter{Pass: pass, Interval: 100 * time.Second}, "7 targets every 1m40s, no cap: $0.86 a day"},
		"free":            {Meter{Pass: Pass{Targets: 1, Known: true}, Interval: time.Minute}, "1 target every 1m, which costs nothing"},
		"no cap, unknown": {Meter{Pass: Pass{Targets: 2}, Interval: time.Minute}, "2 targets every 1m, at a cost that is not known"},
		"simulated":       {Meter{Simulated: true, Pass: pass, Interval: 100 * time.Second}, "simulated, costs nothing: 7 targets every 1m40s; at real prices $0.86 a day"},
	} {
		tc.m.Now = noon
		if got := tc.m.Text()[0]; got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}

func TestWhatIf(t *testing.T) {
	t.Parallel()
	pass := Pass{Targets: 7, USD: usdOf(t, "0.01"), Known: true}
	for _, tc := range []struct {
		interval time.Duration
		limit    string
		want     string
	}{
		{time.Minute, "0", "what if a pass every 1m: $14.40 a day; the configuration sets it"},
		{time.Minute, "20", "what if a pass every 1m: $14.40 a day, within $20.00; the configuration sets it"},
		{time.Minute, "1", "what if a pass every 1m: $14.40 a day, so that $1.00 lasts the day every 14m24s; the configuration sets it"},
	} {
		if got := pass.WhatIf(tc.interval, usdOf(t, tc.limit))[0]; got != tc.want {
			t.Errorf("%q, want %q", got, tc.want)
		}
	}
	if got := (Pass{}).WhatIf(time.Minute, costmodel.USD{})[0]; !strings.HasSuffix(got, "the cost of a probe is not known") {
		t.Errorf("%q", got)
	}
}

// A day at the interval that a cap leads to costs no more than the cap, and a
// second less would: the cap is used.
func TestPassWithinACap(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		micros := func(name string, most int64) costmodel.USD {
			return costmodel.NewUSD(decimal.New(rapid.Int64Range(1, most).Draw(t, name), -6).Rat())
		}
		pass := Pass{USD: micros("pass", 100_000), Known: true}
		for range rapid.IntRange(0, 2).Draw(t, "seldom") {
			pass.Add(micros("own", 100_000), time.Duration(rapid.IntRange(1, 7200).Draw(t, "every"))*time.Second)
		}
		limit := micros("cap", 10_000_000)
		asked := time.Duration(rapid.IntRange(1, 3600).Draw(t, "interval")) * time.Second
		got, ok := pass.Within(limit, asked)
		const longest = 365 * wholeDay
		switch {
		case !ok || got < asked:
			t.Fatalf("%v for %v", got, asked)
		case got < longest && pass.Over(wholeDay, got).Cmp(limit) > 0:
			t.Fatalf("%v costs $%s a day, over $%s", got, pass.Over(wholeDay, got), limit)
		case got > asked && got < longest && pass.Over(wholeDay, got-time.Second).Cmp(limit) <= 0:
			t.Fatalf("%v is longer than it has to be", got)
		}
	})
}

// A target with an interval of its own costs by that, as long as it is the longer one.
func TestPassWithIntervalsOfTheirOwn(t *testing.T) {
	t.Parallel()
	pass := Pass{Known: true}
	pass.Add(usdOf(t, "0.01"), 0)
	pass.Add(usdOf(t, "0.01"), time.Hour)
	for interval, want := range map[time.Duration]string{time.Minute: "14.64", time.Hour: "0.48", 2 * time.Hour: "0.24"} {
		if got := pass.Over(wholeDay, interval).Format(2); got != want || pass.Targets != 2 {
			t.Errorf("every %s $%s a day of %d targets, want %s", interval, got, pass.Targets, want)
		}
	}
}

func TestPriceCard(t *testing.T) {
	t.Parallel()
	today, _ := costmodel.ParseDate("2026-11-20")
	card := func(id string) string {
		m, ok := costmodel.Default().Lookup(id)
		if !ok {
			t.Fatalf("no model %s", id)
		}
		var b strings.Builder
		r := Row{Candidate: Candidate{Target: id, Model: m, Price: m.PriceOn(today), Known: true}, Retired: m.RetiredOn(today)}
		for _, l := range PriceCard(r, nil, today) {
			b.WriteString(l.Label + ": " + l.Text[0] + "\n")
		}
		return b.String()
	}
	for id, want := range map[string][]string{
		"gpt-4o-mini":      {"$0.15 in, $0.60 out", "as of 2026-", "warn: retires on 2027-01-14, in 55 days", "tools", "128K context"},
		"claude-3.5-haiku": {"warn: retired on 2026-02-19"},
	} {
		got := card(id)
		for _, part := range want {
			if !strings.Contains(got, part) {
				t.Errorf("%s lacks %q:\n%s", id, part, got)
			}
		}
	}
	if got := PriceCard(Row{Candidate: Candidate{Target: "x"}}, nil, today); len(got) != 1 || got[0].Text[0] != "unknown: no price for x" {
		t.Errorf("%v", got)
	}
}
