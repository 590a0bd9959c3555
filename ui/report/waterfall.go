package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"costping/probe"
	"costping/ui/compare"

	"github.com/jedib0t/go-pretty/v6/text"
)

// Drawing is what a picture of text is drawn with.
type Drawing struct {
	// Width is how many columns there are; at least 40 are used.
	Width int
	// ASCII keeps to the characters of ASCII.
	ASCII bool
}

// Lane is a sample to be drawn, with what its line begins with.
type Lane struct {
	Label  string
	Sample probe.Sample
}

// strokes are what each phase is drawn with: shapes, not colours, tell them apart.
var strokes = map[compare.Phase][2]string{ // Unicode, ASCII
	compare.DNS: {"·", "d"}, compare.Connect: {"╌", "c"}, compare.TLS: {"=", "t"}, compare.Send: {"╶", "s"},
	compare.Wait: {"░", "."}, compare.FirstToken: {"▒", "o"}, compare.Generation: {"█", "#"},
}

// columnsOf are the headings of the figures, by phase.
var columnsOf = map[compare.Phase]string{
	compare.DNS: "DNS", compare.Connect: "CONN", compare.TLS: "TLS", compare.Send: "SEND",
	compare.Wait: "WAIT", compare.FirstToken: "FIRST", compare.Generation: "GEN",
}

const (
	leastBar    = 20
	figureWidth = 7
	leastWidth  = 40
)

func (d Drawing) stroke(p compare.Phase) string {
	if d.ASCII {
		return strokes[p][1]
	}
	return strokes[p][0]
}

// Waterfall draws where the time of each sample went, as bars over one time axis
// with the figures in milliseconds beside them, of the last most lanes. It is ""
// where no sample has any time to show.
func (d Drawing) Waterfall(lanes []Lane, most int) string {
	lanes = lanes[max(0, len(lanes)-most):]
	parts := make([][]compare.Part, len(lanes))
	totals := make([]time.Duration, len(lanes))
	used := map[compare.Phase]bool{}
	var longest time.Duration
	label := 1
	for i, lane := range lanes {
		parts[i] = compare.Phases(lane.Sample)
		for _, p := range parts[i] {
			totals[i] += p.Took
			used[p.Phase] = true
		}
		longest = max(longest, totals[i])
		label = max(label, text.StringWidthWithoutEscSequences(d.plain(lane.Label)))
	}
	if longest == 0 {
		return ""
	}
	w := waterfall{Drawing: d, longest: longest, label: min(label, max(8, d.Width/4))}
	for _, p := range compare.AllPhases() {
		if used[p] {
			w.phases = append(w.phases, p)
		}
	}
	w.fit()
	var b strings.Builder
	b.WriteString(w.head())
	for i, lane := range lanes {
		b.WriteString(w.line(lane, parts[i], totals[i]))
	}
	b.WriteString(w.legend())
	return b.String()
}

// waterfall is the layout of one picture.
type waterfall struct {
	Drawing
	label, bar int
	phases     []compare.Phase
	columns    []compare.Phase // those whose figures there is room for
	longest    time.Duration
}

// fit gives the bars their room: where it is narrow, figures go, those first that
// are the least likely to matter.
func (w *waterfall) fit() {
	w.columns = slices.Clone(w.phases)
	room := w.room() - w.label - 2
	for _, p := range []compare.Phase{compare.Send, compare.DNS, compare.TLS, compare.Connect, compare.FirstToken, compare.Generation, compare.Wait} {
		if room-figureWidth*(len(w.columns)+1) >= leastBar {
			break
		}
		w.columns = slices.DeleteFunc(w.columns, func(c compare.Phase) bool { return c == p })
	}
	w.bar = room - figureWidth*(len(w.columns)+1)
}

func (w waterfall) room() int { return max(w.Width, leastWidth) }

// head is the axis and the headings.
func (w waterfall) head() string {
	end := Millis(w.longest) + " ms"
	axis := "0" + strings.Repeat(" ", max(1, w.bar-1-len(end))) + end
	line := strings.Repeat(" ", w.label+1) + axis + " "
	for _, p := range w.columns {
		line += fmt.Sprintf("%*s", figureWidth, columnsOf[p])
	}
	return trimLines(line+fmt.Sprintf("%*s", figureWidth, "ALL")) + "\n"
}

func (w waterfall) line(lane Lane, parts []compare.Part, total time.Duration) string {
	var bar strings.Builder
	drawn, at := 0, time.Duration(0)
	took := map[compare.Phase]time.Duration{}
	for _, p := range parts {
		took[p.Phase] = p.Took
		at += p.Took
		// Ends are rounded and not lengths, so that equal instants are one
		// above the other.
		end := int((int64(at)*int64(w.bar) + int64(w.longest)/2) / int64(w.longest))
		bar.WriteString(strings.Repeat(w.stroke(p.Phase), max(0, end-drawn)))
		drawn = max(drawn, end)
	}
	line := padded(w.name(lane.Label), w.label) + " "
	if lane.Sample.Outcome != probe.OK { // its figures are no measurement
		outcome := lane.Sample.Outcome.String()
		most := w.room() - w.label - 2 - len(outcome)
		return trimLines(line+text.Trim(bar.String(), most)+" "+outcome) + "\n"
	}
	line += padded(bar.String(), w.bar+1)
	for _, p := range w.columns {
		figure := "-"
		if took[p] > 0 {
			figure = Millis(took[p])
		}
		line += fmt.Sprintf("%*s", figureWidth, figure)
	}
	return line + fmt.Sprintf("%*s", figureWidth, Millis(total)) + "\n"
}

// legend says what each stroke is, on as many lines as it takes.
func (w waterfall) legend() string {
	indent := strings.Repeat(" ", w.label+1)
	var b strings.Builder
	line := indent
	for i, p := range w.phases {
		name := w.stroke(p) + " " + p.String()
		switch {
		case i == 0:
		case text.StringWidthWithoutEscSequences(line+"  "+name) > w.room():
			b.WriteString(line + "\n")
			line = indent
		default:
			line += "  "
		}
		line += name
	}
	return b.String() + line + "\n"
}

// name is a label cut to the room that labels have.
func (w waterfall) name(label string) string {
	tail := "…"
	if w.ASCII {
		tail = ".."
	}
	return text.Snip(w.plain(label), w.label, tail)
}

// plain is a name in the characters that may be drawn.
func (d Drawing) plain(name string) string {
	if !d.ASCII {
		return name
	}
	return strings.Map(func(r rune) rune {
		if r > '~' {
			return '?'
		}
		return r
	}, name)
}

func padded(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-text.StringWidthWithoutEscSequences(s)))
}

// Millis writes a duration in milliseconds: whole, or with one decimal below ten.
func Millis(d time.Duration) string {
	ms := float64(d) / float64(time.Millisecond)
	if ms < 9.95 {
		return strconv.FormatFloat(ms, 'f', 1, 64)
	}
	return compare.Millis(ms)
}
