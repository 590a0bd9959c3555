// Package spelling finds what was perhaps meant by a name that is not known. It
// is pure, and knows nothing of what the names stand for.
package spelling

import (
	"cmp"
	"slices"
	"strings"
)

// maxLength bounds the name that Nearest compares, in bytes: nothing that a
// person names is called anything longer, and the distance takes time with its
// square.
const maxLength = 100

// Nearest returns at most n of the known names that are like name, in whatever
// case, the likest first and else in the order given, for a "did you mean". Like
// is to hold the name as a part, or to be reached from it by changing about a
// third of its characters.
func Nearest(name string, known []string, n int) []string {
	name = fold(name)
	if name == "" || len(name) > maxLength || n <= 0 {
		return nil
	}
	type candidate struct {
		name     string
		distance int
	}
	var near []candidate
	for _, k := range known {
		folded := fold(k)
		distance := editDistance(name, folded)
		if len(name) >= 3 && strings.Contains(folded, name) {
			distance = min(distance, 1)
		}
		if distance <= len(name)/3+1 {
			near = append(near, candidate{k, distance})
		}
	}
	slices.SortStableFunc(near, func(a, b candidate) int { return cmp.Compare(a.distance, b.distance) })
	names := make([]string, 0, n)
	for _, c := range near[:min(n, len(near))] {
		names = append(names, c.name)
	}
	return names
}

// fold makes names comparable.
func fold(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// editDistance returns the least number of insertions, deletions,
// substitutions and swaps of neighbours that turn a into b, no part edited
// twice (the restricted Damerau-Levenshtein distance), in bytes.
func editDistance(a, b string) int {
	if len(b) > 2*maxLength {
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
