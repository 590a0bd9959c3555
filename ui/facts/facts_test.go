package facts

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"costping/costmodel"
	"costping/ui/compare"
	"costping/ui/config"

	"pgregory.net/rapid"
)

// What is kept is what is read again, of each target by itself.
func TestSaveAndLoad(t *testing.T) {
	t.Parallel()
	names := rapid.SampledFrom([]string{"gpt-4o", "llama3.2:3b", `a"b`, "文書", "x.y", "groq/gpt-oss-120b"})
	rapid.Check(t, func(r *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "") //nolint:usetesting // one for each draw
		if err != nil {
			r.Fatal(err)
		}
		want := Book{}
		for range rapid.IntRange(1, 8).Draw(r, "times") {
			name := names.Draw(r, "name")
			f := Facts{
				Quality: rapid.SampledFrom([]string{"", "0.91", "1"}).Draw(r, "quality"),
				Tags:    rapid.SampledFrom([][]string{nil, {"eu"}, {"open weights", "b"}}).Draw(r, "tags"),
			}
			if rapid.Bool().Draw(r, "machine") {
				f.SelfHost = "150/month"
			} else {
				f.Price = rapid.SampledFrom([]string{"", "0.15/0.60"}).Draw(r, "price")
			}
			if err := Save(dir, name, f); err != nil {
				r.Fatal(err)
			}
			want[name] = f
			if f.Empty() {
				delete(want, name)
			}
		}
		got, err := Load(dir)
		if err != nil || len(got) != len(want) || len(want) > 0 && !reflect.DeepEqual(got, want) {
			r.Fatalf("%v is read as %v, %v", want, got, err)
		}
		if info, err := os.Stat(filepath.Join(dir, fileName)); err != nil || info.Mode().Perm() != 0o600 {
			r.Fatalf("%v, %v", info, err)
		}
	})
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		facts Facts
		field int
	}{
		"quality above 1":     {Facts{Quality: "1.1"}, QualityField},
		"quality in words":    {Facts{Quality: "good"}, QualityField},
		"a tag of two lines":  {Facts{Tags: []string{"a\nb"}}, TagsField},
		"a price of one part": {Facts{Price: "0.15"}, PriceField},
		"a machine for free":  {Facts{SelfHost: "free"}, SelfHostField},
		"price and machine":   {Facts{Price: "1/2", SelfHost: "150/month"}, SelfHostField},
	} {
		dir := t.TempDir()
		var wrong *WrongError
		if err := Save(dir, "a", tt.facts); !errors.As(err, &wrong) || wrong.Field != tt.field {
			t.Errorf("%s: %v", name, err)
		}
		if left, _ := os.ReadDir(dir); len(left) != 0 {
			t.Errorf("%s: something was written", name)
		}
	}
	if Save(t.TempDir(), "a\x1b[2J", Facts{Quality: "1"}) == nil {
		t.Error("a name that cannot be shown was kept")
	}
}

// A file that is not good is refused, and left as it is.
func TestDamagedFile(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"a later version": "version = 2\n",
		"no version":      "[target.a]\nquality = '1'\n",
		"an unknown key":  "version = 1\n[target.a]\ncolour = 'red'\n",
		"no TOML":         "version = \n",
		"bad quality":     "version = 1\n[target.a]\nquality = '7'\n",
		"a bad name":      "version = 1\n[target.\"a\\u001b\"]\nquality = '1'\n",
		"too large":       "version = 1\n#" + strings.Repeat("x", maxBytes),
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, fileName)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var file *FileError
		if _, err := Load(dir); !errors.As(err, &file) || strings.ContainsRune(err.Error(), '\x1b') {
			t.Errorf("%s: %v", name, err)
		}
		if err := Save(dir, "a", Facts{Quality: "1"}); !errors.As(err, &file) {
			t.Errorf("%s: saved over: %v", name, err)
		}
		if left, _ := os.ReadFile(path); string(left) != text {
			t.Errorf("%s: the file was changed", name)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("version = 1\n[target.a]\nquality = '0.9'\ntags = ['x']\nprice = '1/2'\n")
	f.Add("version = 1\n[target.a]\nselfhost = '150/month'\n")
	f.Fuzz(func(t *testing.T, text string) {
		book, err := Read(strings.NewReader(text))
		for name, facts := range book {
			if err != nil || facts.Check() != nil {
				t.Errorf("%s: %+v, %v", name, facts, err)
			}
		}
	})
}

// What the configuration says goes before, figure by figure.
func TestConfigurationGoesBefore(t *testing.T) {
	t.Parallel()
	price, err := config.ParsePrice("5/6", "config.toml")
	if err != nil {
		t.Fatal(err)
	}
	machine, err := costmodel.ParseFigure("99/month")
	if err != nil {
		t.Fatal(err)
	}
	book := Book{
		"a": {Quality: "0.5", Tags: []string{"here"}, Price: "1/2"},
		"b": {Quality: "0.5", Tags: []string{"here"}, Price: "1/2"},
		"c": {Price: "1/2"},
		"d": {SelfHost: "150/month"},
	}
	targets := make([]config.Target, 4)
	for i, name := range []string{"a", "b", "c", "d"} {
		targets[i].Name = name
	}
	targets[1].Quality, targets[1].Tags, targets[1].Price = costmodel.Exactly(0.9, costmodel.Stated), []string{"there"}, price
	targets[2].SelfHost = &machine
	got := book.Targets(targets)
	for i, want := range []struct {
		quality, input float64
		tag            string
		machine        bool
	}{{0.5, 1, "here", false}, {0.9, 5, "there", false}, {0, 0, "", true}, {0, 0, "", true}} {
		g := got[i]
		usd, _ := g.Price.Input.USD()
		if g.Quality.Value != want.quality || usd.Float64() != want.input || want.tag != strings.Join(g.Tags, "") || (g.SelfHost != nil) != want.machine {
			t.Errorf("%s: quality %v, price %v, tags %v, machine %v", g.Name, g.Quality.Value, usd, g.Tags, g.SelfHost)
		}
	}
	if targets[0].Quality.Known() {
		t.Error("the targets that were given have changed")
	}
	if got[2].SelfHost.String() != machine.String() {
		t.Errorf("the machine costs %s", got[2].SelfHost)
	}
}

func TestCandidate(t *testing.T) {
	t.Parallel()
	m, ok := costmodel.Default().Lookup("gpt-4o")
	if !ok {
		t.Fatal("no gpt-4o")
	}
	row := compare.Candidate{Target: "gpt-4o", Model: m, Known: true, Price: m.Price()}
	if got := (Book{}).Candidate(row); !reflect.DeepEqual(got, row) {
		t.Errorf("with nothing said it is %+v", got)
	}
	got := Book{"gpt-4o": {Quality: "0.92", Tags: []string{"eu"}, Price: "1/2"}}.Candidate(row)
	if !got.Price.Own || got.Quality.Value != 0.92 || got.Quality.Basis != costmodel.Stated || !slices.Equal(got.Tags, []string{"eu"}) || got.OwnMachine {
		t.Errorf("%+v", got)
	}
	got = Book{"gpt-4o": {SelfHost: "150/month"}}.Candidate(row)
	if got.Machine == nil || !got.OwnMachine || got.Price.Known() {
		t.Errorf("%+v", got)
	}
}

func TestTags(t *testing.T) {
	t.Parallel()
	if got := Tags(" eu, open weights,,"); !slices.Equal(got, []string{"eu", "open weights"}) {
		t.Errorf("%q", got)
	}
}
