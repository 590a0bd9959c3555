package config

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"costping/probe"
)

// The examples of the README are what the program reads.
func TestReadmeExamples(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```toml\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(blocks) != 2 {
		t.Fatalf("%d examples of TOML, want a configuration and a profile", len(blocks))
	}
	if c, err := Read(strings.NewReader(blocks[0][1]), "README.md"); err != nil || len(c.Targets) != 3 || len(c.Workloads) != 3 || len(c.Pipelines) != 1 {
		t.Errorf("the configuration: %v, %d targets, %d workloads, %d pipelines", err, len(c.Targets), len(c.Workloads), len(c.Pipelines))
	}
	if p, err := probe.ReadProfile(strings.NewReader(blocks[1][1])); err != nil || !strings.HasPrefix(p.Name, "support-") || p.MaxTokens != 256 || p.System == "" {
		t.Errorf("the profile: %v, %+v", err, p)
	}
}
