package pricefeed

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"costping/costmodel"

	"pgregory.net/rapid"
)

func TestParseRate(t *testing.T) {
	for _, c := range []struct {
		raw, want string
		why       Reason
	}{
		{"1.5e-07", "0.15", ""}, // times 1e6 as a float this is 0.15000000000000002 on some paths
		{"7.5e-08", "0.075", ""},
		{"2.5E-06", "2.5", ""},
		{"0", "0", ""},
		{"0.0", "0", ""},
		{"1", "1000000", ""},
		{`"0.0000025"`, "2.5", ""},
		{`"0.00000008333333333333334"`, "0.08333333333333334", ""},
		{`"0"`, "0", ""},
		{`"-1"`, "", PriceDynamic},
		{`"-1.0"`, "", PriceDynamic},
		{"-1", "", PriceDynamic},
		{"-0.5", "", PriceNegative},
		{`"free"`, "", PriceNotNumber},
		{`""`, "", PriceNotNumber},
		{`" 1"`, "", PriceNotNumber},
		{`"1_0"`, "", PriceNotNumber},
		{`"NaN"`, "", PriceNotNumber},
		{`"Infinity"`, "", PriceNotNumber},
		{"true", "", PriceNotNumber},
		{"{}", "", PriceNotNumber},
		{"1e400", "", PriceOutOfRange},
		{`"1e999999999999"`, "", PriceNotNumber},
		{"1e-400", "", PriceOutOfRange},
		{"0." + strings.Repeat("0", 30) + "1", "", PriceOutOfRange},
		{"1" + strings.Repeat("0", 100), "", PriceOutOfRange},
		{"null", "", PriceNull},
		{"", "", NoPrice},
	} {
		var raw json.RawMessage
		if c.raw != "" {
			raw = json.RawMessage(c.raw)
		}
		r, why := parseRate(raw, perToken)
		if got := string(rateOut(r)); why != c.why || got != c.want {
			t.Errorf("%.40s: %q, %q; want %q, %q", c.raw, got, why, c.want, c.why)
		}
	}
}

// Reading a price keeps each of its decimals, and so does the price book.
func TestDecimalsAreKept(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		digits := rapid.Int64Range(0, 1e15).Draw(t, "digits")
		places := rapid.IntRange(0, 24).Draw(t, "places")
		text := fmt.Sprintf("%de-%d", digits, places)
		r, why := parseRate(json.RawMessage(text), perToken)
		if why == PriceOutOfRange {
			return
		}
		want, _ := new(big.Rat).SetString(text)
		want.Mul(want, big.NewRat(1_000_000, 1))
		usd, ok := r.USD()
		if !ok || usd.Rat().Cmp(want) != 0 {
			t.Fatalf("%s is %v, want %v", text, usd.Rat(), want)
		}
		again, err := costmodel.ParseRate(string(rateOut(r)))
		if err != nil || !again.Equal(r) {
			t.Fatalf("%s is written as %s: %v", text, rateOut(r), err)
		}
	})
}

// What is absent, null and 0 stays apart in the special rates.
func TestSpecialRates(t *testing.T) {
	in := func(s string) json.RawMessage {
		if s == "" {
			return nil
		}
		return json.RawMessage(s)
	}
	for _, c := range []struct {
		input, output, cached, reasoning string
		kind                             costmodel.Kind
		want                             string
		why                              Reason
	}{
		{"1", "2", "", "", costmodel.Chat, "1/2", ""},
		{"1", "2", "0", "0", costmodel.Chat, "1/2 cached 0 thinking 0", ""},
		{"1", "2", "null", "null", costmodel.Chat, "1/2 thinking ?", ""},
		{"1", "", "", "", costmodel.Chat, "", NoPrice},
		{"1", "", "", "", costmodel.Embedding, "1/none", ""},
		{"1", "0", "", "", costmodel.Embedding, "1/0", ""},
		{"1", "null", "", "", costmodel.Embedding, "", PriceNull},
		{"null", "2", "", "", costmodel.Chat, "", PriceNull},
		{"", "2", "", "", costmodel.Chat, "", NoPrice},
		{"1", "2", "-1", "", costmodel.Chat, "", PriceDynamic},
		{"1", "2", "", `"x"`, costmodel.Chat, "", PriceNotNumber},
	} {
		r, why := rawRates{input: in(c.input), output: in(c.output), cached: in(c.cached), reasoning: in(c.reasoning)}.rates(perMillion, c.kind)
		got := ""
		if why == "" {
			got = rates(r)
		}
		if got != c.want || why != c.why {
			t.Errorf("%+v: %q, %q", c, got, why)
		}
	}
}

func TestTokens(t *testing.T) {
	for raw, want := range map[string]int64{
		"128000": 128_000, "2000000.0": 2_000_000, "1e6": 1_000_000, "0": 0, "-5": 0, "1.5": 0, "null": 0, "": 0,
		`"max input tokens"`: 0, "1e400": 0, "1e30": 0, "true": 0,
	} {
		if got := tokens(json.RawMessage(raw)); got != want {
			t.Errorf("%s is %d tokens, want %d", raw, got, want)
		}
	}
}
