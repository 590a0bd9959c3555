package simulator

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
)

// Requests is what of a chat request the endpoint refuses or passes over, which
// OpenAI would take. A request that is refused takes no number.
type Requests struct {
	// RefuseMaxTokens answers 400 to max_tokens and asks for
	// max_completion_tokens (OpenAI's o and gpt-5 models, Azure).
	RefuseMaxTokens bool
	// RefuseMaxCompletionTokens answers 422 (Mistral).
	RefuseMaxCompletionTokens bool
	// IgnoreMaxCompletionTokens does as if it were not there (Ollama, LM Studio).
	IgnoreMaxCompletionTokens bool
	// RefuseStreamOptions answers 422 (Mistral).
	RefuseStreamOptions bool
	// RefuseTemperature answers 400 to any temperature but 1 (OpenAI's o and
	// gpt-5 models).
	RefuseTemperature bool
	// RefuseUnknown answers 400 to fields that OpenAI does not document (Gemini).
	RefuseUnknown bool
	// RefuseSchema answers 400 to response_format (servers without structured
	// outputs), RefuseTools to tools (Ollama for models without them).
	RefuseSchema, RefuseTools bool
	// Window is the longest request, in tokens; 400 above it. 0 means any.
	Window int
	// LeastCap is the lowest cap; 400 below it. 0 means 1.
	LeastCap int
}

func (r Requests) validate() error {
	switch {
	case r.Window < 0:
		return errors.New("window must not be below 0")
	case r.LeastCap < 0 || r.LeastCap > tokenLimit:
		return fmt.Errorf("least cap must lie between 0 and %d", tokenLimit)
	case r.RefuseMaxTokens && (r.RefuseMaxCompletionTokens || r.IgnoreMaxCompletionTokens):
		return errors.New("no field for the cap is left")
	}
	return nil
}

// tooLong says that a request does not fit the window.
func tooLong(tokens, window int) apiError {
	return apiError{
		Message: fmt.Sprintf("This model's maximum context length is %d tokens. However, your messages resulted in %d tokens. "+
			"Please reduce the length of the messages.", window, tokens),
		Type: invalidRequest, Param: "messages", Code: "context_length_exceeded",
	}
}

// openAIFields are those of a chat request that OpenAI documents.
var openAIFields = []string{
	"audio", "frequency_penalty", "function_call", "functions", "logit_bias", "logprobs", "max_completion_tokens",
	"max_tokens", "messages", "metadata", "modalities", "model", "n", "parallel_tool_calls", "prediction",
	"presence_penalty", "prompt_cache_key", "reasoning_effort", "response_format", "safety_identifier", "seed",
	"service_tier", "stop", "store", "stream", "stream_options", "temperature", "tool_choice", "tools",
	"top_logprobs", "top_p", "user", "verbosity", "web_search_options",
}

// A refusal is why a dialect does not take a request.
type refusal struct {
	status int
	apiError
}

// refusal returns why a sound request is not taken, or nil.
func (r Requests) refusal(request *chatRequest) *refusal {
	extra := func(field string) *refusal {
		return &refusal{http.StatusUnprocessableEntity, apiError{
			Message: "Extra inputs are not permitted", Type: invalidRequest, Param: field, Code: "extra_forbidden",
		}}
	}
	bad := func(field, code, message string) *refusal {
		return &refusal{http.StatusBadRequest, apiError{Message: message, Type: invalidRequest, Param: field, Code: code}}
	}
	switch {
	case r.RefuseMaxTokens && request.MaxTokens != nil:
		return bad("max_tokens", "unsupported_parameter",
			"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.")
	case r.RefuseMaxCompletionTokens && request.MaxCompletionTokens != nil:
		return extra("max_completion_tokens")
	case r.RefuseStreamOptions && request.has("stream_options"):
		return extra("stream_options")
	case r.RefuseSchema && request.has("response_format"):
		return bad("response_format", "unsupported_parameter", "This response_format type is unavailable now")
	case r.RefuseTools && request.has("tools"):
		return &refusal{http.StatusBadRequest, apiError{Message: request.Model + " does not support tools", Type: invalidRequest}}
	case r.RefuseTemperature && request.Temperature != nil && *request.Temperature != 1:
		return bad("temperature", "unsupported_value", fmt.Sprintf(
			"Unsupported value: 'temperature' does not support %g with this model. Only the default (1) value is supported.",
			*request.Temperature))
	}
	if r.RefuseUnknown {
		for _, field := range request.fields {
			if !slices.Contains(openAIFields, field) {
				return bad(field, "", fmt.Sprintf("Invalid JSON payload received. Unknown name %q: Cannot find field.", field))
			}
		}
	}
	if field, n := request.capField(); n != 0 && n < r.LeastCap {
		return bad(field, "integer_below_min_value", fmt.Sprintf(
			"Invalid '%s': integer below minimum value. Expected a value >= %d, but got %d instead.", field, r.LeastCap, n))
	}
	return nil
}
