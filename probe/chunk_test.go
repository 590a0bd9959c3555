package probe

import (
	"runtime"
	"strings"
	"testing"
)

// filled is an event as large as one may be: head, as many copies of element as
// there is room for, and tail.
func filled(head, element, tail string) string {
	n := (64<<10 - len(head) - len(tail)) / len(element)
	return head + strings.TrimSuffix(strings.Repeat(element, n), ",") + tail
}

// Whatever stands in the events, decoding them allocates no more than a few times
// the bytes that were sent: elements are bounded, and not only bytes.
func TestDecodingIsBounded(t *testing.T) {
	const body = 2 << 20 // a quarter of the largest that is read
	for name, data := range map[string]string{
		"choices":                filled(`{"choices":[`, `{},`, `]}`),
		"choices of nothing":     filled(`{"choices":[`, `0,`, `]}`),
		"choices again":          filled(`{`, `"choices":[{}],`, `}`),
		"deltas":                 filled(`{"choices":[`, `{"delta":{}},`, `]}`),
		"tool calls":             filled(`{"choices":[{"delta":{"tool_calls":[`, `{},`, `]}}]}`),
		"parts":                  filled(`{"choices":[{"delta":{"content":[`, `{},`, `]}}]}`),
		"strings for parts":      filled(`{"choices":[{"delta":{"content":[`, `"",`, `]}}]}`),
		"parts of thinking":      filled(`{"choices":[{"delta":{"content":[{"thinking":[`, `{},`, `]}]}}]}`),
		"details":                filled(`{"choices":[{"delta":{"reasoning_details":[`, `{},`, `]}}]}`),
		"fields of a wrong kind": filled(`{`, `"object":1,`, `}`),
		"unheard-of fields":      filled(`{`, `"a":1,`, `}`),
		"counts":                 filled(`{"usage":{`, `"prompt_tokens":1,`, `}}`),
		"errors in a list":       filled(`{"error":[`, `0,`, `]}`),
		"errors in lists":        filled(`{"error":`+strings.Repeat("[", 9000), `0,`, strings.Repeat("]", 9000)+`}`),
		"messages":               `{"error":{"message":"` + strings.Repeat("x", 64_000) + `"}}`,
		"no JSON":                filled(`{"choices":[`, `{},`, ``),
		"small events":           token,
	} {
		t.Run(name, func(t *testing.T) {
			sent := make([]event, 0, body/len(data))
			for size := 0; size < body && len(sent) < 50_000; size += len(data) {
				sent = append(sent, at(len(sent), data)...)
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			read(sent)
			lastToken(sent)
			runtime.ReadMemStats(&after)
			if took := after.TotalAlloc - before.TotalAlloc; took > 12*body {
				t.Errorf("%d kB allocated for %d kB", took>>10, body>>10)
			}
		})
	}
}

// Generated text counts in whatever shape a server gives it, as an answer or as
// reasoning, and where there is none it does not.
func TestChannels(t *testing.T) {
	for delta, want := range map[string]string{
		`{"content":"x"}`:     "answer",
		`{"content":""}`:      "",
		`{"content":null}`:    "",
		`{"content":7}`:       "",
		`{"content":["x"]}`:   "answer",
		`{"content":["",""]}`: "",
		`{"content":["",{"type":"text","text":"x"}]}`:                                 "answer",
		`{"content":{"type":"text","text":"x"}}`:                                      "answer",
		`{"content":[{"type":"thinking","thinking":"hm"}]}`:                           "reasoning",
		`{"content":[{"type":"thinking","thinking":""}]}`:                             "",
		`{"content":[{"type":"thinking","thinking":["hm"]}]}`:                         "reasoning",
		`{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]}]}`:  "reasoning",
		`{"content":[{"type":"thinking","thinking":[{"type":"text","text":""}]}]}`:    "",
		`{"content":[{"thinking":[{"text":"hm"}]},{"text":"x"}]}`:                     "answer reasoning",
		`{"content":"","reasoning":"hm"}`:                                             "reasoning",
		`{"reasoning":["hm"]}`:                                                        "reasoning",
		`{"reasoning":[{"text":"hm"}]}`:                                               "reasoning",
		`{"reasoning":{}}`:                                                            "",
		`{"reasoning_content":[{"type":"text","text":"hm"}]}`:                         "reasoning",
		`{"reasoning_content":[]}`:                                                    "",
		`{"reasoning_details":[{"type":"reasoning.text","text":"hm"}]}`:               "reasoning",
		`{"reasoning_details":[{"type":"reasoning.summary","summary":"hm"}]}`:         "reasoning",
		`{"reasoning_details":[{"type":"reasoning.encrypted","data":"x"}]}`:           "",
		`{"reasoning_details":[{"type":"reasoning.text","text":"","signature":"x"}]}`: "",
		`{"refusal":"no"}`:                                "answer",
		`{"refusal":["no"]}`:                              "",
		`{"tool_calls":[{"function":{"name":"f"}}]}`:      "answer",
		`{"tool_calls":[{"function":{"arguments":"{"}}]}`: "answer",
		`{"tool_calls":[{"function":{"name":""}}]}`:       "",
		`{"role":"assistant"}`:                            "",
	} {
		var c chunk
		if !c.decode([]byte(`{"choices":[{"delta":` + delta + `}]}`)) {
			t.Errorf("%s: not decoded", delta)
		}
		var got []string
		answer, reasoning := c.channels()
		if answer {
			got = append(got, "answer")
		}
		if reasoning {
			got = append(got, "reasoning")
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: got %q, want %q", delta, got, want)
		}
	}
}
