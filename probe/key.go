package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/zalando/go-keyring"
)

const (
	// keyTimeout bounds how long a command or the keyring may take over a key: a
	// person may have to unlock something, a pass of probes cannot wait for ever.
	keyTimeout = 10 * time.Second
	// keyLifetime is how long a client trusts a key that it has read.
	keyLifetime  = 5 * time.Minute
	maxKeyOutput = 4 << 10 // bytes that a command may print
)

// ErrKeyUnset says that the place a target names for its key holds none.
var ErrKeyUnset = errors.New("there is no key")

// keySource is where a key is to be had; at most one field is set.
type keySource struct{ env, command, keyring string }

func (t Target) keySource() keySource {
	return keySource{env: t.KeyEnv, command: t.KeyCommand, keyring: t.KeyKeyring}
}

// Key reads the key from where the target says it is. It is "" without error for
// a target that wants none, and wraps ErrKeyUnset where the place is empty. A
// command or the keyring gets at most 10 s.
func (t Target) Key() (string, error) { return t.keySource().read(context.Background()) }

// validate reports what makes the source unusable. It repeats none of it: a key
// that was pasted in place of its name must not be shown.
func (s keySource) validate() error {
	sources := 0
	for _, text := range []string{s.env, s.command, s.keyring} {
		if text != "" {
			sources++
		}
	}
	service, user, _ := strings.Cut(s.keyring, "/")
	switch {
	case sources > 1:
		return errors.New("the key can come from a variable, a command or the keyring, not from several")
	case s.keyring != "" && (service == "" || user == ""):
		return errors.New("the place in the keyring is written service/user")
	}
	return nil
}

func (s keySource) read(ctx context.Context) (key string, err error) {
	if err := s.validate(); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, keyTimeout)
	defer cancel()
	switch {
	case s.env != "":
		key, err = keyFromEnv(s.env)
	case s.command != "":
		key, err = keyFromCommand(ctx, s.command)
	case s.keyring != "":
		key, err = keyFromKeyring(ctx, s.keyring)
	}
	if err == nil && !sendable(key) {
		return "", errors.New("the key holds characters that cannot be sent")
	}
	return key, err
}

// variableName is what variables are called by custom. Anything else may be a key
// that was given in place of a name: it is not repeated.
var variableName = regexp.MustCompile(`^[A-Z_][A-Z0-9_]{0,63}$`)

func keyFromEnv(name string) (string, error) {
	key := strings.TrimSpace(os.Getenv(name))
	switch {
	case key != "":
		return key, nil
	case variableName.MatchString(name):
		return "", fmt.Errorf("%w: the variable %s is not set, or empty", ErrKeyUnset, name)
	}
	return "", fmt.Errorf("%w: what is named for the key is no variable that is set", ErrKeyUnset)
}

// keyFromCommand runs a shell command and takes the first line that it prints.
// Nothing of what it says is repeated in an error: any of it may be secret.
func keyFromCommand(ctx context.Context, command string) (string, error) {
	out := &boundedOutput{left: maxKeyOutput}
	cmd := exec.CommandContext(ctx, "sh", "-c", command)
	cmd.Stdout = out            // no terminal: what it says elsewhere is nobody's to read
	cmd.WaitDelay = time.Second // for what it has started and left behind
	ownGroup(cmd)
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case out.overflow:
		return "", fmt.Errorf("the key command printed more than %d bytes", maxKeyOutput)
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return "", fmt.Errorf("the key command did not end within %s", keyTimeout)
	case ctx.Err() != nil:
		return "", errors.New("the key command was interrupted")
	case errors.As(err, &exit):
		return "", fmt.Errorf("the key command failed: %s", exit.ProcessState)
	case errors.Is(err, exec.ErrWaitDelay): // the key is there; a child of its holds on to the output
	case err != nil:
		return "", errors.New("the key command could not be run: there is no shell")
	}
	first, _, _ := strings.Cut(out.text.String(), "\n")
	key := strings.TrimSpace(first)
	if key == "" {
		return "", fmt.Errorf("%w: the first line that the key command printed is empty", ErrKeyUnset)
	}
	return key, nil
}

// boundedOutput keeps what is written to it up to a bound, and fails beyond it.
type boundedOutput struct {
	text     strings.Builder
	left     int // bytes
	overflow bool
}

func (b *boundedOutput) Write(p []byte) (int, error) {
	if len(p) > b.left {
		b.overflow = true
		return 0, errTooLarge // which closes the pipe on the command
	}
	b.left -= len(p)
	return b.text.Write(p)
}

// keyFromKeyring asks the system's keyring, which may ask a person in turn.
func keyFromKeyring(ctx context.Context, place string) (string, error) {
	type answer struct {
		key string
		err error
	}
	service, user, _ := strings.Cut(place, "/")
	answered := make(chan answer, 1) // the keyring knows no context: it may answer nobody
	go func() {
		key, err := keyring.Get(service, user)
		answered <- answer{strings.TrimSpace(key), err}
	}()
	select {
	case <-ctx.Done():
		return "", errors.New("the keyring did not answer: it may wait to be unlocked")
	case a := <-answered:
		switch {
		case errors.Is(a.err, keyring.ErrNotFound), a.err == nil && a.key == "":
			return "", fmt.Errorf("%w: the keyring holds none for this service and user", ErrKeyUnset)
		case noKeyringService(a.err):
			return "", errors.New("this system runs no keyring service")
		case a.err != nil:
			return "", fmt.Errorf("the keyring cannot be read: %s", Sanitize(a.err.Error(), maxNameText))
		}
		return a.key, nil
	}
}

// noKeyringService reports whether a keyring failed because there is none: no
// program to ask, no bus, or nobody on the bus who keeps secrets. The last comes
// as text alone.
func noKeyringService(err error) bool {
	var dial *net.OpError
	return errors.Is(err, exec.ErrNotFound) || errors.As(err, &dial) || errors.Is(err, keyring.ErrUnsupportedPlatform) ||
		err != nil && strings.Contains(err.Error(), "org.freedesktop.secrets was not provided")
}

// keyCache keeps keys that took a command or the keyring to read, by their source.
type keyCache struct {
	mu   sync.Mutex
	kept map[keySource]*keptKey
}

type keptKey struct {
	mu   sync.Mutex // held while it is read: fifty probes at once run one command
	key  string
	read time.Time // zero: not kept
}

// get returns the key of a source, kept or read anew. A failure is not kept.
func (c *keyCache) get(ctx context.Context, s keySource) (string, error) {
	if s.command == "" && s.keyring == "" {
		return s.read(ctx)
	}
	k := c.entry(s)
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.read.IsZero() && time.Since(k.read) < keyLifetime {
		return k.key, nil
	}
	key, err := s.read(ctx)
	if err != nil {
		k.key, k.read = "", time.Time{}
		return "", err
	}
	k.key, k.read = key, time.Now()
	return key, nil
}

// forget drops a key that was refused: the place it is from may hold another by
// now.
func (c *keyCache) forget(s keySource) {
	k := c.entry(s)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.key, k.read = "", time.Time{}
}

func (c *keyCache) entry(s keySource) *keptKey {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil {
		c.kept = map[keySource]*keptKey{}
	}
	if c.kept[s] == nil {
		c.kept[s] = &keptKey{}
	}
	return c.kept[s]
}
