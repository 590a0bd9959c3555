package setup

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"costping/ui/compare"

	"github.com/charmbracelet/x/ansi"
)

// width is that of every line.
const width = 80

// indent is where what belongs to a heading stands.
const indent = "        "

// Report says what was found, what is to be probed of it and what that costs, in
// lines of at most 80 columns.
func (p Plan) Report(w io.Writer) error {
	out := &page{}
	out.heading("Keys", p.keys())
	out.heading("Local", p.local())
	out.blank()
	switch {
	case !p.Found():
		out.text("There is nothing to probe yet. Set the variable of a key, such as OPENAI_API_KEY, or start a local server, and run costping init again. An endpoint of your own can be probed as it is: costping probe --base-url URL --model NAME.")
		out.blank()
		out.text("The whole program, with no key: costping demo.")
	default:
		p.paid(out)
		p.own(out)
		p.after(out)
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func (p Plan) keys() string {
	if len(p.Keys) == 0 {
		return fmt.Sprintf("none set (%d variables looked for)", p.LookedFor)
	}
	var set, without []string
	for _, k := range p.Keys {
		set = append(set, k.Variable)
		if !p.probesWith(k) {
			without = append(without, k.Variable)
		}
	}
	is := "is"
	if len(set) > 1 {
		is = "are"
	}
	text := fmt.Sprintf("%s %s set; %d other variables were looked for, none set", listed(set), is, p.LookedFor-len(set))
	if len(without) > 0 {
		text += ". Which models to probe with " + listed(without) + " only you can say: a [[target]] in the file"
	}
	return text
}

// probesWith reports whether a target is probed with a key.
func (p Plan) probesWith(k Key) bool {
	return slices.ContainsFunc(p.Choices, func(c Choice) bool { return c.Target.KeyEnv == k.Variable })
}

func (p Plan) local() string {
	if len(p.Servers) == 0 {
		var ports []string
		for _, place := range p.Places {
			ports = append(ports, place.Port())
		}
		return "nothing answers on ports " + strings.Join(ports, ", ")
	}
	var found []string
	for _, s := range p.Servers {
		what := strings.Join(slices.Concat(s.Chat, s.Embedding), ", ")
		if s.Problem != "" {
			what = s.Problem
		}
		found = append(found, fmt.Sprintf("%s on %s: %s", s.Name(), s.Host, what))
	}
	return strings.Join(found, "; ")
}

// paid is the table of what costs money.
func (p Plan) paid(out *page) {
	if len(p.Probes) == 0 {
		return
	}
	const gap = 3
	name := len("together")
	for _, c := range p.Choices {
		if _, costs := p.Probes[c.Target.Name]; costs {
			name = min(max(name, ansi.StringWidth(c.Target.Name)), 28)
		}
	}
	row := func(target, probe, day string) {
		target = ansi.Truncate(target, name, "...")
		target += strings.Repeat(" ", name-ansi.StringWidth(target)+gap)
		out.line(indent + target + fmt.Sprintf("%-12s", probe) + day)
	}
	row("target", "a probe", "a day at 1 per "+until(p.Every))
	for _, c := range p.Choices {
		if cost, costs := p.Probes[c.Target.Name]; costs {
			row(c.Target.Name, "$"+cost.Probe.StringFixed(6), fmt.Sprintf("%-7s %s", "$"+cost.Day.StringFixed(2), c.Why))
		}
	}
	row("together", "", fmt.Sprintf("$%s, and never more than $%s", p.Day.StringFixed(2), p.Budget.StringFixed(2)))
	out.blank()
}

// own says what becomes of the models on this machine.
func (p Plan) own(out *page) {
	var names []string
	for _, c := range p.Choices {
		if c.Local {
			names = append(names, c.Target.Name)
		}
	}
	if len(names) > 0 {
		keeps := fmt.Sprintf("%s: no charge per token; a probe each every %s keeps this machine busy for a few seconds.", listed(names), until(p.Free))
		if slices.ContainsFunc(p.Servers, func(s Server) bool { return s.Provider.UnloadAfter > 0 && s.Chat != nil }) {
			keeps += " The call that loads a model is left out."
		}
		out.text(keeps)
	}
	for _, s := range p.Servers {
		if more := len(s.Chat) - perKey; more > 0 {
			out.text(fmt.Sprintf("Left out of %s: %s. Add those that matter.", s.Name(), listed(s.Chat[perKey:])))
		}
		if len(s.Embedding) > 0 {
			is := " is an embedding model"
			if len(s.Embedding) > 1 {
				is = " are embedding models"
			}
			out.text(listed(s.Embedding) + is + ": left out of Compare.")
		}
	}
	if len(names) > 0 {
		out.blank()
		out.text(`$/MONTH shows "local" until you say what the machine costs: selfhost = "150/month" in [[target]], or E in the dashboard.`)
		out.blank()
	}
}

// after says when there will be figures, and what is shown besides.
func (p Plan) after(out *page) {
	out.text(fmt.Sprintf("First median after %s, first p95 after %s.", roughly(p.First(0.5)), roughly(p.First(0.95))))
	if p.PricesOnly > 0 {
		out.text(fmt.Sprintf("%s of the starter list are shown with prices only: a in the dashboard.", models(p.PricesOnly)))
	}
}

func models(n int) string  { return compare.Plural(n, "model") }
func targets(n int) string { return compare.Plural(n, "target") }

func until(d time.Duration) string { return compare.Until(d) }

// roughly is a time to wait, to the minute: "13 min", "2 h 47 min".
func roughly(d time.Duration) string {
	minutes := int((d + 30*time.Second) / time.Minute)
	if minutes < 60 {
		return fmt.Sprintf("%d min", max(1, minutes))
	}
	if minutes%60 == 0 {
		return fmt.Sprintf("%d h", minutes/60)
	}
	return fmt.Sprintf("%d h %d min", minutes/60, minutes%60)
}

// listed joins names as a sentence does: "a, b and c".
func listed(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// page collects lines.
type page struct{ strings.Builder }

func (p *page) line(text string) {
	p.WriteString(strings.TrimRight(ansi.Truncate(text, width, "..."), " ") + "\n")
}

func (p *page) blank() { p.WriteString("\n") }

// text folds a paragraph.
func (p *page) text(text string) { p.folded(indent, text) }

// heading folds text after a word at the margin.
func (p *page) heading(word, text string) { p.folded(fmt.Sprintf("%-*s", len(indent), word), text) }

func (p *page) folded(first, text string) {
	for _, part := range strings.Split(ansi.Wrap(text, width-len(indent), ""), "\n") {
		p.line(first + strings.TrimSpace(part))
		first = indent
	}
}
