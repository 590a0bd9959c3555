package check

import (
	"encoding/json"
	"fmt"
	"strings"

	"costping/probe"
)

// GradeCall says what a reply is that was to be step n of the case, or no call
// where the case has none.
func (c *ToolCase) GradeCall(n int, r probe.Reply) Verdict {
	if len(c.Steps) == 0 {
		if len(r.Calls) > 0 {
			return Verdict{Class: Needless, Detail: "calls " + probe.Sanitize(r.Calls[0].Name, 60)}
		}
		return Verdict{Class: Right}
	}
	if len(r.Calls) == 0 {
		return Verdict{Class: NoCall}
	}
	step := c.Steps[n]
	// Of parallel calls the expected one counts, wherever it stands, and the others
	// are too many; what should have waited for its result came too early.
	at := 0
	for i, call := range r.Calls {
		if n+1 < len(c.Steps) && call.Name == c.Steps[n+1].Name {
			return Verdict{Class: WrongOrder, Detail: "calls " + call.Name + " before " + step.Name}
		}
		if call.Name == step.Name && r.Calls[at].Name != step.Name {
			at = i
		}
	}
	v := c.gradeOne(step, r.Calls[at])
	if v.Class == Right && len(r.Calls) > 1 {
		v.Class, v.Detail = Needless, "more calls than were to be made"
	}
	return v
}

func (c *ToolCase) gradeOne(step Step, call probe.ToolCall) Verdict {
	if call.Name != step.Name {
		return Verdict{Class: WrongTool, Detail: "calls " + probe.Sanitize(call.Name, 60) + ", not " + step.Name}
	}
	text := strings.TrimSpace(call.Arguments)
	if text == "" {
		text = "{}" // some endpoints leave them out where there are none
	}
	value, err := parse(text)
	arguments, object := value.(map[string]any)
	if err != nil || !object {
		return Verdict{Class: InvalidJSON, Detail: probe.Sanitize(text, maxDetail)}
	}
	v := Verdict{}
	v.Fields, v.Of = compare(step.arguments, arguments)
	p := c.parameters[step.Name]
	if class, detail := p.validate(arguments); class != "" {
		v.Class, v.Detail = toolClass(class), detail
		return v
	}
	for name := range arguments {
		if p.declared != nil && !p.declared[name] {
			v.Class, v.Detail = Invented, probe.Sanitize(name, 60)
			return v
		}
	}
	v.Class = Right
	if v.Fields < v.Of {
		v.Class, v.Detail = WrongValue, probe.Sanitize(text, maxDetail)
	}
	return v
}

// toolClass is what a fault in arguments is called.
func toolClass(c Class) Class {
	switch c {
	case Extra:
		return Invented
	case OutOfRange:
		return WrongValue
	}
	return c
}

// parameters are those of a tool.
type parameters struct {
	schema
	// declared are the names of its parameters; nil where it may have any.
	declared map[string]bool
}

func compileParameters(raw json.RawMessage) (parameters, error) {
	s, err := compileSchema(raw)
	if err != nil {
		return parameters{}, err
	}
	p := parameters{schema: s}
	var known struct {
		Properties map[string]json.RawMessage `json:"properties"`
		Additional json.RawMessage            `json:"additionalProperties"`
	}
	if err := json.Unmarshal(raw, &known); err != nil {
		return parameters{}, fmt.Errorf("the schema has no sound properties: %s", probe.Sanitize(err.Error(), maxDetail))
	}
	if allowed := string(known.Additional); allowed == "" || allowed == "false" {
		p.declared = map[string]bool{}
		for name := range known.Properties {
			p.declared[name] = true
		}
	}
	return p, nil
}
