package dashboard

import (
	"costping/ui/dashboard/screen"
	"costping/ui/dashboard/theme"
)

// keptBody is the part of the screen that is shown. What it drew is kept until
// something changes: countdowns are in the frame around it, and a tick that moves
// only those draws no table and no chart.
type keptBody struct{ m *Model }

// drawn is what a body drew, for a size.
type drawn struct {
	lines         []string
	width, height int
	small         bool
}

// Draw implements screen.Drawing.
func (k keptBody) Draw(width, height int, th theme.Theme) []string {
	return k.kept(width, height, false, func(b screen.Body) []string { return b.Draw(width, height, th) })
}

// DrawSmall implements screen.Body.
func (k keptBody) DrawSmall(width, height int, th theme.Theme) []string {
	return k.kept(width, height, true, func(b screen.Body) []string { return b.DrawSmall(width, height, th) })
}

func (k keptBody) kept(width, height int, small bool, draw func(screen.Body) []string) []string {
	d := &k.m.body
	if d.lines == nil || d.width != width || d.height != height || d.small != small {
		*d = drawn{draw(k.m.page().body(k.m)), width, height, small}
	}
	return d.lines
}

// redraw forgets what was drawn, of the body too where that has changed.
func (m *Model) redraw(body bool) {
	m.frame = ""
	if body {
		m.body = drawn{}
	}
}
