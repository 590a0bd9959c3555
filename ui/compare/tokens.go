package compare

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"costping/probe"
)

// setTokenRatios says of each row how many input tokens its model makes of the
// text that all are sent, against the median of the other rows with the same
// profile. A price per token is not a price per text: at a ratio of 1.2 the same
// documents cost a fifth more.
func setTokenRatios(rows []Row) {
	counts := map[string][]float64{} // by profile
	for _, r := range rows {
		if profile := r.Summary.Series.Profile; r.Summary.InputTokens > 0 {
			counts[profile] = append(counts[profile], r.Summary.InputTokens)
		}
	}
	for _, all := range counts {
		slices.Sort(all)
	}
	for i := range rows {
		own, all := rows[i].Summary.InputTokens, counts[rows[i].Summary.Series.Profile]
		if own <= 0 || len(all) < 2 {
			continue
		}
		at, _ := slices.BinarySearch(all, own)
		other := func(k int) float64 { // the k-th of the others
			if k >= at {
				k++
			}
			return all[k]
		}
		n := len(all) - 1
		rows[i].TokenRatio = probe.Known(own / ((other((n-1)/2) + other(n/2)) / 2))
	}
}

// tokenLine says what the model makes of the same text, and what thinking adds.
func tokenLine(r Row) (Line, bool) {
	var parts []string
	if ratio := fmt.Sprintf("%.2f", r.TokenRatio.Value); r.TokenRatio.Known && ratio != "1.00" {
		parts = append(parts, "the same text is × "+ratio+" the input tokens that it is to the others")
	}
	if f := r.Summary.Thinking; f.Known && f.Value > 1 {
		parts = append(parts, fmt.Sprintf("thinking multiplies the output by %.2f (n %s)", f.Value, Count(r.Summary.ThinkingN)))
	}
	if len(parts) == 0 {
		return Line{}, false
	}
	return Line{"text", []string{strings.Join(parts, "; "), parts[0]}}, true
}

// limitLine says what the newest response left of the rate limits.
func limitLine(r Row) (Line, bool) {
	room := r.Summary.Headroom
	var parts []string
	for _, limit := range []struct {
		what string
		probe.Allowance
	}{{"requests", room.Requests}, {"tokens", room.Tokens}} {
		if text := Allowance(limit.Allowance, limit.what); text != "" {
			parts = append(parts, text)
		}
	}
	if len(parts) == 0 {
		return Line{}, false
	}
	text := strings.Join(parts, "; ")
	return Line{"rate", []string{text + ", at " + r.Summary.HeadroomAt.Format("15:04") + " UTC", text, parts[0]}}, true
}

// Allowance says what is left of a rate limit: "9,999 of 10,000 requests left, whole
// again in 6 ms"; "" where nothing is known of what is left.
func Allowance(a probe.Allowance, what string) string {
	if !a.Remaining.Known {
		return ""
	}
	text := Count(int(a.Remaining.Value))
	if a.Limit.Known {
		text += " of " + Count(int(a.Limit.Value))
	}
	text += " " + what + " left"
	if a.Reset.Known && a.Reset.Value > 0 {
		text += ", whole again in " + a.Reset.Value.Round(time.Millisecond).String()
	}
	return text
}
