package compare

import (
	"strings"

	"costping/costmodel"
)

// WorkloadFlags are the flags that make a workload, as every command that takes one
// takes them.
func WorkloadFlags(w costmodel.Workload) []string {
	text := func(v interface{ MarshalText() ([]byte, error) }) string {
		b, _ := v.MarshalText() // of a value that was read: it can be written
		return string(b)
	}
	flags := []string{"--volume", text(w.Volume)}
	switch in, perItem := w.RequestInput(); {
	case perItem:
		flags = append(flags, "--in", in.RatString(), "--out", w.PerItem.Rat().Sub(w.PerItem.Rat(), in).RatString())
	case w.PerItem.Given():
		users, _, _ := strings.Cut(text(w.Volume), " ")
		flags = []string{"--users", users, "--tokens-per-user", text(w.PerItem), "--split", text(w.Split)}
	default:
		flags = append(flags, "--split", text(w.Split))
	}
	for _, share := range []struct {
		flag string
		costmodel.Share
	}{
		{"--cached", w.Cached},
		{"--cache-write", w.CacheWrite},
		{"--batch", w.Batch},
		{"--retries", w.Retries},
		{"--malformed", w.Malformed},
		{"--growth", w.Growth},
	} {
		if !share.IsZero() {
			flags = append(flags, share.flag, share.String())
		}
	}
	if !w.Malformed.IsZero() {
		flags = append(flags, "--reviews", w.Review.String())
	}
	if w.Thinking.Given() {
		flags = append(flags, "--thinking", w.Thinking.String())
	}
	if days := w.DaysPerMonth.String(); days != "30" {
		flags = append(flags, "--days", days)
	}
	return flags
}

// ShellCommand is a command as a person would type it: what a shell would take
// apart is quoted.
func ShellCommand(parts []string) string {
	quoted := make([]string, len(parts))
	for i, p := range parts {
		quoted[i] = p
		if p == "" || strings.ContainsAny(p, " \t\n'\"\\$&|;<>()*?[]{}~#!`%") {
			quoted[i] = "'" + strings.ReplaceAll(p, "'", `'\''`) + "'"
		}
	}
	return strings.Join(quoted, " ")
}
