package simulator

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
)

// Errors is how errors are told, as far as it departs from OpenAI's error object.
type Errors struct {
	// ErrorShape is the body of a refusal: ErrorObject (OpenAI) where empty.
	ErrorShape ErrorShape
	// ErrorControls puts control characters and terminal escape sequences into its
	// message.
	ErrorControls bool
	// ErrorEchoesKey puts the Authorization header of the request into its
	// message.
	ErrorEchoesKey bool
	// StreamError is how a FaultErrorEvent shows within an answer with status 200:
	// StreamErrorEvent where empty.
	StreamError StreamError
}

// An ErrorShape is the shape of the body of an error.
type ErrorShape string

// The shapes of errors.
const (
	ErrorObject ErrorShape = "object" // {"error":{"message":...}}: OpenAI
	ErrorString ErrorShape = "string" // {"error":"..."}: Ollama
	ErrorArray  ErrorShape = "array"  // [{"error":{"code":400,...}}]: Gemini
	ErrorDetail ErrorShape = "detail" // {"detail":[{"loc":[...],"msg":...}]}: Mistral
	ErrorHTML   ErrorShape = "html"   // a proxy's page
	ErrorEmpty  ErrorShape = "empty"  // no body at all
)

// A StreamError is the way of an error inside an answer with status 200.
type StreamError string

// The ways of an error inside an answer.
const (
	// StreamErrorEvent is an event with an error object and nothing else.
	StreamErrorEvent StreamError = "event"
	// StreamErrorChunk is a chunk that has an error beside its choices, with the
	// finish reason "error" (OpenRouter).
	StreamErrorChunk StreamError = "chunk"
	// StreamErrorObject is an event whose object is "error" (vLLM).
	StreamErrorObject StreamError = "object"
	// StreamErrorNamed is an event with the name error (Anthropic and gateways).
	StreamErrorNamed StreamError = "named"
	// StreamErrorBody is a bare JSON error: for a body where nothing has been
	// streamed, with the content type of JSON, and else in the middle of the
	// stream, which then ends.
	StreamErrorBody StreamError = "body"
	// StreamErrorComment is an event with an error object after a comment line.
	StreamErrorComment StreamError = "comment"
)

func (e Errors) validate() error {
	if err := oneOf("error shape", e.ErrorShape, "",
		ErrorObject, ErrorString, ErrorArray, ErrorDetail, ErrorHTML, ErrorEmpty); err != nil {
		return err
	}
	return oneOf("stream error", e.StreamError, "", StreamErrorEvent, StreamErrorChunk, StreamErrorObject,
		StreamErrorNamed, StreamErrorBody, StreamErrorComment)
}

// hostileText rings, clears a terminal, sets its title, links and hides the rest.
const hostileText = "\a\x1b[2J\x1b[31m\x1b]0;owned\a\x1b]8;;http://127.0.0.1/\x1b\\\u202e\x00\r\n"

// says is what an error says.
func (e Errors) says(text, authorization string) string {
	if e.ErrorEchoesKey {
		text += " You sent: Authorization: " + authorization
	}
	if e.ErrorControls {
		text = hostileText + text
	}
	return text
}

// bodies encodes the shapes that are not OpenAI's own.
var bodies = map[ErrorShape]func(status int, e apiError) (body []byte, contentType string, err error){
	ErrorString: func(_ int, e apiError) ([]byte, string, error) {
		return jsonLine(map[string]string{"error": e.Message})
	},
	ErrorArray: func(status int, e apiError) ([]byte, string, error) {
		return jsonLine([]googleError{{googleStatus{Code: status, Message: e.Message, Status: googleName(status)}}})
	},
	ErrorDetail: func(_ int, e apiError) ([]byte, string, error) {
		return jsonLine(detailBody{[]detail{{Type: "extra_forbidden", Loc: []string{"body", e.Param}, Msg: e.Message}}})
	},
	ErrorHTML: func(status int, e apiError) ([]byte, string, error) {
		title := strconv.Itoa(status) + " " + http.StatusText(status)
		return []byte("<html>\r\n<head><title>" + title + "</title></head>\r\n<body><h1>" + title + "</h1><p>" + e.Message + "</p></body>\r\n</html>\r\n"),
			"text/html; charset=utf-8", nil
	},
	ErrorEmpty: func(int, apiError) ([]byte, string, error) { return nil, "", nil },
}

type googleError struct {
	Error googleStatus `json:"error"`
}

type googleStatus struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	Status  string `json:"status"`
}

// googleName is the name that Google gives to a status.
func googleName(status int) string {
	switch status {
	case http.StatusUnauthorized:
		return "UNAUTHENTICATED"
	case http.StatusNotFound:
		return "NOT_FOUND"
	case http.StatusTooManyRequests:
		return "RESOURCE_EXHAUSTED"
	case http.StatusInternalServerError:
		return "INTERNAL"
	case http.StatusServiceUnavailable:
		return "UNAVAILABLE"
	}
	return "INVALID_ARGUMENT"
}

type detailBody struct {
	Detail []detail `json:"detail"`
}

type detail struct {
	Type string   `json:"type"`
	Loc  []string `json:"loc"`
	Msg  string   `json:"msg"`
}

func jsonLine(v any) ([]byte, string, error) {
	b, err := json.Marshal(v)
	return append(b, '\n'), "application/json", err
}

// failsWhole reports whether the answer is an error for a body.
func (a *answer) failsWhole() bool {
	return a.script.Dialect.StreamError == StreamErrorBody && a.plan.Fault == FaultErrorEvent && len(a.plan.Events) == 0
}

// codedError is an error as vLLM and OpenRouter send it in a stream.
type codedError struct {
	Object  string `json:"object,omitempty"`
	Message string `json:"message"`
	Type    string `json:"type,omitempty"`
	Code    int    `json:"code"`
}

// errorParts is what an error consists of in the middle of a stream.
func (a *answer) errorParts(out *delivery) ([]part, error) {
	e := faultErrors[FaultErrorEvent]
	e.Message = a.dialect.says(e.Message, a.r.Header.Get("Authorization"))
	event := part{last: true}
	var parts []part
	var body any = errorBody{Error: e}
	switch a.dialect.StreamError {
	case StreamErrorChunk:
		chunk := a.head
		chunk.Choices = []choice{{Delta: &message{Role: assistant, Content: ""}, FinishReason: json.RawMessage(`"error"`)}}
		chunk.Error = codedError{Message: e.Message, Code: http.StatusBadGateway}
		body = chunk
	case StreamErrorObject:
		body = codedError{Object: "error", Message: e.Message, Type: "InternalServerError", Code: http.StatusInternalServerError}
	case StreamErrorNamed:
		event.name = "error"
	case StreamErrorBody:
		event.raw = true
	case StreamErrorComment:
		parts = append(parts, part{raw: true, data: bytes.Clone(out.form.comments())})
	}
	b, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	if event.raw {
		b = append(b, '\n')
	}
	event.data = b
	return append(parts, event), nil
}
