package costmodel

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestVerdicts(t *testing.T) {
	measured := func(lo, value, hi float64) Metric {
		return Metric{Value: value, Lo: lo, Hi: hi, N: 100, Basis: Measured}
	}
	for _, c := range []struct {
		name                   string
		figure                 Metric
		limit                  float64
		wantAtMost, wantAtleas Verdict
	}{
		{"unknown", Metric{}, 1, NotShown, NotShown},
		{"an unknown figure of 0 is not 0", Metric{}, 0, NotShown, NotShown},
		{"all below", measured(1, 2, 3), 4, Inside, Outside},
		{"all above", measured(5, 6, 7), 4, Outside, Inside},
		{"the interval holds the limit", measured(3, 3.5, 5), 4, NotShown, NotShown},
		{"at its end too", measured(3, 3.5, 4), 4, NotShown, NotShown},
		{"stated at the limit", Exactly(4, Stated), 4, Inside, Inside},
		{"stated below", Exactly(3.9, Stated), 4, Inside, Outside},
		{"stated above", Exactly(4.1, Published), 4, Outside, Inside},
		{"malformed 4 of 200 and 1 %", measured(0.0078, 0.02, 0.0503), 0.01, NotShown, NotShown},
	} {
		if got := c.figure.AtMost(c.limit); got != c.wantAtMost {
			t.Errorf("%s: at most %v", c.name, got)
		}
		if got := c.figure.AtLeast(c.limit); got != c.wantAtleas {
			t.Errorf("%s: at least %v", c.name, got)
		}
	}
}

func genMetric(highest float64) *rapid.Generator[Metric] {
	return rapid.Custom(func(t *rapid.T) Metric {
		v := rapid.Float64Range(0, highest).Draw(t, "value")
		switch rapid.IntRange(0, 3).Draw(t, "basis") {
		case 0:
			return Metric{}
		case 1:
			return Exactly(v, Stated)
		}
		return Metric{
			Value: v, Lo: v * rapid.Float64Range(0.5, 1).Draw(t, "lo"), Hi: v * rapid.Float64Range(1, 2).Draw(t, "hi"), N: 50, Basis: Measured,
		}
	})
}

// A stricter limit never lets in what a looser one did not, nor calls inside what
// was outside.
func TestVerdictsAreMonotone(t *testing.T) {
	strictness := map[Verdict]int{Inside: 0, NotShown: 1, Outside: 2}
	rapid.Check(t, func(t *rapid.T) {
		f := genMetric(10).Draw(t, "figure")
		low, high := rapid.Float64Range(0, 10).Draw(t, "a"), rapid.Float64Range(0, 10).Draw(t, "b")
		low, high = min(low, high), max(low, high)
		if strictness[f.AtMost(low)] < strictness[f.AtMost(high)] || strictness[f.AtLeast(high)] < strictness[f.AtLeast(low)] {
			t.Fatalf("%+v between %v and %v", f, low, high)
		}
	})
}

func TestParseFraction(t *testing.T) {
	for text, want := range map[string]float64{"0.85": 0.85, "85%": 0.85, " 1 % ": 0.01, "0": 0, "1": 1, "100%": 1, "0.05%": 0.0005} {
		if got, err := ParseFraction(text); err != nil || got != want {
			t.Errorf("%q is %v, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{
		"":      `share "" is not a number`,
		"85":    `share "85" is more than 1`,
		"101%":  `share "101%" is more than 1`,
		"-0.1":  `share "-0.1" is negative`,
		"NaN":   `share "NaN" is not a number`,
		"1e400": `share "1e400" is too large or too finely divided`,
		"%":     `share "%" is not a number`,
		"half":  `share "half" is not a number`,
	} {
		_, err := ParseFraction(text)
		wantInputError(t, err, want)
	}
}

func TestParseTokens(t *testing.T) {
	for text, want := range map[string]int64{"0": 0, "500": 500, "128k": 128_000, "1.5M": 1_500_000, "40,000 tokens": 40_000} {
		if got, err := ParseTokens(text); err != nil || got != want {
			t.Errorf("%q is %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "-1", "1.5", "0.0001k", "1e16", "9T9", "500 messages", "NaN", "1e400", "k"} {
		_, err := ParseTokens(text)
		wantInputErrorForm(t, err)
	}
}

func FuzzParseFraction(f *testing.F) {
	for _, s := range []string{"0.85", "85%", "-1", "1e400", "1e-20%", "%%"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := ParseFraction(s)
		if err != nil {
			wantInputErrorForm(t, err)
		} else if !(v >= 0 && v <= 1) || math.IsNaN(v) {
			t.Errorf("%q is %v", s, v)
		}
		if n, err := ParseTokens(s); err != nil {
			wantInputErrorForm(t, err)
		} else if n < 0 || n > maxVolume {
			t.Errorf("%q is %d tokens", s, n)
		}
	})
}
