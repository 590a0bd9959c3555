// Package widget draws the small parts that screens are made of. Every function
// returns text of exactly the width it was asked for, measured by the one width
// function of the program (charmbracelet/x/ansi).
package widget

import (
	"strings"

	"costping/ui/dashboard/theme"

	"github.com/charmbracelet/x/ansi"
)

// Width is the number of cells a text takes.
func Width(s string) int {
	if plain(s) {
		return len(s)
	}
	return ansi.StringWidth(s)
}

// plain reports whether a text is printable ASCII alone, a cell each, as most figures
// are.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// Pad fills a text with spaces on the right, or cuts it, to exactly width cells.
func Pad(s string, width int, g theme.Glyphs) string {
	if width <= 0 {
		return ""
	}
	w := Width(s)
	if w > width {
		s = Cut(s, width, g)
		w = Width(s)
	}
	return s + strings.Repeat(" ", max(0, width-w))
}

// PadLeft is Pad for figures, which stand on the right.
func PadLeft(s string, width int, g theme.Glyphs) string {
	if w := Width(s); w < width {
		return strings.Repeat(" ", width-w) + s
	}
	return Pad(s, width, g)
}

// Cut shortens a text to at most width cells, with a mark where it was cut.
func Cut(s string, width int, g theme.Glyphs) string {
	if Width(s) <= width {
		return s
	}
	if width <= Width(g.Ellipsis) {
		return ansi.Truncate(s, max(0, width), "")
	}
	return ansi.Truncate(s, width, g.Ellipsis)
}

// Elide shortens a name by its middle: both ends of a model's name tell it apart.
func Elide(s string, width int, g theme.Glyphs) string {
	if Width(s) <= width {
		return s
	}
	room := width - Width(g.Ellipsis)
	if room < 4 {
		return Cut(s, width, g)
	}
	head := ansi.Truncate(s, (room+1)/2, "") + g.Ellipsis
	// A wide character may straddle the cut: then the tail begins after it.
	for from := Width(s) - room/2; ; from++ {
		if tail := ansi.TruncateLeft(s, from, ""); Width(head)+Width(tail) <= width {
			return head + tail
		}
	}
}

// First is the first of the texts that fits, else the last of them, cut.
func First(texts []string, width int, g theme.Glyphs) string {
	for _, t := range texts {
		if t = g.Translate(t); Width(t) <= width {
			return t
		}
	}
	if len(texts) == 0 {
		return ""
	}
	return Cut(g.Translate(texts[len(texts)-1]), width, g)
}

// Rule is a line across the screen with titles set into it: as many of them,
// from the first, as fit.
func Rule(titles []string, width int, g theme.Glyphs) string {
	line := g.Rule
	for _, t := range titles {
		next := line + " " + g.Translate(t) + " " + g.Rule
		if Width(next) > width {
			break
		}
		line = next
	}
	return Pad(line+strings.Repeat(g.Rule, max(0, width-Width(line))), width, g)
}

// Sides puts one text at the left and one at the right end of a line. The left
// gives way.
func Sides(left, right string, width int, g theme.Glyphs) string {
	r := Width(right)
	if r >= width {
		return Pad(right, width, g)
	}
	return Pad(left, width-r, g) + right
}

// Wrap folds a text between words into lines of at most width cells; a word that
// is longer is cut where the line ends.
func Wrap(s string, width int) []string {
	if s == "" || width <= 0 {
		return nil
	}
	return strings.Split(ansi.Wrap(s, width, ""), "\n")
}
