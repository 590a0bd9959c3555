package cli

import (
	"fmt"
	"strconv"
	"strings"

	"costping/costmodel"
	"costping/ui/compare"
	"costping/ui/report"
)

// head is what stands above the table: the answer, and what it is for.
func (c *chooseCommand) head(choice costmodel.Choice, work costmodel.Workload) error {
	draw := report.Drawing{Width: c.lineWidth()}
	_, err := fmt.Fprintf(c.stdout, "%s\n%s\n", draw.Fold("", choice.Answer(), 0),
		draw.Fold("", fmt.Sprintf("For %s, a month of %s days:", work, work.DaysPerMonth), 0))
	return err
}

// tail is what stands below it: what was left out, and the notes.
func (c *chooseCommand) tail(choice costmodel.Choice, most int) error {
	var lines []string
	for _, list := range []struct {
		verdict costmodel.Verdict
		places  []costmodel.Place
	}{{costmodel.Inside, choice.Ranking}, {costmodel.NotShown, choice.NotShown}, {costmodel.Outside, choice.Excluded}} {
		if more := len(list.places) - most; more > 0 {
			lines = append(lines, fmt.Sprintf("%s more %s: --all prints them", compare.Count(more), list.verdict))
		}
	}
	for _, note := range choice.Notes {
		lines = append(lines, "Note: "+note)
	}
	if needs := choice.Question.Task.Needs; len(needs) > 0 && choice.Question.Constraints.Needs == nil {
		words := make([]string, len(needs))
		for i, f := range needs {
			words[i] = string(f)
		}
		lines = append(lines, "Note: this task usually needs "+strings.Join(words, " and ")+": --needs "+strings.Join(words, ","))
	}
	lines = append(lines, "Note: quality is what you state with --quality, or as quality of a [[target]], and what costping eval measures goes first; without it the order rests on recommendations and cost")
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(report.Drawing{Width: c.lineWidth()}.Fold("", line, 2))
	}
	_, err := fmt.Fprintf(c.stdout, "\n%s", b.String())
	return err
}

// chooseTable has the three lists one after another, at most so many of each.
func chooseTable(choice costmodel.Choice, most int) report.Table {
	t := report.Table{Columns: []report.Column{
		{Title: "VERDICT", Key: "verdict"},
		{Title: "#", Key: "rank", Right: true},
		{Title: "MODEL", Key: "model"},
		{Title: "PROVIDER", Key: "provider"},
		{Title: "$/MONTH", Key: "usd_per_month", Right: true},
		{Title: "WHY", Key: "why"},
	}}
	for _, list := range [][]costmodel.Place{choice.Ranking, choice.NotShown, choice.Excluded} {
		for _, p := range list[:min(most, len(list))] {
			why := strings.Join(p.Reasons, "; ")
			rank := strconv.Itoa(p.Rank)
			t.Rows = append(t.Rows, []report.Cell{
				{Text: p.Verdict.String(), Raw: p.Verdict.String()},
				{Text: rank, Raw: rank},
				{Text: p.Name, Raw: p.Name},
				{Text: p.Model.ProviderName, Raw: p.Model.Provider},
				{Text: compare.MonthOf(p.Spend), Raw: report.RawUSD(p.Spend, p.Spend.PerMonth)},
				{Text: why, Raw: why},
			})
		}
	}
	return t
}

// The JSON of costping.choose/1. excluded and not_shown have an entry for each
// constraint that a model breaks or is not shown to keep; value is null where it is
// unknown.
type (
	chooseJSON struct {
		Schema   string            `json:"schema"`
		Task     string            `json:"task"`
		Answer   string            `json:"answer"`
		Workload workloadJSON      `json:"workload"`
		Ranking  []chooseRankJSON  `json:"ranking"`
		NotShown []chooseBreakJSON `json:"not_shown"`
		Excluded []chooseBreakJSON `json:"excluded"`
		Notes    []string          `json:"notes"`
	}
	chooseRankJSON struct {
		Rank        int            `json:"rank"`
		Model       string         `json:"model"`
		Provider    string         `json:"provider"`
		USDPerMonth *costmodel.USD `json:"usd_per_month"`
		Quality     *figureJSON    `json:"quality"`
		TTFTp50     *figureJSON    `json:"ttft_p50_ms"`
		TTFTp95     *figureJSON    `json:"ttft_p95_ms"`
		Speed       *figureJSON    `json:"output_tokens_per_s"`
		Malformed   *figureJSON    `json:"malformed_rate"`
		ToolErrors  *figureJSON    `json:"tool_error_rate"`
		Reasons     []string       `json:"reasons"`
	}
	chooseBreakJSON struct {
		Model       string         `json:"model"`
		Provider    string         `json:"provider"`
		USDPerMonth *costmodel.USD `json:"usd_per_month"`
		Constraint  string         `json:"constraint"`
		Value       any            `json:"value"`
		Limit       any            `json:"limit"`
		Reason      string         `json:"reason"`
	}
	figureJSON struct {
		Value float64     `json:"value"`
		CI    *[2]float64 `json:"ci"`
		N     int         `json:"n"`
		Basis string      `json:"basis"`
	}
)

func chooseDocument(choice costmodel.Choice, work costmodel.Workload) chooseJSON {
	doc := chooseJSON{
		Schema: "costping.choose/1", Task: choice.Question.Task.ID, Answer: choice.Answer(),
		Workload: workloadOf(work),
		Ranking:  []chooseRankJSON{}, NotShown: brokenLimits(choice.NotShown), Excluded: brokenLimits(choice.Excluded),
		Notes: append([]string{}, choice.Notes...),
	}
	for _, p := range choice.Ranking {
		row := chooseRankJSON{
			Rank: p.Rank, Model: p.Name, Provider: p.Model.Provider, Reasons: p.Reasons,
			Quality: figureOf(p.Quality), TTFTp50: figureOf(p.TTFTp50), TTFTp95: figureOf(p.TTFTp95),
			Speed: figureOf(p.Speed), Malformed: figureOf(p.Malformed), ToolErrors: figureOf(p.ToolErrors),
		}
		_, row.USDPerMonth = knownUSD(p.Spend)
		doc.Ranking = append(doc.Ranking, row)
	}
	return doc
}

func brokenLimits(places []costmodel.Place) []chooseBreakJSON {
	rows := []chooseBreakJSON{}
	for _, p := range places {
		for _, f := range p.Broken() {
			row := chooseBreakJSON{
				Model: p.Name, Provider: p.Model.Provider,
				Constraint: f.Constraint, Value: f.Value, Limit: f.Limit, Reason: f.Reason,
			}
			_, row.USDPerMonth = knownUSD(p.Spend)
			rows = append(rows, row)
		}
	}
	return rows
}

func figureOf(f costmodel.Metric) *figureJSON {
	if !f.Known() {
		return nil
	}
	j := &figureJSON{Value: f.Value, N: f.N, Basis: f.Basis.String()}
	if f.Lo != f.Hi {
		j.CI = &[2]float64{f.Lo, f.Hi}
	}
	return j
}
