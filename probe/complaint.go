package probe

import (
	"bytes"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// complaint is what the body of a refusal says of the request. The body is the
// server's: nothing of it is believed beyond which one of the fields that were
// sent it speaks of, and a number within bounds.
type complaint struct {
	names []string // words in the places that are for the name of a parameter
	prose string   // all that is said in words, in lower case
}

const complaintDepth = 12 // levels of JSON that are looked into

// Where in JSON a parameter is named, where something is said, and what repeats
// the request.
var (
	nameKeys  = []string{"param", "parameter", "loc", "field", "path"}
	proseKeys = []string{"", "message", "msg", "detail", "details", "description", "error", "errors", "code", "type", "raw", "reason", "title"}
	echoKeys  = []string{"input", "ctx", "request", "body"}
)

var word = regexp.MustCompile(`[A-Za-z0-9_]+`)

// readComplaint reads the beginning of a body, of which it may be all, in any
// shape: an object, a list of them, details, JSON in a string, or no JSON.
func readComplaint(body []byte) complaint {
	var c complaint
	body = bytes.TrimSpace(body[:min(len(body), maxKept)])
	var parsed any
	if json.Unmarshal(body, &parsed) != nil { // cut, or never meant to be any
		c.prose = strings.ToLower(string(body))
		return c
	}
	c.collect("", parsed, complaintDepth)
	return c
}

func (c *complaint) collect(key string, v any, depth int) {
	if depth == 0 || slices.Contains(echoKeys, key) {
		return
	}
	switch v := v.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			c.collect(k, v[k], depth-1)
		}
	case []any:
		for _, item := range v {
			c.collect(key, item, depth-1)
		}
	case string:
		c.say(key, v, depth)
	}
}

func (c *complaint) say(key, text string, depth int) {
	if slices.Contains(nameKeys, key) {
		if text == "None" || text == "null" { // written out by a gateway
			return
		}
		c.names = append(c.names, word.FindAllString(text, -1)...)
		return
	}
	if !slices.Contains(proseKeys, key) {
		return
	}
	var nested any
	if text = strings.TrimSpace(text); strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[") {
		if json.Unmarshal([]byte(text), &nested) == nil {
			c.collect(key, nested, depth-1)
			return
		}
	}
	c.prose += strings.ToLower(text) + "\n"
}

// capAliases are names by which a server may speak of the cap, whatever it is
// called in the request.
var capAliases = []string{"max_output_tokens", "max_new_tokens"}

// subject is the field of the request that the complaint is about, "" for none.
// What is said in words counts only where no parameter is named.
func (c complaint) subject(sent form) string {
	for _, name := range c.names {
		if sent.sends(name) {
			return name
		}
		if slices.Contains(capAliases, name) {
			return string(sent.capField)
		}
	}
	if slices.ContainsFunc(c.names, func(name string) bool { return name != "body" }) {
		return ""
	}
	subject, first := "", len(c.prose)
	for _, field := range slices.Concat([]string{string(sent.capField), streamOptions}, capAliases, slices.Sorted(maps.Keys(sent.extra))) {
		at, said := mention(c.prose, strings.ToLower(field))
		if !said || at >= first {
			continue
		}
		switch {
		case slices.Contains(capAliases, field):
			subject, first = string(sent.capField), at
		case sent.sends(field):
			subject, first = field, at
		}
	}
	return subject
}

// mention finds a field's name in prose as a word of its own. A name that could be
// any word counts only in quotes or after a colon.
func mention(prose, field string) (at int, said bool) {
	for _, span := range word.FindAllStringIndex(prose, -1) {
		if prose[span[0]:span[1]] != field {
			continue
		}
		before := strings.TrimRight(prose[:span[0]], " ")
		if strings.Contains(field, "_") || before != "" && strings.ContainsRune("'\"`:", rune(before[len(before)-1])) {
			return span[0], true
		}
	}
	return 0, false
}

var (
	// refusal is said of a field that is not wanted at all.
	refusal = regexp.MustCompile(`un(supported|known|recogni[sz]ed|expected)|not (supported|support|recogni[sz]ed|permitted|allowed|known)|` +
		`forbidden|additional propert|extra (input|field)|cannot find field|no such (field|param)|deprecated`)
	// leastValue and overValue are said of a number that is too low.
	leastValue = regexp.MustCompile(`(?:>=|at least|minimum(?: value)?(?: is| of|:)?|greater than or equal to|(?:no|not be) less than|not be below|between)\s*(\d{1,6})\b`)
	overValue  = regexp.MustCompile(`(?:must|should) be (?:greater|larger|more) than\s*(\d{1,6})\b`)
	// exhausted is said where the whole cap went into reasoning.
	exhausted = regexp.MustCompile(`(?:higher|larger|increase|raise) (?:the )?max_`)
)

// least is the lowest cap that the complaint names, 0 for none.
func (c complaint) least() int {
	if found := leastValue.FindStringSubmatch(c.prose); found != nil {
		n, _ := strconv.Atoi(found[1]) // six digits at most
		return n
	}
	if found := overValue.FindStringSubmatch(c.prose); found != nil {
		n, _ := strconv.Atoi(found[1])
		return n + 1
	}
	return 0
}

// change is the one knob to turn because of the complaint. ok is false where it
// says nothing that could be helped by that.
func (c complaint) change(sent form) (k knob, ok bool) {
	field := c.subject(sent)
	switch {
	case field == "":
		return knob{}, false
	case field != string(sent.capField):
		return knob{drop: field}, refusal.MatchString(c.prose)
	}
	other := otherCap(sent.capField)
	if _, instead := mention(c.prose, string(other)); instead {
		return knob{capField: other}, true
	}
	if least := c.least(); least > 0 {
		return knob{leastCap: least}, least > sent.cap && least <= maxLeastCap
	}
	if exhausted.MatchString(c.prose) {
		return knob{leastCap: reasoningCap, reasons: true}, sent.cap < reasoningCap
	}
	return knob{capField: other}, refusal.MatchString(c.prose)
}
