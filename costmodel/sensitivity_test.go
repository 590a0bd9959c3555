package costmodel

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// Of plain rates the crossover is that of two straight lines, from either side.
func TestSplitCrossoversOfPlainRates(t *testing.T) {
	w := workload(t, "10M/day", "75/25")
	for _, c := range []struct {
		name string
		a, b Price
		want string // "" where there is none
	}{
		{"flat against steep", price(t, "0.90", "0.90"), price(t, "0.30", "2.50"), "3/11"},
		{"at the bound 0", price(t, "1", "2"), price(t, "1", "3"), ""},
		{"at the bound 1", price(t, "1", "3"), price(t, "2", "3"), ""},
		{"always dearer", price(t, "2.50", "10"), price(t, "0.15", "0.60"), ""},
		{"parallel", price(t, "1", "2"), price(t, "2", "3"), ""},
		{"the same", price(t, "1", "2"), price(t, "1", "2"), ""},
		{"unknown", price(t, "1", ""), price(t, "2", "0"), ""},
		{"no charge for output", price(t, "1", "none"), price(t, "0.50", "1"), "1/3"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ab, ok := SplitCrossovers(c.a, c.b, w)
			ba, alsoOK := SplitCrossovers(c.b, c.a, w)
			if ok != alsoOK || ok == (c.name == "unknown") || len(ab) != len(ba) || (len(ab) > 0) != (c.want != "") {
				t.Fatalf("they cross at %v %v one way, %v %v the other", ab, ok, ba, alsoOK)
			}
			if len(ab) > 0 && (len(ab) > 1 || ab[0].Cmp(rat(t, c.want)) != 0 || ba[0].Cmp(ab[0]) != 0) {
				t.Errorf("they cross at %s and %s, want %s", ab, ba, c.want)
			}
		})
	}
	llama, _ := Default().Lookup("llama-3.1-70b")
	lite, _ := Default().Lookup("gemini-3.5-flash-lite")
	if xs, ok := SplitCrossovers(llama.PriceIn("demo"), lite.PriceIn("demo"), w); !ok || len(xs) != 1 || xs[0].Cmp(big.NewRat(3, 11)) != 0 {
		t.Errorf("%s and %s cross at %v", llama.ID, lite.ID, xs)
	}
}

func TestOnePointMoreOutput(t *testing.T) {
	for _, c := range []struct {
		price         Price
		volume, split string
		want          string // "" where there is none
	}{
		{price(t, "0.15", "0.60"), "10M/day", "75/25", "1.35"},
		{price(t, "2.50", "10"), "10M/day", "75/25", "22.5"},
		{price(t, "0.90", "0.90"), "10M/day", "75/25", "0"},
		{price(t, "1", "none"), "300M/month", "75/25", "-3"},
		{price(t, "1", "2"), "10M/day", "1/99", "3"},
		{price(t, "1", "2"), "10M/day", "0.9/99.1", ""},
		{price(t, "1", ""), "10M/day", "75/25", ""},
	} {
		got, ok := OnePointMoreOutput(c.price, workload(t, c.volume, c.split))
		if ok != (c.want != "") || ok && got.String() != c.want {
			t.Errorf("a point at %s/%s, %s, %s is %s, %v; want %q",
				c.price.Input, c.price.Output, c.volume, c.split, got, ok, c.want)
		}
	}
	if _, ok := OnePointMoreOutput(price(t, "1", "2"), Workload{}); ok {
		t.Error("a point was moved without a split")
	}
}

func TestOnePointMoreOutputIsTheDifference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, w := genPrice().Draw(t, "price"), genWorkload().Draw(t, "workload")
		got, ok := OnePointMoreOutput(p, w)
		if !ok {
			return
		}
		moved := w
		moved.Split = Split{input: new(big.Rat).Sub(w.Split.input, big.NewRat(1, 100))}
		if want := Project(p, moved).PerMonth.Sub(Project(p, w).PerMonth); got.Cmp(want) != 0 {
			t.Fatalf("a point is %s, the difference %s", got, want)
		}
	})
}

// The order of two prices over all splits turns at the crossovers and nowhere else.
func TestSplitCrossovers(t *testing.T) {
	plainA, plainB := price(t, "0.90", "0.90"), price(t, "0.30", "2.50")
	w := workload(t, "10M/day", "75/25")
	if xs, ok := SplitCrossovers(plainA, plainB, w); !ok || len(xs) != 1 || xs[0].Cmp(big.NewRat(3, 11)) != 0 {
		t.Errorf("they cross at %v, %v", xs, ok)
	}
	// With the input cached at a tenth, the steep one stays the cheaper for longer.
	plainA.CachedInput, plainB.CachedInput = NoCharge(), rate(t, "0.03")
	w.Cached = share(t, "100%")
	if xs, ok := SplitCrossovers(plainA, plainB, w); !ok || len(xs) != 1 || xs[0].Cmp(big.NewRat(87, 247)) != 0 {
		t.Errorf("cached they cross at %v, %v", xs, ok)
	}
	// A jump between tiers is a crossover too: a call of 200K tokens, half of them in.
	long, steady := price(t, "1", "1"), price(t, "1.50", "1.50")
	long.Tiers = []Tier{{Above: 100_000, Rates: Rates{Input: rate(t, "2"), Output: rate(t, "2"), Reasoning: NoCharge()}}}
	if xs, ok := SplitCrossovers(long, steady, items(t, "1 calls/day", "150k", "50k")); !ok || len(xs) != 1 || xs[0].Cmp(big.NewRat(1, 2)) != 0 {
		t.Errorf("the tiers cross at %v, %v", xs, ok)
	}
	// Where they only cost the same up to a share, nothing turns.
	level := price(t, "2", "2")
	if xs, ok := SplitCrossovers(long, level, items(t, "1 calls/day", "150k", "50k")); !ok || len(xs) != 0 {
		t.Errorf("a tie and then a difference cross at %v, %v", xs, ok)
	}
	if _, ok := SplitCrossovers(price(t, "1", ""), steady, w); ok {
		t.Error("an unknown price crosses")
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b, w := genFullPrice().Draw(t, "a"), genFullPrice().Draw(t, "b"), genFullWorkload().Draw(t, "workload")
		w.Volume.amount = integer(1000)
		xs, ok := SplitCrossovers(a, b, w)
		if !ok {
			t.Fatal("no order")
		}
		dearer := func(x *big.Rat) int {
			w.Split = Split{input: new(big.Rat).Sub(integer(1), x)}
			return Project(a, w).PerDay.Cmp(Project(b, w).PerDay)
		}
		x, y := big.NewRat(rapid.Int64Range(1, 999).Draw(t, "x"), 1000), big.NewRat(rapid.Int64Range(1, 999).Draw(t, "y"), 1000)
		if x.Cmp(y) > 0 {
			x, y = y, x
		}
		between := 0
		for _, at := range xs {
			if at.Cmp(x) == 0 || at.Cmp(y) == 0 {
				return
			}
			if at.Cmp(x) > 0 && at.Cmp(y) < 0 {
				between++
			}
		}
		if first, last := dearer(x), dearer(y); first*last != 0 && (first == last) != (between%2 == 0) {
			t.Fatalf("from %s to %s the order goes from %d to %d with %d crossovers", x, y, first, last, between)
		}
	})
}

func TestVolumeCrossover(t *testing.T) {
	own, api := price(t, "0", "0"), price(t, "0.15", "0.60")
	w := items(t, "100k messages/month", "500", "200")
	v, ok := VolumeCrossover(own, usd(t, "2000"), api, USD{}, w)
	if got := fixed(v.Amount(), 3); !ok || got != "10256410.256" || v.Unit() != Messages || v.Period() != Month {
		t.Errorf("2,000 a month pays from %s %s on, %v", got, v, ok)
	}
	for _, c := range []struct {
		a, b           Price
		fixedA, fixedB string
	}{
		{own, api, "0", "2000"},                       // always the cheaper
		{api, api, "2000", "0"},                       // never meets
		{price(t, "", "1"), api, "2000", "0"},         // unknown
		{own, price(t, "0.15e-12", "0"), "2000", "0"}, // beyond all volumes
	} {
		if v, ok := VolumeCrossover(c.a, usd(t, c.fixedA), c.b, usd(t, c.fixedB), w); ok {
			t.Errorf("they cross at %s", v)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b, w := genFullPrice().Draw(t, "a"), genFullPrice().Draw(t, "b"), genFullWorkload().Draw(t, "workload")
		more := USD{r: genRat(100_000).Draw(t, "fixed")}
		v, ok := VolumeCrossover(a, more, b, USD{}, w)
		if !ok {
			return
		}
		w.Volume = v
		if x, y := Project(a, w).PerMonth.Add(more), Project(b, w).PerMonth; x.Cmp(y) != 0 {
			t.Fatalf("at %s one costs %s, the other %s", v, x, y)
		}
	})
}
