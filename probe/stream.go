package probe

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
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
	Usage wireUsage `json:"usage"`
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

// serverTTFT is the time to the first token as the server tells it in a chunk:
// Groq in seconds, llama.cpp in milliseconds.
func (c chunk) serverTTFT() Measured[time.Duration] {
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

// decode reads one event's JSON. A field of the wrong type is passed over, and
// not the chunk with it: its tokens arrived all the same.
func decode(data []byte) (chunk, bool) {
	var c chunk
	if data = bytes.TrimSpace(data); len(data) == 0 || data[0] != '{' {
		return c, false
	}
	err := json.Unmarshal(data, &c)
	var mismatch *json.UnmarshalTypeError
	return c, err == nil || errors.As(err, &mismatch)
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

// channels says which kinds of generated token a delta carries.
func (d delta) channels() (answer, reasoning bool) {
	answer, reasoning = contentChannels(d.Content)
	answer = answer || d.Refusal != ""
	for _, call := range d.ToolCalls {
		answer = answer || call.Function.Name != "" || call.Function.Arguments != ""
	}
	return answer, reasoning || d.Reasoning != "" || d.ReasoningContent != ""
}

// contentChannels looks into content: a string, or an array of parts, of which
// Mistral has some for thinking.
func contentChannels(content json.RawMessage) (answer, reasoning bool) {
	if len(content) == 0 || content[0] != '[' {
		return len(content) > len(`""`) && content[0] == '"', false
	}
	var parts []struct {
		Text     string            `json:"text"`
		Thinking []json.RawMessage `json:"thinking"`
	}
	_ = json.Unmarshal(content, &parts) // a part of the wrong type is passed over
	for _, part := range parts {
		answer = answer || part.Text != ""
		reasoning = reasoning || len(part.Thinking) > 0
	}
	return answer, reasoning
}

// lastToken is the arrival of the newest event that carries a token.
func lastToken(events []event) (time.Duration, bool) {
	for i := len(events) - 1; i >= 0; i-- {
		c, _ := decode(events[i].data)
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
	hidden      int64                   // N_r: reasoning tokens by the best account
	cached      Measured[int64]         // where usage does not say it
	serverTTFT  Measured[time.Duration] // by the server's own account
	err         string                  // the first error the stream reports, "" for none
	undecodable int
	decoded     int
}

// isDone says that an event is the one after which nothing comes.
func isDone(data []byte) bool { return string(bytes.TrimSpace(data)) == "[DONE]" }

// read decodes the events in order. It is pure: the same events give the same
// reading, whatever the clock says.
func read(events []event) reading {
	var r reading
	lastRead := -1
	inRead := 0
	for _, e := range events {
		if isDone(e.data) {
			r.done = true
			break // whatever follows belongs to nobody
		}
		c, ok := decode(e.data)
		if text, bad := streamError(e.name, c, e.data); bad {
			r.err = cmp.Or(r.err, text) // what follows the first comes of it
			continue
		}
		if !ok {
			r.undecodable++
			continue
		}
		r.decoded++
		r.account(c)
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

// account takes what a chunk says of tokens and times: the last word counts.
func (r *reading) account(c chunk) {
	wire := c.Usage
	if wire == (wireUsage{}) {
		wire = c.XGroq.Usage.wireUsage
	}
	if usage, hidden := wire.repaired(); usage.Input.Known || usage.Output.Known {
		r.usage, r.hidden = usage, hidden
	}
	if c.Timings.CacheN.Known {
		r.cached = c.Timings.CacheN.Measured
	}
	if told := c.serverTTFT(); told.Known {
		r.serverTTFT = told
	}
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
		data = c.Error
	case c.Object != "error" && name != "error":
		return "", false
	}
	return cmp.Or(errorText(data), "an error without a message"), true
}

// bodyError finds a JSON error in the beginning of a body that is no event stream.
func bodyError(head []byte) (string, bool) {
	if len(head) == 0 || (head[0] != '{' && head[0] != '[') {
		return "", false
	}
	var list []json.RawMessage
	if json.Unmarshal(head, &list) == nil && len(list) > 0 {
		head = list[0]
	}
	if c, ok := decode(head); ok {
		return streamError("", c, head)
	}
	return errorText(head), bytes.Contains(head, []byte(`"error"`)) // cut, or broken
}

// errorText is the one line to show of an error body: its message where it has
// one, else the body itself.
func errorText(body []byte) string {
	// What is nested deeper is shown as it came: a hostile body must not be
	// decoded once for each of ten thousand levels.
	const depth = 4
	for range depth {
		var list []json.RawMessage // Gemini wraps its error in an array
		var text string
		var object struct {
			Message string          `json:"message"`
			Error   json.RawMessage `json:"error"`
		}
		switch body = bytes.TrimSpace(body); {
		case json.Unmarshal(body, &text) == nil:
			return Sanitize(text, maxErrorText)
		case json.Unmarshal(body, &list) == nil && len(list) > 0:
			body = list[0]
		case json.Unmarshal(body, &object) != nil:
		case object.Message != "":
			return Sanitize(object.Message, maxErrorText)
		case len(object.Error) > len(`""`) && !bytes.Equal(object.Error, []byte("null")):
			body = object.Error
		}
	}
	return Sanitize(string(body), maxErrorText)
}

// maxErrorText bounds the error line of a sample, in bytes.
const maxErrorText = 300

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

// timings fills the parts of a sample that follow from the reading. The
// generation rate is withheld, with the reason, rather than guessed.
func (r reading) timings(s *Sample) {
	s.TTFT, s.TTFO, s.E2E = r.firstToken, r.firstAnswer, r.lastToken
	s.Usage, s.Events = r.usage, r.tokenEvents
	if !s.Usage.Cached.Known {
		s.Usage.Cached = r.cached
	}
	if r.serverTTFT.Known {
		s.ServerTTFT = r.serverTTFT
	}
	if s.Usage.cacheHit() {
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
