package widget

import (
	"strings"
	"testing"

	"costping/ui/compare"
	"costping/ui/dashboard/theme"

	"pgregory.net/rapid"
)

var g = theme.Unicode()

func TestText(t *testing.T) {
	for _, tc := range []struct{ got, want string }{
		{Pad("ab", 4, g), "ab  "},
		{Pad("abcdef", 4, g), "abc…"},
		{PadLeft("12", 4, g), "  12"},
		{Cut("abc", 3, g), "abc"},
		{Cut("abcd", 1, g), "a"},
		{Cut("abcdef", 4, theme.ASCII()), "ab.."},
		{Elide("claude-3.5-sonnet", 16, g), "claude-3…-sonnet"},
		{Elide("gemini-2.5-flash-lite", 16, g), "gemini-2…sh-lite"},
		{Elide("short", 16, g), "short"},
		{Elide("abcdefgh", 4, g), "abc…"},
		{First([]string{"the long form", "short"}, 13, g), "the long form"},
		{First([]string{"the long form", "short"}, 12, g), "short"},
		{First([]string{"the long form", "short"}, 4, g), "sho…"},
		{First(nil, 4, g), ""},
		{First([]string{"± 5"}, 8, theme.ASCII()), "+- 5"},
		{Rule([]string{"one", "two"}, 20, g), "─ one ─ two ────────"},
		{Rule([]string{"one", "two"}, 10, g), "─ one ────"},
		{Sides("left", "right", 12, g), "left   right"},
		{Sides("left", "right", 7, g), "l…right"},
		{Sides("left", "right", 4, g), "rig…"},
	} {
		if tc.got != tc.want {
			t.Errorf("got %q, want %q", tc.got, tc.want)
		}
	}
}

// Whatever the text, what comes back has the width that was asked for.
func TestWidths(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.RuneFrom([]rune("ab 模型نم…é🧠"))).Draw(t, "text")
		width := rapid.IntRange(0, 30).Draw(t, "width")
		for name, text := range map[string]string{
			"Pad": Pad(s, width, g), "PadLeft": PadLeft(s, width, g), "Rule": Rule([]string{s, s}, width, g),
			"Sides": Sides(s, "12", width, g), "padded Elide": Pad(Elide(s, width, g), width, g),
			"Sparkline": Sparkline(make([]compare.Tick, len(s)), width, g),
		} {
			if got := Width(text); got != width {
				t.Fatalf("%s(%q, %d) is %d wide: %q", name, s, width, got, text)
			}
		}
		if w := Width(Elide(s, width, g)); w > max(width, 0) {
			t.Fatalf("Elide(%q, %d) is %d wide", s, width, w)
		}
	})
}

func TestSparkline(t *testing.T) {
	at := func(levels ...int) []compare.Tick {
		ticks := make([]compare.Tick, len(levels))
		for i, l := range levels {
			ticks[i] = compare.Tick{Seen: true, Level: l}
		}
		return ticks
	}
	for _, tc := range []struct {
		name  string
		ticks []compare.Tick
		width int
		want  string
	}{
		{"the median stands in the middle", at(0), 1, "▄"},
		{"a level is a step, within eight", at(-9, -3, -1, 0, 1, 4, 9), 7, "▁▁▃▄▅██"},
		{"gaps are gaps, failures crosses", []compare.Tick{{Seen: true}, {}, {Failed: true}}, 3, "▄ x"},
		{"few ticks stand at the right", at(0, 1), 4, "  ▄▅"},
		{"a peak survives folding", at(0, 0, 0, 4, 0, 0), 2, "▄█"},
		{"a failure survives folding", []compare.Tick{{Seen: true}, {Failed: true}, {Seen: true}, {Seen: true}}, 2, "x▄"},
		{"no room", at(0), 0, ""},
	} {
		if got := Sparkline(tc.ticks, tc.width, g); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

func TestGlyphSetsHaveOneWidth(t *testing.T) {
	for name, set := range map[string]theme.Glyphs{"unicode": theme.Unicode(), "ascii": theme.ASCII()} {
		for _, glyph := range append([]string{set.Selected, set.Pick, set.Failing, set.KnobOpen, set.KnobClose, set.Rule, set.SparkFailed}, set.Spark...) {
			if Width(glyph) != 1 {
				t.Errorf("%s: %q is %d wide", name, glyph, Width(glyph))
			}
		}
	}
	if text := theme.ASCII().Translate("— … × ± ◆ ▸ ‹ › ─ ←→ ↑↓ ● ▲ ✗"); strings.IndexFunc(text, func(r rune) bool { return r > 126 }) >= 0 {
		t.Errorf("left over: %q", text)
	}
}
