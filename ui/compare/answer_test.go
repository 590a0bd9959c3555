package compare

import (
	"slices"
	"strings"
	"testing"

	"costping/costmodel"
	"costping/probe"
	"costping/probe/stats"

	"pgregory.net/rapid"
)

// run are n samples of a target a second apart, whose first tokens take about so
// many milliseconds.
func run(n, ttft int, flags probe.Flags) []probe.Sample {
	var samples []probe.Sample
	for i := range n {
		samples = append(samples, answered(i, ttft+i%11, flags))
	}
	return samples
}

func TestAnswerFaces(t *testing.T) {
	t.Parallel()
	both := func(t *testing.T) Input {
		return input(t, []string{"gpt-4o-mini", "gpt-4o"}, measured("gpt-4o-mini", 380, 5, 1240), measured("gpt-4o", 800, 10, 2600))
	}
	limits := func(bounds ...Bound) []Limit { return []Limit{{Target: "*", Bounds: bounds}} }
	p95 := Bound{Metric: LimitTTFTp95, Value: 800}
	for _, tc := range []struct {
		name   string
		change func(*Input)
		want   string
	}{
		{"the pick", func(*Input) {}, "Cheapest live model: gpt-4o-mini at $78.75 a month (ends in 55 d), first token 380 ms (±5), p95 570, whole answer 1.24 s."},
		{"nothing is cheaper than not to measure", func(in *Input) { in.Window.Series = nil }, "Cheapest live model: gpt-4o-mini at $78.75 a month (ends in 55 d). Costs move as you turn the knob; for speeds: costping probe."},
		{"the first medians are on their way", func(in *Input) { in.Window.Series, in.Probing = nil, true }, "Cheapest live model: gpt-4o-mini at $78.75 a month (ends in 55 d). First medians after 6 probes of each."},
		{"limits", func(in *Input) { in.Limits = limits(p95) }, "Cheapest inside your limits: gpt-4o-mini at $78.75 a month (ends in 55 d). TTFT p95 570 ms (limit 800)."},
		{"limits on money are in the amount", func(in *Input) {
			in.Limits = limits(Bound{Metric: LimitMaxMonthly, USD: usdOf(t, "2000")})
		}, "Cheapest inside your limits: gpt-4o-mini at $78.75 a month (ends in 55 d)."},
		{"a limit that cannot be judged is said", func(in *Input) {
			in.Limits = limits(p95, Bound{Metric: LimitMinQuality, Value: 0.85})
		}, "Cheapest not over a limit: gpt-4o-mini at $78.75 a month (ends in 55 d); quality unknown, TTFT p95 570 ms (limit 800)."},
		{"too few samples show no limit to be kept", func(in *Input) {
			in.Limits = limits(p95)
			in.Window.Series[0].TTFTp95 = stats.Quantile{P: 0.95, N: 26, Needed: 76, Max: 700}
		}, "Cheapest not over a limit: gpt-4o-mini at $78.75 a month (ends in 55 d); TTFT p95 not shown yet (26 of 76 samples)."},
		{"nor does a share whose interval holds the limit", func(in *Input) {
			in.Limits = limits(Bound{Metric: LimitMaxErrorRate, Value: 0.01})
		}, "Cheapest not over a limit: gpt-4o-mini at $78.75 a month (ends in 55 d); failed not shown yet (0 of 100, 0 % to 3.7 %, limit 1 %)."},
		{"the pick is inside, not the cheapest", func(in *Input) {
			in.Limits = limits(Bound{Metric: LimitMinQuality, Value: 0.9})
			in.Candidates[0].Quality, in.Candidates[1].Quality = costmodel.Exactly(0.88, costmodel.Stated), costmodel.Exactly(0.92, costmodel.Stated)
		}, "Cheapest inside your limits: gpt-4o at $1,312.50 a month (ends in 55 d). quality 0.92 (least 0.9)."},
		{"nothing inside the limits", func(in *Input) { in.Limits = limits(Bound{Metric: LimitTTFTp95, Value: 500}) }, "Nothing here is inside your limits: 2 models are over one."},
		{"one outside", func(in *Input) {
			in.Limits, in.Candidates = limits(Bound{Metric: LimitTTFTp95, Value: 500}), in.Candidates[:1]
		}, "Nothing here is inside your limits: 1 model is over one."},
		{"a filter leaves nothing", func(in *Input) { in.Filter, _ = ParseFilter("nothing-like-it") }, "The filter leaves nothing of 2 rows. esc clears it."},
		{"all retired", func(in *Input) { in.Candidates = candidates(t, "gemini-2.0-flash"); in.Window.Series = nil }, "Nothing here has both a price and a date of today."},
		{"what is measured has no price, what has one is being measured", func(in *Input) {
			in.Candidates[1].Model.Prices, in.Candidates[1].Price = nil, costmodel.Price{}
			in.Window.Series[0].TTFTp50 = stats.Quantile{P: 0.5, N: 1, Needed: 6}
		}, "Cheapest live model: gpt-4o-mini at $78.75 a month (ends in 55 d). First medians after 6 probes of each."},
		{"what is measured has no price, what has one is not probed", func(in *Input) {
			in.Candidates[1].Model.Prices, in.Candidates[1].Price = nil, costmodel.Price{}
			in.Window.Series = in.Window.Series[1:]
		}, "Nothing that can be had here has both a price and a measurement yet."},
		{"none answers", func(in *Input) {
			in.Candidates = in.Candidates[:1]
			in.Window.Series = in.Window.Series[:1]
			in.Window.Series[0] = refused("gpt-4o-mini")
		}, "No model here can be picked: each is retired, unpriced or not answering."},
	} {
		in := both(t)
		tc.change(&in)
		if got := Build(in).Answer[0]; got != tc.want {
			t.Errorf("%s:\n got  %s\n want %s", tc.name, got, tc.want)
		}
	}
}

// Every face has ever shorter forms, of which the last is short.
func TestEveryFaceGetsShorter(t *testing.T) {
	t.Parallel()
	limit := []Limit{{Target: "*", Bounds: []Bound{{Metric: LimitTTFTp95, Value: 800}, {Metric: LimitTTFTp50, Value: 700}, {Metric: LimitMaxErrorRate, Value: 0.5}}}}
	none, _ := ParseFilter("no-such-model")
	pair := AgainstOf("gpt-4o-mini", "gpt-4o", run(40, 380, 0), run(40, 800, 0))
	pair.NameA, pair.NameB = "a", "b"
	for name, change := range map[string]func(*Input){
		"limits": func(in *Input) { in.Limits = limit }, "filter": func(in *Input) { in.Filter = none },
		"outside": func(in *Input) { in.Limits = []Limit{{Target: "*", Bounds: []Bound{{Metric: LimitTTFTp50, Value: 1}}}} },
		"pair":    func(in *Input) { in.Against = &pair },
		"open": func(in *Input) {
			in.Limits = slices.Concat(limit, []Limit{{Target: "*", Bounds: []Bound{{Metric: LimitMaxErrorRate, Value: 0.01}, {Metric: LimitMinQuality, Value: 0.5}}}})
		},
	} {
		in := input(t, []string{"gpt-4o-mini", "gpt-4o"}, measured("gpt-4o-mini", 380, 5, 1240), measured("gpt-4o", 800, 10, 2600))
		change(&in)
		answers := Build(in).Answer
		for i := 1; i < len(answers); i++ {
			if len(answers[i]) >= len(answers[i-1]) {
				t.Errorf("%s: %q is no shorter than %q", name, answers[i], answers[i-1])
			}
		}
		if short := answers[len(answers)-1]; len(short) > 50 {
			t.Errorf("%s: the shortest is %q", name, short)
		}
	}
}

func TestAgainst(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		a, b   []probe.Sample
		change func(*Input)
		want   string
	}{
		{"slower and dearer", run(40, 400, 0), run(40, 800, 0), nil, "b against a: first token 1.99× slower ("},
		{"faster", run(40, 800, 0), run(40, 400, 0), nil, "b against a: first token 1.99× faster ("},
		{"no difference", run(40, 400, 0), run(40, 400, 0), nil, "b against a: first token no measurable difference (n=40), whole answer no measurable difference, 16.67× the cost"},
		{"too few", run(1, 400, 0), run(40, 800, 0), nil, "b against a: first token too few to compare (n=1), 16.67× the cost"},
		{"cold ones do not count", run(40, 400, probe.Cold), run(40, 800, 0), nil, "b against a: first token too few to compare (n=0), 16.67× the cost"},
		{"simulated", run(1, 400, probe.Scripted), run(1, 800, 0), nil, "b against a: first token too few to compare (n=1), 16.67× the cost (sim)"},
		{"quality", run(1, 400, 0), run(1, 800, 0), func(in *Input) {
			in.Candidates[0].Quality, in.Candidates[1].Quality = costmodel.Exactly(0.88, costmodel.Stated), costmodel.Exactly(0.84, costmodel.Stated)
		}, "b against a: first token too few to compare (n=1), 16.67× the cost, quality 0.04 lower"},
		// 0.90 = 0.30 + 2.20 x at x = 3/11.
		{"one overtakes the other", run(1, 400, 0), run(1, 800, 0), func(in *Input) {
			in.Candidates = candidates(t, "llama-3.1-70b", "gemini-3.5-flash-lite")
			in.Against.A, in.Against.B = "llama-3.1-70b", "gemini-3.5-flash-lite"
		}, "b against a: first token too few to compare (n=1), 0.94× the cost, a cheaper above 27.3% output"},
		{"what is retired overtakes nothing", run(1, 400, 0), run(1, 800, 0), func(in *Input) {
			in.Candidates = candidates(t, "llama-3.1-70b", "gemini-3.5-flash-lite")
			in.Against.A, in.Against.B, in.Today = "llama-3.1-70b", "gemini-3.5-flash-lite", costmodel.DateOf(now.AddDate(40, 0, 0))
			in.Candidates[0].Model.Retired = costmodel.DateOf(now)
		}, "b against a: first token too few to compare (n=1), 0.94× the cost"},
		{"an unknown cost has no ratio", run(1, 400, 0), run(1, 800, 0), func(in *Input) { in.Candidates[1].Price = costmodel.Price{} }, "b against a: first token too few to compare (n=1)"},
		{"the same cost", run(1, 400, 0), run(1, 800, 0), func(in *Input) { in.Candidates[1].Price = in.Candidates[0].Price }, "b against a: first token too few to compare (n=1), the same cost"},
		{"one that is not shown is not compared", run(40, 400, 0), run(40, 800, 0), func(in *Input) { in.Filter, _ = ParseFilter("mini") }, "Cheapest live model: gpt-4o-mini"},
	} {
		in := input(t, []string{"gpt-4o-mini", "gpt-4o"})
		against := AgainstOf("gpt-4o-mini", "gpt-4o", tc.a, tc.b)
		against.NameA, against.NameB = "a", "b"
		in.Against = &against
		if tc.change != nil {
			tc.change(&in)
		}
		got := Build(in).Answer[0]
		if strings.HasSuffix(tc.want, "(") || strings.HasPrefix(tc.want, "Cheapest") {
			got = got[:min(len(got), len(tc.want))]
		}
		if got != tc.want {
			t.Errorf("%s:\n got  %s\n want %s", tc.name, got, tc.want)
		}
	}
}

// What is said of two rows is the same from the other side, upside down.
func TestAgainstIsSymmetric(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := run(rapid.IntRange(8, 60).Draw(t, "n"), rapid.IntRange(50, 2000).Draw(t, "a"), 0)
		b := run(rapid.IntRange(8, 60).Draw(t, "m"), rapid.IntRange(50, 2000).Draw(t, "b"), 0)
		x, y := AgainstOf("a", "b", a, b).TTFT, AgainstOf("b", "a", b, a).TTFT
		if x.Verdict() != -y.Verdict() && (x.Verdict() == y.Verdict()) != (x.Value == 1 || !strings.Contains(VersusText(x), "er (")) {
			t.Fatalf("%s but %s", VersusText(x), VersusText(y))
		}
	})
}

// A machine of one's own costs the same at any volume; where nobody said what, it
// says so and is no pick.
func TestOwnMachines(t *testing.T) {
	t.Parallel()
	in := input(t, []string{"gpt-4o", "box"}, measured("gpt-4o", 800, 10, 2600), measured("box", 500, 10, 2000))
	in.Candidates[1].OwnMachine = true
	table := Build(in)
	if r := row(t, table, "box"); Month(r) != "local" || Day(r) != "local" || r.Note.Text != "local, its cost not said" || r.Pick {
		t.Errorf("%s a month, %q", Month(r), r.Note.Text)
	}
	machine, err := costmodel.ParseFigure("150/month")
	if err != nil {
		t.Fatal(err)
	}
	in.Candidates[1].Machine = &machine
	for _, volume := range []string{"1M/day", "10M/day", "900M/day"} {
		in.Workload = workload(t, volume, "75/25")
		r := row(t, Build(in), "box")
		if Month(r) != "150.00" || Day(r) != "5.000" || r.Spend.PerYear.Format(2) != "1,800.00" {
			t.Errorf("%s: %s a month, %s a day, %s a year", volume, Month(r), Day(r), r.Spend.PerYear.Format(2))
		}
	}
	in.Workload = in.Base
	table = Build(in)
	if r := row(t, table, "box"); !r.Pick {
		t.Errorf("the cheapest is not the pick but %s", table.Answer[0])
	}
	lines := Why(row(t, table, "box"), table)
	if want := "a machine of one's own: $150.00 a month, whatever the volume"; lines[0].Text[0] != want {
		t.Errorf("why: %q", lines[0].Text[0])
	}
}
