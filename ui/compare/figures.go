package compare

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"costping/costmodel"
	"costping/probe/stats"
)

// Unknown stands where there is no figure.
const Unknown = "—"

// Day is a spend a day: three places, so that times 30 is the month.
func Day(s costmodel.Spend) string { return usd(s, s.PerDay, 3) }

// Month is a spend a month, in cents.
func Month(s costmodel.Spend) string { return usd(s, s.PerMonth, 2) }

func usd(s costmodel.Spend, amount costmodel.USD, places int) string {
	if !s.Known {
		return "?"
	}
	text := amount.Format(places)
	if amount.Sign() > 0 && strings.Trim(text, "0.") == "" {
		return "<0." + strings.Repeat("0", places-1) + "1" // little is not nothing
	}
	return text
}

// Millis is a duration in milliseconds, whole and with separators.
func Millis(ms float64) string {
	return costmodel.Separated(strconv.FormatFloat(math.Round(ms), 'f', 0, 64))
}

// Count is a whole number with separators.
func Count(n int) string { return costmodel.Separated(strconv.Itoa(n)) }

// Plural is a count with its noun: "1 probe", "1,390 probes".
func Plural(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return Count(n) + " " + noun
}

// Quantile is an earned quantile in milliseconds, or how far it is from that.
func Quantile(q stats.Quantile) string {
	switch {
	case q.Earned():
		return Millis(q.Value)
	case q.N == 0:
		return Unknown
	}
	return fmt.Sprintf("%d/%d", q.N, q.Needed)
}

// Margin is the larger half of an earned quantile's interval, "±5", or "".
func Margin(q stats.Quantile) string {
	if !q.Earned() {
		return ""
	}
	return "±" + Millis(math.Ceil(q.Margin()))
}

// Tail is a high quantile in milliseconds; before it is earned, the largest
// value so far, said to be that.
func Tail(q stats.Quantile) string {
	switch {
	case q.Earned():
		return Millis(q.Value)
	case q.N == 0:
		return Unknown
	}
	return "max " + Millis(q.Max)
}

// Speed is tokens a second, to the given places.
func Speed(q stats.Quantile, places int) string {
	if !q.Earned() {
		return Unknown
	}
	return strconv.FormatFloat(q.Value, 'f', places, 64)
}

// Seconds is a duration given in milliseconds, in seconds.
func Seconds(q stats.Quantile) string {
	if !q.Earned() {
		return Unknown
	}
	return SecondsOf(q.Value)
}

// SecondsOf writes milliseconds as seconds: "0.95 s", "12.4 s".
func SecondsOf(ms float64) string {
	places := 2
	if ms >= 9_995 {
		places = 1
	}
	return strconv.FormatFloat(ms/1000, 'f', places, 64) + " s"
}

// Percent is a share in percent, rounded down: 100 only where nothing failed.
func Percent(r stats.Rate) string {
	switch {
	case r.N == 0:
		return Unknown
	case r.Hits == r.N:
		return "100"
	}
	tenths := r.Hits * 1000 / r.N
	return fmt.Sprintf("%d.%d", tenths/10, tenths%10)
}

// Span is a window's length: "24 h", "15 min", "7 d".
func Span(d time.Duration) string {
	switch {
	case d >= 48*time.Hour && d%(24*time.Hour) == 0:
		return fmt.Sprintf("%d d", d/(24*time.Hour))
	case d >= time.Hour && d%time.Hour == 0:
		return fmt.Sprintf("%d h", d/time.Hour)
	case d >= time.Minute:
		return fmt.Sprintf("%d min", d/time.Minute)
	}
	return fmt.Sprintf("%d s", d/time.Second)
}

// Until is a time to wait, to the second: "41s", "7m22s", "3h5m".
func Until(d time.Duration) string {
	d = d.Round(time.Second)
	if d >= time.Hour {
		d = d.Round(time.Minute)
	}
	text := d.String()
	if d >= time.Minute && d%time.Minute == 0 {
		text = strings.TrimSuffix(text, "0s")
	}
	if d >= time.Hour && d%time.Hour == 0 {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
