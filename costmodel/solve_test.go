package costmodel

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestParseFigure(t *testing.T) {
	for in, want := range map[string]string{
		"375/day": "$375.00/day", "$1,312.50 / month": "$1,312.50/month", "0.36/hour": "$0.36/hour", "30/d": "$30.00/day",
		"0/year": "$0.00/year", "2.625/day": "$2.625/day",
	} {
		if f, err := ParseFigure(in); err != nil || f.String() != want {
			t.Errorf("%q is %s, %v", in, f, err)
		}
	}
	for in, want := range map[string]string{
		"":              `figure "" is not a number`,
		"375":           `figure "375" does not say per what time`,
		"375/fortnight": `figure "375/fortnight" has the unknown period "fortnight"`,
		"-5/day":        `figure "-5/day" is negative`,
		"NaN/day":       `figure "NaN/day" is not a number`,
		"1e400/day":     `figure "1e400/day" is too large or too finely divided`,
	} {
		_, err := ParseFigure(in)
		wantInputError(t, err, want)
	}
}

func FuzzParseFigure(f *testing.F) {
	f.Add("375/day")
	f.Add("$1,312.50/month")
	f.Fuzz(func(t *testing.T, s string) {
		if figure, err := ParseFigure(s); err != nil {
			wantInputErrorForm(t, err)
		} else if figure.USD.Sign() < 0 {
			t.Fatalf("%q is %s", s, figure)
		}
	})
}

func figure(t testing.TB, s string) Figure {
	t.Helper()
	f, err := ParseFigure(s)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestSolveSplit(t *testing.T) {
	gpt4o := price(t, "2.50", "10")
	users, _ := Workload{}.WithUsers(count(t, "1000"), count(t, "2000"))
	long := items(t, "1000 calls/day", "150k", "50k")
	tiered := price(t, "1", "1")
	tiered.Tiers = []Tier{{Above: 100_000, Rates: Rates{Input: rate(t, "2"), Output: rate(t, "2")}}}
	slanted := tiered // from 400 to below 500 a day in the long tier
	slanted.Tiers = []Tier{{Above: 100_000, Rates: Rates{Input: rate(t, "2"), Output: rate(t, "3")}}}
	for _, c := range []struct {
		name         string
		price        Price
		w            Workload
		figure, want string // "" where none
		least, most  string
	}{
		{"the published $30 a day", gpt4o, users, "30/day", "", "5", "20"},
		{"$8.75 a day", gpt4o, users, "8.75/day", "75% in 25% out", "5", "20"},
		{"a month of it", gpt4o, users, "262.5/month", "75% in 25% out", "150", "600"},
		{"all output", gpt4o, users, "20/day", "0% in 100% out", "5", "20"},
		{"all input", gpt4o, users, "5/day", "100% in 0% out", "5", "20"},
		{"too little", gpt4o, users, "4.99/day", "", "5", "20"},
		{"every split", price(t, "0.90", "0.90"), workload(t, "50M/day", "75/25"), "45/day", "every split from 0% in 100% out to 100% in 0% out", "45", "45"},
		// 200K tokens a call at 1 or, above 100K of input, at 2.
		{"the short tier", tiered, long, "200/day", "every split from 0% in 100% out to 50% in 50% out", "200", "400"},
		{"what a tier comes near to and never costs", slanted, long, "500/day", "", "200", "500"},
		{"within a tier", slanted, long, "450/day", "75% in 25% out", "200", "500"},
		{"between the tiers", tiered, long, "300/day", "", "200", "400"},
	} {
		s := SolveSplit(c.price, c.w, figure(t, c.figure))
		got := ""
		if s.Reachable() {
			got = s.Splits[0].String()
		}
		if s.Reason != "" || got != c.want || len(s.Splits) > 1 || s.Min.String() != c.least || s.Max.String() != c.most {
			t.Errorf("%s: %q %v, from %s to %s, %q", c.name, got, s.Splits, s.Min, s.Max, s.Reason)
		}
	}
	if s := SolveSplit(price(t, "1", ""), users, figure(t, "5/day")); s.Reason != "output price unknown" || s.Reachable() {
		t.Errorf("with an unknown price: %+v", s)
	}
	users.PerItem = Count{}
	if s := SolveSplit(gpt4o, users, figure(t, "5/day")); s.Reason == "" || SolveVolume(gpt4o, users, figure(t, "5/day")).Reason == "" {
		t.Errorf("users without tokens: %+v", s)
	}
}

// A third has no end of decimals: it is written as about that, and not as exact.
func TestSolvedSplitSaysThatItIsRounded(t *testing.T) {
	figure, _ := ParseFigure("0.60/day")
	for _, c := range []struct {
		input, output, want string
		exact               bool
	}{
		{"0.10", "0.40", "about 33.33% in 66.67% out", false},
		{"0.15", "0.60", "about 66.67% in 33.33% out", false},
		{"0.20", "0.40", "50% in 50% out", true},
	} {
		p, w := price(t, c.input, c.output), workload(t, "2M/day", "75/25")
		s := SolveSplit(p, w, figure)
		if len(s.Splits) != 1 || s.Splits[0].Exact() != c.exact || s.Splits[0].String() != c.want {
			t.Errorf("%s/%s: %v, want %s", c.input, c.output, s.Splits, c.want)
		}
		w.Split = s.Splits[0].From // and the arithmetic of the answer says it, too
		if step := Project(p, w).Steps()[1]; step.How != "2M × "+c.want {
			t.Errorf("%s/%s: tokens are %s", c.input, c.output, step.How)
		}
	}
}

func TestSolveVolume(t *testing.T) {
	for _, c := range []struct {
		price        Price
		w            Workload
		figure, want string
	}{
		{price(t, "2.50", "10"), workload(t, "1M/day", "75/25"), "43.75/day", "10M/day"},
		{price(t, "2.50", "10"), workload(t, "1M/month", "75/25"), "43.75/day", "300M/month"},
		{price(t, "0.15", "0.60"), items(t, "1 messages/month", "500", "200"), "19.5/month", "100K messages/month"},
		{price(t, "0.15", "0.60"), items(t, "1 messages/month", "500", "200"), "100/month", "512820.51282051282051282051 messages/month"},
		{price(t, "0", "0"), workload(t, "1M/day", "75/25"), "1/day", ""},
		{price(t, "2.50", "10"), workload(t, "1M/day", "75/25"), "1e15/day", ""},
	} {
		s := SolveVolume(c.price, c.w, figure(t, c.figure))
		got := ""
		if s.Reachable() {
			got, _ = s.Volumes[0].Exact()
		}
		if s.Reason != "" || got != c.want {
			t.Errorf("%s at %s: %q, %q; want %q", c.figure, c.w, got, s.Reason, c.want)
		}
	}
	third := SolveVolume(price(t, "0.15", "0.60"), items(t, "1 messages/month", "500", "200"), figure(t, "100/month")).Volumes[0]
	if _, exact := third.Exact(); exact {
		t.Error("a volume without end is written exactly")
	}
	if s := SolveVolume(price(t, "", "1"), workload(t, "1M/day", "75/25"), figure(t, "1/day")); s.Reason != "input price unknown" {
		t.Errorf("with an unknown price: %q", s.Reason)
	}
}

// Solving and then projecting returns the figure; what no split reaches lies
// outside what the splits cost, or in a jump between tiers.
func TestSolvedReturnsTheFigure(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, w := genFullPrice().Draw(t, "price"), genFullWorkload().Draw(t, "workload")
		f := Figure{USD: USD{r: genRat(1_000_000).Draw(t, "figure")}, Period: rapid.SampledFrom([]Period{Day, Month, Week}).Draw(t, "period")}
		if rapid.Bool().Draw(t, "reachable") {
			f.USD = Project(p, w).In(f.Period)
		}
		cost := func(w Workload) USD { return Project(p, w).In(f.Period) }
		split := SolveSplit(p, w, f)
		for _, r := range split.Splits {
			for _, at := range []Split{r.From, r.To} {
				there := w
				there.Split = at
				if got := cost(there); r.From.Equal(r.To) && got.Cmp(f.USD) != 0 {
					t.Fatalf("at %s it costs %s, not %s", at, got, f.USD)
				}
			}
		}
		if now := cost(w); now.Cmp(split.Min) < 0 || now.Cmp(split.Max) > 0 {
			t.Fatalf("it costs %s, outside of %s to %s", now, split.Min, split.Max)
		}
		if cost(w).Cmp(f.USD) == 0 && !split.Reachable() {
			t.Fatalf("its own split gives %s, which none is said to", f.USD)
		}
		// Reviews grow with the volume too, so that one volume gives each figure.
		for _, v := range SolveVolume(p, w, f).Volumes {
			there := w
			there.Volume = v
			if got := cost(there); got.Cmp(f.USD) != 0 {
				t.Fatalf("at %s it costs %s, not %s", v, got, f.USD)
			}
		}
	})
}

func TestCurvesMeetTheSpends(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, w := genFullPrice().Draw(t, "price"), genFullWorkload().Draw(t, "workload")
		x := rapid.IntRange(0, 100).Draw(t, "x")
		at := big.NewRat(int64(x), 100)
		for axis, place := range map[Axis]func() (float64, USD){
			ByOutput: func() (float64, USD) {
				v := w
				v.Split = splitOfPercent(integer(int64(100 - x)))
				return float64(x) / 100, Project(p, v).PerMonth
			},
			ByCached: func() (float64, USD) {
				v := w
				v.Cached = Share{r: new(big.Rat).Mul(at, v.CacheWrite.rest())}
				f, _ := v.Cached.r.Float64()
				return f, Project(p, v).PerMonth
			},
			ByVolume: func() (float64, USD) {
				v := w
				v.Volume.amount = integer(int64(x))
				return float64(x), Project(p, v).PerMonth
			},
			ByMonth: func() (float64, USD) { return float64(x), Project(p, w).After(x) },
		} {
			curve, ok := CurveOf(p, w, axis)
			if !ok {
				t.Fatalf("no curve on axis %d", axis)
			}
			where, exact := place()
			want := exact.Float64()
			if got := curve.At(where); got-want > 1e-6*(1+want) || want-got > 1e-6*(1+want) {
				t.Fatalf("on axis %d at %v the curve has %v, the spend is %v", axis, where, got, want)
			}
		}
	})
	if _, ok := CurveOf(price(t, "1", ""), workload(t, "1M/day", "75/25"), ByOutput); ok {
		t.Error("a curve of an unknown price")
	}
	if _, ok := CurveOf(price(t, "1", ""), workload(t, "1M/day", "75/25"), ByVolume); ok {
		t.Error("a curve of an unknown price")
	}
	if (Curve{}).At(1) != 0 {
		t.Error("no curve has a height")
	}
}
