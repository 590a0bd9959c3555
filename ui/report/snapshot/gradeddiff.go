package snapshot

import (
	"fmt"
	"slices"
	"strconv"

	"costping/probe/stats"
)

// GradedDiff is what changed of one share of graded answers.
type GradedDiff struct {
	// Name is malformed, malformed_enforced, tool_errors or accuracy.
	Name string
	A, B stats.Rate
	// By is how far the share rose.
	By stats.RateDifference
}

// Better reports whether a rise of the share is what one wants.
func (d GradedDiff) Better() bool { return d.Name == "accuracy" }

// Text is the change in points of a percent: "malformed +3.1 points (1.2 to 5.4)", with
// ~ where none is shown.
func (d GradedDiff) Text() string {
	name := map[string]string{
		"malformed": "malformed", "malformed_enforced": "malformed, enforced", "tool_errors": "tool errors", "accuracy": "tasks solved",
	}[d.Name]
	points := func(v float64) string {
		text := strconv.FormatFloat(v*100, 'f', 1, 64)
		if v > 0 {
			text = "+" + text
		}
		return text
	}
	interval := fmt.Sprintf("(%s to %s)", points(d.By.Lo), points(d.By.Hi))
	if !d.By.Shown() {
		return name + " ~ " + interval
	}
	return name + " " + points(d.By.Value) + " points " + interval
}

// graded compares what was graded of both. Where the counts are the same and the newest
// answer too, they are the same answers, and nothing changed.
func (d *RowDiff) graded() {
	if d.A == nil || d.B == nil || d.A.Graded == nil || d.B.Graded == nil {
		return
	}
	a, b := d.A.Graded, d.B.Graded
	for _, one := range []struct {
		name string
		a, b *Share
	}{
		{"malformed", a.Malformed, b.Malformed},
		{"malformed_enforced", a.Enforced, b.Enforced},
		{"tool_errors", a.ToolErrors, b.ToolErrors},
		{"accuracy", a.Accuracy, b.Accuracy},
	} {
		if one.a == nil || one.b == nil || *one.a == *one.b {
			continue
		}
		ra, rb := one.a.Rate(), one.b.Rate()
		d.Graded = append(d.Graded, GradedDiff{one.name, ra, rb, stats.DifferenceOf(ra, rb)})
	}
	if was, is := d.A.RecallText(), d.B.RecallText(); was != is && was != "" && is != "" {
		d.Notes = append(d.Notes, fmt.Sprintf("recall limit %s tokens, then %s", was, is))
	}
}

func (r *Record) hasGraded() bool {
	return slices.ContainsFunc(r.Rows, func(row Row) bool { return row.Graded != nil })
}
