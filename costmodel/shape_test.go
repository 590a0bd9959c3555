package costmodel

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func itemVolume(t testing.TB, s string) ItemVolume {
	t.Helper()
	v, err := ParseItemVolume(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestParseItemVolume(t *testing.T) {
	for text, want := range map[string]string{
		"8000 documents/day":   "8,000 documents/day",
		"100k messages/month":  "100K messages/month",
		"5k Docs / day":        "5,000 docs/day",
		"1.5 calls/hour":       "1.5 calls/hour",
		"10 messages/day":      "10 messages/day",
		"12.5M requests/year":  "12.5M requests/year",
		"0 documents/day":      "0 documents/day",
		"8000 documents/night": "8,000 documents/day",
	} {
		if v, err := ParseItemVolume(text); err != nil || v.String() != want {
			t.Errorf("%q is %s, %v", text, v, err)
		}
	}
	for text, want := range map[string]string{
		"10M/day":               `volume "10M/day" does not say what is counted`,
		"10M tokens/day":        `volume "10M tokens/day" does not say what is counted`,
		"8000 documents":        `volume "8000 documents" does not say per what time`,
		"8000 documents/moon":   `volume "8000 documents/moon" has the unknown period "moon"`,
		"many documents/day":    `volume "many documents/day" is not a number`,
		"-1 documents/day":      `volume "-1 documents/day" is negative`,
		"1e15T calls/day":       `volume "1e15T calls/day" is more than 1e15 items`,
		"5 <b>/day":             `volume "5 <b>/day" has the unknown unit "<b>"`,
		"5 =cmd()/day":          `volume "5 =cmd()/day" has the unknown unit "=cmd()"`,
		"1e400 documents/day":   `volume "1e400 documents/day" is too large or too finely divided`,
		"5 documents\x1b[m/day": `volume "5 documents\x1b[m/day" has the unknown unit "documents\x1b[m"`,
	} {
		_, err := ParseItemVolume(text)
		wantInputError(t, err, want)
	}
}

// 100,000 messages a month of 500 + 200 tokens on gpt-4o-mini are $19.50.
func TestShapeWorkload(t *testing.T) {
	shape := Shape{In: 500, Out: 200}
	w, err := shape.Workload(itemVolume(t, "100k messages/month"), DaysPerMonth{})
	if err != nil {
		t.Fatal(err)
	}
	s := Project(lookup(t, "gpt-4o-mini").Price(), w)
	if s.PerMonth.String() != "19.5" || w.Volume.String() != "70.0M tokens/month" {
		t.Errorf("%s costs %s", w.Volume, s.PerMonth)
	}
	if usd, ok := shape.Cost(lookup(t, "gpt-4o-mini").Price()); !ok || usd.String() != "0.000195" {
		t.Errorf("a message costs %s", usd)
	}
	for _, bad := range []Shape{{}, {-1, 2}, {In: maxVolumeTokens, Out: 1}} {
		_, err := bad.Workload(itemVolume(t, "100k messages/month"), DaysPerMonth{})
		wantInputErrorForm(t, err)
	}
	if w, err := shape.Workload(ItemVolume{}, DaysPerMonth{}); err != nil || w.PerDay().Sign() != 0 {
		t.Errorf("no items are %s, %v", w, err)
	}
}

func TestShapePriceOfTakesTheTier(t *testing.T) {
	p := lookup(t, "gpt-5.4").Price()
	for in, want := range map[int64]string{272_000: "2.50/15.00", 272_001: "5.00/22.50"} {
		held := Shape{In: in, Out: 10}.PriceOf(p)
		if got := held.Input.String() + "/" + held.Output.String(); got != want || held.Tiers != nil {
			t.Errorf("items of %d tokens are billed at %s", in, got)
		}
	}
}

// So many items cost what one costs, times their number, in every period.
func TestItemsCostWhatTheirTokensCost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape := Shape{In: rapid.Int64Range(0, 1e6).Draw(t, "in"), Out: rapid.Int64Range(1, 1e6).Draw(t, "out")}
		p := genPrice().Draw(t, "price")
		n := rapid.Int64Range(0, 1e6).Draw(t, "items")
		v := ItemVolume{items: integer(n), Unit: "calls", Period: rapid.SampledFrom([]Period{Day, Hour, Month, Year}).Draw(t, "period")}
		w, err := shape.Workload(v, DaysPerMonth{})
		if err != nil {
			t.Fatal(err)
		}
		one, _ := shape.Cost(p)
		if got, want := Project(p, w).PerMonth, one.Mul(v.PerMonth(DaysPerMonth{})); got.Cmp(want) != 0 {
			t.Fatalf("%s, want %s", got, want)
		}
		perToken, ok := p.PerToken(shape.Split())
		if whole := perToken.Mul(integer(shape.Tokens())); !ok || whole.Cmp(one) != 0 {
			t.Fatalf("%s by the token, %s by the item", whole, one)
		}
	})
}

func TestPerTokenOfWhatIsUnknown(t *testing.T) {
	half := splitOfPercent(big.NewRat(50, 1))
	if _, ok := price(t, "", "1").PerToken(half); ok {
		t.Error("an unknown input price gives a known token")
	}
	if usd, ok := price(t, "", "1").PerToken(splitOfPercent(new(big.Rat))); !ok || usd.String() != "0.000001" {
		t.Errorf("output alone costs %s, %v", usd, ok)
	}
	if _, ok := price(t, "1", "1").PerToken(Split{}); ok {
		t.Error("no split gives a known token")
	}
}

func FuzzParseItemVolume(f *testing.F) {
	for _, s := range []string{"8000 documents/day", "100k messages/month", "1e400 x/y", "5k/day", "k k/k"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := ParseItemVolume(s)
		if err != nil {
			wantInputErrorForm(t, err)
			return
		}
		if v.PerDay(DaysPerMonth{}).Sign() < 0 || !printable(v.String()) || isTokens(v.Unit) {
			t.Errorf("%q is %s", s, v)
		}
	})
}
