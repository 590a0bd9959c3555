package probe

import (
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"costping/probe/simulator"
)

// The profiles are what their names promise. The simulator counts a word or a sign
// as a token, which for plain English is near to what vocabularies make of it.
func TestProfiles(t *testing.T) {
	want := map[string]struct{ in, limit int }{"chat": {50, 128}, "brief": {50, 48}, "classify": {512, 64}, "long-prompt": {900, 256}}
	names := map[string]bool{}
	for _, p := range Profiles() {
		names[p.Name] = true
		in := simulator.CountTokens(newNonce()+p.System) + simulator.CountTokens(p.Prompt)
		if w := want[p.Name]; in < w.in*9/10 || in > w.in*11/10 || p.MaxTokens != w.limit {
			t.Errorf("%s: about %d tokens in, cap %d; want %+v", p.Name, in, p.MaxTokens, w)
		}
		if estimate := p.InputTokens(); estimate < in || estimate > 3*in {
			t.Errorf("%s: %d tokens are an estimate for about %d", p.Name, estimate, in)
		}
		if got, ok := ProfileNamed(p.Name); !ok || got != p {
			t.Errorf("%s is not found by its name", p.Name)
		}
		if !plain(p.Prompt) || !plain(p.System) || p.Name != Sanitize(p.Name, maxProfileName) {
			t.Errorf("%s is not fit to be sent", p.Name)
		}
	}
	if len(names) != len(want) || len(names) != len(Profiles()) {
		t.Errorf("profiles %v", names)
	}
	if _, ok := ProfileNamed("Chat "); ok {
		t.Error("a name that is nobody's was found")
	}
	if !slices.Equal(Profiles(), Profiles()) {
		t.Error("a prompt differs the second time")
	}
}

// The estimate is no less for more text, and at least a token for each byte that
// could be one by itself.
func TestInputTokens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.String().Draw(t, "a"), rapid.String().Draw(t, "b")
		whole, part := Profile{Prompt: a + b}.InputTokens(), Profile{Prompt: a}.InputTokens()
		if whole < part || whole < len(a+b)/3 || tokensAtMost(a+b) < len(strings.Fields(a+b)) {
			t.Fatalf("%d for the whole, %d for a part", whole, part)
		}
		if apart := (Profile{System: a, Prompt: b}).InputTokens(); a != "" && apart < whole {
			t.Fatalf("%d as two messages, %d as one", apart, whole)
		}
	})
	for text, least := range map[string]int{
		"日本語": 9, "1234567": 7, "{\"a\":1}": 6, "antidisestablishment": 6,
		"a b c d e f": 6, "I am as he is": 5, "a\nb\nc": 5,
	} {
		if got := tokensAtMost(text); got < least {
			t.Errorf("%s: %d, at least %d", text, got, least)
		}
	}
}

func TestReadProfile(t *testing.T) {
	good := "name = \"mine\"\nsystem = \"Be brief.\"\nprompt = \"\"\"\nCount.\nAloud.\"\"\"\nmax_tokens = 64\n"
	p, err := ReadProfile(strings.NewReader(good))
	if err != nil || p != (Profile{Name: "mine-aea1e8", System: "Be brief.", Prompt: "Count.\nAloud.", MaxTokens: 64}) {
		t.Fatalf("%+v, %v", p, err)
	}
	names := map[string]bool{p.Name: true}
	for _, changed := range []string{
		strings.Replace(good, "Aloud", "Silently", 1), strings.Replace(good, "Be brief.", "", 1),
		strings.Replace(strings.Replace(good, "brief.", "", 1), "\nCount", "\nbrief.Count", 1), strings.Replace(good, "mine", "ours", 1),
	} {
		if p, err = ReadProfile(strings.NewReader(changed)); err != nil || names[p.Name] {
			t.Errorf("%q is called %s, %v", changed, p.Name, err)
		}
		names[p.Name] = true
	}
	if p, err = ReadProfile(strings.NewReader(strings.Replace(good, "64", "65", 1))); err != nil || !names[p.Name] { // the cap stands by itself
		t.Errorf("with another cap: %s, %v", p.Name, err)
	}
	const rest = "\nprompt = \"x\"\nmax_tokens = 64"
	for _, tc := range []struct{ name, text, want string }{
		{"nothing", "", "profile: name is missing"},
		{"no prompt", "name = \"a\"\nmax_tokens = 64", "profile: prompt is missing"},
		{"no cap", "name = \"a\"\nprompt = \"x\"", "profile: max_tokens is missing"},
		{"no TOML", "name = \"a\"\n\nprompt: x", "profile line 3, column 7: "},
		{"an unknown key", "name = \"a\"\n  promt = \"x\"", "profile line 2, column 3: unknown key \"promt\""},
		{"a table", "name = \"a\"" + rest + "\n[more]\na = 1", "unknown key \"more\""},
		{"a key twice", "name = \"a\"\nname = \"b\"" + rest, "profile line 2, column 1: "},
		{"a number for a name", "name = 7" + rest, "profile line 1, column 8: "},
		{"text for a cap", "name = \"a\"\nprompt = \"x\"\nmax_tokens = \"64\"", "profile line 3, column 14: "},
		{"an empty name", "name = \"\"" + rest, "profile line 1, column 1: the name must have"},
		{"a long name", "name = \"" + strings.Repeat("a", 41) + "\"" + rest, "the name must have 1 to 40 bytes"},
		{"an escape sequence", `name = "a\u001b[31m"` + rest, "profile line 1, column 1: the name must have"},
		{"a built-in name", "# mine\n\nname = \"Chat\"" + rest, "profile line 3, column 1: chat is a profile of costping's own: give another name"},
		{"an empty prompt", "name = \"a\"\nprompt = \" \\n\"\nmax_tokens = 64", "profile line 2, column 1: the prompt is empty"},
		{"a prompt that rings", "name = \"a\"\nprompt = \"\\u0007\"\nmax_tokens = 64", "profile line 2, column 1: the prompt holds control characters"},
		{"a system message that rings", "name = \"a\"\nsystem = \"\\u0000\"" + rest, "profile line 2, column 1: the system message holds control characters"},
		{"a low cap", "name = \"a\"\nprompt = \"x\"\nmax_tokens = 63", "profile line 3, column 1: max_tokens must lie between 64 and 32768"},
		{"a high cap", "name = \"a\"\nprompt = \"x\"\nmax_tokens = 32769", "max_tokens must lie between 64 and 32768"},
		{"a cap below nothing", "name = \"a\"\nprompt = \"x\"\nmax_tokens = -64", "max_tokens must lie between"},
		{"a cap beyond numbers", "name = \"a\"\nprompt = \"x\"\nmax_tokens = 99999999999999999999", "profile line 3"},
		{"too large", "name = \"" + strings.Repeat("a", maxProfileFile), "the profile is larger than 256 KiB"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p, err := ReadProfile(strings.NewReader(tc.text))
			if err == nil || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "\n") || p != (Profile{}) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
	if _, err := ReadProfile(iotest.ErrReader(io.ErrNoProgress)); err == nil || !strings.Contains(err.Error(), "reading the profile") {
		t.Errorf("got %v", err)
	}
}

// Whatever a file holds, what comes of it is a profile that can be sent, or one
// line that can be shown.
func FuzzReadProfile(f *testing.F) {
	for _, text := range []string{
		"name = \"mine\"\nprompt = \"Count.\"\nmax_tokens = 64\n", "name = \"chat\"", "[[a]]", "name = 1979-05-27", "a.b.c = {d = [1, {}]}", "\"\\u001b\" = 1",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := ReadProfile(strings.NewReader(string(text)))
		if err != nil {
			if line := err.Error(); line != Sanitize(line, 2*maxErrorText) {
				t.Fatalf("%q", line)
			}
			return
		}
		_, builtIn := ProfileNamed(p.Name)
		if builtIn || p.Name == "" || p.Name != Sanitize(p.Name, maxProfileName) || !plain(p.Prompt+p.System) || p.MaxTokens < leastFileCap || p.MaxTokens > mostFileCap {
			t.Fatalf("%+v", p)
		}
		if p.InputTokens() <= 0 {
			t.Fatalf("%d tokens", p.InputTokens())
		}
	})
}
