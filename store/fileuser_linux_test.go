package store

import "golang.org/x/sys/unix"

// setFileUser changes whose rights this thread has to files.
func setFileUser(uid int) error { return unix.Setfsuid(uid) }
