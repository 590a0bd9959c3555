package dashboard

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"costping/costmodel"
	"costping/ui/compare"
	"costping/ui/dashboard/theme"
	"costping/ui/dashboard/widget"

	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"
)

// advised is a dashboard with hardware, advice, quality and limits.
func advised(t testing.TB, width, height int, th theme.Theme) *Model {
	t.Helper()
	o := options(t)
	o.Hardware, o.Advice, o.Theme = costmodel.DefaultHardware(), costmodel.DefaultAdvice(), th
	o.Pipelines = costmodel.PipelinePresets()
	o.Limits = []compare.Limit{{Target: "*", Bounds: []compare.Bound{
		{Metric: compare.LimitTTFTp95, Value: 750}, {Metric: compare.LimitMinQuality, Value: 0.85},
	}}}
	for i := range o.Sets[0].Candidates {
		if c := &o.Sets[0].Candidates[i]; c.Target != "gemini-3.5-flash-lite" {
			c.Quality = costmodel.Exactly(0.88, costmodel.Stated)
		}
	}
	return openedOn(o, width, height)
}

var screenLooks = map[string]theme.Theme{
	"colour": theme.New(theme.Unicode(), true), "ascii": theme.New(theme.ASCII(), false),
}

var screenSizes = [][2]int{{30, 6}, {40, 12}, {60, 16}, {80, 24}, {120, 40}, {200, 50}}

// goldens compares a screen at every size with what it was; go test -update, or
// UPDATE_GOLDENS=1, writes it anew.
func goldens(t *testing.T, name string, keys ...string) {
	t.Helper()
	goldensOf(t, advised, name, keys...)
}

// goldensOf is that of a dashboard of one's own.
func goldensOf(t *testing.T, open func(t testing.TB, width, height int, th theme.Theme) *Model, name string, keys ...string) {
	t.Helper()
	anew := os.Getenv("UPDATE_GOLDENS") == "1"
	if f := flag.Lookup("update"); f != nil {
		anew = anew || f.Value.String() == "true"
	}
	for look, th := range screenLooks {
		for _, size := range screenSizes {
			m := open(t, size[0], size[1], th)
			press(m, keys...)
			text := m.View() + "\n"
			exactly(t, text, size[0], size[1])
			if look == "ascii" {
				text = ansi.Strip(text)
				for _, r := range text {
					if r > 126 {
						t.Errorf("%s %v: %q in the ASCII set", name, size, r)
					}
				}
			}
			path := filepath.Join("testdata", fmt.Sprintf("%s-%dx%d-%s.txt", name, size[0], size[1], look))
			if anew {
				if err := os.MkdirAll("testdata", 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if text != string(want) {
				t.Errorf("%s differs; got\n%s", path, text)
			}
		}
	}
}

// exactly holds a screen to its size.
func exactly(t interface {
	Helper()
	Fatalf(string, ...any)
}, text string, width, height int,
) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) != height {
		t.Fatalf("%dx%d: %d lines", width, height, len(lines))
	}
	for i, line := range lines {
		if w := widget.Width(line); w != width {
			t.Fatalf("%dx%d: line %d is %d wide: %q", width, height, i, w, line)
		}
	}
}

func TestSpendGoldens(t *testing.T)  { goldens(t, "spend", "3") }
func TestChooseGoldens(t *testing.T) { goldens(t, "choose", "4") }
func TestChooseNeedsGoldens(t *testing.T) {
	goldens(t, "choose-needs", "4", "tab")
}

// Whatever is pressed on the two screens, at any size they are exactly that size.
func TestSpendAndChooseAtAnySize(t *testing.T) {
	keys := []string{"tab", "shift+tab", "v", "z", "down", "up", "right", "left", "L", "H", "+", "-", "w", "a", " ", "enter", "0", "R", ".", ",", "end", "home"}
	m := advised(t, 80, 24, screenLooks["colour"])
	rapid.Check(t, func(rt *rapid.T) {
		m.at = rapid.SampledFrom([]pageID{spendPage, choosePage}).Draw(rt, "screen")
		press(m, rapid.SliceOfN(rapid.SampledFrom(keys), 0, 5).Draw(rt, "keys")...)
		m.width, m.height = rapid.IntRange(1, 400).Draw(rt, "width"), rapid.IntRange(1, 120).Draw(rt, "height")
		m.frame = ""
		exactly(rt, m.View(), m.width, m.height)
	})
}

// v goes through what the chart is over, from any pane; the knob that is lit at
// first is the volume; the answer and the crossings are those of the row.
func TestSpendKeys(t *testing.T) {
	m := advised(t, 120, 40, screenLooks["colour"])
	press(m, "3")
	if m.knobs.lit != volume {
		t.Errorf("knob %d is lit", m.knobs.lit)
	}
	if got := line(m, 2); !strings.Contains(got, "gpt-4o-mini: $78.75 a month, one point more output: +$1.35. self-host beats gpt-4o-mini above 857M tok/day") {
		t.Errorf("answer %q", got)
	}
	for _, want := range []string{"self-host 2× H100 + $1,000 labour: 6,745.60 a month", "labour beats gpt-4o-mini above 857M, gpt-4o above 51.4M", "never cross on volume", "pipeline compliance ─ 5,000 calls/day: $340.00 a day"} {
		if !strings.Contains(shown(m), want) {
			t.Errorf("%q is not shown", want)
		}
	}
	for _, view := range []struct {
		title, next string
		lit         knob
	}{
		{"over output share", "v: cached share", split},
		{"over cached share", "v: months", cached},
		{"in all over months", "v: volume", volume},
		{"over volume", "v: output share", volume},
	} {
		press(m, "v")
		if got := line(m, 3); !strings.Contains(got, view.title) || !strings.Contains(got, view.next) {
			t.Errorf("%q does not say %q and %q", got, view.title, view.next)
		}
		if m.knobs.lit != view.lit {
			t.Errorf("%s: knob %d is lit", view.title, m.knobs.lit)
		}
	}
	press(m, "v")
	if got := shown(m); !strings.Contains(got, "llama-3.1-70b beats gemini-3.5-flash-lite above 27.3% output") {
		t.Error("the crossing over the split is not said")
	}
	press(m, ",", "L", "L") // 10M to 20M to 50M
	if got := shown(m); !strings.Contains(got, "pipeline compliance ─ 25,000 calls/day: $1,700.0") {
		t.Errorf("the pipeline does not follow the volume: %s", got)
	}
	press(m, "R", "z")
	if got := shown(m); strings.Contains(got, "MODEL") || !strings.Contains(got, "over output share") {
		t.Error("the chart is not alone")
	}
	press(m, "z", "tab", "down")
	if got := m.rows.selected; got != "gemini-3.5-flash-lite" {
		t.Errorf("%s is selected", got)
	}
	press(m, "enter")
	if m.at != modelPage {
		t.Errorf("enter leads to %d", m.at)
	}
}

// The chart has the marked rows; without marks the selected one, the pick and the
// cheapest that can be had: six lines at most, with that of hosting.
func TestSpendRows(t *testing.T) {
	m := advised(t, 120, 40, screenLooks["colour"])
	rows, signs := m.spendRows()
	if got := fmt.Sprint(names(rows), signs); got != "[gpt-4o-mini gemini-3.5-flash-lite llama-3.1-70b gpt-4o] [1 2 3 4]" {
		t.Errorf("%s", got)
	}
	press(m, "G", " ", "g", " ")
	rows, signs = m.spendRows()
	if got := fmt.Sprint(names(rows), signs); got != "[gpt-4o gemini-2.0-flash] [a b]" {
		t.Errorf("%s", got)
	}
	press(m, "u", "a", "g")
	for range 6 {
		press(m, " ", "down")
	}
	if n := len(m.spending().Lines); n != 6 || m.spending().Lines[5].Target == "" {
		t.Errorf("%d lines", n)
	}
	press(m, "u")
	if n := len(m.spending().Lines); n > 6 {
		t.Errorf("%d lines without marks", n)
	}
}

func names(rows []compare.Row) []string {
	var all []string
	for _, r := range rows {
		all = append(all, r.Target)
	}
	return all
}

// The table's line items add up to the day, and a caching workload has a column for
// it.
func TestSpendItems(t *testing.T) {
	m := advised(t, 120, 40, screenLooks["colour"])
	press(m, "3", ".", ".", "L")
	items := m.spendItems()
	var titles []string
	for _, c := range items.Columns {
		titles = append(titles, c.Title)
	}
	if got := strings.Join(titles, " "); got != "MODEL INPUT CACHED INPUT OUTPUT $/DAY $/MONTH $/YEAR" {
		t.Errorf("%s", got)
	}
	i := slices.IndexFunc(items.Rows, func(r screenRow) bool { return r.Cells[0] == "gpt-4o" })
	// 6.75M x 2.50 + 0.75M x 1.25 + 2.5M x 10.
	if got := strings.Join(items.Rows[i].Cells, " "); got != "gpt-4o 16.875 0.938 25.000 42.813 1,284.38 15,412.50" {
		t.Errorf("%s", got)
	}
}

func TestSpendCommands(t *testing.T) {
	m := advised(t, 120, 40, screenLooks["colour"])
	press(m, "3")
	command := func() string { return compare.ShellCommand(m.printing()) }
	if got := command(); got != "costping selfhost --gpu h100 --count 2 --labour 1000 --against gpt-4o-mini --volume 10M/day --split 75/25" {
		t.Errorf("%s", got)
	}
	press(m, "v")
	if got := command(); !strings.HasPrefix(got, "costping cost --volume 10M/day --split 75/25 --model ") {
		t.Errorf("%s", got)
	}
	press(m, "tab", "tab")
	if got := command(); got != "costping cost --pipeline compliance --volume '5K calls/day'" {
		t.Errorf("%s", got)
	}
}

// Below the table stands what hosting costs, against the dearest marked row.
func TestBelowSaysWhatHostingCosts(t *testing.T) {
	m := advised(t, 120, 40, screenLooks["colour"])
	if got := shown(m); !strings.Contains(got, "self-host 2× H100 + $1,000 labour: 6,745.60 a month, beats gpt-4o-mini above 857M tok/day") {
		t.Error("hosting is not said")
	}
	press(m, " ", "G", " ", "g")
	if got := shown(m); !strings.Contains(got, "6,745.60 a month, beats b above 51.4M tok/day") {
		t.Error("it is not against b")
	}
}
