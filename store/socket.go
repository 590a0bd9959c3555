package store

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
)

const (
	socketName = "history.sock"
	// longestSocket is the longest path that a socket can have on every system,
	// in bytes: sun_path holds 104 on macOS, 108 on Linux, with a zero at the end.
	longestSocket = 100
)

// socketPath is where the owner of the history in dir listens: beside the
// database, or in a short folder of this user's where that path is too long.
func socketPath(dir string) (string, error) {
	whole, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("the folder of the history's socket: %w", err)
	}
	beside := filepath.Join(whole, socketName)
	if len(beside) <= longestSocket {
		return beside, nil
	}
	sum := sha256.Sum256([]byte(whole))
	name := hex.EncodeToString(sum[:12]) + ".sock"
	folder := "costping-" + strconv.Itoa(os.Getuid())
	for _, base := range []string{os.Getenv("XDG_RUNTIME_DIR"), os.TempDir(), "/tmp"} {
		path := filepath.Join(base, folder, name)
		if !filepath.IsAbs(path) || len(path) > longestSocket {
			continue
		}
		if err := privateFolder(filepath.Dir(path)); err != nil {
			return "", err
		}
		return path, nil
	}
	return "", errors.New("no folder is short enough for the history's socket")
}

// privateFolder makes a folder that nobody else can look into, or finds it to be
// one: in a place such as /tmp somebody else may have made it first.
func privateFolder(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("making the folder %s: %w", dir, pathless(err))
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return fmt.Errorf("looking at the folder %s: %w", dir, pathless(err))
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() || int(stat.Uid) != os.Getuid() || info.Mode().Perm() != 0o700 {
		return fmt.Errorf("the folder %s is not this user's alone", dir)
	}
	return nil
}

// listen makes the socket. What is left of an owner that died is removed; only the
// holder of the lock may call it.
func listen(path string) (*ownListener, error) {
	if err := removeIfThere(path); err != nil {
		return nil, fmt.Errorf("removing an old socket %s: %w", path, pathless(err))
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("listening for viewers of the history: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("listening for viewers of the history: %w", err), l.Close())
	}
	return &ownListener{UnixListener: l, places: make(chan struct{}, mostViewers)}, nil
}

// mostViewers bounds how many connections there are at once.
const mostViewers = 128

// ownListener takes connections from this user alone, and only so many.
type ownListener struct {
	*net.UnixListener
	places chan struct{}
}

// Accept gives the next connection of this user.
func (l *ownListener) Accept() (net.Conn, error) {
	for {
		c, err := l.AcceptUnix()
		if err != nil {
			return nil, err
		}
		if checkPeer(c) != nil {
			_ = c.Close() // a stranger: it is told nothing
			continue
		}
		select {
		case l.places <- struct{}{}:
			return &placed{UnixConn: c, places: l.places}, nil
		default:
			_ = c.Close() // full
		}
	}
}

// placed is a connection that gives its place back.
type placed struct {
	*net.UnixConn
	places chan struct{}
	freed  sync.Once
}

// Close closes the connection. The server may do so while the handler's goroutine does.
func (c *placed) Close() error {
	c.freed.Do(func() { <-c.places })
	return c.UnixConn.Close()
}

// checkPeer reports a connection whose other end is not this user's.
func checkPeer(c *net.UnixConn) error {
	uid, err := peerOf(c)
	if err != nil {
		return fmt.Errorf("asking who is at the other end of the history's socket: %w", err)
	}
	if uid != os.Getuid() {
		return fmt.Errorf("the other end of the history's socket belongs to user %d", uid)
	}
	return nil
}
