package simulator

import (
	"context"
	"errors"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// An alarm is a timer of the kernel that the runtime's poller waits for like a
// socket. The runtime's own timers are up to a millisecond late on Linux, since
// its poller waits in whole milliseconds. Blocking in nanosleep instead is as
// precise as this, but holds a processor of the scheduler, which on a machine
// with few cores delays the very client that is being measured by up to 10 ms.
type alarm struct {
	file *os.File
	conn syscall.RawConn
	stop func() bool // of the watch on the context
}

// newAlarm returns an alarm that is cut short when ctx ends, or nil where the
// system grants none, as when file descriptors have run out.
func newAlarm(ctx context.Context) *alarm {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil
	}
	file := os.NewFile(uintptr(fd), "timerfd")
	conn, err := file.SyscallConn()
	// Without a deadline the poller does not serve it, and it could not be cut short.
	if err != nil || file.SetReadDeadline(time.Time{}) != nil {
		_ = file.Close()
		return nil
	}
	stop := context.AfterFunc(ctx, func() { _ = file.SetReadDeadline(time.Unix(1, 0)) })
	return &alarm{file: file, conn: conn, stop: stop}
}

// sleep waits this long or until the context ends. It reports false where the
// alarm failed and did not wait.
func (a *alarm) sleep(wait time.Duration) bool {
	var set error
	err := a.conn.Control(func(fd uintptr) {
		spec := unix.ItimerSpec{Value: unix.NsecToTimespec(wait.Nanoseconds())}
		set = unix.TimerfdSettime(int(fd), 0, &spec, nil)
	})
	if err != nil || set != nil {
		return false
	}
	var expirations [8]byte
	_, err = a.file.Read(expirations[:])
	return err == nil || errors.Is(err, os.ErrDeadlineExceeded)
}

func (a *alarm) close() {
	a.stop()
	_ = a.file.Close()
}
