package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// noisy feeds n values about level and gives the events.
func noisy(d *Detector, rng *rand.Rand, n int, level, sd float64) []Event {
	var events []Event
	for range n {
		if e, ok := d.Add(level * math.Exp(sd*rng.NormFloat64())); ok {
			events = append(events, e)
		}
	}
	return events
}

// One false alarm in 7,000 to 17,000 values of lively noise; none of it is left in
// quiet noise, where a quarter more is far. A cumulative sum over single values
// (k = 1/2, h = 5, against the same kind of baseline) is the contrast.
func TestFalseAlarms(t *testing.T) {
	const length = 2000
	for _, tc := range []struct {
		sd, follows float64
		series      int
		least, most float64
	}{
		{sd: 0.15, series: 25, most: 0.01},
		{sd: 0.45, series: 150, least: 0.06, most: 0.14},
		// Values that follow one another are what it is not made for.
		{sd: 0.15, follows: 0.3, series: 25, most: 0.01},
		{sd: 0.45, follows: 0.3, series: 50, least: 0.14, most: 0.6},
	} {
		rng := rand.New(rand.NewPCG(17, 18))
		alarms := 0
		for range tc.series {
			var d Detector
			state := 0.0
			for range length {
				state = tc.follows*state + math.Sqrt(1-tc.follows*tc.follows)*rng.NormFloat64()
				if e, ok := d.Add(400 * math.Exp(tc.sd*state)); ok && e.Kind == Onset {
					alarms++
				}
			}
		}
		rate := 1000 * float64(alarms) / float64(tc.series*length)
		t.Logf("sd %.2f, correlation %.1f: %.3f false alarms per 1,000 values", tc.sd, tc.follows, rate)
		if rate < tc.least || rate > tc.most {
			t.Errorf("sd %v, correlation %v: %.3f false alarms per 1,000 values", tc.sd, tc.follows, rate)
		}
	}
	for _, known := range []bool{true, false} {
		rng := rand.New(rand.NewPCG(19, 20))
		rate := 1000 * float64(singles(rng, 100, length, known)) / float64(100*length)
		t.Logf("single values, baseline known %v: %.3f false alarms per 1,000 values", known, rate)
		if rate < 0.6 {
			t.Errorf("single values: %.3f false alarms per 1,000 values: no contrast", rate)
		}
	}
}

// singles counts the false alarms of the cumulative sum over single values.
func singles(rng *rand.Rand, series, length int, known bool) int {
	alarms := 0
	for range series {
		base := make([]float64, Baseline)
		for i := range base {
			base[i] = rng.NormFloat64()
		}
		middle, sd := spreadOf(Sort(base), asIs)
		if known {
			middle, sd = 0, 1
		}
		sum := 0.0
		for range length {
			sum = math.Max(0, sum+math.Min(clipAt, (rng.NormFloat64()-middle)/sd)-0.5)
			if sum >= 5 {
				alarms++
				sum = 0
			}
		}
	}
	return alarms
}

// Half as much again is found within 35 values in the median, and its end as soon.
func TestDelays(t *testing.T) {
	for _, tc := range []struct {
		sd          float64
		least, most float64
	}{{0.15, 10, 20}, {0.3, 12, 30}, {0.45, 25, 35}} {
		rng := rand.New(rand.NewPCG(21, 22))
		var delays, ends, starts, ratios []float64
		const series = 200
		missed := 0
		for range series {
			var d Detector
			before := 200 + rng.IntN(200)
			noisy(&d, rng, before, 400, tc.sd)
			if d.open {
				continue // a false alarm, which is counted elsewhere
			}
			onset := noisy(&d, rng, 300, 600, tc.sd)
			if len(onset) == 0 || onset[0].Kind != Onset {
				missed++
				delays = append(delays, math.Inf(1))
				continue
			}
			delays = append(delays, float64(onset[0].At+1-before))
			starts = append(starts, float64(onset[0].From-before))
			ratios = append(ratios, onset[0].Ratio)
			if !d.open {
				continue
			}
			if end := noisy(&d, rng, 300, 400, tc.sd); len(end) > 0 && end[0].Kind == End {
				ends = append(ends, float64(end[0].At+1-before-300))
			} else {
				ends = append(ends, math.Inf(1))
			}
		}
		at := func(values []float64, share float64) float64 {
			slices.Sort(values)
			return values[int(share*float64(len(values)-1))]
		}
		t.Logf("sd %.2f: +50 %% after %v values (90 %%: %v), missed %d of %d; ratio %.2f; began %+v off; end after %v (90 %%: %v)",
			tc.sd, at(delays, 0.5), at(delays, 0.9), missed, len(delays), at(ratios, 0.5), at(starts, 0.5), at(ends, 0.5), at(ends, 0.9))
		if delay := at(delays, 0.5); delay < tc.least || delay > tc.most {
			t.Errorf("sd %v: +50 %% after %v values", tc.sd, delay)
		}
		if missed > series/25 {
			t.Errorf("sd %v: missed %d of %d", tc.sd, missed, series)
		}
		if end := at(ends, 0.5); end > 50 {
			t.Errorf("sd %v: the end after %v values", tc.sd, end)
		}
		if ratio := at(ratios, 0.5); ratio < 1.4 || ratio > 1.7 {
			t.Errorf("sd %v: ratio %v", tc.sd, ratio)
		}
		if began := at(starts, 0.5); math.Abs(began) > 10 {
			t.Errorf("sd %v: said to begin %v off", tc.sd, began)
		}
	}
}

// A series without noise shows every rule by its indices.
func TestDetectorStory(t *testing.T) {
	var d Detector
	index := 0
	feed := func(n int, v float64) []Event {
		var events []Event
		for range n {
			if e, ok := d.Add(v); ok {
				events = append(events, e)
			}
			index++
		}
		return events
	}
	same := func(what string, got []Event, want ...Event) {
		t.Helper()
		if len(got) != len(want) {
			t.Fatalf("%s: %+v, want %+v", what, got, want)
		}
		for i := range got {
			if got[i].Kind != want[i].Kind || got[i].From != want[i].From || got[i].At != want[i].At || math.Abs(got[i].Ratio-want[i].Ratio) > 1e-9 {
				t.Fatalf("%s: %+v, want %+v", what, got, want)
			}
		}
	}
	same("baseline", feed(99, 400))
	if d.Normal() != 0 {
		t.Fatalf("normal %v of 99 values", d.Normal())
	}
	same("baseline complete", feed(1, 400))
	if math.Abs(d.Normal()-400) > 1e-9 {
		t.Fatalf("normal %v", d.Normal())
	}
	same("a rise of 24 % is none", feed(50, 496))
	same("and is over", feed(100, 400))
	same("align", feed(5, 400))
	for range 20 {
		same("two far values a block", feed(2, 40000))
		same("two far values a block", feed(3, 400))
	}
	same("two blocks are not enough", feed(10, 600))
	same("and are forgotten", feed(30, 400))
	from := index
	same("onset", feed(15, 600), Event{Onset, from, from + 14, 1.5})
	if !d.open {
		t.Fatal("not open")
	}
	same("no second onset", feed(500, 600))
	// The baseline has not moved meanwhile.
	from = index
	same("end", feed(15, 400), Event{End, from, from + 14, 1})
	if d.open || math.Abs(d.Normal()-400) > 1e-9 {
		t.Fatalf("open %v, normal %v", d.open, d.Normal())
	}
	from = index
	same("again", feed(15, 800), Event{Onset, from, from + 14, 2})
	same("back to within the line is back", feed(15, 480), Event{End, from + 15, from + 29, 1.2})
	// A level within the line becomes the baseline, so that the line moves with it.
	same("a new normal", feed(300, 480))
	if math.Abs(d.Normal()-480) > 1e-9 {
		t.Fatalf("normal %v", d.Normal())
	}
	same("a fall is followed", feed(300, 100))
	if math.Abs(d.Normal()-100) > 1e-9 {
		t.Fatalf("normal %v", d.Normal())
	}
	// The sum does not remember for longer than it takes to decide.
	same("a long rise of 24 %", feed(30, 124))
	same("over for 7 blocks", feed(35, 100))
	from = index
	same("onset after it", feed(15, 150), Event{Onset, from, from + 14, 1.5})
	from = index
	same("its end", feed(15, 100), Event{End, from, from + 14, 1})
	// Nor is more than 20 blocks back said to be the beginning.
	same("normal", feed(100, 100))
	same("a rise within the line", feed(125, 119))
	from = index
	same("and one beyond it", feed(15, 150), Event{Onset, from - 90, from + 14, 1.5})
	same("back", feed(15, 100), Event{End, from + 15, from + 29, 1})
	same("normal", feed(100, 100))
	for _, v := range []float64{0, -1, math.NaN(), math.Inf(1), math.Inf(-1)} {
		same("refused", feed(1, v))
	}
	from = index
	same("refused values have an index", feed(15, 200), Event{Onset, from, from + 14, 2})
}

func TestDetectorGaps(t *testing.T) {
	rng := rand.New(rand.NewPCG(23, 24))
	ready := func() *Detector {
		d := &Detector{}
		noisy(d, rng, 200, 400, 0.05)
		return d
	}
	// A short gap keeps the baseline and drops what was under suspicion.
	d := ready()
	noisy(d, rng, 10, 600, 0.05)
	if e, ok := d.Gap(50); ok {
		t.Errorf("a short gap: %+v", e)
	}
	events := noisy(d, rng, 15, 600, 0.05)
	if len(events) != 1 || events[0].Kind != Onset || events[0].From != 260 || events[0].At != 274 {
		t.Errorf("after a short gap: %+v", events)
	}
	if e, ok := d.Gap(99); ok || !d.open {
		t.Errorf("a short gap in a regression: %+v", e)
	}
	// A long one closes it, and collects anew.
	e, ok := d.Gap(100)
	if !ok || e != (Event{Kind: Lost, From: 374, At: 374}) || d.open {
		t.Errorf("a long gap in a regression: %+v %v", e, ok)
	}
	if len(d.base) != 0 || d.block.n != 0 || d.Normal() != 0 {
		t.Errorf("after a long gap: %d blocks and %d values", len(d.base), d.block.n)
	}
	if events := noisy(d, rng, 200, 600, 0.05); len(events) > 0 || math.Abs(d.Normal()-600) > 30 {
		t.Errorf("what is new is normal: %+v, %v", events, d.Normal())
	}
	if _, ok := ready().Gap(1000); ok {
		t.Error("a long gap without a regression is no event")
	}
	if _, ok := d.Gap(0); ok {
		t.Error("no gap is no event")
	}
}

// However long a shift that is no regression lasts, what is kept is bounded.
func TestDetectorMemory(t *testing.T) {
	rng := rand.New(rand.NewPCG(25, 26))
	var d Detector
	most := 0
	for i := range 20000 {
		level := 400 * math.Pow(1.2, float64(i/500%8))
		d.Add(level * math.Exp(0.1*rng.NormFloat64()))
		most = max(most, len(d.base)+len(d.waiting)+len(d.recent))
	}
	if most > 44 || cap(d.base)+cap(d.waiting)+cap(d.recent) > 120 {
		t.Errorf("%d blocks kept, room for %d", most, cap(d.base)+cap(d.waiting)+cap(d.recent))
	}
}

func BenchmarkDetectorAdd(b *testing.B) {
	values := lognormal(rand.New(rand.NewPCG(1, 2)), 4096, 0.45)
	var d Detector
	i := 0
	for b.Loop() {
		d.Add(values[i%len(values)])
		i++
	}
}
