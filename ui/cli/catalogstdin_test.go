package cli

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// An import that waits for the rest of a feed ends when it is interrupted, with
// 130 and without a word, and writes no price book.
func TestImportFromAPipeIsInterrupted(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"-", "fifo"} {
		folder := t.TempDir()
		if name == "fifo" {
			name = filepath.Join(folder, name)
			if err := syscall.Mkfifo(name, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		var stderr bytes.Buffer
		cmd := exec.Command(shipped(t), "catalog", "import", name, "--as-of", "2026-07-01")
		cmd.Env = append(os.Environ(), "XDG_DATA_HOME="+filepath.Join(folder, "data"))
		cmd.Stderr = &stderr
		stdin, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		feed := stdin
		if name != "-" {
			if feed, err = os.OpenFile(name, os.O_WRONLY, 0); err != nil { // waits for the reader
				t.Fatal(err)
			}
		}
		// More than a pipe holds: once it is written, the program is reading.
		if _, err := feed.Write(append([]byte(`{"openai": `), bytes.Repeat([]byte(" "), 1<<20)...)); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		err = cmd.Wait()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != exitInterrupted || stderr.Len() > 0 {
			t.Errorf("%s: %v, %s", name, err, stderr.String())
		}
		_ = feed.Close()
		if _, err := os.Stat(filepath.Join(folder, "data")); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
