package probe

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zalando/go-keyring"
)

func TestKey(t *testing.T) {
	keyring.MockInit()
	for user, key := range map[string]string{"me": testKey, "padded": " " + testKey + "\n", "empty": ""} {
		if err := keyring.Set("costping", user, key); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv(testKeyEnv, testKey)
	t.Setenv("COSTPING_EMPTY", " ")
	t.Setenv("COSTPING_TWO_LINES", "sk-hunter2\nsk-more")
	for _, tc := range []struct {
		name   string
		source keySource
		key    string
		error  string // "" for none
		unset  bool
	}{
		{"none", keySource{}, "", "", false},
		{"a variable", keySource{env: testKeyEnv}, testKey, "", false},
		{"an empty variable", keySource{env: "COSTPING_EMPTY"}, "", "the variable COSTPING_EMPTY is not set, or empty", true},
		{"a key for a variable", keySource{env: "sk-hunter2"}, "", "is no variable", true},
		{"a variable of two lines", keySource{env: "COSTPING_TWO_LINES"}, "", "cannot be sent", false},
		{"a command", keySource{command: "echo ' " + testKey + " '; echo more; echo hunter2 >&2"}, testKey, "", false},
		{"a command that reads a terminal", keySource{command: "cat; echo " + testKey}, testKey, "", false},
		{"a command that leaves a child", keySource{command: "sleep 60 & echo " + testKey}, testKey, "", false},
		{"a command that fails", keySource{command: "echo sk-hunter2; echo hunter2 >&2; exit 3"}, "", "the key command failed: exit status 3", false},
		{"a command that is none", keySource{command: "/no/such/hunter2"}, "", "the key command failed: exit status 127", false},
		{"a silent command", keySource{command: "true"}, "", "is empty", true},
		{"an empty first line", keySource{command: "echo; echo hunter2"}, "", "is empty", true},
		{"a talkative command", keySource{command: "yes hunter2"}, "", "printed more than 4096 bytes", false},
		{"the keyring", keySource{keyring: "costping/me"}, testKey, "", false},
		{"the keyring, padded", keySource{keyring: "costping/padded"}, testKey, "", false},
		{"nothing in the keyring", keySource{keyring: "costping/hunter2"}, "", "the keyring holds none", true},
		{"an empty place in the keyring", keySource{keyring: "costping/empty"}, "", "the keyring holds none", true},
		{"several", keySource{env: testKeyEnv, command: "echo hunter2"}, "", "not from several", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			key, err := Target{KeyEnv: tc.source.env, KeyCommand: tc.source.command, KeyKeyring: tc.source.keyring}.Key()
			if key != tc.key || (err == nil) != (tc.error == "") || errors.Is(err, ErrKeyUnset) != tc.unset {
				t.Fatalf("got %q, %v", key, err)
			}
			if err != nil && (!strings.Contains(err.Error(), tc.error) || strings.Contains(err.Error(), "hunter2")) {
				t.Errorf("got %q, want %q", err, tc.error)
			}
		})
	}
}

// A command that does not end is ended, with what it has started.
func TestKeyCommandHangs(t *testing.T) {
	pid := filepath.Join(t.TempDir(), "pid")
	_, err := keySource{command: "sleep 600 & echo $! > " + pid + "; wait"}.read(t.Context(), 300*ms)
	if err == nil || err.Error() != "the key command did not end within 300ms" {
		t.Errorf("got %v", err)
	}
	child, err := os.ReadFile(pid)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "linux" {
		t.Skip("what became of the child is read from /proc")
	}
	for range 500 { // it may take the kernel a moment
		stat, err := os.ReadFile("/proc/" + strings.TrimSpace(string(child)) + "/stat")
		if err != nil || strings.Contains(string(stat), ") Z ") {
			return
		}
		time.Sleep(10 * ms)
	}
	t.Error("the child of the command lives on")
}

func TestKeyCommandInterrupted(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := keyFromCommand(ctx, "echo x"); err == nil || err.Error() != "the key command was interrupted" {
		t.Errorf("got %v", err)
	}
}

func TestKeyringBroken(t *testing.T) {
	keyring.MockInitWithError(errors.New("no bus\x1b[31m"))
	_, err := Target{KeyKeyring: "costping/me"}.Key()
	if err == nil || err.Error() != "the keyring cannot be read: no bus [31m" || errors.Is(err, ErrKeyUnset) {
		t.Errorf("got %v", err)
	}
}

// Where no keyring is, that is said, and not what the library ran into.
func TestKeyringMissing(t *testing.T) {
	for _, missing := range []error{
		&exec.Error{Name: "dbus-launch", Err: exec.ErrNotFound},
		&net.OpError{Op: "dial", Net: "unix", Err: syscall.ENOENT},
		keyring.ErrUnsupportedPlatform,
		errors.New("The name org.freedesktop.secrets was not provided by any .service files"),
	} {
		keyring.MockInitWithError(missing)
		if _, err := (Target{KeyKeyring: "costping/me"}).Key(); err == nil || err.Error() != "this system runs no keyring service" {
			t.Errorf("%v: got %v", missing, err)
		}
	}
}

// A key is kept for five minutes, and not beyond a refusal.
func TestKeyCache(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		keyring.MockInit()
		set := func(key string) {
			if err := keyring.Set("costping", "me", key); err != nil {
				t.Fatal(err)
			}
		}
		var cache keyCache
		source := keySource{keyring: "costping/me"}
		want := func(when, key string) {
			t.Helper()
			if got, err := cache.get(t.Context(), source); got != key || (err == nil) != (key != "") {
				t.Errorf("%s: got %q, %v; want %q", when, got, err, key)
			}
		}
		want("nothing there", "")
		set("first")
		want("a failure is not kept", "first")
		set("second")
		want("at once", "first")
		time.Sleep(keyLifetime - ms)
		want("just before it is too old", "first")
		time.Sleep(ms)
		want("too old", "second")
		set("third")
		cache.forget(source)
		want("after a refusal", "third")
	})
}

// The client asks once for many probes, and anew after the server has refused.
func TestClientKeepsKey(t *testing.T) {
	asked := filepath.Join(t.TempDir(), "asked")
	var mu sync.Mutex
	valid := testKey
	transport := &memory{answer: func(r *http.Request) (*http.Response, error) {
		mu.Lock()
		defer mu.Unlock()
		if r.Header.Get("Authorization") != "Bearer "+valid {
			return respond(r, 401, "application/json", strings.NewReader(`{"error":"no `+r.Header.Get("Authorization")+`"}`)), nil
		}
		return respond(r, 200, "text/event-stream", strings.NewReader(sound)), nil
	}}
	file := filepath.Join(t.TempDir(), "key")
	write := func(key string) {
		if err := os.WriteFile(file, []byte(key+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(testKey)
	client := newClient(Limits{}, nil, transport)
	target := Target{Name: "a", Model: "m", BaseURL: "http://h/v1", KeyCommand: "echo x >> " + asked + "; cat " + file}
	times := func() int {
		text, _ := os.ReadFile(asked)
		return strings.Count(string(text), "x")
	}
	var probes sync.WaitGroup
	for range 8 {
		probes.Go(func() {
			if s := client.Probe(t.Context(), Attempt{Target: target, Profile: short}); s.Outcome != OK {
				t.Errorf("%v %q", s.Outcome, s.Error)
			}
		})
	}
	probes.Wait()
	if n := times(); n != 1 {
		t.Errorf("the command ran %d times for 8 probes", n)
	}
	mu.Lock()
	valid = "sk-the-next-one"
	mu.Unlock()
	write("sk-the-next-one")
	for i, want := range []Outcome{Auth, OK} {
		s := client.Probe(t.Context(), Attempt{Target: target, Profile: short})
		checkSample(t, s)
		if s.Outcome != want {
			t.Errorf("probe %d: %v %q", i, s.Outcome, s.Error)
		}
	}
	if n := times(); n != 2 {
		t.Errorf("the command ran %d times", n)
	}
}

// ringing puts another keyring in place of the system's, and counts how often it is
// asked.
func ringing(t *testing.T, ask func() (string, error)) *atomic.Int64 {
	t.Helper()
	before, asked := systemKeyring, new(atomic.Int64)
	systemKeyring = &keyrings{ask: func(string, string) (string, error) {
		asked.Add(1)
		return ask()
	}}
	t.Cleanup(func() { systemKeyring = before })
	return asked
}

// Who waits for a key waits no longer than they have time; the key is read on for
// the next, who finds it half way.
func TestKeyOutlivesWhoeverWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := ringing(t, func() (string, error) { time.Sleep(6 * time.Second); return testKey, nil })
		cache, begun := new(keyCache), time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		if _, err := cache.get(ctx, keySource{keyring: "costping/me"}); err == nil || time.Since(begun) != 2*time.Second {
			t.Errorf("%v after %v", err, time.Since(begun))
		}
		key, err := cache.get(t.Context(), keySource{keyring: "costping/me"})
		if key != testKey || err != nil || time.Since(begun) != 6*time.Second || asked.Load() != 1 {
			t.Errorf("%q, %v after %v, asked %d times", key, err, time.Since(begun), asked.Load())
		}
	})
}

func TestKeyFailureIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := ringing(t, func() (string, error) { time.Sleep(time.Second); return "", errors.New("locked") })
		cache, begun := new(keyCache), time.Now()
		var waiting sync.WaitGroup
		for range 50 {
			waiting.Go(func() {
				if _, err := cache.get(t.Context(), keySource{keyring: "costping/me"}); err == nil || err.Error() != "the keyring cannot be read: locked" {
					t.Errorf("got %v", err)
				}
			})
		}
		waiting.Wait()
		if took := time.Since(begun); took != time.Second || asked.Load() != 1 {
			t.Errorf("after %v, asked %d times", took, asked.Load())
		}
	})
}

// A keyring that does not answer is asked once; whoever comes later waits for that.
func TestKeyringThatNeverAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answer := make(chan string)
		asked := ringing(t, func() (string, error) { return <-answer, nil })
		cache := new(keyCache)
		for range 5 {
			begun := time.Now()
			_, err := cache.get(t.Context(), keySource{keyring: "costping/me"})
			if err == nil || err.Error() != "the keyring did not answer within 10s: it may wait to be unlocked" || time.Since(begun) != keyTimeout {
				t.Errorf("%v after %v", err, time.Since(begun))
			}
			_, err = Target{KeyKeyring: "costping/me"}.Key()
			if err == nil {
				t.Error("a key from nowhere")
			}
		}
		go func() { time.Sleep(time.Second); answer <- testKey }()
		if key, err := cache.get(t.Context(), keySource{keyring: "costping/me"}); key != testKey || err != nil {
			t.Errorf("%q, %v", key, err)
		}
		if n := asked.Load(); n != 1 {
			t.Errorf("asked %d times", n)
		}
	})
}

// A client that is closed leaves no command behind.
func TestCloseEndsTheKeyCommand(t *testing.T) {
	begun := filepath.Join(t.TempDir(), "begun")
	client := newClient(Limits{}, nil, &memory{})
	ended := make(chan error)
	go func() {
		_, err := client.keys.get(context.Background(), keySource{command: "echo > " + begun + "; sleep 600"})
		ended <- err
	}()
	for {
		if _, err := os.Stat(begun); err == nil {
			break
		}
		time.Sleep(ms)
	}
	client.Close()
	if err := <-ended; err == nil || err.Error() != "the key command was interrupted" {
		t.Errorf("got %v", err)
	}
}

// Whoever interrupts while a key is read has cancelled: the key may be sound.
func TestInterruptedWhileReadingTheKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ringing(t, func() (string, error) { time.Sleep(6 * time.Second); return testKey, nil })
		client := newClient(Limits{}, nil, &memory{})
		defer client.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		s := client.Probe(ctx, Attempt{Target: Target{Name: "a", Model: "m", BaseURL: "http://h/v1", KeyKeyring: "costping/me"}, Profile: short})
		checkSample(t, s)
		if s.Outcome != Cancelled || s.Error != "interrupted" {
			t.Errorf("%v %q", s.Outcome, s.Error)
		}
		time.Sleep(10 * time.Second) // the keyring has answered nobody
	})
}

// Nor does one begin that was asked for just before.
func TestCloseBeginsNoKeyCommand(t *testing.T) {
	began := filepath.Join(t.TempDir(), "began")
	var c keyCache
	c.close()
	if _, err := c.get(t.Context(), keySource{command: "touch " + began}); err == nil {
		t.Error("a key was read")
	}
	if _, err := os.Stat(began); err == nil {
		t.Error("the command was run")
	}
}
