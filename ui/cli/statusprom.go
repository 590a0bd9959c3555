package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"costping/ui/monitor"
)

// prometheus collects metrics in the text format of Prometheus, version 0.0.4, as
// the textfile collector of its node exporter reads them.
type prometheus struct{ b strings.Builder }

// family begins a metric.
func (p *prometheus) family(name, help string) {
	fmt.Fprintf(&p.b, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name)
}

// labelValue escapes what would end or break a label.
var labelValue = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)

// value writes one sample; labels are names and values in turn.
func (p *prometheus) value(name string, v float64, labels ...string) {
	p.b.WriteString(name)
	for i := 0; i+1 < len(labels); i += 2 {
		sep := ","
		if i == 0 {
			sep = "{"
		}
		fmt.Fprintf(&p.b, `%s%s="%s"`, sep, labels[i], labelValue.Replace(labels[i+1]))
	}
	if len(labels) > 1 {
		p.b.WriteString("}")
	}
	p.b.WriteString(" " + strconv.FormatFloat(v, 'g', -1, 64) + "\n")
}

// statusPrometheus is the status for the textfile collector. What is not known is
// left out. The age is for whoever scrapes to compute: a file stands still.
func statusPrometheus(f monitor.StatusFile) string {
	p := &prometheus{}
	p.family("costping_targets", "Targets by state.")
	for _, g := range statusGlyphs {
		p.value("costping_targets", float64(f.Counts[g.state]), "state", string(g.state))
	}
	if !f.LastProbe.IsZero() {
		p.family("costping_last_probe_timestamp_seconds", "When the newest probe was sent.")
		p.value("costping_last_probe_timestamp_seconds", float64(f.LastProbe.UnixMilli())/float64(time.Second/time.Millisecond))
	}
	if f.Budget != nil {
		for _, one := range []struct{ name, help, usd string }{
			{"costping_probe_spent_usd", "What probing has cost on this UTC day, with what is set aside.", f.Budget.SpentUSD},
			{"costping_probe_budget_usd", "The most that probing may cost in a UTC day.", f.Budget.CapUSD},
		} {
			if v, err := strconv.ParseFloat(one.usd, 64); err == nil {
				p.family(one.name, one.help)
				p.value(one.name, v)
			}
		}
	}
	perTarget := []struct {
		name, help string
		of         func(monitor.StatusTarget) (float64, bool)
	}{
		{"costping_target_ttft_p50_seconds", "Median time to first token of 24 hours.", func(t monitor.StatusTarget) (float64, bool) {
			return scaled(t.TTFTp50, 1e-3)
		}},
		{"costping_target_ok_ratio", "Share of probes that succeeded in 24 hours, of those held against the provider.", func(t monitor.StatusTarget) (float64, bool) {
			return scaled(t.OKRate, 1)
		}},
		{"costping_target_usd_per_month", "What the workload costs a month on the target's model.", func(t monitor.StatusTarget) (float64, bool) {
			if t.USDPerMonth == nil {
				return 0, false
			}
			v, err := strconv.ParseFloat(*t.USDPerMonth, 64)
			return v, err == nil
		}},
	}
	for _, m := range perTarget {
		begun := false
		for _, t := range f.Targets {
			v, ok := m.of(t)
			if ok && !begun {
				p.family(m.name, m.help)
				begun = true
			}
			if ok {
				p.value(m.name, v, "target", t.Name, "model", t.Model)
			}
		}
	}
	if len(f.Targets) > 0 {
		p.family("costping_target_state", "1 for the state that the target is in.")
	}
	for _, t := range f.Targets {
		p.value("costping_target_state", 1, "target", t.Name, "state", string(t.State))
	}
	return p.b.String()
}

func scaled(v *float64, by float64) (float64, bool) {
	if v == nil {
		return 0, false
	}
	return *v * by, true
}
