package screen

// Layout says which parts of a screen are shown, and how many lines the two
// that vary take.
type Layout struct {
	Header, Workload, Answer, Title, Headings, Footer bool
	// Rows is the number of table rows, Detail of detail lines under their rule.
	Rows, Detail int
}

// LayoutCompare divides the height of the Compare screen. What gives way first:
// the detail, the title, the hints, the headings; the rows scroll rather than
// push out what they belong to. On three lines and fewer the answer stands alone.
func LayoutCompare(width, height, rows, detail int) Layout {
	var l Layout
	left := height
	take := func(show *bool, keep int) {
		// keep is what must stay for the rows after this part is taken.
		if left > keep {
			*show = true
			left--
		}
	}
	few := min(rows, 3)
	take(&l.Answer, 0)
	take(&l.Workload, 1)
	take(&l.Header, 1)
	take(&l.Headings, few)
	take(&l.Footer, few)
	take(&l.Title, few)
	if width < 30 {
		detail = 0
	}
	// The detail is all or its first two lines: what a row costs and its time.
	switch {
	case left >= rows+1+detail:
		l.Detail = detail
	case detail > 2 && left >= rows+3:
		l.Detail = min(detail, left-rows-1)
	case detail > 2 && left >= 8:
		l.Detail = 2
	}
	if l.Detail > 0 {
		left -= l.Detail + 1
	}
	l.Rows = max(0, min(rows, left))
	return l
}
