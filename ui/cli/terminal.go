package cli

import (
	"os"

	"costping/ui/dashboard/theme"

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

// theme is how the dashboard looks on this terminal.
func (a *app) theme() (theme.Theme, error) {
	colour, err := a.colours()
	glyphs := theme.Unicode()
	if a.ascii || theme.ASCIILocale() {
		glyphs = theme.ASCII()
	}
	return theme.New(glyphs, colour), err
}
