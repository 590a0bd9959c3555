package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"costping/probe"
	"costping/probe/check"
	"costping/ui/compare"
)

// Check is a check of answers that is made again and again.
type Check struct {
	Kind check.Kind
	// Targets are the names of those that it is made of.
	Targets []string
	// Every is the time from the beginning of one run to that of the next.
	Every time.Duration
	// N is how many cases are asked, or how many requests each length and depth or
	// each batch size gets; 0 for as many as the file of cases has.
	N int
	// Lengths are those of the kind context in tokens; nil for those that the model
	// takes.
	Lengths []int
	// Cases is the file of one's own cases, "" for those that are made.
	Cases string
}

// Name tells checks of one target apart.
func (c Check) Name() string {
	if c.Cases == "" {
		return string(c.Kind)
	}
	return string(c.Kind) + " " + filepath.Base(c.Cases)
}

// checkTable is a [[check]].
type checkTable struct {
	Kind    *string  `toml:"kind"`
	Targets []string `toml:"targets"`
	Every   *string  `toml:"every"`
	N       *int     `toml:"n"`
	Lengths []int    `toml:"lengths"`
	Cases   *string  `toml:"cases"`
}

// Bounds of a check, and what it has where the file does not say.
const (
	leastEvery   = 10 * time.Minute
	mostEvery    = 90 * 24 * time.Hour
	defaultEvery = 24 * time.Hour
	mostAsked    = 2000
)

var askedByDefault = map[check.Kind]int{
	check.KindSchema: 50, check.KindTools: 50, check.KindContext: check.EachForLimit(), check.KindEmbedding: 10,
}

// checks reads the tables: a target has one check of a name.
func (f fileTable) checks(d *document, targets []Target) []Check {
	var all []Check
	taken := map[string]bool{}
	for i, raw := range f.Checks {
		at := fmt.Sprintf("check.%d", i)
		c := raw.check(d, at, targets)
		for _, target := range c.Targets {
			key := c.Name() + "\x00" + target
			if taken[key] {
				d.report(d.place(at, "targets"), "%s has another check of the kind %s: leave one of them out", target, c.Kind)
				break
			}
			taken[key] = true
		}
		all = append(all, c)
	}
	return all
}

// check checks one table and reports what is wrong with it.
func (raw checkTable) check(d *document, at string, targets []Target) Check {
	c := Check{Every: defaultEvery}
	kinds := check.Kinds()
	if raw.Kind != nil {
		c.Kind = check.Kind(*raw.Kind)
	}
	if !slices.Contains(kinds, c.Kind) {
		d.report(d.place(at, "kind"), "a check needs a kind: %s", forms["kind"])
		return c
	}
	c.Targets = raw.names(d, at, targets)
	if c.Kind == check.KindEmbedding && len(raw.Targets) == 0 {
		d.report(d.at[at], "a check of the kind embedding names its targets, as not every model embeds")
	}
	if raw.Every != nil {
		every, err := time.ParseDuration(*raw.Every)
		if err != nil || every < leastEvery || every > mostEvery {
			d.report(d.place(at, "every"), "every %q is no time from 10m to 2160h: write %s", *raw.Every, forms["every"])
		}
		c.Every = every
	}
	raw.asked(d, at, &c)
	raw.lengths(d, at, &c)
	return c
}

// names are the targets that the patterns name, in the order of the file; all where
// there are none.
func (raw checkTable) names(d *document, at string, targets []Target) []string {
	var names []string
	for _, t := range targets {
		if len(raw.Targets) == 0 || slices.ContainsFunc(raw.Targets, func(p string) bool { return compare.Named(p, t.Name) }) {
			names = append(names, t.Name)
		}
	}
	for _, p := range raw.Targets {
		if !slices.ContainsFunc(names, func(name string) bool { return compare.Named(p, name) }) {
			d.report(d.place(at, "targets"), "%q is none of the targets of this file", p)
		}
	}
	if len(targets) == 0 && len(raw.Targets) == 0 {
		d.report(d.at[at], "a check needs a [[target]] to be made of")
	}
	return names
}

// asked takes over how many cases are asked, and which.
func (raw checkTable) asked(d *document, at string, c *Check) {
	c.N = askedByDefault[c.Kind]
	if raw.Cases != nil {
		c.Cases, c.N = *raw.Cases, 0
		if !filepath.IsAbs(c.Cases) {
			c.Cases = filepath.Join(d.folder, c.Cases)
		}
		switch {
		case c.Kind != check.KindSchema && c.Kind != check.KindTools:
			d.report(d.place(at, "cases"), "cases are for the kinds schema and tools")
		case raw.N != nil:
			d.report(d.place(at, "n"), "n and cases both say what is asked: leave one of them out")
		default:
			if _, _, err := c.Load(0); err != nil {
				d.report(d.place(at, "cases"), "cases: %v", err)
			}
		}
		return
	}
	if raw.N == nil {
		return
	}
	if c.N = *raw.N; c.N < 1 || c.N > mostAsked {
		d.report(d.place(at, "n"), "n is %s", forms["n"])
	}
}

func (raw checkTable) lengths(d *document, at string, c *Check) {
	if raw.Lengths == nil {
		return
	}
	if c.Lengths = raw.Lengths; c.Kind != check.KindContext {
		d.report(d.place(at, "lengths"), "lengths are for the kind context")
	} else if !check.LengthsRise(c.Lengths) {
		d.report(d.place(at, "lengths"), "lengths are %s", forms["lengths"])
	}
}

// Load reads the cases, or makes them from a seed. Only those of the check's kind
// are there.
func (c Check) Load(seed uint64) (schema []check.SchemaCase, tools []check.ToolCase, err error) {
	switch {
	case c.Cases == "" && c.Kind == check.KindSchema:
		return check.SchemaCases(seed, c.N), nil, nil
	case c.Cases == "" && c.Kind == check.KindTools:
		return nil, check.ToolCases(seed, c.N), nil
	case c.Cases == "":
		return nil, nil, nil
	}
	info, err := os.Stat(c.Cases)
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is not a file") // one that is a pipe would be waited for
	}
	var file *os.File
	if err == nil {
		file, err = os.Open(c.Cases)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%s", probe.Sanitize(strings.TrimPrefix(err.Error(), "stat "), maxShown))
	}
	defer func() { _ = file.Close() }() // read only
	if c.Kind == check.KindTools {
		tools, err = check.ReadToolCases(file)
	} else {
		schema, err = check.ReadSchemaCases(file)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", probe.Sanitize(filepath.Base(c.Cases), maxShown), err)
	}
	return schema, tools, nil
}
