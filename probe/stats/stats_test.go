package stats

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

func seq(n int) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = float64(i + 1)
	}
	return values
}

// Ranks from the tables of nonparametric intervals: n = 10, median: 2nd to 9th.
func TestQuantileInterval(t *testing.T) {
	for _, tc := range []struct {
		n             int
		p             float64
		earned        bool
		value, lo, hi float64
	}{
		{n: 5, p: 0.5},
		{n: 6, p: 0.5, earned: true, value: 3.5, lo: 1, hi: 6},
		{n: 10, p: 0.5, earned: true, value: 5.5, lo: 2, hi: 9},
		{n: 100, p: 0.5, earned: true, value: 50.5, lo: 40, hi: 61},
		{n: 75, p: 0.95},
		{n: 76, p: 0.95, earned: true, value: 72.25, lo: 68, hi: 76},
		{n: 440, p: 0.99},
	} {
		q := QuantileOf(seq(tc.n), tc.p)
		if q.Earned() != tc.earned || q.Value != tc.value || q.Lo != tc.lo || q.Hi != tc.hi {
			t.Errorf("n=%d p=%v: got %v %v [%v, %v], want %v %v [%v, %v]",
				tc.n, tc.p, q.Earned(), q.Value, q.Lo, q.Hi, tc.earned, tc.value, tc.lo, tc.hi)
		}
		if q.Max != float64(tc.n) {
			t.Errorf("n=%d: max %v", tc.n, q.Max)
		}
	}
	if q := QuantileOf(nil, 0.5); q.Earned() || q.Max != 0 {
		t.Errorf("no values: %+v", q)
	}
}

func TestQuantileNeededMatchesItsInterval(t *testing.T) {
	for _, p := range []float64{0.5, 0.95, 0.99} {
		n := Needed(p)
		if lo, hi := ranks(n, p); lo < 1 || hi > n {
			t.Errorf("p=%v: at n=%d the interval has the ranks %d..%d", p, n, lo, hi)
		}
	}
}

// The interval must cover the truth in 95 % of draws, whatever the distribution.
func TestQuantileCoverage(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const rounds = 4000
	for _, tc := range []struct {
		p float64
		n int
	}{{0.5, 6}, {0.5, 30}, {0.95, 76}, {0.95, 200}} {
		truth := math.Exp(0.45 * quantileNormal(tc.p))
		covered := 0
		for range rounds {
			values := make([]float64, tc.n)
			for i := range values {
				values[i] = math.Exp(0.45 * rng.NormFloat64())
			}
			q := QuantileOf(Sort(values), tc.p)
			if q.Lo <= truth && truth <= q.Hi {
				covered++
			}
		}
		if share := float64(covered) / rounds; share < 0.94 {
			t.Errorf("p=%v n=%d: the interval covers %.3f", tc.p, tc.n, share)
		}
	}
}

// quantileNormal is the standard normal quantile of the levels used here.
func quantileNormal(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }

func TestQuantileProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := Sort(rapid.SliceOfN(rapid.Float64Range(0.001, 1e6), 6, 500).Draw(t, "values"))
		scale := rapid.Float64Range(0.5, 8).Draw(t, "scale")
		q := QuantileOf(values, 0.5)
		if q.Lo > q.Value || q.Value > q.Hi {
			t.Fatalf("%v not inside [%v, %v]", q.Value, q.Lo, q.Hi)
		}
		scaled := make([]float64, len(values))
		for i, v := range values {
			scaled[i] = v * scale
		}
		if s := QuantileOf(scaled, 0.5); math.Abs(s.Value-q.Value*scale) > 1e-6*s.Value {
			t.Fatalf("in another unit %v, not %v", s.Value, q.Value*scale)
		}
	})
}

func TestRate(t *testing.T) {
	for _, tc := range []struct {
		hits, n int
		lo, hi  float64
	}{
		{0, 20, 0, 0.161},
		{20, 20, 0.839, 1},
		{60, 60, 0.940, 1},
		{18, 400, 0.0287, 0.0700},
		{0, 0, 0, 1},
	} {
		r := RateOf(tc.hits, tc.n)
		if math.Abs(r.Lo-tc.lo) > 5e-4 || math.Abs(r.Hi-tc.hi) > 5e-4 {
			t.Errorf("%d of %d: [%.4f, %.4f], want [%.4f, %.4f]", tc.hits, tc.n, r.Lo, r.Hi, tc.lo, tc.hi)
		}
	}
}
