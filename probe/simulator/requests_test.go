package simulator

import (
	"net/http"
	"strings"
	"testing"
)

// What a dialect refuses of a request, as the bytes of the answer, and what it
// lets through.
func TestRequests(t *testing.T) {
	const object = `{"error":{"message":"`
	for _, c := range []struct {
		name, request string
		change        func(*Dialect)
		status        int
		want          string // the body, where refused
		tokens        int    // else
	}{
		{
			name: "max_tokens", request: `,"max_tokens":3`, change: func(d *Dialect) { d.RefuseMaxTokens = true }, status: 400,
			want: object + `Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",` +
				`"type":"invalid_request_error","param":"max_tokens","code":"unsupported_parameter"}}` + "\n",
		},
		{name: "not max_tokens", request: `,"max_completion_tokens":3`, change: func(d *Dialect) { d.RefuseMaxTokens = true }, status: 200, tokens: 3},
		{
			name: "max_completion_tokens", request: `,"max_completion_tokens":3`, change: func(d *Dialect) { d.RefuseMaxCompletionTokens = true }, status: 422,
			want: object + `Extra inputs are not permitted","type":"invalid_request_error","param":"max_completion_tokens","code":"extra_forbidden"}}` + "\n",
		},
		{name: "not max_completion_tokens", request: `,"max_tokens":3`, change: func(d *Dialect) { d.RefuseMaxCompletionTokens = true }, status: 200, tokens: 3},
		{name: "max_completion_tokens ignored", request: `,"max_completion_tokens":3`, change: func(d *Dialect) { d.IgnoreMaxCompletionTokens = true }, status: 200, tokens: 9},
		{name: "the other is not", request: `,"max_completion_tokens":3,"max_tokens":4`, change: func(d *Dialect) { d.IgnoreMaxCompletionTokens = true }, status: 200, tokens: 4},
		{
			name: "stream_options", request: `,"max_tokens":3,"stream_options":{}`, change: func(d *Dialect) { d.RefuseStreamOptions, d.ErrorShape = true, ErrorDetail }, status: 422,
			want: `{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"Extra inputs are not permitted"}]}` + "\n",
		},
		{name: "no stream_options", request: `,"max_tokens":3`, change: func(d *Dialect) { d.RefuseStreamOptions = true }, status: 200, tokens: 3},
		{
			name: "temperature", request: `,"temperature":0.5`, change: func(d *Dialect) { d.RefuseTemperature = true }, status: 400,
			want: object + `Unsupported value: 'temperature' does not support 0.5 with this model. Only the default (1) value is supported.",` +
				`"type":"invalid_request_error","param":"temperature","code":"unsupported_value"}}` + "\n",
		},
		{name: "the only temperature", request: `,"temperature":1,"max_tokens":3`, change: func(d *Dialect) { d.RefuseTemperature = true }, status: 200, tokens: 3},
		{
			name: "unknown", request: `,"zeta":1,"cache":null,"max_tokens":3`, change: func(d *Dialect) { d.RefuseUnknown, d.ErrorShape = true, ErrorArray }, status: 400,
			want: `[{"error":{"code":400,"message":"Invalid JSON payload received. Unknown name \"cache\": Cannot find field.","status":"INVALID_ARGUMENT"}}]` + "\n",
		},
		{name: "known", request: `,"top_p":1,"seed":7,"stream_options":{},"max_tokens":3`, change: func(d *Dialect) { d.RefuseUnknown = true }, status: 200, tokens: 3},
		{
			name: "least cap", request: `,"max_tokens":15`, change: func(d *Dialect) { d.LeastCap = 16 }, status: 400,
			want: object + `Invalid 'max_tokens': integer below minimum value. Expected a value \u003e= 16, but got 15 instead.",` +
				`"type":"invalid_request_error","param":"max_tokens","code":"integer_below_min_value"}}` + "\n",
		},
		{name: "just enough", request: `,"max_completion_tokens":16`, change: func(d *Dialect) { d.LeastCap = 16 }, status: 200, tokens: 16},
		{name: "no cap", change: func(d *Dialect) { d.LeastCap = 16 }, status: 200, tokens: 9},
		{name: "a mistake in the dialect's shape", request: `,"n":2`, change: func(d *Dialect) { d.ErrorShape = ErrorString }, status: 400, want: `{"error":"Only one choice is supported: n must be 1."}` + "\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			script := quick("m")
			script.DefaultTokens = 9
			c.change(&script.Dialect)
			s := start(t, Options{Scripts: []Script{script}})
			r := post(t, client(t), s.BaseURL()+"/chat/completions", `{"model":"m",`+hello+c.request+`}`)
			if r.status != c.status || c.want != "" && r.body != c.want {
				t.Errorf("status %d\ngot  %q\nwant %q", r.status, r.body, c.want)
			}
			record, accepted := one(t, s), s.models["m"].accepted.Load()
			if record.Status != c.status || record.Tokens != c.tokens || (accepted == 1) != (c.status == http.StatusOK) {
				t.Errorf("%d accepted, %+v", accepted, record)
			}
		})
	}
}

// The shapes of a refusal, and its content type.
func TestErrorShapes(t *testing.T) {
	const message = "Unsupported value in this request."
	for _, c := range []struct {
		shape             ErrorShape
		want, contentType string
	}{
		{"", `{"error":{"message":"` + message + `","type":"invalid_request_error","code":"unsupported_value"}}` + "\n", "application/json"},
		{ErrorObject, `{"error":{"message":"` + message + `","type":"invalid_request_error","code":"unsupported_value"}}` + "\n", "application/json"},
		{ErrorString, `{"error":"` + message + `"}` + "\n", "application/json"},
		{ErrorArray, `[{"error":{"code":400,"message":"` + message + `","status":"INVALID_ARGUMENT"}}]` + "\n", "application/json"},
		{ErrorDetail, `{"detail":[{"type":"extra_forbidden","loc":["body",""],"msg":"` + message + `"}]}` + "\n", "application/json"},
		{ErrorHTML, "<html>\r\n<head><title>400 Bad Request</title></head>\r\n<body><h1>400 Bad Request</h1><p>" + message + "</p></body>\r\n</html>\r\n", "text/html; charset=utf-8"},
		{ErrorEmpty, "", ""},
	} {
		r, _ := wire(t, streamTwo, refusing(func(d *Dialect) { d.ErrorShape = c.shape }))
		if r.status != 400 || r.body != c.want || r.header.Get("Content-Type") != c.contentType {
			t.Errorf("%q: %d %q %q", c.shape, r.status, r.header.Get("Content-Type"), r.body)
		}
	}
	for status, want := range map[FaultKind]string{
		FaultUnauthorized: `"UNAUTHENTICATED"`, FaultNotFound: `"NOT_FOUND"`, FaultRateLimited: `"RESOURCE_EXHAUSTED"`,
		FaultServerError: `"INTERNAL"`, FaultUnavailable: `"UNAVAILABLE"`,
	} {
		r, _ := wire(t, streamTwo, func(s *Script) {
			s.Dialect.ErrorShape, s.Faults = ErrorArray, []Fault{{Kind: status, Probability: 1}}
		})
		if r.status != status.Status() || !strings.Contains(r.body, want) {
			t.Errorf("%s: %d %s", status, r.status, r.body)
		}
	}
}

// Hostile messages: escape sequences, and the key of the request.
func TestHostileErrors(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Dialect)
		want   string
	}{
		{"controls", func(d *Dialect) { d.ErrorControls = true }, `{"error":{"message":"\u0007\u001b[2J\u001b[31m\u001b]0;owned\u0007`},
		{"controls, bare", func(d *Dialect) { d.ErrorControls, d.ErrorShape = true, ErrorHTML }, hostileText + "Unsupported"},
		{"key", func(d *Dialect) { d.ErrorEchoesKey = true }, "in this request. You sent: Authorization: Bearer k3y"},
		{"key in a string", func(d *Dialect) { d.ErrorEchoesKey, d.ErrorShape = true, ErrorString }, "You sent: Authorization: Bearer k3y"},
	} {
		if r, _ := wire(t, streamTwo, refusing(c.change)); r.status != 400 || !strings.Contains(r.body, c.want) {
			t.Errorf("%s: %d %q", c.name, r.status, r.body)
		}
	}
	r, _ := wire(t, streamTwo, func(s *Script) {
		errorAfter(1, StreamErrorNamed)(s)
		s.Dialect.ErrorEchoesKey = true
	})
	if !strings.Contains(r.body, "Bearer k3y") {
		t.Errorf("%q", r.body)
	}
}
