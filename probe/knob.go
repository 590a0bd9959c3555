package probe

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
)

// maxLeastCap bounds the cap that a server can make us ask for, in tokens: they
// are paid for.
const maxLeastCap = 1024

// knob is one change to how a target is asked: exactly one of the first three
// fields is set.
type knob struct {
	capField CapField // the cap goes into this field
	leastCap int      // the cap is at least so many tokens
	drop     string   // this field is left out
	// reasons says that the cap is raised for reasoning, not because the server
	// named a least one.
	reasons bool
}

func otherCap(field CapField) CapField {
	if field == MaxTokens {
		return MaxCompletionTokens
	}
	return MaxTokens
}

// words say what changes against a request that was sent in this form.
func (k knob) words(sent form) string {
	switch {
	case k.capField != "":
		return fmt.Sprintf("%s instead of %s", k.capField, sent.capField)
	case k.leastCap > 0:
		return fmt.Sprintf("a cap of %d tokens instead of %d", k.leastCap, sent.cap)
	}
	return Sanitize("no "+k.drop, maxNameText)
}

// knobs are what a client has learned of its targets, from what they refused.
type knobs struct {
	mu sync.Mutex
	of map[endpoint]*learned
}

// endpoint is what a knob is learned of: a model at a place, by whatever name.
type endpoint struct{ baseURL, model string }

func endpointOf(t Target) endpoint {
	return endpoint{baseURL: strings.TrimRight(t.BaseURL, "/"), model: t.Model}
}

type learned struct {
	capField CapField // "" for what the preset says
	leastCap int      // tokens
	dropped  []string
	// turned holds the knobs that have been turned, with their direction. None is
	// turned the same way twice: a server that refuses both ways is left alone.
	turned map[string]bool
}

// form is how to ask a target as far as it is known by now.
func (k *knobs) form(t Target, p Profile, asked map[string]json.RawMessage) form {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.of[endpointOf(t)].form(newForm(t, p).asking(asked))
}

// form is f with what was learned, which may be nothing.
func (l *learned) form(f form) form {
	if l == nil {
		return f
	}
	f.capField = cmp.Or(l.capField, f.capField)
	f.cap = max(f.cap, l.leastCap)
	for _, field := range l.dropped {
		f = f.without(field)
	}
	return f
}

// turn remembers a change that a request sent in this form has called for. It
// returns the words for it, "" where the knob had been turned that way before. Of
// several requests under way at once each calls for the same change: it is made
// once.
func (k *knobs) turn(t Target, sent form, change knob) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	l := k.of[endpointOf(t)]
	if change.made(l.form(newForm(t, Profile{MaxTokens: sent.cap}).asking(sent.asked))) {
		return change.words(sent)
	}
	if l == nil {
		l = &learned{turned: map[string]bool{}}
		k.of[endpointOf(t)] = l
	}
	way := change.way()
	if l.turned[way] {
		return ""
	}
	l.turned[way] = true
	switch {
	case change.capField != "":
		l.capField = change.capField
	case change.leastCap > 0:
		l.leastCap = max(l.leastCap, change.leastCap)
	default:
		l.dropped = append(l.dropped, change.drop)
	}
	return change.words(sent)
}

// made reports whether a form has the change already.
func (k knob) made(f form) bool {
	switch {
	case k.capField != "":
		return f.capField == k.capField
	case k.leastCap > 0:
		return f.cap >= k.leastCap
	}
	return !f.sends(k.drop)
}

// way names the knob and its direction.
func (k knob) way() string {
	switch {
	case k.capField != "":
		return "to " + string(k.capField)
	case k.leastCap > 0 && k.reasons:
		return "cap for reasoning"
	case k.leastCap > 0:
		return "least cap"
	}
	return "drop " + k.drop
}

// learn draws what there is to learn from an attempt that failed: what to ask
// otherwise, told in the sample's Learned, and that a key is to be read anew.
func (c *Client) learn(t Target, sent form, rec *record, s *Sample) {
	if s.Outcome == Auth {
		c.keys.forget(t.keySource())
	}
	if s.Outcome != BadRequest {
		return
	}
	rec.mu.Lock()
	status, head := rec.status, rec.head
	rec.mu.Unlock()
	var change knob
	switch {
	case success(status) && s.Usage.Reasoning.Value > 0 && sent.cap < reasoningCap:
		change = knob{leastCap: reasoningCap, reasons: true}
	case status == http.StatusBadRequest || status == http.StatusUnprocessableEntity:
		complaint := readComplaint(head)
		var ok bool
		if change, ok = complaint.change(sent); sent.asked[change.drop] != nil {
			ok = false // it may be a schema that is refused, not the field
		}
		if field := complaint.lacking(sent.asked); field != "" && !ok {
			change, ok = knob{drop: field}, true
		}
		if !ok {
			return
		}
	default:
		return
	}
	s.Learned = c.knobs.turn(t, sent, change)
}

// Cap is the most tokens that the next probe of a target asks for: the profile's
// cap, or more where the model needs it.
func (c *Client) Cap(t Target, p Profile) int { return c.knobs.form(t, p, nil).cap }
