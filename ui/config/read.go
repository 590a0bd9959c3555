package config

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"costping/costmodel"
	"costping/probe"
)

// Bounds on the time between two probes.
const (
	leastInterval = time.Second
	mostInterval  = 24 * time.Hour
)

// config checks what was decoded and reports what is wrong to the document.
func (f fileTable) config(d *document) Config {
	c := Default()
	c.Interval = d.interval("probe.interval", f.Probe.Interval, c.Interval)
	if text := f.Probe.Budget; text != nil {
		budget, err := ParseBudget(*text)
		if err != nil {
			d.report(d.at["probe.budget"], "%v", err)
		}
		c.Budget = budget
	}
	if text := f.Probe.Profile; text != nil {
		c.Profile = *text
		d.profile("probe.profile", c.Profile)
	}
	c.SLO.TTFT = d.objective("ttft", f.SLO.TTFT)
	c.SLO.TPOT = d.objective("tpot", f.SLO.TPOT)
	c.SLO.E2E = d.objective("e2e", f.SLO.E2E)
	names := map[string]int{}
	for i, raw := range f.Targets {
		path := "target." + strconv.Itoa(i)
		t := raw.target(d, path)
		if first, twice := names[t.Name]; twice && t.Name != "" {
			d.report(d.place(path, "name"), "the name %q is taken by target %d: a name belongs to one target", t.Name, first+1)
		} else {
			names[t.Name] = i
		}
		c.Targets = append(c.Targets, t)
	}
	for i, raw := range f.Limits {
		c.Limits = append(c.Limits, raw.limit(d, "limit."+strconv.Itoa(i), c.Targets))
	}
	c.Alerts = f.Alerts.alerts(d)
	c.Workloads = f.workloads(d)
	c.Pipelines = f.pipelines(d)
	c.Checks = f.checks(d, c.Targets)
	return c
}

// place is where a key of a table stands, or the table where it has none.
func (d *document) place(path, key string) int {
	if at, ok := d.at[join(path, key)]; ok {
		return at
	}
	return d.at[path]
}

func (d *document) interval(path string, text *string, otherwise time.Duration) time.Duration {
	if text == nil {
		return otherwise
	}
	interval, err := time.ParseDuration(*text)
	switch {
	case err != nil:
		d.report(d.at[path], "interval %q is no time: write %s", *text, forms["interval"])
	case interval < leastInterval || interval > mostInterval:
		d.report(d.at[path], "interval %q is not between 1s and 24h", *text)
	}
	return interval
}

// objective is a time of [slo], 0 where it is not given.
func (d *document) objective(key string, text *string) time.Duration {
	if text == nil {
		return 0
	}
	most, err := time.ParseDuration(*text)
	if err != nil || most <= 0 {
		d.report(d.at["slo."+key], "%s %q is no time above 0: write %s", key, *text, forms[key])
		return 0
	}
	return most
}

// target checks one table and reports what is wrong with it.
func (raw targetTable) target(d *document, path string) Target {
	before := len(d.problems)
	t := Target{
		Target: probe.Target{Name: raw.Name, Provider: raw.Provider, BaseURL: strings.TrimRight(raw.BaseURL, "/"), Model: raw.Model},
		Short:  raw.Short, Tags: raw.Tags, Pinned: raw.Pin,
	}
	raw.keySource(d, path, &t.Target)
	t.Headers = raw.headers(d, path)
	t.Extra = raw.extra(d, path)
	t.Interval = d.interval(join(path, "interval"), raw.Interval, 0)
	if raw.Price != nil {
		price, err := ParsePrice(*raw.Price, "config.toml")
		if err != nil {
			d.report(d.place(path, "price"), "%v", err)
		}
		t.Price = price
	}
	raw.stated(d, path, &t)
	for _, text := range append([]string{raw.Short}, raw.Tags...) {
		if text != probe.Sanitize(text, maxShown) {
			d.report(d.place(path, "short"), "short names and tags are one line of text that can be shown, at most %d bytes", maxShown)
			break
		}
	}
	if strings.ContainsAny(raw.Name, "*?[]\\") {
		d.report(d.place(path, "name"), "a name has none of * ? [ ] \\: on the command line these stand for several targets")
	}
	complete, err := Complete(t.Target)
	if err == nil {
		err = complete.Validate()
	}
	switch {
	case err == nil:
		t.Target = complete
	case len(d.problems) == before: // else it has been said, and with its place
		d.report(d.place(path, faulty(t.Target)), "%v", err)
	}
	return t
}

// stated takes over what the person says of the target's quality and of the machine
// that it runs on.
func (raw targetTable) stated(d *document, path string, t *Target) {
	if raw.Quality != nil {
		share, err := costmodel.ParseFraction(string(*raw.Quality))
		if err != nil {
			d.report(d.place(path, "quality"), "quality %q is not %s", *raw.Quality, forms["quality"])
		}
		t.Quality = costmodel.Exactly(share, costmodel.Stated)
	}
	if raw.SelfHost == nil {
		return
	}
	figure, err := costmodel.ParseFigure(*raw.SelfHost)
	switch {
	case err != nil:
		d.report(d.place(path, "selfhost"), "selfhost %q is not %s", *raw.SelfHost, forms["selfhost"])
	case raw.Price != nil:
		d.report(d.place(path, "selfhost"), "price and selfhost both say what the target costs: leave one of them out")
	}
	t.SelfHost = &figure
}

// faulty guesses which key made a target unusable.
func faulty(t probe.Target) string {
	switch {
	case t.Name == "", t.Name != probe.Sanitize(t.Name, maxShown):
		return "name"
	case t.Model == "", t.Model != probe.Sanitize(t.Model, maxShown):
		return "model"
	case t.Provider != probe.Sanitize(t.Provider, maxShown), t.Provider != "" && t.BaseURL == "":
		return "provider"
	}
	return "base_url"
}

// keySource takes over where the key is; at most one place.
func (raw targetTable) keySource(d *document, path string, t *probe.Target) {
	var given []string
	take := func(name string, text *string, into *string, ok func(string) bool, form string) {
		if text == nil {
			return
		}
		given = append(given, name)
		*into = *text
		if !looksLikeKey(*text) && !ok(*text) { // the former has been reported
			d.report(d.place(path, name), "%s is %s", name, form)
		}
	}
	take("key_env", raw.KeyEnv, &t.KeyEnv, probe.VariableName, `the name of the variable that holds the key, in capitals, such as "OPENAI_API_KEY"; the key itself does not belong into this file`)
	take("key_command", raw.KeyCommand, &t.KeyCommand, func(s string) bool { return strings.TrimSpace(s) != "" }, `a command that prints the key, such as "pass show openai"`)
	take("key_keyring", raw.KeyKeyring, &t.KeyKeyring, func(s string) bool {
		service, user, ok := strings.Cut(s, "/")
		return ok && service != "" && user != ""
	}, `an entry of the system's keyring as "service/user"`)
	if len(given) > 1 {
		d.report(d.place(path, given[1]), "%s and %s both say where the key is: leave one of them out", given[0], given[1])
	}
}

// headers are "Name: value", in the order of their names.
func (raw targetTable) headers(d *document, path string) []string {
	var headers []string
	for _, name := range slices.Sorted(maps.Keys(raw.Headers)) {
		value := raw.Headers[name]
		at := d.place(path, "headers")
		if own, ok := d.at[path+".headers."+name]; ok {
			at = own
		}
		switch {
		case !probe.HeaderName(name):
			d.report(at, "%q is no name of a header", name)
		case strings.ContainsAny(value, "\r\n\x00"):
			d.report(at, "the value of header %s has more than one line", name)
		case strings.EqualFold(name, "Authorization") && !strings.Contains(value, "${"):
			d.report(at, "the value of header %s is a secret: name the variable that holds it, such as \"Bearer ${MY_KEY}\"", name)
		}
		headers = append(headers, name+": "+value)
	}
	return headers
}

// extra are the additional fields of a request, the providers of a route among them.
func (raw targetTable) extra(d *document, path string) map[string]json.RawMessage {
	fields := map[string]any{}
	maps.Copy(fields, raw.Extra)
	if raw.Route != nil {
		if _, both := fields["provider"]; both {
			d.report(d.place(path, "route"), "route and extra.provider both say which provider is to serve it: leave one of them out")
		}
		if len(raw.Route) == 0 || slices.Contains(raw.Route, "") {
			d.report(d.place(path, "route"), "route is %s", forms["route"])
		}
		fields["provider"] = map[string]any{"order": raw.Route, "allow_fallbacks": false}
	}
	if len(fields) == 0 {
		return nil
	}
	extra := make(map[string]json.RawMessage, len(fields))
	for name, value := range fields {
		text, err := json.Marshal(value)
		if err != nil { // a number that is infinite, or none
			d.report(d.place(path, "extra"), "extra.%s cannot be written as JSON", name)
			continue
		}
		extra[name] = text
	}
	return extra
}

// ParsePrice reads "0.15/0.60": USD for 1M input and for 1M output tokens, as
// exact decimals. source says who gave it.
func ParsePrice(text, source string) (costmodel.Price, error) {
	refused := fmt.Errorf("price %q is not US dollars for 1M input and 1M output tokens, such as 0.15/0.60", probe.Sanitize(text, 60))
	in, out, ok := strings.Cut(text, "/")
	in, out = strings.TrimSpace(in), strings.TrimSpace(out)
	if !ok || in == "" || out == "" {
		return costmodel.Price{}, refused
	}
	input, err := costmodel.ParseRate(in)
	if err != nil {
		return costmodel.Price{}, refused
	}
	output, err := costmodel.ParseRate(out)
	if err != nil {
		return costmodel.Price{}, refused
	}
	// It is one price for all of the input and all of the output.
	all := costmodel.NoCharge()
	return costmodel.Price{
		Input: input, Output: output, CachedInput: all, CacheWrite: all, Reasoning: all, Source: source, Own: true,
	}, nil
}

// ParseBudget reads "1.00/day": USD a UTC day, as an exact decimal.
func ParseBudget(text string) (costmodel.USD, error) {
	amount, per, ok := strings.Cut(text, "/")
	usd, err := costmodel.ParseUSD(amount)
	if !ok || strings.TrimSpace(per) != "day" || err != nil {
		return costmodel.USD{}, fmt.Errorf("budget %q is not US dollars a day, such as 1.00/day", probe.Sanitize(text, 60))
	}
	return usd, nil
}
