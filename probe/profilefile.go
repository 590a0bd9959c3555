package probe

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// Bounds of a profile that a person has written. A cap below the least breaks some
// providers, and says little of speed.
const (
	maxProfileFile = 256 << 10 // bytes
	maxProfileName = 40        // bytes
	leastFileCap   = 64        // tokens
	mostFileCap    = 32_768
)

// profileFile is the shape of the file. Pointers tell what is left out.
type profileFile struct {
	Name      *string `toml:"name"`
	System    string  `toml:"system"`
	Prompt    *string `toml:"prompt"`
	MaxTokens *int64  `toml:"max_tokens"`
}

// ReadProfile reads a profile from TOML with the keys name, prompt, max_tokens
// (64 to 32768) and, if wanted, system. It is strict: an unknown key, a name that
// is a built-in profile's or cannot be shown, and control characters in a prompt
// are errors, with line and column where they stand. At most 256 KiB are read.
//
// The profile is called by the file's name and a short hash of the two texts, such
// as "mine-3fa9c1": a prompt that was changed is another series, and has another
// estimate.
func ReadProfile(r io.Reader) (Profile, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxProfileFile+1))
	if err != nil {
		return Profile{}, fmt.Errorf("reading the profile: %w", err)
	}
	if len(data) > maxProfileFile {
		return Profile{}, errors.New("the profile is larger than 256 KiB")
	}
	var file profileFile
	if err := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields().Decode(&file); err != nil {
		return Profile{}, profileError(err)
	}
	if key, problem := file.problem(); problem != "" {
		return Profile{}, fmt.Errorf("profile%s: %s", placeOf(data, key), problem)
	}
	name := *file.Name + "-" + fingerprint(file.System, *file.Prompt)
	return Profile{Name: name, System: file.System, Prompt: *file.Prompt, MaxTokens: int(*file.MaxTokens)}, nil
}

// fingerprint tells texts apart in six hexadecimal digits.
func fingerprint(system, prompt string) string {
	sum := sha256.Sum256([]byte(system + "\x00" + prompt))
	return hex.EncodeToString(sum[:3])
}

// problem is the first thing that is wrong with a file that could be decoded, and
// the key that it is about.
func (f profileFile) problem() (key, text string) {
	switch {
	case f.Name == nil:
		return "", "name is missing"
	case f.Prompt == nil:
		return "", "prompt is missing"
	case f.MaxTokens == nil:
		return "", "max_tokens is missing"
	case *f.Name == "" || *f.Name != Sanitize(*f.Name, maxProfileName):
		return "name", fmt.Sprintf("the name must have 1 to %d bytes on one line, and no characters that cannot be shown", maxProfileName)
	case strings.TrimSpace(*f.Prompt) == "":
		return "prompt", "the prompt is empty"
	case !plain(*f.Prompt):
		return "prompt", "the prompt holds control characters"
	case !plain(f.System):
		return "system", "the system message holds control characters"
	case *f.MaxTokens < leastFileCap || *f.MaxTokens > mostFileCap:
		return "max_tokens", fmt.Sprintf("max_tokens must lie between %d and %d", leastFileCap, mostFileCap)
	}
	for _, p := range Profiles() {
		if strings.EqualFold(p.Name, *f.Name) {
			return "name", fmt.Sprintf("%s is a profile of costping's own: give another name", p.Name)
		}
	}
	return "", ""
}

// placeOf says where a key of the file's top level stands, "" where it does not.
// The decoder tells places only of what it refuses: a shape without any key has it
// refuse them all.
func placeOf(data []byte, key string) string {
	var refused *toml.StrictMissingError
	if !errors.As(toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields().Decode(&struct{}{}), &refused) {
		return ""
	}
	for i := range refused.Errors {
		if found := refused.Errors[i].Key(); len(found) == 1 && found[0] == key {
			line, column := refused.Errors[i].Position()
			return fmt.Sprintf(" line %d, column %d", line, column)
		}
	}
	return ""
}

// profileError puts the decoder's findings into one sentence with a position.
func profileError(err error) error {
	var unknown *toml.StrictMissingError
	if errors.As(err, &unknown) && len(unknown.Errors) > 0 {
		first := &unknown.Errors[0]
		line, column := first.Position()
		return fmt.Errorf("profile line %d, column %d: unknown key %q", line, column,
			Sanitize(strings.Join(first.Key(), "."), maxProfileName))
	}
	var at *toml.DecodeError
	if errors.As(err, &at) {
		line, column := at.Position()
		return fmt.Errorf("profile line %d, column %d: %s", line, column,
			Sanitize(strings.TrimPrefix(at.Error(), "toml: "), maxErrorText))
	}
	return fmt.Errorf("profile: %s", Sanitize(strings.TrimPrefix(err.Error(), "toml: "), maxErrorText))
}
