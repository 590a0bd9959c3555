package config

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"costping/costmodel"
	"costping/probe"
)

type workloadTable struct {
	Name          string   `toml:"name"`
	Items         *string  `toml:"items"`
	In            *written `toml:"in"`
	Out           *written `toml:"out"`
	Volume        *string  `toml:"volume"`
	Split         *string  `toml:"split"`
	Users         *written `toml:"users"`
	TokensPerUser *written `toml:"tokens_per_user"`
	Cached        *written `toml:"cached"`
	Batch         *written `toml:"batch"`
	Retries       *written `toml:"retries"`
	Days          *written `toml:"days"`
	Profile       *string  `toml:"profile"`
}

// Workload is a configured workload.
type Workload struct {
	Name string
	// Profile is the prompt profile whose probes stand for it, or the file that
	// holds it; "" where none is named.
	Profile string

	work     costmodel.Workload
	calendar bool // a month is the one of the day that is asked about
}

// On is what it asks for, with the month of the given day where it counts calendar
// months.
func (w Workload) On(day costmodel.Date) costmodel.Workload {
	work := w.work
	if w.calendar {
		work.DaysPerMonth = costmodel.CalendarMonth(day)
	}
	return work
}

// WorkloadNamed gives the workload of that name.
func (c Config) WorkloadNamed(name string) (Workload, bool) {
	for _, w := range c.Workloads {
		if w.Name == name {
			return w, true
		}
	}
	return Workload{}, false
}

// workloads checks the workloads and reports what is wrong with them.
func (f fileTable) workloads(d *document) []Workload {
	var all []Workload
	names := map[string]int{}
	for i, raw := range f.Workloads {
		path := "workload." + strconv.Itoa(i)
		d.distinctName(names, path, raw.Name, i)
		all = append(all, raw.workload(d, path))
	}
	return all
}

// distinctName checks the name of the table at path, which is the i-th of its kind;
// names are those before it.
func (d *document) distinctName(names map[string]int, path, name string, i int) {
	kind, _, _ := strings.Cut(path, ".")
	first, twice := names[name]
	switch {
	case name == "":
		d.report(d.at[path], "a %s needs a name", kind)
	case name != probe.Sanitize(name, maxShown):
		d.report(d.place(path, "name"), "a name is one line of text that can be shown, at most %d bytes", maxShown)
	case twice:
		d.report(d.place(path, "name"), "the name %q is taken by %s %d: a name belongs to one %s", name, kind, first+1, kind)
	default:
		names[name] = i
	}
}

// workloadForms are the keys that belong together; the first of each is what an
// error calls it by.
var workloadForms = [][]string{{"items", "in", "out"}, {"volume", "split"}, {"users", "tokens_per_user", "split"}}

// form finds which of the forms is written, and reports what is missing or too
// much of it.
func (raw workloadTable) form(d *document, path string) (form []string, ok bool) {
	given := map[string]bool{
		"items": raw.Items != nil, "in": raw.In != nil, "out": raw.Out != nil, "volume": raw.Volume != nil,
		"split": raw.Split != nil, "users": raw.Users != nil, "tokens_per_user": raw.TokensPerUser != nil,
	}
	for _, f := range workloadForms {
		if !given[f[0]] {
			continue
		}
		if form != nil {
			d.report(d.place(path, f[0]), "%s and %s both say how much it is: leave one of them out", form[0], f[0])
			return nil, false
		}
		form = f
	}
	if form == nil {
		d.report(d.at[path], `a workload needs how much it is: items = "4000 documents/day" with in and out, volume = "10M/day" with split, or users with tokens_per_user and split`)
		return nil, false
	}
	ok = true
	wanted := map[string]bool{}
	for _, key := range form {
		wanted[key] = true
		if !given[key] {
			d.report(d.place(path, form[0]), "%s needs %s", form[0], key)
			ok = false
		}
	}
	for _, key := range []string{"in", "out", "split", "tokens_per_user"} {
		if given[key] && !wanted[key] {
			d.report(d.place(path, key), "%s does not go with %s, which takes %s", key, form[0], strings.Join(form[1:], " and "))
			ok = false
		}
	}
	return form, ok
}

// workload checks one table and reports what is wrong with it.
func (raw workloadTable) workload(d *document, path string) Workload {
	before := len(d.problems)
	w := Workload{Name: raw.Name}
	if raw.Profile != nil {
		w.Profile = *raw.Profile
		d.profile(join(path, "profile"), w.Profile)
	}
	if form, ok := raw.form(d, path); ok {
		work, key, err := raw.base(form[0])
		if err != nil {
			d.report(d.place(path, key), "%s", said(err))
		}
		w.work = work
	}
	for _, part := range []struct {
		key  string
		text *written
		to   *costmodel.Share
	}{{"cached", raw.Cached, &w.work.Cached}, {"batch", raw.Batch, &w.work.Batch}, {"retries", raw.Retries, &w.work.Retries}} {
		if part.text == nil {
			continue
		}
		share, err := costmodel.ParseShare(string(*part.text))
		if err != nil {
			d.report(d.place(path, part.key), "%s %q is not a share in percent, such as \"30%%\"", part.key, *part.text)
		}
		*part.to = share
	}
	if raw.Days != nil {
		var err error
		if w.calendar = *raw.Days == "calendar"; !w.calendar {
			if w.work.DaysPerMonth, err = costmodel.ParseDaysPerMonth(string(*raw.Days)); err != nil {
				d.report(d.place(path, "days"), "%s", said(err))
			}
		}
	}
	if len(d.problems) == before {
		if err := w.work.Check(); err != nil {
			d.report(d.at[path], "%s", said(err))
		}
	}
	return w
}

// base is the volume and how it divides, as the form has it; key is what is wrong
// where something is.
func (raw workloadTable) base(form string) (w costmodel.Workload, key string, err error) {
	if form != "items" {
		if w.Split, err = costmodel.ParseSplit(*raw.Split); err != nil {
			return w, "split", err
		}
	}
	switch form {
	case "volume":
		w.Volume, err = costmodel.ParseVolume(*raw.Volume)
		if err == nil && w.Volume.Unit() != costmodel.Tokens {
			err = fmt.Errorf("volume counts tokens: for %s write items, with in and out", w.Volume.Unit())
		}
		return w, "volume", err
	case "users":
		users, err := costmodel.ParseCount(string(*raw.Users))
		if err != nil {
			return w, "users", err
		}
		each, err := costmodel.ParseCount(string(*raw.TokensPerUser))
		if err != nil {
			return w, "tokens_per_user", err
		}
		w, err = w.WithUsers(users, each)
		return w, "users", err
	}
	return raw.items()
}

// items is a volume of items with the tokens of each.
func (raw workloadTable) items() (w costmodel.Workload, key string, err error) {
	if w.Volume, err = costmodel.ParseVolume(*raw.Items); err != nil {
		return w, "items", err
	}
	if unit := w.Volume.Unit(); unit == costmodel.Tokens || unit == costmodel.Users {
		return w, "items", fmt.Errorf("items counts messages, requests, calls or documents, such as \"4000 documents/day\", and not %s", unit)
	}
	in, err := costmodel.ParseCount(string(*raw.In))
	if err != nil {
		return w, "in", err
	}
	out, err := costmodel.ParseCount(string(*raw.Out))
	if err != nil {
		return w, "out", err
	}
	w, err = w.WithItem(in, out)
	return w, "in", err
}

// said is an error with its hint, in one sentence.
func said(err error) string {
	var input *costmodel.InputError
	if errors.As(err, &input) && input.Hint != "" {
		return input.What + ": " + input.Hint
	}
	return err.Error()
}

// profile reports a name that no profile can have.
func (d *document) profile(path, name string) {
	if name == "" || name != probe.Sanitize(name, maxShown) {
		d.report(d.at[path], "profile is the name of a prompt profile, such as \"chat\", or a file that holds one")
	}
}
