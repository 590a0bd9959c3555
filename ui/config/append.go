package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"costping/costmodel"
	"costping/probe"

	"github.com/google/renameio/v2"
	"github.com/pelletier/go-toml/v2"
)

// ErrBusy says that somebody else is writing the file.
var ErrBusy = errors.New("another costping is writing the configuration")

// appended is a [[workload]] as it is written.
type appended struct {
	Name          string `toml:"name"`
	Items         string `toml:"items,omitempty"`
	In            string `toml:"in,omitempty"`
	Out           string `toml:"out,omitempty"`
	Volume        string `toml:"volume,omitempty"`
	Users         string `toml:"users,omitempty"`
	TokensPerUser string `toml:"tokens_per_user,omitempty"`
	Split         string `toml:"split,omitempty"`
	Cached        string `toml:"cached,omitempty"`
	Batch         string `toml:"batch,omitempty"`
	Retries       string `toml:"retries,omitempty"`
	Days          string `toml:"days,omitempty"`
}

// AppendWorkload adds a workload to the end of the file at path, "" for the one at
// DefaultPath, and leaves all else in it as it is; without a file it makes one, 0600 in
// a folder of 0700. It writes nothing where the file is not a good configuration, has a
// workload of that name already, or could not hold this one exactly.
func AppendWorkload(path, name string, w costmodel.Workload) error {
	if path == "" {
		path = DefaultPath()
	}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target // a link stays one
	}
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("making the folder of the configuration: %w", err)
	}
	release, err := holdFolder(folder)
	if err != nil {
		return err
	}
	defer release()
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("reading the configuration: %w", err)
	}
	c, err := Read(bytes.NewReader(text), path)
	if err != nil {
		return err
	}
	if _, taken := c.WorkloadNamed(name); taken {
		return &costmodel.InputError{What: fmt.Sprintf("there is a workload %q already", probe.Sanitize(name, maxShown)), Hint: "give another name"}
	}
	table, err := workloadText(name, w)
	if err != nil {
		return err
	}
	if len(text) > 0 {
		text = append(bytes.TrimRight(text, "\n"), "\n\n"...)
	}
	text = append(text, table...)
	if err := holds(text, path, name, w); err != nil {
		return err
	}
	// A file that is there keeps its own permissions.
	if err := renameio.WriteFile(path, text, 0o600); err != nil {
		return fmt.Errorf("writing the configuration: %w", err)
	}
	return nil
}

// holdFolder keeps other processes from writing in the folder until release.
func holdFolder(folder string) (release func(), err error) {
	f, err := os.Open(folder)
	if err != nil {
		return nil, fmt.Errorf("opening the folder of the configuration: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, ErrBusy
	}
	return func() { _ = f.Close() }, nil
}

// holds reads the text as every command will, and compares what it says of the
// workload.
func holds(text []byte, path, name string, w costmodel.Workload) error {
	c, err := Read(bytes.NewReader(text), path)
	if err != nil {
		if problem := (*Error)(nil); errors.As(err, &problem) {
			return errors.New(problem.Problems[0].What) // its place is in no file
		}
		return err
	}
	kept, ok := c.WorkloadNamed(name)
	if !ok || kept.calendar || !kept.work.Equal(w) {
		return &costmodel.InputError{What: "the file cannot hold this workload exactly", Hint: "round its figures"}
	}
	return nil
}

// workloadText is a workload as a table of the file.
func workloadText(name string, w costmodel.Workload) ([]byte, error) {
	volume, err := w.Volume.MarshalText()
	if err != nil {
		return nil, err
	}
	t := appended{Name: name}
	switch in, perItem := w.RequestInput(); {
	case perItem:
		t.Items, t.In = string(volume), plain(in)
		t.Out = plain(new(big.Rat).Sub(w.PerItem.Rat(), in))
	case w.PerItem.Given():
		t.Users, _, _ = strings.Cut(string(volume), " ")
		t.TokensPerUser = plain(w.PerItem.Rat())
	default:
		t.Volume = string(volume)
	}
	if t.Items == "" {
		split, err := w.Split.MarshalText()
		if err != nil {
			return nil, err
		}
		t.Split = string(split)
	}
	for _, share := range []struct {
		costmodel.Share
		to *string
	}{{w.Cached, &t.Cached}, {w.Batch, &t.Batch}, {w.Retries, &t.Retries}} {
		if !share.IsZero() {
			*share.to = share.String()
		}
	}
	if days := w.DaysPerMonth.String(); days != "30" {
		t.Days = days
	}
	return toml.Marshal(struct {
		Workload []appended `toml:"workload"`
	}{[]appended{t}})
}

// plain is a count as a decimal; where it is none, to nine places.
func plain(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	return strings.TrimRight(r.FloatString(9), "0")
}
