package simulator

import (
	"bytes"
	"encoding/json"
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
	N                   *int          `json:"n"`
}

type streamOptions struct {
	IncludeUsage bool `json:"include_usage"`
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

type usage struct {
	PromptTokens     int                `json:"prompt_tokens"`
	CompletionTokens int                `json:"completion_tokens"`
	TotalTokens      int                `json:"total_tokens"`
	Prompt           promptDetails      `json:"prompt_tokens_details"`
	Completion       *completionDetails `json:"completion_tokens_details,omitempty"`
}

type promptDetails struct {
	CachedTokens int `json:"cached_tokens"`
}

type completionDetails struct {
	ReasoningTokens int `json:"reasoning_tokens"`
}

func chatUsage(promptTokens int, plan Plan) usage {
	return usage{
		PromptTokens:     promptTokens,
		CompletionTokens: plan.Tokens(),
		TotalTokens:      promptTokens + plan.Tokens(),
		Completion:       &completionDetails{ReasoningTokens: plan.ReasoningTokens()},
	}
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
}

type choice struct {
	Index        int      `json:"index"`
	Delta        *message `json:"delta,omitempty"`
	Message      *message `json:"message,omitempty"`
	FinishReason *string  `json:"finish_reason"`
}

type message struct {
	Role             string  `json:"role,omitempty"`
	Content          *string `json:"content,omitempty"`
	ReasoningContent string  `json:"reasoning_content,omitempty"`
}

// An eventEncoder frames event-stream events. What it returns is valid until the
// next call.
type eventEncoder struct{ buffer bytes.Buffer }

func (e *eventEncoder) json(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return e.raw(b), nil
}

func (e *eventEncoder) raw(data []byte) []byte {
	e.buffer.Reset()
	e.buffer.WriteString("data: ")
	e.buffer.Write(data)
	e.buffer.WriteString("\n\n")
	return e.buffer.Bytes()
}
