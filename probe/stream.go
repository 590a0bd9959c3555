package probe

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// Thresholds of the timing rules.
const (
	minSpeedEvents = 5                     // fewer events say nothing of speed
	minSpeedSpan   = 20 * time.Millisecond // nor does a shorter generation
	bundledAbove   = 1.2                   // tokens an event
	maxTokens      = int64(1) << 40        // a larger count is not a count
)

// chunk is one event's JSON, as far as timing and usage need it. It is ours and
// not go-openai's, which drops reasoning and fails on content in parts.
type chunk struct {
	Object  string          `json:"object"`
	Error   json.RawMessage `json:"error"`
	Choices []struct {
		Delta        delta  `json:"delta"`
		FinishReason string `json:"finish_reason"`
	} `json:"choices"`
	Usage *wireUsage `json:"usage"`
}

type delta struct {
	Content          json.RawMessage `json:"content"`
	Reasoning        string          `json:"reasoning"`
	ReasoningContent string          `json:"reasoning_content"`
	Refusal          string          `json:"refusal"`
	ToolCalls        []struct {
		Function struct {
			Name      string `json:"name"`
			Arguments string `json:"arguments"`
		} `json:"function"`
	} `json:"tool_calls"`
}

type wireUsage struct {
	Prompt        *int64 `json:"prompt_tokens"`
	Completion    *int64 `json:"completion_tokens"`
	Total         *int64 `json:"total_tokens"`
	PromptDetails *struct {
		Cached *int64 `json:"cached_tokens"`
	} `json:"prompt_tokens_details"`
	CompletionDetails *struct {
		Reasoning *int64 `json:"reasoning_tokens"`
	} `json:"completion_tokens_details"`
}

// channels says which kinds of generated token a delta carries.
func (d delta) channels() (answer, reasoning bool) {
	answer = hasText(d.Content) || d.Refusal != ""
	for _, call := range d.ToolCalls {
		answer = answer || call.Function.Name != "" || call.Function.Arguments != ""
	}
	return answer, d.Reasoning != "" || d.ReasoningContent != ""
}

// hasText reports whether content, a string or an array of parts, is not empty.
func hasText(content json.RawMessage) bool {
	content = bytes.TrimSpace(content)
	switch {
	case len(content) == 0 || bytes.Equal(content, []byte("null")) || bytes.Equal(content, []byte(`""`)):
		return false
	case content[0] != '[':
		return true
	}
	var parts []struct {
		Text string `json:"text"`
	}
	if json.Unmarshal(content, &parts) != nil {
		return false
	}
	for _, part := range parts {
		if part.Text != "" {
			return true
		}
	}
	return false
}

// lastToken is the arrival of the newest event that carries a token.
func lastToken(events []event) (time.Duration, bool) {
	for i := len(events) - 1; i >= 0; i-- {
		var c chunk
		if json.Unmarshal(events[i].data, &c) != nil {
			continue
		}
		for _, choice := range c.Choices {
			if answer, reasoning := choice.Delta.channels(); answer || reasoning {
				return events[i].at, true
			}
		}
	}
	return 0, false
}

// reading is what the events of one stream amount to: t_1, t_c, t_L, E and usage.
type reading struct {
	firstToken, firstAnswer, lastToken Measured[time.Duration]

	tokenEvents int
	crowded     int // token events that shared their read with another
	reasoned    bool
	finish      string // the finish reason, "" when none came
	done        bool   // [DONE] came
	usage       Usage
	hidden      int64 // N_r: reasoning tokens by the best account
	err         string
	undecodable int
	decoded     int
}

// read decodes the events in order. It is pure: the same events give the same
// reading, whatever the clock says.
func read(events []event) reading {
	var r reading
	lastRead := -1
	inRead := 0
	for _, e := range events {
		if bytes.Equal(bytes.TrimSpace(e.data), []byte("[DONE]")) {
			r.done = true
			break // whatever follows belongs to nobody
		}
		var c chunk
		if err := json.Unmarshal(e.data, &c); err != nil {
			r.undecodable++
			continue
		}
		r.decoded++
		if text, bad := streamError(e.name, c, e.data); bad {
			r.err = text
			continue
		}
		if c.Usage != nil {
			r.usage, r.hidden = c.Usage.repaired()
		}
		answer, reasoning := false, false
		for _, choice := range c.Choices {
			a, g := choice.Delta.channels()
			answer, reasoning = answer || a, reasoning || g
			if choice.FinishReason != "" {
				r.finish = choice.FinishReason
			}
		}
		if !answer && !reasoning {
			continue
		}
		r.take(e.at, answer, reasoning)
		if e.read != lastRead {
			lastRead, inRead = e.read, 0
		}
		inRead++
		if inRead == 2 {
			r.crowded++ // the first of this read counts from now on
		}
		if inRead >= 2 {
			r.crowded++
		}
	}
	return r
}

func (r *reading) take(at time.Duration, answer, reasoning bool) {
	r.tokenEvents++
	r.lastToken = Known(at)
	r.reasoned = r.reasoned || reasoning
	if !r.firstToken.Known {
		r.firstToken = Known(at)
	}
	if answer && !r.firstAnswer.Known {
		r.firstAnswer = Known(at)
	}
}

// streamError finds an error reported inside a stream: a non-null error on any
// chunk, an object named error, or an event of that name.
func streamError(name string, c chunk, data []byte) (string, bool) {
	switch {
	case len(c.Error) > 0 && !bytes.Equal(c.Error, []byte("null")):
		return errorText(c.Error), true
	case c.Object == "error" || name == "error":
		return errorText(data), true
	}
	return "", false
}

// errorText is the one line to show of an error body: its message where it has
// one, else the body itself.
func errorText(body []byte) string {
	body = bytes.TrimSpace(body)
	if len(body) > 0 && body[0] == '[' { // Gemini wraps its error in an array
		var list []json.RawMessage
		if json.Unmarshal(body, &list) == nil && len(list) > 0 {
			body = list[0]
		}
	}
	var text string
	if json.Unmarshal(body, &text) == nil {
		return Sanitize(text, maxErrorText)
	}
	var object struct {
		Message string          `json:"message"`
		Error   json.RawMessage `json:"error"`
	}
	if json.Unmarshal(body, &object) == nil {
		if object.Message != "" {
			return Sanitize(object.Message, maxErrorText)
		}
		if len(object.Error) > 0 && !bytes.Equal(object.Error, body) {
			return errorText(object.Error)
		}
	}
	return Sanitize(string(body), maxErrorText)
}

// maxErrorText bounds the error line of a sample, in bytes.
const maxErrorText = 300

// repaired turns the wire's usage into ours and N_r: a completion count that
// leaves reasoning out is raised to total - prompt, and what it left out counts
// as reasoning.
func (u *wireUsage) repaired() (Usage, int64) {
	out := Usage{Input: count(u.Prompt), Output: count(u.Completion)}
	if u.PromptDetails != nil {
		out.Cached = count(u.PromptDetails.Cached)
	}
	reported := Measured[int64]{}
	if u.CompletionDetails != nil {
		reported = count(u.CompletionDetails.Reasoning)
	}
	reasoning := reported.Value
	if total := count(u.Total); total.Known && out.Input.Known {
		if n := total.Value - out.Input.Value; n > out.Output.Value {
			reasoning = max(reasoning, n-out.Output.Value)
			out.Output = Known(n)
		}
	}
	if reported.Known || reasoning > 0 {
		out.Reasoning = Known(reasoning)
	}
	return out, reasoning
}

// count takes a token count that could be one.
func count(n *int64) Measured[int64] {
	if n == nil || *n < 0 || *n > maxTokens {
		return Measured[int64]{}
	}
	return Known(*n)
}

// timings fills the parts of a sample that follow from the reading. The
// generation rate is withheld, with the reason, rather than guessed.
func (r reading) timings(s *Sample) {
	s.TTFT, s.TTFO, s.E2E = r.firstToken, r.firstAnswer, r.lastToken
	s.Usage, s.Events = r.usage, r.tokenEvents
	if r.usage.Cached.Value > 0 {
		s.Flags |= CacheHit
	}
	if r.finish == "length" {
		s.Flags |= Capped
	}
	if r.tokenEvents > 0 && 2*r.crowded > r.tokenEvents {
		s.Flags |= Buffered
	}
	streamed := r.streamedTokens()
	if r.tokenEvents > 0 && float64(streamed) > bundledAbove*float64(r.tokenEvents) {
		s.Flags |= Bundled
	}
	s.TPOT, s.SpeedWithheld = r.tpot(streamed, s.Flags.Has(Buffered))
}

// streamedTokens is N_s: all tokens where reasoning was streamed or there was
// none, else those that are not reasoning; 0 where usage is missing.
func (r reading) streamedTokens() int64 {
	n := r.usage.Output.Value
	if !r.reasoned {
		n = max(0, n-r.hidden)
	}
	return n
}

func (r reading) tpot(streamed int64, buffered bool) (Measured[time.Duration], string) {
	span := r.lastToken.Value - r.firstToken.Value
	switch {
	case r.tokenEvents == 0:
		return Measured[time.Duration]{}, "no tokens"
	case !r.usage.Output.Known:
		return Measured[time.Duration]{}, "the server reports no usage"
	case r.tokenEvents < minSpeedEvents:
		return Measured[time.Duration]{}, "only " + strconv.Itoa(r.tokenEvents) + " events"
	case span < minSpeedSpan:
		return Measured[time.Duration]{}, fmt.Sprintf("all tokens within %s", span.Round(time.Millisecond))
	case buffered:
		return Measured[time.Duration]{}, "the path buffers tokens"
	case streamed < 2:
		return Measured[time.Duration]{}, "usage counts fewer tokens than were streamed"
	}
	events := float64(r.tokenEvents)
	after := float64(streamed) * (1 - 1/events) // the tokens after the first event
	return Known(time.Duration(float64(span) / after)), ""
}
