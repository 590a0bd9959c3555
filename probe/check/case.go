package check

import (
	"encoding/json"
	"fmt"
	"slices"

	"costping/probe"
)

// SchemaCase is a text to be put into JSON under a schema.
type SchemaCase struct {
	ID string
	// Prompt asks for it; the schema stands in it too, so that a target has it also
	// where it does not enforce it.
	Prompt string
	Schema json.RawMessage

	compiled schema
	// expect holds the values that the answer is to have; nil where nobody says.
	expect any
	// outside and wrong are answers for the simulator: one beyond a range or list,
	// and one that is valid and not right.
	outside, wrong string
}

// finish compiles the case, whose expected value may be absent.
func (c *SchemaCase) finish(task string, expect json.RawMessage) (err error) {
	if c.compiled, err = compileSchema(c.Schema); err != nil {
		return err
	}
	if expect != nil {
		if c.expect, err = decoded(expect); err != nil {
			return fmt.Errorf("expect is not JSON: %s", probe.Sanitize(err.Error(), maxDetail))
		}
	}
	c.Prompt = task + "\n\nAnswer with the JSON alone: no fence, no words before or after it. It has to validate against this JSON schema:\n" + string(c.Schema)
	return nil
}

// Question is the case as it is asked of a target.
func (c *SchemaCase) Question(t probe.Target, enforced bool) probe.Question {
	q := probe.Question{
		Target: t, Kind: string(KindSchema), MaxTokens: answerTokens,
		Messages: []probe.Message{{Role: probe.RoleUser, Text: c.Prompt}},
	}
	if enforced {
		q.Schema, q.SchemaName = c.Schema, "record"
	}
	return q
}

// answerTokens is the cap on the answer to a case: some five times what the longest
// takes, as models lay their JSON out in different ways.
const answerTokens = 1024

// ToolCase is a request that asks for calls of tools, or for none.
type ToolCase struct {
	ID     string
	Prompt string
	Tools  []probe.Tool
	// Steps are the calls that are to be made, one after the other; none where
	// nothing is to be called.
	Steps []Step

	parameters map[string]parameters
	// wrong are arguments that have the form of the first call's, with another
	// value, for the simulator.
	wrong string
}

// Step is one call that is to be made.
type Step struct {
	Name string
	// Arguments are JSON.
	Arguments json.RawMessage
	// Result is what the tool answers, for the next step.
	Result string

	arguments any
}

func (c *ToolCase) finish() (err error) {
	c.parameters = map[string]parameters{}
	for _, t := range c.Tools {
		if _, twice := c.parameters[t.Name]; twice || t.Name == "" {
			return fmt.Errorf("a tool has no name, or one of another: %q", probe.Sanitize(t.Name, 60))
		}
		if c.parameters[t.Name], err = compileParameters(t.Parameters); err != nil {
			return fmt.Errorf("tool %s: %w", probe.Sanitize(t.Name, 60), err)
		}
	}
	for i := range c.Steps {
		s := &c.Steps[i]
		if _, ok := c.parameters[s.Name]; !ok {
			return fmt.Errorf("expect names the tool %q, which is not among the tools", probe.Sanitize(s.Name, 60))
		}
		if s.arguments, err = decoded(s.Arguments); err != nil {
			return fmt.Errorf("the expected arguments are not JSON: %s", probe.Sanitize(err.Error(), maxDetail))
		}
		if _, object := s.arguments.(map[string]any); !object {
			return fmt.Errorf("the expected arguments are not an object")
		}
	}
	return nil
}

// Question is the case as it is asked of a target.
func (c *ToolCase) Question(t probe.Target) probe.Question {
	return probe.Question{
		Target: t, Kind: string(KindTools), MaxTokens: answerTokens, Tools: c.Tools,
		Messages: []probe.Message{{Role: probe.RoleUser, Text: c.Prompt}},
	}
}

// next is the question that follows a right call of step n, with its result.
func (c *ToolCase) next(q probe.Question, n int, r probe.Reply) probe.Question {
	call := r.Calls[0]
	if call.ID == "" {
		call.ID = fmt.Sprintf("call_%d", n+1)
	}
	q.Messages = append(slices.Clone(q.Messages),
		probe.Message{Role: probe.RoleAssistant, Calls: []probe.ToolCall{call}},
		probe.Message{Role: probe.RoleTool, Text: c.Steps[n].Result, CallID: call.ID})
	return q
}

// Kind is a kind of check.
type Kind string

// The kinds.
const (
	KindSchema    Kind = "schema"
	KindTools     Kind = "tools"
	KindContext   Kind = "context"
	KindEmbedding Kind = "embedding"
)

// Kinds lists them.
func Kinds() []Kind { return []Kind{KindSchema, KindTools, KindContext, KindEmbedding} }
