package costmodel

import (
	"fmt"
	"slices"
	"strings"
)

// Feature is something that a task may need a model's API to do.
type Feature string

// The features.
const (
	JSONSchema Feature = "json-schema"
	Tools      Feature = "tools"
	Reasoning  Feature = "reasoning"
	Streaming  Feature = "streaming"
	BatchMode  Feature = "batch"
)

// Features returns all features.
func Features() []Feature { return []Feature{JSONSchema, Tools, Reasoning, Streaming, BatchMode} }

// ParseFeature reads the name of a feature, with - or _ and in any case; anything
// else is an *InputError.
func ParseFeature(s string) (Feature, error) {
	f := Feature(strings.ReplaceAll(fold(s), "_", "-"))
	if slices.Contains(Features(), f) {
		return f, nil
	}
	var names []string
	for _, known := range Features() {
		names = append(names, string(known))
	}
	return "", &InputError{What: fmt.Sprintf("there is no feature %s", quote(s)), Hint: "the features are " + enumerate(names)}
}

// Of says whether the model has the feature.
func (c Capabilities) Of(f Feature) Support {
	switch f {
	case JSONSchema:
		return c.JSONSchema
	case Tools:
		return c.Tools
	case Reasoning:
		return c.Reasoning
	case Streaming:
		return c.Streaming
	case BatchMode:
		return c.Batch
	}
	return SupportUnknown
}
