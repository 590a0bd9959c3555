package screen

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/probe/stats"
	"costping/store"
	"costping/ui/compare"
	"costping/ui/dashboard/theme"
	"costping/ui/dashboard/widget"

	"github.com/charmbracelet/x/ansi"
)

var update = flag.Bool("update", false, "write golden files")

var now = time.Date(2026, 11, 20, 14, 2, 0, 0, time.UTC)

// sizes are those the screens are drawn for.
var sizes = [][2]int{{30, 6}, {40, 12}, {60, 16}, {80, 24}, {120, 40}, {200, 50}}

// summary is a series around a median, with a bend in its trend.
func summary(target string, ttft, margin, tail, speed, e2e float64, failed int, bend ...float64) store.Summary {
	const n = 1390
	q := func(p, v, m float64) stats.Quantile {
		return stats.Quantile{P: p, N: n - failed, Needed: stats.Needed(p), Value: v, Lo: v - m, Hi: v + m, Max: 3 * v}
	}
	s := store.Summary{
		Series:   store.Series{Target: target, Model: target, BaseURL: "http://127.0.0.1:4000/v1", Profile: "brief", Cap: 48},
		Outcomes: map[probe.Outcome]int{probe.OK: n - failed, probe.ServerError: failed}, Warm: n - failed,
		TTFTp50: q(0.5, ttft, margin), TTFTp95: q(0.95, tail, margin), Speedp50: q(0.5, speed, 1), E2Ep50: q(0.5, e2e, margin),
		InputTokens: 45, OutputTokens: 48, Last: now, LastOutcome: probe.OK, Points: make([]store.Point, 24),
	}
	for i := range s.Points {
		s.Points[i] = store.Point{N: 58, TTFT: ttft}
		if i < len(bend) {
			s.Points[i].TTFT *= bend[i]
		}
	}
	return s
}

// fixture is a view of six models in the states that rows can be in.
func fixture(t testing.TB) Compare {
	t.Helper()
	summaries := []store.Summary{
		summary("gemini-2.0-flash", 251, 5, 391, 181, 512, 0),
		summary("gpt-4o-mini", 379, 6, 544, 148.2, 695, 1),
		summary("llama-3.1-70b", 612, 30, 1898, 44.7, 1660, 28, 1, .8, 1.2, 1.6, 1.6, 2, 1.1),
		summary("gpt-4o", 806, 15, 1234, 70.6, 1475, 0, 1, 1.2),
	}
	summaries[2].Points[9] = store.Point{Failed: 4}
	summaries[2].Points[10] = store.Point{}
	early := summary("gemini-3.5-flash-lite", 0, 0, 0, 0, 0, 0)
	for _, q := range []*stats.Quantile{&early.TTFTp50, &early.TTFTp95, &early.Speedp50, &early.E2Ep50} {
		*q = stats.Quantile{P: q.P, N: 3, Needed: q.Needed, Max: 611}
	}
	early.Warm, early.Outcomes = 3, map[probe.Outcome]int{probe.OK: 3}
	down := store.Summary{
		Series:   store.Series{Target: "llama3.2:3b", Profile: "brief", Cap: 48},
		Outcomes: map[probe.Outcome]int{probe.Network: 9}, FailedInARow: 9, Last: now, LastOutcome: probe.Network,
		LastError: "connection refused", LastErrorAt: now, Points: make([]store.Point, 24),
		TTFTp50: stats.Quantile{P: .5, Needed: 6}, TTFTp95: stats.Quantile{P: .95, Needed: 76},
	}
	down.Points[23].Failed = 9
	summaries = append(summaries, early, down)

	volume, _ := costmodel.ParseVolume("10M/day")
	split, _ := costmodel.ParseSplit("75/25")
	w := costmodel.Workload{Volume: volume, Split: split}
	in := compare.Input{
		Window:   store.Window{From: now.Add(-24 * time.Hour), To: now, Series: summaries},
		Workload: w, Base: w, Today: costmodel.DateOf(now), Probing: true,
	}
	for _, s := range summaries {
		c := compare.Candidate{Target: s.Series.Target}
		if m, ok := costmodel.Default().Lookup(s.Series.Target); ok {
			c.Model, c.Price, c.Known = m, m.PriceIn("demo"), true
		}
		in.Candidates = append(in.Candidates, c)
	}
	return Compare{
		Table: compare.Build(in), Selected: "llama-3.1-70b", Lit: Split,
		States: []State{{Text: "DEMO simulated", Loud: true}, {Text: "next 41s"}},
		Title:  []string{"24 h, n 1,362-1,390 each", "probe 45 in, 48 out, warm", "from loopback", "prices 2026-08"},
		Hints:  []Hint{{"←→", "turn split"}, {"↑↓", "model"}, {"?", "keys"}, {"q", "quit"}, {", .", "other knob"}},
	}
}

// check holds a screen to its promise: exactly that many lines of that width.
func check(t testing.TB, text string, width, height int) {
	t.Helper()
	lines := strings.Split(text, "\n")
	if width <= 0 || height <= 0 {
		if text != "" {
			t.Fatalf("%dx%d: %q", width, height, text)
		}
		return
	}
	if len(lines) != height {
		t.Fatalf("%dx%d: %d lines", width, height, len(lines))
	}
	for i, line := range lines {
		if w := widget.Width(line); w != width {
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

var looks = map[string]theme.Theme{
	"colour": theme.New(theme.Unicode(), true),
	"ascii":  theme.New(theme.ASCII(), false),
}

func TestCompareGoldens(t *testing.T) {
	for _, size := range sizes {
		for name, th := range looks {
			text := fixture(t).Render(size[0], size[1], th)
			check(t, text, size[0], size[1])
			if name == "ascii" {
				text = ansi.Strip(text)
				for _, r := range text {
					if r > 126 {
						t.Errorf("%dx%d: %q in the ASCII set", size[0], size[1], r)
					}
				}
			}
			golden(t, fmt.Sprintf("compare-%dx%d-%s.txt", size[0], size[1], name), text+"\n")
		}
	}
}

func TestHelpGoldens(t *testing.T) {
	h := Help{Title: "keys of Compare"}
	for i := range 26 {
		h.Keys = append(h.Keys, Hint{Key: string(rune('a' + i)), Does: "does something that takes a few words"})
	}
	for _, size := range [][2]int{{40, 12}, {80, 24}, {120, 40}} {
		text := h.Render(size[0], size[1], looks["colour"])
		check(t, text, size[0], size[1])
		golden(t, fmt.Sprintf("help-%dx%d.txt", size[0], size[1]), text+"\n")
	}
}

func TestSelectedRowIsMarkedWithoutColour(t *testing.T) {
	text := fixture(t).Render(80, 24, looks["ascii"])
	for line := range strings.SplitSeq(ansi.Strip(text), "\n") {
		if marked := strings.HasPrefix(line, ">"); marked != strings.Contains(line, "llama-3.1-70b  ") {
			t.Errorf("marked %v: %q", marked, line)
		}
	}
}

func TestLitKnobIsBracketed(t *testing.T) {
	c := fixture(t)
	for lit, want := range map[Knob]string{Volume: "‹10.0M tok/day›", Split: "‹75% in, 25% out›"} {
		c.Lit = lit
		if line := strings.Split(ansi.Strip(c.Render(80, 24, looks["colour"])), "\n")[1]; !strings.Contains(line, want) || strings.Count(line, "‹") != 1 {
			t.Errorf("%q", line)
		}
	}
}

// A figure is shown whole or its column is left out, and an amount is never cut.
func TestFiguresAreNeverCut(t *testing.T) {
	c := fixture(t)
	volume, _ := costmodel.ParseVolume("950T/day")
	c.Table.Workload.Volume = volume
	for i, r := range c.Table.Rows {
		c.Table.Rows[i].Spend = costmodel.Project(r.Price, c.Table.Workload)
	}
	for width := 34; width <= 200; width++ {
		for line := range strings.SplitSeq(ansi.Strip(c.Render(width, 30, looks["colour"])), "\n") {
			if !strings.HasPrefix(strings.TrimLeft(line, " ▸"), "gpt-4o ") {
				continue
			}
			if want := c.Table.Rows[0]; strings.Contains(line, "…,") || !strings.Contains(line, "124,687,500,000.00") {
				t.Errorf("%d wide: %q (%s)", width, line, want.Target)
			}
		}
	}
}

// Layouts as drawings: what is on which line, top to bottom.
func TestLayout(t *testing.T) {
	draw := func(l Layout) string {
		s := ""
		for _, p := range []struct {
			show bool
			mark string
		}{{l.Header, "H"}, {l.Workload, "W"}, {l.Answer, "A"}, {l.Title, "T"}, {l.Headings, "h"}} {
			if p.show {
				s += p.mark
			}
		}
		s += strings.Repeat("r", l.Rows)
		if l.Detail > 0 {
			s += "-" + strings.Repeat("d", l.Detail)
		}
		if l.Footer {
			s += "f"
		}
		return s
	}
	for _, tc := range []struct {
		width, height, rows, detail int
		want                        string
	}{
		{80, 1, 8, 4, "A"},
		{80, 2, 8, 4, "Ar"},
		{80, 3, 8, 4, "WAr"},
		{80, 4, 8, 4, "HWAr"},
		{80, 6, 8, 4, "HWArrr"},
		{80, 7, 8, 4, "HWAhrrr"},
		{80, 8, 8, 4, "HWAhrrrf"},
		{80, 9, 8, 4, "HWAThrrrf"},
		{80, 12, 8, 4, "HWAThrrrrrrf"},
		{80, 14, 8, 4, "HWAThrrrrr-ddf"},
		{80, 24, 8, 4, "HWAThrrrrrrrr-ddddf"},
		{80, 24, 0, 0, "HWAThf"},
		{20, 24, 8, 4, "HWAThrrrrrrrrf"},
		{80, 24, 120, 4, "HWAThrrrrrrrrrrrrrrr-ddf"},
	} {
		if got := draw(LayoutCompare(tc.width, tc.height, tc.rows, tc.detail)); got != tc.want {
			t.Errorf("%dx%d, %d rows: %s, want %s", tc.width, tc.height, tc.rows, got, tc.want)
		}
	}
}

// Any size gives exactly that many lines of that width, whatever is in a name.
func FuzzRender(f *testing.F) {
	f.Add(uint16(80), uint16(24), uint8(0), "gpt-4o")
	f.Add(uint16(0), uint16(0), uint8(1), "")
	f.Add(uint16(1), uint16(1), uint8(2), "\x1b[31mred\x1b[0m")
	f.Add(uint16(400), uint16(3), uint8(3), "模型 نموذج 🧠e\u0301")
	base := fixture(f)
	f.Fuzz(func(t *testing.T, width, height uint16, top uint8, name string) {
		c := base
		c.Top = int(top)
		c.Table.Rows = append([]compare.Row{}, c.Table.Rows...)
		c.Table.Rows[0].Target = probe.Sanitize(name, 300)
		c.Table.Rows[0].Note = compare.Note{Word: "failing", Text: "failing: " + probe.Sanitize(name, 300), Kind: compare.NoteFailing}
		w, h := int(width)%401, int(height)%401
		for _, th := range looks {
			check(t, c.Render(w, h, th), w, h)
			check(t, Help{Title: "keys", Keys: c.Hints, Top: int(top) % 3}.Render(w, h, th), w, h)
		}
	})
}

func BenchmarkRender120(b *testing.B) {
	c := fixture(b)
	for i := range 114 {
		r := c.Table.Rows[i%6]
		r.Target = fmt.Sprintf("%s-%d", r.Target, i)
		c.Table.Rows = append(c.Table.Rows, r)
	}
	th := looks["colour"]
	for b.Loop() {
		c.Render(200, 60, th)
	}
}
