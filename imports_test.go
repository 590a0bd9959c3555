package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "costping"

// source is a Go file of the module: its path from the module's root and what it
// imports.
type source struct {
	file    string
	imports []string
	test    bool
}

func (s source) dir() string { return path.Dir(s.file) }

// inside says that a folder or import is root or under it.
func inside(name, root string) bool { return name == root || strings.HasPrefix(name, root+"/") }

// Data flows one way, probe to store to ui, and what is replaceable is imported in
// one place. Tests may use whatever they need of the project, but libraries only
// where the code may.
func TestImports(t *testing.T) {
	t.Parallel()
	files := sources(t)
	if len(files) < 40 {
		t.Fatalf("only %d files were found", len(files))
	}
	for _, s := range files {
		for _, imported := range s.imports {
			if why := forbidden(s, imported); why != "" {
				t.Errorf("%s imports %s: %s", s.file, imported, why)
			}
		}
		if slices.Contains([]string{"util", "utils", "common", "helper", "helpers", "types"}, path.Base(s.dir())) {
			t.Errorf("%s: a package is named after what it does", s.file)
		}
	}
}

// The rules themselves: what each must refuse and what it must let through.
func TestImportRules(t *testing.T) {
	t.Parallel()
	const (
		tea  = "github.com/charmbracelet/bubbletea"
		bolt = "go.etcd.io/bbolt"
		ai   = "github.com/sashabaranov/go-openai"

		charts = "github.com/NimbleMarkets/ntcharts"
	)
	for _, tt := range []struct {
		file, imported string
		refused        bool
	}{
		{"probe/target.go", "costping/store", true},
		{"probe/target.go", "costping/costmodel", true},
		{"probe/simulator/chat.go", "costping/probe/stats", false},
		{"probe/simulator/chat.go", "costping/ui/compare", true},
		{"costmodel/price.go", "costping/probe", true},
		{"store/codec.go", "costping/probe", false},
		{"store/codec.go", "costping/costmodel", false},
		{"store/codec.go", "costping/ui/report", true},
		{"store/codec.go", bolt, false},
		{"ui/monitor/demo.go", bolt, true},
		{"ui/cli/cli.go", bolt + "/errors", true},
		{"ui/dashboard/screen/help.go", tea, false},
		{"ui/cli/cli.go", tea, true},
		{"ui/dashboard/chart/dots.go", charts + "/canvas/runes", false},
		{"ui/dashboard/chart/dots.go", charts + "/canvas", true},
		{"ui/dashboard/screen/compare.go", charts + "/canvas/runes", true},
		{"ui/compare/table.go", "github.com/charmbracelet/lipgloss", true},
		{"ui/report/table.go", "golang.org/x/term", true},
		{"ui/monitor/demo.go", "github.com/charmbracelet/x/term", true},
		{"ui/monitor/demo.go", "costping/ui/dashboard/theme", true},
		{"probe/client.go", ai, false},
		{"probe/request.go", ai, false},
		{"probe/transport.go", ai, true},
		{"main.go", "costping/ui/cli", false},
		{"ui/dashboard/run.go", "costping/ui/cli", true},
		{"ui/cli/cost.go", "costping/ui/compare", false},
		{"store/probe_test.go", "costping/ui/compare", false},
	} {
		s := source{file: tt.file, test: strings.HasSuffix(tt.file, "_test.go")}
		if refused := forbidden(s, tt.imported) != ""; refused != tt.refused {
			t.Errorf("%s importing %s: refused %v", tt.file, tt.imported, refused)
		}
	}
}

// forbidden says why a file may not import a package, "" where it may.
func forbidden(s source, imported string) string {
	project, ours := strings.CutPrefix(imported, module+"/")
	ours = ours && !s.test
	switch {
	case ours && inside(s.dir(), "probe") && !inside(project, "probe"):
		return "probe knows nothing of the rest"
	case ours && inside(s.dir(), "costmodel") && !inside(project, "costmodel"):
		return "costmodel knows nothing of the rest"
	case ours && inside(s.dir(), "store") && !inside(project, "store") && !inside(project, "probe") && !inside(project, "costmodel"):
		return "store knows samples and prices, nothing that shows them"
	case ours && inside(project, "ui/cli") && s.file != "main.go" && !inside(s.dir(), "ui/cli"):
		return "the command line is on top"
	case inside(imported, "github.com/charmbracelet/bubbletea") && !inside(s.dir(), "ui/dashboard"):
		return "only the dashboard is a Bubble Tea program"
	case inside(imported, "github.com/NimbleMarkets/ntcharts") &&
		(s.dir() != "ui/dashboard/chart" || !inside(imported, "github.com/NimbleMarkets/ntcharts/canvas/runes")):
		return "of ntcharts only the patterns are used, and only by the charts"
	case inside(imported, "github.com/sashabaranov/go-openai") && s.file != "probe/client.go" && s.file != "probe/request.go" && !s.test:
		return "requests are made in one place"
	case inside(imported, "go.etcd.io/bbolt") && !inside(s.dir(), "store"):
		return "the database is the store's own affair"
	case terminal(imported) && (inside(s.dir(), "ui/compare") || inside(s.dir(), "ui/report") || inside(s.dir(), "ui/monitor")):
		return "what is shown elsewhere too knows no terminal"
	case terminal(imported) && !inside(s.dir(), "ui"):
		return "the engine knows no terminal"
	}
	return ""
}

// terminal says that a package is about terminals.
func terminal(imported string) bool {
	return inside(imported, "github.com/charmbracelet") || inside(imported, "github.com/muesli/termenv") ||
		inside(imported, "golang.org/x/term") || inside(imported, module+"/ui/dashboard")
}

// sources are the Go files of the module.
func sources(t *testing.T) []source {
	t.Helper()
	var files []source
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "vendor"):
			return fs.SkipDir
		case d.IsDir() || filepath.Ext(name) != ".go":
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		s := source{file: filepath.ToSlash(name), test: strings.HasSuffix(name, "_test.go")}
		for _, i := range parsed.Imports {
			s.imports = append(s.imports, strings.Trim(i.Path.Value, "\"`"))
		}
		files = append(files, s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
