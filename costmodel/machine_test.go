package costmodel

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// A machine costs the same whatever is asked of it, and its month is the workload's.
func TestOnMachine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := genFullWorkload().Draw(t, "workload")
		w.Malformed = Share{}
		figure := Figure{USD: USD{r: genRat(100_000).Draw(t, "amount")}, Period: rapid.SampledFrom([]Period{Hour, Day, Month, Year}).Draw(t, "period")}
		s := OnMachine(figure, w)
		if s.Known != (w.Check() == nil) {
			t.Fatalf("known %v: %v", s.Known, w.Check())
		}
		if !s.Known {
			return
		}
		if s.In(figure.Period).Cmp(figure.USD) != 0 || s.PerMonth.Cmp(s.PerDay.Mul(w.DaysPerMonth.rat())) != 0 || s.After(12).Cmp(s.PerMonth) != 0 {
			t.Fatalf("%s is %s a day, %s a month", figure, s.PerDay, s.PerMonth)
		}
		twice := w
		twice.Volume.amount = new(big.Rat).Mul(w.Volume.rat(), big.NewRat(1, 2))
		if OnMachine(figure, twice).PerDay.Cmp(s.PerDay) != 0 {
			t.Fatal("half the work costs another amount")
		}
	})
	reviewed := workload(t, "100 calls/day", "50/50")
	reviewed.PerItem, reviewed.Malformed, reviewed.Review = Count{r: integer(10)}, share(t, "10%"), usd(t, "2")
	s := OnMachine(Figure{USD: USD{r: integer(150)}, Period: Month}, reviewed)
	if s.PerDay.String() != "25" || s.PerMonth.String() != "750" || len(s.Steps()) < 4 || s.Steps()[2] != (Step{"own machine", "whatever is asked of it", "$5.00"}) {
		t.Errorf("%s a day, %v", s.PerDay, s.Steps())
	}
	if got, want := s.Explain()[0], "$5.00 own machine + $20.00 reviews = $25.00 a day × 30 = $750.00"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
