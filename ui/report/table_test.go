package report

import (
	"encoding/csv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var sample = Table{
	Columns: []Column{{Title: "MODEL", Key: "model"}, {Title: "$/DAY", Key: "usd_per_day", Right: true}, {Title: "NOTE", Key: "note"}},
	Rows: [][]Cell{
		{{"gpt-4o", "gpt-4o"}, {"43.750", "43.75"}, {"", ""}},
		{{"a|b_c", "a|b_c"}, {"?", ""}, {"=1+1", "=1+1"}},
	},
}

func written(t testing.TB, table Table, f Format) string {
	t.Helper()
	var b strings.Builder
	if err := table.Write(&b, f); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestFormats(t *testing.T) {
	for f, want := range map[Format]string{
		Text:     "MODEL    $/DAY  NOTE\ngpt-4o  43.750\na|b_c        ?  =1+1\n",
		Markdown: "| MODEL | \\$/DAY | NOTE |\n|:--- | ---:|:--- |\n| gpt-4o | 43.750 |  |\n| a\\|b\\_c | ? | =1+1 |\n",
		CSV:      "model,usd_per_day,note\ngpt-4o,43.75,\na|b_c,,'=1+1\n",
	} {
		if got := written(t, sample, f); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", f, got, want)
		}
	}
}

func TestParseFormat(t *testing.T) {
	for _, name := range []string{"table", "md", "json", "csv"} {
		if f, err := ParseFormat(name); err != nil || string(f) != name {
			t.Errorf("%s: %v %v", name, f, err)
		}
	}
	for _, name := range []string{"", "yaml", "out.md", "JSON"} {
		if _, err := ParseFormat(name); err == nil {
			t.Errorf("%q was taken", name)
		}
	}
}

// No cell of a CSV begins a formula, and whatever else it says is kept.
func TestCSVIsDefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.StringOf(rapid.RuneFrom([]rune("=+-@\tabc1.,\"'\n"))).Draw(t, "raw")
		var b strings.Builder
		table := Table{Columns: []Column{{Key: "a"}, {Key: "b"}}, Rows: [][]Cell{{{Raw: raw}, {Raw: "end"}}}}
		if err := table.Write(&b, CSV); err != nil {
			t.Fatal(err)
		}
		records, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
		if err != nil || len(records) != 2 || records[1][1] != "end" {
			t.Fatalf("%v: %q", err, b.String())
		}
		got := records[1][0]
		if strings.TrimPrefix(got, "'") != strings.TrimPrefix(raw, "'") && got != "'"+raw {
			t.Fatalf("%q became %q", raw, got)
		}
		if got != "" && strings.ContainsAny(got[:1], "=+@\t") {
			t.Fatalf("%q begins a formula", got)
		}
	})
	for raw, want := range map[string]string{"-1.35": "-1.35", "-": "'-", "-1+cmd": "'-1+cmd", "+1": "'+1", "": "", "0.5": "0.5"} {
		if got := defuse(raw); got != want {
			t.Errorf("%q became %q, want %q", raw, got, want)
		}
	}
}
