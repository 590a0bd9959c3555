package costmodel

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// option is an option at so many cents, ms and quality; a negative figure is
// unknown.
func option(cents int64, latency, quality float64) Option {
	var o Option
	if cents >= 0 {
		usd := NewUSD(big.NewRat(cents, 100))
		o.Spend = &usd
	}
	if latency >= 0 {
		o.Latency = Exactly(latency, Measured)
	}
	if quality >= 0 {
		o.Quality = Exactly(quality, Stated)
	}
	return o
}

// byFigure takes latencies at face value, 20 ms apart or more to be a difference.
func byFigure(options []Option, step float64) Slower {
	return func(i, j int) (int, bool) {
		a, b := options[i].Latency, options[j].Latency
		if !a.Known() || !b.Known() {
			return 0, false
		}
		switch d := a.Value - b.Value; {
		case d > step:
			return 1, true
		case d < -step:
			return -1, true
		}
		return 0, true
	}
}

func TestBeatenBy(t *testing.T) {
	barred := func(o Option) Option {
		o.Barred = true
		return o
	}
	for _, c := range []struct {
		name    string
		options []Option
		want    string
	}{
		{"cheaper and faster", []Option{option(100, 300, -1), option(200, 400, -1)}, "[-1 0]"},
		{"cheaper, no difference shown", []Option{option(100, 310, -1), option(200, 300, -1)}, "[-1 0]"},
		{"cheaper and slower", []Option{option(100, 400, -1), option(200, 300, -1)}, "[-1 -1]"},
		{"as dear and faster", []Option{option(100, 400, -1), option(100, 300, -1)}, "[1 -1]"},
		{"the same in everything", []Option{option(100, 300, 0.9), option(100, 300, 0.9)}, "[-1 -1]"},
		{"better in quality alone", []Option{option(100, 300, 0.8), option(100, 300, 0.9)}, "[1 -1]"},
		{"cheaper and worse in quality", []Option{option(100, 300, 0.8), option(200, 400, 0.9)}, "[-1 -1]"},
		{"quality of one side says nothing", []Option{option(100, 300, -1), option(200, 400, 0.9)}, "[-1 0]"},
		{"a retired one never beats", []Option{barred(option(100, 300, -1)), option(200, 400, -1)}, "[-1 -1]"},
		{"a retired one is beaten", []Option{option(100, 300, -1), barred(option(200, 400, -1))}, "[-1 0]"},
		{"an unknown spend neither beats nor is beaten", []Option{option(-1, 100, -1), option(200, 400, -1), option(100, 300, -1)}, "[-1 2 -1]"},
		{"an unknown latency likewise", []Option{option(100, -1, -1), option(200, 400, -1)}, "[-1 -1]"},
		{"of several the cheapest", []Option{option(300, 500, -1), option(200, 300, -1), option(100, 400, -1)}, "[2 -1 -1]"},
		{"of equals the first", []Option{option(300, 500, -1), option(100, 300, -1), option(100, 300, -1)}, "[1 -1 -1]"},
		{"none", nil, "[]"},
	} {
		if got := fmt.Sprint(BeatenBy(c.options, byFigure(c.options, 20))); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestFrontier(t *testing.T) {
	retired := option(1, 1, 1)
	retired.Barred = true
	options := []Option{
		option(100, 400, 0.8), option(200, 300, 0.8), option(200, 400, 0.7), option(300, 500, 0.9),
		option(150, 400, -1), option(50, 600, -1), option(-1, 100, 0.9), option(10, -1, 0.9), retired,
	}
	want := []bool{true, true, false, true, false, true, false, false, false}
	if got := Frontier(options); !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func genOption() *rapid.Generator[Option] {
	return rapid.Custom(func(t *rapid.T) Option {
		o := option(
			rapid.Int64Range(-1, 8).Draw(t, "cents"),
			float64(rapid.IntRange(-1, 8).Draw(t, "latency")),
			float64(rapid.IntRange(-1, 5).Draw(t, "quality")),
		)
		o.Barred = rapid.IntRange(0, 9).Draw(t, "barred") == 0
		return o
	})
}

// An option that is dominated changes no frontier, wherever it is added.
func TestADominatedOptionChangesNoFrontier(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		options := rapid.SliceOfN(genOption(), 1, 12).Draw(t, "options")
		all := Frontier(options)
		var kept []Option
		var want []bool
		for i, o := range options {
			if all[i] || rapid.Bool().Draw(t, "keep") {
				kept, want = append(kept, o), append(want, all[i])
			}
		}
		if got := Frontier(kept); !slices.Equal(got, want) {
			t.Fatalf("without some dominated ones the frontier is %v, was %v", got, want)
		}
	})
}

// Whoever is beaten is beaten by one that is as the definition says, and nobody
// is left unbeaten whom one beats: held against the definition in plain words.
func TestBeatenByKeepsToItsDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		options := rapid.SliceOfN(genOption(), 0, 10).Draw(t, "options")
		slower := byFigure(options, 1)
		beats := func(i, j int) bool {
			a, b := options[i], options[j]
			order, ok := slower(i, j)
			if i == j || a.Barred || a.Spend == nil || b.Spend == nil || !ok || order > 0 || a.Spend.Cmp(*b.Spend) > 0 {
				return false
			}
			both := a.Quality.Known() && b.Quality.Known()
			if both && a.Quality.Value < b.Quality.Value {
				return false
			}
			return a.Spend.Cmp(*b.Spend) < 0 || order < 0 || both && a.Quality.Value > b.Quality.Value
		}
		for j, winner := range BeatenBy(options, slower) {
			best := -1
			for i := range options {
				if beats(i, j) && (best < 0 || options[i].Spend.Cmp(*options[best].Spend) < 0) {
					best = i
				}
			}
			if winner != best {
				t.Fatalf("%d is beaten by %d, want %d", j, winner, best)
			}
		}
	})
}

// The frontier has no two of which one dominates the other, and everything off it
// that has figures is dominated by one on it.
func TestFrontierIsComplete(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		options := rapid.SliceOfN(genOption(), 0, 12).Draw(t, "options")
		ranks, _ := spendRanks(options)
		on := Frontier(options)
		for j, o := range options {
			dominated := false
			for i := range options {
				dominated = dominated || on[i] && dominates(options, ranks, i, j)
			}
			if on[j] == dominated && !o.Barred && o.Spend != nil && o.Latency.Known() {
				t.Fatalf("option %d: on the frontier %v, dominated from there %v", j, on[j], dominated)
			}
		}
	})
}

func benchmarkOptions() []Option {
	w := benchmarkWorkload()
	var options []Option
	for i, m := range Default().Models() {
		s := Project(m.Price(), w)
		o := Option{Latency: Exactly(float64(200+i*37%900), Measured)}
		if s.Known {
			o.Spend = &s.PerDay
		}
		options = append(options, o)
	}
	return options
}

func benchmarkWorkload() Workload {
	v, err := ParseVolume("10M/day")
	s, err2 := ParseSplit("75/25")
	if cmp.Or(err, err2) != nil {
		panic(cmp.Or(err, err2))
	}
	return Workload{Volume: v, Split: s}
}

func BenchmarkBeatenBy(b *testing.B) {
	options := benchmarkOptions()
	slower := byFigure(options, 20)
	for b.Loop() {
		BeatenBy(options, slower)
	}
}

func BenchmarkFrontier(b *testing.B) {
	options := benchmarkOptions()
	for b.Loop() {
		Frontier(options)
	}
}
