package stats

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// Against figures of the published formulas that were worked out apart from this code.
func TestPaired(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		both, onlyA, onlyB, neither int
		value, lo, hi, p            float64
	}{
		{0, 0, 0, 10, 0, -0.2775, 0.2775, 1},
		{10, 0, 0, 0, 0, -0.2775, 0.2775, 1},
		{36, 2, 12, 0, 0.2, 0.0569, 0.3404, 0.0129},
		{36, 12, 2, 0, -0.2, -0.3404, -0.0569, 0.0129},
		{90, 5, 4, 1, -0.01, -0.0797, 0.0585, 1},
	} {
		got := PairedOf(tc.both, tc.onlyA, tc.onlyB, tc.neither)
		for _, pair := range [][2]float64{{got.Value, tc.value}, {got.Lo, tc.lo}, {got.Hi, tc.hi}, {got.P, tc.p}} {
			if math.Abs(pair[0]-pair[1]) > 6e-4 {
				t.Errorf("%v: got %+v", tc, got)
				break
			}
		}
	}
	if none := PairedOf(0, 0, 0, 0); !math.IsNaN(none.Value) || none.Lo != -1 || none.Hi != 1 || none.AtLeast(0).More != Never {
		t.Errorf("of nothing: %+v", none)
	}
}

// The interval holds the true difference about as often as it says.
func TestPairedIntervalCovers(t *testing.T) {
	t.Parallel()
	const runs, n = 2000, 100
	covered := 0
	for seed := range uint64(runs) {
		rng := rand.New(rand.NewPCG(seed, 3))
		var counts [4]int // both, a, b, neither: a is right in 0.88, b in 0.84
		for range n {
			u := rng.Float64()
			switch {
			case u < 0.80:
				counts[0]++
			case u < 0.88:
				counts[1]++
			case u < 0.92:
				counts[2]++
			default:
				counts[3]++
			}
		}
		if p := PairedOf(counts[0], counts[1], counts[2], counts[3]); p.Lo <= -0.04 && -0.04 <= p.Hi {
			covered++
		}
	}
	if share := float64(covered) / runs; share < 0.935 || share > 0.985 {
		t.Errorf("covered in %.1f %% of the runs", 100*share)
	}
}

// Turned round the interval is turned round; it holds the value; and after as many
// more trials of the same kind as were asked for it no longer holds the limit, but
// one fewer would not have done.
func TestPairedLaws(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		count := rapid.IntRange(0, 60)
		a, b, c, d := count.Draw(rt, "both"), count.Draw(rt, "a"), count.Draw(rt, "b"), count.Draw(rt, "neither")
		p, q := PairedOf(a, b, c, d), PairedOf(a, c, b, d)
		if p.N == 0 {
			return
		}
		if math.Abs(p.Lo+q.Hi) > 1e-12 || math.Abs(p.Value+q.Value) > 1e-12 || p.P != q.P || p.Lo > p.Value || p.Hi < p.Value {
			rt.Errorf("%+v against %+v", p, q)
		}
		j := p.AtLeast(-0.05)
		if j.Standing != NotShown || j.More == Never {
			return
		}
		shown := func(more int) bool {
			f := float64(p.N+more) / float64(p.N)
			_, lo, hi := pairedInterval(f*float64(a), f*float64(b), f*float64(c), f*float64(d))
			return lo > -0.05 || hi < -0.05
		}
		if !shown(j.More) || j.More > 1 && shown(j.More-1) {
			rt.Errorf("%+v: %d more", p, j.More)
		}
	})
}
