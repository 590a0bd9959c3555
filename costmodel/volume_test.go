package costmodel

import (
	"math/big"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestParseVolume(t *testing.T) {
	for in, want := range map[string]struct{ shown, exact, perDay string }{
		"10M/day":                  {"10.0M tokens/day", "10M/day", "10000000"},
		"10M tokens/day":           {"10.0M tokens/day", "10M/day", "10000000"},
		"10m token / Day":          {"10.0M tokens/day", "10M/day", "10000000"},
		"  10 M tokens / day ":     {"10.0M tokens/day", "10M/day", "10000000"},
		"10Mtokens/d":              {"10.0M tokens/day", "10M/day", "10000000"},
		"2,000,000/day":            {"2.00M tokens/day", "2M/day", "2000000"},
		"1e7/day":                  {"10.0M tokens/day", "10M/day", "10000000"},
		"1.5B/month":               {"1.50B tokens/month", "1.5B/month", "50000000"},
		"1.5G/mo":                  {"1.50B tokens/month", "1.5B/month", "50000000"},
		"1.5b tokens/month":        {"1.50B tokens/month", "1.5B/month", "50000000"},
		"250k tokens/hour":         {"250K tokens/hour", "250K/hour", "6000000"},
		"250 K/h":                  {"250K tokens/hour", "250K/hour", "6000000"},
		"3.6B/year":                {"3.60B tokens/year", "3.6B/year", "10000000"},
		"1234567/day":              {"1.23M tokens/day", "1234.567K/day", "1234567"},
		"1234567.25/day":           {"1.23M tokens/day", "1234567.25/day", "4938269/4"},
		"999999/day":               {"1.00M tokens/day", "999.999K/day", "999999"},
		"950/day":                  {"950 tokens/day", "950/day", "950"},
		"0/day":                    {"0 tokens/day", "0/day", "0"},
		"0.5/day":                  {"0.5 tokens/day", "0.5/day", "1/2"},
		"1T/day":                   {"1.00T tokens/day", "1T/day", "1000000000000"},
		"1000T/day":                {"1,000T tokens/day", "1000T/day", "1000000000000000"},
		"100k messages/month":      {"100K messages/month", "100K messages/month", "10000/3"},
		"100K msgs / mo":           {"100K messages/month", "100K messages/month", "10000/3"},
		"8,000 documents/night":    {"8.00K documents/night", "8K documents/night", "8000"},
		"1 request/hour":           {"1 requests/hour", "1 requests/hour", "24"},
		"14 calls/week":            {"14 calls/week", "14 calls/week", "2"},
		"1000 users/day":           {"1.00K users/day", "1K users/day", "1000"},
		"10M docs/year":            {"10.0M documents/year", "10M documents/year", "10000000/360"},
		"10Mdocs/year":             {"10.0M documents/year", "10M documents/year", "10000000/360"},
		"0.00000000000000000001/d": {"0.00000000000000000001 tokens/day", "0.00000000000000000001/day", "1/100000000000000000000"},
	} {
		v, err := ParseVolume(in)
		if err != nil {
			t.Errorf("ParseVolume(%q): %v", in, err)
			continue
		}
		exact, _ := v.MarshalText()
		if v.String() != want.shown || string(exact) != want.exact {
			t.Errorf("ParseVolume(%q) is %q, exactly %q; want %q, %q", in, v, exact, want.shown, want.exact)
		}
		if got := (Workload{Volume: v}).unitsPerDay(); got.Cmp(rat(t, want.perDay)) != 0 {
			t.Errorf("%q are %s a day, want %s", in, got, want.perDay)
		}
		var back Volume
		if err := back.UnmarshalText(exact); err != nil || !back.Equal(v) {
			t.Errorf("%q read back as %s, %v", exact, back, err)
		}
	}
}

func TestParseVolumeRefuses(t *testing.T) {
	for in, want := range map[string]string{
		"":                `volume "" is not a number`,
		"/day":            `volume "/day" is not a number`,
		"lots/day":        `volume "lots/day" is not a number`,
		"NaN/day":         `volume "NaN/day" is not a number`,
		"1,5M/day":        `volume "1,5M/day" is not a number`,
		"10M":             `volume "10M" does not say per what time`,
		"10M tokens":      `volume "10M tokens" does not say per what time`,
		"10M/":            `volume "10M/" has the unknown period ""`,
		"10M/fortnight":   `volume "10M/fortnight" has the unknown period "fortnight"`,
		"10M/day/day":     `volume "10M/day/day" has the unknown period "day/day"`,
		"10M parcels/day": `volume "10M parcels/day" has the unknown unit "parcels"`,
		"10 parcels/day":  `volume "10 parcels/day" has the unknown unit "parcels"`,
		"1001T calls/day": `volume "1001T calls/day" is more than 1e15 calls`,
		"10t/day":         `volume "10t/day" has the unknown unit "t"`,
		"10MM/day":        `volume "10MM/day" has the unknown unit "MM"`,
		"10é/day":         `volume "10é/day" has the unknown unit "é"`,
		"10e/day":         `volume "10e/day" has the unknown unit "e"`,
		"-10M/day":        `volume "-10M/day" is negative`,
		"1e400/day":       `volume "1e400/day" is too large or too finely divided`,
		"1e-400/day":      `volume "1e-400/day" is too large or too finely divided`,
		"1001T/day":       `volume "1001T/day" is more than 1e15 tokens`,
	} {
		t.Run(in, func(t *testing.T) {
			_, err := ParseVolume(in)
			wantInputError(t, err, want)
		})
	}
}

func FuzzParseVolume(f *testing.F) {
	for _, seed := range []string{"10M/day", "1.5B tokens/month", "250k/hour", "1e400/day", "-1/day", "1,000 / year", "10 messages/day"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := ParseVolume(s)
		if err != nil {
			wantInputErrorForm(t, err)
			return
		}
		exact, _ := v.MarshalText()
		if back, err := ParseVolume(string(exact)); err != nil || !back.Equal(v) {
			t.Fatalf("%q became %s and then %s, %v", s, exact, back, err)
		}
		if len(exact) > 64 || len(v.String()) > 64 || v.rat().Sign() < 0 {
			t.Fatalf("%q became %s", s, exact)
		}
	})
}

func TestFormatTokens(t *testing.T) {
	for in, want := range map[string]string{
		"0":                "0",
		"1":                "1",
		"12.5":             "12.5",
		"12.54":            "12.5",
		"0.05":             "0.05",
		"0.012345":         "0.0123",
		"950":              "950",
		"999":              "999",
		"999.4":            "999",
		"999.5":            "1.00K",
		"1000":             "1.00K",
		"1/3":              "0.333",
		"1250":             "1.25K",
		"9994":             "9.99K",
		"9995":             "10.0K",
		"12345":            "12.3K",
		"250000":           "250K",
		"999499":           "999K",
		"999500":           "1.00M",
		"10000000":         "10.0M",
		"12500000":         "12.5M",
		"1000000000":       "1.00B",
		"1500000000000":    "1.50T",
		"999000000000000":  "999T",
		"1000000000000000": "1,000T",
	} {
		if got := FormatTokens(rat(t, in)); got != want {
			t.Errorf("%s tokens are %q, want %q", in, got, want)
		}
	}
}

func TestFormatTokensHasThreeFigures(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := genRat(maxVolume).Draw(t, "tokens")
		s := FormatTokens(r)
		if utf8.RuneCountInString(s) > 6 && r.Cmp(big.NewRat(1, 100)) > 0 {
			t.Fatalf("%s is %q", r, s)
		}
		v, err := ParseVolume(s + "/day")
		if err != nil {
			t.Fatalf("%q does not read back: %v", s, err)
		}
		// Three figures are within half of the third: 0.5 %.
		off := new(big.Rat).Sub(v.rat(), r)
		if off.Abs(off).Cmp(new(big.Rat).Mul(r, big.NewRat(5, 1000))) > 0 {
			t.Fatalf("%s is shown as %q", r, s)
		}
	})
}

func TestDaysPerMonth(t *testing.T) {
	if got := (DaysPerMonth{}).String(); got != "30" {
		t.Errorf("a month has %s days by default", got)
	}
	for _, in := range []string{"1", "22", "30", "30.4", "31"} {
		d, err := ParseDaysPerMonth(in)
		if err != nil || d.String() != in || d.Rat().Cmp(rat(t, in)) != 0 {
			t.Errorf("%q days are %s, %v", in, d, err)
		}
		text, _ := d.MarshalText()
		var back DaysPerMonth
		if err := back.UnmarshalText(text); err != nil || back.String() != in {
			t.Errorf("%q read back as %s, %v", in, back, err)
		}
	}
	for in, want := range map[string]string{
		"0":    `days per month "0" is not from 1 to 31`,
		"31.1": `days per month "31.1" is not from 1 to 31`,
		"":     `days per month "" is not a number`,
		"-30":  `days per month "-30" is negative`,
	} {
		_, err := ParseDaysPerMonth(in)
		wantInputError(t, err, want)
	}
	for in, want := range map[string]string{"2026-02": "28", "2028-02": "29", "2026-11": "30", "2026-12": "31"} {
		d, err := ParseDaysPerMonth(in)
		month, ok := d.Calendar()
		if err != nil || d.String() != want || !ok || month != date(t, in+"-01") {
			t.Errorf("%s has %s days, %v, %v", in, d, month, err)
		}
		if same := CalendarMonth(date(t, in+"-17")); same.String() != want {
			t.Errorf("the month of %s-17 has %s days", in, same)
		}
	}
	if _, ok := (DaysPerMonth{}).Calendar(); ok || CalendarMonth(Date{}).String() != "30" {
		t.Error("a month of 30 days is a calendar month")
	}
	w := workload(t, "304M/month", "75/25")
	w.DaysPerMonth, _ = ParseDaysPerMonth("30.4")
	if got := w.PerDay(); got.Cmp(rat(t, "10000000")) != 0 {
		t.Errorf("304M in a month of 30.4 days are %s a day", got)
	}
}

func TestPeriodText(t *testing.T) {
	var names []string
	for _, p := range []Period{Day, Hour, Month, Year, Week, Night} {
		names = append(names, p.String())
	}
	if got := strings.Join(names, " "); got != "day hour month year week night" {
		t.Errorf("the periods are %s", got)
	}
	v, _ := ParseVolume("5/month")
	if v.Period() != Month || v.Amount().Cmp(rat(t, "5")) != 0 {
		t.Errorf("5/month is %s in a %s", v.Amount(), v.Period())
	}
	if zero := (Volume{}); zero.String() != "0 tokens/day" || zero.Amount().Sign() != 0 {
		t.Errorf("the zero volume is %s", zero)
	}
}

// Who changes a volume need not say again per what time, nor of what.
func TestCompletedVolume(t *testing.T) {
	for _, tc := range []struct{ before, text, want string }{
		{"10M/day", "30M", "30M/day"},
		{"10M/day", " 2,000,000 ", "2M/day"},
		{"100k messages/month", "200k", "200K messages/month"},
		{"100k messages/month", "5 calls", "5 calls/month"},
		{"100k messages/month", "5M tokens", "5M/month"},
		{"100k messages/month", "1B/year", "1B/year"},
	} {
		before, err := ParseVolume(tc.before)
		if err != nil {
			t.Fatal(err)
		}
		v, err := ParseVolume(before.Completed(tc.text))
		if got, _ := v.MarshalText(); err != nil || string(got) != tc.want {
			t.Errorf("%s, then %q: %s, %v", tc.before, tc.text, got, err)
		}
	}
	for _, text := range []string{"", "soon", "-", "documents"} {
		if got := (Volume{}).Completed(text); got != text {
			t.Errorf("%q becomes %q", text, got)
		}
	}
}
