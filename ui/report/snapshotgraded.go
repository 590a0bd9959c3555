package report

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"costping/costmodel"
	"costping/probe/stats"
	"costping/ui/compare"
	"costping/ui/report/snapshot"
)

// gradedView is what graded answers came to as text, "" for what was not asked for.
type gradedView struct {
	// QualityShown is without what says whose it is; its interval is there where it was
	// measured.
	QualityShown, QualityInterval string
	// MalformedShown is of JSON that nothing enforced, else of what was, which it says.
	MalformedShown, ToolsShown, Recall string
	// Graded is all of it in a sentence.
	Graded string
}

func gradedViewOf(row compare.Row, doc snapshot.Row) gradedView {
	v := gradedView{QualityShown: compare.Unknown, MalformedShown: compare.Unknown, ToolsShown: compare.Unknown, Recall: doc.RecallText()}
	if q := row.Quality; q.Known() {
		v.QualityShown = shareText(q.Value)
		if q.Basis == costmodel.Measured {
			v.QualityInterval = shareText(q.Lo) + "-" + shareText(q.Hi)
		}
	}
	g := doc.Graded
	if g == nil {
		return v
	}
	rel := &row.Reliability
	if c, enforced := rel.ByDefault(); c.Bad.N > 0 {
		v.MalformedShown = shareShown(c.Bad)
		if enforced {
			v.MalformedShown += ", enforced"
		}
	}
	v.ToolsShown = shareShown(rel.Tools.Bad)
	var parts []string
	for _, one := range []struct {
		name  string
		share *snapshot.Share
	}{
		{"malformed", g.Malformed},
		{"malformed with the schema enforced", g.Enforced},
		{"wrong tool calls", g.ToolErrors},
		{"own tasks solved", g.Accuracy},
	} {
		if one.share != nil {
			parts = append(parts, fmt.Sprintf("%s %s, newest %s", one.name, shareShown(one.share.Rate()), day(one.share.Last)))
		}
	}
	if g.Recall != nil {
		parts = append(parts, fmt.Sprintf("recall limit in tokens %s, on %s", v.Recall, day(g.Recall.At)))
	}
	v.Graded = strings.Join(parts, "; ")
	if g.Simulated == g.N && v.Graded != "" {
		v.Graded += " (simulated: none of it was asked for)"
	}
	return v
}

// signs are written out for a terminal that may have no others.
var signs = strings.NewReplacer("<=", "≤", ">=", "≥")

func shareShown(r stats.Rate) string { return signs.Replace(compare.Share(r)) }

func day(t time.Time) string { return t.UTC().Format("2006-01-02") }

func shareText(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }

// any says of each column of graded answers whether a row has it.
func (v *view) any() (malformed, tools bool) {
	for _, r := range v.rows {
		malformed = malformed || r.MalformedShown != compare.Unknown
		tools = tools || r.ToolsShown != compare.Unknown
	}
	return malformed, tools
}

// gradedText says what malformed and tool errors rest on, and how far recall holds.
func (v *view) gradedText() string {
	var newest time.Time
	var recall []string
	for _, r := range v.rows {
		g := r.doc.Graded
		if g == nil {
			continue
		}
		for _, s := range []*snapshot.Share{g.Malformed, g.Enforced, g.ToolErrors} {
			if s != nil && s.Last.After(newest) {
				newest = s.Last
			}
		}
		if r.Recall != "" {
			recall = append(recall, r.Target+" "+r.Recall)
		}
	}
	text := ""
	if !newest.IsZero() {
		text = fmt.Sprintf(" Malformed and tool errors: answers graded within %.0f days, newest %s.", compare.ResultsBack.Hours()/24, day(newest))
	}
	if len(recall) > 0 {
		text += " Recall limit in tokens: " + strings.Join(recall[:min(4, len(recall))], ", ")
		if more := len(recall) - 4; more > 0 {
			text += fmt.Sprintf(", %d more in the record", more)
		}
		text += "."
	}
	return text
}

// gradedKeys are the columns of graded answers in CSV.
var gradedKeys = []string{
	"malformed", "malformed_n", "malformed_lo", "malformed_hi", "malformed_last_utc",
	"malformed_enforced", "malformed_enforced_n", "malformed_enforced_lo", "malformed_enforced_hi", "malformed_enforced_last_utc",
	"tool_errors", "tool_errors_n", "tool_errors_lo", "tool_errors_hi", "tool_errors_last_utc",
	"accuracy", "accuracy_n", "accuracy_lo", "accuracy_hi", "accuracy_last_utc",
	"recall_limit_tokens", "recall_limit_is_upper", "recall_last_utc",
}

// gradedCells are those of a row, "" where nothing was graded.
func gradedCells(g *snapshot.Graded) []string {
	const second = "2006-01-02T15:04:05Z"
	if g == nil {
		return make([]string, len(gradedKeys))
	}
	var cells []string
	raw := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
	for _, s := range []*snapshot.Share{g.Malformed, g.Enforced, g.ToolErrors, g.Accuracy} {
		if s == nil {
			cells = append(cells, "", "", "", "", "")
			continue
		}
		cells = append(cells, strconv.Itoa(s.Hits), strconv.Itoa(s.N), raw(s.Lo), raw(s.Hi), s.Last.Format(second))
	}
	if g.Recall == nil {
		return append(cells, "", "", "")
	}
	limit := ""
	if l := g.Recall.Limit; l != nil {
		limit = strconv.FormatInt(*l, 10)
	}
	return append(cells, limit, strconv.FormatBool(g.Recall.Upper), g.Recall.At.Format(second))
}

// MalformedParts and ToolsParts are counts and what they show, for two lines.
func (v gradedView) MalformedParts() [2]string { return twoParts(v.MalformedShown) }

// ToolsParts is MalformedParts of the calls.
func (v gradedView) ToolsParts() [2]string { return twoParts(v.ToolsShown) }

func twoParts(share string) [2]string {
	counts, rest, _ := strings.Cut(share, " (")
	return [2]string{counts, strings.Replace(rest, ")", "", 1)}
}
