package compare

import (
	"context"

	"costping/store"
)

// ReliableAt is what is known already of answers at some places.
func ReliableAt(places ...Reliability) *Reliable {
	all := &Reliable{targets: map[string][]*Reliability{}}
	for _, p := range places {
		all.targets[p.Target] = append(all.targets[p.Target], &p)
	}
	return all
}

// Grader is a history that knows what graded answers come to, and not the answers.
type Grader interface{ Reliable() *Reliable }

// ReliableIn is what the graded answers of a history come to.
func ReliableIn(ctx context.Context, h store.Reader, within store.Range) (*Reliable, error) {
	if g, ok := h.(Grader); ok {
		return g.Reliable(), nil
	}
	results, err := h.Results(ctx, within)
	return ReliableOf(results), err
}
