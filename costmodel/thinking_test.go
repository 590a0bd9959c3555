package costmodel

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// Thinking in the price and thinking in the workload are the same spend.
func TestPriceWithThinking(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, w := genFullPrice().Draw(t, "price"), genFullWorkload().Draw(t, "workload")
		w.Thinking = Count{}
		factor := new(big.Rat).Add(integer(1), genRat(10).Draw(t, "extra"))
		folded, asked := Project(p.WithThinking(factor), w), Project(p, w.WithThinking(factor))
		if folded.Known != asked.Known || folded.Known && folded.PerMonth.Cmp(asked.PerMonth) != 0 {
			t.Fatalf("%v %s in the price, %v %s in the workload", folded.Known, folded.PerMonth, asked.Known, asked.PerMonth)
		}
	})
}

func TestCachedCrossover(t *testing.T) {
	// With all of the input cached a costs 10 x 0.1 a day, b 10 x 0.5; with none
	// 10 x 1 and 10 x 0.8: equal where 1 - 0.9x = 0.8 - 0.3x.
	a, b := price(t, "1", "0"), price(t, "0.8", "0")
	a.CachedInput, b.CachedInput = rate(t, "0.1"), rate(t, "0.5")
	w := workload(t, "10M/day", "100/0")
	if x, ok := CachedCrossover(a, USD{}, b, USD{}, w); !ok || x.RatString() != "1/3" {
		t.Errorf("crosses at %v, %v", x, ok)
	}
	// A machine of 150 a month costs what a does where a day is 5: 10 - 9x = 5.
	free := price(t, "0", "0")
	free.CachedInput = NoCharge()
	if x, ok := CachedCrossover(a, USD{}, free, usd(t, "150"), w); !ok || x.RatString() != "5/9" {
		t.Errorf("crosses at %v, %v", x, ok)
	}
	for name, other := range map[string]Price{"itself": a, "always dearer": price(t, "2", "0"), "unknown": {}} {
		if x, ok := CachedCrossover(a, USD{}, other, USD{}, w); ok {
			t.Errorf("%s: crosses at %v", name, x)
		}
	}
}

// Where two prices cross over the cached share, they cost the same there.
func TestCachedCrossoverIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := genFullPrice().Draw(t, "a"), genFullPrice().Draw(t, "b")
		w := genFullWorkload().Draw(t, "workload")
		x, ok := CachedCrossover(a, USD{}, b, USD{}, w)
		if !ok {
			return
		}
		w.Cached = Share{r: x}
		if p, q := Project(a, w), Project(b, w); p.PerMonth.Cmp(q.PerMonth) != 0 {
			t.Fatalf("%s and %s at %s", p.PerMonth, q.PerMonth, x)
		}
	})
}
