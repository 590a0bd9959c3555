package theme

import (
	"strings"
	"testing"
)

// Six lines have six colours wherever there are any, and a machine's line none that a
// numbered or lettered one beside it has.
func TestSeriesColours(t *testing.T) {
	for _, p := range Palettes() {
		th := Of(Unicode(), p)
		seen := map[string]string{}
		for _, letter := range strings.Split("a b c d e s", " ") {
			text := th.SeriesStyle(letter).Render("x")
			if other, ok := seen[text]; ok {
				t.Errorf("%s: %s looks like %s", p, letter, other)
			}
			seen[text] = letter
		}
	}
}

func TestSeriesOf(t *testing.T) {
	for sign, want := range map[string]int{"a": 0, "f": 5, "1": 0, "6": 5, "s": 5, "": -1, " ": -1, "ab": -1, "*": -1, "#": -1} {
		if i, ok := SeriesOf(sign); ok != (want >= 0) || ok && i != want {
			t.Errorf("%q is series %d, %v", sign, i, ok)
		}
	}
}
