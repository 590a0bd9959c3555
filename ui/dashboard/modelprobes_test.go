package dashboard

import (
	"context"
	"strings"
	"testing"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/store"

	"github.com/shopspring/decimal"
)

func (h *memory) Prices(context.Context, string) ([]store.PriceSeen, error) { return nil, h.err }

func (h *memory) Spent(_ context.Context, day probe.Day) (probe.Spending, error) {
	spent := probe.Spending{}
	if day == probe.DayOf(noon) {
		spent.Settled = decimal.RequireFromString("0.58")
	}
	return spent, h.err
}
