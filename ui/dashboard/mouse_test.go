package dashboard

import (
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	tea "github.com/charmbracelet/bubbletea"
)

// clickOn clicks the first cell of a text on a line; it reports whether it is there.
func clickOn(m *Model, y int, text string) bool {
	before, _, found := strings.Cut(line(m, y), text)
	if found {
		m.Update(tea.MouseMsg{X: ansi.StringWidth(before), Y: y, Button: tea.MouseButtonLeft, Action: tea.MouseActionPress})
	}
	return found
}

// A click on the name of a screen opens it, in every form that names have.
func TestMouseOpensScreens(t *testing.T) {
	for width, names := range map[int][]string{
		120: {"2 Model", "6 Probes", "4 Choose", "1 Compare"}, 80: {" 3", " 5", " 1"}, 200: {"5 Reliability", "1 Compare"},
	} {
		m := opened(t, width, 24)
		for _, name := range names {
			if !clickOn(m, 0, name) {
				t.Fatalf("%d wide: no %q in %q", width, name, line(m, 0))
			}
			if want := strings.TrimSpace(name)[:1]; want != string(rune('1'+m.at)) {
				t.Errorf("%d wide: a click on %q opens %s", width, name, m.page().name)
			}
		}
		if at := m.at; !clickOn(m, 0, "DEMO") || m.at != at {
			t.Errorf("%d wide: a click on a state opens %s", width, m.page().name)
		}
	}
}

// A click on a knob lights it; the days of a month are none.
func TestMouseLightsKnobs(t *testing.T) {
	for _, width := range []int{80, 120, 200} {
		m := opened(t, width, 24)
		for _, c := range []struct {
			text string
			want knob
		}{{"batch", batch}, {"10.0M", volume}, {"75% in", split}, {"retries", retries}} {
			if !clickOn(m, 1, c.text) || m.knobs.lit != c.want {
				t.Errorf("%d wide: a click on %q lights %d", width, c.text, m.knobs.lit)
			}
			if !slices.ContainsFunc([]string{"‹" + c.text, "‹ " + c.text}, func(lit string) bool { return strings.Contains(line(m, 1), lit) }) {
				t.Errorf("%d wide: %q", width, line(m, 1))
			}
		}
		if clickOn(m, 1, "30 d") && m.knobs.lit != retries {
			t.Errorf("%d wide: the days light %d", width, m.knobs.lit)
		}
	}
	m := opened(t, 120, 40)
	press(m, "6")
	if !clickOn(m, 1, "no cap") || !m.asked.onCap || !clickOn(m, 1, "a pass") || m.asked.onCap {
		t.Errorf("on Probes: %q", line(m, 1))
	}
}
