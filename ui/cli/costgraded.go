package cli

import (
	"fmt"
	"strings"
	"time"

	"costping/probe/stats"
	"costping/ui/compare"
	"costping/ui/report"
)

// grade adds to the rows how often answers were malformed, as far as the history knows.
// It changes no spend. A history that cannot be read is warned of: the prices need none.
func (c *costCommand) grade(rows []costRow) {
	_, graded, err := measuredIn(c.historyDir(), 24*time.Hour)
	if err != nil {
		fmt.Fprintf(c.stderr, "warning: what was measured is left out: %s\n", oneLine(err.Error()))
		return
	}
	for i := range rows {
		rows[i].malformed, rows[i].gradedAs = malformedOf(graded, rows[i].offer)
	}
}

// malformedOf is the malformed rate of an offer: of a configured target where it was
// asked, of a model of the catalog wherever most answers are from, with the name of the
// target that they are of.
func malformedOf(graded *compare.Reliable, o offer) (best stats.Rate, target string) {
	for _, r := range graded.At() {
		own := o.Target != nil && r.Target == o.Name && r.Model == o.Target.Model && r.BaseURL == o.Target.BaseURL
		shape, _ := r.ByDefault()
		if (own || o.Target == nil && o.Model.Is(r.Model)) && shape.Bad.N > best.N {
			best, target = shape.Bad, r.Target
		}
	}
	return best, target
}

// gradedNotes are sentences below the table, one for each row with malformed answers.
func (c *costCommand) gradedNotes(rows []costRow, format report.Format) string {
	if format == report.CSV {
		return ""
	}
	var notes []string
	for _, r := range rows {
		if note := compare.MalformedNote(r.spend, r.malformed); note != "" && r.spend.Workload.Malformed.IsZero() {
			name := r.Name
			if r.gradedAs != name {
				name += ", as " + r.gradedAs
			}
			notes = append(notes, name+": "+note+".")
		}
	}
	if notes == nil {
		return ""
	}
	return "\n" + c.paragraphs(strings.Join(notes, "\n"), format) + "\n"
}
