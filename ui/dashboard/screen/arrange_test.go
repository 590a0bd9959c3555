package screen

import (
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"
)

// Layouts of the Compare screen's part as drawings: what is on which line, top to
// bottom. T is the table's title, h its headings, r a row; C charts, d the detail,
// e events.
func TestLayoutCompare(t *testing.T) {
	draw := func(lines [4]int) string {
		s := ""
		for i, n := range lines {
			text := strings.Repeat(string("rCde"[i]), n)
			if i == 0 {
				text = ("Th" + strings.Repeat("r", max(0, n-2)))[:n]
			}
			s += text
		}
		return s
	}
	for _, tc := range []struct {
		name                         string
		height, rows, detail, events int
		charts                       bool
		want                         string
	}{
		{"no room", 0, 8, 4, 3, true, ""},
		{"the title first", 1, 8, 4, 3, true, "T"},
		{"then rows", 4, 8, 4, 3, true, "Thrr"},
		{"the last event", 7, 8, 4, 3, true, "Thrrrre"},
		{"rows before the detail", 8, 8, 4, 3, true, "Thrrrrre"},
		{"rows do not scroll for the detail", 10, 8, 4, 3, true, "Thrrrrrrre"},
		{"the detail in little", 14, 8, 4, 3, true, "Thrrrrrrrrddde"},
		{"rows do not scroll for a chart", 16, 8, 4, 3, true, "Thrrrrrrrrddddde"},
		{"the chart in little", 19, 8, 4, 3, true, "ThrrrrrrrrCCCCCddde"},
		{"the chart grows", 26, 8, 4, 3, true, "ThrrrrrrrrCCCCCCCCCCddddde"},
		{"several events", 36, 8, 4, 3, true, "Thrrrrrrrr" + strings.Repeat("C", 17) + "ddddd" + "eeee"},
		{"five lines of events at most", 36, 8, 4, 30, true, "Thrrrrrrrr" + strings.Repeat("C", 16) + "ddddd" + "eeeee"},
		{"few rows are few", 20, 2, 4, 3, true, "Thrr" + strings.Repeat("C", 10) + "ddddde"},
		{"no chart", 20, 8, 4, 0, false, "Thrrrrrrrrddddd"},
		{"many rows leave the rest its least", 20, 120, 4, 3, true, "Th" + strings.Repeat("r", 9) + "CCCCC" + "ddd" + "e"},
		{"nothing at all", 20, 0, 0, 0, false, "Th"},
	} {
		if got := draw(LayoutCompare(tc.height, tc.rows, tc.detail, tc.events, tc.charts)); got != tc.want {
			t.Errorf("%s (%d high, %d rows):\n %s, want\n %s", tc.name, tc.height, tc.rows, got, tc.want)
		}
	}
}

func TestArrange(t *testing.T) {
	for _, tc := range []struct {
		name   string
		height int
		slots  []Slot
		want   []int
	}{
		{"all have what they want", 10, []Slot{{Least: 1, Want: 3}, {Least: 1, Want: 2, Rank: 1}}, []int{3, 2}},
		{"one grows", 10, []Slot{{Least: 1, Want: 3}, {Least: 1, Want: 2, Rank: 1, Grows: true}}, []int{3, 7}},
		{"the highest rank goes", 5, []Slot{{Least: 3, Want: 3}, {Least: 3, Want: 3, Rank: 2}, {Least: 2, Want: 2, Rank: 1}}, []int{3, 0, 2}},
		{"none of a higher rank takes its place", 5, []Slot{{Least: 3, Want: 4}, {Least: 3, Want: 3, Rank: 1}, {Least: 1, Want: 1, Rank: 2}}, []int{4, 0, 0}},
		{"rank 0 takes less than its least", 2, []Slot{{Least: 3, Want: 4}, {Least: 1, Want: 1, Rank: 1}}, []int{2, 0}},
		{"no height", -3, []Slot{{Least: 3, Want: 4}, {Rank: 1}}, []int{0, 0}},
	} {
		got := Arrange(tc.height, tc.slots...)
		if !slices.Equal(got, tc.want) {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
}

// Slots never get more than there is, and all of it where one grows; each has
// nothing or its least, and of two that both have something to show the one that
// gives way first is not there without the other.
func TestArrangeKeepsItsPromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		height := rapid.IntRange(-5, 100).Draw(t, "height")
		var slots []Slot
		for i := range rapid.IntRange(1, 5).Draw(t, "slots") {
			s := Slot{Rank: i, Grows: rapid.Bool().Draw(t, "grows")}
			s.Least = rapid.IntRange(1, 12).Draw(t, "least")
			s.Want = s.Least + rapid.IntRange(0, 12).Draw(t, "want")
			slots = append(slots, s)
		}
		lines := Arrange(height, slots...)
		sum, grows := 0, false
		for i, n := range lines {
			sum += n
			grows = grows || slots[i].Grows && n > 0
			if i > 0 && n > 0 && (n < slots[i].Least || lines[i-1] < min(slots[i-1].Least, height)) {
				t.Fatalf("%v of %v", lines, slots)
			}
			if n > slots[i].Want && !slots[i].Grows {
				t.Fatalf("slot %d has %d lines and wants %d", i, n, slots[i].Want)
			}
		}
		if sum > max(0, height) || grows && sum != height {
			t.Fatalf("%d lines of %d", sum, height)
		}
	})
}

// A line of the body is the row that a click on it selects.
func TestRowAtIsTheOppositeOfDraw(t *testing.T) {
	c := body(t)
	for height := range 61 {
		for top := range 3 {
			c.Top = top
			for y, line := range c.Draw(120, height, looks["ascii"]) {
				i := c.RowAt(y, height, false)
				name := ""
				if i >= 0 {
					name = c.Table.Rows[i].Target
				}
				drawn := ""
				for _, r := range c.Table.Rows {
					if len(line) > 4 && strings.HasPrefix(plain(line)[3:], r.Target+" ") && strings.Count(plain(line), "  ") > 5 {
						drawn = r.Target
					}
				}
				if drawn != name && y > 0 {
					t.Fatalf("%d high from row %d: line %d is %q and a click selects %q: %s", height, top, y, drawn, name, plain(line))
				}
			}
		}
	}
}

func plain(line string) string { return ansi.Strip(line) }
