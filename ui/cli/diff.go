package cli

import (
	"fmt"
	"math"

	"costping/costmodel"
	"costping/probe/stats"
	"costping/ui/report"
	"costping/ui/report/snapshot"

	"github.com/spf13/cobra"
)

type diffCommand struct{ *app }

func newDiff(a *app) *cobra.Command {
	d := &diffCommand{a}
	cmd := &cobra.Command{
		Use:   "diff A B",
		Short: "What changed from one snapshot to another: price, assumption, measurement",
		Long: "diff compares two snapshots, model by model. A change of the amount a month is split into what the price did at the\n" +
			"old workload, what the workload did, and what was measured of thinking; the three add up. Times and speeds are\n" +
			"compared by a test over the recorded values, all together at 5 %; ~ stands where no difference is shown.",
		Example: "  costping diff approved.json today.json\n  costping diff old.md new.html -o md",
		Args:    a.files(2),
		RunE:    d.run,
	}
	a.outputFlag(cmd)
	return cmd
}

func (d *diffCommand) run(_ *cobra.Command, args []string) error {
	format, err := d.format()
	if err != nil {
		return err
	}
	a, err := d.load(args[0])
	if err != nil {
		return err
	}
	b, err := d.load(args[1])
	if err != nil {
		return err
	}
	diff, err := snapshot.Compare(a, b)
	if err != nil {
		return err
	}
	if format == report.JSON {
		return writeJSON(d.stdout, diffDocument(diff))
	}
	for _, warning := range diff.Warnings {
		fmt.Fprintf(d.stderr, "warning: %s\n", oneLine(warning))
	}
	if format == report.CSV {
		return report.DiffRecords(diff).Write(d.stdout, format)
	}
	for _, line := range append(report.DiffSummary(diff), "") {
		if _, err := fmt.Fprintln(d.stdout, report.Shown(line, format)); err != nil {
			return err
		}
	}
	return report.DiffTable(diff).Write(d.stdout, format)
}

// The JSON of costping.diff/1: changes are of B against A, ratios B by A.
type (
	diffJSON struct {
		Schema   string        `json:"schema"`
		From     string        `json:"from_utc"`
		To       string        `json:"to_utc"`
		Summary  []string      `json:"summary"`
		Warnings []string      `json:"warnings"`
		Rows     []diffRowJSON `json:"rows"`
	}
	diffRowJSON struct {
		Target string `json:"target"`
		// Is is both, new or gone.
		Is          string         `json:"is"`
		USDBefore   *costmodel.USD `json:"usd_per_month_before"`
		USDAfter    *costmodel.USD `json:"usd_per_month_after"`
		ByPrice     *costmodel.USD `json:"usd_per_month_by_price"`
		ByWorkload  *costmodel.USD `json:"usd_per_month_by_assumption"`
		ByMeasuring *costmodel.USD `json:"usd_per_month_by_measurement"`
		TTFT        *diffRatioJSON `json:"ttft_ratio"`
		E2E         *diffRatioJSON `json:"e2e_ratio"`
		Speed       *diffRatioJSON `json:"output_speed_ratio"`
		// FailedBy is how far the share of failed attempts rose, null where unknown.
		FailedBy *float64 `json:"failed_share_by"`
		// Graded are the shares of graded answers that both have and that differ.
		Graded []diffGradedJSON `json:"graded"`
		Notes  []string         `json:"notes"`
	}
	diffGradedJSON struct {
		Name   string  `json:"name"`
		Before float64 `json:"before"`
		After  float64 `json:"after"`
		NA     int     `json:"n_before"`
		NB     int     `json:"n_after"`
		By     float64 `json:"by"`
		Lo     float64 `json:"lo"`
		Hi     float64 `json:"hi"`
		Shown  bool    `json:"shown"`
	}
	diffRatioJSON struct {
		Value float64 `json:"value"`
		Lo    float64 `json:"lo"`
		Hi    float64 `json:"hi"`
		// Shown says that a difference is, among all ratios of the document.
		Shown bool    `json:"shown"`
		P     float64 `json:"p_adjusted"`
		NA    int     `json:"n_before"`
		NB    int     `json:"n_after"`
	}
)

func diffDocument(d snapshot.Diff) diffJSON {
	const second = "2006-01-02T15:04:05Z"
	doc := diffJSON{
		Schema: "costping.diff/1", From: d.A.TakenAt.Format(second), To: d.B.TakenAt.Format(second),
		Summary: report.DiffSummary(d), Warnings: append([]string{}, d.Warnings...), Rows: []diffRowJSON{},
	}
	for _, r := range d.Rows {
		row := diffRowJSON{Target: r.Target, Is: "both", Graded: []diffGradedJSON{}, Notes: append([]string{}, r.Notes...)}
		switch {
		case r.A == nil:
			row.Is, row.USDAfter = "new", r.B.Spend.USDPerMonth
		case r.B == nil:
			row.Is, row.USDBefore = "gone", r.A.Spend.USDPerMonth
		default:
			row.USDBefore, row.USDAfter = r.A.Spend.USDPerMonth, r.B.Spend.USDPerMonth
			row.TTFT, row.E2E, row.Speed = ratioOf(r.TTFT), ratioOf(r.E2E), ratioOf(r.Speed)
			if v := r.Failed.Value; !math.IsNaN(v) && r.A.Measured != nil && r.B.Measured != nil {
				row.FailedBy = &v
			}
		}
		for _, g := range r.Graded {
			row.Graded = append(row.Graded, diffGradedJSON{
				g.Name, g.A.Value(), g.B.Value(), g.A.N, g.B.N,
				g.By.Value, g.By.Lo, g.By.Hi, g.By.Shown(),
			})
		}
		if c := r.Cost; c.Known {
			row.ByPrice, row.ByWorkload, row.ByMeasuring = &c.Price, &c.Assumption, &c.Measurement
		}
		doc.Rows = append(doc.Rows, row)
	}
	return doc
}

func ratioOf(r stats.Ratio) *diffRatioJSON {
	if !r.Earned() {
		return nil
	}
	v := r.Verdict()
	return &diffRatioJSON{Value: r.Value, Lo: r.Lo, Hi: r.Hi, Shown: v == stats.Higher || v == stats.Lower, P: r.Adjusted, NA: r.NA, NB: r.NB}
}
