package pricefeed

import (
	"bytes"
	"encoding/json"
)

// format is one kind of feed.
type format struct {
	source string
	route  bool
	// is tells the format by the outline of its beginning.
	is func(outline) bool
	// read decodes all of it.
	read func(*collector) error
}

// formats are the feeds that are read: a further one is a file and a row here.
var formats = []format{
	{"OpenRouter", true, isOpenRouter, readOpenRouter},
	{"genai-prices", false, isGenai, readGenai},
	{"models.dev", false, isModelsDev, readModelsDev},
	{"LiteLLM", false, isLiteLLM, readLiteLLM},
}

// outlineBytes is how much of a feed tells its format.
const outlineBytes = 64 << 10

// outline is the beginning of a JSON document: how it opens, and the members of
// its top level and of the values in that, each with how its value opens: '{', '['
// or 0 for a plain one.
type outline struct {
	opening       json.Delim
	top, children map[string]json.Delim
}

// sketch reads the outline of a document of which head is the beginning.
func sketch(head []byte) outline {
	o := outline{top: map[string]json.Delim{}, children: map[string]json.Delim{}}
	d := json.NewDecoder(bytes.NewReader(head))
	var open []json.Delim // the values that are not closed
	key, named := "", false
	for {
		t, err := d.Token()
		if err != nil {
			return o // the end of the beginning
		}
		delim, isDelim := t.(json.Delim)
		if isDelim && (delim == '}' || delim == ']') {
			open = open[:len(open)-1]
			key, named = "", false
			continue
		}
		if len(open) == 0 {
			o.opening = delim
			if !isDelim {
				return o
			}
			open = append(open, delim)
			continue
		}
		if text, ok := t.(string); ok && open[len(open)-1] == '{' && !named {
			key, named = text, true
			continue
		}
		if named && len(open) == 1 {
			o.top[key] = delim
		}
		if named && len(open) == 2 {
			o.children[key] = delim
		}
		key, named = "", false
		if isDelim {
			open = append(open, delim)
		}
	}
}
