package simulator

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// chat answers POST /v1/chat/completions.
func (s *Server) chat(x *exchange) error {
	var request chatRequest
	if ok, err := x.decode(&request); !ok {
		return err
	}
	x.sent.Model, x.sent.Stream = request.Model, request.Stream
	for _, m := range request.Messages {
		x.sent.PromptTokens += CountTokens(string(m.Content))
	}
	if field, message := request.mistake(); field != "" {
		return x.refuseField(field, message)
	}
	m := s.models[request.Model]
	if m == nil || m.script.EmbeddingDimensions > 0 {
		return x.refuseModel(request.Model)
	}

	plan, number := x.admit(m, request.cap())
	x.follow(plan)
	if plan.Fault != FaultNone && !plan.Fault.MidStream() {
		return x.failEarly(plan)
	}
	a := &answer{
		exchange: x, plan: plan, script: m.script,
		words: wordSource{next: number * 7},
		head: completion{
			ID:      "chatcmpl-" + x.sent.RequestID,
			Object:  "chat.completion",
			Created: x.received.Unix(),
			Model:   request.Model,
		},
		withUsage: !m.script.OmitUsage && (!request.Stream || request.StreamOptions.IncludeUsage),
	}
	if request.Stream {
		return a.stream()
	}
	return a.whole()
}

// mistake returns the first field that is wrong and what to say about it.
func (r *chatRequest) mistake() (field, message string) {
	switch {
	case r.Model == "":
		return "model", "You must provide a model parameter."
	case len(r.Messages) == 0:
		return "messages", "There must be at least one message."
	case r.N != nil && *r.N != 1:
		return "n", "Only one choice is supported: n must be 1."
	case r.MaxTokens != nil && *r.MaxTokens < 1:
		return "max_tokens", "max_tokens must be at least 1."
	case r.MaxCompletionTokens != nil && *r.MaxCompletionTokens < 1:
		return "max_completion_tokens", "max_completion_tokens must be at least 1."
	}
	return "", ""
}

// cap returns the cap on completion tokens, or 0 where none is given. The newer
// of the two names wins.
func (r *chatRequest) cap() int {
	switch {
	case r.MaxCompletionTokens != nil:
		return *r.MaxCompletionTokens
	case r.MaxTokens != nil:
		return *r.MaxTokens
	}
	return 0
}

// An answer is the completion that an exchange gets.
type answer struct {
	*exchange
	plan      Plan
	script    Script
	words     wordSource
	head      completion // what all chunks share
	withUsage bool
	encoder   eventEncoder
}

// stream sends the events of the plan. Each is encoded before the wait for its
// instant, so that nothing but Write and Flush is left to do then.
func (a *answer) stream() error {
	a.head.Object = "chat.completion.chunk"
	if a.withUsage {
		a.head.Usage = json.RawMessage("null")
	}
	a.w.Header().Set("Cache-Control", "no-cache")
	a.status(http.StatusOK, "text/event-stream; charset=utf-8")

	role := "assistant"
	if a.plan.RoleFirst {
		b, err := a.chunk(message{Role: role, Content: new(string)}, "")
		if err != nil {
			return err
		}
		if err := a.at(a.plan.Headers); err != nil {
			return err
		}
		if _, err := a.send(b); err != nil {
			return err
		}
		role = ""
	}
	for _, event := range a.plan.Events {
		b, err := a.chunk(a.delta(role, event), "")
		if err != nil {
			return err
		}
		if err := a.at(event.At); err != nil {
			return err
		}
		offset, err := a.send(b)
		if err != nil {
			return err
		}
		a.record(event, offset)
		role = ""
	}
	if a.plan.Fault != FaultNone {
		return a.breakStream()
	}
	return a.finish(role)
}

// finish sends what follows the last token: finish reason, usage, end.
func (a *answer) finish(role string) error {
	b, err := a.chunk(message{Role: role}, a.plan.Finish)
	if err != nil {
		return err
	}
	if err := a.at(a.plan.LastToken()); err != nil { // only where no event had a token
		return err
	}
	if _, err := a.send(b); err != nil {
		return err
	}
	a.countHidden()
	if a.withUsage {
		last := a.head
		last.Choices = []choice{}
		if last.Usage, err = json.Marshal(chatUsage(a.sent.PromptTokens, a.plan)); err != nil {
			return err
		}
		if b, err = a.encoder.json(last); err != nil {
			return err
		}
		if _, err := a.send(b); err != nil {
			return err
		}
	}
	_, err = a.send(a.encoder.raw([]byte("[DONE]")))
	return err
}

// breakStream plays a fault within the stream, at its instant.
func (a *answer) breakStream() error {
	event, err := a.encoder.json(errorBody{Error: faultErrors[FaultErrorEvent]})
	if err != nil {
		return err
	}
	if err := a.at(a.plan.FaultAt); err != nil {
		return err
	}
	if a.plan.Fault == FaultErrorEvent {
		_, err := a.send(event)
		return err
	}
	if _, err := a.send(nil); err != nil { // the headers at least
		return err
	}
	return errFault
}

// whole sends the completion as one body when the last token would have come.
func (a *answer) whole() error {
	var content, reasoning strings.Builder
	for _, event := range a.plan.Events {
		if event.Reasoning {
			reasoning.WriteString(a.words.take(event.Tokens))
		} else {
			content.WriteString(a.words.take(event.Tokens))
		}
	}
	text := content.String()
	a.head.Choices = []choice{{
		Message:      &message{Role: "assistant", Content: &text, ReasoningContent: reasoning.String()},
		FinishReason: &a.plan.Finish,
	}}
	var err error
	if a.withUsage {
		if a.head.Usage, err = json.Marshal(chatUsage(a.sent.PromptTokens, a.plan)); err != nil {
			return err
		}
	}
	body, err := json.Marshal(a.head)
	if err != nil {
		return err
	}
	if a.plan.Fault != FaultNone {
		return a.breakBody(a.plan, body)
	}
	if err := a.at(a.plan.LastToken()); err != nil {
		return err
	}
	a.status(http.StatusOK, "application/json")
	offset, err := a.send(append(body, '\n'))
	if err != nil {
		return err
	}
	for _, event := range a.plan.Events {
		a.record(event, offset)
	}
	a.countHidden()
	return nil
}

// breakBody plays a mid-stream fault where there is no stream: half of the body
// and a closed connection, or an error for a body, both with status 200.
func (x *exchange) breakBody(plan Plan, body []byte) error {
	if err := x.at(plan.FaultAt); err != nil {
		return err
	}
	if plan.Fault == FaultErrorEvent {
		return x.refuse(http.StatusOK, faultErrors[FaultErrorEvent])
	}
	x.status(http.StatusOK, "application/json")
	if _, err := x.send(body[:len(body)/2]); err != nil {
		return err
	}
	return errFault
}

// delta returns the delta of a token event.
func (a *answer) delta(role string, event Event) message {
	text := a.words.take(event.Tokens)
	if event.Reasoning {
		return message{Role: role, ReasoningContent: text}
	}
	return message{Role: role, Content: &text}
}

// chunk encodes one event; finish is empty until the last.
func (a *answer) chunk(delta message, finish string) ([]byte, error) {
	c := choice{Delta: &delta}
	if finish != "" {
		c.FinishReason = &finish
	}
	a.head.Choices = []choice{c}
	return a.encoder.json(a.head)
}

// record notes a token event that was sent.
func (a *answer) record(event Event, offset time.Duration) {
	if a.sent.Events == 0 {
		a.sent.FirstToken = offset
	}
	a.sent.LastToken = offset
	a.sent.Events++
	a.sent.Tokens += event.Tokens
	if event.Reasoning {
		a.sent.ReasoningTokens += event.Tokens
	}
	if a.s.options.LogEvents {
		a.sent.EventOffsets = append(a.sent.EventOffsets, offset)
	}
}

// countHidden notes the tokens that usage tells of and no event carried.
func (a *answer) countHidden() {
	a.sent.Tokens += a.plan.HiddenTokens
	a.sent.ReasoningTokens += a.plan.HiddenTokens
}
