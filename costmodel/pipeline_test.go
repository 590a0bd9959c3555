package costmodel

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// compliance is the preset, all on gpt-4o: $0.36 a call.
func compliance(t testing.TB) Pipeline {
	t.Helper()
	preset, err := LookupPipeline("Compliance")
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewPipeline(preset.Name, preset.Stages...)
	if err != nil {
		t.Fatal(err)
	}
	return p.AllOn("gpt-4o", lookup(t, "gpt-4o").Price())
}

// $180, $720 and $1,800 a day at 500, 2,000 and 5,000 calls; $340 at 5,000, which
// is $0.068 a call, once parsing and extraction are on gpt-4o-mini.
func TestCompliancePipeline(t *testing.T) {
	before := compliance(t)
	after := compliance(t)
	after.Stages[0].Model, after.Stages[0].Price = "gpt-4o-mini", lookup(t, "gpt-4o-mini").Price()
	after.Stages[1].Model, after.Stages[1].Price = "gpt-4o-mini", lookup(t, "gpt-4o-mini").Price()
	for calls, want := range map[int64]string{500: "180", 2_000: "720", 5_000: "1800"} {
		if s := before.Spend(integer(calls), DaysPerMonth{}); !s.Known || s.PerDay.String() != want || s.PerItem.String() != "0.36" {
			t.Errorf("%d calls cost %s a day, %s each", calls, s.PerDay, s.PerItem)
		}
	}
	s := after.Spend(integer(5_000), DaysPerMonth{})
	if s.PerDay.Format(0) != "340" || s.PerItem.Format(3) != "0.068" || s.PerMonth.Format(0) != "10,200" {
		t.Errorf("5,000 calls cost %s a day, %s each, %s a month", s.PerDay, s.PerItem, s.PerMonth)
	}
	saving, ok := s.SavingAgainst(before.Spend(integer(5_000), DaysPerMonth{}))
	if !ok || saving.PerDay.Format(0) != "1,460" || saving.PerItem.Format(3) != "0.292" || saving.Percent.FloatString(1) != "81.1" {
		t.Errorf("saved %s a day, %s each, %s %%", saving.PerDay, saving.PerItem, saving.Percent.FloatString(1))
	}
	mini := lookup(t, "gpt-4o-mini").Price()
	all := after.AllOn("gpt-4o-mini", mini).Spend(integer(5_000), DaysPerMonth{})
	if all.PerItem.String() != "0.0216" || all.Pipeline.Name != "all on gpt-4o-mini" {
		t.Errorf("%s costs %s each", all.Pipeline.Name, all.PerItem)
	}
	if after.Stages[3].Model != "gpt-4o" {
		t.Error("AllOn changed the pipeline it was asked of")
	}
	if worse, _ := before.Spend(integer(1), DaysPerMonth{}).SavingAgainst(all); worse.PerItem.Sign() >= 0 || worse.Percent.Sign() >= 0 {
		t.Errorf("a dearer pipeline saves %s", worse.PerItem)
	}
}

func TestPipelineShares(t *testing.T) {
	p, err := NewPipeline("router",
		Stage{Name: "route", Model: "a", Price: price(t, "1", "1"), Shape: Shape{1_000_000, 0}},
		Stage{Name: "hard ones", Model: "b", Price: price(t, "10", "10"), Share: big.NewRat(1, 20), Shape: Shape{1_000_000, 0}},
		Stage{Name: "never", Model: "c", Price: Price{}, Share: new(big.Rat), Shape: Shape{1, 1}})
	if err != nil {
		t.Fatal(err)
	}
	s := p.Spend(integer(10), DaysPerMonth{})
	if !s.Known || s.PerItem.String() != "1.5" || s.PerDay.String() != "15" || s.Stages[1].PerItem.String() != "0.5" || s.Stages[1].Percent.FloatString(2) != "33.33" {
		t.Errorf("%+v", s)
	}
	p.Stages[2].Share = nil
	if s := p.Spend(integer(10), DaysPerMonth{}); s.Known || s.Reason != `what stage "never" costs on c is unknown` || s.PerDay.Sign() != 0 {
		t.Errorf("known %v, %q, %s", s.Known, s.Reason, s.PerDay)
	}
	if _, ok := s.SavingAgainst(p.Spend(integer(10), DaysPerMonth{})); ok {
		t.Error("a saving against an unknown spend is known")
	}
}

// A long request is billed at its tier, whatever the other stages are.
func TestPipelineTiers(t *testing.T) {
	tiered := lookup(t, "gpt-5.4").Price()
	p, _ := NewPipeline("p", Stage{Model: "gpt-5.4", Price: tiered, Shape: Shape{In: 300_000}}, Stage{Model: "gpt-5.4", Price: tiered, Shape: Shape{In: 100_000}})
	if got := p.Spend(integer(1), DaysPerMonth{}).PerItem.String(); got != "1.75" {
		t.Errorf("300K at 5.00 and 100K at 2.50 cost %s", got)
	}
}

func TestNewPipelineRefuses(t *testing.T) {
	good := Stage{Name: "s", Shape: Shape{1, 1}}
	over, below, negative := good, good, good
	over.Share, below.Share, negative.Shape = big.NewRat(3, 2), big.NewRat(-1, 2), Shape{-1, 1}
	for _, stages := range [][]Stage{nil, {over}, {good, below}, {negative}} {
		_, err := NewPipeline("p", stages...)
		wantInputErrorForm(t, err)
	}
}

// The stages add up to the whole, a day times its days is a month, and twice the
// items cost twice as much, all exactly.
func TestPipelineAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var stages []Stage
		for range rapid.IntRange(1, 5).Draw(t, "stages") {
			stages = append(stages, Stage{
				Price: genPrice().Draw(t, "price"), Share: splitShare().Draw(t, "share"),
				Shape: Shape{In: rapid.Int64Range(0, 1e5).Draw(t, "in"), Out: rapid.Int64Range(0, 1e5).Draw(t, "out")},
			})
		}
		p, err := NewPipeline("p", stages...)
		if err != nil {
			t.Fatal(err)
		}
		n := genRat(1e6).Draw(t, "items")
		s := p.Spend(n, DaysPerMonth{})
		perItem, perDay, parts := USD{}, USD{}, new(big.Rat)
		for _, stage := range s.Stages {
			perItem, perDay = perItem.Add(stage.PerItem), perDay.Add(stage.PerDay)
			parts.Add(parts, stage.Percent)
		}
		twice := p.Spend(new(big.Rat).Add(n, n), DaysPerMonth{})
		if perItem.Cmp(s.PerItem) != 0 || perDay.Cmp(s.PerDay) != 0 || s.PerDay.Mul(integer(30)).Cmp(s.PerMonth) != 0 ||
			twice.PerDay.Cmp(s.PerDay.Add(s.PerDay)) != 0 || s.PerItem.Sign() > 0 && parts.Cmp(integer(100)) != 0 {
			t.Fatalf("%+v", s)
		}
	})
}

func splitShare() *rapid.Generator[*big.Rat] {
	return rapid.Custom(func(t *rapid.T) *big.Rat { return big.NewRat(rapid.Int64Range(0, 1000).Draw(t, "share"), 1000) })
}

// The preset itself has the two models of the notes, and its volume.
func TestCompliancePreset(t *testing.T) {
	preset, _ := LookupPipeline("compliance")
	for i := range preset.Stages {
		preset.Stages[i].Price = lookup(t, preset.Stages[i].Model).Price()
	}
	p, err := NewPipeline(preset.Name, preset.Stages...)
	if err != nil {
		t.Fatal(err)
	}
	items, _ := Workload{Volume: preset.Volume}.ItemsPerDay()
	if s := p.Spend(items, DaysPerMonth{}); s.PerDay.Format(0) != "340" {
		t.Errorf("%s a day", s.PerDay)
	}
	_, err = LookupPipeline("laundry")
	wantInputError(t, err, `there is no pipeline "laundry"`)
	if preset, _ := LookupPipeline("compliance"); preset.Stages[0].Price.Known() {
		t.Error("who was given the stages changed the preset")
	}
}
