package costmodel

import (
	"slices"

	"costping/costmodel/spelling"
)

// Nearest returns the IDs of at most n models of whose names one is like name,
// the likest first, for a "did you mean".
func (c *Catalog) Nearest(name string, n int) []string {
	var names []string
	of := map[string]string{} // the ID of the model that is called so
	for _, m := range c.models {
		for _, known := range m.names() {
			if _, taken := of[known]; !taken {
				names = append(names, known)
				of[known] = m.ID
			}
		}
	}
	ids := []string{}
	for _, near := range spelling.Nearest(name, names, len(names)) {
		if id := of[near]; len(ids) < n && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}
