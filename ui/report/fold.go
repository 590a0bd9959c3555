package report

import (
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
)

// Fold writes a paragraph that begins with head in lines of the drawing's width,
// the later ones indented by so many columns. A figure
// stays with its unit, and a word that is longer than a line stays whole, for it
// may be a name to be copied.
func (d Drawing) Fold(head, paragraph string, indent int) string {
	if d.ASCII {
		head, paragraph = asciiText.Replace(head), asciiText.Replace(paragraph)
	}
	width := d.Width
	if width <= 0 {
		width = usualWidth
	}
	width = max(width, leastWidth)
	var b strings.Builder
	b.WriteString(head)
	at, first := text.StringWidthWithoutEscSequences(head), true
	for _, word := range unbroken(paragraph) {
		wide := text.StringWidthWithoutEscSequences(word)
		switch {
		case first:
		case at+1+wide > width:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			at = indent
		default:
			b.WriteString(" ")
			at++
		}
		b.WriteString(word)
		at, first = at+wide, false
	}
	return b.String() + "\n"
}

// unbroken are the words of a paragraph, a figure together with what follows it,
// which is its unit or what it counts.
func unbroken(paragraph string) []string {
	var words []string
	figure := false
	for _, word := range strings.Fields(paragraph) {
		if figure {
			words[len(words)-1] += " " + word
		} else {
			words = append(words, word)
		}
		figure = strings.Trim(word, "0123456789.,[]") == ""
	}
	return words
}

// usualWidth is that of a terminal, where there is none.
const usualWidth = 80
