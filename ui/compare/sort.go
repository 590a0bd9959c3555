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
	// ByQuality and the others are on wide screens only, or in the menu alone.
	ByQuality Column = "quality"
	ByVia     Column = "via"
	ByItems   Column = "items"
	ByContext Column = "context"
	ByEnds    Column = "ends"
)

// Columns lists the columns in the order of the table.
func Columns() []Column {
	return []Column{ByModel, ByDay, ByMonth, ByQuality, ByTTFT, ByTail, BySpeed, ByAnswer, ByOK, ByVia, ByItems, ByContext, ByEnds}
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

// BestFirst reports whether the column's largest figures come first.
func (c Column) BestFirst() bool {
	switch c {
	case BySpeed, ByOK, ByQuality, ByContext, ByEnds:
		return true
	}
	return false
}

// byChance are the columns whose figures move by chance, with the quantile that
// tells whether two of them differ.
var byChance = map[Column]func(*Row) stats.Quantile{
	ByTTFT:   func(r *Row) stats.Quantile { return r.Summary.TTFTp50 },
	ByTail:   func(r *Row) stats.Quantile { return r.Summary.TTFTp95 },
	BySpeed:  func(r *Row) stats.Quantile { return r.Summary.Speedp50 },
	ByAnswer: func(r *Row) stats.Quantile { return r.Summary.E2Ep50 },
}

// sortRows orders the rows. What is unknown comes last in either direction;
// ties keep to the name, so that rows do not change places for nothing. Rows that
// are sorted by what was measured keep their places of previous as long as no
// difference between neighbours is measurable.
func sortRows(rows []Row, o Order, previous []string) {
	by := comparisons[o.By()]
	order := make([]*Row, len(rows))
	at := make(map[*Row]int, len(rows))
	for i := range rows {
		order[i], at[&rows[i]] = &rows[i], i
	}
	slices.SortStableFunc(order, func(a, b *Row) int {
		c, known := by(a, b)
		if o.Reverse && known {
			c = -c
		}
		return cmp.Or(c, cmp.Compare(a.Target, b.Target))
	})
	if figure, ok := byChance[o.By()]; ok && len(previous) > 0 {
		order = settled(order, previous, figure)
	}
	from := make([]int, len(order))
	for i, row := range order {
		from[i] = at[row]
	}
	permute(rows, from)
}

// permute puts the row that was at from[i] at i. A row is long: it is moved once, and
// from is used up.
func permute(rows []Row, from []int) {
	for i := range from {
		if from[i] == i {
			continue
		}
		first := rows[i]
		to := i
		for from[to] != i {
			next := from[to]
			rows[to], from[to] = rows[next], to
			to = next
		}
		rows[to], from[to] = first, to
	}
}

// settled puts the rows of previous back in the order that they had, new ones after
// the row that they were sorted behind, and moves one past its neighbour only where
// they are measurably different. Rows that have nothing measured stay where they
// were sorted to.
func settled(sorted []*Row, previous []string, figure func(*Row) stats.Quantile) []*Row {
	was := map[string]int{}
	for i, name := range previous {
		was[name] = i
	}
	rank := map[*Row]int{}
	var known []*Row
	var places []int
	for i, r := range sorted {
		rank[r] = i
		if !figure(r).Earned() {
			continue
		}
		places = append(places, i)
		if _, there := was[r.Target]; there {
			known = append(known, r)
		}
	}
	slices.SortStableFunc(known, func(a, b *Row) int { return cmp.Compare(was[a.Target], was[b.Target]) })
	for i, place := range places {
		r := sorted[place]
		if _, there := was[r.Target]; there {
			continue
		}
		at := 0
		if i > 0 {
			at = 1 + slices.Index(known, sorted[places[i-1]])
		}
		known = slices.Insert(known, at, r)
	}
	for i := 1; i < len(known); i++ { // insertion: each moves up past what it measurably goes before
		for j := i; j > 0; j-- {
			before, after := known[j-1], known[j]
			if rank[after] > rank[before] || stats.Slower(figure(before), figure(after)) == 0 {
				break
			}
			known[j-1], known[j] = after, before
		}
	}
	for i, place := range places {
		sorted[place] = known[i]
	}
	return sorted
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
	ByQuality: func(a, b *Row) (int, bool) {
		return larger(a.Quality.Value, b.Quality.Value, a.Quality.Known(), b.Quality.Known())
	},
	ByVia:   func(a, b *Row) (int, bool) { return cmp.Compare(a.Via(), b.Via()), true },
	ByItems: func(a, b *Row) (int, bool) { return Cheaper(a.Spend, b.Spend), a.Spend.Known && b.Spend.Known },
	ByContext: func(a, b *Row) (int, bool) {
		return larger(float64(a.Model.Context), float64(b.Model.Context), a.Model.Context > 0, b.Model.Context > 0)
	},
	// What ends last comes first, and what has no end known before that.
	ByEnds: func(a, b *Row) (int, bool) { return -cmp.Compare(ends(a), ends(b)), true },
}

// ends is the day of a model's retirement as a number that can be compared.
func ends(r *Row) string {
	if r.Model.Retired.IsZero() {
		return "9999" // later than any date
	}
	return r.Model.Retired.String()
}

// larger puts the larger figure first, and what is not known last.
func larger(a, b float64, aKnown, bKnown bool) (int, bool) {
	switch {
	case aKnown && bKnown:
		return cmp.Compare(b, a), true
	case aKnown:
		return -1, false
	case bKnown:
		return 1, false
	}
	return 0, false
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
