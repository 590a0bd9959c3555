package compare

import (
	"strings"
	"testing"

	"costping/costmodel"
)

// What a turned knob did is said of the knob that was turned.
func TestTurned(t *testing.T) {
	t.Parallel()
	count := func(text string) costmodel.Count {
		c, err := costmodel.ParseCount(text)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	v, err := costmodel.ParseVolume("100k messages/month")
	if err != nil {
		t.Fatal(err)
	}
	was, err := costmodel.Workload{Volume: v}.WithItem(count("500"), count("200"))
	if err != nil {
		t.Fatal(err)
	}
	is, err := was.WithItem(count("5000"), count("200"))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(turned(was, is), ", "); got != "an item 700 to 5,200 tokens" {
		t.Errorf("%q", got)
	}
	thirds := workload(t, "10M/day", "75/25")
	split, err := costmodel.ParseSplit("66.66/33.34")
	if err != nil {
		t.Fatal(err)
	}
	odd := thirds
	odd.Split = split
	if got := strings.Join(turned(thirds, odd), ", "); got != "output 25% to 33.3%" {
		t.Errorf("%q", got)
	}
	if got := SplitText(was.Split); got != "71.4% in 28.6% out" {
		t.Errorf("%q", got)
	}
	for v, want := range map[float64]string{2.514: "2.51", 0.0031: "0.0031", 1: "1.00"} {
		if got := factor(v); got != want {
			t.Errorf("%g is %q", v, got)
		}
	}
}

// A filter knows the names that stand above the columns, and words that are asked
// for by themselves.
func TestFilterKnowsHeadings(t *testing.T) {
	t.Parallel()
	in := input(t, []string{"gpt-4o", "gpt-4o-mini", "gemini-2.0-flash"}, measured("gpt-4o", 800, 10, 2600), measured("gpt-4o-mini", 380, 5, 1240))
	for text, want := range map[string]int{"ttft<500": 1, "$/month<100": 2, "retired": 1, "retired:no": 2, "measured": 2, "quality>0.5": 0} {
		f, err := ParseFilter(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		in.Filter = f
		table := Build(in)
		if len(table.Rows) != want {
			t.Errorf("%s leaves %d rows", text, len(table.Rows))
		}
		if n := table.Count(StateFine); n != 2 { // whatever the filter hides
			t.Errorf("%s: %d are fine", text, n)
		}
	}
}
