package probe

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

func TestExpandHeaders(t *testing.T) {
	t.Setenv("COSTPING_A", " alpha ")
	t.Setenv("COSTPING_LINES", "hunter2\r\nX-Evil: 1")
	for _, tc := range []struct {
		name    string
		lines   []string
		want    map[string][]string
		secrets []string // and, of them, the values of variables and what follows a scheme
		values  []string
		error   string
	}{
		{"none", nil, nil, nil, nil, ""},
		{"plain", []string{"x-title:  costping "}, map[string][]string{"X-Title": {"costping"}}, []string{"costping"}, nil, ""},
		{"a variable", []string{"X-A: a ${COSTPING_A}-${COSTPING_A}"}, map[string][]string{"X-A": {"a alpha-alpha"}}, []string{"alpha", "alpha", "a alpha-alpha"}, []string{"alpha", "alpha"}, ""},
		{"a token", []string{"authorization: Basic ${COSTPING_A}"}, map[string][]string{"Authorization": {"Basic alpha"}}, []string{"alpha", "Basic alpha", "alpha"}, []string{"alpha", "alpha"}, ""},
		{"twice", []string{"X-A: 1", "X-A: 2"}, map[string][]string{"X-A": {"1", "2"}}, []string{"1", "2"}, nil, ""},
		{"no variable at all", []string{"X-A: $COSTPING_A costs 5$"}, map[string][]string{"X-A": {"$COSTPING_A costs 5$"}}, []string{"$COSTPING_A costs 5$"}, nil, ""},
		{"unset", []string{"X-A: ${COSTPING_UNSET}"}, nil, nil, nil, "header X-A: the variable COSTPING_UNSET is not set"},
		{"two lines", []string{"X-A: ${COSTPING_LINES}"}, nil, nil, nil, "header X-A: the variable COSTPING_LINES holds characters that cannot be sent"},
		{"never checked", []string{"Host: hunter2"}, nil, nil, nil, "is set by costping itself"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := expandHeaders(tc.lines)
			if tc.error != "" {
				if err == nil || !strings.Contains(err.Error(), tc.error) || strings.Contains(err.Error(), "hunter2") {
					t.Errorf("got %v, want %q", err, tc.error)
				}
				return
			}
			if err != nil || len(got.header) != len(tc.want) || !slices.Equal(got.secrets, tc.secrets) || !slices.Equal(got.keys, tc.values) {
				t.Fatalf("got %+v, %v", got, err)
			}
			for name, values := range tc.want {
				if !slices.Equal(got.header[name], values) {
					t.Errorf("%s: %q", name, got.header[name])
				}
			}
		})
	}
}

// No header that passes the check can add another or break the request, whatever
// stands in it.
func TestCheckHeaders(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.OneOf(rapid.String(), rapid.StringMatching(`[A-Za-z\t -]{1,8}:[ -~\r\n\x00]{0,12}`)).Draw(t, "line")
		if checkHeaders([]string{line}) != nil {
			return
		}
		name, value := splitHeader(line)
		if name == "" || strings.ContainsAny(name+value, "\r\n\x00") || strings.ContainsAny(name, " :\t") {
			t.Fatalf("%q passed", line)
		}
	})
}

// The key and the headers of a target are on its probes and on what warms them,
// the target's own word before the preset's, and in no error.
func TestCredentials(t *testing.T) {
	t.Setenv("COSTPING_SECRET", "s3cret-value")
	for _, tc := range []struct {
		name     string
		provider string
		headers  []string
		want     map[string]string // "" for none
	}{
		{"a bearer", "", nil, map[string]string{"Authorization": "Bearer " + testKey, "Api-Key": ""}},
		{"azure", "azure", nil, map[string]string{"Authorization": "", "Api-Key": testKey}},
		{"headers", "", []string{"X-Secret: ${COSTPING_SECRET}", "X-Title: costping"}, map[string]string{
			"Authorization": "Bearer " + testKey, "X-Secret": "s3cret-value", "X-Title": "costping",
		}},
		{"another Authorization", "", []string{"authorization: Token ${COSTPING_SECRET}"}, map[string]string{"Authorization": "Token s3cret-value"}},
		{"another agent", "", []string{"User-Agent: costping/1"}, map[string]string{"User-Agent": "costping/1"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var mu sync.Mutex
			seen := map[string]http.Header{}
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				defer mu.Unlock()
				seen[r.Method] = r.Header.Clone()
				w.WriteHeader(http.StatusTeapot)
				_, _ = w.Write([]byte(`{"error":"no ` + r.Header.Get("Authorization") + ` ` + r.Header.Get("Api-Key") + ` ` + r.Header.Get("X-Secret") + `"}`))
			}))
			t.Cleanup(server.Close)
			target := keyed(t, server.URL+"/v1", "m")
			target.Provider, target.Headers = tc.provider, tc.headers
			s := connect(t, Limits{}, nil).Probe(t.Context(), Attempt{Target: target, Profile: short})
			checkSample(t, s)
			if strings.Contains(s.Error, "s3cret") || !strings.Contains(s.Error, "[key]") {
				t.Errorf("error %q", s.Error)
			}
			for _, method := range []string{http.MethodHead, http.MethodPost} {
				for name, want := range tc.want {
					if got := seen[method].Get(name); got != want {
						t.Errorf("%s: %s is %q, want %q", method, name, got, want)
					}
				}
			}
		})
	}
}

// Nothing is sent where a header cannot be filled in.
func TestHeaderUnset(t *testing.T) {
	client := newClient(Limits{}, nil, &memory{answer: func(*http.Request) (*http.Response, error) {
		t.Error("a request was sent")
		return nil, http.ErrServerClosed
	}})
	s := client.Probe(t.Context(), Attempt{
		Target: Target{Name: "a", Model: "m", BaseURL: "http://h/v1", Headers: []string{"X-A: ${COSTPING_UNSET}"}}, Profile: short,
	})
	checkSample(t, s)
	if s.Outcome != Auth || s.Error != "header X-A: the variable COSTPING_UNSET is not set" {
		t.Errorf("%v %q", s.Outcome, s.Error)
	}
}

// Of several secrets each is gone, also one that is part of another.
func TestScrubSeveral(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secrets := rapid.SliceOfN(rapid.StringMatching(`[ABC]{4,8}`), 0, 4).Draw(t, "secrets")
		text := rapid.StringMatching(`[a-z ]{0,20}`).Draw(t, "before")
		for _, s := range secrets {
			text += s + rapid.StringMatching(`[a-z ]{1,5}`).Draw(t, "after")
		}
		got := credentials{secrets: shownForms(secrets)}.scrub(text)
		if strings.ContainsAny(got, "ABC") {
			t.Fatalf("part of %q in %q", secrets, got)
		}
	})
	if got := credentialsOf("secret  value").scrub("a secret  value"); got != "a [key]" {
		t.Errorf("got %q", got)
	}
	if got := credentialsOf("secret  value").scrub("a secret value"); got != "a [key]" {
		t.Errorf("after Sanitize: got %q", got)
	}
}

// What a header lacks is known without sending it.
func TestHeadersCheckedBefore(t *testing.T) {
	t.Setenv("TEAM", "secret-team")
	for header, want := range map[string]string{
		"X-Team: ${TEAM}": "", "X-Team: ${NO_SUCH_TEAM}": "header X-Team: the variable NO_SUCH_TEAM is not set",
		"Host: ${TEAM}": "header Host is set by costping itself",
	} {
		err := Target{Headers: []string{header}}.CheckHeaders()
		if err == nil && want != "" || err != nil && err.Error() != want {
			t.Errorf("%s: %v, want %q", header, err, want)
		}
	}
}
