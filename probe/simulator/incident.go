package simulator

import (
	"errors"
	"math"
	"time"
)

// An Incident is a stretch of time in which a model behaves worse.
type Incident struct {
	// Offset from the epoch at which it first starts; may be negative.
	Offset time.Duration
	// Lasts is how long each occurrence lasts.
	Lasts time.Duration
	// Every is the time from one start to the next; 0 means it happens once.
	// Occurrences run forward from Offset: none precedes it.
	Every time.Duration
	// TTFTFactor and GapFactor multiply the time to first token and the gaps
	// between tokens; 0 means unchanged.
	TTFTFactor, GapFactor float64
	// Faults are added to the script's own.
	Faults []Fault
}

// Active reports whether the incident is under way at this time since the epoch.
func (i Incident) Active(sinceEpoch time.Duration) bool {
	since := sinceEpoch - i.Offset
	if since < 0 {
		return false
	}
	if i.Every > 0 {
		since %= i.Every
	}
	return since < i.Lasts
}

func (i Incident) validate() error {
	switch {
	case i.Lasts <= 0:
		return errors.New("an incident must last")
	case i.Every != 0 && i.Every < i.Lasts:
		return errors.New("an incident must end before it repeats")
	case !validFactor(i.TTFTFactor) || !validFactor(i.GapFactor):
		return errors.New("an incident's factors must lie between 0 and 1000")
	}
	return validateFaults(i.Faults)
}

func validFactor(f float64) bool { return !math.IsNaN(f) && f >= 0 && f <= 1000 }
