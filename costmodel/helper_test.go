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
		tokens := genRat(maxVolumeTokens).Draw(t, "tokens")
		if rapid.Bool().Draw(t, "on grid") {
			tokens = rapid.SampledFrom(volumeGrid()).Draw(t, "stop")
		}
		return Volume{tokens: tokens, period: rapid.SampledFrom([]Period{Day, Hour, Month, Year}).Draw(t, "period")}
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

// wantInputErrorForm holds err to be an *InputError, whatever it says.
func wantInputErrorForm(t testing.TB, err error) {
	t.Helper()
	var input *InputError
	if !errors.As(err, &input) {
		t.Fatalf("error is %v, want an *InputError", err)
	}
	wantSentence(t, input)
}
