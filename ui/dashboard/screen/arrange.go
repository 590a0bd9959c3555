package screen

import "slices"

// Slot is a part of a screen that shares its height with others.
type Slot struct {
	// Least is how many lines it needs to be of use, Want how many it makes good
	// use of. One that has nothing to show has both 0.
	Least, Want int
	// Grows says that it takes what is left over once all have what they want.
	Grows bool
	// Rank is when it gives way: the highest first; 0 never does.
	Rank int
}

// Arrange divides a height among slots and returns the lines of each, 0 for one
// that has to go. They sum to at most height, and to height where one grows.
//
// What does not fit goes, the highest rank first, and what remains takes what it
// wants from the lowest rank on. A slot of rank 0 takes less than its least rather
// than go.
func Arrange(height int, slots ...Slot) []int {
	lines := make([]int, len(slots))
	order := make([]int, len(slots)) // from the first to be served
	for i := range slots {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return slots[a].Rank - slots[b].Rank })
	left := max(0, height)
	for _, i := range order {
		switch s := slots[i]; {
		case s.Least <= left:
			lines[i] = s.Least
		case s.Rank == 0:
			lines[i] = left
		default: // nothing of a higher rank may take its place
			return grow(height, slots, order, lines)
		}
		left -= lines[i]
	}
	return grow(height, slots, order, lines)
}

// grow gives what is left over to those that are there.
func grow(height int, slots []Slot, order, lines []int) []int {
	left := height
	for _, n := range lines {
		left -= n
	}
	give := func(i, n int) {
		n = max(0, min(n, left))
		lines[i] += n
		left -= n
	}
	for _, i := range order {
		if lines[i] > 0 {
			give(i, slots[i].Want-lines[i])
		}
	}
	for _, i := range order {
		if lines[i] > 0 && slots[i].Grows {
			give(i, left)
		}
	}
	return lines
}
