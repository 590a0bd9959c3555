package accuracy

import (
	"os"
	"runtime"
	"testing"

	"go.uber.org/goleak"
)

// TestMain lets this test binary be the simulator too.
func TestMain(m *testing.M) {
	if setup := os.Getenv(setupEnv); setup != "" {
		os.Exit(serve(setup))
	}
	goleak.VerifyTestMain(m)
}

// threads sets GOMAXPROCS for the benchmark; 0 for what the program sets when it
// measures.
func threads(b *testing.B, n int) {
	if n == 0 {
		n = programThreads()
	}
	before := runtime.GOMAXPROCS(n)
	b.Cleanup(func() { runtime.GOMAXPROCS(before) })
}

// programThreads is what the commands that measure set GOMAXPROCS to.
func programThreads() int { return max(8, 4*runtime.NumCPU()) }
