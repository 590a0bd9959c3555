package check

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"costping/probe"
)

// grader scores an answer from 0 to 1. It fails where it could not grade.
type grader interface {
	grade(ctx context.Context, t *Task, answer string) (score float64, err error)
	// pass is the least score of a correct answer.
	pass() float64
}

// grading is a grader that only looks at the text.
type grading func(answer string) float64

func (g grading) grade(_ context.Context, _ *Task, answer string) (float64, error) {
	return g(answer), nil
}

func (grading) pass() float64 { return 1 }

func yes(ok bool) float64 {
	if ok {
		return 1
	}
	return 0
}

// Graders lists the names of the graders.
func Graders() []string {
	return []string{"exact", "normalised", "contains", "regex", "number", "json", "schema", "command"}
}

// grader makes the one that the line names, or that its expect asks for.
func (l *taskLine) grader() (grader, error) {
	name := l.Grader
	if name == "" {
		name = map[byte]string{'"': "exact", '{': "json", '[': "json"}[first(l.Expect)]
		if strings.IndexByte("-0123456789", first(l.Expect)) >= 0 {
			name = "number"
		}
		if name == "" {
			return nil, errors.New("it has neither a grader nor an expect that says how to grade")
		}
	}
	if err := l.superfluous(name); err != nil {
		return nil, err
	}
	switch name {
	case "schema":
		return l.schemaGrader()
	case "command":
		return l.commandGrader()
	case "json":
		return l.jsonGrader()
	case "number":
		return l.numberGrader()
	}
	return l.textGrader(name)
}

func first(raw json.RawMessage) byte {
	if len(raw) == 0 {
		return 0
	}
	return raw[0]
}

// superfluous refuses a field that the grader has no use for: it would be taken for
// something that is checked.
func (l *taskLine) superfluous(name string) error {
	for field, only := range map[string]struct {
		there  bool
		grader string
	}{"tolerance": {l.Tolerance != nil, "number"}, "schema": {l.Schema != nil, "schema"}, "command": {l.Command != nil, "command"}} {
		if only.there && name != only.grader {
			return fmt.Errorf("%s is for the grader %s, not for %s", field, only.grader, name)
		}
	}
	return nil
}

func (l *taskLine) textGrader(name string) (grader, error) {
	var texts []string
	var one string
	switch err := json.Unmarshal(l.Expect, &one); {
	case err == nil:
		texts = []string{one}
	case name != "contains" || json.Unmarshal(l.Expect, &texts) != nil || len(texts) == 0:
		if !slices.Contains(Graders(), name) {
			return nil, fmt.Errorf("unknown grader %q: there are %s", probe.Sanitize(name, 40), strings.Join(Graders(), ", "))
		}
		return nil, fmt.Errorf("the grader %s needs a text as expect", name)
	}
	want := texts[0]
	switch name {
	case "exact":
		return grading(func(a string) float64 { return yes(strings.TrimSpace(a) == strings.TrimSpace(want)) }), nil
	case "normalised":
		return grading(func(a string) float64 { return yes(normalised(a) == normalised(want)) }), nil
	case "contains":
		return grading(func(a string) float64 {
			return yes(!slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(strings.ToLower(a), strings.ToLower(text)) }))
		}), nil
	case "regex":
		pattern, err := regexp.Compile(want)
		if err != nil {
			return nil, fmt.Errorf("the regex does not compile: %s", probe.Sanitize(err.Error(), maxDetail))
		}
		return grading(func(a string) float64 { return yes(pattern.MatchString(a)) }), nil
	}
	return nil, fmt.Errorf("unknown grader %q: there are %s", probe.Sanitize(name, 40), strings.Join(Graders(), ", "))
}

// normalised is a text's letters and digits in lower case, its words one space
// apart.
func normalised(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}), " ")
}

func (l *taskLine) jsonGrader() (grader, error) {
	want, err := decoded(l.Expect)
	if err != nil || len(l.Expect) == 0 {
		return nil, errors.New("the grader json needs JSON as expect")
	}
	return grading(func(a string) float64 {
		got, err := parse(strings.TrimSpace(a))
		if err != nil {
			var found bool
			if got, found = embedded(a); !found {
				return 0
			}
		}
		right, of := compare(want, got)
		if of == 0 {
			return 1
		}
		return float64(right) / float64(of)
	}), nil
}

func (l *taskLine) schemaGrader() (grader, error) {
	if len(l.Schema) == 0 {
		return nil, errors.New("the grader schema needs a schema")
	}
	c := SchemaCase{Schema: l.Schema}
	if err := c.finish("", l.Expect); err != nil {
		return nil, err
	}
	return grading(func(a string) float64 {
		return yes(c.GradeSchema(probe.Reply{Text: a}).Class == Right)
	}), nil
}

// numberIn finds numbers in a text, thousands separated or not.
var numberIn = regexp.MustCompile(`[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][-+]?\d{1,3})?|[-+]?\.\d+`)

// numberGrader compares the last number of an answer, where its result stands.
func (l *taskLine) numberGrader() (grader, error) {
	want, ok := rational(string(l.Expect))
	if !ok {
		return nil, errors.New("the grader number needs a number as expect")
	}
	tolerance := new(big.Rat)
	if l.Tolerance != nil {
		if tolerance, ok = toleranceOf(l.Tolerance, want); !ok {
			return nil, errors.New(`tolerance has to be a number of 0 or more, or a share such as "1%"`)
		}
	}
	return grading(func(a string) float64 {
		all := numberIn.FindAllString(a, -1)
		if len(all) == 0 {
			return 0
		}
		got, ok := rational(strings.ReplaceAll(all[len(all)-1], ",", ""))
		if !ok {
			return 0
		}
		off := new(big.Rat).Sub(got, want)
		return yes(off.Abs(off).Cmp(tolerance) <= 0)
	}), nil
}

func toleranceOf(raw json.RawMessage, want *big.Rat) (*big.Rat, bool) {
	var share string
	if json.Unmarshal(raw, &share) != nil {
		t, ok := rational(string(raw))
		return t, ok && t.Sign() >= 0
	}
	number, percent := strings.CutSuffix(strings.TrimSpace(share), "%")
	t, ok := rational(strings.TrimSpace(number))
	if !ok || !percent || t.Sign() < 0 {
		return nil, false
	}
	t.Mul(t, big.NewRat(1, 100))
	return t.Mul(t, new(big.Rat).Abs(want)), true
}

// rational reads a decimal number of bounded length.
func rational(text string) (*big.Rat, bool) {
	if text == "" || strings.ContainsAny(text, "/_xXpPbBoO") || checkNumber(json.Number(text)) != nil {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}
