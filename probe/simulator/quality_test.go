package simulator

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
)

// record is what a schema question about it is answered with.
var record = Known{
	Kind: KindSchema, Text: `{"a":{"x":1},"b":"two"}`, Wrong: `{"a":{"x":2},"b":"two"}`, Outside: `{"a":{"x":-1},"b":"two"}`,
}

// What a known answer is, with each defect.
func TestSay(t *testing.T) {
	call := Known{
		Kind: KindTools, Calls: []KnownCall{{"look", `{"id":"7"}`}}, WrongCalls: []KnownCall{{"look", `{"id":"8"}`}},
		Later: &KnownCall{"act", `{"on":1}`},
	}
	tools := []string{"look", "other", "act"}
	for _, c := range []struct {
		known  Known
		defect Defect
		want   string // the message, as JSON
	}{
		{record, "", `{"role":"assistant","content":"{\"a\":{\"x\":1},\"b\":\"two\"}"}`},
		{record, WrongValue, `{"role":"assistant","content":"{\"a\":{\"x\":2},\"b\":\"two\"}"}`},
		{record, OutOfRange, `{"role":"assistant","content":"{\"a\":{\"x\":-1},\"b\":\"two\"}"}`},
		{record, Missing, `{"role":"assistant","content":"{\"b\":\"two\"}"}`},
		{record, Extra, `{"role":"assistant","content":"{\"a\":{\"x\":1},\"b\":\"two\",\"zz_remark\":\"none\"}"}`},
		{record, WrongType, `{"role":"assistant","content":"{\"a\":[],\"b\":\"two\"}"}`},
		{record, Duplicate, `{"role":"assistant","content":"{\"a\":{\"x\":1},\"a\":{\"x\":1},\"b\":\"two\"}"}`},
		{record, CutShort, `{"role":"assistant","content":"{\"a\":{\"x\":1"}`},
		{record, Refused, `{"role":"assistant","refusal":"I'm sorry, but I can't help with that."}`},
		{record, NoAnswer, `{"role":"assistant"}`},
		{call, "", `{"role":"assistant","tool_calls":[{"index":0,"id":"call_000001","type":"function","function":{"name":"look","arguments":"{\"id\":\"7\"}"}}]}`},
		{call, WrongTool, `{"role":"assistant","tool_calls":[{"index":0,"id":"call_000001","type":"function","function":{"name":"other","arguments":"{\"id\":\"7\"}"}}]}`},
		{call, WrongOrder, `{"role":"assistant","tool_calls":[{"index":0,"id":"call_000001","type":"function","function":{"name":"act","arguments":"{\"on\":1}"}}]}`},
		{call, InvalidArgs, `{"role":"assistant","tool_calls":[{"index":0,"id":"call_000001","type":"function","function":{"name":"look","arguments":"{\"id\":\"7\""}}]}`},
		{call, NoCall, `{"role":"assistant","content":"` + prose + `"}`},
	} {
		said := Quality{Characters: true}.say(c.known, tools, c.defect)
		got, err := json.Marshal(said.full)
		if err != nil || string(got) != c.want || said.defect != c.defect {
			t.Errorf("%q: %v, %q\n got %s\nwant %s", c.defect, err, said.defect, got, c.want)
		}
		var streamed strings.Builder
		for _, d := range said.take(1 << 20) {
			if text, ok := d.Content.(string); ok {
				streamed.WriteString(text)
			}
			streamed.WriteString(d.Refusal)
			for _, call := range d.ToolCalls {
				streamed.WriteString(call.Function.Arguments)
			}
		}
		whole, _ := said.full.Content.(string)
		whole += said.full.Refusal
		for _, call := range said.full.ToolCalls {
			whole += call.Function.Arguments
		}
		if streamed.String() != whole {
			t.Errorf("%q: streamed %q, whole %q", c.defect, streamed.String(), whole)
		}
	}
	if said := (Quality{}).say(call, []string{"look"}, WrongTool); said.defect != "" || said.full.ToolCalls[0].Function.Name != "look" {
		t.Errorf("a defect that cannot be: %+v", said)
	}
}

// The defects come at the rates of the script, each request for itself, whoever else
// asks; and the timings are what they are without.
func TestDefectRates(t *testing.T) {
	script := quick("m")
	script.TTFT, script.Gap = Distribution{}, Distribution{}
	script.Quality = Quality{Schema: []Chance{{Missing, 0.3}, {Wrapped, 0.1}}, Enforced: []Chance{{Refused, 1}}}
	server := start(t, Options{Seed: 5, Scripts: []Script{script}, Know: func(a Asked) (Known, bool) {
		return record, a.Messages[0].Text == "known"
	}})
	c := client(t)
	const n = 400
	for range n {
		post(t, c, server.BaseURL()+"/chat/completions", `{"model":"m","stream":true,"messages":[{"role":"user","content":"known"}]}`)
	}
	counts := map[Defect]int{}
	for _, s := range server.Sent() {
		if !s.Completed {
			t.Fatalf("%+v", s)
		}
		counts[s.Defect]++
	}
	for defect, share := range map[Defect]float64{Missing: 0.3, Wrapped: 0.1, "": 0.6} {
		if got := float64(counts[defect]) / n; math.Abs(got-share) > 4*math.Sqrt(share*(1-share)/n) {
			t.Errorf("%q: a share of %.3f, want %.3f", defect, got, share)
		}
	}
	r := post(t, c, server.BaseURL()+"/chat/completions", `{"model":"m","response_format":{},"messages":[{"role":"user","content":"known"}]}`)
	if !strings.Contains(r.body, `"refusal":"I'm sorry`) {
		t.Errorf("under a schema: %s", r.body)
	}
	r = post(t, c, server.BaseURL()+"/chat/completions", `{"model":"m","max_tokens":3,"messages":[{"role":"user","content":"other"}]}`)
	if !strings.Contains(r.body, `"content":" `) {
		t.Errorf("what is not known: %s", r.body)
	}
}

func TestRecallAndWindow(t *testing.T) {
	r := Recall{Reach: 100, Near: 0.99, Far: 0.8, Middle: 0.4}
	for _, c := range []struct {
		tokens int
		depth  float64
		want   float64
	}{{100, 0.5, 0.99}, {101, 0.5, 0.4}, {101, 0.25, 0.4}, {101, 0, 0.8}, {101, 1, 0.8}} {
		if got := r.Chance(c.tokens, c.depth); got != c.want {
			t.Errorf("%d tokens, depth %g: %g, want %g", c.tokens, c.depth, got, c.want)
		}
	}
	if got := (Recall{}).Chance(1e6, 0.5); got != 1 {
		t.Errorf("a script without: %g", got)
	}
	script := quick("m")
	script.Dialect.Window = 5
	server := start(t, Options{Scripts: []Script{script}})
	ask := func(text string) reply {
		return post(t, client(t), server.BaseURL()+"/chat/completions", `{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"`+text+`"}]}`)
	}
	if r := ask("one two three four five"); r.status != 200 {
		t.Errorf("within the window: %d %s", r.status, r.body)
	}
	if r := ask("one two three four five six"); r.status != 400 || !strings.Contains(r.body, "maximum context length is 5 tokens") {
		t.Errorf("beyond the window: %d %s", r.status, r.body)
	}
}

// Texts are the nearer the more words they share.
func TestRelatedTexts(t *testing.T) {
	const a, b, c = "the harbour opens at dawn", "the harbour closes at dusk", "seven violins in a minor key"
	near := dot(unitVector("m", a, 256), unitVector("m", b, 256))
	far := dot(unitVector("m", a, 256), unitVector("m", c, 256))
	if near < far+0.2 {
		t.Errorf("related %.3f, unrelated %.3f", near, far)
	}
}

func TestQualityIsChecked(t *testing.T) {
	for name, q := range map[string]Quality{
		"more than all":  {Schema: []Chance{{Missing, 0.7}, {Extra, 0.4}}},
		"less than none": {Tools: []Chance{{NoCall, -0.1}}},
		"no number":      {Enforced: []Chance{{Missing, math.NaN()}}},
		"share":          {Wrong: 1.5},
		"recall":         {Recall: Recall{Near: math.NaN()}},
	} {
		s := quick("m")
		s.Quality = q
		if s.Validate() == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
