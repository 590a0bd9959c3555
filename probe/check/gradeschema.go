package check

import (
	"errors"
	"io"
	"regexp"
	"strings"

	"costping/probe"
)

// declines is how answers begin that are a refusal in words.
var declines = regexp.MustCompile(`(?i)^\W{0,4}(?:(?:i['’]?m|i am|we are|we['’]re) (?:very |so )?(?:sorry|afraid|unable|not able)|sorry\b|i (?:can(?:no|['’])t|will not|won['’]t|must decline)|` +
	`as an ai\b|unfortunately,? i (?:can|am))`)

// GradeSchema says what an answer is that was to be JSON: expect holds the values
// that were to be in it, nil where they are not known.
func (c *SchemaCase) GradeSchema(r probe.Reply) Verdict {
	text := strings.TrimSpace(r.Text)
	switch {
	case r.Cut:
		return Verdict{Class: Truncated, Detail: "more than is read of an answer"}
	case text == "" && (r.Refusal != "" || r.Finish == "content_filter"):
		return Verdict{Class: Refused, Detail: probe.Sanitize(r.Refusal, maxDetail)}
	case text == "" && r.Finish == "length":
		return Verdict{Class: Truncated, Detail: "the cap came before the answer"}
	case text == "":
		return Verdict{Class: Empty}
	}
	value, err := parse(text)
	if err == nil || errors.Is(err, errDuplicate) {
		return c.gradeValue(value, err)
	}
	if errors.Is(err, errDigits) || errors.Is(err, errDeep) {
		return Verdict{Class: OutOfRange, Detail: err.Error()}
	}
	return c.gradeText(text, r.Finish, err)
}

// gradeValue grades what was read; duplicate is why it is not sound all the same.
func (c *SchemaCase) gradeValue(value any, duplicate error) Verdict {
	v := Verdict{}
	if c.expect != nil {
		v.Fields, v.Of = compare(c.expect, value)
	}
	if duplicate != nil {
		v.Class, v.Detail = DuplicateKey, probe.Sanitize(duplicate.Error(), maxDetail)
		return v
	}
	if v.Class, v.Detail = c.compiled.validate(value); v.Class != "" {
		return v
	}
	v.Class = Right
	if v.Fields < v.Of {
		v.Class = WrongValue
	}
	return v
}

// gradeText grades what is not JSON as it stands: it may hold some.
func (c *SchemaCase) gradeText(text, finish string, why error) Verdict {
	begun := strings.IndexAny(text, "{[")
	if finish == "length" || begun >= 0 && endsEarly(text[begun:]) {
		return Verdict{Class: Truncated, Detail: "the JSON ends too early"}
	}
	if inner, found := embedded(text); found {
		v := c.gradeValue(inner, nil)
		if v.Class == Right || v.Class == WrongValue {
			v.Class, v.Detail = Wrapped, "JSON with something around it"
		}
		return v
	}
	if finish == "content_filter" || declines.MatchString(text) {
		return Verdict{Class: Refused, Detail: probe.Sanitize(text, maxDetail)}
	}
	return Verdict{Class: NotJSON, Detail: probe.Sanitize(why.Error(), maxDetail)}
}

func endsEarly(text string) bool {
	_, err := parseFirst(text)
	return errors.Is(err, io.ErrUnexpectedEOF)
}

// mostOpenings is at how many brackets a value is looked for in a text.
const mostOpenings = 8

// embedded finds the first object or list in a text. Brackets in prose, such as
// [1], are passed over where an object follows; what begins as an object and is
// broken is not searched for the parts of it that are sound.
func embedded(text string) (any, bool) {
	var list any
	for from, n := 0, 0; n < mostOpenings; n++ {
		at := strings.IndexAny(text[from:], "{[")
		if at < 0 {
			break
		}
		from += at
		value, err := parseFirst(text[from:])
		if _, object := value.(map[string]any); err == nil && object {
			return value, true
		}
		if err != nil && brokenObject.MatchString(text[from:]) {
			break
		}
		if err == nil && list == nil {
			list = value
		}
		from++
	}
	return list, list != nil
}

// brokenObject is how an object begins that is meant to be JSON.
var brokenObject = regexp.MustCompile(`^\{\s*["'}]`)
