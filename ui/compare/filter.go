package compare

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"costping/costmodel"
	"costping/costmodel/spelling"
)

// Filter leaves rows out. It is made of terms that must all hold: "p95<800",
// "via:openai", "retired:no"; a bare word is part of a name. Quotes hold words together:
// tag:"open weights".
type Filter struct {
	text  string
	terms []term
}

// FilterError says what of a filter is no filter.
type FilterError struct {
	// At is the byte at which the wrong term begins, Len how many it has.
	At, Len int
	// What is one sentence; Hint may be empty.
	What, Hint string
}

// Error implements error.
func (e *FilterError) Error() string { return e.What }

// term is one condition: whether it holds, and whether that can be said at all.
type term func(r *Row, today costmodel.Date) (holds, known bool)

// longestFilter bounds a filter, in characters.
const longestFilter = 500

// ParseFilter reads a filter; an empty one is nil, which keeps everything. The
// error is a *FilterError.
func ParseFilter(text string) (*Filter, error) {
	if utf8.RuneCountInString(text) > longestFilter {
		at := 0
		for range longestFilter {
			_, n := utf8.DecodeRuneInString(text[at:])
			at += n
		}
		return nil, &FilterError{At: at, Len: len(text) - at, What: fmt.Sprintf("a filter has at most %d characters", longestFilter)}
	}
	f := &Filter{text: strings.TrimSpace(text)}
	for at := 0; at < len(text); {
		word := strings.TrimLeftFunc(text[at:], unicode.IsSpace)
		if at = len(text) - len(word); word == "" {
			break
		}
		word, closed := firstWord(word)
		if !closed {
			return nil, &FilterError{At: at, Len: len(word), What: fmt.Sprintf("%s has a quote that is not closed", word)}
		}
		t, err := parseTerm(strings.ReplaceAll(word, `"`, ""))
		if err != nil {
			err.At, err.Len = at, len(word)
			return nil, err
		}
		f.terms = append(f.terms, t)
		at += len(word)
	}
	if len(f.terms) == 0 {
		return nil, nil
	}
	return f, nil
}

// firstWord is what stands before the first space that is not between quotes; closed is
// false where there is a quote without its second.
func firstWord(text string) (word string, closed bool) {
	quoted := false
	end := strings.IndexFunc(text, func(r rune) bool {
		quoted = quoted != (r == '"')
		return !quoted && unicode.IsSpace(r)
	})
	if end >= 0 {
		return text[:end], true
	}
	return text, !quoted
}

// String is the filter as it was written.
func (f *Filter) String() string {
	if f == nil {
		return ""
	}
	return f.text
}

// keeps reports whether a row stays. decided is false where it goes only because
// a figure that the filter asks for is missing.
func (f *Filter) keeps(r *Row, today costmodel.Date) (keep, decided bool) {
	if f == nil {
		return true, true
	}
	missing := false
	for _, t := range f.terms {
		holds, known := t(r, today)
		if known && !holds {
			return false, true
		}
		missing = missing || !known
	}
	return !missing, !missing
}

// operators of a comparison, the longer before those that they begin with.
var operators = []struct {
	text  string
	holds func(order int) bool
}{
	{"<=", func(o int) bool { return o <= 0 }},
	{">=", func(o int) bool { return o >= 0 }},
	{"!=", func(o int) bool { return o != 0 }},
	{"<", func(o int) bool { return o < 0 }},
	{">", func(o int) bool { return o > 0 }},
	{"=", func(o int) bool { return o == 0 }},
}

func parseTerm(word string) (term, *FilterError) {
	at := strings.IndexAny(word, "<>=!:")
	switch {
	case !strings.ContainsFunc(word, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }):
		return nil, &FilterError{What: fmt.Sprintf("%q is no term", word), Hint: "all terms must hold: put a space between two"}
	case at < 0:
		return namedTerm(word), nil
	}
	field, rest := strings.ToLower(word[:at]), word[at:]
	if name, ok := headings[field]; ok {
		field = name
	}
	if value, ok := strings.CutPrefix(rest, ":"); ok {
		return wordTerm(field, value)
	}
	figure, ok := filterFigures[field]
	if !ok {
		if _, word := filterWords[field]; word {
			return nil, &FilterError{What: fmt.Sprintf("%s takes a word, not a number", field), Hint: "write it as " + field + ":" + filterWords[field].example}
		}
		return nil, unknownField(field)
	}
	for _, op := range operators {
		if value, ok := strings.CutPrefix(rest, op.text); ok {
			limit, err := strconv.ParseFloat(strings.NewReplacer(",", "", "$", "", "%", "").Replace(value), 64)
			if err != nil || limit != limit {
				return nil, &FilterError{What: fmt.Sprintf("%q is no number", value), Hint: "such as " + field + op.text + figure.example}
			}
			return func(r *Row, today costmodel.Date) (bool, bool) {
				have, known := figure.of(r, today)
				return known && op.holds(cmp.Compare(have, limit)), known
			}, nil
		}
	}
	return nil, &FilterError{What: fmt.Sprintf("%q is no comparison", rest), Hint: "use < <= > >= = or !="}
}

// headings are other names of fields: those that stand above the columns.
var headings = map[string]string{
	"$/month": "month", "$": "month", "$/day": "day", "ttft": "p50", "quality": "q", "qual": "q", "tok/s": "tok", "speed": "tok",
	"ok%": "ok", "context": "ctx", "provider": "via", "tags": "tag",
}

// namedTerm keeps rows that have the word in their name or that of their model.
func namedTerm(word string) term {
	word = strings.ToLower(word)
	if f, ok := filterWords[word]; ok && slices.Contains(f.values, "yes") { // "retired" is retired:yes
		return func(r *Row, _ costmodel.Date) (bool, bool) { return f.holds(r, "yes") }
	}
	return func(r *Row, _ costmodel.Date) (bool, bool) {
		for _, name := range []string{r.Target, r.Model.ID, r.Model.Name, r.Short} {
			if strings.Contains(strings.ToLower(name), word) {
				return true, true
			}
		}
		return false, true
	}
}

// wordTerm is a term of the form field:word.
func wordTerm(field, value string) (term, *FilterError) {
	f, ok := filterWords[field]
	if !ok {
		if figure, number := filterFigures[field]; number {
			return nil, &FilterError{What: fmt.Sprintf("%s takes a comparison", field), Hint: "such as " + field + "<" + figure.example}
		}
		return nil, unknownField(field)
	}
	value = strings.ToLower(value)
	if value == "" || f.values != nil && !slices.Contains(f.values, value) {
		hint := "such as " + field + ":" + f.example
		if f.values != nil {
			hint = "one of " + strings.Join(f.values, ", ")
		}
		return nil, &FilterError{What: fmt.Sprintf("%s cannot be %q", field, value), Hint: hint}
	}
	return func(r *Row, _ costmodel.Date) (bool, bool) { return f.holds(r, value) }, nil
}

func unknownField(field string) *FilterError {
	e := &FilterError{What: "there is no field of that name", Hint: "fields: " + strings.Join(FilterFields(), " ")}
	if utf8.RuneCountInString(field) <= 20 {
		e.What = fmt.Sprintf("there is no field %q", field)
		if near := spelling.Nearest(field, FilterFields(), 1); len(near) > 0 {
			e.Hint = "did you mean " + near[0] + "? Fields: " + strings.Join(FilterFields(), " ")
		}
	}
	return e
}

// filterFigure is a field that is compared with a number.
type filterFigure struct {
	example string
	of      func(r *Row, today costmodel.Date) (value float64, known bool)
}

var filterFigures = map[string]filterFigure{
	"day":   {"5", func(r *Row, _ costmodel.Date) (float64, bool) { return r.Spend.PerDay.Float64(), r.Spend.Known }},
	"month": {"300", func(r *Row, _ costmodel.Date) (float64, bool) { return r.Spend.PerMonth.Float64(), r.Spend.Known }},
	"p50": {"400", func(r *Row, _ costmodel.Date) (float64, bool) {
		return r.Summary.TTFTp50.Value, r.Summary.TTFTp50.Earned()
	}},
	"p95": {"800", func(r *Row, _ costmodel.Date) (float64, bool) {
		return r.Summary.TTFTp95.Value, r.Summary.TTFTp95.Earned()
	}},
	"tok": {"50", func(r *Row, _ costmodel.Date) (float64, bool) {
		return r.Summary.Speedp50.Value, r.Summary.Speedp50.Earned()
	}},
	"answer": {"2", func(r *Row, _ costmodel.Date) (float64, bool) {
		return r.Summary.E2Ep50.Value / 1000, r.Summary.E2Ep50.Earned()
	}},
	"ok": {"99", func(r *Row, _ costmodel.Date) (float64, bool) {
		s := r.Summary.Success()
		return 100 * s.Value(), s.N > 0
	}},
	"n": {"30", func(r *Row, _ costmodel.Date) (float64, bool) { return float64(r.Summary.Warm), true }},
	"q": {"0.85", func(r *Row, _ costmodel.Date) (float64, bool) { return r.Quality.Value, r.Quality.Known() }},
	"ctx": {"128000", func(r *Row, _ costmodel.Date) (float64, bool) {
		return float64(r.Model.Context), r.Model.Context > 0
	}},
	"ends": {"60", func(r *Row, today costmodel.Date) (float64, bool) {
		days, ok := r.Model.DaysLeft(today)
		return float64(days), r.Known && ok
	}},
}

// filterWord is a field that has one of some words.
type filterWord struct {
	example string
	values  []string // nil for any
	holds   func(r *Row, word string) (holds, known bool)
}

// asked is a field that is answered with yes or no.
func asked(example string, of func(r *Row) bool) filterWord {
	return filterWord{example, []string{"yes", "no"}, func(r *Row, word string) (bool, bool) { return of(r) == (word == "yes"), true }}
}

var filterWords = map[string]filterWord{
	"via": {"openai", nil, func(r *Row, word string) (bool, bool) {
		return strings.Contains(strings.ToLower(r.Via()), word) || strings.EqualFold(r.Model.Provider, word), true
	}},
	"tag": {"prod", nil, func(r *Row, word string) (bool, bool) {
		return slices.ContainsFunc(r.Tags, func(tag string) bool {
			return slices.ContainsFunc(append(strings.Fields(tag), tag), func(part string) bool { return strings.EqualFold(part, word) })
		}), true
	}},
	"family": {"gpt", nil, func(r *Row, word string) (bool, bool) {
		return strings.Contains(strings.ToLower(r.Model.Family), word), r.Model.Family != ""
	}},
	"needs": {"tools", featureNames(), func(r *Row, word string) (bool, bool) {
		has := r.Model.Capabilities.Of(costmodel.Feature(word))
		return has == costmodel.Supported, has != costmodel.SupportUnknown
	}},
	"retired":  asked("no", func(r *Row) bool { return r.Retired }),
	"measured": asked("yes", func(r *Row) bool { return r.Summary.TTFTp50.Earned() }),
	"failing":  asked("no", func(r *Row) bool { return r.Failing }),
	"own":      asked("yes", func(r *Row) bool { return r.OwnMachine }),
}

func featureNames() []string {
	var names []string
	for _, f := range costmodel.Features() {
		names = append(names, string(f))
	}
	return names
}

// FilterFields lists the fields of a filter: those with a number, then those with
// a word.
func FilterFields() []string {
	return []string{
		"month", "day", "p50", "p95", "tok", "answer", "ok", "n", "q", "ctx", "ends",
		"via", "tag", "family", "retired", "measured", "failing", "own", "needs",
	}
}
