// Command picture draws the README's picture: it runs the demo in a real terminal
// (tmux), takes what is on its screen and writes it as SVG.
//
//	go run ./ui/dashboard/picture -o ui/dashboard/picture/dashboard.svg
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/google/renameio/v2"
)

func main() {
	out := flag.String("o", "ui/dashboard/picture/dashboard.svg", "file to write")
	width := flag.Int("width", 120, "columns")
	height := flag.Int("height", 20, "lines")
	flag.Parse()
	if err := run(*out, *width, *height); err != nil {
		fmt.Fprintf(os.Stderr, "picture: %v\n", err)
		os.Exit(1)
	}
}

func run(out string, width, height int) error {
	dir, err := os.MkdirTemp("", "costping-picture-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary := filepath.Join(dir, "costping")
	if text, err := exec.CommandContext(context.Background(), "go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		return fmt.Errorf("building: %w\n%s", err, text)
	}
	screen, err := capture(binary, width, height)
	if err != nil {
		return err
	}
	return renameio.WriteFile(out, []byte(svg(parse(screen), width, height)), 0o644)
}

// keys are pressed before the picture is taken: a turned knob, so that the answer
// says what it changed and rows have changed places.
var keys = []string{"L"}

// capture runs the demo in a tmux server of its own and returns its screen with
// the escape sequences of its colours.
func capture(binary string, width, height int) (string, error) {
	socket := fmt.Sprintf("costping-picture-%d", os.Getpid())
	tmux := func(args ...string) (string, error) {
		text, err := exec.CommandContext(context.Background(), "tmux", append([]string{"-L", socket, "-f", os.DevNull}, args...)...).CombinedOutput()
		if err != nil {
			return "", fmt.Errorf("tmux %s: %w: %s", args[0], err, text)
		}
		return string(text), nil
	}
	defer func() { _, _ = tmux("kill-server") }()
	if _, err := tmux("new-session", "-d", "-s", "p", "-x", strconv.Itoa(width), "-y", strconv.Itoa(height),
		"env", "TERM=tmux-256color", "LC_ALL=C.UTF-8", binary, "demo", "--seed", "11"); err != nil {
		return "", err
	}
	if err := waitFor(tmux, "◆ pick"); err != nil {
		return "", err
	}
	for _, k := range keys {
		if _, err := tmux("send-keys", "-t", "p", k); err != nil {
			return "", err
		}
	}
	if err := waitFor(tmux, "CHANGED"); err != nil {
		return "", err
	}
	return tmux("capture-pane", "-e", "-p", "-N", "-t", "p")
}

func waitFor(tmux func(...string) (string, error), text string) error {
	deadline := time.Now().Add(30 * time.Second)
	for time.Now().Before(deadline) {
		screen, err := tmux("capture-pane", "-p", "-t", "p")
		if err != nil {
			return err
		}
		if strings.Contains(screen, text) {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return errors.New("the dashboard did not show " + strconv.Quote(text))
}
