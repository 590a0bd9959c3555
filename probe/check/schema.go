package check

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"costping/probe"
)

// schema is a compiled one.
type schema struct{ compiled *jsonschema.Schema }

// noLoader keeps a schema from reading files or addresses.
type noLoader struct{}

// Load implements jsonschema.URLLoader.
func (noLoader) Load(url string) (any, error) {
	return nil, fmt.Errorf("it refers to %s: a schema has to be whole", probe.Sanitize(url, 80))
}

// maxSchema bounds a schema, in bytes.
const maxSchema = 256 << 10

// compileSchema reads a schema.
func compileSchema(raw json.RawMessage) (schema, error) {
	if len(raw) > maxSchema {
		return schema{}, fmt.Errorf("the schema has more than %d bytes", maxSchema)
	}
	doc, err := parse(string(raw))
	if err != nil {
		return schema{}, fmt.Errorf("the schema is not JSON: %s", probe.Sanitize(err.Error(), 120))
	}
	if _, ok := doc.(map[string]any); !ok {
		return schema{}, errors.New("the schema is not an object")
	}
	c := jsonschema.NewCompiler()
	c.UseLoader(noLoader{})
	const name = "case:schema.json"
	if err := c.AddResource(name, doc); err != nil {
		return schema{}, fmt.Errorf("the schema does not compile: %s", probe.Sanitize(err.Error(), 200))
	}
	compiled, err := c.Compile(name)
	if err != nil {
		return schema{}, fmt.Errorf("the schema does not compile: %s", probe.Sanitize(err.Error(), 200))
	}
	return schema{compiled}, nil
}

// validate says what is wrong with a value: "" for nothing. Where there are several
// faults, the first of missing, extra, wrong type and out of range counts: each
// tends to bring those after it along.
func (s schema) validate(v any) (Class, string) {
	err := s.compiled.Validate(v)
	if err == nil {
		return "", ""
	}
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return OutOfRange, probe.Sanitize(err.Error(), maxDetail)
	}
	best, at := len(faultOrder), invalid
	walk(invalid, 0, func(leaf *jsonschema.ValidationError) {
		if rank := rankOf(leaf.ErrorKind); rank < best {
			best, at = rank, leaf
		}
	})
	if best == len(faultOrder) {
		best = len(faultOrder) - 1
	}
	return faultOrder[best], detailOf(at)
}

var faultOrder = []Class{Missing, Extra, WrongType, OutOfRange}

func rankOf(k jsonschema.ErrorKind) int {
	switch k.(type) {
	case *kind.Required, *kind.Dependency, *kind.DependentRequired:
		return 0
	case *kind.AdditionalProperties, *kind.AdditionalItems, *kind.FalseSchema, *kind.PropertyNames:
		return 1
	case *kind.Type:
		return 2
	}
	return 3
}

// walk visits the errors that have no others behind them.
func walk(e *jsonschema.ValidationError, depth int, visit func(*jsonschema.ValidationError)) {
	if len(e.Causes) == 0 || depth > maxDepth {
		visit(e)
		return
	}
	for _, cause := range e.Causes {
		walk(cause, depth+1, visit)
	}
}

// maxDetail bounds what is said of a fault, in bytes.
const maxDetail = 160

func detailOf(e *jsonschema.ValidationError) string {
	place := ""
	for _, part := range e.InstanceLocation {
		place += "/" + part
	}
	if place == "" {
		place = "/"
	}
	text := e.Error()
	if k, ok := e.ErrorKind.(interface{ KeywordPath() []string }); ok && len(k.KeywordPath()) > 0 {
		text = k.KeywordPath()[0]
	}
	return probe.Sanitize("at "+place+": "+text, maxDetail)
}
