package store

import (
	"errors"
	"net"

	"golang.org/x/sys/unix"
)

// peerOf is the user at the other end of a connection.
func peerOf(c *net.UnixConn) (uid int, err error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, err
	}
	var cred *unix.Ucred
	outer := raw.Control(func(fd uintptr) {
		cred, err = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	})
	if err := errors.Join(outer, err); err != nil {
		return 0, err
	}
	return int(cred.Uid), nil
}

// networkFiles names the network file systems by the magic number that statfs
// gives (statfs(2) and the kernel's magic.h). What is mounted through FUSE may be
// either; it is not refused.
var networkFiles = map[uint32]string{
	unix.NFS_SUPER_MAGIC:   "NFS",
	unix.SMB_SUPER_MAGIC:   "SMB",
	unix.CIFS_SUPER_MAGIC:  "SMB",
	unix.SMB2_SUPER_MAGIC:  "SMB",
	unix.CODA_SUPER_MAGIC:  "Coda",
	unix.AFS_SUPER_MAGIC:   "AFS",
	unix.AFS_FS_MAGIC:      "AFS",
	unix.NCP_SUPER_MAGIC:   "NCP",
	unix.CEPH_SUPER_MAGIC:  "Ceph",
	unix.OCFS2_SUPER_MAGIC: "OCFS2",
}

// networkFile names the network file system that a folder is on; "" for a local
// one.
func networkFile(dir string) (string, error) {
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return "", err
	}
	return networkFiles[uint32(fs.Type)], nil
}
