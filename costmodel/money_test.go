package costmodel

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseUSD(t *testing.T) {
	for in, want := range map[string]string{
		"0":                      "0",
		"0.00":                   "0",
		"43.75":                  "43.75",
		"60.00":                  "60",
		"21.875":                 "21.875",
		"$0.15":                  "0.15",
		" 7.5 ":                  "7.5",
		".5":                     "0.5",
		"0755":                   "755",
		"1,312.50":               "1312.5",
		"1,234,567":              "1234567",
		"1.5e-7":                 "0.00000015",
		"1.5E+3":                 "1500",
		"1e19":                   "10000000000000000000",
		"0.12345678905":          "0.1234567891",
		"0.00000000000000000001": "0",
	} {
		u, err := ParseUSD(in)
		if err != nil {
			t.Errorf("ParseUSD(%q): %v", in, err)
		} else if got := u.String(); got != want {
			t.Errorf("ParseUSD(%q) = %s, want %s", in, got, want)
		}
	}
}

func TestParseUSDRefuses(t *testing.T) {
	for in, want := range map[string]string{
		"":                       `amount "" is not a number`,
		"NaN":                    `amount "NaN" is not a number`,
		"inf":                    `amount "inf" is not a number`,
		"ten":                    `amount "ten" is not a number`,
		"1.":                     `amount "1." is not a number`,
		".":                      `amount "." is not a number`,
		"1.2.3":                  `amount "1.2.3" is not a number`,
		"1,5":                    `amount "1,5" is not a number`,
		",500":                   `amount ",500" is not a number`,
		"1e":                     `amount "1e" is not a number`,
		"1e+-2":                  `amount "1e+-2" is not a number`,
		"0x10":                   `amount "0x10" is not a number`,
		"1_000":                  `amount "1_000" is not a number`,
		"1/3":                    `amount "1/3" is not a number`,
		"+1":                     `amount "+1" is not a number`,
		"٣":                      `amount "٣" is not a number`,
		"1\x1b[m":                `amount "1\x1b[m" is not a number`,
		"-1":                     `amount "-1" is negative`,
		"-0":                     `amount "-0" is negative`,
		"-x":                     `amount "-x" is not a number`,
		"1e400":                  `amount "1e400" is too large or too finely divided`,
		"1e-400":                 `amount "1e-400" is too large or too finely divided`,
		"1e20":                   `amount "1e20" is too large or too finely divided`,
		"1e-21":                  `amount "1e-21" is too large or too finely divided`,
		"1e99999999999999999999": `amount "1e99999999999999999999" is too large or too finely divided`,
		strings.Repeat("9", 65):  `amount "` + strings.Repeat("9", 40) + `…" is too large or too finely divided`,
	} {
		t.Run(in, func(t *testing.T) {
			_, err := ParseUSD(in)
			wantInputError(t, err, want)
		})
	}
}

func TestUSDArithmetic(t *testing.T) {
	a, b := usd(t, "1.10"), usd(t, "2.2")
	if got := a.Add(b).String(); got != "3.3" {
		t.Errorf("1.10 + 2.2 = %s", got)
	}
	if got := a.Sub(b).String(); got != "-1.1" {
		t.Errorf("1.10 - 2.2 = %s", got)
	}
	third := a.Mul(big.NewRat(1, 3))
	if got := third.Add(third).Add(third); got.Cmp(a) != 0 {
		t.Errorf("three thirds of 1.10 are %s", got)
	}
	if a.String() != "1.1" || b.String() != "2.2" {
		t.Errorf("an operand changed: %s, %s", a, b)
	}
	var zero USD
	if zero.Sign() != 0 || zero.String() != "0" || zero.Add(a).Cmp(a) != 0 || a.Add(zero).Cmp(a) != 0 || !zero.Add(zero).Rat().IsInt() || zero.Rat().Sign() != 0 {
		t.Errorf("the zero value is not $0: %s", zero)
	}
	if a.Cmp(b) != -1 || b.Cmp(a) != 1 || a.Sub(b).Sign() != -1 {
		t.Error("1.10 and 2.2 are not in order")
	}
	if got := usd(t, "2.625").Float64(); got != 2.625 {
		t.Errorf("float of 2.625 is %v", got)
	}
	a.Rat().SetInt64(7)
	seven := big.NewRat(7, 1)
	kept := NewUSD(seven)
	seven.SetInt64(8)
	if a.String() != "1.1" || kept.String() != "7" {
		t.Errorf("an amount changed from outside: %s, %s", a, kept)
	}
}

func TestUSDFormat(t *testing.T) {
	for _, c := range []struct {
		amount *big.Rat
		places int
		want   string
	}{
		{big.NewRat(13125, 10), 2, "1,312.50"},
		{big.NewRat(1234567, 1), 0, "1,234,567"},
		{big.NewRat(999, 1), 0, "999"},
		{big.NewRat(2625, 1000), 3, "2.625"},
		{big.NewRat(2625, 1000), 2, "2.63"}, // half goes away from zero
		{big.NewRat(-2625, 1000), 2, "-2.63"},
		{big.NewRat(26249999, 10000000), 2, "2.62"},
		{big.NewRat(-1312500, 1), 2, "-1,312,500.00"},
		{big.NewRat(-1, 1000), 2, "0.00"},
		{big.NewRat(9999999, 10000), 2, "1,000.00"},
		{big.NewRat(1, 3), 99, "0.3333333333"},
		{big.NewRat(1, 2), -1, "1"},
		{new(big.Rat), 2, "0.00"},
	} {
		if got := NewUSD(c.amount).Format(c.places); got != c.want {
			t.Errorf("%s to %d places is %s, want %s", c.amount, c.places, got, c.want)
		}
	}
}

func TestUSDJSON(t *testing.T) {
	type record struct {
		Amount USD  `json:"usd"`
		Maybe  *USD `json:"maybe_usd"`
	}
	data, err := json.Marshal(record{Amount: usd(t, "43.750")})
	if err != nil || string(data) != `{"usd":"43.75","maybe_usd":null}` {
		t.Errorf("JSON is %s, %v", data, err)
	}
	var back record
	if err := json.Unmarshal([]byte(`{"usd":"-0.5","maybe_usd":"60"}`), &back); err != nil {
		t.Fatal(err)
	}
	if back.Amount.String() != "-0.5" || back.Maybe == nil || back.Maybe.String() != "60" {
		t.Errorf("read back %+v", back)
	}
	for _, bad := range []string{`null`, `43.75`, `""`, `"NaN"`, `"--1"`, `{}`} {
		if err := new(USD).UnmarshalJSON([]byte(bad)); err == nil {
			t.Errorf("%s was read as an amount", bad)
		}
	}
	var text USD
	if err := text.UnmarshalText([]byte("-1")); err == nil {
		t.Error("a negative amount was taken from text")
	}
	if err := text.UnmarshalText([]byte("1.00")); err != nil || text.String() != "1" {
		t.Errorf("text 1.00 is %s, %v", text, err)
	}
	if got := usd(t, "1.5").Decimal().StringFixed(10); got != "1.5000000000" {
		t.Errorf("decimal is %s", got)
	}
}

func TestUSDTextReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		u := USD{r: genRat(1<<50).Draw(t, "amount")}
		back, err := ParseUSD(u.String())
		if err != nil || back.String() != u.String() {
			t.Fatalf("%s read back as %s, %v", u, back, err)
		}
		// Rounded once, to the nearest of 10 places.
		off := u.Sub(back).rat()
		if off.Abs(off).Cmp(big.NewRat(1, 20_000_000_000)) > 0 {
			t.Fatalf("%s is %s away from the amount", u, off)
		}
		if parsed, err := ParseUSD(u.Format(10)); err != nil || parsed.Cmp(back) != 0 {
			t.Fatalf("%s read back as %s, %v", u.Format(10), parsed, err)
		}
	})
}

func FuzzParseUSD(f *testing.F) {
	for _, seed := range []string{"43.75", "1,312.50", "$1e-7", "1e400", "-1", "NaN", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, err := ParseUSD(s)
		if err != nil {
			wantInputErrorForm(t, err)
			return
		}
		if u.Sign() < 0 || len(u.String()) > 64 {
			t.Fatalf("%q became %s", s, u)
		}
		if back, err := ParseUSD(u.String()); err != nil || back.String() != u.String() {
			t.Fatalf("%q became %s and then %s, %v", s, u, back, err)
		}
	})
}
