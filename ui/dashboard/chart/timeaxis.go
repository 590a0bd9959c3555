package chart

import (
	"strconv"
	"time"
)

// timeSpan is the time that an axis covers.
type timeSpan struct {
	from, to time.Time
	zone     *time.Location
}

// at is the place of an instant, 0 to 1 within the span. Durations of Go end at
// 292 years; beyond them everything is at the edge.
func (s timeSpan) at(t time.Time) float64 {
	return float64(t.Sub(s.from)) / float64(max(s.to.Sub(s.from), 1))
}

// stride is how far apart the labels of a time axis are.
type stride struct {
	minutes, days, months int
	form                  string // of its labels
}

const (
	clock = "15:04"
	date  = "2 Jan"
)

// strides are the steps that people count time in, shortest first.
var strides = []stride{
	{minutes: 1, form: clock},
	{minutes: 2, form: clock},
	{minutes: 5, form: clock},
	{minutes: 15, form: clock},
	{minutes: 30, form: clock},
	{minutes: 60, form: clock},
	{minutes: 120, form: clock},
	{minutes: 180, form: clock},
	{minutes: 360, form: clock},
	{minutes: 720, form: clock},
	{days: 1, form: date},
	{days: 2, form: date},
	{days: 7, form: date},
	{days: 14, form: date},
	{months: 1, form: "Jan 2006"},
	{months: 3, form: "Jan 2006"},
	{months: 6, form: "Jan 2006"},
	{months: 12, form: "2006"},
	{months: 60, form: "2006"},
	{months: 240, form: "2006"},
	{months: 1200, form: "2006"},
}

// about is how long a stride is, to choose it by.
func (s stride) about() time.Duration {
	return time.Duration(s.minutes)*time.Minute + time.Duration(s.days)*24*time.Hour + time.Duration(s.months)*730*time.Hour
}

// ticks are labels for an axis of so many columns.
func (s timeSpan) ticks(columns int) []tick {
	length := s.to.Sub(s.from)
	for _, step := range strides {
		cells := len(step.form) + 4
		if step.form == clock {
			cells = 10 // hours want more air: they are read as pairs
		}
		if int64(length/step.about()) <= int64(columns/cells) {
			return s.every(step, columns)
		}
	}
	return nil
}

// every are the labels of one stride: hours from the local midnight, days from
// the first of January 1970, months from the year's first. They are counted on
// the local calendar, so that the day on which the clock changes stays in step.
func (s timeSpan) every(step stride, columns int) []tick {
	var ticks []tick
	at := s.from.In(s.zone)
	y, m, d := at.Date()
	minute := 0
	switch {
	case step.months > 0:
		total := y*12 + int(m) - 1
		y, m, d = 0, time.Month(total-total%step.months+1), 1
	case step.days > 0:
		days := int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
		d -= (days%step.days + step.days) % step.days
	default:
		minute = (at.Hour()*60 + at.Minute()) / step.minutes * step.minutes
	}
	for i := range columns + 2 {
		t := time.Date(y, m+time.Month(i*step.months), d+i*step.days, 0, minute+i*step.minutes, 0, 0, s.zone)
		if t.After(s.to) {
			break
		}
		if t.Before(s.from) {
			continue
		}
		ticks = append(ticks, tick{at: s.at(t), text: step.label(t)})
	}
	return ticks
}

// label is the text at an instant: midnight is the day that begins with it.
func (s stride) label(t time.Time) string {
	if s.form == clock && t.Hour() == 0 && t.Minute() == 0 {
		return strconv.Itoa(t.Day()) + t.Format(" Jan")
	}
	return t.Format(s.form)
}
