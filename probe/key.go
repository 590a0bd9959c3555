package probe

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"
)

const (
	// keyTimeout bounds how long a command or the keyring may take over a key: a
	// person may have to unlock something, a pass of probes cannot wait for ever.
	keyTimeout   = 10 * time.Second
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
func (t Target) Key() (string, error) { return t.keySource().read(context.Background(), keyTimeout) }

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

// slowKeyError is the cause that the reading of a key ends with after its limit.
type slowKeyError struct{ limit time.Duration }

func (e *slowKeyError) Error() string { return fmt.Sprintf("no key within %s", e.limit) }

// read reads the key, within a limit.
func (s keySource) read(ctx context.Context, limit time.Duration) (key string, err error) {
	if err := s.validate(); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, limit, &slowKeyError{limit})
	defer cancel()
	switch {
	case s.env != "":
		key, err = keyFromEnv(s.env)
	case s.command != "":
		key, err = keyFromCommand(ctx, s.command)
	case s.keyring != "":
		key, err = systemKeyring.key(ctx, s.keyring)
	}
	if err == nil && !sendable(key) {
		return "", errors.New("the key holds characters that cannot be sent")
	}
	return key, err
}

var variableName = regexp.MustCompile(`^[A-Z_][A-Z0-9_]{0,63}$`)

// VariableName reports whether text is what variables are called by custom, in
// capitals. Anything else may be a key that was given in place of a name: it is not
// repeated.
func VariableName(text string) bool { return variableName.MatchString(text) }

func keyFromEnv(name string) (string, error) {
	key := strings.TrimSpace(os.Getenv(name))
	switch {
	case key != "":
		return key, nil
	case VariableName(name):
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
	var slow *slowKeyError
	switch {
	case out.overflow:
		return "", fmt.Errorf("the key command printed more than %d bytes", maxKeyOutput)
	case errors.As(context.Cause(ctx), &slow):
		return "", fmt.Errorf("the key command did not end within %s", slow.limit)
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
