package store

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// setFileUser changes whose rights this thread has to files.
func setFileUser(uid int) error { return unix.Setfsuid(uid) }

// syncData is what a commit asks of the disk.
func syncData(f *os.File) error { return unix.Fdatasync(int(f.Fd())) }

// asStranger runs f in a thread of another user's, where the test runs as root.
func asStranger(t *testing.T, dir string, f func()) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root can be somebody else")
	}
	for d := dir; d != "/" && d != "/tmp"; d = filepath.Dir(d) {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Skip(err)
		}
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	const nobody, same = 65534, ^uintptr(0)
	set := func(uid uintptr) { // of this thread alone
		if _, _, errno := unix.RawSyscall(unix.SYS_SETRESUID, same, uid, same); errno != 0 {
			panic(errno)
		}
	}
	set(nobody)
	defer set(0)
	f()
}
