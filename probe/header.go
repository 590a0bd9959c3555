package probe

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
)

// ownHeaders are not for a target to set: they frame the request or name the
// server, or would have the answer compressed, which holds tokens back.
var ownHeaders = []string{
	"Host", "Content-Length", "Content-Type", "Transfer-Encoding", "Connection", "Keep-Alive", "Proxy-Connection",
	"Upgrade", "Te", "Trailer", "Expect", "Accept-Encoding",
}

const (
	maxHeaders    = 32
	maxHeaderText = 8 << 10 // bytes of one header
)

var (
	headerName = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")
	variable   = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)
)

// HeaderName reports whether text can be the name of a header: a token of RFC 9110,
// section 5.6.2.
func HeaderName(text string) bool { return headerName.MatchString(text) }

// splitHeader takes "Name: value" apart.
func splitHeader(line string) (name, value string) {
	name, value, _ = strings.Cut(line, ":")
	return strings.TrimSpace(name), strings.TrimSpace(value)
}

// checkHeaders reports the first header that cannot be sent. What it says holds
// no value: that may be secret, and so may be a line that has no name.
func checkHeaders(lines []string) error {
	if len(lines) > maxHeaders {
		return fmt.Errorf("%d headers are more than %d", len(lines), maxHeaders)
	}
	for i, line := range lines {
		name, value := splitHeader(line)
		switch {
		case len(line) > maxHeaderText:
			return fmt.Errorf("header %d is longer than %d bytes", i+1, maxHeaderText)
		case !strings.Contains(line, ":") || !HeaderName(name):
			return fmt.Errorf("header %d has no proper name: write it as Name: value", i+1)
		case slices.Contains(ownHeaders, http.CanonicalHeaderKey(name)):
			return fmt.Errorf("header %s is set by costping itself", name)
		case !sendable(value):
			return fmt.Errorf("header %s holds characters that cannot be sent", name)
		case strings.Contains(variable.ReplaceAllString(value, ""), "${"):
			return fmt.Errorf("header %s: after ${ there must be the name of a variable and }", name)
		}
	}
	return nil
}

// CheckHeaders reports the first header that could not be sent now, because a
// variable that it names is not set, say. What it says holds no value.
func (t Target) CheckHeaders() error {
	_, err := expandHeaders(t.Headers)
	return err
}

// sendable reports whether text may stand in a header: no control characters.
func sendable(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return (r < ' ' && r != '\t') || r == 0x7f })
}

// expandHeaders puts the values of variables into the target's headers. The secrets
// are whole headers and what of them are keys: the values of variables, and the
// token of an Authorization.
func expandHeaders(lines []string) (c credentials, err error) {
	if err := checkHeaders(lines); err != nil {
		return credentials{}, err
	}
	c.header = http.Header{}
	for _, line := range lines {
		name, value := splitHeader(line)
		value = variable.ReplaceAllStringFunc(value, func(reference string) string {
			from := variable.FindStringSubmatch(reference)[1]
			text := strings.TrimSpace(os.Getenv(from))
			switch {
			case err != nil:
			case text == "":
				err = fmt.Errorf("header %s: the variable %s is not set", name, from)
			case !sendable(text):
				err = fmt.Errorf("header %s: the variable %s holds characters that cannot be sent", name, from)
			}
			c.secrets, c.keys = append(c.secrets, text), append(c.keys, text)
			return text
		})
		if err != nil {
			return credentials{}, err
		}
		c.header.Add(name, value)
		c.secrets = append(c.secrets, value)
		if _, token, two := strings.Cut(value, " "); two && strings.EqualFold(name, "Authorization") {
			c.secrets, c.keys = append(c.secrets, token), append(c.keys, token) // a server repeats it without the scheme
		}
	}
	return c, nil
}
