package costmodel

import (
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// total is hosting at a known monthly sum.
func total(t testing.TB, s string) SelfHost {
	u := usd(t, s)
	return SelfHost{Total: &u}
}

// Messages of 500 + 200 tokens against gpt-4o-mini: $0.000195 each. The volumes
// are what the notes' own inputs give, not the 100,000 that they claim.
func TestBreakEvenOfTheNotes(t *testing.T) {
	perItem, _ := Shape{500, 200}.Cost(lookup(t, "gpt-4o-mini").Price())
	for _, c := range []struct{ monthly, want, needed string }{
		{"2000", "10256411", "791"},
		{"8000", "41025642", "3166"},
		{"2913", "14938462", "1153"},
		{"540", "2769231", "214"},
		{"248", "1271795", "98"},
		{"0", "0", "0"},
		{"0.000195", "1", "0"},
		{"0.0001951", "2", "0"},
	} {
		s := total(t, c.monthly)
		n, ok := s.BreakEven(perItem)
		if !ok || n.String() != c.want {
			t.Errorf("$%s a month pays from %s on, %v; want %s", c.monthly, n, ok, c.want)
		}
		f := s.Fit(new(big.Rat).SetInt(n), integer(200))
		if got := f.Needed.FloatString(0); got != c.needed || f.Known() || f.Fits() {
			t.Errorf("$%s a month needs %s tok/s, known %v", c.monthly, got, f.Known())
		}
	}
	if _, ok := total(t, "2000").BreakEven(USD{}); ok {
		t.Error("hosting pays against what is free")
	}
}

// 2 H100 at 3.99 and 1,000 of labour: 6,745.60 a month of 30 days, which is what
// 51.4M tokens a day cost on gpt-4o.
func TestSelfHostFromGPUs(t *testing.T) {
	labour := usd(t, "1000")
	s := SelfHost{GPUs: 2, PerHour: usd(t, "3.99"), Labour: &labour}
	if got := s.PerMonth().String(); got != "6745.6" {
		t.Errorf("a month costs %s", got)
	}
	perToken, _ := Project(lookup(t, "gpt-4o").Price(), benchmarkWorkload()).PerUnit()
	n, _ := s.BreakEven(perToken)
	if got := FormatTokens(new(big.Rat).SetFrac(n, big.NewInt(30))); got != "51.4M" {
		t.Errorf("it pays from %s tokens a day on", got)
	}
	items := s.Items()
	if items[0].How != "2 GPUs × $3.99 an hour × 720 hours" || items[2].PerMonth != nil || !strings.Contains(items[2].How, "not given") {
		t.Errorf("%+v", items)
	}
	s.Copies = 2
	if got := s.PerMonth().String(); got != "12491.2" {
		t.Errorf("with a copy a month costs %s", got)
	}
	days, _ := ParseDaysPerMonth("30.4")
	s.Copies, s.Days = 0, days
	if got := s.PerMonth().String(); got != "6822.208" {
		t.Errorf("a month of 30.4 days costs %s", got)
	}
}

// One unit is an item with its retries, or a token; its output likewise.
func TestPerUnit(t *testing.T) {
	p := lookup(t, "gpt-4o-mini").Price()
	w := items(t, "100k messages/month", "500", "200")
	if got, ok := Project(p, w).PerUnit(); !ok || got.String() != "0.000195" || w.OutputPerUnit().RatString() != "200" || w.UnitsPerMonth().RatString() != "100000" {
		t.Errorf("a message costs %s, %v, and has %s out", got, ok, w.OutputPerUnit())
	}
	var err error
	if w.Retries, err = ParseShare("10%"); err != nil {
		t.Fatal(err)
	}
	if got, _ := Project(p, w).PerUnit(); got.String() != "0.0002145" {
		t.Errorf("with 10 %% of retries a message costs %s", got)
	}
	if got := w.OutputPerUnit().RatString(); got != "220" {
		t.Errorf("with 10 %% of retries a message has %s out", got)
	}
	if got := w.WithThinking(integer(3)).OutputPerUnit().RatString(); got != "660" {
		t.Errorf("with retries and thinking a message has %s out", got)
	}
	// Reviews are people's work on either side.
	if w.Malformed, err = ParseShare("5%"); err != nil {
		t.Fatal(err)
	}
	w.Review = usd(t, "1")
	if got, _ := Project(p, w).PerUnit(); got.String() != "0.0002145" {
		t.Errorf("with reviews a message costs %s", got)
	}
	tokens := benchmarkWorkload()
	if got, ok := Project(p, tokens).PerUnit(); !ok || got.String() != "0.0000002625" || tokens.OutputPerUnit().RatString() != "1/4" {
		t.Errorf("a token costs %s, %v", got, ok)
	}
	if _, ok := Project(p, Workload{Split: tokens.Split}).PerUnit(); ok {
		t.Error("nothing has a cost each")
	}
	if _, ok := Project(Price{}, tokens).PerUnit(); ok {
		t.Error("an unknown price gives a known cost")
	}
}

func TestFit(t *testing.T) {
	s := SelfHost{GPUs: 1, PerHour: usd(t, "1"), OutputPerSecond: integer(1000)}
	// 300 tok/s at 30 %: 777,600,000 tokens in 30 days.
	for items, want := range map[int64]bool{7_776_000: true, 7_776_001: false} {
		if f := s.Fit(integer(items), integer(100)); f.Fits() != want || f.Had.FloatString(0) != "300" {
			t.Errorf("%d items need %s of %s", items, f.Needed.FloatString(3), f.Had.FloatString(0))
		}
	}
	s.Utilisation = big.NewRat(1, 10)
	if s.Fit(integer(7_776_000), integer(100)).Fits() {
		t.Error("a third of the utilisation serves as much")
	}
}

func TestScaledBreakEven(t *testing.T) {
	labour := usd(t, "1000")
	s := SelfHost{GPUs: 1, PerHour: usd(t, "1"), Labour: &labour, OutputPerSecond: integer(100)}
	// One GPU is $720 and serves 777,600 items of 100 tokens at 30 %.
	for _, c := range []struct {
		perItem string
		gpus    int
		items   string
		ok      bool
	}{
		{"0.01", 1, "172000", true},     // the first GPU serves what pays
		{"0.001", 18, "13960000", true}, // a GPU gains 57.60 towards 1,000
		{"0.0009", 0, "", false},        // a GPU costs more than what it serves
		{"0", 0, "", false},
	} {
		got, ok := s.ScaledBreakEven(usd(t, c.perItem), integer(100))
		if ok != c.ok || ok && (got.GPUs != c.gpus || got.Items.String() != c.items) {
			t.Errorf("at %s: %+v, %v", c.perItem, got, ok)
		}
	}
	// A GPU that serves nothing is not bought again.
	idle := s
	idle.GPUs, idle.Serving = 3, 1
	if got, ok := idle.ScaledBreakEven(usd(t, "0.001"), integer(100)); !ok || got.GPUs != 18 || got.Items.String() != "13960000" {
		t.Errorf("with idle GPUs: %+v, %v", got, ok)
	}
	s.OutputPerSecond = nil
	if _, ok := s.ScaledBreakEven(usd(t, "1"), integer(100)); ok {
		t.Error("an unknown throughput scales")
	}
}

// Where it scales, that many sets pay and fit, and one set fewer does not.
func TestScaledBreakEvenIsTheLeast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		labour := NewUSD(genRat(10_000).Draw(t, "labour"))
		s := SelfHost{
			GPUs: rapid.IntRange(1, 4).Draw(t, "gpus"), PerHour: NewUSD(genRat(5_000).Draw(t, "price")), Labour: &labour,
			OutputPerSecond: integer(rapid.Int64Range(1, 10_000).Draw(t, "throughput")),
		}
		perItem, out := NewUSD(big.NewRat(rapid.Int64Range(1, 10_000).Draw(t, "micro"), 1_000_000)), integer(rapid.Int64Range(1, 500).Draw(t, "out"))
		fits := func(gpus int) bool {
			sets := int64(gpus / s.GPUs)
			larger := s
			larger.GPUs, larger.OutputPerSecond = gpus, new(big.Rat).Mul(s.OutputPerSecond, integer(sets))
			return larger.Fit(new(big.Rat).Quo(larger.PerMonth().rat(), perItem.rat()), out).Fits()
		}
		scaled, ok := s.ScaledBreakEven(perItem, out)
		if !ok {
			if fits(s.GPUs) || fits(maxGPUs/s.GPUs*s.GPUs) {
				t.Fatal("it pays and fits, but no number is found")
			}
			return
		}
		if !fits(scaled.GPUs) || scaled.GPUs > s.GPUs && fits(scaled.GPUs-s.GPUs) || scaled.GPUs%s.GPUs != 0 {
			t.Fatalf("%d GPUs are not the least", scaled.GPUs)
		}
	})
}

// The items add up to the month, and at the break-even volume, but not one item
// below it, the API is not cheaper.
func TestBreakEvenIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := SelfHost{GPUs: rapid.IntRange(1, 9).Draw(t, "gpus"), PerHour: NewUSD(genRat(9_000).Draw(t, "price")), Copies: rapid.IntRange(0, 3).Draw(t, "copies")}
		if rapid.Bool().Draw(t, "maintained") {
			m := NewUSD(genRat(9_000).Draw(t, "maintenance"))
			s.Maintenance = &m
		}
		sum := USD{}
		for _, item := range s.Items() {
			if item.PerMonth != nil {
				sum = sum.Add(*item.PerMonth)
			}
		}
		perItem := NewUSD(big.NewRat(rapid.Int64Range(1, 1e6).Draw(t, "nano"), 1e9))
		n, ok := s.BreakEven(perItem)
		at := perItem.Mul(new(big.Rat).SetInt(n))
		if !ok || sum.Cmp(s.PerMonth()) != 0 || at.Cmp(s.PerMonth()) < 0 || n.Sign() > 0 && at.Sub(perItem).Cmp(s.PerMonth()) >= 0 {
			t.Fatalf("%s a month pays from %s on at %s", s.PerMonth(), n, perItem)
		}
	})
}

func TestSelfHostValidate(t *testing.T) {
	good := SelfHost{GPUs: 1, PerHour: usd(t, "1")}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	if err := total(t, "1").Validate(); err != nil {
		t.Error(err)
	}
	for _, change := range []func(*SelfHost){
		func(s *SelfHost) { s.GPUs = 0 },
		func(s *SelfHost) { s.GPUs = -1 },
		func(s *SelfHost) { s.GPUs = maxGPUs + 1 },
		func(s *SelfHost) { s.Copies = -1 },
		func(s *SelfHost) { s.Utilisation = new(big.Rat) },
		func(s *SelfHost) { s.Utilisation = big.NewRat(11, 10) },
		func(s *SelfHost) { s.OutputPerSecond = new(big.Rat) },
	} {
		bad := good
		change(&bad)
		wantInputErrorForm(t, bad.Validate())
	}
}

func TestDefaultHardware(t *testing.T) {
	h := DefaultHardware()
	for name, want := range map[string]string{"h100": "H100 SXM", "H100-PCIe": "H100 PCIe", "4090": "RTX 4090", "A100 80GB": "A100 80GB"} {
		if g, ok := h.GPU(name); !ok || g.Name != want {
			t.Errorf("%s is %q, %v", name, g.Name, ok)
		}
	}
	g, _ := h.GPU("h100")
	if p := g.Prices[0]; p.PerHour.String() != "3.99" || p.AsOf != date(t, "2026-11-09") {
		t.Errorf("an H100 is %s as of %s", p.PerHour, p.AsOf)
	}
	for _, id := range h.OpenWeights() {
		if m := lookup(t, id); m.ID != id || m.Kind != Chat {
			t.Errorf("%s is %s, %s", id, m.ID, m.Kind)
		}
	}
	if h.Labour.String() != "1,000-5,000" || h.Maintenance.String() != "500-1,000" {
		t.Errorf("labour %s, maintenance %s", h.Labour, h.Maintenance)
	}
}

// Throughput depends on the shape: a longer prompt never finds the figure of a
// shorter one.
func TestThroughput(t *testing.T) {
	h := DefaultHardware()
	for _, c := range []struct {
		model, gpu string
		gpus       int
		in, want   int64
	}{
		{"llama-3.1-70b", "h100-sxm", 2, 500, 1728},
		{"Llama-3.1-70B", "h100-sxm", 2, 513, 920},
		{"llama-3.1-70b", "h100-sxm", 8, 5000, 920},
		{"llama-3.1-70b", "h100-sxm", 2, 5001, 0},
		{"llama-3.1-70b", "h100-sxm", 1, 500, 0}, // it does not fit on one
		{"llama-3.1-70b", "l4", 8, 500, 0},
		{"qwen3-8b", "h100-sxm", 1, 128, 16542},
		{"qwen3-8b", "h100-sxm", 1, 129, 4129},
		{"qwen3-8b", "h100-sxm", 1, 8192, 787},
		{"gpt-4o", "h100-sxm", 1, 1, 0},
	} {
		got, ok := h.Throughput(c.model, c.gpu, c.gpus, c.in)
		if got.OutputPerSecond != c.want || ok != (c.want > 0) {
			t.Errorf("%s on %d %s with %d in: %d", c.model, c.gpus, c.gpu, c.in, got.OutputPerSecond)
		}
	}
}

const smallHardware = `open_weights = ["a"]
[reference]
labour = [1, 2]
maintenance = [3, 4]
source = "s"
[[gpu]]
id = "g"
name = "G"
memory_gb = 8
price = [{ host = "h", usd_per_hour = 0.10, source = "s", as_of = 2026-01-02 }]
[[throughput]]
model = "m"
gpu = "g"
gpus = 1
up_to_in = 10
shape = "short"
output_tokens_per_s = 5
source = "s"
`

func TestLoadHardwareRefuses(t *testing.T) {
	if _, err := LoadHardware(strings.NewReader(smallHardware)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, new, want string }{
		{"[[gpu]]", "[[gup]]", `hardware line 6, column 3: unknown key "gup"`},
		{"memory_gb = 8", "memory_gb = 0", `hardware GPU "g" has no memory_gb or no price`},
		{"usd_per_hour = 0.10", "usd_per_hour = -1", `hardware GPU "g" price: amount "-1" is negative`},
		{"usd_per_hour = 0.10", `usd_per_hour = "free"`, `hardware GPU "g" price: amount "free" is not a number`},
		{"as_of = 2026-01-02", "as_of = 2026-02-30", ""},
		{`host = "h"`, `host = "\u001b[31m"`, ""},
		{`gpu = "g"`, `gpu = "x"`, `hardware throughput of "m" is on GPU "x", which is not listed`},
		{"up_to_in = 10", "up_to_in = 0", `hardware throughput of "m" lacks gpus, up_to_in or output_tokens_per_s above 0`},
		{"labour = [1, 2]", "labour = [2, 1]", "hardware has a reference labour that falls"},
		{"labour = [1, 2]", "labour = [1]", "hardware has a reference labour that is not two sums"},
		{"labour = [1, 2]", "labour = [1, 1e400]", ""},
		{smallHardware, "", "hardware has a reference labour that is not two sums"},
		{smallHardware, "<!doctype html>", ""},
		{smallHardware, strings.Repeat("#", maxDataBytes+1), "hardware is larger than 1 MiB"},
	} {
		_, err := LoadHardware(strings.NewReader(strings.Replace(smallHardware, c.old, c.new, 1)))
		if c.want == "" {
			wantInputErrorForm(t, err)
		} else {
			wantInputError(t, err, c.want)
		}
	}
}

func FuzzLoadHardware(f *testing.F) {
	f.Add(smallHardware)
	f.Add(strings.ReplaceAll(smallHardware, "1", "-1"))
	f.Fuzz(func(t *testing.T, s string) {
		h, err := LoadHardware(strings.NewReader(s))
		if err != nil {
			wantInputErrorForm(t, err)
		} else if len(h.GPUs()) == 0 {
			t.Error("hardware without GPUs")
		}
	})
}
