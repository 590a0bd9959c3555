package main

import (
	"fmt"
	"html"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// style is what an SGR sequence sets.
type style struct {
	bold, dim, reverse bool
	colour             int // of the palette; -1 for the default
}

// textRun is text of one style, and the cell it begins in.
type textRun struct {
	column int
	text   string
	style  style
}

// parse takes a captured screen apart into lines of runs.
func parse(screen string) [][]textRun {
	var lines [][]textRun
	current := style{colour: -1}
	for line := range strings.SplitSeq(strings.TrimRight(screen, "\n"), "\n") {
		var runs []textRun
		column := 0
		for len(line) > 0 {
			if sequence, rest, ok := cutSGR(line); ok {
				current = current.apply(sequence)
				line = rest
				continue
			}
			end := strings.IndexByte(line, '\x1b')
			if end < 0 {
				end = len(line)
			}
			end = max(end, 1)
			runs = append(runs, textRun{column, line[:end], current})
			column += ansi.StringWidth(line[:end])
			line = line[end:]
		}
		lines = append(lines, runs)
	}
	return lines
}

func cutSGR(s string) (parameters, rest string, ok bool) {
	s, ok = strings.CutPrefix(s, "\x1b[")
	if !ok {
		return "", "", false
	}
	return strings.Cut(s, "m")
}

func (s style) apply(parameters string) style {
	for _, p := range strings.Split(parameters, ";") {
		n, _ := strconv.Atoi(p) // empty is 0
		switch {
		case n == 0:
			s = style{colour: -1}
		case n == 1:
			s.bold = true
		case n == 2:
			s.dim = true
		case n == 7:
			s.reverse = true
		case n == 22:
			s.bold, s.dim = false, false
		case n == 27:
			s.reverse = false
		case n >= 30 && n <= 37:
			s.colour = n - 30
		case n == 39:
			s.colour = -1
		}
	}
	return s
}

// Measures and colours of the picture.
const (
	cellWidth, cellHeight = 8.4, 18.0
	margin                = 14.0
	background            = "#15171c"
	foreground            = "#d6d9df"
	faint                 = "#858a94"
	bright                = "#ffffff"
)

var palette = []string{"#5c6370", "#f0717a", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#d6d9df"}

// svg draws the lines in a frame of the given cells.
func svg(lines [][]textRun, width, height int) string {
	w, h := 2*margin+float64(width)*cellWidth, 2*margin+float64(height)*cellHeight
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" width="%.0f" height="%.0f" role="img" aria-label="%s" font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14">`+"\n",
		w, h, w, h, "The Compare screen of costping: eight models with cost a day and a month, time to first token, speed and success")
	fmt.Fprintf(&b, `<rect width="%.0f" height="%.0f" rx="8" fill="%s"/>`+"\n", w, h, background)
	for i, runs := range lines[:min(len(lines), height)] {
		for _, r := range runs {
			draw(&b, r, margin+float64(i)*cellHeight)
		}
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func draw(b *strings.Builder, r textRun, y float64) {
	fill, weight := foreground, ""
	switch {
	case r.style.reverse:
		fill = background
		fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>`+"\n",
			margin+float64(r.column)*cellWidth, y, float64(ansi.StringWidth(r.text))*cellWidth, cellHeight, foreground)
	case r.style.colour >= 0:
		fill = palette[r.style.colour]
	case r.style.bold:
		fill = bright
	case r.style.dim:
		fill = faint
	}
	if r.style.bold {
		weight = ` font-weight="bold"`
	}
	// Word by word, each at its own cell: fonts differ in width, columns must not.
	column := r.column
	for _, word := range strings.SplitAfter(r.text, " ") {
		if text := strings.TrimSuffix(word, " "); text != "" {
			drawWord(b, text, margin+float64(column)*cellWidth, y, fill, weight)
		}
		column += ansi.StringWidth(word)
	}
}

// drawWord draws blocks and rules as shapes, which join up in any font, and the
// rest as text.
func drawWord(b *strings.Builder, text string, x, y float64, fill, weight string) {
	first, _ := utf8.DecodeRuneInString(text)
	switch {
	case first >= '▁' && first <= '█':
		for i, r := range []rune(text) {
			if r < '▁' || r > '█' {
				continue
			}
			h := cellHeight * 0.8 * float64(r-'▁'+1) / 8
			fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>`+"\n",
				x+float64(i)*cellWidth, y+cellHeight*0.88-h, cellWidth-0.8, h, fill)
		}
	case strings.Trim(text, "─") == "":
		fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="1" fill="%s"/>`+"\n",
			x, y+cellHeight/2, float64(ansi.StringWidth(text))*cellWidth, fill)
	default:
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f" textLength="%.1f" lengthAdjust="spacingAndGlyphs" fill="%s"%s>%s</text>`+"\n",
			x, y+cellHeight*0.74, float64(ansi.StringWidth(text))*cellWidth, fill, weight, html.EscapeString(text))
	}
}
