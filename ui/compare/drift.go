package compare

// Drift is how a row stands to what was approved.
type Drift struct {
	// Text is all that changed in a clause: "since approval: price same, p95 +12 %"; ""
	// where nothing was approved.
	Text string
	// Short is what of it is shown to be otherwise, "as approved" where nothing is, ""
	// where nothing can be told.
	Short string
	// Over says that something drifted further than it may, New that the row is none of
	// those that were approved.
	Over, New bool
	// Rules are what was judged, each with its figures.
	Rules []string
}

// Drifts are those of all rows, by target, of one comparison.
type Drifts struct{ Targets map[string]Drift }

// of is that of a target.
func (d *Drifts) of(target string) Drift {
	if d == nil {
		return Drift{}
	}
	return d.Targets[target]
}
