package check

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"costping/probe"

	"pgregory.net/rapid"
)

// record is a case with a field of each kind.
func record(t testing.TB) SchemaCase {
	t.Helper()
	c := SchemaCase{Schema: json.RawMessage(`{"type":"object","properties":{"name":{"type":"string"},"n":{"type":"number","maximum":9},` +
		`"tags":{"type":"array","items":{"type":"string"}}},"required":["name","n","tags"],"additionalProperties":false}`)}
	if err := c.finish("Say.", json.RawMessage(`{"name":"Ada","n":1.50,"tags":[]}`)); err != nil {
		t.Fatal(err)
	}
	return c
}

// Answers as models are known to write them, and as nobody should.
func TestGradeSchema(t *testing.T) {
	t.Parallel()
	c := record(t)
	const good = `{"name":"Ada","n":1.5,"tags":[]}`
	cut := said(`{"name":"Ada","n":1.5,"tags":[]}`)
	cut.Cut = true
	capped := said("Sure! Here it comes: ")
	capped.Finish = "length"
	refusal := said("")
	refusal.Refusal = "I can't help with that."
	filtered := said("")
	filtered.Finish = "content_filter"
	for _, tc := range []struct {
		name  string
		reply probe.Reply
		want  Class
	}{
		{"as asked", said(good), Right},
		{"laid out, in another order, a number written otherwise", said("\n{\n \"tags\": [],\n \"n\": 15e-1,\n \"name\": \" Ada \"\n}\n"), Right},
		{"another value", said(`{"name":"Bob","n":1.5,"tags":[]}`), WrongValue},
		{"a longer list", said(`{"name":"Ada","n":1.5,"tags":["x"]}`), WrongValue},
		{"a fence", said("```json\n" + good + "\n```"), Wrapped},
		{"prose after it", said(good + "\nI hope this helps!"), Wrapped},
		{"a footnote before it", said("As in [1], the record is " + good), Wrapped},
		{"a fence around what is missing a field", said("```\n{\"name\":\"Ada\"}\n```"), Missing},
		{"prose", said("The name is Ada."), NotJSON},
		{"single quotes", said("{'name':'Ada'}"), NotJSON},
		{"a trailing comma", said(`{"name":"Ada","n":1.5,"tags":[],}`), NotJSON},
		{"cut", said(`{"name":"Ada","n":1.`), Truncated},
		{"cut after an inner object", said(`{"name":{"x":1},"n":`), Truncated},
		{"a fence that is cut", said("```json\n{\"name\":"), Truncated},
		{"the cap struck in prose", capped, Truncated},
		{"larger than is read", cut, Truncated},
		{"missing and of another type", said(`{"n":"1.5","tags":[]}`), Missing},
		{"one more field", said(`{"name":"Ada","n":1.5,"tags":[],"note":1}`), Extra},
		{"a text for a number", said(`{"name":"Ada","n":"1.5","tags":[]}`), WrongType},
		{"a list for an object", said(`[` + good + `]`), WrongType},
		{"null", said(`{"name":null,"n":1.5,"tags":[]}`), WrongType},
		{"a bare text", said(`"Ada"`), WrongType},
		{"too much", said(`{"name":"Ada","n":10,"tags":[]}`), OutOfRange},
		{"a number that fills the memory", said(`{"name":"Ada","n":1e999999,"tags":[]}`), OutOfRange},
		{"too deep", said(strings.Repeat("[", 5000) + strings.Repeat("]", 5000)), OutOfRange},
		{"a key twice", said(`{"name":"Ada","n":1.5,"tags":[],"name":"Ada"}`), DuplicateKey},
		{"a key twice, within", said(`{"name":"Ada","n":1.5,"tags":[{"a":1,"a":1}]}`), DuplicateKey},
		{"refused in words", said("I'm sorry, but I cannot do that."), Refused},
		{"refused by the field", refusal, Refused},
		{"filtered", filtered, Refused},
		{"nothing", said(" \n"), Empty},
	} {
		v := c.GradeSchema(tc.reply)
		if v.Class != tc.want {
			t.Errorf("%s: %+v, want %s", tc.name, v, tc.want)
		}
		if v.Detail != probe.Sanitize(v.Detail, maxDetail) {
			t.Errorf("%s: the detail is not fit to be shown: %q", tc.name, v.Detail)
		}
	}
}

// What is wrong is said with its place, and a number that would fill the memory is
// not taken for one.
func TestDetails(t *testing.T) {
	t.Parallel()
	c := record(t)
	for text, want := range map[string]string{
		`{"name":"Ada","n":10,"tags":[]}`:            "at /n: maximum",
		`{"name":"Ada","n":1,"tags":["a",[]]}`:       "at /tags/1: type",
		`{"name":"Ada"}`:                             "at /: required",
		`{"name":"Ada","n":1e99999,"tags":[]}`:       errDigits.Error(),
		`{"name":"Ada","n":1,"tags":[],"n":1}`:       "a key comes twice: n",
		`{"name":"Ada","n":1,"tags":[],"x\u001b":1}`: "at /: additionalProperties",
	} {
		if v := c.GradeSchema(said(text)); v.Detail != want {
			t.Errorf("%s: %q, want %q", text, v.Detail, want)
		}
	}
}

// Whatever is said, grading ends, with a class of the list and no more right than
// expected.
func TestGradingHolds(t *testing.T) {
	t.Parallel()
	c, tools := record(t), ToolCases(1, 7)
	classes := fmt.Sprint(SchemaClasses(), ToolClasses())
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[{}\[\]",:0-9eE.+-]{0,40}`),
			rapid.StringMatching(`(\{"name":"Ada",|\[|")*`)).Draw(rt, "text")
		v := c.GradeSchema(said(text))
		if !strings.Contains(classes, string(v.Class)) || v.Class == "" || v.Fields > v.Of {
			rt.Errorf("%q: %+v", text, v)
		}
		i := rapid.IntRange(0, 6).Draw(rt, "case")
		name := rapid.SampledFrom([]string{"refund_order", "find_customer", "get_weather", "", "\x1b[2J"}).Draw(rt, "name")
		if v := tools[i].GradeCall(0, called(name, text)); !strings.Contains(classes, string(v.Class)) || v.Class == "" {
			rt.Errorf("%q: %+v", text, v)
		}
	})
}

func TestGradeCalls(t *testing.T) {
	t.Parallel()
	cases := ToolCases(5, 7)
	one, none, two := &cases[1], &cases[5], &cases[6]
	right := string(one.Steps[0].Arguments)
	first, second := two.Steps[0], two.Steps[1]
	for _, tc := range []struct {
		name  string
		c     *ToolCase
		reply probe.Reply
		want  Class
	}{
		{"as asked", one, called("refund_order", right), Right},
		{"in parallel with another", one, called("find_customer", `{}`, "refund_order", right), Needless},
		{"twice", one, called("refund_order", right, "refund_order", right), Needless},
		{"a tool that does not exist", one, called("pay_back", right), WrongTool},
		{"arguments that are a list", one, called("refund_order", `[]`), InvalidJSON},
		{"arguments that are missing", one, called("refund_order", ``), Missing},
		{"arguments with a key twice", one, called("refund_order", strings.Replace(right, "{", `{"amount":1,`, 1)), InvalidJSON},
		{"a word for a number", one, called("refund_order", `{"amount":"ten","order_id":"O-1"}`), WrongType},
		{"beyond a bound", one, called("refund_order", `{"amount":-1,"order_id":"O-1"}`), WrongValue},
		{"none where none is needed", none, said("They are 7 together."), Right},
		{"one where none is needed", none, called("find_customer", `{}`), Needless},
		{"both steps at once", two, called(first.Name, string(first.Arguments), second.Name, string(second.Arguments)), WrongOrder},
		{"the first step alone", two, called(first.Name, string(first.Arguments)), Right},
	} {
		if v := tc.c.GradeCall(0, tc.reply); v.Class != tc.want {
			t.Errorf("%s: %+v, want %s", tc.name, v, tc.want)
		}
	}
	if v := two.GradeCall(1, said("It is done.")); v.Class != NoCall {
		t.Errorf("the second step left out: %+v", v)
	}
}

// A tool of one's own without additionalProperties has only the parameters that it
// declares, one that allows others has any.
func TestInventedParametersOfOpenSchemas(t *testing.T) {
	t.Parallel()
	for open, want := range map[string]Class{"": Invented, `,"additionalProperties":true`: Right} {
		line := `{"id":"a","prompt":"p","tools":[{"name":"f","parameters":{"type":"object","properties":{"x":{"type":"integer"}}` + open + `}}],"expect":{"name":"f","arguments":{"x":1}}}`
		cases, err := ReadToolCases(strings.NewReader(line))
		if err != nil {
			t.Fatal(err)
		}
		if v := cases[0].GradeCall(0, called("f", `{"x":1,"y":2}`)); v.Class != want {
			t.Errorf("%q: %+v, want %s", open, v, want)
		}
	}
}

// An answer of 10 MB, and calls in parallel that are written a character at a time
// and interleaved, over a real stream.
func TestHostileAnswers(t *testing.T) {
	t.Parallel()
	event := func(w http.ResponseWriter, delta string) {
		fmt.Fprintf(w, "data: {\"choices\":[{\"delta\":%s}]}\n\n", delta)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		if strings.Contains(r.URL.Path, "big") {
			for range 10 << 20 / 8000 {
				event(w, `{"content":"`+strings.Repeat("x", 8000)+`"}`)
			}
		} else {
			arguments := `{"city":"Lisbon"}`
			for i, c := range arguments {
				quoted, _ := json.Marshal(string(c))
				for call, name := range []string{"a", "b"} {
					head := ""
					if i == 0 {
						head = fmt.Sprintf(`"id":"call-%d",`, call)
					}
					event(w, fmt.Sprintf(`{"tool_calls":[{"index":%d,%s"function":{"name":%q,"arguments":%s}}]}`, call, head, name, quoted))
				}
			}
		}
		fmt.Fprint(w, "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n")
	}))
	defer server.Close()
	client := probe.NewClient(probe.Limits{}, nil)
	defer client.Close()
	c := record(t)
	ask := func(path string) probe.Reply {
		return client.Ask(t.Context(), c.Question(probe.Target{Name: "t", BaseURL: server.URL + path, Model: "m"}, false))
	}
	big := ask("/big")
	if v := c.GradeSchema(big); v.Class != Truncated || !answered(big) || len(big.Text) > 256<<10 {
		t.Errorf("10 MB: %+v, %d kept, %+v", v, len(big.Text), big.Sample)
	}
	calls := ask("/calls").Calls
	if len(calls) != 2 || calls[0] != (probe.ToolCall{ID: "call-0", Name: "a", Arguments: `{"city":"Lisbon"}`}) || calls[1].Arguments != calls[0].Arguments || calls[1].ID != "call-1" {
		t.Errorf("%+v", calls)
	}
}
