package probe

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	openai "github.com/sashabaranov/go-openai"
)

// call is one request: what it carries beside the body, and how the body is put.
type call struct {
	credentials
	form form
}

// call prepares one request. The form holds also where the credentials do not.
func (c *Client) call(ctx context.Context, t Target, p Profile, asked map[string]json.RawMessage) (call, error) {
	found, err := c.credentials(ctx, t)
	return call{credentials: found, form: c.knobs.form(t, p, asked)}, err
}

// form is how the body of a request is put: as the preset, the target itself and
// what was learned of it have it.
type form struct {
	cap           int // tokens
	capField      CapField
	streamOptions bool
	extra         map[string]json.RawMessage
	// asked are fields of extra that make the request what it is: nothing is sent
	// without them.
	asked map[string]json.RawMessage
}

// newForm is the form before anything was learned.
func newForm(t Target, p Profile) form {
	preset, _ := t.Preset()
	f := form{cap: p.capFor(t), capField: preset.Cap, streamOptions: !preset.NoStreamOptions, extra: map[string]json.RawMessage{}}
	if f.capField == CapEither {
		f.capField = MaxTokens
		if reasons(t.Model) { // what OpenAI refuses for them, a gateway to it does too
			f.capField = MaxCompletionTokens
		}
	}
	maps.Copy(f.extra, preset.Extra)
	for name, value := range t.Extra {
		if !slices.Contains(ownFields, name) {
			f.extra[name] = value
		}
	}
	return f
}

// asking is the form with the fields that a question needs.
func (f form) asking(asked map[string]json.RawMessage) form {
	if len(asked) == 0 {
		return f
	}
	f.asked, f.extra = asked, maps.Clone(f.extra)
	maps.Copy(f.extra, asked)
	return f
}

const streamOptions = "stream_options"

// sends reports whether a top-level field of this name, which is not one of those
// that every request has, is in the body.
func (f form) sends(field string) bool {
	_, extra := f.extra[field]
	return extra || field == string(f.capField) || field == streamOptions && f.streamOptions
}

// without is the form less one field.
func (f form) without(field string) form {
	f.extra = maps.Clone(f.extra)
	delete(f.extra, field)
	f.streamOptions = f.streamOptions && field != streamOptions
	return f
}

// ownFields are not for a target to set: they are what a probe is.
var ownFields = []string{"model", "messages", "stream", "n", string(MaxTokens), string(MaxCompletionTokens)}

const maxExtra = 64 << 10 // bytes of a target's own fields

// checkExtra reports the first field that cannot be sent.
func checkExtra(extra map[string]json.RawMessage) error {
	size := 0
	for _, name := range slices.Sorted(maps.Keys(extra)) {
		size += len(name) + len(extra[name])
		switch {
		case name == "" || name != Sanitize(name, maxNameText):
			return fmt.Errorf("the extra field %q has no proper name", Sanitize(name, maxNameText))
		case slices.Contains(ownFields, name):
			return fmt.Errorf("the extra field %s is set by costping itself", name)
		case !json.Valid(extra[name]):
			return fmt.Errorf("the extra field %s is not JSON", name)
		}
	}
	if size > maxExtra {
		return fmt.Errorf("the extra fields are larger than %d bytes", maxExtra)
	}
	return nil
}

// reasoningCap is the least cap for models that reason, in tokens: with less they
// may think to the end of it and say nothing.
const reasoningCap = 256

// reasons reports whether a model is known by its name to reason. go-openai knows
// them as those that OpenAI refuses max_tokens for; a gateway may put a vendor
// before the name.
func reasons(model string) bool {
	name := model[strings.LastIndexByte(model, '/')+1:]
	refused := openai.NewReasoningValidator().Validate(openai.ChatCompletionRequest{
		Model: name, MaxTokens: 1, //nolint:staticcheck // asked for to be refused
	})
	return errors.Is(refused, openai.ErrReasoningModelMaxTokensDeprecated)
}

// request is the body of one attempt, as far as go-openai has fields for it; the
// form puts it right. Its first bytes are a nonce: no prompt cache may hold it.
func (p Profile) request(model string, f form) openai.ChatCompletionRequest {
	nonce := newNonce()
	messages := []openai.ChatCompletionMessage{{Role: openai.ChatMessageRoleUser, Content: p.Prompt}}
	if p.System != "" {
		messages = append([]openai.ChatCompletionMessage{{Role: openai.ChatMessageRoleSystem, Content: p.System}}, messages...)
	}
	messages[0].Content = nonce + messages[0].Content
	return openai.ChatCompletionRequest{
		Model: model, Messages: messages,
		Stream: true, StreamOptions: &openai.StreamOptions{IncludeUsage: true},
		MaxCompletionTokens: f.cap, // the field that go-openai refuses for no model
	}
}

// request is the body of the attempt.
func (a *Attempt) request(f form) openai.ChatCompletionRequest {
	if a.question == nil {
		return a.Profile.request(a.Target.Model, f)
	}
	r := openai.ChatCompletionRequest{
		Model: a.Target.Model, Stream: true, StreamOptions: &openai.StreamOptions{IncludeUsage: true}, MaxCompletionTokens: f.cap,
	}
	for _, m := range a.question.Messages {
		message := openai.ChatCompletionMessage{Role: m.Role, Content: m.Text, ToolCallID: m.CallID}
		for _, c := range m.Calls {
			message.ToolCalls = append(message.ToolCalls, openai.ToolCall{
				ID: c.ID, Type: openai.ToolTypeFunction, Function: openai.FunctionCall{Name: c.Name, Arguments: c.Arguments},
			})
		}
		r.Messages = append(r.Messages, message)
	}
	return r
}

// nonceLength is that of a nonce, in bytes: hexadecimal, in brackets.
const nonceLength = len("[0123456789abcdef] ")

func newNonce() string {
	var nonce [8]byte
	_, _ = rand.Read(nonce[:]) // never fails: crypto/rand
	return "[" + hex.EncodeToString(nonce[:]) + "] "
}

// patch puts a body that go-openai has marshalled into this form.
func (f form) patch(body []byte) ([]byte, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return nil, err
	}
	limit := fields[string(MaxCompletionTokens)]
	delete(fields, string(MaxCompletionTokens))
	fields[string(f.capField)] = limit
	if !f.streamOptions {
		delete(fields, streamOptions)
	}
	maps.Copy(fields, f.extra)
	return json.Marshal(fields)
}

// finishingDoer gives a request its last form before the measuring doer takes the
// time: patching a body costs nothing that is measured.
type finishingDoer struct {
	call call
	next interface {
		Do(*http.Request) (*http.Response, error)
	}
}

// Do implements openai.HTTPDoer.
func (d *finishingDoer) Do(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	_ = req.Body.Close()
	if body, err = d.call.form.patch(body); err != nil {
		return nil, fmt.Errorf("the request cannot be put together: %w", err)
	}
	req.ContentLength = int64(len(body))
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	req.Body, _ = req.GetBody()
	d.call.apply(req.Header)
	return d.next.Do(req)
}
