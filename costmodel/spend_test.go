package costmodel

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// The reference list at 10M tokens/day, 75 % input: what the list prices give,
// and what the published table said a day costs.
var referenceSpend = []struct {
	model, perDay, perMonth string
	claimedPerDay           int64
	claimedOverGiven        string
}{
	{"gpt-4o", "43.75", "1,312.50", 375, "8.57"},
	{"claude-3.5-sonnet", "60", "1,800.00", 450, "7.50"},
	{"gemini-1.5-pro", "21.875", "656.25", 156, "7.13"},
	{"claude-3.5-haiku", "16", "480.00", 100, "6.25"},
	{"llama-3.1-70b", "9", "270.00", 45, "5.00"},
	{"gpt-4o-mini", "2.625", "78.75", 19, "7.24"},
	{"gemini-2.0-flash", "1.75", "52.50", 13, "7.43"},
}

func TestReferenceSpend(t *testing.T) {
	entries, err := Default().List("reference")
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != len(referenceSpend) {
		t.Fatalf("the list has %d models, want %d", len(entries), len(referenceSpend))
	}
	w := workload(t, "10M tokens/day", "75/25")
	for i, want := range referenceSpend {
		e := entries[i]
		s := Project(e.Price, w)
		if e.Model.ID != want.model || !s.Known || s.PerDay.String() != want.perDay || s.PerMonth.Format(2) != want.perMonth {
			t.Errorf("row %d is %s at $%s a day, $%s a month, known %v; want %+v",
				i, e.Model.ID, s.PerDay, s.PerMonth.Format(2), s.Known, want)
		}
		ratio := new(big.Rat).Quo(integer(want.claimedPerDay), s.PerDay.rat())
		if got := fixed(ratio, 2); got != want.claimedOverGiven {
			t.Errorf("the claim for %s is %s times what its inputs give, want %s", want.model, got, want.claimedOverGiven)
		}
	}
}

func TestProject(t *testing.T) {
	for _, c := range []struct {
		name                   string
		price                  Price
		volume, split, days    string
		day, month, year, item string // item: input + output a day
	}{
		{
			"100K messages a month of 500 in and 200 out", price(t, "0.15", "0.60"), "70M/month", "71.428571428571428571/28.571428571428571429", "",
			"0.65", "19.5", "234", "0.25 + 0.4",
		},
		{"1,000 users of 2,000 tokens a day", price(t, "2.50", "10"), "2M/day", "75/25", "", "8.75", "262.5", "3150", "3.75 + 5"},
		{"an hour", price(t, "0.15", "0.60"), "250k/hour", "75/25", "", "1.575", "47.25", "567", "0.675 + 0.9"},
		{"a year", price(t, "2.50", "10"), "3.6B/year", "75/25", "", "43.75", "1312.5", "15750", "18.75 + 25"},
		{"a month of 30.4 days", price(t, "2.50", "10"), "10M/day", "75/25", "30.4", "43.75", "1330", "15960", "18.75 + 25"},
		{"a volume a month keeps its month", price(t, "2.50", "10"), "304M/month", "75/25", "30.4", "43.75", "1330", "15960", "18.75 + 25"},
		{"a year of working days", price(t, "2.50", "10"), "10M/day", "75/25", "22", "43.75", "962.5", "11550", "18.75 + 25"},
		{"no charge for output", price(t, "0.02", "none"), "10M/day", "75/25", "", "0.15", "4.5", "54", "0.15 + 0"},
		{"free", price(t, "0", "0"), "10M/day", "75/25", "", "0", "0", "0", "0 + 0"},
		{"nothing asked", Price{}, "0/day", "75/25", "", "0", "0", "0", "0 + 0"},
		{"input only, output unknown", price(t, "0.15", ""), "10M/day", "100/0", "", "1.5", "45", "540", "1.5 + 0"},
		{"output only, input unknown", price(t, "", "0.60"), "10M/day", "0/100", "", "6", "180", "2160", "0 + 6"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := workload(t, c.volume, c.split)
			if c.days != "" {
				w.DaysPerMonth, _ = ParseDaysPerMonth(c.days)
			}
			s := Project(c.price, w)
			if !s.Known || s.Reason != "" {
				t.Fatalf("not known: %s", s.Reason)
			}
			if s.PerDay.String() != c.day || s.PerMonth.String() != c.month || s.PerYear.String() != c.year {
				t.Errorf("%s a day, %s a month, %s a year; want %s, %s, %s",
					s.PerDay, s.PerMonth, s.PerYear, c.day, c.month, c.year)
			}
			if got := s.LineItems[0].PerDay.String() + " + " + s.LineItems[1].PerDay.String(); got != c.item {
				t.Errorf("line items are %s, want %s", got, c.item)
			}
		})
	}
}

func TestProjectUnknown(t *testing.T) {
	noSplit := workload(t, "10M/day", "75/25")
	noSplit.Split = Split{}
	for _, c := range []struct {
		price Price
		w     Workload
		want  string
	}{
		{price(t, "0.15", ""), workload(t, "10M/day", "75/25"), "output price unknown"},
		{price(t, "", "0.60"), workload(t, "10M/day", "75/25"), "input price unknown"},
		{Price{}, workload(t, "10M/day", "75/25"), "input and output prices unknown"},
		{Price{}, workload(t, "10M/day", "100/0"), "input price unknown"},
		{price(t, "0.15", "0.60"), noSplit, "split not given"},
	} {
		s := Project(c.price, c.w)
		if s.Known || s.Reason != c.want || s.PerDay.Sign() != 0 || s.PerMonth.Sign() != 0 || s.PerYear.Sign() != 0 {
			t.Errorf("%s/%s at %s: known %v, %q; want %q", c.price.Input, c.price.Output, c.w, s.Known, s.Reason, c.want)
		}
	}
}

func TestSpendLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, w := genPrice().Draw(t, "price"), genWorkload().Draw(t, "workload")
		s := Project(p, w)
		if !s.Known {
			t.Fatalf("not known: %s", s.Reason)
		}

		var sum USD
		for _, item := range s.LineItems {
			sum = sum.Add(item.PerDay)
		}
		if sum.Cmp(s.PerDay) != 0 {
			t.Fatalf("line items add up to %s of %s", sum.rat(), s.PerDay.rat())
		}
		if got := s.PerDay.Mul(w.DaysPerMonth.Rat()); got.Cmp(s.PerMonth) != 0 {
			t.Fatalf("day x days is %s, month is %s", got.rat(), s.PerMonth.rat())
		}
		if got := s.PerMonth.Mul(integer(12)); got.Cmp(s.PerYear) != 0 || s.In(Year).Cmp(s.PerYear) != 0 {
			t.Fatalf("12 months are %s, a year is %s", got.rat(), s.PerYear.rat())
		}
		w.Growth = Share{}
		if got := Project(p, w).Over(12); got.Cmp(s.PerYear) != 0 {
			t.Fatalf("the next 12 months are %s without growth, a year is %s", got.rat(), s.PerYear.rat())
		}

		// Linear in volume.
		factor := genRat(1000).Draw(t, "factor")
		scaled := w
		scaled.Volume.amount = new(big.Rat).Mul(w.Volume.amount, factor)
		if got := Project(p, scaled).PerMonth; got.Cmp(s.PerMonth.Mul(factor)) != 0 {
			t.Fatalf("%s times the volume costs %s, not that times %s", factor, got.rat(), s.PerMonth.rat())
		}

		// Monotone in each price, strictly where its charge is used.
		more := USD{r: big.NewRat(rapid.Int64Range(1, 1000).Draw(t, "more"), 1000)}
		for i, raise := range []func(*Price){
			func(q *Price) { q.Input.usd = q.Input.usd.Add(more) },
			func(q *Price) { q.Output.usd = q.Output.usd.Add(more) },
		} {
			dearer := p
			raise(&dearer)
			want := s.LineItems[i].TokensPerDay.Sign() // used: strictly dearer
			if got := Project(dearer, w).PerDay.Cmp(s.PerDay); got != want {
				t.Fatalf("%s dearer by %s compares as %d, want %d", s.LineItems[i].Charge, more, got, want)
			}
		}
	})
}

func TestUnusedPriceDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, w := genPrice().Draw(t, "price"), genWorkload().Draw(t, "workload")
		w.Split = splitOfPercent(integer(100))
		want := Project(p, w)
		for _, output := range []Rate{{}, NoCharge(), genRate().Draw(t, "other")} {
			p.Output = output
			if got := Project(p, w); !got.Known || got.PerMonth.Cmp(want.PerMonth) != 0 {
				t.Fatalf("output at %s: known %v, %s of %s", output, got.Known, got.PerMonth, want.PerMonth)
			}
		}
	})
}

// fullSplit is a workload in tokens with cache, batch and retries.
func fullSplit(t testing.TB) Workload {
	w := workload(t, "12.25M/day", "75/25")
	w.Split = Split{input: rat(t, "975/1225")}
	w.Cached, w.Batch, w.Retries = Share{r: rat(t, "750/975")}, share(t, "50%"), share(t, "2%")
	return w
}

func TestExplain(t *testing.T) {
	mini := price(t, "0.15", "0.60")
	noSplit := workload(t, "10M/day", "75/25")
	noSplit.Split = Split{}
	days := workload(t, "10M/day", "75/25")
	days.DaysPerMonth, _ = ParseDaysPerMonth("30.4")
	for _, c := range []struct {
		price Price
		w     Workload
		want  string
	}{
		{mini, workload(t, "10M/day", "75/25"), "7.5M in × 0.15 + 2.5M out × 0.60 = $2.625 a day × 30 = $78.75"},
		{price(t, "2.50", "10"), workload(t, "10M/day", "75/25"), "7.5M in × 2.50 + 2.5M out × 10.00 = $43.75 a day × 30 = $1,312.50"},
		{price(t, "0.075", "0.3"), workload(t, "10M/day", "75/25"), "7.5M in × 0.075 + 2.5M out × 0.30 = $1.313 a day × 30 = $39.38"},
		{mini, days, "7.5M in × 0.15 + 2.5M out × 0.60 = $2.625 a day × 30.4 = $79.80"},
		{mini, workload(t, "250k/hour", "75/25"), "187.5K in × 0.15 + 62.5K out × 0.60 = $0.066 an hour × 24 = $1.575 a day × 30 = $47.25"},
		{mini, workload(t, "80M/month", "75/25"), "60M in × 0.15 + 20M out × 0.60 = $21.00 a month, / 30 = $0.70 a day"},
		{mini, workload(t, "3.6B/year", "75/25"), "2.7B in × 0.15 + 900M out × 0.60 = $945.00 a year, / 12 = $78.75 a month, / 30 = $2.625 a day"},
		{mini, workload(t, "1000/day", "75/25"), "750 in × 0.15 + 250 out × 0.60 = $0.00026 a day × 30 = $0.01"},
		{mini, workload(t, "10M/day", "100/0"), "10M in × 0.15 = $1.50 a day × 30 = $45.00"},
		{mini, workload(t, "10M/day", "0/100"), "10M out × 0.60 = $6.00 a day × 30 = $180.00"},
		{mini, workload(t, "0/day", "75/25"), "0 tokens = $0.00 a day × 30 = $0.00"},
		{price(t, "0.02", "none"), workload(t, "10M/day", "75/25"), "7.5M in × 0.02 + 2.5M out free of charge = $0.15 a day × 30 = $4.50"},
		{price(t, "0", "0"), workload(t, "10M/day", "75/25"), "7.5M in × 0.00 + 2.5M out × 0.00 = $0.00 a day × 30 = $0.00"},
		{mini, items(t, "100k messages/month", "500", "200"), "50M in × 0.15 + 20M out × 0.60 = $19.50 a month, / 30 = $0.65 a day"},
		{mini, workload(t, "70M/week", "75/25"), "52.5M in × 0.15 + 17.5M out × 0.60 = $18.38 a week, / 7 = $2.625 a day × 30 = $78.75"},
		{mini, items(t, "8000 documents/night", "1500", "500"), "12M in × 0.15 + 4M out × 0.60 = $4.20 a night × 30 = $126.00"},
		{fullPrice(t), fullSplit(t), "2.25M in × 2.00 + 7.5M cached in × 0.20 + 2.5M out × 10.00 - $7.75 batch + $0.465 retries = $23.715 a day × 30 = $711.45"},
		{price(t, "0.15", ""), workload(t, "10M/day", "75/25"), "7.5M in × 0.15 + 2.5M out × ? is unknown: output price unknown"},
		{mini, noSplit, "10M tokens is unknown: split not given"},
	} {
		got := Project(c.price, c.w).Explain()
		if len(got) == 0 || got[0] != c.want {
			t.Errorf("%s:\n got %q\nwant %q", c.w, got, c.want)
		}
	}
}
