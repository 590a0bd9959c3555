package probe

import (
	"bytes"
	"cmp"
	"encoding/json"
)

// streamError finds an error reported inside a stream: a non-null error on any
// chunk, an object named error, or an event of that name. body is the JSON that
// says what it is.
func streamError(name string, c *chunk, data []byte) (body []byte, bad bool) {
	if len(c.Error) > 0 && !bytes.Equal(c.Error, []byte("null")) {
		return c.Error, true
	}
	return data, bool(c.Object) || name == "error"
}

// streamErrorText is the one line for such an error.
func streamErrorText(body []byte) string {
	return cmp.Or(errorText(body), "an error without a message")
}

// bodyError finds a JSON error in the beginning of a body that is no event stream.
func bodyError(head []byte) (string, bool) {
	if len(head) == 0 || (head[0] != '{' && head[0] != '[') {
		return "", false
	}
	var list [1]json.RawMessage
	if json.Unmarshal(head, &list) == nil && list[0] != nil {
		head = list[0]
	}
	var c chunk
	if c.decode(head) {
		body, bad := streamError("", &c, head)
		return streamErrorText(body), bad
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
		var list [1]json.RawMessage // Gemini wraps its error in an array
		var text string
		var object struct {
			Message string          `json:"message"`
			Error   json.RawMessage `json:"error"`
		}
		switch body = bytes.TrimSpace(body); {
		case json.Unmarshal(body, &text) == nil:
			return Sanitize(text, maxErrorText)
		case json.Unmarshal(body, &list) == nil && list[0] != nil:
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
