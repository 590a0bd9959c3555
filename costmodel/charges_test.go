package costmodel

import (
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// fullPrice has every kind of rate.
func fullPrice(t testing.TB) Price {
	t.Helper()
	p := price(t, "2", "10")
	p.CachedInput, p.CacheWrite, p.Reasoning = rate(t, "0.20"), rate(t, "2.50"), NoCharge()
	p.Batch, _ = ParseMultiplier("0.5")
	p.Tiers = []Tier{{Above: 100_000, Rates: Rates{Input: rate(t, "4"), Output: rate(t, "15"), Reasoning: NoCharge()}}}
	return p
}

func TestCharges(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Workload, *Price)
		want   string // line items a day
		day    string
	}{
		{"plain", func(*Workload, *Price) {}, "input 1.5, output 2.5", "4"},
		{"cached", func(w *Workload, _ *Price) { w.Cached = share(t, "50%") }, "input 0.75, cached input 0.075, output 2.5", "3.325"},
		{"cached and written", func(w *Workload, _ *Price) { w.Cached, w.CacheWrite = share(t, "50%"), share(t, "10%") }, "input 0.6, cached input 0.075, cache write 0.1875, output 2.5", "3.3625"},
		{"cached at no rate of its own", func(w *Workload, p *Price) { w.Cached, p.CachedInput = share(t, "50%"), NoCharge() }, "input 0.75, cached input 0.75, output 2.5", "4"},
		{"cached for nothing", func(w *Workload, p *Price) { w.Cached, p.CachedInput = share(t, "50%"), rate(t, "0") }, "input 0.75, cached input 0, output 2.5", "3.25"},
		{"half in a batch", func(w *Workload, _ *Price) { w.Batch = share(t, "50%") }, "input 1.5, output 2.5, batch -1", "3"},
		{"a batch where there are none", func(w *Workload, p *Price) { w.Batch, p.Batch = share(t, "50%"), NoOffer() }, "input 1.5, output 2.5, batch 0", "4"},
		{"retries", func(w *Workload, _ *Price) { w.Retries = share(t, "2%") }, "input 1.5, output 2.5, retries 0.08", "4.08"},
		{"retries of a batch", func(w *Workload, _ *Price) { w.Batch, w.Retries = share(t, "100%"), share(t, "10%") }, "input 1.5, output 2.5, batch -2, retries 0.2", "2.2"},
		{"reviews", func(w *Workload, _ *Price) { w.Malformed, w.Review = share(t, "1%"), usd(t, "0.05") }, "input 1.5, output 2.5, reviews 0.5", "4.5"},
		{"thinking", func(w *Workload, _ *Price) { *w = w.WithThinking(rat(t, "1.4")) }, "input 1.5, output 2.5, reasoning 1", "5"},
		{"thinking at a rate of its own", func(w *Workload, p *Price) { *w, p.Reasoning = w.WithThinking(rat(t, "3")), rate(t, "1") }, "input 1.5, output 2.5, reasoning 0.5", "4.5"},
	} {
		w, p := items(t, "1000 calls/day", "750", "250"), fullPrice(t)
		c.change(&w, &p)
		s := Project(p, w)
		var parts []string
		for _, item := range s.LineItems {
			parts = append(parts, string(item.Charge)+" "+item.PerDay.String())
		}
		if got := strings.Join(parts, ", "); !s.Known || got != c.want || s.PerDay.String() != c.day {
			t.Errorf("%s: %s, %s a day, %q; want %s, %s", c.name, got, s.PerDay, s.Reason, c.want, c.day)
		}
		if each, ok := s.PerTask(); !ok || each.Mul(integer(1000)).Cmp(s.PerDay) != 0 {
			t.Errorf("%s: a call is %s, %v", c.name, each, ok)
		}
	}
}

func TestUnknownCharges(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Workload, *Price)
		want   string
	}{
		{"cached", func(w *Workload, p *Price) { w.Cached, p.CachedInput = share(t, "1%"), Rate{} }, "cached input price unknown"},
		{"written", func(w *Workload, p *Price) { w.CacheWrite, p.CacheWrite = share(t, "1%"), Rate{} }, "cache write price unknown"},
		{"thinking", func(w *Workload, p *Price) { *w, p.Reasoning = w.WithThinking(rat(t, "2")), Rate{} }, "reasoning price unknown"},
		{"batch", func(w *Workload, p *Price) { w.Batch, p.Batch = share(t, "1%"), Multiplier{} }, "batch discount unknown"},
		{"two", func(w *Workload, p *Price) { w.Batch, p.Batch, p.Output = share(t, "1%"), Multiplier{}, Rate{} }, "output price unknown, batch discount unknown"},
		{"the tier's", func(w *Workload, _ *Price) { w.PerItem, w.Cached = count(t, "200k"), share(t, "1%") }, "cached input price unknown"},
	} {
		w, p := items(t, "1000 calls/day", "750", "250"), fullPrice(t)
		c.change(&w, &p)
		if s := Project(p, w); s.Known || s.Reason != c.want || s.PerDay.Sign() != 0 {
			t.Errorf("%s: known %v, %q, %s", c.name, s.Known, s.Reason, s.PerDay)
		}
	}
	// A share of what is unknown is unknown; reviews do not depend on the price.
	for _, spoil := range []func(*Price){
		func(p *Price) { p.Output = Rate{} },
		func(p *Price) { p.Batch = Multiplier{} },
	} {
		w, p := items(t, "1000 calls/day", "750", "250"), fullPrice(t)
		w.Batch, w.Retries, w.Malformed, w.Review = share(t, "50%"), share(t, "2%"), share(t, "1%"), usd(t, "1")
		spoil(&p)
		s := Project(p, w)
		for _, item := range s.LineItems[2:] {
			if want := item.Charge == ReviewCharge; item.Known != want || (item.PerDay.Sign() != 0) != want {
				t.Errorf("%s: %s is known %v, %s", s.Reason, item.Charge, item.Known, item.PerDay)
			}
		}
		if got := s.Explain()[0]; !strings.Contains(got, " + ? batch + ? retries + $10.00 reviews is unknown: ") {
			t.Errorf("explained as %s", got)
		}
		for _, step := range s.Steps() {
			if (step.What == "batch" || step.What == "retries") && step.Result != "?" {
				t.Errorf("%s is %s", step.What, step.Result)
			}
		}
	}
	// What is not used need not be known.
	p := price(t, "2", "10")
	if s := Project(p, items(t, "1000 calls/day", "750", "250")); !s.Known {
		t.Errorf("a plain workload is %q", s.Reason)
	}
}

// The tier is chosen by the input of a request, and reprices all of it; a workload
// that does not say how long its requests are says so.
func TestSpendTiers(t *testing.T) {
	p := fullPrice(t)
	for _, c := range []struct{ in, out, want, note string }{
		{"100k", "1k", "210", ""},
		{"100,001", "1k", "415.004", "requests of more than 100K input tokens: the long tier holds for all of each"},
	} {
		s := Project(p, items(t, "1000 calls/day", c.in, c.out))
		if s.PerDay.String() != c.want || strings.Join(s.Notes(), "; ") != c.note || (s.Tier != nil) != (c.note != "") {
			t.Errorf("%s in: %s a day, %q", c.in, s.PerDay, s.Notes())
		}
	}
	s := Project(p, workload(t, "10M/day", "75/25"))
	const note = "how long a request is was not said: the base tier is taken, above 100K input tokens it is dearer"
	if got := strings.Join(s.Notes(), "; "); got != note || s.Tier != nil {
		t.Errorf("notes are %q", got)
	}
	p.Service, p.Hours = Flex, Hours{}
	p.Hours, _ = ParseHours("01:00-04:00")
	p.CachedInput, p.Batch, p.Tiers = NoCharge(), NoOffer(), nil
	w := workload(t, "10M/day", "75/25").WithThinking(rat(t, "1.5"))
	w.Cached, w.Batch = share(t, "10%"), share(t, "10%")
	const all = "cached input has no rate of its own and is billed as the rest; reasoning has no rate of its own and is billed as the rest; " +
		"no batches here: what could wait is billed in full; thinking multiplies the output by 1.50; flex service; only at 01:00-04:00 UTC"
	if got := strings.Join(Project(p, w).Notes(), "; "); got != all {
		t.Errorf("notes are %q", got)
	}
}

func TestGrowth(t *testing.T) {
	w := workload(t, "10M/day", "100/0")
	w.Growth = share(t, "10%")
	s := Project(price(t, "1", "1"), w)
	for months, want := range map[int]string{-1: "300", 0: "300", 1: "330", 2: "363", 11: "855.935011833"} {
		if got := s.After(months).String(); !strings.HasPrefix(got, want) {
			t.Errorf("after %d months it is %s a month, want %s", months, got, want)
		}
	}
	if got := s.Over(3).String(); got != "993" {
		t.Errorf("three months are %s", got)
	}
	if s.After(1_000_000).Cmp(s.After(maxGrowthMonths)) != 0 || s.Over(0).Sign() != 0 {
		t.Error("growth has no end")
	}
}

// The laws hold for every price and workload, with all charges.
func TestFullSpendLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, w := genFullPrice().Draw(t, "price"), genFullWorkload().Draw(t, "workload")
		s := Project(p, w)
		if !s.Known {
			t.Fatalf("not known: %s", s.Reason)
		}
		if total := sum(s.LineItems); total.Cmp(s.PerDay) != 0 {
			t.Fatalf("line items add up to %s of %s", total.rat(), s.PerDay.rat())
		}
		if got := s.PerDay.Mul(w.DaysPerMonth.Rat()); got.Cmp(s.PerMonth) != 0 {
			t.Fatalf("day x days is %s, month is %s", got.rat(), s.PerMonth.rat())
		}
		if given, period := s.PerGiven(); given.Mul(period.perDay(w.DaysPerMonth)).Cmp(s.PerDay) != 0 {
			t.Fatalf("%s a %s is not %s a day", given, period, s.PerDay)
		}
		// Linear in the volume, tiers or not: they are of a request's length.
		factor := genRat(1000).Draw(t, "factor")
		scaled := w
		scaled.Volume.amount = new(big.Rat).Mul(w.Volume.amount, factor)
		if got := Project(p, scaled).PerMonth; got.Cmp(s.PerMonth.Mul(factor)) != 0 {
			t.Fatalf("%s times the volume costs %s, not that times %s", factor, got.rat(), s.PerMonth.rat())
		}
		// The linear form has the same figure.
		rates := p.Rates()
		if input, ok := w.RequestInput(); ok {
			rates, _ = p.ratesFor(input)
		}
		l := lineOf(p, rates, w)
		if got := l.at(w.PerDay(), w.Split.Output()); got.Cmp(s.PerDay.rat()) != 0 {
			t.Fatalf("the line has %s, the items %s", got, s.PerDay.rat())
		}
	})
}

func TestMonotoneInEachRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, w := genFullPrice().Draw(t, "price"), genFullWorkload().Draw(t, "workload")
		p.Tiers = nil
		before := Project(p, w).PerDay
		for i, raise := range []func(*Price) *Rate{
			func(q *Price) *Rate { return &q.Input }, func(q *Price) *Rate { return &q.Output },
			func(q *Price) *Rate { return &q.CachedInput }, func(q *Price) *Rate { return &q.CacheWrite },
			func(q *Price) *Rate { return &q.Reasoning },
		} {
			dearer := p
			rate := raise(&dearer)
			if rate.Absent() {
				continue
			}
			rate.usd = rate.usd.Add(USD{r: integer(1)})
			if Project(dearer, w).PerDay.Cmp(before) < 0 {
				t.Fatalf("with rate %d dearer, it is cheaper", i)
			}
		}
	})
}

func TestNothingSharedCostsNothingMore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, w := genFullPrice().Draw(t, "price"), genFullWorkload().Draw(t, "workload")
		w.CacheWrite, w.Retries, w.Malformed, w.Thinking = Share{}, Share{}, Share{}, Count{}
		w.Cached, w.Batch = Share{r: integer(0)}, Share{}
		none := w
		none.Cached = Share{}
		if a, b := Project(p, w), Project(p, none); a.PerDay.Cmp(b.PerDay) != 0 || len(a.LineItems) != len(b.LineItems) {
			t.Fatalf("a cached share of 0 costs %s, no cache %s", a.PerDay, b.PerDay)
		}
		// A cached rate that is the plain one changes nothing, whatever the share.
		w.Cached, p.CachedInput = genShare().Draw(t, "cached"), p.Input
		for i := range p.Tiers {
			p.Tiers[i].CachedInput = NoCharge()
		}
		if a, b := Project(p, w), Project(p, none); a.PerDay.Cmp(b.PerDay) != 0 {
			t.Fatalf("cached as plain costs %s, not cached %s", a.PerDay, b.PerDay)
		}
	})
}
