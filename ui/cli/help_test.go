package cli

import (
	"bytes"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// The first line of a command's help names what it is about, and examples follow.
func TestHelp(t *testing.T) {
	t.Parallel()
	about := map[string]string{
		"costping":                 "language models cost",
		"costping demo":            "simulator of eight models",
		"costping probe":           "streaming chat completions",
		"costping init":            "keys of known providers",
		"costping eval":            "golden tasks",
		"costping cost":            "models of the catalog cost",
		"costping catalog":         "catalog of models",
		"costping catalog list":    "models of the catalog",
		"costping catalog show":    "model of the catalog",
		"costping catalog import":  "price feed",
		"costping catalog diff":    "price feed",
		"costping choose":          "rank models for a task",
		"costping selfhost":        "hosting a model yourself",
		"costping simulate":        "/v1/chat/completions",
		"costping monitor":         "background",
		"costping history":         "history of what was probed",
		"costping history info":    "describe the history",
		"costping history export":  "samples of the history",
		"costping history import":  "another history",
		"costping history verify":  "all of the history",
		"costping history compact": "history's database",
		"costping history prune":   "samples of the history",
		"costping history backup":  "history's database",
		"costping status":          "how the targets do",
		"costping check":           "a line a rule",
		"costping diff":            "two snapshots",
		"costping open":            "snapshot in the dashboard",
		"costping snapshot":        "what was measured",
		"costping version":         "version",
		"costping help":            "help for any command",
		"costping completion":      "autocompletion script",
	}
	seen := map[string]bool{}
	var visit func(cmd *cobra.Command)
	visit = func(cmd *cobra.Command) {
		path := cmd.CommandPath()
		seen[path] = true
		want := about[path]
		if strings.HasPrefix(path, "costping completion ") {
			want = cmd.Name()
		}
		var stdout, stderr bytes.Buffer
		args := append(strings.Fields(path)[1:], "--help")
		if code := Run(args, strings.NewReader(""), &stdout, &stderr); code != exitOK || stderr.Len() > 0 {
			t.Errorf("%s --help: exit code %d, %q", path, code, stderr.String())
		}
		first, rest, _ := strings.Cut(stdout.String(), "\n")
		if want == "" || !strings.Contains(strings.ToLower(first), strings.ToLower(want)) {
			t.Errorf("%s --help: the first line does not name %q: %s", path, want, first)
		}
		if ok, _ := regexp.MatchString(`(?m)^Examples:\n +`+strings.Fields(path)[0]+` ?`, rest); !ok {
			t.Errorf("%s --help has no example\n%s", path, rest)
		}
		for line := range strings.Lines(stdout.String()) {
			if strings.ContainsRune(line, '\x1b') {
				t.Errorf("%s --help: an escape sequence in %q", path, line)
			}
		}
		for _, sub := range cmd.Commands() {
			if !sub.Hidden {
				visit(sub)
			}
		}
	}
	visit((&app{stdout: io.Discard, stderr: io.Discard}).root())
	for path := range about {
		if !seen[path] {
			t.Errorf("there is no %s", path)
		}
	}
}

// quotedWords are the words of a command line, quotes around some of them.
var quotedWords = regexp.MustCompile(`"[^"]*"|'[^']*'|\S+`)

// Every flag that the examples use exists, and so do the commands.
func TestExamplesParse(t *testing.T) {
	t.Parallel()
	var visit func(cmd *cobra.Command)
	visit = func(cmd *cobra.Command) {
		for line := range strings.Lines(cmd.Example) {
			before, _, _ := strings.Cut(line, ">")
			words := quotedWords.FindAllString(before, -1)
			for i := range words {
				words[i] = strings.Trim(words[i], `"'`)
			}
			found, rest, err := (&app{stdout: io.Discard, stderr: io.Discard}).root().Find(words[1:])
			if err == nil {
				err = found.ParseFlags(rest)
			}
			if err == nil && found.Name() != "help" {
				err = found.ValidateArgs(found.Flags().Args())
			}
			if err != nil {
				t.Errorf("%s: %v", strings.TrimSpace(line), err)
			}
		}
		for _, sub := range cmd.Commands() {
			visit(sub)
		}
	}
	visit((&app{stdout: io.Discard, stderr: io.Discard}).root())
}

// What a person must know before probing is in the help of the commands that do.
func TestHelpOfWhatProbes(t *testing.T) {
	t.Parallel()
	for command, texts := range map[string][]string{
		"probe":   {"not stored", "--base-url", "--model", "--key-env", "--history", "warm connection"},
		"monitor": {"whoever is first", "the others watch", "takes over", "SIGTERM", "budget of the day"},
		"demo":    {"simulator", "loopback", "--once", "--rounds", "nothing", "says so"},
	} {
		var stdout bytes.Buffer
		Run([]string{command, "--help"}, nil, &stdout, &stdout)
		for _, text := range texts {
			if !strings.Contains(stdout.String(), text) {
				t.Errorf("%s --help does not speak of %q", command, text)
			}
		}
	}
}
