// Package theme holds what the dashboard's text looks like: glyphs and styles.
//
// Its rule: colour never carries a state alone. Whatever is yellow or red has a
// glyph or a word that says so too, and the sixteen colours of the terminal's own
// palette are all there are, so that the person's colours stay theirs.
package theme

import (
	"io"
	"os"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"
)

// Canvas is what lines are drawn with.
type Canvas uint8

// The kinds of canvas, the finest first.
const (
	// Braille has two by four dots a cell.
	Braille Canvas = iota
	// Quadrants has two by two, for fonts without braille.
	Quadrants
	// Letters has one: a line is made of its series' letter.
	Letters
)

// Glyphs are the characters that are not letters.
type Glyphs struct {
	Failing               string
	Pick, Selected        string
	KnobOpen, KnobClose   string
	Rule                  string
	Spark                 []string // eight levels, lowest first
	SparkFailed, SparkGap string
	None, Ellipsis        string
	Up, Down              string

	// Canvas is what the lines of charts are drawn with; the rest are the other
	// parts of charts.
	Canvas                             Canvas
	Over, Fine, Other, Retired         string
	Limit, Upright, Tick, Corner, Foot string   // Foot is a tick of the axis below
	Crossing, Shadow                   string   // where two lines cross; a band behind a line
	Shades                             []string // five, lightest first
	Bar                                []string // eighths of a cell from the left, the last of them whole
	IntervalOpen, IntervalClose        string
}

// Unicode is the usual set: every character is one cell wide.
func Unicode() Glyphs {
	return Glyphs{
		Failing: "✗",
		Pick:    "◆", Selected: "▸", KnobOpen: "‹", KnobClose: "›", Rule: "─",
		Spark:       []string{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"},
		SparkFailed: "x", SparkGap: " ",
		None: "—", Ellipsis: "…", Up: "↑", Down: "↓",
		Canvas: Braille, Over: "▲", Fine: "●", Other: "●", Retired: "○",
		Limit: "╌", Upright: "│", Tick: "┤", Corner: "└", Foot: "┬", Crossing: "┼", Shadow: "⠂",
		Shades:       []string{" ", "░", "▒", "▓", "█"},
		Bar:          []string{"▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"},
		IntervalOpen: "├", IntervalClose: "┤",
	}
}

// Block is Unicode with lines of quarter cells, for fonts without braille.
func Block() Glyphs {
	g := Unicode()
	g.Canvas, g.Shadow = Quadrants, "░"
	return g
}

// ASCII is for terminals and locales where the others have no certain width.
func ASCII() Glyphs {
	return Glyphs{
		Failing: "x",
		Pick:    "#", Selected: ">", KnobOpen: "[", KnobClose: "]", Rule: "-",
		Spark:       []string{"1", "2", "3", "4", "5", "6", "7", "8"},
		SparkFailed: "x", SparkGap: " ",
		None: "-", Ellipsis: "..", Up: "^", Down: "v",
		Canvas: Letters, Over: "!", Fine: "o", Other: "o", Retired: ".",
		Limit: "-", Upright: "|", Tick: "+", Corner: "+", Foot: "+", Crossing: "+", Shadow: ":",
		Shades:       []string{" ", ".", ":", "*", "#"},
		Bar:          []string{"#"},
		IntervalOpen: "[", IntervalClose: "]",
	}
}

// Translate writes text made with the Unicode set in this one.
func (g Glyphs) Translate(text string) string {
	if g.None == "—" {
		return text
	}
	return asciiText.Replace(text)
}

var asciiText = strings.NewReplacer("—", "-", "…", "..", "×", "x", "±", "+-", "◆", "#", "▸", ">", "‹", "[", "›", "]",
	"─", "-", "←→", "left/right", "↑↓", "up/down", "←", "left", "→", "right", "↑", "up", "↓", "down", "●", "o", "▲", "!", "✗", "x", "○", ".", "╌", "-", "≤", "<=", "≥", ">=")

// Theme is glyphs and styles together.
type Theme struct {
	Glyphs
	Plain, Bold, Dim, Lit, Warn, Bad, Mark, Heading lipgloss.Style
	// Series are the colours of a chart's lines, of which there are six at most.
	Series [6]lipgloss.Style
}

// Palette is which of the terminal's sixteen colours stand for what.
type Palette string

// The palettes.
const (
	// Monochrome has bold, dim and reverse, which are no colours.
	Monochrome Palette = "none"
	// Dark is for light text on a dark ground, Light for the opposite: yellow and
	// cyan cannot be read on white.
	Dark  Palette = "dark"
	Light Palette = "light"
	// HighContrast has bright colours and dims nothing.
	HighContrast Palette = "high-contrast"
	// ColourBlind does without red against green: what is over a limit is yellow,
	// what fails is reversed.
	ColourBlind Palette = "colour-blind"
)

// Palettes lists those that a person can ask for.
func Palettes() []Palette { return []Palette{Dark, Light, HighContrast, ColourBlind} }

// New makes a theme for a dark ground; colour false leaves bold, dim and reverse,
// which are none.
func New(g Glyphs, colour bool) Theme {
	if !colour {
		return Of(g, Monochrome)
	}
	return Of(g, Dark)
}

// Of makes a theme of a palette.
func Of(g Glyphs, p Palette) Theme {
	r := lipgloss.NewRenderer(io.Discard)
	r.SetColorProfile(termenv.ANSI)
	r.SetHasDarkBackground(true) // no style here depends on it; never ask
	plain := r.NewStyle()
	paint := func(c lipgloss.ANSIColor) lipgloss.Style { return plain.Foreground(c) }
	t := Theme{
		Glyphs: g, Plain: plain, Bold: plain.Bold(true), Heading: plain.Bold(true),
		// SGR 2 rather than bright black, which some palettes paint in the
		// colour of the background.
		Dim: plain.Faint(true),
		Lit: plain.Reverse(true),
	}
	switch p {
	case Dark:
		t.Warn, t.Bad, t.Mark = paint(yellow), paint(red), paint(cyan)
		t.Series = [6]lipgloss.Style{paint(blue), paint(cyan), paint(magenta), plain, paint(green), paint(yellow)}
	case Light:
		t.Warn, t.Bad, t.Mark = paint(magenta).Bold(true), paint(red).Bold(true), paint(blue)
		t.Series = [6]lipgloss.Style{paint(blue), paint(magenta), paint(green), plain, paint(bright + blue), paint(red)}
	case HighContrast:
		t.Warn, t.Bad, t.Mark = paint(bright+yellow).Bold(true), paint(bright+red).Bold(true), paint(bright+cyan).Bold(true)
		t.Dim = plain
		t.Series = [6]lipgloss.Style{paint(bright + cyan), paint(bright + yellow), paint(bright + magenta), plain.Bold(true), paint(bright + green), paint(bright + blue)}
	case ColourBlind:
		t.Warn, t.Bad, t.Mark = paint(yellow), plain.Reverse(true).Bold(true), paint(blue)
		t.Series = [6]lipgloss.Style{paint(blue), paint(yellow), plain, paint(cyan), paint(bright + blue), paint(magenta)}
	default:
		t.Warn, t.Bad, t.Mark = plain, plain, plain
		t.Series = [6]lipgloss.Style{plain, plain, plain, plain, plain, plain}
	}
	return t
}

// The terminal's colours by their number; bright is added for the bright ones.
const (
	red lipgloss.ANSIColor = iota + 1
	green
	yellow
	blue
	magenta
	cyan
	bright lipgloss.ANSIColor = 8
)

// ASCIILocale reports whether the environment calls for the ASCII set: a
// character set that is not UTF-8, or a language whose terminals draw the
// ambiguous characters two cells wide.
func ASCIILocale() bool {
	locale := os.Getenv("LC_ALL")
	if locale == "" {
		locale = os.Getenv("LC_CTYPE")
	}
	if locale == "" {
		locale = os.Getenv("LANG")
	}
	lower := strings.ToLower(locale)
	for _, wide := range []string{"zh", "ja", "ko"} {
		if strings.HasPrefix(lower, wide) {
			return true
		}
	}
	// Without any locale set, as in many containers, terminals are UTF-8 all the
	// same; only an explicit other choice counts.
	return locale != "" && locale != "C" && locale != "POSIX" &&
		!strings.Contains(lower, "utf-8") && !strings.Contains(lower, "utf8")
}

// SeriesOf is which of the series a letter stands for: those of marked rows, the
// numbers of rows that nobody marked, and s for a machine of one's own, which is the
// last. ok is false for other signs.
func SeriesOf(letter string) (i int, ok bool) {
	if len(letter) != 1 {
		return 0, false
	}
	for _, signs := range []string{"abcdef", "123456", "     s"} {
		if i = strings.Index(signs, letter); i >= 0 && letter != " " {
			return i, true
		}
	}
	return 0, false
}

// SeriesStyle is the style of a series on a chart, by its letter.
func (t Theme) SeriesStyle(letter string) lipgloss.Style {
	if i, ok := SeriesOf(letter); ok {
		return t.Series[i]
	}
	return t.Plain
}
