package compare

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"costping/costmodel"
	"costping/probe"
	"costping/probe/check"
	"costping/probe/stats"
)

// Nines is the share of attempts that has to succeed for a service to count as there.
const Nines = 0.999

// Availability says how a share of successes stands to three nines: "met", "missed",
// or how many attempts more it would take to tell.
func Availability(ok stats.Rate) string {
	if ok.N == 0 {
		return Unknown
	}
	j := ok.AtLeast(Nines)
	switch {
	case j.Standing == stats.Inside:
		return "met"
	case j.Standing == stats.Outside:
		return "missed"
	case j.More == stats.Never:
		return "not shown"
	}
	return Count(j.More) + " more"
}

// ClassWords says what the answers were that were not right, the most frequent first,
// and apart from them those that do not count as bad: "not json 3, missing 2; wrong
// value 8 more".
func ClassWords(kind check.Kind, classes map[check.Class]int) string {
	bad := slices.DeleteFunc(slices.Sorted(maps.Keys(classes)), func(c check.Class) bool { return c == check.Right })
	slices.SortStableFunc(bad, func(a, b check.Class) int { return classes[b] - classes[a] })
	var words, besides []string
	for _, c := range bad {
		text := fmt.Sprintf("%s %d", strings.ReplaceAll(string(c), "_", " "), classes[c])
		if countsAsBad(kind, c) {
			words = append(words, text)
		} else {
			besides = append(besides, text+" more")
		}
	}
	return strings.Join(slices.DeleteFunc([]string{strings.Join(words, ", "), strings.Join(besides, ", ")}, func(part string) bool { return part == "" }), "; ")
}

// DaysText is the share of each of the last days on which there were answers, in
// percent, the newest last: "2 4 <1".
func DaysText(days []DayShare) string {
	const shown = 7
	var parts []string
	for _, d := range days[max(0, len(days)-shown):] {
		text := fmt.Sprintf("%.0f", 100*d.Value())
		if text == "0" && d.Hits > 0 {
			text = "<1"
		}
		parts = append(parts, text)
	}
	if len(parts) == 0 {
		return Unknown
	}
	return strings.Join(parts, " ")
}

// OutcomeWords says what became of the attempts that did not succeed, the most
// frequent first.
func OutcomeWords(outcomes map[probe.Outcome]int) string {
	bad := slices.DeleteFunc(slices.Sorted(maps.Keys(outcomes)), func(o probe.Outcome) bool {
		return o == probe.OK || o == probe.Skipped || o == probe.Cancelled || outcomes[o] == 0
	})
	slices.SortStableFunc(bad, func(a, b probe.Outcome) int { return outcomes[b] - outcomes[a] })
	words := make([]string, len(bad))
	for i, o := range bad {
		words[i] = fmt.Sprintf("%s %d", strings.ReplaceAll(o.String(), "_", " "), outcomes[o])
	}
	return strings.Join(words, ", ")
}

// LimitText is the practical limit of a grid: "16,000", "16,000 or more", or that
// none is shown.
func LimitText(g *RecallGrid) string {
	switch {
	case g == nil:
		return Unknown
	case !g.Limit.Known:
		return "none shown"
	case !g.Upper:
		return Count(int(g.Limit.Value)) + "+"
	}
	return Count(int(g.Limit.Value))
}

// howAsked says how JSON was asked for.
func howAsked(enforced bool) string {
	if enforced {
		return "schema enforced"
	}
	return "nothing enforced"
}

// whyReliable are the lines of what graded answers say, and of what they do not
// change.
func whyReliable(r Row, t Table) []Line {
	var lines []Line
	add := func(label, format string, args ...any) {
		lines = append(lines, Line{label, []string{fmt.Sprintf(format, args...)}})
	}
	if q := r.Quality; q.Known() {
		add("quality", "%.3f, %s", q.Value, basisOf(q))
		if stated := r.Candidate.Quality; q.Basis == costmodel.Measured && stated.Known() {
			add("", "stated by you as %.3g: what was measured goes first", stated.Value)
		}
	}
	rel := &r.Reliability
	for _, c := range []struct {
		of       *Checked
		enforced bool
	}{{&rel.Schema, false}, {&rel.Enforced, true}} {
		if c.of.Bad.N > 0 {
			add("malformed", "%s, %s%s", Share(c.of.Bad), howAsked(c.enforced), among(check.KindSchema, c.of))
		}
	}
	if rel.Tools.Bad.N > 0 {
		add("tools", "wrong calls %s%s", Share(rel.Tools.Bad), among(check.KindTools, &rel.Tools))
	}
	if rel.Recall != nil {
		add("recall", "practical limit %s tokens", LimitText(rel.Recall))
	}
	switch {
	case rel.Simulated == rel.N && rel.N > 0:
		add("", "simulated: none of these answers was asked for")
	case rel.Simulated > 0:
		add("", "simulated: nobody was asked for %s of these %s", Count(rel.Simulated), Plural(rel.N, "answer"))
	}
	lines = append(lines, whySuccess(r)...)
	shape, _ := rel.ByDefault()
	if text := MalformedNote(r.Spend, shape.Bad); text != "" && reckonsOtherwise(r, t.Workload) {
		add("if", "%s", text)
	}
	return lines
}

func among(kind check.Kind, c *Checked) string {
	if words := ClassWords(kind, c.Classes); words != "" {
		return ": " + words
	}
	return ""
}

// reckonsOtherwise reports whether a workload reckons with another malformed rate than
// was measured.
func reckonsOtherwise(r Row, w costmodel.Workload) bool {
	reckons, _ := w.Malformed.Rat().Float64()
	return r.Malformed.Known() && (reckons < r.Malformed.Lo || reckons > r.Malformed.Hi)
}

// Label is in a word how the answer was asked for: "schema", "enforced" or "tools".
func (e *Example) Label() string {
	if e.Enforced && e.Kind == check.KindSchema {
		return "enforced"
	}
	return string(e.Kind)
}

// Text says what is wrong with the answer.
func (e *Example) Text() string {
	text := strings.ReplaceAll(string(e.Class), "_", " ")
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	return text
}

// ExampleLines are examples of answers that were not right, for a sheet, and below
// them the trend of each kind.
func ExampleLines(r Row) []Line {
	var lines []Line
	rel := &r.Reliability
	for _, e := range rel.Examples() {
		lines = append(lines, Line{e.Label(), []string{e.Text() + "; case " + e.Case + ", " + e.At.UTC().Format("2006-01-02 15:04") + " UTC"}})
		if e.Answer != "" {
			lines = append(lines, Line{"", []string{"it said: " + e.Answer}})
		}
	}
	if len(lines) == 0 {
		lines = append(lines, Line{"", []string{noExample(rel)}})
	}
	label := "by day"
	for _, c := range []struct {
		name string
		of   *Checked
	}{{"schema", &rel.Schema}, {"enforced", &rel.Enforced}, {"tools", &rel.Tools}} {
		for _, d := range c.of.Days {
			lines = append(lines, Line{label, []string{d.Day.Format("2006-01-02") + "  " + c.name + " wrong " + Share(d.Rate)}})
			label = ""
		}
	}
	return lines
}

func noExample(rel *Reliability) string {
	if n := rel.Schema.Bad.N + rel.Enforced.Bad.N + rel.Tools.Bad.N; n > 0 {
		return fmt.Sprintf("none of %s was wrong", Plural(n, "answer"))
	}
	return "no answer has been graded: costping probe --kind schema, or --kind tools"
}
