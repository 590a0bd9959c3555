package setup

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Text is the configuration of a plan, with comments. It names variables and holds
// no key.
func (p Plan) Text() string {
	var b strings.Builder
	b.WriteString(`# What costping probes, and for how much. The README has every setting.

[probe]
interval = "60s"        # the shortest time from one pass over them to the next
budget   = "1.00/day"   # the most that a UTC day may cost, in US dollars
profile  = "chat"       # or brief, classify, long-prompt, or a file of your own
`)
	for _, c := range p.Choices {
		fmt.Fprintf(&b, "\n[[target]]              # %s\n", c.Why)
		line := func(key, value string) { fmt.Fprintf(&b, "%-8s = %s\n", key, quoted(value)) }
		line("name", c.Target.Name)
		line("provider", c.Target.Provider)
		line("model", c.Target.Model)
		switch {
		case c.Local:
			line("base_url", c.Target.BaseURL)
			b.WriteString("# selfhost = \"150/month\" # what the machine costs\n")
		default:
			line("key_env", c.Target.KeyEnv)
			b.WriteString("# quality = 0.90        # what you found it to be, from 0 to 1\n")
		}
	}
	b.WriteString(`
# What rows have to keep to; whoever probes tells of what breaks.
# [[limit]]
# ttft_p95 = "800ms"
# for      = "15m"

# A workload of your own, beside those that are there: w in the dashboard.
# [[workload]]
# name  = "documents"
# items = "4000 documents/day"
# in    = 1875
# out   = 625
`)
	return b.String()
}

// quoted is a TOML string. What it holds has no control characters.
func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// ExistsError says that there is a configuration already.
type ExistsError struct{ Path string }

func (e *ExistsError) Error() string {
	return "there is a configuration already: " + strconv.Quote(e.Path)
}

// Free reports with an *ExistsError that something is at the path.
func Free(path string) error {
	_, err := os.Lstat(path)
	switch {
	case err == nil:
		return &ExistsError{path}
	case errors.Is(err, fs.ErrNotExist):
		return nil
	}
	return fmt.Errorf("looking for a configuration: %w", err)
}

// Write puts the text at a path where there is nothing yet, whole or not at all:
// 0600, in a folder that is made with 0700. What is there is an *ExistsError.
func Write(path, text string) error {
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("making the folder of the configuration: %w", err)
	}
	draft, err := os.CreateTemp(folder, ".config-*") // 0600
	if err != nil {
		return fmt.Errorf("writing the configuration: %w", err)
	}
	defer func() { _ = os.Remove(draft.Name()) }()
	_, err = draft.WriteString(text)
	err = errors.Join(err, draft.Sync(), draft.Close())
	if err != nil {
		return fmt.Errorf("writing the configuration: %w", err)
	}
	// A link, and no rename, which would replace what somebody else has written
	// meanwhile.
	switch err := os.Link(draft.Name(), path); {
	case errors.Is(err, fs.ErrExist):
		return &ExistsError{path}
	case err != nil:
		return fmt.Errorf("writing the configuration: %w", err)
	}
	return nil
}
