package chart

import (
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"costping/ui/dashboard/theme"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"
	"pgregory.net/rapid"
)

// Labels stand one a line, within the chart, in the order of their lines; those
// that do not meet stand where they belong.
func TestSpread(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 20).Draw(t, "lines")
		var all []end
		for _, row := range rapid.SliceOfN(rapid.IntRange(0, n-1), 0, n).Draw(t, "rows") {
			all = append(all, end{row: float64(row)})
		}
		apart := true
		rows := map[float64]bool{}
		for _, e := range all {
			apart = apart && !rows[e.row]
			rows[e.row] = true
		}
		got := spread(all, n)
		for i, e := range got {
			if e.row < 0 || e.row > float64(n-1) || e.row != math.Trunc(e.row) || i > 0 && e.row <= got[i-1].row {
				t.Fatalf("%v became %v of %d", all, got, n)
			}
			if apart && !slices.ContainsFunc(all, func(a end) bool { return a.row == e.row }) {
				t.Fatalf("%v became %v", all, got)
			}
		}
	})
}

// plainText is a chart without colour, by lines.
func plainText(d drawing, width, height int, g theme.Glyphs) []string {
	return strings.Split(ansi.Strip(d.Render(width, height, theme.New(g, false))), "\n")
}

// line is one series of minutes, NaN where nothing was measured.
func line(letter string, values ...float64) Series {
	s := Series{Letter: letter}
	for i, v := range values {
		s.Points = append(s.Points, Point{At: noon.Add(time.Duration(i) * time.Minute), Value: v, OK: !math.IsNaN(v)})
	}
	return s
}

var gap = math.NaN()

func TestLinesBreakAtGaps(t *testing.T) {
	for _, tc := range []struct {
		name   string
		values []float64
		want   string // of the line that they are on, eleven columns wide
	}{
		{"joined", []float64{5, 5, 5}, "aaaaaaaaaaa"},
		{"a gap at the middle", []float64{5, 5, gap, 5, 5, 5}, "aaa   aaaaa"},
		{"one by itself", []float64{5, gap, 5}, "a         a"},
		{"below zero is nothing on a logarithmic axis", []float64{5, -5, 5}, "a         a"},
		{"nothing", []float64{gap, gap}, "           "},
	} {
		got := plainText(Lines{Series: []Series{line("a", tc.values...)}}, 11, 1, theme.ASCII())[0]
		if got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

func TestLinesEnds(t *testing.T) {
	end := func(l Lines) string {
		var all []string
		for _, text := range plainText(l, 40, 12, theme.Unicode()) {
			if i := strings.IndexAny(text, "abcdefg"); i >= 0 {
				all = append(all, strings.TrimSpace(text[i:]))
			}
		}
		return strings.Join(all, ", ")
	}
	for _, tc := range []struct {
		name string
		l    Lines
		want string
	}{
		{"the last figures", Lines{Series: []Series{line("a", 1, 300), line("b", 1, 800.4)}}, "b 800, a 300"},
		{"equal ones stand one under the other", Lines{Series: []Series{line("a", 300, 300), line("b", 300, 300)}}, "a 300, b 300"},
		{"the last measured before a gap", Lines{Series: []Series{line("a", 300, 310, gap), line("b", gap)}}, "a 310, b —"},
		{"never measured", Lines{Series: []Series{line("a", gap, gap), line("b", gap)}}, "a —, b —"},
		{"those at the cursor", Lines{Cursor: noon.Add(time.Minute), Series: []Series{line("a", 300, 310, 320), line("b", gap)}}, "a 310, b —"},
		{"nothing at the cursor", Lines{Cursor: noon.Add(time.Minute), Series: []Series{line("a", 300, gap, 320), line("b", gap)}}, "a —, b —"},
		{"at most six", Lines{Series: []Series{
			line("a", 9, 9), line("b", 8, 8), line("c", 7, 7), line("d", 6, 6), line("e", 5, 5), line("f", 4, 4), line("g", 3, 3),
		}}, "a 9, b 8, c 7, d 6, e 5, f 4"},
	} {
		if got := end(tc.l); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

// A line by itself needs no name at its end: that is the chart's.
func TestOneLineEndsInItsFigure(t *testing.T) {
	text := strings.Join(plainText(Lines{Series: []Series{line("a", 300, 310)}}, 40, 12, theme.Unicode()), "\n")
	if !strings.Contains(text, " 310") || strings.ContainsAny(text, "a") {
		t.Error(text)
	}
}

// Points out of order are drawn in order, and the caller's stay as they were.
func TestLinesOutOfOrder(t *testing.T) {
	sorted := Lines{Series: []Series{line("a", 300, 400, 900)}}
	mixed := Lines{Series: []Series{line("a", 300, 400, 900)}}
	slices.Reverse(mixed.Series[0].Points)
	want, got := plainText(sorted, 60, 8, theme.Unicode()), plainText(mixed, 60, 8, theme.Unicode())
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if mixed.Series[0].Points[0].Value != 900 {
		t.Error("the caller's points were sorted")
	}
}

func TestLimit(t *testing.T) {
	for _, tc := range []struct {
		name  string
		limit Limit
		line  bool
		text  string
	}{
		{"within", Limit{350, "limit 350"}, true, "limit 350"},
		{"a little above", Limit{800, "limit 800"}, true, "limit 800"},
		{"far above is said", Limit{9000, "limit 9,000"}, false, "limit 9,000 ↑"},
		{"far below is said", Limit{9, "limit 9"}, false, "limit 9 ↓"},
		{"none", Limit{}, false, ""},
		{"no figure", Limit{math.NaN(), "limit"}, false, ""},
	} {
		text := strings.Join(plainText(Lines{Series: []Series{line("a", 300, 310, 400, 350)}, Limit: tc.limit}, 60, 12, theme.Unicode()), "\n")
		if strings.Contains(text, "╌") != tc.line || !strings.Contains(text, tc.text) || tc.text == "" && strings.Contains(text, "limit") {
			t.Errorf("%s:\n%s", tc.name, text)
		}
	}
}

func TestScatterDrawsEverySpot(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s Scatter
		want := map[string]int{}
		n := rapid.IntRange(1, 8).Draw(t, "spots")
		for i := range n {
			standing := Standing(rapid.IntRange(0, 2).Draw(t, "standing"))
			// A factor of 1.6 apart, so that no two fall into one place.
			s.Spots = append(s.Spots, Spot{Name: "model", X: math.Pow(1.6, float64(i)), Y: rapid.Float64Range(100, 200).Draw(t, "y"), Standing: standing})
			want[map[Standing]string{Beaten: "●", Unbeaten: "◆", Retired: "○"}[standing]]++
		}
		text := strings.Join(plainText(s, 80, rapid.IntRange(1, 20).Draw(t, "height"), theme.Unicode()), "\n")
		for _, glyph := range []string{"●", "◆", "○"} {
			if got := strings.Count(text, glyph); got != want[glyph] {
				t.Fatalf("%d of %s, want %d:\n%s", got, glyph, want[glyph], text)
			}
		}
	})
}

// A name stands on the line of its spot, and never in that of the limit.
func TestScatterNamesKeepOffTheLimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Scatter{Limit: Limit{Value: 800, Label: "limit 800"}}
		for i := range rapid.IntRange(1, 6).Draw(t, "spots") {
			s.Spots = append(s.Spots, Spot{Name: "model", X: math.Pow(1.6, float64(i)), Y: rapid.Float64Range(300, 2000).Draw(t, "y")})
		}
		for _, text := range plainText(s, 80, rapid.IntRange(3, 20).Draw(t, "height"), theme.Unicode()) {
			if strings.Contains(text, "╌ ╌") && strings.Contains(text, "model") {
				t.Fatalf("a name in the limit's line: %q", text)
			}
		}
	})
}

// A spot over the limit is above its line and one inside below it, however few rows
// there are, and the axis has no other figure beside the line.
func TestScatterSidesOfTheLimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		over := rapid.Float64Range(801, 2000).Draw(t, "over")
		s := Scatter{Limit: Limit{Value: 800}, Spots: []Spot{
			{X: 1, Y: 100, Standing: Retired},
			{X: 10, Y: over},
			{X: 100, Y: rapid.Float64Range(300, 799).Draw(t, "inside"), Standing: Unbeaten},
			{X: 1000, Y: 4000, Standing: Retired},
		}}
		lines := plainText(s, 80, rapid.IntRange(5, 20).Draw(t, "height"), theme.Unicode())
		row := func(glyph string) int {
			return slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, glyph) })
		}
		limit := row("╌ ╌")
		if row("●") >= limit || row("◆") <= limit {
			t.Fatalf("over %d, limit %d, inside %d:\n%s", row("●"), limit, row("◆"), strings.Join(lines, "\n"))
		}
		if label, _, ok := strings.Cut(lines[limit], "┤"); ok && strings.TrimSpace(label) != "800" {
			t.Fatalf("the axis says %s there", label)
		}
	})
}

// Of two at one place neither hides the other.
func TestScatterSamePlace(t *testing.T) {
	s := Scatter{Spots: []Spot{{X: 5, Y: 5, Standing: Retired}, {X: 5, Y: 5, Standing: Unbeaten}, {X: 5, Y: 5}}}
	if text := plainText(s, 30, 1, theme.Unicode())[0]; !strings.Contains(text, "○◆●") {
		t.Errorf("%q", text)
	}
}

// What is drawn over half of a wide character leaves nothing of it.
func TestWideCharacters(t *testing.T) {
	for x, want := range []string{"x 型", " x型", "模x ", "模 x"} {
		g := newGrid(4, 1, theme.New(theme.Unicode(), false))
		g.put(0, 0, "模型", plain)
		g.set(x, 0, "x", plain)
		if got := g.String(); got != want {
			t.Errorf("at %d: %q, want %q", x, got, want)
		}
	}
}

// Of two names with room for one, that of the selected stands.
func TestScatterNames(t *testing.T) {
	for selected, want := range []string{"◆ ▸first-model   ●", "◆    ▸second-mod ●"} {
		s := Scatter{Spots: []Spot{{Name: "first-model", X: 1, Y: 500, Standing: Unbeaten}, {Name: "second-mod", X: 1000, Y: 500}}}
		s.Spots[selected].Selected = true
		if text := plainText(s, 21, 1, theme.Unicode())[0]; !strings.Contains(text, want) {
			t.Errorf("%q, want %q", text, want)
		}
	}
}

// The parts of a waterfall end where the sum does, each begins where the one
// before it ends.
func TestWaterfallSums(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := Waterfall{Total: "sum"}
		n := rapid.IntRange(1, 6).Draw(t, "parts")
		for range n {
			w.Parts = append(w.Parts, Part{"part", time.Duration(rapid.IntRange(1, 1e9).Draw(t, "took"))})
		}
		lines := plainText(w, 80, n+1, theme.Unicode())
		at := -1
		for _, text := range lines[:n] {
			from, to := strings.Index(text, "█"), strings.LastIndex(text, "█")
			if from < 0 {
				continue // too short for a cell
			}
			from = len([]rune(text[:from]))
			if at >= 0 && from != at {
				t.Fatalf("not where the one above ends:\n%s", strings.Join(lines, "\n"))
			}
			at = len([]rune(text[:to])) + 1
		}
		if sum := lines[n]; at >= 0 && at != len([]rune(sum[:strings.LastIndex(sum, "█")]))+1 {
			t.Fatalf("the parts end elsewhere:\n%s", strings.Join(lines, "\n"))
		}
	})
}

// Where columns are joined, the worst of them stands.
func TestHeatmapJoins(t *testing.T) {
	for low, want := range map[bool]string{false: "#  ", true: "  #"} {
		h := Heatmap{LowIsBad: low, Cells: [][]Known{{{9, true}, {5, true}, {5, true}, {5, true}, {1, true}, {5, true}}}}
		if got := plainText(h, 3, 1, theme.ASCII())[0]; got != want {
			t.Errorf("LowIsBad %v: %q, want %q", low, got, want)
		}
	}
}

func TestHeatmapUnknown(t *testing.T) {
	h := Heatmap{Cells: [][]Known{{{5, true}, {0, false}, {gap, true}, {9, true}}}}
	if got := plainText(h, 4, 1, theme.ASCII())[0]; got != " --#" {
		t.Errorf("%q", got)
	}
}

// What has not been earned is said, not drawn.
func TestHistogramMarks(t *testing.T) {
	h := Histogram{Values: []float64{300, 350, 400}, Marks: []Mark{
		{Name: "p50", Value: 350, Lo: 320, Hi: 380}, {Name: "p95", Value: 390, Missing: "max 400"},
	}}
	lines := plainText(h, 60, 12, theme.Unicode())
	for i, want := range []string{"350 (320-380)", "— max 400"} {
		if !strings.Contains(lines[i], want) {
			t.Errorf("line %d: %q", i, lines[i])
		}
	}
	if !strings.Contains(lines[0], "┼") || strings.ContainsAny(lines[1], "├┼┤") {
		t.Errorf("%q", lines[:2])
	}
}

// Every figure falls into a bin, the outermost too.
func TestHistogramCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := Histogram{Values: rapid.SliceOfN(rapid.Float64Range(1, 5000), 1, 100).Draw(t, "values"), Linear: rapid.Bool().Draw(t, "linear")}
		s := span{log: !h.Linear}
		for _, v := range h.Values {
			s.add(v)
		}
		f := newBare(rapid.IntRange(1, 150).Draw(t, "width"), 10, theme.New(theme.Unicode(), false), 0)
		sum, last := 0, -1
		counts := h.counts(s.scale(), f)
		each := max(1, int(math.Ceil(float64(f.w)/max(8, 2*math.Cbrt(float64(len(h.Values)))))))
		for x, n := range counts {
			if x/each != last {
				sum, last = sum+n, x/each
			}
		}
		if sum != len(h.Values) {
			t.Fatalf("%d of %d: %v", sum, len(h.Values), counts)
		}
	})
}

func TestBars(t *testing.T) {
	for _, tc := range []struct {
		name string
		bar  Bar
		want string
	}{
		{"a share", Bar{Share: 0.5}, "#####     "},
		{"all", Bar{Share: 1}, "##########"},
		{"a trace is seen", Bar{Share: 0.001}, "#         "},
		{"nothing", Bar{}, "          "},
		{"beyond all", Bar{Share: 7}, "##########"},
		{"no figure", Bar{Share: math.NaN()}, "          "},
		{"solid to where it surely is", Bar{Share: 0.5, Lo: 0.3, Hi: 0.9}, "###[-+--] "},
		{"unknown", Bar{Share: 0.5, Unknown: true}, "-         "},
	} {
		tc.bar.Name = "x"
		got := plainText(Bars{Full: true, Bars: []Bar{tc.bar}}, 15, 1, theme.ASCII())[0]
		if got = got[3:13]; got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

// Crossings are marked on both lines and named.
func TestCurvesCrossing(t *testing.T) {
	c := Curves{
		LinearX: true, LinearY: true, Crossings: []Crossing{{XY{50, 50}, "here"}},
		Curves: []Curve{{Letter: "a", Points: []XY{{0, 0}, {100, 100}}}, {Letter: "b", Points: []XY{{0, 100}, {100, 0}}}},
	}
	text := strings.Join(plainText(c, 60, 12, theme.Unicode()), "\n")
	if strings.Count(text, "┼") != 1 || !strings.Contains(text, "here") {
		t.Errorf("\n%s", text)
	}
	c.Crossings[0].X = 103
	if text := strings.Join(plainText(c, 60, 12, theme.Unicode()), "\n"); strings.ContainsAny(text, "┼") || strings.Contains(text, "here") {
		t.Errorf("beyond the axis:\n%s", text)
	}
}

// Names from elsewhere move no cursor and change no colour.
func TestHostileNames(t *testing.T) {
	const name = "a\x1b[31m\x1b]0;title\x07b\r\nc\u009bd"
	for _, d := range []drawing{
		Bars{Bars: []Bar{{Name: name, Text: name}}},
		Scatter{Spots: []Spot{{Name: name, X: 1, Y: 1}}},
		Curves{Curves: []Curve{{Letter: name, Name: name, Points: []XY{{1, 1}}}}},
		Waterfall{Parts: []Part{{name, 1}}},
	} {
		text := d.Render(60, 5, theme.New(theme.Unicode(), false))
		if strings.Contains(text, "\x1b[31m") || strings.ContainsAny(text, "\r\x07\u009b") || strings.Contains(text, "title") {
			t.Errorf("%T: %q", d, text)
		}
	}
}

// Of labels whose lines end on one row, that of the greater figure stands above.
func TestEndsInTheOrderOfTheirFigures(t *testing.T) {
	got := spread([]end{{row: 2, value: 10, text: "low"}, {row: 2, value: 30, text: "high"}, {row: 2, value: 20, text: "middle"}}, 8)
	if got[0].text != "high" || got[1].text != "middle" || got[2].text != "low" {
		t.Errorf("%v", got)
	}
}

// What is drawn in reverse ends with its cell: spaces behind it would be blocks.
func TestReverseEndsWithItsCell(t *testing.T) {
	renderer := lipgloss.NewRenderer(io.Discard)
	renderer.SetColorProfile(termenv.ANSI)
	th := theme.New(theme.Unicode(), true)
	th.Bad = renderer.NewStyle().Reverse(true)
	g := newGrid(6, 1, th)
	g.set(1, 0, "x", bad)
	if got := g.String(); !strings.Contains(got, "x\x1b[0m") {
		t.Errorf("%q", got)
	}
}
