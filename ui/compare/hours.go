package compare

import (
	"fmt"
	"time"

	"costping/probe"
	"costping/probe/stats"
	"costping/store"
)

// Timed is a figure and when it was measured.
type Timed struct {
	At    time.Time
	Value float64
}

// Hours is how a figure goes over the hours of the day.
type Hours struct {
	// Slowest is the hour that is furthest above the others, 0 to 23; -1 where none
	// is measurably above them. Ratio is how many times the others it takes.
	Slowest int
	Ratio   stats.Ratio
	// Judged counts the hours that have enough figures to be compared, Back is how
	// far the figures go back.
	Judged int
	Back   time.Duration
}

// HoursOf finds the slowest hour of the day by the clock of a zone: each hour with
// the rest of the day. The probabilities are adjusted for so many hours; the
// interval is that of the one hour alone. The figures are in the order of time.
func HoursOf(figures []Timed, zone *time.Location) Hours {
	h := Hours{Slowest: -1}
	if len(figures) == 0 {
		return h
	}
	h.Back = figures[len(figures)-1].At.Sub(figures[0].At)
	var by [24][]float64
	for _, f := range figures {
		hour := f.At.In(zone).Hour()
		by[hour] = append(by[hour], f.Value)
	}
	ratios := make([]stats.Ratio, len(by))
	for hour := range by {
		var rest []float64
		for other := range by {
			if other != hour {
				rest = append(rest, by[other]...)
			}
		}
		if ratios[hour] = stats.Compare(rest, by[hour]); ratios[hour].Earned() {
			h.Judged++
		}
	}
	for hour, r := range stats.Adjust(ratios) {
		if r.Verdict() == stats.Higher && (h.Slowest < 0 || r.Value > h.Ratio.Value) {
			h.Slowest, h.Ratio = hour, r
		}
	}
	return h
}

// hoursEnough is how many hours must be known before one of them can be called the
// slowest.
const hoursEnough = 12

// Text says which hour is the slowest, longest form first.
func (h Hours) Text() []string {
	switch {
	case h.Judged < hoursEnough:
		return []string{fmt.Sprintf("%d of 24 hours have samples enough to compare", h.Judged), fmt.Sprintf("%d of 24 hours known", h.Judged)}
	case h.Slowest < 0:
		return []string{"no hour is measurably slower than the others", "no hour stands out"}
	}
	slowest := fmt.Sprintf("slowest at %02d:00, ", h.Slowest)
	value := fmt.Sprintf("+%.0f %%", 100*(h.Ratio.Value-1))
	interval := fmt.Sprintf(" (%.0f-%.0f)", 100*(h.Ratio.Lo-1), 100*(h.Ratio.Hi-1))
	texts := []string{slowest + value + interval, slowest + value}
	if h.Back <= 25*time.Hour { // the hour and the day are not to be told apart
		texts = append([]string{slowest + value + interval + ", of one day only"}, texts...)
	}
	return texts
}

// TTFTs are the first tokens of the samples that figures rest on, in milliseconds.
func TTFTs(samples []probe.Sample) []Timed {
	var figures []Timed
	for _, s := range samples {
		if s.Headline() {
			figures = append(figures, Timed{s.At, millis(s.TTFT).Value})
		}
	}
	return figures
}

// HourMedians are the median first tokens of a line whose steps are hours.
func HourMedians(line store.Line) []Timed {
	var figures []Timed
	for _, p := range line.Points {
		if p.TTFT.N > 0 {
			figures = append(figures, Timed{p.From, p.TTFT.P50})
		}
	}
	return figures
}

// DayOfHours is one day of hourly figures; of hours without one OK is false.
type DayOfHours struct {
	Day   time.Time // its midnight
	Hours [24]probe.Measured[float64]
}

// DaysOfHours puts hourly figures into days of a zone, oldest first. Where the
// clock is set back the later of two equal hours stands.
func DaysOfHours(figures []Timed, zone *time.Location) []DayOfHours {
	var days []DayOfHours
	for _, f := range figures {
		at := f.At.In(zone)
		y, m, d := at.Date()
		midnight := time.Date(y, m, d, 0, 0, 0, 0, zone)
		if n := len(days); n == 0 || !days[n-1].Day.Equal(midnight) {
			days = append(days, DayOfHours{Day: midnight})
		}
		days[len(days)-1].Hours[at.Hour()] = probe.Known(f.Value)
	}
	return days
}
