package costmodel

import (
	"bytes"
	_ "embed"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"sync"
)

//go:embed advice.toml
var embeddedAdvice []byte

// Task is a kind of work and what is recommended for it.
type Task struct {
	// ID is how it is written ("interactive-agent"), Name how it is read.
	ID, Name string
	// First and Fallback name models of the catalog, in the order of preference,
	// for the reason Why.
	First, Fallback string
	Why             string
	// Needs are the features that the task usually asks for.
	Needs []Feature
}

// Rule is one rule of a router: the model to use where all its conditions hold.
type Rule struct {
	// Tasks are the kinds of work it is for; none are all.
	Tasks []string
	// FloorBelow is what the quality floor has to be below, ItemsAbove what the
	// items a day have to be above; 0 is no such condition.
	FloorBelow float64
	ItemsAbove int64
	Model      string
}

// latency is what was published of a model.
type latency struct{ ttft, speed Metric }

// Advice is the task matrix, the rules of a router, and latencies that others
// published. It is immutable.
type Advice struct {
	// Source names who gives the advice.
	Source        string
	tasks         []Task
	rules         []Rule
	published     map[string]latency // by folded model id
	testedContext int64
}

type (
	adviceFile struct {
		Source        string           `toml:"source"`
		TestedContext int64            `toml:"tested_context"`
		Tasks         []taskEntry      `toml:"task"`
		Rules         []ruleEntry      `toml:"rule"`
		Published     []publishedEntry `toml:"published"`
	}
	taskEntry struct {
		ID       string   `toml:"id"`
		Name     string   `toml:"name"`
		First    string   `toml:"first"`
		Fallback string   `toml:"fallback"`
		Why      string   `toml:"why"`
		Needs    []string `toml:"needs"`
	}
	ruleEntry struct {
		Tasks      []string `toml:"tasks"`
		FloorBelow *float64 `toml:"quality_floor_below"`
		ItemsAbove *int64   `toml:"items_a_day_above"`
		Model      string   `toml:"model"`
	}
	publishedEntry struct {
		Model string  `toml:"model"`
		TTFT  float64 `toml:"ttft_p50_ms"`
		Speed float64 `toml:"output_tokens_per_s"`
	}
)

var adviceData = tomlData{
	name: "advice",
	hint: "the form is described at the head of advice.toml: [[task]], [[rule]] and [[published]] tables",
}

// AdviceTOML returns the text of the advice that is part of the program, which
// LoadAdvice reads, to be edited.
func AdviceTOML() string { return string(embeddedAdvice) }

// DefaultAdvice returns the advice that is part of the program.
func DefaultAdvice() *Advice { return defaultAdvice() }

var defaultAdvice = sync.OnceValue(func() *Advice {
	a, err := LoadAdvice(bytes.NewReader(embeddedAdvice))
	if err != nil {
		panic("costmodel: the embedded advice: " + err.Error()) // held by a test
	}
	return a
})

// LoadAdvice reads advice in the form that the head of advice.toml describes; what
// does not keep to it is an *InputError. At most 1 MiB is read. Whether the
// models exist is found out when the advice is asked for.
func LoadAdvice(r io.Reader) (*Advice, error) {
	var file adviceFile
	if err := adviceData.decode(r, &file); err != nil {
		return nil, err
	}
	a := &Advice{Source: file.Source, testedContext: file.TestedContext, published: map[string]latency{}}
	if err := adviceData.text("source", a.Source, false); err != nil {
		return nil, err
	}
	if a.testedContext <= 0 {
		return nil, adviceData.refuse("has no tested_context above 0")
	}
	for _, entry := range file.Tasks {
		if err := a.addTask(entry); err != nil {
			return nil, err
		}
	}
	if a.tasks == nil {
		return nil, adviceData.refuse("has no tasks")
	}
	for i, entry := range file.Rules {
		if err := a.addRule(i+1, entry); err != nil {
			return nil, err
		}
	}
	for _, entry := range file.Published {
		if err := a.addPublished(entry); err != nil {
			return nil, err
		}
	}
	return a, nil
}

func (a *Advice) addTask(entry taskEntry) error {
	subject := "task " + quote(entry.ID)
	for _, s := range []string{entry.ID, entry.Name, entry.First, entry.Fallback, entry.Why} {
		if err := adviceData.text(subject, s, false); err != nil {
			return err
		}
	}
	if slices.ContainsFunc(a.tasks, func(t Task) bool { return t.ID == entry.ID }) {
		return adviceData.refuse("has the task %s twice", quote(entry.ID))
	}
	t := Task{ID: entry.ID, Name: entry.Name, First: entry.First, Fallback: entry.Fallback, Why: entry.Why}
	for _, word := range entry.Needs {
		f, err := ParseFeature(word)
		if err != nil {
			return adviceData.refuse("%s: %v", subject, err)
		}
		t.Needs = append(t.Needs, f)
	}
	a.tasks = append(a.tasks, t)
	return nil
}

func (a *Advice) addRule(n int, entry ruleEntry) error {
	subject := fmt.Sprintf("rule %d", n)
	for _, s := range append([]string{entry.Model}, entry.Tasks...) {
		if err := adviceData.text(subject, s, false); err != nil {
			return err
		}
	}
	r := Rule{Tasks: entry.Tasks, Model: entry.Model}
	if entry.FloorBelow != nil {
		if r.FloorBelow = *entry.FloorBelow; !(r.FloorBelow > 0 && r.FloorBelow <= 1) {
			return adviceData.refuse("%s has a quality_floor_below that is not above 0 and at most 1", subject)
		}
	}
	if entry.ItemsAbove != nil {
		if r.ItemsAbove = *entry.ItemsAbove; r.ItemsAbove <= 0 {
			return adviceData.refuse("%s has an items_a_day_above that is not above 0", subject)
		}
	}
	a.rules = append(a.rules, r)
	return nil
}

func (a *Advice) addPublished(entry publishedEntry) error {
	subject := "published " + quote(entry.Model)
	if err := adviceData.text(subject, entry.Model, false); err != nil {
		return err
	}
	figures := [2]Metric{}
	for i, v := range []float64{entry.TTFT, entry.Speed} {
		if v < 0 || math.IsNaN(v) || math.IsInf(v, 0) {
			return adviceData.refuse("%s has a figure that is not a number of 0 or more", subject)
		}
		if v > 0 {
			figures[i] = Exactly(v, Published)
		}
	}
	if _, twice := a.published[fold(entry.Model)]; twice {
		return adviceData.refuse("has %s twice", subject)
	}
	a.published[fold(entry.Model)] = latency{figures[0], figures[1]}
	return nil
}

// Published returns the latencies that were published of a model as the catalog's
// provider hosts it: the median time to the first token in milliseconds and the
// output speed in tokens a second. Either may be unknown.
func (a *Advice) Published(m Model) (ttft, speed Metric) {
	l := a.published[fold(m.ID)]
	return l.ttft, l.speed
}

// Tasks returns the tasks in the order of the file.
func (a *Advice) Tasks() []Task { return slices.Clone(a.tasks) }

// Task finds a task by its ID, in any case; an unknown one is an *InputError that
// names the known ones.
func (a *Advice) Task(id string) (Task, error) {
	var ids []string
	for _, t := range a.tasks {
		if fold(t.ID) == strings.ReplaceAll(fold(id), "_", "-") {
			return t, nil
		}
		ids = append(ids, t.ID)
	}
	return Task{}, &InputError{What: fmt.Sprintf("there is no task %s", quote(id)), Hint: "the tasks are " + enumerate(ids)}
}

// Recommended is a model that the advice names, as it can be had on a day.
type Recommended struct {
	Model Model
	// Instead is the model that the advice names where that one is retired and
	// Model its successor; otherwise it has no ID.
	Instead Model
}

// recommend finds the model that the advice names, or its successor; ok is false
// where neither can be had, and why says so.
func recommend(c *Catalog, name string, day Date) (r Recommended, why string, ok bool) {
	m, known := c.Lookup(name)
	if !known {
		return r, name + " is not in the catalog", false
	}
	if !m.RetiredOn(day) {
		return Recommended{Model: m}, "", true
	}
	next, found := c.SuccessorOn(m, day)
	if !found {
		return r, fmt.Sprintf("%s is retired since %s and has no live successor", m.ID, m.Retired), false
	}
	return Recommended{Model: next, Instead: m}, "", true
}

// replaces says which retired model this one stands for, "" where none.
func (r Recommended) replaces() string {
	if r.Instead.ID == "" {
		return ""
	}
	return fmt.Sprintf("successor of %s, retired %s", r.Instead.ID, r.Instead.Retired)
}
