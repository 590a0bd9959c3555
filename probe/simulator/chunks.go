package simulator

import (
	"encoding/json"
	"errors"
	"time"
)

// Chunks is what the chunks of a stream look like, as far as it departs from the
// role on the first delta and one of content or reasoning_content on each. See
// also [Script].RoleFirst and [Script].TokensPerEvent.
type Chunks struct {
	// RoleOnEvery repeats the role on every delta (Ollama, xAI).
	RoleOnEvery bool
	// FilterFirst sends a chunk without choices first, whose prompt_filter_results
	// say that the prompt is harmless (Azure OpenAI).
	FilterFirst bool
	// ContentParts makes content an array of parts, reasoning one of type thinking
	// (Mistral).
	ContentParts bool
	// ReasoningField is where reasoning goes: ReasoningContent (DeepSeek, xAI)
	// where empty, or ReasoningPlain (OpenRouter, Groq, Together,
	// Ollama).
	ReasoningField string
	// EmptyDeltas is how often a chunk with an empty delta is sent until the
	// answer is complete, from receipt on (keep-alives of some gateways).
	EmptyDeltas time.Duration
	// ToolCall makes the answer the call of a tool, its name with the first event
	// and its arguments a character a chunk, those of one event at one instant.
	ToolCall bool
	// Refusal sends the answer as a refusal instead of content (OpenAI).
	Refusal bool
	// OmitNullFinish leaves finish_reason out where OpenAI sends null.
	OmitNullFinish bool
	// FinishWithLast puts the finish reason on the last chunk with a token
	// (Gemini).
	FinishWithLast bool
}

// The fields that reasoning is found under.
const (
	ReasoningContent = "reasoning_content"
	ReasoningPlain   = "reasoning"
)

func (c Chunks) validate() error {
	if c.Refusal && c.ToolCall {
		return errors.New("an answer is a refusal or the call of a tool")
	}
	return errors.Join(
		oneOf("reasoning field", c.ReasoningField, "", ReasoningContent, ReasoningPlain),
		period("empty deltas", c.EmptyDeltas),
	)
}

// toolName is the tool that is called.
const toolName = "say"

// finishTools is the finish_reason of a completed call.
const finishTools = "tool_calls"

// message returns text of one channel as a delta, or as the message of an answer
// that is not streamed.
func (c Chunks) message(text string, reasoning bool) message {
	switch {
	case reasoning && c.ContentParts:
		return message{Content: []contentPart{{Type: "thinking", Thinking: []contentPart{{Type: "text", Text: text}}}}}
	case reasoning && c.ReasoningField == ReasoningPlain:
		return message{Reasoning: text}
	case reasoning:
		return message{ReasoningContent: text}
	case c.Refusal:
		return message{Refusal: text}
	case c.ContentParts:
		return message{Content: []contentPart{{Type: "text", Text: text}}}
	}
	return message{Content: text}
}

// deltas returns the deltas that an event consists of; only the last of them is
// said to hold the event's tokens. first: no content has gone before.
func (c Chunks) deltas(text string, event Event, first bool) []message {
	if !c.ToolCall || event.Reasoning {
		return []message{c.message(text, event.Reasoning)}
	}
	var deltas []message
	for _, character := range text {
		call := toolCall{Function: toolFunction{Arguments: string(character)}}
		if first {
			call.ID, call.Type, call.Function.Name = "call_000001", "function", toolName
			first = false
		}
		deltas = append(deltas, message{ToolCalls: []toolCall{call}})
	}
	return deltas
}

// whole returns the message of an answer that is not streamed.
func (c Chunks) whole(content, reasoning string) message {
	m := message{Content: content}
	switch {
	case c.ToolCall:
		m = message{ToolCalls: []toolCall{{
			ID: "call_000001", Type: "function", Function: toolFunction{Name: toolName, Arguments: content},
		}}}
	case c.Refusal, c.ContentParts:
		m = c.message(content, false)
	}
	m.Role = assistant
	if reasoning == "" {
		return m
	}
	thought := c.message(reasoning, true)
	if parts, ok := thought.Content.([]contentPart); ok {
		if answer, ok := m.Content.([]contentPart); ok {
			parts = append(parts, answer...)
		}
		m.Content = parts
	}
	m.Reasoning, m.ReasoningContent = thought.Reasoning, thought.ReasoningContent
	return m
}

// finishReason returns the field of a chunk; finish is empty until the last.
func (c Chunks) finishReason(finish string) json.RawMessage {
	switch {
	case finish == "" && c.OmitNullFinish:
		return nil
	case finish == "":
		return json.RawMessage("null")
	}
	return json.RawMessage(`"` + c.finish(finish) + `"`)
}

// finish is what the dialect calls the reason to end.
func (c Chunks) finish(finish string) string {
	if c.ToolCall && finish == FinishStop {
		return finishTools
	}
	return finish
}

// promptFilter is what Azure's filter says of a harmless prompt.
const promptFilter = `[{"prompt_index":0,"content_filter_results":{"hate":{"filtered":false,"severity":"safe"}}}]`

// filterChunk is the chunk without choices.
func filterChunk() completion {
	return completion{Choices: []choice{}, PromptFilter: json.RawMessage(promptFilter)}
}
