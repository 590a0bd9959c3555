package costmodel

import (
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const (
	fine   = false
	coarse = true
)

// walk turns a knob a step at a time and returns where it stops, the start
// included.
func walkVolume(w, base Workload, steps, direction int, coarse bool) string {
	stops := []string{FormatTokens(w.Volume.rat())}
	for range steps {
		w = w.StepVolume(direction, coarse, base)
		stops = append(stops, FormatTokens(w.Volume.rat()))
	}
	return strings.Join(stops, " ")
}

func TestStepVolume(t *testing.T) {
	for _, c := range []struct {
		from, base       string
		steps, direction int
		coarse           bool
		want             string
	}{
		{"10M/day", "10M/day", 12, +1, fine, "10.0M 12.0M 15.0M 18.0M 20.0M 25.0M 30.0M 40.0M 50.0M 60.0M 70.0M 80.0M 100M"},
		{"10M/day", "10M/day", 3, -1, fine, "10.0M 8.00M 7.00M 6.00M"},
		{"10M/day", "10M/day", 4, +1, coarse, "10.0M 20.0M 50.0M 100M 200M"},
		{"10M/day", "10M/day", 4, -1, coarse, "10.0M 5.00M 2.00M 1.00M 500K"},
		// A base off the grid is a stop of its own.
		{"13M/day", "13M/day", 2, +1, fine, "13.0M 15.0M 18.0M"},
		{"13M/day", "13M/day", 2, +1, coarse, "13.0M 20.0M 50.0M"},
		{"20M/day", "13M/day", 3, -1, coarse, "20.0M 13.0M 10.0M 5.00M"},
		{"15M/day", "13M/day", 2, -1, fine, "15.0M 13.0M 12.0M"},
		// So is a base on the grid that is not 1, 2, 5.
		{"12M/day", "12M/day", 2, +1, coarse, "12.0M 20.0M 50.0M"},
		// From another fine stop a coarse step is four of them, past the base.
		{"12M/day", "10M/day", 2, +1, coarse, "12.0M 25.0M 60.0M"},
		{"6M/day", "12M/day", 2, +1, coarse, "6.00M 25.0M 60.0M"},
		// The bounds.
		{"2/day", "2/day", 6, -1, fine, "2 1.8 1.5 1.2 1 1 1"},
		{"2/day", "2/day", 3, -1, coarse, "2 1 1 1"},
		{"1.8/day", "2/day", 2, -1, coarse, "1.8 1.8 1.8"},
		{"800T/day", "800T/day", 3, +1, fine, "800T 1,000T 1,000T 1,000T"},
		{"0/day", "0/day", 3, +1, coarse, "0 1 2 5"},
		{"1/day", "0/day", 2, -1, fine, "1 0 0"},
		{"0.5/day", "0.5/day", 2, +1, fine, "0.5 1 1.2"},
		// A volume that no step leads to joins the next stop.
		{"11M/day", "10M/day", 1, +1, fine, "11.0M 12.0M"},
		{"11M/day", "10M/day", 1, -1, coarse, "11.0M 10.0M"},
	} {
		w, base := workload(t, c.from, "75/25"), workload(t, c.base, "75/25")
		if got := walkVolume(w, base, c.steps, c.direction, c.coarse); got != c.want {
			t.Errorf("from %s, base %s: %s; want %s", c.from, c.base, got, c.want)
		}
	}
}

func TestStepVolumeKeepsTheUnit(t *testing.T) {
	base := workload(t, "300M/month", "75/25")
	up := base.StepVolume(1, fine, base)
	if got := up.Volume.String(); got != "400M tokens/month" || !up.Split.Equal(base.Split) {
		t.Errorf("300M/month and a step are %s", up)
	}
	if base.Volume.String() != "300M tokens/month" {
		t.Errorf("the base became %s", base)
	}
	// Where the units differ, the base is the same tokens in the unit of w.
	daily := workload(t, "12M/day", "75/25")
	if got := daily.StepVolume(-1, fine, workload(t, "330M/month", "75/25")).Volume.String(); got != "11.0M tokens/day" {
		t.Errorf("a step down from 12M/day is %s", got)
	}
	// In the same unit it is the same figure, whatever a month has of days.
	days := workload(t, "400M/month", "75/25")
	days.DaysPerMonth, _ = ParseDaysPerMonth("30.4")
	if got := days.StepVolume(-1, fine, workload(t, "330M/month", "75/25")).Volume.Amount(); got.Cmp(rat(t, "330000000")) != 0 {
		t.Errorf("a step down from 400M/month is %s", got)
	}
	if got := days.StepVolume(0, coarse, base); !got.Equal(days) {
		t.Errorf("no step made %s of %s", got, days)
	}
	if got := base.StepVolume(math.MaxInt, fine, base).Volume.String(); got != "1,000T tokens/month" {
		t.Errorf("the most is %s", got)
	}
	if got := base.StepVolume(math.MinInt, fine, base).Volume.String(); got != "1 tokens/month" {
		t.Errorf("the least is %s", got)
	}
}

func TestEveryCoarseStopIsFine(t *testing.T) {
	grid := volumeGrid()
	if len(grid) != gridDecades*len(gridDigits)+1 {
		t.Fatalf("the grid has %d stops", len(grid))
	}
	for i, stop := range grid {
		if i > 0 && stop.Cmp(grid[i-1]) <= 0 {
			t.Errorf("stop %s is not above %s", stop, grid[i-1])
		}
		if first := FormatTokens(stop)[:1]; i%coarseStride == 0 && !strings.Contains("125", first) {
			t.Errorf("coarse stop %s is not 1, 2 or 5", stop)
		}
	}
}

func TestStepVolumeReturnsExactly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := genWorkload().Draw(t, "base")
		type step struct {
			n      int
			coarse bool
		}
		genStep := rapid.Custom(func(t *rapid.T) step {
			return step{rapid.IntRange(-3, 3).Draw(t, "n"), rapid.Bool().Draw(t, "coarse")}
		})
		w := base
		var taken []step
		for _, s := range rapid.SliceOfN(genStep, 1, 12).Draw(t, "steps") {
			for range magnitude(s.n) {
				one := step{1, s.coarse}
				if s.n < 0 {
					one.n = -1
				}
				next := w.StepVolume(one.n, one.coarse, base)
				if next.Equal(w) {
					break // the bound: nothing to undo
				}
				if (next.Volume.rat().Cmp(w.Volume.rat()) > 0) != (one.n > 0) {
					t.Fatalf("step %+v led from %s to %s", one, w, next)
				}
				w = next
				taken = append(taken, one)
			}
		}
		for _, s := range slices.Backward(taken) {
			w = w.StepVolume(-s.n, s.coarse, base)
		}
		if !w.Equal(base) {
			t.Fatalf("%+v and back led from %s to %s", taken, base.Volume.rat(), w.Volume.rat())
		}
	})
}

func TestStepVolumeAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := genWorkload().Draw(t, "base")
		coarse := rapid.Bool().Draw(t, "coarse")
		n := rapid.IntRange(1, 8).Draw(t, "n")
		w := base
		for range n {
			w = w.StepVolume(-1, coarse, base)
		}
		if at := base.StepVolume(-n, coarse, base); !at.Equal(w) {
			t.Fatalf("%d steps at once lead to %s, one by one to %s", n, at, w)
		}
	})
}

func TestStepSplit(t *testing.T) {
	for _, c := range []struct {
		from, base       string
		steps, direction int
		coarse           bool
		want             string
	}{
		{"75/25", "75/25", 2, +1, fine, "75/25 76/24 77/23"},
		{"75/25", "75/25", 2, -1, fine, "75/25 74/26 73/27"},
		{"72.5/27.5", "72.5/27.5", 1, +1, fine, "72.5/27.5 73.5/26.5"},
		{"75/25", "75/25", 4, +1, coarse, "75/25 85/15 95/5 100/0 100/0"},
		{"100/0", "75/25", 3, -1, coarse, "100/0 95/5 85/15 75/25"},
		{"15/85", "75/25", 4, -1, coarse, "15/85 5/95 0/100 0/100 0/100"},
		{"0/100", "75/25", 2, +1, coarse, "0/100 5/95 15/85"},
		{"99.5/0.5", "72.5/27.5", 2, +1, fine, "99.5/0.5 100/0 100/0"},
		{"100/0", "72.5/27.5", 2, -1, fine, "100/0 99.5/0.5 98.5/1.5"},
		{"0/100", "72.5/27.5", 2, +1, fine, "0/100 0.5/99.5 1.5/98.5"},
		{"76/24", "75/25", 3, +1, coarse, "76/24 86/14 96/4 100/0"},
		{"100/0", "100/0", 2, -1, coarse, "100/0 90/10 80/20"},
		{"99/1", "75/25", 3, +1, fine, "99/1 100/0 100/0 100/0"},
	} {
		w, base := workload(t, "10M/day", c.from), workload(t, "10M/day", c.base)
		var stops []string
		for i := range c.steps + 1 {
			if i > 0 {
				w = w.StepSplit(c.direction, c.coarse, base)
			}
			text, _ := w.Split.MarshalText()
			stops = append(stops, string(text))
		}
		if got := strings.Join(stops, " "); got != c.want {
			t.Errorf("from %s, base %s: %s; want %s", c.from, c.base, got, c.want)
		}
	}
	given := workload(t, "10M/day", "75/25")
	if got := (Workload{}).StepSplit(1, fine, given); got.Split.Given() {
		t.Errorf("a step made the split %s of none", got.Split)
	}
	if got := given.StepSplit(1, fine, Workload{}).Split.String(); got != "76% in 24% out" {
		t.Errorf("a step without a base is %s", got)
	}
	if got := given.StepSplit(math.MinInt, fine, given).Split.String(); got != "0% in 100% out" {
		t.Errorf("the least is %s", got)
	}
	if got := given.StepSplit(math.MaxInt, coarse, given); !got.Volume.Equal(given.Volume) || got.Split.String() != "100% in 0% out" {
		t.Errorf("the most is %s", got)
	}
}

func TestStepSplitReturnsExactly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := genWorkload().Draw(t, "base")
		coarse := rapid.Bool().Draw(t, "coarse")
		direction := rapid.SampledFrom([]int{-1, 1}).Draw(t, "direction")
		w, taken := base, 0
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			next := w.StepSplit(direction, coarse, base)
			if next.Equal(w) {
				break
			}
			w = next
			taken++
		}
		if share := w.Split.Input(); share.Sign() < 0 || share.Cmp(integer(1)) > 0 {
			t.Fatalf("a step led to an input share of %s", share)
		}
		if back := w.StepSplit(-direction*taken, coarse, base); !back.Equal(base) {
			t.Fatalf("%d steps and back led from %s to %s", taken, base.Split, back.Split)
		}
	})
}

func TestStepShares(t *testing.T) {
	base := workload(t, "10M/day", "75/25")
	base.Cached, base.CacheWrite, base.Batch, base.Retries = share(t, "33.3%"), share(t, "20%"), share(t, "50%"), share(t, "2%")
	type turn = func(w Workload, n int, coarse bool) Workload
	cached := func(w Workload, n int, coarse bool) Workload { return w.StepCached(n, coarse, base) }
	batch := func(w Workload, n int, coarse bool) Workload { return w.StepBatch(n, coarse, base) }
	retries := func(w Workload, n int, coarse bool) Workload { return w.StepRetries(n, coarse, base) }
	for _, c := range []struct {
		name   string
		turn   turn
		share  func(Workload) Share
		n      int
		coarse bool
		want   string
	}{
		{"cached", cached, func(w Workload) Share { return w.Cached }, 1, fine, "34.3%"},
		{"cached", cached, func(w Workload) Share { return w.Cached }, -2, coarse, "13.3%"},
		{"cached", cached, func(w Workload) Share { return w.Cached }, 100, fine, "80%"}, // the rest is written
		{"cached", cached, func(w Workload) Share { return w.Cached }, -100, fine, "0%"},
		{"batch", batch, func(w Workload) Share { return w.Batch }, -1, fine, "49%"},
		{"batch", batch, func(w Workload) Share { return w.Batch }, 9, coarse, "100%"},
		{"retries", retries, func(w Workload) Share { return w.Retries }, 1, fine, "2.5%"},
		{"retries", retries, func(w Workload) Share { return w.Retries }, 1, coarse, "7%"},
		{"retries", retries, func(w Workload) Share { return w.Retries }, -9, fine, "0%"},
		{"retries", retries, func(w Workload) Share { return w.Retries }, math.MaxInt, fine, "100%"},
	} {
		there := c.turn(base, c.n, c.coarse)
		if got := c.share(there).String(); got != c.want {
			t.Errorf("%s by %d, coarse %v, is %s; want %s", c.name, c.n, c.coarse, got, c.want)
		}
		if there.Check() != nil {
			t.Errorf("%s by %d: %v", c.name, c.n, there.Check())
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		b := base
		b.Cached, b.Batch, b.Retries = Share{r: genShare().Draw(t, "cached").r}, genShare().Draw(t, "batch"), genShare().Draw(t, "retries")
		b.CacheWrite = Share{}
		coarse := rapid.Bool().Draw(t, "coarse")
		for name, w := range map[string]Workload{
			"cached": b.StepCached(1, coarse, b).StepCached(-1, coarse, b), "batch": b.StepBatch(1, coarse, b).StepBatch(-1, coarse, b),
			"retries": b.StepRetries(1, coarse, b).StepRetries(-1, coarse, b),
		} {
			// A step beyond the end does nothing, and the one back does.
			if inside := share(t, "99%"); !coarse && b.Batch.r.Cmp(inside.r) <= 0 && b.Cached.r.Cmp(inside.r) <= 0 &&
				b.Retries.r.Cmp(inside.r) <= 0 && !w.Equal(b) {
				t.Fatalf("%s: a step and back made %s of %s", name, w, b)
			}
		}
	})
}
