package simulator

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// An answer is the completion that an exchange gets.
type answer struct {
	*exchange
	plan   Plan
	script Script
	words  wordSource
	said   *saying    // in place of the words, where the answer is known
	head   completion // what all chunks share
	tells  telling
	so     figures // so far, as usage on every chunk tells them
}

// telling is where an answer tells its usage.
type telling struct {
	every, inFinish, apart bool
}

func (s Script) telling(o streamOptions) telling {
	asked := o.IncludeUsage || s.Dialect.UsageUnasked
	every := s.Dialect.UsageOnEvery || s.Dialect.UsageContinuous && asked && o.ContinuousUsage
	switch {
	case s.OmitUsage:
		return telling{}
	case s.Dialect.UsageOnEvery:
		return telling{every: true, inFinish: true}
	case s.Dialect.UsageInFinish:
		return telling{every: every, inFinish: asked}
	}
	return telling{every: every, inFinish: every, apart: asked}
}

// stream sends the events of the plan. Each is encoded before the wait for its
// instant.
func (a *answer) stream() error {
	dialect := a.script.Dialect
	if a.failsWhole() {
		return a.breakBody(a.plan, nil)
	}
	a.head.Object = "chat.completion.chunk"
	if a.tells.apart && !a.tells.every {
		a.head.Usage = json.RawMessage("null")
	}
	a.so = figures{prompt: a.sent.PromptTokens, completion: a.plan.HiddenTokens, reasoning: a.plan.HiddenTokens}
	out := a.newDelivery(dialect.Framing, a.record)
	if dialect.EmptyDeltas > 0 {
		b, err := a.chunk(message{}, "")
		if err != nil {
			return err
		}
		out.addBeat(dialect.EmptyDeltas, b)
	}
	out.open()
	role, err := a.preamble(out)
	if err != nil {
		return err
	}
	if role, err = a.tokens(out, role); err != nil {
		return err
	}
	if a.plan.Fault != FaultNone {
		return a.breakStream(out)
	}
	return a.finish(out, role)
}

// preamble sends what precedes the first token. It returns the role that is yet to
// be told.
func (a *answer) preamble(out *delivery) (role string, err error) {
	if a.script.Dialect.FilterFirst {
		b, err := json.Marshal(filterChunk())
		if err != nil {
			return "", err
		}
		if err := out.put(part{at: a.plan.Headers, data: b}); err != nil {
			return "", err
		}
	}
	if !a.plan.RoleFirst {
		return assistant, nil
	}
	b, err := a.chunk(message{Role: assistant, Content: ""}, "")
	if err != nil {
		return "", err
	}
	return a.nextRole(), out.put(part{at: a.plan.Headers, data: b})
}

// nextRole is the role of a delta that is not the first.
func (a *answer) nextRole() string {
	if a.script.Dialect.RoleOnEvery {
		return assistant
	}
	return ""
}

// tokens sends the events of the plan.
func (a *answer) tokens(out *delivery, role string) (string, error) {
	first := true
	for i, event := range a.plan.Events {
		deltas := a.deltas(event, first)
		first = first && event.Reasoning
		for j, delta := range deltas {
			delta.Role = role
			role = a.nextRole()
			p := part{at: event.At, token: true, event: event}
			if j < len(deltas)-1 { // the tokens come with the last of their deltas
				p.event.Tokens = 0
			}
			a.so.completion += p.event.Tokens
			if event.Reasoning {
				a.so.reasoning += p.event.Tokens
			}
			finish := ""
			if a.script.Dialect.FinishWithLast && i == len(a.plan.Events)-1 && j == len(deltas)-1 {
				finish = a.plan.Finish
			}
			var err error
			if p.data, err = a.chunk(delta, finish); err != nil {
				return "", err
			}
			p.last = finish != "" && a.isLast()
			if err := out.put(p); err != nil {
				return "", err
			}
		}
	}
	return role, nil
}

// deltas are those of an event.
func (a *answer) deltas(event Event, first bool) []message {
	if a.said == nil || event.Reasoning {
		return a.script.Dialect.deltas(a.words.take(event.Tokens), event, first)
	}
	deltas := a.said.take(event.Tokens)
	for i, delta := range deltas {
		if text, ok := delta.Content.(string); ok {
			deltas[i] = a.script.Dialect.message(text, false)
		}
	}
	return deltas
}

// isLast reports whether nothing follows the chunk with the finish reason.
func (a *answer) isLast() bool {
	return a.script.Dialect.NoDone && !a.script.Dialect.AfterDone && !a.tells.apart
}

// finish sends what follows the last token: finish reason, usage, end.
func (a *answer) finish(out *delivery, role string) error {
	dialect, at := a.script.Dialect, a.plan.LastToken()
	var parts []part
	if !dialect.FinishWithLast || len(a.plan.Events) == 0 {
		b, err := a.chunk(message{Role: role}, a.plan.Finish)
		if err != nil {
			return err
		}
		parts = append(parts, part{data: b})
	}
	if a.tells.apart {
		b, err := a.usageChunk()
		if err != nil {
			return err
		}
		parts = append(parts, part{data: b})
	}
	if !dialect.NoDone {
		done := part{data: []byte("[DONE]")}
		parts = append(parts, done)
		if dialect.DoubleDone {
			parts = append(parts, done)
		}
	}
	if dialect.AfterDone {
		b, err := a.chunk(dialect.message(a.words.take(1), false), "")
		if err != nil {
			return err
		}
		parts = append(parts, part{data: b})
	}
	a.countHidden()
	for i, p := range parts {
		p.at, p.last = at, i == len(parts)-1
		if err := out.put(p); err != nil {
			return err
		}
	}
	return out.close()
}

// usageChunk is the chunk that tells usage alone.
func (a *answer) usageChunk() (_ []byte, err error) {
	last := a.head
	last.Choices = []choice{}
	if last.Usage, err = a.script.Dialect.encode(a.figures()); err != nil {
		return nil, err
	}
	if a.script.Dialect.Timings {
		last.Timings = a.timings()
	}
	return json.Marshal(last)
}

// figures are those of the whole completion.
func (a *answer) figures() figures {
	return figures{prompt: a.sent.PromptTokens, completion: a.plan.Tokens(), reasoning: a.plan.ReasoningTokens()}
}

func (a *answer) timings() *timings {
	return newTimings(a.figures(), a.script.Dialect.cached(a.sent.PromptTokens), a.plan)
}

// chunk encodes the data of one event; finish is empty until the last.
func (a *answer) chunk(delta message, finish string) (_ []byte, err error) {
	c := a.head
	c.Choices = []choice{{Delta: &delta, FinishReason: a.script.Dialect.finishReason(finish)}}
	told, tells := a.so, a.tells.every
	if finish != "" {
		told, tells = a.figures(), a.tells.inFinish
		if a.script.Dialect.XGroq && !a.script.OmitUsage {
			c.XGroq = newXGroq(a.sent.RequestID, told, a.plan)
		}
		if a.script.Dialect.Timings && !a.tells.apart {
			c.Timings = a.timings()
		}
	}
	if tells {
		if c.Usage, err = a.script.Dialect.encode(told); err != nil {
			return nil, err
		}
	}
	return json.Marshal(c)
}

// breakStream plays a fault within the stream, at its instant.
func (a *answer) breakStream(out *delivery) error {
	if a.plan.Fault == FaultErrorEvent {
		parts, err := a.errorParts(out)
		if err != nil {
			return err
		}
		for _, p := range parts {
			p.at = a.plan.FaultAt
			if err := out.put(p); err != nil {
				return err
			}
		}
		return out.close()
	}
	if err := out.put(part{at: a.plan.FaultAt, raw: true}); err != nil { // the headers at least
		return err
	}
	if err := out.release(); err != nil {
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
	dialect := a.script.Dialect
	m := dialect.whole(content.String(), reasoning.String())
	if a.said != nil {
		m = a.said.full
	}
	finish, err := json.Marshal(dialect.finish(a.plan.Finish))
	if err != nil {
		return err
	}
	a.head.Choices = []choice{{Message: &m, FinishReason: finish}}
	if !a.script.OmitUsage {
		if a.head.Usage, err = dialect.encode(a.figures()); err != nil {
			return err
		}
		if dialect.XGroq {
			a.head.XGroq = newXGroq(a.sent.RequestID, a.figures(), a.plan)
		}
	}
	if dialect.Timings {
		a.head.Timings = a.timings()
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
