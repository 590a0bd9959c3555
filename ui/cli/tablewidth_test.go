package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"costping/ui/cli/terminaltest"

	"github.com/charmbracelet/x/ansi"
)

// What the cost model prints keeps to the terminal's width: no line wraps, and what
// does not fit beside a row stands below it.
func TestTablesKeepToTheTerminal(t *testing.T) {
	program := shipped(t)
	dir := t.TempDir()
	env := []string{"HOME=" + dir, "XDG_CONFIG_HOME=" + dir, "XDG_DATA_HOME=" + dir, "XDG_STATE_HOME=" + dir}
	feed := filepath.Join(dir, "feed.json")
	const text = `{"gpt-4o": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 3e-06, "output_cost_per_token": 1e-05}}`
	if err := os.WriteFile(feed, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for command, last := range map[string]string{ // what its last column says somewhere
		"cost --list reference": "the price before October 2024",
		"cost --list reference --volume 1000messages/day --in 500 --out 200 --cached 30% --growth 3%": "the price before October 2024",
		"cost --model gpt-4o --explain --retries 2%":                                                  "OpenRouter 2026-05-12",
		"cost --model gpt-4o --volume 9M/day --solve 100/month":                                       "no split is as cheap (at least $675.00)",
		"cost --pipeline compliance":                                                                  "the pipeline saves",
		"choose --task chat --min-quality 0.8":                                                        "retired 2026-06-01",
		"selfhost --gpu h100 --count 2 --serve llama-3.1-70b --in 400 --out 100":                      "open weights at Fireworks AI",
		"catalog list claude-*":                                                                       "cancelled on 2026-08-10",
		"catalog show gpt-5.5":                                                                        "OpenRouter 2026-05-12",
		"catalog show claude-sonnet-5":                                                                "cancelled on 2026-08-10",
		"catalog diff FEED --as-of 2026-11-20":                                                        "LLM Selection for Production",
	} {
		for _, width := range []int{80, 120} {
			args := strings.Fields(strings.Replace(command, "FEED", feed, 1))
			x := terminaltest.Start(t, terminaltest.Options{Cols: width, Rows: 60, Env: env}, program, args...)
			code, out := x.Wait(), strings.ReplaceAll(x.Raw(), "\r", "")
			if code != exitOK || !strings.Contains(strings.Join(strings.Fields(out), " "), last) {
				t.Errorf("%s at %d columns: exit code %d, %q is not in\n%s", command, width, code, last, out)
			}
			for _, line := range strings.Split(out, "\n") {
				if wide := ansi.StringWidth(line); wide > width {
					t.Errorf("%s at %d columns has a line of %d: %s", command, width, wide, line)
				}
			}
		}
	}
}
