package compare

import (
	"errors"
	"strings"
	"testing"

	"costping/costmodel"
)

// filterable is a table's input with a row of every kind that a filter tells
// apart.
func filterable(t testing.TB) Input {
	t.Helper()
	in := input(t, []string{"gemini-2.0-flash", "gpt-4o-mini", "gpt-4o", "llama-3.1-70b", "unheard-of", "box"},
		measured("gemini-2.0-flash", 250, 1, 900), measured("gpt-4o-mini", 380, 5, 1240),
		measured("gpt-4o", 800, 10, 2600), collecting("llama-3.1-70b", 3), refused("box"))
	for i := range in.Candidates {
		c := &in.Candidates[i]
		switch c.Target {
		case "gpt-4o-mini":
			c.Tags, c.Quality, c.Short = []string{"prod"}, costmodel.Exactly(0.88, costmodel.Stated), "mini"
		case "gpt-4o":
			c.Quality = costmodel.Exactly(0.92, costmodel.Stated)
		case "llama-3.1-70b":
			c.Tags = []string{"spare", "open weights"}
		case "box":
			c.OwnMachine = true
		}
	}
	return in
}

func TestFilter(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		filter    string
		want      string
		undecided int
	}{
		{"", "gemini-2.0-flash gpt-4o-mini llama-3.1-70b gpt-4o box unheard-of", 0},
		{"gpt", "gpt-4o-mini gpt-4o", 0},
		{"GPT mini", "gpt-4o-mini", 0},
		{"flash", "gemini-2.0-flash", 0},
		{"p50<400", "gemini-2.0-flash gpt-4o-mini", 3},
		{"p50<=380", "gemini-2.0-flash gpt-4o-mini", 3},
		{"p50>=800", "gpt-4o", 3},
		{"p50=380", "gpt-4o-mini", 3},
		{"p50!=380", "gemini-2.0-flash gpt-4o", 3},
		{"p95<570", "gemini-2.0-flash", 3},
		{"month<300", "gemini-2.0-flash gpt-4o-mini llama-3.1-70b", 2},
		{"month>$1,000", "gpt-4o", 2},
		{"day<=2.625", "gemini-2.0-flash gpt-4o-mini", 2},
		{"answer<1", "gemini-2.0-flash", 3},
		{"tok>=100", "gemini-2.0-flash gpt-4o-mini gpt-4o", 3},
		{"ok>99%", "gemini-2.0-flash gpt-4o-mini llama-3.1-70b gpt-4o", 1},
		{"n<4", "llama-3.1-70b box unheard-of", 0},
		{"q>=0.9", "gpt-4o", 4},
		{"ends<60", "gemini-2.0-flash gpt-4o-mini gpt-4o", 3},
		{"ctx>=1000000", "gemini-2.0-flash", 3},
		{"via:openai", "gpt-4o-mini gpt-4o", 0},
		{"tag:PROD", "gpt-4o-mini", 0},
		{`tag:"Open weights"`, "llama-3.1-70b", 0},
		{"tag:weights own:no", "llama-3.1-70b", 0},
		{"tag:weight", "", 0},
		{`"4o-mini"`, "gpt-4o-mini", 0},
		{"family:gpt", "gpt-4o-mini gpt-4o", 2},
		{"retired:no", "gpt-4o-mini llama-3.1-70b gpt-4o box unheard-of", 0},
		{"retired:yes", "gemini-2.0-flash", 0},
		{"measured:yes retired:no", "gpt-4o-mini gpt-4o", 0},
		{"failing:yes", "box", 0},
		{"own:yes", "box", 0},
		{"own:no own:yes", "", 0},
		{"  p50<400\t retired:no ", "gpt-4o-mini", 3},
		{"p50<400 gpt", "gpt-4o-mini", 0},
	} {
		f, err := ParseFilter(tc.filter)
		if err != nil {
			t.Errorf("%q: %v", tc.filter, err)
			continue
		}
		in := filterable(t)
		in.Filter = f
		table := Build(in)
		if got := targets(table); got != tc.want || table.Undecided != tc.undecided || table.Hidden != 6-len(table.Rows) {
			t.Errorf("%q: %s, %d hidden, %d of them undecided; want %s, %d", tc.filter, got, table.Hidden, table.Undecided, tc.want, tc.undecided)
		}
	}
}

func TestFilterErrorsSayWhere(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ filter, wrong, what, hint string }{
		{"gpt p59<800", "p59<800", `there is no field "p59"`, "did you mean p50?"},
		{"p95<800 &&", "&&", `"&&" is no term`, "all terms must hold"},
		{"- gpt", "-", `"-" is no term`, "all terms must hold"},
		{"nothing:likeit", "nothing:likeit", `there is no field "nothing"`, "fields:"},
		{strings.Repeat("x", 30) + "<1", strings.Repeat("x", 30) + "<1", "there is no field of that name", "month"},
		{"p95<fast", "p95<fast", `"fast" is no number`, "p95<800"},
		{"p95<", "p95<", `"" is no number`, "p95<800"},
		{"p95<nan", "p95<nan", `"nan" is no number`, "p95<800"},
		{"month:300", "month:300", "month takes a comparison", "month<300"},
		{"via<3", "via<3", "via takes a word, not a number", "via:openai"},
		{"p95!800", "p95!800", `"!800" is no comparison`, "!="},
		{"retired:maybe", "retired:maybe", `retired cannot be "maybe"`, "one of yes, no"},
		{"via:", "via:", `via cannot be ""`, "via:openai"},
		{`gpt tag:"open weights`, `tag:"open weights`, `tag:"open weights has a quote that is not closed`, ""},
		{"needs:wings", "needs:wings", `needs cannot be "wings"`, "tools"},
		{"<5", "<5", `there is no field ""`, ""},
		{"模型 模<5", "模<5", `there is no field "模"`, ""},
		{strings.Repeat("a", 501), "a", "at most 500", ""},
	} {
		_, err := ParseFilter(tc.filter)
		var wrong *FilterError
		if !errors.As(err, &wrong) {
			t.Errorf("%q: %v", tc.filter, err)
			continue
		}
		if got := tc.filter[wrong.At : wrong.At+wrong.Len]; got != tc.wrong || !strings.Contains(wrong.Error(), tc.what) || !strings.Contains(wrong.Hint, tc.hint) {
			t.Errorf("%q: at %q: %s; %s", tc.filter, got, wrong, wrong.Hint)
		}
	}
}

// The fields that are offered are those there are, each once.
func TestFilterFields(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, name := range FilterFields() {
		_, figure := filterFigures[name]
		_, word := filterWords[name]
		if seen[name] || figure == word {
			t.Errorf("%s: twice %v, a figure %v, a word %v", name, seen[name], figure, word)
		}
		seen[name] = true
	}
	if len(seen) != len(filterFigures)+len(filterWords) {
		t.Errorf("%d fields are offered of %d", len(seen), len(filterFigures)+len(filterWords))
	}
	for name, f := range filterFigures {
		if _, err := ParseFilter(name + "<" + f.example); err != nil {
			t.Errorf("the example of %s: %v", name, err)
		}
	}
	for name, f := range filterWords {
		if _, err := ParseFilter(name + ":" + f.example); err != nil {
			t.Errorf("the example of %s: %v", name, err)
		}
	}
}

// A filter or an error that points into the text; what a filter says of itself is
// the same filter; rows are kept, hidden or both never.
func FuzzFilter(f *testing.F) {
	for _, text := range []string{"", "p95<800 month<300 via:openai ok>99 retired:no q>=0.85", "p95<", ":", "模<5", "a\u00a0b", "n!=1e999", "\n", strings.Repeat("x ", 300)} {
		f.Add(text)
	}
	in := filterable(f)
	f.Fuzz(func(t *testing.T, text string) {
		filter, err := ParseFilter(text)
		if err != nil {
			var wrong *FilterError
			if !errors.As(err, &wrong) || wrong.At < 0 || wrong.Len <= 0 || wrong.At+wrong.Len > len(text) || wrong.What == "" {
				t.Fatalf("%q: %+v", text, err)
			}
			return
		}
		again, err := ParseFilter(filter.String())
		if err != nil || again.String() != filter.String() || (again == nil) != (filter == nil) {
			t.Fatalf("%q says of itself %q: %v", text, filter.String(), err)
		}
		one, other := in, in
		one.Filter, other.Filter = filter, again
		a, b := Build(one), Build(other)
		if targets(a) != targets(b) || len(a.Rows)+a.Hidden != len(in.Candidates) || a.Undecided > a.Hidden {
			t.Fatalf("%q: %s, %s, %d hidden, %d undecided", text, targets(a), targets(b), a.Hidden, a.Undecided)
		}
	})
}
