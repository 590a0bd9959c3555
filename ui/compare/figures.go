package compare

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/probe/stats"
)

// Unknown stands where there is no figure.
const Unknown = "—"

// Day is a row's spend a day: three places, so that times 30 is the month.
func Day(r Row) string { return DayOf(r.Spend) }

// Month is a row's spend a month, in cents.
func Month(r Row) string { return MonthOf(r.Spend) }

// DayOf is a spend a day, MonthOf a spend a month.
func DayOf(s costmodel.Spend) string { return usd(s, s.PerDay, 3) }

// MonthOf is a spend a month, in cents.
func MonthOf(s costmodel.Spend) string { return usd(s, s.PerMonth, 2) }

// Thousand is what a thousand items of the workload cost on the row's model.
func Thousand(r Row) string {
	each, ok := r.Spend.PerTask()
	if !ok {
		return Unknown
	}
	return each.Mul(big.NewRat(1000, 1)).Format(3)
}

// ThousandUsable is what a thousand answers that can be used cost on the row's model.
func ThousandUsable(r Row) string {
	each, ok := UsableAnswer(&r)
	if !ok {
		return Unknown
	}
	return each.Mul(big.NewRat(1000, 1)).Format(3)
}

// QualityText is a row's quality: the person's own, or with an m what was measured.
func QualityText(r Row) string {
	switch {
	case !r.Quality.Known():
		return Unknown
	case r.Quality.Basis == costmodel.Measured:
		return strconv.FormatFloat(r.Quality.Value, 'f', 2, 64) + "m"
	}
	return strconv.FormatFloat(r.Quality.Value, 'f', 2, 64)
}

// TTFTText is a row's median time to first token; in brackets where it is
// somebody else's.
func TTFTText(r Row) string {
	if !r.Has && r.Published.TTFT.Known() {
		return "(~" + Millis(r.Published.TTFT.Value) + ")"
	}
	return Quantile(r.Summary.TTFTp50)
}

// SpeedText is a row's output speed, with a decimal where there is room.
func SpeedText(r Row, wide bool) string {
	if !r.Has && r.Published.Speed.Known() {
		return "(~" + Millis(r.Published.Speed.Value) + ")"
	}
	if wide {
		return Speed(r.Summary.Speedp50, 1)
	}
	return Speed(r.Summary.Speedp50, 0)
}

// Samples is how many samples a row's figures rest on.
func Samples(r Row) string {
	if !r.Has {
		return Unknown
	}
	return Count(r.Summary.Warm)
}

// BaseText is how many times the base's first token a row takes: "1.61×", with ~
// where no difference was shown.
func BaseText(r Row) string {
	if !r.BaseRatio.Known {
		return Unknown
	}
	return fmt.Sprintf("%.2f×", r.BaseRatio.Value)
}

// TokenRatioText is how many input tokens a row makes of the text that all are
// sent.
func TokenRatioText(r Row) string {
	if !r.TokenRatio.Known {
		return Unknown
	}
	return fmt.Sprintf("%.2f", r.TokenRatio.Value)
}

// ContextText is how many tokens a model takes: "128K", "1M".
func ContextText(r Row) string {
	n := r.Model.Context
	switch {
	case n <= 0:
		return Unknown
	case n >= 1_000_000:
		return strings.TrimSuffix(strconv.FormatFloat(float64(n)/1e6, 'f', 1, 64), ".0") + "M"
	}
	return Count(int(n/1000)) + "K"
}

// EndsText is the day of a model's retirement.
func EndsText(r Row) string {
	if r.Model.Retired.IsZero() {
		return Unknown
	}
	return r.Model.Retired.String()
}

// RateLimitedText is how often a row was rate limited.
func RateLimitedText(r Row) string {
	n := r.Summary.Outcomes[probe.RateLimited]
	if n == 0 {
		return Unknown
	}
	return Count(n)
}

func usd(s costmodel.Spend, amount costmodel.USD, places int) string {
	if s.Local {
		return "local" // a machine of one's own, whose cost nobody told
	}
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
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d h %d min", d/time.Hour, d%time.Hour/time.Minute)
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
