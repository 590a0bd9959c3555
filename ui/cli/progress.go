package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"costping/probe"
	"costping/probe/stats"
	"costping/ui/compare"
	"costping/ui/dashboard/theme"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
)

// progress shows how far a run is on one line of a terminal; nothing elsewhere.
type progress struct {
	w     io.Writer
	shown bool
}

func newProgress(w io.Writer) *progress {
	if !isTerminal(w) || os.Getenv("TERM") == "dumb" {
		return &progress{}
	}
	return &progress{w: w}
}

func (p *progress) say(line string) {
	if p.w != nil {
		p.shown = true
		_, _ = io.WriteString(p.w, "\r\x1b[K"+line)
	}
}

func (p *progress) done() {
	if p.shown {
		_, _ = io.WriteString(p.w, "\r\x1b[K")
		p.shown = false
	}
}

// status is how far a run is.
type status struct {
	// Label is what is probed, Done of Total probes are made.
	label       string
	done, total int
	// p50 is the median so far in words, "" for none.
	p50 string
	// left is how long the rest will take; unknown before the first probe.
	left probe.Measured[time.Duration]
	// pace is how fast it is, in words; "" while that is not known.
	pace string
	// wait is how long nothing is sent because a server asked for it.
	wait time.Duration
}

// status is a snapshot of the run.
func (r *probing) status() status {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	s := status{label: r.targets[0].Name}
	if len(r.targets) > 1 {
		s.label = fmt.Sprintf("%d targets", len(r.targets))
	}
	waiting := 0
	var medians []string
	for _, t := range r.targets {
		made := r.made(t)
		s.done += made
		if t.gaveUp != "" {
			s.total += made
			continue
		}
		s.total += r.probes
		if left := t.wait.Sub(now); left > 0 && r.open(t) {
			waiting++
			if s.wait == 0 || left < s.wait {
				s.wait = left
			}
		}
		if q := r.medianOf(t); q.Earned() {
			medians = append(medians, compare.Millis(q.Value))
		}
	}
	if waiting < r.unfinished() {
		s.wait = 0 // something else is being probed meanwhile
	}
	if len(medians) > 0 {
		s.p50 = "p50 " + strings.Join(medians, ", ") + " ms"
	}
	if s.done <= s.total {
		s.left = r.waves.left(s.total, r.started, now)
	}
	if s.left.Known {
		s.left.Value += s.wait
		s.pace = r.waves.pace(r)
	}
	return s
}

// made counts the probes that bring a target nearer to its end; the caller holds
// the lock.
func (r *probing) made(t *probedTarget) int {
	if r.quantile > 0 {
		return t.counting
	}
	return len(t.trials) - t.again
}

// unfinished counts the targets that more is to come of; the caller holds the lock.
func (r *probing) unfinished() int {
	n := 0
	for _, t := range r.targets {
		if r.open(t) || t.inFlight > 0 {
			n++
		}
	}
	return n
}

func (r *probing) medianOf(t *probedTarget) stats.Quantile {
	var values []float64
	for _, trial := range t.trials {
		if compare.Counts(trial.Sample, r.cold) {
			values = append(values, float64(trial.Sample.TTFT.Value)/float64(time.Millisecond))
		}
	}
	return stats.QuantileOf(stats.Sort(values), 0.5)
}

// line is the status on a line of at most width columns: name, bar, count, median
// and the time left.
func (s status) line(width int, look theme.Theme) string {
	right := fmt.Sprintf(" %d/%d", s.done, s.total)
	if s.p50 != "" {
		right += "  " + s.p50
	}
	switch {
	case s.wait > 0:
		right += "  rate limited, again in " + seconds(s.wait)
	case s.left.Known:
		right += "  ETA " + seconds(s.left.Value)
	}
	const leastBar = 8
	room := width - 1 - ansi.StringWidth(right)
	label := ansi.Truncate(s.label, max(8, room-leastBar-1), look.Ellipsis)
	bar := min(room-ansi.StringWidth(label)-1, 40)
	if bar < leastBar {
		return ansi.Truncate(label+right, width-1, "")
	}
	full := 0
	if s.total > 0 {
		full = min(bar, bar*s.done/s.total)
	}
	on, off := "█", "░"
	if look.Ellipsis != theme.Unicode().Ellipsis { // the ASCII set
		on, off = "#", "."
	}
	return label + " " + look.Mark.Render(strings.Repeat(on, full)) + strings.Repeat(off, bar-full) + right
}

// seconds writes a time left: "0 s", "1 min 5 s".
func seconds(d time.Duration) string {
	whole := int((d + time.Second - 1) / time.Second)
	if whole < 60 {
		return fmt.Sprintf("%d s", max(0, whole))
	}
	return fmt.Sprintf("%d min %d s", whole/60, whole%60)
}

// bar keeps a status on the last line of a terminal; it does nothing elsewhere.
type bar struct {
	w      *os.File // nil where there is no terminal
	look   theme.Theme
	status func() status

	mu     sync.Mutex
	closed bool
	stop   chan struct{}
	ticks  sync.WaitGroup
}

func newBar(w io.Writer, look theme.Theme, of func() status) *bar {
	b := &bar{look: look, status: of, stop: make(chan struct{})}
	file, ok := w.(*os.File)
	if !ok || !isTerminal(w) || os.Getenv("TERM") == "dumb" {
		return b
	}
	b.w = file
	b.redraw()
	// Times left change by themselves, once a second.
	b.ticks.Go(func() {
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				b.redraw()
			case <-b.stop:
				return
			}
		}
	})
	return b
}

func (b *bar) shown() bool { return b.w != nil }

func (b *bar) redraw() {
	if b.w == nil {
		return
	}
	s := b.status()
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.closed {
		_, _ = b.w.WriteString("\r\x1b[K" + s.line(widthOf(b.w), b.look))
	}
}

// done takes the line away.
func (b *bar) done() {
	if b.w == nil {
		return
	}
	close(b.stop)
	b.ticks.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	_, _ = b.w.WriteString("\r\x1b[K")
}

// widthOf is how many columns the terminal has; 80 where it is none or does not
// tell.
func widthOf(stream any) int {
	if f, ok := stream.(*os.File); ok {
		if width, _, err := term.GetSize(f.Fd()); err == nil && width > 0 {
			return width
		}
	}
	return 80
}
