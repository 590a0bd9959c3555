package probe

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"regexp"
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// The roles of messages.
const (
	RoleSystem    = "system"
	RoleUser      = "user"
	RoleAssistant = "assistant"
	RoleTool      = "tool"
)

// Message is one turn of a conversation.
type Message struct {
	// Role is one of the constants above.
	Role string
	Text string
	// Calls are those that an assistant's message made.
	Calls []ToolCall
	// CallID says which call a tool's message answers.
	CallID string
}

// Tool is a function that the model may call.
type Tool struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	// Parameters is the JSON schema of the arguments.
	Parameters json.RawMessage `json:"parameters"`
}

// ToolCall is one call that a model made. Arguments is what it wrote, which need
// not be JSON.
type ToolCall struct {
	ID, Name, Arguments string
}

// Question is a request whose answer is read, where a probe only times it. Nothing
// is put before its text: it is sent as it stands.
type Question struct {
	Target Target
	// Kind names what is asked, in the sample and to the budget.
	Kind     string
	Messages []Message
	// MaxTokens is the cap on the answer.
	MaxTokens int
	// Schema has the endpoint enforce it, strictly; nil for none. SchemaName is its
	// name for the endpoint.
	Schema     json.RawMessage
	SchemaName string
	Tools      []Tool
}

// Reply is the answer to a question and what became of the request.
type Reply struct {
	Sample Sample
	// Text is the answer, Refusal what the endpoint marks as one. They are the
	// server's: neither is fit to be shown before Sanitize.
	Text, Refusal string
	Calls         []ToolCall
	// Finish is the finish reason, such as "stop", "length" or "tool_calls".
	Finish string
	// Cut says that there was more than is kept, or than is read.
	Cut bool
	// Unsupported is the field that the target does not take, "" for none: then it
	// was not asked, or has refused just now.
	Unsupported string
}

// Asker asks questions; *Client, or one under a budget.
type Asker interface {
	// Ask sends a question and reads the answer to its end. What went wrong is the
	// sample's outcome.
	Ask(ctx context.Context, q Question) Reply
}

// The fields of a request that a question may need.
const (
	fieldSchema = "response_format"
	fieldTools  = "tools"
)

// asked are the fields that make the question what it is.
func (q *Question) asked() map[string]json.RawMessage {
	asked := map[string]json.RawMessage{}
	if q.Schema != nil {
		asked[fieldSchema] = encoded(map[string]any{
			"type":        "json_schema",
			"json_schema": map[string]any{"name": q.SchemaName, "strict": true, "schema": q.Schema},
		})
	}
	if len(q.Tools) > 0 {
		type function struct {
			Type     string `json:"type"`
			Function Tool   `json:"function"`
		}
		tools := make([]function, len(q.Tools))
		for i, t := range q.Tools {
			tools[i] = function{"function", t}
		}
		asked[fieldTools] = encoded(tools)
	}
	return asked
}

// encoded is the JSON of what was JSON before.
func encoded(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		return json.RawMessage("null")
	}
	return b
}

// profile is what the client and the budget take a question for.
func (q *Question) profile() Profile {
	return Profile{Name: q.Kind, Prompt: "Answer with yes.", MaxTokens: q.MaxTokens}
}

// InputTokens is how many tokens the question takes to send, at most: see
// Profile.InputTokens. Tools and schemas count a token for each byte.
func (q *Question) InputTokens() int {
	const around = 16
	tokens := q.Target.extraTokens()
	for _, m := range q.Messages {
		tokens += around + tokensAtMost(m.Text)
		for _, c := range m.Calls {
			tokens += around + len(c.Name) + len(c.Arguments)
		}
	}
	for name, value := range q.asked() {
		tokens += len(name) + len(value)
	}
	return tokens
}

// Ask implements Asker.
func (c *Client) Ask(ctx context.Context, q Question) Reply {
	a := Attempt{Target: q.Target, Profile: q.profile(), question: &q}
	asked := q.asked()
	if field := c.knobs.lacks(q.Target, a.Profile, asked); field != "" {
		return Reply{Unsupported: field, Sample: Sample{
			Target: q.Target.Identity(), Profile: q.Kind, Cap: c.Cap(q.Target, a.Profile), Concurrency: 1, At: time.Now().UTC(),
			Outcome: Skipped, Error: "the target does not take " + field,
		}}
	}
	s, rec := c.attempt(ctx, a)
	r := Reply{Sample: s}
	if rec != nil {
		rec.mu.Lock()
		r.take(rec.events)
		r.Cut = r.Cut || errors.Is(rec.end, errTooLarge)
		rec.mu.Unlock()
	}
	if s.Learned != "" {
		r.Unsupported = c.knobs.lacks(q.Target, a.Profile, asked)
	}
	return r
}

// lacks is the first of the asked fields that a target is known not to take.
func (k *knobs) lacks(t Target, p Profile, asked map[string]json.RawMessage) string {
	f := k.form(t, p, asked)
	for _, field := range slices.Sorted(maps.Keys(asked)) {
		if !f.sends(field) {
			return field
		}
	}
	return ""
}

var (
	// ofAsked is what a complaint calls the fields of a question.
	ofAsked = map[string]*regexp.Regexp{
		fieldSchema: regexp.MustCompile(`response_?format|json_schema|structured outputs?|guided (?:json|decoding)`),
		fieldTools:  regexp.MustCompile(`\btools?\b|tool_choice|function[ _]?call`),
	}
	// unable is said of what an endpoint or model does not do.
	unable = regexp.MustCompile(`un(?:supported|available|known|recogni[sz]ed|expected)|not (?:be )?(?:support(?:ed)?|available|permitted|allowed|enabled|implemented)|` +
		`invalid value|must be one of|supported values|extra (?:input|field)|forbidden|requires? --|cannot find field`)
	// ofItself is said of a schema that is not to the endpoint's taste: another one
	// may be.
	ofItself = regexp.MustCompile(`invalid schema|invalid_function_parameters|in context=`)
)

// lacking is the field of a question that a refusal speaks of as one that the
// endpoint does not know at all, "" for none.
func (c complaint) lacking(asked map[string]json.RawMessage) string {
	if ofItself.MatchString(c.prose) || !unable.MatchString(c.prose) {
		return ""
	}
	for _, field := range slices.Sorted(maps.Keys(asked)) {
		if slices.Contains(c.names, field) || ofAsked[field].MatchString(c.prose) {
			return field
		}
	}
	return ""
}

// EstimateQuestion is the worst case of a question in USD: its input counted too
// high, its answer as long as the cap or as the longest that was measured of its
// kind. It is 0 for what is free.
func (b *Budget) EstimateQuestion(q *Question) decimal.Decimal {
	b.mu.Lock()
	known := b.measured[measuredKey{q.Target.Name, q.Kind}]
	b.mu.Unlock()
	return b.worst(q.Target, int64(q.InputTokens()), max(int64(b.cap(q.Target, q.profile())), known.output))
}

// EstimateTokens is what a request costs a target that takes so many tokens, in USD,
// at the worst price where none is known; 0 for what is free.
func (b *Budget) EstimateTokens(t Target, in, out int64) decimal.Decimal { return b.worst(t, in, out) }

// MeteredAsker asks questions within a budget, as Metered probes.
func MeteredAsker(a Asker, b *Budget, log func(error)) Asker {
	return meteredAsker{next: a, budget: b, log: log}
}

type meteredAsker struct {
	next   Asker
	budget *Budget
	log    func(error)
}

// Ask implements Asker.
func (m meteredAsker) Ask(ctx context.Context, q Question) Reply {
	money, err := m.budget.set(ctx, DayOf(time.Now()), measuredKey{q.Target.Name, q.Kind}, m.budget.EstimateQuestion(&q))
	if err != nil {
		return Reply{Sample: unpaid(ctx, q.Target, q.Kind, m.budget.cap(q.Target, q.profile()), err)}
	}
	r := m.next.Ask(ctx, q)
	if err := money.Settle(ctx, r.Sample); err != nil && m.log != nil {
		m.log(err)
	}
	return r
}

// unpaid is the sample of what was not sent for want of money.
func unpaid(ctx context.Context, t Target, kind string, limit int, err error) Sample {
	s := Sample{
		Target: t.Identity(), Profile: kind, Cap: limit, Concurrency: 1, At: time.Now().UTC(),
		Outcome: Skipped, Error: Sanitize(err.Error(), maxErrorText),
	}
	if ctx.Err() != nil {
		s.Outcome, s.Error = Cancelled, interrupted
	} else {
		_ = errors.As(err, &s.Refused) // else the ledger failed
	}
	return s
}
