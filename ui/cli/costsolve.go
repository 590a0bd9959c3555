package cli

import (
	"fmt"

	"costping/costmodel"
	"costping/ui/report"
)

// The JSON of costping.solve/1.
type (
	solveJSON struct {
		Schema   string        `json:"schema"`
		Model    string        `json:"model"`
		Workload workloadJSON  `json:"workload"`
		USD      costmodel.USD `json:"usd"`
		Per      string        `json:"per"`
		// Reachable says that a solution exists in what was asked for. MinUSD and
		// MaxUSD are what the splits of the volume cost, null where only the volume
		// was asked for.
		Reachable bool           `json:"reachable"`
		MinUSD    *costmodel.USD `json:"min_usd"`
		MaxUSD    *costmodel.USD `json:"max_usd"`
		Solutions []solutionJSON `json:"solutions"`
	}
	// solutionJSON is a split, a run of splits from Split to Until, or a volume;
	// Exact is false where the volume has no end of decimals and is rounded.
	solutionJSON struct {
		Kind   string            `json:"kind"`
		Split  costmodel.Split   `json:"split,omitzero"`
		Until  *costmodel.Split  `json:"until_split,omitempty"`
		Volume *costmodel.Volume `json:"volume,omitempty"`
		Exact  *bool             `json:"exact,omitempty"`
	}
)

// solved are the answers to --solve: nil is what was not asked for.
type solved struct {
	model           costmodel.Model
	workload        costmodel.Workload
	figure          costmodel.Figure
	splits, volumes *costmodel.Solution
}

// runSolve answers which split or volume gives a figure. What the flags say stays
// as it is: with a volume but no split the splits are looked for, with a split but
// no volume the volumes, otherwise both.
func (c *costCommand) runSolve(given func(flag string) bool, entries []costmodel.Entry, w costmodel.Workload, format report.Format) error {
	figure, err := costmodel.ParseFigure(c.solve)
	if err != nil {
		return err
	}
	if len(entries) != 1 {
		return usage("name one with --model", "--solve is for one model, and these are %d", len(entries))
	}
	volume := given("volume") || given("users") || given("preset")
	split := given("split") || given("in") || given("preset")
	s := solved{model: entries[0].Model, workload: w, figure: figure}
	if volume || !split {
		answer := costmodel.SolveSplit(entries[0].Price, w, figure)
		s.splits = &answer
	}
	if split || !volume {
		answer := costmodel.SolveVolume(entries[0].Price, w, figure)
		s.volumes = &answer
	}
	for _, answer := range []*costmodel.Solution{s.splits, s.volumes} {
		if answer != nil && answer.Reason != "" {
			return failed("take another model, or a workload that does not use it", "%s cannot be solved for: %s", s.model.ID, answer.Reason)
		}
	}
	switch format {
	case report.JSON:
		return writeJSON(c.stdout, s.document())
	case report.CSV:
		return s.table().Write(c.stdout, format)
	}
	if _, err := fmt.Fprintf(c.stdout, "%s at %s, for %s:\n\n", s.model.ID, figure, w); err != nil {
		return err
	}
	return s.table().Write(c.stdout, format)
}

// table has a row an answer.
func (s solved) table() report.Table {
	t := report.Table{Columns: []report.Column{
		{Title: "WHAT", Key: "what"},
		{Title: "ANSWER", Key: "answer"},
	}}
	add := func(what, text, raw string) {
		t.Rows = append(t.Rows, []report.Cell{{Text: what, Raw: what}, {Text: text, Raw: raw}})
	}
	if s.splits != nil {
		for _, r := range s.splits.Splits {
			add("split", r.String(), r.String())
		}
		if !s.splits.Reachable() {
			add("split", s.unreached(), "")
		}
	}
	if s.volumes != nil {
		for _, v := range s.volumes.Volumes {
			text, exact := v.Exact()
			shown := v.String()
			if exact {
				shown += ", exactly " + text
			}
			add("volume", shown, text)
		}
		if !s.volumes.Reachable() {
			add("volume", "no volume reaches it", "")
		}
	}
	return t
}

// unreached says how near the splits come.
func (s solved) unreached() string {
	if s.figure.USD.Cmp(s.splits.Max) > 0 {
		return fmt.Sprintf("no split reaches it (at most $%s)", s.splits.Max.Format(2))
	}
	if s.figure.USD.Cmp(s.splits.Min) < 0 {
		return fmt.Sprintf("no split is as cheap (at least $%s)", s.splits.Min.Format(2))
	}
	return "no split gives it: the price jumps past it between two tiers"
}

func (s solved) document() solveJSON {
	doc := solveJSON{
		Schema: "costping.solve/1", Model: s.model.ID, Workload: workloadOf(s.workload),
		USD: s.figure.USD, Per: s.figure.Period.String(), Solutions: []solutionJSON{},
	}
	if s.splits != nil {
		doc.MinUSD, doc.MaxUSD = &s.splits.Min, &s.splits.Max
		for _, r := range s.splits.Splits {
			solution := solutionJSON{Kind: "split", Split: r.From}
			if !r.From.Equal(r.To) {
				solution.Until = &r.To
			}
			doc.Solutions = append(doc.Solutions, solution)
		}
	}
	if s.volumes != nil {
		for _, v := range s.volumes.Volumes {
			_, exact := v.Exact()
			doc.Solutions = append(doc.Solutions, solutionJSON{Kind: "volume", Volume: &v, Exact: &exact})
		}
	}
	doc.Reachable = len(doc.Solutions) > 0
	return doc
}
