package cli

import (
	"fmt"
	"strings"

	"costping/costmodel"
	"costping/store"
	"costping/ui/compare"
)

// grade adds what graded answers came to: what was measured goes before what is
// stated, and a note says so. Of several places the one with the most answers counts.
func (f *field) grade(graded *compare.Reliable, needs []costmodel.Feature) {
	best := map[string]compare.Reliability{}
	for _, r := range graded.At() {
		s := store.Summary{Series: store.Series{Target: r.Target, Provider: r.Provider, Model: r.Model, BaseURL: r.BaseURL}}
		for _, name := range f.measuredBy(s, false) {
			if known, seen := best[name]; !seen || r.N > known.N || r.N == known.N && r.Last.After(known.Last) {
				best[name] = r
			}
		}
	}
	for i := range f.list {
		c := &f.list[i]
		r, ok := best[c.Name]
		if !ok {
			continue
		}
		if notes := measuredBefore(c, &r, needs); notes != nil {
			f.notes = append(f.notes, c.Name+" was graded: "+strings.Join(notes, "; "))
		}
	}
}

// measuredBefore gives a candidate what was measured of its answers, and says what.
func measuredBefore(c *costmodel.Candidate, r *compare.Reliability, needs []costmodel.Feature) (notes []string) {
	if shape, enforced := r.For(needs); shape.Bad.N > 0 {
		c.Malformed = compare.RateMetric(shape.Bad)
		how := "in the prompt"
		if enforced {
			how = "enforced"
		}
		notes = append(notes, "malformed "+compare.Share(shape.Bad)+", the schema "+how)
	}
	if r.Tools.Bad.N > 0 {
		c.ToolErrors = compare.RateMetric(r.Tools.Bad)
		notes = append(notes, "tool errors "+compare.Share(r.Tools.Bad))
	}
	if r.Accuracy.N > 0 {
		note := "quality " + compare.Share(r.Accuracy) + " of your tasks"
		if c.Quality.Basis == costmodel.Stated {
			note += fmt.Sprintf(", before the %.3g that is stated", c.Quality.Value)
		}
		notes = append(notes, note)
		c.Quality = compare.RateMetric(r.Accuracy)
	}
	if notes != nil && r.Simulated == r.N {
		notes = append(notes, "all of it simulated")
	}
	return notes
}
