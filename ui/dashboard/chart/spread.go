package chart

import (
	"cmp"
	"math"
	"slices"
)

// spread gives every label a line of its own, n lines high, in the order of
// their lines and together as near to them as can be: labels that would share a
// line form a block around their middle.
func spread(all []end, n int) []end {
	all = slices.Clone(all[:min(len(all), n)])
	slices.SortStableFunc(all, func(a, b end) int { return cmp.Or(cmp.Compare(a.row, b.row), cmp.Compare(b.value, a.value)) })
	type block struct {
		first, size int
		top         float64
	}
	var blocks []block
	for i, e := range all {
		b := block{first: i, size: 1, top: e.row}
		for len(blocks) > 0 {
			above := blocks[len(blocks)-1]
			if above.top+float64(above.size) <= b.top {
				break
			}
			// One block of both, at the mean of where each would like to stand.
			size := above.size + b.size
			b.top = (above.top*float64(above.size) + (b.top-float64(above.size))*float64(b.size)) / float64(size)
			b.first, b.size = above.first, size
			blocks = blocks[:len(blocks)-1]
		}
		b.top = min(max(b.top, 0), float64(n-b.size))
		blocks = append(blocks, b)
	}
	for i, b := range blocks {
		left := 0 // lines that the blocks below need
		for _, other := range blocks[i+1:] {
			left += other.size
		}
		top := min(math.Round(b.top), float64(n-left-b.size))
		for k := range b.size {
			all[b.first+k].row = top + float64(k)
		}
	}
	return all
}
