package costmodel

import (
	"cmp"
	"slices"
	"strings"
)

// maxNearestLength bounds the name that Nearest compares, in bytes: no model
// is called anything longer, and the distance takes time with its square.
const maxNearestLength = 100

// Nearest returns the IDs of at most n models of whose names one is like name,
// the likest first, for a "did you mean". Like is to hold the name as a part,
// or to be reached from it by changing about a third of its characters.
func (c *Catalog) Nearest(name string, n int) []string {
	name = fold(name)
	if name == "" || len(name) > maxNearestLength || n <= 0 {
		return nil
	}
	type candidate struct {
		id       string
		distance int
	}
	var near []candidate
	for _, m := range c.models {
		best := len(name)/3 + 2 // one more than what still counts as like
		for _, known := range m.names() {
			known = fold(known)
			distance := editDistance(name, known)
			if len(name) >= 3 && strings.Contains(known, name) {
				distance = min(distance, 1)
			}
			best = min(best, distance)
		}
		if best < len(name)/3+2 {
			near = append(near, candidate{m.ID, best})
		}
	}
	slices.SortStableFunc(near, func(a, b candidate) int { return cmp.Compare(a.distance, b.distance) })
	ids := make([]string, 0, n)
	for _, c := range near[:min(n, len(near))] {
		ids = append(ids, c.id)
	}
	return ids
}

// editDistance returns the least number of insertions, deletions,
// substitutions and swaps of neighbours that turn a into b, no part edited
// twice (the restricted Damerau-Levenshtein distance), in bytes.
func editDistance(a, b string) int {
	if len(b) > 2*maxNearestLength {
		return len(b)
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			substitution := last[j-1]
			if a[i-1] != b[j-1] {
				substitution++
			}
			row[j] = min(last[j]+1, row[j-1]+1, substitution)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
