package compare

import (
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"

	"costping/costmodel"

	"pgregory.net/rapid"
)

// spendable are rows of the demo's models for a workload.
func spendable(t testing.TB, w costmodel.Workload, ids ...string) []Row {
	t.Helper()
	in := input(t, ids)
	in.Workload, in.Base = w, w
	return Build(in).Rows
}

func documents(t testing.TB, volume, in, out string) costmodel.Workload {
	t.Helper()
	v, err := costmodel.ParseVolume(volume)
	if err != nil {
		t.Fatal(err)
	}
	var counts [2]costmodel.Count
	for i, text := range []string{in, out} {
		if counts[i], err = costmodel.ParseCount(text); err != nil {
			t.Fatal(err)
		}
	}
	w, err := costmodel.Workload{Volume: v}.WithItem(counts[0], counts[1])
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func hostingOf(t testing.TB, w costmodel.Workload) *Hosting {
	t.Helper()
	h, ok := HostingOf(costmodel.DefaultHardware(), w)
	if !ok {
		t.Fatal("nothing to host on")
	}
	return &h
}

func TestHostingLine(t *testing.T) {
	w := workload(t, "10M/day", "75/25")
	h := hostingOf(t, w)
	rows := spendable(t, w, "gpt-4o", "gemini-2.0-flash")
	for target, want := range map[string]string{
		// 2 x 3.99 x 720 + 1,000; 6,745.60 / 30 / 4.375 a million.
		"gpt-4o": "self-host llama-3.1-70b on 2× H100 + $1,000 labour: 6,745.60 a month, beats c above 51.4M tok/day, if it serves that much",
		// What cannot be had is not beaten.
		"gemini-2.0-flash": "self-host 2× H100 + $1,000 labour: 6,745.60 a month",
	} {
		forms := h.Line(row(t, Table{Rows: rows}, target), "c", w)
		if got := forms[0]; got != want {
			t.Errorf("%s: %q", target, got)
		}
		// From which volume on it pays is the last to go.
		for i, form := range forms {
			if pays := strings.Contains(form, "c above 51.4M tok/day, if it serves that much"); pays != (target == "gpt-4o" && i < len(forms)-1) {
				t.Errorf("%s, form %d: %q", target, i, form)
			}
			if i > 0 && len(form) >= len(forms[i-1]) {
				t.Errorf("%s: form %d is no shorter: %q", target, i, form)
			}
		}
	}
	if _, ok := HostingOf(nil, w); ok {
		t.Error("hosting without hardware")
	}
	february, err := costmodel.ParseDaysPerMonth("28")
	if err != nil {
		t.Fatal(err)
	}
	w.DaysPerMonth = february
	if got := hostingOf(t, w).PerMonth().Format(2); got != "6,362.56" {
		t.Errorf("28 days cost %s: both sides have one month", got)
	}
}

// The volume from which hosting pays is that of the cost model's break-even.
func TestBeatsAboveIsTheBreakEven(t *testing.T) {
	ids := []string{"gpt-4o", "gpt-4o-mini", "llama-3.1-70b", "gemini-3.5-flash-lite"}
	rapid.Check(t, func(rt *rapid.T) {
		volume := rapid.SampledFrom([]string{"10M tokens/day", "3B tokens/month", "1M tokens/hour"}).Draw(rt, "volume")
		split := rapid.SampledFrom([]string{"75/25", "0/100", "100/0", "40/60"}).Draw(rt, "split")
		w := workload(t, volume, split)
		r := spendable(t, w, rapid.SampledFrom(ids).Draw(rt, "model"))[0]
		h := hostingOf(t, w)
		v, ok := h.BeatsAbove(r, w)
		perUnit, known := r.Spend.PerUnit()
		if !ok || !known {
			rt.Fatalf("%v, %v", ok, known)
		}
		items, ok := h.BreakEven(perUnit)
		at := w
		at.Volume = v
		exact := at.UnitsPerMonth()
		above := new(big.Rat).SetInt(items)
		if !ok || above.Cmp(exact) < 0 || new(big.Rat).Sub(above, exact).Cmp(big.NewRat(1, 1)) >= 0 {
			rt.Fatalf("crosses at %s units a month, break-even is %s", exact.FloatString(3), items)
		}
	})
}

func TestFits(t *testing.T) {
	for _, tc := range []struct {
		w     costmodel.Workload
		want  string
		known bool
	}{
		{workload(t, "10M/day", "75/25"), "whether that fits is unknown: the workload does not say how long a request is (e)", false},
		{documents(t, "100 documents/day", "9000", "10"), "whether that fits is unknown: no throughput is known for requests of this length", false},
		// 8,000 x 500 / 86,400 = 46; 920 x 0.3 = 276.
		{documents(t, "8000 documents/night", "1500", "500"), "fits: 46 of 276 output tok/s (llama-3.1-70b, 920 × 30%)", true},
		{documents(t, "1M documents/day", "400", "100"), "does not fit: 1,157 of 518 output tok/s (llama-3.1-70b, 1,728 × 30%)", true},
	} {
		got, known := hostingOf(t, tc.w).Fits(tc.w, tc.w.Volume)
		if got != tc.want || known != tc.known {
			t.Errorf("%s: %q, %v", tc.w, got, known)
		}
	}
}

var axes = []costmodel.Axis{costmodel.ByVolume, costmodel.ByOutput, costmodel.ByCached, costmodel.ByMonth}

// crossings are where and who, the nearest to now first.
func crossings(s Spending) string {
	var all []string
	for _, c := range s.Crossings {
		all = append(all, c.Text)
	}
	return strings.Join(all, "; ")
}

func TestCrossings(t *testing.T) {
	w := workload(t, "10M/day", "75/25")
	grows := w
	var err error
	if grows.Growth, err = costmodel.ParseShare("30%"); err != nil {
		t.Fatal(err)
	}
	ids := []string{"gpt-4o", "llama-3.1-70b", "gemini-3.5-flash-lite"}
	const own = "self-host 2× H100 + $1,000 labour"
	for _, tc := range []struct {
		w    costmodel.Workload
		axis costmodel.Axis
		want string
	}{
		{
			w, costmodel.ByVolume,
			own + " beats gpt-4o above 51.4M tok/day; " + own + " beats llama-3.1-70b above 250M tok/day; " + own + " beats gemini-3.5-flash-lite above 265M tok/day",
		},
		// 150 is nearer to 250 than to 51.4: by ratio, as the axis is.
		{workload(t, "150M/day", "75/25"), costmodel.ByVolume, own + " beats llama-3.1-70b above 250M tok/day; " +
			own + " beats gemini-3.5-flash-lite above 265M tok/day; " + own + " beats gpt-4o above 51.4M tok/day"},
		// 0.90 = 0.30 + 2.20 x at x = 3/11.
		{w, costmodel.ByOutput, "llama-3.1-70b beats gemini-3.5-flash-lite above 27.3% output"},
		{w, costmodel.ByMonth, ""},
		// Not gpt-4o, which is retired before the twelfth month, in which it would be.
		{grows, costmodel.ByMonth, own + " beats llama-3.1-70b in all, from month 19 on; " + own + " beats gemini-3.5-flash-lite in all, from month 20 on"},
	} {
		s := SpendingOf(spendable(t, tc.w, ids...), tc.w, hostingOf(t, tc.w), tc.axis, costmodel.DateOf(now))
		if got := crossings(s); got != tc.want {
			t.Errorf("axis %d: %s", tc.axis, got)
		}
	}
	s := SpendingOf(spendable(t, w, ids...), w, hostingOf(t, w), costmodel.ByOutput, costmodel.DateOf(now))
	if got := s.Crossings[0].Exact.RatString(); got != "3/11" {
		t.Errorf("crosses at %s", got)
	}
	// Sums of llama-3.1-70b pass those of hosting in the nineteenth month.
	month := costmodel.Project(spendable(t, grows, "llama-3.1-70b")[0].Price, grows)
	for n := 1; n <= SpendMonths; n++ {
		if dear := month.Over(n).Cmp(hostingOf(t, grows).PerMonth().Mul(big.NewRat(int64(n), 1))) > 0; dear != (n >= 19) {
			t.Errorf("month %d: dearer %v", n, dear)
		}
	}
}

// Above a crossing the winner costs less and below it more; at it both are the same
// but for months, which are whole. A model that is retired is in none.
func TestCrossingsAreWhereTheyAre(t *testing.T) {
	ids := []string{"gpt-4o", "gpt-4o-mini", "llama-3.1-70b", "gemini-3.5-flash-lite", "claude-3.5-haiku", "gemini-2.0-flash"}
	rapid.Check(t, func(rt *rapid.T) {
		w := workload(t, rapid.SampledFrom([]string{"10M/day", "900M/month", "2B/day"}).Draw(rt, "volume"), rapid.SampledFrom([]string{"75/25", "20/80"}).Draw(rt, "split"))
		axis := rapid.SampledFrom(axes).Draw(rt, "axis")
		if axis != costmodel.ByCached {
			w.Cached, _ = costmodel.ParseShare(rapid.SampledFrom([]string{"0%", "40%"}).Draw(rt, "cached"))
		}
		s := SpendingOf(spendable(t, w, ids...), w, hostingOf(t, w), axis, costmodel.DateOf(now))
		tariffs := map[string]tariff{}
		for _, r := range spendable(t, w, ids...) {
			tariffs[r.Target] = tariffOf(r)
		}
		tariffs[s.hostedTitle()] = s.hosting.tariff()
		for _, c := range s.Crossings {
			a, b := tariffs[c.Winner], tariffs[c.Loser]
			if a.gone || b.gone {
				rt.Fatalf("%s: retired", c.Text)
			}
			near := func(by int64) int { return dearer(a, b, new(big.Rat).Mul(c.Exact, big.NewRat(by, 1000)), w, axis) }
			if near(1001) > 0 || near(999) < 0 {
				rt.Fatalf("%s: %d below and %d above", c.Text, near(999), near(1001))
			}
		}
		if !slices.IsSortedFunc(s.Crossings, func(a, b Crossing) int {
			if axis != costmodel.ByVolume {
				return 0
			}
			return big.NewFloat(max(a.At/s.Now, s.Now/a.At)).Cmp(big.NewFloat(max(b.At/s.Now, s.Now/b.At)))
		}) {
			rt.Fatalf("%s: not the nearest first", crossings(s))
		}
	})
}

func TestSpendLinesEndWhereModelsRetire(t *testing.T) {
	w := workload(t, "10M/day", "75/25")
	s := SpendingOf(spendable(t, w, "gpt-4o-mini", "llama-3.1-70b"), w, hostingOf(t, w), costmodel.ByMonth, costmodel.DateOf(now))
	for _, l := range s.Lines {
		last := l.X[len(l.X)-1]
		if ends := last < SpendMonths; ends != (l.Name == "gpt-4o-mini") {
			t.Errorf("%s ends at %.2f months", l.Name, last)
		}
		if l.Name == "gpt-4o-mini" && (last > 55.0/30 || last < 1.5) { // 2027-01-14
			t.Errorf("55 days are %.2f months", last)
		}
	}
}

func TestSpendWords(t *testing.T) {
	w := documents(t, "8000 documents/night", "1500", "500")
	s := SpendingOf(spendable(t, w, "gpt-4o", "llama-3.1-70b"), w, hostingOf(t, w), costmodel.ByVolume, costmodel.DateOf(now))
	want := []string{
		"self-host 2× H100 + $1,000 labour beats llama-3.1-70b above 125K (more than it serves), gpt-4o above 25.7K documents/night", // the pick first
		"25.7K documents/night on it fits: 149 of 276 output tok/s (llama-3.1-70b, 920 × 30%)",
		"Two API models never cross on volume: each costs the same a token at any.",
	}
	for i, words := range s.Words {
		if i >= len(want) || words[0] != want[i] {
			t.Errorf("%q", words[0])
		}
	}
	if len(s.Words) != len(want) {
		t.Errorf("%d lines", len(s.Words))
	}
	if got := s.Words[0][len(s.Words[0])-1]; got != "self-host beats llama-3.1-70b above 125K (more than it serves)" {
		t.Errorf("shortest %q", got)
	}
	none := SpendingOf(spendable(t, w, "gpt-4o", "gpt-4o-mini"), w, nil, costmodel.ByCached, costmodel.DateOf(now))
	if len(none.Words) != 1 || none.Words[0][0] != "No two of these cross at any cached share." {
		t.Errorf("%q", none.Words)
	}
}

// What has no line is named, with why.
func TestSpendNamesWhatHasNoLine(t *testing.T) {
	w := workload(t, "10M/day", "75/25")
	rows := spendable(t, w, "gpt-4o-mini", "llama-3.1-70b", "gemini-2.0-flash", "unpriced")
	for axis, want := range map[costmodel.Axis]string{
		costmodel.ByVolume: "No line: unpriced (input and output prices unknown)",
		costmodel.ByOutput: "No line: unpriced (input and output prices unknown)",
		costmodel.ByCached: "No line: unpriced (input and output prices unknown), llama-3.1-70b (cached input price unknown)",
		costmodel.ByMonth:  "No line: unpriced (input and output prices unknown), gemini-2.0-flash (already retired)",
	} {
		s := SpendingOf(rows, w, nil, axis, costmodel.DateOf(now))
		if !slices.ContainsFunc(s.Words[:min(2, len(s.Words))], func(forms []string) bool { return forms[0] == want }) {
			t.Errorf("axis %d: %q", axis, s.Words)
		}
		for _, l := range s.Lines {
			if len(l.X) == 0 || strings.Contains(want, l.Name) {
				t.Errorf("axis %d: %s has a line of %d points", axis, l.Name, len(l.X))
			}
		}
	}
}

func TestSpendAnswer(t *testing.T) {
	w := workload(t, "10M/day", "75/25")
	rows := spendable(t, w, "gpt-4o-mini", "gpt-4o", "gemini-2.0-flash", "unpriced")
	s := SpendingOf(rows, w, hostingOf(t, w), costmodel.ByVolume, costmodel.DateOf(now))
	for target, want := range map[string]string{
		// (10.00 - 2.50) x 0.01 x 300M a month.
		"gpt-4o":           "gpt-4o: $1,312.50 a month, one point more output: +$22.50. Nearest: self-host 2× H100 + $1,000 labour beats gpt-4o above 51.4M tok/day",
		"gpt-4o-mini":      "gpt-4o-mini: $78.75 a month, one point more output: +$1.35. Nearest: self-host 2× H100 + $1,000 labour beats gpt-4o-mini above 857M tok/day",
		"gemini-2.0-flash": "gemini-2.0-flash: $52.50 a month, retired 2026-06-01, one point more output: +$0.90. Nearest: self-host 2× H100 + $1,000 labour beats gpt-4o above 51.4M tok/day",
		"unpriced":         "What unpriced costs is unknown: input and output prices unknown.",
	} {
		forms := s.Answer(row(t, Table{Rows: rows}, target))
		if forms[0] != want {
			t.Errorf("%q", forms[0])
		}
		for i := range forms[1:] {
			if len(forms[i+1]) > len(forms[i]) {
				t.Errorf("%q is longer than %q", forms[i+1], forms[i])
			}
		}
	}
	if got := s.Answer(Row{})[0]; got != "Nothing here has a price." {
		t.Errorf("%q", got)
	}
}

func TestPiped(t *testing.T) {
	preset, err := costmodel.LookupPipeline("compliance")
	if err != nil {
		t.Fatal(err)
	}
	today := costmodel.DateOf(now)
	priceOf := func(name string) (costmodel.Price, error) {
		m, _ := costmodel.Default().Lookup(name)
		return m.PriceOn(today), nil
	}
	p, err := PipedOf(preset, big.NewRat(10_000, 1), costmodel.DaysPerMonth{}, priceOf, "gemini-3.5-flash-lite", "gpt-4o", "")
	if err != nil {
		t.Fatal(err)
	}
	if p.PerDay.Format(0) != "680" || p.ItemsPerDay.RatString() != "10000" {
		t.Errorf("%s a day for %s", p.PerDay, p.ItemsPerDay)
	}
	var got []string
	for _, o := range p.AllOn {
		got = append(got, p.Against(o)[0])
	}
	want := []string{
		"all on gpt-4o-mini $216.00 a day: this is $464.01 a day more",
		"all on gpt-4o $3,600.00 a day: this is $2,919.99 a day less (81.1%)",
	}
	if len(got) != 3 || !slices.Equal(got[:2], want) || !strings.HasPrefix(got[2], "all on gemini-3.5-flash-lite $") {
		t.Errorf("%q", got)
	}
	preset.Stages = slices.Clone(preset.Stages)
	preset.Stages[0].Model = "nobody's"
	p, err = PipedOf(preset, big.NewRat(5000, 1), costmodel.DaysPerMonth{}, priceOf)
	if err != nil || p.Known || !strings.Contains(p.Reason, "nobody's") {
		t.Errorf("%v, %q", p.Known, p.Reason)
	}
	none := errors.New("no price for a call")
	if _, err := PipedOf(preset, big.NewRat(1, 1), costmodel.DaysPerMonth{}, func(string) (costmodel.Price, error) { return costmodel.Price{}, none }); !errors.Is(err, none) {
		t.Errorf("%v", err)
	}
}
