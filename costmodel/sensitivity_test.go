package costmodel

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestCrossover(t *testing.T) {
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
			ab, ok := Crossover(c.a, c.b)
			ba, alsoOK := Crossover(c.b, c.a)
			switch {
			case ok != alsoOK || ok != (c.want != ""):
				t.Fatalf("crossover %v one way, %v the other", ab, ba)
			case ok && (ab.Cmp(rat(t, c.want)) != 0 || ba.Cmp(ab) != 0):
				t.Errorf("they cross at %s and %s, want %s", ab, ba, c.want)
			}
		})
	}
	llama, _ := Default().Lookup("llama-3.1-70b")
	lite, _ := Default().Lookup("gemini-3.5-flash-lite")
	if x, ok := Crossover(llama.PriceIn("demo"), lite.PriceIn("demo")); !ok || x.Cmp(big.NewRat(3, 11)) != 0 {
		t.Errorf("%s and %s cross at %v", llama.ID, lite.ID, x)
	}
}

func TestCrossoverCostsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, w := genPrice().Draw(t, "a"), genPrice().Draw(t, "b"), genWorkload().Draw(t, "workload")
		x, ok := Crossover(a, b)
		at := func(p Price, output *big.Rat) USD {
			w.Split = Split{input: new(big.Rat).Sub(integer(1), output)}
			return Project(p, w).PerDay
		}
		if ok {
			if at(a, x).Cmp(at(b, x)) != 0 {
				t.Fatalf("at %s one costs %s, the other %s", x, at(a, x), at(b, x))
			}
			return
		}
		// No crossing inside: the order is the same at both ends, or one is a tie.
		first, last := at(a, new(big.Rat)).Cmp(at(b, new(big.Rat))), at(a, integer(1)).Cmp(at(b, integer(1)))
		if first*last < 0 {
			t.Fatalf("the order turns from %d to %d without a crossing", first, last)
		}
	})
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
