package report

import (
	"strings"
	"testing"

	"github.com/jedib0t/go-pretty/v6/text"
	"pgregory.net/rapid"
)

// wide has an empty column, a spare one and a last one that may be long.
var wide = Table{
	Columns: []Column{{Title: "MODEL"}, {Title: "UNTIL"}, {Title: "PROVIDER", Spare: true}, {Title: "$/DAY", Right: true}, {Title: "NOTE"}},
	Rows: [][]Cell{
		{{Text: "claude-sonnet-5"}, {}, {Text: "Anthropic"}, {Text: "43.750"}, {Text: "another source: 3.00 in, 15.00 out, doubted: a rise that was cancelled"}},
		{{Text: "gpt-4o"}, {}, {Text: "OpenAI"}, {Text: "2.625"}, {}},
	},
}

func TestTableOfAWidth(t *testing.T) {
	for width, want := range map[int]string{
		0: "MODEL            UNTIL  PROVIDER    $/DAY  NOTE\n" +
			"claude-sonnet-5         Anthropic  43.750  another source: 3.00 in, 15.00 out, doubted: a rise that was cancelled\n" +
			"gpt-4o                  OpenAI      2.625\n",
		90: "MODEL            UNTIL  PROVIDER    $/DAY  NOTE\n" +
			"claude-sonnet-5         Anthropic  43.750  another source: 3.00 in, 15.00 out, doubted: a\n" +
			"                                           rise that was cancelled\n" +
			"gpt-4o                  OpenAI      2.625\n",
		60: "MODEL            UNTIL  PROVIDER    $/DAY\n" +
			"claude-sonnet-5         Anthropic  43.750\n" +
			"    another source: 3.00 in, 15.00 out, doubted: a rise that\n" +
			"    was cancelled\n" +
			"gpt-4o                  OpenAI      2.625\n",
		40: "MODEL            PROVIDER    $/DAY\n" +
			"claude-sonnet-5  Anthropic  43.750\n" +
			"    another source: 3.00 in, 15.00 out,\n" +
			"    doubted: a rise that was cancelled\n" +
			"gpt-4o           OpenAI      2.625\n",
		30: "MODEL             $/DAY\n" +
			"claude-sonnet-5  43.750\n" +
			"    another source: 3.00 in, 15.00 out,\n" +
			"    doubted: a rise that was cancelled\n" +
			"gpt-4o            2.625\n",
	} {
		table := wide
		table.Width = width
		if got := written(t, table, Text); got != want {
			t.Errorf("at %d columns got\n%s\nwant\n%s", width, got, want)
		}
	}
}

// Whatever the width, the first column and what the last one says are there, the
// text is not changed, no line is longer than the width where the other columns
// leave room, and other formats know no width.
func TestNothingIsCutAtAnyWidth(t *testing.T) {
	word := rapid.StringOfN(rapid.RuneFrom([]rune("abc")), 1, 8, -1)
	rapid.Check(t, func(rt *rapid.T) {
		table := Table{Columns: []Column{{Title: "A"}, {Title: "B", Spare: true}, {Title: "C"}}, Width: rapid.IntRange(40, 120).Draw(rt, "width")}
		var said []string
		for range rapid.IntRange(1, 4).Draw(rt, "rows") {
			words := rapid.SliceOfN(word, 0, 40).Draw(rt, "words")
			row := []Cell{{Text: word.Draw(rt, "a")}, {Text: word.Draw(rt, "b")}, {Text: strings.Join(words, " ")}}
			table.Rows = append(table.Rows, row)
			said = append(append(said, row[0].Text), words...)
		}
		got := written(t, table, Text)
		for _, line := range strings.Split(got, "\n") {
			if w := text.StringWidthWithoutEscSequences(line); w > table.Width {
				rt.Fatalf("%d columns in a width of %d:\n%s", w, table.Width, got)
			}
		}
		for _, w := range said {
			if !strings.Contains(got, w) {
				rt.Fatalf("%q is not in\n%s", w, got)
			}
		}
		plain := table
		plain.Width = 0
		if written(t, table, Markdown) != written(t, plain, Markdown) || written(t, table, CSV) != written(t, plain, CSV) {
			rt.Fatal("the width changed Markdown or CSV")
		}
	})
}
