package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// Asked is what a chat request asks, for whoever knows the right answer.
type Asked struct {
	Messages []AskedMessage
	// Tools are the names of those that may be called.
	Tools []string
}

// AskedMessage is one message of it.
type AskedMessage struct{ Role, Text string }

// Known is the right answer to a request, and what it takes to go wrong.
type Known struct {
	// Kind says which rates of a script hold.
	Kind Kind
	// Text is the right answer, Wrong one that has its form but is not right.
	Text, Wrong string
	// Outside is JSON that breaks a range or a list of values; "" where there is
	// none to break.
	Outside string
	// Calls are the right calls, in place of a text; WrongCalls have their form
	// but another value.
	Calls, WrongCalls []KnownCall
	// Later is the call that is only right after this one; nil for none.
	Later *KnownCall
	// Depth is where in the request the answer is to be found, 0 to 1.
	Depth float64
}

// KnownCall is the call of a tool, its arguments as JSON.
type KnownCall struct{ Name, Arguments string }

// Kind is a kind of question.
type Kind string

// The kinds.
const (
	KindSchema Kind = "schema"
	KindTools  Kind = "tools"
	KindRecall Kind = "recall"
	KindPlain  Kind = "plain"
)

// Defect is a way for an answer to be wrong.
type Defect string

// The defects: first those of JSON, then those of calls.
const (
	WrongValue Defect = "wrong_value"
	Wrapped    Defect = "wrapped"
	NotJSON    Defect = "not_json"
	CutShort   Defect = "truncated"
	Missing    Defect = "missing"
	Extra      Defect = "extra"
	WrongType  Defect = "wrong_type"
	OutOfRange Defect = "out_of_range"
	Duplicate  Defect = "duplicate_key"
	Refused    Defect = "refused"
	NoAnswer   Defect = "empty"

	WrongTool   Defect = "wrong_tool"
	InvalidArgs Defect = "invalid_json"
	Needless    Defect = "needless_call"
	NoCall      Defect = "no_call"
	WrongOrder  Defect = "wrong_order"
)

// Chance is how often a defect strikes, 0 to 1.
type Chance struct {
	Defect      Defect
	Probability float64
}

// Quality says how often answers to questions with a known answer go wrong. The
// zero value is a model that is always right.
type Quality struct {
	// Schema are the defects of JSON that nobody enforces, Enforced those of JSON
	// under a schema, Tools those of calls.
	Schema, Enforced, Tools []Chance
	// Wrong is the share of plain answers that are wrong.
	Wrong float64
	// Recall is how what stands in a long request is found again.
	Recall Recall
	// Characters streams answers a character a token.
	Characters bool
}

// Recall is the chance to find a fact, by the length of the request: Near up to
// Reach tokens, Far beyond it, Middle beyond it at depths from a quarter to three.
// The zero value always finds it.
type Recall struct {
	Reach             int
	Near, Far, Middle float64
}

// Chance is how likely a fact is found again that stands at a depth, 0 to 1, of a
// request of so many tokens.
func (r Recall) Chance(tokens int, depth float64) float64 {
	switch {
	case r == Recall{}:
		return 1
	case tokens <= r.Reach:
		return r.Near
	case depth >= 0.25 && depth <= 0.75:
		return r.Middle
	}
	return r.Far
}

func (q Quality) validate() error {
	for _, chances := range [][]Chance{q.Schema, q.Enforced, q.Tools} {
		sum := 0.0
		for _, c := range chances {
			if !(c.Probability >= 0) { // also NaN
				return fmt.Errorf("the chance of %s is not one", c.Defect)
			}
			sum += c.Probability
		}
		if sum > 1+1e-9 {
			return errors.New("the chances of defects add up to more than 1")
		}
	}
	for _, share := range []float64{q.Wrong, q.Recall.Near, q.Recall.Far, q.Recall.Middle} {
		if !(share >= 0 && share <= 1) {
			return errors.New("a share of answers must lie between 0 and 1")
		}
	}
	return nil
}

// draw picks the defect of one answer, "" for none.
func (q Quality) draw(rng *rand.Rand, k Known, enforced bool, tokens int) Defect {
	u := rng.Float64()
	var chances []Chance
	switch {
	case k.Kind == KindSchema && enforced:
		chances = q.Enforced
	case k.Kind == KindSchema:
		chances = q.Schema
	case k.Kind == KindTools:
		chances = q.Tools
	case k.Kind == KindRecall:
		chances = []Chance{{WrongValue, 1 - q.Recall.Chance(tokens, k.Depth)}}
	default:
		chances = []Chance{{WrongValue, q.Wrong}}
	}
	for _, c := range chances {
		if u < c.Probability {
			return c.Defect
		}
		u -= c.Probability
	}
	return ""
}

// saying is an answer whose words are known: a text, a refusal or calls.
type saying struct {
	deltas []message // one a token, yet to be sent
	full   message   // all of it
	cut    bool      // it ends as if the cap had struck
	defect Defect    // that it really has
}

// take returns the deltas of the next n tokens.
func (s *saying) take(n int) []message {
	n = min(n, len(s.deltas))
	taken := s.deltas[:n]
	s.deltas = s.deltas[n:]
	return taken
}

// say puts an answer with a defect into words. A defect that the question cannot
// have leaves the answer right.
func (q Quality) say(k Known, tools []string, d Defect) *saying {
	s := &saying{defect: d}
	text, calls, refusal := k.Text, k.Calls, ""
	ok := true
	switch {
	case d == "":
	case k.Kind == KindTools:
		calls, text, ok = k.misCall(tools, d)
	default:
		text, refusal, ok = k.misSay(d)
		s.cut = ok && d == CutShort
	}
	if !ok {
		s.defect, text, calls = "", k.Text, k.Calls
	}
	size := 4
	if q.Characters {
		size = 1
	}
	for _, piece := range pieces(text, size) {
		s.deltas = append(s.deltas, message{Content: piece})
	}
	for _, piece := range pieces(refusal, size) {
		s.deltas = append(s.deltas, message{Refusal: piece})
	}
	s.full = message{Role: assistant, Refusal: refusal}
	if text != "" {
		s.full.Content = text
	}
	for i, c := range calls {
		call := toolCall{Index: i, ID: fmt.Sprintf("call_%06d", i+1), Type: "function", Function: toolFunction(c)}
		s.full.ToolCalls = append(s.full.ToolCalls, call)
		call.Function.Arguments = ""
		s.deltas = append(s.deltas, message{ToolCalls: []toolCall{call}})
		for _, piece := range pieces(c.Arguments, size) {
			s.deltas = append(s.deltas, message{ToolCalls: []toolCall{{Index: i, Function: toolFunction{Arguments: piece}}}})
		}
	}
	return s
}

// pieces cuts a text into tokens.
func pieces(text string, size int) []string {
	var all []string
	for part := range slices.Chunk([]rune(text), size) {
		all = append(all, string(part))
	}
	return all
}

const (
	prose   = "The record looks complete to me, and I would file it as it is."
	decline = "I'm sorry, but I can't help with that."
)

// misSay is the text of an answer with a defect.
func (k Known) misSay(d Defect) (text, refusal string, ok bool) {
	switch d {
	case WrongValue:
		return k.Wrong, "", k.Wrong != ""
	case OutOfRange:
		return k.Outside, "", k.Outside != ""
	case Wrapped:
		return "Here is the record:\n```json\n" + k.Text + "\n```\n", "", true
	case NotJSON:
		return prose, "", true
	case CutShort:
		return k.Text[:len(k.Text)/2], "", len(k.Text) > 1
	case Refused:
		return "", decline, true
	case NoAnswer:
		return "", "", true
	}
	text, ok = spoil(k.Text, d)
	return text, "", ok
}

// misCall is the calls of an answer with a defect, or what is said in their place.
func (k Known) misCall(tools []string, d Defect) (calls []KnownCall, text string, ok bool) {
	other := ""
	for _, name := range tools {
		if (len(k.Calls) == 0 || name != k.Calls[0].Name) && (k.Later == nil || name != k.Later.Name) {
			other = name
		}
	}
	if d == Needless && other != "" {
		return append(slices.Clone(k.Calls), KnownCall{Name: other, Arguments: "{}"}), "", true
	}
	if len(k.Calls) == 0 {
		return nil, "", false
	}
	first := k.Calls[0]
	switch d {
	case WrongTool:
		first.Name, ok = other, other != ""
	case InvalidArgs:
		first.Arguments, ok = first.Arguments[:len(first.Arguments)-1], true
	case NoCall:
		return nil, prose, true
	case WrongValue:
		return k.WrongCalls, "", len(k.WrongCalls) > 0
	case WrongOrder:
		if k.Later == nil {
			return nil, "", false
		}
		first, ok = *k.Later, true
	default:
		first.Arguments, ok = spoil(first.Arguments, d)
	}
	return []KnownCall{first}, "", ok
}

// spoil breaks the first field of an object that the defect can be shown on.
func spoil(object string, d Defect) (string, bool) {
	var fields map[string]any
	if json.Unmarshal([]byte(object), &fields) != nil || len(fields) == 0 {
		return "", false
	}
	first := slices.Sorted(maps.Keys(fields))[0]
	switch d {
	case Missing:
		delete(fields, first)
	case Extra:
		fields["zz_remark"] = "none"
	case WrongType:
		if _, object := fields[first].(map[string]any); object {
			fields[first] = []any{}
		} else {
			fields[first] = map[string]any{}
		}
	case Duplicate:
		value, err := json.Marshal(fields[first])
		return fmt.Sprintf(`{%q:%s,%s`, first, value, strings.TrimPrefix(object, "{")), err == nil
	default:
		return "", false
	}
	b, err := json.Marshal(fields)
	return string(b), err == nil
}
