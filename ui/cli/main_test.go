package cli

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets this test binary be the program too: "costping" by that name,
// built as the tests are, so with the race detector where they have it, and
// "crashing", a dashboard in which something panics, and "firstrun", in which init
// finds the same wherever and whenever it runs.
func TestMain(m *testing.M) {
	testscript.Main(cleaned{m}, map[string]func(){
		"costping": func() { os.Exit(Run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
		"firstrun": func() { os.Exit(firstRun(os.Args[1:])) },
		"crashing": func() { os.Exit(crash(os.Args[1], os.Args[2])) },
	})
}

// cleaned removes the built binary after the tests, most of which wait for a
// screen or an answer: more of them run at once than there are processors.
type cleaned struct{ *testing.M }

func (c cleaned) Run() int {
	flag.Parse()
	_ = flag.Set("test.parallel", strconv.Itoa(max(6, runtime.GOMAXPROCS(0))))
	defer func() { _ = os.RemoveAll(built.dir) }()
	return c.M.Run()
}

var built struct {
	once sync.Once
	dir  string
	err  error
	log  []byte
}

// shipped is the program as people have it, built once: for what the test binary
// could hide, such as the order in which packages are initialised, and for
// figures that the race detector would spoil.
func shipped(t testing.TB) string {
	t.Helper()
	built.once.Do(func() {
		//nolint:usetesting // it outlives the test that asks first
		if built.dir, built.err = os.MkdirTemp("", "costping-built-"); built.err == nil {
			built.log, built.err = exec.Command("go", "build", "-o", built.dir, "costping").CombinedOutput()
		}
	})
	if built.err != nil {
		t.Fatalf("building costping: %v\n%s", built.err, built.log)
	}
	return filepath.Join(built.dir, "costping")
}
