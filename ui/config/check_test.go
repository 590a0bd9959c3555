package config

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"costping/probe/check"
)

const twoTargets = target + "[[target]]\nname = \"ab\"\nbase_url = \"http://127.0.0.1/v1\"\nmodel = \"m\"\n"

// What a check says, and what it has where the file does not say.
func TestChecks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cases := filepath.Join(dir, "own.jsonl")
	if err := os.WriteFile(cases, []byte(`{"id":"1","prompt":"p","schema":{"type":"object"}}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Read(strings.NewReader(twoTargets+`
[[check]]
kind = "schema"

[[check]]
kind    = "tools"
targets = ["a?"]
every   = "6h"
n       = 20

[[check]]
kind    = "context"
targets = ["a"]
every   = "168h"
lengths = [1000, 4000]

[[check]]
kind  = "schema"
cases = "own.jsonl"

[[check]]
kind    = "embedding"
targets = ["ab"]
`), filepath.Join(dir, "config.toml"))
	if err != nil {
		t.Fatal(err)
	}
	want := []Check{
		{Kind: check.KindSchema, Targets: []string{"a", "ab"}, Every: 24 * time.Hour, N: 50},
		{Kind: check.KindTools, Targets: []string{"ab"}, Every: 6 * time.Hour, N: 20},
		{Kind: check.KindContext, Targets: []string{"a"}, Every: 168 * time.Hour, N: check.EachForLimit(), Lengths: []int{1000, 4000}},
		{Kind: check.KindSchema, Targets: []string{"a", "ab"}, Every: 24 * time.Hour, Cases: cases},
		{Kind: check.KindEmbedding, Targets: []string{"ab"}, Every: 24 * time.Hour, N: 10},
	}
	if !reflect.DeepEqual(c.Checks, want) {
		t.Errorf("got  %+v\nwant %+v", c.Checks, want)
	}
	if schema, tools, err := c.Checks[3].Load(7); len(schema) != 1 || tools != nil || err != nil || c.Checks[3].Name() != "schema own.jsonl" {
		t.Errorf("its own cases: %v, %v, %v", schema, tools, err)
	}
	if schema, tools, err := c.Checks[1].Load(7); schema != nil || len(tools) != 20 || err != nil {
		t.Errorf("made ones: %d, %d, %v", len(schema), len(tools), err)
	}
}

// What is wrong with a check is said with its place.
func TestCheckProblems(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{"bad.jsonl": "{\"id\":\"1\"}\n", "tools.jsonl": `{"id":"1","prompt":"p","tools":[{"name":"f"}],"expect":null}` + "\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, tc := range map[string]struct{ file, want string }{
		"no kind":         {target + "[[check]]\nevery = \"1h\"\n", `:5:3: a check needs a kind: "schema", "tools", "context" or "embedding"$`},
		"another kind":    {target + "[[check]]\nkind = \"latency\"\n", `:6:1: a check needs a kind`},
		"no target":       {"[[check]]\nkind = \"tools\"\n", `:1:3: a check needs a \[\[target\]\]`},
		"no such target":  {target + "[[check]]\nkind = \"tools\"\ntargets = [\"b*\"]\n", `:7:1: "b\*" is none of the targets`},
		"a bad pattern":   {target + "[[check]]\nkind = \"tools\"\ntargets = [\"a[\"]\n", `:7:1: "a\[" is none of the targets`},
		"who embeds":      {target + "[[check]]\nkind = \"embedding\"\n", `:5:3: a check of the kind embedding names its targets`},
		"no time":         {target + "[[check]]\nkind = \"tools\"\nevery = \"1d\"\n", `:7:1: every "1d" is no time from 10m to 2160h: write a time in quotes, such as "24h"$`},
		"too often":       {target + "[[check]]\nkind = \"tools\"\nevery = \"1m\"\n", `:7:1: every "1m" is no time`},
		"none":            {target + "[[check]]\nkind = \"tools\"\nn = 0\n", `:7:1: n is a whole number from 1 to 2000`},
		"too many":        {target + "[[check]]\nkind = \"tools\"\nn = 2001\n", `:7:1: n is a whole number`},
		"half":            {target + "[[check]]\nkind = \"tools\"\nn = 0.5\n", `:7:\d+: n is a whole number`},
		"lengths of what": {target + "[[check]]\nkind = \"tools\"\nlengths = [1000]\n", `:7:1: lengths are for the kind context`},
		"falling lengths": {target + "[[check]]\nkind = \"context\"\nlengths = [4000, 1000]\n", `:7:1: lengths are rising numbers`},
		"no lengths":      {target + "[[check]]\nkind = \"context\"\nlengths = []\n", `:7:1: lengths are rising numbers`},
		"cases of what":   {target + "[[check]]\nkind = \"context\"\ncases = \"x\"\n", `:7:1: cases are for the kinds schema and tools`},
		"no such file":    {target + "[[check]]\nkind = \"tools\"\ncases = \"none.jsonl\"\n", `:7:1: cases: .*none.jsonl: no such file`},
		"no file":         {target + "[[check]]\nkind = \"tools\"\ncases = \".\"\n", `:7:1: cases: it is not a file`},
		"a bad file":      {target + "[[check]]\nkind = \"schema\"\ncases = \"bad.jsonl\"\n", `:7:1: cases: bad.jsonl: line 1: it has no prompt`},
		"of another kind": {target + "[[check]]\nkind = \"schema\"\ncases = \"tools.jsonl\"\n", `:7:1: cases: tools.jsonl: line 1: .*tools`},
		"both":            {target + "[[check]]\nkind = \"tools\"\nn = 5\ncases = \"tools.jsonl\"\n", `:7:1: n and cases both say`},
		"twice":           {target + "[[check]]\nkind = \"tools\"\n[[check]]\nkind = \"tools\"\ntargets = [\"a\"]\n", `:9:1: a has another check of the kind tools`},
		"unknown":         {target + "[[check]]\nkind = \"tools\"\ntarget = \"a\"\n", `:7:1: unknown key "target" in \[check\]: did you mean targets\?`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Read(strings.NewReader(tc.file), filepath.Join(dir, "f"))
			var wrong *Error
			if !errors.As(err, &wrong) || len(wrong.Problems) != 1 {
				t.Fatalf("got %v", err)
			}
			if !regexp.MustCompile(tc.want).MatchString(wrong.Line(0)) {
				t.Errorf("got %s, want %s", wrong.Line(0), tc.want)
			}
		})
	}
}
