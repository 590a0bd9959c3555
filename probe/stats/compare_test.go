package stats

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func exps(values []float64) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = math.Exp(v)
	}
	return out
}

func near(got, want, relative float64) bool { return math.Abs(got-want) <= relative*math.Abs(want) }

// Two-sided critical values at 5 %: the largest statistic that is significant, from
// the tables of Mann and Whitney's U and of Wilcoxon's signed ranks (Siegel and
// Castellan; Conover). Of that many members plus one the interval is made.
func TestCriticalValues(t *testing.T) {
	for _, tc := range []struct{ n, m, u int }{
		{3, 3, -1},
		{2, 7, -1},
		{4, 4, 0},
		{3, 5, 0},
		{2, 8, 0},
		{5, 5, 2},
		{5, 8, 6},
		{8, 8, 13},
		{10, 10, 23},
		{7, 12, 18},
		{15, 15, 64},
		{20, 20, 127},
	} {
		if got := mannWhitney(tc.n, tc.m, nil).critical() - 1; got != tc.u {
			t.Errorf("%d against %d: U at most %d, want %d", tc.n, tc.m, got, tc.u)
		}
	}
	for n, w := range map[int]int{5: -1, 6: 0, 7: 2, 8: 3, 9: 5, 10: 8, 12: 13, 15: 25, 20: 52, 25: 89, 30: 137} {
		if got := signedRank(make([]float64, n)).critical() - 1; got != w {
			t.Errorf("%d pairs: W at most %d, want %d", n, got, w)
		}
	}
}

// The exact distributions are those of every arrangement.
func TestExactDistributions(t *testing.T) {
	const n, m = 4, 5
	counts := make([]int, n*m+1)
	total := 0
	for set := range 1 << (n + m) {
		u, ones := 0, 0
		for bit := range n + m {
			if set>>bit&1 == 1 {
				ones++
				u += bit + 1 - ones
			}
		}
		if ones == n {
			counts[u]++
			total++
		}
	}
	sum := 0
	for k, p := range mannWhitneyExact(n, m) {
		sum += counts[k]
		if !near(p, float64(sum)/float64(total), 1e-12) {
			t.Errorf("P(U <= %d) = %v, want %d/%d", k, p, sum, total)
		}
	}
	const pairs = 9
	sums := make([]int, pairs*(pairs+1)/2+1)
	for set := range 1 << pairs {
		w := 0
		for bit := range pairs {
			if set>>bit&1 == 1 {
				w += bit + 1
			}
		}
		sums[w]++
	}
	sum = 0
	for k, p := range signedRankExact(pairs) {
		sum += sums[k]
		if !near(p, float64(sum)/(1<<pairs), 1e-12) {
			t.Errorf("P(W <= %d) = %v, want %d/512", k, p, sum)
		}
	}
	// The largest exact ones meet the normal approximation.
	approximate := nullDistribution{size: 64 * 64, sd: math.Sqrt(64 * 64 * 129. / 12)}
	if exact := mannWhitney(64, 64, nil); exact.cumulative == nil || math.Abs(float64(exact.critical()-approximate.critical())) > 2 {
		t.Errorf("64 against 64: critical %d, approximately %d", exact.critical(), approximate.critical())
	}
}

// Where ties are many, the spread of the statistics over random arrangements is the
// one of the approximation.
func TestTieCorrections(t *testing.T) {
	rng := rand.New(rand.NewPCG(27, 28))
	deviation := func(draw func() float64) float64 {
		const draws = 4000
		var sum, square float64
		for range draws {
			v := draw()
			sum += v
			square += v * v
		}
		return math.Sqrt((square - sum*sum/draws) / draws)
	}
	// 160 values of 0, 1 and 2, half of them 1.
	values := make([]float64, 160)
	for i := range values {
		values[i] = []float64{0, 1, 1, 2}[i%4]
	}
	want := deviation(func() float64 {
		shuffled := slices.Clone(values)
		rng.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		return differences(Sort(shuffled[:70]), Sort(shuffled[70:])).statistic()
	})
	if got := mannWhitney(70, 90, Sort(slices.Clone(values))).sd; !near(got, want, 0.04) {
		t.Errorf("U deviates by %.1f, in random arrangements by %.1f", got, want)
	}
	for _, zeros := range []int{0, 100} {
		sizes := slices.Concat(make([]float64, zeros), slices.Repeat([]float64{1}, 160-zeros))
		want := deviation(func() float64 {
			signed := slices.Clone(sizes)
			for i := range signed {
				if rng.IntN(2) == 0 {
					signed[i] = -signed[i]
				}
			}
			return walsh(Sort(signed)).statistic()
		})
		if got := signedRank(sizes).sd; !near(got, want, 0.04) {
			t.Errorf("%d zeros: W deviates by %.1f, with random signs by %.1f", zeros, got, want)
		}
	}
}

// The examples of Hollander and Wolfe (1973), 4.1 and 3.1, as the help of R's
// wilcox.test has them: W = 35 with p = 0.2544, V = 40 with p = 0.03906.
func TestPublishedComparisons(t *testing.T) {
	x := []float64{0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46}
	y := []float64{1.15, 0.88, 0.90, 0.74, 1.21}
	if r := Compare(exps(y), exps(x)); math.Abs(r.P-0.2544) > 5e-5 || r.Verdict() != NoDifference {
		t.Errorf("permeability: %+v", r)
	}
	first := []float64{1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30}
	second := []float64{0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29}
	pairs := make([]Pair, len(first))
	for i := range first {
		pairs[i] = Pair{math.Exp(second[i]), math.Exp(first[i])}
	}
	if r := ComparePaired(pairs); math.Abs(r.P-0.03906) > 5e-6 || !near(r.Value, math.Exp(0.46), 1e-9) || r.Verdict() != Higher {
		t.Errorf("depression: %+v (log %v)", r, math.Log(r.Value))
	}
}

// Estimate, interval and statistic are those of the members written out.
func TestComparisonAgainstBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// Few distinct values make ties, many samples of each size both branches.
		value := rapid.Map(rapid.IntRange(1, rapid.SampledFrom([]int{6, 1000}).Draw(t, "grain")), func(i int) float64 { return float64(i) })
		a := rapid.SliceOfN(value, 1, 90).Draw(t, "a")
		b := rapid.SliceOfN(value, 1, 90).Draw(t, "b")
		check := func(r Ratio, members pairwise, all []float64, null nullDistribution) {
			slices.Sort(all)
			u := 0.0
			for _, d := range all {
				if d > 0 {
					u++
				} else if d == 0 {
					u += 0.5
				}
			}
			if members.size != len(all) || members.statistic() != u {
				t.Fatalf("size %d, statistic %v; want %d, %v", members.size, members.statistic(), len(all), u)
			}
			c := null.critical()
			if r.Earned() != (c > 0) {
				t.Fatalf("critical %d: %+v", c, r)
			}
			if c == 0 {
				return
			}
			n := len(all)
			if !near(r.Value, math.Exp((all[(n-1)/2]+all[n/2])/2), 1e-12) || r.Lo != math.Exp(all[c-1]) || r.Hi != math.Exp(all[n-c]) {
				t.Fatalf("%+v, want [%v, %v]", r, math.Exp(all[c-1]), math.Exp(all[n-c]))
			}
			if r.Lo > r.Value || r.Value > r.Hi || r.P < 0 || r.P > 1 {
				t.Fatalf("%+v", r)
			}
			// What the interval shows, the test shows.
			if (r.Lo > 1 || r.Hi < 1) && r.P > 0.05+1e-9 {
				t.Fatalf("the interval leaves out 1 at p = %v: %+v", r.P, r)
			}
		}
		logA, _ := logs(a)
		logB, _ := logs(b)
		slices.Sort(logA)
		slices.Sort(logB)
		var all []float64
		for _, x := range logA {
			for _, y := range logB {
				all = append(all, y-x)
			}
		}
		check(Compare(a, b), differences(logA, logB), all, mannWhitney(len(a), len(b), Sort(slices.Concat(logA, logB))))

		rounds := make([]Pair, min(len(a), len(b)))
		d, sizes := make([]float64, len(rounds)), make([]float64, len(rounds))
		for i := range rounds {
			rounds[i] = Pair{a[i], b[i]}
			d[i] = math.Log(b[i]) - math.Log(a[i])
			sizes[i] = math.Abs(d[i])
		}
		slices.Sort(d)
		all = all[:0]
		for i, x := range d {
			for _, y := range d[i:] {
				all = append(all, (x+y)/2)
			}
		}
		check(ComparePaired(rounds), walsh(d), all, signedRank(Sort(sizes)))
	})
}

// The unit does not matter; swapped, the ratio is the reciprocal; a factor on b is
// one on the ratio.
func TestComparisonLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.Map(rapid.IntRange(1, 4000), func(i int) float64 { return float64(i) })
		a := rapid.SliceOfN(value, 6, 60).Draw(t, "a")
		b := rapid.SliceOfN(value, len(a), len(a)).Draw(t, "b")
		factor := rapid.Float64Range(0.01, 100).Draw(t, "factor")
		scaled := func(values []float64) []float64 {
			out := make([]float64, len(values))
			for i, v := range values {
				out[i] = v * factor
			}
			return out
		}
		paired := func(a, b []float64) Ratio {
			rounds := make([]Pair, len(a))
			for i := range a {
				rounds[i] = Pair{a[i], b[i]}
			}
			return ComparePaired(rounds)
		}
		for _, compare := range []func(a, b []float64) Ratio{Compare, paired} {
			r, swapped, unit, shifted := compare(a, b), compare(b, a), compare(scaled(a), scaled(b)), compare(a, scaled(b))
			if !near(swapped.Value, 1/r.Value, 1e-9) || !near(swapped.Lo, 1/r.Hi, 1e-9) || !near(swapped.Hi, 1/r.Lo, 1e-9) || swapped.P != r.P || swapped.Each != r.Each {
				t.Fatalf("swapped %+v of %+v", swapped, r)
			}
			if !near(unit.Value, r.Value, 1e-9) || !near(unit.Lo, r.Lo, 1e-9) || !near(unit.Hi, r.Hi, 1e-9) {
				t.Fatalf("in another unit %+v of %+v", unit, r)
			}
			if !near(shifted.Value, r.Value*factor, 1e-9) || !near(shifted.Lo, r.Lo*factor, 1e-9) || !near(shifted.Hi, r.Hi*factor, 1e-9) {
				t.Fatalf("times %v: %+v of %+v", factor, shifted, r)
			}
		}
	})
}

func TestComparisonVerdicts(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	times := func(values []float64, factor float64) []float64 {
		out := make([]float64, len(values))
		for i, v := range values {
			out[i] = v * factor
		}
		return out
	}
	// spreading are 200 values without chance.
	spreading := func(sd float64) []float64 {
		values := make([]float64, 200)
		for i := range values {
			values[i] = 400 * math.Exp(sd*quantileNormal((float64(i)+0.5)/200))
		}
		return values
	}
	equal := slices.Repeat([]float64{250}, 1440)
	for _, tc := range []struct {
		name    string
		a, b    []float64
		verdict Verdict
		code    Code
	}{
		{"slower", lognormal(rng, 200, 0.3), times(lognormal(rng, 200, 0.3), 1.6), Higher, ""},
		{"faster", lognormal(rng, 200, 0.3), times(lognormal(rng, 200, 0.3), 0.6), Lower, ""},
		{"the same", lognormal(rng, 200, 0.3), lognormal(rng, 200, 0.3), NoDifference, ""},
		{"too few", lognormal(rng, 3, 0.3), lognormal(rng, 3, 0.3), Undecided, Collecting},
		{"none", nil, lognormal(rng, 300, 0.3), Undecided, Collecting},
		{"one is wider", spreading(0.1), spreading(0.5), NoDifference, Spread},
		{"refused", append(spreading(0.3), 0, -1, math.NaN(), math.Inf(1), 5e-324), spreading(0.3), NoDifference, Refused},
		{"all equal", equal, equal, NoDifference, ""},
		{"equal, and more", equal, times(equal, 1.5), Higher, ""},
	} {
		r := Compare(tc.a, tc.b)
		if r.Verdict() != tc.verdict || r.Warnings.Has(tc.code) != (tc.code != "") || tc.code == "" && len(r.Warnings) > 0 {
			t.Errorf("%s: %s, %+v", tc.name, r.Verdict(), r)
		}
		if tc.verdict == Undecided && (r.P != 1 || r.Value != 0 || r.Each != 0) {
			t.Errorf("%s: figures that are not earned: %+v", tc.name, r)
		}
	}
	if r := Compare(equal, times(equal, 1.5)); !near(r.Value, 1.5, 1e-12) || !near(r.Lo, 1.5, 1e-12) || r.P > 1e-6 {
		t.Errorf("equal, and more: %+v", r)
	}
	// A wave that both share shows in each and cancels in the rounds.
	rounds, a, b := make([]Pair, 400), make([]float64, 400), make([]float64, 400)
	for i := range rounds {
		wave := math.Exp(math.Sin(float64(i) / 30))
		a[i], b[i] = 400*wave*math.Exp(0.1*rng.NormFloat64()), 430*wave*math.Exp(0.1*rng.NormFloat64())
		rounds[i] = Pair{a[i], b[i]}
	}
	heaps, paired := Compare(a, b), ComparePaired(rounds)
	if !heaps.Warnings.Has(Autocorrelated) || heaps.Verdict() != NoDifference || paired.Warnings != nil || paired.Verdict() != Higher || paired.Each >= heaps.Each {
		t.Errorf("heaps %+v, paired %+v", heaps, paired)
	}
	rounds[7].B = math.NaN()
	if r := ComparePaired(rounds); r.N() != 399 || !r.Warnings.Has(Refused) {
		t.Errorf("a failed attempt: %+v", r)
	}
	if r := ComparePaired(rounds[:5]); r.Verdict() != Undecided || r.Warnings[0].Text != "collecting 5/6 rounds" {
		t.Errorf("five rounds: %+v", r)
	}
}

// The interval holds the true ratio in 95 % of draws, exact and approximate, with
// and without ties; there is no fixed length or distribution it needs.
func TestComparisonCoverage(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	const truth = 1.25
	for _, tc := range []struct {
		name   string
		rounds int
		n, m   int
		grid   float64
		// An interval of few members is wider than 95 %.
		most float64
	}{
		{"exact", 2000, 4, 4, 0, 1}, {"exact", 1500, 12, 30, 0, 0.97}, {"approximate", 500, 70, 90, 0, 0.98}, {"ties", 300, 80, 80, 50, 1},
	} {
		covered, pairsCovered := 0, 0
		for range tc.rounds {
			a, b := lognormal(rng, tc.n, 0.4), lognormal(rng, tc.m, 0.4)
			if tc.grid > 0 {
				for i, v := range a {
					a[i] = tc.grid * math.Ceil(v/tc.grid)
				}
				for i, v := range b {
					b[i] = tc.grid * math.Ceil(v/tc.grid)
				}
			}
			for i := range b {
				b[i] *= truth
			}
			if r := Compare(a, b); r.Lo <= truth*(1+1e-9) && truth*(1-1e-9) <= r.Hi {
				covered++
			}
			pairs := make([]Pair, min(tc.n, tc.m))
			for i := range pairs {
				pairs[i] = Pair{a[i], b[i]}
			}
			if r := ComparePaired(pairs); !r.Earned() || r.Lo <= truth && truth <= r.Hi {
				pairsCovered++
			}
		}
		share, pairsShare := float64(covered)/float64(tc.rounds), float64(pairsCovered)/float64(tc.rounds)
		least := 0.95 - 2*math.Sqrt(0.95*0.05/float64(tc.rounds))
		t.Logf("%s, %d against %d: covers %.4f, paired %.4f", tc.name, tc.n, tc.m, share, pairsShare)
		if share < least || share > tc.most {
			t.Errorf("%s, %d against %d: covers %.4f", tc.name, tc.n, tc.m, share)
		}
		if tc.n >= 6 && pairsShare < least {
			t.Errorf("%s, %d pairs: covers %.4f", tc.name, min(tc.n, tc.m), pairsShare)
		}
	}
}

// With the number of values that Each names, a difference of 20 % is told in about
// four of five tries. At a deviation of 0.64, that takes about 200 of each.
func TestEachTellsTwentyPercent(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	for _, tc := range []struct {
		sd          float64
		least, most int
	}{{0.15, 11, 16}, {0.45, 90, 115}, {0.64, 185, 225}} {
		each := Compare(lognormal(rng, 1000, tc.sd), lognormal(rng, 1000, tc.sd)).Each
		if each < tc.least || each > tc.most {
			t.Errorf("sd %v: %d each, want %d to %d", tc.sd, each, tc.least, tc.most)
		}
		pairs := make([]Pair, 500)
		for i := range pairs {
			pairs[i] = Pair{1, math.Exp(tc.sd * rng.NormFloat64())}
		}
		inRounds := ComparePaired(pairs).Each
		told, toldInRounds := 0, 0
		const tries = 200
		for range tries {
			a, b := lognormal(rng, each, tc.sd), lognormal(rng, each, tc.sd)
			for i := range b {
				b[i] *= 1.2
			}
			if Compare(a, b).Verdict() == Higher {
				told++
			}
			pairs := make([]Pair, inRounds)
			for i := range pairs {
				pairs[i] = Pair{1, 1.2 * math.Exp(tc.sd*rng.NormFloat64())}
			}
			if ComparePaired(pairs).Verdict() == Higher {
				toldInRounds++
			}
		}
		t.Logf("sd %v: %d each tell 20 %% in %.2f; %d rounds in %.2f", tc.sd, each, float64(told)/tries, inRounds, float64(toldInRounds)/tries)
		for n, share := range map[int]float64{each: float64(told) / tries, inRounds: float64(toldInRounds) / tries} {
			if share < 0.7 || share > 0.9 && n >= 30 {
				t.Errorf("sd %v: %d tell it in %.2f", tc.sd, n, share)
			}
		}
	}
}

func TestHolm(t *testing.T) {
	nan := math.NaN()
	for _, tc := range []struct{ p, want []float64 }{
		{nil, nil},
		{[]float64{0.03}, []float64{0.03}},
		// By hand, as R's p.adjust has it.
		{[]float64{0.01, 0.02, 0.03, 0.04}, []float64{0.04, 0.06, 0.06, 0.06}},
		{[]float64{0.04, 0.01, 0.005, 0.03}, []float64{0.06, 0.03, 0.02, 0.06}},
		{[]float64{0.9, 0.8}, []float64{1, 1}},
		{[]float64{0.02, nan, 0.04}, []float64{0.04, nan, 0.04}},
	} {
		got := Holm(tc.p)
		for i := range tc.want {
			if !near(got[i], tc.want[i], 1e-12) && !(math.IsNaN(got[i]) && math.IsNaN(tc.want[i])) {
				t.Errorf("%v: %v, want %v", tc.p, got, tc.want)
				break
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SliceOf(rapid.Float64Range(0, 1)).Draw(t, "p")
		got := Holm(p)
		for i := range p {
			if got[i] < p[i] || got[i] > math.Min(1, p[i]*float64(len(p)))+1e-15 {
				t.Fatalf("%v becomes %v", p, got)
			}
			for j := range p {
				if p[i] < p[j] && got[i] > got[j] {
					t.Fatalf("the order is lost: %v becomes %v", p, got)
				}
			}
		}
	})
}

// Of 10 comparisons without a difference some would look like one; adjusted, in
// 95 % of families none does.
func TestAdjust(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 16))
	const families = 400
	raw, adjusted := 0, 0
	for range families {
		family := make([]Ratio, 10)
		anyRaw, anyAdjusted := false, false
		for i := range family {
			family[i] = Compare(lognormal(rng, 20, 0.3), lognormal(rng, 20, 0.3))
			anyRaw = anyRaw || family[i].Verdict() != NoDifference
		}
		for _, r := range Adjust(family) {
			anyAdjusted = anyAdjusted || r.Verdict() != NoDifference
		}
		if anyRaw {
			raw++
		}
		if anyAdjusted {
			adjusted++
		}
	}
	t.Logf("a false claim in %.3f of families, %.3f adjusted", float64(raw)/families, float64(adjusted)/families)
	if raw < families/4 || adjusted > families*7/100 {
		t.Errorf("a false claim in %d of %d families, %d adjusted", raw, families, adjusted)
	}
	family := []Ratio{{Lo: 1.1, Value: 1.2, Hi: 1.3, P: 0.04, Adjusted: 0.04}, {P: 1, Adjusted: 1}, {Lo: 2, Value: 2.2, Hi: 3, P: 0.001, Adjusted: 0.001}, {Lo: 0.5, Value: 0.6, Hi: 0.9, P: 0.03, Adjusted: 0.03}}
	got := Adjust(family)
	for i, want := range []Verdict{NoDifference, Undecided, Higher, NoDifference} {
		if got[i].Verdict() != want {
			t.Errorf("%d: %s, want %s", i, got[i].Verdict(), want)
		}
	}
	// What has too few values is no member: beside a member, it would double 0.03.
	if got := Adjust([]Ratio{{P: 1, Adjusted: 1}, family[3]})[1]; got.Adjusted != 0.03 || got.Verdict() != Lower {
		t.Errorf("beside one that is not earned: %+v", got)
	}
	if family[0].Verdict() != Higher || family[3].Verdict() != Lower {
		t.Error("the family handed in was changed")
	}
}

// Whatever the values, nothing panics and figures are numbers.
func FuzzFigures(f *testing.F) {
	seed := func(values ...float64) {
		var raw []byte
		for _, v := range values {
			raw = binary.LittleEndian.AppendUint64(raw, math.Float64bits(v))
		}
		f.Add(raw)
	}
	seed()
	seed(math.NaN(), math.Inf(1), math.Inf(-1), 0, math.Copysign(0, -1), -1, 1e300, 5e-324)
	seed(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)
	seed(1e100, 1e-100, 1e100, 1e-100, 1e100, 1e-100, 1e100, 1e-100, 1e100, 1e-100, 1e100, 1e-100)
	seed(400, 410, 390, 0, 420, -3, 380, 401, 402, math.NaN(), 399, 398, 1e9, 405)
	f.Fuzz(func(t *testing.T, raw []byte) {
		var values []float64
		for len(raw) >= 8 && len(values) < 400 {
			values = append(values, math.Float64frombits(binary.LittleEndian.Uint64(raw)))
			raw = raw[8:]
		}
		half := len(values) / 2
		rounds := make([]Pair, half)
		for i := range rounds {
			rounds[i] = Pair{values[i], values[half+i]}
		}
		for _, r := range []Ratio{Compare(values[:half], values[half:]), ComparePaired(rounds)} {
			ok := r.Lo > 0 && r.Lo <= r.Value*(1+1e-12) && r.Value <= r.Hi*(1+1e-12) && !math.IsInf(r.Hi, 0) && r.P >= 0 && r.P <= 1
			if r.Earned() && !ok {
				t.Fatalf("%v: %+v", values, r)
			}
			if !r.Earned() && (r.Value != 0 || r.Verdict() != Undecided || !r.Warnings.Has(Collecting)) {
				t.Fatalf("%v: %+v", values, r)
			}
		}
		for _, p := range []float64{0.5, 0.95} {
			q := QuantileOver(values, p)
			if q.Earned() && !(q.Lo <= q.Hi) || math.IsNaN(q.Max) || q.Effective > q.N {
				t.Fatalf("%v: %+v", values, q)
			}
		}
		var d Detector
		for i, v := range values {
			if e, ok := d.Add(v); ok && (e.At != i || e.From > i || !(e.Ratio > 0)) {
				t.Fatalf("%v: %+v", values, e)
			}
		}
	})
}

func BenchmarkCompare1440(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	x, y := lognormal(rng, 1440, 0.45), lognormal(rng, 1440, 0.45)
	for b.Loop() {
		Compare(x, y)
	}
}

func BenchmarkComparePaired1440(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	x, y := lognormal(rng, 1440, 0.45), lognormal(rng, 1440, 0.45)
	rounds := make([]Pair, len(x))
	for i := range rounds {
		rounds[i] = Pair{x[i], y[i]}
	}
	for b.Loop() {
		ComparePaired(rounds)
	}
}

// The dearest of the exact distributions.
func BenchmarkCompareExact64(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	x, y := lognormal(rng, 64, 0.45), lognormal(rng, 64, 0.45)
	for b.Loop() {
		Compare(x, y)
	}
}
