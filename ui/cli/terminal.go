package cli

import (
	"os"
	"strconv"
	"strings"

	"costping/ui/dashboard/theme"
	"costping/ui/report"

	"github.com/charmbracelet/x/term"
)

// noTerminal says why nobody could see and type, "" where both ends are a
// terminal that understands more than lines.
func (a *app) noTerminal() string {
	switch {
	case !isTerminal(a.stdin):
		return "standard input is none"
	case !isTerminal(a.stdout):
		return "standard output is none"
	case os.Getenv("TERM") == "dumb":
		return "TERM is dumb"
	}
	return ""
}

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(f.Fd())
}

// lineWidth is how long the lines of a paragraph get: as the terminal's, or where
// there is none, what reads well.
func (a *app) lineWidth() int {
	const withoutTerminal = 100
	if !isTerminal(a.stdout) {
		return withoutTerminal
	}
	return widthOf(a.stdout)
}

// writeTable writes a table: as wide as the terminal, or without one as it comes.
func (a *app) writeTable(t report.Table, format report.Format) error {
	if isTerminal(a.stdout) {
		t.Width = widthOf(a.stdout)
	}
	return t.Write(a.stdout, format)
}

// paragraphs folds each line of a text as the terminal is wide; without one, or in a
// format that is not for the eye alone, it stays as it is.
func (a *app) paragraphs(text string, format report.Format) string {
	if format != report.Text || !isTerminal(a.stdout) {
		return text
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSuffix(report.Drawing{Width: widthOf(a.stdout)}.Fold("", line, 2), "\n")
	}
	return strings.Join(lines, "\n")
}

// theme is how the dashboard looks on this terminal.
func (a *app) theme() (theme.Theme, error) {
	colour, err := a.colours()
	if err != nil {
		return theme.Theme{}, err
	}
	glyphs, err := a.glyphSet()
	if err != nil {
		return theme.Theme{}, err
	}
	palette, err := a.paletteOf()
	if !colour {
		palette = theme.Monochrome
	}
	return theme.Of(glyphs, palette), err
}

// glyphSet is what charts and marks are drawn with.
func (a *app) glyphSet() (theme.Glyphs, error) {
	switch {
	case a.ascii || a.glyphs == "ascii" || a.glyphs == "auto" && theme.ASCIILocale():
		return theme.ASCII(), nil
	case a.glyphs == "block":
		return theme.Block(), nil
	case a.glyphs == "auto" || a.glyphs == "unicode" || a.glyphs == "":
		return theme.Unicode(), nil
	}
	return theme.Glyphs{}, usage("give auto, unicode, block or ascii", "there are no glyphs %q", a.glyphs)
}

// paletteOf are the colours that were asked for. Without any, the terminal's own
// word counts, where it gives one: asking it takes 5 s where it does not answer.
func (a *app) paletteOf() (theme.Palette, error) {
	if a.palette == "auto" || a.palette == "" {
		if light, said := lightGround(os.Getenv("COLORFGBG")); said && light {
			return theme.Light, nil
		}
		return theme.Dark, nil
	}
	var names []string
	for _, p := range theme.Palettes() {
		if string(p) == a.palette {
			return p, nil
		}
		names = append(names, string(p))
	}
	return "", usage("give auto, "+strings.Join(names, ", "), "there is no theme %q", a.palette)
}

// lightGround reads what some terminals say of their colours, "15;0": the last is
// the ground's.
func lightGround(fgbg string) (light, said bool) {
	_, ground, ok := strings.Cut(fgbg, ";")
	if at := strings.LastIndex(ground, ";"); at >= 0 {
		ground = ground[at+1:]
	}
	n, err := strconv.Atoi(ground)
	if !ok || err != nil {
		return false, false
	}
	return n == 7 || n > 8 && n <= 15, true
}
