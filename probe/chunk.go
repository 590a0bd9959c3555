package probe

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"
)

// mostElements is how many elements of a list are looked at: what is asked for has
// one choice and one tool call, and a handful of parts. The lists below are arrays,
// because encoding/json passes over what does not fit into one: the bytes of an
// event are bounded, and so is what they are decoded into.
const mostElements = 16

// chunk is one event's JSON, as far as timing and usage need it. It is ours and
// not go-openai's, which drops reasoning and fails on content in parts.
type chunk struct {
	Object  errorMark            `json:"object"`
	Error   json.RawMessage      `json:"error"`
	Choices [mostElements]choice `json:"choices"`
	Usage   wireUsage            `json:"usage"`
	// Groq's and llama.cpp's own account, for servers that send no usage and as a
	// check on our figures.
	XGroq struct {
		Usage struct {
			wireUsage
			QueueTime  wireTime `json:"queue_time"`
			PromptTime wireTime `json:"prompt_time"`
		} `json:"usage"`
	} `json:"x_groq"`
	Timings struct {
		CacheN   wireCount `json:"cache_n"`
		PromptMs wireTime  `json:"prompt_ms"`
	} `json:"timings"`
}

type choice struct {
	Delta        delta  `json:"delta"`
	FinishReason string `json:"finish_reason"`
}

// serverTTFT is the time to the first token as the server tells it in a chunk:
// Groq in seconds, llama.cpp in milliseconds.
func (c *chunk) serverTTFT() Measured[time.Duration] {
	if groq := c.XGroq.Usage; groq.PromptTime.Known {
		return serverTime(groq.QueueTime.Value+groq.PromptTime.Value, time.Second)
	}
	if c.Timings.PromptMs.Known {
		return serverTime(c.Timings.PromptMs.Value, time.Millisecond)
	}
	return Measured[time.Duration]{}
}

// headerServerTTFT is the same in a header, in seconds, as Fireworks has it.
func headerServerTTFT(h http.Header) Measured[time.Duration] {
	seconds, err := strconv.ParseFloat(h.Get("Fireworks-Server-Time-To-First-Token"), 64)
	if err != nil {
		return Measured[time.Duration]{}
	}
	return serverTime(seconds, time.Second)
}

// serverTime believes a server's figure from nothing to an hour.
func serverTime(v float64, unit time.Duration) Measured[time.Duration] {
	if !(v >= 0 && v*float64(unit) <= float64(time.Hour)) { // also NaN
		return Measured[time.Duration]{}
	}
	return Known(time.Duration(v * float64(unit)))
}

// decode reads one event's JSON into c, in place of what was there. A field of the
// wrong type is passed over, and not the chunk with it: its tokens arrived all the
// same.
func (c *chunk) decode(data []byte) bool {
	*c = chunk{}
	if data = bytes.TrimSpace(data); len(data) == 0 || data[0] != '{' {
		return false
	}
	err := json.Unmarshal(data, c)
	if err == nil {
		return true
	}
	var mismatch *json.UnmarshalTypeError
	return errors.As(err, &mismatch)
}

// errorMark is true where a chunk calls itself an error.
type errorMark bool

// UnmarshalJSON implements json.Unmarshaler. It never fails.
func (m *errorMark) UnmarshalJSON(value []byte) error {
	*m = string(value) == `"error"`
	return nil
}

// channels says which kinds of generated token the chunk carries.
func (c *chunk) channels() (answer, reasoning bool) {
	for i := range c.Choices {
		a, r := c.Choices[i].Delta.channels()
		answer, reasoning = answer || a, reasoning || r
	}
	return answer, reasoning
}

// finish is the finish reason, "" where there is none.
func (c *chunk) finish() (reason string) {
	for i := range c.Choices {
		reason = cmp.Or(c.Choices[i].FinishReason, reason)
	}
	return reason
}

type delta struct {
	Content          said `json:"content"`
	Reasoning        said `json:"reasoning"`
	ReasoningContent said `json:"reasoning_content"`
	ReasoningDetails said `json:"reasoning_details"`
	Refusal          text `json:"refusal"`
	ToolCalls        [mostElements]struct {
		Function struct {
			Name      text `json:"name"`
			Arguments text `json:"arguments"`
		} `json:"function"`
	} `json:"tool_calls"`
}

// channels says which kinds of generated token a delta carries.
func (d *delta) channels() (answer, reasoning bool) {
	answer = d.Content.answer || bool(d.Refusal)
	for i := range d.ToolCalls {
		call := &d.ToolCalls[i].Function
		answer = answer || bool(call.Name || call.Arguments)
	}
	reasoning = d.Content.reasoning || d.Reasoning.any() || d.ReasoningContent.any() || d.ReasoningDetails.any()
	return answer, reasoning
}

// text is true where a field holds a string that is not empty: that there is one is
// all that timing needs to know.
type text bool

// UnmarshalJSON implements json.Unmarshaler. It never fails.
func (t *text) UnmarshalJSON(value []byte) error {
	*t = value[0] == '"' && len(value) > len(`""`)
	return nil
}

// said is the kinds of generated text in a value, in any of the shapes that servers
// give it: a string, a list of strings and of parts, or a part. A part has text, a
// summary of reasoning, or thinking, which is such a value in turn. Encrypted
// reasoning and signatures are no text: they come in one piece, after it.
type said struct{ answer, reasoning bool }

// saidDepth is how deep it is looked for: a list, its parts, their thinking, and
// the parts of that. A hostile value is not decoded once for each of its levels.
const saidDepth = 4

// UnmarshalJSON implements json.Unmarshaler. It never fails.
func (s *said) UnmarshalJSON(value []byte) error {
	*s = said{}
	s.take(value, saidDepth)
	return nil
}

func (s *said) any() bool { return s.answer || s.reasoning }

// take adds what a value holds, down to a depth.
func (s *said) take(value []byte, depth int) {
	if len(value) == 0 || depth == 0 {
		return
	}
	switch value[0] {
	case '"':
		s.answer = s.answer || len(value) > len(`""`)
	case '[':
		var list [mostElements]json.RawMessage
		_ = json.Unmarshal(value, &list) // it is JSON by now, and a list
		for _, element := range list {
			s.take(element, depth-1)
		}
	case '{':
		var part struct {
			Text     text            `json:"text"`
			Summary  text            `json:"summary"`
			Thinking json.RawMessage `json:"thinking"`
		}
		_ = json.Unmarshal(value, &part)
		var thinking said
		thinking.take(part.Thinking, depth-1)
		s.answer = s.answer || bool(part.Text)
		s.reasoning = s.reasoning || bool(part.Summary) || thinking.any()
	}
}

type wireUsage struct {
	Prompt        wireCount `json:"prompt_tokens"`
	Completion    wireCount `json:"completion_tokens"`
	Total         wireCount `json:"total_tokens"`
	PromptDetails struct {
		Cached wireCount `json:"cached_tokens"`
	} `json:"prompt_tokens_details"`
	CompletionDetails struct {
		Reasoning wireCount `json:"reasoning_tokens"`
	} `json:"completion_tokens_details"`
	CacheHit wireCount `json:"prompt_cache_hit_tokens"` // DeepSeek's
}

// wireTime is a number that a server gives for a time. Whatever else stands in its
// place is not known.
type wireTime struct{ Measured[float64] }

// UnmarshalJSON implements json.Unmarshaler. It never fails.
func (n *wireTime) UnmarshalJSON(text []byte) error {
	v, err := strconv.ParseFloat(string(text), 64)
	n.Measured = Measured[float64]{Value: v, Known: err == nil}
	return nil
}

// wireCount is a number of tokens: whole, not negative, not absurd. Whatever else
// stands in its place is not known.
type wireCount struct{ Measured[int64] }

// UnmarshalJSON implements json.Unmarshaler. It never fails.
func (n *wireCount) UnmarshalJSON(text []byte) error {
	n.Measured = Measured[int64]{}
	v, err := strconv.ParseFloat(string(text), 64) // some servers write 5.0
	if err == nil && v >= 0 && v <= float64(maxTokens) && v == math.Trunc(v) {
		n.Measured = Known(int64(v))
	}
	return nil
}

// repaired turns the wire's usage into ours and N_r: a completion count that
// leaves reasoning out is raised to total - prompt, and what it left out counts
// as reasoning.
func (u wireUsage) repaired() (Usage, int64) {
	out := Usage{
		Input: u.Prompt.Measured, Output: u.Completion.Measured,
		Cached: u.PromptDetails.Cached.Measured, Reasoning: u.CompletionDetails.Reasoning.Measured,
	}
	if !out.Cached.Known {
		out.Cached = u.CacheHit.Measured
	}
	if u.Total.Known && out.Input.Known {
		if left := u.Total.Value - out.Input.Value - out.Output.Value; left > 0 {
			if out.Output.Known { // where nothing is reported, nothing was left out
				out.Reasoning = Known(max(out.Reasoning.Value, left))
			}
			out.Output = Known(out.Output.Value + left)
		}
	}
	return out, out.Reasoning.Value
}
