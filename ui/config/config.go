package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/ui/compare"

	"github.com/adrg/xdg"
)

// maxFile bounds the file, in bytes.
const maxFile = 1 << 20

// Config is what the file says, checked.
type Config struct {
	// Path is the file it was read from, "" where there is none.
	Path string
	// Interval is the least time from one pass over the targets to the next.
	Interval time.Duration
	// Budget is the most that probing may cost in a UTC day.
	Budget costmodel.USD
	// Profile names the prompt profile, or the file that holds it.
	Profile string
	// SLO is what every attempt is held to for the goodput.
	SLO compare.SLO
	// Limits are in the order of the file.
	Limits []compare.Limit
	// Alerts say how a person is told of events.
	Alerts Alerts
	// Targets are in the order of the file; no two have the same name.
	Targets []Target
	// Workloads and Pipelines are in the order of the file; no two workloads and
	// no two pipelines have the same name.
	Workloads []Workload
	Pipelines []Pipeline
	// Checks are in the order of the file.
	Checks []Check
}

// Target is a configured target.
type Target struct {
	probe.Target
	// Short stands for the name where there is little room; "" for none.
	Short string
	// Price is the person's own, which goes before that of the catalog; unknown
	// where none is given.
	Price costmodel.Price
	// SelfHost is what the machine costs that it runs on, whatever is asked of it;
	// nil where that is not said.
	SelfHost *costmodel.Figure
	// Quality is a share from 0 to 1, as the person states it; unknown where not.
	Quality costmodel.Metric
	// Pinned marks what the status line shows first.
	Pinned bool
	// Tags group targets.
	Tags []string
}

// Default is the configuration of a person without a file.
func Default() Config {
	budget, _ := costmodel.ParseUSD("1.00") // a constant that parses
	return Config{Interval: time.Minute, Budget: budget, Profile: "chat"}
}

// DefaultPath is where the file is looked for.
func DefaultPath() string { return filepath.Join(xdg.ConfigHome, "costping", "config.toml") }

// Load reads the file at path. With "" it reads the one at DefaultPath, and
// gives Default where there is none; a file that was named has to be there. What
// is wrong inside the file is an *Error.
func Load(path string) (Config, error) {
	named := path != ""
	if !named {
		path = DefaultPath()
	}
	file, err := os.Open(path)
	switch {
	case !named && errors.Is(err, fs.ErrNotExist):
		return Default(), nil
	case errors.Is(err, fs.ErrNotExist):
		return Config{}, fmt.Errorf("there is no configuration file %s", probe.Sanitize(path, maxShown))
	case err != nil:
		return Config{}, fmt.Errorf("reading the configuration: %w", err)
	}
	defer func() { _ = file.Close() }() // read only
	return Read(file, path)
}

// maxShown bounds a path or text that an error repeats, in bytes.
const maxShown = 200

// Read reads a configuration; name stands for the file in errors. What is wrong
// with it is an *Error.
func Read(r io.Reader, name string) (Config, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return Config{}, fmt.Errorf("reading the configuration: %w", err)
	}
	if len(data) > maxFile {
		return Config{}, &Error{File: name, Problems: []Problem{{Line: 1, Column: 1, What: "the file is larger than 1 MiB"}}}
	}
	doc := scan(data)
	doc.folder = filepath.Dir(name)
	raw, ok := doc.decode()
	if !ok {
		return Config{}, doc.problemsIn(name)
	}
	c := raw.config(doc)
	if len(doc.problems) > 0 {
		return Config{}, doc.problemsIn(name)
	}
	c.Path = name
	return c, nil
}

// Named gives the target of that name.
func (c Config) Named(name string) (Target, bool) {
	for _, t := range c.Targets {
		if t.Name == name {
			return t, true
		}
	}
	return Target{}, false
}
