package config

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"costping/costmodel"

	"pgregory.net/rapid"
)

func workloadOf(t testing.TB, volume, in, out, split string) costmodel.Workload {
	t.Helper()
	var w costmodel.Workload
	var err error
	if w.Volume, err = costmodel.ParseVolume(volume); err != nil {
		t.Fatal(err)
	}
	if split != "" {
		if w.Split, err = costmodel.ParseSplit(split); err != nil {
			t.Fatal(err)
		}
		return w
	}
	a, errIn := costmodel.ParseCount(in)
	b, errOut := costmodel.ParseCount(out)
	if errIn != nil || errOut != nil {
		t.Fatal(errIn, errOut)
	}
	if w, err = w.WithItem(a, b); err != nil {
		t.Fatal(err)
	}
	return w
}

// What is saved is what is read again; nothing else in the file moves.
func TestAppendWorkload(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rapid.Check(t, func(r *rapid.T) {
		before := rapid.SampledFrom([]string{"", "# mine\n[probe]\ninterval = \"2m\" # slow", "[[workload]]\nname = \"old\"\nvolume = \"1M/day\"\nsplit = \"50/50\"\n\n\n"}).Draw(r, "before")
		path := filepath.Join(dir, "config.toml")
		if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
			r.Fatal(err)
		}
		n := func(label string) string { return strconv.Itoa(rapid.IntRange(1, 1e7).Draw(r, label)) }
		var w costmodel.Workload
		switch rapid.IntRange(0, 2).Draw(r, "form") {
		case 0:
			w = workloadOf(t, n("documents")+" documents/day", n("in"), n("out"), "")
		case 1:
			w = workloadOf(t, n("tokens")+"/month", "", "", "40/60")
		default:
			users, _ := costmodel.ParseCount(n("users"))
			each, _ := costmodel.ParseCount(n("each"))
			w = workloadOf(t, "1/day", "", "", "25/75")
			w, _ = w.WithUsers(users, each)
		}
		w.Cached, _ = costmodel.ParseShare(strconv.Itoa(rapid.IntRange(0, 100).Draw(r, "cached")) + "%")
		w.DaysPerMonth, _ = costmodel.ParseDaysPerMonth(rapid.SampledFrom([]string{"30", "30.4", "2026-02"}).Draw(r, "days"))
		name := rapid.SampledFrom([]string{"documents", `a "b" \c`, "文書"}).Draw(r, "name")
		if err := AppendWorkload(path, name, w); err != nil {
			r.Fatal(err)
		}
		text, _ := os.ReadFile(path)
		if !strings.HasPrefix(string(text), strings.TrimRight(before, "\n")) {
			r.Fatalf("the text that was there has changed:\n%s", text)
		}
		c, err := Load(path)
		if err != nil {
			r.Fatalf("%v\n%s", err, text)
		}
		kept, ok := c.WorkloadNamed(name)
		if !ok || !kept.On(costmodel.Date{}).Equal(w) {
			r.Fatalf("read again as %v\n%s", kept, text)
		}
	})
}

func TestAppendWorkloadRefuses(t *testing.T) {
	t.Parallel()
	w := workloadOf(t, "10M/day", "", "", "75/25")
	third := workloadOf(t, "3 documents/day", "1", "2", "")
	third.PerItem, _ = costmodel.ParseCount("1") // of which a third is input
	growing := w
	growing.Growth, _ = costmodel.ParseShare("5%")
	for name, tt := range map[string]struct {
		file, name string
		work       costmodel.Workload
		wrong      string
	}{
		"a name that is taken": {"[[workload]]\nname = \"x\"\nvolume = \"1M/day\"\nsplit = \"50/50\"\n", "x", w, `a workload "x" already`},
		"no name":              {"", "", w, "needs a name"},
		"a name of two lines":  {"", "a\nb", w, "one line of text"},
		"a file that is wrong": {"[prob]\n", "x", w, "prob"},
		"a third of a token":   {"", "x", third, "exactly"},
		"growth":               {"", "x", growing, "exactly"},
	} {
		path := filepath.Join(t.TempDir(), "config.toml")
		if err := os.WriteFile(path, []byte(tt.file), 0o600); err != nil {
			t.Fatal(err)
		}
		err := AppendWorkload(path, tt.name, tt.work)
		if err == nil || !strings.Contains(err.Error(), tt.wrong) {
			t.Errorf("%s: %v", name, err)
		}
		if text, _ := os.ReadFile(path); string(text) != tt.file {
			t.Errorf("%s: the file was changed to %q", name, text)
		}
	}
}

// Without a file one is made that nobody else reads; a link to the file stays one, and
// so do the permissions.
func TestAppendWorkloadMakesTheFile(t *testing.T) {
	t.Parallel()
	w := workloadOf(t, "10M/day", "", "", "75/25")
	dir := filepath.Join(t.TempDir(), "new")
	path := filepath.Join(dir, "config.toml")
	if err := AppendWorkload(path, "x", w); err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]os.FileMode{dir: 0o700, path: 0o600} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v %v", name, info.Mode(), err)
		}
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "linked.toml")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if err := AppendWorkload(link, "y", w); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(link)
	if err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is %v, %v", info, err)
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o640 {
		t.Errorf("the file is %v now", info.Mode())
	}
	if c, err := Load(path); err != nil || len(c.Workloads) != 2 {
		t.Errorf("%d workloads, %v", len(c.Workloads), err)
	}
}
