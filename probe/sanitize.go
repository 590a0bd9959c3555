package probe

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Sanitize makes text from a server fit to be shown or stored: valid UTF-8 on
// one line, without control or formatting characters (escape sequences and
// bidirectional overrides among them), runs of white space folded, and cut to at
// most limit bytes at a rune boundary with "..." where something was lost.
func Sanitize(text string, limit int) string {
	// Only a bounded prefix is looked at: a server may send megabytes.
	prefix := cut(text, 4*limit+64)
	var b strings.Builder
	space := false
	for _, r := range prefix {
		switch {
		case r == utf8.RuneError:
			r = '?'
		case unicode.IsSpace(r) || unicode.IsControl(r):
			space = b.Len() > 0
			continue
		case unicode.Is(unicode.Cf, r):
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r)
	}
	return cut(b.String(), limit)
}

const ellipsis = "..."

// cut shortens s to at most limit bytes without splitting a rune.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	end := max(0, limit-len(ellipsis))
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + ellipsis[:min(len(ellipsis), limit)]
}
