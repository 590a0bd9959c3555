package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// interruptible is a context that ends on ctrl+c and SIGTERM, on SIGHUP, which a
// closed terminal sends, and on SIGPIPE where standard output or error is a pipe that
// nobody reads any more: left alone that would end the process before anything is put
// away. A viewer gets SIGPIPE as well when the history's owner has gone, which is no
// reason to end.
func interruptible(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := signal.NotifyContext(parent, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	broken := make(chan os.Signal, 1)
	signal.Notify(broken, syscall.SIGPIPE)
	go func() {
		defer signal.Stop(broken)
		for {
			select {
			case <-broken:
				if unread(os.Stdout) || unread(os.Stderr) {
					cancel()
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	return ctx, cancel
}

// unread reports whether what is written to a file reaches nobody.
func unread(f *os.File) bool {
	raw, err := f.SyscallConn() // Fd would make it block
	if err != nil {
		return false
	}
	broken := false
	err = raw.Control(func(fd uintptr) {
		fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
		n, err := unix.Poll(fds, 0)
		broken = err == nil && n > 0 && fds[0].Revents&(unix.POLLERR|unix.POLLHUP) != 0
	})
	return err == nil && broken
}
