package costmodel

import (
	"math/big"
	"testing"
)

func TestParseCount(t *testing.T) {
	for in, want := range map[string]string{
		"500": "500", "2,000": "2,000", "1.5k": "1,500", " 2 M ": "2,000,000", "0": "0", "0.25": "0.25", "1000T": "1,000,000,000,000,000",
	} {
		c, err := ParseCount(in)
		if err != nil || c.String() != want || !c.Given() {
			t.Errorf("%q is %s, %v; want %s", in, c, err, want)
		}
		text, _ := c.MarshalText()
		var back Count
		if err := back.UnmarshalText(text); err != nil || !back.Equal(c) {
			t.Errorf("%q read back as %s, %v", text, back, err)
		}
	}
	for in, want := range map[string]string{
		"":           `count "" is not a number`,
		"-1":         `count "-1" is negative`,
		"NaN":        `count "NaN" is not a number`,
		"1e400":      `count "1e400" is too large or too finely divided`,
		"1001T":      `count "1001T" is too large or too finely divided`,
		"500 tokens": `count "500 tokens" is not a number`,
		"5x":         `count "5x" is not a number`,
		"500\x1b[2J": `count "500\x1b[2J" is not a number`,
	} {
		_, err := ParseCount(in)
		wantInputError(t, err, want)
	}
	var none Count
	zero := count(t, "0")
	if none.Given() || none.Equal(zero) || none.String() != "" || none.Rat().Sign() != 0 {
		t.Error("no count is 0")
	}
	if err := zero.UnmarshalText(nil); err != nil || zero.Given() {
		t.Errorf("an empty text is the count %s, %v", zero, err)
	}
	if _, err := NewCount(big.NewRat(-1, 2)); err == nil {
		t.Error("a negative count was taken")
	}
	if c, err := NewCount(big.NewRat(3, 2)); err != nil || c.String() != "1.5" {
		t.Errorf("3/2 is %s, %v", c, err)
	}
}

func TestParseShare(t *testing.T) {
	for in, want := range map[string]string{
		"30%": "30%", "30": "30%", "0.5%": "0.5%", "0": "0%", "100%": "100%", " 12.5 % ": "12.5%", "1": "1%",
	} {
		s, err := ParseShare(in)
		if err != nil || s.String() != want {
			t.Errorf("%q is %s, %v; want %s", in, s, err, want)
		}
		text, _ := s.MarshalText()
		var back Share
		if err := back.UnmarshalText(text); err != nil || !back.Equal(s) {
			t.Errorf("%q read back as %s, %v", text, back, err)
		}
	}
	for in, want := range map[string]string{
		"":      `share "" is not a number`,
		"%":     `share "%" is not a number`,
		"-1%":   `share "-1%" is negative`,
		"101%":  `share "101%" is more than 100%`,
		"0.3":   `share "0.3" could be 30% or 0.3%`,
		"NaN":   `share "NaN" is not a number`,
		"1e400": `share "1e400" is too large or too finely divided`,
		"30%%":  `share "30%%" is not a number`,
	} {
		_, err := ParseShare(in)
		wantInputError(t, err, want)
	}
	if !(Share{}).IsZero() || !(Share{}).Equal(share(t, "0%")) || (Share{}).String() != "0%" {
		t.Error("the zero share is not 0")
	}
	for _, bad := range []*big.Rat{big.NewRat(-1, 2), big.NewRat(3, 2)} {
		if _, err := NewShare(bad); err == nil {
			t.Errorf("%s was taken as a share", bad)
		}
	}
	if s, err := NewShare(big.NewRat(1, 4)); err != nil || s.String() != "25%" {
		t.Errorf("1/4 is %s, %v", s, err)
	}
}

func FuzzParseCountAndShare(f *testing.F) {
	for _, seed := range []string{"500", "2,000", "1.5k", "30%", "0.5%", "1e400", "-1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if c, err := ParseCount(s); err != nil {
			wantInputErrorForm(t, err)
		} else if back, err := ParseCount(c.String()); err != nil || !back.Equal(c) || c.rat().Sign() < 0 {
			t.Fatalf("%q became %s and then %s, %v", s, c, back, err)
		}
		if sh, err := ParseShare(s); err != nil {
			wantInputErrorForm(t, err)
		} else if sh.rat().Sign() < 0 || sh.rat().Cmp(integer(1)) > 0 {
			t.Fatalf("%q became %s", s, sh)
		}
	})
}
