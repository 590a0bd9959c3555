package theme

import (
	"strings"
	"testing"
)

func TestWithoutColourAttributesStay(t *testing.T) {
	plain, colour := New(Unicode(), false), New(Unicode(), true)
	for name, styled := range map[string]string{"bold": plain.Bold.Render("x"), "dim": plain.Dim.Render("x"), "lit": plain.Lit.Render("x")} {
		if !strings.Contains(styled, "\x1b[") {
			t.Errorf("%s has no attribute: %q", name, styled)
		}
	}
	for name, pair := range map[string][2]string{
		"warn": {plain.Warn.Render("x"), colour.Warn.Render("x")},
		"bad":  {plain.Bad.Render("x"), colour.Bad.Render("x")},
	} {
		if strings.Contains(pair[0], "\x1b[3") || !strings.Contains(pair[1], "\x1b[3") {
			t.Errorf("%s: %q without colour, %q with", name, pair[0], pair[1])
		}
	}
}

func TestASCIILocale(t *testing.T) {
	for _, tc := range []struct {
		all, ctype, lang string
		want             bool
	}{
		{"", "", "", false},
		{"", "", "en_US.UTF-8", false},
		{"", "", "de_DE.utf8", false},
		{"", "", "de_DE.ISO-8859-1", true},
		{"", "", "ja_JP.UTF-8", true},
		{"", "zh_CN.UTF-8", "en_US.UTF-8", true},
		{"en_US.UTF-8", "zh_CN.UTF-8", "ja_JP.UTF-8", false},
		{"C", "", "", false},
		{"C.UTF-8", "", "", false},
	} {
		t.Setenv("LC_ALL", tc.all)
		t.Setenv("LC_CTYPE", tc.ctype)
		t.Setenv("LANG", tc.lang)
		if got := ASCIILocale(); got != tc.want {
			t.Errorf("LC_ALL=%s LC_CTYPE=%s LANG=%s: %v", tc.all, tc.ctype, tc.lang, got)
		}
	}
}
