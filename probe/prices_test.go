package probe

import (
	"context"
	"fmt"
	"testing"

	"github.com/shopspring/decimal"
)

func usd(text string) decimal.Decimal { return decimal.RequireFromString(text) }

// listed are prices in USD for a million tokens, input and output.
var listed = [][2]string{
	{"2.5", "10"}, {"3", "15"}, {"1.25", "5"}, {"0.8", "4"}, {"0.9", "0.9"}, {"0.15", "0.6"}, {"0.1", "0.4"},
}

// remote are n targets of hosts of their own, priced by their number in listed.
func remote(n int) []Target {
	all := make([]Target, n)
	for i := range all {
		all[i] = Target{Name: fmt.Sprintf("t%d", i), Model: "m", BaseURL: fmt.Sprintf("https://host%d.example/v1", i)}
	}
	return all
}

func listPrice(t Target, u Usage) (decimal.Decimal, bool) {
	for i, price := range listed {
		if t.Name == fmt.Sprintf("t%d", i) {
			in, out := decimal.NewFromInt(u.Input.Value), decimal.NewFromInt(u.Output.Value)
			return usd(price[0]).Mul(in).Add(usd(price[1]).Mul(out)).Shift(-6), true
		}
	}
	return decimal.Decimal{}, false
}

func spent(t *testing.T, l Ledger, day Day) Spending {
	t.Helper()
	s, err := l.Spent(context.Background(), day)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
