package screen

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"costping/costmodel"
	"costping/probe"
	"costping/ui/compare"
	"costping/ui/dashboard/theme"
	"costping/ui/dashboard/widget"

	"github.com/charmbracelet/x/ansi"
)

var update = flag.Bool("update", false, "write golden files")

// sizes are those the screens are drawn for.
var sizes = [][2]int{{30, 6}, {40, 12}, {60, 16}, {80, 24}, {120, 40}, {200, 50}}

// check holds a screen to its promise: exactly that many lines of that width.
func check(t testing.TB, text string, width, height int) {
	t.Helper()
	if width <= 0 || height <= 0 {
		if text != "" {
			t.Fatalf("%dx%d: %q", width, height, text)
		}
		return
	}
	checkLines(t, strings.Split(text, "\n"), width, height)
}

func checkLines(t testing.TB, lines []string, width, height int) {
	t.Helper()
	if len(lines) != max(0, height) {
		t.Fatalf("%dx%d: %d lines", width, height, len(lines))
	}
	for i, line := range lines {
		if w := widget.Width(line); w != max(0, width) {
			t.Fatalf("%dx%d: line %d is %d wide: %q", width, height, i, w, line)
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (go test -update writes it anew); got\n%s", name, got)
	}
}

// plainly holds a text without colours to the ASCII set.
func plainly(t *testing.T, text string) string {
	t.Helper()
	text = ansi.Strip(text)
	for _, r := range text {
		if r > 126 {
			t.Errorf("%q in the ASCII set", r)
		}
	}
	return text
}

func TestCompareGoldens(t *testing.T) {
	for _, size := range sizes {
		for name, th := range looks {
			text := frame(t).Render(size[0], size[1], th)
			check(t, text, size[0], size[1])
			if name == "ascii" {
				text = plainly(t, text)
			}
			golden(t, fmt.Sprintf("compare-%dx%d-%s.txt", size[0], size[1], name), text+"\n")
		}
	}
}

// The sizes of a status pane: a line each for how things are, the answer, the
// worst row and the last event.
func TestLeastGoldens(t *testing.T) {
	for height := 1; height <= 5; height++ {
		text := frame(t).Render(40, height, looks["colour"])
		check(t, text, 40, height)
		golden(t, fmt.Sprintf("least-40x%d.txt", height), ansi.Strip(text)+"\n")
	}
}

// Each pane alone, and each view of the columns of a narrow table.
func TestZoomedAndNarrowGoldens(t *testing.T) {
	for pane, name := range []string{"table", "ttft", "scatter"} {
		f, c := frame(t), body(t)
		c.Focus, c.Zoomed = ComparePane(pane), true
		f.Body = c
		text := f.Render(80, 20, looks["colour"])
		check(t, text, 80, 20)
		golden(t, "zoomed-"+name+".txt", ansi.Strip(text)+"\n")
	}
	for view := range ColumnViews {
		c := body(t)
		c.View = view
		checkLines(t, c.DrawSmall(40, 9, looks["colour"]), 40, 9)
		golden(t, fmt.Sprintf("narrow-%d.txt", view), ansi.Strip(strings.Join(c.DrawSmall(40, 9, looks["colour"]), "\n"))+"\n")
	}
}

func manyKeys(n int) []Hint {
	var keys []Hint
	for i := range n {
		keys = append(keys, Hint{Key: string(rune('a' + i%26)), Does: "does something that takes a few words"})
	}
	return keys
}

func sheet() Sheet {
	return Sheet{Title: "why: gpt-4o", Foot: "esc closes", Lines: []compare.Line{
		{Label: "cost", Text: []string{"7.5M in × 2.50 + 2.5M out × 10.00 = $43.750 a day, which is folded where the line ends and not cut"}},
		{},
		{Label: "warn", Text: []string{"retires 2027-01-14, in 55 days; no successor measured"}},
	}}
}

func entry() Form {
	return Form{Title: "the workload, exactly", Active: 1, Foot: "enter takes it", Note: "a split is two numbers; such as 75/25", Wrong: true, Fields: []Field{
		{"volume", "10M tokens/day", "100k messages/month"}, {"split", "75/x", "input/output in percent"},
	}}
}

func TestSheetGoldens(t *testing.T) {
	for _, size := range [][2]int{{40, 12}, {80, 24}, {120, 40}} {
		for name, d := range map[string]Drawing{
			"keys":   List{Title: "keys of Compare", Selected: -1, Rows: manyKeys(40), Foot: "letters filter, esc or ? closes"},
			"chosen": List{Title: "actions", Selected: 30, Rows: manyKeys(40), Field: ": x", Foot: "enter does it, esc closes"},
			"why":    sheet(), "form": entry(),
		} {
			f := frame(t)
			f.Body, f.Over = Whole{d}, true
			text := f.Render(size[0], size[1], looks["ascii"])
			check(t, text, size[0], size[1])
			golden(t, fmt.Sprintf("%s-%dx%d.txt", name, size[0], size[1]), plainly(t, text)+"\n")
		}
	}
}

func TestSelectedRowIsMarkedWithoutColour(t *testing.T) {
	text := frame(t).Render(80, 24, looks["ascii"])
	found := 0
	for line := range strings.SplitSeq(ansi.Strip(text), "\n") {
		if strings.HasPrefix(line, ">") {
			found++
			if !strings.HasPrefix(line, ">b llama-3.1-70b ") {
				t.Errorf("marked: %q", line)
			}
		}
	}
	if found != 1 {
		t.Errorf("%d rows are marked", found)
	}
}

// At every width one knob is bracketed, and it is the one that is lit.
func TestLitKnobIsBracketed(t *testing.T) {
	for lit := range 5 {
		f := frame(t)
		for i := range f.Knobs {
			f.Knobs[i].Lit = i == lit
		}
		for width := 16; width <= 130; width++ {
			line := strings.Split(ansi.Strip(f.Render(width, 24, looks["colour"])), "\n")[1]
			_, after, opened := strings.Cut(line, "‹")
			inside, _, closed := strings.Cut(after, "›")
			if !opened || !closed || strings.Contains(after, "‹") {
				t.Fatalf("%d wide: %q", width, line)
			}
			if texts := f.Knobs[lit].Texts; inside != texts[0] && inside != texts[1] && inside != texts[2] {
				t.Fatalf("%d wide: %q instead of %q is lit", width, inside, texts)
			}
		}
	}
}

// A figure is shown whole or its column is left out, and an amount is never cut.
func TestFiguresAreNeverCut(t *testing.T) {
	c := body(t)
	volume, err := costmodel.ParseVolume("950T/day")
	if err != nil {
		t.Fatal(err)
	}
	c.Table.Workload.Volume = volume
	for i, r := range c.Table.Rows {
		c.Table.Rows[i].Spend = costmodel.Project(r.Price, c.Table.Workload)
	}
	for width := 34; width <= 200; width++ {
		found := false
		for _, line := range c.Draw(width, 30, looks["colour"]) {
			line = ansi.Strip(line)
			if !strings.HasPrefix(strings.TrimLeft(line, " ▸="), "gpt-4o ") {
				continue
			}
			found = true
			if strings.Contains(line, "…,") || !strings.Contains(line, "124,687,500,000.00") {
				t.Errorf("%d wide: %q", width, line)
			}
		}
		if !found {
			t.Errorf("%d wide: the row is not shown", width)
		}
	}
}

// Any size gives exactly that many lines of that width, whatever is in a name.
func FuzzRender(f *testing.F) {
	f.Add(uint16(80), uint16(24), uint8(0), "gpt-4o")
	f.Add(uint16(0), uint16(0), uint8(1), "")
	f.Add(uint16(1), uint16(1), uint8(2), "\x1b[31mred\x1b[0m")
	f.Add(uint16(400), uint16(3), uint8(3), "模型 نموذج 🧠e\u0301")
	f.Add(uint16(120), uint16(40), uint8(4), strings.Repeat("a", 300))
	f.Add(uint16(14), uint16(7), uint8(9), strings.Repeat("模", 300))
	base := frame(f)
	f.Fuzz(func(t *testing.T, width, height uint16, how uint8, name string) {
		c, _ := base.Body.(Compare)
		name = probe.Sanitize(name, 300)
		c.Top, c.View, c.Focus, c.Zoomed = int(how)%8, ColumnView(how)%ColumnViews, ComparePane(how)%3, how&64 > 0
		c.Table.Rows = append([]compare.Row{}, c.Table.Rows...)
		c.Table.Rows[0].Target, c.Selected = name, name
		c.Table.Rows[0].Note = compare.Note{Word: "failing", Text: "failing: " + name, Kind: compare.NoteFailing}
		c.Events = append([]Event{{When: "13:58", What: name}}, c.Events...)
		c.Below, c.Title = []string{name}, []string{name, name}
		screen := base
		screen.Body, screen.Current, screen.Over = c, int(how)%6, how&32 > 0
		screen.Workload, screen.Answer, screen.Worst = name, []string{name + name, name}, []string{name}
		screen.States = append([]State{{Text: name, Loud: true}}, screen.States...)
		if how&16 > 0 {
			screen.Menu = []string{name}
		}
		w, h := int(width)%401, int(height)%401
		for _, th := range looks {
			check(t, screen.Render(w, h, th), w, h)
			for _, d := range []Drawing{
				List{Title: name, Rows: append(manyKeys(50), Hint{name, name}), Top: int(how), Selected: int(how) - 1, Field: name, Foot: name},
				sheet(), entry(),
				Text{{name}, {"short"}},
				Pane{Title: []string{name}, Drawing: Text{{name}}},
			} {
				checkLines(t, d.Draw(w, h, th), w, h)
			}
		}
	})
}

func BenchmarkRender120(b *testing.B) {
	f := frame(b)
	c, _ := f.Body.(Compare)
	for i := range 114 {
		r := c.Table.Rows[i%6]
		r.Target = fmt.Sprintf("%s-%d", r.Target, i)
		c.Table.Rows = append(c.Table.Rows, r)
	}
	f.Body = c
	th := theme.New(theme.Unicode(), true)
	for b.Loop() {
		f.Render(200, 60, th)
	}
}

// A small body gives its lines to the rows: the last event alone stands below those
// that do not all fit, and more of them only in what the rows leave.
func TestSmallBodiesBelongToTheRows(t *testing.T) {
	for _, tc := range []struct{ height, rows, events, want int }{
		{9, 100, 5, 1}, {9, 7, 5, 1}, {9, 4, 5, 3}, {9, 5, 5, 2}, {9, 4, 0, 0}, {9, 1, 2, 2}, {5, 100, 5, 0}, {6, 100, 5, 1}, {2, 1, 1, 0},
	} {
		c := Compare{Table: compare.Table{Rows: make([]compare.Row, tc.rows)}, Events: make([]Event, tc.events)}
		if got := c.smallEvents(tc.height); got != tc.want {
			t.Errorf("%d rows in %d lines: %d events, want %d", tc.rows, tc.height, got, tc.want)
		}
	}
}

// A small table says how many rows it does not show, and on which side of those shown.
func TestSmallTableSaysWhatIsNotShown(t *testing.T) {
	rows := make([]compare.Row, 9)
	for top, want := range []string{"6 more", "1 above, 5 more", "2 above, 4 more", "3 above, 3 more", "4 above, 2 more", "5 above, 1 more", "6 above"} {
		lines := Compare{Table: compare.Table{Rows: rows}, Top: top}.DrawSmall(40, 5, theme.New(theme.ASCII(), false))
		if got := strings.TrimSpace(ansi.Strip(lines[4])); got != want {
			t.Errorf("from row %d: %q, want %q", top, got, want)
		}
	}
	lines := Compare{Table: compare.Table{Rows: rows[:3]}}.DrawSmall(40, 5, theme.New(theme.ASCII(), false))
	if got := strings.TrimSpace(ansi.Strip(lines[4])); got != "" {
		t.Errorf("where all are shown: %q", got)
	}
}

// The labels of a sheet have the room that they need.
func TestSheetLabelsAreWhole(t *testing.T) {
	s := Sheet{Lines: []compare.Line{{Label: "cost", Text: []string{"$2"}}, {Label: "cached input", Text: []string{"2.25M × 0.15"}}}}
	text := ansi.Strip(strings.Join(s.wrapped(60, theme.New(theme.Unicode(), false)), "\n"))
	if !strings.Contains(text, " cached input 2.25M") || !strings.Contains(text, " cost         $2") {
		t.Error(text)
	}
}
