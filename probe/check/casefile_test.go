package check

import (
	"errors"
	"strings"
	"testing"
)

const goodSchemaLine = `{"id":"a","prompt":"p","schema":{"type":"object"},"expect":{"x":1}}`

// What is wrong with a file is said with its line.
func TestBadCases(t *testing.T) {
	t.Parallel()
	tool := func(rest string) string { return `{"id":"a","prompt":"p","tools":[{"name":"f"}],` + rest + `}` }
	for _, tc := range []struct {
		name, text string
		tools      bool
		line       int
		want       string
	}{
		{"no JSON", goodSchemaLine + "\n\nid: b\n", false, 3, "it is not JSON"},
		{"a list", "[]", false, 1, "it is not a JSON object"},
		{"cut", goodSchemaLine[:20], false, 1, "it is not JSON"},
		{"two on a line", goodSchemaLine + goodSchemaLine, false, 1, "it is not JSON"},
		{"a key twice", `{"id":"a","id":"b"}`, false, 1, "a key comes twice"},
		{"no id", `{"prompt":"p"}`, false, 1, "it has no id"},
		{"an id twice", goodSchemaLine + "\n" + goodSchemaLine, false, 2, `the id "a" is also that of line 1`},
		{"an id that cannot be shown", `{"id":"a\u001b[2J"}`, false, 1, "cannot be shown"},
		{"an unknown field", `{"id":"a","promt":"p"}`, false, 1, `unknown field "promt"`},
		{"another type", `{"id":7}`, false, 1, "cannot unmarshal number"},
		{"no prompt", `{"id":"a","schema":{}}`, false, 1, "it has no prompt"},
		{"no schema", `{"id":"a","prompt":"p"}`, false, 1, "it has no schema"},
		{"a schema that does not compile", `{"id":"a","prompt":"p","schema":{"type":"thing"}}`, false, 1, "the schema does not compile"},
		{"a pattern that does not compile", `{"id":"a","prompt":"p","schema":{"pattern":"("}}`, false, 1, "the schema does not compile"},
		{"a schema elsewhere", `{"id":"a","prompt":"p","schema":{"$ref":"file:///etc/passwd"}}`, false, 1, "a schema has to be whole"},
		{"a schema that is a text", `{"id":"a","prompt":"p","schema":"x"}`, false, 1, "the schema is not an object"},
		{"nothing", "\n\n", false, 0, "there is no line"},
		{"a line without an end", `{"id":"` + strings.Repeat("x", maxLine), false, 1, "it has more than"},
		{"no tools", `{"id":"a","prompt":"p","expect":null}`, true, 1, "it has no tools"},
		{"no expect", `{"id":"a","prompt":"p","tools":[{"name":"f"}]}`, true, 1, "it has no expect"},
		{"an unknown tool", tool(`"expect":{"name":"g"}`), true, 1, `expect names the tool "g"`},
		{"arguments that are a list", tool(`"expect":{"name":"f","arguments":[]}`), true, 1, "the expected arguments are not an object"},
		{"a tool twice", `{"id":"a","prompt":"p","tools":[{"name":"f"},{"name":"f"}],"expect":null}`, true, 1, "a tool has no name, or one of another"},
		{"parameters that do not compile", `{"id":"a","prompt":"p","tools":[{"name":"f","parameters":{"type":1}}],"expect":null}`, true, 1, "tool f: the schema does not compile"},
	} {
		var err error
		if tc.tools {
			_, err = ReadToolCases(strings.NewReader(tc.text))
		} else {
			_, err = ReadSchemaCases(strings.NewReader(tc.text))
		}
		var at *LineError
		line := 0
		if errors.As(err, &at) {
			line = at.Line
		}
		if err == nil || line != tc.line || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: line %d, %v; want line %d, %q", tc.name, line, err, tc.line, tc.want)
		}
	}
}

func TestGoodCases(t *testing.T) {
	t.Parallel()
	cases, err := ReadSchemaCases(strings.NewReader("\xef\xbb\xbf" + goodSchemaLine + "\r\n\n" + `{"id":"b","prompt":"q","schema":{}}`))
	if err != nil || len(cases) != 2 || cases[0].ID != "a" || !strings.HasPrefix(cases[0].Prompt, "p\n") {
		t.Fatalf("%+v, %v", cases, err)
	}
	if v := cases[0].GradeSchema(said(`{"x":1,"y":2}`)); v.Class != Right || v.Of != 1 {
		t.Errorf("%+v", v)
	}
	if v := cases[1].GradeSchema(said(`7`)); v.Class != Right || v.Of != 0 {
		t.Errorf("without an expectation: %+v", v)
	}
	tools, err := ReadToolCases(strings.NewReader(`{"id":"a","prompt":"p","tools":[{"type":"function","function":{"name":"f"}},{"name":"g"}],"expect":{"name":"f"}}
{"id":"b","prompt":"p","tools":[{"name":"g"}],"expect":null}`))
	if err != nil || len(tools) != 2 || len(tools[0].Tools) != 2 || len(tools[1].Steps) != 0 {
		t.Fatalf("%+v, %v", tools, err)
	}
	if v := tools[0].GradeCall(0, called("f", "")); v.Class != Right {
		t.Errorf("%+v", v)
	}
}

// No file makes the readers crash, and what they take can be asked.
func FuzzReadCases(f *testing.F) {
	f.Add(goodSchemaLine)
	f.Add(`{"id":"a","prompt":"p","tools":[{"name":"f","parameters":{"properties":{"x":{}}}}],"expect":{"name":"f","arguments":{"x":1e9}}}`)
	f.Fuzz(func(t *testing.T, text string) {
		if cases, err := ReadSchemaCases(strings.NewReader(text)); err == nil {
			for _, c := range cases {
				c.GradeSchema(said(text))
			}
		}
		if cases, err := ReadToolCases(strings.NewReader(text)); err == nil {
			for _, c := range cases {
				c.GradeCall(0, called("f", text))
			}
		}
	})
}
