package costmodel

import (
	"errors"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func rat(t testing.TB, s string) *big.Rat {
	t.Helper()
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		t.Fatalf("bad rational %q in the test", s)
	}
	return r
}

func usd(t testing.TB, s string) USD {
	t.Helper()
	u, err := ParseUSD(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func rate(t testing.TB, s string) Rate {
	t.Helper()
	r, err := ParseRate(s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// price returns a price of the given rates; "" is unknown, "none" absent.
func price(t testing.TB, input, output string) Price {
	t.Helper()
	return Price{Input: rate(t, input), Output: rate(t, output)}
}

func date(t testing.TB, s string) Date {
	t.Helper()
	d, err := ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func workload(t testing.TB, volume, split string) Workload {
	t.Helper()
	v, err := ParseVolume(volume)
	if err != nil {
		t.Fatal(err)
	}
	s, err := ParseSplit(split)
	if err != nil {
		t.Fatal(err)
	}
	return Workload{Volume: v, Split: s}
}

// fataler is a test of either kind, by example or by property.
type fataler interface {
	Helper()
	Fatal(args ...any)
}

func share(t fataler, s string) Share {
	t.Helper()
	sh, err := ParseShare(s)
	if err != nil {
		t.Fatal(err)
	}
	return sh
}

func count(t testing.TB, s string) Count {
	t.Helper()
	c, err := ParseCount(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// items returns a workload of items with so many tokens each.
func items(t testing.TB, volume, in, out string) Workload {
	t.Helper()
	v, err := ParseVolume(volume)
	if err != nil {
		t.Fatal(err)
	}
	w, err := Workload{Volume: v}.WithItem(count(t, in), count(t, out))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// wantInputError holds err to be an *InputError with the given sentence, a
// hint, and the form that the sentences of this package have.
func wantInputError(t testing.TB, err error, what string) {
	t.Helper()
	var input *InputError
	if !errors.As(err, &input) {
		t.Fatalf("error is %v, want an *InputError", err)
	}
	if input.What != what {
		t.Errorf("error is %q, want %q", input.What, what)
	}
	wantSentence(t, input)
}

func wantSentence(t testing.TB, input *InputError) {
	t.Helper()
	if input.What == "" || input.Hint == "" || strings.HasSuffix(input.What, ".") ||
		strings.ToLower(input.What[:1]) != input.What[:1] || !printable(input.What) || len(input.What) > 700 {
		t.Errorf("not one clear sentence with a hint: %q, %q", input.What, input.Hint)
	}
}

// Generators.

func genRat(limit int64) *rapid.Generator[*big.Rat] {
	return rapid.Custom(func(t *rapid.T) *big.Rat {
		return big.NewRat(rapid.Int64Range(0, limit).Draw(t, "num"), rapid.Int64Range(1, 1000).Draw(t, "den"))
	})
}

func genRate() *rapid.Generator[Rate] {
	return rapid.Custom(func(t *rapid.T) Rate {
		return Rate{state: rateKnown, usd: USD{r: genRat(100_000).Draw(t, "rate")}}
	})
}

func genPrice() *rapid.Generator[Price] {
	return rapid.Custom(func(t *rapid.T) Price {
		return Price{Input: genRate().Draw(t, "input"), Output: genRate().Draw(t, "output")}
	})
}

func genSplit() *rapid.Generator[Split] {
	return rapid.Custom(func(t *rapid.T) Split {
		return splitOfPercent(big.NewRat(rapid.Int64Range(0, 100_000).Draw(t, "milli"), 1000))
	})
}

func genVolume() *rapid.Generator[Volume] {
	return rapid.Custom(func(t *rapid.T) Volume {
		tokens := genRat(maxVolume).Draw(t, "tokens")
		if rapid.Bool().Draw(t, "on grid") {
			tokens = rapid.SampledFrom(volumeGrid()).Draw(t, "stop")
		}
		return Volume{amount: tokens, period: rapid.SampledFrom([]Period{Day, Hour, Month, Year}).Draw(t, "period")}
	})
}

func genWorkload() *rapid.Generator[Workload] {
	return rapid.Custom(func(t *rapid.T) Workload {
		return Workload{
			Volume:       genVolume().Draw(t, "volume"),
			Split:        genSplit().Draw(t, "split"),
			DaysPerMonth: DaysPerMonth{r: big.NewRat(rapid.Int64Range(10, 310).Draw(t, "days"), 10)},
		}
	})
}

func genShare() *rapid.Generator[Share] {
	return rapid.Custom(func(t *rapid.T) Share {
		return Share{r: big.NewRat(rapid.Int64Range(0, 1000).Draw(t, "per mille"), 1000)}
	})
}

// genFullWorkload draws workloads in every unit and with everything that a
// workload can have.
func genFullWorkload() *rapid.Generator[Workload] {
	return rapid.Custom(func(t *rapid.T) Workload {
		w := genWorkload().Draw(t, "workload")
		w.Volume.unit = rapid.SampledFrom([]Unit{Tokens, Requests, Messages, Calls, Documents, Users}).Draw(t, "unit")
		if w.Volume.unit != Tokens {
			w.PerItem = Count{r: genRat(2_000_000).Draw(t, "per item")}
		}
		w.Cached = genShare().Draw(t, "cached")
		w.CacheWrite = Share{r: new(big.Rat).Mul(w.Cached.rest(), genShare().Draw(t, "written").r)}
		w.Batch, w.Retries = genShare().Draw(t, "batch"), genShare().Draw(t, "retries")
		if w.countsRequests() {
			w.Malformed, w.Review = genShare().Draw(t, "malformed"), USD{r: genRat(1000).Draw(t, "review")}
		}
		w.Growth = genShare().Draw(t, "growth")
		return w.WithThinking(genRat(5000).Draw(t, "thinking"))
	})
}

// genFullPrice draws prices with special rates, a batch multiplier and tiers.
func genFullPrice() *rapid.Generator[Price] {
	rates := func(t *rapid.T, label string) Rates {
		special := rapid.OneOf(genRate(), rapid.Just(NoCharge()))
		return Rates{
			Input: genRate().Draw(t, label+" input"), Output: genRate().Draw(t, label+" output"),
			CachedInput: special.Draw(t, label+" cached"), CacheWrite: special.Draw(t, label+" write"),
			Reasoning: special.Draw(t, label+" reasoning"),
		}
	}
	return rapid.Custom(func(t *rapid.T) Price {
		r := rates(t, "base")
		p := Price{Input: r.Input, Output: r.Output, CachedInput: r.CachedInput, CacheWrite: r.CacheWrite, Reasoning: r.Reasoning, Batch: NoOffer()}
		if rapid.Bool().Draw(t, "batches") {
			p.Batch = Multiplier{state: rateKnown, r: genShare().Draw(t, "multiplier").r}
		}
		above := int64(0)
		for range rapid.IntRange(0, 2).Draw(t, "tiers") {
			above += rapid.Int64Range(1, 1000).Draw(t, "above")
			p.Tiers = append(p.Tiers, Tier{Above: above, Rates: rates(t, "tier")})
		}
		return p
	})
}

// wantInputErrorForm holds err to be an *InputError, whatever it says.
func wantInputErrorForm(t testing.TB, err error) {
	t.Helper()
	var input *InputError
	if !errors.As(err, &input) {
		t.Fatalf("error is %v, want an *InputError", err)
	}
	wantSentence(t, input)
}
