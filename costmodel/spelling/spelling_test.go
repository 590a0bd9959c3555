package spelling

import (
	"strings"
	"testing"

	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestNearest(t *testing.T) {
	t.Parallel()
	known := []string{"name", "base_url", "key_env", "Interval", "tags"}
	for name, want := range map[string]string{
		"nam": "name", "base-url": "base_url", "BASE_URL": "base_url", "url": "base_url", "intervall": "Interval",
		"tasg": "tags", "zzz": "", "": "", " ": "",
	} {
		if got := strings.Join(Nearest(name, known, 1), " "); got != want {
			t.Errorf("nearest to %q: %q, want %q", name, got, want)
		}
	}
	if got := Nearest("name", known, 0); got != nil {
		t.Errorf("none were asked for, and it gives %q", got)
	}
}

// A name that is known is the likest to itself, and what is given is known.
func TestNearestToItself(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		known := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z_]{1,12}`), 1, 8, rapid.ID[string]).Draw(t, "known")
		name := rapid.SampledFrom(known).Draw(t, "name")
		near := Nearest(strings.ToUpper(name), known, 1)
		if len(near) != 1 || editDistance(near[0], name) > 0 && !strings.Contains(near[0], name) {
			t.Fatalf("%q: %q", name, near)
		}
	})
}

func TestEditDistance(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"", "abc", 3},
		{"abc", "", 3},
		{"kitten", "sitting", 3},
		{"ab", "ba", 1},
		{"abcd", "acbd", 1},
		{"ca", "abc", 3}, // restricted: no part is edited twice
		{"same", "same", 0},
	} {
		if got := editDistance(c.a, c.b); got != c.want {
			t.Errorf("%q to %q is %d edits, want %d", c.a, c.b, got, c.want)
		}
	}
}
