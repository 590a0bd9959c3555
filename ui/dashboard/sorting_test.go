package dashboard

import (
	"strings"
	"testing"

	"costping/ui/compare"
)

// The menu goes through the columns that are on the screen, so that the arrow is seen.
func TestSortMenuHasTheColumnsShown(t *testing.T) {
	for _, size := range [][2]int{{40, 12}, {60, 16}, {80, 24}, {120, 40}, {200, 50}} {
		m := opened(t, size[0], size[1])
		press(m, "s")
		for range sortKeys {
			press(m, "s")
			if headings := line(m, 4); !strings.Contains(headings, "↑") && !strings.Contains(headings, "↓") {
				t.Fatalf("%v, by %v: %q", size, m.rows.order, headings)
			}
		}
	}
	m := opened(t, 120, 40)
	press(m, "2", "s")
	if got := len(m.sortChoices()); got != len(sortKeys) {
		t.Errorf("%d columns on a screen without the table", got)
	}
}

// A letter of a column that has no room sorts and says so; one that is none says that.
func TestSortMenuSaysWhatALetterDid(t *testing.T) {
	m := opened(t, 60, 16)
	if press(m, "s", "c"); !strings.Contains(lastLine(m), "sorted by context") || m.rows.order.Column != compare.ByContext {
		t.Errorf("%q", lastLine(m))
	}
	if press(m, "s", "x"); !strings.Contains(lastLine(m), "no column goes by x") || m.overlay != nil {
		t.Errorf("%q", lastLine(m))
	}
	if press(m, "s", "esc"); strings.Contains(lastLine(m), "no column") {
		t.Errorf("%q", lastLine(m))
	}
}
