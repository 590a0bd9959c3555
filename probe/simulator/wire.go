package simulator

import (
	"encoding/json"
	"maps"
	"slices"
)

// The JSON of the OpenAI API, as far as the simulator speaks it.

const invalidRequest = "invalid_request_error"

type apiError struct {
	Message string `json:"message"`
	Type    string `json:"type"`
	Param   string `json:"param,omitempty"`
	Code    string `json:"code,omitempty"`
}

type errorBody struct {
	Error apiError `json:"error"`
}

// faultErrors are the bodies of refusals, and of the error event in a stream.
var faultErrors = map[FaultKind]apiError{
	FaultBadRequest:   {Message: "Unsupported value in this request.", Type: invalidRequest, Code: "unsupported_value"},
	FaultUnauthorized: {Message: "Incorrect API key provided.", Type: invalidRequest, Code: "invalid_api_key"},
	FaultNotFound:     {Message: "The model is not available to you.", Type: invalidRequest, Code: "model_not_found"},
	FaultRateLimited:  {Message: "Rate limit reached for requests. Please try again later.", Type: "requests", Code: "rate_limit_exceeded"},
	FaultServerError:  {Message: "The server had an error while processing your request.", Type: "server_error"},
	FaultUnavailable:  {Message: "The engine is currently overloaded, please try again later.", Type: "server_error", Code: "overloaded"},
	FaultErrorEvent:   {Message: "The server had an error while generating the answer.", Type: "server_error", Code: "stream_failed"},
}

const htmlPage = `<!DOCTYPE html>
<html><head><title>Please wait</title></head>
<body><h1>Checking your connection</h1><p>This page refreshes by itself.</p></body></html>
`

type modelList struct {
	Object string       `json:"object"`
	Data   []modelEntry `json:"data"`
}

type modelEntry struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Created int64  `json:"created"` // Unix seconds
	OwnedBy string `json:"owned_by"`
}

type chatRequest struct {
	Model               string        `json:"model"`
	Messages            []chatMessage `json:"messages"`
	Stream              bool          `json:"stream"`
	StreamOptions       streamOptions `json:"stream_options"`
	MaxTokens           *int          `json:"max_tokens"`
	MaxCompletionTokens *int          `json:"max_completion_tokens"`
	Temperature         *float64      `json:"temperature"`
	N                   *int          `json:"n"`
	Tools               []struct {
		Function struct {
			Name string `json:"name"`
		} `json:"function"`
	} `json:"tools"`

	fields []string // that the request has, sorted
}

// chatFields is a chatRequest without its own way of being decoded.
type chatFields chatRequest

func (r *chatRequest) UnmarshalJSON(b []byte) error {
	if err := json.Unmarshal(b, (*chatFields)(r)); err != nil {
		return err
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(b, &all); err != nil {
		return err
	}
	r.fields = slices.Sorted(maps.Keys(all))
	return nil
}

// has reports whether the request has a field, even if it is null.
func (r *chatRequest) has(field string) bool { return slices.Contains(r.fields, field) }

type streamOptions struct {
	IncludeUsage    bool `json:"include_usage"`
	ContinuousUsage bool `json:"continuous_usage_stats"`
}

type chatMessage struct {
	Role    string      `json:"role"`
	Content messageText `json:"content"`
}

// messageText is the text of a message, whose content is a string, a list of
// parts or null. Parts without text, such as images, count for nothing.
type messageText string

func (t *messageText) UnmarshalJSON(b []byte) error {
	if len(b) == 0 || b[0] != '[' {
		return json.Unmarshal(b, (*string)(t))
	}
	var parts []struct {
		Text string `json:"text"`
	}
	if err := json.Unmarshal(b, &parts); err != nil {
		return err
	}
	var text []byte
	for _, part := range parts {
		text = append(append(text, part.Text...), ' ')
	}
	*t = messageText(text)
	return nil
}

// A completion is the whole answer, or one chunk of it.
type completion struct {
	ID      string   `json:"id"`
	Object  string   `json:"object"`
	Created int64    `json:"created"` // Unix seconds
	Model   string   `json:"model"`
	Choices []choice `json:"choices"`
	// Usage is absent, null (in the chunks of a stream that ends with usage) or
	// the figures.
	Usage json.RawMessage `json:"usage,omitempty"`

	// Of some dialects.
	PromptFilter json.RawMessage `json:"prompt_filter_results,omitempty"`
	XGroq        *xGroq          `json:"x_groq,omitempty"`
	Timings      *timings        `json:"timings,omitempty"`
	Error        any             `json:"error,omitempty"`
}

type choice struct {
	Index        int             `json:"index"`
	Delta        *message        `json:"delta,omitempty"`
	Message      *message        `json:"message,omitempty"`
	FinishReason json.RawMessage `json:"finish_reason,omitempty"` // null until the last
}

type message struct {
	Role             string     `json:"role,omitempty"`
	Content          any        `json:"content,omitempty"` // a string or []contentPart
	ReasoningContent string     `json:"reasoning_content,omitempty"`
	Reasoning        string     `json:"reasoning,omitempty"`
	Refusal          string     `json:"refusal,omitempty"`
	ToolCalls        []toolCall `json:"tool_calls,omitempty"`
}

type contentPart struct {
	Type     string        `json:"type"`
	Text     string        `json:"text,omitempty"`
	Thinking []contentPart `json:"thinking,omitempty"`
}

type toolCall struct {
	Index    int          `json:"index"`
	ID       string       `json:"id,omitempty"`
	Type     string       `json:"type,omitempty"`
	Function toolFunction `json:"function"`
}

type toolFunction struct {
	Name      string `json:"name,omitempty"`
	Arguments string `json:"arguments"`
}
