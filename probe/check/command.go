package check

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"costping/probe"
)

// The bounds of a grader that is a program.
const (
	graderTime   = 30 * time.Second
	graderOutput = 4 << 10 // bytes
)

// commandGrader runs a program: it is given the task and the answer as JSON on its
// input, and prints a score from 0 to 1, or pass or fail, on its first line.
type commandGrader struct {
	command []string
	limit   time.Duration
}

func (l *taskLine) commandGrader() (grader, error) {
	if len(l.Command) == 0 || l.Command[0] == "" {
		return nil, errors.New(`the grader command needs a command, such as ["python3", "grade.py"]`)
	}
	return commandGrader{command: l.Command, limit: graderTime}, nil
}

// pass implements grader: half of what there is to have.
func (commandGrader) pass() float64 { return 0.5 }

var errSlowGrader = errors.New("the grader did not end in time")

// grade implements grader.
func (g commandGrader) grade(ctx context.Context, t *Task, answer string) (float64, error) {
	input, err := json.Marshal(map[string]any{
		"id": t.ID, "system": t.System, "prompt": t.Prompt, "expect": t.expect, "answer": answer,
	})
	if err != nil {
		return 0, fmt.Errorf("the grader cannot be told of the task: %w", err)
	}
	stdin, err := inputFile(input)
	if err != nil {
		return 0, fmt.Errorf("the grader cannot be told of the task: %w", err)
	}
	defer func() { _ = stdin.Close() }()
	ctx, cancel := context.WithTimeoutCause(ctx, g.limit, errSlowGrader)
	defer cancel()
	cmd := exec.CommandContext(ctx, g.command[0], g.command[1:]...) //nolint:gosec // the user's own, and asked for
	out := &bounded{left: graderOutput}
	cmd.Stdin, cmd.Stdout = stdin, out
	cmd.WaitDelay = time.Second // for what it has started and left behind
	ownGroup(cmd)
	err = cmd.Run()
	var exit *exec.ExitError
	switch {
	case errors.Is(context.Cause(ctx), errSlowGrader):
		return 0, fmt.Errorf("the grader did not end within %s", g.limit)
	case ctx.Err() != nil:
		return 0, context.Cause(ctx)
	case out.overflow:
		return 0, fmt.Errorf("the grader printed more than %d bytes", graderOutput)
	case errors.As(err, &exit):
		return 0, fmt.Errorf("the grader failed: %s", exit.ProcessState)
	case err != nil && !errors.Is(err, exec.ErrWaitDelay):
		return 0, fmt.Errorf("the grader cannot be run: %s", probe.Sanitize(err.Error(), maxDetail))
	}
	return scoreOf(out.text.String())
}

// inputFile is a file with a text, which has no name any more. A pipe would break
// where a grader does not read to its end, and that is a signal to the whole program.
func inputFile(text []byte) (*os.File, error) {
	f, err := os.CreateTemp("", "costping-grader-")
	if err != nil {
		return nil, err
	}
	_ = os.Remove(f.Name()) // where the system does not let it go, it stays
	if _, err = f.Write(text); err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		_ = f.Close()
	}
	return f, err
}

// scoreOf reads the first line that a grader has printed.
func scoreOf(text string) (float64, error) {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	line = strings.TrimSpace(line)
	switch strings.ToLower(line) {
	case "pass", "true":
		return 1, nil
	case "fail", "false":
		return 0, nil
	}
	score, err := strconv.ParseFloat(line, 64)
	if err != nil || math.IsNaN(score) || score < 0 || score > 1 {
		return 0, fmt.Errorf("the grader printed %q, which is no score from 0 to 1", probe.Sanitize(line, 60))
	}
	return score, nil
}

// bounded keeps what is written to it up to a bound, and fails beyond it.
type bounded struct {
	text     bytes.Buffer
	left     int
	overflow bool
}

// Write implements io.Writer.
func (b *bounded) Write(p []byte) (int, error) {
	if len(p) > b.left {
		b.overflow = true
		return 0, errors.New("too much output")
	}
	b.left -= len(p)
	return b.text.Write(p)
}
