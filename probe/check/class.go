package check

import "slices"

// Class is what one answer is. The names are part of the JSON and of the history.
type Class string

// The classes of answers that were to be JSON under a schema.
const (
	// Right is valid as it was sent, and every expected value is right.
	Right Class = "right"
	// WrongValue is valid, but not what was to be said.
	WrongValue Class = "wrong_value"
	// Wrapped is right in form once a fence or the prose around it is taken off.
	Wrapped Class = "wrapped"
	// NotJSON is no JSON, and holds none.
	NotJSON Class = "not_json"
	// Truncated is JSON that ends too early, or more than is read of an answer.
	Truncated Class = "truncated"
	// Missing lacks a required field.
	Missing Class = "missing"
	// Extra has a field that the schema does not allow.
	Extra Class = "extra"
	// WrongType has a value of another type.
	WrongType Class = "wrong_type"
	// OutOfRange has a value that is none of those listed, or beyond a bound.
	OutOfRange Class = "out_of_range"
	// DuplicateKey has a key twice, which parsers read differently.
	DuplicateKey Class = "duplicate_key"
	// Refused declines to answer.
	Refused Class = "refused"
	// Empty says nothing.
	Empty Class = "empty"
)

// The further classes of answers that were to call tools. Right, WrongValue, Missing
// and WrongType are of their parameters; a value that is none of those listed is a
// WrongValue.
const (
	// WrongTool calls another tool, or one that does not exist.
	WrongTool Class = "wrong_tool"
	// Invented has a parameter that the tool does not have.
	Invented Class = "invented"
	// InvalidJSON has arguments that are no JSON object.
	InvalidJSON Class = "invalid_json"
	// Needless calls where no call was to be made, or once more than was to be.
	Needless Class = "needless_call"
	// NoCall answers without the call.
	NoCall Class = "no_call"
	// WrongOrder calls what was to follow before what was to come first.
	WrongOrder Class = "wrong_order"
)

// SchemaClasses lists the classes of the schema kind, the right one first.
func SchemaClasses() []Class {
	return []Class{Right, WrongValue, Wrapped, NotJSON, Truncated, Missing, Extra, WrongType, OutOfRange, DuplicateKey, Refused, Empty}
}

// ToolClasses lists those of the tools kind, the right one first.
func ToolClasses() []Class {
	return []Class{Right, WrongTool, Missing, Invented, WrongType, WrongValue, InvalidJSON, Needless, NoCall, WrongOrder}
}

// Malformed reports whether an answer of this class does not validate as it was
// sent. One that is wrapped does not: it can be repaired.
func (c Class) Malformed() bool {
	return c != Right && c != WrongValue && slices.Contains(SchemaClasses(), c)
}

// Verdict is what a grader makes of an answer.
type Verdict struct {
	Class Class
	// Fields counts the expected values that are right, of Of; 0 of 0 where the
	// answer could not be read or nothing was expected.
	Fields, Of int
	// Detail says what is wrong, in a few words; "" for nothing.
	Detail string
}
