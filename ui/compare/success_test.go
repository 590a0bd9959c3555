package compare

import (
	"math/big"
	"strings"
	"testing"

	"costping/costmodel"
	"costping/probe/stats"

	"pgregory.net/rapid"
)

// spendOf is 1,000 documents a day at 0.001 each.
func spendOf(t *testing.T, retries string) costmodel.Spend {
	t.Helper()
	volume, err := costmodel.ParseVolume("1000 documents/day")
	if err != nil {
		t.Fatal(err)
	}
	w := costmodel.Workload{Volume: volume, DaysPerMonth: costmodel.Presets()[0].Workload.DaysPerMonth}
	if w.Retries, err = costmodel.ParseShare(retries); err != nil {
		t.Fatal(err)
	}
	day, month := mustUSD(t, "1"), mustUSD(t, "30")
	price := costmodel.NoCharge()
	return costmodel.Spend{Known: true, Price: costmodel.Price{Input: price, Output: price}, Workload: w, PerDay: day, PerMonth: month}
}

func mustUSD(t *testing.T, text string) costmodel.USD {
	t.Helper()
	usd, err := costmodel.ParseUSD(text)
	if err != nil {
		t.Fatal(err)
	}
	return usd
}

// What a measured malformed rate comes to, and when nothing is said.
func TestMalformedNote(t *testing.T) {
	t.Parallel()
	spend := spendOf(t, "0%")
	want := "malformed 4 of 100 (1.6-9.8 %): a usable answer is $0.001042; asking for the others again adds $1.25 a month, which is not in the spend (--retries 4.17% bills that, --malformed 4% --reviews USD bills their review)"
	if got := MalformedNote(spend, stats.RateOf(4, 100)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := MalformedNote(spendOf(t, "2%"), stats.RateOf(4, 100)); strings.Contains(got, "not in the spend") {
		t.Errorf("with retries in the spend: %s", got)
	}
	machine := spend
	machine.Price = costmodel.Price{}
	for name, tc := range map[string]struct{ got, want string }{
		"not measured":  {MalformedNote(spend, stats.RateOf(0, 0)), ""},
		"none":          {MalformedNote(spend, stats.RateOf(0, 100)), ""},
		"all":           {MalformedNote(spend, stats.RateOf(9, 9)), "malformed 9 of 9 (>= 70 %) (--malformed 100% --reviews USD bills their review)"},
		"spend unknown": {MalformedNote(costmodel.Spend{}, stats.RateOf(4, 100)), "malformed 4 of 100 (1.6-9.8 %) (--malformed 4% --reviews USD bills their review)"},
		"most":          {MalformedNote(spend, stats.RateOf(3, 4)), "malformed 3 of 4 (30.1-95.4 %): a usable answer is $0.004000; asking for the others again adds $90.00 a month, which is not in the spend (--malformed 75% --reviews USD bills their review)"},
		"a machine":     {MalformedNote(machine, stats.RateOf(4, 100)), "malformed 4 of 100 (1.6-9.8 %): a usable answer is $0.001042 (--malformed 4% --reviews USD bills their review)"},
	} {
		if tc.got != tc.want {
			t.Errorf("%s: %s", name, tc.got)
		}
	}
}

// A usable answer costs what it took to get one, where items are counted and answers
// were graded.
func TestUsableAnswer(t *testing.T) {
	t.Parallel()
	graded := func(bad, n int) Reliability { return Reliability{Schema: Checked{Bad: stats.RateOf(bad, n)}} }
	for name, tc := range map[string]struct {
		row  Row
		want string
	}{
		"one in five is not": {Row{Spend: spendOf(t, "0%"), Reliability: graded(20, 100)}, "more"},
		"all are":            {Row{Spend: spendOf(t, "0%"), Reliability: graded(0, 100)}, "same"},
		"none was graded":    {Row{Spend: spendOf(t, "0%")}, Unknown},
		"none is":            {Row{Spend: spendOf(t, "0%"), Reliability: graded(100, 100)}, Unknown},
		"no items":           {Row{Reliability: graded(20, 100)}, Unknown},
	} {
		each, _ := tc.row.Spend.PerTask()
		want := tc.want
		switch want {
		case "more":
			want = each.Mul(big.NewRat(1250, 1)).Format(3)
		case "same":
			want = each.Mul(big.NewRat(1000, 1)).Format(3)
		}
		if got := ThousandUsable(tc.row); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

// What all items cost is what the successful ones cost together, to the last digit;
// nobody succeeded, nobody knows.
func TestSuccessfulItemsPayForAll(t *testing.T) {
	t.Parallel()
	spend := spendOf(t, "0%")
	each, _ := spend.PerTask()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 10_000).Draw(t, "n")
		hits := rapid.IntRange(0, n).Draw(t, "hits")
		got, ok := Successful(spend, stats.RateOf(hits, n))
		if ok != (hits > 0) {
			t.Fatalf("%d of %d: known %v", hits, n, ok)
		}
		if ok && got.Mul(big.NewRat(int64(hits), 1)).Cmp(each.Mul(big.NewRat(int64(n), 1))) != 0 {
			t.Fatalf("%d of %d cost %s each", hits, n, got)
		}
	})
}
