package stats

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"
)

// lognormal draws n values about 400 whose logarithms have the deviation sd.
func lognormal(rng *rand.Rand, n int, sd float64) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = 400 * math.Exp(sd*rng.NormFloat64())
	}
	return values
}

// The named thresholds follow from one rule, which asks for no less than the exact
// binomial does.
func TestNeeded(t *testing.T) {
	for _, tc := range []struct {
		p             float64
		needed, exact int
	}{
		{0.5, 6, 6}, {0.95, 76, 72}, {0.99, 441, 368}, {0.05, 76, 72}, {0.01, 441, 368},
	} {
		if got := Needed(tc.p); got != tc.needed {
			t.Errorf("p=%v: needs %d, want %d", tc.p, got, tc.needed)
		}
		exact := 1
		for lo, hi := ranks(exact, tc.p); lo < 1 || hi > exact; lo, hi = ranks(exact, tc.p) {
			exact++
		}
		if exact != tc.exact {
			t.Errorf("p=%v: the exact interval has both ends from %d on, want %d", tc.p, exact, tc.exact)
		}
	}
	for _, p := range []float64{0, 1, -1, 2, math.NaN(), 1e-9, math.Inf(1)} {
		if q := QuantileOf(seq(1000), p); q.Earned() || q.Value != 0 || len(q.Warnings) > 0 {
			t.Errorf("p=%v: %+v", p, q)
		}
	}
}

// From the threshold on, at every n, the exact interval has both its ends and
// covers 95 % by the binomial itself.
func TestNeededIsEnoughFromThereOn(t *testing.T) {
	for _, p := range []float64{0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.99} {
		for n := Needed(p); n < Needed(p)+120; n++ {
			lo, hi := ranks(n, p)
			if lo < 1 || hi > n || lo > hi {
				t.Fatalf("p=%v n=%d: ranks %d..%d", p, n, lo, hi)
			}
			below := distuv.Binomial{N: float64(n), P: p}
			if cover := below.CDF(float64(hi-1)) - below.CDF(float64(lo-1)); cover < confidence {
				t.Errorf("p=%v n=%d: ranks %d..%d cover %.4f", p, n, lo, hi, cover)
			}
		}
	}
}

// At the thresholds themselves, in draws from a distribution that is not normal.
func TestQuantileCoverageWhereFirstGiven(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, tc := range []struct {
		p      float64
		n      int
		rounds int
	}{{0.5, 6, 20000}, {0.95, 76, 6000}, {0.99, 441, 1500}} {
		covered := 0
		for range tc.rounds {
			values := make([]float64, tc.n)
			for i := range values {
				values[i] = rng.ExpFloat64()
			}
			if q := QuantileOf(Sort(values), tc.p); q.Lo <= -math.Log(1-tc.p) && -math.Log(1-tc.p) <= q.Hi {
				covered++
			}
		}
		share := float64(covered) / float64(tc.rounds)
		t.Logf("p=%v n=%d: covers %.4f", tc.p, tc.n, share)
		if share < 0.95-2*math.Sqrt(0.95*0.05/float64(tc.rounds)) {
			t.Errorf("p=%v n=%d: the interval covers %.4f", tc.p, tc.n, share)
		}
	}
}

func TestQuantileWarnings(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	quiet := lognormal(rng, 200, 0.15)
	with := func(values []float64, more ...float64) []float64 {
		return append(append([]float64(nil), more...), values...)
	}
	coarse := make([]float64, 200)
	for i := range coarse {
		coarse[i] = 100 * math.Round(quiet[i]/100)
	}
	drifting := make([]float64, 200)
	for i := range drifting {
		drifting[i] = quiet[i] * (1 + 0.5*math.Sin(float64(i)/20))
	}
	for _, tc := range []struct {
		name      string
		values    []float64
		code      Code
		text      string
		effective int
	}{
		{name: "nothing to doubt", values: quiet, effective: 200},
		{name: "too few", values: quiet[:3], code: Collecting, text: "collecting 3/6", effective: 3},
		{name: "a hang", values: with(quiet, quiet[0], 30000), code: Outliers, text: "1 of 202 values lie more than 5 robust standard deviations from the median", effective: 202},
		{name: "a cold start", values: with(quiet, 700), code: FirstSlower, text: "the first value is far above the others: it may have paid for a start", effective: 201},
		{name: "a clock of 100 ms", values: coarse, code: Quantised, text: "the interval holds 1 values only: it is as wide as their step allows", effective: 200},
		{name: "not a number", values: with(quiet, math.NaN(), math.Inf(1), math.Inf(-1)), code: Refused, text: "3 of 203 values are not finite and were left out", effective: 200},
		{name: "a wave", values: drifting, code: Autocorrelated, effective: 21},
	} {
		q := QuantileOver(tc.values, 0.5)
		switch {
		case tc.code == "" && len(q.Warnings) > 0:
			t.Errorf("%s: %v", tc.name, q.Warnings)
		case tc.code != "" && (len(q.Warnings) != 1 || q.Warnings[0].Code != tc.code):
			t.Errorf("%s: %v, want %s", tc.name, q.Warnings, tc.code)
		case tc.text != "" && q.Warnings[0].Text != tc.text:
			t.Errorf("%s: %q", tc.name, q.Warnings[0].Text)
		case q.Effective != tc.effective:
			t.Errorf("%s: effective %d, want %d", tc.name, q.Effective, tc.effective)
		case q.Warnings.Has(tc.code) != (tc.code != ""):
			t.Errorf("%s: Has", tc.name)
		}
	}
	// What only the order shows is not said of sorted values.
	if q := QuantileOf(Sort(with(drifting)), 0.5); q.Effective != 0 || q.Warnings != nil {
		t.Errorf("sorted: %+v", q)
	}
}

// The merged half is the median absolute deviation that sorting gives.
func TestSpreadOf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := Sort(rapid.SliceOfN(rapid.Float64Range(-5, 5), 1, 40).Draw(t, "values"))
		middle, sd := spreadOf(values, asIs)
		deviations := make([]float64, len(values))
		for i, v := range values {
			deviations[i] = math.Abs(v - middle)
		}
		if want := madToSD * middleOf(Sort(deviations)); middle != middleOf(values) || math.Abs(sd-want) > 1e-9 {
			t.Fatalf("%v, %v; want %v, %v", middle, sd, middleOf(values), want)
		}
	})
}

// A first-order autoregression of correlation φ leaves n (1-φ) / (1+φ) values.
func TestSerialOf(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	const n = 4000
	for _, phi := range []float64{0, 0.3, 0.6, 0.9} {
		series := make([]float64, n)
		state := 0.0
		for i := range series {
			state = phi*state + math.Sqrt(1-phi*phi)*rng.NormFloat64()
			series[i] = 400 * math.Exp(0.3*state)
		}
		// A far value is one rank among many.
		series[100] = 1e9
		s := SerialOf(series)
		want := n * (1 - phi) / (1 + phi)
		t.Logf("φ=%.1f: r %.3f, %d of %d effective (%.0f)", phi, s.R, s.Effective, n, want)
		if s.Shown != (phi > 0) || math.Abs(float64(s.Effective)-want) > 0.2*want {
			t.Errorf("φ=%v: %+v, want about %.0f", phi, s, want)
		}
	}
	claims := 0
	for range 1000 {
		if SerialOf(lognormal(rng, 100, 0.3)).Shown {
			claims++
		}
	}
	if claims > 12 {
		t.Errorf("shown in %d of 1000 independent series", claims)
	}
	for name, series := range map[string][]float64{
		"few": {1, 2, 1, 2}, "sorted": seq(100), "equal": make([]float64, 50), "none": nil,
		"not numbers": {math.NaN(), math.Inf(1), math.NaN()},
	} {
		if s := SerialOf(series); s.Shown || s.R != 0 || s.Effective != s.N {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

func BenchmarkQuantile1440(b *testing.B) {
	values := Sort(lognormal(rand.New(rand.NewPCG(1, 1)), 1440, 0.45))
	for b.Loop() {
		QuantileOf(values, 0.95)
	}
}

func BenchmarkQuantileOver1440(b *testing.B) {
	values := lognormal(rand.New(rand.NewPCG(1, 1)), 1440, 0.45)
	for b.Loop() {
		QuantileOver(values, 0.95)
	}
}

// A process that runs for months asks for the ranks of ever more values: what is
// remembered of them is bounded.
func TestRanksRememberedAreBounded(t *testing.T) {
	for n := range 3 * mostRanks {
		ranks(n+1, 1e-3)
	}
	rankCache.Lock()
	defer rankCache.Unlock()
	if kept := len(rankCache.known); kept > mostRanks {
		t.Errorf("%d are remembered", kept)
	}
}
