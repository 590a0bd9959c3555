//go:build unix

package check

import (
	"os/exec"
	"syscall"
)

// ownGroup gives a command a process group of its own, so that what it has started
// ends with it, and so that ctrl+c is not for it.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
