package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"costping/costmodel/spelling"
	"costping/probe"
)

// Complete fills in what the target's provider implies: the base URL, and the
// variable of the key. Both the file and the command line come through here.
func Complete(t probe.Target) (probe.Target, error) {
	t = t.WithPreset()
	if t.BaseURL != "" || t.Name == "" || t.Model == "" {
		return t, nil
	}
	name, provider := probe.Sanitize(t.Name, 80), probe.Sanitize(t.Provider, 80)
	preset, known := probe.ProviderNamed(t.Provider)
	switch {
	case known:
		return t, fmt.Errorf("target %s has no base_url: %s has one for each customer, such as %s", name, preset.Name, preset.BaseURL)
	case provider != "":
		return t, fmt.Errorf("target %s has no base_url, and %s", name, UnknownProvider(provider))
	}
	return t, fmt.Errorf("target %s has no base_url, such as \"https://api.openai.com/v1\", and no provider", name)
}

// UnknownProvider says that a provider has no preset, and which was perhaps meant.
func UnknownProvider(name string) string {
	name = probe.Sanitize(name, 80)
	if near := spelling.Nearest(name, ProviderNames(), 1); len(near) > 0 {
		return fmt.Sprintf("there is no provider %q: did you mean %s?", name, near[0])
	}
	return fmt.Sprintf("there is no provider %q: known are %s", name, strings.Join(ProviderNames(), ", "))
}

// ProviderNames are the providers that have a preset.
func ProviderNames() []string {
	var names []string
	for _, p := range probe.Providers() {
		names = append(names, p.Name)
	}
	return names
}

// NamesFile reports whether a profile of that name is looked for in a file.
func NamesFile(profile string) bool {
	return strings.ContainsRune(profile, filepath.Separator) || filepath.Ext(profile) != ""
}

// FindProfile is the prompt profile of that name, or the one in the file of that
// name, which is relative to folder.
func FindProfile(name, folder string) (probe.Profile, error) {
	if p, ok := probe.ProfileNamed(name); ok {
		return p, nil
	}
	shown := probe.Sanitize(name, maxShown)
	if !NamesFile(name) {
		return probe.Profile{}, fmt.Errorf("unknown profile %q", shown)
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(folder, name)
	}
	file, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return probe.Profile{}, fmt.Errorf("there is no profile file %s", shown)
	}
	if err != nil {
		return probe.Profile{}, fmt.Errorf("reading the profile: %w", err)
	}
	defer func() { _ = file.Close() }() // read only
	p, err := probe.ReadProfile(file)
	if err != nil {
		return probe.Profile{}, fmt.Errorf("%s: %w", shown, err)
	}
	return p, nil
}

// ProfileNames are the names of the profiles that need no file.
func ProfileNames() []string {
	var names []string
	for _, p := range probe.Profiles() {
		names = append(names, p.Name)
	}
	return names
}

// Prompt is the profile that the configuration names; a file is relative to the
// configuration's own folder.
func (c Config) Prompt() (probe.Profile, error) { return FindProfile(c.Profile, filepath.Dir(c.Path)) }
