package compare

import (
	"fmt"

	"costping/probe"
	"costping/probe/stats"
)

// doubts are flags that are worth a warning where a sample has them: what they
// mean for the figures, in words for "3 of 20 probes ...".
var doubts = []struct {
	flag probe.Flags
	code stats.Code
	// out says that samples with it are left out of the headline, whereas the
	// others count in spite of it.
	out bool
	// share is how much of the samples must have it for a warning.
	share float64
	text  string
}{
	{
		probe.ClientBusy, "client_busy", false, 1. / 3,
		"ran while this machine was late to its own timers by more than 2 ms: their times may be that much too long; kept",
	},
	{probe.ClientStalled, "client_stalled", true, 0, "ran while this machine stalled"},
	{probe.CacheHit, "cache_hit", true, 0, "met the provider's prompt cache"},
	{probe.ModelLoad, "model_load", true, 0, "may have waited for the model to be loaded"},
	{probe.ClockStep, "clock_step", true, 0, "saw the clock jump"},
	{probe.Buffered, "buffered", false, 0, "came through something that holds tokens back"},
	{probe.TransportRetry, "transport_retry", false, 0, "asked for more than one connection"},
	{probe.Late, "late", false, 0, "were sent late"},
}

// warnings are the reasons to doubt the headline; samples are in the order of time.
func (d *Digest) warnings(samples []probe.Sample) stats.Warnings {
	var all stats.Warnings
	add := func(code stats.Code, format string, args ...any) {
		all = append(all, stats.Warning{Code: code, Text: fmt.Sprintf(format, args...)})
	}
	answered := d.Outcomes[probe.OK]
	with := func(flag probe.Flags) int {
		n := 0
		for _, s := range samples {
			if s.Outcome == probe.OK && s.Flags.Has(flag) {
				n++
			}
		}
		return n
	}
	for _, doubt := range doubts {
		if n := with(doubt.flag); float64(n) > doubt.share*float64(answered) {
			text := doubt.text
			if doubt.out {
				text += " and are left out"
			}
			add(doubt.code, "%s of %s %s", Count(n), Plural(answered, "probe"), text)
		}
	}
	if n := flagged(samples, probe.ClientOffline); n > 0 { // such a probe never succeeded
		add("client_offline", "%s of %s found this machine offline and count against nobody", Count(n), Plural(len(samples), "probe"))
	}
	opened := with(probe.Cold)
	switch {
	case !d.Cold && opened > 0:
		add("cold", "%s of %s opened their own connection and are left out", Count(opened), Plural(answered, "probe"))
	case d.Cold && opened < answered:
		add("warm", "%s of %s found an open connection and are left out", Count(answered-opened), Plural(answered, "probe"))
	}
	if n := with(probe.Bundled); n > 0 {
		text := "the server sends several tokens in an event"
		if d.Bundle > 0 {
			text = fmt.Sprintf("the server sends %.1f tokens in an event", d.Bundle)
		}
		add("bundled", "%s: the gaps between events are not those between tokens", text)
	}
	f := d.Headline()
	for _, w := range f.TTFTp50.Warnings {
		if w.Code != stats.Collecting {
			add(w.Code, "first token: %s", w.Text)
		}
	}
	if f.TTFTp95.Earned() {
		for _, w := range f.TTFTp95.Warnings {
			if !f.TTFTp50.Warnings.Has(w.Code) {
				add(w.Code, "first token, p95: %s", w.Text)
			}
		}
	}
	return all
}

func flagged(samples []probe.Sample, flag probe.Flags) int {
	n := 0
	for _, s := range samples {
		if s.Flags.Has(flag) {
			n++
		}
	}
	return n
}
