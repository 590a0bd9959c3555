package cli

import (
	"fmt"
	"strconv"

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
		// Reachable says that anything that was asked for gives the figure. Splits
		// and Volumes are null where they were not asked for.
		Reachable bool `json:"reachable"`
		// MaxUSD is the most that any split comes to, null where none was asked for;
		// Solutions are those of the splits and of the volumes.
		MaxUSD    *costmodel.USD     `json:"max_usd"`
		Solutions []any              `json:"solutions"`
		Splits    *solvedSplitsJSON  `json:"splits"`
		Volumes   *solvedVolumesJSON `json:"volumes"`
	}
	// solvedSplitsJSON are the splits of the workload's volume that give the
	// figure, what the cheapest and the dearest cost, and where none gives it, why.
	solvedSplitsJSON struct {
		MinUSD    costmodel.USD `json:"min_usd"`
		MaxUSD    costmodel.USD `json:"max_usd"`
		Reason    string        `json:"reason,omitempty"`
		Solutions []splitJSON   `json:"solutions"`
	}
	// splitJSON is a split, or a run of splits up to Until; Exact is false where
	// it has no end of decimals and is rounded.
	splitJSON struct {
		Split costmodel.Split  `json:"split"`
		Until *costmodel.Split `json:"until_split,omitempty"`
		Exact bool             `json:"exact"`
	}
	// solvedVolumesJSON are the volumes that give the figure at the workload's
	// split, and where none does, why.
	solvedVolumesJSON struct {
		Reason    string       `json:"reason,omitempty"`
		Solutions []volumeJSON `json:"solutions"`
	}
	volumeJSON struct {
		Volume costmodel.Volume `json:"volume"`
		Exact  bool             `json:"exact"`
	}
)

// solved are the answers to --solve: nil is what was not asked for.
type solved struct {
	name            string
	workload        costmodel.Workload
	figure          costmodel.Figure
	splits, volumes *costmodel.Solution
}

// runSolve answers which split or volume gives a figure. What the flags say stays
// as it is: with a volume but no split the splits are looked for, with a split but
// no volume the volumes, otherwise both.
func (c *costCommand) runSolve(given func(flag string) bool, offers []offer, w costmodel.Workload, format report.Format) error {
	if c.explain && (format == report.JSON || format == report.CSV) {
		return usage("leave --explain out; with the answer as --volume or --split it shows the arithmetic",
			"--solve with --explain has no form in %s", format)
	}
	figure, err := costmodel.ParseFigure(c.solve)
	if err != nil {
		return hinted("solve", err)
	}
	if len(offers) != 1 {
		return usage("name one with --model", "--solve is for one model, and these are %d", len(offers))
	}
	if offers[0].machine() {
		return usage("leave it out, or name an API", "a machine of your own costs the same at every volume and split: %s cannot be solved for", offers[0].Name)
	}
	volume := given("volume") || given("users") || given("preset") || given("workload")
	split := given("split") || given("in") || given("preset") || given("workload")
	s := solved{name: offers[0].Name, workload: w, figure: figure}
	if volume || !split {
		answer := costmodel.SolveSplit(offers[0].Price, w, figure)
		s.splits = &answer
	}
	if split || !volume {
		answer := costmodel.SolveVolume(offers[0].Price, w, figure)
		s.volumes = &answer
	}
	for _, answer := range []*costmodel.Solution{s.splits, s.volumes} {
		if answer != nil && answer.Reason != "" {
			return failed("take another model, or a workload that does not use it", "%s cannot be solved for: %s", s.name, answer.Reason)
		}
	}
	switch format {
	case report.JSON:
		return writeJSON(c.stdout, s.document())
	case report.CSV:
		return c.writeTable(s.table(format), format)
	}
	if _, err := fmt.Fprintf(c.stdout, "%s\n\n", c.paragraphs(fmt.Sprintf("%s at %s, for %s:", s.name, figure, w), format)); err != nil {
		return err
	}
	if err := c.writeTable(s.table(format), format); err != nil || !c.explain {
		return err
	}
	return c.explainSolved(offers[0], s, format)
}

// explainSolved shows the arithmetic of every answer, a table each.
func (c *costCommand) explainSolved(o offer, s solved, format report.Format) error {
	var answers []costmodel.Workload
	var texts []string
	if s.splits != nil {
		for _, r := range s.splits.Splits {
			w := s.workload
			w.Split = r.From
			answers, texts = append(answers, w), append(texts, "a split of "+r.String())
		}
	}
	if s.volumes != nil {
		for _, v := range s.volumes.Volumes {
			w := s.workload
			w.Volume = v
			answers, texts = append(answers, w), append(texts, v.String())
		}
	}
	for i, w := range answers {
		row := c.costRow(o, costmodel.NewProjector(w), w)
		if _, err := fmt.Fprintf(c.stdout, "\nWith %s:\n\n", texts[i]); err != nil {
			return err
		}
		if err := c.writeTable(explainTable([]costRow{row}), format); err != nil {
			return err
		}
	}
	return nil
}

// table has a row an answer; where there is none, the row says so. What is not
// exact says so in words, and in CSV in a column of its own too.
func (s solved) table(format report.Format) report.Table {
	t := report.Table{Columns: []report.Column{
		{Title: "WHAT", Key: "what"},
		{Title: "ANSWER", Key: "answer"},
	}}
	add := func(what, text, raw, exact string) {
		t.Rows = append(t.Rows, []report.Cell{{Text: what, Raw: what}, {Text: text, Raw: raw}, {Raw: exact}}[:len(t.Columns)])
	}
	if format == report.CSV {
		t.Columns = append(t.Columns, report.Column{Key: "exact"})
	}
	if s.splits != nil {
		for _, r := range s.splits.Splits {
			add("split", r.String(), r.String(), strconv.FormatBool(r.Exact()))
		}
		if !s.splits.Reachable() {
			add("split", s.unreached(), s.unreached(), "")
		}
	}
	if s.volumes != nil {
		for _, v := range s.volumes.Volumes {
			text, exact := v.Exact()
			shown := "about " + v.String()
			if exact {
				shown = v.String() + ", exactly " + text
			}
			add("volume", shown, text, strconv.FormatBool(exact))
		}
		if !s.volumes.Reachable() {
			add("volume", noVolume, noVolume, "")
		}
	}
	return t
}

const noVolume = "no volume reaches it"

// unreached says how near the splits come.
func (s solved) unreached() string {
	if s.figure.USD.Cmp(s.splits.Max) > 0 {
		return fmt.Sprintf("no split reaches it (at most %s)", report.Money(s.splits.Max))
	}
	if s.figure.USD.Cmp(s.splits.Min) < 0 {
		return fmt.Sprintf("no split is as cheap (at least %s)", report.Money(s.splits.Min))
	}
	return "no split gives it: the price jumps past it between two tiers"
}

func (s solved) document() solveJSON {
	doc := solveJSON{
		Schema: "costping.solve/1", Model: s.name, Workload: workloadOf(s.workload),
		USD: s.figure.USD, Per: s.figure.Period.String(), Solutions: []any{},
	}
	if s.splits != nil {
		splits := solvedSplitsJSON{MinUSD: s.splits.Min, MaxUSD: s.splits.Max, Solutions: []splitJSON{}}
		for _, r := range s.splits.Splits {
			solution := splitJSON{Split: r.From, Exact: r.Exact()}
			if !r.From.Equal(r.To) {
				solution.Until = &r.To
			}
			splits.Solutions = append(splits.Solutions, solution)
			doc.Solutions = append(doc.Solutions, solution)
		}
		if !s.splits.Reachable() {
			splits.Reason = s.unreached()
		}
		doc.MaxUSD = &splits.MaxUSD
		doc.Splits, doc.Reachable = &splits, s.splits.Reachable()
	}
	if s.volumes != nil {
		volumes := solvedVolumesJSON{Solutions: []volumeJSON{}}
		for _, v := range s.volumes.Volumes {
			_, exact := v.Exact()
			volumes.Solutions = append(volumes.Solutions, volumeJSON{v, exact})
			doc.Solutions = append(doc.Solutions, volumeJSON{v, exact})
		}
		if !s.volumes.Reachable() {
			volumes.Reason = noVolume
		}
		doc.Volumes, doc.Reachable = &volumes, doc.Reachable || s.volumes.Reachable()
	}
	return doc
}
