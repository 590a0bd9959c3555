package report

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/probe/stats"
	"costping/ui/compare"
)

// Run is what a run of probes of one target came to, with what the digest of its
// samples does not know.
type Run struct {
	compare.Digest
	// Free says that nothing is charged: it is on this machine, and has no price of
	// its own.
	Free bool
	// Lessons are what was learned, with how to spare that the next time.
	Lessons []string
}

// textColumn is where the text of a digest's line begins.
const textColumn = 16

// Digest writes what a run came to: a paragraph for each figure with its interval,
// and one for each reason to doubt it.
func (d Drawing) Digest(g Run) string {
	var b strings.Builder
	line := func(label, text string) {
		if text != "" {
			b.WriteString(d.Fold(fmt.Sprintf("  %-*s", textColumn-2, label), text, textColumn))
		}
	}
	f := g.Headline()
	kind := "warm connection"
	if g.Cold {
		kind = "a new connection each"
	}
	if g.Series.Concurrency > 1 {
		kind += fmt.Sprintf(", %d at once", g.Series.Concurrency)
	}
	place := probe.Target{BaseURL: g.Series.BaseURL}
	b.WriteString(d.Fold("", fmt.Sprintf("%s at %s, %s, at most %s out, %s", g.Series.Target, place.Host(), g.Series.Profile,
		compare.Plural(g.Series.Cap, "token"), kind), 2))
	line("success", success(g.Digest))
	line("goodput", goodput(g.Digest))
	line(ttftLabel(g.Cold), ttft(f, g.Cold))
	if f.TTFOp50.Earned() && f.TTFOp50.Value-f.TTFTp50.Value > 1 {
		line("answer begins", "p50 "+bracketed(f.TTFOp50, 0, " ms")+", after the reasoning")
	}
	line("a token", tpot(f))
	line("whole answer", e2e(f))
	line("tokens", tokens(g.Digest))
	line("cost", cost(g))
	line("server says", serverSays(f))
	line("limits", headroom(g.Headroom))
	for _, lesson := range g.Lessons {
		line("learned", lesson)
	}
	for _, w := range g.Warnings {
		line("warning:", w.Text)
	}
	return b.String()
}

var asciiText = strings.NewReplacer("—", "-", "×", "x", "±", "+-", "…", "..")

// ASCIIText writes text of this project's own with ASCII characters.
func ASCIIText(s string) string { return asciiText.Replace(s) }

func ttftLabel(cold bool) string {
	if cold {
		return "cold TTFT"
	}
	return "TTFT"
}

func success(g compare.Digest) string {
	text := compare.Share(g.Success)
	if others := NotOK(g); others != "" {
		text += "; " + others
	}
	return text
}

// goodput is the share that met every objective, and what the others missed.
func goodput(g compare.Digest) string {
	if g.Goodput == nil {
		return ""
	}
	text := compare.Share(g.Goodput.Rate) + " within " + g.SLO.String()
	if g.Goodput.N > 0 && g.Goodput.Failed > 0 {
		text += fmt.Sprintf("; %s failed", compare.Count(g.Goodput.Failed))
	}
	for _, w := range g.Goodput.Warnings {
		text += "; " + w.Text
	}
	return text
}

// NotOK counts what did not succeed, by outcome: "1 truncated, 2 rate_limited"; ""
// for nothing.
func NotOK(g compare.Digest) string {
	var others []string
	for _, o := range probe.Outcomes() {
		if n := g.Outcomes[o]; n > 0 && o != probe.OK {
			others = append(others, fmt.Sprintf("%s %s", compare.Count(n), o))
		}
	}
	return strings.Join(others, ", ")
}

// ttft is the time to the first token: p50 once it is earned, p95 once it is, and
// before that how far it is and the largest value.
func ttft(f compare.Figures, cold bool) string {
	kind := "warm probe"
	if cold {
		kind = "cold probe"
	}
	p50, p95 := f.TTFTp50, f.TTFTp95
	if !p50.Earned() {
		text := "first median after " + compare.Plural(p50.Needed, kind)
		if p50.N == 0 {
			return text + ", none so far"
		}
		return text + fmt.Sprintf(", %s so far; max %s ms", compare.Count(p50.N), figure(p50.Max, 0))
	}
	text := "p50 " + bracketed(p50, 0, " ms")
	if p95.Earned() {
		return text + "; p95 " + bracketed(p95, 0, " ms") + ", n " + compare.Count(p50.N)
	}
	return text + fmt.Sprintf(", n %s; p95 after %s, max of %s %s ms",
		compare.Count(p50.N), compare.Count(p95.Needed), compare.Count(p95.N), figure(p95.Max, 0))
}

func tpot(f compare.Figures) string {
	if !f.TPOTp50.Earned() {
		return ""
	}
	return "p50 " + bracketed(f.TPOTp50, 2, " ms") + "; " + bracketed(f.Speedp50, 1, " tok/s") + " after the first"
}

func e2e(f compare.Figures) string {
	if !f.E2Ep50.Earned() {
		return ""
	}
	text := "p50 " + bracketed(f.E2Ep50, 0, " ms")
	if f.E2Ep95.Earned() {
		text += "; p95 " + bracketed(f.E2Ep95, 0, " ms")
	}
	return text
}

func tokens(g compare.Digest) string {
	if g.Input == 0 && g.Output == 0 {
		return ""
	}
	text := fmt.Sprintf("%s in, %s out a probe; %s in, %s out in all",
		figure(g.InputTokens, 0), figure(g.OutputTokens, 0), compare.Count(int(g.Input)), compare.Count(int(g.Output)))
	switch factor, ok := g.Thinking(); {
	case ok:
		text += fmt.Sprintf("; thinking: %.2f tokens billed for each of the answer", factor)
	case g.Reasoning > 0:
		text += "; all of the output was reasoning"
	}
	return text
}

func cost(g Run) string {
	priced := g.USD.Sign() > 0
	amount := "$" + g.USD.String()
	if priced && g.Unpriced > 0 {
		amount += ", and " + compare.Plural(g.Unpriced, "probe") + " more of unknown cost"
	}
	switch {
	case g.Free && g.Attempts > 0:
		return "nothing is charged on this machine"
	case priced:
		return amount
	case g.Unpriced > 0 && g.Input == 0 && g.Output == 0:
		return "unknown: the server does not say what was used"
	case g.Unpriced > 0:
		return "unknown: no price is known for " + g.Series.Model
	case g.Attempts > 0:
		return "$0"
	}
	return ""
}

func serverSays(f compare.Figures) string {
	if !f.ServerTTFTp50.Earned() {
		return ""
	}
	text := "first token p50 " + bracketed(f.ServerTTFTp50, 0, " ms") + " by its own account"
	if f.Gap.Earned() {
		side := "later"
		gap := f.Gap.Value
		if gap < 0 {
			side, gap = "earlier", -gap
		}
		text += fmt.Sprintf("; here %s ms %s", figure(gap, 1), side)
	}
	return text
}

// headroom is what is left of rate limits, of those that are closer to their end
// than to their beginning: what there is plenty of does not matter.
func headroom(h probe.Headroom) string {
	var parts []string
	for _, a := range []struct {
		noun string
		probe.Allowance
	}{{"requests", h.Requests}, {"tokens", h.Tokens}} {
		low := a.Remaining.Known && (a.Remaining.Value == 0 || a.Limit.Known && 2*a.Remaining.Value < a.Limit.Value)
		if !low {
			continue
		}
		text := compare.Count(int(a.Remaining.Value))
		if a.Limit.Known {
			text += " of " + compare.Count(int(a.Limit.Value))
		}
		text += " " + a.noun + " left"
		if a.Reset.Known {
			text += ", all again in " + a.Reset.Value.Round(time.Second/10).String()
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "; ")
}

// bracketed is an earned quantile with its interval: "379 [371, 387] ms".
func bracketed(q stats.Quantile, places int, unit string) string {
	return fmt.Sprintf("%s [%s, %s]%s", figure(q.Value, places), figure(q.Lo, places), figure(q.Hi, places), unit)
}

// figure is a number with so many places; where whole, with one more below ten.
func figure(v float64, places int) string {
	if places > 0 {
		return strconv.FormatFloat(v, 'f', places, 64)
	}
	if v < 9.95 && v != float64(int(v)) {
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return compare.Millis(v)
}

// Money is an amount for people: to the cent from a dollar on, else with places enough
// to tell two amounts apart, never rounded to nothing.
func Money(u costmodel.USD) string {
	text := u.Format(2)
	switch {
	case u.Sign() > 0 && u.Cmp(tiny) < 0: // an answer of one token
		if text = u.Format(8); strings.Trim(text, "0.") == "" {
			return "<$0.00000001"
		}
	case u.Sign() > 0 && u.Cmp(dollar) < 0:
		text = u.Format(6)
	}
	return "$" + text
}

var (
	dollar, _ = costmodel.ParseUSD("1")
	tiny, _   = costmodel.ParseUSD("0.00001")
)
