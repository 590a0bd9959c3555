package chart

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"costping/ui/dashboard/theme"
	"costping/ui/dashboard/widget"

	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write golden files")

// drawing is what every chart is.
type drawing interface {
	Render(width, height int, th theme.Theme) string
}

// sets are the glyph sets.
var sets = map[string]theme.Glyphs{"unicode": theme.Unicode(), "block": theme.Block(), "ascii": theme.ASCII()}

func fixtures() map[string]drawing {
	return map[string]drawing{
		"lines": day(), "band": banded(), "scatter": models(), "curves": volumes(), "shares": shares(),
		"histogram": waits(), "hours": hours(), "recall": recall(), "waterfall": request(), "bars": outcomes(),
	}
}

// checker is what tests of either kind have.
type checker interface {
	Helper()
	Fatalf(format string, args ...any)
}

// check holds a chart to its promise: exactly that many lines of that width.
func check(t checker, d drawing, width, height int, th theme.Theme) string {
	t.Helper()
	text := d.Render(width, height, th)
	if width <= 0 || height <= 0 {
		if text != "" {
			t.Fatalf("%T %dx%d: %q", d, width, height, text)
		}
		return text
	}
	lines := strings.Split(text, "\n")
	if len(lines) != height {
		t.Fatalf("%T %dx%d: %d lines", d, width, height, len(lines))
	}
	for i, line := range lines {
		if w := widget.Width(line); w != width {
			t.Fatalf("%T %dx%d: line %d is %d wide: %q", d, width, height, i, w, line)
		}
	}
	return text
}

func TestGoldens(t *testing.T) {
	for name, d := range fixtures() {
		for set, glyphs := range sets {
			var b strings.Builder
			for _, size := range [][2]int{{118, 14}, {80, 9}, {55, 6}, {38, 4}, {20, 3}} {
				fmt.Fprintf(&b, "%dx%d\n", size[0], size[1])
				for line := range strings.Lines(check(t, d, size[0], size[1], theme.New(glyphs, false)) + "\n") {
					fmt.Fprintf(&b, "%s\n", strings.TrimRight(ansi.Strip(line), " \n"))
				}
			}
			golden(t, name+"-"+set+".txt", b.String())
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

// With the ASCII set nothing else comes out of data that has nothing else.
func TestASCII(t *testing.T) {
	for name, d := range fixtures() {
		if c, ok := d.(Curves); ok {
			for i := range c.Curves {
				c.Curves[i].Name = "model"
			}
		}
		text := check(t, d, 100, 12, theme.New(theme.ASCII(), true))
		if i := strings.IndexFunc(text, func(r rune) bool { return r > 126 }); i >= 0 {
			t.Errorf("%s: %q", name, text[i:min(i+10, len(text))])
		}
	}
}

// Colour only helps: without it the same characters stand at the same places.
func TestColour(t *testing.T) {
	for name, d := range fixtures() {
		with, without := d.Render(100, 12, theme.New(theme.Unicode(), true)), d.Render(100, 12, theme.New(theme.Unicode(), false))
		if ansi.Strip(with) != ansi.Strip(without) {
			t.Errorf("%s differs:\n%s\n%s", name, with, without)
		}
		if name != "recall" && with == without {
			t.Errorf("%s has no colour", name)
		}
	}
	text := day().Render(100, 12, theme.New(theme.Unicode(), true))
	for letter, code := range map[string]string{"a": "34", "b": "36", "c": "35"} {
		before, _, found := strings.Cut(text, letter+" ")
		if i := strings.LastIndex(before, "\x1b["); !found || !strings.HasPrefix(before[i:], "\x1b["+code+"m") {
			t.Errorf("%s is not in colour %s", letter, code)
		}
	}
}

// figures are those that break charts, among usual ones.
func figures() *rapid.Generator[float64] {
	return rapid.OneOf(
		rapid.SampledFrom([]float64{
			0, -1, 1, 1, math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, -math.MaxFloat64,
			math.SmallestNonzeroFloat64, 800, 1e-9, 1e18,
		}),
		rapid.Float64Range(100, 2000), rapid.Float64())
}

func times() *rapid.Generator[time.Time] {
	return rapid.Custom(func(t *rapid.T) time.Time {
		switch rapid.IntRange(0, 9).Draw(t, "kind") {
		case 0:
			return time.Time{}
		case 1:
			return time.Unix(rapid.Int64().Draw(t, "unix"), 0)
		case 2:
			return noon.AddDate(rapid.IntRange(-3000, 3000).Draw(t, "years"), 0, 0)
		}
		return noon.Add(time.Duration(rapid.Int64Range(-1e14, 1e14).Draw(t, "ns")))
	})
}

func names() *rapid.Generator[string] {
	return rapid.StringOfN(rapid.RuneFrom([]rune("abcdef 模型نم…é🧠👩‍🇩🇪\u0301\x1b[31m\n\t\u200d\ufe0f")), 0, 20, -1)
}

// drawings are charts of anything.
func drawings() *rapid.Generator[drawing] {
	return rapid.Custom(func(t *rapid.T) drawing {
		number, name, flag, at := figures(), names(), rapid.Bool(), times()
		limit := Limit{number.Draw(t, "limit"), name.Draw(t, "label")}
		many := rapid.IntRange(0, 9).Draw(t, "many")
		few := rapid.IntRange(0, 30)
		switch rapid.IntRange(0, 6).Draw(t, "chart") {
		case 0:
			l := Lines{From: at.Draw(t, "from"), To: at.Draw(t, "to"), Linear: flag.Draw(t, "linear"), Limit: limit, Cursor: at.Draw(t, "cursor"), Idle: name.Draw(t, "idle")}
			for range many {
				s := Series{Letter: name.Draw(t, "letter"), Name: name.Draw(t, "name")}
				for range few.Draw(t, "points") {
					s.Points = append(s.Points, Point{at.Draw(t, "at"), number.Draw(t, "value"), flag.Draw(t, "ok")})
					s.Band = append(s.Band, Span{at.Draw(t, "at"), number.Draw(t, "lo"), number.Draw(t, "hi"), flag.Draw(t, "ok")})
				}
				l.Series = append(l.Series, s)
				l.Events = append(l.Events, Event{At: at.Draw(t, "event")})
			}
			return l
		case 1:
			s := Scatter{Limit: limit, Frontier: flag.Draw(t, "frontier")}
			for range few.Draw(t, "spots") {
				s.Spots = append(s.Spots, Spot{
					name.Draw(t, "letter"), name.Draw(t, "name"), number.Draw(t, "x"), number.Draw(t, "y"),
					Standing(rapid.IntRange(0, 2).Draw(t, "standing")), flag.Draw(t, "selected"), flag.Draw(t, "over"),
				})
			}
			return s
		case 2:
			h := Histogram{Values: rapid.SliceOfN(number, 0, 60).Draw(t, "values"), Linear: flag.Draw(t, "linear")}
			for range many {
				h.Marks = append(h.Marks, Mark{name.Draw(t, "name"), number.Draw(t, "value"), number.Draw(t, "lo"), number.Draw(t, "hi"), name.Draw(t, "missing")})
			}
			return h
		case 3:
			c := Curves{LinearX: flag.Draw(t, "linear x"), LinearY: flag.Draw(t, "linear y"), Now: number.Draw(t, "now"), Limit: limit}
			for range many {
				curve := Curve{Letter: name.Draw(t, "letter"), Name: name.Draw(t, "name")}
				for range few.Draw(t, "points") {
					curve.Points = append(curve.Points, XY{number.Draw(t, "x"), number.Draw(t, "y")})
				}
				c.Curves = append(c.Curves, curve)
				c.Crossings = append(c.Crossings, Crossing{XY{number.Draw(t, "x"), number.Draw(t, "y")}, name.Draw(t, "label")})
			}
			return c
		case 4:
			h := Heatmap{LowIsBad: flag.Draw(t, "low"), Unit: name.Draw(t, "unit"), Rows: rapid.SliceOfN(name, 0, 5).Draw(t, "rows"), Columns: rapid.SliceOfN(name, 0, 30).Draw(t, "columns")}
			for range many {
				var row []Known
				for range few.Draw(t, "cells") {
					row = append(row, Known{number.Draw(t, "value"), flag.Draw(t, "ok")})
				}
				h.Cells = append(h.Cells, row)
			}
			return h
		case 5:
			w := Waterfall{Total: name.Draw(t, "total")}
			for range many {
				w.Parts = append(w.Parts, Part{name.Draw(t, "name"), time.Duration(rapid.Int64().Draw(t, "took"))})
			}
			return w
		}
		b := Bars{Full: flag.Draw(t, "full"), Limit: limit}
		for range many {
			b.Bars = append(b.Bars, Bar{
				name.Draw(t, "name"), number.Draw(t, "share"), number.Draw(t, "lo"), number.Draw(t, "hi"),
				name.Draw(t, "text"), flag.Draw(t, "unknown"), flag.Draw(t, "bad"),
			})
		}
		return b
	})
}

func glyphs() *rapid.Generator[theme.Glyphs] {
	return rapid.SampledFrom([]theme.Glyphs{theme.Unicode(), theme.Block(), theme.ASCII()})
}

// Whatever the figures, the names and the size, the text has that size.
func TestSizes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawings().Draw(t, "drawing")
		side := rapid.OneOf(rapid.IntRange(-1, 12), rapid.IntRange(0, 80), rapid.IntRange(0, 400))
		th := theme.New(glyphs().Draw(t, "glyphs"), rapid.Bool().Draw(t, "colour"))
		check(t, d, side.Draw(t, "width"), min(side.Draw(t, "height"), 400), th)
	})
}

// The same, of sound data at every size.
func FuzzSizes(f *testing.F) {
	for _, size := range [][2]int{{0, 0}, {1, 1}, {12, 3}, {40, 10}, {400, 400}, {400, 1}, {1, 400}} {
		f.Add(uint16(size[0]), uint16(size[1]))
	}
	f.Fuzz(func(t *testing.T, width, height uint16) {
		for _, d := range fixtures() {
			for _, set := range sets {
				check(t, d, int(width%401), int(height%401), theme.New(set, false))
			}
		}
	})
}

func BenchmarkLines(b *testing.B) {
	l := day()
	l.Series = append(l.Series, l.Series...)
	for i := range l.Series {
		l.Series[i].Points = l.Series[i].Points[:120]
	}
	th := theme.New(theme.Unicode(), true)
	for b.Loop() {
		l.Render(200, 60, th)
	}
}
