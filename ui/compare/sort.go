package compare

import (
	"cmp"
	"slices"

	"costping/probe/stats"
)

// Column is what rows can be sorted by.
type Column string

// The columns.
const (
	ByModel  Column = "model"
	ByDay    Column = "day"
	ByMonth  Column = "month"
	ByTTFT   Column = "ttft"
	ByTail   Column = "p95"
	BySpeed  Column = "speed"
	ByAnswer Column = "answer"
	ByOK     Column = "ok"
)

// Columns lists the columns in the order of the table.
func Columns() []Column {
	return []Column{ByModel, ByDay, ByMonth, ByTTFT, ByTail, BySpeed, ByAnswer, ByOK}
}

// Order says how rows are sorted. The zero value is by spend a month, cheapest
// first.
type Order struct {
	Column  Column
	Reverse bool
}

// By returns the column.
func (o Order) By() Column {
	if o.Column == "" {
		return ByMonth
	}
	return o.Column
}

// sortRows orders the rows. What is unknown comes last in either direction;
// ties keep to the name, so that rows do not change places for nothing.
func sortRows(rows []Row, o Order) {
	by := comparisons[o.By()]
	order := make([]*Row, len(rows)) // a row is long: it is moved once
	sorted := slices.Clone(rows)
	for i := range sorted {
		order[i] = &sorted[i]
	}
	slices.SortStableFunc(order, func(a, b *Row) int {
		c, known := by(a, b)
		if o.Reverse && known {
			c = -c
		}
		return cmp.Or(c, cmp.Compare(a.Target, b.Target))
	})
	for i, row := range order {
		rows[i] = *row
	}
}

// comparisons say which of two rows comes first, best first, and whether both
// have a figure: reversing never brings the unknown to the top.
var comparisons = map[Column]func(a, b *Row) (order int, known bool){
	ByModel: func(a, b *Row) (int, bool) { return cmp.Compare(a.Target, b.Target), true },
	ByDay:   func(a, b *Row) (int, bool) { return Cheaper(a.Spend, b.Spend), a.Spend.Known && b.Spend.Known },
	ByMonth: func(a, b *Row) (int, bool) { return Cheaper(a.Spend, b.Spend), a.Spend.Known && b.Spend.Known },
	ByTTFT:  func(a, b *Row) (int, bool) { return lower(a.Summary.TTFTp50, b.Summary.TTFTp50) },
	ByTail:  func(a, b *Row) (int, bool) { return lower(a.Summary.TTFTp95, b.Summary.TTFTp95) },
	BySpeed: func(a, b *Row) (int, bool) {
		c, known := lower(a.Summary.Speedp50, b.Summary.Speedp50)
		if known {
			c = -c // fastest first
		}
		return c, known
	},
	ByAnswer: func(a, b *Row) (int, bool) { return lower(a.Summary.E2Ep50, b.Summary.E2Ep50) },
	ByOK: func(a, b *Row) (int, bool) {
		x, y := a.Summary.Success(), b.Summary.Success()
		if x.N == 0 || y.N == 0 {
			return cmp.Compare(min(y.N, 1), min(x.N, 1)), false
		}
		return -cmp.Compare(x.Value(), y.Value()), true
	},
}

func lower(a, b stats.Quantile) (int, bool) {
	switch {
	case a.Earned() && b.Earned():
		return cmp.Compare(a.Value, b.Value), true
	case a.Earned():
		return -1, false
	case b.Earned():
		return 1, false
	}
	return 0, false
}
