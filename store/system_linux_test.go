package store

import (
	"os"

	"golang.org/x/sys/unix"
)

// setFileUser changes whose rights this thread has to files.
func setFileUser(uid int) error { return unix.Setfsuid(uid) }

// syncData is what a commit asks of the disk.
func syncData(f *os.File) error { return unix.Fdatasync(int(f.Fd())) }
