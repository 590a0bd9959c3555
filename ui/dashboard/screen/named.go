package screen

import "costping/ui/dashboard/widget"

// named is a list of names in a line, and the cells that each takes.
type named struct {
	text  string
	cells []extent
}

// extent is from a cell up to before another, of a part of a line that has a number.
type extent struct{ of, from, to int }

// add puts a part behind the others.
func (n *named) add(of int, text string) {
	from := widget.Width(n.text)
	n.text += text
	n.cells = append(n.cells, extent{of, from, widget.Width(n.text)})
}

// at is the part on a cell, -1 for none.
func (n named) at(x int) int {
	for _, e := range n.cells {
		if e.from <= x && x < e.to {
			return e.of
		}
	}
	return -1
}
