package cli

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"costping/ui/cli/terminaltest"
	"costping/ui/dashboard"
)

// typed is what a terminal sends for a key as the help writes it; a character
// sends itself.
var typed = map[string]string{
	"←": "\x1b[D", "→": "\x1b[C", "↑": "\x1b[A", "↓": "\x1b[B",
	"shift+←": "\x1b[1;2D", "shift+→": "\x1b[1;2C",
	"space": " ", "enter": "\r", "tab": "\t", "shift+tab": "\x1b[Z",
	"home": "\x1b[H", "end": "\x1b[F", "pgup": "\x1b[5~", "pgdn": "\x1b[6~", "esc": "\x1b",
	"ctrl+u": "\x15", "ctrl+d": "\x04", "ctrl+l": "\x0c", "ctrl+c": "\x03", "ctrl+z": "\x1a",
}

func keySent(key string) string {
	if s, ok := typed[key]; ok {
		return s
	}
	return key
}

// effect is what a person sees of a key.
type effect struct {
	// first are keys to type before, and ready what is seen of them.
	first string
	ready func(screen string) bool
	// scribble is written over the screen before the key.
	scribble string
	// seen is the effect.
	seen func(screen string) bool
	// undo are keys that put everything back, so that calm holds again.
	undo string
	// ends says that the key ends the program, with that code.
	ends bool
	code int
}

// calm is the screen that every key is tried from: nothing open, nothing turned.
func calm(s string) bool {
	return outputShare(s) == 25 && volume(s) == 10e6 && strings.Contains(litKnob(s), "% in") &&
		len(rowsOn(s)) == 8 && strings.Contains(s, "\n cost  ") && selectedRow(s) >= 0 && ascending(s) && strings.Contains(lastLine(s), "q quit") &&
		!strings.Contains(s, "FROZEN") && !strings.Contains(s, "closes") && !strings.Contains(s, "esc ") && !strings.Contains(s, scribbled)
}

const scribbled = "Broadcast message"

// ascending says that the rows are in the order that they start in, by spend.
func ascending(s string) bool {
	rows := rowsOn(s)
	// A long name may have lost its middle.
	return rows[0].model == "gemini-2.0-flash" && strings.HasSuffix(rows[len(rows)-1].model, "-sonnet")
}

func share(test func(int) bool) func(string) bool {
	return func(s string) bool { return test(outputShare(s)) }
}

func row(n int) func(string) bool { return func(s string) bool { return selectedRow(s) == n } }

func shows(text string) func(string) bool {
	return func(s string) bool { return strings.Contains(s, text) }
}

func volumeLit(s string) bool { return strings.Contains(litKnob(s), "tok/d") }

func closed(s string) bool {
	return !strings.Contains(s, "closes") && !sortMenu(s) && len(rowsOn(s)) == 8
}

// sortMenu says that the menu of columns is open.
func sortMenu(s string) bool { return regexp.MustCompile(`^ sort.*\[`).MatchString(lastLine(s)) }

// sign says that the selected row has a letter or a sign before its name.
func sign(sign string) func(string) bool {
	return func(s string) bool {
		return slices.ContainsFunc(strings.Split(s, "\n"), func(line string) bool {
			return strings.HasPrefix(line, "▸"+sign+" ")
		})
	}
}

// documents says that the workload is the first one.
func documents(s string) bool {
	_, rest, _ := strings.Cut(s, "\n")
	return strings.HasPrefix(rest, " documents ")
}

// zoomed says that the table has the whole screen, but for what its rows leave.
func zoomed(s string) bool { return !strings.Contains(s, "TTFT p50, ms") && len(rowsOn(s)) == 8 }

func noRows(s string) bool { return len(rowsOn(s)) == 0 }

func not(seen func(string) bool) func(string) bool { return func(s string) bool { return !seen(s) } }

// effects has what is seen of every row of the key table.
var effects = map[string]effect{
	"← h":         {seen: share(func(out int) bool { return out == 24 }), undo: "R"},
	"→ l":         {seen: share(func(out int) bool { return out == 26 }), undo: "R"},
	"shift+← H":   {seen: share(func(out int) bool { return out <= 20 }), undo: "R"},
	"shift+→ L":   {seen: share(func(out int) bool { return out >= 30 }), undo: "R"},
	",":           {seen: volumeLit, undo: "."},
	".":           {first: ",", ready: volumeLit, seen: func(s string) bool { return !volumeLit(s) }},
	"+ =":         {seen: func(s string) bool { return volume(s) > 10e6 }, undo: "R"},
	"- _":         {seen: func(s string) bool { return volume(s) < 10e6 }, undo: "R"},
	"0":           {first: "ll+", ready: func(s string) bool { return outputShare(s) == 27 && volume(s) > 10e6 }, seen: func(s string) bool { return outputShare(s) == 25 && volume(s) > 10e6 }, undo: "R"},
	"R":           {first: "ll+", ready: func(s string) bool { return outputShare(s) == 27 && volume(s) > 10e6 }, seen: func(s string) bool { return outputShare(s) == 25 && volume(s) == 10e6 }},
	"↑ k":         {first: "G", ready: row(7), seen: row(6)},
	"↓ j":         {first: "g", ready: row(0), seen: row(1)},
	"home g":      {first: "G", ready: row(7), seen: row(0)},
	"end G":       {first: "g", ready: row(0), seen: row(7)},
	"pgup ctrl+u": {first: "G", ready: row(7), seen: row(3)},
	"pgdn ctrl+d": {first: "g", ready: row(0), seen: row(4)},
	"w":           {seen: not(documents), undo: "W"},
	"W":           {seen: not(documents), undo: "w"},
	"e":           {seen: shows("the workload, exactly"), undo: "\x1b"},
	"enter":       {seen: shows("[2 Model]"), undo: "1"},
	"space":       {seen: sign("a"), undo: "u"},
	"u":           {first: " ", ready: sign("a"), seen: not(sign("a"))},
	"b":           {seen: sign("="), undo: "b"},
	"/":           {seen: shows("names, or p95<800"), undo: "\x1b"},
	"a":           {seen: shows("─ all models ─"), undo: "a"},
	"E":           {seen: shows("nothing is kept of models")},
	"i":           {seen: shows("why: "), undo: "\x1b"},
	"1":           {first: "3", ready: shows("[3 Spend]"), seen: shows("[1 Compare]")},
	"2":           {seen: shows("[2 Model]"), undo: "1"},
	"3":           {seen: shows("[3 Spend]"), undo: "1"},
	"4":           {seen: shows("[4 Choose]"), undo: "1"},
	"5":           {seen: shows("[5 Reliability]"), undo: "1"},
	"6":           {seen: shows("[6 Probes]"), undo: "1"},
	"tab":         {first: "z", ready: zoomed, seen: noRows, undo: "z\x1b[Z"},
	"shift+tab":   {first: "z", ready: zoomed, seen: noRows, undo: "z\t"},
	"z":           {seen: zoomed, undo: "z"},
	"v":           {seen: shows("ms, linear"), undo: "vv"},
	"t":           {seen: shows("log, 7 d"), undo: "T"},
	"T":           {seen: shows("log, 6 h"), undo: "t"},
	"p":           {seen: shows("Probe "), undo: "\x1b"},
	"y":           {seen: shows("copied the row")},
	"Y":           {seen: shows("copied the table")},
	"c":           {seen: shows("copied costping ")},
	"m":           {seen: shows("mouse on"), undo: "m"},
	"x":           {seen: shows("enter writes it"), undo: "\x1b"},
	":":           {seen: shows("enter does it"), undo: "\x1b"},
	// What these do is too small to be seen here, or there is nothing for them to do.
	"<": {}, ">": {}, "n": {}, "N": {}, "P": {}, "d": {},
	"s":   {seen: sortMenu, undo: "\x1b"},
	"S":   {seen: func(s string) bool { return strings.HasSuffix(rowsOn(s)[0].model, "-sonnet") }, undo: "S"},
	"f":   {seen: shows("FROZEN"), undo: "f"},
	"?":   {seen: shows("closes"), undo: "\x1b"},
	"esc": {first: "?", ready: shows("closes"), seen: closed},
	"q":   {first: "?", ready: shows("closes"), seen: closed},
	// Line 2 stays as it is: nothing but a redraw of all writes there.
	"ctrl+l": {scribble: "\x1b[2;60H" + scribbled, ready: shows(scribbled), seen: func(s string) bool {
		return !strings.Contains(s, scribbled) && calm(s)
	}},
	"Q":      {ends: true, seen: shows("-sonnet")},
	"ctrl+c": {ends: true, code: exitInterrupted, seen: func(s string) bool { return !strings.Contains(s, "gpt-4o") }},
	"ctrl+z": {seen: nil}, // TestSuspend
}

// No key of the help is dead, at any size.
func TestEveryKeyHasAnEffect(t *testing.T) {
	t.Parallel()
	for _, k := range dashboard.Keys() {
		if _, ok := effects[k.Label]; !ok {
			t.Errorf("no test for the key %q: %s", k.Label, k.Does)
		}
	}
	for label := range effects {
		if !slices.ContainsFunc(dashboard.Keys(), func(k dashboard.Key) bool { return k.Label == label }) {
			t.Errorf("there is no key %q", label)
		}
	}
	for _, size := range [][2]int{{80, 24}, {120, 40}, {200, 50}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			t.Parallel()
			o := terminaltest.Options{Cols: size[0], Rows: size[1]}
			x, _ := demo(t, o, "costping")
			for _, k := range dashboard.Keys() {
				for _, key := range strings.Fields(k.Label) {
					e := effects[k.Label]
					switch {
					case e.seen == nil:
					case e.ends:
						x, _ := demo(t, o, "costping")
						x.Send(keySent(key))
						if code := x.Wait(); code != e.code || !e.seen(x.Screen()) {
							t.Errorf("%s: exit code %d and\n%s", key, code, x.Screen())
						}
					default:
						try(x, key, e)
					}
				}
			}
			x.Send("q")
			if code := x.Wait(); code != exitOK {
				t.Errorf("exit code %d after all keys", code)
			}
		})
	}
}

// try types a key from the calm screen and waits for its effect.
func try(x *terminaltest.Terminal, key string, e effect) {
	x.Await("the calm screen before "+key, calm)
	if e.first != "" {
		x.Send(e.first)
	}
	x.Scribble(e.scribble)
	if e.ready != nil {
		x.Await(fmt.Sprintf("the screen after %q, before %s", e.first+e.scribble, key), e.ready)
	}
	x.Await("a screen on which "+key+" proves something", not(e.seen))
	x.Send(keySent(key))
	x.Await("the effect of "+key, e.seen)
	if e.undo != "" {
		x.Send(e.undo)
	}
}

// q closes what is open and quits only then; esc never quits.
func TestQuitAndBack(t *testing.T) {
	t.Parallel()
	x, _ := demo(t, terminaltest.Options{}, "costping")
	for _, overlay := range []struct {
		key   string
		shown func(string) bool
	}{{"?", shows("closes")}, {"s", sortMenu}} {
		for _, back := range []string{"q", "\x1b"} {
			x.Send(overlay.key)
			x.Await("open: "+overlay.key, overlay.shown)
			x.Send(back)
			x.Await(fmt.Sprintf("%q closes %s", back, overlay.key), closed)
		}
	}
	x.Send("\x1b")
	x.Send("j") // still there
	x.Send("q")
	if code := x.Wait(); code != exitOK {
		t.Errorf("exit code %d", code)
	}
}

// Letters that come in one read, as from a held key over a slow line, all count.
func TestLettersInOneWrite(t *testing.T) {
	t.Parallel()
	x, _ := demo(t, terminaltest.Options{}, "costping")
	for _, tt := range []struct {
		keys string
		seen func(string) bool
	}{
		{"Rlll", share(func(out int) bool { return out == 28 })},
		{"Rllllllllllllllllllll", share(func(out int) bool { return out == 45 })},
		{"hhhhhhhhhh", share(func(out int) bool { return out == 35 })},
		{"\x1b[D\x1b[D\x1b[Dh\x1b[C", share(func(out int) bool { return out == 32 })},
		{"gjjj", row(3)},
		{"Gkk", row(5)},
		{"R++--", func(s string) bool { return volume(s) == 10e6 && outputShare(s) == 25 }},
	} {
		x.Send(tt.keys)
		x.Await(fmt.Sprintf("the effect of %q", tt.keys), tt.seen)
	}
	x.Send("lllq")
	if code := x.Wait(); code != exitOK {
		t.Errorf("exit code %d", code)
	}
}

// Each letter of the sort menu sorts by the column it names: the arrow goes there.
func TestSortLetters(t *testing.T) {
	t.Parallel()
	x, _ := demo(t, terminaltest.Options{Cols: 120, Rows: 40}, "costping")
	headings := []struct{ letter, heading string }{
		{"m", "MODEL"},
		{"d", `\$/DAY`},
		{"t", "TTFT p50"},
		{"9", "p95"},
		{"k", "TOK/S"},
		{"a", "ANSWER"},
		{"o", "OK%"},
		{"$", `\$/MONTH`},
	}
	for _, tt := range headings {
		x.Send("s")
		x.Await(tt.letter+" in the menu", func(s string) bool {
			menu := lastLine(s)
			return strings.Contains(menu, "s next") && (strings.Contains(menu, " "+tt.letter+" ") || strings.Contains(menu, "["+tt.letter+" "))
		})
		x.Send(tt.letter)
		sorted := regexp.MustCompile(`([↑↓] ?` + tt.heading + `|` + tt.heading + ` ?[↑↓])`)
		x.Await("sorted by "+tt.heading, func(s string) bool { return closed(s) && sorted.MatchString(s) })
	}
	x.Send("ss") // the menu, then the next column
	x.Await("the next column", func(s string) bool { return strings.Contains(s, "[q quality]") })
}

// ctrl+z gives the terminal back to the shell and fg brings the screen back.
func TestSuspend(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{80, 24}, {120, 40}, {200, 50}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			t.Parallel()
			script := "set -m; costping demo --seed 7; echo stopped $?; read go; fg >/dev/null; echo ended $?"
			x := terminaltest.Start(t, terminaltest.Options{Cols: size[0], Rows: size[1], Env: []string{"TMPDIR=" + t.TempDir()}}, "sh", "-c", script)
			x.Await("the dashboard", calm)
			x.Send("\x1a")
			x.Await("the shell", shows("stopped"))
			if !x.Restored() || x.AltScreen() || !x.CursorShown() {
				t.Errorf("the terminal is not the shell's: modes restored %v, alternate screen %v, cursor %v", x.Restored(), x.AltScreen(), x.CursorShown())
			}
			if strings.Contains(x.Screen(), "ended") {
				t.Fatal("it ended instead")
			}
			x.Send("\n")
			x.Await("the dashboard again", calm)
			x.Send("l")
			x.Await("keys again", share(func(out int) bool { return out == 26 }))
			x.Send("q")
			x.AwaitText("ended 0")
			if code := x.Wait(); code != exitOK {
				t.Errorf("exit code %d", code)
			}
			if !x.Restored() || x.AltScreen() || !x.CursorShown() {
				t.Error("the terminal is not as it was")
			}
		})
	}
}

// In a pane of its own there is no shell to go back to: ctrl+z must not leave the
// person with a program that can neither be seen nor ended.
func TestSuspendWithoutAShell(t *testing.T) {
	t.Parallel()
	x, _ := demo(t, terminaltest.Options{}, "costping")
	x.Send("\x1a")
	x.Send("l")
	x.Await("keys still count", func(s string) bool { return x.AltScreen() && outputShare(s) == 26 })
	x.Send("\x1a\x03")
	if code := x.Wait(); code != exitInterrupted {
		t.Errorf("exit code %d", code)
	}
	assertLeft(t, x)
}
