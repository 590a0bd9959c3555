package stats

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// Newcombe 1998, table II, method 10; the rows with a 0 follow from the Wilson
// limits by hand: 0 of 10 is at most z²/(10+z²) = 0.2775, 0 of 20 at most 0.1611.
func TestDifferenceOf(t *testing.T) {
	for _, tc := range []struct {
		hitsB, nB, hitsA, nA int
		lo, hi               float64
	}{
		{56, 70, 48, 80, 0.0524, 0.3339},
		{9, 10, 3, 10, 0.1705, 0.8090},
		{6, 7, 2, 7, 0.0582, 0.8062},
		{5, 56, 0, 29, -0.0381, 0.1926},
		{0, 10, 0, 20, -0.1611, 0.2775},
		{0, 10, 0, 10, -0.2775, 0.2775},
		{10, 10, 0, 20, 0.6791, 1},
		{10, 10, 0, 10, 0.6075, 1},
	} {
		d := DifferenceOf(RateOf(tc.hitsA, tc.nA), RateOf(tc.hitsB, tc.nB))
		if math.Abs(d.Lo-tc.lo) > 5e-5 || math.Abs(d.Hi-tc.hi) > 5e-5 || d.Shown() != (tc.lo > 0 || tc.hi < 0) {
			t.Errorf("%d/%d - %d/%d: %+v, want [%v, %v]", tc.hitsB, tc.nB, tc.hitsA, tc.nA, d, tc.lo, tc.hi)
		}
	}
	if d := DifferenceOf(RateOf(0, 0), RateOf(1, 2)); !math.IsNaN(d.Value) || d.Lo != -1 || d.Hi != 1 || d.Shown() {
		t.Errorf("against nothing: %+v", d)
	}
}

func TestRateIsRefused(t *testing.T) {
	for _, r := range []Rate{RateOf(-1, 5), RateOf(6, 5), RateOf(0, -3)} {
		if r.N != 0 || r.Lo != 0 || r.Hi != 1 {
			t.Errorf("%+v", r)
		}
	}
}

func TestRateLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, m := rapid.IntRange(1, 5000).Draw(t, "n"), rapid.IntRange(1, 5000).Draw(t, "m")
		a, b := RateOf(rapid.IntRange(0, n).Draw(t, "a"), n), RateOf(rapid.IntRange(0, m).Draw(t, "b"), m)
		if !(0 <= a.Lo && a.Lo <= a.Value() && a.Value() <= a.Hi && a.Hi <= 1) {
			t.Fatalf("%+v", a)
		}
		// More of the same narrows it: the intervals are nested.
		if more := RateOf(3*a.Hits, 3*n); more.Lo < a.Lo || more.Hi > a.Hi {
			t.Fatalf("%+v is not inside %+v", more, a)
		}
		if not := RateOf(n-a.Hits, n); math.Abs(not.Lo-(1-a.Hi)) > 1e-12 || math.Abs(not.Hi-(1-a.Lo)) > 1e-12 {
			t.Fatalf("%+v mirrored is %+v", a, not)
		}
		d, back := DifferenceOf(a, b), DifferenceOf(b, a)
		if math.Abs(d.Lo+back.Hi) > 1e-12 || math.Abs(d.Hi+back.Lo) > 1e-12 || d.Lo > d.Value || d.Value > d.Hi {
			t.Fatalf("%+v, swapped %+v", d, back)
		}
	})
}

// malformed 4 of 200 with a limit of 1 %: the interval, 0.8 to 5.0 %, holds it;
// z² 0.01 · 0.99 / 0.01² = 380.3, so it takes 381 attempts at 2 %.
func TestStanding(t *testing.T) {
	for _, tc := range []struct {
		hits, n int
		limit   float64
		want    Judgement
	}{
		{4, 200, 0.01, Judgement{NotShown, 181}},
		{0, 400, 0.01, Judgement{Inside, 0}},
		{0, 20, 0.01, Judgement{NotShown, 361}},
		{18, 400, 0.01, Judgement{Outside, 0}},
		{2, 200, 0.01, Judgement{NotShown, Never}},
		{0, 0, 0.01, Judgement{NotShown, 381}},
		{0, 50, 0, Judgement{NotShown, Never}},
		{1, 50, 0, Judgement{Outside, 0}},
		{1, 3, math.NaN(), Judgement{NotShown, Never}},
	} {
		r := RateOf(tc.hits, tc.n)
		if got := r.AtMost(tc.limit); got != tc.want {
			t.Errorf("%d of %d, at most %v: %s %+v, want %+v", tc.hits, tc.n, tc.limit, got.Standing, got, tc.want)
		}
		// The complement against the complement is the same question.
		if got := RateOf(tc.n-tc.hits, tc.n).AtLeast(1 - tc.limit); got != tc.want {
			t.Errorf("%d of %d, at least %v: %s %+v, want %+v", tc.n-tc.hits, tc.n, 1-tc.limit, got.Standing, got, tc.want)
		}
	}
}

// With More further attempts at the same share the limit is left out, with fewer it
// is not.
func TestMoreIsEnough(t *testing.T) {
	holds := func(p, n, limit float64) bool {
		return math.Abs(p-limit) <= z*math.Sqrt(limit*(1-limit)/n)*(1+1e-12)
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 2000).Draw(t, "n")
		r := RateOf(rapid.IntRange(0, n).Draw(t, "hits"), n)
		limit := rapid.Float64Range(0.001, 0.999).Draw(t, "limit")
		j := r.AtMost(limit)
		switch {
		case j.Standing != NotShown:
			if j.More != 0 || holds(r.Value(), float64(n), limit*(1+1e-9)) && holds(r.Value(), float64(n), limit*(1-1e-9)) {
				t.Fatalf("%+v against %v: %+v", r, limit, j)
			}
		case j.More != Never:
			if j.More < 1 || holds(r.Value(), float64(n+j.More), limit) {
				t.Fatalf("%+v against %v: %+v is not enough", r, limit, j)
			}
			if j.More > 1 && !holds(r.Value(), float64(n+j.More-1), limit) {
				t.Fatalf("%+v against %v: %+v is too many", r, limit, j)
			}
		}
	})
}

func TestAttainment(t *testing.T) {
	nan := math.NaN()
	ended := []bool{true, true, true, false, true, true}
	ttft := Objective{Name: "ttft", AtMost: 1000, Values: []float64{400, 1000, 1001, 300, nan, math.Inf(1)}}
	tpot := Objective{Name: "tpot", AtMost: 30, Values: []float64{20, 29, 31, 10, 20, 20}}
	a, err := Attainment(ended, ttft, tpot)
	if err != nil {
		t.Fatal(err)
	}
	if a.Rate != RateOf(2, 6) || a.Failed != 1 || a.Missed[0] != 2 || a.Missed[1] != 1 || a.Unmeasured[0] != 1 || a.Unmeasured[1] != 0 {
		t.Errorf("%+v", a)
	}
	if len(a.Warnings) != 1 || a.Warnings[0] != (Warning{Unmeasured, "1 of 6 attempts have no ttft: they count as not met"}) {
		t.Errorf("%v", a.Warnings)
	}
	if _, err := Attainment(ended[:2], ttft); err == nil || err.Error() != "attainment: ttft has 6 values for 2 attempts" {
		t.Errorf("lengths that differ: %v", err)
	}
	if a, err := Attainment(nil); err != nil || a.Rate != RateOf(0, 0) {
		t.Errorf("no attempts: %+v, %v", a, err)
	}
	if a, _ := Attainment([]bool{true, false}); a.Rate != RateOf(1, 2) {
		t.Errorf("no objectives: %+v", a)
	}
}
