package compare

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"costping/costmodel"
	"costping/probe"
	"costping/probe/stats"
	"costping/store"

	"pgregory.net/rapid"
)

func usdOf(t testing.TB, text string) costmodel.USD {
	t.Helper()
	usd, err := costmodel.ParseUSD(text)
	if err != nil {
		t.Fatal(err)
	}
	return usd
}

func earned(value float64) stats.Quantile {
	return stats.Quantile{P: 0.95, N: 100, Needed: 76, Value: value, Lo: value * 0.9, Hi: value * 1.1, Max: 2 * value}
}

// Where a figure stands to its limit, and from where on a breach of it is over.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	measured := func(change func(*Facts)) Facts {
		f := Facts{Target: "a", Has: true}
		f.Summary.TTFTp95, f.Summary.Speedp50 = earned(800), earned(50)
		f.Summary.Outcomes = map[probe.Outcome]int{probe.OK: 1000}
		f.Spend.Known, f.Spend.PerMonth, f.Spend.PerDay = true, usdOf(t, "100"), usdOf(t, "3")
		if change != nil {
			change(&f)
		}
		return f
	}
	outcomes := func(ok, failed, malformed int) func(*Facts) {
		return func(f *Facts) {
			f.Summary.Outcomes = map[probe.Outcome]int{probe.OK: ok, probe.ServerError: failed, probe.Malformed: malformed}
		}
	}
	quality := func(m costmodel.Metric) func(*Facts) { return func(f *Facts) { f.Quality = m } }
	for name, tc := range map[string]struct {
		facts Facts
		bound Bound
		want  Standing
		clear bool
	}{
		"at the limit":        {measured(nil), Bound{Metric: LimitTTFTp95, Value: 800}, Within, false},
		"over":                {measured(nil), Bound{Metric: LimitTTFTp95, Value: 799}, Over, false},
		"4 % inside":          {measured(nil), Bound{Metric: LimitTTFTp95, Value: 833}, Within, false},
		"6 % inside":          {measured(nil), Bound{Metric: LimitTTFTp95, Value: 850}, Within, true},
		"too few":             {measured(func(f *Facts) { f.Summary.TTFTp95.N = 75 }), Bound{Metric: LimitTTFTp95, Value: 1}, NotShown, false},
		"not measured":        {measured(func(f *Facts) { f.Has = false }), Bound{Metric: LimitTTFTp95, Value: 1e9}, NotShown, false},
		"not measured, speed": {measured(func(f *Facts) { f.Has = false }), Bound{Metric: LimitMinThroughput, Value: 1}, NotShown, false},
		"time per token":      {measured(nil), Bound{Metric: LimitTPOTp50, Value: 19}, Over, false},
		"and within":          {measured(nil), Bound{Metric: LimitTPOTp50, Value: 22}, Within, true},
		"speed":               {measured(nil), Bound{Metric: LimitMinThroughput, Value: 51}, Over, false},
		"speed just above":    {measured(nil), Bound{Metric: LimitMinThroughput, Value: 49}, Within, false},
		"speed, and clear":    {measured(nil), Bound{Metric: LimitMinThroughput, Value: 40}, Within, true},
		"failures shown":      {measured(outcomes(900, 100, 0)), Bound{Metric: LimitMaxErrorRate, Value: 0.05}, Over, false},
		"failures not shown":  {measured(outcomes(99, 1, 0)), Bound{Metric: LimitMaxErrorRate, Value: 0.01}, NotShown, false},
		"few and no failure":  {measured(outcomes(20, 0, 0)), Bound{Metric: LimitMaxErrorRate, Value: 0.01}, NotShown, true},
		"no failures":         {measured(nil), Bound{Metric: LimitMaxErrorRate, Value: 0.01}, Within, true},
		"malformed":           {measured(outcomes(900, 0, 100)), Bound{Metric: LimitMaxMalformed, Value: 0.05}, Over, false},
		"never graded":        {measured(outcomes(900, 100, 0)), Bound{Metric: LimitMaxMalformed, Value: 0.05}, NotShown, true},
		"graded":              {measured(func(f *Facts) { f.Malformed = RateMetric(stats.RateOf(0, 400)) }), Bound{Metric: LimitMaxMalformed, Value: 0.05}, Within, true},
		"nothing blamed":      {measured(outcomes(0, 0, 0)), Bound{Metric: LimitMaxErrorRate, Value: 1}, NotShown, false},
		"quality unknown":     {measured(nil), Bound{Metric: LimitMinQuality, Value: 0.1}, NotShown, false},
		"quality below":       {measured(quality(costmodel.Exactly(0.8, costmodel.Stated))), Bound{Metric: LimitMinQuality, Value: 0.85}, Over, false},
		"quality above":       {measured(quality(costmodel.Exactly(0.95, costmodel.Stated))), Bound{Metric: LimitMinQuality, Value: 0.85}, Within, true},
		"quality about it": {
			measured(quality(costmodel.Metric{Value: 0.84, Lo: 0.8, Hi: 0.88, Basis: costmodel.Measured})),
			Bound{Metric: LimitMinQuality, Value: 0.85},
			NotShown, false,
		},
		"dear":           {measured(nil), Bound{Metric: LimitMaxMonthly, USD: usdOf(t, "99.99")}, Over, false},
		"at the amount":  {measured(nil), Bound{Metric: LimitMaxMonthly, USD: usdOf(t, "100")}, Within, false},
		"5 % below":      {measured(nil), Bound{Metric: LimitMaxDaily, USD: usdOf(t, "3.16")}, Within, true},
		"price unknown":  {measured(func(f *Facts) { f.Spend = costmodel.Spend{} }), Bound{Metric: LimitMaxMonthly, USD: usdOf(t, "0")}, NotShown, false},
		"unknown metric": {measured(nil), Bound{Metric: "zebra"}, NotShown, false},
	} {
		got := Verdicts([]Limit{{Target: "a*", Bounds: []Bound{tc.bound}}}, tc.facts)
		if len(got) != 1 || got[0].Standing != tc.want || got[0].Clear != tc.clear {
			t.Errorf("%s: %+v, want %v, clear %v", name, got, tc.want, tc.clear)
		}
		if got[0].Text == "" && tc.bound.Metric != "zebra" {
			t.Errorf("%s: it says nothing", name)
		}
	}
	if got := Verdicts([]Limit{{Target: "b*", Bounds: []Bound{{Metric: LimitTTFTp95, Value: 1}}}}, measured(nil)); got != nil {
		t.Errorf("another's limit: %+v", got)
	}
}

// A pattern fits names with a slash as it fits the others.
func TestNamed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		pattern, name string
		want          bool
	}{
		{"*", "meta-llama/Llama-3.1-70B", true},
		{"*", "gpt-4o", true},
		{"meta-*", "meta-llama/Llama-3.1-70B", true},
		{"*/Llama*", "meta-llama/Llama-3.1-70B", true},
		{"gpt-?o", "gpt-4o", true},
		{"gpt-*", "openai/gpt-4o", false},
		{"a[b", "a[b", true},
		{"a[b", "ab", false},
		{"", "a", false},
	} {
		if got := Named(tt.pattern, tt.name); got != tt.want || got != (Limit{Target: tt.pattern}).Holds(tt.name) {
			t.Errorf("%q of %q: %v", tt.pattern, tt.name, got)
		}
	}
}

// What is clear is never over, and a looser limit is never worse.
func TestVerdictLaws(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := Facts{Target: "a", Has: true}
		f.Summary = store.Summary{
			TTFTp50: earned(rapid.Float64Range(1, 1e5).Draw(t, "ttft")), Speedp50: earned(rapid.Float64Range(1, 1e3).Draw(t, "speed")),
			Outcomes: map[probe.Outcome]int{
				probe.OK: rapid.IntRange(0, 500).Draw(t, "ok"), probe.Timeout: rapid.IntRange(0, 500).Draw(t, "failed"),
			},
		}
		for metric, most := range map[LimitMetric]float64{LimitTTFTp50: 1e5, LimitTPOTp50: 1e3, LimitMaxErrorRate: 1} {
			tight := rapid.Float64Range(most/1000, most).Draw(t, string(metric))
			got := Verdicts([]Limit{{Target: "*", Bounds: []Bound{{Metric: metric, Value: tight}, {Metric: metric, Value: tight * 1.5}}}}, f)
			if got[0].Clear && got[0].Standing == Over {
				t.Fatalf("%s: over and clear: %+v", metric, got[0])
			}
			if got[0].Standing != Over && got[1].Standing == Over || got[0].Clear && !got[1].Clear {
				t.Fatalf("%s: looser is worse: %+v", metric, got)
			}
		}
		if text := Verdicts([]Limit{{Target: "*", Bounds: []Bound{{Metric: LimitTTFTp50, Value: 1}}}}, f)[0].Text; !strings.Contains(text, "TTFT p50") {
			t.Fatalf("it says %q", text)
		}
	})
}

// Of limits on the same figure those of the first source are held, and only those.
func TestLayeredLimits(t *testing.T) {
	limit := func(target string, metrics ...LimitMetric) Limit {
		l := Limit{Target: target}
		for _, m := range metrics {
			l.Bounds = append(l.Bounds, Bound{Metric: m})
		}
		return l
	}
	flags := []Limit{limit("*", LimitMaxMonthly)}
	configured := []Limit{limit("a*", LimitTTFTp95, LimitMaxMonthly), limit("b", LimitTTFTp95), limit("c", LimitMaxMonthly)}
	shared := []Limit{limit("*", LimitMinQuality, LimitTTFTp95)}
	got := Layered(flags, configured, shared)
	want := []Limit{limit("*", LimitMaxMonthly), limit("a*", LimitTTFTp95), limit("b", LimitTTFTp95), limit("*", LimitMinQuality)}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	if len(configured[0].Bounds) != 2 || len(Layered(nil, configured)) != 3 {
		t.Errorf("the sources are changed: %+v", configured)
	}
}

// A share that nothing could be over is no limit: who writes 1 means one percent.
func TestCeiling(t *testing.T) {
	for text, want := range map[string]float64{"1%": 0.01, "0.01": 0.01, "0": 0, "99.9%": 0.999} {
		if got, err := Ceiling(text); err != nil || math.Abs(got-want) > 1e-12 {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"1", "100%", "1.0", "101%", "", "x"} {
		if got, err := Ceiling(text); err == nil {
			t.Errorf("%q is %v", text, got)
		}
	}
}
