package probe

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"strings"
)

// maxAnswer bounds what is kept of an answer, its text and its calls each, in
// bytes. It is some 60,000 tokens: no check asks for as much.
const maxAnswer = 256 << 10

// answerChunk is one event's JSON as far as the answer is in it. Lists are arrays
// for the reason that those of chunk are.
type answerChunk struct {
	Choices [1]struct {
		Delta struct {
			Content   json.RawMessage             `json:"content"`
			Refusal   json.RawMessage             `json:"refusal"`
			ToolCalls [mostElements]toolCallDelta `json:"tool_calls"`
		} `json:"delta"`
		FinishReason string `json:"finish_reason"`
	} `json:"choices"`
}

type toolCallDelta struct {
	Index    *int   `json:"index"`
	ID       string `json:"id"`
	Function *struct {
		Name      string          `json:"name"`
		Arguments json.RawMessage `json:"arguments"`
	} `json:"function"`
}

// assembly puts an answer together.
type assembly struct {
	text, refusal strings.Builder
	calls         []*calling
	finish        string
	cut           bool
	room          int // bytes left for arguments
}

// calling is a call that is being written.
type calling struct {
	index     int
	id, name  string
	arguments strings.Builder
}

// take reads the answer out of the events of a stream.
func (r *Reply) take(events []event) {
	a := assembly{room: maxAnswer}
	for _, e := range events {
		if isDone(e.data) {
			break
		}
		var c answerChunk
		var mismatch *json.UnmarshalTypeError
		if err := json.Unmarshal(e.data, &c); err != nil && !errors.As(err, &mismatch) {
			continue
		}
		a.add(&c)
	}
	r.Text, r.Refusal, r.Finish, r.Cut = a.text.String(), a.refusal.String(), a.finish, a.cut
	for _, call := range a.calls {
		r.Calls = append(r.Calls, ToolCall{
			ID: Sanitize(call.id, maxNameText), Name: call.name, Arguments: call.arguments.String(),
		})
	}
}

func (a *assembly) add(c *answerChunk) {
	choice := &c.Choices[0]
	a.finish = cmp.Or(choice.FinishReason, a.finish)
	a.write(&a.text, textOf(choice.Delta.Content, saidDepth))
	a.write(&a.refusal, textOf(choice.Delta.Refusal, 1))
	for i := range choice.Delta.ToolCalls {
		if call := &choice.Delta.ToolCalls[i]; call.Function != nil {
			a.call(call)
		}
	}
}

func (a *assembly) write(to *strings.Builder, text string) {
	if to.Len()+len(text) > maxAnswer {
		a.cut = true
		text = text[:maxAnswer-to.Len()]
	}
	to.WriteString(text)
}

// call adds a part of a call: to the one of its index, unless its id says that it
// is another, as some endpoints number all of them 0 or none.
func (a *assembly) call(d *toolCallDelta) {
	var at *calling
	for _, c := range a.calls {
		sameIndex := d.Index == nil || c.index == *d.Index
		if sameIndex && (d.ID == "" || c.id == "" || c.id == d.ID) {
			at = c // the last that fits
		}
	}
	if at == nil {
		if len(a.calls) == mostElements {
			a.cut = true
			return
		}
		at = &calling{index: len(a.calls)}
		if d.Index != nil {
			at.index = *d.Index
		}
		a.calls = append(a.calls, at)
	}
	at.id = cmp.Or(at.id, d.ID)
	at.name = cmp.Or(at.name, cut(d.Function.Name, maxNameText))
	arguments := textOf(d.Function.Arguments, 1)
	if raw := bytes.TrimSpace(d.Function.Arguments); len(raw) > 0 && raw[0] == '{' {
		arguments = string(raw) // not as a string, as a few servers have it
	}
	if len(arguments) > a.room {
		a.cut = true
		arguments = arguments[:a.room]
	}
	a.room -= len(arguments)
	at.arguments.WriteString(arguments)
}

// textOf is the answer in a value: a string, or a list of strings and parts, of
// which those that think are left out.
func textOf(value json.RawMessage, depth int) string {
	if len(value) == 0 || depth == 0 {
		return ""
	}
	switch value[0] {
	case '"':
		var text string
		_ = json.Unmarshal(value, &text) // it is JSON by now
		return text
	case '[':
		var list [mostElements]json.RawMessage
		_ = json.Unmarshal(value, &list)
		var all strings.Builder
		for _, element := range list {
			all.WriteString(textOf(element, depth-1))
		}
		return all.String()
	case '{':
		var part struct {
			Text json.RawMessage `json:"text"`
		}
		_ = json.Unmarshal(value, &part)
		return textOf(part.Text, min(1, depth-1))
	}
	return ""
}
