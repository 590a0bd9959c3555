package cli

import (
	"strings"
	"testing"

	"costping/ui/cli/terminaltest"
)

// The way through the demo that a person takes: two models side by side, fewer of
// them, in another order, another screen by its name, and out.
func TestFlow(t *testing.T) {
	t.Parallel()
	x, _ := demo(t, terminaltest.Options{Cols: 120, Rows: 40}, "costping")
	third := func(s string) string {
		if lines := strings.Split(s, "\n"); len(lines) > 2 {
			return lines[2]
		}
		return ""
	}
	x.Send("gj jj ") // gpt-4o-mini and llama-3.1-70b
	x.Await("the sentence of two models", func(s string) bool {
		return strings.Contains(third(s), "b against a: first token 1.") && strings.Contains(third(s), "slower")
	})
	x.Send("u/gpt\r")
	x.Await("two models", func(s string) bool { return len(rowsOn(s)) == 2 && strings.Contains(s, "6 hidden by gpt") })
	x.Send("sm")
	x.Await("sorted by name", func(s string) bool {
		rows := rowsOn(s)
		return len(rows) == 2 && rows[0].model == "gpt-4o" && strings.Contains(s, "↑MODEL")
	})
	x.Send("\x1b")
	x.Await("all models", func(s string) bool { return len(rowsOn(s)) == 8 })
	x.Send(":spend\r")
	x.AwaitText("[3 Spend]")
	x.Send("1q")
	if code := x.Wait(); code != exitOK {
		t.Errorf("exit code %d", code)
	}
	assertLeft(t, x)
}
