package check

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"costping/probe"
)

// KindEval is the kind of golden tasks.
const KindEval Kind = "eval"

// Task is one golden task: what is asked, and how the answer is graded.
type Task struct {
	ID, System, Prompt string
	// MaxTokens is the cap on the answer.
	MaxTokens int

	grader grader
	// expect is what the grader's command is told, as JSON.
	expect json.RawMessage
}

const (
	// taskTokens is the cap of a task that names none, mostTaskTokens the largest.
	taskTokens     = 1024
	mostTaskTokens = 32_768
)

// taskLine is a task as it is written.
type taskLine struct {
	ID        string          `json:"id"`
	System    string          `json:"system"`
	Prompt    string          `json:"prompt"`
	MaxTokens int             `json:"max_tokens"`
	Grader    string          `json:"grader"`
	Expect    json.RawMessage `json:"expect"`
	Tolerance json.RawMessage `json:"tolerance"`
	Schema    json.RawMessage `json:"schema"`
	Command   []string        `json:"command"`
}

// ReadTasks reads golden tasks, a line of JSON each: id, prompt, and, if wanted,
// system, max_tokens, grader, expect, tolerance, schema and command. Without a
// grader a text is compared exactly, a number as one, and an object or list by its
// fields.
func ReadTasks(r io.Reader) ([]Task, error) {
	var tasks []Task
	err := eachLine(r, func(l *taskLine) string { return l.ID }, func(l taskLine) error {
		t := Task{ID: l.ID, System: l.System, Prompt: l.Prompt, MaxTokens: l.MaxTokens, expect: l.Expect}
		switch {
		case strings.TrimSpace(l.Prompt) == "":
			return errors.New("it has no prompt")
		case l.MaxTokens < 0 || l.MaxTokens > mostTaskTokens:
			return fmt.Errorf("max_tokens has to lie between 1 and %d", mostTaskTokens)
		case l.MaxTokens == 0:
			t.MaxTokens = taskTokens
		}
		var err error
		if t.grader, err = l.grader(); err == nil {
			tasks = append(tasks, t)
		}
		return err
	})
	return tasks, err
}

// NeedsCommand reports whether a task is graded by a program.
func (t *Task) NeedsCommand() bool {
	_, ok := t.grader.(commandGrader)
	return ok
}

// Question is the task as it is asked of a target.
func (t *Task) Question(target probe.Target) probe.Question {
	q := probe.Question{Target: target, Kind: string(KindEval), MaxTokens: t.MaxTokens}
	if t.System != "" {
		q.Messages = append(q.Messages, probe.Message{Role: probe.RoleSystem, Text: t.System})
	}
	q.Messages = append(q.Messages, probe.Message{Role: probe.RoleUser, Text: t.Prompt})
	return q
}

// Key names what is asked of whom with which parameters, whatever the task and the
// target are called: an answer that has been paid for is found by it. How it is
// graded is not in it.
func (t *Task) Key(target probe.Target) string {
	text := []string{strings.TrimRight(target.BaseURL, "/"), target.Model, t.System, t.Prompt, fmt.Sprint(t.MaxTokens)}
	for _, name := range slices.Sorted(maps.Keys(target.Extra)) {
		text = append(text, name, string(target.Extra[name]))
	}
	b, err := json.Marshal(text)
	if err != nil {
		panic(err) // a list of texts
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}
