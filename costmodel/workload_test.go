package costmodel

import (
	"testing"

	"pgregory.net/rapid"
)

func TestParseSplit(t *testing.T) {
	for in, want := range map[string]struct{ shown, exact, input string }{
		"75/25":          {"75% in 25% out", "75/25", "3/4"},
		" 75 / 25 ":      {"75% in 25% out", "75/25", "3/4"},
		"72.5/27.5":      {"72.5% in 27.5% out", "72.5/27.5", "29/40"},
		"100/0":          {"100% in 0% out", "100/0", "1"},
		"0/100":          {"0% in 100% out", "0/100", "0"},
		"33.333/66.667":  {"33.333% in 66.667% out", "33.333/66.667", "33333/100000"},
		"0.0001/99.9999": {"0.0001% in 99.9999% out", "0.0001/99.9999", "1/1000000"},
	} {
		s, err := ParseSplit(in)
		if err != nil {
			t.Errorf("ParseSplit(%q): %v", in, err)
			continue
		}
		exact, _ := s.MarshalText()
		if s.String() != want.shown || string(exact) != want.exact || s.Input().Cmp(rat(t, want.input)) != 0 {
			t.Errorf("ParseSplit(%q) is %q, exactly %q, input %s", in, s, exact, s.Input())
		}
		if sum := s.Output(); sum.Add(sum, s.Input()).Cmp(rat(t, "1")) != 0 {
			t.Errorf("the shares of %q sum to %s", in, sum)
		}
	}
}

func TestParseSplitRefuses(t *testing.T) {
	for in, want := range map[string]string{
		"":           `split "" is not an input and an output share`,
		"75":         `split "75" is not an input and an output share`,
		"75:25":      `split "75:25" is not an input and an output share`,
		"80/25":      `split "80/25" sums to 105, not to 100`,
		"72.5/27":    `split "72.5/27" sums to 99.5, not to 100`,
		"33.3/66.6":  `split "33.3/66.6" sums to 99.9, not to 100`,
		"0.75/0.25":  `split "0.75/0.25" sums to 1, not to 100`,
		"75/25/0":    `split "75/25/0" has a share that is not a number`,
		"75%/25%":    `split "75%/25%" has a share that is not a number`,
		"/":          `split "/" has a share that is not a number`,
		"NaN/25":     `split "NaN/25" has a share that is not a number`,
		"110/-10":    `split "110/-10" has a share that is negative`,
		"1e400/25":   `split "1e400/25" has a share that is too large or too finely divided`,
		"75/1e-4000": `split "75/1e-4000" has a share that is too large or too finely divided`,
	} {
		t.Run(in, func(t *testing.T) {
			_, err := ParseSplit(in)
			wantInputError(t, err, want)
		})
	}
}

func FuzzParseSplit(f *testing.F) {
	for _, seed := range []string{"75/25", "72.5/27.5", "100/0", "80/25", "-1/101", "1e400/1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		split, err := ParseSplit(s)
		if err != nil {
			wantInputErrorForm(t, err)
			return
		}
		exact, _ := split.MarshalText()
		if back, err := ParseSplit(string(exact)); err != nil || !back.Equal(split) {
			t.Fatalf("%q became %s and then %s, %v", s, exact, back, err)
		}
		if in := split.Input(); in.Sign() < 0 || in.Cmp(rat(t, "1")) > 0 || len(exact) > 64 {
			t.Fatalf("%q became %s", s, exact)
		}
	})
}

func TestSplitNotGiven(t *testing.T) {
	var s Split
	if s.Given() || s.String() != "" || s.Input().Sign() != 0 || s.Output().Sign() != 0 {
		t.Errorf("the zero split is %q", s)
	}
	all, _ := ParseSplit("0/100")
	if s.Equal(all) {
		t.Error("no split equals 0/100")
	}
	if err := all.UnmarshalText(nil); err != nil || all.Given() {
		t.Errorf("an empty text is the split %s, %v", all, err)
	}
	if text, err := s.MarshalText(); err != nil || len(text) != 0 {
		t.Errorf("no split is %q, %v", text, err)
	}
}

func TestWorkload(t *testing.T) {
	w := workload(t, "10M/day", "75/25")
	if w.String() != "10.0M tokens/day, 75% in 25% out" || (Workload{}).String() != "0 tokens/day" {
		t.Errorf("%s; %s", w, Workload{})
	}
	if w.InputPerDay().Cmp(rat(t, "7500000")) != 0 || w.OutputPerDay().Cmp(rat(t, "2500000")) != 0 {
		t.Errorf("%s in, %s out a day", w.InputPerDay(), w.OutputPerDay())
	}
	days := w
	days.DaysPerMonth, _ = ParseDaysPerMonth("30.4")
	for name, other := range map[string]Workload{
		"period": workload(t, "10M/month", "75/25"),
		"volume": workload(t, "11M/day", "75/25"),
		"split":  workload(t, "10M/day", "76/24"),
		"days":   days,
	} {
		if w.Equal(other) || !other.Equal(other) {
			t.Errorf("another %s makes no difference", name)
		}
	}
	if thirty := w; !thirty.Equal(w) {
		t.Error("a copy differs")
	}
}

func TestSharesSumToVolume(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := genWorkload().Draw(t, "workload")
		sum := w.InputPerDay()
		if sum.Add(sum, w.OutputPerDay()).Cmp(w.PerDay()) != 0 {
			t.Fatalf("%s: input and output are %s of %s", w, sum, w.PerDay())
		}
	})
}
